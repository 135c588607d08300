/* SPDX-License-Identifier: LGPL-2.1-or-later
 * policy.c: tests of gstsocketpolicy.c
 *
 * Here: where clients start, limits and recovery; as tables of what the stock
 * plugin does, and against a naive model that walks.
 * Not here: clients, threads, descriptors.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketpolicy.h>

#define OFF G_MAXUINT64
#define SEC GST_SECOND
#define NONE GST_CLOCK_TIME_NONE

#define BYTES GST_FORMAT_BYTES
#define TIME GST_FORMAT_TIME
#define BUFFERS GST_FORMAT_BUFFERS
#define UNDEFINED GST_FORMAT_UNDEFINED
#define DEFAULT GST_FORMAT_DEFAULT
#define PERCENT GST_FORMAT_PERCENT

static GstSocketQueue *queue;

static void
set_up (void)
{
  queue = gst_socket_queue_new (1);
}

static void
tear_down (void)
{
  g_clear_pointer (&queue, gst_socket_queue_free);
}

static void
reopen (void)
{
  tear_down ();
  set_up ();
}

static void
append (gsize size, GstClockTime time, gboolean is_key)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, size, NULL);

  GST_BUFFER_PTS (buffer) = time;
  gst_socket_queue_append (queue,
      gst_socket_unit_new (
          buffer, is_key ? GST_SOCKET_UNIT_KEYFRAME : 0, NULL));
}

/* A letter a unit, oldest first: k is a keyframe, d is not. */
static void
fill (const gchar *kinds, gsize size)
{
  for (guint i = 0; kinds[i] != '\0'; i++)
    append (size, i * SEC, kinds[i] == 'k');
}

/* --- where a client starts --- */

/* Depth 1 is the newest unit; 0 waits for a keyframe. */
typedef struct
{
  const gchar *kinds;
  GstSocketStart start;
  guint depth;
} StartCase;

#define LATEST GST_SOCKET_SYNC_LATEST
#define NEXT_KEY GST_SOCKET_SYNC_NEXT_KEYFRAME
#define LATEST_KEY GST_SOCKET_SYNC_LATEST_KEYFRAME
#define BURST GST_SOCKET_SYNC_BURST
#define BURST_KEY GST_SOCKET_SYNC_BURST_KEYFRAME
#define BURST_WITH_KEY GST_SOCKET_SYNC_BURST_WITH_KEYFRAME

/* Ten bytes and one second a unit, as in the surface's table. */
#define GOPS "kddddkdddd"
#define LATE "kddddkddd"

