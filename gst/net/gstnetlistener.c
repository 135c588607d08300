/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetlistener.c: waiting for a peer to connect
 *
 * Here: listening on all addresses of a URI, accepting, also when descriptors
 * have run out.
 * Not here: the connections that come of it.
 *
 * Threads   one at a time: streaming, or a state change
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetlistener.h"

#include <gst/socket/gstsocketaccept.h>
#include <gst/socket/gstsocketaddress.h>
#include <gst/socket/gstsocketio.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

/* Connections given up one after the other before there is a rest. */
#define MAX_FAILURES 16

/* What people call it, with the port that the kernel chose. */
static gchar *
describe (const GstNetListener *self, const GstSocketUri *uri)
{
  g_autoptr (GstSocketUri) real = gst_socket_uri_copy (uri);

  if (real->host != NULL)
    real->port = gst_net_listener_get_port (self);
  return gst_net_uri_describe (real);
}

/*
 * gst_net_listener_open:
 * @self: a closed listener
 * @local: where, and the options of accepted connections
 * @element: what posts a warning when peers are refused; outlives the listener
 * @cancellable: ends the look-up of a name
 * @error: where to say what went wrong
 *
 * Returns: %TRUE on success
 */
gboolean
gst_net_listener_open (GstNetListener *self, const GstNetPeer *local,
    GstElement *element, GCancellable *cancellable, GError **error)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;
  g_autoptr (GPtrArray) addresses = NULL;

  options.type = gst_net_uri_socket_type (local->uri);
  options.iface = local->uri->iface;
  self->tcp = local->tcp;
  addresses = gst_socket_address_resolve_uri (local->uri, cancellable, error);
  if (addresses != NULL)
    self->sockets = gst_socket_listen_addresses (addresses, &options, error);
  if (self->sockets == NULL)
    return FALSE;
  self->name = describe (self, local->uri);
  self->element = element;
  self->spare = gst_socket_accept_open_spare ();
  self->rest_until_us = 0;
  self->has_warned = FALSE;
  return TRUE;
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
  if (self->sockets == NULL)
    return;
  g_clear_pointer (&self->sockets, gst_socket_close_all);
  g_clear_pointer (&self->name, g_free);
  if (self->spare >= 0)
    close (self->spare);
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
 * gst_net_listener_get_rest:
 * @self: an open listener
 *
 * For a while after accepting failed its descriptors must not be waited for:
 * they would be ready at once, over and over.
 *
 * Returns: how long from now on, in µs; 0 to wait for them
 */
gint64
gst_net_listener_get_rest (const GstNetListener *self)
{
  if (self->rest_until_us == 0)
    return 0;
  return MAX (0, self->rest_until_us - g_get_monotonic_time ());
}

static void
rest (GstNetListener *self)
{
  self->rest_until_us = g_get_monotonic_time () + GST_SOCKET_ACCEPT_PAUSE_US;
}

/* Once, until somebody can be accepted again. */
static void
warn_refused (GstNetListener *self, gint errsv)
{
  if (self->has_warned)
    return;
  self->has_warned = TRUE;
  GST_ELEMENT_WARNING (self->element, RESOURCE, NO_SPACE_LEFT,
      (_ ("Senders to \"%s\" are refused: this process may not open more "
          "files. Raise its limit (ulimit -n)."),
          self->name),
      ("accept: %s", g_strerror (errsv)));
}

static GSocket *
wrap (GstNetListener *self, gint fd)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new_from_fd (fd, &error);

  if (socket == NULL) {
    GST_INFO_OBJECT (self->element, "connection left out: %s", error->message);
    close (fd);
    return NULL;
  }
  /* A connection that is dead already shows when it is read. */
  gst_socket_opt_set_tcp (fd, &self->tcp, NULL);
  self->rest_until_us = 0;
  self->has_warned = FALSE;
  return socket;
}

static void
set_broken (GstNetListener *self, gint errsv, GError **error)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv), "accept: %s",
      g_strerror (errsv));
}

/* Takes the first who can be taken. Only a listener that is none any more is
 * an error; who was lost or refused is not, and costs no more than a rest. */
static GSocket *
accept_from (GstNetListener *self, gint listener, GError **error)
{
  gint fd = -1;

  for (guint i = 0; i < MAX_FAILURES; i++) {
    switch (gst_socket_accept_one (listener, &self->spare, &fd)) {
      case GST_SOCKET_ACCEPT_TAKEN:
        return wrap (self, fd);
      case GST_SOCKET_ACCEPT_NONE:
        return NULL;
      case GST_SOCKET_ACCEPT_BROKEN:
        set_broken (self, errno, error);
        return NULL;
      case GST_SOCKET_ACCEPT_STUCK:
        warn_refused (self, errno);
        rest (self);
        return NULL;
      case GST_SOCKET_ACCEPT_REFUSED:
        warn_refused (self, errno);
        break;
      case GST_SOCKET_ACCEPT_LOST:
        GST_INFO_OBJECT (
            self->element, "connection lost: %s", g_strerror (errno));
        break;
    }
  }
  rest (self);
  return NULL;
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
 *     without an error if nobody is there, or not any more, or for want of
 *     descriptors
 */
GSocket *
gst_net_listener_accept_ready (
    GstNetListener *self, const GPollFD *fds, GError **error)
{
  GError *failure = NULL;

  for (guint i = 0; i < self->sockets->len; i++) {
    gint listener = g_socket_get_fd (g_ptr_array_index (self->sockets, i));
    GSocket *socket = NULL;

    if (fds[i].revents != 0)
      socket = accept_from (self, listener, &failure);
    if (socket != NULL)
      return socket;
    if (failure != NULL) {
      g_propagate_error (error, failure);
      return NULL;
    }
  }
  return NULL;
}

/* Returns FALSE with an error. */
static gboolean
wait_for_peer (
    GstNetListener *self, GstSocketWait *wait, GPollFD *fds, GError **error)
{
  guint n = gst_net_listener_get_n_fds (self);
  gint64 rest_us;

  while ((rest_us = gst_net_listener_get_rest (self)) > 0) {
    g_autoptr (GError) failure = NULL;

    gst_socket_wait_for_any (wait, fds, 0, rest_us, &failure);
    if (!g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  }
  return gst_socket_wait_for_any (wait, fds, n, -1, error);
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
  while (wait_for_peer (self, wait, fds, error)) {
    GError *failure = NULL;
    GSocket *socket = gst_net_listener_accept_ready (self, fds, &failure);

    if (failure != NULL)
      g_propagate_error (error, failure);
    if (socket != NULL || failure != NULL)
      return socket;
  }
  return NULL;
}
