/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpclientfaults.c: tests of httpclientsink with servers that misbehave
 *
 * Here: losses and what is sent again, slow and silent servers, names that
 * lead nowhere, stopping.
 * Not here: servers that answer (httpclientsink.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testupload.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#define CREATED "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
#define NO_EXPECT "expect-continue=false "
#define AGAIN NO_EXPECT "reconnect=always "
#define QUICK_TIMEOUT "timeout=100000000 "

static TestUpload up;

static void
set_up (void)
{
  test_leaks_begin ();
  test_upload_listen (&up);
}

static void
tear_down (void)
{
  test_upload_forget (&up);
  test_leaks_end ();
}

static void
expect_message (const gchar *name)
{
  gst_structure_free (test_expect_message (up.pipeline, name));
}

/* --- losses --- */

GST_START_TEST (test_cut_off_is_an_error)
{
  test_upload_launch (&up, NO_EXPECT, NULL);
  test_upload_push (&up, "one", 0);
  g_free (test_upload_accept_head (&up));
  g_free (test_upload_read (&up, strlen ("3\r\none\r\n")));
  test_upload_hang_up (&up);
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_WRITE, "/up");
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_cut_off_before_the_answer_is_an_error)
{
  test_upload_launch (&up, NO_EXPECT, NULL);
  test_upload_push (&up, "one", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  g_free (test_upload_read_body (&up));
  test_upload_hang_up (&up);
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_WRITE, "closed");
  test_upload_stop (&up);
}
GST_END_TEST;

