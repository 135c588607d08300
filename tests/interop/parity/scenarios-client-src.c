/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-client-src.c: the source that connects
 *
 * Here: connecting or not, what it hands on in which pieces, how it ends, its
 * figures and states. Not here: the source that listens.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <sys/socket.h>

static void
start (Link *l)
{
  link_listen (l);
  link_state (l, GST_STATE_PLAYING);
  link_accept (l);
}

static void
receives (Link *l)
{
  start (l);
  peer_send (l, 0);
  peer_send (l, 100);
  link_stats (l);
  peer_close (l);
  link_await_end (l);
  link_stats (l);
  link_state (l, GST_STATE_NULL);
  link_stats (l);
}

/* What arrived while the first buffer was held up, in the pieces it comes in. */
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
  peer_close (l);
  link_await_end (l);
}

static void
pieces_of_stock (Link *l)
{
  link_set (l, "blocksize", "4096");
  send_while_held (l);
}

static void
pieces_of_100 (Link *l)
{
  link_set (l, "blocksize", "100");
  link_hold (l);
  start (l);
  peer_send (l, 0);
  l->shows_buffers = TRUE;
  peer_send (l, 250);
  link_release (l);
  link_settle (l);
}

static void
timestamps (Link *l)
{
  link_set (l, "do-timestamp", "true");
  gst_element_set_clock (l->element, NULL);
  l->shows_buffers = TRUE;
  start (l);
  peer_send (l, 0);
}

static void
counts_buffers (Link *l)
{
  link_set (l, "num-buffers", "2");
  l->shows_buffers = TRUE;
  start (l);
  peer_send (l, 0);
  peer_send (l, 0);
  link_await_end (l);
  link_stats (l);
}

static void
queries (Link *l)
{
  link_query (l);
  start (l);
  link_query (l);
  peer_send (l, 0);
  link_query (l);
}

static void
ends_before_data (Link *l)
{
  start (l);
  peer_close (l);
  link_await_end (l);
}

static void
half_closes (Link *l)
{
  start (l);
  peer_send (l, 0);
  peer_shutdown (l, SHUT_WR);
  link_await_end (l);
}

static void
resets (Link *l)
{
  start (l);
  peer_send (l, 0);
  peer_reset (l);
  link_await_end (l);
  link_state (l, GST_STATE_NULL);
}

static void
resets_before_data (Link *l)
{
  start (l);
  peer_reset (l);
  link_await_end (l);
}

static void
nobody_listens (Link *l)
{
  link_listen (l);
  shutdown (l->listener, SHUT_RDWR);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PAUSED);
  link_state (l, GST_STATE_NULL);
  link_stats (l);
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

/* "localhost" is tried at every address it has. */
static void
host_by_name (Link *l)
{
  link_listen (l);
  g_object_set (l->element, "host", "localhost", NULL);
  link_state (l, GST_STATE_PLAYING);
  link_accept (l);
  peer_send (l, 0);
}

static void
silence (Link *l)
{
  link_set (l, "timeout", "1");
  start (l);
  peer_send (l, 0);
  link_await_end (l);
}

static void
stops_while_it_waits (Link *l)
{
  start (l);
  link_state (l, GST_STATE_PAUSED);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_NULL);
}

static void
starts_again (Link *l)
{
  start (l);
  peer_send (l, 0);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PLAYING);
  link_accept (l);
  link_stats (l);
  peer_send (l, 0);
  link_stats (l);
}

static void
starts_again_after_the_end (Link *l)
{
  start (l);
  peer_close (l);
  link_await_end (l);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PAUSED);
  link_accept (l);
  peer_send (l, 0);
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
}

static void
goes_on_after_a_pause (Link *l)
{
  start (l);
  peer_send (l, 0);
  link_state (l, GST_STATE_PAUSED);
  peer_send (l, 0);
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
}

static void
settings_while_running (Link *l)
{
  start (l);
  link_set (l, "host", "127.0.0.9");
  link_set (l, "port", "9");
  peer_send (l, 0);
  link_set (l, "timeout", "5");
  peer_send (l, 0);
}

static void
downstream (Link *l, GstFlowReturn returns)
{
  start (l);
  l->chain_returns = returns;
  peer_send (l, 0);
  if (returns != GST_FLOW_FLUSHING)
    link_await_end (l);
  link_state (l, GST_STATE_NULL);
}

