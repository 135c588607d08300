/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketengine-private.h: what engine, worker and client know of each other
 *
 * Here: their structs, with who may touch each field, and the calls between
 * them. Not here: anything an element may use.
 *
 * Threads   app: add, remove, figures    streaming: push    worker: send, read
 * Locks     engine->lock                 guards what is marked so below
 * No lock is held across a callback, a send, a receive or an unref of a buffer.
 *
 * Where a client is (client->place):
 *
 *   place     | lives in          | leaves when
 *   ----------+-------------------+------------------------------------------
 *   JOINING   | engine->joining   | a push finds its start     -> INCOMING
 *   INCOMING  | worker->incoming  | the worker's next pass     -> RUNNABLE
 *   RUNNABLE  | worker->runnable  | it has caught up           -> EDGE
 *             |                   | its socket is full         -> BLOCKED
 *   EDGE      | worker->edge      | its socket is full         -> BLOCKED
 *             |                   | it needs bytes of its own  -> RUNNABLE
 *   BLOCKED   | engine->blocked   | its socket has room        -> RUNNABLE
 *   any       |                   | it is removed              -> NOWHERE
 *
 * Almost all clients stand at the EDGE: each has had exactly what the others
 * have had, and a pass sends them all the same list of pieces. Their number is
 * the worker's edge_next; nothing per client changes when a unit is queued.
 */
#pragma once

#include "gstsocketengine.h"
#include "gstsocketpoller.h"

G_BEGIN_DECLS

typedef struct _GstSocketWorker GstSocketWorker;

typedef enum
{
  GST_SOCKET_PLACE_NOWHERE,
  GST_SOCKET_PLACE_JOINING,
  GST_SOCKET_PLACE_INCOMING,
  GST_SOCKET_PLACE_RUNNABLE,
  GST_SOCKET_PLACE_EDGE,
  GST_SOCKET_PLACE_BLOCKED,
} GstSocketPlace;

/* Who uses a client's descriptor right now. A remover takes it for good, so
 * that once the application may close it, nobody else touches it. */
enum
{
  GST_SOCKET_CLAIM_FREE,
  GST_SOCKET_CLAIM_BUSY,
  GST_SOCKET_CLAIM_GONE,
};

/* What a client needs after it was served. */
typedef enum
{
  GST_SOCKET_OUTCOME_STAY,  /* more can be sent at once, or nothing is due */
  GST_SOCKET_OUTCOME_EDGE,  /* it has caught up */
  GST_SOCKET_OUTCOME_BLOCK, /* its socket is full */
  GST_SOCKET_OUTCOME_DROP,  /* it is leaving */
} GstSocketOutcome;

struct _GstSocketClient
{
  gatomicrefcount ref_count;

  /* immutable */
  guint64 id;
  GstSocketEngine *engine;
  GstSocketWorker *worker; /* with a reference */
  GstSocketHandle handle;
  gchar *peer; /* as people are told of it */
  GstSocketFraming *framing;
  GstSocketStart start;
  guint64 connect_time;
  guint64 connect_time_mono;

  gint claim;     /* atomic, GST_SOCKET_CLAIM_* */
  gint waiters;   /* atomic; threads that wait for the claim */
  gint leaving;   /* atomic; set once under the lock */
  gint is_polled; /* atomic; set once, when the poller knows it */

  /* guarded by engine->lock */
  GstSocketPlace place;
  GList link; /* in the list of its place */
  gboolean is_listed;
  GstSocketClientStatus status;
  guint64 flush_until; /* last unit it gets, G_MAXUINT64 for no end (atomic) */
  guint64 dropped;
  guint64 disconnect_time;
  guint64 disconnect_time_mono;
  gint64 reported; /* monotonic ns of the last slow report */

  /* the worker's, but under engine->lock while BLOCKED; next is read by push
   * at any place (atomic) */
  guint64 next;              /* number of the first unit not yet picked */
  GstSocketUnit *inflight;   /* picked, and not yet sent as a whole */
  GstSocketHeaders *headers; /* the last ones it was given */
  guint header_index;        /* first of them still to be sent */
  gsize offset;              /* bytes sent of the first image still due */
  GstSocketFramingState framing_state; /* as before that image */
  GstSocketOutcome outcome;
  gboolean is_armed; /* the poller waits for it to become writable */

  /* written by the worker, read anywhere (atomic) */
  guint64 bytes_sent;
  guint64 last_activity; /* monotonic ns */
  guint64 first_time;
  guint64 last_time;
};

/* The list of pieces made last, and what of. Clients at one place share it. */
typedef struct
{
  GstSocketPieces pieces;
  gboolean is_shared; /* the rest of the key is valid */
  const GstSocketFraming *framing;
  const GstSocketHeaders *headers; /* included, or NULL */
  guint64 next;
  guint64 bound;
  guint64 last;    /* number of the last unit in it, next - 1 for none */
  guint n_headers; /* of the units in it */
  GstSocketFramingState state; /* as after it */
  GstClockTime first_time;
  GstClockTime last_time;
} GstSocketImage;

