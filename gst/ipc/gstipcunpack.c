/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcunpack.c: messages as buffers and caps
 *
 * Here: see gstipcunpack.h. Not here: sockets, memory bookkeeping. Called by
 * the reader.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcunpack.h"
#include "gstipcitems.h"
#include "gstipclayout.h"
#include "gstipcmeta.h"

static gboolean
fail (GError **error, const gchar *text)
{
  g_set_error_literal (
      error, GST_SOCKET_WIRE_ERROR, GST_SOCKET_WIRE_ERROR_INVALID, text);
  return FALSE;
}

static GstIpcBlockRef
make_ref (const GstSocketWireMessage *msg, guint i)
{
  const GstSocketWireBlock *block = &msg->blocks[i];
  gboolean is_frame = block->identity == GST_SOCKET_WIRE_FRAME;
  GstIpcBlockRef ref = {.id = (guint32) msg->info.buf_id[i],
      .size = is_frame ? block->frame.size : block->tensor.size,
      .maxsize = is_frame ? block->frame.maxsize : block->tensor.maxsize,
      .pooled = msg->info.use_pool != 0};

  return ref;
}

static guint64
add_size (guint64 sum, guint64 size)
{
  return size > G_MAXUINT64 - sum ? G_MAXUINT64 : sum + size;
}

static guint64
sum_sizes (const GstSocketWireMessage *msg)
{
  guint64 sum = 0;

  for (guint i = 0; i < msg->n_blocks; i++)
    sum = add_size (sum, make_ref (msg, i).size);
  return sum;
}

static guint64
sum_own_sizes (const GstSocketWireExtBuffer *wire)
{
  guint64 sum = 0;

  for (guint i = 0; i < wire->n_blocks; i++)
    sum = add_size (sum, wire->blocks[i].size);
  return sum;
}

static gint
take_next (GstSocketFds *fds, guint *next)
{
  return *next < fds->n ? gst_socket_fds_take (fds, (*next)++) : -1;
}

/* As many descriptors as blocks go one to each. Fewer belong, in order, to the
 * blocks whose id was never seen. */
static gboolean
append_blocks (GstBuffer *buffer, const GstSocketWireMessage *msg,
    GstIpcTable *table, GstSocketFds *fds, GError **error)
{
  gboolean one_each = fds->n == msg->n_blocks;
  guint64 frame_size = sum_sizes (msg);
  gboolean ok = TRUE;
  guint next = 0;

  for (guint i = 0; i < msg->n_blocks; i++) {
    GstIpcBlockRef ref = make_ref (msg, i);
    gboolean takes_fd = one_each || !gst_ipc_table_knows (table, ref.id);
    gint fd = takes_fd ? take_next (fds, &next) : -1;
    GstMemory *memory;

    ref.frame_size = frame_size;
    memory = gst_ipc_table_get_memory (table, &ref, fd, ok ? error : NULL);
    if (memory != NULL)
      gst_buffer_append_memory (buffer, memory);
    else
      ok = FALSE;
  }
  if (ok && next < fds->n)
    return fail (error, "descriptors came that belong to no block");
  return ok;
}

static gboolean
add_video_meta (
    GstBuffer *buffer, const GstSocketWireFrame *frame, GError **error)
{
  GstIpcLayout layout = {
      frame->format, frame->width, frame->height, frame->n_planes};

  for (guint i = 0; i < GST_VIDEO_MAX_PLANES; i++) {
    layout.offset[i] = frame->offset[i];
    layout.stride[i] = frame->stride[i];
  }
  if (frame->format <= GST_VIDEO_FORMAT_ENCODED
      || !gst_ipc_layout_is_sane (&layout, frame->size))
    return fail (error, "a picture does not lie within its memory");
  gst_buffer_add_video_meta_full (buffer,
      frame->flags
          & (GST_VIDEO_FRAME_FLAG_INTERLACED | GST_VIDEO_FRAME_FLAG_TFF
              | GST_VIDEO_FRAME_FLAG_RFF),
      frame->format, frame->width, frame->height, frame->n_planes,
      layout.offset, layout.stride);
  return TRUE;
}

