/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketbatchsend.c: sends many datagrams in one system call
 *
 * Here: sendmmsg, and joining packets of equal size into trains (GSO).
 * Not here: receiving (gstsocketbatch.c), waiting, pacing.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketbatch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

/* One call sends at most so many messages, of so many pieces in all. */
#define MAX_MESSAGES 64
#define MAX_VECTORS 1024
/* What every kernel with UDP_SEGMENT takes in one train. */
#define MAX_TRAIN_PACKETS 64
#define MAX_TRAIN_BYTES 65000

G_STATIC_ASSERT (sizeof (GOutputVector) == sizeof (struct iovec));

typedef union
{
  struct cmsghdr header;
  guint8 bytes[CMSG_SPACE (sizeof (guint16))];
} Control;

/**
 * GstSocketSendBatch: (skip)
 *
 * Room for the headers of one sendmmsg(2), so that nothing is allocated per
 * packet, and the knowledge whether the route takes trains.
 *
 * Not thread-safe: one thread at a time.
 */
struct _GstSocketSendBatch
{
  gboolean gso;
  guint64 refused;
  struct mmsghdr headers[MAX_MESSAGES];
  Control controls[MAX_MESSAGES];
  guint n_packets[MAX_MESSAGES]; /* how many packets each message carries */
  struct iovec vectors[MAX_VECTORS];
};

/**
 * gst_socket_send_batch_new: (skip)
 * @gso: whether packets of equal size may leave as a train, which the kernel
 *     or the network card splits
 *
 * Returns: (transfer full): a new batch
 */
GstSocketSendBatch *
gst_socket_send_batch_new (gboolean gso)
{
  GstSocketSendBatch *batch = g_new0 (GstSocketSendBatch, 1);

  batch->gso = gso;
  return batch;
}

/**
 * gst_socket_send_batch_free: (skip)
 * @batch: (nullable) (transfer full): a batch
 */
void
gst_socket_send_batch_free (GstSocketSendBatch *batch)
{
  g_free (batch);
}

/**
 * gst_socket_send_batch_get_gso: (skip)
 * @batch: a batch
 *
 * Returns: whether trains are sent; no longer, once the kernel refused one
 */
gboolean
gst_socket_send_batch_get_gso (GstSocketSendBatch *batch)
{
  return batch->gso;
}

/**
 * gst_socket_send_batch_get_refused: (skip)
 * @batch: a batch
 *
 * Returns: how often the system said, when something was sent, that an earlier
 *     packet did not arrive
 */
guint64
gst_socket_send_batch_get_refused (GstSocketSendBatch *batch)
{
  return batch->refused;
}

static gsize
packet_size (const GstSocketPacket *packet)
{
  gsize size = 0;

  for (guint i = 0; i < packet->n_vectors; i++)
    size += packet->vectors[i].size;
  return size;
}

/* How many packets from the first on can leave as one: all are for the same
 * receiver and of the same size; only the last may be shorter. */
static guint
measure_train (const GstSocketPacket *packets, guint n_packets,
    guint max_vectors, gsize *ret_segment_size)
{
  gsize segment = packet_size (&packets[0]);
  guint n_vectors = packets[0].n_vectors;
  gsize total = segment;
  guint n = 1;

  *ret_segment_size = segment;
  while (segment > 0 && n < MIN (n_packets, MAX_TRAIN_PACKETS)) {
    const GstSocketPacket *packet = &packets[n];
    gsize size = packet_size (packet);

    if (packet->to != packets[0].to || size > segment || size == 0
        || total + size > MAX_TRAIN_BYTES
        || n_vectors + packet->n_vectors > max_vectors)
      break;
    n++;
    total += size;
    n_vectors += packet->n_vectors;
    if (size < segment)
      break;
  }
  return n;
}

static void
set_segment_size (struct msghdr *header, Control *control, guint16 size)
{
  header->msg_control = control;
  header->msg_controllen = sizeof *control;
  control->header.cmsg_level = SOL_UDP;
  control->header.cmsg_type = UDP_SEGMENT;
  control->header.cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (&control->header), &size, sizeof size);
}

