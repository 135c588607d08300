/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fanout-closed.c: clients that go behind the back of the fan-out sinks
 *
 * Here: descriptors that the application closes while their file stays open
 * elsewhere, clients removed while what others sent or were sent is told.
 * Not here: descriptors that are closed for good (fanout-faults.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fanout.h"
#include "settle.h"
#include "testutil.h"

#include <gst/check/gstcheck.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
  CLOSED = 1,
  REMOVED,
  SLOW,
  ERROR
};

/* --- descriptors that stay open elsewhere --- */

static gboolean
is_settled (gpointer unused)
{
  return settle_all_asleep ();
}

/* Returns the descriptor by which the file stays open. */
static gint
close_early (FanoutClient *c)
{
  gint kept = fcntl (c->fd, F_DUPFD_CLOEXEC, 3);

  fail_unless (kept >= 0);
  if (c->socket != NULL)
    g_socket_close (c->socket, NULL);
  else
    close (c->fd);
  c->fd = -1;
  return kept;
}

/* Others are still noticed: one that leaves, one that comes. */
static void
expect_alive (Fanout *f, FanoutClient *other, guint64 from)
{
  FanoutClient *late = fanout_join (f);
  guint n_gone = f->gone;

  fanout_push (f, 10);
  fanout_expect (other, from, from + 10);
  fanout_expect (late, from, from + 10);
  close (other->peer);
  other->peer = -1;
  fanout_wait_gone (f, n_gone + 1);
  fail_unless_equals_int (f->last_status, CLOSED);
  close (late->peer);
  late->peer = -1;
  fanout_wait_gone (f, n_gone + 2);
}

/* What the peer says, and that it leaves, keeps the file ready for ever. */
GST_START_TEST (test_closed_descriptor_whose_file_is_ready_is_left_alone)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], "workers", 1, NULL);
  FanoutClient *other = fanout_join (f);
  FanoutClient *closed = fanout_join (f);
  gint kept = close_early (closed);

  fanout_push (f, 10);
  fanout_expect (other, 0, 10);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, f->by_socket ? CLOSED : ERROR);
  fail_unless_equals_int (send (closed->peer, "x", 1, 0), 1);
  fail_unless_eventually (is_settled, NULL);
  close (closed->peer);
  closed->peer = -1;
  fail_unless_eventually (is_settled, NULL);
  expect_alive (f, other, 10);
  close (kept);
}
GST_END_TEST;

/* The same, with the peer first: the poller tells of a client that cannot be
 * read, and cannot be told to stop. */
GST_START_TEST (test_closed_descriptor_whose_peer_speaks_goes_at_the_next_push)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], "workers", 1, NULL);
  FanoutClient *other = fanout_join (f);
  FanoutClient *closed = fanout_join (f);
  gint kept = close_early (closed);

  fail_unless_equals_int (send (closed->peer, "x", 1, 0), 1);
  fanout_push (f, 10);
  fanout_expect (other, 0, 10);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, f->by_socket ? CLOSED : ERROR);
  fail_unless_eventually (is_settled, NULL);
  expect_alive (f, other, 10);
  close (kept);
}
GST_END_TEST;

/* One that waits to be written to. */
GST_START_TEST (test_closed_descriptor_of_a_slow_client_is_left_alone)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], "workers", 1, NULL);
  FanoutClient *closed = fanout_join_stalled (f);
  FanoutClient *other = fanout_join (f);
  guint8 scratch[65536];
  gint kept = close_early (closed);

  while (recv (closed->peer, scratch, sizeof (scratch), MSG_DONTWAIT) > 0)
    continue;
  fanout_push (f, 10);
  fanout_expect (other, FANOUT_BIG, FANOUT_BIG + 10);
  fanout_wait_gone (f, 1);
  fail_unless_eventually (is_settled, NULL);
  expect_alive (f, other, FANOUT_BIG + 10);
  close (kept);
}
GST_END_TEST;

/* --- clients removed while traffic is told --- */

#define N_CLIENTS 8

static gint n_told; /* atomic */

static GstPadProbeReturn
clear_at_first_cb (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Fanout *f = data;
  const GstStructure *told;
  g_autoptr (GObject) socket = NULL;

  if (GST_EVENT_TYPE (info->data) != GST_EVENT_CUSTOM_UPSTREAM)
    return GST_PAD_PROBE_OK;
  told = gst_event_get_structure (info->data);
  if (!g_str_has_prefix (gst_structure_get_name (told), "GstNetworkMessage"))
    return GST_PAD_PROBE_OK;
  gst_structure_get (told, "object", G_TYPE_OBJECT, &socket, NULL);
  fail_unless (G_IS_SOCKET (socket));
  if (g_atomic_int_add (&n_told, 1) == 0)
    g_signal_emit_by_name (f->sink, "clear");
  return GST_PAD_PROBE_OK;
}

static gboolean
is_told (gpointer unused)
{
  return g_atomic_int_get (&n_told) > 0;
}

/* The socket lasts no longer than the sink has use for it. */
static void
leave_to_sink (FanoutClient *c)
{
  g_clear_object (&c->socket);
  c->fd = -1;
}

static Fanout *
start_to_clear (const gchar *property)
{
  Fanout *f =
      fanout_start ("multisocketsink", "workers", 1, property, TRUE, NULL);

  g_atomic_int_set (&n_told, 0);
  gst_pad_add_probe (
      f->src, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, clear_at_first_cb, f, NULL);
  for (guint i = 0; i < N_CLIENTS; i++)
    leave_to_sink (fanout_join (f));
  return f;
}

static void
expect_cleared (Fanout *f)
{
  FanoutClient *late;
  guint64 from = f->pushed;

  fail_unless_eventually (is_told, NULL);
  fanout_wait_gone (f, N_CLIENTS);
  late = fanout_join (f);
  fanout_push (f, 10);
  fanout_expect (late, from, from + 10);
}

GST_START_TEST (test_clients_removed_while_it_is_told_what_was_sent)
{
  g_autoptr (Fanout) f = start_to_clear ("send-dispatched");

  fanout_push (f, 10);
  expect_cleared (f);
}
GST_END_TEST;

GST_START_TEST (test_clients_removed_while_it_is_told_what_was_received)
{
  g_autoptr (Fanout) f = start_to_clear ("send-messages");

  /* The first may be told of, and all be gone, before the last has spoken. */
  for (guint i = 0; i < N_CLIENTS; i++) {
    FanoutClient *c = g_ptr_array_index (f->clients, i);

    send (c->peer, "x", 1, MSG_NOSIGNAL);
  }
  expect_cleared (f);
}
GST_END_TEST;

static Suite *
fanout_closed_suite (void)
{
  Suite *suite = suite_create ("fanout-closed");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (
      tc, test_closed_descriptor_whose_file_is_ready_is_left_alone, 0, 2);
  tcase_add_loop_test (
      tc, test_closed_descriptor_whose_peer_speaks_goes_at_the_next_push, 0, 2);
  tcase_add_loop_test (
      tc, test_closed_descriptor_of_a_slow_client_is_left_alone, 0, 2);
  tcase_add_loop_test (
      tc, test_clients_removed_while_it_is_told_what_was_sent, 0, 5);
  tcase_add_loop_test (
      tc, test_clients_removed_while_it_is_told_what_was_received, 0, 5);
  return suite;
}

GST_CHECK_MAIN (fanout_closed);
