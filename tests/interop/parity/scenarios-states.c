/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-states.c: what the states of the element do to its clients
 *
 * Here: adding and removing in every state, going up and down, calling back
 * into the element from its signals. Not here: events.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

static void
add_in_null (Bench *b)
{
  Client *c;

  c = client_add (client_new (b, CLIENT_UNIX));
  bench_figures (b);
  client_stats (c);
  client_remove (c);
  client_remove_flush (c);
  bench_clear (b);
  bench_play (b);
  push_key (b);
  bench_figures (b);
}

static void
add_in_ready (Bench *b)
{
  bench_state (b, GST_STATE_READY);
  join (b);
  bench_figures (b);
  bench_state (b, GST_STATE_PAUSED);
  join (b);
  bench_state (b, GST_STATE_PLAYING);
  bench_begin (b, "video/x-a");
  join (b);
  push_key (b);
  bench_figures (b);
}

static void
add_and_remove_in_ready (Bench *b)
{
  Client *one, *two;

  bench_state (b, GST_STATE_READY);
  one = join (b);
  two = join (b);
  client_remove (one);
  client_remove_flush (two);
  bench_clear (b);
  bench_figures (b);
  bench_state (b, GST_STATE_NULL);
}

static void
peer_closes_in_ready (Bench *b)
{
  Client *c;

  bench_state (b, GST_STATE_READY);
  c = join (b);
  client_close (c);
  bench_figures (b);
}

static void
pause_and_play (Bench *b)
{
  Client *slow;

  bench_play (b);
  join (b);
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  bench_state (b, GST_STATE_PAUSED);
  bench_figures (b);
  client_read (slow, TRUE);
  join (b);
  bench_state (b, GST_STATE_PLAYING);
  push_key (b);
  bench_figures (b);
}

static void
down_to_ready_and_up (Bench *b)
{
  Client *slow;

  bench_set (b, "bytes-min", "30");
  bench_play (b);
  join (b);
  slow = join_stalled (b);
  push_big (b);
  push_key (b);
  push_key (b);
  bench_state (b, GST_STATE_READY);
  bench_figures (b);
  client_read (slow, TRUE);
  join (b);
  bench_state (b, GST_STATE_PLAYING);
  bench_begin (b, "video/x-a");
  push_key (b);
  bench_figures (b);
}

static void
down_to_null_and_up (Bench *b)
{
  Client *old;

  bench_set (b, "bytes-min", "30");
  bench_play (b);
  old = join (b);
  join_stalled (b);
  push_big (b);
  push_key (b);
  bench_state (b, GST_STATE_NULL);
  bench_figures (b);
  bench_state (b, GST_STATE_READY);
  bench_figures (b);
  bench_state (b, GST_STATE_PLAYING);
  bench_begin (b, "video/x-a");
  client_add (old);
  client_add_full (client_new (b, CLIENT_UNIX), 3, GST_FORMAT_BYTES, 10000,
      GST_FORMAT_BYTES, G_MAXUINT64);
  push_key (b);
  push_key (b);
  bench_figures (b);
}

static void
headers_after_restart (Bench *b)
{
  g_autoptr (GstCaps) caps = bench_header_caps (b, "video/x-a", "H1");
  Client *c;

  bench_play (b);
  bench_caps (b, caps);
  c = join (b);
  push_key (b);
  bench_state (b, GST_STATE_READY);
  bench_state (b, GST_STATE_PLAYING);
  bench_begin (b, "video/x-b");
  bench_caps (b, caps);
  push_key (b);
  client_remove (c);
}

static void
states_of_clients_in_null (Bench *b)
{
  bench_state (b, GST_STATE_READY);
  bench_state (b, GST_STATE_NULL);
  bench_state (b, GST_STATE_READY);
  bench_state (b, GST_STATE_PAUSED);
  bench_state (b, GST_STATE_READY);
  bench_state (b, GST_STATE_NULL);
  bench_figures (b);
}

static void
push_in_ready (Bench *b)
{
  bench_state (b, GST_STATE_READY);
  join (b);
  push_key (b);
  bench_figures (b);
}

static void
remove_from_added (Bench *b, const gchar *signal, Client *c)
{
  if (g_str_equal (signal, "client-added"))
    g_signal_emit_by_name (b->sink, "remove",
        c->socket != NULL ? (gpointer) c->socket : GINT_TO_POINTER (c->fd));
}

static void
remove_in_client_added (Bench *b)
{
  b->on_signal = remove_from_added;
  bench_play (b);
  join (b);
  push_key (b);
  bench_figures (b);
}

static void
remove_from_removed (Bench *b, const gchar *signal, Client *c)
{
  if (g_str_equal (signal, "client-removed"))
    g_signal_emit_by_name (b->sink, "remove",
        c->socket != NULL ? (gpointer) c->socket : GINT_TO_POINTER (c->fd));
}

static void
remove_in_client_removed (Bench *b)
{
  Client *c;

  b->on_signal = remove_from_removed;
  bench_play (b);
  c = join (b);
  push_key (b);
  client_remove (c);
  c = join (b);
  client_close (c);
  bench_figures (b);
}

