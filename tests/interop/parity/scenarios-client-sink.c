/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-client-sink.c: the sink that connects
 *
 * Here: connecting or not, what its peer gets, how it fails, its states.
 * Not here: sinks of many clients.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <sys/socket.h>

#define BIG (32 << 20)

static void
start_with (Link *l, GstCaps *caps)
{
  link_listen (l);
  link_state (l, GST_STATE_PLAYING);
  link_accept (l);
  link_begin (l, caps);
}

static void
start (Link *l)
{
  start_with (l, NULL);
}

static void
sends (Link *l)
{
  start (l);
  link_push (l, 10, 1);
  link_push (l, 5000, 9);
  link_push (l, 3 << 20, 2);
  link_state (l, GST_STATE_NULL);
}

static void
empty_buffers (Link *l)
{
  start (l);
  link_push (l, 10, 1);
  link_push (l, 0, 0);
  link_push (l, 10, 1);
}

static void
many_memories (Link *l)
{
  start (l);
  link_push (l, 3000, 300);
  link_push (l, 10, 16);
}

static void
lists (Link *l)
{
  start (l);
  link_push_list (l, 1);
  link_push_list (l, 40);
}

static void
headers (Link *l)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (
      "application/x-parity, streamheader=(buffer)< 48312020 >");

  start_with (l, caps);
  link_push (l, 10, 1);
}

static void
caps_change (Link *l)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string ("video/x-a");

  start_with (l, caps);
  link_push (l, 10, 1);
  gst_caps_replace (&caps, NULL);
  caps = gst_caps_from_string ("audio/x-b");
  gst_pad_push_event (l->pad, gst_event_new_caps (caps));
  link_push (l, 10, 1);
}

static void
end (Link *l)
{
  start (l);
  link_push (l, 10, 1);
  link_event (l, gst_event_new_eos ());
  link_push (l, 10, 1);
  link_state (l, GST_STATE_NULL);
}

static void
queries (Link *l)
{
  link_query (l);
  start (l);
  link_query (l);
}

static void
peer_goes (Link *l)
{
  start (l);
  link_push (l, 10, 1);
  peer_reset (l);
  link_push (l, BIG, 1);
  link_push (l, 10, 1);
  link_state (l, GST_STATE_NULL);
}

static void
peer_goes_amid_a_buffer (Link *l)
{
  GThread *pusher;

  start (l);
  peer_read (l, FALSE);
  pusher = link_push_stuck (l, BIG);
  peer_reset (l);
  link_join_push (l, pusher);
}

static void
peer_says_something (Link *l)
{
  start (l);
  link_push (l, 10, 1);
  peer_send (l, 0);
  link_push (l, 10, 1);
}

static void
peer_half_closes (Link *l)
{
  start (l);
  peer_shutdown (l, SHUT_WR);
  link_push (l, 10, 1);
  link_push (l, 10, 1);
}

static void
slow_peer (Link *l)
{
  GThread *pusher;

  start (l);
  peer_read (l, FALSE);
  pusher = link_push_stuck (l, BIG);
  peer_read (l, TRUE);
  link_join_push (l, pusher);
  link_push (l, 10, 1);
}

/* A stalled peer keeps nobody from stopping. */
static void
stops_amid_a_buffer (Link *l)
{
  GThread *pusher;

  start (l);
  peer_read (l, FALSE);
  pusher = link_push_stuck (l, BIG);
  gst_element_set_state (l->element, GST_STATE_READY);
  link_join_push (l, pusher);
}

static void
flushes_amid_a_buffer (Link *l)
{
  GThread *pusher;

  start (l);
  peer_read (l, FALSE);
  pusher = link_push_stuck (l, BIG);
  gst_pad_push_event (l->pad, gst_event_new_flush_start ());
  link_join_push (l, pusher);
}

static void
nobody_listens (Link *l)
{
  link_listen (l);
  shutdown (l->listener, SHUT_RDWR);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PAUSED);
  link_state (l, GST_STATE_NULL);
}

static void
host_unknown (Link *l)
{
  g_object_set (l->element, "host", "no.such.host.invalid", NULL);
  link_state (l, GST_STATE_PAUSED);
}

static void
host_malformed (Link *l)
{
  g_object_set (l->element, "host", "300.1.1.1", NULL);
  link_state (l, GST_STATE_PAUSED);
}

static void
host_null (Link *l)
{
  g_object_set (l->element, "host", NULL, NULL);
  link_show (l, "host");
  link_settle (l);
}

static void
host_by_name (Link *l)
{
  link_listen (l);
  g_object_set (l->element, "host", "localhost", NULL);
  link_state (l, GST_STATE_PLAYING);
  link_accept (l);
  link_begin (l, NULL);
  link_push (l, 10, 1);
}

static void
states (Link *l)
{
  link_listen (l);
  link_state (l, GST_STATE_READY);
  link_accept (l);
  link_state (l, GST_STATE_PAUSED);
  link_state (l, GST_STATE_NULL);
  link_state (l, GST_STATE_PLAYING);
  link_accept (l);
  link_begin (l, NULL);
  link_push (l, 10, 1);
  link_state (l, GST_STATE_READY);
  link_push (l, 10, 1);
  gst_pad_set_active (l->pad, FALSE);
  gst_pad_set_active (l->pad, TRUE);
  link_state (l, GST_STATE_PLAYING);
  link_begin (l, NULL);
  link_push (l, 10, 1);
}

static void
before_it_runs (Link *l)
{
  link_listen (l);
  link_push (l, 10, 1);
  link_state (l, GST_STATE_READY);
  link_push (l, 10, 1);
}

const Scenario scenarios_client_sink[] = {
    {"sends", ON_CLIENT_SINK, .run_link = sends},
    {"empty-buffers", ON_CLIENT_SINK, .run_link = empty_buffers},
    {"many-memories", ON_CLIENT_SINK, .run_link = many_memories},
    {"lists", ON_CLIENT_SINK, .run_link = lists},
    {"headers", ON_CLIENT_SINK, .run_link = headers},
    {"caps-change", ON_CLIENT_SINK, .run_link = caps_change},
    {"end", ON_CLIENT_SINK, .run_link = end},
    {"queries", ON_CLIENT_SINK, .run_link = queries},
    {"peer-goes", ON_CLIENT_SINK, .run_link = peer_goes},
    {"peer-goes-amid-a-buffer", ON_CLIENT_SINK,
        .run_link = peer_goes_amid_a_buffer},
    {"peer-says-something", ON_CLIENT_SINK, .run_link = peer_says_something},
    {"peer-half-closes", ON_CLIENT_SINK, .run_link = peer_half_closes},
    {"slow-peer", ON_CLIENT_SINK, .run_link = slow_peer},
    {"stops-amid-a-buffer", ON_CLIENT_SINK, .run_link = stops_amid_a_buffer},
    {"flushes-amid-a-buffer", ON_CLIENT_SINK,
        .run_link = flushes_amid_a_buffer},
    {"nobody-listens", ON_CLIENT_SINK, .run_link = nobody_listens},
    {"host-unknown", ON_CLIENT_SINK, .run_link = host_unknown},
    {"host-malformed", ON_CLIENT_SINK, .run_link = host_malformed},
    {"host-null", ON_CLIENT_SINK, .run_link = host_null},
    {"host-by-name", ON_CLIENT_SINK, .run_link = host_by_name},
    {"states", ON_CLIENT_SINK, .run_link = states},
    {"before-it-runs", ON_CLIENT_SINK, .run_link = before_it_runs},
    {NULL},
};
