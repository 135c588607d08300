/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketlimits.c: how far behind a client may be, and what is kept for it
 *
 * Here: what becomes of blocked clients at the limits, how much of the queue
 * is kept, the ceiling that no client can lift.
 * Not here: sending, polling, callbacks (only what to report later).
 *
 * Threads   streaming: all of it    worker: enforce for a client just blocked
 * Locks     engine->lock is held by every caller
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketengine-private.h"

/* Least time between two reports of one client. */
#define REPORT_INTERVAL (10 * GST_SECOND)

/* What a buffer takes beside its bytes, roughly: the ceiling is one of as many
 * buffers, too, or small ones would grow beyond it. A low ceiling lets there be
 * some all the same. */
#define BUFFER_COST 512
#define LEAST_BUFFERS 1024

static guint64
newest_of (GstSocketEngine *engine)
{
  return gst_socket_queue_get_newest (engine->queue);
}

/* --- blocked clients --- */

static gboolean
is_out_of_queue (GstSocketEngine *engine, const GstSocketUnit *unit)
{
  return unit->seq < gst_socket_queue_get_oldest (engine->queue);
}

/* The client's socket is full: from now on the lock guards its place. */
void
gst_socket_engine_block_locked (
    GstSocketEngine *engine, GstSocketClient *client)
{
  GstSocketUnit *unit = client->inflight;

  client->place = GST_SOCKET_PLACE_BLOCKED;
  g_queue_push_tail_link (&engine->blocked, &client->link);
  engine->blocked_low = MIN (engine->blocked_low, client->next);
  if (unit != NULL && unit->holders++ == 0 && is_out_of_queue (engine, unit))
    engine->held_bytes += unit->size;
}

/* Its socket has room, or it leaves. */
void
gst_socket_engine_unblock_locked (
    GstSocketEngine *engine, GstSocketClient *client)
{
  GstSocketUnit *unit = client->inflight;

  client->place = GST_SOCKET_PLACE_NOWHERE;
  g_queue_unlink (&engine->blocked, &client->link);
  if (client->next == engine->blocked_low)
    engine->blocked_low_is_old = TRUE;
  if (unit != NULL && --unit->holders == 0 && is_out_of_queue (engine, unit))
    engine->held_bytes -= unit->size;
}

static void
renew_blocked_low (GstSocketEngine *engine)
{
  engine->blocked_low = G_MAXUINT64;
  engine->blocked_low_is_old = FALSE;
  for (GList *l = engine->blocked.head; l != NULL; l = l->next) {
    GstSocketClient *client = l->data;

    engine->blocked_low = MIN (engine->blocked_low, client->next);
  }
}

/* The number at which the furthest blocked client stands. */
guint64
gst_socket_engine_blocked_low_locked (GstSocketEngine *engine)
{
  if (engine->blocked_low_is_old)
    renew_blocked_low (engine);
  return engine->blocked_low;
}

/* Moves a client forward and counts what it misses. */
void
gst_socket_engine_skip_locked (
    GstSocketEngine *engine, GstSocketClient *client, guint64 to)
{
  guint64 next = gst_socket_load64 (&client->next);
  guint64 flush_until = gst_socket_load64 (&client->flush_until);

  if (to <= next)
    return;
  if (engine->limits.flush_counts && flush_until != G_MAXUINT64)
    gst_socket_store64 (&client->flush_until, flush_until + to - next);
  client->dropped += to - next;
  engine->totals.buffers_dropped += to - next;
  if (client->place == GST_SOCKET_PLACE_BLOCKED && next == engine->blocked_low)
    engine->blocked_low_is_old = TRUE;
  gst_socket_store64 (&client->next, to);
}

/* --- reports --- */

static void
clear_report (gpointer data)
{
  GstSocketSlowReport *report = data;

  gst_socket_client_unref (report->client);
}

GArray *
gst_socket_reports_new (void)
{
  GArray *reports = g_array_new (FALSE, TRUE, sizeof (GstSocketSlowReport));

  g_array_set_clear_func (reports, clear_report);
  return reports;
}

static void
measure (GstSocketEngine *engine, guint64 next, GstSocketSlowReport *report)
{
  GstSocketUnit *newest =
      gst_socket_queue_get (engine->queue, newest_of (engine));
  GstSocketUnit *unit = gst_socket_queue_get (engine->queue, next);

  report->time = GST_CLOCK_TIME_NONE;
  if (unit == NULL || newest == NULL)
    return;
  report->buffers = newest->seq + 1 - unit->seq;
  report->bytes = newest->bytes_end - unit->bytes_end + unit->size;
  if (GST_CLOCK_TIME_IS_VALID (unit->time_max)
      && newest->time_max >= unit->time_max)
    report->time = newest->time_max - unit->time_max;
}

