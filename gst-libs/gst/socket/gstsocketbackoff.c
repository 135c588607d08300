/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketbackoff.c: how long to wait before trying again
 *
 * Here: the waiting time as a function of what failed before.
 * Not here: clocks, random numbers, connecting.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketbackoff.h"

/* A quarter to either side: enough that clients which lost one server do not
 * come back in step. */
#define JITTER 0.25

/**
 * gst_socket_backoff:
 * @delay_ns: time before the first retry, in ns
 * @max_delay_ns: longest time, in ns
 * @n_failures: failures in a row, at least 1
 * @random: a number from 0 to 1
 *
 * The time doubles with every failure up to @max_delay_ns, and is then made
 * up to a quarter shorter (@random 0) or longer (@random 1).
 *
 * Returns: time to wait in ns
 */
GstClockTime
gst_socket_backoff (GstClockTime delay_ns, GstClockTime max_delay_ns,
    guint n_failures, gdouble random)
{
  GstClockTime time_ns = MIN (delay_ns, max_delay_ns);

  g_return_val_if_fail (n_failures > 0, 0);

  while (--n_failures > 0 && time_ns > 0 && time_ns < max_delay_ns)
    time_ns = time_ns > max_delay_ns / 2 ? max_delay_ns : time_ns * 2;
  return time_ns * (1 - JITTER + 2 * JITTER * CLAMP (random, 0, 1));
}
