/* SPDX-License-Identifier: LGPL-2.1-or-later
 * multicast.c: tests of groups, own addresses and link news
 *
 * Here: gstsocketmulticast, gstsocketlocal, gstsocketlinkwatch, on a network
 * of two hosts.
 * Not here: elements (udpmulticast.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketlinkwatch.h>
#include <gst/socket/gstsocketlocal.h>
#include <gst/socket/gstsocketmulticast.h>

#include <string.h>

#include "netns.h"
#include "testutil.h"

typedef struct
{
  const gchar *group;
  const gchar *far;
  const gchar *other;
  GSocketFamily family;
} Family;

static const Family families[] = {
    {"239.77.0.1", "10.77.0.2", "10.77.0.3", G_SOCKET_FAMILY_IPV4},
    {"ff15::77", "fd77::2", "fd77::3", G_SOCKET_FAMILY_IPV6},
};

typedef struct
{
  const Family *family;
  GSocket *socket;
  GInetAddress *group;
  GInetAddress *far;
  guint iface;
  guint port;
} Member;

static void
member_init (Member *self, gint family)
{
  g_autoptr (GSocketAddress) address = NULL;

  self->family = &families[family];
  self->group = g_inet_address_new_from_string (self->family->group);
  self->far = g_inet_address_new_from_string (self->family->far);
  self->iface = gst_socket_local_find_interface ("near0", NULL);
  self->socket = g_socket_new (self->family->family, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);
  address = g_inet_socket_address_new (self->group, 0);
  fail_unless (g_socket_bind (self->socket, address, TRUE, NULL));
  g_clear_object (&address);
  address = g_socket_get_local_address (self->socket, NULL);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  g_socket_set_blocking (self->socket, FALSE);
  fail_unless (gst_socket_multicast_set_only_joined (
      g_socket_get_fd (self->socket), self->family->family, TRUE, NULL));
}

static void
member_clear (Member *self)
{
  g_object_unref (self->socket);
  g_object_unref (self->group);
  g_object_unref (self->far);
}

static int
fd_of (Member *self)
{
  return g_socket_get_fd (self->socket);
}

/* The cable hands packets over before sending returns. */
static gboolean
receives_from (Member *self, const gchar *from)
{
  gchar text[16];

  test_net_send (from, self->family->group, self->port, "hello");
  return g_socket_receive (self->socket, text, sizeof text, NULL, NULL) == 5;
}

GST_START_TEST (test_joined_group_is_received_until_it_is_left)
{
  Member self;

  member_init (&self, __i__);
  fail_if (receives_from (&self, self.family->far));
  fail_unless (gst_socket_multicast_join (
      fd_of (&self), self.group, self.iface, NULL, NULL));
  fail_unless (receives_from (&self, self.family->far));
  fail_unless (receives_from (&self, self.family->other));
  fail_unless (gst_socket_multicast_leave (
      fd_of (&self), self.group, self.iface, NULL, NULL));
  fail_if (receives_from (&self, self.family->far));
  member_clear (&self);
}
GST_END_TEST;

GST_START_TEST (test_joined_source_alone_is_received)
{
  Member self;

  member_init (&self, __i__);
  fail_unless (gst_socket_multicast_join (
      fd_of (&self), self.group, self.iface, self.far, NULL));
  fail_unless (receives_from (&self, self.family->far));
  fail_if (receives_from (&self, self.family->other));
  fail_unless (gst_socket_multicast_leave (
      fd_of (&self), self.group, self.iface, self.far, NULL));
  fail_if (receives_from (&self, self.family->far));
  member_clear (&self);
}
GST_END_TEST;

GST_START_TEST (test_blocked_source_is_not_received)
{
  Member self;

  member_init (&self, __i__);
  fail_unless (gst_socket_multicast_join (
      fd_of (&self), self.group, self.iface, NULL, NULL));
  fail_unless (gst_socket_multicast_block (
      fd_of (&self), self.group, self.iface, self.far, NULL));
  fail_if (receives_from (&self, self.family->far));
  fail_unless (receives_from (&self, self.family->other));
  fail_unless (gst_socket_multicast_unblock (
      fd_of (&self), self.group, self.iface, self.far, NULL));
  fail_unless (receives_from (&self, self.family->far));
  member_clear (&self);
}
GST_END_TEST;

