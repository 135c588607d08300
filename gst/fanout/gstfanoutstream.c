/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstfanoutstream.c: from a sink's pad to the engine
 *
 * Here: stream headers of the caps, keyframes, pushing.
 * Not here: clients, properties.
 *
 * Threads   streaming; state changes while it does not run
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstfanoutstream.h"

#include <glib/gi18n-lib.h>

/*
 * gst_fanout_stream_begin:
 * @self: a stream
 *
 * Whatever caps there are, they are new.
 */
void
gst_fanout_stream_begin (GstFanoutStream *self)
{
  self->headers_are_old = TRUE;
}

/*
 * gst_fanout_stream_end:
 * @self: a stream
 */
void
gst_fanout_stream_end (GstFanoutStream *self)
{
  g_clear_pointer (&self->headers, gst_socket_headers_unref);
}

/*
 * gst_fanout_stream_caps_changed:
 * @self: a stream
 *
 * Takes no reference to the caps, because callers rely on none being taken
 * before the next buffer.
 */
void
gst_fanout_stream_caps_changed (GstFanoutStream *self)
{
  self->headers_are_old = TRUE;
}

static GPtrArray *
dup_streamheaders (GstBaseSink *sink, GstCaps *caps)
{
  GPtrArray *buffers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  const GValue *array = NULL;

  if (caps != NULL)
    array = gst_structure_get_value (
        gst_caps_get_structure (caps, 0), "streamheader");
  if (array == NULL)
    return buffers;
  if (!GST_VALUE_HOLDS_ARRAY (array)) {
    GST_WARNING_OBJECT (sink, "streamheader is not an array: left out");
    return buffers;
  }
  for (guint i = 0; i < gst_value_array_get_size (array); i++) {
    const GValue *value = gst_value_array_get_value (array, i);

    if (GST_VALUE_HOLDS_BUFFER (value) && gst_value_get_buffer (value) != NULL)
      g_ptr_array_add (buffers, gst_buffer_ref (gst_value_get_buffer (value)));
  }
  return buffers;
}

/* Takes the headers of the present caps. */
static void
renew_headers (GstFanoutStream *self, GstBaseSink *sink)
{
  g_autoptr (GstCaps) caps =
      gst_pad_get_current_caps (GST_BASE_SINK_PAD (sink));
  g_autoptr (GPtrArray) buffers = dup_streamheaders (sink, caps);
  g_autoptr (GstSocketHeaders) headers = NULL;

  headers = gst_socket_headers_new (
      (GstBuffer *const *) buffers->pdata, buffers->len);
  if (headers == NULL)
    GST_WARNING_OBJECT (sink, "stream headers cannot be read: left out");
  self->headers_are_old = FALSE;
  if (gst_socket_headers_equal (headers, self->headers))
    return;
  gst_socket_headers_unref (self->headers);
  self->headers = g_steal_pointer (&headers);
}

/*
 * gst_fanout_stream_push:
 * @self: a stream
 * @sink: what @buffer came to
 * @engine: where it goes
 * @buffer: a buffer; left out if it is one of the stream headers
 * @flags: what is known of it, of the #GstSocketUnitFlags
 */
void
gst_fanout_stream_push (GstFanoutStream *self, GstBaseSink *sink,
    GstSocketEngine *engine, GstBuffer *buffer, guint flags)
{
  if (G_UNLIKELY (self->headers_are_old))
    renew_headers (self, sink);
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER)
      && gst_socket_headers_contain (self->headers, buffer)) {
    GST_LOG_OBJECT (sink, "%" GST_PTR_FORMAT " is in the caps", buffer);
    return;
  }
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    flags |= GST_SOCKET_UNIT_KEYFRAME;
  if (!gst_socket_engine_push (engine, buffer, flags, self->headers))
    GST_ELEMENT_WARNING (sink, STREAM, FAILED,
        (_ ("A buffer could not be read and was left out.")),
        ("mapping %" GST_PTR_FORMAT " failed", buffer));
}
