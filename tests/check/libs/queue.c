/* SPDX-License-Identifier: LGPL-2.1-or-later
 * queue.c: tests of gstsocketqueue.c
 *
 * Here: numbers, growth, trimming, searches, headers; by example, and against
 * a naive model that walks.
 * Not here: policies, threads, descriptors.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketqueue.h>

#define NONE GST_CLOCK_TIME_NONE
#define SEC GST_SECOND

static GstSocketQueue *queue;
static GPtrArray *garbage;

static void
open_queue (guint64 first)
{
  queue = gst_socket_queue_new (first);
  garbage =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_socket_unit_unref);
}

static void
set_up (void)
{
  open_queue (1);
}

static void
tear_down (void)
{
  g_clear_pointer (&queue, gst_socket_queue_free);
  g_clear_pointer (&garbage, g_ptr_array_unref);
}

static void
reopen (guint64 first)
{
  tear_down ();
  open_queue (first);
}

static GstBuffer *
make_buffer (gsize size, GstClockTime time)
{
  GstBuffer *buffer =
      size > 0 ? gst_buffer_new_allocate (NULL, size, NULL) : gst_buffer_new ();

  GST_BUFFER_PTS (buffer) = time;
  return buffer;
}

static guint64
append (gsize size, GstClockTime time, guint flags)
{
  g_autoptr (GstBuffer) buffer = make_buffer (size, time);
  GstSocketUnit *unit = gst_socket_unit_new (buffer, flags, NULL);

  fail_unless (unit != NULL);
  return gst_socket_queue_append (queue, unit);
}

static void
append_many (guint n, gsize size)
{
  for (guint i = 0; i < n; i++)
    append (size, NONE, 0);
}

static guint
for_bytes (guint64 bytes)
{
  return gst_socket_queue_count_for_bytes (
      queue, gst_socket_queue_get_newest (queue), bytes);
}

static guint
for_time (GstClockTime time)
{
  return gst_socket_queue_count_for_time (
      queue, gst_socket_queue_get_newest (queue), time);
}

/* --- numbers and growth --- */

GST_START_TEST (test_new_queue_is_empty)
{
  fail_unless_equals_uint64 (gst_socket_queue_get_newest (queue), 0);
  fail_unless_equals_uint64 (gst_socket_queue_get_oldest (queue), 1);
  fail_unless_equals_int (gst_socket_queue_get_length (queue), 0);
  fail_unless_equals_uint64 (gst_socket_queue_get_bytes (queue), 0);
  fail_unless (gst_socket_queue_get (queue, 0) == NULL);
  fail_unless (gst_socket_queue_get (queue, 1) == NULL);
  fail_unless (gst_socket_queue_get (queue, G_MAXUINT64) == NULL);
  fail_unless_equals_int (for_bytes (1), 1);
  fail_unless_equals_int (for_time (0), 1);
  fail_unless_equals_uint64 (gst_socket_queue_key_before (queue, 5), 0);
  fail_unless_equals_uint64 (gst_socket_queue_key_after (queue, 0), 0);
}

GST_END_TEST;

static const guint64 first_numbers[] = {
    1,
    2,
    63,
    64,
    65,
    G_GUINT64_CONSTANT (0xfffffffd), /* 2^32 - 3 */
    G_GUINT64_CONSTANT (0x7ffffffffffffffa),
    G_GUINT64_CONSTANT (0xffffffff00000000),
};

static void
check_numbers_from (guint64 begin)
{
  for (guint i = 0; i < 3000; i++) {
    guint64 seq = append (1 + i % 3, i * SEC, i % 10 == 0);

    fail_unless_equals_uint64 (seq, begin + i);
    fail_unless_equals_uint64 (gst_socket_queue_get_newest (queue), seq);
    fail_unless_equals_int (gst_socket_queue_get_length (queue), i + 1);
  }
  for (guint i = 0; i < 3000; i++) {
    GstSocketUnit *unit = gst_socket_queue_get (queue, begin + i);

    fail_unless_equals_uint64 (unit->seq, begin + i);
    fail_unless_equals_uint64 (unit->time, i * SEC);
  }
  fail_unless (gst_socket_queue_get (queue, begin - 1) == NULL);
  fail_unless (gst_socket_queue_get (queue, begin + 3000) == NULL);
  fail_unless_equals_int (for_time (10 * SEC), 11);
  fail_unless_equals_uint64 (
      gst_socket_queue_key_before (queue, begin + 2999), begin + 2990);
  fail_unless_equals_uint64 (
      gst_socket_queue_key_after (queue, begin + 11), begin + 20);
}

