/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpconnection.c: a connection, from its coming to its end
 *
 * Here: TLS, the gate, time-outs, answers to what is no request, giving a
 * connection away, closing so that the peer gets the last answer.
 * Not here: listening, requests.
 *
 * Threads   server: all of it
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"

/* A connection that we have closed is still read from, for so long and so
 * much: data on its way would otherwise reset it, and take our answer away. */
#define LINGER_MS 2000
#define LINGER_BYTES (256 * 1024)

/* Seconds that a good-bye may take, and ms of that which a server waits that
 * is to end. */
#define GOOD_BYE_S 2
#define LAST_GOOD_BYE_MS 500

static GQuark
connection_quark (void)
{
  return g_quark_from_static_string ("gst-socket-http-connection");
}

/* --- time-outs --- */

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
set_timer (HttpConnection *self, guint64 ns, GSourceFunc func)
{
  clear_source (&self->timer);
  if (ns == 0)
    return;
  self->timer = g_timeout_source_new (MAX (ns / GST_MSECOND, 1));
  g_source_set_callback (self->timer, func, self, NULL);
  g_source_attach (self->timer, self->server->context);
}

static void drop (HttpConnection *self);

/* Makes the HTTP library see the end, and close the connection. */
static void
shut (HttpConnection *self)
{
  if (self->gate != NULL)
    gst_socket_http_gate_shut (self->gate);
  g_socket_shutdown (self->socket, TRUE, FALSE, NULL);
}

/* Writes past the HTTP library, as far as it goes out at once. */
static void
write_now (HttpConnection *self, const GString *text)
{
  g_pollable_output_stream_write_nonblocking (
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->base)),
      text->str, text->len, NULL, NULL);
}

/* Lets the mount that hears of it add to the head of a refusal. */
static void
append_rejection (HttpConnection *self, guint status, gsize size, GString *head)
{
  g_autoptr (GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *origin = gst_socket_request_dup_field (
      (gchar *) self->bytes->data, self->bytes->len, "Origin");
  GstSocketHttpRejection rejection = {
      .peer = self->peer, .status = status, .sent = size, .origin = origin};

  http_server_tell_rejection (self->server, &rejection, headers);
  for (guint i = 0; i + 1 < headers->len; i += 2)
    g_string_append_printf (head, "%s: %s\r\n",
        (gchar *) g_ptr_array_index (headers, i),
        (gchar *) g_ptr_array_index (headers, i + 1));
}

/* Not a request, or none in time. */
static void
write_refusal (HttpConnection *self, guint status)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree gchar *body = NULL;

  body = g_strdup_printf ("%u %s\n", status, soup_status_get_phrase (status));
  g_string_printf (text,
      "HTTP/1.1 %u %s\r\nServer: gst-socket-plugins/" PACKAGE_VERSION
      "\r\nDate: %s\r\nConnection: close\r\nContent-Type: text/plain\r\n"
      "Content-Length: %" G_GSIZE_FORMAT "\r\n",
      status, soup_status_get_phrase (status),
      http_server_get_date (self->server), strlen (body));
  append_rejection (self, status, strlen (body), text);
  g_string_append (text, "\r\n");
  g_string_append (text, body);
  write_now (self, text);
}

static gboolean
on_header_timeout_cb (gpointer user_data)
{
  HttpConnection *self = user_data;

  clear_source (&self->timer);
  if (self->is_handshaking || self->is_waiting) {
    drop (self);
    return G_SOURCE_REMOVE;
  }
  /* The request is being answered. */
  if (self->direct != NULL)
    return G_SOURCE_REMOVE;
  write_refusal (self, SOUP_STATUS_REQUEST_TIMEOUT);
  if (self->gate != NULL)
    shut (self);
  else
    http_connection_end (self);
  return G_SOURCE_REMOVE;
}

static gboolean on_idle_timeout_cb (gpointer user_data);

