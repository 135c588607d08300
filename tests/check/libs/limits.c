/* SPDX-License-Identifier: LGPL-2.1-or-later
 * limits.c: tests of gstsocketlimits.c and of what else bounds an engine
 *
 * Here: limits at -1/0/+1, recovery, the ceiling, latency, time-outs,
 * gathering, requests for keyframes, fairness.
 * Not here: bytes and removal (engine.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testengine.h"

#include <gst/check/gstcheck.h>

#include <sys/socket.h>

#define NONE GST_CLOCK_TIME_NONE
#define ANY G_MAXSIZE
#define KEY GST_SOCKET_UNIT_KEYFRAME
#define SEC GST_SECOND

/* A client that got the first byte of the first unit, and no more. */
static TestPeer *
stalled (void)
{
  TestPeer *peer = test_peer_join (1);

  test_push_sized (10, 0, KEY);
  test_peer_expect_bytes (peer, 1);
  return peer;
}

static gboolean
is_behind (gpointer data)
{
  return test_totals ().furthest >= GPOINTER_TO_UINT (data);
}

/* The same, and the engine has noticed. */
static TestPeer *
blocked (void)
{
  TestPeer *peer = stalled ();

  test_push_sized (10, SEC, 0);
  fail_unless_eventually (is_behind, GUINT_TO_POINTER (1));
  return peer;
}

/* Pushes of 10 bytes and a second, after the two of blocked (), until the
 * client goes. Returns the number of the push that it went in, 0 for none. */
static guint
pushes_until_gone (TestPeer *peer, guint most)
{
  for (guint n = 3; n <= most; n++) {
    test_push_sized (10, (n - 1) * SEC, 0);
    if (peer->n_gone > 0)
      return n;
  }
  return 0;
}

/* --- hard limits --- */

typedef struct
{
  GstFormat format;
  gint64 max;
  guint push; /* in which a client goes that stopped in the first one */
} HardCase;

static const HardCase hard_cases[] = {
    {GST_FORMAT_BUFFERS, 2, 4},
    {GST_FORMAT_BUFFERS, 3, 5},
    {GST_FORMAT_BUFFERS, 4, 6},
    {GST_FORMAT_UNDEFINED, 3, 5},
    {GST_FORMAT_BUFFERS, 0, 0},
    {GST_FORMAT_BUFFERS, -1, 0},
    {GST_FORMAT_BUFFERS, G_MAXINT64, 0},
    {GST_FORMAT_BYTES, 39, 6},
    {GST_FORMAT_BYTES, 40, 7},
    {GST_FORMAT_BYTES, 41, 7},
    {GST_FORMAT_BYTES, G_MAXINT64, 0},
    {GST_FORMAT_TIME, 3 * GST_SECOND - 1, 6},
    {GST_FORMAT_TIME, 3 * GST_SECOND, 7},
    {GST_FORMAT_TIME, 3 * GST_SECOND + 1, 7},
};

GST_START_TEST (test_client_goes_in_the_push_that_reaches_the_limit)
{
  const HardCase *c = &hard_cases[__i__];
  TestPeer *peer = blocked ();

  rig.limits.unit_format = c->format;
  rig.limits.units_max = c->max;
  test_rig_apply ();
  fail_unless_equals_int (pushes_until_gone (peer, 12), c->push);
  if (c->push == 0)
    return;
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_SLOW);
  fail_unless_equals_int (test_totals ().clients_slow, 1);
  fail_unless_equals_int (rig.n_slow, 1);
  fail_unless_equals_string (rig.slow.limit, "units-max");
  fail_unless (rig.slow.removed);
  fail_unless_equals_int (test_totals ().buffers_queued, 1);
}

GST_END_TEST;

GST_START_TEST (test_lowered_limit_applies_from_the_next_push)
{
  TestPeer *peer = blocked ();

  for (guint n = 2; n < 6; n++)
    test_push_sized (10, n * SEC, 0);
  rig.limits.units_max = 1;
  test_rig_apply ();
  test_peer_give (peer, 15);
  test_peer_expect_bytes (peer, 16);
  fail_unless_eventually (test_rig_is_asleep, NULL);
  test_peer_expect_listed (peer);
  test_push_sized (10, 6 * SEC, 0);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_SLOW);
}

GST_END_TEST;

/* The client has had nothing but its start: what it does not take is found out
 * in the push that matters, be it a burst or gathering that came before. */
