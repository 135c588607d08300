/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketframing.c: how units become bytes on a connection
 *
 * Here: the list of pieces, and the framing that wraps nothing.
 * Not here: sockets, clients, threads, locks.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketframing.h"

#include <string.h>

/**
 * SECTION:gstsocketframing
 * @title: GstSocketFraming
 * @short_description: how units become bytes on a connection
 *
 * A framing wraps one unit at a time and never copies payload: its output is
 * a list of pieces that point into the unit's memory, with a few bytes of its
 * own between them. Since its state is plain data, a unit that was sent in
 * part is not remembered as bytes: its image is simply made again.
 */

/* --- pieces --- */

/**
 * gst_socket_pieces_clear: (skip)
 * @pieces: a list, may be uninitialised
 *
 * Empties the list.
 */
void
gst_socket_pieces_clear (GstSocketPieces *pieces)
{
  pieces->n_iov = 0;
  pieces->n_units = 0;
  pieces->bytes = 0;
  pieces->scratch_used = 0;
}

/**
 * gst_socket_pieces_has_room: (skip)
 * @pieces: a list
 * @n_iov: pieces wanted
 * @n_scratch: scratch bytes wanted
 *
 * Returns: whether one more unit of that many pieces fits
 */
gboolean
gst_socket_pieces_has_room (
    const GstSocketPieces *pieces, guint n_iov, gsize n_scratch)
{
  return pieces->n_units < GST_SOCKET_PIECES_MAX
      && n_iov <= GST_SOCKET_PIECES_MAX - pieces->n_iov
      && n_scratch <= GST_SOCKET_PIECES_SCRATCH - pieces->scratch_used;
}

/**
 * gst_socket_pieces_add: (skip)
 * @pieces: a list with room
 * @data: memory that stays until the list is cleared
 * @size: its bytes, more than 0
 *
 * Adds a piece.
 */
void
gst_socket_pieces_add (GstSocketPieces *pieces, gconstpointer data, gsize size)
{
  struct iovec *iov = &pieces->iov[pieces->n_iov++];

  iov->iov_base = (gpointer) data;
  iov->iov_len = size;
  pieces->bytes += size;
}

/**
 * gst_socket_pieces_add_scratch: (skip)
 * @pieces: a list with room
 * @data: bytes to copy
 * @size: how many, more than 0
 *
 * Adds a piece that the list keeps itself.
 */
void
gst_socket_pieces_add_scratch (
    GstSocketPieces *pieces, gconstpointer data, gsize size)
{
  gchar *copy = pieces->scratch + pieces->scratch_used;

  memcpy (copy, data, size);
  pieces->scratch_used += size;
  gst_socket_pieces_add (pieces, copy, size);
}

/**
 * gst_socket_pieces_end_unit: (skip)
 * @pieces: a list with room
 * @unit: the unit whose pieces were just added; none for an empty one
 *
 * Notes where the image of @unit ends.
 */
void
gst_socket_pieces_end_unit (GstSocketPieces *pieces, const GstSocketUnit *unit)
{
  guint i = pieces->n_units++;

  pieces->units[i] = unit;
  pieces->end[i] = pieces->bytes;
  pieces->iov_end[i] = pieces->n_iov;
}

/**
 * gst_socket_pieces_skip: (skip)
 * @pieces: a list
 * @bytes: bytes at its start that are not to be sent, less than it holds
 * @ret_saved: (out): the piece that was shortened, to put back
 *
 * Shortens the first piece that is not skipped as a whole.
 *
 * Returns: the index of that piece
 */
guint
gst_socket_pieces_skip (
    GstSocketPieces *pieces, gsize bytes, struct iovec *ret_saved)
{
  guint i = 0;

  while (bytes >= pieces->iov[i].iov_len)
    bytes -= pieces->iov[i++].iov_len;
  *ret_saved = pieces->iov[i];
  pieces->iov[i].iov_base = (guint8 *) pieces->iov[i].iov_base + bytes;
  pieces->iov[i].iov_len -= bytes;
  return i;
}

/* --- framing --- */

/**
 * gst_socket_framing_init: (skip)
 * @framing: a framing to set up, embedded in a larger struct or not
 * @funcs: what it does
 * @is_uniform: see #GstSocketFraming
 *
 * Sets up a framing with one reference.
 */
void
gst_socket_framing_init (GstSocketFraming *framing,
    const GstSocketFramingFuncs *funcs, gboolean is_uniform)
{
  framing->funcs = funcs;
  framing->is_uniform = is_uniform;
  g_atomic_ref_count_init (&framing->ref_count);
}

/**
 * gst_socket_framing_ref: (skip)
 * @framing: a framing
 *
 * Returns: (transfer full): @framing, with one more reference; any thread
 */
GstSocketFraming *
gst_socket_framing_ref (GstSocketFraming *framing)
{
  g_atomic_ref_count_inc (&framing->ref_count);
  return framing;
}

/**
 * gst_socket_framing_unref: (skip)
 * @framing: (transfer full) (nullable): a framing
 *
 * Drops a reference; any thread.
 */
void
gst_socket_framing_unref (GstSocketFraming *framing)
{
  if (framing == NULL || !g_atomic_ref_count_dec (&framing->ref_count))
    return;
  if (framing->funcs->free != NULL)
    framing->funcs->free (framing);
}

/**
 * gst_socket_framing_append: (skip)
 * @framing: a framing
 * @state: what it remembers of the connection
 * @unit: the next unit
 * @pieces: the list to add to
 *
 * Returns: %FALSE when @pieces has not enough room; nothing is changed then
 */
gboolean
gst_socket_framing_append (GstSocketFraming *framing,
    GstSocketFramingState *state, const GstSocketUnit *unit,
    GstSocketPieces *pieces)
{
  return framing->funcs->append (framing, state, unit, pieces);
}

static gboolean
append_plain (GstSocketFraming *framing, GstSocketFramingState *state,
    const GstSocketUnit *unit, GstSocketPieces *pieces)
{
  if (!gst_socket_pieces_has_room (pieces, unit->n_iov, 0))
    return FALSE;
  for (guint i = 0; i < unit->n_iov; i++)
    gst_socket_pieces_add (pieces, unit->iov[i].iov_base, unit->iov[i].iov_len);
  gst_socket_pieces_end_unit (pieces, unit);
  return TRUE;
}

static void
free_plain (GstSocketFraming *framing)
{
  g_free (framing);
}

static const GstSocketFramingFuncs plain_funcs = {
    .append = append_plain,
    .free = free_plain,
};

/**
 * gst_socket_framing_new_none: (skip)
 *
 * Returns: (transfer full): the framing that sends payload as it is
 */
GstSocketFraming *
gst_socket_framing_new_none (void)
{
  GstSocketFraming *framing = g_new0 (GstSocketFraming, 1);

  gst_socket_framing_init (framing, &plain_funcs, TRUE);
  return framing;
}
