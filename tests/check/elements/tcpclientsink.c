/* SPDX-License-Identifier: LGPL-2.1-or-later
 * tcpclientsink.c: tests of the tcpclientsink element
 *
 * Here: what is sent, pausing in the middle of it, and every way to fail.
 * Not here: reconnecting (reconnect.c), writing in detail (libs/transfer.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

static GSocket *listener;
static guint16 port;

static void
set_up (void)
{
  test_leaks_begin ();
  listener = test_listen (&port);
}

static void
tear_down (void)
{
  g_clear_object (&listener);
  test_leaks_end ();
}

static GstHarness *
make_harness (GSocket **ret_peer)
{
  GstElement *sink = gst_element_factory_make ("tcpclientsink", NULL);
  GstHarness *harness;

  g_object_set (sink, "host", "127.0.0.1", "port", port, "sync", FALSE, NULL);
  harness = gst_harness_new_with_element (sink, "sink", NULL);
  gst_harness_set_src_caps_str (harness, "application/x-test");
  *ret_peer = test_accept (listener);
  gst_object_unref (sink);
  return harness;
}

static GstBuffer *
make_bytes (gsize size, guint8 start)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (gsize i = 0; i < size; i++)
    map.data[i] = (start + i) % 251;
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

static void
expect_bytes (GSocket *peer, gsize size, guint8 start)
{
  g_autofree guint8 *bytes = g_malloc (size);
  gsize n_right = 0;

  test_receive (peer, bytes, size);
  while (n_right < size && bytes[n_right] == (start + n_right) % 251)
    n_right++;
  fail_unless_equals_uint64 (n_right, size);
}

static void
expect_failure_to_play (const gchar *host, guint16 at, const gchar *in_sentence)
{
  GstElement *pipeline = test_launch (
      "fakesrc num-buffers=1 ! tcpclientsink host=%s port=%u", host, at);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  /* Stock's code, though it says READ. */
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_READ, in_sentence);
  test_stop (pipeline);
}

GST_START_TEST (test_buffers_arrive_in_order_and_then_the_end)
{
  g_autoptr (GSocket) peer = NULL;
  GstHarness *harness = make_harness (&peer);

  fail_unless_equals_int (
      gst_harness_push (harness, make_bytes (100, 0)), GST_FLOW_OK);
  fail_unless_equals_int (
      gst_harness_push (harness, make_bytes (0, 0)), GST_FLOW_OK);
  fail_unless_equals_int (
      gst_harness_push (harness, make_bytes (900, 100)), GST_FLOW_OK);
  expect_bytes (peer, 1000, 0);
  gst_harness_teardown (harness);
  test_expect_end (peer);
}
GST_END_TEST;

GST_START_TEST (test_buffer_list_arrives_in_order)
{
  g_autoptr (GSocket) peer = NULL;
  GstHarness *harness = make_harness (&peer);
  GstBufferList *list = gst_buffer_list_new ();

  for (guint i = 0; i < 200; i++)
    gst_buffer_list_add (list, make_bytes (251, 0));
  fail_unless_equals_int (
      gst_pad_push_list (harness->srcpad, list), GST_FLOW_OK);
  expect_bytes (peer, 200 * 251, 0);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_stream_headers_of_caps_are_not_sent)
{
  g_autoptr (GSocket) peer = NULL;
  GstHarness *harness = make_harness (&peer);

  gst_harness_set_src_caps_str (
      harness, "application/x-test, streamheader=(buffer)<ffff>");
  fail_unless_equals_int (
      gst_harness_push (harness, make_bytes (10, 0)), GST_FLOW_OK);
  expect_bytes (peer, 10, 0);
  gst_harness_teardown (harness);
  test_expect_end (peer);
}
GST_END_TEST;

GST_START_TEST (test_refused_connection_fails_the_state_change)
{
  guint16 nobody = test_unused_port ();
  g_autofree gchar *name = g_strdup_printf ("127.0.0.1:%u", nobody);

  expect_failure_to_play ("127.0.0.1", nobody, name);
}
GST_END_TEST;

GST_START_TEST (test_unknown_host_fails_the_state_change)
{
  expect_failure_to_play (TEST_HOST_UNKNOWN, 1, TEST_HOST_UNKNOWN);
}
GST_END_TEST;

