/* SPDX-License-Identifier: LGPL-2.1-or-later
 * departures.c: tests of how an engine's clients leave, and of its figures
 *
 * Here: flushing, stopping with clients at every place, what is told of them.
 * Not here: bytes (engine.c), limits (limits.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testengine.h"

#include <gst/check/gstcheck.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define NONE GST_CLOCK_TIME_NONE
#define ANY G_MAXSIZE
#define KEY GST_SOCKET_UNIT_KEYFRAME

static void
flush (TestPeer *peer)
{
  fail_unless (gst_socket_engine_remove_flush (rig.engine, peer));
}

/* A client that stands at the edge. */
static TestPeer *
at_edge (void)
{
  TestPeer *peer = test_peer_join (ANY);

  test_push ("a");
  test_push ("b");
  test_peer_expect (peer, "ab");
  fail_unless_eventually (test_rig_is_asleep, NULL);
  return peer;
}

static gboolean
is_behind (gpointer unused)
{
  return test_totals ().furthest > 0;
}

/* A client that took one byte of three units. */
static TestPeer *
lagging (void)
{
  TestPeer *peer = test_peer_join (1);

  test_push ("one");
  test_peer_expect (peer, "o");
  test_push ("two");
  test_push ("three");
  fail_unless_eventually (is_behind, NULL);
  return peer;
}

/* --- flushing --- */

GST_START_TEST (test_flushed_client_gets_what_is_queued_and_goes)
{
  TestPeer *peer = lagging ();

  flush (peer);
  test_push ("four");
  test_peer_expect_listed (peer);
  test_peer_give (peer, ANY);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect (peer, "onetwothree");
}

GST_END_TEST;

GST_START_TEST (test_idle_flushed_client_goes_at_the_next_push)
{
  TestPeer *peer = at_edge ();

  flush (peer);
  test_peer_expect_listed (peer);
  test_push ("c");
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect (peer, "ab");
}

GST_END_TEST;

GST_START_TEST (test_flushed_client_that_waits_goes_at_the_next_push)
{
  TestPeer *fresh = test_peer_join (ANY);
  TestPeer *waiting = test_peer_new (ANY);

  waiting->start.sync = GST_SOCKET_SYNC_NEXT_KEYFRAME;
  test_peer_add_with (waiting, NULL);
  flush (fresh);
  flush (waiting);
  test_push_full ("a", NONE, KEY, NULL);
  test_peer_expect_gone (fresh, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (waiting, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect (fresh, "");
  test_peer_expect (waiting, "");
}

GST_END_TEST;

/* The worker is held while the unit is queued and the client flushed. */
GST_START_TEST (test_client_flushed_at_the_edge_goes_without_another_push)
{
  TestPeer *gate = at_edge ();
  TestPeer *peer = test_peer_join (ANY);

  test_push ("c");
  test_peer_expect (peer, "c");
  fail_unless_eventually (test_rig_is_asleep, NULL);
  test_peer_gate (gate, TRUE);
  test_push ("d");
  test_peer_wait_inside (gate);
  flush (peer);
  test_peer_gate (gate, FALSE);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect (peer, "cd");
}

GST_END_TEST;

/* What a flushed client skips is lost to it, or newer units take its place. */
GST_START_TEST (test_flushed_client_that_skips_ends_or_catches_up)
{
  TestPeer *peer = lagging ();

  flush (peer);
  rig.limits.flush_counts = __i__;
  rig.limits.recover = GST_SOCKET_RECOVER_LATEST;
  rig.limits.units_soft_max = 1;
  test_rig_apply ();
  test_push ("four");
  fail_unless_equals_uint64 (test_totals ().buffers_dropped, 3);
  test_peer_give (peer, ANY);
  test_peer_expect (peer, "one");
  if (__i__) {
    test_push ("five");
    test_peer_expect (peer, "onefive");
    test_push ("six");
  }
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect (peer, __i__ ? "onefivesix" : "one");
}

GST_END_TEST;

GST_START_TEST (test_flushed_client_is_left_alone_by_remove)
{
  TestPeer *peer = lagging ();

  flush (peer);
  flush (peer);
  fail_unless (
      gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED));
  test_peer_expect_listed (peer);
  fail_unless_equals_int (
      gst_socket_engine_add (rig.engine, &peer->handle, &peer->start, NULL),
      GST_SOCKET_ADD_DUPLICATE);
  gst_socket_engine_clear (rig.engine);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
}

GST_END_TEST;

GST_START_TEST (test_flushed_client_is_still_limited)
{
  TestPeer *peer = lagging ();

  rig.limits.units_max = 5;
  test_rig_apply ();
  flush (peer);
  for (guint i = 0; i < 10; i++)
    test_push ("x");
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_SLOW);
}

