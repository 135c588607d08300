/* SPDX-License-Identifier: LGPL-2.1-or-later
 * udp.c: what it costs to receive packets
 *
 * Here: the command line, the rows, and which process this is: the driver or,
 * with --role as first argument, one that the driver started.
 * Not here: sending, receiving.
 *
 * Three receivers are compared, each in a process of its own: ours, the
 * system's udpsrc, and a bare loop of recvmmsg (). They take turns; a window is
 * a fixed number of packets, so that every lost one is known. The program says
 * what it measured and judges nothing.
 */
#include "udpbench.h"
#include "../common/benchproc.h"
#include "../common/benchsys.h"
#include "../common/benchtable.h"

#include <stdlib.h>
#include <string.h>

/* Of a receiver's process. */
#define MAX_ARGS 32

/* Of the rate asked for; below that, the sender was held up too often. */
#define LEAST_RATE 0.97

typedef enum
{
  OURS,
  STOCK,
  BARE,
  N_RECEIVERS
} Receiver;

typedef struct
{
  const gchar *name;
  const gchar *title;
  const gchar *mode;
  guint pps;
  guint burst;
  gdouble seconds;
  gboolean stamp;
} Row;

static const Row rows[] = {
    {"plain", "300,000 packets/s of 1316 bytes, single", "plain", 300000, 32, 2,
        FALSE},
    {"gso", "300,000 packets/s of 1316 bytes, in trains of 16", "gso", 300000,
        16, 2, FALSE},
    {"delay", "50 packets/s: from send to push", "plain", 50, 1, 5, TRUE},
};

typedef struct
{
  gboolean quick;
  gboolean free;
  gchar *json;
  gchar **rows;
  gchar **settings;
  gchar *plugin;
  gint windows;
  gint pps;
  gint burst;
} Options;

typedef struct
{
  BenchStat cpu_us;
  BenchStat p50_us;
  BenchStat p99_us;
  gdouble lost;
  gdouble late_ms;
  BenchStat pps;
  BenchStat buffer_kib;
} Figures;

typedef struct
{
  const Options *options;
  gboolean failed;
  Figures figures[N_RECEIVERS];
} Run;

static const gchar *const receiver_names[] = {
    [OURS] = "ours", [STOCK] = "stock", [BARE] = "bare"};

static BenchProc *
start_receiver (Run *run, const Row *row, Receiver receiver)
{
  const gchar *plugin = run->options->plugin;
  const gchar *args[MAX_ARGS + 1] = {"--role", receiver_names[receiver],
      run->options->free ? "free" : "pinned", row->stamp ? "stamp" : "count",
      row->mode, plugin != NULL ? plugin : BENCH_OUR_PLUGIN};
  gchar **settings = receiver == OURS ? run->options->settings : NULL;
  g_autoptr (GError) error = NULL;
  BenchProc *proc;

  for (guint i = 0, n = g_strv_length ((gchar **) args);
       settings != NULL && settings[i] != NULL && n < MAX_ARGS; i++)
    args[n++] = settings[i];
  proc = bench_proc_start (args, &error);
  if (proc == NULL)
    g_printerr ("%s\n", error->message);
  return proc;
}

static BenchProc *
start_sender (Run *run)
{
  const gchar *const args[] = {
      "--role", "sender", run->options->free ? "free" : "pinned", NULL};

  return bench_proc_start (args, NULL);
}

/* Asks until all packets are there, or for a while no more have come. */
static gchar *
await_packets (BenchProc *receiver, guint expected)
{
  gdouble last = -1;

  for (;;) {
    g_autofree gchar *reply = bench_proc_ask (receiver, "report", NULL);
    gdouble packets = reply ? bench_reply (reply, "packets") : 0;

    if (reply == NULL || packets >= expected || packets == last)
      return g_steal_pointer (&reply);
    last = packets;
    g_usleep (100000);
  }
}

static gchar *
run_order (BenchProc *sender, BenchProc *receiver, const gchar *order,
    gchar **ret_sent)
{
  g_autofree gchar *marked = bench_proc_ask (receiver, "mark", NULL);
  g_autofree gchar *begun = bench_proc_ask (sender, order, NULL);

  *ret_sent = bench_proc_ask (sender, "wait", NULL);
  if (*ret_sent == NULL)
    return NULL;
  return await_packets (receiver, bench_reply (*ret_sent, "sent"));
}

