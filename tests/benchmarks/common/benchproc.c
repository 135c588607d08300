/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchproc.c: a process of its own for what is measured, asked in lines
 *
 * Here: see benchproc.h. Not here: what the requests mean.
 */
#include "benchproc.h"

#include <gio/gio.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A measured process that is overloaded may answer late, but answers. */
#define REPLY_TIMEOUT_MS 30000
#define QUIT_TIMEOUT_MS 3000

struct _BenchProc
{
  GPid pid;
  gint in;
  gint out;
  GString *input;
};

/* In the new process, before it becomes the program. */
static void
set_up_signals (gpointer unused)
{
  signal (SIGPIPE, SIG_DFL);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

BenchProc *
bench_proc_start (const gchar *const *args, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree gchar *program = g_file_read_link ("/proc/self/exe", error);
  BenchProc *self;

  if (program == NULL)
    return NULL;
  /* A process that has ended is an error of the next request. */
  signal (SIGPIPE, SIG_IGN);
  g_ptr_array_add (argv, program);
  for (guint i = 0; args[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer) args[i]);
  g_ptr_array_add (argv, NULL);

  self = g_new0 (BenchProc, 1);
  self->input = g_string_new (NULL);
  if (!g_spawn_async_with_pipes (NULL, (gchar **) argv->pdata, NULL,
          G_SPAWN_DO_NOT_REAP_CHILD, set_up_signals, NULL, &self->pid,
          &self->in, &self->out, NULL, error)) {
    g_string_free (self->input, TRUE);
    g_free (self);
    return NULL;
  }
  return self;
}

static gboolean
has_ended (GPid pid, guint timeout_ms)
{
  for (guint waited = 0; waited < timeout_ms; waited += 5) {
    if (waitpid (pid, NULL, WNOHANG) != 0)
      return TRUE;
    poll (NULL, 0, 5);
  }
  return FALSE;
}

void
bench_proc_free (BenchProc *self)
{
  if (self == NULL)
    return;
  /* The end of its input asks a process to quit. */
  close (self->in);
  if (!has_ended (self->pid, QUIT_TIMEOUT_MS)) {
    kill (self->pid, SIGKILL);
    waitpid (self->pid, NULL, 0);
  }
  close (self->out);
  g_string_free (self->input, TRUE);
  g_free (self);
}

GPid
bench_proc_pid (BenchProc *self)
{
  return self->pid;
}

/* Takes the first whole line from @input, or returns NULL. */
static gchar *
take_line (GString *input)
{
  const gchar *end = strchr (input->str, '\n');
  gchar *line;

  if (end == NULL)
    return NULL;
  line = g_strndup (input->str, end - input->str);
  g_string_erase (input, 0, end - input->str + 1);
  return line;
}

static gboolean
read_more (gint fd, GString *input)
{
  gchar chunk[4096];
  gssize n;

  do
    n = read (fd, chunk, sizeof chunk);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return FALSE;
  g_string_append_len (input, chunk, n);
  return TRUE;
}

static gboolean
send_request (BenchProc *self, const gchar *request)
{
  g_autofree gchar *line = g_strconcat (request, "\n", NULL);

  return write (self->in, line, strlen (line)) == (gssize) strlen (line);
}

gchar *
bench_proc_ask (BenchProc *self, const gchar *request, GError **error)
{
  struct pollfd pfd = {self->out, POLLIN, 0};
  gchar *line;

  if (request != NULL && !send_request (self, request)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE,
        "the measured process ended before \"%s\"", request);
    return NULL;
  }
  while ((line = take_line (self->input)) == NULL) {
    if (poll (&pfd, 1, REPLY_TIMEOUT_MS) <= 0) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
          "no answer to \"%s\" in %d s", request != NULL ? request : "start",
          REPLY_TIMEOUT_MS / 1000);
      return NULL;
    }
    if (!read_more (self->out, self->input)) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
          "the measured process ended at \"%s\"",
          request != NULL ? request : "start");
      return NULL;
    }
  }
  return line;
}

gdouble
bench_reply (const gchar *reply, const gchar *key)
{
  gsize length = strlen (key);

  for (const gchar *at = reply; at != NULL; at = strchr (at, ' ')) {
    at += *at == ' ';
    if (strncmp (at, key, length) == 0 && at[length] == '=')
      return g_ascii_strtod (at + length + 1, NULL);
  }
  return 0;
}

void
bench_control_init (BenchControl *self, BenchControlFunc func, gpointer data)
{
  self->func = func;
  self->data = data;
  self->input = g_string_new (NULL);
}

void
bench_control_clear (BenchControl *self)
{
  g_string_free (self->input, TRUE);
  self->input = NULL;
}

gboolean
bench_control_read (BenchControl *self)
{
  gchar *next;

  if (!read_more (STDIN_FILENO, self->input))
    return FALSE;
  while ((next = take_line (self->input)) != NULL) {
    g_autofree gchar *line = next;
    g_auto (GStrv) words = g_strsplit (line, " ", -1);
    g_autoptr (GString) reply = g_string_new ("ok");

    if (g_str_equal (line, "quit"))
      return FALSE;
    self->func ((const gchar *const *) words, reply, self->data);
    bench_control_ready ("%s", reply->str);
  }
  return TRUE;
}

void
bench_control_ready (const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  putchar ('\n');
  fflush (stdout);
}
