/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstmultihandleprops.c: properties of the sinks that serve many clients
 *
 * Here: the properties, where each one is kept, options of clients' sockets.
 * Not here: what the settings do (the engine).
 *
 * Threads   app: properties    any: apply_options
 * Locks     OBJECT_LOCK guards settings; not held while the engine is called
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstfanoutreport.h"
#include "gstfanoutvalue.h"
#include "gstmultihandlesink-private.h"

#define DEFAULT_QUEUE_MAX_BYTES (64 * 1024 * 1024)
#define DEFAULT_KEYFRAME_INTERVAL GST_SECOND

enum
{
  PROP_0,
  PROP_BUFFERS_MAX,
  PROP_BUFFERS_SOFT_MAX,
  PROP_UNIT_FORMAT,
  PROP_UNITS_MAX,
  PROP_UNITS_SOFT_MAX,
  PROP_TIME_MIN,
  PROP_BYTES_MIN,
  PROP_BUFFERS_MIN,
  PROP_RECOVER_POLICY,
  PROP_TIMEOUT,
  PROP_SYNC_METHOD,
  PROP_BURST_FORMAT,
  PROP_BURST_VALUE,
  PROP_QOS_DSCP,
  PROP_RESEND_STREAMHEADER,
  PROP_QUEUE_MAX_BYTES,
  PROP_MAX_LATENCY,
  PROP_BATCH_TIME,
  PROP_WORKERS,
  PROP_MAX_CLIENTS,
  PROP_REQUEST_KEYFRAME_INTERVAL,
  PROP_NOTSENT_LOWAT,
  PROP_NO_DELAY,
  PROP_USER_TIMEOUT,
  PROP_KEEP_ALIVE,
  PROP_KEEP_ALIVE_IDLE,
  PROP_KEEP_ALIVE_INTERVAL,
  PROP_KEEP_ALIVE_COUNT,
  N_SETTINGS,
  /* figures */
  PROP_BUFFERS_QUEUED = N_SETTINGS,
  PROP_BYTES_TO_SERVE,
  PROP_BYTES_SERVED,
  PROP_NUM_HANDLES,
  PROP_TOTALS,
  PROP_CLIENTS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

#define SETTING(kind, field)                                                   \
  {                                                                            \
    GST_FANOUT_##kind, G_STRUCT_OFFSET (GstMultiHandleSinkPrivate, field)      \
  }

static const GstFanoutField settings[N_SETTINGS] = {
    /* Two names for one limit, as in the stock plugin. */
    [PROP_BUFFERS_MAX] = SETTING (INT64_AS_INT, limits.units_max),
    [PROP_BUFFERS_SOFT_MAX] = SETTING (INT64_AS_INT, limits.units_soft_max),
    [PROP_UNIT_FORMAT] = SETTING (ENUM, limits.unit_format),
    [PROP_UNITS_MAX] = SETTING (INT64, limits.units_max),
    [PROP_UNITS_SOFT_MAX] = SETTING (INT64, limits.units_soft_max),
    [PROP_TIME_MIN] = SETTING (INT64, limits.time_min),
    [PROP_BYTES_MIN] = SETTING (INT64_AS_INT, limits.bytes_min),
    [PROP_BUFFERS_MIN] = SETTING (INT64_AS_INT, limits.buffers_min),
    [PROP_RECOVER_POLICY] = SETTING (ENUM, limits.recover),
    [PROP_TIMEOUT] = SETTING (UINT64, limits.timeout),
    [PROP_SYNC_METHOD] = SETTING (ENUM, limits.sync),
    [PROP_BURST_FORMAT] = SETTING (ENUM, burst_format),
    [PROP_BURST_VALUE] = SETTING (UINT64, burst_value),
    [PROP_QOS_DSCP] = SETTING (INT, qos_dscp),
    [PROP_RESEND_STREAMHEADER] = SETTING (BOOLEAN, limits.resend_headers),
    [PROP_QUEUE_MAX_BYTES] = SETTING (UINT64, limits.queue_max_bytes),
    [PROP_MAX_LATENCY] = SETTING (UINT64, limits.max_latency),
    [PROP_BATCH_TIME] = SETTING (UINT64, limits.batch_time),
    [PROP_WORKERS] = SETTING (UINT, limits.workers),
    [PROP_MAX_CLIENTS] = SETTING (UINT, limits.max_clients),
    [PROP_REQUEST_KEYFRAME_INTERVAL] =
        SETTING (UINT64, limits.keyframe_interval),
    [PROP_NOTSENT_LOWAT] = SETTING (UINT, tcp.notsent_lowat),
    [PROP_NO_DELAY] = SETTING (BOOLEAN, tcp.no_delay),
    [PROP_USER_TIMEOUT] = SETTING (UINT, tcp.user_timeout_ms),
    [PROP_KEEP_ALIVE] = SETTING (BOOLEAN, tcp.keep_alive.enabled),
    [PROP_KEEP_ALIVE_IDLE] = SETTING (UINT, tcp.keep_alive.idle_s),
    [PROP_KEEP_ALIVE_INTERVAL] = SETTING (UINT, tcp.keep_alive.interval_s),
    [PROP_KEEP_ALIVE_COUNT] = SETTING (UINT, tcp.keep_alive.count),
};

G_STATIC_ASSERT (sizeof (GstFormat) == sizeof (gint));
G_STATIC_ASSERT (sizeof (GstSocketSync) == sizeof (gint));
G_STATIC_ASSERT (sizeof (GstSocketRecover) == sizeof (gint));

/* --- options of clients' sockets --- */

static void
log_option_error (GstMultiHandleSink *self, gint fd, const GError *error)
{
  GST_ERROR_OBJECT (self, "option of descriptor %d: %s", fd, error->message);
}

static void
apply_dscp (GstMultiHandleSink *self, gint fd, gint dscp)
{
  g_autoptr (GError) error = NULL;

  if (dscp >= 0 && !gst_socket_opt_set_dscp (fd, dscp, &error))
    log_option_error (self, fd, error);
}

void
gst_multi_handle_sink_apply_options (
    GstMultiHandleSink *self, const GstSocketHandle *handle)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstSocketTcpOptions tcp;
  gint dscp;
  g_autoptr (GError) error = NULL;

