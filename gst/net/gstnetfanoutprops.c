/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetfanoutprops.c: properties of a sink that is connected to
 *
 * Here: the properties, where each one is kept; names and meanings are those
 * of multisocketsink.
 * Not here: what the settings do (the engine).
 *
 * Threads   any
 * Locks     OBJECT_LOCK (element) guards settings; not held while the engine
 *           is called
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetfanout.h"

#include "../fanout/gstfanoutreport.h"
#include "../fanout/gstfanoutvalue.h"
#include "../fanout/gstmultihandlesink.h"

#define DEFAULT_QUEUE_MAX_BYTES (64 * 1024 * 1024)
#define DEFAULT_DRAIN_TIMEOUT (5 * GST_SECOND)
#define KEYFRAME_INTERVAL GST_SECOND

#define RW                                                                     \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)
#define RO (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

#define FIELD(kind, name)                                                      \
  {                                                                            \
    GST_FANOUT_##kind, G_STRUCT_OFFSET (GstNetFanout, name)                    \
  }

static const GstFanoutField fields[GST_NET_FANOUT_N_SETTINGS] = {
    [GST_NET_FANOUT_SYNC_METHOD] = FIELD (ENUM, limits.sync),
    [GST_NET_FANOUT_BURST_FORMAT] = FIELD (ENUM, burst_format),
    [GST_NET_FANOUT_BURST_VALUE] = FIELD (UINT64, burst_value),
    [GST_NET_FANOUT_TIME_MIN] = FIELD (INT64, limits.time_min),
    [GST_NET_FANOUT_BYTES_MIN] = FIELD (INT64_AS_INT, limits.bytes_min),
    [GST_NET_FANOUT_RECOVER_POLICY] = FIELD (ENUM, limits.recover),
    [GST_NET_FANOUT_UNIT_FORMAT] = FIELD (ENUM, limits.unit_format),
    [GST_NET_FANOUT_UNITS_MAX] = FIELD (INT64, limits.units_max),
    [GST_NET_FANOUT_UNITS_SOFT_MAX] = FIELD (INT64, limits.units_soft_max),
    [GST_NET_FANOUT_TIMEOUT] = FIELD (UINT64, limits.timeout),
    [GST_NET_FANOUT_QUEUE_MAX_BYTES] = FIELD (UINT64, limits.queue_max_bytes),
    [GST_NET_FANOUT_MAX_LATENCY] = FIELD (UINT64, limits.max_latency),
    [GST_NET_FANOUT_MAX_CLIENTS] = FIELD (UINT, limits.max_clients),
    [GST_NET_FANOUT_NOTSENT_LOWAT] = FIELD (UINT, notsent_lowat),
    [GST_NET_FANOUT_DRAIN_TIMEOUT] = FIELD (UINT64, drain_timeout_ns),
};

static void
update_engine (GstNetFanout *self)
{
  GstSocketLimits limits;

  GST_OBJECT_LOCK (self->element);
  limits = self->limits;
  GST_OBJECT_UNLOCK (self->element);
  gst_socket_engine_set_limits (self->engine, &limits);
}

/*
 * gst_net_fanout_init_settings:
 * @self: a fan-out with an engine
 */
void
gst_net_fanout_init_settings (GstNetFanout *self)
{
  self->limits = (GstSocketLimits){
      .sync = GST_SOCKET_SYNC_LATEST,
      .recover = GST_SOCKET_RECOVER_NONE,
      .unit_format = GST_FORMAT_BUFFERS,
      .units_max = -1,
      .units_soft_max = -1,
      .buffers_min = -1,
      .bytes_min = -1,
      .time_min = -1,
      .queue_max_bytes = DEFAULT_QUEUE_MAX_BYTES,
      .keyframe_interval = KEYFRAME_INTERVAL,
      .resend_headers = TRUE,
  };
  self->burst_format = GST_FORMAT_UNDEFINED;
  self->drain_timeout_ns = DEFAULT_DRAIN_TIMEOUT;
  update_engine (self);
}

