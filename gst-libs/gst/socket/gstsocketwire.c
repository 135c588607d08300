/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwire.c: reading messages between processes, the core payloads
 *
 * Here: dialects, the walk over a record, blocks, ids and counts.
 * Not here: metas (gstsocketwiremeta.c), writing (gstsocketwireput.c), the
 * extension (gstsocketwireext.c), sockets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketunaligned.h"
#include "gstsocketwire.h"

#include <gst/base/gstbytereader.h>

#include <string.h>

G_DEFINE_QUARK (gst - socket - wire - error - quark, gst_socket_wire_error)

/* The extension's first four bytes, "GSX1". */
#define EXTENSION_MAGIC 0x31585347u
#define EXTENSION_MIN_SIZE 12

static const gsize payload_sizes[GST_SOCKET_WIRE_N_IDENTITIES] = {
    [GST_SOCKET_WIRE_EOS] = 4,
    [GST_SOCKET_WIRE_DISCONNECT] = 4,
    [GST_SOCKET_WIRE_BUFFER_INFO] = 72,
    [GST_SOCKET_WIRE_FRAME] = 88,
    [GST_SOCKET_WIRE_TENSOR] = 60,
    [GST_SOCKET_WIRE_TEXT] = 1044,
    [GST_SOCKET_WIRE_RETURN_BUFFER] = 44,
    [GST_SOCKET_WIRE_FD_COUNT] = 8,
    [GST_SOCKET_WIRE_PROTECTION] = 1044,
    [GST_SOCKET_WIRE_ROI] = 588,
    [GST_SOCKET_WIRE_CLASSIFICATION] = 9876,
    [GST_SOCKET_WIRE_LANDMARKS] = 4140,
};

/**
 * gst_socket_wire_payload_size: (skip)
 * @identity: a payload's identity
 *
 * Returns: its size in bytes with the identity, 0 when it is not Qualcomm's
 */
gsize
gst_socket_wire_payload_size (GstSocketWireIdentity identity)
{
  return (guint) identity < GST_SOCKET_WIRE_N_IDENTITIES
      ? payload_sizes[identity]
      : 0;
}

static gboolean
begins_with_magic (const guint8 *record, gsize size)
{
  return size >= EXTENSION_MIN_SIZE
      && GST_READ_UINT32_LE (record) == EXTENSION_MAGIC;
}

static gboolean
looks_like_prefix (const guint8 *record, gsize size)
{
  guint32 value;

  if (size != GST_SOCKET_WIRE_PREFIX_SIZE)
    return FALSE;
  value = GST_READ_UINT32_BE (record);
  return value >= 4 && value < GST_SOCKET_WIRE_MAX_PREFIX;
}

static GstSocketWireStep
feed_prefix (GstSocketWireFraming *framing, const guint8 *record, gsize size,
    GError **error)
{
  guint32 value;

  if (size != GST_SOCKET_WIRE_PREFIX_SIZE) {
    g_set_error (error, GST_SOCKET_WIRE_ERROR, GST_SOCKET_WIRE_ERROR_FRAMING,
        "a record of %" G_GSIZE_FORMAT " bytes stands where a length belongs",
        size);
    return GST_SOCKET_WIRE_STEP_ERROR;
  }
  value = GST_READ_UINT32_BE (record);
  if (value < 4 || value > GST_SOCKET_WIRE_MAX_RECORD) {
    g_set_error (error, GST_SOCKET_WIRE_ERROR, GST_SOCKET_WIRE_ERROR_LIMIT,
        "a message of %u bytes was announced; 4 to %u are possible", value,
        GST_SOCKET_WIRE_MAX_RECORD);
    return GST_SOCKET_WIRE_STEP_ERROR;
  }
  framing->expected = value;
  return GST_SOCKET_WIRE_STEP_MORE;
}

/**
 * gst_socket_wire_framing_feed: (skip)
 * @framing: the state of one direction of a connection, zeroed at its start
 * @record: one record as received
 * @size: its size
 * @error: return location for a #GstSocketWireError
 *
 * Says what the next record of a connection is, and finds out the dialect.
 *
 * Returns: whether @record is a message, a length, or neither
 */
