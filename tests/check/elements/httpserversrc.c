/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpserversrc.c: tests of httpserversrc
 *
 * Here: what uploads become, what their senders are told.
 * Not here: what goes wrong (uploadfaults.c), real senders (tests/interop).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testuploads.h"

#include <gst/check/gstcheck.h>

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>

#define PUT(path, fields) "PUT " path " HTTP/1.1\r\nHost: h\r\n" fields "\r\n"

static void
send_all (TestUploads *uploads, const gchar *text, guint status)
{
  test_uploads_expect (uploads, text, status);
}

static void
expect_stream (TestUploads *uploads, const gchar *pad, const gchar *caps,
    const gchar *bytes)
{
  TestStream *stream;

  test_uploads_wait_eos (uploads, pad);
  test_uploads_wait_removed (uploads, pad);
  stream = test_uploads_get (uploads, pad);
  fail_unless_equals_string (stream->caps, caps);
  fail_unless_equals_string (stream->bytes->str, bytes);
  fail_unless_equals_int (stream->n_starts, 1);
  fail_unless_equals_int (stream->n_segments, 1);
}

/* --- bodies --- */

GST_START_TEST (test_each_upload_becomes_a_pad)
{
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "");
  send_all (&uploads,
      PUT ("/a", "Content-Type: video/webm\r\nContent-Length: 5\r\n") "first",
      200);
  send_all (&uploads,
      "POST /b/c HTTP/1.1\r\nHost: h\r\nContent-Type: video/MP2T;x=y\r\n"
      "Transfer-Encoding: chunked\r\n\r\n6\r\nsecond\r\n1\r\n!\r\n0\r\n\r\n",
      200);
  send_all (&uploads, PUT ("/empty", "Content-Length: 0\r\n"), 200);
  send_all (&uploads, PUT ("/none", ""), 200);
  expect_stream (&uploads, "src_0", "video/webm", "first");
  expect_stream (
      &uploads, "src_1", "video/mpegts, systemstream=(boolean)true", "second!");
  expect_stream (&uploads, "src_2", "none", "");
  expect_stream (&uploads, "src_3", "none", "");
  test_uploads_wait_finished (&uploads, "POST /b/c 200\n");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* Sends a body whose end is that of the connection. */
static void
send_to_the_end (
    TestUploads *uploads, const gchar *head, const gchar *body, GString **ret)
{
  g_autoptr (GIOStream) stream = test_http_connect (uploads->port);

  test_http_send (stream, head);
  test_http_send (stream, body);
  g_socket_shutdown (
      g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)), FALSE,
      TRUE, NULL);
  *ret = test_http_read_all (stream);
  test_http_close (stream);
}

