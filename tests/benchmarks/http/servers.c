/* SPDX-License-Identifier: LGPL-2.1-or-later
 * servers.c: the servers that the HTTP benchmark compares
 *
 * Here: see http.h. Not here: rows, what runs in the servers' processes.
 */
#include "http.h"
#include "../common/benchpace.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#define FILL_STEP 32
/* Stock listens with a backlog of 5. */
#define STOCK_FILL_STEP 4
#define POLL_S 0.002
/* The default of httpserversink. */
#define BATCH "batch-time=30000000"

typedef struct
{
  const gchar *name;
  const gchar *role;
  const gchar *element; /* for the role "server" */
  const gchar *setting; /* may be NULL */
  const gchar *target;  /* NULL: no HTTP */
} Kind;

/* What players of sound ask for, and Icecast answers: bodies up to the end of
 * the connection. Browsers get chunks. */
#define PLAYER "/stream 1.0"
#define BROWSER "/stream 1.1"

static const Kind kinds[HTTP_N_SERVERS] = {
    [HTTP_OURS] = {"httpserversink", "server", "httpserversink", NULL, PLAYER},
    [HTTP_OURS_CHUNKED] = {"httpserversink, chunks", "server", "httpserversink",
        NULL, BROWSER},
    [HTTP_OURS_AT_ONCE] = {"httpserversink, batch-time 0", "server",
        "httpserversink", "batch-time=0", PLAYER},
    [HTTP_OURS_TLS] = {"httpserversink, TLS", "server", "httpserversink",
        "tls-port=0", PLAYER " tls"},
    [HTTP_TCP] = {"tcpserversink, batch-time 30 ms", "server", "tcpserversink",
        BATCH, NULL},
    [HTTP_TCP_AT_ONCE] = {"tcpserversink", "server", "tcpserversink", NULL,
        NULL},
    [HTTP_ICECAST] = {"Icecast", "icecast", NULL, NULL, PLAYER},
    [HTTP_STOCK] = {"stock tcpserversink", "server", "tcpserversink", NULL,
        NULL},
    [HTTP_FLOOR] = {"floor", "floor", NULL, NULL, NULL},
};

const gchar *
http_server_name (HttpServer server)
{
  return kinds[server].name;
}

static gchar *
make_certificate (void)
{
  g_autofree gchar *path = g_strdup ("/tmp/bench-http-XXXXXX.pem");
  gint fd = g_mkstemp (path);
  const gchar *const argv[] = {"openssl", "req", "-x509", "-newkey", "ec",
      "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
      "/CN=localhost", "-keyout", "-", "-out", "-", NULL};
  g_autofree gchar *pem = NULL;
  gint status = 1;

  if (fd < 0)
    return NULL;
  g_close (fd, NULL);
  if (g_spawn_sync (NULL, (gchar **) argv, NULL,
          G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &pem,
          NULL, &status, NULL)
      && g_spawn_check_wait_status (status, NULL)
      && g_file_set_contents (path, pem, -1, NULL))
    return g_steal_pointer (&path);
  g_remove (path);
  return NULL;
}

static gchar *
find_icecast (void)
{
  gchar *path = g_find_program_in_path ("icecast2");

  return path != NULL ? path : g_find_program_in_path ("icecast");
}

void
http_find_servers (Http *self)
{
  self->certificate = make_certificate ();
  self->icecast = find_icecast ();
  if (self->certificate == NULL)
    self->why_not[HTTP_OURS_TLS] = "no certificate: there is no openssl";
  if (self->icecast == NULL)
    self->why_not[HTTP_ICECAST] = "not installed (Debian: icecast2)";
  if (!g_file_test (BENCH_STOCK_PLUGIN, G_FILE_TEST_EXISTS))
    self->why_not[HTTP_STOCK] = "there is no " BENCH_STOCK_PLUGIN;
}

static gboolean
is_wanted (Http *self, HttpServer server)
{
  static const gchar *const words[HTTP_N_SERVERS] = {
      [HTTP_ICECAST] = "icecast",
      [HTTP_STOCK] = "stock",
      [HTTP_FLOOR] = "floor",
      [HTTP_TCP] = "tcp",
      [HTTP_TCP_AT_ONCE] = "tcp",
  };
  const gchar *word = words[server] != NULL ? words[server] : "ours";

  return self->against == NULL
      || g_strv_contains ((const gchar *const *) self->against, word);
}

gboolean
http_has (Http *self, HttpServer server, BenchTable *table)
{
  const gchar *why_not = self->why_not[server];

  if (!is_wanted (self, server))
    return FALSE;
  if (why_not == NULL)
    return TRUE;
  bench_table_row (table);
  bench_table_text (table, kinds[server].name);
  bench_table_note (table, "%s: %s", kinds[server].name, why_not);
  return FALSE;
}

static void
add (GPtrArray *args, const gchar *text)
{
  g_ptr_array_add (args, g_strdup (text));
}

static void
add_settings (Http *self, HttpServer server, GPtrArray *args)
{
  const Kind *kind = &kinds[server];

  add (args, server == HTTP_STOCK ? BENCH_STOCK_PLUGIN : self->plugin);
  add (args, kind->element);
  if (kind->setting != NULL)
    add (args, kind->setting);
  if (server == HTTP_OURS_TLS)
    g_ptr_array_add (
        args, g_strconcat ("tls-certificate-file=", self->certificate, NULL));
  for (guint i = 0; kind->target != NULL && self->settings != NULL
       && self->settings[i] != NULL;
       i++)
    add (args, self->settings[i]);
}

Trial *
http_trial_new (Http *self, HttpServer server)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new_with_free_func (g_free);
  const Kind *kind = &kinds[server];
  Trial *trial;

  add (args, "--role");
  add (args, kind->role);
  add (args, self->pin ? "pinned" : "free");
  if (server == HTTP_ICECAST)
    add (args, self->icecast);
  else if (kind->element != NULL)
    add_settings (self, server, args);
  g_ptr_array_add (args, NULL);
  trial = trial_start (
      (const gchar *const *) args->pdata, HTTP_BUFFER_SIZE, kind->target);
  trial->fill_step = server == HTTP_STOCK ? STOCK_FILL_STEP : FILL_STEP;
  return trial;
}

gboolean
http_ended_well (Http *self, HttpServer server, Trial *trial)
{
  if (trial->error == NULL)
    return TRUE;
  g_printerr ("%s: %s\n", kinds[server].name, trial->error->message);
  self->failed = TRUE;
  return FALSE;
}

gchar *
http_wait_served (Trial *trial, guint group, guint n, gdouble bound_s)
{
  gint64 deadline = bench_now_ns () + (gint64) (bound_s * 1e9);

  while (bench_now_ns () < deadline && trial->error == NULL) {
    g_autofree gchar *report = trial_report (trial, "first", group);

    if (bench_reply (report, "served") >= n)
      return g_steal_pointer (&report);
    trial_sleep (POLL_S);
  }
  return trial_report (trial, "first", group);
}

guint
http_fill (Trial *trial, guint group, guint n, gdouble bound_s)
{
  gint64 deadline = bench_now_ns () + (gint64) (bound_s * 1e9);
  guint begun = 0, served = 0;

  while (begun < n && bench_now_ns () < deadline && trial->error == NULL) {
    guint step = MIN (n - begun, trial->fill_step);
    g_autofree gchar *report = NULL;

    trial_storm (trial, group, step);
    begun += step;
    report = http_wait_served (
        trial, group, begun, (deadline - bench_now_ns ()) / 1e9);
    served = (guint) bench_reply (report, "served");
  }
  return served;
}