GST_END_TEST;

GST_START_TEST (test_unknown_client_cannot_be_removed)
{
  TestPeer *peer = test_peer_new (ANY);

  fail_if (gst_socket_engine_remove_flush (rig.engine, peer));
  fail_if (
      gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED));
  fail_if (
      gst_socket_engine_remove_id (rig.engine, 77, GST_SOCKET_CLIENT_REMOVED));
}

GST_END_TEST;

GST_START_TEST (test_clear_removes_newest_first)
{
  TestPeer *peers[3];

  for (guint i = 0; i < 3; i++)
    peers[i] = test_peer_join (ANY);
  gst_socket_engine_clear (rig.engine);
  fail_unless_equals_string (rig.order->str, "rgrgrg");
  for (guint i = 0; i < 3; i++)
    test_peer_expect_gone (peers[i], GST_SOCKET_CLIENT_REMOVED);
}

GST_END_TEST;

/* --- stopping --- */

static gboolean
is_stopped (gpointer data)
{
  TestPeer *probe = data;

  return gst_socket_engine_add (rig.engine, &probe->handle, &probe->start, NULL)
      == GST_SOCKET_ADD_STOPPED;
}

static gpointer
stop_engine (gpointer data)
{
  gst_socket_engine_stop (rig.engine);
  return NULL;
}

/* Stops while a send is under way, which the gate then lets go. */
static void
stop_behind (TestPeer *gate)
{
  GThread *thread = g_thread_new ("stopper", stop_engine, NULL);

  fail_unless_eventually (is_stopped, gate);
  test_peer_gate (gate, FALSE);
  g_thread_join (thread);
}

