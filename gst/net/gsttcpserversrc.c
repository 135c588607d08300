/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsttcpserversrc.c: listens for a TCP client and receives from it
 *
 * Here: the element. Not here: listening, accepting and reading
 * (gstnetserver.c).
 *
 * Threads   app: properties, states     streaming: create
 * Locks, in taking order    guards
 *   1. OBJECT_LOCK            settings, current_port; see also gstnetsource.c
 * No lock is held across a signal, a pad push, a bus message, a property
 * notify or a blocking call.
 */
/**
 * SECTION:element-tcpserversrc
 * @title: tcpserversrc
 * @see_also: tcpclientsink, tcpclientsrc, socketsrc
 *
 * Listens, accepts one client, and hands on what it sends, as a stream of
 * bytes without caps. When the client leaves, the stream ends; with
 * #GstTCPServerSrc:on-disconnect at "wait" the next client continues it, with
 * a buffer marked as discontinuous and the element messages
 * "GstSocketConnected" and "GstSocketLost".
 *
 * ## Example
 * |[
 * gst-launch-1.0 tcpserversrc port=3000 ! fdsink fd=2       # server
 * gst-launch-1.0 fdsrc fd=1 ! tcpclientsink port=3000       # client
 * ]|
 *
 * Every address of #GstTCPServerSrc:host is listened on: "localhost" answers
 * on 127.0.0.1 and on ::1, where stock takes the first alone. A buffer holds
 * what had arrived, up to 64 KiB: stock never gives more than 4096 bytes.
 * Setting #GstBaseSrc:blocksize, also to 4096, makes that the most.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "../elements.h"

#include "gstnetserver.h"
#include "gstnetsettings.h"

#include <gst/base/gstpushsrc.h>

GST_DEBUG_CATEGORY_STATIC (tcpserversrc_debug);
#define GST_CAT_DEFAULT tcpserversrc_debug

enum
{
  PROP_0,
  PROP_CURRENT_PORT,
  PROP_STATS,
  PROP_SETTINGS,
  PROP_SERVER = PROP_SETTINGS + GST_NET_N_SETTINGS,
  N_PROPS = PROP_SERVER + GST_NET_N_SERVER,
  PROP_BLOCKSIZE = N_PROPS,
};

static GParamSpec *props[N_PROPS];

#define GST_TYPE_TCP_SERVER_SRC (gst_tcp_server_src_get_type ())
G_DECLARE_FINAL_TYPE (
    GstTCPServerSrc, gst_tcp_server_src, GST, TCP_SERVER_SRC, GstPushSrc)

struct _GstTCPServerSrc
{
  GstPushSrc parent;
  GstNetSource source;
  GstNetServer server;
  GstNetSettings settings;

  /* guarded by OBJECT_LOCK */
  gint current_port;
};

G_DEFINE_FINAL_TYPE (GstTCPServerSrc, gst_tcp_server_src, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE (
    tcpserversrc, "tcpserversrc", GST_RANK_NONE, GST_TYPE_TCP_SERVER_SRC)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static void
set_current_port (GstTCPServerSrc *self, gint port)
{
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->current_port != port;
  self->current_port = port;
  GST_OBJECT_UNLOCK (self);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CURRENT_PORT]);
}

static gboolean
gst_tcp_server_src_start (GstBaseSrc *src)
{
  GstTCPServerSrc *self = GST_TCP_SERVER_SRC (src);
  g_auto (GstNetPeer) local = GST_NET_PEER_INIT;

  gst_net_settings_dup_peer (&self->settings, &local);
  if (!gst_net_server_start (&self->server, &local))
    return FALSE;
  set_current_port (self, gst_net_listener_get_port (&self->server.listener));
  return TRUE;
}

static gboolean
gst_tcp_server_src_stop (GstBaseSrc *src)
{
  GstTCPServerSrc *self = GST_TCP_SERVER_SRC (src);

  gst_net_server_stop (&self->server);
  set_current_port (self, 0);
  return TRUE;
}

static GstFlowReturn
gst_tcp_server_src_create (GstPushSrc *src, GstBuffer **ret_buffer)
{
  return gst_net_server_create (&GST_TCP_SERVER_SRC (src)->server, ret_buffer);
}

static gboolean
gst_tcp_server_src_unlock (GstBaseSrc *src)
{
  gst_net_source_cancel (&GST_TCP_SERVER_SRC (src)->source);
  return TRUE;
}

static gboolean
gst_tcp_server_src_unlock_stop (GstBaseSrc *src)
{
  gst_net_source_resume (&GST_TCP_SERVER_SRC (src)->source);
  return TRUE;
}

