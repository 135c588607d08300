/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpclientsink-private.h: what the files of httpclientsink share
 *
 * Here: the element's fields, and who may touch them.
 * Not here: anything for others.
 *
 * Threads   app: properties, state    streaming: render, events
 * Locks     OBJECT_LOCK guards what is marked
 */
#pragma once

#include "gsthttppush.h"

#include "../net/gstnetsender.h"

G_BEGIN_DECLS

#define GST_TYPE_HTTP_CLIENT_SINK (gst_http_client_sink_get_type ())
G_DECLARE_FINAL_TYPE (
    GstHttpClientSink, gst_http_client_sink, GST, HTTP_CLIENT_SINK, GstBaseSink)

/* What begins another file. */
typedef enum
{
  GST_HTTP_NEXT_FILE_NONE,
  GST_HTTP_NEXT_FILE_BUFFER,
  GST_HTTP_NEXT_FILE_DISCONT,
  GST_HTTP_NEXT_FILE_KEY_FRAME,
  GST_HTTP_NEXT_FILE_KEY_UNIT_EVENT,
} GstHttpNextFile;

struct _GstHttpClientSink
{
  GstBaseSink parent;

  /* guarded by OBJECT_LOCK */
  GstHttpPushSettings settings;
  guint64 buffers_dropped;

  GstNetRetry retry; /* locks for itself */

  GstNetPause pause; /* any thread */

  /* streaming thread, and state changes while it does not run */
  GstHttpPushSettings active; /* a copy */
  GstHttpPush *push;          /* NULL when stopped */
  gchar *caps_type;
  gboolean is_open;     /* a file has begun */
  gboolean is_spoiled;  /* and lacks something */
  gboolean is_void;     /* and there is nothing of it */
  gboolean is_warned;   /* of files that are left out, in a row */
  gboolean has_header;  /* and its last buffer was a header */
  gboolean is_asked;    /* an event asks for another file */
  gboolean is_stored;   /* known not to be live */
  gboolean is_skipping; /* up to a keyframe */
  guint index;
};

/* gsthttpclientproperties.c */
void gst_http_client_sink_install_properties (GObjectClass *klass);
void gst_http_client_sink_init_settings (GstHttpClientSink *self);
void gst_http_push_settings_clear (GstHttpPushSettings *settings);
void gst_http_client_sink_copy_settings (
    GstHttpClientSink *self, GstHttpPushSettings *to);

/* gsthttplocation.c */
gchar *gst_http_location_with_index (const gchar *location, guint index);

G_END_DECLS
