/* SPDX-License-Identifier: LGPL-2.1-or-later
 * socketlisten.c: tests of socketsink with a URI that listens
 *
 * Here: many clients on every kind of address, signals, figures, limits, the
 * file of a UNIX socket, every way to fail.
 * Not here: sending to one peer (socketuri.c), the engine's policies
 * (libs/engine.c, multihandlesink.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

#include <sys/stat.h>

#define N_CLIENTS 3
#define BIG (256 * 1024)
/* Together more than the kernel keeps for a client. */
#define PART (64 * 1024)
#define N_PARTS 256

static GstElement *pipeline;
static gchar *folder;
static GMutex lock;
static GString *signals_seen;
static guint n_notified;

static void
set_up (void)
{
  test_leaks_begin ();
  folder = g_dir_make_tmp ("socketlisten-XXXXXX", NULL);
  signals_seen = g_string_new (NULL);
  n_notified = 0;
}

static void
tear_down (void)
{
  g_rmdir (folder);
  g_free (folder);
  g_string_free (signals_seen, TRUE);
  test_leaks_end ();
}

/* --- the sink --- */

static void
note (const gchar *what, gint status)
{
  g_mutex_lock (&lock);
  g_string_append_printf (
      signals_seen, "%s%s%d", signals_seen->len > 0 ? ", " : "", what, status);
  g_mutex_unlock (&lock);
}

static gboolean
is_seen (gpointer text)
{
  gboolean is;

  g_mutex_lock (&lock);
  is = g_str_equal (signals_seen->str, text);
  g_mutex_unlock (&lock);
  return is;
}

static void
client_added_cb (GstElement *sink, GSocket *socket, gpointer unused)
{
  fail_unless (G_IS_SOCKET (socket));
  note ("added ", 0);
}

static void
client_removed_cb (
    GstElement *sink, GSocket *socket, gint status, gpointer unused)
{
  GstStructure *stats = NULL;

  g_signal_emit_by_name (sink, "get-stats", socket, &stats);
  fail_unless (gst_structure_has_field (stats, "bytes-sent"));
  gst_structure_free (stats);
  note ("removed ", status);
}

static void
notify_cb (GObject *sink, GParamSpec *pspec, gpointer unused)
{
  n_notified++;
}

/* Puts this test's folder and process into a pattern. */
static gchar *
fill_in (const gchar *pattern)
{
  g_autoptr (GString) text = g_string_new (pattern);
  g_autofree gchar *pid = g_strdup_printf ("%d", getpid ());

  g_string_replace (text, "FOLDER", folder, 0);
  g_string_replace (text, "PID", pid, 0);
  return g_strdup (text->str);
}

static GstElement *
get_sink (void)
{
  return test_get (pipeline, "sink");
}

static void
make (const gchar *uri, const gchar *settings)
{
  g_autofree gchar *filled = fill_in (uri);

  pipeline = test_launch ("appsrc name=src format=time ! socketsink name=sink "
                          "sync=false async=false uri=\"%s\" %s",
      filled, settings);
  g_signal_connect (
      get_sink (), "client-added", G_CALLBACK (client_added_cb), NULL);
  g_signal_connect (
      get_sink (), "client-removed", G_CALLBACK (client_removed_cb), NULL);
  g_signal_connect (
      get_sink (), "notify::current-port", G_CALLBACK (notify_cb), NULL);
}

static void
play (const gchar *uri, const gchar *settings)
{
  make (uri, settings);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
}

static void
push_buffer (GstBuffer *buffer)
{
  GstFlowReturn flow;

  g_signal_emit_by_name (
      test_get (pipeline, "src"), "push-buffer", buffer, &flow);
  fail_unless_equals_int (flow, GST_FLOW_OK);
  gst_buffer_unref (buffer);
}

static void
push (const gchar *text)
{
  push_buffer (gst_buffer_new_memdup (text, strlen (text)));
}

static void
push_delta (const gchar *text)
{
  GstBuffer *buffer = gst_buffer_new_memdup (text, strlen (text));

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  push_buffer (buffer);
}

