/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttppushhead.c: the head of a request that uploads
 *
 * Here: its fields: length, credentials, the station, the application's own.
 * Not here: the body, answers.
 *
 * Threads   sender
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttppush-private.h"

#include <string.h>

/* What the body needs as it is; the application has no say in it. */
static const gchar *const own_fields[] = {"connection", "content-length",
    "expect", "host", "transfer-encoding", NULL};

const gchar *
gst_http_push_get_method (GstHttpPush *self)
{
  static const gchar *const names[] = {
      [GST_HTTP_METHOD_PUT] = "PUT",
      [GST_HTTP_METHOD_POST] = "POST",
      [GST_HTTP_METHOD_SOURCE] = "SOURCE",
  };

  return self->file.is_deletion ? "DELETE" : names[self->settings->method];
}

/* Icecast knows neither chunks nor lengths of sources. */
GstHttpUploadMode
gst_http_push_get_framing (GstHttpPush *self)
{
  if (self->settings->transfer_mode != GST_HTTP_UPLOAD_AUTO)
    return self->settings->transfer_mode;
  return self->settings->method == GST_HTTP_METHOD_SOURCE
      ? GST_HTTP_UPLOAD_CLOSE
      : GST_HTTP_UPLOAD_CHUNKED;
}

static gboolean
is_one_line (const gchar *text)
{
  return strpbrk (text, "\r\n") == NULL;
}

static void
append (GString *head, const gchar *name, const gchar *value)
{
  if (value != NULL && value[0] != '\0' && is_one_line (value))
    g_string_append_printf (head, "%s: %s\r\n", name, value);
}

static void
append_basic (
    GString *head, const gchar *name, const gchar *user, const gchar *password)
{
  g_autofree gchar *pair =
      g_strconcat (user, ":", password != NULL ? password : "", NULL);
  g_autofree gchar *base64 =
      g_base64_encode ((const guchar *) pair, strlen (pair));
  g_autofree gchar *value = g_strconcat ("Basic ", base64, NULL);

  append (head, name, value);
}

/* Only the server that they are for gets the credentials: a redirect may lead
 * anywhere. */
static gboolean
is_own_server (GstHttpPush *self)
{
  g_autoptr (GstHttpTarget) own = gst_http_target_new (self->file.url, NULL);

  return own != NULL && gst_http_target_is_same_server (own, self->file.target);
}

static void
append_credentials (GstHttpPush *self, GString *head)
{
  const GstHttpPushSettings *settings = self->settings;
  const GstHttpTarget *target = self->file.target;

  if (target->user != NULL) {
    append_basic (head, "Authorization", target->user, target->password);
  } else if (!is_own_server (self)) {
    return;
  } else if (settings->auth_token != NULL) {
    g_autofree gchar *value =
        g_strconcat ("Bearer ", settings->auth_token, NULL);

    append (head, "Authorization", value);
  } else if (settings->user_id != NULL || settings->user_pw != NULL) {
    append_basic (head, "Authorization",
        settings->user_id != NULL ? settings->user_id : "source",
        settings->user_pw);
  }
}

static void
append_proxy_credentials (GstHttpPush *self, GString *head)
{
  g_autoptr (GstHttpTarget) proxy = NULL;

  if (!self->link.is_through_proxy)
    return;
  proxy = gst_http_target_new (self->settings->proxy, NULL);
  if (proxy != NULL && proxy->user != NULL)
    append_basic (head, "Proxy-Authorization", proxy->user, proxy->password);
}

/* What radio servers tell their listeners. */
static void
append_station (GstHttpPush *self, GString *head)
{
  const GstHttpPushSettings *settings = self->settings;

  append (head, "ice-name", settings->streamname);
  append (head, "ice-genre", settings->genre);
  append (head, "ice-description", settings->description);
  append (head, "ice-url", settings->url);
  if (settings->method == GST_HTTP_METHOD_SOURCE)
    append (head, "ice-public", settings->is_public ? "1" : "0");
}

static void
append_value (GString *head, const gchar *name, const GValue *value)
{
  g_auto (GValue) text = G_VALUE_INIT;

  if (GST_VALUE_HOLDS_ARRAY (value)) {
    for (guint i = 0; i < gst_value_array_get_size (value); i++)
      append_value (head, name, gst_value_array_get_value (value, i));
    return;
  }
  g_value_init (&text, G_TYPE_STRING);
  if (g_value_transform (value, &text))
    append (head, name, g_value_get_string (&text));
}

static gboolean
append_own_cb (GQuark quark, const GValue *value, gpointer head)
{
  const gchar *name = g_quark_to_string (quark);
  g_autofree gchar *lower = g_ascii_strdown (name, -1);

  if (!g_strv_contains (own_fields, lower) && strpbrk (name, ":\r\n ") == NULL)
    append_value (head, name, value);
  return TRUE;
}

static void
append_framing (GstHttpPush *self, GString *head, gboolean is_expecting)
{
  if (self->file.is_deletion)
    return;
  if (self->settings->content_type != NULL)
    append (head, "Content-Type", self->settings->content_type);
  else
    append (head, "Content-Type", self->file.type);
  switch (gst_http_push_get_framing (self)) {
    case GST_HTTP_UPLOAD_CHUNKED:
      append (head, "Transfer-Encoding", "chunked");
      break;
    case GST_HTTP_UPLOAD_LENGTH:
      g_string_append_printf (
          head, "Content-Length: %" G_GUINT64_FORMAT "\r\n", self->file.length);
      break;
    default:
      append (head, "Connection", "close");
      break;
  }
  if (is_expecting)
    append (head, "Expect", "100-continue");
}

/* What every request has. */
static void
append_sender (GstHttpPush *self, GString *head)
{
  g_autofree gchar *authority =
      gst_http_target_dup_authority (self->file.target);

  append (head, "Host", authority);
  append (head, "User-Agent", self->settings->user_agent);
  append_credentials (self, head);
  append_proxy_credentials (self, head);
}

/* Returns: (transfer full): the fields of a request beside the upload */
gchar *
gst_http_push_make_fields (GstHttpPush *self)
{
  GString *fields = g_string_new (NULL);

  append_sender (self, fields);
  if (self->settings->extra_headers != NULL)
    gst_structure_foreach (
        self->settings->extra_headers, append_own_cb, fields);
  return g_string_free (fields, FALSE);
}

/* Returns: (transfer full): the head of a request for the file */
gchar *
gst_http_push_make_head (GstHttpPush *self, gboolean is_expecting)
{
  const GstHttpPushSettings *settings = self->settings;
  const GstHttpTarget *target = self->file.target;
  g_autofree gchar *authority = gst_http_target_dup_authority (target);
  GString *head = g_string_new (gst_http_push_get_method (self));
  gboolean is_source =
      settings->method == GST_HTTP_METHOD_SOURCE && !self->file.is_deletion;

  g_string_append_c (head, ' ');
  if (self->link.is_through_proxy)
    g_string_append_printf (head, "http://%s", authority);
  g_string_append_printf (
      head, "%s HTTP/1.%c\r\n", target->path, is_source ? '0' : '1');
  append_sender (self, head);
  append_framing (self, head, is_expecting);
  append_station (self, head);
  if (settings->extra_headers != NULL)
    gst_structure_foreach (settings->extra_headers, append_own_cb, head);
  g_string_append (head, "\r\n");
  return g_string_free (head, FALSE);
}
