/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testengine.h: an engine and its clients, for tests
 *
 * Here: one engine that notes what it reports, and peers whose sockets take
 * as many bytes as a test says.
 * Not here: elements.
 */
#pragma once

#include "testutil.h"

#include <gst/gst.h>
#include <gst/socket/gstsocketengine.h>

G_BEGIN_DECLS

typedef struct _TestPeer TestPeer;

/* A client of the engine; its key is the peer itself. */
struct _TestPeer
{
  GstSocketHandle handle;
  GstSocketStart start;
  gint ours;
  gint theirs;

  GMutex lock;
  GCond cond;

  /* guarded by lock */
  gsize room;      /* bytes that sends still take */
  gsize step;      /* most bytes of one send, 0 for any; every second fails */
  gboolean shy;    /* the next send fails, when there is a step */
  gint error;      /* errno of all sends, 0 for none */
  gboolean gated;  /* sends wait */
  gboolean inside; /* a send waits */
  guint n_sends;
  GString *got;
  guint n_removed;
  guint n_gone;
  GstSocketClientStatus status;
};

typedef void (*TestHook) (GstSocketClient *client, gpointer data);

/* The engine and what it reports; counters are atomic. */
typedef struct
{
  GstSocketEngine *engine;
  GstSocketLimits limits;
  GPtrArray *peers;
  gint n_removed;
  gint n_gone;
  gint n_sent;
  gint n_received;
  gint n_slow;
  gint n_asked;
  GMutex lock;
  GString *order;           /* r and g, in the order of removed and gone */
  GstSocketSlowReport slow; /* the last one, without the client */
  /* called from the callbacks */
  TestHook on_removed;
  TestHook on_gone;
  TestHook on_sent;
  TestHook on_received;
  TestHook on_slow;
  gpointer hook_data;
} TestRig;

extern TestRig rig;

void test_rig_begin (void);
void test_rig_begin_poll (void);
void test_rig_end (void);
void test_rig_apply (void);
gboolean test_rig_is_asleep (gpointer unused);

TestPeer *test_peer_new (gsize room);
TestPeer *test_peer_new_plain (int type);
void test_peer_add_with (TestPeer *peer, GstSocketFraming *framing);
TestPeer *test_peer_join (gsize room);
void test_peer_give (TestPeer *peer, gsize room);
void test_peer_gate (TestPeer *peer, gboolean gated);
void test_peer_wait_inside (TestPeer *peer);
gsize test_peer_count (TestPeer *peer);
void test_peer_expect (TestPeer *peer, const gchar *text);
void test_peer_expect_bytes (TestPeer *peer, gsize size);
void test_peer_expect_gone (TestPeer *peer, GstSocketClientStatus status);
void test_peer_expect_listed (TestPeer *peer);

void test_push (const gchar *text);
void test_push_full (const gchar *text, GstClockTime time, guint flags,
    GstSocketHeaders *headers);
void test_push_sized (gsize size, GstClockTime time, guint flags);
void test_expect_figure (gint *counter, gint value);
GstSocketTotals test_totals (void);
guint64 test_stat (TestPeer *peer, const gchar *field);

G_END_DECLS
