/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketroot-private.h: what other files need of a folder
 *
 * Here: the folder that a file is in. Not here: anything for elements.
 */
#pragma once

#include "gstsocketroot.h"

G_BEGIN_DECLS

G_GNUC_INTERNAL
gint gst_socket_root_open_parent (const GstSocketRoot *root, const gchar *path,
    gchar **ret_name, GError **error);

G_END_DECLS
