/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchhist.c: many durations in little memory, asked for percentiles
 *
 * Here: see benchhist.h. Not here: clocks, units.
 */
#include "benchhist.h"

#include <string.h>

void
bench_hist_clear (BenchHist *self)
{
  memset (self, 0, sizeof *self);
}

/* Values below BENCH_HIST_SUB have a step each; above, each doubling is cut
 * into BENCH_HIST_SUB steps. */
static guint
step_of (guint64 value)
{
  guint shift;

  if (value < BENCH_HIST_SUB)
    return (guint) value;
  shift = 63 - __builtin_clzll (value) - 5;
  return MIN (
      shift * BENCH_HIST_SUB + (guint) (value >> shift), BENCH_HIST_STEPS - 1);
}

static guint64
value_of (guint step)
{
  guint shift;

  if (step < 2 * BENCH_HIST_SUB)
    return step;
  shift = step / BENCH_HIST_SUB - 1;
  return (guint64) (step - shift * BENCH_HIST_SUB) << shift;
}

void
bench_hist_add (BenchHist *self, guint64 value)
{
  self->step[step_of (value)]++;
  self->count++;
  if (value > self->max)
    self->max = value;
}

guint64
bench_hist_percentile (const BenchHist *self, gdouble percent)
{
  guint64 wanted = (guint64) (self->count * percent / 100.0);
  guint64 seen = 0;

  for (guint i = 0; i < BENCH_HIST_STEPS; i++) {
    seen += self->step[i];
    if (seen > wanted)
      return MIN (value_of (i), self->max);
  }
  return self->max;
}
