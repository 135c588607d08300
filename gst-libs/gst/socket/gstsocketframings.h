/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketframings.h: the framings of live HTTP bodies
 *
 * Here: making framings for chunks, ICY metadata and multipart bodies.
 * Not here: what a framing is (gstsocketframing.h), HTTP heads.
 *
 * In all of them a unit without payload is the end of the body.
 */
#pragma once

#include <gst/socket/gstsocketframing.h>

G_BEGIN_DECLS

/* Bytes of a line that separates the parts of a multipart body, at most. */
#define GST_SOCKET_BOUNDARY_MAX 70

/* Payload bytes between two ICY blocks: at least, and as is usual. */
#define GST_SOCKET_ICY_METAINT_MIN 256
#define GST_SOCKET_ICY_METAINT_DEFAULT 16000

GST_SOCKET_API
GstSocketFraming *gst_socket_framing_new_chunked (void);
GST_SOCKET_API
GstSocketFraming *gst_socket_framing_new_multipart (
    const gchar *boundary, const gchar *content_type, gboolean chunked);
GST_SOCKET_API
gchar *gst_socket_framing_multipart_dup_opening (
    const gchar *boundary, gboolean chunked);

GST_SOCKET_API
GstSocketFraming *gst_socket_framing_new_icy (guint metaint);
GST_SOCKET_API
void gst_socket_framing_icy_set_title (GstSocketFraming *framing,
    guint64 from_seq, const gchar *title, const gchar *url);

G_END_DECLS
