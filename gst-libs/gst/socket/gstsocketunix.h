/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketunix.h: UNIX sockets of records, by path
 *
 * Here: listening on a path without taking what is another's, connecting,
 * accepting, who the peer is.
 * Not here: what is sent (gstsocketfdpass.h), threads.
 */
#pragma once

#include <gio/gio.h>
#include <gst/socket/gstsocketaccept.h>

G_BEGIN_DECLS

typedef struct _GstSocketUnixListener GstSocketUnixListener;

GST_SOCKET_API
GstSocketUnixListener *gst_socket_unix_listener_new (
    const gchar *path, guint mode, GError **error);
GST_SOCKET_API
void gst_socket_unix_listener_free (GstSocketUnixListener *listener);
GST_SOCKET_API
gint gst_socket_unix_listener_get_fd (GstSocketUnixListener *listener);
GST_SOCKET_API
gboolean gst_socket_unix_listener_is_reachable (
    GstSocketUnixListener *listener);
GST_SOCKET_API
GstSocketAccept gst_socket_unix_listener_accept (
    GstSocketUnixListener *listener, gint *ret_fd);
GST_SOCKET_API
gboolean gst_socket_unix_check_path (const gchar *path, GError **error);
GST_SOCKET_API
gint gst_socket_unix_connect (const gchar *path, GError **error);
GST_SOCKET_API
gboolean gst_socket_unix_get_peer (gint fd, guint *ret_uid, gint *ret_pid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (
    GstSocketUnixListener, gst_socket_unix_listener_free)

G_END_DECLS
