/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetsender.c: what the sinks that write one socket have in common
 *
 * Here: the connection in use, sending, cancelling, connecting again.
 * Not here: pads, states.
 *
 * Threads   app: properties, cancel, states     streaming: render
 *           connector: see gstnetconnector.c
 * Locks, in taking order    guards
 *   1. PREROLL_LOCK           held by the base class around render
 *   2. OBJECT_LOCK (element)  leaky, buffers_dropped
 * Neither of ours is held while sending, waiting or posting.
 *
 * What waits to be sent is in "buffers". A buffer that was cut by a pause is
 * there as its rest, and whole as "interrupted": a new connection gets it from
 * its beginning.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetsender.h"

#include <gst/socket/gstsocketerror.h>
#include <gst/socket/gstsocketwriter.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/socket.h>

#define FLAGS                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

/* What a peer says is thrown away, so much of it before each buffer. */
#define MAX_DRAINS 16

/* Between two messages about dropped buffers. */
#define TELL_INTERVAL_US G_USEC_PER_SEC

GType
gst_net_leaky_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_NET_LEAKY_NO, "Hold the stream up", "no"},
      {GST_NET_LEAKY_UPSTREAM, "Drop new buffers", "upstream"},
      {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstNetLeaky", values));
  return type;
}

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
  gst_net_retry_init (&self->retry, GST_ELEMENT (element));
  gst_net_connector_init (&self->connector, &self->retry);
}

/*
 * gst_net_sender_clear:
 * @self: what to give up; stopped
 */
void
gst_net_sender_clear (GstNetSender *self)
{
  gst_net_connector_clear (&self->connector);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->buffers, g_ptr_array_unref);
}

/*
 * gst_net_sender_add_pspecs:
 * @pspecs: where the %GST_NET_N_SENDER specifications go
 */
