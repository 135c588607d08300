/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketqueue.h: one queue of buffers, read by many cursors
 *
 * Here: units (a buffer ready to send), headers (what precedes a stream) and
 * the queue of units under rising numbers.
 * Not here: clients, sockets, threads, locks (the caller holds its own).
 */
#pragma once

#include <gst/socket/socket-prelude.h>

#include <sys/uio.h>

G_BEGIN_DECLS

typedef struct _GstSocketUnit GstSocketUnit;
typedef struct _GstSocketHeaders GstSocketHeaders;
typedef struct _GstSocketRing GstSocketRing;
typedef struct _GstSocketQueue GstSocketQueue;

/**
 * GstSocketUnitFlags:
 * @GST_SOCKET_UNIT_KEYFRAME: a client may start here
 * @GST_SOCKET_UNIT_CONTROL: the buffer carries ancillary data, so that it must
 *     be sent by a call of its own
 *
 * What the queue needs to know of a buffer.
 */
typedef enum
{
  GST_SOCKET_UNIT_KEYFRAME = (1 << 0),
  GST_SOCKET_UNIT_CONTROL = (1 << 1),
} GstSocketUnitFlags;

/**
 * GstSocketUnit: (skip)
 * @seq: number in the queue, 0 while outside of one
 * @buffer: the buffer, kept mapped for reading
 * @headers: (nullable): what has to precede this buffer for a new client
 * @size: bytes of payload
 * @bytes_end: payload bytes of all units up to and including this one
 * @time: timestamp in ns, or %GST_CLOCK_TIME_NONE
 * @time_max: largest timestamp so far, or %GST_CLOCK_TIME_NONE
 * @flags: #GstSocketUnitFlags
 * @n_iov: number of pieces of memory
 * @iov: the pieces, in order; empty ones are left out
 *
 * One buffer, mapped once for all clients. Immutable once it is queued, so
 * that any thread which holds a reference may read it without a lock.
 */
struct _GstSocketUnit
{
  guint64 seq;
  GstBuffer *buffer;
  GstSocketHeaders *headers;
  gsize size;
  guint64 bytes_end;
  GstClockTime time;
  GstClockTime time_max;
  guint flags;
  guint n_iov;
  const struct iovec *iov;

  /*< private >*/
  gatomicrefcount ref_count;
  guint holders;
  guint n_maps;
  struct iovec *iov_storage;
  GstMapInfo *maps;
  struct iovec one_iov;
  GstMapInfo one_map;
};

GST_SOCKET_API
GstSocketUnit *gst_socket_unit_new (
    GstBuffer *buffer, guint flags, GstSocketHeaders *headers);
GST_SOCKET_API
GstSocketUnit *gst_socket_unit_ref (GstSocketUnit *unit);
GST_SOCKET_API
void gst_socket_unit_unref (GstSocketUnit *unit);

GST_SOCKET_API
GstSocketHeaders *gst_socket_headers_new (
    GstBuffer *const *buffers, guint n_buffers);
GST_SOCKET_API
GstSocketHeaders *gst_socket_headers_ref (GstSocketHeaders *headers);
GST_SOCKET_API
void gst_socket_headers_unref (GstSocketHeaders *headers);
GST_SOCKET_API
guint gst_socket_headers_get_length (const GstSocketHeaders *headers);
GST_SOCKET_API
GstSocketUnit *gst_socket_headers_get (
    const GstSocketHeaders *headers, guint index);
GST_SOCKET_API
gboolean gst_socket_headers_contain (
    const GstSocketHeaders *headers, GstBuffer *buffer);
GST_SOCKET_API
gboolean gst_socket_headers_equal (
    const GstSocketHeaders *a, const GstSocketHeaders *b);

GST_SOCKET_API
GstSocketQueue *gst_socket_queue_new (guint64 first_seq);
GST_SOCKET_API
void gst_socket_queue_free (GstSocketQueue *queue);
GST_SOCKET_API
guint64 gst_socket_queue_append (GstSocketQueue *queue, GstSocketUnit *unit);
GST_SOCKET_API
guint64 gst_socket_queue_get_newest (const GstSocketQueue *queue);
GST_SOCKET_API
guint64 gst_socket_queue_get_oldest (const GstSocketQueue *queue);
GST_SOCKET_API
guint gst_socket_queue_get_length (const GstSocketQueue *queue);
GST_SOCKET_API
guint64 gst_socket_queue_get_bytes (const GstSocketQueue *queue);
GST_SOCKET_API
GstSocketUnit *gst_socket_queue_get (const GstSocketQueue *queue, guint64 seq);
GST_SOCKET_API
void gst_socket_queue_set_oldest (GstSocketQueue *queue, guint64 seq);
GST_SOCKET_API
void gst_socket_queue_collect (
    GstSocketQueue *queue, guint64 pinned, GPtrArray *garbage);

GST_SOCKET_API
guint gst_socket_queue_count_for_bytes (
    const GstSocketQueue *queue, guint64 newest, guint64 bytes);
GST_SOCKET_API
guint gst_socket_queue_count_for_time (
    const GstSocketQueue *queue, guint64 newest, GstClockTime time);
GST_SOCKET_API
guint64 gst_socket_queue_key_before (const GstSocketQueue *queue, guint64 seq);
GST_SOCKET_API
guint64 gst_socket_queue_key_after (const GstSocketQueue *queue, guint64 seq);

GST_SOCKET_API
GstSocketRing *gst_socket_queue_ref_ring (const GstSocketQueue *queue);
GST_SOCKET_API
GstSocketUnit *gst_socket_ring_get (const GstSocketRing *ring, guint64 seq);
GST_SOCKET_API
void gst_socket_ring_unref (GstSocketRing *ring);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketUnit, gst_socket_unit_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketHeaders, gst_socket_headers_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketQueue, gst_socket_queue_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketRing, gst_socket_ring_unref)

G_END_DECLS
