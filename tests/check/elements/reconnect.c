/* SPDX-License-Identifier: LGPL-2.1-or-later
 * reconnect.c: tests of the "reconnect" properties
 *
 * Here: tcpclientsrc and tcpclientsink whose peer is late, leaves, comes back
 * or never comes.
 * Not here: listening elements (takeover.c), the waiting times
 * (libs/backoff.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include <sys/resource.h>

#define QUICK "reconnect-delay=10000000 reconnect-max-delay=20000000"

static GSocket *listener;
static guint16 port;
static gint n_buffers;
static gint n_discont;

static void
set_up (void)
{
  test_leaks_begin ();
  listener = test_listen (&port);
  n_buffers = n_discont = 0;
}

static void
tear_down (void)
{
  g_clear_object (&listener);
  test_leaks_end ();
}

static GSocket *
listen_again (void)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", port);
  GSocket *socket = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  fail_unless (g_socket_bind (socket, address, TRUE, NULL));
  fail_unless (g_socket_listen (socket, NULL));
  return socket;
}

static void
count_cb (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer unused)
{
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    g_atomic_int_inc (&n_discont);
  g_atomic_int_inc (&n_buffers);
}

static gboolean
has_buffers (gpointer n)
{
  return g_atomic_int_get (&n_buffers) >= GPOINTER_TO_INT (n);
}

static GstElement *
launch_source (const gchar *mode)
{
  GstElement *pipeline = test_launch ("tcpclientsrc name=src host=127.0.0.1 "
                                      "port=%u reconnect=%s " QUICK " ! "
                                      "fakesink name=sink signal-handoffs=true",
      port, mode);

  g_signal_connect (
      test_get (pipeline, "sink"), "handoff", G_CALLBACK (count_cb), NULL);
  return pipeline;
}

static void
expect_message (GstElement *pipeline, const gchar *name)
{
  gst_structure_free (test_expect_message (pipeline, name));
}

GST_START_TEST (test_source_comes_back_after_its_peer_left)
{
  static const gchar *const modes[] = {"on-eof", "always"};
  GstElement *pipeline = launch_source (modes[__i__]);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (gint i = 1; i <= 3; i++) {
    g_autoptr (GSocket) peer = test_accept (listener);

    expect_message (pipeline, "GstSocketConnected");
    test_send (peer, "abc", 3);
    fail_unless_eventually (has_buffers, GINT_TO_POINTER (i));
    if (i == 2)
      test_reset (peer);
    g_socket_close (peer, NULL);
    expect_message (pipeline, "GstSocketLost");
    expect_message (pipeline, "GstSocketRetrying");
  }
  fail_unless_equals_int (n_discont, 3);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_source_waits_for_a_peer_that_is_late)
{
  GstElement *pipeline = launch_source ("always");
  g_autoptr (GSocket) peer = NULL;

  g_clear_object (&listener);
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_ASYNC);
  expect_message (pipeline, "GstSocketRetrying");
  expect_message (pipeline, "GstSocketRetrying");
  listener = listen_again ();
  peer = test_accept (listener);
  expect_message (pipeline, "GstSocketConnected");
  test_send (peer, "abc", 3);
  fail_unless_eventually (has_buffers, GINT_TO_POINTER (1));
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_on_eof_does_not_wait_for_the_first_peer)
{
  GstElement *pipeline = launch_source ("on-eof");

  g_clear_object (&listener);
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_ASYNC);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_READ, "127.0.0.1");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_retries_are_counted_and_end_in_an_error)
{
  GstElement *pipeline = launch_source ("always");
  gint n = 0;

  g_clear_object (&listener);
  g_object_set (test_get (pipeline, "src"), "max-retries", 3, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (TRUE) {
    g_autoptr (GstMessage) message =
        test_pop_message (pipeline, GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);

    fail_unless (message != NULL);
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      break;
    fail_unless (gst_message_has_name (message, "GstSocketRetrying"));
    n++;
  }
  fail_unless_equals_int (n, 3);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_message_names_peer_reason_attempt_and_delay)
{
  GstElement *pipeline = launch_source ("always");
  g_autofree gchar *name = g_strdup_printf ("127.0.0.1:%u", port);
  g_autoptr (GstStructure) message = NULL;
  guint attempt = 0;
  guint64 delay = 0;

  g_clear_object (&listener);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = test_expect_message (pipeline, "GstSocketRetrying");
  fail_unless_equals_string (gst_structure_get_string (message, "peer"), name);
  fail_unless (
      strstr (gst_structure_get_string (message, "reason"), "refused") != NULL);
  fail_unless (gst_structure_get (message, "attempt", G_TYPE_UINT, &attempt,
      "delay", G_TYPE_UINT64, &delay, NULL));
  fail_unless_equals_int (attempt, 1);
  fail_unless (delay >= 7500000 && delay <= 12500000);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_silence_beyond_the_timeout_reconnects)
{
  GstElement *pipeline = launch_source ("on-eof");
  g_autoptr (GSocket) first = NULL;
  g_autoptr (GSocket) second = NULL;

  g_object_set (test_get (pipeline, "src"), "timeout", 1, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  first = test_accept (listener);
  expect_message (pipeline, "GstSocketLost");
  second = test_accept (listener);
  test_expect_end (first);
  test_stop (pipeline);
}
GST_END_TEST;

/* Waiting, connecting, or resolving: each ends at once. */
static void
stop_while (const gchar *launch, const gchar *until)
{
  GstElement *pipeline = test_launch ("%s", launch);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  if (until != NULL)
    expect_message (pipeline, until);
  else
    fail_unless_eventually (test_resolver_is_hanging, NULL);
  test_stop (pipeline);
}