GST_START_TEST (test_numbers_rise_by_one_wherever_they_begin)
{
  for (guint i = 0; i < G_N_ELEMENTS (first_numbers); i++) {
    reopen (first_numbers[i]);
    check_numbers_from (first_numbers[i]);
  }
}

GST_END_TEST;

GST_START_TEST (test_numbers_pass_many_rings_without_growing)
{
  reopen (G_GUINT64_CONSTANT (0xfffffffd));
  for (guint i = 0; i < 10000; i++) {
    guint64 seq = append (3, NONE, 0);

    gst_socket_queue_set_oldest (queue, seq - MIN (i, 9));
    gst_socket_queue_collect (queue, G_MAXUINT64, garbage);
    fail_unless_equals_int (garbage->len, i > 9 ? 1 : 0);
    g_ptr_array_set_size (garbage, 0);
    fail_unless_equals_uint64 (
        gst_socket_queue_get_bytes (queue), 3 * MIN (i + 1, 10));
  }
  fail_unless_equals_int (for_bytes (30), 10);
  fail_unless_equals_int (for_bytes (31), 11);
}

GST_END_TEST;

/* A ring that was taken keeps its units, also when the queue grows, and new
 * units do not come into the way. */
GST_START_TEST (test_ring_taken_before_growth_stays_valid)
{
  g_autoptr (GstSocketRing) ring = NULL;
  g_autoptr (GstSocketRing) later = NULL;

  append_many (60, 1);
  ring = gst_socket_queue_ref_ring (queue);
  append_many (1000, 1);
  later = gst_socket_queue_ref_ring (queue);
  fail_unless (ring != later);
  for (guint64 seq = 1; seq <= 60; seq++) {
    fail_unless_equals_uint64 (gst_socket_ring_get (ring, seq)->seq, seq);
    fail_unless (
        gst_socket_ring_get (ring, seq) == gst_socket_ring_get (later, seq));
  }
}

GST_END_TEST;

GST_START_TEST (test_ring_outlives_its_queue)
{
  g_autoptr (GstSocketRing) ring = NULL;

  append_many (2, 1);
  ring = gst_socket_queue_ref_ring (queue);
  gst_socket_queue_free (g_steal_pointer (&queue));
}

GST_END_TEST;

/* --- length, bytes, trimming --- */

GST_START_TEST (test_bytes_count_what_is_queued)
{
  append (5, NONE, 0);
  append (0, NONE, 0);
  append (7, NONE, 0);
  fail_unless_equals_uint64 (gst_socket_queue_get_bytes (queue), 12);
  gst_socket_queue_set_oldest (queue, 2);
  fail_unless_equals_uint64 (gst_socket_queue_get_bytes (queue), 7);
  gst_socket_queue_set_oldest (queue, 3);
  fail_unless_equals_uint64 (gst_socket_queue_get_bytes (queue), 7);
  gst_socket_queue_set_oldest (queue, 4);
  fail_unless_equals_uint64 (gst_socket_queue_get_bytes (queue), 0);
  fail_unless_equals_int (gst_socket_queue_get_length (queue), 0);
}

GST_END_TEST;

GST_START_TEST (test_oldest_moves_back_as_far_as_units_are_stored)
{
  append_many (10, 2);
  gst_socket_queue_set_oldest (queue, 8);
  fail_unless_equals_int (gst_socket_queue_get_length (queue), 3);
  gst_socket_queue_set_oldest (queue, 3);
  fail_unless_equals_int (gst_socket_queue_get_length (queue), 8);
  gst_socket_queue_set_oldest (queue, 5);
  gst_socket_queue_collect (queue, G_MAXUINT64, garbage);
  fail_unless_equals_int (garbage->len, 4);
  gst_socket_queue_set_oldest (queue, 0);
  fail_unless_equals_uint64 (gst_socket_queue_get_oldest (queue), 5);
  gst_socket_queue_set_oldest (queue, G_MAXUINT64);
  fail_unless_equals_uint64 (gst_socket_queue_get_oldest (queue), 11);
  fail_unless (gst_socket_queue_get (queue, 4) == NULL);
  fail_unless (gst_socket_queue_get (queue, 5) != NULL);
}

GST_END_TEST;

