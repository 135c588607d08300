/* SPDX-License-Identifier: LGPL-2.1-or-later
 * batch.c: tests of receiving and sending many datagrams at once
 *
 * Here: gstsocketbatch. Not here: elements.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketbatch.h>

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "testutil.h"

#define SLOTS 8
#define SLOT_SIZE 2048

typedef struct
{
  GSocket *receiver;
  GSocket *sender;
  struct sockaddr_in to;
  GstSocketReceiveBatch *batch;
  guint8 slots[SLOTS][SLOT_SIZE];
} Pair;

static GSocket *
open_socket (void)
{
  g_autoptr (GInetAddress) loopback =
      g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);

  fail_unless (g_socket_bind (socket, address, FALSE, NULL));
  return socket;
}

static void
pair_init (Pair *pair, gsize slot_size, gboolean overflow)
{
  g_autoptr (GSocketAddress) address = NULL;

  memset (pair, 0, sizeof *pair);
  pair->receiver = open_socket ();
  pair->sender = open_socket ();
  address = g_socket_get_local_address (pair->receiver, NULL);
  fail_unless (
      g_socket_address_to_native (address, &pair->to, sizeof pair->to, NULL));
  pair->batch = gst_socket_receive_batch_new (SLOTS, overflow);
  for (guint i = 0; i < SLOTS; i++)
    gst_socket_receive_batch_set_slot (
        pair->batch, i, pair->slots[i], slot_size);
}

static void
pair_clear (Pair *pair)
{
  gst_socket_receive_batch_free (pair->batch);
  g_object_unref (pair->receiver);
  g_object_unref (pair->sender);
}

static int
receiver_fd (Pair *pair)
{
  return g_socket_get_fd (pair->receiver);
}

static void
send_bytes (Pair *pair, gconstpointer data, gsize size)
{
  fail_unless_equals_int (sendto (g_socket_get_fd (pair->sender), data, size, 0,
                              (struct sockaddr *) &pair->to, sizeof pair->to),
      (int) size);
}

static gint
receive (Pair *pair, guint n)
{
  struct pollfd fd = {receiver_fd (pair), POLLIN, 0};

  fail_unless_equals_int (poll (&fd, 1, 20000), 1);
  return gst_socket_receive_batch_receive (
      pair->batch, receiver_fd (pair), n, NULL);
}

GST_START_TEST (test_batch_takes_what_is_there_without_waiting)
{
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  fail_unless_equals_int (gst_socket_receive_batch_receive (
                              pair.batch, receiver_fd (&pair), SLOTS, NULL),
      0);
  send_bytes (&pair, "one", 3);
  send_bytes (&pair, "three", 5);
  fail_unless_equals_int (receive (&pair, SLOTS), 2);
  fail_unless_equals_int (
      gst_socket_receive_batch_get (pair.batch, 1)->size, 5);
  fail_unless (memcmp (pair.slots[1], "three", 5) == 0);
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_batch_takes_no_more_than_asked_for)
{
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  for (guint i = 0; i < SLOTS + 2; i++)
    send_bytes (&pair, &i, sizeof i);
  fail_unless_equals_int (receive (&pair, 1), 1);
  fail_unless_equals_int (receive (&pair, 1000), SLOTS);
  fail_unless_equals_int (receive (&pair, SLOTS), 1);
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_batch_keeps_empty_datagrams)
{
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  send_bytes (&pair, "", 0);
  send_bytes (&pair, "x", 1);
  fail_unless_equals_int (receive (&pair, SLOTS), 2);
  fail_unless_equals_int (
      gst_socket_receive_batch_get (pair.batch, 0)->size, 0);
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_batch_keeps_what_is_longer_than_a_slot)
{
  g_autofree guint8 *data = g_malloc (65507);
  const GstSocketDatagram *datagram;
  Pair pair;

  for (guint i = 0; i < 65507; i++)
    data[i] = i * 7;
  pair_init (&pair, 100, TRUE);
  send_bytes (&pair, "a", 1);
  send_bytes (&pair, data, 65507);
  fail_unless_equals_int (receive (&pair, SLOTS), 2);
  datagram = gst_socket_receive_batch_get (pair.batch, 0);
  fail_unless (datagram->overflow == NULL);
  datagram = gst_socket_receive_batch_get (pair.batch, 1);
  fail_unless_equals_int (datagram->size, 65507);
  fail_if (datagram->truncated);
  fail_unless (memcmp (pair.slots[1], data, 100) == 0);
  fail_unless (memcmp (datagram->overflow, data + 100, 65407) == 0);
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_batch_without_overflow_tells_what_was_cut)
{
  const GstSocketDatagram *datagram;
  Pair pair;

  pair_init (&pair, 4, FALSE);
  send_bytes (&pair, "12345", 5);
  send_bytes (&pair, "1234", 4);
  fail_unless_equals_int (receive (&pair, SLOTS), 2);
  datagram = gst_socket_receive_batch_get (pair.batch, 0);
  fail_unless (datagram->truncated);
  fail_unless_equals_int (datagram->size, 4);
  fail_if (gst_socket_receive_batch_get (pair.batch, 1)->truncated);
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_batch_tells_the_sender_if_wanted)
{
  g_autoptr (GSocketAddress) address = NULL;
  const GstSocketDatagram *datagram;
  struct sockaddr_in from;
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  address = g_socket_get_local_address (pair.sender, NULL);
  fail_unless (g_socket_address_to_native (address, &from, sizeof from, NULL));
  send_bytes (&pair, "x", 1);
  fail_unless_equals_int (receive (&pair, SLOTS), 1);
  datagram = gst_socket_receive_batch_get (pair.batch, 0);
  fail_unless_equals_int (datagram->sender_size, sizeof from);
  fail_unless (memcmp (datagram->sender, &from, sizeof from) == 0);

  gst_socket_receive_batch_set_want_sender (pair.batch, FALSE);
  send_bytes (&pair, "x", 1);
  fail_unless_equals_int (receive (&pair, SLOTS), 1);
  fail_unless (gst_socket_receive_batch_get (pair.batch, 0)->sender == NULL);
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_batch_counts_what_the_kernel_dropped)
{
  const int small = 1;
  guint received = 0, drops = 0;
  gint n;
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  fail_unless (
      gst_socket_batch_set_count_drops (receiver_fd (&pair), TRUE, NULL));
  fail_unless (setsockopt (receiver_fd (&pair), SOL_SOCKET, SO_RCVBUF, &small,
                   sizeof small)
      == 0);
  for (guint i = 0; i < 100; i++)
    send_bytes (&pair, "0123456789", 10);
  while ((n = gst_socket_receive_batch_receive (
              pair.batch, receiver_fd (&pair), SLOTS, NULL))
      > 0)
    received += n;
  fail_unless (received < 100);
  /* The count comes with a packet that arrived after the drops. */
  send_bytes (&pair, "x", 1);
  fail_unless_equals_int (receive (&pair, SLOTS), 1);
  fail_unless_equals_uint64 (
      gst_socket_receive_batch_get_drops (pair.batch), 100 - received);
  fail_unless (
      gst_socket_batch_get_kernel_drops (receiver_fd (&pair), &drops, NULL));
  fail_unless_equals_int (drops, 100 - received);
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_batch_tells_when_the_kernel_received)
{
  GstClockTime before = g_get_real_time () * GST_USECOND, after, time;
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  send_bytes (&pair, "x", 1);
  fail_unless_equals_int (receive (&pair, SLOTS), 1);
  time = gst_socket_receive_batch_get (pair.batch, 0)->time_ns;
  fail_if (GST_CLOCK_TIME_IS_VALID (time));

  fail_unless (
      gst_socket_batch_set_receive_times (receiver_fd (&pair), TRUE, NULL));
  send_bytes (&pair, "x", 1);
  after = g_get_real_time () * GST_USECOND;
  fail_unless_equals_int (receive (&pair, SLOTS), 1);
  time = gst_socket_receive_batch_get (pair.batch, 0)->time_ns;
  fail_unless (time >= before && time <= after + GST_SECOND);
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_batch_tells_errors_of_the_socket)
{
  g_autoptr (GError) error = NULL;
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  fail_unless_equals_int (
      gst_socket_receive_batch_receive (pair.batch, -1, 1, &error), -1);
  fail_unless (error != NULL && error->domain == G_IO_ERROR);
  pair_clear (&pair);
}
GST_END_TEST;

