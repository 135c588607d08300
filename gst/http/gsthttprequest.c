/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttprequest.c: which answer a request of httpserversink gets
 *
 * Here: paths, methods, what the server and the guard report.
 * Not here: the stream (gsthttplive.c), figures (gsthttpstatus.c).
 *
 * Threads   server: all of it
 * Locks     OBJECT_LOCK, while paths are read
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversink-private.h"

#include "../elements.h"

#include <string.h>

typedef void (*Answer) (GstHttpServerSink *self, GstSocketHttpRequest *request);

static void
answer_not_found (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  gst_http_answer_text (self, request, 404, "There is nothing here.\n");
}

static void
answer_bad_path (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  gst_http_answer_text (self, request, 400, "This is no path.\n");
}

static void
answer_options (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  GPtrArray *headers = gst_http_headers_new (self, request);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);

  gst_http_headers_add (headers, "Allow",
      self->store_mount != NULL ? "GET, HEAD, PUT, POST, DELETE, OPTIONS"
                                : "GET, HEAD, OPTIONS");
  gst_http_answer (self, request, 204, headers, NULL, empty);
}

static void
answer_wrong_method (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  GPtrArray *headers = gst_http_headers_new (self, request);
  static const gchar text[] = "Only GET, HEAD and OPTIONS are allowed here.\n";
  g_autoptr (GBytes) body = g_bytes_new_static (text, sizeof text - 1);

  gst_http_headers_add (headers, "Allow", "GET, HEAD, OPTIONS");
  gst_http_answer (self, request, 405, headers, "text/plain", body);
}

static void
answer_file (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  gst_http_files_answer (self->files, request);
}

static gboolean
is_snapshot (const gchar *path, const gchar *mount)
{
  return g_str_has_prefix (path, mount)
      && g_str_equal (path + strlen (mount), "/snapshot");
}

/* Of a stream that there never will be. */
static gboolean
is_of_no_stream (GstHttpServerSink *self, Answer answer)
{
  gboolean is_alone;

  GST_OBJECT_LOCK (self);
  is_alone = self->is_alone;
  GST_OBJECT_UNLOCK (self);
  return is_alone
      && (answer == gst_http_live_answer
          || answer == gst_http_live_answer_snapshot
          || answer == gst_http_status_answer_page);
}

/* Files come after all other paths, but for the page, which gives way to a page
 * of theirs, and the stream, when it is a file itself. With files alone there
 * is neither. */
static Answer
choose_file (GstHttpServerSink *self, const gchar *path, Answer otherwise)
{
  if (self->files == NULL)
    return otherwise;
  if (is_of_no_stream (self, otherwise))
    otherwise = answer_not_found;
  if (otherwise == gst_http_live_answer)
    return gst_http_file_mode_is_on (self) ? answer_file : otherwise;
  if (otherwise == gst_http_status_answer_page)
    return gst_http_files_have_index (self->files) ? answer_file : otherwise;
  if (otherwise == answer_not_found && gst_http_files_have (self->files, path))
    return answer_file;
  return otherwise;
}

static Answer
choose_by_path (GstHttpServerSink *self, const gchar *path)
{
  const GstHttpSettings *settings = &self->settings;
  Answer answer = answer_not_found;

  GST_OBJECT_LOCK (self);
  if (g_str_equal (path, settings->path))
    answer = gst_http_live_answer;
  else if (is_snapshot (path, settings->path))
    answer = gst_http_live_answer_snapshot;
  else if (settings->index_page && g_str_equal (path, "/"))
    answer = gst_http_status_answer_page;
  else if (g_strcmp0 (settings->status_path, path) == 0)
    answer = gst_http_status_answer;
  else if (g_strcmp0 (settings->metrics_path, path) == 0)
    answer = gst_http_status_answer_metrics;
  GST_OBJECT_UNLOCK (self);
  return choose_file (self, path, answer);
}

static Answer
choose (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  const gchar *method = self->http->get_method (request);
  const gchar *path = self->http->get_path (request);
  Answer answer;

  if (gst_http_uploads_take (self, request))
    return gst_http_uploads_answer;
  if (g_str_equal (method, "OPTIONS"))
    return answer_options;
  if (path == NULL)
    return answer_bad_path;
  answer = choose_by_path (self, path);
  if (answer != answer_not_found && !g_str_equal (method, "GET")
      && !g_str_equal (method, "HEAD"))
    return answer_wrong_method;
  return answer;
}

/* --- who is let in --- */

static void
on_admit (GstSocketHttpRequest *request, gpointer owner)
{
  choose (owner, request) (owner, request);
}

static void
on_refuse (GstSocketHttpRequest *request, guint status, const gchar *challenge,
    gpointer owner)
{
  GPtrArray *headers = gst_http_headers_new (owner, request);
  const gchar *reason = gst_http_service_reason_of (status);
  g_autoptr (GBytes) body = g_bytes_new_static (reason, strlen (reason));

  if (challenge != NULL)
    gst_http_headers_add (headers, "WWW-Authenticate", challenge);
  gst_http_answer (owner, request, status, headers, "text/plain", body);
}

const GstHttpGuardFuncs gst_http_request_guard_funcs = {
    .admit = on_admit,
    .refuse = on_refuse,
    .warning = gst_http_service_warn_of_users,
};

/* --- what the server reports --- */

static void
on_request (GstSocketHttpRequest *request, gpointer user_data)
{
  GstHttpServerSink *self = user_data;

  GST_DEBUG_OBJECT (self, "%s %s", self->http->get_method (request),
      GST_STR_NULL (self->http->get_path (request)));
  gst_http_server_sink_emit_request (self, request, 0, FALSE);
  gst_http_guard_ask (self->guard, request);
}

/* A request is over: so many bytes of a body have gone out. */
void
gst_http_request_end (GstHttpServerSink *self, GstSocketHttpRequest *request,
    guint status, guint64 bytes)
{
  gst_http_guard_forget (self->guard, request);
  gst_http_log_request (self->log, self->http, request, status, bytes);
  gst_http_server_sink_emit_request (self, request, status, TRUE);
}

static void
on_finished (GstSocketHttpRequest *request, guint status, gpointer user_data)
{
  GstHttpServerSink *self = user_data;

  gst_http_request_end (self, request, status, self->http->get_sent (request));
}

static void
on_refused (guint64 count, const GError *error, gpointer user_data)
{
  GstHttpServerSink *self = user_data;

  GST_ELEMENT_WARNING (self, RESOURCE, NO_SPACE_LEFT,
      (_ ("Clients are refused: this process may not open more files. Raise "
          "its limit (ulimit -n), or set \"max-clients\".")),
      ("%" G_GUINT64_FORMAT " refused: %s", count, error->message));
}

static void
on_rejected (const GstSocketHttpRejection *rejection, GPtrArray *headers,
    gpointer user_data)
{
  GstHttpServerSink *self = user_data;

  gst_http_headers_add_common (self, rejection->origin, headers);
  if (rejection->status == 503)
    gst_http_headers_add (headers, "Retry-After", "2");
  gst_http_log_rejection (self->log, rejection);
}

const GstSocketHttpMountFuncs gst_http_request_funcs = {
    .request = on_request,
    .finished = on_finished,
    .refused = on_refused,
    .warning = gst_http_service_warn_of_certificate,
    .rejected = on_rejected,
};
