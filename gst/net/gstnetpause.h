/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetpause.h: pauses of sinks that wait for a peer
 *
 * Here: knowing a pause from its end, waiting for that.
 * Not here: waiting for the peer.
 */
#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

/* Part of an element; all zero is a good start. */
typedef struct
{
  gint is_over; /* atomic */
} GstNetPause;

void gst_net_pause_begin (GstNetPause *self);
void gst_net_pause_end (GstNetPause *self, GstStateChange transition);
GstFlowReturn gst_net_pause_wait (GstNetPause *self, GstBaseSink *sink);

G_END_DECLS
