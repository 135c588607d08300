/* SPDX-License-Identifier: LGPL-2.1-or-later
 * packetwriter.c: tests of gstsocketpacketwriter.c
 *
 * Here: what buffers become as datagrams, over UDP and UNIX sockets.
 * Not here: one call (batch.c), elements (elements/socketdatagrams.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketio.h>
#include <gst/socket/gstsocketopt.h>
#include <gst/socket/gstsocketpacketwriter.h>

#include <sys/socket.h>

#define MAX_DATAGRAM 65507

static GSocket *sender;
static GSocket *receiver;
static GCancellable *cancellable;
static GstSocketWait *wait_object;
static GPtrArray *queued;

static void
set_up (void)
{
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;

  test_leaks_begin ();
  cancellable = g_cancellable_new ();
  wait_object = gst_socket_wait_new (cancellable, NULL);
  queued = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  receiver = gst_socket_create (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, NULL, NULL);
  fail_unless (g_socket_bind (receiver, any, FALSE, NULL));
  g_socket_set_timeout (receiver, TEST_DEADLINE_US / G_USEC_PER_SEC);
  gst_socket_opt_set_buffer (g_socket_get_fd (receiver),
      GST_SOCKET_BUFFER_RECEIVE, 4 * 1024 * 1024, NULL, NULL);
  bound = g_socket_get_local_address (receiver, NULL);
  sender = gst_socket_create (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, NULL, NULL);
  fail_unless (g_socket_connect (sender, bound, NULL, NULL));
}

static void
tear_down (void)
{
  g_clear_object (&sender);
  g_clear_object (&receiver);
  g_clear_pointer (&wait_object, gst_socket_wait_free);
  g_clear_object (&cancellable);
  g_clear_pointer (&queued, g_ptr_array_unref);
  test_leaks_end ();
}

/* The place of each byte in the stream can be told from it. */
static guint8
byte_at (gsize place)
{
  return (place * 31 + place / 251) & 0xff;
}

static gsize
stream_size (void)
{
  gsize size = 0;

  for (guint i = 0; i < queued->len; i++)
    size += gst_buffer_get_size (g_ptr_array_index (queued, i));
  return size;
}

static GstMemory *
make_memory (gsize place, gsize size)
{
  guint8 *data = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    data[i] = byte_at (place + i);
  return gst_memory_new_wrapped (0, data, size + 1, 0, size, data, g_free);
}

/* Adds a buffer of the next bytes of the stream, in pieces of that size. */
static void
add_buffer (gsize size, gsize piece)
{
  gsize place = stream_size ();
  GstBuffer *buffer = gst_buffer_new ();

  for (gsize done = 0; done < size; done += piece)
    gst_buffer_insert_memory (
        buffer, -1, make_memory (place + done, MIN (piece, size - done)));
  g_ptr_array_add (queued, buffer);
}

static gboolean
is_udp (void)
{
  return g_socket_get_family (sender) == G_SOCKET_FAMILY_IPV4;
}

static gboolean
send_all (GstSocketPacketWriter *writer, guint64 *ret_sent, GError **error)
{
  return gst_socket_packet_writer_send (writer, sender,
      (GstBuffer *const *) queued->pdata, queued->len, ret_sent, error);
}

static void
send_with_size (gsize packet_size)
{
  g_autoptr (GstSocketPacketWriter) writer =
      gst_socket_packet_writer_new (wait_object, packet_size, is_udp ());
  g_autoptr (GError) error = NULL;
  guint64 sent = 0;

  fail_unless (send_all (writer, &sent, &error), "%s",
      error != NULL ? error->message : "");
  fail_unless_equals_uint64 (sent, stream_size ());
}

/* The next datagram is that long, and goes on where the last one ended. */
static void
expect_datagram (gsize *place, gsize size)
{
  g_autofree guint8 *data = g_malloc (MAX_DATAGRAM + 1);
  gssize n =
      g_socket_receive (receiver, (gchar *) data, MAX_DATAGRAM + 1, NULL, NULL);

  fail_unless_equals_int (n, size);
  for (gsize i = 0; i < size; i++) {
    if (data[i] != byte_at (*place + i))
      fail ("byte %" G_GSIZE_FORMAT " of a datagram is another's", i);
  }
  *place += size;
}

GST_START_TEST (test_each_buffer_is_a_datagram)
{
  static const gsize sizes[] = {
      1316, 1316, 1316, 100, 1316, 0, 1, MAX_DATAGRAM, 0, 0, 1316, 1316};
  gsize place = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    add_buffer (sizes[i], 500);
  send_with_size (0);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    expect_datagram (&place, sizes[i]);
}
GST_END_TEST;

static const struct
{
  gsize size;
  gsize packet_size;
} splits[] = {{0, 10}, {9, 10}, {10, 10}, {11, 10}, {20, 10}, {21, 10},
    {1316 * 7 + 3, 1316}, {3000, 1}, {200000, 1472}, {200000, MAX_DATAGRAM}};

GST_START_TEST (test_large_buffer_becomes_several_datagrams)
{
  gsize size = splits[__i__].size, packet_size = splits[__i__].packet_size;
  gsize place = 0;

  add_buffer (size, 1000);
  add_buffer (5, 5);
  send_with_size (packet_size);
  do
    expect_datagram (&place, MIN (packet_size, size - place));
  while (place < size);
  while (place < size + 5)
    expect_datagram (&place, MIN (packet_size, size + 5 - place));
}
GST_END_TEST;

