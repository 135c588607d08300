/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpservice.c: what all elements that serve HTTP have
 *
 * Here: the settings of the server, their properties, opening the library, the
 * guard and the log, what users are warned of.
 * Not here: requests and their answers.
 *
 * Threads   app: properties, opening    server: reasons, warnings
 * Locks     none; the caller holds OBJECT_LOCK around settings
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpservice.h"

#include <glib/gi18n-lib.h>

#define DEFAULT_PORT 8080
#define DEFAULT_HEADER_TIMEOUT (10 * GST_SECOND)
#define DEFAULT_KEEP_ALIVE_TIMEOUT (30 * GST_SECOND)
#define DEFAULT_MAX_CLIENT_ERRORS 20

#define AT(field) G_STRUCT_OFFSET (GstHttpServiceSettings, field)

/* Where a setting is kept; its kind is that of its property. */
static const gsize offsets[GST_HTTP_SERVICE_N_PROPS] = {
    [GST_HTTP_SERVICE_HOST] = AT (host),
    [GST_HTTP_SERVICE_PORT] = AT (port),
    [GST_HTTP_SERVICE_TLS_PORT] = AT (tls_port),
    [GST_HTTP_SERVICE_TLS_CERTIFICATE_FILE] = AT (certificate_file),
    [GST_HTTP_SERVICE_TLS_KEY_FILE] = AT (key_file),
    [GST_HTTP_SERVICE_HEADER_TIMEOUT] = AT (header_timeout),
    [GST_HTTP_SERVICE_KEEP_ALIVE_TIMEOUT] = AT (keep_alive_timeout),
    [GST_HTTP_SERVICE_MAX_CLIENT_ERRORS] = AT (max_client_errors),
    [GST_HTTP_SERVICE_AUTH] = AT (auth.mode),
    [GST_HTTP_SERVICE_AUTH_FILE] = AT (auth.file),
    [GST_HTTP_SERVICE_AUTH_TOKEN] = AT (auth.token),
    [GST_HTTP_SERVICE_AUTHORIZE_TIMEOUT] = AT (authorize_timeout),
    [GST_HTTP_SERVICE_AUTHORIZE_MESSAGES] = AT (authorize_messages),
    [GST_HTTP_SERVICE_ACCESS_LOG] = AT (access_log),
    [GST_HTTP_SERVICE_CORS] = AT (cors),
    [GST_HTTP_SERVICE_CORS_ORIGIN] = AT (cors_origin),
};

/* Returns: (transfer none): the field of a property, which is of its kind */
gpointer
gst_http_service_find (GstHttpServiceSettings *settings, guint which)
{
  return (guint8 *) settings + offsets[which];
}

/* --- properties --- */

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)
#define READY_FLAGS (FLAGS | GST_PARAM_MUTABLE_READY)
#define READ_FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static void
make_address (GParamSpec **props)
{
  props[GST_HTTP_SERVICE_HOST] = g_param_spec_string ("host", "Host",
      "Host name or address to listen on (default 127.0.0.1: this machine "
      "alone; \"::\" for everybody)",
      "127.0.0.1", READY_FLAGS);
  props[GST_HTTP_SERVICE_PORT] = g_param_spec_uint ("port", "Port",
      "TCP port to listen on (default 8080; 0 = any free one, see "
      "current-port). Elements with the same host and port share a server",
      0, 65535, DEFAULT_PORT, READY_FLAGS);
  props[GST_HTTP_SERVICE_TLS_PORT] = g_param_spec_int ("tls-port", "TLS port",
      "TCP port for HTTPS, besides the one for HTTP (default -1 = no HTTPS; 0 "
      "= any free one, see current-tls-port)",
      -1, 65535, -1, READY_FLAGS);
  props[GST_HTTP_SERVICE_TLS_CERTIFICATE_FILE] = g_param_spec_string (
      "tls-certificate-file", "TLS certificate file",
      "PEM file with the certificate and those that vouch for it (default: "
      "none). Read again when it changes; a broken one leaves the old in use",
      NULL, READY_FLAGS);
  props[GST_HTTP_SERVICE_TLS_KEY_FILE] = g_param_spec_string ("tls-key-file",
      "TLS key file",
      "PEM file with the certificate's key (default: the certificate's own)",
      NULL, READY_FLAGS);
}

static void
make_limits (GParamSpec **props, const GstHttpServiceTexts *texts)
{
  props[GST_HTTP_SERVICE_HEADER_TIMEOUT] = g_param_spec_uint64 (
      "header-timeout", "Header timeout",
      "Nanoseconds that the whole head of a request may take (default 10 s; 0 "
      "= any time)",
      0, G_MAXUINT64, DEFAULT_HEADER_TIMEOUT, READY_FLAGS);
  props[GST_HTTP_SERVICE_KEEP_ALIVE_TIMEOUT] = g_param_spec_uint64 (
      "keep-alive-timeout", "Keep-alive timeout", texts->keep_alive_blurb, 0,
      G_MAXUINT64, DEFAULT_KEEP_ALIVE_TIMEOUT, READY_FLAGS);
  props[GST_HTTP_SERVICE_MAX_CLIENT_ERRORS] = g_param_spec_uint (
      "max-client-errors", "Max client errors",
      "Errors in a row after which a connection is closed (default 20; 0 = any "
      "number)",
      0, G_MAXUINT, DEFAULT_MAX_CLIENT_ERRORS, READY_FLAGS);
}

