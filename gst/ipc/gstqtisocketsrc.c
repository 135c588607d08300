/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstqtisocketsrc.c: receives buffers of another process without copying them
 *
 * Here: the element: pad, properties, caps, segments, events, state.
 * Not here: the connection (gstipcreceiver.c), the wire.
 *
 * Threads   app: properties, state    streaming: create
 *           io: the receiver's thread, posts messages
 * Locks, in taking order   guards
 *   1. OBJECT_LOCK         settings, the receiver pointer, the latency
 *   2. receiver->lock      see gstipcreceiver.c
 * No lock is held across a pad push, a bus message or a blocking call.
 */

/**
 * SECTION:element-qtisocketsrc
 * @title: qtisocketsrc
 *
 * Receives buffers that `qtisocketsink` in another process hands over by file
 * descriptor. Every memory is mapped at most once a connection, whatever the
 * number of frames; it is read-only, and stays the producer's: it goes back as
 * soon as nothing downstream holds it any more.
 *
 * From Qualcomm's element of that name come raw video, tensors and text, with
 * neither caps nor clock. The caps are made from the buffers; what they do not
 * say (frame rate, memory features) comes from a capsfilter behind, or is
 * left open. Their times are moved so that the first buffer is now.
 *
 * From an element of this plugin everything comes: caps and their changes,
 * segment, tags, flags, metas, gaps. If both processes use the system clock,
 * running times are those of the producer, so that `sync=true` behind shows a
 * frame when the producer's own display would.
 *
 * As Qualcomm's does, it listens at its path and takes one producer at a time;
 * `listen=false` is for a sink that listens. When the producer goes it waits
 * for the next one, unless `on-disconnect` says otherwise.
 *
 * Element messages: `producer-connected`, `producer-lost` (with `reason`),
 * `producer-refused` (with `reason`; at most one a second, `since-last` says for
 * how many), `timeout`.
 *
 * ## Show what another process sends
 * |[
 * gst-launch-1.0 qtisocketsrc socket=/tmp/video.sock ! videoconvert ! autovideosink
 * gst-launch-1.0 videotestsrc ! qtisocketsink socket=/tmp/video.sock
 * ]|
 *
 * ## One of several consumers of a camera
 * |[
 * gst-launch-1.0 qtisocketsrc socket=/tmp/camera.sock listen=false ! videoconvert ! autovideosink
 * ]|
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "../elements.h"
#include "gstipcclock.h"
#include "gstipcelement.h"
#include "gstipcplace.h"
#include "gstipcreceiver.h"

#include <gst/base/gstpushsrc.h>
#include <gst/video/video.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

#define DEFAULT_TIMEOUT_MS 1000

enum
{
  /* After those of gstipcplace.h. */
  PROP_TIMEOUT = GST_IPC_PLACE_N_PROPS,
  PROP_ON_DISCONNECT,
  PROP_STATS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

#define GST_TYPE_FD_SOCKET_SRC (gst_fd_socket_src_get_type ())
G_DECLARE_FINAL_TYPE (
    GstFdSocketSrc, gst_fd_socket_src, GST, FD_SOCKET_SRC, GstPushSrc)

struct _GstFdSocketSrc
{
  GstPushSrc parent;

  /* guarded by OBJECT_LOCK */
  GstIpcPlace place;
  guint64 timeout_ms;
  GstIpcOnDisconnect on_disconnect;
  GstIpcReceiver *receiver;
  GstClockTime latency;

  /* streaming thread only */
  gboolean has_segment;
  gboolean segment_is_own;
  gboolean segment_pushed;
  GstSegment segment;
  GstIpcClockKind peer_clock;
  GstClockTime peer_base_time;
  GstClockTime base_time;
  gboolean discont;
};

