/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplane.c: a pad of httpserversrc, and the uploads that go out of it
 *
 * Here: pads, their tasks, what is pushed, how an upload ends.
 * Not here: which uploads are welcome (gsthttpintake.c), reading them
 * (gsthttpupload.c), what comes before their bytes (gsthttplanestart.c).
 *
 * Threads   server: find, open, give, tag, pads that go    streaming: the loop
 *           app: stop_all, close_all, and open of the single pad
 * Locks     OBJECT_LOCK (element)    what is marked, see also
 *                                    gsthttpserversrc-private.h
 *
 *   state of a lane   | leaves when
 *   ------------------+----------------------------------------------------
 *   waiting           | an upload is given to it            -> sending
 *   (is_busy unset)   | the element stops                   -> over
 *   sending           | the upload ends, and another may
 *   (is_busy set)     | follow                              -> waiting
 *                     | it ends, and none may               -> over
 *   over (is_over)    | who takes it off the list closes it
 *
 * The pad's own task reads the upload and pushes it, so that whatever holds the
 * pipeline up holds up the sender.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttplane-private.h"

#include "../elements.h"

#include <gst/socket/gstsocketerror.h>

#define GST_CAT_DEFAULT httplane_debug
GST_DEBUG_CATEGORY_STATIC (httplane_debug);

/* Says goodbye to one that is no longer read. */
static void
drop_upload (GstHttpServerSrc *element, GstHttpUpload *upload)
{
  if (upload == NULL)
    return;
  gst_http_upload_answer (upload, 503, "The server has stopped.\n");
  gst_http_log_request (element->log, element->http,
      gst_http_upload_get_request (upload), 503,
      gst_http_upload_get_sent (upload));
  gst_http_upload_free (upload);
}

/* It goes with its pad, which several threads may be at when all ends. */
static void
free_lane (gpointer data)
{
  GstHttpLane *self = data;

  gst_clear_caps (&self->caps);
  gst_clear_buffer (&self->probe);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  g_clear_pointer (&self->wait, gst_socket_wait_free);
  g_clear_object (&self->cancellable);
  g_free (self->sending);
  g_free (self->sent);
  g_free (self->path);
  g_free (self);
}

/* --- the end of an upload --- */

static GstNetOnDisconnect
get_on_disconnect (GstHttpServerSrc *self)
{
  GstNetOnDisconnect on_disconnect;

  GST_OBJECT_LOCK (self);
  on_disconnect = self->settings.on_disconnect;
  GST_OBJECT_UNLOCK (self);
  return on_disconnect;
}

/* Answers, and counts. */
static void
answer (GstHttpLane *self, guint status, const gchar *text)
{
  g_autoptr (GstHttpUpload) upload = g_steal_pointer (&self->upload);
  GstHttpServerSrc *element = self->element;

  GST_INFO_OBJECT (self->pad, "%u after %" G_GUINT64_FORMAT " bytes", status,
      gst_http_upload_get_received (upload));
  gst_http_upload_answer (upload, status, text);
  GST_OBJECT_LOCK (element);
  if (status < 400)
    element->n_finished++;
  else
    element->n_failed++;
  GST_OBJECT_UNLOCK (element);
  gst_http_intake_end (element, gst_http_upload_get_request (upload), status,
      gst_http_upload_get_sent (upload));
}

/* From here on another may send to its path. */
static void
leave_place (GstHttpLane *self, gboolean is_over)
{
  GST_OBJECT_LOCK (self->element);
  g_clear_pointer (&self->sending, g_free);
  self->is_busy = FALSE;
  self->is_over = is_over;
  GST_OBJECT_UNLOCK (self->element);
}

static void close_over_cb (gpointer owner, gpointer data);

/* Nothing comes out of it any more: the server's thread takes the pad away. */
static void
end (GstHttpLane *self)
{
  GstHttpServerSrc *element = self->element;

  gst_pad_pause_task (self->pad);
  GST_OBJECT_LOCK (element);
  self->is_over = TRUE;
  /* It does not block, and the lock keeps the mount from going meanwhile. */
  if (!element->is_stopping)
    element->http->invoke (element->mount, close_over_cb, NULL, NULL);
  GST_OBJECT_UNLOCK (element);
}

