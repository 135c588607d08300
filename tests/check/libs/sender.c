/* SPDX-License-Identifier: LGPL-2.1-or-later
 * sender.c: tests of gstsocketsender.c and gstsocketblob.c
 *
 * Here: what arrives at sockets of files and memory, whole or growing, and
 * when a sending ends early.
 * Not here: HTTP (tests/check/elements/httpfiles.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfolder.h"
#include "testnet.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketsender.h>

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGE (5 * 1024 * 1024 + 3)

typedef struct
{
  gint n_done;   /* atomic */
  gint n_failed; /* atomic */
} Ends;

static void
on_end (GstSocketSending *sending, gboolean done, gpointer user_data)
{
  Ends *ends = user_data;

  g_atomic_int_inc (done ? &ends->n_done : &ends->n_failed);
}

static gboolean
is_one_done (gpointer data)
{
  return g_atomic_int_get (&((Ends *) data)->n_done) == 1;
}

static gboolean
is_one_failed (gpointer data)
{
  return g_atomic_int_get (&((Ends *) data)->n_failed) == 1;
}

static GstSocketSender *
start (Ends *ends, guint64 stall_ns)
{
  g_autoptr (GError) error = NULL;
  GstSocketSender *sender =
      gst_socket_sender_new (stall_ns, on_end, ends, &error);

  fail_unless (sender != NULL, "%s", error ? error->message : "");
  return sender;
}

static void
stop (GstSocketSender *sender)
{
  gst_socket_sender_stop (sender);
  gst_socket_sender_unref (sender);
}

/* Sends pieces, and returns who receives them. */
static GSocket *
send_pieces (GstSocketSender *sender, GPtrArray *pieces)
{
  GstSocketSending sending = {.pieces = pieces};
  GSocket *peer;

  test_pair (SOCK_STREAM, &sending.socket, &peer);
  g_socket_set_blocking (sending.socket, FALSE);
  gst_socket_sender_send (sender, &sending);
  return peer;
}

static void
close_socket (GSocket *socket)
{
  g_socket_close (socket, NULL);
  g_object_unref (socket);
}

static gint
open_new (const gchar *folder, gsize size)
{
  g_autofree gchar *path = g_build_filename (folder, "file", NULL);

  test_folder_fill (folder, "file", size);
  return open (path, O_RDWR | O_CLOEXEC);
}

static void
expect_bytes (GSocket *peer, gsize offset, gsize size)
{
  g_autofree guint8 *data = g_malloc (size);
  gsize i = 0;

  test_receive (peer, data, size);
  while (i < size && data[i] == test_folder_byte (offset + i))
    i++;
  fail_unless (i == size, "wrong at %" G_GSIZE_FORMAT, i);
}

static void
expect_text (GSocket *peer, const gchar *text)
{
  g_autofree gchar *got = g_malloc0 (strlen (text) + 1);

  test_receive (peer, got, strlen (text));
  fail_unless_equals_string (got, text);
}

/* Around each size at which memory is moved or a block ends, in one piece or
 * two; also after the end, when what is left over is given back. */
GST_START_TEST (test_memory_keeps_its_bytes_however_they_come)
{
  static const gsize parts[] = {
      1, 1022, 1, 1, 1023, 1, 4096, 1316, 58075, 1, 65536, 70001, 1, 131072};
  g_autoptr (GstSocketBlob) blob = gst_socket_blob_new_in_memory ();
  gsize total = 0, done = 0;
  g_autofree guint8 *all = NULL;
  g_autofree guint8 *got = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    total += parts[i];
  all = g_malloc (total);
  got = g_malloc (total);
  for (gsize i = 0; i < total; i++)
    all[i] = test_folder_byte (i);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    fail_unless (gst_socket_blob_append (blob, all + done, parts[i], NULL));
    done += parts[i];
    fail_unless_equals_int64 (gst_socket_blob_read (blob, 0, got, total), done);
    fail_unless (memcmp (got, all, done) == 0);
  }
  gst_socket_blob_end (blob, GST_SOCKET_BLOB_COMPLETE);
  memset (got, 0, total);
  fail_unless_equals_int64 (gst_socket_blob_read (blob, 0, got, total), total);
  fail_unless (memcmp (got, all, total) == 0);
  fail_if (gst_socket_blob_append (blob, all, 1, NULL));
}
GST_END_TEST;

