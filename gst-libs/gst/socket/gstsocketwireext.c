/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwireext.c: reading and writing the extension payload
 *
 * Here: bytes to structs and back, every peer-chosen number bounded.
 * Not here: what events, metas and memories mean (gst/ipc/), sockets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketunaligned.h"
#include "gstsocketwireext.h"
#include "gstsocketwire-private.h"

#include <gst/base/gstbytereader.h>

#define BUFFER_HEAD_SIZE 56
#define BLOCK_SIZE 32
#define ITEM_HEAD_SIZE 8
#define SEGMENT_SIZE 80

#define PAD8(n) (((n) + 7) & ~(gsize) 7)

static gboolean
fail (GError **error, GstSocketWireError code, const gchar *text)
{
  g_set_error_literal (error, GST_SOCKET_WIRE_ERROR, code, text);
  return FALSE;
}

static gboolean
too_short (GError **error)
{
  return fail (error, GST_SOCKET_WIRE_ERROR_TRUNCATED,
      "an extension is shorter than its kind");
}

/**
 * gst_socket_wire_ext_parse: (skip)
 * @data: where an unknown payload begins
 * @size: what is left of the record
 * @ret_ext: (out caller-allocates): its kind and body
 * @error: return location for a #GstSocketWireError
 *
 * Returns: %TRUE when it is ours and lies within the record
 */
gboolean
gst_socket_wire_ext_parse (
    const guint8 *data, gsize size, GstSocketWireExt *ret_ext, GError **error)
{
  guint32 length;

  if (size < GST_SOCKET_WIRE_EXT_HEADER_SIZE
      || GST_READ_UINT32_LE (data) != GST_SOCKET_WIRE_EXT_MAGIC)
    return fail (error, GST_SOCKET_WIRE_ERROR_INVALID, "not our extension");
  length = GST_READ_UINT32_LE (data + 4);
  if (length < GST_SOCKET_WIRE_EXT_HEADER_SIZE || length > size)
    return fail (error, GST_SOCKET_WIRE_ERROR_TRUNCATED,
        "an extension ends after its record");
  ret_ext->version = GST_READ_UINT16_LE (data + 8);
  ret_ext->kind = GST_READ_UINT16_LE (data + 10);
  ret_ext->body = data + GST_SOCKET_WIRE_EXT_HEADER_SIZE;
  ret_ext->size = length - GST_SOCKET_WIRE_EXT_HEADER_SIZE;
  return TRUE;
}

/**
 * gst_socket_wire_ext_read_hello: (skip)
 * @ext: of kind %GST_SOCKET_WIRE_EXT_HELLO
 * @ret_hello: (out caller-allocates): what the peer says of itself
 * @error: return location for a #GstSocketWireError
 *
 * Returns: %TRUE when it is well formed
 */
gboolean
gst_socket_wire_ext_read_hello (const GstSocketWireExt *ext,
    GstSocketWireExtHello *ret_hello, GError **error)
{
  if (ext->size < 12)
    return too_short (error);
  ret_hello->features = GST_READ_UINT32_LE (ext->body);
  ret_hello->role = GST_READ_UINT32_LE (ext->body + 4);
  ret_hello->window = GST_READ_UINT32_LE (ext->body + 8);
  return TRUE;
}

/**
 * gst_socket_wire_ext_read_ids: (skip)
 * @ext: of kind %GST_SOCKET_WIRE_EXT_RELEASE or %GST_SOCKET_WIRE_EXT_FORGET
 * @ret_ids: (out): the ids, little-endian, within the record
 * @ret_n: (out): how many
 * @error: return location for a #GstSocketWireError
 *
 * Returns: %TRUE when it is well formed
 */
