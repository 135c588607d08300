/* SPDX-License-Identifier: LGPL-2.1-or-later
 * transfer.c: tests of gstsocketwait.c, gstsocketreader.c, gstsocketwriter.c
 *
 * Here: waiting, reading and writing over socket pairs, also cancelled.
 * Not here: elements.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gio/gunixfdmessage.h>
#include <gst/check/gstcheck.h>
#include <gst/net/gstnetcontrolmessagemeta.h>
#include <gst/socket/gstsocketreader.h>
#include <gst/socket/gstsocketwriter.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

static GCancellable *cancellable;
static GstSocketWait *wait_object;
static GstSocketReader *reader;
static GSocket *ours;
static GSocket *theirs;

static void
open_pair (int type, gsize max_size)
{
  test_leaks_begin ();
  cancellable = g_cancellable_new ();
  wait_object = gst_socket_wait_new (cancellable, NULL);
  reader = gst_socket_reader_new (max_size);
  test_pair (type, &ours, &theirs);
}

static void
set_up_stream (void)
{
  open_pair (SOCK_STREAM, 0);
}

static void
set_up_messages (void)
{
  open_pair (SOCK_SEQPACKET, 1000);
}

static void
tear_down (void)
{
  g_clear_object (&ours);
  g_clear_object (&theirs);
  g_clear_pointer (&reader, gst_socket_reader_free);
  g_clear_pointer (&wait_object, gst_socket_wait_free);
  g_clear_object (&cancellable);
  test_leaks_end ();
}

static GstBuffer *
read_buffer (void)
{
  g_autoptr (GError) error = NULL;
  GstBuffer *buffer = NULL;

  fail_unless_equals_int (gst_socket_reader_read (reader, ours, wait_object,
                              TEST_DEADLINE_US, &buffer, &error),
      GST_SOCKET_READ_DATA);
  return buffer;
}

static GstSocketReadResult
read_failure (gint64 timeout_us, GError **error)
{
  GstBuffer *buffer = NULL;
  GstSocketReadResult result = gst_socket_reader_read (
      reader, ours, wait_object, timeout_us, &buffer, error);

  fail_unless (buffer == NULL);
  return result;
}

GST_START_TEST (test_wait_times_out)
{
  g_autoptr (GError) error = NULL;

  fail_if (gst_socket_wait_for (
      wait_object, g_socket_get_fd (ours), G_IO_IN, 1000, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  g_clear_error (&error);
  fail_if (gst_socket_wait_for (wait_object, -1, 0, 0, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
}
GST_END_TEST;

GST_START_TEST (test_wait_tells_which_descriptor_is_ready)
{
  GPollFD fds[2] = {{g_socket_get_fd (ours), G_IO_IN, 0},
      {g_socket_get_fd (theirs), G_IO_OUT, 0}};

  fail_unless (gst_socket_wait_for_any (wait_object, fds, 2, -1, NULL));
  fail_unless_equals_int (fds[0].revents, 0);
  fail_unless_equals_int (fds[1].revents, G_IO_OUT);
}
GST_END_TEST;

static gpointer
cancel_it (gpointer unused)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

GST_START_TEST (test_wait_is_cancelled_and_works_again_after_a_reset)
{
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GError) error = NULL;
    GThread *thread = g_thread_new ("canceller", cancel_it, NULL);

    fail_if (gst_socket_wait_for (
        wait_object, g_socket_get_fd (ours), G_IO_IN, -1, &error));
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
    g_thread_join (thread);
    g_cancellable_reset (cancellable);
    g_clear_error (&error);
    fail_if (gst_socket_wait_for (
        wait_object, g_socket_get_fd (ours), G_IO_IN, 1000, &error));
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  }
}
GST_END_TEST;

static gint64
get_thread_cpu_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

GST_START_TEST (test_wait_sleeps_also_after_a_cancellation_was_taken_back)
{
  gint64 cpu_us = get_thread_cpu_us ();

  g_cancellable_cancel (cancellable);
  g_cancellable_reset (cancellable);
  fail_if (gst_socket_wait_for (
      wait_object, g_socket_get_fd (ours), G_IO_IN, 200000, NULL));
  fail_unless (get_thread_cpu_us () - cpu_us < 100000);
}
GST_END_TEST;

GST_START_TEST (test_wait_without_descriptors_left_is_an_error)
{
  g_autoptr (GError) error = NULL;
  struct rlimit old, none;

  fail_unless_equals_int (getrlimit (RLIMIT_NOFILE, &old), 0);
  none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
  fail_unless_equals_int (setrlimit (RLIMIT_NOFILE, &none), 0);
  fail_unless (gst_socket_wait_new (cancellable, &error) == NULL);
  fail_unless_equals_int (setrlimit (RLIMIT_NOFILE, &old), 0);
  fail_unless (
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES));
}
GST_END_TEST;

GST_START_TEST (test_what_has_arrived_is_one_writable_buffer)
{
  g_autoptr (GstBuffer) buffer = NULL;
  GstMapInfo map;

  test_send (theirs, "abc", 3);
  test_send (theirs, "def", 3);
  buffer = read_buffer ();
  fail_unless_equals_int (gst_buffer_get_size (buffer), 6);
  fail_unless (gst_buffer_is_writable (buffer));
  fail_unless (gst_buffer_is_all_memory_writable (buffer));
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READWRITE));
  fail_unless (memcmp (map.data, "abcdef", 6) == 0);
  gst_buffer_unmap (buffer, &map);
}
GST_END_TEST;

GST_START_TEST (test_buffers_that_are_held_keep_their_bytes)
{
  GstBuffer *held[2000];
  guint8 expected[100];

  for (guint i = 0; i < G_N_ELEMENTS (held); i++) {
    memset (expected, i, sizeof (expected));
    test_send (theirs, expected, sizeof (expected));
    held[i] = read_buffer ();
  }
  for (guint i = 0; i < G_N_ELEMENTS (held); i++) {
    memset (expected, i, sizeof (expected));
    fail_unless_equals_int (
        gst_buffer_memcmp (held[i], 0, expected, sizeof (expected)), 0);
    gst_buffer_unref (held[i]);
  }
}
GST_END_TEST;

GST_START_TEST (test_released_memory_is_used_again)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 5000; i++) {
    g_autoptr (GstBuffer) buffer = NULL;
    GstMapInfo map;

    test_send (theirs, "x", 1);
    buffer = read_buffer ();
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    g_hash_table_add (seen, map.data);
    gst_buffer_unmap (buffer, &map);
  }
  fail_unless (g_hash_table_size (seen) < 4500, "%u places for 5000 buffers",
      g_hash_table_size (seen));
}
GST_END_TEST;

GST_START_TEST (test_buffers_outlive_the_reader)
{
  g_autoptr (GstBuffer) buffer = NULL;

  test_send (theirs, "abc", 3);
  buffer = read_buffer ();
  g_clear_pointer (&reader, gst_socket_reader_free);
  fail_unless_equals_int (gst_buffer_memcmp (buffer, 0, "abc", 3), 0);
}
GST_END_TEST;

GST_START_TEST (test_largest_buffer_is_as_large_as_asked_for)
{
  g_autofree gchar *bytes = g_malloc0 (100);
  gsize sizes[] = {40, 40, 20};

  gst_socket_reader_free (reader);
  reader = gst_socket_reader_new (40);
  test_send (theirs, bytes, 100);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GstBuffer) buffer = read_buffer ();

    fail_unless_equals_int (gst_buffer_get_size (buffer), sizes[i]);
  }
}
GST_END_TEST;

GST_START_TEST (test_close_is_the_end_and_what_came_before_is_read)
{
  g_autoptr (GstBuffer) buffer = NULL;

  test_send (theirs, "abc", 3);
  g_socket_close (theirs, NULL);
  buffer = read_buffer ();
  fail_unless_equals_int (gst_buffer_get_size (buffer), 3);
  fail_unless_equals_int (read_failure (-1, NULL), GST_SOCKET_READ_END);
}
GST_END_TEST;

GST_START_TEST (test_close_right_after_a_full_buffer_is_the_end)
{
  g_autofree gchar *bytes = g_malloc0 (GST_SOCKET_READER_DEFAULT_SIZE);
  g_autoptr (GstBuffer) buffer = NULL;

  test_send (theirs, bytes, GST_SOCKET_READER_DEFAULT_SIZE);
  g_socket_close (theirs, NULL);
  buffer = read_buffer ();
  fail_unless_equals_int (
      gst_buffer_get_size (buffer), GST_SOCKET_READER_DEFAULT_SIZE);
  fail_unless_equals_int (read_failure (-1, NULL), GST_SOCKET_READ_END);
}
GST_END_TEST;

GST_START_TEST (test_reset_is_an_error)
{
  g_autoptr (GError) error = NULL;

  /* A UNIX peer that closes with unread data resets. */
  test_send (ours, "unread", 6);
  g_socket_close (theirs, NULL);
  fail_unless_equals_int (read_failure (-1, &error), GST_SOCKET_READ_ERROR);
  fail_unless (
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED));
}
GST_END_TEST;

