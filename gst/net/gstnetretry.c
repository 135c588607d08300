/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetretry.c: connecting again
 *
 * Here: the properties "reconnect" and those around it, waiting between
 * attempts, the messages that tell about it.
 * Not here: one attempt (gstnetpeer.c), what is lost meanwhile.
 *
 * Threads   any: properties     one at a time: all else
 * Locks, in taking order    guards
 *   1. OBJECT_LOCK (element)  mode, delay_ns, max_delay_ns, max_retries
 * No lock is held while connecting, waiting or posting.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetretry.h"

#include <gst/socket/gstsocketbackoff.h>
#include <gst/socket/gstsocketerror.h>

#define DEFAULT_DELAY (500 * GST_MSECOND)
#define DEFAULT_MAX_DELAY (30 * GST_SECOND)
#define DEFAULT_MAX_RETRIES (-1)

/* So that no figure makes it a busy loop. */
#define MIN_DELAY (10 * GST_MSECOND)

#define FLAGS                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

GType
gst_net_reconnect_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_NET_RECONNECT_OFF, "Connect once", "off"},
      {GST_NET_RECONNECT_ON_EOF, "Connect again after a connection was lost",
          "on-eof"},
      {GST_NET_RECONNECT_ALWAYS, "Connect again whatever went wrong", "always"},
      {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstNetReconnect", values));
  return type;
}

/*
 * gst_net_retry_init:
 * @self: what to set up
 * @owner: the element it is part of
 */
void
gst_net_retry_init (GstNetRetry *self, GstElement *owner)
{
  self->owner = owner;
  self->mode = GST_NET_RECONNECT_OFF;
  self->delay_ns = DEFAULT_DELAY;
  self->max_delay_ns = DEFAULT_MAX_DELAY;
  self->max_retries = DEFAULT_MAX_RETRIES;
}

/*
 * gst_net_retry_add_pspecs:
 * @pspecs: where the %GST_NET_N_RETRY specifications go
 */
void
gst_net_retry_add_pspecs (GParamSpec **pspecs)
{
  pspecs[GST_NET_RETRY_RECONNECT] = g_param_spec_enum ("reconnect", "Reconnect",
      "When to connect again (off: never, and the state change waits for the "
      "connection; otherwise it does not wait)",
      GST_TYPE_NET_RECONNECT, GST_NET_RECONNECT_OFF, FLAGS);
  pspecs[GST_NET_RETRY_DELAY] = g_param_spec_uint64 ("reconnect-delay",
      "Reconnect delay",
      "Nanoseconds before the first new attempt, doubled after each failure, "
      "a quarter more or less by chance; lower to be back sooner",
      MIN_DELAY, G_MAXINT64, DEFAULT_DELAY, FLAGS);
  pspecs[GST_NET_RETRY_MAX_DELAY] = g_param_spec_uint64 ("reconnect-max-delay",
      "Reconnect maximum delay",
      "Longest time in nanoseconds between two attempts; lower where a peer "
      "that comes back must not wait",
      MIN_DELAY, G_MAXINT64, DEFAULT_MAX_DELAY, FLAGS);
  pspecs[GST_NET_RETRY_MAX_RETRIES] =
      g_param_spec_int ("max-retries", "Maximum retries",
          "New attempts in a row before an error is posted (-1 = no limit)", -1,
          G_MAXINT, DEFAULT_MAX_RETRIES, FLAGS);
}

