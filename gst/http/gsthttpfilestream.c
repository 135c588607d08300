/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfilestream.c: a GOutputStream into a file that is served
 *
 * Here: writing and closing.
 * Not here: files (gsthttpstore.c).
 *
 * Threads   any, one at a time, as with all streams
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpfilestream.h"

struct _GstHttpFileStream
{
  GOutputStream parent;

  GstHttpWriter *writer;
};

G_DEFINE_FINAL_TYPE (
    GstHttpFileStream, gst_http_file_stream, G_TYPE_OUTPUT_STREAM)

static gssize
gst_http_file_stream_write (GOutputStream *stream, const void *data, gsize size,
    GCancellable *cancellable, GError **error)
{
  GstHttpFileStream *self = GST_HTTP_FILE_STREAM (stream);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  return gst_http_writer_write (self->writer, data, size, error) ? (gssize) size
                                                                 : -1;
}

static gboolean
gst_http_file_stream_close (
    GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  GstHttpFileStream *self = GST_HTTP_FILE_STREAM (stream);
  GstHttpWriter *writer = g_steal_pointer (&self->writer);

  return writer == NULL || gst_http_writer_finish (writer, error);
}

/* It is closed before that, by its base class, if nobody else has. */
static void
gst_http_file_stream_finalize (GObject *object)
{
  GstHttpFileStream *self = GST_HTTP_FILE_STREAM (object);

  if (self->writer != NULL)
    gst_http_writer_finish (self->writer, NULL);
  G_OBJECT_CLASS (gst_http_file_stream_parent_class)->finalize (object);
}

static void
gst_http_file_stream_class_init (GstHttpFileStreamClass *klass)
{
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_http_file_stream_finalize;
  stream_class->write_fn = gst_http_file_stream_write;
  stream_class->close_fn = gst_http_file_stream_close;
}

static void
gst_http_file_stream_init (GstHttpFileStream *self)
{
}

GOutputStream *
gst_http_file_stream_new (GstHttpWriter *writer)
{
  GstHttpFileStream *self = g_object_new (GST_TYPE_HTTP_FILE_STREAM, NULL);

  self->writer = writer;
  return G_OUTPUT_STREAM (self);
}
