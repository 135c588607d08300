/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketworker.c: a thread that serves its share of the clients
 *
 * Here: the thread's loop: waiting, reading from clients, passes over those
 * that lack something.
 * Not here: what a client is sent (gstsocketserve.c), looking for inactive
 * ones (gstsocketinactive.c), limits, listening.
 *
 * Threads   worker: all of it, but for new and free
 * Locks     engine->lock: the start and the end of a pass; never held while
 *           sending, receiving, reporting or giving back buffers
 *
 * A pass   begin  (locked)    admit clients, pin what will be looked at
 *          serve  (unlocked)  one send a client; almost all share one image
 *          end    (locked)    note who is blocked, unpin, decide how to wait
 *          report (unlocked)  callbacks, and giving back what is not needed
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketengine-private.h"

#include <errno.h>
#include <signal.h>

#define EVENTS_PER_WAIT 256

/* What one client may make the worker read in one turn. */
#define READS_PER_TURN 4
#define READ_SIZE (16 * 1024)

static GPtrArray *
new_client_array (void)
{
  return g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_socket_client_unref);
}

/* --- leaving --- */

/* Marks a client of this worker as leaving; it is seen off after the pass. */
void
gst_socket_worker_leave (GstSocketWorker *worker, GstSocketClient *client,
    GstSocketClientStatus status)
{
  gboolean marked;

  g_mutex_lock (&worker->engine->lock);
  marked =
      gst_socket_engine_mark_leaving_locked (worker->engine, client, status);
  g_mutex_unlock (&worker->engine->lock);
  if (marked)
    g_ptr_array_add (worker->leavers, gst_socket_client_ref (client));
}

/* --- reading --- */

static void
note_received (GstSocketWorker *worker, GstSocketClient *client,
    gconstpointer data, gsize size)
{
  GstSocketTraffic traffic;

  if (!worker->limits.notify_received)
    return;
  traffic.client = gst_socket_client_ref (client);
  traffic.buffer = gst_buffer_new_memdup (data, size);
  traffic.is_received = TRUE;
  g_array_append_val (worker->traffic, traffic);
}

static gssize
receive_claimed (GstSocketClient *client, gpointer data, gsize size)
{
  gssize ret;

  if (!gst_socket_client_claim (client))
    return -EAGAIN;
  ret = gst_socket_client_receive (client, data, size);
  gst_socket_client_release (client);
  return ret;
}

static GstSocketClientStatus
status_of_read (GstSocketWorker *worker, GstSocketClient *client, gssize ret)
{
  if (ret > 0 || ret == -EAGAIN || ret == -EWOULDBLOCK)
    return GST_SOCKET_CLIENT_OK;
  if (ret == 0 && (client->handle.flags & GST_SOCKET_HANDLE_DATAGRAM))
    return GST_SOCKET_CLIENT_OK;
  if (ret == 0 || (worker->limits.hangup_first && ret == -ECONNRESET))
    return GST_SOCKET_CLIENT_CLOSED;
  return GST_SOCKET_CLIENT_ERROR;
}

static GstSocketClientStatus
read_some (GstSocketWorker *worker, GstSocketClient *client)
{
  guint8 data[READ_SIZE];

  for (guint i = 0; i < READS_PER_TURN; i++) {
    gssize ret = receive_claimed (client, data, sizeof data);
    GstSocketClientStatus status = status_of_read (worker, client, ret);

    if (ret <= 0)
      return status;
    note_received (worker, client, data, ret);
  }
  return GST_SOCKET_CLIENT_OK;
}

static gboolean
is_closed_by_owner (GstSocketClient *client)
{
  gboolean closed;

  if (!gst_socket_client_claim (client))
    return FALSE;
  closed = gst_socket_handle_is_closed (&client->handle);
  gst_socket_client_release (client);
  return closed;
}

static void
look_at_peer (GstSocketWorker *worker, GstSocketClient *client, guint events)
{
  gboolean hangup = (events & GST_SOCKET_POLL_HANGUP) != 0;
  gboolean error = (events & GST_SOCKET_POLL_ERROR) != 0;
  GstSocketClientStatus status = GST_SOCKET_CLIENT_OK;

  if (events & GST_SOCKET_POLL_READ)
    status = read_some (worker, client);
  if (is_closed_by_owner (client))
    status = GST_SOCKET_CLIENT_CLOSED;
  else if (hangup && (worker->limits.hangup_first || !error))
    status = GST_SOCKET_CLIENT_CLOSED;
  else if (error)
    status = GST_SOCKET_CLIENT_ERROR;
  if (status != GST_SOCKET_CLIENT_OK)
    gst_socket_worker_leave (worker, client, status);
}

