/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchpace.c: an exact rate, and the stamp each buffer carries
 *
 * Here: see benchpace.h. Not here: buffers, sockets.
 */
#include "benchpace.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define NS_PER_S G_GINT64_CONSTANT (1000000000)

gint64
bench_now_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

void
bench_pace_start (BenchPace *self, gsize size, gdouble bits_per_s)
{
  self->interval_ns = size * 8.0 * NS_PER_S / bits_per_s;
  self->start_ns = bench_now_ns () - (gint64) (self->seq * self->interval_ns);
}

gint64
bench_pace_due (const BenchPace *self)
{
  return self->start_ns + (gint64) (self->seq * self->interval_ns);
}

void
bench_pace_wait (const BenchPace *self)
{
  gint64 due = bench_pace_due (self);
  struct timespec ts = {due / NS_PER_S, due % NS_PER_S};

  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
    ;
}

gint64
bench_pace_forgive (BenchPace *self, gint64 most_ns)
{
  gint64 late_ns = bench_now_ns () - bench_pace_due (self);

  if (late_ns > most_ns)
    self->start_ns += late_ns;
  return MAX (late_ns, 0);
}

void
bench_pace_stamp (BenchPace *self, gpointer data)
{
  BenchStamp stamp = {BENCH_STAMP_MAGIC, self->seq++, bench_now_ns ()};

  memcpy (data, &stamp, sizeof stamp);
}
