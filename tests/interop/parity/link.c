/* SPDX-License-Identifier: LGPL-2.1-or-later
 * link.c: one element with one peer under a script
 *
 * Here: making the element, setting its state, what passes over its pad, the
 * transcript. Not here: its peer.
 *
 * Threads   main: all words     streaming: chain_cb (), event_cb (), link_note ()
 * Locks     link->lock guards what is marked so; not held while the element is
 *           called
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "link.h"
#include "link-private.h"
#include "bench.h"
#include "content.h"
#include "settle.h"

#include <gst/net/gstnetcontrolmessagemeta.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_US (20 * G_USEC_PER_SEC)

/* --- what passes over the pad --- */

void
link_note (Link *l, const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  g_mutex_lock (&l->lock);
  link_flush_got_locked (l);
  g_string_append (l->notes, "  ");
  g_string_append_vprintf (l->notes, format, args);
  g_string_append_c (l->notes, '\n');
  g_mutex_unlock (&l->lock);
  va_end (args);
}

/* What came in a row is one line, however it was cut into buffers. */
void
link_flush_got_locked (Link *l)
{
  if (l->got->len == 0)
    return;
  g_string_append (l->notes, "  got");
  content_decode (l->contents, l->got->data, l->got->len, l->notes);
  g_string_append_c (l->notes, '\n');
  g_byte_array_set_size (l->got, 0);
}

static guint
count_controls (GstBuffer *buffer)
{
  gpointer state = NULL;
  guint n = 0;

  while (gst_buffer_iterate_meta_filtered (
             buffer, &state, GST_NET_CONTROL_MESSAGE_META_API_TYPE)
      != NULL)
    n++;
  return n;
}

static void
note_buffer (Link *l, GstBuffer *buffer)
{
  guint controls = count_controls (buffer);

  if (l->shows_buffers)
    link_note (l, "buffer of %" G_GSIZE_FORMAT "%s, pts %s, dts %s, offset %s",
        gst_buffer_get_size (buffer),
        GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT) ? " discont"
                                                                 : "",
        GST_BUFFER_PTS_IS_VALID (buffer) ? "set" : "none",
        GST_BUFFER_DTS_IS_VALID (buffer) ? "set" : "none",
        GST_BUFFER_OFFSET_IS_VALID (buffer) ? "set" : "none");
  if (controls > 0)
    link_note (l, "buffer with %u control messages", controls);
}

static void
wait_for_release (Link *l)
{
  g_mutex_lock (&l->lock);
  while (l->is_held)
    g_cond_wait (&l->cond, &l->lock);
  g_mutex_unlock (&l->lock);
}

static GstFlowReturn
chain_cb (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  Link *l = pad->chaindata;
  GstMapInfo map;

  wait_for_release (l);
  note_buffer (l, buffer);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_mutex_lock (&l->lock);
  g_byte_array_append (l->got, map.data, map.size);
  g_mutex_unlock (&l->lock);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return l->chain_returns;
}

static void
note_event (Link *l, GstEvent *event)
{
  const GstSegment *segment;
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEGMENT:
      gst_event_parse_segment (event, &segment);
      link_note (l, "event segment, %s", gst_format_get_name (segment->format));
      break;
    case GST_EVENT_CAPS: {
      g_autofree gchar *text = NULL;

      gst_event_parse_caps (event, &caps);
      text = gst_caps_to_string (caps);
      link_note (l, "event caps, %s", text);
      break;
    }
    default:
      link_note (l, "event %s", GST_EVENT_TYPE_NAME (event));
  }
}

static gboolean
event_cb (GstPad *pad, GstObject *parent, GstEvent *event)
{
  Link *l = pad->eventdata;

  note_event (l, event);
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    g_mutex_lock (&l->lock);
    l->n_ends++;
    g_mutex_unlock (&l->lock);
  }
  gst_event_unref (event);
  return TRUE;
}

/* --- life --- */

