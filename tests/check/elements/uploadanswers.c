/* SPDX-License-Identifier: LGPL-2.1-or-later
 * uploadanswers.c: tests of what uploads are answered with, and written down as
 *
 * Here: the access log and the fields for pages of other sites, of
 * httpserversrc and of the folder of httpserversink.
 * Not here: the same for streams and files (httplog.c, httpfields.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfolder.h"
#include "testhttpsink.h"
#include "testuploads.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#define TIME "\\[[^]]+\\]"
#define PUT(path, fields) "PUT " path " HTTP/1.1\r\nHost: h\r\n" fields "\r\n"
#define ORIGIN "Origin: http://site.test\r\n"
#define OWN_ORIGIN "Origin: http://H\r\n"
#define POST(fields) "POST /a HTTP/1.1\r\nHost: h\r\n" fields "\r\n"

static gchar *folder;
static gchar *path;

static void
make_folder (void)
{
  folder = test_folder_new ();
  path = g_build_filename (folder, "access.log", NULL);
}

static void
remove_folder (void)
{
  test_folder_remove (folder);
  g_clear_pointer (&path, g_free);
  g_clear_pointer (&folder, g_free);
}

/* --- the log --- */

static void
expect_line (const gchar *line)
{
  g_autofree gchar *text = NULL;
  g_autofree gchar *pattern =
      g_strconcat ("^127\\.0\\.0\\.1 - ", line, "$", NULL);

  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  fail_unless (
      g_regex_match_simple (pattern, text, G_REGEX_MULTILINE, 0), "%s", text);
}

GST_START_TEST (test_uploads_are_written_down)
{
  g_autofree gchar *properties = g_strdup_printf (
      "auth=bearer auth-token=secret max-size=5 access-log=%s", path);
  TestUploads uploads = {0};
  g_autofree gchar *text = NULL;

#define TOKEN "Authorization: Bearer secret\r\n"
  test_uploads_start (&uploads, properties);
  test_uploads_expect (&uploads,
      PUT ("/a%20b?key=secret",
          TOKEN "User-Agent: me/1\r\n"
                "Content-Length: 5\r\n") "12345",
      200);
  test_uploads_expect (&uploads, PUT ("/b", "Content-Length: 1\r\n"), 401);
  test_uploads_expect (
      &uploads, PUT ("/c", TOKEN "Content-Length: 6\r\n"), 413);
  test_uploads_expect (&uploads,
      PUT ("/d", TOKEN "Transfer-Encoding: chunked\r\n") "3\r\nabcx", 400);
  test_uploads_expect (&uploads, "GET /e HTTP/1.0\r\n" TOKEN "\r\n", 405);
  test_uploads_expect (&uploads, "no request\r\n\r\n", 400);
  test_uploads_stop (&uploads);
  expect_line ("- " TIME " \"PUT /a%20b HTTP/1\\.1\" 200 10 \"-\" \"me/1\"");
  expect_line ("- " TIME " \"PUT /b HTTP/1\\.1\" 401 29 \"-\" \"-\"");
  expect_line ("- " TIME " \"PUT /c HTTP/1\\.1\" 413 \\d+ \"-\" \"-\"");
  expect_line ("- " TIME " \"PUT /d HTTP/1\\.1\" 400 \\d+ \"-\" \"-\"");
  expect_line ("- " TIME " \"GET /e HTTP/1\\.0\" 405 29 \"-\" \"-\"");
  expect_line ("- " TIME " \"-\" 400 \\d+ \"-\" \"-\"");
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  fail_if (strstr (text, "secret") != NULL);
}
GST_END_TEST;

static gboolean
has_line (gpointer data)
{
  g_autofree gchar *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL)
      && strstr (text, data) != NULL;
}