/* To be called before the client is moved or removed. */
static void
note_report (GstSocketEngine *engine, GstSocketClient *client, guint64 to,
    const gchar *limit, GArray *reports)
{
  gint64 now = gst_socket_now ();
  GstSocketSlowReport report = {.limit = limit};

  if (now - client->reported < (gint64) REPORT_INTERVAL)
    return;
  client->reported = now;
  report.client = gst_socket_client_ref (client);
  report.removed = to == 0;
  report.dropped = to > client->next ? to - client->next : 0;
  measure (engine, client->next, &report);
  g_array_append_val (reports, report);
}

/* --- limits of one client --- */

static void
skip_and_report (GstSocketEngine *engine, GstSocketClient *client, guint64 to,
    const gchar *limit, GArray *reports)
{
  if (to <= client->next)
    return;
  note_report (engine, client, to, limit, reports);
  gst_socket_engine_skip_locked (engine, client, to);
}

static void
remove_slow (GstSocketEngine *engine, GstSocketClient *client,
    const gchar *limit, GPtrArray *leavers, GArray *reports)
{
  note_report (engine, client, 0, limit, reports);
  if (!gst_socket_engine_mark_leaving_locked (
          engine, client, GST_SOCKET_CLIENT_SLOW))
    return;
  engine->totals.clients_slow++;
  g_ptr_array_add (leavers, gst_socket_client_ref (client));
}

/* Units queued for a client, less one: the stock plugin's position. Negative
 * when it waits for the next unit. */
static gint64
position_of (GstSocketEngine *engine, const GstSocketClient *client)
{
  return (gint64) (newest_of (engine) - client->next);
}

static void
recover_at_soft_limit (
    GstSocketEngine *engine, GstSocketClient *client, GArray *reports)
{
  const GstSocketLimits *limits = &engine->limits;
  guint soft;

  if (limits->recover == GST_SOCKET_RECOVER_NONE)
    return;
  soft = gst_socket_policy_limit (
      engine->queue, limits->unit_format, limits->units_soft_max);
  if (soft == G_MAXUINT || position_of (engine, client) < (gint64) soft)
    return;
  skip_and_report (engine, client,
      gst_socket_policy_recover (
          engine->queue, limits->recover, client->next, soft),
      "units-soft-max", reports);
}

static void
recover_at_max_latency (
    GstSocketEngine *engine, GstSocketClient *client, GArray *reports)
{
  GstSocketSlowReport lag = {0};
  guint64 key;

  if (engine->limits.max_latency == 0)
    return;
  measure (engine, client->next, &lag);
  if (!GST_CLOCK_TIME_IS_VALID (lag.time)
      || lag.time <= engine->limits.max_latency)
    return;
  key = gst_socket_queue_key_before (engine->queue, newest_of (engine));
  skip_and_report (engine, client, key, "max-latency", reports);
}

static gboolean
is_over_hard_limit (GstSocketEngine *engine, const GstSocketClient *client)
{
  guint hard = gst_socket_policy_limit (
      engine->queue, engine->limits.unit_format, engine->limits.units_max);

  return hard != G_MAXUINT && position_of (engine, client) >= (gint64) hard;
}

static gboolean
is_inactive (GstSocketEngine *engine, const GstSocketClient *client)
{
  return engine->limits.timeout > 0
      && gst_socket_now () - (gint64) client->last_activity
      > (gint64) engine->limits.timeout;
}

/* Applies the limits to a blocked client. */
void
gst_socket_engine_enforce_locked (GstSocketEngine *engine,
    GstSocketClient *client, GPtrArray *leavers, GArray *reports)
{
  recover_at_soft_limit (engine, client, reports);
  recover_at_max_latency (engine, client, reports);
  if (is_over_hard_limit (engine, client))
    remove_slow (engine, client, "units-max", leavers, reports);
  else if (is_inactive (engine, client))
    remove_slow (engine, client, "timeout", leavers, reports);
}

/* The position at which something becomes of a client, G_MAXUINT for none. */
static guint
lowest_limit (GstSocketEngine *engine)
{
  const GstSocketLimits *limits = &engine->limits;
  guint limit = gst_socket_policy_limit (
      engine->queue, limits->unit_format, limits->units_max);

  if (limits->recover == GST_SOCKET_RECOVER_NONE)
    return limit;
  return MIN (limit,
      gst_socket_policy_limit (
          engine->queue, limits->unit_format, limits->units_soft_max));
}

