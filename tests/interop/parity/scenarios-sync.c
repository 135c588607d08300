/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-sync.c: where a new client begins
 *
 * Here: every sync method with every unit of burst. Not here: lagging clients.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

enum
{
  LATEST,
  NEXT_KEY,
  LATEST_KEY,
  BURST,
  BURST_KEY,
  BURST_WITH_KEY
};

/* Keeps twelve buffers of ten bytes, one second each, every fifth a key. */
static void
fill (Bench *b, guint buffers)
{
  g_object_set (b->sink, "bytes-min", 120, NULL);
  bench_play (b);
  for (guint i = 0; i < buffers; i++)
    push (b, &(Push){.delta = i % 5 != 0});
}

/* What comes before the client, and that all after it arrives. */
static void
follow (Bench *b)
{
  push_delta (b);
  push_delta (b);
  push_key (b);
  push_delta (b);
  bench_figures (b);
}

static void
each_method (Bench *b)
{
  static const gchar *const methods[] = {"latest", "next-keyframe",
      "latest-keyframe", "burst", "burst-keyframe", "burst-with-keyframe"};

  fill (b, 13);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++) {
    bench_set (b, "sync-method", methods[i]);
    join (b);
    follow (b);
  }
}

static void
each_method_first (Bench *b)
{
  bench_play (b);
  for (gint method = LATEST; method <= BURST_WITH_KEY; method++)
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_BYTES, 25,
        GST_FORMAT_BYTES, 50);
  push_delta (b);
  push_delta (b);
  push_key (b);
  push_delta (b);
  bench_figures (b);
}

static void
each_method_without_keys (Bench *b)
{
  g_object_set (b->sink, "bytes-min", 60, NULL);
  bench_play (b);
  for (guint i = 0; i < 8; i++)
    push_delta (b);
  for (gint method = LATEST; method <= BURST_WITH_KEY; method++)
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_BYTES, 25,
        GST_FORMAT_BYTES, 50);
  push_delta (b);
  push_delta (b);
  push_key (b);
  push_delta (b);
  bench_figures (b);
}

/* Clients with one method and unit, and a sweep of limits. */
static void
sweep (Bench *b, gint method, GstFormat format, guint64 unit)
{
  static const gint64 limits[][2] = {{0, 0}, {1, -1}, {3, -1}, {3, 5}, {3, 4},
      {3, 3}, {0, 4}, {-1, 4}, {2, 3}, {6, 9}, {7, 8}, {9, 100}, {100, 200},
      {-1, -1}, {11, 11}, {12, 12}};

  fill (b, 13);
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
    guint64 min = limits[i][0] < 0 ? G_MAXUINT64 : limits[i][0] * unit;
    guint64 max = limits[i][1] < 0 ? G_MAXUINT64 : limits[i][1] * unit;

    client_add_full (
        client_new (b, CLIENT_UNIX), method, format, min, format, max);
  }
  follow (b);
}

static void
burst_bytes (Bench *b)
{
  sweep (b, BURST, GST_FORMAT_BYTES, 10);
}

static void
burst_time (Bench *b)
{
  sweep (b, BURST, GST_FORMAT_TIME, GST_SECOND);
}

static void
burst_buffers (Bench *b)
{
  sweep (b, BURST, GST_FORMAT_BUFFERS, 1);
}

static void
burst_undefined (Bench *b)
{
  sweep (b, BURST, GST_FORMAT_UNDEFINED, 1);
}

static void
burst_default (Bench *b)
{
  sweep (b, BURST, GST_FORMAT_DEFAULT, 1);
}

static void
burst_percent (Bench *b)
{
  sweep (b, BURST, GST_FORMAT_PERCENT, 1);
}

static void
burst_odd_bytes (Bench *b)
{
  sweep (b, BURST, GST_FORMAT_BYTES, 7);
}

static void
burst_odd_time (Bench *b)
{
  sweep (b, BURST, GST_FORMAT_TIME, 700 * GST_MSECOND);
}

static void
burst_key_bytes (Bench *b)
{
  sweep (b, BURST_KEY, GST_FORMAT_BYTES, 10);
}

static void
burst_key_time (Bench *b)
{
  sweep (b, BURST_KEY, GST_FORMAT_TIME, GST_SECOND);
}

static void
burst_key_buffers (Bench *b)
{
  sweep (b, BURST_KEY, GST_FORMAT_BUFFERS, 1);
}

static void
burst_key_undefined (Bench *b)
{
  sweep (b, BURST_KEY, GST_FORMAT_UNDEFINED, 1);
}

static void
burst_with_key_bytes (Bench *b)
{
  sweep (b, BURST_WITH_KEY, GST_FORMAT_BYTES, 10);
}

static void
burst_with_key_time (Bench *b)
{
  sweep (b, BURST_WITH_KEY, GST_FORMAT_TIME, GST_SECOND);
}

