/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fanout-faults.c: bad input and faults, and the fan-out sinks living on
 *
 * Here: handles that are wrong, clients that go in the worst moment, handlers
 * that call back, buffers of odd shapes, states changed under load. Nothing
 * may crash, leak, hang or run idle. Not here: what goes right.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fanout.h"
#include "settle.h"
#include "testutil.h"

#include <gst/check/gstcheck.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
  CLOSED = 1,
  REMOVED,
  SLOW,
  ERROR,
  DUPLICATE
};

/* --- wrong handles --- */

/* Whatever it was, it goes at the latest when something is written, and the
 * others get all. */
static void
expect_gone_and_others_served (Fanout *f, FanoutClient *bad)
{
  FanoutClient *other = fanout_join (f);

  fanout_add (bad);
  fanout_push (f, 10);
  fanout_expect (other, 0, 10);
  fanout_wait_uint (f, "num-handles", 1);
  fanout_push (f, 10);
  fanout_expect (other, 10, 20);
}

GST_START_TEST (test_descriptor_that_was_never_opened)
{
  g_autoptr (Fanout) f = fanout_start ("multifdsink", NULL);
  FanoutClient *bad = fanout_client_of (f, 4000, -1);

  expect_gone_and_others_served (f, bad);
  fail_unless_equals_int (f->last_status, ERROR);
  bad->fd = -1;
}
GST_END_TEST;

static const gchar *const foreign_paths[] = {
    "/", "/dev/full", "/proc/self/mem"};

GST_START_TEST (test_descriptor_that_cannot_be_written_to)
{
  g_autoptr (Fanout) f = fanout_start ("multifdsink", NULL);
  gint fd = open (foreign_paths[__i__],
      (__i__ == 0 ? O_DIRECTORY | O_RDONLY : O_WRONLY) | O_CLOEXEC);

  if (fd < 0)
    return;
  expect_gone_and_others_served (f, fanout_client_of (f, fd, -1));
}
GST_END_TEST;

GST_START_TEST (test_descriptor_of_another_kind)
{
  g_autoptr (Fanout) f = fanout_start ("multifdsink", NULL);
  gint fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);

  /* Takes eight bytes and no other number: EINVAL for ten. */
  fanout_add (fanout_client_of (f, fd, -1));
  fanout_push (f, 4);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, ERROR);
}
GST_END_TEST;

GST_START_TEST (test_closed_socket)
{
  g_autoptr (Fanout) f = fanout_start ("multisocketsink", NULL);
  FanoutClient *bad = fanout_client_new (f, SOCK_STREAM);

  g_socket_close (bad->socket, NULL);
  expect_gone_and_others_served (f, bad);
}
GST_END_TEST;

GST_START_TEST (test_socket_that_is_not_connected)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  expect_gone_and_others_served (f, fanout_client_of (f, fd, -1));
}
GST_END_TEST;

GST_START_TEST (test_socket_that_listens)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  fail_unless (listen (fd, 1) == 0);
  expect_gone_and_others_served (f, fanout_client_of (f, fd, -1));
}
GST_END_TEST;

/* --- an application that closes too early --- */

GST_START_TEST (test_socket_closed_by_the_application)
{
  g_autoptr (Fanout) f = fanout_start ("multisocketsink", NULL);
  FanoutClient *other = fanout_join (f);
  FanoutClient *closed = fanout_join (f);

  g_socket_close (closed->socket, NULL);
  fanout_push (f, 10);
  fanout_expect (other, 0, 10);
  fanout_wait_gone (f, 1);
  fail_unless_eventually ((TestCondition) settle_all_asleep, NULL);
}
GST_END_TEST;

GST_START_TEST (test_descriptor_closed_by_the_application)
{
  g_autoptr (Fanout) f = fanout_start ("multifdsink", NULL);
  FanoutClient *other = fanout_join (f);
  FanoutClient *closed = fanout_join (f);

  close (closed->fd);
  fanout_push (f, 10);
  fanout_expect (other, 0, 10);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, ERROR);
  closed->fd = -1;
  fail_unless_eventually ((TestCondition) settle_all_asleep, NULL);
}
GST_END_TEST;

GST_START_TEST (test_descriptor_closed_by_the_application_in_mid_buffer)
{
  g_autoptr (Fanout) f = fanout_start ("multifdsink", NULL);
  FanoutClient *closed = fanout_join_stalled (f);
  FanoutClient *other = fanout_join (f);

  close (closed->fd);
  closed->fd = -1;
  fanout_push (f, 10);
  fanout_expect (other, FANOUT_BIG, FANOUT_BIG + 10);
  g_signal_emit_by_name (f->sink, "clear");
  fanout_wait_uint (f, "num-handles", 0);
}
GST_END_TEST;

