/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsttcpclientsrc.c: connects to a TCP server and receives from it
 *
 * Here: the element. Not here: connecting and reading (gstnetclient.c).
 *
 * Threads   app: properties, states     streaming: create
 * Locks, in taking order    guards
 *   1. OBJECT_LOCK            settings; see also gstnetsource.c
 * No lock is held across a signal, a pad push, a bus message, a property
 * notify or a blocking call.
 */
/**
 * SECTION:element-tcpclientsrc
 * @title: tcpclientsrc
 * @see_also: tcpclientsink, tcpserversink, socketsrc
 *
 * Connects to a TCP server and hands on what it sends, as a stream of bytes
 * without caps.
 *
 * ## Example
 * |[
 * gst-launch-1.0 tcpclientsrc host=127.0.0.1 port=3000 ! fdsink fd=2
 * ]|
 *
 * With #GstTCPClientSrc:reconnect the element connects again when the server
 * goes away: the next buffer is marked as discontinuous, and the element
 * messages "GstSocketConnected", "GstSocketLost" and "GstSocketRetrying" tell
 * about it.
 *
 * A buffer holds what had arrived, up to 64 KiB: stock never gives more than
 * 4096 bytes. Setting #GstBaseSrc:blocksize, also to 4096, makes that the
 * most.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "../elements.h"

#include "gstnetclient.h"
#include "gstnetsettings.h"

#include <gst/base/gstpushsrc.h>

GST_DEBUG_CATEGORY_STATIC (tcpclientsrc_debug);
#define GST_CAT_DEFAULT tcpclientsrc_debug

#define DEFAULT_TIMEOUT 0

enum
{
  PROP_0,
  PROP_TIMEOUT,
  PROP_STATS,
  PROP_SETTINGS,
  PROP_RETRY = PROP_SETTINGS + GST_NET_N_SETTINGS,
  N_PROPS = PROP_RETRY + GST_NET_N_RETRY,
  PROP_BLOCKSIZE = N_PROPS,
};

static GParamSpec *props[N_PROPS];

#define GST_TYPE_TCP_CLIENT_SRC (gst_tcp_client_src_get_type ())
G_DECLARE_FINAL_TYPE (
    GstTCPClientSrc, gst_tcp_client_src, GST, TCP_CLIENT_SRC, GstPushSrc)

struct _GstTCPClientSrc
{
  GstPushSrc parent;
  GstNetSource source;
  GstNetClient client;
  GstNetSettings settings;
};

G_DEFINE_FINAL_TYPE (GstTCPClientSrc, gst_tcp_client_src, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE (
    tcpclientsrc, "tcpclientsrc", GST_RANK_NONE, GST_TYPE_TCP_CLIENT_SRC)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static void
dup_peer (GstElement *element, GstNetPeer *peer)
{
  GstTCPClientSrc *self = GST_TCP_CLIENT_SRC (element);

  gst_net_settings_dup_peer (&self->settings, peer);
  peer->timeout_ns = gst_net_source_get_timeout (&self->source) * GST_SECOND;
}

static gboolean
gst_tcp_client_src_start (GstBaseSrc *src)
{
  return gst_net_client_start (&GST_TCP_CLIENT_SRC (src)->client);
}

static gboolean
gst_tcp_client_src_stop (GstBaseSrc *src)
{
  gst_net_client_stop (&GST_TCP_CLIENT_SRC (src)->client);
  return TRUE;
}

static GstFlowReturn
gst_tcp_client_src_create (GstPushSrc *src, GstBuffer **ret_buffer)
{
  return gst_net_client_create (&GST_TCP_CLIENT_SRC (src)->client, ret_buffer);
}

static gboolean
gst_tcp_client_src_unlock (GstBaseSrc *src)
{
  gst_net_source_cancel (&GST_TCP_CLIENT_SRC (src)->source);
  return TRUE;
}

static gboolean
gst_tcp_client_src_unlock_stop (GstBaseSrc *src)
{
  gst_net_source_resume (&GST_TCP_CLIENT_SRC (src)->source);
  return TRUE;
}

static GstCaps *
gst_tcp_client_src_get_caps (GstBaseSrc *src, GstCaps *filter)
{
  return gst_net_source_any_caps (filter);
}

static void
gst_tcp_client_src_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstTCPClientSrc *self = GST_TCP_CLIENT_SRC (object);

  switch (id) {
    case PROP_TIMEOUT:
      gst_net_source_set_timeout (&self->source, g_value_get_uint (value));
      break;
    case PROP_BLOCKSIZE:
      gst_net_source_set_blocksize (&self->source, g_value_get_uint (value));
      break;
    default:
      if (!gst_net_settings_set (&self->settings, id - PROP_SETTINGS, value)
          && !gst_net_retry_set (&self->client.retry, id - PROP_RETRY, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_tcp_client_src_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstTCPClientSrc *self = GST_TCP_CLIENT_SRC (object);

  switch (id) {
    case PROP_TIMEOUT:
      g_value_set_uint (value, gst_net_source_get_timeout (&self->source));
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
          && !gst_net_retry_get (&self->client.retry, id - PROP_RETRY, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_tcp_client_src_finalize (GObject *object)
{
  GstTCPClientSrc *self = GST_TCP_CLIENT_SRC (object);

  gst_net_source_clear (&self->source);
  gst_net_settings_clear (&self->settings);
  G_OBJECT_CLASS (gst_tcp_client_src_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  /**
   * GstTCPClientSrc:timeout:
   *
   * Longest time in seconds to connect, and between two pieces of data, before
   * an error is posted. 0 waits for ever.
   */
  props[PROP_TIMEOUT] = g_param_spec_uint ("timeout", "timeout",
      "Seconds to connect, and of silence from then on, after which an error "
      "is posted (0 = any time); set where a server may fall silent",
      0, G_MAXUINT, DEFAULT_TIMEOUT,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  /**
   * GstTCPClientSrc:stats:
   *
   * `GstTCPClientSrcStats`: bytes-received (uint64) and, of TCP on Linux, the
   * uints reordering, unacked, sacked, lost, retrans and fackets.
   */
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Stats",
      "Figures of the connection, or of the last one: bytes-received and, of "
      "TCP on Linux, reordering, unacked, sacked, lost, retrans and fackets",
      GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  gst_net_settings_add_pspecs (&props[PROP_SETTINGS]);
  gst_net_settings_add_address_pspecs (&props[PROP_SETTINGS],
      GST_NET_DEFAULT_HOST, "Name or address of the server",
      "TCP port of the server");
  gst_net_retry_add_pspecs (&props[PROP_RETRY]);
  g_object_class_install_properties (klass, N_PROPS, props);
  g_object_class_override_property (klass, PROP_BLOCKSIZE, "blocksize");
}

