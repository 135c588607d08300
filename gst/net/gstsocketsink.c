/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketsink.c: sends to a socket named by a URI
 *
 * Here: the element. Not here: connecting and sending (gstnetsender.c),
 * listening and serving (gstnetfanout.c).
 *
 * Threads   app: properties, actions, states     streaming: render
 *           acceptor, worker: signals of a sink that listens
 * Locks, in taking order    guards
 *   1. PREROLL_LOCK           held by the base class around render; not at
 *                             the end of the stream
 *   2. OBJECT_LOCK            settings
 * No lock of ours is held across a signal, a bus message, a property notify or
 * a blocking call.
 */
/**
 * SECTION:element-socketsink
 * @title: socketsink
 * @see_also: socketsrc, tcpclientsink, tcpserversink, multisocketsink
 *
 * Connects to what #GstSocketSink:uri names and sends the stream to it:
 *
 * * `tcp://host:port`, `unix:///path`, `unix-abstract:name`: as a stream of
 *   bytes; with `type=seqpacket`, a message a buffer
 * * `udp://host:port`, `udp://group:port?iface=eth0&ttl=8`,
 *   `unix:///path?type=datagram`: a datagram a buffer, or several, see
 *   #GstSocketSink:packet-size; those of a buffer list go out in few system
 *   calls
 *
 * ## Example
 * |[
 * gst-launch-1.0 videotestsrc ! x264enc tune=zerolatency ! mpegtsmux alignment=7 ! socketsink uri="udp://239.255.0.1:5004?ttl=1"
 * ]|
 *
 * The connection is made on the way to READY, which waits for it. With
 * #GstSocketSink:reconnect it is made in the background, again whenever it was
 * lost; #GstSocketSink:leaky says what becomes of the stream meanwhile. The
 * element messages "GstSocketConnected", "GstSocketLost" and
 * "GstSocketRetrying" tell about it. A datagram that nobody takes is dropped.
 * What is dropped is counted in #GstSocketSink:buffers-dropped and told by the
 * element message "GstSocketDropped", at most once a second, with the fields
 * `peer`, `dropped` (since the last message) and `buffers-dropped` (so far).
 *
 * ## Listening
 * With `?listen=true` it is the other way round: the sink waits for others, any
 * number of them, at `tcp://host:port`, `unix:///path` or `unix-abstract:name`,
 * and sends the stream to each, as tcpserversink does. No client holds the
 * stream or another client up. Where one starts is said by
 * #GstSocketSink:sync-method, what becomes of one that lags by
 * #GstSocketSink:units-soft-max, #GstSocketSink:recover-policy and others,
 * with the names and meanings of multisocketsink; #GstSocketSink:reconnect and
 * #GstSocketSink:leaky mean nothing then. As long as nobody is there, the
 * stream runs on unseen. A client that lags is told of by the element message
 * "client-slow", and #GstSocketSink:buffers-dropped counts what was skipped for
 * it. With port 0 the system chooses one:
 * #GstSocketSink:current-port.
 *
 * At the end of the stream every client gets what is still queued for it and is
 * let go then; the sink waits for them, but not for those that do not read, see
 * #GstSocketSink:drain-timeout. Who connects afterwards is let go at once.
 *
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! mpegtsmux alignment=7 ! socketsink uri="unix:///tmp/camera?listen=true" sync-method=latest-keyframe
 * ]|
 *
 * The file of a UNIX socket may be used by its owner alone; `chmod` lets others
 * connect. One that a former process left behind is replaced, a living
 * server's is not, and only its own is removed in the end.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "../elements.h"

#include "gstnetfanout.h"
#include "gstnetsender.h"
#include "gstnetsettings.h"
#include "gstneturi.h"

GST_DEBUG_CATEGORY_STATIC (socketsink_debug);
#define GST_CAT_DEFAULT socketsink_debug

enum
{
  PROP_0,
  PROP_URI,
  PROP_LOOP,
  PROP_MAX_BITRATE,
  PROP_PACKET_SIZE,
  PROP_SETTINGS,
  PROP_SENDER = PROP_SETTINGS + GST_NET_N_TCP_SETTINGS,
  PROP_FANOUT = PROP_SENDER + GST_NET_N_SENDER,
  N_PROPS = PROP_FANOUT + GST_NET_N_FANOUT,
};

static GParamSpec *props[N_PROPS];

#define FLAGS                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

/* Of UDP over IPv4 without options; IPv6 could have 20 bytes more. */
#define MAX_DATAGRAM 65507

