/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpuploadroot.h: uploads that become files
 *
 * Here: PUT, POST and DELETE below a folder.
 * Not here: who may, and which element serves the files.
 */
#pragma once

#include "gsthttplibrary.h"

#include <gst/socket/gstsocketroot.h>

G_BEGIN_DECLS

typedef struct _GstHttpUploadRoot GstHttpUploadRoot;

/*
 * GstHttpUploadRootFuncs:
 * @headers: the fields that all answers to a request have, names and values in
 *     turn; server thread
 * @finished: an upload that was taken has got its answer, with so many bytes;
 *     any thread
 */
typedef struct
{
  GPtrArray *(*headers) (GstSocketHttpRequest *request, gpointer owner);
  void (*finished) (GstSocketHttpRequest *request, guint status, guint64 bytes,
      gpointer owner);
} GstHttpUploadRootFuncs;

/* App thread: new before the mount, stop before that goes, free after it. */
GstHttpUploadRoot *gst_http_upload_root_new (const GstSocketHttpApi *http,
    const gchar *folder, guint64 max_size, const GstHttpUploadRootFuncs *funcs,
    gpointer owner, GError **error);
void gst_http_upload_root_stop (GstHttpUploadRoot *self);
void gst_http_upload_root_free (GstHttpUploadRoot *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstHttpUploadRoot, gst_http_upload_root_free)

GstSocketRoot *gst_http_upload_root_get_root (GstHttpUploadRoot *self);

gboolean gst_http_upload_root_takes (const gchar *method);
/* Server thread: takes the request, or answers it. */
void gst_http_upload_root_answer (GstHttpUploadRoot *self,
    GstSocketHttpMount *mount, GstSocketHttpRequest *request);

G_END_DECLS
