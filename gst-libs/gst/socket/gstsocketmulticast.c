/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketmulticast.c: joining and leaving single multicast groups
 *
 * Here: the kernel's calls for one group on one interface, with or without a
 * source, alike for IPv4 and IPv6.
 * Not here: lists of interfaces and sources (gstsocketmembership.c), binding.
 *
 * GIO joins too, but takes interfaces by name only, which cannot name one that
 * was chosen by address or route, and it cannot block a source.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketmulticast.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static int
level_of (GSocketFamily family)
{
  return family == G_SOCKET_FAMILY_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

static gboolean
fill_native (
    GInetAddress *address, struct sockaddr_storage *native, GError **error)
{
  g_autoptr (GSocketAddress) full = g_inet_socket_address_new (address, 0);

  return g_socket_address_to_native (full, native, sizeof *native, error);
}

static gboolean
check_errno (int result, const gchar *what, GInetAddress *group, GError **error)
{
  g_autofree gchar *text = NULL;
  int saved_errno = errno;

  if (result == 0)
    return TRUE;
  text = g_inet_address_to_string (group);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
      "%s multicast group %s: %s", what, text, g_strerror (saved_errno));
  return FALSE;
}

static gboolean
change_group (int fd, int option, GInetAddress *group, guint iface,
    const gchar *what, GError **error)
{
  struct group_req request = {.gr_interface = iface};
  int level = level_of (g_inet_address_get_family (group));

  if (!fill_native (group, &request.gr_group, error))
    return FALSE;
  return check_errno (setsockopt (fd, level, option, &request, sizeof request),
      what, group, error);
}

typedef struct
{
  int option;
  guint iface;
  const gchar *what;
} SourceChange;

static gboolean
change_source (int fd, const SourceChange *change, GInetAddress *group,
    GInetAddress *source, GError **error)
{
  struct group_source_req request = {.gsr_interface = change->iface};
  int level = level_of (g_inet_address_get_family (group));

  if (g_inet_address_get_family (source) != g_inet_address_get_family (group)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a multicast group and its sources must be of one address family");
    return FALSE;
  }
  if (!fill_native (group, &request.gsr_group, error)
      || !fill_native (source, &request.gsr_source, error))
    return FALSE;
  return check_errno (
      setsockopt (fd, level, change->option, &request, sizeof request),
      change->what, group, error);
}

/**
 * gst_socket_multicast_join:
 * @fd: a datagram socket of the group's family
 * @group: the group
 * @iface: number of the interface, 0 for the one the kernel would choose
 * @source: (nullable): the sender to receive from; %NULL for any
 * @error: return location for an error
 *
 * Joins a group. With a source it may be called again for further ones.
 *
 * Returns: whether it worked; %G_IO_ERROR_ADDRESS_IN_USE when the socket is a
 *     member already
 */
gboolean
gst_socket_multicast_join (int fd, GInetAddress *group, guint iface,
    GInetAddress *source, GError **error)
{
  const SourceChange change = {MCAST_JOIN_SOURCE_GROUP, iface, "joining"};

  if (source != NULL)
    return change_source (fd, &change, group, source, error);
  return change_group (fd, MCAST_JOIN_GROUP, group, iface, "joining", error);
}

/**
 * gst_socket_multicast_leave:
 * @fd: a datagram socket
 * @group: the group
 * @iface: number of the interface; need not exist any longer
 * @source: (nullable): the sender it was joined with, %NULL for any
 * @error: return location for an error
 *
 * Returns: whether it worked
 */
gboolean
gst_socket_multicast_leave (int fd, GInetAddress *group, guint iface,
    GInetAddress *source, GError **error)
{
  const SourceChange change = {MCAST_LEAVE_SOURCE_GROUP, iface, "leaving"};

  if (source != NULL)
    return change_source (fd, &change, group, source, error);
  return change_group (fd, MCAST_LEAVE_GROUP, group, iface, "leaving", error);
}

