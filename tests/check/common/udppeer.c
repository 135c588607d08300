/* SPDX-License-Identifier: LGPL-2.1-or-later
 * udppeer.c: a sender of datagrams, and a receiving element under test
 *
 * Here: see udppeer.h. Not here: assertions about either.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "udppeer.h"

#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

void
udp_peer_init (UdpPeer *peer, const gchar *from, const gchar *to, guint port)
{
  g_autoptr (GSocketAddress) local =
      g_inet_socket_address_new_from_string (from, 0);

  peer->to = g_inet_socket_address_new_from_string (to, port);
  peer->socket = g_socket_new (g_socket_address_get_family (local),
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  fail_unless (g_socket_bind (peer->socket, local, FALSE, NULL));
}

void
udp_peer_clear (UdpPeer *peer)
{
  g_clear_object (&peer->socket);
  g_clear_object (&peer->to);
}

void
udp_peer_send (UdpPeer *peer, gconstpointer data, gsize size)
{
  fail_unless_equals_int (
      g_socket_send_to (peer->socket, peer->to, data, size, NULL, NULL),
      (gssize) size);
}

void
udp_peer_send_train (
    UdpPeer *peer, gconstpointer data, gsize size, guint segment_size)
{
  union
  {
    struct cmsghdr header;
    guint8 bytes[CMSG_SPACE (sizeof (guint16))];
  } control = {0};
  guint16 segment = segment_size;
  struct sockaddr_storage to;
  struct iovec vector = {(gpointer) data, size};
  struct msghdr header = {.msg_name = &to,
      .msg_namelen = g_socket_address_get_native_size (peer->to),
      .msg_iov = &vector,
      .msg_iovlen = 1,
      .msg_control = &control,
      .msg_controllen = sizeof control};

  fail_unless (g_socket_address_to_native (peer->to, &to, sizeof to, NULL));
  control.header.cmsg_level = SOL_UDP;
  control.header.cmsg_type = UDP_SEGMENT;
  control.header.cmsg_len = CMSG_LEN (sizeof segment);
  memcpy (CMSG_DATA (&control.header), &segment, sizeof segment);
  fail_unless_equals_int (
      sendmsg (g_socket_get_fd (peer->socket), &header, 0), (int) size);
}

void
udp_test_init (
    UdpTest *test, const gchar *factory, const gchar *first_property, ...)
{
  gint port = 0;
  va_list args;

  memset (test, 0, sizeof *test);
  test->element = gst_element_factory_make (factory, NULL);
  fail_unless (test->element != NULL, "there is no %s", factory);
  gst_object_ref_sink (test->element);
  test->bus = gst_bus_new ();
  gst_element_set_bus (test->element, test->bus);
  g_object_set (test->element, "address", "127.0.0.1", "port", 0, NULL);
  if (first_property != NULL) {
    va_start (args, first_property);
    g_object_set_valist (G_OBJECT (test->element), first_property, args);
    va_end (args);
  }
  fail_unless_equals_int (
      gst_element_set_state (test->element, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  g_object_get (test->element, "port", &port, NULL);
  test->port = port;
  udp_peer_init (&test->peer, "127.0.0.1", "127.0.0.1", test->port);
}

void
udp_test_play (UdpTest *test)
{
  test->harness = gst_harness_new_with_element (test->element, NULL, "src");
  /* The harness has a bus of its own mind. */
  gst_element_set_bus (test->element, test->bus);
  gst_harness_use_systemclock (test->harness);
  gst_harness_play (test->harness);
}

void
udp_test_clear (UdpTest *test)
{
  gst_element_set_state (test->element, GST_STATE_NULL);
  g_clear_pointer (&test->harness, gst_harness_teardown);
  gst_element_set_bus (test->element, NULL);
  gst_object_unref (test->bus);
  gst_object_unref (test->element);
  udp_peer_clear (&test->peer);
}

void
udp_test_expect (UdpTest *test, gconstpointer data, gsize size)
{
  g_autoptr (GstBuffer) buffer = gst_harness_pull (test->harness);

  fail_unless (buffer != NULL, "no buffer came");
  fail_unless_equals_int (gst_buffer_get_size (buffer), size);
  fail_unless (gst_buffer_memcmp (buffer, 0, data, size) == 0);
}

GstMessage *
udp_test_pop_message (UdpTest *test, GstMessageType types)
{
  GstMessage *message =
      gst_bus_timed_pop_filtered (test->bus, 20 * GST_SECOND, types);

  fail_unless (message != NULL, "no message came");
  return message;
}

guint64
udp_test_get_stat (UdpTest *test, const gchar *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;
  guint small;

  g_object_get (test->element, "stats", &stats, NULL);
  if (gst_structure_get_uint64 (stats, name, &value))
    return value;
  fail_unless (gst_structure_get_uint (stats, name, &small));
  return small;
}
