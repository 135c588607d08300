/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketsender.h: sends files to many sockets from one thread
 *
 * Here: the thread, giving it something to send, hearing of its end.
 * Not here: what is sent (gstsocketpieces.h).
 */
#pragma once

#include <gst/socket/gstsocketpieces.h>

G_BEGIN_DECLS

/**
 * GstSocketSenderFunc: (skip)
 * @sending: (transfer none): what was sent; its fields may be taken
 * @done: whether all of it is out; if not, the peer has gone or does not read,
 *     or there was less than promised
 * @user_data: what was given with it
 *
 * A sending has ended. Called from the sender's thread with no lock held.
 */
typedef void (*GstSocketSenderFunc) (
    GstSocketSending *sending, gboolean done, gpointer user_data);

/**
 * GstSocketSender: (skip)
 *
 * A thread that sends. Any thread may give it something to send.
 */
typedef struct _GstSocketSender GstSocketSender;

GST_SOCKET_API
GstSocketSender *gst_socket_sender_new (guint64 stall_timeout_ns,
    GstSocketSenderFunc func, gpointer user_data, GError **error);
GST_SOCKET_API
GstSocketSender *gst_socket_sender_ref (GstSocketSender *sender);
GST_SOCKET_API
void gst_socket_sender_unref (GstSocketSender *sender);
GST_SOCKET_API
void gst_socket_sender_stop (GstSocketSender *sender);
GST_SOCKET_API
void gst_socket_sender_send (
    GstSocketSender *sender, const GstSocketSending *sending);
GST_SOCKET_API
void gst_socket_sender_wake (gpointer sender);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketSender, gst_socket_sender_unref)

G_END_DECLS
