/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwireput.c: writing messages between processes, the core payloads
 *
 * Here: appending payloads to a record. Every byte is defined: the original
 * sends whatever its heap held in the unused ones.
 * Not here: metas (gstsocketwiremeta.c), reading (gstsocketwire.c), sockets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketunaligned.h"
#include "gstsocketwire.h"
#include "gstsocketwire-private.h"

static guint8 *
begin (GByteArray *out, GstSocketWireIdentity identity)
{
  guint8 *at =
      gst_socket_wire_grow (out, gst_socket_wire_payload_size (identity));

  GST_WRITE_UINT32_LE (at, identity);
  return at;
}

/**
 * gst_socket_wire_put_prefix: (skip)
 * @prefix: (out caller-allocates): the record that precedes a message
 * @size: the size of the message
 */
void
gst_socket_wire_put_prefix (
    guint8 prefix[GST_SOCKET_WIRE_PREFIX_SIZE], guint32 size)
{
  GST_WRITE_UINT32_BE (prefix, size);
}

/**
 * gst_socket_wire_put_signal: (skip)
 * @out: a record in the making
 * @identity: %GST_SOCKET_WIRE_EOS or %GST_SOCKET_WIRE_DISCONNECT
 */
void
gst_socket_wire_put_signal (GByteArray *out, GstSocketWireIdentity identity)
{
  g_return_if_fail (gst_socket_wire_payload_size (identity) == 4);
  begin (out, identity);
}

/**
 * gst_socket_wire_put_fd_count: (skip)
 * @out: a record in the making
 * @n: descriptors attached, or ids returned; 1 to 10
 */
void
gst_socket_wire_put_fd_count (GByteArray *out, guint n)
{
  g_return_if_fail (n >= 1 && n <= GST_SOCKET_WIRE_MAX_BLOCKS);
  GST_WRITE_UINT32_LE (begin (out, GST_SOCKET_WIRE_FD_COUNT) + 4, n);
}

/**
 * gst_socket_wire_put_info: (skip)
 * @out: a record in the making
 * @info: the buffer's header
 * @n_blocks: how many of its ids mean something; the others are written as 0
 */
void
gst_socket_wire_put_info (
    GByteArray *out, const GstSocketWireInfo *info, guint n_blocks)
{
  guint8 *at;

  g_return_if_fail (n_blocks <= GST_SOCKET_WIRE_MAX_BLOCKS);
  at = begin (out, GST_SOCKET_WIRE_BUFFER_INFO);
  for (guint i = 0; i < n_blocks; i++)
    GST_WRITE_UINT32_LE (at + 4 + 4 * i, (guint32) info->buf_id[i]);
  GST_WRITE_UINT64_LE (at + 44, info->pts);
  GST_WRITE_UINT64_LE (at + 52, info->dts);
  GST_WRITE_UINT64_LE (at + 60, info->duration);
  GST_WRITE_UINT32_LE (at + 68, (guint32) info->use_pool);
}

/**
 * gst_socket_wire_put_frame: (skip)
 * @out: a record in the making
 * @frame: one memory that holds a picture
 */
void
gst_socket_wire_put_frame (GByteArray *out, const GstSocketWireFrame *frame)
{
  guint8 *at = begin (out, GST_SOCKET_WIRE_FRAME);
  guint n = MIN (frame->n_planes, GST_SOCKET_WIRE_MAX_PLANES);

  GST_WRITE_UINT32_LE (at + 4, frame->width);
  GST_WRITE_UINT32_LE (at + 8, frame->height);
  GST_WRITE_UINT32_LE (at + 12, frame->format);
  GST_WRITE_UINT32_LE (at + 16, n);
  for (guint i = 0; i < n; i++) {
    GST_WRITE_UINT64_LE (at + 20 + 8 * i, frame->offset[i]);
    GST_WRITE_UINT32_LE (at + 52 + 4 * i, (guint32) frame->stride[i]);
  }
  GST_WRITE_UINT32_LE (at + 68, frame->flags);
  GST_WRITE_UINT64_LE (at + 72, frame->size);
  GST_WRITE_UINT64_LE (at + 80, frame->maxsize);
}

/**
 * gst_socket_wire_put_tensor: (skip)
 * @out: a record in the making
 * @tensor: one memory that holds a tensor
 */
void
gst_socket_wire_put_tensor (GByteArray *out, const GstSocketWireTensor *tensor)
{
  guint8 *at = begin (out, GST_SOCKET_WIRE_TENSOR);
  guint n = MIN (tensor->n_dimensions, GST_SOCKET_WIRE_MAX_DIMENSIONS);

  GST_WRITE_UINT32_LE (at + 4, tensor->type);
  GST_WRITE_UINT32_LE (at + 8, n);
  for (guint i = 0; i < n; i++)
    GST_WRITE_UINT32_LE (at + 12 + 4 * i, tensor->dimensions[i]);
  GST_WRITE_UINT64_LE (at + 44, tensor->size);
  GST_WRITE_UINT64_LE (at + 52, tensor->maxsize);
}

/**
 * gst_socket_wire_put_text: (skip)
 * @out: a record in the making
 * @data: (array length=size): the text
 * @size: its size, at most %GST_SOCKET_WIRE_MAX_TEXT
 *
 * The maximum is written as @size: the original allocates the size and maps
 * the maximum.
 */
void
gst_socket_wire_put_text (GByteArray *out, const guint8 *data, gsize size)
{
  guint8 *at;

  g_return_if_fail (size <= GST_SOCKET_WIRE_MAX_TEXT);
  at = begin (out, GST_SOCKET_WIRE_TEXT);
  if (size > 0)
    memcpy (at + 4, data, size);
  GST_WRITE_UINT64_LE (at + 1028, size);
  GST_WRITE_UINT64_LE (at + 1036, size);
}

/**
 * gst_socket_wire_put_return: (skip)
 * @out: a record in the making
 * @ids: (array length=n): what is given back
 * @n: how many, 1 to 10
 *
 * Appends the whole return message: the count, then the ids.
 */
void
gst_socket_wire_put_return (GByteArray *out, const gint32 *ids, guint n)
{
  guint8 *at;

  g_return_if_fail (n >= 1 && n <= GST_SOCKET_WIRE_MAX_BLOCKS);
  gst_socket_wire_put_fd_count (out, n);
  at = begin (out, GST_SOCKET_WIRE_RETURN_BUFFER);
  for (guint i = 0; i < n; i++)
    GST_WRITE_UINT32_LE (at + 4 + 4 * i, (guint32) ids[i]);
}
