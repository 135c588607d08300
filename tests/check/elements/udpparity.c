/* SPDX-License-Identifier: LGPL-2.1-or-later
 * udpparity.c: udpserversrc is what the installed udpsrc is, and more
 *
 * Here: the surface of both compared, and tests that both must pass.
 * Not here: what only udpserversrc does (udpserversrc.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/net/gstnetaddressmeta.h>

#include "testutil.h"
#include "udppeer.h"

static const gchar *const factories[] = {"udpsrc", "udpserversrc"};

/* What udpserversrc may have that udpsrc has not. multicast-source is
 * udpsrc's too, from GStreamer 1.24 on. */
static const gchar *const additions[] = {"accept-from", "batch-size",
    "batch-time", "gro", "multicast-source", "preserve-packetization", "rejoin",
    "stats", NULL};

/* Here "as documented" and "as it is" differ in udpsrc itself. */
static gboolean
has_two_defaults (const gchar *name)
{
  return g_str_equal (name, "socket-timestamp") || g_str_equal (name, "name");
}

/* ---- surface ---- */

static void
compare_enums (GType stock, GType ours)
{
  g_autoptr (GTypeClass) a = g_type_class_ref (stock);
  g_autoptr (GTypeClass) b = g_type_class_ref (ours);
  GEnumClass *stock_class = (GEnumClass *) a, *our_class = (GEnumClass *) b;

  fail_unless_equals_int (stock_class->n_values, our_class->n_values);
  for (guint i = 0; i < stock_class->n_values; i++) {
    fail_unless_equals_int (
        stock_class->values[i].value, our_class->values[i].value);
    fail_unless_equals_string (
        stock_class->values[i].value_nick, our_class->values[i].value_nick);
  }
}

static void
compare_types (GParamSpec *stock, GParamSpec *ours)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT
      | G_PARAM_CONSTRUCT_ONLY | G_PARAM_DEPRECATED;

  if (G_IS_PARAM_SPEC_ENUM (stock))
    compare_enums (stock->value_type, ours->value_type);
  else
    fail_unless (stock->value_type == ours->value_type, "%s is a %s, not a %s",
        stock->name, g_type_name (ours->value_type),
        g_type_name (stock->value_type));
  fail_unless (G_PARAM_SPEC_TYPE (stock) == G_PARAM_SPEC_TYPE (ours));
  fail_unless ((stock->flags & flags) == (ours->flags & flags),
      "%s has other flags", stock->name);
}

static void
compare_ranges (GParamSpec *stock, GParamSpec *ours)
{
  if (G_IS_PARAM_SPEC_INT (stock)) {
    fail_unless_equals_int (
        G_PARAM_SPEC_INT (stock)->minimum, G_PARAM_SPEC_INT (ours)->minimum);
    fail_unless_equals_int (
        G_PARAM_SPEC_INT (stock)->maximum, G_PARAM_SPEC_INT (ours)->maximum);
  } else if (G_IS_PARAM_SPEC_UINT (stock)) {
    fail_unless_equals_int64 (
        G_PARAM_SPEC_UINT (stock)->minimum, G_PARAM_SPEC_UINT (ours)->minimum);
    fail_unless_equals_int64 (
        G_PARAM_SPEC_UINT (stock)->maximum, G_PARAM_SPEC_UINT (ours)->maximum);
  } else if (G_IS_PARAM_SPEC_UINT64 (stock)) {
    fail_unless_equals_uint64 (G_PARAM_SPEC_UINT64 (stock)->maximum,
        G_PARAM_SPEC_UINT64 (ours)->maximum);
  }
}

static void
compare_defaults (
    GstElement *stock, GstElement *ours, GParamSpec *a, GParamSpec *b)
{
  g_auto (GValue) stock_value = G_VALUE_INIT, our_value = G_VALUE_INIT;
  gboolean documented = has_two_defaults (a->name);

  if (!(a->flags & G_PARAM_READABLE))
    return;
  g_object_get_property (G_OBJECT (stock), a->name, &stock_value);
  g_object_get_property (G_OBJECT (ours), a->name, &our_value);
  if (G_IS_PARAM_SPEC_ENUM (a)) {
    fail_unless_equals_int (
        g_value_get_enum (&stock_value), g_value_get_enum (&our_value));
  } else {
    fail_unless (g_str_equal (a->name, "name")
            || g_param_values_cmp (a, &stock_value, &our_value) == 0,
        "%s has another default", a->name);
  }
  if (!documented && !G_IS_PARAM_SPEC_ENUM (a))
    fail_unless (g_param_values_cmp (a, g_param_spec_get_default_value (a),
                     g_param_spec_get_default_value (b))
            == 0,
        "%s is documented with another default", a->name);
}

