/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpserversink.c: tests of httpserversink
 *
 * Here: what listeners receive, who is let in, how it ends.
 * Not here: the server (libs/httpserver.c), real clients (tests/interop).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttpsink.h"

#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>
#include <string.h>

static void
push_flagged (TestSink *f, const gchar *text, gboolean is_delta)
{
  GstBuffer *buffer = text[0] != '\0'
      ? gst_buffer_new_memdup (text, strlen (text))
      : gst_buffer_new ();

  if (is_delta)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  fail_unless_equals_int (gst_harness_push (f->h, buffer), GST_FLOW_OK);
}

static gchar *
field_of (TestSink *f, const gchar *request, const gchar *name)
{
  g_autoptr (TestAnswer) answer = test_http_ask (f->port, request);

  return test_answer_field (answer, name);
}

/* --- what listeners receive --- */

GST_START_TEST (test_listener_gets_headers_keyframe_and_what_follows)
{
  TestSink f = test_sink_begin ("", TEST_SINK_VIDEO);
  GIOStream *stream;

  test_sink_push (&f, "old");
  test_sink_push (&f, "key");
  push_flagged (&f, "delta", TRUE);
  stream = test_sink_listen (&f, TEST_SINK_GET);
  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n5\r\ndelta\r\n");
  test_sink_push (&f, "next");
  test_sink_expect (stream, "4\r\nnext\r\n");
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_http_1_0_gets_no_chunks)
{
  TestSink f = test_sink_begin ("transfer-mode=chunked", TEST_SINK_VIDEO);
  GIOStream *stream;

  test_sink_push (&f, "key");
  stream = test_sink_listen (&f, "GET /stream HTTP/1.0\r\n\r\n");
  test_sink_expect (stream, "header:key");
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_sound_begins_with_the_past_and_has_no_chunks)
{
  TestSink f = test_sink_begin ("", "audio/mpeg, mpegversion=1, layer=3");
  GIOStream *stream;

  test_sink_push (&f, "one.");
  test_sink_push (&f, "two.");
  stream = test_sink_listen (&f, TEST_SINK_GET);
  test_sink_expect (stream, "one.two.");
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_titles_come_to_who_asks_for_them)
{
  TestSink f =
      test_sink_begin ("icy-metaint=256", "audio/mpeg, mpegversion=1, layer=3");
  g_autofree gchar *sound = g_strnfill (256, 'a');
  GstTagList *tags =
      gst_tag_list_new (GST_TAG_ARTIST, "One", GST_TAG_TITLE, "Two", NULL);
  GIOStream *stream;
  g_autofree gchar *got = NULL;

  gst_harness_push_event (f.h, gst_event_new_tag (tags));
  stream = test_sink_listen (
      &f, "GET /stream HTTP/1.1\r\nHost: h\r\nIcy-MetaData: 1\r\n\r\n");
  test_sink_push (&f, sound);
  test_sink_expect (stream, sound);
  got = test_http_read_bytes (stream, 1 + 32);
  fail_unless_equals_int (got[0], 2);
  fail_unless_equals_string (got + 1, "StreamTitle='One - Two';");
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_picture_is_shown_at_once_and_as_snapshot)
{
  TestSink f = test_sink_begin ("", "image/jpeg");
  g_autoptr (TestAnswer) snapshot = NULL;
  GIOStream *stream;

  test_sink_expect_status (&f, "GET /stream/snapshot HTTP/1.0\r\n\r\n", 503);
  test_sink_push (&f, "old");
  test_sink_push (&f, "picture");
  stream = test_sink_listen (&f, TEST_SINK_GET);
  test_sink_expect (stream,
      "--gst-socket-plugins-picture\r\n"
      "Content-Type: image/jpeg\r\nContent-Length: 7\r\n\r\npicture"
      "\r\n--gst-socket-plugins-picture\r\n");
  snapshot = test_http_get (f.port, "/stream/snapshot");
  fail_unless_equals_string (snapshot->body->str, "picture");
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_empty_buffer_does_not_end_the_stream)
{
  TestSink f = test_sink_begin ("", TEST_SINK_VIDEO);
  GIOStream *stream;

  test_sink_push (&f, "key");
  stream = test_sink_listen (&f, TEST_SINK_GET);
  push_flagged (&f, "", FALSE);
  push_flagged (&f, "more", TRUE);
  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n4\r\nmore\r\n");
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

/* --- answers --- */

GST_START_TEST (test_head_tells_the_type_and_ends)
{
  TestSink f = test_sink_begin ("", TEST_SINK_VIDEO);
  const gchar *head = "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n";

  test_sink_push (&f, "key");
  test_sink_expect_status (&f, head, 200);
  test_sink_expect_field (&f, head, "Content-Type", "video/webm");
  test_sink_expect_field (&f, head, "Cache-Control", "no-store");
  test_sink_expect_field (&f, head, "Content-Length", NULL);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_methods_and_paths_have_their_status)
{
  static const struct
  {
    const gchar *line;
    guint status;
  } cases[] = {
      {"GET /unknown", 404},
      {"GET /stream/", 404},
      {"GET /stream/snapshot", 404},
      {"GET /%zz", 400},
      {"POST /stream", 405},
      {"DELETE /stream", 405},
      {"BREW /stream", 405},
      {"OPTIONS /stream", 204},
      {"GET /", 200},
      {"GET /status.json", 200},
      {"GET /metrics", 200},
      {"HEAD /status.json", 200},
  };
  TestSink f = test_sink_begin ("metrics-path=/metrics", TEST_SINK_VIDEO);

  test_sink_push (&f, "key");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *request = g_strdup_printf (
        "%s HTTP/1.1\r\nHost: h\r\nOrigin: http://o\r\nConnection: close\r\n\r\n",
        cases[i].line);

    test_sink_expect_status (&f, request, cases[i].status);
    if (cases[i].status != 400)
      test_sink_expect_field (&f, request, "Access-Control-Allow-Origin", "*");
  }
  test_sink_expect_field (&f,
      "PUT /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n", "Allow",
      "GET, HEAD, OPTIONS");
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_cors_allows_the_origins_that_are_named)
{
  TestSink f =
      test_sink_begin ("cors-origin=http://a,http://b", TEST_SINK_VIDEO);
  const gchar *a =
      "HEAD /stream HTTP/1.1\r\nHost: h\r\nOrigin: http://b\r\n\r\n";
  const gchar *c =
      "HEAD /stream HTTP/1.1\r\nHost: h\r\nOrigin: http://c\r\n\r\n";
  const gchar *none = "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n";
  const gchar *name = "Access-Control-Allow-Origin";

  test_sink_push (&f, "key");
  test_sink_expect_field (&f, a, name, "http://b");
  test_sink_expect_field (&f, a, "Vary", "Origin");
  test_sink_expect_field (&f, c, name, NULL);
  test_sink_expect_field (&f, none, name, NULL);
  gst_util_set_object_arg (G_OBJECT (test_sink_get (&f)), "cors", "off");
  test_sink_expect_field (&f, a, name, NULL);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_ranges_of_a_live_stream)
{
  TestSink f = test_sink_begin ("", TEST_SINK_VIDEO);
  const gchar *probe =
      "GET /stream HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\n\r\n";
  g_autoptr (TestAnswer) answer = NULL;
  GIOStream *stream;

  test_sink_push (&f, "key");
  answer = test_http_ask (f.port, probe);
  fail_unless_equals_int (answer->status, 206);
  fail_unless_equals_string (answer->body->str, "he");
  test_sink_expect_field (&f, probe, "Content-Range", "bytes 0-1/*");
  stream =
      test_sink_listen (&f, "GET /stream HTTP/1.0\r\nRange: bytes=0-\r\n\r\n");
  test_sink_expect (stream, "header:key");
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_own_headers_are_in_every_answer)
{
  TestSink f = test_sink_begin (
      "headers=\"h,X-Own=(string)mine\" server-utc=true", TEST_SINK_VIDEO);
  const gchar *unknown = "GET /unknown HTTP/1.1\r\nHost: h\r\n\r\n";
  g_autofree gchar *utc = field_of (&f, unknown, "Server-UTC");

  test_sink_push (&f, "key");
  test_sink_expect_field (&f, unknown, "X-Own", "mine");
  test_sink_expect_field (
      &f, "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n", "X-Own", "mine");
  fail_unless (g_ascii_strtoull (utc, NULL, 10) > 1000000000000);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_status_counts_the_listeners)
{
  TestSink f = test_sink_begin ("metrics-path=/metrics", TEST_SINK_VIDEO);
  g_autoptr (TestAnswer) json = NULL;
  g_autoptr (TestAnswer) metrics = NULL;
  GIOStream *stream;

  test_sink_push (&f, "key");
  stream = test_sink_listen (&f, TEST_SINK_GET);
  fail_unless_eventually (test_sink_has_listeners, &f);
  json = test_http_get (f.port, "/status.json");
  fail_unless (strstr (json->body->str, "\"listeners\":1,") != NULL);
  metrics = test_http_get (f.port, "/metrics");
  fail_unless (
      strstr (metrics->body->str, "gst_http_listeners{path=\"/stream\"} 1\n")
      != NULL);
  test_sink_leave (stream);
  fail_unless_eventually (test_sink_has_no_listeners, &f);
  test_sink_end (&f);
}
GST_END_TEST;