GST_START_TEST (test_parts_of_a_file_arrive_between_texts)
{
  Ends ends = {0};
  g_autofree gchar *folder = test_folder_new ();
  GstSocketSender *sender = start (&ends, 0);
  g_autoptr (GstSocketBlob) blob = gst_socket_blob_new_for_fd (
      open_new (folder, LARGE), LARGE, GST_SOCKET_BLOB_COMPLETE);
  g_autoptr (GBytes) text = g_bytes_new_static ("text", 4);
  GPtrArray *pieces = gst_socket_pieces_new ();
  GSocket *peer;

  gst_socket_pieces_add_bytes (pieces, text);
  gst_socket_pieces_add_blob (pieces, blob, 0, LARGE, FALSE);
  gst_socket_pieces_add_bytes (pieces, text);
  gst_socket_pieces_add_blob (pieces, blob, 10, 5, FALSE);
  peer = send_pieces (sender, pieces);
  expect_text (peer, "text");
  expect_bytes (peer, 0, LARGE);
  expect_text (peer, "text");
  expect_bytes (peer, 10, 5);
  test_expect_end (peer);
  fail_unless_eventually (is_one_done, &ends);
  close_socket (peer);
  stop (sender);
  test_folder_remove (folder);
}
GST_END_TEST;

GST_START_TEST (test_growing_memory_is_followed_in_chunks)
{
  Ends ends = {0};
  GstSocketSender *sender = start (&ends, 0);
  g_autoptr (GstSocketBlob) blob = gst_socket_blob_new_in_memory ();
  GPtrArray *pieces = gst_socket_pieces_new ();
  GSocket *peer;

  gst_socket_blob_set_func (blob, gst_socket_sender_wake,
      gst_socket_sender_ref (sender), (GDestroyNotify) gst_socket_sender_unref);
  fail_unless (gst_socket_blob_append (blob, "abc", 3, NULL));
  gst_socket_pieces_add_blob (pieces, blob, 0, GST_SOCKET_PIECE_TO_END, TRUE);
  peer = send_pieces (sender, pieces);
  expect_text (peer, "3\r\nabc\r\n");
  fail_unless (gst_socket_blob_append (blob, "0123456789", 10, NULL));
  expect_text (peer, "a\r\n0123456789\r\n");
  gst_socket_blob_end (blob, GST_SOCKET_BLOB_COMPLETE);
  expect_text (peer, "0\r\n\r\n");
  test_expect_end (peer);
  fail_unless (!gst_socket_blob_append (blob, "x", 1, NULL));
  fail_unless_eventually (is_one_done, &ends);
  close_socket (peer);
  stop (sender);
}
GST_END_TEST;

GST_START_TEST (test_large_growth_of_a_file_is_one_chunk)
{
  Ends ends = {0};
  g_autofree gchar *folder = test_folder_new ();
  GstSocketSender *sender = start (&ends, 0);
  g_autoptr (GstSocketBlob) blob = gst_socket_blob_new_for_fd (
      open_new (folder, 1 << 20), 1 << 20, GST_SOCKET_BLOB_COMPLETE);
  GPtrArray *pieces = gst_socket_pieces_new ();
  GSocket *peer;

  gst_socket_pieces_add_blob (pieces, blob, 0, GST_SOCKET_PIECE_TO_END, TRUE);
  peer = send_pieces (sender, pieces);
  expect_text (peer, "100000\r\n");
  expect_bytes (peer, 0, 1 << 20);
  expect_text (peer, "\r\n0\r\n\r\n");
  test_expect_end (peer);
  close_socket (peer);
  stop (sender);
  test_folder_remove (folder);
}
GST_END_TEST;

GST_START_TEST (test_file_that_shrinks_ends_its_sending)
{
  Ends ends = {0};
  g_autofree gchar *folder = test_folder_new ();
  GstSocketSender *sender = start (&ends, 0);
  gint fd = open_new (folder, LARGE);
  g_autoptr (GstSocketBlob) blob =
      gst_socket_blob_new_for_fd (fd, LARGE, GST_SOCKET_BLOB_COMPLETE);
  GPtrArray *pieces = gst_socket_pieces_new ();
  GSocket *peer;

  fail_unless (ftruncate (fd, 100000) == 0);
  gst_socket_pieces_add_blob (pieces, blob, 0, LARGE, FALSE);
  peer = send_pieces (sender, pieces);
  expect_bytes (peer, 0, 100000);
  test_expect_end (peer);
  fail_unless_eventually (is_one_failed, &ends);
  close_socket (peer);
  stop (sender);
  test_folder_remove (folder);
}
GST_END_TEST;

