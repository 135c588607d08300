/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketdraft.h: a file that is seen when it is whole
 *
 * Here: writing a hidden file, and giving it its name.
 * Not here: where the bytes come from.
 */
#pragma once

#include <gst/socket/gstsocketroot.h>

G_BEGIN_DECLS

typedef struct _GstSocketDraft GstSocketDraft;

GST_SOCKET_API
GstSocketDraft *gst_socket_draft_new (
    const GstSocketRoot *root, const gchar *path, GError **error);
GST_SOCKET_API
void gst_socket_draft_free (GstSocketDraft *draft);
GST_SOCKET_API
gboolean gst_socket_draft_reserve (
    GstSocketDraft *draft, guint64 size, GError **error);
GST_SOCKET_API
gboolean gst_socket_draft_write (
    GstSocketDraft *draft, gconstpointer data, gsize size, GError **error);
GST_SOCKET_API
gboolean gst_socket_draft_copy (
    GstSocketDraft *draft, gint fd, guint64 size, GError **error);
GST_SOCKET_API
void gst_socket_draft_seek (GstSocketDraft *draft, guint64 offset);
GST_SOCKET_API
gboolean gst_socket_draft_finish (
    GstSocketDraft *draft, gboolean *ret_replaced, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketDraft, gst_socket_draft_free)

G_END_DECLS
