/* SPDX-License-Identifier: LGPL-2.1-or-later
 * multihandlesink.c: what multisocketsink and multifdsink have in common
 *
 * Here: the contract of the stock plugin, asserted directly, so that it holds
 * where there is no stock plugin to compare with. Each test runs for both.
 * Not here: what one of them has alone, faults, what stock has not.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fanout.h"
#include "testutil.h"

#include <gst/check/gstcheck.h>

#include <sys/socket.h>
#include <unistd.h>

enum
{
  CLOSED = 1,
  REMOVED,
  SLOW,
  ERROR,
  DUPLICATE,
  FLUSHING
};
enum
{
  LATEST,
  NEXT_KEY,
  LATEST_KEY,
  BURST,
  BURST_KEY,
  BURST_WITH_KEY
};
enum
{
  RECOVER_NONE,
  RECOVER_LATEST,
  RECOVER_SOFT,
  RECOVER_KEY
};

GST_START_TEST (test_client_gets_only_what_follows_its_add)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *first = fanout_join (f);
  FanoutClient *second;

  fanout_push (f, 100);
  fanout_expect (first, 0, 100);
  second = fanout_join (f);
  fanout_expect_nothing (second);
  fanout_push (f, 50);
  fanout_expect (first, 100, 150);
  fanout_expect (second, 100, 150);
}
GST_END_TEST;

GST_START_TEST (test_playing_waits_for_the_first_buffer)
{
  g_autoptr (Fanout) f = fanout_new (fanout_kinds[__i__]);

  fail_unless_equals_int (gst_element_set_state (f->sink, GST_STATE_PLAYING),
      GST_STATE_CHANGE_ASYNC);
}
GST_END_TEST;

GST_START_TEST (test_bytes_served_reaches_the_exact_figure)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);

  fanout_join (f);
  fanout_join (f);
  fanout_push (f, 17);
  fanout_wait_served (f, 2 * 17);
  for (guint i = 1; i < 20; i++)
    fanout_push (f, 17);
  fanout_wait_served (f, 2 * 20 * 17);
  fail_unless_equals_uint64 (fanout_uint64 (f, "bytes-to-serve"), 20 * 17);
}
GST_END_TEST;

GST_START_TEST (test_add_is_told_at_once_by_the_caller)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);

  fanout_join (f);
  fail_unless_equals_int (f->added, 1);
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
  fail_unless (f->last_thread == g_thread_self ());
}
GST_END_TEST;

GST_START_TEST (test_the_same_again_is_a_duplicate_and_the_first_goes_on)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  fanout_add (c);
  fanout_expect_log (f, "added, removed 5");
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
}
GST_END_TEST;

GST_START_TEST (test_remove_is_told_in_two_steps)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  fanout_emit (c, "remove");
  fanout_expect_log (f, "added, removed 2, gone");
  fail_unless (f->last_thread == g_thread_self ());
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 0);
  /* The sink never closes what it did not open. */
  fail_unless (write (c->peer, "x", 1) == 1);
}
GST_END_TEST;

static guint handles_in_removed;
static guint handles_in_gone;

static void
note_handles (Fanout *f, const gchar *signal, gpointer handle)
{
  if (g_str_equal (signal, "client-removed"))
    handles_in_removed = fanout_uint (f, "num-handles");
  else if (g_str_equal (signal, "gone"))
    handles_in_gone = fanout_uint (f, "num-handles");
}

GST_START_TEST (test_client_counts_until_it_is_gone)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  f->on_signal = note_handles;
  fanout_emit (c, "remove");
  fail_unless_equals_int (handles_in_removed, 1);
  fail_unless_equals_int (handles_in_gone, 0);
}
GST_END_TEST;

GST_START_TEST (test_unknown_handles_are_passed_over)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_client_new (f, SOCK_STREAM);
  g_autoptr (GstStructure) stats = NULL;

  fanout_emit (c, "remove");
  fanout_emit (c, "remove-flush");
  stats = fanout_stats (c);
  fail_unless_equals_string (
      gst_structure_get_name (stats), "multihandlesink-stats");
  fail_unless_equals_int (gst_structure_n_fields (stats), 0);
  fanout_expect_log (f, "");
}
GST_END_TEST;

