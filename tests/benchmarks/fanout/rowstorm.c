/* SPDX-License-Identifier: LGPL-2.1-or-later
 * rowstorm.c: thousands of clients that connect at once
 *
 * Here: row storm: until all are served, and what it does to those there.
 * Not here: steady work.
 */
#include "servers.h"

#define STEADY_CLIENTS 50
/* A rate at which this many can be served at all on a small machine. */
#define STORM_RATE 200e3
#define BEFORE_S 0.5
#define POLL_S 0.02

static const guint storms[] = {5000, 10000};
static const guint quick_storms[] = {2000};

static gdouble
bound_s (const Fanout *run, FanoutServer server)
{
  if (run->quick)
    return 5;
  return server == FANOUT_STOCK ? 10 : 20;
}

/* Returns the report of the storm's clients when all are served, or when the
 * time is over. */
static gchar *
wait_for_all (Trial *trial, guint n, gdouble bound)
{
  for (gdouble waited = 0; waited < bound; waited += POLL_S) {
    g_autofree gchar *report = trial_report (trial, "first", TRIAL_OTHERS);

    if (trial->error != NULL || bench_reply (report, "served") >= n)
      break;
    trial_sleep (POLL_S);
  }
  return trial_report (trial, "first", TRIAL_OTHERS);
}

/* @key is 0 in the report until all have got there. */
static void
add_seconds (BenchTable *table, const gchar *report, const gchar *key)
{
  gdouble at = bench_reply (report, key);

  if (at > 0)
    bench_table_number (
        table, (at - bench_reply (report, "begin_ns")) / 1e9, 2);
  else
    bench_table_none (table);
}

static void
add_row (BenchTable *table, FanoutServer server, guint n, const gchar *storm,
    const TrialFigures *steady)
{
  bench_table_row (table);
  bench_table_text (table, fanout_server_name (server));
  bench_table_number (table, n, 0);
  bench_table_number (table, bench_reply (storm, "served"), 0);
  add_seconds (table, storm, "all_open_ns");
  add_seconds (table, storm, "all_served_ns");
  bench_table_number (table, steady->lost, 0);
  bench_table_number (table, steady->gone, 0);
  bench_table_number (table, steady->p99_ms, 1);
  bench_table_number (table, steady->max_ms, 1);
  bench_table_number (table, steady->push_max_us / 1e3, 2);
  bench_table_number (table, steady->push_cpu_max_us / 1e3, 2);
  bench_table_number (table, steady->push_waited * 100, 1);
}

static void
run_storm (Fanout *run, FanoutServer server, guint n, BenchTable *table)
{
  g_autoptr (Trial) trial = trial_new (run, server, NULL, FANOUT_BUFFER_SIZE);
  g_autofree gchar *storm = NULL;
  TrialFigures steady = {0};

  trial_fill (trial, TRIAL_STEADY, STEADY_CLIENTS, "read", 5);
  trial_stream (trial, STORM_RATE);
  trial_sleep (BEFORE_S);
  trial_mark (trial);
  trial_storm (trial, TRIAL_OTHERS, n);
  storm = wait_for_all (trial, n, bound_s (run, server));
  trial_figures (trial, TRIAL_STEADY, &steady);
  if (trial_ended_well (trial, run, server))
    add_row (table, server, n, storm, &steady);
}

void
fanout_row_storm (Fanout *self)
{
  static const gchar *const columns[] = {"server|server", "clients|at once",
      "served|served", "open_s|connected s", "served_s|all served s",
      "steady_lost|50: lost", "steady_gone|50: gone",
      "steady_p99_ms|50: p99 ms", "steady_max_ms|50: worst ms",
      "push_max_ms|worst push ms", "push_cpu_max_ms|its CPU ms",
      "push_waited_percent|waited %", NULL};
  g_autofree gchar *title = g_strdup_printf (
      "clients that connect at once beside %u, stream of %.0f kbit/s",
      STEADY_CLIENTS, STORM_RATE / 1e3);
  BenchTable *table = bench_table_new ("storm", title, columns);
  const guint *sizes = self->quick ? quick_storms : storms;
  guint n = self->quick ? G_N_ELEMENTS (quick_storms) : G_N_ELEMENTS (storms);

  for (guint i = 0; i < n; i++) {
    for (guint s = 0; s < FANOUT_N_SERVERS; s++) {
      if (self->against[s])
        run_storm (self, s, sizes[i], table);
    }
  }
  bench_table_note (table,
      "served: has got its first data; stock is given %.0f s, the others %.0f",
      bound_s (self, FANOUT_STOCK), bound_s (self, FANOUT_OURS));
  bench_table_note (table,
      "worst push counts time in which other threads have the processor; "
      "waited: pushes in which the thread slept, as on a lock");
  bench_report_add (self->report, table);
}
