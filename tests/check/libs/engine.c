/* SPDX-License-Identifier: LGPL-2.1-or-later
 * engine.c: tests of gstsocketengine.c, gstsocketpush.c, gstsocketworker.c,
 * gstsocketserve.c, gstsocketclient.c and gstsocketfigures.c
 *
 * Here: exact bytes, clients in and out at every place, headers, flushing,
 * figures; with both poller back ends.
 * Not here: limits (limits.c), elements.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testengine.h"

#include <gst/check/gstcheck.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define NONE GST_CLOCK_TIME_NONE
#define ANY G_MAXSIZE
#define KEY GST_SOCKET_UNIT_KEYFRAME

static GstSocketHeaders *
make_headers (const gchar *a, const gchar *b)
{
  GstBuffer *buffers[2];
  guint n = b != NULL ? 2 : 1;
  GstSocketHeaders *headers;

  buffers[0] = gst_buffer_new_memdup (a, strlen (a));
  if (b != NULL)
    buffers[1] = gst_buffer_new_memdup (b, strlen (b));
  headers = gst_socket_headers_new (buffers, n);
  for (guint i = 0; i < n; i++)
    gst_buffer_unref (buffers[i]);
  return headers;
}

static void
push_with (const gchar *text, GstSocketHeaders *headers)
{
  test_push_full (text, NONE, 0, headers);
}

/* --- joins and bytes --- */

GST_START_TEST (test_every_client_gets_all_bytes)
{
  g_autoptr (GString) all = g_string_new (NULL);
  TestPeer *peers[7];

  for (guint i = 0; i < 5; i++)
    peers[i] = test_peer_join (ANY);
  peers[5] = test_peer_new_plain (SOCK_STREAM);
  peers[6] = test_peer_new_plain (SOCK_SEQPACKET);
  peers[6]->handle.flags |= GST_SOCKET_HANDLE_MESSAGES;
  test_peer_add_with (peers[5], NULL);
  test_peer_add_with (peers[6], NULL);
  for (guint i = 0; i < 300; i++) {
    g_autofree gchar *text = g_strdup_printf ("<%u>", i * i);

    test_push (text);
    g_string_append (all, text);
  }
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    test_peer_expect (peers[i], all->str);
}

GST_END_TEST;

GST_START_TEST (test_nothing_is_sent_before_the_next_push)
{
  TestPeer *peer;

  rig.limits.bytes_min = 100;
  test_rig_apply ();
  test_push ("old");
  peer = test_peer_join (ANY);
  peer->start.sync = GST_SOCKET_SYNC_BURST;
  test_push ("new");
  test_peer_expect (peer, "new");
  fail_unless_equals_int (peer->n_sends, 1);
}

GST_END_TEST;

GST_START_TEST (test_burst_begins_in_the_past)
{
  TestPeer *peer = test_peer_new (ANY);

  rig.limits.bytes_min = 100;
  test_rig_apply ();
  test_push ("one");
  test_push ("two");
  peer->start = (GstSocketStart){
      GST_SOCKET_SYNC_BURST, GST_FORMAT_BYTES, 7, GST_FORMAT_BYTES, -1};
  test_peer_add_with (peer, NULL);
  test_push ("three");
  test_push ("four");
  test_peer_expect (peer, "twothreefour");
}

GST_END_TEST;

GST_START_TEST (test_client_waits_for_its_keyframe)
{
  TestPeer *peer = test_peer_new (ANY);

  peer->start.sync = GST_SOCKET_SYNC_NEXT_KEYFRAME;
  test_peer_add_with (peer, NULL);
  test_push ("a");
  test_push ("b");
  test_push_full ("K", NONE, KEY, NULL);
  test_push ("c");
  test_peer_expect (peer, "Kc");
}

GST_END_TEST;

GST_START_TEST (test_joins_while_others_stream)
{
  TestPeer *first = test_peer_join (ANY);
  TestPeer *second;

  test_push ("a");
  test_peer_expect (first, "a");
  test_push ("b");
  test_peer_expect (first, "ab");
  second = test_peer_join (ANY);
  test_push ("c");
  test_peer_expect (second, "c");
  test_push ("d");
  test_peer_expect (first, "abcd");
  test_peer_expect (second, "cd");
}

GST_END_TEST;

