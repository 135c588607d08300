/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetserver.c: a source that is connected to
 *
 * Here: accepting one sender at a time, reading it, and going over to the
 * next.
 * Not here: pads, states.
 *
 * Threads   app: properties, start, stop     streaming: create
 * Locks, in taking order    guards
 *   1. OBJECT_LOCK (element)  on_disconnect, takeover, idle_timeout_ns
 * No lock is held while waiting, accepting, reading or posting.
 *
 * As long as one sender is enough for the settings, the listener closes after
 * the first, as stock's does, and whoever comes later is refused at once.
 * Otherwise it stays open, and the next one waits in its backlog.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetserver.h"

#include "gstnetretry.h"

#include <gst/socket/gstsocketaddress.h>
#include <gst/socket/gstsocketerror.h>

#include <glib/gi18n-lib.h>

#define DEFAULT_IDLE_TIMEOUT (10 * GST_SECOND)

#define FLAGS                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

/* A copy of the settings. */
typedef struct
{
  GstNetOnDisconnect on_disconnect;
  gboolean takeover;
  gint64 idle_timeout_us;
} Settings;

GType
gst_net_on_disconnect_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_NET_ON_DISCONNECT_EOS, "End the stream", "eos"},
      {GST_NET_ON_DISCONNECT_WAIT, "Wait for the next sender", "wait"},
      {GST_NET_ON_DISCONNECT_ERROR, "Post an error", "error"},
      {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstNetOnDisconnect", values));
  return type;
}

/*
 * gst_net_server_init:
 * @self: what to set up
 * @source: the source of the same element
 */
void
gst_net_server_init (GstNetServer *self, GstNetSource *source)
{
  self->source = source;
  self->idle_timeout_ns = DEFAULT_IDLE_TIMEOUT;
}

/*
 * gst_net_server_add_pspecs:
 * @pspecs: where the %GST_NET_N_SERVER specifications go
 */
void
gst_net_server_add_pspecs (GParamSpec **pspecs)
{
  pspecs[GST_NET_SERVER_ON_DISCONNECT] =
      g_param_spec_enum ("on-disconnect", "On disconnect",
          "What to do when the sender leaves (eos: one sender is one stream); "
          "\"wait\" makes a stream of one sender after another",
          GST_TYPE_NET_ON_DISCONNECT, GST_NET_ON_DISCONNECT_EOS, FLAGS);
  pspecs[GST_NET_SERVER_TAKEOVER] =
      g_param_spec_boolean ("takeover", "Takeover",
          "Let a new sender replace one that has been silent for idle-timeout "
          "(off); set where a sender may vanish without closing",
          FALSE, FLAGS);
  pspecs[GST_NET_SERVER_IDLE_TIMEOUT] =
      g_param_spec_uint64 ("idle-timeout", "Idle timeout",
          "Nanoseconds of silence after which a sender may be replaced, if "
          "takeover is on (0 = at any time)",
          0, G_MAXINT64, DEFAULT_IDLE_TIMEOUT, FLAGS);
}

