/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketroot.h: files below a folder, and no others
 *
 * Here: opening, making, listing and removing what is below a folder.
 * Not here: what a request asks for, sending.
 */
#pragma once

#include <gio/gio.h>
#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/* Entries of a folder that are listed, at most. */
#define GST_SOCKET_ROOT_LIST_MAX 10000

/**
 * GstSocketRoot: (skip)
 *
 * A folder. What it is asked for by path lies below it, wherever symbolic
 * links point. Not changed once made: any thread may ask.
 */
typedef struct _GstSocketRoot GstSocketRoot;

/**
 * GstSocketFileInfo: (skip)
 * @is_folder: it is a folder
 * @size: bytes
 * @modified_ns: when it was changed last, ns since 1970
 * @device: the file system it is on
 * @inode: its number there
 *
 * What is known of a file.
 */
typedef struct
{
  gboolean is_folder;
  guint64 size;
  gint64 modified_ns;
  guint64 device;
  guint64 inode;
} GstSocketFileInfo;

/**
 * GstSocketRootEntry: (skip)
 * @name: its name; any bytes but "/"
 * @info: the rest
 *
 * What is in a folder.
 */
typedef struct
{
  gchar *name;
  GstSocketFileInfo info;
} GstSocketRootEntry;

GST_SOCKET_API
GstSocketRoot *gst_socket_root_new (const gchar *folder, GError **error);
GST_SOCKET_API
GstSocketRoot *gst_socket_root_ref (GstSocketRoot *root);
GST_SOCKET_API
void gst_socket_root_unref (GstSocketRoot *root);
GST_SOCKET_API
const gchar *gst_socket_root_get_folder (const GstSocketRoot *root);
GST_SOCKET_API
gboolean gst_socket_root_stat (const GstSocketRoot *root, const gchar *path,
    GstSocketFileInfo *ret_info, GError **error);
GST_SOCKET_API
gint gst_socket_root_open (const GstSocketRoot *root, const gchar *path,
    GstSocketFileInfo *ret_info, GError **error);
GST_SOCKET_API
gint gst_socket_root_create (
    const GstSocketRoot *root, const gchar *path, GError **error);
GST_SOCKET_API
gboolean gst_socket_root_replace (const GstSocketRoot *root, const gchar *path,
    gconstpointer data, gsize size, GError **error);
GST_SOCKET_API
gboolean gst_socket_root_rename (const GstSocketRoot *root, const gchar *from,
    const gchar *to, GError **error);
GST_SOCKET_API
gboolean gst_socket_root_remove (
    const GstSocketRoot *root, const gchar *path, GError **error);
GST_SOCKET_API
GPtrArray *gst_socket_root_list (
    const GstSocketRoot *root, const gchar *path, GError **error);

GST_SOCKET_API
gboolean gst_socket_file_get_info (
    gint fd, GstSocketFileInfo *ret_info, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketRoot, gst_socket_root_unref)

G_END_DECLS