GST_START_TEST (test_empty_buffers_send_nothing)
{
  TestPeer *peer = test_peer_join (ANY);

  test_push ("");
  test_push ("a");
  test_push ("");
  test_push ("b");
  test_peer_expect (peer, "ab");
}

GST_END_TEST;

GST_START_TEST (test_empty_buffer_is_no_message)
{
  TestPeer *peer = test_peer_new_plain (SOCK_SEQPACKET);
  gchar data[8];

  peer->handle.flags |= GST_SOCKET_HANDLE_MESSAGES;
  test_peer_add_with (peer, NULL);
  test_push ("");
  test_push ("x");
  fail_unless_equals_int (recv (peer->theirs, data, sizeof data, 0), 1);
}

GST_END_TEST;

GST_START_TEST (test_messages_keep_their_borders)
{
  TestPeer *peer = test_peer_new_plain (SOCK_SEQPACKET);
  gchar data[8];

  peer->handle.flags |= GST_SOCKET_HANDLE_MESSAGES;
  test_peer_add_with (peer, NULL);
  for (guint i = 0; i < 200; i++)
    test_push (i % 2 == 0 ? "even" : "odd");
  for (guint i = 0; i < 200; i++)
    fail_unless_equals_int (
        recv (peer->theirs, data, sizeof data, 0), i % 2 == 0 ? 4 : 3);
}

GST_END_TEST;

/* --- sends that stop anywhere --- */

/* Wraps a unit in its place: "(3:payload)". */
static gboolean
append_numbered (GstSocketFraming *framing, GstSocketFramingState *state,
    const GstSocketUnit *unit, GstSocketPieces *pieces)
{
  g_autofree gchar *prefix =
      g_strdup_printf ("(%" G_GUINT64_FORMAT ":", state->position);

  if (!gst_socket_pieces_has_room (
          pieces, unit->n_iov + 2, strlen (prefix) + 1))
    return FALSE;
  gst_socket_pieces_add_scratch (pieces, prefix, strlen (prefix));
  for (guint i = 0; i < unit->n_iov; i++)
    gst_socket_pieces_add (pieces, unit->iov[i].iov_base, unit->iov[i].iov_len);
  gst_socket_pieces_add_scratch (pieces, ")", 1);
  gst_socket_pieces_end_unit (pieces, unit);
  state->position++;
  return TRUE;
}

static const GstSocketFramingFuncs numbered_funcs = {.append = append_numbered};
static GstSocketFraming numbered;

#define IMAGE "(0:h1)(1:head2)(2:alpha)(3:)(4:be)(5:gamma)"

static void
push_image (GstSocketHeaders *headers)
{
  push_with ("alpha", headers);
  push_with ("", headers);
  push_with ("be", headers);
  push_with ("gamma", headers);
}

GST_START_TEST (test_framed_bytes_are_exact_wherever_a_send_stops)
{
  g_autoptr (GstSocketHeaders) headers = make_headers ("h1", "head2");
  TestPeer *peers[sizeof IMAGE];

  gst_socket_framing_init (&numbered, &numbered_funcs, FALSE);
  for (gsize i = 0; i < sizeof IMAGE; i++) {
    peers[i] = test_peer_new (i);
    test_peer_add_with (peers[i], &numbered);
  }
  push_image (headers);
  for (gsize i = 0; i < sizeof IMAGE; i++)
    test_peer_expect_bytes (peers[i], MIN (i, sizeof IMAGE - 1));
  for (gsize i = 0; i < sizeof IMAGE; i++) {
    test_peer_give (peers[i], ANY);
    test_peer_expect (peers[i], IMAGE);
  }
}

GST_END_TEST;

static void
expect_exact_in_steps (GstSocketFraming *framing, const gchar *image)
{
  g_autoptr (GstSocketHeaders) headers = make_headers ("h1", "head2");
  TestPeer *peers[12];

  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++) {
    peers[i] = test_peer_new (ANY);
    peers[i]->step = i + 1;
    test_peer_add_with (peers[i], framing);
  }
  push_image (headers);
  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
    test_peer_expect (peers[i], image);
}

GST_START_TEST (test_framed_bytes_are_exact_in_small_steps)
{
  gst_socket_framing_init (&numbered, &numbered_funcs, FALSE);
  expect_exact_in_steps (&numbered, IMAGE);
}

GST_END_TEST;

