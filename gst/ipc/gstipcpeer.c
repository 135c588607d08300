/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcpeer.c: one consumer, as its producer sees it
 *
 * Here: see gstipcpeer.h. Not here: threads, the set of consumers.
 * Every function is called with the producer's lock held; none waits, and none
 * frees a frame, since that may run an upstream pool's code.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/socket/gstsocketunaligned.h>
#include "gstipcpeer.h"

#include <gst/socket/gstsocketunix.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

/* The original keeps every descriptor of a pooled buffer until the connection
 * ends; later ones go as unpooled, which it closes. */
#define MAX_POOLED_QUALCOMM 200
/* Ids for unpooled memory towards the original, used over and over: it never
 * forgets one. */
#define UNPOOLED_FIRST_ID 0x7f000000u
/* Memories that one of ours keeps (gstipctable.c): before there are more, it is
 * told to forget those that it does not have just now. */
#define MAX_KNOWN_OURS 256
/* Events that may wait for a consumer that does not read. */
#define MAX_WAITING_EVENTS 1000
/* What is small enough to go with others in a record. */
#define MAX_JOINED_MESSAGE 2048
#define INFO_IDS_OFFSET 4
#define INFO_POOL_OFFSET 68

typedef struct
{
  GstIpcFrame *frame;
  GBytes *event;
} Item;

static const gchar *state_names[] = {
    [GST_IPC_PEER_GREETING] = "greeting",
    [GST_IPC_PEER_QUALCOMM] = "qualcomm",
    [GST_IPC_PEER_OURS] = "ours",
    [GST_IPC_PEER_LEAVING] = "leaving",
    [GST_IPC_PEER_LOST] = "lost",
};

GstIpcPeer *
gst_ipc_peer_new (
    guint id, GstIpcLink *link, guint max_outstanding, gboolean is_legacy)
{
  GstIpcPeer *peer = g_new0 (GstIpcPeer, 1);

  peer->id = id;
  peer->link = link;
  peer->max_outstanding = max_outstanding;
  peer->is_legacy = is_legacy;
  peer->sent = g_array_new (FALSE, FALSE, sizeof (GstIpcSentFrame));
  peer->known = g_hash_table_new (NULL, NULL);
  peer->connected_at = g_get_monotonic_time ();
  peer->progress_at = peer->connected_at;
  peer->wakes_render = TRUE;
  g_queue_init (&peer->queue);
  gst_socket_unix_get_peer (gst_ipc_link_get_fd (link), &peer->uid, &peer->pid);
  return peer;
}

static void
item_free (Item *item, GPtrArray *trash)
{
  if (item->frame != NULL)
    g_ptr_array_add (trash, item->frame);
  g_clear_pointer (&item->event, g_bytes_unref);
  g_free (item);
}

void
gst_ipc_peer_clear_queue (GstIpcPeer *peer, GPtrArray *trash)
{
  Item *item;

  while ((item = g_queue_pop_head (&peer->queue)) != NULL)
    item_free (item, trash);
}

static void
take_back (GstIpcSentFrame *sent, GPtrArray *trash)
{
  gst_ipc_frame_remove_holder_locked (sent->frame);
  g_ptr_array_add (trash, sent->frame);
}

void
gst_ipc_peer_free (GstIpcPeer *peer, GPtrArray *trash)
{
  gst_ipc_peer_clear_queue (peer, trash);
  for (guint i = 0; i < peer->sent->len; i++)
    take_back (&g_array_index (peer->sent, GstIpcSentFrame, i), trash);
  g_array_unref (peer->sent);
  g_hash_table_unref (peer->known);
  gst_ipc_link_close (peer->link);
  gst_ipc_link_unref (peer->link);
  g_free (peer);
}

