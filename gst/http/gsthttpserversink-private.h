/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpserversink-private.h: what the files of httpserversink share
 *
 * Here: the element's fields, and who may touch them.
 * Not here: anything for others.
 *
 * Threads   app: properties, state    streaming: render, events
 *           server: requests          worker: clients that go
 * Locks     OBJECT_LOCK     guards what is marked; not held while the server,
 *                           the engine or a signal handler is called
 */
#pragma once

#include "gsthttpfiles.h"
#include "gsthttpheaders.h"
#include "gsthttpservice.h"
#include "gsthttpuploadroot.h"

#include "../fanout/gstmultihandlesink.h"
#include "../net/gstnetpause.h"

G_BEGIN_DECLS

#define GST_TYPE_HTTP_SERVER_SINK (gst_http_server_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstHttpServerSink, gst_http_server_sink, GST,
    HTTP_SERVER_SINK, GstMultiHandleSink)

typedef enum
{
  GST_HTTP_TRANSFER_AUTO,
  GST_HTTP_TRANSFER_CHUNKED,
  GST_HTTP_TRANSFER_CLOSE,
} GstHttpTransferMode;

typedef enum
{
  GST_HTTP_ON_EOS_CLOSE,
  GST_HTTP_ON_EOS_HOLD,
  GST_HTTP_ON_EOS_QUIT,
} GstHttpOnEos;

/* How the body of a live stream is made. */
typedef enum
{
  GST_HTTP_BODY_PLAIN,
  GST_HTTP_BODY_CHUNKED,
  GST_HTTP_BODY_PARTS,
  GST_HTTP_BODY_PARTS_CHUNKED,
  GST_HTTP_BODY_ICY,
  GST_HTTP_N_BODIES
} GstHttpBody;

/* Connections that an address may have beside its listeners, and files that
 * are sent to it: those of a browser, and some. */
#define GST_HTTP_WAITING_PER_PEER 16

/* Settings; copied when the element opens. */
typedef struct
{
  GstHttpServiceSettings service;
  gchar *path;
  gchar *content_type;
  GstHttpTransferMode transfer_mode;
  GstStructure *headers;
  gboolean hold;
  GstHttpOnEos on_eos;
  guint64 hold_timeout;
  guint max_clients_per_ip;
  gboolean icy;
  guint icy_metaint;
  gboolean server_utc;
  gboolean index_page;
  gchar *status_path;
  gchar *metrics_path;
  gchar *upload_root;
  guint64 upload_max_size;
} GstHttpSettings;

struct _GstHttpServerSink
{
  GstMultiHandleSink parent;

  GstNetPause pause; /* any thread */

  /* guarded by OBJECT_LOCK */
  GstHttpSettings settings;
  GstHttpFileSettings file_settings;
  guint current_port;
  guint current_tls_port;
  gboolean is_started; /* caps have come */
  gboolean is_ended;   /* the stream is over */
  gboolean has_ended;  /* it was over once: the queue may hold its end */
  gchar *caps_type;    /* content type that the caps tell */
  gboolean is_picture; /* each buffer is a JPEG picture */
  gboolean is_audio;
  GBytes *probe;         /* the first bytes of the stream headers */
  GstBuffer *newest;     /* the newest picture */
  GHashTable *listeners; /* GSocket -> GstHttpListener */
  guint n_entering;      /* let in, and not yet clients */
  gchar *title;
  gchar *station;
  GstClockID hold_clock_id;
  GstSocketFraming *framings[GST_HTTP_N_BODIES];
  gboolean is_unlocked;
  gboolean is_closing;       /* the mount is about to go */
  gboolean is_serving_files; /* action signals may use files */
  guint n_using_files;
  gboolean is_alone; /* no stream, only files; the app thread sets it */
  GCond changed;     /* listeners, n_entering, is_unlocked */

  /* app thread while the state changes, else read only */
  const GstSocketHttpApi *http;
  GstSocketHttpMount *mount;
  GstHttpFiles *files; /* NULL: none; from before the mount to after it */
  gboolean was_async;
  GstHttpGuard *guard;
  GstHttpLog *log;          /* NULL for none */
  GstHttpUploadRoot *store; /* NULL without upload-root */
  GstSocketHttpMount *store_mount;
};

/* One who is watching. */
typedef struct
{
  GstSocketHttpConnection connection;
  gchar *ip;
  /* What its line in the log needs; NULL without a log. */
  const GstSocketHttpApi *http;
  GstHttpLog *log;
  GstSocketHttpRequest *request;
  guint64 bytes_sent;
} GstHttpListener;

