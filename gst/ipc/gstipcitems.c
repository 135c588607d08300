/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcitems.c: metas of a buffer as items of the extension, and back
 *
 * Here: see gstipcitems.h. Not here: Qualcomm's payloads
 * (gstipcitemsqualcomm.c), memories, sockets. Any thread.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/socket/gstsocketunaligned.h>
#include "gstipcitems.h"
#include "gstipcitems-private.h"
#include "gstipclayout.h"
#include "gstipcmeta.h"

#include <gst/audio/audio.h>
#include <gst/base/gstbytereader.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

#define MAX_PARAMS 32
#define MAX_CHANNELS 64
/* Of padding in pixels, and of a stride in bytes. */
#define MAX_ALIGNMENT 0xffffu

static void
put_i32s (GByteArray *out, const gint *values, guint n)
{
  for (guint i = 0; i < n; i++)
    gst_socket_wire_put_u32 (out, (guint32) values[i]);
}

static void
put_u32s (GByteArray *out, const guint *values, guint n)
{
  for (guint i = 0; i < n; i++)
    gst_socket_wire_put_u32 (out, values[i]);
}

static void
put_double (GByteArray *out, gdouble value)
{
  guint8 bytes[8];

  GST_WRITE_DOUBLE_LE (bytes, value);
  gst_socket_wire_put_bytes (out, bytes, sizeof (bytes));
}

static void
put_string (GByteArray *out, const gchar *text)
{
  gst_socket_wire_put_bytes (out, text, strlen (text));
}

static void
put_sized_string (GByteArray *out, const gchar *text)
{
  gst_socket_wire_put_u32 (out, strlen (text));
  put_string (out, text);
}

static void
put_video (GByteArray *out, const GstVideoMeta *meta)
{
  const GstVideoAlignment *align = &meta->alignment;
  guint padding[4] = {align->padding_top, align->padding_bottom,
      align->padding_left, align->padding_right};
  guint head[6] = {meta->flags, meta->format, (guint) meta->id, meta->width,
      meta->height, meta->n_planes};

  put_u32s (out, head, 6);
  for (guint i = 0; i < GST_VIDEO_MAX_PLANES; i++)
    gst_socket_wire_put_u64 (out, i < meta->n_planes ? meta->offset[i] : 0);
  for (guint i = 0; i < GST_VIDEO_MAX_PLANES; i++)
    gst_socket_wire_put_u32 (out, i < meta->n_planes ? meta->stride[i] : 0);
  put_u32s (out, padding, 4);
  put_u32s (out, align->stride_align, 4);
}

static void
put_audio (GByteArray *out, const GstAudioMeta *meta)
{
  guint channels = MIN (meta->info.channels, MAX_CHANNELS);

  gst_socket_wire_put_u64 (out, meta->samples);
  gst_socket_wire_put_u32 (out, channels);
  gst_socket_wire_put_u32 (out, 0);
  for (guint i = 0; i < channels; i++)
    gst_socket_wire_put_u64 (out, meta->offsets ? meta->offsets[i] : 0);
}

static void
put_roi (GByteArray *out, const GstVideoRegionOfInterestMeta *meta)
{
  const gchar *type = g_quark_to_string (meta->roi_type);
  gint ids[2] = {meta->id, meta->parent_id};
  guint box[4] = {meta->x, meta->y, meta->w, meta->h};
  guint n = MIN (g_list_length (meta->params), MAX_PARAMS);
  GList *param = meta->params;

  put_i32s (out, ids, 2);
  put_u32s (out, box, 4);
  gst_socket_wire_put_u32 (out, n);
  put_sized_string (out, type != NULL ? type : "");
  for (guint i = 0; i < n; i++, param = param->next) {
    g_autofree gchar *text = gst_structure_to_string (param->data);

    put_sized_string (out, text);
  }
}

static void
put_protection (GByteArray *out, const GstProtectionMeta *meta)
{
  g_autofree gchar *text = gst_structure_to_string (meta->info);

  put_string (out, text);
}

