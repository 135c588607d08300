/* SPDX-License-Identifier: LGPL-2.1-or-later
 * tcpclientsrc.c: tests of the tcpclientsrc element
 *
 * Here: what arrives, how it ends, and every way to fail.
 * Not here: reconnecting (reconnect.c), reading in detail (libs/transfer.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/base/base.h>
#include <gst/check/gstcheck.h>

static GSocket *listener;
static guint16 port;
static GstElement *pipeline;
static GstAdapter *received;
static GMutex received_lock;

static void
collect_cb (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer unused)
{
  g_mutex_lock (&received_lock);
  gst_adapter_push (received, gst_buffer_ref (buffer));
  g_mutex_unlock (&received_lock);
}

static gboolean
has_received (gpointer size)
{
  gsize available;

  g_mutex_lock (&received_lock);
  available = gst_adapter_available (received);
  g_mutex_unlock (&received_lock);
  return available >= GPOINTER_TO_SIZE (size);
}

static void
set_up (void)
{
  test_leaks_begin ();
  listener = test_listen (&port);
  received = gst_adapter_new ();
  pipeline = test_launch ("tcpclientsrc name=src host=127.0.0.1 port=%u ! "
                          "fakesink name=sink signal-handoffs=true",
      port);
  g_signal_connect (
      test_get (pipeline, "sink"), "handoff", G_CALLBACK (collect_cb), NULL);
}

static void
tear_down (void)
{
  g_clear_object (&received);
  g_clear_object (&listener);
  test_leaks_end ();
}

static GSocket *
play_and_accept (void)
{
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_ASYNC);
  return test_accept (listener);
}

static guint64
get_bytes_received (void)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 bytes = 0;

  g_object_get (test_get (pipeline, "src"), "stats", &stats, NULL);
  fail_unless (gst_structure_has_name (stats, "GstTCPClientSrcStats"));
  fail_unless (gst_structure_get_uint64 (stats, "bytes-received", &bytes));
  return bytes;
}

static void
play_to_error (gint code, const gchar *in_sentence)
{
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, code, in_sentence);
}

GST_START_TEST (test_everything_arrives_and_then_eos)
{
  g_autoptr (GSocket) peer = play_and_accept ();
  g_autofree guint8 *bytes = g_malloc (300000);
  gconstpointer got;

  for (guint i = 0; i < 300000; i++)
    bytes[i] = i * 7;
  test_send (peer, bytes, 300000);
  g_socket_close (peer, NULL);
  test_expect_eos (pipeline);
  fail_unless_equals_int (gst_adapter_available (received), 300000);
  got = gst_adapter_map (received, 300000);
  fail_unless (memcmp (got, bytes, 300000) == 0);
  gst_adapter_unmap (received);
  fail_unless_equals_uint64 (get_bytes_received (), 300000);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_half_close_ends_the_stream)
{
  g_autoptr (GSocket) peer = play_and_accept ();

  test_send (peer, "abc", 3);
  fail_unless (g_socket_shutdown (peer, FALSE, TRUE, NULL));
  test_expect_eos (pipeline);
  fail_unless_equals_int (gst_adapter_available (received), 3);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_reset_by_the_peer_is_a_read_error)
{
  g_autoptr (GSocket) peer = play_and_accept ();

  test_send (peer, "abc", 3);
  fail_unless_eventually (has_received, GSIZE_TO_POINTER (3));
  test_reset (peer);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_READ, "127.0.0.1");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_silence_beyond_the_timeout_is_a_read_error)
{
  g_autoptr (GSocket) peer = NULL;

  g_object_set (test_get (pipeline, "src"), "timeout", 1, NULL);
  peer = play_and_accept ();
  test_expect_error (pipeline, GST_RESOURCE_ERROR_READ, "too long");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_refused_connection_fails_the_state_change)
{
  guint16 nobody = test_unused_port ();
  g_autofree gchar *name = g_strdup_printf ("127.0.0.1:%u", nobody);

  g_object_set (test_get (pipeline, "src"), "port", nobody, NULL);
  play_to_error (GST_RESOURCE_ERROR_OPEN_READ, name);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_unknown_host_fails_the_state_change)
{
  g_object_set (test_get (pipeline, "src"), "host", TEST_HOST_UNKNOWN, NULL);
  play_to_error (GST_RESOURCE_ERROR_OPEN_READ, TEST_HOST_UNKNOWN);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_empty_host_fails_the_state_change)
{
  g_object_set (test_get (pipeline, "src"), "host", "", NULL);
  play_to_error (GST_RESOURCE_ERROR_OPEN_READ, "\"\"");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_host_that_does_not_answer_fails_after_the_timeout)
{
  guint16 silent_port;
  g_autoptr (GPtrArray) fillers = NULL;
  g_autoptr (GSocket) silent = test_listen_silent (&silent_port, &fillers);

  g_object_set (
      test_get (pipeline, "src"), "port", silent_port, "timeout", 1, NULL);
  play_to_error (GST_RESOURCE_ERROR_OPEN_READ, "does not answer");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_second_address_of_a_host_is_tried)
{
  g_autoptr (GSocket) peer = NULL;

  g_object_set (
      test_get (pipeline, "src"), "host", TEST_HOST_SECOND_WORKS, NULL);
  peer = play_and_accept ();
  g_socket_close (peer, NULL);
  test_expect_eos (pipeline);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_works_again_after_a_failure)
{
  g_autoptr (GSocket) peer = NULL;

  g_object_set (test_get (pipeline, "src"), "host", TEST_HOST_UNKNOWN, NULL);
  play_to_error (GST_RESOURCE_ERROR_OPEN_READ, TEST_HOST_UNKNOWN);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_object_set (test_get (pipeline, "src"), "host", "127.0.0.1", NULL);
  peer = play_and_accept ();
  g_socket_close (peer, NULL);
  test_expect_eos (pipeline);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_restart_connects_anew_and_counts_from_zero)
{
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GSocket) peer = play_and_accept ();

    fail_unless_equals_uint64 (get_bytes_received (), 0);
    test_send (peer, "abc", 3);
    g_socket_close (peer, NULL);
    test_expect_eos (pipeline);
    fail_unless_equals_uint64 (get_bytes_received (), 3);
    gst_element_set_state (pipeline, GST_STATE_READY);
    fail_unless_equals_uint64 (get_bytes_received (), 3);
  }
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_silent_read_does_not_hold_up_a_state_change)
{
  g_autoptr (GSocket) peer = play_and_accept ();

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  test_expect_end (peer);
  test_stop (pipeline);
}
GST_END_TEST;

static gpointer
send_until_gone (gpointer peer)
{
  g_autofree gchar *bytes = g_malloc0 (65536);

  while (g_socket_send (peer, bytes, 65536, NULL, NULL) > 0)
    continue;
  return NULL;
}

/* Without the waiting, GStreamer 1.22 itself now and then stays in PAUSED, also
 * with fakesrc. */
