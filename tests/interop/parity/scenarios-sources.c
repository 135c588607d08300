/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-sources.c: what the sources of one TCP connection have in common
 *
 * Here: what they make of what comes, how it ends, their figures. Not here: who
 * connects to whom, and what only one of them can do.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <sys/socket.h>

static void
figures (Link *l)
{
  link_stats_fields (l);
  link_start (l);
  peer_send (l, 0);
  link_stats_fields (l);
  link_state (l, GST_STATE_NULL);
  link_stats_fields (l);
}

static void
receives (Link *l)
{
  link_start (l);
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
  link_start (l);
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
  link_start (l);
  peer_send (l, 0);
  l->shows_buffers = TRUE;
  peer_send (l, 250);
  link_release (l);
  link_settle (l);
}

static void
ends_before_data (Link *l)
{
  link_start (l);
  peer_close (l);
  link_await_end (l);
}

static void
half_closes (Link *l)
{
  link_start (l);
  peer_send (l, 0);
  peer_shutdown (l, SHUT_WR);
  link_await_end (l);
}

static void
resets (Link *l)
{
  link_start (l);
  peer_send (l, 0);
  peer_reset (l);
  link_await_end (l);
  link_state (l, GST_STATE_NULL);
}

static void
end_is_sent (Link *l)
{
  link_start (l);
  gst_element_send_event (l->element, gst_event_new_eos ());
  link_await_end (l);
}

static void
host_null (Link *l)
{
  g_object_set (l->element, "host", NULL, NULL);
  link_show (l, "host");
  link_settle (l);
}

/* What had arrived before the end counts. */
static void
go_while_held (Link *l, void (*go) (Link *l))
{
  link_set (l, "blocksize", "4096");
  link_hold (l);
  link_start (l);
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

/* Those that have an address. */
#define ON_BY_ADDRESS (ON_CLIENT_SRC | ON_SERVER_SRC)
#define ON_ALL (ON_BY_ADDRESS | ON_SOCKET_SRC)

const Scenario scenarios_sources[] = {
    {"figures", ON_BY_ADDRESS, .run_link = figures},
    {"receives", ON_BY_ADDRESS, .run_link = receives},
    {"pieces-by-default", ON_BY_ADDRESS, .run_link = send_while_held},
    {"pieces-of-stock", ON_BY_ADDRESS, .run_link = pieces_of_stock},
    {"pieces-of-100", ON_CLIENT_SRC, .run_link = pieces_of_100},
    {"ends-before-data", ON_BY_ADDRESS, .run_link = ends_before_data},
    {"half-closes", ON_BY_ADDRESS, .run_link = half_closes},
    {"resets", ON_ALL, .run_link = resets},
    {"end-is-sent", ON_BY_ADDRESS, .run_link = end_is_sent},
    {"host-null", ON_BY_ADDRESS, .run_link = host_null},
    {"closes-while-held", ON_ALL, .run_link = closes_while_held},
    {"resets-while-held", ON_ALL, .run_link = resets_while_held},
    {NULL},
};
