/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpintake.c: which uploads httpserversrc takes
 *
 * Here: methods, paths and limits, what is refused, titles from Icecast's
 * metadata address, what the server and the guard report.
 * Not here: where uploads go (gsthttplane.c).
 *
 * Threads   server: all of it
 * Locks     OBJECT_LOCK, while settings are read
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversrc-private.h"

#include "gsthttpheaders.h"
#include "gsthttpicy.h"

#include "../elements.h"

#include <gst/socket/gstsocketcontent.h>
#include <gst/socket/gstsocketpart.h>
#include <gst/socket/gstsocketrange.h>

#include <string.h>

#define ALLOWED "PUT, POST, SOURCE, OPTIONS"

/* --- answers --- */

/* What pages of other sites may do, if they may anything. */
static const GstHttpCorsAllowed allowed = {
    .methods = ALLOWED,
    .fields = "Authorization, Content-Range, Content-Type, Ice-Bitrate, "
              "Ice-Description, Ice-Genre, Ice-Name, Ice-Url",
};

static void
add_cors (GstHttpServerSrc *self, const gchar *method, const gchar *origin,
    GPtrArray *headers)
{
  const GstHttpServiceSettings *settings = &self->settings.service;

  GST_OBJECT_LOCK (self);
  gst_http_cors_add (
      settings->cors, settings->cors_origin, &allowed, method, origin, headers);
  GST_OBJECT_UNLOCK (self);
}

/* Returns: (transfer full): what all answers to a request have */
static GPtrArray *
make_headers (GstHttpServerSrc *self, GstSocketHttpRequest *request)
{
  GPtrArray *headers = g_ptr_array_new_with_free_func (g_free);

  add_cors (self, self->http->get_method (request),
      self->http->get_header (request, "Origin"), headers);
  return headers;
}

/* With one more field, if its value is not NULL. */
static void
answer_with (GstHttpServerSrc *self, GstSocketHttpRequest *request,
    guint status, const gchar *name, const gchar *value, const gchar *text)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (GPtrArray) headers = make_headers (self, request);
  GstSocketHttpAnswer answer = {.status = status,
      .body = body,
      .content_type = "text/plain; charset=utf-8"};

  if (value != NULL)
    gst_http_headers_add (headers, name, value);
  if (status == 503)
    gst_http_headers_add (headers, "Retry-After", "2");
  g_ptr_array_add (headers, NULL);
  answer.headers = (const gchar *const *) headers->pdata;
  self->http->answer (request, &answer);
}

static void
answer (GstHttpServerSrc *self, GstSocketHttpRequest *request, guint status,
    const gchar *text)
{
  answer_with (self, request, status, NULL, NULL, text);
}

static void
answer_allowed (
    GstHttpServerSrc *self, GstSocketHttpRequest *request, guint status)
{
  answer_with (self, request, status, "Allow", ALLOWED,
      status == 405 ? "Only uploads are taken here.\n" : "");
}

/* --- what is refused --- */

/* Why something is not taken. */
typedef struct
{
  guint status;
  const gchar *text;
} Refusal;

static gboolean
is_ours (GstHttpServerSrc *self, const gchar *path)
{
  gboolean ours;

  GST_OBJECT_LOCK (self);
  ours = g_str_has_suffix (self->settings.path, "/")
      ? g_str_has_prefix (path, self->settings.path)
      : g_str_equal (path, self->settings.path);
  GST_OBJECT_UNLOCK (self);
  return ours;
}

static gboolean
is_form (const gchar *type)
{
  return type != NULL
      && g_ascii_strncasecmp (type, "multipart/form-data", 19) == 0;
}

static gboolean
is_too_large (GstHttpServerSrc *self, const GstSocketHttpBody *body)
{
  guint64 max_size;

  GST_OBJECT_LOCK (self);
  max_size = self->settings.max_size;
  GST_OBJECT_UNLOCK (self);
  return max_size > 0 && body->kind == GST_SOCKET_BODY_LENGTH
      && body->length > max_size;
}

static gboolean
is_foreign (GstHttpServerSrc *self, GstSocketHttpRequest *request)
{
  const GstHttpServiceSettings *settings = &self->settings.service;
  gboolean may_send;

  GST_OBJECT_LOCK (self);
  may_send = gst_http_cors_may_send (settings->cors, settings->cors_origin,
      self->http->get_header (request, "Origin"),
      self->http->get_header (request, "Host"));
  GST_OBJECT_UNLOCK (self);
  return !may_send;
}

/* A form would put its boundaries into the stream. */
static Refusal
judge (GstHttpServerSrc *self, GstSocketHttpRequest *request)
{
  const gchar *path = self->http->get_path (request);
  GstSocketHttpBody body;

  self->http->get_body (request, &body);
  if (path == NULL)
    return (Refusal){400, "This is no path.\n"};
  if (!is_ours (self, path))
    return (Refusal){404, "Nothing is taken here.\n"};
  if (is_foreign (self, request))
    return (Refusal){403, "Pages of other sites may not send here.\n"};
  if (body.kind == GST_SOCKET_BODY_UNKNOWN)
    return (Refusal){501, "Only chunked transfer coding is known here.\n"};
  if (is_form (self->http->get_header (request, "Content-Type")))
    return (Refusal){415, "Send the stream itself, not a form.\n"};
  if (is_too_large (self, &body))
    return (Refusal){413, "This is more than is allowed.\n"};
  return (Refusal){0};
}

