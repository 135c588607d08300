/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpacketpool.h: buffers for received packets, without allocating
 *
 * Here: blocks of memory that packets are received into, and the buffers that
 * show a part of one.
 * Not here: sockets.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

#define GST_TYPE_SOCKET_PACKET_POOL (gst_socket_packet_pool_get_type ())
GST_SOCKET_API
G_DECLARE_FINAL_TYPE (GstSocketPacketPool, gst_socket_packet_pool, GST,
    SOCKET_PACKET_POOL, GstBufferPool)

/**
 * GstSocketBlock: (skip)
 * @data: the memory
 * @size: its length in bytes
 *
 * A piece of memory that many packets share. Every buffer that shows a part of
 * it holds a reference, and so does whoever fills it.
 */
typedef struct
{
  guint8 *data;
  gsize size;
  /*< private >*/
  gint refs;
  GstSocketPacketPool *pool;
} GstSocketBlock;

GST_SOCKET_API
GstSocketPacketPool *gst_socket_packet_pool_new (void);
GST_SOCKET_API
GstSocketBlock *gst_socket_packet_pool_get_block (
    GstSocketPacketPool *pool, gsize size);
GST_SOCKET_API
gboolean gst_socket_block_is_unshared (GstSocketBlock *block);
GST_SOCKET_API
void gst_socket_block_unref (GstSocketBlock *block);
GST_SOCKET_API
GstFlowReturn gst_socket_packet_pool_get_buffer (GstSocketPacketPool *pool,
    GstSocketBlock *block, gsize offset, gsize size, GstBuffer **ret_buffer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketBlock, gst_socket_block_unref)

G_END_DECLS
