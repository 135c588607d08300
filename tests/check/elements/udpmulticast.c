/* SPDX-License-Identifier: LGPL-2.1-or-later
 * udpmulticast.c: tests of udpserversrc on a network of two hosts
 *
 * Here: groups, sources, interfaces, and links that go and come back. Each
 * test runs for IPv4 and for IPv6.
 * Not here: what needs one host only (udpserversrc.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/socket/gstsocketlocal.h>

#include <string.h>

#include "netns.h"
#include "testutil.h"
#include "udppeer.h"

#define MAX_RESUME_US (2 * G_USEC_PER_SEC)

typedef struct
{
  const gchar *group;
  const gchar *ssm_group;
  const gchar *near;
  const gchar *far;
  const gchar *other; /* the far host's second address */
} Family;

static const Family families[] = {
    {"239.77.0.1", "232.77.0.1", TEST_NET_NEAR4, "10.77.0.2", "10.77.0.3"},
    {"ff15::77", "ff35::8000:77", TEST_NET_NEAR6, "fd77::2", "fd77::3"},
};

/* Sends a text and looks whether it came, as a condition to wait for. Each
 * phase of a test has a text of its own, as packets of the one before may
 * still be on their way. */
typedef struct
{
  UdpTest *test;
  const gchar *from;
  const gchar *group;
  const gchar *text;
} Trial;

static gboolean
text_arrives (gpointer data)
{
  Trial *trial = data;
  gboolean found = FALSE;
  GstBuffer *buffer;

  test_net_send (trial->from, trial->group, trial->test->port, trial->text);
  while ((buffer = gst_harness_try_pull (trial->test->harness)) != NULL) {
    found |= gst_buffer_get_size (buffer) == strlen (trial->text)
        && gst_buffer_memcmp (buffer, 0, trial->text, strlen (trial->text))
            == 0;
    gst_buffer_unref (buffer);
  }
  return found;
}

static void
expect_text (UdpTest *test, const gchar *text)
{
  udp_test_expect (test, text, strlen (text));
}

static void
send_to_group (const Family *family, UdpTest *test, const gchar *text)
{
  test_net_send (family->far, family->group, test->port, text);
}

static void
expect_interfaces (UdpTest *test, const gchar *interfaces)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (test->element, "stats", &stats, NULL);
  fail_unless_equals_string (
      gst_structure_get_string (stats, "interfaces"), interfaces);
}

GST_START_TEST (test_group_is_joined_where_the_route_leads_and_left)
{
  const Family *family = &families[__i__];
  UdpTest test;

  fail_if (test_net_is_member (family->group));
  udp_test_init (&test, "udpserversrc", "address", family->group, NULL);
  expect_interfaces (&test, "near0");
  udp_test_play (&test);
  fail_unless (test_net_is_member (family->group));
  send_to_group (family, &test, "hello");
  expect_text (&test, "hello");
  gst_element_set_state (test.element, GST_STATE_NULL);
  fail_if (test_net_is_member (family->group));
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_group_is_not_joined_unless_wanted)
{
  const Family *family = &families[__i__];
  UdpTest test;

  udp_test_init (&test, "udpserversrc", "address", family->group,
      "auto-multicast", FALSE, NULL);
  fail_if (test_net_is_member (family->group));
  expect_interfaces (&test, "");
  udp_test_clear (&test);
}
GST_END_TEST;

static void
check_interfaces (
    const Family *family, const gchar *interfaces, const gchar *joined)
{
  UdpTest test;

  udp_test_init (&test, "udpserversrc", "address", family->group,
      "multicast-iface", interfaces, NULL);
  expect_interfaces (&test, joined);
  udp_test_play (&test);
  send_to_group (family, &test, interfaces);
  expect_text (&test, interfaces);
  udp_test_clear (&test);
}

GST_START_TEST (test_interfaces_are_chosen_by_name_address_or_all)
{
  const Family *family = &families[__i__];

  check_interfaces (family, "near0", "near0");
  check_interfaces (family, family->near, "near0");
  check_interfaces (family, "lo, near0", "lo, near0");
  check_interfaces (family, "near0,near0,", "near0");
  check_interfaces (family, "all", "near0");
}
GST_END_TEST;

