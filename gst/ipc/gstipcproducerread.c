/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcproducerread.c: the sending side, what consumers say to it
 *
 * Here: greeting, frames given back, what goes upstream, who of the two threads
 * reads.
 * Not here: connecting, timers (gstipcproducerio.c), frames and events
 * (gstipcproducer.c); GstElement.
 *
 * Threads and locks: see gstipcproducer.c. Everything here is called with the
 * producer's lock, by either thread, but for gst_ipc_turn_end ().
 *
 * While frames come often, the streaming thread reads, now and then: a frame
 * given back then wakes nobody. The other thread reads when frames become rare,
 * from those that are being greeted or leave, and from those that a frame waits
 * for.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/socket/gstsocketunaligned.h>
#include "gstipcproducer-private.h"

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

/* Bounded work for one consumer, so that each gets its turn. */
#define MAX_MESSAGES_PER_TURN 32
#define MAX_UPSTREAM 32
/* Of one consumer, in a second: more would keep an encoder at keyframes. */
#define MAX_UPSTREAM_PER_S 16
/* Frames that come within this time make the streaming thread the reader. */
#define OFTEN_US (25 * G_TIME_SPAN_MILLISECOND)
/* What else than frames a consumer may have to say is read this often. */
#define READ_INTERVAL_US (10 * G_TIME_SPAN_MILLISECOND)
/* So many frames, each so soon after the one before, are a burst. */
#define BURST_FRAMES 32
#define BURST_PAUSE_US 250
#define MAX_JOINED 8

void
gst_ipc_turn_init (GstIpcTurn *turn)
{
  turn->trash =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_ipc_frame_unref);
  g_queue_init (&turn->posts);
  g_queue_init (&turn->upstream);
  turn->malformed = NULL;
}

void
gst_ipc_turn_end (GstIpcProducer *self, GstIpcTurn *turn)
{
  const GstIpcProducerCallbacks *cb = &self->callbacks;
  GstStructure *structure;

  g_ptr_array_unref (turn->trash);
  while ((structure = g_queue_pop_head (&turn->posts)) != NULL)
    cb->post (cb->user_data, structure);
  while ((structure = g_queue_pop_head (&turn->upstream)) != NULL)
    cb->upstream (cb->user_data, structure);
  if (turn->malformed != NULL)
    cb->warn (cb->user_data, "malformed", turn->malformed);
}

void
gst_ipc_turn_post_peer (GstIpcTurn *turn, const GstIpcPeer *peer,
    const gchar *name, const gchar *reason)
{
  GstStructure *structure = gst_ipc_peer_describe (peer);

  gst_structure_set_name (structure, name);
  if (reason != NULL)
    gst_structure_set (structure, "reason", G_TYPE_STRING, reason, NULL);
  g_queue_push_tail (&turn->posts, structure);
}

static void
push_cached (GstIpcPeer *peer, GBytes *bytes)
{
  if (bytes != NULL)
    gst_ipc_peer_push_event (peer, bytes);
}

/* The consumer is ours: from here on it is told everything. */
static void
greet_locked (GstIpcProducer *self, GstIpcPeer *peer,
    const GstSocketWireExtHello *said, GstIpcTurn *turn)
{
  GstSocketWireExtHello hello = {
      .role = 1, .window = self->settings.max_outstanding};
  GByteArray *record;
  g_autoptr (GBytes) bytes = NULL;

  if (peer->state == GST_IPC_PEER_OURS)
    return;
  gst_ipc_peer_clear_queue (peer, turn->trash);
  gst_ipc_peer_set_state (peer, GST_IPC_PEER_OURS);
  peer->takes_joined = (said->features & GST_SOCKET_WIRE_EXT_TAKES_JOINED) != 0;
  record = g_byte_array_new ();
  gst_socket_wire_ext_put_hello (record, &hello);
  bytes = g_byte_array_free_to_bytes (record);
  gst_ipc_peer_push_event (peer, bytes);
  push_cached (peer, self->stream_start);
  push_cached (peer, self->clock);
  push_cached (peer, self->latency);
  push_cached (peer, self->caps);
  push_cached (peer, self->segment);
  for (guint i = 0; i < self->tags->len; i++)
    push_cached (peer, g_ptr_array_index (self->tags, i));
  /* In the middle of an encoded stream it begins with the next keyframe. */
  if (self->ended)
    gst_ipc_producer_push_eos_locked (peer);
  peer->needs_key = self->has_deltas;
  self->wants_key |= self->has_deltas;
  gst_ipc_peer_pump (peer, turn->trash);
  gst_ipc_turn_post_peer (turn, peer, "consumer-connected", NULL);
}

