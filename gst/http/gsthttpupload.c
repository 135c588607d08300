/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpupload.c: one upload, from its head to the answer
 *
 * Here: reading the body of a request, answering it, giving the connection
 * back to the server.
 * Not here: where the body goes, who may send one.
 *
 * Threads   server: new    one at a time: all else
 * Locks     none
 *
 * Whoever reads sets the pace: what is not read stays in the peer's hands, but
 * for what the kernel takes in advance.
 *
 * Status 100 goes out with the first read, and only to who waits for it. A
 * SOURCE request is another protocol than HTTP: most of its senders wait for
 * status 200 before the body, and get nothing at its end. Those that do not
 * wait must not get it: they would close the connection with it unread, and
 * lose the end of what they have sent.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpupload.h"

#include <string.h>

/* TLS never gives more at a time. */
#define RECORD_SIZE (16 * 1024)

/* A sender by SOURCE that says nothing for so long waits for an answer. */
#define SOURCE_PATIENCE_US (200 * 1000)

struct _GstHttpUpload
{
  /* immutable */
  const GstSocketHttpApi *http;
  GstSocketHttpMount *mount;
  GstSocketHttpRequest *request;
  guint64 max_size;
  GstSocketHttpBody info;

  /* whoever has it */
  GstSocketHttpConnection connection;
  GstBuffer *rest; /* has come, and is not read yet */
  GstSocketBody body;
  GstSocketReader *reader;
  guint64 received;
  gboolean is_begun;
  gboolean is_answered;
  GPtrArray *headers; /* of the answer: names and values in turn; or NULL */
  guint64 sent;
};

/* --- life --- */

static GstBuffer *
buffer_of (GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  return size > 0 ? gst_buffer_new_memdup (data, size) : NULL;
}

/*
 * gst_http_upload_new:
 * @http: the library
 * @mount: whose request it is; it goes after the upload
 * @request: a request that is welcome
 * @max_size: bytes that its body may have, 0 for any number
 *
 * Takes a request's connection. Server's thread.
 *
 * Returns: (nullable) (transfer full): the upload; NULL when its peer has gone
 */
GstHttpUpload *
gst_http_upload_new (const GstSocketHttpApi *http, GstSocketHttpMount *mount,
    GstSocketHttpRequest *request, guint64 max_size)
{
  g_autoptr (GstHttpUpload) self = g_new0 (GstHttpUpload, 1);
  g_autoptr (GBytes) rest = NULL;

  self->http = http;
  self->mount = mount;
  self->request = http->ref (request);
  self->max_size = max_size;
  http->get_body (request, &self->info);
  gst_socket_body_init (&self->body, self->info.kind, self->info.length);
  self->reader = gst_socket_reader_new (0);
  if (!http->take_body (request, &self->connection, &rest))
    return NULL;
  self->rest = buffer_of (rest);
  return g_steal_pointer (&self);
}

/* Ends it; without an answer unless it has got one. */
void
gst_http_upload_free (GstHttpUpload *self)
{
  if (self == NULL)
    return;
  if (self->connection.socket != NULL)
    self->http->close (self->mount, &self->connection);
  gst_clear_buffer (&self->rest);
  gst_socket_reader_free (self->reader);
  g_clear_pointer (&self->headers, g_ptr_array_unref);
  self->http->unref (self->request);
  g_free (self);
}

/* Sets fields that its answer is to have; takes them. */
void
gst_http_upload_set_headers (GstHttpUpload *self, GPtrArray *headers)
{
  g_clear_pointer (&self->headers, g_ptr_array_unref);
  self->headers = headers;
}

/* Returns: (transfer none): the request, which has no other answer */
GstSocketHttpRequest *
gst_http_upload_get_request (const GstHttpUpload *self)
{
  return self->request;
}

const gchar *
gst_http_upload_get_path (const GstHttpUpload *self)
{
  return self->http->get_path (self->request);
}

/* Bytes of the whole body, G_MAXUINT64 when nobody knows. */
guint64
gst_http_upload_get_length (const GstHttpUpload *self)
{
  if (self->info.kind == GST_SOCKET_BODY_NONE)
    return 0;
  return self->info.kind == GST_SOCKET_BODY_LENGTH ? self->info.length
                                                   : G_MAXUINT64;
}

/* Bytes of payload that were read. */
guint64
gst_http_upload_get_received (const GstHttpUpload *self)
{
  return self->received;
}

/* Bytes of the body of its answer. */
guint64
gst_http_upload_get_sent (const GstHttpUpload *self)
{
  return self->sent;
}

/* --- writing --- */

/* Writes a few lines, as far as they go out at once: who does not read its
 * answers has no use for them. */
