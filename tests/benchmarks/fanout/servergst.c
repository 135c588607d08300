/* SPDX-License-Identifier: LGPL-2.1-or-later
 * servergst.c: a server sink of one given plugin file, fed at an exact rate
 *
 * Here: the pipeline of that one element and the thread that pushes into it.
 * Not here: requests (server.c), which plugin (the driver says).
 *
 * Threads   main: requests     pump: buffers     the element's own
 * Locks     figures.lock: see server.c
 */
#include "server.h"
#include "../common/benchsys.h"

#include <string.h>

typedef struct
{
  const gchar *plugin;
  const gchar *element;
  gint n_settings;
  gchar *const *settings;

  GstElement *pipeline;
  GstElement *sink;
  GstPad *src;

  GThread *pump;
  gint pumping; /* atomic */
  gsize size;   /* set before the pump begins */
  BenchPace pace;
  ServerFigures figures;
} Serving;

static gboolean
set_property (Serving *self, const gchar *setting, GError **error)
{
  g_auto (GStrv) pair = g_strsplit (setting, "=", 2);

  if (pair[1] == NULL
      || g_object_class_find_property (G_OBJECT_GET_CLASS (self->sink), pair[0])
          == NULL) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_NOT_IMPLEMENTED,
        "%s of %s cannot be set to %s", self->element, self->plugin, setting);
    return FALSE;
  }
  gst_util_set_object_arg (G_OBJECT (self->sink), pair[0], pair[1]);
  return TRUE;
}

static GstElement *
make_sink (Serving *self, GError **error)
{
  GstElement *sink;
  g_autoptr (GstPlugin) plugin = gst_plugin_load_file (self->plugin, error);

  if (plugin == NULL)
    return NULL;
  sink = gst_element_factory_make (self->element, NULL);
  if (sink == NULL)
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "%s has no %s", self->plugin, self->element);
  return sink;
}

static gboolean
set_properties (Serving *self, GError **error)
{
  g_object_set (self->sink, "host", "127.0.0.1", "port", 0, NULL);
  for (gint i = 0; i < self->n_settings; i++) {
    if (!set_property (self, self->settings[i], error))
      return FALSE;
  }
  return TRUE;
}

static void
push_preamble (Serving *self)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/mpegts");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_set_active (self->src, TRUE);
  gst_pad_push_event (self->src, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (self->src, gst_event_new_caps (caps));
  gst_pad_push_event (self->src, gst_event_new_segment (&segment));
}

/* The port to connect to: for HTTPS where that is served. */
static guint
port_of (GstElement *sink)
{
  GObjectClass *klass = G_OBJECT_GET_CLASS (sink);
  gint port = 0;

  if (g_object_class_find_property (klass, "current-tls-port") != NULL)
    g_object_get (sink, "current-tls-port", &port, NULL);
  if (port == 0)
    g_object_get (sink, "current-port", &port, NULL);
  return (guint) port;
}

static guint
serving_open (gpointer data, GError **error)
{
  Serving *self = data;
  g_autoptr (GstPad) sink_pad = NULL;

  self->sink = make_sink (self, error);
  if (self->sink == NULL || !set_properties (self, error))
    return 0;
  self->pipeline = gst_pipeline_new (NULL);
  gst_bin_add (GST_BIN (self->pipeline), self->sink);
  self->src = gst_pad_new ("src", GST_PAD_SRC);
  sink_pad = gst_element_get_static_pad (self->sink, "sink");
  gst_pad_link (self->src, sink_pad);
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE)
    return 0;
  push_preamble (self);
  return port_of (self->sink);
}

static GstBuffer *
next_buffer (Serving *self)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, self->size, NULL);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  memset (map.data, 0, map.size);
  bench_pace_stamp (&self->pace, map.data);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

static gpointer
pump_thread (gpointer data)
{
  Serving *self = data;

  while (g_atomic_int_get (&self->pumping)) {
    GstBuffer *buffer;
    ServerPush push;

    bench_pace_wait (&self->pace);
    buffer = next_buffer (self);
    server_push_begin (&push);
    if (gst_pad_push (self->src, buffer) != GST_FLOW_OK)
      break;
    server_push_end (&push, &self->figures);
  }
  return NULL;
}

static void
serving_halt (gpointer data)
{
  Serving *self = data;

  if (self->pump == NULL)
    return;
  g_atomic_int_set (&self->pumping, FALSE);
  g_thread_join (self->pump);
  self->pump = NULL;
}

static void
serving_stream (gpointer data, gsize size, gdouble bits_per_s)
{
  Serving *self = data;

  serving_halt (self);
  self->size = size;
  bench_pace_start (&self->pace, size, bits_per_s);
  g_atomic_int_set (&self->pumping, TRUE);
  self->pump = g_thread_new ("pump", pump_thread, self);
}

static guint
serving_clients (gpointer data)
{
  Serving *self = data;
  guint n = 0;

  g_object_get (self->sink, "num-handles", &n, NULL);
  return n;
}

static void
serving_close (gpointer data)
{
  Serving *self = data;

  serving_halt (self);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->src);
  gst_object_unref (self->pipeline);
}

/* No registry and no other plugin: what is measured is that one file. */
static void
init_without_plugins (void)
{
  g_setenv ("GST_PLUGIN_PATH_1_0", "", TRUE);
  g_setenv ("GST_PLUGIN_SYSTEM_PATH_1_0", "", TRUE);
  g_setenv ("GST_REGISTRY_DISABLE", "yes", TRUE);
  gst_init (NULL, NULL);
}

gint
server_gst_main (const gchar *plugin, const gchar *element, gint n_settings,
    gchar *const *settings)
{
  static const ServerWay way = {.open = serving_open,
      .stream = serving_stream,
      .halt = serving_halt,
      .clients = serving_clients,
      .close = serving_close};
  Serving self = {.plugin = plugin,
      .element = element,
      .n_settings = n_settings,
      .settings = settings};

  bench_sys_raise_descriptors ();
  init_without_plugins ();
  return server_run (&way, &self, &self.figures);
}
