/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstfanoutreport.c: what an element says of the engine and its clients
 *
 * Here: messages, events and structures made of the engine's reports.
 * Not here: signals and properties (the elements).
 *
 * Threads   any, without a lock
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstfanoutreport.h"

#define GST_CAT_DEFAULT get_category ()

#define FIGURE_FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static GstDebugCategory *
get_category (void)
{
  static gsize category;

  if (g_once_init_enter (&category))
    g_once_init_leave (&category,
        (gsize) _gst_debug_category_new (
            "fanout", 0, "clients of sinks that serve many"));
  return (GstDebugCategory *) category;
}

/*
 * gst_fanout_post_slow:
 * @element: who says it
 * @report: what the engine said
 *
 * Logs that a client lags, and posts the element message "client-slow".
 */
void
gst_fanout_post_slow (GstElement *element, const GstSocketSlowReport *report)
{
  g_autofree gchar *peer = gst_socket_client_dup_peer (report->client);
  const gchar *action = report->removed ? "removed" : "skipped";

  GST_WARNING_OBJECT (element,
      "client %s was %" G_GUINT64_FORMAT " buffers (%" G_GUINT64_FORMAT
      " bytes, %" GST_TIME_FORMAT ") behind: %s, %" G_GUINT64_FORMAT
      " buffers dropped; property \"%s\" decides",
      peer, report->buffers, report->bytes, GST_TIME_ARGS (report->time),
      action, report->dropped, report->limit);
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("client-slow", "id", G_TYPE_UINT64,
              gst_socket_client_get_id (report->client), "peer", G_TYPE_STRING,
              peer, "buffers-behind", G_TYPE_UINT64, report->buffers,
              "bytes-behind", G_TYPE_UINT64, report->bytes, "time-behind",
              G_TYPE_UINT64, report->time, "buffers-dropped", G_TYPE_UINT64,
              report->dropped, "action", G_TYPE_STRING, action, "property",
              G_TYPE_STRING, report->limit, NULL)));
}

/*
 * gst_fanout_request_keyframe:
 * @sink: whose upstream is asked
 *
 * Sends the same event as gst_video_event_new_upstream_force_key_unit() makes,
 * without linking a video library for one structure.
 */
void
gst_fanout_request_keyframe (GstBaseSink *sink)
{
  GstStructure *request = gst_structure_new ("GstForceKeyUnit", "running-time",
      GST_TYPE_CLOCK_TIME, GST_CLOCK_TIME_NONE, "all-headers", G_TYPE_BOOLEAN,
      TRUE, "count", G_TYPE_UINT, 0, NULL);

  GST_DEBUG_OBJECT (sink, "asking for a keyframe");
  gst_pad_push_event (GST_BASE_SINK_PAD (sink),
      gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, request));
}

/*
 * gst_fanout_get_totals:
 * @engine: an engine
 *
 * Returns: (transfer full): the value of a property "totals"
 */
GstStructure *
gst_fanout_get_totals (GstSocketEngine *engine)
{
  GstSocketTotals totals;

  gst_socket_engine_get_totals (engine, &totals);
  return gst_structure_new ("totals", "clients", G_TYPE_UINT, totals.clients,
      "clients-served", G_TYPE_UINT64, totals.clients_served, "clients-slow",
      G_TYPE_UINT64, totals.clients_slow, "bytes-served", G_TYPE_UINT64,
      totals.bytes_served, "buffers-dropped", G_TYPE_UINT64,
      totals.buffers_dropped, "buffers-queued", G_TYPE_UINT,
      totals.buffers_queued, "bytes-queued", G_TYPE_UINT64, totals.bytes_queued,
      "buffers-behind", G_TYPE_UINT64, totals.furthest, NULL);
}

/*
 * gst_fanout_get_clients:
 * @engine: an engine
 * @value: where the value of a property "clients" goes, an array
 */
void
gst_fanout_get_clients (GstSocketEngine *engine, GValue *value)
{
  g_autoptr (GPtrArray) list = gst_socket_engine_list_clients (engine);

  for (guint i = 0; i < list->len; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, GST_TYPE_STRUCTURE);
    gst_value_set_structure (&item, g_ptr_array_index (list, i));
    gst_value_array_append_and_take_value (value, &item);
  }
}

/*
 * gst_fanout_totals_pspec:
 *
 * Returns: (transfer floating): the specification of a property "totals"
 */
GParamSpec *
gst_fanout_totals_pspec (void)
{
  return g_param_spec_boxed ("totals", "Totals",
      "Figures since READY: clients, clients-served, clients-slow, "
      "bytes-served, buffers-dropped, buffers-queued, bytes-queued, "
      "buffers-behind (of the furthest client)",
      GST_TYPE_STRUCTURE, FIGURE_FLAGS);
}

/*
 * gst_fanout_clients_pspec:
 *
 * Returns: (transfer floating): the specification of a property "clients"
 */
GParamSpec *
gst_fanout_clients_pspec (void)
{
  return gst_param_spec_array ("clients", "Clients",
      "A structure a client: id, peer, state, bytes-sent, buffers-dropped, "
      "buffers-behind, bytes-behind, time-behind (ns), connect-time (ns)",
      g_param_spec_boxed (
          "client", "Client", "A client", GST_TYPE_STRUCTURE, FIGURE_FLAGS),
      FIGURE_FLAGS);
}
