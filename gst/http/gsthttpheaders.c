/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpheaders.c: what every answer of httpserversink says
 *
 * Here: CORS, times, the application's own headers, answers with a body.
 * Not here: the head of a live stream (gsthttplive.c).
 *
 * Threads   server: all of it
 * Locks     OBJECT_LOCK, while settings are read
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversink-private.h"

#include <string.h>

#define EXPOSED                                                                \
  "Content-Length, Content-Range, Icy-MetaInt, Icy-Name, Date, Server-UTC"

void
gst_http_headers_add (GPtrArray *headers, const gchar *name, const gchar *value)
{
  g_ptr_array_add (headers, g_strdup (name));
  g_ptr_array_add (headers, g_strdup (value));
}

/* Sets a field that may be there already. */
static void
put (GPtrArray *headers, const gchar *name, const gchar *value)
{
  for (guint i = 0; i < headers->len; i += 2) {
    gchar **old = (gchar **) &g_ptr_array_index (headers, i + 1);

    if (g_ascii_strcasecmp (g_ptr_array_index (headers, i), name) != 0)
      continue;
    g_free (*old);
    *old = g_strdup (value);
    return;
  }
  gst_http_headers_add (headers, name, value);
}

/* Answers depend on one more field of requests. */
void
gst_http_headers_vary (GPtrArray *headers, const gchar *name)
{
  for (guint i = 0; i < headers->len; i += 2) {
    gchar **value = (gchar **) &g_ptr_array_index (headers, i + 1);
    g_autofree gchar *old = NULL;

    if (!g_str_equal (g_ptr_array_index (headers, i), "Vary"))
      continue;
    old = *value;
    *value = g_strdup_printf ("%s, %s", old, name);
    return;
  }
  gst_http_headers_add (headers, "Vary", name);
}

/* --- CORS --- */

static void
add_cors (GstHttpServerSink *self, const gchar *method, const gchar *origin,
    GPtrArray *headers)
{
  static const GstHttpCorsAllowed allowed = {
      .methods = "GET, HEAD, OPTIONS",
      .fields = "Range, Icy-MetaData, Authorization",
      .exposed = EXPOSED,
  };
  const GstHttpServiceSettings *settings = &self->settings.service;

  GST_OBJECT_LOCK (self);
  gst_http_cors_add (
      settings->cors, settings->cors_origin, &allowed, method, origin, headers);
  GST_OBJECT_UNLOCK (self);
}

/* --- the application's own --- */

/* What says where an answer ends, who gives it and of what type it is, is not
 * the same for all, or ours to say. */
static gboolean
is_name (const gchar *name)
{
  static const gchar *const ours[] = {"Connection", "Content-Length",
      "Content-Type", "Date", "Server", "Transfer-Encoding", NULL};

  if (name[0] == '\0')
    return FALSE;
  for (const gchar *p = name; *p != '\0'; p++) {
    if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
      return FALSE;
  }
  for (guint i = 0; ours[i] != NULL; i++) {
    if (g_ascii_strcasecmp (ours[i], name) == 0)
      return FALSE;
  }
  return TRUE;
}

/* Whether a text may stand behind a field's name. */
gboolean
gst_http_headers_is_value (const gchar *text)
{
  for (; *text != '\0'; text++) {
    if (((guchar) *text < 0x20 && *text != '\t') || *text == 0x7f)
      return FALSE;
  }
  return TRUE;
}

/* Sets a field of the application's own, which counts more than ours. What
 * would begin another line is its mistake, and left out. */
void
gst_http_headers_add_own (
    GPtrArray *headers, const gchar *name, const gchar *value)
{
  if (!is_name (name) || !gst_http_headers_is_value (value))
    return;
  if (g_ascii_strcasecmp (name, "Vary") == 0)
    gst_http_headers_vary (headers, value);
  else
    put (headers, name, value);
}

