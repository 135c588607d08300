/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-limits.c: how much is kept, and what becomes of who lags
 *
 * Here: retention, hard and soft limits, recovery. Not here: joining.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

/* One client that lags from its first buffer on, one that reads all. */
static void
lag (Bench *b, guint pushes)
{
  Client *slow;

  bench_play (b);
  join (b);
  slow = join_stalled (b);
  for (guint i = 0; i < pushes; i++)
    push (b, &(Push){.size = 512 * 1024, .delta = i % 4 != 0});
  client_stats (slow);
  client_read (slow, TRUE);
  push_key (b);
  client_stats (slow);
  bench_figures (b);
}

static void
hard (Bench *b, const gchar *format, gint64 limit)
{
  if (format != NULL)
    bench_set (b, "unit-format", format);
  g_object_set (b->sink, "units-max", limit, NULL);
  bench_show (b, "units-max");
  bench_show (b, "buffers-max");
  lag (b, 10);
}

static void
soft (Bench *b, const gchar *policy, const gchar *format, gint64 limit)
{
  bench_set (b, "recover-policy", policy);
  if (format != NULL)
    bench_set (b, "unit-format", format);
  g_object_set (b->sink, "units-soft-max", limit, NULL);
  bench_show (b, "units-soft-max");
  bench_show (b, "buffers-soft-max");
  lag (b, 11);
}

static void
no_limit (Bench *b)
{
  lag (b, 10);
}

static void
hard_1 (Bench *b)
{
  hard (b, NULL, 1);
}

static void
hard_3 (Bench *b)
{
  hard (b, NULL, 3);
}

static void
hard_0 (Bench *b)
{
  hard (b, NULL, 0);
}

static void
hard_bytes (Bench *b)
{
  hard (b, "bytes", 4 * 512 * 1024);
}

static void
hard_odd_bytes (Bench *b)
{
  hard (b, "bytes", 4 * 512 * 1024 + 1);
}

static void
hard_time (Bench *b)
{
  hard (b, "time", 3 * GST_SECOND);
}

static void
hard_percent (Bench *b)
{
  hard (b, "percent", 3);
}

static void
hard_undefined (Bench *b)
{
  hard (b, "undefined", 3);
}

static void
soft_none (Bench *b)
{
  soft (b, "none", NULL, 3);
}

static void
soft_latest (Bench *b)
{
  soft (b, "latest", NULL, 3);
}

static void
soft_limit (Bench *b)
{
  soft (b, "soft-limit", NULL, 3);
}

static void
soft_keyframe (Bench *b)
{
  soft (b, "keyframe", NULL, 3);
}

static void
soft_keyframe_far (Bench *b)
{
  soft (b, "keyframe", NULL, 6);
}

static void
soft_keyframe_near (Bench *b)
{
  soft (b, "keyframe", NULL, 1);
}

static void
soft_1 (Bench *b)
{
  soft (b, "soft-limit", NULL, 1);
}

static void
soft_0 (Bench *b)
{
  soft (b, "latest", NULL, 0);
}

static void
soft_latest_bytes (Bench *b)
{
  soft (b, "latest", "bytes", 4 * 512 * 1024);
}

static void
soft_limit_bytes (Bench *b)
{
  soft (b, "soft-limit", "bytes", 4 * 512 * 1024);
}

static void
soft_keyframe_bytes (Bench *b)
{
  soft (b, "keyframe", "bytes", 4 * 512 * 1024 + 1);
}

static void
soft_latest_time (Bench *b)
{
  soft (b, "latest", "time", 3 * GST_SECOND);
}

static void
soft_limit_time (Bench *b)
{
  soft (b, "soft-limit", "time", 3 * GST_SECOND);
}

static void
soft_keyframe_time (Bench *b)
{
  soft (b, "keyframe", "time", 3 * GST_SECOND);
}

/* Recovery keeps it below the hard limit, or does not. */
static void
soft_and_hard (Bench *b)
{
  g_object_set (b->sink, "units-max", G_GINT64_CONSTANT (5), NULL);
  soft (b, "soft-limit", NULL, 3);
}

