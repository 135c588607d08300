/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketblob.c: bytes that many read while one may still be writing them
 *
 * Here: files and memory with a size that grows, and an end.
 * Not here: sending (gstsocketsender.c), names.
 *
 * Threads   any: all of it
 * Locks     lock guards size, state and blocks; not held while a file is read
 *           or written, or the function is called
 *
 *   state      | may become
 *   -----------+-----------------------------------------------------
 *   GROWING    | COMPLETE, FAILED
 *   COMPLETE   | FAILED: its memory is needed (tear)
 *   FAILED     |
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketblob.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Memory comes in blocks of this size, so that many small writes cost little
 * more than few large ones. */
#define BLOCK_SIZE (64 * 1024)

/* But the first one begins with this. */
#define FIRST_SIZE 1024

struct _GstSocketBlob
{
  gatomicrefcount ref_count;

  /* immutable once it is shared */
  gint fd; /* -1: in memory */
  GstSocketBlobFunc func;
  gpointer user_data;
  GDestroyNotify notify;

  GMutex lock;
  guint64 size;
  GstSocketBlobState state;
  GPtrArray *blocks; /* of BLOCK_SIZE; what is below size is not changed */
};

static GstSocketBlob *
new_blob (gint fd, guint64 size, GstSocketBlobState state)
{
  GstSocketBlob *self = g_new0 (GstSocketBlob, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->fd = fd;
  self->size = size;
  self->state = state;
  return self;
}

/**
 * gst_socket_blob_new_for_fd: (skip)
 * @fd: an open file, which the blob closes
 * @size: how much of it there is
 * @state: whether more comes
 *
 * Returns: (transfer full): a blob of a file
 */
GstSocketBlob *
gst_socket_blob_new_for_fd (gint fd, guint64 size, GstSocketBlobState state)
{
  return new_blob (fd, size, state);
}

/**
 * gst_socket_blob_new_in_memory: (skip)
 *
 * Returns: (transfer full): an empty blob that grows
 */
GstSocketBlob *
gst_socket_blob_new_in_memory (void)
{
  GstSocketBlob *self = new_blob (-1, 0, GST_SOCKET_BLOB_GROWING);

  self->blocks = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/**
 * gst_socket_blob_ref: (skip)
 * @blob: a blob
 *
 * Returns: (transfer full): @blob
 */
GstSocketBlob *
gst_socket_blob_ref (GstSocketBlob *blob)
{
  g_atomic_ref_count_inc (&blob->ref_count);
  return blob;
}

/**
 * gst_socket_blob_unref: (skip)
 * @blob: (nullable): a blob
 *
 * Gives a reference back.
 */
void
gst_socket_blob_unref (GstSocketBlob *blob)
{
  if (blob == NULL || !g_atomic_ref_count_dec (&blob->ref_count))
    return;
  if (blob->fd >= 0)
    close (blob->fd);
  if (blob->notify != NULL)
    blob->notify (blob->user_data);
  g_clear_pointer (&blob->blocks, g_ptr_array_unref);
  g_mutex_clear (&blob->lock);
  g_free (blob);
}

/**
 * gst_socket_blob_is_shared: (skip)
 * @blob: a blob
 *
 * Returns: whether anybody but the caller holds a reference
 */
gboolean
gst_socket_blob_is_shared (GstSocketBlob *blob)
{
  return !g_atomic_ref_count_compare (&blob->ref_count, 1);
}

/**
 * gst_socket_blob_set_func: (skip)
 * @blob: a blob that nobody else has yet
 * @func: what to call when it grows or ends
 * @user_data: for @func
 * @notify: (nullable): frees @user_data
 *
 * Sets who hears of it.
 */
void
gst_socket_blob_set_func (GstSocketBlob *blob, GstSocketBlobFunc func,
    gpointer user_data, GDestroyNotify notify)
{
  blob->func = func;
  blob->user_data = user_data;
  blob->notify = notify;
}

static void
tell (GstSocketBlob *self)
{
  if (self->func != NULL)
    self->func (self->user_data);
}

/* --- reading --- */

/**
 * gst_socket_blob_look: (skip)
 * @blob: a blob
 * @ret_size: (out): bytes that are there
 *
 * Returns: whether more comes
 */
GstSocketBlobState
gst_socket_blob_look (GstSocketBlob *blob, guint64 *ret_size)
{
  GstSocketBlobState state;

  g_mutex_lock (&blob->lock);
  *ret_size = blob->size;
  state = blob->state;
  g_mutex_unlock (&blob->lock);
  return state;
}

/**
 * gst_socket_blob_get_fd: (skip)
 * @blob: a blob
 *
 * Returns: its file, or -1
 */
gint
gst_socket_blob_get_fd (GstSocketBlob *blob)
{
  return blob->fd;
}

static gssize
read_memory (GstSocketBlob *self, guint64 offset, guint8 *data, gsize size)
{
  gsize done = 0;

  g_mutex_lock (&self->lock);
  if (self->blocks == NULL || self->state == GST_SOCKET_BLOB_FAILED) {
    g_mutex_unlock (&self->lock);
    return -EIO;
  }
  size = offset < self->size ? MIN (size, self->size - offset) : 0;
  while (done < size) {
    const guint8 *block =
        g_ptr_array_index (self->blocks, (offset + done) / BLOCK_SIZE);
    gsize start = (offset + done) % BLOCK_SIZE;
    gsize n = MIN (size - done, BLOCK_SIZE - start);

    memcpy (data + done, block + start, n);
    done += n;
  }
  g_mutex_unlock (&self->lock);
  return done;
}

/**
 * gst_socket_blob_read: (skip)
 * @blob: a blob
 * @offset: where to begin
 * @data: (out): where to put it
 * @size: how much
 *
 * Reads what is there.
 *
 * Returns: how many bytes, 0 where there is nothing, or a negative errno
 */
gssize
gst_socket_blob_read (
    GstSocketBlob *blob, guint64 offset, gpointer data, gsize size)
{
  gssize n;

  if (blob->fd < 0)
    return read_memory (blob, offset, data, size);
  do {
    n = pread (blob->fd, data, size, offset);
  } while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

/* --- writing --- */

/* Returns 0 or an errno. Nobody else writes, so that the end stays there. */
static gint
write_file (GstSocketBlob *self, const guint8 *data, gsize size)
{
  guint64 end;

  gst_socket_blob_look (self, &end);
  while (size > 0) {
    gssize n = pwrite (self->fd, data, size, end);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return n < 0 ? errno : ENOSPC;
    data += n;
    size -= n;
    end += n;
  }
  return 0;
}

/* What is left of the last block behind so many bytes, if they do not fill it:
 * the first one is as large as the next power of two. */
static gsize
room_of (guint64 size)
{
  gsize whole = FIRST_SIZE;

  if (size >= BLOCK_SIZE)
    return BLOCK_SIZE - size % BLOCK_SIZE;
  while (whole < size)
    whole *= 2;
  return whole - size;
}

/* Makes room for at least a byte. The first block begins small and doubles:
 * there are many small blobs, and moving a few bytes now and then costs less
 * than the holes that large blocks leave when they are cut. Returns how much
 * room there is. */
static gsize
make_room_locked (GstSocketBlob *self, guint64 size)
{
  gsize used = size % BLOCK_SIZE;
  gpointer *first;

  if (used == 0) {
    g_ptr_array_add (
        self->blocks, g_malloc (size > 0 ? BLOCK_SIZE : FIRST_SIZE));
    return size > 0 ? BLOCK_SIZE : FIRST_SIZE;
  }
  if (size >= BLOCK_SIZE || size < FIRST_SIZE || (size & (size - 1)) != 0)
    return room_of (size);
  first = &g_ptr_array_index (self->blocks, 0);
  *first = g_realloc (*first, 2 * size);
  return size;
}

static void
copy_in_locked (GstSocketBlob *self, const guint8 *data, gsize size)
{
  gsize done = 0;

  while (done < size) {
    guint64 end = self->size + done;
    gsize room = make_room_locked (self, end);
    gsize n = MIN (size - done, room);
    guint8 *block = g_ptr_array_index (self->blocks, self->blocks->len - 1);

    memcpy (block + end % BLOCK_SIZE, data + done, n);
    done += n;
  }
}

/**
 * gst_socket_blob_append: (skip)
 * @blob: a blob that grows
 * @data: bytes
 * @size: how many
 * @error: of #GIOErrorEnum; %G_IO_ERROR_CLOSED when it does not grow any more
 *
 * Adds bytes at its end. One thread at a time.
 *
 * Returns: whether they were added
 */
gboolean
gst_socket_blob_append (
    GstSocketBlob *blob, gconstpointer data, gsize size, GError **error)
{
  gint number = blob->fd >= 0 ? write_file (blob, data, size) : 0;

  if (number != 0) {
    g_set_error_literal (
        error, G_IO_ERROR, g_io_error_from_errno (number), g_strerror (number));
    return FALSE;
  }
  g_mutex_lock (&blob->lock);
  if (blob->state != GST_SOCKET_BLOB_GROWING) {
    g_mutex_unlock (&blob->lock);
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_CLOSED, "It does not grow any more");
    return FALSE;
  }
  if (blob->fd < 0)
    copy_in_locked (blob, data, size);
  blob->size += size;
  g_mutex_unlock (&blob->lock);
  tell (blob);
  return TRUE;
}

/**
 * gst_socket_blob_set_size: (skip)
 * @blob: a blob of a file that somebody else writes
 * @size: how much of it there is now
 *
 * Says that it has grown, or become smaller.
 */
void
gst_socket_blob_set_size (GstSocketBlob *blob, guint64 size)
{
  gboolean changed;

  g_mutex_lock (&blob->lock);
  changed = blob->state == GST_SOCKET_BLOB_GROWING && blob->size != size;
  if (changed)
    blob->size = size;
  g_mutex_unlock (&blob->lock);
  if (changed)
    tell (blob);
}

/* Nothing is added to the last block any more: gives back what is left of it.
 * Of many small blobs that would be the most. */
static void
trim_locked (GstSocketBlob *self)
{
  gsize used = self->size % BLOCK_SIZE;
  gpointer *last;

  if (self->blocks == NULL || used == 0)
    return;
  last = &g_ptr_array_index (self->blocks, self->blocks->len - 1);
  *last = g_realloc (*last, used);
}

/**
 * gst_socket_blob_end: (skip)
 * @blob: a blob
 * @state: how it ends
 *
 * Ends it, unless it has ended.
 */
void
gst_socket_blob_end (GstSocketBlob *blob, GstSocketBlobState state)
{
  gboolean changed;

  g_mutex_lock (&blob->lock);
  changed = blob->state == GST_SOCKET_BLOB_GROWING;
  if (changed) {
    blob->state = state;
    trim_locked (blob);
  }
  g_mutex_unlock (&blob->lock);
  if (changed)
    tell (blob);
}

/**
 * gst_socket_blob_tear: (skip)
 * @blob: a blob in memory
 *
 * Frees its memory, also from under those who are reading it: they get an
 * error.
 */
void
gst_socket_blob_tear (GstSocketBlob *blob)
{
  g_mutex_lock (&blob->lock);
  blob->state = GST_SOCKET_BLOB_FAILED;
  if (blob->blocks != NULL)
    g_ptr_array_set_size (blob->blocks, 0);
  g_mutex_unlock (&blob->lock);
  tell (blob);
}
