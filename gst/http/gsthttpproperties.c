/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpproperties.c: properties of httpserversink
 *
 * Here: the properties, where each one is kept, their defaults.
 * Not here: what the settings do.
 *
 * Threads   app: all of it
 * Locks     OBJECT_LOCK guards settings; not held while notifying
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversink-private.h"

#include <gst/socket/gstsocketframings.h>
#include <gst/socket/gstsocketrange.h>

#define DEFAULT_PORT 8080
#define DEFAULT_HEADER_TIMEOUT (10 * GST_SECOND)
#define DEFAULT_KEEP_ALIVE_TIMEOUT (30 * GST_SECOND)
#define DEFAULT_MAX_CLIENT_ERRORS 20
#define DEFAULT_UPLOAD_MAX_SIZE (1024 * 1024 * 1024)

enum
{
  PROP_0,
  PROP_HOST,
  PROP_PORT,
  PROP_TLS_PORT,
  PROP_TLS_CERTIFICATE_FILE,
  PROP_TLS_KEY_FILE,
  PROP_PATH,
  PROP_CONTENT_TYPE,
  PROP_TRANSFER_MODE,
  PROP_HEADERS,
  PROP_CORS,
  PROP_CORS_ORIGIN,
  PROP_HOLD,
  PROP_ON_EOS,
  PROP_HOLD_TIMEOUT,
  PROP_MAX_CLIENTS_PER_IP,
  PROP_HEADER_TIMEOUT,
  PROP_KEEP_ALIVE_TIMEOUT,
  PROP_MAX_CLIENT_ERRORS,
  PROP_ICY,
  PROP_ICY_METAINT,
  PROP_SERVER_UTC,
  PROP_INDEX_PAGE,
  PROP_STATUS_PATH,
  PROP_METRICS_PATH,
  PROP_AUTH,
  PROP_AUTH_FILE,
  PROP_AUTH_TOKEN,
  PROP_AUTHORIZE_TIMEOUT,
  PROP_AUTHORIZE_MESSAGES,
  PROP_ACCESS_LOG,
  PROP_UPLOAD_ROOT,
  PROP_UPLOAD_MAX_SIZE,
  N_SETTINGS,
  PROP_CURRENT_PORT = N_SETTINGS,
  PROP_CURRENT_TLS_PORT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* Where a setting is kept; its kind is that of its property. */
static const gsize offsets[N_SETTINGS] = {
    [PROP_HOST] = G_STRUCT_OFFSET (GstHttpSettings, host),
    [PROP_PORT] = G_STRUCT_OFFSET (GstHttpSettings, port),
    [PROP_TLS_PORT] = G_STRUCT_OFFSET (GstHttpSettings, tls_port),
    [PROP_TLS_CERTIFICATE_FILE] =
        G_STRUCT_OFFSET (GstHttpSettings, certificate_file),
    [PROP_TLS_KEY_FILE] = G_STRUCT_OFFSET (GstHttpSettings, key_file),
    [PROP_PATH] = G_STRUCT_OFFSET (GstHttpSettings, path),
    [PROP_CONTENT_TYPE] = G_STRUCT_OFFSET (GstHttpSettings, content_type),
    [PROP_TRANSFER_MODE] = G_STRUCT_OFFSET (GstHttpSettings, transfer_mode),
    [PROP_HEADERS] = G_STRUCT_OFFSET (GstHttpSettings, headers),
    [PROP_CORS] = G_STRUCT_OFFSET (GstHttpSettings, cors),
    [PROP_CORS_ORIGIN] = G_STRUCT_OFFSET (GstHttpSettings, cors_origin),
    [PROP_HOLD] = G_STRUCT_OFFSET (GstHttpSettings, hold),
    [PROP_ON_EOS] = G_STRUCT_OFFSET (GstHttpSettings, on_eos),
    [PROP_HOLD_TIMEOUT] = G_STRUCT_OFFSET (GstHttpSettings, hold_timeout),
    [PROP_MAX_CLIENTS_PER_IP] =
        G_STRUCT_OFFSET (GstHttpSettings, max_clients_per_ip),
    [PROP_HEADER_TIMEOUT] = G_STRUCT_OFFSET (GstHttpSettings, header_timeout),
    [PROP_KEEP_ALIVE_TIMEOUT] =
        G_STRUCT_OFFSET (GstHttpSettings, keep_alive_timeout),
    [PROP_MAX_CLIENT_ERRORS] =
        G_STRUCT_OFFSET (GstHttpSettings, max_client_errors),
    [PROP_ICY] = G_STRUCT_OFFSET (GstHttpSettings, icy),
    [PROP_ICY_METAINT] = G_STRUCT_OFFSET (GstHttpSettings, icy_metaint),
    [PROP_SERVER_UTC] = G_STRUCT_OFFSET (GstHttpSettings, server_utc),
    [PROP_INDEX_PAGE] = G_STRUCT_OFFSET (GstHttpSettings, index_page),
    [PROP_STATUS_PATH] = G_STRUCT_OFFSET (GstHttpSettings, status_path),
    [PROP_METRICS_PATH] = G_STRUCT_OFFSET (GstHttpSettings, metrics_path),
    [PROP_AUTH] = G_STRUCT_OFFSET (GstHttpSettings, auth.mode),
    [PROP_AUTH_FILE] = G_STRUCT_OFFSET (GstHttpSettings, auth.file),
    [PROP_AUTH_TOKEN] = G_STRUCT_OFFSET (GstHttpSettings, auth.token),
    [PROP_AUTHORIZE_TIMEOUT] =
        G_STRUCT_OFFSET (GstHttpSettings, authorize_timeout),
    [PROP_AUTHORIZE_MESSAGES] =
        G_STRUCT_OFFSET (GstHttpSettings, authorize_messages),
    [PROP_ACCESS_LOG] = G_STRUCT_OFFSET (GstHttpSettings, access_log),
    [PROP_UPLOAD_ROOT] = G_STRUCT_OFFSET (GstHttpSettings, upload_root),
    [PROP_UPLOAD_MAX_SIZE] = G_STRUCT_OFFSET (GstHttpSettings, upload_max_size),
};

/* --- types --- */

#define GST_TYPE_HTTP_TRANSFER_MODE (gst_http_transfer_mode_get_type ())
static GType
gst_http_transfer_mode_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_HTTP_TRANSFER_AUTO,
          "Chunks for video to HTTP/1.1, else up to the end", "auto"},
      {GST_HTTP_TRANSFER_CHUNKED, "Chunks, but to HTTP/1.0", "chunked"},
      {GST_HTTP_TRANSFER_CLOSE, "Up to the end of the connection", "close"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstHttpTransferMode", values));
  return type;
}