#define GST_TYPE_SOCKET_SINK (gst_socket_sink_get_type ())
G_DECLARE_FINAL_TYPE (
    GstSocketSink, gst_socket_sink, GST, SOCKET_SINK, GstBaseSink)

struct _GstSocketSink
{
  GstBaseSink parent;
  GstNetSender sender;
  GstNetFanout fanout;
  GstNetSettings settings;
  GstNetUri uri;

  /* guarded by OBJECT_LOCK */
  gboolean loop;
  guint64 max_bitrate;
  guint packet_size;
};

static void gst_socket_sink_uri_handler_init (gpointer iface, gpointer data);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstSocketSink, gst_socket_sink,
    GST_TYPE_BASE_SINK,
    G_IMPLEMENT_INTERFACE (
        GST_TYPE_URI_HANDLER, gst_socket_sink_uri_handler_init))
GST_ELEMENT_REGISTER_DEFINE (
    socketsink, "socketsink", GST_RANK_NONE, GST_TYPE_SOCKET_SINK)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* TRUE if the element can send there; an error was posted otherwise. */
static gboolean
check_uri (GstSocketSink *self, const GstSocketUri *uri)
{
  if (uri == NULL)
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
        (_ ("There is nothing to send to; set \"uri\".")), (NULL));
  else if (uri->listen && uri->type == GST_SOCKET_URI_DATAGRAM)
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_ ("Nobody can connect to a datagram socket: to send, \"uri\" names "
            "the receiver, without listen=true.")),
        (NULL));
  else if (!uri->listen && uri->host != NULL
      && (*uri->host == '\0' || uri->port == 0))
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_ ("To send, \"uri\" has to name a host and a port.")), (NULL));
  else
    return TRUE;
  return FALSE;
}

