/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttppushbody.c: one attempt to upload a file
 *
 * Here: the request, its body in chunks, what the server says meanwhile and at
 * its end; what is kept for another attempt.
 * Not here: whether there is another attempt.
 *
 * Threads   sender
 * Locks     none
 *
 * What is sent is kept up to the limit, so that it can be sent again: after a
 * redirect, and after a loss. What was longer has no beginning any more. It
 * ends there if it is a file; a live stream goes on with its headers and the
 * next keyframe.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttppush-private.h"

#include <string.h>

/* Of one chunk, at most. */
#define MAX_BUFFERS 64
#define MAX_CHUNK (256 * 1024)

/* Of a live stream, until it is known that it goes nowhere else: what is old
 * when it is sent again makes the stream late. */
#define MAX_LIVE_KEPT (64 * 1024)

/* How long a server may take to ask for the body, as other clients wait. */
#define CONTINUE_US G_USEC_PER_SEC

/* The size of a chunk in hexadecimal digits, and the end of its line. */
#define HEAD_SIZE 24

static gint64
timeout_us (GstHttpPush *self)
{
  guint64 timeout_ns = self->settings->timeout;

  return timeout_ns > 0 ? (gint64) (timeout_ns / GST_USECOND) : -1;
}

static void
fail_closed (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
      "the server closed the connection");
}

/* --- what is kept --- */

/* A file can be sent again as a whole, or not at all. */
static gboolean
is_stored (GstHttpPush *self)
{
  return g_atomic_int_get (&self->is_stored) != 0;
}

static void
drop_sent (GstHttpPush *self)
{
  GstHttpPushFile *file = &self->file;

  for (guint i = 0; i < file->n_sent; i++)
    file->kept_weight -=
        gst_http_push_item_weight (g_ptr_array_index (file->kept, i));
  if (file->n_sent > 0)
    g_ptr_array_remove_range (file->kept, 0, file->n_sent);
  file->n_sent = 0;
}

static void
trim_kept (GstHttpPush *self)
{
  GstHttpPushFile *file = &self->file;
  gboolean is_going_on = self->is_continued || self->status != 0;
  gsize max = self->settings->max_bytes;

  if (!is_stored (self))
    max = is_going_on ? 0 : MIN (max, MAX_LIVE_KEPT);
  if (file->is_whole && file->kept_weight <= max)
    return;
  file->is_whole = file->is_whole && file->n_sent == 0;
  drop_sent (self);
}

/* Keyframes are waited for where there are any. */
static gboolean
is_unwanted (GstHttpPush *self, GstBuffer *buffer)
{
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT)) {
    self->has_keyframes = TRUE;
    self->wants_keyframe = FALSE;
  }
  return self->wants_keyframe;
}

static void
take_item (GstHttpPush *self, GstHttpPushItem *item)
{
  GstHttpPushFile *file = &self->file;

  if (item->kind != GST_HTTP_PUSH_DATA) {
    file->has_end = TRUE;
    file->is_aborted = item->kind == GST_HTTP_PUSH_ABORT;
  } else if (!is_unwanted (self, item->buffer)) {
    file->kept_weight += gst_http_push_item_weight (item);
    g_ptr_array_add (file->kept, item);
    return;
  }
  gst_http_push_item_free (item);
}

static gsize
unsent_weight (const GstHttpPushFile *file)
{
  gsize weight = 0;

  for (guint i = file->n_sent; i < file->kept->len; i++)
    weight += gst_http_push_item_weight (g_ptr_array_index (file->kept, i));
  return weight;
}

/* Takes from the queue what makes a chunk, and no more: what is out of the
 * queue makes room for other buffers. */
static void
take_items (GstHttpPush *self)
{
  GstHttpPushFile *file = &self->file;

  while (!file->has_end && file->kept->len < file->n_sent + MAX_BUFFERS
      && unsent_weight (file) < MAX_CHUNK) {
    GstHttpPushItem *item = gst_http_push_queue_pop (&self->queue);

    if (item == NULL)
      break;
    take_item (self, item);
  }
}

