/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfield.c: settings of the HTTP elements as properties
 *
 * Here: how a field of a structure is written and read as a property.
 * Not here: which fields there are, what they do.
 *
 * Threads   any
 * Locks     the caller holds what guards the field
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpfield.h"

void
gst_http_field_set (gpointer field, const GValue *value)
{
  if (G_VALUE_HOLDS_STRING (value)) {
    g_free (*(gchar **) field);
    *(gchar **) field = g_value_dup_string (value);
  } else if (G_VALUE_HOLDS_BOOLEAN (value)) {
    *(gboolean *) field = g_value_get_boolean (value);
  } else if (G_VALUE_HOLDS_ENUM (value)) {
    *(gint *) field = g_value_get_enum (value);
  } else if (G_VALUE_HOLDS_INT (value)) {
    *(gint *) field = g_value_get_int (value);
  } else if (G_VALUE_HOLDS_UINT (value)) {
    *(guint *) field = g_value_get_uint (value);
  } else if (G_VALUE_HOLDS_UINT64 (value)) {
    *(guint64 *) field = g_value_get_uint64 (value);
  } else {
    g_clear_pointer ((GstStructure **) field, gst_structure_free);
    *(GstStructure **) field = g_value_dup_boxed (value);
  }
}

void
gst_http_field_get (gconstpointer field, GValue *value)
{
  if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, *(gchar *const *) field);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_value_set_boolean (value, *(const gboolean *) field);
  else if (G_VALUE_HOLDS_ENUM (value))
    g_value_set_enum (value, *(const gint *) field);
  else if (G_VALUE_HOLDS_INT (value))
    g_value_set_int (value, *(const gint *) field);
  else if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, *(const guint *) field);
  else if (G_VALUE_HOLDS_UINT64 (value))
    g_value_set_uint64 (value, *(const guint64 *) field);
  else
    g_value_set_boxed (value, *(GstStructure *const *) field);
}

void
gst_http_field_clear (gpointer field, GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_STRING (pspec))
    g_clear_pointer ((gchar **) field, g_free);
  else if (G_IS_PARAM_SPEC_BOXED (pspec))
    g_clear_pointer ((GstStructure **) field, gst_structure_free);
}
