/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpuri.h: udp:// URIs as GStreamer's udpsrc reads them
 *
 * Here: text to address, port and sources, and back.
 * Not here: the stricter URIs of socketsrc (gst_socket_uri_parse); resolving.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a URI says; NULL where it says nothing. */
typedef struct
{
  gchar *address;
  gint port; /* 0 when left out */
  gchar *sources;
  gchar *iface;
} GstUdpUri;

gboolean gst_udp_uri_parse (
    const gchar *text, GstUdpUri *ret_uri, GError **error);
void gst_udp_uri_clear (GstUdpUri *uri);
gchar *gst_udp_uri_format (
    const gchar *scheme, const gchar *address, gint port);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstUdpUri, gst_udp_uri_clear)

G_END_DECLS
