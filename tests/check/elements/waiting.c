/* SPDX-License-Identifier: LGPL-2.1-or-later
 * waiting.c: what it costs to wait for a peer that is absent or silent
 *
 * Here: every element that can wait for one uses less than 1 % of a processor
 * while it does.
 * Not here: what they wait for.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>

#include <time.h>

/* How long is measured. */
#define WINDOW_US G_USEC_PER_SEC

/* %u is a port where nobody listens. */
static const gchar *const absent[] = {
    "tcpserversrc port=0 ! fakesink",
    "tcpserversrc port=0 on-disconnect=wait takeover=true ! fakesink",
    "tcpclientsrc port=%u reconnect=always ! fakesink",
    "fakesrc is-live=true num-buffers=1 ! tcpclientsink port=%u "
    "reconnect=always",
    "socketsrc uri=tcp://127.0.0.1:0?listen=true ! fakesink",
    "socketsrc uri=tcp://127.0.0.1:%u reconnect=always ! fakesink",
    "socketsrc uri=udp://127.0.0.1:0 ! fakesink",
    "socketsrc uri=unix-abstract:waiting?listen=true ! fakesink",
    "socketsrc uri=unix-abstract:nobody reconnect=always ! fakesink",
    "fakesrc is-live=true num-buffers=1 ! socketsink "
    "uri=unix-abstract:nobody reconnect=always",
    "appsrc ! socketsink async=false uri=tcp://127.0.0.1:0?listen=true",
    "appsrc ! tcpserversink async=false port=0",
    "udpserversrc port=0 ! fakesink",
};

static gint64
now_cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* Lets time pass, undisturbed by what the pipeline says. */
static void
pass_time (gint64 us)
{
  GMutex mutex;
  GCond never;
  gint64 end_us = g_get_monotonic_time () + us;

  g_mutex_init (&mutex);
  g_cond_init (&never);
  g_mutex_lock (&mutex);
  while (g_cond_wait_until (&never, &mutex, end_us))
    ;
  g_mutex_unlock (&mutex);
  g_cond_clear (&never);
  g_mutex_clear (&mutex);
}

/* The start, and what else happens once, may be in the first window. */
static gboolean
is_idle (gpointer unused)
{
  gint64 cpu_us = now_cpu_us ();

  pass_time (WINDOW_US);
  cpu_us = now_cpu_us () - cpu_us;
  return cpu_us < WINDOW_US / 100;
}

GST_START_TEST (test_absent_peer_costs_no_cpu)
{
  g_autoptr (GString) text = g_string_new (absent[__i__]);
  g_autofree gchar *port = g_strdup_printf ("%u", test_unused_port ());
  GstElement *pipeline;

  g_string_replace (text, "%u", port, 0);
  pipeline = test_launch ("%s", text->str);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  fail_unless_eventually (is_idle, NULL);
  test_stop (pipeline);
}
GST_END_TEST;

static const gchar *const connecting[] = {
    "tcpclientsrc port=%u ! fakesink",
    "socketsrc uri=tcp://127.0.0.1:%u ! fakesink",
    "appsrc ! tcpclientsink port=%u",
    "appsrc ! socketsink uri=tcp://127.0.0.1:%u",
};

GST_START_TEST (test_silent_peer_costs_no_cpu)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);
  g_autofree gchar *number = g_strdup_printf ("%u", port);
  g_autoptr (GString) text = g_string_new (connecting[__i__]);
  g_autoptr (GSocket) peer = NULL;
  GstElement *pipeline;

  g_string_replace (text, "%u", number, 0);
  pipeline = test_launch ("%s", text->str);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  peer = test_accept (listener);
  fail_unless_eventually (is_idle, NULL);
  test_stop (pipeline);
}
GST_END_TEST;

static Suite *
waiting_suite (void)
{
  Suite *suite = suite_create ("waiting");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (
      tc, test_absent_peer_costs_no_cpu, 0, G_N_ELEMENTS (absent));
  tcase_add_loop_test (
      tc, test_silent_peer_costs_no_cpu, 0, G_N_ELEMENTS (connecting));
  return suite;
}

GST_CHECK_MAIN (waiting);
