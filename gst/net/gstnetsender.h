/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetsender.h: what the sinks that write one socket have in common
 *
 * Here: the connection in use, sending, cancelling, connecting again.
 * Not here: pads, states.
 */
#pragma once

#include "gstnetconnector.h"
#include "gstnetpause.h"

#include <gst/base/gstbasesink.h>
#include <gst/socket/gstsocketpacketwriter.h>

G_BEGIN_DECLS

/**
 * GstNetLeaky:
 * @GST_NET_LEAKY_NO: hold the stream up until the peer is back
 * @GST_NET_LEAKY_UPSTREAM: drop what arrives while the peer is away
 *
 * What becomes of buffers while there is no connection.
 */
typedef enum
{
  GST_NET_LEAKY_NO,
  GST_NET_LEAKY_UPSTREAM,
} GstNetLeaky;

#define GST_TYPE_NET_LEAKY (gst_net_leaky_get_type ())
GType gst_net_leaky_get_type (void);

/* The properties, as offsets from the id of the first; those of GstNetRetry
 * come first. */
enum
{
  GST_NET_SENDER_LEAKY = GST_NET_N_RETRY,
  GST_NET_SENDER_BUFFERS_DROPPED,
  GST_NET_N_SENDER,
};

/* Part of an element; every field belongs to gstnetsender.c. */
typedef struct
{
  /* immutable */
  GstBaseSink *element;
  GCancellable *cancellable;

  GstNetRetry retry;
  GstNetPause pause; /* any thread */

  /* guarded by the element's OBJECT_LOCK */
  GstNetLeaky leaky;
  guint64 buffers_dropped;

  /* streaming thread; state changes while it does not run */
  GstNetPeer peer;
  gchar *peer_name;
  GstSocketWait *wait;
  GSocket *socket;
  GstSocketPacketWriter *packets;
  GPtrArray *buffers;
  GstBuffer *interrupted;
  gboolean has_failed; /* to connect, and is not to try again */
  gboolean is_new_stream;
  gboolean wants_keyframe;
  gboolean has_keyframes;
  gint64 connected_us;
  gint64 told_us; /* of told_dropped, the last figure that was told */
  guint64 told_dropped;
  GstNetConnector connector;
} GstNetSender;

void gst_net_sender_init (GstNetSender *self, GstBaseSink *element);
void gst_net_sender_clear (GstNetSender *self);
void gst_net_sender_add_pspecs (GParamSpec **pspecs);
gboolean gst_net_sender_set (
    GstNetSender *self, gint offset, const GValue *value);
gboolean gst_net_sender_get (GstNetSender *self, gint offset, GValue *value);

gboolean gst_net_sender_start (GstNetSender *self, GstNetPeer *peer);
void gst_net_sender_stop (GstNetSender *self);
void gst_net_sender_cancel (GstNetSender *self);
void gst_net_sender_resume (GstNetSender *self);
void gst_net_sender_play (GstNetSender *self, GstStateChange transition);
GstFlowReturn gst_net_sender_render (GstNetSender *self, GstBuffer *buffer);
GstFlowReturn gst_net_sender_render_list (
    GstNetSender *self, GstBufferList *list);

G_END_DECLS
