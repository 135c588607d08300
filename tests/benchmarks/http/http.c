/* SPDX-License-Identifier: LGPL-2.1-or-later
 * http.c: what it costs to serve one live stream over HTTP to many listeners
 *
 * Here: the command line, and which process this is: the driver or, with
 * --role as first argument, one that the driver started.
 * Not here: the rows, the servers, the clients.
 *
 * httpserversink is compared with Icecast, which does the same, and with three
 * servers that send the stream alone, without HTTP: tcpserversink, the stock
 * plugin's, and a bare loop of send (). The program says what it measured and
 * judges nothing: its exit status is 0 unless it could not measure.
 */
#include "http.h"
#include "../common/benchclients.h"
#include "../fanout/server.h"

#include <glib/gstdio.h>

typedef struct
{
  const gchar *name;
  void (*run) (Http *self);
} Row;

static const Row rows[] = {
    {"cost", http_row_cost},
    {"tls", http_row_tls},
    {"thousand", http_row_thousand},
    {"storm", http_row_storm},
    {"reconnect", http_row_reconnect},
    {"first", http_row_first},
    {"memory", http_row_memory},
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

static gboolean
parse_options (Options *ret_options, gint *argc, gchar ***argv, GError **error)
{
  Options *o = ret_options;
  const GOptionEntry entries[] = {
      {"quick", 0, 0, G_OPTION_ARG_NONE, &o->quick,
          "Smaller and shorter, for a first impression in two minutes", NULL},
      {"json", 0, 0, G_OPTION_ARG_FILENAME, &o->json,
          "Also write the tables to FILE", "FILE"},
      {"row", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->rows,
          "Only this row: cost, tls, thousand, storm, reconnect, first, "
          "memory; may be given again",
          "NAME"},
      {"against", 0, 0, G_OPTION_ARG_STRING, &o->against,
          "Which servers (default: ours,tcp,icecast,stock,floor)", "LIST"},
      {"plugin", 0, 0, G_OPTION_ARG_FILENAME, &o->plugin,
          "The plugin file that is ours", "FILE"},
      {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->settings,
          "Set a property of httpserversink in every row; may be given again",
          "NAME=VALUE"},
      {"windows", 0, 0, G_OPTION_ARG_INT, &o->windows,
          "Windows of measurement (default: 3)", "N"},
      {"no-pin", 0, 0, G_OPTION_ARG_NONE, &o->free,
          "Let the scheduler place the clients and the server", NULL},
      {NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context,
      "What it costs to serve one live stream over HTTP to many listeners.");
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error);
}

static void
set_up (Http *self, const Options *options)
{
  self->plugin = options->plugin != NULL ? options->plugin : BENCH_OUR_PLUGIN;
  self->settings = options->settings;
  self->quick = options->quick;
  self->pin = !options->free;
  self->windows = options->windows > 0 ? MIN (options->windows, 30) : 3;
  self->warm_s = options->quick ? 0.3 : 1;
  self->window_s = options->quick ? 1 : 3;
  if (options->against != NULL)
    self->against = g_strsplit (options->against, ",", -1);
  http_find_servers (self);
}

static void
clear (Http *self)
{
  if (self->certificate != NULL)
    g_unlink (self->certificate);
  g_free (self->certificate);
  g_free (self->icecast);
  g_strfreev (self->against);
}

static gboolean
is_row (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (g_str_equal (rows[i].name, name))
      return TRUE;
  }
  g_printerr ("There is no row \"%s\".\n", name);
  return FALSE;
}

static gboolean
run_rows (Http *self, gchar **names)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    if (!is_row (names[i]))
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
  Http self = {0};
  gboolean ok;

  if (!parse_options (&options, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  set_up (&self, &options);
  self.report = report = bench_report_new ("http", machine);
  ok = run_rows (&self, options.rows);
  if (options.json != NULL
      && !bench_report_write (report, options.json, &error)) {
    g_printerr ("%s\n", error->message);
    ok = FALSE;
  }
  clear (&self);
  return ok ? 0 : 1;
}

static gint
play_role (gint argc, gchar **argv)
{
  const gchar *role = argv[2];
  gboolean is_clients = g_str_equal (role, "clients");

  if (g_str_equal (argv[3], "pinned"))
    bench_sys_pin (is_clients);
  if (is_clients)
    return bench_clients_main ();
  if (g_str_equal (role, "floor"))
    return server_floor_main ();
  if (g_str_equal (role, "icecast") && argc > 4)
    return http_icecast_main (argv[4]);
  return argc > 5 ? server_gst_main (argv[4], argv[5], argc - 6, argv + 6) : 1;
}

gint
main (gint argc, gchar **argv)
{
  if (argc > 3 && g_str_equal (argv[1], "--role"))
    return play_role (argc, argv);
  return drive (argc, argv);
}
