/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpoller.h: waiting for many descriptors at once
 *
 * Here: one interface with an epoll and a poll(2) back end.
 * Not here: reading, writing, clients.
 */
#pragma once

#include <gst/socket/socket-prelude.h>
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstSocketPoller GstSocketPoller;

/**
 * GstSocketPollFlags:
 * @GST_SOCKET_POLL_READ: there is something to read, or the peer has closed
 * @GST_SOCKET_POLL_WRITE: there is room to write
 * @GST_SOCKET_POLL_HANGUP: both directions are closed; always reported
 * @GST_SOCKET_POLL_ERROR: the descriptor failed; always reported
 *
 * What a descriptor is waited for, and what has happened to it.
 */
typedef enum /*< flags >*/
{
  GST_SOCKET_POLL_READ = (1 << 0),
  GST_SOCKET_POLL_WRITE = (1 << 1),
  GST_SOCKET_POLL_HANGUP = (1 << 2),
  GST_SOCKET_POLL_ERROR = (1 << 3),
} GstSocketPollFlags;

/**
 * GstSocketPollerBackend:
 * @GST_SOCKET_POLLER_AUTO: epoll where there is one; the environment variable
 *     GST_SOCKET_POLLER (epoll or poll) decides otherwise
 * @GST_SOCKET_POLLER_EPOLL: epoll(7)
 * @GST_SOCKET_POLLER_POLL: poll(2)
 *
 * How a poller waits.
 */
typedef enum
{
  GST_SOCKET_POLLER_AUTO,
  GST_SOCKET_POLLER_EPOLL,
  GST_SOCKET_POLLER_POLL,
} GstSocketPollerBackend;

/**
 * GstSocketPollEvent: (skip)
 * @data: what was given with the descriptor
 * @events: #GstSocketPollFlags that have happened
 */
typedef struct
{
  gpointer data;
  guint events;
} GstSocketPollEvent;

GST_SOCKET_API
GstSocketPoller *gst_socket_poller_new (
    GstSocketPollerBackend backend, GError **error);
GST_SOCKET_API
void gst_socket_poller_free (GstSocketPoller *poller);
GST_SOCKET_API
gboolean gst_socket_poller_add (GstSocketPoller *poller, gint fd, guint events,
    gpointer data, GError **error);
GST_SOCKET_API
void gst_socket_poller_modify (
    GstSocketPoller *poller, gint fd, guint events, gpointer data);
GST_SOCKET_API
gboolean gst_socket_poller_remove (
    GstSocketPoller *poller, gint fd, gpointer data);
GST_SOCKET_API
void gst_socket_poller_reset (GstSocketPoller *poller);
GST_SOCKET_API
guint gst_socket_poller_wait (GstSocketPoller *poller,
    GstSocketPollEvent *ret_events, guint n_events, gint64 timeout_ns);
GST_SOCKET_API
void gst_socket_poller_wake (GstSocketPoller *poller);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketPoller, gst_socket_poller_free)

G_END_DECLS
