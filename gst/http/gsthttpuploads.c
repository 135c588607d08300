/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpuploads.c: the folder that httpserversink takes uploads to
 *
 * Here: its mount, beside that of the stream; whether the rules allow it, and
 * whose pages may send.
 * Not here: writing (gsthttpuploadroot.c).
 *
 * Threads   app: open, close    server: requests    writer: their end
 * Locks     OBJECT_LOCK, while settings are read
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversink-private.h"

static GPtrArray *
make_headers (GstSocketHttpRequest *request, gpointer owner)
{
  return gst_http_headers_new (owner, request);
}

static void
on_stored (
    GstSocketHttpRequest *request, guint status, guint64 bytes, gpointer owner)
{
  gst_http_request_end (owner, request, status, bytes);
}

static const GstHttpUploadRootFuncs store_funcs = {
    .headers = make_headers,
    .finished = on_stored,
};

/* Not the function of the stream's mount, by which elements are counted. */
static void
on_request (GstSocketHttpRequest *request, gpointer user_data)
{
  gst_http_request_funcs.request (request, user_data);
}

static void
on_finished (GstSocketHttpRequest *request, guint status, gpointer user_data)
{
  gst_http_request_funcs.finished (request, status, user_data);
}

static const GstSocketHttpMountFuncs mount_funcs = {
    .request = on_request,
    .finished = on_finished,
};

/* Takes uploads, on the server of the stream's mount, if there is a folder for
 * them. Returns whether all is well. */
gboolean
gst_http_uploads_open (GstHttpServerSink *self, GError **error)
{
  static const gchar *const methods[] = {"PUT", "POST", "DELETE", NULL};
  static const gchar *const prefixes[] = {"/", NULL};
  const GstHttpSettings *settings = &self->settings;
  GstSocketHttpSettings wanted = {.host = settings->service.host,
      .port = self->http->get_port (self->mount),
      .tls_port = -1,
      .methods = methods,
      .prefixes = prefixes};

  if (settings->upload_root == NULL || settings->upload_root[0] == '\0')
    return TRUE;
  self->store = gst_http_upload_root_new (self->http, settings->upload_root,
      settings->upload_max_size, &store_funcs, self, error);
  if (self->store == NULL)
    return FALSE;
  self->store_mount = self->http->mount (&wanted, &mount_funcs, self, error);
  return self->store_mount != NULL;
}

/* Ends uploads that go on. */
void
gst_http_uploads_close (GstHttpServerSink *self)
{
  if (self->store != NULL)
    gst_http_upload_root_stop (self->store);
  if (self->store_mount != NULL)
    self->http->unmount (self->store_mount);
  self->store_mount = NULL;
  g_clear_pointer (&self->store, gst_http_upload_root_free);
}

/* Whether a request is for the folder. */
gboolean
gst_http_uploads_take (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  return self->store_mount != NULL
      && gst_http_upload_root_takes (self->http->get_method (request));
}

/* Without a file of rules, who is let in may write. */
static gboolean
may_write (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  const gchar *path = self->http->get_path (request);

  return path == NULL || self->files == NULL
      || gst_http_files_may_write (self->files, request,
          gst_http_upload_root_get_root (self->store), path);
}

/* Sites that may read what is here may send only if they are named. */
static gboolean
is_foreign (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  const GstHttpServiceSettings *settings = &self->settings.service;
  gboolean may_send;

  GST_OBJECT_LOCK (self);
  may_send = gst_http_cors_may_send (
      gst_http_cors_is_for_all (settings->cors_origin) ? GST_HTTP_CORS_OFF
                                                       : settings->cors,
      settings->cors_origin, self->http->get_header (request, "Origin"),
      self->http->get_header (request, "Host"));
  GST_OBJECT_UNLOCK (self);
  return !may_send;
}

void
gst_http_uploads_answer (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  if (is_foreign (self, request))
    gst_http_answer_text (
        self, request, 403, "Pages of other sites may not send here.\n");
  else if (may_write (self, request))
    gst_http_upload_root_answer (self->store, self->store_mount, request);
  else
    gst_http_answer_text (self, request, 403, "This is not yours to write.\n");
}
