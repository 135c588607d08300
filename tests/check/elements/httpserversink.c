/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpserversink.c: tests of httpserversink
 *
 * Here: what listeners receive, who is let in, how it ends.
 * Not here: the server (libs/httpserver.c), real clients (tests/interop).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttp.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include <glib/gstdio.h>
#include <string.h>

#define VIDEO "video/webm, streamheader=(buffer)<6865616465723a>"
#define GET_STREAM "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"

/* A sink that is fed by hand. */
typedef struct
{
  GstHarness *h;
  guint16 port;
} Fixture;

static void
start (Fixture *f, const gchar *properties, const gchar *caps)
{
  g_autofree gchar *launch =
      g_strdup_printf ("httpserversink port=0 sync=false %s", properties);

  f->h = gst_harness_new_parse (launch);
  if (caps != NULL)
    gst_harness_set_src_caps_str (f->h, caps);
  gst_harness_play (f->h);
}

static GstElement *
sink_of (Fixture *f)
{
  GstElement *sink = gst_harness_find_element (f->h, "httpserversink");

  gst_object_unref (sink);
  return sink;
}

static Fixture
begin (const gchar *properties, const gchar *caps)
{
  Fixture f = {0};
  guint port;

  start (&f, properties, caps);
  g_object_get (sink_of (&f), "current-port", &port, NULL);
  fail_unless (port > 0);
  f.port = port;
  return f;
}

static void
end (Fixture *f)
{
  gst_harness_teardown (f->h);
}

static void
push_flagged (Fixture *f, const gchar *text, gboolean is_delta)
{
  GstBuffer *buffer = text[0] != '\0'
      ? gst_buffer_new_memdup (text, strlen (text))
      : gst_buffer_new ();

  if (is_delta)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  fail_unless_equals_int (gst_harness_push (f->h, buffer), GST_FLOW_OK);
}

static void
push (Fixture *f, const gchar *text)
{
  push_flagged (f, text, FALSE);
}

static GIOStream *
listen_with (Fixture *f, const gchar *request)
{
  GIOStream *stream = test_http_connect (f->port);
  g_autoptr (TestAnswer) answer = NULL;

  test_http_send (stream, request);
  answer = test_http_read (stream);
  fail_unless (answer->status == 200, "%s", answer->head);
  return stream;
}

static void
expect (GIOStream *stream, const gchar *text)
{
  g_autofree gchar *got = test_http_read_bytes (stream, strlen (text));

  fail_unless_equals_string (got, text);
}

static void
leave (GIOStream *stream)
{
  test_http_close (stream);
  g_object_unref (stream);
}

static void
expect_status (Fixture *f, const gchar *request, guint status)
{
  g_autoptr (TestAnswer) answer = test_http_ask (f->port, request);

  fail_unless (answer->status == status, "%s: %s", request, answer->head);
}

static gchar *
field_of (Fixture *f, const gchar *request, const gchar *name)
{
  g_autoptr (TestAnswer) answer = test_http_ask (f->port, request);

  return test_answer_field (answer, name);
}

static void
expect_field (
    Fixture *f, const gchar *request, const gchar *name, const gchar *value)
{
  g_autofree gchar *got = field_of (f, request, name);

  fail_unless (g_strcmp0 (got, value) == 0, "%s: %s: %s", request, name, got);
}

static gboolean
has_listeners (gpointer data)
{
  Fixture *f = data;
  guint n;

  g_object_get (sink_of (f), "num-handles", &n, NULL);
  return n > 0;
}

static gboolean
has_no_listeners (gpointer data)
{
  return !has_listeners (data);
}

/* --- what listeners receive --- */

