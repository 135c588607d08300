/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketengine.c: one stream to many clients
 *
 * Here: an engine's life, its workers, clients in and out.
 * Not here: buffers in (gstsocketpush.c), sending (gstsocketworker.c,
 * gstsocketserve.c), limits (gstsocketlimits.c), figures (gstsocketfigures.c).
 *
 * Threads   app: start, stop, add, remove
 *           worker: callbacks; may call all but stop
 * Locks     engine->lock: everything that gstsocketengine-private.h says; not
 *           held across callbacks and unrefs of buffers
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketengine-private.h"

/**
 * SECTION:gstsocketengine
 * @title: GstSocketEngine
 * @short_description: one stream to many clients
 *
 * One thread pushes buffers, a few workers send them, clients are places in
 * the queue. A push appends a unit, looks at clients that lag and wakes the
 * workers; it never waits for a client, nor for a lock that is held while
 * sending. A worker sends to each of its clients, with one call, everything
 * the client lacks; the list of pieces for that is made once for all clients
 * at one place, which is almost all of them.
 *
 * Load makes the batches larger by itself: while a worker is busy, buffers
 * gather. #GstSocketLimits.batch_time makes it gather on purpose.
 *
 * The engine never closes a descriptor. After #GstSocketEngineFuncs.gone it
 * does not touch it any more.
 */

/* A worker more is started when each one has this many clients. */
#define CLIENTS_PER_WORKER 128
#define MAX_AUTO_WORKERS 8

#define FOR_EVER (100 * G_GUINT64_CONSTANT (31557600) * GST_SECOND)

/* --- life --- */

static GHashTable *
new_client_table (void)
{
  return g_hash_table_new_full (
      NULL, NULL, NULL, (GDestroyNotify) gst_socket_client_unref);
}

/**
 * gst_socket_engine_new: (skip)
 * @funcs: what the engine reports to; copied
 * @user_data: for @funcs
 *
 * Returns: (transfer full): an engine that is not running
 */
GstSocketEngine *
gst_socket_engine_new (const GstSocketEngineFuncs *funcs, gpointer user_data)
{
  GstSocketEngine *engine = g_new0 (GstSocketEngine, 1);

  engine->funcs = *funcs;
  engine->user_data = user_data;
  g_mutex_init (&engine->lock);
  g_cond_init (&engine->released);
  g_cond_init (&engine->passed);
  engine->queue = gst_socket_queue_new (1);
  engine->clients = new_client_table ();
  engine->workers = g_ptr_array_new ();
  engine->auto_workers = MIN (g_get_num_processors (), MAX_AUTO_WORKERS);
  engine->plain = gst_socket_framing_new_none ();
  gst_socket_engine_init_push (engine);
  engine->blocked_low = G_MAXUINT64;
  engine->next_id = 1;
  engine->limits.keyframe_interval = GST_CLOCK_TIME_NONE;
  engine->limits.resend_headers = TRUE;
  return engine;
}

/**
 * gst_socket_engine_free: (skip)
 * @engine: (transfer full) (nullable): an engine
 *
 * Stops the engine if it runs, and frees it. Not from its callbacks.
 */
void
gst_socket_engine_free (GstSocketEngine *engine)
{
  if (engine == NULL)
    return;
  gst_socket_engine_stop (engine);
  gst_socket_queue_free (engine->queue);
  g_hash_table_unref (engine->clients);
  g_ptr_array_unref (engine->workers);
  gst_socket_engine_clear_push (engine);
  gst_socket_framing_unref (engine->plain);
  g_cond_clear (&engine->released);
  g_cond_clear (&engine->passed);
  g_mutex_clear (&engine->lock);
  g_free (engine);
}

static GPtrArray *
ref_workers (GstSocketEngine *engine)
{
  GPtrArray *workers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_socket_worker_unref);

  g_mutex_lock (&engine->lock);
  for (guint i = 0; i < engine->workers->len; i++)
    g_ptr_array_add (workers,
        gst_socket_worker_ref (g_ptr_array_index (engine->workers, i)));
  g_mutex_unlock (&engine->lock);
  return workers;
}

