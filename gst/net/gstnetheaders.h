/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetheaders.h: what a stream begins with for who comes later
 *
 * Here: the stream headers that caps hold. Not here: when they are sent.
 */
#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

/* Returns: (transfer full): GstBuffer, maybe none */
GPtrArray *gst_net_headers_of (GstBaseSink *sink);

G_END_DECLS