static void
add_window (
    Figures *figures, const gchar *ready, const gchar *sent, const gchar *got)
{
  gdouble packets = bench_reply (got, "packets");

  bench_stat_add (
      &figures->cpu_us, bench_reply (got, "cpu_us") / MAX (packets, 1));
  bench_stat_add (&figures->p50_us, bench_reply (got, "p50_us"));
  bench_stat_add (&figures->p99_us, bench_reply (got, "p99_us"));
  figures->lost += bench_reply (sent, "sent") - packets;
  figures->late_ms = MAX (figures->late_ms, bench_reply (sent, "late_ms"));
  bench_stat_add (&figures->pps, bench_reply (sent, "pps"));
  bench_stat_add (&figures->buffer_kib, bench_reply (ready, "buffer") / 1024);
}

/* One window before is for the caches and the learning. */
static void
run_window (Run *run, const Row *row, Receiver which)
{
  g_autoptr (BenchProc) receiver = start_receiver (run, row, which);
  g_autoptr (BenchProc) sender = start_sender (run);
  g_autofree gchar *ready =
      receiver && sender ? bench_proc_ask (receiver, NULL, NULL) : NULL;
  g_autofree gchar *sender_ready =
      ready ? bench_proc_ask (sender, NULL, NULL) : NULL;
  gdouble seconds = row->seconds * (run->options->quick ? 0.4 : 1);

  for (guint i = 0; sender_ready != NULL && i < 2; i++) {
    guint count = row->pps * seconds * (i == 0 ? 0.2 : 1);
    g_autofree gchar *order = g_strdup_printf ("send %.0f %s %u %u %u",
        bench_reply (ready, "port"), row->mode, count, row->pps, row->burst);
    g_autofree gchar *sent = NULL;
    g_autofree gchar *got = run_order (sender, receiver, order, &sent);

    if (got != NULL && i == 1) {
      add_window (&run->figures[which], ready, sent, got);
      return;
    }
  }
  g_printerr ("%s could not be measured.\n", receiver_names[which]);
  run->failed = TRUE;
}

static void
add_row (BenchTable *table, const Row *row, const Run *run, Receiver which)
{
  const Figures *figures = &run->figures[which];
  gdouble cpu_us = bench_stat_median (&figures->cpu_us);

  bench_table_row (table);
  bench_table_text (table, receiver_names[which]);
  if (row->stamp) {
    bench_table_stat (table, &figures->p50_us, 1);
    bench_table_stat (table, &figures->p99_us, 1);
  } else {
    bench_table_stat (table, &figures->cpu_us, 3);
    bench_table_number (
        table, cpu_us / bench_stat_median (&run->figures[STOCK].cpu_us), 2);
    bench_table_number (
        table, cpu_us / bench_stat_median (&run->figures[BARE].cpu_us), 2);
  }
  bench_table_number (table, figures->lost, 0);
  bench_table_number (table, bench_stat_median (&figures->pps), 0);
  bench_table_number (table, figures->late_ms, 1);
  bench_table_number (table, bench_stat_min (&figures->buffer_kib), 0);
}

/* A loss means something only where packets came as fast as they were meant
 * to, and all had the same room for them. */
static void
note_doubts (BenchTable *table, const Row *row, const Run *run)
{
  for (guint r = 0; r < N_RECEIVERS; r++) {
    gdouble kib = bench_stat_min (&run->figures[r].buffer_kib);
    gdouble pps = bench_stat_min (&run->figures[r].pps);

    if (pps < row->pps * LEAST_RATE)
      bench_table_note (table,
          "%s was sent %.0f packets/s only: the machine has other work to do, "
          "and what is lost says more of that",
          receiver_names[r], pps);
    if (kib < UDP_BENCH_BUFFER / 1024)
      bench_table_note (table,
          "%s had a socket buffer of %.0f KiB only: run as root, or type: "
          "sysctl -w net.core.rmem_max=%d",
          receiver_names[r], kib, UDP_BENCH_BUFFER);
  }
}