#define GST_TYPE_HTTP_CORS (gst_http_cors_get_type ())
static GType
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

#define GST_TYPE_HTTP_ON_EOS (gst_http_on_eos_get_type ())
static GType
gst_http_on_eos_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_HTTP_ON_EOS_CLOSE, "End the listeners' streams", "close"},
      {GST_HTTP_ON_EOS_HOLD, "Keep the listeners for another stream", "hold"},
      {GST_HTTP_ON_EOS_QUIT, "End when all listeners have received everything",
          "quit"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstHttpOnEos", values));
  return type;
}

/* --- access --- */

/* A path is kept as requests name it, or not at all. */
static gchar *
clean_path (GstHttpServerSink *self, const gchar *path)
{
  g_autofree gchar *rooted = NULL;
  gchar *clean;

  if (path == NULL || path[0] == '\0')
    return NULL;
  rooted = path[0] == '/' ? g_strdup (path) : g_strconcat ("/", path, NULL);
  clean = gst_socket_path_normalise (rooted);
  if (clean == NULL)
    g_warning ("%s: \"%s\" is no path", GST_OBJECT_NAME (self), path);
  return clean;
}

static void
set_string (
    GstHttpServerSink *self, guint id, gchar **field, const GValue *value)
{
  const gchar *text = g_value_get_string (value);
  gchar *owned;

  if (id == PROP_PATH || id == PROP_STATUS_PATH || id == PROP_METRICS_PATH)
    owned = clean_path (self, text);
  else
    owned = g_strdup (text);
  if (owned == NULL && (id == PROP_PATH || id == PROP_HOST)) {
    g_warning ("%s: a host and a path are needed", GST_OBJECT_NAME (self));
    return;
  }
  g_free (*field);
  *field = owned;
}