static void
add_from_removed (Bench *b, const gchar *signal, Client *c)
{
  if (g_str_equal (signal, "client-removed") && b->clients->len < 4) {
    Client *next = client_new (b, CLIENT_UNIX);

    g_signal_emit_by_name (b->sink, "add",
        next->socket != NULL ? (gpointer) next->socket
                             : GINT_TO_POINTER (next->fd));
  }
}

static void
add_in_client_removed (Bench *b)
{
  Client *c;

  b->on_signal = add_from_removed;
  bench_play (b);
  c = join (b);
  push_key (b);
  client_remove (c);
  push_key (b);
  bench_figures (b);
}

static void
clear_from_removed (Bench *b, const gchar *signal, Client *c)
{
  if (g_str_equal (signal, "client-removed"))
    g_signal_emit_by_name (b->sink, "clear");
}

static void
clear_in_client_removed (Bench *b)
{
  Client *c;

  b->on_signal = clear_from_removed;
  bench_play (b);
  join (b);
  c = join (b);
  join (b);
  push_key (b);
  client_remove (c);
  push_key (b);
  bench_figures (b);
}

/* The kick comes from within the push; its handler removes all the rest. */
static void
clear_in_kick (Bench *b)
{
  Client *reader;

  b->on_signal = clear_from_removed;
  bench_set (b, "units-max", "2");
  bench_play (b);
  reader = join (b);
  join_stalled (b);
  for (guint i = 0; i < 3; i++)
    push_big (b);
  /* It goes while the buffer that does it may be on its way to it. */
  reader->reading = FALSE;
  push_big (b);
  push_big (b);
  bench_show (b, "num-handles");
}

static void
same_again_from_gone (Bench *b, const gchar *signal, Client *c)
{
  static guint again;

  if (g_str_has_prefix (signal, "client-")
      && (g_str_has_suffix (signal, "socket-removed")
          || g_str_has_suffix (signal, "fd-removed"))
      && again++ < 1)
    g_signal_emit_by_name (b->sink, "add",
        c->socket != NULL ? (gpointer) c->socket : GINT_TO_POINTER (c->fd));
}

static void
join_again_when_gone (Bench *b)
{
  Client *c;

  b->on_signal = same_again_from_gone;
  bench_play (b);
  c = join (b);
  push_key (b);
  client_remove (c);
  push_key (b);
  bench_figures (b);
}

static void
same_again_from_removed (Bench *b, const gchar *signal, Client *c)
{
  static guint again;

  if (g_str_equal (signal, "client-removed") && again++ < 1)
    g_signal_emit_by_name (b->sink, "add",
        c->socket != NULL ? (gpointer) c->socket : GINT_TO_POINTER (c->fd));
}

/* In client-removed it is still there: a second one is a duplicate. */
static void
join_again_too_early (Bench *b)
{
  Client *c;

  b->on_signal = same_again_from_removed;
  bench_play (b);
  c = join (b);
  push_key (b);
  client_remove (c);
  push_key (b);
  bench_figures (b);
}

static void
stats_from_signal (Bench *b, const gchar *signal, Client *c)
{
  g_autoptr (GstStructure) stats = client_get_stats (c);
  guint64 disconnected = 0;

  gst_structure_get_uint64 (stats, "disconnect-time", &disconnected);
  say ("  in %s: %d fields, disconnect time %s", signal,
      gst_structure_n_fields (stats), disconnected > 0 ? "set" : "0");
}

static void
stats_in_signals (Bench *b)
{
  Client *c;

  b->on_signal = stats_from_signal;
  bench_play (b);
  c = join (b);
  push_key (b);
  client_remove (c);
  join (b);
  bench_clear (b);
}

const Scenario scenarios_states[] = {
    {"add-in-null", ON_BOTH, add_in_null},
    {"add-in-ready", ON_BOTH, add_in_ready},
    {"add-and-remove-in-ready", ON_BOTH, add_and_remove_in_ready},
    {"peer-closes-in-ready", ON_BOTH, peer_closes_in_ready},
    {"pause-and-play", ON_BOTH, pause_and_play},
    {"down-to-ready-and-up", ON_BOTH, down_to_ready_and_up},
    {"down-to-null-and-up", ON_BOTH, down_to_null_and_up},
    {"headers-after-restart", ON_BOTH, headers_after_restart},
    {"states-without-clients", ON_BOTH, states_of_clients_in_null},
    {"push-in-ready", ON_BOTH, push_in_ready},
    {"remove-in-client-added", ON_BOTH, remove_in_client_added},
    {"remove-in-client-removed", ON_BOTH, remove_in_client_removed},
    {"add-in-client-removed", ON_BOTH, add_in_client_removed},
    {"clear-in-client-removed", ON_BOTH, clear_in_client_removed},
    {"clear-in-kick", ON_BOTH, clear_in_kick},
    {"join-again-when-gone", ON_BOTH, join_again_when_gone},
    {"join-again-too-early", ON_BOTH, join_again_too_early},
    {"stats-in-signals", ON_BOTH, stats_in_signals},
    {NULL},
};