GST_START_TEST (test_untried_client_goes_in_the_push_that_reaches_the_limit)
{
  TestPeer *peer = test_peer_join (1);
  TestPeer *reader = test_peer_join (ANY);
  guint n;

  rig.limits.units_max = 3;
  rig.limits.batch_time = __i__ * 60 * SEC;
  test_rig_apply ();
  for (n = 0; peer->n_gone == 0 && n < 20; n++)
    test_push_sized (10, NONE, n == 0 ? KEY : 0);
  fail_unless_equals_int (n, 5);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_SLOW);
  test_peer_expect_listed (reader);
}

GST_END_TEST;

/* Were each push to wait, the test would run into its time limit. */
GST_START_TEST (test_push_does_not_wait_for_a_send_that_takes_long)
{
  TestPeer *peer = test_peer_join (ANY);

  rig.limits.units_max = 3;
  test_rig_apply ();
  test_peer_gate (peer, TRUE);
  test_push_sized (10, NONE, KEY);
  test_peer_wait_inside (peer);
  for (guint n = 2; n <= 20000; n++)
    test_push_sized (10, NONE, 0);
  test_peer_gate (peer, FALSE);
  test_peer_expect_bytes (peer, 200000);
  test_peer_expect_listed (peer);
}

GST_END_TEST;

static gint held; /* atomic: whether a worker waits in a removal */
static GMutex hold_lock;

/* Asleep, for the other worker needs the processor. */
static void
hold_worker (GstSocketClient *client, gpointer data)
{
  g_atomic_int_set (&held, 1);
  g_mutex_lock (&hold_lock);
  g_mutex_unlock (&hold_lock);
}

/* Has the second worker held up, by a client that goes, while five pushes are
 * made, at one of which the only client of the first worker is at the limit.
 * Returns how long they took. */
static gint64
push_beside_a_held_worker (void)
{
  TestPeer *leaver = test_peer_new_plain (SOCK_STREAM);
  gint64 begin;
  gint64 took;

  g_atomic_int_set (&held, 0);
  g_mutex_lock (&hold_lock);
  test_peer_add_with (leaver, NULL);
  shutdown (leaver->theirs, SHUT_WR);
  test_expect_figure (&held, 1);
  begin = g_get_monotonic_time ();
  for (guint n = 0; n < 5; n++)
    test_push_sized (10, NONE, KEY);
  took = g_get_monotonic_time () - begin;
  g_mutex_unlock (&hold_lock);
  test_peer_expect_gone (leaver, GST_SOCKET_CLIENT_CLOSED);
  return took;
}

/* A push that waits for the second worker takes its 20 ms each time. On a
 * loaded machine one that need not may, too, but not for ever. */
GST_START_TEST (test_push_waits_for_those_workers_alone_that_have_to_try)
{
  TestPeer *peer;
  gint64 least = G_MAXINT64;

  rig.limits.workers = 2;
  rig.limits.units_max = 3;
  rig.limits.batch_time = 60 * SEC;
  rig.on_removed = hold_worker;
  test_rig_apply ();
  peer = test_peer_join (ANY);
  for (guint i = 0; i < 200 && least >= 20 * G_TIME_SPAN_MILLISECOND; i++)
    least = MIN (least, push_beside_a_held_worker ());
  test_peer_expect_listed (peer);
  fail_unless (least < 20 * G_TIME_SPAN_MILLISECOND);
}

GST_END_TEST;

/* --- soft limits --- */

typedef struct
{
  GstSocketRecover recover;
  gint64 soft;
  gint64 hard;
  guint pushes;
  guint dropped;
  gboolean goes;
} SoftCase;

/* The client wants the second unit when pushes have been made. */
static const SoftCase soft_cases[] = {
    {GST_SOCKET_RECOVER_NONE, 3, -1, 9, 0, FALSE},
    {GST_SOCKET_RECOVER_LATEST, 3, -1, 4, 0, FALSE},
    {GST_SOCKET_RECOVER_LATEST, 3, -1, 5, 4, FALSE},
    {GST_SOCKET_RECOVER_LATEST, 3, -1, 8, 4, FALSE},
    {GST_SOCKET_RECOVER_LATEST, 3, -1, 9, 8, FALSE},
    {GST_SOCKET_RECOVER_SOFT_LIMIT, 3, -1, 5, 0, FALSE},
    {GST_SOCKET_RECOVER_SOFT_LIMIT, 3, -1, 6, 1, FALSE},
    {GST_SOCKET_RECOVER_SOFT_LIMIT, 3, 5, 9, 4, FALSE},
    {GST_SOCKET_RECOVER_KEYFRAME, 3, -1, 5, 4, FALSE},
    {GST_SOCKET_RECOVER_NONE, 3, 5, 7, 0, TRUE},
    {GST_SOCKET_RECOVER_LATEST, 5, 3, 5, 0, TRUE},
    {GST_SOCKET_RECOVER_LATEST, 0, -1, 9, 0, FALSE},
};

