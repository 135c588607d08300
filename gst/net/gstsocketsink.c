/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketsink.c: sends to a socket named by a URI
 *
 * Here: the element. Not here: connecting and sending (gstnetsender.c).
 *
 * Threads   app: properties, states     streaming: render
 * Locks, in taking order    guards
 *   1. PREROLL_LOCK           held by the base class around render
 *   2. OBJECT_LOCK            settings
 * No lock of ours is held across a signal, a bus message, a property notify or
 * a blocking call.
 */
/**
 * SECTION:element-socketsink
 * @title: socketsink
 * @see_also: socketsrc, tcpclientsink, tcpserversink
 *
 * Connects to what #GstSocketSink:uri names and sends the stream to it:
 *
 * * `tcp://host:port`, `unix:///path`, `unix-abstract:name`: as a stream of
 *   bytes; with `type=seqpacket`, a message a buffer
 * * `udp://host:port`, `udp://group:port?iface=eth0&ttl=8`,
 *   `unix:///path?type=datagram`: a datagram a buffer
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
 * "GstSocketRetrying" tell about it. A datagram that nobody takes is dropped,
 * and counted in #GstSocketSink:buffers-dropped.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "../elements.h"

#include "gstnetsender.h"
#include "gstnetsettings.h"
#include "gstneturi.h"

GST_DEBUG_CATEGORY_STATIC (socketsink_debug);
#define GST_CAT_DEFAULT socketsink_debug

enum
{
  PROP_0,
  PROP_URI,
  PROP_SETTINGS,
  PROP_SENDER = PROP_SETTINGS + GST_NET_N_TCP_SETTINGS,
  N_PROPS = PROP_SENDER + GST_NET_N_SENDER,
};

static GParamSpec *props[N_PROPS];

#define GST_TYPE_SOCKET_SINK (gst_socket_sink_get_type ())
G_DECLARE_FINAL_TYPE (
    GstSocketSink, gst_socket_sink, GST, SOCKET_SINK, GstBaseSink)

struct _GstSocketSink
{
  GstBaseSink parent;
  GstNetSender sender;
  GstNetSettings settings;
  GstNetUri uri;
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
  else if (uri->listen)
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_ ("This element connects to others; to be connected to, use "
            "tcpserversink instead of listen=true.")),
        (NULL));
  else if (uri->host != NULL && (*uri->host == '\0' || uri->port == 0))
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_ ("To send, \"uri\" has to name a host and a port.")), (NULL));
  else
    return TRUE;
  return FALSE;
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
  peer.tcp = gst_net_settings_get_tcp (&self->settings);
  return gst_net_sender_start (&self->sender, &peer);
}

static gboolean
gst_socket_sink_stop (GstBaseSink *sink)
{
  gst_net_sender_stop (&GST_SOCKET_SINK (sink)->sender);
  return TRUE;
}

static GstFlowReturn
gst_socket_sink_render (GstBaseSink *sink, GstBuffer *buffer)
{
  return gst_net_sender_render (&GST_SOCKET_SINK (sink)->sender, buffer);
}

static GstFlowReturn
gst_socket_sink_render_list (GstBaseSink *sink, GstBufferList *list)
{
  return gst_net_sender_render_list (&GST_SOCKET_SINK (sink)->sender, list);
}

static gboolean
gst_socket_sink_unlock (GstBaseSink *sink)
{
  gst_net_sender_cancel (&GST_SOCKET_SINK (sink)->sender);
  return TRUE;
}

static gboolean
gst_socket_sink_unlock_stop (GstBaseSink *sink)
{
  gst_net_sender_resume (&GST_SOCKET_SINK (sink)->sender);
  return TRUE;
}

static GstStateChangeReturn
gst_socket_sink_change_state (GstElement *element, GstStateChange transition)
{
  gst_net_sender_play (&GST_SOCKET_SINK (element)->sender, transition);
  return GST_ELEMENT_CLASS (gst_socket_sink_parent_class)
      ->change_state (element, transition);
}

static gboolean
set_shared (GstSocketSink *self, gint id, const GValue *value)
{
  return id < PROP_SENDER
      ? gst_net_settings_set (&self->settings, id - PROP_SETTINGS, value)
      : gst_net_sender_set (&self->sender, id - PROP_SENDER, value);
}

static void
gst_socket_sink_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstSocketSink *self = GST_SOCKET_SINK (object);

  if (id == PROP_URI)
    gst_net_uri_set (&self->uri, g_value_get_string (value));
  else if (!set_shared (self, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static gboolean
get_shared (GstSocketSink *self, gint id, GValue *value)
{
  return id < PROP_SENDER
      ? gst_net_settings_get (&self->settings, id - PROP_SETTINGS, value)
      : gst_net_sender_get (&self->sender, id - PROP_SENDER, value);
}

static void
gst_socket_sink_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstSocketSink *self = GST_SOCKET_SINK (object);

  if (id == PROP_URI)
    g_value_take_string (value, gst_net_uri_dup (&self->uri));
  else if (!get_shared (self, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_socket_sink_finalize (GObject *object)
{
  GstSocketSink *self = GST_SOCKET_SINK (object);

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

static void
install_properties (GObjectClass *klass)
{
  /**
   * GstSocketSink:uri:
   *
   * What to send to. A text that does not name a socket makes the change to
   * READY fail, with an error that says why.
   */
  props[PROP_URI] = g_param_spec_string ("uri", "URI",
      "Where to send: tcp://host:port, udp://host:port, unix:///path or "
      "unix-abstract:name (none; has to be set)",
      NULL,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
  gst_net_settings_add_pspecs (&props[PROP_SETTINGS]);
  gst_net_sender_add_pspecs (&props[PROP_SENDER]);
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
  base_class->render = gst_socket_sink_render;
  base_class->render_list = gst_socket_sink_render_list;
  base_class->unlock = gst_socket_sink_unlock;
  base_class->unlock_stop = gst_socket_sink_unlock_stop;
  install_properties (object_class);

  element_class->change_state = gst_socket_sink_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "socket sink",
      "Sink/Network", "Send data to a socket named by a URI",
      "GStreamer socket plugins");
  GST_DEBUG_CATEGORY_INIT (socketsink_debug, "socketsink", 0, "Socket Sink");
}

static void
gst_socket_sink_init (GstSocketSink *self)
{
  gst_net_sender_init (&self->sender, GST_BASE_SINK (self));
  gst_net_settings_init (&self->settings, GST_OBJECT (self));
  gst_net_uri_init (&self->uri, GST_ELEMENT (self));
}