/* What comes after an upload. */
typedef enum
{
  AFTER_NEXT, /* another one, on the same pad */
  AFTER_EOS,
  AFTER_STOP,
} After;

/* Who has got an answer may send again at once: the place is free by then. */
static void
conclude (GstHttpLane *self, guint status, const gchar *text, After after)
{
  if (after == AFTER_EOS)
    gst_pad_push_event (self->pad, gst_event_new_eos ());
  leave_place (self, after != AFTER_NEXT);
  answer (self, status, text);
  if (after != AFTER_NEXT)
    end (self);
}

/* The body is whole. */
static void
finish (GstHttpLane *self)
{
  conclude (
      self, 200, "Received.\n", self->path == NULL ? AFTER_NEXT : AFTER_EOS);
}

static void
post_cut_off (GstHttpLane *self, const gchar *path, const GError *error)
{
  GST_ELEMENT_WARNING (self->element, RESOURCE, READ,
      (_ ("The upload to \"%s\" did not arrive whole: %s"), path,
          error->message),
      (NULL));
}

/* Before the end of the stream, which would be taken for a proper one. */
static void
post_fatal (GstHttpLane *self, const gchar *path, const GError *error)
{
  GST_ELEMENT_ERROR (self->element, RESOURCE, READ,
      (_ ("The upload to \"%s\" did not arrive whole: %s"), path,
          error->message),
      (NULL));
}

/* The body is not whole, and never will be. */
static void
fail (GstHttpLane *self, const GError *error)
{
  g_autofree gchar *path = g_strdup (gst_http_upload_get_path (self->upload));
  g_autofree gchar *text = g_strdup_printf ("%s\n", error->message);
  GstNetOnDisconnect on_disconnect = get_on_disconnect (self->element);
  gboolean is_fatal = on_disconnect == GST_NET_ON_DISCONNECT_ERROR;
  guint status = gst_http_upload_status_of (error);
  gboolean is_kept =
      self->path == NULL || on_disconnect == GST_NET_ON_DISCONNECT_WAIT;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    conclude (self, status, text, AFTER_STOP);
    return;
  }
  self->is_discont = TRUE;
  if (is_fatal)
    post_fatal (self, path, error);
  conclude (self, status, text, is_kept ? AFTER_NEXT : AFTER_EOS);
  if (!is_fatal)
    post_cut_off (self, path, error);
}

static void
post_refusal (GstHttpLane *self, const gchar *path, GstFlowReturn flow)
{
  GST_ELEMENT_WARNING (self->element, STREAM, FAILED,
      (_ ("The upload to \"%s\" was refused: the pipeline does not take such a "
          "stream."),
          path),
      ("%s", gst_flow_get_name (flow)));
}

/* The pipeline does not take it. */
static void
refuse (GstHttpLane *self, GstFlowReturn flow)
{
  g_autofree gchar *path = g_strdup (gst_http_upload_get_path (self->upload));
  After after = self->path == NULL ? AFTER_NEXT : AFTER_EOS;

  GST_DEBUG_OBJECT (self->pad, "%s", gst_flow_get_name (flow));
  switch (flow) {
    case GST_FLOW_NOT_NEGOTIATED:
      conclude (self, 415, "This kind of stream is not taken here.\n", after);
      post_refusal (self, path, flow);
      break;
    case GST_FLOW_NOT_LINKED:
      conclude (self, 503, "Nobody takes this stream now.\n", after);
      post_refusal (self, path, flow);
      break;
    case GST_FLOW_FLUSHING:
      conclude (self, 503, "The server has stopped.\n", AFTER_STOP);
      break;
    case GST_FLOW_EOS:
      conclude (self, 503, "Nobody takes this stream any more.\n", after);
      break;
    default:
      conclude (self, 500, "The stream could not be used.\n", after);
      break;
  }
}