GST_START_TEST (test_late_client_recovers_and_its_loss_is_counted)
{
  const SoftCase *c = &soft_cases[__i__];
  TestPeer *peer = blocked ();

  rig.limits.recover = c->recover;
  rig.limits.units_soft_max = c->soft;
  rig.limits.units_max = c->hard;
  test_rig_apply ();
  fail_unless_equals_int (
      pushes_until_gone (peer, c->pushes), c->goes ? c->pushes : 0);
  fail_unless_equals_uint64 (test_totals ().buffers_dropped, c->dropped);
  if (c->goes)
    return;
  fail_unless_equals_uint64 (test_stat (peer, "buffers-dropped"), c->dropped);
  test_peer_give (peer, ANY);
  test_peer_expect_bytes (peer, 10 * (c->pushes - c->dropped));
}

GST_END_TEST;

GST_START_TEST (test_recovery_reports_what_was_lost)
{
  TestPeer *peer = blocked ();

  rig.limits.recover = GST_SOCKET_RECOVER_LATEST;
  rig.limits.units_soft_max = 3;
  test_rig_apply ();
  pushes_until_gone (peer, 5);
  fail_unless_equals_int (rig.n_slow, 1);
  fail_unless_equals_uint64 (rig.slow.dropped, 4);
  fail_unless_equals_uint64 (rig.slow.buffers, 4);
  fail_unless_equals_uint64 (rig.slow.bytes, 40);
  fail_unless_equals_uint64 (rig.slow.time, 3 * SEC);
  fail_if (rig.slow.removed);
  fail_unless_equals_string (rig.slow.limit, "units-soft-max");
  pushes_until_gone (peer, 30);
  fail_unless_equals_int (rig.n_slow, 1);
}

GST_END_TEST;

GST_START_TEST (test_client_that_keeps_up_is_not_limited)
{
  TestPeer *peer = test_peer_join (ANY);

  rig.limits.units_max = 1;
  test_rig_apply ();
  for (guint i = 1; i <= 200; i++)
    test_push_sized (10, NONE, 0);
  test_peer_expect_bytes (peer, 2000);
  test_peer_expect_listed (peer);
}

GST_END_TEST;

GST_START_TEST (test_client_that_waits_for_a_keyframe_is_not_late)
{
  TestPeer *peer = test_peer_new (ANY);

  rig.limits.units_max = 1;
  test_rig_apply ();
  peer->start.sync = GST_SOCKET_SYNC_NEXT_KEYFRAME;
  test_peer_add_with (peer, NULL);
  for (guint i = 1; i <= 20; i++)
    test_push_sized (10, NONE, 0);
  test_peer_expect_listed (peer);
}

GST_END_TEST;

/* --- what is kept --- */

GST_START_TEST (test_queue_keeps_what_is_asked_for)
{
  rig.limits.bytes_min = 100;
  test_rig_apply ();
  for (guint i = 1; i <= 9; i++)
    test_push_sized (16, i * SEC, 0);
  fail_unless_equals_int (test_totals ().buffers_queued, 7);
  fail_unless_equals_uint64 (test_totals ().bytes_queued, 112);
  rig.limits.bytes_min = 0;
  rig.limits.time_min = 5 * SEC;
  test_rig_apply ();
  test_push_sized (16, 10 * SEC, 0);
  fail_unless_equals_int (test_totals ().buffers_queued, 6);
  rig.limits.buffers_min = 9;
  test_rig_apply ();
  for (guint i = 11; i <= 20; i++)
    test_push_sized (16, i * SEC, 0);
  fail_unless_equals_int (test_totals ().buffers_queued, 9);
  rig.limits.buffers_min = rig.limits.time_min = 0;
  test_rig_apply ();
  fail_unless_equals_int (test_totals ().buffers_queued, 9);
  test_push_sized (16, 21 * SEC, 0);
  fail_unless_equals_int (test_totals ().buffers_queued, 1);
}

