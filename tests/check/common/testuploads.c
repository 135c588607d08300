/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testuploads.c: what comes out of httpserversrc, for tests
 *
 * Here: see testuploads.h. Not here: what is right.
 *
 * Threads   app: the test    streaming: pads    server: signals
 * Locks     lock guards what is seen
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testuploads.h"

#include <gst/check/gstcheck.h>

#include <string.h>

static void
free_stream (gpointer data)
{
  TestStream *stream = data;

  g_free (stream->name);
  g_free (stream->caps);
  g_string_free (stream->bytes, TRUE);
  g_string_free (stream->tags, TRUE);
  g_string_free (stream->order, TRUE);
  g_free (stream);
}

static TestStream *
find_locked (TestUploads *self, const gchar *pad)
{
  for (guint i = 0; i < self->streams->len; i++) {
    TestStream *stream = g_ptr_array_index (self->streams, i);

    if (g_str_equal (stream->name, pad))
      return stream;
  }
  return NULL;
}

TestStream *
test_uploads_get (TestUploads *self, const gchar *pad)
{
  TestStream *stream;

  g_mutex_lock (&self->lock);
  stream = find_locked (self, pad);
  g_mutex_unlock (&self->lock);
  return stream;
}

/* --- what is pushed --- */

static void
see_buffer_locked (TestUploads *self, TestStream *stream, GstBuffer *buffer)
{
  GstMapInfo map;

  self->n_bytes += gst_buffer_get_size (buffer);
  g_string_append_c (stream->order, 'B');
  stream->n_discont += GST_BUFFER_IS_DISCONT (buffer);
  if (self->is_counted)
    return;
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_string_append_len (stream->bytes, (gchar *) map.data, map.size);
  gst_buffer_unmap (buffer, &map);
}

static void
see_event_locked (TestStream *stream, GstEvent *event)
{
  GstTagList *tags;
  GstCaps *caps;
  g_autofree gchar *text = NULL;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      stream->n_starts++;
      g_string_append_c (stream->order, 'S');
      break;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      g_free (stream->caps);
      stream->caps = gst_caps_to_string (caps);
      g_string_append_c (stream->order, 'C');
      break;
    case GST_EVENT_SEGMENT:
      stream->n_segments++;
      g_string_append_c (stream->order, 'g');
      break;
    case GST_EVENT_TAG:
      gst_event_parse_tag (event, &tags);
      text = gst_tag_list_to_string (tags);
      g_string_append (stream->tags, text);
      g_string_append_c (stream->order, 'T');
      break;
    case GST_EVENT_EOS:
      stream->is_eos = TRUE;
      g_string_append_c (stream->order, 'E');
      break;
    default:
      break;
  }
}

static GstPadProbeReturn
on_pushed (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  TestUploads *self = user_data;
  TestStream *stream;

  g_mutex_lock (&self->lock);
  stream = find_locked (self, GST_PAD_NAME (pad));
  while (self->is_held && (info->type & GST_PAD_PROBE_TYPE_BUFFER))
    g_cond_wait (&self->changed, &self->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    see_buffer_locked (self, stream, GST_PAD_PROBE_INFO_BUFFER (info));
  else
    see_event_locked (stream, GST_PAD_PROBE_INFO_EVENT (info));
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

/* --- pads and requests --- */

static void
link_pad (TestUploads *self, GstPad *pad)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPad) sink_pad = NULL;
  GstElement *next = gst_parse_bin_from_description_full (
      self->next != NULL ? self->next : "fakesink sync=false async=false", TRUE,
      NULL, GST_PARSE_FLAG_NONE, &error);

  fail_unless (next != NULL, "%s", error ? error->message : "");
  gst_bin_add (GST_BIN (self->pipeline), next);
  gst_element_sync_state_with_parent (next);
  sink_pad = gst_element_get_static_pad (next, "sink");
  fail_unless_equals_int (gst_pad_link (pad, sink_pad), GST_PAD_LINK_OK);
}

static void
on_pad_added (GstElement *src, GstPad *pad, gpointer user_data)
{
  TestUploads *self = user_data;
  TestStream *stream = g_new0 (TestStream, 1);

  stream->name = gst_pad_get_name (pad);
  stream->caps = g_strdup ("none");
  stream->bytes = g_string_new (NULL);
  stream->tags = g_string_new (NULL);
  stream->order = g_string_new (NULL);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->streams, stream);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_pushed, self, NULL);
  if (!self->is_unlinked)
    link_pad (self, pad);
}

