/* SPDX-License-Identifier: LGPL-2.1-or-later
 * bench-client.c: the clients of the element under a script
 *
 * Here: making both ends of a client, handing one to the element, and reading
 * or misusing the other. Not here: pushing, waiting, printing what was read.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "bench.h"
#include "bench-private.h"

#include <glib/gstdio.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The least the kernel grants: a buffer of BIG bytes never fits. */
#define SMALL 1

static void
shrink (gint fd)
{
  const gint small = SMALL;

  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof (small));
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof (small));
}

void
client_shrink (Client *c)
{
  shrink (c->peer);
}

static void
open_tcp (gint fds[2])
{
  struct sockaddr_in addr = {.sin_family = AF_INET};
  socklen_t len = sizeof (addr);
  gint listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  addr.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (listener, (gpointer) &addr, len), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  getsockname (listener, (gpointer) &addr, &len);
  fds[1] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (connect (fds[1], (gpointer) &addr, len), ==, 0);
  fds[0] = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (fds[0], >=, 0);
  close (listener);
}

static void
open_pipe (gint fds[2])
{
  gint ends[2];

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  fcntl (ends[1], F_SETPIPE_SZ, 4096);
  fds[0] = ends[1];
  fds[1] = ends[0];
}

static void
open_ends (Client *c, gint fds[2])
{
  gint type = SOCK_STREAM;

  switch (c->kind) {
    case CLIENT_TCP:
      open_tcp (fds);
      return;
    case CLIENT_PIPE:
      open_pipe (fds);
      return;
    case CLIENT_FILE:
      fds[0] = g_file_open_tmp ("parity-XXXXXX", &c->path, NULL);
      fds[1] = g_open (c->path, O_RDONLY | O_CLOEXEC, 0);
      return;
    case CLIENT_SEQPACKET:
      type = SOCK_SEQPACKET;
      break;
    case CLIENT_DGRAM:
      type = SOCK_DGRAM;
      break;
    case CLIENT_UNIX:
      break;
  }
  g_assert_cmpint (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds), ==, 0);
}

Client *
client_alloc (Bench *b, ClientKind kind)
{
  Client *c = g_new0 (Client, 1);

  c->bench = b;
  c->kind = kind;
  c->name = g_strdup_printf ("%c", 'a' + (gchar) b->clients->len);
  c->fd = c->peer = -1;
  c->reading = TRUE;
  c->got = g_byte_array_new ();
  c->records = g_array_new (FALSE, FALSE, sizeof (guint));
  c->controls = g_string_new (NULL);
  return c;
}

void
client_list (Client *c)
{
  g_mutex_lock (&c->bench->lock);
  g_ptr_array_add (c->bench->clients, c);
  g_mutex_unlock (&c->bench->lock);
}

Client *
client_new (Bench *b, ClientKind kind)
{
  Client *c = client_alloc (b, kind);
  gint fds[2];

  open_ends (c, fds);
  c->fd = fds[0];
  c->peer = fds[1];
  fcntl (c->peer, F_SETFL, fcntl (c->peer, F_GETFL) | O_NONBLOCK);
  if (b->by_socket)
    c->socket = g_socket_new_from_fd (c->fd, NULL);
  client_list (c);
  return c;
}

void
client_free (Client *c)
{
  if (c->socket != NULL)
    g_object_unref (c->socket);
  else if (c->fd >= 0)
    close (c->fd);
  if (c->peer >= 0)
    close (c->peer);
  if (c->path != NULL)
    g_unlink (c->path);
  g_free (c->path);
  g_byte_array_unref (c->got);
  g_array_unref (c->records);
  g_string_free (c->controls, TRUE);
  g_free (c->name);
  g_free (c);
}

Client *
client_add (Client *c)
{
  say ("add %s", c->name);
  if (c->bench->by_socket)
    g_signal_emit_by_name (c->bench->sink, "add", c->socket);
  else
    g_signal_emit_by_name (c->bench->sink, "add", c->fd);
  bench_settle (c->bench);
  return c;
}

void
client_add_full (Client *c, gint method, GstFormat min_format, guint64 min,
    GstFormat max_format, guint64 max)
{
  say ("add-full %s method %d min %s %" G_GUINT64_FORMAT
       " max %s %" G_GUINT64_FORMAT,
      c->name, method, gst_format_get_name (min_format), min,
      gst_format_get_name (max_format), max);
  if (c->bench->by_socket)
    g_signal_emit_by_name (c->bench->sink, "add-full", c->socket, method,
        min_format, min, max_format, max);
  else
    g_signal_emit_by_name (c->bench->sink, "add-full", c->fd, method,
        min_format, min, max_format, max);
  bench_settle (c->bench);
}

static void
emit_for (Client *c, const gchar *signal)
{
  say ("%s %s", signal, c->name);
  if (c->bench->by_socket)
    g_signal_emit_by_name (c->bench->sink, signal, c->socket);
  else
    g_signal_emit_by_name (c->bench->sink, signal, c->fd);
  bench_settle (c->bench);
}

void
client_remove (Client *c)
{
  emit_for (c, "remove");
}

void
client_remove_flush (Client *c)
{
  emit_for (c, "remove-flush");
}

