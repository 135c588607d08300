/* SPDX-License-Identifier: LGPL-2.1-or-later
 * multifdsink.c: what the sink of file descriptors has alone
 *
 * Here: pipes, files and devices, reading from clients, flags of descriptors.
 * Not here: what it shares with multisocketsink.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fanout.h"
#include "testutil.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define ELEMENT "multifdsink"

enum
{
  CLOSED = 1,
  REMOVED,
  SLOW,
  ERROR
};

static FanoutClient *
join_pipe (Fanout *f)
{
  FanoutClient *c;
  gint ends[2];

  fail_unless (pipe2 (ends, O_CLOEXEC) == 0);
  c = fanout_client_of (f, ends[1], ends[0]);
  fanout_add (c);
  return c;
}

/* Opens a file of no bytes once more, to be written to. */
static FanoutClient *
join_file (Fanout *f, gint flags)
{
  g_autofree gchar *path = NULL;
  gint reader = g_file_open_tmp ("multifdsink-XXXXXX", &path, NULL);
  gint writer = g_open (path, flags | O_CLOEXEC, 0);
  FanoutClient *c = fanout_client_of (f, writer, reader);

  fail_unless (writer >= 0);
  g_unlink (path);
  fanout_add (c);
  return c;
}

GST_START_TEST (test_pipe_gets_all_though_it_holds_little)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = join_pipe (f);

  fanout_push (f, 10);
  fanout_push (f, 300000);
  fanout_push (f, 10);
  fanout_expect (c, 0, 300020);
}
GST_END_TEST;

GST_START_TEST (test_pipe_whose_reader_goes_is_an_error)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = join_pipe (f);

  signal (SIGPIPE, SIG_IGN);
  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
  close (c->peer);
  c->peer = -1;
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, ERROR);
}
GST_END_TEST;

static gboolean
file_has_30 (gpointer client)
{
  return lseek (((FanoutClient *) client)->peer, 0, SEEK_END) == 30;
}

static const gint file_flags[] = {O_WRONLY, O_WRONLY | O_APPEND};

GST_START_TEST (test_file_gets_all)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = join_file (f, file_flags[__i__]);

  for (guint i = 0; i < 3; i++) {
    fanout_push (f, 10);
    fanout_wait_served (f, (i + 1) * 10);
  }
  fail_unless_eventually (file_has_30, c);
  lseek (c->peer, 0, SEEK_SET);
  fanout_expect (c, 0, 30);
}
GST_END_TEST;

GST_START_TEST (test_full_device_is_an_error_of_that_client_only)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *other = fanout_join (f);
  gint fd = g_open ("/dev/full", O_WRONLY | O_CLOEXEC, 0);

  fanout_add (fanout_client_of (f, fd, -1));
  fanout_push (f, 10);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, ERROR);
  fanout_push (f, 10);
  fanout_expect (other, 0, 20);
}
GST_END_TEST;

GST_START_TEST (test_what_clients_say_is_left_unread_if_so_told)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, "handle-read", FALSE, NULL);
  FanoutClient *c = fanout_join (f);
  gchar said[16];

  fail_unless (write (c->peer, "hello", 5) == 5);
  shutdown (c->peer, SHUT_WR);
  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
  fail_unless_equals_int (recv (c->fd, said, sizeof (said), 0), 5);
  close (c->peer);
  c->peer = -1;
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, CLOSED);
}
GST_END_TEST;

GST_START_TEST (test_descriptor_turns_non_blocking_and_stays_open)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_join (f);

  fail_unless (fcntl (c->fd, F_GETFL) & O_NONBLOCK);
  fanout_emit (c, "remove");
  fail_unless (fcntl (c->fd, F_GETFL) >= 0);
}
GST_END_TEST;

GST_START_TEST (test_reset_counts_as_close)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_join_stalled (f);

  /* Closing with unread data resets. */
  close (c->peer);
  c->peer = -1;
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, CLOSED);
}
GST_END_TEST;

static Suite *
multifdsink_suite (void)
{
  Suite *suite = suite_create ("multifdsink");
  TCase *general = tcase_create ("general");

  suite_add_tcase (suite, general);
  tcase_add_checked_fixture (general, test_leaks_begin, test_leaks_end);
  tcase_add_test (general, test_pipe_gets_all_though_it_holds_little);
  tcase_add_test (general, test_pipe_whose_reader_goes_is_an_error);
  tcase_add_loop_test (general, test_file_gets_all, 0, 2);
  tcase_add_test (general, test_full_device_is_an_error_of_that_client_only);
  tcase_add_test (general, test_what_clients_say_is_left_unread_if_so_told);
  tcase_add_test (general, test_descriptor_turns_non_blocking_and_stays_open);
  tcase_add_test (general, test_reset_counts_as_close);
  return suite;
}

GST_CHECK_MAIN (multifdsink);