void
gst_net_sender_add_pspecs (GParamSpec **pspecs)
{
  gst_net_retry_add_pspecs (pspecs);
  pspecs[GST_NET_SENDER_LEAKY] = g_param_spec_enum ("leaky", "Leaky",
      "What becomes of buffers while there is no connection, if reconnect is "
      "on (no: the stream waits); \"upstream\" for live streams",
      GST_TYPE_NET_LEAKY, GST_NET_LEAKY_NO, FLAGS);
  pspecs[GST_NET_SENDER_BUFFERS_DROPPED] = g_param_spec_uint64 (
      "buffers-dropped", "Buffers dropped",
      "Buffers that were not sent because there was no connection, since the "
      "element started",
      0, G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

/*
 * gst_net_sender_set:
 * @self: a sender
 * @offset: property id less the id of the first
 * @value: the property's value
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_sender_set (GstNetSender *self, gint offset, const GValue *value)
{
  if (offset != GST_NET_SENDER_LEAKY)
    return gst_net_retry_set (&self->retry, offset, value);
  GST_OBJECT_LOCK (self->element);
  self->leaky = g_value_get_enum (value);
  GST_OBJECT_UNLOCK (self->element);
  return TRUE;
}

/*
 * gst_net_sender_get:
 * @self: a sender
 * @offset: property id less the id of the first
 * @value: where the property's value goes
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_sender_get (GstNetSender *self, gint offset, GValue *value)
{
  if (offset < GST_NET_SENDER_LEAKY)
    return gst_net_retry_get (&self->retry, offset, value);
  GST_OBJECT_LOCK (self->element);
  if (offset == GST_NET_SENDER_LEAKY)
    g_value_set_enum (value, self->leaky);
  else if (offset == GST_NET_SENDER_BUFFERS_DROPPED)
    g_value_set_uint64 (value, self->buffers_dropped);
  GST_OBJECT_UNLOCK (self->element);
  return offset < GST_NET_N_SENDER;
}

static gboolean
is_leaky (GstNetSender *self)
{
  GstNetLeaky leaky;

  GST_OBJECT_LOCK (self->element);
  leaky = self->leaky;
  GST_OBJECT_UNLOCK (self->element);
  return leaky == GST_NET_LEAKY_UPSTREAM;
}

static GstFlowReturn
fail_to_connect (GstNetSender *self, const GError *error)
{
  g_autofree gchar *sentence =
      gst_net_describe_connect_error (self->peer.uri, error);

  /* Not OPEN_WRITE: OPEN_READ is the code that stock's sink posts. */
  if (!gst_socket_error_is_cancelled (error))
    GST_ELEMENT_ERROR (self->element, RESOURCE, OPEN_READ, ("%s", sentence),
        ("%s", error->message));
  return gst_socket_error_to_flow (error);
}

static gboolean
connect_now (GstNetSender *self)
{
  g_autoptr (GError) error = NULL;

  self->socket = gst_net_peer_connect (&self->peer, self->cancellable, &error);
  if (self->socket == NULL)
    fail_to_connect (self, error);
  return self->socket != NULL;
}

static gboolean
begin_connecting (GstNetSender *self)
{
  g_autoptr (GError) error = NULL;

  if (gst_net_connector_start (&self->connector, &self->peer))
    return TRUE;
  gst_net_connector_finish (&self->connector, &error);
  fail_to_connect (self, error);
  return FALSE;
}

static gboolean
open_wait (GstNetSender *self)
{
  g_autoptr (GError) error = NULL;

  self->wait = gst_socket_wait_new (self->cancellable, &error);
  if (self->wait == NULL) {
    fail_to_connect (self, error);
    return FALSE;
  }
  if (gst_net_uri_socket_type (self->peer.uri) == G_SOCKET_TYPE_DATAGRAM)
    self->packets = gst_socket_packet_writer_new (
        self->wait, self->peer.packet_size, self->peer.uri->host != NULL);
  return TRUE;
}

/*
 * gst_net_sender_start:
 * @self: a stopped sender
 * @peer: where to; emptied
 *
 * Connects, or begins to if "reconnect" is on.
 *
 * Returns: %TRUE on success; an error was posted otherwise
 */
gboolean
gst_net_sender_start (GstNetSender *self, GstNetPeer *peer)
{
  self->peer = *peer;
  peer->uri = NULL;
  self->peer_name = gst_net_uri_describe (self->peer.uri);
  self->has_failed = FALSE;
  self->is_new_stream = self->wants_keyframe = self->has_keyframes = FALSE;
  GST_OBJECT_LOCK (self->element);
  self->buffers_dropped = self->told_dropped = 0;
  GST_OBJECT_UNLOCK (self->element);
  g_cancellable_reset (self->cancellable);
  gst_net_retry_begin (&self->retry);
  if (open_wait (self)
      && (gst_net_retry_is_on (&self->retry) ? begin_connecting (self)
                                             : connect_now (self)))
    return TRUE;
  gst_net_sender_stop (self);
  return FALSE;
}

static void
close_socket (GstNetSender *self)
{
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
}

/*
 * gst_net_sender_stop:
 * @self: a sender
 *
 * Closes the connection; what the system took is still delivered.
 */
void
gst_net_sender_stop (GstNetSender *self)
{
  gst_net_connector_stop (&self->connector);
  close_socket (self);
  gst_clear_buffer (&self->interrupted);
  g_ptr_array_set_size (self->buffers, 0);
  g_clear_pointer (&self->packets, gst_socket_packet_writer_free);
  g_clear_pointer (&self->wait, gst_socket_wait_free);
  g_clear_pointer (&self->peer_name, g_free);
  gst_net_peer_clear (&self->peer);
}

/*
 * gst_net_sender_cancel:
 * @self: a sender
 *
 * Ends all waiting of render, from any thread, until
 * gst_net_sender_resume(). Connecting in the background goes on.
 */
void
gst_net_sender_cancel (GstNetSender *self)
{
  gst_net_pause_begin (&self->pause);
  g_cancellable_cancel (self->cancellable);
  gst_net_connector_wake (&self->connector);
}

/*
 * gst_net_sender_play:
 * @self: a sender
 * @transition: of the element, before its parent class acts on it
 *
 * Lets a buffer go on that was interrupted by a pause.
 */
void
gst_net_sender_play (GstNetSender *self, GstStateChange transition)
{
  gst_net_pause_end (&self->pause, transition);
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

/* Tells what was dropped and not told of yet. */
static void
tell_dropped (GstNetSender *self, guint64 dropped)
{
  if (dropped == self->told_dropped)
    return;
  gst_net_post_dropped (GST_ELEMENT (self->element), self->peer_name,
      dropped - self->told_dropped, dropped);
  self->told_dropped = dropped;
  self->told_us = g_get_monotonic_time ();
}

static guint64
count_dropped (GstNetSender *self, guint64 n)
{
  guint64 dropped;

  GST_OBJECT_LOCK (self->element);
  self->buffers_dropped += n;
  dropped = self->buffers_dropped;
  GST_OBJECT_UNLOCK (self->element);
  return dropped;
}

static void
account_dropped (GstNetSender *self, guint64 n)
{
  guint64 dropped = count_dropped (self, n);

  if (self->told_dropped == 0
      || g_get_monotonic_time () - self->told_us >= TELL_INTERVAL_US)
    tell_dropped (self, dropped);
}

static void
drop (GstNetSender *self, guint n)
{
  if (n == 0)
    return;
  g_ptr_array_remove_range (self->buffers, 0, n);
  gst_clear_buffer (&self->interrupted);
  account_dropped (self, n);
}

static void
cut_first (GstNetSender *self, gsize sent)
{
  GstBuffer *buffer = g_ptr_array_index (self->buffers, 0);

  self->buffers->pdata[0] =
      gst_buffer_copy_region (buffer, GST_BUFFER_COPY_MEMORY, sent, -1);
  if (self->interrupted == NULL)
    self->interrupted = buffer;
  else
    gst_buffer_unref (buffer);
}

/* Takes the bytes that are sent from the front of what waits. */
static void
drop_sent (GstNetSender *self, guint64 sent)
{
  guint n = 0;

  while (n < self->buffers->len) {
    gsize size = gst_buffer_get_size (g_ptr_array_index (self->buffers, n));

    if (sent < size)
      break;
    sent -= size;
    n++;
  }
  if (n > 0) {
    g_ptr_array_remove_range (self->buffers, 0, n);
    gst_clear_buffer (&self->interrupted);
  }
  if (sent > 0 && self->buffers->len > 0)
    cut_first (self, sent);
}

/* The next connection begins with a whole buffer. */
static void
restore_interrupted (GstNetSender *self)
{
  if (self->interrupted == NULL)
    return;
  gst_buffer_unref (g_ptr_array_index (self->buffers, 0));
  self->buffers->pdata[0] = g_steal_pointer (&self->interrupted);
}

static void
lose_connection (GstNetSender *self, const GError *error)
{
  gint64 lived_us = g_get_monotonic_time () - self->connected_us;

  if (lived_us > G_USEC_PER_SEC)
    gst_net_retry_works (&self->retry);
  close_socket (self);
  restore_interrupted (self);
  self->is_new_stream = TRUE;
  gst_net_retry_lost (&self->retry, self->peer_name, error);
  /* That there is no thread shows when it is asked for what it found. */
  gst_net_connector_start (&self->connector, &self->peer);
}

/* A peer that only receives may close without our noticing until much is
 * lost: sending still works once after that. Reading tells at once. */
static gboolean
is_peer_gone (GstNetSender *self)
{
  gchar scratch[1024];
  gssize n = 1;

  if (g_socket_get_socket_type (self->socket) == G_SOCKET_TYPE_DATAGRAM)
    return FALSE;
  for (guint i = 0; i < MAX_DRAINS && n > 0; i++)
    n = recv (g_socket_get_fd (self->socket), scratch, sizeof (scratch),
        MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* Returns OK with a socket, or without one if buffers may be dropped. What has
 * failed for good stays so, whatever upstream makes of it. */
static GstFlowReturn
ensure_connection (GstNetSender *self)
{
  g_autoptr (GError) error = NULL;

  if (self->socket != NULL && gst_net_retry_is_on (&self->retry)
      && is_peer_gone (self))
    lose_connection (self, NULL);
  if (self->socket != NULL)
    return GST_FLOW_OK;
  if (is_leaky (self) && !gst_net_connector_is_done (&self->connector))
    return GST_FLOW_OK;
  if (self->has_failed)
    return GST_FLOW_ERROR;
  while (!gst_net_connector_wait (&self->connector, self->cancellable)) {
    GstFlowReturn flow = gst_net_pause_wait (&self->pause, self->element);

    if (flow != GST_FLOW_OK)
      return flow;
  }
  self->socket = gst_net_connector_finish (&self->connector, &error);
  if (self->socket == NULL) {
    self->has_failed = TRUE;
    return fail_to_connect (self, error);
  }
  self->connected_us = g_get_monotonic_time ();
  return GST_FLOW_OK;
}

/* Puts the stream headers of the caps before what waits. */
static void
add_headers (GstNetSender *self)
{
  g_autoptr (GstCaps) caps =
      gst_pad_get_current_caps (GST_BASE_SINK_PAD (self->element));
  const GValue *headers = NULL;

  if (caps != NULL && gst_caps_get_size (caps) > 0)
    headers = gst_structure_get_value (
        gst_caps_get_structure (caps, 0), "streamheader");
  if (headers == NULL || !GST_VALUE_HOLDS_ARRAY (headers))
    return;
  for (guint i = 0; i < gst_value_array_get_size (headers); i++) {
    const GValue *header = gst_value_array_get_value (headers, i);

    if (G_VALUE_HOLDS (header, GST_TYPE_BUFFER))
      g_ptr_array_insert (self->buffers, i, g_value_dup_boxed (header));
  }
}

static void
ask_for_keyframe (GstNetSender *self)
{
  GstStructure *structure = gst_structure_new ("GstForceKeyUnit", "all-headers",
      G_TYPE_BOOLEAN, TRUE, "count", G_TYPE_UINT, 0, NULL);

  gst_pad_push_event (GST_BASE_SINK_PAD (self->element),
      gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, structure));
}

/* Drops what a receiver who joins now cannot use. */
static void
drop_until_keyframe (GstNetSender *self)
{
  guint n = 0;

  while (n < self->buffers->len
      && GST_BUFFER_FLAG_IS_SET (
          g_ptr_array_index (self->buffers, n), GST_BUFFER_FLAG_DELTA_UNIT))
    n++;
  if (n < self->buffers->len)
    self->wants_keyframe = FALSE;
  drop (self, n);
}

/* After a loss the peer, which may be another one, knows nothing of what was
 * sent before. */
static void
begin_stream (GstNetSender *self)
{
  if (self->is_new_stream) {
    self->is_new_stream = FALSE;
    tell_dropped (self, count_dropped (self, 0));
    self->wants_keyframe = self->has_keyframes && is_leaky (self);
    ask_for_keyframe (self);
    if (!self->wants_keyframe)
      add_headers (self);
  }
  if (!self->wants_keyframe)
    return;
  drop_until_keyframe (self);
  if (!self->wants_keyframe)
    add_headers (self);
}

static GstFlowReturn
fail_to_send (GstNetSender *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE)) {
    GST_ELEMENT_ERROR (self->element, RESOURCE, WRITE,
        (_ ("A buffer is too large for one message to \"%s\"."),
            self->peer_name),
        ("%s", error->message));
    return GST_FLOW_ERROR;
  }
  GST_ELEMENT_ERROR (self->element, RESOURCE, WRITE,
      (_ ("Error while sending data to \"%s\"."), self->peer_name),
      ("%s", error->message));
  return GST_FLOW_ERROR;
}

/* That nobody receives a datagram is no fault of the stream. */
static gboolean
is_lost_datagram (GstNetSender *self, const GError *error)
{
  return g_socket_get_socket_type (self->socket) == G_SOCKET_TYPE_DATAGRAM
      && (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
          || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE)
          || g_error_matches (
              error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE));
}