static gboolean
may_change (GstIpcPeerState from, GstIpcPeerState to)
{
  switch (to) {
    case GST_IPC_PEER_GREETING:
      return FALSE;
    case GST_IPC_PEER_QUALCOMM:
      return from == GST_IPC_PEER_GREETING;
    case GST_IPC_PEER_OURS:
      return from != GST_IPC_PEER_OURS && from != GST_IPC_PEER_LOST;
    case GST_IPC_PEER_LEAVING:
      return from == GST_IPC_PEER_GREETING || from == GST_IPC_PEER_QUALCOMM;
    case GST_IPC_PEER_LOST:
      return from != GST_IPC_PEER_LOST;
  }
  return FALSE;
}

void
gst_ipc_peer_set_state (GstIpcPeer *peer, GstIpcPeerState to)
{
  if (!may_change (peer->state, to)) {
    GST_DEBUG ("consumer %u: stays %s, not %s", peer->id,
        state_names[peer->state], state_names[to]);
    return;
  }
  GST_DEBUG ("consumer %u: %s -> %s", peer->id, state_names[peer->state],
      state_names[to]);
  peer->state = to;
  if (to == GST_IPC_PEER_LEAVING)
    peer->leaving_at = g_get_monotonic_time ();
}

/* because is a static text; the first one counts. */
void
gst_ipc_peer_lose (GstIpcPeer *peer, const gchar *because)
{
  if (peer->state == GST_IPC_PEER_LOST)
    return;
  peer->lost_because = because;
  gst_ipc_peer_set_state (peer, GST_IPC_PEER_LOST);
  gst_ipc_link_shutdown (peer->link);
}

gboolean
gst_ipc_peer_is_ready (const GstIpcPeer *peer)
{
  return peer->state == GST_IPC_PEER_QUALCOMM
      || peer->state == GST_IPC_PEER_OURS;
}

/* Whether it is its turn: to give something back, or to read. */
gboolean
gst_ipc_peer_owes (const GstIpcPeer *peer)
{
  return peer->sent->len > 0 || peer->queue.length > 0;
}

/* Frames that it may have at a time. */
guint
gst_ipc_peer_get_limit (const GstIpcPeer *peer)
{
  return peer->pool_share > 0 ? MIN (peer->pool_share, peer->max_outstanding)
                              : peer->max_outstanding;
}

static gboolean
is_at_limit (const GstIpcPeer *peer)
{
  return peer->sent->len >= gst_ipc_peer_get_limit (peer);
}

gboolean
gst_ipc_peer_has_room (const GstIpcPeer *peer)
{
  return !is_at_limit (peer) && peer->queue.length == 0;
}

static guint32
find_free_id (const GstIpcPeer *peer)
{
  guint32 id = UNPOOLED_FIRST_ID;

  for (guint i = 0; i < peer->sent->len; i++) {
    const GstIpcSentFrame *sent =
        &g_array_index (peer->sent, GstIpcSentFrame, i);

    for (guint b = 0; b < sent->frame->n_blocks; b++) {
      if (sent->ids[b] >= id && (sent->missing & (1u << b)) != 0)
        id = sent->ids[b] + 1;
    }
  }
  return id;
}

static guint
count_unknown (const GstIpcPeer *peer, const GstIpcFrame *frame)
{
  guint n = 0;

  for (guint i = 0; i < frame->n_blocks; i++) {
    if (!g_hash_table_contains (
            peer->known, GUINT_TO_POINTER (frame->blocks[i].id)))
      n++;
  }
  return n;
}

static void
learn (GstIpcPeer *peer, const GstIpcFrame *frame)
{
  for (guint i = 0; i < frame->n_blocks; i++)
    g_hash_table_add (peer->known, GUINT_TO_POINTER (frame->blocks[i].id));
}

static gboolean
is_out (const GstIpcPeer *peer, guint32 id)
{
  for (guint i = 0; i < peer->sent->len; i++) {
    const GstIpcSentFrame *sent =
        &g_array_index (peer->sent, GstIpcSentFrame, i);

    for (guint b = 0; b < sent->frame->n_blocks; b++) {
      if (sent->frame->blocks[b].id == id)
        return TRUE;
    }
  }
  return FALSE;
}

