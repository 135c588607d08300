/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpacketwriter.c: from buffers into datagrams
 *
 * Here: one datagram a buffer or several, many to a system call, waiting where
 * needed, until cancelled.
 * Not here: streams (gstsocketwriter.c), one call (gstsocketbatchsend.c).
 *
 * Memories go to the kernel as they are. What is gathered for one call stays
 * mapped until it is sent.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketpacketwriter.h"

#include "gstsocketbatch.h"

/* What is gathered for one call. */
#define MAX_PACKETS 128
#define MAX_PIECES 256

struct _GstSocketPacketWriter
{
  GstSocketSendBatch *batch;
  GstSocketWait *wait;
  gsize packet_size;

  /* of one call of send */
  GSocket *socket;
  guint64 sent;
  guint n_packets;
  guint n_pieces;
  GstSocketPacket packets[MAX_PACKETS];
  gsize sizes[MAX_PACKETS];
  GOutputVector vectors[MAX_PIECES];
  GstMapInfo maps[MAX_PIECES];
};

/**
 * gst_socket_packet_writer_new: (skip)
 * @wait: what to wait with; outlives the writer
 * @packet_size: most bytes of a datagram; larger buffers become several. 0 for
 *     one datagram a buffer, whatever its size
 * @gso: whether datagrams of one size may leave as a train; for UDP alone, as
 *     a UNIX socket would make one datagram of it
 *
 * Returns: (transfer full): a writer, for one thread at a time
 */
GstSocketPacketWriter *
gst_socket_packet_writer_new (
    GstSocketWait *wait, gsize packet_size, gboolean gso)
{
  GstSocketPacketWriter *writer = g_new0 (GstSocketPacketWriter, 1);

  writer->batch = gst_socket_send_batch_new (gso);
  writer->wait = wait;
  writer->packet_size = packet_size;
  return writer;
}

/**
 * gst_socket_packet_writer_free: (skip)
 * @writer: (nullable) (transfer full): what to free
 */
void
gst_socket_packet_writer_free (GstSocketPacketWriter *writer)
{
  if (writer == NULL)
    return;
  gst_socket_send_batch_free (writer->batch);
  g_free (writer);
}

/**
 * gst_socket_packet_writer_get_refused: (skip)
 * @writer: a writer
 *
 * Returns: how often the system said that an earlier datagram was refused,
 *     while it took the next one
 */
guint64
gst_socket_packet_writer_get_refused (GstSocketPacketWriter *writer)
{
  return gst_socket_send_batch_get_refused (writer->batch);
}

static void
forget (GstSocketPacketWriter *writer)
{
  for (guint i = 0; i < writer->n_pieces; i++) {
    GstMemory *memory = writer->maps[i].memory;

    gst_memory_unmap (memory, &writer->maps[i]);
    gst_memory_unref (memory);
  }
  writer->n_pieces = 0;
  writer->n_packets = 0;
}

/* Sends from packet number first on; returns how many, 0 to try again, -1 on
 * an error. */
static gint
send_some (GstSocketPacketWriter *writer, guint first, GError **error)
{
  gint fd = g_socket_get_fd (writer->socket);
  g_autoptr (GError) failure = NULL;
  gint n = gst_socket_send_batch_send (writer->batch, fd,
      &writer->packets[first], writer->n_packets - first, &failure);

  if (n >= 0)
    return n;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return gst_socket_wait_for (writer->wait, fd, G_IO_OUT, -1, error) ? 0 : -1;
  g_propagate_error (error, g_steal_pointer (&failure));
  return -1;
}

static gboolean
flush (GstSocketPacketWriter *writer, GError **error)
{
  guint done = 0;

  while (done < writer->n_packets) {
    gint n = send_some (writer, done, error);

    if (n < 0)
      return FALSE;
    for (gint i = 0; i < n; i++)
      writer->sent += writer->sizes[done + i];
    done += n;
  }
  forget (writer);
  return TRUE;
}