static gboolean
write_text (GstHttpUpload *self, const gchar *text)
{
  gssize size = strlen (text);

  if (self->connection.tls == NULL)
    return g_socket_send (self->connection.socket, text, size, NULL, NULL)
        == size;
  return g_pollable_output_stream_write_nonblocking (
             G_POLLABLE_OUTPUT_STREAM (
                 g_io_stream_get_output_stream (self->connection.tls)),
             text, size, NULL, NULL)
      == size;
}

static gboolean
is_source (const GstHttpUpload *self)
{
  return g_str_equal (self->http->get_method (self->request), "SOURCE");
}

/* Whether a sender says nothing until it has got an answer. */
static gboolean
waits_for_answer (GstHttpUpload *self, GstSocketWait *wait)
{
  return self->rest == NULL
      && !gst_socket_wait_for (wait, g_socket_get_fd (self->connection.socket),
          G_IO_IN, SOURCE_PATIENCE_US, NULL);
}

static void
begin (GstHttpUpload *self, GstSocketWait *wait)
{
  self->is_begun = TRUE;
  if (is_source (self))
    self->is_answered = waits_for_answer (self, wait)
        && write_text (self, "HTTP/1.0 200 OK\r\n\r\n");
  else if (self->info.expects_continue)
    write_text (self, "HTTP/1.1 100 Continue\r\n\r\n");
}

/* --- reading --- */

/* A peer that goes without a farewell may have been cut off. */
static GstSocketReadResult
receive_tls (GstHttpUpload *self, GstSocketWait *wait, gint64 timeout_us,
    GstBuffer **ret_buffer, GError **error)
{
  GPollableInputStream *in = G_POLLABLE_INPUT_STREAM (
      g_io_stream_get_input_stream (self->connection.tls));
  g_autofree guint8 *data = g_malloc (RECORD_SIZE);

  while (TRUE) {
    g_autoptr (GError) local = NULL;
    gssize n = g_pollable_input_stream_read_nonblocking (
        in, data, RECORD_SIZE, NULL, &local);

    if (n > 0) {
      *ret_buffer = gst_buffer_new_wrapped (g_steal_pointer (&data), n);
      return GST_SOCKET_READ_DATA;
    }
    if (n == 0)
      return GST_SOCKET_READ_END;
    if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return GST_SOCKET_READ_ERROR;
    }
    if (!gst_socket_wait_for (wait, g_socket_get_fd (self->connection.socket),
            G_IO_IN, timeout_us, error))
      return GST_SOCKET_READ_ERROR;
  }
}

static GstSocketReadResult
receive (GstHttpUpload *self, GstSocketWait *wait, gint64 timeout_us,
    GstBuffer **ret_buffer, GError **error)
{
  if (self->rest != NULL) {
    *ret_buffer = g_steal_pointer (&self->rest);
    return GST_SOCKET_READ_DATA;
  }
  if (self->connection.tls != NULL)
    return receive_tls (self, wait, timeout_us, ret_buffer, error);
  return gst_socket_reader_read (self->reader, self->connection.socket, wait,
      timeout_us, ret_buffer, error);
}

/* Leaves the payload in a buffer that has come; what is behind the body is
 * kept. */
static gboolean
unframe (GstHttpUpload *self, GstBuffer *buffer, GError **error)
{
  gsize payload = 0, used = 0;
  GstMapInfo map;
  gboolean ok;

  gst_buffer_map (buffer, &map, GST_MAP_READWRITE);
  ok = gst_socket_body_feed (&self->body, map.data, map.size, &payload, &used);
  if (ok && used < map.size)
    self->rest = gst_buffer_new_memdup (map.data + used, map.size - used);
  gst_buffer_unmap (buffer, &map);
  if (!ok) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "what was sent is no sound body");
    return FALSE;
  }
  gst_buffer_set_size (buffer, payload);
  self->received += payload;
  if (self->max_size == 0 || self->received <= self->max_size)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
      "it has more than %" G_GUINT64_FORMAT " bytes", self->max_size);
  return FALSE;
}

static GstSocketReadResult
end_of_connection (GstHttpUpload *self, GError **error)
{
  if (self->body.kind == GST_SOCKET_BODY_CLOSE) {
    self->body.kind = GST_SOCKET_BODY_NONE;
    return GST_SOCKET_READ_END;
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
      "it was cut off after %" G_GUINT64_FORMAT " bytes", self->received);
  return GST_SOCKET_READ_ERROR;
}

