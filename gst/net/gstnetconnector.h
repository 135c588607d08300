/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetconnector.h: connecting in the background
 *
 * Here: a thread that lives until there is a connection, or no hope.
 * Not here: when to try again (gstnetretry.h).
 */
#pragma once

#include "gstnetretry.h"

G_BEGIN_DECLS

/* Part of an element. */
typedef struct
{
  /* immutable */
  GstNetRetry *retry;
  GCancellable *cancellable;

  /* the owner's thread */
  GThread *thread;
  const GstNetPeer *peer;

  /* guarded by lock */
  GMutex lock;
  GCond changed;
  gboolean is_done;

  /* the thread's until is_done */
  GSocket *socket;
  GError *error;
} GstNetConnector;

void gst_net_connector_init (GstNetConnector *self, GstNetRetry *retry);
void gst_net_connector_clear (GstNetConnector *self);
gboolean gst_net_connector_start (
    GstNetConnector *self, const GstNetPeer *peer);
void gst_net_connector_stop (GstNetConnector *self);
gboolean gst_net_connector_is_done (GstNetConnector *self);
gboolean gst_net_connector_wait (
    GstNetConnector *self, GCancellable *cancellable);
void gst_net_connector_wake (GstNetConnector *self);
GSocket *gst_net_connector_finish (GstNetConnector *self, GError **error);

G_END_DECLS
