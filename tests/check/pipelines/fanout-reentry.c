/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fanout-reentry.c: handlers that push into the fan-out sink that calls them
 *
 * Here: pushing from each thread that a signal can come from. Not here:
 * handlers that call the sink's actions (fanout-faults.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fanout.h"
#include "testutil.h"

#include <gst/check/gstcheck.h>

#include <unistd.h>

/* What a handler pushes in, and what came of it. */
typedef enum
{
  BUFFER,
  LIST,
  EVENT,
  N_KINDS
} Kind;

static Kind kind;
static gint n_pushes; /* atomic; what is left to be pushed by handlers */
static GstFlowReturn flow;
static GThread *pusher; /* whose pushes are to be refused */

static GstFlowReturn
push_kind (Fanout *f)
{
  GstBufferList *list;

  if (kind == BUFFER)
    return gst_pad_push (f->src, fanout_buffer (f, 10));
  if (kind == EVENT) {
    GstEvent *event = gst_event_new_custom (
        GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty ("test"));

    return gst_pad_push_event (f->src, event) ? GST_FLOW_OK : GST_FLOW_ERROR;
  }
  list = gst_buffer_list_new ();
  gst_buffer_list_add (list, fanout_buffer (f, 10));
  return gst_pad_push_list (f->src, list);
}

static void
push_cb (Fanout *f, const gchar *signal, gpointer handle)
{
  if (!g_str_equal (signal, "client-removed")
      || g_atomic_int_get (&n_pushes) == 0)
    return;
  if (g_thread_self () == pusher)
    ASSERT_CRITICAL (flow = push_kind (f));
  else
    flow = push_kind (f);
  g_atomic_int_add (&n_pushes, -1);
}

static gboolean
is_pushed (gpointer unused)
{
  return g_atomic_int_get (&n_pushes) <= 0;
}

/* Stock waits for ever for a lock that it holds itself. */
GST_START_TEST (test_push_from_within_a_push_is_refused)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__ % 2], "units-max", (gint64) 3, NULL);
  FanoutClient *other;
  guint64 from;

  fanout_join_stalled (f);
  other = fanout_join (f);
  from = f->pushed;
  kind = __i__ / 2;
  pusher = g_thread_self ();
  f->on_signal = push_cb;
  g_atomic_int_set (&n_pushes, 1);
  flow = GST_FLOW_OK;
  for (guint i = 0; i < 100 && !is_pushed (NULL); i++) {
    fanout_push (f, 1);
    fanout_expect (other, from, from + 1);
    from = f->pushed;
  }
  fail_unless (is_pushed (NULL));
  fail_unless_equals_int (flow, GST_FLOW_ERROR);
  fanout_push (f, 10);
  fanout_expect (other, from, from + 10);
}
GST_END_TEST;

/* A thread of the sink's own is as good as any other. */
GST_START_TEST (test_push_from_a_thread_of_the_sink_is_served)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *leaving = fanout_join (f);
  FanoutClient *other = fanout_join (f);

  kind = BUFFER;
  pusher = NULL;
  f->on_signal = push_cb;
  g_atomic_int_set (&n_pushes, 1);
  fanout_push (f, 10);
  close (leaving->peer);
  leaving->peer = -1;
  fail_unless_eventually (is_pushed, NULL);
  fanout_expect (other, 0, 20);
  fail_unless_equals_int (flow, GST_FLOW_OK);
}
GST_END_TEST;

static Suite *
fanout_reentry_suite (void)
{
  Suite *suite = suite_create ("fanout-reentry");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (
      tc, test_push_from_within_a_push_is_refused, 0, 2 * N_KINDS);
  tcase_add_loop_test (tc, test_push_from_a_thread_of_the_sink_is_served, 0, 2);
  return suite;
}

GST_CHECK_MAIN (fanout_reentry);
