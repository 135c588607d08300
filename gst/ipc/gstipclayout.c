/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipclayout.c: whether a picture lies within its memory
 *
 * Here: see gstipclayout.h. Not here: the wire, buffers. Pure.
 *
 * Elements that read a picture believe its meta, so every byte that a format
 * makes them touch has to be inside. Nothing here overflows: sizes are below
 * 2^31, an offset is below the memory's size before anything is added to it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipclayout.h"

/* 256 colours of four bytes, in one row. */
#define PALETTE_BYTES 1024

/* The rows of a plane and the bytes of each that are read. */
typedef struct
{
  guint64 rows;
  guint64 bytes;
} Extent;

static guint
get_rows (const GstIpcLayout *layout)
{
  return layout->one_field ? (layout->height + 1) / 2 : layout->height;
}

/* Groups of pixels: the library knows how many bytes a row of them has. */
static gboolean
find_default (const GstIpcLayout *layout, GstVideoInfo *ret_info)
{
  return gst_video_info_set_format (
      ret_info, layout->format, layout->width, get_rows (layout));
}

static gboolean
is_palette (const GstVideoFormatInfo *info, guint plane)
{
  return GST_VIDEO_FORMAT_INFO_HAS_PALETTE (info)
      && plane == GST_VIDEO_COMP_PALETTE;
}

/* Of a plane with these components: colours that two pixels share are there for
 * the last one, too. */
static guint64
find_row_bytes (
    const GstVideoFormatInfo *info, const gint *comps, guint64 width)
{
  guint64 most = 0;

  for (guint i = 0; i < GST_VIDEO_MAX_COMPONENTS && comps[i] >= 0; i++) {
    guint64 bytes = GST_VIDEO_FORMAT_INFO_SCALE_WIDTH (info, comps[i], width)
        * GST_VIDEO_FORMAT_INFO_PSTRIDE (info, comps[i]);

    most = MAX (most, bytes);
  }
  return most;
}

static gboolean
find_extent (const GstVideoFormatInfo *info, guint plane,
    const GstIpcLayout *layout, Extent *ret)
{
  gint comps[GST_VIDEO_MAX_COMPONENTS];
  GstVideoInfo standard;

  gst_video_format_info_component (info, plane, comps);
  if (comps[0] < 0 || is_palette (info, plane)) {
    *ret = (Extent){1, is_palette (info, plane) ? PALETTE_BYTES : 1};
    return TRUE;
  }
  ret->rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (
      info, comps[0], (guint64) get_rows (layout));
  ret->bytes = find_row_bytes (info, comps, layout->width);
  if (!GST_VIDEO_FORMAT_INFO_IS_COMPLEX (info))
    return TRUE;
  if (!find_default (layout, &standard))
    return FALSE;
  ret->bytes = GST_VIDEO_INFO_PLANE_STRIDE (&standard, plane);
  return TRUE;
}

/* The first row may be the last in memory. */
static gboolean
is_within (const Extent *extent, guint64 offset, gint64 stride, guint64 size)
{
  guint64 before = stride < 0 ? (extent->rows - 1) * (guint64) -stride : 0;
  guint64 after = stride > 0 ? (extent->rows - 1) * (guint64) stride : 0;

  return before <= offset && after + extent->bytes <= size - offset;
}

/* The stride of such a plane counts tiles across and down. */
static gboolean
is_tiled_plane_sane (const GstVideoFormatInfo *info, guint plane,
    const GstIpcLayout *layout, guint64 size)
{
  GstVideoInfo standard;
  guint64 tiles_x = GST_VIDEO_TILE_X_TILES (layout->stride[plane]);
  guint64 tiles_y = GST_VIDEO_TILE_Y_TILES (layout->stride[plane]);
  gint least;

  if (!find_default (layout, &standard))
    return FALSE;
  least = GST_VIDEO_INFO_PLANE_STRIDE (&standard, plane);
  return tiles_x >= (guint) GST_VIDEO_TILE_X_TILES (least)
      && tiles_y >= (guint) GST_VIDEO_TILE_Y_TILES (least)
      && tiles_x * tiles_y * GST_VIDEO_FORMAT_INFO_TILE_SIZE (info, plane)
      <= size - layout->offset[plane];
}

static gboolean
has_sane_size (const GstIpcLayout *layout)
{
  return layout->n_planes > 0 && layout->n_planes <= GST_VIDEO_MAX_PLANES
      && layout->width > 0 && layout->height > 0 && layout->width < G_MAXINT32
      && layout->height < G_MAXINT32;
}

static gboolean
is_plane_sane (const GstVideoFormatInfo *info, guint plane,
    const GstIpcLayout *layout, guint64 size)
{
  Extent extent;

  if (layout->offset[plane] >= size)
    return FALSE;
  if (info == NULL || plane >= GST_VIDEO_FORMAT_INFO_N_PLANES (info))
    return TRUE;
  if (GST_VIDEO_FORMAT_INFO_IS_TILED (info))
    return is_tiled_plane_sane (info, plane, layout, size);
  return layout->stride[plane] != 0
      && find_extent (info, plane, layout, &extent)
      && is_within (
          &extent, layout->offset[plane], layout->stride[plane], size);
}

/* The library takes a number of no format for a fault of its caller's. */
static const GstVideoFormatInfo *
find_format (guint format)
{
  static gsize maximum;

  if (g_once_init_enter (&maximum)) {
    GEnumClass *formats = g_type_class_ref (GST_TYPE_VIDEO_FORMAT);

    g_once_init_leave (&maximum, (gsize) formats->maximum);
    g_type_class_unref (formats);
  }
  return format <= maximum ? gst_video_format_get_info (format) : NULL;
}

gboolean
gst_ipc_layout_is_sane (const GstIpcLayout *layout, guint64 size)
{
  const GstVideoFormatInfo *info = NULL;

  if (!has_sane_size (layout))
    return FALSE;
  if (layout->format > GST_VIDEO_FORMAT_ENCODED) {
    info = find_format (layout->format);
    if (info == NULL
        || GST_VIDEO_FORMAT_INFO_N_PLANES (info) > layout->n_planes)
      return FALSE;
  }
  for (guint i = 0; i < layout->n_planes; i++) {
    if (!is_plane_sane (info, i, layout, size))
      return FALSE;
  }
  return TRUE;
}
