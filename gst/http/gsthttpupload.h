/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpupload.h: one upload, from its head to the answer
 *
 * Here: reading the body of a request, answering it.
 * Not here: where the body goes, who may send one.
 */
#pragma once

#include "gsthttplibrary.h"

#include <gst/socket/gstsocketreader.h>

G_BEGIN_DECLS

typedef struct _GstHttpUpload GstHttpUpload;

GstHttpUpload *gst_http_upload_new (const GstSocketHttpApi *http,
    GstSocketHttpMount *mount, GstSocketHttpRequest *request, guint64 max_size);
void gst_http_upload_free (GstHttpUpload *self);

void gst_http_upload_set_headers (GstHttpUpload *self, GPtrArray *headers);

GstSocketHttpRequest *gst_http_upload_get_request (const GstHttpUpload *self);
const gchar *gst_http_upload_get_path (const GstHttpUpload *self);
guint64 gst_http_upload_get_length (const GstHttpUpload *self);
guint64 gst_http_upload_get_received (const GstHttpUpload *self);
guint64 gst_http_upload_get_sent (const GstHttpUpload *self);

GstSocketReadResult gst_http_upload_read (GstHttpUpload *self,
    GstSocketWait *wait, gint64 timeout_us, GstBuffer **ret_buffer,
    GError **error);
guint gst_http_upload_status_of (const GError *error);
void gst_http_upload_answer (
    GstHttpUpload *self, guint status, const gchar *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstHttpUpload, gst_http_upload_free)

G_END_DECLS
