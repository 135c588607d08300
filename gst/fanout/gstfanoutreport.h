/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstfanoutreport.h: what an element says of the engine and its clients
 *
 * Here: messages, events and structures made of the engine's reports.
 * Not here: signals and properties (the elements).
 */
#pragma once

#include <gst/base/gstbasesink.h>
#include <gst/socket/gstsocketengine.h>

G_BEGIN_DECLS

void gst_fanout_post_slow (
    GstElement *element, const GstSocketSlowReport *report);
void gst_fanout_request_keyframe (GstBaseSink *sink);
GstStructure *gst_fanout_get_totals (GstSocketEngine *engine);
void gst_fanout_get_clients (GstSocketEngine *engine, GValue *value);
GParamSpec *gst_fanout_totals_pspec (void);
GParamSpec *gst_fanout_clients_pspec (void);

G_END_DECLS