GST_END_TEST;

GST_START_TEST (test_queue_keeps_the_newest_keyframe_for_its_sync_method)
{
  static const guint lengths[] = {1, 2, 3, 1, 2, 3};

  rig.limits.sync = GST_SOCKET_SYNC_LATEST_KEYFRAME;
  test_rig_apply ();
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    test_push_sized (10, NONE, i % 3 == 0 ? KEY : 0);
    fail_unless_equals_int (test_totals ().buffers_queued, lengths[i]);
  }
  rig.limits.units_soft_max = 3;
  test_rig_apply ();
  test_push_sized (10, NONE, 0);
  fail_unless_equals_int (test_totals ().buffers_queued, 1);
}

GST_END_TEST;

GST_START_TEST (test_queue_grows_with_a_lagging_client)
{
  TestPeer *peer = blocked ();

  for (guint i = 3; i <= 20; i++) {
    test_push_sized (10, NONE, 0);
    fail_unless_equals_int (test_totals ().buffers_queued, i - 1);
    fail_unless_equals_uint64 (test_totals ().furthest, i - 1);
  }
  gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED);
  fail_unless_equals_int (test_totals ().buffers_queued, 19);
  test_push_sized (10, NONE, 0);
  fail_unless_equals_int (test_totals ().buffers_queued, 1);
}

GST_END_TEST;

/* --- the ceiling --- */

typedef struct
{
  guint64 ceiling;
  guint pushes; /* of 10 bytes, after the two of blocked () */
  guint dropped;
} CeilingCase;

/* The client holds the first unit: 10 bytes count against the ceiling. */
static const CeilingCase ceiling_cases[] = {
    {0, 20, 0},
    {50, 3, 0},
    {50, 4, 5},
    {51, 4, 5},
    {49, 3, 4},
    {G_MAXUINT64, 20, 0},
};

GST_START_TEST (test_client_loses_what_is_beyond_the_ceiling)
{
  const CeilingCase *c = &ceiling_cases[__i__];
  TestPeer *peer = blocked ();

  rig.limits.queue_max_bytes = c->ceiling;
  test_rig_apply ();
  for (guint i = 0; i < c->pushes; i++)
    test_push_sized (10, NONE, 0);
  fail_unless_equals_uint64 (test_totals ().buffers_dropped, c->dropped);
  test_peer_expect_listed (peer);
  if (c->dropped > 0)
    fail_unless_equals_string (rig.slow.limit, "queue-max-bytes");
  test_peer_give (peer, ANY);
  test_peer_expect_bytes (peer, 10 * (2 + c->pushes - c->dropped));
}

GST_END_TEST;

GST_START_TEST (test_holders_of_units_go_when_those_alone_exceed_the_ceiling)
{
  TestPeer *peers[6];

  rig.limits.queue_max_bytes = 1000;
  rig.limits.recover = GST_SOCKET_RECOVER_LATEST;
  test_rig_apply ();
  for (guint i = 0; i < 6; i++) {
    peers[i] = test_peer_join (1);
    test_push_sized (300, NONE, KEY);
    test_peer_expect_bytes (peers[i], 1);
    test_push_sized (300, NONE, KEY);
    fail_unless_eventually (is_behind, GUINT_TO_POINTER (1));
  }
  for (guint i = 0; i < 6; i++)
    test_push_sized (300, NONE, KEY);
  test_peer_expect_gone (peers[0], GST_SOCKET_CLIENT_SLOW);
  test_peer_expect_gone (peers[1], GST_SOCKET_CLIENT_SLOW);
  test_peer_expect_listed (peers[5]);
  fail_unless (test_totals ().bytes_queued <= 1000);
}

GST_END_TEST;

GST_START_TEST (test_held_bytes_are_given_back)
{
  rig.limits.queue_max_bytes = 100;
  rig.limits.recover = GST_SOCKET_RECOVER_LATEST;
  test_rig_apply ();
  for (guint i = 0; i < 10; i++) {
    TestPeer *peer = test_peer_join (1);

    test_push_sized (50, NONE, KEY);
    test_peer_expect_bytes (peer, 1);
    test_push_sized (50, NONE, KEY);
    fail_unless_eventually (is_behind, GUINT_TO_POINTER (1));
    test_push_sized (50, NONE, KEY);
    test_peer_expect_listed (peer);
    if (i % 2 == 0)
      gst_socket_engine_remove (rig.engine, peer, GST_SOCKET_CLIENT_REMOVED);
    test_peer_give (peer, ANY);
    gst_socket_engine_clear (rig.engine);
  }
  fail_unless_equals_int (test_totals ().clients_slow, 0);
}

