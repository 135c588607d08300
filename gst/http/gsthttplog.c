/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplog.c: who asked for what, as web servers write it down
 *
 * Here: a line a request in the Combined Log Format, the file, its turning.
 * Not here: when something is written.
 *
 * Threads   any: requests, life    log: writes
 * Locks     none: lines go to the log's thread by a queue
 *
 * Neither a slow disk nor a reader of standard output that has stopped keeps a
 * server waiting: lines that nobody takes are dropped, and that is written
 * down. Queries are left out, for they may hold secrets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttplog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Lines that wait, and bytes of a line: not more than a pipe takes at once. */
#define LINES_MAX 4096
#define LINE_MAX_BYTES 4000

/* What a field of a request may take of a line. */
#define FIELD_MAX 1000

/* How long a file may take no line before lines are dropped. */
#define PATIENCE_MS 1000

struct _GstHttpLog
{
  gatomicrefcount ref_count;

  /* immutable */
  gchar *path; /* NULL for standard output */
  GThread *thread;
  GAsyncQueue *lines; /* the log itself is the end */

  gint n_dropped; /* atomic */

  /* log thread, once it runs */
  gint fd;
  dev_t device;
  ino_t inode;
  gint patience; /* ms */
};

/* --- lines --- */

/* Nothing of a request ends a field, or a line, or moves a terminal's cursor. */
static void
append_escaped (GString *line, const gchar *text)
{
  gsize end = line->len + FIELD_MAX;

  if (text == NULL || text[0] == '\0')
    text = "-";
  for (; *text != '\0' && line->len < end; text++) {
    guchar c = *text;

    if (c == '"' || c == '\\')
      g_string_append_printf (line, "\\%c", c);
    else if (c < 0x20 || c >= 0x7f)
      g_string_append_printf (line, "\\x%02x", c);
    else
      g_string_append_c (line, c);
  }
}

/* Names of users stand without quotes, so they have no space either. */
static void
append_user (GString *line, const gchar *user)
{
  gsize start = line->len;

  append_escaped (line, user);
  for (gsize i = start; i < line->len; i++) {
    if (line->str[i] == ' ')
      line->str[i] = '_';
  }
}

static void
append_time (GString *line)
{
  static const gchar *const months[] = {"Jan", "Feb", "Mar", "Apr", "May",
      "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree gchar *rest = g_date_time_format (now, "%Y:%H:%M:%S %z");

  g_string_append_printf (line, "[%02d/%s/%s]",
      g_date_time_get_day_of_month (now),
      months[g_date_time_get_month (now) - 1], rest);
}

static void
append_request (
    GString *line, const GstSocketHttpApi *http, GstSocketHttpRequest *request)
{
  const gchar *path = http->get_path (request);
  g_autofree gchar *coded =
      path != NULL ? g_uri_escape_string (path, "/", FALSE) : NULL;

  g_string_append_c (line, '"');
  append_escaped (line, http->get_method (request));
  g_string_append_c (line, ' ');
  append_escaped (line, coded);
  g_string_append (
      line, http->is_http_1_0 (request) ? " HTTP/1.0\"" : " HTTP/1.1\"");
}

/* Who, and when. */
static void
append_start (GString *line, GSocketAddress *address, const gchar *user)
{
  g_autofree gchar *peer = g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));

  g_string_append_printf (line, "%s - ", peer);
  append_user (line, user);
  g_string_append_c (line, ' ');
  append_time (line);
  g_string_append_c (line, ' ');
}

static gchar *
format_line (const GstSocketHttpApi *http, GstSocketHttpRequest *request,
    guint status, guint64 bytes)
{
  GString *line = g_string_new (NULL);

  append_start (line, http->get_peer (request), http->get_user (request));
  append_request (line, http, request);
  g_string_append_printf (line, " %u %" G_GUINT64_FORMAT " \"", status, bytes);
  append_escaped (line, http->get_header (request, "Referer"));
  g_string_append (line, "\" \"");
  append_escaped (line, http->get_header (request, "User-Agent"));
  g_string_truncate (line, MIN (line->len, LINE_MAX_BYTES));
  g_string_append (line, "\"\n");
  return g_string_free (line, FALSE);
}

static gboolean
has_room (GstHttpLog *self)
{
  if (g_async_queue_length (self->lines) < LINES_MAX)
    return TRUE;
  g_atomic_int_inc (&self->n_dropped);
  return FALSE;
}

/* A status of 0 is that of a peer that went before its answer: 499, as others
 * have it. */
