/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstmultifdsink.c: sends one stream to many file descriptors
 *
 * Here: descriptors as handles, the signals that name them.
 * Not here: everything that does not depend on the kind of handle
 * (gstmultihandlesink.c).
 *
 * Threads   app: actions    streaming, worker: signals
 * Locks     OBJECT_LOCK guards handle_read
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstmultihandlesink.h"

#include "../elements.h"

#include <gst/socket/gstsocketopt.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/**
 * SECTION:element-multifdsink
 * @title: multifdsink
 * @see_also: multisocketsink, tcpserversink
 *
 * Sends what it receives to any number of file descriptors that an application
 * hands over with the action signal #GstMultiFdSink::add: sockets, pipes,
 * terminals. Each client starts where #GstMultiHandleSink:sync-method says,
 * gets the stream headers of the caps first, and is served at its own pace.
 *
 * The sink makes a descriptor non-blocking and never closes it. Once the
 * signal #GstMultiFdSink::client-fd-removed has been emitted, it does not use
 * the descriptor any more; closing it earlier is an error, because the system
 * may give the same number to another file.
 *
 * A regular file is written to but not read from: it has no peer whose leaving
 * could be noticed.
 *
 * A client at #GstMultiHandleSink:units-max goes in the push that brings it
 * there. Only when nobody has tried to send to it since, does that push wait
 * for the attempt, and for 20 ms at most.
 *
 * At the end of the stream nothing is waited for: what clients have not taken
 * by the time the element stops is dropped.
 */

#define GST_TYPE_MULTI_FD_SINK (gst_multi_fd_sink_get_type ())
G_DECLARE_DERIVABLE_TYPE (
    GstMultiFdSink, gst_multi_fd_sink, GST, MULTI_FD_SINK, GstMultiHandleSink)

struct _GstMultiFdSinkClass
{
  GstMultiHandleSinkClass parent_class;

  /* closures of the action signals */
  void (*add) (GstMultiFdSink *self, gint fd);
  void (*add_full) (GstMultiFdSink *self, gint fd, GstSocketSync sync,
      GstFormat min_format, guint64 min, GstFormat max_format, guint64 max);
  void (*remove) (GstMultiFdSink *self, gint fd);
  void (*remove_flush) (GstMultiFdSink *self, gint fd);
  GstStructure *(*get_stats) (GstMultiFdSink *self, gint fd);
};

typedef struct
{
  gboolean handle_read; /* guarded by OBJECT_LOCK */
} GstMultiFdSinkPrivate;

