/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpserversrc-private.h: what the files of httpserversrc share
 *
 * Here: the element's fields and its lanes, and who may touch them.
 * Not here: anything for others.
 *
 * Threads   app: properties, state    server: requests, pads that go
 *           streaming, one a lane: uploads, pads that come
 * Locks     OBJECT_LOCK    guards what is marked; not held while the server, a
 *                          pad or a signal handler is called
 */
#pragma once

#include "../net/gstnetserver.h"

#include "gsthttpservice.h"
#include "gsthttpupload.h"

G_BEGIN_DECLS

#define GST_TYPE_HTTP_SERVER_SRC (gst_http_server_src_get_type ())
G_DECLARE_FINAL_TYPE (
    GstHttpServerSrc, gst_http_server_src, GST, HTTP_SERVER_SRC, GstElement)

/* Settings; those that are opened with do not change above READY. */
typedef struct
{
  GstHttpServiceSettings service;
  gchar *path;
  gboolean single;
  guint max_uploads;
  guint64 max_size;
  guint64 idle_timeout;
  GstNetOnDisconnect on_disconnect;
  gboolean typefind;
  gboolean icecast;
} GstHttpIntakeSettings;

typedef struct _GstHttpLane GstHttpLane;

struct _GstHttpServerSrc
{
  GstElement parent;

  /* guarded by OBJECT_LOCK */
  GstHttpIntakeSettings settings;
  guint current_port;
  guint current_tls_port;
  gboolean is_stopping;
  GPtrArray *lanes; /* GstHttpLane */
  guint n_lanes;    /* so far: pads are numbered */
  guint64 n_finished;
  guint64 n_failed;
  guint64 bytes_received;
  GCond changed; /* is_stopping, what lanes wait for */

  /* app thread while the state changes, else read only */
  const GstSocketHttpApi *http;
  GstSocketHttpMount *mount;
  GstSocketHttpMount *metadata_mount;
  GstHttpGuard *guard;
  GstHttpLog *log; /* NULL for none */
};

/* gsthttpserversrcprops.c */
void gst_http_server_src_install_properties (GObjectClass *klass);
void gst_http_server_src_init_settings (GstHttpServerSrc *self);
void gst_http_server_src_clear_settings (GstHttpServerSrc *self);
void gst_http_server_src_notify_ports (GstHttpServerSrc *self);

/* gsthttpintake.c: server thread */
void gst_http_intake_end (GstHttpServerSrc *self, GstSocketHttpRequest *request,
    guint status, guint64 bytes); /* any thread */
extern const GstSocketHttpMountFuncs gst_http_intake_funcs;
extern const GstSocketHttpMountFuncs gst_http_metadata_funcs;
extern const GstHttpGuardFuncs gst_http_intake_guard_funcs;

/* Where Icecast is told of titles. */
#define GST_HTTP_METADATA_PATH "/admin/metadata"

/* gsthttplane.c */

/* What is found out about a place for an upload. */
typedef enum
{
  GST_HTTP_LANE_FREE,
  GST_HTTP_LANE_SAME_PATH, /* somebody sends there already */
  GST_HTTP_LANE_BUSY,      /* somebody sends, and there is one pad only */
  GST_HTTP_LANE_FULL,
  GST_HTTP_LANE_STOPPING,
} GstHttpLaneVerdict;

/* An upload, and what its sender says of it. */
typedef struct
{
  GstHttpUpload *upload;
  GstCaps *caps;    /* NULL for none */
  GstTagList *tags; /* NULL for none */
  gboolean goes_on; /* with the stream of the one before */
} GstHttpDelivery;

GstHttpLaneVerdict gst_http_lane_find (
    GstHttpServerSrc *self, const gchar *path, GstHttpLane **ret_lane);
gboolean gst_http_lane_is_at (
    GstHttpLane *lane, const gchar *path, guint64 offset);
void gst_http_lane_unref (GstHttpLane *lane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstHttpLane, gst_http_lane_unref)
gboolean gst_http_lane_open (GstHttpServerSrc *self, const gchar *path,
    GstHttpDelivery *delivery, GError **error);
void gst_http_lane_give (GstHttpLane *lane, GstHttpDelivery *delivery);
guint gst_http_lane_tag (
    GstHttpServerSrc *self, const gchar *path, GstTagList *tags);
void gst_http_lane_stop_all (GstHttpServerSrc *self);
void gst_http_lane_close_all (GstHttpServerSrc *self);
guint gst_http_lane_count (GstHttpServerSrc *self);

/* signals */
void gst_http_server_src_emit_request (GstHttpServerSrc *self,
    GstSocketHttpRequest *request, guint status, gboolean is_finished);

G_END_DECLS