static void
put_tensor (GByteArray *out, const GstIpcTensorMeta *meta)
{
  const gchar *name = g_quark_to_string (meta->name);
  guint head[3] = {meta->id, meta->type, meta->n_dimensions};

  put_u32s (out, head, 3);
  put_u32s (out, meta->dimensions, 8);
  put_double (out, meta->scale);
  put_double (out, meta->offset);
  put_string (out, name != NULL ? name : "");
}

static void
put_reference_time (GByteArray *out, const GstReferenceTimestampMeta *meta)
{
  g_autofree gchar *text = gst_caps_to_string (meta->reference);

  gst_socket_wire_put_u64 (out, meta->timestamp);
  gst_socket_wire_put_u64 (out, meta->duration);
  put_string (out, text);
}

static void
put_crop (GByteArray *out, const GstVideoCropMeta *meta)
{
  guint box[4] = {meta->x, meta->y, meta->width, meta->height};

  put_u32s (out, box, 4);
}

static void
put_qualcomm (GByteArray *out, GstMeta *meta)
{
  if (meta->info == gst_ipc_classification_meta_get_info ())
    gst_ipc_items_put_classification (out, (GstIpcClassificationMeta *) meta);
  else
    gst_ipc_items_put_landmarks (out, (GstIpcLandmarksMeta *) meta);
}

/* 0 for a meta that does not travel. */
static GstSocketWireExtItemType
find_item_type (const GstMeta *meta)
{
  GType api = meta->info->api;

  if (api == GST_VIDEO_META_API_TYPE)
    return GST_SOCKET_WIRE_EXT_ITEM_VIDEO;
  if (api == GST_AUDIO_META_API_TYPE)
    return GST_SOCKET_WIRE_EXT_ITEM_AUDIO;
  if (api == GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)
    return GST_SOCKET_WIRE_EXT_ITEM_ROI;
  if (api == GST_PROTECTION_META_API_TYPE)
    return GST_SOCKET_WIRE_EXT_ITEM_PROTECTION;
  if (api == GST_VIDEO_CROP_META_API_TYPE)
    return GST_SOCKET_WIRE_EXT_ITEM_CROP;
  if (api == GST_REFERENCE_TIMESTAMP_META_API_TYPE)
    return GST_SOCKET_WIRE_EXT_ITEM_REFERENCE_TIME;
  if (meta->info == gst_ipc_classification_meta_get_info ())
    return GST_SOCKET_WIRE_EXT_ITEM_CLASSIFICATION;
  if (meta->info == gst_ipc_landmarks_meta_get_info ())
    return GST_SOCKET_WIRE_EXT_ITEM_LANDMARKS;
  if (meta->info == gst_ipc_tensor_meta_get_info ())
    return GST_SOCKET_WIRE_EXT_ITEM_TENSOR;
  return 0;
}

static void
put_item_bytes (GByteArray *out, GstSocketWireExtItemType type, GstMeta *meta)
{
  switch (type) {
    case GST_SOCKET_WIRE_EXT_ITEM_VIDEO:
      return put_video (out, (GstVideoMeta *) meta);
    case GST_SOCKET_WIRE_EXT_ITEM_AUDIO:
      return put_audio (out, (GstAudioMeta *) meta);
    case GST_SOCKET_WIRE_EXT_ITEM_ROI:
      return put_roi (out, (GstVideoRegionOfInterestMeta *) meta);
    case GST_SOCKET_WIRE_EXT_ITEM_PROTECTION:
      return put_protection (out, (GstProtectionMeta *) meta);
    case GST_SOCKET_WIRE_EXT_ITEM_CROP:
      return put_crop (out, (GstVideoCropMeta *) meta);
    case GST_SOCKET_WIRE_EXT_ITEM_REFERENCE_TIME:
      return put_reference_time (out, (GstReferenceTimestampMeta *) meta);
    case GST_SOCKET_WIRE_EXT_ITEM_TENSOR:
      return put_tensor (out, (GstIpcTensorMeta *) meta);
    case GST_SOCKET_WIRE_EXT_ITEM_CLASSIFICATION:
    case GST_SOCKET_WIRE_EXT_ITEM_LANDMARKS:
      return put_qualcomm (out, meta);
  }
}

