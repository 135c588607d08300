/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketresponse.h: what the head of an HTTP response says
 *
 * Here: its status, and the few fields that one who uploads acts on.
 * Not here: bodies, sockets.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/* Bytes of a head at most. */
#define GST_SOCKET_RESPONSE_HEAD_MAX (32 * 1024)

/* Bytes of a reason that are kept, with the zero at the end. */
#define GST_SOCKET_RESPONSE_REASON_MAX 80

/**
 * GstSocketResponseVerdict:
 * @GST_SOCKET_RESPONSE_MORE: its end has not come yet
 * @GST_SOCKET_RESPONSE_OK: it is understood
 * @GST_SOCKET_RESPONSE_BAD: it is none
 *
 * What is to be done with a head.
 */
typedef enum
{
  GST_SOCKET_RESPONSE_MORE,
  GST_SOCKET_RESPONSE_OK,
  GST_SOCKET_RESPONSE_BAD,
} GstSocketResponseVerdict;

/**
 * GstSocketResponse: (skip)
 * @status: from 100 to 999
 * @reason: the words beside it, printable, may be empty
 * @is_kept: the connection may be used again after the body
 * @is_chunked: the body comes in chunks
 * @content_length: bytes of the body, -1 if it does not say
 * @retry_after_s: seconds it asks to wait, 0 for none
 * @location: (nullable): what it names as location, in the head that was read
 * @location_size: bytes of it
 *
 * The head of a response.
 */
typedef struct
{
  guint status;
  gchar reason[GST_SOCKET_RESPONSE_REASON_MAX];
  gboolean is_kept;
  gboolean is_chunked;
  gint64 content_length;
  guint retry_after_s;
  const gchar *location;
  gsize location_size;
} GstSocketResponse;

GST_SOCKET_API
GstSocketResponseVerdict gst_socket_response_parse (const gchar *data,
    gsize size, GstSocketResponse *ret_response, gsize *ret_head_size);

G_END_DECLS
