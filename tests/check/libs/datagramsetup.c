/* SPDX-License-Identifier: LGPL-2.1-or-later
 * datagramsetup.c: tests of gstsocketio.c with datagrams
 *
 * Here: binding for both families, sharing a port or not, the source port.
 * Not here: streams (socketio.c), groups (multicast.c), sending and receiving
 * many (batch.c, packetwriter.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketio.h>

#include <sys/socket.h>

static GPtrArray *
bind_at (const gchar *host, guint16 port, gboolean reuse, GError **error)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;

  options.type = G_SOCKET_TYPE_DATAGRAM;
  options.reuse = reuse;
  return gst_socket_listen (host, port, &options, NULL, error);
}

static GSocket *
new_datagram_socket (GSocketFamily family)
{
  GSocket *socket =
      gst_socket_create (family, G_SOCKET_TYPE_DATAGRAM, NULL, NULL);

  fail_unless (socket != NULL);
  g_socket_set_timeout (socket, TEST_DEADLINE_US / G_USEC_PER_SEC);
  return socket;
}

static void
send_to (const gchar *host, guint16 port)
{
  g_autoptr (GSocketAddress) to =
      g_inet_socket_address_new_from_string (host, port);
  g_autoptr (GSocket) sender =
      new_datagram_socket (g_socket_address_get_family (to));

  fail_unless_equals_int (
      g_socket_send_to (sender, to, "abc", 3, NULL, NULL), 3);
}

static void
expect_abc (GSocket *socket)
{
  gchar bytes[4] = "";

  g_socket_set_blocking (socket, TRUE);
  g_socket_set_timeout (socket, TEST_DEADLINE_US / G_USEC_PER_SEC);
  test_receive (socket, bytes, 3);
  fail_unless_equals_string (bytes, "abc");
}

/* Where it is bound, and from where it then receives. */
static const struct
{
  const gchar *bound;
  const gchar *sent_to;
} places[] = {
    {"127.0.0.1", "127.0.0.1"},
    {"::1", "::1"},
    {"0.0.0.0", "127.0.0.1"},
    {"::", "::1"},
    {"::", "127.0.0.1"},
    {"", "127.0.0.1"},
};

GST_START_TEST (test_datagrams_are_received_by_both_families)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *sockets = bind_at (places[__i__].bound, 0, TRUE, &error);
  GSocket *socket;

  fail_unless (sockets != NULL, "%s", error != NULL ? error->message : "");
  socket = g_ptr_array_index (sockets, 0);
  send_to (places[__i__].sent_to, gst_socket_get_local_port (socket));
  expect_abc (socket);
  gst_socket_close_all (sockets);
}
GST_END_TEST;

GST_START_TEST (test_port_is_shared_by_those_who_want_to_and_no_others)
{
  GPtrArray *first = bind_at ("127.0.0.1", 0, TRUE, NULL);
  guint16 port = gst_socket_get_local_port (g_ptr_array_index (first, 0));
  GPtrArray *second = bind_at ("127.0.0.1", port, TRUE, NULL);
  g_autoptr (GError) error = NULL;

  fail_unless (second != NULL);
  fail_unless (bind_at ("127.0.0.1", port, FALSE, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE));
  gst_socket_close_all (first);
  gst_socket_close_all (second);
}
GST_END_TEST;

GST_START_TEST (test_port_that_is_not_shared_is_ones_own)
{
  GPtrArray *first = bind_at ("127.0.0.1", 0, FALSE, NULL);
  guint16 port = gst_socket_get_local_port (g_ptr_array_index (first, 0));
  g_autoptr (GError) error = NULL;

  fail_unless (bind_at ("127.0.0.1", port, TRUE, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE));
  gst_socket_close_all (first);
}
GST_END_TEST;

static const GSocketFamily families[] = {
    G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6};

GST_START_TEST (test_source_port_is_there_before_anything_is_sent)
{
  g_autoptr (GSocket) socket = new_datagram_socket (families[__i__]);
  g_autoptr (GError) error = NULL;
  guint16 port;

  fail_unless_equals_int (gst_socket_get_local_port (socket), 0);
  port = gst_socket_ensure_local_port (socket, &error);
  fail_unless (port != 0);
  fail_unless (error == NULL);
  fail_unless_equals_int (gst_socket_get_local_port (socket), port);
  fail_unless_equals_int (gst_socket_ensure_local_port (socket, NULL), port);
}
GST_END_TEST;

GST_START_TEST (test_unix_socket_has_no_source_port)
{
  g_autoptr (GSocket) socket = new_datagram_socket (G_SOCKET_FAMILY_UNIX);
  g_autoptr (GError) error = NULL;

  fail_unless_equals_int (gst_socket_ensure_local_port (socket, &error), 0);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED));
}
GST_END_TEST;

static Suite *
datagramsetup_suite (void)
{
  Suite *suite = suite_create ("datagramsetup");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (tc, test_datagrams_are_received_by_both_families, 0,
      G_N_ELEMENTS (places));
  tcase_add_test (tc, test_port_is_shared_by_those_who_want_to_and_no_others);
  tcase_add_test (tc, test_port_that_is_not_shared_is_ones_own);
  tcase_add_loop_test (tc, test_source_port_is_there_before_anything_is_sent, 0,
      G_N_ELEMENTS (families));
  tcase_add_test (tc, test_unix_socket_has_no_source_port);
  return suite;
}

GST_CHECK_MAIN (datagramsetup);
