/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstqtisocketsink.c: hands buffers to other processes without copying them
 *
 * Here: the element: pad, properties, events, state.
 * Not here: consumers and their connections (gstipcproducer.c), the wire.
 *
 * Threads   app: properties, state    streaming: render, events
 *           io: the producer's thread, posts messages, sends events upstream
 * Locks, in taking order   guards
 *   1. OBJECT_LOCK         settings, the producer pointer
 *   2. producer->lock      see gstipcproducer.c
 * No lock is held across a pad push, a bus message or a blocking call.
 */

/**
 * SECTION:element-qtisocketsink
 * @title: qtisocketsink
 *
 * Sends buffers to other processes on the same machine by passing their file
 * descriptors over a UNIX socket: a frame costs the same whatever its size.
 *
 * On the wire it speaks the protocol of Qualcomm's element of this name, so
 * either end works with the original, which carries raw video, tensors and
 * text. With #GstElement `qtisocketsrc` of this plugin at the other end
 * everything travels: any caps and their changes, segment, tags, flags, metas,
 * gaps; keyframe requests and latency go the other way.
 *
 * As Qualcomm's does, it connects to a `qtisocketsrc` that listens at #GstFdSocketSink:socket,
 * again and again until there is one. With `listen=true` the roles are turned
 * round: it listens and serves any number of `qtisocketsrc listen=false`.
 *
 * Memory that other processes can map (dmabuf, memfd) goes as it is. Anything
 * else is copied once; upstream is offered an allocator that makes the copy
 * unnecessary. With `listen=true` only this process can write into memory of
 * that allocator, so that no consumer spoils what the others see.
 *
 * Each consumer holds at most `max-outstanding` buffers. One that is slower
 * than the stream gets the newest frame whenever it gives one back
 * (`policy=newest`), or slows the stream down (`policy=block`). When consumers
 * hold nearly all of a pool of limited size, frames are copied, so that no
 * consumer, stopped or dead, stops a camera.
 *
 * Element messages: `consumer-connected`, `consumer-lost` (with `reason`),
 * `consumer-refused` (with `reason`; at most one a second, `since-last` says for
 * how many), `frames-dropped` (at most one a second and consumer),
 * `no-consumer`.
 *
 * ## One camera, several processes
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,format=NV12,width=1280,height=720 ! qtisocketsink socket=/tmp/camera.sock listen=true
 * gst-launch-1.0 qtisocketsrc socket=/tmp/camera.sock listen=false ! videoconvert ! autovideosink
 * ]|
 *
 * ## To Qualcomm's element, or in its roles
 * |[
 * gst-launch-1.0 qtisocketsrc socket=/tmp/video.sock ! video/x-raw,framerate=30/1 ! videoconvert ! autovideosink
 * gst-launch-1.0 videotestsrc ! video/x-raw,format=NV12 ! qtisocketsink socket=/tmp/video.sock
 * ]|
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "../elements.h"
#include "gstipcclock.h"
#include "gstipcelement.h"
#include "gstipcplace.h"
#include "gstipcproducer.h"

#include <gst/base/gstbasesink.h>
#include <gst/video/video.h>

GST_DEBUG_CATEGORY (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

#define DEFAULT_MAX_OUTSTANDING 8
#define DEFAULT_MAX_CLIENTS 64
#define DEFAULT_CLIENT_TIMEOUT (10 * GST_SECOND)

enum
{
  /* After those of gstipcplace.h. */
  PROP_MAX_OUTSTANDING = GST_IPC_PLACE_N_PROPS,
  PROP_MAX_CLIENTS,
  PROP_POLICY,
  PROP_CLIENT_TIMEOUT,
  PROP_WAIT_FOR_CONNECTION,
  PROP_TOTALS,
  PROP_CLIENTS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

#define GST_TYPE_FD_SOCKET_SINK (gst_fd_socket_sink_get_type ())
G_DECLARE_FINAL_TYPE (
    GstFdSocketSink, gst_fd_socket_sink, GST, FD_SOCKET_SINK, GstBaseSink)

struct _GstFdSocketSink
{
  GstBaseSink parent;

  /* guarded by OBJECT_LOCK */
  GstIpcPlace place;
  /* but for what place says, which comes in at the start */
  GstIpcProducerSettings settings;
  GstIpcProducer *producer;

  /* streaming thread only: what consumers know */
  GstClockTime base_time;
};