struct _GstSocketWorker
{
  gatomicrefcount ref_count; /* the engine's and its clients' */

  /* immutable */
  GstSocketEngine *engine;
  GstSocketPoller *poller;
  GThread *thread;

  /* guarded by engine->lock */
  gboolean quit;
  gboolean asleep; /* only a wake-up ends its wait */
  gboolean sweep;  /* clients that it goes through without the lock leave */
  gboolean hurry;  /* a push waits for what is being gathered */
  gboolean in_pass;
  guint64 n_passes; /* that have ended */
  guint64 overdue;  /* pass that a push has waited for in vain, 0 for none */
  guint64 pin;      /* oldest unit the pass looks at, G_MAXUINT64 for none */
  guint n_clients;
  guint n_edge;
  GQueue incoming;
  GQueue runnable;    /* the worker itself also reads it without the lock */
  GPtrArray *dropped; /* clients whose reference the worker gives back */
  GPtrArray *stale;   /* clients that have left, but may still be reported */
  gboolean retired;   /* the thread has ended: nothing is reported any more */
  GPtrArray *doomed;  /* clients marked as leaving, for the worker to see off */

  guint64 edge_next; /* written by the worker, read by push (atomic) */

  /* worker thread only */
  GPtrArray *edge;     /* clients; their references are the worker's */
  GPtrArray *moved;    /* clients that left the edge in this pass */
  GPtrArray *writable; /* clients, from the last wait */
  GPtrArray *leavers;  /* clients marked as leaving, to be seen off */
  GPtrArray *garbage;  /* units to give back */
  GPtrArray *goners;   /* clients to give back */
  GArray *traffic;     /* GstSocketTraffic, to report after the pass */
  GstSocketImage image;
  GstSocketLimits limits; /* as at the start of the pass */
  GstSocketRing *ring;    /* of the pass */
  guint64 newest;         /* of the pass */
  guint64 pass_bytes;
  gint64 now;
  gint64 deadline; /* before which new data may wait, 0 for none */
  gint64 check_at; /* when to look for inactive clients, 0 for never */
  gint64 wait_ns;  /* for the next wait */
};

/* A buffer that went to a client, or came from it. */
typedef struct
{
  GstSocketClient *client;
  GstBuffer *buffer;
  gboolean is_received;
} GstSocketTraffic;

/* Threads that an engine may have at most: a bit each in a guint64. */
#define GST_SOCKET_MAX_WORKERS 64

/* What a push has to do once the lock is released. */
typedef struct
{
  GPtrArray *garbage; /* units */
  GPtrArray *leavers; /* clients */
  GArray *reports;    /* GstSocketSlowReport */
  GstSocketPoller *sleepers[GST_SOCKET_MAX_WORKERS];
  guint n_sleepers;
  gboolean ask;  /* for a keyframe */
  guint64 early; /* a bit a worker: it has not tried clients at a limit */
} GstSocketPush;

struct _GstSocketEngine
{
  /* immutable */
  GstSocketEngineFuncs funcs;
  gpointer user_data;

  guint auto_workers;      /* as many as "workers" of 0 means */
  GstSocketFraming *plain; /* of clients that name none, so that they share */

  GstSocketPush push; /* streaming thread only */

  GMutex lock;
  GCond released; /* with lock: a claim was given back that others wait for */
  GCond passed;   /* with lock: a pass has ended that a push waits for */

  /* guarded by lock */
  GstSocketLimits limits;
  gboolean limits_are_new; /* no push has applied them */
  gboolean running;
  GstSocketQueue *queue;
  GHashTable *clients; /* key -> GstSocketClient, with a reference */
  GPtrArray *workers;
  GQueue joining;
  GQueue blocked;
  guint64 blocked_low; /* no blocked client is further behind */
  gboolean blocked_low_is_old;
  guint64 held_bytes; /* in flight to blocked clients, out of the queue */
  guint64 next_id;
  guint n_passes_awaited; /* pushes that wait for "passed", 0 or 1 */
  gboolean is_adding_worker;
  gint64 keyframe_asked; /* monotonic ns */
  GstSocketTotals totals;
};

static inline guint64
gst_socket_load64 (const guint64 *value)
{
  return __atomic_load_n (value, __ATOMIC_ACQUIRE);
}

static inline void
gst_socket_store64 (guint64 *value, guint64 to)
{
  __atomic_store_n (value, to, __ATOMIC_RELEASE);
}

static inline gint64
gst_socket_now (void)
{
  return g_get_monotonic_time () * GST_USECOND;
}

/* client */
G_GNUC_INTERNAL
GstSocketClient *gst_socket_client_new (GstSocketEngine *engine,
    const GstSocketHandle *handle, const GstSocketStart *start,
    GstSocketFraming *framing);
G_GNUC_INTERNAL
GstSocketClient *gst_socket_client_ref (GstSocketClient *client);
G_GNUC_INTERNAL
void gst_socket_client_unref (GstSocketClient *client);
G_GNUC_INTERNAL
gboolean gst_socket_client_claim (GstSocketClient *client);
G_GNUC_INTERNAL
void gst_socket_client_claim_for_good (GstSocketClient *client);
G_GNUC_INTERNAL
gboolean gst_socket_handle_is_closed (const GstSocketHandle *handle);
G_GNUC_INTERNAL
gssize gst_socket_client_send (
    GstSocketClient *client, GstSocketPieces *pieces, gsize skip);
