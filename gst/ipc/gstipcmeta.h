/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcmeta.h: metas that Qualcomm's elements put on buffers
 *
 * Here: classification, landmarks and tensor metas under the names Qualcomm's
 * library registers, so that they survive a relay where it is absent.
 * Not here: their wire format.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GQuark name;
  gdouble confidence;
  guint32 color;
  GstStructure *xtraparams;
} GstIpcLabel;

typedef struct
{
  GstMeta meta;
  guint id;
  gint parent_id;
  GArray *labels;
} GstIpcClassificationMeta;

typedef struct
{
  GQuark name;
  gdouble confidence;
  guint32 color;
  gint x;
  gint y;
} GstIpcKeypoint;

typedef struct
{
  guint source;
  guint destination;
} GstIpcKeypointLink;

typedef struct
{
  GstMeta meta;
  guint id;
  gint parent_id;
  gdouble confidence;
  GArray *keypoints;
  GArray *links;
  GstStructure *xtraparams;
} GstIpcLandmarksMeta;

typedef struct
{
  GstMeta meta;
  guint id;
  guint type;
  guint n_dimensions;
  guint dimensions[8];
  GQuark name;
  gdouble scale;
  gdouble offset;
} GstIpcTensorMeta;

const gchar *gst_ipc_tensor_type_to_string (guint type);
guint gst_ipc_tensor_type_from_string (const gchar *name);

/* NULL when another library registered the name with another layout: then
 * such metas are neither read nor made. */
const GstMetaInfo *gst_ipc_classification_meta_get_info (void);
const GstMetaInfo *gst_ipc_landmarks_meta_get_info (void);
const GstMetaInfo *gst_ipc_tensor_meta_get_info (void);

G_END_DECLS
