/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketmulticast.h: joining and leaving multicast groups
 *
 * Here: single joins by interface number, and memberships: a group on one or
 * many interfaces with source filters, kept up as links come and go.
 * Not here: noticing that links change (gstsocketlinkwatch), binding.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

#include <gio/gio.h>

G_BEGIN_DECLS

GST_SOCKET_API
gboolean gst_socket_multicast_join (int fd, GInetAddress *group, guint iface,
    GInetAddress *source, GError **error);
GST_SOCKET_API
gboolean gst_socket_multicast_leave (int fd, GInetAddress *group, guint iface,
    GInetAddress *source, GError **error);
GST_SOCKET_API
gboolean gst_socket_multicast_block (int fd, GInetAddress *group, guint iface,
    GInetAddress *source, GError **error);
GST_SOCKET_API
gboolean gst_socket_multicast_unblock (int fd, GInetAddress *group, guint iface,
    GInetAddress *source, GError **error);
GST_SOCKET_API
gboolean gst_socket_multicast_set_only_joined (
    int fd, GSocketFamily family, gboolean only_joined, GError **error);
GST_SOCKET_API
gboolean gst_socket_multicast_set_interface (
    int fd, GSocketFamily family, guint iface, GError **error);
GST_SOCKET_API
GInetAddress *gst_socket_multicast_random_ssm (
    GSocketFamily family, GRand *rand);

/**
 * GstSocketMembershipOptions: (skip)
 * @group: the multicast group
 * @interfaces: (nullable): names or addresses of interfaces, separated by
 *     commas, or `all`; %NULL for the one the routing table leads to
 * @include: (nullable) (element-type GInetAddress): the only senders to
 *     receive from
 * @exclude: (nullable) (element-type GInetAddress): senders not to receive
 *     from
 *
 * What to join. A sender in both lists is not received.
 */
typedef struct
{
  GInetAddress *group;
  const gchar *interfaces;
  GPtrArray *include;
  GPtrArray *exclude;
} GstSocketMembershipOptions;

typedef struct _GstSocketMembership GstSocketMembership;

GST_SOCKET_API
GstSocketMembership *gst_socket_membership_join (
    int fd, const GstSocketMembershipOptions *options, GError **error);
GST_SOCKET_API
void gst_socket_membership_leave (GstSocketMembership *membership);
GST_SOCKET_API
guint gst_socket_membership_refresh (
    GstSocketMembership *membership, GArray *lost);
GST_SOCKET_API
guint gst_socket_membership_rejoin (GstSocketMembership *membership);
GST_SOCKET_API
gchar *gst_socket_membership_describe (GstSocketMembership *membership);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketMembership, gst_socket_membership_leave)

G_END_DECLS
