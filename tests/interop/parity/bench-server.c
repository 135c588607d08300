/* SPDX-License-Identifier: LGPL-2.1-or-later
 * bench-server.c: clients that connect to the element under a script
 *
 * Here: connecting to its current port, waiting until it took the client in,
 * and reading options of its end. Not here: all other clients.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "bench.h"
#include "bench-private.h"

#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEADLINE_US (20 * G_USEC_PER_SEC)

/* Returns: the element's address in @ret_address, of @ret_len bytes. */
static gboolean
find_address (Bench *b, const gchar *host, struct sockaddr_storage *ret_address,
    socklen_t *ret_len)
{
  const struct addrinfo hints = {
      .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
  g_autofree gchar *service = NULL;
  struct addrinfo *found;
  gint port;

  g_object_get (b->sink, "current-port", &port, NULL);
  service = g_strdup_printf ("%d", port);
  if (port == 0 || getaddrinfo (host, service, &hints, &found) != 0)
    return FALSE;
  memcpy (ret_address, found->ai_addr, found->ai_addrlen);
  *ret_len = found->ai_addrlen;
  freeaddrinfo (found);
  return TRUE;
}

/* Binds it to a port of its own, and returns that. */
static guint16
take_port (gint fd, gint family)
{
  struct sockaddr_storage here = {.ss_family = family};
  socklen_t len = sizeof (here);
  gchar service[NI_MAXSERV];

  bind (fd, (gpointer) &here,
      family == AF_INET6 ? sizeof (struct sockaddr_in6)
                         : sizeof (struct sockaddr_in));
  getsockname (fd, (gpointer) &here, &len);
  getnameinfo ((gpointer) &here, len, NULL, 0, service, sizeof (service),
      NI_NUMERICSERV);
  return g_ascii_strtoull (service, NULL, 10);
}

static void
wait_for_handles (Bench *b, guint wanted)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_US;
  guint handles = 0;

  while (handles < wanted && g_get_monotonic_time () < deadline) {
    g_thread_yield ();
    g_object_get (b->sink, "num-handles", &handles, NULL);
  }
}

/* The client is listed before it connects: the element may say that it was
 * added before connect () is back. */
Client *
server_client (Bench *b, const gchar *host)
{
  Client *c = client_alloc (b, CLIENT_TCP);
  struct sockaddr_storage address;
  gboolean connected = FALSE;
  socklen_t len;
  guint handles;

  g_object_get (b->sink, "num-handles", &handles, NULL);
  c->of_server = TRUE;
  if (find_address (b, host, &address, &len)) {
    c->peer = socket (address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    c->local_port = take_port (c->peer, address.ss_family);
    client_list (c);
    connected = connect (c->peer, (gpointer) &address, len) == 0;
    fcntl (c->peer, F_SETFL, O_NONBLOCK);
  }
  say ("%s connects to %s: %s", c->name, host, connected ? "yes" : "no");
  if (connected)
    wait_for_handles (b, handles + 1);
  bench_settle (b);
  return c;
}

void
server_try (Bench *b, const gchar *host)
{
  struct sockaddr_storage address;
  gboolean connected = FALSE;
  socklen_t len;
  gint fd;

  if (find_address (b, host, &address, &len)) {
    fd = socket (address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connected = connect (fd, (gpointer) &address, len) == 0;
    close (fd);
  }
  say ("%s can be reached: %s", host, connected ? "yes" : "no");
}

void
client_show_option (Client *c, const gchar *name, gint level, gint option)
{
  gint value = -1;
  socklen_t len = sizeof (value);
  gint fd = c->socket != NULL ? g_socket_get_fd (c->socket) : c->fd;

  if (getsockopt (fd, level, option, &value, &len) < 0)
    say ("  %s of %s: none", name, c->name);
  else
    say ("  %s of %s: %d", name, c->name, value);
}
