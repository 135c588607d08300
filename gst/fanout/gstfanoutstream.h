/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstfanoutstream.h: from a sink's pad to the engine
 *
 * Here: stream headers of the caps, keyframes, pushing.
 * Not here: clients, properties.
 */
#pragma once

#include <gst/base/gstbasesink.h>
#include <gst/socket/gstsocketengine.h>

G_BEGIN_DECLS

/* Part of a sink; the streaming thread's, or a state change's while that does
 * not run. */
typedef struct
{
  GstSocketHeaders *headers;
  gboolean headers_are_old;
} GstFanoutStream;

void gst_fanout_stream_begin (GstFanoutStream *self);
void gst_fanout_stream_end (GstFanoutStream *self);
void gst_fanout_stream_caps_changed (GstFanoutStream *self);
void gst_fanout_stream_push (GstFanoutStream *self, GstBaseSink *sink,
    GstSocketEngine *engine, GstBuffer *buffer, guint flags);

G_END_DECLS
