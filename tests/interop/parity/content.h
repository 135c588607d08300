/* SPDX-License-Identifier: LGPL-2.1-or-later
 * content.h: bytes that tell which buffer they are of
 *
 * Here: making the content of a buffer from its name, and reading a run of
 * bytes back as names. Pure. Not here: buffers, elements, clients.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): an empty list of contents. */
GPtrArray *contents_new (void);

/* Returns: (transfer none): @name, repeated up to @size bytes, noted in @all. */
GBytes *content_make (GPtrArray *all, const gchar *name, gsize size);

/* Appends " name" for every content the bytes hold in a row; a cut one is
 * " name(part)", and what is none of them " ?(n bytes)". */
void content_decode (
    GPtrArray *all, const guint8 *data, gsize size, GString *line);

G_END_DECLS