/* A piece is what a packet has in one memory of the buffer. */
static gboolean
add_piece (GstSocketPacketWriter *writer, GstMemory *memory, gsize skip,
    gsize *left, GError **error)
{
  GstMapInfo *map = &writer->maps[writer->n_pieces];
  GOutputVector *vector = &writer->vectors[writer->n_pieces];

  if (!gst_memory_map (memory, map, GST_MAP_READ)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
        "memory of a buffer cannot be read");
    return FALSE;
  }
  gst_memory_ref (memory);
  vector->buffer = map->data + skip;
  vector->size = MIN (map->size - skip, *left);
  *left -= vector->size;
  writer->n_pieces++;
  return TRUE;
}

/* There is room for it: of more memories than there are pieces one is made. */
static gboolean
add_packet (GstSocketPacketWriter *writer, GstBuffer *buffer, gsize offset,
    gsize size, GError **error)
{
  GstSocketPacket *packet = &writer->packets[writer->n_packets];
  guint first_piece = writer->n_pieces;
  guint memory = 0, n_memories = 0;
  gsize skip = 0, left = size;

  if (size > 0
      && !gst_buffer_find_memory (
          buffer, offset, size, &memory, &n_memories, &skip))
    n_memories = 0;
  for (guint i = 0; i < n_memories; i++) {
    if (!add_piece (writer, gst_buffer_peek_memory (buffer, memory + i),
            i == 0 ? skip : 0, &left, error))
      return FALSE;
  }
  packet->vectors = &writer->vectors[first_piece];
  packet->n_vectors = writer->n_pieces - first_piece;
  writer->sizes[writer->n_packets++] = size;
  return TRUE;
}

static gboolean
has_room (const GstSocketPacketWriter *writer, guint n_pieces)
{
  return writer->n_packets < MAX_PACKETS
      && writer->n_pieces + n_pieces <= MAX_PIECES;
}

static gboolean
add_buffer (GstSocketPacketWriter *writer, GstBuffer *buffer, GError **error)
{
  gsize size = gst_buffer_get_size (buffer);
  guint n_memories = gst_buffer_n_memory (buffer);
  gsize offset = 0;

  do {
    gsize part = size - offset;

    if (writer->packet_size > 0)
      part = MIN (part, writer->packet_size);
    if (!has_room (writer, n_memories) && !flush (writer, error))
      return FALSE;
    if (!add_packet (writer, buffer, offset, part, error))
      return FALSE;
    offset += part;
  } while (offset < size);
  return TRUE;
}

/* Returns a buffer of few enough memories: the same, or one of a single. */
static GstBuffer *
simplify (GstBuffer *buffer)
{
  GstBuffer *merged;

  if (gst_buffer_n_memory (buffer) <= MAX_PIECES)
    return gst_buffer_ref (buffer);
  merged = gst_buffer_new ();
  gst_buffer_append_memory (merged, gst_buffer_get_all_memory (buffer));
  return merged;
}

/**
 * gst_socket_packet_writer_send: (skip)
 * @writer: a writer
 * @socket: a connected datagram socket
 * @buffers: (array length=n_buffers): what to send, in order
 * @n_buffers: how many
 * @ret_sent: (out): bytes that the system took, set also on error
 * @error: where to say what went wrong
 *
 * Sends all of @buffers, an empty one as an empty datagram.
 *
 * Fails with #G_IO_ERROR_CANCELLED, #G_IO_ERROR_MESSAGE_TOO_LARGE,
 * #G_IO_ERROR_CONNECTION_REFUSED and others.
 *
 * Returns: %TRUE if everything was sent
 */
gboolean
gst_socket_packet_writer_send (GstSocketPacketWriter *writer, GSocket *socket,
    GstBuffer *const *buffers, guint n_buffers, guint64 *ret_sent,
    GError **error)
{
  gboolean ok = TRUE;

  writer->socket = socket;
  writer->sent = 0;
  for (guint i = 0; ok && i < n_buffers; i++) {
    g_autoptr (GstBuffer) buffer = simplify (buffers[i]);

    ok = add_buffer (writer, buffer, error);
  }
  ok = ok && flush (writer, error);
  forget (writer);
  *ret_sent = writer->sent;
  return ok;
}