static void
change_and_wait (GstState state)
{
  gst_element_set_state (pipeline, state);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
                              TEST_DEADLINE_US * GST_USECOND),
      GST_STATE_CHANGE_SUCCESS);
}

GST_START_TEST (test_states_change_under_full_load)
{
  for (guint i = 0; i < 20; i++) {
    g_autoptr (GSocket) peer = play_and_accept ();
    GThread *thread = g_thread_new ("sender", send_until_gone, peer);

    change_and_wait (GST_STATE_PLAYING);
    change_and_wait (GST_STATE_PAUSED);
    change_and_wait (GST_STATE_PLAYING);
    if (i % 2 == 0)
      fail_unless_eventually (has_received, GSIZE_TO_POINTER (1));
    gst_element_set_state (pipeline, GST_STATE_READY);
    g_thread_join (thread);
    gst_adapter_clear (received);
  }
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_flush_ends_a_silent_read_and_reading_goes_on)
{
  g_autoptr (GSocket) peer = play_and_accept ();
  GstElement *src = test_get (pipeline, "src");

  test_send (peer, "abc", 3);
  fail_unless_eventually (has_received, GSIZE_TO_POINTER (3));
  fail_unless (gst_element_send_event (src, gst_event_new_flush_start ()));
  fail_unless (gst_element_send_event (src, gst_event_new_flush_stop (TRUE)));
  test_send (peer, "def", 3);
  fail_unless_eventually (has_received, GSIZE_TO_POINTER (6));
  test_stop (pipeline);
}
GST_END_TEST;

static void
keep_largest_cb (
    GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer largest)
{
  gsize *size = largest;

  *size = MAX (*size, gst_buffer_get_size (buffer));
}

static gsize
get_largest_of (gsize size)
{
  g_autofree gchar *bytes = g_malloc0 (size);
  g_autoptr (GSocket) peer = NULL;
  gsize largest = 0;
  gulong id = g_signal_connect (test_get (pipeline, "sink"), "handoff",
      G_CALLBACK (keep_largest_cb), &largest);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  peer = test_accept (listener);
  test_send (peer, bytes, size);
  g_socket_close (peer, NULL);
  test_expect_eos (pipeline);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_signal_handler_disconnect (test_get (pipeline, "sink"), id);
  return largest;
}

