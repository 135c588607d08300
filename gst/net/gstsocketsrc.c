/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketsrc.c: receives from a socket, given or named by a URI
 *
 * Here: the element, and reading a socket that the application hands over.
 * Not here: what a URI asks for: connecting (gstnetclient.c), listening
 * (gstnetserver.c), datagrams (gstnetdatagrams.c).
 *
 * Threads   app: properties, states     streaming: create, closed-by-peer
 *           any: events from downstream
 * Locks, in taking order    guards
 *   1. OBJECT_LOCK            caps, send_messages, current_port; see also
 *                             gstnetsource.c, gstneturi.c and others
 * No lock is held across a signal, a pad push, a bus message, a property
 * notify or a blocking call.
 */
/**
 * SECTION:element-socketsrc
 * @title: socketsrc
 * @see_also: multisocketsink, tcpclientsrc, tcpserversrc
 *
 * Receives from #GstSocketSrc:socket, a connected #GSocket of any kind that
 * the application made and keeps (the element never closes it), or from what
 * #GstSocketSrc:uri names:
 *
 * * `tcp://host:port`, `unix:///path`, `unix-abstract:name`: connects; see
 *   #GstSocketSrc:reconnect
 * * the same with `?listen=true`: takes one sender at a time; see
 *   #GstSocketSrc:on-disconnect
 * * `udp://host:port`, `udp://group:port?iface=eth0`,
 *   `udp://source@group:port`: receives datagrams (many of them cheaper by
 *   udpserversrc)
 * * `unix:///path?listen=true&type=datagram`, or `type=seqpacket`
 *
 * ## Example
 * |[
 * gst-launch-1.0 socketsrc uri="unix:///tmp/relay?listen=true" ! fdsink fd=2
 * ]|
 *
 * A buffer is what one receive call gave. A message of a datagram or
 * seqpacket socket thus stays one buffer; it may have up to 64 KiB (stock:
 * 4096 bytes), or #GstBaseSrc:blocksize if that is set. Ancillary data, such
 * as file descriptors, comes as #GstNetControlMessageMeta.
 *
 * When the peer closes the connection, #GstSocketSrc::connection-closed-by-peer
 * is emitted. A handler may set another socket, and the stream goes on;
 * otherwise it ends.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "../elements.h"

#include "gstnetclient.h"
#include "gstnetdatagrams.h"
#include "gstnetserver.h"
#include "gstnetsettings.h"
#include "gstneturi.h"

#include <gst/base/gstpushsrc.h>

GST_DEBUG_CATEGORY_STATIC (socketsrc_debug);
#define GST_CAT_DEFAULT socketsrc_debug

enum
{
  PROP_0,
  PROP_SOCKET,
  PROP_CAPS,
  PROP_SEND_MESSAGES,
  PROP_URI,
  PROP_CURRENT_PORT,
  PROP_STATS,
  PROP_SETTINGS,
  PROP_RETRY = PROP_SETTINGS + GST_NET_N_TCP_SETTINGS,
  PROP_SERVER = PROP_RETRY + GST_NET_N_RETRY,
  N_PROPS = PROP_SERVER + GST_NET_N_SERVER,
  PROP_BLOCKSIZE = N_PROPS,
};

enum
{
  CONNECTION_CLOSED_BY_PEER,
  N_SIGNALS,
};

/* Where the socket comes from. */
typedef enum
{
  MODE_GIVEN,
  MODE_CLIENT,
  MODE_SERVER,
  MODE_DATAGRAMS,
} Mode;

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

#define GST_TYPE_SOCKET_SRC (gst_socket_src_get_type ())
G_DECLARE_FINAL_TYPE (GstSocketSrc, gst_socket_src, GST, SOCKET_SRC, GstPushSrc)

struct _GstSocketSrc
{
  GstPushSrc parent;
  GstNetSource source;
  GstNetClient client;
  GstNetServer server;
  GstNetDatagrams datagrams;
  GstNetSettings settings;
  GstNetUri uri;

  /* guarded by OBJECT_LOCK */
  GstCaps *caps;
  gboolean send_messages;
  gint current_port;

  /* changed in start alone */
  Mode mode;
};

