/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipclayout.h: whether a picture lies within its memory
 *
 * Here: what a peer says of the planes of a picture, judged before it becomes
 * a GstVideoMeta.
 * Not here: the wire, buffers.
 */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* How a picture lies in its memory. */
typedef struct
{
  guint format;
  guint width;
  guint height;
  guint n_planes;
  gsize offset[GST_VIDEO_MAX_PLANES];
  gint stride[GST_VIDEO_MAX_PLANES];
  /* The memory has every other row, though height counts all. */
  gboolean one_field;
} GstIpcLayout;

gboolean gst_ipc_layout_is_sane (const GstIpcLayout *layout, guint64 size);

G_END_DECLS