GST_START_TEST (test_stats_tell_of_a_client_while_it_is_there)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);
  g_autoptr (GstStructure) stats = NULL;

  fail_unless_equals_uint64 (
      fanout_stat (c, "first-buffer-ts"), GST_CLOCK_TIME_NONE);
  fanout_push (f, 10);
  fanout_wait_served (f, 10);
  fanout_push (f, 10);
  fanout_wait_served (f, 20);
  stats = fanout_stats (c);
  fail_unless_equals_int (gst_structure_n_fields (stats), 10);
  fail_unless_equals_uint64 (fanout_stat (c, "bytes-sent"), 20);
  fail_unless_equals_uint64 (fanout_stat (c, "first-buffer-ts"), 0);
  fail_unless_equals_uint64 (fanout_stat (c, "last-buffer-ts"), GST_SECOND);
  fail_unless_equals_uint64 (fanout_stat (c, "buffers-dropped"), 0);
  fail_unless_equals_uint64 (fanout_stat (c, "disconnect-time"), 0);
  fail_unless (fanout_stat (c, "connect-time") > 0);
  fail_unless (fanout_stat (c, "connect-duration") > 0);
  fail_unless (fanout_stat (c, "last-activity-time-monotonic") > 0);
}
GST_END_TEST;

GST_START_TEST (test_peer_that_closes_is_told_by_the_element)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
  close (c->peer);
  c->peer = -1;
  fanout_wait_gone (f, 1);
  fanout_expect_log (f, "added, removed 1, gone");
  fail_unless (f->last_thread != g_thread_self ());
}
GST_END_TEST;

GST_START_TEST (test_half_close_counts_as_close)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  fail_unless (write (c->peer, "bye", 3) == 3);
  shutdown (c->peer, SHUT_WR);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, CLOSED);
}
GST_END_TEST;

GST_START_TEST (test_clear_removes_all_from_the_caller)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);

  fanout_join (f);
  fanout_join (f);
  g_signal_emit_by_name (f->sink, "clear");
  fanout_expect_log (f, "added, added, removed 2, gone, removed 2, gone");
  fail_unless (f->last_thread == g_thread_self ());
}
GST_END_TEST;

GST_START_TEST (test_only_null_removes_clients)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  fanout_push (f, 10);
  gst_element_set_state (f->sink, GST_STATE_PAUSED);
  gst_element_set_state (f->sink, GST_STATE_READY);
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
  fanout_expect (c, 0, 10);
  gst_element_set_state (f->sink, GST_STATE_NULL);
  fanout_expect_log (f, "added, removed 2, gone");
}
GST_END_TEST;

GST_START_TEST (test_restart_begins_anew)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "bytes-min", 1000, NULL);
  FanoutClient *c = fanout_join (f);

  fanout_push (f, 10);
  fanout_wait_served (f, 10);
  gst_element_set_state (f->sink, GST_STATE_NULL);
  fanout_play (f);
  fail_unless_equals_uint64 (fanout_uint64 (f, "bytes-served"), 0);
  fail_unless_equals_uint64 (fanout_uint64 (f, "bytes-to-serve"), 0);
  fanout_skip (c, 10);
  fanout_add (c);
  fanout_push (f, 20);
  fail_unless_equals_int (fanout_uint (f, "buffers-queued"), 1);
  fanout_expect (c, 10, 30);
}
GST_END_TEST;

GST_START_TEST (test_end_of_stream_removes_nobody)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join_stalled (f);

  gst_pad_push_event (f->src, gst_event_new_eos ());
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
  fanout_expect (c, 0, FANOUT_BIG);
}
GST_END_TEST;

GST_START_TEST (test_flush_keeps_queue_and_clients)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__], "bytes-min", 100, "async", FALSE, NULL);
  FanoutClient *c = fanout_join (f);
  GstSegment segment;

  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
  for (guint i = 1; i < 5; i++)
    fanout_push (f, 10);
  gst_pad_push_event (f->src, gst_event_new_flush_start ());
  gst_pad_push_event (f->src, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (f->src, gst_event_new_segment (&segment));
  fanout_push (f, 10);
  fail_unless_equals_int (fanout_uint (f, "buffers-queued"), 6);
  fanout_expect (c, 10, 60);
}
GST_END_TEST;

/* --- joining --- */

/* Ten bytes a second, every fifth a keyframe, the last ten buffers kept. */
static Fanout *
start_with_backlog (const gchar *element)
{
  Fanout *f = fanout_start (element, "bytes-min", 100, NULL);

  for (guint i = 0; i < 13; i++) {
    if (i % 5 == 0)
      fanout_push (f, 10);
    else
      fanout_push_delta (f, 10);
  }
  return f;
}

