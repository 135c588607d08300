/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenario.c: tells one scripted scenario on one plugin
 *
 * scenario --list               prints the names, one a line
 * scenario PLUGIN-FILE NAME...  prints their transcripts
 *
 * Here: the command line, and that warnings and time-outs are part of the
 * transcript. Not here: the scenarios.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loader.h"
#include "scenario.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Longer than all the deadlines of a scenario that goes wrong. */
#define TIME_LIMIT_S 120

static const Scenario *const tables[] = {
    scenarios_buffers,
    scenarios_client_sink,
    scenarios_client_src,
    scenarios_clients,
    scenarios_events,
    scenarios_handles,
    scenarios_headers,
    scenarios_limits,
    scenarios_server,
    scenarios_server_src,
    scenarios_socket_src,
    scenarios_sources,
    scenarios_states,
    scenarios_sync,
};

static const struct
{
  On on;
  const gchar *element;
} elements[] = {
    {ON_SOCKET, "multisocketsink"},
    {ON_FD, "multifdsink"},
    {ON_SERVER, "tcpserversink"},
    {ON_CLIENT_SRC, "tcpclientsrc"},
    {ON_SERVER_SRC, "tcpserversrc"},
    {ON_CLIENT_SINK, "tcpclientsink"},
    {ON_SOCKET_SRC, "socketsrc"},
};

/* Calls @visit for every element of every scenario. */
static void
for_each (void (*visit) (const gchar *name, const Scenario *scenario,
              const gchar *element, gpointer data),
    gpointer data)
{
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const Scenario *s = tables[t]; s->name != NULL; s++)
      for (guint e = 0; e < G_N_ELEMENTS (elements); e++)
        if (s->on & elements[e].on) {
          g_autofree gchar *name =
              g_strdup_printf ("%s/%s", elements[e].element, s->name);

          visit (name, s, elements[e].element, data);
        }
}

static void
print_name (const gchar *name, const Scenario *scenario, const gchar *element,
    gpointer data)
{
  puts (name);
}

static void
tell_if_named (const gchar *name, const Scenario *scenario,
    const gchar *element, gpointer wanted)
{
  g_autoptr (Bench) b = NULL;
  g_autoptr (Link) l = NULL;

  if (!g_str_equal (name, wanted))
    return;
  if (scenario->run_link != NULL)
    scenario->run_link (l = link_new (element));
  else
    scenario->run (b = bench_new (element));
}

/* The words of a warning are not compared, that there is one is. */
static GLogWriterOutput
tell_warning (GLogLevelFlags level, const GLogField *fields, gsize n_fields,
    gpointer data)
{
  note_log (level);
  return g_log_writer_standard_streams (level, fields, n_fields, data);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc == 2 && g_str_equal (argv[1], "--list")) {
    for_each (print_name, NULL);
    return EXIT_SUCCESS;
  }
  if (argc < 3)
    return EXIT_FAILURE;
  alarm (TIME_LIMIT_S);
  signal (SIGPIPE, SIG_IGN);
  setvbuf (stdout, NULL, _IOLBF, 0);
  g_log_set_writer_func (tell_warning, NULL, NULL);
  if (loader_load (argv[1], &error) == NULL) {
    g_printerr ("%s\n", error->message);
    return EXIT_FAILURE;
  }
  for (gint i = 2; i < argc; i++)
    for_each (tell_if_named, argv[i]);
  return EXIT_SUCCESS;
}
