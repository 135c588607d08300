/* SPDX-License-Identifier: LGPL-2.1-or-later
 * icecast.c: Icecast in a process of its own, fed at an exact rate
 *
 * Here: its configuration in a folder of its own, starting it, being its
 * source, its CPU time.
 * Not here: requests (server.c), listeners.
 *
 * Threads   main: requests     pump: the source's connection
 * Locks     figures.lock: see server.c
 */
#include "http.h"
#include "../fanout/server.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_S 10
#define QUIT_S 3
#define POLL_US 20000

typedef struct
{
  const gchar *program;
  gchar *folder;
  guint16 port;
  GPid pid;
  GSocketConnection *source;

  GThread *pump;
  gint pumping; /* atomic */
  gsize size;   /* set before the pump begins */
  BenchPace pace;
  ServerFigures figures;
} Icecast;

/* Its own defaults, but for the limits that would stop us. */
static const gchar configuration[] =
    "<icecast>\n"
    "  <limits><clients>100000</clients><sources>2</sources>\n"
    "    <queue-size>524288</queue-size><client-timeout>30</client-timeout>\n"
    "    <header-timeout>15</header-timeout>\n"
    "    <source-timeout>60</source-timeout>\n"
    "    <burst-on-connect>1</burst-on-connect>\n"
    "    <burst-size>65535</burst-size></limits>\n"
    "  <authentication><source-password>bench</source-password>\n"
    "    <admin-user>admin</admin-user><admin-password>bench</admin-password>\n"
    "  </authentication>\n"
    "  <hostname>localhost</hostname>\n"
    "  <listen-socket><port>%u</port><bind-address>127.0.0.1</bind-address>\n"
    "  </listen-socket>\n"
    "  <fileserve>0</fileserve>\n"
    "  <paths><logdir>%s</logdir><webroot>%s</webroot>\n"
    "    <adminroot>%s</adminroot></paths>\n"
    "  <logging><accesslog>access.log</accesslog>\n"
    "    <errorlog>error.log</errorlog><loglevel>1</loglevel></logging>\n"
    "  <security><chroot>0</chroot></security>\n"
    "</icecast>\n";

/* --- starting it --- */

/* It refuses to run as root. Returns whose it is to be then, else NULL. */
static const struct passwd *
other_user (void)
{
  return getuid () == 0 ? getpwnam ("nobody") : NULL;
}

/* In the new process, before it becomes the program. */
static void
become_other (gpointer user)
{
  const struct passwd *other = user;

  signal (SIGPIPE, SIG_DFL);
  if (other != NULL
      && (setgid (other->pw_gid) != 0 || setuid (other->pw_uid) != 0))
    _exit (1);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static guint16
find_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);

  g_socket_listener_close (listener);
  return port;
}

static gchar *
write_configuration (Icecast *self, GError **error)
{
  const struct passwd *other = other_user ();
  g_autofree gchar *path = NULL;
  g_autofree gchar *text = NULL;

  self->folder = g_dir_make_tmp ("bench-icecast-XXXXXX", error);
  if (self->folder == NULL)
    return NULL;
  path = g_build_filename (self->folder, "icecast.xml", NULL);
  text = g_strdup_printf (
      configuration, self->port, self->folder, self->folder, self->folder);
  if (!g_file_set_contents (path, text, -1, error))
    return NULL;
  if (other != NULL
      && (chown (self->folder, other->pw_uid, other->pw_gid) != 0
          || chown (path, other->pw_uid, other->pw_gid) != 0))
    g_printerr ("Icecast may not read %s\n", path);
  return g_steal_pointer (&path);
}

static gboolean
start (Icecast *self, GError **error)
{
  g_autofree gchar *path = NULL;
  const gchar *argv[] = {self->program, "-c", NULL, NULL};

  self->port = find_port ();
  path = write_configuration (self, error);
  if (path == NULL)
    return FALSE;
  argv[2] = path;
  return g_spawn_async (self->folder, (gchar **) argv, NULL,
      G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL
          | G_SPAWN_STDERR_TO_DEV_NULL,
      become_other, (gpointer) other_user (), &self->pid, error);
}

/* --- being its source --- */

static GSocketConnection *
connect_to (guint16 port, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  gint64 deadline = g_get_monotonic_time () + START_S * G_USEC_PER_SEC;
  GSocketConnection *connection;

  g_socket_client_set_timeout (client, START_S);
  while ((connection = g_socket_client_connect_to_host (
              client, "127.0.0.1", port, NULL, error))
          == NULL
      && g_get_monotonic_time () < deadline) {
    g_clear_error (error);
    g_usleep (POLL_US);
  }
  return connection;
}