/**
 * gst_socket_multicast_block:
 * @fd: a datagram socket that joined the group without a source
 * @group: the group
 * @iface: number of the interface
 * @source: the sender not to receive from
 * @error: return location for an error
 *
 * Returns: whether it worked
 */
gboolean
gst_socket_multicast_block (int fd, GInetAddress *group, guint iface,
    GInetAddress *source, GError **error)
{
  const SourceChange change = {
      MCAST_BLOCK_SOURCE, iface, "blocking a source of"};

  return change_source (fd, &change, group, source, error);
}

/**
 * gst_socket_multicast_unblock:
 * @fd: a datagram socket
 * @group: the group
 * @iface: number of the interface
 * @source: a blocked sender
 * @error: return location for an error
 *
 * Returns: whether it worked
 */
gboolean
gst_socket_multicast_unblock (int fd, GInetAddress *group, guint iface,
    GInetAddress *source, GError **error)
{
  const SourceChange change = {
      MCAST_UNBLOCK_SOURCE, iface, "unblocking a source of"};

  return change_source (fd, &change, group, source, error);
}

static gboolean
set_option (int fd, int level, int option, int value, GError **error)
{
  int saved_errno;

  if (setsockopt (fd, level, option, &value, sizeof value) == 0)
    return TRUE;
  saved_errno = errno;
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
      g_strerror (saved_errno));
  return FALSE;
}

/**
 * gst_socket_multicast_set_only_joined:
 * @fd: a datagram socket
 * @family: its family
 * @only_joined: whether it receives only the groups it joined itself
 * @error: return location for an error
 *
 * By default Linux also hands a socket the groups that any other socket of the
 * host has joined, if it is bound to their port.
 *
 * Returns: whether it worked; for IPv6 it needs Linux 4.20
 */
gboolean
gst_socket_multicast_set_only_joined (
    int fd, GSocketFamily family, gboolean only_joined, GError **error)
{
  if (family == G_SOCKET_FAMILY_IPV6)
    return set_option (
        fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, !only_joined, error);
  return set_option (fd, IPPROTO_IP, IP_MULTICAST_ALL, !only_joined, error);
}

/**
 * gst_socket_multicast_set_interface:
 * @fd: a datagram socket
 * @family: its family
 * @iface: number of the interface, 0 for the one the routing table leads to
 * @error: return location for an error
 *
 * Chooses the interface by which the socket sends to groups.
 *
 * Returns: whether it worked
 */
gboolean
gst_socket_multicast_set_interface (
    int fd, GSocketFamily family, guint iface, GError **error)
{
  struct ip_mreqn request = {.imr_ifindex = iface};
  int saved_errno;

  if (family == G_SOCKET_FAMILY_IPV6)
    return set_option (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, iface, error);
  if (setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request)
      == 0)
    return TRUE;
  saved_errno = errno;
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
      g_strerror (saved_errno));
  return FALSE;
}

/**
 * gst_socket_multicast_random_ssm:
 * @family: %G_SOCKET_FAMILY_IPV4 or %G_SOCKET_FAMILY_IPV6
 * @rand: (nullable): where chance comes from; %NULL for GLib's own
 *
 * Makes up a group for source-specific multicast, of those that a host may
 * choose by itself (RFC 4607): 232.0.1.0 to 232.255.255.255, or
 * ff3e::8000:0 to ff3e::ffff:ffff.
 *
 * Returns: (transfer full): the group
 */
GInetAddress *
gst_socket_multicast_random_ssm (GSocketFamily family, GRand *rand)
{
  guint32 chance = rand != NULL ? g_rand_int (rand) : g_random_int ();
  guint8 bytes[16] = {0xff, 0x3e};

  if (family == G_SOCKET_FAMILY_IPV6) {
    GST_WRITE_UINT32_BE (bytes + 12, chance | 0x80000000u);
    return g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6);
  }
  chance = 0x100 + chance % (0x1000000 - 0x100);
  GST_WRITE_UINT32_BE (bytes, 0xe8000000u | chance);
  return g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV4);
}