static void
make_pad (Link *l)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (l->element, "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (l->element, "src");

  l->is_source = src != NULL;
  l->pad = gst_object_ref_sink (gst_pad_new (l->is_source ? "sink" : "src",
      l->is_source ? GST_PAD_SINK : GST_PAD_SRC));
  if (l->is_source)
    gst_pad_set_chain_function_full (l->pad, chain_cb, l, NULL);
  gst_pad_set_event_function_full (l->pad, event_cb, l, NULL);
  gst_pad_set_active (l->pad, TRUE);
  if (l->is_source)
    gst_pad_link (src, l->pad);
  else
    gst_pad_link (l->pad, sink);
}

Link *
link_new (const gchar *element)
{
  Link *l = g_new0 (Link, 1);

  l->element = gst_object_ref_sink (gst_element_factory_make (element, NULL));
  l->bus = gst_bus_new ();
  gst_element_set_bus (l->element, l->bus);
  l->contents = contents_new ();
  l->listener = l->peer = -1;
  l->peer_reads = TRUE;
  l->read = g_byte_array_new ();
  l->got = g_byte_array_new ();
  l->notes = g_string_new (NULL);
  g_mutex_init (&l->lock);
  g_cond_init (&l->cond);
  make_pad (l);
  return l;
}

static void
close_fd (gint fd)
{
  if (fd >= 0)
    close (fd);
}

void
link_free (Link *l)
{
  link_release (l);
  gst_element_set_state (l->element, GST_STATE_NULL);
  gst_element_set_bus (l->element, NULL);
  gst_object_unref (l->element);
  gst_object_unref (l->pad);
  gst_object_unref (l->bus);
  g_clear_object (&l->socket);
  close_fd (l->listener);
  close_fd (l->peer);
  g_ptr_array_unref (l->contents);
  g_byte_array_unref (l->read);
  g_byte_array_unref (l->got);
  g_string_free (l->notes, TRUE);
  g_mutex_clear (&l->lock);
  g_cond_clear (&l->cond);
  g_free (l);
}

/* --- the transcript --- */

static void
note_failure (Link *l, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  gboolean is_error = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;

  if (is_error)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  say ("  %s posted: %s %d", is_error ? "error" : "warning",
      g_quark_to_string (error->domain), error->code);
}

static void
print_messages (Link *l)
{
  const GstMessageType types = GST_MESSAGE_ERROR | GST_MESSAGE_WARNING
      | GST_MESSAGE_ELEMENT | GST_MESSAGE_EOS;
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (l->bus, types)) != NULL) {
    if (GST_MESSAGE_TYPE (message) & (GST_MESSAGE_ERROR | GST_MESSAGE_WARNING))
      note_failure (l, message);
    else
      say ("  message %s", GST_MESSAGE_TYPE_NAME (message));
    gst_message_unref (message);
  }
}

static void
print_notes (Link *l)
{
  g_autofree gchar *text = NULL;

  g_mutex_lock (&l->lock);
  link_flush_got_locked (l);
  text = g_string_free (l->notes, FALSE);
  l->notes = g_string_new (NULL);
  g_mutex_unlock (&l->lock);
  if (*text != '\0')
    say ("%.*s", (gint) strlen (text) - 1, text);
}

static void
wait_for_rest (Link *l)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

  while (link_peer_drain (l) || link_peer_is_under_way (l)
      || !settle_all_asleep () || link_peer_drain (l)) {
    if (g_get_monotonic_time () > deadline) {
      say ("  !! does not come to rest");
      return;
    }
    poll (NULL, 0, 1);
  }
}

void
link_settle (Link *l)
{
  wait_for_rest (l);
  print_logged ();
  print_messages (l);
  print_notes (l);
  link_peer_print (l);
}

static gboolean
has_ended (Link *l)
{
  gboolean ended;

  g_mutex_lock (&l->lock);
  ended = l->n_ends > 0;
  g_mutex_unlock (&l->lock);
  return ended;
}

/* An error ends in an end of the stream as well, after which the task stops:
 * which of the two comes first is the base class's choice. */
void
link_await_end (Link *l)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

  while (!has_ended (l) && g_get_monotonic_time () < deadline)
    poll (NULL, 0, 1);
  if (!has_ended (l))
    say ("  !! does not end");
  l->n_ends = 0;
  link_settle (l);
}

