/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcreceiver-private.h: what the two halves of the receiver share
 *
 * Here: its struct. Half one (gstipcreceiver.c) is the streaming thread's,
 * half two (gstipcreceiverio.c) the I/O thread's.
 */
#pragma once

#include "gstipcconnector.h"
#include "gstipclistener.h"
#include "gstipcreceiver.h"

#include <gst/socket/gstsocketpoller.h>
#include <gst/socket/gstsocketunix.h>

G_BEGIN_DECLS

struct _GstIpcReceiver
{
  /* immutable after new */
  GstIpcReceiverSettings settings;
  GstIpcReceiverCallbacks callbacks;
  GstSocketPoller *io_poller;
  GstSocketPoller *reader_poller;
  GThread *thread;

  /* I/O thread only */
  GstIpcListener *listener;
  GstIpcRefusals refusals;
  GstIpcConnector connector;
  gint64 keepalive_at;
  /* A producer that came while the one before it was still being read. */
  gint next_fd;
  gint io_fd;
  guint64 io_serial;
  guint io_events;

  /* streaming thread only */
  gint reader_fd;
  guint64 reader_serial;
  gint64 quiet_since;
  gboolean said_silence;

  GMutex lock;
  /* guarded by lock */
  gboolean running;
  gboolean flushing;
  gboolean idle;
  gint64 idle_since;
  GstIpcLink *link;
  GstIpcTable *table;
  guint64 link_serial;
  /* Of the record that was received last: messages that are still to be read.
   * They lie in the link. */
  const guint8 *rest;
  gsize rest_size;
  /* Items that came while nobody waited. */
  GQueue pending;
  GstCaps *caps;
  guint n_media;
  GstSocketWireBlock media[GST_SOCKET_WIRE_MAX_BLOCKS];
  guint64 frames;
  guint64 bytes;
  guint64 dropped;
  guint64 connected;
  guint64 malformed;
  guint64 refused;
  guint64 descriptors_before;
  GstClockTime latency_ns;
};

gpointer gst_ipc_receiver_run (gpointer data);
/* Returns FALSE when there is no message to be had now. */
gboolean gst_ipc_receiver_read_locked (
    GstIpcReceiver *self, GstIpcItem *ret_item);
void gst_ipc_receiver_push_locked (GstIpcReceiver *self, GstIpcItem *item);
void gst_ipc_receiver_drop_link_locked (GstIpcReceiver *self);

G_END_DECLS