GST_START_TEST (test_listener_gets_headers_keyframe_and_what_follows)
{
  Fixture f = begin ("", VIDEO);
  GIOStream *stream;

  push (&f, "old");
  push (&f, "key");
  push_flagged (&f, "delta", TRUE);
  stream = listen_with (&f, GET_STREAM);
  expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n5\r\ndelta\r\n");
  push (&f, "next");
  expect (stream, "4\r\nnext\r\n");
  leave (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_http_1_0_gets_no_chunks)
{
  Fixture f = begin ("transfer-mode=chunked", VIDEO);
  GIOStream *stream;

  push (&f, "key");
  stream = listen_with (&f, "GET /stream HTTP/1.0\r\n\r\n");
  expect (stream, "header:key");
  leave (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_sound_begins_with_the_past_and_has_no_chunks)
{
  Fixture f = begin ("", "audio/mpeg, mpegversion=1, layer=3");
  GIOStream *stream;

  push (&f, "one.");
  push (&f, "two.");
  stream = listen_with (&f, GET_STREAM);
  expect (stream, "one.two.");
  leave (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_titles_come_to_who_asks_for_them)
{
  Fixture f = begin ("icy-metaint=256", "audio/mpeg, mpegversion=1, layer=3");
  g_autofree gchar *sound = g_strnfill (256, 'a');
  GstTagList *tags =
      gst_tag_list_new (GST_TAG_ARTIST, "One", GST_TAG_TITLE, "Two", NULL);
  GIOStream *stream;
  g_autofree gchar *got = NULL;

  gst_harness_push_event (f.h, gst_event_new_tag (tags));
  stream = listen_with (
      &f, "GET /stream HTTP/1.1\r\nHost: h\r\nIcy-MetaData: 1\r\n\r\n");
  push (&f, sound);
  expect (stream, sound);
  got = test_http_read_bytes (stream, 1 + 32);
  fail_unless_equals_int (got[0], 2);
  fail_unless_equals_string (got + 1, "StreamTitle='One - Two';");
  leave (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_picture_is_shown_at_once_and_as_snapshot)
{
  Fixture f = begin ("", "image/jpeg");
  g_autoptr (TestAnswer) snapshot = NULL;
  GIOStream *stream;

  expect_status (&f, "GET /stream/snapshot HTTP/1.0\r\n\r\n", 503);
  push (&f, "old");
  push (&f, "picture");
  stream = listen_with (&f, GET_STREAM);
  expect (stream,
      "--gst-socket-plugins-picture\r\n"
      "Content-Type: image/jpeg\r\nContent-Length: 7\r\n\r\npicture"
      "\r\n--gst-socket-plugins-picture\r\n");
  snapshot = test_http_get (f.port, "/stream/snapshot");
  fail_unless_equals_string (snapshot->body->str, "picture");
  leave (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_empty_buffer_does_not_end_the_stream)
{
  Fixture f = begin ("", VIDEO);
  GIOStream *stream;

  push (&f, "key");
  stream = listen_with (&f, GET_STREAM);
  push (&f, "");
  push_flagged (&f, "more", TRUE);
  expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n4\r\nmore\r\n");
  leave (stream);
  end (&f);
}
GST_END_TEST;

/* --- answers --- */

GST_START_TEST (test_head_tells_the_type_and_ends)
{
  Fixture f = begin ("", VIDEO);
  const gchar *head = "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n";

  push (&f, "key");
  expect_status (&f, head, 200);
  expect_field (&f, head, "Content-Type", "video/webm");
  expect_field (&f, head, "Cache-Control", "no-store");
  expect_field (&f, head, "Content-Length", NULL);
  end (&f);
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
  Fixture f = begin ("metrics-path=/metrics", VIDEO);

  push (&f, "key");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *request = g_strdup_printf (
        "%s HTTP/1.1\r\nHost: h\r\nOrigin: http://o\r\nConnection: close\r\n\r\n",
        cases[i].line);

    expect_status (&f, request, cases[i].status);
    if (cases[i].status != 400)
      expect_field (&f, request, "Access-Control-Allow-Origin", "*");
  }
  expect_field (&f,
      "PUT /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n", "Allow",
      "GET, HEAD, OPTIONS");
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_cors_allows_the_origins_that_are_named)
{
  Fixture f = begin ("cors-origin=http://a,http://b", VIDEO);
  const gchar *a =
      "HEAD /stream HTTP/1.1\r\nHost: h\r\nOrigin: http://b\r\n\r\n";
  const gchar *c =
      "HEAD /stream HTTP/1.1\r\nHost: h\r\nOrigin: http://c\r\n\r\n";
  const gchar *none = "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n";
  const gchar *name = "Access-Control-Allow-Origin";

  push (&f, "key");
  expect_field (&f, a, name, "http://b");
  expect_field (&f, a, "Vary", "Origin");
  expect_field (&f, c, name, NULL);
  expect_field (&f, none, name, NULL);
  gst_util_set_object_arg (G_OBJECT (sink_of (&f)), "cors", "off");
  expect_field (&f, a, name, NULL);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_ranges_of_a_live_stream)
{
  Fixture f = begin ("", VIDEO);
  const gchar *probe =
      "GET /stream HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\n\r\n";
  g_autoptr (TestAnswer) answer = NULL;
  GIOStream *stream;

  push (&f, "key");
  answer = test_http_ask (f.port, probe);
  fail_unless_equals_int (answer->status, 206);
  fail_unless_equals_string (answer->body->str, "he");
  expect_field (&f, probe, "Content-Range", "bytes 0-1/*");
  stream = listen_with (&f, "GET /stream HTTP/1.0\r\nRange: bytes=0-\r\n\r\n");
  expect (stream, "header:key");
  leave (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_own_headers_are_in_every_answer)
{
  Fixture f = begin ("headers=\"h,X-Own=(string)mine\" server-utc=true", VIDEO);
  const gchar *unknown = "GET /unknown HTTP/1.1\r\nHost: h\r\n\r\n";
  g_autofree gchar *utc = field_of (&f, unknown, "Server-UTC");

  push (&f, "key");
  expect_field (&f, unknown, "X-Own", "mine");
  expect_field (
      &f, "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n", "X-Own", "mine");
  fail_unless (g_ascii_strtoull (utc, NULL, 10) > 1000000000000);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_status_counts_the_listeners)
{
  Fixture f = begin ("metrics-path=/metrics", VIDEO);
  g_autoptr (TestAnswer) json = NULL;
  g_autoptr (TestAnswer) metrics = NULL;
  GIOStream *stream;

  push (&f, "key");
  stream = listen_with (&f, GET_STREAM);
  fail_unless_eventually (has_listeners, &f);
  json = test_http_get (f.port, "/status.json");
  fail_unless (strstr (json->body->str, "\"listeners\":1,") != NULL);
  metrics = test_http_get (f.port, "/metrics");
  fail_unless (
      strstr (metrics->body->str, "gst_http_listeners{path=\"/stream\"} 1\n")
      != NULL);
  leave (stream);
  fail_unless_eventually (has_no_listeners, &f);
  end (&f);
}
GST_END_TEST;

/* --- who is let in --- */

GST_START_TEST (test_nobody_is_let_in_before_the_stream)
{
  Fixture f = begin ("", NULL);

  expect_status (&f, GET_STREAM, 503);
  expect_field (&f, GET_STREAM, "Retry-After", "2");
  end (&f);
}
GST_END_TEST;

static void
check_limit (const gchar *properties)
{
  Fixture f = begin (properties, VIDEO);
  GIOStream *one, *two;

  push (&f, "key");
  one = listen_with (&f, GET_STREAM);
  two = listen_with (&f, GET_STREAM);
  expect_status (&f, GET_STREAM, 503);
  expect_field (&f, GET_STREAM, "Retry-After", "2");
  leave (one);
  leave (two);
  fail_unless_eventually (has_no_listeners, &f);
  leave (listen_with (&f, GET_STREAM));
  end (&f);
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
  push (data, "key");
  return NULL;
}

GST_START_TEST (test_stream_waits_for_the_first_listener)
{
  Fixture f = begin ("hold=true", VIDEO);
  GThread *thread = g_thread_new ("pusher", push_in_thread, &f);
  GIOStream *stream = listen_with (&f, GET_STREAM);

  expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  g_thread_join (thread);
  leave (stream);
  end (&f);
}
GST_END_TEST;

/* --- ends --- */

static void
expect_body_end (GIOStream *stream, const gchar *text)
{
  g_autoptr (GString) rest = test_http_read_all (stream);

  fail_unless_equals_string (rest->str, text);
  leave (stream);
}

GST_START_TEST (test_end_of_stream_ends_the_body_properly)
{
  Fixture f = begin ("", VIDEO);
  GIOStream *stream;

  push (&f, "key");
  stream = listen_with (&f, GET_STREAM);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  expect_body_end (stream, "7\r\nheader:\r\n3\r\nkey\r\n0\r\n\r\n");
  expect_status (&f, GET_STREAM, 503);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_quit_waits_until_all_have_everything)
{
  Fixture f = begin ("on-eos=quit", VIDEO);
  GIOStream *stream;

  push (&f, "key");
  stream = listen_with (&f, GET_STREAM);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  fail_unless (has_no_listeners (&f));
  expect_body_end (stream, "7\r\nheader:\r\n3\r\nkey\r\n0\r\n\r\n");
  end (&f);
}
GST_END_TEST;

static void
restart_stream (Fixture *f)
{
  gst_harness_push_event (f->h, gst_event_new_flush_start ());
  gst_harness_push_event (f->h, gst_event_new_flush_stop (TRUE));
  gst_harness_push_event (f->h, gst_event_new_stream_start ("again"));
  gst_harness_set_src_caps_str (
      f->h, "video/webm, streamheader=(buffer)<6e65773a>");
}

GST_START_TEST (test_listeners_are_kept_for_the_next_stream)
{
  Fixture f = begin ("on-eos=hold", VIDEO);
  GIOStream *stream;

  push (&f, "key");
  stream = listen_with (&f, GET_STREAM);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  restart_stream (&f);
  push (&f, "again");
  expect (stream, "4\r\nnew:\r\n5\r\nagain\r\n");
  leave (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_next_stream_has_new_listeners)
{
  Fixture f = begin ("", VIDEO);
  GIOStream *stream;

  push (&f, "key");
  gst_harness_push_event (f.h, gst_event_new_eos ());
  restart_stream (&f);
  expect_status (&f, GET_STREAM, 503);
  push (&f, "again");
  stream = listen_with (&f, GET_STREAM);
  expect (stream, "4\r\nnew:\r\n5\r\nagain\r\n");
  leave (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_held_listeners_are_let_go_in_time)
{
  Fixture f = begin ("on-eos=hold hold-timeout=50000000", VIDEO);
  GIOStream *stream;

  push (&f, "key");
  stream = listen_with (&f, GET_STREAM);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  fail_unless_eventually (has_no_listeners, &f);
  leave (stream);
  end (&f);
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
  Fixture f;

  test_make_certificate (path, "one.test");
  f = begin (properties, VIDEO);
  g_object_get (sink_of (&f), "current-tls-port", &tls_port, NULL);
  stream = test_http_connect_tls (tls_port);
  push (&f, "key");
  test_http_send (stream, "GET /stream HTTP/1.0\r\n\r\n");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  expect (stream, "header:key");
  /* More than the socket takes at once. */
  push (&f, large);
  push (&f, "small");
  push (&f, large);
  expect (stream, large);
  expect (stream, "small");
  expect (stream, large);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  expect_body_end (stream, "");
  end (&f);
  g_unlink (path);
  g_rmdir (folder);
}
GST_END_TEST;

/* --- errors --- */

GST_START_TEST (test_clash_of_paths_is_told)
{
  Fixture f = begin ("", VIDEO);
  g_autoptr (GstElement) pipeline =
      test_launch ("fakesrc ! httpserversink port=%u path=/stream", f.port);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_WRITE, "/stream");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  end (&f);
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
