/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttppush.c: uploading files and streams over HTTP
 *
 * Here: the thread that sends, one file after another; connecting, redirects,
 * refusals, trying again; what the user is told of it.
 * Not here: one attempt (gsthttppushbody.c), which buffers make a file.
 *
 * Threads   app: start, stop    sender: all else
 * Locks     none but the queue's; none is held while connecting, writing,
 *           waiting or posting
 *
 *   BEGIN -> connect -> attempt --2xx--------------------------> uploaded
 *               ^          |----3xx, and all is kept-----------.
 *               |          |----lost or 5xx, and it may go on--|
 *               '----------|-----------------------------------'
 *                          '----anything else--> refused: an error, or with
 *                                                "reconnect" the next file
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttppush-private.h"

#include <gst/socket/gstsocketerror.h>

#include <glib/gi18n-lib.h>

#define MAX_REDIRECTS 5

/* A server may ask to wait, but not for ever. */
#define MAX_RETRY_AFTER_S 60

/* A connection that lived as long was none that failed at once. */
#define LIVED_US G_USEC_PER_SEC

/* What becomes of a file after an attempt. */
typedef enum
{
  NEXT_FILE,
  NEXT_AGAIN,
  NEXT_STOP,
} Next;

/* --- what the user is told --- */

static GstResourceError
resource_of_status (guint status)
{
  switch (status) {
    case 401:
    case 403:
    case 407:
      return GST_RESOURCE_ERROR_NOT_AUTHORIZED;
    case 404:
    case 410:
      return GST_RESOURCE_ERROR_NOT_FOUND;
    case 413:
    case 507:
      return GST_RESOURCE_ERROR_NO_SPACE_LEFT;
    default:
      return GST_RESOURCE_ERROR_WRITE;
  }
}

static void
post (GstHttpPush *self, gboolean is_error, gint code, gchar *sentence,
    const gchar *detail)
{
  gst_element_message_full (GST_ELEMENT (self->owner),
      is_error ? GST_MESSAGE_ERROR : GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
      code, sentence, g_strdup (detail), __FILE__, GST_FUNCTION, __LINE__);
}

/* With "reconnect" one file that cannot be uploaded is not the end of all. */
static Next
give_up (GstHttpPush *self, gint code, gchar *sentence, const gchar *detail)
{
  gboolean is_error =
      self->settings->next_file == 0 || !gst_net_retry_is_on (self->retry);

  post (self, is_error, code, sentence, detail);
  return is_error ? NEXT_STOP : NEXT_FILE;
}

static Next
refuse (GstHttpPush *self)
{
  const GstHttpTarget *target = self->file.target;
  g_autofree gchar *server = gst_http_target_dup_authority (target);

  return give_up (self, resource_of_status (self->status),
      g_strdup_printf (_ ("The server \"%s\" refused \"%s\": %u %s"), server,
          target->path, self->status, self->reason),
      gst_http_push_get_method (self));
}

static Next
fail (GstHttpPush *self, const GError *error)
{
  const GstHttpTarget *target = self->file.target;
  g_autofree gchar *server = gst_http_target_dup_authority (target);

  if (gst_socket_error_is_cancelled (error))
    return NEXT_STOP;
  return give_up (self,
      gst_socket_error_to_resource (error, GST_RESOURCE_ERROR_WRITE),
      g_strdup_printf (_ ("Could not upload \"%s\" to \"%s\": %s"),
          target->path, server, error->message),
      error->message);
}

static void
post_uploaded (GstHttpPush *self)
{
  gst_element_post_message (GST_ELEMENT (self->owner),
      gst_message_new_element (GST_OBJECT (self->owner),
          gst_structure_new ("GstHttpUploaded", "location", G_TYPE_STRING,
              self->file.url, "status", G_TYPE_UINT, self->status, "bytes",
              G_TYPE_UINT64, self->file.n_bytes, NULL)));
}

/* --- the connection --- */

static gboolean
may_reuse (GstHttpPush *self)
{
  GstHttpLink *link = &self->link;

  return link->connection != NULL
      && gst_http_target_is_same_server (link->target, self->file.target)
      && gst_http_link_read (link, NULL) && !link->is_ended
      && link->input->len == 0;
}

