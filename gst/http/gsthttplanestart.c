/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplanestart.c: how a stream of httpserversrc begins
 *
 * Here: its events, finding out of what kind it is where nobody says so.
 * Not here: reading and pushing it (gsthttplane.c).
 *
 * Threads   streaming: all of it
 * Locks     OBJECT_LOCK (element), while tags are taken
 *
 * A pad that is there for one stream after another keeps their events. A stream
 * without caps would have those of the one before, and one with caps behind one
 * without would break the order that pads insist on: caps before the segment.
 * So each stream of such a pad has caps: what its sender says, or what its
 * first bytes look like, or those of any bytes.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttplane-private.h"

#include <gst/base/gsttypefindhelper.h>

/* Bytes that are held back at most, and how long: a live stream should not be
 * late. */
#define PROBE_MAX (16 * 1024)
#define PROBE_TIME_US (200 * 1000)

/* --- events --- */

static void
push_stream_start (GstHttpLane *self)
{
  g_autofree gchar *id = gst_pad_create_stream_id (self->pad,
      GST_ELEMENT (self->element), gst_http_upload_get_path (self->upload));
  GstEvent *event = gst_event_new_stream_start (id);

  gst_event_set_group_id (event, gst_util_group_id_next ());
  gst_pad_push_event (self->pad, event);
}

static gboolean
has_event (GstHttpLane *self, GstEventType type)
{
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (self->pad, type, 0);

  return event != NULL;
}

/* The elements behind the pad that have done without caps have to go on so. */
static void
push_caps (GstHttpLane *self, GstCaps *caps)
{
  if (has_event (self, GST_EVENT_CAPS) || !has_event (self, GST_EVENT_SEGMENT))
    gst_pad_push_event (self->pad, gst_event_new_caps (caps));
}

static void
push_segment (GstHttpLane *self)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
}

/* Those that have come since. */
void
gst_http_lane_push_tags (GstHttpLane *self)
{
  GstTagList *tags;

  GST_OBJECT_LOCK (self->element);
  tags = g_steal_pointer (&self->tags);
  GST_OBJECT_UNLOCK (self->element);
  if (tags != NULL)
    gst_pad_push_event (self->pad, gst_event_new_tag (tags));
}

/* Begins a stream; the caps may be NULL. */
void
gst_http_lane_start (GstHttpLane *self, GstCaps *caps)
{
  push_stream_start (self);
  if (caps != NULL)
    push_caps (self, caps);
  push_segment (self);
  self->is_started = TRUE;
  gst_http_lane_push_tags (self);
}

/* --- of what kind --- */

/* Holds the stream back until its first bytes show of what kind it is. */
void
gst_http_lane_probe (GstHttpLane *self)
{
  gst_clear_buffer (&self->probe);
  self->probe = gst_buffer_new ();
  self->probe_next = 1;
  self->probe_end_us = 0;
}

gboolean
gst_http_lane_is_probing (GstHttpLane *self)
{
  return self->probe != NULL;
}

/* Returns: (nullable) (transfer full): what it most likely is, and what the
 * next element would take */
static GstCaps *
find_caps (GstHttpLane *self)
{
  GstTypeFindProbability probability = GST_TYPE_FIND_NONE;
  g_autoptr (GstCaps) caps = gst_type_find_helper_for_buffer (
      GST_OBJECT (self->element), self->probe, &probability);

  if (caps == NULL || probability < GST_TYPE_FIND_LIKELY
      || !gst_caps_is_fixed (caps)
      || !gst_pad_peer_query_accept_caps (self->pad, caps))
    return NULL;
  return g_steal_pointer (&caps);
}

static GstCaps *
any_bytes (GstHttpLane *self)
{
  g_autoptr (GstCaps) caps =
      gst_caps_new_empty_simple ("application/octet-stream");

  return gst_pad_peer_query_accept_caps (self->pad, caps)
      ? g_steal_pointer (&caps)
      : NULL;
}

/* Begins the stream with caps, or those of any bytes. Returns: (nullable)
 * (transfer full): what has come of it */
static GstBuffer *
start_probed (GstHttpLane *self, GstCaps *found)
{
  g_autoptr (GstCaps) caps = found != NULL ? found : any_bytes (self);
  GstBuffer *bytes = g_steal_pointer (&self->probe);

  GST_INFO_OBJECT (self->pad, "looks like %" GST_PTR_FORMAT, caps);
  gst_http_lane_start (self, caps);
  if (gst_buffer_get_size (bytes) == 0)
    gst_clear_buffer (&bytes);
  return bytes;
}

/* Takes a buffer. Returns: (nullable) (transfer full): all that has come, once
 * the stream has begun */
GstBuffer *
gst_http_lane_probe_with (GstHttpLane *self, GstBuffer *buffer)
{
  GstCaps *caps = NULL;
  gsize size;

  if (self->probe_end_us == 0)
    self->probe_end_us = g_get_monotonic_time () + PROBE_TIME_US;
  self->probe = gst_buffer_append (self->probe, buffer);
  size = gst_buffer_get_size (self->probe);
  if (size >= self->probe_next) {
    caps = find_caps (self);
    self->probe_next = 2 * size;
  }
  if (caps == NULL && size < PROBE_MAX
      && g_get_monotonic_time () < self->probe_end_us)
    return NULL;
  return start_probed (self, caps);
}

/* How long to wait for more, instead of @timeout_us. */
gint64
gst_http_lane_get_patience_us (GstHttpLane *self, gint64 timeout_us)
{
  if (self->probe == NULL || self->probe_end_us == 0)
    return timeout_us;
  return MAX (self->probe_end_us - g_get_monotonic_time (), 0);
}

/* The same, when nothing more comes, or not soon. */
GstBuffer *
gst_http_lane_end_probe (GstHttpLane *self)
{
  GstCaps *caps =
      gst_buffer_get_size (self->probe) > 0 ? find_caps (self) : NULL;

  return start_probed (self, caps);
}
