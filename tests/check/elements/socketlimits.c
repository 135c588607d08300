/* SPDX-License-Identifier: LGPL-2.1-or-later
 * socketlimits.c: tests of the limits of a socketsink that listens
 *
 * Here: that each property for clients is passed on to where it counts.
 * Not here: who connects (socketlisten.c), what each policy does in detail
 * (libs/engine.c, libs/policy.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gio/gunixsocketaddress.h>
#include <gst/check/gstcheck.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#define BIG (256 * 1024)
#define MIB (1024 * 1024)

static GstElement *pipeline;
static gchar *name;
static GstClockTime next_time;
static gint lowat;

static void
set_up (void)
{
  test_leaks_begin ();
  name = g_strdup_printf ("gst-limits-%d", getpid ());
  next_time = 0;
  g_atomic_int_set (&lowat, 0);
}

static void
tear_down (void)
{
  g_free (name);
  test_leaks_end ();
}

static GstElement *
get_sink (void)
{
  return test_get (pipeline, "sink");
}

static void
play (const gchar *settings)
{
  pipeline = test_launch ("appsrc name=src format=time ! socketsink name=sink "
                          "sync=false async=false "
                          "uri=unix-abstract:%s?listen=true %s",
      name, settings);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
}

/* Each takes a second of the stream. */
static void
push (gchar content, gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstFlowReturn flow;

  gst_buffer_memset (buffer, 0, content, size);
  GST_BUFFER_PTS (buffer) = next_time;
  GST_BUFFER_DURATION (buffer) = GST_SECOND;
  next_time += GST_SECOND;
  g_signal_emit_by_name (
      test_get (pipeline, "src"), "push-buffer", buffer, &flow);
  fail_unless_equals_int (flow, GST_FLOW_OK);
  gst_buffer_unref (buffer);
}

static guint64
get_total (const gchar *field)
{
  GstStructure *totals = NULL;
  guint64 value = 0;

  g_object_get (get_sink (), "totals", &totals, NULL);
  fail_unless (gst_structure_get_uint64 (totals, field, &value));
  gst_structure_free (totals);
  return value;
}

/* As a TestCondition: so many clients. */
static gboolean
has_clients (gpointer count)
{
  guint n = 0;

  g_object_get (get_sink (), "num-handles", &n, NULL);
  return n == GPOINTER_TO_UINT (count);
}

static GSocket *
join (void)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new_with_type (
      name, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
      G_SOCKET_PROTOCOL_DEFAULT, NULL);

  g_socket_set_timeout (socket, TEST_DEADLINE_US / G_USEC_PER_SEC);
  fail_unless (g_socket_connect (socket, address, NULL, NULL));
  fail_unless_eventually (has_clients, GUINT_TO_POINTER (1));
  return socket;
}

/* --- where a client starts --- */

/* It is measured when the next buffer comes, as multisocketsink does it. */
static const struct
{
  const gchar *settings;
  const gchar *received;
} starts[] = {
    {"burst-format=buffers burst-value=2 bytes-min=100", "de"},
    {"burst-format=buffers burst-value=2 time-min=10000000000", "de"},
    {"burst-format=bytes burst-value=3 bytes-min=100", "cde"},
    {"burst-format=time burst-value=1000000000 time-min=10000000000", "de"},
};

static gboolean
has_four (gpointer unused)
{
  return get_total ("bytes-queued") == 4;
}

GST_START_TEST (test_client_gets_the_burst_that_is_asked_for)
{
  g_autofree gchar *settings =
      g_strdup_printf ("sync-method=burst %s", starts[__i__].settings);
  const gchar *expected = starts[__i__].received;
  g_autoptr (GSocket) client = NULL;
  gchar received[8] = "";

  play (settings);
  for (gchar c = 'a'; c <= 'd'; c++)
    push (c, 1);
  fail_unless_eventually (has_four, NULL);
  client = join ();
  push ('e', 1);
  test_receive (client, received, strlen (expected));
  fail_unless_equals_string (received, expected);
  test_stop (pipeline);
}
GST_END_TEST;

/* --- how far a client may be behind --- */

static gboolean
push_until_removed (gpointer unused)
{
  push ('x', BIG);
  return has_clients (NULL);
}

static gboolean
push_until_dropped (gpointer unused)
{
  push ('x', BIG);
  return get_total ("buffers-dropped") > 0;
}

