/* SPDX-License-Identifier: LGPL-2.1-or-later
 * link-peer.c: the peer of the one element under a script
 *
 * Here: connecting to the element or letting it connect, sending to it,
 * reading, going away. Not here: the element.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "link.h"
#include "link-private.h"
#include "bench.h"
#include "content.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOCALHOST "127.0.0.1"
#define MAX_DESCRIPTORS 8
#define ACCEPT_DEADLINE_MS 20000

static struct sockaddr_in
address_of (guint16 port)
{
  return (struct sockaddr_in){.sin_family = AF_INET,
      .sin_port = htons (port),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
}

static void
set_peer (Link *l, gint fd)
{
  if (l->peer >= 0)
    close (l->peer);
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  l->peer = fd;
  l->peer_ended = l->peer_end_shown = FALSE;
  l->pushed = 0;
  l->shown = 0;
  g_byte_array_set_size (l->read, 0);
}

static gint
open_listener (guint16 *ret_port)
{
  struct sockaddr_in addr = address_of (0);
  socklen_t len = sizeof (addr);
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (gpointer) &addr, len), ==, 0);
  g_assert_cmpint (listen (fd, 4), ==, 0);
  getsockname (fd, (gpointer) &addr, &len);
  *ret_port = ntohs (addr.sin_port);
  return fd;
}

void
link_listen (Link *l)
{
  l->listener = open_listener (&l->port);
  g_object_set (l->element, "host", LOCALHOST, "port", (gint) l->port, NULL);
}

void
link_accept (Link *l)
{
  struct pollfd pfd = {.fd = l->listener, .events = POLLIN};

  if (poll (&pfd, 1, ACCEPT_DEADLINE_MS) <= 0) {
    say ("  !! does not connect");
    return;
  }
  set_peer (l, accept4 (l->listener, NULL, NULL, SOCK_CLOEXEC));
  link_settle (l);
}

static gint
connect_to (guint16 port)
{
  struct sockaddr_in addr = address_of (port);
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (connect (fd, (gpointer) &addr, sizeof (addr)) == 0)
    return fd;
  close (fd);
  return -1;
}

static guint16
port_of_element (Link *l)
{
  gint port;

  g_object_get (l->element, "current-port", &port, NULL);
  return port;
}

void
link_connect (Link *l)
{
  gint fd = connect_to (port_of_element (l));

  say ("connect%s", fd < 0 ? ": refused" : "");
  if (fd >= 0)
    set_peer (l, fd);
  link_settle (l);
}

void
link_try (Link *l)
{
  gint fd = connect_to (port_of_element (l));

  say ("another one may connect: %s", fd < 0 ? "no" : "yes");
  if (fd >= 0)
    close (fd);
  link_settle (l);
}

static void
open_pair (gint type, gint fds[2])
{
  g_assert_cmpint (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds), ==, 0);
}

static void
give (Link *l, GSocket *socket)
{
  g_clear_object (&l->socket);
  l->socket = socket;
  g_object_set (l->element, "socket", socket, NULL);
}

void
link_pair (Link *l, gint type)
{
  gint fds[2];

  open_pair (type, fds);
  set_peer (l, fds[1]);
  give (l, g_socket_new_from_fd (fds[0], NULL));
}

void
link_next_pair (Link *l)
{
  gint fds[2];

  say ("peer closes, there is another one");
  open_pair (SOCK_STREAM, fds);
  g_object_set_data (
      G_OBJECT (l->element), "next", g_socket_new_from_fd (fds[0], NULL));
  set_peer (l, fds[1]);
  link_settle (l);
}

void
link_pair_tcp (Link *l)
{
  guint16 port;
  gint listener = open_listener (&port);
  gint fd = connect_to (port);

  set_peer (l, accept4 (listener, NULL, NULL, SOCK_CLOEXEC));
  close (listener);
  give (l, g_socket_new_from_fd (fd, NULL));
}

static gboolean
has (Link *l, const gchar *property)
{
  return g_object_class_find_property (
             G_OBJECT_GET_CLASS (l->element), property)
      != NULL;
}

void
link_start (Link *l)
{
  if (has (l, "socket")) {
    link_pair_tcp (l);
    link_state (l, GST_STATE_PLAYING);
  } else if (has (l, "current-port")) {
    g_object_set (l->element, "host", "127.0.0.1", "port", 0, NULL);
    link_state (l, GST_STATE_PLAYING);
    link_connect (l);
  } else {
    link_listen (l);
    link_state (l, GST_STATE_PLAYING);
    link_accept (l);
  }
}

/* --- what it does --- */