gboolean
gst_socket_wire_ext_read_ids (const GstSocketWireExt *ext,
    const guint8 **ret_ids, guint *ret_n, GError **error)
{
  guint32 n;

  if (ext->size < 4)
    return too_short (error);
  n = GST_READ_UINT32_LE (ext->body);
  if (n > GST_SOCKET_WIRE_EXT_MAX_IDS)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "number of ids");
  if (ext->size < 4 + 4 * (gsize) n)
    return too_short (error);
  *ret_ids = ext->body + 4;
  *ret_n = n;
  return TRUE;
}

/**
 * gst_socket_wire_ext_read_text: (skip)
 * @ext: a kind whose body ends in a text
 * @head: (array length=n_head) (nullable): the numbers before it
 * @n_head: how many
 * @error: return location for a #GstSocketWireError
 *
 * Returns: (transfer full): the text, UTF-8
 */
gchar *
gst_socket_wire_ext_read_text (
    const GstSocketWireExt *ext, guint32 *head, guint n_head, GError **error)
{
  const gchar *text;
  gsize size;

  if (ext->size < 4 * (gsize) n_head) {
    too_short (error);
    return NULL;
  }
  text = (const gchar *) ext->body + 4 * n_head;
  size = ext->size - 4 * n_head;
  if (!g_utf8_validate_len (text, size, NULL)) {
    fail (error, GST_SOCKET_WIRE_ERROR_INVALID, "a text is not UTF-8");
    return NULL;
  }
  for (guint i = 0; i < n_head; i++)
    head[i] = GST_READ_UINT32_LE (ext->body + 4 * i);
  return g_strndup (text, size);
}

/**
 * gst_socket_wire_ext_read_pair: (skip)
 * @ext: a kind whose body is two 64-bit numbers
 * @ret_first: (out): the first
 * @ret_second: (out): the second
 * @error: return location for a #GstSocketWireError
 *
 * Returns: %TRUE when both are there
 */
gboolean
gst_socket_wire_ext_read_pair (const GstSocketWireExt *ext, guint64 *ret_first,
    guint64 *ret_second, GError **error)
{
  if (ext->size < 16)
    return too_short (error);
  *ret_first = GST_READ_UINT64_LE (ext->body);
  *ret_second = GST_READ_UINT64_LE (ext->body + 8);
  return TRUE;
}

/* A rate of 0 or not a number would make every later calculation fail an
 * assertion. */
static gboolean
is_usable_rate (gdouble rate)
{
  return rate == rate && rate != 0.0 && rate > -1e6 && rate < 1e6;
}

/* As the library demands of its callers; what plays backwards has an end. */
static gboolean
has_usable_range (const GstSegment *segment)
{
  guint64 end = segment->stop;

  if (segment->start == GST_CLOCK_TIME_NONE)
    return FALSE;
  if (end == GST_CLOCK_TIME_NONE && segment->duration != GST_CLOCK_TIME_NONE
      && segment->duration < GST_CLOCK_TIME_NONE - segment->start)
    end = segment->start + segment->duration;
  if (end == GST_CLOCK_TIME_NONE)
    return segment->rate > 0;
  return end >= segment->start && segment->offset <= end - segment->start;
}

/**
 * gst_socket_wire_ext_read_segment: (skip)
 * @ext: of kind %GST_SOCKET_WIRE_EXT_SEGMENT
 * @ret_segment: (out caller-allocates): the segment
 * @error: return location for a #GstSocketWireError
 *
 * Returns: %TRUE when it is one that can be calculated with
 */
