/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httplog.c: tests of the access log of httpserversink
 *
 * Here: what a line says, what it must not say, files that are renamed.
 * Not here: what is answered.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttpsink.h"

#include <gst/check/gstcheck.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIME "\\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}\\]"

static gchar *folder;
static gchar *path;

static void
make_folder (void)
{
  folder = g_dir_make_tmp ("http-XXXXXX", NULL);
  path = g_build_filename (folder, "access.log", NULL);
}

static void
remove_folder (void)
{
  g_autofree gchar *renamed = g_strconcat (path, ".1", NULL);

  g_unlink (path);
  g_unlink (renamed);
  g_rmdir (folder);
  g_clear_pointer (&path, g_free);
  g_clear_pointer (&folder, g_free);
}

static TestSink
begin (const gchar *properties)
{
  g_autofree gchar *all =
      g_strdup_printf ("access-log=%s %s", path, properties);
  TestSink sink = test_sink_begin (all, TEST_SINK_VIDEO);

  test_sink_push (&sink, "key");
  return sink;
}

static gchar *
read_log (void)
{
  gchar *text = NULL;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
expect_line (const gchar *text, const gchar *format)
{
  g_autofree gchar *pattern =
      g_strconcat ("^127\\.0\\.0\\.1 - ", format, "$", NULL);

  fail_unless (
      g_regex_match_simple (pattern, text, G_REGEX_MULTILINE, 0), "%s", text);
}

GST_START_TEST (test_requests_are_written_down)
{
  TestSink sink = begin ("");
  g_autofree gchar *text = NULL;
  GIOStream *stream;

  test_sink_expect_status (&sink,
      "GET /un%20known?token=secret HTTP/1.1\r\nHost: h\r\n"
      "Referer: http://r/\r\nUser-Agent: me/1\r\n\r\n",
      404);
  test_sink_expect_status (&sink, "HEAD /status.json HTTP/1.0\r\n\r\n", 200);
  test_sink_expect_status (&sink, "GET /%0a HTTP/1.0\r\n\r\n", 400);
  stream = test_sink_listen (&sink, TEST_SINK_GET);
  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  test_sink_leave (stream);
  fail_unless_eventually (test_sink_has_no_listeners, &sink);
  test_sink_end (&sink);
  text = read_log ();
  expect_line (text,
      "- " TIME
      " \"GET /un%20known HTTP/1\\.1\" 404 23 \"http://r/\" \"me/1\"");
  expect_line (
      text, "- " TIME " \"HEAD /status\\.json HTTP/1\\.0\" 200 0 \"-\" \"-\"");
  expect_line (text, "- " TIME " \"GET - HTTP/1\\.0\" 400 17 \"-\" \"-\"");
  expect_line (
      text, "- " TIME " \"GET /stream HTTP/1\\.1\" 200 20 \"-\" \"-\"");
  fail_if (strstr (text, "secret") != NULL);
}
GST_END_TEST;

GST_START_TEST (test_what_was_no_request_is_written_down)
{
  TestSink sink = begin ("header-timeout=1000000000");
  g_autofree gchar *large = g_strnfill (20000, 'x');
  g_autofree gchar *field =
      g_strconcat ("GET / HTTP/1.1\r\nHost: h\r\nX: ", large, NULL);
  g_autofree gchar *line = g_strconcat ("GET /", large, NULL);
  g_autofree gchar *text = NULL;

  test_sink_expect_status (&sink, "nonsense\r\n\r\n", 400);
  test_sink_expect_status (&sink, "GET /", 408);
  test_sink_expect_status (&sink, line, 414);
  test_sink_expect_status (&sink, field, 431);
  test_sink_expect_status (&sink, "GET / HTTP/2.0\r\n\r\n", 505);
  test_sink_end (&sink);
  text = read_log ();
  expect_line (text, "- " TIME " \"-\" 400 16 \"-\" \"-\"");
  expect_line (text, "- " TIME " \"-\" 408 20 \"-\" \"-\"");
  expect_line (text, "- " TIME " \"-\" 414 \\d+ \"-\" \"-\"");
  expect_line (text, "- " TIME " \"-\" 431 \\d+ \"-\" \"-\"");
  expect_line (text, "- " TIME " \"-\" 505 \\d+ \"-\" \"-\"");
}
GST_END_TEST;

GST_START_TEST (test_fields_cannot_forge_a_line)
{
  TestSink sink = begin ("");
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;

  test_sink_expect_status (&sink,
      "GET /a%22%20b HTTP/1.1\r\nHost: h\r\n"
      "User-Agent: x\" 200 0 \"\\\xc3\xa4\t\r\n\r\n",
      404);
  test_sink_end (&sink);
  text = read_log ();
  lines = g_strsplit (text, "\n", -1);
  fail_unless_equals_int (g_strv_length (lines), 2);
  fail_unless (
      strstr (text, "\"GET /a%22%20b HTTP/1.1\" 404") != NULL, "%s", text);
  fail_unless (
      g_str_has_suffix (lines[0], "\"x\\\" 200 0 \\\"\\\\\\xc3\\xa4\""), "%s",
      text);
}
GST_END_TEST;

GST_START_TEST (test_log_names_the_user_and_no_password)
{
  g_autofree gchar *users = g_build_filename (folder, "users", NULL);
  g_autofree gchar *properties =
      g_strdup_printf ("auth=basic auth-file=%s", users);
  g_autofree gchar *text = NULL;
  TestSink sink;

  fail_unless (g_file_set_contents (users, "a b:{PLAIN}secret\n", -1, NULL));
  sink = begin (properties);
  /* "a b:secret", "a b:other" */
  test_sink_expect_status (&sink,
      "HEAD /stream HTTP/1.0\r\nAuthorization: Basic YSBiOnNlY3JldA==\r\n\r\n",
      200);
  test_sink_expect_status (&sink,
      "HEAD /stream HTTP/1.0\r\nAuthorization: Basic YSBiOm90aGVy\r\n\r\n",
      401);
  test_sink_end (&sink);
  text = read_log ();
  expect_line (
      text, "a_b " TIME " \"HEAD /stream HTTP/1\\.0\" 200 0 \"-\" \"-\"");
  expect_line (
      text, "- " TIME " \"HEAD /stream HTTP/1\\.0\" 401 0 \"-\" \"-\"");
  fail_if (strstr (text, "YSBi") != NULL || strstr (text, "secret") != NULL);
  g_unlink (users);
}
GST_END_TEST;

static gboolean
has_line (gpointer data)
{
  g_autofree gchar *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL)
      && strstr (text, data) != NULL;
}

