/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpsignals.c: signals of httpserversink about listeners and requests
 *
 * Here: what they are, emitting them, reading the certificate again.
 * Not here: what the application decides (gsthttpguard.c, gsthttppage.c).
 *
 * Threads   any
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversink-private.h"

enum
{
  SIGNAL_CLIENT_ADDED,
  SIGNAL_CLIENT_REMOVED,
  SIGNAL_REQUEST_STARTED,
  SIGNAL_REQUEST_FINISHED,
  SIGNAL_RELOAD_TLS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
gst_http_server_sink_emit_added (GstHttpServerSink *self, GSocket *socket)
{
  g_signal_emit (self, signals[SIGNAL_CLIENT_ADDED], 0, socket);
}

void
gst_http_server_sink_emit_removed (
    GstHttpServerSink *self, GSocket *socket, GstSocketClientStatus status)
{
  g_signal_emit (self, signals[SIGNAL_CLIENT_REMOVED], 0, socket, status);
}

void
gst_http_server_sink_emit_request (GstHttpServerSink *self,
    GstSocketHttpRequest *request, guint status, gboolean is_finished)
{
  const gchar *method = self->http->get_method (request);
  const gchar *path = self->http->get_path (request);
  GSocketAddress *peer = self->http->get_peer (request);

  if (is_finished)
    g_signal_emit (
        self, signals[SIGNAL_REQUEST_FINISHED], 0, method, path, peer, status);
  else
    g_signal_emit (
        self, signals[SIGNAL_REQUEST_STARTED], 0, method, path, peer);
}

static gboolean
gst_http_server_sink_reload_tls (GstHttpServerSink *self)
{
  g_autoptr (GError) error = NULL;

  if (self->mount == NULL || self->http->reload_tls (self->mount, &error))
    return self->mount != NULL;
  gst_http_request_funcs.warning (error, self);
  return FALSE;
}

static void
install_client_signals (GType type)
{
  /**
   * GstHttpServerSink::client-added:
   * @self: the sink
   * @socket: the listener's socket
   *
   * Somebody has begun to listen. Emitted from the server's thread.
   */
  signals[SIGNAL_CLIENT_ADDED] = g_signal_new ("client-added", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_SOCKET);

  /**
   * GstHttpServerSink::client-removed:
   * @self: the sink
   * @socket: the listener's socket
   * @status: why it goes
   *
   * A listener goes. Emitted from any thread.
   */
  signals[SIGNAL_CLIENT_REMOVED] =
      g_signal_new ("client-removed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
          NULL, G_TYPE_NONE, 2, G_TYPE_SOCKET, GST_TYPE_CLIENT_STATUS);
}

static void
install_request_signals (GType type)
{
  /**
   * GstHttpServerSink::request-started:
   * @self: the sink
   * @method: its method
   * @path: (nullable): its decoded path
   * @peer: who asks
   *
   * A request has come. Emitted from the server's thread, which should not be
   * kept for long.
   */
  signals[SIGNAL_REQUEST_STARTED] = g_signal_new ("request-started", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING,
      G_TYPE_STRING, G_TYPE_SOCKET_ADDRESS);

  /**
   * GstHttpServerSink::request-finished:
   * @self: the sink
   * @method: its method
   * @path: (nullable): its decoded path
   * @peer: who has asked
   * @status: how it was answered, 0 if the peer went first
   *
   * A request has got its answer; one that began to listen is told of by
   * #GstHttpServerSink::client-added instead.
   */
  signals[SIGNAL_REQUEST_FINISHED] = g_signal_new ("request-finished", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_STRING,
      G_TYPE_STRING, G_TYPE_SOCKET_ADDRESS, G_TYPE_UINT);

  /**
   * GstHttpServerSink::reload-tls:
   * @self: the sink
   *
   * Reads the certificate again, also when its file has not changed.
   *
   * Returns: whether it can be used; if not, the old one stays
   */
  signals[SIGNAL_RELOAD_TLS] = g_signal_new_class_handler ("reload-tls", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_http_server_sink_reload_tls), NULL, NULL, NULL,
      G_TYPE_BOOLEAN, 0);
}

void
gst_http_server_sink_install_signals (GType type)
{
  install_client_signals (type);
  install_request_signals (type);
}
