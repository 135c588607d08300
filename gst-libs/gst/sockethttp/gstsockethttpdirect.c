/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpdirect.c: requests that do not need the HTTP library
 *
 * Here: reading the heads of requests without a body for what lies below a
 * prefix (files), and writing whole answers to them.
 * Not here: all other requests: their connections are handed to the library as
 * they are, with what has come.
 *
 * Threads   server: all of it
 * Locks     none
 *
 * The library makes a connection anew for each request of one that it was
 * handed; that costs ten times what a small file does.
 *
 *   connection | has                      | goes on when
 *   -----------+--------------------------+--------------------------------
 *   reading    | front, no direct         | a head has come
 *   asked      | direct                   | its request is answered or taken
 *   writing    | direct, out              | the answer is out
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"

#include <gst/socket/gstsocketcondition.h>

#include <string.h>

#define READ_SIZE 8192

/* --- a request --- */

static gboolean
may_be_kept (SoupMessageHeaders *headers, SoupHTTPVersion version)
{
  return version == SOUP_HTTP_1_1
      && !soup_message_headers_header_contains (headers, "Connection", "close");
}

/* Reads a sound head. Returns NULL when it is the library's. */
static GstSocketHttpRequest *
read_request (HttpConnection *self, gsize size)
{
  g_autofree gchar *text = g_strndup ((gchar *) self->bytes->data, size - 2);
  g_autofree gchar *method = NULL;
  g_autofree gchar *target = NULL;
  SoupMessageHeaders *headers =
      soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  SoupHTTPVersion version;
  GstSocketHttpRequest *request = NULL;

  if (soup_headers_parse_request (
          text, size - 2, headers, &method, &target, &version)
          == SOUP_STATUS_OK
      && (g_str_equal (method, "GET") || g_str_equal (method, "HEAD"))
      && soup_message_headers_get_one (headers, "Expect") == NULL)
    request = http_request_new_direct (self, method, target, headers);
  if (request != NULL) {
    request->is_http_1_0 = version == SOUP_HTTP_1_0;
    request->body.may_be_kept = may_be_kept (headers, version);
  }
  soup_message_headers_unref (headers);
  return request;
}

static void
ask_mount (HttpConnection *self, GstSocketHttpRequest *request)
{
  self->direct = request;
  g_ptr_array_add (self->server->requests, request);
  gst_socket_http_request_ref (request);
  request->mount->funcs.request (request, request->mount->user_data);
  gst_socket_http_request_unref (request);
}

/* --- reading --- */

static void
clear_front (HttpConnection *self)
{
  if (self->front == NULL)
    return;
  g_source_destroy (self->front);
  g_clear_pointer (&self->front, g_source_unref);
}

/* Takes one request from what has come. Returns whether the connection is
 * still here and may have another; if it is here and may not, it is no longer
 * running. */
static gboolean
take_one (HttpConnection *self)
{
  gboolean is_gone = FALSE, has_body = FALSE;
  gsize size = 0;
  GstSocketRequestVerdict verdict = gst_socket_request_check (
      (gchar *) self->bytes->data, self->bytes->len, &size, &has_body);
  GstSocketHttpRequest *request = NULL;

  self->is_running = FALSE;
  if (verdict == GST_SOCKET_REQUEST_MORE) {
    http_connection_await_head (self);
    return FALSE;
  }
  if (verdict == GST_SOCKET_REQUEST_OK && !has_body)
    request = read_request (self, size);
  if (request == NULL) {
    clear_front (self);
    http_connection_use_library (self);
    return FALSE;
  }
  g_byte_array_remove_range (self->bytes, 0, size);
  self->is_running = TRUE;
  self->is_gone = &is_gone;
  ask_mount (self, request);
  if (is_gone)
    return FALSE;
  self->is_gone = NULL;
  self->is_running = self->direct == NULL && !self->is_lingering;
  return self->is_running;
}

