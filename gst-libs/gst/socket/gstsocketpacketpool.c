/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpacketpool.c: buffers for received packets, without allocating
 *
 * Here: an allocator whose memories show parts of shared blocks, and a pool
 * that hands out buffers with such a memory and takes both back.
 * Not here: sockets; deciding how blocks are filled.
 *
 * Threads   one takes blocks and buffers; any may release them
 * Locks     self->lock: idle buffers and idle blocks
 *
 * The simpler way is gst_memory_share() of one big memory: it allocates a
 * GstMemory for every packet, makes all of them read-only, and the buffers
 * could not be pooled, because GstBufferPool drops what it finds shared.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketpacketpool.h"

#include <string.h>

/* What is kept for the next packets; more is given back to the system. */
#define MAX_IDLE_BUFFERS 4096
#define MAX_IDLE_BLOCKS 8
#define BLOCK_ALIGN 64
/* What is taken from the idle buffers at once, for one lock. */
#define STASH_SIZE 32

/* ---- memory ---- */

typedef struct
{
  GstMemory memory;
  GstSocketBlock *block; /* NULL while idle */
  guint8 *data;          /* start of the packet */
} PacketMemory;

typedef struct
{
  GstAllocator parent;
} PacketAllocator;

typedef struct
{
  GstAllocatorClass parent_class;
} PacketAllocatorClass;

static GType packet_allocator_get_type (void);
G_DEFINE_TYPE_WITH_CODE (
    PacketAllocator, packet_allocator, GST_TYPE_ALLOCATOR, )

static PacketMemory *
packet_memory_new (GstAllocator *allocator)
{
  PacketMemory *self = g_new0 (PacketMemory, 1);

  gst_memory_init (GST_MEMORY_CAST (self), 0, allocator, NULL, 0, 0, 0, 0);
  return self;
}

static gpointer
packet_memory_map (GstMemory *memory, gsize maxsize, GstMapFlags flags)
{
  return ((PacketMemory *) memory)->data;
}

static void
packet_memory_unmap (GstMemory *memory)
{
}

static GstMemory *
packet_memory_share (GstMemory *memory, gssize offset, gssize size)
{
  PacketMemory *self = (PacketMemory *) memory;
  GstMemory *parent = memory->parent != NULL ? memory->parent : memory;
  PacketMemory *part = g_new0 (PacketMemory, 1);

  if (size < 0)
    size = (gssize) memory->size - offset;
  gst_memory_init (GST_MEMORY_CAST (part),
      GST_MINI_OBJECT_FLAGS (parent) | GST_MINI_OBJECT_FLAG_LOCK_READONLY,
      memory->allocator, parent, memory->maxsize, memory->align,
      memory->offset + offset, size);
  part->data = self->data;
  part->block = self->block;
  g_atomic_int_inc (&part->block->refs);
  return GST_MEMORY_CAST (part);
}

static void
packet_memory_free (GstAllocator *allocator, GstMemory *memory)
{
  PacketMemory *self = (PacketMemory *) memory;

  gst_socket_block_unref (self->block);
  g_free (self);
}

static GstMemory *
packet_allocator_alloc (
    GstAllocator *allocator, gsize size, GstAllocationParams *params)
{
  return NULL; /* memory comes from a pool */
}

static void
packet_allocator_class_init (PacketAllocatorClass *klass)
{
  GstAllocatorClass *allocator_class = GST_ALLOCATOR_CLASS (klass);

  allocator_class->alloc = packet_allocator_alloc;
  allocator_class->free = packet_memory_free;
}

