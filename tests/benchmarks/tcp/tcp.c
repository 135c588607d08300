/* SPDX-License-Identifier: LGPL-2.1-or-later
 * tcp.c: what it costs to receive a stream of bytes
 *
 * Here: the command line, the rows, and which process this is: the driver or,
 * with --role as first argument, one that the driver started.
 * Not here: sending, receiving.
 *
 * Three receivers are compared, each in a process of its own: ours, the
 * system's element of the same name, and a bare loop of read (). They take
 * turns; a window is a fixed number of bytes. The program says what it measured
 * and judges nothing.
 */
#include "tcpbench.h"
#include "../common/benchproc.h"
#include "../common/benchsys.h"
#include "../common/benchtable.h"

#include <stdlib.h>
#include <string.h>

/* Of a receiver's process. */
#define MAX_ARGS 32

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
  const gchar *factory;
  gboolean listens;
  const gchar *setting; /* of ours, or NULL */
  guint megabytes;
  gsize size;
  guint rate; /* pieces a second, 0 for as many as can be */
} Row;

static const Row rows[] = {
    {"client", "tcpclientsrc at full speed", "tcpclientsrc", FALSE, NULL, 4000,
        65536, 0},
    {"server", "tcpserversrc at full speed", "tcpserversrc", TRUE, NULL, 4000,
        65536, 0},
    {"small", "tcpclientsrc at full speed, ours with blocksize=4096",
        "tcpclientsrc", FALSE, "blocksize=4096", 2000, 65536, 0},
    {"paced", "tcpclientsrc, 20,000 pieces/s of 1316 bytes", "tcpclientsrc",
        FALSE, NULL, 80, 1316, 20000},
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
} Options;

typedef struct
{
  BenchStat speed;   /* MB/s */
  BenchStat cost;    /* CPU s/GB */
  BenchStat piece;   /* bytes a buffer */
  BenchStat late_ms; /* of the sender, where it keeps a rate */
} Figures;

typedef struct
{
  const Options *options;
  gboolean failed;
  Figures figures[N_RECEIVERS];
} Run;

static const gchar *const receiver_names[] = {
    [OURS] = "ours", [STOCK] = "stock", [BARE] = "bare"};

static guint
add_settings (const gchar **args, guint n, gchar **settings)
{
  for (guint i = 0; settings != NULL && settings[i] != NULL && n < MAX_ARGS;
       i++)
    args[n++] = settings[i];
  return n;
}

static BenchProc *
start_receiver (Run *run, const Row *row, Receiver receiver, guint port)
{
  const Options *options = run->options;
  g_autofree gchar *number = g_strdup_printf ("%u", port);
  const gchar *ours =
      options->plugin != NULL ? options->plugin : BENCH_OUR_PLUGIN;
  const gchar *args[MAX_ARGS + 1] = {"--role", receiver_names[receiver],
      options->free ? "free" : "pinned", number, row->factory,
      receiver == OURS ? ours : BENCH_STOCK_PLUGIN};
  guint n = 6;
  g_autoptr (GError) error = NULL;
  BenchProc *proc;

  if (receiver == OURS && row->setting != NULL)
    args[n++] = row->setting;
  if (receiver == OURS)
    n = add_settings (args, n, options->settings);
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
  BenchProc *proc = bench_proc_start (args, NULL);
  g_autofree gchar *ready =
      proc != NULL ? bench_proc_ask (proc, NULL, NULL) : NULL;

  if (ready == NULL)
    g_clear_pointer (&proc, bench_proc_free);
  return proc;
}

/* Brings the two together, whichever of them listens. */
static BenchProc *
join (Run *run, const Row *row, Receiver which, BenchProc *sender)
{
  g_autoptr (BenchProc) receiver = NULL;
  g_autofree gchar *ready = NULL;
  guint port = 0;

  if (!row->listens) {
    g_autofree gchar *listening = bench_proc_ask (sender, "listen", NULL);

    port = listening != NULL ? bench_reply (listening, "port") : 0;
  }
  receiver = start_receiver (run, row, which, port);
  if (receiver != NULL)
    ready = bench_proc_ask (receiver, NULL, NULL);
  if (ready == NULL)
    return NULL;
  if (row->listens) {
    g_autofree gchar *order =
        g_strdup_printf ("connect %.0f", bench_reply (ready, "port"));
    g_autofree gchar *connected = bench_proc_ask (sender, order, NULL);
  }
  return g_steal_pointer (&receiver);
}

