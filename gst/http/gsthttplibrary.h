/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplibrary.h: the HTTP library, opened on first use
 *
 * Here: finding it. Not here: what it can do (gstsockethttp.h).
 */
#pragma once

#include <gst/sockethttp/gstsockethttp.h>

G_BEGIN_DECLS

const GstSocketHttpApi *gst_http_library_open (GError **error);

G_END_DECLS
