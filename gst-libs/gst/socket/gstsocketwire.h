/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwire.h: the record format of buffers passed between processes
 *
 * Here: Qualcomm's twelve payloads as structs, reading and writing them, and
 * telling their two dialects apart.
 * Not here: sockets, descriptors, GstBuffer; our extension (gstsocketwireext.h).
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/* Limits of the format, see docs/design/ipc-wire.md. */
#define GST_SOCKET_WIRE_MAX_RECORD 212960
#define GST_SOCKET_WIRE_PREFIX_SIZE 4
#define GST_SOCKET_WIRE_MAX_PREFIX (16u << 20)
#define GST_SOCKET_WIRE_MAX_BLOCKS 10
#define GST_SOCKET_WIRE_MAX_TEXT 1024
#define GST_SOCKET_WIRE_MAX_PLANES 4
#define GST_SOCKET_WIRE_MAX_DIMENSIONS 8
#define GST_SOCKET_WIRE_MAX_TENSOR_TYPE 10
#define GST_SOCKET_WIRE_MAX_NAME 32
#define GST_SOCKET_WIRE_MAX_PARAMS 256
#define GST_SOCKET_WIRE_MAX_LABELS 32
#define GST_SOCKET_WIRE_MAX_KEYPOINTS 64
#define GST_SOCKET_WIRE_MAX_LINKS 64

#define GST_SOCKET_WIRE_ERROR (gst_socket_wire_error_quark ())

/**
 * GstSocketWireError:
 * @GST_SOCKET_WIRE_ERROR_FRAMING: records do not follow the dialect
 * @GST_SOCKET_WIRE_ERROR_TRUNCATED: a payload ends after its record
 * @GST_SOCKET_WIRE_ERROR_LIMIT: a number is beyond its bound
 * @GST_SOCKET_WIRE_ERROR_INVALID: payloads that do not belong together
 */
typedef enum
{
  GST_SOCKET_WIRE_ERROR_FRAMING,
  GST_SOCKET_WIRE_ERROR_TRUNCATED,
  GST_SOCKET_WIRE_ERROR_LIMIT,
  GST_SOCKET_WIRE_ERROR_INVALID,
} GstSocketWireError;

GST_SOCKET_API GQuark gst_socket_wire_error_quark (void);

/**
 * GstSocketWireIdentity: (skip)
 *
 * The first number of each payload; it alone determines the size.
 */
typedef enum
{
  GST_SOCKET_WIRE_EOS = 0,
  GST_SOCKET_WIRE_DISCONNECT = 1,
  GST_SOCKET_WIRE_BUFFER_INFO = 2,
  GST_SOCKET_WIRE_FRAME = 3,
  GST_SOCKET_WIRE_TENSOR = 4,
  GST_SOCKET_WIRE_TEXT = 5,
  GST_SOCKET_WIRE_RETURN_BUFFER = 6,
  GST_SOCKET_WIRE_FD_COUNT = 7,
  GST_SOCKET_WIRE_PROTECTION = 8,
  GST_SOCKET_WIRE_ROI = 9,
  GST_SOCKET_WIRE_CLASSIFICATION = 10,
  GST_SOCKET_WIRE_LANDMARKS = 11,
  GST_SOCKET_WIRE_N_IDENTITIES = 12,
} GstSocketWireIdentity;

/**
 * GstSocketWireDialect:
 * @GST_SOCKET_WIRE_DIALECT_UNKNOWN: no record seen yet
 * @GST_SOCKET_WIRE_DIALECT_CURRENT: each message has a length record before it
 * @GST_SOCKET_WIRE_DIALECT_LEGACY: one record is one message
 */
typedef enum
{
  GST_SOCKET_WIRE_DIALECT_UNKNOWN,
  GST_SOCKET_WIRE_DIALECT_CURRENT,
  GST_SOCKET_WIRE_DIALECT_LEGACY,
} GstSocketWireDialect;