static GstHttpLinkSettings
link_settings (GstHttpPush *self)
{
  const GstHttpPushSettings *settings = self->settings;
  GstHttpLinkSettings how = {settings->proxy, settings->tls_ca_file,
      settings->ssl_strict, settings->timeout};

  return how;
}

static gboolean
connect_link (GstHttpPush *self, gboolean *ret_is_new, GError **error)
{
  GstHttpLinkSettings how = link_settings (self);
  g_autofree gchar *server = NULL;

  *ret_is_new = !may_reuse (self);
  if (!*ret_is_new)
    return TRUE;
  if (!gst_http_link_open (&self->link, self->file.target, &how, error))
    return FALSE;
  server = gst_http_target_dup_authority (self->file.target);
  gst_net_retry_connected (self->retry, server);
  return TRUE;
}

/* --- trying again --- */

/* A file is sent again as a whole; a live stream goes on. */
static gboolean
can_go_on (GstHttpPush *self)
{
  return self->file.is_whole || self->file.n_bytes == 0
      || !g_atomic_int_get (&self->is_stored);
}

static gboolean
wait_as_asked (GstHttpPush *self, GError **error)
{
  gint64 wait_us =
      (gint64) MIN (self->retry_after_s, MAX_RETRY_AFTER_S) * G_USEC_PER_SEC;
  g_autoptr (GError) ended = NULL;

  if (wait_us == 0)
    return TRUE;
  gst_http_link_wait (&self->link, 0, -1, wait_us, &ended);
  if (!gst_socket_error_is_cancelled (ended))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&ended));
  return FALSE;
}

static gboolean
retry (GstHttpPush *self, const GError *reason, gboolean has_lived)
{
  g_autofree gchar *server = gst_http_target_dup_authority (self->file.target);

  if (has_lived)
    gst_net_retry_works (self->retry);
  if (self->link.connection != NULL)
    gst_net_retry_lost (self->retry, server, reason);
  else
    gst_net_retry_failed (self->retry);
  gst_http_link_close (&self->link);
  if (!self->file.is_whole)
    gst_http_push_rejoin (self);
  return gst_net_retry_wait (
             self->retry, server, reason->message, self->link.wait, NULL)
      && wait_as_asked (self, NULL);
}

static gboolean
may_retry (GstHttpPush *self)
{
  return gst_net_retry_is_on (self->retry) && gst_net_retry_may (self->retry)
      && can_go_on (self);
}

/* --- answers --- */

static gboolean
is_redirect (GstHttpPush *self)
{
  gboolean is_kept = self->settings->method == GST_HTTP_METHOD_PUT
      && (self->status == 301 || self->status == 302);

  return self->redirect != NULL
      && (is_kept || self->status == 307 || self->status == 308);
}

static Next
redirect (GstHttpPush *self, guint *n_redirects)
{
  GstHttpPushFile *file = &self->file;
  g_autoptr (GError) error = NULL;
  GstHttpTarget *target = NULL;

  if (++*n_redirects > MAX_REDIRECTS)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_FAILED,
        "the server redirects without end");
  else if (!file->is_whole)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_FAILED,
        "the server redirected after the beginning was gone");
  else
    target = gst_http_target_follow (file->target, self->redirect, &error);
  if (target == NULL)
    return fail (self, error);
  gst_http_target_free (file->target);
  file->target = target;
  gst_http_link_close (&self->link);
  return NEXT_AGAIN;
}

static gboolean
is_passing (guint status)
{
  return status == 408 || status == 429 || status == 500 || status == 502
      || status == 503 || status == 504;
}

static Next
handle_answer (GstHttpPush *self, guint *n_redirects, gboolean has_lived)
{
  if (self->status < 300) {
    gst_net_retry_works (self->retry);
    if (!self->may_keep)
      gst_http_link_close (&self->link);
    if (!self->file.is_deletion)
      post_uploaded (self);
    return NEXT_FILE;
  }
  if (is_redirect (self))
    return redirect (self, n_redirects);
  if (self->status == 417 && !self->skips_expect && self->file.is_whole) {
    self->skips_expect = TRUE;
    gst_http_link_close (&self->link);
    return NEXT_AGAIN;
  }
  if (is_passing (self->status) && may_retry (self)) {
    g_autoptr (GError) reason = g_error_new (
        G_IO_ERROR, G_IO_ERROR_FAILED, "%u %s", self->status, self->reason);

    return retry (self, reason, has_lived) ? NEXT_AGAIN : NEXT_STOP;
  }
  gst_http_link_close (&self->link);
  return refuse (self);
}

