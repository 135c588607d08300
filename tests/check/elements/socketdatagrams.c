/* SPDX-License-Identifier: LGPL-2.1-or-later
 * socketdatagrams.c: tests of socketsink's options, of datagrams and others
 *
 * Here: what buffer lists and large buffers become, and that each setting
 * reaches the socket.
 * Not here: what becomes of a datagram in detail (libs/packetwriter.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>

#include <netinet/in.h>
#include <sys/socket.h>

#define BITRATE G_GUINT64_CONSTANT (777000)

static GSocket *receiver;
static guint16 port;
static GstElement *pipeline;

static void
set_up (void)
{
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;

  test_leaks_begin ();
  receiver = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_socket_set_timeout (receiver, TEST_DEADLINE_US / G_USEC_PER_SEC);
  fail_unless (g_socket_bind (receiver, any, FALSE, NULL));
  bound = g_socket_get_local_address (receiver, NULL);
  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

static void
tear_down (void)
{
  g_clear_object (&receiver);
  test_leaks_end ();
}

static void
play (const gchar *uri_format, guint16 to, const gchar *settings)
{
  g_autofree gchar *uri = g_strdup_printf (uri_format, to);

  pipeline = test_launch ("appsrc name=src ! socketsink name=sink sync=false "
                          "async=false uri=\"%s\" %s",
      uri, settings);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
}

static GstBuffer *
make_buffer (gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (buffer, 0, 'x', size);
  return buffer;
}

static void
push (gsize size)
{
  GstBuffer *buffer = make_buffer (size);
  GstFlowReturn flow;

  g_signal_emit_by_name (
      test_get (pipeline, "src"), "push-buffer", buffer, &flow);
  fail_unless_equals_int (flow, GST_FLOW_OK);
  gst_buffer_unref (buffer);
}

static void
expect_size (gsize size)
{
  g_autofree gchar *bytes = g_malloc (65536);

  fail_unless_equals_int (
      g_socket_receive (receiver, bytes, 65536, NULL, NULL), size);
}

GST_START_TEST (test_buffers_of_a_list_are_datagrams)
{
  g_autoptr (GstSample) sample = NULL;
  GstBufferList *list = gst_buffer_list_new ();
  GstFlowReturn flow;

  play ("udp://127.0.0.1:%u", port, "");
  for (guint i = 0; i < 40; i++)
    gst_buffer_list_add (list, make_buffer (i == 39 ? 100 : 1316));
  g_signal_emit_by_name (
      test_get (pipeline, "src"), "push-buffer-list", list, &flow);
  gst_buffer_list_unref (list);
  for (guint i = 0; i < 40; i++)
    expect_size (i == 39 ? 100 : 1316);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_large_buffers_are_split)
{
  play ("udp://127.0.0.1:%u", port, "packet-size=1316");
  push (3000);
  push (0);
  push (100000);
  expect_size (1316);
  expect_size (1316);
  expect_size (368);
  expect_size (0);
  for (guint i = 0; i < 75; i++)
    expect_size (1316);
  expect_size (100000 - 75 * 1316);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_largest_datagram_is_sent)
{
  play ("udp://127.0.0.1:%u", port, "");
  push (65507);
  expect_size (65507);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_too_large_a_buffer_is_an_error_that_says_so)
{
  play ("udp://127.0.0.1:%u", port, "");
  push (65508);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_WRITE, "too large");
  test_stop (pipeline);
}
GST_END_TEST;

/* --- what reaches the socket --- */

static gboolean
find_pacing (gpointer bytes_per_s)
{
  for (int fd = 0; fd < 1024; fd++) {
    gulong rate = 0;
    socklen_t size = sizeof (rate);

    if (getsockopt (fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &size) == 0
        && rate == GPOINTER_TO_SIZE (bytes_per_s))
      return TRUE;
  }
  return FALSE;
}

