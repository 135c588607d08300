/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpfaults.c: clients and circumstances that httpserversink has to survive
 *
 * Here: what is refused and how, that nobody else notices, ports, crowds.
 * Not here: every head that is refused (libs/httptext.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttpsink.h"

#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SMUGGLED "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
#define CROWD 5000

static TestSink
begin (const gchar *properties)
{
  TestSink sink = test_sink_begin (properties, TEST_SINK_VIDEO);

  test_sink_push (&sink, "key");
  return sink;
}

/* Whoever comes now is served. */
static void
expect_service (TestSink *sink)
{
  GIOStream *stream = test_sink_listen (sink, TEST_SINK_GET);

  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  test_sink_leave (stream);
}

/* --- what is no request --- */

/* There is one answer, and then the end. */
static void
expect_refusal (TestSink *sink, const gchar *text, guint status)
{
  g_autoptr (GIOStream) stream = test_http_connect (sink->port);
  g_autofree gchar *start = g_strdup_printf ("HTTP/1.1 %u ", status);
  g_autoptr (GString) all = NULL;

  test_http_send (stream, text);
  all = test_http_read_all (stream);
  fail_unless (g_str_has_prefix (all->str, start), "%.60s: %s", text, all->str);
  fail_unless (
      strstr (all->str + 1, "HTTP/1.1 ") == NULL, "%.60s: %s", text, all->str);
  test_http_close (stream);
}

GST_START_TEST (test_request_with_two_meanings_has_one_answer)
{
  static const struct
  {
    const gchar *text;
    guint status;
  } cases[] = {
      {"POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
          400},
      {"POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
       "Content-Length: 40\r\n\r\n" SMUGGLED,
          400},
      {"GET /stream HTTP/1.1\nHost: h\n\n" SMUGGLED, 400},
      {"GET /stream HTTP/1.1\r\nHost: h\r\nX: y\r\n z\r\n\r\n" SMUGGLED, 400},
      {"GET /stream HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\n" SMUGGLED,
          400},
      {"GET /stream\r\n\r\n" SMUGGLED, 400},
      {"GET /stream HTTP/2.0\r\nHost: h\r\n\r\n" SMUGGLED, 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" SMUGGLED, 505},
      {"\x16\x03\x01\x02\x01\x01garbage\r\n\r\n" SMUGGLED, 400},
      {"\x80\xff\xfe\r\n\r\n" SMUGGLED, 400},
      {"POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 39\r\n\r\n" SMUGGLED,
          405},
      {"POST /stream HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n" SMUGGLED,
          405},
  };
  TestSink sink = begin ("");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    expect_refusal (&sink, cases[i].text, cases[i].status);
  expect_service (&sink);
  test_sink_end (&sink);
}
GST_END_TEST;

GST_START_TEST (test_large_heads_are_refused)
{
  TestSink sink = begin ("");
  g_autofree gchar *large = g_strnfill (1024 * 1024, 'x');
  g_autofree gchar *field =
      g_strconcat ("GET / HTTP/1.1\r\nHost: h\r\nX: ", large, NULL);
  g_autofree gchar *line = g_strconcat ("GET /", large, NULL);

  expect_refusal (&sink, field, 431);
  expect_refusal (&sink, line, 414);
  expect_service (&sink);
  test_sink_end (&sink);
}
GST_END_TEST;

GST_START_TEST (test_pipelined_requests_are_answered_in_their_order)
{
  TestSink sink = begin ("");
  g_autoptr (GIOStream) stream = test_http_connect (sink.port);
  g_autoptr (TestAnswer) one = NULL;
  g_autoptr (TestAnswer) two = NULL;
  g_autoptr (TestAnswer) three = NULL;

  test_http_send (stream,
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\nBREW /stream HTTP/1.1\r\nHost: h\r\n"
      "\r\n" TEST_SINK_GET "GET /never HTTP/1.1\r\nHost: h\r\n\r\n");
  one = test_http_read (stream);
  two = test_http_read (stream);
  three = test_http_read (stream);
  fail_unless_equals_int (one->status, 404);
  fail_unless_equals_int (two->status, 405);
  fail_unless_equals_int (three->status, 200);
  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  test_http_close (stream);
  test_sink_end (&sink);
}
GST_END_TEST;

/* --- those who are slow --- */

GST_START_TEST (test_half_requests_keep_nobody_waiting)
{
  TestSink sink = begin ("header-timeout=2000000000");
  GIOStream *halves[20];

  for (guint i = 0; i < G_N_ELEMENTS (halves); i++) {
    halves[i] = test_http_connect (sink.port);
    test_http_send (halves[i], i % 4 == 0 ? "" : "GET /stream HTTP/1.1\r\nHo");
    if (i % 4 == 1)
      test_http_close (halves[i]);
  }
  expect_service (&sink);
  for (guint i = 0; i < G_N_ELEMENTS (halves); i++) {
    g_autoptr (GString) all = test_http_read_all (halves[i]);

    fail_unless (i % 4 == 1 || g_str_has_prefix (all->str, "HTTP/1.1 408 "),
        "%u: %s", i, all->str);
    test_sink_leave (halves[i]);
  }
  test_sink_end (&sink);
}
GST_END_TEST;

GST_START_TEST (test_listener_that_stops_reading_costs_only_itself)
{
  TestSink sink = begin ("queue-max-bytes=1000000");
  g_autofree gchar *large = g_strnfill (100000, 'x');
  GIOStream *stopped = test_sink_listen (&sink, "GET /stream HTTP/1.0\r\n\r\n");
  GIOStream *stream = test_sink_listen (&sink, "GET /stream HTTP/1.0\r\n\r\n");

  test_sink_expect (stream, "header:key");
  for (guint i = 0; i < 150; i++) {
    test_sink_push (&sink, large);
    test_sink_expect (stream, large);
  }
  test_sink_leave (stream);
  test_sink_leave (stopped);
  test_sink_end (&sink);
}
GST_END_TEST;

/* --- TLS --- */

static gchar *
make_certificate (const gchar *name)
{
  g_autofree gchar *folder = g_dir_make_tmp ("http-XXXXXX", NULL);
  gchar *path = g_build_filename (folder, "server.pem", NULL);

  test_make_certificate (path, name);
  return path;
}

static void
remove_certificate (const gchar *path)
{
  g_autofree gchar *folder = g_path_get_dirname (path);

  g_unlink (path);
  g_rmdir (folder);
}

static TestSink
begin_tls (const gchar *path)
{
  g_autofree gchar *properties =
      g_strdup_printf ("tls-port=0 tls-certificate-file=%s", path);

  return begin (properties);
}

static GIOStream *
listen_tls (TestSink *sink, const gchar *name)
{
  GIOStream *stream = test_http_connect_tls (sink->tls_port);
  g_autoptr (TestAnswer) answer = NULL;
  g_autofree gchar *subject = NULL;

  g_object_get (
      g_tls_connection_get_peer_certificate (G_TLS_CONNECTION (stream)),
      "subject-name", &subject, NULL);
  fail_unless_equals_string (subject, name);
  test_http_send (stream, "GET /stream HTTP/1.0\r\n\r\n");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  test_sink_expect (stream, "header:key");
  return stream;
}

GST_START_TEST (test_renewed_certificate_is_for_those_who_come_then)
{
  g_autofree gchar *path = make_certificate ("one.test");
  TestSink sink = begin_tls (path);
  GIOStream *streams[3];
  GstMessage *message;
  gboolean is_sound = TRUE;

  streams[0] = listen_tls (&sink, "CN=one.test");
  test_make_certificate (path, "two.test");
  streams[1] = listen_tls (&sink, "CN=two.test");
  fail_unless (g_file_set_contents (path, "broken", -1, NULL));
  streams[2] = listen_tls (&sink, "CN=two.test");
  message = test_sink_pop_message (&sink, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  g_signal_emit_by_name (test_sink_get (&sink), "reload-tls", &is_sound);
  fail_if (is_sound);
  test_sink_push (&sink, "more");
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++) {
    test_sink_expect (streams[i], "more");
    test_sink_leave (streams[i]);
  }
  test_sink_end (&sink);
  remove_certificate (path);
}
GST_END_TEST;

GST_START_TEST (test_garbage_on_the_tls_port_keeps_nobody_waiting)
{
  static const gchar *const garbage[] = {TEST_SINK_GET, "\x16\x03\x01",
      "\x16\x03\x01\x40\x01\x01\xff\xff\xff garbage",
      "\xff\xff\xff\xff\r\n\r\n", ""};
  g_autofree gchar *path = make_certificate ("one.test");
  TestSink sink = begin_tls (path);
  GIOStream *streams[G_N_ELEMENTS (garbage)];
  GIOStream *stream;

  for (guint i = 0; i < G_N_ELEMENTS (garbage); i++) {
    streams[i] = test_http_connect (sink.tls_port);
    test_http_send (streams[i], garbage[i]);
  }
  stream = listen_tls (&sink, "CN=one.test");
  test_sink_push (&sink, "more");
  test_sink_expect (stream, "more");
  test_sink_leave (stream);
  for (guint i = 0; i < G_N_ELEMENTS (garbage); i++)
    test_sink_leave (streams[i]);
  test_sink_end (&sink);
  remove_certificate (path);
}
GST_END_TEST;

/* Whether somebody opens what is watched while listeners come. */
static gboolean
is_opened (TestSink *sink, gint watch)
{
  struct inotify_event event;

  while (read (watch, &event, sizeof event) > 0)
    continue;
  for (guint i = 0; i < 3; i++)
    test_sink_leave (listen_tls (sink, "CN=one.test"));
  return read (watch, &event, sizeof event) > 0;
}

/* They are megabytes for each connection, and of no use to a server. Other
 * programs of this machine may read them just then, but not each time. */
GST_START_TEST (test_system_authorities_are_not_read)
{
  static const gchar *const places[] = {
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"};
  g_autofree gchar *path = make_certificate ("one.test");
  TestSink sink = begin_tls (path);
  gint watch = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  guint n = 0, n_opened = 0;

  fail_unless (watch >= 0);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    n += inotify_add_watch (watch, places[i], IN_OPEN) >= 0;
  if (n == 0)
    g_print ("skipped: this system has no authorities\n");
  while (n_opened < 20 && is_opened (&sink, watch))
    n_opened++;
  fail_unless (n_opened < 20);
  close (watch);
  test_sink_end (&sink);
  remove_certificate (path);
}
GST_END_TEST;

GST_START_TEST (test_http_2_falls_back_to_1_1)
{
  static const gchar *const offered[] = {"h2", "http/1.1", NULL};
  g_autofree gchar *path = make_certificate ("one.test");
  TestSink sink = begin_tls (path);
  GIOStream *stream = test_http_connect_tls_as (sink.tls_port, offered);
  g_autoptr (TestAnswer) answer = NULL;

  fail_unless_equals_string (
      g_tls_connection_get_negotiated_protocol (G_TLS_CONNECTION (stream)),
      "http/1.1");
  test_http_send (stream, TEST_SINK_GET);
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  test_sink_leave (stream);
  test_sink_end (&sink);
  remove_certificate (path);
}
GST_END_TEST;

/* --- places and ports --- */

static GIOStream *
connect_from (const gchar *source, guint16 port)
{
  g_autoptr (GSocket) socket = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) from =
      g_inet_socket_address_new_from_string (source, 0);
  g_autoptr (GSocketAddress) to =
      g_inet_socket_address_new_from_string ("127.0.0.1", port);

  g_socket_set_timeout (socket, 20);
  fail_unless (g_socket_bind (socket, from, FALSE, NULL));
  fail_unless (g_socket_connect (socket, to, NULL, NULL));
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

/* Each would take a thread until its time is over. */
GST_START_TEST (test_handshakes_that_stop_keep_nobody_waiting)
{
  g_autofree gchar *path = make_certificate ("one.test");
  TestSink sink = begin_tls (path);
  GIOStream *stopped[100];

  for (guint i = 0; i < G_N_ELEMENTS (stopped); i++) {
    stopped[i] = connect_from ("127.0.0.2", sink.tls_port);
    test_http_send (stopped[i], "\x16\x03\x01\x40\x01\x01");
  }
  test_sink_leave (listen_tls (&sink, "CN=one.test"));
  for (guint i = 0; i < G_N_ELEMENTS (stopped); i++)
    test_sink_leave (stopped[i]);
  test_sink_end (&sink);
  remove_certificate (path);
}
GST_END_TEST;

static GIOStream *
ask_from (const gchar *source, TestSink *sink, guint status)
{
  GIOStream *stream = connect_from (source, sink->port);
  g_autoptr (TestAnswer) answer = NULL;

  test_http_send (stream, TEST_SINK_GET);
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, status);
  if (status == 503) {
    g_autofree gchar *field = test_answer_field (answer, "Retry-After");

    fail_unless_equals_string (field, "2");
  }
  return stream;
}

GST_START_TEST (test_one_host_does_not_take_all_places)
{
  TestSink sink = begin ("max-clients=3 max-clients-per-ip=2");
  GIOStream *streams[] = {ask_from ("127.0.0.2", &sink, 200),
      ask_from ("127.0.0.2", &sink, 200), ask_from ("127.0.0.2", &sink, 503),
      ask_from ("127.0.0.3", &sink, 200), ask_from ("127.0.0.4", &sink, 503)};

  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    test_sink_leave (streams[i]);
  fail_unless_eventually (test_sink_has_no_listeners, &sink);
  test_sink_leave (ask_from ("127.0.0.2", &sink, 200));
  test_sink_end (&sink);
}
GST_END_TEST;

static gboolean
is_served_from_there (gpointer data)
{
  TestSink *sink = data;
  g_autoptr (GIOStream) stream = connect_from ("127.0.0.2", sink->port);
  g_autoptr (TestAnswer) answer = NULL;

  test_http_send (stream, TEST_SINK_GET);
  answer = test_http_read (stream);
  test_http_close (stream);
  return answer->status == 200;
}

GST_START_TEST (test_one_host_does_not_take_all_connections)
{
  TestSink sink = begin ("max-clients-per-ip=1");
  GIOStream *idle[17];
  g_autoptr (GIOStream) refused = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (idle); i++) {
    g_autoptr (TestAnswer) answer = NULL;

    idle[i] = connect_from ("127.0.0.2", sink.port);
    test_http_send (idle[i], "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
    answer = test_http_read (idle[i]);
    fail_unless_equals_int (answer->status, 404);
  }
  refused = ask_from ("127.0.0.2", &sink, 503);
  test_sink_leave (ask_from ("127.0.0.3", &sink, 200));
  for (guint i = 0; i < G_N_ELEMENTS (idle); i++)
    test_sink_leave (idle[i]);
  fail_unless_eventually (is_served_from_there, &sink);
  test_http_close (refused);
  test_sink_end (&sink);
}
GST_END_TEST;

/* Gives up, in this thread, what lets root have all ports. */
static void
give_up_ports (void)
{
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];

  fail_unless_equals_int (syscall (SYS_capget, &header, data), 0);
  data[0].effective &= ~(1u << CAP_NET_BIND_SERVICE);
  fail_unless_equals_int (syscall (SYS_capset, &header, data), 0);
}

static guint
first_free_port (void)
{
  g_autofree gchar *text = NULL;

  if (!g_file_get_contents (
          "/proc/sys/net/ipv4/ip_unprivileged_port_start", &text, NULL, NULL))
    return 1024;
  return atoi (text);
}

GST_START_TEST (test_port_of_root_is_an_error)
{
  g_autoptr (GstElement) pipeline = NULL;

  if (first_free_port () <= 7) {
    g_print ("skipped: here everybody may have every port\n");
    return;
  }
  pipeline = test_launch ("fakesrc ! httpserversink port=7");
  give_up_ports ();
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_WRITE, "port 7");
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
GST_END_TEST;

/* --- crowds --- */

static GSocket *
connect_at_once (guint16 port)
{
  GSocket *socket = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) to =
      g_inet_socket_address_new_from_string ("127.0.0.1", port);

  g_socket_set_blocking (socket, FALSE);
  g_socket_connect (socket, to, NULL, NULL);
  g_socket_set_blocking (socket, TRUE);
  g_socket_set_timeout (socket, 60);
  return socket;
}

