/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchstream.h: the stamped buffers in the bytes that a client receives
 *
 * Here: where they begin, which are missing, how long they took.
 * Not here: sockets, how the bytes were wrapped.
 */
#pragma once

#include "benchhist.h"
#include "benchpace.h"

G_BEGIN_DECLS

/* Of one client; all zero at the start. */
typedef struct
{
  gboolean is_in_step; /* the first stamp was found */
  gboolean has_seq;
  gsize position; /* in the buffer that is arriving */
  guint64 last_seq;
  guint8 stamp[BENCH_STAMP_SIZE];
} BenchStream;

/* Of many clients together. */
typedef struct
{
  guint64 lost;    /* buffers missing between two that came */
  guint64 corrupt; /* buffers that do not begin with a stamp */
  BenchHist delay;
} BenchStreamFigures;

/* @size: of a buffer. A server may begin anywhere in one: what comes before
 * the first stamp is left out. */
void bench_stream_take (BenchStream *self, gsize size, const guint8 *data,
    gsize n, BenchStreamFigures *figures);

G_END_DECLS
