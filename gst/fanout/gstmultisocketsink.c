/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstmultisocketsink.c: sends one stream to many GSockets
 *
 * Here: GSockets as handles, the signals that name them, messages from and to
 * clients as events. Not here: everything that does not depend on the kind of
 * handle (gstmultihandlesink.c).
 *
 * Threads   app: actions    streaming, worker: signals and events
 * Locks     OBJECT_LOCK guards send_dispatched, send_messages
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstmultisocketsink.h"

#include "../elements.h"

#include <gst/net/gstnetcontrolmessagemeta.h>

/**
 * SECTION:element-multisocketsink
 * @title: multisocketsink
 * @see_also: tcpserversink, multifdsink
 *
 * Sends what it receives to any number of sockets that an application hands
 * over with the action signal #GstMultiSocketSink::add. Each client starts
 * where #GstMultiHandleSink:sync-method says, gets the stream headers of the
 * caps first, and is served at its own pace: one that lags costs the others
 * nothing, and what it may lag is bounded.
 *
 * The sink never closes a socket. Once the signal
 * #GstMultiSocketSink::client-socket-removed has been emitted, it does not use
 * the socket any more.
 *
 * Stream sockets and datagram sockets both serve; a datagram socket sends one
 * datagram per buffer. Ancillary data of a buffer (#GstNetControlMessageMeta)
 * is sent with it.
 *
 * A client at #GstMultiHandleSink:units-max goes in the push that brings it
 * there. Only when nobody has tried to send to it since, does that push wait
 * for the attempt, and for 20 ms at most.
 *
 * At the end of the stream nothing is waited for: what clients have not taken
 * by the time the element stops is dropped.
 */

typedef struct
{
  /* guarded by OBJECT_LOCK */
  gboolean send_dispatched;
  gboolean send_messages;
} GstMultiSocketSinkPrivate;

enum
{
  PROP_0,
  PROP_SEND_DISPATCHED,
  PROP_SEND_MESSAGES,
  N_PROPS
};

enum
{
  SIGNAL_ADD,
  SIGNAL_ADD_FULL,
  SIGNAL_REMOVE,
  SIGNAL_REMOVE_FLUSH,
  SIGNAL_GET_STATS,
  SIGNAL_CLIENT_ADDED,
  SIGNAL_CLIENT_REMOVED,
  SIGNAL_CLIENT_SOCKET_REMOVED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_PRIVATE (
    GstMultiSocketSink, gst_multi_socket_sink, GST_TYPE_MULTI_HANDLE_SINK)
GST_ELEMENT_REGISTER_DEFINE (multisocketsink, "multisocketsink", GST_RANK_NONE,
    GST_TYPE_MULTI_SOCKET_SINK)

/* --- actions --- */

static guint
handle_flags (GSocket *socket)
{
  guint flags = GST_SOCKET_HANDLE_SOCKET | GST_SOCKET_HANDLE_READ
      | GST_SOCKET_HANDLE_GSOCKET;
  GSocketType type = g_socket_get_socket_type (socket);

  if (type != G_SOCKET_TYPE_STREAM)
    flags |= GST_SOCKET_HANDLE_MESSAGES;
  if (type == G_SOCKET_TYPE_DATAGRAM)
    flags |= GST_SOCKET_HANDLE_DATAGRAM;
  return flags;
}

static void
add_with_start (
    GstMultiSocketSink *self, GSocket *socket, const GstSocketStart *start)
{
  GstSocketHandle handle = {.key = socket, .object = G_OBJECT (socket)};
  g_autoptr (GSocket) kept = NULL;

  g_return_if_fail (G_IS_SOCKET (socket));

  kept = g_object_ref (socket);
  handle.fd = g_socket_get_fd (socket);
  handle.flags = handle_flags (socket);
  g_socket_set_blocking (socket, FALSE);
  if (gst_multi_handle_sink_add (
          GST_MULTI_HANDLE_SINK (self), &handle, start, NULL))
    g_signal_emit (self, signals[SIGNAL_CLIENT_ADDED], 0, socket);
}

void
gst_multi_socket_sink_add (GstMultiSocketSink *self, GSocket *socket)
{
  add_with_start (self, socket, NULL);
}

static void
gst_multi_socket_sink_add_full (GstMultiSocketSink *self, GSocket *socket,
    GstSocketSync sync, GstFormat min_format, guint64 min, GstFormat max_format,
    guint64 max)
{
  GstSocketStart start = {sync, min_format, min, max_format, max};

  add_with_start (self, socket, &start);
}

static GstSocketEngine *
engine_of (GstMultiSocketSink *self)
{
  return gst_multi_handle_sink_get_engine (GST_MULTI_HANDLE_SINK (self));
}

static void
gst_multi_socket_sink_remove (GstMultiSocketSink *self, GSocket *socket)
{
  if (!gst_socket_engine_remove (
          engine_of (self), socket, GST_SOCKET_CLIENT_REMOVED))
    GST_WARNING_OBJECT (self, "socket %p is no client", socket);
}

static void
gst_multi_socket_sink_remove_flush (GstMultiSocketSink *self, GSocket *socket)
{
  if (!gst_socket_engine_remove_flush (engine_of (self), socket))
    GST_WARNING_OBJECT (self, "socket %p is no client", socket);
}

static GstStructure *
gst_multi_socket_sink_get_stats (GstMultiSocketSink *self, GSocket *socket)
{
  return gst_socket_engine_get_stats (engine_of (self), socket);
}

/* --- reports --- */

static void
gst_multi_socket_sink_removed (
    GstMultiHandleSink *self, gpointer key, GstSocketClientStatus status)
{
  g_signal_emit (self, signals[SIGNAL_CLIENT_REMOVED], 0, key, status);
}

static void
gst_multi_socket_sink_gone (
    GstMultiHandleSink *self, gpointer key, GstSocketClientStatus status)
{
  GstMultiSocketSinkClass *klass = GST_MULTI_SOCKET_SINK_GET_CLASS (self);

  if (klass->release != NULL)
    klass->release (GST_MULTI_SOCKET_SINK (self), key);
  g_signal_emit (self, signals[SIGNAL_CLIENT_SOCKET_REMOVED], 0, key);
}

static void
push_upstream (GstMultiHandleSink *self, const gchar *name, gpointer key,
    GstBuffer *buffer)
{
  GstStructure *structure = gst_structure_new (name, "object", G_TYPE_OBJECT,
      key, "buffer", GST_TYPE_BUFFER, buffer, NULL);

  gst_pad_push_event (GST_BASE_SINK_PAD (self),
      gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, structure));
}

