/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwire-private.h: what the files of the wire codec share
 *
 * Here: appending zeroed space. Not here: anything a user of the codec needs.
 */
#pragma once

#include <string.h>

#include <glib.h>

/* Returns n zeroed bytes at the end of out, valid until it grows again. */
static inline guint8 *
gst_socket_wire_grow (GByteArray *out, gsize n)
{
  gsize old = out->len;

  g_byte_array_set_size (out, old + n);
  memset (out->data + old, 0, n);
  return out->data + old;
}
