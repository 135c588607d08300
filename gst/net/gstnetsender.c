/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetsender.c: what the sinks that write one socket have in common
 *
 * Here: the connection in use, sending, cancelling.
 * Not here: pads, properties, states.
 *
 * Threads   app: cancel, states     streaming: send
 * Locks     none of its own; render holds the base class's PREROLL_LOCK
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetsender.h"

#include <gst/socket/gstsocketerror.h>
#include <gst/socket/gstsocketwriter.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/*
 * gst_net_sender_init:
 * @self: what to set up
 * @element: the element it is part of
 */
void
gst_net_sender_init (GstNetSender *self, GstBaseSink *element)
{
  memset (self, 0, sizeof (*self));
  self->element = element;
  self->cancellable = g_cancellable_new ();
  self->buffers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
}

/*
 * gst_net_sender_clear:
 * @self: what to give up
 */
void
gst_net_sender_clear (GstNetSender *self)
{
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->buffers, g_ptr_array_unref);
}

/*
 * gst_net_sender_open:
 * @self: a sender without a connection
 * @peer: where to
 * @error: where to say what went wrong
 *
 * Connects. Blocks.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_net_sender_open (GstNetSender *self, const GstNetPeer *peer, GError **error)
{
  g_cancellable_reset (self->cancellable);
  self->wait = gst_socket_wait_new (self->cancellable, error);
  if (self->wait == NULL)
    return FALSE;
  self->socket = gst_net_peer_connect (peer, self->cancellable, error);
  if (self->socket == NULL) {
    gst_net_sender_close (self);
    return FALSE;
  }
  self->peer_name = gst_net_uri_describe (peer->uri);
  return TRUE;
}

/*
 * gst_net_sender_close:
 * @self: a sender
 *
 * Closes the connection; what the system took is still delivered.
 */
void
gst_net_sender_close (GstNetSender *self)
{
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->wait, gst_socket_wait_free);
  g_clear_pointer (&self->peer_name, g_free);
}

/*
 * gst_net_sender_cancel:
 * @self: a sender
 *
 * Ends all waiting, from any thread, until gst_net_sender_resume().
 */
void
gst_net_sender_cancel (GstNetSender *self)
{
  g_cancellable_cancel (self->cancellable);
}

/*
 * gst_net_sender_resume:
 * @self: a sender
 */
void
gst_net_sender_resume (GstNetSender *self)
{
  g_cancellable_reset (self->cancellable);
}

/* Takes the bytes that are sent from the front of the buffers that wait. */
static void
drop_sent (GPtrArray *buffers, guint64 sent)
{
  guint n = 0;

  while (n < buffers->len) {
    GstBuffer *buffer = g_ptr_array_index (buffers, n);
    gsize size = gst_buffer_get_size (buffer);

    if (sent < size) {
      if (sent > 0) {
        buffers->pdata[n] = gst_buffer_copy_region (
            buffer, GST_BUFFER_COPY_MEMORY, sent, size - sent);
        gst_buffer_unref (buffer);
      }
      break;
    }
    sent -= size;
    n++;
  }
  if (n > 0)
    g_ptr_array_remove_range (buffers, 0, n);
}

static GstFlowReturn
fail (GstNetSender *self, const GError *error)
{
  GST_ELEMENT_ERROR (self->element, RESOURCE, WRITE,
      (_ ("Error while sending data to \"%s\"."), self->peer_name),
      ("%s", error->message));
  return GST_FLOW_ERROR;
}

/* Sends what waits. A pause in the middle of a buffer is no error: the rest
 * of it is sent when the pipeline plays on. */
static GstFlowReturn
send_waiting (GstNetSender *self)
{
  while (TRUE) {
    g_autoptr (GError) error = NULL;
    guint64 sent = 0;
    GstFlowReturn flow;

    if (gst_socket_send_buffers (self->socket,
            (GstBuffer **) self->buffers->pdata, self->buffers->len, self->wait,
            &sent, &error))
      return GST_FLOW_OK;
    if (!gst_socket_error_is_cancelled (error))
      return fail (self, error);
    drop_sent (self->buffers, sent);
    flow = gst_base_sink_wait_preroll (self->element);
    if (flow != GST_FLOW_OK)
      return flow;
  }
}

/*
 * gst_net_sender_send:
 * @self: a connected sender
 * @buffers: (array length=n_buffers): what to send
 * @n_buffers: how many
 *
 * Sends @buffers, whole; waits while the peer is slow.
 *
 * Returns: what render () is to return
 */
GstFlowReturn
gst_net_sender_send (
    GstNetSender *self, GstBuffer *const *buffers, guint n_buffers)
{
  GstFlowReturn flow;

  for (guint i = 0; i < n_buffers; i++)
    g_ptr_array_add (self->buffers, gst_buffer_ref (buffers[i]));
  flow = send_waiting (self);
  g_ptr_array_set_size (self->buffers, 0);
  return flow;
}

static gboolean
add_to_waiting (GstBuffer **buffer, guint index, gpointer buffers)
{
  g_ptr_array_add (buffers, gst_buffer_ref (*buffer));
  return TRUE;
}

/*
 * gst_net_sender_send_list:
 * @self: a connected sender
 * @list: what to send
 *
 * As gst_net_sender_send(), in as few calls as possible.
 *
 * Returns: what render_list () is to return
 */
GstFlowReturn
gst_net_sender_send_list (GstNetSender *self, GstBufferList *list)
{
  GstFlowReturn flow;

  gst_buffer_list_foreach (list, add_to_waiting, self->buffers);
  flow = send_waiting (self);
  g_ptr_array_set_size (self->buffers, 0);
  return flow;
}
