/* SPDX-License-Identifier: LGPL-2.1-or-later
 * address.c: tests of gstsocketaddress.c
 *
 * Here: resolving, also cancelled, and what is told about an address.
 * Not here: sockets. No name server is asked.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gio/gunixsocketaddress.h>
#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketaddress.h>

/* What host resolves to, in order, as "a b c". */
static gchar *
resolve (const gchar *host)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list =
      gst_socket_address_resolve (host, 80, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (list == NULL)
    return g_strdup (error->message);
  for (guint i = 0; i < list->len; i++) {
    g_autofree gchar *one =
        gst_socket_address_to_string (g_ptr_array_index (list, i));

    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", one);
  }
  return g_strdup (text->str);
}

static const struct
{
  const gchar *host;
  const gchar *expected;
} hosts[] = {
    {"127.0.0.1", "127.0.0.1:80"},
    {"::1", "[::1]:80"},
    {"::", "[::]:80"},
    {"", "[::]:80 0.0.0.0:80"},
    {"127.0.0.1,::1", "127.0.0.1:80 [::1]:80"},
    {" 127.0.0.1 , ::1 ", "127.0.0.1:80 [::1]:80"},
    {"127.0.0.1,127.0.0.1", "127.0.0.1:80"},
    {TEST_HOST_SECOND_WORKS, "127.0.0.3:80 127.0.0.1:80"},
    {TEST_HOST_SECOND_WORKS ",127.0.0.1", "127.0.0.3:80 127.0.0.1:80"},
    {TEST_HOST_UNKNOWN, "no such host: " TEST_HOST_UNKNOWN},
    {"127.0.0.1," TEST_HOST_UNKNOWN, "no such host: " TEST_HOST_UNKNOWN},
};

GST_START_TEST (test_host_resolves_to_every_address_once)
{
  g_autofree gchar *found = resolve (hosts[__i__].host);

  fail_unless_equals_string (found, hosts[__i__].expected);
}
GST_END_TEST;

GST_START_TEST (test_localhost_has_both_families)
{
  g_autofree gchar *found = resolve ("localhost");

  fail_unless (strstr (found, "127.0.0.1:80") != NULL, "%s", found);
  fail_unless (strstr (found, "[::1]:80") != NULL, "%s", found);
}
GST_END_TEST;

GST_START_TEST (test_unknown_host_has_a_code_of_its_own)
{
  g_autoptr (GError) error = NULL;

  fail_unless (
      gst_socket_address_resolve (TEST_HOST_UNKNOWN, 1, NULL, &error) == NULL);
  fail_unless (
      g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND));
}
GST_END_TEST;

static gpointer
cancel_when_hanging (gpointer cancellable)
{
  gboolean hangs = test_wait_until (test_resolver_is_hanging, NULL);

  g_cancellable_cancel (cancellable);
  return GINT_TO_POINTER (hangs);
}

GST_START_TEST (test_look_up_is_cancelled_from_another_thread)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread =
      g_thread_new ("canceller", cancel_when_hanging, cancellable);

  fail_unless (
      gst_socket_address_resolve (TEST_HOST_HANGING, 1, cancellable, &error)
      == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  fail_unless (GPOINTER_TO_INT (g_thread_join (thread)));
}
GST_END_TEST;

GST_START_TEST (test_nothing_is_resolved_once_cancelled)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  fail_unless (
      gst_socket_address_resolve ("127.0.0.1", 1, cancellable, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}
GST_END_TEST;

static const struct
{
  const gchar *uri;
  const gchar *expected;
} uris[] = {
    {"tcp://127.0.0.1:5", "127.0.0.1:5"},
    {"udp://[ff02::1]:5", "[ff02::1]:5"},
    {"unix:///run/s", "/run/s"},
    {"unix-abstract:s", "@s"},
};

GST_START_TEST (test_uri_of_each_scheme_resolves)
{
  g_autoptr (GstSocketUri) uri = gst_socket_uri_parse (uris[__i__].uri, NULL);
  g_autoptr (GPtrArray) list = gst_socket_address_resolve_uri (uri, NULL, NULL);
  g_autofree gchar *text = NULL;

  fail_unless (list != NULL && list->len == 1);
  text = gst_socket_address_to_string (g_ptr_array_index (list, 0));
  fail_unless_equals_string (text, uris[__i__].expected);
}
GST_END_TEST;

GST_START_TEST (test_unix_path_that_is_too_long_is_refused)
{
  for (gint more = -1; more <= 1; more++) {
    g_autofree gchar *path = g_strnfill (GST_SOCKET_UNIX_PATH_MAX + more, 'x');
    g_autoptr (GError) error = NULL;
    g_autoptr (GSocketAddress) address =
        gst_socket_address_new_unix (path, FALSE, &error);

    fail_unless_equals_int (address != NULL, more <= 0);
    if (address == NULL)
      fail_unless (
          g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME));
  }
  fail_unless (gst_socket_address_new_unix ("", TRUE, NULL) == NULL);
}
GST_END_TEST;