static void
set_setting_locked (GstHttpServerSink *self, guint id, const GValue *value)
{
  gpointer field = (guint8 *) &self->settings + offsets[id];

  if (G_VALUE_HOLDS_STRING (value)) {
    set_string (self, id, field, value);
  } else if (G_VALUE_HOLDS_BOOLEAN (value)) {
    *(gboolean *) field = g_value_get_boolean (value);
  } else if (G_VALUE_HOLDS_ENUM (value)) {
    *(gint *) field = g_value_get_enum (value);
  } else if (G_VALUE_HOLDS_INT (value)) {
    *(gint *) field = g_value_get_int (value);
  } else if (G_VALUE_HOLDS_UINT (value)) {
    *(guint *) field = g_value_get_uint (value);
  } else if (G_VALUE_HOLDS_UINT64 (value)) {
    *(guint64 *) field = g_value_get_uint64 (value);
  } else {
    g_clear_pointer ((GstStructure **) field, gst_structure_free);
    *(GstStructure **) field = g_value_dup_boxed (value);
  }
}

static void
get_setting_locked (GstHttpServerSink *self, guint id, GValue *value)
{
  gconstpointer field = (guint8 *) &self->settings + offsets[id];

  if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, *(gchar *const *) field);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_value_set_boolean (value, *(const gboolean *) field);
  else if (G_VALUE_HOLDS_ENUM (value))
    g_value_set_enum (value, *(const gint *) field);
  else if (G_VALUE_HOLDS_INT (value))
    g_value_set_int (value, *(const gint *) field);
  else if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, *(const guint *) field);
  else if (G_VALUE_HOLDS_UINT64 (value))
    g_value_set_uint64 (value, *(const guint64 *) field);
  else
    g_value_set_boxed (value, *(GstStructure *const *) field);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (object);

  GST_OBJECT_LOCK (self);
  if (id > PROP_0 && id < N_SETTINGS)
    set_setting_locked (self, id, value);
  else if (!gst_http_file_props_set_locked (self, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstHttpServerSink *self = GST_HTTP_SERVER_SINK (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_CURRENT_PORT)
    g_value_set_uint (value, self->current_port);
  else if (id == PROP_CURRENT_TLS_PORT)
    g_value_set_uint (value, self->current_tls_port);
  else if (id > PROP_0 && id < N_SETTINGS)
    get_setting_locked (self, id, value);
  else if (!gst_http_file_props_get_locked (self, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

void
gst_http_server_sink_notify_ports (GstHttpServerSink *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CURRENT_PORT]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CURRENT_TLS_PORT]);
}

/* --- the properties --- */

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)
#define READY_FLAGS (FLAGS | GST_PARAM_MUTABLE_READY)

static GParamSpec *
string_prop (const gchar *name, const gchar *nick, const gchar *blurb,
    const gchar *value, gint flags)
{
  return g_param_spec_string (name, nick, blurb, value, flags);
}