/**
 * GstSocketWireFraming: (skip)
 * @dialect: what the records seen so far say
 * @expected: size of the message announced, 0 when a length comes next
 */
typedef struct
{
  GstSocketWireDialect dialect;
  guint32 expected;
} GstSocketWireFraming;

/**
 * GstSocketWireStep: (skip)
 * @GST_SOCKET_WIRE_STEP_ERROR: the connection cannot go on
 * @GST_SOCKET_WIRE_STEP_MORE: the record was a length
 * @GST_SOCKET_WIRE_STEP_MESSAGE: the record is a message
 */
typedef enum
{
  GST_SOCKET_WIRE_STEP_ERROR,
  GST_SOCKET_WIRE_STEP_MORE,
  GST_SOCKET_WIRE_STEP_MESSAGE,
} GstSocketWireStep;

typedef struct
{
  gint32 buf_id[GST_SOCKET_WIRE_MAX_BLOCKS];
  guint64 pts;
  guint64 dts;
  guint64 duration;
  gint32 use_pool;
} GstSocketWireInfo;

typedef struct
{
  guint32 width;
  guint32 height;
  guint32 format;
  guint32 n_planes;
  guint64 offset[GST_SOCKET_WIRE_MAX_PLANES];
  gint32 stride[GST_SOCKET_WIRE_MAX_PLANES];
  guint32 flags;
  guint64 size;
  guint64 maxsize;
} GstSocketWireFrame;

typedef struct
{
  guint32 type;
  guint32 n_dimensions;
  guint32 dimensions[GST_SOCKET_WIRE_MAX_DIMENSIONS];
  guint64 size;
  guint64 maxsize;
} GstSocketWireTensor;

/* data points into the record read, or to what is to be written. */
typedef struct
{
  const guint8 *data;
  guint64 size;
  guint64 maxsize;
} GstSocketWireText;

typedef struct
{
  GstSocketWireIdentity identity;
  union
  {
    GstSocketWireFrame frame;
    GstSocketWireTensor tensor;
    GstSocketWireText text;
  };
} GstSocketWireBlock;

/* Strings are terminated within their arrays; "" for an absent structure. */
typedef struct
{
  gchar label[GST_SOCKET_WIRE_MAX_NAME];
  gint32 id;
  gint32 parent_id;
  guint32 x, y, w, h;
  gchar detection[GST_SOCKET_WIRE_MAX_PARAMS];
  gchar xtraparams[GST_SOCKET_WIRE_MAX_PARAMS];
} GstSocketWireRoi;

typedef struct
{
  gchar name[GST_SOCKET_WIRE_MAX_NAME];
  gdouble confidence;
  guint32 color;
  gchar xtraparams[GST_SOCKET_WIRE_MAX_PARAMS];
} GstSocketWireLabel;

typedef struct
{
  guint32 id;
  gint32 parent_id;
  guint n_labels;
  GstSocketWireLabel labels[GST_SOCKET_WIRE_MAX_LABELS];
} GstSocketWireClassification;

typedef struct
{
  gchar name[GST_SOCKET_WIRE_MAX_NAME];
  gdouble confidence;
  guint32 color;
  gint32 x, y;
} GstSocketWireKeypoint;

typedef struct
{
  guint32 source;
  guint32 destination;
} GstSocketWireLink;

typedef struct
{
  guint32 id;
  gint32 parent_id;
  gdouble confidence;
  guint n_keypoints;
  GstSocketWireKeypoint keypoints[GST_SOCKET_WIRE_MAX_KEYPOINTS];
  guint n_links;
  GstSocketWireLink links[GST_SOCKET_WIRE_MAX_LINKS];
  gchar xtraparams[GST_SOCKET_WIRE_MAX_PARAMS];
} GstSocketWireLandmarks;

/* A meta payload of a message, not yet read: size bytes from data on. */
typedef struct
{
  GstSocketWireIdentity identity;
  const guint8 *data;
  gsize size;
} GstSocketWireMeta;

