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
timestamps (Link *l)
{
  link_set (l, "do-timestamp", "true");
  gst_element_set_clock (l->element, NULL);
  l->shows_buffers = TRUE;
  link_start (l);
  peer_send (l, 0);
}

static void
counts_buffers (Link *l)
{
  link_set (l, "num-buffers", "2");
  l->shows_buffers = TRUE;
  link_start (l);
  peer_send (l, 0);
  peer_send (l, 0);
  link_await_end (l);
  link_stats (l);
}

static void
queries (Link *l)
{
  link_query (l);
  link_start (l);
  link_query (l);
  peer_send (l, 0);
  link_query (l);
}

static void
resets_before_data (Link *l)
{
  link_start (l);
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
  link_start (l);
  peer_send (l, 0);
  link_await_end (l);
}

static void
stops_while_it_waits (Link *l)
{
  link_start (l);
  link_state (l, GST_STATE_PAUSED);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_NULL);
}

static void
starts_again (Link *l)
{
  link_start (l);
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
  link_start (l);
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
  link_start (l);
  peer_send (l, 0);
  link_state (l, GST_STATE_PAUSED);
  peer_send (l, 0);
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
}

static void
settings_while_running (Link *l)
{
  link_start (l);
  link_set (l, "host", "127.0.0.9");
  link_set (l, "port", "9");
  peer_send (l, 0);
  link_set (l, "timeout", "5");
  peer_send (l, 0);
}

static void
downstream (Link *l, GstFlowReturn returns)
{
  link_start (l);
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
  link_start (l);
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

const Scenario scenarios_client_src[] = {
    {"timestamps", ON_CLIENT_SRC, .run_link = timestamps},
    {"counts-buffers", ON_CLIENT_SRC, .run_link = counts_buffers},
    {"queries", ON_CLIENT_SRC, .run_link = queries},
    {"resets-before-data", ON_CLIENT_SRC, .run_link = resets_before_data},
    {"nobody-listens", ON_CLIENT_SRC, .run_link = nobody_listens},
    {"host-unknown", ON_CLIENT_SRC, .run_link = host_unknown},
    {"host-malformed", ON_CLIENT_SRC, .run_link = host_malformed},
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
    {NULL},
};