static gboolean
become_source (Icecast *self, GError **error)
{
  g_autofree gchar *user =
      g_base64_encode ((const guchar *) "source:bench", 12);
  g_autofree gchar *request =
      g_strdup_printf ("SOURCE /stream HTTP/1.0\r\nAuthorization: Basic %s\r\n"
                       "Content-Type: audio/mpeg\r\nIce-Public: 0\r\n\r\n",
          user);
  gchar answer[256] = "";

  self->source = connect_to (self->port, error);
  if (self->source == NULL
      || !g_output_stream_write_all (
          g_io_stream_get_output_stream (G_IO_STREAM (self->source)), request,
          strlen (request), NULL, NULL, error)
      || g_input_stream_read (
             g_io_stream_get_input_stream (G_IO_STREAM (self->source)), answer,
             sizeof answer - 1, NULL, error)
          < 0)
    return FALSE;
  if (g_str_has_prefix (answer, "HTTP/1.0 200"))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
      "Icecast does not take the source: %s", answer);
  return FALSE;
}

static guint
icecast_open (gpointer data, GError **error)
{
  Icecast *self = data;

  return start (self, error) && become_source (self, error) ? self->port : 0;
}

static gboolean
send_next (Icecast *self, guint8 *buffer)
{
  ServerPush push;
  gboolean sent;

  bench_pace_wait (&self->pace);
  bench_pace_stamp (&self->pace, buffer);
  server_push_begin (&push);
  sent = g_output_stream_write_all (
      g_io_stream_get_output_stream (G_IO_STREAM (self->source)), buffer,
      self->size, NULL, NULL, NULL);
  server_push_end (&push, &self->figures);
  return sent;
}

static gpointer
pump_thread (gpointer data)
{
  Icecast *self = data;
  g_autofree guint8 *buffer = g_malloc0 (self->size);

  while (g_atomic_int_get (&self->pumping) && send_next (self, buffer))
    ;
  return NULL;
}

static void
icecast_halt (gpointer data)
{
  Icecast *self = data;

  if (self->pump == NULL)
    return;
  g_atomic_int_set (&self->pumping, FALSE);
  g_thread_join (self->pump);
  self->pump = NULL;
}

static void
icecast_stream (gpointer data, gsize size, gdouble bits_per_s)
{
  Icecast *self = data;

  icecast_halt (self);
  self->size = size;
  bench_pace_start (&self->pace, size, bits_per_s);
  g_atomic_int_set (&self->pumping, TRUE);
  self->pump = g_thread_new ("pump", pump_thread, self);
}

/* --- what it uses --- */

/* Asking it would be work for it: the listeners count themselves. */
static guint
icecast_clients (gpointer data)
{
  return 0;
}

static GPid
icecast_pid (gpointer data)
{
  return ((Icecast *) data)->pid;
}

/* The time its threads have run, to the nanosecond. */
static gint64
icecast_cpu_us (gpointer data)
{
  g_autofree gchar *folder =
      g_strdup_printf ("/proc/%d/task", ((Icecast *) data)->pid);
  g_autoptr (GDir) tasks = g_dir_open (folder, 0, NULL);
  const gchar *task;
  guint64 ns = 0;

  while (tasks != NULL && (task = g_dir_read_name (tasks)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, task, "schedstat", NULL);
    g_autofree gchar *text = NULL;

    if (g_file_get_contents (path, &text, NULL, NULL))
      ns += g_ascii_strtoull (text, NULL, 10);
  }
  return ns / 1000;
}

/* --- ending it --- */

static void
reap (GPid pid)
{
  gint64 deadline = g_get_monotonic_time () + QUIT_S * G_USEC_PER_SEC;

  kill (pid, SIGTERM);
  while (waitpid (pid, NULL, WNOHANG) == 0) {
    if (g_get_monotonic_time () > deadline)
      kill (pid, SIGKILL);
    g_usleep (POLL_US);
  }
}

static void
remove_folder (const gchar *folder)
{
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (files != NULL && (name = g_dir_read_name (files)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (folder);
}

static void
icecast_close (gpointer data)
{
  Icecast *self = data;

  /* A write that waits ends with the process that does not read. */
  g_atomic_int_set (&self->pumping, FALSE);
  reap (self->pid);
  icecast_halt (self);
  g_clear_object (&self->source);
  remove_folder (self->folder);
  g_free (self->folder);
}

gint
http_icecast_main (const gchar *program)
{
  static const ServerWay way = {.open = icecast_open,
      .stream = icecast_stream,
      .halt = icecast_halt,
      .clients = icecast_clients,
      .close = icecast_close,
      .cpu_us = icecast_cpu_us,
      .pid = icecast_pid};
  Icecast self = {.program = program};

  signal (SIGPIPE, SIG_IGN);
  bench_sys_raise_descriptors ();
  return server_run (&way, &self, &self.figures);
}
