/* SPDX-License-Identifier: LGPL-2.1-or-later
 * receivergst.c: an element that receives, and a pad that only counts
 *
 * Here: any source with udpsrc's properties, linked to the cheapest sink there
 * is, so that what is measured is the source.
 * Not here: what it tells (receiver.c).
 */
#include "udpbench.h"
#include "../common/benchpace.h"

#include <gio/gio.h>
#include <gst/gst.h>

static void
take_stamp (ReceiverFigures *figures, GstBuffer *buffer)
{
  guint8 data[BENCH_STAMP_SIZE];

  if (gst_buffer_extract (buffer, 0, data, sizeof data) == sizeof data)
    receiver_figures_take (figures, data);
}

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  ReceiverFigures *figures = GST_PAD (pad)->chaindata;

  g_atomic_int_inc (&figures->packets);
  if (figures->stamp)
    take_stamp (figures, buffer);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  ReceiverFigures *figures = GST_PAD (pad)->chaindata;
  guint n = gst_buffer_list_length (list);

  g_atomic_int_add (&figures->packets, n);
  for (guint i = 0; figures->stamp && i < n; i++)
    take_stamp (figures, gst_buffer_list_get (list, i));
  gst_buffer_list_unref (list);
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
  gst_pad_set_chain_list_function_full (pad, chain_list, figures, NULL);
  gst_pad_set_event_function (pad, take_event);
  gst_pad_set_active (pad, TRUE);
  return pad;
}

static gboolean
apply_settings (GstElement *source, gchar **settings)
{
  for (guint i = 0; settings[i] != NULL; i++) {
    g_auto (GStrv) pair = g_strsplit (settings[i], "=", 2);

    if (pair[0] == NULL || pair[1] == NULL
        || g_object_class_find_property (G_OBJECT_GET_CLASS (source), pair[0])
            == NULL)
      return FALSE;
    gst_util_set_object_arg (G_OBJECT (source), pair[0], pair[1]);
  }
  return TRUE;
}

static GstElement *
make_source (const gchar *factory, const gchar *plugin, gchar **settings)
{
  g_autoptr (GstPlugin) file = NULL;
  GstElement *source;

  if (*plugin != '\0' && (file = gst_plugin_load_file (plugin, NULL)) == NULL)
    return NULL;
  source = gst_element_factory_make (factory, NULL);
  if (source == NULL)
    return NULL;
  g_object_set (source, "address", "127.0.0.1", "port", 0, NULL);
  if (apply_settings (source, settings))
    return source;
  gst_object_unref (source);
  return NULL;
}

/* Not by the property "buffer-size": stock's is held to net.core.rmem_max also
 * where the process may go beyond, and all are to have the same. */
static void
set_buffer (ReceiverFigures *figures, GstElement *source)
{
  g_autoptr (GSocket) socket = NULL;

  g_object_get (source, "used-socket", &socket, NULL);
  if (socket != NULL)
    receiver_figures_set_buffer (figures, g_socket_get_fd (socket));
}

gint
receiver_gst_main (
    const gchar *factory, const gchar *plugin, gboolean stamp, gchar **settings)
{
  ReceiverFigures *figures = g_new0 (ReceiverFigures, 1);
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstPad) source_pad = NULL, sink = NULL;
  GstElement *source;
  gint port = 0, status;

  gst_init (NULL, NULL);
  figures->stamp = stamp;
  source = make_source (factory, plugin, settings);
  if (source == NULL)
    return 1;
  pipeline = gst_pipeline_new (NULL);
  gst_bin_add (GST_BIN (pipeline), source);
  source_pad = gst_element_get_static_pad (source, "src");
  sink = make_sink (figures);
  if (gst_pad_link_full (source_pad, sink, GST_PAD_LINK_CHECK_NOTHING)
      != GST_PAD_LINK_OK)
    return 1;
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  set_buffer (figures, source);
  g_object_get (source, "port", &port, NULL);
  status = receiver_serve (figures, port);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_free (figures);
  return status;
}
