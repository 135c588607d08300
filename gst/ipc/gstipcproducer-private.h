/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcproducer-private.h: what the parts of the producer share
 *
 * Here: its struct. One part (gstipcproducer.c) is the streaming thread's, one
 * (gstipcproducerio.c) the I/O thread's, one (gstipcproducerread.c) whose turn
 * it is.
 */
#pragma once

#include "gstipcconnector.h"
#include "gstipclistener.h"
#include "gstipcproducer.h"

#include <gst/socket/gstsocketpoller.h>
#include <gst/socket/gstsocketunix.h>

G_BEGIN_DECLS

/* What one turn found out, told to the element after the lock was left. */
typedef struct
{
  GPtrArray *trash;
  GQueue posts;
  GQueue upstream;
  const gchar *malformed;
} GstIpcTurn;

struct _GstIpcProducer
{
  /* immutable after new */
  GstIpcProducerSettings settings;
  GstIpcProducerCallbacks callbacks;
  GstSocketPoller *poller;
  /* Waited on by the streaming thread. */
  GstSocketPoller *room_poller;
  GThread *thread;
  GstIpcObituary *obituary;

  /* streaming thread only */
  GstIpcCopier *copier;
  GstIpcFormat format;
  GstBufferPool *limited_pool;
  guint pool_limit;

  GstIpcPoolUse pool_use;

  /* I/O thread only */
  GstIpcListener *listener;
  GstIpcRefusals refusals;
  GstIpcConnector connector;
  gint64 key_asked_at;

  GMutex lock;
  /* guarded by lock */
  /* The streaming thread is at room_poller. */
  gboolean is_waiting;
  /* The streaming thread reads; see gstipcproducerread.c. */
  gboolean render_reads;
  gint64 rendered_at;
  /* Frames that came one right after the other, up to a limit, and whether
   * they are so many that several go in a record. */
  guint burst;
  gboolean joins;
  /* I/O thread: how often it came by while none came. */
  guint64 joined_seen;
  guint joined_ticks;
  gint64 distrust_until;
  gboolean running;
  gboolean flushing;
  guint64 interruptions;
  gboolean wants_key;
  gboolean has_deltas;
  gboolean said_unsent;
  gboolean said_idle;
  gboolean said_cut;
  guint next_id;
  GPtrArray *peers;
  /* What a consumer that comes now has to know, by extension kind. */
  GBytes *stream_start;
  GBytes *caps;
  GBytes *segment;
  GPtrArray *tags;
  GBytes *clock;
  GBytes *latency;
  gboolean ended;
  guint64 frames;
  guint64 unsent;
  guint64 copied_bytes;
  guint64 connected;
  guint64 dropped;
  guint64 lost;
  /* Of consumers that are gone. */
  guint64 bad_returns;
  guint64 left_out;
};

/* EOS as peer takes it. */
void gst_ipc_producer_push_eos_locked (GstIpcPeer *peer);
void gst_ipc_turn_init (GstIpcTurn *turn);
void gst_ipc_turn_end (GstIpcProducer *self, GstIpcTurn *turn);
void gst_ipc_turn_post_peer (GstIpcTurn *turn, const GstIpcPeer *peer,
    const gchar *name, const gchar *reason);

void gst_ipc_producer_read_peer_locked (
    GstIpcProducer *self, GstIpcPeer *peer, GstIpcTurn *turn);
guint gst_ipc_producer_read_all_locked (GstIpcProducer *self, GstIpcTurn *turn);
void gst_ipc_producer_read_events_locked (GstIpcProducer *self,
    const GstSocketPollEvent *events, guint n, GstIpcTurn *turn);
void gst_ipc_producer_read_for_frame_locked (
    GstIpcProducer *self, GstIpcTurn *turn);
void gst_ipc_producer_flush_joined_locked (
    GstIpcProducer *self, GPtrArray *trash);
void gst_ipc_producer_stop_joining_locked (
    GstIpcProducer *self, GPtrArray *trash);
void gst_ipc_producer_decide_joining_locked (
    GstIpcProducer *self, GstIpcPeer *peer);
void gst_ipc_producer_choose_waker_locked (
    GstIpcProducer *self, gboolean one_is_enough);
void gst_ipc_producer_note_room_locked (GstIpcProducer *self);
void gst_ipc_producer_watch_locked (GstIpcProducer *self, GstIpcPeer *peer);
void gst_ipc_producer_set_render_reads_locked (
    GstIpcProducer *self, gboolean render_reads);

gpointer gst_ipc_producer_run (gpointer data);

G_END_DECLS