GST_START_TEST (test_every_property_of_udpsrc_is_there)
{
  g_autoptr (GstElement) stock = gst_element_factory_make ("udpsrc", NULL);
  g_autoptr (GstElement) ours = gst_element_factory_make ("udpserversrc", NULL);
  g_autofree GParamSpec **pspecs = NULL;
  guint n;

  gst_object_ref_sink (stock);
  gst_object_ref_sink (ours);
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (stock), &n);
  for (guint i = 0; i < n; i++) {
    GParamSpec *pspec = g_object_class_find_property (
        G_OBJECT_GET_CLASS (ours), pspecs[i]->name);

    fail_unless (pspec != NULL, "there is no %s", pspecs[i]->name);
    compare_types (pspecs[i], pspec);
    compare_ranges (pspecs[i], pspec);
    compare_defaults (stock, ours, pspecs[i], pspec);
  }
}
GST_END_TEST;

GST_START_TEST (test_nothing_is_added_but_what_is_meant_to_be)
{
  g_autoptr (GstElement) stock = gst_element_factory_make ("udpsrc", NULL);
  g_autoptr (GstElement) ours = gst_element_factory_make ("udpserversrc", NULL);
  g_autofree GParamSpec **pspecs = NULL;
  g_autofree guint *signals = NULL;
  guint n;

  gst_object_ref_sink (stock);
  gst_object_ref_sink (ours);
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (ours), &n);
  for (guint i = 0; i < n; i++)
    fail_unless (g_object_class_find_property (
                     G_OBJECT_GET_CLASS (stock), pspecs[i]->name)
                != NULL
            || g_strv_contains (additions, pspecs[i]->name),
        "%s is new", pspecs[i]->name);
  signals = g_signal_list_ids (G_OBJECT_TYPE (ours), &n);
  fail_unless_equals_int (n, 0);
  fail_unless (g_type_parent (G_OBJECT_TYPE (ours))
      == g_type_parent (G_OBJECT_TYPE (stock)));
}
GST_END_TEST;

/* A type name can be registered only once in a process. */
GST_START_TEST (test_both_elements_live_in_one_process_in_either_order)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstElement) element =
        gst_element_factory_make (factories[(i + __i__) % 2], NULL);
    gint mode = -1;

    fail_unless (element != NULL);
    gst_object_ref_sink (element);
    gst_util_set_object_arg (
        G_OBJECT (element), "socket-timestamp", "realtime");
    g_object_get (element, "socket-timestamp", &mode, NULL);
    fail_unless_equals_int (mode, 1);
  }
}
GST_END_TEST;

/* ---- behaviour ---- */

GST_START_TEST (test_packets_arrive_as_they_were_sent)
{
  static const guint sizes[] = {
      10, 1, 1491, 1492, 1493, 1500, 2000, 2001, 9000, 48000, 65507, 5};
  g_autofree guint8 *data = g_malloc (65507);
  UdpTest test;

  for (guint i = 0; i < 65507; i++)
    data[i] = i * 31 + (i >> 8);
  udp_test_init (&test, factories[__i__], NULL, NULL);
  udp_test_play (&test);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    udp_peer_send (&test.peer, data, sizes[i]);
    udp_test_expect (&test, data, sizes[i]);
  }
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_empty_packet_is_an_empty_buffer)
{
  UdpTest test;

  udp_test_init (&test, factories[__i__], NULL, NULL);
  udp_test_play (&test);
  udp_peer_send (&test.peer, "before", 6);
  udp_test_expect (&test, "before", 6);
  udp_peer_send (&test.peer, "", 0);
  udp_test_expect (&test, "", 0);
  udp_peer_send (&test.peer, "after", 5);
  udp_test_expect (&test, "after", 5);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_mtu_is_no_limit)
{
  UdpTest test;

  udp_test_init (&test, factories[__i__], "mtu", 4, NULL);
  udp_test_play (&test);
  udp_peer_send (&test.peer, "longer than four", 16);
  udp_test_expect (&test, "longer than four", 16);
  udp_peer_send (&test.peer, "four", 4);
  udp_test_expect (&test, "four", 4);
  udp_test_clear (&test);
}
GST_END_TEST;

static void
count_cb (GObject *object, GParamSpec *pspec, guint *count)
{
  (*count)++;
}