GST_START_TEST (test_read_times_out_and_is_cancelled)
{
  g_autoptr (GError) error = NULL;

  fail_unless_equals_int (read_failure (1000, &error), GST_SOCKET_READ_ERROR);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  fail_unless_equals_int (read_failure (-1, &error), GST_SOCKET_READ_ERROR);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}
GST_END_TEST;

static void
send_with_descriptor (void)
{
  g_autoptr (GSocketControlMessage) message = g_unix_fd_message_new ();
  GOutputVector vector = {"abc", 3};

  fail_unless (g_unix_fd_message_append_fd (
      G_UNIX_FD_MESSAGE (message), g_socket_get_fd (theirs), NULL));
  fail_unless_equals_int (g_socket_send_message (theirs, NULL, &vector, 1,
                              &message, 1, 0, NULL, NULL),
      3);
}

GST_START_TEST (test_descriptors_come_along_and_go_with_the_buffer)
{
  guint n_fds = test_count_fds ();
  GstBuffer *buffer;
  GstNetControlMessageMeta *meta;

  send_with_descriptor ();
  buffer = read_buffer ();
  meta = (GstNetControlMessageMeta *) gst_buffer_get_meta (
      buffer, GST_NET_CONTROL_MESSAGE_META_API_TYPE);
  fail_unless (meta != NULL);
  fail_unless (G_IS_UNIX_FD_MESSAGE (meta->message));
  fail_unless_equals_int (test_count_fds (), n_fds + 1);
  gst_buffer_unref (buffer);
  fail_unless_equals_int (test_count_fds (), n_fds);
}
GST_END_TEST;

