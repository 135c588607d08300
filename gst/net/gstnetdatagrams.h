/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetdatagrams.h: a source of datagrams from anyone
 *
 * Here: binding, joining groups, reading.
 * Not here: batches (udpserversrc), pads, properties, states.
 */
#pragma once

#include "gstnetsource.h"
#include "gstudpport.h"

#include <gst/socket/gstsocketuri.h>

G_BEGIN_DECLS

/* Part of an element; the streaming thread's, or that of a state change while
 * it does not run. */
typedef struct
{
  GstNetSource *source;
  GstUdpPort *port;
  GPtrArray *local;
} GstNetDatagrams;

void gst_net_datagrams_init (GstNetDatagrams *self, GstNetSource *source);
gboolean gst_net_datagrams_start (
    GstNetDatagrams *self, const GstSocketUri *uri);
void gst_net_datagrams_stop (GstNetDatagrams *self);
guint16 gst_net_datagrams_get_port (const GstNetDatagrams *self);
GstFlowReturn gst_net_datagrams_create (
    GstNetDatagrams *self, GstBuffer **ret_buffer);

G_END_DECLS
