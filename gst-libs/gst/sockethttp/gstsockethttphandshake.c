/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttphandshake.c: TLS handshakes, each in a thread of its own
 *
 * Here: beginning them, how many there are at a time, those that wait.
 * Not here: what comes before and after them.
 *
 * Threads   server: all but the handshake itself    handshake: that
 * Locks     none: a handshake's end comes by the server's main context
 *
 * GIO's own threads for this are few, and shared by all of the process: ten
 * peers that begin a handshake and do not go on would keep all others out. A
 * peer here only ever keeps out itself.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"

#define HANDSHAKES_MAX 256
#define HANDSHAKES_PER_PEER_MAX 16

typedef struct
{
  HttpConnection *connection; /* stays while it is handshaking */
  GTlsConnection *tls;
  GCancellable *cancellable;
  GMainContext *context;
  GError *error;
} Handshake;

static void
free_handshake (gpointer data)
{
  Handshake *self = data;

  g_object_unref (self->tls);
  g_object_unref (self->cancellable);
  g_main_context_unref (self->context);
  g_clear_error (&self->error);
  g_free (self);
}

static void start_those_who_may (HttpServer *server);

static void
count (HttpServer *server, const gchar *ip, gint change)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (server->handshakes, ip));

  server->n_handshakes += change;
  if (n + change > 0)
    g_hash_table_insert (
        server->handshakes, g_strdup (ip), GUINT_TO_POINTER (n + change));
  else
    g_hash_table_remove (server->handshakes, ip);
}

static gboolean
on_over_cb (gpointer user_data)
{
  Handshake *self = user_data;
  HttpServer *server = self->connection->server;

  count (server, self->connection->ip, -1);
  self->connection->is_handshaking = FALSE;
  http_connection_shaken (self->connection, self->error);
  start_those_who_may (server);
  return G_SOURCE_REMOVE;
}

static gpointer
shake_hands (gpointer user_data)
{
  Handshake *self = user_data;
  g_autoptr (GMainContext) context = g_main_context_ref (self->context);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_tls_connection_handshake (self->tls, self->cancellable, &self->error);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_over_cb, self, free_handshake);
  g_source_attach (source, context);
  return NULL;
}

static void
start (HttpConnection *connection)
{
  Handshake *self = g_new0 (Handshake, 1);
  GThread *thread;
  g_autoptr (GError) error = NULL;

  self->connection = connection;
  self->tls = g_object_ref (G_TLS_CONNECTION (connection->base));
  self->cancellable = g_object_ref (connection->cancellable);
  self->context = g_main_context_ref (connection->server->context);
  connection->is_handshaking = TRUE;
  count (connection->server, connection->ip, 1);
  thread = g_thread_try_new ("http-handshake", shake_hands, self, &error);
  if (thread != NULL) {
    g_thread_unref (thread);
    return;
  }
  count (connection->server, connection->ip, -1);
  connection->is_handshaking = FALSE;
  free_handshake (self);
  http_connection_shaken (connection, error);
}

static gboolean
may_start (HttpConnection *self)
{
  HttpServer *server = self->server;

  return server->n_handshakes < HANDSHAKES_MAX
      && GPOINTER_TO_UINT (g_hash_table_lookup (server->handshakes, self->ip))
      < HANDSHAKES_PER_PEER_MAX;
}

static void
start_those_who_may (HttpServer *server)
{
  GList *next;

  for (GList *l = server->waiting.head; l != NULL; l = next) {
    HttpConnection *connection = l->data;

    next = l->next;
    if (server->n_handshakes >= HANDSHAKES_MAX)
      return;
    if (!may_start (connection))
      continue;
    g_queue_delete_link (&server->waiting, l);
    connection->is_waiting = FALSE;
    start (connection);
  }
}

/* Begins a handshake, now or when it is its turn; its end comes later. */
void
http_handshake_begin (HttpConnection *self)
{
  self->ip = g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (self->peer)));
  if (may_start (self)) {
    start (self);
    return;
  }
  self->is_waiting = TRUE;
  g_queue_push_tail (&self->server->waiting, self);
}

/* A connection goes. */
void
http_handshake_forget (HttpConnection *self)
{
  if (self->is_waiting)
    g_queue_remove (&self->server->waiting, self);
  self->is_waiting = FALSE;
  g_clear_pointer (&self->ip, g_free);
}
