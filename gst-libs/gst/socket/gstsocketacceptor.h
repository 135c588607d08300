/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketacceptor.h: takes connections from listening sockets
 *
 * Here: a thread that accepts, and lives on when descriptors run out.
 * Not here: listening, what becomes of a connection.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstSocketAcceptor GstSocketAcceptor;

/**
 * GstSocketAcceptorFuncs: (skip)
 * @accepted: a connection was taken; the socket is non-blocking and the
 *     callee's to close
 * @refused: (nullable): connections were closed at once, because the process
 *     may not open more files; at most every 10 s, with their number
 *
 * What an acceptor reports, from its own thread, with no lock held.
 */
typedef struct
{
  void (*accepted) (GSocket *socket, gpointer user_data);
  void (*refused) (guint64 count, const GError *error, gpointer user_data);
} GstSocketAcceptorFuncs;

GST_SOCKET_API
GstSocketAcceptor *gst_socket_acceptor_new (GPtrArray *listeners,
    const GstSocketAcceptorFuncs *funcs, gpointer user_data, GError **error);
GST_SOCKET_API
void gst_socket_acceptor_free (GstSocketAcceptor *acceptor);
GST_SOCKET_API
gboolean gst_socket_acceptor_is_own_thread (GstSocketAcceptor *acceptor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketAcceptor, gst_socket_acceptor_free)

G_END_DECLS
