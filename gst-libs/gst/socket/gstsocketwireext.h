/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwireext.h: what our own elements say to each other
 *
 * Here: the extension payload: hello, events, buffers with any layout.
 * Not here: Qualcomm's payloads (gstsocketwire.h), sockets, GstBuffer.
 */
#pragma once

#include <gst/socket/gstsocketwire.h>

G_BEGIN_DECLS

#define GST_SOCKET_WIRE_EXT_MAGIC 0x31585347u
#define GST_SOCKET_WIRE_EXT_VERSION 1
#define GST_SOCKET_WIRE_EXT_HEADER_SIZE 12
#define GST_SOCKET_WIRE_EXT_MAX_BLOCKS 16
#define GST_SOCKET_WIRE_EXT_MAX_IDS 1024
#define GST_SOCKET_WIRE_EXT_MAX_HEAD 4
/* What a HELLO says of its sender: it takes several buffers in one record. */
#define GST_SOCKET_WIRE_EXT_TAKES_JOINED 1u

/**
 * GstSocketWireExtKind: (skip)
 *
 * What an extension payload is; see docs/design/ipc-wire.md for the bodies.
 */
typedef enum
{
  GST_SOCKET_WIRE_EXT_HELLO = 1,
  GST_SOCKET_WIRE_EXT_KEEPALIVE = 2,
  GST_SOCKET_WIRE_EXT_BUFFER = 3,
  GST_SOCKET_WIRE_EXT_RELEASE = 4,
  GST_SOCKET_WIRE_EXT_FORGET = 5,
  GST_SOCKET_WIRE_EXT_UPSTREAM = 6,
  GST_SOCKET_WIRE_EXT_LATENCY = 7,
  GST_SOCKET_WIRE_EXT_STREAM_START = 16,
  GST_SOCKET_WIRE_EXT_CAPS = 17,
  GST_SOCKET_WIRE_EXT_SEGMENT = 18,
  GST_SOCKET_WIRE_EXT_TAG = 19,
  GST_SOCKET_WIRE_EXT_GAP = 20,
  GST_SOCKET_WIRE_EXT_EOS = 21,
  GST_SOCKET_WIRE_EXT_CLOCK = 22,
  GST_SOCKET_WIRE_EXT_EVENT = 23,
} GstSocketWireExtKind;

typedef enum
{
  GST_SOCKET_WIRE_EXT_BLOCK_FD = 0,
  GST_SOCKET_WIRE_EXT_BLOCK_INLINE = 1,
} GstSocketWireExtBlockKind;

typedef enum
{
  GST_SOCKET_WIRE_EXT_ITEM_VIDEO = 1,
  GST_SOCKET_WIRE_EXT_ITEM_AUDIO = 2,
  GST_SOCKET_WIRE_EXT_ITEM_ROI = 3,
  GST_SOCKET_WIRE_EXT_ITEM_PROTECTION = 4,
  GST_SOCKET_WIRE_EXT_ITEM_CLASSIFICATION = 5,
  GST_SOCKET_WIRE_EXT_ITEM_LANDMARKS = 6,
  GST_SOCKET_WIRE_EXT_ITEM_TENSOR = 7,
  GST_SOCKET_WIRE_EXT_ITEM_CROP = 8,
  GST_SOCKET_WIRE_EXT_ITEM_REFERENCE_TIME = 9,
} GstSocketWireExtItemType;

/* One extension payload, its body still to be read. */
typedef struct
{
  guint version;
  GstSocketWireExtKind kind;
  const guint8 *body;
  gsize size;
} GstSocketWireExt;

typedef struct
{
  guint32 features;
  guint32 role;
  guint32 window;
} GstSocketWireExtHello;

/* data points into the record, or to what is to be written; inline only. */
typedef struct
{
  guint32 id;
  GstSocketWireExtBlockKind kind;
  guint64 offset;
  guint64 size;
  guint64 maxsize;
  const guint8 *data;
} GstSocketWireExtBlock;

