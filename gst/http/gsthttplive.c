/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplive.c: a request for the stream becomes a client of the engine
 *
 * Here: who is let in, the head of the response, which framing, the pictures
 * of snapshots.
 * Not here: sending (the engine), other paths (gsthttprequest.c).
 *
 * Threads   server: all of it
 * Locks     OBJECT_LOCK, while it is found out what to answer
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversink-private.h"
#include "gsthttptls.h"

#include <gst/socket/gstsocketframings.h>
#include <gst/socket/gstsocketrange.h>

#include <string.h>

#define BOUNDARY "gst-socket-plugins-picture"

/* What a new listener to sound hears at once, so that its player can start. */
#define AUDIO_BURST (2 * GST_SECOND)

/* Bytes of the stream headers that a player may ask for on trial. */
#define PROBE_MAX 4096

void
gst_http_listener_free (GstHttpListener *listener)
{
  g_clear_object (&listener->connection.tls);
  g_clear_object (&listener->connection.socket);
  g_free (listener->ip);
  if (listener->request != NULL)
    listener->http->unref (listener->request);
  gst_http_log_unref (listener->log);
  g_free (listener);
}

/* --- handles --- */

static GstSocketHandle
handle_of (const GstSocketHttpConnection *connection)
{
  GstSocketHandle handle = {.key = connection->socket,
      .fd = g_socket_get_fd (connection->socket),
      .flags = GST_SOCKET_HANDLE_SOCKET | GST_SOCKET_HANDLE_READ};

  if (connection->tls == NULL) {
    handle.flags |= GST_SOCKET_HANDLE_GSOCKET;
    handle.object = G_OBJECT (connection->socket);
  } else {
    handle.object = G_OBJECT (connection->tls);
    handle.send = gst_http_tls_send;
    handle.receive = gst_http_tls_receive;
  }
  return handle;
}

/* --- the head --- */

static gchar *
peer_ip (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  GSocketAddress *peer = self->http->get_peer (request);

  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer)));
}

/* Players of sound and old ones know no chunks, or believe that they do. */
static GstHttpBody
choose_body_locked (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  const gchar *icy = self->http->get_header (request, "Icy-MetaData");
  gboolean chunked = self->settings.transfer_mode == GST_HTTP_TRANSFER_CHUNKED;

  if (self->settings.transfer_mode == GST_HTTP_TRANSFER_AUTO)
    chunked = !self->is_audio && !self->is_picture;
  if (self->http->is_http_1_0 (request))
    chunked = FALSE;
  if (self->is_picture)
    return chunked ? GST_HTTP_BODY_PARTS_CHUNKED : GST_HTTP_BODY_PARTS;
  if (self->settings.icy && self->is_audio && icy != NULL
      && g_str_equal (icy, "1"))
    return GST_HTTP_BODY_ICY;
  return chunked ? GST_HTTP_BODY_CHUNKED : GST_HTTP_BODY_PLAIN;
}

static GstSocketFraming *
make_framing (GstHttpBody body, guint metaint)
{
  switch (body) {
    case GST_HTTP_BODY_CHUNKED:
      return gst_socket_framing_new_chunked ();
    case GST_HTTP_BODY_PARTS:
      return gst_socket_framing_new_multipart (BOUNDARY, "image/jpeg", FALSE);
    case GST_HTTP_BODY_PARTS_CHUNKED:
      return gst_socket_framing_new_multipart (BOUNDARY, "image/jpeg", TRUE);
    case GST_HTTP_BODY_ICY:
      return gst_socket_framing_new_icy (metaint);
    default:
      return gst_socket_framing_new_none ();
  }
}

/* One for all clients with such a body, so that they share what is sent. */
static GstSocketFraming *
ref_framing_locked (GstHttpServerSink *self, GstHttpBody body)
{
  GstSocketFraming **framing = &self->framings[body];

  if (*framing == NULL) {
    *framing = make_framing (body, self->settings.icy_metaint);
    if (body == GST_HTTP_BODY_ICY && self->title != NULL)
      gst_socket_framing_icy_set_title (*framing, 1, self->title, NULL);
  }
  return gst_socket_framing_ref (*framing);
}

static void
add_body_headers (
    GPtrArray *headers, GstHttpBody body, guint metaint, const gchar *station)
{
  g_autofree gchar *number = g_strdup_printf ("%u", metaint);

  if (body == GST_HTTP_BODY_CHUNKED || body == GST_HTTP_BODY_PARTS_CHUNKED)
    gst_http_headers_add (headers, "Transfer-Encoding", "chunked");
  if (body != GST_HTTP_BODY_ICY)
    return;
  gst_http_headers_add (headers, "icy-metaint", number);
  gst_http_headers_add (headers, "icy-pub", "0");
  if (station != NULL && gst_http_headers_is_value (station))
    gst_http_headers_add (headers, "icy-name", station);
}

