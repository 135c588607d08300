/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-handles.c: handles of all kinds, right and wrong ones
 *
 * Here: datagrams, pipes, files, closed and foreign handles, options of
 * sockets. Not here: what is sent to an ordinary client.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <glib/gstdio.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static void
messages (Bench *b, ClientKind kind)
{
  g_autoptr (GstCaps) caps = bench_header_caps (b, "video/x-a", "H1 H22");
  Client *c;

  bench_set (b, "bytes-min", "50");
  bench_set (b, "sync-method", "latest-keyframe");
  bench_play (b);
  bench_caps (b, caps);
  push_key (b);
  push_delta (b);
  push_delta (b);
  c = client_add (client_new (b, kind));
  push (b, &(Push){.size = 900, .memories = 9, .delta = TRUE});
  push_delta (b);
  client_stats (c);
  bench_figures (b);
}

static void
seqpacket (Bench *b)
{
  messages (b, CLIENT_SEQPACKET);
}

static void
dgram (Bench *b)
{
  messages (b, CLIENT_DGRAM);
}

/* The peer's queue of datagrams is full, then read. */
static void
lag_in_messages (Bench *b, ClientKind kind)
{
  Client *c = client_new (b, kind);

  bench_play (b);
  c->reading = FALSE;
  client_add (c);
  /* How many of them the kernel takes in, nobody promised. */
  for (guint i = 0; i < 40; i++)
    gst_pad_push (b->pad, make_buffer (b, &(Push){.size = 30000}, NULL));
  client_read (c, TRUE);
  push_key (b);
  bench_figures (b);
}

static void
seqpacket_lagging (Bench *b)
{
  lag_in_messages (b, CLIENT_SEQPACKET);
}

static void
dgram_lagging (Bench *b)
{
  lag_in_messages (b, CLIENT_DGRAM);
}

/* Larger than any message may be. */
static void
message_too_long (Bench *b, ClientKind kind)
{
  bench_play (b);
  client_add (client_new (b, kind));
  push_key (b);
  push (b, &(Push){.size = 4 << 20});
  push_key (b);
  bench_figures (b);
}

static void
seqpacket_too_long (Bench *b)
{
  message_too_long (b, CLIENT_SEQPACKET);
}

static void
dgram_too_long (Bench *b)
{
  message_too_long (b, CLIENT_DGRAM);
}

static void
messages_peer_closes (Bench *b, ClientKind kind)
{
  Client *c;

  bench_play (b);
  c = client_add (client_new (b, kind));
  push_key (b);
  client_close (c);
  push_key (b);
  push_key (b);
  bench_show (b, "num-handles");
}

static void
seqpacket_peer_closes (Bench *b)
{
  messages_peer_closes (b, CLIENT_SEQPACKET);
}

static void
dgram_peer_closes (Bench *b)
{
  messages_peer_closes (b, CLIENT_DGRAM);
}

static void
messages_empty (Bench *b, ClientKind kind)
{
  Client *c;

  bench_play (b);
  c = client_add (client_new (b, kind));
  push_key (b);
  /* An empty message from the client is no end of stream, or is one. */
  client_write (c, "", 0);
  client_write (c, "x", 1);
  push_key (b);
  bench_figures (b);
}

static void
dgram_from_client (Bench *b)
{
  messages_empty (b, CLIENT_DGRAM);
}

static void
seqpacket_from_client (Bench *b)
{
  messages_empty (b, CLIENT_SEQPACKET);
}

static void
pipe_reads (Bench *b)
{
  Client *c;

  bench_play (b);
  c = client_add (client_new (b, CLIENT_PIPE));
  push_key (b);
  push (b, &(Push){.size = 200000, .memories = 7});
  push_key (b);
  client_stats (c);
  client_remove (c);
  bench_figures (b);
}

static void
pipe_lags (Bench *b)
{
  Client *c = client_new (b, CLIENT_PIPE);

  bench_set (b, "units-max", "5");
  bench_play (b);
  c->reading = FALSE;
  client_add (c);
  push_big (b);
  push_key (b);
  push_key (b);
  client_read (c, TRUE);
  push_key (b);
  bench_figures (b);
}

static void
pipe_closes (Bench *b)
{
  Client *c;

  bench_play (b);
  c = client_add (client_new (b, CLIENT_PIPE));
  push_key (b);
  client_close (c);
  push_key (b);
  bench_figures (b);
}

static void
pipe_closes_lagging (Bench *b)
{
  Client *c = client_new (b, CLIENT_PIPE);

  bench_play (b);
  c->reading = FALSE;
  client_add (c);
  push_big (b);
  push_key (b);
  client_close (c);
  push_key (b);
  bench_show (b, "num-handles");
}

/* The reading end of a pipe is handed in. */
static void
wrong_end_of_pipe (Bench *b)
{
  Client *c = client_new (b, CLIENT_PIPE);
  gint end = c->fd;

  c->fd = c->peer;
  c->peer = end;
  c->reading = FALSE;
  bench_play (b);
  client_add (c);
  push_key (b);
  push_key (b);
  bench_figures (b);
}

