/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpclientsink.c: uploads over HTTP
 *
 * Here: the element: which buffers make a file, the end, states.
 * Not here: properties (gsthttpclientproperties.c), requests (gsthttppush.c).
 *
 * Threads, in which            app: properties, states
 *   streaming: render, events  sender: see gsthttppush.c
 * Locks, in taking order       guards
 *   1. PREROLL_LOCK            held by the base class around render
 *   2. OBJECT_LOCK             settings, buffers_dropped
 * No lock of ours is held while waiting or posting.
 */
/**
 * SECTION:element-httpclientsink
 * @title: httpclientsink
 * @see_also: httpserversink, httpserversrc, tcpclientsink
 *
 * Uploads what it receives to an HTTP server, by PUT, POST or SOURCE, while it
 * is being made: nothing waits for its end.
 *
 * ## Examples
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=300 ! vp8enc ! webmmux ! httpclientsink location=http://127.0.0.1:8080/upload/test.webm
 * ]|
 * A file, on a server that takes PUT.
 * |[
 * gst-launch-1.0 audiotestsrc is-live=true ! vorbisenc ! oggmux ! httpclientsink method=source location=http://127.0.0.1:8000/live.ogg user-pw=hackme streamname=Test reconnect=always leaky=upstream
 * ]|
 * A radio station, on Icecast.
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! jpegenc ! httpclientsink location=http://127.0.0.1:8080/upload/%05d.jpg next-file=buffer max-files=10
 * ]|
 * A picture a request, of which the ten newest stay. splitmuxsink makes longer
 * files: give it this element as its sink, and a URL as its location.
 *
 * ## Titles
 * With method=source the titles of tags are told to the server, as Icecast
 * knows it: by a request to /admin/metadata with the same credentials, beside
 * the stream, which never waits for it. The element message "GstHttpTitle" tells
 * of each: title, status (0 when there was no answer). Icecast has them of MP3
 * and AAC only: in Ogg they are in the stream itself.
 *
 * ## What the server says
 * A refusal is an error that names the status. At the end of the stream the
 * answer is waited for, up to #GstHttpClientSink:timeout, before the pipeline
 * ends. Redirects are followed, without the credentials where they lead to
 * another server. The element message "GstHttpUploaded" tells of each file:
 * location, status, bytes.
 *
 * ## When the connection is lost
 * With #GstHttpClientSink:reconnect it is made again. A file is then sent from
 * its beginning, which is kept up to #GstHttpClientSink:max-bytes; a longer one
 * has failed. A live stream goes on with its stream headers and the next
 * keyframe, which is asked for. The element messages "GstSocketConnected",
 * "GstSocketLost" and "GstSocketRetrying" tell about it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpclientsink-private.h"
#include "gsthttplink.h"
#include "gsthttptitles.h"

#include "../elements.h"

#include <gst/socket/gstsocketcontent.h>
#include <gst/video/video-event.h>

GST_DEBUG_CATEGORY_STATIC (httpclientsink_debug);
#define GST_CAT_DEFAULT httpclientsink_debug

G_DEFINE_FINAL_TYPE (
    GstHttpClientSink, gst_http_client_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE (
    httpclientsink, "httpclientsink", GST_RANK_NONE, GST_TYPE_HTTP_CLIENT_SINK)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* --- opening --- */

static gboolean
check_location (GstHttpClientSink *self)
{
  const gchar *location = self->active.location;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *first = NULL;
  g_autoptr (GstHttpTarget) target = NULL;

  if (location == NULL || location[0] == '\0') {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_ ("\"location\" has to say where to upload to.")), (NULL));
    return FALSE;
  }
  first = gst_http_location_with_index (location, 0);
  target = gst_http_target_new (first, &error);
  if (target == NULL)
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_ ("\"%s\" is no place to upload to: %s"), location, error->message),
        (NULL));
  return target != NULL;
}

static gboolean
gst_http_client_sink_start (GstBaseSink *bsink)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (bsink);
  g_autoptr (GError) error = NULL;

  gst_http_client_sink_copy_settings (self, &self->active);
  if (!check_location (self))
    return FALSE;
  GST_OBJECT_LOCK (self);
  self->buffers_dropped = 0;
  GST_OBJECT_UNLOCK (self);
  self->is_open = self->is_spoiled = self->has_header = FALSE;
  self->is_asked = self->is_stored = self->is_skipping = FALSE;
  self->is_void = self->is_warned = FALSE;
  self->index = 0;
  self->push = gst_http_push_start (bsink, &self->retry, &self->active, &error);
  if (self->push != NULL)
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, OPEN_WRITE,
      (_ ("Nothing can be uploaded to \"%s\": %s"), self->active.location,
          error->message),
      (NULL));
  return FALSE;
}

