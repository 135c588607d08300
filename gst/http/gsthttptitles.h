/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttptitles.h: titles of a station, for the server that it is on
 *
 * Here: telling Icecast and its like what is played, beside the stream.
 * Not here: the stream.
 */
#pragma once

#include "gsthttplink.h"

G_BEGIN_DECLS

/* What listeners are shown for a piece, from tags; NULL without a title. */
gchar *gst_http_title_from_tags (const GstTagList *tags);

typedef struct _GstHttpTitles GstHttpTitles;

GstHttpTitles *gst_http_titles_start (
    GstElement *owner, const GstHttpLinkSettings *how, GError **error);
void gst_http_titles_stop (GstHttpTitles *self);

/* Any thread; neither waits for a server. */
void gst_http_titles_set_title (GstHttpTitles *self, const gchar *title);
void gst_http_titles_set_server (
    GstHttpTitles *self, const GstHttpTarget *target, const gchar *fields);

G_END_DECLS