enum
{
  PROP_0,
  PROP_HANDLE_READ,
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
  SIGNAL_CLIENT_FD_REMOVED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_PRIVATE (
    GstMultiFdSink, gst_multi_fd_sink, GST_TYPE_MULTI_HANDLE_SINK)
GST_ELEMENT_REGISTER_DEFINE (
    multifdsink, "multifdsink", GST_RANK_NONE, GST_TYPE_MULTI_FD_SINK)

/* --- actions --- */

static gboolean
is_handling_read (GstMultiFdSink *self)
{
  GstMultiFdSinkPrivate *priv = gst_multi_fd_sink_get_instance_private (self);
  gboolean handle_read;

  GST_OBJECT_LOCK (self);
  handle_read = priv->handle_read;
  GST_OBJECT_UNLOCK (self);
  return handle_read;
}

/* A regular file is always readable; only what has a peer is worth reading. */
static gboolean
can_be_read (gint fd)
{
  gint flags = fcntl (fd, F_GETFL);

  return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY;
}

static guint
socket_flags (gint fd)
{
  gint type = 0;
  socklen_t size = sizeof type;

  if (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
    return 0;
  if (type == SOCK_STREAM)
    return GST_SOCKET_HANDLE_SOCKET;
  if (type == SOCK_DGRAM)
    return GST_SOCKET_HANDLE_SOCKET | GST_SOCKET_HANDLE_MESSAGES
        | GST_SOCKET_HANDLE_DATAGRAM;
  return GST_SOCKET_HANDLE_SOCKET | GST_SOCKET_HANDLE_MESSAGES;
}

static void
add_with_start (GstMultiFdSink *self, gint fd, const GstSocketStart *start)
{
  GstSocketHandle handle = {.key = GINT_TO_POINTER (fd), .fd = fd};
  g_autoptr (GError) error = NULL;

  g_return_if_fail (fd >= 0);

  handle.flags = socket_flags (fd);
  if (is_handling_read (self) && can_be_read (fd))
    handle.flags |= GST_SOCKET_HANDLE_READ;
  if (!gst_socket_opt_set_nonblocking (fd, TRUE, &error))
    GST_WARNING_OBJECT (self, "descriptor %d: %s", fd, error->message);
  if (gst_multi_handle_sink_add (
          GST_MULTI_HANDLE_SINK (self), &handle, start, NULL))
    g_signal_emit (self, signals[SIGNAL_CLIENT_ADDED], 0, fd);
}

static void
gst_multi_fd_sink_add (GstMultiFdSink *self, gint fd)
{
  add_with_start (self, fd, NULL);
}

static void
gst_multi_fd_sink_add_full (GstMultiFdSink *self, gint fd, GstSocketSync sync,
    GstFormat min_format, guint64 min, GstFormat max_format, guint64 max)
{
  GstSocketStart start = {sync, min_format, min, max_format, max};

  add_with_start (self, fd, &start);
}

static GstSocketEngine *
engine_of (GstMultiFdSink *self)
{
  return gst_multi_handle_sink_get_engine (GST_MULTI_HANDLE_SINK (self));
}

static void
gst_multi_fd_sink_remove (GstMultiFdSink *self, gint fd)
{
  if (!gst_socket_engine_remove (
          engine_of (self), GINT_TO_POINTER (fd), GST_SOCKET_CLIENT_REMOVED))
    GST_WARNING_OBJECT (self, "descriptor %d is no client", fd);
}

static void
gst_multi_fd_sink_remove_flush (GstMultiFdSink *self, gint fd)
{
  if (!gst_socket_engine_remove_flush (engine_of (self), GINT_TO_POINTER (fd)))
    GST_WARNING_OBJECT (self, "descriptor %d is no client", fd);
}

static GstStructure *
gst_multi_fd_sink_get_stats (GstMultiFdSink *self, gint fd)
{
  return gst_socket_engine_get_stats (engine_of (self), GINT_TO_POINTER (fd));
}

/* --- reports --- */

static void
gst_multi_fd_sink_removed (
    GstMultiHandleSink *self, gpointer key, GstSocketClientStatus status)
{
  g_signal_emit (
      self, signals[SIGNAL_CLIENT_REMOVED], 0, GPOINTER_TO_INT (key), status);
}

static void
gst_multi_fd_sink_gone (
    GstMultiHandleSink *self, gpointer key, GstSocketClientStatus status)
{
  g_signal_emit (
      self, signals[SIGNAL_CLIENT_FD_REMOVED], 0, GPOINTER_TO_INT (key));
}

/* --- class --- */

static void
set_client_reading (gpointer data, gpointer user_data)
{
  GstSocketClient *client = data;
  gboolean reading = GPOINTER_TO_INT (user_data);

  gst_socket_client_set_reading (
      client, reading && can_be_read (gst_socket_client_get_fd (client)));
}

static void
gst_multi_fd_sink_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstMultiFdSink *self = GST_MULTI_FD_SINK (object);
  GstMultiFdSinkPrivate *priv = gst_multi_fd_sink_get_instance_private (self);
  gboolean handle_read = g_value_get_boolean (value);

  GST_OBJECT_LOCK (self);
  priv->handle_read = handle_read;
  GST_OBJECT_UNLOCK (self);
  gst_socket_engine_foreach (
      engine_of (self), set_client_reading, GINT_TO_POINTER (handle_read));
}

static void
gst_multi_fd_sink_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, is_handling_read (GST_MULTI_FD_SINK (object)));
}