static void
make_server (void)
{
  props[PROP_HOST] = string_prop ("host", "Host",
      "Host name or address to listen on (default 127.0.0.1: this machine "
      "alone; \"::\" for everybody)",
      "127.0.0.1", READY_FLAGS);
  props[PROP_PORT] = g_param_spec_uint ("port", "Port",
      "TCP port to listen on (default 8080; 0 = any free one, see "
      "current-port). Elements with the same host and port share a server",
      0, 65535, DEFAULT_PORT, READY_FLAGS);
  props[PROP_TLS_PORT] = g_param_spec_int ("tls-port", "TLS port",
      "TCP port for HTTPS, besides the one for HTTP (default -1 = no HTTPS; 0 "
      "= any free one, see current-tls-port)",
      -1, 65535, -1, READY_FLAGS);
  props[PROP_TLS_CERTIFICATE_FILE] = string_prop ("tls-certificate-file",
      "TLS certificate file",
      "PEM file with the certificate and those that vouch for it (default: "
      "none). Read again when it changes; a broken one leaves the old in use",
      NULL, READY_FLAGS);
  props[PROP_TLS_KEY_FILE] = string_prop ("tls-key-file", "TLS key file",
      "PEM file with the certificate's key (default: the certificate's own)",
      NULL, READY_FLAGS);
  props[PROP_HEADER_TIMEOUT] = g_param_spec_uint64 ("header-timeout",
      "Header timeout",
      "Nanoseconds that the whole head of a request may take (default 10 s; 0 "
      "= any time)",
      0, G_MAXUINT64, DEFAULT_HEADER_TIMEOUT, READY_FLAGS);
  props[PROP_KEEP_ALIVE_TIMEOUT] = g_param_spec_uint64 ("keep-alive-timeout",
      "Keep-alive timeout",
      "Nanoseconds that a connection may wait for its next request (default 30 "
      "s; 0 = any time). It never ends a stream",
      0, G_MAXUINT64, DEFAULT_KEEP_ALIVE_TIMEOUT, READY_FLAGS);
  props[PROP_MAX_CLIENT_ERRORS] = g_param_spec_uint ("max-client-errors",
      "Max client errors",
      "Errors in a row after which a connection is closed (default 20; 0 = any "
      "number)",
      0, G_MAXUINT, DEFAULT_MAX_CLIENT_ERRORS, READY_FLAGS);
}

static void
make_stream (void)
{
  props[PROP_PATH] = string_prop ("path", "Path",
      "Path of the stream (default /stream)", "/stream", READY_FLAGS);
  props[PROP_CONTENT_TYPE] = string_prop ("content-type", "Content type",
      "Content type of the stream (default: what the caps tell)", NULL, FLAGS);
  props[PROP_TRANSFER_MODE] =
      g_param_spec_enum ("transfer-mode", "Transfer mode",
          "How the end of a stream is told (default auto). HTTP/1.0 never gets "
          "chunks",
          GST_TYPE_HTTP_TRANSFER_MODE, GST_HTTP_TRANSFER_AUTO, FLAGS);
  props[PROP_HOLD] = g_param_spec_boolean ("hold", "Hold",
      "Whether the stream waits for the first listener (default: no)", FALSE,
      FLAGS);
  props[PROP_ON_EOS] = g_param_spec_enum ("on-eos", "On EOS",
      "What becomes of the listeners at the end of the stream (default close)",
      GST_TYPE_HTTP_ON_EOS, GST_HTTP_ON_EOS_CLOSE, FLAGS);
  props[PROP_HOLD_TIMEOUT] = g_param_spec_uint64 ("hold-timeout",
      "Hold timeout",
      "Nanoseconds after which on-eos=hold gives up, and on-eos=quit no longer "
      "waits for slow listeners (default 0 = never)",
      0, G_MAXUINT64, 0, FLAGS);
  props[PROP_MAX_CLIENTS_PER_IP] = g_param_spec_uint ("max-clients-per-ip",
      "Max clients per IP",
      "Listeners from one address at a time (default 0 = any number), and 16 "
      "connections more that wait for something else, or get a file. All "
      "behind a proxy have its address",
      0, G_MAXUINT, 0, FLAGS);
  props[PROP_ICY] = g_param_spec_boolean ("icy", "ICY",
      "Whether players of sound that ask for titles get them, from tags "
      "(default: yes)",
      TRUE, FLAGS);
  props[PROP_ICY_METAINT] = g_param_spec_uint ("icy-metaint", "ICY interval",
      "Bytes of sound between two titles (default 16000)",
      GST_SOCKET_ICY_METAINT_MIN, 1 << 20, GST_SOCKET_ICY_METAINT_DEFAULT,
      READY_FLAGS);
}

