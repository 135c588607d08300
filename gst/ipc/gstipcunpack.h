/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcunpack.h: messages as buffers and caps
 *
 * Here: what a buffer message of either format is as a GstBuffer, and the caps
 * that Qualcomm's format does not send.
 * Not here: sockets, memory bookkeeping (gstipctable.h).
 */
#pragma once

#include "gstipctable.h"

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Returns (transfer full) (nullable). fds are taken as far as they are used. */
GstBuffer *gst_ipc_unpack_qualcomm (const GstSocketWireMessage *msg,
    GstIpcTable *table, GstSocketFds *fds, GError **error);
GstBuffer *gst_ipc_unpack_own (GstSocketWireExtBuffer *wire, GstIpcTable *table,
    GstSocketFds *fds, GstCaps *caps, GError **error);

/* Returns (transfer full) (nullable): caps with all that a message of
 * Qualcomm's says of its media; other fields are still free. */
GstCaps *gst_ipc_unpack_caps (const GstSocketWireMessage *msg);
/* Whether msg has the same media as caps made from an earlier one. */
gboolean gst_ipc_unpack_same_media (const GstSocketWireMessage *a,
    const GstSocketWireBlock *blocks, guint n_blocks);

G_END_DECLS
