/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketbody.h: where the body of an HTTP request ends
 *
 * Here: telling payload from what frames it, as bytes come.
 * Not here: heads (gstsocketrequest.h), sockets.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/* Bytes of the line before a chunk, and of all that follows the last one, at
 * most. */
#define GST_SOCKET_BODY_LINE_MAX 1024
#define GST_SOCKET_BODY_TRAILER_MAX (8 * 1024)

/**
 * GstSocketBodyKind:
 * @GST_SOCKET_BODY_NONE: there is none
 * @GST_SOCKET_BODY_LENGTH: so many bytes
 * @GST_SOCKET_BODY_CHUNKED: chunks, up to one of no bytes
 * @GST_SOCKET_BODY_CLOSE: all up to the end of the connection
 * @GST_SOCKET_BODY_UNKNOWN: in a coding that nobody here knows
 *
 * How the end of a body is told.
 */
typedef enum
{
  GST_SOCKET_BODY_NONE,
  GST_SOCKET_BODY_LENGTH,
  GST_SOCKET_BODY_CHUNKED,
  GST_SOCKET_BODY_CLOSE,
  GST_SOCKET_BODY_UNKNOWN,
} GstSocketBodyKind;

/**
 * GstSocketBody:
 * @kind: how its end is told
 * @left: bytes that are still to come, of the body or of the chunk
 *
 * A body that is being read.
 */
typedef struct
{
  GstSocketBodyKind kind;
  guint64 left;

  /*< private >*/
  gint state;
  guint n_line;
} GstSocketBody;

GST_SOCKET_API
void gst_socket_body_init (
    GstSocketBody *self, GstSocketBodyKind kind, guint64 length);
GST_SOCKET_API
gboolean gst_socket_body_feed (GstSocketBody *self, guint8 *data, gsize size,
    gsize *ret_payload, gsize *ret_used);
GST_SOCKET_API
gboolean gst_socket_body_is_complete (const GstSocketBody *self);

G_END_DECLS
