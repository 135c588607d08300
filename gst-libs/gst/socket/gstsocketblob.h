/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketblob.h: bytes that many read while one may still be writing them
 *
 * Here: files and memory with a size that grows, and an end.
 * Not here: sending (gstsocketsender.h), names.
 */
#pragma once

#include <gio/gio.h>
#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/**
 * GstSocketBlobState:
 * @GST_SOCKET_BLOB_GROWING: more may come
 * @GST_SOCKET_BLOB_COMPLETE: nothing more comes
 * @GST_SOCKET_BLOB_FAILED: what is there is not all there should be
 *
 * How far a blob is.
 */
typedef enum
{
  GST_SOCKET_BLOB_GROWING,
  GST_SOCKET_BLOB_COMPLETE,
  GST_SOCKET_BLOB_FAILED,
} GstSocketBlobState;

/**
 * GstSocketBlob: (skip)
 *
 * Bytes in a file or in memory. Any thread may ask and add.
 */
typedef struct _GstSocketBlob GstSocketBlob;

/**
 * GstSocketBlobFunc: (skip)
 * @user_data: what was given with it
 *
 * A blob has grown or ended. Called by whoever did that, with no lock held;
 * must not block.
 */
typedef void (*GstSocketBlobFunc) (gpointer user_data);

GST_SOCKET_API
GstSocketBlob *gst_socket_blob_new_for_fd (
    gint fd, guint64 size, GstSocketBlobState state);
GST_SOCKET_API
GstSocketBlob *gst_socket_blob_new_in_memory (void);
GST_SOCKET_API
GstSocketBlob *gst_socket_blob_ref (GstSocketBlob *blob);
GST_SOCKET_API
void gst_socket_blob_unref (GstSocketBlob *blob);
GST_SOCKET_API
gboolean gst_socket_blob_is_shared (GstSocketBlob *blob);
GST_SOCKET_API
void gst_socket_blob_set_func (GstSocketBlob *blob, GstSocketBlobFunc func,
    gpointer user_data, GDestroyNotify notify);
GST_SOCKET_API
GstSocketBlobState gst_socket_blob_look (
    GstSocketBlob *blob, guint64 *ret_size);
GST_SOCKET_API
gint gst_socket_blob_get_fd (GstSocketBlob *blob);
GST_SOCKET_API
gssize gst_socket_blob_read (
    GstSocketBlob *blob, guint64 offset, gpointer data, gsize size);
GST_SOCKET_API
gboolean gst_socket_blob_append (
    GstSocketBlob *blob, gconstpointer data, gsize size, GError **error);
GST_SOCKET_API
void gst_socket_blob_set_size (GstSocketBlob *blob, guint64 size);
GST_SOCKET_API
void gst_socket_blob_end (GstSocketBlob *blob, GstSocketBlobState state);
GST_SOCKET_API
void gst_socket_blob_tear (GstSocketBlob *blob);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketBlob, gst_socket_blob_unref)

G_END_DECLS
