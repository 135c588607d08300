/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetsettings.h: the properties that TCP elements have in common
 *
 * Here: host, port, keep-alive, no-delay and user-timeout.
 * Not here: acting on them (gstnetpeer.h, gstsocketopt.h).
 */
#pragma once

#include "gstnetpeer.h"

G_BEGIN_DECLS

#define GST_NET_DEFAULT_HOST "localhost"
#define GST_NET_DEFAULT_PORT 4953

/* The properties, as offsets from the id of the first. Elements without host
 * and port stop before them. */
enum
{
  GST_NET_SETTING_KEEP_ALIVE,
  GST_NET_SETTING_KEEP_ALIVE_IDLE,
  GST_NET_SETTING_KEEP_ALIVE_INTERVAL,
  GST_NET_SETTING_KEEP_ALIVE_COUNT,
  GST_NET_SETTING_NO_DELAY,
  GST_NET_SETTING_USER_TIMEOUT,
  GST_NET_N_TCP_SETTINGS,
  GST_NET_SETTING_HOST = GST_NET_N_TCP_SETTINGS,
  GST_NET_SETTING_PORT,
  GST_NET_N_SETTINGS,
};

/* Part of an element. */
typedef struct
{
  /* immutable */
  GstObject *owner;

  /* guarded by the owner's OBJECT_LOCK */
  gchar *host;
  gint port;
  GstSocketTcpOptions tcp;
} GstNetSettings;

void gst_net_settings_init (GstNetSettings *self, GstObject *owner);
void gst_net_settings_clear (GstNetSettings *self);
void gst_net_settings_add_pspecs (GParamSpec **pspecs);
void gst_net_settings_add_address_pspecs (GParamSpec **pspecs,
    const gchar *host_default, const gchar *host_blurb,
    const gchar *port_blurb);
gboolean gst_net_settings_set (
    GstNetSettings *self, gint offset, const GValue *value);
gboolean gst_net_settings_get (
    GstNetSettings *self, gint offset, GValue *value);
GstSocketTcpOptions gst_net_settings_get_tcp (GstNetSettings *self);
void gst_net_settings_dup_peer (GstNetSettings *self, GstNetPeer *peer);

G_END_DECLS
