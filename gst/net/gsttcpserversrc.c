/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsttcpserversrc.c: listens for a TCP client and receives from it
 *
 * Here: the element. Not here: listening and accepting (gstnetlistener.c),
 * reading (gstnetsource.c).
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
 * bytes without caps. When the client leaves, the stream ends.
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

#include "gstnetlistener.h"
#include "gstnetsettings.h"
#include "gstnetsource.h"

#include <gst/base/gstpushsrc.h>
#include <gst/socket/gstsocketerror.h>

GST_DEBUG_CATEGORY_STATIC (tcpserversrc_debug);
#define GST_CAT_DEFAULT tcpserversrc_debug

enum
{
  PROP_0,
  PROP_CURRENT_PORT,
  PROP_STATS,
  PROP_SETTINGS,
  N_PROPS = PROP_SETTINGS + GST_NET_N_SETTINGS,
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
  GstNetSettings settings;

  /* guarded by OBJECT_LOCK */
  gint current_port;

  /* streaming thread; state changes while it does not run */
  GstNetListener listener;
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
open_listener (GstTCPServerSrc *self)
{
  g_auto (GstNetPeer) local = GST_NET_PEER_INIT;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *sentence = NULL;

  gst_net_settings_dup_peer (&self->settings, &local);
  if (gst_net_listener_open (
          &self->listener, &local, self->source.cancellable, &error)) {
    set_current_port (self, gst_net_listener_get_port (&self->listener));
    return TRUE;
  }
  if (gst_socket_error_is_cancelled (error))
    return FALSE;
  sentence = gst_net_describe_listen_error (local.uri, error);
  GST_ELEMENT_ERROR (
      self, RESOURCE, OPEN_READ, ("%s", sentence), ("%s", error->message));
  return FALSE;
}

static gboolean
gst_tcp_server_src_start (GstBaseSrc *src)
{
  GstTCPServerSrc *self = GST_TCP_SERVER_SRC (src);

  if (!gst_net_source_open (&self->source))
    return FALSE;
  if (open_listener (self))
    return TRUE;
  gst_net_source_close (&self->source);
  return FALSE;
}

static gboolean
gst_tcp_server_src_stop (GstBaseSrc *src)
{
  GstTCPServerSrc *self = GST_TCP_SERVER_SRC (src);
  g_autoptr (GSocket) socket = gst_net_source_steal_socket (&self->source);

  if (socket != NULL)
    g_socket_close (socket, NULL);
  gst_net_listener_close (&self->listener);
  set_current_port (self, 0);
  gst_net_source_close (&self->source);
  return TRUE;
}

/* Waits for the client, and then refuses others. */
static GstFlowReturn
accept_client (GstTCPServerSrc *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket =
      gst_net_listener_accept (&self->listener, self->source.wait, &error);

  if (socket != NULL) {
    gst_net_listener_close (&self->listener);
    gst_net_source_set_socket (&self->source, socket);
    return GST_FLOW_OK;
  }
  if (!gst_socket_error_is_cancelled (error))
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ,
        (_ ("Could not accept a client.")), ("%s", error->message));
  return gst_socket_error_to_flow (error);
}

static GstFlowReturn
read_client (GstTCPServerSrc *self, GstBuffer **ret_buffer)
{
  g_autoptr (GSocket) socket = gst_net_source_ref_socket (&self->source);
  g_autoptr (GError) error = NULL;

  switch (gst_net_source_read (&self->source, socket, -1, ret_buffer, &error)) {
    case GST_SOCKET_READ_DATA:
      return GST_FLOW_OK;
    case GST_SOCKET_READ_END:
      GST_DEBUG_OBJECT (self, "the client closed the connection");
      return GST_FLOW_EOS;
    default:
      return gst_net_source_fail (&self->source, error);
  }
}

static GstFlowReturn
gst_tcp_server_src_create (GstPushSrc *src, GstBuffer **ret_buffer)
{
  GstTCPServerSrc *self = GST_TCP_SERVER_SRC (src);

  if (gst_net_listener_is_open (&self->listener)) {
    GstFlowReturn flow = accept_client (self);

    if (flow != GST_FLOW_OK)
      return flow;
  }
  return read_client (self, ret_buffer);
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
  else if (!gst_net_settings_set (&self->settings, id - PROP_SETTINGS, value))
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
      if (!gst_net_settings_get (&self->settings, id - PROP_SETTINGS, value))
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
      "The port number the socket is currently bound to", 0, G_MAXUINT16, 0,
      flags);
  /**
   * GstTCPServerSrc:stats:
   *
   * `GstTCPServerSrcStats`: bytes-received (uint64) and, of TCP on Linux, the
   * uints reordering, unacked, sacked, lost, retrans and fackets.
   */
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Stats",
      "Retrieve a statistics structure", GST_TYPE_STRUCTURE, flags);
  gst_net_settings_add_pspecs (&props[PROP_SETTINGS],
      "The hostname to listen as",
      "The port to listen to (0=random available port)");
  /* Stock says that the default is none, and begins with "localhost" all the
   * same: tools that compare a value with its default rely on the former. */
  props[PROP_SETTINGS + GST_NET_SETTING_HOST] = g_param_spec_string ("host",
      "Host", "The hostname to listen as (localhost until it is set)", NULL,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
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
      "Thomas Vander Stichele <thomas at apestaart dot org>");
  GST_DEBUG_CATEGORY_INIT (
      tcpserversrc_debug, "tcpserversrc", 0, "TCP Server Source");
}

static void
gst_tcp_server_src_init (GstTCPServerSrc *self)
{
  gst_net_source_init (
      &self->source, GST_BASE_SRC (self), "GstTCPServerSrcStats");
  gst_net_settings_init (&self->settings, GST_OBJECT (self));
}