static void gst_socket_src_uri_handler_init (gpointer iface, gpointer data);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstSocketSrc, gst_socket_src, GST_TYPE_PUSH_SRC,
    G_IMPLEMENT_INTERFACE (
        GST_TYPE_URI_HANDLER, gst_socket_src_uri_handler_init))
GST_ELEMENT_REGISTER_DEFINE (
    socketsrc, "socketsrc", GST_RANK_NONE, GST_TYPE_SOCKET_SRC)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static void
set_current_port (GstSocketSrc *self, gint port)
{
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->current_port != port;
  self->current_port = port;
  GST_OBJECT_UNLOCK (self);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CURRENT_PORT]);
}

static gint
get_current_port (GstSocketSrc *self)
{
  gint port;

  GST_OBJECT_LOCK (self);
  port = self->current_port;
  GST_OBJECT_UNLOCK (self);
  return port;
}

static Mode
choose_mode (const GstSocketUri *uri)
{
  if (uri == NULL)
    return MODE_GIVEN;
  if (uri->type == GST_SOCKET_URI_DATAGRAM)
    return MODE_DATAGRAMS;
  return uri->listen ? MODE_SERVER : MODE_CLIENT;
}

static void
dup_peer (GstElement *element, GstNetPeer *peer)
{
  GstSocketSrc *self = GST_SOCKET_SRC (element);
  g_autofree gchar *text = gst_net_uri_dup (&self->uri);

  peer->tcp = gst_net_settings_get_tcp (&self->settings);
  peer->uri = gst_socket_uri_parse (text, NULL);
}

static gboolean
start_server (GstSocketSrc *self)
{
  g_auto (GstNetPeer) local = GST_NET_PEER_INIT;

  dup_peer (GST_ELEMENT (self), &local);
  if (!gst_net_server_start (&self->server, &local))
    return FALSE;
  set_current_port (self, gst_net_listener_get_port (&self->server.listener));
  return TRUE;
}

static gboolean
start_datagrams (GstSocketSrc *self, const GstSocketUri *uri)
{
  if (!gst_net_datagrams_start (&self->datagrams, uri))
    return FALSE;
  set_current_port (self, gst_net_datagrams_get_port (&self->datagrams));
  return TRUE;
}

static gboolean
gst_socket_src_start (GstBaseSrc *src)
{
  GstSocketSrc *self = GST_SOCKET_SRC (src);
  g_autoptr (GstSocketUri) uri = NULL;

  if (!gst_net_uri_parse (&self->uri, &uri))
    return FALSE;
  self->mode = choose_mode (uri);
  switch (self->mode) {
    case MODE_CLIENT:
      return gst_net_client_start (&self->client);
    case MODE_SERVER:
      return start_server (self);
    case MODE_DATAGRAMS:
      return start_datagrams (self, uri);
    default:
      return gst_net_source_open (&self->source);
  }
}

static gboolean
gst_socket_src_stop (GstBaseSrc *src)
{
  GstSocketSrc *self = GST_SOCKET_SRC (src);

  switch (self->mode) {
    case MODE_CLIENT:
      gst_net_client_stop (&self->client);
      break;
    case MODE_SERVER:
      gst_net_server_stop (&self->server);
      break;
    case MODE_DATAGRAMS:
      gst_net_datagrams_stop (&self->datagrams);
      break;
    default:
      gst_net_source_close (&self->source);
  }
  set_current_port (self, 0);
  return TRUE;
}

/* Tells the application; returns TRUE if it set another socket. To set none
 * ends the stream like leaving the finished one. */
static gboolean
ask_for_next_socket (GstSocketSrc *self, GSocket *finished)
{
  g_autoptr (GSocket) next = NULL;

  GST_DEBUG_OBJECT (self, "the peer closed the connection");
  g_signal_emit (self, signals[CONNECTION_CLOSED_BY_PEER], 0);
  next = gst_net_source_ref_socket (&self->source);
  return next != NULL && next != finished;
}

