/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fanout-extras.c: what the fan-out sinks do that the stock ones do not
 *
 * Here: the bounded queue, limits of latency and clients, kick, figures,
 * requests for keyframes, warnings of slow clients, batches, workers, options
 * of sockets. Each test runs for multisocketsink and multifdsink.
 * Not here: what stock does too.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fanout.h"
#include "settle.h"
#include "testutil.h"

#include <gst/check/gstcheck.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
  CLOSED = 1,
  REMOVED,
  SLOW,
  ERROR
};
enum
{
  LATEST,
  NEXT_KEY,
  LATEST_KEY
};
enum
{
  RECOVER_NONE,
  RECOVER_LATEST,
  RECOVER_SOFT,
  RECOVER_KEY
};

/* --- figures --- */

static guint64
total (Fanout *f, const gchar *field)
{
  g_autoptr (GstStructure) totals = NULL;
  guint64 value = 0;
  guint small = 0;

  g_object_get (f->sink, "totals", &totals, NULL);
  fail_unless (totals != NULL);
  if (gst_structure_get_uint (totals, field, &small))
    return small;
  fail_unless (gst_structure_get_uint64 (totals, field, &value),
      "no total of %s", field);
  return value;
}

/* Returns: (transfer full): what "clients" tells of the client at @index. */
static GstStructure *
client_figures (Fanout *f, guint index)
{
  GValue clients = G_VALUE_INIT;
  GstStructure *figures;

  g_value_init (&clients, GST_TYPE_ARRAY);
  g_object_get_property (G_OBJECT (f->sink), "clients", &clients);
  fail_unless (gst_value_array_get_size (&clients) > index);
  figures = gst_structure_copy (
      g_value_get_boxed (gst_value_array_get_value (&clients, index)));
  g_value_unset (&clients);
  return figures;
}

static guint64
client_figure (Fanout *f, guint index, const gchar *field)
{
  g_autoptr (GstStructure) figures = client_figures (f, index);
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (figures, field, &value),
      "no %s of a client", field);
  return value;
}

GST_START_TEST (test_clients_are_listed_with_their_figures)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  g_autoptr (GstStructure) figures = NULL;

  fanout_join_stalled (f);
  fanout_push (f, 100);
  fanout_push (f, 100);
  figures = client_figures (f, 0);
  fail_unless (gst_structure_get_string (figures, "peer") != NULL);
  fail_unless (gst_structure_get_string (figures, "state") != NULL);
  fail_unless (client_figure (f, 0, "id") > 0);
  fail_unless (client_figure (f, 0, "bytes-sent") > 0);
  fail_unless (client_figure (f, 0, "bytes-sent") < FANOUT_BIG);
  fail_unless_equals_uint64 (client_figure (f, 0, "buffers-dropped"), 0);
  fail_unless (client_figure (f, 0, "buffers-behind") >= 2);
  fail_unless (client_figure (f, 0, "bytes-behind") >= 200);
  fail_unless (client_figure (f, 0, "time-behind") >= GST_SECOND);
  fail_unless (client_figure (f, 0, "connect-time") > 0);
}
GST_END_TEST;

GST_START_TEST (test_totals_tell_of_all_clients)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "units-max", (gint64) 2, NULL);
  FanoutClient *reader = fanout_join (f);

  fanout_join_stalled (f);
  for (guint i = 0; i < 5; i++) {
    fanout_push (f, 10);
    fanout_expect (
        reader, i == 0 ? 0 : FANOUT_BIG + i * 10, FANOUT_BIG + (i + 1) * 10);
  }
  fail_unless_equals_uint64 (total (f, "clients"), 1);
  fail_unless_equals_uint64 (total (f, "clients-served"), 2);
  fail_unless_equals_uint64 (total (f, "clients-slow"), 1);
  fail_unless_equals_uint64 (total (f, "buffers-queued"), 1);
  fail_unless_equals_uint64 (total (f, "bytes-queued"), 10);
  fail_unless_equals_uint64 (
      total (f, "bytes-served"), fanout_uint64 (f, "bytes-served"));
}
GST_END_TEST;

/* --- the bounded queue --- */

