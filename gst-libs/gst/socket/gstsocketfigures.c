/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketfigures.c: what an engine tells of itself and its clients
 *
 * Here: a client's figures, the totals, the list of clients.
 * Not here: what they are about.
 *
 * Threads   any
 * Locks     engine->lock, while figures are read
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketengine-private.h"

/**
 * gst_socket_engine_get_stats: (skip)
 * @engine: an engine
 * @key: of a client
 *
 * Returns: (transfer full): the client's figures as the stock plugin gives
 *     them, all guint64; without a field when there is no such client
 */
GstStructure *
gst_socket_engine_get_stats (GstSocketEngine *engine, gpointer key)
{
  GstStructure *stats;
  GstSocketClient *client;

  g_mutex_lock (&engine->lock);
  client = g_hash_table_lookup (engine->clients, key);
  stats = client != NULL ? gst_socket_client_to_stats (client)
                         : gst_structure_new_empty ("multihandlesink-stats");
  g_mutex_unlock (&engine->lock);
  return stats;
}

/**
 * gst_socket_engine_get_totals: (skip)
 * @engine: an engine
 * @ret_totals: (out caller-allocates): the figures since the last start
 *
 * Any thread.
 */
void
gst_socket_engine_get_totals (
    GstSocketEngine *engine, GstSocketTotals *ret_totals)
{
  GstSocketQueue *queue;

  g_mutex_lock (&engine->lock);
  queue = engine->queue;
  *ret_totals = engine->totals;
  ret_totals->clients = g_hash_table_size (engine->clients);
  ret_totals->bytes_queued = gst_socket_queue_get_bytes (queue);
  if (engine->blocked.head != NULL)
    ret_totals->furthest = gst_socket_queue_get_newest (queue) + 1
        - MIN (gst_socket_engine_blocked_low_locked (engine),
            gst_socket_queue_get_newest (queue) + 1);
  g_mutex_unlock (&engine->lock);
}

/* Takes the lock for one client at a time, so that a push never waits for the
 * whole list. Returns NULL for one that has gone meanwhile. */
static GstStructure *
describe (GstSocketClient *client)
{
  GstSocketEngine *engine = client->engine;
  GstStructure *figures = NULL;

  g_mutex_lock (&engine->lock);
  if (client->is_listed)
    figures = gst_socket_client_describe_locked (client);
  g_mutex_unlock (&engine->lock);
  if (figures != NULL)
    gst_structure_set (figures, "peer", G_TYPE_STRING, client->peer, NULL);
  return figures;
}

/**
 * gst_socket_engine_list_clients: (skip)
 * @engine: an engine
 *
 * Returns: (transfer full) (element-type GstStructure): a structure a client:
 *     id, peer, state, bytes-sent, buffers-dropped, buffers-behind,
 *     bytes-behind, time-behind (ns), connect-time (ns, wall clock)
 */
GPtrArray *
gst_socket_engine_list_clients (GstSocketEngine *engine)
{
  GPtrArray *list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);
  g_autoptr (GPtrArray) clients = gst_socket_engine_snapshot (engine);

  for (guint i = 0; i < clients->len; i++) {
    GstStructure *figures = describe (g_ptr_array_index (clients, i));

    if (figures != NULL)
      g_ptr_array_add (list, figures);
  }
  return list;
}
