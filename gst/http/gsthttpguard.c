/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpguard.c: who is let in, for all elements that serve HTTP
 *
 * Here: credentials, the properties for them.
 * Not here: how credentials are compared (the HTTP library), answers.
 *
 * Threads   app: new, free, properties    server: all else
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpguard.h"

struct _GstHttpGuard
{
  /* immutable */
  const GstSocketHttpApi *http;
  const GstHttpGuardFuncs *funcs;
  gpointer owner;
  GstSocketHttpAuth *auth; /* NULL where no credentials are needed */
};

/* --- life --- */

static gchar *
non_empty (gchar *text)
{
  return text != NULL && text[0] != '\0' ? text : NULL;
}

/* Fails when settings do not fit together, or the file of users is no good. */
GstHttpGuard *
gst_http_guard_new (const GstSocketHttpApi *http,
    const GstSocketHttpAuthSettings *settings, const GstHttpGuardFuncs *funcs,
    gpointer owner, GError **error)
{
  GstSocketHttpAuthSettings wanted = {.mode = settings->mode,
      .file = non_empty (settings->file),
      .token = non_empty (settings->token)};
  g_autoptr (GstHttpGuard) self = g_new0 (GstHttpGuard, 1);

  self->http = http;
  self->funcs = funcs;
  self->owner = owner;
  if (!http->auth_new (&wanted, &self->auth, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
gst_http_guard_free (GstHttpGuard *self)
{
  if (self == NULL)
    return;
  self->http->auth_free (self->auth);
  g_free (self);
}

/* --- requests --- */

static void
on_credentials (GstSocketHttpRequest *request, guint status,
    const gchar *challenge, gpointer user_data)
{
  GstHttpGuard *self = user_data;

  if (status == 0)
    self->funcs->admit (request, self->owner);
  else
    self->funcs->refuse (request, status, challenge, self->owner);
}

/* What a browser asks on behalf of a page of another site, before it asks for
 * the thing itself, comes without credentials, and gets nothing. */
void
gst_http_guard_ask (GstHttpGuard *self, GstSocketHttpRequest *request)
{
  g_autoptr (GError) error = NULL;

  if (self->auth == NULL
      || g_str_equal (self->http->get_method (request), "OPTIONS")) {
    self->funcs->admit (request, self->owner);
    return;
  }
  if (!self->http->auth_refresh (self->auth, &error))
    self->funcs->warning (error, self->owner);
  self->http->auth_check (self->auth, request, on_credentials, self);
}

/* --- properties --- */

#define FLAGS (G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

GType
gst_http_auth_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_SOCKET_HTTP_AUTH_NONE, "None are needed", "none"},
      {GST_SOCKET_HTTP_AUTH_BASIC,
          "A name and a password of the file auth-file", "basic"},
      {GST_SOCKET_HTTP_AUTH_BEARER, "The token auth-token", "bearer"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstHttpAuth", values));
  return type;
}

GParamSpec *
gst_http_guard_make_auth (void)
{
  return g_param_spec_enum ("auth", "Authentication",
      "Which credentials every request needs (default none). They can be read "
      "on the way, unless it is HTTPS",
      GST_TYPE_HTTP_AUTH, GST_SOCKET_HTTP_AUTH_NONE, FLAGS | G_PARAM_READWRITE);
}

GParamSpec *
gst_http_guard_make_auth_file (void)
{
  return g_param_spec_string ("auth-file", "Authentication file",
      "File of users for auth=basic (default: none), with a line NAME:HASH "
      "for each, as htpasswd -B and mkpasswd make it ($2y$, $5$, $6$, $y$), or "
      "NAME:{PLAIN}PASSWORD. Read again when it changes",
      NULL, FLAGS | G_PARAM_READWRITE);
}

/* It cannot be read back: properties end up in logs and in pictures of
 * pipelines. */
GParamSpec *
gst_http_guard_make_auth_token (void)
{
  return g_param_spec_string ("auth-token", "Authentication token",
      "Token for auth=bearer (default: none); it cannot be read back", NULL,
      FLAGS | G_PARAM_WRITABLE);
}