static const gchar *const elements[] = {
    "tcpclientsrc name=net reconnect=always host=%s port=%u "
    "reconnect-delay=60000000000 reconnect-max-delay=60000000000 ! fakesink",
    "fakesrc is-live=true ! tcpclientsink name=net reconnect=always host=%s "
    "port=%u reconnect-delay=60000000000 reconnect-max-delay=60000000000",
};

GST_START_TEST (test_waiting_does_not_hold_up_a_state_change)
{
  g_autofree gchar *launch =
      g_strdup_printf (elements[__i__], "127.0.0.1", test_unused_port ());

  stop_while (launch, "GstSocketRetrying");
}
GST_END_TEST;

GST_START_TEST (test_resolving_does_not_hold_up_a_state_change)
{
  g_autofree gchar *launch =
      g_strdup_printf (elements[__i__], TEST_HOST_HANGING, 1);

  stop_while (launch, NULL);
}
GST_END_TEST;

GST_START_TEST (test_connecting_does_not_hold_up_a_state_change)
{
  guint16 silent_port;
  g_autoptr (GPtrArray) fillers = NULL;
  g_autoptr (GSocket) silent = test_listen_silent (&silent_port, &fillers);
  GstElement *pipeline =
      test_launch (elements[__i__], "127.0.0.1", silent_port);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_stop (pipeline);
}
GST_END_TEST;

static gint64
get_cpu_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC
      + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

GST_START_TEST (test_absent_peer_costs_next_to_no_time)
{
  GstElement *pipeline =
      test_launch ("tcpclientsrc reconnect=always "
                   "host=127.0.0.1 port=%u reconnect-delay=100000000 "
                   "reconnect-max-delay=100000000 ! fakesink",
          test_unused_port ());
  gint64 cpu_us, wall_us;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  expect_message (pipeline, "GstSocketRetrying");
  cpu_us = get_cpu_us ();
  wall_us = g_get_monotonic_time ();
  for (guint i = 0; i < 10; i++)
    expect_message (pipeline, "GstSocketRetrying");
  cpu_us = get_cpu_us () - cpu_us;
  wall_us = g_get_monotonic_time () - wall_us;
  /* Far below, but for a sanitizer's or valgrind's share; a busy loop has
   * all of it. */
  fail_unless (cpu_us < wall_us / 4,
      "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " us", cpu_us, wall_us);
  test_stop (pipeline);
}
GST_END_TEST;

static GstElement *
launch_sink (const gchar *more)
{
  return test_launch ("appsrc name=src max-bytes=0 ! tcpclientsink name=sink "
                      "host=127.0.0.1 port=%u sync=false " QUICK " %s",
      port, more);
}

static void
push_full (GstElement *pipeline, const gchar *text, guint flags)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (text, strlen (text));
  GstFlowReturn flow;

  GST_BUFFER_FLAG_SET (buffer, flags);
  g_signal_emit_by_name (
      test_get (pipeline, "src"), "push-buffer", buffer, &flow);
  fail_unless_equals_int (flow, GST_FLOW_OK);
}

static void
push (GstElement *pipeline, const gchar *text)
{
  push_full (pipeline, text, 0);
}

static void
expect_text (GSocket *peer, const gchar *text)
{
  gchar got[100] = "";

  test_receive (peer, got, strlen (text));
  fail_unless_equals_string (got, text);
}