/* The number is soon somebody else's; once it was told gone it can be had
 * again, and until then it is a duplicate. */
GST_START_TEST (test_number_of_a_closed_descriptor_can_be_had_again)
{
  g_autoptr (Fanout) f = fanout_start ("multifdsink", NULL);
  FanoutClient *closed = fanout_join (f);
  gint number = closed->fd;
  FanoutClient *next;

  close (number);
  closed->fd = -1;
  fanout_push (f, 10);
  fanout_wait_gone (f, 1);
  next = fanout_client_new (f, SOCK_STREAM);
  if (next->fd != number) {
    fail_unless (dup3 (next->fd, number, O_CLOEXEC) == number);
    close (next->fd);
    next->fd = number;
  }
  fanout_add (next);
  fanout_push (f, 10);
  fanout_expect (next, 10, 20);
}
GST_END_TEST;

/* --- peers that go in the worst moment --- */

GST_START_TEST (test_peer_that_resets_in_mid_buffer)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *other = fanout_join (f);
  FanoutClient *c = fanout_join_stalled (f);

  fanout_skip (c, 100);
  close (c->peer);
  c->peer = -1;
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, f->by_socket ? ERROR : CLOSED);
  fanout_push (f, 10);
  fanout_expect (other, 0, FANOUT_BIG + 10);
}
GST_END_TEST;

GST_START_TEST (test_peers_that_go_at_every_byte)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *other = fanout_join (f);

  for (guint read = 0; read < 40; read++) {
    FanoutClient *c = fanout_join (f);

    fanout_push (f, 20);
    fanout_push (f, 20);
    fanout_skip (c, read);
    close (c->peer);
    c->peer = -1;
  }
  fanout_wait_gone (f, 40);
  fanout_expect (other, 0, 40 * 40);
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
}
GST_END_TEST;

GST_START_TEST (test_sigpipe_does_not_kill)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
  shutdown (c->peer, SHUT_RD);
  fanout_push (f, 10);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, ERROR);
}
GST_END_TEST;

/* --- handlers that call back --- */

typedef struct
{
  const gchar *when;
  const gchar *what;
} Callback;

static const Callback callbacks[] = {
    {"client-added", "remove"},
    {"client-added", "remove-flush"},
    {"client-added", "clear"},
    {"client-removed", "remove"},
    {"client-removed", "remove-flush"},
    {"client-removed", "clear"},
    {"gone", "remove"},
    {"gone", "clear"},
    {"gone", "add"},
};

static const Callback *callback;
static gint callbacks_left;

static void
call_back (Fanout *f, const gchar *signal, gpointer handle)
{
  g_autoptr (GstStructure) stats = NULL;

  if (!g_str_equal (signal, callback->when)
      || g_atomic_int_add (&callbacks_left, -1) <= 0)
    return;
  g_signal_emit_by_name (f->sink, "get-stats", handle, &stats);
  if (g_str_equal (callback->what, "clear"))
    g_signal_emit_by_name (f->sink, "clear");
  else
    g_signal_emit_by_name (f->sink, callback->what, handle);
}

/* Clients come and go in each way there is: told by the caller, by the
 * element's thread, from within a push. */
static void
run_callbacks (const gchar *kind, const Callback *which)
{
  g_autoptr (Fanout) f = fanout_start (kind, "units-max", (gint64) 2, NULL);
  FanoutClient *c;

  callback = which;
  callbacks_left = 6;
  f->on_signal = call_back;
  c = fanout_join (f);
  fanout_push (f, 10);
  fanout_emit (c, "remove");
  c = fanout_join (f);
  fanout_push (f, 10);
  close (c->peer);
  c->peer = -1;
  fanout_push (f, 10);
  fanout_join_small (f);
  for (guint i = 0; i < 6; i++)
    fanout_push (f, FANOUT_BIG);
  g_signal_emit_by_name (f->sink, "clear");
  f->on_signal = NULL;
  g_signal_emit_by_name (f->sink, "clear");
  fanout_wait_uint (f, "num-handles", 0);
  fanout_push (f, 10);
  fail_unless_eventually ((TestCondition) settle_all_asleep, NULL);
}

GST_START_TEST (test_handler_that_calls_back)
{
  for (guint i = 0; i < G_N_ELEMENTS (fanout_kinds); i++)
    run_callbacks (fanout_kinds[i], &callbacks[__i__]);
}
GST_END_TEST;

static gint null_returned;

