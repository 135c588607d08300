/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstmultihandlesink.c: base class of the sinks that serve many clients
 *
 * Here: rendering, state, what the engine reports.
 * Not here: properties (gstmultihandleprops.c), stream headers
 * (gstfanoutstream.c), sending and limits (the engine), what a client's handle
 * is (the subclasses).
 *
 * Threads   app: properties, actions, state    streaming: render, caps
 *           worker: reports of the engine
 * Locks     OBJECT_LOCK     guards settings
 * No lock is held across a signal, an event, a message or a call to the engine.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstmultihandlesink-private.h"

#include "../elements.h"

#include "gstfanoutreport.h"

/**
 * SECTION:shared-GstMultiHandleSink
 *
 * ## Element messages
 * - `client-slow`: a client was recovered or removed because it was too far
 *   behind; at most one every 10 s a client. Fields: `id` and `peer` (who),
 *   `buffers-behind`, `bytes-behind` and `time-behind` in ns (how far),
 *   `action` ("skipped" or "removed"), `buffers-dropped` (skipped just now),
 *   `property` (the setting that decided). The same goes to the log.
 *
 * ## What every sink for many clients does otherwise than stock
 * - The queue has a ceiling, `queue-max-bytes`; 0 takes it away.
 * - Small buffers go out at once, unless `no-delay` is false.
 * - Silent TCP peers are probed, unless `keep-alive` is false.
 * - While a client waits for a keyframe, one is asked for upstream, unless
 *   `request-keyframe-interval` is -1.
 * - `buffers-min` keeps that many buffers, and a burst in buffers has that
 *   many; stock keeps fewer, and sends one.
 */

GST_DEBUG_CATEGORY_STATIC (multihandlesink_debug);
#define GST_CAT_DEFAULT multihandlesink_debug

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_TYPE_WITH_PRIVATE (
    GstMultiHandleSink, gst_multi_handle_sink, GST_TYPE_BASE_SINK)

static guint clear_signal;
static guint kick_signal;

GstMultiHandleSinkPrivate *
gst_multi_handle_sink_get_private (GstMultiHandleSink *self)
{
  return gst_multi_handle_sink_get_instance_private (self);
}

/* --- what the engine reports --- */

static void
on_removed (GstSocketEngine *engine, GstSocketClient *client,
    GstSocketClientStatus status, gpointer user_data)
{
  GstMultiHandleSink *self = user_data;

  GST_INFO_OBJECT (self, "client %" G_GUINT64_FORMAT " goes, status %d",
      gst_socket_client_get_id (client), status);
  GST_MULTI_HANDLE_SINK_GET_CLASS (self)->removed (
      self, gst_socket_client_get_key (client), status);
}

static void
on_gone (GstSocketEngine *engine, GstSocketClient *client,
    GstSocketClientStatus status, gpointer user_data)
{
  GstMultiHandleSink *self = user_data;

  GST_MULTI_HANDLE_SINK_GET_CLASS (self)->gone (
      self, gst_socket_client_get_key (client), status);
}

static void
on_received (GstSocketEngine *engine, GstSocketClient *client,
    GstBuffer *buffer, gpointer user_data)
{
  GstMultiHandleSink *self = user_data;
  GstMultiHandleSinkClass *klass = GST_MULTI_HANDLE_SINK_GET_CLASS (self);

  if (klass->received != NULL)
    klass->received (self, gst_socket_client_get_key (client), buffer);
}

static void
on_sent (GstSocketEngine *engine, GstSocketClient *client, GstBuffer *buffer,
    gpointer user_data)
{
  GstMultiHandleSink *self = user_data;
  GstMultiHandleSinkClass *klass = GST_MULTI_HANDLE_SINK_GET_CLASS (self);

  if (klass->sent != NULL)
    klass->sent (self, gst_socket_client_get_key (client), buffer);
}

static void
on_slow (GstSocketEngine *engine, const GstSocketSlowReport *report,
    gpointer user_data)
{
  gst_fanout_post_slow (user_data, report);
}

static void
on_need_keyframe (GstSocketEngine *engine, gpointer user_data)
{
  gst_fanout_request_keyframe (user_data);
}

