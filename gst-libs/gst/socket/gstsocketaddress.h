/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketaddress.h: from names to socket addresses, and back to text
 *
 * Here: resolving host and port, telling any-address and loopback apart,
 * writing an address for people.
 * Not here: sockets.
 */
#pragma once

#include <gst/socket/socket-prelude.h>
#include <gst/socket/gstsocketuri.h>

#include <gio/gio.h>

G_BEGIN_DECLS

GST_SOCKET_API
GPtrArray *gst_socket_address_resolve (
    const gchar *host, guint16 port, GCancellable *cancellable, GError **error);
GST_SOCKET_API
GPtrArray *gst_socket_address_resolve_uri (
    const GstSocketUri *uri, GCancellable *cancellable, GError **error);
GST_SOCKET_API
GSocketAddress *gst_socket_address_new_unix (
    const gchar *path, gboolean abstract, GError **error);
GST_SOCKET_API
GSocketAddress *gst_socket_address_with_port (
    GSocketAddress *address, guint16 port);
GST_SOCKET_API
guint16 gst_socket_address_get_port (GSocketAddress *address);
GST_SOCKET_API
gboolean gst_socket_address_is_any (GSocketAddress *address);
GST_SOCKET_API
gboolean gst_socket_address_is_loopback (GSocketAddress *address);
GST_SOCKET_API
gboolean gst_socket_address_equal (GSocketAddress *a, GSocketAddress *b);
GST_SOCKET_API
gchar *gst_socket_address_to_string (GSocketAddress *address);

G_END_DECLS