static void
packet_allocator_init (PacketAllocator *self)
{
  GstAllocator *allocator = GST_ALLOCATOR (self);

  GST_OBJECT_FLAG_SET (allocator, GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
  allocator->mem_type = "GstSocketPacketMemory";
  allocator->mem_map = packet_memory_map;
  allocator->mem_unmap = packet_memory_unmap;
  allocator->mem_share = packet_memory_share;
}

/* ---- pool ---- */

/**
 * GstSocketPacketPool: (skip)
 *
 * A pool of buffers without memory of their own: each shows a part of a
 * #GstSocketBlock, so that many packets can be received into one block, or a
 * train of packets split, without copying and without allocating. A buffer
 * carries a #GstNetAddressMeta if one was ever added to it with the
 * %GST_META_FLAG_POOLED flag.
 *
 * Buffers come back to the pool when their last user lets go, and a block
 * when its last buffer does. Activate the pool before use; deactivating it
 * frees what is idle, and later what comes back.
 */
struct _GstSocketPacketPool
{
  GstBufferPool parent;

  GstAllocator *allocator; /* immutable */

  /* the taking thread only */
  GstBuffer *stash[STASH_SIZE];
  guint n_stash;

  /* guarded by lock */
  GMutex lock;
  GstBuffer *buffers[MAX_IDLE_BUFFERS];
  guint n_buffers;
  GstSocketBlock *blocks[MAX_IDLE_BLOCKS];
  guint n_blocks;
};

G_DEFINE_FINAL_TYPE (
    GstSocketPacketPool, gst_socket_packet_pool, GST_TYPE_BUFFER_POOL)

static void
block_free (GstSocketBlock *block)
{
  g_aligned_free (block->data);
  g_free (block);
}

/**
 * gst_socket_block_unref: (skip)
 * @block: (nullable) (transfer full): a block
 */
void
gst_socket_block_unref (GstSocketBlock *block)
{
  GstSocketPacketPool *pool;

  if (block == NULL || !g_atomic_int_dec_and_test (&block->refs))
    return;
  pool = block->pool;
  g_mutex_lock (&pool->lock);
  if (pool->n_blocks < MAX_IDLE_BLOCKS) {
    pool->blocks[pool->n_blocks++] = block;
    block = NULL;
  }
  g_mutex_unlock (&pool->lock);
  if (block != NULL)
    block_free (block);
  gst_object_unref (pool);
}

/**
 * gst_socket_block_is_unshared: (skip)
 * @block: a block the caller holds a reference to
 *
 * Returns: whether no one else holds one, so that it may be filled anew
 */
gboolean
gst_socket_block_is_unshared (GstSocketBlock *block)
{
  return g_atomic_int_get (&block->refs) == 1;
}

/* Takes the block used last, as it is still in the caches. One of another
 * size is of no more use: sizes change seldom, and then for good. */
static GstSocketBlock *
pop_block (GstSocketPacketPool *self, gsize size)
{
  GstSocketBlock *block = NULL;

  g_mutex_lock (&self->lock);
  while (block == NULL && self->n_blocks > 0) {
    block = self->blocks[--self->n_blocks];
    if (block->size != size)
      g_clear_pointer (&block, block_free);
  }
  g_mutex_unlock (&self->lock);
  return block;
}

/**
 * gst_socket_packet_pool_get_block: (skip)
 * @pool: a pool
 * @size: bytes wanted
 *
 * Returns: (transfer full): a block of that size, contents undefined
 */
GstSocketBlock *
gst_socket_packet_pool_get_block (GstSocketPacketPool *pool, gsize size)
{
  GstSocketBlock *block = pop_block (pool, size);

  if (block == NULL) {
    block = g_new0 (GstSocketBlock, 1);
    block->data = g_aligned_alloc (1, size, BLOCK_ALIGN);
    block->size = size;
    block->pool = pool;
  }
  block->refs = 1;
  gst_object_ref (pool);
  return block;
}

/**
 * gst_socket_packet_pool_get_buffer: (skip)
 * @pool: an active pool
 * @block: (transfer none): a block of the pool
 * @offset: where the packet starts in it
 * @size: its length; must lie within the block
 * @ret_buffer: (out) (transfer full): a buffer that shows the packet. It is
 *     writable, and writing to it touches no other packet
 *
 * Returns: %GST_FLOW_OK, or %GST_FLOW_FLUSHING when the pool is not active
 */
GstFlowReturn
gst_socket_packet_pool_get_buffer (GstSocketPacketPool *pool,
    GstSocketBlock *block, gsize offset, gsize size, GstBuffer **ret_buffer)
{
  PacketMemory *memory;
  GstFlowReturn ret;

  ret = gst_buffer_pool_acquire_buffer (
      GST_BUFFER_POOL_CAST (pool), ret_buffer, NULL);
  if (ret != GST_FLOW_OK)
    return ret;
  memory = (PacketMemory *) gst_buffer_peek_memory (*ret_buffer, 0);
  g_atomic_int_inc (&block->refs);
  memory->block = block;
  memory->data = block->data + offset;
  memory->memory.offset = 0;
  memory->memory.size = size;
  memory->memory.maxsize = size;
  return GST_FLOW_OK;
}

static GstBuffer *
new_buffer (GstSocketPacketPool *self)
{
  GstBuffer *buffer = gst_buffer_new ();

  gst_buffer_append_memory (
      buffer, GST_MEMORY_CAST (packet_memory_new (self->allocator)));
  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_TAG_MEMORY);
  return buffer;
}

static void
fill_stash (GstSocketPacketPool *self)
{
  g_mutex_lock (&self->lock);
  self->n_stash = MIN (self->n_buffers, STASH_SIZE);
  self->n_buffers -= self->n_stash;
  memcpy (self->stash, self->buffers + self->n_buffers,
      self->n_stash * sizeof self->stash[0]);
  g_mutex_unlock (&self->lock);
}