static guint64
get_number (const gchar *property)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) number = G_VALUE_INIT;

  g_object_get_property (G_OBJECT (get_sink ()), property, &value);
  g_value_init (&number, G_TYPE_UINT64);
  fail_unless (g_value_transform (&value, &number));
  return g_value_get_uint64 (&number);
}

static gboolean
has_clients (gpointer count)
{
  return get_number ("num-handles") == GPOINTER_TO_UINT (count);
}

static void
wait_for_clients (guint count)
{
  fail_unless_eventually (has_clients, GUINT_TO_POINTER (count));
}

/* As a TestCondition: the sink has taken so many bytes, and keeps them. */
static gboolean
is_taken (gpointer bytes)
{
  GstStructure *totals = NULL;
  guint64 queued = 0;

  g_object_get (get_sink (), "totals", &totals, NULL);
  gst_structure_get_uint64 (totals, "bytes-queued", &queued);
  gst_structure_free (totals);
  return queued == GPOINTER_TO_UINT (bytes);
}

/* --- clients --- */

static GSocketAddress *
get_address (const gchar *uri)
{
  g_autofree gchar *filled = fill_in (uri);
  g_autofree gchar *place = g_strndup (filled, strcspn (filled, "?"));

  if (g_str_has_prefix (place, "unix://"))
    return g_unix_socket_address_new (place + strlen ("unix://"));
  if (g_str_has_prefix (place, "unix-abstract:"))
    return g_unix_socket_address_new_with_type (
        place + strlen ("unix-abstract:"), -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  return g_inet_socket_address_new_from_string (
      strstr (place, "[::1]") != NULL ? "::1" : "127.0.0.1",
      (guint) get_number ("current-port"));
}

static GSocket *
join (const gchar *uri)
{
  g_autoptr (GSocketAddress) address = get_address (uri);
  GSocket *socket = g_socket_new (g_socket_address_get_family (address),
      strstr (uri, "seqpacket") != NULL ? G_SOCKET_TYPE_SEQPACKET
                                        : G_SOCKET_TYPE_STREAM,
      G_SOCKET_PROTOCOL_DEFAULT, NULL);

  fail_unless (socket != NULL);
  g_socket_set_timeout (socket, TEST_DEADLINE_US / G_USEC_PER_SEC);
  if (!g_socket_connect (socket, address, NULL, NULL))
    g_clear_object (&socket);
  return socket;
}

static void
expect (GSocket *socket, const gchar *text)
{
  gsize size = strlen (text);
  g_autofree gchar *bytes = g_malloc0 (size + 1);

  test_receive (socket, bytes, size);
  fail_unless_equals_string (bytes, text);
}

/* --- the tests --- */

static const gchar *const listening[] = {
    "tcp://127.0.0.1:0?listen=true",
    "tcp://[::1]:0?listen=true",
    "tcp://localhost:0?listen=true&ttl=3",
    "tcp://:0?listen=true&iface=lo",
    "unix://FOLDER/s?listen=true",
    "unix://FOLDER/s?listen=true&type=seqpacket",
    "unix-abstract:gst-PID?listen=true",
    "unix-abstract:gst-PID?listen=true&type=seqpacket",
};

GST_START_TEST (test_everybody_who_connects_gets_the_stream)
{
  const gchar *uri = listening[__i__];
  GSocket *clients[N_CLIENTS];

  play (uri, "");
  push ("nobody sees this");
  fail_unless_eventually (is_taken, GUINT_TO_POINTER (16));
  for (guint i = 0; i < N_CLIENTS; i++) {
    clients[i] = join (uri);
    fail_unless (clients[i] != NULL);
  }
  wait_for_clients (N_CLIENTS);
  push ("one");
  for (guint i = 0; i < N_CLIENTS; i++)
    expect (clients[i], "one");
  push ("two");
  for (guint i = 0; i < N_CLIENTS; i++)
    expect (clients[i], "two");
  test_stop (pipeline);
  for (guint i = 0; i < N_CLIENTS; i++) {
    test_expect_end (clients[i]);
    g_object_unref (clients[i]);
  }
}
GST_END_TEST;

GST_START_TEST (test_who_comes_and_goes_is_told)
{
  const gchar *uri = "tcp://127.0.0.1:0?listen=true";
  GSocket *client;

  play (uri, "");
  client = join (uri);
  fail_unless_eventually (is_seen, (gpointer) "added 0");
  g_object_unref (client);
  /* 1 is "closed", 2 "removed" */
  fail_unless_eventually (is_seen, (gpointer) "added 0, removed 1");
  client = join (uri);
  fail_unless_eventually (is_seen, (gpointer) "added 0, removed 1, added 0");
  test_stop (pipeline);
  fail_unless (is_seen ((gpointer) "added 0, removed 1, added 0, removed 2"));
  g_object_unref (client);
}
GST_END_TEST;

/* Borrows the only client's structure. */
static guint64
get_only_client_id (void)
{
  g_auto (GValue) clients = G_VALUE_INIT;
  const GstStructure *client;
  guint64 id;

  g_object_get_property (G_OBJECT (get_sink ()), "clients", &clients);
  fail_unless_equals_int (gst_value_array_get_size (&clients), 1);
  client = gst_value_get_structure (gst_value_array_get_value (&clients, 0));
  fail_unless (gst_structure_has_field (client, "peer"));
  fail_unless (gst_structure_get_uint64 (client, "id", &id));
  return id;
}

GST_START_TEST (test_client_is_listed_and_can_be_kicked)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  g_autoptr (GSocket) client = NULL;
  GstStructure *totals = NULL;
  gboolean kicked = FALSE;
  guint64 id, served = 0;

  play (uri, "");
  client = join (uri);
  wait_for_clients (1);
  push ("abc");
  expect (client, "abc");
  id = get_only_client_id ();
  g_signal_emit_by_name (get_sink (), "kick", id, &kicked);
  fail_unless (kicked);
  test_expect_end (client);
  g_signal_emit_by_name (get_sink (), "kick", id, &kicked);
  fail_if (kicked);
  g_object_get (get_sink (), "totals", &totals, NULL);
  fail_unless (gst_structure_get_uint64 (totals, "clients-served", &served));
  fail_unless_equals_uint64 (served, 1);
  fail_unless_equals_uint64 (get_number ("bytes-served"), 3);
  gst_structure_free (totals);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_no_more_clients_than_allowed)
{
  const gchar *uri = "tcp://127.0.0.1:0?listen=true";
  g_autoptr (GSocket) first = NULL;
  g_autoptr (GSocket) second = NULL;

  play (uri, "max-clients=1");
  first = join (uri);
  wait_for_clients (1);
  second = join (uri);
  test_expect_end (second);
  push ("one");
  expect (first, "one");
  test_stop (pipeline);
}
GST_END_TEST;