static void
make_answers (void)
{
  props[PROP_HEADERS] = g_param_spec_boxed ("headers", "Headers",
      "Fields to set in every answer, by name (default: none). They take the "
      "place of those it would have, but for Connection, Content-Length, "
      "Content-Type, Date, Server and Transfer-Encoding, which stay",
      GST_TYPE_STRUCTURE, FLAGS);
  props[PROP_CORS] = g_param_spec_enum ("cors", "CORS",
      "Whether pages of other sites may use the stream (default auto)",
      GST_TYPE_HTTP_CORS, GST_HTTP_CORS_AUTO, FLAGS);
  props[PROP_CORS_ORIGIN] = string_prop ("cors-origin", "CORS origin",
      "Which sites those are, with commas between (default \"*\": all)", "*",
      FLAGS);
  props[PROP_SERVER_UTC] = g_param_spec_boolean ("server-utc", "Server UTC",
      "Whether each answer tells the time in ms, as Server-UTC (default: no)",
      FALSE, FLAGS);
  props[PROP_INDEX_PAGE] = g_param_spec_boolean ("index-page", "Index page",
      "Whether \"/\" is a page that plays the streams and shows who is "
      "watching (default: yes)",
      TRUE, READY_FLAGS);
  props[PROP_STATUS_PATH] = string_prop ("status-path", "Status path",
      "Path of the figures as JSON, which the page needs (default "
      "/status.json; empty = none)",
      "/status.json", READY_FLAGS);
  props[PROP_METRICS_PATH] = string_prop ("metrics-path", "Metrics path",
      "Path of the totals as Prometheus reads them (default: none)", NULL,
      READY_FLAGS);
}

static void
make_access (void)
{
  props[PROP_AUTH] = gst_http_guard_make_auth ();
  props[PROP_AUTH_FILE] = gst_http_guard_make_auth_file ();
  props[PROP_AUTH_TOKEN] = gst_http_guard_make_auth_token ();
  props[PROP_AUTHORIZE_TIMEOUT] = gst_http_guard_make_authorize_timeout ();
  props[PROP_AUTHORIZE_MESSAGES] = gst_http_guard_make_authorize_messages ();
  props[PROP_ACCESS_LOG] = gst_http_log_make_property ();
}

static void
make_uploads (void)
{
  props[PROP_UPLOAD_ROOT] = string_prop ("upload-root", "Upload root",
      "Folder that PUT, POST and DELETE write to (default: none: there are no "
      "uploads). Who may is said by auth; nothing outside of it is written",
      NULL, READY_FLAGS);
  props[PROP_UPLOAD_MAX_SIZE] = g_param_spec_uint64 ("upload-max-size",
      "Upload max size",
      "Bytes that an uploaded file may have (default 1 GiB; 0 = any number)", 0,
      G_MAXUINT64, DEFAULT_UPLOAD_MAX_SIZE, READY_FLAGS);
}

static void
make_figures (void)
{
  props[PROP_CURRENT_PORT] = g_param_spec_uint ("current-port", "Current port",
      "TCP port it listens on now (0 = none)", 0, 65535, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_CURRENT_TLS_PORT] = g_param_spec_uint ("current-tls-port",
      "Current TLS port", "TCP port it listens on for HTTPS now (0 = none)", 0,
      65535, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

void
gst_http_server_sink_install_properties (GObjectClass *klass)
{
  klass->set_property = set_property;
  klass->get_property = get_property;
  make_server ();
  make_stream ();
  make_answers ();
  make_access ();
  make_uploads ();
  make_figures ();
  g_object_class_install_properties (klass, N_PROPS, props);
  gst_http_file_props_install (klass);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_TRANSFER_MODE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_AUTH, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_CORS, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_ON_EOS, 0);
}

void
gst_http_server_sink_init_settings (GstHttpServerSink *self)
{
  for (guint id = PROP_0 + 1; id < N_SETTINGS; id++)
    set_setting_locked (self, id, g_param_spec_get_default_value (props[id]));
  gst_http_file_props_init (self);
}

void
gst_http_server_sink_clear_settings (GstHttpServerSink *self)
{
  gst_http_file_settings_clear (&self->file_settings);
  for (guint id = PROP_0 + 1; id < N_SETTINGS; id++) {
    gpointer field = (guint8 *) &self->settings + offsets[id];

    if (G_IS_PARAM_SPEC_STRING (props[id]))
      g_clear_pointer ((gchar **) field, g_free);
    else if (G_IS_PARAM_SPEC_BOXED (props[id]))
      g_clear_pointer ((GstStructure **) field, gst_structure_free);
  }
}