/*
 * gst_http_upload_read:
 * @self: an upload
 * @wait: what to wait with
 * @timeout_us: longest wait for more, in µs, -1 for ever
 * @ret_buffer: (out): what has come of the body
 * @error: where to say what went wrong
 *
 * Reads some of the body, and tells the peer to send it first if that waits to
 * be told.
 *
 * Fails with #G_IO_ERROR_PARTIAL_INPUT when it is cut off,
 * #G_IO_ERROR_INVALID_DATA, #G_IO_ERROR_MESSAGE_TOO_LARGE,
 * #G_IO_ERROR_TIMED_OUT, #G_IO_ERROR_CANCELLED and as reading does.
 *
 * Returns: see #GstSocketReadResult; the end is that of the whole body
 */
GstSocketReadResult
gst_http_upload_read (GstHttpUpload *self, GstSocketWait *wait,
    gint64 timeout_us, GstBuffer **ret_buffer, GError **error)
{
  if (!self->is_begun)
    begin (self, wait);
  while (!gst_socket_body_is_complete (&self->body)) {
    g_autoptr (GstBuffer) buffer = NULL;
    GstSocketReadResult result =
        receive (self, wait, timeout_us, &buffer, error);

    if (result == GST_SOCKET_READ_END)
      return end_of_connection (self, error);
    if (result != GST_SOCKET_READ_DATA || !unframe (self, buffer, error))
      return GST_SOCKET_READ_ERROR;
    if (gst_buffer_get_size (buffer) == 0)
      continue;
    *ret_buffer = g_steal_pointer (&buffer);
    return GST_SOCKET_READ_DATA;
  }
  return GST_SOCKET_READ_END;
}

/* --- the answer --- */

static const gchar *
phrase_of (guint status)
{
  static const struct
  {
    guint status;
    const gchar *phrase;
  } phrases[] = {
      {200, "OK"},
      {201, "Created"},
      {204, "No Content"},
      {400, "Bad Request"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
      {507, "Insufficient Storage"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (phrases); i++) {
    if (phrases[i].status == status)
      return phrases[i].phrase;
  }
  return "Unknown";
}

/* The status for what gst_http_upload_read () fails with. */
guint
gst_http_upload_status_of (const GError *error)
{
  static const struct
  {
    gint code;
    guint status;
  } table[] = {
      {G_IO_ERROR_PARTIAL_INPUT, 400},
      {G_IO_ERROR_INVALID_DATA, 400},
      {G_IO_ERROR_TIMED_OUT, 408},
      {G_IO_ERROR_MESSAGE_TOO_LARGE, 413},
      {G_IO_ERROR_CANCELLED, 503},
      {G_IO_ERROR_NO_SPACE, 507},
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    if (g_error_matches (error, G_IO_ERROR, table[i].code))
      return table[i].status;
  }
  return 500;
}

static gchar *
format_answer (
    const GstHttpUpload *self, guint status, const gchar *text, gboolean keep)
{
  GString *answer = g_string_new (NULL);

  g_string_append_printf (answer,
      "HTTP/1.1 %u %s\r\nServer: gst-socket-plugins/" PACKAGE_VERSION "\r\n",
      status, phrase_of (status));
  if (!keep)
    g_string_append (answer, "Connection: close\r\n");
  if (status == 503)
    g_string_append (answer, "Retry-After: 2\r\n");
  for (guint i = 0; self->headers != NULL && i < self->headers->len; i += 2)
    g_string_append_printf (answer, "%s: %s\r\n",
        (gchar *) g_ptr_array_index (self->headers, i),
        (gchar *) g_ptr_array_index (self->headers, i + 1));
  if (status == 204)
    return g_string_free (g_string_append (answer, "\r\n"), FALSE);
  g_string_append_printf (answer,
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
      strlen (text), text);
  return g_string_free (answer, FALSE);
}

static GBytes *
bytes_of (GstBuffer *buffer)
{
  gpointer data;
  gsize size;

  if (buffer == NULL)
    return NULL;
  gst_buffer_extract_dup (buffer, 0, -1, &data, &size);
  return g_bytes_new_take (data, size);
}

/*
 * gst_http_upload_answer:
 * @self: an upload that has got no answer
 * @status: the status
 * @text: a line to say why
 *
 * Answers, and gives the connection back: for the next request if the whole
 * body was read. There is nothing to read after that.
 */
void
gst_http_upload_answer (GstHttpUpload *self, guint status, const gchar *text)
{
  gboolean keep =
      self->info.may_be_kept && gst_socket_body_is_complete (&self->body);
  g_autofree gchar *answer = format_answer (self, status, text, keep);
  g_autoptr (GBytes) rest = bytes_of (self->rest);

  if (self->connection.socket == NULL)
    return;
  if (!self->is_answered && write_text (self, answer))
    self->sent = status != 204 ? strlen (text) : 0;
  else
    keep = FALSE;
  self->http->give_back (self->mount, &self->connection, rest, keep);
}
