/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpart.h: which bytes of a whole an upload holds
 *
 * Here: the Content-Range field of a request.
 * Not here: what is asked for (gstsocketrange.h).
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/**
 * GstSocketPart:
 * @is_set: it is a part; else the whole
 * @first: its first byte
 * @last: its last byte, included
 * @total: bytes of the whole, %G_MAXUINT64 when it is not told
 *
 * A part of a whole.
 */
typedef struct
{
  gboolean is_set;
  guint64 first;
  guint64 last;
  guint64 total;
} GstSocketPart;

GST_SOCKET_API
gboolean gst_socket_part_parse (const gchar *field, GstSocketPart *ret_part);

G_END_DECLS