GST_START_TEST (test_sink_comes_back_and_loses_nothing_of_what_waits)
{
  GstElement *pipeline = launch_sink ("reconnect=on-eof");
  GSocket *peer;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  peer = test_accept (listener);
  push (pipeline, "0");
  expect_text (peer, "0");
  for (guint i = 1; i <= 4; i++) {
    g_autofree gchar *text = g_strdup_printf ("%u", i);

    if (i % 2 == 0)
      test_reset (peer);
    g_object_unref (peer);
    push (pipeline, text);
    expect_message (pipeline, "GstSocketLost");
    peer = test_accept (listener);
    expect_text (peer, text);
  }
  g_object_unref (peer);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_sink_holds_the_stream_up_until_its_peer_comes)
{
  GstElement *pipeline = launch_sink ("reconnect=always");
  g_autoptr (GSocket) peer = NULL;

  g_clear_object (&listener);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push (pipeline, "one");
  push (pipeline, "two");
  expect_message (pipeline, "GstSocketRetrying");
  listener = listen_again ();
  peer = test_accept (listener);
  expect_text (peer, "onetwo");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_interrupted_buffer_begins_anew_on_the_next_connection)
{
  GstElement *pipeline = launch_sink ("reconnect=on-eof");
  g_autofree gchar *large = g_strnfill (20000000, 'x');
  g_autoptr (GSocket) first = NULL;
  g_autoptr (GSocket) second = NULL;
  g_autofree gchar *got = g_malloc (20000000);

  large[0] = 'a';
  large[19999999] = 'z';
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  first = test_accept (listener);
  push (pipeline, large);
  test_receive (first, got, 1000000);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_reset (first);
  second = test_accept (listener);
  test_receive (second, got, 20000000);
  fail_unless (memcmp (got, large, 20000000) == 0);
  test_stop (pipeline);
}
GST_END_TEST;

static gboolean
has_dropped (gpointer sink)
{
  guint64 dropped = 0;

  g_object_get (sink, "buffers-dropped", &dropped, NULL);
  return dropped >= 2;
}

static GstBuffer *
three_bytes (void)
{
  return gst_buffer_new_memdup ("abc", 3);
}

/* What gives up says so once, and is not asked again by those who go on
 * pushing; it may be started anew. */
static const gchar *const given_up[] = {"", "leaky=upstream"};

GST_START_TEST (test_sink_that_gave_up_stays_so_until_it_is_started_again)
{
  g_autofree gchar *text = g_strdup_printf (
      "tcpclientsink host=127.0.0.1 port=%u sync=false reconnect=always "
      "max-retries=1 " QUICK " %s",
      port, given_up[__i__]);
  GstHarness *h = gst_harness_new_parse (text);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GSocket) peer = NULL;
  GstMessage *message;
  GstFlowReturn flow;

  gst_element_set_bus (h->element, bus);
  gst_harness_set_src_caps_str (h, "application/x-test");
  gst_element_set_state (h->element, GST_STATE_NULL);
  g_clear_object (&listener);
  gst_harness_play (h);
  do
    flow = gst_harness_push (h, three_bytes ());
  while (flow == GST_FLOW_OK);
  fail_unless_equals_int (flow, GST_FLOW_ERROR);
  for (guint i = 0; i < 3; i++)
    fail_unless_equals_int (
        gst_harness_push (h, three_bytes ()), GST_FLOW_ERROR);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  gst_element_set_state (h->element, GST_STATE_NULL);
  listener = listen_again ();
  gst_harness_play (h);
  peer = test_accept (listener);
  while (!g_socket_condition_check (peer, G_IO_IN))
    fail_unless_equals_int (gst_harness_push (h, three_bytes ()), GST_FLOW_OK);
  gst_element_set_state (h->element, GST_STATE_NULL);
  gst_bus_set_flushing (bus, TRUE);
  gst_element_set_bus (h->element, NULL);
  gst_harness_teardown (h);
}
GST_END_TEST;

typedef struct
{
  GstElement *pipeline;
  GSocket *peer;
} Sending;

static gboolean
push_and_see (gpointer data)
{
  Sending *sending = data;

  push (sending->pipeline, "three");
  return g_socket_condition_check (sending->peer, G_IO_IN) != 0;
}

/* Takes messages until they have told of all that was dropped. */
static void
expect_told (GstElement *pipeline, guint64 all)
{
  guint64 so_far = 0, dropped, buffers_dropped;

  while (so_far < all) {
    GstStructure *told = test_expect_message (pipeline, "GstSocketDropped");

    fail_unless (gst_structure_get_uint64 (told, "dropped", &dropped));
    fail_unless (
        gst_structure_get_uint64 (told, "buffers-dropped", &buffers_dropped));
    fail_unless (gst_structure_get_string (told, "peer") != NULL);
    so_far += dropped;
    fail_unless_equals_uint64 (buffers_dropped, so_far);
    gst_structure_free (told);
  }
}