static void
release_ids_locked (
    GstIpcPeer *peer, const GstSocketWireExt *ext, GstIpcTurn *turn)
{
  const guint8 *ids;
  guint n;

  if (!gst_socket_wire_ext_read_ids (ext, &ids, &n, NULL))
    return;
  for (guint i = 0; i < n; i++)
    gst_ipc_peer_release (peer, GST_READ_UINT32_LE (ids + 4 * i), turn->trash);
}

static gboolean
may_ask (GstIpcPeer *peer)
{
  gint64 now = g_get_monotonic_time ();

  if (now - peer->asked_since >= G_USEC_PER_SEC) {
    peer->asked_since = now;
    peer->n_asked = 0;
  }
  return peer->n_asked++ < MAX_UPSTREAM_PER_S;
}

static void
take_upstream (GstIpcPeer *peer, const GstSocketWireExt *ext, GstIpcTurn *turn)
{
  g_autofree gchar *text = NULL;
  GstStructure *structure;

  if (!may_ask (peer))
    return;
  text = gst_socket_wire_ext_read_text (ext, NULL, 0, NULL);
  structure = text != NULL ? gst_structure_from_string (text, NULL) : NULL;
  if (structure != NULL && g_queue_get_length (&turn->upstream) < MAX_UPSTREAM)
    g_queue_push_tail (&turn->upstream, structure);
  else
    g_clear_pointer (&structure, gst_structure_free);
}

static void
handle_ext_locked (GstIpcProducer *self, GstIpcPeer *peer,
    const GstSocketWireExt *ext, GstIpcTurn *turn)
{
  GstSocketWireExtHello hello;
  guint64 max;

  switch (ext->kind) {
    case GST_SOCKET_WIRE_EXT_HELLO:
      if (gst_socket_wire_ext_read_hello (ext, &hello, NULL) && hello.role == 0)
        greet_locked (self, peer, &hello, turn);
      return;
    case GST_SOCKET_WIRE_EXT_RELEASE:
      return release_ids_locked (peer, ext, turn);
    case GST_SOCKET_WIRE_EXT_UPSTREAM:
      return take_upstream (peer, ext, turn);
    case GST_SOCKET_WIRE_EXT_LATENCY:
      gst_socket_wire_ext_read_pair (ext, &peer->latency_ns, &max, NULL);
      return;
    default:
      return;
  }
}

static void
handle_message_locked (GstIpcProducer *self, GstIpcPeer *peer,
    const GstSocketWireMessage *msg, GstIpcTurn *turn)
{
  GstSocketWireExt ext;

  if (GST_SOCKET_WIRE_HAS (msg, GST_SOCKET_WIRE_RETURN_BUFFER)) {
    for (gint i = 0; i < msg->n_fds; i++)
      gst_ipc_peer_release (peer, (guint32) msg->returned[i], turn->trash);
  }
  if (GST_SOCKET_WIRE_HAS (msg, GST_SOCKET_WIRE_DISCONNECT)) {
    gst_ipc_peer_set_state (peer, GST_IPC_PEER_LEAVING);
    gst_ipc_peer_clear_queue (peer, turn->trash);
  }
  if (msg->extension != NULL
      && gst_socket_wire_ext_parse (
          msg->extension, msg->extension_size, &ext, NULL))
    handle_ext_locked (self, peer, &ext, turn);
}

static void
parse_locked (GstIpcProducer *self, GstIpcPeer *peer, const guint8 *data,
    gsize size, GstIpcTurn *turn)
{
  g_autoptr (GError) error = NULL;
  GstSocketWireMessage msg;

  if (!gst_socket_wire_message_parse (&msg, data, size, &error)) {
    GST_WARNING ("consumer %u: %s", peer->id, error->message);
    turn->malformed = "a consumer sent a malformed message";
    gst_ipc_peer_lose (peer, "malformed message");
    return;
  }
  handle_message_locked (self, peer, &msg, turn);
  gst_socket_wire_message_clear (&msg);
}

/* Returns FALSE when there is no more to be had from peer now. */
static gboolean
read_message_locked (GstIpcProducer *self, GstIpcPeer *peer, GstIpcTurn *turn)
{
  g_autoptr (GError) error = NULL;
  g_auto (GstSocketFds) fds = {0};
  const guint8 *data;
  gsize size;
  GstSocketFdpassResult result =
      gst_ipc_link_receive (peer->link, &data, &size, &fds, &error);

  if (result == GST_SOCKET_FDPASS_AGAIN)
    return FALSE;
  if (result == GST_SOCKET_FDPASS_OK)
    parse_locked (self, peer, data, size, turn);
  else if (result == GST_SOCKET_FDPASS_EOF)
    gst_ipc_peer_lose (peer, "disconnected");
  else {
    GST_INFO ("consumer %u: %s", peer->id, error->message);
    gst_ipc_peer_lose (peer, "connection failed");
  }
  return peer->state != GST_IPC_PEER_LOST;
}

