/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpserversrcprops.c: properties of httpserversrc
 *
 * Here: the properties, where each one is kept, their defaults, the figures.
 * Not here: what the settings do.
 *
 * Threads   app: all of it
 * Locks     OBJECT_LOCK guards settings; not held while notifying
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversrc-private.h"

#include <gst/socket/gstsocketrange.h>

#define DEFAULT_PORT 8080
#define DEFAULT_PATH "/"
#define DEFAULT_MAX_UPLOADS 64
#define DEFAULT_HEADER_TIMEOUT (10 * GST_SECOND)
#define DEFAULT_KEEP_ALIVE_TIMEOUT (30 * GST_SECOND)
#define DEFAULT_IDLE_TIMEOUT (10 * GST_SECOND)
#define DEFAULT_MAX_CLIENT_ERRORS 20

enum
{
  PROP_0,
  PROP_HOST,
  PROP_PORT,
  PROP_TLS_PORT,
  PROP_TLS_CERTIFICATE_FILE,
  PROP_TLS_KEY_FILE,
  PROP_PATH,
  PROP_SINGLE,
  PROP_MAX_UPLOADS,
  PROP_MAX_SIZE,
  PROP_HEADER_TIMEOUT,
  PROP_KEEP_ALIVE_TIMEOUT,
  PROP_IDLE_TIMEOUT,
  PROP_MAX_CLIENT_ERRORS,
  PROP_ON_DISCONNECT,
  PROP_TYPEFIND,
  PROP_ICECAST,
  PROP_AUTH,
  PROP_AUTH_FILE,
  PROP_AUTH_TOKEN,
  PROP_AUTHORIZE_TIMEOUT,
  PROP_AUTHORIZE_MESSAGES,
  N_SETTINGS,
  PROP_CURRENT_PORT = N_SETTINGS,
  PROP_CURRENT_TLS_PORT,
  PROP_STATS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

#define AT(field) G_STRUCT_OFFSET (GstHttpIntakeSettings, field)

/* Where a setting is kept; its kind is that of its property. */
static const gsize offsets[N_SETTINGS] = {
    [PROP_HOST] = AT (host),
    [PROP_PORT] = AT (port),
    [PROP_TLS_PORT] = AT (tls_port),
    [PROP_TLS_CERTIFICATE_FILE] = AT (certificate_file),
    [PROP_TLS_KEY_FILE] = AT (key_file),
    [PROP_PATH] = AT (path),
    [PROP_SINGLE] = AT (single),
    [PROP_MAX_UPLOADS] = AT (max_uploads),
    [PROP_MAX_SIZE] = AT (max_size),
    [PROP_HEADER_TIMEOUT] = AT (header_timeout),
    [PROP_KEEP_ALIVE_TIMEOUT] = AT (keep_alive_timeout),
    [PROP_IDLE_TIMEOUT] = AT (idle_timeout),
    [PROP_MAX_CLIENT_ERRORS] = AT (max_client_errors),
    [PROP_ON_DISCONNECT] = AT (on_disconnect),
    [PROP_TYPEFIND] = AT (typefind),
    [PROP_ICECAST] = AT (icecast),
    [PROP_AUTH] = AT (auth.mode),
    [PROP_AUTH_FILE] = AT (auth.file),
    [PROP_AUTH_TOKEN] = AT (auth.token),
    [PROP_AUTHORIZE_TIMEOUT] = AT (authorize_timeout),
    [PROP_AUTHORIZE_MESSAGES] = AT (authorize_messages),
};

/* --- values --- */

static void
set_string_locked (
    GstHttpServerSrc *self, guint id, gchar **field, const gchar *text)
{
  g_autofree gchar *owned = NULL;

  if (id == PROP_PATH && text != NULL)
    owned = gst_socket_path_normalise (text);
  else
    owned = g_strdup (text);
  if (owned == NULL && (id == PROP_PATH || id == PROP_HOST)) {
    g_warning ("%s: a host and a path are needed", GST_OBJECT_NAME (self));
    return;
  }
  g_free (*field);
  *field = g_steal_pointer (&owned);
}

static void
set_setting_locked (GstHttpServerSrc *self, guint id, const GValue *value)
{
  gpointer field = (guint8 *) &self->settings + offsets[id];

  if (G_VALUE_HOLDS_STRING (value))
    set_string_locked (self, id, field, g_value_get_string (value));
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    *(gboolean *) field = g_value_get_boolean (value);
  else if (G_VALUE_HOLDS_ENUM (value))
    *(gint *) field = g_value_get_enum (value);
  else if (G_VALUE_HOLDS_INT (value))
    *(gint *) field = g_value_get_int (value);
  else if (G_VALUE_HOLDS_UINT (value))
    *(guint *) field = g_value_get_uint (value);
  else
    *(guint64 *) field = g_value_get_uint64 (value);
}

static void
get_setting_locked (GstHttpServerSrc *self, guint id, GValue *value)
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
  else
    g_value_set_uint64 (value, *(const guint64 *) field);
}