GST_START_TEST (test_port_zero_is_replaced_and_told)
{
  g_autoptr (GstElement) element =
      gst_element_factory_make (factories[__i__], NULL);
  guint n_notified = 0;
  gint port = -1;

  gst_object_ref_sink (element);
  g_object_set (element, "address", "127.0.0.1", "port", 0, NULL);
  g_signal_connect (
      element, "notify::port", G_CALLBACK (count_cb), &n_notified);
  gst_element_set_state (element, GST_STATE_READY);
  g_object_get (element, "port", &port, NULL);
  fail_unless (port > 0);
  fail_unless_equals_int (n_notified, 1);
  gst_element_set_state (element, GST_STATE_NULL);
  g_object_get (element, "port", &port, NULL);
  fail_unless (port > 0);
}
GST_END_TEST;

GST_START_TEST (test_used_socket_is_there_from_ready_on)
{
  g_autoptr (GSocket) used = NULL;
  UdpTest test;

  udp_test_init (&test, factories[__i__], NULL, NULL);
  g_object_get (test.element, "used-socket", &used, NULL);
  fail_unless (G_IS_SOCKET (used));
  fail_if (g_socket_is_closed (used));
  gst_element_set_state (test.element, GST_STATE_NULL);
  fail_unless (g_socket_is_closed (used));
  g_clear_object (&used);
  g_object_get (test.element, "used-socket", &used, NULL);
  fail_unless (used == NULL);
  udp_test_clear (&test);
}
GST_END_TEST;

static GSocket *
open_external (guint *ret_port)
{
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);

  fail_unless (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  *ret_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  return socket;
}

static void
check_external (const gchar *factory, gboolean close_socket)
{
  g_autoptr (GSocket) used = NULL;
  g_autoptr (GSocket) socket = NULL;
  guint port;
  UdpTest test;

  socket = open_external (&port);
  udp_test_init (
      &test, factory, "socket", socket, "close-socket", close_socket, NULL);
  fail_unless_equals_int (test.port, port);
  g_object_get (test.element, "used-socket", &used, NULL);
  fail_unless (used == socket);
  udp_test_play (&test);
  udp_peer_send (&test.peer, "hello", 5);
  udp_test_expect (&test, "hello", 5);
  gst_element_set_state (test.element, GST_STATE_NULL);
  fail_unless (g_socket_is_closed (socket) == close_socket);
  udp_test_clear (&test);
}

GST_START_TEST (test_external_socket_is_used_and_closed)
{
  check_external (factories[__i__], TRUE);
}
GST_END_TEST;

GST_START_TEST (test_external_socket_stays_open_if_wanted)
{
  check_external (factories[__i__], FALSE);
}
GST_END_TEST;

GST_START_TEST (test_unused_external_socket_is_closed_when_replaced)
{
  g_autoptr (GstElement) element =
      gst_element_factory_make (factories[__i__], NULL);
  guint port;
  g_autoptr (GSocket) one = open_external (&port);
  g_autoptr (GSocket) two = open_external (&port);

  gst_object_ref_sink (element);
  g_object_set (element, "socket", one, NULL);
  g_object_set (element, "socket", two, NULL);
  fail_unless (g_socket_is_closed (one));
  g_object_set (element, "close-socket", FALSE, "socket", NULL, NULL);
  fail_if (g_socket_is_closed (two));
}
GST_END_TEST;

GST_START_TEST (test_silence_is_told_again_and_again)
{
  UdpTest test;

  udp_test_init (&test, factories[__i__], "timeout", 20 * GST_MSECOND, NULL);
  udp_test_play (&test);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GstMessage) message =
        udp_test_pop_message (&test, GST_MESSAGE_ELEMENT);
    const GstStructure *details = gst_message_get_structure (message);
    guint64 timeout = 0;

    fail_unless (gst_structure_has_name (details, "GstUDPSrcTimeout"));
    fail_unless (gst_structure_get_uint64 (details, "timeout", &timeout));
    fail_unless_equals_uint64 (timeout, 20 * GST_MSECOND);
  }
  udp_peer_send (&test.peer, "still here", 10);
  udp_test_expect (&test, "still here", 10);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_first_bytes_are_skipped)
{
  UdpTest test;

  udp_test_init (&test, factories[__i__], "skip-first-bytes", 4, NULL);
  udp_test_play (&test);
  udp_peer_send (&test.peer, "headbody", 8);
  udp_test_expect (&test, "body", 4);
  udp_peer_send (&test.peer, "head", 4);
  udp_test_expect (&test, "", 0);
  /* And from now on. */
  g_object_set (test.element, "skip-first-bytes", 0, NULL);
  udp_peer_send (&test.peer, "headbody", 8);
  udp_test_expect (&test, "headbody", 8);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_packet_too_short_to_skip_is_an_error)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  UdpTest test;

  udp_test_init (&test, factories[__i__], "skip-first-bytes", 4, NULL);
  udp_test_play (&test);
  udp_peer_send (&test.peer, "abc", 3);
  message = udp_test_pop_message (&test, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (
      g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE));
  udp_test_clear (&test);
}
GST_END_TEST;

