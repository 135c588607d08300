/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpreport.c: what udpserversrc tells the application
 *
 * Here: its messages and the structure of its figures.
 * Not here: when they are told; errors; locks (for the figures, the caller
 * holds the element's).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstudpreport.h"
#include "gstudpuri.h"

#include <glib/gi18n-lib.h>

GST_DEBUG_CATEGORY_EXTERN (gst_udp_server_src_debug);
#define GST_CAT_DEFAULT gst_udp_server_src_debug

/* A stream that drops drops much: once a second is news enough. */
#define DROPS_INTERVAL_US G_USEC_PER_SEC

/**
 * gst_udp_report_uri:
 * @element: the element
 * @settings: its settings
 *
 * Posts an error if the URI that was set last is malformed.
 *
 * Returns: %TRUE if it is not
 */
gboolean
gst_udp_report_uri (GstElement *element, const GstUdpSettings *settings)
{
  g_auto (GstUdpUri) parsed = {0};
  g_autoptr (GError) error = NULL;

  if (settings->refused_uri == NULL
      || gst_udp_uri_parse (settings->refused_uri, &parsed, &error))
    return TRUE;
  GST_ELEMENT_ERROR (element, RESOURCE, SETTINGS,
      (_ ("\"%s\" does not name a socket: %s."), settings->refused_uri,
          error->message),
      (NULL));
  return FALSE;
}

/**
 * gst_udp_report_shortfall:
 * @element: the element
 * @port: its port
 *
 * Warns, with the command that helps, if the receive buffer is smaller than
 * what was asked for.
 */
void
gst_udp_report_shortfall (GstElement *element, GstUdpPort *port)
{
  g_autofree gchar *command = gst_udp_port_dup_shortfall (port);

  if (command != NULL)
    GST_ELEMENT_WARNING (element, RESOURCE, SETTINGS,
        (_ ("The system allows a receive buffer of %u bytes only, so packets "
            "may be lost. To allow more, type: %s"),
            gst_udp_port_get_buffer_size (port), command),
        (NULL));
}

/**
 * gst_udp_report_timeout:
 * @element: the element
 * @timeout_ns: how long nothing came
 *
 * Posts the message that udpsrc posts, under its name.
 */
void
gst_udp_report_timeout (GstElement *element, guint64 timeout_ns)
{
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new (
              "GstUDPSrcTimeout", "timeout", G_TYPE_UINT64, timeout_ns, NULL)));
}

/**
 * gst_udp_report_drops:
 * @element: the element
 * @port: its port
 * @drops: how many packets the kernel has dropped so far
 * @told: what was told last; updated
 *
 * Posts a message of new drops, unless the last one was just now.
 */
void
gst_udp_report_drops (
    GstElement *element, GstUdpPort *port, guint64 drops, GstUdpToldDrops *told)
{
  gint64 now_us = g_get_monotonic_time ();
  guint64 dropped = drops - told->drops;
  guint buffer_size = gst_udp_port_get_buffer_size (port);

  if (told->at_us != 0 && now_us - told->at_us < DROPS_INTERVAL_US)
    return;
  told->at_us = now_us;
  told->drops = drops;
  GST_WARNING_OBJECT (element,
      "the kernel dropped %" G_GUINT64_FORMAT
      " packets; raise buffer-size (now %u)",
      dropped, buffer_size);
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("GstUDPServerSrcDrops", "kernel-drops",
              G_TYPE_UINT64, drops, "dropped", G_TYPE_UINT64, dropped,
              "buffer-size", G_TYPE_UINT, buffer_size, NULL)));
}

static void
add_port_figures (GstStructure *stats, GstUdpPort *port)
{
  g_autofree gchar *interfaces = gst_udp_port_describe_interfaces (port);

  gst_structure_set (stats, "kernel-drops", G_TYPE_UINT64,
      gst_udp_port_count_drops (port), "buffer-size", G_TYPE_UINT,
      gst_udp_port_get_buffer_size (port), "rejoins", G_TYPE_UINT,
      gst_udp_port_get_n_rejoins (port), "interfaces", G_TYPE_STRING,
      interfaces, NULL);
}

/**
 * gst_udp_report_stats:
 * @counters: what was received
 * @port: (nullable): the port; %NULL when there is none
 *
 * Returns: (transfer full): the figures
 */
GstStructure *
gst_udp_report_stats (const GstUdpCounters *counters, GstUdpPort *port)
{
  GstStructure *stats = gst_structure_new ("udpserversrc-stats",
      "packets-received", G_TYPE_UINT64, counters->packets, "bytes-received",
      G_TYPE_UINT64, counters->bytes, "batches", G_TYPE_UINT64,
      counters->batches, "trains", G_TYPE_UINT64, counters->trains,
      "packets-refused", G_TYPE_UINT64, counters->refused, "packets-truncated",
      G_TYPE_UINT64, counters->truncated, "kernel-drops", G_TYPE_UINT64,
      counters->kernel_drops, "buffer-size", G_TYPE_UINT, 0, "rejoins",
      G_TYPE_UINT, 0, "interfaces", G_TYPE_STRING, "", NULL);

  if (port != NULL)
    add_port_figures (stats, port);
  return stats;
}