static GstStructure *
make_stats (GstHttpServerSrc *self)
{
  guint n = gst_http_lane_count (self);
  GstStructure *stats;

  GST_OBJECT_LOCK (self);
  stats = gst_structure_new ("GstHttpServerSrcStats", "uploads", G_TYPE_UINT, n,
      "uploads-finished", G_TYPE_UINT64, self->n_finished, "uploads-failed",
      G_TYPE_UINT64, self->n_failed, "bytes-received", G_TYPE_UINT64,
      self->bytes_received, NULL);
  GST_OBJECT_UNLOCK (self);
  return stats;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstHttpServerSrc *self = GST_HTTP_SERVER_SRC (object);

  if (id == PROP_0 || id >= N_SETTINGS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  set_setting_locked (self, id, value);
  GST_OBJECT_UNLOCK (self);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstHttpServerSrc *self = GST_HTTP_SERVER_SRC (object);

  if (id == PROP_STATS) {
    g_value_take_boxed (value, make_stats (self));
    return;
  }
  GST_OBJECT_LOCK (self);
  if (id == PROP_CURRENT_PORT)
    g_value_set_uint (value, self->current_port);
  else if (id == PROP_CURRENT_TLS_PORT)
    g_value_set_uint (value, self->current_tls_port);
  else if (id > PROP_0 && id < N_SETTINGS)
    get_setting_locked (self, id, value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

void
gst_http_server_src_notify_ports (GstHttpServerSrc *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CURRENT_PORT]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CURRENT_TLS_PORT]);
}