static void
go_to_null (Fanout *f, const gchar *signal, gpointer handle)
{
  if (g_str_equal (signal, "client-removed"))
    null_returned = gst_element_set_state (f->sink, GST_STATE_NULL);
}

static void
ignore_log_cb (const gchar *domain, GLogLevelFlags level, const gchar *message,
    gpointer count)
{
  g_atomic_int_inc ((gint *) count);
}

/* It would wait for itself: refused, with a word. */
GST_START_TEST (test_state_changed_from_the_elements_own_thread)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);
  gint warnings = 0;

  g_log_set_handler ("GStreamer-tcp",
      G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL, ignore_log_cb, &warnings);
  g_log_set_handler (NULL, G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL,
      ignore_log_cb, &warnings);
  null_returned = -1;
  f->on_signal = go_to_null;
  close (c->peer);
  c->peer = -1;
  fanout_wait_gone (f, 1);
  f->on_signal = NULL;
  fail_unless_equals_int (null_returned, GST_STATE_CHANGE_FAILURE);
  fail_unless (g_atomic_int_get (&warnings) > 0);
}
GST_END_TEST;

/* --- buffers --- */

GST_START_TEST (test_buffers_of_no_bytes)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  fanout_push_buffer (f, gst_buffer_new ());
  fanout_push_buffer (f, fanout_buffer (f, 0));
  fanout_push (f, 10);
  fanout_push_buffer (f, gst_buffer_new ());
  fanout_push (f, 10);
  fanout_expect (c, 0, 20);
  /* Nothing but empty ones: nobody spins on them. */
  fanout_push_buffer (f, gst_buffer_new ());
  fail_unless_eventually ((TestCondition) settle_all_asleep, NULL);
}
GST_END_TEST;

/* As many as a buffer can have: it merges them all when one more comes. */
static GstBuffer *
in_most_pieces (Fanout *f, gsize piece_size)
{
  GstBuffer *buffer = gst_buffer_new ();

  for (guint i = 0; i < gst_buffer_get_max_memory (); i++) {
    g_autoptr (GstBuffer) piece = fanout_buffer (f, piece_size);

    gst_buffer_append_memory (buffer, gst_buffer_get_memory (piece, 0));
  }
  fail_unless_equals_int (
      gst_buffer_n_memory (buffer), gst_buffer_get_max_memory ());
  return buffer;
}

GST_START_TEST (test_buffers_of_as_many_memories_as_there_can_be)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);
  static const gsize sizes[] = {1, 3, 4096, 100000};

  for (guint n = 0; n < G_N_ELEMENTS (sizes); n++) {
    guint64 from = f->pushed;

    fail_unless_equals_int (
        fanout_push_buffer (f, in_most_pieces (f, sizes[n])), GST_FLOW_OK);
    fanout_expect (c, from, f->pushed);
  }
}
GST_END_TEST;

/* More than one sendmsg takes (IOV_MAX, 1024), of many sizes, so that writes
 * end in the middle of a memory. */
GST_START_TEST (test_thousands_of_memories_at_once_for_one_who_lagged)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join_stalled (f);
  const guint n = 4 * sysconf (_SC_IOV_MAX) / gst_buffer_get_max_memory ();

  for (guint i = 0; i < n; i++)
    fail_unless_equals_int (
        fanout_push_buffer (f, in_most_pieces (f, 1 + i % 97)), GST_FLOW_OK);
  fanout_expect (c, 0, f->pushed);
}
GST_END_TEST;

GST_START_TEST (test_thousands_of_buffers_at_once_for_one_who_lagged)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join_stalled (f);

  for (guint i = 0; i < 5000; i++)
    fanout_push (f, 11);
  fanout_expect (c, 0, f->pushed);
}
GST_END_TEST;

/* The places of the stream are beyond 32 bits; the memory is one and the
 * same, so that this is cheap. */
GST_START_TEST (test_positions_beyond_four_gigabytes)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "bytes-min", 32 * 1024 * 1024, NULL);
  g_autoptr (GstBuffer) chunk = fanout_buffer (f, 4 * 1024 * 1024);
  FanoutClient *c = fanout_client_new (f, SOCK_STREAM);
  guint64 to_serve;

  for (guint i = 0; i < 1100; i++)
    fail_unless_equals_int (
        fanout_push_buffer (f, gst_buffer_copy (chunk)), GST_FLOW_OK);
  g_object_get (f->sink, "bytes-to-serve", &to_serve, NULL);
  fail_unless_equals_uint64 (to_serve, (guint64) 1100 * 4 * 1024 * 1024);
  fail_unless_equals_int (fanout_uint (f, "buffers-queued"), 8);
  fanout_add_full (c, 3, GST_FORMAT_BYTES, 8 * 1024 * 1024, GST_FORMAT_BYTES,
      12 * 1024 * 1024);
  fanout_push_buffer (f, gst_buffer_copy (chunk));
  fanout_expect (c, 0, 4 * 1024 * 1024);
  fanout_expect (c, 0, 4 * 1024 * 1024);
  fanout_wait_served (f, 8 * 1024 * 1024);
}
GST_END_TEST;

