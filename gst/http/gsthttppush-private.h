/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttppush-private.h: what the files of an upload share
 *
 * Here: the fields of an upload.
 * Not here: anything for others.
 *
 * Threads   app: start, stop    streaming: the queue    sender: all else
 * Locks     the queue's own
 */
#pragma once

#include "gsthttplink.h"
#include "gsthttppush.h"
#include "gsthttptitles.h"

#include <gst/socket/gstsocketresponse.h>

G_BEGIN_DECLS

/* What came of a step of an attempt. */
typedef enum
{
  GST_HTTP_STEP_OK,
  GST_HTTP_STEP_ANSWERED, /* there is an answer that ends the attempt */
  GST_HTTP_STEP_ABORTED,  /* the file is not to be kept */
  GST_HTTP_STEP_FAILED,   /* with an error */
} GstHttpStep;

/* The file that is being sent. */
typedef struct
{
  GstHttpTarget *target;
  gchar *url;
  gchar *type;
  gboolean is_deletion;
  GPtrArray *kept; /* GstHttpPushItem: what may have to be sent again */
  gsize kept_weight;
  guint n_sent;      /* of those */
  gboolean is_whole; /* kept begins with the beginning */
  gboolean has_end;  /* nothing more comes */
  gboolean is_aborted;
  guint64 length;  /* of the body, once it is known */
  guint64 n_bytes; /* of it that this connection has taken */
} GstHttpPushFile;

struct _GstHttpPush
{
  /* immutable while the thread runs */
  GstBaseSink *owner;
  GstNetRetry *retry;
  const GstHttpPushSettings *settings;
  GCancellable *cancellable;
  GThread *thread;
  GstHttpTitles *titles; /* NULL where nobody is told */

  GstHttpPushQueue queue;
  gint is_stored; /* atomic; a stream can be sent again from its beginning */

  /* sender */
  GstHttpLink link;
  GstHttpPushFile file;
  guint status; /* of the answer, 0 for none yet */
  gchar *reason;
  gchar *redirect; /* what the answer names as location */
  guint retry_after_s;
  gboolean may_keep;     /* the connection is good for another request */
  gboolean is_continued; /* the server asks for the body */
  gboolean skips_expect; /* this server does not answer to Expect */
  gboolean wants_keyframe;
  gboolean has_keyframes;
};

/* gsthttppushhead.c */
gchar *gst_http_push_make_fields (GstHttpPush *self);
gchar *gst_http_push_make_head (GstHttpPush *self, gboolean is_expecting);
GstHttpUploadMode gst_http_push_get_framing (GstHttpPush *self);
const gchar *gst_http_push_get_method (GstHttpPush *self);

/* gsthttppushbody.c */
gboolean gst_http_push_gather (GstHttpPush *self, GError **error);
void gst_http_push_rejoin (GstHttpPush *self);
void gst_http_push_forget_file (GstHttpPush *self);
void gst_http_push_skip_file (GstHttpPush *self);
GstHttpStep gst_http_push_attempt (GstHttpPush *self, GError **error);

G_END_DECLS