GST_START_TEST (test_messages_stay_apart)
{
  test_send (theirs, "abc", 3);
  test_send (theirs, "de", 2);
  for (gsize size = 3; size >= 2; size--) {
    g_autoptr (GstBuffer) buffer = read_buffer ();

    fail_unless_equals_int (gst_buffer_get_size (buffer), size);
  }
}
GST_END_TEST;

GST_START_TEST (test_message_that_is_too_long_is_counted)
{
  g_autofree gchar *bytes = g_malloc0 (1001);

  for (gsize size = 999; size <= 1001; size++) {
    g_autoptr (GstBuffer) buffer = NULL;

    test_send (theirs, bytes, size);
    buffer = read_buffer ();
    fail_unless_equals_int (gst_buffer_get_size (buffer), MIN (size, 1000));
    fail_unless_equals_int (
        gst_socket_reader_get_truncated (reader), size > 1000);
  }
}
GST_END_TEST;

GST_START_TEST (test_empty_datagram_is_an_empty_buffer)
{
  g_autoptr (GstBuffer) empty = NULL;
  g_autoptr (GstBuffer) next = NULL;

  g_clear_object (&ours);
  g_clear_object (&theirs);
  test_pair (SOCK_DGRAM, &ours, &theirs);
  fail_unless_equals_int (g_socket_send (theirs, "", 0, NULL, NULL), 0);
  test_send (theirs, "abc", 3);
  empty = read_buffer ();
  next = read_buffer ();
  fail_unless_equals_int (gst_buffer_get_size (empty), 0);
  fail_unless_equals_int (gst_buffer_get_size (next), 3);
}
GST_END_TEST;