#define CEILING (1024 * 1024)
#define CHUNK (64 * 1024)
#define CHUNKS 512

static gsize
resident_bytes (void)
{
  g_autofree gchar *text = NULL;
  gulong size, resident;

  g_file_get_contents ("/proc/self/statm", &text, NULL, NULL);
  fail_unless (sscanf (text, "%lu %lu", &size, &resident) == 2);
  return resident * sysconf (_SC_PAGESIZE);
}

/* A sanitizer or valgrind keeps what was freed, to see whether it is used:
 * there the figures of the queue have to do. */
static void
expect_no_growth (gsize before)
{
  g_autofree gchar *maps = NULL;
  gsize now = resident_bytes ();

  g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL);
  if (strstr (maps, "libasan") != NULL || strstr (maps, "vgpreload") != NULL)
    return;
  fail_unless (now < before + 16 * CEILING,
      "memory grew from %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT, before, now);
}

static const gint policies[] = {RECOVER_NONE, RECOVER_KEY};

GST_START_TEST (test_client_that_never_reads_costs_only_itself)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__ % 2], "queue-max-bytes",
          (guint64) CEILING, "recover-policy", policies[__i__ / 2], NULL);
  FanoutClient *reader = fanout_join (f);
  gsize before, most = 0;

  fanout_join_stalled (f);
  fanout_expect (reader, 0, FANOUT_BIG);
  before = resident_bytes ();
  for (guint i = 0; i < CHUNKS; i++) {
    guint64 from = f->pushed;

    fanout_push (f, CHUNK);
    most = MAX (most, total (f, "bytes-queued"));
    fanout_expect (reader, from, f->pushed);
  }
  fail_unless (most <= CEILING, "the queue grew to %" G_GSIZE_FORMAT, most);
  expect_no_growth (before);
  fail_unless_equals_int (f->gone + fanout_uint (f, "num-handles"), 2);
}
GST_END_TEST;

GST_START_TEST (test_client_at_the_ceiling_goes_on_with_the_newest_keyframe)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__], "queue-max-bytes", (guint64) CEILING, NULL);
  FanoutClient *slow = fanout_join_stalled (f);
  guint64 keyframe = 0, dropped;

  for (guint i = 0; i < 100; i++) {
    if (i % 10 == 0) {
      keyframe = f->pushed;
      fanout_push (f, CHUNK);
    } else {
      fanout_push_delta (f, CHUNK);
    }
  }
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
  dropped = fanout_stat (slow, "buffers-dropped");
  fail_unless (dropped > 0 && dropped <= 100);
  fanout_expect (slow, 0, FANOUT_BIG);
  /* It is in one of the last groups, whichever the ceiling let it have. */
  fail_unless (FANOUT_BIG + dropped * CHUNK <= keyframe);
  fail_unless_equals_uint64 (dropped % 10, 0);
  fanout_expect (slow, FANOUT_BIG + dropped * CHUNK, f->pushed);
}
GST_END_TEST;

GST_START_TEST (test_buffer_above_the_ceiling_is_served_all_the_same)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__], "queue-max-bytes", (guint64) 1000, NULL);
  FanoutClient *c = fanout_join (f);

  fanout_push (f, FANOUT_BIG);
  fanout_expect (c, 0, FANOUT_BIG);
  fanout_push (f, FANOUT_BIG);
  fanout_expect (c, FANOUT_BIG, 2 * FANOUT_BIG);
}
GST_END_TEST;

GST_START_TEST (test_ceiling_of_zero_is_none)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "queue-max-bytes", (guint64) 0, NULL);
  FanoutClient *slow = fanout_join_stalled (f);
  g_autoptr (GstBuffer) chunk = fanout_buffer (f, CEILING);

  /* The same memory again and again: what is queued is counted, not kept. */
  for (guint i = 0; i < 100; i++)
    fanout_push_buffer (f, gst_buffer_copy (chunk));
  fail_unless_equals_uint64 (fanout_stat (slow, "buffers-dropped"), 0);
  fail_unless (total (f, "bytes-queued") >= (guint64) 100 * CEILING);
}
GST_END_TEST;

