/* SPDX-License-Identifier: LGPL-2.1-or-later
 * pauses.c: tests of sinks that are paused while they wait for their peer
 *
 * Here: a pause that follows a pause before the streaming thread has run; of
 * a sink that has come to play in another way.
 * Not here: what becomes of the buffer (tcpclientsink.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "settle.h"
#include "testnet.h"

#include <gst/base/gstbasesink.h>
#include <gst/check/gstcheck.h>

#include <string.h>

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
    "fakesrc filltype=zero sizetype=fixed sizemax=1000000 ! httpclientsink "
    "name=sink max-bytes=1000000 timeout=0 location=http://127.0.0.1:%u/",
    "fakesrc sizetype=fixed sizemax=10 ! httpserversink name=sink port=0 "
    "hold=true path=/%u",
};

/* Some are not there without libsoup. */
static GstElement *
launch (gint i, GstElement **ret_sink)
{
  g_autofree gchar *text = g_strdup_printf (waiting[i], port);
  GstElement *pipeline;

  if (strstr (text, "httpserversink") != NULL
      && !gst_registry_check_feature_version (
          gst_registry_get (), "httpserversink", 0, 0, 0))
    return NULL;
  pipeline = test_launch ("%s", text);
  *ret_sink = test_get (pipeline, "sink");
  g_object_set (*ret_sink, "sync", FALSE, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  fail_unless_eventually (is_settled, NULL);
  return pipeline;
}

GST_START_TEST (test_pause_after_a_pause_does_not_hold_up_a_state_change)
{
  GstElement *sink;
  GstElement *pipeline = launch (__i__, &sink);

  if (pipeline == NULL)
    return;
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  wake_streaming_thread (GST_BASE_SINK (sink));
  fail_unless_eventually (is_settled, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_stop (pipeline);
}
GST_END_TEST;

/* An element that follows its parent's state by itself is in PLAYING without
 * the change from PAUSED. */
GST_START_TEST (test_sink_that_joined_a_playing_pipeline_can_be_paused)
{
  GstElement *pipeline =
      test_launch ("pipeline. ( fakesrc name=src filltype=zero "
                   "sizetype=fixed sizemax=20000000 )");
  GstElement *src = test_get (pipeline, "src");
  GstElement *sink = gst_element_factory_make ("tcpclientsink", NULL);

  g_object_set (sink, "port", (gint) port, "sync", FALSE, NULL);
  gst_element_set_locked_state (src, TRUE);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_bin_add (GST_BIN (pipeline), sink);
  fail_unless (gst_element_link (src, sink));
  gst_element_sync_state_with_parent (sink);
  gst_element_set_locked_state (src, FALSE);
  gst_element_sync_state_with_parent (src);
  gst_element_get_state (sink, NULL, NULL, GST_CLOCK_TIME_NONE);
  for (guint i = 0; i < 3; i++) {
    fail_unless_eventually (is_settled, NULL);
    gst_element_set_state (pipeline, GST_STATE_PAUSED);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
  }
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
  tcase_add_test (tc, test_sink_that_joined_a_playing_pipeline_can_be_paused);
  return suite;
}

GST_CHECK_MAIN (pauses);
