/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-server.c: the sink that listens
 *
 * Here: its address, its port, who connects and goes. Not here: everything it
 * has from the sink of sockets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static void
port_changed_cb (GstElement *sink, GParamSpec *pspec, Bench *b)
{
  gint port;

  g_object_get (sink, "current-port", &port, NULL);
  say ("  current-port notified: %s", port == 0 ? "0" : "a port");
}

static void
serve (Bench *b, const gchar *host)
{
  g_object_set (b->sink, "host", host, "port", 0, NULL);
  bench_play (b);
}

static void
ports (Bench *b)
{
  bench_show (b, "current-port");
  bench_show (b, "port");
  g_object_set (b->sink, "host", "127.0.0.1", "port", 0, NULL);
  g_signal_connect (
      b->sink, "notify::current-port", G_CALLBACK (port_changed_cb), b);
  bench_state (b, GST_STATE_READY);
  bench_state (b, GST_STATE_PAUSED);
  bench_state (b, GST_STATE_PLAYING);
  bench_show (b, "port");
  bench_state (b, GST_STATE_PAUSED);
  bench_state (b, GST_STATE_READY);
  bench_state (b, GST_STATE_NULL);
  bench_show (b, "current-port");
}

static void
come_and_go (Bench *b)
{
  Client *one, *two;

  serve (b, "127.0.0.1");
  one = server_client (b, "127.0.0.1");
  push_key (b);
  two = server_client (b, "127.0.0.1");
  push_key (b);
  client_stats (two);
  client_remove (two);
  push_key (b);
  client_close (one);
  push_key (b);
  bench_figures (b);
}

static void
half_closes (Bench *b)
{
  Client *c;

  serve (b, "127.0.0.1");
  c = server_client (b, "127.0.0.1");
  push_key (b);
  client_shutdown (c, SHUT_WR);
  push_key (b);
  bench_figures (b);
}

static void
resets (Bench *b)
{
  Client *c;

  serve (b, "127.0.0.1");
  c = server_client (b, "127.0.0.1");
  push_key (b);
  client_reset (c);
  push_key (b);
  bench_figures (b);
}

static void
clears (Bench *b)
{
  serve (b, "127.0.0.1");
  server_client (b, "127.0.0.1");
  push_key (b);
  bench_clear (b);
  server_client (b, "127.0.0.1");
  push_key (b);
  bench_state (b, GST_STATE_NULL);
  bench_figures (b);
}

static void
flushes (Bench *b)
{
  Client *c;

  serve (b, "127.0.0.1");
  c = server_client (b, "127.0.0.1");
  push_key (b);
  client_remove_flush (c);
  push_key (b);
  bench_figures (b);
}

/* A socket of the application's beside those that connect. */
static void
foreign_socket (Bench *b)
{
  Client *c;

  serve (b, "127.0.0.1");
  c = client_add (client_new (b, CLIENT_UNIX));
  push_key (b);
  client_remove (c);
  say ("  its socket is closed: %d", g_socket_is_closed (c->socket));
  push_key (b);
}

static void
kicks_slow (Bench *b)
{
  Client *slow;

  bench_set (b, "units-max", "3");
  serve (b, "127.0.0.1");
  server_client (b, "127.0.0.1");
  slow = server_client (b, "127.0.0.1");
  slow->reading = FALSE;
  client_shrink (slow);
  for (guint i = 0; i < 6; i++)
    push (b, &(Push){.size = 8 << 20});
  bench_show (b, "num-handles");
}

static void
restarts_on_same_port (Bench *b)
{
  gint port;

  serve (b, "127.0.0.1");
  g_object_get (b->sink, "current-port", &port, NULL);
  server_client (b, "127.0.0.1");
  push_key (b);
  bench_state (b, GST_STATE_READY);
  bench_figures (b);
  g_object_set (b->sink, "port", port, NULL);
  bench_state (b, GST_STATE_PLAYING);
  bench_begin (b, "video/x-a");
  server_client (b, "127.0.0.1");
  push_key (b);
  bench_figures (b);
}