/* Unless there was a request meanwhile, or one is being answered. */
static void
end_idle (HttpConnection *self)
{
  gint64 timeout_ns = self->server->keep_alive_timeout;
  gint64 passed_ns =
      (g_get_monotonic_time () - self->idle_since_us) * GST_USECOND;

  if (self->direct != NULL && self->write == NULL)
    passed_ns = 0;
  if (passed_ns < timeout_ns)
    set_timer (self, timeout_ns - passed_ns, on_idle_timeout_cb);
  else
    http_connection_drop (self);
}

static gboolean
on_idle_timeout_cb (gpointer user_data)
{
  HttpConnection *self = user_data;

  clear_source (&self->timer);
  if (self->gate != NULL)
    shut (self);
  else
    end_idle (self);
  return G_SOURCE_REMOVE;
}

static void
set_idle_timer (HttpConnection *self)
{
  self->idle_since_us = g_get_monotonic_time ();
  self->timer_is_idle = TRUE;
  set_timer (self, self->server->keep_alive_timeout, on_idle_timeout_cb);
}

/* A part of a head has come. */
void
http_connection_await_head (HttpConnection *self)
{
  if (self->timer != NULL && !self->timer_is_idle)
    return;
  self->timer_is_idle = FALSE;
  set_timer (self, self->server->header_timeout, on_header_timeout_cb);
}

/* The timer is not set anew for each request: when it is over it is seen
 * whether there was one. */
void
http_connection_await_request (HttpConnection *self)
{
  self->idle_since_us = g_get_monotonic_time ();
  if (self->timer == NULL || !self->timer_is_idle)
    set_idle_timer (self);
}

/* An answer does not go out at once. */
void
http_connection_await_room (HttpConnection *self)
{
  http_connection_await_request (self);
}

/* --- the gate --- */

static void
on_begins (gpointer user_data)
{
  HttpConnection *self = user_data;

  set_timer (self, self->server->header_timeout, on_header_timeout_cb);
}

static void
on_passed (gpointer user_data)
{
  HttpConnection *self = user_data;

  clear_source (&self->timer);
}

static void
on_refused (GstSocketRequestVerdict verdict, gpointer user_data)
{
  HttpConnection *self = user_data;

  clear_source (&self->timer);
  write_refusal (self, gst_socket_request_verdict_to_status (verdict));
}

static const GstSocketHttpGateFuncs gate_funcs = {
    .begins = on_begins,
    .passed = on_passed,
    .refused = on_refused,
};

/* --- the end --- */

static void on_gate_gone (gpointer user_data, GObject *gate);

static void
leave_requests (HttpConnection *self)
{
  GPtrArray *requests = self->server->requests;

  for (guint i = 0; i < requests->len; i++) {
    GstSocketHttpRequest *request = g_ptr_array_index (requests, i);

    if (request->connection == self)
      request->connection = NULL;
  }
}

/* Closes the descriptor now. The gate may live on, but reads no more. */
void
http_connection_free (HttpConnection *self)
{
  http_direct_clear (self);
  http_handshake_forget (self);
  leave_requests (self);
  if (self->gate != NULL)
    g_object_weak_unref (G_OBJECT (self->gate), on_gate_gone, self);
  clear_source (&self->timer);
  clear_source (&self->drain);
  clear_source (&self->again);
  g_byte_array_unref (self->bytes);
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  if (self->peer != NULL)
    g_object_set_qdata (G_OBJECT (self->peer), connection_quark (), NULL);
  g_clear_object (&self->base);
  g_clear_object (&self->socket);
  g_clear_object (&self->peer);
  /* A good-bye that is still being said. */
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_free (self);
}

/* A handshake has to end first, which it does at once when cancelled. */
static void
drop (HttpConnection *self)
{
  if (self->is_handshaking)
    g_cancellable_cancel (self->cancellable);
  else
    g_hash_table_remove (self->server->connections, self);
}

/* Ends it now, or as soon as its handshake has ended. */
void
http_connection_drop (HttpConnection *self)
{
  g_cancellable_cancel (self->cancellable);
  drop (self);
}

