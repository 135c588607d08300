/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetfanout.h: a sink that is connected to
 *
 * Here: listening, accepting, and the engine that serves who came.
 * Not here: pads, states, the sink that connects itself (gstnetsender.h).
 */
#pragma once

#include "../fanout/gstfanoutstream.h"
#include "gstnetpeer.h"

#include <gst/socket/gstsocketacceptor.h>

G_BEGIN_DECLS

/* The properties, as offsets from the id of the first. */
enum
{
  GST_NET_FANOUT_SYNC_METHOD,
  GST_NET_FANOUT_BURST_FORMAT,
  GST_NET_FANOUT_BURST_VALUE,
  GST_NET_FANOUT_TIME_MIN,
  GST_NET_FANOUT_BYTES_MIN,
  GST_NET_FANOUT_RECOVER_POLICY,
  GST_NET_FANOUT_UNIT_FORMAT,
  GST_NET_FANOUT_UNITS_MAX,
  GST_NET_FANOUT_UNITS_SOFT_MAX,
  GST_NET_FANOUT_TIMEOUT,
  GST_NET_FANOUT_QUEUE_MAX_BYTES,
  GST_NET_FANOUT_MAX_LATENCY,
  GST_NET_FANOUT_MAX_CLIENTS,
  GST_NET_FANOUT_NOTSENT_LOWAT,
  GST_NET_FANOUT_DRAIN_TIMEOUT,
  GST_NET_FANOUT_N_SETTINGS,
  /* figures */
  GST_NET_FANOUT_CURRENT_PORT = GST_NET_FANOUT_N_SETTINGS,
  GST_NET_FANOUT_NUM_HANDLES,
  GST_NET_FANOUT_BYTES_SERVED,
  GST_NET_FANOUT_CLIENTS,
  GST_NET_FANOUT_TOTALS,
  GST_NET_N_FANOUT,
};

/* Part of an element; every field belongs to gstnetfanout.c. */
typedef struct
{
  /* immutable */
  GstBaseSink *element;
  GstSocketEngine *engine;
  GParamSpec **pspecs; /* of the class */

  /* guarded by the element's OBJECT_LOCK */
  GstSocketLimits limits;
  GstFormat burst_format;
  guint64 burst_value;
  guint notsent_lowat;
  guint64 drain_timeout_ns;
  gint current_port;
  gboolean is_ended;    /* nobody is served any more until a flush */
  gboolean is_unlocked; /* the streaming thread is not to wait */
  guint n_gone;         /* clients that went */
  GCond changed;        /* n_gone or is_unlocked */

  /* state changes; read by others between them */
  GstNetPeer local;
  GPtrArray *listeners;
  GstSocketAcceptor *acceptor;

  /* streaming thread; state changes while it does not run */
  GstFanoutStream stream;
} GstNetFanout;

void gst_net_fanout_class_init (
    GstBaseSinkClass *klass, GCallback get_stats, GCallback kick);
void gst_net_fanout_add_pspecs (GParamSpec **pspecs);
void gst_net_fanout_init (
    GstNetFanout *self, GstBaseSink *element, GParamSpec **pspecs);
void gst_net_fanout_init_settings (GstNetFanout *self);
void gst_net_fanout_clear (GstNetFanout *self);
gboolean gst_net_fanout_set (
    GstNetFanout *self, gint offset, const GValue *value);
gboolean gst_net_fanout_get (GstNetFanout *self, gint offset, GValue *value);

gboolean gst_net_fanout_start (GstNetFanout *self, GstNetPeer *local);
void gst_net_fanout_stop (GstNetFanout *self);
gboolean gst_net_fanout_is_on (const GstNetFanout *self);
gboolean gst_net_fanout_is_own_thread (GstNetFanout *self);
void gst_net_fanout_caps_changed (GstNetFanout *self);
void gst_net_fanout_render (GstNetFanout *self, GstBuffer *buffer);
void gst_net_fanout_drain (GstNetFanout *self);
void gst_net_fanout_begin_again (GstNetFanout *self);
void gst_net_fanout_set_unlocked (GstNetFanout *self, gboolean is_unlocked);
guint64 gst_net_fanout_get_dropped (GstNetFanout *self);
GstStructure *gst_net_fanout_get_stats (GstNetFanout *self, GSocket *socket);
gboolean gst_net_fanout_kick (GstNetFanout *self, guint64 id);

G_END_DECLS
