/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fanout.h: a fan-out sink under test, fed by hand, and its clients
 *
 * Here: one fixture for multisocketsink, multifdsink and tcpserversink: pushing
 * a stream whose every byte tells its place, clients that check what they
 * receive, and a record of the signals. Not here: what is right.
 */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Larger than any kernel buffer of a client made by fanout_join_small (). */
#define FANOUT_BIG (256 * 1024)

typedef struct _Fanout Fanout;
typedef struct _FanoutClient FanoutClient;

struct _FanoutClient
{
  Fanout *fanout;
  /* The element's end; @socket owns @fd if there is one. */
  gint fd;
  GSocket *socket;
  gint peer;
};

struct _Fanout
{
  GstElement *sink;
  GstPad *src;
  GstBus *bus;
  gboolean by_socket;
  GPtrArray *clients;
  /* Bytes pushed so far: the place of the next one in the stream. */
  guint64 pushed;
  guint buffers;
  /* Called from within each signal, if set, on its thread. */
  void (*on_signal) (Fanout *f, const gchar *signal, gpointer handle);

  /* Guarded by @lock: any thread of the element writes them. */
  GMutex lock;
  guint added;
  guint removed;
  guint gone;
  gint last_status;
  GThread *last_thread;
  /* "added", "removed 2", "gone", in order. */
  GPtrArray *log;
  /* Custom events that went upstream. */
  GPtrArray *events;
};

/* The names of the elements that take handles, for loop tests. */
extern const gchar *const fanout_kinds[2];

Fanout *fanout_new (const gchar *element);
/* As fanout_new (), with properties set, then playing, with caps. */
Fanout *fanout_start (const gchar *element, ...) G_GNUC_NULL_TERMINATED;
void fanout_play (Fanout *f);
void fanout_free (Fanout *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fanout, fanout_free)

/* Pushes the next @size bytes of the stream; fails if that does. */
void fanout_push (Fanout *f, gsize size);
void fanout_push_delta (Fanout *f, gsize size);
GstFlowReturn fanout_push_buffer (Fanout *f, GstBuffer *buffer);
/* Returns: (transfer full): the next @size bytes, with their times. */
GstBuffer *fanout_buffer (Fanout *f, gsize size);

FanoutClient *fanout_client_new (Fanout *f, gint type);
/* Takes both ends. */
FanoutClient *fanout_client_of (Fanout *f, gint fd, gint peer);
void fanout_add (FanoutClient *c);
void fanout_add_full (FanoutClient *c, gint method, GstFormat min_format,
    guint64 min, GstFormat max_format, guint64 max);
void fanout_emit (FanoutClient *c, const gchar *signal);
GstStructure *fanout_stats (FanoutClient *c);
guint64 fanout_stat (FanoutClient *c, const gchar *field);
FanoutClient *fanout_join (Fanout *f);
FanoutClient *fanout_join_small (Fanout *f);
/* Joins, and is in the middle of a big buffer that it does not read. */
FanoutClient *fanout_join_stalled (Fanout *f);
/* Connects to the current port of a server. */
FanoutClient *fanout_connect (Fanout *f);
gint fanout_connect_fd (Fanout *f, gint family);

/* The client receives the bytes of the stream from @from up to @to. */
void fanout_expect (FanoutClient *c, guint64 from, guint64 to);
void fanout_expect_text (FanoutClient *c, const gchar *text);
/* There is nothing to read, now. */
void fanout_expect_nothing (FanoutClient *c);
/* The connection ends, whatever came before it. */
void fanout_expect_end (FanoutClient *c);
/* Receives @size bytes, whatever they are. */
void fanout_skip (FanoutClient *c, gsize size);

guint fanout_uint (Fanout *f, const gchar *property);
guint64 fanout_uint64 (Fanout *f, const gchar *property);
void fanout_wait_uint (Fanout *f, const gchar *property, guint value);
void fanout_wait_served (Fanout *f, guint64 bytes);
void fanout_wait_gone (Fanout *f, guint count);
/* Fails unless the signals so far are these, separated by commas. */
void fanout_expect_log (Fanout *f, const gchar *signals);

G_END_DECLS
