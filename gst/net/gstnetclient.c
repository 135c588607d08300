/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetclient.c: a source that connects
 *
 * Here: connecting, reading, and connecting again.
 * Not here: pads, properties, states.
 *
 * Threads   app: start, stop     streaming: create
 * Locks     none of its own; see gstnetsource.c and gstnetretry.c
 *
 * Without "reconnect" the connection is made by start (), as stock does, and
 * the state change waits for it. With it, create () connects, and nothing
 * waits that cannot be cancelled.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetclient.h"

#include <gst/socket/gstsocketerror.h>

#include <glib/gi18n-lib.h>

/*
 * gst_net_client_init:
 * @self: what to set up
 * @source: the source of the same element
 * @dup_peer: copies the settings
 */
void
gst_net_client_init (
    GstNetClient *self, GstNetSource *source, GstNetDupPeer dup_peer)
{
  self->source = source;
  self->dup_peer = dup_peer;
  gst_net_retry_init (&self->retry, GST_ELEMENT (source->element));
}

/* FALSE without a message when cancelled. */
static gboolean
open_connection (GstNetClient *self, GError **error)
{
  GstNetSource *source = self->source;
  g_auto (GstNetPeer) peer = GST_NET_PEER_INIT;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree gchar *sentence = NULL;

  self->dup_peer (GST_ELEMENT (source->element), &peer);
  if (gst_net_retry_is_on (&self->retry))
    socket = gst_net_retry_connect (
        &self->retry, &peer, source->wait, source->cancellable, &failure);
  else
    socket = gst_net_peer_connect (&peer, source->cancellable, &failure);
  if (socket != NULL) {
    gst_net_source_set_socket (source, socket);
    return TRUE;
  }
  if (!gst_socket_error_is_cancelled (failure)) {
    sentence = gst_net_describe_connect_error (peer.uri, failure);
    GST_ELEMENT_ERROR (source->element, RESOURCE, OPEN_READ, ("%s", sentence),
        ("%s", failure->message));
  }
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/*
 * gst_net_client_start:
 * @self: a stopped client
 *
 * Returns: %TRUE on success; an error was posted otherwise
 */
gboolean
gst_net_client_start (GstNetClient *self)
{
  if (!gst_net_source_open (self->source))
    return FALSE;
  gst_net_retry_begin (&self->retry);
  if (gst_net_retry_is_on (&self->retry) || open_connection (self, NULL))
    return TRUE;
  gst_net_source_close (self->source);
  return FALSE;
}

/*
 * gst_net_client_stop:
 * @self: a client that nobody reads
 */
void
gst_net_client_stop (GstNetClient *self)
{
  gst_net_source_drop_socket (self->source);
  gst_net_source_close (self->source);
}

/* The connection ended: what is create () to do? OK to connect again. */
static GstFlowReturn
end_connection (GstNetClient *self, const GError *error)
{
  g_auto (GstNetPeer) peer = GST_NET_PEER_INIT;
  g_autofree gchar *name = NULL;

  if (gst_socket_error_is_cancelled (error))
    return GST_FLOW_FLUSHING;
  if (!gst_net_retry_is_on (&self->retry))
    return error != NULL ? gst_net_source_fail (self->source, error)
                         : GST_FLOW_EOS;
  self->dup_peer (GST_ELEMENT (self->source->element), &peer);
  name = gst_net_uri_describe (peer.uri);
  gst_net_source_drop_socket (self->source);
  gst_net_source_mark_discont (self->source);
  gst_net_retry_lost (&self->retry, name, error);
  return GST_FLOW_OK;
}

/* OK without a buffer to come again. */
static GstFlowReturn
read_once (GstNetClient *self, GSocket *socket, GstBuffer **ret_buffer)
{
  g_autoptr (GError) error = NULL;

  if (gst_net_source_read (self->source, socket, ret_buffer, &error)
      != GST_SOCKET_READ_DATA)
    return end_connection (self, error);
  gst_net_retry_works (&self->retry);
  return GST_FLOW_OK;
}

/*
 * gst_net_client_create:
 * @self: a started client
 * @ret_buffer: (out): what was read
 *
 * Returns: what create () is to return
 */
GstFlowReturn
gst_net_client_create (GstNetClient *self, GstBuffer **ret_buffer)
{
  GstBuffer *buffer = NULL;

  while (TRUE) {
    g_autoptr (GSocket) socket = gst_net_source_ref_socket (self->source);
    g_autoptr (GError) error = NULL;
    GstFlowReturn flow = GST_FLOW_OK;

    if (socket != NULL)
      flow = read_once (self, socket, &buffer);
    else if (!open_connection (self, &error))
      flow = gst_socket_error_to_flow (error);
    if (buffer != NULL)
      *ret_buffer = buffer;
    if (flow != GST_FLOW_OK || buffer != NULL)
      return flow;
  }
}
