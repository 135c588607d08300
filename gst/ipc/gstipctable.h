/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipctable.h: the producer's memories, as its consumer holds them
 *
 * Here: descriptors received once and kept mapped, memories handed out and
 * given back.
 * Not here: buffers, metas, threads, the producer's side (gstipcmemory.h).
 */
#pragma once

#include "gstipclink.h"

#include <gst/socket/gstsocketpoller.h>

G_BEGIN_DECLS

typedef struct _GstIpcTable GstIpcTable;

/* What a message says of one block; size and maxsize are yet to be believed. */
typedef struct
{
  guint32 id;
  guint64 offset;
  guint64 size;
  guint64 maxsize;
  /* Of all blocks of the frame together. */
  guint64 frame_size;
  gboolean pooled;
} GstIpcBlockRef;

GstIpcTable *gst_ipc_table_new (GstIpcLink *link, GstSocketPoller *sender);
void gst_ipc_table_close (GstIpcTable *table);
GstIpcTable *gst_ipc_table_ref (GstIpcTable *table);
void gst_ipc_table_unref (GstIpcTable *table);

/* Ours takes releases in bulk: window is what the producer lets be out. */
void gst_ipc_table_set_own (GstIpcTable *table, guint window);
gboolean gst_ipc_table_is_own (GstIpcTable *table);

gboolean gst_ipc_table_knows (GstIpcTable *table, guint32 id);
/* fd (transfer full), -1 for a block whose id was seen before. Whatever the
 * outcome the block is released exactly once. */
GstMemory *gst_ipc_table_get_memory (
    GstIpcTable *table, const GstIpcBlockRef *ref, gint fd, GError **error);
/* The bytes came inline and are copied; released at once. */
GstMemory *gst_ipc_table_copy_inline (
    GstIpcTable *table, guint32 id, const guint8 *data, gsize size);
void gst_ipc_table_forget (GstIpcTable *table, guint32 id);
/* Before the reader sleeps all that is due goes out, and while it sleeps each
 * release goes at once. */
void gst_ipc_table_set_reader_sleeps (GstIpcTable *table, gboolean sleeps);

/* What is due goes out now: the reader may be held up for long. */
void gst_ipc_table_flush (GstIpcTable *table);

/* The record that is being read has more: what it brings is released together,
 * unless that takes long. */
void gst_ipc_table_set_reader_has_more (GstIpcTable *table, gboolean has_more);

guint gst_ipc_table_get_size (GstIpcTable *table);
guint64 gst_ipc_table_get_descriptors (GstIpcTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstIpcTable, gst_ipc_table_unref)

G_END_DECLS