/* --- the loop --- */

/* Waits for an upload; NULL when the element stops. */
static GstHttpUpload *
wait_for_upload (GstHttpLane *self, GstCaps **ret_caps, gboolean *ret_goes_on)
{
  GstHttpServerSrc *element = self->element;
  GstHttpUpload *upload;

  GST_OBJECT_LOCK (element);
  while (!element->is_stopping && self->next == NULL)
    g_cond_wait (&element->changed, GST_OBJECT_GET_LOCK (element));
  upload = g_steal_pointer (&self->next);
  *ret_caps = g_steal_pointer (&self->caps);
  *ret_goes_on = self->goes_on;
  GST_OBJECT_UNLOCK (element);
  return upload;
}

/* Whether the next element would take such a stream: asked before the sender is
 * told to go on. */
static GstFlowReturn
ask_pipeline (GstHttpLane *self, GstCaps *caps)
{
  if (!gst_pad_is_linked (self->pad))
    return GST_FLOW_NOT_LINKED;
  if (caps != NULL && !gst_pad_peer_query_accept_caps (self->pad, caps))
    return GST_FLOW_NOT_NEGOTIATED;
  return GST_FLOW_OK;
}

/* One that goes on where another was cut off is the same stream. */
static void
begin_upload (GstHttpLane *self)
{
  g_autoptr (GstCaps) caps = NULL;
  GstFlowReturn flow;
  gboolean goes_on;

  self->upload = wait_for_upload (self, &caps, &goes_on);
  if (self->upload == NULL) {
    end (self);
    return;
  }
  flow = ask_pipeline (self, caps);
  if (flow != GST_FLOW_OK) {
    refuse (self, flow);
    return;
  }
  if (self->is_started && (self->path != NULL || goes_on))
    gst_http_lane_push_tags (self);
  else if (caps == NULL && self->path == NULL)
    gst_http_lane_probe (self);
  else
    gst_http_lane_start (self, caps);
}

static void
add_pad (GstHttpLane *self)
{
  self->is_added = TRUE;
  gst_element_add_pad (GST_ELEMENT (self->element), self->pad);
}

