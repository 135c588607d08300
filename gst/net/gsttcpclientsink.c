/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsttcpclientsink.c: connects to a TCP server and sends to it
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
 * SECTION:element-tcpclientsink
 * @title: tcpclientsink
 * @see_also: tcpclientsrc, tcpserversrc, socketsink
 *
 * Connects to a TCP server and sends the stream to it, byte after byte; caps
 * are not sent.
 *
 * ## Example
 * |[
 * nc -l -p 3000                                        # server
 * gst-launch-1.0 fdsrc fd=1 ! tcpclientsink port=3000  # client
 * ]|
 *
 * The connection is made on the way to READY, which waits for it. With
 * #GstTCPClientSink:reconnect it is made in the background, again whenever it
 * was lost; #GstTCPClientSink:leaky says what becomes of the stream meanwhile.
 * A new connection begins with the stream headers of the caps, if there are
 * any, and a keyframe is asked for. The element messages "GstSocketConnected",
 * "GstSocketLost", "GstSocketRetrying" and, at most once a second,
 * "GstSocketDropped" tell about it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "../elements.h"

#include "gstnetsender.h"
#include "gstnetsettings.h"

GST_DEBUG_CATEGORY_STATIC (tcpclientsink_debug);
#define GST_CAT_DEFAULT tcpclientsink_debug

enum
{
  PROP_0,
  PROP_SETTINGS,
  PROP_SENDER = PROP_SETTINGS + GST_NET_N_SETTINGS,
  N_PROPS = PROP_SENDER + GST_NET_N_SENDER,
};

static GParamSpec *props[N_PROPS];

#define GST_TYPE_TCP_CLIENT_SINK (gst_tcp_client_sink_get_type ())
G_DECLARE_FINAL_TYPE (
    GstTCPClientSink, gst_tcp_client_sink, GST, TCP_CLIENT_SINK, GstBaseSink)

struct _GstTCPClientSink
{
  GstBaseSink parent;
  GstNetSender sender;
  GstNetSettings settings;
};

G_DEFINE_FINAL_TYPE (GstTCPClientSink, gst_tcp_client_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE (
    tcpclientsink, "tcpclientsink", GST_RANK_NONE, GST_TYPE_TCP_CLIENT_SINK)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static gboolean
gst_tcp_client_sink_start (GstBaseSink *sink)
{
  GstTCPClientSink *self = GST_TCP_CLIENT_SINK (sink);
  g_auto (GstNetPeer) peer = GST_NET_PEER_INIT;

  gst_net_settings_dup_peer (&self->settings, &peer);
  return gst_net_sender_start (&self->sender, &peer);
}

static gboolean
gst_tcp_client_sink_stop (GstBaseSink *sink)
{
  gst_net_sender_stop (&GST_TCP_CLIENT_SINK (sink)->sender);
  return TRUE;
}

static GstFlowReturn
gst_tcp_client_sink_render (GstBaseSink *sink, GstBuffer *buffer)
{
  return gst_net_sender_render (&GST_TCP_CLIENT_SINK (sink)->sender, buffer);
}

static GstFlowReturn
gst_tcp_client_sink_render_list (GstBaseSink *sink, GstBufferList *list)
{
  return gst_net_sender_render_list (&GST_TCP_CLIENT_SINK (sink)->sender, list);
}

static gboolean
gst_tcp_client_sink_unlock (GstBaseSink *sink)
{
  gst_net_sender_cancel (&GST_TCP_CLIENT_SINK (sink)->sender);
  return TRUE;
}

static gboolean
gst_tcp_client_sink_unlock_stop (GstBaseSink *sink)
{
  gst_net_sender_resume (&GST_TCP_CLIENT_SINK (sink)->sender);
  return TRUE;
}

static GstStateChangeReturn
gst_tcp_client_sink_change_state (
    GstElement *element, GstStateChange transition)
{
  gst_net_sender_play (&GST_TCP_CLIENT_SINK (element)->sender, transition);
  return GST_ELEMENT_CLASS (gst_tcp_client_sink_parent_class)
      ->change_state (element, transition);
}

static void
gst_tcp_client_sink_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstTCPClientSink *self = GST_TCP_CLIENT_SINK (object);

  if (!gst_net_settings_set (&self->settings, id - PROP_SETTINGS, value)
      && !gst_net_sender_set (&self->sender, id - PROP_SENDER, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_tcp_client_sink_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstTCPClientSink *self = GST_TCP_CLIENT_SINK (object);

  if (!gst_net_settings_get (&self->settings, id - PROP_SETTINGS, value)
      && !gst_net_sender_get (&self->sender, id - PROP_SENDER, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_tcp_client_sink_finalize (GObject *object)
{
  GstTCPClientSink *self = GST_TCP_CLIENT_SINK (object);

  gst_net_sender_clear (&self->sender);
  gst_net_settings_clear (&self->settings);
  G_OBJECT_CLASS (gst_tcp_client_sink_parent_class)->finalize (object);
}

static void
gst_tcp_client_sink_class_init (GstTCPClientSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  object_class->set_property = gst_tcp_client_sink_set_property;
  object_class->get_property = gst_tcp_client_sink_get_property;
  object_class->finalize = gst_tcp_client_sink_finalize;
  base_class->start = gst_tcp_client_sink_start;
  base_class->stop = gst_tcp_client_sink_stop;
  base_class->render = gst_tcp_client_sink_render;
  base_class->render_list = gst_tcp_client_sink_render_list;
  base_class->unlock = gst_tcp_client_sink_unlock;
  base_class->unlock_stop = gst_tcp_client_sink_unlock_stop;
  gst_net_settings_add_pspecs (&props[PROP_SETTINGS]);
  gst_net_settings_add_address_pspecs (&props[PROP_SETTINGS],
      GST_NET_DEFAULT_HOST, "Name or address of the server",
      "TCP port of the server");
  gst_net_sender_add_pspecs (&props[PROP_SENDER]);
  g_object_class_install_properties (object_class, N_PROPS, props);

  element_class->change_state = gst_tcp_client_sink_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "TCP client sink",
      "Sink/Network", "Send data as a client over the network via TCP",
      "The GStreamer socket plugins authors");
  GST_DEBUG_CATEGORY_INIT (tcpclientsink_debug, "tcpclientsink", 0, "TCP sink");
}

static void
gst_tcp_client_sink_init (GstTCPClientSink *self)
{
  gst_net_sender_init (&self->sender, GST_BASE_SINK (self));
  gst_net_settings_init (&self->settings, GST_OBJECT (self));
}
