/* SPDX-License-Identifier: LGPL-2.1-or-later
 * pauses.c: tests of sinks that are paused while they wait for their peer
 *
 * Here: a pause that follows a pause before the streaming thread has run.
 * Not here: what becomes of the buffer (tcpclientsink.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "settle.h"
#include "testnet.h"

#include <gst/base/gstbasesink.h>
#include <gst/check/gstcheck.h>

static GSocket *listener;
static guint16 port;

static void
set_up (void)
{
  test_leaks_begin ();
  listener = test_listen (&port);
}

static void
tear_down (void)
{
  g_clear_object (&listener);
  test_leaks_end ();
}

static gboolean
is_settled (gpointer unused)
{
  return settle_all_asleep ();
}

/* The streaming thread comes back from its waiting as it does when the
 * pipeline played in between, and is paused again already. */
static void
wake_streaming_thread (GstBaseSink *sink)
{
  GST_BASE_SINK_PREROLL_LOCK (sink);
  GST_BASE_SINK_PREROLL_BROADCAST (sink);
  GST_BASE_SINK_PREROLL_UNLOCK (sink);
}

/* Nobody reads what these send, or connects to them. %u is a port that is
 * listened on. */
static const gchar *const waiting[] = {
    "fakesrc filltype=zero sizetype=fixed sizemax=20000000 ! "
    "tcpclientsink name=sink host=127.0.0.1 port=%u",
    "fakesrc filltype=zero sizetype=fixed sizemax=20000000 ! "
    "socketsink name=sink uri=tcp://127.0.0.1:%u",
    "fakesrc filltype=zero sizetype=fixed sizemax=10 ! tcpclientsink name=sink "
    "host=127.0.0.3 port=%u reconnect=always reconnect-delay=3600000000000",
    "videotestsrc ! qtisocketsink name=sink wait-for-connection=true "
    "socket=/nowhere/%u",
};

GST_START_TEST (test_pause_after_a_pause_does_not_hold_up_a_state_change)
{
  g_autofree gchar *text = g_strdup_printf (waiting[__i__], port);
  GstElement *pipeline = test_launch ("%s", text);
  GstElement *sink = test_get (pipeline, "sink");

  g_object_set (sink, "sync", FALSE, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  fail_unless_eventually (is_settled, NULL);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  wake_streaming_thread (GST_BASE_SINK (sink));
  fail_unless_eventually (is_settled, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_stop (pipeline);
}
GST_END_TEST;

static Suite *
pauses_suite (void)
{
  Suite *suite = suite_create ("pauses");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_loop_test (tc,
      test_pause_after_a_pause_does_not_hold_up_a_state_change, 0,
      G_N_ELEMENTS (waiting));
  return suite;
}

GST_CHECK_MAIN (pauses);