static void
push_bytes (gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (buffer, 0, 'x', size);
  push_buffer (buffer);
}

static gboolean
push_big_and_look (gpointer seen)
{
  push_bytes (BIG);
  return is_seen (seen);
}

GST_START_TEST (test_slow_client_is_removed_and_the_stream_goes_on)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  g_autoptr (GSocket) slow = NULL;
  GstStructure *told;

  play (uri, "units-max=4");
  slow = join (uri);
  wait_for_clients (1);
  fail_unless_eventually (push_big_and_look, (gpointer) "added 0, removed 3");
  told = test_expect_message (pipeline, "client-slow");
  fail_unless_equals_string (
      gst_structure_get_string (told, "property"), "units-max");
  gst_structure_free (told);
  test_stop (pipeline);
}
GST_END_TEST;

static gboolean
push_big_until_dropped (gpointer unused)
{
  push_bytes (BIG);
  return get_number ("buffers-dropped") > 0;
}

GST_START_TEST (test_what_a_lagging_client_misses_is_counted)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  g_autoptr (GSocket) slow = NULL;

  play (uri, "units-soft-max=4 recover-policy=latest");
  slow = join (uri);
  wait_for_clients (1);
  fail_unless_eventually (push_big_until_dropped, NULL);
  wait_for_clients (1);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_late_client_starts_with_headers_and_a_keyframe)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  g_autoptr (GstBuffer) header = gst_buffer_new_memdup ("H", 1);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("application/x-test");
  g_autoptr (GSocket) client = NULL;
  g_auto (GValue) headers = G_VALUE_INIT;
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&headers, GST_TYPE_ARRAY);
  g_value_init (&value, GST_TYPE_BUFFER);
  g_value_set_boxed (&value, header);
  gst_value_array_append_value (&headers, &value);
  gst_caps_set_value (caps, "streamheader", &headers);
  play (uri, "sync-method=latest-keyframe");
  g_object_set (test_get (pipeline, "src"), "caps", caps, NULL);
  push ("k1");
  push_delta ("d1");
  push ("k2");
  push_delta ("d2");
  fail_unless_eventually (is_taken, GUINT_TO_POINTER (4));
  client = join (uri);
  wait_for_clients (1);
  push_delta ("d3");
  expect (client, "Hk2d2d3");
  test_stop (pipeline);
}
GST_END_TEST;

