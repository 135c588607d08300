/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketreader.c: from a socket into buffers
 *
 * Here: receiving into pooled memory, with ancillary data.
 * Not here: batches of datagrams, opening and closing.
 *
 * Threads   one reads; any may release the buffers
 * Locks, in taking order    guards
 *   1. Pool.lock            the slabs that nobody uses
 *
 * Every receive call is offered as much room as a buffer may hold, so that no
 * call is needed to ask how much there is. What is filled becomes a buffer, the
 * rest of the slab is offered next time: a queue full of small buffers costs
 * little more than their bytes. A slab whose buffers are all gone is used
 * again, still warm in the cache, and with its pages in place.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketreader.h"

#include <gst/net/gstnetcontrolmessagemeta.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Room for so many of the largest buffers; at most one goes unused. */
#define BUFFERS_PER_SLAB 4

/* Slabs kept for later use, by all of one reader. */
#define MAX_FREE_SLABS 8

/* Buffers begin where no other thread's cache line is shared. */
#define ALIGNMENT 64

/* As much ancillary data as one message may bring; the rest is cut off by
 * the kernel, which also closes the descriptors in it. */
#define CONTROL_SIZE 4096

typedef struct
{
  gatomicrefcount refs;
  GMutex lock;
  GPtrArray *unused;
  gsize slab_size;
} Pool;

typedef struct
{
  gatomicrefcount refs;
  Pool *pool;
  guint8 *data;
} Slab;

struct _GstSocketReader
{
  Pool *pool;
  Slab *slab;
  gsize used;
  gsize max_size;
  gboolean expects_more;
  guint64 truncated;
};

static void
slab_destroy (gpointer data)
{
  Slab *slab = data;

  g_aligned_free (slab->data);
  g_free (slab);
}

static Pool *
pool_new (gsize slab_size)
{
  Pool *pool = g_new0 (Pool, 1);

  g_atomic_ref_count_init (&pool->refs);
  g_mutex_init (&pool->lock);
  pool->unused = g_ptr_array_new_with_free_func (slab_destroy);
  pool->slab_size = slab_size;
  return pool;
}

static void
pool_unref (Pool *pool)
{
  if (!g_atomic_ref_count_dec (&pool->refs))
    return;
  g_ptr_array_unref (pool->unused);
  g_mutex_clear (&pool->lock);
  g_free (pool);
}

static Slab *
pool_take (Pool *pool)
{
  Slab *slab = NULL;

  g_mutex_lock (&pool->lock);
  if (pool->unused->len > 0)
    slab = g_ptr_array_steal_index_fast (pool->unused, pool->unused->len - 1);
  g_mutex_unlock (&pool->lock);
  if (slab == NULL) {
    slab = g_new0 (Slab, 1);
    slab->data = g_aligned_alloc (1, pool->slab_size, ALIGNMENT);
  }
  g_atomic_ref_count_init (&slab->refs);
  g_atomic_ref_count_inc (&pool->refs);
  slab->pool = pool;
  return slab;
}

static void
slab_unref (gpointer data)
{
  Slab *slab = data;
  Pool *pool = slab->pool;

  if (!g_atomic_ref_count_dec (&slab->refs))
    return;
  g_mutex_lock (&pool->lock);
  if (pool->unused->len < MAX_FREE_SLABS) {
    g_ptr_array_add (pool->unused, slab);
    slab = NULL;
  }
  g_mutex_unlock (&pool->lock);
  if (slab != NULL)
    slab_destroy (slab);
  pool_unref (pool);
}

/**
 * gst_socket_reader_new: (skip)
 * @max_size: most bytes in one buffer, 0 for
 *     %GST_SOCKET_READER_DEFAULT_SIZE
 *
 * Returns: (transfer full): a reader; buffers outlive it
 */
GstSocketReader *
gst_socket_reader_new (gsize max_size)
{
  GstSocketReader *reader = g_new0 (GstSocketReader, 1);

  if (max_size == 0)
    max_size = GST_SOCKET_READER_DEFAULT_SIZE;
  reader->max_size = MIN (max_size, GST_SOCKET_READER_MAX_SIZE);
  reader->pool = pool_new (
      GST_ROUND_UP_N (reader->max_size, ALIGNMENT) * BUFFERS_PER_SLAB);
  return reader;
}

/**
 * gst_socket_reader_free: (skip)
 * @reader: (nullable) (transfer full): what to free
 */
void
gst_socket_reader_free (GstSocketReader *reader)
{
  if (reader == NULL)
    return;
  g_clear_pointer (&reader->slab, slab_unref);
  pool_unref (reader->pool);
  g_free (reader);
}

