/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketsending.c: one thing that is being sent
 *
 * Here: pieces, chunks, sendfile, TLS.
 * Not here: waiting (gstsocketsender.c).
 *
 * Threads   sender: all of it
 * Locks     none
 *
 * A large part of a file goes out by sendfile, without being copied. All else
 * (texts, small parts, what lies in memory, what is encrypted) is gathered in
 * a buffer first: one call to send it, and the very same bytes again where TLS
 * wants that after it was blocked.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketsending-private.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

/* Gathered at a time. */
#define BUFFER_SIZE (64 * 1024)

/* For one socket before it is the next one's turn. */
#define TURN_SIZE (2 * 1024 * 1024)

/* In one chunk. */
#define CHUNK_MAX (16 * 1024 * 1024)

struct _GstSocketJob
{
  GstSocketSending sending;
  guint index;         /* of the piece */
  guint64 position;    /* in it */
  guint64 region_left; /* of a part that goes out by sendfile */
  gboolean ends_chunk; /* once that is out */
  GByteArray *buffer;
  gsize flushed; /* bytes of it that are out */
};

/* Internal, besides those of a sending: go on. */
#define GO_ON ((GstSocketSendingState) -1)

GstSocketJob *
gst_socket_job_new (const GstSocketSending *sending)
{
  GstSocketJob *self = g_new0 (GstSocketJob, 1);

  self->sending = *sending;
  self->sending.sent = 0;
  self->buffer = g_byte_array_new ();
  return self;
}

void
gst_socket_job_free (GstSocketJob *self)
{
  if (self->sending.socket != NULL)
    g_socket_close (self->sending.socket, NULL);
  g_clear_object (&self->sending.tls);
  g_clear_object (&self->sending.socket);
  g_clear_pointer (&self->sending.pieces, g_ptr_array_unref);
  g_byte_array_unref (self->buffer);
  g_free (self);
}

GstSocketSending *
gst_socket_job_get_sending (GstSocketJob *self)
{
  return &self->sending;
}

static const GstSocketPiece *
piece_of (const GstSocketJob *self)
{
  if (self->index >= self->sending.pieces->len)
    return NULL;
  return g_ptr_array_index (self->sending.pieces, self->index);
}

/* --- out of the buffer --- */

/* Whether more follows at once, so that a small packet is not worth it. */
static gboolean
is_more_ready (const GstSocketJob *self)
{
  const GstSocketPiece *piece = piece_of (self);
  guint64 size;

  if (self->region_left > 0)
    return TRUE;
  if (piece == NULL)
    return FALSE;
  return piece->bytes != NULL
      || (gst_socket_blob_look (piece->blob, &size) == GST_SOCKET_BLOB_COMPLETE
          && self->position < size);
}

static gssize
send_plain (GstSocketJob *self, const guint8 *data, gsize size)
{
  gint flags = MSG_NOSIGNAL | (is_more_ready (self) ? MSG_MORE : 0);
  gssize n = send (g_socket_get_fd (self->sending.socket), data, size, flags);

  return n < 0 ? -errno : n;
}

static gssize
send_tls (GstSocketJob *self, const guint8 *data, gsize size)
{
  GPollableOutputStream *out = G_POLLABLE_OUTPUT_STREAM (
      g_io_stream_get_output_stream (self->sending.tls));
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_output_stream_write_nonblocking (
      out, data, size, NULL, &error);

  if (n >= 0)
    return n;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? -EAGAIN
                                                                     : -EPIPE;
}

static GstSocketSendingState
state_of_error (gssize n)
{
  if (n == -EINTR)
    return GO_ON;
  return n == -EAGAIN || n == -EWOULDBLOCK ? GST_SOCKET_SENDING_BLOCKED
                                           : GST_SOCKET_SENDING_FAILED;
}

static GstSocketSendingState
flush (GstSocketJob *self)
{
  const guint8 *data = self->buffer->data + self->flushed;
  gsize size = self->buffer->len - self->flushed;
  gssize n = self->sending.tls != NULL ? send_tls (self, data, size)
                                       : send_plain (self, data, size);

  if (n < 0)
    return state_of_error (n);
  self->flushed += n;
  self->sending.sent += n;
  if (self->flushed == self->buffer->len) {
    g_byte_array_set_size (self->buffer, 0);
    self->flushed = 0;
  }
  return GO_ON;
}

static GstSocketSendingState
send_region (GstSocketJob *self)
{
  const GstSocketPiece *piece = piece_of (self);
  off_t offset = piece->offset + self->position;
  gsize wanted = MIN (self->region_left, TURN_SIZE);
  gssize n = sendfile (g_socket_get_fd (self->sending.socket),
      gst_socket_blob_get_fd (piece->blob), &offset, wanted);

  if (n < 0)
    return state_of_error (-errno);
  /* The file has become smaller than it was said to be. */
  if (n == 0)
    return GST_SOCKET_SENDING_FAILED;
  self->sending.sent += n;
  self->position += n;
  self->region_left -= n;
  if (self->region_left == 0 && self->ends_chunk) {
    g_byte_array_append (self->buffer, (const guint8 *) "\r\n", 2);
    self->ends_chunk = FALSE;
  }
  /* There is no room for more: a further call would only say so. */
  return (gsize) n < wanted ? GST_SOCKET_SENDING_BLOCKED : GO_ON;
}

