/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcproducerio.c: the sending side, as its own thread serves it
 *
 * Here: connecting with back-off or accepting, timers, saying good-bye.
 * Not here: frames and events (gstipcproducer.c), what consumers say
 * (gstipcproducerread.c); GstElement.
 *
 * Threads and locks: see gstipcproducer.c. Consumers are added and removed by
 * this thread only; the streaming thread marks one as lost and wakes this one.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcproducer-private.h"

#include <unistd.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

#define REFUSED_PAUSE_US (500 * G_TIME_SPAN_MILLISECOND)
/* How long a consumer may take to say HELLO before it is taken for one that
 * does not. */
#define GREETING_US (100 * G_TIME_SPAN_MILLISECOND)
/* In listening mode every consumer says it; this long is long enough. */
#define LISTEN_GREETING_US (5 * G_USEC_PER_SEC)
#define LEAVING_US G_USEC_PER_SEC
#define FAREWELL_US (250 * G_TIME_SPAN_MILLISECOND)
#define TICK_US G_USEC_PER_SEC
#define KEY_INTERVAL_US G_USEC_PER_SEC
/* When no frame came for as long, this thread reads again. */
#define RENDER_IDLE_US (60 * G_TIME_SPAN_MILLISECOND)
/* Its finding of what upstream may have been waiting for is remembered. */
#define DISTRUST_US (10 * G_USEC_PER_SEC)
/* While frames go several in a record, this thread looks so often whether some
 * were left, and after so many looks without a new one each goes alone again. */
#define JOINED_TICK_US G_TIME_SPAN_MILLISECOND
#define JOINED_TICKS 20
#define MAX_EVENTS 32

static void
note_refused (GstIpcProducer *self, const gchar *reason, GstIpcTurn *turn)
{
  GstStructure *message =
      gst_ipc_refusals_note (&self->refusals, "consumer-refused", reason);

  if (message != NULL)
    g_queue_push_tail (&turn->posts, message);
}

/* Returns NULL for one that may come in. */
static const gchar *
find_reason_to_refuse (GstIpcProducer *self, gint fd)
{
  if (!gst_ipc_listener_may_enter (fd, self->settings.peer_uid))
    return "peer-uid";
  return self->peers->len >= self->settings.max_clients ? "max-clients" : NULL;
}

/* fd (transfer full) */
static void
add_peer (GstIpcProducer *self, gint fd, GstIpcTurn *turn)
{
  const gchar *reason = find_reason_to_refuse (self, fd);
  GstIpcPeer *peer;

  if (reason != NULL) {
    note_refused (self, reason, turn);
    close (fd);
    return;
  }
  peer = gst_ipc_peer_new (++self->next_id, gst_ipc_link_new (fd),
      self->settings.max_outstanding, self->settings.is_legacy);
  if (!gst_socket_poller_add (
          self->poller, fd, GST_SOCKET_POLL_READ, peer, NULL)) {
    gst_ipc_peer_free (peer, turn->trash);
    return;
  }
  peer->polled = GST_SOCKET_POLL_READ;
  gst_socket_poller_add (
      self->room_poller, fd, GST_SOCKET_POLL_READ, peer, NULL);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->peers, peer);
  self->connected++;
  self->said_idle = FALSE;
  g_mutex_unlock (&self->lock);
}

static void
accept_peers (GstIpcProducer *self, GstIpcTurn *turn)
{
  for (guint i = 0; i < MAX_EVENTS; i++) {
    gint fd;

    switch (gst_ipc_listener_accept (self->listener, &fd)) {
      case GST_SOCKET_ACCEPT_TAKEN:
        add_peer (self, fd, turn);
        break;
      case GST_SOCKET_ACCEPT_REFUSED:
        note_refused (self, "no-descriptors", turn);
        break;
      case GST_SOCKET_ACCEPT_LOST:
        break;
      default:
        return;
    }
  }
}

/* Refused peers are not tried again and again. */
static void
try_connect (GstIpcProducer *self, GstIpcTurn *turn)
{
  const GstIpcProducerCallbacks *cb = &self->callbacks;
  g_autoptr (GError) error = NULL;
  gint fd;

  if (self->settings.listen || self->peers->len > 0)
    return;
  fd = gst_ipc_connector_try (&self->connector, self->settings.path,
      g_get_monotonic_time (), REFUSED_PAUSE_US, &error);
  if (fd >= 0)
    add_peer (self, fd, turn);
  if (error != NULL)
    cb->warn (cb->user_data, "unreachable", error->message);
}

static void
serve_peer (
    GstIpcProducer *self, GstIpcPeer *peer, guint events, GstIpcTurn *turn)
{
  g_mutex_lock (&self->lock);
  if ((events
          & (GST_SOCKET_POLL_READ | GST_SOCKET_POLL_HANGUP
              | GST_SOCKET_POLL_ERROR))
      != 0)
    gst_ipc_producer_read_peer_locked (self, peer, turn);
  gst_ipc_peer_pump (peer, turn->trash);
  gst_ipc_producer_note_room_locked (self);
  g_mutex_unlock (&self->lock);
}