static GArray *
take_idle_ids (GstIpcPeer *peer)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, peer->known);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    guint32 id = GPOINTER_TO_UINT (key);

    if (is_out (peer, id))
      continue;
    g_array_append_val (ids, id);
    g_hash_table_iter_remove (&iter);
  }
  return ids;
}

/* Returns FALSE when the peer has to give something back before. */
static gboolean
ensure_place (GstIpcPeer *peer, const GstIpcFrame *frame)
{
  g_autoptr (GArray) idle = NULL;
  g_autoptr (GByteArray) record = NULL;

  if (g_hash_table_size (peer->known) + frame->n_blocks <= MAX_KNOWN_OURS
      || peer->state != GST_IPC_PEER_OURS || count_unknown (peer, frame) == 0)
    return TRUE;
  idle = take_idle_ids (peer);
  record = g_byte_array_new ();
  gst_socket_wire_ext_put_ids (record, GST_SOCKET_WIRE_EXT_FORGET,
      (const guint32 *) (void *) idle->data, idle->len);
  if (idle->len > 0)
    gst_ipc_link_send_later (peer->link, record->data, record->len, FALSE);
  return g_hash_table_size (peer->known) + frame->n_blocks <= MAX_KNOWN_OURS;
}

static void
collect_all_fds (const GstIpcFrame *frame, gint *fds, GstIpcMessage *msg)
{
  for (guint i = 0; i < frame->n_blocks; i++)
    fds[i] = frame->blocks[i].fd;
  msg->fds = fds;
  msg->n_fds = frame->n_blocks;
}

/* A record of its own, with ids that are used over and over. */
static GByteArray *
rewrite_unpooled (
    const GstIpcPeer *peer, const GstIpcFrame *frame, guint32 *ids)
{
  GByteArray *record = g_byte_array_sized_new (frame->qualcomm->len);
  guint32 id = find_free_id (peer);

  g_byte_array_append (record, frame->qualcomm->data, frame->qualcomm->len);
  for (guint i = 0; i < frame->n_blocks; i++) {
    ids[i] = id + i;
    GST_WRITE_UINT32_LE (record->data + INFO_IDS_OFFSET + 4 * i, ids[i]);
  }
  GST_WRITE_UINT32_LE (record->data + INFO_POOL_OFFSET, 0);
  return record;
}

/* To the original go all descriptors of a frame or none: it takes a subset for
 * the first blocks. */
static GstIpcSendResult
send_qualcomm (GstIpcPeer *peer, const GstIpcFrame *frame, guint32 *ids)
{
  g_autoptr (GByteArray) count = g_byte_array_new ();
  g_autoptr (GByteArray) rewritten = NULL;
  GByteArray *record = frame->qualcomm;
  GstIpcMessage msg = {.prefixed = !peer->is_legacy};
  gint fds[GST_SOCKET_WIRE_EXT_MAX_BLOCKS];
  guint unknown = frame->is_inline ? 0 : count_unknown (peer, frame);
  gboolean pooled = frame->pooled
      && (unknown == 0
          || g_hash_table_size (peer->known) + unknown <= MAX_POOLED_QUALCOMM);
  GstIpcSendResult result;

  if (!frame->is_inline && (!pooled || unknown > 0)) {
    collect_all_fds (frame, fds, &msg);
    gst_socket_wire_put_fd_count (count, msg.n_fds);
    msg.vectors[msg.n_vectors++] = (GOutputVector){count->data, count->len};
  }
  if (!frame->is_inline && !pooled)
    record = rewritten = rewrite_unpooled (peer, frame, ids);
  msg.vectors[msg.n_vectors++] = (GOutputVector){record->data, record->len};
  result = gst_ipc_link_send (peer->link, &msg);
  if (result == GST_IPC_SENT) {
    peer->descriptors += msg.n_fds;
    if (pooled && !frame->is_inline)
      learn (peer, frame);
  }
  return result;
}

