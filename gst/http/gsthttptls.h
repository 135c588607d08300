/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttptls.h: how the engine reaches a client behind TLS
 *
 * Here: sending and receiving for #GstSocketHandle.
 * Not here: handshakes, certificates.
 */
#pragma once

#include <gst/socket/gstsocketengine.h>

G_BEGIN_DECLS

gssize gst_http_tls_send (
    const GstSocketHandle *handle, const struct msghdr *msg);
gssize gst_http_tls_receive (
    const GstSocketHandle *handle, gpointer data, gsize size);

G_END_DECLS
