/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetsettings.c: the properties that TCP elements have in common
 *
 * Here: host, port, keep-alive, no-delay and user-timeout.
 * Not here: acting on them (gstnetpeer.c, gstsocketopt.c).
 *
 * Threads   any
 * Locks, in taking order    guards
 *   1. OBJECT_LOCK (element)  all settings
 *
 * Stock knows host and port alone, so that a peer whose power was cut stays
 * "connected" for hours.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetsettings.h"

#define STOCK_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)
#define FLAGS (STOCK_FLAGS | GST_PARAM_MUTABLE_READY)

/*
 * gst_net_settings_init:
 * @self: what to set up
 * @owner: the element it is part of
 */
void
gst_net_settings_init (GstNetSettings *self, GstObject *owner)
{
  self->owner = owner;
  self->host = g_strdup (GST_NET_DEFAULT_HOST);
  self->port = GST_NET_DEFAULT_PORT;
  self->tcp = (GstSocketTcpOptions) GST_SOCKET_TCP_OPTIONS_INIT;
}

/*
 * gst_net_settings_clear:
 * @self: what to give up
 */
void
gst_net_settings_clear (GstNetSettings *self)
{
  g_clear_pointer (&self->host, g_free);
}

static void
add_keep_alive_pspecs (GParamSpec **pspecs)
{
  pspecs[GST_NET_SETTING_KEEP_ALIVE] = g_param_spec_boolean ("keep-alive",
      "Keep-alive",
      "Probe a silent peer, so that one that vanished is noticed (on; switch "
      "off where idle traffic costs)",
      TRUE, FLAGS);
  pspecs[GST_NET_SETTING_KEEP_ALIVE_IDLE] = g_param_spec_uint (
      "keep-alive-idle", "Keep-alive idle time",
      "Seconds of silence before the first probe (0 = the system's figure); "
      "lower to notice a dead peer sooner",
      0, G_MAXINT16, GST_SOCKET_KEEP_ALIVE_IDLE, FLAGS);
  pspecs[GST_NET_SETTING_KEEP_ALIVE_INTERVAL] =
      g_param_spec_uint ("keep-alive-interval", "Keep-alive interval",
          "Seconds between probes (0 = the system's figure); lower to notice a "
          "dead peer sooner",
          0, G_MAXINT16, GST_SOCKET_KEEP_ALIVE_INTERVAL, FLAGS);
  pspecs[GST_NET_SETTING_KEEP_ALIVE_COUNT] =
      g_param_spec_uint ("keep-alive-count", "Keep-alive count",
          "Unanswered probes after which the connection is lost (0 = the "
          "system's figure); raise on networks that lose packets",
          0, 127, GST_SOCKET_KEEP_ALIVE_COUNT, FLAGS);
}

/*
 * gst_net_settings_add_pspecs:
 * @pspecs: where the first %GST_NET_N_TCP_SETTINGS specifications go
 */
void
gst_net_settings_add_pspecs (GParamSpec **pspecs)
{
  add_keep_alive_pspecs (pspecs);
  pspecs[GST_NET_SETTING_NO_DELAY] = g_param_spec_boolean ("no-delay",
      "No delay",
      "Send small packets at once instead of collecting them (on; switch off "
      "to save packets where delay does not matter)",
      TRUE, FLAGS);
  pspecs[GST_NET_SETTING_USER_TIMEOUT] = g_param_spec_uint ("user-timeout",
      "User timeout",
      "Milliseconds that sent data may stay unacknowledged before the "
      "connection is lost (0 = the system's patience, about 15 minutes); set "
      "to notice a dead network while sending",
      0, G_MAXINT, 0, FLAGS);
}

/*
 * gst_net_settings_add_address_pspecs:
 * @pspecs: where the specifications go, counted as for
 *     gst_net_settings_add_pspecs()
 * @host_default: (nullable): what the specification calls the default; stock's
 *     tcpserversrc says NULL, though it is GST_NET_DEFAULT_HOST
 * @host_blurb: what "host" is to this element
 * @port_blurb: what "port" is
 */
void
gst_net_settings_add_address_pspecs (GParamSpec **pspecs,
    const gchar *host_default, const gchar *host_blurb, const gchar *port_blurb)
{
  pspecs[GST_NET_SETTING_HOST] = g_param_spec_string (
      "host", "Host", host_blurb, host_default, STOCK_FLAGS);
  pspecs[GST_NET_SETTING_PORT] = g_param_spec_int ("port", "Port", port_blurb,
      0, G_MAXUINT16, GST_NET_DEFAULT_PORT, STOCK_FLAGS);
}