/* A buffer of n memories of size bytes each; byte k of all is k. */
static GstBuffer *
make_buffer (guint n, gsize size, guint8 start)
{
  GstBuffer *buffer = gst_buffer_new ();
  guint8 byte = start;

  for (guint i = 0; i < n; i++) {
    GstMemory *memory = gst_allocator_alloc (NULL, size, NULL);
    GstMapInfo map;

    fail_unless (gst_memory_map (memory, &map, GST_MAP_WRITE));
    for (gsize k = 0; k < size; k++)
      map.data[k] = byte++;
    gst_memory_unmap (memory, &map);
    /* Unlike gst_buffer_append_memory (), this never merges. */
    {
      GstBuffer *one = gst_buffer_new ();

      gst_buffer_append_memory (one, memory);
      buffer = gst_buffer_append (buffer, one);
    }
  }
  return buffer;
}

static void
expect_rising_bytes (GSocket *socket, gsize size, guint8 start)
{
  g_autofree guint8 *bytes = g_malloc (size);
  gsize n_right = 0;

  test_receive (socket, bytes, size);
  while (n_right < size && bytes[n_right] == (guint8) (start + n_right))
    n_right++;
  fail_unless_equals_uint64 (n_right, size);
}

GST_START_TEST (test_buffers_and_memories_arrive_in_order)
{
  GstBuffer *buffers[] = {make_buffer (1, 10, 0), make_buffer (0, 0, 0),
      make_buffer (9, 10, 10), make_buffer (1, 0, 0), make_buffer (16, 7, 100)};
  guint64 sent = 0;

  fail_unless (gst_socket_send_buffers (
      ours, buffers, G_N_ELEMENTS (buffers), wait_object, &sent, NULL));
  fail_unless_equals_uint64 (sent, 212);
  expect_rising_bytes (theirs, 212, 0);
  for (guint i = 0; i < G_N_ELEMENTS (buffers); i++)
    gst_buffer_unref (buffers[i]);
}
GST_END_TEST;

GST_START_TEST (test_many_buffers_go_in_several_calls)
{
  GstBuffer *buffers[300];

  for (guint i = 0; i < G_N_ELEMENTS (buffers); i++)
    buffers[i] = make_buffer (1, 10, i * 10);
  fail_unless (gst_socket_send_buffers (
      ours, buffers, G_N_ELEMENTS (buffers), wait_object, NULL, NULL));
  expect_rising_bytes (theirs, 3000, 0);
  for (guint i = 0; i < G_N_ELEMENTS (buffers); i++)
    gst_buffer_unref (buffers[i]);
}
GST_END_TEST;

static gpointer
read_all (gpointer size)
{
  expect_rising_bytes (theirs, GPOINTER_TO_SIZE (size), 0);
  return NULL;
}

GST_START_TEST (test_slow_peer_is_waited_for)
{
  const gsize size = 4 * 1024 * 1024;
  g_autoptr (GstBuffer) buffer = make_buffer (4, size / 4, 0);
  GThread *thread = g_thread_new ("reader", read_all, GSIZE_TO_POINTER (size));

  fail_unless (
      gst_socket_send_buffers (ours, &buffer, 1, wait_object, NULL, NULL));
  g_thread_join (thread);
}
GST_END_TEST;

