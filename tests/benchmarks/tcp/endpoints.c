/* SPDX-License-Identifier: LGPL-2.1-or-later
 * endpoints.c: plain TCP sockets on the loopback interface
 *
 * Here: listening, accepting, connecting.
 * Not here: sending and receiving.
 */
#include "tcpbench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in
loopback (guint port)
{
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons (port)};

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  return address;
}

gint
bench_tcp_listen (guint *ret_port)
{
  struct sockaddr_in address = loopback (0);
  socklen_t size = sizeof address;
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (bind (fd, (struct sockaddr *) &address, size) < 0 || listen (fd, 1) < 0
      || getsockname (fd, (struct sockaddr *) &address, &size) < 0)
    g_printerr ("listen: %s\n", g_strerror (errno));
  *ret_port = ntohs (address.sin_port);
  return fd;
}

gint
bench_tcp_accept (gint listener)
{
  gint fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);

  close (listener);
  return fd;
}

gint
bench_tcp_connect (guint port)
{
  struct sockaddr_in address = loopback (port);
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    g_printerr ("connect: %s\n", g_strerror (errno));
  return fd;
}
