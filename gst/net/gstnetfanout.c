/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetfanout.c: a sink that is connected to
 *
 * Here: listening, accepting, and the engine that serves who came.
 * Not here: pads, states, properties (gstnetfanoutprops.c), sending (the
 * engine).
 *
 * Threads   app: properties, actions, states     streaming: render
 *           acceptor: new connections            worker: reports of the engine
 * Locks     OBJECT_LOCK (element)   guards limits, burst, drain_timeout_ns,
 *                                   current_port, is_ended, is_unlocked,
 *                                   n_gone
 * No lock is held while resolving, listening, pushing or emitting.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetfanout.h"

#include "../fanout/gstfanoutreport.h"
#include "../fanout/gstmultihandlesink.h"

#include <gst/socket/gstsocketaddress.h>
#include <gst/socket/gstsocketerror.h>
#include <gst/socket/gstsocketio.h>

#include <glib/gi18n-lib.h>
#include <string.h>

enum
{
  SIGNAL_CLIENT_ADDED,
  SIGNAL_CLIENT_REMOVED,
  SIGNAL_GET_STATS,
  SIGNAL_KICK,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- what the engine reports --- */

static void
on_removed (GstSocketEngine *engine, GstSocketClient *client,
    GstSocketClientStatus status, gpointer user_data)
{
  GstNetFanout *self = user_data;

  GST_INFO_OBJECT (self->element,
      "client %" G_GUINT64_FORMAT " goes, status %d",
      gst_socket_client_get_id (client), status);
  g_signal_emit (self->element, signals[SIGNAL_CLIENT_REMOVED], 0,
      gst_socket_client_get_key (client), status);
}

static void
on_gone (GstSocketEngine *engine, GstSocketClient *client,
    GstSocketClientStatus status, gpointer user_data)
{
  GstNetFanout *self = user_data;

  g_socket_close (gst_socket_client_get_key (client), NULL);
  GST_OBJECT_LOCK (self->element);
  self->n_gone++;
  g_cond_broadcast (&self->changed);
  GST_OBJECT_UNLOCK (self->element);
}

static void
on_slow (GstSocketEngine *engine, const GstSocketSlowReport *report,
    gpointer user_data)
{
  GstNetFanout *self = user_data;

  gst_fanout_post_slow (GST_ELEMENT (self->element), report);
}

static void
on_need_keyframe (GstSocketEngine *engine, gpointer user_data)
{
  GstNetFanout *self = user_data;

  gst_fanout_request_keyframe (self->element);
}

static const GstSocketEngineFuncs engine_funcs = {
    .removed = on_removed,
    .gone = on_gone,
    .slow = on_slow,
    .need_keyframe = on_need_keyframe,
};

/*
 * gst_net_fanout_init:
 * @self: what to set up
 * @element: the element it is part of
 * @pspecs: where gst_net_fanout_add_pspecs() put the specifications
 */
void
gst_net_fanout_init (
    GstNetFanout *self, GstBaseSink *element, GParamSpec **pspecs)
{
  memset (self, 0, sizeof (*self));
  self->element = element;
  self->pspecs = pspecs;
  g_cond_init (&self->changed);
  self->engine = gst_socket_engine_new (&engine_funcs, self);
  gst_net_fanout_init_settings (self);
}

/*
 * gst_net_fanout_clear:
 * @self: what to give up; stopped
 */
void
gst_net_fanout_clear (GstNetFanout *self)
{
  g_clear_pointer (&self->engine, gst_socket_engine_free);
  g_cond_clear (&self->changed);
}

/* --- who connects --- */

static GstSocketStart
get_start (GstNetFanout *self)
{
  GstSocketStart start;

  GST_OBJECT_LOCK (self->element);
  start.sync = self->limits.sync;
  start.min_format = start.max_format = self->burst_format;
  start.min = self->burst_value;
  start.max = G_MAXUINT64;
  GST_OBJECT_UNLOCK (self->element);
  return start;
}

/* A client that takes no options is served as it is. */
static void
apply_options (GstNetFanout *self, GSocket *socket)
{
  gint fd = g_socket_get_fd (socket);
  GstSocketTcpOptions tcp = self->local.tcp;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self->element);
  tcp.notsent_lowat = self->notsent_lowat;
  GST_OBJECT_UNLOCK (self->element);
  if (!gst_socket_opt_set_tcp (fd, &tcp, &error)
      || (self->local.uri->ttl > 0
          && !gst_socket_opt_set_ttl (fd, self->local.uri->ttl, &error))
      || (self->local.max_bitrate > 0
          && !gst_socket_opt_set_pacing_rate (
              fd, self->local.max_bitrate, &error)))
    GST_INFO_OBJECT (self->element, "options: %s", error->message);
}