/* Qualcomm's is "neural-network/tensors; video/x-raw(ANY); text/x-raw"; from an
 * element of ours anything may come. */
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_FINAL_TYPE (GstFdSocketSrc, gst_fd_socket_src, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE (
    qtisocketsrc, "qtisocketsrc", GST_RANK_PRIMARY, GST_TYPE_FD_SOCKET_SRC)

static GstIpcReceiverSettings
dup_settings (GstFdSocketSrc *self)
{
  GstIpcReceiverSettings settings;

  GST_OBJECT_LOCK (self);
  settings.path = g_strdup (self->place.path);
  settings.listen = self->place.listen;
  settings.socket_mode = self->place.socket_mode;
  settings.peer_uid = gst_ipc_place_get_peer_uid_locked (&self->place);
  settings.dialect = self->place.dialect;
  settings.timeout_ns = self->timeout_ms < G_MAXUINT64 / GST_MSECOND
      ? self->timeout_ms * GST_MSECOND
      : 0;
  GST_OBJECT_UNLOCK (self);
  return settings;
}

static void
reset_stream (GstFdSocketSrc *self)
{
  self->has_segment = FALSE;
  self->segment_pushed = FALSE;
  self->peer_clock = GST_IPC_CLOCK_NONE;
  self->peer_base_time = 0;
}

/* The path stays as it is while the element runs. */
static void
warn_unreachable (gpointer user_data, const gchar *why)
{
  GstFdSocketSrc *self = GST_FD_SOCKET_SRC (user_data);

  gst_ipc_element_warn_unreachable (GST_ELEMENT (self), self->place.path, why);
}

static gboolean
gst_fd_socket_src_start (GstBaseSrc *bsrc)
{
  GstFdSocketSrc *self = GST_FD_SOCKET_SRC (bsrc);
  GstIpcReceiverCallbacks callbacks = {
      gst_ipc_element_post, warn_unreachable, self};
  GstIpcReceiverSettings settings = dup_settings (self);
  g_autofree gchar *path = settings.path;
  g_autoptr (GError) error = NULL;
  GstIpcReceiver *receiver;

  if (!gst_ipc_element_check_path (GST_ELEMENT (self), path))
    return FALSE;
  reset_stream (self);
  self->discont = TRUE;
  receiver = gst_ipc_receiver_new (&settings, &callbacks, &error);
  if (receiver == NULL) {
    gst_ipc_element_post_open_error (GST_ELEMENT (self), path, error);
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  self->receiver = receiver;
  self->latency = 0;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_fd_socket_src_stop (GstBaseSrc *bsrc)
{
  GstFdSocketSrc *self = GST_FD_SOCKET_SRC (bsrc);
  GstIpcReceiver *receiver;

  GST_OBJECT_LOCK (self);
  receiver = g_steal_pointer (&self->receiver);
  GST_OBJECT_UNLOCK (self);
  gst_ipc_receiver_free (receiver);
  return TRUE;
}

static gboolean
gst_fd_socket_src_unlock (GstBaseSrc *bsrc)
{
  gst_ipc_receiver_set_flushing (GST_FD_SOCKET_SRC (bsrc)->receiver, TRUE);
  return TRUE;
}

static gboolean
gst_fd_socket_src_unlock_stop (GstBaseSrc *bsrc)
{
  gst_ipc_receiver_set_flushing (GST_FD_SOCKET_SRC (bsrc)->receiver, FALSE);
  return TRUE;
}

/* Caps come with the stream. */
static gboolean
gst_fd_socket_src_negotiate (GstBaseSrc *bsrc)
{
  return TRUE;
}

/* The producer's time in ours. Both clocks are the same clock of the system, so
 * only the base times differ. */
static void
apply_segment (GstFdSocketSrc *self)
{
  GstSegment segment = self->segment;
  GstClockTime base_time;
  GstIpcClockKind clock =
      gst_ipc_clock_of_element (GST_ELEMENT (self), &base_time);

  if (self->segment_is_own && clock != GST_IPC_CLOCK_NONE
      && clock == self->peer_clock && segment.format == GST_FORMAT_TIME)
    gst_segment_offset_running_time (&segment, GST_FORMAT_TIME,
        (gint64) self->peer_base_time - (gint64) base_time);
  gst_base_src_new_segment (GST_BASE_SRC (self), &segment);
  self->base_time = base_time;
  self->segment_pushed = TRUE;
}

static void
set_segment (GstFdSocketSrc *self, const GstSegment *segment, gboolean is_own)
{
  self->segment = *segment;
  self->has_segment = TRUE;
  self->segment_is_own = is_own;
  self->segment_pushed = FALSE;
}

/* Qualcomm's says nothing of its clock: its first buffer is now. */
static void
make_segment (GstFdSocketSrc *self, GstBuffer *buffer)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (GST_ELEMENT (self));
  GstClockTime base_time = gst_element_get_base_time (GST_ELEMENT (self));
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  if (clock != NULL && GST_BUFFER_PTS_IS_VALID (buffer))
    gst_segment_offset_running_time (&segment, GST_FORMAT_TIME,
        GST_CLOCK_DIFF (
            GST_BUFFER_PTS (buffer), gst_clock_get_time (clock) - base_time));
  set_segment (self, &segment, FALSE);
}

/* What the buffers do not say is taken from downstream, or left open. */
static GstCaps *
close_caps (GstFdSocketSrc *self, GstCaps *open)
{
  g_autoptr (GstCaps) peer =
      gst_pad_peer_query_caps (GST_BASE_SRC_PAD (self), NULL);
  GstCaps *caps = peer == NULL || gst_caps_is_any (peer)
      ? gst_caps_copy (open)
      : gst_caps_intersect_full (open, peer, GST_CAPS_INTERSECT_FIRST);
  GstCapsFeatures *features;
  GstStructure *structure;

  if (gst_caps_is_empty (caps))
    return caps;
  caps = gst_caps_make_writable (gst_caps_truncate (caps));
  structure = gst_caps_get_structure (caps, 0);
  if (gst_structure_has_field (structure, "framerate"))
    gst_structure_fixate_field_nearest_fraction (structure, "framerate", 0, 1);
  features = gst_caps_get_features (caps, 0);
  if (features != NULL && gst_caps_features_is_any (features))
    gst_caps_set_features (caps, 0, NULL);
  return gst_caps_fixate (caps);
}

static gboolean
set_open_caps (GstFdSocketSrc *self, GstCaps *open)
{
  g_autoptr (GstCaps) caps = close_caps (self, open);

  if (!gst_caps_is_empty (caps)
      && gst_base_src_set_caps (GST_BASE_SRC (self), caps))
    return TRUE;
  GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
      (_ ("What the producer at \"%s\" sends does not suit the rest of the "
          "pipeline."),
          self->place.path),
      ("the buffers are %" GST_PTR_FORMAT, open));
  return FALSE;
}

/* Returns GST_FLOW_OK to go on. */
static GstFlowReturn
handle_lost (GstFdSocketSrc *self, const GstIpcItem *item)
{
  GstIpcOnDisconnect todo;

  GST_OBJECT_LOCK (self);
  todo = self->on_disconnect;
  GST_OBJECT_UNLOCK (self);
  gst_ipc_element_post (self,
      gst_structure_new (
          "producer-lost", "reason", G_TYPE_STRING, item->text, NULL));
  reset_stream (self);
  self->discont = TRUE;
  if (todo == GST_IPC_ON_DISCONNECT_EOS)
    return GST_FLOW_EOS;
  if (todo == GST_IPC_ON_DISCONNECT_WAIT)
    return GST_FLOW_OK;
  GST_ELEMENT_ERROR (self, RESOURCE, READ,
      (_ ("The producer at \"%s\" closed the connection."), self->place.path),
      ("%s", item->text));
  return GST_FLOW_ERROR;
}

static GstFlowReturn
handle_malformed (GstFdSocketSrc *self, const GstIpcItem *item)
{
  GST_ELEMENT_WARNING (self, STREAM, DECODE,
      (_ ("The producer at \"%s\" does not follow the protocol; the "
          "connection was closed."),
          self->place.path),
      ("%s", item->text));
  return handle_lost (self, item);
}

static void
push_tags (GstFdSocketSrc *self, const GstIpcItem *item)
{
  GstTagList *tags = gst_tag_list_new_from_string (item->text);

  if (tags == NULL)
    return;
  gst_tag_list_set_scope (tags,
      item->head[0] == GST_TAG_SCOPE_GLOBAL ? GST_TAG_SCOPE_GLOBAL
                                            : GST_TAG_SCOPE_STREAM);
  gst_pad_push_event (GST_BASE_SRC_PAD (self), gst_event_new_tag (tags));
}

static void
push_stream_start (GstFdSocketSrc *self, const GstIpcItem *item)
{
  GstEvent *event = gst_event_new_stream_start (item->text);

  gst_event_set_stream_flags (event, item->head[0]);
  gst_event_set_group_id (event, gst_util_group_id_next ());
  gst_pad_push_event (GST_BASE_SRC_PAD (self), event);
}

/* A gap needs the segment before it, which the base class only sends with the
 * next buffer. */
static void
push_gap (GstFdSocketSrc *self, const GstIpcItem *item)
{
  GstSegment segment;

  if (!GST_CLOCK_TIME_IS_VALID (item->first) || !self->has_segment)
    return;
  if (!self->segment_pushed)
    apply_segment (self);
  GST_OBJECT_LOCK (self);
  segment = GST_BASE_SRC (self)->segment;
  GST_OBJECT_UNLOCK (self);
  gst_pad_push_event (
      GST_BASE_SRC_PAD (self), gst_event_new_segment (&segment));
  gst_pad_push_event (
      GST_BASE_SRC_PAD (self), gst_event_new_gap (item->first, item->second));
}

static void
push_custom (GstFdSocketSrc *self, const GstIpcItem *item)
{
  GstStructure *structure = gst_structure_from_string (item->text, NULL);

  if (structure != NULL)
    gst_pad_push_event (GST_BASE_SRC_PAD (self),
        gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM, structure));
}