GST_START_TEST (test_group_on_another_interface_is_not_received)
{
  const Family *family = &families[__i__];
  UdpTest wrong, right;

  udp_test_init (&wrong, "udpserversrc", "address", family->group,
      "multicast-iface", "lo", NULL);
  udp_test_play (&wrong);
  udp_test_init (&right, "udpserversrc", "address", family->group, "port",
      wrong.port, "multicast-iface", "near0", NULL);
  udp_test_play (&right);
  send_to_group (family, &right, "here");
  expect_text (&right, "here");
  fail_unless_equals_uint64 (udp_test_get_stat (&wrong, "packets-received"), 0);
  udp_test_clear (&wrong);
  udp_test_clear (&right);
}
GST_END_TEST;

GST_START_TEST (test_other_groups_on_the_port_do_not_leak_in)
{
  const Family *family = &families[__i__];
  UdpTest one, two;

  udp_test_init (&one, "udpserversrc", "address", family->group, NULL);
  udp_test_play (&one);
  udp_test_init (&two, "udpserversrc", "address", family->ssm_group, "port",
      one.port, NULL);
  udp_test_play (&two);
  test_net_send (family->far, family->ssm_group, one.port, "two");
  expect_text (&two, "two");
  send_to_group (family, &one, "one");
  expect_text (&one, "one");
  udp_test_clear (&one);
  udp_test_clear (&two);
}
GST_END_TEST;

static void
check_sources (const Family *family, const gchar *format, gboolean exclude)
{
  g_autofree gchar *sources =
      g_strdup_printf (format, exclude ? family->other : family->far);
  UdpTest test;

  udp_test_init (&test, "udpserversrc", "address", family->ssm_group,
      "multicast-source", sources, NULL);
  udp_test_play (&test);
  test_net_send (family->other, family->ssm_group, test.port, "unwanted");
  test_net_send (family->far, family->ssm_group, test.port, "wanted");
  expect_text (&test, "wanted");
  test_net_send (family->other, family->ssm_group, test.port, "unwanted");
  test_net_send (family->far, family->ssm_group, test.port, "again");
  expect_text (&test, "again");
  udp_test_clear (&test);
}

GST_START_TEST (test_only_included_sources_are_received)
{
  check_sources (&families[__i__], "+%s", FALSE);
  check_sources (&families[__i__], "%s", FALSE);
}
GST_END_TEST;

GST_START_TEST (test_excluded_sources_are_not_received)
{
  check_sources (&families[__i__], "-%s", TRUE);
}
GST_END_TEST;

GST_START_TEST (test_several_sources_can_be_included)
{
  const Family *family = &families[__i__];
  g_autofree gchar *sources =
      g_strdup_printf ("+%s+%s", family->far, family->other);
  UdpTest test;

  udp_test_init (&test, "udpserversrc", "address", family->ssm_group,
      "multicast-source", sources, NULL);
  udp_test_play (&test);
  test_net_send (family->other, family->ssm_group, test.port, "one");
  expect_text (&test, "one");
  test_net_send (family->far, family->ssm_group, test.port, "two");
  expect_text (&test, "two");
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_source_can_be_named_in_the_uri)
{
  UdpTest test;

  udp_test_init (&test, "udpserversrc", "uri",
      "udp://10.77.0.2@232.77.0.1:0?iface=near0", NULL);
  udp_test_play (&test);
  test_net_send ("10.77.0.3", "232.77.0.1", test.port, "unwanted");
  test_net_send ("10.77.0.2", "232.77.0.1", test.port, "wanted");
  expect_text (&test, "wanted");
  udp_test_clear (&test);
}
GST_END_TEST;

/* ---- links that go and come back ---- */