gboolean
gst_socket_wire_ext_read_segment (
    const GstSocketWireExt *ext, GstSegment *ret_segment, GError **error)
{
  GstByteReader reader;
  guint32 flags, format;

  if (ext->size < SEGMENT_SIZE)
    return too_short (error);
  gst_byte_reader_init (&reader, ext->body, ext->size);
  flags = gst_byte_reader_get_uint32_le_unchecked (&reader);
  format = gst_byte_reader_get_uint32_le_unchecked (&reader);
  if (format < GST_FORMAT_DEFAULT || format > GST_FORMAT_PERCENT)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "format of a segment");
  gst_segment_init (ret_segment, format);
  ret_segment->flags = flags;
  ret_segment->rate = gst_byte_reader_get_float64_le_unchecked (&reader);
  ret_segment->applied_rate =
      gst_byte_reader_get_float64_le_unchecked (&reader);
  if (!is_usable_rate (ret_segment->rate)
      || !is_usable_rate (ret_segment->applied_rate))
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "rate of a segment");
  ret_segment->base = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_segment->offset = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_segment->start = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_segment->stop = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_segment->time = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_segment->position = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_segment->duration = gst_byte_reader_get_uint64_le_unchecked (&reader);
  if (!has_usable_range (ret_segment))
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "range of a segment");
  return TRUE;
}

static gboolean
read_block (GstByteReader *reader, GstSocketWireExtBlock *block, GError **error)
{
  block->id = gst_byte_reader_get_uint32_le_unchecked (reader);
  block->kind = gst_byte_reader_get_uint32_le_unchecked (reader);
  block->offset = gst_byte_reader_get_uint64_le_unchecked (reader);
  block->size = gst_byte_reader_get_uint64_le_unchecked (reader);
  block->maxsize = gst_byte_reader_get_uint64_le_unchecked (reader);
  block->data = NULL;
  if (block->kind != GST_SOCKET_WIRE_EXT_BLOCK_FD
      && block->kind != GST_SOCKET_WIRE_EXT_BLOCK_INLINE)
    return fail (error, GST_SOCKET_WIRE_ERROR_INVALID, "kind of a block");
  if (block->size > block->maxsize
      || block->offset > block->maxsize - block->size)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "size of a block");
  return TRUE;
}

static gboolean
find_inline_bytes (
    GstByteReader *reader, GstSocketWireExtBuffer *buffer, GError **error)
{
  for (guint i = 0; i < buffer->n_blocks; i++) {
    GstSocketWireExtBlock *block = &buffer->blocks[i];

    if (block->kind != GST_SOCKET_WIRE_EXT_BLOCK_INLINE)
      continue;
    if (block->size > GST_SOCKET_WIRE_MAX_RECORD
        || gst_byte_reader_get_remaining (reader) < PAD8 (block->size))
      return too_short (error);
    block->data =
        gst_byte_reader_get_data_unchecked (reader, PAD8 (block->size));
  }
  return TRUE;
}

static gboolean
check_fresh (const GstSocketWireExtBuffer *buffer, GError **error)
{
  for (guint i = 0; i < 32; i++) {
    if ((buffer->fresh & (1u << i)) == 0)
      continue;
    if (i >= buffer->n_blocks
        || buffer->blocks[i].kind != GST_SOCKET_WIRE_EXT_BLOCK_FD)
      return fail (
          error, GST_SOCKET_WIRE_ERROR_INVALID, "a descriptor without a block");
  }
  return TRUE;
}

/**
 * gst_socket_wire_ext_read_buffer: (skip)
 * @ext: of kind %GST_SOCKET_WIRE_EXT_BUFFER
 * @ret_buffer: (out caller-allocates): header, blocks, and where items are
 * @error: return location for a #GstSocketWireError
 *
 * Returns: %TRUE when all blocks are bounded
 */