static void
end_stream (void)
{
  GstFlowReturn flow;

  g_signal_emit_by_name (test_get (pipeline, "src"), "end-of-stream", &flow);
  fail_unless_equals_int (flow, GST_FLOW_OK);
}

/* As a TestCondition: the only client gets what is queued, and then goes. */
static gboolean
is_flushing (gpointer unused)
{
  g_auto (GValue) clients = G_VALUE_INIT;
  const GstStructure *client;

  g_object_get_property (G_OBJECT (get_sink ()), "clients", &clients);
  fail_unless_equals_int (gst_value_array_get_size (&clients), 1);
  client = gst_value_get_structure (gst_value_array_get_value (&clients, 0));
  return g_str_equal (gst_structure_get_string (client, "state"), "flushing");
}

/* What gst-launch does. */
static gpointer
stop_at_eos (gpointer unused)
{
  test_expect_eos (pipeline);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return NULL;
}

GST_START_TEST (test_all_get_everything_before_the_stream_ends)
{
  const gchar *uri = listening[__i__];
  g_autofree gchar *bytes = g_malloc (PART);
  g_autoptr (GSocket) client = NULL;
  GThread *stopper;

  play (uri, "");
  client = join (uri);
  wait_for_clients (1);
  for (guint i = 0; i < N_PARTS; i++)
    push_bytes (PART);
  end_stream ();
  stopper = g_thread_new ("stopper", stop_at_eos, NULL);
  fail_unless_eventually (is_flushing, NULL);
  for (guint i = 0; i < N_PARTS; i++)
    test_receive (client, bytes, PART);
  test_expect_end (client);
  g_thread_join (stopper);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_end_does_not_wait_for_who_does_not_read)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (GSocket) client = NULL;

  play (uri, "drain-timeout=1");
  client = join (uri);
  wait_for_clients (1);
  push_bytes (BIG);
  push_bytes (BIG);
  end_stream ();
  test_expect_eos (pipeline);
  wait_for_clients (1);
  /* By default it would wait for 5 s. */
  fail_unless (g_get_monotonic_time () - begun < 4 * G_USEC_PER_SEC);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_waiting_at_the_end_does_not_hold_up_a_state_change)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  g_autoptr (GSocket) client = NULL;

  play (uri, "drain-timeout=9223372036854775807");
  client = join (uri);
  wait_for_clients (1);
  push_bytes (BIG);
  push_bytes (BIG);
  end_stream ();
  fail_unless_eventually (is_flushing, NULL);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_nobody_is_served_between_an_end_and_a_flush)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  g_autoptr (GSocket) late = NULL;
  g_autoptr (GSocket) client = NULL;
  g_autoptr (GstPad) pad = NULL;

  play (uri, "");
  end_stream ();
  test_expect_eos (pipeline);
  late = join (uri);
  test_expect_end (late);
  pad = gst_element_get_static_pad (get_sink (), "sink");
  fail_unless (gst_pad_send_event (pad, gst_event_new_flush_start ()));
  fail_unless (gst_pad_send_event (pad, gst_event_new_flush_stop (TRUE)));
  client = join (uri);
  wait_for_clients (1);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_port_is_told)
{
  play ("tcp://127.0.0.1:0?listen=true", "");
  fail_unless (get_number ("current-port") > 0);
  fail_unless_equals_int (n_notified, 1);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless_equals_uint64 (get_number ("current-port"), 0);
  fail_unless_equals_int (n_notified, 2);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_sink_listens_and_connects_in_turn)
{
  g_autofree gchar *own = fill_in ("unix://FOLDER/s?listen=true");
  g_autofree gchar *other = fill_in ("unix://FOLDER/other");
  g_autofree gchar *path = fill_in ("FOLDER/other");
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) listener = g_socket_new (G_SOCKET_FAMILY_UNIX,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

  fail_unless (g_socket_bind (listener, address, TRUE, NULL));
  fail_unless (g_socket_listen (listener, NULL));
  play (own, "");
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GSocket) client = join (own);
    g_autoptr (GSocket) peer = NULL;

    wait_for_clients (1);
    push ("to many");
    expect (client, "to many");
    gst_element_set_state (pipeline, GST_STATE_NULL);
    g_object_set (get_sink (), "uri", other, NULL);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    peer = test_accept (listener);
    push ("to one");
    expect (peer, "to one");
    gst_element_set_state (pipeline, GST_STATE_NULL);
    g_object_set (get_sink (), "uri", own, NULL);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
  }
  test_stop (pipeline);
  g_unlink (path);
}
GST_END_TEST;