static void
set_latency (GstFdSocketSrc *self, GstClockTime latency)
{
  GST_OBJECT_LOCK (self);
  self->latency = GST_CLOCK_TIME_IS_VALID (latency) ? latency : 0;
  GST_OBJECT_UNLOCK (self);
  gst_element_post_message (
      GST_ELEMENT (self), gst_message_new_latency (GST_OBJECT (self)));
}

static void
set_peer_clock (GstFdSocketSrc *self, const GstIpcItem *item)
{
  self->peer_clock = item->first;
  self->peer_base_time = item->second;
  self->segment_pushed = FALSE;
}

static void
handle_event (GstFdSocketSrc *self, const GstIpcItem *item)
{
  switch (item->kind) {
    case GST_IPC_ITEM_STREAM_START:
      return push_stream_start (self, item);
    case GST_IPC_ITEM_CAPS:
      gst_base_src_set_caps (GST_BASE_SRC (self), item->caps);
      return;
    case GST_IPC_ITEM_SEGMENT:
      return set_segment (self, &item->segment, TRUE);
    case GST_IPC_ITEM_CLOCK:
      return set_peer_clock (self, item);
    case GST_IPC_ITEM_LATENCY:
      return set_latency (self, item->first);
    case GST_IPC_ITEM_TAG:
      return push_tags (self, item);
    case GST_IPC_ITEM_GAP:
      return push_gap (self, item);
    case GST_IPC_ITEM_EVENT:
      return push_custom (self, item);
    case GST_IPC_ITEM_SILENCE:
      gst_ipc_element_post (self, gst_structure_new_empty ("timeout"));
      return;
    default:
      return;
  }
}