static GstFlowReturn
acquire_buffer (GstBufferPool *pool, GstBuffer **ret_buffer,
    GstBufferPoolAcquireParams *params)
{
  GstSocketPacketPool *self = (GstSocketPacketPool *) pool; /* per packet */

  if (GST_BUFFER_POOL_IS_FLUSHING (pool))
    return GST_FLOW_FLUSHING;
  if (self->n_stash == 0)
    fill_stash (self);
  *ret_buffer =
      self->n_stash > 0 ? self->stash[--self->n_stash] : new_buffer (self);
  return GST_FLOW_OK;
}

static gboolean
remove_foreign_meta (GstBuffer *buffer, GstMeta **meta, gpointer unused)
{
  if (!GST_META_FLAG_IS_SET (*meta, GST_META_FLAG_POOLED))
    *meta = NULL;
  return TRUE;
}

static void
reset_buffer (GstBufferPool *pool, GstBuffer *buffer)
{
  gpointer state = NULL;

  GST_BUFFER_FLAGS (buffer) &= GST_BUFFER_FLAG_TAG_MEMORY;
  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_OFFSET (buffer) = GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_OFFSET_END (buffer) = GST_BUFFER_OFFSET_NONE;
  if (gst_buffer_iterate_meta (buffer, &state) != NULL)
    gst_buffer_foreach_meta (buffer, remove_foreign_meta, NULL);
}

/* Whether the buffer is as the pool made it, and its memory no one else's: not
 * locked by a copy, nor kept alone by one who took it out of the buffer, which
 * "writable" does not tell. */
static gboolean
is_reusable (GstBuffer *buffer)
{
  GstMemory *memory;

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_TAG_MEMORY)
      || gst_buffer_n_memory (buffer) != 1)
    return FALSE;
  memory = gst_buffer_peek_memory (buffer, 0);
  return GST_MINI_OBJECT_REFCOUNT_VALUE (memory) == 1
      && gst_memory_is_writable (memory);
}

static void
release_buffer (GstBufferPool *pool, GstBuffer *buffer)
{
  GstSocketPacketPool *self = (GstSocketPacketPool *) pool; /* per packet */
  PacketMemory *memory;

  if (!is_reusable (buffer)) {
    gst_buffer_unref (buffer);
    return;
  }
  memory = (PacketMemory *) gst_buffer_peek_memory (buffer, 0);
  g_clear_pointer (&memory->block, gst_socket_block_unref);

  g_mutex_lock (&self->lock);
  if (self->n_buffers < MAX_IDLE_BUFFERS) {
    self->buffers[self->n_buffers++] = buffer;
    buffer = NULL;
  }
  g_mutex_unlock (&self->lock);
  if (buffer != NULL)
    gst_buffer_unref (buffer);
}

static gboolean
start (GstBufferPool *pool)
{
  return TRUE; /* buffers are made as they are needed */
}

static gboolean
stop (GstBufferPool *pool)
{
  GstSocketPacketPool *self = GST_SOCKET_PACKET_POOL (pool);

  while (self->n_stash > 0)
    gst_buffer_unref (self->stash[--self->n_stash]);
  while (self->n_buffers > 0)
    gst_buffer_unref (self->buffers[--self->n_buffers]);
  return TRUE;
}

static void
gst_socket_packet_pool_finalize (GObject *object)
{
  GstSocketPacketPool *self = GST_SOCKET_PACKET_POOL (object);

  while (self->n_blocks > 0)
    block_free (self->blocks[--self->n_blocks]);
  gst_object_unref (self->allocator);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_socket_packet_pool_parent_class)->finalize (object);
}

static void
gst_socket_packet_pool_class_init (GstSocketPacketPoolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstBufferPoolClass *pool_class = GST_BUFFER_POOL_CLASS (klass);

  object_class->finalize = gst_socket_packet_pool_finalize;
  pool_class->start = start;
  pool_class->stop = stop;
  pool_class->acquire_buffer = acquire_buffer;
  pool_class->reset_buffer = reset_buffer;
  pool_class->release_buffer = release_buffer;
}

static void
gst_socket_packet_pool_init (GstSocketPacketPool *self)
{
  g_mutex_init (&self->lock);
  self->allocator = g_object_new (packet_allocator_get_type (), NULL);
  gst_object_ref_sink (self->allocator);
}

/**
 * gst_socket_packet_pool_new: (skip)
 *
 * Returns: (transfer full): a new pool, not active yet
 */
GstSocketPacketPool *
gst_socket_packet_pool_new (void)
{
  GstSocketPacketPool *pool = g_object_new (GST_TYPE_SOCKET_PACKET_POOL, NULL);
  GstStructure *config =
      gst_buffer_pool_get_config (GST_BUFFER_POOL_CAST (pool));

  gst_object_ref_sink (pool);
  gst_buffer_pool_config_set_params (config, NULL, 0, 0, 0);
  gst_buffer_pool_set_config (GST_BUFFER_POOL_CAST (pool), config);
  return pool;
}
