/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstmultihandlesink.h: base class of the sinks that serve many clients
 *
 * Here: what a subclass provides and may call. Not here: the instance's
 * fields, which are the base class's own.
 */
#pragma once

#include <gst/base/gstbasesink.h>
#include <gst/gst.h>
#include <gst/socket/gstsocketengine.h>

G_BEGIN_DECLS

#define GST_TYPE_MULTI_HANDLE_SINK (gst_multi_handle_sink_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstMultiHandleSink, gst_multi_handle_sink, GST,
    MULTI_HANDLE_SINK, GstBaseSink)

#define GST_TYPE_RECOVER_POLICY                                                \
  (gst_multi_handle_sink_recover_policy_get_type ())
#define GST_TYPE_SYNC_METHOD (gst_multi_handle_sink_sync_method_get_type ())
#define GST_TYPE_CLIENT_STATUS (gst_multi_handle_sink_client_status_get_type ())
GType gst_multi_handle_sink_recover_policy_get_type (void);
GType gst_multi_handle_sink_sync_method_get_type (void);
GType gst_multi_handle_sink_client_status_get_type (void);

/**
 * GstMultiHandleSinkClass: (skip)
 * @sends_control: whether ancillary data of buffers is sent
 * @clear: removes all clients; the closure of the action signal
 * @open: (nullable): called once the engine runs; posts its own error
 * @close: (nullable): called before the engine stops
 * @is_own_thread: (nullable): whether the caller runs in a thread of the
 *     subclass, from which the sink cannot be closed
 * @removed: emits client-removed for the handle with this key
 * @gone: closes what the sink owns, emits the signal that the handle is free
 * @received: (nullable): a client has sent @buffer
 * @sent: (nullable): a client has been sent all of @buffer
 *
 * All that follow @is_own_thread are called from any thread, with no lock.
 */
struct _GstMultiHandleSinkClass
{
  GstBaseSinkClass parent_class;

  gboolean sends_control;

  void (*clear) (GstMultiHandleSink *self);
  gboolean (*open) (GstMultiHandleSink *self);
  void (*close) (GstMultiHandleSink *self);
  gboolean (*is_own_thread) (GstMultiHandleSink *self);
  void (*removed) (
      GstMultiHandleSink *self, gpointer key, GstSocketClientStatus status);
  void (*gone) (
      GstMultiHandleSink *self, gpointer key, GstSocketClientStatus status);
  void (*received) (GstMultiHandleSink *self, gpointer key, GstBuffer *buffer);
  void (*sent) (GstMultiHandleSink *self, gpointer key, GstBuffer *buffer);
};

GstSocketEngine *gst_multi_handle_sink_get_engine (GstMultiHandleSink *self);
gboolean gst_multi_handle_sink_add (GstMultiHandleSink *self,
    const GstSocketHandle *handle, const GstSocketStart *start,
    GstSocketFraming *framing);
void gst_multi_handle_sink_set_notify (
    GstMultiHandleSink *self, gboolean notify_sent, gboolean notify_received);
void gst_multi_handle_sink_set_hangup_first (GstMultiHandleSink *self);
void gst_multi_handle_sink_set_flush_counts (GstMultiHandleSink *self);

G_END_DECLS