static void
gst_multi_socket_sink_received (
    GstMultiHandleSink *self, gpointer key, GstBuffer *buffer)
{
  push_upstream (self, "GstNetworkMessage", key, buffer);
}

static void
gst_multi_socket_sink_sent (
    GstMultiHandleSink *self, gpointer key, GstBuffer *buffer)
{
  push_upstream (self, "GstNetworkMessageDispatched", key, buffer);
}

/* --- class --- */

/* Upstream may attach ancillary data: it will be sent. */
static gboolean
gst_multi_socket_sink_propose_allocation (GstBaseSink *bsink, GstQuery *query)
{
  gst_query_add_allocation_meta (
      query, GST_NET_CONTROL_MESSAGE_META_API_TYPE, NULL);
  return TRUE;
}

static void
gst_multi_socket_sink_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstMultiSocketSink *self = GST_MULTI_SOCKET_SINK (object);
  GstMultiSocketSinkPrivate *priv =
      gst_multi_socket_sink_get_instance_private (self);
  gboolean dispatched, messages;

  GST_OBJECT_LOCK (self);
  if (id == PROP_SEND_DISPATCHED)
    priv->send_dispatched = g_value_get_boolean (value);
  else if (id == PROP_SEND_MESSAGES)
    priv->send_messages = g_value_get_boolean (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  dispatched = priv->send_dispatched;
  messages = priv->send_messages;
  GST_OBJECT_UNLOCK (self);
  gst_multi_handle_sink_set_notify (
      GST_MULTI_HANDLE_SINK (self), dispatched, messages);
}

static void
gst_multi_socket_sink_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstMultiSocketSink *self = GST_MULTI_SOCKET_SINK (object);
  GstMultiSocketSinkPrivate *priv =
      gst_multi_socket_sink_get_instance_private (self);

  GST_OBJECT_LOCK (self);
  if (id == PROP_SEND_DISPATCHED)
    g_value_set_boolean (value, priv->send_dispatched);
  else if (id == PROP_SEND_MESSAGES)
    g_value_set_boolean (value, priv->send_messages);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