GstSocketWireStep
gst_socket_wire_framing_feed (GstSocketWireFraming *framing,
    const guint8 *record, gsize size, GError **error)
{
  if (framing->expected != 0) {
    guint32 expected = framing->expected;

    framing->expected = 0;
    if (size == expected)
      return GST_SOCKET_WIRE_STEP_MESSAGE;
    g_set_error (error, GST_SOCKET_WIRE_ERROR, GST_SOCKET_WIRE_ERROR_FRAMING,
        "a message of %u bytes was announced, %" G_GSIZE_FORMAT " came",
        expected, size);
    return GST_SOCKET_WIRE_STEP_ERROR;
  }
  if (begins_with_magic (record, size))
    return GST_SOCKET_WIRE_STEP_MESSAGE;
  if (framing->dialect == GST_SOCKET_WIRE_DIALECT_UNKNOWN)
    framing->dialect = looks_like_prefix (record, size)
        ? GST_SOCKET_WIRE_DIALECT_CURRENT
        : GST_SOCKET_WIRE_DIALECT_LEGACY;
  if (framing->dialect == GST_SOCKET_WIRE_DIALECT_CURRENT)
    return feed_prefix (framing, record, size, error);
  if (looks_like_prefix (record, size)) {
    framing->expected = GST_READ_UINT32_BE (record);
    return GST_SOCKET_WIRE_STEP_MORE;
  }
  return GST_SOCKET_WIRE_STEP_MESSAGE;
}

static gboolean
fail (GError **error, GstSocketWireError code, const gchar *text)
{
  g_set_error_literal (error, GST_SOCKET_WIRE_ERROR, code, text);
  return FALSE;
}

static void
read_ids (GstByteReader *reader, gint32 ids[GST_SOCKET_WIRE_MAX_BLOCKS])
{
  for (guint i = 0; i < GST_SOCKET_WIRE_MAX_BLOCKS; i++)
    ids[i] = (gint32) gst_byte_reader_get_uint32_le_unchecked (reader);
}

static gboolean
read_info (GstSocketWireMessage *msg, GstByteReader *reader, GError **error)
{
  GstSocketWireInfo *info = &msg->info;

  read_ids (reader, info->buf_id);
  info->pts = gst_byte_reader_get_uint64_le_unchecked (reader);
  info->dts = gst_byte_reader_get_uint64_le_unchecked (reader);
  info->duration = gst_byte_reader_get_uint64_le_unchecked (reader);
  info->use_pool = (gint32) gst_byte_reader_get_uint32_le_unchecked (reader);
  return TRUE;
}

static gboolean
check_frame (const GstSocketWireFrame *frame, GError **error)
{
  if (frame->n_planes == 0 || frame->n_planes > GST_SOCKET_WIRE_MAX_PLANES)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "number of planes");
  if (frame->width == 0 || frame->height == 0 || frame->width > G_MAXINT32
      || frame->height > G_MAXINT32)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "size of the picture");
  if (frame->size == 0 || frame->size > frame->maxsize)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "size of the frame");
  for (guint i = 0; i < frame->n_planes; i++) {
    if (frame->offset[i] >= frame->size)
      return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "offset of a plane");
  }
  return TRUE;
}

static gboolean
read_frame (GstSocketWireFrame *frame, GstByteReader *reader, GError **error)
{
  frame->width = gst_byte_reader_get_uint32_le_unchecked (reader);
  frame->height = gst_byte_reader_get_uint32_le_unchecked (reader);
  frame->format = gst_byte_reader_get_uint32_le_unchecked (reader);
  frame->n_planes = gst_byte_reader_get_uint32_le_unchecked (reader);
  for (guint i = 0; i < GST_SOCKET_WIRE_MAX_PLANES; i++)
    frame->offset[i] = gst_byte_reader_get_uint64_le_unchecked (reader);
  for (guint i = 0; i < GST_SOCKET_WIRE_MAX_PLANES; i++)
    frame->stride[i] =
        (gint32) gst_byte_reader_get_uint32_le_unchecked (reader);
  frame->flags = gst_byte_reader_get_uint32_le_unchecked (reader);
  frame->size = gst_byte_reader_get_uint64_le_unchecked (reader);
  frame->maxsize = gst_byte_reader_get_uint64_le_unchecked (reader);
  return check_frame (frame, error);
}