void
gst_http_log_request (GstHttpLog *self, const GstSocketHttpApi *http,
    GstSocketHttpRequest *request, guint status, guint64 bytes)
{
  if (self != NULL && has_room (self))
    g_async_queue_push (self->lines,
        format_line (http, request, status != 0 ? status : 499, bytes));
}

/* What was no request has nothing that could be written down but its end. */
void
gst_http_log_rejection (
    GstHttpLog *self, const GstSocketHttpRejection *rejection)
{
  GString *line;

  if (self == NULL || !has_room (self))
    return;
  line = g_string_new (NULL);
  append_start (line, rejection->peer, NULL);
  g_string_append_printf (line, "\"-\" %u %" G_GUINT64_FORMAT " \"-\" \"-\"\n",
      rejection->status, rejection->sent);
  g_async_queue_push (self->lines, g_string_free (line, FALSE));
}

/* --- the file --- */

/* Opening and writing do not wait for the reader of a pipe. */
static gboolean
open_file (GstHttpLog *self, GError **error)
{
  struct stat st;
  gint fd = self->path != NULL
      ? open (self->path,
          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
          0640)
      : fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

  if (fd < 0 || fstat (fd, &st) != 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s",
        self->path != NULL ? self->path : "-", g_strerror (errno));
    if (fd >= 0)
      close (fd);
    return FALSE;
  }
  if (self->fd >= 0)
    close (self->fd);
  self->fd = fd;
  self->device = st.st_dev;
  self->inode = st.st_ino;
  return TRUE;
}

/* The file may have been renamed, to begin a new one. */
static void
follow_path (GstHttpLog *self)
{
  g_autoptr (GError) error = NULL;
  struct stat st;

  if (self->path == NULL)
    return;
  if (stat (self->path, &st) == 0 && st.st_dev == self->device
      && st.st_ino == self->inode)
    return;
  if (!open_file (self, &error))
    GST_WARNING ("%s", error->message);
}

/* Returns whether it was written. Who has not taken one line in time is not
 * waited for with the next. */
static gboolean
write_line (GstHttpLog *self, const gchar *line)
{
  struct pollfd writable = {.fd = self->fd, .events = POLLOUT};
  gssize n;

  if (poll (&writable, 1, self->patience) <= 0) {
    self->patience = 0;
    return FALSE;
  }
  self->patience = PATIENCE_MS;
  do
    n = write (self->fd, line, strlen (line));
  while (n < 0 && errno == EINTR);
  return n > 0;
}

static void
write_dropped (GstHttpLog *self)
{
  gint n = g_atomic_int_and ((guint *) &self->n_dropped, 0);
  g_autofree gchar *line = NULL;

  if (n == 0)
    return;
  line = g_strdup_printf ("# %d lines dropped\n", n);
  if (!write_line (self, line))
    g_atomic_int_add (&self->n_dropped, n);
}

static gpointer
write_lines (gpointer user_data)
{
  GstHttpLog *self = user_data;
  gpointer item;

  while ((item = g_async_queue_pop (self->lines)) != self) {
    g_autofree gchar *line = item;

    follow_path (self);
    write_dropped (self);
    if (!write_line (self, line))
      g_atomic_int_inc (&self->n_dropped);
  }
  return NULL;
}

/* --- life --- */

static void
free_log (GstHttpLog *self)
{
  if (self->thread != NULL) {
    g_async_queue_push (self->lines, self);
    g_thread_join (self->thread);
  }
  g_async_queue_unref (self->lines);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

/* Opens a file, or standard output for "-". Fails when it cannot be written
 * to. */
GstHttpLog *
gst_http_log_new (const gchar *path, GError **error)
{
  GstHttpLog *self = g_new0 (GstHttpLog, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->fd = -1;
  self->patience = PATIENCE_MS;
  self->path = g_str_equal (path, "-") ? NULL : g_strdup (path);
  self->lines = g_async_queue_new_full (g_free);
  if (open_file (self, error))
    self->thread = g_thread_try_new ("http-log", write_lines, self, error);
  if (self->thread == NULL)
    g_clear_pointer (&self, free_log);
  return self;
}

GstHttpLog *
gst_http_log_ref (GstHttpLog *self)
{
  if (self != NULL)
    g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/* The last one waits until what is to be written is. */
void
gst_http_log_unref (GstHttpLog *self)
{
  if (self != NULL && g_atomic_ref_count_dec (&self->ref_count))
    free_log (self);
}

GParamSpec *
gst_http_log_make_property (void)
{
  return g_param_spec_string ("access-log", "Access log",
      "File to which a line is added for each request that is over, in the "
      "Combined Log Format without queries (default: none; \"-\" = standard "
      "output). Opened again when it is renamed",
      NULL,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
}