/* --- who is let in --- */

GST_START_TEST (test_nobody_is_let_in_before_the_stream)
{
  TestSink f = test_sink_begin ("", NULL);

  test_sink_expect_status (&f, TEST_SINK_GET, 503);
  test_sink_expect_field (&f, TEST_SINK_GET, "Retry-After", "2");
  test_sink_end (&f);
}
GST_END_TEST;

static void
check_limit (const gchar *properties)
{
  TestSink f = test_sink_begin (properties, TEST_SINK_VIDEO);
  GIOStream *one, *two;

  test_sink_push (&f, "key");
  one = test_sink_listen (&f, TEST_SINK_GET);
  two = test_sink_listen (&f, TEST_SINK_GET);
  test_sink_expect_status (&f, TEST_SINK_GET, 503);
  test_sink_expect_field (&f, TEST_SINK_GET, "Retry-After", "2");
  test_sink_leave (one);
  test_sink_leave (two);
  fail_unless_eventually (test_sink_has_no_listeners, &f);
  test_sink_leave (test_sink_listen (&f, TEST_SINK_GET));
  test_sink_end (&f);
}

GST_START_TEST (test_as_many_as_are_allowed_are_let_in)
{
  check_limit ("max-clients=2");
  check_limit ("max-clients-per-ip=2");
}
GST_END_TEST;