/*
 * gst_net_fanout_set:
 * @self: a fan-out
 * @offset: property id less the id of the first
 * @value: the property's value
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_fanout_set (GstNetFanout *self, gint offset, const GValue *value)
{
  if (offset < 0 || offset >= GST_NET_FANOUT_N_SETTINGS)
    return FALSE;
  GST_OBJECT_LOCK (self->element);
  gst_fanout_field_store (&fields[offset], self, value);
  GST_OBJECT_UNLOCK (self->element);
  update_engine (self);
  return TRUE;
}

static gboolean
get_figure (GstNetFanout *self, gint offset, GValue *value)
{
  GstSocketTotals totals;

  gst_socket_engine_get_totals (self->engine, &totals);
  switch (offset) {
    case GST_NET_FANOUT_NUM_HANDLES:
      g_value_set_uint (value, totals.clients);
      return TRUE;
    case GST_NET_FANOUT_BYTES_SERVED:
      g_value_set_uint64 (value, totals.bytes_served);
      return TRUE;
    case GST_NET_FANOUT_CLIENTS:
      gst_fanout_get_clients (self->engine, value);
      return TRUE;
    case GST_NET_FANOUT_TOTALS:
      g_value_take_boxed (value, gst_fanout_get_totals (self->engine));
      return TRUE;
    default:
      return FALSE;
  }
}

/*
 * gst_net_fanout_get:
 * @self: a fan-out
 * @offset: property id less the id of the first
 * @value: where the property's value goes
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_fanout_get (GstNetFanout *self, gint offset, GValue *value)
{
  if (offset < 0 || offset > GST_NET_FANOUT_CURRENT_PORT)
    return get_figure (self, offset, value);
  GST_OBJECT_LOCK (self->element);
  if (offset == GST_NET_FANOUT_CURRENT_PORT)
    g_value_set_int (value, self->current_port);
  else
    gst_fanout_field_load (&fields[offset], self, value);
  GST_OBJECT_UNLOCK (self->element);
  return TRUE;
}

/*
 * gst_net_fanout_get_dropped:
 * @self: a fan-out
 *
 * Returns: buffers skipped for clients that lagged, since it started
 */
guint64
gst_net_fanout_get_dropped (GstNetFanout *self)
{
  GstSocketTotals totals;

  gst_socket_engine_get_totals (self->engine, &totals);
  return totals.buffers_dropped;
}

/* --- installation --- */

static void
add_start_pspecs (GParamSpec **pspecs)
{
  pspecs[GST_NET_FANOUT_SYNC_METHOD] = g_param_spec_enum ("sync-method",
      "Sync method",
      "Where a new client starts, if the sink listens (latest: with the next "
      "buffer); latest-keyframe shows a picture at once",
      GST_TYPE_SYNC_METHOD, GST_SOCKET_SYNC_LATEST, RW);
  pspecs[GST_NET_FANOUT_BURST_FORMAT] = g_param_spec_enum ("burst-format",
      "Burst format",
      "Unit of burst-value: bytes, time (ns) or buffers (undefined: a burst is "
      "one buffer)",
      GST_TYPE_FORMAT, GST_FORMAT_UNDEFINED, RW);
  pspecs[GST_NET_FANOUT_BURST_VALUE] =
      g_param_spec_uint64 ("burst-value", "Burst value",
          "How much a new client gets at once with the burst methods, in "
          "burst-format (0); what is not kept cannot be sent: see time-min and "
          "bytes-min",
          0, G_MAXUINT64, 0, RW);
  pspecs[GST_NET_FANOUT_TIME_MIN] = g_param_spec_int64 ("time-min", "Time min",
      "Nanoseconds to keep for clients that start with a burst (-1 = none)", -1,
      G_MAXINT64, -1, RW);
  pspecs[GST_NET_FANOUT_BYTES_MIN] = g_param_spec_int ("bytes-min", "Bytes min",
      "Bytes to keep for clients that start with a burst (-1 = none); for "
      "streams without timestamps",
      -1, G_MAXINT, -1, RW);
}