/* A client that has left is reported once when that happens during the wait.
 * One whose descriptor was closed early, while its file is open elsewhere, is
 * reported over and over: the poller has to begin anew. */
static void
look_for_stale (GstSocketWorker *worker, GstSocketClient *client)
{
  GstSocketEngine *engine = worker->engine;
  g_autoptr (GPtrArray) stale = NULL;
  g_autoptr (GPtrArray) clients = NULL;

  g_mutex_lock (&engine->lock);
  if (g_ptr_array_find (worker->stale, client, NULL)) {
    stale = g_steal_pointer (&worker->stale);
    worker->stale = new_client_array ();
    gst_socket_poller_reset (worker->poller);
    clients = gst_socket_engine_snapshot_locked (engine);
  }
  g_mutex_unlock (&engine->lock);
  for (guint i = 0; clients != NULL && i < clients->len; i++) {
    GstSocketClient *other = g_ptr_array_index (clients, i);

    if (other->worker == worker)
      gst_socket_client_watch_again (other);
  }
}

static void
handle_events (
    GstSocketWorker *worker, const GstSocketPollEvent *events, guint n)
{
  for (guint i = 0; i < n; i++) {
    GstSocketClient *client = events[i].data;

    if (g_atomic_int_get (&client->leaving)) {
      look_for_stale (worker, client);
      continue;
    }
    if (events[i].events & GST_SOCKET_POLL_WRITE)
      g_ptr_array_add (worker->writable, client);
    if (events[i].events & ~GST_SOCKET_POLL_WRITE)
      look_at_peer (worker, client, events[i].events);
  }
}

/* --- the start of a pass --- */

static void
drop_locked (GstSocketWorker *worker, GstSocketClient *client)
{
  client->place = GST_SOCKET_PLACE_NOWHERE;
  g_ptr_array_add (worker->goners, client);
}

static void
admit_writable_locked (GstSocketWorker *worker)
{
  for (guint i = 0; i < worker->writable->len; i++) {
    GstSocketClient *client = g_ptr_array_index (worker->writable, i);

    if (client->place != GST_SOCKET_PLACE_BLOCKED)
      continue;
    gst_socket_engine_unblock_locked (worker->engine, client);
    client->place = GST_SOCKET_PLACE_RUNNABLE;
    g_queue_push_tail_link (&worker->runnable, &client->link);
  }
  g_ptr_array_set_size (worker->writable, 0);
}

static void
admit_incoming_locked (GstSocketWorker *worker)
{
  GList *link;

  while ((link = g_queue_pop_head_link (&worker->incoming)) != NULL) {
    GstSocketClient *client = link->data;

    client->place = GST_SOCKET_PLACE_RUNNABLE;
    g_queue_push_tail_link (&worker->runnable, link);
  }
}

/* The queue was cut at its ceiling before this worker got to its clients. */
static void
skip_edge_locked (GstSocketWorker *worker, guint64 oldest)
{
  GstSocketEngine *engine = worker->engine;
  guint64 to;

  if (worker->edge->len == 0 || worker->edge_next >= oldest)
    return;
  to = gst_socket_engine_resume_locked (engine, oldest);
  for (guint i = 0; i < worker->edge->len; i++) {
    GstSocketClient *client = g_ptr_array_index (worker->edge, i);

    gst_socket_store64 (&client->next, worker->edge_next);
    gst_socket_engine_skip_locked (engine, client, to);
  }
  gst_socket_store64 (&worker->edge_next, to);
}

static void
skip_runnable_locked (GstSocketWorker *worker, guint64 oldest)
{
  for (GList *l = worker->runnable.head; l != NULL; l = l->next) {
    GstSocketClient *client = l->data;

    if (client->next < oldest)
      gst_socket_engine_skip_locked (worker->engine, client,
          gst_socket_engine_resume_locked (worker->engine, oldest));
  }
}

