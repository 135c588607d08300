/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcmeta.c: metas that Qualcomm's elements put on buffers
 *
 * Here: see gstipcmeta.h. Not here: their wire format (gstipcitems.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcmeta.h"

#include <gst/video/video.h>

#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

static const gchar *tensor_types[] = {"UNKNOWN", "INT8", "UINT8", "INT16",
    "UINT16", "INT32", "UINT32", "INT64", "UINT64", "FLOAT16", "FLOAT32"};

const gchar *
gst_ipc_tensor_type_to_string (guint type)
{
  return tensor_types[type < G_N_ELEMENTS (tensor_types) ? type : 0];
}

guint
gst_ipc_tensor_type_from_string (const gchar *name)
{
  for (guint i = 1; i < G_N_ELEMENTS (tensor_types); i++) {
    if (g_strcmp0 (name, tensor_types[i]) == 0)
      return i;
  }
  return 0;
}

static void
clear_label (gpointer data)
{
  g_clear_pointer (&((GstIpcLabel *) data)->xtraparams, gst_structure_free);
}

static GArray *
new_labels (void)
{
  GArray *labels = g_array_new (FALSE, TRUE, sizeof (GstIpcLabel));

  g_array_set_clear_func (labels, clear_label);
  return labels;
}

static gboolean
classification_init (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  GstIpcClassificationMeta *self = (GstIpcClassificationMeta *) meta;

  self->id = 0;
  self->parent_id = -1;
  self->labels = new_labels ();
  return TRUE;
}

static void
classification_free (GstMeta *meta, GstBuffer *buffer)
{
  g_clear_pointer (&((GstIpcClassificationMeta *) meta)->labels, g_array_unref);
}

static gboolean
classification_transform (GstBuffer *dest, GstMeta *meta, GstBuffer *buffer,
    GQuark type, gpointer data)
{
  GstIpcClassificationMeta *from = (GstIpcClassificationMeta *) meta;
  GstIpcClassificationMeta *to;

  if (!GST_META_TRANSFORM_IS_COPY (type))
    return FALSE;
  to =
      (GstIpcClassificationMeta *) gst_buffer_add_meta (dest, meta->info, NULL);
  to->id = from->id;
  to->parent_id = from->parent_id;
  for (guint i = 0; i < from->labels->len; i++) {
    GstIpcLabel label = g_array_index (from->labels, GstIpcLabel, i);

    if (label.xtraparams != NULL)
      label.xtraparams = gst_structure_copy (label.xtraparams);
    g_array_append_val (to->labels, label);
  }
  return TRUE;
}

static gboolean
landmarks_init (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  GstIpcLandmarksMeta *self = (GstIpcLandmarksMeta *) meta;

  self->id = 0;
  self->parent_id = -1;
  self->confidence = 0.0;
  self->keypoints = g_array_new (FALSE, TRUE, sizeof (GstIpcKeypoint));
  self->links = g_array_new (FALSE, TRUE, sizeof (GstIpcKeypointLink));
  self->xtraparams = NULL;
  return TRUE;
}

static void
landmarks_free (GstMeta *meta, GstBuffer *buffer)
{
  GstIpcLandmarksMeta *self = (GstIpcLandmarksMeta *) meta;

  g_clear_pointer (&self->keypoints, g_array_unref);
  g_clear_pointer (&self->links, g_array_unref);
  g_clear_pointer (&self->xtraparams, gst_structure_free);
}

static gboolean
landmarks_transform (GstBuffer *dest, GstMeta *meta, GstBuffer *buffer,
    GQuark type, gpointer data)
{
  GstIpcLandmarksMeta *from = (GstIpcLandmarksMeta *) meta;
  GstIpcLandmarksMeta *to;

  if (!GST_META_TRANSFORM_IS_COPY (type))
    return FALSE;
  to = (GstIpcLandmarksMeta *) gst_buffer_add_meta (dest, meta->info, NULL);
  to->id = from->id;
  to->parent_id = from->parent_id;
  to->confidence = from->confidence;
  g_array_append_vals (
      to->keypoints, from->keypoints->data, from->keypoints->len);
  g_array_append_vals (to->links, from->links->data, from->links->len);
  if (from->xtraparams != NULL)
    to->xtraparams = gst_structure_copy (from->xtraparams);
  return TRUE;
}

static gboolean
tensor_init (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  memset ((guint8 *) meta + sizeof (GstMeta), 0,
      sizeof (GstIpcTensorMeta) - sizeof (GstMeta));
  ((GstIpcTensorMeta *) meta)->scale = 1.0;
  return TRUE;
}

static gboolean
tensor_transform (GstBuffer *dest, GstMeta *meta, GstBuffer *buffer,
    GQuark type, gpointer data)
{
  GstMeta *to;

  if (!GST_META_TRANSFORM_IS_COPY (type))
    return FALSE;
  to = gst_buffer_add_meta (dest, meta->info, NULL);
  memcpy ((guint8 *) to + sizeof (GstMeta), (guint8 *) meta + sizeof (GstMeta),
      sizeof (GstIpcTensorMeta) - sizeof (GstMeta));
  return TRUE;
}

typedef struct
{
  const gchar *name;
  gsize size;
  GstMetaInitFunction init;
  GstMetaFreeFunction free;
  GstMetaTransformFunction transform;
} Kind;

static const Kind classification_kind = {"GstVideoClassificationMeta",
    sizeof (GstIpcClassificationMeta), classification_init, classification_free,
    classification_transform};
static const Kind landmarks_kind = {"GstVideoLandmarksMeta",
    sizeof (GstIpcLandmarksMeta), landmarks_init, landmarks_free,
    landmarks_transform};
static const Kind tensor_kind = {"GstMLTensorMeta", sizeof (GstIpcTensorMeta),
    tensor_init, NULL, tensor_transform};

/* Another library may have been here first. Its metas are used when they have
 * our size; a different one means a different layout. */
static const GstMetaInfo *
find_or_register (const Kind *kind)
{
  static const gchar *tags[] = {GST_META_TAG_VIDEO_STR, NULL};
  g_autofree gchar *api_name = g_strconcat (kind->name, "API", NULL);
  const GstMetaInfo *info;
  GType api;

  if (g_type_from_name (kind->name) != 0) {
    info = gst_meta_get_info (kind->name);
    if (info != NULL && info->size == kind->size)
      return info;
    GST_WARNING ("%s is another library's, with another layout", kind->name);
    return NULL;
  }
  api = g_type_from_name (api_name);
  if (api == 0)
    api = gst_meta_api_type_register (api_name, tags);
  return gst_meta_register (
      api, kind->name, kind->size, kind->init, kind->free, kind->transform);
}

const GstMetaInfo *
gst_ipc_classification_meta_get_info (void)
{
  static gsize once;
  static const GstMetaInfo *info;

  if (g_once_init_enter (&once)) {
    info = find_or_register (&classification_kind);
    g_once_init_leave (&once, 1);
  }
  return info;
}

const GstMetaInfo *
gst_ipc_landmarks_meta_get_info (void)
{
  static gsize once;
  static const GstMetaInfo *info;

  if (g_once_init_enter (&once)) {
    info = find_or_register (&landmarks_kind);
    g_once_init_leave (&once, 1);
  }
  return info;
}

const GstMetaInfo *
gst_ipc_tensor_meta_get_info (void)
{
  static gsize once;
  static const GstMetaInfo *info;

  if (g_once_init_enter (&once)) {
    info = find_or_register (&tensor_kind);
    g_once_init_leave (&once, 1);
  }
  return info;
}