GST_START_TEST (test_blocksize_is_the_most_of_a_buffer_once_it_is_set)
{
  GstElement *src = test_get (pipeline, "src");
  gsize largest = get_largest_of (1000000);

  fail_unless (largest > 4096 && largest <= 65536, "%" G_GSIZE_FORMAT, largest);
  g_object_set (src, "blocksize", 4096, NULL);
  fail_unless_equals_uint64 (get_largest_of (1000000), 4096);
  g_object_set (src, "blocksize", 100, NULL);
  fail_unless_equals_uint64 (get_largest_of (10000), 100);
  g_object_set (src, "blocksize", G_MAXUINT, NULL);
  fail_unless (get_largest_of (1000000) <= 65536);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_num_buffers_ends_the_stream)
{
  g_autoptr (GSocket) peer = NULL;

  g_object_set (test_get (pipeline, "src"), "num-buffers", 1, NULL);
  peer = play_and_accept ();
  test_send (peer, "abc", 3);
  test_expect_eos (pipeline);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_caps_are_what_is_asked_for)
{
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (test_get (pipeline, "src"), "src");
  g_autoptr (GstCaps) filter = gst_caps_from_string ("video/mpegts");
  g_autoptr (GstCaps) any = gst_pad_query_caps (pad, NULL);
  g_autoptr (GstCaps) filtered = gst_pad_query_caps (pad, filter);

  fail_unless (gst_caps_is_any (any));
  fail_unless (gst_caps_is_equal (filtered, filter));
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_stats_have_the_tcp_figures_while_connected_and_after)
{
  static const gchar *const names[] = {
      "reordering", "unacked", "sacked", "lost", "retrans", "fackets"};
  g_autoptr (GSocket) peer = play_and_accept ();
  g_autoptr (GstStructure) during = NULL;
  g_autoptr (GstStructure) after = NULL;

  g_object_get (test_get (pipeline, "src"), "stats", &during, NULL);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_object_get (test_get (pipeline, "src"), "stats", &after, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    fail_unless (gst_structure_has_field_typed (during, names[i], G_TYPE_UINT));
    fail_unless (gst_structure_has_field_typed (after, names[i], G_TYPE_UINT));
  }
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_null_host_is_refused_with_a_warning)
{
  g_autofree gchar *host = NULL;

  ASSERT_WARNING (
      g_object_set (test_get (pipeline, "src"), "host", NULL, NULL));
  g_object_get (test_get (pipeline, "src"), "host", &host, NULL);
  fail_unless_equals_string (host, "127.0.0.1");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_every_setting_is_read_back)
{
  static const gchar *const names[] = {"keep-alive-idle", "keep-alive-interval",
      "keep-alive-count", "user-timeout", "timeout"};
  GstElement *src = test_get (pipeline, "src");
  gboolean keep_alive = FALSE, no_delay = FALSE;

  g_object_get (src, "keep-alive", &keep_alive, "no-delay", &no_delay, NULL);
  fail_unless (keep_alive && no_delay);
  g_object_set (src, "keep-alive", FALSE, "no-delay", FALSE, NULL);
  g_object_get (src, "keep-alive", &keep_alive, "no-delay", &no_delay, NULL);
  fail_if (keep_alive || no_delay);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    guint value = 0;

    g_object_set (src, names[i], 70 + i, NULL);
    g_object_get (src, names[i], &value, NULL);
    fail_unless_equals_int (value, 70 + i);
  }
  test_stop (pipeline);
}
GST_END_TEST;

static void
add_fault_tests (TCase *tc)
{
  tcase_add_test (tc, test_reset_by_the_peer_is_a_read_error);
  tcase_add_test (tc, test_silence_beyond_the_timeout_is_a_read_error);
  tcase_add_test (tc, test_refused_connection_fails_the_state_change);
  tcase_add_test (tc, test_unknown_host_fails_the_state_change);
  tcase_add_test (tc, test_empty_host_fails_the_state_change);
  tcase_add_test (tc, test_host_that_does_not_answer_fails_after_the_timeout);
  tcase_add_test (tc, test_works_again_after_a_failure);
  tcase_add_test (tc, test_null_host_is_refused_with_a_warning);
}

static Suite *
tcpclientsrc_suite (void)
{
  Suite *suite = suite_create ("tcpclientsrc");
  TCase *tc = tcase_create ("general");

  test_resolver_install ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_everything_arrives_and_then_eos);
  tcase_add_test (tc, test_half_close_ends_the_stream);
  add_fault_tests (tc);
  tcase_add_test (tc, test_second_address_of_a_host_is_tried);
  tcase_add_test (tc, test_restart_connects_anew_and_counts_from_zero);
  tcase_add_test (tc, test_silent_read_does_not_hold_up_a_state_change);
  tcase_add_test (tc, test_states_change_under_full_load);
  tcase_add_test (tc, test_flush_ends_a_silent_read_and_reading_goes_on);
  tcase_add_test (tc, test_blocksize_is_the_most_of_a_buffer_once_it_is_set);
  tcase_add_test (tc, test_num_buffers_ends_the_stream);
  tcase_add_test (tc, test_caps_are_what_is_asked_for);
  tcase_add_test (
      tc, test_stats_have_the_tcp_figures_while_connected_and_after);
  tcase_add_test (tc, test_every_setting_is_read_back);
  return suite;
}

GST_CHECK_MAIN (tcpclientsrc);
