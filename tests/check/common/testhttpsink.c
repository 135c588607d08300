/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testhttpsink.c: an httpserversink that is fed by hand, for tests
 *
 * Here: see testhttpsink.h. Not here: what is right.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttpsink.h"

#include <gst/check/gstcheck.h>

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>

GstElement *
test_sink_get (TestSink *self)
{
  GstElement *sink = gst_harness_find_element (self->h, "httpserversink");

  gst_object_unref (sink);
  return sink;
}

TestSink
test_sink_begin (const gchar *properties, const gchar *caps)
{
  g_autofree gchar *launch =
      g_strdup_printf ("httpserversink port=0 sync=false %s", properties);
  TestSink self = {.h = gst_harness_new_parse (launch)};
  GstBus *bus = gst_bus_new ();
  guint port, tls_port;

  gst_element_set_bus (test_sink_get (&self), bus);
  gst_object_unref (bus);
  if (caps != NULL)
    gst_harness_set_src_caps_str (self.h, caps);
  gst_harness_play (self.h);
  g_object_get (test_sink_get (&self), "current-port", &port,
      "current-tls-port", &tls_port, NULL);
  fail_unless (port > 0);
  self.port = port;
  self.tls_port = tls_port;
  return self;
}

void
test_sink_end (TestSink *self)
{
  gst_element_set_bus (test_sink_get (self), NULL);
  gst_harness_teardown (self->h);
}

void
test_sink_push (TestSink *self, const gchar *text)
{
  GstBuffer *buffer = gst_buffer_new_memdup (text, strlen (text));

  fail_unless_equals_int (gst_harness_push (self->h, buffer), GST_FLOW_OK);
}

GIOStream *
test_sink_listen (TestSink *self, const gchar *request)
{
  GIOStream *stream = test_http_connect (self->port);
  g_autoptr (TestAnswer) answer = NULL;

  test_http_send (stream, request);
  answer = test_http_read (stream);
  fail_unless (answer->status == 200, "%s", answer->head);
  return stream;
}

void
test_sink_expect (GIOStream *stream, const gchar *text)
{
  g_autofree gchar *got = test_http_read_bytes (stream, strlen (text));

  fail_unless_equals_string (got, text);
}

void
test_sink_leave (GIOStream *stream)
{
  test_http_close (stream);
  g_object_unref (stream);
}

void
test_sink_expect_status (TestSink *self, const gchar *request, guint status)
{
  g_autoptr (TestAnswer) answer = test_http_ask (self->port, request);

  fail_unless (answer->status == status, "%s: %u, not %u: %s", request,
      answer->status, status, answer->head);
}

void
test_sink_expect_field (
    TestSink *self, const gchar *request, const gchar *name, const gchar *value)
{
  g_autoptr (TestAnswer) answer = test_http_ask (self->port, request);
  g_autofree gchar *got = test_answer_field (answer, name);

  fail_unless (g_strcmp0 (got, value) == 0, "%s: %s: %s", request, name, got);
}

gboolean
test_sink_has_listeners (gpointer data)
{
  guint n;

  g_object_get (test_sink_get (data), "num-handles", &n, NULL);
  return n > 0;
}

gboolean
test_sink_has_no_listeners (gpointer data)
{
  return !test_sink_has_listeners (data);
}

GstMessage *
test_sink_pop_message (TestSink *self, GstMessageType type)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (test_sink_get (self));

  return gst_bus_timed_pop_filtered (bus, TEST_DEADLINE_US * GST_USECOND, type);
}

void
test_sink_start_helpers (void)
{
  g_autofree gchar *folder = g_dir_make_tmp ("http-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "first.pem", NULL);
  g_autofree gchar *properties =
      g_strdup_printf ("tls-port=0 tls-certificate-file=%s", path);
  g_autoptr (GIOStream) stream = NULL;
  TestSink sink;

  g_source_unref (g_unix_signal_source_new (SIGHUP));
  test_make_certificate (path, "first.test");
  sink = test_sink_begin (properties, TEST_SINK_VIDEO);
  stream = test_http_connect_tls (sink.tls_port);
  test_http_close (stream);
  test_sink_end (&sink);
  g_unlink (path);
  g_rmdir (folder);
}