void gst_http_listener_free (GstHttpListener *listener);

/* gsthttpproperties.c */
void gst_http_server_sink_install_properties (GObjectClass *klass);
void gst_http_server_sink_init_settings (GstHttpServerSink *self);
void gst_http_server_sink_clear_settings (GstHttpServerSink *self);
void gst_http_server_sink_notify_ports (GstHttpServerSink *self);

/* gsthttprequest.c: server thread */
extern const GstSocketHttpMountFuncs gst_http_request_funcs;
void gst_http_request_end (GstHttpServerSink *self,
    GstSocketHttpRequest *request, guint status, guint64 bytes);
extern const GstHttpGuardFuncs gst_http_request_guard_funcs;

/* gsthttplive.c */
void gst_http_live_answer (
    GstHttpServerSink *self, GstSocketHttpRequest *request);
void gst_http_live_answer_snapshot (
    GstHttpServerSink *self, GstSocketHttpRequest *request);

/* gsthttpheaders.c: see gsthttpheaders.h, too */
GPtrArray *gst_http_headers_new (
    GstHttpServerSink *self, GstSocketHttpRequest *request);
void gst_http_headers_add_common (
    GstHttpServerSink *self, const gchar *origin, GPtrArray *headers);
void gst_http_headers_share (GstHttpServerSink *self, GPtrArray *headers);
void gst_http_headers_put (GstHttpServerSink *self, GPtrArray *headers,
    const gchar *name, const gchar *value);
void gst_http_answer (GstHttpServerSink *self, GstSocketHttpRequest *request,
    guint status, GPtrArray *headers, const gchar *type, GBytes *body);
void gst_http_answer_text (GstHttpServerSink *self,
    GstSocketHttpRequest *request, guint status, const gchar *text);

/* gsthttpstatus.c: server thread */
void gst_http_status_answer (
    GstHttpServerSink *self, GstSocketHttpRequest *request);
void gst_http_status_answer_metrics (
    GstHttpServerSink *self, GstSocketHttpRequest *request);
void gst_http_status_answer_page (
    GstHttpServerSink *self, GstSocketHttpRequest *request);

/* gsthttpfileprops.c */
#define GST_HTTP_FILE_PROPS 1000
void gst_http_file_props_install (GObjectClass *klass);
void gst_http_file_props_init (GstHttpServerSink *self);
gboolean gst_http_file_props_set_locked (
    GstHttpServerSink *self, guint id, const GValue *value);
gboolean gst_http_file_props_get_locked (
    GstHttpServerSink *self, guint id, GValue *value);
void gst_http_file_signals_install (GType type);

/* gsthttpfilemode.c */
gboolean gst_http_file_mode_open (GstHttpServerSink *self);
void gst_http_file_mode_start (GstHttpServerSink *self);
void gst_http_file_mode_stop (GstHttpServerSink *self);
void gst_http_file_mode_close (GstHttpServerSink *self);
/* App thread. Whether there are files, and nobody to send a stream. */
gboolean gst_http_file_mode_is_alone (GstHttpServerSink *self);
gboolean gst_http_file_mode_is_on (GstHttpServerSink *self);
GstFlowReturn gst_http_file_mode_write (
    GstHttpServerSink *self, GstBuffer *buffer);
void gst_http_file_mode_end (GstHttpServerSink *self);
void gst_http_file_mode_note_state (
    GstHttpServerSink *self, GstStateChange transition);

/* gsthttpsignals.c */
void gst_http_server_sink_install_signals (GType type);
/* gsthttpuploads.c */
gboolean gst_http_uploads_open (GstHttpServerSink *self, GError **error);
void gst_http_uploads_close (GstHttpServerSink *self);
gboolean gst_http_uploads_take (
    GstHttpServerSink *self, GstSocketHttpRequest *request);
void gst_http_uploads_answer (
    GstHttpServerSink *self, GstSocketHttpRequest *request);
/* signals */
void gst_http_server_sink_emit_added (GstHttpServerSink *self, GSocket *socket);
void gst_http_server_sink_emit_removed (
    GstHttpServerSink *self, GSocket *socket, GstSocketClientStatus status);
void gst_http_server_sink_emit_request (GstHttpServerSink *self,
    GstSocketHttpRequest *request, guint status, gboolean is_finished);

G_END_DECLS
