/* SPDX-License-Identifier: LGPL-2.1-or-later
 * socketuri.c: tests of socketsrc and socketsink with URIs
 *
 * Here: what is sent to each kind of URI arrives at the same URI; senders that
 * come and go; every way to fail.
 * Not here: which texts are URIs (libs/uri.c), given sockets (socketsrc.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

static GstElement *source;
static gchar *folder;
static GMutex lock;
static GString *received;
static gint n_buffers;

static void
collect_cb (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer unused)
{
  GstMapInfo map;

  g_mutex_lock (&lock);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_string_append_len (received, (gchar *) map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  n_buffers++;
  g_mutex_unlock (&lock);
}

static gboolean
is_received (gpointer text)
{
  gboolean is;

  g_mutex_lock (&lock);
  is = g_str_equal (received->str, text);
  g_mutex_unlock (&lock);
  return is;
}

static void
set_up (void)
{
  test_leaks_begin ();
  folder = g_dir_make_tmp ("socketuri-XXXXXX", NULL);
  received = g_string_new (NULL);
  n_buffers = 0;
}

static void
tear_down (void)
{
  g_rmdir (folder);
  g_free (folder);
  g_string_free (received, TRUE);
  test_leaks_end ();
}

/* Puts this test's folder, process and port into a pattern. */
static gchar *
fill_in (const gchar *pattern, gint port)
{
  g_autoptr (GString) text = g_string_new (pattern);
  g_autofree gchar *pid = g_strdup_printf ("%d", getpid ());
  g_autofree gchar *number = g_strdup_printf ("%d", port);

  g_string_replace (text, "FOLDER", folder, 0);
  g_string_replace (text, "PID", pid, 0);
  g_string_replace (text, "PORT", number, 0);
  return g_strdup (text->str);
}

/* Returns the port that is received at. */
static gint
play_source (const gchar *uri, const gchar *settings)
{
  g_autofree gchar *filled = fill_in (uri, 0);
  gint port = 0;

  source = test_launch ("socketsrc name=src uri=\"%s\" %s ! "
                        "fakesink name=sink signal-handoffs=true",
      filled, settings);
  g_signal_connect (
      test_get (source, "sink"), "handoff", G_CALLBACK (collect_cb), NULL);
  fail_unless_equals_int (gst_element_set_state (source, GST_STATE_PLAYING),
      GST_STATE_CHANGE_ASYNC);
  g_object_get (test_get (source, "src"), "current-port", &port, NULL);
  return port;
}

static GstElement *
play_sink (const gchar *uri, gint port, const gchar *settings)
{
  g_autofree gchar *filled = fill_in (uri, port);
  GstElement *pipeline = test_launch ("appsrc name=src ! socketsink name=sink "
                                      "sync=false uri=\"%s\" %s",
      filled, settings);

  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  return pipeline;
}

static void
push (GstElement *pipeline, const gchar *text)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (text, strlen (text));
  GstFlowReturn flow;

  g_signal_emit_by_name (
      test_get (pipeline, "src"), "push-buffer", buffer, &flow);
  fail_unless_equals_int (flow, GST_FLOW_OK);
}

static const struct
{
  const gchar *receive;
  const gchar *send;
  gboolean keeps_messages;
  gboolean ends;
} pairs[] = {
    {"tcp://127.0.0.1:0?listen=true", "tcp://127.0.0.1:PORT", FALSE, TRUE},
    {"tcp://localhost:0?listen=true", "tcp://localhost:PORT", FALSE, TRUE},
    {"tcp://:0?listen=true&iface=lo", "tcp://127.0.0.1:PORT?iface=127.0.0.1",
        FALSE, TRUE},
    {"unix://FOLDER/s?listen=true", "unix://FOLDER/s", FALSE, TRUE},
    {"unix://FOLDER/s?listen=true&type=seqpacket",
        "unix://FOLDER/s?type=seqpacket", TRUE, TRUE},
    {"unix://FOLDER/s?listen=true&type=datagram",
        "unix://FOLDER/s?type=datagram", TRUE, FALSE},
    {"unix-abstract:gst-PID?listen=true", "unix-abstract:gst-PID", FALSE, TRUE},
    {"unix-abstract:gst-PID?listen=true&type=datagram",
        "unix-abstract:gst-PID?type=datagram", TRUE, FALSE},
    {"udp://127.0.0.1:0", "udp://127.0.0.1:PORT?ttl=2", TRUE, FALSE},
    {"udp://:0", "udp://127.0.0.1:PORT", TRUE, FALSE},
    {"udp://239.255.77.7:0?iface=lo", "udp://239.255.77.7:PORT?iface=lo&ttl=1",
        TRUE, FALSE},
    {"udp://127.0.0.1@232.255.77.7:0?iface=lo",
        "udp://232.255.77.7:PORT?iface=127.0.0.1&ttl=0", TRUE, FALSE},
};