static gboolean
read_tensor (GstSocketWireTensor *tensor, GstByteReader *reader, GError **error)
{
  tensor->type = gst_byte_reader_get_uint32_le_unchecked (reader);
  tensor->n_dimensions = gst_byte_reader_get_uint32_le_unchecked (reader);
  for (guint i = 0; i < GST_SOCKET_WIRE_MAX_DIMENSIONS; i++)
    tensor->dimensions[i] = gst_byte_reader_get_uint32_le_unchecked (reader);
  tensor->size = gst_byte_reader_get_uint64_le_unchecked (reader);
  tensor->maxsize = gst_byte_reader_get_uint64_le_unchecked (reader);

  if (tensor->type > GST_SOCKET_WIRE_MAX_TENSOR_TYPE)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "type of the tensor");
  if (tensor->n_dimensions > GST_SOCKET_WIRE_MAX_DIMENSIONS)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "number of dimensions");
  if (tensor->size == 0 || tensor->size > tensor->maxsize)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "size of the tensor");
  return TRUE;
}

static gboolean
read_text (GstSocketWireText *text, GstByteReader *reader, GError **error)
{
  text->data =
      gst_byte_reader_get_data_unchecked (reader, GST_SOCKET_WIRE_MAX_TEXT);
  text->size = gst_byte_reader_get_uint64_le_unchecked (reader);
  text->maxsize = gst_byte_reader_get_uint64_le_unchecked (reader);
  if (text->size > GST_SOCKET_WIRE_MAX_TEXT)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "size of the text");
  return TRUE;
}

/* Blocks of different kinds in one message have no meaning. */
static gboolean
read_block (GstSocketWireMessage *msg, GstSocketWireIdentity identity,
    GstByteReader *reader, GError **error)
{
  GstSocketWireBlock *block;

  if (msg->n_blocks == GST_SOCKET_WIRE_MAX_BLOCKS)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "number of blocks");
  if (msg->n_blocks > 0 && msg->blocks[0].identity != identity)
    return fail (error, GST_SOCKET_WIRE_ERROR_INVALID, "mixed blocks");
  block = &msg->blocks[msg->n_blocks++];
  block->identity = identity;
  if (identity == GST_SOCKET_WIRE_FRAME)
    return read_frame (&block->frame, reader, error);
  if (identity == GST_SOCKET_WIRE_TENSOR)
    return read_tensor (&block->tensor, reader, error);
  return read_text (&block->text, reader, error);
}

static gboolean
read_fd_count (GstSocketWireMessage *msg, GstByteReader *reader, GError **error)
{
  msg->n_fds = (gint32) gst_byte_reader_get_uint32_le_unchecked (reader);
  if (msg->n_fds < 1 || msg->n_fds > GST_SOCKET_WIRE_MAX_BLOCKS)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "number of descriptors");
  return TRUE;
}

static void
note_meta (GstSocketWireMessage *msg, GstSocketWireIdentity identity,
    const guint8 *data)
{
  GstSocketWireMeta meta = {identity, data, payload_sizes[identity]};

  if (msg->metas == NULL)
    msg->metas = g_array_new (FALSE, FALSE, sizeof (GstSocketWireMeta));
  g_array_append_val (msg->metas, meta);
}

static gboolean
read_payload (GstSocketWireMessage *msg, GstSocketWireIdentity identity,
    const guint8 *data, GError **error)
{
  GstByteReader reader;

  gst_byte_reader_init (&reader, data, payload_sizes[identity]);
  gst_byte_reader_skip_unchecked (&reader, 4);
  switch (identity) {
    case GST_SOCKET_WIRE_BUFFER_INFO:
      return read_info (msg, &reader, error);
    case GST_SOCKET_WIRE_FRAME:
    case GST_SOCKET_WIRE_TENSOR:
    case GST_SOCKET_WIRE_TEXT:
      return read_block (msg, identity, &reader, error);
    case GST_SOCKET_WIRE_RETURN_BUFFER:
      read_ids (&reader, msg->returned);
      return TRUE;
    case GST_SOCKET_WIRE_FD_COUNT:
      return read_fd_count (msg, &reader, error);
    case GST_SOCKET_WIRE_PROTECTION:
    case GST_SOCKET_WIRE_ROI:
    case GST_SOCKET_WIRE_CLASSIFICATION:
    case GST_SOCKET_WIRE_LANDMARKS:
      note_meta (msg, identity, data);
      return TRUE;
    default:
      return TRUE;
  }
}

