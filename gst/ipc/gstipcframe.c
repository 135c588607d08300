/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcframe.c: one buffer on its way to several consumers
 *
 * Here: finding or making memory that can travel, and writing the records.
 * Not here: consumers, sockets. Made on the streaming thread, read-only after,
 * freed on any thread.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcframe.h"
#include "gstipcitems.h"
#include "gstipcmeta.h"

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

/* Up to here bytes go in the record: less work than a descriptor. */
#define MAX_INLINE_BYTES 8192
/* What of a GstBuffer's flags means something in another process. */
#define FLAGS_THAT_TRAVEL                                                      \
  (~(guint) (GST_BUFFER_FLAG_LIVE - 1) & ~(guint) GST_BUFFER_FLAG_TAG_MEMORY)

static void
read_tensor_caps (GstIpcFormat *self, const GstStructure *structure)
{
  const GValue *all = gst_structure_get_value (structure, "dimensions");
  guint n = all != NULL && GST_VALUE_HOLDS_ARRAY (all)
      ? gst_value_array_get_size (all)
      : 0;

  self->tensor_type = gst_ipc_tensor_type_from_string (
      gst_structure_get_string (structure, "type"));
  self->n_tensors = MIN (n, GST_SOCKET_WIRE_MAX_BLOCKS);
  for (guint i = 0; i < self->n_tensors; i++) {
    const GValue *one = gst_value_array_get_value (all, i);
    guint n_dims =
        GST_VALUE_HOLDS_ARRAY (one) ? gst_value_array_get_size (one) : 0;
    GstSocketWireTensor *tensor = &self->tensors[i];

    tensor->type = self->tensor_type;
    tensor->n_dimensions = MIN (n_dims, GST_SOCKET_WIRE_MAX_DIMENSIONS);
    for (guint d = 0; d < tensor->n_dimensions; d++) {
      const GValue *dim = gst_value_array_get_value (one, d);

      tensor->dimensions[d] =
          G_VALUE_HOLDS_INT (dim) ? g_value_get_int (dim) : 0;
    }
  }
}

void
gst_ipc_format_set_caps (GstIpcFormat *self, GstCaps *caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);

  gst_ipc_format_clear (self);
  self->caps = gst_caps_ref (caps);
  if (gst_structure_has_name (structure, "text/x-raw"))
    self->media = GST_IPC_MEDIA_TEXT;
  else if (gst_structure_has_name (structure, "neural-network/tensors")) {
    self->media = GST_IPC_MEDIA_TENSORS;
    read_tensor_caps (self, structure);
  } else if (gst_structure_has_name (structure, "video/x-raw")
      && gst_video_info_from_caps (&self->video, caps))
    self->media = GST_IPC_MEDIA_VIDEO;
}

void
gst_ipc_format_clear (GstIpcFormat *self)
{
  gst_clear_caps (&self->caps);
  memset (self, 0, sizeof (*self));
}

/* Qualcomm's format has a limit for blocks, ours another. */
static gboolean
describe_memories (GstIpcFrame *frame, GstBuffer *buffer, guint max_blocks)
{
  guint n = gst_buffer_n_memory (buffer);

  if (n == 0 || n > max_blocks)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    if (!gst_ipc_memory_describe (
            gst_buffer_peek_memory (buffer, i), &frame->blocks[i]))
      return FALSE;
  }
  frame->n_blocks = n;
  return TRUE;
}

static guint
find_max_blocks (const GstIpcFormat *format, GstIpcWants wants)
{
  if ((wants & GST_IPC_WANT_QUALCOMM) == 0
      || format->media == GST_IPC_MEDIA_OTHER)
    return GST_SOCKET_WIRE_EXT_MAX_BLOCKS;
  return format->media == GST_IPC_MEDIA_VIDEO ? 1 : GST_SOCKET_WIRE_MAX_BLOCKS;
}