static void
port_in_use (Bench *b)
{
  struct sockaddr_in here = {
      .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  socklen_t len = sizeof (here);
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  bind (fd, (gpointer) &here, len);
  listen (fd, 1);
  getsockname (fd, (gpointer) &here, &len);
  g_object_set (
      b->sink, "host", "127.0.0.1", "port", ntohs (here.sin_port), NULL);
  bench_state (b, GST_STATE_READY);
  bench_state (b, GST_STATE_PAUSED);
  bench_show (b, "current-port");
  close (fd);
  bench_state (b, GST_STATE_PAUSED);
}

static void
host_unknown (Bench *b)
{
  g_object_set (b->sink, "host", "no.such.host.invalid", "port", 0, NULL);
  bench_state (b, GST_STATE_PAUSED);
  bench_show (b, "current-port");
}

static void
host_malformed (Bench *b)
{
  g_object_set (b->sink, "host", "300.1.1.1", "port", 0, NULL);
  bench_state (b, GST_STATE_PAUSED);
}

static void
host_elsewhere (Bench *b)
{
  g_object_set (b->sink, "host", "192.0.2.1", "port", 0, NULL);
  bench_state (b, GST_STATE_PAUSED);
}

static void
host_null (Bench *b)
{
  g_object_set (b->sink, "host", NULL, NULL);
  bench_show (b, "host");
  bench_settle (b);
}

static void
host_by_default (Bench *b)
{
  g_object_set (b->sink, "port", 0, NULL);
  gst_element_set_state (b->sink, GST_STATE_READY);
  server_try (b, "127.0.0.1");
  server_try (b, "::1");
  /* How many of those were taken in yet is not told. */
  g_signal_handlers_disconnect_matched (
      b->sink, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, b);
}

static void
host_any (Bench *b)
{
  serve (b, "0.0.0.0");
  server_client (b, "127.0.0.1");
  push_key (b);
}

static void
host_any_6 (Bench *b)
{
  serve (b, "::");
  server_client (b, "::1");
  server_client (b, "127.0.0.1");
  push_key (b);
}

static void
host_6 (Bench *b)
{
  bench_set (b, "qos-dscp", "46");
  serve (b, "::1");
  client_show_option (
      server_client (b, "::1"), "IPV6_TCLASS", IPPROTO_IPV6, IPV6_TCLASS);
  push_key (b);
}

static void
closed_when_down (Bench *b)
{
  gint port;

  serve (b, "127.0.0.1");
  bench_state (b, GST_STATE_READY);
  g_object_get (b->sink, "current-port", &port, NULL);
  say ("  current-port in READY: %s", port > 0 ? "a port" : "0");
  server_client (b, "127.0.0.1");
  bench_state (b, GST_STATE_NULL);
  bench_show (b, "current-port");
}

static void
connects_before_any_buffer (Bench *b)
{
  bench_set (b, "sync-method", "next-keyframe");
  serve (b, "127.0.0.1");
  server_client (b, "127.0.0.1");
  push_delta (b);
  push_key (b);
  push_delta (b);
}

static void
options_of_accepted (Bench *b)
{
  Client *c;

  serve (b, "127.0.0.1");
  c = server_client (b, "127.0.0.1");
  client_show_option (c, "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY);
  client_show_option (c, "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE);
}

static void
messages (Bench *b)
{
  Client *c;

  bench_set (b, "send-messages", "true");
  bench_set (b, "send-dispatched", "true");
  bench_watch_events (b);
  serve (b, "127.0.0.1");
  c = server_client (b, "127.0.0.1");
  push_key (b);
  client_write (c, "hello", 5);
}

const Scenario scenarios_server[] = {
    {"ports", ON_SERVER, ports},
    {"come-and-go", ON_SERVER, come_and_go},
    {"half-closes", ON_SERVER, half_closes},
    {"resets", ON_SERVER, resets},
    {"clears", ON_SERVER, clears},
    {"flushes", ON_SERVER, flushes},
    {"foreign-socket", ON_SERVER, foreign_socket},
    {"kicks-slow", ON_SERVER, kicks_slow},
    {"restarts-on-same-port", ON_SERVER, restarts_on_same_port},
    {"port-in-use", ON_SERVER, port_in_use},
    {"host-unknown", ON_SERVER, host_unknown},
    {"host-malformed", ON_SERVER, host_malformed},
    {"host-elsewhere", ON_SERVER, host_elsewhere},
    {"host-null", ON_SERVER, host_null},
    {"host-by-default", ON_SERVER, host_by_default},
    {"host-any", ON_SERVER, host_any},
    {"host-any-6", ON_SERVER, host_any_6},
    {"host-6", ON_SERVER, host_6},
    {"closed-when-down", ON_SERVER, closed_when_down},
    {"connects-before-any-buffer", ON_SERVER, connects_before_any_buffer},
    {"options-of-accepted", ON_SERVER, options_of_accepted},
    {"messages", ON_SERVER, messages},
    {NULL},
};
