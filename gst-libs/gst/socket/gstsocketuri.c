/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketuri.c: the URIs by which sockets are named
 *
 * Here: parsing text into a GstSocketUri and writing it back. The grammar is
 * RFC 3986's, by GLib; what is checked here is what each scheme may hold.
 * Not here: resolving names, sockets, anything that does input or output.
 *
 * Anything that is not understood is an error, never skipped: a parameter
 * with a typing error in it must not turn a listening socket into another.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketuri.h"

#include <string.h>

#define MAX_TTL 255

typedef enum
{
  PARAM_LISTEN = (1 << 0),
  PARAM_IFACE = (1 << 1),
  PARAM_TTL = (1 << 2),
  PARAM_TYPE = (1 << 3),
} Params;

typedef struct
{
  const gchar *name;
  GstSocketUriType type;
  guint params;
} Scheme;

static const Scheme schemes[] = {
    [GST_SOCKET_URI_TCP] = {"tcp", GST_SOCKET_URI_STREAM,
        PARAM_LISTEN | PARAM_IFACE | PARAM_TTL},
    [GST_SOCKET_URI_UDP] = {"udp", GST_SOCKET_URI_DATAGRAM,
        PARAM_LISTEN | PARAM_IFACE | PARAM_TTL},
    [GST_SOCKET_URI_UNIX] = {"unix", GST_SOCKET_URI_STREAM,
        PARAM_LISTEN | PARAM_TYPE},
    [GST_SOCKET_URI_UNIX_ABSTRACT] = {"unix-abstract", GST_SOCKET_URI_STREAM,
        PARAM_LISTEN | PARAM_TYPE},
};

static const gchar *const type_names[] = {
    [GST_SOCKET_URI_STREAM] = "stream",
    [GST_SOCKET_URI_DATAGRAM] = "datagram",
    [GST_SOCKET_URI_SEQPACKET] = "seqpacket",
};

/* What g_uri_split () yields, freed as one. */
typedef struct
{
  gchar *scheme;
  gchar *userinfo;
  gchar *host;
  gint port;
  gchar *path;
  gchar *query;
  gchar *fragment;
} Parts;

static void
clear_parts (Parts *parts)
{
  g_free (parts->scheme);
  g_free (parts->userinfo);
  g_free (parts->host);
  g_free (parts->path);
  g_free (parts->query);
  g_free (parts->fragment);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, clear_parts)

G_DEFINE_BOXED_TYPE (
    GstSocketUri, gst_socket_uri, gst_socket_uri_copy, gst_socket_uri_free)

static gboolean G_GNUC_PRINTF (2, 3)
    refuse (GError **error, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI, text);
  return FALSE;
}

static gboolean
parse_scheme (GstSocketUri *uri, const gchar *name, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++) {
    if (g_strcmp0 (schemes[i].name, name) == 0) {
      uri->scheme = i;
      uri->type = schemes[i].type;
      return TRUE;
    }
  }
  g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_UNSUPPORTED_PROTOCOL,
      "the scheme \"%s\" is none of tcp, udp, unix and unix-abstract", name);
  return FALSE;
}

static gboolean
is_v6 (const gchar *address)
{
  return strchr (address, ':') != NULL;
}

static gboolean
parse_source (GstSocketUri *uri, const gchar *source, GError **error)
{
  /* "udp://@group:port" is how other players write "receive from anyone". */
  if (source == NULL || (*source == '\0' && uri->scheme == GST_SOCKET_URI_UDP))
    return TRUE;
  if (uri->scheme != GST_SOCKET_URI_UDP)
    return refuse (error, "only udp takes something before \"@\"");
  if (!g_hostname_is_ip_address (source))
    return refuse (error, "the source \"%s\" is not an IP address", source);
  if (g_hostname_is_ip_address (uri->host)
      && is_v6 (uri->host) != is_v6 (source))
    return refuse (error, "source \"%s\" and group \"%s\" mix IPv4 and IPv6",
        source, uri->host);
  uri->source = g_strdup (source);
  return TRUE;
}

