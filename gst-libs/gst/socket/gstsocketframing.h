/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketframing.h: how units become bytes on a connection
 *
 * Here: the list of pieces that one system call sends, and the interface of
 * what wraps a unit: nothing, HTTP chunks, ICY metadata, multipart.
 * Not here: sockets, clients, threads, locks.
 */
#pragma once

#include <gst/socket/gstsocketqueue.h>

G_BEGIN_DECLS

/* As many pieces as sendmsg() takes (IOV_MAX on Linux). */
#define GST_SOCKET_PIECES_MAX 1024

/* Room for what framings write between payloads. */
#define GST_SOCKET_PIECES_SCRATCH 8192

typedef struct _GstSocketPieces GstSocketPieces;
typedef struct _GstSocketFraming GstSocketFraming;
typedef struct _GstSocketFramingState GstSocketFramingState;
typedef struct _GstSocketFramingFuncs GstSocketFramingFuncs;

/**
 * GstSocketPieces: (skip)
 * @iov: what to send, in order; points into units and into @scratch
 * @n_iov: how many of them are in use
 * @bytes: what they hold together
 * @units: (transfer none): the units they came from, in order
 * @end: for each unit, the bytes up to and including it
 * @iov_end: for each unit, the pieces up to and including it
 * @n_units: how many units there are
 * @scratch: bytes that a framing writes
 * @scratch_used: how many of them are in use
 *
 * The wire image of one or more units, ready for one system call. It points
 * into memory of the units, which the caller keeps alive.
 */
struct _GstSocketPieces
{
  guint n_iov;
  guint n_units;
  gsize bytes;
  gsize scratch_used;
  struct iovec iov[GST_SOCKET_PIECES_MAX];
  const GstSocketUnit *units[GST_SOCKET_PIECES_MAX];
  gsize end[GST_SOCKET_PIECES_MAX];
  guint iov_end[GST_SOCKET_PIECES_MAX];
  gchar scratch[GST_SOCKET_PIECES_SCRATCH];
};

/**
 * GstSocketFramingState: (skip)
 * @position: bytes or units so far, as the framing likes
 * @extra: for the framing
 *
 * What a framing remembers of one connection. Plain data: a copy of it, taken
 * before a unit, makes the same bytes of that unit again.
 */
struct _GstSocketFramingState
{
  guint64 position;
  guint64 extra;
};

/**
 * GstSocketFramingFuncs: (skip)
 * @append: adds the wire image of a unit and moves the state on, or returns
 *     %FALSE and changes nothing when there is not enough room
 * @free: (nullable): frees the framing
 *
 * What a framing does. Called from any thread, for one state at a time.
 */
struct _GstSocketFramingFuncs
{
  gboolean (*append) (GstSocketFraming *framing, GstSocketFramingState *state,
      const GstSocketUnit *unit, GstSocketPieces *pieces);
  void (*free) (GstSocketFraming *framing);
};

/**
 * GstSocketFraming: (skip)
 * @funcs: what it does
 * @is_uniform: whether a unit has the same image on every connection, so that
 *     all clients at one place share one list of pieces
 *
 * How units become bytes on a connection; shared by connections.
 */
struct _GstSocketFraming
{
  const GstSocketFramingFuncs *funcs;
  gboolean is_uniform;

  /*< private >*/
  gatomicrefcount ref_count;
};

GST_SOCKET_API
GstSocketFraming *gst_socket_framing_new_none (void);
GST_SOCKET_API
void gst_socket_framing_init (GstSocketFraming *framing,
    const GstSocketFramingFuncs *funcs, gboolean is_uniform);
GST_SOCKET_API
GstSocketFraming *gst_socket_framing_ref (GstSocketFraming *framing);
GST_SOCKET_API
void gst_socket_framing_unref (GstSocketFraming *framing);
GST_SOCKET_API
gboolean gst_socket_framing_append (GstSocketFraming *framing,
    GstSocketFramingState *state, const GstSocketUnit *unit,
    GstSocketPieces *pieces);

GST_SOCKET_API
void gst_socket_pieces_clear (GstSocketPieces *pieces);
GST_SOCKET_API
gboolean gst_socket_pieces_has_room (
    const GstSocketPieces *pieces, guint n_iov, gsize n_scratch);
GST_SOCKET_API
void gst_socket_pieces_add (
    GstSocketPieces *pieces, gconstpointer data, gsize size);
GST_SOCKET_API
void gst_socket_pieces_add_scratch (
    GstSocketPieces *pieces, gconstpointer data, gsize size);
GST_SOCKET_API
void gst_socket_pieces_end_unit (
    GstSocketPieces *pieces, const GstSocketUnit *unit);
GST_SOCKET_API
guint gst_socket_pieces_skip (
    GstSocketPieces *pieces, gsize bytes, struct iovec *ret_saved);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketFraming, gst_socket_framing_unref)

G_END_DECLS
