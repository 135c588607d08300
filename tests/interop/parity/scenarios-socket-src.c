/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-socket-src.c: the source of a socket that the application has
 *
 * Here: sockets of every kind, the signal at their end, messages back to the
 * peer, caps, states. Not here: what a URI names, which stock does not know.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <sys/socket.h>

static void
start (Link *l)
{
  link_pair (l, SOCK_STREAM);
  link_state (l, GST_STATE_PLAYING);
}

static void
say_socket (Link *l)
{
  say ("  the socket is closed: %d, connected: %d",
      g_socket_is_closed (l->socket), g_socket_is_connected (l->socket));
}

static void
receives (Link *l)
{
  start (l);
  peer_send (l, 0);
  peer_send (l, 100);
  peer_close (l);
  link_await_end (l);
  say_socket (l);
  link_state (l, GST_STATE_NULL);
  say_socket (l);
}

static void
receives_tcp (Link *l)
{
  link_pair_tcp (l);
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
  peer_shutdown (l, SHUT_WR);
  link_await_end (l);
}

static void
send_while_held (Link *l)
{
  link_hold (l);
  start (l);
  peer_send (l, 0);
  l->shows_buffers = TRUE;
  peer_send (l, 10000);
  link_release (l);
  link_settle (l);
}

static void
pieces_of_stock (Link *l)
{
  link_set (l, "blocksize", "4096");
  send_while_held (l);
}

static void
pieces_of_1000 (Link *l)
{
  link_set (l, "blocksize", "1000");
  send_while_held (l);
}

static void
messages_of (Link *l, gint type)
{
  link_pair (l, type);
  l->shows_buffers = TRUE;
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
  peer_send (l, 1400);
  peer_send (l, 4096);
  peer_send (l, 1);
}

static void
seqpacket (Link *l)
{
  messages_of (l, SOCK_SEQPACKET);
  peer_close (l);
  link_await_end (l);
}

static void
datagrams (Link *l)
{
  messages_of (l, SOCK_DGRAM);
}

static void
long_datagrams (Link *l)
{
  link_pair (l, SOCK_DGRAM);
  l->shows_buffers = TRUE;
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 5000);
  peer_send (l, 0);
}

static void
long_datagrams_of_stock (Link *l)
{
  link_set (l, "blocksize", "4096");
  link_pair (l, SOCK_DGRAM);
  l->shows_buffers = TRUE;
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 4096);
  peer_send (l, 0);
}

static void
empty_datagram (Link *l)
{
  link_pair (l, SOCK_DGRAM);
  l->shows_buffers = TRUE;
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
  peer_send_empty (l);
  peer_send (l, 0);
  link_state (l, GST_STATE_NULL);
}

static void
descriptors (Link *l)
{
  start (l);
  peer_send_descriptors (l, 1);
  peer_send_descriptors (l, 3);
  peer_send (l, 0);
}

static void
no_socket (Link *l)
{
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PAUSED);
  link_await_end (l);
  link_state (l, GST_STATE_NULL);
}

static void
closed_socket (Link *l)
{
  link_pair (l, SOCK_STREAM);
  g_socket_close (l->socket, NULL);
  link_state (l, GST_STATE_PAUSED);
  link_await_end (l);
  link_state (l, GST_STATE_NULL);
}

static void
socket_time_out (Link *l)
{
  link_pair (l, SOCK_STREAM);
  g_socket_set_timeout (l->socket, 1);
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
  link_await_end (l);
}

/* --- the signal --- */

static void
closed_cb (GstElement *element, Link *l)
{
  link_note (l, "connection-closed-by-peer");
}

/* Sets what is in "next", once. */
static void
next_cb (GstElement *element, Link *l)
{
  GSocket *next = g_object_steal_data (G_OBJECT (element), "next");

  if (next == NULL)
    return;
  g_object_set (element, "socket", next, NULL);
  g_object_unref (next);
}