GST_START_TEST (test_bitrate_is_limited_where_it_connects)
{
  g_autoptr (GSocket) listener = test_listen (&port);

  play (__i__ == 0 ? "udp://127.0.0.1:%u" : "tcp://127.0.0.1:%u", port,
      "max-bitrate=777000");
  fail_unless (find_pacing (GSIZE_TO_POINTER (BITRATE / 8)));
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_bitrate_is_limited_where_it_listens)
{
  g_autoptr (GSocket) client = NULL;
  gint current_port = 0;

  play ("tcp://127.0.0.1:%u?listen=true", 0, "max-bitrate=777000");
  g_object_get (
      test_get (pipeline, "sink"), "current-port", &current_port, NULL);
  client = test_connect ("127.0.0.1", current_port);
  fail_unless_eventually (find_pacing, GSIZE_TO_POINTER (BITRATE / 8));
  test_stop (pipeline);
}
GST_END_TEST;

/* 8 MB/s for 4 MB, less what TCP sends at the very beginning. A loaded machine
 * takes longer, never less. */
GST_START_TEST (test_limited_stream_takes_its_time)
{
  const gsize size = 4000000;
  guint16 tcp_port;
  g_autoptr (GSocket) listener = test_listen (&tcp_port);
  g_autoptr (GSocket) peer = NULL;
  g_autofree gchar *bytes = g_malloc (size);
  gint64 begin_us;

  play ("tcp://127.0.0.1:%u", tcp_port, "max-bitrate=64000000");
  peer = test_accept (listener);
  begin_us = g_get_monotonic_time ();
  push (size);
  test_receive (peer, bytes, size);
  fail_unless (g_get_monotonic_time () - begin_us > 200000);
  test_stop (pipeline);
}
GST_END_TEST;

/* Of the sockets of this process, the one that sends to a group. */
static gboolean
is_loop_off (void)
{
  for (int fd = 0; fd < 1024; fd++) {
    struct sockaddr_in to;
    socklen_t size = sizeof (to);
    int loop = 1;

    if (getpeername (fd, (struct sockaddr *) &to, &size) < 0
        || to.sin_family != AF_INET
        || !IN_MULTICAST (ntohl (to.sin_addr.s_addr)))
      continue;
    size = sizeof (loop);
    getsockopt (fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, &size);
    return loop == 0;
  }
  fail ("no socket sends to a group");
  return FALSE;
}

GST_START_TEST (test_copies_for_this_host_are_sent_unless_unwanted)
{
  play ("udp://239.255.77.8:%u?iface=lo", port, __i__ == 0 ? "" : "loop=false");
  fail_unless_equals_int (is_loop_off (), __i__);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_every_setting_is_read_back)
{
  GstElement *sink = gst_element_factory_make ("socketsink", NULL);
  gboolean loop = TRUE;
  guint64 max_bitrate = 0;
  guint packet_size = 0;

  g_object_set (
      sink, "loop", FALSE, "max-bitrate", BITRATE, "packet-size", 1316, NULL);
  g_object_get (sink, "loop", &loop, "max-bitrate", &max_bitrate, "packet-size",
      &packet_size, NULL);
  fail_if (loop);
  fail_unless_equals_uint64 (max_bitrate, BITRATE);
  fail_unless_equals_int (packet_size, 1316);
  gst_object_unref (sink);
}
GST_END_TEST;

static Suite *
socketdatagrams_suite (void)
{
  Suite *suite = suite_create ("socketdatagrams");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_buffers_of_a_list_are_datagrams);
  tcase_add_test (tc, test_large_buffers_are_split);
  tcase_add_test (tc, test_largest_datagram_is_sent);
  tcase_add_test (tc, test_too_large_a_buffer_is_an_error_that_says_so);
  tcase_add_loop_test (tc, test_bitrate_is_limited_where_it_connects, 0, 2);
  tcase_add_test (tc, test_bitrate_is_limited_where_it_listens);
  tcase_add_test (tc, test_limited_stream_takes_its_time);
  tcase_add_loop_test (
      tc, test_copies_for_this_host_are_sent_unless_unwanted, 0, 2);
  tcase_add_test (tc, test_every_setting_is_read_back);
  return suite;
}

GST_CHECK_MAIN (socketdatagrams);
