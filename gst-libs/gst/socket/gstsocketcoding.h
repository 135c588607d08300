/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketcoding.h: how a body is compressed
 *
 * Here: what an Accept-Encoding field prefers.
 * Not here: compressing.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/**
 * GstSocketCoding:
 * @GST_SOCKET_CODING_IDENTITY: as it is
 * @GST_SOCKET_CODING_GZIP: gzip
 * @GST_SOCKET_CODING_DEFLATE: deflate, with zlib's header
 *
 * A content coding.
 */
typedef enum
{
  GST_SOCKET_CODING_IDENTITY,
  GST_SOCKET_CODING_GZIP,
  GST_SOCKET_CODING_DEFLATE,
} GstSocketCoding;

#define GST_SOCKET_N_CODINGS (GST_SOCKET_CODING_DEFLATE + 1)

GST_SOCKET_API
GstSocketCoding gst_socket_coding_choose (const gchar *accept, guint available);
GST_SOCKET_API
const gchar *gst_socket_coding_get_name (GstSocketCoding coding);

G_END_DECLS
