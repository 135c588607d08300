/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-headers.c: stream headers, and caps that change
 *
 * Here: which headers a client receives and when, and which header buffers
 * pushed are swallowed. Not here: positions in the queue.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

static void
use_caps (Bench *b, const gchar *name, const gchar *headers)
{
  g_autoptr (GstCaps) caps = bench_header_caps (b, name, headers);

  say ("caps %s headers %s", name, headers != NULL ? headers : "none");
  bench_caps (b, caps);
  bench_settle (b);
}

static void
first_headers (Bench *b)
{
  bench_play (b);
  use_caps (b, "video/x-a", "H1 H22");
  join (b);
  push_header (b, "H1");
  push_header (b, "H22");
  bench_figures (b);
  push_key (b);
  push_delta (b);
  join (b);
  push_delta (b);
  bench_figures (b);
}

static void
headers_before_join (Bench *b)
{
  bench_set (b, "bytes-min", "50");
  bench_set (b, "sync-method", "latest-keyframe");
  bench_play (b);
  use_caps (b, "video/x-a", "H1 H22");
  push_header (b, "H1");
  push_header (b, "H22");
  push_key (b);
  push_delta (b);
  push_delta (b);
  join (b);
  push_delta (b);
  bench_figures (b);
}

/* Headers pushed before, between and after; equal, alike and unknown ones. */
static void
swallowed_or_not (Bench *b)
{
  bench_play (b);
  use_caps (b, "video/x-a", "H1 H22");
  join (b);
  push_key (b);
  push_header (b, "H1");
  push_header (b, "H3");
  push (b, &(Push){.text = "H22"});
  push (b, &(Push){.text = "H22", .header = TRUE, .delta = TRUE});
  push (b, &(Push){.text = "H1", .header = TRUE, .memories = 2});
  push (b, &(Push){.text = "H", .header = TRUE});
  push_delta (b);
  bench_figures (b);
}

static void
headers_without_caps (Bench *b)
{
  bench_play (b);
  join (b);
  push_header (b, "H1");
  push_header (b, "H22");
  push_key (b);
  bench_figures (b);
}

static void
caps_change (Bench *b, const gchar *first, const gchar *second)
{
  bench_play (b);
  use_caps (b, "video/x-a", first);
  join (b);
  push_key (b);
  use_caps (b, "video/x-b", second);
  push_delta (b);
  join (b);
  push_delta (b);
  use_caps (b, "video/x-b", second);
  push_delta (b);
  use_caps (b, "video/x-a", first);
  push_delta (b);
  push_delta (b);
  bench_figures (b);
}

static void
caps_other_headers (Bench *b)
{
  caps_change (b, "H1 H22", "J1");
}

static void
caps_same_headers (Bench *b)
{
  caps_change (b, "H1 H22", "H1 H22");
}

static void
caps_more_headers (Bench *b)
{
  caps_change (b, "H1", "H1 H22");
}

static void
caps_lose_headers (Bench *b)
{
  caps_change (b, "H1", NULL);
}

static void
caps_gain_headers (Bench *b)
{
  caps_change (b, NULL, "H1");
}

static void
caps_never_headers (Bench *b)
{
  caps_change (b, NULL, NULL);
}

static void
caps_other_headers_once (Bench *b)
{
  bench_set (b, "resend-streamheader", "false");
  caps_change (b, "H1 H22", "J1");
}

static void
caps_gain_headers_once (Bench *b)
{
  bench_set (b, "resend-streamheader", "false");
  caps_change (b, NULL, "H1");
}

static void
caps_lose_headers_once (Bench *b)
{
  bench_set (b, "resend-streamheader", "false");
  caps_change (b, "H1", NULL);
}

static void
resend_switched_on (Bench *b)
{
  bench_set (b, "resend-streamheader", "false");
  bench_play (b);
  use_caps (b, "video/x-a", "H1");
  join (b);
  push_key (b);
  use_caps (b, "video/x-b", "H2");
  push_key (b);
  bench_set (b, "resend-streamheader", "true");
  push_key (b);
  use_caps (b, "video/x-a", "H3");
  push_key (b);
}

/* A lagging client: new headers are for new data, or for old as well. */
static void
caps_change_while_lagging (Bench *b)
{
  Client *slow;

  bench_play (b);
  use_caps (b, "video/x-a", "H1");
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  push_delta (b);
  use_caps (b, "video/x-b", "J1");
  push_key (b);
  push_delta (b);
  client_read (slow, TRUE);
  push_delta (b);
  bench_figures (b);
}