/* ---- sending ---- */

#define N_PACKETS 200

typedef struct
{
  guint8 data[N_PACKETS][4];
  GOutputVector vectors[N_PACKETS][2];
  GstSocketPacket packets[N_PACKETS];
} Packets;

/* Packet i carries its number in two pieces; sizes follow the pattern. */
static void
packets_init (Packets *self, Pair *pair, const guint *sizes, guint n_sizes)
{
  for (guint i = 0; i < N_PACKETS; i++) {
    guint size = sizes[i % n_sizes];

    GST_WRITE_UINT32_LE (self->data[i], i);
    self->vectors[i][0] = (GOutputVector){self->data[i], MIN (size, 1)};
    self->vectors[i][1] =
        (GOutputVector){self->data[i] + 1, size - MIN (size, 1)};
    self->packets[i] =
        (GstSocketPacket){self->vectors[i], 2, &pair->to, sizeof pair->to};
  }
}

static void
check_datagram (
    Pair *pair, guint slot, guint *number, const guint *sizes, guint n_sizes)
{
  const GstSocketDatagram *datagram =
      gst_socket_receive_batch_get (pair->batch, slot);
  const guint8 *at = pair->slots[slot];
  gsize left = datagram->size;

  do {
    guint size = sizes[*number % n_sizes];
    gsize part = datagram->segment_size > 0
        ? MIN (left, (gsize) datagram->segment_size)
        : left;
    guint8 wanted[4];

    GST_WRITE_UINT32_LE (wanted, *number);
    fail_unless_equals_int (size, part);
    fail_unless (memcmp (at, wanted, size) == 0);
    at += size;
    left -= size;
    (*number)++;
  } while (left > 0);
}