/**
 * GstSocketWireMessage: (skip)
 * @has: bit (1 << identity) for every payload that was there
 * @n_fds: what FD_COUNT says, 0 without it
 * @metas: (element-type GstSocketWireMeta) (nullable): in order
 * @extension: (nullable): where an unknown payload begins
 *
 * One message. Pointers are into the record it was read from.
 */
typedef struct
{
  guint32 has;
  gint32 n_fds;
  GstSocketWireInfo info;
  guint n_blocks;
  GstSocketWireBlock blocks[GST_SOCKET_WIRE_MAX_BLOCKS];
  gint32 returned[GST_SOCKET_WIRE_MAX_BLOCKS];
  GArray *metas;
  const guint8 *extension;
  gsize extension_size;
} GstSocketWireMessage;

#define GST_SOCKET_WIRE_HAS(msg, identity)                                     \
  (((msg)->has & (1u << (identity))) != 0)

GST_SOCKET_API gsize gst_socket_wire_payload_size (
    GstSocketWireIdentity identity);
GST_SOCKET_API GstSocketWireStep gst_socket_wire_framing_feed (
    GstSocketWireFraming *framing, const guint8 *record, gsize size,
    GError **error);
GST_SOCKET_API void gst_socket_wire_put_prefix (
    guint8 prefix[GST_SOCKET_WIRE_PREFIX_SIZE], guint32 size);

GST_SOCKET_API gboolean gst_socket_wire_message_parse (
    GstSocketWireMessage *msg, const guint8 *data, gsize size, GError **error);
GST_SOCKET_API void gst_socket_wire_message_clear (GstSocketWireMessage *msg);

/* Writing: each appends one payload, every byte of it defined. */
GST_SOCKET_API void gst_socket_wire_put_signal (
    GByteArray *out, GstSocketWireIdentity identity);
GST_SOCKET_API void gst_socket_wire_put_fd_count (GByteArray *out, guint n);
GST_SOCKET_API void gst_socket_wire_put_info (
    GByteArray *out, const GstSocketWireInfo *info, guint n_blocks);
GST_SOCKET_API void gst_socket_wire_put_frame (
    GByteArray *out, const GstSocketWireFrame *frame);
GST_SOCKET_API void gst_socket_wire_put_tensor (
    GByteArray *out, const GstSocketWireTensor *tensor);
GST_SOCKET_API void gst_socket_wire_put_text (
    GByteArray *out, const guint8 *data, gsize size);
GST_SOCKET_API void gst_socket_wire_put_return (
    GByteArray *out, const gint32 *ids, guint n);

/* Metas. Reading judges every count and string; writing cuts strings that are
 * too long, except that put_protection () refuses. */
GST_SOCKET_API const gchar *gst_socket_wire_read_protection (
    const GstSocketWireMeta *meta, GError **error);
GST_SOCKET_API gboolean gst_socket_wire_read_roi (
    const GstSocketWireMeta *meta, GstSocketWireRoi *ret_roi, GError **error);
GST_SOCKET_API gboolean gst_socket_wire_read_classification (
    const GstSocketWireMeta *meta, GstSocketWireClassification *ret_class,
    GError **error);
GST_SOCKET_API gboolean gst_socket_wire_read_landmarks (
    const GstSocketWireMeta *meta, GstSocketWireLandmarks *ret_landmarks,
    GError **error);
GST_SOCKET_API gboolean gst_socket_wire_put_protection (
    GByteArray *out, const gchar *structure);
GST_SOCKET_API void gst_socket_wire_put_roi (
    GByteArray *out, const GstSocketWireRoi *roi);
GST_SOCKET_API void gst_socket_wire_put_classification (
    GByteArray *out, const GstSocketWireClassification *classification);
GST_SOCKET_API void gst_socket_wire_put_landmarks (
    GByteArray *out, const GstSocketWireLandmarks *landmarks);

G_END_DECLS