static const GstSocketEngineFuncs engine_funcs = {
    .removed = on_removed,
    .gone = on_gone,
    .received = on_received,
    .sent = on_sent,
    .slow = on_slow,
    .need_keyframe = on_need_keyframe,
};

/* --- rendering --- */

static gboolean
gst_multi_handle_sink_set_caps (GstBaseSink *bsink, GstCaps *caps)
{
  GstMultiHandleSink *self = GST_MULTI_HANDLE_SINK (bsink);

  gst_fanout_stream_caps_changed (
      &gst_multi_handle_sink_get_private (self)->stream);
  return TRUE;
}

static gboolean
is_control_meta (GstBuffer *buffer, GstMeta **meta, gpointer user_data)
{
  static GType api;

  if (G_UNLIKELY (api == 0))
    api = g_type_from_name ("GstNetControlMessageMetaAPI");
  if (api == 0 || (*meta)->info->api != api)
    return TRUE;
  *(guint *) user_data |= GST_SOCKET_UNIT_CONTROL;
  return FALSE;
}

static GstFlowReturn
gst_multi_handle_sink_render (GstBaseSink *bsink, GstBuffer *buffer)
{
  GstMultiHandleSink *self = GST_MULTI_HANDLE_SINK (bsink);
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  guint flags = 0;

  if (GST_MULTI_HANDLE_SINK_GET_CLASS (self)->sends_control)
    gst_buffer_foreach_meta (buffer, is_control_meta, &flags);
  gst_fanout_stream_push (&priv->stream, bsink, priv->engine, buffer, flags);
  return GST_FLOW_OK;
}

/* --- state --- */

static gboolean
open_sink (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstMultiHandleSinkClass *klass = GST_MULTI_HANDLE_SINK_GET_CLASS (self);
  g_autoptr (GError) error = NULL;

  gst_fanout_stream_begin (&priv->stream);
  if (!gst_socket_engine_start (priv->engine, &error)) {
    GST_ELEMENT_ERROR (self, RESOURCE, FAILED,
        (_ ("Could not start to serve clients: too many threads or open files.")),
        ("%s", error->message));
    return FALSE;
  }
  if (klass->open == NULL || klass->open (self))
    return TRUE;
  gst_socket_engine_stop (priv->engine);
  return FALSE;
}

static gboolean
close_sink (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstMultiHandleSinkClass *klass = GST_MULTI_HANDLE_SINK_GET_CLASS (self);

  if (gst_socket_engine_is_worker (priv->engine)
      || (klass->is_own_thread != NULL && klass->is_own_thread (self))) {
    g_warning ("%s: the state must not be set to NULL from a signal handler "
               "that runs in the sink's own thread",
        GST_OBJECT_NAME (self));
    return FALSE;
  }
  if (klass->close != NULL)
    klass->close (self);
  gst_socket_engine_stop (priv->engine);
  gst_fanout_stream_end (&priv->stream);
  return TRUE;
}

static GstStateChangeReturn
gst_multi_handle_sink_change_state (
    GstElement *element, GstStateChange transition)
{
  GstMultiHandleSink *self = GST_MULTI_HANDLE_SINK (element);
  GstElementClass *parent =
      GST_ELEMENT_CLASS (gst_multi_handle_sink_parent_class);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !open_sink (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = parent->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL && !close_sink (self))
    return GST_STATE_CHANGE_FAILURE;
  return ret;
}

/* --- for subclasses --- */

GstSocketEngine *
gst_multi_handle_sink_get_engine (GstMultiHandleSink *self)
{
  return gst_multi_handle_sink_get_private (self)->engine;
}

/* The amount of a burst is both the least and, in the same unit, no limit. */
static GstSocketStart
default_start (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstSocketStart start;

  GST_OBJECT_LOCK (self);
  start.sync = priv->limits.sync;
  start.min_format = start.max_format = priv->burst_format;
  start.min = priv->burst_value;
  start.max = G_MAXUINT64;
  GST_OBJECT_UNLOCK (self);
  return start;
}