/* Tensors stay in memories of their own; everything else becomes one. */
static GstBuffer *
copy_each_memory (GstBuffer *buffer, GstIpcCopier *copier)
{
  GstBuffer *all = gst_buffer_new ();

  for (guint i = 0; i < gst_buffer_n_memory (buffer); i++) {
    g_autoptr (GstBuffer) one = gst_buffer_new ();
    GstBuffer *copy;

    gst_buffer_append_memory (one, gst_buffer_get_memory (buffer, i));
    copy = gst_ipc_copier_copy (copier, one);
    if (copy == NULL) {
      gst_buffer_unref (all);
      return NULL;
    }
    /* The memory goes back to its pool with the buffer that it came in. */
    gst_buffer_append_memory (all, gst_buffer_get_memory (copy, 0));
    gst_buffer_add_parent_buffer_meta (all, copy);
    gst_buffer_unref (copy);
  }
  return all;
}

static gboolean
copy_memories (GstIpcFrame *frame, GstBuffer *buffer,
    const GstIpcFormat *format, GstIpcCopier *copier)
{
  GstBuffer *copy = format->media == GST_IPC_MEDIA_TENSORS
          && gst_buffer_n_memory (buffer) > 1
          && gst_buffer_n_memory (buffer) <= GST_SOCKET_WIRE_MAX_BLOCKS
      ? copy_each_memory (buffer, copier)
      : gst_ipc_copier_copy (copier, buffer);

  if (copy == NULL)
    return FALSE;
  frame->buffer = copy;
  return describe_memories (frame, copy, GST_SOCKET_WIRE_EXT_MAX_BLOCKS);
}

static void
use_inline (GstIpcFrame *frame, GstBuffer *buffer)
{
  frame->is_inline = TRUE;
  frame->n_blocks = 1;
  frame->blocks[0].fd = -1;
  frame->blocks[0].size = gst_buffer_get_size (buffer);
  frame->blocks[0].maxsize = frame->blocks[0].size;
}

/* Text travels in the record in either format; so does what is small, unless
 * Qualcomm's needs a descriptor for it. */
static gboolean
may_go_inline (GstBuffer *buffer, const GstIpcFormat *format, GstIpcWants wants)
{
  gsize size = gst_buffer_get_size (buffer);

  if (size > MAX_INLINE_BYTES)
    return FALSE;
  return size == 0 || format->media == GST_IPC_MEDIA_TEXT
      || format->media == GST_IPC_MEDIA_OTHER
      || (wants & GST_IPC_WANT_QUALCOMM) == 0;
}

static gboolean
find_memories (GstIpcFrame *frame, GstBuffer *buffer,
    const GstIpcFormat *format, GstIpcCopier *copier, GstIpcWants wants)
{
  if (may_go_inline (buffer, format, wants)) {
    use_inline (frame, buffer);
    return TRUE;
  }
  if ((wants & GST_IPC_WANT_COPY) == 0
      && describe_memories (frame, buffer, find_max_blocks (format, wants))) {
    frame->buffer = gst_buffer_ref (buffer);
    frame->pooled = buffer->pool != NULL;
    return TRUE;
  }
  frame->pooled = TRUE;
  return copy_memories (frame, buffer, format, copier);
}

static void
fill_layout (
    GstSocketWireFrame *wire, GstBuffer *buffer, const GstIpcFormat *format)
{
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);

  wire->width =
      meta ? meta->width : (guint) GST_VIDEO_INFO_WIDTH (&format->video);
  wire->height =
      meta ? meta->height : (guint) GST_VIDEO_INFO_HEIGHT (&format->video);
  wire->format = meta ? meta->format : GST_VIDEO_INFO_FORMAT (&format->video);
  wire->n_planes =
      meta ? meta->n_planes : GST_VIDEO_INFO_N_PLANES (&format->video);
  wire->flags = meta ? meta->flags : 0;
  for (guint i = 0; i < wire->n_planes; i++) {
    wire->offset[i] = meta ? meta->offset[i]
                           : GST_VIDEO_INFO_PLANE_OFFSET (&format->video, i);
    wire->stride[i] = meta ? meta->stride[i]
                           : GST_VIDEO_INFO_PLANE_STRIDE (&format->video, i);
  }
}