static void
add_lag_pspecs (GParamSpec **pspecs)
{
  pspecs[GST_NET_FANOUT_RECOVER_POLICY] = g_param_spec_enum ("recover-policy",
      "Recover policy",
      "What happens to a client that reaches units-soft-max (none: it lags on); "
      "for video, keyframe loses least",
      GST_TYPE_RECOVER_POLICY, GST_SOCKET_RECOVER_NONE, RW);
  pspecs[GST_NET_FANOUT_UNIT_FORMAT] =
      g_param_spec_enum ("unit-format", "Unit format",
          "Unit of units-max and units-soft-max: bytes, time (ns) or buffers "
          "(buffers)",
          GST_TYPE_FORMAT, GST_FORMAT_BUFFERS, RW);
  pspecs[GST_NET_FANOUT_UNITS_MAX] =
      g_param_spec_int64 ("units-max", "Units max",
          "How far a client may be behind before it is removed as too slow, in "
          "unit-format (-1 = no limit); set to cap the delay of slow clients",
          -1, G_MAXINT64, -1, RW);
  pspecs[GST_NET_FANOUT_UNITS_SOFT_MAX] =
      g_param_spec_int64 ("units-soft-max", "Units soft max",
          "How far a client may be behind before recover-policy is applied, in "
          "unit-format (-1 = no limit)",
          -1, G_MAXINT64, -1, RW);
}

static void
add_limit_pspecs (GParamSpec **pspecs)
{
  pspecs[GST_NET_FANOUT_TIMEOUT] = g_param_spec_uint64 ("timeout", "Timeout",
      "Nanoseconds without any progress after which a client is removed as too "
      "slow (0 = never)",
      0, G_MAXUINT64, 0, RW);
  pspecs[GST_NET_FANOUT_QUEUE_MAX_BYTES] =
      g_param_spec_uint64 ("queue-max-bytes", "Queue max bytes",
          "Ceiling of the queue for clients in bytes, and of a buffer for "
          "every 512 of them, whatever they and other settings want; at it, "
          "clients that lag are moved to the newest keyframe, or as "
          "recover-policy says (0 = no ceiling)",
          0, G_MAXUINT64, DEFAULT_QUEUE_MAX_BYTES, RW);
  pspecs[GST_NET_FANOUT_MAX_LATENCY] = g_param_spec_uint64 ("max-latency",
      "Max latency",
      "Nanoseconds that a client may be behind before it jumps to the newest "
      "keyframe (0 = any); set where a live picture matters more than a whole "
      "one; needs timestamps",
      0, G_MAXUINT64, 0, RW);
  pspecs[GST_NET_FANOUT_MAX_CLIENTS] = g_param_spec_uint ("max-clients",
      "Max clients",
      "Most clients at a time, if the sink listens; further ones are refused "
      "(0 = any number)",
      0, G_MAXUINT, 0, RW);
  pspecs[GST_NET_FANOUT_NOTSENT_LOWAT] = g_param_spec_uint ("notsent-lowat",
      "Not-sent low water",
      "Bytes that the kernel may hold unsent for a TCP client that comes from "
      "now on (0 = its own choice, often megabytes); 65536 keeps a late "
      "client's data in the queue, where the limits can act on it",
      0, G_MAXINT, 0, RW);
  pspecs[GST_NET_FANOUT_DRAIN_TIMEOUT] = g_param_spec_uint64 ("drain-timeout",
      "Drain timeout",
      "Nanoseconds to wait at the end of the stream while no client takes any "
      "of what is queued (5 s); raise it for slow links, 0 does not wait",
      0, G_MAXINT64, DEFAULT_DRAIN_TIMEOUT, RW);
}

static void
add_figure_pspecs (GParamSpec **pspecs)
{
  pspecs[GST_NET_FANOUT_CURRENT_PORT] =
      g_param_spec_int ("current-port", "Current port",
          "Port it listens on now (0 = none)", 0, G_MAXUINT16, 0, RO);
  pspecs[GST_NET_FANOUT_NUM_HANDLES] = g_param_spec_uint ("num-handles",
      "Number of handles", "Number of clients", 0, G_MAXUINT, 0, RO);
  pspecs[GST_NET_FANOUT_BYTES_SERVED] =
      g_param_spec_uint64 ("bytes-served", "Bytes served",
          "Bytes sent to all clients since READY", 0, G_MAXUINT64, 0, RO);
  pspecs[GST_NET_FANOUT_CLIENTS] = gst_fanout_clients_pspec ();
  pspecs[GST_NET_FANOUT_TOTALS] = gst_fanout_totals_pspec ();
}

/*
 * gst_net_fanout_add_pspecs:
 * @pspecs: where the %GST_NET_N_FANOUT specifications go
 */
void
gst_net_fanout_add_pspecs (GParamSpec **pspecs)
{
  add_start_pspecs (pspecs);
  add_lag_pspecs (pspecs);
  add_limit_pspecs (pspecs);
  add_figure_pspecs (pspecs);
}