static const StartCase start_cases[] = {
    {GOPS, {LATEST, UNDEFINED, OFF, UNDEFINED, OFF}, 1},
    {GOPS, {LATEST, BYTES, 50, BYTES, 60}, 1},
    {GOPS, {NEXT_KEY, UNDEFINED, OFF, UNDEFINED, OFF}, 0},
    {GOPS "k", {NEXT_KEY, UNDEFINED, OFF, UNDEFINED, OFF}, 1},
    {LATE, {LATEST_KEY, UNDEFINED, OFF, UNDEFINED, OFF}, 4},
    {"dddd", {LATEST_KEY, UNDEFINED, OFF, UNDEFINED, OFF}, 0},
    {"dddk", {LATEST_KEY, UNDEFINED, OFF, UNDEFINED, OFF}, 1},
    /* least in bytes */
    {GOPS, {BURST, BYTES, 0, BYTES, OFF}, 1},
    {GOPS, {BURST, BYTES, 10, BYTES, OFF}, 1},
    {GOPS, {BURST, BYTES, 11, BYTES, OFF}, 2},
    {GOPS, {BURST, BYTES, 45, BYTES, OFF}, 5},
    {GOPS, {BURST, BYTES, 50, BYTES, OFF}, 5},
    {GOPS, {BURST, BYTES, 51, BYTES, OFF}, 6},
    {GOPS, {BURST, BYTES, 1000, BYTES, OFF}, 10},
    {GOPS, {BURST, BYTES, OFF, BYTES, OFF}, 1},
    /* least in time */
    {GOPS, {BURST, TIME, 3 * SEC - 1, TIME, OFF}, 4},
    {GOPS, {BURST, TIME, 3 * SEC, TIME, OFF}, 4},
    {GOPS, {BURST, TIME, 3 * SEC + 1, TIME, OFF}, 5},
    {GOPS, {BURST, TIME, 100 * SEC, TIME, OFF}, 10},
    /* least in buffers: honoured, where stock is at fault */
    {GOPS, {BURST, BUFFERS, 0, BUFFERS, OFF}, 1},
    {GOPS, {BURST, BUFFERS, 4, BUFFERS, OFF}, 4},
    {GOPS, {BURST, BUFFERS, 10, BUFFERS, OFF}, 10},
    {GOPS, {BURST, BUFFERS, 11, BUFFERS, OFF}, 10},
    {GOPS, {BURST, BUFFERS, OFF - 1, BUFFERS, OFF}, 10},
    /* what cannot be counted */
    {GOPS, {BURST, UNDEFINED, 4, UNDEFINED, 8}, 1},
    {GOPS, {BURST, DEFAULT, 4, DEFAULT, OFF}, 1},
    {GOPS, {BURST, PERCENT, 50, PERCENT, 60}, 1},
    {GOPS, {BURST, BYTES, 45, PERCENT, 1}, 5},
    /* a most that is not beyond the least */
    {GOPS, {BURST, BYTES, 45, BYTES, 60}, 5},
    {GOPS, {BURST, BYTES, 45, BYTES, 51}, 5},
    {GOPS, {BURST, BYTES, 45, BYTES, 50}, 4},
    {GOPS, {BURST, BYTES, 45, BYTES, 45}, 4},
    {GOPS, {BURST, BYTES, 45, TIME, 2 * SEC}, 2},
    {GOPS, {BURST, BYTES, 45, TIME, 1}, 1},
    {GOPS, {BURST, BYTES, 45, TIME, 0}, 1},
    {GOPS, {BURST, BYTES, 45, BUFFERS, 3}, 2},
    {GOPS, {BURST, BYTES, 45, BYTES, 10 * (1ULL << 30)}, 5},
    {GOPS, {BURST, BYTES, 1000, BYTES, 2000}, 10},
    {GOPS, {BURST, BYTES, 1000, BYTES, 100}, 9},
    /* a keyframe at the least or beyond, below the most */
    {LATE, {BURST_KEY, BYTES, 25, BYTES, OFF}, 4},
    {LATE, {BURST_KEY, BYTES, 40, BYTES, OFF}, 4},
    {LATE, {BURST_KEY, BYTES, 41, BYTES, OFF}, 9},
    {LATE, {BURST_KEY, BYTES, 41, BYTES, 200}, 9},
    {LATE, {BURST_KEY, BYTES, 41, BYTES, 90}, 4},
    {LATE, {BURST_KEY, BYTES, 25, BYTES, 41}, 4},
    {LATE, {BURST_KEY, BYTES, 25, BYTES, 40}, 0},
    {LATE, {BURST_KEY, BYTES, 0, BYTES, 0}, 0},
    {LATE, {BURST_KEY, BYTES, 500, BYTES, OFF}, 9},
    {"ddddddd", {BURST_KEY, BYTES, 25, BYTES, OFF}, 0},
    {"ddddddk", {BURST_KEY, BYTES, 25, BYTES, OFF}, 1},
    {"dkddddk", {BURST_KEY, BYTES, 25, BYTES, 35}, 1},
    {"kdddd", {BURST_KEY, BYTES, 20, BYTES, OFF}, 5},
    /* the same, or the plain least */
    {LATE, {BURST_WITH_KEY, BYTES, 25, BYTES, OFF}, 4},
    {LATE, {BURST_WITH_KEY, BYTES, 41, BYTES, 90}, 5},
    {LATE, {BURST_WITH_KEY, BYTES, 25, BYTES, 40}, 3},
    {"ddddddd", {BURST_WITH_KEY, BYTES, 25, BYTES, OFF}, 3},
    {"ddddddk", {BURST_WITH_KEY, BYTES, 25, BYTES, OFF}, 3},
    {"ddddddk", {BURST_WITH_KEY, BYTES, 0, BYTES, OFF}, 1},
    {"kdddd", {BURST_WITH_KEY, BYTES, 20, BYTES, OFF}, 5},
    /* a queue of one */
    {"d", {BURST, BYTES, 1000, BYTES, OFF}, 1},
    {"k", {BURST_KEY, BYTES, 1000, BYTES, 0}, 1},
    {"d", {BURST_KEY, BYTES, 0, BYTES, OFF}, 0},
    {"d", {17, BYTES, 50, BYTES, 60}, 1},
};