GST_START_TEST (test_upload_that_is_cut_off_is_written_down)
{
  g_autofree gchar *properties = g_strdup_printf ("access-log=%s", path);
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;

  test_uploads_start (&uploads, properties);
  stream = test_http_connect (uploads.port);
  test_http_send (stream, PUT ("/a", "Content-Length: 4\r\n") "ab");
  test_uploads_wait_bytes (&uploads, "src_0", "ab");
  test_http_close (stream);
  fail_unless_eventually (has_line, (gpointer) "\"PUT /a HTTP/1.1\" 400 ");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_files_that_are_sent_are_written_down)
{
  g_autofree gchar *properties =
      g_strdup_printf ("upload-root=%s access-log=%s", folder, path);
  TestSink sink = test_sink_begin (properties, TEST_SINK_VIDEO);

  test_sink_expect_status (
      &sink, PUT ("/a", "Content-Length: 3\r\n") "one", 201);
  test_sink_expect_status (
      &sink, PUT ("/a", "Content-Length: 3\r\n") "two", 204);
  test_sink_expect_status (&sink, "DELETE /a HTTP/1.1\r\nHost: h\r\n\r\n", 204);
  test_sink_end (&sink);
  expect_line ("- " TIME " \"PUT /a HTTP/1\\.1\" 201 8 \"-\" \"-\"");
  expect_line ("- " TIME " \"PUT /a HTTP/1\\.1\" 204 0 \"-\" \"-\"");
  expect_line ("- " TIME " \"DELETE /a HTTP/1\\.1\" 204 0 \"-\" \"-\"");
}
GST_END_TEST;