static void
soft_above_hard (Bench *b)
{
  g_object_set (b->sink, "units-max", G_GINT64_CONSTANT (3), NULL);
  soft (b, "latest", NULL, 5);
}

static void
soft_none_and_hard (Bench *b)
{
  g_object_set (b->sink, "units-max", G_GINT64_CONSTANT (5), NULL);
  soft (b, "none", NULL, 3);
}

/* The limit of time with buffers that tell none, or only some. */
static void
time_limit_without_times (Bench *b)
{
  Client *slow;

  bench_set (b, "unit-format", "time");
  bench_set (b, "units-max", "3000000000");
  bench_play (b);
  slow = join_stalled (b);
  for (guint i = 0; i < 8; i++)
    push (b, &(Push){.size = 512 * 1024, .no_time = TRUE});
  for (guint i = 0; i < 8; i++)
    push (b, &(Push){.size = 512 * 1024, .no_time = i % 2});
  client_stats (slow);
}

static void
time_limit_by_dts (Bench *b)
{
  Client *slow;

  bench_set (b, "unit-format", "time");
  bench_set (b, "units-max", "3000000000");
  bench_play (b);
  slow = join_stalled (b);
  for (guint i = 0; i < 8; i++)
    push (b, &(Push){.size = 512 * 1024, .dts_only = TRUE});
  client_stats (slow);
}

static void
limit_lowered (Bench *b)
{
  bench_play (b);
  join (b);
  join_stalled (b);
  for (guint i = 0; i < 8; i++)
    push_big (b);
  bench_set (b, "units-max", "4");
  bench_settle (b);
  push_key (b);
  bench_figures (b);
}

/* The client blocks again and again while it catches up. */
static void
limit_lowered_while_catching_up (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join_stalled (b);
  push_big (b);
  for (guint i = 0; i < 6; i++)
    push_key (b);
  bench_set (b, "units-max", "1");
  client_read (c, TRUE);
  push_key (b);
  bench_figures (b);
}

/* All of them reach the limit in one push. */
static void
several_at_the_limit (Bench *b)
{
  bench_play (b);
  for (guint i = 0; i < 4; i++)
    join_stalled (b);
  push_big (b);
  join (b);
  for (guint i = 0; i < 4; i++)
    push_key (b);
  bench_set (b, "units-max", "2");
  push_key (b);
  bench_figures (b);
}

static void
limit_aliases (Bench *b)
{
  bench_set (b, "buffers-max", "5");
  bench_show (b, "units-max");
  bench_set (b, "units-max", "7");
  bench_show (b, "buffers-max");
  bench_set (b, "buffers-soft-max", "3");
  bench_show (b, "units-soft-max");
  bench_set (b, "units-soft-max", "2");
  bench_show (b, "buffers-soft-max");
  bench_set (b, "units-max", "8589934592");
  bench_show (b, "buffers-max");
  bench_set (b, "units-soft-max", "8589934592");
  bench_show (b, "buffers-soft-max");
  bench_set (b, "unit-format", "time");
  bench_set (b, "buffers-max", "9");
  bench_show (b, "units-max");
}

static void
lag_before_first_key (Bench *b)
{
  bench_set (b, "sync-method", "next-keyframe");
  bench_set (b, "units-max", "3");
  bench_play (b);
  join (b);
  for (guint i = 0; i < 8; i++)
    push_delta (b);
  push_key (b);
  push_delta (b);
  bench_figures (b);
}

/* Whether the hard limit counts for who begins further back than it. */
static void
burst_beyond_limit (Bench *b)
{
  bench_set (b, "units-max", "3");
  bench_set (b, "bytes-min", "100");
  bench_play (b);
  for (guint i = 0; i < 10; i++)
    push_key (b);
  client_add_full (client_new (b, CLIENT_UNIX), 3, GST_FORMAT_BYTES, 80,
      GST_FORMAT_BYTES, 90);
  push_key (b);
  push_key (b);
  bench_figures (b);
}