static GstBuffer *
pull_one (UdpTest *test)
{
  udp_peer_send (&test->peer, "x", 1);
  return gst_harness_pull (test->harness);
}

static void
check_sender (UdpTest *test, gboolean wanted)
{
  g_autoptr (GSocketAddress) from =
      g_socket_get_local_address (test->peer.socket, NULL);
  g_autoptr (GstBuffer) buffer = NULL;
  GstNetAddressMeta *meta;

  udp_peer_send (&test->peer, "x", 1);
  buffer = gst_harness_pull (test->harness);
  meta = gst_buffer_get_net_address_meta (buffer);
  fail_unless ((meta != NULL) == wanted);
  if (!wanted)
    return;
  fail_unless_equals_int (
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (meta->addr)),
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (from)));
  fail_unless (g_inet_address_get_is_loopback (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (meta->addr))));
}

GST_START_TEST (test_sender_is_attached_while_wanted)
{
  UdpTest test;

  udp_test_init (&test, factories[__i__], NULL, NULL);
  udp_test_play (&test);
  for (guint i = 0; i < 5; i++)
    check_sender (&test, TRUE);
  g_object_set (test.element, "retrieve-sender-address", FALSE, NULL);
  gst_buffer_unref (pull_one (&test)); /* udpsrc looks before it waits */
  for (guint i = 0; i < 5; i++)
    check_sender (&test, FALSE);
  g_object_set (test.element, "retrieve-sender-address", TRUE, NULL);
  gst_buffer_unref (pull_one (&test));
  check_sender (&test, TRUE);
  udp_peer_clear (&test.peer);
  udp_peer_init (&test.peer, "127.0.0.1", "127.0.0.1", test.port);
  check_sender (&test, TRUE);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_buffers_are_stamped_as_asked)
{
  g_autoptr (GstBuffer) head = NULL;
  g_autoptr (GstBuffer) next = NULL;
  UdpTest test;

  udp_test_init (&test, factories[__i__], NULL, NULL);
  udp_test_play (&test);
  head = pull_one (&test);
  next = pull_one (&test);
  fail_unless (GST_BUFFER_FLAG_IS_SET (head, GST_BUFFER_FLAG_DISCONT));
  fail_if (GST_BUFFER_FLAG_IS_SET (next, GST_BUFFER_FLAG_DISCONT));
  fail_unless (GST_BUFFER_PTS_IS_VALID (next));
  fail_unless (GST_BUFFER_PTS (next) > GST_BUFFER_PTS (head));
  fail_unless_equals_uint64 (GST_BUFFER_PTS (next), GST_BUFFER_DTS (next));
  fail_if (GST_BUFFER_OFFSET_IS_VALID (next));
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_buffers_are_not_stamped_unless_asked)
{
  g_autoptr (GstBuffer) head = NULL;
  g_autoptr (GstBuffer) next = NULL;
  UdpTest test;

  udp_test_init (&test, factories[__i__], "do-timestamp", FALSE, NULL);
  udp_test_play (&test);
  head = pull_one (&test);
  next = pull_one (&test);
  fail_if (GST_BUFFER_PTS_IS_VALID (next));
  fail_if (GST_BUFFER_DTS_IS_VALID (next));
  udp_test_clear (&test);
}
GST_END_TEST;

/* Running time at which the second packet was there. */
static GstClockTime second_was_there;

/* Holds up the first packet until the second one has waited for a time. */
static GstPadProbeReturn
hold_up (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  UdpTest *test = data;
  gint64 until = g_get_monotonic_time () + 100 * G_TIME_SPAN_MILLISECOND;

  udp_peer_send (&test->peer, "second", 6);
  second_was_there = gst_element_get_current_running_time (test->element);
  while (g_get_monotonic_time () < until)
    g_thread_yield ();
  return GST_PAD_PROBE_REMOVE;
}

