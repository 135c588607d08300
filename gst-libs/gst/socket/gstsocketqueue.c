/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketqueue.c: one queue of buffers, read by many cursors
 *
 * Here: storing units under rising numbers, finding a unit by bytes, time or
 * keyframe, and giving up those that nobody needs.
 * Not here: sockets, clients, threads, locks (the caller holds its own).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketqueue.h"

#include <gst/base/gstqueuearray.h>

/**
 * SECTION:gstsocketqueue
 * @title: GstSocketQueue
 * @short_description: one queue of buffers, read by many cursors
 *
 * Every unit has an absolute number that rises by one and is never used again.
 * A reader's place is such a number, so that appending a unit touches no
 * reader. Each unit knows how many bytes and how much time came before it,
 * and the keyframes' numbers are kept apart: "which unit is 3 s, 2 MB or one
 * keyframe back?" is a binary search.
 *
 * The units live in a ring that is reference counted. A reader that wants to
 * look at units without the caller's lock takes the ring with
 * gst_socket_queue_ref_ring() while it holds the lock, and makes sure that
 * what it looks at is not collected (the `pinned` argument of
 * gst_socket_queue_collect()). Growing makes a new ring and leaves the old one
 * to those that still read it.
 */

/* A timestamp this far behind the largest one begins a new stretch of time;
 * less is the reordering of an encoder. */
#define TIME_RESTART (2 * GST_SECOND)

#define INITIAL_CAPACITY 64

struct _GstSocketHeaders
{
  gatomicrefcount ref_count;
  guint n_units;
  GstSocketUnit *units[];
};

struct _GstSocketRing
{
  gatomicrefcount ref_count;
  guint64 mask;
  GstSocketUnit *slots[];
};

struct _GstSocketQueue
{
  GstSocketRing *ring;
  GstQueueArray *keys; /* guint64 numbers of the stored keyframes */
  guint64 stored;      /* oldest number still in the ring */
  guint64 oldest;      /* oldest number that counts as queued */
  guint64 next;        /* number the next unit gets */
  guint64 bytes_end;   /* payload bytes ever appended */
  guint64 first_timed; /* where the present stretch of time began */
  GstClockTime time_max;
};

/* --- units --- */

static gboolean
map_memories (GstSocketUnit *unit)
{
  guint n = gst_buffer_n_memory (unit->buffer);

  if (n > 1) {
    unit->maps = g_new (GstMapInfo, n);
    unit->iov_storage = g_new (struct iovec, n);
  } else {
    unit->maps = &unit->one_map;
    unit->iov_storage = &unit->one_iov;
  }
  unit->iov = unit->iov_storage;
  for (guint i = 0; i < n; i++) {
    GstMapInfo *map = &unit->maps[unit->n_maps];
    GstMemory *mem = gst_buffer_peek_memory (unit->buffer, i);

    if (!gst_memory_map (mem, map, GST_MAP_READ))
      return FALSE;
    unit->n_maps++;
    if (map->size > 0)
      unit->iov_storage[unit->n_iov++] =
          (struct iovec){.iov_base = map->data, .iov_len = map->size};
    unit->size += map->size;
  }
  return TRUE;
}

/**
 * gst_socket_unit_new: (skip)
 * @buffer: (transfer none): a buffer; must not be written to afterwards
 * @flags: #GstSocketUnitFlags
 * @headers: (nullable) (transfer none): what precedes it for a new client
 *
 * Maps @buffer for reading and keeps it so until the unit goes. May be called
 * without any lock.
 *
 * Returns: (transfer full) (nullable): the unit, or %NULL when a memory of the
 *     buffer cannot be mapped
 */
GstSocketUnit *
gst_socket_unit_new (GstBuffer *buffer, guint flags, GstSocketHeaders *headers)
{
  g_autoptr (GstSocketUnit) unit = NULL;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);

  unit = g_new0 (GstSocketUnit, 1);
  g_atomic_ref_count_init (&unit->ref_count);
  unit->buffer = gst_buffer_ref (buffer);
  unit->headers = headers != NULL ? gst_socket_headers_ref (headers) : NULL;
  unit->time = GST_BUFFER_PTS (buffer);
  unit->time_max = GST_CLOCK_TIME_NONE;
  unit->flags = flags;
  if (!map_memories (unit))
    return NULL;
  return g_steal_pointer (&unit);
}

