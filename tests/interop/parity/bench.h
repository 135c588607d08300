/* SPDX-License-Identifier: LGPL-2.1-or-later
 * bench.h: one element under a script, and the transcript of what it did
 *
 * Here: the words the scenarios are written in: make an element, push buffers
 * to it, give it clients, and print what every client received, every signal
 * and every figure. Not here: scenarios, and any opinion of what is right.
 *
 * Every word that acts waits until all threads have gone to sleep and every
 * reading client has read all there is, and only then prints; so a transcript
 * depends on the element alone.
 */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _Bench Bench;
typedef struct _Client Client;

typedef enum
{
  CLIENT_UNIX,
  CLIENT_TCP,
  CLIENT_SEQPACKET,
  CLIENT_DGRAM,
  CLIENT_PIPE,
  CLIENT_FILE,
} ClientKind;

struct _Client
{
  Bench *bench;
  gchar *name;
  ClientKind kind;
  /* The element's end: @fd is always set, @socket only for those that take
   * sockets (then it owns @fd). The other end is @peer, or the file's path. */
  gint fd;
  GSocket *socket;
  /* A server made its end; it is told by the port of ours. */
  gboolean of_server;
  guint16 local_port;
  gint peer;
  gchar *path;
  /* FALSE: the client lags, nothing is read from @peer. */
  gboolean reading;
  gboolean eof;
  /* The other end was closed, reset or shut down. */
  gboolean closing;
  GByteArray *got;
  /* Sizes of the single reads: the messages of a datagram socket. */
  GArray *records;
  guint shown_records;
  gboolean eof_shown;
  gsize shown;
  /* Control messages received, with the place of the data they came with. */
  GString *controls;
};

struct _Bench
{
  GstElement *sink;
  GstPad *pad;
  /* The element takes GSockets, not file descriptors. */
  gboolean by_socket;
  GPtrArray *clients;
  /* Every buffer pushed or put in caps, for reading what a client received. */
  GPtrArray *contents;
  guint next;
  GThread *main;
  /* Set: called from within every signal, on its thread. */
  void (*on_signal) (Bench *b, const gchar *signal, Client *c);
  /* The element removes what it is given at once: how many handles a signal
   * still sees is anybody's guess. */
  gboolean hide_handles;
  /* What a handler of events from downstream answers. */
  gboolean refuse_events;
  GstBus *bus;
  /* Guards @signals and @clients: the element's threads append to the one and
   * look up in the other. */
  GMutex lock;
  GPtrArray *signals;
};

/* What to push; all zero is a key buffer of ten bytes with a time of its
 * number in seconds. */
typedef struct
{
  guint size;
  gboolean empty;
  gboolean delta;
  gboolean header;
  gboolean no_time;
  gboolean dts_only;
  gboolean pts_differs_from_dts;
  guint memories;
  /* Content of this buffer, instead of its number. */
  const gchar *text;
  GstBufferFlags flags;
} Push;

Bench *bench_new (const gchar *element);
void bench_free (Bench *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bench, bench_free)

/* Prints one line of the transcript. */
void say (const gchar *format, ...) G_GNUC_PRINTF (1, 2);
/* Notes that GLib was told something of a level, by any thread. */
void note_log (GLogLevelFlags level);
/* Prints how often, since the last time. */
void print_logged (void);
/* From now on the element's GstNetworkMessage events are noted. */
void bench_watch_events (Bench *b);

/* Sets the state; prints how it went. */
void bench_state (Bench *b, GstState state);
/* Stream start, caps and segment, from READY or higher up. */
void bench_begin (Bench *b, const gchar *caps);
/* bench_state (PLAYING) and bench_begin, with no word printed. */
void bench_play (Bench *b);
void bench_caps (Bench *b, GstCaps *caps);
/* Returns: (transfer full): caps whose streamheader is @headers, a list of
 * words separated by blanks, or without one if it is NULL. */
GstCaps *bench_header_caps (Bench *b, const gchar *name, const gchar *headers);

GstFlowReturn push (Bench *b, const Push *what);
void push_key (Bench *b);
void push_delta (Bench *b);
void push_big (Bench *b);
void push_header (Bench *b, const gchar *text);
void push_buffer (Bench *b, GstBuffer *buffer, const gchar *name);
GstBuffer *make_buffer (Bench *b, const Push *what, gchar **ret_name);

Client *client_new (Bench *b, ClientKind kind);
Client *client_add (Client *c);
void client_add_full (Client *c, gint method, GstFormat min_format, guint64 min,
    GstFormat max_format, guint64 max);
void client_remove (Client *c);
void client_remove_flush (Client *c);
void client_stats (Client *c);
GstStructure *client_get_stats (Client *c);
void client_read (Client *c, gboolean reading);
void client_write (Client *c, gconstpointer data, gsize size);
void client_close (Client *c);
void client_reset (Client *c);
void client_shutdown (Client *c, int how);
/* Makes the kernel's buffers of its end as small as can be. */
void client_shrink (Client *c);
void bench_clear (Bench *b);
/* New client, added, reading. */
Client *join (Bench *b);
/* New client, added, with small kernel buffers, not reading. */
Client *join_stalled (Bench *b);

/* A client of the server under the script, connected to it. */
Client *server_client (Bench *b, const gchar *host);
/* Connects; prints how that went only. */
void server_try (Bench *b, const gchar *host);
/* Prints an option of the element's end. */
void client_show_option (Client *c, const gchar *name, gint level, gint option);

/* Waits until nothing goes on any more, prints what came of it. */
void bench_settle (Bench *b);
void bench_show (Bench *b, const gchar *property);
void bench_event (Bench *b, GstEvent *event);
/* num-handles, buffers-queued, bytes-to-serve, bytes-served. */
void bench_figures (Bench *b);
/* As bench_show, but sets it first (value as in gst-launch). */
void bench_set (Bench *b, const gchar *property, const gchar *value);

G_END_DECLS