static gboolean
is_ended (GstNetFanout *self)
{
  gboolean is;

  GST_OBJECT_LOCK (self->element);
  is = self->is_ended;
  GST_OBJECT_UNLOCK (self->element);
  return is;
}

static void
on_accepted (GSocket *socket, gpointer user_data)
{
  GstNetFanout *self = user_data;
  GstSocketStart start = get_start (self);
  GstSocketHandle handle = {
      .key = socket,
      .fd = g_socket_get_fd (socket),
      .flags = GST_SOCKET_HANDLE_SOCKET | GST_SOCKET_HANDLE_READ
          | GST_SOCKET_HANDLE_GSOCKET,
      .object = G_OBJECT (socket),
  };

  if (g_socket_get_socket_type (socket) != G_SOCKET_TYPE_STREAM)
    handle.flags |= GST_SOCKET_HANDLE_MESSAGES;
  if (is_ended (self)) {
    GST_INFO_OBJECT (self->element, "client refused: the stream has ended");
    g_socket_close (socket, NULL);
    return;
  }
  apply_options (self, socket);
  if (gst_socket_engine_add (self->engine, &handle, &start, NULL)
      == GST_SOCKET_ADD_OK) {
    g_signal_emit (self->element, signals[SIGNAL_CLIENT_ADDED], 0, socket);
    /* It may have ended before the client was one that the end could see. */
    if (is_ended (self))
      gst_socket_engine_remove (
          self->engine, socket, GST_SOCKET_CLIENT_REMOVED);
    return;
  }
  GST_WARNING_OBJECT (self->element, "client refused: max-clients is reached");
  g_socket_close (socket, NULL);
}

static void
on_refused (guint64 count, const GError *error, gpointer user_data)
{
  GstNetFanout *self = user_data;

  GST_ELEMENT_WARNING (self->element, RESOURCE, NO_SPACE_LEFT,
      (_ ("Clients are refused: this process may not open more files. Raise "
          "its limit (ulimit -n), or set \"max-clients\".")),
      ("%" G_GUINT64_FORMAT " refused: %s", count, error->message));
}

static const GstSocketAcceptorFuncs acceptor_funcs = {
    .accepted = on_accepted,
    .refused = on_refused,
};

/* --- starting, stopping --- */

static void
set_current_port (GstNetFanout *self, gint port)
{
  gboolean changed;

  GST_OBJECT_LOCK (self->element);
  changed = self->current_port != port;
  self->current_port = port;
  GST_OBJECT_UNLOCK (self->element);
  if (changed)
    g_object_notify_by_pspec (
        G_OBJECT (self->element), self->pspecs[GST_NET_FANOUT_CURRENT_PORT]);
}

static gboolean
start_engine (GstNetFanout *self)
{
  g_autoptr (GError) error = NULL;

  if (gst_socket_engine_start (self->engine, &error))
    return TRUE;
  GST_ELEMENT_ERROR (self->element, RESOURCE, FAILED,
      (_ ("Could not start to serve clients: too many threads or open files.")),
      ("%s", error->message));
  return FALSE;
}

static gboolean
start_listening (GstNetFanout *self, GError **error)
{
  const GstSocketUri *uri = self->local.uri;
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;
  g_autoptr (GPtrArray) addresses =
      gst_socket_address_resolve_uri (uri, NULL, error);

  options.type = gst_net_uri_socket_type (uri);
  options.iface = uri->iface;
  if (addresses != NULL)
    self->listeners = gst_socket_listen_addresses (addresses, &options, error);
  if (self->listeners != NULL)
    self->acceptor =
        gst_socket_acceptor_new (self->listeners, &acceptor_funcs, self, error);
  return self->acceptor != NULL;
}

/*
 * gst_net_fanout_start:
 * @self: a stopped fan-out
 * @local: where to listen; emptied
 *
 * Returns: %TRUE on success; an error was posted otherwise
 */
