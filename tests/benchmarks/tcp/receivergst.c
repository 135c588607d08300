/* SPDX-License-Identifier: LGPL-2.1-or-later
 * receivergst.c: an element that receives, and a pad that only counts
 *
 * Here: tcpclientsrc or tcpserversrc of one plugin file, linked to the cheapest
 * sink there is, so that what is measured is the source.
 * Not here: what it tells (receiver.c).
 */
#include "tcpbench.h"

#include <gst/gst.h>

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  receiver_figures_take (
      GST_PAD (pad)->chaindata, gst_buffer_get_size (buffer));
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
take_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_event_unref (event);
  return TRUE;
}

static GstPad *
make_sink (ReceiverFigures *figures)
{
  GstPad *pad = gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));

  gst_pad_set_chain_function_full (pad, chain, figures, NULL);
  gst_pad_set_event_function (pad, take_event);
  gst_pad_set_active (pad, TRUE);
  return pad;
}

/* No registry and no other plugin: what is measured is that one file. */
static gboolean
load (const gchar *plugin)
{
  g_autoptr (GstPlugin) file = NULL;

  g_setenv ("GST_PLUGIN_PATH_1_0", "", TRUE);
  g_setenv ("GST_PLUGIN_SYSTEM_PATH_1_0", "", TRUE);
  g_setenv ("GST_REGISTRY_DISABLE", "yes", TRUE);
  gst_init (NULL, NULL);
  file = gst_plugin_load_file (plugin, NULL);
  return file != NULL;
}

static GstElement *
make_source (const gchar *factory, guint port, gchar **settings)
{
  GstElement *source = gst_element_factory_make (factory, NULL);

  if (source == NULL)
    return NULL;
  g_object_set (source, "host", "127.0.0.1", "port", port, NULL);
  for (guint i = 0; settings[i] != NULL; i++) {
    g_auto (GStrv) pair = g_strsplit (settings[i], "=", 2);

    if (g_strv_length (pair) == 2)
      gst_util_set_object_arg (G_OBJECT (source), pair[0], pair[1]);
  }
  return source;
}

static gboolean
link_source (GstElement *source, GstPad *sink)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (source, "src");

  return gst_pad_link_full (pad, sink, GST_PAD_LINK_CHECK_NOTHING)
      == GST_PAD_LINK_OK;
}

gint
receiver_gst_main (
    const gchar *plugin, const gchar *factory, guint port, gchar **settings)
{
  g_autofree ReceiverFigures *figures = g_new0 (ReceiverFigures, 1);
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstPad) sink = NULL;
  GstElement *source;
  gint own_port = 0, status;

  if (!load (plugin))
    return 1;
  source = make_source (factory, port, settings);
  if (source == NULL)
    return 1;
  pipeline = gst_pipeline_new (NULL);
  gst_bin_add (GST_BIN (pipeline), source);
  sink = make_sink (figures);
  if (!link_source (source, sink)
      || gst_element_set_state (pipeline, GST_STATE_PLAYING)
          == GST_STATE_CHANGE_FAILURE)
    return 1;
  if (port == 0)
    g_object_get (source, "current-port", &own_port, NULL);
  status = receiver_serve (figures, own_port);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return status;
}
