/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httptext.c: tests of what HTTP requests and answers say
 *
 * Here: ranges, paths, heads of requests, content types, JSON and metrics.
 * Not here: connections.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketcontent.h>
#include <gst/socket/gstsocketrange.h>
#include <gst/socket/gstsocketrequest.h>
#include <gst/socket/gstsockettext.h>

#include <string.h>

/* --- ranges --- */

/* A result as text: "all", "none", or "0-1,5-9". */
static gchar *
ranges_of (const gchar *field, guint64 size)
{
  GstSocketRange ranges[GST_SOCKET_RANGES_MAX];
  GString *text = g_string_new (NULL);
  guint n;

  switch (gst_socket_ranges_parse (field, size, ranges, &n)) {
    case GST_SOCKET_RANGE_ALL:
      g_string_append (text, "all");
      break;
    case GST_SOCKET_RANGE_NONE:
      g_string_append (text, "none");
      break;
    default:
      break;
  }
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
        i > 0 ? "," : "", ranges[i].first, ranges[i].last);
  return g_string_free (text, FALSE);
}

GST_START_TEST (test_ranges_are_those_of_the_rfc)
{
  static const struct
  {
    const gchar *field;
    guint64 size;
    const gchar *result;
  } cases[] = {
      {NULL, 10, "all"},
      {"", 10, "all"},
      {"bytes=", 10, "all"},
      {"bytes=0-1", 10, "0-1"},
      {"Bytes=0-0", 10, "0-0"},
      {"bytes=0-", 10, "0-9"},
      {"bytes=9-", 10, "9-9"},
      {"bytes=10-", 10, "none"},
      {"bytes=5-100", 10, "5-9"},
      {"bytes=-3", 10, "7-9"},
      {"bytes=-0", 10, "none"},
      {"bytes=-99", 10, "0-9"},
      {"bytes=-1", 0, "none"},
      {"bytes=0-", 0, "none"},
      {"bytes=3-2", 10, "all"},
      {"bytes=a-b", 10, "all"},
      {"bytes=1", 10, "all"},
      {"bytes=1-2x", 10, "all"},
      {"bytes=1-2,", 10, "all"},
      {"items=1-2", 10, "all"},
      {"bytes=0-1, 4-5 ,-1", 10, "0-1,4-5,9-9"},
      {"bytes=0-1,20-30", 10, "0-1"},
      {"bytes=18446744073709551616-", 10, "none"},
      {"bytes=0-99999999999999999999999", 10, "0-9"},
      {"bytes=0-1", GST_SOCKET_SIZE_UNKNOWN, "0-1"},
      {"bytes=0-", GST_SOCKET_SIZE_UNKNOWN, "0-18446744073709551615"},
      {"bytes=-5", GST_SOCKET_SIZE_UNKNOWN, "none"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *got = ranges_of (cases[i].field, cases[i].size);

    fail_unless (g_str_equal (got, cases[i].result), "%s: %s instead of %s",
        cases[i].field, got, cases[i].result);
  }
}
GST_END_TEST;

GST_START_TEST (test_ranges_beyond_the_limit_are_ignored)
{
  g_autoptr (GString) field = g_string_new ("bytes=0-0");
  g_autofree gchar *many = NULL;
  g_autofree gchar *too_many = NULL;

  for (guint i = 1; i < GST_SOCKET_RANGES_MAX; i++)
    g_string_append (field, ",0-0");
  many = ranges_of (field->str, 10);
  fail_unless (g_str_has_prefix (many, "0-0,"));
  g_string_append (field, ",0-0");
  too_many = ranges_of (field->str, 10);
  fail_unless_equals_string (too_many, "all");
}
GST_END_TEST;

/* --- paths --- */

GST_START_TEST (test_paths_are_decoded_once_or_refused)
{
  static const gchar *const cases[][2] = {
      {"/", "/"},
      {"//", "/"},
      {"/live.webm", "/live.webm"},
      {"/a//b/./c", "/a/b/c"},
      {"/a/", "/a/"},
      {"/a%20b", "/a b"},
      {"/%c3%a9t%C3%A9", "/\xc3\xa9t\xc3\xa9"},
      {"/%2541", "/%41"},
      {"/..a/b..", "/..a/b.."},
      {"", NULL},
      {"live", NULL},
      {"/..", NULL},
      {"/a/../b", NULL},
      {"/%2e%2e/b", NULL},
      {"/.%2e/b", NULL},
      {"/a%2fb", NULL},
      {"/a\\b", NULL},
      {"/a%5cb", NULL},
      {"/a%00", NULL},
      {"/a%0d", NULL},
      {"/%", NULL},
      {"/%4", NULL},
      {"/%zz", NULL},
      {"/%ff", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *got = gst_socket_path_normalise (cases[i][0]);

    fail_unless (g_strcmp0 (got, cases[i][1]) == 0, "%s: %s", cases[i][0],
        got != NULL ? got : "refused");
  }
}
GST_END_TEST;

/* --- heads --- */

static guint
verdict_of (const gchar *head)
{
  gsize size;
  gboolean has_body;

  return gst_socket_request_check (head, strlen (head), &size, &has_body);
}

GST_START_TEST (test_sound_request_is_measured)
{
  const gchar *text = "GET /a?b HTTP/1.1\r\nHost: h\r\nX-Empty:\r\n\r\nGET";
  gsize size = 0;
  gboolean has_body = TRUE;

  fail_unless_equals_int (
      gst_socket_request_check (text, strlen (text), &size, &has_body),
      GST_SOCKET_REQUEST_OK);
  fail_unless_equals_int (size, strlen (text) - 3);
  fail_if (has_body);
  text = "PUT / HTTP/1.0\r\nContent-Length: 5 \r\n\r\n";
  fail_unless_equals_int (
      gst_socket_request_check (text, strlen (text), &size, &has_body),
      GST_SOCKET_REQUEST_OK);
  fail_unless (has_body);
}
GST_END_TEST;

GST_START_TEST (test_every_beginning_of_a_sound_request_is_unfinished)
{
  const gchar *text = "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
  gsize size;
  gboolean has_body;

  for (gsize n = 0; n < strlen (text); n++)
    fail_unless_equals_int (
        gst_socket_request_check (text, n, &size, &has_body),
        GST_SOCKET_REQUEST_MORE);
}
GST_END_TEST;

GST_START_TEST (test_heads_with_two_meanings_are_refused)
{
  static const gchar *const bad[] = {
      "\r\n\r\n",
      "GET /\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
      " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / http/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\nHost: h\n\n",
      "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\n continued\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nA: \x01\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2"
      "\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_unless (verdict_of (bad[i]) == GST_SOCKET_REQUEST_BAD, "%s", bad[i]);
  fail_unless_equals_int (verdict_of ("GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
      GST_SOCKET_REQUEST_VERSION);
  fail_unless_equals_int (
      verdict_of ("\x16\x03\x01 garbage"), GST_SOCKET_REQUEST_TLS);
}
GST_END_TEST;

GST_START_TEST (test_hosts_are_names_or_addresses)
{
  static const struct
  {
    const gchar *host;
    GstSocketRequestVerdict verdict;
  } cases[] = {
      {"", GST_SOCKET_REQUEST_OK},
      {"a-b.example:65535", GST_SOCKET_REQUEST_OK},
      {"127.0.0.1:", GST_SOCKET_REQUEST_OK},
      {"[::ffff:1.2.3.4]:80", GST_SOCKET_REQUEST_OK},
      {"h:65536", GST_SOCKET_REQUEST_BAD},
      {"h:8 ", GST_SOCKET_REQUEST_OK},
      {"h:8x", GST_SOCKET_REQUEST_BAD},
      {"a b", GST_SOCKET_REQUEST_BAD},
      {"u@h", GST_SOCKET_REQUEST_BAD},
      {"h\"p", GST_SOCKET_REQUEST_BAD},
      {"[]", GST_SOCKET_REQUEST_BAD},
      {"[::1", GST_SOCKET_REQUEST_BAD},
      {"[::1]x:80:80", GST_SOCKET_REQUEST_BAD},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *field =
        g_strdup_printf ("GET / HTTP/1.1\r\nHost: %s\r\n\r\n", cases[i].host);
    g_autofree gchar *target =
        g_strdup_printf ("GET http://%s/ HTTP/1.0\r\n\r\n", cases[i].host);

    fail_unless (
        verdict_of (field) == cases[i].verdict, "\"%s\"", cases[i].host);
    if (cases[i].verdict == GST_SOCKET_REQUEST_BAD)
      fail_unless (verdict_of (target) == GST_SOCKET_REQUEST_BAD, "%s", target);
  }
}
GST_END_TEST;

GST_START_TEST (test_fields_are_found_in_what_is_no_request)
{
  const gchar *text = "x\r\nA: b\r\nOrigin:  http://o \r\nOrigin: c\r\nHalf: e";
  g_autofree gchar *origin =
      gst_socket_request_dup_field (text, strlen (text), "origin");
  g_autofree gchar *half =
      gst_socket_request_dup_field (text, strlen (text), "Half");
  g_autofree gchar *evil =
      gst_socket_request_dup_field ("x\r\nA: \n\r\n", 9, "A");

  fail_unless_equals_string (origin, "http://o");
  fail_unless (half == NULL && evil == NULL);
  fail_unless (gst_socket_request_dup_field (NULL, 0, "A") == NULL);
}
GST_END_TEST;

GST_START_TEST (test_targets_are_split)
{
  static const gchar *const cases[][3] = {
      {"/", "/", NULL},
      {"/a%20b?c=d", "/a b", "c=d"},
      {"/a?b?c", "/a", "b?c"},
      {"/a?", "/a", ""},
      {"http://h", "/", NULL},
      {"HTTP://h?q", "/", "q"},
      {"https://h:1/a/b?q", "/a/b", "q"},
      {"http://h?a=/b", "/", "a=/b"},
      {"/../a", NULL, NULL},
      {"/%zz?q", NULL, "q"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *path = NULL;
    g_autofree gchar *query = NULL;

    gst_socket_request_split_target (cases[i][0], &path, &query);
    fail_unless_equals_string (path, cases[i][1]);
    fail_unless_equals_string (query, cases[i][2]);
  }
}
GST_END_TEST;

/* A request of exactly this many bytes. */
static guint
verdict_of_size (gsize size)
{
  g_autoptr (GString) head = g_string_new ("GET / HTTP/1.1\r\nHost: h\r\nX: ");

  while (head->len < size - 4)
    g_string_append_c (head, 'x');
  g_string_append (head, "\r\n\r\n");
  return verdict_of (head->str);
}

GST_START_TEST (test_large_heads_are_refused_at_the_limit)
{
  g_autoptr (GString) line = g_string_new ("GET /");

  fail_unless_equals_int (
      verdict_of_size (GST_SOCKET_REQUEST_HEAD_MAX), GST_SOCKET_REQUEST_OK);
  fail_unless_equals_int (verdict_of_size (GST_SOCKET_REQUEST_HEAD_MAX + 1),
      GST_SOCKET_REQUEST_TOO_LARGE);
  while (line->len <= GST_SOCKET_REQUEST_LINE_MAX)
    g_string_append_c (line, 'x');
  fail_unless_equals_int (
      verdict_of (line->str), GST_SOCKET_REQUEST_URI_TOO_LONG);
}
GST_END_TEST;

GST_START_TEST (test_many_fields_are_refused_at_the_limit)
{
  g_autoptr (GString) head = g_string_new ("GET / HTTP/1.0\r\n");

  for (guint i = 0; i < GST_SOCKET_REQUEST_FIELDS_MAX; i++)
    g_string_append (head, "A: b\r\n");
  g_string_append (head, "\r\n");
  fail_unless_equals_int (verdict_of (head->str), GST_SOCKET_REQUEST_OK);
  g_string_truncate (head, head->len - 2);
  g_string_append (head, "A: b\r\n\r\n");
  fail_unless_equals_int (verdict_of (head->str), GST_SOCKET_REQUEST_TOO_LARGE);
}
GST_END_TEST;

GST_START_TEST (test_verdicts_have_their_status)
{
  fail_unless_equals_int (
      gst_socket_request_verdict_to_status (GST_SOCKET_REQUEST_BAD), 400);
  fail_unless_equals_int (
      gst_socket_request_verdict_to_status (GST_SOCKET_REQUEST_TLS), 400);
  fail_unless_equals_int (
      verdict_of ("PUT / HTTP/1.1\r\nHost: h\r\n"
                  "Transfer-Encoding: gzip, chunked\r\n\r\n"),
      GST_SOCKET_REQUEST_CODING);
  fail_unless_equals_int (verdict_of ("PUT / HTTP/1.1\r\nHost: h\r\n"
                                      "Transfer-Encoding: \tChunked \r\n\r\n"),
      GST_SOCKET_REQUEST_OK);
  fail_unless_equals_int (
      gst_socket_request_verdict_to_status (GST_SOCKET_REQUEST_CODING), 501);
  fail_unless_equals_int (
      gst_socket_request_verdict_to_status (GST_SOCKET_REQUEST_URI_TOO_LONG),
      414);
  fail_unless_equals_int (
      gst_socket_request_verdict_to_status (GST_SOCKET_REQUEST_TOO_LARGE), 431);
  fail_unless_equals_int (
      gst_socket_request_verdict_to_status (GST_SOCKET_REQUEST_VERSION), 505);
}
GST_END_TEST;

/* --- content types --- */

GST_START_TEST (test_content_type_is_the_one_browsers_know)
{
  static const gchar *const cases[][2] = {
      {"video/webm", "video/webm"},
      {"audio/webm", "audio/webm"},
      {"video/mpegts, systemstream=(boolean)true, packetsize=(int)188",
          "video/mp2t"},
      {"audio/mpeg, mpegversion=(int)1, layer=(int)3", "audio/mpeg"},
      {"audio/mpeg, mpegversion=(int)4, stream-format=(string)adts",
          "audio/aac"},
      {"application/ogg", "application/ogg"},
      {"audio/ogg", "audio/ogg"},
      {"video/quicktime, variant=(string)iso", "video/mp4"},
      {"video/x-matroska", "video/x-matroska"},
      {"image/jpeg, width=(int)8", "image/jpeg"},
      {"multipart/x-mixed-replace, boundary=(string)ab",
          "multipart/x-mixed-replace;boundary=ab"},
      {"audio/x-flac", "audio/flac"},
      {"audio/x-wav", "audio/wav"},
      {"video/x-raw", "application/octet-stream"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (cases[i][0]);
    g_autofree gchar *got = gst_socket_content_type_from_caps (caps);

    fail_unless_equals_string (got, cases[i][1]);
  }
}
GST_END_TEST;

/* --- figures --- */

GST_START_TEST (test_structure_is_written_as_json)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GstStructure) inner =
      gst_structure_new ("x", "n", G_TYPE_INT, -3, NULL);
  g_autoptr (GstStructure) s =
      gst_structure_new ("x", "text", G_TYPE_STRING, "a\"\\\n</script>\xc3\xa9",
          "on", G_TYPE_BOOLEAN, TRUE, "big", G_TYPE_UINT64, G_MAXUINT64 - 1,
          "none", G_TYPE_UINT64, GST_CLOCK_TIME_NONE, "half", G_TYPE_DOUBLE,
          0.5, "inner", GST_TYPE_STRUCTURE, inner, NULL);

  gst_socket_json_append_structure (json, s);
  fail_unless_equals_string (json->str,
      "{\"text\":\"a\\\"\\\\\\u000a\\u003c/script\\u003e\xc3\xa9\","
      "\"on\":true,\"big\":18446744073709551614,\"none\":null,\"half\":0.5,"
      "\"inner\":{\"n\":-3}}");
}
GST_END_TEST;

GST_START_TEST (test_array_is_written_as_json)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_auto (GValue) array = G_VALUE_INIT;
  g_auto (GValue) one = G_VALUE_INIT;

  gst_value_array_init (&array, 2);
  gst_socket_json_append_value (json, &array);
  g_value_init (&one, G_TYPE_STRING);
  gst_value_array_append_value (&array, &one);
  gst_value_array_append_value (&array, &one);
  gst_socket_json_append_value (json, &array);
  fail_unless_equals_string (json->str, "[][null,null]");
}
GST_END_TEST;

GST_START_TEST (test_metrics_have_escaped_labels)
{
  g_autoptr (GString) metrics = g_string_new (NULL);

  gst_socket_metrics_append_head (metrics, "gst_x", "gauge", "An x.");
  gst_socket_metrics_append (metrics, "gst_x", "path", "/a\"b\\\n", 1.5);
  fail_unless_equals_string (metrics->str,
      "# HELP gst_x An x.\n# TYPE gst_x gauge\n"
      "gst_x{path=\"/a\\\"b\\\\\\n\"} 1.5\n");
}
GST_END_TEST;

static Suite *
httptext_suite (void)
{
  Suite *s = suite_create ("httptext");
  TCase *tc = tcase_create ("httptext");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_ranges_are_those_of_the_rfc);
  tcase_add_test (tc, test_ranges_beyond_the_limit_are_ignored);
  tcase_add_test (tc, test_paths_are_decoded_once_or_refused);
  tcase_add_test (tc, test_sound_request_is_measured);
  tcase_add_test (tc, test_every_beginning_of_a_sound_request_is_unfinished);
  tcase_add_test (tc, test_hosts_are_names_or_addresses);
  tcase_add_test (tc, test_fields_are_found_in_what_is_no_request);
  tcase_add_test (tc, test_targets_are_split);
  tcase_add_test (tc, test_heads_with_two_meanings_are_refused);
  tcase_add_test (tc, test_large_heads_are_refused_at_the_limit);
  tcase_add_test (tc, test_many_fields_are_refused_at_the_limit);
  tcase_add_test (tc, test_verdicts_have_their_status);
  tcase_add_test (tc, test_content_type_is_the_one_browsers_know);
  tcase_add_test (tc, test_structure_is_written_as_json);
  tcase_add_test (tc, test_array_is_written_as_json);
  tcase_add_test (tc, test_metrics_have_escaped_labels);
  return s;
}

GST_CHECK_MAIN (httptext);
