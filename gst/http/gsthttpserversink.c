/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpserversink.c: serves one stream to all who ask for it over HTTP
 *
 * Here: state, the stream and its end, caps and tags.
 * Not here: signals (gsthttpsignals.c), properties (gsthttpproperties.c), requests (gsthttprequest.c,
 * gsthttplive.c), sending (the engine).
 *
 * Threads, locks   see gsthttpserversink-private.h
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttppage.h"
#include "gsthttpserversink-private.h"
#include "gsthttptitles.h"

#include "../elements.h"

#include <gst/socket/gstsocketcontent.h>
#include <gst/socket/gstsocketerror.h>
#include <gst/socket/gstsocketframings.h>

/**
 * SECTION:element-httpserversink
 * @title: httpserversink
 * @see_also: tcpserversink
 *
 * Serves what it receives over HTTP, to browsers, players and other programs,
 * any number at a time. Each one gets the stream headers first, then the
 * newest keyframe and all that follows it.
 *
 * ## Example
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! vp8enc deadline=1 keyframe-max-dist=30 ! webmmux streamable=true ! httpserversink path=/live.webm
 * ]|
 * http://127.0.0.1:8080/live.webm plays in browsers, VLC, mpv and ffplay, and
 * http://127.0.0.1:8080/ is a page that plays it and shows who is watching.
 *
 * ## What it can serve
 * The content type is found from the caps: WebM, Matroska, fragmented MP4,
 * MPEG-TS, Ogg, MP3, AAC and others. JPEG pictures become a stream that
 * browsers show in an image element, and the newest one is at PATH/snapshot.
 * Players of sound that ask for titles (ICY) get them from the tags.
 *
 * ## Latency
 * What comes within 30 ms of what was sent last is gathered, and sent together:
 * small buffers then cost a third of the CPU time, and pictures at up to 33 a
 * second are not held up. Set batch-time=0 to send all at once.
 *
 * ## Files
 * With root=FOLDER it is a server of files, also with nothing linked to it.
 * Ranges, conditional requests, compressed texts and connections that stay are
 * as RFC 9110 has them; large files are sent without being copied. Nothing
 * outside of the folder, no hidden file and nothing but regular files is read,
 * whatever links there are. What another element writes below the folder
 * (hlssink2, splitmuxsink, filesink) is served as it grows. With mode=file the
 * stream itself is written to the folder and served from its start, and
 * #GstHttpServerSink::open-file gives a stream to write a file to, which with
 * storage=memory needs no disk at all.
 *
 * ## Who may read which folder
 * The file of directory-rules has a group for each folder, with its absolute
 * path, or "url:" and its path in the URL, as its name. The keys are name (its
 * path in the URL), readers and writers: names with commas between, or "all",
 * "users" (all who are known) or "none". The innermost folder decides. Where
 * none says so, all may read, and none may write.
 *
 * ## Several streams
 * Elements with the same host and port share a server, each with a path.
 *
 * ## Files that are sent to it
 * With upload-root=DIR, PUT and POST write files below that folder, and DELETE
 * removes them. A file is seen when it is whole; a part of one (Content-Range)
 * may begin where the file ends, or before. With directory-rules only writers
 * may write and remove: of the folder that the URL names, and of the folder on
 * disk, if it has a rule by another name. Pages of other sites may send nothing,
 * unless cors-origin names their site.
 *
 * ## Who may listen
 * Without further ado only this machine: set host=:: for everybody, auth for
 * those with credentials, and connect to authorize-request to decide yourself.
 */

#define GST_CAT_DEFAULT httpserversink_debug
GST_DEBUG_CATEGORY_STATIC (httpserversink_debug);

/* Sounds and pictures are buffered by who plays them: gathering small buffers
 * for a moment costs nobody anything, and makes calls fewer. It is less than
 * the time between pictures, of which each goes out at once. */
#define DEFAULT_BATCH_TIME (30 * GST_MSECOND)

/* What new listeners to sound are given at once, see gsthttplive.c. */
#define AUDIO_TIME_MIN (2 * GST_SECOND)

#define PROBE_SIZE 4096

