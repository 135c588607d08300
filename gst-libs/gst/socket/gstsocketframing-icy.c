/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketframing-icy.c: titles between the bytes of a stream
 *
 * Here: a block of metadata after every so many bytes of payload, the way
 * internet radio has it; which title belongs to which unit.
 * Not here: tags, the head of the response, sockets.
 *
 * The same unit always has the same title, so that an image which is made
 * again, after a send that fell short, is the same as before.
 *
 * state->position   payload bytes since the last block
 * state->extra      number of the title sent last, 0 for none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketframings.h"

#include <string.h>

/* A block has 16 bytes for each one that its length byte says. */
#define BLOCK_UNIT 16
#define BLOCK_MAX (255 * BLOCK_UNIT)

/* Titles remembered for units that are still to be sent. */
#define TITLES_MAX 1024

typedef struct
{
  guint64 from_seq;
  guint64 number;
  gsize size; /* of block, with its length byte */
  gchar block[1 + BLOCK_MAX];
} Title;

typedef struct
{
  GstSocketFraming parent;
  guint metaint;

  gint lock;         /* bit lock */
  GPtrArray *titles; /* guarded by lock; rising in from_seq and number */
  guint64 next_number;
} Icy;

/* --- titles --- */

/* Cuts at a character's border, and leaves out what would end the field: a
 * semicolon behind a quote, which stands at the end of what is there. */
static void
append_clean (GString *to, const gchar *text, gsize max)
{
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);

  for (const gchar *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    gsize n = g_utf8_next_char (p) - p;

    if (to->len + n > max)
      return;
    if (g_unichar_iscntrl (g_utf8_get_char (p))
        || (*p == ';' && to->str[to->len - 1] == '\''))
      continue;
    g_string_append_len (to, p, n);
  }
}

static Title *
make_title (guint64 from_seq, const gchar *text, const gchar *url)
{
  g_autoptr (GString) line = g_string_new ("StreamTitle='");
  Title *title = g_new0 (Title, 1);
  gsize units;

  append_clean (line, text, BLOCK_MAX / 2);
  g_string_append (line, "';");
  if (url != NULL) {
    g_string_append (line, "StreamUrl='");
    append_clean (line, url, BLOCK_MAX - 2);
    g_string_append (line, "';");
  }
  units = (line->len + BLOCK_UNIT - 1) / BLOCK_UNIT;
  title->from_seq = from_seq;
  title->size = 1 + units * BLOCK_UNIT;
  title->block[0] = (gchar) units;
  memcpy (title->block + 1, line->str, line->len);
  return title;
}

static void
lock_titles (Icy *self)
{
  g_bit_lock (&self->lock, 0);
}

static void
unlock_titles (Icy *self)
{
  g_bit_unlock (&self->lock, 0);
}

/* Copies the block of the title that unit seq has; returns its size, 1 when
 * it is the one sent last. The headers of a stream, seq 0, have none. */
static gsize
copy_block (
    Icy *self, guint64 seq, GstSocketFramingState *state, gchar *ret_block)
{
  gsize size = 1;

  ret_block[0] = 0;
  lock_titles (self);
  for (guint i = self->titles->len; i > 0 && seq > 0; i--) {
    const Title *title = g_ptr_array_index (self->titles, i - 1);

    if (title->from_seq > seq)
      continue;
    if (title->number != state->extra) {
      size = title->size;
      memcpy (ret_block, title->block, size);
      state->extra = title->number;
    }
    break;
  }
  unlock_titles (self);
  return size;
}

/* --- the framing --- */

static void
add_block (Icy *self, GstSocketFramingState *state, const GstSocketUnit *unit,
    GstSocketPieces *pieces)
{
  gchar block[1 + BLOCK_MAX];
  gsize size = copy_block (self, unit->seq, state, block);

  gst_socket_pieces_add_scratch (pieces, block, size);
  state->position = 0;
}

static void
add_payload (Icy *self, GstSocketFramingState *state, const GstSocketUnit *unit,
    GstSocketPieces *pieces)
{
  for (guint i = 0; i < unit->n_iov; i++) {
    const guint8 *data = unit->iov[i].iov_base;
    gsize left = unit->iov[i].iov_len;

    while (left > 0) {
      gsize n = MIN (left, self->metaint - state->position);

      gst_socket_pieces_add (pieces, data, n);
      data += n;
      left -= n;
      state->position += n;
      if (state->position == self->metaint)
        add_block (self, state, unit, pieces);
    }
  }
}

/* A unit with more blocks than any list has room for is left out: what does
 * not fit now may fit into an empty list, but this never would. */
static gboolean
append_icy (GstSocketFraming *framing, GstSocketFramingState *state,
    const GstSocketUnit *unit, GstSocketPieces *pieces)
{
  Icy *self = (Icy *) framing;
  gsize n_blocks = (state->position + unit->size) / self->metaint;
  gsize n_iov = unit->n_iov + 2 * n_blocks;
  gsize n_scratch = n_blocks > 0 ? n_blocks + BLOCK_MAX : 0;

  if (n_iov > GST_SOCKET_PIECES_MAX || n_scratch > GST_SOCKET_PIECES_SCRATCH) {
    if (!gst_socket_pieces_has_room (pieces, 0, 0))
      return FALSE;
    gst_socket_pieces_end_unit (pieces, unit);
    return TRUE;
  }
  if (!gst_socket_pieces_has_room (pieces, n_iov, n_scratch))
    return FALSE;
  add_payload (self, state, unit, pieces);
  gst_socket_pieces_end_unit (pieces, unit);
  return TRUE;
}

static void
free_icy (GstSocketFraming *framing)
{
  Icy *self = (Icy *) framing;

  g_ptr_array_unref (self->titles);
  g_free (self);
}

static const GstSocketFramingFuncs icy_funcs = {
    .append = append_icy,
    .free = free_icy,
};

/**
 * gst_socket_framing_new_icy: (skip)
 * @metaint: payload bytes between two blocks, at least
 *     %GST_SOCKET_ICY_METAINT_MIN
 *
 * Returns: (transfer full): the framing with titles; one serves any number of
 *     connections
 */
GstSocketFraming *
gst_socket_framing_new_icy (guint metaint)
{
  Icy *self = g_new0 (Icy, 1);

  g_return_val_if_fail (metaint >= GST_SOCKET_ICY_METAINT_MIN, NULL);

  gst_socket_framing_init (&self->parent, &icy_funcs, FALSE);
  self->metaint = metaint;
  self->titles = g_ptr_array_new_with_free_func (g_free);
  return &self->parent;
}

/**
 * gst_socket_framing_icy_set_title: (skip)
 * @framing: a framing of gst_socket_framing_new_icy()
 * @from_seq: the first unit with this title, not less than at the last call
 * @title: the title, shown as "artist - title" by custom; control characters
 *     are left out, and what is longer than a block is cut
 * @url: (nullable): an address that belongs to it
 *
 * Sets the title from a unit on that was not queued yet. Any thread.
 */
void
gst_socket_framing_icy_set_title (GstSocketFraming *framing, guint64 from_seq,
    const gchar *title, const gchar *url)
{
  Icy *self = (Icy *) framing;
  Title *made = make_title (from_seq, title, url);

  lock_titles (self);
  made->number = ++self->next_number;
  if (self->titles->len == TITLES_MAX)
    g_ptr_array_remove_index (self->titles, 0);
  g_ptr_array_add (self->titles, made);
  unlock_titles (self);
}
