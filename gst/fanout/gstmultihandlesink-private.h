/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstmultihandlesink-private.h: the base class's two files share this
 *
 * Here: the instance's fields and the calls between gstmultihandlesink.c and
 * gstmultihandleprops.c. Not here: anything for subclasses.
 */
#pragma once

#include "gstfanoutstream.h"
#include "gstmultihandlesink.h"

#include <gst/socket/gstsocketopt.h>

G_BEGIN_DECLS

typedef struct
{
  GstSocketEngine *engine; /* immutable */

  /* guarded by OBJECT_LOCK */
  GstSocketLimits limits;
  GstFormat burst_format;
  guint64 burst_value;
  gint qos_dscp;
  GstSocketTcpOptions tcp;
  guint n_refused; /* since it was last warned of */
  gint64 refused_warned_us;

  /* immutable; what the base class set */
  GstPadChainFunction chain;
  GstPadChainListFunction chain_list;
  GstPadEventFunction event;

  GThread *pusher; /* atomic; who is in a push */

  /* streaming thread, or none while it does not run */
  GstFanoutStream stream;
} GstMultiHandleSinkPrivate;

GstMultiHandleSinkPrivate *gst_multi_handle_sink_get_private (
    GstMultiHandleSink *self);
void gst_multi_handle_sink_install_properties (GObjectClass *klass);
void gst_multi_handle_sink_init_settings (GstMultiHandleSink *self);
void gst_multi_handle_sink_apply_options (
    GstMultiHandleSink *self, const GstSocketHandle *handle);

G_END_DECLS
