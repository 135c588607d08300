/* SPDX-License-Identifier: LGPL-2.1-or-later
 * bench-report.c: the transcript of the element under a script
 *
 * Here: telling which buffers the bytes of a client are, noting signals with
 * their thread, printing figures. Not here: acting on the element.
 *
 * Threads   main: everything   the element's: note_signal ()
 * Locks     bench->lock guards bench->signals
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "bench.h"
#include "bench-private.h"
#include "content.h"

#include <stdio.h>
#include <string.h>

/* One signal as it was seen. Those of the element's own threads are put in
 * order by client, for the order among clients is anybody's. */
typedef struct
{
  gchar *line;
  gchar *client;
  gboolean on_main;
} Noted;

static void
noted_free (Noted *noted)
{
  g_free (noted->line);
  g_free (noted->client);
  g_free (noted);
}

void
say (const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  putchar ('\n');
}

static Client *
find_client (Bench *b, GSocket *socket, gint fd)
{
  for (guint i = 0; i < b->clients->len; i++) {
    Client *c = g_ptr_array_index (b->clients, i);

    if (b->by_socket ? c->socket == socket : c->fd == fd)
      return c;
  }
  return NULL;
}

static void
note (Bench *b, const gchar *signal, Client *c, gint status)
{
  Noted *noted = g_new0 (Noted, 1);
  guint handles;

  g_object_get (b->sink, "num-handles", &handles, NULL);
  noted->on_main = g_thread_self () == b->main;
  noted->client = g_strdup (c != NULL ? c->name : "?");
  noted->line = status < 0
      ? g_strdup_printf ("%s %s, handles %u", signal, noted->client, handles)
      : g_strdup_printf ("%s %s status %d, handles %u", signal, noted->client,
          status, handles);
  g_mutex_lock (&b->lock);
  g_ptr_array_add (b->signals, noted);
  g_mutex_unlock (&b->lock);
  if (b->on_signal != NULL)
    b->on_signal (b, signal, c);
}

static void
socket_added_cb (GstElement *sink, GSocket *socket, Bench *b)
{
  note (b, "client-added", find_client (b, socket, -1), -1);
}

static void
socket_removed_cb (GstElement *sink, GSocket *socket, gint status, Bench *b)
{
  note (b, "client-removed", find_client (b, socket, -1), status);
}

static void
socket_gone_cb (GstElement *sink, GSocket *socket, Bench *b)
{
  note (b, "client-socket-removed", find_client (b, socket, -1), -1);
}

static void
fd_added_cb (GstElement *sink, gint fd, Bench *b)
{
  note (b, "client-added", find_client (b, NULL, fd), -1);
}

static void
fd_removed_cb (GstElement *sink, gint fd, gint status, Bench *b)
{
  note (b, "client-removed", find_client (b, NULL, fd), status);
}

static void
fd_gone_cb (GstElement *sink, gint fd, Bench *b)
{
  note (b, "client-fd-removed", find_client (b, NULL, fd), -1);
}

void
bench_watch_signals (Bench *b)
{
  b->signals = g_ptr_array_new_with_free_func ((GDestroyNotify) noted_free);
  if (b->by_socket)
    g_object_connect (b->sink, "signal::client-added", socket_added_cb, b,
        "signal::client-removed", socket_removed_cb, b,
        "signal::client-socket-removed", socket_gone_cb, b, NULL);
  else
    g_object_connect (b->sink, "signal::client-added", fd_added_cb, b,
        "signal::client-removed", fd_removed_cb, b, "signal::client-fd-removed",
        fd_gone_cb, b, NULL);
}

/* Main's own in their order; then the others', client by client. */
void
bench_print_signals (Bench *b)
{
  g_autoptr (GPtrArray) signals = NULL;

  g_mutex_lock (&b->lock);
  signals = g_steal_pointer (&b->signals);
  b->signals = g_ptr_array_new_with_free_func ((GDestroyNotify) noted_free);
  g_mutex_unlock (&b->lock);

  for (guint i = 0; i < signals->len; i++) {
    Noted *noted = g_ptr_array_index (signals, i);

    if (noted->on_main)
      say ("  caller: %s", noted->line);
  }
  for (gchar name = '?'; name <= 'z'; name++)
    for (guint i = 0; i < signals->len; i++) {
      Noted *noted = g_ptr_array_index (signals, i);

      if (!noted->on_main && noted->client[0] == name)
        say ("  element: %s", noted->line);
    }
}

static gboolean
keeps_messages (Client *c)
{
  return c->kind == CLIENT_SEQPACKET || c->kind == CLIENT_DGRAM;
}

/* Message by message, so that their borders show. */
static void
decode_messages (Client *c, GString *line)
{
  for (; c->shown_records < c->records->len; c->shown_records++) {
    guint size = g_array_index (c->records, guint, c->shown_records);

    g_string_append (line, " |");
    content_decode (c->bench->contents, c->got->data + c->shown, size, line);
    c->shown += size;
  }
}

void
client_print (Client *c)
{
  g_autoptr (GString) line = g_string_new (NULL);

  if (keeps_messages (c))
    decode_messages (c, line);
  else if (c->got->len > c->shown)
    content_decode (
        c->bench->contents, c->got->data + c->shown, c->got->len - c->shown,
        line);
  c->shown = c->got->len;
  if (line->len > 0)
    say ("  %s got%s", c->name, line->str);
  if (c->eof && !c->eof_shown)
    say ("  %s sees the end", c->name);
  c->eof_shown = c->eof;
}

void
client_stats (Client *c)
{
  static const gchar *const figures[]
      = { "bytes-sent", "buffers-dropped", "first-buffer-ts", "last-buffer-ts" };
  static const gchar *const times[] = { "connect-time",
    "connect-time-monotonic", "disconnect-time", "disconnect-time-monotonic",
    "connect-duration", "last-activity-time-monotonic" };
  g_autoptr (GstStructure) stats = client_get_stats (c);
  guint64 value;

  if (stats == NULL) {
    say ("stats of %s: none", c->name);
    return;
  }
  say ("stats of %s: %s, %d fields", c->name, gst_structure_get_name (stats),
      gst_structure_n_fields (stats));
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    if (!c->reading && i == 0)
      continue; /* what the kernel took in is nobody's promise */
    else if (gst_structure_get_uint64 (stats, figures[i], &value))
      say ("  %s %" G_GINT64_FORMAT, figures[i], (gint64) value);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    if (gst_structure_get_uint64 (stats, times[i], &value))
      say ("  %s %s", times[i],
          value == 0 ? "0" : value == G_MAXUINT64 ? "none" : "set");
}

void
bench_show (Bench *b, const gchar *property)
{
  GValue value = G_VALUE_INIT;
  g_autofree gchar *text = NULL;

  g_object_get_property (G_OBJECT (b->sink), property, &value);
  text = gst_value_serialize (&value);
  say ("  %s = %s", property, text);
  g_value_unset (&value);
}

void
bench_set (Bench *b, const gchar *property, const gchar *value)
{
  say ("set %s=%s", property, value);
  gst_util_set_object_arg (G_OBJECT (b->sink), property, value);
  bench_show (b, property);
}

void
bench_figures (Bench *b)
{
  guint handles, queued;
  guint64 to_serve, served;

  g_object_get (b->sink, "num-handles", &handles, "buffers-queued", &queued,
      "bytes-to-serve", &to_serve, "bytes-served", &served, NULL);
  say ("  handles %u, queued %u, to serve %" G_GUINT64_FORMAT
       ", served %" G_GUINT64_FORMAT,
      handles, queued, to_serve, served);
}