static void
push_buffer (GstHttpLane *self, GstBuffer *buffer)
{
  GstHttpServerSrc *element = self->element;
  GstFlowReturn flow;

  GST_OBJECT_LOCK (element);
  element->bytes_received += gst_buffer_get_size (buffer);
  self->offset += gst_buffer_get_size (buffer);
  GST_OBJECT_UNLOCK (element);
  if (self->is_discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->is_discont = FALSE;
  gst_http_lane_push_tags (self);
  flow = gst_pad_push (self->pad, buffer);
  if (flow != GST_FLOW_OK)
    refuse (self, flow);
}

static gint64
get_timeout_us (GstHttpServerSrc *self)
{
  guint64 timeout_ns;

  GST_OBJECT_LOCK (self);
  timeout_ns = self->settings.idle_timeout;
  GST_OBJECT_UNLOCK (self);
  if (timeout_ns == 0 || timeout_ns / GST_USECOND > G_MAXINT64)
    return -1;
  return timeout_ns / GST_USECOND;
}

/* What has come may first have to show of what kind it is. */
static void
take_buffer (GstHttpLane *self, GstBuffer *buffer)
{
  if (gst_http_lane_is_probing (self))
    buffer = gst_http_lane_probe_with (self, buffer);
  if (buffer != NULL)
    push_buffer (self, buffer);
}

/* Nothing more comes, or not soon. Returns whether there is still somebody to be
 * told. */
static gboolean
take_rest (GstHttpLane *self)
{
  GstBuffer *rest =
      gst_http_lane_is_probing (self) ? gst_http_lane_end_probe (self) : NULL;

  if (rest != NULL)
    push_buffer (self, rest);
  return self->upload != NULL;
}

static void
read_some (GstHttpLane *self)
{
  GstBuffer *buffer = NULL;
  g_autoptr (GError) error = NULL;

  gint64 timeout_us = get_timeout_us (self->element);
  gint64 patience_us = gst_http_lane_get_patience_us (self, timeout_us);

  switch (gst_http_upload_read (
      self->upload, self->wait, patience_us, &buffer, &error)) {
    case GST_SOCKET_READ_DATA:
      take_buffer (self, buffer);
      break;
    case GST_SOCKET_READ_END:
      if (!take_rest (self))
        break;
      gst_http_lane_push_tags (self);
      finish (self);
      break;
    default:
      if (!take_rest (self))
        break;
      if (patience_us == timeout_us
          || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        fail (self, error);
      break;
  }
}

static void
loop (gpointer user_data)
{
  GstHttpLane *self = gst_pad_get_element_private (user_data);

  if (!self->is_added)
    add_pad (self);
  if (self->upload == NULL)
    begin_upload (self);
  else
    read_some (self);
}

/* --- pads --- */

static void
wake (GstHttpLane *self)
{
  g_cancellable_cancel (self->cancellable);
  GST_OBJECT_LOCK (self->element);
  g_cond_broadcast (&self->element->changed);
  GST_OBJECT_UNLOCK (self->element);
}

static gboolean
activate_mode (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  GstHttpLane *self = gst_pad_get_element_private (pad);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active)
    return gst_pad_start_task (
        pad, loop, gst_object_ref (pad), gst_object_unref);
  wake (self);
  return gst_pad_stop_task (pad);
}

static GstPad *
make_pad (GstHttpServerSrc *self, gboolean is_single)
{
  GstPadTemplate *template = gst_element_get_pad_template (
      GST_ELEMENT (self), is_single ? "src" : "src_%u");
  g_autofree gchar *name = NULL;
  GstPad *pad;

  GST_OBJECT_LOCK (self);
  name = is_single ? g_strdup ("src")
                   : g_strdup_printf ("src_%u", self->n_lanes++);
  GST_OBJECT_UNLOCK (self);
  pad = gst_pad_new_from_template (template, name);
  gst_pad_set_activatemode_function (pad, activate_mode);
  gst_pad_use_fixed_caps (pad);
  return gst_object_ref_sink (pad);
}

/* Removes the pad, after its task has ended. Another thread may be stopping it
 * right now: then the stream lock is what is waited for, and after the end of a
 * lane the task does not begin another round. */
static void
close_lane (GstHttpLane *self)
{
  g_autoptr (GstPad) pad = self->pad;

  gst_pad_set_active (pad, FALSE);
  GST_PAD_STREAM_LOCK (pad);
  GST_PAD_STREAM_UNLOCK (pad);
  drop_upload (self->element, g_steal_pointer (&self->upload));
  drop_upload (self->element, g_steal_pointer (&self->next));
  if (self->is_added)
    gst_element_remove_pad (GST_ELEMENT (self->element), pad);
}

/* Takes one off the list; one that is over, or any. */
static GstHttpLane *
take_lane (GstHttpServerSrc *self, gboolean only_over)
{
  GstHttpLane *found = NULL;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; found == NULL && i < self->lanes->len; i++) {
    GstHttpLane *lane = g_ptr_array_index (self->lanes, i);

    if (lane->is_over || !only_over)
      found = g_ptr_array_steal_index (self->lanes, i);
  }
  GST_OBJECT_UNLOCK (self);
  return found;
}

static void
close_over_cb (gpointer owner, gpointer data)
{
  GstHttpLane *lane;

  while ((lane = take_lane (owner, TRUE)) != NULL)
    close_lane (lane);
}

/* Nothing is waited for any more. */
void
gst_http_lane_stop_all (GstHttpServerSrc *self)
{
  GST_OBJECT_LOCK (self);
  self->is_stopping = TRUE;
  for (guint i = 0; i < self->lanes->len; i++) {
    GstHttpLane *lane = g_ptr_array_index (self->lanes, i);

    g_cancellable_cancel (lane->cancellable);
  }
  g_cond_broadcast (&self->changed);
  GST_OBJECT_UNLOCK (self);
}