GST_END_TEST;

GST_START_TEST (test_clients_behind_the_ceiling_are_cut_before_they_are_served)
{
  TestPeer *gate = test_peer_join (ANY);
  TestPeer *edge;

  test_push ("a");
  test_peer_expect (gate, "a");
  edge = test_peer_join (ANY);
  test_push ("b");
  test_peer_expect (edge, "b");
  rig.limits.queue_max_bytes = 5;
  rig.limits.recover = GST_SOCKET_RECOVER_SOFT_LIMIT;
  test_rig_apply ();
  test_peer_gate (gate, TRUE);
  test_push ("c");
  test_peer_wait_inside (gate);
  for (guint i = 0; i < 20; i++)
    test_push ("0123");
  fail_unless (test_totals ().bytes_queued <= 5);
  test_peer_gate (gate, FALSE);
  test_peer_expect (gate, "abc0123");
  test_peer_expect (edge, "bc0123");
  fail_unless_equals_uint64 (test_stat (edge, "buffers-dropped"), 19);
}

GST_END_TEST;

/* What a buffer costs beside its bytes counts too: empty ones would take all
 * memory else. */
GST_START_TEST (test_small_buffers_are_bounded_in_number)
{
  TestPeer *peer = blocked ();

  rig.limits.queue_max_bytes = 1 << 20;
  test_rig_apply ();
  for (guint i = 0; i < 2047; i++)
    test_push_sized (__i__, NONE, 0);
  fail_unless_equals_uint64 (test_totals ().buffers_dropped, 0);
  fail_unless_equals_int (test_totals ().buffers_queued, 2048);
  test_push_sized (__i__, NONE, KEY);
  fail_unless_equals_uint64 (test_totals ().buffers_dropped, 2048);
  fail_unless_equals_string (rig.slow.limit, "queue-max-bytes");
  for (guint i = 0; i < 3000; i++)
    test_push_sized (__i__, NONE, 0);
  fail_unless (test_totals ().buffers_queued <= 2048);
  test_peer_expect_listed (peer);
}

GST_END_TEST;

/* --- latency --- */

GST_START_TEST (test_client_behind_max_latency_jumps_to_the_newest_keyframe)
{
  TestPeer *peer = blocked ();

  rig.limits.max_latency = 3 * SEC;
  test_rig_apply ();
  test_push_sized (10, 2 * SEC, 0);
  test_push_sized (10, 3 * SEC, KEY);
  test_push_sized (10, 4 * SEC, 0);
  fail_unless_equals_uint64 (test_totals ().buffers_dropped, 0);
  test_push_sized (10, 4 * SEC + 1, 0);
  fail_unless_equals_uint64 (test_totals ().buffers_dropped, 2);
  fail_unless_equals_string (rig.slow.limit, "max-latency");
  test_peer_give (peer, ANY);
  test_peer_expect_bytes (peer, 40);
}

GST_END_TEST;

GST_START_TEST (test_max_latency_needs_a_newer_keyframe)
{
  TestPeer *peer = blocked ();

  rig.limits.max_latency = 1;
  test_rig_apply ();
  pushes_until_gone (peer, 10);
  fail_unless_equals_uint64 (test_totals ().buffers_dropped, 0);
  rig.limits.max_latency = G_MAXUINT64;
  test_rig_apply ();
  test_push_sized (10, 100 * SEC, KEY);
  fail_unless_equals_uint64 (test_totals ().buffers_dropped, 0);
}

GST_END_TEST;

/* --- inactive clients --- */

GST_START_TEST (test_inactive_client_goes_without_a_push)
{
  TestPeer *peer;

  rig.limits.timeout = 50 * GST_MSECOND;
  test_rig_apply ();
  test_push ("a");
  fail_unless_eventually (test_rig_is_asleep, NULL);
  peer = test_peer_join (ANY);
  test_peer_expect_gone (peer, GST_SOCKET_CLIENT_SLOW);
}

GST_END_TEST;

