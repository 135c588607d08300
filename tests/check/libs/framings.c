/* SPDX-License-Identifier: LGPL-2.1-or-later
 * framings.c: tests of the framings of live HTTP bodies
 *
 * Here: the bytes that chunks, ICY blocks and parts have on the wire.
 * Not here: sending them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketframings.h>

#include <string.h>

#define METAINT 256

static GstSocketPieces pieces;

static GstSocketUnit *
unit_of (gconstpointer data, gsize size)
{
  g_autoptr (GstBuffer) buffer =
      size > 0 ? gst_buffer_new_memdup (data, size) : gst_buffer_new ();

  return gst_socket_unit_new (buffer, 0, NULL);
}

static GstSocketUnit *
text_unit (const gchar *text)
{
  return unit_of (text, strlen (text));
}

static GString *
gather (void)
{
  GString *bytes = g_string_new (NULL);

  for (guint i = 0; i < pieces.n_iov; i++)
    g_string_append_len (bytes, pieces.iov[i].iov_base, pieces.iov[i].iov_len);
  fail_unless_equals_uint64 (bytes->len, pieces.bytes);
  return bytes;
}

/* The bytes of one unit alone. */
static GString *
frame (GstSocketFraming *framing, GstSocketFramingState *state,
    GstSocketUnit *unit)
{
  gst_socket_pieces_clear (&pieces);
  fail_unless (gst_socket_framing_append (framing, state, unit, &pieces));
  fail_unless_equals_int (pieces.n_units, 1);
  return gather ();
}

static void
expect_text (GstSocketFraming *framing, const gchar *text, const gchar *bytes)
{
  GstSocketFramingState state = {0};
  g_autoptr (GstSocketUnit) unit = text_unit (text);
  GString *got = frame (framing, &state, unit);

  fail_unless_equals_string (got->str, bytes);
  g_string_free (got, TRUE);
}

GST_START_TEST (test_chunk_has_its_size_in_hexadecimal)
{
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_chunked ();

  expect_text (framing, "a", "1\r\na\r\n");
  expect_text (framing, "twenty-six bytes of a text",
      "1a\r\ntwenty-six bytes of a text\r\n");
  fail_unless (framing->is_uniform);
}
GST_END_TEST;

GST_START_TEST (test_unit_without_payload_ends_a_chunked_body)
{
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_chunked ();

  expect_text (framing, "", "0\r\n\r\n");
}
GST_END_TEST;

/* Appends until the list is full; it must not be harmed by that. */
static guint
fill (GstSocketFraming *framing, GstSocketUnit *unit)
{
  GstSocketFramingState state = {0};
  guint n = 0;

  gst_socket_pieces_clear (&pieces);
  while (gst_socket_framing_append (framing, &state, unit, &pieces)) {
    n++;
    fail_unless (n <= GST_SOCKET_PIECES_MAX);
  }
  fail_unless_equals_int (pieces.n_units, n);
  fail_unless (pieces.n_iov <= GST_SOCKET_PIECES_MAX);
  fail_unless (pieces.scratch_used <= GST_SOCKET_PIECES_SCRATCH);
  g_string_free (gather (), TRUE);
  return n;
}

GST_START_TEST (test_full_list_takes_no_more)
{
  g_autoptr (GstSocketUnit) unit = text_unit ("payload");
  g_autoptr (GstSocketFraming) chunked = gst_socket_framing_new_chunked ();
  g_autoptr (GstSocketFraming) parts =
      gst_socket_framing_new_multipart ("border", "image/jpeg", FALSE);

  fail_unless (fill (chunked, unit) > 100);
  fail_unless (fill (parts, unit) > 10);
}
GST_END_TEST;

GST_START_TEST (test_part_is_followed_by_the_boundary)
{
  g_autoptr (GstSocketFraming) framing =
      gst_socket_framing_new_multipart ("border", "image/jpeg", FALSE);
  g_autofree gchar *opening =
      gst_socket_framing_multipart_dup_opening ("border", FALSE);

  fail_unless_equals_string (opening, "--border\r\n");
  expect_text (framing, "picture",
      "Content-Type: image/jpeg\r\nContent-Length: 7\r\n\r\npicture"
      "\r\n--border\r\n");
  expect_text (framing, "", "\r\n--border--\r\n");
}
GST_END_TEST;