static gboolean
parse_port (GstSocketUri *uri, gint port, GError **error)
{
  if (port < 0)
    return refuse (error, "a port is missing");
  if (port > G_MAXUINT16)
    return refuse (error, "the port %d is above 65535", port);
  uri->port = port;
  return TRUE;
}

static gboolean
has_bad_character (const gchar *host)
{
  for (; *host != '\0'; host++) {
    if (g_ascii_iscntrl (*host) || strchr (" /\\?#@[]\"<>", *host) != NULL)
      return TRUE;
  }
  return FALSE;
}

static gboolean
parse_authority (GstSocketUri *uri, const Parts *parts, GError **error)
{
  if (parts->host == NULL)
    return refuse (error, "\"//\" and a host are missing");
  if (has_bad_character (parts->host))
    return refuse (error, "\"%s\" is not a host name", parts->host);
  if (strcmp (parts->path, "") != 0 && strcmp (parts->path, "/") != 0)
    return refuse (error, "the path \"%s\" means nothing here", parts->path);
  uri->host = g_strdup (parts->host);
  return parse_source (uri, parts->userinfo, error)
      && parse_port (uri, parts->port, error);
}

static gboolean
parse_path (GstSocketUri *uri, const Parts *parts, GError **error)
{
  const gchar *host = parts->host;
  gsize length = strlen (parts->path);

  if (parts->userinfo != NULL || parts->port >= 0)
    return refuse (error, "a UNIX socket has neither user nor port");
  if (uri->scheme == GST_SOCKET_URI_UNIX) {
    if (host == NULL || *host != '\0')
      return refuse (error, "write unix:///absolute/path, with three slashes");
    if (*parts->path != '/' || parts->path[1] == '\0')
      return refuse (error, "an absolute path is missing");
  } else if (host != NULL) {
    return refuse (error, "write unix-abstract:name, without \"//\"");
  }
  if (length == 0)
    return refuse (error, "a name is missing");
  if (length > GST_SOCKET_UNIX_PATH_MAX)
    return refuse (error,
        "the path is %" G_GSIZE_FORMAT " bytes long, at "
        "most %d are possible",
        length, GST_SOCKET_UNIX_PATH_MAX);
  uri->path = g_strdup (parts->path);
  return TRUE;
}

static gboolean
parse_listen (GstSocketUri *uri, const gchar *value, GError **error)
{
  gboolean yes = strcmp (value, "true") == 0;

  if (!yes && strcmp (value, "false") != 0)
    return refuse (error, "listen is true or false, not \"%s\"", value);
  uri->listen = yes;
  return TRUE;
}

static gboolean
parse_iface (GstSocketUri *uri, const gchar *value, GError **error)
{
  if (*value == '\0' || has_bad_character (value))
    return refuse (error, "\"%s\" is not a network interface", value);
  uri->iface = g_strdup (value);
  return TRUE;
}

static gboolean
parse_ttl (GstSocketUri *uri, const gchar *value, GError **error)
{
  guint64 ttl;

  if (!g_ascii_string_to_unsigned (value, 10, 0, MAX_TTL, &ttl, NULL))
    return refuse (
        error, "ttl is a number from 0 to %d, not \"%s\"", MAX_TTL, value);
  uri->ttl = (gint) ttl;
  return TRUE;
}

static gboolean
parse_type (GstSocketUri *uri, const gchar *value, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_names); i++) {
    if (strcmp (type_names[i], value) == 0) {
      uri->type = i;
      return TRUE;
    }
  }
  return refuse (
      error, "type is stream, datagram or seqpacket, not \"%s\"", value);
}

static const struct
{
  const gchar *name;
  Params param;
  gboolean (*parse) (GstSocketUri *uri, const gchar *value, GError **error);
} params[] = {
    {"listen", PARAM_LISTEN, parse_listen},
    {"iface", PARAM_IFACE, parse_iface},
    {"ttl", PARAM_TTL, parse_ttl},
    {"type", PARAM_TYPE, parse_type},
};

