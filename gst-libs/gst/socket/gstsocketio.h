/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketio.h: creating, binding, listening and connecting
 *
 * Here: from addresses to open sockets.
 * Not here: resolving names, options of open sockets, reading and writing.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GstSocketListenOptions:
 * @type: kind of socket; datagram sockets are only bound
 * @reuse: take over an address that a former process has just left; for
 *     datagrams, share it with others
 * @v6_only: let "::" take IPv6 peers alone; otherwise it takes both
 * @backlog: connections that may wait to be accepted, 0 for as many as the
 *     system allows
 * @iface: (nullable): name or address of the only network interface to listen on
 * @blocking: make accept and receive wait; otherwise they return at once
 * @unix_mode: permissions of a UNIX socket's file, less what the umask takes
 *     away; whoever may write to it may connect
 *
 * How to listen. Start from %GST_SOCKET_LISTEN_OPTIONS_INIT.
 */
typedef struct
{
  GSocketType type;
  gboolean reuse;
  gboolean v6_only;
  gint backlog;
  const gchar *iface;
  gboolean blocking;
  guint unix_mode;
} GstSocketListenOptions;

#define GST_SOCKET_LISTEN_OPTIONS_INIT                                         \
  {                                                                            \
    .type = G_SOCKET_TYPE_STREAM, .reuse = TRUE, .unix_mode = 0600             \
  }

/**
 * GstSocketConnectOptions:
 * @type: kind of socket
 * @timeout_ns: longest time for all addresses together in ns, 0 for the
 *     system's patience
 * @source: (nullable): local address to connect from
 * @iface: (nullable): name or address of the only network interface to use
 *
 * How to connect. Start from %GST_SOCKET_CONNECT_OPTIONS_INIT.
 */
typedef struct
{
  GSocketType type;
  GstClockTime timeout_ns;
  GSocketAddress *source;
  const gchar *iface;
} GstSocketConnectOptions;

#define GST_SOCKET_CONNECT_OPTIONS_INIT                                        \
  {                                                                            \
    .type = G_SOCKET_TYPE_STREAM                                               \
  }

GST_SOCKET_API
GSocket *gst_socket_create (
    GSocketFamily family, GSocketType type, const gchar *iface, GError **error);
GST_SOCKET_API
gboolean gst_socket_bind (GSocket *socket, GSocketAddress *address,
    const GstSocketListenOptions *options, GError **error);

GST_SOCKET_API
GPtrArray *gst_socket_listen (const gchar *host, guint16 port,
    const GstSocketListenOptions *options, GCancellable *cancellable,
    GError **error);
GST_SOCKET_API
GPtrArray *gst_socket_listen_addresses (GPtrArray *addresses,
    const GstSocketListenOptions *options, GError **error);
GST_SOCKET_API
guint16 gst_socket_get_local_port (GSocket *socket);
GST_SOCKET_API
guint16 gst_socket_ensure_local_port (GSocket *socket, GError **error);
GST_SOCKET_API
void gst_socket_close_all (GPtrArray *sockets);

GST_SOCKET_API
GSocket *gst_socket_connect (GPtrArray *addresses,
    const GstSocketConnectOptions *options, GCancellable *cancellable,
    GError **error);

G_END_DECLS