static void
run_row (Run *run, BenchReport *report, const Row *row)
{
  static const gchar *const cost_columns[] = {"receiver|receiver",
      "cpu_us|CPU us/packet", "x_stock|x stock", "x_bare|x bare", "lost|lost",
      "pps|sent/s", "late_ms|sender late ms", "buffer_kib|buffer KiB", NULL};
  static const gchar *const delay_columns[] = {"receiver|receiver",
      "p50_us|p50 us", "p99_us|p99 us", "lost|lost", "pps|sent/s",
      "late_ms|sender late ms", "buffer_kib|buffer KiB", NULL};
  BenchTable *table = bench_table_new (
      row->name, row->title, row->stamp ? delay_columns : cost_columns);
  guint windows = run->options->windows > 0 ? run->options->windows : 3;

  memset (run->figures, 0, sizeof run->figures);
  for (guint window = 0; window < MIN (windows, 30); window++) {
    for (guint r = 0; r < N_RECEIVERS; r++)
      run_window (run, row, r);
  }
  for (guint r = 0; r < N_RECEIVERS; r++)
    add_row (table, row, run, r);
  note_doubts (table, row, run);
  bench_report_add (report, table);
}

static gboolean
parse_options (Options *o, gint *argc, gchar ***argv, GError **error)
{
  const GOptionEntry entries[] = {
      {"quick", 0, 0, G_OPTION_ARG_NONE, &o->quick,
          "Shorter, for a first impression", NULL},
      {"json", 0, 0, G_OPTION_ARG_FILENAME, &o->json,
          "Also write the tables to FILE", "FILE"},
      {"row", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->rows,
          "Only this row: plain, gso, delay; may be given again", "NAME"},
      {"plugin", 0, 0, G_OPTION_ARG_FILENAME, &o->plugin,
          "The plugin file that is ours", "FILE"},
      {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->settings,
          "Set a property of ours; may be given again", "NAME=VALUE"},
      {"windows", 0, 0, G_OPTION_ARG_INT, &o->windows,
          "Windows of measurement (default: 3)", "N"},
      {"pps", 0, 0, G_OPTION_ARG_INT, &o->pps,
          "Packets per second in rows plain and gso", "N"},
      {"burst", 0, 0, G_OPTION_ARG_INT, &o->burst,
          "Packets sent at once in rows plain and gso", "N"},
      {"no-pin", 0, 0, G_OPTION_ARG_NONE, &o->free,
          "Let the scheduler place sender and receiver", NULL},
      {NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, "What it costs to receive packets.");
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error);
}

static void
run_rows (Run *run, BenchReport *report)
{
  const gchar *const *names = (const gchar *const *) run->options->rows;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Row row = rows[i];

    if (names != NULL && !g_strv_contains (names, row.name))
      continue;
    if (!row.stamp && run->options->pps > 0)
      row.pps = run->options->pps;
    if (!row.stamp && run->options->burst > 0)
      row.burst = run->options->burst;
    run_row (run, report, &row);
  }
}

static gint
drive (gint argc, gchar **argv)
{
  g_autoptr (BenchReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *machine = bench_sys_machine ();
  Options options = {0};
  Run run = {.options = &options};

  if (!parse_options (&options, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  report = bench_report_new ("udp", machine);
  run_rows (&run, report);
  if (options.json == NULL || bench_report_write (report, options.json, &error))
    return run.failed ? 1 : 0;
  g_printerr ("%s\n", error->message);
  return 1;
}

/* Arguments: role, pinned or free; and for a receiver: stamp or count, the
 * mode of sending, our plugin, settings. */
static gint
play_role (gint argc, gchar **argv)
{
  const gchar *role = argv[2];
  gboolean sends = g_str_equal (role, "sender");
  gboolean stamp;

  if (g_str_equal (argv[3], "pinned"))
    bench_sys_pin (sends);
  if (sends)
    return sender_main ();
  if (argc < 7)
    return 1;
  stamp = g_str_equal (argv[4], "stamp");
  if (g_str_equal (role, "bare"))
    return receiver_bare_main (g_str_equal (argv[5], "gso"), stamp);
  if (g_str_equal (role, "stock"))
    return receiver_gst_main ("udpsrc", "", stamp, argv + 7);
  return receiver_gst_main ("udpserversrc", argv[6], stamp, argv + 7);
}

gint
main (gint argc, gchar **argv)
{
  if (argc > 3 && g_str_equal (argv[1], "--role"))
    return play_role (argc, argv);
  return drive (argc, argv);
}
