/* SPDX-License-Identifier: LGPL-2.1-or-later
 * rowcost.c: what a GB sent to many clients costs, and how long a push takes
 *
 * Here: rows cost, batch and push: steady work, several windows of it, the
 * servers by turns so that a drift of the machine meets all of them.
 * Not here: rows that look for a limit.
 */
#include "servers.h"

#define COST_CLIENTS 200
#define PUSH_CLIENTS 1000
/* At 2 Mbit/s stock does not keep up with 1000 clients at all. */
#define PUSH_RATE 200e3
#define FILL_BOUND_S 15

typedef struct
{
  BenchStat cpu_per_gb;
  BenchStat p50_ms;
  BenchStat p99_ms;
  BenchStat push_p50_us;
  BenchStat push_p99_us;
  BenchStat push_max_us;
  BenchStat push_cpu_max_us;
  BenchStat push_waited;
  gdouble least;
  gdouble most;
  gdouble lost;
  gdouble client_cpu;
  gdouble other_cpu;
} Cost;

typedef struct
{
  guint n_clients;
  gdouble rate;
  const gchar *setting; /* of ours */
  gboolean use[FANOUT_N_SERVERS];
} Work;

static void
add_window (Cost *cost, const TrialFigures *figures)
{
  gboolean is_first = cost->cpu_per_gb.n == 0;

  bench_stat_add (&cost->cpu_per_gb, figures->cpu_per_gb);
  bench_stat_add (&cost->p50_ms, figures->p50_ms);
  bench_stat_add (&cost->p99_ms, figures->p99_ms);
  bench_stat_add (&cost->push_p50_us, figures->push_p50_us);
  bench_stat_add (&cost->push_p99_us, figures->push_p99_us);
  bench_stat_add (&cost->push_max_us, figures->push_max_us);
  bench_stat_add (&cost->push_cpu_max_us, figures->push_cpu_max_us);
  bench_stat_add (&cost->push_waited, figures->push_waited * 100);
  cost->least = is_first ? figures->least : MIN (cost->least, figures->least);
  cost->most = MAX (cost->most, figures->most);
  cost->lost += figures->lost;
  cost->client_cpu = MAX (cost->client_cpu, figures->client_cpu);
  cost->other_cpu = MAX (cost->other_cpu, figures->other_cpu);
}

static void
run_window (Fanout *run, FanoutServer server, const Work *work, Cost *cost)
{
  g_autoptr (Trial) trial =
      trial_new (run, server, work->setting, FANOUT_BUFFER_SIZE);
  TrialFigures figures = {0};

  trial_fill (trial, TRIAL_STEADY, work->n_clients, "read", FILL_BOUND_S);
  trial_stream (trial, work->rate);
  trial_sleep (run->warm_s);
  trial_mark (trial);
  trial_sleep (run->window_s);
  trial_figures (trial, TRIAL_STEADY, &figures);
  if (trial_ended_well (trial, run, server))
    add_window (cost, &figures);
}

static void
run_windows (Fanout *run, const Work *work, Cost *costs)
{
  for (guint window = 0; window < run->windows; window++) {
    for (guint s = 0; s < FANOUT_N_SERVERS; s++) {
      if (run->against[s] && work->use[s])
        run_window (run, s, work, &costs[s]);
    }
  }
}

static void
add_ratio (BenchTable *table, const Cost *cost, const Cost *base)
{
  bench_table_number (table,
      bench_stat_median (&cost->cpu_per_gb)
          / bench_stat_median (&base->cpu_per_gb),
      3);
}

static void
note_other_load (BenchTable *table, const Cost *costs)
{
  gdouble most = 0;

  for (guint s = 0; s < FANOUT_N_SERVERS; s++)
    most = MAX (most, costs[s].other_cpu);
  if (most > 0.05)
    bench_table_note (table,
        "other work took up to %.0f %% of a core during the windows",
        most * 100);
}

static gchar *
row_name (const Work *work, FanoutServer server)
{
  if (server == FANOUT_OURS && work->setting != NULL)
    return g_strdup_printf ("ours, %s", work->setting);
  return g_strdup (fanout_server_name (server));
}

