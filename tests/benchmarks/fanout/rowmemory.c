/* SPDX-License-Identifier: LGPL-2.1-or-later
 * rowmemory.c: what an idle client costs in memory
 *
 * Here: row memory: private memory of the server's process, which leaves out
 * what the kernel keeps for a socket. Not here: queues (rowstalled.c).
 */
#include "servers.h"

/* What the first clients bring into being is not counted to the next ones. */
#define BASE_CLIENTS 50
#define FILL_BOUND_S 20
#define N_STEPS 2

static const guint steps[N_STEPS] = {1000, 5000};

/* Each client is served a little before it idles: some of what a server keeps
 * for a client only comes with the first data. */
static gdouble
private_kib (Trial *trial)
{
  BenchMemory memory = {0};

  trial_stream (trial, 200e3);
  trial_sleep (0.4);
  trial_halt (trial);
  trial_sleep (0.1);
  bench_sys_memory (bench_proc_pid (trial->server), &memory);
  return memory.private_dirty_kib;
}

static void
run_memory (Fanout *run, FanoutServer server, BenchTable *table)
{
  g_autoptr (Trial) trial = trial_new (run, server, NULL, FANOUT_BUFFER_SIZE);
  gdouble base_kib, kib[N_STEPS];
  guint held[N_STEPS];

  trial_fill (trial, TRIAL_STEADY, BASE_CLIENTS, "read", FILL_BOUND_S);
  base_kib = private_kib (trial);
  for (guint i = 0; i < N_STEPS; i++) {
    held[i] = trial_fill (
        trial, TRIAL_STEADY, steps[i] - trial->n_clients, "read", FILL_BOUND_S);
    kib[i] = (private_kib (trial) - base_kib) / (held[i] - BASE_CLIENTS);
  }
  if (!trial_ended_well (trial, run, server))
    return;
  bench_table_row (table);
  bench_table_text (table, fanout_server_name (server));
  bench_table_number (table, base_kib, 0);
  for (guint i = 0; i < N_STEPS; i++) {
    bench_table_number (table, held[i], 0);
    bench_table_number (table, kib[i], 2);
  }
}

void
fanout_row_memory (Fanout *self)
{
  static const gchar *const columns[] = {"server|server",
      "base_kib|KiB with 50", "held_1|clients", "kib_per_client_1|KiB each",
      "held_2|clients", "kib_per_client_2|KiB each", NULL};
  BenchTable *table = bench_table_new ("memory",
      "private dirty memory of the server's process for an idle client",
      columns);

  for (guint s = 0; s < FANOUT_N_SERVERS; s++) {
    if (self->against[s])
      run_memory (self, s, table);
  }
  bench_report_add (self->report, table);
}
