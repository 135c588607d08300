/* SPDX-License-Identifier: LGPL-2.1-or-later
 * udpserversrc.c: tests of what udpserversrc does beyond udpsrc
 *
 * Here: batches, trains, filters, figures, errors, on one host.
 * Not here: what udpsrc does as well (udpparity.c); links that come and go
 * (udpmulticast.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/net/gstnetaddressmeta.h>

#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "testutil.h"
#include "udppeer.h"

#define FACTORY "udpserversrc"
#define TRAIN 16
#define PACKET 100

static void
fill_train (guint8 *data)
{
  for (guint i = 0; i < TRAIN * PACKET; i++)
    data[i] = i / PACKET + i;
}

/* Counts buffer lists and what is in them. */
typedef struct
{
  guint n_lists;
  guint n_single;
  guint longest;
} Pushes;

static GstPadProbeReturn
count_pushes (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Pushes *pushes = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    pushes->n_lists++;
    pushes->longest = MAX (pushes->longest, gst_buffer_list_length (list));
  } else {
    pushes->n_single++;
  }
  return GST_PAD_PROBE_OK;
}

static void
watch_pushes (UdpTest *test, Pushes *pushes)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (test->element, "src");

  memset (pushes, 0, sizeof *pushes);
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, count_pushes,
      pushes, NULL);
}

GST_START_TEST (test_waiting_packets_are_pushed_as_lists_in_order)
{
  Pushes pushes;
  UdpTest test;

  udp_test_init (&test, FACTORY, NULL, NULL);
  watch_pushes (&test, &pushes);
  for (guint i = 0; i < 200; i++)
    udp_peer_send (&test.peer, &i, sizeof i);
  udp_test_play (&test);
  for (guint i = 0; i < 200; i++)
    udp_test_expect (&test, &i, sizeof i);
  fail_unless (pushes.n_lists > 0);
  fail_unless (pushes.longest > 8 && pushes.longest <= 32);
  fail_unless (pushes.n_lists + pushes.n_single < 20, "%u lists, %u alone",
      pushes.n_lists, pushes.n_single);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_batch_size_one_pushes_no_lists)
{
  Pushes pushes;
  UdpTest test;

  udp_test_init (&test, FACTORY, "batch-size", 1, NULL);
  watch_pushes (&test, &pushes);
  for (guint i = 0; i < 50; i++)
    udp_peer_send (&test.peer, &i, sizeof i);
  udp_test_play (&test);
  for (guint i = 0; i < 50; i++)
    udp_test_expect (&test, &i, sizeof i);
  fail_unless_equals_int (pushes.n_lists, 0);
  fail_unless_equals_int (pushes.n_single, 50);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_quick_packets_collect_for_batch_time)
{
  Pushes pushes;
  UdpTest test;

  udp_test_init (&test, FACTORY, "batch-time", 200 * GST_MSECOND, NULL);
  watch_pushes (&test, &pushes);
  udp_test_play (&test);
  for (guint i = 0; i < 20; i++) {
    udp_peer_send (&test.peer, &i, sizeof i);
    g_thread_yield ();
  }
  for (guint i = 0; i < 20; i++)
    udp_test_expect (&test, &i, sizeof i);
  fail_unless (pushes.n_lists + pushes.n_single <= 6, "%u lists, %u alone",
      pushes.n_lists, pushes.n_single);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_slow_packets_are_not_delayed_by_batch_time)
{
  gint64 begin;
  UdpTest test;

  udp_test_init (&test, FACTORY, "batch-time", GST_SECOND, NULL);
  udp_test_play (&test);
  begin = g_get_monotonic_time ();
  udp_peer_send (&test.peer, "x", 1);
  udp_test_expect (&test, "x", 1);
  fail_unless (g_get_monotonic_time () - begin < G_USEC_PER_SEC / 2);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_collecting_ends_at_once_when_stopped)
{
  gint64 begin;
  UdpTest test;

  udp_test_init (&test, FACTORY, "batch-time", GST_SECOND, NULL);
  udp_test_play (&test);
  for (guint i = 0; i < 2; i++) {
    udp_peer_send (&test.peer, "x", 1);
    udp_test_expect (&test, "x", 1);
  }
  begin = g_get_monotonic_time ();
  udp_peer_send (&test.peer, "x", 1);
  gst_element_set_state (test.element, GST_STATE_READY);
  fail_unless (g_get_monotonic_time () - begin < G_USEC_PER_SEC / 2);
  udp_test_clear (&test);
}
GST_END_TEST;

