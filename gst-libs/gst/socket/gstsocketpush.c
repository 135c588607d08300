/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpush.c: a new buffer for all clients
 *
 * Here: queueing a buffer, finding out where new clients start, waking workers.
 * Not here: limits (gstsocketlimits.c), sending (gstsocketworker.c).
 *
 * Threads   streaming: all of it but for admit and get_newest: any
 * Locks     engine->lock, while the queue and places change; not while workers
 *           are woken, clients are seen off or buffers given back
 * Waits     only when a client that no worker has tried is at a limit: for the
 *           pass that tries it, MAX_WAIT at most
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketengine-private.h"

/* What a pass takes with thousands of clients. */
#define MAX_WAIT (20 * GST_MSECOND)

/* Finds out where a new client starts; returns whether it waits for a
 * keyframe. One that is to be flushed starts after the end: its worker finds
 * nothing to send and lets it go. */
static gboolean
place_joiner_locked (GstSocketEngine *engine, GstSocketClient *client)
{
  guint64 start = gst_socket_policy_start (engine->queue, &client->start);

  if (client->status == GST_SOCKET_CLIENT_FLUSHING)
    start = gst_socket_queue_get_newest (engine->queue) + 1;
  if (start == 0) {
    client->start.sync = GST_SOCKET_SYNC_NEXT_KEYFRAME;
    return TRUE;
  }
  gst_socket_store64 (&client->next, start);
  g_queue_unlink (&engine->joining, &client->link);
  client->place = GST_SOCKET_PLACE_INCOMING;
  g_queue_push_tail_link (&client->worker->incoming, &client->link);
  return FALSE;
}

static gboolean
place_joiners_locked (GstSocketEngine *engine)
{
  gboolean waiting = FALSE;

  for (GList *l = engine->joining.head, *next; l != NULL; l = next) {
    next = l->next;
    waiting |= place_joiner_locked (engine, l->data);
  }
  return waiting;
}

/* Whether to ask for a keyframe now, on behalf of clients that wait for one. */
static gboolean
is_keyframe_due_locked (GstSocketEngine *engine)
{
  gint64 now = gst_socket_now ();

  if (engine->limits.keyframe_interval == GST_CLOCK_TIME_NONE
      || now - engine->keyframe_asked
          < (gint64) engine->limits.keyframe_interval)
    return FALSE;
  engine->keyframe_asked = now;
  return TRUE;
}

/* Notes which workers have to be woken. Waking them is a system call after
 * which they may well run at once, so it is done without the lock. */
static void
note_sleepers_locked (GstSocketEngine *engine, GstSocketPush *push)
{
  push->n_sleepers = 0;
  for (guint i = 0; i < engine->workers->len; i++) {
    GstSocketWorker *worker = g_ptr_array_index (engine->workers, i);

    if (!worker->asleep
        || (worker->n_edge == 0 && worker->incoming.head == NULL
            && worker->runnable.head == NULL))
      continue;
    worker->asleep = FALSE;
    push->sleepers[push->n_sleepers++] = worker->poller;
  }
}

/* The workers that have clients at a limit which they have not tried: asked
 * together with the rest, for a pass that begins later moves the edge first and
 * sends then. */
static guint64
find_early_locked (GstSocketEngine *engine)
{
  guint64 early = 0;

  for (guint i = 0; i < engine->workers->len; i++)
    if (gst_socket_engine_is_untried_over_locked (
            engine, g_ptr_array_index (engine->workers, i)))
      early |= G_GUINT64_CONSTANT (1) << i;
  return early;
}

static void
push_locked (GstSocketEngine *engine, GstSocketUnit *unit)
{
  GstSocketPush *push = &engine->push;
  gboolean waiting;

  gst_socket_queue_append (engine->queue, unit);
  engine->totals.bytes_pushed += unit->size;
  engine->limits_are_new = FALSE;
  gst_socket_engine_enforce_all_locked (engine, push->leavers, push->reports);
  gst_socket_engine_trim_locked (engine, push->leavers, push->reports);
  engine->totals.buffers_queued = gst_socket_queue_get_length (engine->queue);
  waiting = place_joiners_locked (engine);
  push->ask = waiting && is_keyframe_due_locked (engine);
  push->early = find_early_locked (engine);
  gst_socket_engine_collect_locked (engine, push->garbage);
  note_sleepers_locked (engine, push);
}

/* Tells of clients that lag too far. */
void
gst_socket_engine_report (GstSocketEngine *engine, GArray *reports)
{
  for (guint i = 0; i < reports->len && engine->funcs.slow != NULL; i++)
    engine->funcs.slow (engine,
        &g_array_index (reports, GstSocketSlowReport, i), engine->user_data);
  g_array_set_size (reports, 0);
}

/* --- clients at a limit that have not been tried --- */

/* Tells the workers that have such clients not to gather, and notes the passes
 * to wait for: the next one, or the one after if the worker is in the middle of
 * one. A worker that is held up is waited for once, not by every push. */
static void
hurry_workers_locked (GstSocketEngine *engine, guint64 *ret_awaited)
{
  for (guint i = 0; i < engine->workers->len; i++) {
    GstSocketWorker *worker = g_ptr_array_index (engine->workers, i);

    ret_awaited[i] = 0;
    if ((engine->push.early >> i & 1) == 0)
      continue;
    worker->hurry = TRUE;
    ret_awaited[i] = worker->n_passes + (worker->in_pass ? 2 : 1);
    if (worker->overdue == worker->n_passes + 1)
      ret_awaited[i] = 0;
    gst_socket_poller_wake (worker->poller);
  }
}

