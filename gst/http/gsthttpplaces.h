/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpplaces.h: to how many files are being sent
 *
 * Here: counting them, in all and by address.
 * Not here: listeners to a live stream, the limits.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstHttpPlaces GstHttpPlaces;

GstHttpPlaces *gst_http_places_new (void);
void gst_http_places_free (GstHttpPlaces *places);
/* Any thread. Returns whether there is a place for one more; 0 for any number
 * of places. */
gboolean gst_http_places_take (
    GstHttpPlaces *self, const gchar *ip, guint max, guint max_per_ip);
void gst_http_places_leave (GstHttpPlaces *self, const gchar *ip);

G_END_DECLS