GST_START_TEST (test_what_is_sent_to_a_uri_arrives_there)
{
  gint port = play_source (pairs[__i__].receive, "");
  GstElement *sink = play_sink (pairs[__i__].send, port, "");

  push (sink, "one");
  push (sink, "two");
  fail_unless_eventually (is_received, (gpointer) "onetwo");
  if (pairs[__i__].keeps_messages)
    fail_unless_equals_int (n_buffers, 2);
  test_stop (sink);
  if (pairs[__i__].ends)
    test_expect_eos (source);
  test_stop (source);
}
GST_END_TEST;

GST_START_TEST (test_source_that_connects_receives)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);
  g_autofree gchar *uri = g_strdup_printf ("tcp://127.0.0.1:%u", port);
  g_autoptr (GSocket) peer = NULL;

  play_source (uri, "");
  peer = test_accept (listener);
  test_send (peer, "abc", 3);
  fail_unless_eventually (is_received, (gpointer) "abc");
  g_socket_close (peer, NULL);
  test_expect_eos (source);
  test_stop (source);
}
GST_END_TEST;

GST_START_TEST (test_source_connects_again)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);
  g_autofree gchar *uri = g_strdup_printf ("tcp://127.0.0.1:%u", port);
  static const gchar *const so_far[] = {"a", "aa", "aaa"};

  play_source (uri, "reconnect=on-eof reconnect-delay=10000000");
  for (guint i = 0; i < G_N_ELEMENTS (so_far); i++) {
    g_autoptr (GSocket) peer = test_accept (listener);

    test_send (peer, "a", 1);
    fail_unless_eventually (is_received, (gpointer) so_far[i]);
  }
  test_stop (source);
}
GST_END_TEST;

GST_START_TEST (test_one_sender_after_another_makes_one_stream)
{
  static const gchar *const so_far[] = {"a", "aa", "aaa"};

  play_source ("unix://FOLDER/s?listen=true", "on-disconnect=wait");
  for (guint i = 0; i < G_N_ELEMENTS (so_far); i++) {
    GstElement *sink = play_sink ("unix://FOLDER/s", 0, "");

    push (sink, "a");
    fail_unless_eventually (is_received, (gpointer) so_far[i]);
    test_stop (sink);
  }
  test_stop (source);
}
GST_END_TEST;

GST_START_TEST (test_sink_waits_for_a_receiver_that_is_late)
{
  GstElement *sink = play_sink ("unix://FOLDER/s", 0,
      "reconnect=always reconnect-delay=10000000 "
      "reconnect-max-delay=10000000");

  push (sink, "one");
  gst_structure_free (test_expect_message (sink, "GstSocketRetrying"));
  play_source ("unix://FOLDER/s?listen=true", "");
  fail_unless_eventually (is_received, (gpointer) "one");
  test_stop (sink);
  test_stop (source);
}
GST_END_TEST;

/* Every second send or so learns that the former one was refused. */
static gboolean
push_and_look (gpointer sink)
{
  guint64 dropped = 0;

  push (sink, "lost");
  g_object_get (test_get (sink, "sink"), "buffers-dropped", &dropped, NULL);
  return dropped > 1;
}

