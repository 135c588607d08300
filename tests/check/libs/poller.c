/* SPDX-License-Identifier: LGPL-2.1-or-later
 * poller.c: tests of gstsocketpoller.c
 *
 * Here: both back ends, through the same tests.
 * Not here: clients.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testutil.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketpoller.h>

#include <sys/socket.h>
#include <unistd.h>

#define READ GST_SOCKET_POLL_READ
#define WRITE GST_SOCKET_POLL_WRITE

static const GstSocketPollerBackend backends[] = {
    GST_SOCKET_POLLER_EPOLL,
    GST_SOCKET_POLLER_POLL,
};

static GstSocketPoller *poller;
static gint a[2];
static gint b[2];

static void
set_up (void)
{
  test_leaks_begin ();
  fail_unless (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, a) == 0);
  fail_unless (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, b) == 0);
}

static void
close_all (gint *fds)
{
  for (guint i = 0; i < 2; i++) {
    if (fds[i] >= 0)
      close (fds[i]);
    fds[i] = -1;
  }
}

static void
tear_down (void)
{
  g_clear_pointer (&poller, gst_socket_poller_free);
  close_all (a);
  close_all (b);
  test_leaks_end ();
}

/* To be called first: __i__ is known in the test only. */
static void
open_poller (guint backend)
{
  poller = gst_socket_poller_new (backends[backend], NULL);
  fail_unless (poller != NULL);
}

static void
add (gint fd, guint events, gpointer data)
{
  fail_unless (gst_socket_poller_add (poller, fd, events, data, NULL));
}

/* The events of data in the next wait, 0 for none. */
static guint
wait_for (gpointer data, gint64 timeout_ns)
{
  GstSocketPollEvent events[8];
  guint n = gst_socket_poller_wait (poller, events, 8, timeout_ns);

  for (guint i = 0; i < n; i++) {
    if (events[i].data == data)
      return events[i].events;
  }
  return 0;
}

static void
put (gint fd)
{
  fail_unless_equals_int (write (fd, "x", 1), 1);
}

/* The poll back end ends a wait when descriptors change. */
static void
settle (void)
{
  GstSocketPollEvent events[8];

  gst_socket_poller_wait (poller, events, 8, 0);
}

GST_START_TEST (test_nothing_happens_on_quiet_descriptors)
{
  open_poller (__i__);
  add (a[0], READ, a);
  add (b[0], READ, b);
  fail_unless_equals_int (wait_for (a, 0), 0);
  fail_unless_equals_int (wait_for (b, 0), 0);
}

GST_END_TEST;

GST_START_TEST (test_events_come_with_their_data)
{
  open_poller (__i__);
  add (a[0], READ, a);
  add (b[0], READ | WRITE, b);
  put (a[1]);
  settle ();
  fail_unless_equals_int (wait_for (a, -1), READ);
  fail_unless_equals_int (wait_for (b, -1), WRITE);
  put (b[1]);
  fail_unless_equals_int (wait_for (b, -1), READ | WRITE);
}

GST_END_TEST;

GST_START_TEST (test_modify_changes_events_and_data)
{
  open_poller (__i__);
  add (a[0], 0, a);
  put (a[1]);
  settle ();
  fail_unless_equals_int (wait_for (a, 0), 0);
  gst_socket_poller_modify (poller, a[0], READ, b);
  settle ();
  fail_unless_equals_int (wait_for (b, -1), READ);
  gst_socket_poller_modify (poller, a[0], WRITE, a);
  settle ();
  fail_unless_equals_int (wait_for (a, -1), WRITE);
  gst_socket_poller_modify (poller, a[0], 0, a);
  settle ();
  fail_unless_equals_int (wait_for (a, 0), 0);
}

GST_END_TEST;

GST_START_TEST (test_removed_descriptor_is_silent)
{
  open_poller (__i__);
  add (a[0], READ, a);
  add (b[0], READ, b);
  put (a[1]);
  put (b[1]);
  gst_socket_poller_remove (poller, a[0], a);
  settle ();
  fail_unless_equals_int (wait_for (a, 0), 0);
  fail_unless_equals_int (wait_for (b, -1), READ);
  gst_socket_poller_remove (poller, a[0], a);
  gst_socket_poller_modify (poller, a[0], READ, a);
  settle ();
  fail_unless_equals_int (wait_for (a, 0), 0);
  fail_unless_equals_int (wait_for (b, -1), READ);
}