GST_START_TEST (test_renamed_log_is_begun_anew)
{
  g_autofree gchar *renamed = g_strconcat (path, ".1", NULL);
  g_autofree gchar *old = NULL;
  TestSink sink = begin ("");

  test_sink_expect_status (&sink, "GET /one HTTP/1.0\r\n\r\n", 404);
  fail_unless_eventually (has_line, (gpointer) "/one");
  fail_unless_equals_int (g_rename (path, renamed), 0);
  test_sink_expect_status (&sink, "GET /two HTTP/1.0\r\n\r\n", 404);
  fail_unless_eventually (has_line, (gpointer) "/two");
  test_sink_end (&sink);
  fail_if (has_line ((gpointer) "/one"));
  fail_unless (g_file_get_contents (renamed, &old, NULL, NULL));
  fail_unless (strstr (old, "/one") != NULL && strstr (old, "/two") == NULL);
}
GST_END_TEST;

/* A pipe that nobody empties. */
GST_START_TEST (test_reader_that_stops_holds_up_nobody)
{
  TestSink sink;
  gint fd;

  fail_unless_equals_int (mkfifo (path, 0600), 0);
  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  fail_unless (fd >= 0);
  fcntl (fd, F_SETPIPE_SZ, 4096);
  sink = begin ("");
  for (guint i = 0; i < 100; i++)
    test_sink_expect_status (&sink, "GET /one HTTP/1.0\r\n\r\n", 404);
  test_sink_end (&sink);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_log_that_cannot_be_written_is_an_error)
{
  g_autoptr (GstElement) pipeline =
      test_launch ("fakesrc ! httpserversink port=0 access-log=%s", folder);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_WRITE, folder);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
GST_END_TEST;

static Suite *
httplog_suite (void)
{
  Suite *s = suite_create ("httplog");
  TCase *tc = tcase_create ("httplog");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_checked_fixture (tc, make_folder, remove_folder);
  tcase_add_test (tc, test_requests_are_written_down);
  tcase_add_test (tc, test_what_was_no_request_is_written_down);
  tcase_add_test (tc, test_fields_cannot_forge_a_line);
  tcase_add_test (tc, test_log_names_the_user_and_no_password);
  tcase_add_test (tc, test_renamed_log_is_begun_anew);
  tcase_add_test (tc, test_reader_that_stops_holds_up_nobody);
  tcase_add_test (tc, test_log_that_cannot_be_written_is_an_error);
  return s;
}

GST_CHECK_MAIN (httplog);
