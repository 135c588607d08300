/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetdatagrams.c: a source of datagrams from anyone
 *
 * Here: binding, joining groups, reading.
 * Not here: batches (udpserversrc), pads, properties, states.
 *
 * Threads   app: start, stop     streaming: create
 * Locks     none of its own; see gstnetsource.c
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetdatagrams.h"

#include "gstnetpeer.h"

#include <gst/socket/gstsocketaddress.h>
#include <gst/socket/gstsocketerror.h>
#include <gst/socket/gstsocketio.h>

/*
 * gst_net_datagrams_init:
 * @self: what to set up
 * @source: the source of the same element
 */
void
gst_net_datagrams_init (GstNetDatagrams *self, GstNetSource *source)
{
  self->source = source;
}

static GSocket *
open_udp (GstNetDatagrams *self, const GstSocketUri *uri, GError **error)
{
  g_auto (GstUdpSettings) settings;

  gst_udp_settings_init (&settings);
  gst_udp_settings_set_address (&settings, uri->host);
  gst_udp_settings_set_port (&settings, uri->port);
  settings.multicast_iface = g_strdup (uri->iface);
  settings.multicast_source = g_strdup (uri->source);
  /* A train of packets would come as one, without their boundaries. */
  settings.gro = GST_UDP_GRO_OFF;
  self->port = gst_udp_port_open (&settings, self->source->cancellable, error);
  return self->port != NULL ? gst_udp_port_get_socket (self->port) : NULL;
}

static GSocket *
open_unix (GstNetDatagrams *self, const GstSocketUri *uri, GError **error)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;
  g_autoptr (GPtrArray) addresses =
      gst_socket_address_resolve_uri (uri, NULL, error);

  options.type = G_SOCKET_TYPE_DATAGRAM;
  if (addresses != NULL)
    self->local = gst_socket_listen_addresses (addresses, &options, error);
  return self->local != NULL ? g_ptr_array_index (self->local, 0) : NULL;
}

/*
 * gst_net_datagrams_start:
 * @self: a stopped source of datagrams
 * @uri: where to receive
 *
 * Returns: %TRUE on success; an error was posted otherwise
 */
gboolean
gst_net_datagrams_start (GstNetDatagrams *self, const GstSocketUri *uri)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *sentence = NULL;
  GSocket *socket;

  if (!gst_net_source_open (self->source))
    return FALSE;
  if (uri->scheme == GST_SOCKET_URI_UDP)
    socket = open_udp (self, uri, &error);
  else
    socket = open_unix (self, uri, &error);
  if (socket != NULL) {
    gst_net_source_set_socket (self->source, socket);
    return TRUE;
  }
  gst_net_source_close (self->source);
  if (gst_socket_error_is_cancelled (error))
    return FALSE;
  sentence = gst_net_describe_listen_error (uri, error);
  GST_ELEMENT_ERROR (self->source->element, RESOURCE, OPEN_READ,
      ("%s", sentence), ("%s", error->message));
  return FALSE;
}

/*
 * gst_net_datagrams_stop:
 * @self: a source of datagrams that nobody reads
 */
void
gst_net_datagrams_stop (GstNetDatagrams *self)
{
  gst_net_source_set_socket (self->source, NULL);
  g_clear_pointer (&self->port, gst_udp_port_close);
  g_clear_pointer (&self->local, gst_socket_close_all);
  gst_net_source_close (self->source);
}

/*
 * gst_net_datagrams_get_port:
 * @self: a started source of datagrams
 *
 * Returns: the UDP port, 0 for a UNIX socket
 */
guint16
gst_net_datagrams_get_port (const GstNetDatagrams *self)
{
  return self->port != NULL ? gst_udp_port_get_number (self->port) : 0;
}

/*
 * gst_net_datagrams_create:
 * @self: a started source of datagrams
 * @ret_buffer: (out): one datagram
 *
 * Returns: what create () is to return
 */
GstFlowReturn
gst_net_datagrams_create (GstNetDatagrams *self, GstBuffer **ret_buffer)
{
  g_autoptr (GSocket) socket = gst_net_source_ref_socket (self->source);
  g_autoptr (GError) error = NULL;

  if (gst_net_source_read (self->source, socket, ret_buffer, &error)
      == GST_SOCKET_READ_DATA)
    return GST_FLOW_OK;
  return gst_net_source_fail (self->source, error);
}