/* Takes the chunks off a body; fails when they do not add up. */
static gchar *
unchunk (const gchar *body)
{
  GString *plain = g_string_new (NULL);
  gchar *p;
  guint64 size;

  while ((size = g_ascii_strtoull (body, &p, 16)) > 0) {
    fail_unless (g_str_has_prefix (p, "\r\n") && strlen (p + 2) >= size + 2);
    g_string_append_len (plain, p + 2, size);
    body = p + 2 + size;
    fail_unless (g_str_has_prefix (body, "\r\n"));
    body += 2;
  }
  fail_unless_equals_string (p, "\r\n\r\n");
  return g_string_free (plain, FALSE);
}

GST_START_TEST (test_parts_in_chunks_are_the_same_parts)
{
  g_autoptr (GstSocketFraming) framing =
      gst_socket_framing_new_multipart ("border", "image/jpeg", TRUE);
  g_autofree gchar *opening =
      gst_socket_framing_multipart_dup_opening ("border", TRUE);
  g_autoptr (GString) body = g_string_new (opening);
  g_autoptr (GstSocketUnit) unit = text_unit ("picture");
  g_autoptr (GstSocketUnit) end = text_unit ("");
  g_autofree gchar *plain = NULL;
  GstSocketFramingState state = {0};
  GString *bytes = frame (framing, &state, unit);

  g_string_append (body, bytes->str);
  g_string_free (bytes, TRUE);
  bytes = frame (framing, &state, end);
  g_string_append (body, bytes->str);
  g_string_free (bytes, TRUE);
  plain = unchunk (body->str);
  fail_unless_equals_string (plain,
      "--border\r\nContent-Type: image/jpeg\r\nContent-Length: 7\r\n\r\npicture"
      "\r\n--border\r\n\r\n--border--\r\n");
}
GST_END_TEST;

/* --- ICY --- */

static GstSocketUnit *
icy_unit (guint64 seq, gsize size)
{
  g_autofree gchar *data = g_malloc (size);
  GstSocketUnit *unit;

  memset (data, 'a', size);
  unit = unit_of (data, size);
  unit->seq = seq;
  return unit;
}

/* The metadata behind the first METAINT bytes. */
static gchar *
title_of (GString *bytes)
{
  gsize n = (guchar) bytes->str[METAINT] * 16;

  fail_unless (bytes->len >= METAINT + 1 + n);
  return g_strndup (bytes->str + METAINT + 1, n);
}

static void
expect_title (GstSocketFraming *framing, GstSocketFramingState *state,
    guint64 seq, const gchar *text)
{
  g_autoptr (GstSocketUnit) unit = icy_unit (seq, METAINT);
  GString *bytes = frame (framing, state, unit);
  g_autofree gchar *title = title_of (bytes);

  fail_unless_equals_string (title, text);
  g_string_free (bytes, TRUE);
}

GST_START_TEST (test_title_is_in_the_first_block_and_then_no_more)
{
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_icy (METAINT);
  GstSocketFramingState early = {0}, late = {0};

  gst_socket_framing_icy_set_title (framing, 1, "Some One - A Song", NULL);
  expect_title (framing, &early, 5, "StreamTitle='Some One - A Song';");
  expect_title (framing, &early, 6, "");
  expect_title (framing, &late, 6, "StreamTitle='Some One - A Song';");
}
GST_END_TEST;

GST_START_TEST (test_new_title_begins_with_its_unit)
{
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_icy (METAINT);
  GstSocketFramingState state = {0};

  gst_socket_framing_icy_set_title (framing, 1, "one", NULL);
  gst_socket_framing_icy_set_title (framing, 8, "two", "http://a.test/");
  expect_title (framing, &state, 0, "");
  expect_title (framing, &state, 7, "StreamTitle='one';");
  expect_title (
      framing, &state, 8, "StreamTitle='two';StreamUrl='http://a.test/';");
}
GST_END_TEST;

GST_START_TEST (test_same_unit_has_the_same_bytes_again)
{
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_icy (METAINT);
  g_autoptr (GstSocketUnit) unit = icy_unit (3, 3 * METAINT);
  GstSocketFramingState state = {.position = 17}, again = state;
  GString *one, *two;

  gst_socket_framing_icy_set_title (framing, 2, "one", NULL);
  one = frame (framing, &state, unit);
  gst_socket_framing_icy_set_title (framing, 4, "two", NULL);
  two = frame (framing, &again, unit);
  fail_unless (g_string_equal (one, two));
  fail_unless_equals_uint64 (state.position, 17);
  fail_unless (memcmp (&state, &again, sizeof state) == 0);
  g_string_free (one, TRUE);
  g_string_free (two, TRUE);
}
GST_END_TEST;