gboolean
gst_net_fanout_start (GstNetFanout *self, GstNetPeer *local)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *sentence = NULL;

  if (!start_engine (self))
    return FALSE;
  self->local = *local;
  local->uri = NULL;
  gst_net_fanout_begin_again (self);
  gst_fanout_stream_begin (&self->stream);
  if (start_listening (self, &error)) {
    set_current_port (self,
        gst_socket_get_local_port (g_ptr_array_index (self->listeners, 0)));
    return TRUE;
  }
  /* OPEN_READ, as tcpserversink and its stock original say it. */
  sentence = gst_net_describe_listen_error (self->local.uri, error);
  GST_ELEMENT_ERROR (self->element, RESOURCE, OPEN_READ, ("%s", sentence),
      ("%s", error->message));
  gst_net_fanout_stop (self);
  return FALSE;
}

/*
 * gst_net_fanout_stop:
 * @self: a fan-out, started or not
 *
 * Lets all clients go. Not from gst_net_fanout_is_own_thread().
 */
void
gst_net_fanout_stop (GstNetFanout *self)
{
  if (!gst_net_fanout_is_on (self))
    return;
  g_clear_pointer (&self->acceptor, gst_socket_acceptor_free);
  g_clear_pointer (&self->listeners, gst_socket_close_all);
  gst_socket_engine_stop (self->engine);
  gst_fanout_stream_end (&self->stream);
  gst_net_peer_clear (&self->local);
  set_current_port (self, 0);
}

/*
 * gst_net_fanout_is_on:
 * @self: a fan-out
 *
 * Returns: %TRUE if it is started
 */
gboolean
gst_net_fanout_is_on (const GstNetFanout *self)
{
  return self->local.uri != NULL;
}

/*
 * gst_net_fanout_is_own_thread:
 * @self: a fan-out
 *
 * Returns: %TRUE in a handler of its signals, which may not stop it
 */
gboolean
gst_net_fanout_is_own_thread (GstNetFanout *self)
{
  return gst_socket_engine_is_worker (self->engine)
      || gst_socket_acceptor_is_own_thread (self->acceptor);
}

/*
 * gst_net_fanout_caps_changed:
 * @self: a fan-out, started or not
 */
void
gst_net_fanout_caps_changed (GstNetFanout *self)
{
  gst_fanout_stream_caps_changed (&self->stream);
}

/*
 * gst_net_fanout_render:
 * @self: a started fan-out
 * @buffer: what to send to all
 */
void
gst_net_fanout_render (GstNetFanout *self, GstBuffer *buffer)
{
  gst_fanout_stream_push (
      &self->stream, self->element, self->engine, buffer, 0);
}

/* --- the end --- */

static void
flush_one (gpointer data, gpointer user_data)
{
  gst_socket_engine_remove_flush (user_data, gst_socket_client_get_key (data));
}

/* Returns FALSE when the streaming thread is not to wait any more. */
static gboolean
wait_for_departure (GstNetFanout *self, guint n_gone, gint64 until_us)
{
  gboolean may_wait;

  GST_OBJECT_LOCK (self->element);
  while (!self->is_unlocked && self->n_gone == n_gone
      && g_cond_wait_until (
          &self->changed, GST_OBJECT_GET_LOCK (self->element), until_us))
    ;
  may_wait = !self->is_unlocked;
  GST_OBJECT_UNLOCK (self->element);
  return may_wait;
}

static guint
get_n_gone (GstNetFanout *self)
{
  guint n_gone;

  GST_OBJECT_LOCK (self->element);
  n_gone = self->n_gone;
  GST_OBJECT_UNLOCK (self->element);
  return n_gone;
}

/* Waits until all are gone, or nobody has taken anything for so long. */
static void
wait_for_last (GstNetFanout *self, guint64 patience_ns)
{
  guint64 served = G_MAXUINT64;
  gint64 until_us = 0;
  GstSocketTotals totals;
  guint n_gone;

  do {
    gint64 now_us = g_get_monotonic_time ();

    n_gone = get_n_gone (self);
    gst_socket_engine_get_totals (self->engine, &totals);
    if (totals.bytes_served != served)
      until_us = now_us + (gint64) (patience_ns / GST_USECOND);
    served = totals.bytes_served;
    if (totals.clients == 0 || now_us >= until_us)
      break;
  } while (wait_for_departure (self, n_gone, until_us));
  if (totals.clients > 0)
    GST_WARNING_OBJECT (
        self->element, "%u clients have not received all", totals.clients);
}

/*
 * gst_net_fanout_drain:
 * @self: a started fan-out
 *
 * Lets every client have what is queued and go then, and waits for them as
 * long as "drain-timeout" allows. From then on whoever comes is let go at
 * once, until gst_net_fanout_begin_again().
 */
