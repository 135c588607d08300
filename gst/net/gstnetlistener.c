/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetlistener.c: waiting for a peer to connect
 *
 * Here: listening on all addresses of a URI, accepting.
 * Not here: the connections that come of it.
 *
 * Threads   one at a time: streaming, or a state change
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetlistener.h"

#include <gst/socket/gstsocketaddress.h>
#include <gst/socket/gstsocketio.h>

/*
 * gst_net_listener_open:
 * @self: a closed listener
 * @local: where, and the options of accepted connections
 * @cancellable: ends the look-up of a name
 * @error: where to say what went wrong
 *
 * Returns: %TRUE on success
 */
gboolean
gst_net_listener_open (GstNetListener *self, const GstNetPeer *local,
    GCancellable *cancellable, GError **error)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;
  g_autoptr (GPtrArray) addresses = NULL;

  options.type = gst_net_uri_socket_type (local->uri);
  options.iface = local->uri->iface;
  self->tcp = local->tcp;
  addresses = gst_socket_address_resolve_uri (local->uri, cancellable, error);
  if (addresses != NULL)
    self->sockets = gst_socket_listen_addresses (addresses, &options, error);
  return self->sockets != NULL;
}

/*
 * gst_net_listener_close:
 * @self: a listener, open or not
 *
 * From then on whoever connects is refused.
 */
void
gst_net_listener_close (GstNetListener *self)
{
  g_clear_pointer (&self->sockets, gst_socket_close_all);
}

/*
 * gst_net_listener_is_open:
 * @self: a listener
 *
 * Returns: %TRUE if it is open
 */
gboolean
gst_net_listener_is_open (const GstNetListener *self)
{
  return self->sockets != NULL;
}

/*
 * gst_net_listener_get_port:
 * @self: an open listener
 *
 * Returns: the port of all its sockets, 0 for UNIX sockets
 */
guint16
gst_net_listener_get_port (const GstNetListener *self)
{
  return gst_socket_get_local_port (g_ptr_array_index (self->sockets, 0));
}

/* The peer may be gone again before it is accepted. */
static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

/*
 * gst_net_listener_get_n_fds:
 * @self: an open listener
 *
 * Returns: how many descriptors it waits with
 */
guint
gst_net_listener_get_n_fds (const GstNetListener *self)
{
  return self->sockets->len;
}

/*
 * gst_net_listener_fill_fds:
 * @self: an open listener
 * @fds: where its descriptors go
 *
 * Says what has to be waited for.
 */
void
gst_net_listener_fill_fds (const GstNetListener *self, GPollFD *fds)
{
  for (guint i = 0; i < self->sockets->len; i++) {
    fds[i].fd = g_socket_get_fd (g_ptr_array_index (self->sockets, i));
    fds[i].events = G_IO_IN;
    fds[i].revents = 0;
  }
}

/*
 * gst_net_listener_accept_ready:
 * @self: an open listener
 * @fds: its descriptors, and what came
 * @error: where to say what went wrong
 *
 * Accepts who waits already.
 *
 * Returns: (transfer full) (nullable): the connection, options set; %NULL
 *     without an error if nobody is there, or not any more
 */
GSocket *
gst_net_listener_accept_ready (
    GstNetListener *self, const GPollFD *fds, GError **error)
{
  for (guint i = 0; i < self->sockets->len; i++) {
    g_autoptr (GError) failure = NULL;
    GSocket *socket;

    if (fds[i].revents == 0)
      continue;
    socket =
        g_socket_accept (g_ptr_array_index (self->sockets, i), NULL, &failure);
    if (socket != NULL) {
      /* A connection that is dead already shows when it is read. */
      gst_socket_opt_set_tcp (g_socket_get_fd (socket), &self->tcp, NULL);
      return socket;
    }
    if (!is_passing (failure)) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  }
  return NULL;
}

/*
 * gst_net_listener_accept:
 * @self: an open listener
 * @wait: what to wait with
 * @error: where to say what went wrong
 *
 * Waits for somebody to connect.
 *
 * Returns: (transfer full) (nullable): the connection, options set
 */
GSocket *
gst_net_listener_accept (
    GstNetListener *self, GstSocketWait *wait, GError **error)
{
  guint n = gst_net_listener_get_n_fds (self);
  g_autofree GPollFD *fds = g_new0 (GPollFD, n);

  gst_net_listener_fill_fds (self, fds);
  while (gst_socket_wait_for_any (wait, fds, n, -1, error)) {
    g_autoptr (GError) failure = NULL;
    GSocket *socket = gst_net_listener_accept_ready (self, fds, &failure);

    if (socket != NULL)
      return socket;
    if (failure != NULL) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  }
  return NULL;
}