static gboolean
parse_param (GstSocketUri *uri, guint *seen, const gchar *name,
    const gchar *value, GError **error)
{
  const Scheme *scheme = &schemes[uri->scheme];

  for (guint i = 0; i < G_N_ELEMENTS (params); i++) {
    if (strcmp (params[i].name, name) != 0)
      continue;
    if (!(scheme->params & params[i].param))
      return refuse (error, "\"%s\" means nothing to %s", name, scheme->name);
    if (*seen & params[i].param)
      return refuse (error, "\"%s\" is given twice", name);
    *seen |= params[i].param;
    return params[i].parse (uri, value, error);
  }
  return refuse (error, "the parameter \"%s\" is unknown", name);
}

static gboolean
parse_query (GstSocketUri *uri, const gchar *query, GError **error)
{
  GUriParamsIter iter;
  g_autoptr (GError) broken = NULL;
  guint seen = 0;

  if (query == NULL)
    return TRUE;
  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_NONE);
  while (TRUE) {
    g_autofree gchar *name = NULL;
    g_autofree gchar *value = NULL;

    if (!g_uri_params_iter_next (&iter, &name, &value, &broken))
      break;
    if (!parse_param (uri, &seen, name, value, error))
      return FALSE;
  }
  if (broken != NULL)
    return refuse (error, "\"?%s\" is not a list of name=value", query);
  return TRUE;
}

/* What can only be judged once all is known. */
static gboolean
check_whole (const GstSocketUri *uri, GError **error)
{
  gboolean can_be_any = uri->listen || uri->scheme == GST_SOCKET_URI_UDP;

  if (uri->host == NULL || can_be_any)
    return TRUE;
  if (*uri->host == '\0')
    return refuse (error, "a host is missing");
  if (uri->port == 0)
    return refuse (error, "port 0 is only possible with listen=true");
  return TRUE;
}

static gboolean
parse_parts (GstSocketUri *uri, const Parts *parts, GError **error)
{
  gboolean is_unix;

  if (!parse_scheme (uri, parts->scheme, error))
    return FALSE;
  if (parts->fragment != NULL)
    return refuse (error, "\"#%s\" means nothing here", parts->fragment);
  is_unix = uri->scheme == GST_SOCKET_URI_UNIX
      || uri->scheme == GST_SOCKET_URI_UNIX_ABSTRACT;
  return (is_unix ? parse_path : parse_authority) (uri, parts, error)
      && parse_query (uri, parts->query, error) && check_whole (uri, error);
}

/**
 * gst_socket_uri_parse:
 * @text: the URI
 * @error: where to say what is wrong with it
 *
 * Parses one of
 *
 * * `tcp://host:port`
 * * `udp://host:port`, `udp://source@group:port`
 * * `unix:///absolute/path`
 * * `unix-abstract:name`
 *
 * with the parameters `?listen=true` (all), `iface=` and `ttl=` (tcp, udp) and
 * `type=stream|datagram|seqpacket` (unix, unix-abstract). An IPv6 address
 * stands in brackets. An empty host stands for any local address.
 *
 * Fails with #GST_URI_ERROR_UNSUPPORTED_PROTOCOL for another scheme and with
 * #GST_URI_ERROR_BAD_URI for anything else.
 *
 * Returns: (transfer full) (nullable): the parsed URI, or %NULL on error
 */
GstSocketUri *
gst_socket_uri_parse (const gchar *text, GError **error)
{
  g_autoptr (GstSocketUri) uri = NULL;
  g_autoptr (GError) broken = NULL;
  g_auto (Parts) parts = {
      NULL,
  };

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!g_uri_split (text, G_URI_FLAGS_ENCODED_QUERY, &parts.scheme,
          &parts.userinfo, &parts.host, &parts.port, &parts.path, &parts.query,
          &parts.fragment, &broken)) {
    refuse (error, "%s", broken->message);
    return NULL;
  }
  if (parts.scheme == NULL) {
    refuse (error, "it does not begin with a scheme such as \"tcp://\"");
    return NULL;
  }
  uri = g_new0 (GstSocketUri, 1);
  uri->ttl = -1;
  if (!parse_parts (uri, &parts, error))
    return NULL;
  return g_steal_pointer (&uri);
}