GST_START_TEST (test_pinned_units_are_not_collected)
{
  append_many (10, 2);
  gst_socket_queue_set_oldest (queue, 9);
  gst_socket_queue_collect (queue, 4, garbage);
  fail_unless_equals_int (garbage->len, 3);
  fail_unless (gst_socket_queue_get (queue, 4) != NULL);
  fail_unless_equals_int (gst_socket_queue_get_length (queue), 2);
  gst_socket_queue_collect (queue, 0, garbage);
  fail_unless_equals_int (garbage->len, 3);
  gst_socket_queue_collect (queue, 100, garbage);
  fail_unless_equals_int (garbage->len, 8);
  for (guint i = 0; i < garbage->len; i++) {
    GstSocketUnit *unit = g_ptr_array_index (garbage, i);

    fail_unless_equals_uint64 (unit->seq, i + 1);
  }
}

GST_END_TEST;

/* --- searches --- */

GST_START_TEST (test_count_for_bytes_at_each_border)
{
  append_many (10, 10);
  fail_unless_equals_int (for_bytes (0), 1);
  fail_unless_equals_int (for_bytes (1), 1);
  fail_unless_equals_int (for_bytes (9), 1);
  fail_unless_equals_int (for_bytes (10), 1);
  fail_unless_equals_int (for_bytes (11), 2);
  fail_unless_equals_int (for_bytes (45), 5);
  fail_unless_equals_int (for_bytes (50), 5);
  fail_unless_equals_int (for_bytes (51), 6);
  fail_unless_equals_int (for_bytes (99), 10);
  fail_unless_equals_int (for_bytes (100), 10);
  fail_unless_equals_int (for_bytes (101), 11);
  fail_unless_equals_int (for_bytes (G_MAXUINT64), 11);
  gst_socket_queue_set_oldest (queue, 6);
  fail_unless_equals_int (for_bytes (50), 5);
  fail_unless_equals_int (for_bytes (51), 6);
  fail_unless_equals_int (gst_socket_queue_count_for_bytes (queue, 8, 11), 2);
}

GST_END_TEST;

GST_START_TEST (test_empty_units_are_counted_but_hold_no_bytes)
{
  append (4, NONE, 0);
  append_many (3, 0);
  append (4, NONE, 0);
  append_many (2, 0);
  fail_unless_equals_int (for_bytes (1), 3);
  fail_unless_equals_int (for_bytes (4), 3);
  fail_unless_equals_int (for_bytes (5), 7);
  fail_unless_equals_int (for_bytes (9), 8);
}

GST_END_TEST;

GST_START_TEST (test_count_for_time_at_each_border)
{
  for (guint i = 0; i < 10; i++)
    append (1, i * SEC, 0);
  fail_unless_equals_int (for_time (0), 1);
  fail_unless_equals_int (for_time (1), 2);
  fail_unless_equals_int (for_time (3 * SEC - 1), 4);
  fail_unless_equals_int (for_time (3 * SEC), 4);
  fail_unless_equals_int (for_time (3 * SEC + 1), 5);
  fail_unless_equals_int (for_time (9 * SEC), 10);
  fail_unless_equals_int (for_time (9 * SEC + 1), 11);
  fail_unless_equals_int (for_time (G_MAXUINT64), 11);
}

GST_END_TEST;

GST_START_TEST (test_units_without_time_are_passed_over)
{
  append (1, NONE, 0);
  append (1, 0, 0);
  append (1, NONE, 0);
  append (1, NONE, 0);
  append (1, 3 * SEC, 0);
  append (1, NONE, 0);
  fail_unless_equals_int (for_time (3 * SEC), 5);
  fail_unless_equals_int (for_time (1), 5);
  fail_unless_equals_int (for_time (3 * SEC + 1), 7);
}

GST_END_TEST;

GST_START_TEST (test_queue_without_times_never_reaches_a_time)
{
  append_many (5, 1);
  fail_unless_equals_int (for_time (0), 6);
  fail_unless_equals_int (for_time (1), 6);
}

GST_END_TEST;

GST_START_TEST (test_reordered_times_count_by_the_largest_so_far)
{
  static const guint times[] = {0, 300, 100, 200, 600, 400, 500};

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    append (1, times[i] * GST_MSECOND, 0);
  fail_unless_equals_int (for_time (0), 1);
  fail_unless_equals_int (for_time (1), 4);
  fail_unless_equals_int (for_time (300 * GST_MSECOND), 4);
  fail_unless_equals_int (for_time (301 * GST_MSECOND), 7);
  fail_unless_equals_int (for_time (601 * GST_MSECOND), 8);
}

