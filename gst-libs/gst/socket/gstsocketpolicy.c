/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpolicy.c: where a client starts, and what happens when it lags
 *
 * Here: sync methods, recover policies and limits as functions of a queue.
 * Not here: clients, sockets, threads, locks.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketpolicy.h"

/**
 * SECTION:gstsocketpolicy
 * @title: Policies
 * @short_description: where a client starts, and what happens when it lags
 *
 * Pure functions of a #GstSocketQueue. A depth counts units back from the
 * newest, which is depth 1. The results are the stock plugin's, but for three
 * of its faults: a burst counted in buffers is honoured, a limit in bytes may
 * exceed 2 GiB, and a most that the queue does not reach is no limit, where
 * stock leaves out the oldest unit and so never starts at a keyframe there.
 */

/* Least depth at which at least amount is reached, one more than are queued
 * when it never is. A format that cannot be counted is reached at once. */
static guint
depth_reaching (const GstSocketQueue *queue, GstFormat format, guint64 amount)
{
  guint64 newest = gst_socket_queue_get_newest (queue);
  guint64 length = gst_socket_queue_get_length (queue);

  switch (format) {
    case GST_FORMAT_BYTES:
      return gst_socket_queue_count_for_bytes (queue, newest, amount);
    case GST_FORMAT_TIME:
      return gst_socket_queue_count_for_time (queue, newest, amount);
    case GST_FORMAT_BUFFERS:
      return CLAMP (amount, 1, length + 1);
    default:
      return 1;
  }
}

/* A limit in any other format is no limit, as in the stock plugin. */
static gboolean
can_limit (GstFormat format)
{
  return format == GST_FORMAT_BYTES || format == GST_FORMAT_TIME
      || format == GST_FORMAT_BUFFERS;
}

static guint
least_depth (const GstSocketQueue *queue, const GstSocketStart *start)
{
  if (start->min == G_MAXUINT64)
    return 1;
  return MIN (depth_reaching (queue, start->min_format, start->min),
      gst_socket_queue_get_length (queue));
}

/* The depth that a burst must stay below, G_MAXUINT for no limit. */
static guint
end_depth (const GstSocketQueue *queue, const GstSocketStart *start)
{
  guint depth;

  if (start->max == G_MAXUINT64 || !can_limit (start->max_format))
    return G_MAXUINT;
  depth = depth_reaching (queue, start->max_format, start->max);
  return depth <= gst_socket_queue_get_length (queue) ? depth : G_MAXUINT;
}

static guint64
at_depth (const GstSocketQueue *queue, guint depth)
{
  return gst_socket_queue_get_newest (queue) + 1 - depth;
}

static guint64
start_burst (const GstSocketQueue *queue, const GstSocketStart *start)
{
  guint least = least_depth (queue, start);
  guint end = end_depth (queue, start);

  if (end <= least)
    least = MAX (end - 1, 1);
  return at_depth (queue, least);
}

/* A keyframe at the least depth or deeper, but above the end. */
static guint64
start_deep_keyframe (const GstSocketQueue *queue, const GstSocketStart *start)
{
  guint end = end_depth (queue, start);
  guint64 key = gst_socket_queue_key_before (
      queue, at_depth (queue, least_depth (queue, start)));

  if (key != 0 && (end == G_MAXUINT || key > at_depth (queue, end)))
    return key;
  return 0;
}

static guint64
start_burst_keyframe (const GstSocketQueue *queue, const GstSocketStart *start)
{
  guint64 key = start_deep_keyframe (queue, start);

  if (key != 0)
    return key;
  return gst_socket_queue_key_after (
      queue, at_depth (queue, least_depth (queue, start)));
}

static guint64
start_burst_with_keyframe (
    const GstSocketQueue *queue, const GstSocketStart *start)
{
  guint64 key = start_deep_keyframe (queue, start);

  return key != 0 ? key : start_burst (queue, start);
}

/**
 * gst_socket_policy_start: (skip)
 * @queue: a queue that is not empty
 * @start: where the client asked to start
 *
 * Returns: number of the unit to start at, or 0 to wait for the next keyframe
 */
