/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttppush.h: uploading files and streams over HTTP
 *
 * Here: the settings, starting and stopping.
 * Not here: pads, properties, which buffers make a file.
 */
#pragma once

#include "gsthttppushqueue.h"

#include "../net/gstnetretry.h"

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

typedef enum
{
  GST_HTTP_METHOD_PUT,
  GST_HTTP_METHOD_POST,
  GST_HTTP_METHOD_SOURCE,
} GstHttpMethod;

/* How the end of a body is told. */
typedef enum
{
  GST_HTTP_UPLOAD_AUTO,
  GST_HTTP_UPLOAD_CHUNKED,
  GST_HTTP_UPLOAD_CLOSE,
  GST_HTTP_UPLOAD_LENGTH,
} GstHttpUploadMode;

/* Settings; immutable while it runs. */
typedef struct
{
  gchar *location;
  GstHttpMethod method;
  GstHttpUploadMode transfer_mode;
  gboolean expect_continue;
  gchar *content_type;
  GstStructure *extra_headers;
  gchar *user_agent;
  gchar *user_id;
  gchar *user_pw;
  gchar *auth_token;
  gchar *proxy;
  gboolean ssl_strict;
  gchar *tls_ca_file;
  guint64 timeout;
  guint64 max_bytes;
  gint next_file;
  guint max_files;
  gint leaky;
  gchar *streamname;
  gchar *genre;
  gchar *description;
  gchar *url;
  gboolean is_public;
  gboolean titles;
} GstHttpPushSettings;

typedef struct _GstHttpPush GstHttpPush;

GstHttpPush *gst_http_push_start (GstBaseSink *owner, GstNetRetry *retry,
    const GstHttpPushSettings *settings, GError **error);
void gst_http_push_stop (GstHttpPush *self);
GstHttpPushQueue *gst_http_push_get_queue (GstHttpPush *self);
void gst_http_push_set_title (GstHttpPush *self, const gchar *title);
void gst_http_push_set_stored (GstHttpPush *self, gboolean is_stored);

G_END_DECLS
