/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpclientsink.c: tests of httpclientsink
 *
 * Here: what goes to a server, what becomes of its answers, files.
 * Not here: losses, servers that do not answer (httpclientfaults.c), real
 * servers (tests/interop).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testupload.h"

#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>
#include <string.h>

#define CREATED "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
#define CLOSED "HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n"

static TestUpload up;

static void
set_up (void)
{
  test_leaks_begin ();
  test_upload_listen (&up);
}

static void
tear_down (void)
{
  test_upload_forget (&up);
  test_leaks_end ();
}

/* --- one file --- */

GST_START_TEST (test_stream_comes_in_chunks_while_it_is_made)
{
  g_autofree gchar *head = NULL, *one = NULL, *two = NULL;

  test_upload_launch (&up, "expect-continue=false", "video/webm");
  test_upload_push (&up, "one", 0);
  head = test_upload_accept_head (&up);
  test_upload_expect_line (head, "PUT /up HTTP/1.1");
  test_upload_expect_line (head, "Transfer-Encoding: chunked");
  test_upload_expect_line (head, "Content-Type: video/webm");
  one = test_upload_read (&up, strlen ("3\r\none\r\n"));
  fail_unless_equals_string (one, "3\r\none\r\n");
  test_upload_push (&up, "sixteen bytes...", 0);
  two = test_upload_read (&up, strlen ("10\r\nsixteen bytes...\r\n"));
  fail_unless_equals_string (two, "10\r\nsixteen bytes...\r\n");
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_end_of_stream_waits_for_the_answer)
{
  g_autofree gchar *body = NULL;
  g_autoptr (GstMessage) early = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstStructure) uploaded = NULL;
  guint64 bytes;

  test_upload_launch (&up, "expect-continue=false", NULL);
  test_upload_push (&up, "all", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  body = test_upload_read_body (&up);
  fail_unless_equals_string (body, "all");
  bus = gst_element_get_bus (up.pipeline);
  early = gst_bus_timed_pop_filtered (
      bus, 50 * GST_MSECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (early == NULL);
  test_upload_answer (&up, CREATED);
  uploaded = test_expect_message (up.pipeline, "GstHttpUploaded");
  fail_unless (gst_structure_get_uint64 (uploaded, "bytes", &bytes));
  fail_unless_equals_uint64 (bytes, 3);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_body_waits_for_100_continue)
{
  g_autofree gchar *head = NULL, *body = NULL;

  test_upload_launch (&up, "", NULL);
  test_upload_push (&up, "body", 0);
  test_upload_end (&up);
  head = test_upload_accept_head (&up);
  test_upload_expect_line (head, "Expect: 100-continue");
  fail_if (test_upload_has_input (&up));
  test_upload_answer (&up, "HTTP/1.1 100 Continue\r\n\r\n");
  body = test_upload_read_body (&up);
  fail_unless_equals_string (body, "body");
  test_upload_answer (&up, CREATED);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_server_that_knows_no_100_continue_gets_the_body)
{
  g_autofree gchar *body = NULL;

  test_upload_launch (&up, "", NULL);
  test_upload_push (&up, "body", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  body = test_upload_read_body (&up);
  fail_unless_equals_string (body, "body");
  test_upload_answer (&up, CLOSED);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_417_is_asked_again_without_expectation)
{
  g_autofree gchar *head = NULL, *body = NULL;

  test_upload_launch (&up, "", NULL);
  test_upload_push (&up, "body", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  test_upload_answer (&up, "HTTP/1.1 417 Expectation Failed\r\n\r\n");
  head = test_upload_accept_head (&up);
  fail_unless (strstr (head, "Expect") == NULL);
  body = test_upload_read_body (&up);
  fail_unless_equals_string (body, "body");
  test_upload_answer (&up, CREATED);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_length_is_told_first_where_chunks_are_unknown)
{
  g_autofree gchar *head = NULL, *body = NULL;

  test_upload_launch (&up, "transfer-mode=length expect-continue=false", NULL);
  test_upload_push (&up, "one", 0);
  test_upload_push (&up, "four", 0);
  test_upload_end (&up);
  head = test_upload_accept_head (&up);
  test_upload_expect_line (head, "Content-Length: 7");
  fail_unless (strstr (head, "chunked") == NULL);
  body = test_upload_read (&up, 7);
  fail_unless_equals_string (body, "onefour");
  test_upload_answer (&up, CREATED);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_length_beyond_the_limit_is_an_error)
{
  test_upload_launch (&up, "transfer-mode=length max-bytes=300", NULL);
  test_upload_push (&up, "one", 0);
  test_upload_push (&up, "four", 0);
  test_expect_error (
      up.pipeline, GST_RESOURCE_ERROR_NO_SPACE_LEFT, "max-bytes");
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- what is asked --- */

GST_START_TEST (test_credentials_and_fields_are_sent)
{
  static const gchar *const cases[][2] = {
      {"user-id=me user-pw=secret", "Authorization: Basic bWU6c2VjcmV0"},
      {"user-pw=secret", "Authorization: Basic c291cmNlOnNlY3JldA=="},
      {"auth-token=abc", "Authorization: Bearer abc"},
      {"user-agent=me", "User-Agent: me"},
      {"content-type=a/b", "Content-Type: a/b"},
      {"method=post", "POST /up HTTP/1.1"},
      {"extra-headers=\"h,X-One=1,X-Two=<a,b>\"", "X-Two: b"},
      {"streamname=Name", "ice-name: Name"},
  };
  g_autofree gchar *head = NULL;
  g_autofree gchar *properties =
      g_strconcat ("expect-continue=false ", cases[__i__][0], NULL);

  test_upload_launch (&up, properties, NULL);
  test_upload_push (&up, "one", 0);
  head = test_upload_accept_head (&up);
  test_upload_expect_line (head, cases[__i__][1]);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_fields_cannot_break_the_request)
{
  g_autoptr (GstStructure) fields = gst_structure_new ("h", "X-Good",
      G_TYPE_STRING, "yes", "X-Bad", G_TYPE_STRING, "a\r\nX-Evil: b",
      "Content-Length", G_TYPE_STRING, "5", NULL);
  g_autofree gchar *head = NULL;

  test_upload_prepare (&up, "expect-continue=false", NULL);
  g_object_set (
      up.sink, "extra-headers", fields, "user-agent", "a\r\nX-Evil: c", NULL);
  test_upload_play (&up);
  test_upload_push (&up, "one", 0);
  head = test_upload_accept_head (&up);
  test_upload_expect_line (head, "X-Good: yes");
  fail_unless (strstr (head, "X-Evil") == NULL);
  fail_unless (strstr (head, "Content-Length") == NULL);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_proxy_is_asked_for_the_whole_url)
{
  g_autofree gchar *proxy =
      g_strdup_printf ("http://a:b@127.0.0.1:%u", up.port);
  g_autofree gchar *head = NULL;

  test_upload_prepare (&up, "expect-continue=false", NULL);
  g_object_set (
      up.sink, "proxy", proxy, "location", "http://far.test/x?y=1", NULL);
  test_upload_play (&up);
  test_upload_push (&up, "one", 0);
  head = test_upload_accept_head (&up);
  test_upload_expect_line (head, "PUT http://far.test/x?y=1 HTTP/1.1");
  test_upload_expect_line (head, "Host: far.test");
  test_upload_expect_line (head, "Proxy-Authorization: Basic YTpi");
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_location_that_is_no_url_is_an_error)
{
  static const gchar *const locations[] = {
      "", "ftp://h/x", "http://", "/x", "http://h:99999/"};

  test_upload_prepare (&up, "", NULL);
  g_object_set (up.sink, "location", locations[__i__], NULL);
  fail_unless_equals_int (gst_element_set_state (up.pipeline, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (
      up.pipeline, GST_RESOURCE_ERROR_SETTINGS, locations[__i__]);
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- radio stations --- */

GST_START_TEST (test_source_is_let_in_before_it_sends)
{
  g_autofree gchar *head = NULL, *body = NULL;

  test_upload_launch (&up,
      "method=source user-pw=hackme streamname=Name genre=Jazz public=true",
      "application/ogg");
  test_upload_push (&up, "sound", 0);
  test_upload_push (&up, "more", 0);
  test_upload_end (&up);
  head = test_upload_accept_head (&up);
  test_upload_expect_line (head, "SOURCE /up HTTP/1.0");
  test_upload_expect_line (head, "Content-Type: application/ogg");
  test_upload_expect_line (head, "ice-genre: Jazz");
  test_upload_expect_line (head, "ice-public: 1");
  fail_unless (strstr (head, "chunked") == NULL);
  fail_if (test_upload_has_input (&up));
  test_upload_answer (&up, "HTTP/1.0 200 OK\r\n\r\n");
  body = test_upload_read_all (&up);
  fail_unless_equals_string (body, "soundmore");
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- refusals --- */

static const struct
{
  const gchar *answer;
  gint code;
} refusals[] = {
    {"401 Unauthorized", GST_RESOURCE_ERROR_NOT_AUTHORIZED},
    {"403 Forbidden", GST_RESOURCE_ERROR_NOT_AUTHORIZED},
    {"404 Not Found", GST_RESOURCE_ERROR_NOT_FOUND},
    {"413 Too Large", GST_RESOURCE_ERROR_NO_SPACE_LEFT},
    {"500 Broken", GST_RESOURCE_ERROR_WRITE},
    {"302 Found", GST_RESOURCE_ERROR_WRITE},
};

GST_START_TEST (test_refusal_is_an_error_with_its_status)
{
  g_autofree gchar *answer =
      g_strdup_printf ("HTTP/1.1 %s\r\n\r\n", refusals[__i__].answer);

  test_upload_launch (&up, "", NULL);
  test_upload_push (&up, "one", 0);
  g_free (test_upload_accept_head (&up));
  test_upload_answer (&up, answer);
  test_expect_error (up.pipeline, refusals[__i__].code, refusals[__i__].answer);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_refusal_at_the_end_is_an_error)
{
  test_upload_launch (&up, "expect-continue=false", NULL);
  test_upload_push (&up, "one", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  g_free (test_upload_read_body (&up));
  test_upload_answer (&up, "HTTP/1.1 507 Full\r\n\r\n");
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_NO_SPACE_LEFT, "/up");
  test_upload_stop (&up);
}
GST_END_TEST;

/* Nothing is read of the body: only the answer tells. */
GST_START_TEST (test_refusal_is_heard_while_the_server_does_not_read)
{
  test_upload_launch (&up, "expect-continue=false", NULL);
  test_upload_push_size (&up, 32 * 1024 * 1024);
  g_free (test_upload_accept_head (&up));
  test_upload_answer (&up, "HTTP/1.1 413 Too Large\r\n\r\n");
  test_expect_error (
      up.pipeline, GST_RESOURCE_ERROR_NO_SPACE_LEFT, "413 Too Large");
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- redirects --- */

GST_START_TEST (test_redirect_is_followed_with_the_whole_body)
{
  static const guint statuses[] = {301, 302, 307, 308};
  g_autofree gchar *answer = g_strdup_printf (
      "HTTP/1.1 %u Else\r\nLocation: ../else?a=b\r\n\r\n", statuses[__i__]);
  g_autofree gchar *head = NULL, *body = NULL;

  test_upload_launch (&up, "user-pw=x expect-continue=false", NULL);
  test_upload_push (&up, "one", 0);
  g_free (test_upload_accept_head (&up));
  g_free (test_upload_read (&up, strlen ("3\r\none\r\n")));
  test_upload_answer (&up, answer);
  head = test_upload_accept_head (&up);
  test_upload_expect_line (head, "PUT /else?a=b HTTP/1.1");
  fail_unless (strstr (head, "Authorization") != NULL);
  test_upload_push (&up, "two", 0);
  test_upload_end (&up);
  body = test_upload_read_body (&up);
  fail_unless_equals_string (body, "onetwo");
  test_upload_answer (&up, CREATED);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_redirect_elsewhere_takes_no_credentials_along)
{
  TestUpload other = {0};
  g_autofree gchar *answer = NULL, *head = NULL;

  test_upload_listen (&other);
  answer = g_strdup_printf (
      "HTTP/1.1 307 Else\r\nLocation: http://127.0.0.1:%u/x\r\n\r\n",
      other.port);
  test_upload_launch (&up, "user-pw=x", NULL);
  test_upload_push (&up, "one", 0);
  g_free (test_upload_accept_head (&up));
  test_upload_answer (&up, answer);
  head = test_upload_accept_head (&other);
  test_upload_expect_line (head, "PUT /x HTTP/1.1");
  fail_unless (strstr (head, "Authorization") == NULL);
  test_upload_stop (&up);
  test_upload_forget (&other);
}
GST_END_TEST;

GST_START_TEST (test_redirect_without_end_is_an_error)
{
  test_upload_launch (&up, "", NULL);
  test_upload_push (&up, "one", 0);
  for (guint i = 0; i <= 5; i++) {
    g_free (test_upload_accept_head (&up));
    test_upload_answer (&up, "HTTP/1.1 308 Again\r\nLocation: /up\r\n\r\n");
  }
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_WRITE, "without end");
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- several files --- */

static void
expect_file (const gchar *line, const gchar *expected, gboolean is_new)
{
  g_autofree gchar *head =
      is_new ? test_upload_accept_head (&up) : test_upload_read_head (&up);
  g_autofree gchar *body = NULL;

  test_upload_expect_line (head, line);
  body = test_upload_read_body (&up);
  fail_unless_equals_string (body, expected);
  test_upload_answer (&up, CREATED);
}

GST_START_TEST (test_each_file_is_a_request_on_one_connection)
{
  test_upload_launch_at (
      &up, "a%20b/%03d.x", "next-file=buffer expect-continue=false", NULL);
  test_upload_push (&up, "one", 0);
  test_upload_push (&up, "two", 0);
  test_upload_end (&up);
  expect_file ("PUT /a%20b/000.x HTTP/1.1", "one", TRUE);
  expect_file ("PUT /a%20b/001.x HTTP/1.1", "two", FALSE);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_files_begin_with_keyframes_and_headers)
{
  test_upload_launch_at (&up, "%d", "next-file=key-frame expect-continue=false",
      "video/webm,streamheader=(buffer)<68>");
  test_upload_push (&up, "h", GST_BUFFER_FLAG_HEADER);
  test_upload_push (&up, "K", 0);
  test_upload_push (&up, "d", GST_BUFFER_FLAG_DELTA_UNIT);
  test_upload_push (&up, "K", 0);
  test_upload_push (&up, "d", GST_BUFFER_FLAG_DELTA_UNIT);
  test_upload_end (&up);
  expect_file ("PUT /0 HTTP/1.1", "hKd", TRUE);
  expect_file ("PUT /1 HTTP/1.1", "hKd", FALSE);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_headers_that_are_no_buffers_are_left_out)
{
  test_upload_launch_at (&up, "%d", "next-file=key-frame expect-continue=false",
      "video/webm,streamheader=<(string)no,(buffer)68,(int)1>");
  test_upload_push (&up, "K", 0);
  test_upload_push (&up, "K", 0);
  test_upload_end (&up);
  expect_file ("PUT /0 HTTP/1.1", "K", TRUE);
  expect_file ("PUT /1 HTTP/1.1", "hK", FALSE);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_files_begin_where_an_event_asks_for_it)
{
  GstStructure *asked = gst_structure_new ("GstForceKeyUnit", "all-headers",
      G_TYPE_BOOLEAN, TRUE, "count", G_TYPE_UINT, 0, NULL);

  test_upload_launch_at (
      &up, "%d", "next-file=key-unit-event expect-continue=false", NULL);
  test_upload_push (&up, "one", 0);
  test_upload_push (&up, "still", 0);
  gst_element_send_event (
      up.src, gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM, asked));
  test_upload_push (&up, "two", 0);
  test_upload_end (&up);
  expect_file ("PUT /0 HTTP/1.1", "onestill", TRUE);
  expect_file ("PUT /1 HTTP/1.1", "two", FALSE);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_files_beyond_the_number_are_deleted)
{
  g_autofree gchar *head = NULL;

  test_upload_launch_at (
      &up, "%d", "next-file=buffer max-files=1 expect-continue=false", NULL);
  test_upload_push (&up, "one", 0);
  test_upload_push (&up, "two", 0);
  test_upload_end (&up);
  expect_file ("PUT /0 HTTP/1.1", "one", TRUE);
  expect_file ("PUT /1 HTTP/1.1", "two", FALSE);
  head = test_upload_read_head (&up);
  test_upload_expect_line (head, "DELETE /0 HTTP/1.1");
  test_upload_answer (&up, "HTTP/1.1 204 Gone\r\n\r\n");
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_refused_file_is_not_the_end_with_reconnect)
{
  test_upload_launch_at (&up, "%d",
      "next-file=buffer reconnect=always expect-continue=false", NULL);
  test_upload_push (&up, "one", 0);
  test_upload_push (&up, "two", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  g_free (test_upload_read_body (&up));
  test_upload_answer (&up, "HTTP/1.1 403 No\r\n\r\n");
  expect_file ("PUT /1 HTTP/1.1", "two", TRUE);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- TLS --- */

static void
upload_to_tls (const gchar *certificate, const gchar *properties, gint code,
    const gchar *in_sentence)
{
  GstElement *server = test_launch (
      "fakesrc is-live=true ! httpserversink name=sink port=0 tls-port=0 "
      "tls-certificate-file=%s",
      certificate);
  g_autofree gchar *url = NULL;
  guint port;

  gst_element_set_state (server, GST_STATE_PLAYING);
  g_object_get (test_get (server, "sink"), "current-tls-port", &port, NULL);
  url = g_strdup_printf ("https://localhost:%u/stream", port);
  test_upload_prepare (&up, properties, NULL);
  g_object_set (up.sink, "location", url, NULL);
  test_upload_play (&up);
  test_upload_push (&up, "one", 0);
  test_expect_error (up.pipeline, code, in_sentence);
  test_upload_stop (&up);
  test_stop (server);
}

/* The first TLS connection of a process starts helpers that stay. */
static void
set_up_tls (void)
{
  g_autofree gchar *folder = g_dir_make_tmp ("httpclientsink-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "server.pem", NULL);

  test_upload_listen (&up);
  test_make_certificate (path, "first.test");
  upload_to_tls (path, "", GST_RESOURCE_ERROR_WRITE, "certificate");
  test_upload_forget (&up);
  set_up ();
}

GST_START_TEST (test_certificate_is_checked)
{
  g_autofree gchar *folder = g_dir_make_tmp ("httpclientsink-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "server.pem", NULL);
  g_autofree gchar *trusted = g_strconcat ("tls-ca-file=", path, NULL);

  test_make_certificate (path, "other.test");
  upload_to_tls (path, "", GST_RESOURCE_ERROR_WRITE, "certificate");
  upload_to_tls (path, trusted, GST_RESOURCE_ERROR_WRITE, "another host");
  /* A server without uploads says so, once the certificate is accepted. */
  upload_to_tls (path, "ssl-strict=false", GST_RESOURCE_ERROR_WRITE, "405");
  test_make_certificate (path, "localhost");
  upload_to_tls (path, trusted, GST_RESOURCE_ERROR_WRITE, "405");
  g_unlink (path);
  g_rmdir (folder);
}
GST_END_TEST;

static void
add_request_tests (TCase *tc)
{
  tcase_add_test (tc, test_stream_comes_in_chunks_while_it_is_made);
  tcase_add_test (tc, test_end_of_stream_waits_for_the_answer);
  tcase_add_test (tc, test_body_waits_for_100_continue);
  tcase_add_test (tc, test_server_that_knows_no_100_continue_gets_the_body);
  tcase_add_test (tc, test_417_is_asked_again_without_expectation);
  tcase_add_test (tc, test_length_is_told_first_where_chunks_are_unknown);
  tcase_add_test (tc, test_length_beyond_the_limit_is_an_error);
  tcase_add_loop_test (tc, test_credentials_and_fields_are_sent, 0, 8);
  tcase_add_test (tc, test_fields_cannot_break_the_request);
  tcase_add_test (tc, test_proxy_is_asked_for_the_whole_url);
  tcase_add_loop_test (tc, test_location_that_is_no_url_is_an_error, 0, 5);
  tcase_add_test (tc, test_source_is_let_in_before_it_sends);
}

static void
add_answer_tests (TCase *tc)
{
  tcase_add_loop_test (
      tc, test_refusal_is_an_error_with_its_status, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tc, test_refusal_at_the_end_is_an_error);
  tcase_add_test (tc, test_refusal_is_heard_while_the_server_does_not_read);
  tcase_add_loop_test (tc, test_redirect_is_followed_with_the_whole_body, 0, 4);
  tcase_add_test (tc, test_redirect_elsewhere_takes_no_credentials_along);
  tcase_add_test (tc, test_redirect_without_end_is_an_error);
}

static Suite *
httpclientsink_suite (void)
{
  Suite *s = suite_create ("httpclientsink");
  TCase *tc = tcase_create ("httpclientsink");
  TCase *tls = tcase_create ("tls");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  add_request_tests (tc);
  add_answer_tests (tc);
  tcase_add_test (tc, test_each_file_is_a_request_on_one_connection);
  tcase_add_test (tc, test_files_begin_with_keyframes_and_headers);
  tcase_add_test (tc, test_headers_that_are_no_buffers_are_left_out);
  tcase_add_test (tc, test_files_begin_where_an_event_asks_for_it);
  tcase_add_test (tc, test_files_beyond_the_number_are_deleted);
  tcase_add_test (tc, test_refused_file_is_not_the_end_with_reconnect);
  tcase_set_tags (tls, "tls");
  suite_add_tcase (s, tls);
  tcase_add_checked_fixture (tls, set_up_tls, tear_down);
  tcase_add_test (tls, test_certificate_is_checked);
  return s;
}

GST_CHECK_MAIN (httpclientsink);
