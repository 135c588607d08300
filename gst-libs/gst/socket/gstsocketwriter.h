/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwriter.h: from buffers into one socket
 *
 * Here: sending everything, waiting where needed, until cancelled.
 * Not here: many receivers (gstsocketengine.h), batches of datagrams.
 */
#pragma once

#include <gst/socket/socket-prelude.h>
#include <gst/socket/gstsocketwait.h>

#include <gio/gio.h>

G_BEGIN_DECLS

GST_SOCKET_API
gboolean gst_socket_send_buffers (GSocket *socket, GstBuffer *const *buffers,
    guint n_buffers, GstSocketWait *wait, guint64 *ret_sent, GError **error);

G_END_DECLS