  if ((handle->flags & GST_SOCKET_HANDLE_SOCKET) == 0)
    return;
  GST_OBJECT_LOCK (self);
  tcp = priv->tcp;
  dscp = priv->qos_dscp;
  GST_OBJECT_UNLOCK (self);
  apply_dscp (self, handle->fd, dscp);
  if (!gst_socket_opt_set_tcp (handle->fd, &tcp, &error))
    log_option_error (self, handle->fd, error);
}

static void
apply_dscp_to (gpointer data, gpointer user_data)
{
  GstMultiHandleSink *self = user_data;
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstSocketClient *client = data;
  gint dscp;

  GST_OBJECT_LOCK (self);
  dscp = priv->qos_dscp;
  GST_OBJECT_UNLOCK (self);
  if (!gst_socket_client_hold (client))
    return;
  apply_dscp (self, gst_socket_client_get_fd (client), dscp);
  gst_socket_client_release (client);
}

/* --- settings --- */

static void
update_engine (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstSocketLimits limits;

  GST_OBJECT_LOCK (self);
  limits = priv->limits;
  GST_OBJECT_UNLOCK (self);
  gst_socket_engine_set_limits (priv->engine, &limits);
}

/* A subclass turns reports of traffic on and off. */
void
gst_multi_handle_sink_set_notify (
    GstMultiHandleSink *self, gboolean notify_sent, gboolean notify_received)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);

  GST_OBJECT_LOCK (self);
  priv->limits.notify_sent = notify_sent;
  priv->limits.notify_received = notify_received;
  GST_OBJECT_UNLOCK (self);
  update_engine (self);
}

/* A subclass whose clients count as closed when they are reset. */
void
gst_multi_handle_sink_set_hangup_first (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);

  GST_OBJECT_LOCK (self);
  priv->limits.hangup_first = TRUE;
  GST_OBJECT_UNLOCK (self);
  update_engine (self);
}