static void
expect_200 (GSocket *socket)
{
  gchar start[13] = {0};
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (socket, start, 12, NULL, &error);

  fail_unless (n == 12 && g_str_equal (start, "HTTP/1.1 200"), "%s: %s", start,
      error != NULL ? error->message : "");
}

GST_START_TEST (test_crowd_that_comes_at_once_is_served)
{
  struct rlimit limit;
  TestSink sink;
  g_autoptr (GPtrArray) crowd = g_ptr_array_new_with_free_func (g_object_unref);

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < 2 * CROWD + 100) {
    g_print ("skipped: a process may not open %d files here\n", 2 * CROWD);
    return;
  }
  /* The first one asks when all have connected. */
  sink = begin ("header-timeout=0");
  for (guint i = 0; i < CROWD; i++)
    g_ptr_array_add (crowd, connect_at_once (sink.port));
  for (guint i = 0; i < CROWD; i++) {
    GSocket *socket = g_ptr_array_index (crowd, i);

    fail_unless (g_socket_condition_wait (socket, G_IO_OUT, NULL, NULL));
    fail_unless_equals_int (g_socket_send (socket, TEST_SINK_GET,
                                strlen (TEST_SINK_GET), NULL, NULL),
        strlen (TEST_SINK_GET));
  }
  g_ptr_array_foreach (crowd, (GFunc) expect_200, NULL);
  test_sink_end (&sink);
}
GST_END_TEST;

