/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwriter.c: from buffers into one socket
 *
 * Here: sending everything, waiting where needed, until cancelled.
 * Not here: many receivers (gstsocketengine.h), batches of datagrams.
 *
 * Memories go to the kernel as they are, many to a call and across buffers;
 * nothing is merged by copying.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketwriter.h"

#include <errno.h>
#include <sys/socket.h>

/* Pieces of memory to one call. */
#define BATCH_SIZE 64

typedef struct
{
  GSocket *socket;
  GstSocketWait *wait;
  guint64 sent;
  guint n;
  struct iovec iov[BATCH_SIZE];
  GstMapInfo maps[BATCH_SIZE];
} Batch;

static void
clear_batch (Batch *batch)
{
  for (guint i = 0; i < batch->n; i++) {
    GstMemory *memory = batch->maps[i].memory;

    gst_memory_unmap (memory, &batch->maps[i]);
  }
  batch->n = 0;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Batch, clear_batch)

/* Moves the start of iov on by n bytes; returns how many pieces are done. */
static guint
skip_bytes (struct iovec *iov, guint n_iov, gsize n)
{
  guint i = 0;

  while (i < n_iov && n >= iov[i].iov_len)
    n -= iov[i++].iov_len;
  if (i < n_iov) {
    iov[i].iov_base = (guint8 *) iov[i].iov_base + n;
    iov[i].iov_len -= n;
  }
  return i;
}

static gboolean
fail (int saved, GError **error)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
      "error sending data: %s", g_strerror (saved));
  return FALSE;
}

static gboolean
send_whole (Batch *batch, int flags, GError **error)
{
  int fd = g_socket_get_fd (batch->socket);
  struct msghdr message = {.msg_iov = batch->iov, .msg_iovlen = batch->n};

  while (TRUE) {
    gssize n = sendmsg (fd, &message, flags | MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n >= 0) {
      guint done = skip_bytes (message.msg_iov, message.msg_iovlen, n);

      batch->sent += n;
      message.msg_iov += done;
      message.msg_iovlen -= done;
      if (message.msg_iovlen == 0)
        return TRUE;
    } else if (errno == EAGAIN) {
      if (!gst_socket_wait_for (batch->wait, fd, G_IO_OUT, -1, error))
        return FALSE;
    } else if (errno != EINTR) {
      return fail (errno, error);
    }
  }
}

/* Sends what is gathered, and forgets it; nothing is an empty message. */
static gboolean
flush (Batch *batch, int flags, GError **error)
{
  gboolean ok = send_whole (batch, flags, error);

  clear_batch (batch);
  return ok;
}

static gboolean
add_memory (Batch *batch, GstMemory *memory, GError **error)
{
  GstMapInfo *map = &batch->maps[batch->n];

  if (!gst_memory_map (memory, map, GST_MAP_READ)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
        "memory of a buffer cannot be read");
    return FALSE;
  }
  batch->iov[batch->n].iov_base = map->data;
  batch->iov[batch->n].iov_len = map->size;
  batch->n++;
  return TRUE;
}

static gboolean
add_buffer (Batch *batch, GstBuffer *buffer, GError **error)
{
  guint n_memories = gst_buffer_n_memory (buffer);

  for (guint i = 0; i < n_memories; i++) {
    if (batch->n == BATCH_SIZE && !flush (batch, MSG_MORE, error))
      return FALSE;
    if (!add_memory (batch, gst_buffer_peek_memory (buffer, i), error))
      return FALSE;
  }
  return TRUE;
}

/* One message, in one call; only one of very many memories is copied. */
static gboolean
send_message (Batch *batch, GstBuffer *buffer, GError **error)
{
  g_autoptr (GstBuffer) merged = NULL;
  gboolean ok;

  if (gst_buffer_n_memory (buffer) > BATCH_SIZE) {
    merged = gst_buffer_new ();
    gst_buffer_append_memory (merged, gst_buffer_get_all_memory (buffer));
    buffer = merged;
  }
  ok = add_buffer (batch, buffer, error) && flush (batch, 0, error);
  clear_batch (batch);
  return ok;
}

static gboolean
send_stream (
    Batch *batch, GstBuffer *const *buffers, guint n_buffers, GError **error)
{
  for (guint i = 0; i < n_buffers; i++) {
    if (!add_buffer (batch, buffers[i], error))
      return FALSE;
  }
  return batch->n == 0 || flush (batch, 0, error);
}

static gboolean
send_messages (
    Batch *batch, GstBuffer *const *buffers, guint n_buffers, GError **error)
{
  for (guint i = 0; i < n_buffers; i++) {
    if (!send_message (batch, buffers[i], error))
      return FALSE;
  }
  return TRUE;
}

/**
 * gst_socket_send_buffers: (skip)
 * @socket: a connected socket
 * @buffers: (array length=n_buffers): what to send, in order
 * @n_buffers: how many
 * @wait: what to wait with
 * @ret_sent: (out) (optional): bytes that the system took, set also on error
 * @error: where to say what went wrong
 *
 * Sends all of @buffers; to a datagram or seqpacket socket, one message a
 * buffer. Waits while the peer is slow.
 *
 * Fails with #G_IO_ERROR_CANCELLED, #G_IO_ERROR_CONNECTION_CLOSED when the
 * peer is gone, and others.
 *
 * Returns: %TRUE if everything was sent
 */
gboolean
gst_socket_send_buffers (GSocket *socket, GstBuffer *const *buffers,
    guint n_buffers, GstSocketWait *wait, guint64 *ret_sent, GError **error)
{
  g_auto (Batch) batch;
  gboolean ok;

  batch.socket = socket;
  batch.wait = wait;
  batch.sent = 0;
  batch.n = 0;
  if (g_socket_get_socket_type (socket) == G_SOCKET_TYPE_STREAM)
    ok = send_stream (&batch, buffers, n_buffers, error);
  else
    ok = send_messages (&batch, buffers, n_buffers, error);
  if (ret_sent != NULL)
    *ret_sent = batch.sent;
  return ok;
}