/* Some senders cut a stream into parts, one upload each: the one pad of all puts
 * them together again. */
static Refusal
judge_part (GstHttpServerSrc *self, GstSocketHttpRequest *request,
    GstHttpLane *lane, gboolean *ret_goes_on)
{
  GstSocketPart part;

  if (!gst_socket_part_parse (
          self->http->get_header (request, "Content-Range"), &part))
    return (Refusal){400, "This is no part.\n"};
  *ret_goes_on = part.is_set && part.first > 0;
  if (!*ret_goes_on
      || (lane != NULL
          && gst_http_lane_is_at (
              lane, self->http->get_path (request), part.first)))
    return (Refusal){0};
  return (Refusal){416, "What comes before this part is not here.\n"};
}

static Refusal
judge_place (GstHttpLaneVerdict verdict)
{
  static const Refusal refusals[] = {
      [GST_HTTP_LANE_FREE] = {0},
      [GST_HTTP_LANE_SAME_PATH] = {409, "Somebody sends there already.\n"},
      [GST_HTTP_LANE_BUSY] = {503, "Another upload goes on.\n"},
      [GST_HTTP_LANE_FULL] = {503,
          "There are as many uploads as are allowed.\n"},
      [GST_HTTP_LANE_STOPPING] = {503, "The server stops.\n"},
  };

  return refusals[verdict];
}

/* --- uploads --- */

static GstCaps *
caps_of (GstHttpServerSrc *self, GstSocketHttpRequest *request)
{
  gboolean typefind;

  GST_OBJECT_LOCK (self);
  typefind = self->settings.typefind;
  GST_OBJECT_UNLOCK (self);
  if (typefind)
    return NULL;
  return gst_socket_content_type_to_caps (
      self->http->get_header (request, "Content-Type"));
}

static guint64
get_max_size (GstHttpServerSrc *self)
{
  guint64 max_size;

  GST_OBJECT_LOCK (self);
  max_size = self->settings.max_size;
  GST_OBJECT_UNLOCK (self);
  return max_size;
}

/* A request is over, answered or not: so many bytes of a body have gone out. */
void
gst_http_intake_end (GstHttpServerSrc *self, GstSocketHttpRequest *request,
    guint status, guint64 bytes)
{
  gst_http_log_request (self->log, self->http, request, status, bytes);
  gst_http_server_src_emit_request (self, request, status, TRUE);
}

/* Its connection is taken; NULL when it has gone. */
static GstHttpUpload *
take_upload (GstHttpServerSrc *self, GstSocketHttpRequest *request)
{
  GstHttpUpload *upload = gst_http_upload_new (
      self->http, self->mount, request, get_max_size (self));

  if (upload == NULL)
    gst_http_intake_end (self, request, 0, 0);
  else
    gst_http_upload_set_headers (upload, make_headers (self, request));
  return upload;
}

