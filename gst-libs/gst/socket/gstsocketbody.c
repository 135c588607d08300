/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketbody.c: where the body of an HTTP request ends
 *
 * Here: telling payload from what frames it, as bytes come.
 * Not here: heads (gstsocketrequest.c), sockets.
 *
 * Chunks are taken apart where they are: their payload moves together at the
 * start of the memory they came in, which costs less than memory of its own.
 * As in heads, a line ends with CR LF only: whoever stands before this server
 * may have read a bare LF differently.
 *
 *   state      | takes                          | goes to
 *   -----------+--------------------------------+---------------------------
 *   SIZE       | hexadecimal digits             | EXTENSION, SIZE_LF
 *   EXTENSION  | anything printable             | SIZE_LF
 *   SIZE_LF    | LF                             | DATA, or TRAILER after 0
 *   DATA       | as many bytes as were told     | DATA_CR
 *   DATA_CR    | CR                             | DATA_LF
 *   DATA_LF    | LF                             | SIZE
 *   TRAILER    | the start of a line            | FIELD, LAST_LF
 *   FIELD      | anything printable             | FIELD_LF
 *   FIELD_LF   | LF                             | TRAILER
 *   LAST_LF    | LF                             | DONE
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketbody.h"

#include <string.h>

/* More would be no honest size, and would not fit. */
#define DIGITS_MAX 15

typedef enum
{
  STATE_SIZE,
  STATE_EXTENSION,
  STATE_SIZE_LF,
  STATE_DATA,
  STATE_DATA_CR,
  STATE_DATA_LF,
  STATE_TRAILER,
  STATE_FIELD,
  STATE_FIELD_LF,
  STATE_LAST_LF,
  STATE_DONE,
} State;

/**
 * gst_socket_body_init: (skip)
 * @self: a body
 * @kind: how its end is told
 * @length: bytes of it, for %GST_SOCKET_BODY_LENGTH
 *
 * Begins to read a body.
 */
void
gst_socket_body_init (
    GstSocketBody *self, GstSocketBodyKind kind, guint64 length)
{
  *self = (GstSocketBody){.kind = kind,
      .left = kind == GST_SOCKET_BODY_LENGTH ? length : 0,
      .state = STATE_SIZE};
}

/* --- chunks --- */

static gboolean
is_printable (guint8 c)
{
  return c == '\t' || (c >= 0x20 && c != 0x7f);
}

static gboolean
take_extension (GstSocketBody *self, guint8 c)
{
  if (c == '\r') {
    self->state = STATE_SIZE_LF;
    return TRUE;
  }
  self->state = STATE_EXTENSION;
  return is_printable (c) && ++self->n_line <= GST_SOCKET_BODY_LINE_MAX;
}

static gboolean
take_size (GstSocketBody *self, guint8 c)
{
  gint digit = g_ascii_xdigit_value (c);

  if (digit >= 0) {
    self->left = self->left << 4 | (guint) digit;
    return ++self->n_line <= DIGITS_MAX;
  }
  if (self->n_line == 0 || strchr ("\r; \t", c) == NULL || c == '\0')
    return FALSE;
  return take_extension (self, c);
}

static gboolean
take_line_end (GstSocketBody *self, guint8 c, State next)
{
  self->state = next;
  return c == '\n';
}

/* Fields behind the last chunk are read and forgotten. */
static gboolean
take_trailer (GstSocketBody *self, guint8 c)
{
  if (++self->n_line > GST_SOCKET_BODY_TRAILER_MAX)
    return FALSE;
  if (c == '\r') {
    self->state = self->state == STATE_TRAILER ? STATE_LAST_LF : STATE_FIELD_LF;
    return TRUE;
  }
  self->state = STATE_FIELD;
  return is_printable (c);
}

/* Takes a byte that is no payload; FALSE when it has no business there. */
static gboolean
take (GstSocketBody *self, guint8 c)
{
  switch ((State) self->state) {
    case STATE_SIZE:
      return take_size (self, c);
    case STATE_EXTENSION:
      return take_extension (self, c);
    case STATE_SIZE_LF:
      self->n_line = 0;
      return take_line_end (
          self, c, self->left > 0 ? STATE_DATA : STATE_TRAILER);
    case STATE_DATA_CR:
      self->state = STATE_DATA_LF;
      return c == '\r';
    case STATE_DATA_LF:
      return take_line_end (self, c, STATE_SIZE);
    case STATE_TRAILER:
    case STATE_FIELD:
      return take_trailer (self, c);
    case STATE_FIELD_LF:
      return take_line_end (self, c, STATE_TRAILER);
    case STATE_LAST_LF:
      return take_line_end (self, c, STATE_DONE);
    default:
      return FALSE;
  }
}

static gboolean
feed_chunks (GstSocketBody *self, guint8 *data, gsize size, gsize *ret_payload,
    gsize *ret_used)
{
  gsize in = 0, out = 0;

  while (in < size && self->state != STATE_DONE) {
    gsize n = MIN (self->left, size - in);

    if (self->state != STATE_DATA) {
      if (!take (self, data[in++]))
        return FALSE;
      continue;
    }
    if (in != out)
      memmove (data + out, data + in, n);
    in += n;
    out += n;
    self->left -= n;
    if (self->left == 0)
      self->state = STATE_DATA_CR;
  }
  *ret_payload = out;
  *ret_used = in;
  return TRUE;
}

/* --- all kinds --- */

/**
 * gst_socket_body_feed: (skip)
 * @self: a body
 * @data: (array length=size): what has come; the payload is then at its start
 * @size: its bytes
 * @ret_payload: (out): bytes of payload
 * @ret_used: (out): bytes that were of this body; less than @size only when it
 *     is complete, and what follows is the next request's
 *
 * Takes what has come.
 *
 * Returns: %FALSE when it is no sound body; there is no way to go on then
 */
gboolean
gst_socket_body_feed (GstSocketBody *self, guint8 *data, gsize size,
    gsize *ret_payload, gsize *ret_used)
{
  switch (self->kind) {
    case GST_SOCKET_BODY_CHUNKED:
      return feed_chunks (self, data, size, ret_payload, ret_used);
    case GST_SOCKET_BODY_LENGTH:
      *ret_payload = *ret_used = MIN (self->left, size);
      self->left -= *ret_used;
      return TRUE;
    case GST_SOCKET_BODY_CLOSE:
      *ret_payload = *ret_used = size;
      return TRUE;
    default:
      *ret_payload = *ret_used = 0;
      return self->kind == GST_SOCKET_BODY_NONE;
  }
}

/**
 * gst_socket_body_is_complete: (skip)
 * @self: a body
 *
 * Returns: whether its end has come; one that lasts up to the end of the
 *     connection is never complete before that
 */
gboolean
gst_socket_body_is_complete (const GstSocketBody *self)
{
  switch (self->kind) {
    case GST_SOCKET_BODY_CHUNKED:
      return self->state == STATE_DONE;
    case GST_SOCKET_BODY_LENGTH:
      return self->left == 0;
    default:
      return self->kind == GST_SOCKET_BODY_NONE;
  }
}