/* Qualcomm's is "neural-network/tensors; video/x-raw(ANY); text/x-raw"; with an
 * element of ours at the other end anything goes. */
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_FINAL_TYPE (GstFdSocketSink, gst_fd_socket_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (qtisocketsink, "qtisocketsink",
    GST_RANK_PRIMARY, GST_TYPE_FD_SOCKET_SINK,
    GST_DEBUG_CATEGORY_INIT (
        gst_ipc_debug, "qtisocket", 0, "buffers between processes"))

static void
warn_user (gpointer user_data, const gchar *what, const gchar *why)
{
  GstFdSocketSink *self = GST_FD_SOCKET_SINK (user_data);
  g_autofree gchar *path = NULL;

  g_object_get (self, "socket", &path, NULL);
  if (g_str_equal (what, "unreachable"))
    gst_ipc_element_warn_unreachable (GST_ELEMENT (self), path, why);
  else if (g_str_equal (what, "malformed"))
    GST_ELEMENT_WARNING (self, STREAM, DECODE,
        (_ ("A consumer at \"%s\" does not follow the protocol; the "
            "connection was closed."),
            path),
        ("%s", why));
  else
    GST_ELEMENT_WARNING (self, STREAM, FORMAT,
        (_ ("The consumer at \"%s\" cannot take all of the stream."), path),
        ("%s", why));
}

static void
send_upstream (gpointer user_data, GstStructure *structure)
{
  gst_pad_push_event (GST_BASE_SINK_PAD (user_data),
      gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, structure));
}

static GstIpcProducerSettings
dup_settings (GstFdSocketSink *self)
{
  GstIpcProducerSettings settings;

  GST_OBJECT_LOCK (self);
  settings = self->settings;
  settings.path = g_strdup (self->place.path);
  settings.listen = self->place.listen;
  settings.socket_mode = self->place.socket_mode;
  settings.peer_uid = gst_ipc_place_get_peer_uid_locked (&self->place);
  settings.is_legacy = self->place.dialect == GST_IPC_DIALECT_LEGACY;
  GST_OBJECT_UNLOCK (self);
  return settings;
}

static gboolean
gst_fd_socket_sink_start (GstBaseSink *bsink)
{
  GstFdSocketSink *self = GST_FD_SOCKET_SINK (bsink);
  GstIpcProducerCallbacks callbacks = {
      gst_ipc_element_post, warn_user, send_upstream, self};
  GstIpcProducerSettings settings = dup_settings (self);
  g_autofree gchar *path = settings.path;
  g_autoptr (GError) error = NULL;
  GstIpcProducer *producer;

  if (!gst_ipc_element_check_path (GST_ELEMENT (self), path))
    return FALSE;
  producer = gst_ipc_producer_new (&settings, &callbacks, &error);
  if (producer == NULL) {
    gst_ipc_element_post_open_error (GST_ELEMENT (self), path, error);
    return FALSE;
  }
  self->base_time = GST_CLOCK_TIME_NONE;
  GST_OBJECT_LOCK (self);
  self->producer = producer;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_fd_socket_sink_stop (GstBaseSink *bsink)
{
  GstFdSocketSink *self = GST_FD_SOCKET_SINK (bsink);
  GstIpcProducer *producer;

  GST_OBJECT_LOCK (self);
  producer = g_steal_pointer (&self->producer);
  GST_OBJECT_UNLOCK (self);
  gst_ipc_producer_free (producer);
  return TRUE;
}

static gboolean
gst_fd_socket_sink_unlock (GstBaseSink *bsink)
{
  gst_ipc_producer_set_flushing (GST_FD_SOCKET_SINK (bsink)->producer, TRUE);
  return TRUE;
}

static gboolean
gst_fd_socket_sink_unlock_stop (GstBaseSink *bsink)
{
  gst_ipc_producer_set_flushing (GST_FD_SOCKET_SINK (bsink)->producer, FALSE);
  return TRUE;
}

/* What upstream needs until a frame is here: the base class leaves it out of
 * the pipeline's latency as long as frames are not synchronised. */
static void
update_latency (GstFdSocketSink *self)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  GstClockTime min = 0;
  gboolean live;

  if (gst_pad_peer_query (GST_BASE_SINK_PAD (self), query))
    gst_query_parse_latency (query, &live, &min, NULL);
  GST_OBJECT_LOCK (self);
  if (self->producer != NULL)
    gst_ipc_producer_set_latency (self->producer, min);
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_fd_socket_sink_set_caps (GstBaseSink *bsink, GstCaps *caps)
{
  gst_ipc_producer_set_caps (GST_FD_SOCKET_SINK (bsink)->producer, caps);
  update_latency (GST_FD_SOCKET_SINK (bsink));
  return TRUE;
}

static gboolean
gst_fd_socket_sink_event (GstBaseSink *bsink, GstEvent *event)
{
  GstFdSocketSink *self = GST_FD_SOCKET_SINK (bsink);

  gst_ipc_producer_push_event (self->producer, event);
  return GST_BASE_SINK_CLASS (gst_fd_socket_sink_parent_class)
      ->event (bsink, event);
}

/* Consumers are told before the frame that it is about. A pipeline may choose
 * another base time without a change of the element's state. */
static void
update_clock (GstFdSocketSink *self)
{
  GstClockTime base_time = gst_element_get_base_time (GST_ELEMENT (self));
  GstIpcClockKind kind;

  if (base_time == self->base_time)
    return;
  kind = gst_ipc_clock_of_element (GST_ELEMENT (self), &self->base_time);
  gst_ipc_producer_set_clock (self->producer, kind, self->base_time);
}

static void
post_no_memory (GstFdSocketSink *self, gsize size)
{
  g_autofree gchar *text = g_format_size (size);

  GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT,
      (_ ("No shared memory left for a buffer of %s."), text),
      ("memfd_create or ftruncate failed"));
}

