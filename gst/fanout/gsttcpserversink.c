/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsttcpserversink.c: serves one stream to all who connect over TCP
 *
 * Here: listening, taking connections, closing them.
 * Not here: serving clients (gstmultisocketsink.c and its base class).
 *
 * Threads   app: properties, state    acceptor: new connections
 *           any: release of sockets
 * Locks     OBJECT_LOCK guards host, port, current_port; not held while
 *           resolving, listening, accepting or notifying
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstmultisocketsink.h"

#include "gstlistenerror.h"

#include "../elements.h"

#include <gst/socket/gstsocketacceptor.h>
#include <gst/socket/gstsocketio.h>

#include <string.h>

/**
 * SECTION:element-tcpserversink
 * @title: tcpserversink
 * @see_also: multisocketsink, tcpclientsrc
 *
 * Listens on a TCP port and sends what it receives to everybody who connects.
 *
 * ## Example
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! mpegtsmux ! tcpserversink port=4953 sync-method=latest-keyframe
 * ]|
 * ffplay tcp://localhost:4953 shows the picture.
 *
 * A client at #GstMultiHandleSink:units-max goes in the push that brings it
 * there. Only when nobody has tried to send to it since, does that push wait
 * for the attempt, and for 20 ms at most.
 *
 * At the end of the stream nothing is waited for: what clients have not taken
 * by the time the element stops is dropped. socketsink with listen=true in its
 * URI lets them have it.
 *
 * ## Differences from the stock plugin
 * - It listens on all addresses of the host name: "localhost" on 127.0.0.1
 *   and on ::1.
 * - As many connections may wait as the system allows (stock: 5).
 * - A connection that cannot be taken, for want of descriptors, does not stop
 *   the pipeline: the peer is refused, a warning says why.
 * - When listening fails, the state change fails too.
 */

#define DEFAULT_HOST "localhost"
#define DEFAULT_PORT 4953

#define GST_TYPE_TCP_SERVER_SINK (gst_tcp_server_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstTCPServerSink, gst_tcp_server_sink, GST,
    TCP_SERVER_SINK, GstMultiSocketSink)

struct _GstTCPServerSink
{
  GstMultiSocketSink parent;

  /* guarded by OBJECT_LOCK */
  gchar *host;
  gint port;
  gint current_port;

  /* app thread, while the state changes */
  GPtrArray *listeners;
  GstSocketAcceptor *acceptor;
};

enum
{
  PROP_0,
  PROP_HOST,
  PROP_PORT,
  PROP_CURRENT_PORT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (
    GstTCPServerSink, gst_tcp_server_sink, GST_TYPE_MULTI_SOCKET_SINK)
GST_ELEMENT_REGISTER_DEFINE (
    tcpserversink, "tcpserversink", GST_RANK_NONE, GST_TYPE_TCP_SERVER_SINK)

/* --- connections --- */

static void
on_accepted (GSocket *socket, gpointer user_data)
{
  gst_multi_socket_sink_add (user_data, socket);
}

static void
on_refused (guint64 count, const GError *error, gpointer user_data)
{
  GstTCPServerSink *self = user_data;

  GST_ELEMENT_WARNING (self, RESOURCE, NO_SPACE_LEFT,
      (_ ("Clients are refused: this process may not open more files. Raise "
          "its limit (ulimit -n), or set \"max-clients\".")),
      ("%" G_GUINT64_FORMAT " refused: %s", count, error->message));
}

static const GstSocketAcceptorFuncs acceptor_funcs = {
    .accepted = on_accepted,
    .refused = on_refused,
};

static void
gst_tcp_server_sink_release (GstMultiSocketSink *sink, GSocket *socket)
{
  g_autoptr (GError) error = NULL;

  if (!g_socket_close (socket, &error))
    GST_INFO_OBJECT (sink, "closing: %s", error->message);
}

/* --- listening --- */

static void
set_current_port (GstTCPServerSink *self, gint port)
{
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->current_port != port;
  self->current_port = port;
  GST_OBJECT_UNLOCK (self);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CURRENT_PORT]);
}

static void
post_listen_error (
    GstTCPServerSink *self, const gchar *host, gint port, const GError *error)
{
  gboolean is_v6 = strchr (host, ':') != NULL && strchr (host, ',') == NULL;
  g_autofree gchar *name =
      g_strdup_printf (is_v6 ? "[%s]:%d" : "%s:%d", host, port);
  g_autofree gchar *sentence = gst_listen_error_describe (name, error);

  /* OPEN_READ, as stock, and not what the error says. */
  GST_ELEMENT_ERROR (
      self, RESOURCE, OPEN_READ, ("%s", sentence), ("%s", error->message));
}