/**
 * gst_socket_unit_ref: (skip)
 * @unit: a unit
 *
 * Returns: (transfer full): @unit, with one more reference; any thread
 */
GstSocketUnit *
gst_socket_unit_ref (GstSocketUnit *unit)
{
  g_atomic_ref_count_inc (&unit->ref_count);
  return unit;
}

/**
 * gst_socket_unit_unref: (skip)
 * @unit: (transfer full) (nullable): a unit
 *
 * Drops a reference; any thread. The last one may run code of the buffer's
 * owner, so call it without a lock.
 */
void
gst_socket_unit_unref (GstSocketUnit *unit)
{
  if (unit == NULL || !g_atomic_ref_count_dec (&unit->ref_count))
    return;
  for (guint i = 0; i < unit->n_maps; i++)
    gst_memory_unmap (unit->maps[i].memory, &unit->maps[i]);
  if (unit->maps != &unit->one_map) {
    g_free (unit->maps);
    g_free (unit->iov_storage);
  }
  gst_socket_headers_unref (unit->headers);
  gst_buffer_unref (unit->buffer);
  g_free (unit);
}

/* --- headers --- */

/**
 * gst_socket_headers_new: (skip)
 * @buffers: (array length=n_buffers): the header buffers, in order
 * @n_buffers: how many there are, may be 0
 *
 * Returns: (transfer full) (nullable): what precedes a stream for each new
 *     client, or %NULL when a buffer cannot be mapped
 */
GstSocketHeaders *
gst_socket_headers_new (GstBuffer *const *buffers, guint n_buffers)
{
  g_autoptr (GstSocketHeaders) headers = NULL;

  headers = g_malloc0 (sizeof *headers + n_buffers * sizeof (gpointer));
  g_atomic_ref_count_init (&headers->ref_count);
  for (guint i = 0; i < n_buffers; i++) {
    headers->units[i] = gst_socket_unit_new (buffers[i], 0, NULL);
    if (headers->units[i] == NULL)
      return NULL;
    headers->n_units++;
  }
  return g_steal_pointer (&headers);
}

/**
 * gst_socket_headers_ref: (skip)
 * @headers: headers
 *
 * Returns: (transfer full): @headers, with one more reference; any thread
 */
GstSocketHeaders *
gst_socket_headers_ref (GstSocketHeaders *headers)
{
  g_atomic_ref_count_inc (&headers->ref_count);
  return headers;
}

/**
 * gst_socket_headers_unref: (skip)
 * @headers: (transfer full) (nullable): headers
 *
 * Drops a reference; any thread, no lock held.
 */
void
gst_socket_headers_unref (GstSocketHeaders *headers)
{
  if (headers == NULL || !g_atomic_ref_count_dec (&headers->ref_count))
    return;
  for (guint i = 0; i < headers->n_units; i++)
    gst_socket_unit_unref (headers->units[i]);
  g_free (headers);
}

/**
 * gst_socket_headers_get_length: (skip)
 * @headers: (nullable): headers
 *
 * Returns: the number of header buffers; 0 for %NULL
 */
guint
gst_socket_headers_get_length (const GstSocketHeaders *headers)
{
  return headers != NULL ? headers->n_units : 0;
}

/**
 * gst_socket_headers_get: (skip)
 * @headers: headers
 * @index: less than the length
 *
 * Returns: (transfer none): the header at @index
 */
GstSocketUnit *
gst_socket_headers_get (const GstSocketHeaders *headers, guint index)
{
  g_return_val_if_fail (index < headers->n_units, NULL);
  return headers->units[index];
}

static gboolean
holds_bytes_of (const GstSocketUnit *unit, GstBuffer *buffer)
{
  gsize offset = 0;

  if (unit->buffer == buffer)
    return TRUE;
  if (unit->size != gst_buffer_get_size (buffer))
    return FALSE;
  for (guint i = 0; i < unit->n_iov; i++) {
    if (gst_buffer_memcmp (
            buffer, offset, unit->iov[i].iov_base, unit->iov[i].iov_len)
        != 0)
      return FALSE;
    offset += unit->iov[i].iov_len;
  }
  return TRUE;
}

/**
 * gst_socket_headers_contain: (skip)
 * @headers: (nullable): headers
 * @buffer: a buffer
 *
 * Returns: whether @buffer is one of the headers, by pointer or by bytes
 */
