/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpacketwriter.h: from buffers into datagrams
 *
 * Here: one datagram a buffer or several, many to a system call, waiting where
 * needed, until cancelled.
 * Not here: streams (gstsocketwriter.h), one call (gstsocketbatch.h).
 */
#pragma once

#include <gst/socket/socket-prelude.h>
#include <gst/socket/gstsocketwait.h>

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstSocketPacketWriter GstSocketPacketWriter;

GST_SOCKET_API
GstSocketPacketWriter *gst_socket_packet_writer_new (
    GstSocketWait *wait, gsize packet_size, gboolean gso);
GST_SOCKET_API
void gst_socket_packet_writer_free (GstSocketPacketWriter *writer);
GST_SOCKET_API
gboolean gst_socket_packet_writer_send (GstSocketPacketWriter *writer,
    GSocket *socket, GstBuffer *const *buffers, guint n_buffers,
    guint64 *ret_sent, GError **error);
GST_SOCKET_API
guint64 gst_socket_packet_writer_get_refused (GstSocketPacketWriter *writer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (
    GstSocketPacketWriter, gst_socket_packet_writer_free)

G_END_DECLS