GST_END_TEST;

GST_START_TEST (test_hangup_is_reported_unasked)
{
  open_poller (__i__);
  add (a[0], 0, a);
  close (a[1]);
  a[1] = -1;
  settle ();
  fail_unless (wait_for (a, -1) & GST_SOCKET_POLL_HANGUP);
}

GST_END_TEST;

GST_START_TEST (test_error_is_reported_unasked)
{
  gint fds[2];

  open_poller (__i__);
  fail_unless (pipe (fds) == 0);
  add (fds[1], 0, a);
  close (fds[0]);
  settle ();
  fail_unless (wait_for (a, -1) & GST_SOCKET_POLL_ERROR);
  close (fds[1]);
}

GST_END_TEST;

GST_START_TEST (test_half_close_counts_as_readable)
{
  open_poller (__i__);
  add (a[0], READ, a);
  shutdown (a[1], SHUT_WR);
  settle ();
  fail_unless_equals_int (wait_for (a, -1), READ);
}

GST_END_TEST;

GST_START_TEST (test_regular_file_is_refused)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  gint fd = g_file_open_tmp ("poller-XXXXXX", &path, NULL);

  open_poller (__i__);
  fail_if (gst_socket_poller_add (poller, fd, READ, a, &error));
  fail_unless (
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  fail_unless_equals_int (wait_for (a, 0), 0);
  close (fd);
  g_unlink (path);
}

GST_END_TEST;

GST_START_TEST (test_descriptor_is_refused_twice)
{
  g_autoptr (GError) error = NULL;

  open_poller (__i__);
  add (a[0], READ, a);
  fail_if (gst_socket_poller_add (poller, a[0], READ, b, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS));
  put (a[1]);
  settle ();
  fail_unless_equals_int (wait_for (a, -1), READ);
}

GST_END_TEST;

GST_START_TEST (test_closed_descriptor_is_refused)
{
  open_poller (__i__);
  for (gint fd = -1; fd > -3; fd--) {
    g_autoptr (GError) error = NULL;

    fail_if (gst_socket_poller_add (poller, fd, READ, a, &error));
    fail_unless (error != NULL);
    fail_if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  }
}

GST_END_TEST;

GST_START_TEST (test_number_can_be_used_again)
{
  gint number = a[0];

  open_poller (__i__);
  for (guint i = 0; i < 10; i++) {
    gpointer data = GUINT_TO_POINTER (i + 1);

    add (a[0], READ, data);
    put (a[1]);
    settle ();
    fail_unless_equals_int (wait_for (data, -1), READ);
    gst_socket_poller_remove (poller, a[0], data);
    close_all (a);
    fail_unless (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, a) == 0);
    fail_unless_equals_int (a[0], number);
  }
}

GST_END_TEST;

/* --- waking and time --- */

GST_START_TEST (test_wake_before_wait_ends_it)
{
  GstSocketPollEvent events[2];

  open_poller (__i__);
  for (guint i = 0; i < 5; i++) {
    gst_socket_poller_wake (poller);
    gst_socket_poller_wake (poller);
    fail_unless_equals_int (gst_socket_poller_wait (poller, events, 2, -1), 0);
  }
}

GST_END_TEST;

GST_START_TEST (test_wake_is_spent_by_one_wait)
{
  GstSocketPollEvent events[2];
  gint64 begin;

  open_poller (__i__);
  gst_socket_poller_wake (poller);
  gst_socket_poller_wait (poller, events, 2, -1);
  begin = g_get_monotonic_time ();
  gst_socket_poller_wait (poller, events, 2, 20 * GST_MSECOND);
  fail_unless (g_get_monotonic_time () - begin >= 20000);
}

GST_END_TEST;

