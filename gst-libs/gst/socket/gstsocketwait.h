/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwait.h: waiting for descriptors, until cancelled
 *
 * Here: one cancellable poll(2) for all blocking calls of the library.
 * Not here: reading and writing, event loops (gstsocketpoller.h).
 */
#pragma once

#include <gst/socket/socket-prelude.h>

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstSocketWait GstSocketWait;

GST_SOCKET_API
GstSocketWait *gst_socket_wait_new (GCancellable *cancellable, GError **error);
GST_SOCKET_API
void gst_socket_wait_free (GstSocketWait *wait);
GST_SOCKET_API
gboolean gst_socket_wait_for (GstSocketWait *wait, int fd,
    GIOCondition condition, gint64 timeout_us, GError **error);
GST_SOCKET_API
gboolean gst_socket_wait_for_any (GstSocketWait *wait, GPollFD *fds,
    guint n_fds, gint64 timeout_us, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketWait, gst_socket_wait_free)

G_END_DECLS
