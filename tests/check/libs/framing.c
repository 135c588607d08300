/* SPDX-License-Identifier: LGPL-2.1-or-later
 * framing.c: tests of gstsocketframing.c
 *
 * Here: room, scratch bytes and skipping in a list of pieces, the framing that
 * wraps nothing.
 * Not here: sending (engine.c), framings of other libraries.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketframing.h>

static GstSocketPieces *pieces;

static void
set_up (void)
{
  pieces = g_new (GstSocketPieces, 1);
  memset (pieces, 0xaa, sizeof *pieces);
  gst_socket_pieces_clear (pieces);
}

static void
tear_down (void)
{
  g_clear_pointer (&pieces, g_free);
}

static GstSocketUnit *
make_unit (const gchar *text, gsize split)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  gsize size = strlen (text);

  for (gsize at = 0; at < size; at += split)
    gst_buffer_append_memory (buffer,
        gst_memory_new_wrapped (GST_MEMORY_FLAG_READONLY, (gpointer) text, size,
            at, MIN (split, size - at), NULL, NULL));
  return gst_socket_unit_new (buffer, 0, NULL);
}

static gchar *
flatten (guint start)
{
  GString *text = g_string_new (NULL);

  for (guint i = start; i < pieces->n_iov; i++)
    g_string_append_len (text, pieces->iov[i].iov_base, pieces->iov[i].iov_len);
  return g_string_free (text, FALSE);
}

GST_START_TEST (test_room_ends_with_the_pieces)
{
  fail_unless (gst_socket_pieces_has_room (pieces, 0, 0));
  fail_unless (gst_socket_pieces_has_room (
      pieces, GST_SOCKET_PIECES_MAX, GST_SOCKET_PIECES_SCRATCH));
  fail_if (gst_socket_pieces_has_room (pieces, GST_SOCKET_PIECES_MAX + 1, 0));
  fail_if (gst_socket_pieces_has_room (pieces, G_MAXUINT, 0));
  for (guint i = 0; i < GST_SOCKET_PIECES_MAX - 1; i++)
    gst_socket_pieces_add (pieces, "x", 1);
  fail_unless (gst_socket_pieces_has_room (pieces, 1, 0));
  fail_if (gst_socket_pieces_has_room (pieces, 2, 0));
  gst_socket_pieces_add (pieces, "x", 1);
  fail_unless (gst_socket_pieces_has_room (pieces, 0, 0));
  fail_if (gst_socket_pieces_has_room (pieces, 1, 0));
  fail_unless_equals_int (pieces->bytes, GST_SOCKET_PIECES_MAX);
}

GST_END_TEST;

GST_START_TEST (test_room_ends_with_the_scratch_bytes)
{
  gchar bytes[GST_SOCKET_PIECES_SCRATCH] = "abc";

  gst_socket_pieces_add_scratch (pieces, bytes, sizeof bytes - 5);
  fail_unless (gst_socket_pieces_has_room (pieces, 1, 4));
  fail_unless (gst_socket_pieces_has_room (pieces, 1, 5));
  fail_if (gst_socket_pieces_has_room (pieces, 1, 6));
  fail_if (gst_socket_pieces_has_room (pieces, 1, G_MAXSIZE));
  gst_socket_pieces_add_scratch (pieces, "12345", 5);
  fail_unless (gst_socket_pieces_has_room (pieces, 1, 0));
  fail_if (gst_socket_pieces_has_room (pieces, 1, 1));
  fail_unless (memcmp (pieces->iov[1].iov_base, "12345", 5) == 0);
}

GST_END_TEST;

GST_START_TEST (test_room_ends_with_the_units)
{
  g_autoptr (GstSocketUnit) unit = make_unit ("", 1);

  for (guint i = 0; i < GST_SOCKET_PIECES_MAX; i++) {
    fail_unless (gst_socket_pieces_has_room (pieces, 0, 0));
    gst_socket_pieces_end_unit (pieces, unit);
  }
  fail_if (gst_socket_pieces_has_room (pieces, 0, 0));
  gst_socket_pieces_clear (pieces);
  fail_unless (gst_socket_pieces_has_room (pieces, 1, 1));
}

GST_END_TEST;

GST_START_TEST (test_scratch_bytes_are_copied)
{
  gchar text[] = "first";

  gst_socket_pieces_add_scratch (pieces, text, 5);
  memcpy (text, "other", 5);
  gst_socket_pieces_add_scratch (pieces, text, 5);
  {
    g_autofree gchar *all = flatten (0);

    fail_unless_equals_string (all, "firstother");
  }
}

GST_END_TEST;

GST_START_TEST (test_skip_leaves_the_rest_at_every_byte)
{
  static const gchar whole[] = "abcdefghijklmnop";
  g_autoptr (GstSocketUnit) a = make_unit ("abcdef", 2);
  g_autoptr (GstSocketUnit) b = make_unit ("ghijklmnop", 3);
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_none ();
  GstSocketFramingState state = {0};

  gst_socket_framing_append (framing, &state, a, pieces);
  gst_socket_framing_append (framing, &state, b, pieces);
  for (gsize skip = 0; skip < sizeof whole - 1; skip++) {
    struct iovec saved;
    guint index = gst_socket_pieces_skip (pieces, skip, &saved);
    g_autofree gchar *rest = flatten (index);
    g_autofree gchar *all = NULL;

    fail_unless_equals_string (rest, whole + skip);
    fail_unless (pieces->iov[index].iov_len > 0);
    pieces->iov[index] = saved;
    all = flatten (0);
    fail_unless_equals_string (all, whole);
  }
}

GST_END_TEST;

GST_START_TEST (test_plain_framing_notes_where_units_end)
{
  g_autoptr (GstSocketUnit) a = make_unit ("abcdef", 2);
  g_autoptr (GstSocketUnit) empty = make_unit ("", 2);
  g_autoptr (GstSocketUnit) b = make_unit ("xyz", 9);
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_none ();
  GstSocketFramingState state = {0};

  fail_unless (framing->is_uniform);
  fail_unless (gst_socket_framing_append (framing, &state, a, pieces));
  fail_unless (gst_socket_framing_append (framing, &state, empty, pieces));
  fail_unless (gst_socket_framing_append (framing, &state, b, pieces));
  fail_unless_equals_int (pieces->n_units, 3);
  fail_unless_equals_int (pieces->end[0], 6);
  fail_unless_equals_int (pieces->end[1], 6);
  fail_unless_equals_int (pieces->end[2], 9);
  fail_unless_equals_int (pieces->iov_end[0], 3);
  fail_unless_equals_int (pieces->iov_end[1], 3);
  fail_unless_equals_int (pieces->iov_end[2], 4);
  fail_unless (pieces->units[1] == empty);
  /* payload is pointed to, not copied */
  fail_unless (pieces->iov[3].iov_base == b->iov[0].iov_base);
}

