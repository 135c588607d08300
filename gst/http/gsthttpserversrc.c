/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpserversrc.c: receives what is uploaded over HTTP
 *
 * Here: the element, its states and signals.
 * Not here: properties (gsthttpserversrcprops.c), requests (gsthttpintake.c),
 * pads (gsthttplane.c).
 *
 * Threads, locks   see gsthttpserversrc-private.h
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpserversrc-private.h"

#include "../elements.h"

/**
 * SECTION:element-httpserversrc
 * @title: httpserversrc
 * @see_also: httpserversink, tcpserversrc
 *
 * Receives what is uploaded to it over HTTP, with PUT, POST, or the SOURCE of
 * Icecast, by encoders, ffmpeg, curl and others.
 *
 * ## Example
 * |[
 * gst-launch-1.0 httpserversrc path=/in ! decodebin ! autovideosink
 * ffmpeg -re -i file.mp4 -f mpegts -method PUT http://127.0.0.1:8080/in
 * ]|
 *
 * ## Pads
 * Each upload becomes a pad, src_0 and so on, with caps from its content type;
 * without one that says something there are no caps, and typefind or decodebin
 * finds out. The pad ends with the upload. With single=true there is one pad,
 * "src", from the start, on which one upload follows another: each begins a
 * stream of its own, and none ends the pad. There each stream has caps, lest it
 * had those of the one before: where the content type says nothing, those that
 * its first bytes look like, or application/octet-stream.
 *
 * ## Speed
 * The pad's thread reads the upload, so that a pipeline that takes its time
 * makes the sender wait: nothing is lost, and little is held.
 *
 * ## What the sender is told
 * One that asks whether to go on (100-continue) is told when its stream is
 * taken. The answer comes at the end, when all of it has been pushed: 200; 409
 * when somebody sends to the same path; 415 when the pipeline takes no such
 * stream; 503 when nobody takes it now.
 *
 * ## Radio
 * What senders to Icecast say of their station becomes tags, and so do the
 * titles that they send to /admin/metadata.
 *
 * ## Who may send
 * Without further ado only this machine: set host=:: for everybody, and auth
 * for those who know a password or a token, or decide in a handler of
 * #GstHttpServerSrc::authorize-request. Pages of other sites may not, unless
 * cors lets them. The file of access-log tells who has sent what.
 */

#define GST_CAT_DEFAULT httpserversrc_debug
GST_DEBUG_CATEGORY_STATIC (httpserversrc_debug);

enum
{
  SIGNAL_REQUEST_STARTED,
  SIGNAL_REQUEST_FINISHED,
  SIGNAL_RELOAD_TLS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GstHttpServerSrc, gst_http_server_src, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE (
    httpserversrc, "httpserversrc", GST_RANK_NONE, GST_TYPE_HTTP_SERVER_SRC)

static GstStaticPadTemplate each_template = GST_STATIC_PAD_TEMPLATE (
    "src_%u", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS_ANY);

static GstStaticPadTemplate single_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS_ANY);

/* --- signals --- */

void
gst_http_server_src_emit_request (GstHttpServerSrc *self,
    GstSocketHttpRequest *request, guint status, gboolean is_finished)
{
  const gchar *method = self->http->get_method (request);
  const gchar *path = self->http->get_path (request);
  GSocketAddress *peer = self->http->get_peer (request);

  if (is_finished)
    g_signal_emit (
        self, signals[SIGNAL_REQUEST_FINISHED], 0, method, path, peer, status);
  else
    g_signal_emit (
        self, signals[SIGNAL_REQUEST_STARTED], 0, method, path, peer);
}

static gboolean
gst_http_server_src_reload_tls (GstHttpServerSrc *self)
{
  g_autoptr (GError) error = NULL;

  if (self->mount == NULL || self->http->reload_tls (self->mount, &error))
    return self->mount != NULL;
  gst_http_intake_funcs.warning (error, self);
  return FALSE;
}

/* --- opening --- */

static void
set_ports (GstHttpServerSrc *self, guint port, guint tls_port)
{
  GST_OBJECT_LOCK (self);
  self->current_port = port;
  self->current_tls_port = tls_port;
  GST_OBJECT_UNLOCK (self);
  gst_http_server_src_notify_ports (self);
}

/* Others may serve GET at the same path: what is sent there, most likely. */
static gboolean
mount (GstHttpServerSrc *self, const GstHttpIntakeSettings *settings,
    GError **error)
{
  static const gchar *const methods[] = {"PUT", "POST", "SOURCE", NULL};
  const gchar *paths[] = {settings->path, NULL};
  gboolean is_folder = g_str_has_suffix (settings->path, "/");
  GstSocketHttpSettings wanted =
      gst_http_service_get_wanted (&settings->service);

  wanted.methods = methods;
  wanted.paths = is_folder ? NULL : paths;
  wanted.prefixes = is_folder ? paths : NULL;
  self->mount =
      self->http->mount (&wanted, &gst_http_intake_funcs, self, error);
  return self->mount != NULL;
}

static gboolean
mount_metadata (GstHttpServerSrc *self, const GstHttpIntakeSettings *settings,
    GError **error)
{
  static const gchar *const paths[] = {GST_HTTP_METADATA_PATH, NULL};
  GstSocketHttpSettings wanted =
      gst_http_service_get_wanted (&settings->service);

  if (!settings->icecast)
    return TRUE;
  wanted.port = self->http->get_port (self->mount);
  wanted.tls_port = -1;
  wanted.certificate_file = NULL;
  wanted.shared_paths = paths;
  self->metadata_mount =
      self->http->mount (&wanted, &gst_http_metadata_funcs, self, error);
  return self->metadata_mount != NULL;
}

