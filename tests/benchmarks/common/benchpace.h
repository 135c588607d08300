/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchpace.h: an exact rate, and the stamp each buffer carries
 *
 * Here: when buffer n of a stream is due, waiting for it, and the header by
 * which a receiver knows when a buffer was sent and whether one is missing.
 * Not here: buffers, sockets.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* First bytes of every buffer; sender and receiver are on one machine. */
typedef struct
{
  guint64 magic;
  guint64 seq;
  gint64 time_ns;
} BenchStamp;

#define BENCH_STAMP_MAGIC G_GUINT64_CONSTANT (0x70617473646e6573)
#define BENCH_STAMP_SIZE sizeof (BenchStamp)

typedef struct
{
  gint64 start_ns;
  gdouble interval_ns;
  guint64 seq;
} BenchPace;

/* CLOCK_MONOTONIC, the same in every process. */
gint64 bench_now_ns (void);

/* The first buffer is due at once, the next ones at exactly @bits_per_s. */
void bench_pace_start (BenchPace *self, gsize size, gdouble bits_per_s);
gint64 bench_pace_due (const BenchPace *self);

/* Sleeps until the next buffer is due; does not when it is already late, so
 * that a stream that was held up catches up. */
void bench_pace_wait (const BenchPace *self);

/* Says how late the next buffer is, in ns. One that is later than @most_ns
 * becomes due now, and those behind it as much later: what was missed is not
 * made up for at a rate that nobody asked for. */
gint64 bench_pace_forgive (BenchPace *self, gint64 most_ns);

/* Writes the next stamp, and moves on to the next buffer. */
void bench_pace_stamp (BenchPace *self, gpointer data);

G_END_DECLS