GST_START_TEST (test_plain_bytes_are_exact_in_small_steps)
{
  expect_exact_in_steps (NULL, "h1head2alphabegamma");
}

GST_END_TEST;

static gint n_appended;

static gboolean
append_counted (GstSocketFraming *framing, GstSocketFramingState *state,
    const GstSocketUnit *unit, GstSocketPieces *pieces)
{
  n_appended++;
  if (!gst_socket_pieces_has_room (pieces, 1, 0))
    return FALSE;
  gst_socket_pieces_add (pieces, unit->iov[0].iov_base, unit->size);
  gst_socket_pieces_end_unit (pieces, unit);
  return TRUE;
}

GST_START_TEST (test_clients_at_one_place_share_one_image)
{
  static const GstSocketFramingFuncs funcs = {.append = append_counted};
  static GstSocketFraming counted;
  TestPeer *peers[50];

  n_appended = 0;
  gst_socket_framing_init (&counted, &funcs, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++) {
    peers[i] = test_peer_new (ANY);
    test_peer_add_with (peers[i], &counted);
  }
  for (guint i = 0; i < 3; i++) {
    test_push ("x");
    for (guint k = 0; k < G_N_ELEMENTS (peers); k++)
      test_peer_expect_bytes (peers[k], i + 1);
  }
  fail_unless (n_appended <= 6, "%d images of 3 units", n_appended);
}

GST_END_TEST;

GST_START_TEST (test_lagging_client_gets_all_in_order)
{
  g_autoptr (GString) all = g_string_new (NULL);
  TestPeer *peer = test_peer_join (2);

  for (guint i = 0; i < 3000; i++) {
    g_autofree gchar *text = g_strdup_printf ("%u,", i);

    test_push (text);
    g_string_append (all, text);
  }
  test_peer_expect (peer, "0,");
  test_peer_give (peer, 7);
  test_peer_expect_bytes (peer, 9);
  test_peer_give (peer, ANY);
  test_peer_expect (peer, all->str);
  fail_unless_equals_uint64 (test_stat (peer, "buffers-dropped"), 0);
}

GST_END_TEST;

/* --- headers --- */

GST_START_TEST (test_headers_precede_the_first_unit)
{
  g_autoptr (GstSocketHeaders) headers = make_headers ("H", "I");
  TestPeer *early = test_peer_join (ANY);
  TestPeer *late;

  push_with ("a", headers);
  test_peer_expect (early, "HIa");
  late = test_peer_join (ANY);
  push_with ("b", headers);
  test_peer_expect (late, "HIb");
  test_peer_expect (early, "HIab");
}

GST_END_TEST;

GST_START_TEST (test_headers_are_sent_again_when_they_change)
{
  g_autoptr (GstSocketHeaders) one = make_headers ("H", NULL);
  g_autoptr (GstSocketHeaders) same = make_headers ("H", NULL);
  g_autoptr (GstSocketHeaders) two = make_headers ("J", NULL);
  TestPeer *peer = test_peer_join (ANY);

  push_with ("a", one);
  push_with ("b", same);
  push_with ("c", two);
  push_with ("d", NULL);
  push_with ("e", two);
  test_peer_expect (peer, "HabJcdJe");
}

GST_END_TEST;

GST_START_TEST (test_headers_are_sent_once_without_resend)
{
  g_autoptr (GstSocketHeaders) one = make_headers ("H", NULL);
  g_autoptr (GstSocketHeaders) two = make_headers ("J", NULL);
  TestPeer *peer = test_peer_join (ANY);

  rig.limits.resend_headers = FALSE;
  test_rig_apply ();
  push_with ("a", one);
  push_with ("b", two);
  push_with ("c", NULL);
  push_with ("d", one);
  test_peer_expect (peer, "HabcHd");
}

GST_END_TEST;

static gboolean
is_behind (gpointer unused)
{
  return test_totals ().furthest > 0;
}

/* Headers in front of a unit that is too large to go with them. */
static void
push_large (gchar what, GstSocketHeaders *headers)
{
  g_autofree gchar *text = g_strnfill (300 * 1024, what);

  push_with (text, headers);
}

