/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketbackoff.h: how long to wait before trying again
 *
 * Here: the waiting time as a function of what failed before.
 * Not here: clocks, random numbers, connecting.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

GST_SOCKET_API
GstClockTime gst_socket_backoff (GstClockTime delay_ns,
    GstClockTime max_delay_ns, guint n_failures, gdouble random);

G_END_DECLS