static gboolean
add_own (GQuark name, const GValue *value, gpointer user_data)
{
  g_auto (GValue) text = G_VALUE_INIT;

  g_value_init (&text, G_TYPE_STRING);
  if (g_value_transform (value, &text) && g_value_get_string (&text) != NULL)
    gst_http_headers_add_own (
        user_data, g_quark_to_string (name), g_value_get_string (&text));
  return TRUE;
}

static gboolean
is_other_name (GQuark name, const GValue *value, gpointer wanted)
{
  return g_ascii_strcasecmp (g_quark_to_string (name), wanted) != 0;
}

/* Sets a field in the place of what all answers have, unless the application
 * has set it. */
void
gst_http_headers_put (GstHttpServerSink *self, GPtrArray *headers,
    const gchar *name, const gchar *value)
{
  gboolean is_own;

  GST_OBJECT_LOCK (self);
  is_own = self->settings.headers != NULL
      && !gst_structure_foreach (
          self->settings.headers, is_other_name, (gpointer) name);
  GST_OBJECT_UNLOCK (self);
  if (!is_own)
    put (headers, name, value);
}

/* What a cache keeps it gives to all, also to those whose requests name an
 * origin when the first one did not. Where all origins are allowed, that need
 * not be told apart. */
void
gst_http_headers_share (GstHttpServerSink *self, GPtrArray *headers)
{
  gboolean is_for_all;

  GST_OBJECT_LOCK (self);
  is_for_all = self->settings.service.cors == GST_HTTP_CORS_AUTO
      && g_strcmp0 (self->settings.service.cors_origin, "*") == 0;
  GST_OBJECT_UNLOCK (self);
  if (!is_for_all)
    return;
  gst_http_headers_put (self, headers, "Access-Control-Allow-Origin", "*");
  gst_http_headers_put (
      self, headers, "Access-Control-Expose-Headers", EXPOSED);
}

/* --- all headers --- */

/* What all answers have. */
static void
add_common (GstHttpServerSink *self, const gchar *method, const gchar *origin,
    GPtrArray *headers)
{
  g_autofree gchar *utc = NULL;

  gst_http_headers_add (headers, "Cache-Control", "no-store");
  gst_http_headers_add (headers, "X-Content-Type-Options", "nosniff");
  add_cors (self, method, origin, headers);
  GST_OBJECT_LOCK (self);
  if (self->settings.headers != NULL)
    gst_structure_foreach (self->settings.headers, add_own, headers);
  if (self->settings.server_utc)
    utc = g_strdup_printf (
        "%" G_GINT64_FORMAT, g_get_real_time () / G_TIME_SPAN_MILLISECOND);
  GST_OBJECT_UNLOCK (self);
  if (utc != NULL)
    put (headers, "Server-UTC", utc);
}

/* Returns: (transfer full): what all answers to a request have */
GPtrArray *
gst_http_headers_new (GstHttpServerSink *self, GstSocketHttpRequest *request)
{
  GPtrArray *headers = g_ptr_array_new_with_free_func (g_free);

  add_common (self, self->http->get_method (request),
      self->http->get_header (request, "Origin"), headers);
  return headers;
}

/* Adds that to the answer to what was no request. */
void
gst_http_headers_add_common (
    GstHttpServerSink *self, const gchar *origin, GPtrArray *headers)
{
  add_common (self, NULL, origin, headers);
}

/* --- answers --- */

/* Answers; takes the headers. */
void
gst_http_answer (GstHttpServerSink *self, GstSocketHttpRequest *request,
    guint status, GPtrArray *headers, const gchar *type, GBytes *body)
{
  g_autoptr (GPtrArray) owned = headers;
  GstSocketHttpAnswer answer = {
      .status = status, .body = body, .content_type = type};

  if (status == 503)
    gst_http_headers_add (owned, "Retry-After", "2");
  g_ptr_array_add (owned, NULL);
  answer.headers = (const gchar *const *) owned->pdata;
  self->http->answer (request, &answer);
}

void
gst_http_answer_text (GstHttpServerSink *self, GstSocketHttpRequest *request,
    guint status, const gchar *text)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));

  gst_http_answer (self, request, status, gst_http_headers_new (self, request),
      "text/plain; charset=utf-8", body);
}