static void
burst_with_key_buffers (Bench *b)
{
  sweep (b, BURST_WITH_KEY, GST_FORMAT_BUFFERS, 1);
}

static void
burst_with_key_undefined (Bench *b)
{
  sweep (b, BURST_WITH_KEY, GST_FORMAT_UNDEFINED, 1);
}

static void
ignoring_limits (Bench *b)
{
  fill (b, 13);
  for (gint method = LATEST; method <= LATEST_KEY; method++)
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_BYTES, 35,
        GST_FORMAT_BYTES, 70);
  follow (b);
}

/* Minimum and maximum in different units. */
static void
burst_mixed (Bench *b)
{
  fill (b, 13);
  client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_BYTES, 30,
      GST_FORMAT_TIME, 5 * GST_SECOND);
  client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_BYTES, 50,
      GST_FORMAT_TIME, 2 * GST_SECOND);
  client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_TIME,
      3 * GST_SECOND, GST_FORMAT_BYTES, 20);
  client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_TIME,
      3 * GST_SECOND, GST_FORMAT_BUFFERS, 2);
  client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_UNDEFINED, 0,
      GST_FORMAT_BYTES, 40);
  client_add_full (client_new (b, CLIENT_UNIX), BURST_KEY, GST_FORMAT_BYTES, 10,
      GST_FORMAT_TIME, 20 * GST_SECOND);
  client_add_full (client_new (b, CLIENT_UNIX), BURST_WITH_KEY,
      GST_FORMAT_BYTES, 60, GST_FORMAT_TIME, 3 * GST_SECOND);
  follow (b);
}

/* More than there is, or just that, and no maximum. */
static void
burst_without_maximum (Bench *b)
{
  fill (b, 13);
  for (gint method = BURST; method <= BURST_WITH_KEY; method++) {
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_BYTES, 120,
        GST_FORMAT_BYTES, G_MAXUINT64);
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_BYTES,
        1000, GST_FORMAT_BYTES, G_MAXUINT64);
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_TIME,
        1000 * GST_SECOND, GST_FORMAT_TIME, G_MAXUINT64);
  }
  follow (b);
}

/* Bytes beyond 32 bits. */
static void
burst_of_gigabytes (Bench *b)
{
  const guint64 much = 10 * (G_GUINT64_CONSTANT (1) << 30);

  fill (b, 13);
  client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_BYTES, 50,
      GST_FORMAT_BYTES, much);
  client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_BYTES, much,
      GST_FORMAT_BYTES, much + 1);
  follow (b);
}

/* A burst of more than there is, in queues of one buffer and more. */
static void
burst_beyond_queue (Bench *b)
{
  g_object_set (b->sink, "bytes-min", 120, NULL);
  bench_play (b);
  for (guint i = 0; i < 4; i++) {
    client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_BYTES, 500,
        GST_FORMAT_BYTES, G_MAXUINT64);
    client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_BYTES, 500,
        GST_FORMAT_BYTES, 900);
    client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_TIME,
        500 * GST_SECOND, GST_FORMAT_TIME, 900 * GST_SECOND);
    push_key (b);
  }
}

/* The only key is the oldest buffer there is. */
static void
oldest_is_the_key (Bench *b)
{
  g_object_set (b->sink, "bytes-min", 120, NULL);
  bench_play (b);
  for (guint i = 0; i < 5; i++)
    push (b, &(Push){.delta = i > 0});
  for (gint method = LATEST_KEY; method <= BURST_WITH_KEY; method++) {
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_BYTES, 20,
        GST_FORMAT_BYTES, G_MAXUINT64);
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_BYTES, 500,
        GST_FORMAT_BYTES, G_MAXUINT64);
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_BYTES, 20,
        GST_FORMAT_BYTES, 500);
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_BYTES, 60,
        GST_FORMAT_BYTES, 70);
  }
  push_delta (b);
  push_key (b);
}

static void
burst_refused (Bench *b)
{
  Client *c;

  fill (b, 6);
  c = client_new (b, CLIENT_UNIX);
  client_add_full (c, BURST, GST_FORMAT_BYTES, 50, GST_FORMAT_BYTES, 40);
  client_stats (c);
  c = client_new (b, CLIENT_UNIX);
  client_add_full (c, LATEST, GST_FORMAT_TIME, 50, GST_FORMAT_TIME, 40);
  client_stats (c);
  c = client_new (b, CLIENT_UNIX);
  client_add_full (
      c, BURST, GST_FORMAT_UNDEFINED, 50, GST_FORMAT_UNDEFINED, 40);
  client_stats (c);
  follow (b);
}

static void
burst_without_times (Bench *b)
{
  g_object_set (b->sink, "bytes-min", 120, NULL);
  bench_play (b);
  for (guint i = 0; i < 13; i++)
    push (b, &(Push){.delta = i % 5 != 0, .no_time = TRUE});
  for (gint method = BURST; method <= BURST_WITH_KEY; method++)
    client_add_full (client_new (b, CLIENT_UNIX), method, GST_FORMAT_TIME,
        3 * GST_SECOND, GST_FORMAT_TIME, 6 * GST_SECOND);
  push (b, &(Push){.delta = TRUE, .no_time = TRUE});
  push (b, &(Push){.no_time = TRUE});
  push_delta (b);
}