static const struct
{
  gint method;
  GstFormat format;
  guint64 min;
  guint64 max;
  /* Where in the stream it begins when buffer 13 comes. */
  guint64 from;
} joins[] = {
    {LATEST, GST_FORMAT_UNDEFINED, 0, 0, 130},
    {LATEST_KEY, GST_FORMAT_UNDEFINED, 0, 0, 100},
    {BURST, GST_FORMAT_BYTES, 45, G_MAXUINT64, 90},
    {BURST, GST_FORMAT_BYTES, 50, G_MAXUINT64, 90},
    {BURST, GST_FORMAT_BYTES, 51, G_MAXUINT64, 80},
    {BURST, GST_FORMAT_BYTES, 50, 30, 130},
    {BURST, GST_FORMAT_TIME, 3 * GST_SECOND, G_MAXUINT64, 100},
    {BURST, GST_FORMAT_TIME, 3 * GST_SECOND + 1, G_MAXUINT64, 90},
    {BURST_KEY, GST_FORMAT_BYTES, 25, G_MAXUINT64, 100},
    {BURST_KEY, GST_FORMAT_BYTES, 45, G_MAXUINT64, 50},
    {BURST_WITH_KEY, GST_FORMAT_BYTES, 25, G_MAXUINT64, 100},
    {BURST_WITH_KEY, GST_FORMAT_BYTES, 20, 30, 120},
};

GST_START_TEST (test_every_sync_method_begins_where_it_should)
{
  for (guint i = 0; i < G_N_ELEMENTS (fanout_kinds); i++) {
    g_autoptr (Fanout) f = start_with_backlog (fanout_kinds[i]);
    FanoutClient *c = fanout_client_new (f, SOCK_STREAM);
    gboolean refused = joins[__i__].max < joins[__i__].min;

    fanout_add_full (c, joins[__i__].method, joins[__i__].format,
        joins[__i__].min, joins[__i__].format, joins[__i__].max);
    fail_unless_equals_int (fanout_uint (f, "num-handles"), refused ? 0 : 1);
    fanout_push_delta (f, 10);
    if (!refused)
      fanout_expect (c, joins[__i__].from, 140);
  }
}
GST_END_TEST;

GST_START_TEST (test_next_keyframe_waits_for_it)
{
  g_autoptr (Fanout) f = start_with_backlog (fanout_kinds[__i__]);
  FanoutClient *waits = fanout_client_new (f, SOCK_STREAM);
  FanoutClient *other;

  fanout_add_full (
      waits, NEXT_KEY, GST_FORMAT_UNDEFINED, 0, GST_FORMAT_UNDEFINED, 0);
  other = fanout_join (f);
  fanout_push_delta (f, 10);
  fanout_push_delta (f, 10);
  fanout_expect (other, 130, 150);
  fanout_push (f, 10);
  fanout_push_delta (f, 10);
  fanout_expect (waits, 150, 170);
}
GST_END_TEST;

GST_START_TEST (test_properties_are_the_defaults_of_add)
{
  g_autoptr (Fanout) f = start_with_backlog (fanout_kinds[__i__]);
  FanoutClient *c;

  g_object_set (f->sink, "sync-method", BURST, "burst-format", GST_FORMAT_BYTES,
      "burst-value", (guint64) 30, NULL);
  c = fanout_join (f);
  fanout_push_delta (f, 10);
  fanout_expect (c, 110, 140);
}
GST_END_TEST;

/* --- limits --- */

static const struct
{
  GstFormat format;
  gint64 limit;
  /* Pushes after the one it stalls in, the last of which removes it. */
  guint pushes;
} limits[] = {
    {GST_FORMAT_BUFFERS, 1, 2},
    {GST_FORMAT_BUFFERS, 3, 4},
    {GST_FORMAT_BYTES, 2 * FANOUT_BIG, 4},
    {GST_FORMAT_BYTES, 2 * FANOUT_BIG + 1, 4},
    {GST_FORMAT_TIME, 3 * GST_SECOND, 6},
};

