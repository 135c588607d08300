/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testupload.c: a server for uploads that does what a test says
 *
 * Here: see testupload.h. Not here: what is right.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testupload.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#define STOP_US (G_USEC_PER_SEC / 2)

/* How long nothing has to come for it to be nothing. */
#define SILENCE_US (50 * 1000)

void
test_upload_listen (TestUpload *self)
{
  *self = (TestUpload){0};
  self->listener = test_listen (&self->port);
}

void
test_upload_forget (TestUpload *self)
{
  test_upload_hang_up (self);
  g_clear_object (&self->listener);
}

/* --- the pipeline --- */

static void
prepare_at (TestUpload *self, const gchar *path, const gchar *properties,
    const gchar *caps)
{
  g_autofree gchar *url =
      g_strdup_printf ("http://127.0.0.1:%u/%s", self->port, path);

  self->pipeline = test_launch (
      "appsrc name=src max-bytes=0 is-live=true format=time "
      "caps=\"%s\" ! httpclientsink name=sink reconnect-delay=10000000 "
      "reconnect-max-delay=20000000 %s",
      caps != NULL ? caps : "application/x-test", properties);
  self->src = test_get (self->pipeline, "src");
  self->sink = test_get (self->pipeline, "sink");
  g_object_set (self->sink, "location", url, NULL);
}

void
test_upload_prepare (
    TestUpload *self, const gchar *properties, const gchar *caps)
{
  prepare_at (self, "up", properties, caps);
}

void
test_upload_play (TestUpload *self)
{
  fail_unless (gst_element_set_state (self->pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
}

void
test_upload_launch (
    TestUpload *self, const gchar *properties, const gchar *caps)
{
  test_upload_launch_at (self, "up", properties, caps);
}

void
test_upload_launch_at (TestUpload *self, const gchar *path,
    const gchar *properties, const gchar *caps)
{
  prepare_at (self, path, properties, caps);
  test_upload_play (self);
}

static void
push_buffer (TestUpload *self, GstBuffer *buffer)
{
  GstFlowReturn flow;

  g_signal_emit_by_name (self->src, "push-buffer", buffer, &flow);
  gst_buffer_unref (buffer);
  fail_unless_equals_int (flow, GST_FLOW_OK);
}

void
test_upload_push (TestUpload *self, const gchar *text, guint flags)
{
  GstBuffer *buffer = gst_buffer_new_memdup (text, strlen (text));

  GST_BUFFER_FLAG_SET (buffer, flags);
  push_buffer (self, buffer);
}

void
test_upload_push_size (TestUpload *self, gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (buffer, 0, 'x', size);
  push_buffer (self, buffer);
}

void
test_upload_end (TestUpload *self)
{
  GstFlowReturn flow;

  g_signal_emit_by_name (self->src, "end-of-stream", &flow);
}

void
test_upload_stop (TestUpload *self)
{
  /* Under valgrind all takes longer. */
  const gchar *factor = g_getenv ("CK_TIMEOUT_MULTIPLIER");
  gint64 limit_us = STOP_US * MAX (factor != NULL ? atoi (factor) : 1, 1);
  gint64 start_us = g_get_monotonic_time ();

  test_stop (self->pipeline);
  fail_unless (g_get_monotonic_time () - start_us < limit_us);
  self->pipeline = NULL;
}

/* --- the server --- */

gchar *
test_upload_read_head (TestUpload *self)
{
  GString *head = g_string_new (NULL);

  while (!g_str_has_suffix (head->str, "\r\n\r\n")) {
    g_autofree gchar *byte = test_http_read_bytes (self->stream, 1);

    g_string_append (head, byte);
  }
  return g_string_free (head, FALSE);
}

gchar *
test_upload_accept_head (TestUpload *self)
{
  g_autoptr (GSocket) socket = NULL;

  test_upload_hang_up (self);
  socket = test_accept (self->listener);
  self->stream =
      G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  return test_upload_read_head (self);
}

void
test_upload_expect_line (const gchar *head, const gchar *line)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);

  fail_unless (g_strv_contains ((const gchar *const *) lines, line),
      "no \"%s\" in: %s", line, head);
}

gchar *
test_upload_read (TestUpload *self, gsize size)
{
  return test_http_read_bytes (self->stream, size);
}

static gsize
read_chunk_size (TestUpload *self)
{
  g_autoptr (GString) line = g_string_new (NULL);

  while (!g_str_has_suffix (line->str, "\r\n")) {
    g_autofree gchar *byte = test_upload_read (self, 1);

    g_string_append (line, byte);
  }
  return g_ascii_strtoull (line->str, NULL, 16);
}

gchar *
test_upload_read_body (TestUpload *self)
{
  GString *body = g_string_new (NULL);
  gsize size;

  do {
    g_autofree gchar *data = NULL, *end = NULL;

    size = read_chunk_size (self);
    data = test_upload_read (self, size);
    end = test_upload_read (self, 2);
    fail_unless_equals_string (end, "\r\n");
    g_string_append_len (body, data, size);
  } while (size > 0);
  return g_string_free (body, FALSE);
}

gchar *
test_upload_read_all (TestUpload *self)
{
  GInputStream *in = g_io_stream_get_input_stream (self->stream);
  GString *all = g_string_new (NULL);
  gchar data[65536];
  gssize n;

  while ((n = g_input_stream_read (in, data, sizeof data, NULL, NULL)) > 0)
    g_string_append_len (all, data, n);
  return g_string_free (all, FALSE);
}

gboolean
test_upload_has_input (TestUpload *self)
{
  return g_socket_condition_timed_wait (
      g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->stream)),
      G_IO_IN, SILENCE_US, NULL, NULL);
}

void
test_upload_answer (TestUpload *self, const gchar *answer)
{
  test_http_send (self->stream, answer);
}

void
test_upload_hang_up (TestUpload *self)
{
  if (self->stream != NULL)
    test_http_close (self->stream);
  g_clear_object (&self->stream);
}
