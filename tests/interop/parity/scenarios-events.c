/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-events.c: what goes upstream, and what comes down
 *
 * Here: GstNetworkMessage and GstNetworkMessageDispatched, flushes, segments,
 * gaps and the end of the stream. Not here: state changes.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <sys/socket.h>

static void
messages_from_clients (Bench *b)
{
  g_autofree gchar *much = g_strnfill (1000, 'x');
  Client *one, *two;

  bench_set (b, "send-messages", "true");
  bench_watch_events (b);
  bench_play (b);
  one = join (b);
  two = join (b);
  client_write (one, "hello", 5);
  client_write (two, "B", 1);
  push_key (b);
  client_write (one, much, 255);
  client_write (one, much, 256);
  client_write (one, much, 257);
  client_write (two, much, 1000);
  client_shutdown (one, SHUT_WR);
  client_close (two);
  bench_figures (b);
}

/* Each datagram is a message of its own. */
static void
messages_from_datagrams (Bench *b)
{
  g_autofree gchar *much = g_strnfill (1000, 'x');
  Client *c;

  bench_set (b, "send-messages", "true");
  bench_watch_events (b);
  bench_play (b);
  c = client_add (client_new (b, CLIENT_SEQPACKET));
  client_write (c, "hello", 5);
  client_write (c, much, 1000);
  push_key (b);
  client_write (c, "two", 3);
  bench_figures (b);
}

static void
messages_refused (Bench *b)
{
  Client *c;

  b->refuse_events = TRUE;
  bench_set (b, "send-messages", "true");
  bench_watch_events (b);
  bench_play (b);
  c = join (b);
  client_write (c, "hello", 5);
  client_write (c, "again", 5);
  push_key (b);
}

static void
messages_off (Bench *b)
{
  Client *c;

  bench_watch_events (b);
  bench_play (b);
  c = join (b);
  client_write (c, "hello", 5);
  push_key (b);
  bench_set (b, "send-messages", "true");
  client_write (c, "again", 5);
  bench_set (b, "send-messages", "false");
  client_write (c, "still", 5);
}

static void
dispatched (Bench *b)
{
  g_autoptr (GstCaps) caps = bench_header_caps (b, "video/x-a", "H1 H22");
  Client *slow;

  bench_set (b, "send-dispatched", "true");
  bench_watch_events (b);
  bench_play (b);
  bench_caps (b, caps);
  join (b);
  push_key (b);
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  client_read (slow, TRUE);
  push (b, &(Push){.size = 900, .memories = 9});
  client_remove (slow);
  push_delta (b);
}

static void
dispatched_burst (Bench *b)
{
  bench_set (b, "send-dispatched", "true");
  bench_set (b, "bytes-min", "50");
  bench_set (b, "sync-method", "latest-keyframe");
  bench_watch_events (b);
  bench_play (b);
  push_key (b);
  push_delta (b);
  push_delta (b);
  join (b);
  push_delta (b);
}

static void
dispatched_never_whole (Bench *b)
{
  Client *slow;

  bench_set (b, "send-dispatched", "true");
  bench_watch_events (b);
  bench_play (b);
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  client_remove (slow);
  push_key (b);
}

static void
both_kinds (Bench *b)
{
  Client *c;

  bench_set (b, "send-dispatched", "true");
  bench_set (b, "send-messages", "true");
  bench_watch_events (b);
  bench_play (b);
  c = join (b);
  push_key (b);
  client_write (c, "hello", 5);
  push_key (b);
}

static void
flush (Bench *b)
{
  GstSegment segment;
  Client *slow;

  bench_set (b, "async", "false");
  bench_set (b, "bytes-min", "50");
  bench_play (b);
  join (b);
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  push_key (b);
  bench_event (b, gst_event_new_flush_start ());
  bench_figures (b);
  bench_event (b, gst_event_new_flush_stop (TRUE));
  bench_figures (b);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  bench_event (b, gst_event_new_segment (&segment));
  push_key (b);
  client_read (slow, TRUE);
  push_key (b);
  bench_figures (b);
}

static void
end_of_stream (Bench *b)
{
  Client *slow;

  bench_play (b);
  join (b);
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  bench_event (b, gst_event_new_eos ());
  bench_figures (b);
  push_key (b);
  client_read (slow, TRUE);
  bench_figures (b);
}

static void
end_of_stream_and_down (Bench *b)
{
  Client *slow;

  bench_play (b);
  join (b);
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  bench_event (b, gst_event_new_eos ());
  bench_state (b, GST_STATE_NULL);
  client_read (slow, TRUE);
}

static void
gaps_and_segments (Bench *b)
{
  GstSegment segment;

  bench_play (b);
  join (b);
  push_key (b);
  bench_event (b, gst_event_new_gap (GST_SECOND, GST_SECOND));
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  bench_event (b, gst_event_new_segment (&segment));
  push_key (b);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = 100 * GST_SECOND;
  bench_event (b, gst_event_new_segment (&segment));
  push_key (b);
  bench_event (b,
      gst_event_new_custom (
          GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty ("parity")));
  push_key (b);
  bench_figures (b);
}

static void
no_segment (Bench *b)
{
  gst_element_set_state (b->sink, GST_STATE_PLAYING);
  gst_pad_push_event (b->pad, gst_event_new_stream_start ("parity"));
  join (b);
  push_key (b);
  bench_figures (b);
}

static void
no_caps (Bench *b)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_element_set_state (b->sink, GST_STATE_PLAYING);
  gst_pad_push_event (b->pad, gst_event_new_stream_start ("parity"));
  gst_pad_push_event (b->pad, gst_event_new_segment (&segment));
  join (b);
  push_header (b, "H1");
  push_key (b);
  bench_figures (b);
}

static void
print_query (Bench *b, const gchar *name, GstQuery *query)
{
  say ("query %s answered: %d", name, gst_element_query (b->sink, query));
  gst_query_unref (query);
}

static void
queries (Bench *b)
{
  bench_play (b);
  push_key (b);
  print_query (b, "position", gst_query_new_position (GST_FORMAT_TIME));
  print_query (b, "duration", gst_query_new_duration (GST_FORMAT_TIME));
  print_query (b, "formats", gst_query_new_formats ());
  print_query (b, "seeking", gst_query_new_seeking (GST_FORMAT_TIME));
}

const Scenario scenarios_events[] = {
    {"messages-from-clients", ON_SOCKET, messages_from_clients},
    {"messages-from-datagrams", ON_SOCKET, messages_from_datagrams},
    {"messages-refused", ON_SOCKET, messages_refused},
    {"messages-off", ON_SOCKET, messages_off},
    {"dispatched", ON_SOCKET, dispatched},
    {"dispatched-burst", ON_SOCKET, dispatched_burst},
    {"dispatched-never-whole", ON_SOCKET, dispatched_never_whole},
    {"both-kinds", ON_SOCKET, both_kinds},
    {"flush", ON_BOTH, flush},
    {"end-of-stream", ON_BOTH, end_of_stream},
    {"end-of-stream-and-down", ON_BOTH, end_of_stream_and_down},
    {"gaps-and-segments", ON_BOTH, gaps_and_segments},
    {"no-segment", ON_BOTH, no_segment},
    {"no-caps", ON_BOTH, no_caps},
    {"queries", ON_BOTH, queries},
    {NULL},
};
