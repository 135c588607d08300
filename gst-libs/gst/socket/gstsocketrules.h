/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketrules.h: who may read and write which folder
 *
 * Here: the file of rules for folders: reading it, asking it.
 * Not here: who somebody is, opening folders.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/* Folders in a file of rules, at most. */
#define GST_SOCKET_RULES_MAX 256

/**
 * GstSocketRules: (skip)
 *
 * Rules for folders. Not changed once made: any thread may ask.
 */
typedef struct _GstSocketRules GstSocketRules;

GST_SOCKET_API
GstSocketRules *gst_socket_rules_new (
    const gchar *text, gsize size, GError **error);
GST_SOCKET_API
GstSocketRules *gst_socket_rules_ref (GstSocketRules *rules);
GST_SOCKET_API
void gst_socket_rules_unref (GstSocketRules *rules);
GST_SOCKET_API
guint gst_socket_rules_get_n_folders (const GstSocketRules *rules);
GST_SOCKET_API
const gchar *gst_socket_rules_get_folder (
    const GstSocketRules *rules, guint i, const gchar **ret_name);
GST_SOCKET_API
gboolean gst_socket_rules_may_read (const GstSocketRules *rules,
    const gchar *path, const gchar *file, const gchar *user);
GST_SOCKET_API
gboolean gst_socket_rules_may_write (const GstSocketRules *rules,
    const gchar *path, const gchar *file, const gchar *user);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketRules, gst_socket_rules_unref)

G_END_DECLS