static void
expect_resume (UdpTest *test, const Family *family, guint round)
{
  g_autofree gchar *text = g_strdup_printf ("round %u", round);
  Trial trial = {test, family->far, family->group, text};
  gint64 begin = g_get_monotonic_time (), took;

  fail_unless_eventually (text_arrives, &trial);
  took = g_get_monotonic_time () - begin;
  fail_unless (took < MAX_RESUME_US, "took %.1f s", took / 1e6);
}

static void
start_receiving (
    UdpTest *test, const Family *family, const gchar *sources, gboolean rejoin)
{
  Trial trial = {test, family->far, family->group, "start"};

  udp_test_init (test, "udpserversrc", "address", family->group,
      "multicast-iface", "near0", "multicast-source", sources, "rejoin", rejoin,
      NULL);
  udp_test_play (test);
  fail_unless_eventually (text_arrives, &trial);
}

static void
replace_interface (void)
{
  test_net_near ("link del near0");
  test_net_lay_cable ();
  test_net_address ();
}

GST_START_TEST (test_packets_resume_when_the_link_was_down)
{
  const Family *family = &families[__i__];
  UdpTest test;

  start_receiving (&test, family, NULL, TRUE);
  for (guint i = 0; i < 3; i++) {
    test_net_near ("link set near0 down");
    test_net_near ("link set near0 up");
    test_net_address ();
    expect_resume (&test, family, i);
  }
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_packets_resume_when_the_interface_was_replaced)
{
  const Family *family = &families[__i__];
  UdpTest test;

  start_receiving (&test, family, NULL, TRUE);
  for (guint i = 0; i < 3; i++) {
    replace_interface ();
    expect_resume (&test, family, i);
  }
  fail_unless (udp_test_get_stat (&test, "rejoins") >= 3);
  expect_interfaces (&test, "near0");
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_sources_are_kept_when_the_interface_was_replaced)
{
  const Family *family = &families[__i__];
  g_autofree gchar *sources = g_strdup_printf ("-%s", family->other);
  UdpTest test;

  start_receiving (&test, family, sources, TRUE);
  replace_interface ();
  expect_resume (&test, family, 0);
  test_net_send (family->other, family->group, test.port, "unwanted");
  send_to_group (family, &test, "wanted");
  for (;;) {
    g_autoptr (GstBuffer) buffer = gst_harness_pull (test.harness);

    fail_if (gst_buffer_memcmp (buffer, 0, "unwanted", 8) == 0);
    if (gst_buffer_memcmp (buffer, 0, "wanted", 6) == 0)
      break;
  }
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_nothing_resumes_without_rejoin)
{
  const Family *family = &families[__i__];
  UdpTest test;
  Trial trial = {&test, family->far, family->group, "after"};

  start_receiving (&test, family, NULL, FALSE);
  replace_interface ();
  for (guint i = 0; i < 100; i++)
    fail_if (text_arrives (&trial));
  fail_unless_equals_uint64 (udp_test_get_stat (&test, "rejoins"), 0);
  udp_test_clear (&test);
}
GST_END_TEST;

static gboolean
is_reported (gpointer unused)
{
  return test_net_count_reports () > 0;
}

static gboolean
has_carrier (gpointer wanted)
{
  guint index = gst_socket_local_find_interface ("near0", NULL);
  gboolean running = (gst_socket_local_get_interface_flags (index)
                         & GST_SOCKET_INTERFACE_RUNNING)
      != 0;

  return running == GPOINTER_TO_INT (wanted);
}

static gboolean
has_rejoined (gpointer data)
{
  return udp_test_get_stat (data, "rejoins") > 0;
}

/* The other end of the cable is pulled: this end stays "up", and the kernel
 * would say nothing when the carrier is back. */
GST_START_TEST (test_membership_is_reported_again_when_the_cable_is_back)
{
  const Family *family = &families[__i__];
  UdpTest test;

  start_receiving (&test, family, NULL, TRUE);
  test_net_far ("link set far0 down");
  fail_unless_eventually (has_carrier, GINT_TO_POINTER (FALSE));
  test_net_far ("link set far0 up");
  fail_unless_eventually (has_carrier, GINT_TO_POINTER (TRUE));
  fail_unless_eventually (has_rejoined, &test);
  fail_unless_eventually (is_reported, NULL);
  test_net_address ();
  expect_resume (&test, family, 0);
  udp_test_clear (&test);
}
GST_END_TEST;

