/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttptitles.c: titles of a station, for the server that it is on
 *
 * Here: the thread that tells Icecast and its like what is played, by
 * /admin/metadata?mode=updinfo, each time on a connection of its own.
 * Not here: the stream, whose sender says when there is a server.
 *
 * Threads   app: start, stop    streaming: set_title    sender: set_server
 *           titles: all else
 * Locks     lock guards what is marked; not held while connecting, writing,
 *           waiting or posting
 *
 * A server knows a station from when it has let the source in until that goes.
 * A new connection is told the title again. Titles that come while one is on
 * its way wait, and only the newest of them is sent. A title that is not taken
 * costs the stream nothing, and is told by a message only.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttptitles.h"

#include <gst/socket/gstsocketresponse.h>

#include <string.h>

/* Bytes of a title that are sent; and how long it may take. */
#define TITLE_MAX 1024
#define TIMEOUT_NS (10 * GST_SECOND)

struct _GstHttpTitles
{
  /* immutable while the thread runs */
  GstElement *owner;
  GstHttpLinkSettings how;
  GCancellable *cancellable;
  GThread *thread;

  GMutex lock;
  GCond changed;

  /* guarded by lock */
  gchar *title;
  gchar *path;           /* of the station; NULL while the server has none */
  GstHttpTarget *server; /* its path is not used */
  gchar *fields;         /* of a request, each with its line end */
  gboolean is_new;       /* that server has not been told this title */
  gboolean is_stopping;

  /* titles */
  GstHttpLink link;
};

/* What is to be sent, and where. */
typedef struct
{
  gchar *title;
  gchar *target;
  gchar *fields;
  GstHttpTarget *server;
} Notice;

static void
clear_notice (Notice *notice)
{
  g_free (notice->title);
  g_free (notice->target);
  g_free (notice->fields);
  gst_http_target_free (notice->server);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Notice, clear_notice)

/* Returns: (nullable) (transfer full): what players show */
gchar *
gst_http_title_from_tags (const GstTagList *tags)
{
  g_autofree gchar *artist = NULL;
  g_autofree gchar *title = NULL;

  gst_tag_list_get_string (tags, GST_TAG_ARTIST, &artist);
  if (!gst_tag_list_get_string (tags, GST_TAG_TITLE, &title))
    return NULL;
  if (artist == NULL)
    return g_steal_pointer (&title);
  return g_strdup_printf ("%s - %s", artist, title);
}

/* --- one title --- */

static GstHttpTarget *
copy_server (const GstHttpTarget *target)
{
  GstHttpTarget *copy = g_new0 (GstHttpTarget, 1);

  copy->is_tls = target->is_tls;
  copy->host = g_strdup (target->host);
  copy->port = target->port;
  return copy;
}

/* The path of a station is escaped already, and once more as a parameter. */
static gchar *
make_target (const gchar *path, const gchar *title)
{
  g_autofree gchar *mount = g_uri_escape_string (path, "/", FALSE);
  g_autofree gchar *song = g_uri_escape_string (title, NULL, FALSE);

  return g_strdup_printf (
      "/admin/metadata?mode=updinfo&mount=%s&charset=UTF-8&song=%s", mount,
      song);
}

/* A proxy is told the server, too. */
static gchar *
make_request (GstHttpTitles *self, const Notice *notice)
{
  g_autofree gchar *authority = gst_http_target_dup_authority (notice->server);
  gboolean is_whole = self->link.is_through_proxy;

  return g_strdup_printf ("GET %s%s%s HTTP/1.0\r\n%s\r\n",
      is_whole ? "http://" : "", is_whole ? authority : "", notice->target,
      notice->fields);
}

static gboolean
write_request (GstHttpTitles *self, const Notice *notice, GError **error)
{
  g_autofree gchar *text = make_request (self, notice);
  GOutputVector vector = {text, strlen (text)};
  GOutputVector *vectors = &vector;
  GstHttpLinkResult result = GST_HTTP_LINK_INPUT;
  guint n = 1;

  while (result == GST_HTTP_LINK_INPUT && !self->link.is_ended)
    result = gst_http_link_write (
        &self->link, &vectors, &n, self->how.timeout_ns, error);
  return result != GST_HTTP_LINK_FAILED;
}

/* Returns the status of what has come; 0 for nothing yet. */
static guint
understand (GstHttpTitles *self, GError **error)
{
  GByteArray *input = self->link.input;
  GstSocketResponse response;
  GstSocketResponseVerdict verdict;
  gsize size;

  while ((verdict = gst_socket_response_parse (
              (const gchar *) input->data, input->len, &response, &size))
      == GST_SOCKET_RESPONSE_OK) {
    if (response.status >= 200)
      return response.status;
    g_byte_array_remove_range (input, 0, size);
  }
  if (verdict == GST_SOCKET_RESPONSE_BAD || self->link.is_ended)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "the server does not answer in HTTP");
  return 0;
}