static void
tells_of_the_end (Link *l)
{
  g_signal_connect (
      l->element, "connection-closed-by-peer", G_CALLBACK (closed_cb), l);
  start (l);
  peer_send (l, 0);
  peer_close (l);
  link_await_end (l);
}

static void
goes_on_with_another (Link *l)
{
  g_signal_connect (
      l->element, "connection-closed-by-peer", G_CALLBACK (closed_cb), l);
  g_signal_connect (
      l->element, "connection-closed-by-peer", G_CALLBACK (next_cb), l);
  start (l);
  l->shows_buffers = TRUE;
  peer_send (l, 0);
  link_next_pair (l);
  peer_send (l, 0);
  peer_send (l, 0);
  peer_close (l);
  link_await_end (l);
}

static void
unset_cb (GstElement *element, Link *l)
{
  g_object_set (element, "socket", NULL, NULL);
}

static void
socket_unset_at_the_end (Link *l)
{
  g_signal_connect (
      l->element, "connection-closed-by-peer", G_CALLBACK (closed_cb), l);
  g_signal_connect (
      l->element, "connection-closed-by-peer", G_CALLBACK (unset_cb), l);
  start (l);
  peer_close (l);
  link_await_end (l);
}

/* --- messages --- */

static GstEvent *
message_of (Link *l, const gchar *name, gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstEvent *event;

  gst_buffer_memset (buffer, 0, 'm', size);
  event = gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
      gst_structure_new (name, "object", G_TYPE_OBJECT, l->socket, "buffer",
          GST_TYPE_BUFFER, buffer, NULL));
  gst_buffer_unref (buffer);
  return event;
}

static void
messages (Link *l)
{
  link_set (l, "send-messages", "true");
  start (l);
  link_event (l, message_of (l, "GstNetworkMessage", 12));
  peer_send (l, 0);
  link_event (l, message_of (l, "GstNetworkMessage", 5000));
  link_event (l, message_of (l, "GstNetworkMessageDispatched", 12));
  link_event (l, message_of (l, "GstForceKeyUnit", 12));
}

static void
messages_off (Link *l)
{
  start (l);
  link_event (l, message_of (l, "GstNetworkMessage", 12));
  link_set (l, "send-messages", "true");
  link_event (l, message_of (l, "GstNetworkMessage", 12));
}

static void
messages_without_a_peer (Link *l)
{
  link_set (l, "send-messages", "true");
  start (l);
  peer_close (l);
  link_await_end (l);
  link_event (l, message_of (l, "GstNetworkMessage", 12));
}

static void
messages_to_a_full_peer (Link *l)
{
  link_set (l, "send-messages", "true");
  start (l);
  peer_read (l, FALSE);
  link_event (l, message_of (l, "GstNetworkMessage", 32 << 20));
  link_event (l, message_of (l, "GstNetworkMessage", 12));
}

static void
messages_before_it_runs (Link *l)
{
  link_set (l, "send-messages", "true");
  link_pair (l, SOCK_STREAM);
  link_event (l, message_of (l, "GstNetworkMessage", 12));
  link_state (l, GST_STATE_READY);
  link_event (l, message_of (l, "GstNetworkMessage", 12));
}

/* --- caps, states --- */

static void
set_caps (Link *l, const gchar *text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  say ("caps %s", text);
  g_object_set (l->element, "caps", caps, NULL);
}

static void
caps (Link *l)
{
  set_caps (l, "video/x-a, width=10");
  link_query (l);
  start (l);
  peer_send (l, 0);
  set_caps (l, "video/x-a, width=10");
  peer_send (l, 0);
  set_caps (l, "video/x-b");
  peer_send (l, 0);
  link_await_end (l);
}

static void
caps_unset (Link *l)
{
  link_show (l, "caps");
  set_caps (l, "video/x-a");
  g_object_set (l->element, "caps", NULL, NULL);
  link_show (l, "caps");
  link_query (l);
  start (l);
  peer_send (l, 0);
}

static void
queries (Link *l)
{
  start (l);
  link_query (l);
}

