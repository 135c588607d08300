/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstmultisocketsink.h: sink whose clients are GSockets
 *
 * Here: the type, which tcpserversink builds on. Not here: its fields.
 */
#pragma once

#include "gstmultihandlesink.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define GST_TYPE_MULTI_SOCKET_SINK (gst_multi_socket_sink_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstMultiSocketSink, gst_multi_socket_sink, GST,
    MULTI_SOCKET_SINK, GstMultiHandleSink)

/**
 * GstMultiSocketSinkClass: (skip)
 * @add: closure of the action signal
 * @add_full: closure of the action signal
 * @remove: closure of the action signal
 * @remove_flush: closure of the action signal
 * @get_stats: closure of the action signal
 * @release: (nullable): the sink is done with a socket; called between the
 *     signals client-removed and client-socket-removed
 */
struct _GstMultiSocketSinkClass
{
  GstMultiHandleSinkClass parent_class;

  void (*add) (GstMultiSocketSink *self, GSocket *socket);
  void (*add_full) (GstMultiSocketSink *self, GSocket *socket,
      GstSocketSync sync, GstFormat min_format, guint64 min,
      GstFormat max_format, guint64 max);
  void (*remove) (GstMultiSocketSink *self, GSocket *socket);
  void (*remove_flush) (GstMultiSocketSink *self, GSocket *socket);
  GstStructure *(*get_stats) (GstMultiSocketSink *self, GSocket *socket);
  void (*release) (GstMultiSocketSink *self, GSocket *socket);
};

void gst_multi_socket_sink_add (GstMultiSocketSink *self, GSocket *socket);

G_END_DECLS