GST_START_TEST (test_memory_that_is_torn_ends_its_sending)
{
  Ends ends = {0};
  GstSocketSender *sender = start (&ends, 0);
  g_autoptr (GstSocketBlob) blob = gst_socket_blob_new_in_memory ();
  GPtrArray *pieces = gst_socket_pieces_new ();
  GSocket *peer;

  gst_socket_blob_set_func (blob, gst_socket_sender_wake,
      gst_socket_sender_ref (sender), (GDestroyNotify) gst_socket_sender_unref);
  fail_unless (gst_socket_blob_append (blob, "abc", 3, NULL));
  gst_socket_pieces_add_blob (pieces, blob, 0, GST_SOCKET_PIECE_TO_END, FALSE);
  peer = send_pieces (sender, pieces);
  expect_text (peer, "abc");
  gst_socket_blob_tear (blob);
  test_expect_end (peer);
  fail_unless_eventually (is_one_failed, &ends);
  close_socket (peer);
  stop (sender);
}
GST_END_TEST;

GST_START_TEST (test_reader_that_stops_costs_nobody_else)
{
  Ends ends = {0};
  g_autofree gchar *folder = test_folder_new ();
  GstSocketSender *sender = start (&ends, GST_SECOND / 2);
  g_autoptr (GstSocketBlob) blob = gst_socket_blob_new_for_fd (
      open_new (folder, LARGE), LARGE, GST_SOCKET_BLOB_COMPLETE);
  GPtrArray *stuck_pieces = gst_socket_pieces_new ();
  GPtrArray *pieces = gst_socket_pieces_new ();
  GSocket *stuck, *peer;

  gst_socket_pieces_add_blob (stuck_pieces, blob, 0, LARGE, FALSE);
  stuck = send_pieces (sender, stuck_pieces);
  gst_socket_pieces_add_blob (pieces, blob, 0, LARGE, FALSE);
  peer = send_pieces (sender, pieces);
  expect_bytes (peer, 0, LARGE);
  fail_unless_eventually (is_one_failed, &ends);
  fail_unless_eventually (is_one_done, &ends);
  close_socket (stuck);
  close_socket (peer);
  stop (sender);
  test_folder_remove (folder);
}
GST_END_TEST;

GST_START_TEST (test_reader_that_leaves_while_waiting_is_noticed)
{
  Ends ends = {0};
  GstSocketSender *sender = start (&ends, 0);
  g_autoptr (GstSocketBlob) blob = gst_socket_blob_new_in_memory ();
  GPtrArray *pieces = gst_socket_pieces_new ();
  GSocket *peer;

  gst_socket_pieces_add_blob (pieces, blob, 0, GST_SOCKET_PIECE_TO_END, TRUE);
  peer = send_pieces (sender, pieces);
  close_socket (peer);
  fail_unless_eventually (is_one_failed, &ends);
  stop (sender);
}
GST_END_TEST;

GST_START_TEST (test_stopping_ends_everything)
{
  Ends ends = {0};
  GstSocketSender *sender = start (&ends, 0);
  g_autoptr (GstSocketBlob) blob = gst_socket_blob_new_in_memory ();
  GPtrArray *pieces = gst_socket_pieces_new ();
  GSocket *peer, *late;

  gst_socket_pieces_add_blob (pieces, blob, 0, GST_SOCKET_PIECE_TO_END, TRUE);
  peer = send_pieces (sender, pieces);
  gst_socket_sender_stop (sender);
  test_expect_end (peer);
  fail_unless_equals_int (ends.n_failed, 1);
  late = send_pieces (sender, gst_socket_pieces_new ());
  test_expect_end (late);
  gst_socket_sender_unref (sender);
  close_socket (peer);
  close_socket (late);
}
GST_END_TEST;

static Suite *
sender_suite (void)
{
  Suite *s = suite_create ("sender");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_memory_keeps_its_bytes_however_they_come);
  tcase_add_test (tc, test_parts_of_a_file_arrive_between_texts);
  tcase_add_test (tc, test_growing_memory_is_followed_in_chunks);
  tcase_add_test (tc, test_large_growth_of_a_file_is_one_chunk);
  tcase_add_test (tc, test_file_that_shrinks_ends_its_sending);
  tcase_add_test (tc, test_memory_that_is_torn_ends_its_sending);
  tcase_add_test (tc, test_reader_that_stops_costs_nobody_else);
  tcase_add_test (tc, test_reader_that_leaves_while_waiting_is_noticed);
  tcase_add_test (tc, test_stopping_ends_everything);
  return s;
}

GST_CHECK_MAIN (sender);