/* --- into the buffer --- */

static void
next_piece (GstSocketJob *self)
{
  self->index++;
  self->position = 0;
}

static void
gather_bytes (GstSocketJob *self, const GstSocketPiece *piece)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (piece->bytes, &size);
  gsize n = MIN (size - self->position, BUFFER_SIZE);

  g_byte_array_append (self->buffer, data + self->position, n);
  self->position += n;
  if (self->position == size)
    next_piece (self);
}

static void
append_chunk_size (GstSocketJob *self, guint64 size)
{
  gchar text[32];
  gint n = g_snprintf (text, sizeof text, "%" G_GINT64_MODIFIER "x\r\n", size);

  g_byte_array_append (self->buffer, (const guint8 *) text, n);
}

/* Reads a part of a blob; what was there a moment ago may be gone now. */
static GstSocketSendingState
gather_blob (GstSocketJob *self, const GstSocketPiece *piece, gsize size)
{
  guint start;
  gssize n;

  if (piece->chunked)
    append_chunk_size (self, size);
  start = self->buffer->len;
  g_byte_array_set_size (self->buffer, start + size);
  n = gst_socket_blob_read (piece->blob, piece->offset + self->position,
      self->buffer->data + start, size);
  if (n != (gssize) size)
    return GST_SOCKET_SENDING_FAILED;
  if (piece->chunked)
    g_byte_array_append (self->buffer, (const guint8 *) "\r\n", 2);
  self->position += size;
  return GO_ON;
}

static void
begin_region (GstSocketJob *self, const GstSocketPiece *piece, guint64 size)
{
  if (piece->chunked) {
    size = MIN (size, CHUNK_MAX);
    append_chunk_size (self, size);
    self->ends_chunk = TRUE;
  }
  self->region_left = size;
}

static GstSocketSendingState
end_blob (GstSocketJob *self, const GstSocketPiece *piece)
{
  if (piece->chunked)
    g_byte_array_append (self->buffer, (const guint8 *) "0\r\n\r\n", 5);
  next_piece (self);
  return GO_ON;
}

/* What to do when a blob has no more bytes for its piece. */
static GstSocketSendingState
at_edge (
    GstSocketJob *self, const GstSocketPiece *piece, GstSocketBlobState state)
{
  if (state == GST_SOCKET_BLOB_GROWING)
    return GST_SOCKET_SENDING_WAITING;
  if (state == GST_SOCKET_BLOB_COMPLETE
      && piece->size == GST_SOCKET_PIECE_TO_END)
    return end_blob (self, piece);
  return GST_SOCKET_SENDING_FAILED;
}

static GstSocketSendingState
continue_blob (GstSocketJob *self, const GstSocketPiece *piece)
{
  guint64 size, available, start = piece->offset + self->position;
  GstSocketBlobState state = gst_socket_blob_look (piece->blob, &size);
  gboolean by_file =
      self->sending.tls == NULL && gst_socket_blob_get_fd (piece->blob) >= 0;

  if (self->position == piece->size)
    return end_blob (self, piece);
  if (state == GST_SOCKET_BLOB_FAILED)
    return GST_SOCKET_SENDING_FAILED;
  available = size > start ? size - start : 0;
  available = MIN (available, piece->size - self->position);
  if (available == 0)
    return at_edge (self, piece, state);
  if (!by_file || available <= BUFFER_SIZE)
    return gather_blob (self, piece, MIN (available, BUFFER_SIZE));
  begin_region (self, piece, available);
  return GO_ON;
}

static GstSocketSendingState
step (GstSocketJob *self)
{
  const GstSocketPiece *piece = piece_of (self);

  if (self->buffer->len > 0)
    return flush (self);
  if (self->region_left > 0)
    return send_region (self);
  if (piece == NULL)
    return GST_SOCKET_SENDING_DONE;
  if (piece->blob != NULL)
    return continue_blob (self, piece);
  gather_bytes (self, piece);
  return GO_ON;
}

/* Sends what there is and has room, but not for ever. */
GstSocketSendingState
gst_socket_job_run (GstSocketJob *self)
{
  guint64 start = self->sending.sent;
  GstSocketSendingState state = GO_ON;

  while (state == GO_ON) {
    state = step (self);
    if (state == GO_ON && self->sending.sent - start >= TURN_SIZE
        && piece_of (self) != NULL)
      return GST_SOCKET_SENDING_BLOCKED;
  }
  return state;
}