gboolean
gst_socket_wire_ext_read_buffer (const GstSocketWireExt *ext,
    GstSocketWireExtBuffer *ret_buffer, GError **error)
{
  GstByteReader reader;

  if (ext->size < BUFFER_HEAD_SIZE)
    return too_short (error);
  gst_byte_reader_init (&reader, ext->body, ext->size);
  ret_buffer->fresh = gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_buffer->n_blocks = gst_byte_reader_get_uint32_le_unchecked (&reader);
  ret_buffer->flags = gst_byte_reader_get_uint32_le_unchecked (&reader);
  gst_byte_reader_skip_unchecked (&reader, 4);
  ret_buffer->pts = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_buffer->dts = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_buffer->duration = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_buffer->offset = gst_byte_reader_get_uint64_le_unchecked (&reader);
  ret_buffer->offset_end = gst_byte_reader_get_uint64_le_unchecked (&reader);
  if (ret_buffer->n_blocks > GST_SOCKET_WIRE_EXT_MAX_BLOCKS)
    return fail (error, GST_SOCKET_WIRE_ERROR_LIMIT, "number of blocks");
  if (gst_byte_reader_get_remaining (&reader)
      < BLOCK_SIZE * (gsize) ret_buffer->n_blocks)
    return too_short (error);
  for (guint i = 0; i < ret_buffer->n_blocks; i++) {
    if (!read_block (&reader, &ret_buffer->blocks[i], error))
      return FALSE;
  }
  if (!check_fresh (ret_buffer, error)
      || !find_inline_bytes (&reader, ret_buffer, error))
    return FALSE;
  ret_buffer->items_size = gst_byte_reader_get_remaining (&reader);
  ret_buffer->items = ext->body + ext->size - ret_buffer->items_size;
  return TRUE;
}

/**
 * gst_socket_wire_ext_next_item: (skip)
 * @buffer: a buffer read; its place among the items moves on
 * @ret_item: (out caller-allocates): the next item
 *
 * Returns: %FALSE at the end, or where an item does not fit
 */
gboolean
gst_socket_wire_ext_next_item (
    GstSocketWireExtBuffer *buffer, GstSocketWireExtItem *ret_item)
{
  guint32 size;

  if (buffer->items_size < ITEM_HEAD_SIZE)
    return FALSE;
  size = GST_READ_UINT32_LE (buffer->items + 4);
  if (PAD8 ((gsize) size) > buffer->items_size - ITEM_HEAD_SIZE)
    return FALSE;
  ret_item->type = GST_READ_UINT32_LE (buffer->items);
  ret_item->data = buffer->items + ITEM_HEAD_SIZE;
  ret_item->size = size;
  buffer->items += ITEM_HEAD_SIZE + PAD8 ((gsize) size);
  buffer->items_size -= ITEM_HEAD_SIZE + PAD8 ((gsize) size);
  return TRUE;
}

/**
 * gst_socket_wire_put_u32: (skip)
 * @out: a record in the making
 * @value: what to append
 */
void
gst_socket_wire_put_u32 (GByteArray *out, guint32 value)
{
  GST_WRITE_UINT32_LE (gst_socket_wire_grow (out, 4), value);
}

/**
 * gst_socket_wire_put_u64: (skip)
 * @out: a record in the making
 * @value: what to append
 */
void
gst_socket_wire_put_u64 (GByteArray *out, guint64 value)
{
  GST_WRITE_UINT64_LE (gst_socket_wire_grow (out, 8), value);
}

/**
 * gst_socket_wire_put_bytes: (skip)
 * @out: a record in the making
 * @data: (nullable): what to append
 * @size: how much
 */
void
gst_socket_wire_put_bytes (GByteArray *out, const void *data, gsize size)
{
  if (size > 0)
    g_byte_array_append (out, data, size);
}

static gsize
begin (GByteArray *out, GstSocketWireExtKind kind)
{
  gsize start = out->len;
  guint8 *at = gst_socket_wire_grow (out, GST_SOCKET_WIRE_EXT_HEADER_SIZE);

  GST_WRITE_UINT32_LE (at, GST_SOCKET_WIRE_EXT_MAGIC);
  GST_WRITE_UINT16_LE (at + 8, GST_SOCKET_WIRE_EXT_VERSION);
  GST_WRITE_UINT16_LE (at + 10, kind);
  return start;
}

static void
end (GByteArray *out, gsize start)
{
  GST_WRITE_UINT32_LE (out->data + start + 4, out->len - start);
}

/**
 * gst_socket_wire_ext_put_empty: (skip)
 * @out: a record in the making
 * @kind: a kind without a body
 */
