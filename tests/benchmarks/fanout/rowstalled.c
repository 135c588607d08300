/* SPDX-License-Identifier: LGPL-2.1-or-later
 * rowstalled.c: one client that never reads
 *
 * Here: row stalled: the server's memory, and what the healthy ones get.
 * Not here: how a policy judges a slow client (the element's tests).
 */
#include "servers.h"

#define HEALTHY_CLIENTS 10
#define STALLED_RATE 80e6
#define STALLED_SIZE 65536
#define N_SAMPLES 4

static const gdouble sample_s[N_SAMPLES] = {1, 5, 10, 15};
static const gdouble quick_sample_s[N_SAMPLES] = {1, 2, 3, 4};

static gdouble
rss_mb (Trial *trial)
{
  BenchMemory memory = {0};

  bench_sys_memory (bench_proc_pid (trial->server), &memory);
  return memory.rss_kib / 1024;
}

static void
add_row (BenchTable *table, FanoutServer server, const gdouble *rss,
    const TrialFigures *healthy, guint held)
{
  bench_table_row (table);
  bench_table_text (table, fanout_server_name (server));
  for (guint i = 0; i <= N_SAMPLES; i++)
    bench_table_number (table, rss[i], 1);
  bench_table_text (table, held > HEALTHY_CLIENTS ? "kept" : "removed");
  bench_table_number (table, healthy->lost, 0);
  bench_table_number (table, healthy->gone, 0);
  bench_table_number (table, healthy->least * 100, 1);
  bench_table_number (table, healthy->max_ms, 1);
}

static void
sample (Trial *trial, const gdouble *times, gdouble *rss)
{
  gdouble slept = 0;

  for (guint i = 0; i < N_SAMPLES; i++) {
    trial_sleep (times[i] - slept);
    slept = times[i];
    rss[i + 1] = rss_mb (trial);
  }
}

static void
run_stalled (Fanout *run, FanoutServer server, BenchTable *table)
{
  g_autoptr (Trial) trial = trial_new (run, server, NULL, STALLED_SIZE);
  gdouble rss[N_SAMPLES + 1] = {0};
  TrialFigures healthy = {0};
  guint held;

  trial_fill (trial, TRIAL_STEADY, HEALTHY_CLIENTS, "read", 5);
  trial_fill (trial, TRIAL_OTHERS, 1, "stall", 5);
  rss[0] = rss_mb (trial);
  trial_stream (trial, STALLED_RATE);
  trial_mark (trial);
  sample (trial, run->quick ? quick_sample_s : sample_s, rss);
  held = trial_count (trial);
  trial_figures (trial, TRIAL_STEADY, &healthy);
  if (trial_ended_well (trial, run, server))
    add_row (table, server, rss, &healthy, held);
}

void
fanout_row_stalled (Fanout *self)
{
  static const gchar *const columns[] = {"server|server", "rss_mb_0|MB at 0 s",
      "rss_mb_1|1 s", "rss_mb_2|5 s", "rss_mb_3|10 s", "rss_mb_4|15 s",
      "stalled|stalled one", "lost|10: lost", "gone|10: gone",
      "least_percent|10: least %", "max_ms|10: worst ms", NULL};
  static const gchar *const quick_columns[] = {"server|server",
      "rss_mb_0|MB at 0 s", "rss_mb_1|1 s", "rss_mb_2|2 s", "rss_mb_3|3 s",
      "rss_mb_4|4 s", "stalled|stalled one", "lost|10: lost", "gone|10: gone",
      "least_percent|10: least %", "max_ms|10: worst ms", NULL};
  BenchTable *table = bench_table_new ("stalled",
      "one client never reads a stream of 10 MB/s, 10 others do: RSS",
      self->quick ? quick_columns : columns);

  for (guint s = 0; s < FANOUT_FLOOR; s++) {
    if (self->against[s])
      run_stalled (self, s, table);
  }
  bench_report_add (self->report, table);
}