/* Two changes while it lags: it skips the middle one or does not. */
static void
caps_change_twice_while_lagging (Bench *b)
{
  Client *slow;

  bench_play (b);
  use_caps (b, "video/x-a", "H1");
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  use_caps (b, "video/x-b", "J1");
  push_key (b);
  use_caps (b, "video/x-a", "H1");
  push_key (b);
  client_read (slow, TRUE);
  push_delta (b);
  bench_figures (b);
}

static void
caps_change_and_burst (Bench *b)
{
  bench_set (b, "bytes-min", "80");
  bench_set (b, "sync-method", "burst");
  bench_set (b, "burst-format", "bytes");
  bench_set (b, "burst-value", "60");
  bench_play (b);
  use_caps (b, "video/x-a", "H1");
  for (guint i = 0; i < 4; i++)
    push_key (b);
  use_caps (b, "video/x-b", "J1");
  push_key (b);
  push_key (b);
  join (b);
  push_key (b);
  push_key (b);
}

/* Recovery skips the buffer at which the caps changed. */
static void
caps_change_skipped_by_recovery (Bench *b)
{
  Client *slow;

  bench_set (b, "units-soft-max", "3");
  bench_set (b, "recover-policy", "latest");
  bench_play (b);
  use_caps (b, "video/x-a", "H1");
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  use_caps (b, "video/x-b", "J1");
  for (guint i = 0; i < 4; i++)
    push_key (b);
  client_read (slow, TRUE);
  push_key (b);
  bench_figures (b);
}

static GstCaps *
odd_caps (GType array_type, GType value_type)
{
  GstCaps *caps = gst_caps_new_empty_simple ("video/x-a");
  GValue array = G_VALUE_INIT;
  GValue value = G_VALUE_INIT;

  g_value_init (&value, value_type);
  if (value_type == G_TYPE_STRING)
    g_value_set_string (&value, "no buffer");
  g_value_init (&array, array_type);
  if (array_type == GST_TYPE_ARRAY)
    gst_value_array_append_value (&array, &value);
  gst_structure_take_value (
      gst_caps_get_structure (caps, 0), "streamheader", &array);
  g_value_unset (&value);
  return caps;
}

static void
headers_no_array (Bench *b)
{
  g_autoptr (GstCaps) caps = odd_caps (G_TYPE_INT, G_TYPE_STRING);

  bench_play (b);
  bench_caps (b, caps);
  join (b);
  push_header (b, "H1");
  push_key (b);
}

static void
headers_no_buffers (Bench *b)
{
  g_autoptr (GstCaps) caps = odd_caps (GST_TYPE_ARRAY, G_TYPE_STRING);

  bench_play (b);
  bench_caps (b, caps);
  join (b);
  push_header (b, "H1");
  push_key (b);
  push_key (b);
}

static void
empty_header_array (Bench *b)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-a");
  GValue array = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  gst_structure_take_value (
      gst_caps_get_structure (caps, 0), "streamheader", &array);
  bench_play (b);
  bench_caps (b, caps);
  join (b);
  push_header (b, "H1");
  push_key (b);
}

static void
zero_size_header (Bench *b)
{
  g_autoptr (GstCaps) caps = bench_header_caps (b, "video/x-a", " H1");

  bench_play (b);
  bench_caps (b, caps);
  join (b);
  push (b, &(Push){.empty = TRUE, .header = TRUE});
  push_key (b);
}

/* Headers are counted where? */
static void
header_figures (Bench *b)
{
  Client *c;

  bench_play (b);
  use_caps (b, "video/x-a", "H1 H22");
  c = join (b);
  push_key (b);
  client_stats (c);
  bench_figures (b);
}

static void
headers_and_next_keyframe (Bench *b)
{
  bench_set (b, "sync-method", "next-keyframe");
  bench_play (b);
  use_caps (b, "video/x-a", "H1");
  join (b);
  push_delta (b);
  use_caps (b, "video/x-b", "J1");
  push_delta (b);
  push_key (b);
  push_delta (b);
}

static void
headers_and_remove_flush (Bench *b)
{
  Client *c;

  bench_play (b);
  use_caps (b, "video/x-a", "H1");
  c = join (b);
  push_key (b);
  use_caps (b, "video/x-b", "J1");
  client_remove_flush (c);
  push_key (b);
}