static guint
read_status (GstHttpTitles *self, GError **error)
{
  gint64 end_us = g_get_monotonic_time () + self->how.timeout_ns / GST_USECOND;

  while (gst_http_link_read (&self->link, error)) {
    g_autoptr (GError) failure = NULL;
    guint status = understand (self, &failure);

    if (status == 0 && failure == NULL
        && gst_http_link_wait (&self->link, G_IO_IN, -1,
            MAX (end_us - g_get_monotonic_time (), 0), &failure))
      continue;
    if (status == 0)
      g_propagate_error (error, g_steal_pointer (&failure));
    return status;
  }
  return 0;
}

static void
tell (GstHttpTitles *self, const Notice *notice)
{
  g_autoptr (GError) error = NULL;
  guint status = 0;

  if (gst_http_link_open (&self->link, notice->server, &self->how, &error)
      && write_request (self, notice, &error))
    status = read_status (self, &error);
  gst_http_link_close (&self->link);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  GST_INFO_OBJECT (self->owner, "title \"%s\": %u %s", notice->title, status,
      error != NULL ? error->message : "");
  gst_element_post_message (self->owner,
      gst_message_new_element (GST_OBJECT (self->owner),
          gst_structure_new ("GstHttpTitle", "title", G_TYPE_STRING,
              notice->title, "status", G_TYPE_UINT, status, NULL)));
}

/* --- the thread --- */

static gboolean
has_work_locked (const GstHttpTitles *self)
{
  return self->is_new && self->title != NULL && self->path != NULL;
}

/* Returns FALSE when it is to end. */
static gboolean
wait_for_notice (GstHttpTitles *self, Notice *ret_notice)
{
  gboolean is_stopping;

  g_mutex_lock (&self->lock);
  while (!self->is_stopping && !has_work_locked (self))
    g_cond_wait (&self->changed, &self->lock);
  is_stopping = self->is_stopping;
  if (!is_stopping) {
    ret_notice->title = g_strdup (self->title);
    ret_notice->target = make_target (self->path, self->title);
    ret_notice->fields = g_strdup (self->fields);
    ret_notice->server = copy_server (self->server);
    self->is_new = FALSE;
  }
  g_mutex_unlock (&self->lock);
  return !is_stopping;
}

static gpointer
tell_titles (gpointer data)
{
  GstHttpTitles *self = data;
  gboolean is_on = TRUE;

  while (is_on) {
    g_auto (Notice) notice = {0};

    is_on = wait_for_notice (self, &notice);
    if (is_on)
      tell (self, &notice);
  }
  return NULL;
}

/* --- what is known --- */

/* As much of a title as is sent: no character is cut in two. */
static gchar *
dup_start (const gchar *title)
{
  gsize size = strnlen (title, TITLE_MAX);

  while (size > 0 && ((guchar) title[size] & 0xc0) == 0x80)
    size--;
  return g_utf8_make_valid (title, size);
}

/* What is played from now on. */
void
gst_http_titles_set_title (GstHttpTitles *self, const gchar *title)
{
  g_autofree gchar *text = dup_start (title);

  g_mutex_lock (&self->lock);
  if (g_strcmp0 (text, self->title) != 0) {
    g_free (self->title);
    self->title = g_steal_pointer (&text);
    self->is_new = TRUE;
    g_cond_signal (&self->changed);
  }
  g_mutex_unlock (&self->lock);
}

/* A server has let the station in, at a target and with the fields that show
 * who asks; or NULL: it is gone. */
void
gst_http_titles_set_server (
    GstHttpTitles *self, const GstHttpTarget *target, const gchar *fields)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->server, gst_http_target_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->fields, g_free);
  if (target != NULL) {
    self->server = copy_server (target);
    self->path = g_strndup (target->path, strcspn (target->path, "?"));
    self->fields = g_strdup (fields);
    self->is_new = TRUE;
    g_cond_signal (&self->changed);
  }
  g_mutex_unlock (&self->lock);
}

/* --- life --- */

static void
free_parts (GstHttpTitles *self)
{
  g_object_unref (self->cancellable);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
free_titles (GstHttpTitles *self)
{
  gst_http_titles_set_server (self, NULL, NULL);
  g_free (self->title);
  gst_http_link_clear (&self->link);
  free_parts (self);
}

/* Starts the thread; what @how points to stays. Fails when there are no
 * descriptors or threads left. */
GstHttpTitles *
gst_http_titles_start (
    GstElement *owner, const GstHttpLinkSettings *how, GError **error)
{
  GstHttpTitles *self = g_new0 (GstHttpTitles, 1);

  self->owner = owner;
  self->how = *how;
  self->how.timeout_ns =
      how->timeout_ns > 0 ? MIN (how->timeout_ns, TIMEOUT_NS) : TIMEOUT_NS;
  self->cancellable = g_cancellable_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  if (!gst_http_link_init (&self->link, self->cancellable, error)) {
    free_parts (self);
    return NULL;
  }
  self->thread = g_thread_try_new ("http-titles", tell_titles, self, error);
  if (self->thread != NULL)
    return self;
  free_titles (self);
  return NULL;
}

/* Ends it at once, with a title that is on its way. */
void
gst_http_titles_stop (GstHttpTitles *self)
{
  g_mutex_lock (&self->lock);
  self->is_stopping = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  free_titles (self);
}
