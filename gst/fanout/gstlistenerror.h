/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstlistenerror.h: why an element cannot listen, in words
 *
 * Here: one sentence for all elements that listen.
 * Not here: listening, posting.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

gchar *gst_listen_error_describe (const gchar *name, const GError *error);

G_END_DECLS