GST_START_TEST (test_body_may_last_to_the_end_of_the_connection)
{
  TestUploads uploads = {0};
  g_autoptr (GString) old = NULL, source = NULL, waits = NULL;

  test_uploads_start (&uploads, "");
  send_to_the_end (&uploads, "PUT /a HTTP/1.0\r\n\r\n", "old", &old);
  fail_unless (g_str_has_prefix (old->str, "HTTP/1.1 200 OK\r\n"));
  send_to_the_end (&uploads,
      "SOURCE /b HTTP/1.1\r\nHost: h\r\nContent-Type: audio/mpeg\r\n\r\n",
      "source", &source);
  fail_unless (g_str_has_prefix (source->str, "HTTP/1.1 200 OK\r\n"));
  send_to_the_end (
      &uploads, PUT ("/c", "Expect: 100-continue\r\n"), "waits", &waits);
  fail_unless (g_str_has_prefix (
      waits->str, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  expect_stream (&uploads, "src_0", "none", "old");
  expect_stream (&uploads, "src_1", "audio/mpeg, mpegversion=(int)1", "source");
  expect_stream (&uploads, "src_2", "none", "waits");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_source_that_waits_is_answered_first)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;
  g_autoptr (GString) rest = NULL;

  test_uploads_start (&uploads, "");
  stream = test_http_connect (uploads.port);
  test_http_send (stream, "SOURCE /a HTTP/1.0\r\n\r\n");
  answer = test_http_read (stream);
  fail_unless_equals_string (answer->head, "HTTP/1.0 200 OK\r\n\r\n");
  test_http_send (stream, "source");
  g_socket_shutdown (
      g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)), FALSE,
      TRUE, NULL);
  rest = test_http_read_all (stream);
  fail_unless_equals_string (rest->str, "");
  expect_stream (&uploads, "src_0", "none", "source");
  test_http_close (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_connection_is_kept_for_the_next_upload)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;

  test_uploads_start (&uploads, "");
  stream = test_http_connect (uploads.port);
  /* The second is sent before the first is answered. */
  test_http_send (stream,
      PUT ("/a", "Content-Length: 1\r\n") "a" PUT (
          "/b", "Transfer-Encoding: chunked\r\n") "1\r\nb\r\n0\r\n\r\n");
  for (guint i = 0; i < 3; i++) {
    g_autoptr (TestAnswer) answer = test_http_read (stream);
    g_autofree gchar *end = test_answer_field (answer, "Connection");

    fail_unless_equals_int (answer->status, 200);
    fail_unless (end == NULL);
    if (i == 1)
      test_http_send (stream, PUT ("/c", "Content-Length: 1\r\n") "c");
  }
  expect_stream (&uploads, "src_0", "none", "a");
  expect_stream (&uploads, "src_1", "none", "b");
  expect_stream (&uploads, "src_2", "none", "c");
  test_http_close (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_https_upload_arrives)
{
  g_autofree gchar *folder = g_dir_make_tmp ("uploads-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "server.pem", NULL);
  g_autofree gchar *properties =
      g_strdup_printf ("tls-port=0 tls-certificate-file=%s", path);
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;
  guint port;

  test_make_certificate (path, "here.test");
  test_uploads_start (&uploads, properties);
  g_object_get (uploads.src, "current-tls-port", &port, NULL);
  stream = test_http_connect_tls (port);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (TestAnswer) answer = NULL;

    test_http_send (stream, PUT ("/a", "Content-Length: 6\r\n") "sec");
    test_http_send (stream, "ret");
    answer = test_http_read (stream);
    fail_unless_equals_int (answer->status, 200);
  }
  expect_stream (&uploads, "src_0", "none", "secret");
  expect_stream (&uploads, "src_1", "none", "secret");
  test_http_close (stream);
  test_uploads_stop (&uploads);
  g_unlink (path);
  g_rmdir (folder);
}
GST_END_TEST;

/* --- what senders are told, and when --- */

static gboolean
can_read (GIOStream *stream, guint ms)
{
  return g_socket_condition_timed_wait (
      g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)), G_IO_IN,
      ms * 1000, NULL, NULL);
}

GST_START_TEST (test_answer_comes_after_the_end_of_the_body)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;

  test_uploads_start (&uploads, "");
  stream = test_http_connect (uploads.port);
  test_http_send (stream, PUT ("/a", "Content-Length: 4\r\n") "ab");
  test_uploads_wait_bytes (&uploads, "src_0", "ab");
  fail_if (can_read (stream, 50));
  test_uploads_hold (&uploads, TRUE);
  test_http_send (stream, "cd");
  fail_if (can_read (stream, 50));
  test_uploads_hold (&uploads, FALSE);
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  expect_stream (&uploads, "src_0", "none", "abcd");
  test_http_close (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_who_asks_is_told_to_go_on)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) go_on = NULL, last = NULL;

  test_uploads_start (&uploads, "");
  stream = test_http_connect (uploads.port);
  test_http_send (
      stream, PUT ("/a", "Expect: 100-continue\r\nContent-Length: 4\r\n"));
  go_on = test_http_read (stream);
  fail_unless_equals_int (go_on->status, 100);
  test_http_send (stream, "body");
  last = test_http_read (stream);
  fail_unless_equals_int (last->status, 200);
  expect_stream (&uploads, "src_0", "none", "body");
  test_http_close (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_what_is_not_taken_is_refused_before_it_is_sent)
{
  TestUploads uploads = {0};
  TestUploads *u = &uploads;

#define ASK "Expect: 100-continue\r\n"
  test_uploads_start (u, "path=/in/ max-size=10");
  send_all (u, PUT ("/other", ASK "Content-Length: 1\r\n"), 404);
  send_all (u, PUT ("/in/%2e%2e/x", ASK "Content-Length: 1\r\n"), 400);
  send_all (u, PUT ("/in/x", ASK "Content-Length: 11\r\n"), 413);
  send_all (u, PUT ("/in/x", ASK "Content-Range: bytes 2-1/2\r\n"), 400);
  send_all (u, PUT ("/in/x", ASK "Content-Range: bytes 1-1/2\r\n"), 416);
  send_all (u,
      PUT ("/in/x",
          ASK "Content-Type: multipart/form-data; boundary=b\r\n"
              "Content-Length: 1\r\n"),
      415);
  send_all (u, PUT ("/in/x", "Transfer-Encoding: gzip\r\n"), 501);
  send_all (u, "GET /in/x HTTP/1.1\r\nHost: h\r\n\r\n", 405);
  send_all (u, "DELETE /in/x HTTP/1.1\r\nHost: h\r\n\r\n", 405);
  send_all (u, "OPTIONS /in/x HTTP/1.1\r\nHost: h\r\n\r\n", 204);
  send_all (u, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 204);
  fail_unless (test_uploads_get (u, "src_0") == NULL);
  send_all (u, PUT ("/in/x", "Content-Length: 10\r\n") "0123456789", 200);
  expect_stream (u, "src_0", "none", "0123456789");
  test_uploads_stop (u);
}
GST_END_TEST;