/* --- the properties --- */

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)
#define READY_FLAGS (FLAGS | GST_PARAM_MUTABLE_READY)
#define READ_FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static void
make_server (void)
{
  props[PROP_HOST] = g_param_spec_string ("host", "Host",
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
  props[PROP_TLS_CERTIFICATE_FILE] = g_param_spec_string (
      "tls-certificate-file", "TLS certificate file",
      "PEM file with the certificate and those that vouch for it (default: "
      "none). Read again when it changes; a broken one leaves the old in use",
      NULL, READY_FLAGS);
  props[PROP_TLS_KEY_FILE] = g_param_spec_string ("tls-key-file",
      "TLS key file",
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
      "s; 0 = any time). It never ends an upload",
      0, G_MAXUINT64, DEFAULT_KEEP_ALIVE_TIMEOUT, READY_FLAGS);
  props[PROP_MAX_CLIENT_ERRORS] = g_param_spec_uint ("max-client-errors",
      "Max client errors",
      "Errors in a row after which a connection is closed (default 20; 0 = any "
      "number)",
      0, G_MAXUINT, DEFAULT_MAX_CLIENT_ERRORS, READY_FLAGS);
}

static void
make_uploads (void)
{
  props[PROP_PATH] = g_param_spec_string ("path", "Path",
      "Path that uploads are taken at; one that ends with \"/\" takes them "
      "everywhere below it (default \"/\": everywhere)",
      DEFAULT_PATH, READY_FLAGS);
  props[PROP_SINGLE] = g_param_spec_boolean ("single", "Single",
      "Whether there is one pad, on which one upload follows another, instead "
      "of a pad for each (default: no)",
      FALSE, READY_FLAGS);
  props[PROP_MAX_UPLOADS] = g_param_spec_uint ("max-uploads", "Max uploads",
      "Uploads at a time (default 64; 0 = any number)", 0, G_MAXUINT,
      DEFAULT_MAX_UPLOADS, FLAGS);
  props[PROP_MAX_SIZE] = g_param_spec_uint64 ("max-size", "Max size",
      "Bytes that an upload may have (default 0 = any number: live streams do "
      "not end). Set it where whole files are expected",
      0, G_MAXUINT64, 0, FLAGS);
  props[PROP_IDLE_TIMEOUT] = g_param_spec_uint64 ("idle-timeout",
      "Idle timeout",
      "Nanoseconds without a byte after which a sender is taken to have gone "
      "(default 10 s; 0 = any time). A pipeline that does not take what has "
      "come does not count",
      0, G_MAXUINT64, DEFAULT_IDLE_TIMEOUT, FLAGS);
  props[PROP_ON_DISCONNECT] = g_param_spec_enum ("on-disconnect",
      "On disconnect",
      "What to do when an upload is cut off (default eos). With \"wait\" the "
      "next upload to its path goes on with the stream",
      GST_TYPE_NET_ON_DISCONNECT, GST_NET_ON_DISCONNECT_EOS, FLAGS);
  props[PROP_TYPEFIND] = g_param_spec_boolean ("typefind", "Typefind",
      "Whether the content type that a sender tells is disregarded, so that "
      "the stream is found out from its data (default: no)",
      FALSE, FLAGS);
  props[PROP_ICECAST] = g_param_spec_boolean ("icecast", "Icecast",
      "Whether titles that are sent to /admin/metadata become tags (default: "
      "yes)",
      TRUE, READY_FLAGS);
}

static void
make_access (void)
{
  props[PROP_AUTH] = gst_http_guard_make_auth ();
  props[PROP_AUTH_FILE] = gst_http_guard_make_auth_file ();
  props[PROP_AUTH_TOKEN] = gst_http_guard_make_auth_token ();
  props[PROP_AUTHORIZE_TIMEOUT] = gst_http_guard_make_authorize_timeout ();
  props[PROP_AUTHORIZE_MESSAGES] = gst_http_guard_make_authorize_messages ();
}

static void
make_figures (void)
{
  props[PROP_CURRENT_PORT] = g_param_spec_uint ("current-port", "Current port",
      "TCP port it listens on now (0 = none)", 0, 65535, 0, READ_FLAGS);
  props[PROP_CURRENT_TLS_PORT] = g_param_spec_uint ("current-tls-port",
      "Current TLS port", "TCP port it listens on for HTTPS now (0 = none)", 0,
      65535, 0, READ_FLAGS);
  /**
   * GstHttpServerSrc:stats:
   *
   * `GstHttpServerSrcStats`: uploads (uint) that go on, uploads-finished,
   * uploads-failed and bytes-received (uint64) since it was started.
   */
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Stats",
      "Uploads that go on, were finished and have failed, and bytes",
      GST_TYPE_STRUCTURE, READ_FLAGS);
}

void
gst_http_server_src_install_properties (GObjectClass *klass)
{
  klass->set_property = set_property;
  klass->get_property = get_property;
  make_server ();
  make_uploads ();
  make_access ();
  make_figures ();
  g_object_class_install_properties (klass, N_PROPS, props);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_AUTH, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_NET_ON_DISCONNECT, 0);
}

void
gst_http_server_src_init_settings (GstHttpServerSrc *self)
{
  for (guint id = PROP_0 + 1; id < N_SETTINGS; id++)
    set_setting_locked (self, id, g_param_spec_get_default_value (props[id]));
}

void
gst_http_server_src_clear_settings (GstHttpServerSrc *self)
{
  g_free (self->settings.host);
  g_free (self->settings.certificate_file);
  g_free (self->settings.key_file);
  g_free (self->settings.path);
  g_free (self->settings.auth.file);
  g_free (self->settings.auth.token);
}
