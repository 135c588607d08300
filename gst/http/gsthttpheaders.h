/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpheaders.h: fields of an answer
 *
 * Here: a list of names and values in turn, for all elements that serve HTTP.
 * Not here: what an answer says.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void gst_http_headers_add (
    GPtrArray *headers, const gchar *name, const gchar *value);
void gst_http_headers_vary (GPtrArray *headers, const gchar *name);
void gst_http_headers_add_own (
    GPtrArray *headers, const gchar *name, const gchar *value);
gboolean gst_http_headers_is_value (const gchar *text);

G_END_DECLS