/* Whether the furthest client may be beyond a limit; if not, none is. */
static gboolean
may_be_over (GstSocketEngine *engine)
{
  const GstSocketLimits *limits = &engine->limits;
  gint64 furthest = (gint64) (newest_of (engine)
      - gst_socket_engine_blocked_low_locked (engine));
  guint limit;

  if (limits->max_latency > 0 || limits->timeout > 0)
    return TRUE;
  limit = lowest_limit (engine);
  return limit != G_MAXUINT && furthest >= (gint64) limit;
}

/* Applies the limits to all blocked clients; those that keep up are not even
 * looked at. */
void
gst_socket_engine_enforce_all_locked (
    GstSocketEngine *engine, GPtrArray *leavers, GArray *reports)
{
  if (engine->blocked.head == NULL || !may_be_over (engine))
    return;
  for (GList *l = engine->blocked.head, *next; l != NULL; l = next) {
    next = l->next;
    gst_socket_engine_enforce_locked (engine, l->data, leavers, reports);
  }
}

/* --- how much is kept --- */

/* Moves the end of the queue, and keeps account of the units that are out of
 * it but still held by a blocked client. */
void
gst_socket_engine_move_oldest_locked (GstSocketEngine *engine, guint64 oldest)
{
  GstSocketQueue *queue = engine->queue;
  guint64 before = gst_socket_queue_get_oldest (queue);
  guint64 after;

  gst_socket_queue_set_oldest (queue, oldest);
  after = gst_socket_queue_get_oldest (queue);
  for (guint64 seq = before; seq < after; seq++) {
    GstSocketUnit *unit = gst_socket_queue_get (queue, seq);

    if (unit->holders > 0)
      engine->held_bytes += unit->size;
  }
  for (guint64 seq = after; seq < before; seq++) {
    GstSocketUnit *unit = gst_socket_queue_get (queue, seq);

    if (unit->holders > 0)
      engine->held_bytes -= unit->size;
  }
}

static guint64
lowest_in (const GQueue *clients)
{
  guint64 low = G_MAXUINT64;

  for (GList *l = clients->head; l != NULL; l = l->next) {
    GstSocketClient *client = l->data;

    low = MIN (low, gst_socket_load64 (&client->next));
  }
  return low;
}

/* By a worker's clients that are not known to be blocked. */
static guint64
needed_by_untried (GstSocketWorker *worker)
{
  guint64 low =
      MIN (lowest_in (&worker->incoming), lowest_in (&worker->runnable));

  if (worker->n_edge > 0)
    low = MIN (low, gst_socket_load64 (&worker->edge_next));
  return low;
}

static guint64
needed_by_clients (GstSocketEngine *engine)
{
  guint64 low = gst_socket_engine_blocked_low_locked (engine);

  for (guint i = 0; i < engine->workers->len; i++)
    low = MIN (low, needed_by_untried (g_ptr_array_index (engine->workers, i)));
  return low;
}

/* Whether a worker has clients at a limit that only it can tell to be slow: it
 * has not tried to send to them since. */
gboolean
gst_socket_engine_is_untried_over_locked (
    GstSocketEngine *engine, GstSocketWorker *worker)
{
  guint limit = lowest_limit (engine);
  guint64 low;

  if (G_LIKELY (limit == G_MAXUINT))
    return FALSE;
  low = needed_by_untried (worker);
  return low != G_MAXUINT64
      && (gint64) (newest_of (engine) - low) >= (gint64) limit;
}

static guint
depth_by_minimum (GstSocketEngine *engine)
{
  const GstSocketLimits *limits = &engine->limits;
  guint64 newest = newest_of (engine);
  guint depth = 1;

  if (limits->bytes_min > 0)
    depth = MAX (depth,
        gst_socket_queue_count_for_bytes (
            engine->queue, newest, limits->bytes_min));
  if (limits->time_min > 0)
    depth = MAX (depth,
        gst_socket_queue_count_for_time (
            engine->queue, newest, limits->time_min));
  if (limits->buffers_min > 0)
    depth = MAX (depth, (guint) MIN (limits->buffers_min, G_MAXINT));
  return MIN (depth, gst_socket_queue_get_length (engine->queue));
}

