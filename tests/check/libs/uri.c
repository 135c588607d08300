/* SPDX-License-Identifier: LGPL-2.1-or-later
 * uri.c: tests of gstsocketuri.c
 *
 * Here: what is understood, what is refused, and that what is written is what
 * is read. Not here: resolving.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testutil.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketuri.h>

static GstSocketUri *
parse (const gchar *text)
{
  g_autoptr (GError) error = NULL;
  GstSocketUri *uri = gst_socket_uri_parse (text, &error);

  fail_unless (uri != NULL, "%s: %s", text, error ? error->message : "?");
  fail_unless (error == NULL);
  return uri;
}

GST_START_TEST (test_tcp_host_and_port_are_read)
{
  g_autoptr (GstSocketUri) uri = parse ("tcp://example.org:5000");

  fail_unless_equals_int (uri->scheme, GST_SOCKET_URI_TCP);
  fail_unless_equals_int (uri->type, GST_SOCKET_URI_STREAM);
  fail_unless_equals_string (uri->host, "example.org");
  fail_unless_equals_int (uri->port, 5000);
  fail_unless_equals_int (uri->listen, FALSE);
  fail_unless_equals_int (uri->ttl, -1);
  fail_unless (uri->source == NULL && uri->path == NULL && uri->iface == NULL);
}
GST_END_TEST;

GST_START_TEST (test_udp_source_interface_and_ttl_are_read)
{
  g_autoptr (GstSocketUri) uri =
      parse ("udp://10.0.0.7@232.1.2.3:5004?iface=eth0&ttl=8");

  fail_unless_equals_int (uri->scheme, GST_SOCKET_URI_UDP);
  fail_unless_equals_int (uri->type, GST_SOCKET_URI_DATAGRAM);
  fail_unless_equals_string (uri->source, "10.0.0.7");
  fail_unless_equals_string (uri->host, "232.1.2.3");
  fail_unless_equals_string (uri->iface, "eth0");
  fail_unless_equals_int (uri->ttl, 8);
}
GST_END_TEST;

GST_START_TEST (test_ipv6_loses_its_brackets_and_keeps_its_zone)
{
  g_autoptr (GstSocketUri) uri = parse ("tcp://[fe80::1%25eth0]:80");

  fail_unless_equals_string (uri->host, "fe80::1%eth0");
}
GST_END_TEST;

GST_START_TEST (test_unix_path_is_decoded)
{
  g_autoptr (GstSocketUri) uri =
      parse ("unix:///tmp/a%20b?listen=true&type=seqpacket");

  fail_unless_equals_int (uri->scheme, GST_SOCKET_URI_UNIX);
  fail_unless_equals_int (uri->type, GST_SOCKET_URI_SEQPACKET);
  fail_unless_equals_string (uri->path, "/tmp/a b");
  fail_unless_equals_int (uri->listen, TRUE);
  fail_unless (uri->host == NULL);
}
GST_END_TEST;

GST_START_TEST (test_abstract_name_is_read)
{
  g_autoptr (GstSocketUri) uri = parse ("unix-abstract:camera/0");

  fail_unless_equals_int (uri->scheme, GST_SOCKET_URI_UNIX_ABSTRACT);
  fail_unless_equals_string (uri->path, "camera/0");
}
GST_END_TEST;

/* In the form that gst_socket_uri_to_string () writes. */
static const gchar *const canonical[] = {
    "tcp://example.org:5000",
    "tcp://127.0.0.1:1",
    "tcp://[::1]:65535",
    "tcp://[fe80::1%25eth0]:80",
    "tcp://:0?listen=true",
    "tcp://localhost:0?listen=true",
    "tcp://h:1?listen=true&iface=eth0&ttl=255",
    "udp://239.1.2.3:5004",
    "udp://:5004",
    "udp://10.0.0.7@232.1.2.3:5004?iface=192.168.1.1&ttl=0",
    "udp://fe80::1@[ff3e::8000:1]:5004",
    "unix:///run/camera",
    "unix:///tmp/a%20b%25c%3Fd%23e",
    "unix:///run/x?listen=true&type=datagram",
    "unix-abstract:camera",
    "unix-abstract:a/b%20c?listen=true&type=seqpacket",
};

GST_START_TEST (test_canonical_form_round_trips)
{
  const gchar *text = canonical[__i__];
  g_autoptr (GstSocketUri) uri = parse (text);
  g_autofree gchar *written = gst_socket_uri_to_string (uri);

  fail_unless_equals_string (written, text);
}
GST_END_TEST;