static gboolean
on_linger_timeout_cb (gpointer user_data)
{
  drop (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_drain_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  HttpConnection *self = user_data;
  gchar data[4096];
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (socket, data, sizeof data, NULL, &error);

  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  self->drained += MAX (n, 0);
  if (n > 0 && self->drained < LINGER_BYTES)
    return G_SOURCE_CONTINUE;
  drop (self);
  return G_SOURCE_REMOVE;
}

static void
linger (HttpConnection *self)
{
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
  set_timer (self, LINGER_MS * GST_MSECOND, on_linger_timeout_cb);
  self->drain = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->drain, (GSourceFunc) on_drain_cb, self, NULL);
  g_source_attach (self->drain, self->server->context);
}

static void
on_bye_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HttpServer *server = user_data;

  g_io_stream_close_finish (G_IO_STREAM (source), result, NULL);
  server->n_closing--;
}

/* Tells a TLS peer that this is the end, in a thread of GIO's. The server does
 * not end before that has: nobody would be there to hear of it. */
static void
say_bye (HttpServer *server, GIOStream *tls, GCancellable *cancellable)
{
  server->n_closing++;
  g_io_stream_close_async (
      tls, G_PRIORITY_DEFAULT, cancellable, on_bye_cb, server);
}

/* The HTTP library has done with it. */
void
http_connection_end (HttpConnection *self)
{
  if (self->is_lingering)
    return;
  http_direct_stop (self);
  self->is_lingering = TRUE;
  self->gate = NULL;
  if (self->is_tls) {
    set_timer (self, LINGER_MS * GST_MSECOND, on_linger_timeout_cb);
    say_bye (self->server, self->base, self->cancellable);
  } else {
    linger (self);
  }
}

/* Nothing is heard of the gate any more. */
static void
leave_gate (HttpConnection *self)
{
  if (self->gate != NULL)
    g_object_weak_unref (G_OBJECT (self->gate), on_gate_gone, self);
  self->gate = NULL;
}

/* Writes the last answer of a connection, past the HTTP library. */
void
http_connection_write_last (HttpConnection *self, GString *text)
{
  if (self->gate == NULL)
    return;
  clear_source (&self->timer);
  write_now (self, text);
  gst_socket_http_gate_shut (self->gate);
  leave_gate (self);
  http_connection_end (self);
}

/* --- the start --- */

static void
serve (HttpConnection *self)
{
  g_autoptr (GIOStream) gate =
      gst_socket_http_gate_new (self->base, self->bytes, &gate_funcs, self);
  g_autoptr (GSocketAddress) local =
      g_socket_get_local_address (self->socket, NULL);

  self->is_kept = FALSE;
  self->gate = gate;
  g_object_weak_ref (G_OBJECT (gate), on_gate_gone, self);
  soup_server_accept_iostream (
      self->server->soup, gate, local, self->peer, NULL);
}

/* A head has come that is the HTTP library's. */
void
http_connection_use_library (HttpConnection *self)
{
  self->timer_is_idle = FALSE;
  set_timer (self, self->server->header_timeout, on_header_timeout_cb);
  serve (self);
}

/* What needs no library does without; the connection may be gone on return. */
static void
begin (HttpConnection *self)
{
  if (http_direct_is_wanted (self->server))
    http_direct_begin (self);
  else
    serve (self);
}

static gboolean
serve_again_cb (gpointer user_data)
{
  HttpConnection *self = user_data;

  clear_source (&self->again);
  begin (self);
  return G_SOURCE_REMOVE;
}

/* The HTTP library closes a connection that it was handed after one request:
 * it is handed it again for the next one. */
static void
on_gate_gone (gpointer user_data, GObject *gate)
{
  HttpConnection *self = user_data;

  self->gate = NULL;
  if (!self->is_kept) {
    http_connection_end (self);
    return;
  }
  self->again = g_idle_source_new ();
  g_source_set_priority (self->again, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->again, serve_again_cb, self, NULL);
  g_source_attach (self->again, self->server->context);
}

/* Its handshake is over. */
void
http_connection_shaken (HttpConnection *self, const GError *error)
{
  if (error == NULL) {
    begin (self);
    return;
  }
  GST_DEBUG ("TLS: %s", error->message);
  drop (self);
}

/* A certificate that was changed for the worse leaves the old one in use.
 * Peers show none, so nobody is trusted: the list of the system's authorities
 * would be read anew for each connection, which takes megabytes, and longer
 * than all the rest of a handshake. HTTP/2 is not offered: a stream of it cannot
 * be taken from the connection that it shares with others. */