static gboolean
have_passed_locked (GstSocketEngine *engine, const guint64 *awaited, guint n)
{
  for (guint i = 0; i < MIN (n, engine->workers->len); i++) {
    GstSocketWorker *worker = g_ptr_array_index (engine->workers, i);

    if (worker->n_passes < awaited[i])
      return FALSE;
  }
  return TRUE;
}

static void
note_overdue_locked (GstSocketEngine *engine, const guint64 *awaited, guint n)
{
  for (guint i = 0; i < MIN (n, engine->workers->len); i++) {
    GstSocketWorker *worker = g_ptr_array_index (engine->workers, i);

    if (worker->n_passes < awaited[i])
      worker->overdue = worker->n_passes + 1;
  }
}

/* Whether a client is slow is known once a worker has tried to send to it. The
 * push lets that happen before it decides: whoever only waits for its turn is
 * no slow client, and whoever is one goes with this push, not some time later. */
static void
let_workers_try (GstSocketEngine *engine)
{
  GstSocketPush *push = &engine->push;
  guint64 awaited[GST_SOCKET_MAX_WORKERS];
  gint64 end = g_get_monotonic_time () + MAX_WAIT / GST_USECOND;
  guint n;

  if (gst_socket_engine_is_worker (engine))
    return;
  g_mutex_lock (&engine->lock);
  n = engine->workers->len;
  hurry_workers_locked (engine, awaited);
  engine->n_passes_awaited++;
  while (!have_passed_locked (engine, awaited, n)
      && g_cond_wait_until (&engine->passed, &engine->lock, end))
    continue;
  engine->n_passes_awaited--;
  note_overdue_locked (engine, awaited, n);
  gst_socket_engine_enforce_all_locked (engine, push->leavers, push->reports);
  g_mutex_unlock (&engine->lock);
}

static void
finish_push (GstSocketEngine *engine)
{
  GstSocketPush *push = &engine->push;

  for (guint i = 0; i < push->n_sleepers; i++)
    gst_socket_poller_wake (push->sleepers[i]);
  if (G_UNLIKELY (push->early != 0))
    let_workers_try (engine);
  g_ptr_array_set_size (push->garbage, 0);
  gst_socket_engine_report (engine, push->reports);
  gst_socket_engine_see_off (engine, push->leavers);
  if (push->ask && engine->funcs.need_keyframe != NULL)
    engine->funcs.need_keyframe (engine, engine->user_data);
}

/**
 * gst_socket_engine_push: (skip)
 * @engine: an engine
 * @buffer: (transfer none): the next buffer
 * @flags: #GstSocketUnitFlags
 * @headers: (nullable) (transfer none): what precedes it for a new client; the
 *     same pointer as long as it does not change
 *
 * Queues a buffer for all clients. Clients that have reached a hard limit are
 * removed before this returns. One thread at a time, no lock held, and not
 * while the engine is being stopped.
 *
 * Returns: %FALSE when the buffer cannot be read; nothing is queued then
 */
gboolean
gst_socket_engine_push (GstSocketEngine *engine, GstBuffer *buffer, guint flags,
    GstSocketHeaders *headers)
{
  GstSocketUnit *unit = gst_socket_unit_new (buffer, flags, headers);

  if (unit == NULL)
    return FALSE;
  g_mutex_lock (&engine->lock);
  push_locked (engine, unit);
  g_mutex_unlock (&engine->lock);
  finish_push (engine);
  return TRUE;
}

/**
 * gst_socket_engine_admit: (skip)
 * @engine: an engine
 *
 * Lets new clients begin with what is queued already, instead of at the next
 * push; those that wait for a keyframe which has not come go on waiting. Any
 * thread, no lock held.
 */
void
gst_socket_engine_admit (GstSocketEngine *engine)
{
  gboolean ask = FALSE;

  g_mutex_lock (&engine->lock);
  if (engine->running && gst_socket_queue_get_length (engine->queue) > 0) {
    ask = place_joiners_locked (engine) && is_keyframe_due_locked (engine);
  }
  g_mutex_unlock (&engine->lock);
  gst_socket_engine_wake_workers (engine);
  if (ask && engine->funcs.need_keyframe != NULL)
    engine->funcs.need_keyframe (engine, engine->user_data);
}

/**
 * gst_socket_engine_get_newest: (skip)
 * @engine: an engine
 *
 * Returns: number of the buffer that was pushed last; the next one has the
 *     next number. Any thread
 */
guint64
gst_socket_engine_get_newest (GstSocketEngine *engine)
{
  guint64 newest;

  g_mutex_lock (&engine->lock);
  newest = gst_socket_queue_get_newest (engine->queue);
  g_mutex_unlock (&engine->lock);
  return newest;
}

void
gst_socket_engine_init_push (GstSocketEngine *engine)
{
  engine->push.garbage =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_socket_unit_unref);
  engine->push.leavers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_socket_client_unref);
  engine->push.reports = gst_socket_reports_new ();
}

void
gst_socket_engine_clear_push (GstSocketEngine *engine)
{
  g_ptr_array_unref (engine->push.garbage);
  g_ptr_array_unref (engine->push.leavers);
  g_array_unref (engine->push.reports);
}
