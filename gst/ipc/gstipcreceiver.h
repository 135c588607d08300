/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcreceiver.h: the receiving side: one producer and the thread that waits
 * for it
 *
 * Here: listening or connecting, greeting, messages as items, keep-alive messages.
 * Not here: GstElement, caps negotiation, segments (gstqtisocketsrc.c).
 */
#pragma once

#include "gstipcenums.h"
#include "gstipctable.h"

G_BEGIN_DECLS

typedef struct _GstIpcReceiver GstIpcReceiver;

typedef struct
{
  gchar *path;
  gboolean listen;
  GstIpcDialect dialect;
  guint socket_mode;
  gint64 peer_uid;
  guint64 timeout_ns;
} GstIpcReceiverSettings;

typedef enum
{
  GST_IPC_ITEM_FLUSHING,
  GST_IPC_ITEM_BUFFER,
  /* Caps with free fields, from Qualcomm's format; a buffer follows. */
  GST_IPC_ITEM_OPEN_CAPS,
  GST_IPC_ITEM_CONNECTED,
  GST_IPC_ITEM_LOST,
  GST_IPC_ITEM_MALFORMED,
  GST_IPC_ITEM_SILENCE,
  GST_IPC_ITEM_STREAM_START,
  GST_IPC_ITEM_CAPS,
  GST_IPC_ITEM_SEGMENT,
  GST_IPC_ITEM_TAG,
  GST_IPC_ITEM_GAP,
  GST_IPC_ITEM_EOS,
  GST_IPC_ITEM_CLOCK,
  GST_IPC_ITEM_LATENCY,
  GST_IPC_ITEM_EVENT,
} GstIpcItemKind;

/* Everything in it belongs to its holder; clear it. */
typedef struct
{
  GstIpcItemKind kind;
  GstBuffer *buffer;
  GstCaps *caps;
  gchar *text;
  guint32 head[2];
  guint64 first;
  guint64 second;
  GstSegment segment;
  gboolean own;
} GstIpcItem;

typedef struct
{
  void (*post) (gpointer user_data, GstStructure *structure);
  /* It cannot connect, for a reason that may last. */
  void (*warn) (gpointer user_data, const gchar *why);
  gpointer user_data;
} GstIpcReceiverCallbacks;

GstIpcReceiver *gst_ipc_receiver_new (const GstIpcReceiverSettings *settings,
    const GstIpcReceiverCallbacks *callbacks, GError **error);
void gst_ipc_receiver_free (GstIpcReceiver *self);

/* Waits for the next item. */
void gst_ipc_receiver_next (GstIpcReceiver *self, GstIpcItem *ret_item);
void gst_ipc_item_clear (GstIpcItem *item);

void gst_ipc_receiver_set_flushing (GstIpcReceiver *self, gboolean flushing);
/* While nobody takes buffers they are given back at once. */
void gst_ipc_receiver_set_idle (GstIpcReceiver *self, gboolean idle);
void gst_ipc_receiver_send_upstream (
    GstIpcReceiver *self, const GstStructure *structure);
void gst_ipc_receiver_send_latency (GstIpcReceiver *self, GstClockTime min);
GstStructure *gst_ipc_receiver_get_stats (GstIpcReceiver *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstIpcReceiver, gst_ipc_receiver_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstIpcItem, gst_ipc_item_clear)

G_END_DECLS
