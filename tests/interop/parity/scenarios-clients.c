/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-clients.c: how clients come and go
 *
 * Here: add, remove, remove-flush, clear, in every state of a client, and what
 * the other end does to it. Not here: odd kinds of handles.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <sys/socket.h>

static void
remove_idle (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  client_stats (c);
  push_key (b);
  push_delta (b);
  client_stats (c);
  client_remove (c);
  client_stats (c);
  push_key (b);
  bench_figures (b);
}

static void
remove_before_any_buffer (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  client_remove (c);
  push_key (b);
  bench_figures (b);
}

static void
remove_lagging (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join_stalled (b);
  push_big (b);
  push_key (b);
  push_key (b);
  client_remove (c);
  bench_show (b, "buffers-queued");
  push_key (b);
  client_read (c, TRUE);
  bench_figures (b);
}

static void
remove_unknown (Bench *b)
{
  bench_play (b);
  client_remove (client_new (b, CLIENT_UNIX));
  client_remove_flush (client_new (b, CLIENT_UNIX));
  client_stats (client_new (b, CLIENT_UNIX));
  push_key (b);
  bench_figures (b);
}

static void
remove_twice (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  client_remove (c);
  client_remove (c);
  client_remove_flush (c);
  client_add (c);
  push_key (b);
  client_remove (c);
  bench_figures (b);
}

static void
flush_idle (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  push_key (b);
  client_remove_flush (c);
  client_stats (c);
  bench_figures (b);
  push_key (b);
  client_stats (c);
  push_key (b);
  bench_figures (b);
}

static void
flush_before_any_buffer (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  client_remove_flush (c);
  push_key (b);
  push_key (b);
  bench_figures (b);
}

static void
flush_lagging (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join_stalled (b);
  push_big (b);
  push_key (b);
  push_key (b);
  client_remove_flush (c);
  client_stats (c);
  push_key (b);
  push_key (b);
  client_stats (c);
  client_read (c, TRUE);
  bench_figures (b);
  push_key (b);
  bench_figures (b);
}

static void
flush_waiting_for_key (Bench *b)
{
  Client *c;

  bench_set (b, "sync-method", "next-keyframe");
  bench_play (b);
  c = join (b);
  push_delta (b);
  client_remove_flush (c);
  push_delta (b);
  push_key (b);
  push_delta (b);
  bench_figures (b);
}

static void
flush_twice (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join_stalled (b);
  push_big (b);
  push_key (b);
  client_remove_flush (c);
  push_key (b);
  client_remove_flush (c);
  push_key (b);
  client_read (c, TRUE);
  push_key (b);
  bench_figures (b);
}

static void
flush_then_remove (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join_stalled (b);
  push_big (b);
  push_key (b);
  client_remove_flush (c);
  client_remove (c);
  push_key (b);
  bench_figures (b);
}

static void
flush_then_add (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join_stalled (b);
  push_big (b);
  client_remove_flush (c);
  client_add (c);
  push_key (b);
  client_read (c, TRUE);
  push_key (b);
  bench_figures (b);
}

static void
flush_and_hard_limit (Bench *b)
{
  Client *c;

  bench_set (b, "units-max", "3");
  bench_play (b);
  c = join_stalled (b);
  push_big (b);
  push_key (b);
  client_remove_flush (c);
  for (guint i = 0; i < 5; i++)
    push_key (b);
  client_read (c, TRUE);
  bench_figures (b);
}

/* It lags by as many buffers when it is flushed, then comes to the soft limit;
 * the keys are the fourth and the eighth buffer. */
static void
flush_and_recover (Bench *b, const gchar *policy, guint before, guint after)
{
  Client *c;

  bench_set (b, "recover-policy", policy);
  bench_set (b, "units-soft-max", "4");
  bench_play (b);
  c = join_stalled (b);
  push_big (b);
  for (guint i = 1; i < before; i++)
    push (b, &(Push){.delta = i % 4 != 3});
  client_remove_flush (c);
  for (guint i = before; i < before + after; i++)
    push (b, &(Push){.delta = i % 4 != 3});
  client_stats (c);
  client_read (c, TRUE);
  bench_figures (b);
  push_key (b);
  push_key (b);
  push_key (b);
  push_key (b);
  bench_figures (b);
}

static void
flush_and_skip_to_latest (Bench *b)
{
  flush_and_recover (b, "latest", 4, 4);
}