GST_START_TEST (test_wait_lasts_no_less_than_asked)
{
  static const gint64 times[] = {0, 1, 999, 100000, 1500000, 5000001};
  GstSocketPollEvent events[2];

  open_poller (__i__);
  settle ();
  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    gint64 begin = g_get_monotonic_time ();

    fail_unless_equals_int (
        gst_socket_poller_wait (poller, events, 2, times[i]), 0);
    fail_unless ((g_get_monotonic_time () - begin + 1) * 1000 >= times[i]);
  }
}

GST_END_TEST;

#define DEADLINE_NS (TEST_DEADLINE_US * G_GINT64_CONSTANT (1000))
#define ROUNDS 20000

static gint asked; /* atomic */
static gint seen;  /* atomic */

/* Asks for something, wakes, and goes on once that was seen: a wake-up that is
 * lost stops both sides. */
static gpointer
ask_and_wake (gpointer data)
{
  for (gint i = 1; i <= ROUNDS; i++) {
    g_atomic_int_set (&asked, i);
    gst_socket_poller_wake (poller);
    while (g_atomic_int_get (&seen) < i - 1)
      g_thread_yield ();
  }
  return NULL;
}

GST_START_TEST (test_no_wake_up_is_lost)
{
  GThread *thread;
  GstSocketPollEvent events[2];
  gint last = 0;

  open_poller (__i__);
  asked = seen = 0;
  thread = g_thread_new ("waker", ask_and_wake, NULL);
  while (last < ROUNDS) {
    gint64 begin = g_get_monotonic_time ();

    gst_socket_poller_wait (poller, events, 2, DEADLINE_NS);
    fail_unless (g_get_monotonic_time () - begin < TEST_DEADLINE_US);
    last = g_atomic_int_get (&asked);
    g_atomic_int_set (&seen, last);
  }
  g_thread_join (thread);
}

GST_END_TEST;

static gpointer
wake_often (gpointer data)
{
  while (g_atomic_int_get (&seen) == 0)
    gst_socket_poller_wake (poller);
  return NULL;
}

GST_START_TEST (test_wakes_from_many_threads_do_not_hide_events)
{
  GThread *threads[3];
  guint found = 0;

  open_poller (__i__);
  seen = 0;
  add (a[0], READ, a);
  put (a[1]);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("waker", wake_often, NULL);
  for (guint i = 0; i < 1000; i++)
    found += wait_for (a, -1) == READ;
  g_atomic_int_set (&seen, 1);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  fail_unless (found >= 999);
}

GST_END_TEST;

/* --- changes by another thread --- */

static gpointer
change_often (gpointer data)
{
  for (guint i = 0; i < 2000; i++) {
    add (b[0], READ | WRITE, b);
    gst_socket_poller_modify (poller, b[0], READ, b);
    gst_socket_poller_remove (poller, b[0], b);
  }
  add (b[0], WRITE, &seen);
  return NULL;
}

GST_START_TEST (test_descriptors_change_while_others_are_waited_for)
{
  GThread *thread;

  open_poller (__i__);
  add (a[0], READ, a);
  thread = g_thread_new ("changer", change_often, NULL);
  while (wait_for (&seen, DEADLINE_NS) == 0) {
  }
  g_thread_join (thread);
  put (a[1]);
  fail_unless (wait_for (a, -1) & READ);
}

GST_END_TEST;

static gpointer
add_later (gpointer data)
{
  add (a[0], WRITE, a);
  return NULL;
}

GST_START_TEST (test_descriptor_added_during_a_wait_is_waited_for)
{
  GThread *thread;

  open_poller (__i__);
  thread = g_thread_new ("adder", add_later, NULL);
  while (wait_for (a, DEADLINE_NS) != WRITE) {
  }
  g_thread_join (thread);
}

GST_END_TEST;

/* --- many --- */

#define MANY 40

GST_START_TEST (test_many_ready_descriptors_take_turns)
{
  gint fds[MANY][2];
  gboolean found[MANY] = {FALSE};
  guint n_found = 0;

  open_poller (__i__);
  for (guint i = 0; i < MANY; i++) {
    fail_unless (socketpair (AF_UNIX, SOCK_STREAM, 0, fds[i]) == 0);
    add (fds[i][0], WRITE, &found[i]);
  }
  for (guint turn = 0; turn < 2 * MANY; turn++) {
    GstSocketPollEvent events[4];
    guint n = gst_socket_poller_wait (poller, events, 4, -1);

    for (guint i = 0; i < n; i++)
      *(gboolean *) events[i].data = TRUE;
  }
  for (guint i = 0; i < MANY; i++) {
    n_found += found[i];
    close_all (fds[i]);
  }
  fail_unless_equals_int (n_found, MANY);
}