/* What a client skips while it is flushed, newer buffers take the place of. */
void
gst_multi_handle_sink_set_flush_counts (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);

  GST_OBJECT_LOCK (self);
  priv->limits.flush_counts = TRUE;
  GST_OBJECT_UNLOCK (self);
  update_engine (self);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstMultiHandleSink *self = GST_MULTI_HANDLE_SINK (object);
  gpointer priv = gst_multi_handle_sink_get_private (self);

  if (id == PROP_0 || id >= N_SETTINGS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  gst_fanout_field_store (&settings[id], priv, value);
  GST_OBJECT_UNLOCK (self);
  update_engine (self);
  if (id == PROP_QOS_DSCP)
    gst_socket_engine_foreach (
        gst_multi_handle_sink_get_engine (self), apply_dscp_to, self);
}

/* --- figures --- */

static void
get_figure (GstSocketEngine *engine, guint id, GValue *value)
{
  GstSocketTotals totals;

  gst_socket_engine_get_totals (engine, &totals);
  switch (id) {
    case PROP_BUFFERS_QUEUED:
      g_value_set_uint (value, totals.buffers_queued);
      break;
    case PROP_BYTES_TO_SERVE:
      g_value_set_uint64 (value, totals.bytes_pushed);
      break;
    case PROP_BYTES_SERVED:
      g_value_set_uint64 (value, totals.bytes_served);
      break;
    case PROP_NUM_HANDLES:
      g_value_set_uint (value, totals.clients);
      break;
    case PROP_TOTALS:
      g_value_take_boxed (value, gst_fanout_get_totals (engine));
      break;
    case PROP_CLIENTS:
      gst_fanout_get_clients (engine, value);
      break;
  }
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstMultiHandleSink *self = GST_MULTI_HANDLE_SINK (object);
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);

  if (id >= N_SETTINGS) {
    get_figure (priv->engine, id, value);
    return;
  }
  GST_OBJECT_LOCK (self);
  gst_fanout_field_load (&settings[id], priv, value);
  GST_OBJECT_UNLOCK (self);
}

/* --- installation --- */

#define RW (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)
#define RO (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static void
make_limits (void)
{
  props[PROP_BUFFERS_MAX] = g_param_spec_int ("buffers-max", "Buffers max",
      "Another name for units-max, of 32 bits (-1 = no limit)", -1, G_MAXINT,
      -1, RW);
  props[PROP_BUFFERS_SOFT_MAX] =
      g_param_spec_int ("buffers-soft-max", "Buffers soft max",
          "Another name for units-soft-max, of 32 bits (-1 = no limit)", -1,
          G_MAXINT, -1, RW);
  props[PROP_UNIT_FORMAT] = g_param_spec_enum ("unit-format", "Units format",
      "Unit of units-max and units-soft-max: bytes, time (ns) or buffers; "
      "any other value counts buffers",
      GST_TYPE_FORMAT, GST_FORMAT_BUFFERS, RW);
  props[PROP_UNITS_MAX] = g_param_spec_int64 ("units-max", "Units max",
      "How far a client may be behind before it is removed as too slow, in "
      "unit-format (-1 = no limit). Set it to cap the delay of slow clients",
      -1, G_MAXINT64, -1, RW);
  props[PROP_UNITS_SOFT_MAX] =
      g_param_spec_int64 ("units-soft-max", "Units soft max",
          "How far a client may be behind before recover-policy is applied, in "
          "unit-format (-1 = no limit)",
          -1, G_MAXINT64, -1, RW);
  props[PROP_RECOVER_POLICY] = g_param_spec_enum ("recover-policy",
      "Recover Policy",
      "What happens to a client that reaches units-soft-max (default: nothing, "
      "it lags on). For video, keyframe loses least",
      GST_TYPE_RECOVER_POLICY, GST_SOCKET_RECOVER_NONE, RW);
  props[PROP_TIMEOUT] = g_param_spec_uint64 ("timeout", "Timeout",
      "Time in ns without any progress after which a client is removed as too "
      "slow (0 = never)",
      0, G_MAXUINT64, 0, RW);
}