static gboolean
gst_http_client_sink_stop (GstBaseSink *bsink)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (bsink);

  g_clear_pointer (&self->push, gst_http_push_stop);
  g_clear_pointer (&self->caps_type, g_free);
  return TRUE;
}

static gboolean
gst_http_client_sink_set_caps (GstBaseSink *bsink, GstCaps *caps)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (bsink);

  g_free (self->caps_type);
  self->caps_type = gst_socket_content_type_from_caps (caps);
  return TRUE;
}

/* --- into the queue --- */

static GstFlowReturn
enqueue (GstHttpClientSink *self, GstHttpPushItem *item, gboolean *ret_dropped)
{
  return gst_http_push_queue_push (
      gst_http_push_get_queue (self->push), item, ret_dropped);
}

static void
enqueue_mark (GstHttpClientSink *self, GstHttpPushKind kind, guint index)
{
  GstHttpPushItem *item = gst_http_push_item_new (kind);
  gboolean dropped;

  if (kind == GST_HTTP_PUSH_BEGIN || kind == GST_HTTP_PUSH_DELETE)
    item->url = gst_http_location_with_index (self->active.location, index);
  if (kind == GST_HTTP_PUSH_BEGIN)
    item->type = g_strdup (self->caps_type);
  enqueue (self, item, &dropped);
}

static gboolean
is_multi (GstHttpClientSink *self)
{
  return self->active.next_file != GST_HTTP_NEXT_FILE_NONE;
}

static void
count_dropped (GstHttpClientSink *self)
{
  GST_OBJECT_LOCK (self);
  self->buffers_dropped++;
  GST_OBJECT_UNLOCK (self);
}

/* Woken by a pause, it waits with the rest of the pipeline. */
static GstFlowReturn
enqueue_waiting (
    GstHttpClientSink *self, GstBuffer *buffer, gboolean *ret_dropped)
{
  GstFlowReturn flow;

  do {
    GstHttpPushItem *item = gst_http_push_item_new (GST_HTTP_PUSH_DATA);

    item->buffer = gst_buffer_ref (buffer);
    flow = enqueue (self, item, ret_dropped);
    if (flow != GST_FLOW_FLUSHING)
      return flow;
    flow = gst_net_pause_wait (&self->pause, GST_BASE_SINK (self));
  } while (flow == GST_FLOW_OK);
  return flow;
}

/* After a hole nothing is of use before the next keyframe. What would be a file
 * with a hole is none. */
static GstFlowReturn
enqueue_buffer (GstHttpClientSink *self, GstBuffer *buffer)
{
  gboolean is_delta =
      GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gboolean dropped =
      (self->is_skipping && is_delta) || (self->is_spoiled && is_multi (self));
  GstFlowReturn flow = GST_FLOW_OK;

  if (!dropped)
    flow = enqueue_waiting (self, buffer, &dropped);
  self->is_skipping = dropped;
  if (dropped) {
    self->is_spoiled = TRUE;
    count_dropped (self);
  }
  return flow;
}

/* --- files --- */

/* Told once for all files in a row. */
static void
warn_of_spoiled (GstHttpClientSink *self)
{
  if (!self->is_warned)
    GST_ELEMENT_WARNING (self, RESOURCE, WRITE,
        (_ ("The server takes files of \"%s\" too slowly; some are left out."),
            self->active.location),
        ("first number %u", self->index));
  self->is_warned = TRUE;
}

static void
close_file (GstHttpClientSink *self)
{
  gboolean is_whole = !self->is_spoiled || !is_multi (self);

  if (!self->is_open)
    return;
  self->is_open = FALSE;
  if (is_whole)
    self->is_warned = FALSE;
  else
    warn_of_spoiled (self);
  if (self->is_void)
    return;
  enqueue_mark (self, is_whole ? GST_HTTP_PUSH_END : GST_HTTP_PUSH_ABORT, 0);
  if (self->active.max_files > 0 && self->index >= self->active.max_files)
    enqueue_mark (
        self, GST_HTTP_PUSH_DELETE, self->index - self->active.max_files);
  self->index++;
}