void
gst_socket_wire_ext_put_empty (GByteArray *out, GstSocketWireExtKind kind)
{
  end (out, begin (out, kind));
}

/**
 * gst_socket_wire_ext_put_hello: (skip)
 * @out: a record in the making
 * @hello: what to say of oneself
 */
void
gst_socket_wire_ext_put_hello (
    GByteArray *out, const GstSocketWireExtHello *hello)
{
  gsize start = begin (out, GST_SOCKET_WIRE_EXT_HELLO);

  gst_socket_wire_put_u32 (out, hello->features);
  gst_socket_wire_put_u32 (out, hello->role);
  gst_socket_wire_put_u32 (out, hello->window);
  gst_socket_wire_put_u32 (out, 0);
  end (out, start);
}

/**
 * gst_socket_wire_ext_put_ids: (skip)
 * @out: a record in the making
 * @kind: %GST_SOCKET_WIRE_EXT_RELEASE or %GST_SOCKET_WIRE_EXT_FORGET
 * @ids: (array length=n): the ids
 * @n: how many, at most %GST_SOCKET_WIRE_EXT_MAX_IDS
 */
void
gst_socket_wire_ext_put_ids (
    GByteArray *out, GstSocketWireExtKind kind, const guint32 *ids, guint n)
{
  gsize start = begin (out, kind);

  g_return_if_fail (n <= GST_SOCKET_WIRE_EXT_MAX_IDS);
  gst_socket_wire_put_u32 (out, n);
  for (guint i = 0; i < n; i++)
    gst_socket_wire_put_u32 (out, ids[i]);
  end (out, start);
}

/**
 * gst_socket_wire_ext_put_text: (skip)
 * @out: a record in the making
 * @kind: a kind whose body ends in a text
 * @head: (array length=n_head) (nullable): the numbers before it
 * @n_head: how many
 * @text: UTF-8
 */
void
gst_socket_wire_ext_put_text (GByteArray *out, GstSocketWireExtKind kind,
    const guint32 *head, guint n_head, const gchar *text)
{
  gsize start = begin (out, kind);

  for (guint i = 0; i < n_head; i++)
    gst_socket_wire_put_u32 (out, head[i]);
  gst_socket_wire_put_bytes (out, text, strlen (text));
  end (out, start);
}

/**
 * gst_socket_wire_ext_put_pair: (skip)
 * @out: a record in the making
 * @kind: a kind whose body is two 64-bit numbers
 * @first: the first
 * @second: the second
 */
void
gst_socket_wire_ext_put_pair (
    GByteArray *out, GstSocketWireExtKind kind, guint64 first, guint64 second)
{
  gsize start = begin (out, kind);

  gst_socket_wire_put_u64 (out, first);
  gst_socket_wire_put_u64 (out, second);
  end (out, start);
}

/**
 * gst_socket_wire_ext_put_segment: (skip)
 * @out: a record in the making
 * @segment: the segment
 */
void
gst_socket_wire_ext_put_segment (GByteArray *out, const GstSegment *segment)
{
  gsize start = begin (out, GST_SOCKET_WIRE_EXT_SEGMENT);
  guint8 *at = gst_socket_wire_grow (out, SEGMENT_SIZE);

  GST_WRITE_UINT32_LE (at, segment->flags);
  GST_WRITE_UINT32_LE (at + 4, segment->format);
  GST_WRITE_DOUBLE_LE (at + 8, segment->rate);
  GST_WRITE_DOUBLE_LE (at + 16, segment->applied_rate);
  GST_WRITE_UINT64_LE (at + 24, segment->base);
  GST_WRITE_UINT64_LE (at + 32, segment->offset);
  GST_WRITE_UINT64_LE (at + 40, segment->start);
  GST_WRITE_UINT64_LE (at + 48, segment->stop);
  GST_WRITE_UINT64_LE (at + 56, segment->time);
  GST_WRITE_UINT64_LE (at + 64, segment->position);
  GST_WRITE_UINT64_LE (at + 72, segment->duration);
  end (out, start);
}