static gboolean
is_start_ok (GstMultiHandleSink *self, const GstSocketStart *start)
{
  if ((guint) start->sync > GST_SOCKET_SYNC_BURST_WITH_KEYFRAME)
    g_warning ("%s: unknown sync method %d, the latest buffer it is",
        GST_OBJECT_NAME (self), start->sync);
  if (gst_socket_policy_start_is_valid (start))
    return TRUE;
  GST_WARNING_OBJECT (self,
      "client not added: its most (%" G_GUINT64_FORMAT
      ") is less than its least (%" G_GUINT64_FORMAT ")",
      start->max, start->min);
  return FALSE;
}

/* Once a second: who is refused may try again at once, and not be alone. */
static void
warn_full (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  gint64 now = g_get_monotonic_time ();
  guint n = 0;

  GST_OBJECT_LOCK (self);
  priv->n_refused++;
  if (now - priv->refused_warned_us >= G_USEC_PER_SEC) {
    n = priv->n_refused;
    priv->n_refused = 0;
    priv->refused_warned_us = now;
  }
  GST_OBJECT_UNLOCK (self);
  if (n > 0)
    GST_WARNING_OBJECT (
        self, "%u clients were refused: max-clients is reached", n);
}

static void
explain_refusal (GstMultiHandleSink *self, const GstSocketHandle *handle,
    GstSocketAddResult result)
{
  GstMultiHandleSinkClass *klass = GST_MULTI_HANDLE_SINK_GET_CLASS (self);

  switch (result) {
    case GST_SOCKET_ADD_DUPLICATE:
      GST_WARNING_OBJECT (
          self, "descriptor %d is a client already", handle->fd);
      klass->removed (self, handle->key, GST_SOCKET_CLIENT_DUPLICATE);
      break;
    case GST_SOCKET_ADD_FULL:
      warn_full (self);
      klass->removed (self, handle->key, GST_SOCKET_CLIENT_ERROR);
      klass->gone (self, handle->key, GST_SOCKET_CLIENT_ERROR);
      break;
    default:
      g_warning ("%s: a client can be added from READY on, not before",
          GST_OBJECT_NAME (self));
      break;
  }
}

/* Adds a client; start is NULL for the defaults, framing for none. Returns whether it is one
 * now; if not, what there is to say has been said. */
gboolean
gst_multi_handle_sink_add (GstMultiHandleSink *self,
    const GstSocketHandle *handle, const GstSocketStart *start,
    GstSocketFraming *framing)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstSocketStart defaults = default_start (self);
  GstSocketAddResult result;

  if (start == NULL)
    start = &defaults;
  if (!is_start_ok (self, start))
    return FALSE;
  gst_multi_handle_sink_apply_options (self, handle);
  result = gst_socket_engine_add (priv->engine, handle, start, framing);
  if (result == GST_SOCKET_ADD_OK)
    return TRUE;
  explain_refusal (self, handle, result);
  return FALSE;
}

/* --- pushes from within a push --- */

/* A handler that the push of a buffer calls (a client was too slow) may push
 * into the same pad. The base class would wait for ever for a lock that this
 * very thread holds, as it does in stock. */
static gboolean
is_within_push (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);

  if (g_atomic_pointer_get (&priv->pusher) != g_thread_self ())
    return FALSE;
  g_critical ("%s: a signal handler must not push into the sink whose push "
              "called it; let another thread do so",
      GST_OBJECT_NAME (self));
  return TRUE;
}

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstMultiHandleSink *self = GST_MULTI_HANDLE_SINK (parent);
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstFlowReturn flow;

  if (is_within_push (self)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_ERROR;
  }
  g_atomic_pointer_set (&priv->pusher, g_thread_self ());
  flow = priv->chain (pad, parent, buffer);
  g_atomic_pointer_set (&priv->pusher, NULL);
  return flow;
}

static GstFlowReturn
chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  GstMultiHandleSink *self = GST_MULTI_HANDLE_SINK (parent);
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstFlowReturn flow;

  if (is_within_push (self)) {
    gst_buffer_list_unref (list);
    return GST_FLOW_ERROR;
  }
  g_atomic_pointer_set (&priv->pusher, g_thread_self ());
  flow = priv->chain_list (pad, parent, list);
  g_atomic_pointer_set (&priv->pusher, NULL);
  return flow;
}

