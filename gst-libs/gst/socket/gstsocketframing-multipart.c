/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketframing-multipart.c: multipart/x-mixed-replace, as MJPEG uses it
 *
 * Here: one part a unit, with its length, and the boundary right behind it.
 * Not here: the head of the response, sockets, locks.
 *
 * The boundary that closes a part is sent with the part, not with the next
 * one: a browser shows a picture only when it has seen it. So the first one
 * precedes all units, see gst_socket_framing_multipart_dup_opening().
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketframings.h"

#include <string.h>

/* The head of a part, with a chunk's size, and what follows the part. */
#define TYPE_MAX 128
#define HEAD_MAX (TYPE_MAX + 96)
#define TAIL_MAX (GST_SOCKET_BOUNDARY_MAX + 16)

typedef struct
{
  GstSocketFraming parent;
  gboolean chunked;
  gchar *type;
  gchar *tail; /* behind a part */
  gchar *end;  /* of the body */
} Multipart;

static gint
format_head (const Multipart *self, gsize size, gchar *head)
{
  gchar line[HEAD_MAX];
  gint n = g_snprintf (line, sizeof line,
      "Content-Type: %s\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
      self->type, size);
  gsize chunk = n + size + strlen (self->tail);

  if (!self->chunked)
    return g_snprintf (head, HEAD_MAX, "%s", line);
  /* The tail ends with the chunk's own CR LF, which does not count. */
  return g_snprintf (head, HEAD_MAX, "%" G_GSIZE_MODIFIER "x\r\n%s",
      chunk - strlen ("\r\n"), line);
}

static gboolean
append_end (
    const Multipart *self, GstSocketPieces *pieces, const GstSocketUnit *unit)
{
  if (!gst_socket_pieces_has_room (pieces, 1, TAIL_MAX))
    return FALSE;
  gst_socket_pieces_add_scratch (pieces, self->end, strlen (self->end));
  gst_socket_pieces_end_unit (pieces, unit);
  return TRUE;
}

static gboolean
append_part (GstSocketFraming *framing, GstSocketFramingState *state,
    const GstSocketUnit *unit, GstSocketPieces *pieces)
{
  const Multipart *self = (const Multipart *) framing;
  gchar head[HEAD_MAX];
  gint n;

  if (unit->size == 0)
    return append_end (self, pieces, unit);
  if (!gst_socket_pieces_has_room (
          pieces, unit->n_iov + 2, HEAD_MAX + TAIL_MAX))
    return FALSE;
  n = format_head (self, unit->size, head);
  gst_socket_pieces_add_scratch (pieces, head, n);
  for (guint i = 0; i < unit->n_iov; i++)
    gst_socket_pieces_add (pieces, unit->iov[i].iov_base, unit->iov[i].iov_len);
  gst_socket_pieces_add_scratch (pieces, self->tail, strlen (self->tail));
  gst_socket_pieces_end_unit (pieces, unit);
  return TRUE;
}

static void
free_multipart (GstSocketFraming *framing)
{
  Multipart *self = (Multipart *) framing;

  g_free (self->type);
  g_free (self->tail);
  g_free (self->end);
  g_free (self);
}

static const GstSocketFramingFuncs multipart_funcs = {
    .append = append_part,
    .free = free_multipart,
};

static gchar *
in_chunk (gchar *text, gboolean chunked, const gchar *behind)
{
  g_autofree gchar *plain = text;

  if (!chunked)
    return g_steal_pointer (&plain);
  return g_strdup_printf (
      "%" G_GSIZE_MODIFIER "x\r\n%s\r\n%s", strlen (plain), plain, behind);
}

/**
 * gst_socket_framing_new_multipart: (skip)
 * @boundary: what separates the parts, without dashes, at most
 *     %GST_SOCKET_BOUNDARY_MAX bytes
 * @content_type: of each part, at most 127 bytes
 * @chunked: whether the whole is sent in HTTP/1.1 chunks, one a part
 *
 * Returns: (transfer full): the framing that makes a part of each unit; one
 *     serves any number of connections
 */
GstSocketFraming *
gst_socket_framing_new_multipart (
    const gchar *boundary, const gchar *content_type, gboolean chunked)
{
  Multipart *self = g_new0 (Multipart, 1);

  g_return_val_if_fail (strlen (boundary) <= GST_SOCKET_BOUNDARY_MAX, NULL);
  g_return_val_if_fail (strlen (content_type) < TYPE_MAX, NULL);

  gst_socket_framing_init (&self->parent, &multipart_funcs, TRUE);
  self->chunked = chunked;
  self->type = g_strdup (content_type);
  self->tail =
      g_strdup_printf ("\r\n--%s\r\n%s", boundary, chunked ? "\r\n" : "");
  /* The boundary before it is there already: this is one empty part. */
  self->end = in_chunk (
      g_strdup_printf ("\r\n--%s--\r\n", boundary), chunked, "0\r\n\r\n");
  return &self->parent;
}

/**
 * gst_socket_framing_multipart_dup_opening: (skip)
 * @boundary: as for gst_socket_framing_new_multipart()
 * @chunked: as there
 *
 * Returns: (transfer full): what goes to a connection before its first unit
 */
gchar *
gst_socket_framing_multipart_dup_opening (
    const gchar *boundary, gboolean chunked)
{
  return in_chunk (g_strdup_printf ("--%s\r\n", boundary), chunked, "");
}
