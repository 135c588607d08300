/* SPDX-License-Identifier: LGPL-2.1-or-later
 * server.c: the requests to a measured process
 *
 * Here: see server.h. Not here: ways to serve.
 *
 * Threads   main: requests     pushing: one, of the way's own
 * Locks     figures->lock: the window's push times and count
 */
#include "server.h"
#include "../common/benchproc.h"
#include "../common/benchsys.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

typedef struct
{
  const ServerWay *way;
  gpointer way_data;
  ServerFigures *figures;
  gint64 mark_cpu_us;
  gint64 mark_ns;
} Server;

static gint64
thread_cpu_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &ts);
  return ts.tv_sec * G_GINT64_CONSTANT (1000000000) + ts.tv_nsec;
}

/* How often the thread gave up its processor of itself, as for a lock; being
 * pushed off it by another thread does not count. */
static glong
thread_sleeps (void)
{
  struct rusage use;

  getrusage (RUSAGE_THREAD, &use);
  return use.ru_nvcsw;
}

void
server_push_begin (ServerPush *ret_push)
{
  ret_push->sleeps = thread_sleeps ();
  ret_push->begin_cpu_ns = thread_cpu_ns ();
  ret_push->begin_ns = bench_now_ns ();
}

void
server_push_end (const ServerPush *self, ServerFigures *figures)
{
  gint64 wall_ns = bench_now_ns () - self->begin_ns;
  gint64 cpu_ns = thread_cpu_ns () - self->begin_cpu_ns;
  glong sleeps = thread_sleeps () - self->sleeps;

  g_mutex_lock (&figures->lock);
  bench_hist_add (&figures->push, wall_ns);
  bench_hist_add (&figures->push_cpu, cpu_ns);
  figures->sent++;
  figures->waited += sleeps > 0;
  g_mutex_unlock (&figures->lock);
}

static gint64
cpu_us (Server *self)
{
  return self->way->cpu_us != NULL ? self->way->cpu_us (self->way_data)
                                   : bench_sys_cpu_us ();
}

static void
mark (Server *self)
{
  ServerFigures *figures = self->figures;

  g_mutex_lock (&figures->lock);
  bench_hist_clear (&figures->push);
  bench_hist_clear (&figures->push_cpu);
  figures->sent = figures->waited = 0;
  g_mutex_unlock (&figures->lock);
  self->mark_ns = bench_now_ns ();
  self->mark_cpu_us = cpu_us (self);
}

static void
append_figures (Server *self, GString *reply)
{
  gint64 used_us = cpu_us (self) - self->mark_cpu_us;
  gdouble seconds = (bench_now_ns () - self->mark_ns) / 1e9;
  ServerFigures *figures = self->figures;

  g_mutex_lock (&figures->lock);
  g_string_append_printf (reply,
      " cpu_us=%" G_GINT64_FORMAT " seconds=%.6f sent=%" G_GUINT64_FORMAT
      " push_p50_ns=%" G_GUINT64_FORMAT " push_p99_ns=%" G_GUINT64_FORMAT
      " push_max_ns=%" G_GUINT64_FORMAT " push_cpu_max_ns=%" G_GUINT64_FORMAT
      " waited=%" G_GUINT64_FORMAT,
      used_us, seconds, figures->sent,
      bench_hist_percentile (&figures->push, 50),
      bench_hist_percentile (&figures->push, 99), figures->push.max,
      figures->push_cpu.max, figures->waited);
  g_mutex_unlock (&figures->lock);
}

static void
handle_request (const gchar *const *words, GString *reply, gpointer data)
{
  Server *self = data;

  if (g_str_equal (words[0], "stream") && words[1] != NULL && words[2] != NULL)
    self->way->stream (
        self->way_data, atoi (words[1]), g_ascii_strtod (words[2], NULL));
  else if (g_str_equal (words[0], "halt"))
    self->way->halt (self->way_data);
  else if (g_str_equal (words[0], "clients"))
    g_string_append_printf (
        reply, " clients=%u", self->way->clients (self->way_data));
  else if (g_str_equal (words[0], "mark"))
    mark (self);
  else if (g_str_equal (words[0], "figures"))
    append_figures (self, reply);
  else
    g_string_assign (reply, "unknown request");
}

gint
server_run (const ServerWay *way, gpointer way_data, ServerFigures *figures)
{
  Server self = {way, way_data, figures, 0, 0};
  g_autoptr (GError) error = NULL;
  BenchControl control;
  guint port = way->open (way_data, &error);

  if (port == 0) {
    g_printerr ("The server does not start: %s\n",
        error != NULL ? error->message : "no port");
    return 1;
  }
  bench_control_init (&control, handle_request, &self);
  bench_control_ready ("ready port=%u pid=%d", port,
      way->pid != NULL ? way->pid (way_data) : getpid ());
  while (bench_control_read (&control))
    ;
  way->close (way_data);
  bench_control_clear (&control);
  return 0;
}