static void
downstream_ends (Link *l)
{
  downstream (l, GST_FLOW_EOS);
}

static void
downstream_fails (Link *l)
{
  downstream (l, GST_FLOW_NOT_NEGOTIATED);
}

static void
downstream_flushes (Link *l)
{
  downstream (l, GST_FLOW_FLUSHING);
}

static void
events (Link *l)
{
  start (l);
  link_event (l,
      gst_event_new_seek (1, GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH,
          GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, -1));
  link_event (l, gst_event_new_latency (0));
  link_event (l,
      gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
          gst_structure_new_empty ("GstNetworkMessage")));
  link_event (l, gst_event_new_reconfigure ());
  peer_send (l, 0);
}

static void
end_is_sent (Link *l)
{
  start (l);
  gst_element_send_event (l->element, gst_event_new_eos ());
  link_await_end (l);
}

/* What had arrived before the end counts. */
static void
go_while_held (Link *l, void (*go) (Link *l))
{
  link_set (l, "blocksize", "4096");
  link_hold (l);
  start (l);
  peer_send (l, 0);
  l->shows_buffers = TRUE;
  peer_send (l, 10000);
  go (l);
  link_settle (l);
  link_release (l);
  link_await_end (l);
}

static void
closes_while_held (Link *l)
{
  go_while_held (l, peer_close);
}

static void
resets_while_held (Link *l)
{
  go_while_held (l, peer_reset);
}

static void
figures (Link *l)
{
  link_stats_fields (l);
  start (l);
  peer_send (l, 0);
  link_stats_fields (l);
  link_state (l, GST_STATE_NULL);
  link_stats_fields (l);
}

const Scenario scenarios_client_src[] = {
    {"figures", ON_CLIENT_SRC, .run_link = figures},
    {"receives", ON_CLIENT_SRC, .run_link = receives},
    {"pieces-by-default", ON_CLIENT_SRC, .run_link = send_while_held},
    {"pieces-of-stock", ON_CLIENT_SRC, .run_link = pieces_of_stock},
    {"pieces-of-100", ON_CLIENT_SRC, .run_link = pieces_of_100},
    {"timestamps", ON_CLIENT_SRC, .run_link = timestamps},
    {"counts-buffers", ON_CLIENT_SRC, .run_link = counts_buffers},
    {"queries", ON_CLIENT_SRC, .run_link = queries},
    {"ends-before-data", ON_CLIENT_SRC, .run_link = ends_before_data},
    {"half-closes", ON_CLIENT_SRC, .run_link = half_closes},
    {"resets", ON_CLIENT_SRC, .run_link = resets},
    {"resets-before-data", ON_CLIENT_SRC, .run_link = resets_before_data},
    {"nobody-listens", ON_CLIENT_SRC, .run_link = nobody_listens},
    {"host-unknown", ON_CLIENT_SRC, .run_link = host_unknown},
    {"host-malformed", ON_CLIENT_SRC, .run_link = host_malformed},
    {"host-null", ON_CLIENT_SRC, .run_link = host_null},
    {"host-by-name", ON_CLIENT_SRC, .run_link = host_by_name},
    {"silence", ON_CLIENT_SRC, .run_link = silence},
    {"stops-while-it-waits", ON_CLIENT_SRC, .run_link = stops_while_it_waits},
    {"starts-again", ON_CLIENT_SRC, .run_link = starts_again},
    {"starts-again-after-the-end", ON_CLIENT_SRC,
        .run_link = starts_again_after_the_end},
    {"goes-on-after-a-pause", ON_CLIENT_SRC, .run_link = goes_on_after_a_pause},
    {"settings-while-running", ON_CLIENT_SRC,
        .run_link = settings_while_running},
    {"downstream-ends", ON_CLIENT_SRC, .run_link = downstream_ends},
    {"downstream-fails", ON_CLIENT_SRC, .run_link = downstream_fails},
    {"downstream-flushes", ON_CLIENT_SRC, .run_link = downstream_flushes},
    {"events", ON_CLIENT_SRC, .run_link = events},
    {"end-is-sent", ON_CLIENT_SRC, .run_link = end_is_sent},
    {"closes-while-held", ON_CLIENT_SRC, .run_link = closes_while_held},
    {"resets-while-held", ON_CLIENT_SRC, .run_link = resets_while_held},
    {NULL},
};
