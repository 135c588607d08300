/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketaccept.h: one connection from a listening socket
 *
 * Here: accepting, also when descriptors have run out.
 * Not here: waiting, threads (gstsocketacceptor.h).
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/**
 * GstSocketAccept: (skip)
 * @GST_SOCKET_ACCEPT_TAKEN: a connection was taken
 * @GST_SOCKET_ACCEPT_NONE: nobody waits, or not any more
 * @GST_SOCKET_ACCEPT_LOST: that one connection had failed already, or was
 *     forbidden; another one may wait
 * @GST_SOCKET_ACCEPT_REFUSED: there are no descriptors left, so the connection
 *     was closed at once; another one may wait
 * @GST_SOCKET_ACCEPT_STUCK: there is nothing left to take, or even refuse, a
 *     connection with: it waits on, and the listener stays ready; leave it
 *     alone for a while
 * @GST_SOCKET_ACCEPT_BROKEN: the descriptor does not listen
 *
 * What came of accepting.
 */
typedef enum
{
  GST_SOCKET_ACCEPT_TAKEN,
  GST_SOCKET_ACCEPT_NONE,
  GST_SOCKET_ACCEPT_LOST,
  GST_SOCKET_ACCEPT_REFUSED,
  GST_SOCKET_ACCEPT_STUCK,
  GST_SOCKET_ACCEPT_BROKEN,
} GstSocketAccept;

/**
 * GST_SOCKET_ACCEPT_PAUSE_US: (skip)
 *
 * How long to leave a listener alone that cannot be accepted from, in µs.
 */
#define GST_SOCKET_ACCEPT_PAUSE_US (100 * G_TIME_SPAN_MILLISECOND)

GST_SOCKET_API
gint gst_socket_accept_open_spare (void);
GST_SOCKET_API
GstSocketAccept gst_socket_accept_one (
    gint listener, gint *spare, gint *ret_fd);

G_END_DECLS