/* A server may close a connection just when it is used again: that says
 * nothing about the request. But what is posted twice may be done twice. */
static Next
handle_failure (
    GstHttpPush *self, const GError *error, gboolean is_new, gboolean has_lived)
{
  gboolean was_just_closed = !is_new && self->file.is_whole && !has_lived
      && (self->settings->method == GST_HTTP_METHOD_PUT
          || self->file.n_bytes == 0);

  if (gst_socket_error_is_cancelled (error))
    return NEXT_STOP;
  if (was_just_closed || !may_retry (self)) {
    gst_http_link_close (&self->link);
    return was_just_closed ? NEXT_AGAIN : fail (self, error);
  }
  return retry (self, error, has_lived) ? NEXT_AGAIN : NEXT_STOP;
}

/* --- files --- */

static Next
try_once (GstHttpPush *self, guint *n_redirects)
{
  g_autoptr (GError) error = NULL;
  gint64 start_us = g_get_monotonic_time ();
  gboolean is_new, has_lived;
  GstHttpStep step = GST_HTTP_STEP_FAILED;

  if (connect_link (self, &is_new, &error))
    step = gst_http_push_attempt (self, &error);
  has_lived = g_get_monotonic_time () - start_us > LIVED_US;
  switch (step) {
    case GST_HTTP_STEP_OK:
    case GST_HTTP_STEP_ANSWERED:
      return handle_answer (self, n_redirects, has_lived);
    case GST_HTTP_STEP_ABORTED:
      gst_http_link_close (&self->link);
      return NEXT_FILE;
    default:
      return handle_failure (self, error, is_new, has_lived);
  }
}

static gboolean
begin_file (GstHttpPush *self, GstHttpPushItem *item, GError **error)
{
  GstHttpPushFile *file = &self->file;

  gst_http_push_forget_file (self);
  file->url = g_steal_pointer (&item->url);
  file->type = g_steal_pointer (&item->type);
  file->is_deletion = item->kind == GST_HTTP_PUSH_DELETE;
  file->has_end = file->is_deletion;
  file->is_whole = TRUE;
  file->kept =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_http_push_item_free);
  file->target = gst_http_target_new (file->url, error);
  if (file->target == NULL)
    return FALSE;
  return gst_http_push_get_framing (self) != GST_HTTP_UPLOAD_LENGTH
      || gst_http_push_gather (self, error);
}

static Next
send_file (GstHttpPush *self, GstHttpPushItem *item)
{
  g_autoptr (GError) error = NULL;
  guint n_redirects = 0;
  Next next = NEXT_AGAIN;

  if (!begin_file (self, item, &error))
    next = self->file.target != NULL ? fail (self, error) : NEXT_STOP;
  while (next == NEXT_AGAIN && !self->file.is_aborted)
    next = try_once (self, &n_redirects);
  if (next != NEXT_STOP)
    gst_http_push_skip_file (self);
  return next;
}

/* A file that is gone already is no loss. */
static Next
delete_file (GstHttpPush *self, GstHttpPushItem *item)
{
  gboolean is_new;

  if (!begin_file (self, item, NULL) || !connect_link (self, &is_new, NULL))
    return NEXT_FILE;
  if (gst_http_push_attempt (self, NULL) != GST_HTTP_STEP_OK || !self->may_keep)
    gst_http_link_close (&self->link);
  GST_DEBUG_OBJECT (
      self->owner, "deleted %s: %u", self->file.url, self->status);
  return NEXT_FILE;
}

/* --- the thread --- */