GST_START_TEST (test_log_of_uploads_that_cannot_be_written_is_an_error)
{
  GstElement *src = gst_element_factory_make ("httpserversrc", NULL);

  g_object_set (src, "port", 0, "access-log", "/nowhere/at/all", NULL);
  fail_unless_equals_int (
      gst_element_set_state (src, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (src, GST_STATE_NULL);
  gst_object_unref (src);
}
GST_END_TEST;

/* --- pages of other sites --- */

static void
expect_allowed (guint16 port, const gchar *request, guint status,
    const gchar *origin, const gchar *methods)
{
  g_autoptr (TestAnswer) answer = test_http_ask (port, request);
  g_autofree gchar *got =
      test_answer_field (answer, "Access-Control-Allow-Origin");
  g_autofree gchar *got_methods =
      test_answer_field (answer, "Access-Control-Allow-Methods");

  fail_unless (answer->status == status, "%s: %s", request, answer->head);
  fail_unless (g_strcmp0 (got, origin) == 0, "%s: %s", request, answer->head);
  fail_unless (
      g_strcmp0 (got_methods, methods) == 0, "%s: %s", request, answer->head);
}

/* With a content type that any form may have, a browser sends POST at once. */
GST_START_TEST (test_pages_of_other_sites_do_not_upload_unless_allowed)
{
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "");
  expect_allowed (uploads.port,
      "OPTIONS /a HTTP/1.1\r\nHost: h\r\n" ORIGIN "\r\n", 204, NULL, NULL);
  expect_allowed (uploads.port, PUT ("/a", ORIGIN "Content-Length: 1\r\n") "a",
      403, NULL, NULL);
  expect_allowed (uploads.port,
      POST (ORIGIN "Content-Type: text/plain\r\nContent-Length: 1\r\n") "a",
      403, NULL, NULL);
  expect_allowed (uploads.port,
      POST ("Origin: null\r\nContent-Length: 1\r\n") "a", 403, NULL, NULL);
  expect_allowed (uploads.port, POST (OWN_ORIGIN "Content-Length: 1\r\n") "a",
      200, NULL, NULL);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_every_answer_is_for_pages_of_sites_that_may_upload)
{
  TestUploads uploads = {0};
  guint16 port;

  test_uploads_start (&uploads, "cors=auto auth=bearer auth-token=secret");
  port = uploads.port;
  expect_allowed (port, "OPTIONS /a HTTP/1.1\r\nHost: h\r\n" ORIGIN "\r\n", 204,
      "*", "PUT, POST, SOURCE, OPTIONS");
  expect_allowed (port, PUT ("/a", ORIGIN TOKEN "Content-Length: 1\r\n") "a",
      200, "*", NULL);
  expect_allowed (port,
      PUT ("/a",
          ORIGIN TOKEN "Content-Length: 5\r\n"
                       "Content-Range: x\r\n"),
      400, "*", NULL);
  expect_allowed (port,
      PUT ("/a", ORIGIN TOKEN "Transfer-Encoding: chunked\r\n") "3\r\nabcx",
      400, "*", NULL);
  expect_allowed (
      port, PUT ("/a", ORIGIN "Content-Length: 1\r\n"), 401, "*", NULL);
  expect_allowed (
      port, "GET /a HTTP/1.1\r\n" ORIGIN TOKEN "\r\n", 400, "*", NULL);
  expect_allowed (port, "GET /a HTTP/1.1\r\nHost: h\r\n" ORIGIN TOKEN "\r\n",
      405, "*", NULL);
  expect_allowed (
      port, PUT ("/a", TOKEN "Content-Length: 1\r\n") "a", 200, NULL, NULL);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_sites_that_may_upload_can_be_named)
{
  TestUploads uploads = {0};
  g_autoptr (TestAnswer) answer = NULL;
  g_autofree gchar *vary = NULL;

  test_uploads_start (
      &uploads, "cors=on cors-origin=\"http://x.test, http://site.test\"");
  expect_allowed (uploads.port, PUT ("/a", ORIGIN "Content-Length: 1\r\n") "a",
      200, "http://site.test", NULL);
  answer = test_http_ask (uploads.port,
      PUT ("/a", "Origin: http://other.test\r\nContent-Length: 1\r\n") "a");
  vary = test_answer_field (answer, "Vary");
  fail_unless_equals_string (vary, "Origin");
  expect_allowed (uploads.port,
      PUT ("/a", "Origin: http://other.test\r\nContent-Length: 1\r\n") "a", 403,
      NULL, NULL);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* A page may read what the folder answers, but not send to it: only its own
 * site's pages may. */
GST_START_TEST (test_answers_of_the_folder_have_the_fields_of_all)
{
  g_autofree gchar *properties = g_strdup_printf (
      "upload-root=%s headers=\"headers,X-Own=(string)here\"", folder);
  TestSink sink = test_sink_begin (properties, TEST_SINK_VIDEO);

  expect_allowed (sink.port, PUT ("/a", OWN_ORIGIN "Content-Length: 1\r\n") "a",
      201, "*", NULL);
  expect_allowed (
      sink.port, POST (ORIGIN "Content-Length: 1\r\n") "a", 403, "*", NULL);
  expect_allowed (sink.port, "DELETE /a HTTP/1.1\r\nHost: h\r\n" ORIGIN "\r\n",
      403, "*", NULL);
  expect_allowed (sink.port,
      "DELETE /b HTTP/1.1\r\nHost: h\r\n" OWN_ORIGIN "\r\n", 404, "*", NULL);
  test_sink_expect_field (
      &sink, PUT ("/a", "Content-Length: 1\r\n") "a", "X-Own", "here");
  test_sink_expect_field (
      &sink, "DELETE /a HTTP/1.1\r\nHost: h\r\n\r\n", "X-Own", "here");
  expect_allowed (sink.port, "OPTIONS /a HTTP/1.1\r\nHost: h\r\n" ORIGIN "\r\n",
      204, "*", "GET, HEAD, OPTIONS");
  test_sink_end (&sink);
}
GST_END_TEST;

GST_START_TEST (test_sites_that_may_send_to_the_folder_are_named)
{
  g_autofree gchar *properties =
      g_strdup_printf ("upload-root=%s cors-origin=http://site.test", folder);
  TestSink sink = test_sink_begin (properties, TEST_SINK_VIDEO);

  expect_allowed (sink.port, POST (ORIGIN "Content-Length: 1\r\n") "a", 201,
      "http://site.test", NULL);
  expect_allowed (sink.port,
      POST ("Origin: http://other.test\r\nContent-Length: 1\r\n") "a", 403,
      NULL, NULL);
  test_sink_end (&sink);
}
GST_END_TEST;

static Suite *
uploadanswers_suite (void)
{
  Suite *s = suite_create ("uploadanswers");
  TCase *tc = tcase_create ("uploadanswers");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, make_folder, remove_folder);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_uploads_are_written_down);
  tcase_add_test (tc, test_upload_that_is_cut_off_is_written_down);
  tcase_add_test (tc, test_files_that_are_sent_are_written_down);
  tcase_add_test (tc, test_log_of_uploads_that_cannot_be_written_is_an_error);
  tcase_add_test (tc, test_pages_of_other_sites_do_not_upload_unless_allowed);
  tcase_add_test (tc, test_every_answer_is_for_pages_of_sites_that_may_upload);
  tcase_add_test (tc, test_sites_that_may_upload_can_be_named);
  tcase_add_test (tc, test_answers_of_the_folder_have_the_fields_of_all);
  tcase_add_test (tc, test_sites_that_may_send_to_the_folder_are_named);
  return s;
}

GST_CHECK_MAIN (uploadanswers);