static void
expect_packets (UdpTest *test, const guint8 *data, guint n)
{
  for (guint i = 0; i < n; i++)
    udp_test_expect (test, data + i * PACKET, PACKET);
}

GST_START_TEST (test_train_is_split_into_its_packets)
{
  guint8 data[TRAIN * PACKET];
  UdpTest test;

  fill_train (data);
  udp_test_init (&test, FACTORY, NULL, NULL);
  udp_test_play (&test);
  for (guint i = 0; i < 3; i++) {
    udp_peer_send_train (&test.peer, data, sizeof data, PACKET);
    expect_packets (&test, data, TRAIN);
    /* The last packet of a train may be shorter. */
    udp_peer_send_train (&test.peer, data, 2 * PACKET + 7, PACKET);
    expect_packets (&test, data, 2);
    udp_test_expect (&test, data + 2 * PACKET, 7);
  }
  fail_unless_equals_uint64 (
      udp_test_get_stat (&test, "packets-received"), 3 * (TRAIN + 3));
  udp_test_clear (&test);
}
GST_END_TEST;

/* Once the list that carried it is gone, too. */
static gboolean
is_writable (gpointer buffer)
{
  return gst_buffer_is_all_memory_writable (buffer);
}

GST_START_TEST (test_packets_of_a_train_are_not_copied)
{
  guint8 data[TRAIN * PACKET];
  UdpTest test;

  fill_train (data);
  udp_test_init (&test, FACTORY, "mtu", TRAIN * PACKET, NULL);
  udp_test_play (&test);
  udp_peer_send_train (&test.peer, data, sizeof data, PACKET);
  for (guint i = 0; i < TRAIN; i++) {
    g_autoptr (GstBuffer) buffer = gst_harness_pull (test.harness);

    fail_unless_equals_int (gst_buffer_n_memory (buffer), 1);
    fail_unless (gst_memory_is_type (
        gst_buffer_peek_memory (buffer, 0), "GstSocketPacketMemory"));
    fail_unless_eventually (is_writable, buffer);
    fail_unless (gst_buffer_memcmp (buffer, 0, data + i * PACKET, PACKET) == 0);
  }
  udp_test_clear (&test);
}
GST_END_TEST;