G_DEFINE_FINAL_TYPE (
    GstHttpServerSink, gst_http_server_sink, GST_TYPE_MULTI_HANDLE_SINK)
GST_ELEMENT_REGISTER_DEFINE (
    httpserversink, "httpserversink", GST_RANK_NONE, GST_TYPE_HTTP_SERVER_SINK)

static GstSocketEngine *
engine_of (GstHttpServerSink *self)
{
  return gst_multi_handle_sink_get_engine (GST_MULTI_HANDLE_SINK (self));
}

/* --- listeners who go --- */

/* What a listener has received is known for the last time. */
static void
note_bytes (GstHttpServerSink *self, gpointer key)
{
  g_autoptr (GstStructure) stats =
      gst_socket_engine_get_stats (engine_of (self), key);
  GstHttpListener *listener;

  GST_OBJECT_LOCK (self);
  listener = g_hash_table_lookup (self->listeners, key);
  if (listener != NULL)
    gst_structure_get_uint64 (stats, "bytes-sent", &listener->bytes_sent);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_http_server_sink_removed (
    GstMultiHandleSink *sink, gpointer key, GstSocketClientStatus status)
{
  note_bytes (GST_HTTP_SERVER_SINK (sink), key);
  gst_http_server_sink_emit_removed (GST_HTTP_SERVER_SINK (sink), key, status);
}

static void
gst_http_server_sink_gone (
    GstMultiHandleSink *sink, gpointer key, GstSocketClientStatus status)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (sink);
  GstHttpListener *listener;

  GST_OBJECT_LOCK (self);
  listener = g_hash_table_lookup (self->listeners, key);
  g_hash_table_steal (self->listeners, key);
  g_cond_broadcast (&self->changed);
  /* It does not block, and the lock keeps the mount from going meanwhile. */
  if (listener != NULL)
    self->http->close (
        self->is_closing ? NULL : self->mount, &listener->connection);
  GST_OBJECT_UNLOCK (self);
  if (listener == NULL)
    return;
  gst_http_log_request (listener->log, listener->http, listener->request, 200,
      listener->bytes_sent);
  gst_http_listener_free (listener);
}

/* --- opening --- */

static void
set_ports (GstHttpServerSink *self, guint port, guint tls_port)
{
  GST_OBJECT_LOCK (self);
  self->current_port = port;
  self->current_tls_port = tls_port;
  GST_OBJECT_UNLOCK (self);
  gst_http_server_sink_notify_ports (self);
}

static void
post_open_error (GstHttpServerSink *self, const GError *error)
{
  g_autofree gchar *host = NULL;
  guint port;

  GST_OBJECT_LOCK (self);
  host = g_strdup (self->settings.service.host);
  port = self->settings.service.port;
  GST_OBJECT_UNLOCK (self);
  GST_ELEMENT_ERROR (self, RESOURCE, OPEN_WRITE,
      (_ ("Could not serve HTTP on \"%s\" port %u: %s"), host, port,
          error->message),
      (NULL));
}

static GstSocketHttpMount *
mount (GstHttpServerSink *self, const GstHttpSettings *settings, GError **error)
{
  g_autofree gchar *snapshot = g_strconcat (settings->path, "/snapshot", NULL);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  const gchar *shared[4] = {NULL};
  guint n = 0;
  GstSocketHttpSettings wanted =
      gst_http_service_get_wanted (&settings->service);

  if (settings->max_clients_per_ip > 0)
    wanted.max_waiting_per_peer =
        settings->max_clients_per_ip + GST_HTTP_WAITING_PER_PEER;
  wanted.shared_paths = shared;
  g_ptr_array_add (paths, settings->path);
  g_ptr_array_add (paths, snapshot);
  for (guint i = 0; self->files != NULL && self->files->names[i] != NULL; i++)
    g_ptr_array_add (paths, self->files->names[i]);
  g_ptr_array_add (paths, NULL);
  wanted.paths = (const gchar *const *) paths->pdata;
  if (self->files != NULL)
    wanted.prefixes = (const gchar *const *) self->files->prefixes;
  if (settings->index_page && !gst_http_file_mode_is_alone (self))
    shared[n++] = "/";
  if (settings->status_path != NULL)
    shared[n++] = settings->status_path;
  if (settings->metrics_path != NULL)
    shared[n++] = settings->metrics_path;
  return self->http->mount (&wanted, &gst_http_request_funcs, self, error);
}

