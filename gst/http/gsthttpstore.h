/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpstore.h: uploads that become files
 *
 * Here: PUT, POST and DELETE below a folder.
 * Not here: who may, and which element serves the files.
 */
#pragma once

#include "gsthttplibrary.h"

G_BEGIN_DECLS

typedef struct _GstHttpStore GstHttpStore;

/*
 * GstHttpStoreFuncs:
 * @finished: an upload that was taken has got its answer; any thread
 */
typedef struct
{
  void (*finished) (
      GstSocketHttpRequest *request, guint status, gpointer owner);
} GstHttpStoreFuncs;

/* App thread: new before the mount, stop before that goes, free after it. */
GstHttpStore *gst_http_store_new (const GstSocketHttpApi *http,
    const gchar *folder, guint64 max_size, const GstHttpStoreFuncs *funcs,
    gpointer owner, GError **error);
void gst_http_store_stop (GstHttpStore *self);
void gst_http_store_free (GstHttpStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstHttpStore, gst_http_store_free)

gboolean gst_http_store_takes (const gchar *method);
/* Server thread: takes the request, or answers it. */
void gst_http_store_answer (GstHttpStore *self, GstSocketHttpMount *mount,
    GstSocketHttpRequest *request);

G_END_DECLS
