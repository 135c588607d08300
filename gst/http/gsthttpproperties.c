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

#include "gsthttpfield.h"
#include "gsthttpserversink-private.h"

#include <gst/socket/gstsocketframings.h>
#include <gst/socket/gstsocketrange.h>

#define DEFAULT_UPLOAD_MAX_SIZE (1024 * 1024 * 1024)

enum
{
  PROP_0,
  PROP_SERVICE,
  PROP_PATH = PROP_SERVICE + GST_HTTP_SERVICE_N_PROPS,
  PROP_CONTENT_TYPE,
  PROP_TRANSFER_MODE,
  PROP_HEADERS,
  PROP_HOLD,
  PROP_ON_EOS,
  PROP_HOLD_TIMEOUT,
  PROP_MAX_CLIENTS_PER_IP,
  PROP_ICY,
  PROP_ICY_METAINT,
  PROP_SERVER_UTC,
  PROP_INDEX_PAGE,
  PROP_STATUS_PATH,
  PROP_METRICS_PATH,
  PROP_UPLOAD_ROOT,
  PROP_UPLOAD_MAX_SIZE,
  N_SETTINGS,
  PROP_CURRENT_PORT = N_SETTINGS,
  PROP_CURRENT_TLS_PORT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* Where a setting is kept that other elements do not have; its kind is that of
 * its property. */
static const gsize offsets[N_SETTINGS] = {
    [PROP_PATH] = G_STRUCT_OFFSET (GstHttpSettings, path),
    [PROP_CONTENT_TYPE] = G_STRUCT_OFFSET (GstHttpSettings, content_type),
    [PROP_TRANSFER_MODE] = G_STRUCT_OFFSET (GstHttpSettings, transfer_mode),
    [PROP_HEADERS] = G_STRUCT_OFFSET (GstHttpSettings, headers),
    [PROP_HOLD] = G_STRUCT_OFFSET (GstHttpSettings, hold),
    [PROP_ON_EOS] = G_STRUCT_OFFSET (GstHttpSettings, on_eos),
    [PROP_HOLD_TIMEOUT] = G_STRUCT_OFFSET (GstHttpSettings, hold_timeout),
    [PROP_MAX_CLIENTS_PER_IP] =
        G_STRUCT_OFFSET (GstHttpSettings, max_clients_per_ip),
    [PROP_ICY] = G_STRUCT_OFFSET (GstHttpSettings, icy),
    [PROP_ICY_METAINT] = G_STRUCT_OFFSET (GstHttpSettings, icy_metaint),
    [PROP_SERVER_UTC] = G_STRUCT_OFFSET (GstHttpSettings, server_utc),
    [PROP_INDEX_PAGE] = G_STRUCT_OFFSET (GstHttpSettings, index_page),
    [PROP_STATUS_PATH] = G_STRUCT_OFFSET (GstHttpSettings, status_path),
    [PROP_METRICS_PATH] = G_STRUCT_OFFSET (GstHttpSettings, metrics_path),
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
  gboolean is_path =
      id == PROP_PATH || id == PROP_STATUS_PATH || id == PROP_METRICS_PATH;
  const gchar *text = g_value_get_string (value);
  gchar *owned = is_path ? clean_path (self, text) : g_strdup (text);

  if (owned == NULL
      && (id == PROP_PATH || id == PROP_SERVICE + GST_HTTP_SERVICE_HOST)) {
    g_warning ("%s: a host and a path are needed", GST_OBJECT_NAME (self));
    return;
  }
  g_free (*field);
  *field = owned;
}

static gpointer
find_setting (GstHttpServerSink *self, guint id)
{
  return id < PROP_SERVICE + GST_HTTP_SERVICE_N_PROPS
      ? gst_http_service_find (&self->settings.service, id - PROP_SERVICE)
      : (guint8 *) &self->settings + offsets[id];
}

static void
set_setting_locked (GstHttpServerSink *self, guint id, const GValue *value)
{
  if (G_VALUE_HOLDS_STRING (value))
    set_string (self, id, find_setting (self, id), value);
  else
    gst_http_field_set (find_setting (self, id), value);
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
    gst_http_field_get (find_setting (self, id), value);
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
  static const GstHttpServiceTexts texts = {
      .keep_alive_blurb =
          "Nanoseconds that a connection may wait for its next request "
          "(default 30 s; 0 = any time). It never ends a stream",
      .cors_blurb =
          "Whether pages of other sites may use the stream (default auto)",
      .cors = GST_HTTP_CORS_AUTO,
  };

  gst_http_service_make_props (props + PROP_SERVICE, &texts);
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
make_uploads (void)
{
  props[PROP_UPLOAD_ROOT] = string_prop ("upload-root", "Upload root",
      "Folder that PUT, POST and DELETE write to (default: none: there are no "
      "uploads). Who may is said by auth, and by the writers of "
      "directory-rules; nothing outside of it is written",
      NULL, READY_FLAGS);
  props[PROP_UPLOAD_MAX_SIZE] = g_param_spec_uint64 ("upload-max-size",
      "Upload max size",
      "Bytes that an uploaded file may have (default 1 GiB; 0 = any number)", 0,
      G_MAXUINT64, DEFAULT_UPLOAD_MAX_SIZE, READY_FLAGS);
}

static void
make_figures (void)
{
  props[PROP_CURRENT_PORT] = gst_http_service_make_current_port ();
  props[PROP_CURRENT_TLS_PORT] = gst_http_service_make_current_tls_port ();
}

void
gst_http_server_sink_install_properties (GObjectClass *klass)
{
  klass->set_property = set_property;
  klass->get_property = get_property;
  make_server ();
  make_stream ();
  make_answers ();
  make_uploads ();
  make_figures ();
  g_object_class_install_properties (klass, N_PROPS, props);
  gst_http_file_props_install (klass);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_TRANSFER_MODE, 0);
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
  for (guint id = PROP_0 + 1; id < N_SETTINGS; id++)
    gst_http_field_clear (find_setting (self, id), props[id]);
}