/* Waits for the next file; a connection that ends meanwhile is closed. */
static GstHttpPushItem *
wait_for_file (GstHttpPush *self)
{
  GstHttpLink *link = &self->link;
  int wake_fd = gst_http_push_queue_get_wake_fd (&self->queue);
  GstHttpPushItem *item;

  while ((item = gst_http_push_queue_pop (&self->queue)) == NULL) {
    if (!gst_http_link_wait (link, G_IO_IN, wake_fd, -1, NULL))
      return NULL;
    if (link->connection != NULL
        && (!gst_http_link_read (link, NULL) || link->is_ended
            || link->input->len > 0))
      gst_http_link_close (link);
  }
  return item;
}

static Next
handle_item (GstHttpPush *self, GstHttpPushItem *item)
{
  Next next = NEXT_FILE;

  if (item->kind == GST_HTTP_PUSH_BEGIN)
    next = send_file (self, item);
  else if (item->kind == GST_HTTP_PUSH_DELETE)
    next = delete_file (self, item);
  else
    return NEXT_FILE;
  gst_http_push_forget_file (self);
  if (next != NEXT_STOP)
    gst_http_push_queue_finish (&self->queue);
  return next;
}

static gpointer
send_files (gpointer data)
{
  GstHttpPush *self = data;
  Next next = NEXT_FILE;

  while (next != NEXT_STOP) {
    g_autoptr (GstHttpPushItem) item = wait_for_file (self);

    next = item != NULL ? handle_item (self, item) : NEXT_STOP;
  }
  gst_http_link_close (&self->link);
  gst_http_push_queue_fail (&self->queue);
  return NULL;
}

/* --- life --- */

static void
free_push (GstHttpPush *self)
{
  g_clear_pointer (&self->titles, gst_http_titles_stop);
  gst_http_push_forget_file (self);
  gst_http_link_clear (&self->link);
  gst_http_push_queue_clear (&self->queue);
  g_object_unref (self->cancellable);
  g_free (self->reason);
  g_free (self->redirect);
  g_free (self);
}

static gboolean
init_parts (GstHttpPush *self, GError **error)
{
  if (!gst_http_push_queue_init (&self->queue, error))
    return FALSE;
  if (gst_http_link_init (&self->link, self->cancellable, error))
    return TRUE;
  gst_http_push_queue_clear (&self->queue);
  return FALSE;
}

/* Only sources of radio servers have titles beside the stream. */
static gboolean
start_titles (GstHttpPush *self, GError **error)
{
  GstHttpLinkSettings how = link_settings (self);

  if (self->settings->method != GST_HTTP_METHOD_SOURCE
      || !self->settings->titles)
    return TRUE;
  self->titles = gst_http_titles_start (GST_ELEMENT (self->owner), &how, error);
  return self->titles != NULL;
}

/* Starts the thread that sends; nothing is connected before there is a file.
 * Fails when there are no descriptors or threads left. */
GstHttpPush *
gst_http_push_start (GstBaseSink *owner, GstNetRetry *retry,
    const GstHttpPushSettings *settings, GError **error)
{
  GstHttpPush *self = g_new0 (GstHttpPush, 1);

  self->owner = owner;
  self->retry = retry;
  self->settings = settings;
  self->cancellable = g_cancellable_new ();
  gst_net_retry_begin (retry);
  if (!init_parts (self, error)) {
    g_object_unref (self->cancellable);
    g_free (self);
    return NULL;
  }
  gst_http_push_queue_set_limits (
      &self->queue, settings->max_bytes, settings->leaky != 0);
  if (start_titles (self, error))
    self->thread = g_thread_try_new ("httpclientsink", send_files, self, error);
  if (self->thread != NULL)
    return self;
  free_push (self);
  return NULL;
}

/* Ends it at once, with what is on its way. */
void
gst_http_push_stop (GstHttpPush *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  free_push (self);
}

GstHttpPushQueue *
gst_http_push_get_queue (GstHttpPush *self)
{
  return &self->queue;
}

/* Says what is played from now on. */
void
gst_http_push_set_title (GstHttpPush *self, const gchar *title)
{
  if (self->titles != NULL)
    gst_http_titles_set_title (self->titles, title);
}

/* Says whether what comes can be sent again as a whole. */
void
gst_http_push_set_stored (GstHttpPush *self, gboolean is_stored)
{
  g_atomic_int_set (&self->is_stored, is_stored);
}
