/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetsender.h: what the sinks that write one socket have in common
 *
 * Here: the connection in use, sending, cancelling.
 * Not here: pads, properties, states.
 */
#pragma once

#include "gstnetpeer.h"

#include <gst/base/gstbasesink.h>
#include <gst/socket/gstsocketwait.h>

G_BEGIN_DECLS

/* Part of an element; every field belongs to gstnetsender.c. */
typedef struct
{
  /* immutable */
  GstBaseSink *element;
  GCancellable *cancellable;

  /* streaming thread; state changes while it does not run */
  GstSocketWait *wait;
  GSocket *socket;
  gchar *peer_name;
  GPtrArray *buffers;
} GstNetSender;

void gst_net_sender_init (GstNetSender *self, GstBaseSink *element);
void gst_net_sender_clear (GstNetSender *self);
gboolean gst_net_sender_open (
    GstNetSender *self, const GstNetPeer *peer, GError **error);
void gst_net_sender_close (GstNetSender *self);
void gst_net_sender_cancel (GstNetSender *self);
void gst_net_sender_resume (GstNetSender *self);
GstFlowReturn gst_net_sender_send (
    GstNetSender *self, GstBuffer *const *buffers, guint n_buffers);
GstFlowReturn gst_net_sender_send_list (
    GstNetSender *self, GstBufferList *list);

G_END_DECLS
