/* SPDX-License-Identifier: LGPL-2.1-or-later
 * bench-report.c: the transcript of the element under a script
 *
 * Here: telling which buffers the bytes of a client are, noting signals with
 * their thread, printing figures. Not here: acting on the element.
 *
 * Threads   main: everything   the element's: note_signal ()
 * Locks     bench->lock guards bench->signals, and bench->clients against
 *           main's appending while the element's threads look it up
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

static gint warnings_noted;
static gint criticals_noted;

void
note_log (GLogLevelFlags level)
{
  if (level & G_LOG_LEVEL_WARNING)
    g_atomic_int_inc (&warnings_noted);
  else if (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
    g_atomic_int_inc (&criticals_noted);
}

void
print_logged (void)
{
  gint warnings = g_atomic_int_exchange (&warnings_noted, 0);
  gint criticals = g_atomic_int_exchange (&criticals_noted, 0);

  if (warnings > 0)
    say ("  warnings logged: %d", warnings);
  if (criticals > 0)
    say ("  criticals logged: %d", criticals);
}

static void
print_errors (Bench *b)
{
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (b->bus, GST_MESSAGE_ERROR))) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    say ("  error posted: %s %d", g_quark_to_string (error->domain),
        error->code);
    gst_message_unref (message);
  }
}

/* Those of a server are known by the port they come from. */
static gboolean
is_of (Client *c, GSocket *socket)
{
  g_autoptr (GSocketAddress) there = NULL;

  if (c->socket != NULL || !c->of_server)
    return c->socket == socket;
  there = g_socket_get_remote_address (socket, NULL);
  if (there == NULL || !G_IS_INET_SOCKET_ADDRESS (there)
      || g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (there))
          != c->local_port)
    return FALSE;
  c->socket = g_object_ref (socket);
  return TRUE;
}

static Client *
find_client (Bench *b, GSocket *socket, gint fd)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&b->lock);

  for (guint i = 0; i < b->clients->len; i++) {
    Client *c = g_ptr_array_index (b->clients, i);

    if (b->by_socket ? is_of (c, socket) : c->fd == fd)
      return c;
  }
  return NULL;
}

/* Takes @line. */
static void
note_line (Bench *b, Client *c, gchar *line)
{
  Noted *noted = g_new0 (Noted, 1);

  noted->on_main = g_thread_self () == b->main;
  noted->client = g_strdup (c != NULL ? c->name : "?");
  noted->line = line;
  g_mutex_lock (&b->lock);
  g_ptr_array_add (b->signals, noted);
  g_mutex_unlock (&b->lock);
}

static void
note (Bench *b, const gchar *signal, Client *c, gint status)
{
  g_autoptr (GString) line = g_string_new (signal);
  guint handles;

  g_string_append_printf (line, " %s", c != NULL ? c->name : "?");
  if (status >= 0)
    g_string_append_printf (line, " status %d", status);
  g_object_get (b->sink, "num-handles", &handles, NULL);
  if (!b->hide_handles)
    g_string_append_printf (line, ", handles %u", handles);
  note_line (b, c, g_string_free (g_steal_pointer (&line), FALSE));
  if (b->on_signal != NULL)
    b->on_signal (b, signal, c);
}

static gboolean
note_field (GQuark field, const GValue *value, gpointer line)
{
  g_string_append_printf (
      line, " %s:%s", g_quark_to_string (field), G_VALUE_TYPE_NAME (value));
  return TRUE;
}

/* Name, fields with their types, and what the buffer holds. */
static gboolean
event_cb (GstPad *pad, GstObject *parent, GstEvent *event)
{
  Bench *b = g_object_get_data (G_OBJECT (pad), "bench");
  const GstStructure *structure = gst_event_get_structure (event);
  g_autoptr (GString) line = g_string_new ("event");
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GstBuffer) buffer = NULL;
  GstMapInfo map;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM
      && gst_structure_get (structure, "object", G_TYPE_OBJECT, &socket,
          "buffer", GST_TYPE_BUFFER, &buffer, NULL)) {
    Client *c = find_client (b, socket, -1);

    g_string_append_printf (line, " %s of %s",
        gst_structure_get_name (structure), c != NULL ? c->name : "?");
    gst_structure_foreach (structure, note_field, line);
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    g_string_append_printf (line, " %" G_GSIZE_FORMAT " bytes in %u:", map.size,
        gst_buffer_n_memory (buffer));
    content_decode (b->contents, map.data, map.size, line);
    gst_buffer_unmap (buffer, &map);
    note_line (b, c, g_string_free (g_steal_pointer (&line), FALSE));
  }
  gst_event_unref (event);
  return !b->refuse_events;
}

void
bench_watch_events (Bench *b)
{
  g_object_set_data (G_OBJECT (b->pad), "bench", b);
  gst_pad_set_event_function (b->pad, event_cb);
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

  print_logged ();
  print_errors (b);
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
    content_decode (c->bench->contents, c->got->data + c->shown,
        c->got->len - c->shown, line);
  c->shown = c->got->len;
  if (line->len > 0)
    say ("  %s got%s", c->name, line->str);
  if (c->controls->len > 0)
    say ("  %s got beside it%s", c->name, c->controls->str);
  g_string_truncate (c->controls, 0);
  if (c->eof && !c->eof_shown)
    say ("  %s sees the end", c->name);
  c->eof_shown = c->eof;
}

void
client_stats (Client *c)
{
  static const gchar *const figures[] = {
      "bytes-sent", "buffers-dropped", "first-buffer-ts", "last-buffer-ts"};
  static const gchar *const times[] = {"connect-time", "connect-time-monotonic",
      "disconnect-time", "disconnect-time-monotonic", "connect-duration",
      "last-activity-time-monotonic"};
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
          value == 0                 ? "0"
              : value == G_MAXUINT64 ? "none"
                                     : "set");
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
