/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fanout.c: what it costs to send one stream to many clients
 *
 * Here: the command line, and which process this is: the driver or, with
 * --role as first argument, one that the driver started.
 * Not here: the rows, the servers, the clients.
 *
 * Three servers are compared, each in a process of its own, by the same
 * clients in another: ours, the plugin of that name installed on the system,
 * and a floor, a bare loop of send (). The program says what it measured and
 * judges nothing: its exit status is 0 unless it could not measure.
 */
#include "fanout.h"
#include "server.h"
#include "../common/benchclients.h"
#include "../common/benchsys.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  const gchar *name;
  void (*run) (Fanout *self);
} Row;

static const Row rows[] = {
    {"cost", fanout_row_cost},
    {"batch", fanout_row_batch},
    {"capacity", fanout_row_capacity},
    {"storm", fanout_row_storm},
    {"stalled", fanout_row_stalled},
    {"memory", fanout_row_memory},
    {"push", fanout_row_push},
};

typedef struct
{
  gboolean quick;
  gboolean free;
  gchar *json;
  gchar **rows;
  gchar *against;
  gchar *plugin;
  gchar **settings;
  gint windows;
} Options;

const gchar *
fanout_server_name (FanoutServer server)
{
  static const gchar *const names[] = {
      [FANOUT_OURS] = "ours",
      [FANOUT_STOCK] = "stock",
      [FANOUT_FLOOR] = "floor",
  };

  return names[server];
}

static gboolean
parse_options (Options *ret_options, gint *argc, gchar ***argv, GError **error)
{
  Options *o = ret_options;
  const GOptionEntry entries[] = {
      {"quick", 0, 0, G_OPTION_ARG_NONE, &o->quick,
          "Smaller and shorter, for a first impression in 90 s", NULL},
      {"json", 0, 0, G_OPTION_ARG_FILENAME, &o->json,
          "Also write the tables to FILE", "FILE"},
      {"row", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->rows,
          "Only this row: cost, batch, capacity, storm, stalled, memory, push; "
          "may be given again",
          "NAME"},
      {"against", 0, 0, G_OPTION_ARG_STRING, &o->against,
          "Which servers (default: ours,stock,floor)", "LIST"},
      {"plugin", 0, 0, G_OPTION_ARG_FILENAME, &o->plugin,
          "The plugin file that is ours", "FILE"},
      {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->settings,
          "Set a property of ours in every row; may be given again",
          "NAME=VALUE"},
      {"windows", 0, 0, G_OPTION_ARG_INT, &o->windows,
          "Windows of measurement (default: 3)", "N"},
      {"no-pin", 0, 0, G_OPTION_ARG_NONE, &o->free,
          "Let the scheduler place the clients and the server", NULL},
      {NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (
      context, "What it costs to send one stream to many clients.");
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error);
}

static const Row *
find_row (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (g_str_equal (rows[i].name, name))
      return &rows[i];
  }
  g_printerr ("There is no row \"%s\".\n", name);
  return NULL;
}

static gboolean
choose_server (Fanout *self, const gchar *name)
{
  for (guint s = 0; s < FANOUT_N_SERVERS; s++) {
    if (!g_str_equal (fanout_server_name (s), name))
      continue;
    if (self->plugin[s] != NULL
        && !g_file_test (self->plugin[s], G_FILE_TEST_EXISTS)) {
      g_printerr (
          "%s cannot be measured: there is no %s.\n", name, self->plugin[s]);
      return FALSE;
    }
    self->against[s] = TRUE;
    return TRUE;
  }
  g_printerr ("There is no server \"%s\".\n", name);
  return FALSE;
}

static gboolean
set_up (Fanout *self, const Options *options)
{
  const gchar *against = options->against;
  g_auto (GStrv) names =
      g_strsplit (against != NULL ? against : "ours,stock,floor", ",", -1);

  self->plugin[FANOUT_OURS] =
      options->plugin != NULL ? options->plugin : BENCH_OUR_PLUGIN;
  self->plugin[FANOUT_STOCK] = BENCH_STOCK_PLUGIN;
  self->ours_settings = options->settings;
  self->quick = options->quick;
  self->pin = !options->free;
  self->windows = options->windows > 0 ? MIN (options->windows, 30) : 3;
  self->warm_s = options->quick ? 0.3 : 1;
  self->window_s = options->quick ? 0.7 : 3;
  for (guint i = 0; names[i] != NULL; i++) {
    if (!choose_server (self, names[i]))
      return FALSE;
  }
  return TRUE;
}

static gboolean
run_rows (Fanout *self, gchar **names)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    if (find_row (names[i]) == NULL)
      return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (names == NULL
        || g_strv_contains ((const gchar *const *) names, rows[i].name))
      rows[i].run (self);
  }
  return !self->failed;
}

static gint
drive (gint argc, gchar **argv)
{
  g_autoptr (BenchReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *machine = bench_sys_machine ();
  Options options = {0};
  Fanout self = {0};
  gboolean ok;

  if (!parse_options (&options, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  if (!set_up (&self, &options))
    return 1;
  self.report = report = bench_report_new ("fanout", machine);
  ok = run_rows (&self, options.rows);
  if (options.json != NULL
      && !bench_report_write (report, options.json, &error)) {
    g_printerr ("%s\n", error->message);
    ok = FALSE;
  }
  return ok ? 0 : 1;
}

static gint
play_role (gint argc, gchar **argv)
{
  gboolean is_clients = g_str_equal (argv[2], "clients");

  if (g_str_equal (argv[3], "pinned"))
    bench_sys_pin (is_clients);
  if (is_clients)
    return bench_clients_main ();
  if (g_str_equal (argv[2], "floor"))
    return server_floor_main ();
  return argc > 4
      ? server_gst_main (argv[4], "tcpserversink", argc - 5, argv + 5)
      : 1;
}

gint
main (gint argc, gchar **argv)
{
  if (argc > 3 && g_str_equal (argv[1], "--role"))
    return play_role (argc, argv);
  return drive (argc, argv);
}