static gboolean
handle_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstMultiHandleSink *self = GST_MULTI_HANDLE_SINK (parent);
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  gboolean needs_lock = GST_EVENT_IS_SERIALIZED (event)
      || GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START;

  if (needs_lock && is_within_push (self)) {
    gst_event_unref (event);
    return FALSE;
  }
  return priv->event (pad, parent, event);
}

static void
guard_pad (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);
  GstPad *pad = GST_BASE_SINK_PAD (self);

  priv->chain = GST_PAD_CHAINFUNC (pad);
  priv->chain_list = GST_PAD_CHAINLISTFUNC (pad);
  priv->event = GST_PAD_EVENTFUNC (pad);
  gst_pad_set_chain_function (pad, chain);
  gst_pad_set_chain_list_function (pad, chain_list);
  gst_pad_set_event_function (pad, handle_event);
}

/* --- class --- */

static void
gst_multi_handle_sink_clear (GstMultiHandleSink *self)
{
  gst_socket_engine_clear (gst_multi_handle_sink_get_engine (self));
}

static gboolean
gst_multi_handle_sink_kick (GstMultiHandleSink *self, guint64 id)
{
  return gst_socket_engine_remove_id (
      gst_multi_handle_sink_get_engine (self), id, GST_SOCKET_CLIENT_REMOVED);
}

static void
gst_multi_handle_sink_finalize (GObject *object)
{
  GstMultiHandleSinkPrivate *priv =
      gst_multi_handle_sink_get_private (GST_MULTI_HANDLE_SINK (object));

  gst_socket_engine_free (priv->engine);
  gst_fanout_stream_end (&priv->stream);
  G_OBJECT_CLASS (gst_multi_handle_sink_parent_class)->finalize (object);
}

static void
install_actions (GObjectClass *klass)
{
  /**
   * GstMultiHandleSink::clear:
   * @self: the sink
   *
   * Removes all clients, with status "removed". The handles stay open.
   */
  clear_signal = g_signal_new ("clear", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_STRUCT_OFFSET (GstMultiHandleSinkClass, clear), NULL, NULL, NULL,
      G_TYPE_NONE, 0);

  /**
   * GstMultiHandleSink::kick:
   * @self: the sink
   * @id: the client's number, as in the property "clients"
   *
   * Removes one client by its number, with status "removed".
   *
   * Returns: whether there was such a client
   */
  kick_signal = g_signal_new_class_handler ("kick", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_multi_handle_sink_kick), NULL, NULL, NULL, G_TYPE_BOOLEAN,
      1, G_TYPE_UINT64);
}

static void
gst_multi_handle_sink_class_init (GstMultiHandleSinkClass *klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *basesink_class = GST_BASE_SINK_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (multihandlesink_debug, "multihandlesink", 0,
      "sinks that serve many clients");
  gobject_class->finalize = gst_multi_handle_sink_finalize;
  gst_multi_handle_sink_install_properties (gobject_class);
  install_actions (gobject_class);

  element_class->change_state =
      GST_DEBUG_FUNCPTR (gst_multi_handle_sink_change_state);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  basesink_class->set_caps = GST_DEBUG_FUNCPTR (gst_multi_handle_sink_set_caps);
  basesink_class->render = GST_DEBUG_FUNCPTR (gst_multi_handle_sink_render);
  klass->clear = gst_multi_handle_sink_clear;

  gst_type_mark_as_plugin_api (GST_TYPE_MULTI_HANDLE_SINK, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RECOVER_POLICY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_SYNC_METHOD, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_CLIENT_STATUS, 0);
}

static void
gst_multi_handle_sink_init (GstMultiHandleSink *self)
{
  GstMultiHandleSinkPrivate *priv = gst_multi_handle_sink_get_private (self);

  priv->engine = gst_socket_engine_new (&engine_funcs, self);
  gst_multi_handle_sink_init_settings (self);
  guard_pad (self);
}