GST_END_TEST;

GST_START_TEST (test_time_that_restarts_begins_a_new_stretch)
{
  append (1, 0, 0);
  append (1, 1000 * SEC, 0);
  append (1, 998 * SEC, 0); /* within reordering */
  append (1, 5 * SEC, 0);
  append (1, 6 * SEC, 0);
  fail_unless_equals_int (for_time (1 * SEC), 2);
  fail_unless_equals_int (for_time (1 * SEC + 1), 6);
  append (1, 9 * SEC, 0);
  fail_unless_equals_int (for_time (4 * SEC), 3);
}

GST_END_TEST;

GST_START_TEST (test_keyframes_are_found_on_either_side)
{
  for (guint i = 1; i <= 20; i++)
    append (1, NONE, i % 5 == 0 ? GST_SOCKET_UNIT_KEYFRAME : 0);
  fail_unless_equals_uint64 (gst_socket_queue_key_before (queue, 4), 0);
  fail_unless_equals_uint64 (gst_socket_queue_key_before (queue, 5), 5);
  fail_unless_equals_uint64 (gst_socket_queue_key_before (queue, 9), 5);
  fail_unless_equals_uint64 (gst_socket_queue_key_before (queue, 100), 20);
  fail_unless_equals_uint64 (gst_socket_queue_key_after (queue, 0), 5);
  fail_unless_equals_uint64 (gst_socket_queue_key_after (queue, 5), 5);
  fail_unless_equals_uint64 (gst_socket_queue_key_after (queue, 6), 10);
  fail_unless_equals_uint64 (gst_socket_queue_key_after (queue, 21), 0);
}

GST_END_TEST;

GST_START_TEST (test_keyframes_out_of_the_queue_do_not_count)
{
  for (guint i = 1; i <= 20; i++)
    append (1, NONE, i % 5 == 0 ? GST_SOCKET_UNIT_KEYFRAME : 0);
  gst_socket_queue_set_oldest (queue, 11);
  fail_unless_equals_uint64 (gst_socket_queue_key_before (queue, 14), 0);
  fail_unless_equals_uint64 (gst_socket_queue_key_after (queue, 1), 15);
  gst_socket_queue_set_oldest (queue, 10);
  fail_unless_equals_uint64 (gst_socket_queue_key_before (queue, 14), 10);
  gst_socket_queue_set_oldest (queue, 16);
  gst_socket_queue_collect (queue, G_MAXUINT64, garbage);
  fail_unless_equals_uint64 (gst_socket_queue_key_before (queue, 19), 0);
  fail_unless_equals_uint64 (gst_socket_queue_key_after (queue, 1), 20);
}

GST_END_TEST;

GST_START_TEST (test_largest_number_finds_the_newest_keyframe)
{
  append (1, NONE, GST_SOCKET_UNIT_KEYFRAME);
  append (1, NONE, 0);
  fail_unless_equals_uint64 (
      gst_socket_queue_key_before (queue, G_MAXUINT64), 1);
  fail_unless_equals_uint64 (
      gst_socket_queue_key_after (queue, G_MAXUINT64), 0);
}

GST_END_TEST;

/* --- against a naive model --- */

typedef struct
{
  gsize size;
  GstClockTime time;
  gboolean is_key;
} Model;

static GArray *model; /* unit n at index n - 1 */
static guint64 model_stored;

static const Model *
model_at (guint64 seq)
{
  return &g_array_index (model, Model, seq - 1);
}

static void
model_append (GRand *rand)
{
  static GstClockTime clock;
  Model unit = {.size = g_rand_int_range (rand, 0, 6), .time = NONE};

  clock += g_rand_int_range (rand, 0, 400) * GST_MSECOND;
  if (g_rand_int_range (rand, 0, 200) == 0)
    clock = g_rand_int_range (rand, 0, 5) * SEC;
  if (g_rand_int_range (rand, 0, 5) > 0)
    unit.time = clock
        - MIN (
            clock, (guint64) g_rand_int_range (rand, 0, 3) * GST_MSECOND * 100);
  unit.is_key = g_rand_int_range (rand, 0, 6) == 0;
  g_array_append_val (model, unit);
  append (unit.size, unit.time, unit.is_key ? GST_SOCKET_UNIT_KEYFRAME : 0);
}