static gboolean
wait_for_items (GstHttpPush *self, GIOCondition condition, GError **error)
{
  return gst_http_link_wait (&self->link, condition,
      gst_http_push_queue_get_wake_fd (&self->queue), -1, error);
}

/* Waits for the whole file, whose length has to be told before. Fails with
 * G_IO_ERROR_NO_SPACE when it is longer than the limit. */
gboolean
gst_http_push_gather (GstHttpPush *self, GError **error)
{
  GstHttpPushFile *file = &self->file;

  while (!file->has_end) {
    GstHttpPushItem *item = gst_http_push_queue_pop (&self->queue);

    if (item == NULL) {
      if (!wait_for_items (self, 0, error))
        return FALSE;
      continue;
    }
    if (item->kind == GST_HTTP_PUSH_DATA)
      file->length += gst_buffer_get_size (item->buffer);
    take_item (self, item);
    if (file->kept_weight > self->settings->max_bytes) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
          "its length has to be told first, and it is longer than "
          "\"max-bytes\"");
      return FALSE;
    }
  }
  return TRUE;
}

/* Puts the stream headers of the caps before what is left. */
static void
insert_headers (GstHttpPush *self)
{
  g_autoptr (GstCaps) caps =
      gst_pad_get_current_caps (GST_BASE_SINK_PAD (self->owner));
  const GValue *headers = NULL;

  if (caps != NULL && gst_caps_get_size (caps) > 0)
    headers = gst_structure_get_value (
        gst_caps_get_structure (caps, 0), "streamheader");
  if (headers == NULL || !GST_VALUE_HOLDS_ARRAY (headers))
    return;
  for (guint i = 0; i < gst_value_array_get_size (headers); i++) {
    GstHttpPushItem *item = gst_http_push_item_new (GST_HTTP_PUSH_DATA);

    item->buffer = g_value_dup_boxed (gst_value_array_get_value (headers, i));
    self->file.kept_weight += gst_http_push_item_weight (item);
    g_ptr_array_insert (self->file.kept, i, item);
  }
}

static void
drop_until_keyframe (GstHttpPush *self)
{
  GstHttpPushFile *file = &self->file;

  self->wants_keyframe = TRUE;
  while (file->kept->len > 0) {
    GstHttpPushItem *item = g_ptr_array_index (file->kept, 0);

    if (!is_unwanted (self, item->buffer))
      return;
    file->kept_weight -= gst_http_push_item_weight (item);
    g_ptr_array_remove_index (file->kept, 0);
  }
}

/* Makes a live stream one that a server can begin with, after a loss. */
void
gst_http_push_rejoin (GstHttpPush *self)
{
  GstStructure *structure;

  drop_sent (self);
  if (self->has_keyframes)
    drop_until_keyframe (self);
  insert_headers (self);
  structure = gst_structure_new ("GstForceKeyUnit", "all-headers",
      G_TYPE_BOOLEAN, TRUE, "count", G_TYPE_UINT, 0, NULL);
  gst_pad_push_event (GST_BASE_SINK_PAD (self->owner),
      gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, structure));
}

void
gst_http_push_forget_file (GstHttpPush *self)
{
  GstHttpPushFile *file = &self->file;

  g_clear_pointer (&file->target, gst_http_target_free);
  g_clear_pointer (&file->url, g_free);
  g_clear_pointer (&file->type, g_free);
  g_clear_pointer (&file->kept, g_ptr_array_unref);
  *file = (GstHttpPushFile){0};
  self->wants_keyframe = self->has_keyframes = FALSE;
}

/* Leaves out what is left of the file. */
void
gst_http_push_skip_file (GstHttpPush *self)
{
  gboolean is_waiting = TRUE;

  while (!self->file.has_end && is_waiting) {
    GstHttpPushItem *item = gst_http_push_queue_pop (&self->queue);

    if (item != NULL)
      self->file.has_end = item->kind != GST_HTTP_PUSH_DATA;
    else
      is_waiting = wait_for_items (self, 0, NULL);
    gst_http_push_item_free (item);
  }
}

/* --- what the server says --- */