gboolean
gst_socket_headers_contain (const GstSocketHeaders *headers, GstBuffer *buffer)
{
  for (guint i = 0; i < gst_socket_headers_get_length (headers); i++) {
    if (holds_bytes_of (headers->units[i], buffer))
      return TRUE;
  }
  return FALSE;
}

/**
 * gst_socket_headers_equal: (skip)
 * @a: (nullable): headers
 * @b: (nullable): headers
 *
 * Returns: whether both hold the same bytes in the same buffers
 */
gboolean
gst_socket_headers_equal (const GstSocketHeaders *a, const GstSocketHeaders *b)
{
  guint n = gst_socket_headers_get_length (a);

  if (a == b)
    return TRUE;
  if (n != gst_socket_headers_get_length (b))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    if (!holds_bytes_of (a->units[i], b->units[i]->buffer))
      return FALSE;
  }
  return TRUE;
}

/* --- ring --- */

static GstSocketRing *
ring_new (guint64 capacity)
{
  GstSocketRing *ring =
      g_malloc0 (sizeof (GstSocketRing) + capacity * sizeof (gpointer));

  g_atomic_ref_count_init (&ring->ref_count);
  ring->mask = capacity - 1;
  return ring;
}

/**
 * gst_socket_ring_get: (skip)
 * @ring: a ring
 * @seq: a number that was queued when the ring was taken and is still pinned
 *
 * Returns: (transfer none): the unit of that number; no lock needed
 */
GstSocketUnit *
gst_socket_ring_get (const GstSocketRing *ring, guint64 seq)
{
  return ring->slots[seq & ring->mask];
}

/**
 * gst_socket_ring_unref: (skip)
 * @ring: (transfer full) (nullable): a ring
 *
 * Gives back what gst_socket_queue_ref_ring() gave; any thread.
 */
void
gst_socket_ring_unref (GstSocketRing *ring)
{
  if (ring != NULL && g_atomic_ref_count_dec (&ring->ref_count))
    g_free (ring);
}

static void
grow (GstSocketQueue *queue)
{
  GstSocketRing *ring = ring_new ((queue->ring->mask + 1) * 2);

  for (guint64 seq = queue->stored; seq < queue->next; seq++)
    ring->slots[seq & ring->mask] = gst_socket_ring_get (queue->ring, seq);
  gst_socket_ring_unref (queue->ring);
  queue->ring = ring;
}

/* --- queue --- */

/**
 * gst_socket_queue_new: (skip)
 * @first_seq: number of the first unit, at least 1
 *
 * Returns: (transfer full): an empty queue
 */
GstSocketQueue *
gst_socket_queue_new (guint64 first_seq)
{
  GstSocketQueue *queue;

  g_return_val_if_fail (first_seq > 0, NULL);

  queue = g_new0 (GstSocketQueue, 1);
  queue->ring = ring_new (INITIAL_CAPACITY);
  queue->keys = gst_queue_array_new_for_struct (sizeof (guint64), 16);
  queue->stored = queue->oldest = queue->next = first_seq;
  queue->first_timed = G_MAXUINT64;
  queue->time_max = GST_CLOCK_TIME_NONE;
  return queue;
}

/**
 * gst_socket_queue_free: (skip)
 * @queue: (transfer full) (nullable): a queue
 *
 * Frees the queue and drops its units. No reader may be left.
 */
void
gst_socket_queue_free (GstSocketQueue *queue)
{
  if (queue == NULL)
    return;
  for (guint64 seq = queue->stored; seq < queue->next; seq++)
    gst_socket_unit_unref (gst_socket_ring_get (queue->ring, seq));
  gst_queue_array_free (queue->keys);
  gst_socket_ring_unref (queue->ring);
  g_free (queue);
}

static void
note_time (GstSocketQueue *queue, GstSocketUnit *unit)
{
  GstClockTime time = unit->time;

  if (GST_CLOCK_TIME_IS_VALID (time)) {
    if (!GST_CLOCK_TIME_IS_VALID (queue->time_max)
        || time + TIME_RESTART < queue->time_max) {
      queue->first_timed = unit->seq;
      queue->time_max = time;
    }
    queue->time_max = MAX (queue->time_max, time);
  }
  unit->time_max = queue->time_max;
}

/**
 * gst_socket_queue_append: (skip)
 * @queue: a queue
 * @unit: (transfer full): a unit that is in no queue
 *
 * Returns: the number that @unit got
 */