/* Files that are cut out of a stream begin with its headers. */
static GstFlowReturn
enqueue_headers (GstHttpClientSink *self)
{
  g_autoptr (GstCaps) caps =
      gst_pad_get_current_caps (GST_BASE_SINK_PAD (self));
  const GValue *headers = NULL;
  GstFlowReturn flow = GST_FLOW_OK;

  if (caps != NULL && gst_caps_get_size (caps) > 0)
    headers = gst_structure_get_value (
        gst_caps_get_structure (caps, 0), "streamheader");
  if (headers == NULL || !GST_VALUE_HOLDS_ARRAY (headers))
    return GST_FLOW_OK;
  for (guint i = 0;
       i < gst_value_array_get_size (headers) && flow == GST_FLOW_OK; i++)
    flow = enqueue_buffer (
        self, gst_value_get_buffer (gst_value_array_get_value (headers, i)));
  return flow;
}

/* What is not live can be sent again; what is, must not be late. */
static void
learn_whether_stored (GstHttpClientSink *self)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  gboolean is_live = FALSE;

  if (gst_pad_peer_query (GST_BASE_SINK_PAD (self), query))
    gst_query_parse_latency (query, &is_live, NULL, NULL);
  self->is_stored = !is_live || is_multi (self);
  gst_http_push_set_stored (self->push, self->is_stored);
}

static GstFlowReturn
open_file (GstHttpClientSink *self, GstBuffer *buffer)
{
  if (self->index == 0)
    learn_whether_stored (self);
  self->is_open = TRUE;
  self->has_header = self->is_asked = FALSE;
  /* What would be a hole from its beginning is not begun. */
  self->is_void = self->active.leaky != GST_NET_LEAKY_NO
      && !gst_http_push_queue_has_room (
          gst_http_push_get_queue (self->push), gst_buffer_get_size (buffer));
  self->is_spoiled = self->is_void;
  if (self->is_void)
    return GST_FLOW_OK;
  enqueue_mark (self, GST_HTTP_PUSH_BEGIN, self->index);
  if (self->index == 0 || self->active.next_file == GST_HTTP_NEXT_FILE_BUFFER
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER))
    return GST_FLOW_OK;
  return enqueue_headers (self);
}

/* Headers in a row belong to one file. */
static gboolean
begins_file (GstHttpClientSink *self, GstBuffer *buffer)
{
  switch (self->active.next_file) {
    case GST_HTTP_NEXT_FILE_BUFFER:
      return TRUE;
    case GST_HTTP_NEXT_FILE_DISCONT:
      return GST_BUFFER_IS_DISCONT (buffer);
    case GST_HTTP_NEXT_FILE_KEY_FRAME:
      return !self->has_header
          && !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    case GST_HTTP_NEXT_FILE_KEY_UNIT_EVENT:
      return self->is_asked;
    default:
      return FALSE;
  }
}

static GstFlowReturn
gst_http_client_sink_render (GstBaseSink *bsink, GstBuffer *buffer)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (bsink);
  GstFlowReturn flow = GST_FLOW_OK;

  if (gst_buffer_get_size (buffer) == 0)
    return GST_FLOW_OK;
  if (self->is_open && begins_file (self, buffer))
    close_file (self);
  if (!self->is_open)
    flow = open_file (self, buffer);
  if (flow == GST_FLOW_OK)
    flow = enqueue_buffer (self, buffer);
  self->has_header = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER);
  return flow;
}

/* --- events --- */

/* At the end it waits until the server has answered. */
static GstFlowReturn
gst_http_client_sink_wait_event (GstBaseSink *bsink, GstEvent *event)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (bsink);
  GstHttpPushQueue *queue = gst_http_push_get_queue (self->push);
  GstFlowReturn flow = GST_BASE_SINK_CLASS (gst_http_client_sink_parent_class)
                           ->wait_event (bsink, event);

  if (flow != GST_FLOW_OK || GST_EVENT_TYPE (event) != GST_EVENT_EOS)
    return flow;
  close_file (self);
  flow = gst_http_push_queue_wait_finished (queue);
  while (flow == GST_FLOW_FLUSHING) {
    flow = gst_net_pause_wait (&self->pause, GST_BASE_SINK (self));
    if (flow != GST_FLOW_OK)
      break;
    flow = gst_http_push_queue_wait_finished (queue);
  }
  return flow;
}

