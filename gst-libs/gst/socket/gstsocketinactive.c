/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketinactive.c: clients that make no progress
 *
 * Here: finding and removing them, and when to look again.
 * Not here: clients that lag (gstsocketlimits.c).
 *
 * Threads   worker: all of it
 * Locks     engine->lock, while the list of clients is copied
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketengine-private.h"

static void
check_activity (
    GstSocketWorker *worker, GstSocketClient *client, gint64 *oldest)
{
  gint64 last = gst_socket_load64 (&client->last_activity);

  if (worker->now - last <= (gint64) worker->limits.timeout)
    *oldest = MIN (*oldest, last);
  else
    gst_socket_worker_leave (worker, client, GST_SOCKET_CLIENT_SLOW);
}

static void
collect_own (gpointer key, gpointer value, gpointer user_data)
{
  GPtrArray *own = user_data;
  GstSocketClient *client = value;

  g_ptr_array_add (own, gst_socket_client_ref (client));
}

/* Removes the clients of a worker that have made no progress for too long. */
void
gst_socket_worker_check_inactive (GstSocketWorker *worker)
{
  g_autoptr (GPtrArray) own = NULL;
  gint64 oldest = worker->now;

  if (worker->limits.timeout == 0 || worker->now < worker->check_at)
    return;
  own =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_socket_client_unref);
  g_mutex_lock (&worker->engine->lock);
  g_hash_table_foreach (worker->engine->clients, collect_own, own);
  g_mutex_unlock (&worker->engine->lock);
  for (guint i = 0; i < own->len; i++) {
    GstSocketClient *client = g_ptr_array_index (own, i);

    if (client->worker == worker)
      check_activity (worker, client, &oldest);
  }
  worker->check_at = oldest + worker->limits.timeout + 1;
}