void
gst_ipc_producer_read_peer_locked (
    GstIpcProducer *self, GstIpcPeer *peer, GstIpcTurn *turn)
{
  if (peer->state == GST_IPC_PEER_LOST)
    return;
  for (guint i = 0; i < MAX_MESSAGES_PER_TURN; i++) {
    if (!read_message_locked (self, peer, turn))
      return;
  }
}

/* Returns the number of frames that came back. */
guint
gst_ipc_producer_read_all_locked (GstIpcProducer *self, GstIpcTurn *turn)
{
  guint before = turn->trash->len;

  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    gst_ipc_producer_read_peer_locked (self, peer, turn);
    gst_ipc_peer_pump (peer, turn->trash);
  }
  return turn->trash->len - before;
}

/* Those that did not wake the thread have perhaps something, too. */
static void
read_others_locked (GstIpcProducer *self, GstIpcTurn *turn)
{
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (!peer->wakes_render && peer->sent->len > 0
        && peer->state != GST_IPC_PEER_LOST) {
      read_message_locked (self, peer, turn);
      gst_ipc_peer_pump (peer, turn->trash);
    }
  }
}

/* What the thread that waits for room was told of. One that is gone meanwhile is
 * not among the consumers any more. Nothing comes from one that has given
 * everything back, or it is told of again. */
void
gst_ipc_producer_read_events_locked (GstIpcProducer *self,
    const GstSocketPollEvent *events, guint n, GstIpcTurn *turn)
{
  for (guint i = 0; i < n; i++) {
    GstIpcPeer *peer = events[i].data;

    if (!g_ptr_array_find (self->peers, peer, NULL))
      continue;
    for (guint n_read = 0; n_read < MAX_MESSAGES_PER_TURN
         && read_message_locked (self, peer, turn) && peer->sent->len > 0;)
      n_read++;
    gst_ipc_peer_pump (peer, turn->trash);
    /* Until the other thread has removed it, it would be told of for ever. */
    if (peer->state == GST_IPC_PEER_LOST) {
      gst_socket_poller_remove (
          self->room_poller, gst_ipc_link_get_fd (peer->link), peer);
      gst_socket_poller_wake (self->poller);
    }
  }
  read_others_locked (self, turn);
}

/* Whether no buffer of upstream's pool can come back before peer gave one. */
static gboolean
holds_all_locked (GstIpcProducer *self, const GstIpcPeer *peer)
{
  gint n = 0;

  for (guint i = 0; i < peer->sent->len; i++)
    n += g_array_index (peer->sent, GstIpcSentFrame, i).frame->pool_use != NULL;
  return gst_ipc_peer_is_ready (peer)
      && n >= g_atomic_int_get (&self->pool_use.kept);
}

static void
set_wakes_render_locked (
    GstIpcProducer *self, GstIpcPeer *peer, gboolean wakes_render)
{
  if (peer->wakes_render == wakes_render || peer->state == GST_IPC_PEER_LOST)
    return;
  peer->wakes_render = wakes_render;
  gst_socket_poller_modify (self->room_poller, gst_ipc_link_get_fd (peer->link),
      wakes_render ? GST_SOCKET_POLL_READ : 0, peer);
}

/* A buffer is free when all have given it back: who waits for one need not wake
 * up for each of them, if one has to come in any case. */
void
gst_ipc_producer_choose_waker_locked (
    GstIpcProducer *self, gboolean one_is_enough)
{
  GstIpcPeer *chosen = NULL;

  for (guint i = 0; one_is_enough && i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (holds_all_locked (self, peer) && (chosen == NULL || peer->wakes_render))
      chosen = peer;
  }
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    set_wakes_render_locked (self, peer, chosen == NULL || peer == chosen);
  }
}

/* For the thread that waits for a consumer, if one does. */
void
gst_ipc_producer_note_room_locked (GstIpcProducer *self)
{
  if (self->is_waiting)
    gst_socket_poller_wake (self->room_poller);
}