void
gst_http_lane_close_all (GstHttpServerSrc *self)
{
  GstHttpLane *lane;

  while ((lane = take_lane (self, FALSE)) != NULL)
    close_lane (lane);
}

/* --- lanes that come --- */

static void
init_debug (void)
{
  static gsize once;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (
        httplane_debug, "httpserversrc-pad", 0, "HTTP server source's pads");
    g_once_init_leave (&once, TRUE);
  }
}

/* Returns: (nullable): a lane that holds its pad */
static GstHttpLane *
make_lane (GstHttpServerSrc *self, const gchar *path, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GstSocketWait *wait = gst_socket_wait_new (cancellable, error);
  GstHttpLane *lane;

  if (wait == NULL)
    return NULL;
  lane = g_new0 (GstHttpLane, 1);
  lane->element = self;
  lane->path = g_strdup (path);
  lane->cancellable = g_steal_pointer (&cancellable);
  lane->wait = wait;
  lane->pad = make_pad (self, path == NULL);
  gst_pad_set_element_private (lane->pad, lane);
  g_object_set_data_full (G_OBJECT (lane->pad), "lane", lane, free_lane);
  return lane;
}

/* FALSE when the element stops: then it is nobody's. */
static gboolean
list_lane (GstHttpServerSrc *self, GstHttpLane *lane)
{
  gboolean is_listed;

  GST_OBJECT_LOCK (self);
  is_listed = !self->is_stopping;
  if (is_listed)
    g_ptr_array_add (self->lanes, lane);
  else
    g_cancellable_cancel (lane->cancellable);
  GST_OBJECT_UNLOCK (self);
  return is_listed;
}

static void
deliver_locked (GstHttpLane *lane, GstHttpDelivery *delivery)
{
  lane->next = g_steal_pointer (&delivery->upload);
  gst_clear_caps (&lane->caps);
  lane->caps = g_steal_pointer (&delivery->caps);
  g_clear_pointer (&lane->tags, gst_tag_list_unref);
  lane->tags = g_steal_pointer (&delivery->tags);
  g_free (lane->sending);
  lane->sending = g_strdup (gst_http_upload_get_path (lane->next));
  lane->goes_on = delivery->goes_on;
  if (!lane->goes_on) {
    g_free (lane->sent);
    lane->sent = g_strdup (lane->sending);
    lane->offset = 0;
  }
  lane->is_busy = TRUE;
}

/*
 * gst_http_lane_open:
 * @self: the element
 * @path: (nullable): what is sent there goes out of the new pad; NULL for the
 *     one pad of all
 * @delivery: (nullable): what goes out first, taken on success
 * @error: where to say why there is none
 *
 * Makes a pad. That of a path appears when its task does, in that thread: what
 * is done about it may take a while.
 *
 * Returns: whether there is one
 */
gboolean
gst_http_lane_open (GstHttpServerSrc *self, const gchar *path,
    GstHttpDelivery *delivery, GError **error)
{
  GstHttpLane *lane;

  init_debug ();
  lane = make_lane (self, path, error);
  if (lane == NULL)
    return FALSE;
  if (delivery != NULL)
    deliver_locked (lane, delivery);
  if (path == NULL) {
    lane->is_added = TRUE;
    gst_element_add_pad (GST_ELEMENT (self), lane->pad);
  } else {
    gst_pad_set_active (lane->pad, TRUE);
  }
  if (!list_lane (self, lane))
    close_lane (lane);
  return TRUE;
}

/*
 * gst_http_lane_give:
 * @lane: one that waits
 * @delivery: what goes out next; not taken when the element stops
 *
 * Begins an upload.
 */
void
gst_http_lane_give (GstHttpLane *lane, GstHttpDelivery *delivery)
{
  GstHttpServerSrc *self = lane->element;

  GST_OBJECT_LOCK (self);
  if (!self->is_stopping)
    deliver_locked (lane, delivery);
  g_cond_broadcast (&self->changed);
  GST_OBJECT_UNLOCK (self);
}