/* --- words --- */

void
link_state (Link *l, GstState state)
{
  GstStateChangeReturn ret = gst_element_set_state (l->element, state);

  say ("state %s -> %s", gst_element_state_get_name (state),
      gst_element_state_change_return_get_name (ret));
  link_settle (l);
}

void
link_show (Link *l, const gchar *property)
{
  GValue value = G_VALUE_INIT;
  g_autofree gchar *text = NULL;

  g_object_get_property (G_OBJECT (l->element), property, &value);
  text = gst_value_serialize (&value);
  say ("  %s = %s", property, text);
  g_value_unset (&value);
}

void
link_set (Link *l, const gchar *property, const gchar *value)
{
  say ("set %s=%s", property, value);
  gst_util_set_object_arg (G_OBJECT (l->element), property, value);
  link_show (l, property);
}

void
link_stats (Link *l)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 received;

  g_object_get (l->element, "stats", &stats, NULL);
  say ("stats: %s", gst_structure_get_name (stats));
  if (gst_structure_get_uint64 (stats, "bytes-received", &received))
    say ("  bytes-received %" G_GUINT64_FORMAT, received);
}

static gboolean
say_field (GQuark field, const GValue *value, gpointer data)
{
  say ("  %s:%s", g_quark_to_string (field), G_VALUE_TYPE_NAME (value));
  return TRUE;
}

void
link_stats_fields (Link *l)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (l->element, "stats", &stats, NULL);
  say ("fields of %s", gst_structure_get_name (stats));
  gst_structure_foreach (stats, say_field, NULL);
}

void
link_hold (Link *l)
{
  g_mutex_lock (&l->lock);
  l->is_held = TRUE;
  g_mutex_unlock (&l->lock);
}

void
link_release (Link *l)
{
  g_mutex_lock (&l->lock);
  l->is_held = FALSE;
  g_cond_broadcast (&l->cond);
  g_mutex_unlock (&l->lock);
}

static void
query_latency (Link *l)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  gboolean live = FALSE;
  GstClockTime min = 0, max = 0;

  if (!gst_pad_peer_query (l->pad, query)) {
    say ("  latency: not answered");
    return;
  }
  gst_query_parse_latency (query, &live, &min, &max);
  say ("  latency: live %d, %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, live,
      (gint64) min, (gint64) max);
}

static void
query_seeking (Link *l, GstFormat format)
{
  g_autoptr (GstQuery) query = gst_query_new_seeking (format);
  gboolean seekable = FALSE;

  if (!gst_pad_peer_query (l->pad, query)) {
    say ("  seeking in %s: not answered", gst_format_get_name (format));
    return;
  }
  gst_query_parse_seeking (query, NULL, &seekable, NULL, NULL);
  say ("  seeking in %s: %d", gst_format_get_name (format), seekable);
}

static void
query_scheduling (Link *l)
{
  g_autoptr (GstQuery) query = gst_query_new_scheduling ();
  GstSchedulingFlags flags = 0;

  if (!gst_pad_peer_query (l->pad, query)) {
    say ("  scheduling: not answered");
    return;
  }
  gst_query_parse_scheduling (query, &flags, NULL, NULL, NULL);
  say ("  scheduling: flags %d, push %d, pull %d", flags,
      gst_query_has_scheduling_mode (query, GST_PAD_MODE_PUSH),
      gst_query_has_scheduling_mode (query, GST_PAD_MODE_PULL));
}

static void
query_caps (Link *l, const gchar *filter_text)
{
  g_autoptr (GstCaps) filter =
      filter_text != NULL ? gst_caps_from_string (filter_text) : NULL;
  g_autoptr (GstCaps) caps = gst_pad_peer_query_caps (l->pad, filter);
  g_autofree gchar *text = gst_caps_to_string (caps);

  say ("  caps of %s: %s", filter_text != NULL ? filter_text : "all", text);
}

