/* SPDX-License-Identifier: LGPL-2.1-or-later
 * trial.c: one server process, one process of clients, and the talk to both
 *
 * Here: see trial.h. Not here: rows, tables.
 */
#include "trial.h"
#include "../common/benchpace.h"

#define FILL_STEP 32
#define POLL_INTERVAL_US 300

static gchar *
ask (Trial *self, BenchProc *proc, const gchar *request)
{
  gchar *reply = NULL;

  if (self->error == NULL)
    reply = bench_proc_ask (proc, request, &self->error);
  return reply != NULL ? reply : g_strdup ("");
}

static void
tell (Trial *self, BenchProc *proc, const gchar *request)
{
  g_autofree gchar *reply = ask (self, proc, request);
}

static BenchProc *
start_clients (Trial *self, const gchar *pin)
{
  const gchar *args[] = {"--role", "clients", pin, NULL};

  return self->error == NULL ? bench_proc_start (args, &self->error) : NULL;
}

static void
set_target (Trial *self, const gchar *ready, const gchar *target)
{
  g_autofree gchar *request = g_strdup_printf (
      "target %.0f %" G_GSIZE_FORMAT "%s%s", bench_reply (ready, "port"),
      self->size, target != NULL ? " " : "", target != NULL ? target : "");

  tell (self, self->clients, request);
}

Trial *
trial_start (const gchar *const *server_args, gsize size, const gchar *target)
{
  Trial *self = g_new0 (Trial, 1);
  g_autofree gchar *server_ready = NULL;
  g_autofree gchar *clients_ready = NULL;

  self->size = size;
  self->fill_step = FILL_STEP;
  self->server = bench_proc_start (server_args, &self->error);
  self->clients = start_clients (self, server_args[2]);
  server_ready = ask (self, self->server, NULL);
  clients_ready = ask (self, self->clients, NULL);
  set_target (self, server_ready, target);
  self->server_pid = (GPid) bench_reply (server_ready, "pid");
  return self;
}

void
trial_free (Trial *self)
{
  if (self == NULL)
    return;
  bench_proc_free (self->clients);
  bench_proc_free (self->server);
  g_clear_error (&self->error);
  g_free (self);
}

void
trial_stream (Trial *self, gdouble bits_per_s)
{
  g_autofree gchar *request = g_strdup_printf (
      "stream %" G_GSIZE_FORMAT " %.0f", self->size, bits_per_s);

  self->rate = bits_per_s;
  tell (self, self->server, request);
}

void
trial_halt (Trial *self)
{
  tell (self, self->server, "halt");
}

guint
trial_count (Trial *self)
{
  g_autofree gchar *reply = ask (self, self->server, "clients");

  return (guint) bench_reply (reply, "clients");
}

static void
begin_connects (Trial *self, guint group, guint n, const gchar *mode)
{
  g_autofree gchar *request =
      g_strdup_printf ("connect %u %u %s", group, n, mode);

  tell (self, self->clients, request);
  self->n_clients += n;
}

guint
trial_fill (
    Trial *self, guint group, guint n, const gchar *mode, gdouble bound_s)
{
  gint64 deadline = bench_now_ns () + (gint64) (bound_s * 1e9);
  guint held = trial_count (self);

  while (n > 0 && self->error == NULL && bench_now_ns () < deadline) {
    guint step = MIN (n, self->fill_step);

    begin_connects (self, group, step, mode);
    n -= step;
    while ((held = trial_count (self)) < self->n_clients && self->error == NULL
        && bench_now_ns () < deadline)
      g_usleep (POLL_INTERVAL_US);
  }
  return held;
}

void
trial_storm (Trial *self, guint group, guint n)
{
  begin_connects (self, group, n, "read");
}

gchar *
trial_report (Trial *self, const gchar *request, guint group)
{
  g_autofree gchar *line = g_strdup_printf ("%s %u", request, group);

  return ask (self, self->clients, line);
}

void
trial_drop (Trial *self, guint group)
{
  g_autofree gchar *line = g_strdup_printf ("drop %u", group);

  tell (self, self->clients, line);
}

void
trial_sleep (gdouble seconds)
{
  g_usleep ((gulong) (seconds * G_USEC_PER_SEC));
}

void
trial_mark (Trial *self)
{
  self->mark_busy_us = bench_sys_busy_us ();
  tell (self, self->server, "mark");
  tell (self, self->clients, "mark");
}

static void
read_client_figures (Trial *self, const gchar *reply, TrialFigures *figures)
{
  gdouble seconds = bench_reply (reply, "seconds");
  gdouble asked = self->rate / 8 * seconds;

  figures->bytes = bench_reply (reply, "total");
  figures->least = bench_reply (reply, "least") / asked;
  figures->most = bench_reply (reply, "most") / asked;
  figures->lost = bench_reply (reply, "lost") + bench_reply (reply, "corrupt");
  figures->gone = bench_reply (reply, "gone");
  figures->p50_ms = bench_reply (reply, "p50_ns") / 1e6;
  figures->p99_ms = bench_reply (reply, "p99_ns") / 1e6;
  figures->max_ms = bench_reply (reply, "max_ns") / 1e6;
  figures->client_cpu = bench_reply (reply, "cpu_us") / 1e6 / seconds;
}

static void
read_server_figures (const gchar *reply, TrialFigures *figures)
{
  gdouble cpu_s = bench_reply (reply, "cpu_us") / 1e6;

  figures->server_cpu = cpu_s / bench_reply (reply, "seconds");
  figures->cpu_per_gb = cpu_s / (figures->bytes / 1e9);
  figures->push_p50_us = bench_reply (reply, "push_p50_ns") / 1e3;
  figures->push_p99_us = bench_reply (reply, "push_p99_ns") / 1e3;
  figures->push_max_us = bench_reply (reply, "push_max_ns") / 1e3;
  figures->push_cpu_max_us = bench_reply (reply, "push_cpu_max_ns") / 1e3;
  figures->push_waited =
      bench_reply (reply, "waited") / MAX (bench_reply (reply, "sent"), 1);
}

void
trial_figures (Trial *self, guint group, TrialFigures *ret_figures)
{
  g_autofree gchar *server = ask (self, self->server, "figures");
  g_autofree gchar *clients = trial_report (self, "report", group);
  gdouble busy_s = (bench_sys_busy_us () - self->mark_busy_us) / 1e6;
  gdouble seconds = bench_reply (server, "seconds");

  if (self->error != NULL)
    return;
  read_client_figures (self, clients, ret_figures);
  read_server_figures (server, ret_figures);
  ret_figures->other_cpu = MAX (
      0, busy_s / seconds - ret_figures->server_cpu - ret_figures->client_cpu);
}