static void
stop_cb (GstElement *sink, GSocket *socket, gpointer unused)
{
  ASSERT_WARNING (fail_unless_equals_int (
      gst_element_set_state (sink, GST_STATE_NULL), GST_STATE_CHANGE_FAILURE));
  note ("stopped ", 0);
}

GST_START_TEST (test_sink_cannot_be_closed_from_its_own_thread)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  g_autoptr (GSocket) client = NULL;

  play (uri, "");
  g_signal_connect (get_sink (), "client-added", G_CALLBACK (stop_cb), NULL);
  client = join (uri);
  fail_unless_eventually (is_seen, (gpointer) "added 0, stopped 0");
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_unix_socket_is_its_owners_alone_and_goes_in_the_end)
{
  g_autofree gchar *path = fill_in ("FOLDER/s");
  GStatBuf info;

  play ("unix://FOLDER/s?listen=true", "");
  fail_unless_equals_int (g_lstat (path, &info), 0);
  fail_unless_equals_int (info.st_mode & 0777, 0600);
  test_stop (pipeline);
  fail_if (g_file_test (path, G_FILE_TEST_EXISTS));
}
GST_END_TEST;

GST_START_TEST (test_file_that_took_the_sockets_place_is_left_alone)
{
  g_autofree gchar *path = fill_in ("FOLDER/s");

  play ("unix://FOLDER/s?listen=true", "");
  fail_unless_equals_int (g_unlink (path), 0);
  fail_unless (g_file_set_contents (path, "precious", -1, NULL));
  test_stop (pipeline);
  fail_unless (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  g_unlink (path);
}
GST_END_TEST;

/* What a server leaves behind that was killed. */
static void
leave_dead_socket (const gchar *path)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) dead = g_socket_new (G_SOCKET_FAMILY_UNIX,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

  fail_unless (g_socket_bind (dead, address, TRUE, NULL));
}

GST_START_TEST (test_dead_servers_socket_is_replaced)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  g_autofree gchar *path = fill_in ("FOLDER/s");
  g_autoptr (GSocket) client = NULL;

  leave_dead_socket (path);
  play (uri, "");
  client = join (uri);
  wait_for_clients (1);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_living_servers_socket_is_left_alone)
{
  const gchar *uri = "unix://FOLDER/s?listen=true";
  g_autoptr (GSocket) client = NULL;
  GstElement *first;

  play (uri, "");
  first = pipeline;
  make (uri, "");
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_READ, "in use");
  test_stop (pipeline);
  pipeline = first;
  client = join (uri);
  wait_for_clients (1);
  test_stop (pipeline);
}
GST_END_TEST;

