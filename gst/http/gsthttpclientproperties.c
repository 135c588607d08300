/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpclientproperties.c: properties of httpclientsink
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

#include "gsthttpclientsink-private.h"
#include "gsthttpfield.h"

#define DEFAULT_TIMEOUT (30 * GST_SECOND)
#define DEFAULT_MAX_BYTES (4 * 1024 * 1024)
#define DEFAULT_USER_AGENT "GStreamer httpclientsink"

#define FLAGS                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

enum
{
  PROP_0,
  PROP_LOCATION,
  PROP_METHOD,
  PROP_TRANSFER_MODE,
  PROP_EXPECT_CONTINUE,
  PROP_CONTENT_TYPE,
  PROP_EXTRA_HEADERS,
  PROP_USER_AGENT,
  PROP_USER_ID,
  PROP_USER_PW,
  PROP_AUTH_TOKEN,
  PROP_PROXY,
  PROP_SSL_STRICT,
  PROP_TLS_CA_FILE,
  PROP_TIMEOUT,
  PROP_MAX_BYTES,
  PROP_LEAKY,
  PROP_NEXT_FILE,
  PROP_MAX_FILES,
  PROP_STREAMNAME,
  PROP_GENRE,
  PROP_DESCRIPTION,
  PROP_URL,
  PROP_PUBLIC,
  PROP_TITLES,
  N_SETTINGS,
  PROP_BUFFERS_DROPPED = N_SETTINGS,
  PROP_RETRY,
  N_PROPS = PROP_RETRY + GST_NET_N_RETRY,
};

static GParamSpec *props[N_PROPS];

/* Where a setting is kept; its kind is that of its property. */
#define AT(field) G_STRUCT_OFFSET (GstHttpPushSettings, field)
static const gsize offsets[N_SETTINGS] = {
    [PROP_LOCATION] = AT (location),
    [PROP_METHOD] = AT (method),
    [PROP_TRANSFER_MODE] = AT (transfer_mode),
    [PROP_EXPECT_CONTINUE] = AT (expect_continue),
    [PROP_CONTENT_TYPE] = AT (content_type),
    [PROP_EXTRA_HEADERS] = AT (extra_headers),
    [PROP_USER_AGENT] = AT (user_agent),
    [PROP_USER_ID] = AT (user_id),
    [PROP_USER_PW] = AT (user_pw),
    [PROP_AUTH_TOKEN] = AT (auth_token),
    [PROP_PROXY] = AT (proxy),
    [PROP_SSL_STRICT] = AT (ssl_strict),
    [PROP_TLS_CA_FILE] = AT (tls_ca_file),
    [PROP_TIMEOUT] = AT (timeout),
    [PROP_MAX_BYTES] = AT (max_bytes),
    [PROP_LEAKY] = AT (leaky),
    [PROP_NEXT_FILE] = AT (next_file),
    [PROP_MAX_FILES] = AT (max_files),
    [PROP_STREAMNAME] = AT (streamname),
    [PROP_GENRE] = AT (genre),
    [PROP_DESCRIPTION] = AT (description),
    [PROP_URL] = AT (url),
    [PROP_PUBLIC] = AT (is_public),
    [PROP_TITLES] = AT (titles),
};

/* --- types --- */

#define GST_TYPE_HTTP_METHOD (gst_http_method_get_type ())
static GType
gst_http_method_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_HTTP_METHOD_PUT, "PUT: what is there is replaced", "put"},
      {GST_HTTP_METHOD_POST, "POST", "post"},
      {GST_HTTP_METHOD_SOURCE, "SOURCE, as Icecast and Shoutcast know it",
          "source"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstHttpMethod", values));
  return type;
}

#define GST_TYPE_HTTP_UPLOAD_MODE (gst_http_upload_mode_get_type ())
static GType
gst_http_upload_mode_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_HTTP_UPLOAD_AUTO, "Chunks, but with SOURCE", "auto"},
      {GST_HTTP_UPLOAD_CHUNKED, "Chunks", "chunked"},
      {GST_HTTP_UPLOAD_CLOSE, "Up to the end of the connection", "close"},
      {GST_HTTP_UPLOAD_LENGTH, "Its length before it, once it is known",
          "length"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstHttpUploadMode", values));
  return type;
}

