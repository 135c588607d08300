/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpfields.c: tests of the fields of httpserversink's answers
 *
 * Here: fields of the application's own, what must not get into a head, fields
 * for other sites' pages in answers to what is no request.
 * Not here: what is answered (httpserversink.c), which heads are refused
 * (libs/httptext.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttpsink.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#define FOREIGN "Host: h\r\nOrigin: http://o\r\n\r\n"

static TestSink
begin (const gchar *properties)
{
  TestSink sink = test_sink_begin (properties, TEST_SINK_VIDEO);

  test_sink_push (&sink, "key");
  return sink;
}

static void
set_own (TestSink *sink, GstStructure *own)
{
  g_object_set (test_sink_get (sink), "headers", own, NULL);
  gst_structure_free (own);
}

/* How often a name begins a line. */
static guint
count_fields (const gchar *head, const gchar *name)
{
  g_autofree gchar *start = g_strdup_printf ("\r\n%s:", name);
  g_autofree gchar *folded = g_ascii_strdown (head, -1);
  g_autofree gchar *wanted = g_ascii_strdown (start, -1);
  guint n = 0;

  for (gchar *p = folded; (p = strstr (p, wanted)) != NULL; p++)
    n++;
  return n;
}

static void
expect_once (
    TestSink *sink, const gchar *request, const gchar *name, const gchar *value)
{
  g_autoptr (GIOStream) stream = test_http_connect (sink->port);
  g_autoptr (TestAnswer) answer = NULL;
  g_autofree gchar *got = NULL;

  test_http_send (stream, request);
  answer = test_http_read (stream);
  got = test_answer_field (answer, name);
  fail_unless (
      count_fields (answer->head, name) == 1, "%s: %s", name, answer->head);
  if (value != NULL)
    fail_unless_equals_string (got, value);
  test_http_close (stream);
}

/* --- the application's own --- */

GST_START_TEST (test_own_fields_take_the_place_of_ours)
{
  TestSink sink = begin ("");
  const gchar *unknown = "GET /unknown HTTP/1.1\r\n" FOREIGN;
  const gchar *stream = "GET /stream HTTP/1.1\r\n" FOREIGN;

  set_own (&sink,
      gst_structure_new ("h", "cache-control", G_TYPE_STRING, "max-age=1",
          "Access-Control-Allow-Origin", G_TYPE_STRING, "http://me", NULL));
  expect_once (&sink, unknown, "Cache-Control", "max-age=1");
  expect_once (&sink, stream, "Cache-Control", "max-age=1");
  expect_once (&sink, stream, "Access-Control-Allow-Origin", "http://me");
  test_sink_end (&sink);
}
GST_END_TEST;

GST_START_TEST (test_own_fields_do_not_move_the_end_of_an_answer)
{
  TestSink sink = begin ("");

  set_own (&sink,
      gst_structure_new ("h", "Content-Length", G_TYPE_STRING, "3",
          "transfer-encoding", G_TYPE_STRING, "chunked", "Connection",
          G_TYPE_STRING, "keep-alive", "Date", G_TYPE_STRING, "now", NULL));
  expect_once (
      &sink, "GET /unknown HTTP/1.1\r\n" FOREIGN, "Content-Length", "23");
  expect_once (
      &sink, "GET /stream HTTP/1.1\r\n" FOREIGN, "Connection", "close");
  expect_once (&sink, "GET /stream HTTP/1.1\r\n" FOREIGN, "Date", NULL);
  expect_once (
      &sink, "GET /stream HTTP/1.1\r\n" FOREIGN, "Transfer-Encoding", NULL);
  test_sink_expect_field (
      &sink, "GET /stream HTTP/1.0\r\n\r\n", "Content-Length", NULL);
  test_sink_end (&sink);
}
GST_END_TEST;

/* --- what would begin another line --- */

static void
expect_no_evil (TestSink *sink, const gchar *request)
{
  GIOStream *stream = test_http_connect (sink->port);
  g_autoptr (TestAnswer) answer = NULL;

  test_http_send (stream, request);
  answer = test_http_read (stream);
  fail_unless (count_fields (answer->head, "X-Evil") == 0, "%s", answer->head);
  test_sink_leave (stream);
}

GST_START_TEST (test_own_fields_cannot_begin_a_line)
{
  TestSink sink = begin ("");

  set_own (&sink,
      gst_structure_new ("h", "X-One", G_TYPE_STRING, "a\r\nX-Evil: 1",
          "X-Two: b\r\nX-Evil", G_TYPE_STRING, "1", "X-Three", G_TYPE_STRING,
          "c\nX-Evil: 1", NULL));
  g_object_set (
      test_sink_get (&sink), "content-type", "video/webm\r\nX-Evil: 1", NULL);
  expect_no_evil (&sink, "GET /unknown HTTP/1.1\r\n" FOREIGN);
  expect_no_evil (&sink, "GET /stream HTTP/1.1\r\n" FOREIGN);
  expect_no_evil (&sink, "HEAD /stream HTTP/1.1\r\n" FOREIGN);
  test_sink_end (&sink);
}
GST_END_TEST;

GST_START_TEST (test_tags_cannot_begin_a_line)
{
  TestSink sink =
      test_sink_begin ("icy-metaint=256", "audio/mpeg, mpegversion=1, layer=3");
  GstTagList *tags = gst_tag_list_new (GST_TAG_ORGANIZATION,
      "Radio\r\nX-Evil: 1", GST_TAG_TITLE, "a';\r\nX-Evil: 1", NULL);

  gst_harness_push_event (sink.h, gst_event_new_tag (tags));
  test_sink_push (&sink, "sound");
  expect_no_evil (&sink, "GET /stream HTTP/1.1\r\nIcy-MetaData: 1\r\n" FOREIGN);
  expect_no_evil (&sink, "GET /status.json HTTP/1.1\r\n" FOREIGN);
  test_sink_end (&sink);
}
GST_END_TEST;

GST_START_TEST (test_caps_cannot_begin_a_line)
{
  TestSink sink = test_sink_begin ("", NULL);
  GstCaps *caps = gst_caps_new_simple ("multipart/x-mixed-replace", "boundary",
      G_TYPE_STRING, "b\r\nX-Evil: 1", NULL);

  gst_harness_set_src_caps (sink.h, caps);
  test_sink_push (&sink, "key");
  expect_no_evil (&sink, "GET /stream HTTP/1.1\r\n" FOREIGN);
  expect_no_evil (&sink, "HEAD /stream HTTP/1.1\r\n" FOREIGN);
  test_sink_end (&sink);
}
GST_END_TEST;

/* --- pages of other sites --- */

/* They may read why they were refused. */
GST_START_TEST (test_refusals_are_for_pages_of_other_sites_too)
{
  g_autofree gchar *large = g_strnfill (20000, 'x');
  g_autofree gchar *field = g_strconcat (
      "GET / HTTP/1.1\r\nHost: h\r\nOrigin: http://o\r\nX: ", large, NULL);
  const struct
  {
    const gchar *request;
    guint status;
  } cases[] = {
      {"GET /%zz HTTP/1.1\r\n" FOREIGN, 400},
      {"GET /% HTTP/1.1\r\n" FOREIGN, 400},
      {"GET nowhere HTTP/1.1\r\n" FOREIGN, 400},
      {"GET http://[/ HTTP/1.1\r\n" FOREIGN, 400},
      {"GET / HTTP/1.1\r\nA\r\n" FOREIGN, 400},
      {"GET / HTTP/1.1\r\nHost: h:99999\r\nOrigin: http://o\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nExpect: more\r\n" FOREIGN, 417},
      {"GET / HTTP/3.0\r\n" FOREIGN, 505},
      {"GET / HTTP/1.1\r\nHost: h\r\nOrigin: http://o\r\n", 408},
      {"OPTIONS * HTTP/1.1\r\n" FOREIGN, 204},
      {"TRACE / HTTP/1.1\r\n" FOREIGN, 405},
      {field, 431},
  };
  TestSink sink = begin ("header-timeout=1000000000");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    test_sink_expect_status (&sink, cases[i].request, cases[i].status);
    test_sink_expect_field (
        &sink, cases[i].request, "Access-Control-Allow-Origin", "*");
    expect_once (&sink, cases[i].request, "Date", NULL);
  }
  test_sink_expect_field (&sink, "GET / HTTP/3.0\r\nHost: h\r\n\r\n",
      "Access-Control-Allow-Origin", NULL);
  test_sink_end (&sink);
}
GST_END_TEST;

static Suite *
httpfields_suite (void)
{
  Suite *s = suite_create ("httpfields");
  TCase *tc = tcase_create ("httpfields");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_own_fields_take_the_place_of_ours);
  tcase_add_test (tc, test_own_fields_do_not_move_the_end_of_an_answer);
  tcase_add_test (tc, test_own_fields_cannot_begin_a_line);
  tcase_add_test (tc, test_tags_cannot_begin_a_line);
  tcase_add_test (tc, test_caps_cannot_begin_a_line);
  tcase_add_test (tc, test_refusals_are_for_pages_of_other_sites_too);
  return s;
}

GST_CHECK_MAIN (httpfields);