/*
 * gst_net_server_set:
 * @self: the settings
 * @offset: property id less the id of the first
 * @value: the property's value
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_server_set (GstNetServer *self, gint offset, const GValue *value)
{
  gboolean known = TRUE;

  GST_OBJECT_LOCK (self->source->element);
  if (offset == GST_NET_SERVER_ON_DISCONNECT)
    self->on_disconnect = g_value_get_enum (value);
  else if (offset == GST_NET_SERVER_TAKEOVER)
    self->takeover = g_value_get_boolean (value);
  else if (offset == GST_NET_SERVER_IDLE_TIMEOUT)
    self->idle_timeout_ns = g_value_get_uint64 (value);
  else
    known = FALSE;
  GST_OBJECT_UNLOCK (self->source->element);
  return known;
}

/*
 * gst_net_server_get:
 * @self: the settings
 * @offset: property id less the id of the first
 * @value: where the property's value goes
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_server_get (GstNetServer *self, gint offset, GValue *value)
{
  gboolean known = TRUE;

  GST_OBJECT_LOCK (self->source->element);
  if (offset == GST_NET_SERVER_ON_DISCONNECT)
    g_value_set_enum (value, self->on_disconnect);
  else if (offset == GST_NET_SERVER_TAKEOVER)
    g_value_set_boolean (value, self->takeover);
  else if (offset == GST_NET_SERVER_IDLE_TIMEOUT)
    g_value_set_uint64 (value, self->idle_timeout_ns);
  else
    known = FALSE;
  GST_OBJECT_UNLOCK (self->source->element);
  return known;
}

static Settings
get_settings (GstNetServer *self)
{
  Settings settings;

  GST_OBJECT_LOCK (self->source->element);
  settings.on_disconnect = self->on_disconnect;
  settings.takeover = self->takeover;
  settings.idle_timeout_us = self->idle_timeout_ns / GST_USECOND;
  GST_OBJECT_UNLOCK (self->source->element);
  return settings;
}

static gboolean
takes_others (const Settings *settings)
{
  return settings->takeover
      || settings->on_disconnect == GST_NET_ON_DISCONNECT_WAIT;
}

/*
 * gst_net_server_start:
 * @self: a stopped server
 * @local: where to listen
 *
 * Returns: %TRUE on success; an error was posted otherwise
 */
gboolean
gst_net_server_start (GstNetServer *self, const GstNetPeer *local)
{
  GstNetSource *source = self->source;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *sentence = NULL;

  if (!gst_net_source_open (source))
    return FALSE;
  if (gst_net_listener_open (&self->listener, local,
          GST_ELEMENT (source->element), source->cancellable, &error))
    return TRUE;
  gst_net_source_close (source);
  if (gst_socket_error_is_cancelled (error))
    return FALSE;
  sentence = gst_net_describe_listen_error (local->uri, error);
  GST_ELEMENT_ERROR (source->element, RESOURCE, OPEN_READ, ("%s", sentence),
      ("%s", error->message));
  return FALSE;
}

/*
 * gst_net_server_stop:
 * @self: a server that nobody reads
 */
void
gst_net_server_stop (GstNetServer *self)
{
  gst_net_source_drop_socket (self->source);
  gst_net_listener_close (&self->listener);
  gst_net_source_close (self->source);
  g_clear_pointer (&self->peer_name, g_free);
}

static void
begin_with (GstNetServer *self, GSocket *socket, const Settings *settings)
{
  g_autoptr (GSocketAddress) address =
      g_socket_get_remote_address (socket, NULL);

  g_free (self->peer_name);
  self->peer_name = gst_socket_address_to_string (address);
  self->last_data_us = g_get_monotonic_time ();
  gst_net_source_set_socket (self->source, socket);
  if (takes_others (settings))
    gst_net_post_connected (
        GST_ELEMENT (self->source->element), self->peer_name);
  else
    gst_net_listener_close (&self->listener);
}

static GstFlowReturn
fail_to_accept (GstNetServer *self, const GError *error)
{
  if (!gst_socket_error_is_cancelled (error))
    GST_ELEMENT_ERROR (self->source->element, RESOURCE, OPEN_READ,
        (_ ("Could not accept a sender to \"%s\"."), self->listener.name),
        ("%s", error->message));
  return gst_socket_error_to_flow (error);
}

static GstFlowReturn
wait_for_first (GstNetServer *self, const Settings *settings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket =
      gst_net_listener_accept (&self->listener, self->source->wait, &error);

  if (socket == NULL)
    return fail_to_accept (self, error);
  begin_with (self, socket, settings);
  return GST_FLOW_OK;
}

static void
let_go (GstNetServer *self, const gchar *reason)
{
  gst_net_source_drop_socket (self->source);
  gst_net_source_mark_discont (self->source);
  gst_net_post_lost (
      GST_ELEMENT (self->source->element), self->peer_name, reason);
}

/* Waits for data of the sender, or for another one once this one has been
 * silent for long enough, and goes over to that. Until then those who connect
 * are not waited for, so that they do not wake us, and not accepted. */
