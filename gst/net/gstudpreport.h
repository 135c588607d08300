/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpreport.h: what udpserversrc tells the application
 *
 * Here: its messages and the structure of its figures.
 * Not here: when they are told; errors.
 */
#pragma once

#include "gstudpport.h"
#include "gstudpreceiver.h"
#include "gstudpsettings.h"

G_BEGIN_DECLS

/* What was told of drops, and when. */
typedef struct
{
  guint64 drops;
  gint64 at_us; /* 0 for never */
} GstUdpToldDrops;

gboolean gst_udp_report_uri (
    GstElement *element, const GstUdpSettings *settings);
void gst_udp_report_shortfall (GstElement *element, GstUdpPort *port);
void gst_udp_report_timeout (GstElement *element, guint64 timeout_ns);
void gst_udp_report_drops (GstElement *element, GstUdpPort *port, guint64 drops,
    GstUdpToldDrops *told);
GstStructure *gst_udp_report_stats (
    const GstUdpCounters *counters, GstUdpPort *port);

G_END_DECLS
