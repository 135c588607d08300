/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpport.h: the open socket of udpserversrc
 *
 * Here: from settings to a bound socket that is in its group, and back; and
 * waiting for it to have something.
 * Not here: receiving, buffers, messages to the application.
 */
#pragma once

#include "gstudpsettings.h"

G_BEGIN_DECLS

typedef struct _GstUdpPort GstUdpPort;

/* What ended a wait. */
typedef enum
{
  GST_UDP_WAIT_READY,
  GST_UDP_WAIT_TIMEOUT,
  GST_UDP_WAIT_CANCELLED,
  GST_UDP_WAIT_CLOSED, /* the socket, by the application */
} GstUdpWait;

GstUdpPort *gst_udp_port_open (
    const GstUdpSettings *settings, GCancellable *cancellable, GError **error);
void gst_udp_port_close (GstUdpPort *port);

GSocket *gst_udp_port_get_socket (GstUdpPort *port);
int gst_udp_port_get_fd (GstUdpPort *port);
gint gst_udp_port_get_number (GstUdpPort *port);
guint gst_udp_port_get_buffer_size (GstUdpPort *port);
gchar *gst_udp_port_dup_shortfall (GstUdpPort *port);
guint64 gst_udp_port_count_drops (GstUdpPort *port);
guint gst_udp_port_get_n_rejoins (GstUdpPort *port);
gchar *gst_udp_port_describe_interfaces (GstUdpPort *port);

GstUdpWait gst_udp_port_wait (
    GstUdpPort *port, guint64 timeout_ns, GCancellable *cancellable);
gboolean gst_udp_port_let_collect (
    GstUdpPort *port, guint64 time_ns, GCancellable *cancellable);
void gst_udp_port_wake (GstUdpPort *port);
void gst_udp_port_note_silence (GstUdpPort *port);
void gst_udp_port_note_packets (GstUdpPort *port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstUdpPort, gst_udp_port_close)

G_END_DECLS
