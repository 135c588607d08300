/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketlinkwatch.h: notices when network links or addresses change
 *
 * Here: a descriptor to poll, and whether it told of a change.
 * Not here: what to do about it.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstSocketLinkWatch GstSocketLinkWatch;

GST_SOCKET_API
GstSocketLinkWatch *gst_socket_link_watch_new (GError **error);
GST_SOCKET_API
void gst_socket_link_watch_free (GstSocketLinkWatch *watch);
GST_SOCKET_API
int gst_socket_link_watch_get_fd (GstSocketLinkWatch *watch);
GST_SOCKET_API
gboolean gst_socket_link_watch_drain (GstSocketLinkWatch *watch, GArray *lost);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketLinkWatch, gst_socket_link_watch_free)

G_END_DECLS
