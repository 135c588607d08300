/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcelement.h: what both elements tell their user in the same words
 *
 * Here: errors of opening, element messages. Not here: state, properties.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Returns FALSE, with an error posted, when path is unset. */
gboolean gst_ipc_element_check_path (GstElement *element, const gchar *path);
void gst_ipc_element_post_open_error (
    GstElement *element, const gchar *path, const GError *error);
void gst_ipc_element_warn_unreachable (
    GstElement *element, const gchar *path, const gchar *why);
/* structure (transfer full); for the callbacks of both sides. */
void gst_ipc_element_post (gpointer element, GstStructure *structure);

G_END_DECLS