GST_START_TEST (test_datagram_for_nobody_is_dropped_and_the_stream_goes_on)
{
  gint port = play_source ("udp://127.0.0.1:0", "");
  GstElement *sink = play_sink ("udp://127.0.0.1:PORT", port, "");

  test_stop (source);
  fail_unless_eventually (push_and_look, sink);
  test_stop (sink);
}
GST_END_TEST;

static const struct
{
  const gchar *uri;
  gint code;
  const gchar *said;
} failures[] = {
    {"nonsense", GST_RESOURCE_ERROR_SETTINGS, "\"nonsense\""},
    {"tcp://h", GST_RESOURCE_ERROR_SETTINGS, "port"},
    {"tcp://h:1?lisen=true", GST_RESOURCE_ERROR_SETTINGS, "lisen"},
    {"tcp://unknown.test:1", GST_RESOURCE_ERROR_OPEN_READ, "unknown.test"},
    {"tcp://unknown.test:1?listen=true", GST_RESOURCE_ERROR_OPEN_READ,
        "unknown.test"},
    {"tcp://127.0.0.1:1?iface=nosuch0", GST_RESOURCE_ERROR_OPEN_READ,
        "nosuch0"},
    {"tcp://127.0.0.1:1?listen=true&iface=nosuch0",
        GST_RESOURCE_ERROR_OPEN_READ, "nosuch0"},
    {"udp://239.1.1.1:0?iface=nosuch0", GST_RESOURCE_ERROR_OPEN_READ,
        "nosuch0"},
    {"tcp://192.0.2.1:0?listen=true", GST_RESOURCE_ERROR_OPEN_READ,
        "192.0.2.1"},
    {"unix:///nosuch/folder/s", GST_RESOURCE_ERROR_OPEN_READ,
        "/nosuch/folder/s"},
    {"unix:///nosuch/folder/s?listen=true", GST_RESOURCE_ERROR_OPEN_READ,
        "/nosuch/folder/s"},
    {"unix:///dev/null", GST_RESOURCE_ERROR_OPEN_READ, "/dev/null"},
    {"unix:///dev/null?listen=true", GST_RESOURCE_ERROR_OPEN_READ, "/dev/null"},
    {"unix:///dev/null?listen=true&type=datagram", GST_RESOURCE_ERROR_OPEN_READ,
        "/dev/null"},
};

GST_START_TEST (test_source_that_cannot_open_says_why)
{
  GstElement *pipeline =
      test_launch ("socketsrc uri=\"%s\" ! fakesink", failures[__i__].uri);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, failures[__i__].code, failures[__i__].said);
  test_stop (pipeline);
}
GST_END_TEST;

static const struct
{
  const gchar *setting;
  gint code;
  const gchar *said;
} sink_failures[] = {
    {"", GST_RESOURCE_ERROR_NOT_FOUND, "uri"},
    {"uri=nonsense", GST_RESOURCE_ERROR_SETTINGS, "nonsense"},
    {"uri=udp://h:0", GST_RESOURCE_ERROR_SETTINGS, "port"},
    {"uri=udp://:1", GST_RESOURCE_ERROR_SETTINGS, "host"},
    {"uri=tcp://unknown.test:1", GST_RESOURCE_ERROR_OPEN_READ, "unknown.test"},
    {"uri=unix:///nosuch/s", GST_RESOURCE_ERROR_OPEN_READ, "/nosuch/s"},
    {"uri=udp://239.1.1.1:1?iface=nosuch0", GST_RESOURCE_ERROR_OPEN_READ,
        "nosuch0"},
};

