/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpuri.c: udp:// URIs as GStreamer's udpsrc reads them
 *
 * Here: text to address, port and sources, and back.
 * Not here: resolving names, joining groups.
 *
 * Pipelines in use write "udp://@239.1.1.1:5004", "udp://::1:5004" and leave
 * out host or port, none of which a strict parser takes. What is nonsense
 * (a port of 70000, a bracket without end) is an error here, though.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstudpuri.h"

#include <gio/gio.h>
#include <string.h>

static gboolean
fail (GError **error, const gchar *why)
{
  g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI, why);
  return FALSE;
}

/* Returns what follows "udp://", or NULL. */
static const gchar *
skip_scheme (const gchar *text)
{
  static const gchar *const schemes[] = {"udp://", "udpserver://"};

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++) {
    gsize size = strlen (schemes[i]);

    if (g_ascii_strncasecmp (text, schemes[i], size) == 0)
      return text + size;
  }
  return NULL;
}

static gboolean
parse_port (const gchar *digits, gint *ret_port)
{
  guint64 port;

  if (*digits == '\0') {
    *ret_port = 0;
    return TRUE;
  }
  if (!g_ascii_string_to_unsigned (digits, 10, 0, 65535, &port, NULL))
    return FALSE;
  *ret_port = port;
  return TRUE;
}

/* Splits "host:port", "[v6]:port" or "v6:port". */
static gboolean
parse_host (gchar *host, GstUdpUri *uri)
{
  gchar *colon;

  if (*host == '[') {
    gchar *end = strchr (host, ']');

    if (end == NULL || (end[1] != '\0' && end[1] != ':'))
      return FALSE;
    *end = '\0';
    uri->address = g_strdup (host + 1);
    return end[1] == '\0' || parse_port (end + 2, &uri->port);
  }
  colon = strrchr (host, ':');
  if (colon != NULL) {
    *colon = '\0';
    if (!parse_port (colon + 1, &uri->port))
      return FALSE;
  }
  uri->address = g_strdup (host);
  return TRUE;
}

/* VLC and others name the source of a source-specific group before the "@". */
static void
parse_user (const gchar *user, GstUdpUri *uri)
{
  if (g_hostname_is_ip_address (user))
    uri->sources = g_strdup (user);
}

static gboolean
parse_query (const gchar *query, GstUdpUri *uri, GError **error)
{
  g_autoptr (GHashTable) params =
      g_uri_parse_params (query, -1, "&", G_URI_PARAMS_NONE, error);
  const gchar *sources, *iface;

  if (params == NULL)
    return FALSE;
  sources = g_hash_table_lookup (params, "multicast-source");
  iface = g_hash_table_lookup (params, "iface");
  if (sources != NULL) {
    g_free (uri->sources);
    uri->sources = g_strdup (sources);
  }
  uri->iface = g_strdup (iface);
  return TRUE;
}

/**
 * gst_udp_uri_parse:
 * @text: `udp://[source@]host[:port][?multicast-source=...][&iface=...]`
 * @ret_uri: (out caller-allocates): what it says
 * @error: return location for a %GST_URI_ERROR, which says why and not what
 *
 * Returns: whether it could be understood; if not, @ret_uri is untouched
 */
gboolean
gst_udp_uri_parse (const gchar *text, GstUdpUri *ret_uri, GError **error)
{
  g_auto (GstUdpUri) uri = {0};
  g_autofree gchar *authority = NULL;
  g_autoptr (GError) why = NULL;
  const gchar *rest = skip_scheme (text), *query;
  gchar *at;

  if (rest == NULL) {
    g_set_error_literal (error, GST_URI_ERROR,
        GST_URI_ERROR_UNSUPPORTED_PROTOCOL, "it does not begin with udp://");
    return FALSE;
  }
  authority = g_strndup (rest, strcspn (rest, "/?#"));
  at = strrchr (authority, '@');
  if (at != NULL) {
    *at = '\0';
    parse_user (authority, &uri);
  }
  if (!parse_host (at != NULL ? at + 1 : authority, &uri))
    return fail (error, "the host or the port is malformed");
  query = strchr (rest, '?');
  if (query != NULL && !parse_query (query + 1, &uri, &why))
    return fail (error, why->message);
  *ret_uri = uri;
  memset (&uri, 0, sizeof uri);
  return TRUE;
}

void
gst_udp_uri_clear (GstUdpUri *uri)
{
  g_clear_pointer (&uri->address, g_free);
  g_clear_pointer (&uri->sources, g_free);
  g_clear_pointer (&uri->iface, g_free);
}

/**
 * gst_udp_uri_format:
 * @scheme: what to begin with
 * @address: a host name or an IP address
 * @port: the port
 *
 * Returns: (transfer full): the URI
 */
gchar *
gst_udp_uri_format (const gchar *scheme, const gchar *address, gint port)
{
  if (strchr (address, ':') != NULL)
    return g_strdup_printf ("%s://[%s]:%d", scheme, address, port);
  return g_strdup_printf ("%s://%s:%d", scheme, address, port);
}