GST_START_TEST (test_leaky_sink_drops_counts_and_tells_until_its_peer_comes)
{
  GstElement *pipeline = launch_sink ("reconnect=always leaky=upstream");
  g_autoptr (GSocket) peer = NULL;
  guint64 dropped = 0;
  Sending sending;

  g_clear_object (&listener);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push (pipeline, "one");
  push (pipeline, "two");
  fail_unless_eventually (has_dropped, test_get (pipeline, "sink"));
  listener = listen_again ();
  peer = test_accept (listener);
  /* The connector may be a moment behind the peer. */
  sending = (Sending){pipeline, peer};
  fail_unless_eventually (push_and_see, &sending);
  expect_text (peer, "three");
  g_object_get (test_get (pipeline, "sink"), "buffers-dropped", &dropped, NULL);
  expect_told (pipeline, dropped);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_new_connection_begins_with_headers_and_a_keyframe)
{
  GstElement *pipeline = launch_sink ("reconnect=always leaky=upstream");
  g_autoptr (GstCaps) caps = gst_caps_from_string (
      "application/x-test, streamheader=(buffer)<686561642d>");
  g_autoptr (GSocket) peer = NULL;

  g_clear_object (&listener);
  g_object_set (test_get (pipeline, "src"), "caps", caps, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push (pipeline, "key");
  push_full (pipeline, "delta", GST_BUFFER_FLAG_DELTA_UNIT);
  fail_unless_eventually (has_dropped, test_get (pipeline, "sink"));
  listener = listen_again ();
  peer = test_accept (listener);
  expect_message (pipeline, "GstSocketConnected");
  push_full (pipeline, "delta", GST_BUFFER_FLAG_DELTA_UNIT);
  push_full (pipeline, "delta", GST_BUFFER_FLAG_DELTA_UNIT);
  push (pipeline, "key");
  push_full (pipeline, "delta", GST_BUFFER_FLAG_DELTA_UNIT);
  expect_text (peer, "head-keydelta");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_every_setting_is_read_back)
{
  GstElement *pipeline =
      launch_sink ("reconnect=always max-retries=7 leaky=upstream");
  GstElement *sink = test_get (pipeline, "sink");
  guint64 delay = 0, max_delay = 0;
  gint reconnect = -1, max_retries = -2, leaky = -1;

  g_object_get (sink, "reconnect", &reconnect, "reconnect-delay", &delay,
      "reconnect-max-delay", &max_delay, "max-retries", &max_retries, "leaky",
      &leaky, NULL);
  fail_unless_equals_int (reconnect, 2);
  fail_unless_equals_uint64 (delay, 10000000);
  fail_unless_equals_uint64 (max_delay, 20000000);
  fail_unless_equals_int (max_retries, 7);
  fail_unless_equals_int (leaky, 1);
  test_stop (pipeline);
}
GST_END_TEST;

static void
add_sink_tests (TCase *tc)
{
  tcase_add_test (tc, test_sink_comes_back_and_loses_nothing_of_what_waits);
  tcase_add_test (tc, test_sink_holds_the_stream_up_until_its_peer_comes);
  tcase_add_test (
      tc, test_interrupted_buffer_begins_anew_on_the_next_connection);
  tcase_add_loop_test (tc,
      test_sink_that_gave_up_stays_so_until_it_is_started_again, 0,
      G_N_ELEMENTS (given_up));
  tcase_add_test (
      tc, test_leaky_sink_drops_counts_and_tells_until_its_peer_comes);
  tcase_add_test (tc, test_new_connection_begins_with_headers_and_a_keyframe);
  tcase_add_test (tc, test_every_setting_is_read_back);
}

static Suite *
reconnect_suite (void)
{
  Suite *suite = suite_create ("reconnect");
  TCase *tc = tcase_create ("general");

  test_resolver_install ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_loop_test (tc, test_source_comes_back_after_its_peer_left, 0, 2);
  tcase_add_test (tc, test_source_waits_for_a_peer_that_is_late);
  tcase_add_test (tc, test_on_eof_does_not_wait_for_the_first_peer);
  tcase_add_test (tc, test_retries_are_counted_and_end_in_an_error);
  tcase_add_test (tc, test_message_names_peer_reason_attempt_and_delay);
  tcase_add_test (tc, test_silence_beyond_the_timeout_reconnects);
  tcase_add_loop_test (tc, test_waiting_does_not_hold_up_a_state_change, 0, 2);
  tcase_add_loop_test (
      tc, test_resolving_does_not_hold_up_a_state_change, 0, 2);
  tcase_add_loop_test (
      tc, test_connecting_does_not_hold_up_a_state_change, 0, 2);
  tcase_add_test (tc, test_absent_peer_costs_next_to_no_time);
  add_sink_tests (tc);
  return suite;
}

GST_CHECK_MAIN (reconnect);