static void
take_answer (GstHttpPush *self, const GstSocketResponse *response)
{
  self->status = response->status;
  g_free (self->reason);
  self->reason = g_strdup (response->reason);
  g_free (self->redirect);
  self->redirect = response->location != NULL
      ? g_strndup (response->location, response->location_size)
      : NULL;
  self->retry_after_s = response->retry_after_s;
  /* A body is not read: a connection with one is not used again. */
  self->may_keep = response->is_kept && !response->is_chunked
      && (response->content_length == 0 || response->status == 204);
}

/* Understands what has come. An answer that takes the body does not end the
 * attempt before the body has ended. */
static GstHttpStep
understand (GstHttpPush *self, GError **error)
{
  GByteArray *input = self->link.input;
  GstSocketResponse response;
  gsize head_size;

  while (self->status == 0 && input->len > 0) {
    switch (gst_socket_response_parse (
        (const gchar *) input->data, input->len, &response, &head_size)) {
      case GST_SOCKET_RESPONSE_BAD:
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
            "the server does not speak HTTP");
        return GST_HTTP_STEP_FAILED;
      case GST_SOCKET_RESPONSE_OK:
        if (response.status >= 200)
          take_answer (self, &response);
        self->is_continued |= response.status == 100;
        g_byte_array_remove_range (input, 0, head_size);
        continue;
      case GST_SOCKET_RESPONSE_MORE:
        break;
    }
    break;
  }
  /* The body of an answer says nothing to a program. */
  if (self->status != 0)
    g_byte_array_set_size (input, 0);
  if (self->status >= 300)
    return GST_HTTP_STEP_ANSWERED;
  if (self->status == 0 && self->link.is_ended) {
    fail_closed (error);
    return GST_HTTP_STEP_FAILED;
  }
  return GST_HTTP_STEP_OK;
}

static GstHttpStep
listen_now (GstHttpPush *self, GError **error)
{
  if (!gst_http_link_read (&self->link, error))
    return GST_HTTP_STEP_FAILED;
  return understand (self, error);
}

/* Waits until there is an answer, or the server asks for the body. */
static GstHttpStep
wait_for_word (
    GstHttpPush *self, gboolean is_interim_enough, gint64 us, GError **error)
{
  gint64 deadline_us = us >= 0 ? g_get_monotonic_time () + us : -1;
  GstHttpStep step;

  while ((step = listen_now (self, error)) == GST_HTTP_STEP_OK) {
    gint64 left_us = -1;

    if (self->status != 0 || (is_interim_enough && self->is_continued))
      return GST_HTTP_STEP_OK;
    if (deadline_us >= 0)
      left_us = MAX (deadline_us - g_get_monotonic_time (), 0);
    if (!gst_http_link_wait (&self->link, G_IO_IN, -1, left_us, error))
      return GST_HTTP_STEP_FAILED;
  }
  return step;
}

/* --- writing --- */

/* A server that has refused may have closed before all was written: its answer
 * counts for more than that. */
static GstHttpStep
look_for_refusal (GstHttpPush *self, GstHttpStep step)
{
  if (!g_cancellable_is_cancelled (self->cancellable)
      && gst_http_link_read (&self->link, NULL)
      && understand (self, NULL) == GST_HTTP_STEP_ANSWERED)
    return GST_HTTP_STEP_ANSWERED;
  return step;
}

static GstHttpStep
write_vectors (
    GstHttpPush *self, GOutputVector *vectors, guint n, GError **error)
{
  g_autoptr (GError) failure = NULL;
  GstHttpStep step = GST_HTTP_STEP_OK;

  while (step == GST_HTTP_STEP_OK) {
    switch (gst_http_link_write (
        &self->link, &vectors, &n, self->settings->timeout, &failure)) {
      case GST_HTTP_LINK_OK:
        return GST_HTTP_STEP_OK;
      case GST_HTTP_LINK_INPUT:
        step = understand (self, &failure);
        break;
      case GST_HTTP_LINK_FAILED:
        step = look_for_refusal (self, GST_HTTP_STEP_FAILED);
        break;
    }
  }
  if (step == GST_HTTP_STEP_FAILED)
    g_propagate_error (error, g_steal_pointer (&failure));
  return step;
}