GST_START_TEST (test_ceiling_is_64_mib_by_default)
{
  g_autoptr (Fanout) f = fanout_new (fanout_kinds[__i__]);

  fail_unless_equals_uint64 (
      fanout_uint64 (f, "queue-max-bytes"), 64 * 1024 * 1024);
}
GST_END_TEST;

/* Minimums are wishes, the ceiling is law. */
GST_START_TEST (test_minimums_do_not_lift_the_ceiling)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], "queue-max-bytes",
      (guint64) 1000, "bytes-min", 100000, NULL);

  for (guint i = 0; i < 100; i++) {
    fanout_push (f, 100);
    fail_unless (total (f, "bytes-queued") <= 1000);
  }
}
GST_END_TEST;

/* --- latency --- */

GST_START_TEST (test_client_too_far_behind_jumps_to_the_newest_keyframe)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__], "max-latency", 5 * (guint64) GST_SECOND, NULL);
  FanoutClient *slow = fanout_join_stalled (f);
  guint64 dropped;

  for (guint i = 1; i <= 40; i++) {
    if (i % 4 == 0)
      fanout_push (f, 10);
    else
      fanout_push_delta (f, 10);
    fail_unless (client_figure (f, 0, "time-behind") <= 6 * GST_SECOND);
  }
  dropped = fanout_stat (slow, "buffers-dropped");
  fail_unless (dropped >= 34, "only %" G_GUINT64_FORMAT " dropped", dropped);
  /* What it goes on with is a keyframe: the first after a whole group. */
  fail_unless_equals_uint64 (dropped % 4, 3);
  fanout_expect (slow, 0, FANOUT_BIG);
  fanout_expect (slow, FANOUT_BIG + dropped * 10, f->pushed);
}
GST_END_TEST;

GST_START_TEST (test_client_within_the_latency_loses_nothing)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__], "max-latency", 60 * (guint64) GST_SECOND, NULL);
  FanoutClient *slow = fanout_join_stalled (f);

  for (guint i = 0; i < 20; i++)
    fanout_push (f, 10);
  fanout_expect (slow, 0, f->pushed);
}
GST_END_TEST;

/* --- clients --- */

GST_START_TEST (test_clients_beyond_the_most_are_refused)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "max-clients", 2, NULL);
  FanoutClient *first = fanout_join (f);
  FanoutClient *second = fanout_join (f);
  FanoutClient *third = fanout_join (f);

  fail_unless_equals_int (fanout_uint (f, "num-handles"), 2);
  fanout_expect_log (f, "added, added, removed 4, gone");
  fanout_push (f, 10);
  fanout_expect (first, 0, 10);
  fanout_expect (second, 0, 10);
  fanout_expect_nothing (third);
  fanout_emit (first, "remove");
  fanout_add (third);
  fanout_push (f, 10);
  fanout_expect (third, 10, 20);
}
GST_END_TEST;

GST_START_TEST (test_kick_removes_the_client_of_that_number)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *first = fanout_join (f);
  FanoutClient *second;
  guint64 id = client_figure (f, 0, "id");
  gboolean kicked = FALSE;

  second = fanout_join (f);
  g_signal_emit_by_name (f->sink, "kick", id, &kicked);
  fail_unless (kicked);
  fanout_expect_log (f, "added, added, removed 2, gone");
  fail_unless_equals_int (fanout_uint (f, "num-handles"), 1);
  fail_unless (client_figure (f, 0, "id") != id);
  g_signal_emit_by_name (f->sink, "kick", id, &kicked);
  fail_unless (!kicked);
  fanout_push (f, 10);
  fanout_expect (second, 0, 10);
  fanout_expect_nothing (first);
}
GST_END_TEST;

GST_START_TEST (test_numbers_of_clients_are_not_given_twice)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);
  guint64 id = client_figure (f, 0, "id");

  fanout_emit (c, "remove");
  fanout_add (c);
  fail_unless (client_figure (f, 0, "id") != id);
}
GST_END_TEST;

GST_START_TEST (test_nothing_is_lost_from_the_first_buffer_after_add)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = fanout_join (f);

  for (guint i = 0; i < 2000; i++)
    fanout_push (f, 7);
  fanout_expect (c, 0, 14000);
}
GST_END_TEST;