/* A change of state needs the preroll lock, so it is not held meanwhile, as the
 * base class does when it waits for the clock. A pause ends the waiting, not
 * the buffer. */
static GstFlowReturn
wait_as_asked (GstFdSocketSink *self, GstBuffer *buffer, GstIpcWait reason)
{
  GstBaseSink *bsink = GST_BASE_SINK (self);
  GstFlowReturn ret = GST_FLOW_OK;
  guint64 serial;

  while (ret == GST_FLOW_OK
      && gst_ipc_producer_has_to_wait (self->producer, reason, &serial)) {
    GST_BASE_SINK_PREROLL_UNLOCK (bsink);
    gst_ipc_producer_wait (self->producer, reason, serial);
    GST_BASE_SINK_PREROLL_LOCK (bsink);
    ret = bsink->flushing
        ? GST_FLOW_FLUSHING
        : gst_base_sink_do_preroll (bsink, GST_MINI_OBJECT_CAST (buffer));
  }
  return ret;
}

static GstFlowReturn
gst_fd_socket_sink_render (GstBaseSink *bsink, GstBuffer *buffer)
{
  GstFdSocketSink *self = GST_FD_SOCKET_SINK (bsink);
  GstFlowReturn ret = wait_as_asked (self, buffer, GST_IPC_WAIT_TO_RENDER);

  if (ret != GST_FLOW_OK)
    return ret;
  update_clock (self);
  ret = gst_ipc_producer_render (self->producer, buffer);
  if (ret == GST_FLOW_ERROR)
    post_no_memory (self, gst_buffer_get_size (buffer));
  if (ret == GST_FLOW_OK)
    ret = wait_as_asked (self, buffer, GST_IPC_WAIT_FOR_POOL);
  return ret;
}

/* Upstream may use a pool of its own with our allocator; the pool offered is
 * for those that have none. */
static GstBufferPool *
new_pool (GstCaps *caps, guint size, GstAllocator *allocator)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  gboolean is_video = gst_structure_has_name (structure, "video/x-raw");
  GstBufferPool *pool =
      is_video ? gst_video_buffer_pool_new () : gst_buffer_pool_new ();
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, caps, size, 2, 0);
  gst_buffer_pool_config_set_allocator (config, allocator, NULL);
  if (is_video)
    gst_buffer_pool_config_add_option (
        config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  if (!gst_buffer_pool_set_config (pool, config))
    gst_clear_object (&pool);
  return pool;
}

static gboolean
gst_fd_socket_sink_propose_allocation (GstBaseSink *bsink, GstQuery *query)
{
  GstAllocator *allocator =
      gst_ipc_producer_get_allocator (GST_FD_SOCKET_SINK (bsink)->producer);
  g_autoptr (GstBufferPool) pool = NULL;
  gboolean needs_pool;
  GstVideoInfo info;
  GstCaps *caps;

  gst_query_parse_allocation (query, &caps, &needs_pool);
  gst_query_add_allocation_param (query, allocator, NULL);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  if (caps == NULL || !gst_video_info_from_caps (&info, caps)
      || GST_VIDEO_INFO_SIZE (&info) == 0)
    return TRUE;
  if (needs_pool)
    pool = new_pool (caps, GST_VIDEO_INFO_SIZE (&info), allocator);
  gst_query_add_allocation_pool (
      query, pool, GST_VIDEO_INFO_SIZE (&info), 2, 0);
  return TRUE;
}