static GstFlowReturn
take_buffer (GstFdSocketSrc *self, GstIpcItem *item, GstBuffer **ret_buffer)
{
  if (item->kind == GST_IPC_ITEM_OPEN_CAPS && item->caps != NULL
      && !set_open_caps (self, item->caps))
    return GST_FLOW_NOT_NEGOTIATED;
  if (!item->own && (!self->has_segment || self->segment_is_own))
    make_segment (self, item->buffer);
  /* It changes with the state, and at a pipeline's will. */
  if (self->base_time != gst_element_get_base_time (GST_ELEMENT (self)))
    self->segment_pushed = FALSE;
  if (self->has_segment && !self->segment_pushed)
    apply_segment (self);
  if (self->discont)
    GST_BUFFER_FLAG_SET (item->buffer, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;
  *ret_buffer = g_steal_pointer (&item->buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
gst_fd_socket_src_create (GstPushSrc *psrc, GstBuffer **ret_buffer)
{
  GstFdSocketSrc *self = GST_FD_SOCKET_SRC (psrc);
  GstFlowReturn ret = GST_FLOW_OK;

  while (ret == GST_FLOW_OK) {
    g_auto (GstIpcItem) item;

    gst_ipc_receiver_next (self->receiver, &item);
    switch (item.kind) {
      case GST_IPC_ITEM_FLUSHING:
        return GST_FLOW_FLUSHING;
      case GST_IPC_ITEM_BUFFER:
      case GST_IPC_ITEM_OPEN_CAPS:
        return take_buffer (self, &item, ret_buffer);
      case GST_IPC_ITEM_EOS:
        return GST_FLOW_EOS;
      case GST_IPC_ITEM_LOST:
        ret = handle_lost (self, &item);
        break;
      case GST_IPC_ITEM_MALFORMED:
        ret = handle_malformed (self, &item);
        break;
      default:
        handle_event (self, &item);
        break;
    }
  }
  return ret;
}

static gboolean
answer_latency (GstFdSocketSrc *self, GstQuery *query)
{
  GST_OBJECT_LOCK (self);
  gst_query_set_latency (query, TRUE, self->latency, GST_CLOCK_TIME_NONE);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_fd_socket_src_query (GstBaseSrc *bsrc, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return answer_latency (GST_FD_SOCKET_SRC (bsrc), query);
  return GST_BASE_SRC_CLASS (gst_fd_socket_src_parent_class)
      ->query (bsrc, query);
}

static gboolean
gst_fd_socket_src_event (GstBaseSrc *bsrc, GstEvent *event)
{
  GstFdSocketSrc *self = GST_FD_SOCKET_SRC (bsrc);
  GstClockTime latency;
  gboolean handled = FALSE;

  GST_OBJECT_LOCK (self);
  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM
      && gst_event_get_structure (event) != NULL && self->receiver != NULL) {
    gst_ipc_receiver_send_upstream (
        self->receiver, gst_event_get_structure (event));
    handled = TRUE;
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_LATENCY
      && self->receiver != NULL) {
    gst_event_parse_latency (event, &latency);
    gst_ipc_receiver_send_latency (self->receiver, latency);
  }
  GST_OBJECT_UNLOCK (self);
  if (handled)
    return TRUE;
  return GST_BASE_SRC_CLASS (gst_fd_socket_src_parent_class)
      ->event (bsrc, event);
}

static void
set_idle (GstFdSocketSrc *self, gboolean idle)
{
  GST_OBJECT_LOCK (self);
  if (self->receiver != NULL)
    gst_ipc_receiver_set_idle (self->receiver, idle);
  GST_OBJECT_UNLOCK (self);
}

static GstStateChangeReturn
gst_fd_socket_src_change_state (GstElement *element, GstStateChange transition)
{
  GstFdSocketSrc *self = GST_FD_SOCKET_SRC (element);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    set_idle (self, FALSE);
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    set_idle (self, TRUE);
  return GST_ELEMENT_CLASS (gst_fd_socket_src_parent_class)
      ->change_state (element, transition);
}

static void
gst_fd_socket_src_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstFdSocketSrc *self = GST_FD_SOCKET_SRC (object);

  if (gst_ipc_place_set_property (&self->place, GST_ELEMENT (self), id, value))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_TIMEOUT:
      self->timeout_ms = g_value_get_uint64 (value);
      break;
    case PROP_ON_DISCONNECT:
      self->on_disconnect = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_fd_socket_src_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstFdSocketSrc *self = GST_FD_SOCKET_SRC (object);

  if (gst_ipc_place_get_property (&self->place, GST_ELEMENT (self), id, value))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_TIMEOUT:
      g_value_set_uint64 (value, self->timeout_ms);
      break;
    case PROP_ON_DISCONNECT:
      g_value_set_enum (value, self->on_disconnect);
      break;
    case PROP_STATS:
      g_value_take_boxed (value,
          self->receiver != NULL ? gst_ipc_receiver_get_stats (self->receiver)
                                 : gst_structure_new_empty ("stats"));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
make_properties (void)
{
  gst_ipc_place_make_properties (props);
  props[PROP_TIMEOUT] = g_param_spec_uint64 ("timeout", "Timeout",
      "Milliseconds without any data after which an element message says so, "
      "once (0 = never); the stream goes on",
      0, G_MAXUINT64, DEFAULT_TIMEOUT_MS, GST_IPC_READY_FLAGS);
  props[GST_IPC_PLACE_LISTEN] = g_param_spec_boolean ("listen", "Listen",
      "Listen for a producer, as Qualcomm's element does; turn it off to "
      "connect to a qtisocketsink that has listen=true",
      TRUE, GST_IPC_READY_FLAGS);
  props[GST_IPC_PLACE_DIALECT] = g_param_spec_enum ("dialect", "Dialect",
      "How the producer frames its messages; it is found out by default, "
      "change it only for a producer that is not recognised",
      GST_TYPE_IPC_DIALECT, GST_IPC_DIALECT_AUTO, GST_IPC_READY_FLAGS);
  props[PROP_ON_DISCONNECT] = g_param_spec_enum ("on-disconnect",
      "On disconnect",
      "What to do when the producer goes without an EOS; change it to eos or "
      "error where nobody restarts producers",
      GST_TYPE_IPC_ON_DISCONNECT, GST_IPC_ON_DISCONNECT_WAIT,
      GST_IPC_READY_FLAGS | GST_PARAM_MUTABLE_PLAYING);
  props[GST_IPC_PLACE_PEER_UID] = g_param_spec_int64 ("peer-uid", "Peer UID",
      "Only take buffers from processes of this user (-1 = any that the "
      "file's permissions let in, or with unix-abstract: this user)",
      -1, G_MAXUINT32, -1, GST_IPC_READY_FLAGS);
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Statistics",
      "Figures: frames, bytes, dropped, descriptors, descriptors-held, "
      "connected, malformed, refused, is-connected",
      GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
gst_fd_socket_src_finalize (GObject *object)
{
  gst_ipc_place_clear (&GST_FD_SOCKET_SRC (object)->place);
  G_OBJECT_CLASS (gst_fd_socket_src_parent_class)->finalize (object);
}

static void
set_vfuncs (GstFdSocketSrcClass *klass)
{
  GstBaseSrcClass *src_class = GST_BASE_SRC_CLASS (klass);

  GST_ELEMENT_CLASS (klass)->change_state = gst_fd_socket_src_change_state;
  GST_PUSH_SRC_CLASS (klass)->create = gst_fd_socket_src_create;
  src_class->start = gst_fd_socket_src_start;
  src_class->stop = gst_fd_socket_src_stop;
  src_class->unlock = gst_fd_socket_src_unlock;
  src_class->unlock_stop = gst_fd_socket_src_unlock_stop;
  src_class->negotiate = gst_fd_socket_src_negotiate;
  src_class->query = gst_fd_socket_src_query;
  src_class->event = gst_fd_socket_src_event;
}

static void
gst_fd_socket_src_class_init (GstFdSocketSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_fd_socket_src_set_property;
  object_class->get_property = gst_fd_socket_src_get_property;
  object_class->finalize = gst_fd_socket_src_finalize;
  set_vfuncs (klass);
  make_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "QTI Socket Source Element", "Socket Source Element",
      "Receives buffers of other processes by file descriptor",
      "The GStreamer socket plugin developers");
  gst_type_mark_as_plugin_api (GST_TYPE_IPC_ON_DISCONNECT, 0);
}

static void
gst_fd_socket_src_init (GstFdSocketSrc *self)
{
  gst_ipc_place_init (&self->place, TRUE);
  self->timeout_ms = DEFAULT_TIMEOUT_MS;
  self->on_disconnect = GST_IPC_ON_DISCONNECT_WAIT;
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}