static GstFlowReturn
read_given (GstSocketSrc *self, GstBuffer **ret_buffer)
{
  while (TRUE) {
    g_autoptr (GSocket) socket = gst_net_source_ref_socket (&self->source);
    g_autoptr (GError) error = NULL;

    if (socket == NULL) {
      GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
          (_ ("There is no socket to receive from; set \"socket\" or \"uri\".")),
          (NULL));
      return GST_FLOW_ERROR;
    }
    switch (gst_net_source_read (&self->source, socket, ret_buffer, &error)) {
      case GST_SOCKET_READ_DATA:
        return GST_FLOW_OK;
      case GST_SOCKET_READ_END:
        if (!ask_for_next_socket (self, socket))
          return GST_FLOW_EOS;
        break;
      default:
        return gst_net_source_fail (&self->source, error);
    }
  }
}

static GstFlowReturn
gst_socket_src_create (GstPushSrc *src, GstBuffer **ret_buffer)
{
  GstSocketSrc *self = GST_SOCKET_SRC (src);

  switch (self->mode) {
    case MODE_CLIENT:
      return gst_net_client_create (&self->client, ret_buffer);
    case MODE_SERVER:
      return gst_net_server_create (&self->server, ret_buffer);
    case MODE_DATAGRAMS:
      return gst_net_datagrams_create (&self->datagrams, ret_buffer);
    default:
      return read_given (self, ret_buffer);
  }
}

static gboolean
gst_socket_src_unlock (GstBaseSrc *src)
{
  gst_net_source_cancel (&GST_SOCKET_SRC (src)->source);
  return TRUE;
}

static gboolean
gst_socket_src_unlock_stop (GstBaseSrc *src)
{
  gst_net_source_resume (&GST_SOCKET_SRC (src)->source);
  return TRUE;
}

static GstCaps *
dup_caps (GstSocketSrc *self)
{
  GstCaps *caps;

  GST_OBJECT_LOCK (self);
  caps = self->caps != NULL ? gst_caps_ref (self->caps) : NULL;
  GST_OBJECT_UNLOCK (self);
  return caps;
}

static GstCaps *
gst_socket_src_get_caps (GstBaseSrc *src, GstCaps *filter)
{
  g_autoptr (GstCaps) caps = dup_caps (GST_SOCKET_SRC (src));

  if (caps == NULL)
    return gst_net_source_any_caps (filter);
  if (filter == NULL)
    return g_steal_pointer (&caps);
  return gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
}

/* Sends the buffer of a GstNetworkMessage to the peer, as far as that does
 * not mean waiting: the event may come from any thread. */
static gboolean
send_message (GstSocketSrc *self, const GstStructure *message)
{
  g_autoptr (GSocket) socket = gst_net_source_ref_socket (&self->source);
  g_autoptr (GstBuffer) buffer = NULL;
  g_autoptr (GError) error = NULL;
  gssize sent;
  GstMapInfo map;

  gst_structure_get (message, "buffer", GST_TYPE_BUFFER, &buffer, NULL);
  if (socket == NULL || buffer == NULL
      || !gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    GST_WARNING_OBJECT (self, "cannot send a message without %s",
        socket == NULL ? "a socket" : "a readable buffer");
    return FALSE;
  }
  sent = g_socket_send_with_blocking (
      socket, (gchar *) map.data, map.size, FALSE, NULL, &error);
  if (sent != (gssize) map.size)
    GST_WARNING_OBJECT (self,
        "only %" G_GSSIZE_FORMAT " of %" G_GSIZE_FORMAT
        " bytes of a message were sent: %s",
        MAX (sent, 0), map.size,
        error != NULL ? error->message : "the peer is slow");
  gst_buffer_unmap (buffer, &map);
  return sent == (gssize) map.size;
}

static gboolean
get_send_messages (GstSocketSrc *self)
{
  gboolean send_messages;

  GST_OBJECT_LOCK (self);
  send_messages = self->send_messages;
  GST_OBJECT_UNLOCK (self);
  return send_messages;
}

static gboolean
gst_socket_src_event (GstBaseSrc *src, GstEvent *event)
{
  GstSocketSrc *self = GST_SOCKET_SRC (src);

  if (get_send_messages (self)
      && GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM
      && gst_event_has_name (event, "GstNetworkMessage"))
    return send_message (self, gst_event_get_structure (event));
  return GST_BASE_SRC_CLASS (gst_socket_src_parent_class)->event (src, event);
}

