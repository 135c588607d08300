/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcmemory.h: memories of a producer, as another process can see them
 *
 * Here: whether a memory has a descriptor that can travel, the id it has on
 * every connection, word of its death; copying what cannot travel.
 * Not here: memories of a consumer (gstipctable.h), sockets.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A memory by reference; what it refers to is kept by its buffer. */
typedef struct
{
  guint32 id;
  gint fd;
  guint64 offset;
  guint64 size;
  guint64 maxsize;
} GstIpcBlock;

typedef struct _GstIpcCopier GstIpcCopier;

gboolean gst_ipc_memory_describe (GstMemory *mem, GstIpcBlock *ret_block);

/* Ids of described memories that were freed since, for one listener. */
typedef struct _GstIpcObituary GstIpcObituary;

GstIpcObituary *gst_ipc_obituary_new (void);
void gst_ipc_obituary_free (GstIpcObituary *self);
gboolean gst_ipc_obituary_is_empty (GstIpcObituary *self);
GArray *gst_ipc_obituary_take (GstIpcObituary *self);

/* Copies go into a pool of sealed memfds. */
GstIpcCopier *gst_ipc_copier_new (gboolean has_many_consumers);
void gst_ipc_copier_free (GstIpcCopier *self);
GstAllocator *gst_ipc_copier_get_allocator (GstIpcCopier *self);
GstBuffer *gst_ipc_copier_copy (GstIpcCopier *self, GstBuffer *buffer);
guint64 gst_ipc_copier_get_bytes (GstIpcCopier *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstIpcObituary, gst_ipc_obituary_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstIpcCopier, gst_ipc_copier_free)

G_END_DECLS