static guint
depth_of (guint64 seq)
{
  return seq != 0 ? gst_socket_queue_get_newest (queue) + 1 - seq : 0;
}

GST_START_TEST (test_client_starts_where_the_table_says)
{
  for (guint i = 0; i < G_N_ELEMENTS (start_cases); i++) {
    const StartCase *c = &start_cases[i];

    reopen ();
    fill (c->kinds, 10);
    fail_unless_equals_int (
        depth_of (gst_socket_policy_start (queue, &c->start)), c->depth);
  }
}

GST_END_TEST;

GST_START_TEST (test_keyframe_is_waited_for_by_keyframe_methods_only)
{
  fail_if (gst_socket_policy_wants_keyframe (LATEST));
  fail_if (gst_socket_policy_wants_keyframe (BURST));
  fail_unless (gst_socket_policy_wants_keyframe (NEXT_KEY));
  fail_unless (gst_socket_policy_wants_keyframe (LATEST_KEY));
  fail_unless (gst_socket_policy_wants_keyframe (BURST_KEY));
  fail_unless (gst_socket_policy_wants_keyframe (BURST_WITH_KEY));
}

GST_END_TEST;

typedef struct
{
  GstSocketStart start;
  gboolean is_valid;
} ValidCase;

static const ValidCase valid_cases[] = {
    {{BURST, BYTES, 10, BYTES, 9}, FALSE},
    {{BURST, BYTES, 10, BYTES, 10}, TRUE},
    {{BURST, BYTES, 10, BYTES, 11}, TRUE},
    {{BURST, BYTES, 10, BYTES, OFF}, TRUE},
    {{BURST, BYTES, OFF, BYTES, 9}, TRUE},
    {{BURST, BYTES, OFF, BYTES, OFF}, TRUE},
    {{BURST, BYTES, 10, TIME, 9}, TRUE},
    {{LATEST, UNDEFINED, 10, UNDEFINED, 9}, FALSE},
};

GST_START_TEST (test_most_below_least_is_not_valid)
{
  for (guint i = 0; i < G_N_ELEMENTS (valid_cases); i++) {
    const ValidCase *c = &valid_cases[i];

    fail_unless_equals_int (
        gst_socket_policy_start_is_valid (&c->start), c->is_valid);
  }
}

GST_END_TEST;

/* --- limits --- */

typedef struct
{
  GstFormat format;
  gint64 max;
  guint limit;
} LimitCase;