guint
gst_ipc_items_put (GByteArray *out, GstBuffer *buffer, gsize limit)
{
  gpointer state = NULL;
  GstMeta *meta;
  guint left_out = 0;

  while ((meta = gst_buffer_iterate_meta (buffer, &state)) != NULL) {
    GstSocketWireExtItemType type = find_item_type (meta);
    gsize start = out->len;
    gsize item;

    if (type == 0)
      continue;
    item = gst_socket_wire_ext_begin_item (out, type);
    put_item_bytes (out, type, meta);
    gst_socket_wire_ext_end_item (out, item);
    if (out->len <= limit)
      continue;
    g_byte_array_set_size (out, start);
    left_out++;
  }
  return left_out;
}

static void
read_u32s (GstByteReader *reader, guint *values, guint n)
{
  for (guint i = 0; i < n; i++)
    values[i] = gst_byte_reader_get_uint32_le_unchecked (reader);
}

/* Most pictures have none. What the library does not take is left out. */
static void
read_alignment (GstByteReader *reader, GstVideoMeta *meta)
{
  GstVideoAlignment align;
  guint values[8];
  guint all = 0;

  read_u32s (reader, values, G_N_ELEMENTS (values));
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    all |= values[i];
  if (all == 0 || all > MAX_ALIGNMENT)
    return;
  align.padding_top = values[0];
  align.padding_bottom = values[1];
  align.padding_left = values[2];
  align.padding_right = values[3];
  memcpy (align.stride_align, values + 4, sizeof (align.stride_align));
  gst_video_meta_set_alignment (meta, align);
}

/* One field in a buffer: the meta still counts the rows of both. */
static gboolean
has_single_fields (GstCaps *caps)
{
  const GstStructure *structure =
      caps != NULL ? gst_caps_get_structure (caps, 0) : NULL;

  return structure != NULL
      && g_strcmp0 (gst_structure_get_string (structure, "interlace-mode"),
             "alternate")
      == 0;
}

static gboolean
fits (GstIpcLayout *layout, GstBuffer *buffer, GstCaps *caps)
{
  gsize size = gst_buffer_get_size (buffer);

  layout->one_field = FALSE;
  if (gst_ipc_layout_is_sane (layout, size))
    return TRUE;
  layout->one_field = has_single_fields (caps);
  if (layout->one_field && gst_ipc_layout_is_sane (layout, size))
    return TRUE;
  GST_WARNING ("a picture of %ux%u does not lie within its %" G_GSIZE_FORMAT
               " bytes: its layout is left out",
      layout->width, layout->height, size);
  return FALSE;
}

static void
read_video (const GstSocketWireExtItem *item, GstBuffer *buffer, GstCaps *caps)
{
  GstByteReader reader;
  guint head[6];
  GstIpcLayout layout;
  GstVideoMeta *meta;

  if (item->size < 104)
    return;
  gst_byte_reader_init (&reader, item->data, item->size);
  read_u32s (&reader, head, 6);
  for (guint i = 0; i < GST_VIDEO_MAX_PLANES; i++)
    layout.offset[i] = gst_byte_reader_get_uint64_le_unchecked (&reader);
  read_u32s (&reader, (guint *) layout.stride, 4);
  layout.format = head[1];
  layout.width = head[3];
  layout.height = head[4];
  layout.n_planes = head[5];
  if (!fits (&layout, buffer, caps))
    return;
  meta = gst_buffer_add_video_meta_full (buffer, head[0], head[1], head[3],
      head[4], head[5], layout.offset, layout.stride);
  if (meta == NULL)
    return;
  meta->id = (gint) head[2];
  read_alignment (&reader, meta);
}

