/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetserver.h: a source that is connected to
 *
 * Here: accepting one sender at a time, reading it, and going over to the
 * next.
 * Not here: pads, states.
 */
#pragma once

#include "gstnetlistener.h"
#include "gstnetsource.h"

G_BEGIN_DECLS

/**
 * GstNetOnDisconnect:
 * @GST_NET_ON_DISCONNECT_EOS: end the stream
 * @GST_NET_ON_DISCONNECT_WAIT: wait for the next sender
 * @GST_NET_ON_DISCONNECT_ERROR: post an error
 *
 * What to do when the sender leaves.
 */
typedef enum
{
  GST_NET_ON_DISCONNECT_EOS,
  GST_NET_ON_DISCONNECT_WAIT,
  GST_NET_ON_DISCONNECT_ERROR,
} GstNetOnDisconnect;

#define GST_TYPE_NET_ON_DISCONNECT (gst_net_on_disconnect_get_type ())
GType gst_net_on_disconnect_get_type (void);

/* The properties, as offsets from the id of the first. */
enum
{
  GST_NET_SERVER_ON_DISCONNECT,
  GST_NET_SERVER_TAKEOVER,
  GST_NET_SERVER_IDLE_TIMEOUT,
  GST_NET_N_SERVER,
};

/* Part of an element. */
typedef struct
{
  /* immutable */
  GstNetSource *source;

  /* guarded by the element's OBJECT_LOCK */
  GstNetOnDisconnect on_disconnect;
  gboolean takeover;
  GstClockTime idle_timeout_ns;

  /* streaming thread; state changes while it does not run */
  GstNetListener listener;
  gchar *peer_name;
  gint64 last_data_us;
} GstNetServer;

void gst_net_server_init (GstNetServer *self, GstNetSource *source);
void gst_net_server_add_pspecs (GParamSpec **pspecs);
gboolean gst_net_server_set (
    GstNetServer *self, gint offset, const GValue *value);
gboolean gst_net_server_get (GstNetServer *self, gint offset, GValue *value);

gboolean gst_net_server_start (GstNetServer *self, const GstNetPeer *local);
void gst_net_server_stop (GstNetServer *self);
GstFlowReturn gst_net_server_create (
    GstNetServer *self, GstBuffer **ret_buffer);

G_END_DECLS
