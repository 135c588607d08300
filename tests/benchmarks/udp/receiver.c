/* SPDX-License-Identifier: LGPL-2.1-or-later
 * receiver.c: what all receivers tell
 *
 * Here: the socket's buffer, counting, delays, answering requests.
 * Not here: receiving.
 */
#include "udpbench.h"
#include "../common/benchpace.h"
#include "../common/benchproc.h"
#include "../common/benchsys.h"

#include <string.h>
#include <sys/socket.h>

typedef struct
{
  ReceiverFigures *figures;
  gint packets;
  gint64 cpu_us;
} Serving;

void
receiver_figures_set_buffer (ReceiverFigures *self, gint fd)
{
  const gint wanted = UDP_BENCH_BUFFER;
  gint granted = 0;
  socklen_t size = sizeof granted;

  /* The plain option would cut down again what the other one has given. */
  if (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) < 0)
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  getsockopt (fd, SOL_SOCKET, SO_RCVBUF, &granted, &size);
  /* Linux reports twice what it was asked for. */
  self->buffer = granted / 2;
}

void
receiver_figures_take (ReceiverFigures *self, gconstpointer data)
{
  BenchStamp stamp;

  memcpy (&stamp, data, sizeof stamp);
  if (stamp.magic == BENCH_STAMP_MAGIC)
    bench_hist_add (&self->delays, MAX (bench_now_ns () - stamp.time_ns, 0));
}

static void
mark (Serving *self)
{
  self->packets = g_atomic_int_get (&self->figures->packets);
  self->cpu_us = bench_sys_cpu_us ();
  bench_hist_clear (&self->figures->delays);
}

static void
report (Serving *self, GString *reply)
{
  const BenchHist *delays = &self->figures->delays;

  g_string_append_printf (reply,
      " packets=%d cpu_us=%" G_GINT64_FORMAT " p50_us=%.1f p99_us=%.1f"
      " max_us=%.1f",
      g_atomic_int_get (&self->figures->packets) - self->packets,
      bench_sys_cpu_us () - self->cpu_us,
      bench_hist_percentile (delays, 50) / 1e3,
      bench_hist_percentile (delays, 99) / 1e3, delays->max / 1e3);
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
  bench_control_ready ("port=%u buffer=%u", port, self->buffer);
  while (bench_control_read (&control))
    ;
  bench_control_clear (&control);
  return 0;
}