static void
file (Bench *b, gint flags)
{
  Client *c = client_new (b, CLIENT_FILE);

  b->hide_handles = TRUE;
  if (flags >= 0) {
    close (c->fd);
    c->fd = g_open (c->path, flags, 0600);
  }
  bench_play (b);
  client_add (c);
  push_key (b);
  push (b, &(Push){.size = 100000});
  push_key (b);
  bench_figures (b);
  client_remove (c);
}

static void
file_read_write (Bench *b)
{
  file (b, -1);
}

static void
file_write_only (Bench *b)
{
  file (b, O_WRONLY | O_CLOEXEC);
}

static void
file_append (Bench *b)
{
  file (b, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static void
file_read_only (Bench *b)
{
  file (b, O_RDONLY | O_CLOEXEC);
}

static void
file_read_write_ignoring (Bench *b)
{
  bench_set (b, "handle-read", "false");
  file (b, -1);
}

static void
foreign (Bench *b, gint fd)
{
  Client *c = client_new (b, CLIENT_UNIX);

  b->hide_handles = TRUE;
  close (c->fd);
  c->fd = fd;
  c->reading = FALSE;
  bench_play (b);
  client_add (c);
  bench_show (b, "num-handles");
  push_key (b);
  push_key (b);
  bench_figures (b);
  c->fd = -1;
}

static void
negative (Bench *b)
{
  foreign (b, -1);
}

static void
never_opened (Bench *b)
{
  foreign (b, 1000);
}

static void
directory (Bench *b)
{
  gint fd = g_open ("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  foreign (b, fd);
  close (fd);
}

static void
null_device (Bench *b)
{
  gint fd = g_open ("/dev/null", O_WRONLY | O_CLOEXEC, 0);

  foreign (b, fd);
  close (fd);
}

static void
full_device (Bench *b)
{
  gint fd = g_open ("/dev/full", O_WRONLY | O_CLOEXEC, 0);

  foreign (b, fd);
  close (fd);
}

static void
listening_descriptor (Bench *b)
{
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  listen (fd, 1);
  foreign (b, fd);
  close (fd);
}

static void
unconnected_descriptor (Bench *b)
{
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  foreign (b, fd);
  close (fd);
}

/* The application closes it while it is a client. */
static void
closed_by_application (Bench *b)
{
  Client *c;

  bench_play (b);
  join (b);
  c = join (b);
  push_key (b);
  say ("application closes %s", c->name);
  /* The other end sees it at once, or when a poll () for it returns. */
  c->reading = FALSE;
  if (c->socket != NULL)
    g_socket_close (c->socket, NULL);
  else
    close (c->fd);
  bench_settle (b);
  push_key (b);
  push_key (b);
  bench_figures (b);
  c->fd = c->socket != NULL ? c->fd : -1;
}

static void
closed_socket (Bench *b)
{
  Client *c = client_new (b, CLIENT_UNIX);

  b->hide_handles = TRUE;
  bench_play (b);
  g_socket_close (c->socket, NULL);
  client_add (c);
  client_stats (c);
  push_key (b);
  push_key (b);
  bench_figures (b);
}

static void
no_socket (Bench *b)
{
  GstStructure *stats = NULL;

  bench_play (b);
  say ("everything with no socket");
  g_signal_emit_by_name (b->sink, "add", NULL);
  g_signal_emit_by_name (b->sink, "remove", NULL);
  g_signal_emit_by_name (b->sink, "remove-flush", NULL);
  g_signal_emit_by_name (b->sink, "get-stats", NULL, &stats);
  bench_settle (b);
  g_clear_pointer (&stats, gst_structure_free);
  push_key (b);
  bench_figures (b);
}

static void
unconnected_socket (Bench *b)
{
  Client *c = client_new (b, CLIENT_UNIX);

  b->hide_handles = TRUE;
  g_object_unref (c->socket);
  c->socket = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  bench_play (b);
  client_add (c);
  push_key (b);
  push_key (b);
  bench_show (b, "num-handles");
}

static void
udp (Bench *b)
{
  Client *c = client_new (b, CLIENT_UNIX);
  struct sockaddr_in here = {
      .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  socklen_t len = sizeof (here);

  g_object_unref (c->socket);
  close (c->peer);
  c->kind = CLIENT_DGRAM;
  c->peer = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bind (c->peer, (gpointer) &here, sizeof (here));
  getsockname (c->peer, (gpointer) &here, &len);
  c->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  connect (c->fd, (gpointer) &here, len);
  c->socket = g_socket_new_from_fd (c->fd, NULL);
  bench_play (b);
  client_add (c);
  push_key (b);
  push (b, &(Push){.size = 1200, .memories = 3});
  push_key (b);
  client_close (c);
  push_key (b);
  push_key (b);
  push_key (b);
}

static void
print_flags (Client *c, const gchar *when)
{
  gint flags = fcntl (c->fd, F_GETFL);

  say ("  %s:%s%s", when, flags & O_NONBLOCK ? " non-blocking" : " blocking",
      flags & O_APPEND ? " appending" : "");
}

static void
status_flags (Bench *b)
{
  Client *c;

  bench_play (b);
  c = client_new (b, CLIENT_UNIX);
  fcntl (c->fd, F_SETFL, 0);
  print_flags (c, "before add");
  client_add (c);
  push_key (b);
  print_flags (c, "while a client");
  client_remove (c);
  print_flags (c, "after remove");
}

static void
status_flags_of_file (Bench *b)
{
  Client *c = client_new (b, CLIENT_FILE);

  b->hide_handles = TRUE;
  fcntl (c->fd, F_SETFL, O_APPEND);
  bench_play (b);
  print_flags (c, "before add");
  client_add (c);
  print_flags (c, "while a client");
}

static void
print_dscp (Client *c)
{
  client_show_option (c, "IP_TOS", IPPROTO_IP, IP_TOS);
  client_show_option (c, "IPV6_TCLASS", IPPROTO_IPV6, IPV6_TCLASS);
}

static void
dscp (Bench *b)
{
  Client *before, *after;

  bench_play (b);
  before = client_add (client_new (b, CLIENT_TCP));
  print_dscp (before);
  bench_set (b, "qos-dscp", "46");
  print_dscp (before);
  after = client_add (client_new (b, CLIENT_TCP));
  print_dscp (after);
  join (b);
  bench_set (b, "qos-dscp", "0");
  print_dscp (before);
  bench_set (b, "qos-dscp", "63");
  print_dscp (before);
  bench_set (b, "qos-dscp", "-1");
  print_dscp (before);
  client_remove (before);
  bench_set (b, "qos-dscp", "8");
  print_dscp (before);
  print_dscp (after);
}

static void
dscp_set_before (Bench *b)
{
  bench_set (b, "qos-dscp", "34");
  bench_play (b);
  print_dscp (client_add (client_new (b, CLIENT_TCP)));
  push_key (b);
}

/* Options that stock leaves alone. */
static void
tcp_options (Bench *b)
{
  Client *c;

  bench_play (b);
  c = client_add (client_new (b, CLIENT_TCP));
  push_key (b);
  client_show_option (c, "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY);
  client_show_option (c, "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE);
  client_show_option (c, "TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT);
}

const Scenario scenarios_handles[] = {
    {"seqpacket", ON_BOTH, seqpacket},
    {"dgram", ON_BOTH, dgram},
    {"seqpacket-lagging", ON_BOTH, seqpacket_lagging},
    {"dgram-lagging", ON_BOTH, dgram_lagging},
    {"seqpacket-too-long", ON_BOTH, seqpacket_too_long},
    {"dgram-too-long", ON_BOTH, dgram_too_long},
    {"seqpacket-peer-closes", ON_BOTH, seqpacket_peer_closes},
    {"dgram-peer-closes", ON_BOTH, dgram_peer_closes},
    {"seqpacket-from-client", ON_BOTH, seqpacket_from_client},
    {"dgram-from-client", ON_BOTH, dgram_from_client},
    {"pipe-reads", ON_FD, pipe_reads},
    {"pipe-lags", ON_FD, pipe_lags},
    {"pipe-closes", ON_FD, pipe_closes},
    {"pipe-closes-lagging", ON_FD, pipe_closes_lagging},
    {"wrong-end-of-pipe", ON_FD, wrong_end_of_pipe},
    {"file-read-write", ON_FD, file_read_write},
    {"file-read-write-ignoring", ON_FD, file_read_write_ignoring},
    {"file-write-only", ON_FD, file_write_only},
    {"file-append", ON_FD, file_append},
    {"file-read-only", ON_FD, file_read_only},
    {"negative", ON_FD, negative},
    {"never-opened", ON_FD, never_opened},
    {"directory", ON_FD, directory},
    {"null-device", ON_FD, null_device},
    {"full-device", ON_FD, full_device},
    {"listening-descriptor", ON_FD, listening_descriptor},
    {"unconnected-descriptor", ON_FD, unconnected_descriptor},
    {"closed-by-application", ON_BOTH, closed_by_application},
    {"closed-socket", ON_SOCKET, closed_socket},
    {"no-socket", ON_SOCKET, no_socket},
    {"unconnected-socket", ON_SOCKET, unconnected_socket},
    {"udp", ON_SOCKET, udp},
    {"status-flags", ON_FD, status_flags},
    {"status-flags-of-file", ON_FD, status_flags_of_file},
    {"dscp", ON_BOTH, dscp},
    {"dscp-set-before", ON_BOTH, dscp_set_before},
    {"tcp-options", ON_BOTH, tcp_options},
    {NULL},
};
