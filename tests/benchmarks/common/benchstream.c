/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchstream.c: the stamped buffers in the bytes that a client receives
 *
 * Here: see benchstream.h. Not here: sockets.
 */
#include "benchstream.h"

#include <string.h>

static void
check_stamp (BenchStream *self, BenchStreamFigures *figures, gint64 now)
{
  BenchStamp stamp;

  memcpy (&stamp, self->stamp, sizeof stamp);
  if (stamp.magic != BENCH_STAMP_MAGIC) {
    figures->corrupt++;
    return;
  }
  if (self->has_seq)
    figures->lost += stamp.seq - self->last_seq - 1;
  self->has_seq = TRUE;
  self->last_seq = stamp.seq;
  bench_hist_add (&figures->delay, MAX (now - stamp.time_ns, 0));
}

/* Looks for the first stamp; what stands around stamps is zero, so that no
 * part of one is found elsewhere. Returns the bytes that were looked at. */
static gsize
find_step (BenchStream *self, const guint8 *data, gsize n)
{
  const guint64 magic = BENCH_STAMP_MAGIC;
  const guint8 *wanted = (const guint8 *) &magic;

  for (gsize i = 0; i < n; i++) {
    if (data[i] != wanted[self->position])
      self->position = 0;
    if (data[i] == wanted[self->position])
      self->stamp[self->position++] = data[i];
    if (self->position == sizeof magic) {
      self->is_in_step = TRUE;
      return i + 1;
    }
  }
  return n;
}

void
bench_stream_take (BenchStream *self, gsize size, const guint8 *data, gsize n,
    BenchStreamFigures *figures)
{
  gint64 now = bench_now_ns ();
  gsize part;

  if (!self->is_in_step) {
    part = find_step (self, data, n);
    data += part;
    n -= part;
  }
  for (; n > 0; data += part, n -= part) {
    if (self->position < BENCH_STAMP_SIZE) {
      part = MIN (n, BENCH_STAMP_SIZE - self->position);
      memcpy (self->stamp + self->position, data, part);
    } else {
      part = MIN (n, size - self->position);
    }
    self->position += part;
    if (self->position == BENCH_STAMP_SIZE)
      check_stamp (self, figures, now);
    if (self->position == size)
      self->position = 0;
  }
}