static GstCaps *
gst_tcp_server_src_get_caps (GstBaseSrc *src, GstCaps *filter)
{
  return gst_net_source_any_caps (filter);
}

static void
gst_tcp_server_src_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstTCPServerSrc *self = GST_TCP_SERVER_SRC (object);

  if (id == PROP_BLOCKSIZE)
    gst_net_source_set_blocksize (&self->source, g_value_get_uint (value));
  else if (!gst_net_settings_set (&self->settings, id - PROP_SETTINGS, value)
      && !gst_net_server_set (&self->server, id - PROP_SERVER, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static gint
get_current_port (GstTCPServerSrc *self)
{
  gint port;

  GST_OBJECT_LOCK (self);
  port = self->current_port;
  GST_OBJECT_UNLOCK (self);
  return port;
}

static void
gst_tcp_server_src_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstTCPServerSrc *self = GST_TCP_SERVER_SRC (object);

  switch (id) {
    case PROP_CURRENT_PORT:
      g_value_set_int (value, get_current_port (self));
      break;
    case PROP_STATS:
      g_value_take_boxed (value, gst_net_source_get_stats (&self->source));
      break;
    case PROP_BLOCKSIZE:
      g_value_set_uint (
          value, gst_base_src_get_blocksize (GST_BASE_SRC (self)));
      break;
    default:
      if (!gst_net_settings_get (&self->settings, id - PROP_SETTINGS, value)
          && !gst_net_server_get (&self->server, id - PROP_SERVER, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_tcp_server_src_finalize (GObject *object)
{
  GstTCPServerSrc *self = GST_TCP_SERVER_SRC (object);

  gst_net_source_clear (&self->source);
  gst_net_settings_clear (&self->settings);
  G_OBJECT_CLASS (gst_tcp_server_src_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * GstTCPServerSrc:current-port:
   *
   * The port that is really listened on, from READY to PAUSED on; 0 while the
   * element is stopped. With #GstTCPServerSrc:port at 0 the system chooses.
   */
  props[PROP_CURRENT_PORT] = g_param_spec_int ("current-port", "current-port",
      "TCP port it listens on now (0 = none)", 0, G_MAXUINT16, 0, flags);
  /**
   * GstTCPServerSrc:stats:
   *
   * `GstTCPServerSrcStats`: bytes-received (uint64) and, of TCP on Linux, the
   * uints reordering, unacked, sacked, lost, retrans and fackets.
   */
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Stats",
      "Figures of the connection, or of the last one: bytes-received and, of "
      "TCP on Linux, reordering, unacked, sacked, lost, retrans and fackets",
      GST_TYPE_STRUCTURE, flags);
  gst_net_settings_add_pspecs (&props[PROP_SETTINGS]);
  gst_net_settings_add_address_pspecs (&props[PROP_SETTINGS], NULL,
      "Name or address to listen on (localhost until it is set; \"::\" for "
      "everybody, by IPv4 and IPv6)",
      "TCP port to listen on (0 = any free one, see current-port)");
  gst_net_server_add_pspecs (&props[PROP_SERVER]);
  g_object_class_install_properties (klass, N_PROPS, props);
  g_object_class_override_property (klass, PROP_BLOCKSIZE, "blocksize");
}

static void
gst_tcp_server_src_class_init (GstTCPServerSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  object_class->set_property = gst_tcp_server_src_set_property;
  object_class->get_property = gst_tcp_server_src_get_property;
  object_class->finalize = gst_tcp_server_src_finalize;
  base_class->start = gst_tcp_server_src_start;
  base_class->stop = gst_tcp_server_src_stop;
  base_class->unlock = gst_tcp_server_src_unlock;
  base_class->unlock_stop = gst_tcp_server_src_unlock_stop;
  base_class->get_caps = gst_tcp_server_src_get_caps;
  GST_PUSH_SRC_CLASS (klass)->create = gst_tcp_server_src_create;
  install_properties (object_class);

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "TCP server source",
      "Source/Network", "Receive data as a server over the network via TCP",
      "The GStreamer socket plugins authors");
  GST_DEBUG_CATEGORY_INIT (
      tcpserversrc_debug, "tcpserversrc", 0, "TCP Server Source");
}

static void
gst_tcp_server_src_init (GstTCPServerSrc *self)
{
  gst_net_source_init (
      &self->source, GST_BASE_SRC (self), "GstTCPServerSrcStats");
  gst_net_server_init (&self->server, &self->source);
  gst_net_settings_init (&self->settings, GST_OBJECT (self));
}