GST_START_TEST (test_client_at_the_hard_limit_goes_within_the_push)
{
  for (guint i = 0; i < G_N_ELEMENTS (fanout_kinds); i++) {
    g_autoptr (Fanout) f = fanout_start (fanout_kinds[i], "unit-format",
        limits[__i__].format, "units-max", limits[__i__].limit, NULL);
    FanoutClient *reader = fanout_join (f);

    fanout_join_stalled (f);
    fanout_expect (reader, 0, FANOUT_BIG);
    for (guint push = 1; push <= limits[__i__].pushes; push++) {
      fail_unless_equals_int (fanout_uint (f, "num-handles"), 2);
      fanout_push (f, FANOUT_BIG);
      fanout_expect (reader, push * FANOUT_BIG, (push + 1) * FANOUT_BIG);
    }
    fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
    fanout_expect_log (f, "added, added, removed 3, gone");
    fail_unless (f->last_thread == g_thread_self ());
  }
}
GST_END_TEST;

static const struct
{
  gint policy;
  guint64 dropped;
  /* Buffer it goes on with after the one it was in. */
  guint next;
} recoveries[] = {
    {RECOVER_NONE, 0, 1},
    {RECOVER_LATEST, 8, 9},
    {RECOVER_SOFT, 6, 7},
    {RECOVER_KEY, 7, 8},
};

GST_START_TEST (test_client_at_the_soft_limit_is_recovered)
{
  for (guint i = 0; i < G_N_ELEMENTS (fanout_kinds); i++) {
    g_autoptr (Fanout) f = fanout_start (fanout_kinds[i], "units-soft-max",
        (gint64) 3, "recover-policy", recoveries[__i__].policy, NULL);
    FanoutClient *slow = fanout_join_stalled (f);

    for (guint n = 1; n <= 10; n++) {
      if (n % 4 == 0)
        fanout_push (f, 10);
      else
        fanout_push_delta (f, 10);
    }
    fail_unless_equals_uint64 (
        fanout_stat (slow, "buffers-dropped"), recoveries[__i__].dropped);
    fanout_expect (slow, 0, FANOUT_BIG);
    fanout_expect (slow, FANOUT_BIG + (recoveries[__i__].next - 1) * 10,
        FANOUT_BIG + 10 * 10);
  }
}
GST_END_TEST;

GST_START_TEST (test_idle_client_times_out)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__], "timeout", (guint64) 50 * GST_MSECOND, NULL);

  fanout_join (f);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, SLOW);
}
GST_END_TEST;

/* --- retention --- */

static void
keep (const gchar *element, const gchar *property, gint64 value, guint expected)
{
  g_autoptr (Fanout) f = fanout_new (element);
  g_autofree gchar *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  gst_util_set_object_arg (G_OBJECT (f->sink), property, text);
  fanout_play (f);
  for (guint i = 0; i < 12; i++)
    fanout_push (f, 10);
  fail_unless_equals_int (fanout_uint (f, "buffers-queued"), expected);
}

GST_START_TEST (test_queue_keeps_what_it_is_told)
{
  keep (fanout_kinds[__i__], "bytes-min", -1, 1);
  keep (fanout_kinds[__i__], "bytes-min", 50, 5);
  keep (fanout_kinds[__i__], "bytes-min", 51, 6);
  keep (fanout_kinds[__i__], "time-min", 5 * GST_SECOND, 6);
  keep (fanout_kinds[__i__], "time-min", 5 * GST_SECOND + 1, 7);
}
GST_END_TEST;

GST_START_TEST (test_queue_is_seven_after_nine_buffers_of_sixteen_bytes)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "bytes-min", 100, NULL);

  for (guint i = 0; i < 9; i++)
    fanout_push (f, 16);
  fail_unless_equals_int (fanout_uint (f, "buffers-queued"), 7);
}
GST_END_TEST;

GST_START_TEST (test_queue_keeps_the_newest_keyframe_for_those_who_join)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "sync-method", LATEST_KEY, NULL);

  fanout_push (f, 10);
  for (guint i = 2; i <= 5; i++) {
    fanout_push_delta (f, 10);
    fail_unless_equals_int (fanout_uint (f, "buffers-queued"), i);
  }
  fanout_push (f, 10);
  fail_unless_equals_int (fanout_uint (f, "buffers-queued"), 1);
}
GST_END_TEST;

GST_START_TEST (test_aliases_are_one_setting)
{
  g_autoptr (Fanout) f = fanout_new (fanout_kinds[__i__]);
  gint64 units;
  gint buffers;

  g_object_set (f->sink, "buffers-max", 5, "units-soft-max", (gint64) 7, NULL);
  g_object_get (
      f->sink, "units-max", &units, "buffers-soft-max", &buffers, NULL);
  fail_unless_equals_int64 (units, 5);
  fail_unless_equals_int (buffers, 7);
}
GST_END_TEST;

