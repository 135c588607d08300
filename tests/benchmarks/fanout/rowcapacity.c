/* SPDX-License-Identifier: LGPL-2.1-or-later
 * rowcapacity.c: how many clients all get the stream at its rate
 *
 * Here: row capacity: more and more clients until one is starved.
 * Not here: what it costs (rowcost.c), many at once (rowstorm.c).
 */
#include "servers.h"

#define TOLERANCE 0.02
/* Long enough that what a batch more or less makes stays well below that. */
#define WINDOW_S 5
/* A server that cannot take the clients in this time has reached its limit. */
#define FILL_BOUND_S 10
#define QUICK_FILL_BOUND_S 4
/* Beyond the limit one more step shows how it fails. */
#define MAX_FAILURES 2

static const guint steps[] = {200, 400, 1000, 2000, 3000, 4000};
static const guint quick_steps[] = {200, 2000};

static void
add_row (BenchTable *table, FanoutServer server, guint n, guint held,
    const TrialFigures *figures, gboolean is_enough)
{
  bench_table_row (table);
  bench_table_text (table, fanout_server_name (server));
  bench_table_number (table, n, 0);
  bench_table_number (table, held, 0);
  bench_table_number (table, figures->least * 100, 1);
  bench_table_number (table, figures->most * 100, 1);
  bench_table_text (table, is_enough ? "yes" : "no");
  bench_table_number (table, figures->p50_ms, 2);
  bench_table_number (table, figures->p99_ms, 2);
  bench_table_number (table, figures->cpu_per_gb, 2);
  bench_table_number (table, figures->server_cpu * 100, 0);
  bench_table_number (table, figures->client_cpu * 100, 0);
  bench_table_number (table, figures->other_cpu * 100, 0);
}

/* The clients come while the stream runs, as they do in life. */
static gboolean
try_step (Fanout *run, FanoutServer server, guint n, BenchTable *table)
{
  g_autoptr (Trial) trial = trial_new (run, server, NULL, FANOUT_BUFFER_SIZE);
  TrialFigures figures = {0};
  gboolean is_enough;
  guint held;

  trial_stream (trial, FANOUT_RATE);
  held = trial_fill (trial, TRIAL_STEADY, n, "read",
      run->quick ? QUICK_FILL_BOUND_S : FILL_BOUND_S);
  trial_sleep (run->warm_s);
  trial_mark (trial);
  trial_sleep (WINDOW_S);
  trial_figures (trial, TRIAL_STEADY, &figures);
  if (!trial_ended_well (trial, run, server))
    return FALSE;
  is_enough = held == n && figures.least >= 1 - TOLERANCE
      && figures.most <= 1 + TOLERANCE;
  add_row (table, server, n, held, &figures, is_enough);
  return is_enough;
}

static void
search (Fanout *run, FanoutServer server, BenchTable *table)
{
  guint most = 0, failures = 0;
  guint n_steps =
      run->quick ? G_N_ELEMENTS (quick_steps) : G_N_ELEMENTS (steps);

  for (guint i = 0; i < n_steps && failures < MAX_FAILURES; i++) {
    guint n = run->quick ? quick_steps[i] : steps[i];

    if (try_step (run, server, n, table))
      most = n;
    else
      failures++;
  }
  bench_table_note (table, "%s: %u clients all within %.0f %% of the rate",
      fanout_server_name (server), most, TOLERANCE * 100);
}

void
fanout_row_capacity (Fanout *self)
{
  static const gchar *const columns[] = {"server|server", "clients|clients",
      "held|held", "least_percent|least %", "most_percent|most %",
      "all_within|all within", "delay_p50_ms|p50 ms", "delay_p99_ms|p99 ms",
      "cpu_s_per_gb|CPU s/GB", "server_cpu_percent|server %",
      "client_cpu_percent|client %", "other_cpu_percent|other %", NULL};
  g_autofree gchar *title = g_strdup_printf (
      "how many clients all get %.0f Mbit/s, one window of %d s",
      FANOUT_RATE / 1e6, WINDOW_S);
  BenchTable *table = bench_table_new ("capacity", title, columns);

  for (guint s = 0; s < FANOUT_N_SERVERS; s++) {
    /* The floor has no part in the question; it tells what the machine can. */
    if (self->against[s] && !(self->quick && s == FANOUT_FLOOR))
      search (self, s, table);
  }
  bench_report_add (self->report, table);
}