/* --- what comes --- */

static guint
count_locked (GstHttpServerSrc *self)
{
  guint n = 0;

  for (guint i = 0; i < self->lanes->len; i++)
    n += ((GstHttpLane *) g_ptr_array_index (self->lanes, i))->is_busy;
  return n;
}

/* Uploads that go on. */
guint
gst_http_lane_count (GstHttpServerSrc *self)
{
  guint n;

  GST_OBJECT_LOCK (self);
  n = count_locked (self);
  GST_OBJECT_UNLOCK (self);
  return n;
}

/* The lane that is for a path, or sends one to it. */
static GstHttpLane *
find_locked (GstHttpServerSrc *self, const gchar *path)
{
  GstHttpLane *any = NULL;

  for (guint i = 0; i < self->lanes->len; i++) {
    GstHttpLane *lane = g_ptr_array_index (self->lanes, i);

    if (lane->is_over)
      continue;
    if (g_strcmp0 (lane->path, path) == 0
        || g_strcmp0 (lane->sending, path) == 0)
      return lane;
    if (lane->path == NULL)
      any = lane;
  }
  return any;
}

/*
 * gst_http_lane_find:
 * @self: the element
 * @path: where an upload is to go
 * @ret_lane: (out) (transfer full): the lane that waits for it; NULL when one
 *     is to be opened, or the upload may not come
 *
 * Returns: whether the upload may come now
 */
GstHttpLaneVerdict
gst_http_lane_find (
    GstHttpServerSrc *self, const gchar *path, GstHttpLane **ret_lane)
{
  GstHttpLaneVerdict verdict = GST_HTTP_LANE_FREE;
  GstHttpLane *lane;

  GST_OBJECT_LOCK (self);
  lane = find_locked (self, path);
  if (self->is_stopping)
    verdict = GST_HTTP_LANE_STOPPING;
  else if (lane != NULL && lane->is_busy)
    verdict = g_strcmp0 (lane->sending, path) == 0 ? GST_HTTP_LANE_SAME_PATH
                                                   : GST_HTTP_LANE_BUSY;
  else if (self->settings.max_uploads > 0
      && count_locked (self) >= self->settings.max_uploads)
    verdict = GST_HTTP_LANE_FULL;
  if (lane != NULL && verdict == GST_HTTP_LANE_FREE) {
    gst_object_ref (lane->pad);
    *ret_lane = lane;
  }
  GST_OBJECT_UNLOCK (self);
  return verdict;
}

/* Whether the stream that a lane has sent last is of a path, and of so many
 * bytes: a part may go on with it then. */
gboolean
gst_http_lane_is_at (GstHttpLane *lane, const gchar *path, guint64 offset)
{
  gboolean is_at;

  GST_OBJECT_LOCK (lane->element);
  is_at = g_strcmp0 (lane->sent, path) == 0 && lane->offset == offset;
  GST_OBJECT_UNLOCK (lane->element);
  return is_at;
}

/* Gives back what was found. */
void
gst_http_lane_unref (GstHttpLane *lane)
{
  gst_object_unref (lane->pad);
}

/* Tags for the uploads to a path, or all of them for NULL; returns how many
 * there are. */
guint
gst_http_lane_tag (GstHttpServerSrc *self, const gchar *path, GstTagList *tags)
{
  guint n = 0;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->lanes->len; i++) {
    GstHttpLane *lane = g_ptr_array_index (self->lanes, i);
    GstTagList *old = lane->tags;

    if (!lane->is_busy || (path != NULL && g_strcmp0 (lane->sending, path)))
      continue;
    lane->tags = gst_tag_list_merge (old, tags, GST_TAG_MERGE_REPLACE);
    g_clear_pointer (&old, gst_tag_list_unref);
    n++;
  }
  GST_OBJECT_UNLOCK (self);
  return n;
}