GST_START_TEST (test_kernel_times_do_not_depend_on_when_packets_are_read)
{
  g_autoptr (GstBuffer) head = NULL;
  g_autoptr (GstBuffer) next = NULL;
  g_autoptr (GstPad) pad = NULL;
  UdpTest test;

  udp_test_init (&test, factories[__i__], "socket-timestamp", 1, NULL);
  pad = gst_element_get_static_pad (test.element, "src");
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, hold_up,
      &test, NULL);
  udp_test_play (&test);
  head = pull_one (&test);
  next = gst_harness_pull (test.harness);
  fail_unless (GST_BUFFER_PTS_IS_VALID (next));
  fail_unless (GST_BUFFER_PTS (next) < second_was_there + GST_MSECOND);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_num_buffers_counts_packets)
{
  UdpTest test;

  udp_test_init (&test, factories[__i__], "num-buffers", 3, NULL);
  for (guint i = 0; i < 8; i++)
    udp_peer_send (&test.peer, "packet", 6);
  udp_test_play (&test);
  for (guint i = 0; i < 3; i++)
    udp_test_expect (&test, "packet", 6);
  while (TRUE) {
    g_autoptr (GstEvent) event = gst_harness_pull_event (test.harness);

    fail_unless (event != NULL);
    if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
      break;
  }
  fail_unless_equals_int (gst_harness_buffers_received (test.harness), 3);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_caps_are_sent_and_may_change)
{
  g_autoptr (GstCaps) one = gst_caps_from_string ("application/x-rtp");
  g_autoptr (GstCaps) two = gst_caps_from_string ("video/mpegts");
  g_autoptr (GstPad) pad = NULL;
  UdpTest test;

  udp_test_init (&test, factories[__i__], "caps", one, NULL);
  udp_test_play (&test);
  pad = gst_element_get_static_pad (test.element, "src");
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstCaps) now = NULL;

    /* The second packet is the first to be pushed with changed caps. */
    udp_peer_send (&test.peer, "x", 1);
    udp_test_expect (&test, "x", 1);
    udp_peer_send (&test.peer, "x", 1);
    udp_test_expect (&test, "x", 1);
    now = gst_pad_get_current_caps (pad);
    fail_unless (gst_caps_is_equal (now, i == 0 ? one : two));
    g_object_set (test.element, "caps", two, NULL);
  }
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_uri_and_address_are_kept_in_step)
{
  static const struct
  {
    const gchar *uri;
    const gchar *address;
    gint port;
  } cases[] = {{"udp://239.1.1.1:6000", "239.1.1.1", 6000},
      {"udp://239.1.1.1", "239.1.1.1", 0}, {"udp://:7000", "", 7000},
      {"udp://@239.1.1.1:5", "239.1.1.1", 5},
      {"udp://1.2.3.4@239.1.1.1:5", "239.1.1.1", 5},
      {"udp://[::1]:99", "::1", 99}, {"udp://[ff3e::1]", "ff3e::1", 0},
      {"udp://a:5/path", "a", 5}, {"udp://::1:5", "::1", 5},
      {"UDP://A:5", "A", 5},
      {"udp://127.0.0.1:6000?foo=bar", "127.0.0.1", 6000},
      /* and what is refused changes nothing */
      {"udp:", "127.0.0.1", 6000}, {"http://x:1", "127.0.0.1", 6000},
      {"udp://[::1", "127.0.0.1", 6000}, {"", "127.0.0.1", 6000}};
  g_autoptr (GstElement) element =
      gst_element_factory_make (factories[__i__], NULL);

  gst_object_ref_sink (element);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *address = NULL, *group = NULL;
    gint port;

    g_object_set (element, "uri", cases[i].uri, NULL);
    g_object_get (element, "address", &address, "multicast-group", &group,
        "port", &port, NULL);
    fail_unless_equals_string (address, cases[i].address);
    fail_unless_equals_string (group, cases[i].address);
    fail_unless_equals_int (port, cases[i].port);
  }
}
GST_END_TEST;

GST_START_TEST (test_address_and_port_change_the_uri)
{
  g_autoptr (GstElement) element =
      gst_element_factory_make (factories[__i__], NULL);
  g_autofree gchar *uri = NULL, *address = NULL;

  gst_object_ref_sink (element);
  g_object_set (element, "address", "10.1.1.1", "port", 77, NULL);
  g_object_get (element, "uri", &uri, NULL);
  fail_unless_equals_string (uri, "udp://10.1.1.1:77");
  g_object_set (element, "multicast-group", "239.0.0.1", NULL);
  g_object_get (element, "address", &address, NULL);
  fail_unless_equals_string (address, "239.0.0.1");
  g_clear_pointer (&address, g_free);
  g_object_set (element, "address", NULL, NULL);
  g_object_get (element, "address", &address, NULL);
  fail_unless_equals_string (address, "0.0.0.0");
}
GST_END_TEST;

