/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpuploadroot.c: uploads that become files
 *
 * Here: PUT, POST and DELETE below a folder, parts of files.
 * Not here: who may (the guard), how paths are confined (gstsocketroot.c,
 * gstsocketdraft.c), reading uploads (gsthttpupload.c).
 *
 * Threads   app: new, stop, free    server: answer    writer, one an upload:
 *           reading, writing
 * Locks     lock guards names, pool; not held while anything is written
 *
 * Disks block, so each upload has a thread of its own, of a bounded number. A
 * file takes its place when it is whole; a part of a file goes into a copy of
 * it, so that who reads the file never sees it change.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpuploadroot.h"
#include "gsthttpheaders.h"
#include "gsthttpupload.h"

#include <gst/socket/gstsocketdraft.h>
#include <gst/socket/gstsocketpart.h>

#include <string.h>
#include <unistd.h>

/* Uploads at a time, and those that wait for others to end. */
#define WRITERS_MAX 16
#define WAITING_MAX 16

/* A sender that says nothing for so long has gone. */
#define IDLE_TIMEOUT_US (10 * G_USEC_PER_SEC)

struct _GstHttpUploadRoot
{
  /* immutable */
  const GstSocketHttpApi *http;
  GstSocketRoot *root;
  guint64 max_size;
  const GstHttpUploadRootFuncs *funcs;
  gpointer owner;
  GCancellable *cancellable;

  GMutex lock;
  /* guarded by lock */
  GThreadPool *pool; /* NULL once it was stopped */
  GHashTable *names; /* paths that are being written */
};

typedef struct
{
  GstHttpUpload *upload;
  GstSocketPart part;
} Job;

/* --- what is asked for --- */

gboolean
gst_http_upload_root_takes (const gchar *method)
{
  return g_str_equal (method, "PUT") || g_str_equal (method, "POST")
      || g_str_equal (method, "DELETE");
}

/* --- answers --- */

static void
answer (GstHttpUploadRoot *self, GstSocketHttpRequest *request, guint status,
    const gchar *text)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (GPtrArray) headers = self->funcs->headers (request, self->owner);
  GstSocketHttpAnswer answer = {.status = status,
      .body = status == 204 ? NULL : body,
      .content_type = status == 204 ? NULL : "text/plain; charset=utf-8"};

  if (status == 503)
    gst_http_headers_add (headers, "Retry-After", "2");
  g_ptr_array_add (headers, NULL);
  answer.headers = (const gchar *const *) headers->pdata;
  self->http->answer (request, &answer);
}

/* What is no place below the folder is forbidden, however it is written. */
static guint
status_of (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY))
    return 403;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY))
    return 409;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    return 416;
  return gst_http_upload_status_of (error);
}

/* Errors name files of this machine, which are nobody's business. */
static const gchar *
text_of (guint status)
{
  switch (status) {
    case 400:
      return "This is no whole upload.\n";
    case 403:
      return "Nothing may be written there.\n";
    case 408:
      return "Nothing came any more.\n";
    case 409:
      return "There is a folder, or another upload.\n";
    case 413:
      return "This is more than is allowed.\n";
    case 416:
      return "There is no such part.\n";
    case 503:
      return "The server has stopped.\n";
    case 507:
      return "There is no room for this.\n";
    default:
      return "This could not be written.\n";
  }
}

/* --- writing --- */

/* A part begins where the file ends, or before. What is there and cannot be read
 * would be lost: it has to go into a copy. */
static gboolean
begin_part (GstHttpUploadRoot *self, const Job *job, GstSocketDraft *draft,
    GError **error)
{
  GstSocketFileInfo info = {0};
  g_autoptr (GError) local = NULL;
  gboolean ok;
  gint fd = gst_socket_root_open (
      self->root, gst_http_upload_get_path (job->upload), &info, &local);

  if (fd < 0 && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (job->part.first > info.size) {
    if (fd >= 0)
      close (fd);
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "the part begins behind the end of the file");
    return FALSE;
  }
  if (fd < 0)
    return TRUE;
  ok = gst_socket_draft_copy (draft, fd, info.size, error);
  close (fd);
  gst_socket_draft_seek (draft, job->part.first);
  return ok;
}

static gboolean
begin_file (GstHttpUploadRoot *self, const Job *job, GstSocketDraft *draft,
    GError **error)
{
  guint64 length = gst_http_upload_get_length (job->upload);

  if (job->part.is_set)
    return begin_part (self, job, draft, error);
  return length == G_MAXUINT64
      || gst_socket_draft_reserve (draft, length, error);
}