GST_START_TEST (test_sink_that_cannot_open_says_why)
{
  GstElement *pipeline =
      test_launch ("fakesrc ! socketsink %s", sink_failures[__i__].setting);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (
      pipeline, sink_failures[__i__].code, sink_failures[__i__].said);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_unix_socket_of_a_living_server_is_left_alone)
{
  GstElement *second;
  GstElement *sink;
  g_autofree gchar *uri = fill_in ("unix://FOLDER/s?listen=true", 0);

  play_source (uri, "");
  second = test_launch ("socketsrc uri=\"%s\" ! fakesink", uri);
  fail_unless_equals_int (gst_element_set_state (second, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (second, GST_RESOURCE_ERROR_OPEN_READ, "in use");
  test_stop (second);
  sink = play_sink ("unix://FOLDER/s", 0, "");
  push (sink, "one");
  fail_unless_eventually (is_received, (gpointer) "one");
  test_stop (sink);
  test_stop (source);
}
GST_END_TEST;

static const gchar *const waiting[] = {"tcp://127.0.0.1:0?listen=true",
    "unix://FOLDER/s?listen=true", "unix://FOLDER/s?listen=true&type=datagram",
    "udp://127.0.0.1:0"};

GST_START_TEST (test_waiting_does_not_hold_up_a_state_change)
{
  play_source (waiting[__i__], "");
  for (guint i = 0; i < 3; i++) {
    gst_element_set_state (source, GST_STATE_READY);
    fail_unless_equals_int (gst_element_set_state (source, GST_STATE_PLAYING),
        GST_STATE_CHANGE_ASYNC);
  }
  test_stop (source);
}
GST_END_TEST;

GST_START_TEST (test_elements_are_found_by_uri)
{
  static const gchar *const uris[] = {
      "tcp://h:1", "unix:///s", "unix-abstract:s"};

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++) {
    GstElement *src =
        gst_element_make_from_uri (GST_URI_SRC, uris[i], NULL, NULL);
    GstElement *sink =
        gst_element_make_from_uri (GST_URI_SINK, uris[i], NULL, NULL);
    g_autofree gchar *src_uri = gst_uri_handler_get_uri (GST_URI_HANDLER (src));
    g_autofree gchar *sink_uri =
        gst_uri_handler_get_uri (GST_URI_HANDLER (sink));

    fail_unless_equals_string (
        GST_OBJECT_NAME (gst_element_get_factory (src)), "socketsrc");
    fail_unless_equals_string (
        GST_OBJECT_NAME (gst_element_get_factory (sink)), "socketsink");
    fail_unless_equals_string (src_uri, uris[i]);
    fail_unless_equals_string (sink_uri, uris[i]);
    gst_object_unref (src);
    gst_object_unref (sink);
  }
}
GST_END_TEST;

GST_START_TEST (test_uri_handler_refuses_what_it_does_not_understand)
{
  GstElement *src = gst_element_factory_make ("socketsrc", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *uri = NULL;

  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (src), "tcp://h", &error));
  fail_unless (g_error_matches (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI));
  g_object_get (src, "uri", &uri, NULL);
  fail_unless (uri == NULL);
  gst_object_unref (src);
}
GST_END_TEST;

static void
add_fault_tests (TCase *tc)
{
  tcase_add_loop_test (
      tc, test_source_that_cannot_open_says_why, 0, G_N_ELEMENTS (failures));
  tcase_add_loop_test (
      tc, test_sink_that_cannot_open_says_why, 0, G_N_ELEMENTS (sink_failures));
  tcase_add_test (tc, test_unix_socket_of_a_living_server_is_left_alone);
  tcase_add_loop_test (tc, test_waiting_does_not_hold_up_a_state_change, 0,
      G_N_ELEMENTS (waiting));
}

static Suite *
socketuri_suite (void)
{
  Suite *suite = suite_create ("socketuri");
  TCase *tc = tcase_create ("general");

  test_resolver_install ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_loop_test (
      tc, test_what_is_sent_to_a_uri_arrives_there, 0, G_N_ELEMENTS (pairs));
  tcase_add_test (tc, test_source_that_connects_receives);
  tcase_add_test (tc, test_source_connects_again);
  tcase_add_test (tc, test_one_sender_after_another_makes_one_stream);
  tcase_add_test (tc, test_sink_waits_for_a_receiver_that_is_late);
  tcase_add_test (
      tc, test_datagram_for_nobody_is_dropped_and_the_stream_goes_on);
  add_fault_tests (tc);
  tcase_add_test (tc, test_elements_are_found_by_uri);
  tcase_add_test (tc, test_uri_handler_refuses_what_it_does_not_understand);
  return suite;
}

GST_CHECK_MAIN (socketuri);
