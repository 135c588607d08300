/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstfanoutvalue.h: settings of the engine as properties
 *
 * Here: how a field of a structure is written and read as a property.
 * Not here: which fields there are (the elements), what they do (the engine).
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* How a setting is kept. */
typedef enum
{
  GST_FANOUT_BOOLEAN,
  GST_FANOUT_ENUM,
  GST_FANOUT_INT,
  GST_FANOUT_UINT,
  GST_FANOUT_INT64,
  GST_FANOUT_UINT64,
  GST_FANOUT_INT64_AS_INT,
} GstFanoutKind;

/* Where it is kept: the offset in a structure of the element's. */
typedef struct
{
  GstFanoutKind kind;
  gsize offset;
} GstFanoutField;

void gst_fanout_field_store (
    const GstFanoutField *field, gpointer base, const GValue *value);
void gst_fanout_field_load (
    const GstFanoutField *field, gconstpointer base, GValue *value);

G_END_DECLS