static gboolean
write_buffer (GstSocketDraft *draft, GstBuffer *buffer, GError **error)
{
  GstMapInfo map;
  gboolean ok;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  ok = gst_socket_draft_write (draft, map.data, map.size, error);
  gst_buffer_unmap (buffer, &map);
  return ok;
}

static gboolean
write_all (GstHttpUploadRoot *self, const Job *job, GstSocketDraft *draft,
    GError **error)
{
  g_autoptr (GstSocketWait) wait =
      gst_socket_wait_new (self->cancellable, error);

  while (wait != NULL) {
    g_autoptr (GstBuffer) buffer = NULL;

    switch (gst_http_upload_read (
        job->upload, wait, IDLE_TIMEOUT_US, &buffer, error)) {
      case GST_SOCKET_READ_DATA:
        if (!write_buffer (draft, buffer, error))
          return FALSE;
        break;
      case GST_SOCKET_READ_END:
        return TRUE;
      default:
        return FALSE;
    }
  }
  return FALSE;
}

static gboolean
check_part (const Job *job, GError **error)
{
  if (!job->part.is_set
      || gst_http_upload_get_received (job->upload)
          == job->part.last - job->part.first + 1)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      "the part has another length than it says");
  return FALSE;
}

static gboolean
write_file (GstHttpUploadRoot *self, const Job *job, gboolean *ret_replaced,
    GError **error)
{
  g_autoptr (GstSocketDraft) draft = gst_socket_draft_new (
      self->root, gst_http_upload_get_path (job->upload), error);

  return draft != NULL && begin_file (self, job, draft, error)
      && write_all (self, job, draft, error) && check_part (job, error)
      && gst_socket_draft_finish (draft, ret_replaced, error);
}

/* --- uploads --- */

/* Returns 0 when the name is the caller's until leave_name (). */
static guint
take_name (GstHttpUploadRoot *self, const gchar *path)
{
  guint status = 0;

  g_mutex_lock (&self->lock);
  if (self->pool == NULL
      || g_hash_table_size (self->names) >= WRITERS_MAX + WAITING_MAX)
    status = 503;
  else if (!g_hash_table_add (self->names, g_strdup (path)))
    status = 409;
  g_mutex_unlock (&self->lock);
  return status;
}

static void
leave_name (GstHttpUploadRoot *self, const gchar *path)
{
  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->names, path);
  g_mutex_unlock (&self->lock);
}

/* Who has got an answer may send again at once: the name is free by then. */
static void
write_job (gpointer data, gpointer user_data)
{
  GstHttpUploadRoot *self = user_data;
  g_autofree Job *job = data;
  g_autoptr (GstHttpUpload) upload = job->upload;
  g_autoptr (GError) error = NULL;
  gboolean replaced = FALSE;
  guint status;

  if (write_file (self, job, &replaced, &error))
    status = replaced ? 204 : 201;
  else
    status = status_of (error);
  GST_DEBUG ("%s: %u %s", gst_http_upload_get_path (upload), status,
      error != NULL ? error->message : "");
  leave_name (self, gst_http_upload_get_path (upload));
  gst_http_upload_answer (
      upload, status, status < 400 ? "Stored.\n" : text_of (status));
  self->funcs->finished (gst_http_upload_get_request (upload), status,
      gst_http_upload_get_sent (upload), self->owner);
}

static void
take (GstHttpUploadRoot *self, GstSocketHttpMount *mount,
    GstSocketHttpRequest *request, const GstSocketPart *part)
{
  GstHttpUpload *upload;
  Job *job;

  self->http->ref (request);
  upload = gst_http_upload_new (self->http, mount, request, self->max_size);
  if (upload == NULL) {
    leave_name (self, self->http->get_path (request));
    self->funcs->finished (request, 0, 0, self->owner);
    self->http->unref (request);
    return;
  }
  gst_http_upload_set_headers (
      upload, self->funcs->headers (request, self->owner));
  self->http->unref (request);
  job = g_new0 (Job, 1);
  *job = (Job){upload, *part};
  g_mutex_lock (&self->lock);
  if (self->pool != NULL) {
    g_thread_pool_push (self->pool, job, NULL);
    job = NULL;
  }
  g_mutex_unlock (&self->lock);
  /* It ends at once: the store has stopped. */
  if (job != NULL)
    write_job (job, self);
}

/* Names that people can read, here and on other systems. */
static gboolean
is_clean (const gchar *path)
{
  for (const gchar *p = path; *p != '\0'; p++) {
    if ((guchar) *p < 0x20 || *p == 0x7f || *p == '\\')
      return FALSE;
  }
  return TRUE;
}

