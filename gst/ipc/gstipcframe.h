/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcframe.h: one buffer on its way to several consumers
 *
 * Here: a buffer with the bytes that announce it, in both formats, shared by
 * all consumers.
 * Not here: consumers, sockets.
 */
#pragma once

#include "gstipcmemory.h"

#include <gst/socket/gstsocketwireext.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* What the caps are to Qualcomm's format. */
typedef enum
{
  GST_IPC_MEDIA_OTHER,
  GST_IPC_MEDIA_VIDEO,
  GST_IPC_MEDIA_TENSORS,
  GST_IPC_MEDIA_TEXT,
} GstIpcMedia;

typedef struct
{
  GstCaps *caps;
  GstIpcMedia media;
  GstVideoInfo video;
  guint tensor_type;
  guint n_tensors;
  GstSocketWireTensor tensors[GST_SOCKET_WIRE_MAX_BLOCKS];
} GstIpcFormat;

void gst_ipc_format_set_caps (GstIpcFormat *self, GstCaps *caps);
void gst_ipc_format_clear (GstIpcFormat *self);

/* How much of a pool of upstream's is not with upstream. */
typedef struct
{
  /* atomic: frames that keep a buffer of it */
  gint kept;
  /* guarded by the producer's lock: those of them that a consumer has */
  guint out;
} GstIpcPoolUse;

typedef struct
{
  gatomicrefcount refs;
  /* Holds the memories: the buffer itself, or a copy. */
  GstBuffer *buffer;
  /* Of the pool whose buffer it keeps; or NULL. */
  GstIpcPoolUse *pool_use;
  /* guarded by the producer's lock: consumers that have it */
  guint n_holders;
  guint n_blocks;
  GstIpcBlock blocks[GST_SOCKET_WIRE_EXT_MAX_BLOCKS];
  gboolean is_inline;
  gboolean pooled;
  gboolean is_delta;
  guint32 text_bytes_cut;
  guint metas_left_out;
  guint64 bytes;
  /* NULL when not asked for, or when the format has nothing for the caps. */
  GByteArray *qualcomm;
  GByteArray *own;
} GstIpcFrame;

typedef enum
{
  GST_IPC_WANT_QUALCOMM = 1 << 0,
  GST_IPC_WANT_OWN = 1 << 1,
  /* Do not keep the buffer, even if its memories could travel. */
  GST_IPC_WANT_COPY = 1 << 2,
} GstIpcWants;

GstIpcFrame *gst_ipc_frame_new (GstBuffer *buffer, const GstIpcFormat *format,
    GstIpcCopier *copier, GstIpcWants wants, GstIpcPoolUse *pool_use);
GstIpcFrame *gst_ipc_frame_ref (GstIpcFrame *frame);
void gst_ipc_frame_unref (GstIpcFrame *frame);
void gst_ipc_frame_add_holder_locked (GstIpcFrame *frame);
void gst_ipc_frame_remove_holder_locked (GstIpcFrame *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstIpcFrame, gst_ipc_frame_unref)

G_END_DECLS
