/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketfiletype.h: what files are called on the web
 *
 * Here: content types by name, what may be compressed, how long copies may be
 * kept.
 * Not here: content types of streams (gstsocketcontent.h), reading files.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

GST_SOCKET_API
const gchar *gst_socket_file_type_from_name (const gchar *name);
GST_SOCKET_API
gboolean gst_socket_file_type_is_text (const gchar *type);
GST_SOCKET_API
gboolean gst_socket_file_type_is_segment (const gchar *path);
GST_SOCKET_API
const gchar *gst_socket_file_type_get_cache_control (const gchar *name);

G_END_DECLS