/* --- keyframes --- */

static guint
count_requests (Fanout *f)
{
  guint count = 0;

  g_mutex_lock (&f->lock);
  for (guint i = 0; i < f->events->len; i++)
    count += gst_event_has_name (
        g_ptr_array_index (f->events, i), "GstForceKeyUnit");
  g_mutex_unlock (&f->lock);
  return count;
}

static gboolean
was_requested (gpointer fanout)
{
  return count_requests (fanout) > 0;
}

static const gint waiting_methods[] = {NEXT_KEY, LATEST_KEY};

GST_START_TEST (test_keyframe_is_asked_for_when_a_client_waits)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__ % 2], "sync-method", waiting_methods[__i__ / 2], NULL);
  FanoutClient *c;

  fanout_push_delta (f, 10);
  fail_unless_equals_int (count_requests (f), 0);
  c = fanout_join (f);
  fanout_push_delta (f, 10);
  fail_unless_eventually (was_requested, f);
  fanout_push (f, 10);
  fanout_expect (c, 20, 30);
}
GST_END_TEST;

GST_START_TEST (test_crowd_that_waits_asks_once)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], "sync-method",
      NEXT_KEY, "request-keyframe-interval", 3600 * (guint64) GST_SECOND, NULL);
  FanoutClient *last = NULL;

  fanout_push_delta (f, 10);
  for (guint i = 0; i < 20; i++) {
    last = fanout_join (f);
    fanout_push_delta (f, 10);
  }
  fanout_push (f, 10);
  fanout_expect (last, 210, 220);
  fail_unless_equals_int (count_requests (f), 1);
}
GST_END_TEST;

GST_START_TEST (test_keyframe_that_is_queued_is_not_asked_for)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "sync-method", LATEST_KEY, NULL);
  FanoutClient *c;

  fanout_push (f, 10);
  fanout_push_delta (f, 10);
  c = fanout_join (f);
  fanout_push_delta (f, 10);
  fanout_expect (c, 0, 30);
  fail_unless_equals_int (count_requests (f), 0);
}
GST_END_TEST;

GST_START_TEST (test_keyframes_are_never_asked_for_if_so_told)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], "sync-method",
      NEXT_KEY, "request-keyframe-interval", G_MAXUINT64, NULL);
  FanoutClient *c = fanout_join (f);

  fanout_push_delta (f, 10);
  fanout_push (f, 10);
  fanout_expect (c, 10, 20);
  fail_unless_equals_int (count_requests (f), 0);
}
GST_END_TEST;

/* --- slow clients are told of --- */

static guint
count_slow (Fanout *f, const gchar *action)
{
  GstMessage *message;
  guint count = 0;

  while ((message = gst_bus_pop_filtered (f->bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *report = gst_message_get_structure (message);

    if (gst_structure_has_name (report, "client-slow")) {
      fail_unless_equals_string (
          gst_structure_get_string (report, "action"), action);
      fail_unless (gst_structure_get_string (report, "peer") != NULL);
      fail_unless (gst_structure_has_field (report, "id"));
      fail_unless (gst_structure_has_field (report, "buffers-behind"));
      fail_unless (gst_structure_has_field (report, "bytes-behind"));
      fail_unless (gst_structure_has_field (report, "time-behind"));
      fail_unless (gst_structure_get_string (report, "property") != NULL);
      count++;
    }
    gst_message_unref (message);
  }
  return count;
}

GST_START_TEST (test_slow_client_that_goes_is_told_of)
{
  g_autoptr (Fanout) f =
      fanout_start (fanout_kinds[__i__], "units-max", (gint64) 3, NULL);

  fanout_join_stalled (f);
  for (guint i = 0; i < 6; i++)
    fanout_push (f, 10);
  fail_unless_equals_int (count_slow (f, "removed"), 1);
}
GST_END_TEST;

GST_START_TEST (
    test_slow_client_that_is_recovered_again_and_again_is_told_of_once)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], "units-soft-max",
      (gint64) 3, "recover-policy", RECOVER_LATEST, NULL);

  fanout_join_stalled (f);
  for (guint i = 0; i < 60; i++)
    fanout_push (f, 10);
  fail_unless_equals_int (count_slow (f, "skipped"), 1);
}
GST_END_TEST;

