/* SPDX-License-Identifier: LGPL-2.1-or-later
 * rowsingle.c: what one listener waits for, and costs in memory
 *
 * Here: rows first and memory. Not here: CPU time, many at once.
 */
#include "http.h"

#define BOUND_S 20

/* --- the first byte --- */

#define LISTENERS 200
#define COMERS 200
#define QUICK_COMERS 50
#define COMER_BOUND_S 2

static void
run_first (Http *run, HttpServer server, BenchTable *table)
{
  g_autoptr (Trial) trial = http_trial_new (run, server);
  guint n = run->quick ? QUICK_COMERS : COMERS;
  g_autofree gchar *report = NULL;

  trial_stream (trial, HTTP_RATE);
  http_fill (trial, TRIAL_STEADY, LISTENERS, BOUND_S);
  trial_sleep (run->warm_s);
  for (guint i = 1; i <= n && trial->error == NULL; i++) {
    g_autofree gchar *came = NULL;

    trial_storm (trial, TRIAL_OTHERS, 1);
    came = http_wait_served (trial, TRIAL_OTHERS, i, COMER_BOUND_S);
  }
  report = trial_report (trial, "first", TRIAL_OTHERS);
  if (!http_ended_well (run, server, trial))
    return;
  bench_table_row (table);
  bench_table_text (table, http_server_name (server));
  bench_table_number (table, bench_reply (report, "served"), 0);
  bench_table_number (table, bench_reply (report, "first_p50_ns") / 1e6, 2);
  bench_table_number (table, bench_reply (report, "first_p99_ns") / 1e6, 2);
  bench_table_number (table, bench_reply (report, "first_max_ns") / 1e6, 2);
}

void
http_row_first (Http *self)
{
  static const HttpServer servers[] = {
      HTTP_OURS, HTTP_OURS_TLS, HTTP_TCP_AT_ONCE, HTTP_ICECAST};
  static const gchar *const columns[] = {"server|server", "served|served",
      "first_p50_ms|p50 ms", "first_p99_ms|p99 ms", "first_max_ms|worst ms",
      NULL};
  g_autofree gchar *title = g_strdup_printf (
      "from connect () to the first byte of the stream, one after the other "
      "beside %u listeners x %.0f Mbit/s",
      LISTENERS, HTTP_RATE / 1e6);
  BenchTable *table = bench_table_new ("first", title, columns);

  for (guint i = 0; i < G_N_ELEMENTS (servers); i++) {
    if (http_has (self, servers[i], table))
      run_first (self, servers[i], table);
  }
  bench_table_note (
      table, "with TLS, what the client does for the handshake is part of it");
  bench_report_add (self->report, table);
}

/* --- memory --- */

/* What the first listeners bring into being is not counted to the next. */
#define BASE 50
#define MORE 1000
#define QUICK_MORE 250
#define MEMORY_RATE 200e3
#define SETTLE_S 0.5

static void
read_memory (Trial *trial, BenchMemory *ret_memory)
{
  trial_sleep (SETTLE_S);
  bench_sys_memory (trial->server_pid, ret_memory);
}

static void
run_memory (Http *run, HttpServer server, BenchTable *table)
{
  g_autoptr (Trial) trial = http_trial_new (run, server);
  BenchMemory base = {0}, full = {0};
  guint more;

  trial_stream (trial, MEMORY_RATE);
  http_fill (trial, TRIAL_STEADY, BASE, BOUND_S);
  read_memory (trial, &base);
  more =
      http_fill (trial, TRIAL_OTHERS, run->quick ? QUICK_MORE : MORE, BOUND_S);
  read_memory (trial, &full);
  if (!http_ended_well (run, server, trial))
    return;
  bench_table_row (table);
  bench_table_text (table, http_server_name (server));
  bench_table_number (table, base.rss_kib / 1024, 1);
  bench_table_number (table, more, 0);
  bench_table_number (table, (full.rss_kib - base.rss_kib) / more, 1);
  bench_table_number (
      table, (full.private_dirty_kib - base.private_dirty_kib) / more, 1);
}

void
http_row_memory (Http *self)
{
  static const HttpServer servers[] = {
      HTTP_OURS, HTTP_OURS_TLS, HTTP_TCP_AT_ONCE, HTTP_ICECAST};
  static const gchar *const columns[] = {"server|server",
      "base_mib|MiB with 50", "more|more", "rss_kib_each|RSS KiB each",
      "private_kib_each|private KiB each", NULL};
  BenchTable *table = bench_table_new ("memory",
      "memory of the server's process for a listener, in user space", columns);

  for (guint i = 0; i < G_N_ELEMENTS (servers); i++) {
    if (http_has (self, servers[i], table))
      run_memory (self, servers[i], table);
  }
  bench_report_add (self->report, table);
}
