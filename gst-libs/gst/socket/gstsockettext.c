/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockettext.c: figures as JSON and as Prometheus has them
 *
 * Here: writing both formats.
 * Not here: which figures.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockettext.h"

#include <math.h>

/* --- JSON --- */

/**
 * gst_socket_json_append_string: (skip)
 * @json: a text
 * @text: (nullable): what to write; what is not UTF-8 is replaced
 *
 * Appends a string with its quotes, or null. It is also safe within a script
 * of an HTML page.
 */
void
gst_socket_json_append_string (GString *json, const gchar *text)
{
  g_autofree gchar *valid = NULL;

  if (text == NULL) {
    g_string_append (json, "null");
    return;
  }
  valid = g_utf8_make_valid (text, -1);
  g_string_append_c (json, '"');
  for (const gchar *p = valid; *p != '\0'; p++) {
    guchar c = *p;

    if (c == '"' || c == '\\')
      g_string_append_printf (json, "\\%c", c);
    else if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&')
      g_string_append_printf (json, "\\u%04x", c);
    else
      g_string_append_c (json, c);
  }
  g_string_append_c (json, '"');
}

static void
append_double (GString *text, gdouble value)
{
  gchar digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (
      text, g_ascii_formatd (digits, sizeof digits, "%.15g", value));
}

static void
append_array (GString *json, const GValue *array)
{
  guint n = gst_value_array_get_size (array);

  g_string_append_c (json, '[');
  for (guint i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (json, ',');
    gst_socket_json_append_value (json, gst_value_array_get_value (array, i));
  }
  g_string_append_c (json, ']');
}

static void
append_number (GString *json, const GValue *value)
{
  g_auto (GValue) number = G_VALUE_INIT;

  if (G_VALUE_HOLDS_UINT64 (value)
      && g_value_get_uint64 (value) == GST_CLOCK_TIME_NONE) {
    g_string_append (json, "null");
  } else if (G_VALUE_HOLDS_DOUBLE (value)) {
    gdouble d = g_value_get_double (value);

    if (isfinite (d))
      append_double (json, d);
    else
      g_string_append (json, "null");
  } else {
    g_value_init (&number, G_TYPE_STRING);
    g_value_transform (value, &number);
    g_string_append (json, g_value_get_string (&number));
  }
}

/**
 * gst_socket_json_append_value: (skip)
 * @json: a text
 * @value: a number, a boolean, a string, a #GstStructure, or a #GstValueArray
 *     of such; anything else is written as null, and so is
 *     %GST_CLOCK_TIME_NONE
 *
 * Appends a value.
 */
void
gst_socket_json_append_value (GString *json, const GValue *value)
{
  switch (G_VALUE_TYPE (value)) {
    case G_TYPE_BOOLEAN:
      g_string_append (json, g_value_get_boolean (value) ? "true" : "false");
      return;
    case G_TYPE_STRING:
      gst_socket_json_append_string (json, g_value_get_string (value));
      return;
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
    case G_TYPE_DOUBLE:
      append_number (json, value);
      return;
    default:
      break;
  }
  if (GST_VALUE_HOLDS_ARRAY (value))
    append_array (json, value);
  else if (GST_VALUE_HOLDS_STRUCTURE (value)
      && gst_value_get_structure (value) != NULL)
    gst_socket_json_append_structure (json, gst_value_get_structure (value));
  else
    g_string_append (json, "null");
}

/**
 * gst_socket_json_append_structure: (skip)
 * @json: a text
 * @structure: a structure with fields that gst_socket_json_append_value()
 *     takes
 *
 * Appends an object with the fields, in their order.
 */
void
gst_socket_json_append_structure (GString *json, const GstStructure *structure)
{
  gint n = gst_structure_n_fields (structure);

  g_string_append_c (json, '{');
  for (gint i = 0; i < n; i++) {
    const gchar *name = gst_structure_nth_field_name (structure, i);

    if (i > 0)
      g_string_append_c (json, ',');
    gst_socket_json_append_string (json, name);
    g_string_append_c (json, ':');
    gst_socket_json_append_value (
        json, gst_structure_get_value (structure, name));
  }
  g_string_append_c (json, '}');
}

/* --- Prometheus --- */

/**
 * gst_socket_metrics_append_head: (skip)
 * @metrics: a text
 * @name: the metric
 * @type: "gauge" or "counter"
 * @help: what it is, in one line
 *
 * Appends what precedes the values of a metric.
 */
void
gst_socket_metrics_append_head (
    GString *metrics, const gchar *name, const gchar *type, const gchar *help)
{
  g_string_append_printf (
      metrics, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/**
 * gst_socket_metrics_append: (skip)
 * @metrics: a text
 * @name: the metric
 * @label: name of its label
 * @label_value: what it is of
 * @value: the value
 *
 * Appends a value.
 */
void
gst_socket_metrics_append (GString *metrics, const gchar *name,
    const gchar *label, const gchar *label_value, gdouble value)
{
  g_autofree gchar *valid = g_utf8_make_valid (label_value, -1);

  g_string_append_printf (metrics, "%s{%s=\"", name, label);
  for (const gchar *p = valid; *p != '\0'; p++) {
    if (*p == '\n')
      g_string_append (metrics, "\\n");
    else if (*p == '"' || *p == '\\')
      g_string_append_printf (metrics, "\\%c", *p);
    else
      g_string_append_c (metrics, *p);
  }
  g_string_append (metrics, "\"} ");
  append_double (metrics, value);
  g_string_append_c (metrics, '\n');
}