static void
clear_delivery (GstHttpDelivery *delivery)
{
  g_clear_pointer (&delivery->upload, gst_http_upload_free);
  gst_clear_caps (&delivery->caps);
  g_clear_pointer (&delivery->tags, gst_tag_list_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstHttpDelivery, clear_delivery)

/* Lets an upload come, in a lane of its own or in one that waits for it. */
static void
take (GstHttpServerSrc *self, GstSocketHttpRequest *request, GstHttpLane *lane,
    gboolean goes_on)
{
  g_autoptr (GError) error = NULL;
  g_auto (GstHttpDelivery) delivery = {.caps = caps_of (self, request),
      .tags = gst_http_icy_tags_of_head (self->http, request),
      .upload = take_upload (self, request),
      .goes_on = goes_on};

  if (delivery.upload == NULL)
    return;
  if (lane != NULL)
    gst_http_lane_give (lane, &delivery);
  else
    gst_http_lane_open (
        self, gst_http_upload_get_path (delivery.upload), &delivery, &error);
  if (delivery.upload == NULL)
    return;
  gst_http_upload_answer (
      delivery.upload, 503, "There is no room for another.\n");
  gst_http_intake_end (
      self, request, 503, gst_http_upload_get_sent (delivery.upload));
}

static void
take_or_refuse (GstHttpServerSrc *self, GstSocketHttpRequest *request)
{
  Refusal refusal = judge (self, request);
  g_autoptr (GstHttpLane) lane = NULL;
  gboolean goes_on = FALSE;

  if (refusal.status == 0)
    refusal = judge_place (
        gst_http_lane_find (self, self->http->get_path (request), &lane));
  if (refusal.status == 0)
    refusal = judge_part (self, request, lane, &goes_on);
  /* What it says is gone with it, unless it is held on to. */
  self->http->ref (request);
  if (refusal.status == 0)
    take (self, request, lane, goes_on);
  else
    answer (self, request, refusal.status, refusal.text);
  self->http->unref (request);
}

static gboolean
is_upload (const gchar *method)
{
  return g_str_equal (method, "PUT") || g_str_equal (method, "POST")
      || g_str_equal (method, "SOURCE");
}

static void
admit_upload (GstHttpServerSrc *self, GstSocketHttpRequest *request)
{
  const gchar *method = self->http->get_method (request);

  if (g_str_equal (method, "OPTIONS"))
    answer_allowed (self, request, 204);
  else if (!is_upload (method))
    answer_allowed (self, request, 405);
  else
    take_or_refuse (self, request);
}

/* --- titles --- */

typedef struct
{
  gchar *path;
  GstTagList *tags;
  guint n; /* uploads that it is about */
} Title;

static void
set_title (gpointer owner, gpointer data)
{
  Title *title = data;

  title->n += gst_http_lane_tag (owner, title->path, title->tags);
}

static gboolean
is_about_title (const gchar *query)
{
  g_autofree gchar *mode = gst_http_icy_dup_param (query, "mode");

  return g_strcmp0 (mode, "updinfo") == 0;
}

/* Any of the elements on this server may have what it is about. */
static void
admit_metadata (GstHttpServerSrc *self, GstSocketHttpRequest *request)
{
  const gchar *query = self->http->get_query (request);
  g_autofree gchar *mount = gst_http_icy_dup_param (query, "mount");
  g_autoptr (GstTagList) tags = gst_http_icy_tags_of_query (query);
  Title title = {.tags = tags};

  if (!is_about_title (query) || tags == NULL) {
    answer (self, request, 400, "There is no title in this.\n");
    return;
  }
  title.path = mount != NULL ? gst_socket_path_normalise (mount) : NULL;
  if (mount == NULL || title.path != NULL)
    self->http->foreach (self->metadata_mount, set_title, &title);
  g_free (title.path);
  if (title.n > 0)
    answer (self, request, 200, "The title was taken.\n");
  else
    answer (self, request, 404, "Nobody sends there.\n");
}

/* --- who is let in --- */

static gboolean
is_about_metadata (GstHttpServerSrc *self, GstSocketHttpRequest *request)
{
  return self->metadata_mount != NULL
      && g_str_equal (self->http->get_method (request), "GET")
      && g_strcmp0 (self->http->get_path (request), GST_HTTP_METADATA_PATH)
      == 0;
}

static void
on_admit (GstSocketHttpRequest *request, gpointer owner)
{
  if (is_about_metadata (owner, request))
    admit_metadata (owner, request);
  else
    admit_upload (owner, request);
}

static void
on_refuse (GstSocketHttpRequest *request, guint status, const gchar *challenge,
    gpointer owner)
{
  answer_with (owner, request, status, "WWW-Authenticate", challenge,
      gst_http_service_reason_of (status));
}

const GstHttpGuardFuncs gst_http_intake_guard_funcs = {
    .admit = on_admit,
    .refuse = on_refuse,
    .warning = gst_http_service_warn_of_users,
};

/* --- what the server reports --- */

static void
on_request (GstSocketHttpRequest *request, gpointer user_data)
{
  GstHttpServerSrc *self = user_data;

  gst_http_server_src_emit_request (self, request, 0, FALSE);
  gst_http_guard_ask (self->guard, request);
}

static void
on_finished (GstSocketHttpRequest *request, guint status, gpointer user_data)
{
  GstHttpServerSrc *self = user_data;

  gst_http_guard_forget (self->guard, request);
  gst_http_intake_end (self, request, status, self->http->get_sent (request));
}

static void
on_refused (guint64 count, const GError *error, gpointer user_data)
{
  GstHttpServerSrc *self = user_data;

  GST_ELEMENT_WARNING (self, RESOURCE, NO_SPACE_LEFT,
      (_ ("Senders are refused: this process may not open more files. Raise "
          "its limit (ulimit -n), or set \"max-uploads\".")),
      ("%" G_GUINT64_FORMAT " refused: %s", count, error->message));
}

static void
on_rejected (const GstSocketHttpRejection *rejection, GPtrArray *headers,
    gpointer user_data)
{
  GstHttpServerSrc *self = user_data;

  add_cors (self, NULL, rejection->origin, headers);
  if (rejection->status == 503)
    gst_http_headers_add (headers, "Retry-After", "2");
  gst_http_log_rejection (self->log, rejection);
}

const GstSocketHttpMountFuncs gst_http_intake_funcs = {
    .request = on_request,
    .finished = on_finished,
    .refused = on_refused,
    .warning = gst_http_service_warn_of_certificate,
    .rejected = on_rejected,
};

/* What the server as a whole reports is told by the other mount. */
const GstSocketHttpMountFuncs gst_http_metadata_funcs = {
    .request = on_request,
    .finished = on_finished,
};