static void
copy_settings (GstSocketSink *self, GstNetPeer *peer)
{
  peer->tcp = gst_net_settings_get_tcp (&self->settings);
  GST_OBJECT_LOCK (self);
  peer->has_no_loop = !self->loop;
  peer->max_bitrate = self->max_bitrate;
  peer->packet_size = self->packet_size;
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_socket_sink_start (GstBaseSink *sink)
{
  GstSocketSink *self = GST_SOCKET_SINK (sink);
  g_autoptr (GstSocketUri) uri = NULL;
  g_auto (GstNetPeer) peer = GST_NET_PEER_INIT;

  if (!gst_net_uri_parse (&self->uri, &uri) || !check_uri (self, uri))
    return FALSE;
  peer.uri = g_steal_pointer (&uri);
  copy_settings (self, &peer);
  if (peer.uri->listen)
    return gst_net_fanout_start (&self->fanout, &peer);
  return gst_net_sender_start (&self->sender, &peer);
}

static gboolean
gst_socket_sink_stop (GstBaseSink *sink)
{
  GstSocketSink *self = GST_SOCKET_SINK (sink);

  gst_net_fanout_stop (&self->fanout);
  gst_net_sender_stop (&self->sender);
  return TRUE;
}

static gboolean
gst_socket_sink_set_caps (GstBaseSink *sink, GstCaps *caps)
{
  gst_net_fanout_caps_changed (&GST_SOCKET_SINK (sink)->fanout);
  return TRUE;
}

static GstFlowReturn
gst_socket_sink_render (GstBaseSink *sink, GstBuffer *buffer)
{
  GstSocketSink *self = GST_SOCKET_SINK (sink);

  if (!gst_net_fanout_is_on (&self->fanout))
    return gst_net_sender_render (&self->sender, buffer);
  gst_net_fanout_render (&self->fanout, buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
gst_socket_sink_render_list (GstBaseSink *sink, GstBufferList *list)
{
  GstSocketSink *self = GST_SOCKET_SINK (sink);

  if (!gst_net_fanout_is_on (&self->fanout))
    return gst_net_sender_render_list (&self->sender, list);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    gst_net_fanout_render (&self->fanout, gst_buffer_list_get (list, i));
  return GST_FLOW_OK;
}

static gboolean
gst_socket_sink_event (GstBaseSink *sink, GstEvent *event)
{
  GstNetFanout *fanout = &GST_SOCKET_SINK (sink)->fanout;

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS && gst_net_fanout_is_on (fanout))
    gst_net_fanout_drain (fanout);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    gst_net_fanout_begin_again (fanout);
  return GST_BASE_SINK_CLASS (gst_socket_sink_parent_class)
      ->event (sink, event);
}

static gboolean
gst_socket_sink_unlock (GstBaseSink *sink)
{
  gst_net_fanout_set_unlocked (&GST_SOCKET_SINK (sink)->fanout, TRUE);
  gst_net_sender_cancel (&GST_SOCKET_SINK (sink)->sender);
  return TRUE;
}

static gboolean
gst_socket_sink_unlock_stop (GstBaseSink *sink)
{
  gst_net_fanout_set_unlocked (&GST_SOCKET_SINK (sink)->fanout, FALSE);
  gst_net_sender_resume (&GST_SOCKET_SINK (sink)->sender);
  return TRUE;
}

static GstStateChangeReturn
gst_socket_sink_change_state (GstElement *element, GstStateChange transition)
{
  GstSocketSink *self = GST_SOCKET_SINK (element);

  if (transition == GST_STATE_CHANGE_READY_TO_NULL
      && gst_net_fanout_is_own_thread (&self->fanout)) {
    g_warning ("%s: the state must not be set to NULL from a signal handler "
               "that runs in the sink's own thread",
        GST_OBJECT_NAME (self));
    return GST_STATE_CHANGE_FAILURE;
  }
  gst_net_sender_play (&self->sender, transition);
  return GST_ELEMENT_CLASS (gst_socket_sink_parent_class)
      ->change_state (element, transition);
}

static gboolean
set_shared (GstSocketSink *self, gint id, const GValue *value)
{
  if (id >= PROP_FANOUT)
    return gst_net_fanout_set (&self->fanout, id - PROP_FANOUT, value);
  return id < PROP_SENDER
      ? gst_net_settings_set (&self->settings, id - PROP_SETTINGS, value)
      : gst_net_sender_set (&self->sender, id - PROP_SENDER, value);
}

static gboolean
set_own (GstSocketSink *self, guint id, const GValue *value)
{
  gboolean known = TRUE;

  GST_OBJECT_LOCK (self);
  if (id == PROP_LOOP)
    self->loop = g_value_get_boolean (value);
  else if (id == PROP_MAX_BITRATE)
    self->max_bitrate = g_value_get_uint64 (value);
  else if (id == PROP_PACKET_SIZE)
    self->packet_size = g_value_get_uint (value);
  else
    known = FALSE;
  GST_OBJECT_UNLOCK (self);
  return known;
}

static gboolean
get_own (GstSocketSink *self, guint id, GValue *value)
{
  gboolean known = TRUE;

  GST_OBJECT_LOCK (self);
  if (id == PROP_LOOP)
    g_value_set_boolean (value, self->loop);
  else if (id == PROP_MAX_BITRATE)
    g_value_set_uint64 (value, self->max_bitrate);
  else if (id == PROP_PACKET_SIZE)
    g_value_set_uint (value, self->packet_size);
  else
    known = FALSE;
  GST_OBJECT_UNLOCK (self);
  return known;
}

static void
gst_socket_sink_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstSocketSink *self = GST_SOCKET_SINK (object);

  if (id == PROP_URI)
    gst_net_uri_set (&self->uri, g_value_get_string (value));
  else if (!set_own (self, id, value) && !set_shared (self, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static gboolean
get_shared (GstSocketSink *self, gint id, GValue *value)
{
  if (id >= PROP_FANOUT)
    return gst_net_fanout_get (&self->fanout, id - PROP_FANOUT, value);
  return id < PROP_SENDER
      ? gst_net_settings_get (&self->settings, id - PROP_SETTINGS, value)
      : gst_net_sender_get (&self->sender, id - PROP_SENDER, value);
}

/* One of the two is 0, as there are either clients or one peer. */
static void
add_fanout_dropped (GstSocketSink *self, GValue *value)
{
  g_value_set_uint64 (value,
      g_value_get_uint64 (value) + gst_net_fanout_get_dropped (&self->fanout));
}

static void
gst_socket_sink_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstSocketSink *self = GST_SOCKET_SINK (object);

  if (id == PROP_URI)
    g_value_take_string (value, gst_net_uri_dup (&self->uri));
  else if (!get_own (self, id, value) && !get_shared (self, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  if (id == PROP_SENDER + GST_NET_SENDER_BUFFERS_DROPPED)
    add_fanout_dropped (self, value);
}

static void
gst_socket_sink_finalize (GObject *object)
{
  GstSocketSink *self = GST_SOCKET_SINK (object);

  gst_net_fanout_clear (&self->fanout);
  gst_net_sender_clear (&self->sender);
  gst_net_settings_clear (&self->settings);
  gst_net_uri_clear (&self->uri);
  G_OBJECT_CLASS (gst_socket_sink_parent_class)->finalize (object);
}

static GstURIType
get_uri_type (GType type)
{
  return GST_URI_SINK;
}

static void
gst_socket_sink_uri_handler_init (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  handler->get_type = get_uri_type;
  handler->get_protocols = gst_net_uri_get_protocols;
  handler->get_uri = gst_net_uri_handler_get_uri;
  handler->set_uri = gst_net_uri_handler_set_uri;
}

static GstStructure *
gst_socket_sink_get_stats (GstSocketSink *self, GSocket *socket)
{
  return gst_net_fanout_get_stats (&self->fanout, socket);
}

static gboolean
gst_socket_sink_kick (GstSocketSink *self, guint64 id)
{
  return gst_net_fanout_kick (&self->fanout, id);
}

static void
install_properties (GObjectClass *klass)
{
  /**
   * GstSocketSink:uri:
   *
   * What to send to, or with `?listen=true` where to be connected to. A text that does not name a socket makes the change to
   * READY fail, with an error that says why.
   */
  props[PROP_URI] = g_param_spec_string ("uri", "URI",
      "Where to send: tcp://host:port, udp://host:port, unix:///path or "
      "unix-abstract:name (none; has to be set); with ?listen=true it is "
      "connected to, by any number of clients",
      NULL, FLAGS);
  props[PROP_LOOP] = g_param_spec_boolean ("loop", "Loop",
      "Whether what is sent to a multicast group also comes to receivers on "
      "this host (yes)",
      TRUE, FLAGS);
  /**
   * GstSocketSink:max-bitrate:
   *
   * Spreads what is sent over time, so that bursts do not overrun a switch or a
   * small receiver. The system does it: for TCP always, for datagrams where the
   * interface has the queueing discipline "fq" (`tc qdisc replace dev eth0 root
   * fq`). While it holds data back, the sink waits.
   */
  props[PROP_MAX_BITRATE] = g_param_spec_uint64 ("max-bitrate", "Max bitrate",
      "Most bits a second to a peer (0 = as many as can be); set somewhat above "
      "the stream's own rate. Datagrams need \"fq\" on the interface",
      0, G_MAXUINT64, 0, FLAGS);
  props[PROP_PACKET_SIZE] = g_param_spec_uint ("packet-size", "Packet size",
      "Most bytes of a datagram; larger buffers are sent as several (0 = a "
      "datagram a buffer). 1316 for MPEG-TS on networks",
      0, MAX_DATAGRAM, 0, FLAGS);
  gst_net_settings_add_pspecs (&props[PROP_SETTINGS]);
  gst_net_sender_add_pspecs (&props[PROP_SENDER]);
  gst_net_fanout_add_pspecs (&props[PROP_FANOUT]);
  g_object_class_install_properties (klass, N_PROPS, props);
}

static void
gst_socket_sink_class_init (GstSocketSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  object_class->set_property = gst_socket_sink_set_property;
  object_class->get_property = gst_socket_sink_get_property;
  object_class->finalize = gst_socket_sink_finalize;
  base_class->start = gst_socket_sink_start;
  base_class->stop = gst_socket_sink_stop;
  base_class->set_caps = gst_socket_sink_set_caps;
  base_class->render = gst_socket_sink_render;
  base_class->render_list = gst_socket_sink_render_list;
  base_class->event = gst_socket_sink_event;
  base_class->unlock = gst_socket_sink_unlock;
  base_class->unlock_stop = gst_socket_sink_unlock_stop;
  install_properties (object_class);
  gst_net_fanout_class_init (base_class, G_CALLBACK (gst_socket_sink_get_stats),
      G_CALLBACK (gst_socket_sink_kick));

  element_class->change_state = gst_socket_sink_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "socket sink",
      "Sink/Network",
      "Send data to a socket named by a URI, or to all who connect to it",
      "The GStreamer socket plugins authors");
  GST_DEBUG_CATEGORY_INIT (socketsink_debug, "socketsink", 0, "Socket Sink");
}

static void
gst_socket_sink_init (GstSocketSink *self)
{
  gst_net_sender_init (&self->sender, GST_BASE_SINK (self));
  gst_net_fanout_init (
      &self->fanout, GST_BASE_SINK (self), &props[PROP_FANOUT]);
  gst_net_settings_init (&self->settings, GST_OBJECT (self));
  gst_net_uri_init (&self->uri, GST_ELEMENT (self));
  self->loop = TRUE;
}
