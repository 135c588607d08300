/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfilemode.c: httpserversink with files
 *
 * Here: opening and closing them with the element, the stream as a file,
 * states without a stream.
 * Not here: files (gsthttpfiles.c), live streams.
 *
 * Threads   app: state    streaming: write, end
 * Locks     OBJECT_LOCK guards files, as seen by action signals
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversink-private.h"

#include "../elements.h"

#include <gst/socket/gstsocketerror.h>

/* --- with the element --- */

static void
post_error (GstHttpServerSink *self, const GError *error)
{
  GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ,
      (_ ("Files cannot be served: %s"), error->message), (NULL));
}

/* Before the mount, which is to know the roots. */
gboolean
gst_http_file_mode_open (GstHttpServerSink *self)
{
  g_autoptr (GError) error = NULL;

  if (!gst_http_file_settings_are_used (&self->file_settings))
    return TRUE;
  self->files =
      gst_http_files_new (&self->file_settings, self->http, self, &error);
  if (self->files == NULL)
    post_error (self, error);
  return self->files != NULL;
}

static void
set_serving (GstHttpServerSink *self, gboolean serving)
{
  GST_OBJECT_LOCK (self);
  self->is_serving_files = serving;
  while (!serving && self->n_using_files > 0)
    g_cond_wait (&self->changed, GST_OBJECT_GET_LOCK (self));
  GST_OBJECT_UNLOCK (self);
}

/* Once it is mounted. */
void
gst_http_file_mode_start (GstHttpServerSink *self)
{
  if (self->files == NULL)
    return;
  g_atomic_pointer_set (&self->files->mount, self->mount);
  set_serving (self, TRUE);
}

/* Before the mount goes. */
void
gst_http_file_mode_stop (GstHttpServerSink *self)
{
  set_serving (self, FALSE);
  if (self->files != NULL)
    gst_http_files_stop (self->files);
}

/* Once it has gone. */
void
gst_http_file_mode_close (GstHttpServerSink *self)
{
  g_clear_pointer (&self->files, gst_http_files_free);
}

/* --- the stream as a file --- */

gboolean
gst_http_file_mode_is_on (GstHttpServerSink *self)
{
  return self->files != NULL
      && self->files->settings.mode == GST_HTTP_MODE_FILE;
}

static gboolean
begin_file (GstHttpServerSink *self, GError **error)
{
  g_autofree gchar *path = NULL;
  g_autofree gchar *type = NULL;

  GST_OBJECT_LOCK (self);
  path = g_strdup (self->settings.path);
  type = g_strdup (self->settings.content_type != NULL
          ? self->settings.content_type
          : self->caps_type);
  GST_OBJECT_UNLOCK (self);
  self->files->writer = gst_http_files_create (self->files, path, error);
  if (self->files->writer == NULL)
    return FALSE;
  gst_http_writer_set_type (self->files->writer, type);
  return TRUE;
}

static GstFlowReturn
fail (GstHttpServerSink *self, const GError *error)
{
  g_autofree gchar *path = NULL;
  gchar *text;

  GST_OBJECT_LOCK (self);
  path = g_strdup (self->settings.path);
  GST_OBJECT_UNLOCK (self);
  text = g_strdup_printf (
      _ ("\"%s\" could not be written: %s"), path, error->message);
  gst_element_message_full_with_details (GST_ELEMENT (self), GST_MESSAGE_ERROR,
      GST_RESOURCE_ERROR,
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE)
          ? GST_RESOURCE_ERROR_NO_SPACE_LEFT
          : GST_RESOURCE_ERROR_WRITE,
      text, NULL, __FILE__, GST_FUNCTION, __LINE__,
      gst_structure_new ("details", "path", G_TYPE_STRING, path, NULL));
  return GST_FLOW_ERROR;
}

GstFlowReturn
gst_http_file_mode_write (GstHttpServerSink *self, GstBuffer *buffer)
{
  g_autoptr (GError) error = NULL;
  GstMapInfo map;
  gboolean written;

  if (self->files->writer == NULL && !begin_file (self, &error))
    return fail (self, error);
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_FLOW_OK;
  written =
      gst_http_writer_write (self->files->writer, map.data, map.size, &error);
  gst_buffer_unmap (buffer, &map);
  return written ? GST_FLOW_OK : fail (self, error);
}

/* The stream is over: the file is whole. */
void
gst_http_file_mode_end (GstHttpServerSink *self)
{
  g_autoptr (GError) error = NULL;
  GstHttpWriter *writer = g_steal_pointer (&self->files->writer);

  if (writer != NULL && !gst_http_writer_finish (writer, &error)
      && error != NULL)
    fail (self, error);
}

/* --- without a stream --- */

gboolean
gst_http_file_mode_is_alone (GstHttpServerSink *self)
{
  return self->files != NULL
      && !gst_pad_is_linked (GST_BASE_SINK_PAD (GST_BASE_SINK (self)));
}

static void
set_alone (GstHttpServerSink *self, gboolean is_alone)
{
  GST_OBJECT_LOCK (self);
  self->is_alone = is_alone;
  GST_OBJECT_UNLOCK (self);
}

/* With files to serve and nobody to send a stream, there is none to wait for,
 * and none whose end the pipeline could wait for. */
void
gst_http_file_mode_note_state (
    GstHttpServerSink *self, GstStateChange transition)
{
  GstBaseSink *sink = GST_BASE_SINK (self);
  gboolean is_alone = gst_http_file_mode_is_alone (self);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && is_alone) {
    self->was_async = gst_base_sink_is_async_enabled (sink);
    set_alone (self, TRUE);
    gst_base_sink_set_async_enabled (sink, FALSE);
    GST_OBJECT_FLAG_UNSET (self, GST_ELEMENT_FLAG_SINK);
  } else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY && self->is_alone) {
    set_alone (self, FALSE);
    gst_base_sink_set_async_enabled (sink, self->was_async);
    GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
  }
}