static GstFlowReturn
wait_for_data_or_next (GstNetServer *self, GSocket *socket,
    const Settings *settings, gboolean *ret_is_readable)
{
  guint n = 1 + gst_net_listener_get_n_fds (&self->listener);
  g_autofree GPollFD *fds = g_new0 (GPollFD, n);
  gint64 patience_us = settings->idle_timeout_us
      - (g_get_monotonic_time () - self->last_data_us);
  gint64 alone_us =
      MAX (patience_us, gst_net_listener_get_rest (&self->listener));
  g_autoptr (GSocket) next = NULL;
  g_autoptr (GError) error = NULL;

  fds[0].fd = g_socket_get_fd (socket);
  fds[0].events = G_IO_IN;
  gst_net_listener_fill_fds (&self->listener, &fds[1]);
  if (!gst_socket_wait_for_any (self->source->wait, fds, alone_us > 0 ? 1 : n,
          alone_us > 0 ? alone_us : -1, &error))
    return gst_socket_error_is_cancelled (error) ? GST_FLOW_FLUSHING
                                                 : GST_FLOW_OK;
  *ret_is_readable = fds[0].revents != 0;
  next = gst_net_listener_accept_ready (&self->listener, &fds[1], &error);
  if (error != NULL)
    return fail_to_accept (self, error);
  if (next != NULL) {
    let_go (self, "replaced by another sender");
    begin_with (self, next, settings);
    *ret_is_readable = FALSE;
  }
  return GST_FLOW_OK;
}

/* The sender left; OK to wait for the next. */
static GstFlowReturn
end_sender (GstNetServer *self, const Settings *settings, const GError *error)
{
  if (gst_socket_error_is_cancelled (error))
    return GST_FLOW_FLUSHING;
  if (settings->on_disconnect == GST_NET_ON_DISCONNECT_WAIT) {
    let_go (self, error != NULL ? error->message : "closed by the peer");
    return GST_FLOW_OK;
  }
  if (error != NULL)
    return gst_net_source_fail (self->source, error);
  if (settings->on_disconnect == GST_NET_ON_DISCONNECT_EOS)
    return GST_FLOW_EOS;
  GST_ELEMENT_ERROR (self->source->element, RESOURCE, READ,
      (_ ("The sender \"%s\" closed the connection."), self->peer_name),
      (NULL));
  return GST_FLOW_ERROR;
}

/* OK without a buffer to come again. */
static GstFlowReturn
read_sender (GstNetServer *self, GSocket *socket, const Settings *settings,
    GstBuffer **ret_buffer)
{
  g_autoptr (GError) error = NULL;

  if (gst_net_source_read (self->source, socket, ret_buffer, &error)
      != GST_SOCKET_READ_DATA)
    return end_sender (self, settings, error);
  if (settings->takeover)
    self->last_data_us = g_get_monotonic_time ();
  return GST_FLOW_OK;
}

static GstFlowReturn
step (GstNetServer *self, GstBuffer **ret_buffer)
{
  Settings settings = get_settings (self);
  g_autoptr (GSocket) socket = gst_net_source_ref_socket (self->source);

  if (socket == NULL)
    return wait_for_first (self, &settings);
  if (settings.takeover && gst_net_listener_is_open (&self->listener)) {
    gboolean is_readable = FALSE;
    GstFlowReturn flow =
        wait_for_data_or_next (self, socket, &settings, &is_readable);

    if (flow != GST_FLOW_OK || !is_readable)
      return flow;
  }
  return read_sender (self, socket, &settings, ret_buffer);
}

/*
 * gst_net_server_create:
 * @self: a started server
 * @ret_buffer: (out): what was read
 *
 * Returns: what create () is to return
 */
GstFlowReturn
gst_net_server_create (GstNetServer *self, GstBuffer **ret_buffer)
{
  GstBuffer *buffer = NULL;

  while (TRUE) {
    GstFlowReturn flow = step (self, &buffer);

    if (buffer != NULL)
      *ret_buffer = buffer;
    if (flow != GST_FLOW_OK || buffer != NULL)
      return flow;
  }
}