static void
on_pad_removed (GstElement *src, GstPad *pad, gpointer user_data)
{
  TestUploads *self = user_data;

  g_mutex_lock (&self->lock);
  find_locked (self, GST_PAD_NAME (pad))->is_removed = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
on_finished (GstElement *src, const gchar *method, const gchar *path,
    GSocketAddress *peer, guint status, gpointer user_data)
{
  TestUploads *self = user_data;

  fail_unless (G_IS_INET_SOCKET_ADDRESS (peer));
  g_mutex_lock (&self->lock);
  g_string_append_printf (
      self->finished, "%s %s %u\n", method, GST_STR_NULL (path), status);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* --- start and end --- */

void
test_uploads_start (TestUploads *self, const gchar *properties)
{
  guint port;

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->streams = g_ptr_array_new_with_free_func (free_stream);
  self->finished = g_string_new (NULL);
  self->pipeline = test_launch (
      "pipeline. ( httpserversrc name=src port=0 %s )", properties);
  self->src = test_get (self->pipeline, "src");
  g_signal_connect (self->src, "pad-added", G_CALLBACK (on_pad_added), self);
  g_signal_connect (
      self->src, "pad-removed", G_CALLBACK (on_pad_removed), self);
  g_signal_connect (
      self->src, "request-finished", G_CALLBACK (on_finished), self);
  fail_unless (gst_element_set_state (self->pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  g_object_get (self->src, "current-port", &port, NULL);
  fail_unless (port > 0);
  self->port = port;
}

void
test_uploads_stop (TestUploads *self)
{
  test_uploads_hold (self, FALSE);
  test_stop (self->pipeline);
  g_ptr_array_unref (self->streams);
  g_string_free (self->finished, TRUE);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

void
test_uploads_hold (TestUploads *self, gboolean hold)
{
  g_mutex_lock (&self->lock);
  self->is_held = hold;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* --- waiting --- */

typedef struct
{
  TestUploads *uploads;
  const gchar *pad;
  const gchar *text;
} Wanted;

static gboolean
is_locked (Wanted *wanted, gboolean (*is) (Wanted *, TestStream *))
{
  TestUploads *self = wanted->uploads;
  TestStream *stream;
  gboolean result;

  g_mutex_lock (&self->lock);
  stream = wanted->pad != NULL ? find_locked (self, wanted->pad) : NULL;
  result = (wanted->pad == NULL || stream != NULL) && is (wanted, stream);
  g_mutex_unlock (&self->lock);
  return result;
}

static gboolean
exists (Wanted *wanted, TestStream *stream)
{
  return TRUE;
}

static gboolean
has_eos (Wanted *wanted, TestStream *stream)
{
  return stream->is_eos;
}

static gboolean
is_removed (Wanted *wanted, TestStream *stream)
{
  return stream->is_removed;
}

static gboolean
has_bytes (Wanted *wanted, TestStream *stream)
{
  return g_str_equal (stream->bytes->str, wanted->text);
}

static gboolean
has_finished (Wanted *wanted, TestStream *stream)
{
  return strstr (wanted->uploads->finished->str, wanted->text) != NULL;
}

static gboolean
stream_is_there (gpointer data)
{
  return is_locked (data, exists);
}

static gboolean
stream_has_ended (gpointer data)
{
  return is_locked (data, has_eos);
}

static gboolean
pad_is_removed (gpointer data)
{
  return is_locked (data, is_removed);
}

static gboolean
bytes_have_come (gpointer data)
{
  return is_locked (data, has_bytes);
}

static gboolean
request_has_finished (gpointer data)
{
  return is_locked (data, has_finished);
}

void
test_uploads_wait_stream (TestUploads *self, const gchar *pad)
{
  Wanted wanted = {self, pad};

  fail_unless_eventually (stream_is_there, &wanted);
}

void
test_uploads_wait_eos (TestUploads *self, const gchar *pad)
{
  Wanted wanted = {self, pad};

  fail_unless_eventually (stream_has_ended, &wanted);
}

void
test_uploads_wait_removed (TestUploads *self, const gchar *pad)
{
  Wanted wanted = {self, pad};

  fail_unless_eventually (pad_is_removed, &wanted);
}

void
test_uploads_wait_bytes (
    TestUploads *self, const gchar *pad, const gchar *bytes)
{
  Wanted wanted = {self, pad, bytes};

  fail_unless_eventually (bytes_have_come, &wanted);
}

void
test_uploads_wait_finished (TestUploads *self, const gchar *text)
{
  Wanted wanted = {self, NULL, text};

  fail_unless_eventually (request_has_finished, &wanted);
}

void
test_uploads_expect (TestUploads *self, const gchar *request, guint status)
{
  g_autoptr (TestAnswer) answer = test_http_ask (self->port, request);

  fail_unless (answer->status == status, "%s: %u %s", request, answer->status,
      answer->head);
}
