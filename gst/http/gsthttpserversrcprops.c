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

#include "gsthttpfield.h"
#include "gsthttpserversrc-private.h"

#include <gst/socket/gstsocketrange.h>

#define DEFAULT_PATH "/"
#define DEFAULT_MAX_UPLOADS 64
#define DEFAULT_IDLE_TIMEOUT (10 * GST_SECOND)

enum
{
  PROP_0,
  PROP_SERVICE,
  PROP_PATH = PROP_SERVICE + GST_HTTP_SERVICE_N_PROPS,
  PROP_SINGLE,
  PROP_MAX_UPLOADS,
  PROP_MAX_SIZE,
  PROP_IDLE_TIMEOUT,
  PROP_ON_DISCONNECT,
  PROP_TYPEFIND,
  PROP_ICECAST,
  N_SETTINGS,
  PROP_CURRENT_PORT = N_SETTINGS,
  PROP_CURRENT_TLS_PORT,
  PROP_STATS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

#define AT(field) G_STRUCT_OFFSET (GstHttpIntakeSettings, field)

/* Where a setting is kept that other elements do not have; its kind is that of
 * its property. */
static const gsize offsets[N_SETTINGS] = {
    [PROP_PATH] = AT (path),
    [PROP_SINGLE] = AT (single),
    [PROP_MAX_UPLOADS] = AT (max_uploads),
    [PROP_MAX_SIZE] = AT (max_size),
    [PROP_IDLE_TIMEOUT] = AT (idle_timeout),
    [PROP_ON_DISCONNECT] = AT (on_disconnect),
    [PROP_TYPEFIND] = AT (typefind),
    [PROP_ICECAST] = AT (icecast),
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
  if (owned == NULL
      && (id == PROP_PATH || id == PROP_SERVICE + GST_HTTP_SERVICE_HOST)) {
    g_warning ("%s: a host and a path are needed", GST_OBJECT_NAME (self));
    return;
  }
  g_free (*field);
  *field = g_steal_pointer (&owned);
}

static gpointer
find_setting (GstHttpServerSrc *self, guint id)
{
  return id < PROP_SERVICE + GST_HTTP_SERVICE_N_PROPS
      ? gst_http_service_find (&self->settings.service, id - PROP_SERVICE)
      : (guint8 *) &self->settings + offsets[id];
}

static void
set_setting_locked (GstHttpServerSrc *self, guint id, const GValue *value)
{
  if (G_VALUE_HOLDS_STRING (value))
    set_string_locked (
        self, id, find_setting (self, id), g_value_get_string (value));
  else
    gst_http_field_set (find_setting (self, id), value);
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
    gst_http_field_get (find_setting (self, id), value);
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
  static const GstHttpServiceTexts texts = {
      .keep_alive_blurb =
          "Nanoseconds that a connection may wait for its next request "
          "(default 30 s; 0 = any time). It never ends an upload",
      .cors_blurb =
          "Whether pages of other sites may upload (default off: a page that "
          "is looked at here could send to this machine)",
      .cors = GST_HTTP_CORS_OFF,
  };

  gst_http_service_make_props (props + PROP_SERVICE, &texts);
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
make_figures (void)
{
  props[PROP_CURRENT_PORT] = gst_http_service_make_current_port ();
  props[PROP_CURRENT_TLS_PORT] = gst_http_service_make_current_tls_port ();
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
  make_figures ();
  g_object_class_install_properties (klass, N_PROPS, props);
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
  for (guint id = PROP_0 + 1; id < N_SETTINGS; id++)
    gst_http_field_clear (find_setting (self, id), props[id]);
}
