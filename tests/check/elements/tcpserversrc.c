/* SPDX-License-Identifier: LGPL-2.1-or-later
 * tcpserversrc.c: tests of the tcpserversrc element
 *
 * Here: listening, accepting one client, how it ends, every way to fail.
 * Not here: a second client (takeover.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>

static GstElement *pipeline;
static GstElement *src;
static guint n_notified;

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer unused)
{
  n_notified++;
}

static void
set_up (void)
{
  test_leaks_begin ();
  n_notified = 0;
  pipeline = test_launch ("tcpserversrc name=src port=0 ! fakesink");
  src = test_get (pipeline, "src");
  g_signal_connect (src, "notify::current-port", G_CALLBACK (count_cb), NULL);
}

static gint
get_port (void)
{
  gint port = -1;

  g_object_get (src, "current-port", &port, NULL);
  return port;
}

static gint
play (void)
{
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_ASYNC);
  return get_port ();
}

static guint64
get_bytes_received (void)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 bytes = 0;

  g_object_get (src, "stats", &stats, NULL);
  fail_unless (gst_structure_has_name (stats, "GstTCPServerSrcStats"));
  fail_unless (gst_structure_get_uint64 (stats, "bytes-received", &bytes));
  return bytes;
}

static gboolean
has_received (gpointer bytes)
{
  return get_bytes_received () >= GPOINTER_TO_SIZE (bytes);
}

static void
play_to_error (const gchar *in_sentence)
{
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_READ, in_sentence);
  fail_unless_equals_int (get_port (), 0);
}

GST_START_TEST (test_client_is_received_and_then_eos)
{
  gint port = play ();
  g_autoptr (GSocket) client = test_connect ("127.0.0.1", port);

  fail_unless (client != NULL);
  test_send (client, "abc", 3);
  g_socket_close (client, NULL);
  test_expect_eos (pipeline);
  fail_unless_equals_uint64 (get_bytes_received (), 3);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_client_that_comes_by_ipv6_is_received)
{
  gint port = play ();
  g_autoptr (GSocket) client = test_connect ("::1", port);

  if (client != NULL) {
    g_socket_close (client, NULL);
    test_expect_eos (pipeline);
  }
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_current_port_is_told_while_it_is_listened_on)
{
  fail_unless_equals_int (get_port (), 0);
  fail_unless (play () > 0);
  fail_unless_equals_int (n_notified, 1);
  gst_element_set_state (pipeline, GST_STATE_READY);
  fail_unless_equals_int (get_port (), 0);
  fail_unless_equals_int (n_notified, 2);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_second_client_is_refused_and_the_port_still_told)
{
  gint port = play ();
  g_autoptr (GSocket) first = test_connect ("127.0.0.1", port);

  test_send (first, "abc", 3);
  fail_unless_eventually (has_received, GSIZE_TO_POINTER (3));
  fail_unless (test_connect ("127.0.0.1", port) == NULL);
  fail_unless (test_connect ("::1", port) == NULL);
  fail_unless_equals_int (get_port (), port);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_reset_by_the_client_is_a_read_error)
{
  g_autoptr (GSocket) client = test_connect ("127.0.0.1", play ());

  test_send (client, "abc", 3);
  fail_unless_eventually (has_received, GSIZE_TO_POINTER (3));
  test_reset (client);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_READ, "broke");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_port_in_use_fails_the_state_change)
{
  guint16 port;
  g_autoptr (GSocket) other = test_listen (&port);
  g_autofree gchar *name = g_strdup_printf ("localhost:%u", port);

  g_object_set (src, "port", port, NULL);
  play_to_error (name);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_unknown_host_fails_the_state_change)
{
  g_object_set (src, "host", TEST_HOST_UNKNOWN, NULL);
  play_to_error (TEST_HOST_UNKNOWN);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_address_of_another_machine_fails_the_state_change)
{
  g_object_set (src, "host", "192.0.2.1", NULL);
  play_to_error ("192.0.2.1");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_waiting_for_a_client_does_not_hold_up_a_state_change)
{
  gint port = play ();

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless (test_connect ("127.0.0.1", port) == NULL);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_silent_client_does_not_hold_up_a_state_change)
{
  g_autoptr (GSocket) client = test_connect ("127.0.0.1", play ());

  test_send (client, "abc", 3);
  fail_unless_eventually (has_received, GSIZE_TO_POINTER (3));
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  test_expect_end (client);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_restart_listens_anew_also_at_a_port_just_left)
{
  gint port = 0;

  for (guint i = 0; i < 3; i++) {
    g_autoptr (GSocket) client = NULL;

    g_object_set (src, "port", port, NULL);
    port = play ();
    client = test_connect ("127.0.0.1", port);
    fail_unless (client != NULL);
    fail_unless_equals_uint64 (get_bytes_received (), 0);
    test_send (client, "abc", 3);
    fail_unless_eventually (has_received, GSIZE_TO_POINTER (3));
    gst_element_set_state (pipeline, GST_STATE_READY);
  }
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_keep_alive_reaches_the_accepted_connection)
{
  g_autoptr (GSocket) client = NULL;

  g_object_set (src, "keep-alive-idle", 77, NULL);
  client = test_connect ("127.0.0.1", play ());
  test_send (client, "abc", 3);
  fail_unless_eventually (has_received, GSIZE_TO_POINTER (3));
  fail_unless (test_find_keep_alive_idle (77));
  test_stop (pipeline);
}
GST_END_TEST;

static Suite *
tcpserversrc_suite (void)
{
  Suite *suite = suite_create ("tcpserversrc");
  TCase *tc = tcase_create ("general");

  test_resolver_install ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, test_leaks_end);
  tcase_add_test (tc, test_client_is_received_and_then_eos);
  tcase_add_test (tc, test_client_that_comes_by_ipv6_is_received);
  tcase_add_test (tc, test_current_port_is_told_while_it_is_listened_on);
  tcase_add_test (tc, test_second_client_is_refused_and_the_port_still_told);
  tcase_add_test (tc, test_reset_by_the_client_is_a_read_error);
  tcase_add_test (tc, test_port_in_use_fails_the_state_change);
  tcase_add_test (tc, test_unknown_host_fails_the_state_change);
  tcase_add_test (tc, test_address_of_another_machine_fails_the_state_change);
  tcase_add_test (
      tc, test_waiting_for_a_client_does_not_hold_up_a_state_change);
  tcase_add_test (tc, test_silent_client_does_not_hold_up_a_state_change);
  tcase_add_test (tc, test_restart_listens_anew_also_at_a_port_just_left);
  tcase_add_test (tc, test_keep_alive_reaches_the_accepted_connection);
  return suite;
}

GST_CHECK_MAIN (tcpserversrc);
