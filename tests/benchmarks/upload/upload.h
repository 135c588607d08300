/* SPDX-License-Identifier: LGPL-2.1-or-later
 * upload.h: what the parts of this benchmark share
 *
 * Here: ways to send, receivers. Not here: measuring.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How the body of an upload is sent. */
typedef struct
{
  const gchar *name;
  const gchar *title;
  gsize chunk;         /* bytes of a chunk, 0 for a length */
  const gchar *launch; /* the receiver; NULL for a loop of read () */
} UploadRow;

/* Sends @bytes to @port; returns whether status 200 or 201 came. */
gboolean upload_send (guint port, const UploadRow *row, guint64 bytes);

/* The receiver's process, with its first argument. */
gint upload_receiver_main (const gchar *launch, const gchar *plugin);

G_END_DECLS
