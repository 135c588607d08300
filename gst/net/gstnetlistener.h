/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetlistener.h: waiting for a peer to connect
 *
 * Here: listening on all addresses of a URI, accepting.
 * Not here: the connections that come of it.
 */
#pragma once

#include "gstnetpeer.h"

#include <gst/socket/gstsocketwait.h>

G_BEGIN_DECLS

/* Part of an element; the streaming thread's, or that of a state change while
 * it does not run. */
typedef struct
{
  GPtrArray *sockets; /* NULL while it is closed, and all else unused */
  GstSocketTcpOptions tcp;
  gchar *name;
  GstElement *element;
  gint spare;
  gint64 rest_until_us;
  gboolean has_warned;
} GstNetListener;

gboolean gst_net_listener_open (GstNetListener *self, const GstNetPeer *local,
    GstElement *element, GCancellable *cancellable, GError **error);
void gst_net_listener_close (GstNetListener *self);
gboolean gst_net_listener_is_open (const GstNetListener *self);
guint16 gst_net_listener_get_port (const GstNetListener *self);
guint gst_net_listener_get_n_fds (const GstNetListener *self);
gint64 gst_net_listener_get_rest (const GstNetListener *self);
void gst_net_listener_fill_fds (const GstNetListener *self, GPollFD *fds);
GSocket *gst_net_listener_accept_ready (
    GstNetListener *self, const GPollFD *fds, GError **error);
GSocket *gst_net_listener_accept (
    GstNetListener *self, GstSocketWait *wait, GError **error);

G_END_DECLS
