/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpieces.h: what to send to a socket, in pieces
 *
 * Here: bytes and parts of blobs, one after the other.
 * Not here: sending them (gstsocketsender.h), HTTP but for chunks.
 */
#pragma once

#include <gst/socket/gstsocketblob.h>

G_BEGIN_DECLS

/* As much as there is, whenever that is known. */
#define GST_SOCKET_PIECE_TO_END G_MAXUINT64

/**
 * GstSocketPiece: (skip)
 * @bytes: (nullable): what to send, unless it is of a blob
 * @blob: (nullable): what to send of
 * @offset: where in @blob to begin
 * @size: how much of @blob to send, or %GST_SOCKET_PIECE_TO_END
 * @chunked: whether that goes out in chunks, with a last one at the end
 *
 * A part of what is sent.
 */
typedef struct
{
  GBytes *bytes;
  GstSocketBlob *blob;
  guint64 offset;
  guint64 size;
  gboolean chunked;
} GstSocketPiece;

/**
 * GstSocketSending: (skip)
 * @socket: the socket, non-blocking
 * @tls: (nullable): what encrypts it
 * @pieces: (element-type GstSocketPiece): what to send, in turn
 * @user_data: of whoever sends it
 * @sent: bytes that went out, before encryption; set by the sender
 *
 * Something to send.
 */
typedef struct
{
  GSocket *socket;
  GIOStream *tls;
  GPtrArray *pieces;
  gpointer user_data;
  guint64 sent;
} GstSocketSending;

GST_SOCKET_API
GPtrArray *gst_socket_pieces_new (void);
GST_SOCKET_API
void gst_socket_pieces_add_bytes (GPtrArray *pieces, GBytes *bytes);
GST_SOCKET_API
void gst_socket_pieces_add_blob (GPtrArray *pieces, GstSocketBlob *blob,
    guint64 offset, guint64 size, gboolean chunked);

G_END_DECLS
