/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketcontent.h: what a stream is called on the web
 *
 * Here: content types from caps, and caps from content types.
 * Not here: content types of files, which their names tell.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

GST_SOCKET_API
gchar *gst_socket_content_type_from_caps (const GstCaps *caps);
GST_SOCKET_API
GstCaps *gst_socket_content_type_to_caps (const gchar *type);

G_END_DECLS