static gboolean
gst_fd_socket_sink_send_event (GstElement *element, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_LATENCY)
    update_latency (GST_FD_SOCKET_SINK (element));
  return GST_ELEMENT_CLASS (gst_fd_socket_sink_parent_class)
      ->send_event (element, event);
}

/* Who waits has not prerolled, and could do so now. */
static void
interrupt (GstFdSocketSink *self)
{
  GST_OBJECT_LOCK (self);
  if (self->producer != NULL)
    gst_ipc_producer_interrupt (self->producer);
  GST_OBJECT_UNLOCK (self);
}

static GstStateChangeReturn
gst_fd_socket_sink_change_state (GstElement *element, GstStateChange transition)
{
  GstStateChangeReturn ret = GST_ELEMENT_CLASS (gst_fd_socket_sink_parent_class)
                                 ->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    interrupt (GST_FD_SOCKET_SINK (element));
  return ret;
}

static void
gst_fd_socket_sink_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstFdSocketSink *self = GST_FD_SOCKET_SINK (object);
  GstIpcProducerSettings *settings = &self->settings;

  if (gst_ipc_place_set_property (&self->place, GST_ELEMENT (self), id, value))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_MAX_OUTSTANDING:
      settings->max_outstanding = g_value_get_uint (value);
      break;
    case PROP_MAX_CLIENTS:
      settings->max_clients = g_value_get_uint (value);
      break;
    case PROP_POLICY:
      settings->policy = g_value_get_enum (value);
      break;
    case PROP_CLIENT_TIMEOUT:
      settings->client_timeout_ns = g_value_get_uint64 (value);
      break;
    case PROP_WAIT_FOR_CONNECTION:
      settings->wait_for_connection = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* Figures of the moment; empty when stopped. */
static void
get_figures_locked (GstFdSocketSink *self, guint id, GValue *value)
{
  if (id == PROP_TOTALS)
    g_value_take_boxed (value,
        self->producer != NULL ? gst_ipc_producer_get_totals (self->producer)
                               : gst_structure_new_empty ("totals"));
  else if (self->producer != NULL)
    gst_ipc_producer_describe_clients (self->producer, value);
}

