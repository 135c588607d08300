/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketbatch.c: receives many datagrams in one system call
 *
 * Here: recvmmsg, reading its ancillary data, and switching on what the kernel
 * is to tell: train lengths, drops, receive times.
 * Not here: sending (gstsocketbatchsend.c), waiting, memory for the packets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketbatch.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

/* Room for a train length, a drop count and a receive time, and for the
 * packet info that an application may have asked for on a socket of its own. */
#define CONTROL_SIZE 192

typedef struct
{
  struct sockaddr_storage sender;
  struct iovec vectors[2];
  guint8 control[CONTROL_SIZE] __attribute__ ((aligned (16)));
} Slot;

/**
 * GstSocketReceiveBatch: (skip)
 *
 * Slots for datagrams, filled by one recvmmsg(2). The caller gives each slot
 * memory; the headers, the senders' addresses and the ancillary data have
 * fixed places in the batch, so that nothing is allocated per packet.
 *
 * A batch with overflow also takes what is longer than its slot: the rest goes
 * into memory of the batch, which the system only backs when it is used. This
 * lets slots be as small as usual packets while no datagram is ever cut.
 *
 * Not thread-safe: one thread at a time.
 */
struct _GstSocketReceiveBatch
{
  guint n_slots;
  gboolean want_sender;
  struct mmsghdr *headers;
  Slot *slots;
  GstSocketDatagram *datagrams;
  guint8 *overflow; /* n_slots x GST_SOCKET_DATAGRAM_MAX, or NULL */
  gsize overflow_size;
  guint64 drops;
  guint32 last_drops;
};

static void
link_header (GstSocketReceiveBatch *batch, guint i)
{
  struct msghdr *header = &batch->headers[i].msg_hdr;
  Slot *slot = &batch->slots[i];

  header->msg_iov = slot->vectors;
  header->msg_iovlen = 1;
  header->msg_control = slot->control;
  if (batch->overflow != NULL)
    slot->vectors[1].iov_base =
        batch->overflow + (gsize) i * GST_SOCKET_DATAGRAM_MAX;
}

/**
 * gst_socket_receive_batch_new: (skip)
 * @n_slots: most datagrams to receive at once, at least 1
 * @overflow: whether datagrams longer than their slot are kept whole
 *
 * Returns: (transfer full) (nullable): a new batch; %NULL when the system has
 *     no memory for the overflow
 */