static void
print_refcount (const gchar *what, gpointer object)
{
  say ("  %s has %d references", what, GST_MINI_OBJECT_REFCOUNT (object));
}

/* Callers count on who holds the caps and the buffers, and until when. */
static void
references (Bench *b)
{
  g_autoptr (GstCaps) caps = bench_header_caps (b, "video/x-a", "H1");
  g_autofree gchar *header_name = NULL;
  g_autofree gchar *name = NULL;
  GstBuffer *header =
      make_buffer (b, &(Push){.text = "H1", .header = TRUE}, &header_name);
  GstBuffer *buffer = make_buffer (b, &(Push){0}, &name);

  gst_buffer_ref (header);
  gst_buffer_ref (buffer);
  g_object_set (b->sink, "enable-last-sample", FALSE, NULL);
  bench_play (b);
  bench_caps (b, caps);
  print_refcount ("caps after the event", caps);
  join (b);
  print_refcount ("caps after a join", caps);
  push_buffer (b, header, header_name);
  print_refcount ("header after its push", header);
  push_buffer (b, buffer, name);
  print_refcount ("header after the data", header);
  print_refcount ("data in the queue", buffer);
  print_refcount ("caps after a client was served", caps);
  push_key (b);
  print_refcount ("data after the next", buffer);
  bench_state (b, GST_STATE_READY);
  print_refcount ("caps after READY", caps);
  bench_state (b, GST_STATE_NULL);
  print_refcount ("caps after NULL", caps);
  print_refcount ("data after NULL", buffer);
  gst_buffer_unref (header);
  gst_buffer_unref (buffer);
}

static void
references_without_clients (Bench *b)
{
  g_autoptr (GstCaps) caps = bench_header_caps (b, "video/x-a", "H1");
  g_autofree gchar *name = NULL;
  GstBuffer *buffer = make_buffer (b, &(Push){0}, &name);

  gst_buffer_ref (buffer);
  g_object_set (b->sink, "enable-last-sample", FALSE, NULL);
  bench_play (b);
  bench_caps (b, caps);
  push_buffer (b, buffer, name);
  print_refcount ("caps after a push", caps);
  print_refcount ("data in the queue", buffer);
  push_key (b);
  print_refcount ("caps after two", caps);
  print_refcount ("data after the next", buffer);
  gst_buffer_unref (buffer);
}

const Scenario scenarios_headers[] = {
    {"first-headers", ON_BOTH, first_headers},
    {"headers-before-join", ON_BOTH, headers_before_join},
    {"swallowed-or-not", ON_BOTH, swallowed_or_not},
    {"headers-without-caps", ON_BOTH, headers_without_caps},
    {"caps-other-headers", ON_BOTH, caps_other_headers},
    {"caps-same-headers", ON_BOTH, caps_same_headers},
    {"caps-more-headers", ON_BOTH, caps_more_headers},
    {"caps-lose-headers", ON_BOTH, caps_lose_headers},
    {"caps-gain-headers", ON_BOTH, caps_gain_headers},
    {"caps-never-headers", ON_BOTH, caps_never_headers},
    {"caps-other-headers-once", ON_BOTH, caps_other_headers_once},
    {"caps-gain-headers-once", ON_BOTH, caps_gain_headers_once},
    {"caps-lose-headers-once", ON_BOTH, caps_lose_headers_once},
    {"resend-switched-on", ON_BOTH, resend_switched_on},
    {"caps-change-while-lagging", ON_BOTH, caps_change_while_lagging},
    {"caps-change-twice-while-lagging", ON_BOTH,
        caps_change_twice_while_lagging},
    {"caps-change-and-burst", ON_BOTH, caps_change_and_burst},
    {"caps-change-skipped-by-recovery", ON_BOTH,
        caps_change_skipped_by_recovery},
    {"headers-no-array", ON_BOTH, headers_no_array},
    {"headers-no-buffers", ON_BOTH, headers_no_buffers},
    {"empty-header-array", ON_BOTH, empty_header_array},
    {"zero-size-header", ON_BOTH, zero_size_header},
    {"header-figures", ON_BOTH, header_figures},
    {"headers-and-next-keyframe", ON_BOTH, headers_and_next_keyframe},
    {"headers-and-remove-flush", ON_BOTH, headers_and_remove_flush},
    {"references", ON_BOTH, references},
    {"references-without-clients", ON_BOTH, references_without_clients},
    {NULL},
};
