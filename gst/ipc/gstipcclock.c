/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcclock.c: whether two processes follow the same clock
 *
 * Here: see gstipcclock.h. Not here: base times, segments. Any thread.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcclock.h"

GstIpcClockKind
gst_ipc_clock_get_kind (GstClock *clock)
{
  GstClockType type;

  if (clock == NULL || G_OBJECT_TYPE (clock) != GST_TYPE_SYSTEM_CLOCK)
    return GST_IPC_CLOCK_NONE;
  g_object_get (clock, "clock-type", &type, NULL);
  if (type == GST_CLOCK_TYPE_MONOTONIC)
    return GST_IPC_CLOCK_MONOTONIC;
  return type == GST_CLOCK_TYPE_REALTIME ? GST_IPC_CLOCK_REALTIME
                                         : GST_IPC_CLOCK_NONE;
}

GstIpcClockKind
gst_ipc_clock_of_element (GstElement *element, GstClockTime *ret_base_time)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (element);

  *ret_base_time = gst_element_get_base_time (element);
  return gst_ipc_clock_get_kind (clock);
}
