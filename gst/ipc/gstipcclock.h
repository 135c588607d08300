/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcclock.h: whether two processes follow the same clock
 *
 * Here: naming a clock on the wire. Not here: base times, segments.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_IPC_CLOCK_NONE,
  GST_IPC_CLOCK_MONOTONIC,
  GST_IPC_CLOCK_REALTIME,
} GstIpcClockKind;

/* NONE for a clock that other processes on the machine do not share. */
GstIpcClockKind gst_ipc_clock_get_kind (GstClock *clock);

/* The element's clock and base time; NONE while it has no clock. */
GstIpcClockKind gst_ipc_clock_of_element (
    GstElement *element, GstClockTime *ret_base_time);

G_END_DECLS
