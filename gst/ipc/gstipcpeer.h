/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcpeer.h: one consumer, as its producer sees it
 *
 * Here: what it has been sent and not given back, what waits for it, which
 * descriptors it knows.
 * Not here: threads, listening, the set of consumers (gstipcproducer.h).
 */
#pragma once

#include "gstipcframe.h"
#include "gstipclink.h"

G_BEGIN_DECLS

/* state      | GREETING    QUALCOMM        OURS        LEAVING     LOST
 * -----------+------------------------------------------------------------
 * HELLO      | OURS        OURS            -           OURS        -
 * no HELLO   | QUALCOMM    -               -           -           -
 * DISCONNECT | LEAVING     LEAVING         -           -           -
 * failure    | LOST        LOST            LOST        LOST        -
 */
typedef enum
{
  GST_IPC_PEER_GREETING,
  GST_IPC_PEER_QUALCOMM,
  GST_IPC_PEER_OURS,
  GST_IPC_PEER_LEAVING,
  GST_IPC_PEER_LOST,
} GstIpcPeerState;

/* How a frame fared. */
typedef enum
{
  GST_IPC_OFFER_SENT,
  GST_IPC_OFFER_WAITS,
  GST_IPC_OFFER_DROPPED,
} GstIpcOffer;

typedef struct
{
  GstIpcFrame *frame;
  /* Bit i: ids[i] has not come back. */
  guint32 missing;
  guint32 ids[GST_SOCKET_WIRE_EXT_MAX_BLOCKS];
} GstIpcSentFrame;

/* Everything is guarded by the producer's lock. */
typedef struct
{
  guint id;
  guint uid;
  gint pid;
  GstIpcLink *link;
  GstIpcPeerState state;
  const gchar *lost_because;

  /* Set once. */
  guint max_outstanding;
  gboolean is_legacy;
  /* What one may hold of upstream's pool; 0 when that has no limit. */
  guint pool_share;

  GArray *sent;
  GQueue queue;
  GHashTable *known;
  gboolean socket_is_full;
  guint polled;
  /* The streaming thread wakes up for it when it waits for room. */
  gboolean wakes_render;
  gboolean needs_key;
  /* It takes several frames in a record; they are to be kept for one now. */
  gboolean takes_joined;
  gboolean joins;
  guint n_joined;
  guint max_joined;
  guint64 joined_seen;
  gint64 connected_at;
  gint64 progress_at;
  gint64 leaving_at;
  gint64 read_at;
  /* What it asked of upstream in the second since. */
  gint64 asked_since;
  guint n_asked;

  guint64 frames;
  guint64 bytes;
  guint64 dropped;
  guint64 descriptors;
  guint64 bad_returns;
  guint64 latency_ns;
  guint64 dropped_reported;
  gint64 drop_reported_at;
} GstIpcPeer;

GstIpcPeer *gst_ipc_peer_new (
    guint id, GstIpcLink *link, guint max_outstanding, gboolean is_legacy);
/* Frames to be freed without the lock go to trash. */
void gst_ipc_peer_free (GstIpcPeer *peer, GPtrArray *trash);
void gst_ipc_peer_set_state (GstIpcPeer *peer, GstIpcPeerState to);
void gst_ipc_peer_lose (GstIpcPeer *peer, const gchar *because);
gboolean gst_ipc_peer_is_ready (const GstIpcPeer *peer);
gboolean gst_ipc_peer_owes (const GstIpcPeer *peer);
guint gst_ipc_peer_get_limit (const GstIpcPeer *peer);
gboolean gst_ipc_peer_has_room (const GstIpcPeer *peer);

GstIpcOffer gst_ipc_peer_offer (
    GstIpcPeer *peer, GstIpcFrame *frame, GPtrArray *trash);
void gst_ipc_peer_push_event (GstIpcPeer *peer, GBytes *bytes);
void gst_ipc_peer_pump (GstIpcPeer *peer, GPtrArray *trash);
void gst_ipc_peer_flush_joined (GstIpcPeer *peer, GPtrArray *trash);
void gst_ipc_peer_release (GstIpcPeer *peer, guint32 id, GPtrArray *trash);
void gst_ipc_peer_forget (GstIpcPeer *peer, const GArray *ids);
void gst_ipc_peer_clear_queue (GstIpcPeer *peer, GPtrArray *trash);

GstStructure *gst_ipc_peer_describe (const GstIpcPeer *peer);

G_END_DECLS