/**
 * gst_socket_reader_get_truncated: (skip)
 * @reader: a reader
 *
 * Returns: messages so far that were longer than a buffer may be, and lost
 *     their end
 */
guint64
gst_socket_reader_get_truncated (const GstSocketReader *reader)
{
  return reader->truncated;
}

static void
make_room (GstSocketReader *reader)
{
  if (reader->slab != NULL
      && reader->pool->slab_size - reader->used >= reader->max_size)
    return;
  g_clear_pointer (&reader->slab, slab_unref);
  reader->slab = pool_take (reader->pool);
  reader->used = 0;
}

static GstBuffer *
take_buffer (GstSocketReader *reader, gsize size)
{
  Slab *slab = reader->slab;
  guint8 *data = slab->data + reader->used;

  if (size == 0)
    return gst_buffer_new ();
  g_atomic_ref_count_inc (&slab->refs);
  reader->used += GST_ROUND_UP_N (size, ALIGNMENT);
  return gst_buffer_new_wrapped_full (0, data, size, 0, size, slab, slab_unref);
}

static void
attach_control_messages (GstBuffer *buffer, struct msghdr *message)
{
  for (struct cmsghdr *c = CMSG_FIRSTHDR (message); c != NULL;
       c = CMSG_NXTHDR (message, c)) {
    g_autoptr (GSocketControlMessage) control =
        g_socket_control_message_deserialize (c->cmsg_level, c->cmsg_type,
            c->cmsg_len - CMSG_LEN (0), CMSG_DATA (c));

    if (control != NULL)
      gst_buffer_add_net_control_message_meta (buffer, control);
  }
}

/* Returns what recvmsg () does; the bytes are at the slab's free end. */
static gssize
receive (GstSocketReader *reader, int fd, struct msghdr *message)
{
  gssize n;

  message->msg_iov->iov_base = reader->slab->data + reader->used;
  message->msg_iov->iov_len = reader->max_size;
  do {
    message->msg_controllen = CONTROL_SIZE;
    n = recvmsg (fd, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  return n;
}

static GstSocketReadResult
finish (GstSocketReader *reader, GSocket *socket, struct msghdr *message,
    gsize size, GstBuffer **ret_buffer)
{
  GstBuffer *buffer;

  if (size == 0 && g_socket_get_socket_type (socket) != G_SOCKET_TYPE_DATAGRAM)
    return GST_SOCKET_READ_END;
  reader->expects_more = size == reader->max_size;
  if (message->msg_flags & MSG_TRUNC)
    reader->truncated++;
  buffer = take_buffer (reader, size);
  attach_control_messages (buffer, message);
  *ret_buffer = buffer;
  return GST_SOCKET_READ_DATA;
}

/**
 * gst_socket_reader_read: (skip)
 * @reader: a reader
 * @socket: what to read from
 * @wait: what to wait with
 * @timeout_us: longest wait in µs, -1 for ever
 * @ret_buffer: (out): what was read, one message of a datagram or seqpacket
 *     socket
 * @error: where to say what went wrong
 *
 * Reads what is there, and waits for it first if there is nothing. Ancillary
 * data becomes #GstNetControlMessageMeta. The buffer is writable.
 *
 * Fails with #G_IO_ERROR_CANCELLED, #G_IO_ERROR_TIMED_OUT,
 * #G_IO_ERROR_CONNECTION_CLOSED for a reset, and others.
 *
 * Returns: see #GstSocketReadResult; @ret_buffer is only set for
 *     %GST_SOCKET_READ_DATA
 */
GstSocketReadResult
gst_socket_reader_read (GstSocketReader *reader, GSocket *socket,
    GstSocketWait *wait, gint64 timeout_us, GstBuffer **ret_buffer,
    GError **error)
{
  int fd = g_socket_get_fd (socket);
  union
  {
    struct cmsghdr align;
    guint8 bytes[CONTROL_SIZE];
  } control;
  struct iovec iov;
  struct msghdr message = {
      .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control};

  if (fd < 0) {
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the socket is closed");
    return GST_SOCKET_READ_ERROR;
  }
  make_room (reader);
  while (TRUE) {
    gssize n;

    /* A receive call that comes too early costs as much as a wait. After a
     * full buffer there is probably more, after any other there is not. */
    if (!reader->expects_more
        && !gst_socket_wait_for (wait, fd, G_IO_IN, timeout_us, error))
      return GST_SOCKET_READ_ERROR;
    n = receive (reader, fd, &message);
    if (n >= 0)
      return finish (reader, socket, &message, n, ret_buffer);
    reader->expects_more = FALSE;
    if (errno != EAGAIN) {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
          "error receiving data: %s", g_strerror (saved));
      return GST_SOCKET_READ_ERROR;
    }
  }
}
