/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfield.h: settings of the HTTP elements as properties
 *
 * Here: how a field of a structure is written and read as a property.
 * Not here: which fields there are, what they do.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The kind of the field is that of the value or property: gchar *, gboolean,
 * gint (enums too), guint, guint64 or GstStructure *. Texts and structures are
 * the field's own. */
void gst_http_field_set (gpointer field, const GValue *value);
void gst_http_field_get (gconstpointer field, GValue *value);
void gst_http_field_clear (gpointer field, GParamSpec *pspec);

G_END_DECLS