static guint64
lowest_needed_locked (GstSocketWorker *worker)
{
  guint64 low = worker->edge->len > 0 ? worker->edge_next : G_MAXUINT64;

  for (GList *l = worker->runnable.head; l != NULL; l = l->next) {
    GstSocketClient *client = l->data;

    low = MIN (low, client->next);
  }
  return low;
}

static void
take_dropped_locked (GstSocketWorker *worker)
{
  while (worker->dropped->len > 0)
    g_ptr_array_add (worker->goners,
        g_ptr_array_steal_index_fast (
            worker->dropped, worker->dropped->len - 1));
}

static void
take_doomed_locked (GstSocketWorker *worker)
{
  while (worker->doomed->len > 0)
    g_ptr_array_add (
        worker->leavers, g_ptr_array_steal_index (worker->doomed, 0));
}

/* Others may read n_edge and walk the list of runnable clients, but only this
 * thread changes who is in them. */
static void
sweep_locked (GstSocketWorker *worker)
{
  if (!worker->sweep)
    return;
  worker->sweep = FALSE;
  for (guint i = 0; i < worker->edge->len;) {
    GstSocketClient *client = g_ptr_array_index (worker->edge, i);

    if (client->leaving)
      drop_locked (worker, g_ptr_array_steal_index_fast (worker->edge, i));
    else
      i++;
  }
}

static void
begin_pass (GstSocketWorker *worker)
{
  GstSocketEngine *engine = worker->engine;
  guint64 oldest;

  g_mutex_lock (&engine->lock);
  worker->asleep = FALSE;
  worker->in_pass = TRUE;
  sweep_locked (worker);
  take_dropped_locked (worker);
  take_doomed_locked (worker);
  admit_writable_locked (worker);
  admit_incoming_locked (worker);
  oldest = gst_socket_queue_get_oldest (engine->queue);
  skip_edge_locked (worker, oldest);
  skip_runnable_locked (worker, oldest);
  worker->newest = gst_socket_queue_get_newest (engine->queue);
  if (worker->edge->len == 0)
    gst_socket_store64 (&worker->edge_next, worker->newest + 1);
  worker->pin = lowest_needed_locked (worker);
  worker->ring = gst_socket_queue_ref_ring (engine->queue);
  g_mutex_unlock (&engine->lock);
  worker->pass_bytes = 0;
  worker->image.is_shared = FALSE;
}

/* --- serving --- */

static GstSocketOutcome
outcome_at_edge (GstSocketWorker *worker, GstSocketClient *client, guint64 from,
    guint64 bound)
{
  GstSocketOutcome outcome;

  gst_socket_store64 (&client->next, from);
  outcome = gst_socket_worker_serve (worker, client, bound);
  if (outcome == GST_SOCKET_OUTCOME_STAY && client->next == bound + 1
      && client->inflight == NULL
      && gst_socket_load64 (&client->flush_until) == G_MAXUINT64)
    return GST_SOCKET_OUTCOME_EDGE;
  return outcome;
}

/* How far all clients at the edge get in this pass: as far as one image goes
 * for the first of them. */
static guint64
edge_bound (GstSocketWorker *worker, guint64 from)
{
  for (guint i = 0; i < worker->edge->len; i++) {
    GstSocketClient *client = g_ptr_array_index (worker->edge, i);

    if (g_atomic_int_get (&client->leaving))
      continue;
    gst_socket_store64 (&client->next, from);
    gst_socket_worker_pick (worker, client, worker->newest);
    if (worker->image.last >= from)
      return worker->image.last;
  }
  return worker->newest;
}

static gboolean
is_edge_due (GstSocketWorker *worker)
{
  return worker->edge->len > 0 && worker->edge_next <= worker->newest
      && worker->now >= worker->deadline;
}

static void
serve_edge (GstSocketWorker *worker)
{
  guint64 from = worker->edge_next;
  guint64 bound;

  if (!is_edge_due (worker))
    return;
  bound = edge_bound (worker, from);
  gst_socket_store64 (&worker->edge_next, bound + 1);
  for (guint i = 0; i < worker->edge->len;) {
    GstSocketClient *client = g_ptr_array_index (worker->edge, i);

    client->outcome = outcome_at_edge (worker, client, from, bound);
    if (G_LIKELY (client->outcome == GST_SOCKET_OUTCOME_EDGE)) {
      i++;
      continue;
    }
    g_ptr_array_add (
        worker->moved, g_ptr_array_steal_index_fast (worker->edge, i));
  }
}

