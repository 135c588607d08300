/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcproducer.h: the sending side: all consumers and the thread that serves
 * them
 *
 * Here: connecting or listening, greeting, offering frames, taking them back.
 * Not here: GstElement, pads, properties (gstqtisocketsink.c).
 */
#pragma once

#include "gstipcpeer.h"

G_BEGIN_DECLS

typedef struct _GstIpcProducer GstIpcProducer;

typedef enum
{
  GST_IPC_POLICY_NEWEST,
  GST_IPC_POLICY_BLOCK,
} GstIpcPolicy;

/* What the streaming thread waits for: consumers that take a frame, or one of
 * the pool's buffers. */
typedef enum
{
  GST_IPC_WAIT_TO_RENDER,
  GST_IPC_WAIT_FOR_POOL,
} GstIpcWait;

/* Fixed from start to stop. */
typedef struct
{
  gchar *path;
  gboolean listen;
  gboolean is_legacy;
  guint max_outstanding;
  guint max_clients;
  GstIpcPolicy policy;
  guint64 client_timeout_ns;
  guint socket_mode;
  gint64 peer_uid;
  gboolean wait_for_connection;
} GstIpcProducerSettings;

/* Called on the I/O or the streaming thread with no lock held. */
typedef struct
{
  void (*post) (gpointer user_data, GstStructure *structure);
  void (*warn) (gpointer user_data, const gchar *what, const gchar *why);
  void (*upstream) (gpointer user_data, GstStructure *structure);
  gpointer user_data;
} GstIpcProducerCallbacks;

GstIpcProducer *gst_ipc_producer_new (const GstIpcProducerSettings *settings,
    const GstIpcProducerCallbacks *callbacks, GError **error);
void gst_ipc_producer_free (GstIpcProducer *self);
GstAllocator *gst_ipc_producer_get_allocator (GstIpcProducer *self);

gboolean gst_ipc_producer_has_to_wait (
    GstIpcProducer *self, GstIpcWait reason, guint64 *ret_serial);
void gst_ipc_producer_wait (
    GstIpcProducer *self, GstIpcWait reason, guint64 serial);
void gst_ipc_producer_interrupt (GstIpcProducer *self);
GstFlowReturn gst_ipc_producer_render (GstIpcProducer *self, GstBuffer *buffer);
void gst_ipc_producer_set_caps (GstIpcProducer *self, GstCaps *caps);
void gst_ipc_producer_push_event (GstIpcProducer *self, GstEvent *event);
void gst_ipc_producer_set_clock (
    GstIpcProducer *self, guint kind, GstClockTime base_time);
void gst_ipc_producer_set_latency (GstIpcProducer *self, GstClockTime latency);
void gst_ipc_producer_set_flushing (GstIpcProducer *self, gboolean flushing);

GstStructure *gst_ipc_producer_get_totals (GstIpcProducer *self);
void gst_ipc_producer_describe_clients (
    GstIpcProducer *self, GValue *ret_array);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstIpcProducer, gst_ipc_producer_free)

G_END_DECLS