/* Longer than any slot so far: put together once, shown in place after. */
GST_START_TEST (test_memory_adapts_to_long_trains)
{
  g_autofree guint8 *data = g_malloc (42 * 1400);
  UdpTest test;

  for (guint i = 0; i < 42 * 1400; i++)
    data[i] = i * 13 + i / 1400;
  udp_test_init (&test, FACTORY, NULL, NULL);
  udp_test_play (&test);
  for (guint round = 0; round < 2; round++) {
    udp_peer_send_train (&test.peer, data, 42 * 1400, 1400);
    for (guint i = 0; i < 42; i++) {
      g_autoptr (GstBuffer) buffer = gst_harness_pull (test.harness);

      fail_unless_equals_int (gst_buffer_get_size (buffer), 1400);
      fail_unless (gst_buffer_memcmp (buffer, 0, data + i * 1400, 1400) == 0);
      fail_unless (round == 0
          || gst_memory_is_type (
              gst_buffer_peek_memory (buffer, 0), "GstSocketPacketMemory"));
    }
  }
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_train_stays_whole_if_packets_do_not_matter)
{
  guint8 data[TRAIN * PACKET];
  UdpTest test;

  fill_train (data);
  udp_test_init (&test, FACTORY, "preserve-packetization", FALSE, NULL);
  udp_test_play (&test);
  udp_peer_send_train (&test.peer, data, sizeof data, PACKET);
  udp_test_expect (&test, data, sizeof data);
  fail_unless_equals_uint64 (udp_test_get_stat (&test, "trains"), 1);
  /* A header at the start of each packet can only be skipped in packets. */
  g_object_set (test.element, "skip-first-bytes", 1, NULL);
  udp_peer_send_train (&test.peer, data, 2 * PACKET, PACKET);
  udp_test_expect (&test, data + 1, PACKET - 1);
  udp_test_expect (&test, data + PACKET + 1, PACKET - 1);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_without_gro_no_trains_come)
{
  guint8 data[TRAIN * PACKET];
  UdpTest test;

  fill_train (data);
  udp_test_init (
      &test, FACTORY, "gro", 2, "preserve-packetization", FALSE, NULL);
  udp_test_play (&test);
  udp_peer_send_train (&test.peer, data, sizeof data, PACKET);
  expect_packets (&test, data, TRAIN);
  fail_unless_equals_uint64 (udp_test_get_stat (&test, "trains"), 0);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_num_buffers_ends_within_a_train)
{
  guint8 data[TRAIN * PACKET];
  UdpTest test;

  fill_train (data);
  udp_test_init (&test, FACTORY, "num-buffers", 5, NULL);
  udp_test_play (&test);
  udp_peer_send_train (&test.peer, data, sizeof data, PACKET);
  expect_packets (&test, data, 5);
  while (TRUE) {
    g_autoptr (GstEvent) event = gst_harness_pull_event (test.harness);

    fail_unless (event != NULL);
    if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
      break;
  }
  fail_unless_equals_int (gst_harness_buffers_received (test.harness), 5);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_buffers_kept_downstream_stay_what_they_were)
{
  g_autoptr (GPtrArray) kept =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  UdpTest test;

  udp_test_init (&test, FACTORY, NULL, NULL);
  udp_test_play (&test);
  for (guint i = 0; i < 1000; i++) {
    udp_peer_send (&test.peer, &i, sizeof i);
    g_ptr_array_add (kept, gst_harness_pull (test.harness));
  }
  for (guint i = 0; i < kept->len; i++)
    fail_unless (
        gst_buffer_memcmp (g_ptr_array_index (kept, i), 0, &i, sizeof i) == 0);
  udp_test_clear (&test);
}
GST_END_TEST;

/* ---- who may send ---- */

GST_START_TEST (test_only_accepted_senders_come_in)
{
  UdpPeer stranger;
  UdpTest test;

  udp_test_init (&test, FACTORY, "accept-from", "10.0.0.0/8, 127.0.0.1", NULL);
  udp_test_play (&test);
  udp_peer_init (&stranger, "127.0.0.2", "127.0.0.1", test.port);
  for (guint i = 0; i < 3; i++) {
    udp_peer_send (&stranger, "bad", 3);
    udp_peer_send (&test.peer, "good", 4);
    udp_test_expect (&test, "good", 4);
  }
  fail_unless_equals_uint64 (udp_test_get_stat (&test, "packets-refused"), 3);
  fail_unless_equals_uint64 (udp_test_get_stat (&test, "packets-received"), 3);
  udp_peer_clear (&stranger);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_mapped_senders_are_accepted_by_their_ipv4_address)
{
  UdpPeer peer;
  UdpTest test;

  udp_test_init (
      &test, FACTORY, "address", "::", "accept-from", "127.0.0.3", NULL);
  udp_test_play (&test);
  udp_peer_init (&peer, "127.0.0.3", "127.0.0.1", test.port);
  udp_peer_send (&test.peer, "bad", 3);
  udp_peer_send (&peer, "good", 4);
  udp_test_expect (&test, "good", 4);
  udp_peer_clear (&peer);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_many_senders_are_told_apart)
{
  UdpPeer peers[100];
  UdpTest test;

  udp_test_init (&test, FACTORY, NULL, NULL);
  udp_test_play (&test);
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    udp_peer_init (&peers[i], "127.0.0.1", "127.0.0.1", test.port);
  for (guint i = 0; i < 3 * G_N_ELEMENTS (peers); i++) {
    UdpPeer *peer = &peers[i * 7 % G_N_ELEMENTS (peers)];
    g_autoptr (GSocketAddress) from =
        g_socket_get_local_address (peer->socket, NULL);
    g_autoptr (GstBuffer) buffer = NULL;

    udp_peer_send (peer, "x", 1);
    buffer = gst_harness_pull (test.harness);
    fail_unless_equals_int (
        g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (
            gst_buffer_get_net_address_meta (buffer)->addr)),
        g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (from)));
  }
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    udp_peer_clear (&peers[i]);
  udp_test_clear (&test);
}
GST_END_TEST;