GST_START_TEST (test_second_address_of_a_host_is_tried)
{
  GstElement *pipeline =
      test_launch ("fakesrc num-buffers=1 filltype=zero sizetype=fixed "
                   "sizemax=10 ! tcpclientsink host=%s port=%u",
          TEST_HOST_SECOND_WORKS, port);
  g_autoptr (GSocket) peer = NULL;
  gchar bytes[10];

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  peer = test_accept (listener);
  test_receive (peer, bytes, 10);
  test_expect_eos (pipeline);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_reset_by_the_peer_is_a_write_error_that_names_it)
{
  GstElement *pipeline =
      test_launch ("fakesrc filltype=zero sizetype=fixed sizemax=100000 "
                   "! tcpclientsink host=127.0.0.1 port=%u",
          port);
  g_autofree gchar *name = g_strdup_printf ("127.0.0.1:%u", port);
  g_autoptr (GSocket) peer = NULL;
  gchar bytes[1234];

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  peer = test_accept (listener);
  test_receive (peer, bytes, sizeof (bytes));
  test_reset (peer);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_WRITE, name);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_stalled_send_does_not_hold_up_a_state_change)
{
  GstElement *pipeline =
      test_launch ("fakesrc filltype=zero sizetype=fixed "
                   "sizemax=10000000 ! tcpclientsink host=127.0.0.1 port=%u",
          port);
  g_autoptr (GSocket) peer = NULL;
  gchar byte;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  peer = test_accept (listener);
  test_receive (peer, &byte, 1);
  test_stop (pipeline);
}
GST_END_TEST;

static gpointer
drain (gpointer peer)
{
  expect_bytes (peer, 20000000, 0);
  return NULL;
}

GST_START_TEST (test_pause_in_the_middle_of_a_buffer_loses_nothing)
{
  GstElement *pipeline =
      test_launch ("appsrc name=src ! "
                   "tcpclientsink host=127.0.0.1 port=%u sync=false",
          port);
  GstFlowReturn flow;
  g_autoptr (GSocket) peer = NULL;
  GstBuffer *buffer = make_bytes (20000000, 0);
  GThread *thread;
  guint8 start;

  g_signal_emit_by_name (
      test_get (pipeline, "src"), "push-buffer", buffer, &flow);
  g_signal_emit_by_name (test_get (pipeline, "src"), "end-of-stream", &flow);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  peer = test_accept (listener);
  fail_unless (g_socket_condition_timed_wait (
      peer, G_IO_IN, TEST_DEADLINE_US, NULL, NULL));
  fail_unless_equals_int (g_socket_receive_with_blocking (
                              peer, (gchar *) &start, 0, FALSE, NULL, NULL),
      0);
  for (guint i = 0; i < 3; i++) {
    gst_element_set_state (pipeline, GST_STATE_PAUSED);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
  }
  thread = g_thread_new ("drain", drain, peer);
  test_expect_eos (pipeline);
  g_thread_join (thread);
  gst_buffer_unref (buffer);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_restart_connects_anew)
{
  GstElement *pipeline =
      test_launch ("fakesrc num-buffers=1 filltype=zero sizetype=fixed "
                   "sizemax=3 ! tcpclientsink host=127.0.0.1 port=%u",
          port);

  for (guint i = 0; i < 3; i++) {
    g_autoptr (GSocket) peer = NULL;
    gchar bytes[3];

    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    peer = test_accept (listener);
    test_receive (peer, bytes, 3);
    test_expect_eos (pipeline);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    test_expect_end (peer);
  }
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_null_host_is_refused_with_a_warning)
{
  GstElement *sink = gst_element_factory_make ("tcpclientsink", NULL);
  g_autofree gchar *host = NULL;

  ASSERT_WARNING (g_object_set (sink, "host", NULL, NULL));
  g_object_get (sink, "host", &host, NULL);
  fail_unless_equals_string (host, "localhost");
  gst_object_unref (sink);
}
GST_END_TEST;

static Suite *
tcpclientsink_suite (void)
{
  Suite *suite = suite_create ("tcpclientsink");
  TCase *tc = tcase_create ("general");

  test_resolver_install ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_buffers_arrive_in_order_and_then_the_end);
  tcase_add_test (tc, test_buffer_list_arrives_in_order);
  tcase_add_test (tc, test_stream_headers_of_caps_are_not_sent);
  tcase_add_test (tc, test_refused_connection_fails_the_state_change);
  tcase_add_test (tc, test_unknown_host_fails_the_state_change);
  tcase_add_test (tc, test_second_address_of_a_host_is_tried);
  tcase_add_test (tc, test_reset_by_the_peer_is_a_write_error_that_names_it);
  tcase_add_test (tc, test_stalled_send_does_not_hold_up_a_state_change);
  tcase_add_test (tc, test_pause_in_the_middle_of_a_buffer_loses_nothing);
  tcase_add_test (tc, test_restart_connects_anew);
  tcase_add_test (tc, test_null_host_is_refused_with_a_warning);
  return suite;
}

GST_CHECK_MAIN (tcpclientsink);