static void
burst_by_dts (Bench *b)
{
  g_object_set (b->sink, "bytes-min", 120, NULL);
  bench_play (b);
  for (guint i = 0; i < 13; i++)
    push (b, &(Push){.delta = i % 5 != 0, .dts_only = i % 2});
  client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_TIME,
      2 * GST_SECOND, GST_FORMAT_TIME, 6 * GST_SECOND);
  client_add_full (client_new (b, CLIENT_UNIX), BURST, GST_FORMAT_TIME,
      3 * GST_SECOND + 20 * GST_MSECOND, GST_FORMAT_TIME, 6 * GST_SECOND);
  push (b, &(Push){.delta = TRUE, .pts_differs_from_dts = TRUE});
}

/* The properties stand for the arguments of plain "add". */
static void
burst_by_properties (Bench *b)
{
  static const gchar *const formats[] = {
      "undefined", "default", "bytes", "time", "buffers", "percent"};

  fill (b, 13);
  bench_set (b, "sync-method", "burst");
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    bench_set (b, "burst-format", formats[i]);
    bench_set (b, "burst-value", i == 3 ? "3000000000" : "35");
    join (b);
    follow (b);
  }
}

/* A header buffer that is no delta unit counts as a key or does not. */
static void
header_flag_and_keys (Bench *b)
{
  g_object_set (b->sink, "bytes-min", 120, NULL);
  bench_play (b);
  push_key (b);
  push_delta (b);
  push (b, &(Push){.header = TRUE});
  push_delta (b);
  push (b, &(Push){.header = TRUE, .delta = TRUE});
  push_delta (b);
  client_add_full (client_new (b, CLIENT_UNIX), LATEST_KEY,
      GST_FORMAT_UNDEFINED, 0, GST_FORMAT_UNDEFINED, 0);
  client_add_full (client_new (b, CLIENT_UNIX), NEXT_KEY, GST_FORMAT_UNDEFINED,
      0, GST_FORMAT_UNDEFINED, 0);
  push_delta (b);
  push (b, &(Push){.header = TRUE, .delta = TRUE});
  push (b, &(Push){.header = TRUE});
  push_delta (b);
}

static void
method_out_of_range (Bench *b)
{
  fill (b, 6);
  client_add_full (client_new (b, CLIENT_UNIX), 17, GST_FORMAT_BYTES, 20,
      GST_FORMAT_BYTES, 40);
  follow (b);
}

const Scenario scenarios_sync[] = {
    {"each-method", ON_BOTH, each_method},
    {"each-method-first", ON_BOTH, each_method_first},
    {"each-method-without-keys", ON_BOTH, each_method_without_keys},
    {"burst-bytes", ON_BOTH, burst_bytes},
    {"burst-time", ON_BOTH, burst_time},
    {"burst-buffers", ON_BOTH, burst_buffers},
    {"burst-undefined", ON_BOTH, burst_undefined},
    {"burst-default", ON_BOTH, burst_default},
    {"burst-percent", ON_BOTH, burst_percent},
    {"burst-odd-bytes", ON_BOTH, burst_odd_bytes},
    {"burst-odd-time", ON_BOTH, burst_odd_time},
    {"burst-key-bytes", ON_BOTH, burst_key_bytes},
    {"burst-key-time", ON_BOTH, burst_key_time},
    {"burst-key-buffers", ON_BOTH, burst_key_buffers},
    {"burst-key-undefined", ON_BOTH, burst_key_undefined},
    {"burst-with-key-bytes", ON_BOTH, burst_with_key_bytes},
    {"burst-with-key-time", ON_BOTH, burst_with_key_time},
    {"burst-with-key-buffers", ON_BOTH, burst_with_key_buffers},
    {"burst-with-key-undefined", ON_BOTH, burst_with_key_undefined},
    {"ignoring-limits", ON_BOTH, ignoring_limits},
    {"burst-mixed", ON_BOTH, burst_mixed},
    {"burst-without-maximum", ON_BOTH, burst_without_maximum},
    {"burst-of-gigabytes", ON_BOTH, burst_of_gigabytes},
    {"burst-beyond-queue", ON_BOTH, burst_beyond_queue},
    {"oldest-is-the-key", ON_BOTH, oldest_is_the_key},
    {"burst-refused", ON_BOTH, burst_refused},
    {"burst-without-times", ON_BOTH, burst_without_times},
    {"burst-by-dts", ON_BOTH, burst_by_dts},
    {"burst-by-properties", ON_BOTH, burst_by_properties},
    {"header-flag-and-keys", ON_BOTH, header_flag_and_keys},
    {"method-out-of-range", ON_BOTH, method_out_of_range},
    {NULL},
};
