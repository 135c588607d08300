/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpsettings.h: the properties of udpserversrc
 *
 * Here: their values, installing them, setting and getting them.
 * Not here: what an element does with them; locks (the caller holds the
 * element's OBJECT_LOCK).
 */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_UDP_TIMESTAMP_DISABLED,
  GST_UDP_TIMESTAMP_REALTIME,
} GstUdpTimestampMode;

typedef enum
{
  GST_UDP_GRO_AUTO,
  GST_UDP_GRO_ON,
  GST_UDP_GRO_OFF,
} GstUdpGro;

enum
{
  GST_UDP_PROP_0,
  /* as udpsrc */
  GST_UDP_PROP_ADDRESS,
  GST_UDP_PROP_MULTICAST_GROUP,
  GST_UDP_PROP_PORT,
  GST_UDP_PROP_URI,
  GST_UDP_PROP_CAPS,
  GST_UDP_PROP_SOCKET,
  GST_UDP_PROP_USED_SOCKET,
  GST_UDP_PROP_CLOSE_SOCKET,
  GST_UDP_PROP_BUFFER_SIZE,
  GST_UDP_PROP_REUSE,
  GST_UDP_PROP_TIMEOUT,
  GST_UDP_PROP_SKIP_FIRST_BYTES,
  GST_UDP_PROP_MTU,
  GST_UDP_PROP_RETRIEVE_SENDER_ADDRESS,
  GST_UDP_PROP_SOCKET_TIMESTAMP,
  GST_UDP_PROP_AUTO_MULTICAST,
  GST_UDP_PROP_MULTICAST_IFACE,
  GST_UDP_PROP_MULTICAST_SOURCE,
  GST_UDP_PROP_LOOP,
  /* beyond udpsrc */
  GST_UDP_PROP_BATCH_SIZE,
  GST_UDP_PROP_BATCH_TIME,
  GST_UDP_PROP_GRO,
  GST_UDP_PROP_PRESERVE_PACKETIZATION,
  GST_UDP_PROP_ACCEPT_FROM,
  GST_UDP_PROP_REJOIN,
  GST_UDP_PROP_STATS,
  GST_UDP_N_PROPS
};

typedef struct
{
  gchar *address; /* never NULL */
  gint port;
  gchar *uri; /* as it was set; NULL when address or port changed since */
  gchar *refused_uri; /* set last, and malformed; all else is as before */
  GstCaps *caps;
  GSocket *socket;
  gboolean close_socket;
  gint buffer_size;
  gboolean reuse;
  guint64 timeout_ns;
  gint skip_first_bytes;
  guint mtu;
  gboolean retrieve_sender_address;
  gint socket_timestamp;
  gboolean auto_multicast;
  gchar *multicast_iface;
  gchar *multicast_source;
  gboolean loop;
  guint batch_size;
  guint64 batch_time_ns;
  gint gro;
  gboolean preserve_packetization;
  gchar *accept_from;
  gboolean rejoin;
} GstUdpSettings;

void gst_udp_settings_init (GstUdpSettings *settings);
void gst_udp_settings_clear (GstUdpSettings *settings);
void gst_udp_settings_copy (
    const GstUdpSettings *settings, GstUdpSettings *ret_copy);

void gst_udp_settings_install (GObjectClass *klass);
GParamSpec *gst_udp_settings_get_pspec (guint id);
gboolean gst_udp_settings_set (
    GstUdpSettings *settings, guint id, const GValue *value);
gboolean gst_udp_settings_get (
    const GstUdpSettings *settings, guint id, GValue *value);

void gst_udp_settings_set_address (
    GstUdpSettings *settings, const gchar *address);
void gst_udp_settings_set_port (GstUdpSettings *settings, gint port);
gboolean gst_udp_settings_set_uri (
    GstUdpSettings *settings, const gchar *uri, GError **error);
gchar *gst_udp_settings_dup_uri (const GstUdpSettings *settings);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstUdpSettings, gst_udp_settings_clear)

G_END_DECLS