static void
read_audio (const GstSocketWireExtItem *item, GstBuffer *buffer, GstCaps *caps)
{
  gsize offsets[MAX_CHANNELS];
  GstAudioInfo info;
  guint64 samples;
  guint channels;

  if (item->size < 16 || caps == NULL)
    return;
  samples = GST_READ_UINT64_LE (item->data);
  channels = GST_READ_UINT32_LE (item->data + 8);
  if (channels == 0 || channels > MAX_CHANNELS
      || item->size < 16 + 8 * (gsize) channels)
    return;
  if (!gst_audio_info_from_caps (&info, caps)
      || (guint) info.channels != channels)
    return;
  if (samples > gst_buffer_get_size (buffer) / MAX (info.bpf, 1))
    return;
  for (guint i = 0; i < channels; i++) {
    offsets[i] = GST_READ_UINT64_LE (item->data + 16 + 8 * i);
    if (offsets[i] >= MAX (gst_buffer_get_size (buffer), 1))
      return;
  }
  gst_buffer_add_audio_meta (buffer, &info, samples, offsets);
}

/* Returns a text of its own, NULL when it does not fit or is not UTF-8. */
static gchar *
read_sized_string (GstByteReader *reader)
{
  const guint8 *data;
  guint32 size;

  if (!gst_byte_reader_get_uint32_le (reader, &size)
      || !gst_byte_reader_get_data (reader, size, &data)
      || !g_utf8_validate_len ((const gchar *) data, size, NULL))
    return NULL;
  return g_strndup ((const gchar *) data, size);
}

static gchar *
read_rest (const GstSocketWireExtItem *item, gsize from)
{
  const gchar *data = (const gchar *) item->data + from;

  if (item->size < from || !g_utf8_validate_len (data, item->size - from, NULL))
    return NULL;
  return g_strndup (data, item->size - from);
}

static void
read_roi (const GstSocketWireExtItem *item, GstBuffer *buffer)
{
  GstByteReader reader;
  guint head[7];
  g_autofree gchar *type = NULL;
  GstVideoRegionOfInterestMeta *meta;

  if (item->size < 32)
    return;
  gst_byte_reader_init (&reader, item->data, item->size);
  read_u32s (&reader, head, 7);
  type = read_sized_string (&reader);
  if (type == NULL || head[6] > MAX_PARAMS)
    return;
  meta = gst_buffer_add_video_region_of_interest_meta (
      buffer, type, head[2], head[3], head[4], head[5]);
  meta->id = (gint) head[0];
  meta->parent_id = (gint) head[1];
  for (guint i = 0; i < head[6]; i++) {
    g_autofree gchar *text = read_sized_string (&reader);
    GstStructure *param =
        text != NULL ? gst_structure_from_string (text, NULL) : NULL;

    if (param != NULL)
      gst_video_region_of_interest_meta_add_param (meta, param);
  }
}

static void
read_tensor (const GstSocketWireExtItem *item, GstBuffer *buffer)
{
  const GstMetaInfo *info = gst_ipc_tensor_meta_get_info ();
  g_autofree gchar *name = read_rest (item, 60);
  GstIpcTensorMeta *meta;
  GstByteReader reader;
  guint head[3];

  if (name == NULL || info == NULL)
    return;
  gst_byte_reader_init (&reader, item->data, item->size);
  read_u32s (&reader, head, 3);
  if (head[2] > 8)
    return;
  meta = (GstIpcTensorMeta *) gst_buffer_add_meta (buffer, info, NULL);
  meta->id = head[0];
  meta->type = head[1];
  meta->n_dimensions = head[2];
  read_u32s (&reader, meta->dimensions, 8);
  meta->scale = gst_byte_reader_get_float64_le_unchecked (&reader);
  meta->offset = gst_byte_reader_get_float64_le_unchecked (&reader);
  meta->name = g_quark_from_string (name);
}

static void
read_protection (const GstSocketWireExtItem *item, GstBuffer *buffer)
{
  g_autofree gchar *text = read_rest (item, 0);
  GstStructure *info =
      text != NULL ? gst_structure_from_string (text, NULL) : NULL;

  if (info != NULL)
    gst_buffer_add_protection_meta (buffer, info);
}

static void
read_reference_time (const GstSocketWireExtItem *item, GstBuffer *buffer)
{
  g_autofree gchar *text = read_rest (item, 16);
  g_autoptr (GstCaps) caps = text != NULL ? gst_caps_from_string (text) : NULL;

  if (caps != NULL && GST_READ_UINT64_LE (item->data) != GST_CLOCK_TIME_NONE)
    gst_buffer_add_reference_timestamp_meta (buffer, caps,
        GST_READ_UINT64_LE (item->data), GST_READ_UINT64_LE (item->data + 8));
}