static gpointer
push_in_thread (gpointer data)
{
  test_sink_push (data, "key");
  return NULL;
}

GST_START_TEST (test_stream_waits_for_the_first_listener)
{
  TestSink f = test_sink_begin ("hold=true", TEST_SINK_VIDEO);
  GThread *thread = g_thread_new ("pusher", push_in_thread, &f);
  GIOStream *stream = test_sink_listen (&f, TEST_SINK_GET);

  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  g_thread_join (thread);
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

/* --- ends --- */

static void
expect_body_end (GIOStream *stream, const gchar *text)
{
  g_autoptr (GString) rest = test_http_read_all (stream);

  fail_unless_equals_string (rest->str, text);
  test_sink_leave (stream);
}

GST_START_TEST (test_end_of_stream_ends_the_body_properly)
{
  TestSink f = test_sink_begin ("", TEST_SINK_VIDEO);
  GIOStream *stream;

  test_sink_push (&f, "key");
  stream = test_sink_listen (&f, TEST_SINK_GET);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  expect_body_end (stream, "7\r\nheader:\r\n3\r\nkey\r\n0\r\n\r\n");
  test_sink_expect_status (&f, TEST_SINK_GET, 503);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_quit_waits_until_all_have_everything)
{
  TestSink f = test_sink_begin ("on-eos=quit", TEST_SINK_VIDEO);
  GIOStream *stream;

  test_sink_push (&f, "key");
  stream = test_sink_listen (&f, TEST_SINK_GET);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  fail_unless (test_sink_has_no_listeners (&f));
  expect_body_end (stream, "7\r\nheader:\r\n3\r\nkey\r\n0\r\n\r\n");
  test_sink_end (&f);
}
GST_END_TEST;

static void
restart_stream (TestSink *f)
{
  gst_harness_push_event (f->h, gst_event_new_flush_start ());
  gst_harness_push_event (f->h, gst_event_new_flush_stop (TRUE));
  gst_harness_push_event (f->h, gst_event_new_stream_start ("again"));
  gst_harness_set_src_caps_str (
      f->h, "video/webm, streamheader=(buffer)<6e65773a>");
}

GST_START_TEST (test_listeners_are_kept_for_the_next_stream)
{
  TestSink f = test_sink_begin ("on-eos=hold", TEST_SINK_VIDEO);
  GIOStream *stream;

  test_sink_push (&f, "key");
  stream = test_sink_listen (&f, TEST_SINK_GET);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  restart_stream (&f);
  test_sink_push (&f, "again");
  test_sink_expect (stream, "4\r\nnew:\r\n5\r\nagain\r\n");
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_next_stream_has_new_listeners)
{
  TestSink f = test_sink_begin ("", TEST_SINK_VIDEO);
  GIOStream *stream;

  test_sink_push (&f, "key");
  gst_harness_push_event (f.h, gst_event_new_eos ());
  restart_stream (&f);
  test_sink_expect_status (&f, TEST_SINK_GET, 503);
  test_sink_push (&f, "again");
  stream = test_sink_listen (&f, TEST_SINK_GET);
  test_sink_expect (stream, "4\r\nnew:\r\n5\r\nagain\r\n");
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_held_listeners_are_let_go_in_time)
{
  TestSink f =
      test_sink_begin ("on-eos=hold hold-timeout=50000000", TEST_SINK_VIDEO);
  GIOStream *stream;

  test_sink_push (&f, "key");
  stream = test_sink_listen (&f, TEST_SINK_GET);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  fail_unless_eventually (test_sink_has_no_listeners, &f);
  test_sink_leave (stream);
  test_sink_end (&f);
}
GST_END_TEST;

/* --- TLS --- */

GST_START_TEST (test_stream_over_tls_is_the_same)
{
  g_autofree gchar *folder = g_dir_make_tmp ("http-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "server.pem", NULL);
  g_autofree gchar *properties =
      g_strdup_printf ("tls-port=0 tls-certificate-file=%s", path);
  g_autofree gchar *large = g_strnfill (3 * 1024 * 1024, 'x');
  g_autoptr (TestAnswer) answer = NULL;
  guint tls_port;
  GIOStream *stream;
  TestSink f;

  test_make_certificate (path, "one.test");
  f = test_sink_begin (properties, TEST_SINK_VIDEO);
  g_object_get (test_sink_get (&f), "current-tls-port", &tls_port, NULL);
  stream = test_http_connect_tls (tls_port);
  test_sink_push (&f, "key");
  test_http_send (stream, "GET /stream HTTP/1.0\r\n\r\n");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  test_sink_expect (stream, "header:key");
  /* More than the socket takes at once. */
  test_sink_push (&f, large);
  test_sink_push (&f, "small");
  test_sink_push (&f, large);
  test_sink_expect (stream, large);
  test_sink_expect (stream, "small");
  test_sink_expect (stream, large);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  expect_body_end (stream, "");
  test_sink_end (&f);
  g_unlink (path);
  g_rmdir (folder);
}
GST_END_TEST;

/* --- errors --- */

GST_START_TEST (test_clash_of_paths_is_told)
{
  TestSink f = test_sink_begin ("", TEST_SINK_VIDEO);
  g_autoptr (GstElement) pipeline =
      test_launch ("fakesrc ! httpserversink port=%u path=/stream", f.port);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_WRITE, "/stream");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  test_sink_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_port_in_use_is_told)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);
  g_autoptr (GstElement) pipeline =
      test_launch ("fakesrc ! httpserversink port=%u", port);
  g_autofree gchar *number = g_strdup_printf ("%u", port);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_WRITE, number);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
