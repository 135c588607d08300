/* SPDX-License-Identifier: LGPL-2.1-or-later
 * tcpbench.h: the processes of the tcp benchmark
 *
 * Here: entry points and requests of the sender and of the receivers.
 * Not here: what is measured (tcp.c).
 *
 * Requests to a receiver (see benchproc.h); ready line: port=N, 0 if it
 * connects
 *   mark     counts from here
 *   report   bytes, buffers, cpu_us, and us between the first and the last
 * Requests to the sender
 *   listen   answers with port=N; the first who connects is sent to
 *   connect PORT
 *   send BYTES SIZE RATE   writes BYTES in pieces of SIZE, RATE a second or 0
 *            for as many as it can. Answers at once
 *   wait     answers when all is written, with sent and late_ms
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is offered to a read () of the bare loop. */
#define TCP_BENCH_READ 65536

typedef struct
{
  /* atomic: written by the receiving thread */
  gsize bytes;
  gsize buffers;
  gint64 last_ns;
} ReceiverFigures;

void receiver_figures_take (ReceiverFigures *self, gsize size);

/* Serve requests until the end of standard input; return an exit status.
 * @port: where to connect to, 0 to listen. */
gint receiver_bare_main (guint port);
gint receiver_gst_main (
    const gchar *plugin, const gchar *factory, guint port, gchar **settings);
gint receiver_serve (ReceiverFigures *self, guint port);
gint sender_main (void);

/* A socket that listens on the loopback interface, at a port that the kernel
 * chooses, or one that is connected there. */
gint bench_tcp_listen (guint *ret_port);
gint bench_tcp_accept (gint listener);
gint bench_tcp_connect (guint port);

G_END_DECLS
