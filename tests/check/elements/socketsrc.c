/* SPDX-License-Identifier: LGPL-2.1-or-later
 * socketsrc.c: tests of the socketsrc element
 *
 * Here: receiving from a socket that the application made.
 * Not here: the "uri" property (socketuri.c), reading in detail
 * (libs/transfer.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gio/gunixfdmessage.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/net/gstnetcontrolmessagemeta.h>

#include <sys/socket.h>

static GSocket *ours;
static GSocket *theirs;
static GstHarness *harness;

static void
open_harness (int type)
{
  test_pair (type, &ours, &theirs);
  harness = gst_harness_new ("socketsrc");
  g_object_set (harness->element, "socket", ours, NULL);
}

static void
close_harness (void)
{
  g_clear_pointer (&harness, gst_harness_teardown);
  g_clear_object (&ours);
  g_clear_object (&theirs);
}

static GstBuffer *
pull (void)
{
  GstBuffer *buffer = gst_harness_pull (harness);

  fail_unless (buffer != NULL);
  return buffer;
}

static void
expect_buffer (gconstpointer bytes, gsize size)
{
  g_autoptr (GstBuffer) buffer = pull ();

  fail_unless_equals_uint64 (gst_buffer_get_size (buffer), size);
  fail_unless_equals_int (gst_buffer_memcmp (buffer, 0, bytes, size), 0);
}

static gboolean
has_eos (gpointer unused)
{
  GstEvent *event;
  gboolean is_eos = FALSE;

  while ((event = gst_harness_try_pull_event (harness)) != NULL) {
    is_eos |= GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  return is_eos;
}

GST_START_TEST (test_what_is_sent_arrives)
{
  open_harness (SOCK_STREAM);
  gst_harness_play (harness);
  test_send (theirs, "abc", 3);
  expect_buffer ("abc", 3);
  test_send (theirs, "def", 3);
  expect_buffer ("def", 3);
  close_harness ();
}
GST_END_TEST;

GST_START_TEST (test_messages_stay_apart_and_whole)
{
  static const int types[] = {SOCK_SEQPACKET, SOCK_DGRAM};
  g_autofree gchar *bytes = g_malloc0 (65507);

  open_harness (types[__i__]);
  test_send (theirs, "abc", 3);
  test_send (theirs, "de", 2);
  test_send (theirs, bytes, 65507);
  gst_harness_play (harness);
  expect_buffer ("abc", 3);
  expect_buffer ("de", 2);
  expect_buffer (bytes, 65507);
  close_harness ();
}
GST_END_TEST;

GST_START_TEST (test_empty_datagram_does_not_end_the_stream)
{
  open_harness (SOCK_DGRAM);
  fail_unless_equals_int (g_socket_send (theirs, "", 0, NULL, NULL), 0);
  test_send (theirs, "abc", 3);
  gst_harness_play (harness);
  expect_buffer ("", 0);
  expect_buffer ("abc", 3);
  close_harness ();
}
GST_END_TEST;

GST_START_TEST (test_message_that_is_cut_is_told_once)
{
  GstElement *pipeline =
      test_launch ("socketsrc name=src blocksize=10 ! fakesink");
  GSocket *socket;
  g_autoptr (GSocket) peer = NULL;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) warning = NULL;

  test_pair (SOCK_SEQPACKET, &socket, &peer);
  g_object_set (test_get (pipeline, "src"), "socket", socket, NULL);
  g_object_unref (socket);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_send (peer, "12345678901", 11);
  test_send (peer, "12345678901", 11);
  message = test_pop_message (pipeline, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning (message, &warning, NULL);
  fail_unless (strstr (warning->message, "10") != NULL);
  g_socket_close (peer, NULL);
  gst_message_unref (message);
  message = test_pop_message (pipeline, GST_MESSAGE_WARNING | GST_MESSAGE_EOS);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  test_stop (pipeline);
}
GST_END_TEST;

static void
count_cb (GstElement *element, gpointer counter)
{
  g_atomic_int_inc ((gint *) counter);
}

GST_START_TEST (test_closing_peer_is_told_and_ends_the_stream)
{
  gint n_closed = 0;

  open_harness (SOCK_STREAM);
  g_signal_connect (harness->element, "connection-closed-by-peer",
      G_CALLBACK (count_cb), &n_closed);
  gst_harness_play (harness);
  test_send (theirs, "abc", 3);
  g_socket_close (theirs, NULL);
  expect_buffer ("abc", 3);
  fail_unless_eventually (has_eos, NULL);
  fail_unless_equals_int (n_closed, 1);
  fail_if (g_socket_is_closed (ours));
  close_harness ();
}
GST_END_TEST;

static void
set_next_cb (GstElement *element, gpointer next)
{
  g_object_set (element, "socket", next, NULL);
}

GST_START_TEST (test_stream_goes_on_with_the_socket_that_a_handler_sets)
{
  g_autoptr (GSocket) next = NULL;
  g_autoptr (GSocket) next_peer = NULL;

  open_harness (SOCK_STREAM);
  test_pair (SOCK_STREAM, &next, &next_peer);
  g_signal_connect (harness->element, "connection-closed-by-peer",
      G_CALLBACK (set_next_cb), next);
  gst_harness_play (harness);
  test_send (theirs, "abc", 3);
  expect_buffer ("abc", 3);
  g_socket_close (theirs, NULL);
  test_send (next_peer, "def", 3);
  expect_buffer ("def", 3);
  g_socket_close (next_peer, NULL);
  fail_unless_eventually (has_eos, NULL);
  close_harness ();
}
GST_END_TEST;

GST_START_TEST (test_descriptors_come_as_control_messages)
{
  g_autoptr (GSocketControlMessage) message = g_unix_fd_message_new ();
  GOutputVector vector = {"abc", 3};
  GstBuffer *buffer;
  GstNetControlMessageMeta *meta;

  open_harness (SOCK_STREAM);
  g_unix_fd_message_append_fd (
      G_UNIX_FD_MESSAGE (message), g_socket_get_fd (theirs), NULL);
  gst_harness_play (harness);
  fail_unless_equals_int (g_socket_send_message (theirs, NULL, &vector, 1,
                              &message, 1, 0, NULL, NULL),
      3);
  buffer = pull ();
  meta = (GstNetControlMessageMeta *) gst_buffer_get_meta (
      buffer, GST_NET_CONTROL_MESSAGE_META_API_TYPE);
  fail_unless (meta != NULL && G_IS_UNIX_FD_MESSAGE (meta->message));
  gst_buffer_unref (buffer);
  close_harness ();
}
GST_END_TEST;

static gboolean
push_message (const gchar *name, GstBuffer *buffer)
{
  GstStructure *structure = gst_structure_new (name, "object", G_TYPE_OBJECT,
      ours, "buffer", GST_TYPE_BUFFER, buffer, NULL);

  gst_clear_buffer (&buffer);
  return gst_harness_push_upstream_event (
      harness, gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, structure));
}

static GstBuffer *
make_buffer (gsize size)
{
  return gst_buffer_new_memdup ("hello", MIN (size, 5));
}

GST_START_TEST (test_network_message_is_sent_back_when_asked_for)
{
  gchar bytes[5];

  open_harness (SOCK_STREAM);
  gst_harness_play (harness);
  fail_if (push_message ("GstNetworkMessage", make_buffer (5)));
  g_object_set (harness->element, "send-messages", TRUE, NULL);
  fail_unless (push_message ("GstNetworkMessage", make_buffer (5)));
  test_receive (theirs, bytes, 5);
  fail_unless (memcmp (bytes, "hello", 5) == 0);
  fail_if (push_message ("Other", make_buffer (5)));
  fail_if (push_message ("GstNetworkMessageDispatched", make_buffer (5)));
  fail_unless_equals_int (g_socket_condition_check (theirs, G_IO_IN), 0);
  close_harness ();
}
GST_END_TEST;

GST_START_TEST (test_network_message_that_cannot_be_sent_is_refused)
{
  GstStructure *empty = gst_structure_new_empty ("GstNetworkMessage");
  GstBuffer *large = gst_buffer_new_allocate (NULL, 30000000, NULL);

  gst_buffer_memset (large, 0, 0, -1);
  open_harness (SOCK_STREAM);
  g_object_set (harness->element, "send-messages", TRUE, NULL);
  gst_harness_play (harness);
  fail_if (gst_harness_push_upstream_event (
      harness, gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, empty)));
  fail_if (push_message ("GstNetworkMessage", large));
  g_socket_close (theirs, NULL);
  fail_if (push_message ("GstNetworkMessage", make_buffer (5)));
  close_harness ();
}
GST_END_TEST;

GST_START_TEST (test_caps_are_announced)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string ("video/mpegts");
  g_autoptr (GstCaps) got = NULL;
  g_autoptr (GstCaps) read_back = NULL;

  open_harness (SOCK_STREAM);
  g_object_set (harness->element, "caps", caps, NULL);
  g_object_get (harness->element, "caps", &read_back, NULL);
  fail_unless (gst_caps_is_equal (caps, read_back));
  gst_harness_play (harness);
  test_send (theirs, "abc", 3);
  expect_buffer ("abc", 3);
  got = gst_pad_get_current_caps (harness->sinkpad);
  fail_unless (got != NULL && gst_caps_is_equal (got, caps));
  close_harness ();
}
GST_END_TEST;

static void
expect_error_without (gboolean with_closed, gint code)
{
  GstElement *pipeline = test_launch ("socketsrc name=src ! fakesink");

  if (with_closed) {
    open_harness (SOCK_STREAM);
    g_socket_close (ours, NULL);
    g_object_set (test_get (pipeline, "src"), "socket", ours, NULL);
    close_harness ();
  }
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_expect_error (pipeline, code, "");
  test_stop (pipeline);
}

GST_START_TEST (test_no_socket_is_an_error)
{
  expect_error_without (FALSE, GST_RESOURCE_ERROR_NOT_FOUND);
}
GST_END_TEST;

GST_START_TEST (test_closed_socket_is_an_error)
{
  expect_error_without (TRUE, GST_RESOURCE_ERROR_READ);
}
GST_END_TEST;

GST_START_TEST (test_silent_peer_does_not_hold_up_a_state_change)
{
  open_harness (SOCK_STREAM);
  gst_harness_play (harness);
  test_send (theirs, "abc", 3);
  expect_buffer ("abc", 3);
  fail_unless_equals_int (
      gst_element_set_state (harness->element, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  gst_harness_play (harness);
  test_send (theirs, "def", 3);
  expect_buffer ("def", 3);
  close_harness ();
}
GST_END_TEST;

GST_START_TEST (test_socket_timeout_is_an_error)
{
  GstElement *pipeline = test_launch ("socketsrc name=src ! fakesink");

  open_harness (SOCK_STREAM);
  g_socket_set_timeout (ours, 1);
  g_object_set (test_get (pipeline, "src"), "socket", ours, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_READ, "too long");
  test_stop (pipeline);
  close_harness ();
}
GST_END_TEST;

GST_START_TEST (test_socket_is_read_back_and_let_go)
{
  GSocket *got = NULL;

  open_harness (SOCK_STREAM);
  g_object_get (harness->element, "socket", &got, NULL);
  fail_unless (got == ours);
  g_object_unref (got);
  g_object_set (harness->element, "socket", NULL, NULL);
  g_object_get (harness->element, "socket", &got, NULL);
  fail_unless (got == NULL);
  ASSERT_OBJECT_REFCOUNT (ours, "socket", 1);
  close_harness ();
}
GST_END_TEST;

static Suite *
socketsrc_suite (void)
{
  Suite *suite = suite_create ("socketsrc");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_what_is_sent_arrives);
  tcase_add_loop_test (tc, test_messages_stay_apart_and_whole, 0, 2);
  tcase_add_test (tc, test_empty_datagram_does_not_end_the_stream);
  tcase_add_test (tc, test_message_that_is_cut_is_told_once);
  tcase_add_test (tc, test_closing_peer_is_told_and_ends_the_stream);
  tcase_add_test (tc, test_stream_goes_on_with_the_socket_that_a_handler_sets);
  tcase_add_test (tc, test_descriptors_come_as_control_messages);
  tcase_add_test (tc, test_network_message_is_sent_back_when_asked_for);
  tcase_add_test (tc, test_network_message_that_cannot_be_sent_is_refused);
  tcase_add_test (tc, test_caps_are_announced);
  tcase_add_test (tc, test_no_socket_is_an_error);
  tcase_add_test (tc, test_closed_socket_is_an_error);
  tcase_add_test (tc, test_silent_peer_does_not_hold_up_a_state_change);
  tcase_add_test (tc, test_socket_timeout_is_an_error);
  tcase_add_test (tc, test_socket_is_read_back_and_let_go);
  return suite;
}

GST_CHECK_MAIN (socketsrc);