static const struct
{
  const gchar *uri;
  gint code;
  const gchar *said;
} failures[] = {
    {"udp://127.0.0.1:0?listen=true", GST_RESOURCE_ERROR_SETTINGS, "datagram"},
    {"unix://FOLDER/s?listen=true&type=datagram", GST_RESOURCE_ERROR_SETTINGS,
        "datagram"},
    {"tcp://unknown.test:1?listen=true", GST_RESOURCE_ERROR_OPEN_READ,
        "unknown.test"},
    {"tcp://192.0.2.1:0?listen=true", GST_RESOURCE_ERROR_OPEN_READ,
        "192.0.2.1"},
    {"tcp://:0?listen=true&iface=nosuch0", GST_RESOURCE_ERROR_OPEN_READ,
        "nosuch0"},
    {"unix:///nosuch/folder/s?listen=true", GST_RESOURCE_ERROR_OPEN_READ,
        "/nosuch/folder/s"},
    {"unix:///dev/null?listen=true", GST_RESOURCE_ERROR_OPEN_READ, "/dev/null"},
    {"unix:///aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?listen=true",
        GST_RESOURCE_ERROR_SETTINGS, "107"},
};

GST_START_TEST (test_sink_that_cannot_listen_says_why)
{
  make (failures[__i__].uri, "");
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, failures[__i__].code, failures[__i__].said);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_port_in_use_is_named)
{
  guint16 port;
  g_autoptr (GSocket) other = test_listen (&port);
  g_autofree gchar *uri =
      g_strdup_printf ("tcp://127.0.0.1:%u?listen=true", port);
  g_autofree gchar *said = g_strdup_printf ("127.0.0.1:%u", port);

  make (uri, "");
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_READ, said);
  test_stop (pipeline);
}
GST_END_TEST;

static void
add_end_tests (TCase *tc)
{
  tcase_add_loop_test (tc, test_all_get_everything_before_the_stream_ends, 0,
      G_N_ELEMENTS (listening));
  tcase_add_test (tc, test_end_does_not_wait_for_who_does_not_read);
  tcase_add_test (tc, test_waiting_at_the_end_does_not_hold_up_a_state_change);
  tcase_add_test (tc, test_nobody_is_served_between_an_end_and_a_flush);
}

static void
add_file_tests (TCase *tc)
{
  tcase_add_test (tc, test_unix_socket_is_its_owners_alone_and_goes_in_the_end);
  tcase_add_test (tc, test_file_that_took_the_sockets_place_is_left_alone);
  tcase_add_test (tc, test_dead_servers_socket_is_replaced);
  tcase_add_test (tc, test_living_servers_socket_is_left_alone);
  tcase_add_loop_test (
      tc, test_sink_that_cannot_listen_says_why, 0, G_N_ELEMENTS (failures));
  tcase_add_test (tc, test_port_in_use_is_named);
}

static Suite *
socketlisten_suite (void)
{
  Suite *suite = suite_create ("socketlisten");
  TCase *tc = tcase_create ("general");

  test_resolver_install ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_loop_test (tc, test_everybody_who_connects_gets_the_stream, 0,
      G_N_ELEMENTS (listening));
  tcase_add_test (tc, test_who_comes_and_goes_is_told);
  tcase_add_test (tc, test_client_is_listed_and_can_be_kicked);
  tcase_add_test (tc, test_no_more_clients_than_allowed);
  tcase_add_test (tc, test_slow_client_is_removed_and_the_stream_goes_on);
  tcase_add_test (tc, test_what_a_lagging_client_misses_is_counted);
  tcase_add_test (tc, test_late_client_starts_with_headers_and_a_keyframe);
  tcase_add_test (tc, test_port_is_told);
  tcase_add_test (tc, test_sink_listens_and_connects_in_turn);
  tcase_add_test (tc, test_sink_cannot_be_closed_from_its_own_thread);
  add_end_tests (tc);
  add_file_tests (tc);
  return suite;
}

GST_CHECK_MAIN (socketlisten);
