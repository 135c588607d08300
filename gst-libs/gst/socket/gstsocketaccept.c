/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketaccept.c: one connection from a listening socket
 *
 * Here: accepting, also when descriptors have run out.
 * Not here: waiting, threads (gstsocketacceptor.h).
 *
 * When the process may not open more files, a connection cannot be taken, but
 * stays in the backlog, where it would keep the listener ready for ever.
 * Whoever listens holds a spare descriptor for that case: it is given up, the
 * connection taken and closed, and the spare opened again, so that the peer
 * learns at once that there is no room, and the processor stays idle.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketaccept.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/**
 * gst_socket_accept_open_spare: (skip)
 *
 * Opens what gst_socket_accept_one() spends when descriptors run out. Close
 * it when listening ends.
 *
 * Returns: a descriptor, -1 if there is none left
 */
gint
gst_socket_accept_open_spare (void)
{
  return open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

static gboolean
has_run_out (gint errsv)
{
  return errsv == EMFILE || errsv == ENFILE || errsv == ENOBUFS
      || errsv == ENOMEM;
}

/* Returns whether a connection was taken and closed. */
static gboolean
spend_spare (gint listener, gint *spare)
{
  gint fd;

  if (*spare < 0)
    return FALSE;
  close (*spare);
  fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0)
    close (fd);
  *spare = gst_socket_accept_open_spare ();
  return fd >= 0;
}

static GstSocketAccept
handle_failure (gint errsv, gint listener, gint *spare)
{
  if (errsv == EAGAIN || errsv == EWOULDBLOCK)
    return GST_SOCKET_ACCEPT_NONE;
  if (has_run_out (errsv))
    return spend_spare (listener, spare) ? GST_SOCKET_ACCEPT_REFUSED
                                         : GST_SOCKET_ACCEPT_STUCK;
  if (errsv == EINVAL || errsv == EBADF || errsv == ENOTSOCK)
    return GST_SOCKET_ACCEPT_BROKEN;
  /* What else fails (the peer has gone already, a firewall) concerns that one
   * connection, and it is out of the backlog. */
  return GST_SOCKET_ACCEPT_LOST;
}

/**
 * gst_socket_accept_one: (skip)
 * @listener: a listening descriptor, non-blocking
 * @spare: (inout): from gst_socket_accept_open_spare(); what is lost of it is
 *     opened again when there is room
 * @ret_fd: (out): the connection, non-blocking and the caller's to close
 *
 * Takes one connection, without waiting.
 *
 * Returns: what came of it; with anything but %GST_SOCKET_ACCEPT_TAKEN, errno
 *     says why, and @ret_fd stays untouched
 */
GstSocketAccept
gst_socket_accept_one (gint listener, gint *spare, gint *ret_fd)
{
  gint fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  GstSocketAccept result;
  gint errsv;

  if (fd < 0) {
    errsv = errno;
    result = handle_failure (errsv, listener, spare);
    errno = errsv;
    return result;
  }
  /* Lost when another thread took its number; now there is room again. */
  if (*spare < 0)
    *spare = gst_socket_accept_open_spare ();
  *ret_fd = fd;
  return GST_SOCKET_ACCEPT_TAKEN;
}