GST_START_TEST (test_block_counts_payload_across_units)
{
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_icy (METAINT);
  GstSocketFramingState state = {0};
  gsize total = 0;

  for (guint i = 0; i < 100; i++) {
    g_autoptr (GstSocketUnit) unit = icy_unit (i + 1, 7 * i + 1);
    GString *bytes = frame (framing, &state, unit);

    total += 7 * i + 1;
    fail_unless_equals_uint64 (state.position, total % METAINT);
    g_string_free (bytes, TRUE);
  }
}
GST_END_TEST;

GST_START_TEST (test_title_fits_whatever_it_is)
{
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_icy (METAINT);
  GstSocketFramingState state = {0};
  g_autofree gchar *spaces = g_strnfill (9000, 'x');
  g_autofree gchar *title = NULL;
  g_autoptr (GstSocketUnit) unit = icy_unit (2, METAINT);
  GString *bytes;

  gst_socket_framing_icy_set_title (
      framing, 1, "it's \xc3\xa9t\xc3\xa9';\n\xff", "u");
  expect_title (framing, &state, 1,
      "StreamTitle='it's \xc3\xa9t\xc3\xa9'\xef\xbf\xbd';StreamUrl='u';");
  gst_socket_framing_icy_set_title (framing, 2, spaces, spaces);
  bytes = frame (framing, &state, unit);
  title = title_of (bytes);
  fail_unless_equals_int (strlen (title), 255 * 16);
  fail_unless (g_str_has_suffix (title, "';"));
  g_string_free (bytes, TRUE);
}
GST_END_TEST;

GST_START_TEST (test_title_does_not_end_its_field)
{
  static const gchar *const titles[][2] = {
      {"a';StreamUrl='b", "StreamTitle='a'StreamUrl='b';"},
      {"a';;StreamUrl='b", "StreamTitle='a'StreamUrl='b';"},
      {"a'\001;StreamUrl='b", "StreamTitle='a'StreamUrl='b';"},
      {";StreamUrl='b", "StreamTitle='StreamUrl='b';"},
      {"a;b", "StreamTitle='a;b';"},
  };
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_icy (METAINT);
  GstSocketFramingState state = {0};

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++) {
    gst_socket_framing_icy_set_title (framing, i + 1, titles[i][0], NULL);
    expect_title (framing, &state, i + 1, titles[i][1]);
  }
}
GST_END_TEST;

GST_START_TEST (test_unit_with_too_many_blocks_is_left_out)
{
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_icy (METAINT);
  g_autoptr (GstSocketUnit) huge = icy_unit (1, 1024 * METAINT);
  GstSocketFramingState state = {.position = 3};
  GString *bytes = frame (framing, &state, huge);

  fail_unless_equals_int (bytes->len, 0);
  fail_unless_equals_uint64 (state.position, 3);
  g_string_free (bytes, TRUE);
}
GST_END_TEST;

static Suite *
framings_suite (void)
{
  Suite *s = suite_create ("framings");
  TCase *tc = tcase_create ("framings");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_chunk_has_its_size_in_hexadecimal);
  tcase_add_test (tc, test_unit_without_payload_ends_a_chunked_body);
  tcase_add_test (tc, test_full_list_takes_no_more);
  tcase_add_test (tc, test_part_is_followed_by_the_boundary);
  tcase_add_test (tc, test_parts_in_chunks_are_the_same_parts);
  tcase_add_test (tc, test_title_is_in_the_first_block_and_then_no_more);
  tcase_add_test (tc, test_new_title_begins_with_its_unit);
  tcase_add_test (tc, test_same_unit_has_the_same_bytes_again);
  tcase_add_test (tc, test_block_counts_payload_across_units);
  tcase_add_test (tc, test_title_fits_whatever_it_is);
  tcase_add_test (tc, test_title_does_not_end_its_field);
  tcase_add_test (tc, test_unit_with_too_many_blocks_is_left_out);
  return s;
}

GST_CHECK_MAIN (framings);