/* Ten units of ten bytes and one second. */
static const LimitCase limit_cases[] = {
    {BUFFERS, -1, G_MAXUINT},
    {BUFFERS, 0, G_MAXUINT},
    {BUFFERS, G_MININT64, G_MAXUINT},
    {BUFFERS, 1, 1},
    {BUFFERS, 3, 3},
    {BUFFERS, 100, 100},
    {BUFFERS, (gint64) G_MAXUINT - 1, G_MAXUINT - 1},
    {BUFFERS, G_MAXUINT, G_MAXUINT - 1},
    {BUFFERS, (gint64) G_MAXUINT + 1, G_MAXUINT - 1},
    {BUFFERS, G_MAXINT64, G_MAXUINT - 1},
    {UNDEFINED, 3, 3},
    {DEFAULT, 3, 3},
    {PERCENT, 3, 3},
    {BYTES, -1, G_MAXUINT},
    {BYTES, 0, G_MAXUINT},
    {BYTES, 1, 1},
    {BYTES, 9, 1},
    {BYTES, 10, 2},
    {BYTES, 39, 4},
    {BYTES, 40, 5},
    {BYTES, 41, 5},
    {BYTES, 99, 10},
    {BYTES, 100, G_MAXUINT},
    {BYTES, G_MAXINT64, G_MAXUINT},
    {TIME, 0, G_MAXUINT},
    {TIME, 1, 2},
    {TIME, 3 * SEC - 1, 4},
    {TIME, 3 * SEC, 5},
    {TIME, 3 * SEC + 1, 5},
    {TIME, 9 * SEC - 1, 10},
    {TIME, 9 * SEC, G_MAXUINT},
    {TIME, G_MAXINT64, G_MAXUINT},
};

GST_START_TEST (test_limit_is_what_exceeds_it)
{
  for (guint i = 0; i < G_N_ELEMENTS (limit_cases); i++) {
    const LimitCase *c = &limit_cases[i];

    reopen ();
    fill ("dddddddddd", 10);
    fail_unless_equals_uint64 (
        gst_socket_policy_limit (queue, c->format, c->max), c->limit);
  }
}

GST_END_TEST;

GST_START_TEST (test_time_limit_is_never_reached_without_times)
{
  for (guint i = 0; i < 10; i++)
    append (10, NONE, FALSE);
  fail_unless_equals_uint64 (
      gst_socket_policy_limit (queue, TIME, 1), G_MAXUINT);
}

GST_END_TEST;

/* --- recovery --- */

typedef struct
{
  const gchar *kinds;
  GstSocketRecover policy;
  guint position; /* the client's, 0 for the newest unit */
  guint limit;
  gint recovered; /* position, -1 when all is skipped */
} RecoverCase;

static const RecoverCase recover_cases[] = {
    {GOPS, GST_SOCKET_RECOVER_NONE, 5, 3, 5},
    {GOPS, GST_SOCKET_RECOVER_LATEST, 3, 3, -1},
    {GOPS, GST_SOCKET_RECOVER_LATEST, 9, 3, -1},
    {GOPS, GST_SOCKET_RECOVER_SOFT_LIMIT, 3, 3, 3},
    {GOPS, GST_SOCKET_RECOVER_SOFT_LIMIT, 4, 3, 3},
    {GOPS, GST_SOCKET_RECOVER_SOFT_LIMIT, 9, 3, 3},
    {GOPS, GST_SOCKET_RECOVER_SOFT_LIMIT, 9, 20, 9},
    {GOPS, GST_SOCKET_RECOVER_SOFT_LIMIT, 9, G_MAXUINT, 9},
    {GOPS, GST_SOCKET_RECOVER_KEYFRAME, 7, 4, -1},
    {GOPS, GST_SOCKET_RECOVER_KEYFRAME, 7, 5, 4},
    {GOPS, GST_SOCKET_RECOVER_KEYFRAME, 7, 6, 4},
    {GOPS, GST_SOCKET_RECOVER_KEYFRAME, 9, 9, 4},
    {"dddddddddk", GST_SOCKET_RECOVER_KEYFRAME, 1, 1, 0},
    {"dddddddddd", GST_SOCKET_RECOVER_KEYFRAME, 7, 5, -1},
    {GOPS, 17, 5, 3, 5},
};

GST_START_TEST (test_late_client_recovers_as_the_policy_says)
{
  for (guint i = 0; i < G_N_ELEMENTS (recover_cases); i++) {
    const RecoverCase *c = &recover_cases[i];
    guint64 to;

    reopen ();
    fill (c->kinds, 10);
    to = gst_socket_policy_recover (
        queue, c->policy, 10 - c->position, c->limit);
    fail_unless_equals_int (10 - (gint) to, c->recovered);
  }
}

