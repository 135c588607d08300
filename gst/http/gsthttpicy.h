/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpicy.h: what senders of radio say of their stream
 *
 * Here: tags from fields and from queries. Not here: who says it.
 */
#pragma once

#include "gsthttplibrary.h"

G_BEGIN_DECLS

GstTagList *gst_http_icy_tags_of_head (
    const GstSocketHttpApi *http, GstSocketHttpRequest *request);
GstTagList *gst_http_icy_tags_of_query (const gchar *query);
gchar *gst_http_icy_dup_param (const gchar *query, const gchar *name);

G_END_DECLS