static void
set_closing (GstHttpServerSink *self, gboolean closing)
{
  GST_OBJECT_LOCK (self);
  self->is_closing = closing;
  GST_OBJECT_UNLOCK (self);
}

/* --- what stands before and beside the mount --- */

static gboolean
open_parts (GstHttpServerSink *self, GError **error)
{
  const GstHttpServiceSettings *settings = &self->settings.service;

  if (gst_http_service_open_log (settings, &self->log, error))
    self->guard = gst_http_service_open_guard (
        settings, self->http, &gst_http_request_guard_funcs, self, error);
  return self->guard != NULL;
}

static void
drop_parts (GstHttpServerSink *self)
{
  g_clear_pointer (&self->guard, gst_http_guard_free);
  g_clear_pointer (&self->log, gst_http_log_unref);
}

static gboolean
gst_http_server_sink_open (GstMultiHandleSink *sink)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (sink);
  g_autoptr (GError) error = NULL;

  self->http = gst_http_service_open (GST_ELEMENT (self));
  if (self->http == NULL)
    return FALSE;
  set_closing (self, FALSE);
  if (!gst_http_file_mode_open (self))
    return FALSE;
  /* What it is opened with does not change above READY. */
  if (open_parts (self, &error))
    self->mount = mount (self, &self->settings, &error);
  if (self->mount == NULL || !gst_http_uploads_open (self, &error)) {
    gst_http_file_mode_stop (self);
    gst_http_uploads_close (self);
    if (self->mount != NULL)
      self->http->unmount (self->mount);
    self->mount = NULL;
    gst_http_file_mode_close (self);
    drop_parts (self);
    post_open_error (self, error);
    return FALSE;
  }
  gst_http_file_mode_start (self);
  set_ports (self, self->http->get_port (self->mount),
      self->http->get_tls_port (self->mount));
  return TRUE;
}

static void
forget_stream (GstHttpServerSink *self)
{
  GST_OBJECT_LOCK (self);
  self->is_started = self->is_ended = self->has_ended = FALSE;
  g_clear_pointer (&self->caps_type, g_free);
  g_clear_pointer (&self->probe, g_bytes_unref);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->station, g_free);
  gst_clear_buffer (&self->newest);
  for (guint i = 0; i < GST_HTTP_N_BODIES; i++)
    g_clear_pointer (&self->framings[i], gst_socket_framing_unref);
  GST_OBJECT_UNLOCK (self);
}

static void
cancel_hold (GstHttpServerSink *self)
{
  GstClockID id;

  GST_OBJECT_LOCK (self);
  id = g_steal_pointer (&self->hold_clock_id);
  GST_OBJECT_UNLOCK (self);
  if (id == NULL)
    return;
  gst_clock_id_unschedule (id);
  gst_clock_id_unref (id);
}

static void
gst_http_server_sink_close (GstMultiHandleSink *sink)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (sink);

  cancel_hold (self);
  set_closing (self, TRUE);
  gst_http_file_mode_stop (self);
  gst_http_uploads_close (self);
  if (self->mount != NULL)
    self->http->unmount (self->mount);
  self->mount = NULL;
  gst_http_file_mode_close (self);
  drop_parts (self);
  set_ports (self, 0, 0);
  forget_stream (self);
}

static gboolean
gst_http_server_sink_is_own_thread (GstMultiHandleSink *sink)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (sink);

  return self->mount != NULL && self->http->is_own_thread (self->mount);
}

/* --- caps and tags --- */

static GBytes *
probe_of (GstCaps *caps)
{
  const GValue *array = gst_structure_get_value (
      gst_caps_get_structure (caps, 0), "streamheader");
  GByteArray *bytes = g_byte_array_new ();

  for (guint i = 0; array != NULL && GST_VALUE_HOLDS_ARRAY (array)
       && i < gst_value_array_get_size (array) && bytes->len < PROBE_SIZE;
       i++) {
    const GValue *value = gst_value_array_get_value (array, i);
    GstBuffer *buffer =
        GST_VALUE_HOLDS_BUFFER (value) ? gst_value_get_buffer (value) : NULL;
    guint8 data[PROBE_SIZE];
    gsize n;

    if (buffer == NULL)
      continue;
    n = gst_buffer_extract (buffer, 0, data, sizeof data);
    g_byte_array_append (bytes, data, n);
  }
  return g_byte_array_free_to_bytes (bytes);
}

