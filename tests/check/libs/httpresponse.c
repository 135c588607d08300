/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpresponse.c: tests of what heads of HTTP responses say
 *
 * Here: status, reason, the fields that are acted on, limits.
 * Not here: requests (httptext.c), connections.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketresponse.h>

#include <string.h>

/* What is understood, as text. */
static gchar *
summary_of (const gchar *text)
{
  GstSocketResponse response;
  gsize size;

  switch (gst_socket_response_parse (text, strlen (text), &response, &size)) {
    case GST_SOCKET_RESPONSE_MORE:
      return g_strdup ("more");
    case GST_SOCKET_RESPONSE_BAD:
      return g_strdup ("bad");
    default:
      break;
  }
  return g_strdup_printf ("%u '%s' %s%s %" G_GINT64_FORMAT " %u '%.*s'",
      response.status, response.reason, response.is_kept ? "kept" : "closed",
      response.is_chunked ? " chunked" : "", response.content_length,
      response.retry_after_s, (gint) response.location_size,
      response.location != NULL ? response.location : "");
}

static const struct
{
  const gchar *head;
  const gchar *summary;
} cases[] = {
    {"HTTP/1.1 200 OK\r\n\r\n", "200 'OK' kept -1 0 ''"},
    {"HTTP/1.0 200 OK\r\n\r\n", "200 'OK' closed -1 0 ''"},
    {"HTTP/1.0 200\r\nConnection: x, Keep-Alive\r\n\r\n",
        "200 '' kept -1 0 ''"},
    {"HTTP/1.1 201 A b\r\nconnection: close\r\nCONTENT-LENGTH: 12\r\n\r\n",
        "201 'A b' closed 12 0 ''"},
    {"ICY 200 OK\n\n", "200 'OK' closed -1 0 ''"},
    {"HTTP/1.1 307 x\r\nLocation:  http://h/y \r\n\r\nbody",
        "307 'x' kept -1 0 'http://h/y'"},
    {"HTTP/1.1 503 x\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n",
        "503 'x' kept chunked -1 7 ''"},
    {"HTTP/1.1 503 x\r\nRetry-After: soon\r\nContent-Length: -1\r\n\r\n",
        "503 'x' kept -1 0 ''"},
    {"HTTP/1.1 403 \x1b[31mred\r\n\r\n", "403 '?[31mred' kept -1 0 ''"},
    {"", "more"},
    {"HTTP/1.1 200 OK\r\nA: b\r\n", "more"},
    {"HTTP/2 200\r\n\r\n", "bad"},
    {"HTTP/1.1 20\r\n\r\n", "bad"},
    {"HTTP/1.1 2000 x\r\n\r\n", "bad"},
    {"HTTP/1.1 099 x\r\n\r\n", "bad"},
    {"220 mail.test\r\n", "bad"},
};

GST_START_TEST (test_head_says_what_it_says)
{
  g_autofree gchar *summary = summary_of (cases[__i__].head);

  fail_unless_equals_string (summary, cases[__i__].summary);
}
GST_END_TEST;

GST_START_TEST (test_head_without_end_is_bad_at_the_limit)
{
  g_autoptr (GString) head = g_string_new ("HTTP/1.1 200 OK\r\nX: ");
  GstSocketResponse response;
  gsize size;

  while (head->len < GST_SOCKET_RESPONSE_HEAD_MAX - 1)
    g_string_append_c (head, 'x');
  fail_unless_equals_int (
      gst_socket_response_parse (head->str, head->len, &response, &size),
      GST_SOCKET_RESPONSE_MORE);
  g_string_append_c (head, 'x');
  fail_unless_equals_int (
      gst_socket_response_parse (head->str, head->len, &response, &size),
      GST_SOCKET_RESPONSE_BAD);
}
GST_END_TEST;

GST_START_TEST (test_long_reason_is_cut)
{
  g_autofree gchar *reason = g_strnfill (200, 'r');
  g_autofree gchar *head = g_strdup_printf ("HTTP/1.1 200 %s\r\n\r\n", reason);
  GstSocketResponse response;
  gsize size;

  fail_unless_equals_int (
      gst_socket_response_parse (head, strlen (head), &response, &size),
      GST_SOCKET_RESPONSE_OK);
  fail_unless_equals_uint64 (
      strlen (response.reason), GST_SOCKET_RESPONSE_REASON_MAX - 1);
  fail_unless_equals_uint64 (size, strlen (head));
}
GST_END_TEST;

static Suite *
httpresponse_suite (void)
{
  Suite *s = suite_create ("httpresponse");
  TCase *tc = tcase_create ("httpresponse");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (
      tc, test_head_says_what_it_says, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tc, test_head_without_end_is_bad_at_the_limit);
  tcase_add_test (tc, test_long_reason_is_cut);
  return s;
}

GST_CHECK_MAIN (httpresponse);
