/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttppushqueue.h: what waits to be uploaded
 *
 * Here: a bounded queue from the streaming thread to the one that sends, with
 * a descriptor to wait for it beside a socket.
 * Not here: sending.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstHttpPushKind:
 * @GST_HTTP_PUSH_BEGIN: a file begins: its URL and content type
 * @GST_HTTP_PUSH_DATA: bytes of it
 * @GST_HTTP_PUSH_END: it is whole
 * @GST_HTTP_PUSH_ABORT: it lacks something, and is not to be kept
 * @GST_HTTP_PUSH_DELETE: a former file is to go: its URL
 *
 * What an item of the queue is.
 */
typedef enum
{
  GST_HTTP_PUSH_BEGIN,
  GST_HTTP_PUSH_DATA,
  GST_HTTP_PUSH_END,
  GST_HTTP_PUSH_ABORT,
  GST_HTTP_PUSH_DELETE,
} GstHttpPushKind;

typedef struct
{
  GstHttpPushKind kind;
  GstBuffer *buffer;
  gchar *url;
  gchar *type;
} GstHttpPushItem;

GstHttpPushItem *gst_http_push_item_new (GstHttpPushKind kind);
void gst_http_push_item_free (GstHttpPushItem *item);
gsize gst_http_push_item_weight (const GstHttpPushItem *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstHttpPushItem, gst_http_push_item_free)

/* Fields belong to gsthttppushqueue.c. */
typedef struct
{
  GMutex lock;
  GCond changed;

  /* guarded by lock */
  GQueue items;
  gsize weight;
  gsize max_weight;
  guint n_unfinished; /* files and deletions that are not over */
  gboolean is_leaky;
  gboolean is_flushing;
  gboolean has_failed;

  int wake[2]; /* one byte in it while there are items */
} GstHttpPushQueue;

gboolean gst_http_push_queue_init (GstHttpPushQueue *self, GError **error);
void gst_http_push_queue_clear (GstHttpPushQueue *self);
void gst_http_push_queue_set_limits (
    GstHttpPushQueue *self, gsize max_weight, gboolean is_leaky);
gboolean gst_http_push_queue_has_room (GstHttpPushQueue *self, gsize size);
GstFlowReturn gst_http_push_queue_push (
    GstHttpPushQueue *self, GstHttpPushItem *item, gboolean *ret_dropped);
GstHttpPushItem *gst_http_push_queue_pop (GstHttpPushQueue *self);
GstFlowReturn gst_http_push_queue_wait_finished (GstHttpPushQueue *self);
void gst_http_push_queue_finish (GstHttpPushQueue *self);
void gst_http_push_queue_fail (GstHttpPushQueue *self);
void gst_http_push_queue_flush (GstHttpPushQueue *self);
void gst_http_push_queue_set_flushing (
    GstHttpPushQueue *self, gboolean flushing);
int gst_http_push_queue_get_wake_fd (GstHttpPushQueue *self);

G_END_DECLS