static void
append_host (GString *out, const gchar *host)
{
  gboolean bracket = is_v6 (host);

  if (bracket)
    g_string_append_c (out, '[');
  g_string_append_uri_escaped (out, host,
      bracket ? ":" : G_URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS, FALSE);
  if (bracket)
    g_string_append_c (out, ']');
}

static void
append_authority (GString *out, const GstSocketUri *uri)
{
  g_string_append (out, "://");
  if (uri->source != NULL) {
    g_string_append_uri_escaped (out, uri->source, ":", FALSE);
    g_string_append_c (out, '@');
  }
  append_host (out, uri->host);
  g_string_append_printf (out, ":%u", uri->port);
}

static void
append_param (
    GString *out, gchar *separator, const gchar *name, const gchar *value)
{
  g_string_append_printf (out, "%c%s=", *separator, name);
  g_string_append_uri_escaped (out, value, ":", FALSE);
  *separator = '&';
}

static void
append_query (GString *out, const GstSocketUri *uri)
{
  gchar separator = '?';

  if (uri->listen)
    append_param (out, &separator, "listen", "true");
  if (uri->iface != NULL)
    append_param (out, &separator, "iface", uri->iface);
  if (uri->ttl >= 0) {
    g_autofree gchar *ttl = g_strdup_printf ("%d", uri->ttl);

    append_param (out, &separator, "ttl", ttl);
  }
  if (uri->type != schemes[uri->scheme].type)
    append_param (out, &separator, "type", type_names[uri->type]);
}

/**
 * gst_socket_uri_to_string:
 * @uri: a URI
 *
 * Writes @uri so that gst_socket_uri_parse() yields an equal one. What has its
 * default value is left out.
 *
 * Returns: (transfer full): the text
 */
gchar *
gst_socket_uri_to_string (const GstSocketUri *uri)
{
  GString *out;

  g_return_val_if_fail (uri != NULL, NULL);

  out = g_string_new (schemes[uri->scheme].name);
  if (uri->host != NULL) {
    append_authority (out, uri);
  } else {
    g_string_append (out, uri->scheme == GST_SOCKET_URI_UNIX ? "://" : ":");
    g_string_append_uri_escaped (out, uri->path, "/", FALSE);
  }
  append_query (out, uri);
  return g_string_free (out, FALSE);
}

/**
 * gst_socket_uri_copy:
 * @uri: a URI
 *
 * Returns: (transfer full): a copy of @uri
 */
GstSocketUri *
gst_socket_uri_copy (const GstSocketUri *uri)
{
  GstSocketUri *copy;

  g_return_val_if_fail (uri != NULL, NULL);

  copy = g_memdup2 (uri, sizeof (*uri));
  copy->host = g_strdup (uri->host);
  copy->source = g_strdup (uri->source);
  copy->path = g_strdup (uri->path);
  copy->iface = g_strdup (uri->iface);
  return copy;
}

/**
 * gst_socket_uri_equal:
 * @a: a URI
 * @b: another
 *
 * Returns: %TRUE if both name the same socket with the same parameters
 */
gboolean
gst_socket_uri_equal (const GstSocketUri *a, const GstSocketUri *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return a->scheme == b->scheme && a->type == b->type && a->port == b->port
      && a->listen == b->listen && a->ttl == b->ttl
      && g_strcmp0 (a->host, b->host) == 0
      && g_strcmp0 (a->source, b->source) == 0
      && g_strcmp0 (a->path, b->path) == 0
      && g_strcmp0 (a->iface, b->iface) == 0;
}

/**
 * gst_socket_uri_free:
 * @uri: (nullable) (transfer full): a URI
 *
 * Frees @uri.
 */
void
gst_socket_uri_free (GstSocketUri *uri)
{
  if (uri == NULL)
    return;
  g_free (uri->host);
  g_free (uri->source);
  g_free (uri->path);
  g_free (uri->iface);
  g_free (uri);
}
