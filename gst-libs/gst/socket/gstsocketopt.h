/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketopt.h: options of an open socket
 *
 * Here: blocking mode, time-outs, keep-alive, delay, priority, hops, buffers.
 * Not here: creating and connecting sockets, multicast membership.
 *
 * All take a file descriptor; g_socket_get_fd() yields a GSocket's.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/**
 * GstSocketKeepAlive:
 * @enabled: whether a silent peer is probed at all
 * @idle_s: silence in seconds before the first probe, 0 for the system's
 * @interval_s: seconds between probes, 0 for the system's
 * @count: unanswered probes until the connection is lost, 0 for the system's
 *
 * How a peer that vanished without a word is noticed.
 */
typedef struct
{
  gboolean enabled;
  guint idle_s;
  guint interval_s;
  guint count;
} GstSocketKeepAlive;

/* The defaults of every element: a dead peer is noticed after a minute. */
#define GST_SOCKET_KEEP_ALIVE_IDLE 30
#define GST_SOCKET_KEEP_ALIVE_INTERVAL 10
#define GST_SOCKET_KEEP_ALIVE_COUNT 3

/**
 * GstSocketTcpOptions:
 * @keep_alive: see #GstSocketKeepAlive
 * @no_delay: send small packets at once
 * @user_timeout_ms: sent data that stays unacknowledged for so long ends the
 *     connection; 0 for the system's
 * @notsent_lowat: unsent bytes above which the socket is not writable; 0 for
 *     the system's
 *
 * What a connected TCP socket is given.
 */
typedef struct
{
  GstSocketKeepAlive keep_alive;
  gboolean no_delay;
  guint user_timeout_ms;
  guint notsent_lowat;
} GstSocketTcpOptions;

/* Keep-alive and no-delay on, all else left to the system. */
#define GST_SOCKET_TCP_OPTIONS_INIT                                            \
  {                                                                            \
    .keep_alive = {.enabled = TRUE,                                            \
        .idle_s = GST_SOCKET_KEEP_ALIVE_IDLE,                                  \
        .interval_s = GST_SOCKET_KEEP_ALIVE_INTERVAL,                          \
        .count = GST_SOCKET_KEEP_ALIVE_COUNT},                                 \
    .no_delay = TRUE                                                           \
  }

/**
 * GstSocketBuffer:
 * @GST_SOCKET_BUFFER_SEND: what is on its way to the peer
 * @GST_SOCKET_BUFFER_RECEIVE: what came and was not read yet
 *
 * The kernel's two buffers of a socket.
 */
typedef enum
{
  GST_SOCKET_BUFFER_SEND,
  GST_SOCKET_BUFFER_RECEIVE,
} GstSocketBuffer;

GST_SOCKET_API
gboolean gst_socket_opt_set_nonblocking (
    int fd, gboolean nonblocking, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_send_timeout (
    int fd, GstClockTime timeout_ns, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_receive_timeout (
    int fd, GstClockTime timeout_ns, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_keep_alive (
    int fd, const GstSocketKeepAlive *keep_alive, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_user_timeout (
    int fd, guint timeout_ms, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_no_delay (
    int fd, gboolean no_delay, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_notsent_lowat (int fd, guint bytes, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_tcp (
    int fd, const GstSocketTcpOptions *options, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_dscp (int fd, gint dscp, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_ttl (int fd, gint ttl, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_multicast_ttl (int fd, gint ttl, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_pacing_rate (
    int fd, guint64 bits_per_s, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_bind_to_device (
    int fd, const gchar *iface, GError **error);

GST_SOCKET_API
gboolean gst_socket_opt_get_buffer (
    int fd, GstSocketBuffer which, guint *ret_bytes, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_set_buffer (int fd, GstSocketBuffer which, guint bytes,
    guint *ret_bytes, GError **error);
GST_SOCKET_API
gboolean gst_socket_opt_increase_buffer (int fd, GstSocketBuffer which,
    guint bytes, guint *ret_bytes, GError **error);
GST_SOCKET_API
gchar *gst_socket_opt_describe_shortfall (
    GstSocketBuffer which, guint wanted_bytes, guint granted_bytes);

G_END_DECLS
