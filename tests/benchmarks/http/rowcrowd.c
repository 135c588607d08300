/* SPDX-License-Identifier: LGPL-2.1-or-later
 * rowcrowd.c: very many listeners, and very many at once
 *
 * Here: rows thousand, storm and reconnect. Not here: what it costs.
 */
#include "http.h"

#define TOLERANCE 0.02
#define THOUSAND 1000
#define THOUSAND_FILL_S 10
/* Long enough that what a batch more or less makes stays well below that. */
#define THOUSAND_WINDOW_S 5

#define STEADY 50
/* A rate at which this many can be served at all on a small machine. */
#define STORM_RATE 200e3
#define STORM 5000
#define RECONNECT 3000
#define QUICK_DIVISOR 4
#define BOUND_S 20
#define BEFORE_S 0.5

static const HttpServer servers[] = {HTTP_OURS, HTTP_ICECAST};

static void
run_thousand (Http *run, HttpServer server, BenchTable *table)
{
  g_autoptr (Trial) trial = http_trial_new (run, server);
  TrialFigures figures = {0};
  guint held;

  trial_stream (trial, HTTP_RATE);
  held = http_fill (trial, TRIAL_STEADY, THOUSAND, THOUSAND_FILL_S);
  trial_sleep (run->warm_s);
  trial_mark (trial);
  trial_sleep (THOUSAND_WINDOW_S);
  trial_figures (trial, TRIAL_STEADY, &figures);
  if (!http_ended_well (run, server, trial))
    return;
  bench_table_row (table);
  bench_table_text (table, http_server_name (server));
  bench_table_number (table, held - figures.gone, 0);
  bench_table_number (table, figures.least * 100, 1);
  bench_table_number (table, figures.most * 100, 1);
  bench_table_text (table,
      held == THOUSAND && figures.gone == 0 && figures.least >= 1 - TOLERANCE
              && figures.most <= 1 + TOLERANCE
          ? "yes"
          : "no");
  bench_table_number (table, figures.lost, 0);
  bench_table_number (table, figures.p99_ms, 1);
  bench_table_number (table, figures.cpu_per_gb, 2);
  bench_table_number (table, figures.server_cpu * 100, 0);
}

static void
run_all (Http *self, BenchTable *table,
    void (*run) (Http *run, HttpServer server, BenchTable *table))
{
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++) {
    if (http_has (self, servers[i], table))
      run (self, servers[i], table);
  }
  bench_report_add (self->report, table);
}

void
http_row_thousand (Http *self)
{
  static const gchar *const columns[] = {"server|server", "kept|kept",
      "least_percent|least %", "most_percent|most %", "all_within|all within",
      "lost_buffers|lost", "delay_p99_ms|p99 ms", "cpu_s_per_gb|CPU s/GB",
      "server_cpu_percent|server %", NULL};
  g_autofree gchar *title = g_strdup_printf (
      "%u listeners x %.0f Mbit/s that come within %u s: are all within %.0f %%",
      THOUSAND, HTTP_RATE / 1e6, THOUSAND_FILL_S, TOLERANCE * 100);

  run_all (self, bench_table_new ("thousand", title, columns), run_thousand);
}

/* --- many at once --- */

static guint
size_of (const Http *run, guint n)
{
  return run->quick ? n / QUICK_DIVISOR : n;
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
add_crowd_row (BenchTable *table, HttpServer server, guint n,
    const gchar *crowd, const TrialFigures *steady)
{
  bench_table_row (table);
  bench_table_text (table, http_server_name (server));
  bench_table_number (table, n, 0);
  bench_table_number (table, bench_reply (crowd, "answered"), 0);
  add_seconds (table, crowd, "all_answered_ns");
  add_seconds (table, crowd, "all_served_ns");
  bench_table_number (table, bench_reply (crowd, "first_p50_ns") / 1e9, 2);
  bench_table_number (table, bench_reply (crowd, "first_p99_ns") / 1e9, 2);
  bench_table_number (table, steady->lost, 0);
  bench_table_number (table, steady->gone, 0);
  bench_table_number (table, steady->max_ms, 0);
}

static void
run_crowd (
    Http *run, HttpServer server, guint n, guint before, BenchTable *table)
{
  g_autoptr (Trial) trial = http_trial_new (run, server);
  g_autofree gchar *crowd = NULL;
  TrialFigures steady = {0};

  trial_stream (trial, STORM_RATE);
  http_fill (trial, TRIAL_STEADY, STEADY, BOUND_S);
  if (before > 0)
    http_fill (trial, TRIAL_OTHERS, before, BOUND_S);
  trial_sleep (BEFORE_S);
  trial_mark (trial);
  if (before > 0)
    trial_drop (trial, TRIAL_OTHERS);
  trial_storm (trial, TRIAL_OTHERS, n);
  crowd = http_wait_served (trial, TRIAL_OTHERS, n, BOUND_S);
  trial_figures (trial, TRIAL_STEADY, &steady);
  if (http_ended_well (run, server, trial))
    add_crowd_row (table, server, n, crowd, &steady);
}

static const gchar *const crowd_columns[] = {"server|server",
    "listeners|at once", "answered|answered", "answered_s|all answered s",
    "served_s|all served s", "first_p50_s|p50 s", "first_p99_s|p99 s",
    "steady_lost|50: lost", "steady_gone|50: gone",
    "steady_max_ms|50: worst ms", NULL};

static void
run_storm (Http *run, HttpServer server, BenchTable *table)
{
  run_crowd (run, server, size_of (run, STORM), 0, table);
}

void
http_row_storm (Http *self)
{
  g_autofree gchar *title = g_strdup_printf (
      "listeners that connect at once beside %u, stream of %.0f kbit/s", STEADY,
      STORM_RATE / 1e3);
  BenchTable *table = bench_table_new ("storm", title, crowd_columns);

  bench_table_note (table,
      "answered: has the head; served: has its first data; p50, p99: until "
      "then; given %u s",
      BOUND_S);
  run_all (self, table, run_storm);
}

static void
run_reconnect (Http *run, HttpServer server, BenchTable *table)
{
  guint n = size_of (run, RECONNECT);

  run_crowd (run, server, n, n, table);
}

void
http_row_reconnect (Http *self)
{
  g_autofree gchar *title = g_strdup_printf (
      "listeners that all go and come again at once beside %u, stream of %.0f "
      "kbit/s",
      STEADY, STORM_RATE / 1e3);

  run_all (
      self, bench_table_new ("reconnect", title, crowd_columns), run_reconnect);
}