GstSocketReceiveBatch *
gst_socket_receive_batch_new (guint n_slots, gboolean overflow)
{
  g_autoptr (GstSocketReceiveBatch) batch = NULL;

  g_return_val_if_fail (n_slots > 0, NULL);

  batch = g_new0 (GstSocketReceiveBatch, 1);
  batch->n_slots = n_slots;
  batch->want_sender = TRUE;
  batch->headers = g_new0 (struct mmsghdr, n_slots);
  batch->slots = g_new0 (Slot, n_slots);
  batch->datagrams = g_new0 (GstSocketDatagram, n_slots);
  if (overflow) {
    gpointer map;

    batch->overflow_size = (gsize) n_slots * GST_SOCKET_DATAGRAM_MAX;
    map = mmap (NULL, batch->overflow_size, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
      return NULL;
    batch->overflow = map;
  }
  for (guint i = 0; i < n_slots; i++)
    link_header (batch, i);
  return g_steal_pointer (&batch);
}

/**
 * gst_socket_receive_batch_free: (skip)
 * @batch: (nullable) (transfer full): a batch
 */
void
gst_socket_receive_batch_free (GstSocketReceiveBatch *batch)
{
  if (batch == NULL)
    return;
  if (batch->overflow != NULL)
    munmap (batch->overflow, batch->overflow_size);
  g_free (batch->datagrams);
  g_free (batch->slots);
  g_free (batch->headers);
  g_free (batch);
}

/**
 * gst_socket_receive_batch_get_n_slots: (skip)
 * @batch: a batch
 *
 * Returns: the most datagrams it receives at once
 */
guint
gst_socket_receive_batch_get_n_slots (GstSocketReceiveBatch *batch)
{
  return batch->n_slots;
}

/**
 * gst_socket_receive_batch_set_want_sender: (skip)
 * @batch: a batch
 * @want: whether the senders' addresses are of interest; at first they are
 */
void
gst_socket_receive_batch_set_want_sender (
    GstSocketReceiveBatch *batch, gboolean want)
{
  batch->want_sender = want;
}

/**
 * gst_socket_receive_batch_set_slot: (skip)
 * @batch: a batch
 * @slot: number of the slot
 * @data: (transfer none): where its next datagram goes; stays valid until
 *     another is set or the batch is freed
 * @size: bytes at @data
 *
 * Gives a slot its memory. It is used again by every receive.
 */
void
gst_socket_receive_batch_set_slot (
    GstSocketReceiveBatch *batch, guint slot, gpointer data, gsize size)
{
  Slot *self = &batch->slots[slot];

  self->vectors[0].iov_base = data;
  self->vectors[0].iov_len = size;
  if (batch->overflow != NULL && size < GST_SOCKET_DATAGRAM_MAX) {
    self->vectors[1].iov_len = GST_SOCKET_DATAGRAM_MAX - size;
    batch->headers[slot].msg_hdr.msg_iovlen = 2;
  } else {
    batch->headers[slot].msg_hdr.msg_iovlen = 1;
  }
}

static void
arm_headers (GstSocketReceiveBatch *batch, guint n)
{
  for (guint i = 0; i < n; i++) {
    struct msghdr *header = &batch->headers[i].msg_hdr;

    header->msg_name = batch->want_sender ? &batch->slots[i].sender : NULL;
    header->msg_namelen =
        batch->want_sender ? sizeof (struct sockaddr_storage) : 0;
    header->msg_controllen = CONTROL_SIZE;
    header->msg_flags = 0;
  }
}

/* The kernel counts in 32 bits and starts again after the highest number. */
static void
note_drops (GstSocketReceiveBatch *batch, guint32 drops)
{
  batch->drops += (guint32) (drops - batch->last_drops);
  batch->last_drops = drops;
}

static void
read_control (GstSocketReceiveBatch *batch, struct msghdr *header,
    GstSocketDatagram *datagram)
{
  struct cmsghdr *cmsg = CMSG_FIRSTHDR (header);

  for (; cmsg != NULL; cmsg = CMSG_NXTHDR (header, cmsg)) {
    if (cmsg->cmsg_level == SOL_UDP && cmsg->cmsg_type == UDP_GRO) {
      int size;

      memcpy (&size, CMSG_DATA (cmsg), sizeof size);
      datagram->segment_size = MAX (size, 0);
    } else if (cmsg->cmsg_level == SOL_SOCKET
        && cmsg->cmsg_type == SO_RXQ_OVFL) {
      guint32 drops;

      memcpy (&drops, CMSG_DATA (cmsg), sizeof drops);
      note_drops (batch, drops);
    } else if (cmsg->cmsg_level == SOL_SOCKET
        && cmsg->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec time;

      memcpy (&time, CMSG_DATA (cmsg), sizeof time);
      datagram->time_ns = GST_TIMESPEC_TO_TIME (time);
    }
  }
}

static void
read_header (GstSocketReceiveBatch *batch, guint i)
{
  struct mmsghdr *header = &batch->headers[i];
  GstSocketDatagram *datagram = &batch->datagrams[i];
  Slot *slot = &batch->slots[i];

  datagram->size = header->msg_len;
  datagram->segment_size = 0;
  datagram->overflow = header->msg_len > slot->vectors[0].iov_len
      ? slot->vectors[1].iov_base
      : NULL;
  datagram->truncated = (header->msg_hdr.msg_flags & MSG_TRUNC) != 0;
  datagram->time_ns = GST_CLOCK_TIME_NONE;
  datagram->sender = batch->want_sender ? &slot->sender : NULL;
  datagram->sender_size = header->msg_hdr.msg_namelen;
  if (header->msg_hdr.msg_controllen > 0)
    read_control (batch, &header->msg_hdr, datagram);
  /* A "train" of one packet is a packet. */
  if (datagram->segment_size >= datagram->size)
    datagram->segment_size = 0;
}

/**
 * gst_socket_receive_batch_receive: (skip)
 * @batch: a batch; the first @n_slots slots have memory
 * @fd: a datagram socket, blocking or not
 * @n_slots: how many datagrams to take at most
 * @error: return location for an error
 *
 * Takes what is there, without waiting. A datagram that an earlier one of this
 * socket could not be delivered (the peer's port was closed, or its host was
 * not reachable) is no error here, as it says nothing of what is received.
 *
 * Returns: the number of datagrams, 0 when there is none, -1 on an error
 */
gint
gst_socket_receive_batch_receive (
    GstSocketReceiveBatch *batch, int fd, guint n_slots, GError **error)
{
  gint n, saved_errno;

  n_slots = MIN (n_slots, batch->n_slots);
  arm_headers (batch, n_slots);
  do {
    n = recvmmsg (fd, batch->headers, n_slots, MSG_DONTWAIT, NULL);
  } while (n < 0 && errno == EINTR);

  for (gint i = 0; i < n; i++)
    read_header (batch, i);
  if (n >= 0)
    return n;

  saved_errno = errno;
  switch (saved_errno) {
    case EAGAIN:
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
      return 0;
    default:
      g_set_error_literal (error, G_IO_ERROR,
          g_io_error_from_errno (saved_errno), g_strerror (saved_errno));
      return -1;
  }
}

/**
 * gst_socket_receive_batch_get: (skip)
 * @batch: a batch
 * @slot: a slot below what the last receive returned
 *
 * Returns: (transfer none): what that slot received; valid until the next
 *     receive
 */
const GstSocketDatagram *
gst_socket_receive_batch_get (GstSocketReceiveBatch *batch, guint slot)
{
  return &batch->datagrams[slot];
}

/**
 * gst_socket_receive_batch_get_drops: (skip)
 * @batch: a batch
 *
 * Returns: datagrams the kernel has dropped for want of room, as told with
 *     the last one received; needs gst_socket_batch_set_count_drops()
 */
guint64
gst_socket_receive_batch_get_drops (GstSocketReceiveBatch *batch)
{
  return batch->drops;
}

static gboolean
set_flag (int fd, int level, int option, gboolean on, GError **error)
{
  int value = on ? 1 : 0;
  int saved_errno;

  if (setsockopt (fd, level, option, &value, sizeof value) == 0)
    return TRUE;
  saved_errno = errno;
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
      g_strerror (saved_errno));
  return FALSE;
}

