/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketreader.h: from a socket into buffers
 *
 * Here: receiving into pooled memory, with ancillary data.
 * Not here: batches of datagrams, opening and closing.
 */
#pragma once

#include <gst/socket/socket-prelude.h>
#include <gst/socket/gstsocketwait.h>

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstSocketReader GstSocketReader;

/**
 * GST_SOCKET_READER_DEFAULT_SIZE:
 *
 * The most bytes in one buffer, unless told otherwise: more gains nothing, and
 * no UDP datagram is longer.
 */
#define GST_SOCKET_READER_DEFAULT_SIZE 65536

/* Larger sizes are cut down to this. */
#define GST_SOCKET_READER_MAX_SIZE (4 * 1024 * 1024)

/**
 * GstSocketReadResult:
 * @GST_SOCKET_READ_DATA: a buffer was read
 * @GST_SOCKET_READ_END: the peer closed its side; nothing will follow
 * @GST_SOCKET_READ_ERROR: it failed, see the error
 *
 * How a read ended.
 */
typedef enum
{
  GST_SOCKET_READ_DATA,
  GST_SOCKET_READ_END,
  GST_SOCKET_READ_ERROR,
} GstSocketReadResult;

GST_SOCKET_API
GstSocketReader *gst_socket_reader_new (gsize max_size);
GST_SOCKET_API
void gst_socket_reader_free (GstSocketReader *reader);
GST_SOCKET_API
GstSocketReadResult gst_socket_reader_read (GstSocketReader *reader,
    GSocket *socket, GstSocketWait *wait, gint64 timeout_us,
    GstBuffer **ret_buffer, GError **error);
GST_SOCKET_API
guint64 gst_socket_reader_get_truncated (const GstSocketReader *reader);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketReader, gst_socket_reader_free)

G_END_DECLS