/*
 * gst_net_retry_set:
 * @self: the settings
 * @offset: property id less the id of the first
 * @value: the property's value
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_retry_set (GstNetRetry *self, gint offset, const GValue *value)
{
  gboolean known = TRUE;

  GST_OBJECT_LOCK (self->owner);
  if (offset == GST_NET_RETRY_RECONNECT)
    self->mode = g_value_get_enum (value);
  else if (offset == GST_NET_RETRY_DELAY)
    self->delay_ns = g_value_get_uint64 (value);
  else if (offset == GST_NET_RETRY_MAX_DELAY)
    self->max_delay_ns = g_value_get_uint64 (value);
  else if (offset == GST_NET_RETRY_MAX_RETRIES)
    self->max_retries = g_value_get_int (value);
  else
    known = FALSE;
  GST_OBJECT_UNLOCK (self->owner);
  return known;
}

/*
 * gst_net_retry_get:
 * @self: the settings
 * @offset: property id less the id of the first
 * @value: where the property's value goes
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_retry_get (GstNetRetry *self, gint offset, GValue *value)
{
  gboolean known = TRUE;

  GST_OBJECT_LOCK (self->owner);
  if (offset == GST_NET_RETRY_RECONNECT)
    g_value_set_enum (value, self->mode);
  else if (offset == GST_NET_RETRY_DELAY)
    g_value_set_uint64 (value, self->delay_ns);
  else if (offset == GST_NET_RETRY_MAX_DELAY)
    g_value_set_uint64 (value, self->max_delay_ns);
  else if (offset == GST_NET_RETRY_MAX_RETRIES)
    g_value_set_int (value, self->max_retries);
  else
    known = FALSE;
  GST_OBJECT_UNLOCK (self->owner);
  return known;
}

/*
 * gst_net_retry_is_on:
 * @self: the settings
 *
 * Returns: %TRUE unless "reconnect" is off
 */
gboolean
gst_net_retry_is_on (GstNetRetry *self)
{
  gboolean is_on;

  GST_OBJECT_LOCK (self->owner);
  is_on = self->mode != GST_NET_RECONNECT_OFF;
  GST_OBJECT_UNLOCK (self->owner);
  return is_on;
}

/*
 * gst_net_retry_begin:
 * @self: the settings
 *
 * Forgets former failures, from start () of the element.
 */
void
gst_net_retry_begin (GstNetRetry *self)
{
  self->was_connected = FALSE;
  self->n_failures = 0;
}

static void
post (GstElement *element, GstStructure *structure)
{
  GST_INFO_OBJECT (element, "%" GST_PTR_FORMAT, structure);
  gst_element_post_message (
      element, gst_message_new_element (GST_OBJECT (element), structure));
}

/*
 * gst_net_post_connected:
 * @element: an element
 * @peer_name: to whom
 *
 * Posts an element message "GstSocketConnected" {peer: string}.
 */
void
gst_net_post_connected (GstElement *element, const gchar *peer_name)
{
  post (element,
      gst_structure_new (
          "GstSocketConnected", "peer", G_TYPE_STRING, peer_name, NULL));
}

/*
 * gst_net_post_lost:
 * @element: an element
 * @peer_name: to whom
 * @reason: why
 *
 * Posts an element message "GstSocketLost" {peer: string, reason: string}.
 */
void
gst_net_post_lost (
    GstElement *element, const gchar *peer_name, const gchar *reason)
{
  post (element,
      gst_structure_new ("GstSocketLost", "peer", G_TYPE_STRING, peer_name,
          "reason", G_TYPE_STRING, reason, NULL));
}

/*
 * gst_net_post_dropped:
 * @element: an element
 * @peer_name: for whom
 * @dropped: buffers since the last message
 * @buffers_dropped: buffers since the element started
 *
 * Posts an element message "GstSocketDropped" {peer: string, dropped: uint64,
 * buffers-dropped: uint64}.
 */
void
gst_net_post_dropped (GstElement *element, const gchar *peer_name,
    guint64 dropped, guint64 buffers_dropped)
{
  post (element,
      gst_structure_new ("GstSocketDropped", "peer", G_TYPE_STRING, peer_name,
          "dropped", G_TYPE_UINT64, dropped, "buffers-dropped", G_TYPE_UINT64,
          buffers_dropped, NULL));
}

static GstClockTime
choose_delay (GstNetRetry *self)
{
  GstClockTime delay_ns;

  GST_OBJECT_LOCK (self->owner);
  delay_ns = gst_socket_backoff (
      self->delay_ns, self->max_delay_ns, self->n_failures, g_random_double ());
  GST_OBJECT_UNLOCK (self->owner);
  return delay_ns;
}