/* --- batches and workers --- */

GST_START_TEST (test_batch_is_gathered)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__], "batch-time", 10 * (guint64) GST_SECOND, NULL);
  FanoutClient *c = fanout_join (f);

  /* What a client begins with goes at once; soon after, buffers wait. */
  do {
    fanout_push (f, 10);
    fail_unless_eventually ((TestCondition) settle_all_asleep, NULL);
  } while (recv (c->peer, (gchar[20]){0}, 20, 0) == 10 && f->buffers < 5);
  fail_unless (f->buffers < 5, "every buffer was sent for itself");
  fanout_push (f, 10);
  fail_unless_eventually ((TestCondition) settle_all_asleep, NULL);
  fanout_expect_nothing (c);
}
GST_END_TEST;

GST_START_TEST (test_batch_arrives_without_more_pushes)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__], "batch-time", 50 * (guint64) GST_MSECOND, NULL);
  FanoutClient *c = fanout_join (f);

  for (guint i = 0; i < 10; i++)
    fanout_push (f, 10);
  fanout_expect (c, 0, 100);
}
GST_END_TEST;

static const guint worker_counts[] = {0, 1, 4, 64};

GST_START_TEST (test_any_number_of_workers_serves_all)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__ % 2], "workers", worker_counts[__i__ / 2], NULL);
  FanoutClient *clients[70];

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = fanout_join (f);
  for (guint i = 0; i < 50; i++)
    fanout_push (f, 100);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    fanout_expect (clients[i], 0, 5000);
  fanout_wait_served (f, 5000 * G_N_ELEMENTS (clients));
}
GST_END_TEST;

/* --- options of sockets --- */

static FanoutClient *
join_tcp (Fanout *f)
{
  struct sockaddr_in here = {
      .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  socklen_t len = sizeof (here);
  gint listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gint peer = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gint fd;

  fail_unless (bind (listener, (gpointer) &here, len) == 0);
  fail_unless (listen (listener, 1) == 0);
  getsockname (listener, (gpointer) &here, &len);
  fail_unless (connect (peer, (gpointer) &here, len) == 0);
  fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  close (listener);
  fanout_add (fanout_client_of (f, fd, peer));
  return g_ptr_array_index (f->clients, f->clients->len - 1);
}

static gint
option (FanoutClient *c, gint level, gint name)
{
  gint value = -1;
  socklen_t len = sizeof (value);

  fail_unless (getsockopt (c->fd, level, name, &value, &len) == 0);
  return value;
}

GST_START_TEST (test_tcp_clients_are_probed_and_not_delayed)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], NULL);
  FanoutClient *c = join_tcp (f);

  fail_unless_equals_int (option (c, IPPROTO_TCP, TCP_NODELAY), 1);
  fail_unless_equals_int (option (c, SOL_SOCKET, SO_KEEPALIVE), 1);
}
GST_END_TEST;

