/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httppages.c: tests of pages that the application makes
 *
 * Here: answer-with and what it refuses; which address is listened on.
 * Not here: asking the application (httpauthorize.c), languages
 * (tests/interop/http/pages.py).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttp.h"

#include <gst/check/gstcheck.h>

#include <string.h>

static GstElement *pipeline;
static GstElement *sink;
static guint port;
static GstStructure *page; /* what is answered */
static gboolean is_answered;

static guint
on_authorize (GstElement *element, guint id, const gchar *method,
    const gchar *path, const gchar *query, const GstStructure *headers,
    GSocketAddress *peer, gpointer unused)
{
  g_signal_emit_by_name (element, "answer-with", id, page, &is_answered);
  return is_answered ? 0 : 404;
}

static void
set_up (void)
{
  test_leaks_begin ();
  pipeline = test_launch (
      "fakesrc is-live=true num-buffers=1 ! httpserversink name=sink port=0");
  sink = test_get (pipeline, "sink");
  g_signal_connect (sink, "authorize-request", G_CALLBACK (on_authorize), NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_object_get (sink, "current-port", &port, NULL);
}

static void
tear_down (void)
{
  g_clear_pointer (&page, gst_structure_free);
  test_leaks_end ();
}

static void
expect_page (guint status, const gchar *body)
{
  g_autoptr (TestAnswer) answer = test_http_get (port, "/nowhere");

  fail_unless (answer->status == status, "%s", answer->head);
  fail_unless_equals_string (answer->body->str, body);
  fail_unless (strstr (answer->head, "X-Evil") == NULL);
  test_stop (pipeline);
}

GST_START_TEST (test_own_page_is_answered)
{
  g_autoptr (TestAnswer) answer = NULL;
  g_autofree gchar *type = NULL, *field = NULL;

  page = gst_structure_from_string (
      "answer, status=202, body=text, content-type=(string)\"a/b\", "
      "headers=(structure)\"h,X-One=(string)1;\"",
      NULL);
  fail_unless (page != NULL);
  answer = test_http_get (port, "/own");
  type = test_answer_field (answer, "Content-Type");
  field = test_answer_field (answer, "X-One");
  fail_unless_equals_int (answer->status, 202);
  fail_unless_equals_string (answer->body->str, "text");
  fail_unless_equals_string (type, "a/b");
  fail_unless_equals_string (field, "1");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_body_may_be_bytes_or_a_buffer)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("bytes", 5);
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup ("bytes", 5);

  page = __i__ == 0
      ? gst_structure_new ("answer", "body", G_TYPE_BYTES, bytes, NULL)
      : gst_structure_new ("answer", "body", GST_TYPE_BUFFER, buffer, NULL);
  expect_page (200, "bytes");
}
GST_END_TEST;

GST_START_TEST (test_fields_cannot_break_the_answer)
{
  GstStructure *fields = gst_structure_new ("h", "X-Bad", G_TYPE_STRING,
      "a\r\nX-Evil: b", "Content-Length", G_TYPE_STRING, "99", NULL);

  page = gst_structure_new ("answer", "body", G_TYPE_STRING, "text", "headers",
      GST_TYPE_STRUCTURE, fields, NULL);
  expect_page (200, "text");
  gst_structure_free (fields);
}
GST_END_TEST;

GST_START_TEST (test_what_is_no_answer_is_refused)
{
  g_autoptr (TestAnswer) answer = NULL;

  page = __i__ == 0
      ? gst_structure_new ("answer", "status", G_TYPE_INT, 100, NULL)
      : gst_structure_new ("answer", "body", G_TYPE_INT, 1, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  GST_DEBUG ("a warning is expected");
  _gst_check_expecting_log = TRUE;
  answer = test_http_get (port, "/own");
  _gst_check_expecting_log = FALSE;
  fail_if (is_answered);
  fail_unless_equals_int (answer->status, 404);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_unknown_number_is_no_request)
{
  page = gst_structure_new_empty ("answer");
  g_signal_emit_by_name (sink, "answer-with", 4711, page, &is_answered);
  fail_if (is_answered);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_host_is_the_only_address_listened_on)
{
  g_autoptr (GSocketAddress) other =
      g_inet_socket_address_new_from_string ("127.0.0.2", port);
  g_autoptr (GSocket) socket = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GError) error = NULL;

  fail_if (g_socket_connect (socket, other, NULL, &error));
  fail_unless (
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED));
  test_stop (pipeline);
}
GST_END_TEST;

static Suite *
httppages_suite (void)
{
  Suite *s = suite_create ("httppages");
  TCase *tc = tcase_create ("httppages");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_own_page_is_answered);
  tcase_add_loop_test (tc, test_body_may_be_bytes_or_a_buffer, 0, 2);
  tcase_add_test (tc, test_fields_cannot_break_the_answer);
  tcase_add_loop_test (tc, test_what_is_no_answer_is_refused, 0, 2);
  tcase_add_test (tc, test_unknown_number_is_no_request);
  tcase_add_test (tc, test_host_is_the_only_address_listened_on);
  return s;
}

GST_CHECK_MAIN (httppages);