/* Asks until all bytes are there, or for a while no more have come. */
static gchar *
await_bytes (BenchProc *receiver, gdouble expected)
{
  gdouble last = -1;

  for (;;) {
    g_autofree gchar *reply = bench_proc_ask (receiver, "report", NULL);
    gdouble bytes = reply != NULL ? bench_reply (reply, "bytes") : 0;

    if (reply == NULL || bytes >= expected || bytes == last)
      return g_steal_pointer (&reply);
    last = bytes;
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
  return await_bytes (receiver, bench_reply (*ret_sent, "sent"));
}

/* Bytes a microsecond are MB a second; microseconds per 1000 bytes, s/GB. */
static void
add_window (Figures *figures, const gchar *sent, const gchar *got)
{
  gdouble bytes = MAX (bench_reply (got, "bytes"), 1);

  bench_stat_add (&figures->speed, bytes / MAX (bench_reply (got, "us"), 1));
  bench_stat_add (&figures->cost, bench_reply (got, "cpu_us") * 1000 / bytes);
  bench_stat_add (
      &figures->piece, bytes / MAX (bench_reply (got, "buffers"), 1));
  bench_stat_add (&figures->late_ms, bench_reply (sent, "late_ms"));
}

/* A fifth of a window before is for the caches and TCP's windows. */
static void
run_window (Run *run, const Row *row, Receiver which)
{
  g_autoptr (BenchProc) sender = start_sender (run);
  g_autoptr (BenchProc) receiver =
      sender != NULL ? join (run, row, which, sender) : NULL;
  gdouble bytes = row->megabytes * 1e6 * (run->options->quick ? 0.25 : 1);

  for (guint i = 0; receiver != NULL && i < 2; i++) {
    g_autofree gchar *order =
        g_strdup_printf ("send %.0f %" G_GSIZE_FORMAT " %u",
            bytes * (i == 0 ? 0.2 : 1), row->size, row->rate);
    g_autofree gchar *sent = NULL;
    g_autofree gchar *got = run_order (sender, receiver, order, &sent);

    if (got != NULL && i == 1) {
      add_window (&run->figures[which], sent, got);
      return;
    }
  }
  g_printerr ("%s could not be measured.\n", receiver_names[which]);
  run->failed = TRUE;
}

static void
add_row (BenchTable *table, const Run *run, Receiver which)
{
  const Figures *figures = &run->figures[which];
  gdouble cost = bench_stat_median (&figures->cost);

  bench_table_row (table);
  bench_table_text (table, receiver_names[which]);
  bench_table_stat (table, &figures->speed, 0);
  bench_table_stat (table, &figures->cost, 3);
  bench_table_number (table, cost > 0 ? 1000 / cost : 0, 0);
  bench_table_number (
      table, bench_stat_median (&run->figures[STOCK].cost) / cost, 2);
  bench_table_number (
      table, bench_stat_median (&run->figures[BARE].cost) / cost, 2);
  bench_table_stat (table, &figures->piece, 0);
}

static void
run_row (Run *run, BenchReport *report, const Row *row)
{
  static const gchar *const columns[] = {"receiver|receiver", "mb_per_s|MB/s",
      "cpu_s_per_gb|CPU s/GB", "mb_per_cpu_s|MB/CPU s", "x_stock|x stock",
      "x_bare|x bare", "piece|bytes a buffer", NULL};
  BenchTable *table = bench_table_new (row->name, row->title, columns);
  guint windows = run->options->windows > 0 ? run->options->windows : 3;

  memset (run->figures, 0, sizeof run->figures);
  for (guint window = 0; window < MIN (windows, 30); window++) {
    for (guint r = 0; r < N_RECEIVERS; r++)
      run_window (run, row, r);
  }
  for (guint r = 0; r < N_RECEIVERS; r++)
    add_row (table, run, r);
  bench_table_note (
      table, "x stock, x bare: MB per CPU second; more is better.");
  if (row->rate > 0)
    bench_table_note (table, "The sender was at most %.1f ms late.",
        bench_stat_max (&run->figures[OURS].late_ms));
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
          "Only this row: client, server, small, paced; may be given again",
          "NAME"},
      {"plugin", 0, 0, G_OPTION_ARG_FILENAME, &o->plugin,
          "The plugin file that is ours", "FILE"},
      {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->settings,
          "Set a property of ours; may be given again", "NAME=VALUE"},
      {"windows", 0, 0, G_OPTION_ARG_INT, &o->windows,
          "Windows of measurement (default: 3)", "N"},
      {"no-pin", 0, 0, G_OPTION_ARG_NONE, &o->free,
          "Let the scheduler place sender and receiver", NULL},
      {NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (
      context, "What it costs to receive a stream of bytes.");
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error);
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
  report = bench_report_new ("tcp", machine);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (options.rows == NULL
        || g_strv_contains ((const gchar *const *) options.rows, rows[i].name))
      run_row (&run, report, &rows[i]);
  }
  if (options.json == NULL || bench_report_write (report, options.json, &error))
    return run.failed ? 1 : 0;
  g_printerr ("%s\n", error->message);
  return 1;
}

/* Arguments: role, pinned or free; and for a receiver: port, element, plugin
 * file, settings. */
static gint
play_role (gint argc, gchar **argv)
{
  const gchar *role = argv[2];
  gboolean sends = g_str_equal (role, "sender");

  if (g_str_equal (argv[3], "pinned"))
    bench_sys_pin (sends);
  if (sends)
    return sender_main ();
  if (argc < 7)
    return 1;
  if (g_str_equal (role, "bare"))
    return receiver_bare_main (atoi (argv[4]));
  return receiver_gst_main (argv[6], argv[5], atoi (argv[4]), argv + 7);
}

gint
main (gint argc, gchar **argv)
{
  if (argc > 3 && g_str_equal (argv[1], "--role"))
    return play_role (argc, argv);
  return drive (argc, argv);
}
