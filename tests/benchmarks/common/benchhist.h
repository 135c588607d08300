/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchhist.h: many durations in little memory, asked for percentiles
 *
 * Here: a log-linear histogram, about 3 % wide steps, no allocation.
 * Not here: where the durations come from, locks (the caller has them).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BENCH_HIST_SUB 32
#define BENCH_HIST_STEPS (60 * BENCH_HIST_SUB)

typedef struct
{
  guint64 count;
  guint64 max;
  guint32 step[BENCH_HIST_STEPS];
} BenchHist;

void bench_hist_clear (BenchHist *self);
void bench_hist_add (BenchHist *self, guint64 value);

/* The value that @percent of all values do not exceed, 0 when there is none. */
guint64 bench_hist_percentile (const BenchHist *self, gdouble percent);

G_END_DECLS