GST_START_TEST (test_stop_sees_off_clients_at_every_place)
{
  TestPeer *edge = at_edge ();
  TestPeer *blocked = lagging ();
  TestPeer *joining = test_peer_new (ANY);
  TestPeer *incoming;
  TestPeer *runnable = test_peer_join (ANY);

  joining->start.sync = GST_SOCKET_SYNC_NEXT_KEYFRAME;
  test_peer_add_with (joining, NULL);
  test_peer_gate (runnable, TRUE);
  test_push ("x");
  test_peer_wait_inside (runnable);
  incoming = test_peer_join (ANY);
  test_push ("y");
  stop_behind (runnable);
  test_peer_expect_gone (edge, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (blocked, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (joining, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (incoming, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (runnable, GST_SOCKET_CLIENT_REMOVED);
  fail_unless_equals_int (test_totals ().clients, 0);
}

GST_END_TEST;

GST_START_TEST (test_stop_sees_off_clients_that_could_not_be_used)
{
  TestPeer *gate = test_peer_join (ANY);
  TestPeer *bad = test_peer_new (ANY);

  test_peer_gate (gate, TRUE);
  test_push ("x");
  test_peer_wait_inside (gate);
  bad->handle.fd = 100000;
  test_peer_add_with (bad, NULL);
  stop_behind (gate);
  test_peer_expect_gone (bad, GST_SOCKET_CLIENT_ERROR);
  fail_unless_equals_int (test_totals ().clients, 0);
}

GST_END_TEST;

static void
stop_once (GstSocketClient *client, gpointer data)
{
  rig.on_removed = NULL;
  gst_socket_engine_stop (rig.engine);
}

GST_START_TEST (test_engine_may_be_stopped_from_a_removal)
{
  TestPeer *one = at_edge ();
  TestPeer *two = lagging ();

  rig.on_removed = stop_once;
  gst_socket_engine_remove (rig.engine, one, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (one, GST_SOCKET_CLIENT_REMOVED);
  test_peer_expect_gone (two, GST_SOCKET_CLIENT_REMOVED);
}

GST_END_TEST;

static gint in_removal; /* atomic: 1 inside, 2 to go on */

static void
wait_in_removal (GstSocketClient *client, gpointer data)
{
  rig.on_removed = NULL;
  g_atomic_int_set (&in_removal, 1);
  while (g_atomic_int_get (&in_removal) != 2)
    g_thread_yield ();
}

static gpointer
remove_client (gpointer peer)
{
  gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED);
  return NULL;
}

GST_START_TEST (test_engine_may_be_stopped_while_another_thread_removes)
{
  TestPeer *peer = at_edge ();
  GThread *thread;
  GPtrArray *list;

  in_removal = 0;
  rig.on_removed = wait_in_removal;
  thread = g_thread_new ("remover", remove_client, peer);
  test_expect_figure (&in_removal, 1);
  gst_socket_engine_stop (rig.engine);
  list = gst_socket_engine_list_clients (rig.engine);
  g_ptr_array_unref (list);
  g_atomic_int_set (&in_removal, 2);
  g_thread_join (thread);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
}

GST_END_TEST;

static gchar *
describe_states (void)
{
  g_autoptr (GPtrArray) list = gst_socket_engine_list_clients (rig.engine);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++) {
    GstStructure *s = g_ptr_array_index (list, i);

    g_string_append_printf (text, "%s ", gst_structure_get_string (s, "state"));
    fail_unless_equals_string (gst_structure_get_string (s, "peer"), "local");
  }
  return g_string_free (text, FALSE);
}

static void
take_client (gpointer client, gpointer ret)
{
  *(GstSocketClient **) ret = client;
}

static gboolean
is_leaving (gpointer data)
{
  g_autofree gchar *states = describe_states ();

  return g_str_equal (states, "leaving ");
}

/* Whoever removes the client gets to its descriptor only after the engine has
 * stopped: nothing may stay behind then. */
GST_START_TEST (test_engine_may_be_stopped_before_a_removal_gets_on)
{
  TestPeer *peer = at_edge ();
  GstSocketClient *client = NULL;
  GThread *thread;

  gst_socket_engine_foreach (rig.engine, take_client, &client);
  fail_unless (gst_socket_client_hold (client));
  thread = g_thread_new ("remover", remove_client, peer);
  fail_unless_eventually (is_leaving, NULL);
  gst_socket_engine_stop (rig.engine);
  gst_socket_client_release (client);
  g_thread_join (thread);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_REMOVED);
}

GST_END_TEST;

GST_START_TEST (test_engine_runs_again_after_a_stop)
{
  TestPeer *peer = at_edge ();

  gst_socket_engine_stop (rig.engine);
  gst_socket_engine_stop (rig.engine);
  fail_unless (gst_socket_engine_start (rig.engine, NULL));
  fail_unless_equals_uint64 (test_totals ().bytes_served, 0);
  fail_unless_equals_uint64 (test_totals ().bytes_pushed, 0);
  peer->n_removed = peer->n_gone = 0;
  test_peer_add_with (peer, NULL);
  test_push ("c");
  test_peer_expect (peer, "abc");
  fail_unless_equals_int (test_totals ().buffers_queued, 1);
}

GST_END_TEST;

/* --- descriptors --- */

static TestPeer *
join_gsocket (void)
{
  TestPeer *peer = test_peer_new_plain (SOCK_STREAM);

  peer->handle.object = (GObject *) g_socket_new_from_fd (peer->ours, NULL);
  peer->handle.flags |= GST_SOCKET_HANDLE_GSOCKET;
  test_peer_add_with (peer, NULL);
  g_object_unref (peer->handle.object);
  return peer;
}

/* The application closes a socket before it is removed, and the number is
 * used again for another client. */
GST_START_TEST (test_closed_socket_does_not_disturb_another_of_its_number)
{
  TestPeer *closed = join_gsocket ();
  TestPeer *other;
  gint number = closed->ours;

  g_socket_close ((GSocket *) closed->handle.object, NULL);
  closed->ours = -1;
  other = join_gsocket ();
  fail_unless_equals_int (other->ours, number);
  test_push ("a");
  test_peer_expect_gone (closed, GST_SOCKET_CLIENT_CLOSED);
  test_peer_expect (other, "a");
  shutdown (other->theirs, SHUT_WR);
  other->ours = -1;
  test_peer_expect_gone (other, GST_SOCKET_CLIENT_CLOSED);
}

GST_END_TEST;

/* The same before the engine has noticed: nobody is told of under the name of
 * whoever has the number now. */
GST_START_TEST (test_client_keeps_the_name_of_its_peer)
{
  TestPeer *peer = at_edge ();
  gint other = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autofree gchar *states = NULL;

  fail_unless_equals_int (dup3 (other, peer->ours, O_CLOEXEC), peer->ours);
  close (other);
  states = describe_states ();
  fail_unless_equals_string (states, "streaming ");
}

GST_END_TEST;

/* --- figures --- */

GST_START_TEST (test_clients_are_listed_with_their_states)
{
  TestPeer *waiting = test_peer_new (ANY);
  g_autofree gchar *states = NULL;
  g_autofree gchar *later = NULL;

  at_edge ();
  lagging ();
  waiting->start.sync = GST_SOCKET_SYNC_NEXT_KEYFRAME;
  test_peer_add_with (waiting, NULL);
  states = describe_states ();
  fail_unless_equals_string (states, "waiting behind streaming ");
  flush (waiting);
  later = describe_states ();
  fail_unless_equals_string (later, "flushing behind streaming ");
}

GST_END_TEST;

GST_START_TEST (test_lag_is_told)
{
  TestPeer *peer = test_peer_join (1);
  g_autoptr (GPtrArray) list = NULL;
  guint64 buffers = 0;
  guint64 bytes = 0;
  guint64 time = 0;

  for (guint i = 0; i < 5; i++)
    test_push_sized (10, i * GST_SECOND, 0);
  fail_unless_eventually (is_behind, NULL);
  test_peer_expect (peer, "x");
  list = gst_socket_engine_list_clients (rig.engine);
  gst_structure_get (g_ptr_array_index (list, 0), "buffers-behind",
      G_TYPE_UINT64, &buffers, "bytes-behind", G_TYPE_UINT64, &bytes,
      "time-behind", G_TYPE_UINT64, &time, NULL);
  fail_unless_equals_uint64 (bytes, 10 * buffers);
  fail_unless (buffers >= 1 && buffers <= 4);
  fail_unless_equals_uint64 (time, (buffers - 1) * GST_SECOND);
}

GST_END_TEST;

static gboolean
has_served (gpointer data)
{
  return test_totals ().bytes_served >= GPOINTER_TO_SIZE (data);
}

GST_START_TEST (test_figures_are_exact_without_further_pushes)
{
  TestPeer *peer = test_peer_join (ANY);
  TestPeer *partial = test_peer_join (7);

  for (guint i = 0; i < 5; i++)
    test_push_sized (10, (i + 1) * GST_SECOND, 0);
  test_peer_expect_bytes (peer, 50);
  test_peer_expect_bytes (partial, 7);
  fail_unless_eventually (has_served, GSIZE_TO_POINTER (57));
  fail_unless_equals_uint64 (test_totals ().bytes_served, 57);
  fail_unless_equals_uint64 (test_totals ().bytes_pushed, 50);
  fail_unless_equals_uint64 (test_stat (peer, "bytes-sent"), 50);
  fail_unless_equals_uint64 (test_stat (partial, "bytes-sent"), 7);
  fail_unless_equals_uint64 (test_stat (peer, "first-buffer-ts"), GST_SECOND);
  fail_unless_equals_uint64 (
      test_stat (peer, "last-buffer-ts"), 5 * GST_SECOND);
  fail_unless_equals_uint64 (test_stat (peer, "disconnect-time"), 0);
}

GST_END_TEST;

GST_START_TEST (test_sent_is_told_once_a_buffer)
{
  TestPeer *peer = test_peer_new (ANY);

  rig.limits.notify_sent = TRUE;
  test_rig_apply ();
  peer->step = 2;
  test_peer_add_with (peer, NULL);
  for (guint i = 0; i < 20; i++)
    test_push ("12345");
  test_peer_expect_bytes (peer, 100);
  test_expect_figure (&rig.n_sent, 20);
}

GST_END_TEST;

static void
add_flushing (TCase *tc)
{
  tcase_add_test (tc, test_flushed_client_gets_what_is_queued_and_goes);
  tcase_add_test (tc, test_idle_flushed_client_goes_at_the_next_push);
  tcase_add_test (tc, test_flushed_client_that_waits_goes_at_the_next_push);
  tcase_add_test (
      tc, test_client_flushed_at_the_edge_goes_without_another_push);
  tcase_add_loop_test (
      tc, test_flushed_client_that_skips_ends_or_catches_up, 0, 2);
  tcase_add_test (tc, test_flushed_client_is_left_alone_by_remove);
  tcase_add_test (tc, test_flushed_client_is_still_limited);
  tcase_add_test (tc, test_unknown_client_cannot_be_removed);
}

static Suite *
departures_suite (void)
{
  Suite *suite = suite_create ("departures");
  TCase *tc = tcase_create ("departures");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_rig_begin, test_rig_end);
  add_flushing (tc);
  tcase_add_test (tc, test_clear_removes_newest_first);
  tcase_add_test (tc, test_stop_sees_off_clients_at_every_place);
  tcase_add_test (tc, test_stop_sees_off_clients_that_could_not_be_used);
  tcase_add_test (tc, test_engine_may_be_stopped_from_a_removal);
  tcase_add_test (tc, test_engine_may_be_stopped_while_another_thread_removes);
  tcase_add_test (tc, test_engine_may_be_stopped_before_a_removal_gets_on);
  tcase_add_test (tc, test_engine_runs_again_after_a_stop);
  tcase_add_test (
      tc, test_closed_socket_does_not_disturb_another_of_its_number);
  tcase_add_test (tc, test_client_keeps_the_name_of_its_peer);
  tcase_add_test (tc, test_clients_are_listed_with_their_states);
  tcase_add_test (tc, test_lag_is_told);
  tcase_add_test (tc, test_figures_are_exact_without_further_pushes);
  tcase_add_test (tc, test_sent_is_told_once_a_buffer);
  return suite;
}

GST_CHECK_MAIN (departures);
