/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketerror.h: what an element makes of a GError
 *
 * Here: choosing the flow return and the code of an error message.
 * Not here: the words of the message; those are the element's, which alone
 * knows what it was doing.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

#include <gio/gio.h>

G_BEGIN_DECLS

GST_SOCKET_API
gboolean gst_socket_error_is_cancelled (const GError *error);
GST_SOCKET_API
gboolean gst_socket_error_is_peer_gone (const GError *error);
GST_SOCKET_API
gboolean gst_socket_error_is_out_of_descriptors (const GError *error);
GST_SOCKET_API
GstFlowReturn gst_socket_error_to_flow (const GError *error);
GST_SOCKET_API
GstResourceError gst_socket_error_to_resource (
    const GError *error, GstResourceError otherwise);

G_END_DECLS
