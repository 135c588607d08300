/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcitems.h: metas of a buffer as bytes, and back
 *
 * Here: GstMeta to Qualcomm's payloads and to the extension's items.
 * Not here: memories, sockets.
 */
#pragma once

#include <gst/socket/gstsocketwireext.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* Appends what Qualcomm's format has for the metas of buffer, as long as the
 * record stays within limit bytes; returns how many did not go. */
guint gst_ipc_items_put_qualcomm (
    GByteArray *out, GstBuffer *buffer, gboolean is_video, gsize limit);
guint gst_ipc_items_put (GByteArray *out, GstBuffer *buffer, gsize limit);

/* A meta that cannot be read is left out; it never fails the buffer. */
void gst_ipc_items_read_qualcomm (
    const GstSocketWireMessage *msg, GstBuffer *buffer);
/* caps gives the audio meta its format; may be NULL. */
void gst_ipc_items_read (
    GstSocketWireExtBuffer *wire, GstBuffer *buffer, GstCaps *caps);

G_END_DECLS