static void
make_minimums (void)
{
  props[PROP_TIME_MIN] = g_param_spec_int64 ("time-min", "Time min",
      "Time in ns to keep queued for clients that start with a burst (-1 = "
      "none)",
      -1, G_MAXINT64, -1, RW);
  props[PROP_BYTES_MIN] = g_param_spec_int ("bytes-min", "Bytes min",
      "Bytes to keep queued for clients that start with a burst (-1 = none)",
      -1, G_MAXINT, -1, RW);
  props[PROP_BUFFERS_MIN] = g_param_spec_int ("buffers-min", "Buffers min",
      "Buffers to keep queued for clients that start with a burst (-1 = none)",
      -1, G_MAXINT, -1, RW);
  props[PROP_SYNC_METHOD] = g_param_spec_enum ("sync-method", "Sync Method",
      "Where a new client starts. latest-keyframe shows a picture at once; "
      "the queue then keeps the newest keyframe",
      GST_TYPE_SYNC_METHOD, GST_SOCKET_SYNC_LATEST, RW);
  props[PROP_BURST_FORMAT] = g_param_spec_enum ("burst-format", "Burst format",
      "Unit of burst-value: bytes, time (ns) or buffers; any other value "
      "means a burst of one buffer",
      GST_TYPE_FORMAT, GST_FORMAT_UNDEFINED, RW);
  props[PROP_BURST_VALUE] = g_param_spec_uint64 ("burst-value", "Burst value",
      "How much a new client gets at once with the burst methods, in "
      "burst-format. What is not queued cannot be sent: see bytes-min, "
      "time-min and buffers-min",
      0, G_MAXUINT64, 0, RW);
  props[PROP_RESEND_STREAMHEADER] = g_param_spec_boolean ("resend-streamheader",
      "Resend streamheader",
      "Whether clients get the stream headers again when they change in the "
      "caps",
      TRUE, RW);
}

static void
make_extras (void)
{
  props[PROP_QUEUE_MAX_BYTES] = g_param_spec_uint64 ("queue-max-bytes",
      "Queue max bytes",
      "Ceiling of the queue in bytes, and of a buffer for every 512 of them, "
      "whatever clients and other settings want; at it, clients that lag are "
      "moved to the newest keyframe, or as recover-policy says (0 = no "
      "ceiling, as in the stock plugin)",
      0, G_MAXUINT64, DEFAULT_QUEUE_MAX_BYTES, RW);
  props[PROP_MAX_LATENCY] = g_param_spec_uint64 ("max-latency", "Max latency",
      "Time in ns that a client may be behind before it jumps to the newest "
      "keyframe (0 = any). Set it where a live picture matters more than a "
      "whole one; needs timestamps",
      0, G_MAXUINT64, 0, RW);
  props[PROP_BATCH_TIME] = g_param_spec_uint64 ("batch-time", "Batch time",
      "Time in ns for which buffers may be gathered before they are sent "
      "together (0 = send at once). 20 ms spares most of the CPU time where "
      "players buffer anyway",
      0, GST_SECOND * 10, 0, RW);
  props[PROP_WORKERS] = g_param_spec_uint ("workers", "Workers",
      "Threads that send to clients (0 = as many as pay off, up to one per "
      "core, 8 at most). Takes effect as clients are added",
      0, 64, 0, RW);
  props[PROP_MAX_CLIENTS] = g_param_spec_uint ("max-clients", "Max clients",
      "Most clients at a time; further ones are refused (0 = any number)", 0,
      G_MAXUINT, 0, RW);
  props[PROP_REQUEST_KEYFRAME_INTERVAL] = g_param_spec_uint64 (
      "request-keyframe-interval", "Request keyframe interval",
      "Least time in ns between two requests for a keyframe, which are "
      "sent upstream while a new client waits for one (default 1 s, -1 = "
      "never ask)",
      0, G_MAXUINT64, DEFAULT_KEYFRAME_INTERVAL, RW);
}