static const struct
{
  const gchar *given;
  const gchar *canonical;
} variants[] = {
    {"TCP://h:1", "tcp://h:1"},
    {"tcp://h:1/", "tcp://h:1"},
    {"tcp://h:1?", "tcp://h:1"},
    {"tcp://h:1?listen=false", "tcp://h:1"},
    {"tcp://h:00080", "tcp://h:80"},
    {"tcp://h:1?ttl=1&listen=true", "tcp://h:1?listen=true&ttl=1"},
    {"udp://@239.1.1.1:5004", "udp://239.1.1.1:5004"},
    {"udp://h:1?listen=true", "udp://h:1?listen=true"},
    {"unix:///x?type=stream", "unix:///x"},
    {"unix-abstract:%61bc", "unix-abstract:abc"},
};

GST_START_TEST (test_other_spellings_mean_the_same)
{
  g_autoptr (GstSocketUri) uri = parse (variants[__i__].given);
  g_autoptr (GstSocketUri) same = parse (variants[__i__].canonical);
  g_autofree gchar *written = gst_socket_uri_to_string (uri);

  fail_unless_equals_string (written, variants[__i__].canonical);
  fail_unless (gst_socket_uri_equal (uri, same));
}
GST_END_TEST;

/* What is wrong, and a word of what is said about it. */
static const struct
{
  const gchar *text;
  const gchar *said;
} malformed[] = {
    {"", "scheme"},
    {"nonsense", "scheme"},
    {"//h:1", "scheme"},
    {"://h:1", "scheme"},
    {"http://h:1", "\"http\""},
    {"tcps://h:1", "\"tcps\""},
    {"unix-abstrac:x", "\"unix-abstrac\""},
    {"tcp:", "host"},
    {"tcp:h:1", "host"},
    {"tcp:/h:1", "host"},
    {"tcp://", "port"},
    {"tcp://h", "port"},
    {"tcp://h:", "port"},
    {"tcp://:1", "host"},
    {"tcp://h:0", "port 0"},
    {"tcp://h:-1", "-1"},
    {"tcp://h:65536", "65536"},
    {"tcp://h:99999999999999999999", "9999"},
    {"tcp://h:1x", "1x"},
    {"tcp://h: 1", "port"},
    {"tcp://a b:1", "a b"},
    {"tcp://a%20b:1", "a b"},
    {"tcp://a%2Fb:1", "a/b"},
    {"tcp://a%00b:1", ""},
    {"tcp://%zz:1", ""},
    {"tcp://%:1", ""},
    {"tcp://[::1:1", "::1"},
    {"tcp://[]:1", ""},
    {"tcp://[::g]:1", "::g"},
    {"tcp://::1:1", "port"},
    {"tcp://[fe80::1%eth0]:1", "fe80"},
    {"tcp://user@h:1", "@"},
    {"tcp://@h:1", "@"},
    {"tcp://user:secret@h:1", "@"},
    {"tcp://h:1/path", "/path"},
    {"tcp://h:1//", "//"},
    {"tcp://h:1#part", "#part"},
    {"tcp://h:1?listen", "?listen"},
    {"tcp://h:1?listen=", "listen"},
    {"tcp://h:1?listen=yes", "yes"},
    {"tcp://h:1?listen=TRUE", "TRUE"},
    {"tcp://h:1?listen=true&listen=true", "twice"},
    {"tcp://h:1?Listen=true", "Listen"},
    {"tcp://h:1?lisen=true", "lisen"},
    {"tcp://h:1?=true", ""},
    {"tcp://h:1?ttl=", "ttl"},
    {"tcp://h:1?ttl=256", "256"},
    {"tcp://h:1?ttl=-1", "-1"},
    {"tcp://h:1?ttl=1.5", "1.5"},
    {"tcp://h:1?ttl=%zz", ""},
    {"tcp://h:1?iface=", "interface"},
    {"tcp://h:1?iface=a%20b", "a b"},
    {"tcp://h:1?type=datagram", "type"},
    {"udp://sender@232.1.1.1:1", "sender"},
    {"udp://10.0.0.1@[ff3e::1]:1", "mix"},
    {"udp://::1@232.1.1.1:1", "mix"},
    {"udp://h:1?type=stream", "type"},
    {"unix:", "slashes"},
    {"unix:path", "slashes"},
    {"unix:/path", "slashes"},
    {"unix://path", "slashes"},
    {"unix://host/path", "slashes"},
    {"unix:///", "path"},
    {"unix:///a%00b", ""},
    {"unix:///a?ttl=1", "ttl"},
    {"unix:///a?iface=eth0", "iface"},
    {"unix:///a?type=raw", "raw"},
    {"unix://h:1/a", "port"},
    {"unix://u@/a", "user"},
    {"unix-abstract:", "name"},
    {"unix-abstract://name", "//"},
    {"unix-abstract:///name", "//"},
};