GST_END_TEST;

GST_START_TEST (test_removal_in_any_order_keeps_the_rest)
{
  gint fds[MANY][2];

  open_poller (__i__);
  for (guint i = 0; i < MANY; i++) {
    fail_unless (socketpair (AF_UNIX, SOCK_STREAM, 0, fds[i]) == 0);
    add (fds[i][0], READ, fds[i]);
  }
  for (guint i = 0; i < MANY; i++) {
    guint at = (i * 7 + 3) % MANY;

    put (fds[at][1]);
    settle ();
    fail_unless_equals_int (wait_for (fds[at], -1), READ);
    gst_socket_poller_remove (poller, fds[at][0], fds[at]);
    close_all (fds[at]);
  }
  settle ();
  fail_unless_equals_int (wait_for (fds[0], 0), 0);
}

GST_END_TEST;

GST_START_TEST (test_back_end_can_be_chosen_by_environment)
{
  GstSocketPollEvent events[2];

  g_setenv ("GST_SOCKET_POLLER", __i__ == 0 ? "epoll" : "poll", TRUE);
  poller = gst_socket_poller_new (GST_SOCKET_POLLER_AUTO, NULL);
  g_unsetenv ("GST_SOCKET_POLLER");
  add (a[0], WRITE, a);
  settle ();
  fail_unless_equals_int (gst_socket_poller_wait (poller, events, 2, -1), 1);
}

GST_END_TEST;

static void
add_waking (TCase *tc)
{
  const gint n = G_N_ELEMENTS (backends);

  tcase_add_loop_test (tc, test_wake_before_wait_ends_it, 0, n);
  tcase_add_loop_test (tc, test_wake_is_spent_by_one_wait, 0, n);
  tcase_add_loop_test (tc, test_wait_lasts_no_less_than_asked, 0, n);
  tcase_add_loop_test (tc, test_no_wake_up_is_lost, 0, n);
  tcase_add_loop_test (
      tc, test_wakes_from_many_threads_do_not_hide_events, 0, n);
  tcase_add_loop_test (
      tc, test_descriptors_change_while_others_are_waited_for, 0, n);
  tcase_add_loop_test (
      tc, test_descriptor_added_during_a_wait_is_waited_for, 0, n);
  tcase_add_loop_test (tc, test_many_ready_descriptors_take_turns, 0, n);
  tcase_add_loop_test (tc, test_removal_in_any_order_keeps_the_rest, 0, n);
  tcase_add_loop_test (tc, test_back_end_can_be_chosen_by_environment, 0, n);
}

static Suite *
poller_suite (void)
{
  Suite *suite = suite_create ("poller");
  TCase *tc = tcase_create ("poller");
  const gint n = G_N_ELEMENTS (backends);

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_loop_test (tc, test_nothing_happens_on_quiet_descriptors, 0, n);
  tcase_add_loop_test (tc, test_events_come_with_their_data, 0, n);
  tcase_add_loop_test (tc, test_modify_changes_events_and_data, 0, n);
  tcase_add_loop_test (tc, test_removed_descriptor_is_silent, 0, n);
  tcase_add_loop_test (tc, test_hangup_is_reported_unasked, 0, n);
  tcase_add_loop_test (tc, test_error_is_reported_unasked, 0, n);
  tcase_add_loop_test (tc, test_half_close_counts_as_readable, 0, n);
  tcase_add_loop_test (tc, test_regular_file_is_refused, 0, n);
  tcase_add_loop_test (tc, test_descriptor_is_refused_twice, 0, n);
  tcase_add_loop_test (tc, test_closed_descriptor_is_refused, 0, n);
  tcase_add_loop_test (tc, test_number_can_be_used_again, 0, n);
  add_waking (tc);
  return suite;
}

GST_CHECK_MAIN (poller);