GST_START_TEST (test_more_buffers_than_one_call_takes_arrive_in_order)
{
  gsize place = 0;

  for (guint i = 0; i < 500; i++)
    add_buffer (100 + i % 3, 30);
  send_with_size (0);
  for (guint i = 0; i < 500; i++)
    expect_datagram (&place, 100 + i % 3);
}
GST_END_TEST;

GST_START_TEST (test_buffer_of_very_many_memories_stays_one_datagram)
{
  gsize place = 0;

  add_buffer (1000, 1);
  fail_unless (gst_buffer_n_memory (g_ptr_array_index (queued, 0)) > 0);
  send_with_size (0);
  expect_datagram (&place, 1000);
}
GST_END_TEST;

GST_START_TEST (test_too_large_a_buffer_is_an_error_and_what_came_before_sent)
{
  g_autoptr (GstSocketPacketWriter) writer =
      gst_socket_packet_writer_new (wait_object, 0, is_udp ());
  g_autoptr (GError) error = NULL;
  gsize place = 0;
  guint64 sent = 0;

  add_buffer (10, 10);
  add_buffer (MAX_DATAGRAM + 1, MAX_DATAGRAM + 1);
  fail_if (send_all (writer, &sent, &error));
  fail_unless (
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE));
  fail_unless_equals_uint64 (sent, 10);
  expect_datagram (&place, 10);
}
GST_END_TEST;

GST_START_TEST (test_refused_datagrams_are_counted)
{
  g_autoptr (GstSocketPacketWriter) writer =
      gst_socket_packet_writer_new (wait_object, 0, is_udp ());
  guint64 sent = 0;

  add_buffer (10, 10);
  g_socket_close (receiver, NULL);
  for (guint i = 0; i < 100; i++)
    send_all (writer, &sent, NULL);
  fail_unless (gst_socket_packet_writer_get_refused (writer) > 0);
}
GST_END_TEST;

/* Of a UNIX socket: that of UDP is never full. */
static void
use_unix_pair (void)
{
  g_clear_object (&sender);
  g_clear_object (&receiver);
  test_pair (SOCK_DGRAM, &sender, &receiver);
}

GST_START_TEST (test_unix_datagrams_stay_apart)
{
  gsize place = 0;

  use_unix_pair ();
  add_buffer (100, 10);
  add_buffer (0, 1);
  add_buffer (250, 10);
  send_with_size (100);
  expect_datagram (&place, 100);
  expect_datagram (&place, 0);
  expect_datagram (&place, 100);
  expect_datagram (&place, 100);
  expect_datagram (&place, 50);
}
GST_END_TEST;

static gpointer
send_thread (gpointer error)
{
  g_autoptr (GstSocketPacketWriter) writer =
      gst_socket_packet_writer_new (wait_object, 0, is_udp ());
  guint64 sent = 0;

  send_all (writer, &sent, error);
  return GSIZE_TO_POINTER (sent);
}

GST_START_TEST (test_full_socket_is_waited_for_until_cancelled)
{
  g_autoptr (GError) error = NULL;
  GThread *thread;
  gsize sent;

  use_unix_pair ();
  for (guint i = 0; i < 1000; i++)
    add_buffer (100, 100);
  thread = g_thread_new ("send", send_thread, &error);
  fail_unless (g_socket_condition_timed_wait (
      receiver, G_IO_IN, TEST_DEADLINE_US, NULL, NULL));
  g_cancellable_cancel (cancellable);
  sent = GPOINTER_TO_SIZE (g_thread_join (thread));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  fail_unless (sent < stream_size ());
  fail_unless_equals_int (sent % 100, 0);
}
GST_END_TEST;

GST_START_TEST (test_full_socket_goes_on_when_there_is_room)
{
  g_autoptr (GError) error = NULL;
  GThread *thread;
  gsize place = 0;

  use_unix_pair ();
  for (guint i = 0; i < 1000; i++)
    add_buffer (100, 100);
  thread = g_thread_new ("send", send_thread, &error);
  for (guint i = 0; i < 1000; i++)
    expect_datagram (&place, 100);
  fail_unless_equals_uint64 (
      GPOINTER_TO_SIZE (g_thread_join (thread)), stream_size ());
  fail_unless (error == NULL);
}
GST_END_TEST;

static void
add_unix_tests (TCase *tc)
{
  tcase_add_test (tc, test_unix_datagrams_stay_apart);
  tcase_add_test (tc, test_full_socket_is_waited_for_until_cancelled);
  tcase_add_test (tc, test_full_socket_goes_on_when_there_is_room);
}

static Suite *
packetwriter_suite (void)
{
  Suite *suite = suite_create ("packetwriter");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_each_buffer_is_a_datagram);
  tcase_add_loop_test (tc, test_large_buffer_becomes_several_datagrams, 0,
      G_N_ELEMENTS (splits));
  tcase_add_test (tc, test_more_buffers_than_one_call_takes_arrive_in_order);
  tcase_add_test (tc, test_buffer_of_very_many_memories_stays_one_datagram);
  tcase_add_test (
      tc, test_too_large_a_buffer_is_an_error_and_what_came_before_sent);
  tcase_add_test (tc, test_refused_datagrams_are_counted);
  add_unix_tests (tc);
  return suite;
}

GST_CHECK_MAIN (packetwriter);
