/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetconnector.c: connecting in the background
 *
 * Here: a thread that lives until there is a connection, or no hope.
 * Not here: when to try again (gstnetretry.c).
 *
 * Threads   owner: all functions but wake     connector: run
 *           any: wake
 * Locks, in taking order    guards
 *   1. lock                   is_done
 * The lock is not held while connecting or posting.
 *
 * A sink cannot connect in its streaming thread: a live stream must flow, into
 * the bin if need be, while the peer is away.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetconnector.h"

/*
 * gst_net_connector_init:
 * @self: what to set up
 * @retry: when to try again
 */
void
gst_net_connector_init (GstNetConnector *self, GstNetRetry *retry)
{
  self->retry = retry;
  self->cancellable = g_cancellable_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
}

/*
 * gst_net_connector_clear:
 * @self: what to give up; stopped
 */
void
gst_net_connector_clear (GstNetConnector *self)
{
  g_clear_object (&self->cancellable);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
}

static gpointer
run (gpointer data)
{
  GstNetConnector *self = data;
  g_autoptr (GstSocketWait) wait =
      gst_socket_wait_new (self->cancellable, &self->error);

  if (wait != NULL)
    self->socket = gst_net_retry_connect (
        self->retry, self->peer, wait, self->cancellable, &self->error);
  g_mutex_lock (&self->lock);
  self->is_done = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return NULL;
}

/*
 * gst_net_connector_start:
 * @self: a connector that does not run
 * @peer: where to; stays until it is stopped or finished
 *
 * Begins to connect.
 *
 * Returns: %FALSE if there is no thread to be had: it is done then, and
 *     gst_net_connector_finish() says so
 */
gboolean
gst_net_connector_start (GstNetConnector *self, const GstNetPeer *peer)
{
  g_cancellable_reset (self->cancellable);
  self->peer = peer;
  self->is_done = FALSE;
  self->thread = g_thread_try_new ("connector", run, self, &self->error);
  if (self->thread == NULL)
    self->is_done = TRUE;
  return self->thread != NULL;
}

/*
 * gst_net_connector_stop:
 * @self: a connector, running or not
 *
 * Ends it, and drops what it may have found.
 */
void
gst_net_connector_stop (GstNetConnector *self)
{
  g_autoptr (GSocket) socket = NULL;

  g_cancellable_cancel (self->cancellable);
  socket = gst_net_connector_finish (self, NULL);
}

/*
 * gst_net_connector_is_done:
 * @self: a connector that was started
 *
 * Returns: %TRUE if gst_net_connector_finish() would not wait
 */
gboolean
gst_net_connector_is_done (GstNetConnector *self)
{
  gboolean is_done;

  g_mutex_lock (&self->lock);
  is_done = self->is_done;
  g_mutex_unlock (&self->lock);
  return is_done;
}

/*
 * gst_net_connector_wait:
 * @self: a connector that was started
 * @cancellable: ends the waiting, if gst_net_connector_wake() is called after
 *
 * Returns: %TRUE if it is done, %FALSE if cancelled
 */
gboolean
gst_net_connector_wait (GstNetConnector *self, GCancellable *cancellable)
{
  gboolean is_done;

  g_mutex_lock (&self->lock);
  while (!self->is_done && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->lock);
  is_done = self->is_done;
  g_mutex_unlock (&self->lock);
  return is_done;
}

/*
 * gst_net_connector_wake:
 * @self: a connector
 *
 * Lets gst_net_connector_wait() look at its cancellable.
 */
void
gst_net_connector_wake (GstNetConnector *self)
{
  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/*
 * gst_net_connector_finish:
 * @self: a connector that was started
 * @error: where to say what went wrong
 *
 * Waits until it is done and takes what it found; nothing if it does not run.
 *
 * Returns: (transfer full) (nullable): a connected socket
 */
GSocket *
gst_net_connector_finish (GstNetConnector *self, GError **error)
{
  if (self->thread != NULL)
    g_thread_join (g_steal_pointer (&self->thread));
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  return g_steal_pointer (&self->socket);
}