/* Returns OK to try again with what is left. A pause in the middle of a buffer
 * is no error: the rest of it is sent when the pipeline plays on. */
static GstFlowReturn
handle_failure (GstNetSender *self, guint64 sent, const GError *error)
{
  drop_sent (self, sent);
  if (gst_socket_error_is_cancelled (error))
    return gst_net_pause_wait (&self->pause, self->element);
  if (is_lost_datagram (self, error)) {
    drop (self, 1);
    return GST_FLOW_OK;
  }
  if (!gst_net_retry_is_on (&self->retry))
    return fail_to_send (self, error);
  lose_connection (self, error);
  return GST_FLOW_OK;
}

/* Datagrams that the peer refused were told of with later ones that it may
 * have taken. */
static gboolean
send_packets (GstNetSender *self, guint64 *ret_sent, GError **error)
{
  guint64 before = gst_socket_packet_writer_get_refused (self->packets);
  gboolean ok = gst_socket_packet_writer_send (self->packets, self->socket,
      (GstBuffer **) self->buffers->pdata, self->buffers->len, ret_sent, error);
  guint64 refused =
      gst_socket_packet_writer_get_refused (self->packets) - before;

  if (refused > 0)
    account_dropped (self, refused);
  return ok;
}

static gboolean
send_buffers (GstNetSender *self, guint64 *ret_sent, GError **error)
{
  if (self->packets != NULL)
    return send_packets (self, ret_sent, error);
  return gst_socket_send_buffers (self->socket,
      (GstBuffer **) self->buffers->pdata, self->buffers->len, self->wait,
      ret_sent, error);
}

