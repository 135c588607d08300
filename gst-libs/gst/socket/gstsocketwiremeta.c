/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwiremeta.c: the four meta payloads between processes
 *
 * Here: protection, region of interest, classification, landmarks: bytes to
 * structs and back, every count and string bounded.
 * Not here: GstMeta (gst/ipc/), the walk over a record (gstsocketwire.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketunaligned.h"
#include "gstsocketwire.h"
#include "gstsocketwire-private.h"

#include <gst/base/gstbytereader.h>

#define LABEL_SIZE 308
#define KEYPOINT_SIZE 52
#define LINK_SIZE 8

static gboolean
fail (GError **error, GstSocketWireError code, const gchar *text)
{
  g_set_error_literal (error, GST_SOCKET_WIRE_ERROR, code, text);
  return FALSE;
}

static gboolean
begin_read (const GstSocketWireMeta *meta, GstSocketWireIdentity identity,
    GstByteReader *ret_reader, GError **error)
{
  if (meta->identity != identity
      || meta->size < gst_socket_wire_payload_size (identity))
    return fail (error, GST_SOCKET_WIRE_ERROR_TRUNCATED, "a meta is cut short");
  gst_byte_reader_init (ret_reader, meta->data, meta->size);
  gst_byte_reader_skip_unchecked (ret_reader, 4);
  return TRUE;
}

/* A name fills its array and ends within it. */
static gboolean
read_name (
    GstByteReader *reader, gchar name[GST_SOCKET_WIRE_MAX_NAME], GError **error)
{
  const guint8 *data =
      gst_byte_reader_get_data_unchecked (reader, GST_SOCKET_WIRE_MAX_NAME);

  if (memchr (data, 0, GST_SOCKET_WIRE_MAX_NAME) == NULL)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "a name has no end");
  memcpy (name, data, GST_SOCKET_WIRE_MAX_NAME);
  return TRUE;
}

/* A serialised structure: its array, then its length with the terminator, 0
 * for none. */
static gboolean
read_params (GstByteReader *reader, gchar params[GST_SOCKET_WIRE_MAX_PARAMS],
    GError **error)
{
  const guint8 *data =
      gst_byte_reader_get_data_unchecked (reader, GST_SOCKET_WIRE_MAX_PARAMS);
  guint64 size = gst_byte_reader_get_uint64_le_unchecked (reader);

  if (size > GST_SOCKET_WIRE_MAX_PARAMS)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "length of parameters");
  if (size > 0 && data[size - 1] != 0)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "parameters have no end");
  memset (params, 0, GST_SOCKET_WIRE_MAX_PARAMS);
  memcpy (params, data, size);
  return TRUE;
}

static gdouble
read_double (GstByteReader *reader)
{
  return gst_byte_reader_get_float64_le_unchecked (reader);
}

/**
 * gst_socket_wire_read_protection: (skip)
 * @meta: a meta of a message
 * @error: return location for a #GstSocketWireError
 *
 * Returns: (transfer none): the serialised structure, within the record
 */
const gchar *
gst_socket_wire_read_protection (const GstSocketWireMeta *meta, GError **error)
{
  GstByteReader reader;
  const guint8 *text;
  guint64 size;

  if (!begin_read (meta, GST_SOCKET_WIRE_PROTECTION, &reader, error))
    return NULL;
  text = gst_byte_reader_get_data_unchecked (&reader, GST_SOCKET_WIRE_MAX_TEXT);
  size = gst_byte_reader_get_uint64_le_unchecked (&reader);
  if (size == 0 || size > GST_SOCKET_WIRE_MAX_TEXT || text[size - 1] != 0) {
    fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "length of a structure");
    return NULL;
  }
  return (const gchar *) text;
}

/**
 * gst_socket_wire_read_roi: (skip)
 * @meta: a meta of a message
 * @ret_roi: (out caller-allocates): the region of interest
 * @error: return location for a #GstSocketWireError
 *
 * Returns: %TRUE when it is well formed
 */
gboolean
gst_socket_wire_read_roi (
    const GstSocketWireMeta *meta, GstSocketWireRoi *ret_roi, GError **error)
{
  GstByteReader reader;

  if (!begin_read (meta, GST_SOCKET_WIRE_ROI, &reader, error)
      || !read_name (&reader, ret_roi->label, error))
    return FALSE;
  ret_roi->id = (gint32) gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_roi->parent_id =
      (gint32) gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_roi->x = gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_roi->y = gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_roi->w = gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_roi->h = gst_byte_reader_get_uint32_le_unchecked (&reader);
  return read_params (&reader, ret_roi->detection, error)
      && read_params (&reader, ret_roi->xtraparams, error);
}