GST_START_TEST (test_limit_is_counted_in_the_unit_that_is_asked_for)
{
  g_autoptr (GSocket) client = NULL;
  GstStructure *told;

  play ("unit-format=bytes units-max=1000000");
  client = join ();
  fail_unless_eventually (push_until_removed, NULL);
  told = test_expect_message (pipeline, "client-slow");
  fail_unless_equals_string (
      gst_structure_get_string (told, "property"), "units-max");
  gst_structure_free (told);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_client_that_takes_nothing_for_the_timeout_is_removed)
{
  g_autoptr (GSocket) client = NULL;

  play ("timeout=100000000");
  client = join ();
  push ('x', BIG);
  push ('x', BIG);
  fail_unless_eventually (has_clients, NULL);
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_client_jumps_when_it_is_later_than_allowed)
{
  g_autoptr (GSocket) client = NULL;

  play ("max-latency=3000000000");
  client = join ();
  fail_unless_eventually (push_until_dropped, NULL);
  fail_unless (has_clients (GUINT_TO_POINTER (1)));
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_queue_stays_below_its_ceiling)
{
  g_autoptr (GSocket) client = NULL;

  play ("queue-max-bytes=1048576");
  client = join ();
  fail_unless_eventually (push_until_dropped, NULL);
  fail_unless (get_total ("bytes-queued") <= MIB);
  test_stop (pipeline);
}
GST_END_TEST;

/* --- its socket --- */

static void
client_added_cb (GstElement *sink, GSocket *socket, gpointer unused)
{
  gint value = 0;

  fail_unless (g_socket_get_option (
      socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, NULL));
  g_atomic_int_set (&lowat, value);
}

static gboolean
has_lowat (gpointer wanted)
{
  return g_atomic_int_get (&lowat) == GPOINTER_TO_INT (wanted);
}

GST_START_TEST (test_kernel_keeps_no_more_than_allowed)
{
  g_autoptr (GSocket) client = NULL;
  gint port = 0;

  pipeline = test_launch ("appsrc name=src ! socketsink name=sink async=false "
                          "uri=tcp://127.0.0.1:0?listen=true "
                          "notsent-lowat=65536");
  g_signal_connect (
      get_sink (), "client-added", G_CALLBACK (client_added_cb), NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_object_get (get_sink (), "current-port", &port, NULL);
  client = test_connect ("127.0.0.1", port);
  fail_unless_eventually (has_lowat, GINT_TO_POINTER (65536));
  test_stop (pipeline);
}
GST_END_TEST;

/* --- all of them --- */

static const gchar *const settings[][2] = {
    {"sync-method", "burst"},
    {"burst-format", "time"},
    {"burst-value", "11"},
    {"time-min", "12"},
    {"bytes-min", "13"},
    {"recover-policy", "keyframe"},
    {"unit-format", "bytes"},
    {"units-max", "14"},
    {"units-soft-max", "15"},
    {"timeout", "16"},
    {"queue-max-bytes", "17"},
    {"max-latency", "18"},
    {"max-clients", "19"},
    {"notsent-lowat", "20"},
    {"drain-timeout", "21"},
};

GST_START_TEST (test_every_setting_is_read_back)
{
  GstElement *sink = gst_element_factory_make ("socketsink", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    gst_util_set_object_arg (G_OBJECT (sink), settings[i][0], settings[i][1]);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_auto (GValue) value = G_VALUE_INIT;
    g_autofree gchar *text = NULL;

    g_object_get_property (G_OBJECT (sink), settings[i][0], &value);
    text = gst_value_serialize (&value);
    fail_unless_equals_string (text, settings[i][1]);
  }
  gst_object_unref (sink);
}
GST_END_TEST;

static Suite *
socketlimits_suite (void)
{
  Suite *suite = suite_create ("socketlimits");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_loop_test (tc, test_client_gets_the_burst_that_is_asked_for, 0,
      G_N_ELEMENTS (starts));
  tcase_add_test (tc, test_limit_is_counted_in_the_unit_that_is_asked_for);
  tcase_add_test (
      tc, test_client_that_takes_nothing_for_the_timeout_is_removed);
  tcase_add_test (tc, test_client_jumps_when_it_is_later_than_allowed);
  tcase_add_test (tc, test_queue_stays_below_its_ceiling);
  tcase_add_test (tc, test_kernel_keeps_no_more_than_allowed);
  tcase_add_test (tc, test_every_setting_is_read_back);
  return suite;
}

GST_CHECK_MAIN (socketlimits);
