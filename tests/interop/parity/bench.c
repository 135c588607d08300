/* SPDX-License-Identifier: LGPL-2.1-or-later
 * bench.c: one element under a script
 *
 * Here: making the element, setting its state, pushing to it, waiting until it
 * has nothing left to do. Not here: its clients, printing what they received.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "bench.h"
#include "bench-private.h"
#include "content.h"
#include "settle.h"

#include <poll.h>
#include <string.h>

#define DEADLINE_US (30 * G_USEC_PER_SEC)
/* Never fits the kernel's buffers of a client that does not read. */
#define BIG (512 * 1024)

Bench *
bench_new (const gchar *element)
{
  Bench *b = g_new0 (Bench, 1);
  g_autoptr (GstPad) target = NULL;

  b->sink = gst_object_ref_sink (gst_element_factory_make (element, NULL));
  b->by_socket = !g_str_equal (element, "multifdsink");
  b->clients = g_ptr_array_new_with_free_func ((GDestroyNotify) client_free);
  b->contents = contents_new ();
  b->bus = gst_bus_new ();
  gst_element_set_bus (b->sink, b->bus);
  b->main = g_thread_self ();
  g_mutex_init (&b->lock);
  bench_watch_signals (b);
  b->pad = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  target = gst_element_get_static_pad (b->sink, "sink");
  gst_pad_link (b->pad, target);
  gst_pad_set_active (b->pad, TRUE);
  return b;
}

void
bench_free (Bench *b)
{
  b->on_signal = NULL;
  gst_element_set_state (b->sink, GST_STATE_NULL);
  gst_element_set_bus (b->sink, NULL);
  gst_object_unref (b->sink);
  gst_object_unref (b->pad);
  gst_object_unref (b->bus);
  g_ptr_array_unref (b->clients);
  g_ptr_array_unref (b->contents);
  g_ptr_array_unref (b->signals);
  g_mutex_clear (&b->lock);
  g_free (b);
}

void
bench_state (Bench *b, GstState state)
{
  GstStateChangeReturn ret = gst_element_set_state (b->sink, state);

  say ("state %s -> %s", gst_element_state_get_name (state),
      gst_element_state_change_return_get_name (ret));
  bench_settle (b);
}

void
bench_caps (Bench *b, GstCaps *caps)
{
  gst_pad_push_event (b->pad, gst_event_new_caps (caps));
}

void
bench_begin (Bench *b, const gchar *caps)
{
  g_autoptr (GstCaps) parsed = gst_caps_from_string (caps);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (b->pad, gst_event_new_stream_start ("parity"));
  bench_caps (b, parsed);
  gst_pad_push_event (b->pad, gst_event_new_segment (&segment));
}

void
bench_play (Bench *b)
{
  gst_element_set_state (b->sink, GST_STATE_PLAYING);
  bench_begin (b, "application/x-parity");
}

static void
append_header (Bench *b, GValue *array, const gchar *text)
{
  GValue value = G_VALUE_INIT;
  GBytes *bytes = content_make (b->contents, text, strlen (text));
  GstBuffer *buffer = gst_buffer_new_wrapped_bytes (bytes);

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_HEADER);
  g_value_init (&value, GST_TYPE_BUFFER);
  g_value_take_boxed (&value, buffer);
  gst_value_array_append_and_take_value (array, &value);
}

void
bench_event (Bench *b, GstEvent *event)
{
  const gchar *name = GST_EVENT_TYPE_NAME (event);

  say ("event %s -> %d", name, gst_pad_push_event (b->pad, event));
  bench_settle (b);
}

GstCaps *
bench_header_caps (Bench *b, const gchar *name, const gchar *headers)
{
  GstCaps *caps = gst_caps_new_empty_simple (name);
  g_auto (GStrv) words = NULL;
  GValue array = G_VALUE_INIT;

  if (headers == NULL)
    return caps;
  words = g_strsplit (headers, " ", -1);
  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; words[i] != NULL; i++)
    append_header (b, &array, words[i]);
  gst_structure_take_value (
      gst_caps_get_structure (caps, 0), "streamheader", &array);
  return caps;
}

