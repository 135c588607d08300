/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketlinkwatch.c: notices when network links or addresses change
 *
 * Here: a netlink socket and the reading of its messages.
 * Not here: threads; what to do about a change.
 *
 * GNetworkMonitor tells of addresses and routes, but not of a cable that was
 * pulled and put back, which is the very thing a multicast receiver must know.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketlinkwatch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUPS                                                                 \
  (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE   \
      | RTMGRP_IPV6_ROUTE)

/**
 * GstSocketLinkWatch: (skip)
 *
 * Watches the network of the thread that made it. Use it from one thread at a
 * time: poll its descriptor for reading, then drain it.
 */
struct _GstSocketLinkWatch
{
  int fd;
};

/**
 * gst_socket_link_watch_new: (skip)
 * @error: return location for an error
 *
 * Returns: (transfer full): a new watch, or %NULL
 */
GstSocketLinkWatch *
gst_socket_link_watch_new (GError **error)
{
  g_autoptr (GstSocketLinkWatch) watch = g_new0 (GstSocketLinkWatch, 1);
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
  int saved_errno;

  watch->fd = socket (
      AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (watch->fd >= 0
      && bind (watch->fd, (struct sockaddr *) &address, sizeof address) == 0)
    return g_steal_pointer (&watch);
  saved_errno = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
      "watching the network links: %s", g_strerror (saved_errno));
  return NULL;
}

/**
 * gst_socket_link_watch_free: (skip)
 * @watch: (nullable) (transfer full): a watch
 */
void
gst_socket_link_watch_free (GstSocketLinkWatch *watch)
{
  if (watch == NULL)
    return;
  if (watch->fd >= 0)
    close (watch->fd);
  g_free (watch);
}

/**
 * gst_socket_link_watch_get_fd: (skip)
 * @watch: a watch
 *
 * Returns: the descriptor to poll for reading; it stays the watch's
 */
int
gst_socket_link_watch_get_fd (GstSocketLinkWatch *watch)
{
  return watch->fd;
}

/* A link that is deleted, switched off or without carrier. */
static gboolean
is_lost (const struct nlmsghdr *header, guint *ret_index)
{
  const struct ifinfomsg *info = NLMSG_DATA (header);

  if (header->nlmsg_len < NLMSG_LENGTH (sizeof *info))
    return FALSE;
  if (header->nlmsg_type == RTM_NEWLINK && (info->ifi_flags & IFF_UP)
      && (info->ifi_flags & IFF_RUNNING))
    return FALSE;
  *ret_index = info->ifi_index;
  return TRUE;
}

static gboolean
read_messages (const guint8 *data, gint size, GArray *lost)
{
  const struct nlmsghdr *header = (const struct nlmsghdr *) data;
  gboolean changed = FALSE;
  guint index;

  /* What is aligned may reach beyond the end: size is negative then. */
  for (; size > 0 && NLMSG_OK (header, (guint) size);
       header = NLMSG_NEXT (header, size)) {
    switch (header->nlmsg_type) {
      case RTM_NEWLINK:
      case RTM_DELLINK:
        if (lost != NULL && is_lost (header, &index))
          g_array_append_val (lost, index);
        changed = TRUE;
        break;
      case RTM_NEWADDR:
      case RTM_DELADDR:
      case RTM_NEWROUTE:
      case RTM_DELROUTE:
        changed = TRUE;
        break;
      default:
        break;
    }
  }
  return changed;
}

/**
 * gst_socket_link_watch_drain: (skip)
 * @watch: a watch
 * @lost: (nullable) (element-type guint): where to append the numbers of the
 *     interfaces that were without link at any time since the last call, even
 *     if only for a moment
 *
 * Reads all that is waiting, without waiting for more.
 *
 * Returns: whether a link, an address or a route changed since the last call,
 *     or may have, because there was too much news for the kernel to keep
 */
gboolean
gst_socket_link_watch_drain (GstSocketLinkWatch *watch, GArray *lost)
{
  guint8 data[8192] __attribute__ ((aligned (NLMSG_ALIGNTO)));
  gboolean changed = FALSE;
  gssize size;

  for (;;) {
    size = recv (watch->fd, data, sizeof data, MSG_DONTWAIT);
    if (size > 0)
      changed |= read_messages (data, size, lost);
    else if (size < 0 && errno == ENOBUFS)
      changed = TRUE;
    else if (size == 0 || errno != EINTR)
      return changed;
  }
}