GST_START_TEST (test_headers_sent_in_part_are_ended_before_others)
{
  g_autoptr (GstSocketHeaders) one = make_headers ("headers", NULL);
  g_autoptr (GstSocketHeaders) two = make_headers ("OTHERS", NULL);
  TestPeer *peer = test_peer_join (3);

  rig.limits.recover = GST_SOCKET_RECOVER_LATEST;
  rig.limits.units_soft_max = 2;
  test_rig_apply ();
  push_large ('a', one);
  test_peer_expect (peer, "hea");
  fail_unless_eventually (is_behind, NULL);
  push_with ("b", two);
  push_with ("c", two);
  push_with ("d", two);
  test_peer_give (peer, ANY);
  test_peer_expect (peer, "headersOTHERSd");
}

GST_END_TEST;

/* --- clients that go --- */

GST_START_TEST (test_closed_peer_is_removed)
{
  TestPeer *idle = test_peer_new_plain (SOCK_STREAM);
  TestPeer *half = test_peer_new_plain (SOCK_STREAM);

  test_peer_add_with (idle, NULL);
  test_peer_add_with (half, NULL);
  close (idle->theirs);
  idle->theirs = -1;
  test_peer_expect_gone (idle, GST_SOCKET_CLIENT_CLOSED);
  test_push ("a");
  shutdown (half->theirs, SHUT_WR);
  test_peer_expect_gone (half, GST_SOCKET_CLIENT_CLOSED);
}

GST_END_TEST;

GST_START_TEST (test_send_error_removes_that_client_only)
{
  TestPeer *good = test_peer_join (ANY);
  TestPeer *bad = test_peer_new (ANY);
  TestPeer *closed = test_peer_new (ANY);

  bad->error = EIO;
  closed->error = ENOTCONN;
  test_peer_add_with (bad, NULL);
  test_peer_add_with (closed, NULL);
  test_push ("a");
  test_peer_expect_gone (bad, GST_SOCKET_CLIENT_ERROR);
  test_peer_expect_gone (closed, GST_SOCKET_CLIENT_CLOSED);
  test_push ("b");
  test_peer_expect (good, "ab");
  fail_unless_equals_int (bad->n_sends, 1);
}

GST_END_TEST;

GST_START_TEST (test_unusable_descriptor_leaves_with_an_error)
{
  TestPeer *peer = test_peer_new (ANY);

  peer->handle.fd = 100000;
  test_peer_add_with (peer, NULL);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_ERROR);
}

GST_END_TEST;

GST_START_TEST (test_results_of_adding)
{
  TestPeer *one = test_peer_join (ANY);
  TestPeer *two = test_peer_new (ANY);

  fail_unless_equals_int (
      gst_socket_engine_add (rig.engine, &one->handle, &one->start, NULL),
      GST_SOCKET_ADD_DUPLICATE);
  rig.limits.max_clients = 1;
  test_rig_apply ();
  fail_unless_equals_int (
      gst_socket_engine_add (rig.engine, &two->handle, &two->start, NULL),
      GST_SOCKET_ADD_FULL);
  rig.limits.max_clients = 2;
  test_rig_apply ();
  test_peer_add_with (two, NULL);
  test_push ("a");
  test_peer_expect (one, "a");
  gst_socket_engine_stop (rig.engine);
  fail_unless_equals_int (
      gst_socket_engine_add (rig.engine, &one->handle, &one->start, NULL),
      GST_SOCKET_ADD_STOPPED);
}

GST_END_TEST;

GST_START_TEST (test_removal_is_done_when_it_returns)
{
  TestPeer *peer = test_peer_join (ANY);

  test_push ("a");
  test_peer_expect (peer, "a");
  fail_unless (
      gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED));
  fail_unless_equals_int (peer->n_gone, 1);
  fail_unless_equals_string (rig.order->str, "rg");
  fail_if (
      gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED));
  test_push ("b");
  test_peer_add_with (peer, NULL);
  test_push ("c");
  test_peer_expect (peer, "ac");
  fail_unless_equals_uint64 (test_stat (peer, "bytes-sent"), 1);
}

GST_END_TEST;

static void
remove_it (GstSocketClient *client, gpointer data)
{
  gst_socket_engine_remove (rig.engine, gst_socket_client_get_key (client),
      GST_SOCKET_CLIENT_REMOVED);
}

GST_START_TEST (test_client_may_be_removed_while_it_is_being_removed)
{
  TestPeer *peer = test_peer_join (ANY);

  rig.on_removed = rig.on_gone = remove_it;
  test_push ("a");
  test_peer_expect (peer, "a");
  gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
}

GST_END_TEST;

