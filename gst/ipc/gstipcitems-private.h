/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcitems-private.h: the payloads that both formats use
 *
 * Here: classification and landmarks. Not here: everything else.
 */
#pragma once

#include "gstipcmeta.h"

#include <gst/socket/gstsocketwireext.h>

G_BEGIN_DECLS

void gst_ipc_items_put_classification (
    GByteArray *out, const GstIpcClassificationMeta *meta);
void gst_ipc_items_put_landmarks (
    GByteArray *out, const GstIpcLandmarksMeta *meta);
void gst_ipc_items_read_classification (
    const GstSocketWireMeta *meta, GstBuffer *buffer);
void gst_ipc_items_read_landmarks (
    const GstSocketWireMeta *meta, GstBuffer *buffer);

G_END_DECLS