/* ---- what is told ---- */

GST_START_TEST (test_kernel_drops_are_told)
{
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *details;
  guint64 drops = 0, received;
  UdpTest test;

  udp_test_init (&test, FACTORY, "buffer-size", 1, NULL);
  for (guint i = 0; i < 200; i++)
    udp_peer_send (&test.peer, "many", 4);
  drops = udp_test_get_stat (&test, "kernel-drops");
  fail_unless (drops > 0);
  received = 200 - drops;
  udp_test_play (&test);
  for (guint64 i = 0; i < received; i++)
    udp_test_expect (&test, "many", 4);
  message = udp_test_pop_message (&test, GST_MESSAGE_ELEMENT);
  details = gst_message_get_structure (message);
  fail_unless (gst_structure_has_name (details, "GstUDPServerSrcDrops"));
  fail_unless (gst_structure_get_uint64 (details, "kernel-drops", &drops));
  fail_unless_equals_uint64 (drops, 200 - received);
  fail_unless_equals_uint64 (
      udp_test_get_stat (&test, "kernel-drops"), 200 - received);
  udp_test_clear (&test);
}
GST_END_TEST;

static GstPadProbeReturn
hold_back_cb (GstPad *pad, GstPadProbeInfo *info, gpointer is_held)
{
  g_atomic_int_set ((gint *) is_held, TRUE);
  return GST_PAD_PROBE_OK;
}

static gboolean
is_set (gpointer flag)
{
  return g_atomic_int_get ((gint *) flag);
}

/* The first packet is looked at, and nothing is dropped yet; those that follow
 * come soon after and would have to wait for another one. */
GST_START_TEST (test_drops_before_a_silence_are_told)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstPad) pad = NULL;
  gint is_held = FALSE;
  gulong probe;
  UdpTest test;

  udp_test_init (&test, FACTORY, "buffer-size", 1, NULL);
  pad = gst_element_get_static_pad (test.element, "src");
  probe = gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER
          | GST_PAD_PROBE_TYPE_BUFFER_LIST,
      hold_back_cb, &is_held, NULL);
  udp_test_play (&test);
  udp_peer_send (&test.peer, "one", 3);
  fail_unless_eventually (is_set, &is_held);
  for (guint i = 0; i < 200; i++)
    udp_peer_send (&test.peer, "many", 4);
  gst_pad_remove_probe (pad, probe);
  message = udp_test_pop_message (&test, GST_MESSAGE_ELEMENT);
  fail_unless (gst_structure_has_name (
      gst_message_get_structure (message), "GstUDPServerSrcDrops"));
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_small_receive_buffer_is_warned_of_once)
{
  g_autoptr (GstMessage) message = NULL, second = NULL;
  g_autoptr (GError) error = NULL;
  UdpTest test;

  udp_test_init (&test, FACTORY, "buffer-size", G_MAXINT, NULL);
  message = udp_test_pop_message (&test, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, "net.core.rmem_max=") != NULL,
      "no command in: %s", error->message);
  second = gst_bus_pop_filtered (test.bus, GST_MESSAGE_WARNING);
  fail_unless (second == NULL);
  fail_unless (udp_test_get_stat (&test, "buffer-size") > 0);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_default_receive_buffer_is_large_and_not_warned_of)
{
  g_autoptr (GstMessage) message = NULL;
  UdpTest test;

  udp_test_init (&test, FACTORY, NULL, NULL);
  message = gst_bus_pop_filtered (test.bus, GST_MESSAGE_WARNING);
  fail_unless (message == NULL);
  fail_unless (udp_test_get_stat (&test, "buffer-size") >= 200 * 1024);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_waiting_costs_no_cpu)
{
  struct timespec begin, end;
  gdouble used_ms;
  UdpTest test;

  udp_test_init (&test, FACTORY, "timeout", 100 * GST_MSECOND, NULL);
  udp_test_play (&test);
  gst_message_unref (udp_test_pop_message (&test, GST_MESSAGE_ELEMENT));
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &begin);
  for (guint i = 0; i < 10; i++)
    gst_message_unref (udp_test_pop_message (&test, GST_MESSAGE_ELEMENT));
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &end);
  used_ms =
      (end.tv_sec - begin.tv_sec) * 1e3 + (end.tv_nsec - begin.tv_nsec) / 1e6;
  fail_unless (used_ms < 10, "used %.1f ms in a second", used_ms);
  udp_test_clear (&test);
}
GST_END_TEST;