#define GST_TYPE_HTTP_NEXT_FILE (gst_http_next_file_get_type ())
static GType
gst_http_next_file_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_HTTP_NEXT_FILE_NONE, "Everything is one file", "none"},
      {GST_HTTP_NEXT_FILE_BUFFER, "Every buffer", "buffer"},
      {GST_HTTP_NEXT_FILE_DISCONT, "A discontinuity", "discont"},
      {GST_HTTP_NEXT_FILE_KEY_FRAME, "A keyframe", "key-frame"},
      {GST_HTTP_NEXT_FILE_KEY_UNIT_EVENT, "A force-key-unit event",
          "key-unit-event"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstHttpNextFile", values));
  return type;
}

/* --- access --- */

static gpointer
find_setting (GstHttpPushSettings *settings, guint id)
{
  return (guint8 *) settings + offsets[id];
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (object);

  if (gst_net_retry_set (&self->retry, (gint) id - PROP_RETRY, value))
    return;
  GST_OBJECT_LOCK (self);
  if (id > PROP_0 && id < N_SETTINGS)
    gst_http_field_set (find_setting (&self->settings, id), value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstHttpClientSink *self = GST_HTTP_CLIENT_SINK (object);

  if (id >= PROP_RETRY
      && gst_net_retry_get (&self->retry, (gint) id - PROP_RETRY, value))
    return;
  GST_OBJECT_LOCK (self);
  if (id == PROP_BUFFERS_DROPPED)
    g_value_set_uint64 (value, self->buffers_dropped);
  else if (id > PROP_0 && id < N_SETTINGS)
    gst_http_field_get (find_setting (&self->settings, id), value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

/* --- the properties --- */

static GParamSpec *
string_prop (const gchar *name, const gchar *nick, const gchar *blurb)
{
  return g_param_spec_string (name, nick, blurb, NULL, FLAGS);
}

/* Properties end up in logs and in pictures of pipelines. */
static GParamSpec *
secret_prop (const gchar *name, const gchar *nick, const gchar *blurb)
{
  return g_param_spec_string (name, nick, blurb, NULL,
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
}

static void
make_request (void)
{
  props[PROP_LOCATION] = string_prop ("location", "Location",
      "URL to upload to, http:// or https:// (default: none, and one is "
      "needed). With next-file, %d or %05d in it becomes the file's number");
  props[PROP_METHOD] = g_param_spec_enum ("method", "Method",
      "Method of the request (default put); \"source\" for Icecast",
      GST_TYPE_HTTP_METHOD, GST_HTTP_METHOD_PUT, FLAGS);
  props[PROP_TRANSFER_MODE] =
      g_param_spec_enum ("transfer-mode", "Transfer mode",
          "How the end of a body is told (default auto); \"length\" for "
          "servers that know no chunks, and then a file is sent only when it "
          "is whole",
          GST_TYPE_HTTP_UPLOAD_MODE, GST_HTTP_UPLOAD_AUTO, FLAGS);
  props[PROP_EXPECT_CONTINUE] = g_param_spec_boolean ("expect-continue",
      "Expect continue",
      "Whether the server is asked first, and may refuse or redirect before "
      "there is a body (default: yes). It has one second to answer",
      TRUE, FLAGS);
  props[PROP_CONTENT_TYPE] = string_prop ("content-type", "Content type",
      "Content type of what is uploaded (default: what the caps tell)");
  props[PROP_EXTRA_HEADERS] = g_param_spec_boxed ("extra-headers",
      "Extra headers",
      "Fields to add to every request, by name; an array for several of one "
      "name (default: none)",
      GST_TYPE_STRUCTURE, FLAGS);
  props[PROP_USER_AGENT] = g_param_spec_string ("user-agent", "User agent",
      "What this program calls itself (default " DEFAULT_USER_AGENT ")",
      DEFAULT_USER_AGENT, FLAGS);
}

static void
make_access (void)
{
  props[PROP_USER_ID] = string_prop ("user-id", "User id",
      "Name for basic authentication (default: none, or \"source\" if there "
      "is a user-pw); only the server in \"location\" gets it");
  props[PROP_USER_PW] = secret_prop ("user-pw", "User password",
      "Password for basic authentication (default: none); it cannot be read "
      "back");
  props[PROP_AUTH_TOKEN] = secret_prop ("auth-token", "Authorization token",
      "Token for bearer authentication, used before a name and password "
      "(default: none); it cannot be read back");
  props[PROP_PROXY] = string_prop ("proxy", "Proxy",
      "URL of a proxy, http:// or socks5://, with a name and password if it "
      "wants them (default: none)");
  props[PROP_SSL_STRICT] = g_param_spec_boolean ("ssl-strict", "SSL strict",
      "Whether the server's certificate has to be valid (default: yes); no "
      "only for tests",
      TRUE, FLAGS);
  props[PROP_TLS_CA_FILE] = string_prop ("tls-ca-file", "TLS CA file",
      "PEM file with the authorities to trust (default: the system's)");
  props[PROP_TIMEOUT] = g_param_spec_uint64 ("timeout", "Timeout",
      "Nanoseconds that the server may take to connect, to take more bytes, "
      "and to answer at the end (default 30 s; 0 = any time). A stream that "
      "has nothing to send may pause for as long as it likes",
      0, G_MAXINT64, DEFAULT_TIMEOUT, FLAGS);
}

static void
make_files (void)
{
  props[PROP_MAX_BYTES] = g_param_spec_uint64 ("max-bytes", "Max bytes",
      "Bytes that may wait to be sent, and as many again that are kept to "
      "send them once more (default 4 MiB)",
      1, G_MAXINT64, DEFAULT_MAX_BYTES, FLAGS);
  props[PROP_LEAKY] = g_param_spec_enum ("leaky", "Leaky",
      "What becomes of buffers when max-bytes wait (no: the stream waits); "
      "\"upstream\" for live streams",
      GST_TYPE_NET_LEAKY, GST_NET_LEAKY_NO, FLAGS);
  props[PROP_NEXT_FILE] = g_param_spec_enum ("next-file", "Next file",
      "What begins another file, with a request of its own (default none)",
      GST_TYPE_HTTP_NEXT_FILE, GST_HTTP_NEXT_FILE_NONE, FLAGS);
  props[PROP_MAX_FILES] = g_param_spec_uint ("max-files", "Max files",
      "Files that stay on the server: older ones are deleted there (default 0 "
      "= all)",
      0, G_MAXUINT, 0, FLAGS);
  props[PROP_BUFFERS_DROPPED] = g_param_spec_uint64 ("buffers-dropped",
      "Buffers dropped",
      "Buffers that were not sent because too many waited, since the element "
      "started",
      0, G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
make_station (void)
{
  props[PROP_STREAMNAME] = string_prop ("streamname", "Stream name",
      "Name of the station, as ice-name (default: none)");
  props[PROP_GENRE] = string_prop (
      "genre", "Genre", "What it plays, as ice-genre (default: none)");
  props[PROP_DESCRIPTION] = string_prop ("description", "Description",
      "What it is, as ice-description (default: none)");
  props[PROP_URL] =
      string_prop ("url", "URL", "Its home page, as ice-url (default: none)");
  props[PROP_PUBLIC] = g_param_spec_boolean ("public", "Public",
      "Whether directories may list it, as ice-public (default: no)", FALSE,
      FLAGS);
  props[PROP_TITLES] = g_param_spec_boolean ("titles", "Titles",
      "Whether the server is told the titles in tags with method=source, at "
      "/admin/metadata as Icecast knows it (default: yes); no for servers that "
      "do not",
      TRUE, FLAGS);
}

void
gst_http_client_sink_install_properties (GObjectClass *klass)
{
  klass->set_property = set_property;
  klass->get_property = get_property;
  make_request ();
  make_access ();
  make_files ();
  make_station ();
  gst_net_retry_add_pspecs (&props[PROP_RETRY]);
  g_object_class_install_properties (klass, N_PROPS, props);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_METHOD, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_UPLOAD_MODE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_NEXT_FILE, 0);
}

void
gst_http_client_sink_init_settings (GstHttpClientSink *self)
{
  for (guint id = PROP_0 + 1; id < N_SETTINGS; id++)
    gst_http_field_set (find_setting (&self->settings, id),
        g_param_spec_get_default_value (props[id]));
}

void
gst_http_push_settings_clear (GstHttpPushSettings *settings)
{
  for (guint id = PROP_0 + 1; id < N_SETTINGS; id++)
    gst_http_field_clear (find_setting (settings, id), props[id]);
}

/* Copies the settings to where there are others or none. */
void
gst_http_client_sink_copy_settings (
    GstHttpClientSink *self, GstHttpPushSettings *to)
{
  GST_OBJECT_LOCK (self);
  for (guint id = PROP_0 + 1; id < N_SETTINGS; id++) {
    g_auto (GValue) value = G_VALUE_INIT;

    g_value_init (&value, props[id]->value_type);
    gst_http_field_get (find_setting (&self->settings, id), &value);
    gst_http_field_set (find_setting (to, id), &value);
  }
  GST_OBJECT_UNLOCK (self);
}