static void
flush_and_skip_to_limit (Bench *b)
{
  flush_and_recover (b, "soft-limit", 4, 4);
}

static void
flush_and_skip_to_key (Bench *b)
{
  flush_and_recover (b, "keyframe", 4, 4);
}

static void
flush_and_skip_beyond (Bench *b)
{
  flush_and_recover (b, "soft-limit", 2, 8);
}

static void
flush_after_skipping (Bench *b)
{
  flush_and_recover (b, "soft-limit", 8, 1);
}

static void
flush_burst_joiner (Bench *b)
{
  Client *c;

  bench_set (b, "bytes-min", "60");
  bench_play (b);
  for (guint i = 0; i < 8; i++)
    push_key (b);
  c = client_new (b, CLIENT_UNIX);
  client_add_full (c, 3, GST_FORMAT_BYTES, 40, GST_FORMAT_BYTES, 60);
  client_remove_flush (c);
  push_key (b);
  push_key (b);
  bench_figures (b);
}

static void
clear_all (Bench *b)
{
  Client *slow;

  bench_play (b);
  join (b);
  slow = join_stalled (b);
  join (b);
  push_big (b);
  push_key (b);
  bench_clear (b);
  bench_show (b, "buffers-queued");
  client_read (slow, TRUE);
  push_key (b);
  bench_figures (b);
  bench_clear (b);
}

static void
duplicate (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  push_key (b);
  client_add (c);
  client_stats (c);
  push_key (b);
  client_add_full (c, 3, GST_FORMAT_BYTES, 10, GST_FORMAT_BYTES, 20);
  push_key (b);
  client_remove (c);
  bench_figures (b);
}

static void
join_again (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  push_key (b);
  client_remove (c);
  push_key (b);
  client_add (c);
  push_key (b);
  client_stats (c);
  bench_figures (b);
}

static void
peer_closes_idle (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  push_key (b);
  client_close (c);
  client_stats (c);
  push_key (b);
  bench_figures (b);
}

static void
peer_closes_before_any_buffer (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  client_close (c);
  push_key (b);
  bench_figures (b);
}

/* As above, with the data it left unread. */
static void
peer_closes_lagging (Bench *b)
{
  Client *c;

  bench_play (b);
  join (b);
  c = join_stalled (b);
  push_big (b);
  push_key (b);
  client_close (c);
  push_key (b);
  bench_show (b, "num-handles");
}

static void
peer_half_closes (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  push_key (b);
  client_shutdown (c, SHUT_WR);
  push_key (b);
  bench_figures (b);
}

static void
peer_stops_receiving (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  push_key (b);
  c->reading = FALSE;
  client_shutdown (c, SHUT_RD);
  push_key (b);
  push_key (b);
  bench_show (b, "num-handles");
}

static void
tcp_closes (Bench *b)
{
  Client *c;

  bench_play (b);
  c = client_add (client_new (b, CLIENT_TCP));
  push_key (b);
  client_close (c);
  push_key (b);
  bench_figures (b);
}

static void
tcp_half_closes (Bench *b)
{
  Client *c;

  bench_play (b);
  c = client_add (client_new (b, CLIENT_TCP));
  push_key (b);
  client_shutdown (c, SHUT_WR);
  push_key (b);
  bench_figures (b);
}

static void
tcp_resets_idle (Bench *b)
{
  Client *c;

  bench_play (b);
  c = client_add (client_new (b, CLIENT_TCP));
  push_key (b);
  client_reset (c);
  push_key (b);
  bench_figures (b);
}

static void
tcp_resets_in_mid_buffer (Bench *b)
{
  Client *c;

  bench_play (b);
  c = client_new (b, CLIENT_TCP);
  c->reading = FALSE;
  client_add (c);
  push (b, &(Push){.size = 32 << 20});
  push_key (b);
  client_reset (c);
  push_key (b);
  bench_show (b, "num-handles");
}

static void
tcp_closes_with_unread_data (Bench *b)
{
  Client *c;

  bench_play (b);
  c = client_new (b, CLIENT_TCP);
  c->reading = FALSE;
  client_add (c);
  push_key (b);
  client_close (c);
  push_key (b);
  bench_show (b, "num-handles");
}

/* What clients say is read and dropped. */
static void
client_talks (Bench *b)
{
  g_autofree gchar *much = g_strnfill (5000, 'x');
  Client *c;

  bench_play (b);
  c = join (b);
  client_write (c, "hello", 5);
  push_key (b);
  client_write (c, much, 5000);
  push_key (b);
  client_shutdown (c, SHUT_WR);
  bench_figures (b);
}