/* Sound that is to start at once needs some of the past. */
static void
keep_sound (GstHttpServerSink *self)
{
  gint64 time_min;

  g_object_get (self, "time-min", &time_min, NULL);
  if (time_min < 0)
    g_object_set (self, "time-min", (gint64) AUDIO_TIME_MIN, NULL);
}

static gboolean
gst_http_server_sink_set_caps (GstBaseSink *bsink, GstCaps *caps)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (bsink);
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  g_autoptr (GBytes) probe = probe_of (caps);
  gboolean is_audio = g_str_has_prefix (name, "audio/")
      || g_str_equal (name, "application/ogg");

  GST_OBJECT_LOCK (self);
  g_free (self->caps_type);
  self->caps_type = gst_socket_content_type_from_caps (caps);
  self->is_audio = is_audio;
  self->is_picture = g_str_equal (name, "image/jpeg");
  self->is_started = TRUE;
  g_clear_pointer (&self->probe, g_bytes_unref);
  self->probe = g_steal_pointer (&probe);
  GST_OBJECT_UNLOCK (self);
  if (is_audio)
    keep_sound (self);
  return GST_BASE_SINK_CLASS (gst_http_server_sink_parent_class)
      ->set_caps (bsink, caps);
}

static void
take_tags (GstHttpServerSink *self, GstTagList *tags)
{
  g_autofree gchar *title = gst_http_title_from_tags (tags);
  g_autofree gchar *station = NULL;
  g_autoptr (GstSocketFraming) framing = NULL;

  gst_tag_list_get_string (tags, GST_TAG_ORGANIZATION, &station);
  GST_OBJECT_LOCK (self);
  if (station != NULL) {
    g_free (self->station);
    self->station = g_steal_pointer (&station);
  }
  if (title != NULL) {
    g_free (self->title);
    self->title = g_strdup (title);
    if (self->framings[GST_HTTP_BODY_ICY] != NULL)
      framing = gst_socket_framing_ref (self->framings[GST_HTTP_BODY_ICY]);
  }
  GST_OBJECT_UNLOCK (self);
  if (framing != NULL)
    gst_socket_framing_icy_set_title (framing,
        gst_socket_engine_get_newest (engine_of (self)) + 1, title, NULL);
}

/* --- the stream --- */

/* Waits for the first listener. */
static GstFlowReturn
wait_for_listener (GstHttpServerSink *self)
{
  GstFlowReturn ret = GST_FLOW_OK;

  GST_OBJECT_LOCK (self);
  while (ret == GST_FLOW_OK && self->settings.hold
      && g_hash_table_size (self->listeners) == 0) {
    if (!self->is_unlocked) {
      g_cond_wait (&self->changed, GST_OBJECT_GET_LOCK (self));
      continue;
    }
    GST_OBJECT_UNLOCK (self);
    ret = gst_net_pause_wait (&self->pause, GST_BASE_SINK (self));
    GST_OBJECT_LOCK (self);
  }
  self->settings.hold = FALSE;
  GST_OBJECT_UNLOCK (self);
  return ret;
}

static void
keep_picture (GstHttpServerSink *self, GstBuffer *buffer)
{
  GST_OBJECT_LOCK (self);
  if (self->is_picture)
    gst_buffer_replace (&self->newest, buffer);
  GST_OBJECT_UNLOCK (self);
}

/* After an end, listeners may come again once there is where to begin: what is
 * queued before that is another stream's. */
static void
note_keyframe (GstHttpServerSink *self)
{
  GST_OBJECT_LOCK (self);
  self->is_ended = FALSE;
  GST_OBJECT_UNLOCK (self);
}