static gboolean
is_flushed (const GstSocketClient *client)
{
  return client->inflight == NULL
      && client->next > gst_socket_load64 (&client->flush_until);
}

static GstSocketOutcome
outcome_behind (GstSocketWorker *worker, GstSocketClient *client)
{
  GstSocketOutcome outcome =
      gst_socket_worker_serve (worker, client, worker->edge_next - 1);

  if (outcome != GST_SOCKET_OUTCOME_STAY || client->inflight != NULL)
    return outcome;
  if (is_flushed (client)) {
    gst_socket_worker_leave (worker, client, GST_SOCKET_CLIENT_REMOVED);
    return GST_SOCKET_OUTCOME_DROP;
  }
  if (client->next == worker->edge_next && client->offset == 0
      && gst_socket_load64 (&client->flush_until) == G_MAXUINT64)
    return GST_SOCKET_OUTCOME_EDGE;
  return GST_SOCKET_OUTCOME_STAY;
}

static void
serve_runnable (GstSocketWorker *worker)
{
  for (GList *l = worker->runnable.head; l != NULL; l = l->next) {
    GstSocketClient *client = l->data;

    client->outcome = outcome_behind (worker, client);
  }
}

/* After something was sent, what comes next is gathered; but not what did not
 * fit into this pass. */
static void
begin_gathering (GstSocketWorker *worker)
{
  if (worker->pass_bytes > 0 && worker->edge_next > worker->newest
      && worker->now >= worker->deadline)
    worker->deadline = worker->now + worker->limits.batch_time;
}

/* --- the end of a pass --- */

/* What a send did not take counts as queued again; it is still pinned. */
static void
keep_rest_locked (GstSocketEngine *engine, const GstSocketClient *client)
{
  if (client->next < gst_socket_queue_get_oldest (engine->queue))
    gst_socket_engine_move_oldest_locked (engine, client->next);
}

/* A limit that was lowered since the last push applies from the next one on:
 * until then a client may catch up. */
static void
block_locked (GstSocketWorker *worker, GstSocketClient *client, GArray *reports)
{
  GstSocketEngine *engine = worker->engine;

  keep_rest_locked (engine, client);
  gst_socket_engine_block_locked (engine, client);
  if (!engine->limits_are_new)
    gst_socket_engine_enforce_locked (engine, client, worker->leavers, reports);
}

/* Puts a client, linked nowhere, where it belongs after it was served. */
static void
place_locked (GstSocketWorker *worker, GstSocketClient *client, GArray *reports)
{
  if (client->leaving || client->outcome == GST_SOCKET_OUTCOME_DROP) {
    drop_locked (worker, client);
    return;
  }
  switch (client->outcome) {
    case GST_SOCKET_OUTCOME_BLOCK:
      block_locked (worker, client, reports);
      break;
    case GST_SOCKET_OUTCOME_EDGE:
      client->place = GST_SOCKET_PLACE_EDGE;
      g_ptr_array_add (worker->edge, client);
      break;
    default:
      keep_rest_locked (worker->engine, client);
      client->place = GST_SOCKET_PLACE_RUNNABLE;
      g_queue_push_tail_link (&worker->runnable, &client->link);
      break;
  }
}

static void
place_moved_locked (GstSocketWorker *worker, GArray *reports)
{
  for (guint i = 0; i < worker->moved->len; i++)
    place_locked (worker, g_ptr_array_index (worker->moved, i), reports);
  g_ptr_array_set_size (worker->moved, 0);
}

static void
place_runnable_locked (GstSocketWorker *worker, GArray *reports)
{
  GQueue served = worker->runnable;
  GList *link;

  g_queue_init (&worker->runnable);
  while ((link = g_queue_pop_head_link (&served)) != NULL)
    place_locked (worker, link->data, reports);
}

static gboolean
has_more_locked (GstSocketWorker *worker)
{
  guint64 newest = gst_socket_queue_get_newest (worker->engine->queue);
  guint64 edge_next = worker->edge_next;

  if (worker->incoming.head != NULL || worker->dropped->len > 0
      || worker->doomed->len > 0 || worker->quit)
    return TRUE;
  if (worker->edge->len > 0 && edge_next <= newest
      && worker->now >= worker->deadline)
    return TRUE;
  if (worker->edge->len == 0)
    edge_next = newest + 1;
  for (GList *l = worker->runnable.head; l != NULL; l = l->next) {
    GstSocketClient *client = l->data;

    if (client->next < edge_next || client->inflight != NULL
        || is_flushed (client))
      return TRUE;
  }
  return FALSE;
}