/* What single payloads cannot see: a message has to make sense as a whole. */
static gboolean
check_message (const GstSocketWireMessage *msg, GError **error)
{
  if (msg->n_blocks > 0
      && !GST_SOCKET_WIRE_HAS (msg, GST_SOCKET_WIRE_BUFFER_INFO))
    return fail (
        error, GST_SOCKET_WIRE_ERROR_INVALID, "blocks without a buffer header");
  if (GST_SOCKET_WIRE_HAS (msg, GST_SOCKET_WIRE_BUFFER_INFO)
      && msg->n_blocks == 0)
    return fail (
        error, GST_SOCKET_WIRE_ERROR_INVALID, "a buffer header without blocks");
  if (msg->n_blocks > 0 && (guint) msg->n_fds > msg->n_blocks)
    return fail (
        error, GST_SOCKET_WIRE_ERROR_INVALID, "more descriptors than blocks");
  if (msg->n_blocks > 1 && msg->blocks[0].identity != GST_SOCKET_WIRE_TENSOR)
    return fail (error, GST_SOCKET_WIRE_ERROR_INVALID,
        "several blocks that are not tensors");
  if (GST_SOCKET_WIRE_HAS (msg, GST_SOCKET_WIRE_RETURN_BUFFER)
      && !GST_SOCKET_WIRE_HAS (msg, GST_SOCKET_WIRE_FD_COUNT))
    return fail (error, GST_SOCKET_WIRE_ERROR_INVALID,
        "returned buffers without their number");
  return TRUE;
}

static gboolean
walk (GstSocketWireMessage *msg, const guint8 *data, gsize size, GError **error)
{
  gsize at = 0;

  while (size - at >= 4) {
    guint32 identity = GST_READ_UINT32_LE (data + at);

    if (identity >= GST_SOCKET_WIRE_N_IDENTITIES) {
      msg->extension = data + at;
      msg->extension_size = size - at;
      return check_message (msg, error);
    }
    if (payload_sizes[identity] > size - at)
      return fail (error, GST_SOCKET_WIRE_ERROR_TRUNCATED,
          "a payload ends after its record");
    msg->has |= 1u << identity;
    if (!read_payload (msg, identity, data + at, error))
      return FALSE;
    at += payload_sizes[identity];
  }
  if (at != size || size == 0)
    return fail (error, GST_SOCKET_WIRE_ERROR_TRUNCATED,
        "a record ends within an identity");
  return check_message (msg, error);
}

/**
 * gst_socket_wire_message_parse: (skip)
 * @msg: (out caller-allocates): the message
 * @data: one whole record
 * @size: its size
 * @error: return location for a #GstSocketWireError
 *
 * Reads one message. @msg keeps pointers into @data; after success release it
 * with gst_socket_wire_message_clear(). Nothing is owed after a failure.
 *
 * Returns: %TRUE when every payload is complete, bounded and in its place
 */
gboolean
gst_socket_wire_message_parse (
    GstSocketWireMessage *msg, const guint8 *data, gsize size, GError **error)
{
  msg->has = 0;
  msg->n_fds = 0;
  msg->n_blocks = 0;
  msg->metas = NULL;
  msg->extension = NULL;
  msg->extension_size = 0;
  if (walk (msg, data, size, error))
    return TRUE;
  gst_socket_wire_message_clear (msg);
  return FALSE;
}

/**
 * gst_socket_wire_message_clear: (skip)
 * @msg: a message that was parsed
 */
void
gst_socket_wire_message_clear (GstSocketWireMessage *msg)
{
  g_clear_pointer (&msg->metas, g_array_unref);
}
