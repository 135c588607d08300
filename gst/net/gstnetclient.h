/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetclient.h: a source that connects
 *
 * Here: connecting, reading, and connecting again.
 * Not here: pads, properties, states.
 */
#pragma once

#include "gstnetretry.h"
#include "gstnetsource.h"

G_BEGIN_DECLS

/* Copies the settings of the element, for one attempt to connect. */
typedef void (*GstNetDupPeer) (GstElement *element, GstNetPeer *peer);

/* Part of an element. */
typedef struct
{
  /* immutable */
  GstNetSource *source;
  GstNetDupPeer dup_peer;

  GstNetRetry retry;
} GstNetClient;

void gst_net_client_init (
    GstNetClient *self, GstNetSource *source, GstNetDupPeer dup_peer);
gboolean gst_net_client_start (GstNetClient *self);
void gst_net_client_stop (GstNetClient *self);
GstFlowReturn gst_net_client_create (
    GstNetClient *self, GstBuffer **ret_buffer);

G_END_DECLS