/* The newest keyframe is kept when new clients start there. */
static guint64
needed_by_sync (GstSocketEngine *engine)
{
  const GstSocketLimits *limits = &engine->limits;
  guint64 newest = newest_of (engine);
  guint soft;
  guint64 key;

  if (limits->sync != GST_SOCKET_SYNC_LATEST_KEYFRAME
      && limits->sync != GST_SOCKET_SYNC_BURST_KEYFRAME)
    return newest;
  soft = gst_socket_policy_limit (
      engine->queue, limits->unit_format, limits->units_soft_max);
  key = gst_socket_queue_key_before (engine->queue, newest);
  return key != 0 && newest - key < soft ? key : newest;
}

/* --- the ceiling --- */

/* Where a client resumes that cannot have what is older than from. */
guint64
gst_socket_engine_resume_locked (GstSocketEngine *engine, guint64 from)
{
  switch (engine->limits.recover) {
    case GST_SOCKET_RECOVER_LATEST:
      return newest_of (engine) + 1;
    case GST_SOCKET_RECOVER_SOFT_LIMIT:
      return from;
    default:
      return gst_socket_policy_newest_key_from (engine->queue, from);
  }
}

static guint64
bytes_kept (GstSocketEngine *engine)
{
  return gst_socket_queue_get_bytes (engine->queue) + engine->held_bytes;
}

static guint64
most_buffers (GstSocketEngine *engine)
{
  return MAX (engine->limits.queue_max_bytes / BUFFER_COST, LEAST_BUFFERS);
}

static gboolean
is_over_ceiling (GstSocketEngine *engine)
{
  guint64 max = engine->limits.queue_max_bytes;

  return max > 0
      && (bytes_kept (engine) > max
          || gst_socket_queue_get_length (engine->queue)
              > most_buffers (engine));
}

/* The blocked client whose unit in flight has been out of the queue longest. */
static GstSocketClient *
find_longest_holder (GstSocketEngine *engine)
{
  GstSocketClient *found = NULL;

  for (GList *l = engine->blocked.head; l != NULL; l = l->next) {
    GstSocketClient *client = l->data;

    if (client->inflight == NULL || !is_out_of_queue (engine, client->inflight))
      continue;
    if (found == NULL || client->inflight->seq < found->inflight->seq)
      found = client;
  }
  return found;
}

static void
shorten_to (GstSocketEngine *engine, guint64 oldest, GArray *reports)
{
  guint64 to = gst_socket_engine_resume_locked (engine, oldest);

  for (GList *l = engine->blocked.head; l != NULL; l = l->next) {
    GstSocketClient *client = l->data;

    if (client->next < oldest)
      skip_and_report (engine, client, to, "queue-max-bytes", reports);
  }
  gst_socket_engine_move_oldest_locked (engine, oldest);
}

/* Keeps the memory bounded whatever clients do: first they lose what they lag
 * behind for, then those go that hold units of their own. Clients that a
 * worker has not got to yet resume at its next pass. */
static void
apply_ceiling (GstSocketEngine *engine, GPtrArray *leavers, GArray *reports)
{
  guint64 max = engine->limits.queue_max_bytes;
  guint64 newest = newest_of (engine);
  GstSocketClient *holder;

  if (!is_over_ceiling (engine))
    return;
  if (engine->held_bytes < max) {
    guint64 fits = gst_socket_queue_count_for_bytes (
                       engine->queue, newest, max - engine->held_bytes + 1)
        - 1;

    fits = CLAMP (fits, 1, most_buffers (engine));
    shorten_to (engine, newest + 1 - fits, reports);
  } else {
    shorten_to (engine, newest, reports);
  }
  while (bytes_kept (engine) > max
      && (holder = find_longest_holder (engine)) != NULL)
    remove_slow (engine, holder, "queue-max-bytes", leavers, reports);
}

/* Gives up what nobody needs; called after each new unit. */
void
gst_socket_engine_trim_locked (
    GstSocketEngine *engine, GPtrArray *leavers, GArray *reports)
{
  guint64 newest = newest_of (engine);
  guint64 oldest = newest + 1 - depth_by_minimum (engine);

  oldest = MIN (oldest, needed_by_sync (engine));
  oldest = MIN (oldest, needed_by_clients (engine));
  gst_socket_engine_move_oldest_locked (engine, oldest);
  apply_ceiling (engine, leavers, reports);
}

/* Takes out what is neither queued nor looked at by a worker. */
void
gst_socket_engine_collect_locked (GstSocketEngine *engine, GPtrArray *garbage)
{
  guint64 pinned = G_MAXUINT64;

  for (guint i = 0; i < engine->workers->len; i++) {
    GstSocketWorker *worker = g_ptr_array_index (engine->workers, i);

    pinned = MIN (pinned, worker->pin);
  }
  gst_socket_queue_collect (engine->queue, pinned, garbage);
}
