/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpolicy.h: where a client starts, and what happens when it lags
 *
 * Here: sync methods, recover policies and limits as functions of a queue.
 * Not here: clients, sockets, threads, locks.
 */
#pragma once

#include <gst/socket/gstsocketqueue.h>

G_BEGIN_DECLS

/**
 * GstSocketSync:
 * @GST_SOCKET_SYNC_LATEST: start at the newest unit
 * @GST_SOCKET_SYNC_NEXT_KEYFRAME: wait for the next keyframe
 * @GST_SOCKET_SYNC_LATEST_KEYFRAME: start at the newest queued keyframe, or
 *     wait for the next
 * @GST_SOCKET_SYNC_BURST: start a given amount back
 * @GST_SOCKET_SYNC_BURST_KEYFRAME: start at a keyframe near a given amount
 *     back, or wait for the next
 * @GST_SOCKET_SYNC_BURST_WITH_KEYFRAME: the same, or the plain amount back
 *
 * Where a new client starts. The numbers are those of the stock plugin's
 * GstMultiHandleSinkSyncMethod.
 */
typedef enum
{
  GST_SOCKET_SYNC_LATEST = 0,
  GST_SOCKET_SYNC_NEXT_KEYFRAME = 1,
  GST_SOCKET_SYNC_LATEST_KEYFRAME = 2,
  GST_SOCKET_SYNC_BURST = 3,
  GST_SOCKET_SYNC_BURST_KEYFRAME = 4,
  GST_SOCKET_SYNC_BURST_WITH_KEYFRAME = 5,
} GstSocketSync;

/**
 * GstSocketRecover:
 * @GST_SOCKET_RECOVER_NONE: let the client lag
 * @GST_SOCKET_RECOVER_LATEST: skip all that is queued
 * @GST_SOCKET_RECOVER_SOFT_LIMIT: move to the soft limit
 * @GST_SOCKET_RECOVER_KEYFRAME: move to the oldest keyframe within the limit,
 *     or skip all that is queued
 *
 * What to do with a client that has reached the soft limit. The numbers are
 * those of the stock plugin's GstMultiHandleSinkRecoverPolicy.
 */
typedef enum
{
  GST_SOCKET_RECOVER_NONE = 0,
  GST_SOCKET_RECOVER_LATEST = 1,
  GST_SOCKET_RECOVER_SOFT_LIMIT = 2,
  GST_SOCKET_RECOVER_KEYFRAME = 3,
} GstSocketRecover;

/**
 * GstSocketStart: (skip)
 * @sync: where to start
 * @min_format: unit of @min: bytes, time or buffers
 * @min: least amount to go back, for the burst methods
 * @max_format: unit of @max
 * @max: most to go back, -1 for no limit
 *
 * Where a client asked to start.
 */
typedef struct
{
  GstSocketSync sync;
  GstFormat min_format;
  guint64 min;
  GstFormat max_format;
  guint64 max;
} GstSocketStart;

GST_SOCKET_API
guint64 gst_socket_policy_start (
    const GstSocketQueue *queue, const GstSocketStart *start);
GST_SOCKET_API
gboolean gst_socket_policy_start_is_valid (const GstSocketStart *start);
GST_SOCKET_API
gboolean gst_socket_policy_wants_keyframe (GstSocketSync sync);
GST_SOCKET_API
guint gst_socket_policy_limit (
    const GstSocketQueue *queue, GstFormat format, gint64 max);
GST_SOCKET_API
guint64 gst_socket_policy_recover (const GstSocketQueue *queue,
    GstSocketRecover policy, guint64 next, guint limit);
GST_SOCKET_API
guint64 gst_socket_policy_newest_key_from (
    const GstSocketQueue *queue, guint64 from);

G_END_DECLS