static void
client_talks_and_closes (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  push_key (b);
  send (c->peer, "hello", 5, MSG_NOSIGNAL);
  client_close (c);
  push_key (b);
  bench_figures (b);
}

static void
handle_read_off (Bench *b)
{
  Client *c;

  bench_set (b, "handle-read", "false");
  bench_play (b);
  c = join (b);
  client_write (c, "hello", 5);
  push_key (b);
  client_shutdown (c, SHUT_WR);
  push_key (b);
  client_close (c);
  bench_settle (b);
  push_key (b);
  bench_figures (b);
}

static void
handle_read_switched (Bench *b)
{
  Client *c;

  bench_play (b);
  c = join (b);
  push_key (b);
  bench_set (b, "handle-read", "false");
  client_write (c, "hello", 5);
  push_key (b);
  join (b);
  push_key (b);
  client_close (c);
  bench_figures (b);
}

static void
timeout_of_lagging (Bench *b)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint handles = 1;

  bench_set (b, "timeout", "100000000");
  bench_play (b);
  join_stalled (b);
  g_signal_handlers_disconnect_matched (
      b->sink, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, b);
  gst_pad_push (b->pad, make_buffer (b, &(Push){.size = 512 * 1024}, NULL));
  while (handles > 0 && g_get_monotonic_time () < deadline) {
    g_thread_yield ();
    g_object_get (b->sink, "num-handles", &handles, NULL);
  }
  say ("timed out: %s", handles == 0 ? "yes" : "no");
}

const Scenario scenarios_clients[] = {
    {"remove-idle", ON_BOTH, remove_idle},
    {"remove-before-any-buffer", ON_BOTH, remove_before_any_buffer},
    {"remove-lagging", ON_BOTH, remove_lagging},
    {"remove-unknown", ON_BOTH, remove_unknown},
    {"remove-twice", ON_BOTH, remove_twice},
    {"flush-idle", ON_BOTH, flush_idle},
    {"flush-before-any-buffer", ON_BOTH, flush_before_any_buffer},
    {"flush-lagging", ON_BOTH, flush_lagging},
    {"flush-waiting-for-key", ON_BOTH, flush_waiting_for_key},
    {"flush-twice", ON_BOTH, flush_twice},
    {"flush-then-remove", ON_BOTH, flush_then_remove},
    {"flush-then-add", ON_BOTH, flush_then_add},
    {"flush-and-hard-limit", ON_BOTH, flush_and_hard_limit},
    {"flush-and-skip-to-latest", ON_BOTH, flush_and_skip_to_latest},
    {"flush-and-skip-to-limit", ON_BOTH, flush_and_skip_to_limit},
    {"flush-and-skip-to-key", ON_BOTH, flush_and_skip_to_key},
    {"flush-and-skip-beyond", ON_BOTH, flush_and_skip_beyond},
    {"flush-after-skipping", ON_BOTH, flush_after_skipping},
    {"flush-burst-joiner", ON_BOTH, flush_burst_joiner},
    {"clear-all", ON_BOTH, clear_all},
    {"duplicate", ON_BOTH, duplicate},
    {"join-again", ON_BOTH, join_again},
    {"peer-closes-idle", ON_BOTH, peer_closes_idle},
    {"peer-closes-before-any-buffer", ON_BOTH, peer_closes_before_any_buffer},
    {"peer-closes-lagging", ON_BOTH, peer_closes_lagging},
    {"peer-half-closes", ON_BOTH, peer_half_closes},
    {"peer-stops-receiving", ON_BOTH, peer_stops_receiving},
    {"tcp-closes", ON_BOTH, tcp_closes},
    {"tcp-half-closes", ON_BOTH, tcp_half_closes},
    {"tcp-resets-idle", ON_BOTH, tcp_resets_idle},
    {"tcp-resets-in-mid-buffer", ON_BOTH, tcp_resets_in_mid_buffer},
    {"tcp-closes-with-unread-data", ON_BOTH, tcp_closes_with_unread_data},
    {"client-talks", ON_BOTH, client_talks},
    {"client-talks-and-closes", ON_BOTH, client_talks_and_closes},
    {"handle-read-off", ON_FD, handle_read_off},
    {"handle-read-switched", ON_FD, handle_read_switched},
    {"timeout-of-lagging", ON_BOTH, timeout_of_lagging},
    {NULL},
};