static gint64
find_greeting_us (GstIpcProducer *self)
{
  return self->settings.listen ? LISTEN_GREETING_US : GREETING_US;
}

/* A consumer that said nothing is Qualcomm's, unless we listen: theirs listen
 * themselves, so that one is a stranger. */
static void
check_greeting_locked (
    GstIpcProducer *self, GstIpcPeer *peer, gint64 now, GstIpcTurn *turn)
{
  if (peer->state != GST_IPC_PEER_GREETING
      || now - peer->connected_at < find_greeting_us (self))
    return;
  if (self->settings.listen) {
    gst_ipc_peer_lose (peer, "no hello");
    return;
  }
  gst_ipc_peer_set_state (peer, GST_IPC_PEER_QUALCOMM);
  if (self->ended)
    gst_ipc_producer_push_eos_locked (peer);
  gst_ipc_peer_pump (peer, turn->trash);
  gst_ipc_turn_post_peer (turn, peer, "consumer-connected", NULL);
  gst_ipc_producer_note_room_locked (self);
}

static void
check_progress_locked (GstIpcProducer *self, GstIpcPeer *peer, gint64 now)
{
  gint64 limit_us = self->settings.client_timeout_ns / 1000;

  if (peer->state == GST_IPC_PEER_LEAVING
      && (peer->sent->len == 0 || now - peer->leaving_at > LEAVING_US))
    gst_ipc_peer_lose (peer, "left");
  if (self->settings.listen && limit_us > 0 && gst_ipc_peer_owes (peer)
      && now - peer->progress_at > limit_us)
    gst_ipc_peer_lose (peer, "client-timeout");
}

static void
remove_peer_locked (GstIpcProducer *self, guint i, GstIpcTurn *turn)
{
  GstIpcPeer *peer = g_ptr_array_steal_index (self->peers, i);

  gst_socket_poller_remove (
      self->poller, gst_ipc_link_get_fd (peer->link), peer);
  gst_socket_poller_remove (
      self->room_poller, gst_ipc_link_get_fd (peer->link), peer);
  gst_ipc_turn_post_peer (turn, peer, "consumer-lost", peer->lost_because);
  self->lost++;
  self->bad_returns += peer->bad_returns;
  gst_ipc_peer_free (peer, turn->trash);
  self->connector.due_at = 0;
  gst_ipc_producer_note_room_locked (self);
}

static void
check_peers (GstIpcProducer *self, GstIpcTurn *turn)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  for (guint i = self->peers->len; i-- > 0;) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    check_greeting_locked (self, peer, now, turn);
    check_progress_locked (self, peer, now);
    if (peer->state == GST_IPC_PEER_LOST)
      remove_peer_locked (self, i, turn);
    else
      gst_ipc_producer_watch_locked (self, peer);
  }
  g_mutex_unlock (&self->lock);
}

/* All consumers that wait for a keyframe are served by one request. */
static void
ask_for_key (GstIpcProducer *self, GstIpcTurn *turn)
{
  gint64 now = g_get_monotonic_time ();
  gboolean wants;

  g_mutex_lock (&self->lock);
  wants = self->wants_key && now - self->key_asked_at > KEY_INTERVAL_US;
  if (wants)
    self->wants_key = FALSE;
  g_mutex_unlock (&self->lock);
  if (!wants)
    return;
  self->key_asked_at = now;
  g_queue_push_tail (&turn->upstream,
      gst_structure_new ("GstForceKeyUnit", "running-time", GST_TYPE_CLOCK_TIME,
          GST_CLOCK_TIME_NONE, "all-headers", G_TYPE_BOOLEAN, TRUE, "count",
          G_TYPE_UINT, 0, NULL));
}

/* The streaming thread does not come by any more: whether it has nothing to
 * send, or waits for buffers that have been given back unread. */
static void
take_over_reading (GstIpcProducer *self, GstIpcTurn *turn)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  if (self->render_reads && now - self->rendered_at >= RENDER_IDLE_US) {
    gst_ipc_producer_set_render_reads_locked (self, FALSE);
    if (gst_ipc_producer_read_all_locked (self, turn) > 0)
      self->distrust_until = now + DISTRUST_US;
    gst_ipc_producer_note_room_locked (self);
  }
  g_mutex_unlock (&self->lock);
}

/* Frames that were kept to go together do not wait for one that never comes. */
static void
check_joined (GstIpcProducer *self, GstIpcTurn *turn)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->peers->len && self->joins; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (peer->joined_seen == peer->frames)
      gst_ipc_peer_flush_joined (peer, turn->trash);
    peer->joined_seen = peer->frames;
  }
  self->joined_ticks =
      self->joined_seen == self->frames ? self->joined_ticks + 1 : 0;
  self->joined_seen = self->frames;
  if (self->joins && self->joined_ticks >= JOINED_TICKS)
    gst_ipc_producer_stop_joining_locked (self, turn->trash);
  g_mutex_unlock (&self->lock);
}