static gboolean
listen_on (GstTCPServerSink *self, const gchar *host, gint port, GError **error)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;

  /* The library takes it for every address: here that has to be said. */
  if (*host == '\0') {
    g_set_error_literal (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
        "the host is empty");
    return FALSE;
  }
  self->listeners = gst_socket_listen (host, port, &options, NULL, error);
  if (self->listeners == NULL)
    return FALSE;
  self->acceptor =
      gst_socket_acceptor_new (self->listeners, &acceptor_funcs, self, error);
  return self->acceptor != NULL;
}

static void
gst_tcp_server_sink_close (GstMultiHandleSink *sink)
{
  GstTCPServerSink *self = GST_TCP_SERVER_SINK (sink);

  g_clear_pointer (&self->acceptor, gst_socket_acceptor_free);
  g_clear_pointer (&self->listeners, gst_socket_close_all);
  set_current_port (self, 0);
}

static gboolean
gst_tcp_server_sink_open (GstMultiHandleSink *sink)
{
  GstTCPServerSink *self = GST_TCP_SERVER_SINK (sink);
  g_autofree gchar *host = NULL;
  g_autoptr (GError) error = NULL;
  gint port;

  GST_OBJECT_LOCK (self);
  host = g_strdup (self->host);
  port = self->port;
  GST_OBJECT_UNLOCK (self);

  if (!listen_on (self, host, port, &error)) {
    post_listen_error (self, host, port, error);
    gst_tcp_server_sink_close (sink);
    return FALSE;
  }
  set_current_port (
      self, gst_socket_get_local_port (g_ptr_array_index (self->listeners, 0)));
  GST_INFO_OBJECT (
      self, "listening on \"%s\" port %d", host, self->current_port);
  return TRUE;
}

static gboolean
gst_tcp_server_sink_is_own_thread (GstMultiHandleSink *sink)
{
  return gst_socket_acceptor_is_own_thread (
      GST_TCP_SERVER_SINK (sink)->acceptor);
}

/* --- class --- */

static void
set_host (GstTCPServerSink *self, const gchar *host)
{
  if (host == NULL) {
    g_warning ("%s: host must not be NULL", GST_OBJECT_NAME (self));
    return;
  }
  GST_OBJECT_LOCK (self);
  g_free (self->host);
  self->host = g_strdup (host);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_tcp_server_sink_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstTCPServerSink *self = GST_TCP_SERVER_SINK (object);

  switch (id) {
    case PROP_HOST:
      set_host (self, g_value_get_string (value));
      break;
    case PROP_PORT:
      GST_OBJECT_LOCK (self);
      self->port = g_value_get_int (value);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

static void
gst_tcp_server_sink_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstTCPServerSink *self = GST_TCP_SERVER_SINK (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_HOST:
      g_value_set_string (value, self->host);
      break;
    case PROP_PORT:
      g_value_set_int (value, self->port);
      break;
    case PROP_CURRENT_PORT:
      g_value_set_int (value, self->current_port);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_tcp_server_sink_finalize (GObject *object)
{
  GstTCPServerSink *self = GST_TCP_SERVER_SINK (object);

  g_free (self->host);
  G_OBJECT_CLASS (gst_tcp_server_sink_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  props[PROP_HOST] = g_param_spec_string ("host", "host",
      "Host name or address to listen on, or several with commas between "
      "(default \"localhost\"; \"::\" for everybody, by IPv4 and IPv6)",
      DEFAULT_HOST, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_PORT] = g_param_spec_int ("port", "port",
      "TCP port to listen on (0 = any free one, see current-port)", 0, 65535,
      DEFAULT_PORT, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_CURRENT_PORT] = g_param_spec_int ("current-port", "current-port",
      "TCP port it listens on now (0 = none)", 0, 65535, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (klass, N_PROPS, props);
}

static void
gst_tcp_server_sink_class_init (GstTCPServerSinkClass *klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstMultiHandleSinkClass *handle_class = GST_MULTI_HANDLE_SINK_CLASS (klass);

  gobject_class->set_property = gst_tcp_server_sink_set_property;
  gobject_class->get_property = gst_tcp_server_sink_get_property;
  gobject_class->finalize = gst_tcp_server_sink_finalize;
  install_properties (gobject_class);

  handle_class->open = gst_tcp_server_sink_open;
  handle_class->close = gst_tcp_server_sink_close;
  handle_class->is_own_thread = gst_tcp_server_sink_is_own_thread;
  GST_MULTI_SOCKET_SINK_CLASS (klass)->release = gst_tcp_server_sink_release;

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "TCP server sink", "Sink/Network",
      "Send data as a server over the network via TCP",
      "The GStreamer socket plugins authors");
}

static void
gst_tcp_server_sink_init (GstTCPServerSink *self)
{
  self->host = g_strdup (DEFAULT_HOST);
  self->port = DEFAULT_PORT;
}
