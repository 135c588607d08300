/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcmemory.c: memories of a producer, as another process can see them
 *
 * Here: see gstipcmemory.h. Not here: memories of a consumer, sockets.
 *
 * An id belongs to a memory, not to a descriptor number: a pool that is made
 * anew gets the old numbers for new memory, and a receiver that goes by number
 * would show old pictures. Ids are never used twice in a process's life.
 *
 * Threads   streaming: describe, copy    any: the death of a memory
 * Locks                                  guards
 *   obituaries_lock                      the listeners and their ids
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcmemory.h"

#include <gst/socket/gstsocketmemfd.h>

/* Copies of the same stream vary in size when it is encoded; steps of this
 * many bytes keep the pool from being made anew for each. */
#define COPY_GRAIN 4096

typedef struct
{
  guint32 id;
  GstSocketFdKind kind;
  guint64 size;
} Identity;

struct _GstIpcObituary
{
  GArray *ids;
};

struct _GstIpcCopier
{
  GstAllocator *allocator;
  GstBufferPool *pool;
  gsize pool_size;
  guint64 bytes;
};

static GMutex obituaries_lock;
static GList *obituaries;

static GQuark
identity_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (
        &quark, g_quark_from_static_string ("gst-ipc-memory-identity"));
  return quark;
}

static void
identity_free (gpointer data)
{
  Identity *identity = data;

  g_mutex_lock (&obituaries_lock);
  for (GList *item = obituaries; item != NULL; item = item->next) {
    GstIpcObituary *obituary = item->data;

    g_array_append_val (obituary->ids, identity->id);
  }
  g_mutex_unlock (&obituaries_lock);
  g_free (identity);
}

/* Qualcomm's ids are signed and compared with 0; ours stay above. */
static guint32
next_id (void)
{
  static gint last;
  guint32 id;

  do
    id = (guint32) g_atomic_int_add (&last, 1) & 0x7fffffffu;
  while (id == 0);
  return id;
}

static Identity *
identify (GstMemory *root)
{
  Identity *identity =
      gst_mini_object_get_qdata (GST_MINI_OBJECT (root), identity_quark ());
  GstSocketFdInfo info;

  if (identity != NULL)
    return identity;
  identity = g_new0 (Identity, 1);
  identity->id = next_id ();
  if (gst_socket_fd_inspect (gst_fd_memory_get_fd (root), &info)) {
    identity->kind = info.kind;
    identity->size = info.size;
  }
  gst_mini_object_set_qdata (
      GST_MINI_OBJECT (root), identity_quark (), identity, identity_free);
  return identity;
}

/* Returns FALSE for memory that has no descriptor, or one whose file may become
 * shorter under its reader. A part of a memory has the id of the whole. */
gboolean
gst_ipc_memory_describe (GstMemory *mem, GstIpcBlock *ret_block)
{
  GstMemory *root = mem;
  Identity *identity;

  if (!gst_is_fd_memory (mem))
    return FALSE;
  while (root->parent != NULL && gst_is_fd_memory (root->parent))
    root = root->parent;
  identity = identify (root);
  if (identity->kind != GST_SOCKET_FD_DMABUF
      && identity->kind != GST_SOCKET_FD_SEALED)
    return FALSE;
  if (mem->size == 0 || mem->offset > identity->size
      || mem->size > identity->size - mem->offset)
    return FALSE;
  ret_block->id = identity->id;
  ret_block->fd = gst_fd_memory_get_fd (root);
  ret_block->offset = mem->offset;
  ret_block->size = mem->size;
  ret_block->maxsize = identity->size;
  return TRUE;
}

GstIpcObituary *
gst_ipc_obituary_new (void)
{
  GstIpcObituary *self = g_new0 (GstIpcObituary, 1);

  self->ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_mutex_lock (&obituaries_lock);
  obituaries = g_list_prepend (obituaries, self);
  g_mutex_unlock (&obituaries_lock);
  return self;
}

void
gst_ipc_obituary_free (GstIpcObituary *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&obituaries_lock);
  obituaries = g_list_remove (obituaries, self);
  g_mutex_unlock (&obituaries_lock);
  g_array_unref (self->ids);
  g_free (self);
}

/* A hint, read without the lock: what is missed now is seen next time. */
gboolean
gst_ipc_obituary_is_empty (GstIpcObituary *self)
{
  return self->ids->len == 0;
}

GArray *
gst_ipc_obituary_take (GstIpcObituary *self)
{
  GArray *ids;

  g_mutex_lock (&obituaries_lock);
  ids = self->ids;
  self->ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_mutex_unlock (&obituaries_lock);
  return ids;
}

/* One of several consumers shall not write what the others see. The one that
 * we connect to may be Qualcomm's, and those write into what they get. */
GstIpcCopier *
gst_ipc_copier_new (gboolean has_many_consumers)
{
  GstIpcCopier *self = g_new0 (GstIpcCopier, 1);

  self->allocator = has_many_consumers
      ? gst_socket_memfd_allocator_new_protected ()
      : gst_socket_memfd_allocator_new ();
  return self;
}

static void
drop_pool (GstIpcCopier *self)
{
  if (self->pool != NULL)
    gst_buffer_pool_set_active (self->pool, FALSE);
  gst_clear_object (&self->pool);
}

void
gst_ipc_copier_free (GstIpcCopier *self)
{
  if (self == NULL)
    return;
  drop_pool (self);
  gst_clear_object (&self->allocator);
  g_free (self);
}

GstAllocator *
gst_ipc_copier_get_allocator (GstIpcCopier *self)
{
  return self->allocator;
}

guint64
gst_ipc_copier_get_bytes (GstIpcCopier *self)
{
  return self->bytes;
}

/* The pool has no limit of its own: what consumers may hold has one. */
static gboolean
ensure_pool (GstIpcCopier *self, gsize size)
{
  GstStructure *config;

  if (self->pool != NULL && size <= self->pool_size
      && size * 4 >= self->pool_size)
    return TRUE;
  drop_pool (self);
  self->pool_size = (size + COPY_GRAIN - 1) / COPY_GRAIN * COPY_GRAIN;
  self->pool = gst_buffer_pool_new ();
  config = gst_buffer_pool_get_config (self->pool);
  gst_buffer_pool_config_set_params (config, NULL, self->pool_size, 0, 0);
  gst_buffer_pool_config_set_allocator (config, self->allocator, NULL);
  return gst_buffer_pool_set_config (self->pool, config)
      && gst_buffer_pool_set_active (self->pool, TRUE);
}

/* Returns (transfer full) (nullable): the bytes of all memories of buffer, one
 * after the other, in one memory that can travel. No metas. */
GstBuffer *
gst_ipc_copier_copy (GstIpcCopier *self, GstBuffer *buffer)
{
  gsize size = gst_buffer_get_size (buffer);
  GstBuffer *copy = NULL;
  GstMapInfo map;

  if (size == 0 || !ensure_pool (self, size)
      || gst_buffer_pool_acquire_buffer (self->pool, &copy, NULL)
          != GST_FLOW_OK)
    return NULL;
  if (!gst_buffer_map (copy, &map, GST_MAP_WRITE)) {
    gst_buffer_unref (copy);
    return NULL;
  }
  gst_buffer_extract (buffer, 0, map.data, size);
  gst_buffer_unmap (copy, &map);
  gst_buffer_set_size (copy, size);
  self->bytes += size;
  return copy;
}