GST_START_TEST (test_impossible_joins_are_errors)
{
  g_autoptr (GInetAddress) stranger =
      g_inet_address_new_from_string (families[1 - __i__].far);
  g_autoptr (GError) error = NULL;
  Member self;

  member_init (&self, __i__);
  fail_if (gst_socket_multicast_join (
      fd_of (&self), self.far, self.iface, NULL, &error));
  fail_unless (error->domain == G_IO_ERROR);
  g_clear_error (&error);
  fail_if (gst_socket_multicast_join (
      fd_of (&self), self.group, self.iface, stranger, &error));
  fail_unless (
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  g_clear_error (&error);
  fail_unless (gst_socket_multicast_join (
      fd_of (&self), self.group, self.iface, NULL, NULL));
  fail_if (gst_socket_multicast_join (
      fd_of (&self), self.group, self.iface, NULL, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE));
  member_clear (&self);
}
GST_END_TEST;

GST_START_TEST (test_membership_tolerates_what_is_joined_already)
{
  g_autoptr (GstSocketMembership) membership = NULL;
  g_autofree gchar *interfaces = NULL;
  GstSocketMembershipOptions options = {0};
  Member self;

  member_init (&self, __i__);
  fail_unless (gst_socket_multicast_join (
      fd_of (&self), self.group, self.iface, NULL, NULL));
  options.group = self.group;
  membership = gst_socket_membership_join (fd_of (&self), &options, NULL);
  fail_unless (membership != NULL);
  interfaces = gst_socket_membership_describe (membership);
  fail_unless_equals_string (interfaces, "near0");
  fail_unless_equals_int (gst_socket_membership_refresh (membership, NULL), 0);
  fail_unless_equals_int (gst_socket_membership_rejoin (membership), 1);
  fail_unless (receives_from (&self, self.family->far));
  g_clear_pointer (&membership, gst_socket_membership_leave);
  fail_if (receives_from (&self, self.family->far));
  member_clear (&self);
}
GST_END_TEST;

GST_START_TEST (test_sending_interface_can_be_chosen)
{
  Member self;

  member_init (&self, __i__);
  fail_unless (gst_socket_multicast_set_interface (
      fd_of (&self), self.family->family, self.iface, NULL));
  fail_if (gst_socket_multicast_set_interface (
      fd_of (&self), self.family->family, 12345, NULL));
  member_clear (&self);
}
GST_END_TEST;

GST_START_TEST (test_random_groups_are_free_to_use)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 10000; i++) {
    g_autoptr (GInetAddress) v4 =
        gst_socket_multicast_random_ssm (G_SOCKET_FAMILY_IPV4, rand);
    g_autoptr (GInetAddress) v6 =
        gst_socket_multicast_random_ssm (G_SOCKET_FAMILY_IPV6, NULL);
    const guint8 *bytes = g_inet_address_to_bytes (v4);

    fail_unless_equals_int (bytes[0], 232);
    fail_if (bytes[1] == 0 && bytes[2] == 0);
    bytes = g_inet_address_to_bytes (v6);
    fail_unless (
        bytes[0] == 0xff && bytes[1] == 0x3e && bytes[2] == 0 && bytes[3] == 0);
    fail_unless (bytes[12] & 0x80);
    fail_unless (g_inet_address_get_is_multicast (v6));
  }
}
GST_END_TEST;

/* ---- own addresses ---- */

GST_START_TEST (test_interfaces_are_found)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) far = g_inet_address_new_from_string ("10.77.0.2");
  g_autoptr (GInetAddress) none = g_inet_address_new_from_string ("192.0.2.1");
  guint index = gst_socket_local_find_interface ("near0", NULL);
  g_autofree gchar *name = gst_socket_local_get_interface_name (index);

  fail_unless (index != 0);
  fail_unless_equals_string (name, "near0");
  fail_unless_equals_int (
      gst_socket_local_find_interface (TEST_NET_NEAR4, NULL), index);
  fail_unless_equals_int (
      gst_socket_local_find_interface (TEST_NET_NEAR6, NULL), index);
  fail_unless_equals_int (
      gst_socket_local_find_interface_for_peer (far, NULL), index);
  fail_unless_equals_int (gst_socket_local_find_interface ("no0", &error), 0);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  g_clear_error (&error);
  fail_unless_equals_int (
      gst_socket_local_find_interface_for_peer (none, &error), 0);
  fail_unless (error != NULL);
  fail_unless (gst_socket_local_get_interface_name (12345) == NULL);
  fail_unless_equals_int (gst_socket_local_get_interface_flags (12345), 0);
  fail_unless (gst_socket_local_get_interface_flags (index)
      == (GST_SOCKET_INTERFACE_UP | GST_SOCKET_INTERFACE_RUNNING
          | GST_SOCKET_INTERFACE_MULTICAST));
}
GST_END_TEST;

