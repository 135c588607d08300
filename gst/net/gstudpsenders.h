/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpsenders.h: who sends, and who may
 *
 * Here: lists of sources as users write them; remembering senders, so that
 * each is looked at once and not once per packet.
 * Not here: receiving.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sources of a multicast group, of GInetAddress; NULL when there are none. */
typedef struct
{
  GPtrArray *include;
  GPtrArray *exclude;
} GstUdpSources;

gboolean gst_udp_sources_parse (
    const gchar *text, GstUdpSources *ret_sources, GError **error);
void gst_udp_sources_clear (GstUdpSources *sources);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstUdpSources, gst_udp_sources_clear)

GPtrArray *gst_udp_accept_list_parse (const gchar *text, GError **error);

/* One sender: its address, made once, and whether it may send. */
typedef struct
{
  GSocketAddress *address;
  gboolean accepted;
} GstUdpSender;

typedef struct _GstUdpSenders GstUdpSenders;

GstUdpSenders *gst_udp_senders_new (GPtrArray *accept_from);
void gst_udp_senders_free (GstUdpSenders *senders);
const GstUdpSender *gst_udp_senders_lookup (
    GstUdpSenders *senders, gconstpointer native, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstUdpSenders, gst_udp_senders_free)

G_END_DECLS