GST_END_TEST;

GST_START_TEST (test_newest_keyframe_from_a_number)
{
  fill (GOPS, 10);
  fail_unless_equals_uint64 (gst_socket_policy_newest_key_from (queue, 1), 6);
  fail_unless_equals_uint64 (gst_socket_policy_newest_key_from (queue, 6), 6);
  fail_unless_equals_uint64 (gst_socket_policy_newest_key_from (queue, 7), 11);
  fail_unless_equals_uint64 (
      gst_socket_policy_newest_key_from (queue, G_MAXUINT64), 11);
}

GST_END_TEST;

/* --- against a naive model, by index: 0 is the newest --- */

typedef struct
{
  gsize size;
  GstClockTime time;
  gboolean is_key;
} Model;

static Model model[64];
static gint n_model;

static const Model *
at (gint index)
{
  return &model[n_model - 1 - index];
}

/* min{ i : sum(0..i) >= amount } and so on; n_model when there is none */
static gint
model_index (GstFormat format, guint64 amount)
{
  guint64 sum = 0;

  if (format == BUFFERS)
    return MIN (MAX (amount, 1) - 1, (guint64) n_model);
  if (format != BYTES && format != TIME)
    return 0;
  for (gint i = 0; i < n_model; i++) {
    sum += at (i)->size;
    if (format == BYTES && sum >= amount)
      return i;
    if (format == TIME && at (0)->time - at (i)->time >= amount)
      return i;
  }
  return n_model;
}

static gint
model_min (const GstSocketStart *start)
{
  if (start->min == OFF)
    return 0;
  return MIN (model_index (start->min_format, start->min), n_model - 1);
}

static gint
model_max (const GstSocketStart *start)
{
  gboolean counts = start->max_format == BYTES || start->max_format == TIME
      || start->max_format == BUFFERS;
  gint index;

  if (start->max == OFF || !counts)
    return G_MAXINT;
  index = model_index (start->max_format, start->max);
  return index < n_model ? index : G_MAXINT;
}

static gint
model_burst (const GstSocketStart *start)
{
  gint min = model_min (start);
  gint max = model_max (start);

  return max <= min ? MAX (max - 1, 0) : min;
}

/* -1 to wait */
static gint
model_key (const GstSocketStart *start, gint otherwise)
{
  gint min = model_min (start);

  for (gint i = min; i < MIN (model_max (start), n_model); i++) {
    if (at (i)->is_key)
      return i;
  }
  if (start->sync == BURST_WITH_KEY)
    return otherwise;
  for (gint i = min; i >= 0; i--) {
    if (at (i)->is_key)
      return i;
  }
  return -1;
}

static gint
model_start (const GstSocketStart *start)
{
  gint key = 0;

  while (key < n_model && !at (key)->is_key)
    key++;
  switch (start->sync) {
    case NEXT_KEY:
      return at (0)->is_key ? 0 : -1;
    case LATEST_KEY:
      return key < n_model ? key : -1;
    case BURST:
      return model_burst (start);
    case BURST_KEY:
    case BURST_WITH_KEY:
      return model_key (start, model_burst (start));
    default:
      return 0;
  }
}

static void
fill_at_random (GRand *rand)
{
  GstClockTime time = 0;

  n_model = g_rand_int_range (rand, 1, 40);
  for (gint i = 0; i < n_model; i++) {
    time += g_rand_int_range (rand, 0, 10);
    model[i] = (Model){g_rand_int_range (rand, 0, 9), time,
        g_rand_int_range (rand, 0, 5) == 0};
    append (model[i].size, model[i].time, model[i].is_key);
  }
}

static guint64
random_amount (GRand *rand)
{
  return g_rand_int_range (rand, 0, 6) == 0
      ? OFF
      : (guint64) g_rand_int_range (rand, 0, 200);
}