static void
burst_beyond_soft_limit (Bench *b)
{
  bench_set (b, "units-soft-max", "3");
  bench_set (b, "recover-policy", "latest");
  bench_set (b, "bytes-min", "100");
  bench_play (b);
  for (guint i = 0; i < 10; i++)
    push_key (b);
  client_add_full (client_new (b, CLIENT_UNIX), 3, GST_FORMAT_BYTES, 80,
      GST_FORMAT_BYTES, 90);
  push_key (b);
  push_key (b);
  bench_figures (b);
}

static void
keep (Bench *b, const gchar *property, const gchar *value)
{
  bench_set (b, property, value);
  bench_play (b);
  for (guint i = 0; i < 16; i++)
    push (b, &(Push){.delta = i % 6 != 0});
  bench_figures (b);
}

static void
keep_default (Bench *b)
{
  keep (b, "sync-method", "latest");
}

static void
keep_bytes (Bench *b)
{
  keep (b, "bytes-min", "50");
}

static void
keep_odd_bytes (Bench *b)
{
  keep (b, "bytes-min", "51");
}

static void
keep_bytes_0 (Bench *b)
{
  keep (b, "bytes-min", "0");
}

static void
keep_time (Bench *b)
{
  keep (b, "time-min", "5000000000");
}

static void
keep_odd_time (Bench *b)
{
  keep (b, "time-min", "4500000000");
}

static void
keep_buffers (Bench *b)
{
  keep (b, "buffers-min", "5");
}

static void
keep_latest_keyframe (Bench *b)
{
  keep (b, "sync-method", "latest-keyframe");
}

static void
keep_next_keyframe (Bench *b)
{
  keep (b, "sync-method", "next-keyframe");
}

static void
keep_burst (Bench *b)
{
  bench_set (b, "burst-format", "bytes");
  bench_set (b, "burst-value", "50");
  keep (b, "sync-method", "burst");
}

static void
keep_burst_keyframe (Bench *b)
{
  keep (b, "sync-method", "burst-keyframe");
}

static void
keep_burst_with_keyframe (Bench *b)
{
  keep (b, "sync-method", "burst-with-keyframe");
}

static void
keep_keyframe_within_limit (Bench *b)
{
  bench_set (b, "units-soft-max", "3");
  keep (b, "sync-method", "latest-keyframe");
}

static void
keep_keyframe_within_hard_limit (Bench *b)
{
  bench_set (b, "units-max", "3");
  keep (b, "sync-method", "latest-keyframe");
}

static void
keep_bytes_and_time (Bench *b)
{
  bench_set (b, "time-min", "3000000000");
  keep (b, "bytes-min", "70");
}

static void
keep_bytes_and_buffers (Bench *b)
{
  bench_set (b, "buffers-min", "4");
  keep (b, "bytes-min", "70");
}

static void
keep_without_keys (Bench *b)
{
  bench_set (b, "sync-method", "latest-keyframe");
  bench_play (b);
  for (guint i = 0; i < 6; i++)
    push_delta (b);
  bench_figures (b);
}

static void
keep_time_without_times (Bench *b)
{
  bench_set (b, "time-min", "3000000000");
  bench_play (b);
  for (guint i = 0; i < 6; i++)
    push (b, &(Push){.no_time = TRUE});
  for (guint i = 0; i < 6; i++)
    push (b, &(Push){.no_time = i % 2});
  for (guint i = 0; i < 6; i++)
    push_key (b);
  bench_figures (b);
}

static void
keep_nine_of_sixteen (Bench *b)
{
  bench_set (b, "bytes-min", "100");
  bench_play (b);
  for (guint i = 0; i < 9; i++)
    push (b, &(Push){.size = 16});
  bench_figures (b);
}

static void
keep_lowered (Bench *b)
{
  bench_set (b, "bytes-min", "100");
  bench_play (b);
  for (guint i = 0; i < 12; i++)
    push_key (b);
  bench_set (b, "bytes-min", "20");
  bench_show (b, "buffers-queued");
  push_key (b);
  bench_set (b, "bytes-min", "-1");
  push_key (b);
}