static const struct
{
  const gchar *address;
  gboolean any;
  gboolean loopback;
  const gchar *shown;
} kinds[] = {
    {"0.0.0.0", TRUE, FALSE, "0.0.0.0:7"},
    {"::", TRUE, FALSE, "[::]:7"},
    {"127.0.0.1", FALSE, TRUE, "127.0.0.1:7"},
    {"127.9.9.9", FALSE, TRUE, "127.9.9.9:7"},
    {"::1", FALSE, TRUE, "[::1]:7"},
    {"192.0.2.1", FALSE, FALSE, "192.0.2.1:7"},
    {"2001:db8::1", FALSE, FALSE, "[2001:db8::1]:7"},
    {"::ffff:192.0.2.1", FALSE, FALSE, "192.0.2.1:7"},
};

GST_START_TEST (test_kinds_of_address_are_told_apart)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string (kinds[__i__].address, 7);
  g_autofree gchar *text = gst_socket_address_to_string (address);

  fail_unless_equals_int (
      gst_socket_address_is_any (address), kinds[__i__].any);
  fail_unless_equals_int (
      gst_socket_address_is_loopback (address), kinds[__i__].loopback);
  fail_unless_equals_string (text, kinds[__i__].shown);
}
GST_END_TEST;

GST_START_TEST (test_port_is_replaced)
{
  static const gchar *const addresses[] = {"192.0.2.1", "fe80::1%lo"};

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    g_autoptr (GSocketAddress) address =
        g_inet_socket_address_new_from_string (addresses[i], 7);
    g_autoptr (GSocketAddress) other =
        gst_socket_address_with_port (address, 8);
    g_autoptr (GSocketAddress) back = gst_socket_address_with_port (other, 7);

    fail_unless_equals_int (gst_socket_address_get_port (other), 8);
    fail_if (gst_socket_address_equal (address, other));
    fail_unless (gst_socket_address_equal (address, back));
  }
}
GST_END_TEST;

GST_START_TEST (test_unix_address_has_no_port)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new ("/run/s");
  g_autoptr (GSocketAddress) same = gst_socket_address_with_port (address, 8);

  fail_unless (same == address);
  fail_unless_equals_int (gst_socket_address_get_port (address), 0);
  fail_unless_equals_int (gst_socket_address_get_port (NULL), 0);
  fail_unless (gst_socket_address_is_loopback (address));
  fail_if (gst_socket_address_is_any (address));
}
GST_END_TEST;

static Suite *
address_suite (void)
{
  Suite *suite = suite_create ("address");
  TCase *tc = tcase_create ("general");

  test_resolver_install ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (
      tc, test_host_resolves_to_every_address_once, 0, G_N_ELEMENTS (hosts));
  tcase_add_test (tc, test_localhost_has_both_families);
  tcase_add_test (tc, test_unknown_host_has_a_code_of_its_own);
  tcase_add_test (tc, test_look_up_is_cancelled_from_another_thread);
  tcase_add_test (tc, test_nothing_is_resolved_once_cancelled);
  tcase_add_loop_test (
      tc, test_uri_of_each_scheme_resolves, 0, G_N_ELEMENTS (uris));
  tcase_add_test (tc, test_unix_path_that_is_too_long_is_refused);
  tcase_add_loop_test (
      tc, test_kinds_of_address_are_told_apart, 0, G_N_ELEMENTS (kinds));
  tcase_add_test (tc, test_port_is_replaced);
  tcase_add_test (tc, test_unix_address_has_no_port);
  return suite;
}

GST_CHECK_MAIN (address);
