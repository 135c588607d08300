/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketlocal.h: this host's own interfaces and addresses
 *
 * Here: interfaces by name or address, by the route to a peer, or all of them;
 * own addresses, by the same choices.
 * Not here: names of other hosts (gstsocketaddress), joining groups.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GstSocketInterfaceFlags:
 * @GST_SOCKET_INTERFACE_UP: switched on
 * @GST_SOCKET_INTERFACE_RUNNING: has a carrier: the cable is in
 * @GST_SOCKET_INTERFACE_MULTICAST: takes multicast
 * @GST_SOCKET_INTERFACE_LOOPBACK: leads back to this host
 *
 * What an interface is.
 */
typedef enum /*< flags >*/
{
  GST_SOCKET_INTERFACE_UP = (1 << 0),
  GST_SOCKET_INTERFACE_RUNNING = (1 << 1),
  GST_SOCKET_INTERFACE_MULTICAST = (1 << 2),
  GST_SOCKET_INTERFACE_LOOPBACK = (1 << 3),
} GstSocketInterfaceFlags;

GST_SOCKET_API
GPtrArray *gst_socket_local_get_addresses (
    const gchar *iface, GSocketFamily family);
GST_SOCKET_API
GInetAddress *gst_socket_local_get_first_address (GSocketFamily family);
GST_SOCKET_API
GInetAddress *gst_socket_local_get_address_for_peer (
    GInetAddress *peer, GError **error);

GST_SOCKET_API
guint gst_socket_local_find_interface (
    const gchar *name_or_address, GError **error);
GST_SOCKET_API
guint gst_socket_local_find_interface_for_peer (
    GInetAddress *peer, GError **error);
GST_SOCKET_API
GArray *gst_socket_local_get_interfaces (GstSocketInterfaceFlags required);
GST_SOCKET_API
GstSocketInterfaceFlags gst_socket_local_get_interface_flags (guint index);
GST_SOCKET_API
gchar *gst_socket_local_get_interface_name (guint index);

G_END_DECLS
