/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpstatus.c: figures of all streams of a server, and its page
 *
 * Here: what is in them, as JSON, as metrics and as a page.
 * Not here: how they are written (gstsockettext.h), the page itself
 * (page.html).
 *
 * Threads   server: all of it
 * Locks     OBJECT_LOCK, while settings are read
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversink-private.h"
#include "page.h"

#include <gst/socket/gstsockettext.h>

#include <string.h>

/* How far behind the furthest listener is, in ns. */
static guint64
furthest_behind (GPtrArray *clients)
{
  guint64 furthest = 0;

  for (guint i = 0; i < clients->len; i++) {
    guint64 behind = 0;

    gst_structure_get_uint64 (
        g_ptr_array_index (clients, i), "time-behind", &behind);
    furthest = MAX (furthest, behind);
  }
  return furthest;
}

static GstStructure *
describe (GstHttpServerSink *self)
{
  GstSocketEngine *engine =
      gst_multi_handle_sink_get_engine (GST_MULTI_HANDLE_SINK (self));
  g_autoptr (GPtrArray) clients = gst_socket_engine_list_clients (engine);
  GstSocketTotals totals;
  GstStructure *figures;

  gst_socket_engine_get_totals (engine, &totals);
  GST_OBJECT_LOCK (self);
  figures = gst_structure_new ("stream", "path", G_TYPE_STRING,
      self->settings.path, "type", G_TYPE_STRING,
      self->settings.content_type != NULL ? self->settings.content_type
                                          : self->caps_type,
      "picture", G_TYPE_BOOLEAN, self->is_picture, "live", G_TYPE_BOOLEAN,
      self->is_started && !self->is_ended, "title", G_TYPE_STRING, self->title,
      NULL);
  GST_OBJECT_UNLOCK (self);
  gst_structure_set (figures, "listeners", G_TYPE_UINT, totals.clients,
      "served", G_TYPE_UINT64, totals.clients_served, "slow", G_TYPE_UINT64,
      totals.clients_slow, "bytes_sent", G_TYPE_UINT64, totals.bytes_served,
      "bytes_in", G_TYPE_UINT64, totals.bytes_pushed, "buffers_dropped",
      G_TYPE_UINT64, totals.buffers_dropped, "queue_bytes", G_TYPE_UINT64,
      totals.bytes_queued, "behind_ns", G_TYPE_UINT64,
      furthest_behind (clients), NULL);
  return figures;
}

static void
append_stream (gpointer mount, gpointer user_data)
{
  GString *json = user_data;
  g_autoptr (GstStructure) figures = describe (mount);

  if (json->str[json->len - 1] == '}')
    g_string_append_c (json, ',');
  gst_socket_json_append_structure (json, figures);
}

void
gst_http_status_answer (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  GString *json = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;

  g_string_append_printf (json,
      "{\"version\":\"" PACKAGE_VERSION "\",\"time_ms\":%" G_GINT64_FORMAT
      ",\"streams\":[",
      g_get_real_time () / G_TIME_SPAN_MILLISECOND);
  self->http->foreach (self->mount, append_stream, json);
  g_string_append (json, "]}\n");
  body = g_string_free_to_bytes (json);
  gst_http_answer (self, request, 200, gst_http_headers_new (self, request),
      "application/json", body);
}

/* --- metrics --- */

typedef struct
{
  const gchar *field;
  const gchar *name;
  const gchar *type;
  const gchar *help;
  gdouble scale;
} Metric;

static const Metric metrics[] = {
    {"listeners", "gst_http_listeners", "gauge", "Listeners now.", 1},
    {"served", "gst_http_listeners_total", "counter", "Listeners ever.", 1},
    {"slow", "gst_http_listeners_slow_total", "counter",
        "Listeners removed as too slow.", 1},
    {"bytes_sent", "gst_http_sent_bytes_total", "counter",
        "Bytes sent to all listeners.", 1},
    {"bytes_in", "gst_http_stream_bytes_total", "counter",
        "Bytes of the stream.", 1},
    {"buffers_dropped", "gst_http_dropped_buffers_total", "counter",
        "Buffers skipped for listeners that lagged.", 1},
    {"queue_bytes", "gst_http_queue_bytes", "gauge", "Bytes in the queue.", 1},
    {"behind_ns", "gst_http_furthest_lag_seconds", "gauge",
        "How far the furthest listener is behind.", 1e-9},
};

static void
collect (gpointer mount, gpointer user_data)
{
  g_ptr_array_add (user_data, describe (mount));
}

static gdouble
get_number (const GstStructure *figures, const gchar *field)
{
  guint64 large = 0;
  guint small = 0;

  if (gst_structure_get_uint (figures, field, &small))
    return small;
  gst_structure_get_uint64 (figures, field, &large);
  return large;
}

void
gst_http_status_answer_metrics (
    GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  g_autoptr (GPtrArray) streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);
  GString *text = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;

  self->http->foreach (self->mount, collect, streams);
  for (guint m = 0; m < G_N_ELEMENTS (metrics); m++) {
    const Metric *metric = &metrics[m];

    gst_socket_metrics_append_head (
        text, metric->name, metric->type, metric->help);
    for (guint i = 0; i < streams->len; i++) {
      const GstStructure *figures = g_ptr_array_index (streams, i);

      gst_socket_metrics_append (text, metric->name, "path",
          gst_structure_get_string (figures, "path"),
          get_number (figures, metric->field) * metric->scale);
    }
  }
  body = g_string_free_to_bytes (text);
  gst_http_answer (self, request, 200, gst_http_headers_new (self, request),
      "text/plain; version=0.0.4; charset=utf-8", body);
}

/* --- the page --- */

/* The page says itself what it may load: nothing from elsewhere. */
void
gst_http_status_answer_page (
    GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  GPtrArray *headers = gst_http_headers_new (self, request);
  g_autofree gchar *status = NULL;
  g_autoptr (GString) html = g_string_new (NULL);
  g_autoptr (GString) quoted = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;

  GST_OBJECT_LOCK (self);
  status = g_strdup (self->settings.status_path);
  GST_OBJECT_UNLOCK (self);
  gst_socket_json_append_string (quoted, status);
  g_string_append_len (
      html, (const gchar *) gst_http_page, sizeof gst_http_page);
  g_string_replace (html, "\"@STATUS_PATH@\"", quoted->str, 1);
  body = g_bytes_new (html->str, html->len);
  gst_http_headers_add (headers, "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; script-src "
      "'unsafe-inline'; img-src 'self' data:; media-src 'self'; connect-src "
      "'self'; frame-ancestors 'self'");
  gst_http_answer (
      self, request, 200, headers, "text/html; charset=utf-8", body);
}