static guint
model_for_bytes (guint64 oldest, guint64 newest, guint64 bytes)
{
  guint64 sum = 0;

  for (guint64 seq = newest; seq >= oldest; seq--) {
    sum += model_at (seq)->size;
    if (sum >= bytes)
      return newest + 1 - seq;
  }
  return newest + 2 - oldest;
}

/* The largest time so far at each unit, in the stretch that the last one is
 * in; NONE before that stretch. */
static GArray *
model_running_max (guint64 newest)
{
  GArray *maxima = g_array_new (FALSE, FALSE, sizeof (GstClockTime));
  GstClockTime max = NONE;

  for (guint64 seq = 1; seq <= newest; seq++) {
    GstClockTime time = model_at (seq)->time;

    if (time != NONE && max != NONE && time + 2 * SEC < max) {
      for (guint i = 0; i < maxima->len; i++)
        g_array_index (maxima, GstClockTime, i) = NONE;
      max = NONE;
    }
    if (time != NONE)
      max = max == NONE ? time : MAX (max, time);
    g_array_append_val (maxima, max);
  }
  return maxima;
}

static guint
model_for_time (guint64 oldest, guint64 newest, GstClockTime time)
{
  g_autoptr (GArray) maxima = model_running_max (newest);
  GstClockTime last = g_array_index (maxima, GstClockTime, newest - 1);

  for (guint64 seq = newest; seq >= oldest; seq--) {
    GstClockTime max = g_array_index (maxima, GstClockTime, seq - 1);

    /* The oldest one stands in for those before it. */
    if (max == NONE || (model_at (seq)->time == NONE && seq > oldest))
      continue;
    if (last - max >= time)
      return newest + 1 - seq;
  }
  return newest + 2 - oldest;
}

static guint64
model_key_before (guint64 oldest, guint64 seq)
{
  for (seq = MIN (seq, model->len); seq >= oldest; seq--) {
    if (model_at (seq)->is_key)
      return seq;
  }
  return 0;
}

static guint64
model_key_after (guint64 oldest, guint64 seq)
{
  for (seq = MAX (seq, oldest); seq <= model->len; seq++) {
    if (model_at (seq)->is_key)
      return seq;
  }
  return 0;
}

static void
model_trim (GRand *rand)
{
  guint64 oldest =
      g_rand_int_range (rand, MAX ((gint) model->len - 90, 1), model->len + 1);
  guint64 pinned =
      oldest - MIN (oldest - 1, (guint64) g_rand_int_range (rand, 0, 8));

  gst_socket_queue_set_oldest (queue, oldest);
  gst_socket_queue_collect (queue, pinned, garbage);
  model_stored =
      MAX (model_stored, MIN (pinned, gst_socket_queue_get_oldest (queue)));
  g_ptr_array_set_size (garbage, 0);
  fail_unless (gst_socket_queue_get (queue, model_stored) != NULL);
  fail_unless (gst_socket_queue_get (queue, model_stored - 1) == NULL);
  if (g_rand_boolean (rand))
    gst_socket_queue_set_oldest (queue, 0);
}

static void
compare_with_model (GRand *rand)
{
  guint64 newest = model->len;
  guint64 oldest = gst_socket_queue_get_oldest (queue);
  guint64 seq = g_rand_int_range (rand, oldest, newest + 1);
  guint64 bytes = g_rand_int_range (rand, 0, 300);
  GstClockTime time = g_rand_int_range (rand, 0, 250) * 50 * GST_MSECOND;

  fail_unless_equals_int (
      gst_socket_queue_get_length (queue), newest + 1 - oldest);
  fail_unless_equals_int (gst_socket_queue_count_for_bytes (queue, seq, bytes),
      model_for_bytes (oldest, seq, bytes));
  fail_unless_equals_int (
      for_time (time), model_for_time (oldest, newest, time));
  fail_unless_equals_uint64 (
      gst_socket_queue_key_before (queue, seq), model_key_before (oldest, seq));
  fail_unless_equals_uint64 (
      gst_socket_queue_key_after (queue, seq), model_key_after (oldest, seq));
}

