/* SPDX-License-Identifier: LGPL-2.1-or-later
 * tcpserversink.c: the sink that listens
 *
 * Here: its address and port, who connects and goes, errors that name what is
 * wrong. Not here: what it has from multisocketsink.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fanout.h"
#include "testutil.h"

#include <gst/check/gstcheck.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ELEMENT "tcpserversink"

/* GIO starts helpers for the first name it looks up, and keeps them. */
static void
setup (void)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GList *found =
      g_resolver_lookup_by_name (resolver, "no.such.host.invalid", NULL, NULL);

  g_resolver_free_addresses (found);
  test_leaks_begin ();
}

static Fanout *
start_server (void)
{
  return fanout_start (ELEMENT, "host", "127.0.0.1", "port", 0, NULL);
}

static guint notified;

static void
port_changed_cb (GObject *sink, GParamSpec *pspec, gpointer unused)
{
  notified++;
}

static gint
current_port (Fanout *f)
{
  gint port;

  g_object_get (f->sink, "current-port", &port, NULL);
  return port;
}

GST_START_TEST (test_port_is_told_from_ready_on)
{
  g_autoptr (Fanout) f = fanout_new (ELEMENT);

  notified = 0;
  g_signal_connect (
      f->sink, "notify::current-port", G_CALLBACK (port_changed_cb), NULL);
  g_object_set (f->sink, "host", "127.0.0.1", "port", 0, NULL);
  fail_unless_equals_int (current_port (f), 0);
  gst_element_set_state (f->sink, GST_STATE_READY);
  fail_unless (current_port (f) > 0);
  fail_unless_equals_int (notified, 1);
  gst_element_set_state (f->sink, GST_STATE_PAUSED);
  fail_unless_equals_int (notified, 1);
  gst_element_set_state (f->sink, GST_STATE_NULL);
  fail_unless_equals_int (current_port (f), 0);
  fail_unless_equals_int (notified, 2);
}
GST_END_TEST;

GST_START_TEST (test_who_connects_is_served)
{
  g_autoptr (Fanout) f = start_server ();
  FanoutClient *first = fanout_connect (f);
  FanoutClient *second;

  fail_unless (f->last_thread != g_thread_self ());
  fanout_push (f, 100);
  fanout_expect (first, 0, 100);
  second = fanout_connect (f);
  fanout_push (f, 100);
  fanout_expect (first, 100, 200);
  fanout_expect (second, 100, 200);
}
GST_END_TEST;

GST_START_TEST (test_who_goes_is_told_of)
{
  g_autoptr (Fanout) f = start_server ();
  FanoutClient *c = fanout_connect (f);

  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
  close (c->peer);
  c->peer = -1;
  fanout_wait_gone (f, 1);
  fanout_expect_log (f, "added, removed 1, gone");
}
GST_END_TEST;

GST_START_TEST (test_removed_clients_are_hung_up)
{
  g_autoptr (Fanout) f = start_server ();
  FanoutClient *c = fanout_connect (f);

  g_signal_emit_by_name (f->sink, "clear");
  fanout_expect_end (c);
}
GST_END_TEST;

GST_START_TEST (test_all_are_hung_up_and_the_port_closed_in_null)
{
  g_autoptr (Fanout) f = start_server ();
  FanoutClient *c = fanout_connect (f);
  struct sockaddr_in address = {.sin_family = AF_INET,
      .sin_port = htons (current_port (f)),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  gst_element_set_state (f->sink, GST_STATE_NULL);
  fanout_expect_end (c);
  fail_unless (connect (fd, (gpointer) &address, sizeof (address)) < 0);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_same_port_can_be_had_again_at_once)
{
  g_autoptr (Fanout) f = start_server ();
  gint port = current_port (f);

  fanout_connect (f);
  gst_element_set_state (f->sink, GST_STATE_NULL);
  g_object_set (f->sink, "port", port, NULL);
  fanout_play (f);
  fail_unless_equals_int (current_port (f), port);
  fanout_push (f, 10);
  fanout_connect (f);
}
GST_END_TEST;

GST_START_TEST (test_localhost_is_reached_by_either_family)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, "port", 0, NULL);
  gint v4 = fanout_connect_fd (f, AF_INET);
  gint v6 = fanout_connect_fd (f, AF_INET6);

  fail_unless (v4 >= 0, "127.0.0.1 is refused");
  fail_unless (v6 >= 0, "::1 is refused");
  fanout_wait_uint (f, "num-handles", 2);
  close (v4);
  close (v6);
  fanout_wait_gone (f, 2);
}
GST_END_TEST;