static void
make_socket_options (void)
{
  props[PROP_QOS_DSCP] =
      g_param_spec_int ("qos-dscp", "QoS diff srv code point",
          "Differentiated services code point of what is sent to clients (-1 = "
          "leave it as it is)",
          -1, 63, -1, RW);
  props[PROP_NOTSENT_LOWAT] =
      g_param_spec_uint ("notsent-lowat", "Not-sent low water",
          "Bytes that the kernel may hold unsent for a TCP client (0 = its own "
          "choice, often megabytes). 65536 keeps a late client's data in the "
          "queue, where the limits can act on it",
          0, G_MAXINT, 0, RW);
  props[PROP_NO_DELAY] = g_param_spec_boolean ("no-delay", "No delay",
      "Whether small buffers go out to TCP clients at once (default; the stock "
      "plugin leaves Nagle's algorithm on)",
      TRUE, RW);
  props[PROP_USER_TIMEOUT] = g_param_spec_uint ("user-timeout", "User timeout",
      "Time in ms that sent data may stay unacknowledged before a TCP client "
      "counts as gone (0 = the system's choice, many minutes)",
      0, G_MAXINT, 0, RW);
}

static void
make_keep_alive (void)
{
  props[PROP_KEEP_ALIVE] = g_param_spec_boolean ("keep-alive", "Keep alive",
      "Whether silent TCP clients are probed, so that one that lost power is "
      "noticed (default; off in the stock plugin)",
      TRUE, RW);
  props[PROP_KEEP_ALIVE_IDLE] =
      g_param_spec_uint ("keep-alive-idle", "Keep alive idle",
          "Silence in s before a TCP client is probed", 1, 32767, 30, RW);
  props[PROP_KEEP_ALIVE_INTERVAL] = g_param_spec_uint ("keep-alive-interval",
      "Keep alive interval", "Time in s between two probes", 1, 32767, 10, RW);
  props[PROP_KEEP_ALIVE_COUNT] =
      g_param_spec_uint ("keep-alive-count", "Keep alive count",
          "Unanswered probes after which a TCP client counts as gone", 1, 127,
          3, RW);
}

static void
make_figures (void)
{
  props[PROP_BUFFERS_QUEUED] =
      g_param_spec_uint ("buffers-queued", "Buffers queued",
          "Length of the queue after the last buffer", 0, G_MAXUINT, 0, RO);
  props[PROP_BYTES_TO_SERVE] =
      g_param_spec_uint64 ("bytes-to-serve", "Bytes to serve",
          "Bytes received to be served since READY, stream headers left out", 0,
          G_MAXUINT64, 0, RO);
  props[PROP_BYTES_SERVED] =
      g_param_spec_uint64 ("bytes-served", "Bytes served",
          "Bytes sent to all clients since READY", 0, G_MAXUINT64, 0, RO);
  props[PROP_NUM_HANDLES] = g_param_spec_uint ("num-handles",
      "Number of handles", "Number of clients", 0, G_MAXUINT, 0, RO);
  props[PROP_TOTALS] = gst_fanout_totals_pspec ();
  props[PROP_CLIENTS] = gst_fanout_clients_pspec ();
}

void
gst_multi_handle_sink_install_properties (GObjectClass *klass)
{
  klass->set_property = set_property;
  klass->get_property = get_property;
  make_limits ();
  make_minimums ();
  make_extras ();
  make_socket_options ();
  make_keep_alive ();
  make_figures ();
  g_object_class_install_properties (klass, N_PROPS, props);
}

void
gst_multi_handle_sink_init_settings (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);

  priv->limits = (GstSocketLimits){
      .sync = GST_SOCKET_SYNC_LATEST,
      .recover = GST_SOCKET_RECOVER_NONE,
      .unit_format = GST_FORMAT_BUFFERS,
      .units_max = -1,
      .units_soft_max = -1,
      .buffers_min = -1,
      .bytes_min = -1,
      .time_min = -1,
      .queue_max_bytes = DEFAULT_QUEUE_MAX_BYTES,
      .keyframe_interval = DEFAULT_KEYFRAME_INTERVAL,
      .resend_headers = TRUE,
  };
  priv->burst_format = GST_FORMAT_UNDEFINED;
  priv->qos_dscp = -1;
  priv->tcp = (GstSocketTcpOptions) GST_SOCKET_TCP_OPTIONS_INIT;
  update_engine (self);
}