static void
read_crop (const GstSocketWireExtItem *item, GstBuffer *buffer)
{
  GstVideoCropMeta *meta;

  if (item->size < 16)
    return;
  meta = gst_buffer_add_video_crop_meta (buffer);
  meta->x = GST_READ_UINT32_LE (item->data);
  meta->y = GST_READ_UINT32_LE (item->data + 4);
  meta->width = GST_READ_UINT32_LE (item->data + 8);
  meta->height = GST_READ_UINT32_LE (item->data + 12);
}

static void
read_item (const GstSocketWireExtItem *item, GstBuffer *buffer, GstCaps *caps)
{
  GstSocketWireMeta meta = {
      GST_SOCKET_WIRE_CLASSIFICATION, item->data, item->size};

  switch (item->type) {
    case GST_SOCKET_WIRE_EXT_ITEM_VIDEO:
      return read_video (item, buffer, caps);
    case GST_SOCKET_WIRE_EXT_ITEM_AUDIO:
      return read_audio (item, buffer, caps);
    case GST_SOCKET_WIRE_EXT_ITEM_ROI:
      return read_roi (item, buffer);
    case GST_SOCKET_WIRE_EXT_ITEM_PROTECTION:
      return read_protection (item, buffer);
    case GST_SOCKET_WIRE_EXT_ITEM_CROP:
      return read_crop (item, buffer);
    case GST_SOCKET_WIRE_EXT_ITEM_REFERENCE_TIME:
      return read_reference_time (item, buffer);
    case GST_SOCKET_WIRE_EXT_ITEM_TENSOR:
      return read_tensor (item, buffer);
    case GST_SOCKET_WIRE_EXT_ITEM_CLASSIFICATION:
      return gst_ipc_items_read_classification (&meta, buffer);
    case GST_SOCKET_WIRE_EXT_ITEM_LANDMARKS:
      meta.identity = GST_SOCKET_WIRE_LANDMARKS;
      return gst_ipc_items_read_landmarks (&meta, buffer);
  }
}

/* A picture with padding says itself how large it is, which is more than its
 * caps do then. What is of no known size nobody shows. */
static gboolean
find_size (GstBuffer *buffer, GstCaps *caps, gint *width, gint *height)
{
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);

  if (meta != NULL) {
    *width = (gint) meta->width;
    *height = (gint) meta->height;
    return TRUE;
  }
  return caps != NULL
      && gst_structure_get (gst_caps_get_structure (caps, 0), "width",
          G_TYPE_INT, width, "height", G_TYPE_INT, height, NULL);
}

typedef struct
{
  guint64 width;
  guint64 height;
} Size;

static gboolean
drop_crop_outside (GstBuffer *buffer, GstMeta **meta, gpointer user_data)
{
  const Size *size = user_data;
  const GstVideoCropMeta *crop = (const GstVideoCropMeta *) *meta;

  if ((*meta)->info->api == GST_VIDEO_CROP_META_API_TYPE
      && ((guint64) crop->x + crop->width > size->width
          || (guint64) crop->y + crop->height > size->height))
    *meta = NULL;
  return TRUE;
}

/* Who shows a part of a picture believes that it is one. */
static void
check_crops (GstBuffer *buffer, GstCaps *caps)
{
  gint width, height;
  Size size;

  if (!find_size (buffer, caps, &width, &height))
    return;
  size = (Size){MAX (width, 0), MAX (height, 0)};
  gst_buffer_foreach_meta (buffer, drop_crop_outside, &size);
}

void
gst_ipc_items_read (
    GstSocketWireExtBuffer *wire, GstBuffer *buffer, GstCaps *caps)
{
  GstSocketWireExtItem item;
  gboolean has_crop = FALSE;

  while (gst_socket_wire_ext_next_item (wire, &item)) {
    read_item (&item, buffer, caps);
    has_crop |= item.type == GST_SOCKET_WIRE_EXT_ITEM_CROP;
  }
  /* Its picture may have come after it. */
  if (has_crop)
    check_crops (buffer, caps);
}