GstStructure *
client_get_stats (Client *c)
{
  GstStructure *stats = NULL;

  if (c->bench->by_socket)
    g_signal_emit_by_name (c->bench->sink, "get-stats", c->socket, &stats);
  else
    g_signal_emit_by_name (c->bench->sink, "get-stats", c->fd, &stats);
  return stats;
}

void
client_read (Client *c, gboolean reading)
{
  say ("%s %s", c->name, reading ? "reads" : "stops reading");
  c->reading = reading;
  bench_settle (c->bench);
}

void
client_write (Client *c, gconstpointer data, gsize size)
{
  say ("%s sends %" G_GSIZE_FORMAT " bytes", c->name, size);
  if (send (c->peer, data, size, MSG_NOSIGNAL) != (gssize) size)
    say ("  sent less");
  bench_settle (c->bench);
}

void
client_close (Client *c)
{
  say ("%s closes", c->name);
  c->closing = TRUE;
  close (c->peer);
  c->peer = -1;
  bench_settle (c->bench);
}

void
client_reset (Client *c)
{
  const struct linger now = {.l_onoff = 1, .l_linger = 0};

  say ("%s resets", c->name);
  c->closing = TRUE;
  setsockopt (c->peer, SOL_SOCKET, SO_LINGER, &now, sizeof (now));
  close (c->peer);
  c->peer = -1;
  bench_settle (c->bench);
}

void
client_shutdown (Client *c, int how)
{
  say ("%s shuts down %s", c->name, how == SHUT_WR ? "writing" : "reading");
  c->closing = how == SHUT_WR;
  shutdown (c->peer, how);
  bench_settle (c->bench);
}

Client *
join (Bench *b)
{
  return client_add (client_new (b, CLIENT_UNIX));
}

Client *
join_stalled (Bench *b)
{
  Client *c = client_new (b, CLIENT_UNIX);

  shrink (c->fd);
  shrink (c->peer);
  c->reading = FALSE;
  say ("%s does not read", c->name);
  return client_add (c);
}

static gboolean
is_established (Client *c)
{
  gint fd = c->socket != NULL ? g_socket_get_fd (c->socket) : c->fd;
  struct tcp_info info = {0};
  socklen_t len = sizeof (info);

  return getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0
      && info.tcpi_state == TCP_ESTABLISHED;
}

static gboolean
was_sent_more (Client *c)
{
  g_autoptr (GstStructure) stats = client_get_stats (c);
  guint64 sent;

  return stats != NULL && gst_structure_get_uint64 (stats, "bytes-sent", &sent)
      && sent > c->got->len;
}

gboolean
client_is_under_way (Client *c)
{
  gint unacknowledged = 0;

  if (c->kind != CLIENT_TCP)
    return FALSE;
  if (c->closing && is_established (c))
    return TRUE;
  if (c->peer < 0)
    return FALSE;
  ioctl (c->peer, SIOCOUTQ, &unacknowledged);
  if (unacknowledged > 0)
    return TRUE;
  return c->reading && !c->eof && was_sent_more (c);
}

/* Counts what came beside the data, and closes descriptors among it. */
static void
take_controls (Client *c, struct msghdr *message)
{
  for (struct cmsghdr *control = CMSG_FIRSTHDR (message); control != NULL;
       control = CMSG_NXTHDR (message, control)) {
    gsize n = (control->cmsg_len - CMSG_LEN (0)) / sizeof (gint);

    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
      g_string_append_printf (c->controls, " type %d/%d at byte %u",
          control->cmsg_level, control->cmsg_type, c->got->len);
      continue;
    }
    g_string_append_printf (c->controls,
        " %" G_GSIZE_FORMAT " descriptors at byte %u", n, c->got->len);
    for (gsize i = 0; i < n; i++) {
      gint fd;

      memcpy (&fd, CMSG_DATA (control) + i * sizeof (fd), sizeof (fd));
      close (fd);
    }
  }
}

static gssize
read_once (Client *c, gpointer data, gsize size)
{
  union
  {
    struct cmsghdr align;
    gchar room[1024];
  } control;
  struct iovec vec = {data, size};
  struct msghdr message = {.msg_iov = &vec,
      .msg_iovlen = 1,
      .msg_control = &control,
      .msg_controllen = sizeof (control)};
  gssize n;

  if (c->kind == CLIENT_PIPE || c->kind == CLIENT_FILE)
    return read (c->peer, data, size);
  n = recvmsg (c->peer, &message, MSG_CMSG_CLOEXEC);
  if (n >= 0)
    take_controls (c, &message);
  return n;
}

/* Reads all there is. Returns TRUE if there was something. */
gboolean
client_drain (Client *c)
{
  guint8 chunk[65536];
  gboolean any = FALSE;
  gssize n;

  if (!c->reading || c->eof || c->peer < 0)
    return FALSE;
  while ((n = read_once (c, chunk, sizeof (chunk))) > 0) {
    guint size = n;

    g_byte_array_append (c->got, chunk, size);
    g_array_append_val (c->records, size);
    any = TRUE;
  }
  if (n == 0 && c->kind != CLIENT_FILE)
    any = c->eof = TRUE;
  return any;
}
