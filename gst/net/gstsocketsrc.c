/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketsrc.c: receives from a socket that the application hands over
 *
 * Here: the element. Not here: reading (gstnetsource.c).
 *
 * Threads   app: properties, states     streaming: create, closed-by-peer
 *           any: events from downstream
 * Locks, in taking order    guards
 *   1. OBJECT_LOCK            caps, send_messages; see also gstnetsource.c
 * No lock is held across a signal, a pad push, a bus message, a property
 * notify or a blocking call.
 */
/**
 * SECTION:element-socketsrc
 * @title: socketsrc
 * @see_also: multisocketsink, tcpclientsrc, tcpserversrc
 *
 * Receives from #GstSocketSrc:socket, a connected #GSocket of any kind that
 * the application made and keeps: the element never closes it.
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

#include "gstnetsource.h"

#include <gst/base/gstpushsrc.h>
#include <gst/socket/gstsocketerror.h>

GST_DEBUG_CATEGORY_STATIC (socketsrc_debug);
#define GST_CAT_DEFAULT socketsrc_debug

enum
{
  PROP_0,
  PROP_SOCKET,
  PROP_CAPS,
  PROP_SEND_MESSAGES,
  N_PROPS,
  PROP_BLOCKSIZE = N_PROPS,
};

enum
{
  CONNECTION_CLOSED_BY_PEER,
  N_SIGNALS,
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

#define GST_TYPE_SOCKET_SRC (gst_socket_src_get_type ())
G_DECLARE_FINAL_TYPE (GstSocketSrc, gst_socket_src, GST, SOCKET_SRC, GstPushSrc)

struct _GstSocketSrc
{
  GstPushSrc parent;
  GstNetSource source;

  /* guarded by OBJECT_LOCK */
  GstCaps *caps;
  gboolean send_messages;
};

G_DEFINE_FINAL_TYPE (GstSocketSrc, gst_socket_src, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE (
    socketsrc, "socketsrc", GST_RANK_NONE, GST_TYPE_SOCKET_SRC)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static gboolean
gst_socket_src_start (GstBaseSrc *src)
{
  return gst_net_source_open (&GST_SOCKET_SRC (src)->source);
}

static gboolean
gst_socket_src_stop (GstBaseSrc *src)
{
  gst_net_source_close (&GST_SOCKET_SRC (src)->source);
  return TRUE;
}

/* Tells the application; returns TRUE if it set another socket. */
static gboolean
ask_for_next_socket (GstSocketSrc *self, GSocket *finished)
{
  g_autoptr (GSocket) next = NULL;

  GST_DEBUG_OBJECT (self, "the peer closed the connection");
  g_signal_emit (self, signals[CONNECTION_CLOSED_BY_PEER], 0);
  next = gst_net_source_ref_socket (&self->source);
  return next != finished;
}

static GstFlowReturn
gst_socket_src_create (GstPushSrc *src, GstBuffer **ret_buffer)
{
  GstSocketSrc *self = GST_SOCKET_SRC (src);

  while (TRUE) {
    g_autoptr (GSocket) socket = gst_net_source_ref_socket (&self->source);
    g_autoptr (GError) error = NULL;

    if (socket == NULL) {
      GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
          (_ ("There is no socket to receive from; set \"socket\".")), (NULL));
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
gst_socket_src_event (GstBaseSrc *src, GstEvent *event)
{
  GstSocketSrc *self = GST_SOCKET_SRC (src);
  gboolean send_messages;

  GST_OBJECT_LOCK (self);
  send_messages = self->send_messages;
  GST_OBJECT_UNLOCK (self);
  if (send_messages && GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM
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
  self->caps = caps != NULL ? gst_caps_copy (caps) : NULL;
  GST_OBJECT_UNLOCK (self);
  gst_pad_mark_reconfigure (GST_BASE_SRC_PAD (self));
}

static void
gst_socket_src_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstSocketSrc *self = GST_SOCKET_SRC (object);

  switch (id) {
    case PROP_SOCKET:
      gst_net_source_set_socket (&self->source, g_value_get_object (value));
      break;
    case PROP_CAPS:
      set_caps (self, gst_value_get_caps (value));
      break;
    case PROP_SEND_MESSAGES:
      GST_OBJECT_LOCK (self);
      self->send_messages = g_value_get_boolean (value);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_BLOCKSIZE:
      gst_net_source_set_blocksize (&self->source, g_value_get_uint (value));
      break;
    default:
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
      GST_OBJECT_LOCK (self);
      g_value_set_boolean (value, self->send_messages);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_BLOCKSIZE:
      g_value_set_uint (
          value, gst_base_src_get_blocksize (GST_BASE_SRC (self)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_socket_src_finalize (GObject *object)
{
  GstSocketSrc *self = GST_SOCKET_SRC (object);

  gst_net_source_clear (&self->source);
  gst_clear_caps (&self->caps);
  G_OBJECT_CLASS (gst_socket_src_parent_class)->finalize (object);
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
      "The socket to receive packets from", G_TYPE_SOCKET, flags);
  props[PROP_CAPS] = g_param_spec_boxed (
      "caps", "Caps", "The caps of the source pad", GST_TYPE_CAPS, flags);
  /**
   * GstSocketSrc:send-messages:
   *
   * Send the buffer of a custom upstream event "GstNetworkMessage" back to the
   * peer.
   */
  props[PROP_SEND_MESSAGES] =
      g_param_spec_boolean ("send-messages", "Send Messages",
          "If GstNetworkMessage events should be handled", FALSE, flags);
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
      "Thomas Vander Stichele <thomas at apestaart dot org>, "
      "William Manley <will@williammanley.net>");
  GST_DEBUG_CATEGORY_INIT (socketsrc_debug, "socketsrc", 0, "Socket Source");
}

static void
gst_socket_src_init (GstSocketSrc *self)
{
  gst_net_source_init (&self->source, GST_BASE_SRC (self), "GstSocketSrcStats");
}