static guint32
collect_unknown_fds (const GstIpcPeer *peer, const GstIpcFrame *frame,
    gint *fds, GstIpcMessage *msg)
{
  guint32 fresh = 0;

  msg->fds = fds;
  for (guint i = 0; i < frame->n_blocks && !frame->is_inline; i++) {
    if (g_hash_table_contains (
            peer->known, GUINT_TO_POINTER (frame->blocks[i].id)))
      continue;
    fresh |= 1u << i;
    fds[msg->n_fds++] = frame->blocks[i].fd;
  }
  return fresh;
}

/* Frames go in one record while they come fast: one send and one wake-up for
 * half of what a consumer may have. The rest goes when the producer waits. */
static GstIpcSendResult
join_or_send (GstIpcPeer *peer, const GstIpcMessage *msg)
{
  guint limit = gst_ipc_peer_get_limit (peer);
  GstIpcSendResult result;

  if (!peer->joins || msg->n_fds > 0
      || msg->vectors[2].size > MAX_JOINED_MESSAGE) {
    peer->n_joined = 0;
    return gst_ipc_link_send (peer->link, msg);
  }
  result = gst_ipc_link_join (peer->link, msg);
  if (result != GST_IPC_SENT)
    return result;
  peer->n_joined++;
  if (peer->n_joined < peer->max_joined && peer->sent->len + 1 < limit)
    return GST_IPC_SENT;
  peer->n_joined = 0;
  return gst_ipc_link_flush (peer->link) ? GST_IPC_SENT : GST_IPC_DEAD;
}

/* The record is shared by all consumers; only the mask is this one's. */
static GstIpcSendResult
send_own (GstIpcPeer *peer, const GstIpcFrame *frame)
{
  const guint8 *data = frame->own->data;
  gint fds[GST_SOCKET_WIRE_EXT_MAX_BLOCKS];
  GstIpcMessage msg = {.n_vectors = 3};
  guint8 mask[4];
  GstIpcSendResult result;

  GST_WRITE_UINT32_LE (mask, collect_unknown_fds (peer, frame, fds, &msg));
  msg.vectors[0] = (GOutputVector){data, GST_SOCKET_WIRE_EXT_HEADER_SIZE};
  msg.vectors[1] = (GOutputVector){mask, sizeof (mask)};
  msg.vectors[2] = (GOutputVector){data + GST_SOCKET_WIRE_EXT_HEADER_SIZE + 4,
      frame->own->len - GST_SOCKET_WIRE_EXT_HEADER_SIZE - 4};
  result = join_or_send (peer, &msg);
  if (result == GST_IPC_SENT && msg.n_fds > 0) {
    peer->descriptors += msg.n_fds;
    learn (peer, frame);
  }
  return result;
}

static void
note_sent (GstIpcPeer *peer, GstIpcFrame *frame, const guint32 *ids)
{
  GstIpcSentFrame sent = {.frame = gst_ipc_frame_ref (frame),
      .missing = (1u << frame->n_blocks) - 1};

  memcpy (sent.ids, ids, sizeof (sent.ids[0]) * frame->n_blocks);
  if (peer->sent->len == 0)
    peer->progress_at = g_get_monotonic_time ();
  g_array_append_val (peer->sent, sent);
  gst_ipc_frame_add_holder_locked (frame);
  peer->frames++;
  peer->bytes += frame->bytes;
}

/* Returns FULL when the socket or the consumer's bound does not allow it. */
static GstIpcSendResult
send_frame (GstIpcPeer *peer, GstIpcFrame *frame)
{
  guint32 ids[GST_SOCKET_WIRE_EXT_MAX_BLOCKS];
  GstIpcSendResult result;

  if (is_at_limit (peer) || !ensure_place (peer, frame))
    return GST_IPC_FULL;
  for (guint i = 0; i < frame->n_blocks; i++)
    ids[i] = frame->is_inline && peer->state == GST_IPC_PEER_QUALCOMM
        ? (guint32) -1
        : frame->blocks[i].id;
  result = peer->state == GST_IPC_PEER_OURS ? send_own (peer, frame)
                                            : send_qualcomm (peer, frame, ids);
  if (result == GST_IPC_SENT)
    note_sent (peer, frame, ids);
  else if (result == GST_IPC_FULL)
    peer->socket_is_full = TRUE;
  else
    gst_ipc_peer_lose (peer, "disconnected");
  return result;
}

