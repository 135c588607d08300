/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipclink.h: one connection between a producer and a consumer
 *
 * Here: messages in and out over one socket: dialect, length records, the
 * send lock, what did not fit yet.
 * Not here: what messages mean, listening, threads.
 */
#pragma once

#include <gst/socket/gstsocketfdpass.h>
#include <gst/socket/gstsocketwireext.h>

G_BEGIN_DECLS

typedef struct _GstIpcLink GstIpcLink;

/* What a message is made of; the extension never has a length before it, except
 * in the very first HELLO and in keep-alive messages, which must suit every peer. */
typedef struct
{
  GOutputVector vectors[GST_SOCKET_FDPASS_MAX_VECTORS];
  guint n_vectors;
  const gint *fds;
  guint n_fds;
  gboolean prefixed;
} GstIpcMessage;

typedef enum
{
  GST_IPC_SENT,
  GST_IPC_FULL,
  GST_IPC_DEAD,
} GstIpcSendResult;

GstIpcLink *gst_ipc_link_new (gint fd);
GstIpcLink *gst_ipc_link_ref (GstIpcLink *link);
void gst_ipc_link_unref (GstIpcLink *link);
gint gst_ipc_link_get_fd (GstIpcLink *link);
void gst_ipc_link_shutdown (GstIpcLink *link);
void gst_ipc_link_finish_writing (GstIpcLink *link);
void gst_ipc_link_close (GstIpcLink *link);

GstIpcSendResult gst_ipc_link_send (GstIpcLink *link, const GstIpcMessage *msg);
GstIpcSendResult gst_ipc_link_send_later (
    GstIpcLink *link, const guint8 *data, gsize size, gboolean prefixed);
/* Keeps a message without descriptors, to go with those that follow in one
 * record at the next flush or before anything else. FULL when the socket is. */
GstIpcSendResult gst_ipc_link_join (GstIpcLink *link, const GstIpcMessage *msg);
gboolean gst_ipc_link_flush (GstIpcLink *link);
/* Whether the peer is gone; what it sent may still be unread. */
gboolean gst_ipc_link_is_hung_up (GstIpcLink *link);
gboolean gst_ipc_link_wants_write (GstIpcLink *link);

/* The reading side belongs to one thread at a time. */
GstSocketFdpassResult gst_ipc_link_receive (GstIpcLink *link,
    const guint8 **ret_data, gsize *ret_size, GstSocketFds *fds,
    GError **error);
void gst_ipc_link_set_dialect (GstIpcLink *link, GstSocketWireDialect dialect);
GstSocketWireDialect gst_ipc_link_get_dialect (GstIpcLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstIpcLink, gst_ipc_link_unref)

G_END_DECLS