static void
unmount (GstHttpServerSrc *self)
{
  if (self->metadata_mount != NULL)
    self->http->unmount (self->metadata_mount);
  if (self->mount != NULL)
    self->http->unmount (self->mount);
  self->metadata_mount = self->mount = NULL;
  g_clear_pointer (&self->guard, gst_http_guard_free);
  g_clear_pointer (&self->log, gst_http_log_unref);
}

static void
post_open_error (GstHttpServerSrc *self, const GError *error)
{
  const GstHttpServiceSettings *settings = &self->settings.service;

  GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ,
      (_ ("Could not serve HTTP on \"%s\" port %u: %s"), settings->host,
          settings->port, error->message),
      (NULL));
}

static gboolean
open_parts (GstHttpServerSrc *self, GError **error)
{
  const GstHttpServiceSettings *settings = &self->settings.service;

  if (gst_http_service_open_log (settings, &self->log, error))
    self->guard = gst_http_service_open_guard (
        settings, self->http, &gst_http_intake_guard_funcs, self, error);
  return self->guard != NULL;
}

/* The single pad is there before anybody can send. */
static gboolean
open_single (GstHttpServerSrc *self, GError **error)
{
  return !self->settings.single || gst_http_lane_open (self, NULL, NULL, error);
}

static void
close_all (GstHttpServerSrc *self)
{
  gst_http_lane_stop_all (self);
  gst_http_lane_close_all (self);
  unmount (self);
  set_ports (self, 0, 0);
}

/* What it is opened with does not change above READY. */
static gboolean
open_all (GstHttpServerSrc *self)
{
  g_autoptr (GError) error = NULL;

  self->http = gst_http_service_open (GST_ELEMENT (self));
  if (self->http == NULL)
    return FALSE;
  GST_OBJECT_LOCK (self);
  self->is_stopping = FALSE;
  self->n_lanes = 0;
  self->n_finished = self->n_failed = self->bytes_received = 0;
  GST_OBJECT_UNLOCK (self);
  if (open_parts (self, &error) && open_single (self, &error)
      && mount (self, &self->settings, &error)
      && mount_metadata (self, &self->settings, &error)) {
    set_ports (self, self->http->get_port (self->mount),
        self->http->get_tls_port (self->mount));
    return TRUE;
  }
  post_open_error (self, error);
  close_all (self);
  return FALSE;
}

static GstStateChangeReturn
gst_http_server_src_change_state (GstElement *element, GstStateChange change)
{
  GstHttpServerSrc *self = GST_HTTP_SERVER_SRC (element);
  GstStateChangeReturn ret;

  if (change == GST_STATE_CHANGE_READY_TO_PAUSED && !open_all (self))
    return GST_STATE_CHANGE_FAILURE;
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_http_lane_stop_all (self);
  ret = GST_ELEMENT_CLASS (gst_http_server_src_parent_class)
            ->change_state (element, change);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY
      || (change == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    close_all (self);
  return ret;
}

/* --- class --- */

static void
gst_http_server_src_finalize (GObject *object)
{
  GstHttpServerSrc *self = GST_HTTP_SERVER_SRC (object);

  gst_http_server_src_clear_settings (self);
  g_ptr_array_unref (self->lanes);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (gst_http_server_src_parent_class)->finalize (object);
}

static void
install_signals (GType type)
{
  /**
   * GstHttpServerSrc::request-started:
   * @self: the source
   * @method: its method
   * @path: (nullable): its decoded path
   * @peer: who asks
   *
   * A request has come. Emitted from the server's thread, which should not be
   * kept for long.
   */
  signals[SIGNAL_REQUEST_STARTED] = g_signal_new ("request-started", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING,
      G_TYPE_STRING, G_TYPE_SOCKET_ADDRESS);

  /**
   * GstHttpServerSrc::request-finished:
   * @self: the source
   * @method: its method
   * @path: (nullable): its decoded path
   * @peer: who has asked
   * @status: how it was answered, 0 if the peer went first
   *
   * A request has got its answer; an upload gets it at its end. Emitted from
   * the server's thread, or from that of the upload's pad.
   */
  signals[SIGNAL_REQUEST_FINISHED] = g_signal_new ("request-finished", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_STRING,
      G_TYPE_STRING, G_TYPE_SOCKET_ADDRESS, G_TYPE_UINT);

  /**
   * GstHttpServerSrc::reload-tls:
   * @self: the source
   *
   * Reads the certificate again, also when its file has not changed.
   *
   * Returns: whether it can be used; if not, the old one stays
   */
  signals[SIGNAL_RELOAD_TLS] = g_signal_new_class_handler ("reload-tls", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_http_server_src_reload_tls), NULL, NULL, NULL,
      G_TYPE_BOOLEAN, 0);
}

static void
gst_http_server_src_class_init (GstHttpServerSrcClass *klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (
      httpserversrc_debug, "httpserversrc", 0, "HTTP server source");
  gobject_class->finalize = gst_http_server_src_finalize;
  gst_http_server_src_install_properties (gobject_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
  gst_http_guard_install_signals (G_TYPE_FROM_CLASS (klass));
  element_class->change_state =
      GST_DEBUG_FUNCPTR (gst_http_server_src_change_state);

  gst_element_class_add_static_pad_template (element_class, &each_template);
  gst_element_class_add_static_pad_template (element_class, &single_template);
  gst_element_class_set_static_metadata (element_class, "HTTP server source",
      "Source/Network",
      "Receive what is uploaded over HTTP with PUT, POST or SOURCE",
      "The GStreamer socket plugins authors");
}

static void
gst_http_server_src_init (GstHttpServerSrc *self)
{
  g_cond_init (&self->changed);
  self->lanes = g_ptr_array_new ();
  gst_http_server_src_init_settings (self);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
}
