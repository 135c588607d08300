/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipclistener.h: where the other processes come in
 *
 * Here: listening at a path for as long as it takes: the file is looked after,
 * nobody spins when descriptors run out, and who may come in is judged.
 * Not here: connections, messages.
 */
#pragma once

#include <gst/socket/gstsocketaccept.h>
#include <gst/gst.h>
#include <gst/socket/gstsocketpoller.h>

G_BEGIN_DECLS

typedef struct _GstIpcListener GstIpcListener;

GstIpcListener *gst_ipc_listener_new (const gchar *path, guint mode,
    GstSocketPoller *poller, gpointer data, GError **error);
void gst_ipc_listener_free (GstIpcListener *self);
GstSocketAccept gst_ipc_listener_accept (GstIpcListener *self, gint *ret_fd);
void gst_ipc_listener_check (GstIpcListener *self);
gint64 gst_ipc_listener_get_due (const GstIpcListener *self);

gboolean gst_ipc_listener_may_enter (gint fd, gint64 peer_uid);

/* Who was refused, told of now and then: a peer may try as often as it likes.
 * I/O thread only. */
typedef struct
{
  gint64 told_at;
  guint64 untold;
} GstIpcRefusals;

GstStructure *gst_ipc_refusals_note (
    GstIpcRefusals *self, const gchar *name, const gchar *reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstIpcListener, gst_ipc_listener_free)

G_END_DECLS
