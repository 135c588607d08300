/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplog.h: who asked for what, as web servers write it down
 *
 * Here: the log, for all elements that serve HTTP.
 * Not here: when something is written.
 */
#pragma once

#include "gsthttplibrary.h"

G_BEGIN_DECLS

typedef struct _GstHttpLog GstHttpLog;

/* All functions take NULL for no log; any thread. */
GstHttpLog *gst_http_log_new (const gchar *path, GError **error);
GstHttpLog *gst_http_log_ref (GstHttpLog *self);
void gst_http_log_unref (GstHttpLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstHttpLog, gst_http_log_unref)

void gst_http_log_request (GstHttpLog *self, const GstSocketHttpApi *http,
    GstSocketHttpRequest *request, guint status, guint64 bytes);
void gst_http_log_rejection (
    GstHttpLog *self, const GstSocketHttpRejection *rejection);

GParamSpec *gst_http_log_make_property (void);

G_END_DECLS
