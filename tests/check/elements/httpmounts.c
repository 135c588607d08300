/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpmounts.c: tests of several httpserversinks, and of what they report
 *
 * Here: renditions of one pipeline, times that end no stream, the signals of
 * requests.
 * Not here: one listener's bytes (httpserversink.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttpsink.h"

#include <gst/check/gstcheck.h>

#include <string.h>

/* --- several mounts --- */

static GIOStream *
listen_to (guint16 port, const gchar *path, const gchar *type)
{
  g_autofree gchar *request = g_strdup_printf ("GET %s HTTP/1.0\r\n\r\n", path);
  g_autofree gchar *got = NULL;
  g_autoptr (TestAnswer) answer = NULL;
  GIOStream *stream = test_http_connect (port);

  test_http_send (stream, request);
  answer = test_http_read (stream);
  fail_unless (answer->status == 200, "%s: %s", path, answer->head);
  got = test_answer_field (answer, "Content-Type");
  fail_unless_equals_string (got, type);
  return stream;
}

static void
play (GstElement *pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless_equals_int (
      gst_element_get_state (pipeline, NULL, NULL, 20 * GST_SECOND),
      GST_STATE_CHANGE_SUCCESS);
}

GST_START_TEST (test_renditions_of_one_pipeline_share_a_server)
{
  guint16 port = test_unused_port ();
  GstElement *pipeline = test_launch (
      "videotestsrc is-live=true ! video/x-raw,width=32,height=32,framerate=25/1"
      " ! tee name=t t. ! queue ! jpegenc ! httpserversink port=%u path=/camera "
      "t. ! queue ! jpegenc quality=10 ! httpserversink port=%u path=/small "
      "t. ! queue ! y4menc ! httpserversink port=%u path=/raw content-type=x/y",
      port, port, port);

  for (guint i = 0; i < 2; i++) {
    g_autoptr (TestAnswer) status = NULL;
    const gchar *parts =
        "multipart/x-mixed-replace; boundary=gst-socket-plugins-picture";

    play (pipeline);
    test_sink_leave (listen_to (port, "/camera", parts));
    test_sink_leave (listen_to (port, "/small", parts));
    test_sink_leave (listen_to (port, "/raw", "x/y"));
    status = test_http_get (port, "/status.json");
    fail_unless (strstr (status->body->str, "\"path\":\"/camera\"") != NULL
            && strstr (status->body->str, "\"path\":\"/small\"") != NULL
            && strstr (status->body->str, "\"path\":\"/raw\"") != NULL,
        "%s", status->body->str);
    gst_element_set_state (pipeline, GST_STATE_READY);
  }
  test_stop (pipeline);
}
GST_END_TEST;

/* --- times --- */

GST_START_TEST (test_no_time_ends_a_healthy_stream)
{
  TestSink sink = test_sink_begin (
      "keep-alive-timeout=1000000000 header-timeout=1000000000",
      TEST_SINK_VIDEO);
  GIOStream *stream, *idle;
  g_autoptr (GString) rest = NULL;

  test_sink_push (&sink, "key");
  stream = test_sink_listen (&sink, "GET /stream HTTP/1.0\r\n\r\n");
  test_sink_expect (stream, "header:key");
  /* One that waits for longer than either time, to its end. */
  idle = test_http_connect (sink.port);
  test_http_send (idle, "HEAD /status.json HTTP/1.1\r\nHost: h\r\n\r\n");
  rest = test_http_read_all (idle);
  fail_unless (g_str_has_prefix (rest->str, "HTTP/1.1 200 "));
  test_sink_push (&sink, "more");
  test_sink_expect (stream, "more");
  test_sink_leave (idle);
  test_sink_leave (stream);
  test_sink_end (&sink);
}
GST_END_TEST;

/* --- what is reported --- */

static void
on_started (GstElement *sink, const gchar *method, const gchar *path,
    GSocketAddress *peer, GString *reports)
{
  g_string_append_printf (
      reports, "+%s %s %d\n", method, path, G_IS_INET_SOCKET_ADDRESS (peer));
}

static void
on_finished (GstElement *sink, const gchar *method, const gchar *path,
    GSocketAddress *peer, guint status, GString *reports)
{
  g_string_append_printf (reports, "-%s %s %u\n", method, path, status);
}

static void
on_added (GstElement *sink, GSocket *socket, GString *reports)
{
  g_string_append (reports, "listener\n");
}

GST_START_TEST (test_requests_are_reported)
{
  TestSink sink = test_sink_begin ("", TEST_SINK_VIDEO);
  GstElement *element = test_sink_get (&sink);
  g_autoptr (GString) reports = g_string_new (NULL);

  test_sink_push (&sink, "key");
  g_signal_connect (
      element, "request-started", G_CALLBACK (on_started), reports);
  g_signal_connect (
      element, "request-finished", G_CALLBACK (on_finished), reports);
  g_signal_connect (element, "client-added", G_CALLBACK (on_added), reports);
  test_sink_expect_status (&sink, "GET /a HTTP/1.0\r\n\r\n", 404);
  test_sink_expect_status (&sink, "HEAD /stream HTTP/1.0\r\n\r\n", 200);
  test_sink_leave (test_sink_listen (&sink, TEST_SINK_GET));
  /* From the server's thread, which is over now. */
  test_sink_end (&sink);
  fail_unless_equals_string (reports->str,
      "+GET /a 1\n-GET /a 404\n+HEAD /stream 1\n-HEAD /stream 200\n"
      "+GET /stream 1\nlistener\n");
}
GST_END_TEST;

static Suite *
httpmounts_suite (void)
{
  Suite *s = suite_create ("httpmounts");
  TCase *tc = tcase_create ("httpmounts");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_renditions_of_one_pipeline_share_a_server);
  tcase_add_test (tc, test_no_time_ends_a_healthy_stream);
  tcase_add_test (tc, test_requests_are_reported);
  return s;
}

GST_CHECK_MAIN (httpmounts);