GST_END_TEST;

GST_START_TEST (test_unit_that_does_not_fit_changes_nothing)
{
  g_autoptr (GstSocketUnit) unit = make_unit ("abcdef", 2);
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_none ();
  GstSocketFramingState state = {0};

  for (guint i = 0; i < GST_SOCKET_PIECES_MAX - 2; i++)
    gst_socket_pieces_add (pieces, "x", 1);
  fail_if (gst_socket_framing_append (framing, &state, unit, pieces));
  fail_unless_equals_int (pieces->n_units, 0);
  fail_unless_equals_int (pieces->n_iov, GST_SOCKET_PIECES_MAX - 2);
  fail_unless_equals_int (pieces->bytes, GST_SOCKET_PIECES_MAX - 2);
}

GST_END_TEST;

static guint n_freed;

static void
count_free (GstSocketFraming *framing)
{
  n_freed++;
}

GST_START_TEST (test_framing_is_freed_with_its_last_reference)
{
  static const GstSocketFramingFuncs funcs = {.free = count_free};
  GstSocketFraming framing;

  gst_socket_framing_init (&framing, &funcs, FALSE);
  fail_unless (gst_socket_framing_ref (&framing) == &framing);
  gst_socket_framing_unref (&framing);
  fail_unless_equals_int (n_freed, 0);
  gst_socket_framing_unref (&framing);
  fail_unless_equals_int (n_freed, 1);
  gst_socket_framing_unref (NULL);
}

GST_END_TEST;

static Suite *
framing_suite (void)
{
  Suite *suite = suite_create ("framing");
  TCase *tc = tcase_create ("framing");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_room_ends_with_the_pieces);
  tcase_add_test (tc, test_room_ends_with_the_scratch_bytes);
  tcase_add_test (tc, test_room_ends_with_the_units);
  tcase_add_test (tc, test_scratch_bytes_are_copied);
  tcase_add_test (tc, test_skip_leaves_the_rest_at_every_byte);
  tcase_add_test (tc, test_plain_framing_notes_where_units_end);
  tcase_add_test (tc, test_unit_that_does_not_fit_changes_nothing);
  tcase_add_test (tc, test_framing_is_freed_with_its_last_reference);
  return suite;
}

GST_CHECK_MAIN (framing);
