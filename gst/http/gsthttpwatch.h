/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpwatch.h: notices what others write below a root
 *
 * Here: watching folders. Not here: what is done about it (gsthttpstore.h).
 */
#pragma once

#include "gsthttpstore.h"

G_BEGIN_DECLS

/* Folders that are watched, at most: with more, the rest is served as files
 * that do not change. */
#define GST_HTTP_WATCH_MAX 4096

typedef struct _GstHttpWatch GstHttpWatch;

GstHttpWatch *gst_http_watch_new (GstHttpStore *store, GError **error);
void gst_http_watch_add (
    GstHttpWatch *self, GstSocketRoot *root, const gchar *prefix);
gboolean gst_http_watch_start (GstHttpWatch *self, GError **error);
void gst_http_watch_free (GstHttpWatch *self);

G_END_DECLS