static void
compare_searches (guint seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  reopen (1);
  model = g_array_new (FALSE, FALSE, sizeof (Model));
  model_stored = 1;
  for (guint i = 0; i < 600; i++) {
    guint n = g_rand_int_range (rand, 1, 4);

    for (guint k = 0; k < n; k++)
      model_append (rand);
    if (g_rand_int_range (rand, 0, 3) == 0)
      model_trim (rand);
    compare_with_model (rand);
  }
  g_clear_pointer (&model, g_array_unref);
}

GST_START_TEST (test_searches_agree_with_a_walk)
{
  for (guint seed = 1; seed <= 5; seed++)
    compare_searches (seed);
}

GST_END_TEST;

/* --- units and headers --- */

GST_START_TEST (test_unit_points_into_all_its_memories)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  g_autoptr (GstSocketUnit) unit = NULL;

  for (guint i = 0; i < 9; i++)
    gst_buffer_append_memory (buffer,
        gst_memory_new_wrapped (GST_MEMORY_FLAG_READONLY,
            (gpointer) "abcdefghijk", 11, i, i % 3, NULL, NULL));
  unit = gst_socket_unit_new (buffer, GST_SOCKET_UNIT_KEYFRAME, NULL);
  fail_unless_equals_int (unit->n_iov, 6); /* the empty ones are left out */
  fail_unless_equals_int (unit->size, 9);
  fail_unless_equals_int (unit->iov[0].iov_len, 1);
  fail_unless_equals_int (unit->iov[1].iov_len, 2);
  fail_unless (memcmp (unit->iov[1].iov_base, "cd", 2) == 0);
}

GST_END_TEST;

static GstBuffer *
make_text (const gchar *text, gsize split)
{
  GstBuffer *buffer = gst_buffer_new ();
  gsize size = strlen (text);

  for (gsize at = 0; at < size; at += split)
    gst_buffer_append_memory (buffer,
        gst_memory_new_wrapped (GST_MEMORY_FLAG_READONLY, (gpointer) text, size,
            at, MIN (split, size - at), NULL, NULL));
  return buffer;
}

/* Headers of the words in text; split cuts each into memories. */
static GstSocketHeaders *
make_headers (const gchar *const *texts, gsize split)
{
  GstBuffer *buffers[8] = {NULL};
  guint n = 0;
  GstSocketHeaders *headers;

  for (; texts[n] != NULL; n++)
    buffers[n] = make_text (texts[n], split);
  headers = gst_socket_headers_new (buffers, n);
  for (guint i = 0; i < n; i++)
    gst_buffer_unref (buffers[i]);
  return headers;
}

typedef struct
{
  const gchar *a[4];
  gsize split_a;
  const gchar *b[4];
  gsize split_b;
  gboolean equal;
} HeaderCase;

static const HeaderCase header_cases[] = {
    {{NULL}, 1, {NULL}, 1, TRUE},
    {{"one", NULL}, 9, {"one", NULL}, 9, TRUE},
    {{"one", NULL}, 1, {"one", NULL}, 2, TRUE},
    {{"one", "two", NULL}, 2, {"one", "two", NULL}, 3, TRUE},
    {{"one", NULL}, 9, {"ona", NULL}, 9, FALSE},
    {{"one", NULL}, 1, {"xne", NULL}, 2, FALSE},
    {{"one", NULL}, 9, {"ones", NULL}, 9, FALSE},
    {{"one", NULL}, 9, {"one", "two", NULL}, 9, FALSE},
    {{"one", "two", NULL}, 9, {"two", "one", NULL}, 9, FALSE},
    {{"", NULL}, 9, {"", NULL}, 1, TRUE},
    {{"", NULL}, 9, {NULL}, 1, FALSE},
    {{"", NULL}, 9, {"x", NULL}, 1, FALSE},
    {{"ab", "c", NULL}, 9, {"a", "bc", NULL}, 9, FALSE},
};

static void
check_headers (const HeaderCase *c)
{
  g_autoptr (GstSocketHeaders) a = make_headers (c->a, c->split_a);
  g_autoptr (GstSocketHeaders) b = make_headers (c->b, c->split_b);

  fail_unless_equals_int (gst_socket_headers_equal (a, b), c->equal);
  fail_unless_equals_int (gst_socket_headers_equal (b, a), c->equal);
  fail_unless (gst_socket_headers_equal (a, a));
  fail_unless_equals_int (gst_socket_headers_equal (a, NULL), c->a[0] == NULL);
}

GST_START_TEST (test_headers_are_equal_by_bytes)
{
  for (guint i = 0; i < G_N_ELEMENTS (header_cases); i++)
    check_headers (&header_cases[i]);
}