GST_START_TEST (test_options_of_tcp_clients_can_be_chosen)
{
  g_autoptr (Fanout) f = fanout_start (fanout_kinds[__i__], "keep-alive-idle",
      77, "keep-alive-interval", 7, "keep-alive-count", 5, "user-timeout", 1234,
      "notsent-lowat", 65536, NULL);
  FanoutClient *c = join_tcp (f);

  fail_unless_equals_int (option (c, IPPROTO_TCP, TCP_KEEPIDLE), 77);
  fail_unless_equals_int (option (c, IPPROTO_TCP, TCP_KEEPINTVL), 7);
  fail_unless_equals_int (option (c, IPPROTO_TCP, TCP_KEEPCNT), 5);
  fail_unless_equals_int (option (c, IPPROTO_TCP, TCP_USER_TIMEOUT), 1234);
  fail_unless_equals_int (option (c, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 65536);
}
GST_END_TEST;

GST_START_TEST (test_options_of_tcp_clients_can_be_as_in_stock)
{
  g_autoptr (Fanout) f = fanout_start (
      fanout_kinds[__i__], "keep-alive", FALSE, "no-delay", FALSE, NULL);
  FanoutClient *c = join_tcp (f);

  fail_unless_equals_int (option (c, IPPROTO_TCP, TCP_NODELAY), 0);
  fail_unless_equals_int (option (c, SOL_SOCKET, SO_KEEPALIVE), 0);
}
GST_END_TEST;

static void
add_queue_cases (Suite *suite)
{
  TCase *queue = tcase_create ("queue");

  suite_add_tcase (suite, queue);
  tcase_add_checked_fixture (queue, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (
      queue, test_client_that_never_reads_costs_only_itself, 0, 4);
  tcase_add_loop_test (
      queue, test_client_at_the_ceiling_goes_on_with_the_newest_keyframe, 0, 2);
  tcase_add_loop_test (
      queue, test_buffer_above_the_ceiling_is_served_all_the_same, 0, 2);
  tcase_add_loop_test (queue, test_ceiling_of_zero_is_none, 0, 2);
  tcase_add_loop_test (queue, test_ceiling_is_64_mib_by_default, 0, 2);
  tcase_add_loop_test (queue, test_minimums_do_not_lift_the_ceiling, 0, 2);
  tcase_add_loop_test (
      queue, test_client_too_far_behind_jumps_to_the_newest_keyframe, 0, 2);
  tcase_add_loop_test (
      queue, test_client_within_the_latency_loses_nothing, 0, 2);
}

static void
add_client_cases (Suite *suite)
{
  TCase *clients = tcase_create ("clients");

  suite_add_tcase (suite, clients);
  tcase_add_checked_fixture (clients, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (
      clients, test_clients_are_listed_with_their_figures, 0, 2);
  tcase_add_loop_test (clients, test_totals_tell_of_all_clients, 0, 2);
  tcase_add_loop_test (clients, test_clients_beyond_the_most_are_refused, 0, 2);
  tcase_add_loop_test (
      clients, test_kick_removes_the_client_of_that_number, 0, 2);
  tcase_add_loop_test (
      clients, test_numbers_of_clients_are_not_given_twice, 0, 2);
  tcase_add_loop_test (
      clients, test_nothing_is_lost_from_the_first_buffer_after_add, 0, 2);
  tcase_add_loop_test (clients, test_slow_client_that_goes_is_told_of, 0, 2);
  tcase_add_loop_test (clients,
      test_slow_client_that_is_recovered_again_and_again_is_told_of_once, 0, 2);
  tcase_add_loop_test (clients, test_batch_is_gathered, 0, 2);
  tcase_add_loop_test (clients, test_batch_arrives_without_more_pushes, 0, 2);
  tcase_add_loop_test (clients, test_any_number_of_workers_serves_all, 0, 8);
  tcase_add_loop_test (
      clients, test_tcp_clients_are_probed_and_not_delayed, 0, 2);
  tcase_add_loop_test (
      clients, test_options_of_tcp_clients_can_be_chosen, 0, 2);
  tcase_add_loop_test (
      clients, test_options_of_tcp_clients_can_be_as_in_stock, 0, 2);
}

static void
add_keyframe_cases (Suite *suite)
{
  TCase *keyframes = tcase_create ("keyframes");

  suite_add_tcase (suite, keyframes);
  tcase_add_checked_fixture (keyframes, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (
      keyframes, test_keyframe_is_asked_for_when_a_client_waits, 0, 4);
  tcase_add_loop_test (keyframes, test_crowd_that_waits_asks_once, 0, 2);
  tcase_add_loop_test (
      keyframes, test_keyframe_that_is_queued_is_not_asked_for, 0, 2);
  tcase_add_loop_test (
      keyframes, test_keyframes_are_never_asked_for_if_so_told, 0, 2);
}

static Suite *
fanout_extras_suite (void)
{
  Suite *suite = suite_create ("fanout-extras");

  add_queue_cases (suite);
  add_client_cases (suite);
  add_keyframe_cases (suite);
  return suite;
}

GST_CHECK_MAIN (fanout_extras);
