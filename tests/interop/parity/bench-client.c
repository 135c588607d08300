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
#include <netinet/in.h>
#include <string.h>
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

static void
open_tcp (gint fds[2])
{
  struct sockaddr_in addr = { .sin_family = AF_INET };
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
  g_assert_cmpint (
      socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds), ==, 0);
}

Client *
client_new (Bench *b, ClientKind kind)
{
  Client *c = g_new0 (Client, 1);
  gint fds[2];

  c->bench = b;
  c->kind = kind;
  c->name = g_strdup_printf ("%c", 'a' + (gchar) b->clients->len);
  c->reading = TRUE;
  c->got = g_byte_array_new ();
  c->records = g_array_new (FALSE, FALSE, sizeof (guint));
  open_ends (c, fds);
  c->fd = fds[0];
  c->peer = fds[1];
  fcntl (c->peer, F_SETFL, fcntl (c->peer, F_GETFL) | O_NONBLOCK);
  if (b->by_socket)
    c->socket = g_socket_new_from_fd (c->fd, NULL);
  g_ptr_array_add (b->clients, c);
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
  close (c->peer);
  c->peer = -1;
  bench_settle (c->bench);
}

void
client_reset (Client *c)
{
  const struct linger now = { .l_onoff = 1, .l_linger = 0 };

  say ("%s resets", c->name);
  setsockopt (c->peer, SOL_SOCKET, SO_LINGER, &now, sizeof (now));
  close (c->peer);
  c->peer = -1;
  bench_settle (c->bench);
}

void
client_shutdown (Client *c, int how)
{
  say ("%s shuts down %s", c->name, how == SHUT_WR ? "writing" : "reading");
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

/* Reads all there is. Returns TRUE if there was something. */
gboolean
client_drain (Client *c)
{
  guint8 chunk[65536];
  gboolean any = FALSE;
  gssize n;

  if (!c->reading || c->eof || c->peer < 0)
    return FALSE;
  while ((n = read (c->peer, chunk, sizeof (chunk))) > 0) {
    guint size = n;

    g_byte_array_append (c->got, chunk, size);
    g_array_append_val (c->records, size);
    any = TRUE;
  }
  if (n == 0 && c->kind != CLIENT_FILE)
    any = c->eof = TRUE;
  return any;
}