static void
stops_while_it_waits (Link *l)
{
  start (l);
  link_state (l, GST_STATE_PAUSED);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
  link_state (l, GST_STATE_NULL);
  say_socket (l);
}

static void
another_socket_while_stopped (Link *l)
{
  start (l);
  peer_send (l, 0);
  link_state (l, GST_STATE_READY);
  link_pair (l, SOCK_STREAM);
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
}

static void
socket_stays (Link *l)
{
  g_autoptr (GSocket) socket = NULL;

  start (l);
  link_state (l, GST_STATE_NULL);
  g_object_get (l->element, "socket", &socket, NULL);
  say ("  it has the socket still: %d", socket == l->socket);
  g_object_set (l->element, "socket", NULL, NULL);
  say_socket (l);
}

static void
counts_buffers (Link *l)
{
  link_set (l, "num-buffers", "2");
  start (l);
  peer_send (l, 0);
  peer_send (l, 0);
  link_await_end (l);
}

static void
timestamps (Link *l)
{
  link_set (l, "do-timestamp", "true");
  l->shows_buffers = TRUE;
  start (l);
  peer_send (l, 0);
}

const Scenario scenarios_socket_src[] = {
    {"receives", ON_SOCKET_SRC, .run_link = receives},
    {"receives-tcp", ON_SOCKET_SRC, .run_link = receives_tcp},
    {"pieces-by-default", ON_SOCKET_SRC, .run_link = send_while_held},
    {"pieces-of-stock", ON_SOCKET_SRC, .run_link = pieces_of_stock},
    {"pieces-of-1000", ON_SOCKET_SRC, .run_link = pieces_of_1000},
    {"seqpacket", ON_SOCKET_SRC, .run_link = seqpacket},
    {"datagrams", ON_SOCKET_SRC, .run_link = datagrams},
    {"long-datagrams", ON_SOCKET_SRC, .run_link = long_datagrams},
    {"long-datagrams-of-stock", ON_SOCKET_SRC,
        .run_link = long_datagrams_of_stock},
    {"empty-datagram", ON_SOCKET_SRC, .run_link = empty_datagram},
    {"descriptors", ON_SOCKET_SRC, .run_link = descriptors},
    {"no-socket", ON_SOCKET_SRC, .run_link = no_socket},
    {"closed-socket", ON_SOCKET_SRC, .run_link = closed_socket},
    {"socket-time-out", ON_SOCKET_SRC, .run_link = socket_time_out},
    {"tells-of-the-end", ON_SOCKET_SRC, .run_link = tells_of_the_end},
    {"goes-on-with-another", ON_SOCKET_SRC, .run_link = goes_on_with_another},
    {"socket-unset-at-the-end", ON_SOCKET_SRC,
        .run_link = socket_unset_at_the_end},
    {"messages", ON_SOCKET_SRC, .run_link = messages},
    {"messages-off", ON_SOCKET_SRC, .run_link = messages_off},
    {"messages-without-a-peer", ON_SOCKET_SRC,
        .run_link = messages_without_a_peer},
    {"messages-to-a-full-peer", ON_SOCKET_SRC,
        .run_link = messages_to_a_full_peer},
    {"messages-before-it-runs", ON_SOCKET_SRC,
        .run_link = messages_before_it_runs},
    {"caps", ON_SOCKET_SRC, .run_link = caps},
    {"caps-unset", ON_SOCKET_SRC, .run_link = caps_unset},
    {"queries", ON_SOCKET_SRC, .run_link = queries},
    {"stops-while-it-waits", ON_SOCKET_SRC, .run_link = stops_while_it_waits},
    {"another-socket-while-stopped", ON_SOCKET_SRC,
        .run_link = another_socket_while_stopped},
    {"socket-stays", ON_SOCKET_SRC, .run_link = socket_stays},
    {"counts-buffers", ON_SOCKET_SRC, .run_link = counts_buffers},
    {"timestamps", ON_SOCKET_SRC, .run_link = timestamps},
    {NULL},
};