install_properties (GObjectClass *klass)
{
  props[PROP_SEND_DISPATCHED] =
      g_param_spec_boolean ("send-dispatched", "Send Dispatched",
          "Whether an event GstNetworkMessageDispatched goes upstream for each "
          "buffer that a client has been sent whole (default: no)",
          FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_SEND_MESSAGES] =
      g_param_spec_boolean ("send-messages", "Send Messages",
          "Whether what clients send goes upstream as events GstNetworkMessage "
          "(default: no, it is read and dropped)",
          FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (klass, N_PROPS, props);
}

static void
install_additions (GType type)
{
  /**
   * GstMultiSocketSink::add:
   * @self: the sink, READY or higher
   * @socket: a connected socket; made non-blocking
   *
   * Adds a client that starts as the properties say, at the next buffer.
   */
  signals[SIGNAL_ADD] =
      g_signal_new ("add", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
          G_STRUCT_OFFSET (GstMultiSocketSinkClass, add), NULL, NULL, NULL,
          G_TYPE_NONE, 1, G_TYPE_SOCKET);

  /**
   * GstMultiSocketSink::add-full:
   * @self: the sink, READY or higher
   * @socket: a connected socket; made non-blocking
   * @sync: sync method of this client
   * @min_format: unit of @min
   * @min: least amount of a burst
   * @max_format: unit of @max
   * @max: most of a burst, -1 for no limit
   *
   * Adds a client that starts as it says here, at the next buffer.
   */
  signals[SIGNAL_ADD_FULL] =
      g_signal_new ("add-full", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
          G_STRUCT_OFFSET (GstMultiSocketSinkClass, add_full), NULL, NULL, NULL,
          G_TYPE_NONE, 6, G_TYPE_SOCKET, GST_TYPE_SYNC_METHOD, GST_TYPE_FORMAT,
          G_TYPE_UINT64, GST_TYPE_FORMAT, G_TYPE_UINT64);
}

static void
install_removals (GType type)
{
  /**
   * GstMultiSocketSink::remove:
   * @self: the sink
   * @socket: a client's socket
   *
   * Removes a client at once. The signals are emitted before this returns.
   */
  signals[SIGNAL_REMOVE] =
      g_signal_new ("remove", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
          G_STRUCT_OFFSET (GstMultiSocketSinkClass, remove), NULL, NULL, NULL,
          G_TYPE_NONE, 1, G_TYPE_SOCKET);

  /**
   * GstMultiSocketSink::remove-flush:
   * @self: the sink
   * @socket: a client's socket
   *
   * Removes a client once it has been sent what is queued for it now.
   */
  signals[SIGNAL_REMOVE_FLUSH] =
      g_signal_new ("remove-flush", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
          G_STRUCT_OFFSET (GstMultiSocketSinkClass, remove_flush), NULL, NULL,
          NULL, G_TYPE_NONE, 1, G_TYPE_SOCKET);

  /**
   * GstMultiSocketSink::get-stats:
   * @self: the sink
   * @socket: a client's socket
   *
   * Returns: the client's figures: bytes-sent, connect-time, disconnect-time,
   *     connect-duration, buffers-dropped and others, all guint64, times in
   *     ns; without a field when it is no client
   */
  signals[SIGNAL_GET_STATS] =
      g_signal_new ("get-stats", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
          G_STRUCT_OFFSET (GstMultiSocketSinkClass, get_stats), NULL, NULL,
          NULL, GST_TYPE_STRUCTURE, 1, G_TYPE_SOCKET);
}

static void
install_notifications (GType type)
{
  /**
   * GstMultiSocketSink::client-added:
   * @self: the sink
   * @socket: (type Gio.Socket): the client's socket
   *
   * A client was added. Emitted from the thread that added it.
   */
  signals[SIGNAL_CLIENT_ADDED] = g_signal_new ("client-added", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_OBJECT);

  /**
   * GstMultiSocketSink::client-removed:
   * @self: the sink
   * @socket: the client's socket
   * @status: why it goes
   *
   * A client goes; its figures can still be had. Emitted from the thread that
   * removed it, which may be the streaming thread or one of the sink's own.
   */
  signals[SIGNAL_CLIENT_REMOVED] =
      g_signal_new ("client-removed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
          NULL, G_TYPE_NONE, 2, G_TYPE_SOCKET, GST_TYPE_CLIENT_STATUS);

  /**
   * GstMultiSocketSink::client-socket-removed:
   * @self: the sink
   * @socket: the socket of a client that has gone
   *
   * The sink does not use the socket any more; it may be closed.
   */
  signals[SIGNAL_CLIENT_SOCKET_REMOVED] =
      g_signal_new ("client-socket-removed", type, G_SIGNAL_RUN_LAST, 0, NULL,
          NULL, NULL, G_TYPE_NONE, 1, G_TYPE_SOCKET);
}

static void
gst_multi_socket_sink_class_init (GstMultiSocketSinkClass *klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstMultiHandleSinkClass *handle_class = GST_MULTI_HANDLE_SINK_CLASS (klass);

  gobject_class->set_property = gst_multi_socket_sink_set_property;
  gobject_class->get_property = gst_multi_socket_sink_get_property;
  install_properties (gobject_class);

  klass->add = gst_multi_socket_sink_add;
  klass->add_full = gst_multi_socket_sink_add_full;
  klass->remove = gst_multi_socket_sink_remove;
  klass->remove_flush = gst_multi_socket_sink_remove_flush;
  klass->get_stats = gst_multi_socket_sink_get_stats;
  install_additions (G_TYPE_FROM_CLASS (klass));
  install_removals (G_TYPE_FROM_CLASS (klass));
  install_notifications (G_TYPE_FROM_CLASS (klass));

  handle_class->sends_control = TRUE;
  handle_class->removed = gst_multi_socket_sink_removed;
  handle_class->gone = gst_multi_socket_sink_gone;
  handle_class->received = gst_multi_socket_sink_received;
  handle_class->sent = gst_multi_socket_sink_sent;
  GST_BASE_SINK_CLASS (klass)->propose_allocation =
      GST_DEBUG_FUNCPTR (gst_multi_socket_sink_propose_allocation);

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Multi socket sink", "Sink/Network",
      "Send data to multiple sockets, served by a few threads of its own",
      "The GStreamer socket plugins authors");
}

static void
gst_multi_socket_sink_init (GstMultiSocketSink *self)
{
  gst_multi_handle_sink_set_flush_counts (GST_MULTI_HANDLE_SINK (self));
}
