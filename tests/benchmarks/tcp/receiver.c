/* SPDX-License-Identifier: LGPL-2.1-or-later
 * receiver.c: what all receivers tell
 *
 * Here: counting, answering requests.
 * Not here: receiving.
 */
#include "tcpbench.h"
#include "../common/benchpace.h"
#include "../common/benchproc.h"
#include "../common/benchsys.h"

typedef struct
{
  ReceiverFigures *figures;
  gsize bytes;
  gsize buffers;
  gint64 cpu_us;
  gint64 start_ns;
} Serving;

void
receiver_figures_take (ReceiverFigures *self, gsize size)
{
  __atomic_store_n (&self->last_ns, bench_now_ns (), __ATOMIC_RELAXED);
  __atomic_fetch_add (&self->buffers, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add (&self->bytes, size, __ATOMIC_RELEASE);
}

static void
mark (Serving *self)
{
  self->bytes = __atomic_load_n (&self->figures->bytes, __ATOMIC_ACQUIRE);
  self->buffers = __atomic_load_n (&self->figures->buffers, __ATOMIC_RELAXED);
  self->cpu_us = bench_sys_cpu_us ();
  self->start_ns = bench_now_ns ();
}

static void
report (Serving *self, GString *reply)
{
  gsize bytes = __atomic_load_n (&self->figures->bytes, __ATOMIC_ACQUIRE);
  gsize buffers = __atomic_load_n (&self->figures->buffers, __ATOMIC_RELAXED);
  gint64 last_ns = __atomic_load_n (&self->figures->last_ns, __ATOMIC_RELAXED);

  g_string_append_printf (reply,
      " bytes=%" G_GSIZE_FORMAT " buffers=%" G_GSIZE_FORMAT
      " cpu_us=%" G_GINT64_FORMAT " us=%" G_GINT64_FORMAT,
      bytes - self->bytes, buffers - self->buffers,
      bench_sys_cpu_us () - self->cpu_us, (last_ns - self->start_ns) / 1000);
}

static void
answer (const gchar *const *words, GString *reply, gpointer data)
{
  if (g_str_equal (words[0], "mark"))
    mark (data);
  else if (g_str_equal (words[0], "report"))
    report (data, reply);
}

gint
receiver_serve (ReceiverFigures *self, guint port)
{
  Serving serving = {.figures = self};
  BenchControl control;

  bench_control_init (&control, answer, &serving);
  bench_control_ready ("port=%u", port);
  while (bench_control_read (&control))
    ;
  bench_control_clear (&control);
  return 0;
}