GST_END_TEST;

GST_START_TEST (test_headers_contain_by_pointer_or_bytes)
{
  const gchar *const texts[] = {"one", "three", NULL};
  g_autoptr (GstSocketHeaders) headers = make_headers (texts, 2);
  g_autoptr (GstBuffer) same = make_text ("three", 1);
  g_autoptr (GstBuffer) other = make_text ("threx", 3);
  g_autoptr (GstBuffer) shorter = make_text ("th", 9);
  g_autoptr (GstBuffer) empty = gst_buffer_new ();
  GstBuffer *own = gst_socket_headers_get (headers, 0)->buffer;

  fail_unless_equals_int (gst_socket_headers_get_length (headers), 2);
  fail_unless (gst_socket_headers_contain (headers, own));
  fail_unless (gst_socket_headers_contain (headers, same));
  fail_if (gst_socket_headers_contain (headers, other));
  fail_if (gst_socket_headers_contain (headers, shorter));
  fail_if (gst_socket_headers_contain (headers, empty));
  fail_if (gst_socket_headers_contain (NULL, empty));
}

GST_END_TEST;

GST_START_TEST (test_empty_buffer_is_contained_in_empty_header_only)
{
  const gchar *const texts[] = {"one", "", NULL};
  g_autoptr (GstSocketHeaders) headers = make_headers (texts, 2);
  g_autoptr (GstBuffer) empty = gst_buffer_new ();

  fail_unless (gst_socket_headers_contain (headers, empty));
}

GST_END_TEST;

GST_START_TEST (test_unit_keeps_its_headers)
{
  const gchar *const texts[] = {"one", NULL};
  GstSocketHeaders *headers = make_headers (texts, 2);
  g_autoptr (GstBuffer) buffer = make_buffer (3, 0);
  g_autoptr (GstSocketUnit) unit = gst_socket_unit_new (buffer, 0, headers);

  gst_socket_headers_unref (headers);
  fail_unless_equals_int (gst_socket_headers_get_length (unit->headers), 1);
  ASSERT_MINI_OBJECT_REFCOUNT (buffer, "buffer", 2);
}

GST_END_TEST;

static void
add_searches (Suite *suite)
{
  TCase *tc = tcase_create ("searches");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_count_for_bytes_at_each_border);
  tcase_add_test (tc, test_empty_units_are_counted_but_hold_no_bytes);
  tcase_add_test (tc, test_count_for_time_at_each_border);
  tcase_add_test (tc, test_units_without_time_are_passed_over);
  tcase_add_test (tc, test_queue_without_times_never_reaches_a_time);
  tcase_add_test (tc, test_reordered_times_count_by_the_largest_so_far);
  tcase_add_test (tc, test_time_that_restarts_begins_a_new_stretch);
  tcase_add_test (tc, test_keyframes_are_found_on_either_side);
  tcase_add_test (tc, test_keyframes_out_of_the_queue_do_not_count);
  tcase_add_test (tc, test_largest_number_finds_the_newest_keyframe);
  tcase_add_test (tc, test_searches_agree_with_a_walk);
}

static void
add_headers (Suite *suite)
{
  TCase *tc = tcase_create ("headers");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_unit_points_into_all_its_memories);
  tcase_add_test (tc, test_headers_are_equal_by_bytes);
  tcase_add_test (tc, test_headers_contain_by_pointer_or_bytes);
  tcase_add_test (tc, test_empty_buffer_is_contained_in_empty_header_only);
  tcase_add_test (tc, test_unit_keeps_its_headers);
}

static Suite *
queue_suite (void)
{
  Suite *suite = suite_create ("queue");
  TCase *tc = tcase_create ("numbers");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_new_queue_is_empty);
  tcase_add_test (tc, test_numbers_rise_by_one_wherever_they_begin);
  tcase_add_test (tc, test_numbers_pass_many_rings_without_growing);
  tcase_add_test (tc, test_ring_taken_before_growth_stays_valid);
  tcase_add_test (tc, test_ring_outlives_its_queue);
  tcase_add_test (tc, test_bytes_count_what_is_queued);
  tcase_add_test (tc, test_oldest_moves_back_as_far_as_units_are_stored);
  tcase_add_test (tc, test_pinned_units_are_not_collected);
  add_searches (suite);
  add_headers (suite);
  return suite;
}

GST_CHECK_MAIN (queue);
