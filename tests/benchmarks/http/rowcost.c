/* SPDX-License-Identifier: LGPL-2.1-or-later
 * rowcost.c: what a GB served to many listeners costs
 *
 * Here: rows cost and tls: steady work, several windows of it, the servers by
 * turns so that a drift of the machine meets all of them.
 * Not here: many at once (rowcrowd.c).
 */
#include "http.h"

#define LISTENERS 200
#define FILL_BOUND_S 20

typedef struct
{
  BenchStat cpu_per_gb;
  BenchStat p99_ms;
  gdouble least;
  gdouble most;
  gdouble lost;
  gdouble other_cpu;
} Cost;

static void
add_window (Cost *cost, const TrialFigures *figures)
{
  gboolean is_first = cost->cpu_per_gb.n == 0;

  bench_stat_add (&cost->cpu_per_gb, figures->cpu_per_gb);
  bench_stat_add (&cost->p99_ms, figures->p99_ms);
  cost->least = is_first ? figures->least : MIN (cost->least, figures->least);
  cost->most = MAX (cost->most, figures->most);
  cost->lost += figures->lost;
  cost->other_cpu = MAX (cost->other_cpu, figures->other_cpu);
}

static void
run_window (Http *run, HttpServer server, Cost *cost)
{
  g_autoptr (Trial) trial = http_trial_new (run, server);
  TrialFigures figures = {0};

  trial_stream (trial, HTTP_RATE);
  http_fill (trial, TRIAL_STEADY, LISTENERS, FILL_BOUND_S);
  trial_sleep (run->warm_s);
  trial_mark (trial);
  trial_sleep (run->window_s);
  trial_figures (trial, TRIAL_STEADY, &figures);
  if (http_ended_well (run, server, trial))
    add_window (cost, &figures);
}

static void
add_ratio (BenchTable *table, const Cost *cost, const Cost *base)
{
  bench_table_number (table,
      bench_stat_median (&cost->cpu_per_gb)
          / bench_stat_median (&base->cpu_per_gb),
      2);
}

/* @bases: what a row is compared with, a column for each, ended by
 * HTTP_N_SERVERS. */
static void
add_row (
    BenchTable *table, HttpServer server, Cost *costs, const HttpServer *bases)
{
  const Cost *cost = &costs[server];

  if (cost->cpu_per_gb.n == 0)
    return;
  bench_table_row (table);
  bench_table_text (table, http_server_name (server));
  bench_table_stat (table, &cost->cpu_per_gb, 2);
  for (; *bases != HTTP_N_SERVERS; bases++)
    add_ratio (table, cost, &costs[*bases]);
  bench_table_number (table, cost->least * 100, 1);
  bench_table_number (table, cost->most * 100, 1);
  bench_table_stat (table, &cost->p99_ms, 1);
  bench_table_number (table, cost->lost, 0);
  if (cost->other_cpu > 0.05)
    bench_table_note (table,
        "%s: other work took up to %.0f %% of a core meanwhile",
        http_server_name (server), cost->other_cpu * 100);
}

static void
measure (Http *self, BenchTable *table, const HttpServer *servers, guint n,
    const HttpServer *bases)
{
  Cost costs[HTTP_N_SERVERS] = {0};
  gboolean has[HTTP_N_SERVERS] = {0};

  for (guint i = 0; i < n; i++)
    has[servers[i]] = http_has (self, servers[i], table);
  for (guint window = 0; window < self->windows; window++) {
    for (guint i = 0; i < n; i++) {
      if (has[servers[i]])
        run_window (self, servers[i], &costs[servers[i]]);
    }
  }
  for (guint i = 0; i < n; i++)
    add_row (table, servers[i], costs, bases);
  bench_table_note (table,
      "CPU of the server's process alone; least and most: bytes of any "
      "listener against the rate");
  bench_report_add (self->report, table);
}

static gchar *
make_title (Http *self)
{
  return g_strdup_printf (
      "%u listeners x %.0f Mbit/s, %u-byte buffers, %u windows of %.1f s: "
      "median (least..most)",
      LISTENERS, HTTP_RATE / 1e6, HTTP_BUFFER_SIZE, self->windows,
      self->window_s);
}

void
http_row_cost (Http *self)
{
  static const gchar *const columns[] = {"server|server",
      "cpu_s_per_gb|CPU s/GB", "x_icecast|x Icecast", "x_tcp|x tcp, 30 ms",
      "x_tcp_at_once|x tcp", "x_floor|x floor", "least_percent|least %",
      "most_percent|most %", "delay_p99_ms|p99 ms", "lost_buffers|lost", NULL};
  static const HttpServer bases[] = {
      HTTP_ICECAST, HTTP_TCP, HTTP_TCP_AT_ONCE, HTTP_FLOOR, HTTP_N_SERVERS};
  static const HttpServer servers[] = {HTTP_OURS, HTTP_OURS_CHUNKED,
      HTTP_OURS_AT_ONCE, HTTP_TCP, HTTP_TCP_AT_ONCE, HTTP_ICECAST, HTTP_STOCK,
      HTTP_FLOOR};
  g_autofree gchar *title = make_title (self);

  measure (self, bench_table_new ("cost", title, columns), servers,
      G_N_ELEMENTS (servers), bases);
}

void
http_row_tls (Http *self)
{
  static const gchar *const columns[] = {"server|server",
      "cpu_s_per_gb|CPU s/GB", "x_plain|x plain", "least_percent|least %",
      "most_percent|most %", "delay_p99_ms|p99 ms", "lost_buffers|lost", NULL};
  static const HttpServer bases[] = {HTTP_OURS, HTTP_N_SERVERS};
  static const HttpServer servers[] = {HTTP_OURS, HTTP_OURS_TLS};
  g_autofree gchar *title = make_title (self);

  measure (self, bench_table_new ("tls", title, columns), servers,
      G_N_ELEMENTS (servers), bases);
}