/* Makes all workers look at what has changed. Any thread, no lock held. */
void
gst_socket_engine_wake_workers (GstSocketEngine *engine)
{
  g_autoptr (GPtrArray) workers = ref_workers (engine);

  for (guint i = 0; i < workers->len; i++) {
    GstSocketWorker *worker = g_ptr_array_index (workers, i);

    gst_socket_poller_wake (worker->poller);
  }
}

/* Times are compared as signed ns: what is longer than a century is for ever. */
static void
make_finite (GstSocketLimits *limits)
{
  if (limits->timeout > FOR_EVER)
    limits->timeout = 0;
  if (limits->keyframe_interval > FOR_EVER)
    limits->keyframe_interval = GST_CLOCK_TIME_NONE;
  limits->batch_time = MIN (limits->batch_time, FOR_EVER);
}

/**
 * gst_socket_engine_set_limits: (skip)
 * @engine: an engine
 * @limits: the settings; copied
 *
 * Changes the settings; they apply from the next push on. Any thread.
 */
void
gst_socket_engine_set_limits (
    GstSocketEngine *engine, const GstSocketLimits *limits)
{
  g_mutex_lock (&engine->lock);
  engine->limits = *limits;
  make_finite (&engine->limits);
  engine->limits_are_new = TRUE;
  g_mutex_unlock (&engine->lock);
  gst_socket_engine_wake_workers (engine);
}

static void
end_worker (GstSocketWorker *worker)
{
  g_mutex_lock (&worker->engine->lock);
  worker->quit = TRUE;
  g_mutex_unlock (&worker->engine->lock);
  gst_socket_poller_wake (worker->poller);
  g_thread_join (worker->thread);
  gst_socket_worker_unref (worker);
}

/**
 * gst_socket_engine_start: (skip)
 * @engine: an engine that is not running
 * @error: set when threads or descriptors have run out
 *
 * Starts the first worker and resets the figures. Clients may be added then.
 *
 * Returns: whether it runs
 */
gboolean
gst_socket_engine_start (GstSocketEngine *engine, GError **error)
{
  GstSocketWorker *worker = gst_socket_worker_new (engine, error);

  if (worker == NULL)
    return FALSE;
  g_mutex_lock (&engine->lock);
  /* The length of the queue is that after the last push, whenever it was. */
  engine->totals =
      (GstSocketTotals){.buffers_queued = engine->totals.buffers_queued};
  engine->keyframe_asked = G_MININT64 / 2;
  g_ptr_array_add (engine->workers, worker);
  engine->running = TRUE;
  g_mutex_unlock (&engine->lock);
  return TRUE;
}

static GPtrArray *
take_workers (GstSocketEngine *engine)
{
  GPtrArray *workers;

  g_mutex_lock (&engine->lock);
  engine->running = FALSE;
  workers = g_steal_pointer (&engine->workers);
  engine->workers = g_ptr_array_new ();
  for (guint i = 0; i < workers->len; i++) {
    GstSocketWorker *worker = g_ptr_array_index (workers, i);

    worker->quit = TRUE;
  }
  g_mutex_unlock (&engine->lock);
  return workers;
}

static void
reset_queue (GstSocketEngine *engine)
{
  GstSocketQueue *old;

  g_mutex_lock (&engine->lock);
  old = g_steal_pointer (&engine->queue);
  engine->queue = gst_socket_queue_new (1);
  engine->blocked_low = G_MAXUINT64;
  engine->held_bytes = 0;
  g_mutex_unlock (&engine->lock);
  gst_socket_queue_free (old);
}

/**
 * gst_socket_engine_stop: (skip)
 * @engine: an engine
 *
 * Ends the workers, removes all clients and empties the queue. What was not
 * sent is dropped. Does nothing when it does not run. Not from its callbacks
 * in a worker's thread, see gst_socket_engine_is_worker().
 */
void
gst_socket_engine_stop (GstSocketEngine *engine)
{
  g_autoptr (GPtrArray) workers = take_workers (engine);

  for (guint i = 0; i < workers->len; i++) {
    GstSocketWorker *worker = g_ptr_array_index (workers, i);

    gst_socket_poller_wake (worker->poller);
  }
  for (guint i = 0; i < workers->len; i++) {
    GstSocketWorker *worker = g_ptr_array_index (workers, i);

    g_thread_join (worker->thread);
  }
  gst_socket_engine_clear (engine);
  for (guint i = 0; i < workers->len; i++)
    gst_socket_worker_retire (g_ptr_array_index (workers, i));
  reset_queue (engine);
}

