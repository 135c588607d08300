/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-server-src.c: the source that listens
 *
 * Here: its address and port, its one client, how it ends, its figures and
 * states. Not here: the source that connects.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void
serve (Link *l, const gchar *host)
{
  g_object_set (l->element, "host", host, "port", 0, NULL);
  link_state (l, GST_STATE_PLAYING);
}

static void
port_changed_cb (GstElement *element, GParamSpec *pspec, Link *l)
{
  gint port;

  g_object_get (element, "current-port", &port, NULL);
  link_note (l, "current-port notified: %s", port == 0 ? "0" : "a port");
}

static void
ports (Link *l)
{
  link_show (l, "host");
  link_show (l, "port");
  link_show (l, "current-port");
  g_object_set (l->element, "host", "127.0.0.1", "port", 0, NULL);
  g_signal_connect (
      l->element, "notify::current-port", G_CALLBACK (port_changed_cb), l);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PAUSED);
  link_connect (l);
  link_state (l, GST_STATE_PLAYING);
  link_show (l, "port");
  link_state (l, GST_STATE_READY);
  link_show (l, "current-port");
  link_state (l, GST_STATE_NULL);
  link_show (l, "current-port");
}

static void
queries (Link *l)
{
  serve (l, "127.0.0.1");
  link_query (l);
  link_connect (l);
  peer_send (l, 0);
  link_query (l);
}

/* The listener closes once there is a client. */
static void
one_client_only (Link *l)
{
  link_start (l);
  peer_send (l, 0);
  link_try (l);
  peer_send (l, 0);
  peer_close (l);
  link_await_end (l);
  link_try (l);
}

static void
connects_in_paused (Link *l)
{
  g_object_set (l->element, "host", "127.0.0.1", "port", 0, NULL);
  link_state (l, GST_STATE_PAUSED);
  link_connect (l);
  peer_send (l, 0);
  link_state (l, GST_STATE_PLAYING);
  peer_send (l, 0);
}

static void
nobody_comes (Link *l)
{
  serve (l, "127.0.0.1");
  link_stats (l);
  link_state (l, GST_STATE_PAUSED);
  link_state (l, GST_STATE_READY);
  link_stats (l);
  link_state (l, GST_STATE_NULL);
}

static void
stops_while_it_waits (Link *l)
{
  link_start (l);
  peer_send (l, 0);
  link_state (l, GST_STATE_READY);
  link_stats (l);
}

static void
starts_again_on_same_port (Link *l)
{
  gint port;

  serve (l, "127.0.0.1");
  g_object_get (l->element, "current-port", &port, NULL);
  g_object_set (l->element, "port", port, NULL);
  link_connect (l);
  peer_send (l, 0);
  peer_close (l);
  link_await_end (l);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PLAYING);
  link_connect (l);
  peer_send (l, 0);
  link_stats (l);
}

static void
starts_again_amid_a_stream (Link *l)
{
  gint port;

  serve (l, "127.0.0.1");
  g_object_get (l->element, "current-port", &port, NULL);
  g_object_set (l->element, "port", port, NULL);
  link_connect (l);
  peer_send (l, 0);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PLAYING);
  link_connect (l);
  peer_send (l, 0);
}

static void
port_in_use (Link *l)
{
  link_listen (l);
  link_state (l, GST_STATE_READY);
  link_state (l, GST_STATE_PAUSED);
  link_show (l, "current-port");
  close (l->listener);
  l->listener = -1;
  link_state (l, GST_STATE_PAUSED);
  link_connect (l);
  peer_send (l, 0);
}

static void
host_unknown (Link *l)
{
  g_object_set (l->element, "host", "no.such.host.invalid", "port", 0, NULL);
  link_state (l, GST_STATE_PAUSED);
  link_show (l, "current-port");
}

static void
host_malformed (Link *l)
{
  g_object_set (l->element, "host", "300.1.1.1", "port", 0, NULL);
  link_state (l, GST_STATE_PAUSED);
}

static void
host_elsewhere (Link *l)
{
  g_object_set (l->element, "host", "192.0.2.1", "port", 0, NULL);
  link_state (l, GST_STATE_PAUSED);
}

static void
host_any (Link *l)
{
  serve (l, "0.0.0.0");
  link_connect (l);
  peer_send (l, 0);
}

static void
host_by_default (Link *l)
{
  g_object_set (l->element, "port", 0, NULL);
  link_state (l, GST_STATE_PLAYING);
  link_connect (l);
}

static void
downstream_fails (Link *l)
{
  link_start (l);
  l->chain_returns = GST_FLOW_ERROR;
  peer_send (l, 0);
  link_await_end (l);
  link_state (l, GST_STATE_NULL);
}

static void
end_is_sent_before_anyone_comes (Link *l)
{
  serve (l, "127.0.0.1");
  gst_element_send_event (l->element, gst_event_new_eos ());
  link_await_end (l);
}

const Scenario scenarios_server_src[] = {
    {"ports", ON_SERVER_SRC, .run_link = ports},
    {"queries", ON_SERVER_SRC, .run_link = queries},
    {"one-client-only", ON_SERVER_SRC, .run_link = one_client_only},
    {"connects-in-paused", ON_SERVER_SRC, .run_link = connects_in_paused},
    {"nobody-comes", ON_SERVER_SRC, .run_link = nobody_comes},
    {"stops-while-it-waits", ON_SERVER_SRC, .run_link = stops_while_it_waits},
    {"starts-again-on-same-port", ON_SERVER_SRC,
        .run_link = starts_again_on_same_port},
    {"starts-again-amid-a-stream", ON_SERVER_SRC,
        .run_link = starts_again_amid_a_stream},
    {"port-in-use", ON_SERVER_SRC, .run_link = port_in_use},
    {"host-unknown", ON_SERVER_SRC, .run_link = host_unknown},
    {"host-malformed", ON_SERVER_SRC, .run_link = host_malformed},
    {"host-elsewhere", ON_SERVER_SRC, .run_link = host_elsewhere},
    {"host-any", ON_SERVER_SRC, .run_link = host_any},
    {"host-by-default", ON_SERVER_SRC, .run_link = host_by_default},
    {"downstream-fails", ON_SERVER_SRC, .run_link = downstream_fails},
    {"end-is-sent-before-anyone-comes", ON_SERVER_SRC,
        .run_link = end_is_sent_before_anyone_comes},
    {NULL},
};