static void
set_host_locked (GstNetSettings *self, const gchar *host)
{
  if (host == NULL) {
    g_warning ("host property cannot be NULL");
    return;
  }
  g_free (self->host);
  self->host = g_strdup (host);
}

static gboolean
set_locked (GstNetSettings *self, gint offset, const GValue *value)
{
  GstSocketKeepAlive *keep_alive = &self->tcp.keep_alive;

  switch (offset) {
    case GST_NET_SETTING_HOST:
      set_host_locked (self, g_value_get_string (value));
      return TRUE;
    case GST_NET_SETTING_PORT:
      self->port = g_value_get_int (value);
      return TRUE;
    case GST_NET_SETTING_KEEP_ALIVE:
      keep_alive->enabled = g_value_get_boolean (value);
      return TRUE;
    case GST_NET_SETTING_KEEP_ALIVE_IDLE:
      keep_alive->idle_s = g_value_get_uint (value);
      return TRUE;
    case GST_NET_SETTING_KEEP_ALIVE_INTERVAL:
      keep_alive->interval_s = g_value_get_uint (value);
      return TRUE;
    case GST_NET_SETTING_KEEP_ALIVE_COUNT:
      keep_alive->count = g_value_get_uint (value);
      return TRUE;
    case GST_NET_SETTING_NO_DELAY:
      self->tcp.no_delay = g_value_get_boolean (value);
      return TRUE;
    case GST_NET_SETTING_USER_TIMEOUT:
      self->tcp.user_timeout_ms = g_value_get_uint (value);
      return TRUE;
    default:
      return FALSE;
  }
}

static gboolean
get_locked (GstNetSettings *self, gint offset, GValue *value)
{
  const GstSocketKeepAlive *keep_alive = &self->tcp.keep_alive;

  switch (offset) {
    case GST_NET_SETTING_HOST:
      g_value_set_string (value, self->host);
      return TRUE;
    case GST_NET_SETTING_PORT:
      g_value_set_int (value, self->port);
      return TRUE;
    case GST_NET_SETTING_KEEP_ALIVE:
      g_value_set_boolean (value, keep_alive->enabled);
      return TRUE;
    case GST_NET_SETTING_KEEP_ALIVE_IDLE:
      g_value_set_uint (value, keep_alive->idle_s);
      return TRUE;
    case GST_NET_SETTING_KEEP_ALIVE_INTERVAL:
      g_value_set_uint (value, keep_alive->interval_s);
      return TRUE;
    case GST_NET_SETTING_KEEP_ALIVE_COUNT:
      g_value_set_uint (value, keep_alive->count);
      return TRUE;
    case GST_NET_SETTING_NO_DELAY:
      g_value_set_boolean (value, self->tcp.no_delay);
      return TRUE;
    case GST_NET_SETTING_USER_TIMEOUT:
      g_value_set_uint (value, self->tcp.user_timeout_ms);
      return TRUE;
    default:
      return FALSE;
  }
}

/*
 * gst_net_settings_set:
 * @self: settings
 * @offset: property id less the id of the first setting
 * @value: the property's value
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_settings_set (GstNetSettings *self, gint offset, const GValue *value)
{
  gboolean known;

  GST_OBJECT_LOCK (self->owner);
  known = set_locked (self, offset, value);
  GST_OBJECT_UNLOCK (self->owner);
  return known;
}

/*
 * gst_net_settings_get:
 * @self: settings
 * @offset: property id less the id of the first setting
 * @value: where the property's value goes
 *
 * Returns: %FALSE if @offset is none of ours
 */
gboolean
gst_net_settings_get (GstNetSettings *self, gint offset, GValue *value)
{
  gboolean known;

  GST_OBJECT_LOCK (self->owner);
  known = get_locked (self, offset, value);
  GST_OBJECT_UNLOCK (self->owner);
  return known;
}

/*
 * gst_net_settings_get_tcp:
 * @self: settings
 *
 * Returns: a copy of the options of a connection
 */
GstSocketTcpOptions
gst_net_settings_get_tcp (GstNetSettings *self)
{
  GstSocketTcpOptions tcp;

  GST_OBJECT_LOCK (self->owner);
  tcp = self->tcp;
  GST_OBJECT_UNLOCK (self->owner);
  return tcp;
}

/*
 * gst_net_settings_dup_peer:
 * @self: settings
 * @peer: an empty peer
 *
 * Copies the settings, for use without the lock.
 */
void
gst_net_settings_dup_peer (GstNetSettings *self, GstNetPeer *peer)
{
  GST_OBJECT_LOCK (self->owner);
  peer->uri = gst_net_tcp_uri_new (self->host, self->port);
  peer->tcp = self->tcp;
  GST_OBJECT_UNLOCK (self->owner);
}