/* --- remove-flush --- */

GST_START_TEST (test_remove_flush_sends_what_is_queued_and_no_more)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join_stalled (f);

  fanout_push (f, 10);
  fanout_emit (c, "remove-flush");
  fanout_push (f, 10);
  fanout_expect_log (f, "added");
  fanout_expect (c, 0, FANOUT_BIG + 10);
  fanout_wait_gone (f, 1);
  fanout_expect_nothing (c);
  fail_unless_equals_int (f->last_status, REMOVED);
}
GST_END_TEST;

GST_START_TEST (test_idle_client_to_be_flushed_goes_with_the_next_buffer)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
  fanout_emit (c, "remove-flush");
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
  fanout_push (f, 10);
  fanout_wait_gone (f, 1);
  fanout_expect_nothing (c);
}
GST_END_TEST;

static Suite *
multihandlesink_suite (void)
{
  Suite *suite = suite_create ("multihandlesink");
  TCase *both = tcase_create ("both");
  TCase *tables = tcase_create ("tables");

  suite_add_tcase (suite, both);
  suite_add_tcase (suite, tables);
  tcase_add_checked_fixture (both, test_leaks_begin, test_leaks_end);
  tcase_add_checked_fixture (tables, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (both, test_client_gets_only_what_follows_its_add, 0, 2);
  tcase_add_loop_test (both, test_playing_waits_for_the_first_buffer, 0, 2);
  tcase_add_loop_test (both, test_bytes_served_reaches_the_exact_figure, 0, 2);
  tcase_add_loop_test (both, test_add_is_told_at_once_by_the_caller, 0, 2);
  tcase_add_loop_test (
      both, test_the_same_again_is_a_duplicate_and_the_first_goes_on, 0, 2);
  tcase_add_loop_test (both, test_remove_is_told_in_two_steps, 0, 2);
  tcase_add_loop_test (both, test_client_counts_until_it_is_gone, 0, 2);
  tcase_add_loop_test (both, test_unknown_handles_are_passed_over, 0, 2);
  tcase_add_loop_test (
      both, test_stats_tell_of_a_client_while_it_is_there, 0, 2);
  tcase_add_loop_test (
      both, test_peer_that_closes_is_told_by_the_element, 0, 2);
  tcase_add_loop_test (both, test_half_close_counts_as_close, 0, 2);
  tcase_add_loop_test (both, test_clear_removes_all_from_the_caller, 0, 2);
  tcase_add_loop_test (both, test_only_null_removes_clients, 0, 2);
  tcase_add_loop_test (both, test_restart_begins_anew, 0, 2);
  tcase_add_loop_test (both, test_end_of_stream_removes_nobody, 0, 2);
  tcase_add_loop_test (both, test_flush_keeps_queue_and_clients, 0, 2);
  tcase_add_loop_test (both, test_next_keyframe_waits_for_it, 0, 2);
  tcase_add_loop_test (both, test_properties_are_the_defaults_of_add, 0, 2);
  tcase_add_loop_test (both, test_idle_client_times_out, 0, 2);
  tcase_add_loop_test (both, test_queue_keeps_what_it_is_told, 0, 2);
  tcase_add_loop_test (
      both, test_queue_is_seven_after_nine_buffers_of_sixteen_bytes, 0, 2);
  tcase_add_loop_test (
      both, test_queue_keeps_the_newest_keyframe_for_those_who_join, 0, 2);
  tcase_add_loop_test (both, test_aliases_are_one_setting, 0, 2);
  tcase_add_loop_test (
      both, test_remove_flush_sends_what_is_queued_and_no_more, 0, 2);
  tcase_add_loop_test (
      both, test_idle_client_to_be_flushed_goes_with_the_next_buffer, 0, 2);
  tcase_add_loop_test (tables, test_every_sync_method_begins_where_it_should, 0,
      G_N_ELEMENTS (joins));
  tcase_add_loop_test (tables,
      test_client_at_the_hard_limit_goes_within_the_push, 0,
      G_N_ELEMENTS (limits));
  tcase_add_loop_test (tables, test_client_at_the_soft_limit_is_recovered, 0,
      G_N_ELEMENTS (recoveries));
  return suite;
}

GST_CHECK_MAIN (multihandlesink);