guint64
gst_socket_policy_start (
    const GstSocketQueue *queue, const GstSocketStart *start)
{
  guint64 newest = gst_socket_queue_get_newest (queue);

  g_return_val_if_fail (gst_socket_queue_get_length (queue) > 0, 0);

  switch (start->sync) {
    case GST_SOCKET_SYNC_NEXT_KEYFRAME:
      return gst_socket_queue_key_after (queue, newest);
    case GST_SOCKET_SYNC_LATEST_KEYFRAME:
      return gst_socket_queue_key_before (queue, newest);
    case GST_SOCKET_SYNC_BURST:
      return start_burst (queue, start);
    case GST_SOCKET_SYNC_BURST_KEYFRAME:
      return start_burst_keyframe (queue, start);
    case GST_SOCKET_SYNC_BURST_WITH_KEYFRAME:
      return start_burst_with_keyframe (queue, start);
    case GST_SOCKET_SYNC_LATEST:
    default:
      return newest;
  }
}

/**
 * gst_socket_policy_start_is_valid: (skip)
 * @start: where a client asks to start
 *
 * Returns: %FALSE when the most is less than the least in the same unit
 */
gboolean
gst_socket_policy_start_is_valid (const GstSocketStart *start)
{
  return start->min_format != start->max_format || start->min == G_MAXUINT64
      || start->max >= start->min;
}

/**
 * gst_socket_policy_wants_keyframe: (skip)
 * @sync: a sync method
 *
 * Returns: whether a client with this method starts at a keyframe if it can
 */
gboolean
gst_socket_policy_wants_keyframe (GstSocketSync sync)
{
  return sync != GST_SOCKET_SYNC_LATEST && sync != GST_SOCKET_SYNC_BURST;
}

/**
 * gst_socket_policy_limit: (skip)
 * @queue: a queue
 * @format: unit of @max; what is neither bytes nor time counts buffers
 * @max: the limit; 0 or less for none
 *
 * A client has reached the limit when at least this many units, counted
 * without the one it is being sent, lie between it and the newest.
 *
 * Returns: the limit in units, %G_MAXUINT for none
 */
guint
gst_socket_policy_limit (
    const GstSocketQueue *queue, GstFormat format, gint64 max)
{
  if (max <= 0)
    return G_MAXUINT;
  if (format == GST_FORMAT_BYTES || format == GST_FORMAT_TIME) {
    /* Reached by what exceeds it. */
    guint depth = depth_reaching (queue, format, (guint64) max + 1);

    return depth > gst_socket_queue_get_length (queue) ? G_MAXUINT : depth;
  }
  return MIN (max, G_MAXUINT - 1);
}

/**
 * gst_socket_policy_recover: (skip)
 * @queue: a queue that is not empty
 * @policy: what to do
 * @next: number of the next unit of a client that has reached @limit
 * @limit: the soft limit in units
 *
 * Returns: number of the client's next unit from now on; may be one more than
 *     the newest, when nothing is left to send
 */
guint64
gst_socket_policy_recover (const GstSocketQueue *queue, GstSocketRecover policy,
    guint64 next, guint limit)
{
  guint64 newest = gst_socket_queue_get_newest (queue);
  guint64 at_limit = newest > limit ? newest - limit : 1;
  guint64 key;

  switch (policy) {
    case GST_SOCKET_RECOVER_LATEST:
      return newest + 1;
    case GST_SOCKET_RECOVER_SOFT_LIMIT:
      return MAX (next, at_limit);
    case GST_SOCKET_RECOVER_KEYFRAME:
      key = gst_socket_queue_key_after (queue, at_limit + 1);
      return key != 0 ? key : newest + 1;
    case GST_SOCKET_RECOVER_NONE:
    default:
      return next;
  }
}

/**
 * gst_socket_policy_newest_key_from: (skip)
 * @queue: a queue that is not empty
 * @from: the least number allowed
 *
 * Where a client resumes that has to give up what came before @from.
 *
 * Returns: number of the newest keyframe that is not older than @from, or one
 *     more than the newest unit when there is none
 */
guint64
gst_socket_policy_newest_key_from (const GstSocketQueue *queue, guint64 from)
{
  guint64 newest = gst_socket_queue_get_newest (queue);
  guint64 key = gst_socket_queue_key_before (queue, newest);

  return key != 0 && key >= from ? key : newest + 1;
}