static guint
judge (GstHttpUploadRoot *self, GstSocketHttpRequest *request,
    GstSocketPart *ret_part)
{
  const gchar *type = self->http->get_header (request, "Content-Type");
  GstSocketHttpBody body;

  self->http->get_body (request, &body);
  if (body.kind == GST_SOCKET_BODY_UNKNOWN)
    return 501;
  if (type != NULL
      && g_ascii_strncasecmp (type, "multipart/form-data", 19) == 0)
    return 415;
  if (self->max_size > 0 && body.kind == GST_SOCKET_BODY_LENGTH
      && body.length > self->max_size)
    return 413;
  if (!gst_socket_part_parse (
          self->http->get_header (request, "Content-Range"), ret_part))
    return 400;
  if (ret_part->is_set && body.kind == GST_SOCKET_BODY_LENGTH
      && body.length != ret_part->last - ret_part->first + 1)
    return 400;
  if (self->max_size > 0 && ret_part->is_set
      && ret_part->last >= self->max_size)
    return 413;
  return is_clean (self->http->get_path (request)) ? 0 : 403;
}

static void
put (GstHttpUploadRoot *self, GstSocketHttpMount *mount,
    GstSocketHttpRequest *request)
{
  GstSocketPart part;
  guint status = judge (self, request, &part);

  if (status == 0)
    status = take_name (self, self->http->get_path (request));
  if (status == 0)
    take (self, mount, request, &part);
  else
    answer (self, request, status,
        status == 503 ? "There is too much to do now.\n" : text_of (status));
}

static void delete (GstHttpUploadRoot *self, GstSocketHttpRequest *request)
{
  const gchar *path = self->http->get_path (request);
  g_autoptr (GError) error = NULL;
  guint status = take_name (self, path);

  if (status != 0) {
    answer (self, request, status, text_of (status));
    return;
  }
  if (gst_socket_root_remove (self->root, path, &error))
    answer (self, request, 204, "");
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    answer (self, request, 404, "There is nothing there.\n");
  else
    answer (self, request, 403, text_of (403));
  leave_name (self, path);
}

/*
 * gst_http_upload_root_answer:
 * @self: a store
 * @mount: the mount that the request is of
 * @request: one with a method that it takes
 *
 * Writes or removes a file.
 */
void
gst_http_upload_root_answer (GstHttpUploadRoot *self, GstSocketHttpMount *mount,
    GstSocketHttpRequest *request)
{
  if (self->http->get_path (request) == NULL)
    answer (self, request, 400, "This is no path.\n");
  else if (g_str_equal (self->http->get_method (request), "DELETE"))
    delete (self, request);
  else
    put (self, mount, request);
}

/* --- life --- */

/*
 * gst_http_upload_root_new:
 * @http: the library
 * @folder: where files go
 * @max_size: bytes that one may have, 0 for any number
 * @funcs: what to report
 * @owner: whom to
 * @error: why it cannot be used
 *
 * Returns: (nullable) (transfer full): a store
 */
GstHttpUploadRoot *
gst_http_upload_root_new (const GstSocketHttpApi *http, const gchar *folder,
    guint64 max_size, const GstHttpUploadRootFuncs *funcs, gpointer owner,
    GError **error)
{
  g_autoptr (GstSocketRoot) root = gst_socket_root_new (folder, error);
  g_autoptr (GstHttpUploadRoot) self = NULL;

  if (root == NULL)
    return NULL;
  self = g_new0 (GstHttpUploadRoot, 1);
  self->http = http;
  self->root = g_steal_pointer (&root);
  self->max_size = max_size;
  self->funcs = funcs;
  self->owner = owner;
  self->cancellable = g_cancellable_new ();
  g_mutex_init (&self->lock);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->pool = g_thread_pool_new (write_job, self, WRITERS_MAX, FALSE, error);
  return self->pool != NULL ? g_steal_pointer (&self) : NULL;
}

/* Returns: (transfer none): the folder */
GstSocketRoot *
gst_http_upload_root_get_root (GstHttpUploadRoot *self)
{
  return self->root;
}

/* Ends all uploads, and what there is of their files. */
void
gst_http_upload_root_stop (GstHttpUploadRoot *self)
{
  GThreadPool *pool;

  g_cancellable_cancel (self->cancellable);
  g_mutex_lock (&self->lock);
  pool = g_steal_pointer (&self->pool);
  g_mutex_unlock (&self->lock);
  if (pool != NULL)
    g_thread_pool_free (pool, FALSE, TRUE);
}

void
gst_http_upload_root_free (GstHttpUploadRoot *self)
{
  if (self == NULL)
    return;
  gst_http_upload_root_stop (self);
  gst_socket_root_unref (self->root);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->names);
  g_mutex_clear (&self->lock);
  g_free (self);
}