/* --- the end, and states under load --- */

GST_START_TEST (test_end_of_stream_with_a_client_that_never_reads)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);

  fanout_join_stalled (f);
  fanout_push (f, FANOUT_BIG);
  gst_pad_push_event (f->src, gst_event_new_eos ());
  fail_unless_equals_int (gst_element_set_state (f->sink, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (f->gone, 1);
}
GST_END_TEST;

static const gchar *const launch_lines[] = {
    "fakesrc sizetype=2 sizemax=5000 filltype=2 ! multisocketsink name=sink",
    "fakesrc sizetype=2 sizemax=5000 filltype=2 ! multifdsink name=sink",
    "fakesrc sizetype=2 sizemax=5000 filltype=2 ! tcpserversink name=sink port=0",
};

/* Joins with a socket pair nobody reads from but the kernel. Returns both
 * ends; the sink's is owned by the object if there is one. */
static void
join_running (
    GstElement *sink, gboolean by_fd, gint fds[2], GSocket **ret_socket)
{
  fail_unless (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
  *ret_socket = NULL;
  if (by_fd) {
    g_signal_emit_by_name (sink, "add", fds[0]);
    return;
  }
  *ret_socket = g_socket_new_from_fd (fds[0], NULL);
  g_signal_emit_by_name (sink, "add", *ret_socket);
}

static gboolean
has_served (gpointer sink)
{
  guint64 served;

  g_object_get (sink, "bytes-served", &served, NULL);
  return served > 100000;
}

GST_START_TEST (test_states_change_under_full_load)
{
  g_autoptr (GstElement) pipeline =
      gst_parse_launch (launch_lines[__i__], NULL);
  g_autoptr (GstElement) sink =
      gst_bin_get_by_name (GST_BIN (pipeline), "sink");

  for (guint round = 0; round < 10; round++) {
    gint fds[8][2];
    GSocket *sockets[8];

    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
    for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
      join_running (sink, __i__ == 1, fds[i], &sockets[i]);
    if (round % 2 == 0)
      fail_unless_eventually (has_served, sink);
    gst_element_set_state (
        pipeline, round % 3 == 0 ? GST_STATE_PAUSED : GST_STATE_READY);
    fail_unless (gst_element_set_state (pipeline, GST_STATE_NULL)
        == GST_STATE_CHANGE_SUCCESS);
    for (guint i = 0; i < G_N_ELEMENTS (fds); i++) {
      if (sockets[i] != NULL)
        g_object_unref (sockets[i]);
      else
        close (fds[i][0]);
      close (fds[i][1]);
    }
  }
}
GST_END_TEST;

/* --- everything at once --- */

#define ROUNDS 300

typedef struct
{
  Fanout *f;
  /* Guarded by nothing: each thread has clients of its own. */
  FanoutClient *clients[8];
  guint32 seed;
} Hooligan;

/* Adds, removes, closes, asks: whatever comes to mind. */
static gpointer
run_riot (gpointer data)
{
  Hooligan *h = data;
  GRand *dice = g_rand_new_with_seed (h->seed);

  for (guint i = 0; i < ROUNDS; i++) {
    FanoutClient *c =
        h->clients[g_rand_int_range (dice, 0, G_N_ELEMENTS (h->clients))];
    g_autoptr (GstStructure) stats = NULL;
    g_autoptr (GstStructure) totals = NULL;

    switch (g_rand_int_range (dice, 0, 8)) {
      case 0:
      case 1:
      case 2:
        fanout_add (c);
        break;
      case 3:
        fanout_emit (c, "remove");
        break;
      case 4:
        fanout_emit (c, "remove-flush");
        break;
      case 5:
        stats = fanout_stats (c);
        break;
      case 6:
        g_object_get (h->f->sink, "totals", &totals, NULL);
        break;
      default:
        if (i % 50 == 0)
          g_signal_emit_by_name (h->f->sink, "clear");
        else
          shutdown (c->peer, SHUT_RDWR);
        break;
    }
  }
  g_rand_free (dice);
  return NULL;
}

GST_START_TEST (test_riot)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "units-max", (gint64) 30,
          "units-soft-max", (gint64) 20, "recover-policy", 1, "bytes-min",
          10000, "sync-method", 2, "queue-max-bytes", (guint64) 50000, NULL);
  FanoutClient *witness = fanout_join (f);
  Hooligan hooligans[3];
  GThread *threads[3];

  for (guint t = 0; t < 3; t++) {
    hooligans[t].f = f;
    hooligans[t].seed = t;
    for (guint i = 0; i < 8; i++)
      hooligans[t].clients[i] = fanout_client_new (f, SOCK_STREAM);
    threads[t] = g_thread_new ("riot", run_riot, &hooligans[t]);
  }
  for (guint i = 0; i < ROUNDS; i++)
    fanout_push (f, 200);
  for (guint t = 0; t < 3; t++)
    g_thread_join (threads[t]);
  g_signal_emit_by_name (f->sink, "clear");
  fanout_wait_uint (f, "num-handles", 0);
  /* Nothing is left of it: the next one is served as ever. */
  witness = fanout_client_new (f, SOCK_STREAM);
  fanout_add_full (
      witness, 0, GST_FORMAT_UNDEFINED, 0, GST_FORMAT_UNDEFINED, 0);
  fanout_push (f, 10);
  fanout_expect (witness, f->pushed - 10, f->pushed);
  fail_unless_eventually ((TestCondition) settle_all_asleep, NULL);
}
GST_END_TEST;

