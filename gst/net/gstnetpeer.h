/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetpeer.h: the other end that an element connects to
 *
 * Here: from a URI and options to a connected socket, and the words for it
 * when that fails.
 * Not here: when to try again (gstnetretry.h).
 */
#pragma once

#include <gst/socket/gstsocketopt.h>
#include <gst/socket/gstsocketuri.h>

#include <gio/gio.h>

G_BEGIN_DECLS

/* A copy of an element's settings, for use without its lock. */
typedef struct
{
  GstSocketUri *uri;
  GstSocketTcpOptions tcp;
  GstClockTime timeout_ns;
  /* of what is sent */
  guint packet_size;    /* 0: a datagram a buffer */
  guint64 max_bitrate;  /* bits a second, 0: any */
  gboolean has_no_loop; /* this host's own receivers get no copy */
} GstNetPeer;

#define GST_NET_PEER_INIT                                                      \
  {                                                                            \
    .uri = NULL                                                                \
  }

GSocketType gst_net_uri_socket_type (const GstSocketUri *uri);
GstSocketUri *gst_net_tcp_uri_new (const gchar *host, guint16 port);
GSocket *gst_net_peer_connect (
    const GstNetPeer *peer, GCancellable *cancellable, GError **error);
void gst_net_peer_clear (GstNetPeer *peer);
gchar *gst_net_uri_describe (const GstSocketUri *uri);
gchar *gst_net_describe_connect_error (
    const GstSocketUri *uri, const GError *error);
gchar *gst_net_describe_listen_error (
    const GstSocketUri *uri, const GError *error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstNetPeer, gst_net_peer_clear)

G_END_DECLS