/* The receiver maps from the file's beginning, so the memory's place in it is
 * added to every plane and to the size. */
static void
put_video (GByteArray *out, const GstIpcFrame *frame, GstBuffer *buffer,
    const GstIpcFormat *format)
{
  const GstIpcBlock *block = &frame->blocks[0];
  GstSocketWireFrame wire = {0};

  fill_layout (&wire, buffer, format);
  for (guint i = 0; i < wire.n_planes; i++)
    wire.offset[i] += block->offset;
  wire.size = block->offset + block->size;
  wire.maxsize = block->maxsize;
  gst_socket_wire_put_frame (out, &wire);
}

static void
put_tensors (
    GByteArray *out, const GstIpcFrame *frame, const GstIpcFormat *format)
{
  for (guint i = 0; i < frame->n_blocks; i++) {
    const GstIpcBlock *block = &frame->blocks[i];
    GstSocketWireTensor wire = {0};

    if (i < format->n_tensors)
      wire = format->tensors[i];
    wire.type = format->tensor_type;
    wire.size = block->offset + block->size;
    wire.maxsize = block->maxsize;
    gst_socket_wire_put_tensor (out, &wire);
  }
}

static void
put_text (GByteArray *out, GstIpcFrame *frame, GstBuffer *buffer)
{
  guint8 bytes[GST_SOCKET_WIRE_MAX_TEXT];
  gsize size = gst_buffer_extract (buffer, 0, bytes, sizeof (bytes));
  const gchar *end;

  /* A cut goes between characters. */
  if (size < gst_buffer_get_size (buffer)
      && !g_utf8_validate_len ((gchar *) bytes, size, &end)
      && end > (gchar *) bytes)
    size = end - (gchar *) bytes;
  frame->text_bytes_cut = gst_buffer_get_size (buffer) - size;
  gst_socket_wire_put_text (out, bytes, size);
}

static void
put_info (GByteArray *out, const GstIpcFrame *frame, GstBuffer *buffer)
{
  GstSocketWireInfo info = {.pts = GST_BUFFER_PTS (buffer),
      .dts = GST_BUFFER_DTS (buffer),
      .duration = GST_BUFFER_DURATION (buffer),
      .use_pool = frame->pooled && !frame->is_inline};

  for (guint i = 0; i < frame->n_blocks; i++)
    info.buf_id[i] = frame->is_inline ? -1 : (gint32) frame->blocks[i].id;
  gst_socket_wire_put_info (out, &info, frame->n_blocks);
}

/* Writes everything but FD_COUNT, which differs from consumer to consumer. */
static GByteArray *
write_qualcomm (
    GstIpcFrame *frame, GstBuffer *buffer, const GstIpcFormat *format)
{
  GByteArray *out;
  gboolean is_video = format->media == GST_IPC_MEDIA_VIDEO;

  if (format->media == GST_IPC_MEDIA_OTHER
      || (frame->is_inline && format->media != GST_IPC_MEDIA_TEXT)
      || frame->n_blocks > GST_SOCKET_WIRE_MAX_BLOCKS)
    return NULL;
  out = g_byte_array_sized_new (256);
  put_info (out, frame, buffer);
  if (is_video)
    put_video (out, frame, buffer, format);
  else if (format->media == GST_IPC_MEDIA_TENSORS)
    put_tensors (out, frame, format);
  else
    put_text (out, frame, buffer);
  frame->metas_left_out = gst_ipc_items_put_qualcomm (
      out, buffer, is_video, GST_SOCKET_WIRE_MAX_RECORD - 8);
  return out;
}

