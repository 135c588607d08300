/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketframing-chunked.c: HTTP/1.1 chunks
 *
 * Here: one chunk a unit, and the last chunk for a unit without payload.
 * Not here: trailers, chunk extensions, sockets, locks.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketframings.h"

#include <string.h>

/* A size in hexadecimal, CR, LF; and the CR LF behind the payload. */
#define SCRATCH 24

static gboolean
append_last (GstSocketPieces *pieces, const GstSocketUnit *unit)
{
  if (!gst_socket_pieces_has_room (pieces, 1, SCRATCH))
    return FALSE;
  gst_socket_pieces_add_scratch (pieces, "0\r\n\r\n", strlen ("0\r\n\r\n"));
  gst_socket_pieces_end_unit (pieces, unit);
  return TRUE;
}

static gboolean
append_chunk (GstSocketFraming *framing, GstSocketFramingState *state,
    const GstSocketUnit *unit, GstSocketPieces *pieces)
{
  gchar line[SCRATCH];
  gint n;

  if (unit->size == 0)
    return append_last (pieces, unit);
  if (!gst_socket_pieces_has_room (pieces, unit->n_iov + 2, SCRATCH))
    return FALSE;
  n = g_snprintf (line, sizeof line, "%" G_GSIZE_MODIFIER "x\r\n", unit->size);
  gst_socket_pieces_add_scratch (pieces, line, n);
  for (guint i = 0; i < unit->n_iov; i++)
    gst_socket_pieces_add (pieces, unit->iov[i].iov_base, unit->iov[i].iov_len);
  gst_socket_pieces_add_scratch (pieces, "\r\n", strlen ("\r\n"));
  gst_socket_pieces_end_unit (pieces, unit);
  return TRUE;
}

static void
free_chunked (GstSocketFraming *framing)
{
  g_free (framing);
}

static const GstSocketFramingFuncs chunked_funcs = {
    .append = append_chunk,
    .free = free_chunked,
};

/**
 * gst_socket_framing_new_chunked: (skip)
 *
 * Returns: (transfer full): the framing of HTTP/1.1's chunked coding; one
 *     serves any number of connections
 */
GstSocketFraming *
gst_socket_framing_new_chunked (void)
{
  GstSocketFraming *framing = g_new0 (GstSocketFraming, 1);

  gst_socket_framing_init (framing, &chunked_funcs, TRUE);
  return framing;
}