/* What was sent is old; it begins anew with headers and a keyframe. */
GST_START_TEST (test_live_stream_goes_on_with_headers_and_a_keyframe)
{
  g_autofree gchar *head = NULL, *body = NULL;

  test_upload_launch (
      &up, "reconnect=always", "video/webm,streamheader=(buffer)<68>");
  test_upload_push (&up, "K", 0);
  g_free (test_upload_accept_head (&up));
  test_upload_answer (&up, "HTTP/1.1 100 Continue\r\n\r\n");
  g_free (test_upload_read (&up, strlen ("1\r\nK\r\n")));
  test_upload_push (&up, "D", GST_BUFFER_FLAG_DELTA_UNIT);
  g_free (test_upload_read (&up, strlen ("1\r\n?\r\n")));
  test_upload_hang_up (&up);
  expect_message ("GstSocketLost");
  test_upload_push (&up, "d", GST_BUFFER_FLAG_DELTA_UNIT);
  test_upload_push (&up, "new", 0);
  test_upload_end (&up);
  head = test_upload_accept_head (&up);
  test_upload_answer (&up, "HTTP/1.1 100 Continue\r\n\r\n");
  body = test_upload_read_body (&up);
  fail_unless_equals_string (body, "hnew");
  test_upload_answer (&up, CREATED);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_lost_file_is_sent_again_as_a_whole)
{
  g_autofree gchar *body = NULL;

  test_upload_launch_at (&up, "%d", AGAIN "next-file=discont", NULL);
  test_upload_push (&up, "one", 0);
  g_free (test_upload_accept_head (&up));
  g_free (test_upload_read (&up, strlen ("3\r\none\r\n")));
  test_upload_hang_up (&up);
  expect_message ("GstSocketRetrying");
  test_upload_push (&up, "two", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  body = test_upload_read_body (&up);
  fail_unless_equals_string (body, "onetwo");
  test_upload_answer (&up, CREATED);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

/* A longer one is not: half of it would stand there as if it were all. */
GST_START_TEST (test_lost_file_longer_than_what_is_kept_is_an_error)
{
  test_upload_prepare (&up, AGAIN "max-bytes=1000", NULL);
  g_object_set (up.src, "is-live", FALSE, NULL);
  test_upload_play (&up);
  test_upload_push_size (&up, 5000);
  g_free (test_upload_accept_head (&up));
  g_free (test_upload_read (&up, 5000));
  test_upload_push_size (&up, 5000);
  g_free (test_upload_read (&up, 5000));
  test_upload_hang_up (&up);
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_WRITE, "/up");
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_busy_server_is_tried_again)
{
  static const guint statuses[] = {429, 500, 503};
  g_autofree gchar *answer =
      g_strdup_printf ("HTTP/1.1 %u Later\r\n\r\n", statuses[__i__]);
  g_autofree gchar *body = NULL;

  test_upload_launch (&up, AGAIN, NULL);
  test_upload_push (&up, "one", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  g_free (test_upload_read_body (&up));
  test_upload_answer (&up, answer);
  g_free (test_upload_accept_head (&up));
  body = test_upload_read_body (&up);
  fail_unless_equals_string (body, "one");
  test_upload_answer (&up, CREATED);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_refused_credentials_are_not_tried_again)
{
  test_upload_launch (&up, AGAIN, NULL);
  test_upload_push (&up, "one", 0);
  g_free (test_upload_accept_head (&up));
  test_upload_answer (&up, "HTTP/1.1 401 Who\r\n\r\n");
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_NOT_AUTHORIZED, "401 Who");
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_attempts_end_at_their_number)
{
  g_clear_object (&up.listener);
  test_upload_launch (&up, AGAIN "max-retries=2", NULL);
  test_upload_push (&up, "one", 0);
  expect_message ("GstSocketRetrying");
  expect_message ("GstSocketRetrying");
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_WRITE, "refused");
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- slow servers --- */

static gboolean
has_dropped (gpointer unused)
{
  guint64 dropped;

  g_object_get (up.sink, "buffers-dropped", &dropped, NULL);
  return dropped >= 10;
}

GST_START_TEST (test_slow_server_costs_no_more_than_the_limit)
{
  test_upload_launch (&up, NO_EXPECT "leaky=upstream max-bytes=100000", NULL);
  test_upload_push_size (&up, 16 * 1024 * 1024);
  g_free (test_upload_accept_head (&up));
  for (guint i = 0; i < 20; i++)
    test_upload_push_size (&up, 20000);
  fail_unless_eventually (has_dropped, NULL);
  test_upload_stop (&up);
}
GST_END_TEST;

static gint n_passed;

static GstPadProbeReturn
count_cb (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  g_atomic_int_inc (&n_passed);
  return GST_PAD_PROBE_OK;
}

static gboolean
have_passed (gpointer n)
{
  return g_atomic_int_get (&n_passed) >= GPOINTER_TO_INT (n);
}

/* Five fit; the sixth waits with its thread. */
GST_START_TEST (test_slow_server_holds_the_stream_up)
{
  g_autoptr (GstPad) pad = NULL;

  n_passed = 0;
  test_upload_prepare (&up, NO_EXPECT "max-bytes=101280", NULL);
  pad = gst_element_get_static_pad (up.sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_cb, NULL, NULL);
  test_upload_play (&up);
  test_upload_push_size (&up, 16 * 1024 * 1024);
  g_free (test_upload_accept_head (&up));
  for (guint i = 0; i < 20; i++)
    test_upload_push_size (&up, 20000);
  fail_unless_eventually (have_passed, GINT_TO_POINTER (1 + 5));
  /* A pause and going on reach it there. */
  gst_element_set_state (up.pipeline, GST_STATE_PAUSED);
  gst_element_set_state (up.pipeline, GST_STATE_PLAYING);
  gst_element_set_state (up.pipeline, GST_STATE_PAUSED);
  gst_element_set_state (up.pipeline, GST_STATE_PLAYING);
  fail_unless (g_atomic_int_get (&n_passed) <= 1 + 5 + 2);
  test_upload_stop (&up);
}
GST_END_TEST;

/* A file with a hole is not finished: its last chunk never comes. */
GST_START_TEST (test_file_with_a_hole_is_not_finished)
{
  g_autofree gchar *rest = NULL;

  test_upload_launch_at (&up, "%d",
      NO_EXPECT "leaky=upstream max-bytes=30000 next-file=discont", NULL);
  test_upload_push_size (&up, 16 * 1024 * 1024);
  g_free (test_upload_accept_head (&up));
  for (guint i = 0; i < 20; i++)
    test_upload_push_size (&up, 20000);
  fail_unless_eventually (has_dropped, NULL);
  test_upload_end (&up);
  rest = test_upload_read_all (&up);
  fail_if (g_str_has_suffix (rest, "0\r\n\r\n"));
  gst_message_unref (test_pop_message (up.pipeline, GST_MESSAGE_WARNING));
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

/* One warning for all files of an outage, not one for each; there may be a
 * second one, when the connection has taken a little more meanwhile. */
GST_START_TEST (test_files_of_an_outage_are_left_out)
{
  g_autoptr (GstBus) bus = NULL;
  GstMessage *message;

  test_upload_launch_at (&up, "%d",
      NO_EXPECT "leaky=upstream max-bytes=30000 next-file=buffer", NULL);
  test_upload_push_size (&up, 16 * 1024 * 1024);
  g_free (test_upload_accept_head (&up));
  for (guint i = 0; i < 40; i++)
    test_upload_push_size (&up, 20000);
  fail_unless_eventually (has_dropped, NULL);
  gst_message_unref (test_pop_message (up.pipeline, GST_MESSAGE_WARNING));
  bus = gst_element_get_bus (up.pipeline);
  for (guint n = 0; (message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING));
       n++) {
    gst_message_unref (message);
    fail_unless (n < 2);
  }
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_server_that_was_never_there_is_not_lost)
{
  g_autoptr (GstMessage) message = NULL;

  g_clear_object (&up.listener);
  test_upload_launch (&up, AGAIN "max-retries=1", NULL);
  test_upload_push (&up, "one", 0);
  message =
      test_pop_message (up.pipeline, GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);
  fail_unless (gst_message_has_name (message, "GstSocketRetrying"));
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- silent servers --- */

GST_START_TEST (test_server_that_never_answers_is_an_error)
{
  static const gchar *const properties[] = {
      NO_EXPECT QUICK_TIMEOUT, "method=source " QUICK_TIMEOUT};

  test_upload_launch (&up, properties[__i__], NULL);
  test_upload_push (&up, "one", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_WRITE, "timed out");
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_server_that_takes_nothing_is_an_error)
{
  test_upload_launch (&up, NO_EXPECT QUICK_TIMEOUT, NULL);
  test_upload_push_size (&up, 32 * 1024 * 1024);
  g_free (test_upload_accept_head (&up));
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_WRITE, "timed out");
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_pipeline_stops_while_the_server_is_silent)
{
  static const gchar *const properties[] = {
      NO_EXPECT, "", "method=source", NO_EXPECT "transfer-mode=length"};

  test_upload_launch (&up, properties[__i__], NULL);
  test_upload_push (&up, "one", 0);
  test_upload_end (&up);
  g_free (test_upload_accept_head (&up));
  gst_element_set_state (up.pipeline, GST_STATE_PAUSED);
  gst_element_set_state (up.pipeline, GST_STATE_PLAYING);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_pipeline_stops_while_it_connects)
{
  g_autoptr (GPtrArray) fillers = NULL;

  g_clear_object (&up.listener);
  up.listener = test_listen_silent (&up.port, &fillers);
  test_upload_launch (&up, "", NULL);
  test_upload_push (&up, "one", 0);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_answer_that_is_no_http_is_an_error)
{
  test_upload_launch (&up, "", NULL);
  test_upload_push (&up, "one", 0);
  g_free (test_upload_accept_head (&up));
  test_upload_answer (&up, "220 mail.test ESMTP\r\n");
  test_expect_error (up.pipeline, GST_RESOURCE_ERROR_WRITE, "HTTP");
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- names --- */

GST_START_TEST (test_unknown_host_is_an_error)
{
  test_upload_prepare (&up, "", NULL);
  g_object_set (up.sink, "location", "http://" TEST_HOST_UNKNOWN "/x", NULL);
  test_upload_play (&up);
  test_upload_push (&up, "one", 0);
  test_expect_error (
      up.pipeline, GST_RESOURCE_ERROR_NOT_FOUND, TEST_HOST_UNKNOWN);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_pipeline_stops_while_a_name_is_looked_up)
{
  test_upload_prepare (&up, "", NULL);
  g_object_set (up.sink, "location", "http://" TEST_HOST_HANGING "/x", NULL);
  test_upload_play (&up);
  test_upload_push (&up, "one", 0);
  fail_unless_eventually (test_resolver_is_hanging, NULL);
  test_upload_stop (&up);
}
GST_END_TEST;

static void
add_loss_tests (TCase *tc)
{
  tcase_add_test (tc, test_cut_off_is_an_error);
  tcase_add_test (tc, test_cut_off_before_the_answer_is_an_error);
  tcase_add_test (tc, test_live_stream_goes_on_with_headers_and_a_keyframe);
  tcase_add_test (tc, test_lost_file_is_sent_again_as_a_whole);
  tcase_add_test (tc, test_lost_file_longer_than_what_is_kept_is_an_error);
  tcase_add_loop_test (tc, test_busy_server_is_tried_again, 0, 3);
  tcase_add_test (tc, test_refused_credentials_are_not_tried_again);
  tcase_add_test (tc, test_attempts_end_at_their_number);
}

static void
add_silence_tests (TCase *tc)
{
  tcase_add_test (tc, test_slow_server_costs_no_more_than_the_limit);
  tcase_add_test (tc, test_slow_server_holds_the_stream_up);
  tcase_add_test (tc, test_file_with_a_hole_is_not_finished);
  tcase_add_test (tc, test_files_of_an_outage_are_left_out);
  tcase_add_test (tc, test_server_that_was_never_there_is_not_lost);
  tcase_add_loop_test (tc, test_server_that_never_answers_is_an_error, 0, 2);
  tcase_add_test (tc, test_server_that_takes_nothing_is_an_error);
  tcase_add_loop_test (
      tc, test_pipeline_stops_while_the_server_is_silent, 0, 4);
  tcase_add_test (tc, test_pipeline_stops_while_it_connects);
  tcase_add_test (tc, test_answer_that_is_no_http_is_an_error);
}

static Suite *
httpclientfaults_suite (void)
{
  Suite *s = suite_create ("httpclientfaults");
  TCase *tc = tcase_create ("faults");

  test_resolver_install ();
  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  add_loss_tests (tc);
  add_silence_tests (tc);
  tcase_add_test (tc, test_unknown_host_is_an_error);
  tcase_add_test (tc, test_pipeline_stops_while_a_name_is_looked_up);
  return s;
}

GST_CHECK_MAIN (httpclientfaults);