static gboolean
has_record_for (const GstIpcPeer *peer, const GstIpcFrame *frame)
{
  return peer->state == GST_IPC_PEER_OURS ? frame->own != NULL
                                          : frame->qualcomm != NULL;
}

static GList *
find_waiting_frame (GstIpcPeer *peer)
{
  for (GList *at = peer->queue.tail; at != NULL; at = at->prev) {
    if (((Item *) at->data)->frame != NULL)
      return at;
  }
  return NULL;
}

/* It has nothing to give back, but something is to be sent to it now. */
static void
note_owed (GstIpcPeer *peer)
{
  if (peer->sent->len == 0 && g_queue_is_empty (&peer->queue))
    peer->progress_at = g_get_monotonic_time ();
}

/* The newer frame takes the place of the waiting one. A frame that needs its
 * predecessors cannot: it is the one to go, and those after it up to the next
 * that stands alone. */
static GstIpcOffer
wait_or_drop (GstIpcPeer *peer, GstIpcFrame *frame, GPtrArray *trash)
{
  GList *waiting = find_waiting_frame (peer);
  Item *item;

  if (waiting != NULL) {
    peer->dropped++;
    if (frame->is_delta) {
      peer->needs_key = TRUE;
      return GST_IPC_OFFER_DROPPED;
    }
    item_free (waiting->data, trash);
    g_queue_delete_link (&peer->queue, waiting);
  }
  note_owed (peer);
  item = g_new0 (Item, 1);
  item->frame = gst_ipc_frame_ref (frame);
  g_queue_push_tail (&peer->queue, item);
  return waiting != NULL ? GST_IPC_OFFER_DROPPED : GST_IPC_OFFER_WAITS;
}

GstIpcOffer
gst_ipc_peer_offer (GstIpcPeer *peer, GstIpcFrame *frame, GPtrArray *trash)
{
  GstIpcSendResult result = GST_IPC_FULL;

  if (!has_record_for (peer, frame) || (peer->needs_key && frame->is_delta)) {
    peer->dropped++;
    return GST_IPC_OFFER_DROPPED;
  }
  peer->needs_key = FALSE;
  if (g_queue_is_empty (&peer->queue))
    result = send_frame (peer, frame);
  if (result == GST_IPC_SENT)
    return GST_IPC_OFFER_SENT;
  if (result == GST_IPC_DEAD)
    return GST_IPC_OFFER_DROPPED;
  return wait_or_drop (peer, frame, trash);
}

/* In order with the frames. A length goes before it only where the peer is the
 * original, which takes EOS and nothing else. */
void
gst_ipc_peer_push_event (GstIpcPeer *peer, GBytes *bytes)
{
  Item *item = g_new0 (Item, 1);

  note_owed (peer);
  item->event = g_bytes_ref (bytes);
  g_queue_push_tail (&peer->queue, item);
  if (g_queue_get_length (&peer->queue) > MAX_WAITING_EVENTS)
    gst_ipc_peer_lose (peer, "does not read");
}

static GstIpcSendResult
send_event (GstIpcPeer *peer, GBytes *bytes)
{
  GstIpcMessage msg = {.n_vectors = 1,
      .prefixed = peer->state != GST_IPC_PEER_OURS && !peer->is_legacy};
  GstIpcSendResult result;

  msg.vectors[0].buffer = g_bytes_get_data (bytes, &msg.vectors[0].size);
  result = gst_ipc_link_send (peer->link, &msg);
  if (result == GST_IPC_FULL)
    peer->socket_is_full = TRUE;
  else if (result == GST_IPC_DEAD)
    gst_ipc_peer_lose (peer, "disconnected");
  return result;
}