/* What a request for the stream is answered with. */
typedef struct
{
  GstHttpBody body;
  GstSocketFraming *framing;
  gchar *type;
  gchar *station;
  guint metaint;
  gboolean is_audio;
  gboolean is_picture;
} Plan;

static void
clear_plan (Plan *plan)
{
  gst_socket_framing_unref (plan->framing);
  g_free (plan->type);
  g_free (plan->station);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, clear_plan)

/* Caps and applications may have any text. */
static gchar *
content_type_locked (GstHttpServerSink *self)
{
  const gchar *type = self->settings.content_type;

  if (type != NULL && gst_http_headers_is_value (type))
    return g_strdup (type);
  if (self->is_picture)
    return g_strdup ("multipart/x-mixed-replace; boundary=" BOUNDARY);
  return g_strdup (gst_http_headers_is_value (self->caps_type)
          ? self->caps_type
          : "application/octet-stream");
}

static void
make_plan_locked (
    GstHttpServerSink *self, GstSocketHttpRequest *request, Plan *ret_plan)
{
  ret_plan->body = choose_body_locked (self, request);
  ret_plan->framing = ref_framing_locked (self, ret_plan->body);
  ret_plan->type = content_type_locked (self);
  ret_plan->station = g_strdup (self->station);
  ret_plan->metaint = self->settings.icy_metaint;
  ret_plan->is_audio = self->is_audio && !self->has_ended;
  ret_plan->is_picture = self->is_picture;
}

static GPtrArray *
stream_headers (
    GstHttpServerSink *self, GstSocketHttpRequest *request, const Plan *plan)
{
  GPtrArray *headers = gst_http_headers_new (self, request);

  gst_http_headers_add (headers, "Accept-Ranges", "none");
  add_body_headers (headers, plan->body, plan->metaint, plan->station);
  return headers;
}

static gchar *
format_head (
    GstHttpServerSink *self, GstSocketHttpRequest *request, const Plan *plan)
{
  g_autoptr (GPtrArray) headers = stream_headers (self, request, plan);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree gchar *date =
      g_date_time_format (now, "%a, %d %b %Y %H:%M:%S GMT");
  GString *head = g_string_new ("HTTP/1.1 200 OK\r\n");

  g_string_append_printf (head,
      "Server: gst-socket-plugins/" PACKAGE_VERSION "\r\nDate: %s\r\n"
      "Connection: close\r\nContent-Type: %s\r\n",
      date, plan->type);
  for (guint i = 0; i < headers->len; i += 2)
    g_string_append_printf (head, "%s: %s\r\n",
        (const gchar *) g_ptr_array_index (headers, i),
        (const gchar *) g_ptr_array_index (headers, i + 1));
  g_string_append (head, "\r\n");
  if (plan->is_picture) {
    g_autofree gchar *opening = gst_socket_framing_multipart_dup_opening (
        BOUNDARY, plan->body == GST_HTTP_BODY_PARTS_CHUNKED);

    g_string_append (head, opening);
  }
  return g_string_free (head, FALSE);
}

/* --- letting in --- */

static guint
count_ip_locked (GstHttpServerSink *self, const gchar *ip)
{
  GHashTableIter iter;
  gpointer listener;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->listeners);
  while (g_hash_table_iter_next (&iter, NULL, &listener))
    n += g_str_equal (((GstHttpListener *) listener)->ip, ip);
  return n;
}

/* Returns why nobody is let in now, or NULL. */
static const gchar *
why_not_locked (GstHttpServerSink *self, const gchar *ip, guint max_clients)
{
  guint per_ip = self->settings.max_clients_per_ip;

  if (!self->is_started)
    return "The stream has not begun.\n";
  if (self->is_ended)
    return "The stream has ended.\n";
  if (max_clients > 0 && g_hash_table_size (self->listeners) >= max_clients)
    return "There are as many listeners as are allowed.\n";
  if (per_ip > 0 && count_ip_locked (self, ip) >= per_ip)
    return "There are as many listeners from this address as are allowed.\n";
  return NULL;
}

/* Makes a listener a client; returns whether it is one. */
static gboolean
begin (GstHttpServerSink *self, const GstSocketHttpConnection *connection,
    const Plan *plan)
{
  GstSocketStart audio = {GST_SOCKET_SYNC_BURST, GST_FORMAT_TIME, AUDIO_BURST,
      GST_FORMAT_TIME, G_MAXUINT64};
  GstSocketHandle handle = handle_of (connection);
  GstMultiHandleSink *sink = GST_MULTI_HANDLE_SINK (self);

  if (!gst_multi_handle_sink_add (
          sink, &handle, plan->is_audio ? &audio : NULL, plan->framing))
    return FALSE;
  gst_socket_engine_admit (gst_multi_handle_sink_get_engine (sink));
  return TRUE;
}

/* The end of the stream waits for who was let in just before. */
static void
leave_door (GstHttpServerSink *self)
{
  GST_OBJECT_LOCK (self);
  self->n_entering--;
  g_cond_broadcast (&self->changed);
  GST_OBJECT_UNLOCK (self);
}