static void
flush (GstHttpClientSink *self)
{
  if (self->is_open && !self->is_void)
    enqueue_mark (self, GST_HTTP_PUSH_ABORT, 0);
  self->is_open = FALSE;
  gst_http_push_queue_flush (gst_http_push_get_queue (self->push));
}

static void
take_tags (GstHttpClientSink *self, GstEvent *event)
{
  g_autofree gchar *title = NULL;
  GstTagList *tags;

  gst_event_parse_tag (event, &tags);
  title = gst_http_title_from_tags (tags);
  if (title != NULL)
    gst_http_push_set_title (self->push, title);
}

static gboolean
gst_http_client_sink_event (GstBaseSink *bsink, GstEvent *event)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (bsink);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CUSTOM_DOWNSTREAM:
      if (gst_video_event_is_force_key_unit (event))
        self->is_asked = TRUE;
      break;
    case GST_EVENT_TAG:
      take_tags (self, event);
      break;
    case GST_EVENT_FLUSH_STOP:
      flush (self);
      break;
    default:
      break;
  }
  return GST_BASE_SINK_CLASS (gst_http_client_sink_parent_class)
      ->event (bsink, event);
}

static void
set_flushing (GstBaseSink *bsink, gboolean flushing)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (bsink);

  if (self->push != NULL)
    gst_http_push_queue_set_flushing (
        gst_http_push_get_queue (self->push), flushing);
}

static gboolean
gst_http_client_sink_unlock (GstBaseSink *bsink)
{
  gst_net_pause_begin (&GST_HTTP_CLIENT_SINK (bsink)->pause);
  set_flushing (bsink, TRUE);
  return TRUE;
}

static gboolean
gst_http_client_sink_unlock_stop (GstBaseSink *bsink)
{
  set_flushing (bsink, FALSE);
  return TRUE;
}

static GstStateChangeReturn
gst_http_client_sink_change_state (
    GstElement *element, GstStateChange transition)
{
  gst_net_pause_end (&GST_HTTP_CLIENT_SINK (element)->pause, transition);
  return GST_ELEMENT_CLASS (gst_http_client_sink_parent_class)
      ->change_state (element, transition);
}

/* --- class --- */

static void
gst_http_client_sink_finalize (GObject *object)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (object);

  gst_http_push_settings_clear (&self->settings);
  gst_http_push_settings_clear (&self->active);
  g_free (self->caps_type);
  G_OBJECT_CLASS (gst_http_client_sink_parent_class)->finalize (object);
}

static void
gst_http_client_sink_class_init (GstHttpClientSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (
      httpclientsink_debug, "httpclientsink", 0, "HTTP client sink");
  object_class->finalize = gst_http_client_sink_finalize;
  gst_http_client_sink_install_properties (object_class);
  base_class->start = GST_DEBUG_FUNCPTR (gst_http_client_sink_start);
  base_class->stop = GST_DEBUG_FUNCPTR (gst_http_client_sink_stop);
  base_class->set_caps = GST_DEBUG_FUNCPTR (gst_http_client_sink_set_caps);
  base_class->render = GST_DEBUG_FUNCPTR (gst_http_client_sink_render);
  base_class->event = GST_DEBUG_FUNCPTR (gst_http_client_sink_event);
  base_class->wait_event = GST_DEBUG_FUNCPTR (gst_http_client_sink_wait_event);
  base_class->unlock = GST_DEBUG_FUNCPTR (gst_http_client_sink_unlock);
  base_class->unlock_stop =
      GST_DEBUG_FUNCPTR (gst_http_client_sink_unlock_stop);

  element_class->change_state =
      GST_DEBUG_FUNCPTR (gst_http_client_sink_change_state);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "HTTP client sink",
      "Sink/Network", "Upload files and live streams over HTTP",
      "The GStreamer socket plugins authors");
}

static void
gst_http_client_sink_init (GstHttpClientSink *self)
{
  gst_net_retry_init (&self->retry, GST_ELEMENT (self));
  gst_http_client_sink_init_settings (self);
  gst_base_sink_set_sync (GST_BASE_SINK (self), FALSE);
}