static void
put_block (GByteArray *out, const GstSocketWireExtBlock *block)
{
  guint8 *at = gst_socket_wire_grow (out, BLOCK_SIZE);

  GST_WRITE_UINT32_LE (at, block->id);
  GST_WRITE_UINT32_LE (at + 4, block->kind);
  GST_WRITE_UINT64_LE (at + 8, block->offset);
  GST_WRITE_UINT64_LE (at + 16, block->size);
  GST_WRITE_UINT64_LE (at + 24, block->maxsize);
}

static void
put_inline_bytes (GByteArray *out, const GstSocketWireExtBlock *block)
{
  guint8 *at;

  if (block->kind != GST_SOCKET_WIRE_EXT_BLOCK_INLINE || block->size == 0)
    return;
  at = gst_socket_wire_grow (out, PAD8 (block->size));
  memcpy (at, block->data, block->size);
}

/**
 * gst_socket_wire_ext_begin_buffer: (skip)
 * @out: a record in the making
 * @buffer: header and blocks; its items are not looked at
 *
 * Returns: where it begins, for gst_socket_wire_ext_end_buffer()
 */
gsize
gst_socket_wire_ext_begin_buffer (
    GByteArray *out, const GstSocketWireExtBuffer *buffer)
{
  gsize start = begin (out, GST_SOCKET_WIRE_EXT_BUFFER);
  guint8 *at;

  g_return_val_if_fail (
      buffer->n_blocks <= GST_SOCKET_WIRE_EXT_MAX_BLOCKS, start);
  at = gst_socket_wire_grow (out, BUFFER_HEAD_SIZE);
  GST_WRITE_UINT32_LE (at, buffer->fresh);
  GST_WRITE_UINT32_LE (at + 4, buffer->n_blocks);
  GST_WRITE_UINT32_LE (at + 8, buffer->flags);
  GST_WRITE_UINT64_LE (at + 16, buffer->pts);
  GST_WRITE_UINT64_LE (at + 24, buffer->dts);
  GST_WRITE_UINT64_LE (at + 32, buffer->duration);
  GST_WRITE_UINT64_LE (at + 40, buffer->offset);
  GST_WRITE_UINT64_LE (at + 48, buffer->offset_end);
  for (guint i = 0; i < buffer->n_blocks; i++)
    put_block (out, &buffer->blocks[i]);
  for (guint i = 0; i < buffer->n_blocks; i++)
    put_inline_bytes (out, &buffer->blocks[i]);
  return start;
}

/**
 * gst_socket_wire_ext_begin_item: (skip)
 * @out: a record with a buffer begun
 * @type: what the bytes appended from here on are
 *
 * Returns: where it begins, for gst_socket_wire_ext_end_item()
 */
gsize
gst_socket_wire_ext_begin_item (GByteArray *out, GstSocketWireExtItemType type)
{
  gsize start = out->len;

  GST_WRITE_UINT32_LE (gst_socket_wire_grow (out, ITEM_HEAD_SIZE), type);
  return start;
}

/**
 * gst_socket_wire_ext_end_item: (skip)
 * @out: a record with an item begun
 * @start: where it begins
 */
void
gst_socket_wire_ext_end_item (GByteArray *out, gsize start)
{
  gsize size = out->len - start - ITEM_HEAD_SIZE;

  GST_WRITE_UINT32_LE (out->data + start + 4, size);
  gst_socket_wire_grow (out, PAD8 (size) - size);
}

/**
 * gst_socket_wire_ext_end_buffer: (skip)
 * @out: a record with a buffer begun
 * @start: where it begins
 */
void
gst_socket_wire_ext_end_buffer (GByteArray *out, gsize start)
{
  end (out, start);
}