GST_START_TEST (test_client_may_be_removed_when_it_was_sent_to)
{
  TestPeer *peer = test_peer_join (ANY);

  rig.on_sent = remove_it;
  rig.limits.notify_sent = TRUE;
  test_rig_apply ();
  test_push ("a");
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
}

GST_END_TEST;

GST_START_TEST (test_client_may_be_removed_when_it_has_sent)
{
  TestPeer *peer = test_peer_new_plain (SOCK_STREAM);

  rig.on_received = remove_it;
  rig.limits.notify_received = TRUE;
  test_rig_apply ();
  test_peer_add_with (peer, NULL);
  test_push ("a");
  test_peer_expect (peer, "a"); /* so the worker knows the setting */
  fail_unless_equals_int (send (peer->theirs, "hello", 5, 0), 5);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
  fail_unless_equals_int (rig.n_received, 5);
}

GST_END_TEST;

GST_START_TEST (test_client_may_be_removed_when_it_is_slow)
{
  TestPeer *peer = test_peer_join (0);

  rig.on_slow = remove_it;
  rig.limits.recover = GST_SOCKET_RECOVER_LATEST;
  rig.limits.units_soft_max = 2;
  test_rig_apply ();
  for (guint i = 0; i < 10; i++)
    test_push ("a");
  while (!g_atomic_int_get (&rig.n_gone))
    test_push ("b");
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
}

GST_END_TEST;

static void
remove_other (GstSocketClient *client, gpointer data)
{
  gst_socket_engine_remove (rig.engine, data, GST_SOCKET_CLIENT_REMOVED);
}

GST_START_TEST (test_another_client_may_be_removed_in_a_callback)
{
  TestPeer *one = test_peer_join (ANY);
  TestPeer *two = test_peer_join (ANY);

  rig.on_removed = remove_other;
  rig.hook_data = two;
  gst_socket_engine_remove (rig.engine, one, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (one, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (two, GST_SOCKET_CLIENT_REMOVED);
  fail_unless_equals_string (rig.order->str, "rrgg");
}

GST_END_TEST;

/* --- races --- */

static gint stop_pushing;

static gpointer
push_often (gpointer data)
{
  while (!g_atomic_int_get (&stop_pushing))
    test_push ("0123456789");
  return NULL;
}

GST_START_TEST (test_clients_come_and_go_while_the_worker_sends)
{
  GThread *thread;

  stop_pushing = 0;
  rig.limits.units_max = 50;
  test_rig_apply ();
  thread = g_thread_new ("pusher", push_often, NULL);
  for (guint i = 0; i < 300; i++) {
    TestPeer *peer = test_peer_join (i % 3 == 0 ? 25 : ANY);

    if (i % 3 > 0)
      test_peer_expect_listed (peer);
    if (i % 5 != 0)
      gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED);
  }
  gst_socket_engine_clear (rig.engine);
  g_atomic_int_set (&stop_pushing, 1);
  g_thread_join (thread);
  fail_unless_equals_int (test_totals ().clients, 0);
  test_expect_figure (&rig.n_gone, 300);
}

GST_END_TEST;

static void
set_reading (gpointer client, gpointer data)
{
  gst_socket_client_set_reading (client, GPOINTER_TO_INT (data));
}

GST_START_TEST (test_reading_may_be_switched_while_the_worker_sends)
{
  TestPeer *peer = test_peer_join (ANY);

  for (guint i = 0; i < 3000; i++) {
    test_push ("ab");
    gst_socket_engine_foreach (
        rig.engine, set_reading, GINT_TO_POINTER (i % 2));
  }
  test_peer_expect_bytes (peer, 6000);
}

GST_END_TEST;

static gboolean
is_leaving (gpointer data)
{
  return test_stat (data, "disconnect-time") != 0;
}

static gpointer
remove_thread (gpointer data)
{
  gst_socket_engine_remove (rig.engine, data, GST_SOCKET_CLIENT_REMOVED);
  return NULL;
}

GST_START_TEST (test_removal_waits_for_the_send_that_is_under_way)
{
  TestPeer *peer = test_peer_join (ANY);
  GThread *thread;

  test_peer_gate (peer, TRUE);
  test_push ("a");
  test_peer_wait_inside (peer);
  thread = g_thread_new ("remover", remove_thread, peer);
  fail_unless_eventually (is_leaving, peer);
  test_push ("b");
  g_mutex_lock (&peer->lock);
  fail_unless_equals_int (peer->n_removed, 0);
  g_mutex_unlock (&peer->lock);
  test_peer_gate (peer, FALSE);
  g_thread_join (thread);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
  fail_unless_equals_int (peer->n_sends, 1);
}

GST_END_TEST;

static gboolean
is_null (gpointer data)
{
  return g_atomic_pointer_get ((gpointer *) data) == NULL;
}

GST_START_TEST (test_removed_client_is_let_go_without_another_push)
{
  TestPeer *peer = test_peer_new (ANY);
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  peer->handle.object = object;
  g_object_add_weak_pointer (object, (gpointer *) &object);
  test_peer_add_with (peer, NULL);
  g_object_unref (object);
  test_push ("a");
  test_push ("b");
  test_peer_expect (peer, "ab");
  gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED);
  fail_unless (test_wait_until (is_null, &object), "still held");
}

