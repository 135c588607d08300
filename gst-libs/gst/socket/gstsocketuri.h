/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketuri.h: the URIs by which sockets are named
 *
 * Here: parsing text into a GstSocketUri and writing it back.
 * Not here: resolving names, sockets, anything that does input or output.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/**
 * GST_SOCKET_UNIX_PATH_MAX:
 *
 * The longest UNIX socket path or abstract name, in bytes: what Linux allows,
 * less the terminating (or, for abstract names, leading) zero byte.
 */
#define GST_SOCKET_UNIX_PATH_MAX 107

/**
 * GstSocketUriScheme:
 * @GST_SOCKET_URI_TCP: `tcp://host:port`
 * @GST_SOCKET_URI_UDP: `udp://[source@]host:port`
 * @GST_SOCKET_URI_UNIX: `unix:///path`
 * @GST_SOCKET_URI_UNIX_ABSTRACT: `unix-abstract:name`
 *
 * The kinds of address a #GstSocketUri can name.
 */
typedef enum
{
  GST_SOCKET_URI_TCP,
  GST_SOCKET_URI_UDP,
  GST_SOCKET_URI_UNIX,
  GST_SOCKET_URI_UNIX_ABSTRACT,
} GstSocketUriScheme;

/**
 * GstSocketUriType:
 * @GST_SOCKET_URI_STREAM: a stream of bytes (SOCK_STREAM)
 * @GST_SOCKET_URI_DATAGRAM: single messages (SOCK_DGRAM)
 * @GST_SOCKET_URI_SEQPACKET: messages over a connection (SOCK_SEQPACKET)
 *
 * The kind of socket; only UNIX sockets leave a choice.
 */
typedef enum
{
  GST_SOCKET_URI_STREAM,
  GST_SOCKET_URI_DATAGRAM,
  GST_SOCKET_URI_SEQPACKET,
} GstSocketUriType;

/**
 * GstSocketUri:
 * @scheme: the kind of address
 * @type: the kind of socket
 * @host: (nullable): name or address without brackets; empty for any local
 *     address; %NULL for UNIX sockets
 * @port: port, 0 for one that the kernel chooses
 * @source: (nullable): the only sender to receive from (source-specific
 *     multicast), as an address
 * @path: (nullable): path or abstract name of a UNIX socket
 * @listen: wait for peers instead of connecting to one
 * @iface: (nullable): name or address of a network interface
 * @ttl: hops a packet may take, -1 for the system's default
 *
 * A parsed URI. The fields are for reading only.
 */
typedef struct
{
  GstSocketUriScheme scheme;
  GstSocketUriType type;
  gchar *host;
  guint16 port;
  gchar *source;
  gchar *path;
  gboolean listen;
  gchar *iface;
  gint ttl;
} GstSocketUri;

GST_SOCKET_API
GType gst_socket_uri_get_type (void);
#define GST_TYPE_SOCKET_URI (gst_socket_uri_get_type ())

GST_SOCKET_API
GstSocketUri *gst_socket_uri_parse (const gchar *text, GError **error);
GST_SOCKET_API
gchar *gst_socket_uri_to_string (const GstSocketUri *uri);
GST_SOCKET_API
GstSocketUri *gst_socket_uri_copy (const GstSocketUri *uri);
GST_SOCKET_API
gboolean gst_socket_uri_equal (const GstSocketUri *a, const GstSocketUri *b);
GST_SOCKET_API
void gst_socket_uri_free (GstSocketUri *uri);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketUri, gst_socket_uri_free)

G_END_DECLS
