/* SPDX-License-Identifier: LGPL-2.1-or-later
 * link.h: one element with one peer under a script, and the transcript of it
 *
 * Here: the words the scenarios of the sources and of tcpclientsink are written
 * in: make an element, give it a peer, let either send, and print what came
 * out at the other end, every event, message and signal. Not here: scenarios,
 * and any opinion of what is right.
 *
 * As in bench.h, every word that acts waits until all threads have gone to
 * sleep, and only then prints. What ends a stream is waited for by name, since
 * what goes over TCP may be on its way though every thread sleeps.
 */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _Link Link;

struct _Link
{
  GstElement *element;
  /* Linked to the element's only pad. */
  GstPad *pad;
  gboolean is_source;
  GstBus *bus;
  GPtrArray *contents;
  guint next;

  gint listener;
  guint16 port;
  /* Our end of the connection; the element's is @socket if it was given one. */
  gint peer;
  GSocket *socket;
  /* What the peer received; with @records, the sizes of single messages. */
  GByteArray *read;
  gsize shown;
  gboolean peer_reads;
  gboolean peer_ended;
  gboolean peer_end_shown;
  gsize pushed;
  gsize stuck_size;

  /* The next things pushed do not come through until link_release(). */
  gboolean is_held;
  /* Sizes, flags and times of single buffers are printed. */
  gboolean shows_buffers;
  GstFlowReturn chain_returns;

  GMutex lock;
  GCond cond;
  /* Guarded by @lock. */
  GString *notes;
  GByteArray *got;
  guint n_ends;
};

Link *link_new (const gchar *element);
void link_free (Link *l);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Link, link_free)

/* Sets the state; prints how it went. */
void link_state (Link *l, GstState state);
void link_set (Link *l, const gchar *property, const gchar *value);
void link_show (Link *l, const gchar *property);
void link_stats (Link *l);
/* Prints which fields the statistics have. */
void link_stats_fields (Link *l);
/* Appends a line to the transcript, from any thread. */
void link_note (Link *l, const gchar *format, ...) G_GNUC_PRINTF (2, 3);
void link_settle (Link *l);
/* Waits for the end of the stream, or an error, and prints that. */
void link_await_end (Link *l);

/* A listening socket of ours; the element is told its address. */
void link_listen (Link *l);
void link_accept (Link *l);
/* Connects to where the element listens; prints if that fails. */
void link_connect (Link *l);
/* Prints only whether one can connect. */
void link_try (Link *l);
/* Gives the element one end of a pair, as its property "socket". */
void link_pair (Link *l, gint type);
/* Closes the peer; one end of another pair is the element's data "next". */
void link_next_pair (Link *l);
/* The same of a TCP connection. */
void link_pair_tcp (Link *l);
/* Starts a source that has a TCP connection to the peer, whoever makes it. */
void link_start (Link *l);

/* Makes the peer send a piece; @size 0 for ten bytes. */
void peer_send (Link *l, gsize size);
void peer_send_empty (Link *l);
void peer_send_descriptors (Link *l, guint n);
void peer_close (Link *l);
void peer_reset (Link *l);
void peer_shutdown (Link *l, gint how);
void peer_read (Link *l, gboolean reads);

void link_hold (Link *l);
void link_release (Link *l);
void link_query (Link *l);
void link_event (Link *l, GstEvent *event);

/* For a sink: stream start, caps, segment. */
void link_begin (Link *l, GstCaps *caps);
/* Pushes a buffer of @memories memories. */
void link_push (Link *l, gsize size, guint memories);
void link_push_list (Link *l, guint n);
/* Pushes from another thread, to be ended by link_join_push(). */
GThread *link_push_stuck (Link *l, gsize size);
void link_join_push (Link *l, GThread *thread);

G_END_DECLS
