/* SPDX-License-Identifier: LGPL-2.1-or-later
 * takeover.c: tests of one sender after another
 *
 * Here: "on-disconnect", "takeover" and "idle-timeout" of tcpserversrc.
 * Not here: its stock behaviour (tcpserversrc.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>

static GstElement *pipeline;
static GMutex lock;
static GString *received;
static gint n_discont;

static void
collect_cb (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer unused)
{
  GstMapInfo map;

  g_mutex_lock (&lock);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_string_append_len (received, (gchar *) map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  n_discont += GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  g_mutex_unlock (&lock);
}

static gboolean
is_received (gpointer text)
{
  gboolean is;

  g_mutex_lock (&lock);
  is = g_str_equal (received->str, text);
  g_mutex_unlock (&lock);
  return is;
}

static void
set_up (void)
{
  test_leaks_begin ();
  received = g_string_new (NULL);
  n_discont = 0;
}

static void
tear_down (void)
{
  g_string_free (received, TRUE);
  test_leaks_end ();
}

static guint16
play (const gchar *settings)
{
  gint port = 0;

  pipeline = test_launch ("tcpserversrc name=src port=0 %s ! "
                          "fakesink name=sink signal-handoffs=true",
      settings);
  g_signal_connect (
      test_get (pipeline, "sink"), "handoff", G_CALLBACK (collect_cb), NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_object_get (test_get (pipeline, "src"), "current-port", &port, NULL);
  fail_unless (port > 0);
  return port;
}

static GSocket *
connect_and_send (guint16 port, const gchar *text)
{
  GSocket *socket = test_connect ("127.0.0.1", port);

  fail_unless (socket != NULL);
  test_send (socket, text, strlen (text));
  return socket;
}

static void
expect_message (const gchar *name)
{
  gst_structure_free (test_expect_message (pipeline, name));
}

GST_START_TEST (test_one_sender_after_another_makes_one_stream)
{
  static const gchar *const so_far[] = {"ab", "abab", "ababab"};
  guint16 port = play ("on-disconnect=wait");

  for (guint i = 0; i < G_N_ELEMENTS (so_far); i++) {
    g_autoptr (GSocket) sender = connect_and_send (port, "ab");

    expect_message ("GstSocketConnected");
    fail_unless_eventually (is_received, (gpointer) so_far[i]);
    if (i == 1)
      test_reset (sender);
    g_socket_close (sender, NULL);
    expect_message ("GstSocketLost");
  }
  fail_unless_equals_int (n_discont, 3);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_next_sender_waits_until_the_first_has_left)
{
  guint16 port = play ("on-disconnect=wait");
  g_autoptr (GSocket) first = connect_and_send (port, "1");
  g_autoptr (GSocket) second = NULL;

  fail_unless_eventually (is_received, (gpointer) "1");
  second = connect_and_send (port, "2");
  test_send (first, "1", 1);
  fail_unless_eventually (is_received, (gpointer) "11");
  g_socket_close (first, NULL);
  fail_unless_eventually (is_received, (gpointer) "112");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_leaving_sender_is_an_error_when_asked_for)
{
  g_autoptr (GSocket) sender =
      connect_and_send (play ("on-disconnect=error"), "1");

  fail_unless_eventually (is_received, (gpointer) "1");
  g_socket_close (sender, NULL);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_READ, "127.0.0.1:");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_new_sender_replaces_a_silent_one)
{
  guint16 port = play ("takeover=true idle-timeout=1000000");
  g_autoptr (GSocket) first = connect_and_send (port, "1");
  g_autoptr (GSocket) second = NULL;

  fail_unless_eventually (is_received, (gpointer) "1");
  second = connect_and_send (port, "2");
  expect_message ("GstSocketLost");
  fail_unless_eventually (is_received, (gpointer) "12");
  test_expect_end (first);
  g_socket_close (second, NULL);
  test_expect_eos (pipeline);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_new_sender_replaces_any_when_no_idle_time_is_asked_for)
{
  guint16 port = play ("takeover=true idle-timeout=0");
  g_autoptr (GSocket) first = connect_and_send (port, "1");
  g_autoptr (GSocket) second = NULL;

  fail_unless_eventually (is_received, (gpointer) "1");
  second = connect_and_send (port, "2");
  fail_unless_eventually (is_received, (gpointer) "12");
  test_expect_end (first);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_active_sender_is_not_replaced)
{
  guint16 port = play ("takeover=true idle-timeout=60000000000");
  g_autoptr (GSocket) first = connect_and_send (port, "1");
  g_autoptr (GSocket) second = NULL;

  fail_unless_eventually (is_received, (gpointer) "1");
  second = connect_and_send (port, "2");
  test_send (first, "1", 1);
  fail_unless_eventually (is_received, (gpointer) "11");
  test_stop (pipeline);
}
GST_END_TEST;

static const gchar *const settings[] = {"on-disconnect=wait",
    "takeover=true idle-timeout=0", "takeover=true idle-timeout=60000000000",
    "on-disconnect=wait takeover=true"};

GST_START_TEST (test_waiting_does_not_hold_up_a_state_change)
{
  guint16 port = play (settings[__i__]);
  g_autoptr (GSocket) first = connect_and_send (port, "1");

  fail_unless_eventually (is_received, (gpointer) "1");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  test_expect_end (first);
  fail_unless (test_connect ("127.0.0.1", port) == NULL);
  test_stop (pipeline);
}
GST_END_TEST;

static Suite *
takeover_suite (void)
{
  Suite *suite = suite_create ("takeover");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_one_sender_after_another_makes_one_stream);
  tcase_add_test (tc, test_next_sender_waits_until_the_first_has_left);
  tcase_add_test (tc, test_leaving_sender_is_an_error_when_asked_for);
  tcase_add_test (tc, test_new_sender_replaces_a_silent_one);
  tcase_add_test (
      tc, test_new_sender_replaces_any_when_no_idle_time_is_asked_for);
  tcase_add_test (tc, test_active_sender_is_not_replaced);
  tcase_add_loop_test (tc, test_waiting_does_not_hold_up_a_state_change, 0,
      G_N_ELEMENTS (settings));
  return suite;
}

GST_CHECK_MAIN (takeover);