GST_START_TEST (test_taken_port_is_an_error_without_reuse)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GstElement) element =
      gst_element_factory_make (factories[__i__], NULL);
  g_autoptr (GstBus) bus = gst_bus_new ();
  guint port;

  socket = open_external (&port);
  gst_object_ref_sink (element);
  gst_element_set_bus (element, bus);
  g_object_set (
      element, "address", "127.0.0.1", "port", port, "reuse", FALSE, NULL);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_element_set_bus (element, NULL);
  gst_element_set_state (element, GST_STATE_NULL);
}
GST_END_TEST;

GST_START_TEST (test_stopped_element_starts_again)
{
  UdpTest test;

  udp_test_init (&test, factories[__i__], NULL, NULL);
  udp_test_play (&test);
  for (guint i = 0; i < 3; i++) {
    udp_peer_send (&test.peer, "again", 5);
    udp_test_expect (&test, "again", 5);
    gst_element_set_state (
        test.element, i == 1 ? GST_STATE_NULL : GST_STATE_READY);
    gst_element_set_state (test.element, GST_STATE_PLAYING);
  }
  udp_test_clear (&test);
}
GST_END_TEST;

static gboolean
have_udpsrc (void)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find ("udpsrc");

  if (factory == NULL)
    g_printerr ("skipped: GStreamer's udp plugin is not installed\n");
  return factory != NULL;
}

static void
add_behaviour (TCase *tc)
{
  const gint n = G_N_ELEMENTS (factories);

  tcase_add_loop_test (tc, test_packets_arrive_as_they_were_sent, 0, n);
  tcase_add_loop_test (tc, test_empty_packet_is_an_empty_buffer, 0, n);
  tcase_add_loop_test (tc, test_mtu_is_no_limit, 0, n);
  tcase_add_loop_test (tc, test_port_zero_is_replaced_and_told, 0, n);
  tcase_add_loop_test (tc, test_used_socket_is_there_from_ready_on, 0, n);
  tcase_add_loop_test (tc, test_external_socket_is_used_and_closed, 0, n);
  tcase_add_loop_test (tc, test_external_socket_stays_open_if_wanted, 0, n);
  tcase_add_loop_test (
      tc, test_unused_external_socket_is_closed_when_replaced, 0, n);
  tcase_add_loop_test (tc, test_silence_is_told_again_and_again, 0, n);
  tcase_add_loop_test (tc, test_first_bytes_are_skipped, 0, n);
  tcase_add_loop_test (tc, test_packet_too_short_to_skip_is_an_error, 0, n);
  tcase_add_loop_test (tc, test_sender_is_attached_while_wanted, 0, n);
  tcase_add_loop_test (tc, test_buffers_are_stamped_as_asked, 0, n);
  tcase_add_loop_test (tc, test_buffers_are_not_stamped_unless_asked, 0, n);
  tcase_add_loop_test (
      tc, test_kernel_times_do_not_depend_on_when_packets_are_read, 0, n);
  tcase_add_loop_test (tc, test_num_buffers_counts_packets, 0, n);
  tcase_add_loop_test (tc, test_caps_are_sent_and_may_change, 0, n);
  tcase_add_loop_test (tc, test_uri_and_address_are_kept_in_step, 0, n);
  tcase_add_loop_test (tc, test_address_and_port_change_the_uri, 0, n);
  tcase_add_loop_test (tc, test_taken_port_is_an_error_without_reuse, 0, n);
  tcase_add_loop_test (tc, test_stopped_element_starts_again, 0, n);
}

static Suite *
udpparity_suite (void)
{
  Suite *suite = suite_create ("udpparity");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  if (!have_udpsrc ())
    return suite;
  tcase_add_test (tc, test_every_property_of_udpsrc_is_there);
  tcase_add_test (tc, test_nothing_is_added_but_what_is_meant_to_be);
  tcase_add_loop_test (
      tc, test_both_elements_live_in_one_process_in_either_order, 0, 2);
  add_behaviour (tc);
  return suite;
}

GST_CHECK_MAIN (udpparity);