void
gst_net_fanout_drain (GstNetFanout *self)
{
  g_autoptr (GstBuffer) end = gst_buffer_new ();
  guint64 patience_ns;

  GST_OBJECT_LOCK (self->element);
  patience_ns = self->drain_timeout_ns;
  self->is_ended = TRUE;
  GST_OBJECT_UNLOCK (self->element);
  gst_socket_engine_foreach (self->engine, flush_one, self->engine);
  /* Who stands at the edge notices at the next buffer, which nobody gets. */
  gst_socket_engine_push (self->engine, end, 0, NULL);
  wait_for_last (self, patience_ns);
}

/*
 * gst_net_fanout_begin_again:
 * @self: a fan-out
 *
 * After an end, takes clients again.
 */
void
gst_net_fanout_begin_again (GstNetFanout *self)
{
  GST_OBJECT_LOCK (self->element);
  self->is_ended = FALSE;
  GST_OBJECT_UNLOCK (self->element);
}

/*
 * gst_net_fanout_set_unlocked:
 * @self: a fan-out
 * @is_unlocked: whether gst_net_fanout_drain() is not to wait
 */
void
gst_net_fanout_set_unlocked (GstNetFanout *self, gboolean is_unlocked)
{
  GST_OBJECT_LOCK (self->element);
  self->is_unlocked = is_unlocked;
  g_cond_broadcast (&self->changed);
  GST_OBJECT_UNLOCK (self->element);
}

/* --- class --- */

static void
install_signals (GType type)
{
  /**
   * GstSocketSink::client-added:
   * @self: the sink
   * @socket: (type Gio.Socket): the client's socket
   *
   * Somebody connected to a sink that listens. Emitted from a thread of the
   * sink's own.
   */
  signals[SIGNAL_CLIENT_ADDED] = g_signal_new ("client-added", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_OBJECT);

  /**
   * GstSocketSink::client-removed:
   * @self: the sink
   * @socket: the client's socket, closed afterwards
   * @status: why it goes
   *
   * A client of a sink that listens goes; its figures can still be had.
   * Emitted from the thread that removed it, which may be the streaming thread
   * or one of the sink's own.
   */
  signals[SIGNAL_CLIENT_REMOVED] =
      g_signal_new ("client-removed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
          NULL, G_TYPE_NONE, 2, G_TYPE_SOCKET, GST_TYPE_CLIENT_STATUS);
}

static void
install_actions (GType type, GCallback get_stats, GCallback kick)
{
  /**
   * GstSocketSink::get-stats:
   * @self: the sink
   * @socket: a client's socket
   *
   * Returns: the client's figures: bytes-sent, connect-time, disconnect-time,
   *     connect-duration, buffers-dropped and others, all guint64, times in
   *     ns; without a field when it is no client
   */
  signals[SIGNAL_GET_STATS] = g_signal_new_class_handler ("get-stats", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, get_stats, NULL, NULL, NULL,
      GST_TYPE_STRUCTURE, 1, G_TYPE_SOCKET);

  /**
   * GstSocketSink::kick:
   * @self: the sink
   * @id: the client's number, as in the property "clients"
   *
   * Removes one client by its number, with status "removed".
   *
   * Returns: whether there was such a client
   */
  signals[SIGNAL_KICK] = g_signal_new_class_handler ("kick", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, kick, NULL, NULL, NULL,
      G_TYPE_BOOLEAN, 1, G_TYPE_UINT64);
}

/*
 * gst_net_fanout_class_init:
 * @klass: the element's class
 * @get_stats: the element's call of gst_net_fanout_get_stats()
 * @kick: the element's call of gst_net_fanout_kick()
 *
 * Installs the signals.
 */
void
gst_net_fanout_class_init (
    GstBaseSinkClass *klass, GCallback get_stats, GCallback kick)
{
  install_signals (G_TYPE_FROM_CLASS (klass));
  install_actions (G_TYPE_FROM_CLASS (klass), get_stats, kick);
}

/*
 * gst_net_fanout_get_stats:
 * @self: a fan-out
 * @socket: a client's socket
 *
 * Returns: (transfer full): its figures
 */
GstStructure *
gst_net_fanout_get_stats (GstNetFanout *self, GSocket *socket)
{
  return gst_socket_engine_get_stats (self->engine, socket);
}

/*
 * gst_net_fanout_kick:
 * @self: a fan-out
 * @id: a client's number
 *
 * Returns: whether there was such a client
 */
gboolean
gst_net_fanout_kick (GstNetFanout *self, guint64 id)
{
  return gst_socket_engine_remove_id (
      self->engine, id, GST_SOCKET_CLIENT_REMOVED);
}