static gint64
earlier (gint64 a, gint64 b)
{
  return a < b ? a : b;
}

static gint64
find_wait_ns (GstIpcProducer *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 until = now + TICK_US;

  if (self->listener != NULL)
    until = earlier (until, gst_ipc_listener_get_due (self->listener));
  else if (self->peers->len == 0)
    until = earlier (until, self->connector.due_at);
  g_mutex_lock (&self->lock);
  if (self->render_reads)
    until = earlier (until, self->rendered_at + RENDER_IDLE_US + 1000);
  if (self->joins)
    until = earlier (until, now + JOINED_TICK_US);
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (peer->state == GST_IPC_PEER_GREETING)
      until =
          earlier (until, peer->connected_at + find_greeting_us (self) + 1000);
    else if (self->settings.listen && self->settings.client_timeout_ns > 0
        && gst_ipc_peer_owes (peer))
      until = earlier (until,
          peer->progress_at + self->settings.client_timeout_ns / 1000 + 1000);
  }
  g_mutex_unlock (&self->lock);
  return MAX (until - now, 0) * 1000;
}

static void
take_turn (GstIpcProducer *self)
{
  GstSocketPollEvent events[MAX_EVENTS];
  guint n = gst_socket_poller_wait (
      self->poller, events, MAX_EVENTS, find_wait_ns (self));
  GstIpcTurn turn;

  gst_ipc_turn_init (&turn);
  for (guint i = 0; i < n; i++) {
    if (events[i].data == self)
      accept_peers (self, &turn);
    else
      serve_peer (self, events[i].data, events[i].events, &turn);
  }
  take_over_reading (self, &turn);
  check_joined (self, &turn);
  check_peers (self, &turn);
  gst_ipc_listener_check (self->listener);
  try_connect (self, &turn);
  ask_for_key (self, &turn);
  gst_ipc_turn_end (self, &turn);
}

static gboolean
is_running (GstIpcProducer *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);

  return self->running;
}

/* A consumer has all of what was sent when it closed, or gave everything back.
 * Unread returns at our close would reset the connection under the data. */
static gboolean
is_all_settled_locked (GstIpcProducer *self)
{
  gboolean settled = TRUE;

  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (peer->state == GST_IPC_PEER_LOST)
      continue;
    if (gst_ipc_peer_is_ready (peer)
        && (!g_queue_is_empty (&peer->queue)
            || gst_ipc_link_wants_write (peer->link)))
      settled = FALSE;
    else
      gst_ipc_link_finish_writing (peer->link);
    settled &= peer->sent->len == 0;
  }
  return settled;
}

static void
say_farewell (GstIpcProducer *self, GstIpcTurn *turn)
{
  gint64 until = g_get_monotonic_time () + FAREWELL_US;

  for (;;) {
    GstSocketPollEvent events[MAX_EVENTS];
    gint64 left = until - g_get_monotonic_time ();
    gboolean settled;
    guint n;

    g_mutex_lock (&self->lock);
    settled = is_all_settled_locked (self);
    for (guint i = 0; i < self->peers->len && !settled; i++)
      gst_ipc_producer_watch_locked (self, g_ptr_array_index (self->peers, i));
    g_mutex_unlock (&self->lock);
    if (settled || left <= 0)
      return;
    n = gst_socket_poller_wait (self->poller, events, MAX_EVENTS, left * 1000);
    for (guint i = 0; i < n; i++) {
      GstIpcPeer *peer = events[i].data;

      if (events[i].data == self || peer->state == GST_IPC_PEER_LOST)
        continue;
      serve_peer (self, peer, events[i].events, turn);
      if (peer->state == GST_IPC_PEER_LOST)
        gst_socket_poller_remove (
            self->poller, gst_ipc_link_get_fd (peer->link), peer);
    }
  }
}

static void
remove_all (GstIpcProducer *self, GstIpcTurn *turn)
{
  g_mutex_lock (&self->lock);
  while (self->peers->len > 0) {
    GstIpcPeer *peer = g_ptr_array_steal_index (self->peers, 0);

    gst_ipc_peer_free (peer, turn->trash);
  }
  g_mutex_unlock (&self->lock);
}

gpointer
gst_ipc_producer_run (gpointer data)
{
  GstIpcProducer *self = data;
  GstIpcTurn turn;

  while (is_running (self))
    take_turn (self);
  gst_ipc_turn_init (&turn);
  g_mutex_lock (&self->lock);
  gst_ipc_producer_set_render_reads_locked (self, FALSE);
  gst_ipc_producer_stop_joining_locked (self, turn.trash);
  g_mutex_unlock (&self->lock);
  say_farewell (self, &turn);
  remove_all (self, &turn);
  gst_ipc_turn_end (self, &turn);
  return NULL;
}