GST_START_TEST (test_credentials_come_before_the_body)
{
  TestUploads uploads = {0};

#define TOKEN "Authorization: Bearer secret\r\n"
  test_uploads_start (&uploads, "auth=bearer auth-token=secret");
  send_all (&uploads, PUT ("/a", ASK "Content-Length: 4\r\n"), 401);
  send_all (&uploads,
      PUT ("/a", "Authorization: Bearer other\r\nContent-Length: 4\r\n") "no!!",
      401);
  send_all (&uploads,
      "GET /admin/metadata?mode=updinfo&song=a HTTP/1.0\r\n\r\n", 401);
  fail_unless (test_uploads_get (&uploads, "src_0") == NULL);
  send_all (&uploads, PUT ("/a", TOKEN "Content-Length: 4\r\n") "body", 200);
  send_all (&uploads,
      "GET /admin/metadata?mode=updinfo&song=a HTTP/1.0\r\n" TOKEN "\r\n", 404);
  expect_stream (&uploads, "src_0", "none", "body");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

static guint
on_authorize (GstElement *src, guint id, const gchar *method, const gchar *path,
    const gchar *query, GstStructure *headers, GSocketAddress *peer,
    gpointer user_data)
{
  return g_str_equal (path, "/b") ? 403 : 200;
}

GST_START_TEST (test_application_decides_before_the_body)
{
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "");
  g_signal_connect (
      uploads.src, "authorize-request", G_CALLBACK (on_authorize), NULL);
  send_all (&uploads, PUT ("/b", ASK "Content-Length: 4\r\n"), 403);
  fail_unless (test_uploads_get (&uploads, "src_0") == NULL);
  send_all (&uploads, PUT ("/a", "Content-Length: 4\r\n") "body", 200);
  expect_stream (&uploads, "src_0", "none", "body");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* --- one pad for all --- */

GST_START_TEST (test_single_pad_takes_one_upload_after_another)
{
  TestUploads uploads = {0};
  TestStream *stream;

  test_uploads_start (&uploads, "single=true");
  stream = test_uploads_get (&uploads, "src");
  fail_unless (stream != NULL);
  send_all (&uploads,
      PUT ("/a", "Content-Length: 1\r\nContent-Type: video/webm\r\n") "a", 200);
  send_all (&uploads,
      PUT ("/b", "Content-Length: 1\r\nContent-Type: audio/flac\r\n") "b", 200);
  send_all (&uploads, PUT ("/b", "Content-Length: 1\r\n") "c", 200);
  test_uploads_wait_bytes (&uploads, "src", "abc");
  fail_unless_equals_int (stream->n_starts, 3);
  fail_unless_equals_int (stream->n_segments, 3);
  fail_unless_equals_string (stream->caps, "application/octet-stream");
  fail_if (stream->is_eos || stream->is_removed);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_single_pad_is_for_one_at_a_time)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;

  test_uploads_start (&uploads, "single=true");
  stream = test_http_connect (uploads.port);
  test_http_send (stream, PUT ("/a", "Content-Length: 2\r\n") "a");
  test_uploads_wait_bytes (&uploads, "src", "a");
  send_all (&uploads, PUT ("/a", "Content-Length: 1\r\n") "x", 409);
  send_all (&uploads, PUT ("/b", "Content-Length: 1\r\n") "x", 503);
  test_http_send (stream, "b");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  test_uploads_wait_bytes (&uploads, "src", "ab");
  send_all (&uploads, PUT ("/b", "Content-Length: 1\r\n") "c", 200);
  test_http_close (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_parts_of_a_stream_are_put_together)
{
  TestUploads uploads = {0};
  TestStream *stream;

#define PART(path, range)                                                      \
  PUT (path,                                                                   \
      "Content-Length: 1\r\n"                                                  \
      "Content-Range: bytes " range "/*\r\n")
  test_uploads_start (&uploads, "single=true");
  stream = test_uploads_get (&uploads, "src");
  send_all (&uploads, PUT ("/a", "Content-Length: 1\r\n") "a", 200);
  send_all (&uploads, PART ("/a", "1-1") "b", 200);
  send_all (&uploads, PART ("/a", "3-3") "x", 416);
  send_all (&uploads, PART ("/b", "2-2") "x", 416);
  send_all (&uploads, PART ("/a", "2-2") "c", 200);
  fail_unless_equals_int (stream->n_starts, 1);
  send_all (&uploads, PART ("/a", "0-0") "d", 200);
  test_uploads_wait_bytes (&uploads, "src", "abcd");
  fail_unless_equals_int (stream->n_starts, 2);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* --- radio --- */

static void
expect_tag (TestUploads *uploads, const gchar *text)
{
  TestStream *stream = test_uploads_get (uploads, "src_0");

  g_mutex_lock (&uploads->lock);
  fail_unless (
      strstr (stream->tags->str, text) != NULL, "%s", stream->tags->str);
  g_mutex_unlock (&uploads->lock);
}

static void
set_title (TestUploads *uploads, const gchar *query, guint status)
{
  g_autofree gchar *request =
      g_strdup_printf ("GET /admin/metadata?%s HTTP/1.0\r\n\r\n", query);

  test_uploads_expect (uploads, request, status);
}

GST_START_TEST (test_stations_and_titles_become_tags)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;

  test_uploads_start (&uploads, "");
  set_title (&uploads, "mode=updinfo&mount=/radio&song=early", 404);
  stream = test_http_connect (uploads.port);
  test_http_send (stream,
      "SOURCE /radio HTTP/1.0\r\nContent-Type: audio/mpeg\r\n"
      "ice-name: Radio One\r\nIcy-Genre: Jazz\r\nice-bitrate: 128\r\n"
      "ice-url: http://radio.test\r\n\r\na");
  test_uploads_wait_bytes (&uploads, "src_0", "a");
  expect_tag (&uploads, "organization=(string)\"Radio\\ One\"");
  expect_tag (&uploads, "genre=(string)Jazz");
  expect_tag (&uploads, "nominal-bitrate=(uint)128000");
  set_title (
      &uploads, "mode=updinfo&mount=/radio&song=Band+-+S%C3%B6ng%26", 200);
  set_title (&uploads, "mode=updinfo&mount=/other&song=No", 404);
  set_title (&uploads, "mode=other&song=No", 400);
  set_title (&uploads, "mode=updinfo", 400);
  test_http_send (stream, "b");
  test_uploads_wait_bytes (&uploads, "src_0", "ab");
  expect_tag (&uploads, "title=(string)\"Band\\ -\\ S\\303\\266ng\\&\"");
  set_title (&uploads, "mode=updinfo&artist=%C4&title=T&charset=latin1", 200);
  test_http_send (stream, "c");
  test_uploads_wait_bytes (&uploads, "src_0", "abc");
  expect_tag (&uploads, "artist=(string)\"\\303\\204\"");
  test_http_close (stream);
  test_uploads_wait_removed (&uploads, "src_0");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* --- others on the same port --- */

GST_START_TEST (test_stream_is_served_where_it_is_sent)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) sender = NULL, listener = NULL;
  g_autoptr (TestAnswer) answer = NULL;
  g_autoptr (GString) rest = NULL;
  guint port = test_unused_port ();
  g_autofree gchar *properties = g_strdup_printf ("path=/live port=%u", port);
  g_autofree gchar *next = g_strdup_printf (
      "httpserversink sync=false async=false path=/live port=%u", port);

  uploads.next = next;
  test_uploads_start (&uploads, properties);
  sender = test_http_connect (port);
  test_http_send (sender,
      PUT ("/live",
          "Content-Type: video/mp2t\r\n"
          "Transfer-Encoding: chunked\r\n") "1\r\na\r\n");
  test_uploads_wait_bytes (&uploads, "src_0", "a");
  listener = test_http_connect (port);
  test_http_send (listener, "GET /live HTTP/1.1\r\nHost: h\r\n\r\n");
  answer = test_http_read (listener);
  fail_unless_equals_int (answer->status, 200);
  test_http_send (sender, "1\r\nb\r\n0\r\n\r\n");
  rest = test_http_read_all (listener);
  fail_unless (
      g_str_has_suffix (rest->str, "1\r\nb\r\n0\r\n\r\n"), "%s", rest->str);
  test_http_close (sender);
  test_http_close (listener);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* --- settings --- */

GST_START_TEST (test_port_in_use_is_told)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);
  GstElement *pipeline =
      test_launch ("pipeline. ( httpserversrc port=%u )", port);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_READ, "127.0.0.1");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_content_type_may_be_disregarded)
{
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "typefind=true");
  send_all (&uploads,
      PUT ("/a", "Content-Type: video/webm\r\nContent-Length: 5\r\n") "first",
      200);
  expect_stream (&uploads, "src_0", "none", "first");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_figures_count_uploads)
{
  TestUploads uploads = {0};
  g_autoptr (GstStructure) stats = NULL;
  guint n;
  guint64 finished, failed, bytes;

  test_uploads_start (&uploads, "max-size=4");
  send_all (&uploads, PUT ("/a", "Content-Length: 4\r\n") "four", 200);
  send_all (&uploads,
      PUT ("/b", "Transfer-Encoding: chunked\r\n") "5\r\nfives\r\n0\r\n\r\n",
      413);
  test_uploads_wait_removed (&uploads, "src_1");
  g_object_get (uploads.src, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "uploads", G_TYPE_UINT, &n,
      "uploads-finished", G_TYPE_UINT64, &finished, "uploads-failed",
      G_TYPE_UINT64, &failed, "bytes-received", G_TYPE_UINT64, &bytes, NULL));
  fail_unless (n == 0 && finished == 1 && failed == 1 && bytes == 4);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* The first TLS connection of a process starts helpers that stay. */