static gboolean
is_on_other_interface (gpointer data)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (((UdpTest *) data)->element, "stats", &stats, NULL);
  return g_strcmp0 (gst_structure_get_string (stats, "interfaces"), "near1")
      == 0;
}

GST_START_TEST (test_group_follows_the_route)
{
  const Family *family = &families[0];
  UdpTest test;

  udp_test_init (&test, "udpserversrc", "address", family->group, NULL);
  udp_test_play (&test);
  expect_interfaces (&test, "near0");
  test_net_near ("link add near1 type veth peer name near2");
  test_net_near ("link set near2 up");
  test_net_near ("link set near1 up");
  test_net_near ("route replace 224.0.0.0/4 dev near1");
  fail_unless_eventually (is_on_other_interface, &test);
  udp_test_clear (&test);
  test_net_near ("link del near1");
}
GST_END_TEST;

static gboolean
is_silent (gpointer data)
{
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (((UdpTest *) data)->bus, GST_MESSAGE_ELEMENT);

  return udp_test_get_stat (data, "rejoins") >= 2;
}

GST_START_TEST (test_silence_makes_it_join_again)
{
  const Family *family = &families[__i__];
  UdpTest test;

  udp_test_init (&test, "udpserversrc", "address", family->group, "timeout",
      10 * GST_MSECOND, NULL);
  udp_test_play (&test);
  fail_unless_eventually (is_silent, &test);
  send_to_group (family, &test, "hello");
  expect_text (&test, "hello");
  udp_test_clear (&test);
}
GST_END_TEST;

static void
add_tests (TCase *tc)
{
  const gint n = G_N_ELEMENTS (families);

  tcase_add_loop_test (
      tc, test_group_is_joined_where_the_route_leads_and_left, 0, n);
  tcase_add_loop_test (tc, test_group_is_not_joined_unless_wanted, 0, n);
  tcase_add_loop_test (
      tc, test_interfaces_are_chosen_by_name_address_or_all, 0, n);
  /* For IPv6 Linux does not look at the interface. */
  tcase_add_loop_test (
      tc, test_group_on_another_interface_is_not_received, 0, 1);
  tcase_add_loop_test (tc, test_other_groups_on_the_port_do_not_leak_in, 0, n);
  tcase_add_loop_test (tc, test_only_included_sources_are_received, 0, n);
  tcase_add_loop_test (tc, test_excluded_sources_are_not_received, 0, n);
  tcase_add_loop_test (tc, test_several_sources_can_be_included, 0, n);
  tcase_add_test (tc, test_source_can_be_named_in_the_uri);
  tcase_add_loop_test (tc, test_packets_resume_when_the_link_was_down, 0, n);
  tcase_add_loop_test (
      tc, test_packets_resume_when_the_interface_was_replaced, 0, n);
  tcase_add_loop_test (
      tc, test_sources_are_kept_when_the_interface_was_replaced, 0, n);
  tcase_add_loop_test (tc, test_nothing_resumes_without_rejoin, 0, n);
  tcase_add_loop_test (
      tc, test_membership_is_reported_again_when_the_cable_is_back, 0, n);
  tcase_add_test (tc, test_group_follows_the_route);
  tcase_add_loop_test (tc, test_silence_makes_it_join_again, 0, n);
}

static Suite *
udpmulticast_suite (void)
{
  Suite *suite = suite_create ("udpmulticast");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_net_begin, test_net_end);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  add_tests (tc);
  return suite;
}

int
main (int argc, char **argv)
{
  if (!test_net_enter ())
    return TEST_NET_SKIPPED;
  gst_check_init (&argc, &argv);
  return gst_check_run_suite (udpmulticast_suite (), "udpmulticast", __FILE__);
}