static GIOStream *
start_tls (HttpServer *server, GIOStream *plain)
{
  static const gchar *const protocols[] = {"http/1.1", NULL};
  GType type =
      g_tls_backend_get_server_connection_type (g_tls_backend_get_default ());
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  if (!http_certificate_reload (server->certificate, TRUE, &error))
    http_server_warn (server, error);
  certificate = http_certificate_get (server->certificate);
  return g_initable_new (type, NULL, NULL, "base-io-stream", plain,
      "certificate", certificate, "database", NULL, "advertised-protocols",
      protocols, NULL);
}

/* Makes the peer's address an object of its own: by it a request's connection
 * is found again. */
static GSocketAddress *
own_peer (GSocket *socket)
{
  g_autoptr (GSocketAddress) peer = g_socket_get_remote_address (socket, NULL);

  if (peer == NULL || !G_IS_INET_SOCKET_ADDRESS (peer))
    return NULL;
  return g_inet_socket_address_new (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer)),
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (peer)));
}

static HttpConnection *
make (HttpServer *server, GSocket *socket, gboolean is_tls)
{
  HttpConnection *self = g_new0 (HttpConnection, 1);

  self->server = server;
  self->socket = g_object_ref (socket);
  self->is_tls = is_tls;
  self->cancellable = g_cancellable_new ();
  self->bytes = g_byte_array_new ();
  self->peer = own_peer (socket);
  g_hash_table_add (server->connections, self);
  return self;
}

/* FALSE when it went before it was served; then it is dropped. */
static gboolean
is_whole (HttpConnection *self)
{
  if (self->peer == NULL || self->base == NULL) {
    drop (self);
    return FALSE;
  }
  g_object_set_qdata (G_OBJECT (self->peer), connection_quark (), self);
  return TRUE;
}

static GInetAddress *
address_of (HttpConnection *self)
{
  return g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (self->peer));
}

/* Those that were given away are counted by who has them. */
static gboolean
is_one_too_many (HttpConnection *self)
{
  guint max = self->server->max_waiting_per_peer;
  GHashTableIter iter;
  gpointer key;
  guint n = 0;

  if (max == 0)
    return FALSE;
  g_hash_table_iter_init (&iter, self->server->connections);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    HttpConnection *other = key;

    n += other->peer != NULL && !other->is_lingering
        && g_inet_address_equal (address_of (other), address_of (self));
  }
  return n > max;
}

/* One host is not to have all the descriptors of the process by asking for
 * nothing. */
static void
turn_away (HttpConnection *self)
{
  if (self->is_tls) {
    drop (self);
    return;
  }
  write_refusal (self, SOUP_STATUS_SERVICE_UNAVAILABLE);
  http_connection_end (self);
}

/* A connection has come; the socket is ours to close. */
void
http_connection_new (HttpServer *server, GSocket *socket, gboolean is_tls)
{
  HttpConnection *self = make (server, socket, is_tls);
  g_autoptr (GIOStream) plain = NULL;

  plain = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  self->base = is_tls ? start_tls (server, plain) : g_steal_pointer (&plain);
  if (!is_whole (self))
    return;
  if (is_one_too_many (self)) {
    turn_away (self);
    return;
  }
  set_timer (self, server->header_timeout, on_header_timeout_cb);
  if (!is_tls) {
    begin (self);
    return;
  }
  http_handshake_begin (self);
}

/* A connection comes back that was given away. */
void
http_connection_resume (HttpServer *server,
    const GstSocketHttpConnection *connection, GBytes *rest, gboolean is_kept)
{
  HttpConnection *self =
      make (server, connection->socket, connection->tls != NULL);

  if (connection->tls != NULL)
    self->base = g_object_ref (connection->tls);
  else
    self->base = G_IO_STREAM (
        g_socket_connection_factory_create_connection (connection->socket));
  if (!is_whole (self))
    return;
  if (!is_kept) {
    http_connection_end (self);
    return;
  }
  if (rest != NULL)
    g_byte_array_append (
        self->bytes, g_bytes_get_data (rest, NULL), g_bytes_get_size (rest));
  set_idle_timer (self);
  begin (self);
}