guint64
gst_socket_queue_append (GstSocketQueue *queue, GstSocketUnit *unit)
{
  if (queue->next - queue->stored > queue->ring->mask)
    grow (queue);
  unit->seq = queue->next++;
  queue->bytes_end += unit->size;
  unit->bytes_end = queue->bytes_end;
  note_time (queue, unit);
  if (unit->flags & GST_SOCKET_UNIT_KEYFRAME)
    gst_queue_array_push_tail_struct (queue->keys, &unit->seq);
  queue->ring->slots[unit->seq & queue->ring->mask] = unit;
  return unit->seq;
}

/**
 * gst_socket_queue_get_newest: (skip)
 * @queue: a queue
 *
 * Returns: number of the newest unit ever appended; one less than the first
 *     number when there was none
 */
guint64
gst_socket_queue_get_newest (const GstSocketQueue *queue)
{
  return queue->next - 1;
}

/**
 * gst_socket_queue_get_oldest: (skip)
 * @queue: a queue
 *
 * Returns: number of the oldest unit that counts as queued; one more than the
 *     newest when there is none
 */
guint64
gst_socket_queue_get_oldest (const GstSocketQueue *queue)
{
  return queue->oldest;
}

/**
 * gst_socket_queue_get_length: (skip)
 * @queue: a queue
 *
 * Returns: how many units are queued
 */
guint
gst_socket_queue_get_length (const GstSocketQueue *queue)
{
  return queue->next - queue->oldest;
}

/**
 * gst_socket_queue_get_bytes: (skip)
 * @queue: a queue
 *
 * Returns: payload bytes of the queued units
 */
guint64
gst_socket_queue_get_bytes (const GstSocketQueue *queue)
{
  const GstSocketUnit *first;

  if (queue->oldest == queue->next)
    return 0;
  first = gst_socket_ring_get (queue->ring, queue->oldest);
  return queue->bytes_end - first->bytes_end + first->size;
}

/**
 * gst_socket_queue_get: (skip)
 * @queue: a queue
 * @seq: a number
 *
 * Returns: (transfer none) (nullable): the unit of that number, %NULL when it
 *     is no longer stored or not yet appended
 */
GstSocketUnit *
gst_socket_queue_get (const GstSocketQueue *queue, guint64 seq)
{
  if (seq < queue->stored || seq >= queue->next)
    return NULL;
  return gst_socket_ring_get (queue->ring, seq);
}

/**
 * gst_socket_queue_set_oldest: (skip)
 * @queue: a queue
 * @seq: number of the oldest unit to count as queued
 *
 * Shortens the queue, or lengthens it again as far as units are still stored.
 * Nothing is freed before gst_socket_queue_collect().
 */
void
gst_socket_queue_set_oldest (GstSocketQueue *queue, guint64 seq)
{
  queue->oldest = CLAMP (seq, queue->stored, queue->next);
}

/**
 * gst_socket_queue_collect: (skip)
 * @queue: a queue
 * @pinned: number of the oldest unit that a reader still looks at;
 *     %G_MAXUINT64 for none
 * @garbage: (element-type GstSocketUnit): receives the units, for the caller to
 *     unref once its lock is released
 *
 * Takes out of the ring what is neither queued nor pinned.
 */
void
gst_socket_queue_collect (
    GstSocketQueue *queue, guint64 pinned, GPtrArray *garbage)
{
  guint64 end = MIN (queue->oldest, pinned);

  for (; queue->stored < end; queue->stored++) {
    GstSocketUnit *unit = gst_socket_ring_get (queue->ring, queue->stored);

    if (unit->flags & GST_SOCKET_UNIT_KEYFRAME)
      gst_queue_array_pop_head_struct (queue->keys);
    g_ptr_array_add (garbage, unit);
  }
}

/* --- searches --- */

/* Payload bytes of the units from seq to newest, both included. */
static guint64
bytes_between (const GstSocketQueue *queue, guint64 seq, guint64 newest)
{
  const GstSocketUnit *first = gst_socket_ring_get (queue->ring, seq);

  return gst_socket_ring_get (queue->ring, newest)->bytes_end - first->bytes_end
      + first->size;
}

static GstClockTime
time_between (const GstSocketQueue *queue, guint64 seq, guint64 newest)
{
  return gst_socket_ring_get (queue->ring, newest)->time_max
      - gst_socket_ring_get (queue->ring, seq)->time_max;
}