/**
 * gst_socket_engine_is_worker: (skip)
 * @engine: an engine
 *
 * Returns: whether the caller runs in one of the engine's own threads
 */
gboolean
gst_socket_engine_is_worker (GstSocketEngine *engine)
{
  GThread *self = g_thread_self ();
  gboolean found = FALSE;

  g_mutex_lock (&engine->lock);
  for (guint i = 0; i < engine->workers->len; i++) {
    GstSocketWorker *worker = g_ptr_array_index (engine->workers, i);

    found |= worker->thread == self;
  }
  g_mutex_unlock (&engine->lock);
  return found;
}

/* --- clients in --- */

static guint
max_workers (GstSocketEngine *engine)
{
  if (engine->limits.workers > 0)
    return MIN (engine->limits.workers, GST_SOCKET_MAX_WORKERS);
  return engine->auto_workers;
}

/* The worker with the fewest clients. */
static GstSocketWorker *
choose_worker_locked (GstSocketEngine *engine)
{
  GstSocketWorker *best = g_ptr_array_index (engine->workers, 0);

  for (guint i = 1; i < engine->workers->len; i++) {
    GstSocketWorker *worker = g_ptr_array_index (engine->workers, i);

    if (worker->n_clients < best->n_clients)
      best = worker;
  }
  return best;
}

/* Another worker is started when all have many clients, because waking several
 * threads for a few clients would only cost, or when all have one and the
 * number of workers was asked for. */
static gboolean
needs_worker_locked (GstSocketEngine *engine)
{
  guint enough = engine->limits.workers > 0 ? 1 : CLIENTS_PER_WORKER;

  return engine->running && !engine->is_adding_worker
      && engine->workers->len < max_workers (engine)
      && choose_worker_locked (engine)->n_clients >= enough;
}

/* Without the lock: a thread is not started in no time. When there is none to
 * be had, the workers there are do. */
static void
add_worker_if_needed (GstSocketEngine *engine)
{
  GstSocketWorker *worker;
  gboolean needed;

  g_mutex_lock (&engine->lock);
  needed = needs_worker_locked (engine);
  engine->is_adding_worker |= needed;
  g_mutex_unlock (&engine->lock);
  if (!needed)
    return;
  worker = gst_socket_worker_new (engine, NULL);
  g_mutex_lock (&engine->lock);
  engine->is_adding_worker = FALSE;
  if (worker != NULL && engine->running)
    g_ptr_array_add (engine->workers, g_steal_pointer (&worker));
  g_mutex_unlock (&engine->lock);
  if (worker != NULL)
    end_worker (worker);
}

static GstSocketAddResult
check_new_locked (GstSocketEngine *engine, gpointer key)
{
  guint n = g_hash_table_size (engine->clients);

  if (!engine->running)
    return GST_SOCKET_ADD_STOPPED;
  if (g_hash_table_contains (engine->clients, key))
    return GST_SOCKET_ADD_DUPLICATE;
  if (engine->limits.max_clients > 0 && n >= engine->limits.max_clients)
    return GST_SOCKET_ADD_FULL;
  return GST_SOCKET_ADD_OK;
}

/* The client must be listed by then, so that what the poller tells of it can
 * be acted on. It may be leaving already: whoever sees it off takes the
 * descriptor out again, once the caller has released it. */
static gboolean
start_waiting (GstSocketClient *client)
{
  GstSocketPoller *poller = client->worker->poller;
  guint events = (client->handle.flags & GST_SOCKET_HANDLE_READ)
      ? GST_SOCKET_POLL_READ
      : 0;
  g_autoptr (GError) error = NULL;

  if (!gst_socket_poller_add (
          poller, client->handle.fd, events, client, &error)) {
    GST_DEBUG ("%s", error->message);
    /* A regular file need not be waited for. */
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  }
  g_atomic_int_set (&client->is_polled, TRUE);
  return TRUE;
}

