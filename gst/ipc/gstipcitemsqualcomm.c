/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcitemsqualcomm.c: metas of a buffer as Qualcomm's payloads, and back
 *
 * Here: protection, region of interest, classification, landmarks.
 * Not here: the extension's items (gstipcitems.c), memories. Any thread.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcitems.h"
#include "gstipcitems-private.h"

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

/* A name that nobody gave (quark 0) is an empty one. */
static void
copy_quark (gchar *to, GQuark quark)
{
  const gchar *name = g_quark_to_string (quark);

  g_strlcpy (to, name != NULL ? name : "", GST_SOCKET_WIRE_MAX_NAME);
}

/* A structure that was cut would not parse at the other end: it is left out. */
static void
copy_params (gchar *to, const GstStructure *params)
{
  g_autofree gchar *text = NULL;

  to[0] = '\0';
  if (params == NULL)
    return;
  text = gst_structure_to_string (params);
  if (strlen (text) < GST_SOCKET_WIRE_MAX_PARAMS)
    g_strlcpy (to, text, GST_SOCKET_WIRE_MAX_PARAMS);
  else
    GST_WARNING (
        "parameters of %" G_GSIZE_FORMAT " bytes are left out", strlen (text));
}

static GstStructure *
parse_params (const gchar *text)
{
  return text[0] != '\0' ? gst_structure_from_string (text, NULL) : NULL;
}

void
gst_ipc_items_put_classification (
    GByteArray *out, const GstIpcClassificationMeta *meta)
{
  g_autofree GstSocketWireClassification *wire =
      g_new0 (GstSocketWireClassification, 1);

  wire->id = meta->id;
  wire->parent_id = meta->parent_id;
  wire->n_labels = MIN (meta->labels->len, GST_SOCKET_WIRE_MAX_LABELS);
  for (guint i = 0; i < wire->n_labels; i++) {
    GstIpcLabel *label = &g_array_index (meta->labels, GstIpcLabel, i);

    copy_quark (wire->labels[i].name, label->name);
    wire->labels[i].confidence = label->confidence;
    wire->labels[i].color = label->color;
    copy_params (wire->labels[i].xtraparams, label->xtraparams);
  }
  gst_socket_wire_put_classification (out, wire);
}

static void
fill_points (GstSocketWireLandmarks *wire, const GstIpcLandmarksMeta *meta)
{
  wire->n_keypoints = MIN (meta->keypoints->len, GST_SOCKET_WIRE_MAX_KEYPOINTS);
  for (guint i = 0; i < wire->n_keypoints; i++) {
    GstIpcKeypoint *point = &g_array_index (meta->keypoints, GstIpcKeypoint, i);

    copy_quark (wire->keypoints[i].name, point->name);
    wire->keypoints[i].confidence = point->confidence;
    wire->keypoints[i].color = point->color;
    wire->keypoints[i].x = point->x;
    wire->keypoints[i].y = point->y;
  }
}

void
gst_ipc_items_put_landmarks (GByteArray *out, const GstIpcLandmarksMeta *meta)
{
  g_autofree GstSocketWireLandmarks *wire = g_new0 (GstSocketWireLandmarks, 1);

  wire->id = meta->id;
  wire->parent_id = meta->parent_id;
  wire->confidence = meta->confidence;
  fill_points (wire, meta);
  for (guint i = 0;
       i < meta->links->len && wire->n_links < GST_SOCKET_WIRE_MAX_LINKS; i++) {
    GstIpcKeypointLink *link =
        &g_array_index (meta->links, GstIpcKeypointLink, i);

    if (link->source >= wire->n_keypoints
        || link->destination >= wire->n_keypoints)
      continue;
    wire->links[wire->n_links].source = link->source;
    wire->links[wire->n_links++].destination = link->destination;
  }
  copy_params (wire->xtraparams, meta->xtraparams);
  gst_socket_wire_put_landmarks (out, wire);
}

static void
put_roi (GByteArray *out, GstVideoRegionOfInterestMeta *meta)
{
  GstSocketWireRoi roi;

  copy_quark (roi.label, meta->roi_type);
  roi.id = meta->id;
  roi.parent_id = meta->parent_id;
  roi.x = meta->x;
  roi.y = meta->y;
  roi.w = meta->w;
  roi.h = meta->h;
  copy_params (roi.detection,
      gst_video_region_of_interest_meta_get_param (meta, "ObjectDetection"));
  copy_params (roi.xtraparams,
      gst_video_region_of_interest_meta_get_param (meta, "xtraparams"));
  gst_socket_wire_put_roi (out, &roi);
}

static gboolean
put_protection (GByteArray *out, GstProtectionMeta *meta)
{
  g_autofree gchar *text = gst_structure_to_string (meta->info);

  return gst_socket_wire_put_protection (out, text);
}