static void
add_cost_row (BenchTable *table, const Work *work, const Cost *costs, guint s)
{
  g_autofree gchar *name = row_name (work, s);
  const Cost *cost = &costs[s];

  bench_table_row (table);
  bench_table_text (table, name);
  bench_table_stat (table, &cost->cpu_per_gb, 2);
  add_ratio (table, cost, &costs[FANOUT_STOCK]);
  add_ratio (table, cost, &costs[FANOUT_FLOOR]);
  bench_table_number (table, cost->least * 100, 1);
  bench_table_number (table, cost->most * 100, 1);
  bench_table_stat (table, &cost->p50_ms, 2);
  bench_table_stat (table, &cost->p99_ms, 2);
  bench_table_number (table, cost->lost, 0);
  bench_table_number (table, cost->client_cpu * 100, 0);
}

static void
report_cost (Fanout *run, const gchar *name, const Work *work)
{
  static const gchar *const columns[] = {"server|server",
      "cpu_s_per_gb|CPU s/GB", "x_stock|x stock", "x_floor|x floor",
      "least_percent|least %", "most_percent|most %", "delay_p50_ms|p50 ms",
      "delay_p99_ms|p99 ms", "lost_buffers|lost", "client_cpu_percent|client %",
      NULL};
  g_autofree gchar *title = g_strdup_printf (
      "%u clients x %.1f Mbit/s, "
      "%u-byte buffers, %u windows of %.1f s: median (least..most)",
      work->n_clients, work->rate / 1e6, FANOUT_BUFFER_SIZE, run->windows,
      run->window_s);
  BenchTable *table = bench_table_new (name, title, columns);
  Cost costs[FANOUT_N_SERVERS] = {0};

  run_windows (run, work, costs);
  for (guint s = 0; s < FANOUT_N_SERVERS; s++) {
    if (run->against[s] && work->use[s])
      add_cost_row (table, work, costs, s);
  }
  bench_table_note (table,
      "CPU of the server's process alone; least and most: bytes of any client "
      "against the rate; client: CPU of all clients");
  note_other_load (table, costs);
  bench_report_add (run->report, table);
}

void
fanout_row_cost (Fanout *self)
{
  Work work = {COST_CLIENTS, FANOUT_RATE, NULL, {TRUE, TRUE, TRUE}};

  report_cost (self, "cost", &work);
}

/* Stock has nothing to compare with. */
void
fanout_row_batch (Fanout *self)
{
  Work work = {
      COST_CLIENTS, FANOUT_RATE, "batch-time=20000000", {TRUE, FALSE, TRUE}};

  report_cost (self, "batch", &work);
}

static void
add_push_row (BenchTable *table, FanoutServer server, const Cost *cost)
{
  bench_table_row (table);
  bench_table_text (table, fanout_server_name (server));
  bench_table_stat (table, &cost->push_max_us, 0);
  bench_table_stat (table, &cost->push_p99_us, 0);
  bench_table_stat (table, &cost->push_p50_us, 0);
  bench_table_stat (table, &cost->push_cpu_max_us, 0);
  bench_table_stat (table, &cost->push_waited, 1);
  bench_table_number (table, cost->lost, 0);
}

void
fanout_row_push (Fanout *self)
{
  static const gchar *const columns[] = {"server|server",
      "push_max_us|worst us", "push_p99_us|p99 us", "push_p50_us|p50 us",
      "push_cpu_max_us|worst CPU us", "push_waited_percent|waited %",
      "lost_buffers|lost", NULL};
  Work work = {PUSH_CLIENTS, PUSH_RATE, NULL, {TRUE, TRUE, FALSE}};
  g_autofree gchar *title = g_strdup_printf ("time in one push, %u clients "
                                             "x %.0f kbit/s, %u windows of "
                                             "%.1f s: median (least..most)",
      PUSH_CLIENTS, PUSH_RATE / 1e3, self->windows, self->window_s);
  BenchTable *table = bench_table_new ("push", title, columns);
  Cost costs[FANOUT_N_SERVERS] = {0};
  gboolean pin = self->pin;

  /* A push that wakes a thread on its own processor is held by that thread. */
  self->pin = FALSE;
  run_windows (self, &work, costs);
  self->pin = pin;
  for (guint s = 0; s < FANOUT_N_SERVERS; s++) {
    if (self->against[s] && work.use[s])
      add_push_row (table, s, &costs[s]);
  }
  bench_table_note (table,
      "worst, p99, p50: from call to return, which counts time in which other "
      "threads have the processor; CPU: the push's own work; waited: pushes "
      "in which the thread slept, as on a lock");
  note_other_load (table, costs);
  bench_report_add (self->report, table);
}