static guint
copy_vectors (
    struct iovec *vectors, const GstSocketPacket *packets, guint n_packets)
{
  guint n = 0;

  for (guint i = 0; i < n_packets; i++) {
    memcpy (&vectors[n], packets[i].vectors,
        packets[i].n_vectors * sizeof (struct iovec));
    n += packets[i].n_vectors;
  }
  return n;
}

/* Returns the number of messages; each stands for one packet or one train. */
static guint
fill_headers (
    GstSocketSendBatch *batch, const GstSocketPacket *packets, guint n_packets)
{
  guint n = 0, n_vectors = 0, done = 0;

  while (n < MAX_MESSAGES && done < n_packets
      && n_vectors + packets[done].n_vectors <= MAX_VECTORS) {
    const GstSocketPacket *first = &packets[done];
    struct msghdr *header = &batch->headers[n].msg_hdr;
    gsize segment = 0;
    guint train = 1;

    if (batch->gso)
      train = measure_train (
          first, n_packets - done, MAX_VECTORS - n_vectors, &segment);
    memset (header, 0, sizeof *header);
    header->msg_name = (gpointer) first->to;
    header->msg_namelen = first->to_size;
    header->msg_iov = &batch->vectors[n_vectors];
    header->msg_iovlen = copy_vectors (header->msg_iov, first, train);
    if (train > 1)
      set_segment_size (header, &batch->controls[n], segment);
    n_vectors += header->msg_iovlen;
    batch->n_packets[n++] = train;
    done += train;
  }
  return n;
}

static gboolean
is_gso_refusal (int code)
{
  return code == EIO || code == EINVAL || code == EOPNOTSUPP
      || code == EMSGSIZE;
}

/* Sends the messages; a report of an earlier packet that did not arrive stops
 * the first one only, which is then tried again. */
static gint
send_headers (GstSocketSendBatch *batch, int fd, guint n)
{
  guint64 refused = 0;
  gint sent = -1;

  for (guint tries = 0; sent < 0 && tries < 3; tries++) {
    sent = sendmmsg (fd, batch->headers, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == ECONNREFUSED)
      refused++;
    else if (sent < 0 && errno != EINTR)
      break;
  }
  if (sent >= 0)
    batch->refused += refused;
  return sent;
}

/**
 * gst_socket_send_batch_send: (skip)
 * @batch: a batch
 * @fd: a datagram socket
 * @packets: (array length=n_packets): what to send, in order
 * @n_packets: how many packets there are
 * @error: return location for an error
 *
 * Sends as many packets as the socket takes at once. Call it again with the
 * rest; %G_IO_ERROR_WOULD_BLOCK says to wait for room first. Other errors are
 * about the first packet: leave it out, or give up.
 *
 * Returns: the number of packets sent, or -1 on an error
 */
gint
gst_socket_send_batch_send (GstSocketSendBatch *batch, int fd,
    const GstSocketPacket *packets, guint n_packets, GError **error)
{
  gint sent, done = 0, saved_errno;

  if (n_packets == 0)
    return 0;
  if (packets[0].n_vectors > MAX_VECTORS) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
        "a packet may have %u pieces at most", MAX_VECTORS);
    return -1;
  }
  sent = send_headers (batch, fd, fill_headers (batch, packets, n_packets));
  if (sent < 0 && is_gso_refusal (errno) && batch->n_packets[0] > 1) {
    GST_DEBUG ("no trains on this route: %s", g_strerror (errno));
    batch->gso = FALSE;
    sent = send_headers (batch, fd, fill_headers (batch, packets, n_packets));
  }
  if (sent < 0) {
    saved_errno = errno;
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
        g_strerror (saved_errno));
    return -1;
  }
  for (gint i = 0; i < sent; i++)
    done += batch->n_packets[i];
  return done;
}