static void
check_sending (gboolean gso, gboolean gro, const guint *sizes, guint n_sizes)
{
  g_autoptr (GstSocketSendBatch) sender = gst_socket_send_batch_new (gso);
  g_autofree Packets *packets = g_new0 (Packets, 1);
  guint sent = 0, got = 0;
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  if (gro && !gst_socket_batch_set_gro (receiver_fd (&pair), TRUE, NULL)) {
    pair_clear (&pair);
    return;
  }
  packets_init (packets, &pair, sizes, n_sizes);
  while (got < N_PACKETS) {
    gint n = 0;

    if (sent < N_PACKETS)
      n = gst_socket_send_batch_send (sender, g_socket_get_fd (pair.sender),
          packets->packets + sent, N_PACKETS - sent, NULL);
    fail_unless (n >= 0);
    sent += n;
    n = receive (&pair, SLOTS);
    for (gint i = 0; i < n; i++)
      check_datagram (&pair, i, &got, sizes, n_sizes);
  }
  fail_unless_equals_int (got, N_PACKETS);
  pair_clear (&pair);
}

GST_START_TEST (test_sent_packets_arrive_whole_and_in_order)
{
  static const guint equal[] = {4}, mixed[] = {4, 4, 2, 3, 4, 1, 4, 4, 4};
  static const guint with_empty[] = {4, 0, 4, 4, 0, 0, 4};

  for (guint i = 0; i < 4; i++) {
    check_sending (i & 1, i & 2, equal, G_N_ELEMENTS (equal));
    check_sending (i & 1, i & 2, mixed, G_N_ELEMENTS (mixed));
    check_sending (i & 1, i & 2, with_empty, G_N_ELEMENTS (with_empty));
  }
}
GST_END_TEST;

