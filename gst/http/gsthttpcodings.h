/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpcodings.h: texts, compressed and kept
 *
 * Here: compressing and keeping. Not here: what is wanted (gstsocketcoding.h).
 */
#pragma once

#include <gio/gio.h>
#include <gst/socket/gstsocketcoding.h>

G_BEGIN_DECLS

/* Texts that are compressed: smaller ones do not gain, and larger ones would
 * keep the server from others for too long. */
#define GST_HTTP_CODINGS_MIN 256
#define GST_HTTP_CODINGS_MAX (512 * 1024)

/* Bytes that are kept. */
#define GST_HTTP_CODINGS_KEPT (8 * 1024 * 1024)

typedef struct _GstHttpCodings GstHttpCodings;

GstHttpCodings *gst_http_codings_new (void);
void gst_http_codings_free (GstHttpCodings *self);
/* Returns: (transfer full) (nullable): what is kept under a name, which is
 * another one when the text changes, or made now; NULL when it does not get
 * smaller. */
GBytes *gst_http_codings_make (GstHttpCodings *self, const gchar *name,
    GstSocketCoding coding, GBytes *text);

G_END_DECLS
