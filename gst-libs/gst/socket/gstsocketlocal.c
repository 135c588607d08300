/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketlocal.c: this host's own interfaces and addresses
 *
 * Here: getifaddrs, interface names and numbers, and asking the routing table.
 * Not here: names of other hosts, joining groups, noticing changes.
 *
 * Nothing is cached: a laptop changes its addresses while it runs.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketlocal.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct ifaddrs Interfaces;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Interfaces, freeifaddrs)

static Interfaces *
list_interfaces (void)
{
  Interfaces *list = NULL;

  return getifaddrs (&list) == 0 ? list : NULL;
}

static GstSocketInterfaceFlags
translate_flags (guint flags)
{
  return (flags & IFF_UP ? GST_SOCKET_INTERFACE_UP : 0)
      | (flags & IFF_RUNNING ? GST_SOCKET_INTERFACE_RUNNING : 0)
      | (flags & IFF_MULTICAST ? GST_SOCKET_INTERFACE_MULTICAST : 0)
      | (flags & IFF_LOOPBACK ? GST_SOCKET_INTERFACE_LOOPBACK : 0);
}

/* Returns NULL for what is not an IP address. */
static GInetAddress *
address_from_native (const struct sockaddr *native)
{
  if (native == NULL)
    return NULL;
  if (native->sa_family == AF_INET)
    return g_inet_address_new_from_bytes (
        (const guint8 *) &((const struct sockaddr_in *) native)->sin_addr,
        G_SOCKET_FAMILY_IPV4);
  if (native->sa_family == AF_INET6)
    return g_inet_address_new_from_bytes (
        (const guint8 *) &((const struct sockaddr_in6 *) native)->sin6_addr,
        G_SOCKET_FAMILY_IPV6);
  return NULL;
}

static gboolean
is_family (GInetAddress *address, GSocketFamily family)
{
  return family == G_SOCKET_FAMILY_INVALID
      || g_inet_address_get_family (address) == family;
}

/**
 * gst_socket_local_get_addresses:
 * @iface: (nullable): name of an interface; %NULL for those of all
 * @family: the family, or %G_SOCKET_FAMILY_INVALID for IPv4 and IPv6
 *
 * The host's own addresses on interfaces that are up, loopback included.
 *
 * Returns: (transfer full) (element-type GInetAddress): the addresses, perhaps
 *     none
 */
GPtrArray *
gst_socket_local_get_addresses (const gchar *iface, GSocketFamily family)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (Interfaces) list = list_interfaces ();

  for (Interfaces *i = list; i != NULL; i = i->ifa_next) {
    g_autoptr (GInetAddress) address = address_from_native (i->ifa_addr);

    if (address == NULL || !is_family (address, family))
      continue;
    if (!(i->ifa_flags & IFF_UP))
      continue;
    if (iface == NULL || g_str_equal (iface, i->ifa_name))
      g_ptr_array_add (addresses, g_steal_pointer (&address));
  }
  return addresses;
}

/* The wider an address is known, the better it names this host to others. */
static guint
rank_address (GInetAddress *address)
{
  if (g_inet_address_get_is_loopback (address))
    return 0;
  return g_inet_address_get_is_link_local (address) ? 1 : 2;
}

/**
 * gst_socket_local_get_first_address:
 * @family: the family, or %G_SOCKET_FAMILY_INVALID for either
 *
 * An address by which others may know this host, when there is no peer to tell
 * by which; otherwise gst_socket_local_get_address_for_peer() is right.
 *
 * Returns: (transfer full) (nullable): the first address that is not loopback,
 *     one of global scope if there is any; %NULL when there is none
 */
GInetAddress *
gst_socket_local_get_first_address (GSocketFamily family)
{
  g_autoptr (GPtrArray) all = gst_socket_local_get_addresses (NULL, family);
  GInetAddress *best = NULL;

  for (guint i = 0; i < all->len; i++) {
    GInetAddress *address = g_ptr_array_index (all, i);

    if (rank_address (address) > (best ? rank_address (best) : 0))
      best = address;
  }
  return best != NULL ? g_object_ref (best) : NULL;
}

static void
set_error_from_errno (GError **error, int code, const gchar *what)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what,
      g_strerror (code));
}

/**
 * gst_socket_local_get_address_for_peer:
 * @peer: where packets would go; may be a multicast group
 * @error: return location for an error
 *
 * The own address that packets to @peer would carry. Nothing is sent.
 *
 * Returns: (transfer full): the address, or %NULL when there is no route
 */
GInetAddress *
gst_socket_local_get_address_for_peer (GInetAddress *peer, GError **error)
{
  /* Connecting a datagram socket only looks up the route. The discard port. */
  g_autoptr (GSocketAddress) to = g_inet_socket_address_new (peer, 9);
  g_autoptr (GSocketAddress) from = NULL;
  g_autoptr (GSocket) socket = g_socket_new (g_inet_address_get_family (peer),
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);

  if (socket == NULL || !g_socket_connect (socket, to, NULL, error))
    return NULL;
  from = g_socket_get_local_address (socket, error);
  if (from == NULL)
    return NULL;
  return g_object_ref (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (from)));
}

static guint
find_interface_by_address (GInetAddress *wanted)
{
  g_autoptr (Interfaces) list = list_interfaces ();

  for (Interfaces *i = list; i != NULL; i = i->ifa_next) {
    g_autoptr (GInetAddress) address = address_from_native (i->ifa_addr);

    if (address != NULL && g_inet_address_equal (address, wanted))
      return if_nametoindex (i->ifa_name);
  }
  return 0;
}

/**
 * gst_socket_local_find_interface:
 * @name_or_address: an interface's name, or one of its addresses
 * @error: return location for an error
 *
 * Returns: the interface's number, or 0 with %G_IO_ERROR_NOT_FOUND
 */