static GstHttpStep
write_text (GstHttpPush *self, const gchar *text, GError **error)
{
  GOutputVector vector = {text, strlen (text)};

  return write_vectors (self, &vector, 1, error);
}

/* What one call writes. */
typedef struct
{
  GArray *vectors;  /* GOutputVector */
  GArray *mappings; /* GstMapInfo */
  gsize size;       /* of the payload */
  gchar head[HEAD_SIZE];
} Chunk;

static void
add_vector (Chunk *chunk, gconstpointer data, gsize size)
{
  GOutputVector vector = {data, size};

  if (size > 0)
    g_array_append_val (chunk->vectors, vector);
}

static gboolean
add_buffer (Chunk *chunk, GstBuffer *buffer)
{
  for (guint i = 0; i < gst_buffer_n_memory (buffer); i++) {
    GstMapInfo map;

    if (!gst_memory_map (
            gst_buffer_peek_memory (buffer, i), &map, GST_MAP_READ))
      return FALSE;
    g_array_append_val (chunk->mappings, map);
    add_vector (chunk, map.data, map.size);
    chunk->size += map.size;
  }
  return TRUE;
}

static void
clear_chunk (Chunk *chunk)
{
  for (guint i = 0; i < chunk->mappings->len; i++) {
    GstMapInfo *map = &g_array_index (chunk->mappings, GstMapInfo, i);

    gst_memory_unmap (map->memory, map);
  }
  g_array_unref (chunk->mappings);
  g_array_unref (chunk->vectors);
}

/* Adds buffers that are not sent yet; returns how many. */
static guint
fill_chunk (GstHttpPush *self, Chunk *chunk, GError **error)
{
  GstHttpPushFile *file = &self->file;
  guint n = 0;

  while (n < MAX_BUFFERS && file->n_sent + n < file->kept->len
      && chunk->size < MAX_CHUNK) {
    GstHttpPushItem *item = g_ptr_array_index (file->kept, file->n_sent + n);

    if (!add_buffer (chunk, item->buffer)) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
          "the memory of a buffer could not be read");
      return 0;
    }
    n++;
  }
  return n;
}

static void
frame_chunk (Chunk *chunk)
{
  GOutputVector head = {chunk->head, 0};

  head.size = g_snprintf (
      chunk->head, HEAD_SIZE, "%" G_GSIZE_MODIFIER "x\r\n", chunk->size);
  g_array_prepend_val (chunk->vectors, head);
  add_vector (chunk, "\r\n", 2);
}

/* Writes the next buffers, as one chunk where there are chunks. */
static GstHttpStep
write_some (GstHttpPush *self, GError **error)
{
  gboolean is_chunked =
      gst_http_push_get_framing (self) == GST_HTTP_UPLOAD_CHUNKED;
  Chunk chunk = {
      .vectors = g_array_new (FALSE, FALSE, sizeof (GOutputVector)),
      .mappings = g_array_new (FALSE, FALSE, sizeof (GstMapInfo)),
  };
  GstHttpStep step = GST_HTTP_STEP_FAILED;
  guint n;

  n = fill_chunk (self, &chunk, error);
  if (is_chunked && chunk.size > 0)
    frame_chunk (&chunk);
  if (n > 0)
    step =
        write_vectors (self, (GOutputVector *) (gpointer) chunk.vectors->data,
            chunk.vectors->len, error);
  if (step == GST_HTTP_STEP_OK) {
    self->file.n_sent += n;
    self->file.n_bytes += chunk.size;
  }
  clear_chunk (&chunk);
  return step;
}

/* --- one attempt --- */