typedef struct
{
  guint32 fresh;
  guint n_blocks;
  guint32 flags;
  guint64 pts;
  guint64 dts;
  guint64 duration;
  guint64 offset;
  guint64 offset_end;
  GstSocketWireExtBlock blocks[GST_SOCKET_WIRE_EXT_MAX_BLOCKS];
  const guint8 *items;
  gsize items_size;
} GstSocketWireExtBuffer;

typedef struct
{
  GstSocketWireExtItemType type;
  const guint8 *data;
  gsize size;
} GstSocketWireExtItem;

/* Reading */
GST_SOCKET_API gboolean gst_socket_wire_ext_parse (
    const guint8 *data, gsize size, GstSocketWireExt *ret_ext, GError **error);
GST_SOCKET_API gboolean gst_socket_wire_ext_read_hello (
    const GstSocketWireExt *ext, GstSocketWireExtHello *ret_hello,
    GError **error);
GST_SOCKET_API gboolean gst_socket_wire_ext_read_ids (
    const GstSocketWireExt *ext, const guint8 **ret_ids, guint *ret_n,
    GError **error);
GST_SOCKET_API gchar *gst_socket_wire_ext_read_text (
    const GstSocketWireExt *ext, guint32 *head, guint n_head, GError **error);
GST_SOCKET_API gboolean gst_socket_wire_ext_read_pair (
    const GstSocketWireExt *ext, guint64 *ret_first, guint64 *ret_second,
    GError **error);
GST_SOCKET_API gboolean gst_socket_wire_ext_read_segment (
    const GstSocketWireExt *ext, GstSegment *ret_segment, GError **error);
GST_SOCKET_API gboolean gst_socket_wire_ext_read_buffer (
    const GstSocketWireExt *ext, GstSocketWireExtBuffer *ret_buffer,
    GError **error);
GST_SOCKET_API gboolean gst_socket_wire_ext_next_item (
    GstSocketWireExtBuffer *buffer, GstSocketWireExtItem *ret_item);

/* Writing: each appends one payload. */
GST_SOCKET_API void gst_socket_wire_ext_put_empty (
    GByteArray *out, GstSocketWireExtKind kind);
GST_SOCKET_API void gst_socket_wire_ext_put_hello (
    GByteArray *out, const GstSocketWireExtHello *hello);
GST_SOCKET_API void gst_socket_wire_ext_put_ids (
    GByteArray *out, GstSocketWireExtKind kind, const guint32 *ids, guint n);
GST_SOCKET_API void gst_socket_wire_ext_put_text (GByteArray *out,
    GstSocketWireExtKind kind, const guint32 *head, guint n_head,
    const gchar *text);
GST_SOCKET_API void gst_socket_wire_ext_put_pair (
    GByteArray *out, GstSocketWireExtKind kind, guint64 first, guint64 second);
GST_SOCKET_API void gst_socket_wire_ext_put_segment (
    GByteArray *out, const GstSegment *segment);

/* A buffer is begun, given its items, and ended. The mask of fresh blocks
 * stands GST_SOCKET_WIRE_EXT_HEADER_SIZE bytes after its beginning, so that one
 * record serves peers that know different descriptors. */
GST_SOCKET_API gsize gst_socket_wire_ext_begin_buffer (
    GByteArray *out, const GstSocketWireExtBuffer *buffer);
GST_SOCKET_API gsize gst_socket_wire_ext_begin_item (
    GByteArray *out, GstSocketWireExtItemType type);
GST_SOCKET_API void gst_socket_wire_ext_end_item (GByteArray *out, gsize start);
GST_SOCKET_API void gst_socket_wire_ext_end_buffer (
    GByteArray *out, gsize start);

GST_SOCKET_API void gst_socket_wire_put_u32 (GByteArray *out, guint32 value);
GST_SOCKET_API void gst_socket_wire_put_u64 (GByteArray *out, guint64 value);
GST_SOCKET_API void gst_socket_wire_put_bytes (
    GByteArray *out, const void *data, gsize size);

G_END_DECLS