G_GNUC_INTERNAL
void gst_socket_client_watch_again (GstSocketClient *client);
G_GNUC_INTERNAL
gboolean gst_socket_client_is_hung_up (GstSocketClient *client);
G_GNUC_INTERNAL
void gst_socket_client_arm (GstSocketClient *client, gboolean armed);
G_GNUC_INTERNAL
gssize gst_socket_client_receive (
    GstSocketClient *client, gpointer data, gsize size);
G_GNUC_INTERNAL
void gst_socket_client_take_headers (
    GstSocketClient *client, const GstSocketUnit *unit, gboolean resend);
G_GNUC_INTERNAL
GstStructure *gst_socket_client_to_stats (const GstSocketClient *client);
G_GNUC_INTERNAL
GstStructure *gst_socket_client_describe_locked (GstSocketClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketClient, gst_socket_client_unref)

/* worker */
G_GNUC_INTERNAL
GstSocketWorker *gst_socket_worker_new (
    GstSocketEngine *engine, GError **error);
G_GNUC_INTERNAL
GstSocketWorker *gst_socket_worker_ref (GstSocketWorker *worker);
G_GNUC_INTERNAL
void gst_socket_worker_unref (GstSocketWorker *worker);
G_GNUC_INTERNAL
void gst_socket_worker_retire (GstSocketWorker *worker);

G_GNUC_INTERNAL
void gst_socket_worker_check_inactive (GstSocketWorker *worker);
G_GNUC_INTERNAL
void gst_socket_worker_pick (
    GstSocketWorker *worker, GstSocketClient *client, guint64 bound);
G_GNUC_INTERNAL
GstSocketOutcome gst_socket_worker_serve (
    GstSocketWorker *worker, GstSocketClient *client, guint64 bound);
G_GNUC_INTERNAL
void gst_socket_worker_leave (GstSocketWorker *worker, GstSocketClient *client,
    GstSocketClientStatus status);

/* engine: limits; leavers holds clients, reports GstSocketSlowReport, each
 * with a reference to the client */
G_GNUC_INTERNAL
void gst_socket_engine_enforce_locked (GstSocketEngine *engine,
    GstSocketClient *client, GPtrArray *leavers, GArray *reports);
G_GNUC_INTERNAL
void gst_socket_engine_enforce_all_locked (
    GstSocketEngine *engine, GPtrArray *leavers, GArray *reports);
G_GNUC_INTERNAL
gboolean gst_socket_engine_is_untried_over_locked (
    GstSocketEngine *engine, GstSocketWorker *worker);
G_GNUC_INTERNAL
void gst_socket_engine_trim_locked (
    GstSocketEngine *engine, GPtrArray *leavers, GArray *reports);
G_GNUC_INTERNAL
void gst_socket_engine_move_oldest_locked (
    GstSocketEngine *engine, guint64 oldest);
G_GNUC_INTERNAL
void gst_socket_engine_collect_locked (
    GstSocketEngine *engine, GPtrArray *garbage);
G_GNUC_INTERNAL
void gst_socket_engine_skip_locked (
    GstSocketEngine *engine, GstSocketClient *client, guint64 to);
G_GNUC_INTERNAL
guint64 gst_socket_engine_resume_locked (GstSocketEngine *engine, guint64 from);
G_GNUC_INTERNAL
guint64 gst_socket_engine_blocked_low_locked (GstSocketEngine *engine);
G_GNUC_INTERNAL
void gst_socket_engine_block_locked (
    GstSocketEngine *engine, GstSocketClient *client);
G_GNUC_INTERNAL
void gst_socket_engine_unblock_locked (
    GstSocketEngine *engine, GstSocketClient *client);

/* engine: pushing */
G_GNUC_INTERNAL
void gst_socket_engine_init_push (GstSocketEngine *engine);
G_GNUC_INTERNAL
void gst_socket_engine_clear_push (GstSocketEngine *engine);

/* engine: workers and clients */
G_GNUC_INTERNAL
void gst_socket_engine_wake_workers (GstSocketEngine *engine);
G_GNUC_INTERNAL
GPtrArray *gst_socket_engine_snapshot_locked (GstSocketEngine *engine);
G_GNUC_INTERNAL
GPtrArray *gst_socket_engine_snapshot (GstSocketEngine *engine);
G_GNUC_INTERNAL
gboolean gst_socket_engine_mark_leaving_locked (GstSocketEngine *engine,
    GstSocketClient *client, GstSocketClientStatus status);
G_GNUC_INTERNAL
void gst_socket_engine_see_off (GstSocketEngine *engine, GPtrArray *leavers);
G_GNUC_INTERNAL
void gst_socket_engine_report (GstSocketEngine *engine, GArray *reports);
G_GNUC_INTERNAL
GArray *gst_socket_reports_new (void);

G_END_DECLS