/* An empty buffer would be the end of a body. */
static GstFlowReturn
gst_http_server_sink_render (GstBaseSink *bsink, GstBuffer *buffer)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (bsink);
  GstFlowReturn ret;

  if (gst_buffer_get_size (buffer) == 0)
    return GST_FLOW_OK;
  if (gst_http_file_mode_is_on (self))
    return gst_http_file_mode_write (self, buffer);
  if (G_UNLIKELY (self->settings.hold)) {
    ret = wait_for_listener (self);
    if (ret != GST_FLOW_OK)
      return ret;
  }
  keep_picture (self, buffer);
  ret = GST_BASE_SINK_CLASS (gst_http_server_sink_parent_class)
            ->render (bsink, buffer);
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    note_keyframe (self);
  return ret;
}

static void
flush_one (gpointer data, gpointer user_data)
{
  GstSocketClient *client = data;

  gst_socket_engine_remove_flush (
      user_data, gst_socket_client_get_key (client));
}

/* Ends what every listener receives, properly, after what is queued. */
static void
end_streams (GstHttpServerSink *self)
{
  GstSocketEngine *engine = engine_of (self);
  g_autoptr (GstBuffer) end = gst_buffer_new ();

  GST_OBJECT_LOCK (self);
  self->is_ended = self->has_ended = TRUE;
  while (self->n_entering > 0)
    g_cond_wait (&self->changed, GST_OBJECT_GET_LOCK (self));
  GST_OBJECT_UNLOCK (self);
  gst_socket_engine_push (engine, end, 0, NULL);
  gst_socket_engine_foreach (engine, flush_one, engine);
  /* Who stands at the edge notices at the next buffer, which nobody gets. */
  gst_socket_engine_push (engine, end, 0, NULL);
}

static gboolean
on_hold_over_cb (
    GstClock *clock, GstClockTime time, GstClockID id, gpointer user_data)
{
  g_autoptr (GstElement) element = g_weak_ref_get (user_data);

  if (element != NULL)
    gst_socket_engine_clear (engine_of (GST_HTTP_SERVER_SINK (element)));
  return TRUE;
}

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
hold_listeners (GstHttpServerSink *self, guint64 timeout)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  GWeakRef *weak;
  GstClockID id;

  if (timeout == 0)
    return;
  cancel_hold (self);
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  id = gst_clock_new_single_shot_id (
      clock, gst_clock_get_time (clock) + timeout);
  GST_OBJECT_LOCK (self);
  self->hold_clock_id = gst_clock_id_ref (id);
  GST_OBJECT_UNLOCK (self);
  gst_clock_id_wait_async (id, on_hold_over_cb, weak, free_weak);
  gst_clock_id_unref (id);
}

/* Waits until all have received everything. */
static void
wait_for_last (GstHttpServerSink *self, guint64 timeout)
{
  gint64 until = timeout > 0
      ? g_get_monotonic_time () + (gint64) (timeout / GST_USECOND)
      : G_MAXINT64;
  gboolean in_time = TRUE;

  GST_OBJECT_LOCK (self);
  while (
      in_time && !self->is_unlocked && g_hash_table_size (self->listeners) > 0)
    in_time =
        g_cond_wait_until (&self->changed, GST_OBJECT_GET_LOCK (self), until);
  GST_OBJECT_UNLOCK (self);
}

static void
end_of_stream (GstHttpServerSink *self)
{
  GstHttpOnEos on_eos;
  guint64 timeout;

  GST_OBJECT_LOCK (self);
  on_eos = self->settings.on_eos;
  timeout = self->settings.hold_timeout;
  GST_OBJECT_UNLOCK (self);
  if (on_eos == GST_HTTP_ON_EOS_HOLD) {
    hold_listeners (self, timeout);
    return;
  }
  end_streams (self);
  if (on_eos == GST_HTTP_ON_EOS_QUIT)
    wait_for_last (self, timeout);
}

static gboolean
gst_http_server_sink_event (GstBaseSink *bsink, GstEvent *event)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (bsink);
  GstTagList *tags;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      cancel_hold (self);
      break;
    case GST_EVENT_TAG:
      gst_event_parse_tag (event, &tags);
      take_tags (self, tags);
      break;
    case GST_EVENT_EOS:
      if (gst_http_file_mode_is_on (self))
        gst_http_file_mode_end (self);
      else
        end_of_stream (self);
      break;
    default:
      break;
  }
  return GST_BASE_SINK_CLASS (gst_http_server_sink_parent_class)
      ->event (bsink, event);
}