/* A relay needs to know which tensor is which. */
static void
add_tensor_metas (GstBuffer *buffer, const GstSocketWireMessage *msg)
{
  const GstMetaInfo *info = gst_ipc_tensor_meta_get_info ();

  for (guint i = 0; info != NULL && i < msg->n_blocks; i++) {
    const GstSocketWireTensor *tensor = &msg->blocks[i].tensor;
    GstIpcTensorMeta *meta =
        (GstIpcTensorMeta *) gst_buffer_add_meta (buffer, info, NULL);

    meta->id = i;
    meta->type = tensor->type;
    meta->n_dimensions = tensor->n_dimensions;
    memcpy (meta->dimensions, tensor->dimensions, sizeof (meta->dimensions));
  }
}

static gboolean
fill_media (GstBuffer *buffer, const GstSocketWireMessage *msg,
    GstIpcTable *table, GstSocketFds *fds, GError **error)
{
  const GstSocketWireBlock *first = &msg->blocks[0];

  if (first->identity == GST_SOCKET_WIRE_TEXT) {
    gst_buffer_append_memory (buffer,
        gst_ipc_table_copy_inline (table, (guint32) msg->info.buf_id[0],
            first->text.data, first->text.size));
    return TRUE;
  }
  if (!append_blocks (buffer, msg, table, fds, error))
    return FALSE;
  if (first->identity == GST_SOCKET_WIRE_FRAME)
    return add_video_meta (buffer, &first->frame, error);
  add_tensor_metas (buffer, msg);
  return TRUE;
}

/* The count in the message, what the kernel delivered and the blocks have to
 * agree before any descriptor is believed in. */
GstBuffer *
gst_ipc_unpack_qualcomm (const GstSocketWireMessage *msg, GstIpcTable *table,
    GstSocketFds *fds, GError **error)
{
  g_autoptr (GstBuffer) buffer = NULL;

  if ((guint) msg->n_fds != fds->n) {
    fail (error, "the count of descriptors is not what came");
    return NULL;
  }
  buffer = gst_buffer_new ();
  if (!fill_media (buffer, msg, table, fds, error))
    return NULL;
  GST_BUFFER_PTS (buffer) = msg->info.pts;
  GST_BUFFER_DTS (buffer) = msg->info.dts;
  GST_BUFFER_DURATION (buffer) = msg->info.duration;
  gst_ipc_items_read_qualcomm (msg, buffer);
  return g_steal_pointer (&buffer);
}

static GstMemory *
get_own_block (const GstSocketWireExtBlock *block, guint64 frame_size,
    GstIpcTable *table, gint fd, GError **error)
{
  GstIpcBlockRef ref = {.id = block->id,
      .offset = block->offset,
      .size = block->size,
      .maxsize = block->maxsize,
      .frame_size = frame_size,
      .pooled = TRUE};

  if (block->kind == GST_SOCKET_WIRE_EXT_BLOCK_INLINE)
    return gst_ipc_table_copy_inline (
        table, block->id, block->data, block->size);
  return gst_ipc_table_get_memory (table, &ref, fd, error);
}

/* Every block is asked for, even after one failed, so that each is released. */
static gboolean
append_own_blocks (GstBuffer *buffer, const GstSocketWireExtBuffer *wire,
    GstIpcTable *table, GstSocketFds *fds, GError **error)
{
  guint64 frame_size = sum_own_sizes (wire);
  gboolean ok = TRUE;
  guint next = 0;

  for (guint i = 0; i < wire->n_blocks; i++) {
    gboolean is_fresh = (wire->fresh & (1u << i)) != 0;
    GstMemory *memory = get_own_block (&wire->blocks[i], frame_size, table,
        is_fresh ? take_next (fds, &next) : -1, ok ? error : NULL);

    if (memory != NULL)
      gst_buffer_append_memory (buffer, memory);
    else
      ok = FALSE;
  }
  return ok;
}

static guint
count_bits (guint32 value)
{
  guint n = 0;

  for (; value != 0; value &= value - 1)
    n++;
  return n;
}

