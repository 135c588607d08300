/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetpeer.c: the other end that an element connects to
 *
 * Here: from a URI and options to a connected socket, and the words for it
 * when that fails.
 * Not here: when to try again (gstnetretry.h).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetpeer.h"

#include "../fanout/gstlistenerror.h"

#include <gst/socket/gstsocketaddress.h>
#include <gst/socket/gstsocketio.h>

#include <glib/gi18n-lib.h>

static const GSocketType socket_types[] = {
    [GST_SOCKET_URI_STREAM] = G_SOCKET_TYPE_STREAM,
    [GST_SOCKET_URI_DATAGRAM] = G_SOCKET_TYPE_DATAGRAM,
    [GST_SOCKET_URI_SEQPACKET] = G_SOCKET_TYPE_SEQPACKET,
};

/*
 * gst_net_uri_socket_type:
 * @uri: a URI
 *
 * Returns: the kind of socket that @uri asks for
 */
GSocketType
gst_net_uri_socket_type (const GstSocketUri *uri)
{
  return socket_types[uri->type];
}

/*
 * gst_net_tcp_uri_new:
 * @host: host, as an element's property has it
 * @port: port
 *
 * Returns: (transfer full): what an element with host and port means, as a URI
 */
GstSocketUri *
gst_net_tcp_uri_new (const gchar *host, guint16 port)
{
  GstSocketUri *uri = g_new0 (GstSocketUri, 1);

  uri->scheme = GST_SOCKET_URI_TCP;
  uri->host = g_strdup (host);
  uri->port = port;
  uri->ttl = -1;
  return uri;
}

static gboolean
is_multicast (GSocket *socket)
{
  g_autoptr (GSocketAddress) address =
      g_socket_get_remote_address (socket, NULL);

  return G_IS_INET_SOCKET_ADDRESS (address)
      && g_inet_address_get_is_multicast (
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

static gboolean
apply_options (const GstNetPeer *peer, GSocket *socket, GError **error)
{
  int fd = g_socket_get_fd (socket);

  if (peer->max_bitrate > 0 && peer->uri->host != NULL
      && !gst_socket_opt_set_pacing_rate (fd, peer->max_bitrate, error))
    return FALSE;
  if (is_multicast (socket)) {
    g_socket_set_multicast_loopback (socket, !peer->has_no_loop);
    return peer->uri->ttl < 0
        || gst_socket_opt_set_multicast_ttl (fd, peer->uri->ttl, error);
  }
  return gst_socket_opt_set_tcp (fd, &peer->tcp, error)
      && (peer->uri->ttl <= 0
          || gst_socket_opt_set_ttl (fd, peer->uri->ttl, error));
}

/*
 * gst_net_peer_connect:
 * @peer: where to and how
 * @cancellable: ends the attempt from any thread
 * @error: where to say what went wrong
 *
 * Resolves, connects and sets the options. Blocks.
 *
 * Returns: (transfer full) (nullable): the connected socket
 */
GSocket *
gst_net_peer_connect (
    const GstNetPeer *peer, GCancellable *cancellable, GError **error)
{
  GstSocketConnectOptions options = {
      .type = gst_net_uri_socket_type (peer->uri),
      .timeout_ns = peer->timeout_ns};
  g_autoptr (GPtrArray) addresses = NULL;
  g_autoptr (GSocket) socket = NULL;

  options.iface = peer->uri->iface;
  if (peer->uri->host != NULL && *peer->uri->host == '\0') {
    g_set_error_literal (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
        "the host is empty");
    return NULL;
  }
  addresses = gst_socket_address_resolve_uri (peer->uri, cancellable, error);
  if (addresses == NULL)
    return NULL;
  socket = gst_socket_connect (addresses, &options, cancellable, error);
  if (socket == NULL || !apply_options (peer, socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

/*
 * gst_net_peer_clear:
 * @peer: what to empty
 */
void
gst_net_peer_clear (GstNetPeer *peer)
{
  g_clear_pointer (&peer->uri, gst_socket_uri_free);
}

/*
 * gst_net_uri_describe:
 * @uri: a URI
 *
 * Returns: (transfer full): how people call it: host:port, path or name
 */
gchar *
gst_net_uri_describe (const GstSocketUri *uri)
{
  if (uri->host == NULL)
    return g_strdup (uri->path);
  return g_strdup_printf (
      strchr (uri->host, ':') ? "[%s]:%u" : "%s:%u", uri->host, uri->port);
}

/* What is wrong with the URI itself, or NULL. */
static gchar *
describe_unknown (const GstSocketUri *uri, const GError *error)
{
  if (error->domain == G_RESOLVER_ERROR)
    return g_strdup_printf (
        _ ("The host \"%s\" could not be found."), uri->host);
  if (uri->iface != NULL
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return g_strdup_printf (
        _ ("There is no network interface \"%s\"."), uri->iface);
  return NULL;
}

/*
 * gst_net_describe_connect_error:
 * @uri: where to
 * @error: why not
 *
 * Returns: (transfer full): a translated sentence
 */
gchar *
gst_net_describe_connect_error (const GstSocketUri *uri, const GError *error)
{
  g_autofree gchar *name = gst_net_uri_describe (uri);
  gchar *unknown = describe_unknown (uri, error);

  if (unknown != NULL)
    return unknown;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return g_strdup_printf (
        _ ("Could not connect to \"%s\": nobody listens there."), name);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_strdup_printf (
        _ ("Could not connect to \"%s\": it does not answer."), name);
  return g_strdup_printf (_ ("Could not connect to \"%s\"."), name);
}

/*
 * gst_net_describe_listen_error:
 * @uri: where
 * @error: why not
 *
 * Returns: (transfer full): a translated sentence
 */
gchar *
gst_net_describe_listen_error (const GstSocketUri *uri, const GError *error)
{
  g_autofree gchar *name = gst_net_uri_describe (uri);
  gchar *unknown = describe_unknown (uri, error);

  if (unknown != NULL)
    return unknown;
  return gst_listen_error_describe (name, error);
}
