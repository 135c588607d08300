/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcproducer-private.h: what the two halves of the producer share
 *
 * Here: its struct. Half one (gstipcproducer.c) is the streaming thread's,
 * half two (gstipcproducerio.c) the I/O thread's.
 */
#pragma once

#include "gstipcproducer.h"

#include <gst/socket/gstsocketpoller.h>
#include <gst/socket/gstsocketunix.h>

G_BEGIN_DECLS

struct _GstIpcProducer
{
  /* immutable after new */
  GstIpcProducerSettings settings;
  GstIpcProducerCallbacks callbacks;
  GstSocketPoller *poller;
  GThread *thread;
  GstIpcObituary *obituary;

  /* streaming thread only */
  GstIpcCopier *copier;
  GstIpcFormat format;
  GstBufferPool *limited_pool;
  guint pool_limit;

  GstIpcPoolUse pool_use;

  /* I/O thread only */
  GstSocketUnixListener *listener;
  gint64 retry_at;
  gint64 retry_us;
  gint64 key_asked_at;

  GMutex lock;
  /* guarded by lock */
  GCond room;
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
gpointer gst_ipc_producer_run (gpointer data);
gboolean gst_ipc_producer_listen (GstIpcProducer *self, GError **error);

G_END_DECLS
