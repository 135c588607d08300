/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstfanoutvalue.c: settings of the engine as properties
 *
 * Here: how a field of a structure is written and read as a property.
 * Not here: which fields there are (the elements), what they do (the engine).
 *
 * Threads   any; the caller holds the lock that guards the structure
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstfanoutvalue.h"

/*
 * gst_fanout_field_store:
 * @field: which one
 * @base: the structure it is in
 * @value: what to store there
 */
void
gst_fanout_field_store (
    const GstFanoutField *field, gpointer base, const GValue *value)
{
  gpointer place = (guint8 *) base + field->offset;

  switch (field->kind) {
    case GST_FANOUT_BOOLEAN:
      *(gboolean *) place = g_value_get_boolean (value);
      break;
    case GST_FANOUT_ENUM:
      *(gint *) place = g_value_get_enum (value);
      break;
    case GST_FANOUT_INT:
      *(gint *) place = g_value_get_int (value);
      break;
    case GST_FANOUT_UINT:
      *(guint *) place = g_value_get_uint (value);
      break;
    case GST_FANOUT_INT64:
      *(gint64 *) place = g_value_get_int64 (value);
      break;
    case GST_FANOUT_UINT64:
      *(guint64 *) place = g_value_get_uint64 (value);
      break;
    case GST_FANOUT_INT64_AS_INT:
      *(gint64 *) place = g_value_get_int (value);
      break;
  }
}

/*
 * gst_fanout_field_load:
 * @field: which one
 * @base: the structure it is in
 * @value: where its value goes
 */
void
gst_fanout_field_load (
    const GstFanoutField *field, gconstpointer base, GValue *value)
{
  gconstpointer place = (const guint8 *) base + field->offset;

  switch (field->kind) {
    case GST_FANOUT_BOOLEAN:
      g_value_set_boolean (value, *(const gboolean *) place);
      break;
    case GST_FANOUT_ENUM:
      g_value_set_enum (value, *(const gint *) place);
      break;
    case GST_FANOUT_INT:
      g_value_set_int (value, *(const gint *) place);
      break;
    case GST_FANOUT_UINT:
      g_value_set_uint (value, *(const guint *) place);
      break;
    case GST_FANOUT_INT64:
      g_value_set_int64 (value, *(const gint64 *) place);
      break;
    case GST_FANOUT_UINT64:
      g_value_set_uint64 (value, *(const guint64 *) place);
      break;
    case GST_FANOUT_INT64_AS_INT:
      g_value_set_int (value, (gint) * (const gint64 *) place);
      break;
  }
}