static void
set_caps (GstSocketSrc *self, const GstCaps *caps)
{
  g_autoptr (GstCaps) old = NULL;

  GST_OBJECT_LOCK (self);
  old = g_steal_pointer (&self->caps);
  self->caps = caps != NULL ? gst_caps_copy (caps) : gst_caps_new_any ();
  GST_OBJECT_UNLOCK (self);
  gst_pad_mark_reconfigure (GST_BASE_SRC_PAD (self));
}

static void
set_socket (GstSocketSrc *self, GSocket *socket)
{
  g_autofree gchar *uri = gst_net_uri_dup (&self->uri);

  if (uri != NULL)
    GST_WARNING_OBJECT (self, "\"uri\" is set, so \"socket\" is not used");
  else
    gst_net_source_set_socket (&self->source, socket);
}

static void
set_send_messages (GstSocketSrc *self, gboolean send_messages)
{
  GST_OBJECT_LOCK (self);
  self->send_messages = send_messages;
  GST_OBJECT_UNLOCK (self);
}

/* The properties that other files take care of. */
static gboolean
set_shared (GstSocketSrc *self, gint id, const GValue *value)
{
  return id >= PROP_SETTINGS
      && (id < PROP_RETRY
              ? gst_net_settings_set (
                  &self->settings, id - PROP_SETTINGS, value)
              : gst_net_retry_set (&self->client.retry, id - PROP_RETRY, value)
                  || gst_net_server_set (
                      &self->server, id - PROP_SERVER, value));
}

static gboolean
get_shared (GstSocketSrc *self, gint id, GValue *value)
{
  return id >= PROP_SETTINGS
      && (id < PROP_RETRY
              ? gst_net_settings_get (
                  &self->settings, id - PROP_SETTINGS, value)
              : gst_net_retry_get (&self->client.retry, id - PROP_RETRY, value)
                  || gst_net_server_get (
                      &self->server, id - PROP_SERVER, value));
}