/* Splits the bytes over as many memories as asked for. */
static void
append_memories (GstBuffer *buffer, GBytes *bytes, guint memories)
{
  gsize size = g_bytes_get_size (bytes);

  for (guint i = 0; i < memories; i++) {
    gsize from = size * i / memories;
    gsize to = size * (i + 1) / memories;
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, from, to - from);
    gsize len;
    gconstpointer data = g_bytes_get_data (part, &len);

    gst_buffer_append_memory (buffer,
        gst_memory_new_wrapped (GST_MEMORY_FLAG_READONLY, (gpointer) data, len,
            0, len, g_bytes_ref (part), (GDestroyNotify) g_bytes_unref));
  }
}

static void
set_times (GstBuffer *buffer, const Push *what, guint number)
{
  GstClockTime time = number * GST_SECOND;

  if (what->no_time)
    return;
  GST_BUFFER_DTS (buffer) = time;
  if (what->pts_differs_from_dts)
    GST_BUFFER_PTS (buffer) = time + 40 * GST_MSECOND;
  else if (!what->dts_only)
    GST_BUFFER_PTS (buffer) = time;
  GST_BUFFER_DURATION (buffer) = GST_SECOND;
}

GstBuffer *
make_buffer (Bench *b, const Push *what, gchar **ret_name)
{
  guint number = b->next++;
  g_autofree gchar *name = what->text != NULL
      ? g_strdup (what->text)
      : g_strdup_printf ("B%03u", number);
  gsize size = what->empty                    ? 0
      : what->text != NULL && what->size == 0 ? strlen (name)
      : what->size == 0                       ? 10
                                              : what->size;
  GstBuffer *buffer = gst_buffer_new ();

  append_memories (buffer, content_make (b->contents, name, size),
      what->empty ? 0 : MAX (what->memories, 1));
  set_times (buffer, what, number);
  if (what->delta)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (what->header)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_HEADER);
  GST_BUFFER_FLAG_SET (buffer, what->flags);
  if (ret_name != NULL)
    *ret_name = g_steal_pointer (&name);
  return buffer;
}

void
push_buffer (Bench *b, GstBuffer *buffer, const gchar *name)
{
  gsize size = gst_buffer_get_size (buffer);
  gboolean delta = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gboolean header = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER);
  GstFlowReturn flow = gst_pad_push (b->pad, buffer);
  guint queued;
  guint64 to_serve;

  g_object_get (
      b->sink, "buffers-queued", &queued, "bytes-to-serve", &to_serve, NULL);
  say ("push %s %s%s %" G_GSIZE_FORMAT " -> %s, queued %u, to serve "
       "%" G_GUINT64_FORMAT,
      name, delta ? "delta" : "key", header ? " header" : "", size,
      gst_flow_get_name (flow), queued, to_serve);
  bench_settle (b);
}

GstFlowReturn
push (Bench *b, const Push *what)
{
  g_autofree gchar *name = NULL;
  GstBuffer *buffer = make_buffer (b, what, &name);

  push_buffer (b, buffer, name);
  return GST_FLOW_OK;
}

void
push_key (Bench *b)
{
  push (b, &(Push){0});
}

void
push_delta (Bench *b)
{
  push (b, &(Push){.delta = TRUE});
}

void
push_big (Bench *b)
{
  push (b, &(Push){.size = BIG});
}

void
push_header (Bench *b, const gchar *text)
{
  push (b, &(Push){.text = text, .header = TRUE});
}

void
bench_clear (Bench *b)
{
  say ("clear");
  g_signal_emit_by_name (b->sink, "clear");
  bench_settle (b);
}

static gboolean
drain_clients (Bench *b)
{
  gboolean any = FALSE;

  for (guint i = 0; i < b->clients->len; i++)
    any |= client_drain (g_ptr_array_index (b->clients, i));
  return any;
}

static gboolean
under_way (Bench *b)
{
  for (guint i = 0; i < b->clients->len; i++)
    if (client_is_under_way (g_ptr_array_index (b->clients, i)))
      return TRUE;
  return FALSE;
}

static void
wait_for_rest (Bench *b)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

  for (;;) {
    gboolean moved = drain_clients (b);

    if (!moved && settle_all_asleep () && !drain_clients (b) && !under_way (b)
        && settle_all_asleep ())
      return;
    if (g_get_monotonic_time () > deadline) {
      say ("  !! does not come to rest");
      return;
    }
    if (!moved)
      poll (NULL, 0, 1);
  }
}

void
bench_settle (Bench *b)
{
  wait_for_rest (b);
  bench_print_signals (b);
  for (guint i = 0; i < b->clients->len; i++)
    client_print (g_ptr_array_index (b->clients, i));
}