static void
add_handle_cases (Suite *suite)
{
  TCase *handles = tcase_create ("handles");

  suite_add_tcase (suite, handles);
  tcase_add_checked_fixture (handles, test_leaks_begin, test_leaks_end);
  tcase_add_test (handles, test_descriptor_that_was_never_opened);
  tcase_add_loop_test (handles, test_descriptor_that_cannot_be_written_to, 0,
      G_N_ELEMENTS (foreign_paths));
  tcase_add_test (handles, test_descriptor_of_another_kind);
  tcase_add_test (handles, test_closed_socket);
  tcase_add_loop_test (handles, test_socket_that_is_not_connected, 0, 2);
  tcase_add_loop_test (handles, test_socket_that_listens, 0, 2);
  tcase_add_test (handles, test_socket_closed_by_the_application);
  tcase_add_test (handles, test_descriptor_closed_by_the_application);
  tcase_add_test (
      handles, test_descriptor_closed_by_the_application_in_mid_buffer);
  tcase_add_test (handles, test_number_of_a_closed_descriptor_can_be_had_again);
}

static void
add_moment_cases (Suite *suite)
{
  TCase *moments = tcase_create ("moments");

  suite_add_tcase (suite, moments);
  tcase_add_checked_fixture (moments, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (moments, test_peer_that_resets_in_mid_buffer, 0, 2);
  tcase_add_loop_test (moments, test_peers_that_go_at_every_byte, 0, 2);
  tcase_add_loop_test (moments, test_sigpipe_does_not_kill, 0, 2);
  tcase_add_loop_test (
      moments, test_handler_that_calls_back, 0, G_N_ELEMENTS (callbacks));
  tcase_add_loop_test (
      moments, test_state_changed_from_the_elements_own_thread, 0, 2);
  tcase_add_loop_test (
      moments, test_end_of_stream_with_a_client_that_never_reads, 0, 2);
  tcase_add_loop_test (moments, test_states_change_under_full_load, 0,
      G_N_ELEMENTS (launch_lines));
  tcase_add_loop_test (moments, test_riot, 0, 2);
}

static void
add_buffer_cases (Suite *suite)
{
  TCase *buffers = tcase_create ("buffers");

  suite_add_tcase (suite, buffers);
  tcase_add_checked_fixture (buffers, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (buffers, test_buffers_of_no_bytes, 0, 2);
  tcase_add_loop_test (
      buffers, test_buffers_of_as_many_memories_as_there_can_be, 0, 2);
  tcase_add_loop_test (
      buffers, test_thousands_of_memories_at_once_for_one_who_lagged, 0, 2);
  tcase_add_loop_test (
      buffers, test_thousands_of_buffers_at_once_for_one_who_lagged, 0, 2);
  tcase_add_loop_test (buffers, test_positions_beyond_four_gigabytes, 0, 2);
}

static Suite *
fanout_faults_suite (void)
{
  Suite *suite = suite_create ("fanout-faults");

  add_handle_cases (suite);
  add_moment_cases (suite);
  add_buffer_cases (suite);
  return suite;
}

GST_CHECK_MAIN (fanout_faults);