/* Sends what waits, as far as it goes. */
void
gst_ipc_peer_pump (GstIpcPeer *peer, GPtrArray *trash)
{
  Item *item;

  peer->socket_is_full = FALSE;
  peer->n_joined = 0;
  if (!gst_ipc_link_flush (peer->link))
    gst_ipc_peer_lose (peer, "disconnected");
  while (gst_ipc_peer_is_ready (peer)
      && (item = g_queue_peek_head (&peer->queue)) != NULL) {
    GstIpcSendResult result = item->event != NULL
        ? send_event (peer, item->event)
        : send_frame (peer, item->frame);

    if (result != GST_IPC_SENT)
      return;
    item_free (g_queue_pop_head (&peer->queue), trash);
    if (peer->sent->len == 0)
      peer->progress_at = g_get_monotonic_time ();
  }
}

void
gst_ipc_peer_flush_joined (GstIpcPeer *peer, GPtrArray *trash)
{
  if (peer->n_joined > 0)
    gst_ipc_peer_pump (peer, trash);
}

/* One id came back. The same memory may be under way twice: the older counts
 * first. An id that is not out, or came back already, changes nothing. */
void
gst_ipc_peer_release (GstIpcPeer *peer, guint32 id, GPtrArray *trash)
{
  for (guint i = 0; i < peer->sent->len; i++) {
    GstIpcSentFrame *sent = &g_array_index (peer->sent, GstIpcSentFrame, i);

    for (guint b = 0; b < sent->frame->n_blocks; b++) {
      if ((sent->missing & (1u << b)) == 0 || sent->ids[b] != id)
        continue;
      sent->missing &= ~(1u << b);
      if (sent->missing == 0) {
        take_back (sent, trash);
        g_array_remove_index (peer->sent, i);
        peer->progress_at = g_get_monotonic_time ();
      }
      return;
    }
  }
  peer->bad_returns++;
}

/* ids are of memories that no longer exist. */
void
gst_ipc_peer_forget (GstIpcPeer *peer, const GArray *ids)
{
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < ids->len; i++) {
    guint32 id = g_array_index (ids, guint32, i);

    if (g_hash_table_remove (peer->known, GUINT_TO_POINTER (id)))
      g_array_append_val (gone, id);
  }
  if (peer->state != GST_IPC_PEER_OURS)
    return;
  for (guint at = 0; at < gone->len; at += GST_SOCKET_WIRE_EXT_MAX_IDS) {
    g_autoptr (GByteArray) record = g_byte_array_new ();
    g_autoptr (GBytes) bytes = NULL;

    gst_socket_wire_ext_put_ids (record, GST_SOCKET_WIRE_EXT_FORGET,
        &g_array_index (gone, guint32, at),
        MIN (gone->len - at, GST_SOCKET_WIRE_EXT_MAX_IDS));
    bytes = g_byte_array_free_to_bytes (g_steal_pointer (&record));
    gst_ipc_peer_push_event (peer, bytes);
  }
}

GstStructure *
gst_ipc_peer_describe (const GstIpcPeer *peer)
{
  return gst_structure_new ("consumer", "id", G_TYPE_UINT, peer->id, "pid",
      G_TYPE_INT, peer->pid, "uid", G_TYPE_UINT, peer->uid, "state",
      G_TYPE_STRING, state_names[peer->state], "frames", G_TYPE_UINT64,
      peer->frames, "bytes", G_TYPE_UINT64, peer->bytes, "dropped",
      G_TYPE_UINT64, peer->dropped, "descriptors", G_TYPE_UINT64,
      peer->descriptors, "outstanding", G_TYPE_UINT, peer->sent->len,
      "bad-returns", G_TYPE_UINT64, peer->bad_returns, "latency", G_TYPE_UINT64,
      peer->latency_ns, "connected", G_TYPE_UINT64,
      (guint64) (g_get_monotonic_time () - peer->connected_at) * 1000, NULL);
}