GST_START_TEST (test_stalled_send_is_cancelled_and_says_how_far_it_came)
{
  g_autoptr (GstBuffer) buffer = make_buffer (4, 1024 * 1024, 0);
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("canceller", cancel_it, NULL);
  guint64 sent = 0;

  fail_if (
      gst_socket_send_buffers (ours, &buffer, 1, wait_object, &sent, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  fail_unless (sent > 0 && sent < 4 * 1024 * 1024);
  expect_rising_bytes (theirs, sent, 0);
  g_thread_join (thread);
}
GST_END_TEST;

GST_START_TEST (test_sending_to_a_peer_that_is_gone_is_an_error)
{
  g_autoptr (GstBuffer) buffer = make_buffer (1, 10, 0);
  g_autoptr (GError) error = NULL;

  g_socket_close (theirs, NULL);
  fail_if (
      gst_socket_send_buffers (ours, &buffer, 1, wait_object, NULL, &error));
  fail_unless (
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED));
}
GST_END_TEST;

GST_START_TEST (test_each_buffer_is_one_message)
{
  GstBuffer *buffers[] = {
      make_buffer (3, 10, 0), make_buffer (200, 3, 0), make_buffer (1, 5, 0)};
  gssize sizes[] = {30, 600, 5};
  gchar bytes[1000];

  fail_unless (gst_socket_send_buffers (
      ours, buffers, G_N_ELEMENTS (buffers), wait_object, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (buffers); i++) {
    fail_unless_equals_int (
        g_socket_receive (theirs, bytes, sizeof (bytes), NULL, NULL), sizes[i]);
    gst_buffer_unref (buffers[i]);
  }
}
GST_END_TEST;

static TCase *
stream_case (void)
{
  TCase *tc = tcase_create ("stream");

  tcase_add_checked_fixture (tc, set_up_stream, tear_down);
  tcase_add_test (tc, test_wait_times_out);
  tcase_add_test (tc, test_wait_tells_which_descriptor_is_ready);
  tcase_add_test (tc, test_wait_is_cancelled_and_works_again_after_a_reset);
  tcase_add_test (
      tc, test_wait_sleeps_also_after_a_cancellation_was_taken_back);
  tcase_add_test (tc, test_wait_without_descriptors_left_is_an_error);
  tcase_add_test (tc, test_what_has_arrived_is_one_writable_buffer);
  tcase_add_test (tc, test_buffers_that_are_held_keep_their_bytes);
  tcase_add_test (tc, test_released_memory_is_used_again);
  tcase_add_test (tc, test_buffers_outlive_the_reader);
  tcase_add_test (tc, test_largest_buffer_is_as_large_as_asked_for);
  tcase_add_test (tc, test_close_is_the_end_and_what_came_before_is_read);
  tcase_add_test (tc, test_close_right_after_a_full_buffer_is_the_end);
  tcase_add_test (tc, test_reset_is_an_error);
  tcase_add_test (tc, test_read_times_out_and_is_cancelled);
  tcase_add_test (tc, test_descriptors_come_along_and_go_with_the_buffer);
  tcase_add_test (tc, test_buffers_and_memories_arrive_in_order);
  tcase_add_test (tc, test_many_buffers_go_in_several_calls);
  tcase_add_test (tc, test_slow_peer_is_waited_for);
  tcase_add_test (tc, test_stalled_send_is_cancelled_and_says_how_far_it_came);
  tcase_add_test (tc, test_sending_to_a_peer_that_is_gone_is_an_error);
  return tc;
}

static TCase *
messages_case (void)
{
  TCase *tc = tcase_create ("messages");

  tcase_add_checked_fixture (tc, set_up_messages, tear_down);
  tcase_add_test (tc, test_messages_stay_apart);
  tcase_add_test (tc, test_message_that_is_too_long_is_counted);
  tcase_add_test (tc, test_empty_datagram_is_an_empty_buffer);
  tcase_add_test (tc, test_each_buffer_is_one_message);
  return tc;
}

static Suite *
transfer_suite (void)
{
  Suite *suite = suite_create ("transfer");

  suite_add_tcase (suite, stream_case ());
  suite_add_tcase (suite, messages_case ());
  return suite;
}

GST_CHECK_MAIN (transfer);
