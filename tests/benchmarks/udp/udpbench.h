/* SPDX-License-Identifier: LGPL-2.1-or-later
 * udpbench.h: the processes of the udp benchmark
 *
 * Here: entry points and requests of the sender and of the receivers.
 * Not here: what is measured (udp.c).
 *
 * Requests to a receiver (see benchproc.h); ready line: port=N buffer=BYTES,
 * as granted
 *   mark     counts from here
 *   report   packets, cpu_us, p50_us, p99_us and max_us of the delay (where
 *            packets carry a stamp and the receiver was started with "stamp")
 * Requests to the sender
 *   send PORT MODE COUNT PPS BURST   sends COUNT packets at PPS; MODE is
 *            "plain" (sendmmsg of BURST) or "gso" (trains of BURST). Answers
 *            at once
 *   wait     answers when all is sent, with sent, the most it was late
 *            (late_ms), and the rate it kept (pps)
 */
#pragma once

#include "../common/benchhist.h"

#include <glib.h>

G_BEGIN_DECLS

/* Seven MPEG-TS packets, as usual on networks. */
#define UDP_BENCH_SIZE 1316
#define UDP_BENCH_BUFFER (4 * 1024 * 1024)

typedef struct
{
  gint packets; /* atomic */
  gboolean stamp;
  guint buffer;     /* bytes of the socket's buffer */
  BenchHist delays; /* receiving thread only, until it was asked */
} ReceiverFigures;

/* Gives a receiver's socket UDP_BENCH_BUFFER, beyond the system's limit where
 * that is allowed. */
void receiver_figures_set_buffer (ReceiverFigures *self, gint fd);

/* What a receiver does with the bytes of a packet. */
void receiver_figures_take (ReceiverFigures *self, gconstpointer data);

/* Serve requests until the end of standard input; return an exit status. */
gint receiver_bare_main (gboolean gro, gboolean stamp);
gint receiver_gst_main (const gchar *factory, const gchar *plugin,
    gboolean stamp, gchar **settings);
gint receiver_serve (ReceiverFigures *self, guint port);
gint sender_main (void);

G_END_DECLS