/* A descriptor that cannot be used makes a client that leaves at once, so that
 * whoever adds it learns of it in the usual way. */
static void
doom_locked (GstSocketEngine *engine, GstSocketClient *client)
{
  if (gst_socket_engine_mark_leaving_locked (
          engine, client, GST_SOCKET_CLIENT_ERROR))
    g_ptr_array_add (client->worker->doomed, gst_socket_client_ref (client));
}

/* Done without the lock, because a push must not wait for system calls; the
 * claim keeps whoever removes the client from going on. */
static void
wait_for_client (GstSocketEngine *engine, GstSocketClient *client)
{
  if (!gst_socket_client_hold (client))
    return;
  if (!start_waiting (client)) {
    g_mutex_lock (&engine->lock);
    doom_locked (engine, client);
    g_mutex_unlock (&engine->lock);
    gst_socket_poller_wake (client->worker->poller);
  }
  gst_socket_client_release (client);
}

static GstSocketAddResult
add_locked (GstSocketEngine *engine, GstSocketClient *client)
{
  GstSocketAddResult result = check_new_locked (engine, client->handle.key);

  if (result != GST_SOCKET_ADD_OK)
    return result;
  client->worker = gst_socket_worker_ref (choose_worker_locked (engine));
  client->id = engine->next_id++;
  client->is_listed = TRUE;
  client->worker->n_clients++;
  engine->totals.clients_served++;
  g_hash_table_insert (
      engine->clients, client->handle.key, gst_socket_client_ref (client));
  /* The worker's reference; it is the worker that gives it back. */
  gst_socket_client_ref (client);
  client->place = GST_SOCKET_PLACE_JOINING;
  g_queue_push_tail_link (&engine->joining, &client->link);
  return GST_SOCKET_ADD_OK;
}

/**
 * gst_socket_engine_add: (skip)
 * @engine: an engine
 * @handle: how to reach the client; copied
 * @start: where it starts; copied
 * @framing: (nullable): how its bytes are wrapped, %NULL for not at all
 *
 * Adds a client. It gets nothing before the next push. One whose descriptor
 * cannot be used is added too, and leaves at once with an error. Any thread.
 *
 * Returns: what became of it
 */
GstSocketAddResult
gst_socket_engine_add (GstSocketEngine *engine, const GstSocketHandle *handle,
    const GstSocketStart *start, GstSocketFraming *framing)
{
  g_autoptr (GstSocketClient) client =
      gst_socket_client_new (engine, handle, start, framing);
  GstSocketAddResult result;
  gboolean is_timed;

  client->flush_until = G_MAXUINT64;
  add_worker_if_needed (engine);
  g_mutex_lock (&engine->lock);
  result = add_locked (engine, client);
  is_timed = engine->limits.timeout > 0;
  g_mutex_unlock (&engine->lock);
  if (result != GST_SOCKET_ADD_OK)
    return result;
  wait_for_client (engine, client);
  /* Its inactivity counts from now on. */
  if (is_timed)
    gst_socket_poller_wake (client->worker->poller);
  return result;
}

/* --- clients out --- */

/* Takes the client out of the list that others may change. What a worker goes
 * through without the lock is left for the worker to clean up, when whoever
 * sees the client off wakes it. */
static void
unlink_locked (GstSocketEngine *engine, GstSocketClient *client)
{
  switch (client->place) {
    case GST_SOCKET_PLACE_JOINING:
      g_queue_unlink (&engine->joining, &client->link);
      break;
    case GST_SOCKET_PLACE_INCOMING:
      g_queue_unlink (&client->worker->incoming, &client->link);
      break;
    case GST_SOCKET_PLACE_BLOCKED:
      gst_socket_engine_unblock_locked (engine, client);
      break;
    default:
      client->worker->sweep = TRUE;
      return;
  }
  client->place = GST_SOCKET_PLACE_NOWHERE;
  g_ptr_array_add (client->worker->dropped, client);
}

/* Decides that a client goes. Whoever gets TRUE sees it off, with no lock. */
gboolean
gst_socket_engine_mark_leaving_locked (GstSocketEngine *engine,
    GstSocketClient *client, GstSocketClientStatus status)
{
  if (client->leaving || !client->is_listed)
    return FALSE;
  g_atomic_int_set (&client->leaving, TRUE);
  client->status = status;
  client->disconnect_time = g_get_real_time () * GST_USECOND;
  client->disconnect_time_mono = gst_socket_now ();
  unlink_locked (engine, client);
  return TRUE;
}