static Suite *
httpfaults_suite (void)
{
  Suite *s = suite_create ("httpfaults");
  TCase *tc = tcase_create ("plain");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_request_with_two_meanings_has_one_answer);
  tcase_add_test (tc, test_large_heads_are_refused);
  tcase_add_test (tc, test_pipelined_requests_are_answered_in_their_order);
  tcase_add_test (tc, test_half_requests_keep_nobody_waiting);
  tcase_add_test (tc, test_listener_that_stops_reading_costs_only_itself);
  tcase_add_test (tc, test_one_host_does_not_take_all_places);
  tcase_add_test (tc, test_one_host_does_not_take_all_connections);
  tcase_add_test (tc, test_port_of_root_is_an_error);
  tcase_add_test (tc, test_crowd_that_comes_at_once_is_served);

  tc = tcase_create ("tls");
  tcase_set_tags (tc, "tls");
  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_sink_start_helpers, NULL);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_renewed_certificate_is_for_those_who_come_then);
  tcase_add_test (tc, test_handshakes_that_stop_keep_nobody_waiting);
  tcase_add_test (tc, test_system_authorities_are_not_read);
  tcase_add_test (tc, test_http_2_falls_back_to_1_1);
  tcase_add_test (tc, test_garbage_on_the_tls_port_keeps_nobody_waiting);
  return s;
}

GST_CHECK_MAIN (httpfaults);