static gboolean
read_label (GstByteReader *reader, GstSocketWireLabel *label, GError **error)
{
  if (!read_name (reader, label->name, error))
    return FALSE;
  label->confidence = read_double (reader);
  label->color = gst_byte_reader_get_uint32_le_unchecked (reader);
  return read_params (reader, label->xtraparams, error);
}

/**
 * gst_socket_wire_read_classification: (skip)
 * @meta: a meta of a message
 * @ret_class: (out caller-allocates): the classification
 * @error: return location for a #GstSocketWireError
 *
 * Returns: %TRUE when it is well formed
 */
gboolean
gst_socket_wire_read_classification (const GstSocketWireMeta *meta,
    GstSocketWireClassification *ret_class, GError **error)
{
  GstByteReader reader;
  guint64 n;

  if (!begin_read (meta, GST_SOCKET_WIRE_CLASSIFICATION, &reader, error))
    return FALSE;
  n = GST_READ_UINT64_LE (meta->data + 9868);
  if (n > GST_SOCKET_WIRE_MAX_LABELS)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "number of labels");
  ret_class->id = gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_class->parent_id =
      (gint32) gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_class->n_labels = n;
  for (guint i = 0; i < n; i++) {
    if (!read_label (&reader, &ret_class->labels[i], error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_keypoints (const guint8 *at, GstSocketWireLandmarks *lm, GError **error)
{
  GstByteReader reader;

  gst_byte_reader_init (
      &reader, at, KEYPOINT_SIZE * GST_SOCKET_WIRE_MAX_KEYPOINTS);
  for (guint i = 0; i < lm->n_keypoints; i++) {
    GstSocketWireKeypoint *point = &lm->keypoints[i];

    if (!read_name (&reader, point->name, error))
      return FALSE;
    point->confidence = read_double (&reader);
    point->color = gst_byte_reader_get_uint32_le_unchecked (&reader);
    point->x = (gint32) gst_byte_reader_get_uint32_le_unchecked (&reader);
    point->y = (gint32) gst_byte_reader_get_uint32_le_unchecked (&reader);
  }
  return TRUE;
}

static gboolean
read_links (const guint8 *at, GstSocketWireLandmarks *lm, GError **error)
{
  for (guint i = 0; i < lm->n_links; i++) {
    lm->links[i].source = GST_READ_UINT32_LE (at + LINK_SIZE * i);
    lm->links[i].destination = GST_READ_UINT32_LE (at + LINK_SIZE * i + 4);
    if (lm->links[i].source >= lm->n_keypoints
        || lm->links[i].destination >= lm->n_keypoints)
      return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT,
          "a link between points that are not there");
  }
  return TRUE;
}

/**
 * gst_socket_wire_read_landmarks: (skip)
 * @meta: a meta of a message
 * @ret_landmarks: (out caller-allocates): the landmarks
 * @error: return location for a #GstSocketWireError
 *
 * Returns: %TRUE when they are well formed
 */
gboolean
gst_socket_wire_read_landmarks (const GstSocketWireMeta *meta,
    GstSocketWireLandmarks *ret_landmarks, GError **error)
{
  GstByteReader reader;
  guint64 n_keypoints, n_links;

  if (!begin_read (meta, GST_SOCKET_WIRE_LANDMARKS, &reader, error))
    return FALSE;
  n_keypoints = GST_READ_UINT64_LE (meta->data + 3348);
  n_links = GST_READ_UINT64_LE (meta->data + 3868);
  if (n_keypoints > GST_SOCKET_WIRE_MAX_KEYPOINTS
      || n_links > GST_SOCKET_WIRE_MAX_LINKS)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "number of landmarks");
  ret_landmarks->id = gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_landmarks->parent_id =
      (gint32) gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_landmarks->confidence = read_double (&reader);
  ret_landmarks->n_keypoints = n_keypoints;
  ret_landmarks->n_links = n_links;
  gst_byte_reader_set_pos (&reader, 3876);
  return read_keypoints (meta->data + 20, ret_landmarks, error)
      && read_links (meta->data + 3356, ret_landmarks, error)
      && read_params (&reader, ret_landmarks->xtraparams, error);
}

static guint8 *
begin_put (GByteArray *out, GstSocketWireIdentity identity)
{
  guint8 *at =
      gst_socket_wire_grow (out, gst_socket_wire_payload_size (identity));

  GST_WRITE_UINT32_LE (at, identity);
  return at;
}

static void
put_name (guint8 *at, const gchar *name)
{
  memcpy (at, name, strnlen (name, GST_SOCKET_WIRE_MAX_NAME - 1));
}

static void
put_params (guint8 *at, const gchar *params)
{
  gsize size = strnlen (params, GST_SOCKET_WIRE_MAX_PARAMS - 1);

  memcpy (at, params, size);
  GST_WRITE_UINT64_LE (
      at + GST_SOCKET_WIRE_MAX_PARAMS, size > 0 ? size + 1 : 0);
}

/**
 * gst_socket_wire_put_protection: (skip)
 * @out: a record in the making
 * @structure: a serialised GstStructure
 *
 * Returns: %FALSE, with @out untouched, when it is longer than 1023 bytes
 */
gboolean
gst_socket_wire_put_protection (GByteArray *out, const gchar *structure)
{
  gsize size = strlen (structure) + 1;
  guint8 *at;

  if (size > GST_SOCKET_WIRE_MAX_TEXT)
    return FALSE;
  at = begin_put (out, GST_SOCKET_WIRE_PROTECTION);
  memcpy (at + 4, structure, size);
  GST_WRITE_UINT64_LE (at + 1028, size);
  GST_WRITE_UINT64_LE (at + 1036, GST_SOCKET_WIRE_MAX_TEXT);
  return TRUE;
}

/**
 * gst_socket_wire_put_roi: (skip)
 * @out: a record in the making
 * @roi: a region of interest
 */
void
gst_socket_wire_put_roi (GByteArray *out, const GstSocketWireRoi *roi)
{
  guint8 *at = begin_put (out, GST_SOCKET_WIRE_ROI);

  put_name (at + 4, roi->label);
  GST_WRITE_UINT32_LE (at + 36, (guint32) roi->id);
  GST_WRITE_UINT32_LE (at + 40, (guint32) roi->parent_id);
  GST_WRITE_UINT32_LE (at + 44, roi->x);
  GST_WRITE_UINT32_LE (at + 48, roi->y);
  GST_WRITE_UINT32_LE (at + 52, roi->w);
  GST_WRITE_UINT32_LE (at + 56, roi->h);
  put_params (at + 60, roi->detection);
  put_params (at + 324, roi->xtraparams);
}

/**
 * gst_socket_wire_put_classification: (skip)
 * @out: a record in the making
 * @classification: labels with their confidence
 */
void
gst_socket_wire_put_classification (
    GByteArray *out, const GstSocketWireClassification *classification)
{
  guint8 *at = begin_put (out, GST_SOCKET_WIRE_CLASSIFICATION);
  guint n = MIN (classification->n_labels, GST_SOCKET_WIRE_MAX_LABELS);

  GST_WRITE_UINT32_LE (at + 4, classification->id);
  GST_WRITE_UINT32_LE (at + 8, (guint32) classification->parent_id);
  for (guint i = 0; i < n; i++) {
    const GstSocketWireLabel *label = &classification->labels[i];
    guint8 *to = at + 12 + LABEL_SIZE * i;

    put_name (to, label->name);
    GST_WRITE_DOUBLE_LE (to + 32, label->confidence);
    GST_WRITE_UINT32_LE (to + 40, label->color);
    put_params (to + 44, label->xtraparams);
  }
  GST_WRITE_UINT64_LE (at + 9868, n);
}

/**
 * gst_socket_wire_put_landmarks: (skip)
 * @out: a record in the making
 * @landmarks: points and the links between them
 */
void
gst_socket_wire_put_landmarks (
    GByteArray *out, const GstSocketWireLandmarks *landmarks)
{
  guint8 *at = begin_put (out, GST_SOCKET_WIRE_LANDMARKS);
  guint n = MIN (landmarks->n_keypoints, GST_SOCKET_WIRE_MAX_KEYPOINTS);
  guint n_links = MIN (landmarks->n_links, GST_SOCKET_WIRE_MAX_LINKS);

  GST_WRITE_UINT32_LE (at + 4, landmarks->id);
  GST_WRITE_UINT32_LE (at + 8, (guint32) landmarks->parent_id);
  GST_WRITE_DOUBLE_LE (at + 12, landmarks->confidence);
  for (guint i = 0; i < n; i++) {
    const GstSocketWireKeypoint *point = &landmarks->keypoints[i];
    guint8 *to = at + 20 + KEYPOINT_SIZE * i;

    put_name (to, point->name);
    GST_WRITE_DOUBLE_LE (to + 32, point->confidence);
    GST_WRITE_UINT32_LE (to + 40, point->color);
    GST_WRITE_UINT32_LE (to + 44, (guint32) point->x);
    GST_WRITE_UINT32_LE (to + 48, (guint32) point->y);
  }
  GST_WRITE_UINT64_LE (at + 3348, n);
  for (guint i = 0; i < n_links; i++) {
    GST_WRITE_UINT32_LE (at + 3356 + LINK_SIZE * i, landmarks->links[i].source);
    GST_WRITE_UINT32_LE (
        at + 3360 + LINK_SIZE * i, landmarks->links[i].destination);
  }
  GST_WRITE_UINT64_LE (at + 3868, n_links);
  put_params (at + 3876, landmarks->xtraparams);
}