/* The listener is known before it is a client: it may go at once. */
static void
take (GstHttpServerSink *self, GstSocketHttpRequest *request, const Plan *plan)
{
  g_autofree gchar *head = format_head (self, request, plan);
  GstHttpListener *listener = g_new0 (GstHttpListener, 1);
  GstSocketHttpConnection connection = {0};
  gboolean added;

  listener->ip = peer_ip (self, request);
  if (self->log != NULL) {
    listener->http = self->http;
    listener->log = gst_http_log_ref (self->log);
    listener->request = self->http->ref (request);
  }
  if (!self->http->take (request, head, &connection)) {
    gst_http_log_request (self->log, self->http, request, 0, 0);
    gst_http_listener_free (listener);
    leave_door (self);
    gst_http_server_sink_emit_request (self, request, 0, TRUE);
    return;
  }
  listener->connection = connection;
  g_object_ref (connection.socket);
  if (connection.tls != NULL)
    g_object_ref (connection.tls);
  GST_OBJECT_LOCK (self);
  g_hash_table_insert (self->listeners, connection.socket, listener);
  g_cond_broadcast (&self->changed);
  GST_OBJECT_UNLOCK (self);
  added = begin (self, &connection, plan);
  leave_door (self);
  if (added)
    gst_http_server_sink_emit_added (self, connection.socket);
  g_clear_object (&connection.socket);
  g_clear_object (&connection.tls);
}

/* What some players ask first, to see whether the server knows ranges: the
 * bytes at the very start, which are those of the stream headers. */
static GBytes *
probed_bytes_locked (GstHttpServerSink *self, const gchar *field)
{
  GstSocketRange ranges[GST_SOCKET_RANGES_MAX];
  guint n;

  if (self->probe == NULL || self->is_picture
      || gst_socket_ranges_parse (field, GST_SOCKET_SIZE_UNKNOWN, ranges, &n)
          != GST_SOCKET_RANGE_SOME)
    return NULL;
  if (n != 1 || ranges[0].first != 0
      || ranges[0].last >= MIN (g_bytes_get_size (self->probe), PROBE_MAX))
    return NULL;
  return g_bytes_new_from_bytes (self->probe, 0, ranges[0].last + 1);
}

static void
answer_probe (GstHttpServerSink *self, GstSocketHttpRequest *request,
    const gchar *type, GBytes *bytes)
{
  GPtrArray *headers = gst_http_headers_new (self, request);
  g_autofree gchar *range = g_strdup_printf (
      "bytes 0-%" G_GSIZE_FORMAT "/*", g_bytes_get_size (bytes) - 1);

  gst_http_headers_add (headers, "Content-Range", range);
  gst_http_answer (self, request, 206, headers, type, bytes);
}

void
gst_http_live_answer (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  const gchar *range = self->http->get_header (request, "Range");
  g_autofree gchar *ip = peer_ip (self, request);
  g_autoptr (GBytes) probe = NULL;
  g_auto (Plan) plan = {0};
  gboolean is_head = g_str_equal (self->http->get_method (request), "HEAD");
  const gchar *why;
  guint max_clients;

  g_object_get (self, "max-clients", &max_clients, NULL);
  GST_OBJECT_LOCK (self);
  why = why_not_locked (self, ip, max_clients);
  if (why == NULL) {
    make_plan_locked (self, request, &plan);
    probe = probed_bytes_locked (self, range);
    self->n_entering += probe == NULL && !is_head;
  }
  GST_OBJECT_UNLOCK (self);

  if (why != NULL)
    gst_http_answer_text (self, request, 503, why);
  else if (probe != NULL)
    answer_probe (self, request, plan.type, probe);
  else if (is_head)
    gst_http_answer (self, request, 200, stream_headers (self, request, &plan),
        plan.type, NULL);
  else
    take (self, request, &plan);
}

/* --- snapshots --- */

static GBytes *
bytes_of (GstBuffer *buffer)
{
  gsize size = gst_buffer_get_size (buffer);
  gpointer data = g_malloc (size);

  gst_buffer_extract (buffer, 0, data, size);
  return g_bytes_new_take (data, size);
}

void
gst_http_live_answer_snapshot (
    GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  g_autoptr (GstBuffer) newest = NULL;
  g_autoptr (GBytes) body = NULL;
  gboolean is_picture;

  GST_OBJECT_LOCK (self);
  is_picture = self->is_picture || !self->is_started;
  if (self->newest != NULL)
    newest = gst_buffer_ref (self->newest);
  GST_OBJECT_UNLOCK (self);
  if (newest == NULL) {
    gst_http_answer_text (self, request, is_picture ? 503 : 404,
        is_picture ? "No picture has come yet.\n"
                   : "This stream is not made of pictures.\n");
    return;
  }
  body = bytes_of (newest);
  gst_http_answer (self, request, 200, gst_http_headers_new (self, request),
      "image/jpeg", body);
}