void
link_query (Link *l)
{
  gint64 value;

  say ("query");
  query_latency (l);
  query_seeking (l, GST_FORMAT_BYTES);
  query_seeking (l, GST_FORMAT_TIME);
  query_scheduling (l);
  query_caps (l, NULL);
  query_caps (l, "video/x-a; video/x-b");
  say ("  duration in bytes: %s",
      gst_pad_peer_query_duration (l->pad, GST_FORMAT_BYTES, &value) ? "known"
                                                                     : "none");
  say ("  position in bytes: %s",
      gst_pad_peer_query_position (l->pad, GST_FORMAT_BYTES, &value) ? "known"
                                                                     : "none");
  link_settle (l);
}

void
link_event (Link *l, GstEvent *event)
{
  const GstStructure *structure = gst_event_get_structure (event);
  g_autofree gchar *name = g_strdup (
      structure != NULL && GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM
          ? gst_structure_get_name (structure)
          : GST_EVENT_TYPE_NAME (event));

  say ("event %s -> %d", name, gst_pad_push_event (l->pad, event));
  link_settle (l);
}

/* --- sinks --- */

void
link_begin (Link *l, GstCaps *caps)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (l->pad, gst_event_new_stream_start ("parity"));
  if (caps != NULL)
    gst_pad_push_event (l->pad, gst_event_new_caps (caps));
  gst_pad_push_event (l->pad, gst_event_new_segment (&segment));
}

static GstBuffer *
make_buffer_of (Link *l, gsize size, guint memories, gchar **ret_name)
{
  g_autofree gchar *name = g_strdup_printf ("B%03u", l->next++);
  GBytes *bytes = content_make (l->contents, name, size);
  GstBuffer *buffer = gst_buffer_new ();

  for (guint i = 0; i < memories && size > 0; i++) {
    gsize from = size * i / memories;
    gsize len = size * (i + 1) / memories - from;
    gchar *data = g_memdup2 (
        (gchar *) g_bytes_get_data (bytes, NULL) + from, MAX (len, 1));

    gst_buffer_append_memory (buffer,
        gst_memory_new_wrapped (0, data, MAX (len, 1), 0, len, data, g_free));
  }
  l->pushed += size;
  *ret_name = g_steal_pointer (&name);
  return buffer;
}

void
link_push (Link *l, gsize size, guint memories)
{
  g_autofree gchar *name = NULL;
  GstBuffer *buffer = make_buffer_of (l, size, memories, &name);
  GstFlowReturn flow = gst_pad_push (l->pad, buffer);

  say ("push %s of %" G_GSIZE_FORMAT " -> %s", name, size,
      gst_flow_get_name (flow));
  if (flow != GST_FLOW_OK)
    l->pushed -= size;
  link_settle (l);
}

void
link_push_list (Link *l, guint n)
{
  GstBufferList *list = gst_buffer_list_new ();
  GstFlowReturn flow;

  for (guint i = 0; i < n; i++) {
    g_autofree gchar *name = NULL;

    gst_buffer_list_add (list, make_buffer_of (l, 10, 1, &name));
  }
  flow = gst_pad_push_list (l->pad, list);
  say ("push a list of %u -> %s", n, gst_flow_get_name (flow));
  link_settle (l);
}

static gpointer
push_stuck (gpointer data)
{
  Link *l = data;
  g_autofree gchar *name = NULL;
  GstBuffer *buffer = make_buffer_of (l, l->stuck_size, 1, &name);
  GstFlowReturn flow = gst_pad_push (l->pad, buffer);

  return GINT_TO_POINTER (flow);
}

GThread *
link_push_stuck (Link *l, gsize size)
{
  GThread *thread;

  say ("push %" G_GSIZE_FORMAT " from a thread", size);
  l->stuck_size = size;
  thread = g_thread_new ("pusher", push_stuck, l);
  wait_for_rest (l);
  return thread;
}

void
link_join_push (Link *l, GThread *thread)
{
  GstFlowReturn flow = GPOINTER_TO_INT (g_thread_join (thread));

  say ("  that push -> %s", gst_flow_get_name (flow));
  if (flow != GST_FLOW_OK)
    l->pushed -= l->stuck_size;
  link_settle (l);
}