/* Takes requests one after the other, as far as they are answered at once. */
static void
run (HttpConnection *self)
{
  if (self->is_running || self->direct != NULL || self->bytes->len == 0)
    return;
  self->is_running = TRUE;
  do {
    if (!take_one (self))
      return;
  } while (self->bytes->len > 0);
  self->is_running = FALSE;
}

static gboolean
on_readable_cb (GObject *stream, gpointer user_data)
{
  HttpConnection *self = user_data;
  guint8 data[READ_SIZE];
  g_autoptr (GError) error = NULL;
  gssize n;

  /* What comes while a request is being answered waits in the socket. */
  if (self->direct != NULL) {
    clear_front (self);
    return G_SOURCE_REMOVE;
  }
  n = g_pollable_input_stream_read_nonblocking (
      G_POLLABLE_INPUT_STREAM (stream), data, sizeof data, NULL, &error);
  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  if (n <= 0) {
    clear_front (self);
    http_connection_end (self);
    return G_SOURCE_REMOVE;
  }
  g_byte_array_append (self->bytes, data, n);
  run (self);
  return G_SOURCE_CONTINUE;
}

static void
read_on (HttpConnection *self)
{
  GPollableInputStream *in;

  if (self->front != NULL)
    return;
  in = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->base));
  self->front = g_pollable_input_stream_create_source (in, NULL);
  g_source_set_callback (self->front, (GSourceFunc) on_readable_cb, self, NULL);
  g_source_attach (self->front, self->server->context);
}

/* Whether there is anything that would be answered so. */
gboolean
http_direct_is_wanted (HttpServer *server)
{
  for (guint i = 0; i < server->mounts->len; i++) {
    GstSocketHttpMount *mount = g_ptr_array_index (server->mounts, i);

    if (mount->prefixes != NULL && mount->methods == NULL)
      return TRUE;
  }
  return FALSE;
}

/* Begins with a connection. It may be gone on return. */
void
http_direct_begin (HttpConnection *self)
{
  read_on (self);
  run (self);
}

/* --- writing --- */

/* Returns FALSE when the peer has gone; what is left is in out. */
static gboolean
write_out (HttpConnection *self)
{
  GPollableOutputStream *out =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->base));

  while (self->out_done < self->out->len) {
    g_autoptr (GError) error = NULL;
    gssize n = g_pollable_output_stream_write_nonblocking (out,
        self->out->data + self->out_done, self->out->len - self->out_done, NULL,
        &error);

    if (n < 0)
      return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
    self->out_done += n;
  }
  return TRUE;
}

static void
forget_request (HttpConnection *self)
{
  GstSocketHttpRequest *request = g_steal_pointer (&self->direct);

  gst_socket_http_request_ref (request);
  g_ptr_array_remove_fast (self->server->requests, request);
  http_request_finish (request);
  gst_socket_http_request_unref (request);
}

/* Hears no more of a connection. */
void
http_direct_stop (HttpConnection *self)
{
  clear_front (self);
  if (self->write == NULL)
    return;
  g_source_destroy (self->write);
  g_clear_pointer (&self->write, g_source_unref);
}

/* Forgets all it has of one that goes. */
void
http_direct_clear (HttpConnection *self)
{
  http_direct_stop (self);
  if (self->is_gone != NULL)
    *self->is_gone = TRUE;
  if (self->direct != NULL)
    forget_request (self);
  g_clear_pointer (&self->out, g_byte_array_unref);
}

/* The answer is out. */
static void
end_answer (HttpConnection *self)
{
  gboolean is_kept = self->is_kept;

  g_byte_array_set_size (self->out, 0);
  self->out_done = 0;
  forget_request (self);
  if (!is_kept) {
    clear_front (self);
    http_connection_end (self);
    return;
  }
  http_connection_await_request (self);
  read_on (self);
  run (self);
}

/* Returns whether the answer is out, or never will be. */
static gboolean
go_on_writing (HttpConnection *self)
{
  if (!write_out (self)) {
    http_connection_drop (self);
    return TRUE;
  }
  if (self->out_done < self->out->len)
    return FALSE;
  end_answer (self);
  return TRUE;
}