/* ---- errors ---- */

typedef struct
{
  const gchar *property;
  const gchar *value;
  GstState fails_at;
  gint code;
  const gchar *mentions;
} BadSetting;

static const BadSetting bad_settings[] = {
    {"address", "192.0.2.77", GST_STATE_READY, -1, "192.0.2.77"},
    {"multicast-iface", "nosuch0", GST_STATE_READY,
        GST_RESOURCE_ERROR_NOT_FOUND, "nosuch0"},
    {"multicast-source", "+garbage", GST_STATE_READY, -1, "garbage"},
    {"multicast-source", "+10.0.0.1-10.0.0.1", GST_STATE_READY, -1, "excluded"},
    {"multicast-source", "+fe80::1", GST_STATE_READY, -1, "family"},
    {"accept-from", "10.0.0.0/99", GST_STATE_READY, GST_RESOURCE_ERROR_SETTINGS,
        "10.0.0.0/99"},
    {"uri", "udp://127.0.0.1:99999", GST_STATE_READY,
        GST_RESOURCE_ERROR_SETTINGS, "127.0.0.1:99999"},
    {"uri", "udp://[::1:5000", GST_STATE_READY, GST_RESOURCE_ERROR_SETTINGS,
        "[::1:5000"},
    {"uri", "http://127.0.0.1:80", GST_STATE_READY, GST_RESOURCE_ERROR_SETTINGS,
        "udp://"},
    {"uri", "", GST_STATE_READY, GST_RESOURCE_ERROR_SETTINGS, "udp://"},
    {"accept-from", "everyone", GST_STATE_READY, GST_RESOURCE_ERROR_SETTINGS,
        "everyone"},
};

GST_START_TEST (test_bad_settings_are_told_in_one_sentence)
{
  const BadSetting *bad = &bad_settings[__i__];
  g_autoptr (GstElement) element = gst_element_factory_make (FACTORY, NULL);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL, second = NULL;
  g_autoptr (GError) error = NULL;

  gst_object_ref_sink (element);
  gst_element_set_bus (element, bus);
  g_object_set (element, "port", 0, NULL);
  if (g_str_has_prefix (bad->property, "multicast"))
    g_object_set (element, "address", "239.1.2.3", NULL);
  gst_util_set_object_arg (G_OBJECT (element), bad->property, bad->value);
  fail_unless_equals_int (
      gst_element_set_state (element, bad->fails_at), GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (error->domain == GST_RESOURCE_ERROR);
  fail_unless (bad->code < 0 || error->code == bad->code);
  fail_unless (strstr (error->message, bad->mentions) != NULL,
      "\"%s\" does not mention %s", error->message, bad->mentions);
  second = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (second == NULL);
  gst_element_set_bus (element, NULL);
  gst_element_set_state (element, GST_STATE_NULL);
}
GST_END_TEST;

GST_START_TEST (test_better_address_makes_up_for_a_malformed_uri)
{
  UdpTest test;

  udp_test_init (
      &test, FACTORY, "uri", "udp://[", "address", "127.0.0.1", NULL);
  udp_test_play (&test);
  udp_peer_send (&test.peer, "abc", 3);
  udp_test_expect (&test, "abc", 3);
  udp_test_clear (&test);
}
GST_END_TEST;

GST_START_TEST (test_socket_closed_by_the_application_is_an_error)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GSocket) used = NULL;
  UdpTest test;

  udp_test_init (&test, FACTORY, NULL, NULL);
  g_object_get (test.element, "used-socket", &used, NULL);
  fail_unless (g_socket_close (used, NULL));
  udp_test_play (&test);
  message = udp_test_pop_message (&test, GST_MESSAGE_ERROR);
  udp_test_clear (&test);
}
GST_END_TEST;

