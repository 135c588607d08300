/* SPDX-License-Identifier: LGPL-2.1-or-later
 * body.c: tests of gstsocketbody.c
 *
 * Here: where bodies end, and what is no body. Not here: sockets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketbody.h>

#include <string.h>

/* Feeds @text, @step bytes at a time; returns the payload, or NULL when it is
 * refused, and how many bytes were of the body. */
static GString *
feed (GstSocketBody *body, const gchar *text, gsize step, gsize *ret_used)
{
  g_autoptr (GString) all = g_string_new (NULL);
  gsize size = strlen (text);

  *ret_used = 0;
  for (gsize at = 0; at < size && !gst_socket_body_is_complete (body);
       at += step) {
    gsize n = MIN (step, size - at), n_payload, n_used;
    g_autofree guint8 *part = g_memdup2 (text + at, n);

    if (!gst_socket_body_feed (body, part, n, &n_payload, &n_used))
      return NULL;
    g_string_append_len (all, (gchar *) part, n_payload);
    *ret_used += n_used;
  }
  return g_steal_pointer (&all);
}

static void
expect (GstSocketBodyKind kind, guint64 length, const gchar *text,
    const gchar *payload, const gchar *rest)
{
  const gsize steps[] = {1, 2, 3, 7, 1000};

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    GstSocketBody body;
    gsize used;
    g_autoptr (GString) got = NULL;

    gst_socket_body_init (&body, kind, length);
    got = feed (&body, text, steps[i], &used);
    fail_unless (got != NULL, "%s", text);
    fail_unless_equals_string (got->str, payload);
    fail_unless (gst_socket_body_is_complete (&body)
        == (rest != NULL && kind != GST_SOCKET_BODY_CLOSE));
    if (rest != NULL)
      fail_unless_equals_string (text + used, rest);
  }
}

static void
expect_refused (const gchar *text)
{
  const gsize steps[] = {1, 1000};

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    GstSocketBody body;
    gsize used;
    g_autoptr (GString) got = NULL;

    gst_socket_body_init (&body, GST_SOCKET_BODY_CHUNKED, 0);
    got = feed (&body, text, steps[i], &used);
    fail_unless (got == NULL, "%s", text);
  }
}

GST_START_TEST (test_length_ends_a_body)
{
  expect (GST_SOCKET_BODY_LENGTH, 5, "helloPUT /", "hello", "PUT /");
  expect (GST_SOCKET_BODY_LENGTH, 5, "hell", "hell", NULL);
  expect (GST_SOCKET_BODY_LENGTH, 0, "PUT /", "", "PUT /");
  expect (GST_SOCKET_BODY_NONE, 0, "PUT /", "", "PUT /");
  expect (GST_SOCKET_BODY_CLOSE, 0, "all of it", "all of it", "");
}
GST_END_TEST;

GST_START_TEST (test_chunks_end_with_an_empty_one)
{
  expect (GST_SOCKET_BODY_CHUNKED, 0, "5\r\nhello\r\n0\r\n\r\nPUT /", "hello",
      "PUT /");
  expect (GST_SOCKET_BODY_CHUNKED, 0,
      "1;name=\"v\"\r\nh\r\n0004 \r\nello\r\n000\r\nX: y\r\nZ:\r\n\r\nmore",
      "hello", "more");
  expect (GST_SOCKET_BODY_CHUNKED, 0, "0\r\n\r\n", "", "");
  expect (GST_SOCKET_BODY_CHUNKED, 0, "aA\r\n0123456789", "0123456789", NULL);
  expect (GST_SOCKET_BODY_CHUNKED, 0, "5\r\nhello\r\n0\r\n\r", "hello", NULL);
}
GST_END_TEST;

GST_START_TEST (test_payload_that_looks_like_a_chunk_is_payload)
{
  expect (GST_SOCKET_BODY_CHUNKED, 0, "7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n",
      "0\r\n\r\n\r\n", "");
}
GST_END_TEST;

GST_START_TEST (test_what_is_no_chunk_is_refused)
{
  expect_refused ("\r\n");
  expect_refused ("x\r\n");
  expect_refused ("-5\r\nhello\r\n");
  expect_refused (" 5\r\nhello\r\n");
  expect_refused ("5\nhello\r\n");
  expect_refused ("5\r\nhello\n");
  expect_refused ("5\r\nhelloo\r\n");
  expect_refused ("5\r\rhello");
  expect_refused ("5x\r\nhello\r\n");
  expect_refused ("0\r\n\n");
  expect_refused ("0\r\nX: \001\r\n\r\n");
  expect_refused ("5;\001\r\nhello");
}
GST_END_TEST;

GST_START_TEST (test_limits_of_lines_hold)
{
  g_autofree gchar *x = g_strnfill (GST_SOCKET_BODY_TRAILER_MAX, 'x');
  g_autofree gchar *name =
      g_strndup (x, GST_SOCKET_BODY_LINE_MAX - strlen ("1;"));
  g_autofree gchar *longest = g_strdup_printf ("1;%s\r\nh\r\n0\r\n\r\n", name);
  g_autofree gchar *too_long =
      g_strdup_printf ("1;x%s\r\nh\r\n0\r\n\r\n", name);
  g_autofree gchar *trailer = g_strdup_printf ("0\r\n%s\r\n\r\n", x);
  g_autofree gchar *ok = g_strdup_printf ("0\r\n%s\r\n\r\n", x + 2);

  expect (GST_SOCKET_BODY_CHUNKED, 0, longest, "h", "");
  expect_refused (too_long);
  expect (GST_SOCKET_BODY_CHUNKED, 0, ok, "", "");
  expect_refused (trailer);
  expect (GST_SOCKET_BODY_CHUNKED, 0, "fffffffffffffff\r\nh", "h", NULL);
  expect_refused ("1000000000000000\r\nh");
  expect_refused ("0000000000000001\r\nh");
}
GST_END_TEST;

GST_START_TEST (test_nothing_is_taken_after_the_end)
{
  GstSocketBody body;
  guint8 data[] = "0\r\n\r\n5\r\nhello";
  gsize payload, used;

  gst_socket_body_init (&body, GST_SOCKET_BODY_CHUNKED, 0);
  fail_unless (
      gst_socket_body_feed (&body, data, sizeof data - 1, &payload, &used));
  fail_unless_equals_int (used, 5);
  fail_unless (gst_socket_body_feed (&body, data, 3, &payload, &used));
  fail_unless_equals_int (used + payload, 0);
  gst_socket_body_init (&body, GST_SOCKET_BODY_UNKNOWN, 0);
  fail_if (gst_socket_body_feed (&body, data, 3, &payload, &used));
}
GST_END_TEST;

static Suite *
body_suite (void)
{
  Suite *s = suite_create ("body");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_length_ends_a_body);
  tcase_add_test (tc, test_chunks_end_with_an_empty_one);
  tcase_add_test (tc, test_payload_that_looks_like_a_chunk_is_payload);
  tcase_add_test (tc, test_what_is_no_chunk_is_refused);
  tcase_add_test (tc, test_limits_of_lines_hold);
  tcase_add_test (tc, test_nothing_is_taken_after_the_end);
  return s;
}

GST_CHECK_MAIN (body);