/* What the I/O thread waits for; the end of a connection it always sees. */
void
gst_ipc_producer_watch_locked (GstIpcProducer *self, GstIpcPeer *peer)
{
  gboolean reads = !self->render_reads || !gst_ipc_peer_is_ready (peer)
      || peer->queue.length > 0;
  gboolean writes =
      peer->socket_is_full || gst_ipc_link_wants_write (peer->link);
  guint events =
      (reads ? GST_SOCKET_POLL_READ : 0) | (writes ? GST_SOCKET_POLL_WRITE : 0);

  if (events == peer->polled || peer->state == GST_IPC_PEER_LOST)
    return;
  peer->polled = events;
  gst_socket_poller_modify (
      self->poller, gst_ipc_link_get_fd (peer->link), events, peer);
}

void
gst_ipc_producer_set_render_reads_locked (
    GstIpcProducer *self, gboolean render_reads)
{
  if (self->render_reads == render_reads)
    return;
  self->render_reads = render_reads;
  for (guint i = 0; i < self->peers->len; i++)
    gst_ipc_producer_watch_locked (self, g_ptr_array_index (self->peers, i));
  /* To look after the streaming thread from now on. */
  if (render_reads)
    gst_socket_poller_wake (self->poller);
}

/* Reads what is worth it: one message as soon as half of what a consumer may
 * have is out, everything now and then. */
static void
read_due_locked (
    GstIpcProducer *self, GstIpcPeer *peer, gint64 now, GstIpcTurn *turn)
{
  guint limit = gst_ipc_peer_get_limit (peer);

  if (now - peer->read_at > READ_INTERVAL_US) {
    peer->read_at = now;
    gst_ipc_producer_read_peer_locked (self, peer, turn);
  }
  /* The others of a record have to be waited for in any case. */
  if (peer->n_joined > 0 && peer->sent->len < limit)
    return;
  for (guint n = 0; n < MAX_MESSAGES_PER_TURN && gst_ipc_peer_is_ready (peer)
       && peer->sent->len * 2 >= limit
       && read_message_locked (self, peer, turn);)
    n++;
}

/* What was kept for a record that several share. */
void
gst_ipc_producer_flush_joined_locked (GstIpcProducer *self, GPtrArray *trash)
{
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    gst_ipc_peer_flush_joined (peer, trash);
    gst_ipc_producer_watch_locked (self, peer);
  }
}

/* One consumer works on half of what it may have while the other half is made;
 * several keep each other waiting anyway, so they get all at once. */
void
gst_ipc_producer_decide_joining_locked (GstIpcProducer *self, GstIpcPeer *peer)
{
  guint limit = gst_ipc_peer_get_limit (peer);

  peer->joins = self->joins && peer->takes_joined;
  peer->max_joined = MIN (self->peers->len > 1 ? limit : limit / 2, MAX_JOINED);
}

void
gst_ipc_producer_stop_joining_locked (GstIpcProducer *self, GPtrArray *trash)
{
  self->joins = FALSE;
  self->burst = 0;
  gst_ipc_producer_flush_joined_locked (self, trash);
}

/* A long row of frames without a pause between them: they go together. One that
 * comes late now and then, since the processor was busy, does not end it; the
 * other thread does, when none come. */
static void
note_pace_locked (GstIpcProducer *self, gint64 pause_us, GPtrArray *trash)
{
  if (pause_us < BURST_PAUSE_US)
    self->burst = MIN (self->burst + 1, 2 * BURST_FRAMES);
  else
    self->burst -= MIN (self->burst,
        pause_us < OFTEN_US / 10 ? BURST_FRAMES / 2 : BURST_FRAMES);
  if (self->joins && self->burst == 0)
    gst_ipc_producer_stop_joining_locked (self, trash);
  if (self->joins || self->burst < BURST_FRAMES)
    return;
  self->joins = TRUE;
  gst_socket_poller_wake (self->poller);
}

/* A frame is about to be sent. */
void
gst_ipc_producer_read_for_frame_locked (GstIpcProducer *self, GstIpcTurn *turn)
{
  gint64 now = g_get_monotonic_time ();
  gboolean often = now - self->rendered_at < OFTEN_US;

  note_pace_locked (self, now - self->rendered_at, turn->trash);
  self->rendered_at = now;
  if (often && !self->render_reads && now > self->distrust_until)
    gst_ipc_producer_set_render_reads_locked (self, TRUE);
  if (!self->render_reads)
    return;
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (!gst_ipc_peer_is_ready (peer))
      continue;
    read_due_locked (self, peer, now, turn);
    if (peer->queue.length > 0)
      gst_ipc_peer_pump (peer, turn->trash);
    if (!gst_ipc_peer_is_ready (peer))
      gst_socket_poller_wake (self->poller);
  }
}