static void
compare_starts (guint seed)
{
  static const GstFormat formats[] = {
      UNDEFINED, DEFAULT, BYTES, TIME, BUFFERS, PERCENT};
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  reopen ();
  fill_at_random (rand);
  for (guint i = 0; i < 200; i++) {
    GstSocketStart start = {g_rand_int_range (rand, 0, 6),
        formats[g_rand_int_range (rand, 0, 6)], random_amount (rand),
        formats[g_rand_int_range (rand, 0, 6)], random_amount (rand)};
    gint got = (gint) depth_of (gst_socket_policy_start (queue, &start)) - 1;

    fail_unless (got == model_start (&start),
        "sync %d, least %d %" G_GUINT64_FORMAT ", most %d %" G_GUINT64_FORMAT
        ", %d queued: started at %d, not %d",
        start.sync, start.min_format, start.min, start.max_format, start.max,
        n_model, got, model_start (&start));
  }
}

GST_START_TEST (test_starts_agree_with_a_walk)
{
  for (guint seed = 1; seed <= 100; seed++)
    compare_starts (seed);
}

GST_END_TEST;

/* 1 + min{ i : what lies between exceeds max } */
static guint
model_limit (GstFormat format, gint64 max)
{
  gint index;

  if (max <= 0)
    return G_MAXUINT;
  if (format != BYTES && format != TIME)
    return max;
  index = model_index (format, max + 1);
  return index < n_model ? (guint) index + 1 : G_MAXUINT;
}

static gint
model_recover (GstSocketRecover policy, gint position, guint limit)
{
  switch (policy) {
    case GST_SOCKET_RECOVER_LATEST:
      return -1;
    case GST_SOCKET_RECOVER_SOFT_LIMIT:
      return limit;
    case GST_SOCKET_RECOVER_KEYFRAME:
      for (gint i = (gint) limit - 1; i >= 0; i--) {
        if (at (i)->is_key)
          return i;
      }
      return -1;
    default:
      return position;
  }
}

static void
compare_limits (guint seed)
{
  static const GstFormat formats[] = {
      UNDEFINED, DEFAULT, BYTES, TIME, BUFFERS, PERCENT};
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  reopen ();
  fill_at_random (rand);
  for (guint i = 0; i < 100; i++) {
    GstFormat format = formats[g_rand_int_range (rand, 0, 6)];
    gint64 max = g_rand_int_range (rand, -1, 200);
    gint position = g_rand_int_range (rand, 0, n_model);
    GstSocketRecover policy = g_rand_int_range (rand, 0, 4);
    guint limit = gst_socket_policy_limit (queue, format, max);
    guint64 to;

    fail_unless_equals_uint64 (limit, model_limit (format, max));
    if (limit > (guint) position)
      continue;
    to = gst_socket_policy_recover (queue, policy, n_model - position, limit);
    fail_unless_equals_int (
        n_model - (gint) to, model_recover (policy, position, limit));
  }
}

GST_START_TEST (test_limits_and_recovery_agree_with_a_walk)
{
  for (guint seed = 1; seed <= 100; seed++)
    compare_limits (seed);
}

GST_END_TEST;

static Suite *
policy_suite (void)
{
  Suite *suite = suite_create ("policy");
  TCase *tc = tcase_create ("policy");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_client_starts_where_the_table_says);
  tcase_add_test (tc, test_keyframe_is_waited_for_by_keyframe_methods_only);
  tcase_add_test (tc, test_most_below_least_is_not_valid);
  tcase_add_test (tc, test_limit_is_what_exceeds_it);
  tcase_add_test (tc, test_time_limit_is_never_reached_without_times);
  tcase_add_test (tc, test_late_client_recovers_as_the_policy_says);
  tcase_add_test (tc, test_newest_keyframe_from_a_number);
  tcase_add_test (tc, test_starts_agree_with_a_walk);
  tcase_add_test (tc, test_limits_and_recovery_agree_with_a_walk);
  return suite;
}

GST_CHECK_MAIN (policy);