GST_END_TEST;

static void
run_common (TCase *tc)
{
  tcase_add_test (tc, test_every_client_gets_all_bytes);
  tcase_add_test (tc, test_nothing_is_sent_before_the_next_push);
  tcase_add_test (tc, test_burst_begins_in_the_past);
  tcase_add_test (tc, test_client_waits_for_its_keyframe);
  tcase_add_test (tc, test_joins_while_others_stream);
  tcase_add_test (tc, test_empty_buffers_send_nothing);
  tcase_add_test (tc, test_empty_buffer_is_no_message);
  tcase_add_test (tc, test_messages_keep_their_borders);
  tcase_add_test (tc, test_framed_bytes_are_exact_wherever_a_send_stops);
  tcase_add_test (tc, test_framed_bytes_are_exact_in_small_steps);
  tcase_add_test (tc, test_plain_bytes_are_exact_in_small_steps);
  tcase_add_test (tc, test_clients_at_one_place_share_one_image);
  tcase_add_test (tc, test_lagging_client_gets_all_in_order);
  tcase_add_test (tc, test_closed_peer_is_removed);
  tcase_add_test (tc, test_send_error_removes_that_client_only);
  tcase_add_test (tc, test_unusable_descriptor_leaves_with_an_error);
  tcase_add_test (tc, test_removal_is_done_when_it_returns);
  tcase_add_test (tc, test_clients_come_and_go_while_the_worker_sends);
  tcase_add_test (tc, test_reading_may_be_switched_while_the_worker_sends);
  tcase_add_test (tc, test_removal_waits_for_the_send_that_is_under_way);
  tcase_add_test (tc, test_removed_client_is_let_go_without_another_push);
}

static void
add_headers (Suite *suite)
{
  TCase *tc = tcase_create ("headers");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_rig_begin, test_rig_end);
  tcase_add_test (tc, test_headers_precede_the_first_unit);
  tcase_add_test (tc, test_headers_are_sent_again_when_they_change);
  tcase_add_test (tc, test_headers_are_sent_once_without_resend);
  tcase_add_test (tc, test_headers_sent_in_part_are_ended_before_others);
}

static void
add_callbacks (Suite *suite)
{
  TCase *tc = tcase_create ("callbacks");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_rig_begin, test_rig_end);
  tcase_add_test (tc, test_results_of_adding);
  tcase_add_test (tc, test_client_may_be_removed_while_it_is_being_removed);
  tcase_add_test (tc, test_client_may_be_removed_when_it_was_sent_to);
  tcase_add_test (tc, test_client_may_be_removed_when_it_has_sent);
  tcase_add_test (tc, test_client_may_be_removed_when_it_is_slow);
  tcase_add_test (tc, test_another_client_may_be_removed_in_a_callback);
}

static Suite *
engine_suite (void)
{
  Suite *suite = suite_create ("engine");
  TCase *epoll = tcase_create ("epoll");
  TCase *poll = tcase_create ("poll");

  suite_add_tcase (suite, epoll);
  tcase_add_checked_fixture (epoll, test_rig_begin, test_rig_end);
  run_common (epoll);
  suite_add_tcase (suite, poll);
  tcase_add_checked_fixture (poll, test_rig_begin_poll, test_rig_end);
  run_common (poll);
  add_headers (suite);
  add_callbacks (suite);
  return suite;
}

GST_CHECK_MAIN (engine);