GST_START_TEST (test_train_arrives_as_one_datagram)
{
  static const guint sizes[] = {4};
  g_autoptr (GstSocketSendBatch) sender = gst_socket_send_batch_new (TRUE);
  g_autofree Packets *packets = g_new0 (Packets, 1);
  const GstSocketDatagram *datagram;
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  if (gst_socket_batch_set_gro (receiver_fd (&pair), TRUE, NULL)) {
    packets_init (packets, &pair, sizes, 1);
    fail_unless_equals_int (
        gst_socket_send_batch_send (
            sender, g_socket_get_fd (pair.sender), packets->packets, 16, NULL),
        16);
    fail_unless (gst_socket_send_batch_get_gso (sender));
    fail_unless_equals_int (receive (&pair, SLOTS), 1);
    datagram = gst_socket_receive_batch_get (pair.batch, 0);
    fail_unless_equals_int (datagram->size, 64);
    fail_unless_equals_int (datagram->segment_size, 4);
  }
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_sending_to_a_closed_port_does_not_stop_the_rest)
{
  static const guint sizes[] = {4};
  g_autoptr (GstSocketSendBatch) sender = gst_socket_send_batch_new (FALSE);
  g_autofree Packets *packets = g_new0 (Packets, 1);
  Pair pair;

  pair_init (&pair, SLOT_SIZE, TRUE);
  packets_init (packets, &pair, sizes, 1);
  fail_unless (connect (g_socket_get_fd (pair.sender),
                   (struct sockaddr *) &pair.to, sizeof pair.to)
      == 0);
  fail_unless (g_socket_close (pair.receiver, NULL));
  for (guint i = 0; i < 20; i++)
    fail_unless_equals_int (
        gst_socket_send_batch_send (
            sender, g_socket_get_fd (pair.sender), packets->packets, 1, NULL),
        1);
  pair_clear (&pair);
}
GST_END_TEST;

GST_START_TEST (test_packet_too_large_to_send_is_an_error)
{
  g_autoptr (GstSocketSendBatch) sender = gst_socket_send_batch_new (TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *data = g_malloc0 (70000);
  GOutputVector vector = {data, 70000};
  Pair pair;
  GstSocketPacket packet = {&vector, 1, &pair.to, sizeof pair.to};

  pair_init (&pair, SLOT_SIZE, TRUE);
  fail_unless_equals_int (
      gst_socket_send_batch_send (
          sender, g_socket_get_fd (pair.sender), &packet, 1, &error),
      -1);
  fail_unless (error != NULL && error->domain == G_IO_ERROR);
  fail_unless_equals_int (gst_socket_send_batch_send (sender,
                              g_socket_get_fd (pair.sender), &packet, 0, NULL),
      0);
  pair_clear (&pair);
}
GST_END_TEST;

static Suite *
batch_suite (void)
{
  Suite *suite = suite_create ("batch");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_batch_takes_what_is_there_without_waiting);
  tcase_add_test (tc, test_batch_takes_no_more_than_asked_for);
  tcase_add_test (tc, test_batch_keeps_empty_datagrams);
  tcase_add_test (tc, test_batch_keeps_what_is_longer_than_a_slot);
  tcase_add_test (tc, test_batch_without_overflow_tells_what_was_cut);
  tcase_add_test (tc, test_batch_tells_the_sender_if_wanted);
  tcase_add_test (tc, test_batch_counts_what_the_kernel_dropped);
  tcase_add_test (tc, test_batch_tells_when_the_kernel_received);
  tcase_add_test (tc, test_batch_tells_errors_of_the_socket);
  tcase_add_test (tc, test_sent_packets_arrive_whole_and_in_order);
  tcase_add_test (tc, test_train_arrives_as_one_datagram);
  tcase_add_test (tc, test_sending_to_a_closed_port_does_not_stop_the_rest);
  tcase_add_test (tc, test_packet_too_large_to_send_is_an_error);
  return suite;
}

GST_CHECK_MAIN (batch);