static void
gst_fd_socket_sink_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstFdSocketSink *self = GST_FD_SOCKET_SINK (object);
  GstIpcProducerSettings *settings = &self->settings;

  if (gst_ipc_place_get_property (&self->place, GST_ELEMENT (self), id, value))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_MAX_OUTSTANDING:
      g_value_set_uint (value, settings->max_outstanding);
      break;
    case PROP_MAX_CLIENTS:
      g_value_set_uint (value, settings->max_clients);
      break;
    case PROP_POLICY:
      g_value_set_enum (value, settings->policy);
      break;
    case PROP_CLIENT_TIMEOUT:
      g_value_set_uint64 (value, settings->client_timeout_ns);
      break;
    case PROP_WAIT_FOR_CONNECTION:
      g_value_set_boolean (value, settings->wait_for_connection);
      break;
    case PROP_TOTALS:
    case PROP_CLIENTS:
      get_figures_locked (self, id, value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

#define FIGURE_FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static void
make_connection_properties (void)
{
  gst_ipc_place_make_properties (props);
  props[GST_IPC_PLACE_LISTEN] = g_param_spec_boolean ("listen", "Listen",
      "Listen for any number of consumers, instead of connecting to one as "
      "Qualcomm's element does; they then need listen=false",
      FALSE, GST_IPC_READY_FLAGS);
  props[GST_IPC_PLACE_DIALECT] = g_param_spec_enum ("dialect", "Dialect",
      "How messages are framed for a consumer that is not one of ours; "
      "change it to legacy for one from before 2025-09",
      GST_TYPE_IPC_DIALECT, GST_IPC_DIALECT_AUTO, GST_IPC_READY_FLAGS);
  props[GST_IPC_PLACE_PEER_UID] = g_param_spec_int64 ("peer-uid", "Peer UID",
      "Only exchange buffers with processes of this user (-1 = any that the "
      "file's permissions let in, or with unix-abstract: this user)",
      -1, G_MAXUINT32, -1, GST_IPC_READY_FLAGS);
  props[PROP_WAIT_FOR_CONNECTION] =
      g_param_spec_boolean ("wait-for-connection", "Wait for connection",
          "Hold the stream until there is a consumer, instead of dropping what "
          "nobody takes; for files, not for cameras",
          FALSE, GST_IPC_READY_FLAGS);
}

static void
make_flow_properties (void)
{
  props[PROP_MAX_OUTSTANDING] = g_param_spec_uint ("max-outstanding",
      "Max outstanding",
      "Buffers that one consumer may hold at a time; raise it for consumers "
      "that keep many, like encoders with look-ahead",
      1, 256, DEFAULT_MAX_OUTSTANDING, GST_IPC_READY_FLAGS);
  props[PROP_MAX_CLIENTS] = g_param_spec_uint ("max-clients", "Max clients",
      "Consumers at a time when listening; others are refused", 1, 1024,
      DEFAULT_MAX_CLIENTS, GST_IPC_READY_FLAGS);
  props[PROP_POLICY] = g_param_spec_enum ("policy", "Policy",
      "What happens to a frame for a consumer that holds max-outstanding; "
      "change it to block when no frame may be lost",
      GST_TYPE_IPC_POLICY, GST_IPC_POLICY_NEWEST, GST_IPC_READY_FLAGS);
  props[PROP_CLIENT_TIMEOUT] = g_param_spec_uint64 ("client-timeout",
      "Client timeout",
      "Nanoseconds after which a consumer that gives nothing back is dropped "
      "when listening (0 = never); raise it for consumers that may pause",
      0, G_MAXUINT64, DEFAULT_CLIENT_TIMEOUT, GST_IPC_READY_FLAGS);
  props[PROP_TOTALS] = g_param_spec_boxed ("totals", "Totals",
      "Figures over all consumers: frames, dropped, unsent, copied-bytes, "
      "metas-left-out, outstanding, bad-returns, consumers, connected, lost",
      GST_TYPE_STRUCTURE, FIGURE_FLAGS);
  props[PROP_CLIENTS] =
      gst_param_spec_array ("clients", "Clients", "Figures of each consumer",
          g_param_spec_boxed ("client", "Client", "Figures of a consumer",
              GST_TYPE_STRUCTURE, FIGURE_FLAGS),
          FIGURE_FLAGS);
}

static void
gst_fd_socket_sink_finalize (GObject *object)
{
  gst_ipc_place_clear (&GST_FD_SOCKET_SINK (object)->place);
  G_OBJECT_CLASS (gst_fd_socket_sink_parent_class)->finalize (object);
}

static void
set_vfuncs (GstFdSocketSinkClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *sink_class = GST_BASE_SINK_CLASS (klass);

  element_class->change_state = gst_fd_socket_sink_change_state;
  element_class->send_event = gst_fd_socket_sink_send_event;
  sink_class->start = gst_fd_socket_sink_start;
  sink_class->stop = gst_fd_socket_sink_stop;
  sink_class->unlock = gst_fd_socket_sink_unlock;
  sink_class->unlock_stop = gst_fd_socket_sink_unlock_stop;
  sink_class->set_caps = gst_fd_socket_sink_set_caps;
  sink_class->event = gst_fd_socket_sink_event;
  sink_class->render = gst_fd_socket_sink_render;
  sink_class->propose_allocation = gst_fd_socket_sink_propose_allocation;
}

static void
gst_fd_socket_sink_class_init (GstFdSocketSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_fd_socket_sink_set_property;
  object_class->get_property = gst_fd_socket_sink_get_property;
  object_class->finalize = gst_fd_socket_sink_finalize;
  set_vfuncs (klass);
  make_connection_properties ();
  make_flow_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class,
      "QTI Socket Sink Element", "Socket Sink Element",
      "Sends buffers to other processes by file descriptor",
      "The GStreamer socket plugin developers");
  gst_type_mark_as_plugin_api (GST_TYPE_IPC_DIALECT, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_IPC_POLICY, 0);
}

/* Frames go as soon as they are there, as with the original; a user who sets
 * sync=true gets it. The last one is not kept: a pool of limited size would
 * have one less. */
static void
gst_fd_socket_sink_init (GstFdSocketSink *self)
{
  gst_ipc_place_init (&self->place, FALSE);
  self->settings.max_outstanding = DEFAULT_MAX_OUTSTANDING;
  self->settings.max_clients = DEFAULT_MAX_CLIENTS;
  self->settings.client_timeout_ns = DEFAULT_CLIENT_TIMEOUT;
  gst_base_sink_set_sync (GST_BASE_SINK (self), FALSE);
  gst_base_sink_set_last_sample_enabled (GST_BASE_SINK (self), FALSE);
}