static void
gst_tcp_client_src_class_init (GstTCPClientSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  object_class->set_property = gst_tcp_client_src_set_property;
  object_class->get_property = gst_tcp_client_src_get_property;
  object_class->finalize = gst_tcp_client_src_finalize;
  base_class->start = gst_tcp_client_src_start;
  base_class->stop = gst_tcp_client_src_stop;
  base_class->unlock = gst_tcp_client_src_unlock;
  base_class->unlock_stop = gst_tcp_client_src_unlock_stop;
  base_class->get_caps = gst_tcp_client_src_get_caps;
  GST_PUSH_SRC_CLASS (klass)->create = gst_tcp_client_src_create;
  install_properties (object_class);

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "TCP client source",
      "Source/Network", "Receive data as a client over the network via TCP",
      "The GStreamer socket plugins authors");
  GST_DEBUG_CATEGORY_INIT (
      tcpclientsrc_debug, "tcpclientsrc", 0, "TCP Client Source");
}

static void
gst_tcp_client_src_init (GstTCPClientSrc *self)
{
  gst_net_source_init (
      &self->source, GST_BASE_SRC (self), "GstTCPClientSrcStats");
  gst_net_source_set_timeout (&self->source, DEFAULT_TIMEOUT);
  gst_net_client_init (&self->client, &self->source, dup_peer);
  gst_net_settings_init (&self->settings, GST_OBJECT (self));
}
