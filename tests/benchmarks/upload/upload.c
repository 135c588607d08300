/* SPDX-License-Identifier: LGPL-2.1-or-later
 * upload.c: what it costs to receive an upload over HTTP
 *
 * Here: the command line, the rows, and which process this is: the driver,
 * which sends, or, with --role as first argument, a receiver that it started.
 * Not here: sending, receiving.
 *
 * Each receiver is a process of its own, whose CPU time is measured alone. A
 * window is one upload of a fixed size. The program says what it measured and
 * judges nothing.
 */
#include "upload.h"
#include "../common/benchproc.h"
#include "../common/benchsys.h"
#include "../common/benchtable.h"

#include <gst/gst.h>

#define PIPELINE "httpserversrc name=server port=0 single=true ! fakesink"

static const UploadRow rows[] = {
    {"length", "of a known length", 0, PIPELINE},
    {"chunks", "in chunks of 64 KiB", 65536, PIPELINE},
    {"small", "in chunks of 1400 bytes", 1400, PIPELINE},
    {"floor", "into a loop of read ()", 0, NULL},
};

typedef struct
{
  gboolean quick;
  gchar *json;
  gint windows;
} Options;

typedef struct
{
  BenchStat speed; /* MB/s */
  BenchStat cheap; /* MB a CPU second */
} Figures;

/* One upload, and what it has cost. */
static gboolean
measure (BenchProc *receiver, guint port, const UploadRow *row, guint64 bytes,
    Figures *figures)
{
  g_autofree gchar *before = bench_proc_ask (receiver, "report", NULL);
  gint64 began = g_get_monotonic_time (), took;
  gdouble cpu_us;
  g_autofree gchar *after = NULL;

  if (before == NULL || !upload_send (port, row, bytes))
    return FALSE;
  took = g_get_monotonic_time () - began;
  after = bench_proc_ask (receiver, "report", NULL);
  if (after == NULL)
    return FALSE;
  cpu_us = bench_reply (after, "cpu_us") - bench_reply (before, "cpu_us");
  bench_stat_add (&figures->speed, (gdouble) bytes / MAX (took, 1));
  bench_stat_add (&figures->cheap, (gdouble) bytes / MAX (cpu_us, 1));
  return TRUE;
}

/* A quarter of a window before is for the caches and TCP's windows. */
static gboolean
run_row (const Options *options, const UploadRow *row, Figures *figures)
{
  guint64 bytes = options->quick ? 128 << 20 : 1 << 30;
  const gchar *const args[] = {
      "--role", row->launch != NULL ? row->launch : "", BENCH_OUR_PLUGIN, NULL};
  g_autoptr (BenchProc) receiver = bench_proc_start (args, NULL);
  g_autofree gchar *ready =
      receiver != NULL ? bench_proc_ask (receiver, NULL, NULL) : NULL;
  guint port = ready != NULL ? bench_reply (ready, "port") : 0;
  gint windows = options->quick ? 1 : options->windows;

  if (port == 0 || !upload_send (port, row, bytes / 4))
    return FALSE;
  for (gint i = 0; i < windows; i++) {
    if (!measure (receiver, port, row, bytes, figures))
      return FALSE;
  }
  return TRUE;
}

static gint
run (const Options *options)
{
  static const gchar *const columns[] = {
      "row|Upload", "mb_s|MB/s", "mb_cpu_s|MB per CPU second", NULL};
  g_autofree gchar *machine = bench_sys_machine ();
  g_autoptr (BenchReport) report = bench_report_new ("upload", machine);
  BenchTable *table =
      bench_table_new ("upload", "Receiving an upload over HTTP", columns);
  gint failed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Figures figures = {0};

    bench_table_row (table);
    bench_table_text (table, rows[i].title);
    if (run_row (options, &rows[i], &figures)) {
      bench_table_stat (table, &figures.speed, 0);
      bench_table_stat (table, &figures.cheap, 0);
    } else {
      bench_table_none (table);
      bench_table_none (table);
      failed = 1;
    }
  }
  bench_table_note (table, "CPU time of the receiving process alone.");
  bench_report_add (report, table);
  if (options->json != NULL
      && !bench_report_write (report, options->json, NULL))
    failed = 1;
  return failed;
}

gint
main (gint argc, gchar **argv)
{
  Options options = {.windows = 5};
  const GOptionEntry entries[] = {
      {"quick", 0, 0, G_OPTION_ARG_NONE, &options.quick,
          "one small window a row", NULL},
      {"windows", 0, 0, G_OPTION_ARG_INT, &options.windows,
          "windows a row (default 5)", "N"},
      {"json", 0, 0, G_OPTION_ARG_FILENAME, &options.json,
          "also write the figures there", "FILE"},
      {NULL}};
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  gst_init (NULL, NULL);
  if (argc == 4 && g_str_equal (argv[1], "--role"))
    return upload_receiver_main (argv[2], argv[3]);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  options.windows = CLAMP (options.windows, 1, 32);
  bench_sys_pin (TRUE);
  return run (&options);
}
