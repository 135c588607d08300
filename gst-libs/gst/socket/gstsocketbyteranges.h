/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketbyteranges.h: answers that are several ranges
 *
 * Here: making a list of ranges harmless, what stands between the ranges of
 * an answer.
 * Not here: reading a Range field (gstsocketrange.h), sending.
 */
#pragma once

#include <gst/socket/gstsocketrange.h>

G_BEGIN_DECLS

/* Ranges that are no further apart are sent as one: a part of its own costs
 * more than the bytes between them. */
#define GST_SOCKET_RANGE_GAP 128

GST_SOCKET_API
guint gst_socket_ranges_coalesce (GstSocketRange *ranges, guint n);
GST_SOCKET_API
gchar *gst_socket_range_dup_field (const GstSocketRange *range, guint64 size);
GST_SOCKET_API
GPtrArray *gst_socket_byteranges_new (const GstSocketRange *ranges, guint n,
    guint64 size, const gchar *type, const gchar *boundary);
GST_SOCKET_API
guint64 gst_socket_byteranges_get_length (
    const GstSocketRange *ranges, guint n, GPtrArray *texts);

G_END_DECLS
