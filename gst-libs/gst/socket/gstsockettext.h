/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockettext.h: figures as JSON and as Prometheus has them
 *
 * Here: writing both formats.
 * Not here: which figures.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

GST_SOCKET_API
void gst_socket_json_append_string (GString *json, const gchar *text);
GST_SOCKET_API
void gst_socket_json_append_value (GString *json, const GValue *value);
GST_SOCKET_API
void gst_socket_json_append_structure (
    GString *json, const GstStructure *structure);

GST_SOCKET_API
void gst_socket_metrics_append_head (
    GString *metrics, const gchar *name, const gchar *type, const gchar *help);
GST_SOCKET_API
void gst_socket_metrics_append (GString *metrics, const gchar *name,
    const gchar *label, const gchar *label_value, gdouble value);

G_END_DECLS