/* --- errors --- */

/* Fails unless the element goes no further than NULL, and says so with these
 * words. */
static void
expect_error (Fanout *f, const gchar *first, const gchar *second)
{
  GstMessage *message;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;

  fail_unless_equals_int (gst_element_set_state (f->sink, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (f->bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "no error was posted");
  gst_message_parse_error (message, &error, &debug);
  gst_message_unref (message);
  fail_unless (g_str_has_prefix (error->message, "Could not listen on \""),
      "%s", error->message);
  /* What is not translated is for those who look for it. */
  fail_unless (
      strrchr (debug, '\n') != NULL && strlen (strrchr (debug, '\n')) > 1);
  fail_unless (strstr (error->message, strrchr (debug, '\n') + 1) == NULL, "%s",
      error->message);
  fail_unless (g_error_matches (
      error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ));
  fail_unless (strstr (error->message, first) != NULL, "\"%s\" is not in: %s",
      first, error->message);
  fail_unless (strstr (error->message, second) != NULL, "\"%s\" is not in: %s",
      second, error->message);
  fail_unless (gst_bus_pop_filtered (f->bus, GST_MESSAGE_ERROR) == NULL,
      "more than one error was posted");
  fail_unless_equals_int (current_port (f), 0);
}

GST_START_TEST (test_port_in_use_is_named)
{
  g_autoptr (Fanout) first = start_server ();
  g_autoptr (Fanout) second = fanout_new (ELEMENT);
  g_autofree gchar *port = g_strdup_printf ("%d", current_port (first));

  g_object_set (
      second->sink, "host", "127.0.0.1", "port", current_port (first), NULL);
  expect_error (second, "127.0.0.1", port);
  /* And once it is free, it works. */
  gst_element_set_state (first->sink, GST_STATE_NULL);
  gst_element_set_state (second->sink, GST_STATE_NULL);
  fail_unless (gst_element_set_state (second->sink, GST_STATE_READY)
      == GST_STATE_CHANGE_SUCCESS);
}
GST_END_TEST;

GST_START_TEST (test_unknown_host_is_named)
{
  g_autoptr (Fanout) f = fanout_new (ELEMENT);

  g_object_set (f->sink, "host", "no.such.host.invalid", "port", 4953, NULL);
  expect_error (f, "no.such.host.invalid", "4953");
}
GST_END_TEST;

static const gchar *const bad_hosts[] = {
    "300.1.1.1", "192.0.2.1", "", "::g", "a b", "127.0.0.1,"};

GST_START_TEST (test_bad_address_is_named)
{
  g_autoptr (Fanout) f = fanout_new (ELEMENT);

  g_object_set (f->sink, "host", bad_hosts[__i__], "port", 0, NULL);
  expect_error (f, bad_hosts[__i__], "");
}
GST_END_TEST;

static void
count_warning_cb (const gchar *domain, GLogLevelFlags level,
    const gchar *message, gpointer count)
{
  (*(guint *) count)++;
}

GST_START_TEST (test_host_null_changes_nothing)
{
  g_autoptr (Fanout) f = fanout_new (ELEMENT);
  g_autofree gchar *host = NULL;
  guint warnings = 0;

  g_log_set_handler (
      "GStreamer-tcp", G_LOG_LEVEL_WARNING, count_warning_cb, &warnings);
  g_log_set_handler (NULL, G_LOG_LEVEL_WARNING, count_warning_cb, &warnings);
  g_object_set (f->sink, "host", NULL, NULL);
  fail_unless_equals_int (warnings, 1);
  g_object_get (f->sink, "host", &host, NULL);
  fail_unless_equals_string (host, "localhost");
}
GST_END_TEST;

/* --- many --- */

#define CROWD 300

GST_START_TEST (test_crowd_that_connects_at_once_is_served)
{
  g_autoptr (Fanout) f = start_server ();
  FanoutClient *clients[CROWD];

  for (guint i = 0; i < CROWD; i++) {
    gint fd = fanout_connect_fd (f, AF_INET);

    fail_unless (fd >= 0, "%s", g_strerror (errno));
    clients[i] = fanout_client_of (f, -1, fd);
  }
  fanout_wait_uint (f, "num-handles", CROWD);
  fanout_push (f, 1000);
  for (guint i = 0; i < CROWD; i++)
    fanout_expect (clients[i], 0, 1000);
}
GST_END_TEST;

GST_START_TEST (test_clients_beyond_the_most_are_hung_up)
{
  g_autoptr (Fanout) f = fanout_start (
      ELEMENT, "host", "127.0.0.1", "port", 0, "max-clients", 2, NULL);
  FanoutClient *first = fanout_connect (f);
  FanoutClient *second = fanout_connect (f);
  FanoutClient *third =
      fanout_client_of (f, -1, fanout_connect_fd (f, AF_INET));

  fanout_expect_end (third);
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 2);
  fanout_push (f, 10);
  fanout_expect (first, 0, 10);
  fanout_expect (second, 0, 10);
}
GST_END_TEST;

GST_START_TEST (test_place_that_becomes_free_is_given_away)
{
  g_autoptr (Fanout) f = fanout_start (
      ELEMENT, "host", "127.0.0.1", "port", 0, "max-clients", 1, NULL);
  FanoutClient *c = fanout_connect (f);

  close (c->peer);
  c->peer = -1;
  fanout_wait_uint (f, "num-handles", 0);
  c = fanout_connect (f);
  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
}
GST_END_TEST;

/* --- descriptors run out --- */

#define VISITORS 24

/* In a process of its own: connects many times, tells when it has, and, once
 * it is told to, how many were not hung up on. Only what a child of a process
 * with threads may call. */
static void
visit (guint16 port, gint told, gint hold)
{
  struct sockaddr_in address = {.sin_family = AF_INET,
      .sin_port = htons (port),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  gint fds[VISITORS];
  guint8 served = 0;
  gchar byte = 0;

  for (guint i = 0; i < VISITORS; i++) {
    fds[i] = socket (AF_INET, SOCK_STREAM, 0);
    if (connect (fds[i], (gpointer) &address, sizeof (address)) < 0)
      _exit (1);
  }
  if (write (told, &byte, 1) != 1 || read (hold, &byte, 1) != 1)
    _exit (1);
  for (guint i = 0; i < VISITORS; i++)
    served += recv (fds[i], &byte, 1, 0) == 1;
  _exit (write (told, &served, 1) == 1 ? 0 : 1);
}

static void
limit_descriptors (guint more, struct rlimit *ret_old)
{
  struct rlimit limit;
  gint next = dup (STDERR_FILENO);

  close (next);
  getrlimit (RLIMIT_NOFILE, ret_old);
  limit = *ret_old;
  limit.rlim_cur = next + more;
  fail_unless (setrlimit (RLIMIT_NOFILE, &limit) == 0);
}

static gboolean
saw_warning (gpointer data)
{
  Fanout *f = data;
  GstMessage *message = gst_bus_pop_filtered (f->bus, GST_MESSAGE_WARNING);

  if (message == NULL)
    return FALSE;
  gst_message_unref (message);
  return TRUE;
}

static gint n_full; /* atomic */

static void
count_full_cb (GstDebugCategory *category, GstDebugLevel level,
    const gchar *file, const gchar *function, gint line, GObject *object,
    GstDebugMessage *message, gpointer unused)
{
  if (level <= GST_LEVEL_WARNING
      && strstr (gst_debug_message_get (message), "max-clients") != NULL)
    g_atomic_int_inc (&n_full);
}

GST_START_TEST (test_refused_clients_do_not_flood_the_log)
{
  g_autoptr (Fanout) f = fanout_start (
      ELEMENT, "host", "127.0.0.1", "port", 0, "max-clients", 1, NULL);
  gint64 start = g_get_monotonic_time ();

  g_atomic_int_set (&n_full, 0);
  gst_debug_add_log_function (count_full_cb, NULL, NULL);
  gst_debug_set_threshold_for_name ("multihandlesink", GST_LEVEL_WARNING);
  fanout_connect (f);
  for (guint i = 0; i < 50; i++)
    close (fanout_connect_fd (f, AF_INET));
  fanout_wait_gone (f, 50);
  gst_debug_remove_log_function (count_full_cb);
  gst_debug_unset_threshold_for_name ("multihandlesink");
  fail_unless (g_atomic_int_get (&n_full) >= 1);
  fail_unless (g_atomic_int_get (&n_full)
      <= 1 + (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
}
GST_END_TEST;

GST_START_TEST (test_server_lives_on_when_descriptors_run_out)
{
  g_autoptr (Fanout) f = start_server ();
  FanoutClient *early = fanout_connect (f);
  gint told[2], hold[2];
  guint8 served = 0;
  struct rlimit old;
  gchar byte = 0;
  pid_t child;

  fail_unless (pipe (told) == 0 && pipe (hold) == 0);
  limit_descriptors (8, &old);
  child = fork ();
  if (child == 0) {
    setrlimit (RLIMIT_NOFILE, &old);
    visit (current_port (f), told[1], hold[0]);
  }
  fail_unless (read (told[0], &byte, 1) == 1);
  fail_unless_eventually (saw_warning, f);
  fanout_push (f, 1);
  fail_unless (write (hold[1], &byte, 1) == 1);
  fail_unless (read (told[0], &served, 1) == 1);
  fail_unless (served > 0 && served < VISITORS, "%u of %u were served", served,
      VISITORS);
  fail_unless (waitpid (child, NULL, 0) == child);
  /* Who was there lost nothing; who comes when there is room again is let in;
   * nothing of it was an error. */
  fanout_expect (early, 0, 1);
  fanout_wait_uint (f, "num-handles", 1);
  setrlimit (RLIMIT_NOFILE, &old);
  fanout_connect (f);
  fail_unless (gst_bus_pop_filtered (f->bus, GST_MESSAGE_ERROR) == NULL);
  close (told[0]), close (told[1]), close (hold[0]), close (hold[1]);
}
GST_END_TEST;

static Suite *
tcpserversink_suite (void)
{
  Suite *suite = suite_create ("tcpserversink");
  TCase *general = tcase_create ("general");

  suite_add_tcase (suite, general);
  tcase_add_checked_fixture (general, setup, test_leaks_end);
  tcase_add_test (general, test_port_is_told_from_ready_on);
  tcase_add_test (general, test_who_connects_is_served);
  tcase_add_test (general, test_who_goes_is_told_of);
  tcase_add_test (general, test_removed_clients_are_hung_up);
  tcase_add_test (general, test_all_are_hung_up_and_the_port_closed_in_null);
  tcase_add_test (general, test_same_port_can_be_had_again_at_once);
  tcase_add_test (general, test_localhost_is_reached_by_either_family);
  tcase_add_test (general, test_refused_clients_do_not_flood_the_log);
  tcase_add_test (general, test_port_in_use_is_named);
  tcase_add_test (general, test_unknown_host_is_named);
  tcase_add_loop_test (
      general, test_bad_address_is_named, 0, G_N_ELEMENTS (bad_hosts));
  tcase_add_test (general, test_host_null_changes_nothing);
  tcase_add_test (general, test_crowd_that_connects_at_once_is_served);
  tcase_add_test (general, test_clients_beyond_the_most_are_hung_up);
  tcase_add_test (general, test_place_that_becomes_free_is_given_away);
  tcase_add_test (general, test_server_lives_on_when_descriptors_run_out);
  return suite;
}

GST_CHECK_MAIN (tcpserversink);