static void
expect_address (GInetAddress *address, const gchar *wanted)
{
  g_autofree gchar *text = NULL;

  fail_unless (address != NULL);
  text = g_inet_address_to_string (address);
  fail_unless_equals_string (text, wanted);
}

GST_START_TEST (test_own_addresses_are_found)
{
  const gchar *near[] = {TEST_NET_NEAR4, TEST_NET_NEAR6};
  GSocketFamily family = families[__i__].family;
  g_autoptr (GPtrArray) addresses =
      gst_socket_local_get_addresses ("near0", family);
  g_autoptr (GPtrArray) all =
      gst_socket_local_get_addresses (NULL, G_SOCKET_FAMILY_INVALID);
  g_autoptr (GPtrArray) none = gst_socket_local_get_addresses ("no0", family);
  g_autoptr (GInetAddress) own = gst_socket_local_get_first_address (family);
  g_autoptr (GInetAddress) far =
      g_inet_address_new_from_string (families[__i__].far);
  g_autoptr (GInetAddress) towards =
      gst_socket_local_get_address_for_peer (far, NULL);

  expect_address (g_ptr_array_index (addresses, 0), near[__i__]);
  fail_unless (all->len > addresses->len);
  fail_unless_equals_int (none->len, 0);
  expect_address (own, near[__i__]);
  expect_address (towards, near[__i__]);
}
GST_END_TEST;

GST_START_TEST (test_loopback_is_no_first_address)
{
  g_autoptr (GInetAddress) own = NULL;

  test_net_near ("addr flush dev near0");
  own = gst_socket_local_get_first_address (G_SOCKET_FAMILY_INVALID);
  fail_unless (own == NULL);
}
GST_END_TEST;

/* ---- link news ---- */

typedef struct
{
  GstSocketLinkWatch *watch;
  GArray *lost;
} Watching;

static gboolean
hears_of_change (gpointer data)
{
  Watching *self = data;

  return gst_socket_link_watch_drain (self->watch, self->lost);
}

static gboolean
hears_of_loss (gpointer data)
{
  Watching *self = data;

  hears_of_change (self);
  return self->lost->len > 0;
}

GST_START_TEST (test_changes_of_links_are_noticed)
{
  guint index = gst_socket_local_find_interface ("near0", NULL);
  Watching self = {gst_socket_link_watch_new (NULL),
      g_array_new (FALSE, FALSE, sizeof (guint))};

  fail_unless (self.watch != NULL);
  while (hears_of_change (&self))
    ;
  test_net_near ("addr add 10.78.0.1/24 dev near0");
  fail_unless_eventually (hears_of_change, &self);
  g_array_set_size (self.lost, 0);
  /* Also when it is over before one looks. */
  test_net_near ("link set near0 down");
  test_net_near ("link set near0 up");
  fail_unless_eventually (hears_of_loss, &self);
  fail_unless_equals_int (g_array_index (self.lost, guint, 0), index);
  gst_socket_link_watch_free (self.watch);
  g_array_unref (self.lost);
}
GST_END_TEST;

static Suite *
multicast_suite (void)
{
  Suite *suite = suite_create ("multicast");
  TCase *tc = tcase_create ("general");
  const gint n = G_N_ELEMENTS (families);

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_net_begin, test_net_end);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (
      tc, test_joined_group_is_received_until_it_is_left, 0, n);
  tcase_add_loop_test (tc, test_joined_source_alone_is_received, 0, n);
  tcase_add_loop_test (tc, test_blocked_source_is_not_received, 0, n);
  tcase_add_loop_test (tc, test_impossible_joins_are_errors, 0, n);
  tcase_add_loop_test (
      tc, test_membership_tolerates_what_is_joined_already, 0, n);
  tcase_add_loop_test (tc, test_sending_interface_can_be_chosen, 0, n);
  tcase_add_test (tc, test_random_groups_are_free_to_use);
  tcase_add_test (tc, test_interfaces_are_found);
  tcase_add_loop_test (tc, test_own_addresses_are_found, 0, n);
  tcase_add_test (tc, test_loopback_is_no_first_address);
  tcase_add_test (tc, test_changes_of_links_are_noticed);
  return suite;
}

int
main (int argc, char **argv)
{
  if (!test_net_enter ())
    return TEST_NET_SKIPPED;
  gst_check_init (&argc, &argv);
  return gst_check_run_suite (multicast_suite (), "multicast", __FILE__);
}