const Scenario scenarios_limits[] = {
    {"no-limit", ON_BOTH, no_limit},
    {"hard-1", ON_BOTH, hard_1},
    {"hard-3", ON_BOTH, hard_3},
    {"hard-0", ON_BOTH, hard_0},
    {"hard-bytes", ON_BOTH, hard_bytes},
    {"hard-odd-bytes", ON_BOTH, hard_odd_bytes},
    {"hard-time", ON_BOTH, hard_time},
    {"hard-percent", ON_BOTH, hard_percent},
    {"hard-undefined", ON_BOTH, hard_undefined},
    {"soft-none", ON_BOTH, soft_none},
    {"soft-latest", ON_BOTH, soft_latest},
    {"soft-limit", ON_BOTH, soft_limit},
    {"soft-keyframe", ON_BOTH, soft_keyframe},
    {"soft-keyframe-far", ON_BOTH, soft_keyframe_far},
    {"soft-keyframe-near", ON_BOTH, soft_keyframe_near},
    {"soft-1", ON_BOTH, soft_1},
    {"soft-0", ON_BOTH, soft_0},
    {"soft-latest-bytes", ON_BOTH, soft_latest_bytes},
    {"soft-limit-bytes", ON_BOTH, soft_limit_bytes},
    {"soft-keyframe-bytes", ON_BOTH, soft_keyframe_bytes},
    {"soft-latest-time", ON_BOTH, soft_latest_time},
    {"soft-limit-time", ON_BOTH, soft_limit_time},
    {"soft-keyframe-time", ON_BOTH, soft_keyframe_time},
    {"soft-and-hard", ON_BOTH, soft_and_hard},
    {"soft-above-hard", ON_BOTH, soft_above_hard},
    {"soft-none-and-hard", ON_BOTH, soft_none_and_hard},
    {"time-limit-without-times", ON_BOTH, time_limit_without_times},
    {"time-limit-by-dts", ON_BOTH, time_limit_by_dts},
    {"limit-lowered", ON_BOTH, limit_lowered},
    {"limit-lowered-while-catching-up", ON_BOTH,
        limit_lowered_while_catching_up},
    {"several-at-the-limit", ON_BOTH, several_at_the_limit},
    {"limit-aliases", ON_BOTH, limit_aliases},
    {"lag-before-first-key", ON_BOTH, lag_before_first_key},
    {"burst-beyond-limit", ON_BOTH, burst_beyond_limit},
    {"burst-beyond-soft-limit", ON_BOTH, burst_beyond_soft_limit},
    {"keep-default", ON_BOTH, keep_default},
    {"keep-bytes", ON_BOTH, keep_bytes},
    {"keep-odd-bytes", ON_BOTH, keep_odd_bytes},
    {"keep-bytes-0", ON_BOTH, keep_bytes_0},
    {"keep-time", ON_BOTH, keep_time},
    {"keep-odd-time", ON_BOTH, keep_odd_time},
    {"keep-buffers", ON_BOTH, keep_buffers},
    {"keep-latest-keyframe", ON_BOTH, keep_latest_keyframe},
    {"keep-next-keyframe", ON_BOTH, keep_next_keyframe},
    {"keep-burst", ON_BOTH, keep_burst},
    {"keep-burst-keyframe", ON_BOTH, keep_burst_keyframe},
    {"keep-burst-with-keyframe", ON_BOTH, keep_burst_with_keyframe},
    {"keep-keyframe-within-limit", ON_BOTH, keep_keyframe_within_limit},
    {"keep-keyframe-within-hard-limit", ON_BOTH,
        keep_keyframe_within_hard_limit},
    {"keep-bytes-and-time", ON_BOTH, keep_bytes_and_time},
    {"keep-bytes-and-buffers", ON_BOTH, keep_bytes_and_buffers},
    {"keep-without-keys", ON_BOTH, keep_without_keys},
    {"keep-time-without-times", ON_BOTH, keep_time_without_times},
    {"keep-nine-of-sixteen", ON_BOTH, keep_nine_of_sixteen},
    {"keep-lowered", ON_BOTH, keep_lowered},
    {NULL},
};