static GByteArray *
write_own (GstIpcFrame *frame, GstBuffer *buffer)
{
  GByteArray *out = g_byte_array_sized_new (512);
  guint8 bytes[MAX_INLINE_BYTES];
  GstSocketWireExtBuffer wire;
  gsize start;

  wire.fresh = 0;
  wire.n_blocks = frame->n_blocks;
  wire.flags = GST_BUFFER_FLAGS (buffer) & FLAGS_THAT_TRAVEL;
  wire.pts = GST_BUFFER_PTS (buffer);
  wire.dts = GST_BUFFER_DTS (buffer);
  wire.duration = GST_BUFFER_DURATION (buffer);
  wire.offset = GST_BUFFER_OFFSET (buffer);
  wire.offset_end = GST_BUFFER_OFFSET_END (buffer);
  for (guint i = 0; i < frame->n_blocks; i++) {
    const GstIpcBlock *block = &frame->blocks[i];

    wire.blocks[i].id = block->id;
    wire.blocks[i].kind = frame->is_inline ? GST_SOCKET_WIRE_EXT_BLOCK_INLINE
                                           : GST_SOCKET_WIRE_EXT_BLOCK_FD;
    wire.blocks[i].offset = block->offset;
    wire.blocks[i].size = block->size;
    wire.blocks[i].maxsize = block->maxsize;
    wire.blocks[i].data = bytes;
  }
  if (frame->is_inline)
    gst_buffer_extract (buffer, 0, bytes, sizeof (bytes));
  start = gst_socket_wire_ext_begin_buffer (out, &wire);
  frame->metas_left_out +=
      gst_ipc_items_put (out, buffer, GST_SOCKET_WIRE_MAX_RECORD);
  gst_socket_wire_ext_end_buffer (out, start);
  return out;
}

/* Returns (transfer full) (nullable): NULL when the memory to copy into could
 * not be had. pool_use counts it for as long as buffer is kept; may be NULL. */
GstIpcFrame *
gst_ipc_frame_new (GstBuffer *buffer, const GstIpcFormat *format,
    GstIpcCopier *copier, GstIpcWants wants, GstIpcPoolUse *pool_use)
{
  g_autoptr (GstIpcFrame) frame = g_new0 (GstIpcFrame, 1);

  g_atomic_ref_count_init (&frame->refs);
  frame->is_delta = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  frame->bytes = gst_buffer_get_size (buffer);
  if (!find_memories (frame, buffer, format, copier, wants))
    return NULL;
  if (pool_use != NULL && frame->buffer == buffer) {
    frame->pool_use = pool_use;
    g_atomic_int_inc (&pool_use->kept);
  }
  if ((wants & GST_IPC_WANT_QUALCOMM) != 0)
    frame->qualcomm = write_qualcomm (frame, buffer, format);
  if ((wants & GST_IPC_WANT_OWN) != 0)
    frame->own = write_own (frame, buffer);
  return g_steal_pointer (&frame);
}

GstIpcFrame *
gst_ipc_frame_ref (GstIpcFrame *frame)
{
  g_atomic_ref_count_inc (&frame->refs);
  return frame;
}

/* One more consumer was sent it. */
void
gst_ipc_frame_add_holder_locked (GstIpcFrame *frame)
{
  if (frame->n_holders++ == 0 && frame->pool_use != NULL)
    frame->pool_use->out++;
}

/* One of them gave it back, or is gone. */
void
gst_ipc_frame_remove_holder_locked (GstIpcFrame *frame)
{
  if (--frame->n_holders == 0 && frame->pool_use != NULL)
    frame->pool_use->out--;
}

void
gst_ipc_frame_unref (GstIpcFrame *frame)
{
  if (!g_atomic_ref_count_dec (&frame->refs))
    return;
  if (frame->pool_use != NULL)
    g_atomic_int_add (&frame->pool_use->kept, -1);
  gst_clear_buffer (&frame->buffer);
  g_clear_pointer (&frame->qualcomm, g_byte_array_unref);
  g_clear_pointer (&frame->own, g_byte_array_unref);
  g_free (frame);
}
