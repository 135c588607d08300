/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpstore.h: files that are being written, and those in memory
 *
 * Here: making, finding and removing them.
 * Not here: files that lie on disk and do not change, answers.
 */
#pragma once

#include <gst/socket/gstsocketroot.h>
#include <gst/socket/gstsocketsender.h>

G_BEGIN_DECLS

typedef struct _GstHttpStore GstHttpStore;
typedef struct _GstHttpWriter GstHttpWriter;

/* What is served: of a file or a store. */
typedef struct
{
  GstSocketBlob *blob;
  gboolean is_growing;
  guint64 size; /* as far as it has come */
  gint64 modified_ns;
  gchar *etag; /* NULL while it grows */
  gchar *type; /* NULL: as its name tells */
} GstHttpResource;

void gst_http_resource_clear (GstHttpResource *resource);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstHttpResource, gst_http_resource_clear)

/* Any thread. The sender is woken when something has grown. 0 segments: any
 * number. */
GstHttpStore *gst_http_store_new (
    GstSocketSender *sender, guint max_segments, guint64 max_memory);
GstHttpStore *gst_http_store_ref (GstHttpStore *self);
void gst_http_store_unref (GstHttpStore *self);
/* Ends all that grows, frees all memory; nothing is taken any more. */
void gst_http_store_close (GstHttpStore *self);

/* Any thread. Finds what is being written or lies in memory. */
gboolean gst_http_store_find (
    GstHttpStore *self, const gchar *path, GstHttpResource *ret_resource);
/* The same, by which file it is. */
gboolean gst_http_store_find_file (GstHttpStore *self,
    const GstSocketFileInfo *info, GstHttpResource *ret_resource);
gboolean gst_http_store_remove (GstHttpStore *self, const gchar *path);
guint64 gst_http_store_get_memory (GstHttpStore *self);

/* Any thread; a writer is one thread's at a time. Begins a file by its path in
 * the URL; the root is NULL for one in memory. A playlist is seen when it is
 * finished, all else at once. */
GstHttpWriter *gst_http_store_create (GstHttpStore *self, const gchar *path,
    GstSocketRoot *root, const gchar *relative, GError **error);
void gst_http_writer_set_type (GstHttpWriter *self, const gchar *type);
gboolean gst_http_writer_write (
    GstHttpWriter *self, gconstpointer data, gsize size, GError **error);
/* Frees it. */
gboolean gst_http_writer_finish (GstHttpWriter *self, GError **error);

/* The watch's thread: what others write below a root. */
void gst_http_store_others_write (GstHttpStore *self, const gchar *path,
    GstSocketRoot *root, const gchar *relative, const GstSocketFileInfo *info);
void gst_http_store_others_finish (
    GstHttpStore *self, const gchar *path, gboolean is_whole);
void gst_http_store_others_fail (GstHttpStore *self);

G_END_DECLS
