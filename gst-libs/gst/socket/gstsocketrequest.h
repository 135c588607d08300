/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketrequest.h: whether the head of an HTTP request is sound
 *
 * Here: finding the end of a head, what is refused in it, its target.
 * Not here: who answers, sockets.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/* Bytes of a head, and of its first line, at most. */
#define GST_SOCKET_REQUEST_HEAD_MAX (16 * 1024)
#define GST_SOCKET_REQUEST_LINE_MAX (8 * 1024)

/* Fields in a head, at most. */
#define GST_SOCKET_REQUEST_FIELDS_MAX 100

/**
 * GstSocketRequestVerdict:
 * @GST_SOCKET_REQUEST_MORE: its end has not come yet
 * @GST_SOCKET_REQUEST_OK: it is sound
 * @GST_SOCKET_REQUEST_BAD: it is no request, or may be read in two ways
 * @GST_SOCKET_REQUEST_URI_TOO_LONG: its first line is too long
 * @GST_SOCKET_REQUEST_TOO_LARGE: it is too long, or has too many fields
 * @GST_SOCKET_REQUEST_VERSION: it is not HTTP/1.0 or 1.1
 * @GST_SOCKET_REQUEST_CODING: its body comes in another coding than chunked
 * @GST_SOCKET_REQUEST_EXPECTATION: it expects something else than status 100
 * @GST_SOCKET_REQUEST_TLS: it is the start of a TLS connection
 *
 * What is to be done with a head.
 */
typedef enum
{
  GST_SOCKET_REQUEST_MORE,
  GST_SOCKET_REQUEST_OK,
  GST_SOCKET_REQUEST_BAD,
  GST_SOCKET_REQUEST_URI_TOO_LONG,
  GST_SOCKET_REQUEST_TOO_LARGE,
  GST_SOCKET_REQUEST_VERSION,
  GST_SOCKET_REQUEST_CODING,
  GST_SOCKET_REQUEST_EXPECTATION,
  GST_SOCKET_REQUEST_TLS,
} GstSocketRequestVerdict;

GST_SOCKET_API
GstSocketRequestVerdict gst_socket_request_check (const gchar *data, gsize size,
    gsize *ret_head_size, gboolean *ret_has_body);
GST_SOCKET_API
void gst_socket_request_split_target (
    const gchar *target, gchar **ret_path, gchar **ret_query);
GST_SOCKET_API
gchar *gst_socket_request_dup_field (
    const gchar *data, gsize size, const gchar *name);
GST_SOCKET_API
guint gst_socket_request_verdict_to_status (GstSocketRequestVerdict verdict);

G_END_DECLS