static gint64
until (GstSocketWorker *worker, gint64 time)
{
  return MAX (time - worker->now, 0);
}

/* How to wait: not at all while there is work, until the gathering of buffers
 * is over, or until somebody wakes the worker. */
static void
decide_wait_locked (GstSocketWorker *worker)
{
  if (has_more_locked (worker)) {
    worker->wait_ns = 0;
    return;
  }
  if (worker->deadline > worker->now) {
    worker->wait_ns = until (worker, worker->deadline);
    return;
  }
  worker->asleep = TRUE;
  worker->wait_ns = -1;
  if (worker->limits.timeout > 0 && worker->n_clients > 0)
    worker->wait_ns = until (worker, worker->check_at);
}

static void
end_pass (GstSocketWorker *worker, GArray *reports)
{
  GstSocketEngine *engine = worker->engine;

  gst_socket_ring_unref (g_steal_pointer (&worker->ring));
  g_mutex_lock (&engine->lock);
  place_runnable_locked (worker, reports);
  place_moved_locked (worker, reports);
  worker->n_edge = worker->edge->len;
  worker->pin = G_MAXUINT64;
  gst_socket_engine_collect_locked (engine, worker->garbage);
  engine->totals.bytes_served += worker->pass_bytes;
  decide_wait_locked (worker);
  worker->in_pass = FALSE;
  worker->n_passes++;
  if (G_UNLIKELY (engine->n_passes_awaited > 0))
    g_cond_broadcast (&engine->passed);
  g_mutex_unlock (&engine->lock);
}

/* --- reporting --- */

/* A callback before this one may have let the client go: its handle is kept for
 * the time of the call, or the call left out. */
static void
report_one (GstSocketWorker *worker, const GstSocketTraffic *traffic)
{
  GstSocketEngine *engine = worker->engine;
  g_autoptr (GObject) object = NULL;

  if (!gst_socket_client_hold (traffic->client))
    return;
  if (traffic->client->handle.object != NULL)
    object = g_object_ref (traffic->client->handle.object);
  gst_socket_client_release (traffic->client);
  if (traffic->is_received && engine->funcs.received != NULL)
    engine->funcs.received (
        engine, traffic->client, traffic->buffer, engine->user_data);
  else if (!traffic->is_received && engine->funcs.sent != NULL)
    engine->funcs.sent (
        engine, traffic->client, traffic->buffer, engine->user_data);
}

static void
report_traffic (GstSocketWorker *worker)
{
  for (guint i = 0; i < worker->traffic->len; i++) {
    GstSocketTraffic *traffic =
        &g_array_index (worker->traffic, GstSocketTraffic, i);

    report_one (worker, traffic);
    gst_buffer_unref (traffic->buffer);
    gst_socket_client_unref (traffic->client);
  }
  g_array_set_size (worker->traffic, 0);
}

static void
report (GstSocketWorker *worker, GArray *reports)
{
  g_ptr_array_set_size (worker->garbage, 0);
  report_traffic (worker);
  gst_socket_engine_report (worker->engine, reports);
  gst_socket_engine_see_off (worker->engine, worker->leavers);
  g_ptr_array_set_size (worker->goners, 0);
}

/* --- the thread --- */

static void
run_pass (GstSocketWorker *worker)
{
  g_autoptr (GArray) reports = gst_socket_reports_new ();

  begin_pass (worker);
  serve_edge (worker);
  serve_runnable (worker);
  begin_gathering (worker);
  end_pass (worker, reports);
  gst_socket_worker_check_inactive (worker);
  report (worker, reports);
}

/* Returns whether to go on. The settings are those of now, also for what the
 * wait has found. */