void
peer_send (Link *l, gsize size)
{
  g_autofree gchar *name = g_strdup_printf ("P%03u", l->next++);
  GBytes *bytes;

  size = size > 0 ? size : 10;
  say ("peer sends %s of %" G_GSIZE_FORMAT, name, size);
  g_mutex_lock (&l->lock);
  bytes = content_make (l->contents, name, size);
  g_mutex_unlock (&l->lock);
  if (send (l->peer, g_bytes_get_data (bytes, NULL), size, MSG_NOSIGNAL)
      != (gssize) size)
    say ("  not sent whole");
  link_settle (l);
}

void
peer_send_empty (Link *l)
{
  say ("peer sends nothing");
  send (l->peer, "", 0, MSG_NOSIGNAL);
  link_settle (l);
}

/* Descriptors of our input, beside bytes that are no content. */
void
peer_send_descriptors (Link *l, guint n)
{
  union
  {
    struct cmsghdr header;
    gchar room[CMSG_SPACE (MAX_DESCRIPTORS * sizeof (gint))];
  } control = {0};
  gchar text[] = "xxxxxxxxxx";
  struct iovec vec = {text, strlen (text)};
  struct msghdr message = {.msg_iov = &vec,
      .msg_iovlen = 1,
      .msg_control = &control,
      .msg_controllen = CMSG_SPACE (n * sizeof (gint))};
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (n * sizeof (gint));
  for (guint i = 0; i < n; i++)
    memcpy (CMSG_DATA (header) + i * sizeof (gint), &(gint){0}, sizeof (gint));
  say ("peer sends %u descriptors: %s", n,
      sendmsg (l->peer, &message, MSG_NOSIGNAL) > 0 ? "done" : "failed");
  link_settle (l);
}

static void
close_peer (Link *l)
{
  close (l->peer);
  l->peer = -1;
}

void
peer_close (Link *l)
{
  say ("peer closes");
  close_peer (l);
}

void
peer_reset (Link *l)
{
  const struct linger now = {.l_onoff = 1, .l_linger = 0};

  say ("peer resets");
  setsockopt (l->peer, SOL_SOCKET, SO_LINGER, &now, sizeof (now));
  close_peer (l);
}

void
peer_shutdown (Link *l, gint how)
{
  say ("peer shuts down %s", how == SHUT_WR ? "writing" : "reading");
  shutdown (l->peer, how);
}

void
peer_read (Link *l, gboolean reads)
{
  say ("peer %s", reads ? "reads" : "does not read");
  l->peer_reads = reads;
  if (reads)
    link_settle (l);
}

/* --- what it got --- */

gboolean
link_peer_drain (Link *l)
{
  guint8 chunk[65536];
  gboolean any = FALSE;
  gssize n;

  if (l->peer < 0 || !l->peer_reads || l->peer_ended)
    return FALSE;
  while ((n = recv (l->peer, chunk, sizeof (chunk), 0)) > 0) {
    g_byte_array_append (l->read, chunk, n);
    any = TRUE;
  }
  if (n == 0)
    any = l->peer_ended = TRUE;
  return any;
}

static gboolean
is_tcp (gint fd)
{
  gint domain = 0;
  socklen_t len = sizeof (domain);

  return getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0
      && domain == AF_INET;
}

/* What either side has sent, and the other's kernel has not got; of a sink,
 * what it has sent and we have not read. */
gboolean
link_peer_is_under_way (Link *l)
{
  gint unacknowledged = 0;

  if (l->peer < 0)
    return FALSE;
  if (is_tcp (l->peer))
    ioctl (l->peer, SIOCOUTQ, &unacknowledged);
  if (unacknowledged > 0)
    return TRUE;
  return !l->is_source && l->peer_reads && !l->peer_ended
      && l->read->len < l->pushed;
}

void
link_peer_print (Link *l)
{
  g_autoptr (GString) line = g_string_new (NULL);

  if (l->read->len > l->shown)
    content_decode (
        l->contents, l->read->data + l->shown, l->read->len - l->shown, line);
  l->shown = l->read->len;
  if (line->len > 0)
    say ("  peer got%s", line->str);
  if (l->peer_ended && !l->peer_end_shown)
    say ("  peer sees the end");
  l->peer_end_shown = l->peer_ended;
}