GstBuffer *
gst_ipc_unpack_own (GstSocketWireExtBuffer *wire, GstIpcTable *table,
    GstSocketFds *fds, GstCaps *caps, GError **error)
{
  g_autoptr (GstBuffer) buffer = NULL;

  if (count_bits (wire->fresh) != fds->n) {
    fail (error, "the count of descriptors is not what came");
    return NULL;
  }
  buffer = gst_buffer_new ();
  if (!append_own_blocks (buffer, wire, table, fds, error))
    return NULL;
  GST_BUFFER_FLAG_SET (buffer,
      wire->flags & ~(guint) (GST_BUFFER_FLAG_LIVE - 1)
          & ~(guint) GST_BUFFER_FLAG_TAG_MEMORY);
  GST_BUFFER_PTS (buffer) = wire->pts;
  GST_BUFFER_DTS (buffer) = wire->dts;
  GST_BUFFER_DURATION (buffer) = wire->duration;
  GST_BUFFER_OFFSET (buffer) = wire->offset;
  GST_BUFFER_OFFSET_END (buffer) = wire->offset_end;
  gst_ipc_items_read (wire, buffer, caps);
  return g_steal_pointer (&buffer);
}

static GstCaps *
make_video_caps (const GstSocketWireFrame *frame)
{
  GstCaps *caps;

  if (frame->format <= GST_VIDEO_FORMAT_ENCODED
      || gst_video_format_get_info (frame->format) == NULL)
    return NULL;
  caps = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING,
      gst_video_format_to_string (frame->format), "width", G_TYPE_INT,
      (gint) frame->width, "height", G_TYPE_INT, (gint) frame->height,
      "framerate", GST_TYPE_FRACTION_RANGE, 0, 1, G_MAXINT, 1, NULL);
  gst_caps_set_features (caps, 0, gst_caps_features_new_any ());
  return caps;
}

static GstCaps *
make_tensor_caps (const GstSocketWireMessage *msg)
{
  GstCaps *caps =
      gst_caps_new_simple ("neural-network/tensors", "type", G_TYPE_STRING,
          gst_ipc_tensor_type_to_string (msg->blocks[0].tensor.type), NULL);
  GValue all = G_VALUE_INIT;

  g_value_init (&all, GST_TYPE_ARRAY);
  for (guint i = 0; i < msg->n_blocks; i++) {
    const GstSocketWireTensor *tensor = &msg->blocks[i].tensor;
    GValue one = G_VALUE_INIT;

    g_value_init (&one, GST_TYPE_ARRAY);
    for (guint d = 0; d < tensor->n_dimensions; d++) {
      GValue dim = G_VALUE_INIT;

      g_value_init (&dim, G_TYPE_INT);
      g_value_set_int (&dim, (gint) tensor->dimensions[d]);
      gst_value_array_append_and_take_value (&one, &dim);
    }
    gst_value_array_append_and_take_value (&all, &one);
  }
  gst_structure_take_value (
      gst_caps_get_structure (caps, 0), "dimensions", &all);
  return caps;
}

GstCaps *
gst_ipc_unpack_caps (const GstSocketWireMessage *msg)
{
  switch (msg->blocks[0].identity) {
    case GST_SOCKET_WIRE_FRAME:
      return make_video_caps (&msg->blocks[0].frame);
    case GST_SOCKET_WIRE_TENSOR:
      return make_tensor_caps (msg);
    default:
      return gst_caps_new_empty_simple ("text/x-raw");
  }
}

static gboolean
same_tensor (const GstSocketWireTensor *a, const GstSocketWireTensor *b)
{
  return a->type == b->type && a->n_dimensions == b->n_dimensions
      && memcmp (a->dimensions, b->dimensions, sizeof (a->dimensions)) == 0;
}

static gboolean
same_block (const GstSocketWireBlock *a, const GstSocketWireBlock *b)
{
  if (a->identity != b->identity)
    return FALSE;
  if (a->identity == GST_SOCKET_WIRE_FRAME)
    return a->frame.width == b->frame.width
        && a->frame.height == b->frame.height
        && a->frame.format == b->frame.format;
  return a->identity != GST_SOCKET_WIRE_TENSOR
      || same_tensor (&a->tensor, &b->tensor);
}

gboolean
gst_ipc_unpack_same_media (const GstSocketWireMessage *a,
    const GstSocketWireBlock *blocks, guint n_blocks)
{
  if (a->n_blocks != n_blocks)
    return FALSE;
  for (guint i = 0; i < n_blocks; i++) {
    if (!same_block (&a->blocks[i], &blocks[i]))
      return FALSE;
  }
  return TRUE;
}
