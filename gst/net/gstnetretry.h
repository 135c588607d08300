/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetretry.h: connecting again
 *
 * Here: the properties "reconnect" and those around it, waiting between
 * attempts, the messages that tell about it.
 * Not here: one attempt (gstnetpeer.h), what is lost meanwhile.
 */
#pragma once

#include "gstnetpeer.h"

#include <gst/socket/gstsocketwait.h>

G_BEGIN_DECLS

/**
 * GstNetReconnect:
 * @GST_NET_RECONNECT_OFF: connect once, on the way to PAUSED or READY
 * @GST_NET_RECONNECT_ON_EOF: connect again when a connection is lost
 * @GST_NET_RECONNECT_ALWAYS: connect again also when nobody answered yet
 *
 * When to connect again.
 */
typedef enum
{
  GST_NET_RECONNECT_OFF,
  GST_NET_RECONNECT_ON_EOF,
  GST_NET_RECONNECT_ALWAYS,
} GstNetReconnect;

#define GST_TYPE_NET_RECONNECT (gst_net_reconnect_get_type ())
GType gst_net_reconnect_get_type (void);

/* The properties, as offsets from the id of the first. */
enum
{
  GST_NET_RETRY_RECONNECT,
  GST_NET_RETRY_DELAY,
  GST_NET_RETRY_MAX_DELAY,
  GST_NET_RETRY_MAX_RETRIES,
  GST_NET_N_RETRY,
};

/* Part of an element. */
typedef struct
{
  /* immutable */
  GstElement *owner;

  /* guarded by the owner's OBJECT_LOCK */
  GstNetReconnect mode;
  GstClockTime delay_ns;
  GstClockTime max_delay_ns;
  gint max_retries;

  /* the thread that connects */
  gboolean was_connected;
  guint n_failures;
} GstNetRetry;

void gst_net_retry_init (GstNetRetry *self, GstElement *owner);
void gst_net_retry_add_pspecs (GParamSpec **pspecs);
gboolean gst_net_retry_set (
    GstNetRetry *self, gint offset, const GValue *value);
gboolean gst_net_retry_get (GstNetRetry *self, gint offset, GValue *value);

gboolean gst_net_retry_is_on (GstNetRetry *self);
void gst_net_retry_begin (GstNetRetry *self);
gboolean gst_net_retry_may (GstNetRetry *self);
gboolean gst_net_retry_wait (GstNetRetry *self, const gchar *peer_name,
    const gchar *reason, GstSocketWait *wait, GError **error);
void gst_net_retry_connected (GstNetRetry *self, const gchar *peer_name);
GSocket *gst_net_retry_connect (GstNetRetry *self, const GstNetPeer *peer,
    GstSocketWait *wait, GCancellable *cancellable, GError **error);
void gst_net_retry_works (GstNetRetry *self);
void gst_net_retry_failed (GstNetRetry *self);
void gst_net_retry_lost (
    GstNetRetry *self, const gchar *peer_name, const GError *reason);

void gst_net_post_connected (GstElement *element, const gchar *peer_name);
void gst_net_post_dropped (GstElement *element, const gchar *peer_name,
    guint64 dropped, guint64 buffers_dropped);
void gst_net_post_lost (
    GstElement *element, const gchar *peer_name, const gchar *reason);

G_END_DECLS