GST_START_TEST (test_inactive_clients_go_at_every_place)
{
  TestPeer *edge = test_peer_join (ANY);
  TestPeer *lagging = blocked ();
  TestPeer *waiting = test_peer_join (ANY);

  rig.limits.timeout = 50 * GST_MSECOND;
  test_rig_apply ();
  test_peer_expect_gone (edge, GST_SOCKET_CLIENT_SLOW);
  test_peer_expect_gone (lagging, GST_SOCKET_CLIENT_SLOW);
  test_peer_expect_gone (waiting, GST_SOCKET_CLIENT_SLOW);
}

GST_END_TEST;

static const guint64 long_times[] = {G_MAXUINT64, G_MAXUINT64 - 1,
    (guint64) G_MAXINT64 + 1, G_MAXINT64, 3600 * SEC};

GST_START_TEST (test_long_timeout_removes_nobody)
{
  TestPeer *peer = test_peer_join (ANY);
  TestPeer *lagging;

  rig.limits.timeout = long_times[__i__];
  test_rig_apply ();
  lagging = blocked ();
  test_push ("a");
  test_peer_expect_bytes (peer, 21);
  test_peer_expect_listed (peer);
  test_peer_expect_listed (lagging);
}

GST_END_TEST;

/* --- gathering --- */

GST_START_TEST (test_buffers_are_gathered_within_the_batch_time)
{
  TestPeer *peer = test_peer_join (ANY);
  gint64 begin;
  guint n;

  rig.limits.batch_time = 200 * GST_MSECOND;
  test_rig_apply ();
  test_push ("a");
  test_peer_expect_bytes (peer, 1);
  test_push ("a");
  test_peer_expect_bytes (peer, 2);
  begin = g_get_monotonic_time ();
  n = peer->n_sends;
  for (guint i = 0; i < 100; i++)
    test_push ("a");
  test_peer_expect_bytes (peer, 102);
  if (g_get_monotonic_time () - begin < 300000)
    fail_unless (peer->n_sends - n <= 3, "%u sends", peer->n_sends - n);
}

GST_END_TEST;

GST_START_TEST (test_batch_time_can_be_taken_back)
{
  TestPeer *peer = test_peer_join (ANY);

  rig.limits.batch_time = 3600 * SEC;
  test_rig_apply ();
  test_push ("a");
  test_peer_expect_bytes (peer, 1);
  test_push ("b");
  test_push ("c");
  rig.limits.batch_time = 0;
  test_rig_apply ();
  test_peer_expect (peer, "abc");
}

GST_END_TEST;

/* --- keyframes --- */

GST_START_TEST (test_keyframes_are_asked_for_no_more_often_than_allowed)
{
  TestPeer *peer = test_peer_new (ANY);

  peer->start.sync = GST_SOCKET_SYNC_NEXT_KEYFRAME;
  test_push ("a");
  test_peer_add_with (peer, NULL);
  test_push ("a");
  fail_unless_equals_int (rig.n_asked, 0);
  rig.limits.keyframe_interval = 3600 * SEC;
  test_rig_apply ();
  for (guint i = 0; i < 10; i++)
    test_push ("a");
  fail_unless_equals_int (rig.n_asked, 1);
  rig.limits.keyframe_interval = 0;
  test_rig_apply ();
  test_push ("a");
  fail_unless_equals_int (rig.n_asked, 2);
  test_push_full ("K", NONE, KEY, NULL);
  test_push ("a");
  fail_unless_equals_int (rig.n_asked, 2);
}

GST_END_TEST;

/* --- fairness and many --- */

/* A client with a deep backlog reads as fast as it can; each of its sends is
 * limited, and the other one has its turn between them. */
GST_START_TEST (test_deep_backlog_does_not_starve_others)
{
  TestPeer *deep = test_peer_join (1);
  TestPeer *other;
  guint before;

  for (guint i = 0; i < 100; i++)
    test_push_sized (64 * 1024, NONE, 0);
  test_peer_expect_bytes (deep, 1);
  other = test_peer_join (ANY);
  test_push ("a");
  test_peer_expect_bytes (other, 1);
  before = deep->n_sends;
  test_peer_gate (deep, TRUE);
  test_peer_give (deep, ANY);
  test_peer_wait_inside (deep);
  test_push ("b");
  test_peer_gate (deep, FALSE);
  test_peer_expect (other, "ab");
  test_peer_expect_bytes (deep, 100 * 64 * 1024 + 2);
  fail_unless (deep->n_sends - before >= 25, "%u", deep->n_sends - before);
}

GST_END_TEST;