static void
start_tls_helpers (void)
{
  g_source_unref (g_unix_signal_source_new (SIGHUP));
  g_object_unref (g_network_monitor_get_default ());
}

static Suite *
httpserversrc_suite (void)
{
  Suite *s = suite_create ("httpserversrc");
  TCase *tc = tcase_create ("httpserversrc");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, start_tls_helpers, NULL);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_each_upload_becomes_a_pad);
  tcase_add_test (tc, test_body_may_last_to_the_end_of_the_connection);
  tcase_add_test (tc, test_source_that_waits_is_answered_first);
  tcase_add_test (tc, test_connection_is_kept_for_the_next_upload);
  tcase_add_test (tc, test_answer_comes_after_the_end_of_the_body);
  tcase_add_test (tc, test_who_asks_is_told_to_go_on);
  tcase_add_test (tc, test_what_is_not_taken_is_refused_before_it_is_sent);
  tcase_add_test (tc, test_credentials_come_before_the_body);
  tcase_add_test (tc, test_application_decides_before_the_body);
  tcase_add_test (tc, test_single_pad_takes_one_upload_after_another);
  tcase_add_test (tc, test_single_pad_is_for_one_at_a_time);
  tcase_add_test (tc, test_parts_of_a_stream_are_put_together);
  tcase_add_test (tc, test_stations_and_titles_become_tags);
  tcase_add_test (tc, test_stream_is_served_where_it_is_sent);
  tcase_add_test (tc, test_port_in_use_is_told);
  tcase_add_test (tc, test_content_type_may_be_disregarded);
  tcase_add_test (tc, test_figures_count_uploads);

  /* What is read of a certificate for the first time stays open. */
  tc = tcase_create ("tls");
  tcase_set_tags (tc, "tls");
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_https_upload_arrives);
  return s;
}

GST_CHECK_MAIN (httpserversrc);
