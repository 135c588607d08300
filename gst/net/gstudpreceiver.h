/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpreceiver.h: from datagrams to buffers
 *
 * Here: receiving a batch into pooled memory, splitting trains, dropping what
 * may not come in, giving each packet its sender.
 * Not here: opening sockets, waiting, pads.
 */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* What a receiver is made for. */
typedef struct
{
  guint batch_size;       /* most datagrams to take at once */
  guint mtu;              /* usual size of a packet in bytes */
  GPtrArray *accept_from; /* of GInetAddressMask; NULL for anyone */
} GstUdpReceiverConfig;

/* How to make buffers of what came; may differ from batch to batch. */
typedef struct
{
  gboolean sender_meta; /* attach the sender's address */
  gboolean split;       /* make a train into packets again */
  guint skip;           /* bytes to leave out at the start of each packet */
  guint max_buffers;    /* make no more; what is left over is lost */
  gboolean kernel_time; /* stamp with the time of the kernel */
  GstClockTime running_time; /* stamp otherwise; may be NONE */
  GstClockTime real_time;    /* the system's clock at running_time */
} GstUdpBufferOptions;

typedef struct
{
  guint64 packets;
  guint64 bytes;
  guint64 batches;
  guint64 trains;
  guint64 refused;      /* senders not in accept-from */
  guint64 truncated;    /* longer than any datagram can be */
  guint64 kernel_drops; /* filled in by others */
} GstUdpCounters;

typedef struct _GstUdpReceiver GstUdpReceiver;

GstUdpReceiver *gst_udp_receiver_new (const GstUdpReceiverConfig *config);
void gst_udp_receiver_free (GstUdpReceiver *receiver);
gboolean gst_udp_receiver_is_dry (GstUdpReceiver *receiver);
void gst_udp_receiver_expect_many (GstUdpReceiver *receiver);
gint gst_udp_receiver_receive (
    GstUdpReceiver *receiver, int fd, guint max_datagrams, GError **error);
GstFlowReturn gst_udp_receiver_take (GstUdpReceiver *receiver,
    const GstUdpBufferOptions *options, GstBuffer **ret_buffer,
    GstBufferList **ret_list);
const GstUdpCounters *gst_udp_receiver_get_counters (GstUdpReceiver *receiver);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstUdpReceiver, gst_udp_receiver_free)

G_END_DECLS