/* Returns whether the meta went, or is none that could. */
static gboolean
put_meta (GByteArray *out, GstMeta *meta, gboolean is_video)
{
  if (meta->info->api == GST_PROTECTION_META_API_TYPE)
    return put_protection (out, (GstProtectionMeta *) meta);
  if (!is_video)
    return TRUE;
  if (meta->info->api == GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)
    put_roi (out, (GstVideoRegionOfInterestMeta *) meta);
  else if (meta->info == gst_ipc_classification_meta_get_info ())
    gst_ipc_items_put_classification (out, (GstIpcClassificationMeta *) meta);
  else if (meta->info == gst_ipc_landmarks_meta_get_info ())
    gst_ipc_items_put_landmarks (out, (GstIpcLandmarksMeta *) meta);
  return TRUE;
}

guint
gst_ipc_items_put_qualcomm (
    GByteArray *out, GstBuffer *buffer, gboolean is_video, gsize limit)
{
  gpointer state = NULL;
  GstMeta *meta;
  guint left_out = 0;

  while ((meta = gst_buffer_iterate_meta (buffer, &state)) != NULL) {
    gsize start = out->len;

    if (put_meta (out, meta, is_video) && out->len <= limit)
      continue;
    g_byte_array_set_size (out, start);
    left_out++;
  }
  return left_out;
}

void
gst_ipc_items_read_classification (
    const GstSocketWireMeta *wire, GstBuffer *buffer)
{
  const GstMetaInfo *info = gst_ipc_classification_meta_get_info ();
  g_autofree GstSocketWireClassification *from =
      g_new (GstSocketWireClassification, 1);
  GstIpcClassificationMeta *meta;

  if (info == NULL || !gst_socket_wire_read_classification (wire, from, NULL))
    return;
  meta = (GstIpcClassificationMeta *) gst_buffer_add_meta (buffer, info, NULL);
  meta->id = from->id;
  meta->parent_id = from->parent_id;
  for (guint i = 0; i < from->n_labels; i++) {
    GstIpcLabel label = {g_quark_from_string (from->labels[i].name),
        from->labels[i].confidence, from->labels[i].color,
        parse_params (from->labels[i].xtraparams)};

    g_array_append_val (meta->labels, label);
  }
}

void
gst_ipc_items_read_landmarks (const GstSocketWireMeta *wire, GstBuffer *buffer)
{
  const GstMetaInfo *info = gst_ipc_landmarks_meta_get_info ();
  g_autofree GstSocketWireLandmarks *from = g_new (GstSocketWireLandmarks, 1);
  GstIpcLandmarksMeta *meta;

  if (info == NULL || !gst_socket_wire_read_landmarks (wire, from, NULL))
    return;
  meta = (GstIpcLandmarksMeta *) gst_buffer_add_meta (buffer, info, NULL);
  meta->id = from->id;
  meta->parent_id = from->parent_id;
  meta->confidence = from->confidence;
  meta->xtraparams = parse_params (from->xtraparams);
  for (guint i = 0; i < from->n_keypoints; i++) {
    GstIpcKeypoint point = {g_quark_from_string (from->keypoints[i].name),
        from->keypoints[i].confidence, from->keypoints[i].color,
        from->keypoints[i].x, from->keypoints[i].y};

    g_array_append_val (meta->keypoints, point);
  }
  for (guint i = 0; i < from->n_links; i++) {
    GstIpcKeypointLink link = {
        from->links[i].source, from->links[i].destination};

    g_array_append_val (meta->links, link);
  }
}

static void
read_roi (const GstSocketWireMeta *wire, GstBuffer *buffer)
{
  GstSocketWireRoi roi;
  GstVideoRegionOfInterestMeta *meta;
  GstStructure *param;

  if (!gst_socket_wire_read_roi (wire, &roi, NULL))
    return;
  meta = gst_buffer_add_video_region_of_interest_meta (
      buffer, roi.label, roi.x, roi.y, roi.w, roi.h);
  meta->id = roi.id;
  meta->parent_id = roi.parent_id;
  if ((param = parse_params (roi.detection)) != NULL)
    gst_video_region_of_interest_meta_add_param (meta, param);
  if ((param = parse_params (roi.xtraparams)) != NULL)
    gst_video_region_of_interest_meta_add_param (meta, param);
}

static void
read_protection (const GstSocketWireMeta *wire, GstBuffer *buffer)
{
  const gchar *text = gst_socket_wire_read_protection (wire, NULL);
  GstStructure *info =
      text != NULL ? gst_structure_from_string (text, NULL) : NULL;

  if (info != NULL)
    gst_buffer_add_protection_meta (buffer, info);
}

void
gst_ipc_items_read_qualcomm (const GstSocketWireMessage *msg, GstBuffer *buffer)
{
  for (guint i = 0; msg->metas != NULL && i < msg->metas->len; i++) {
    const GstSocketWireMeta *meta =
        &g_array_index (msg->metas, GstSocketWireMeta, i);

    if (meta->identity == GST_SOCKET_WIRE_PROTECTION)
      read_protection (meta, buffer);
    else if (meta->identity == GST_SOCKET_WIRE_ROI)
      read_roi (meta, buffer);
    else if (meta->identity == GST_SOCKET_WIRE_CLASSIFICATION)
      gst_ipc_items_read_classification (meta, buffer);
    else
      gst_ipc_items_read_landmarks (meta, buffer);
  }
}