/*
 * gst_net_retry_wait:
 * @self: the settings
 * @peer_name: to whom
 * @reason: why it is tried again
 * @wait: what to wait with
 * @error: where to say that it was cancelled
 *
 * Waits as long as former failures ask for, and says so by a message.
 *
 * Returns: %FALSE when cancelled
 */
gboolean
gst_net_retry_wait (GstNetRetry *self, const gchar *peer_name,
    const gchar *reason, GstSocketWait *wait, GError **error)
{
  g_autoptr (GError) ended = NULL;
  GstClockTime delay_ns;

  if (self->n_failures == 0)
    return TRUE;
  delay_ns = choose_delay (self);
  post (self->owner,
      gst_structure_new ("GstSocketRetrying", "peer", G_TYPE_STRING, peer_name,
          "reason", G_TYPE_STRING, reason, "attempt", G_TYPE_UINT,
          self->n_failures, "delay", G_TYPE_UINT64, delay_ns, NULL));
  gst_socket_wait_for (wait, -1, 0, delay_ns / GST_USECOND, &ended);
  if (!gst_socket_error_is_cancelled (ended))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&ended));
  return FALSE;
}

/*
 * gst_net_retry_may:
 * @self: the settings
 *
 * Returns: whether to try again after a failure
 */
gboolean
gst_net_retry_may (GstNetRetry *self)
{
  gboolean may;

  GST_OBJECT_LOCK (self->owner);
  may = self->mode == GST_NET_RECONNECT_ALWAYS
      || (self->mode == GST_NET_RECONNECT_ON_EOF && self->was_connected);
  may = may
      && (self->max_retries < 0
          || self->n_failures < (guint) self->max_retries);
  GST_OBJECT_UNLOCK (self->owner);
  return may;
}

/*
 * gst_net_retry_connected:
 * @self: the settings
 * @peer_name: to whom
 *
 * Says that there is a connection.
 */
void
gst_net_retry_connected (GstNetRetry *self, const gchar *peer_name)
{
  self->was_connected = TRUE;
  gst_net_post_connected (self->owner, peer_name);
}

/*
 * gst_net_retry_connect:
 * @self: the settings
 * @peer: where to
 * @wait: what to wait with; follows @cancellable
 * @cancellable: ends it from any thread
 * @error: where to say what went wrong
 *
 * Connects, again and again as the settings have it, and tells about it by
 * messages. Blocks.
 *
 * Returns: (transfer full) (nullable): a connected socket
 */
GSocket *
gst_net_retry_connect (GstNetRetry *self, const GstNetPeer *peer,
    GstSocketWait *wait, GCancellable *cancellable, GError **error)
{
  g_autofree gchar *name = gst_net_uri_describe (peer->uri);
  g_autofree gchar *reason = g_strdup ("lost");

  while (gst_net_retry_wait (self, name, reason, wait, error)) {
    g_autoptr (GError) failure = NULL;
    GSocket *socket = gst_net_peer_connect (peer, cancellable, &failure);

    if (socket != NULL) {
      gst_net_retry_connected (self, name);
      return socket;
    }
    if (gst_socket_error_is_cancelled (failure) || !gst_net_retry_may (self)) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
    self->n_failures++;
    g_free (reason);
    reason = g_strdup (failure->message);
  }
  return NULL;
}

/*
 * gst_net_retry_works:
 * @self: the settings
 *
 * Says that the connection carries data, so that the next loss counts as the
 * first. A peer that accepts and hangs up at once is a failure.
 */
void
gst_net_retry_works (GstNetRetry *self)
{
  self->n_failures = 0;
}

/*
 * gst_net_retry_failed:
 * @self: the settings
 *
 * Says that there was no connection.
 */
void
gst_net_retry_failed (GstNetRetry *self)
{
  self->n_failures++;
}

/*
 * gst_net_retry_lost:
 * @self: the settings
 * @peer_name: to whom
 * @reason: (nullable): why, %NULL for an orderly close
 *
 * Says that the connection is gone.
 */
void
gst_net_retry_lost (
    GstNetRetry *self, const gchar *peer_name, const GError *reason)
{
  self->n_failures++;
  gst_net_post_lost (self->owner, peer_name,
      reason != NULL ? reason->message : "closed by the peer");
}