static gboolean
begin_turn (GstSocketWorker *worker)
{
  GstSocketEngine *engine = worker->engine;
  gboolean quit;

  worker->now = gst_socket_now ();
  g_mutex_lock (&engine->lock);
  if (worker->limits.timeout != engine->limits.timeout)
    worker->check_at = 0;
  worker->limits = engine->limits;
  worker->deadline =
      MIN (worker->deadline, worker->now + (gint64) worker->limits.batch_time);
  if (G_UNLIKELY (worker->hurry))
    worker->deadline = 0;
  worker->hurry = FALSE;
  quit = worker->quit;
  g_mutex_unlock (&engine->lock);
  return !quit;
}

/* A pipe whose reader has gone would raise SIGPIPE: in this thread the signal
 * stays blocked, and the write returns EPIPE. */
static void
block_sigpipe (void)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
}

static gpointer
run (gpointer data)
{
  GstSocketWorker *worker = data;
  GstSocketPollEvent events[EVENTS_PER_WAIT];

  guint n = 0;

  block_sigpipe ();
  while (begin_turn (worker)) {
    handle_events (worker, events, n);
    run_pass (worker);
    n = gst_socket_poller_wait (
        worker->poller, events, G_N_ELEMENTS (events), worker->wait_ns);
  }
  return NULL;
}

static void
free_worker (GstSocketWorker *worker)
{
  g_ptr_array_unref (worker->dropped);
  g_ptr_array_unref (worker->stale);
  g_ptr_array_unref (worker->doomed);
  g_ptr_array_unref (worker->edge);
  g_ptr_array_unref (worker->moved);
  g_ptr_array_unref (worker->writable);
  g_ptr_array_unref (worker->leavers);
  g_ptr_array_unref (worker->goners);
  g_ptr_array_unref (worker->garbage);
  g_array_unref (worker->traffic);
  gst_socket_poller_free (worker->poller);
  g_free (worker);
}

GstSocketWorker *
gst_socket_worker_ref (GstSocketWorker *worker)
{
  g_atomic_ref_count_inc (&worker->ref_count);
  return worker;
}

void
gst_socket_worker_unref (GstSocketWorker *worker)
{
  if (worker != NULL && g_atomic_ref_count_dec (&worker->ref_count))
    free_worker (worker);
}

static GstSocketWorker *
make_worker (GstSocketEngine *engine)
{
  GstSocketWorker *worker = g_new0 (GstSocketWorker, 1);

  g_atomic_ref_count_init (&worker->ref_count);
  worker->engine = engine;
  worker->pin = G_MAXUINT64;
  worker->edge_next = 1;
  worker->dropped = new_client_array ();
  worker->stale = new_client_array ();
  worker->doomed = new_client_array ();
  worker->edge = new_client_array ();
  worker->moved = g_ptr_array_new ();
  worker->writable = g_ptr_array_new ();
  worker->leavers = new_client_array ();
  worker->goners = new_client_array ();
  worker->garbage =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_socket_unit_unref);
  worker->traffic = g_array_new (FALSE, FALSE, sizeof (GstSocketTraffic));
  return worker;
}

GstSocketWorker *
gst_socket_worker_new (GstSocketEngine *engine, GError **error)
{
  GstSocketWorker *worker = make_worker (engine);

  worker->poller = gst_socket_poller_new (GST_SOCKET_POLLER_AUTO, error);
  if (worker->poller != NULL)
    worker->thread = g_thread_try_new ("socket-sender", run, worker, error);
  if (worker->thread == NULL)
    g_clear_pointer (&worker, gst_socket_worker_unref);
  return worker;
}

static void
unref_all (GQueue *clients)
{
  GList *link;

  while ((link = g_queue_pop_head_link (clients)) != NULL)
    gst_socket_client_unref (link->data);
}

/* The thread has ended and the clients are removed: lets go of them, and drops
 * the engine's reference. A client that another thread is still seeing off
 * keeps the rest alive. */
void
gst_socket_worker_retire (GstSocketWorker *worker)
{
  GstSocketEngine *engine = worker->engine;

  gst_socket_engine_see_off (engine, worker->doomed);
  g_mutex_lock (&engine->lock);
  worker->retired = TRUE;
  g_mutex_unlock (&engine->lock);
  unref_all (&worker->incoming);
  unref_all (&worker->runnable);
  g_ptr_array_set_size (worker->dropped, 0);
  g_ptr_array_set_size (worker->stale, 0);
  g_ptr_array_set_size (worker->edge, 0);
  g_ptr_array_set_size (worker->goners, 0);
  gst_socket_worker_unref (worker);
}