/* The connection that a message has come over; NULL once it has gone. */
HttpConnection *
http_connection_of (SoupServerMessage *message)
{
  GSocketAddress *peer = soup_server_message_get_remote_address (message);

  if (peer == NULL)
    return NULL;
  return g_object_get_qdata (G_OBJECT (peer), connection_quark ());
}

static gboolean
says_close (SoupMessageHeaders *headers)
{
  return soup_message_headers_header_contains (headers, "Connection", "close");
}

/* Whether the peer knows where the answer ends before the connection does. */
static gboolean
ends_by_itself (SoupServerMessage *message)
{
  guint status = soup_server_message_get_status (message);

  return status == SOUP_STATUS_NO_CONTENT || status == SOUP_STATUS_NOT_MODIFIED
      || soup_message_headers_get_encoding (
             soup_server_message_get_response_headers (message))
      != SOUP_ENCODING_EOF;
}

/* A request has got its answer; the next one may take its time to come. */
void
http_connection_finished (HttpConnection *self, SoupServerMessage *message)
{
  SoupMessageHeaders *response =
      soup_server_message_get_response_headers (message);

  if (self->is_lingering || self->gate == NULL)
    return;
  self->is_kept =
      soup_server_message_get_http_version (message) == SOUP_HTTP_1_1
      && !gst_socket_http_gate_has_body (self->gate) && ends_by_itself (message)
      && !says_close (response)
      && !says_close (soup_server_message_get_request_headers (message));
  set_idle_timer (self);
}

/* --- giving away --- */

/* Writes a head and gives the socket away, and nothing of the connection is
 * left here. FALSE when not all of the head goes out at once: then it ends. */
gboolean
http_connection_give_away (HttpConnection *self, const gchar *head,
    GstSocketHttpConnection *ret_connection)
{
  GPollableOutputStream *out =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->base));
  gssize size = strlen (head);

  leave_gate (self);
  if (size > 0
      && g_pollable_output_stream_write_nonblocking (
             out, head, size, NULL, NULL)
          != size) {
    drop (self);
    return FALSE;
  }
  ret_connection->socket = g_steal_pointer (&self->socket);
  ret_connection->tls = self->is_tls ? g_steal_pointer (&self->base) : NULL;
  drop (self);
  return TRUE;
}

/* --- closing what was given away --- */

typedef struct
{
  HttpServer *server;
  GstSocketHttpConnection connection;
} Given;

static gboolean
close_given_cb (gpointer user_data)
{
  Given *given = user_data;

  /* Bounded: the socket gives up when its peer does not take the last words. */
  g_socket_set_timeout (given->connection.socket, GOOD_BYE_S);
  say_bye (given->server, given->connection.tls, given->server->good_byes);
  return G_SOURCE_REMOVE;
}

static gboolean
on_too_long_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

void
http_connection_wait_for_good_byes (HttpServer *server)
{
  g_autoptr (GSource) timer = g_timeout_source_new (LAST_GOOD_BYE_MS);

  g_source_set_callback (timer, on_too_long_cb, server->good_byes, NULL);
  g_source_attach (timer, server->context);
  while (server->n_closing > 0)
    g_main_context_iteration (server->context, TRUE);
  g_source_destroy (timer);
}

static void
free_given (gpointer data)
{
  Given *given = data;

  g_clear_object (&given->connection.tls);
  g_clear_object (&given->connection.socket);
  g_free (given);
}

void
http_connection_close_given (
    GstSocketHttpMount *mount, GstSocketHttpConnection *connection)
{
  if (mount != NULL && connection->tls != NULL) {
    Given *given = g_new0 (Given, 1);

    given->server = mount->server;
    given->connection = *connection;
    http_loop_invoke (mount->server->loop, close_given_cb, given, free_given);
    *connection = (GstSocketHttpConnection){0};
    return;
  }
  if (connection->socket != NULL)
    g_socket_close (connection->socket, NULL);
  g_clear_object (&connection->tls);
  g_clear_object (&connection->socket);
}