guint
gst_socket_local_find_interface (const gchar *name_or_address, GError **error)
{
  g_autoptr (GInetAddress) address = NULL;
  guint index = if_nametoindex (name_or_address);

  if (index == 0) {
    address = g_inet_address_new_from_string (name_or_address);
    if (address != NULL)
      index = find_interface_by_address (address);
  }
  if (index == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "this host has no network interface \"%s\"", name_or_address);
  return index;
}

typedef struct
{
  struct nlmsghdr header;
  struct rtmsg route;
  struct rtattr attribute;
  guint8 address[16];
} RouteRequest;

static void
fill_request (RouteRequest *request, GInetAddress *peer)
{
  gsize size = g_inet_address_get_native_size (peer);

  memset (request, 0, sizeof *request);
  request->header.nlmsg_type = RTM_GETROUTE;
  request->header.nlmsg_flags = NLM_F_REQUEST;
  request->header.nlmsg_len =
      G_STRUCT_OFFSET (RouteRequest, address) + NLMSG_ALIGN (size);
  request->route.rtm_family = g_inet_address_get_family (peer);
  request->route.rtm_dst_len = size * 8;
  request->attribute.rta_type = RTA_DST;
  request->attribute.rta_len = RTA_LENGTH (size);
  memcpy (request->address, g_inet_address_to_bytes (peer), size);
}

/* Returns the outgoing interface's number, or 0 and in *ret_errno why not. */
static guint
parse_answer (const guint8 *data, gint size, int *ret_errno)
{
  const struct nlmsghdr *header = (const struct nlmsghdr *) data;
  const struct rtattr *attribute;
  gint left;

  *ret_errno = ENETUNREACH;
  if (size <= 0 || !NLMSG_OK (header, (guint) size))
    return 0;
  if (header->nlmsg_type == NLMSG_ERROR
      && header->nlmsg_len >= NLMSG_LENGTH (sizeof (struct nlmsgerr)))
    *ret_errno = -((const struct nlmsgerr *) NLMSG_DATA (header))->error;
  if (header->nlmsg_type != RTM_NEWROUTE
      || header->nlmsg_len < NLMSG_LENGTH (sizeof (struct rtmsg)))
    return 0;

  attribute = RTM_RTA ((const struct rtmsg *) NLMSG_DATA (header));
  left = RTM_PAYLOAD (header);
  for (; RTA_OK (attribute, left); attribute = RTA_NEXT (attribute, left)) {
    guint32 index;

    if (attribute->rta_type != RTA_OIF
        || RTA_PAYLOAD (attribute) < sizeof index)
      continue;
    memcpy (&index, RTA_DATA (attribute), sizeof index);
    return index;
  }
  return 0;
}

/**
 * gst_socket_local_find_interface_for_peer:
 * @peer: where packets would go; may be a multicast group
 * @error: return location for an error
 *
 * Asks the routing table. Nothing is sent.
 *
 * Returns: the number of the interface that leads to @peer, or 0 when none
 *     does
 */
guint
gst_socket_local_find_interface_for_peer (GInetAddress *peer, GError **error)
{
  guint8 answer[4096] __attribute__ ((aligned (NLMSG_ALIGNTO)));
  RouteRequest request;
  gssize size = -1;
  int fd, code;
  guint index;

  fill_request (&request, peer);
  fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd >= 0 && send (fd, &request, request.header.nlmsg_len, 0) >= 0)
    size = recv (fd, answer, sizeof answer, 0);
  code = errno;
  if (fd >= 0)
    close (fd);
  if (size < 0) {
    set_error_from_errno (error, code, "asking the routing table");
    return 0;
  }
  index = parse_answer (answer, size, &code);
  if (index == 0)
    set_error_from_errno (error, code, "no network interface leads there");
  return index;
}

static gint
compare_index (gconstpointer a, gconstpointer b)
{
  const guint *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

/**
 * gst_socket_local_get_interfaces:
 * @required: what an interface must be
 *
 * Returns: (transfer full) (element-type guint): the numbers of all interfaces
 *     that are all of @required, rising
 */
GArray *
gst_socket_local_get_interfaces (GstSocketInterfaceFlags required)
{
  GArray *indices = g_array_new (FALSE, FALSE, sizeof (guint));
  struct if_nameindex *names = if_nameindex ();

  for (guint i = 0; names != NULL && names[i].if_index != 0; i++) {
    guint index = names[i].if_index;

    if ((gst_socket_local_get_interface_flags (index) & required) == required)
      g_array_append_val (indices, index);
  }
  if (names != NULL)
    if_freenameindex (names);
  g_array_sort (indices, compare_index);
  return indices;
}

/**
 * gst_socket_local_get_interface_flags:
 * @index: an interface's number
 *
 * Returns: what it is now; 0 when there is none of that number
 */
GstSocketInterfaceFlags
gst_socket_local_get_interface_flags (guint index)
{
  struct ifreq request = {0};
  GstSocketInterfaceFlags flags = 0;
  int fd;

  if (if_indextoname (index, request.ifr_name) == NULL)
    return 0;
  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return 0;
  if (ioctl (fd, SIOCGIFFLAGS, &request) == 0)
    flags = translate_flags ((guint16) request.ifr_flags);
  close (fd);
  return flags;
}

/**
 * gst_socket_local_get_interface_name:
 * @index: an interface's number
 *
 * Returns: (transfer full) (nullable): its name, or %NULL when there is none
 *     of that number
 */
gchar *
gst_socket_local_get_interface_name (guint index)
{
  gchar name[IF_NAMESIZE];

  return if_indextoname (index, name) != NULL ? g_strdup (name) : NULL;
}