static void
set_unlocked (GstHttpServerSink *self, gboolean unlocked)
{
  GST_OBJECT_LOCK (self);
  self->is_unlocked = unlocked;
  g_cond_broadcast (&self->changed);
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_http_server_sink_unlock (GstBaseSink *bsink)
{
  gst_net_pause_begin (&GST_HTTP_SERVER_SINK (bsink)->pause);
  set_unlocked (GST_HTTP_SERVER_SINK (bsink), TRUE);
  return TRUE;
}

static gboolean
gst_http_server_sink_unlock_stop (GstBaseSink *bsink)
{
  set_unlocked (GST_HTTP_SERVER_SINK (bsink), FALSE);
  return TRUE;
}

static GstStateChangeReturn
gst_http_server_sink_change_state (
    GstElement *element, GstStateChange transition)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (element);
  GstStateChangeReturn ret;

  gst_net_pause_end (&self->pause, transition);
  gst_http_file_mode_note_state (self, transition);
  ret = GST_ELEMENT_CLASS (gst_http_server_sink_parent_class)
            ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      && gst_http_file_mode_is_on (self))
    gst_http_file_mode_end (self);
  return ret;
}

/* --- class --- */

static void
gst_http_server_sink_finalize (GObject *object)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (object);

  forget_stream (self);
  gst_http_server_sink_clear_settings (self);
  g_hash_table_unref (self->listeners);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (gst_http_server_sink_parent_class)->finalize (object);
}

static void
gst_http_server_sink_class_init (GstHttpServerSinkClass *klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstBaseSinkClass *basesink_class = GST_BASE_SINK_CLASS (klass);
  GstMultiHandleSinkClass *handle_class = GST_MULTI_HANDLE_SINK_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (
      httpserversink_debug, "httpserversink", 0, "HTTP server sink");
  gobject_class->finalize = gst_http_server_sink_finalize;
  gst_http_server_sink_install_properties (gobject_class);
  gst_http_server_sink_install_signals (G_TYPE_FROM_CLASS (klass));
  gst_http_guard_install_signals (G_TYPE_FROM_CLASS (klass));
  gst_http_page_install_signals (G_TYPE_FROM_CLASS (klass));
  gst_http_file_signals_install (G_TYPE_FROM_CLASS (klass));

  handle_class->open = gst_http_server_sink_open;
  handle_class->close = gst_http_server_sink_close;
  handle_class->is_own_thread = gst_http_server_sink_is_own_thread;
  handle_class->removed = gst_http_server_sink_removed;
  handle_class->gone = gst_http_server_sink_gone;
  GST_ELEMENT_CLASS (klass)->change_state =
      GST_DEBUG_FUNCPTR (gst_http_server_sink_change_state);
  basesink_class->set_caps = GST_DEBUG_FUNCPTR (gst_http_server_sink_set_caps);
  basesink_class->render = GST_DEBUG_FUNCPTR (gst_http_server_sink_render);
  basesink_class->event = GST_DEBUG_FUNCPTR (gst_http_server_sink_event);
  basesink_class->unlock = GST_DEBUG_FUNCPTR (gst_http_server_sink_unlock);
  basesink_class->unlock_stop =
      GST_DEBUG_FUNCPTR (gst_http_server_sink_unlock_stop);

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "HTTP server sink", "Sink/Network",
      "Serve a live stream and files over HTTP to browsers and players",
      "The GStreamer socket plugins authors");
}

static void
gst_http_server_sink_init (GstHttpServerSink *self)
{
  g_cond_init (&self->changed);
  self->listeners = g_hash_table_new_full (
      NULL, NULL, NULL, (GDestroyNotify) gst_http_listener_free);
  gst_http_server_sink_init_settings (self);
  g_object_set (self, "sync-method", GST_SOCKET_SYNC_LATEST_KEYFRAME,
      "batch-time", (guint64) DEFAULT_BATCH_TIME, NULL);
}
