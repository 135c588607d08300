/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpieces.c: what to send to a socket, in pieces
 *
 * Here: bytes and parts of blobs, one after the other.
 * Not here: sending them (gstsocketsender.c).
 *
 * Threads   any, one at a time for one list
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketpieces.h"

static void
free_piece (gpointer data)
{
  GstSocketPiece *piece = data;

  g_clear_pointer (&piece->bytes, g_bytes_unref);
  gst_socket_blob_unref (piece->blob);
  g_free (piece);
}

/**
 * gst_socket_pieces_new: (skip)
 *
 * Returns: (transfer full) (element-type GstSocketPiece): an empty list
 */
GPtrArray *
gst_socket_pieces_new (void)
{
  return g_ptr_array_new_with_free_func (free_piece);
}

/**
 * gst_socket_pieces_add_bytes: (skip)
 * @pieces: (element-type GstSocketPiece): a list
 * @bytes: (transfer none): what to send next
 *
 * Adds bytes.
 */
void
gst_socket_pieces_add_bytes (GPtrArray *pieces, GBytes *bytes)
{
  GstSocketPiece *piece = g_new0 (GstSocketPiece, 1);

  piece->bytes = g_bytes_ref (bytes);
  g_ptr_array_add (pieces, piece);
}

/**
 * gst_socket_pieces_add_blob: (skip)
 * @pieces: (element-type GstSocketPiece): a list
 * @blob: (transfer none): what to send next
 * @offset: where to begin
 * @size: how much, or %GST_SOCKET_PIECE_TO_END
 * @chunked: whether in chunks
 *
 * Adds a part of a blob.
 */
void
gst_socket_pieces_add_blob (GPtrArray *pieces, GstSocketBlob *blob,
    guint64 offset, guint64 size, gboolean chunked)
{
  GstSocketPiece *piece = g_new0 (GstSocketPiece, 1);

  piece->blob = gst_socket_blob_ref (blob);
  piece->offset = offset;
  piece->size = size;
  piece->chunked = chunked;
  g_ptr_array_add (pieces, piece);
}