/* ---- URI ---- */

GST_START_TEST (test_uri_handler_has_a_scheme_of_its_own)
{
  g_autoptr (GstElement) element = NULL;
  g_autofree gchar *uri = NULL, *source = NULL, *iface = NULL;

  element = gst_element_make_from_uri (
      GST_URI_SRC, "udpserver://10.0.0.1@232.1.1.1:5000?iface=lo", NULL, NULL);
  fail_unless (element != NULL);
  gst_object_ref_sink (element);
  fail_unless_equals_string (
      GST_OBJECT_NAME (gst_element_get_factory (element)), FACTORY);
  g_object_get (
      element, "multicast-source", &source, "multicast-iface", &iface, NULL);
  fail_unless_equals_string (source, "10.0.0.1");
  fail_unless_equals_string (iface, "lo");
  uri = gst_uri_handler_get_uri (GST_URI_HANDLER (element));
  fail_unless_equals_string (
      uri, "udpserver://10.0.0.1@232.1.1.1:5000?iface=lo");
  fail_if (gst_uri_handler_set_uri (
      GST_URI_HANDLER (element), "udpserver://a:70000", NULL));
}
GST_END_TEST;

static Suite *
udpserversrc_suite (void)
{
  Suite *suite = suite_create ("udpserversrc");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_waiting_packets_are_pushed_as_lists_in_order);
  tcase_add_test (tc, test_batch_size_one_pushes_no_lists);
  tcase_add_test (tc, test_quick_packets_collect_for_batch_time);
  tcase_add_test (tc, test_slow_packets_are_not_delayed_by_batch_time);
  tcase_add_test (tc, test_collecting_ends_at_once_when_stopped);
  tcase_add_test (tc, test_train_is_split_into_its_packets);
  tcase_add_test (tc, test_packets_of_a_train_are_not_copied);
  tcase_add_test (tc, test_memory_adapts_to_long_trains);
  tcase_add_test (tc, test_train_stays_whole_if_packets_do_not_matter);
  tcase_add_test (tc, test_without_gro_no_trains_come);
  tcase_add_test (tc, test_num_buffers_ends_within_a_train);
  tcase_add_test (tc, test_buffers_kept_downstream_stay_what_they_were);
  tcase_add_test (tc, test_only_accepted_senders_come_in);
  tcase_add_test (tc, test_mapped_senders_are_accepted_by_their_ipv4_address);
  tcase_add_test (tc, test_many_senders_are_told_apart);
  tcase_add_test (tc, test_kernel_drops_are_told);
  tcase_add_test (tc, test_drops_before_a_silence_are_told);
  tcase_add_test (tc, test_small_receive_buffer_is_warned_of_once);
  tcase_add_test (tc, test_default_receive_buffer_is_large_and_not_warned_of);
  tcase_add_test (tc, test_waiting_costs_no_cpu);
  tcase_add_loop_test (tc, test_bad_settings_are_told_in_one_sentence, 0,
      G_N_ELEMENTS (bad_settings));
  tcase_add_test (tc, test_better_address_makes_up_for_a_malformed_uri);
  tcase_add_test (tc, test_socket_closed_by_the_application_is_an_error);
  tcase_add_test (tc, test_uri_handler_has_a_scheme_of_its_own);
  return suite;
}

GST_CHECK_MAIN (udpserversrc);
