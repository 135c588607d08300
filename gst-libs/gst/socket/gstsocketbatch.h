/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketbatch.h: many datagrams in one system call
 *
 * Here: receiving and sending datagrams in batches, trains of equal packets
 * that the kernel joins (GRO) and splits (GSO), drop counts, receive times.
 * Not here: waiting, memory for the packets, GstBuffer.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GST_SOCKET_DATAGRAM_MAX:
 *
 * The largest datagram, or train of datagrams, in bytes.
 */
#define GST_SOCKET_DATAGRAM_MAX 65536

/**
 * GstSocketDatagram: (skip)
 * @size: its length in bytes
 * @segment_size: 0, or, for a train, the length of each of its packets but
 *     the last, which may be shorter
 * @overflow: (nullable): what did not fit into the slot, from byte
 *     "slot size" on; valid until the next receive
 * @truncated: whether its end was lost, because it is longer than
 *     %GST_SOCKET_DATAGRAM_MAX or than the slot of a batch without overflow
 * @time_ns: when the kernel received it, in ns since 1970; or
 *     %GST_CLOCK_TIME_NONE
 * @sender: (nullable): the sender's struct sockaddr
 * @sender_size: length of @sender in bytes
 *
 * What is known of one received datagram. Its bytes are in the slot.
 */
typedef struct
{
  gsize size;
  guint segment_size;
  gconstpointer overflow;
  gboolean truncated;
  GstClockTime time_ns;
  gconstpointer sender;
  gsize sender_size;
} GstSocketDatagram;

typedef struct _GstSocketReceiveBatch GstSocketReceiveBatch;

GST_SOCKET_API
GstSocketReceiveBatch *gst_socket_receive_batch_new (
    guint n_slots, gboolean overflow);
GST_SOCKET_API
void gst_socket_receive_batch_free (GstSocketReceiveBatch *batch);
GST_SOCKET_API
guint gst_socket_receive_batch_get_n_slots (GstSocketReceiveBatch *batch);
GST_SOCKET_API
void gst_socket_receive_batch_set_want_sender (
    GstSocketReceiveBatch *batch, gboolean want);
GST_SOCKET_API
void gst_socket_receive_batch_set_slot (
    GstSocketReceiveBatch *batch, guint slot, gpointer data, gsize size);
GST_SOCKET_API
gint gst_socket_receive_batch_receive (
    GstSocketReceiveBatch *batch, int fd, guint n_slots, GError **error);
GST_SOCKET_API
const GstSocketDatagram *gst_socket_receive_batch_get (
    GstSocketReceiveBatch *batch, guint slot);
GST_SOCKET_API
guint64 gst_socket_receive_batch_get_drops (GstSocketReceiveBatch *batch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (
    GstSocketReceiveBatch, gst_socket_receive_batch_free)

/**
 * GstSocketPacket: (skip)
 * @vectors: the pieces of the packet, in order
 * @n_vectors: how many there are
 * @to: (nullable): the receiver's struct sockaddr; %NULL for a connected
 *     socket. Packets for one receiver should point to one address: only then
 *     do they share a train
 * @to_size: length of @to in bytes
 *
 * A packet to send. Nothing is copied.
 */
typedef struct
{
  const GOutputVector *vectors;
  guint n_vectors;
  gconstpointer to;
  gsize to_size;
} GstSocketPacket;

typedef struct _GstSocketSendBatch GstSocketSendBatch;

GST_SOCKET_API
GstSocketSendBatch *gst_socket_send_batch_new (gboolean gso);
GST_SOCKET_API
void gst_socket_send_batch_free (GstSocketSendBatch *batch);
GST_SOCKET_API
gboolean gst_socket_send_batch_get_gso (GstSocketSendBatch *batch);
GST_SOCKET_API
guint64 gst_socket_send_batch_get_refused (GstSocketSendBatch *batch);
GST_SOCKET_API
gint gst_socket_send_batch_send (GstSocketSendBatch *batch, int fd,
    const GstSocketPacket *packets, guint n_packets, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketSendBatch, gst_socket_send_batch_free)

GST_SOCKET_API
gboolean gst_socket_batch_set_gro (int fd, gboolean gro, GError **error);
GST_SOCKET_API
gboolean gst_socket_batch_set_count_drops (
    int fd, gboolean count, GError **error);
GST_SOCKET_API
gboolean gst_socket_batch_set_receive_times (
    int fd, gboolean times, GError **error);
GST_SOCKET_API
gboolean gst_socket_batch_get_kernel_drops (
    int fd, guint *ret_drops, GError **error);

G_END_DECLS