GST_START_TEST (test_malformed_is_refused_with_a_reason)
{
  g_autoptr (GError) error = NULL;
  const gchar *text = malformed[__i__].text;
  GstSocketUri *uri = gst_socket_uri_parse (text, &error);

  fail_unless (uri == NULL, "\"%s\" was understood", text);
  fail_unless (error != NULL && error->domain == GST_URI_ERROR);
  fail_unless (strstr (error->message, malformed[__i__].said) != NULL,
      "\"%s\": \"%s\" is not in \"%s\"", text, malformed[__i__].said,
      error->message);
}
GST_END_TEST;

GST_START_TEST (test_unknown_scheme_has_a_code_of_its_own)
{
  g_autoptr (GError) error = NULL;

  fail_unless (gst_socket_uri_parse ("ftp://h:1", &error) == NULL);
  fail_unless (g_error_matches (
      error, GST_URI_ERROR, GST_URI_ERROR_UNSUPPORTED_PROTOCOL));
}
GST_END_TEST;

GST_START_TEST (test_path_length_is_limited_at_107_bytes)
{
  for (gint more = -1; more <= 1; more++) {
    g_autofree gchar *path =
        g_strnfill (GST_SOCKET_UNIX_PATH_MAX - 1 + more, 'x');
    g_autofree gchar *text = g_strdup_printf ("unix:///%s", path);
    g_autoptr (GstSocketUri) uri = gst_socket_uri_parse (text, NULL);

    fail_unless_equals_int (uri != NULL, more <= 0);
  }
}
GST_END_TEST;

GST_START_TEST (test_copy_equals_and_differs_in_every_field)
{
  static const gchar *const others[] = {"udp://10.0.0.2@h:1?iface=e&ttl=1",
      "udp://10.0.0.1@i:1?iface=e&ttl=1", "udp://10.0.0.1@h:2?iface=e&ttl=1",
      "udp://10.0.0.1@h:1?iface=f&ttl=1", "udp://10.0.0.1@h:1?iface=e&ttl=2",
      "udp://10.0.0.1@h:1?iface=e",
      "udp://10.0.0.1@h:1?iface=e&ttl=1&listen=true", "unix:///h"};
  g_autoptr (GstSocketUri) uri = parse ("udp://10.0.0.1@h:1?iface=e&ttl=1");
  g_autoptr (GstSocketUri) copy = g_boxed_copy (GST_TYPE_SOCKET_URI, uri);

  fail_unless (gst_socket_uri_equal (uri, copy));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autoptr (GstSocketUri) other = parse (others[i]);

    fail_if (gst_socket_uri_equal (uri, other), "%s", others[i]);
  }
}
GST_END_TEST;

static Suite *
uri_suite (void)
{
  Suite *suite = suite_create ("uri");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_tcp_host_and_port_are_read);
  tcase_add_test (tc, test_udp_source_interface_and_ttl_are_read);
  tcase_add_test (tc, test_ipv6_loses_its_brackets_and_keeps_its_zone);
  tcase_add_test (tc, test_unix_path_is_decoded);
  tcase_add_test (tc, test_abstract_name_is_read);
  tcase_add_loop_test (
      tc, test_canonical_form_round_trips, 0, G_N_ELEMENTS (canonical));
  tcase_add_loop_test (
      tc, test_other_spellings_mean_the_same, 0, G_N_ELEMENTS (variants));
  tcase_add_loop_test (
      tc, test_malformed_is_refused_with_a_reason, 0, G_N_ELEMENTS (malformed));
  tcase_add_test (tc, test_unknown_scheme_has_a_code_of_its_own);
  tcase_add_test (tc, test_path_length_is_limited_at_107_bytes);
  tcase_add_test (tc, test_copy_equals_and_differs_in_every_field);
  return suite;
}

GST_CHECK_MAIN (uri);