static void
make_access (GParamSpec **props, const GstHttpServiceTexts *texts)
{
  props[GST_HTTP_SERVICE_AUTH] = gst_http_guard_make_auth ();
  props[GST_HTTP_SERVICE_AUTH_FILE] = gst_http_guard_make_auth_file ();
  props[GST_HTTP_SERVICE_AUTH_TOKEN] = gst_http_guard_make_auth_token ();
  props[GST_HTTP_SERVICE_AUTHORIZE_TIMEOUT] =
      gst_http_guard_make_authorize_timeout ();
  props[GST_HTTP_SERVICE_AUTHORIZE_MESSAGES] =
      gst_http_guard_make_authorize_messages ();
  props[GST_HTTP_SERVICE_ACCESS_LOG] = gst_http_log_make_property ();
  props[GST_HTTP_SERVICE_CORS] = g_param_spec_enum ("cors", "CORS",
      texts->cors_blurb, GST_TYPE_HTTP_CORS, texts->cors, FLAGS);
  props[GST_HTTP_SERVICE_CORS_ORIGIN] =
      g_param_spec_string ("cors-origin", "CORS origin",
          "Which sites those are, with commas between (default \"*\": all)",
          "*", FLAGS);
}

void
gst_http_service_make_props (
    GParamSpec **props, const GstHttpServiceTexts *texts)
{
  make_address (props);
  make_limits (props, texts);
  make_access (props, texts);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_AUTH, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_CORS, 0);
}

GParamSpec *
gst_http_service_make_current_port (void)
{
  return g_param_spec_uint ("current-port", "Current port",
      "TCP port it listens on now (0 = none)", 0, 65535, 0, READ_FLAGS);
}

GParamSpec *
gst_http_service_make_current_tls_port (void)
{
  return g_param_spec_uint ("current-tls-port", "Current TLS port",
      "TCP port it listens on for HTTPS now (0 = none)", 0, 65535, 0,
      READ_FLAGS);
}

/* --- opening --- */

/* Returns: (nullable) (transfer none): the library; an error is posted without
 * it */
const GstSocketHttpApi *
gst_http_service_open (GstElement *element)
{
  g_autoptr (GError) error = NULL;
  const GstSocketHttpApi *http = gst_http_library_open (&error);

  if (http == NULL)
    GST_ELEMENT_ERROR (element, LIBRARY, INIT,
        (_ ("HTTP cannot be served in this process: %s"), error->message),
        (NULL));
  return http;
}

/* What a mount wants of its server; its paths are still to be said. */
GstSocketHttpSettings
gst_http_service_get_wanted (const GstHttpServiceSettings *settings)
{
  GstSocketHttpSettings wanted = {.host = settings->host,
      .port = settings->port,
      .tls_port = settings->tls_port,
      .certificate_file = settings->certificate_file,
      .key_file = settings->key_file,
      .header_timeout = settings->header_timeout,
      .keep_alive_timeout = settings->keep_alive_timeout,
      .max_client_errors = settings->max_client_errors};

  return wanted;
}

/* Leaves NULL where none is wanted. */
gboolean
gst_http_service_open_log (const GstHttpServiceSettings *settings,
    GstHttpLog **ret_log, GError **error)
{
  const gchar *path = settings->access_log;

  if (path == NULL || path[0] == '\0')
    return TRUE;
  *ret_log = gst_http_log_new (path, error);
  return *ret_log != NULL;
}

GstHttpGuard *
gst_http_service_open_guard (const GstHttpServiceSettings *settings,
    const GstSocketHttpApi *http, const GstHttpGuardFuncs *funcs,
    gpointer owner, GError **error)
{
  GstHttpGuard *guard =
      gst_http_guard_new (http, &settings->auth, funcs, owner, error);

  if (guard != NULL)
    gst_http_guard_set_asking (
        guard, settings->authorize_timeout, settings->authorize_messages);
  return guard;
}

/* --- refusals and warnings --- */

const gchar *
gst_http_service_reason_of (guint status)
{
  switch (status) {
    case 401:
      return "Credentials are needed here.\n";
    case 403:
      return "This is not for you.\n";
    case 503:
      return "There is too much to do now.\n";
    default:
      return "This was refused.\n";
  }
}

void
gst_http_service_warn_of_users (const GError *error, gpointer element)
{
  GST_ELEMENT_WARNING (element, RESOURCE, SETTINGS,
      (_ ("The file of users has changed, and not all of it can be used: %s"),
          error->message),
      (NULL));
}

void
gst_http_service_warn_of_certificate (const GError *error, gpointer element)
{
  GST_ELEMENT_WARNING (element, RESOURCE, SETTINGS,
      (_ ("The certificate has changed and cannot be used; the old one stays: "
          "%s"),
          error->message),
      (NULL));
}