static gboolean
on_writable_cb (GObject *stream, gpointer user_data)
{
  HttpConnection *self = user_data;

  g_source_destroy (self->write);
  g_clear_pointer (&self->write, g_source_unref);
  http_direct_flush (self);
  return G_SOURCE_REMOVE;
}

/* Writes what there is room for now, and the rest later. */
void
http_direct_flush (HttpConnection *self)
{
  if (go_on_writing (self))
    return;
  http_connection_await_room (self);
  self->write = g_pollable_output_stream_create_source (
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->base)),
      NULL);
  g_source_set_callback (self->write, (GSourceFunc) on_writable_cb, self, NULL);
  g_source_attach (self->write, self->server->context);
}

/* --- answers --- */

/* Of a field that is there twice, the last one counts. */
static void
append_fields (GString *head, const gchar *const *headers)
{
  for (guint i = 0; headers != NULL && headers[i] != NULL; i += 2) {
    gboolean is_last = TRUE;

    for (guint j = i + 2; is_last && headers[j] != NULL; j += 2)
      is_last = g_ascii_strcasecmp (headers[i], headers[j]) != 0;
    if (!is_last)
      continue;
    g_string_append (head, headers[i]);
    g_string_append (head, ": ");
    g_string_append (head, headers[i + 1]);
    g_string_append (head, "\r\n");
  }
}

static gboolean
has_field (const gchar *const *headers, const gchar *name)
{
  for (guint i = 0; headers != NULL && headers[i] != NULL; i += 2) {
    if (g_ascii_strcasecmp (headers[i], name) == 0)
      return TRUE;
  }
  return FALSE;
}

static void
append_length (
    GString *head, const GstSocketHttpAnswer *answer, gboolean is_head)
{
  gsize size = answer->body != NULL ? g_bytes_get_size (answer->body) : 0;

  if (answer->status == SOUP_STATUS_NO_CONTENT
      || answer->status == SOUP_STATUS_NOT_MODIFIED)
    return;
  /* As the answer to GET, whose length nobody knows. */
  if (is_head && answer->body == NULL)
    return;
  if (!has_field (answer->headers, "Content-Length"))
    g_string_append_printf (
        head, "Content-Length: %" G_GSIZE_FORMAT "\r\n", size);
}

static GString *
format_head (HttpConnection *self, const GstSocketHttpAnswer *answer)
{
  GString *head = g_string_sized_new (1024);

  g_string_append_printf (head,
      "HTTP/1.1 %u %s\r\nServer: gst-socket-plugins/" PACKAGE_VERSION
      "\r\nDate: %s\r\n",
      answer->status, soup_status_get_phrase (answer->status),
      http_server_get_date (self->server));
  if (answer->content_type != NULL)
    g_string_append_printf (head, "Content-Type: %s\r\n", answer->content_type);
  append_fields (head, answer->headers);
  append_length (head, answer, g_str_equal (self->direct->method, "HEAD"));
  if (!self->is_kept)
    g_string_append (head, "Connection: close\r\n");
  g_string_append (head, "\r\n");
  return head;
}

/* Answers a request that was read here, and that the caller has settled. */
void
http_direct_answer (
    HttpConnection *self, const GstSocketHttpAnswer *answer, gboolean is_last)
{
  g_autoptr (GString) head = NULL;

  self->is_kept = self->direct->body.may_be_kept && !is_last;
  head = format_head (self, answer);
  if (self->out == NULL)
    self->out = g_byte_array_new ();
  g_byte_array_append (self->out, (guint8 *) head->str, head->len);
  if (answer->body != NULL && !g_str_equal (self->direct->method, "HEAD"))
    g_byte_array_append (self->out, g_bytes_get_data (answer->body, NULL),
        g_bytes_get_size (answer->body));
  http_direct_flush (self);
}