static GstFlowReturn
send_once (GstNetSender *self)
{
  g_autoptr (GError) error = NULL;
  guint64 sent = 0;

  begin_stream (self);
  if (!send_buffers (self, &sent, &error))
    return handle_failure (self, sent, error);
  g_ptr_array_set_size (self->buffers, 0);
  gst_clear_buffer (&self->interrupted);
  return GST_FLOW_OK;
}

static GstFlowReturn
send_waiting (GstNetSender *self)
{
  GstFlowReturn flow = GST_FLOW_OK;

  while (flow == GST_FLOW_OK && self->buffers->len > 0) {
    flow = ensure_connection (self);
    if (flow == GST_FLOW_OK && self->socket != NULL) {
      flow = send_once (self);
    } else if (flow == GST_FLOW_OK) {
      self->is_new_stream = TRUE;
      drop (self, self->buffers->len);
    }
  }
  g_ptr_array_set_size (self->buffers, 0);
  gst_clear_buffer (&self->interrupted);
  return flow;
}

static void
add_to_waiting (GstNetSender *self, GstBuffer *buffer)
{
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    self->has_keyframes = TRUE;
  g_ptr_array_add (self->buffers, gst_buffer_ref (buffer));
}

/*
 * gst_net_sender_render:
 * @self: a started sender
 * @buffer: what to send
 *
 * Sends @buffer, whole; waits while the peer is slow or, unless "leaky", away.
 *
 * Returns: what render () is to return
 */
GstFlowReturn
gst_net_sender_render (GstNetSender *self, GstBuffer *buffer)
{
  add_to_waiting (self, buffer);
  return send_waiting (self);
}

/*
 * gst_net_sender_render_list:
 * @self: a started sender
 * @list: what to send
 *
 * As gst_net_sender_render(), in as few calls as possible.
 *
 * Returns: what render_list () is to return
 */
GstFlowReturn
gst_net_sender_render_list (GstNetSender *self, GstBufferList *list)
{
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    add_to_waiting (self, gst_buffer_list_get (list, i));
  return send_waiting (self);
}