/* The number of a descriptor that was closed may be another client's. An event
 * may be on its way to the worker, so that the client has to stay until the
 * worker's next pass; what cannot be taken out of the poller, until it begins
 * anew. To a worker whose thread has ended nothing is on its way, and it would
 * keep the client, which keeps it, for ever. */
static void
stop_waiting (GstSocketEngine *engine, GstSocketClient *client)
{
  GstSocketWorker *worker = client->worker;
  gint fd =
      gst_socket_handle_is_closed (&client->handle) ? -1 : client->handle.fd;
  gboolean removed = gst_socket_poller_remove (worker->poller, fd, client);

  g_mutex_lock (&engine->lock);
  if (!worker->retired)
    g_ptr_array_add (removed ? worker->dropped : worker->stale,
        gst_socket_client_ref (client));
  g_mutex_unlock (&engine->lock);
}

/* From here on nothing comes of the client, and nobody uses its descriptor. */
static void
detach (GstSocketEngine *engine, GstSocketClient *client)
{
  gst_socket_client_claim_for_good (client);
  if (g_atomic_int_get (&client->is_polled))
    stop_waiting (engine, client);
  gst_socket_poller_wake (client->worker->poller);
}

static void
see_off_one (GstSocketEngine *engine, GstSocketClient *client)
{
  const GstSocketEngineFuncs *funcs = &engine->funcs;

  funcs->removed (engine, client, client->status, engine->user_data);

  g_mutex_lock (&engine->lock);
  client->is_listed = FALSE;
  client->worker->n_clients--;
  g_hash_table_steal (engine->clients, client->handle.key);
  g_mutex_unlock (&engine->lock);

  funcs->gone (engine, client, client->status, engine->user_data);
  /* The claim keeps everybody off the handle: its owner need not wait for the
   * worker to give back the client. */
  g_clear_object (&client->handle.object);
  gst_socket_client_unref (client);
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  const GstSocketClient *client_a = *(GstSocketClient *const *) a;
  const GstSocketClient *client_b = *(GstSocketClient *const *) b;

  return client_a->id < client_b->id ? 1 : -1;
}

/* Reports clients that were marked as leaving, and lets them go: the newest
 * first, as the stock plugin does. */
void
gst_socket_engine_see_off (GstSocketEngine *engine, GPtrArray *leavers)
{
  g_ptr_array_sort (leavers, compare_ids);
  for (guint i = 0; i < leavers->len; i++)
    detach (engine, g_ptr_array_index (leavers, i));
  for (guint i = 0; i < leavers->len; i++)
    see_off_one (engine, g_ptr_array_index (leavers, i));
  g_ptr_array_set_size (leavers, 0);
}

static GPtrArray *
new_leavers (void)
{
  return g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_socket_client_unref);
}

static gboolean
remove_client (GstSocketEngine *engine, GstSocketClient *client,
    GstSocketClientStatus status)
{
  g_autoptr (GPtrArray) leavers = new_leavers ();

  g_mutex_lock (&engine->lock);
  if (gst_socket_engine_mark_leaving_locked (engine, client, status))
    g_ptr_array_add (leavers, gst_socket_client_ref (client));
  g_mutex_unlock (&engine->lock);
  gst_socket_engine_see_off (engine, leavers);
  return TRUE;
}

static GstSocketClient *
lookup (GstSocketEngine *engine, gpointer key)
{
  GstSocketClient *client;

  g_mutex_lock (&engine->lock);
  client = g_hash_table_lookup (engine->clients, key);
  if (client != NULL)
    gst_socket_client_ref (client);
  g_mutex_unlock (&engine->lock);
  return client;
}

/**
 * gst_socket_engine_remove: (skip)
 * @engine: an engine
 * @key: of a client
 * @status: why it goes
 *
 * Removes a client; one that is being flushed goes by itself and is left, and
 * one that another thread is removing is that thread's. The callbacks run in
 * the caller's thread; when this returns, the descriptor is not used any more.
 * Any thread, no lock held.
 *
 * Returns: whether there was such a client; also when it is leaving already
 */