/**
 * gst_socket_batch_set_gro:
 * @fd: a UDP socket
 * @gro: whether the kernel may hand over trains of packets as one
 * @error: return location for an error
 *
 * Everyone who reads from the socket must then be ready for trains.
 *
 * Returns: whether the kernel knows how to
 */
gboolean
gst_socket_batch_set_gro (int fd, gboolean gro, GError **error)
{
  return set_flag (fd, SOL_UDP, UDP_GRO, gro, error);
}

/**
 * gst_socket_batch_set_count_drops:
 * @fd: a datagram socket
 * @count: whether received datagrams carry the number of dropped ones
 * @error: return location for an error
 *
 * Returns: whether it worked
 */
gboolean
gst_socket_batch_set_count_drops (int fd, gboolean count, GError **error)
{
  return set_flag (fd, SOL_SOCKET, SO_RXQ_OVFL, count, error);
}

/**
 * gst_socket_batch_set_receive_times:
 * @fd: a datagram socket
 * @times: whether received datagrams carry the time the kernel took them in
 * @error: return location for an error
 *
 * Returns: whether it worked
 */
gboolean
gst_socket_batch_set_receive_times (int fd, gboolean times, GError **error)
{
  return set_flag (fd, SOL_SOCKET, SO_TIMESTAMPNS, times, error);
}

/**
 * gst_socket_batch_get_kernel_drops:
 * @fd: a socket
 * @ret_drops: (out): datagrams dropped so far, modulo 2^32
 * @error: return location for an error
 *
 * Asks for the drops, also when nothing was received since.
 *
 * Returns: whether the kernel said
 */
gboolean
gst_socket_batch_get_kernel_drops (int fd, guint *ret_drops, GError **error)
{
  guint32 values[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof values;
  int saved_errno;

  if (getsockopt (fd, SOL_SOCKET, SO_MEMINFO, values, &size) == 0) {
    *ret_drops = values[SK_MEMINFO_DROPS];
    return TRUE;
  }
  saved_errno = errno;
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
      g_strerror (saved_errno));
  return FALSE;
}
