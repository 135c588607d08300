/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpcors.c: what pages of other sites may do, for all that serve HTTP
 *
 * Here: which origins are allowed, the fields that say so, whose pages may send.
 * Not here: what else an answer says.
 *
 * Threads   any
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpcors.h"
#include "gsthttpheaders.h"

#include <string.h>

GType
gst_http_cors_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_HTTP_CORS_AUTO, "If the request names its origin, and for all files",
          "auto"},
      {GST_HTTP_CORS_ON, "Always", "on"},
      {GST_HTTP_CORS_OFF, "Never", "off"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstHttpCors", values));
  return type;
}

gboolean
gst_http_cors_is_for_all (const gchar *sites)
{
  return sites == NULL || g_str_equal (sites, "*");
}

/* The origin to allow, or NULL. One of a list is allowed by name, and then an
 * answer depends on who asks. */
static const gchar *
find_allowed (GstHttpCors mode, const gchar *sites, const gchar *origin)
{
  g_auto (GStrv) list = NULL;

  if (mode == GST_HTTP_CORS_OFF
      || (mode == GST_HTTP_CORS_AUTO && origin == NULL))
    return NULL;
  if (gst_http_cors_is_for_all (sites))
    return "*";
  list = g_strsplit_set (sites, ", ", -1);
  return origin != NULL && g_strv_contains ((const gchar *const *) list, origin)
      ? origin
      : NULL;
}

/* Adds what the page of another site needs, to an answer. */
void
gst_http_cors_add (GstHttpCors mode, const gchar *sites,
    const GstHttpCorsAllowed *allowed, const gchar *method, const gchar *origin,
    GPtrArray *headers)
{
  const gchar *found = find_allowed (mode, sites, origin);

  if (mode != GST_HTTP_CORS_OFF && !gst_http_cors_is_for_all (sites))
    gst_http_headers_add (headers, "Vary", "Origin");
  if (found == NULL)
    return;
  gst_http_headers_add (headers, "Access-Control-Allow-Origin", found);
  if (allowed->exposed != NULL)
    gst_http_headers_add (
        headers, "Access-Control-Expose-Headers", allowed->exposed);
  if (g_strcmp0 (method, "OPTIONS") != 0)
    return;
  gst_http_headers_add (
      headers, "Access-Control-Allow-Methods", allowed->methods);
  gst_http_headers_add (
      headers, "Access-Control-Allow-Headers", allowed->fields);
  gst_http_headers_add (headers, "Access-Control-Max-Age", "86400");
}

/* Whether the page that sends something is one of this server, whose name is
 * @host, or is allowed. What is no page names no origin. Fields of answers do
 * not keep a page from sending: with POST browsers ask for leave only if the
 * content type is an unusual one. */
gboolean
gst_http_cors_may_send (GstHttpCors mode, const gchar *sites,
    const gchar *origin, const gchar *host)
{
  const gchar *own = origin != NULL ? strstr (origin, "://") : NULL;

  if (origin == NULL)
    return TRUE;
  if (own != NULL && host != NULL
      && g_ascii_strcasecmp (own + strlen ("://"), host) == 0)
    return TRUE;
  return find_allowed (mode, sites, origin) != NULL;
}