GST_END_TEST;

static void
add_answers (TCase *tc)
{
  tcase_add_test (tc, test_head_tells_the_type_and_ends);
  tcase_add_test (tc, test_methods_and_paths_have_their_status);
  tcase_add_test (tc, test_cors_allows_the_origins_that_are_named);
  tcase_add_test (tc, test_ranges_of_a_live_stream);
  tcase_add_test (tc, test_own_headers_are_in_every_answer);
  tcase_add_test (tc, test_status_counts_the_listeners);
  tcase_add_test (tc, test_nobody_is_let_in_before_the_stream);
  tcase_add_test (tc, test_as_many_as_are_allowed_are_let_in);
}

static void
add_ends (TCase *tc)
{
  tcase_add_test (tc, test_stream_waits_for_the_first_listener);
  tcase_add_test (tc, test_end_of_stream_ends_the_body_properly);
  tcase_add_test (tc, test_quit_waits_until_all_have_everything);
  tcase_add_test (tc, test_listeners_are_kept_for_the_next_stream);
  tcase_add_test (tc, test_next_stream_has_new_listeners);
  tcase_add_test (tc, test_clash_of_paths_is_told);
  tcase_add_test (tc, test_port_in_use_is_told);
}

static Suite *
httpserversink_suite (void)
{
  Suite *s = suite_create ("httpserversink");
  TCase *tc = tcase_create ("plain");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_listener_gets_headers_keyframe_and_what_follows);
  tcase_add_test (tc, test_http_1_0_gets_no_chunks);
  tcase_add_test (tc, test_sound_begins_with_the_past_and_has_no_chunks);
  tcase_add_test (tc, test_titles_come_to_who_asks_for_them);
  tcase_add_test (tc, test_picture_is_shown_at_once_and_as_snapshot);
  tcase_add_test (tc, test_empty_buffer_does_not_end_the_stream);
  add_answers (tc);
  add_ends (tc);
  /* The first TLS connection of a process, and the first use of a clock's
   * alarm, start helpers that stay. */
  tc = tcase_create ("helpers");
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_held_listeners_are_let_go_in_time);
  tc = tcase_create ("tls");
  tcase_set_tags (tc, "tls");
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_stream_over_tls_is_the_same);
  return s;
}

GST_CHECK_MAIN (httpserversink);