static void
install_additions (GType type)
{
  /**
   * GstMultiFdSink::add:
   * @self: the sink, READY or higher
   * @fd: an open descriptor; made non-blocking
   *
   * Adds a client that starts as the properties say, at the next buffer.
   */
  signals[SIGNAL_ADD] =
      g_signal_new ("add", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
          G_STRUCT_OFFSET (GstMultiFdSinkClass, add), NULL, NULL, NULL,
          G_TYPE_NONE, 1, G_TYPE_INT);

  /**
   * GstMultiFdSink::add-full:
   * @self: the sink, READY or higher
   * @fd: an open descriptor; made non-blocking
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
          G_STRUCT_OFFSET (GstMultiFdSinkClass, add_full), NULL, NULL, NULL,
          G_TYPE_NONE, 6, G_TYPE_INT, GST_TYPE_SYNC_METHOD, GST_TYPE_FORMAT,
          G_TYPE_UINT64, GST_TYPE_FORMAT, G_TYPE_UINT64);
}

static void
install_removals (GType type)
{
  /**
   * GstMultiFdSink::remove:
   * @self: the sink
   * @fd: a client's descriptor
   *
   * Removes a client at once. The signals are emitted before this returns.
   */
  signals[SIGNAL_REMOVE] =
      g_signal_new ("remove", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
          G_STRUCT_OFFSET (GstMultiFdSinkClass, remove), NULL, NULL, NULL,
          G_TYPE_NONE, 1, G_TYPE_INT);

  /**
   * GstMultiFdSink::remove-flush:
   * @self: the sink
   * @fd: a client's descriptor
   *
   * Removes a client once it has been sent what is queued for it now.
   */
  signals[SIGNAL_REMOVE_FLUSH] =
      g_signal_new ("remove-flush", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
          G_STRUCT_OFFSET (GstMultiFdSinkClass, remove_flush), NULL, NULL, NULL,
          G_TYPE_NONE, 1, G_TYPE_INT);

  /**
   * GstMultiFdSink::get-stats:
   * @self: the sink
   * @fd: a client's descriptor
   *
   * Returns: the client's figures: bytes-sent, connect-time, disconnect-time,
   *     connect-duration, buffers-dropped and others, all guint64, times in
   *     ns; without a field when it is no client
   */
  signals[SIGNAL_GET_STATS] =
      g_signal_new ("get-stats", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
          G_STRUCT_OFFSET (GstMultiFdSinkClass, get_stats), NULL, NULL, NULL,
          GST_TYPE_STRUCTURE, 1, G_TYPE_INT);
}

static void
install_notifications (GType type)
{
  /**
   * GstMultiFdSink::client-added:
   * @self: the sink
   * @fd: the client's descriptor
   *
   * A client was added. Emitted from the thread that added it.
   */
  signals[SIGNAL_CLIENT_ADDED] = g_signal_new ("client-added", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);

  /**
   * GstMultiFdSink::client-removed:
   * @self: the sink
   * @fd: the client's descriptor
   * @status: why it goes
   *
   * A client goes; its figures can still be had. Emitted from the thread that
   * removed it, which may be the streaming thread or one of the sink's own.
   */
  signals[SIGNAL_CLIENT_REMOVED] =
      g_signal_new ("client-removed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
          NULL, G_TYPE_NONE, 2, G_TYPE_INT, GST_TYPE_CLIENT_STATUS);

  /**
   * GstMultiFdSink::client-fd-removed:
   * @self: the sink
   * @fd: the descriptor of a client that has gone
   *
   * The sink does not use the descriptor any more; it may be closed.
   */
  signals[SIGNAL_CLIENT_FD_REMOVED] = g_signal_new ("client-fd-removed", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
gst_multi_fd_sink_class_init (GstMultiFdSinkClass *klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstMultiHandleSinkClass *handle_class = GST_MULTI_HANDLE_SINK_CLASS (klass);

  gobject_class->set_property = gst_multi_fd_sink_set_property;
  gobject_class->get_property = gst_multi_fd_sink_get_property;
  props[PROP_HANDLE_READ] = g_param_spec_boolean ("handle-read", "Handle Read",
      "Whether what clients send is read and dropped, and a half-closed client "
      "counts as gone (default: yes)",
      TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (gobject_class, N_PROPS, props);

  klass->add = gst_multi_fd_sink_add;
  klass->add_full = gst_multi_fd_sink_add_full;
  klass->remove = gst_multi_fd_sink_remove;
  klass->remove_flush = gst_multi_fd_sink_remove_flush;
  klass->get_stats = gst_multi_fd_sink_get_stats;
  install_additions (G_TYPE_FROM_CLASS (klass));
  install_removals (G_TYPE_FROM_CLASS (klass));
  install_notifications (G_TYPE_FROM_CLASS (klass));

  handle_class->removed = gst_multi_fd_sink_removed;
  handle_class->gone = gst_multi_fd_sink_gone;

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Multi filedescriptor sink", "Sink/Network",
      "Send data to multiple filedescriptors, served by a few threads of its "
      "own",
      "The GStreamer socket plugins authors");
}

static void
gst_multi_fd_sink_init (GstMultiFdSink *self)
{
  GstMultiFdSinkPrivate *priv = gst_multi_fd_sink_get_instance_private (self);

  priv->handle_read = TRUE;
  gst_multi_handle_sink_set_hangup_first (GST_MULTI_HANDLE_SINK (self));
  gst_multi_handle_sink_set_flush_counts (GST_MULTI_HANDLE_SINK (self));
}