static void
gst_socket_src_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstSocketSrc *self = GST_SOCKET_SRC (object);

  switch (id) {
    case PROP_SOCKET:
      set_socket (self, g_value_get_object (value));
      break;
    case PROP_CAPS:
      set_caps (self, gst_value_get_caps (value));
      break;
    case PROP_SEND_MESSAGES:
      set_send_messages (self, g_value_get_boolean (value));
      break;
    case PROP_URI:
      gst_net_uri_set (&self->uri, g_value_get_string (value));
      break;
    case PROP_BLOCKSIZE:
      gst_net_source_set_blocksize (&self->source, g_value_get_uint (value));
      break;
    default:
      if (!set_shared (self, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_socket_src_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstSocketSrc *self = GST_SOCKET_SRC (object);

  switch (id) {
    case PROP_SOCKET:
      g_value_take_object (value, gst_net_source_ref_socket (&self->source));
      break;
    case PROP_CAPS:
      g_value_take_boxed (value, dup_caps (self));
      break;
    case PROP_SEND_MESSAGES:
      g_value_set_boolean (value, get_send_messages (self));
      break;
    case PROP_URI:
      g_value_take_string (value, gst_net_uri_dup (&self->uri));
      break;
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
      if (!get_shared (self, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static GstURIType
get_uri_type (GType type)
{
  return GST_URI_SRC;
}

static void
gst_socket_src_uri_handler_init (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  handler->get_type = get_uri_type;
  handler->get_protocols = gst_net_uri_get_protocols;
  handler->get_uri = gst_net_uri_handler_get_uri;
  handler->set_uri = gst_net_uri_handler_set_uri;
}

static void
gst_socket_src_finalize (GObject *object)
{
  GstSocketSrc *self = GST_SOCKET_SRC (object);

  gst_net_source_clear (&self->source);
  gst_net_settings_clear (&self->settings);
  gst_net_uri_clear (&self->uri);
  gst_clear_caps (&self->caps);
  G_OBJECT_CLASS (gst_socket_src_parent_class)->finalize (object);
}

static void
install_uri_properties (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * GstSocketSrc:uri:
   *
   * What to receive from, instead of #GstSocketSrc:socket. A text that does
   * not name a socket makes the change to PAUSED fail, with an error that says
   * why.
   */
  props[PROP_URI] = g_param_spec_string ("uri", "URI",
      "Where to receive from instead of \"socket\": tcp://host:port, "
      "udp://host:port, unix:///path or unix-abstract:name, with "
      "?listen=true to be connected to (none)",
      NULL,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
  props[PROP_CURRENT_PORT] = g_param_spec_int ("current-port", "Current port",
      "The port that a \"uri\" made the element listen on, 0 if there is "
      "none",
      0, G_MAXUINT16, 0, flags);
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Statistics",
      "GstSocketSrcStats: bytes-received (uint64) and, of TCP, what "
      "tcpclientsrc tells",
      GST_TYPE_STRUCTURE, flags);
  gst_net_settings_add_pspecs (&props[PROP_SETTINGS]);
  gst_net_retry_add_pspecs (&props[PROP_RETRY]);
  gst_net_server_add_pspecs (&props[PROP_SERVER]);
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  /**
   * GstSocketSrc:socket:
   *
   * The connected socket to receive from. It may be replaced at any time; a
   * read that waits on the old one ends first.
   */
  props[PROP_SOCKET] = g_param_spec_object ("socket", "Socket",
      "Connected socket to receive from, of any kind, that the application "
      "keeps (none); a handler of connection-closed-by-peer may set another",
      G_TYPE_SOCKET, flags);
  props[PROP_CAPS] = g_param_spec_boxed ("caps", "Caps",
      "Caps of what comes (none: left to downstream); may change at any time",
      GST_TYPE_CAPS, flags);
  /**
   * GstSocketSrc:send-messages:
   *
   * Send the buffer of a custom upstream event "GstNetworkMessage" back to the
   * peer.
   */
  props[PROP_SEND_MESSAGES] =
      g_param_spec_boolean ("send-messages", "Send Messages",
          "Whether the buffers of GstNetworkMessage events from downstream are "
          "sent to the peer (no); also while it runs",
          FALSE, flags);
  install_uri_properties ();
  g_object_class_install_properties (klass, N_PROPS, props);
  g_object_class_override_property (klass, PROP_BLOCKSIZE, "blocksize");
}

static void
install_signals (GObjectClass *klass)
{
  /**
   * GstSocketSrc::connection-closed-by-peer:
   * @self: the element
   *
   * The peer closed the connection. Emitted by the streaming thread, which
   * goes on with #GstSocketSrc:socket if a handler changes it, and ends the
   * stream otherwise.
   */
  signals[CONNECTION_CLOSED_BY_PEER] =
      g_signal_new ("connection-closed-by-peer", G_TYPE_FROM_CLASS (klass),
          G_SIGNAL_RUN_FIRST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gst_socket_src_class_init (GstSocketSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  object_class->set_property = gst_socket_src_set_property;
  object_class->get_property = gst_socket_src_get_property;
  object_class->finalize = gst_socket_src_finalize;
  base_class->start = gst_socket_src_start;
  base_class->stop = gst_socket_src_stop;
  base_class->unlock = gst_socket_src_unlock;
  base_class->unlock_stop = gst_socket_src_unlock_stop;
  base_class->get_caps = gst_socket_src_get_caps;
  base_class->event = gst_socket_src_event;
  GST_PUSH_SRC_CLASS (klass)->create = gst_socket_src_create;
  install_properties (object_class);
  install_signals (object_class);

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "socket source",
      "Source/Network", "Receive data from a socket",
      "The GStreamer socket plugins authors");
  GST_DEBUG_CATEGORY_INIT (socketsrc_debug, "socketsrc", 0, "Socket Source");
}

static void
gst_socket_src_init (GstSocketSrc *self)
{
  gst_net_source_init (&self->source, GST_BASE_SRC (self), "GstSocketSrcStats");
  gst_net_client_init (&self->client, &self->source, dup_peer);
  gst_net_server_init (&self->server, &self->source);
  gst_net_datagrams_init (&self->datagrams, &self->source);
  gst_net_settings_init (&self->settings, GST_OBJECT (self));
  gst_net_uri_init (&self->uri, GST_ELEMENT (self));
}