static GstHttpStep
send_body (GstHttpPush *self, GError **error)
{
  GstHttpPushFile *file = &self->file;
  GstHttpStep step = GST_HTTP_STEP_OK;

  while (step == GST_HTTP_STEP_OK) {
    take_items (self);
    if (file->is_aborted)
      return GST_HTTP_STEP_ABORTED;
    step = listen_now (self, error);
    if (step != GST_HTTP_STEP_OK)
      break;
    if (file->n_sent < file->kept->len) {
      step = write_some (self, error);
      trim_kept (self);
    } else if (file->has_end) {
      break;
    } else if (self->link.is_ended) {
      fail_closed (error);
      step = GST_HTTP_STEP_FAILED;
    } else if (!wait_for_items (self, G_IO_IN, error)) {
      step = GST_HTTP_STEP_FAILED;
    }
  }
  return step;
}

/* A source has nothing more to hear: it was let in before. */
static GstHttpStep
end_body (GstHttpPush *self, GError **error)
{
  GstHttpUploadMode framing = gst_http_push_get_framing (self);
  GstHttpStep step = GST_HTTP_STEP_OK;

  if (framing == GST_HTTP_UPLOAD_CHUNKED)
    step = write_text (self, "0\r\n\r\n", error);
  else if (framing == GST_HTTP_UPLOAD_CLOSE
      && !gst_http_link_end_output (&self->link, error))
    step = GST_HTTP_STEP_FAILED;
  if (step == GST_HTTP_STEP_OK && framing == GST_HTTP_UPLOAD_CLOSE)
    self->may_keep = FALSE;
  return step;
}

static gboolean
is_expecting (GstHttpPush *self)
{
  return self->settings->expect_continue && !self->skips_expect
      && !self->file.is_deletion
      && self->settings->method != GST_HTTP_METHOD_SOURCE
      && !(self->file.has_end && self->file.kept->len == 0);
}

/* Waits for leave to send the body, where that is usual. */
static GstHttpStep
ask_for_leave (GstHttpPush *self, gboolean is_expecting, GError **error)
{
  g_autoptr (GError) failure = NULL;
  GstHttpStep step;

  if (self->settings->method == GST_HTTP_METHOD_SOURCE)
    return wait_for_word (self, FALSE, timeout_us (self), error);
  if (!is_expecting)
    return GST_HTTP_STEP_OK;
  step = wait_for_word (self, TRUE, CONTINUE_US, &failure);
  if (step == GST_HTTP_STEP_FAILED) {
    if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)) {
      self->skips_expect = TRUE;
      return GST_HTTP_STEP_OK;
    }
    g_propagate_error (error, g_steal_pointer (&failure));
  }
  return step;
}

/* The server has let the source in. */
static void
begin_titles (GstHttpPush *self)
{
  g_autofree gchar *fields = NULL;

  if (self->titles == NULL)
    return;
  fields = gst_http_push_make_fields (self);
  gst_http_titles_set_server (self->titles, self->file.target, fields);
}

static void
end_titles (GstHttpPush *self)
{
  if (self->titles != NULL)
    gst_http_titles_set_server (self->titles, NULL, NULL);
}

static GstHttpStep
send_request (GstHttpPush *self, GError **error)
{
  gboolean expects = is_expecting (self);
  g_autofree gchar *head = gst_http_push_make_head (self, expects);
  GstHttpStep step = write_text (self, head, error);

  if (self->file.is_deletion)
    return step;
  if (step == GST_HTTP_STEP_OK)
    step = ask_for_leave (self, expects, error);
  if (step == GST_HTTP_STEP_OK) {
    begin_titles (self);
    step = send_body (self, error);
    end_titles (self);
  }
  if (step == GST_HTTP_STEP_OK)
    step = end_body (self, error);
  return step;
}

/* Sends the file once, on an open connection, from the first that is kept. With
 * OK and ANSWERED there is a status. */
GstHttpStep
gst_http_push_attempt (GstHttpPush *self, GError **error)
{
  GstHttpStep step;

  self->status = self->retry_after_s = 0;
  self->may_keep = self->is_continued = FALSE;
  self->file.n_sent = 0;
  self->file.n_bytes = 0;
  step = send_request (self, error);
  if (step == GST_HTTP_STEP_OK && self->status == 0)
    step = wait_for_word (self, FALSE, timeout_us (self), error);
  return step;
}