gboolean
gst_socket_engine_remove (
    GstSocketEngine *engine, gpointer key, GstSocketClientStatus status)
{
  g_autoptr (GstSocketClient) client = lookup (engine, key);

  if (client == NULL)
    return FALSE;
  if (gst_socket_load64 (&client->flush_until) == G_MAXUINT64)
    remove_client (engine, client, status);
  return TRUE;
}

static gboolean
has_id (gpointer key, gpointer value, gpointer user_data)
{
  GstSocketClient *client = value;

  return client->id == *(guint64 *) user_data;
}

/**
 * gst_socket_engine_remove_id: (skip)
 * @engine: an engine
 * @id: a client's number, see gst_socket_client_get_id()
 * @status: why it goes
 *
 * Removes a client by number, as gst_socket_engine_remove() does.
 *
 * Returns: whether there was such a client
 */
gboolean
gst_socket_engine_remove_id (
    GstSocketEngine *engine, guint64 id, GstSocketClientStatus status)
{
  g_autoptr (GstSocketClient) client = NULL;

  g_mutex_lock (&engine->lock);
  client = g_hash_table_find (engine->clients, has_id, &id);
  if (client != NULL)
    gst_socket_client_ref (client);
  g_mutex_unlock (&engine->lock);
  return client != NULL && remove_client (engine, client, status);
}

/**
 * gst_socket_engine_remove_flush: (skip)
 * @engine: an engine
 * @key: of a client
 *
 * Lets a client have what is queued now, and removes it then. Any thread.
 *
 * Returns: whether there was such a client
 */
gboolean
gst_socket_engine_remove_flush (GstSocketEngine *engine, gpointer key)
{
  GstSocketClient *client;

  g_mutex_lock (&engine->lock);
  client = g_hash_table_lookup (engine->clients, key);
  if (client != NULL && !client->leaving
      && client->status != GST_SOCKET_CLIENT_FLUSHING) {
    client->status = GST_SOCKET_CLIENT_FLUSHING;
    gst_socket_store64 (
        &client->flush_until, gst_socket_queue_get_newest (engine->queue));
  }
  g_mutex_unlock (&engine->lock);
  return client != NULL;
}

GPtrArray *
gst_socket_engine_snapshot_locked (GstSocketEngine *engine)
{
  GPtrArray *clients = new_leavers ();
  GHashTableIter iter;
  gpointer client;

  g_hash_table_iter_init (&iter, engine->clients);
  while (g_hash_table_iter_next (&iter, NULL, &client))
    g_ptr_array_add (clients, gst_socket_client_ref (client));
  return clients;
}

/* Newest first, the order in which the stock plugin removes them. */
GPtrArray *
gst_socket_engine_snapshot (GstSocketEngine *engine)
{
  GPtrArray *clients;

  g_mutex_lock (&engine->lock);
  clients = gst_socket_engine_snapshot_locked (engine);
  g_mutex_unlock (&engine->lock);
  g_ptr_array_sort (clients, compare_ids);
  return clients;
}

/**
 * gst_socket_engine_clear: (skip)
 * @engine: an engine
 *
 * Removes all clients, as gst_socket_engine_remove() does. Any thread.
 */
void
gst_socket_engine_clear (GstSocketEngine *engine)
{
  g_autoptr (GPtrArray) clients = gst_socket_engine_snapshot (engine);

  for (guint i = 0; i < clients->len; i++)
    remove_client (
        engine, g_ptr_array_index (clients, i), GST_SOCKET_CLIENT_REMOVED);
}

/**
 * gst_socket_engine_foreach: (skip)
 * @engine: an engine
 * @func: (scope call): called with each #GstSocketClient, no lock held
 * @user_data: for @func
 *
 * Calls a function for all clients there are now. Any thread.
 */
void
gst_socket_engine_foreach (
    GstSocketEngine *engine, GFunc func, gpointer user_data)
{
  g_autoptr (GPtrArray) clients = gst_socket_engine_snapshot (engine);

  g_ptr_array_foreach (clients, func, user_data);
}