typedef guint64 (*Distance) (
    const GstSocketQueue *queue, guint64 seq, guint64 newest);

/* The distance falls as seq rises. Finds the largest seq in [low, newest]
 * at which it is still at least wanted; 0 when it never is. */
static guint64
last_at (const GstSocketQueue *queue, Distance distance, guint64 low,
    guint64 newest, guint64 wanted)
{
  guint64 high = newest;

  if (low > newest || distance (queue, low, newest) < wanted)
    return 0;
  while (low < high) {
    guint64 mid = low + (high - low + 1) / 2;

    if (distance (queue, mid, newest) >= wanted)
      low = mid;
    else
      high = mid - 1;
  }
  return low;
}

static guint
depth_of (const GstSocketQueue *queue, guint64 seq, guint64 newest)
{
  return newest + 1 - (seq != 0 ? seq : queue->oldest - 1);
}

/**
 * gst_socket_queue_count_for_bytes: (skip)
 * @queue: a queue
 * @newest: number of the unit to count back from, inclusive
 * @bytes: payload bytes
 *
 * Returns: the least number of units, counted back from @newest, that hold at
 *     least @bytes; one more than are queued when all of them hold less
 */
guint
gst_socket_queue_count_for_bytes (
    const GstSocketQueue *queue, guint64 newest, guint64 bytes)
{
  return depth_of (queue,
      last_at (queue, bytes_between, queue->oldest, newest, bytes), newest);
}

/**
 * gst_socket_queue_count_for_time: (skip)
 * @queue: a queue
 * @newest: number of the unit to count back from, inclusive
 * @time: duration in ns
 *
 * Timestamps count by their running maximum, so that the reordering of an
 * encoder does not matter; units without one are passed over.
 *
 * Returns: the least number of units, counted back from @newest, of which the
 *     last is at least @time older; one more than are queued when there is none
 */
guint
gst_socket_queue_count_for_time (
    const GstSocketQueue *queue, guint64 newest, GstClockTime time)
{
  guint64 low = MAX (queue->oldest, queue->first_timed);

  guint64 seq = last_at (queue, time_between, low, newest, time);

  while (seq > low
      && !GST_CLOCK_TIME_IS_VALID (
          gst_socket_ring_get (queue->ring, seq)->time))
    seq--;
  return depth_of (queue, seq, newest);
}

/* Index of the first stored keyframe with a number of at least seq. */
static guint
key_index (const GstSocketQueue *queue, guint64 seq)
{
  guint low = 0;
  guint high = gst_queue_array_get_length (queue->keys);

  while (low < high) {
    guint mid = low + (high - low) / 2;
    const guint64 *key = gst_queue_array_peek_nth_struct (queue->keys, mid);

    if (*key < seq)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

/**
 * gst_socket_queue_key_before: (skip)
 * @queue: a queue
 * @seq: a number
 *
 * Returns: number of the newest queued keyframe that is not newer than @seq,
 *     or 0 when there is none
 */
guint64
gst_socket_queue_key_before (const GstSocketQueue *queue, guint64 seq)
{
  guint index = key_index (queue, MIN (seq, queue->next - 1) + 1);
  const guint64 *key;

  if (index == 0)
    return 0;
  key = gst_queue_array_peek_nth_struct (queue->keys, index - 1);
  return *key >= queue->oldest ? *key : 0;
}

/**
 * gst_socket_queue_key_after: (skip)
 * @queue: a queue
 * @seq: a number
 *
 * Returns: number of the oldest queued keyframe that is not older than @seq,
 *     or 0 when there is none
 */
guint64
gst_socket_queue_key_after (const GstSocketQueue *queue, guint64 seq)
{
  guint index = key_index (queue, MAX (seq, queue->oldest));

  if (index >= gst_queue_array_get_length (queue->keys))
    return 0;
  return *(guint64 *) gst_queue_array_peek_nth_struct (queue->keys, index);
}

/**
 * gst_socket_queue_ref_ring: (skip)
 * @queue: a queue
 *
 * Returns: (transfer full): the ring as it is now, for reading without the
 *     caller's lock what the caller has pinned
 */
GstSocketRing *
gst_socket_queue_ref_ring (const GstSocketQueue *queue)
{
  g_atomic_ref_count_inc (&queue->ring->ref_count);
  return queue->ring;
}