#define CROWD 300

GST_START_TEST (test_crowd_is_served_by_several_threads)
{
  TestPeer *peers[CROWD];

  rig.limits.workers = __i__;
  test_rig_apply ();
  for (guint i = 0; i < CROWD; i++)
    peers[i] = test_peer_join (i % 50 == 0 ? 5 : ANY);
  fail_unless (test_count_threads () >= (__i__ > 1 ? 3 : 2));
  for (guint i = 0; i < 50; i++)
    test_push ("0123456789");
  for (guint i = 0; i < CROWD; i++)
    test_peer_expect_bytes (peers[i], i % 50 == 0 ? 5 : 500);
  for (guint i = 0; i < CROWD; i += 50)
    test_peer_give (peers[i], ANY);
  for (guint i = 0; i < CROWD; i++)
    test_peer_expect_bytes (peers[i], 500);
  for (guint i = 0; i < CROWD; i += 2)
    gst_socket_engine_remove (rig.engine, peers[i], GST_SOCKET_CLIENT_REMOVED);
  test_push ("end");
  for (guint i = 1; i < CROWD; i += 2)
    test_peer_expect_bytes (peers[i], 503);
  fail_unless_equals_int (test_totals ().clients, CROWD / 2);
  fail_unless_equals_int (test_totals ().clients_served, CROWD);
}

GST_END_TEST;

static void
add_more (Suite *suite)
{
  TCase *tc = tcase_create ("more");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_rig_begin, test_rig_end);
  tcase_add_test (tc, test_inactive_client_goes_without_a_push);
  tcase_add_test (tc, test_inactive_clients_go_at_every_place);
  tcase_add_loop_test (
      tc, test_long_timeout_removes_nobody, 0, G_N_ELEMENTS (long_times));
  tcase_add_test (tc, test_buffers_are_gathered_within_the_batch_time);
  tcase_add_test (tc, test_batch_time_can_be_taken_back);
  tcase_add_test (tc, test_keyframes_are_asked_for_no_more_often_than_allowed);
  tcase_add_test (tc, test_deep_backlog_does_not_starve_others);
  tcase_add_loop_test (tc, test_crowd_is_served_by_several_threads, 1, 5);
}

static Suite *
limits_suite (void)
{
  Suite *suite = suite_create ("limits");
  TCase *tc = tcase_create ("limits");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_rig_begin, test_rig_end);
  tcase_add_loop_test (tc, test_client_goes_in_the_push_that_reaches_the_limit,
      0, G_N_ELEMENTS (hard_cases));
  tcase_add_test (tc, test_lowered_limit_applies_from_the_next_push);
  tcase_add_loop_test (
      tc, test_untried_client_goes_in_the_push_that_reaches_the_limit, 0, 2);
  tcase_add_test (tc, test_push_does_not_wait_for_a_send_that_takes_long);
  tcase_add_test (tc, test_push_waits_for_those_workers_alone_that_have_to_try);
  tcase_add_loop_test (tc, test_late_client_recovers_and_its_loss_is_counted, 0,
      G_N_ELEMENTS (soft_cases));
  tcase_add_test (tc, test_recovery_reports_what_was_lost);
  tcase_add_test (tc, test_client_that_keeps_up_is_not_limited);
  tcase_add_test (tc, test_client_that_waits_for_a_keyframe_is_not_late);
  tcase_add_test (tc, test_queue_keeps_what_is_asked_for);
  tcase_add_test (tc, test_queue_keeps_the_newest_keyframe_for_its_sync_method);
  tcase_add_test (tc, test_queue_grows_with_a_lagging_client);
  tcase_add_loop_test (tc, test_small_buffers_are_bounded_in_number, 0, 2);
  tcase_add_loop_test (tc, test_client_loses_what_is_beyond_the_ceiling, 0,
      G_N_ELEMENTS (ceiling_cases));
  tcase_add_test (
      tc, test_holders_of_units_go_when_those_alone_exceed_the_ceiling);
  tcase_add_test (tc, test_held_bytes_are_given_back);
  tcase_add_test (
      tc, test_clients_behind_the_ceiling_are_cut_before_they_are_served);
  tcase_add_test (
      tc, test_client_behind_max_latency_jumps_to_the_newest_keyframe);
  tcase_add_test (tc, test_max_latency_needs_a_newer_keyframe);
  add_more (suite);
  return suite;
}

GST_CHECK_MAIN (limits);
