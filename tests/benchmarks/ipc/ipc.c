/* SPDX-License-Identifier: LGPL-2.1-or-later
 * ipc.c: what it costs to hand a frame to other processes
 *
 * Here: the trials, their processes and tables. Rates are of a producer that
 * goes as fast as its bounded pool lets it; latencies of one at 200 frames/s, or
 * 60 of 4K.
 * Not here: the two ends (ipcends.c, ipcbare.c).
 *
 * A trial is one producer and its consumers in processes of their own. They
 * share one page with this one: the phase, and what each counted.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "ipc.h"

#include "../common/benchsys.h"
#include "../common/benchtable.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PACE_PER_S 200
#define LARGE_PACE_PER_S 60
#define START_LIMIT_US (20 * G_USEC_PER_SEC)

typedef struct
{
  gdouble rate;
  gdouble producer_us;
  gdouble consumer_us;
  gdouble p50_us;
  gdouble p99_us;
  gboolean failed;
} Figures;

static gint seconds = 2;
static gchar *json;
static gchar *only;
static gboolean only_ours;

static GOptionEntry options[] = {
    {"seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "of each trial (2)", "N"},
    {"json", 0, 0, G_OPTION_ARG_FILENAME, &json, "also write JSON", "FILE"},
    {"ours", 0, 0, G_OPTION_ARG_NONE, &only_ours, "nothing to compare with",
        NULL},
    {"only", 0, 0, G_OPTION_ARG_STRING, &only, "rates, paced or many", "TABLE"},
    {NULL},
};

static void
nap (void)
{
  g_usleep (5000);
}

static pid_t
start_end (const IpcTrial *trial, IpcShared *shared, gint index)
{
  pid_t pid = fork ();

  if (pid != 0)
    return pid;
  if (trial->kind == IPC_BARE)
    ipc_bare_run (trial, shared, index);
  else
    ipc_end_run (trial, shared, index);
  _exit (0);
}

static gboolean
all_have_frames (const IpcTrial *trial, IpcShared *shared)
{
  for (guint i = 0; i <= trial->consumers; i++) {
    if (g_atomic_int_get (&shared->ends[i].frames) < 20)
      return FALSE;
  }
  return TRUE;
}

static gboolean
wait_for_frames (const IpcTrial *trial, IpcShared *shared)
{
  gint64 until = g_get_monotonic_time () + START_LIMIT_US;

  while (!all_have_frames (trial, shared)) {
    if (g_get_monotonic_time () > until)
      return FALSE;
    nap ();
  }
  return TRUE;
}

static void
stop_ends (const IpcTrial *trial, IpcShared *shared, const pid_t *pids)
{
  gint64 until = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;

  g_atomic_int_set (&shared->phase, IPC_STOP);
  for (guint i = 0; i <= trial->consumers; i++) {
    while (waitpid (pids[i], NULL, WNOHANG) == 0) {
      if (g_get_monotonic_time () > until)
        kill (pids[i], SIGKILL);
      nap ();
    }
  }
}

static void
collect (const IpcTrial *trial, IpcShared *shared, Figures *ret)
{
  const IpcEnd *producer = &shared->ends[0];
  gdouble sent = MAX (producer->counted, 1);

  ret->rate = sent * 1e6 / MAX (producer->took_us, 1);
  ret->producer_us = producer->cpu_us / sent;
  ret->consumer_us = 0;
  for (guint i = 1; i <= trial->consumers; i++)
    ret->consumer_us += shared->ends[i].cpu_us
        / (gdouble) MAX (shared->ends[i].counted, 1) / trial->consumers;
  ret->p50_us = bench_hist_percentile (&shared->ends[1].latency, 50) / 1e3;
  ret->p99_us = bench_hist_percentile (&shared->ends[1].latency, 99) / 1e3;
}

static Figures
run_trial (const IpcTrial *trial)
{
  IpcShared *shared = mmap (NULL, sizeof (IpcShared), PROT_READ | PROT_WRITE,
      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t pids[1 + IPC_MAX_CONSUMERS];
  Figures figures = {.failed = TRUE};

  g_assert (shared != MAP_FAILED);
  for (guint i = 0; i <= trial->consumers; i++)
    pids[i] = start_end (trial, shared, i);
  if (wait_for_frames (trial, shared)) {
    g_atomic_int_set (&shared->phase, IPC_MEASURE);
    g_usleep (seconds * G_USEC_PER_SEC);
    g_atomic_int_set (&shared->phase, IPC_DONE);
    g_usleep (100000);
    collect (trial, shared, &figures);
    figures.failed = FALSE;
  }
  stop_ends (trial, shared, pids);
  munmap (shared, sizeof (IpcShared));
  return figures;
}

static const gchar *kind_names[] = {
    [IPC_OURS] = "qtisocketsink, qtisocketsrc",
    [IPC_SHM] = "shmsink, shmsrc (stock)",
    [IPC_TCP] = "tcpserversink, tcpclientsrc",
    [IPC_BARE] = "bare C: sendmsg, one fd, wait",
};

static void
add_row (BenchTable *table, const IpcTrial *trial, gboolean paced)
{
  Figures figures;

  if (only_ours && trial->kind != IPC_OURS)
    return;
  figures = run_trial (trial);
  bench_table_row (table);
  bench_table_text (table, kind_names[trial->kind]);
  bench_table_number (table, trial->height, 0);
  bench_table_number (table, trial->consumers, 0);
  bench_table_text (table, trial->touch ? "yes" : "no");
  if (figures.failed) {
    bench_table_none (table);
    return;
  }
  bench_table_number (table, figures.rate, 0);
  bench_table_number (table, figures.producer_us, 1);
  bench_table_number (table, figures.consumer_us, 1);
  if (!paced)
    return;
  bench_table_number (table, figures.p50_us, 0);
  bench_table_number (table, figures.p99_us, 0);
}

static IpcTrial
make_trial (IpcKind kind, guint height, guint consumers, gboolean touch)
{
  static guint number;
  IpcTrial trial = {.kind = kind,
      .height = height,
      .width = height * 16 / 9 & ~1u,
      .consumers = consumers,
      .touch = touch};

  g_snprintf (trial.path, sizeof (trial.path), "%s/ipc-bench-%d-%u.sock",
      g_get_tmp_dir (), (gint) getpid (), number++);
  return trial;
}

static const gchar *columns[] = {"kind|Between", "height|Height",
    "consumers|Consumers", "read|Reads all", "rate|Frames/s",
    "producer_us|Producer CPU µs/frame", "consumer_us|Consumer CPU µs/frame",
    NULL};
static const gchar *paced_columns[] = {"kind|Between", "height|Height",
    "consumers|Consumers", "read|Reads all", "rate|Frames/s",
    "producer_us|Producer CPU µs/frame", "consumer_us|Consumer CPU µs/frame",
    "p50_us|p50 µs", "p99_us|p99 µs", NULL};

static const guint heights[] = {1080, 2160};

static BenchTable *
measure_rates (void)
{
  BenchTable *table = bench_table_new (
      "rates", "As fast as a pool of 8 NV12 frames allows", columns);
  IpcTrial small = make_trial (IPC_OURS, 360, 1, FALSE);

  add_row (table, &small, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (heights); i++) {
    for (guint kind = 0; kind <= IPC_BARE; kind++) {
      for (guint touch = 0; touch <= (kind < IPC_TCP); touch++) {
        IpcTrial trial = make_trial (kind, heights[i], 1, touch);

        add_row (table, &trial, FALSE);
      }
    }
  }
  return table;
}

static BenchTable *
measure_paced (void)
{
  BenchTable *table = bench_table_new (
      "paced", "In step: NV12, latency from push to arrival", paced_columns);

  for (guint i = 0; i < G_N_ELEMENTS (heights); i++) {
    for (guint kind = 0; kind <= IPC_BARE; kind++) {
      guint most = kind == IPC_BARE ? 1 : IPC_MAX_CONSUMERS;

      for (guint consumers = 1; consumers <= most; consumers += 3) {
        IpcTrial trial = make_trial (kind, heights[i], consumers, FALSE);

        trial.per_s = i == 0 ? PACE_PER_S : LARGE_PACE_PER_S;
        add_row (table, &trial, TRUE);
      }
    }
  }
  return table;
}

static BenchTable *
measure_many (void)
{
  BenchTable *table = bench_table_new (
      "many", "One and four consumers, as fast as they take frames", columns);

  for (guint kind = 0; kind <= IPC_TCP; kind++) {
    for (guint consumers = 1; consumers <= 4; consumers += 3) {
      IpcTrial trial = make_trial (kind, 1080, consumers, FALSE);

      add_row (table, &trial, FALSE);
    }
  }
  return table;
}

static gboolean
is_wanted (const gchar *table)
{
  return only == NULL || g_str_equal (only, table);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autofree gchar *machine = bench_sys_machine ();
  g_autoptr (BenchReport) report = NULL;
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  report = bench_report_new ("ipc", machine);
  if (is_wanted ("rates"))
    bench_report_add (report, measure_rates ());
  if (is_wanted ("paced"))
    bench_report_add (report, measure_paced ());
  if (is_wanted ("many"))
    bench_report_add (report, measure_many ());
  if (json != NULL && !bench_report_write (report, json, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  return 0;
}
