/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplane-private.h: what the files of a lane share
 *
 * Here: its fields, and who may touch them; how its streams begin.
 * Not here: anything for others.
 *
 * Threads, locks   see gsthttplane.c
 */
#pragma once

#include "gsthttpserversrc-private.h"

G_BEGIN_DECLS

struct _GstHttpLane
{
  /* immutable */
  GstHttpServerSrc *element;
  GstPad *pad; /* whose it is */
  gchar *path; /* NULL for any */
  GCancellable *cancellable;
  GstSocketWait *wait;

  /* guarded by the element's OBJECT_LOCK */
  GstHttpUpload *next;
  GstCaps *caps;
  GstTagList *tags; /* to be pushed */
  gchar *sending;   /* path of the upload that goes on */
  gchar *sent;      /* path of the stream that was begun last */
  guint64 offset;   /* bytes of it that have come */
  gboolean goes_on; /* the next upload is of that stream */
  gboolean is_busy;
  gboolean is_over;

  /* streaming */
  GstHttpUpload *upload;
  gboolean is_added;
  gboolean is_started;
  gboolean is_discont;
  GstBuffer *probe; /* has come, and is to show of what kind it is; or NULL */
  gsize probe_next; /* bytes that it has at the next attempt */
  gint64 probe_end_us; /* when it is enough, whatever has come; 0 for never */
};

/* gsthttplanestart.c: streaming thread */
void gst_http_lane_start (GstHttpLane *self, GstCaps *caps);
void gst_http_lane_push_tags (GstHttpLane *self);
void gst_http_lane_probe (GstHttpLane *self);
gboolean gst_http_lane_is_probing (GstHttpLane *self);
GstBuffer *gst_http_lane_probe_with (GstHttpLane *self, GstBuffer *buffer);
gint64 gst_http_lane_get_patience_us (GstHttpLane *self, gint64 timeout_us);
GstBuffer *gst_http_lane_end_probe (GstHttpLane *self);

G_END_DECLS
