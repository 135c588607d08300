/* SPDX-License-Identifier: LGPL-2.1-or-later
 * surface.c: prints all that introspection shows of a plugin's elements
 *
 * surface PLUGIN-FILE [ELEMENT...]
 *
 * One fact a line, sorted, so that two plugins can be compared line by line.
 * Blurbs are left out on purpose: words may improve. Without names, all the
 * elements of the plugin are told.
 *
 * Here: reading the type system. Not here: what may differ.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every line said so far; sorted and printed at the end. */
static GPtrArray *lines;

static void tell (const gchar *format, ...) G_GNUC_PRINTF (1, 2);

static void
tell (const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (lines, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
tell_enum (GType type)
{
  GEnumClass *klass;

  if (!G_TYPE_IS_ENUM (type))
    return;
  klass = g_type_class_ref (type);
  for (guint i = 0; i < klass->n_values; i++)
    tell ("enum %s %d nick=%s name=%s", g_type_name (type),
        klass->values[i].value, klass->values[i].value_nick,
        klass->values[i].value_name);
  g_type_class_unref (klass);
}

/* Returns: (transfer full): the value, with no name that counts instances. */
static gchar *
value_text (const GValue *value)
{
  if (G_VALUE_HOLDS_STRING (value))
    return g_strdup_printf ("\"%s\"", g_value_get_string (value));
  if (G_VALUE_HOLDS_OBJECT (value))
    return g_strdup (g_value_get_object (value) != NULL ? "object" : "NULL");
  if (G_VALUE_HOLDS_BOXED (value) && g_value_get_boxed (value) == NULL)
    return g_strdup ("NULL");
  return g_strdup_value_contents (value);
}

static gchar *
range_text (GParamSpec *spec)
{
  if (G_IS_PARAM_SPEC_INT (spec))
    return g_strdup_printf (" range=%d..%d", G_PARAM_SPEC_INT (spec)->minimum,
        G_PARAM_SPEC_INT (spec)->maximum);
  if (G_IS_PARAM_SPEC_UINT (spec))
    return g_strdup_printf (" range=%u..%u", G_PARAM_SPEC_UINT (spec)->minimum,
        G_PARAM_SPEC_UINT (spec)->maximum);
  if (G_IS_PARAM_SPEC_INT64 (spec))
    return g_strdup_printf (" range=%" G_GINT64_FORMAT "..%" G_GINT64_FORMAT,
        G_PARAM_SPEC_INT64 (spec)->minimum, G_PARAM_SPEC_INT64 (spec)->maximum);
  if (G_IS_PARAM_SPEC_UINT64 (spec))
    return g_strdup_printf (" range=%" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT,
        G_PARAM_SPEC_UINT64 (spec)->minimum,
        G_PARAM_SPEC_UINT64 (spec)->maximum);
  return g_strdup ("");
}

static gchar *
flags_text (GParamSpec *spec)
{
  GString *text = g_string_new (NULL);
  /* The static-string bits say nothing to a user of the property. */
  guint rest = spec->flags & ~G_PARAM_STATIC_STRINGS;

  static const struct
  {
    guint flag;
    const gchar *name;
  } names[] = {{G_PARAM_READABLE, "r"}, {G_PARAM_WRITABLE, "w"},
      {G_PARAM_CONSTRUCT, " construct"},
      {G_PARAM_CONSTRUCT_ONLY, " construct-only"},
      {G_PARAM_EXPLICIT_NOTIFY, " explicit-notify"},
      {G_PARAM_DEPRECATED, " deprecated"},
      {GST_PARAM_CONTROLLABLE, " controllable"},
      {GST_PARAM_MUTABLE_READY, " mutable-ready"},
      {GST_PARAM_MUTABLE_PAUSED, " mutable-paused"},
      {GST_PARAM_MUTABLE_PLAYING, " mutable-playing"},
      {GST_PARAM_DOC_SHOW_DEFAULT, ""},
      {GST_PARAM_CONDITIONALLY_AVAILABLE, " conditional"}};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (rest & names[i].flag) {
      g_string_append (text, names[i].name);
      rest &= ~names[i].flag;
    }
  if (rest != 0)
    g_string_append_printf (text, " 0x%x", rest);
  return g_string_free (text, FALSE);
}

typedef struct
{
  const gchar *element;
  const gchar *property;
} FieldOwner;

static gboolean
tell_field (GQuark field, const GValue *value, gpointer data)
{
  const FieldOwner *owner = data;

  tell ("%s field %s %s type=%s", owner->element, owner->property,
      g_quark_to_string (field), G_VALUE_TYPE_NAME (value));
  return TRUE;
}

/* A structure is told by its name, and its fields on lines of their own. */
static gchar *
structure_text (const gchar *element, GParamSpec *spec, const GValue *value)
{
  const GstStructure *structure = gst_value_get_structure (value);
  FieldOwner owner = {element, spec->name};

  if (structure == NULL)
    return g_strdup ("NULL");
  gst_structure_foreach (structure, tell_field, &owner);
  return g_strdup (gst_structure_get_name (structure));
}

static gchar *
actual_text (const gchar *element, GObject *object, GParamSpec *spec)
{
  g_auto (GValue) value = G_VALUE_INIT;

  /* Names carry a number; last-sample and parent are of the instance. */
  if (!(spec->flags & G_PARAM_READABLE) || g_str_equal (spec->name, "name"))
    return g_strdup ("-");
  g_value_init (&value, spec->value_type);
  g_object_get_property (object, spec->name, &value);
  if (GST_VALUE_HOLDS_STRUCTURE (&value))
    return structure_text (element, spec, &value);
  return value_text (&value);
}

static void
tell_property (const gchar *element, GObject *object, GParamSpec *spec)
{
  g_autofree gchar *range = range_text (spec);
  g_autofree gchar *flags = flags_text (spec);
  g_autofree gchar *preset = value_text (g_param_spec_get_default_value (spec));
  g_autofree gchar *actual = actual_text (element, object, spec);

  tell ("%s property %s type=%s owner=%s flags=%s%s default=%s actual=%s",
      element, spec->name, g_type_name (spec->value_type),
      g_type_name (spec->owner_type), flags, range, preset, actual);
  tell_enum (spec->value_type);
}

static void
tell_signal (const gchar *element, guint id)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GSignalQuery query;

  g_signal_query (id, &query);
  for (guint i = 0; i < query.n_params; i++) {
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
        g_type_name (query.param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE));
    tell_enum (query.param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE);
  }
  tell ("%s signal %s owner=%s flags=0x%x (%s) -> %s", element,
      query.signal_name, g_type_name (query.itype), query.signal_flags,
      text->str, g_type_name (query.return_type & ~G_SIGNAL_TYPE_STATIC_SCOPE));
}

static void
tell_type (const gchar *element, GType type)
{
  g_autoptr (GString) chain = g_string_new (NULL);
  g_autofree GType *interfaces = NULL;
  guint n_interfaces, n_signals;

  for (GType t = type; t != 0; t = g_type_parent (t)) {
    g_autofree guint *signals = g_signal_list_ids (t, &n_signals);

    g_string_append_printf (chain, " %s%s", g_type_name (t),
        G_TYPE_IS_ABSTRACT (t) ? "(abstract)" : "");
    for (guint i = 0; i < n_signals; i++)
      tell_signal (element, signals[i]);
  }
  tell ("%s type%s", element, chain->str);
  interfaces = g_type_interfaces (type, &n_interfaces);
  for (guint i = 0; i < n_interfaces; i++)
    tell ("%s interface %s", element, g_type_name (interfaces[i]));
}

static void
tell_templates (const gchar *element, GstElementFactory *factory)
{
  const GList *item = gst_element_factory_get_static_pad_templates (factory);

  for (; item != NULL; item = item->next) {
    GstStaticPadTemplate *template = item->data;
    g_autoptr (GstCaps) caps = gst_static_caps_get (&template->static_caps);
    g_autofree gchar *text = gst_caps_to_string (caps);

    tell ("%s pad-template %s direction=%d presence=%d caps=%s", element,
        template->name_template, template->direction, template->presence, text);
  }
}

static void
tell_factory (const gchar *element, GstElementFactory *factory)
{
  static const gchar *const keys[] = {
      GST_ELEMENT_METADATA_LONGNAME, GST_ELEMENT_METADATA_KLASS};
  const gchar *const *uri = gst_element_factory_get_uri_protocols (factory);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    tell ("%s %s=%s", element, keys[i],
        gst_element_factory_get_metadata (factory, keys[i]));
  tell ("%s rank=%u", element,
      gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (factory)));
  if (gst_element_factory_get_uri_type (factory) != GST_URI_UNKNOWN)
    tell (
        "%s uri-type=%d", element, gst_element_factory_get_uri_type (factory));
  for (; uri != NULL && *uri != NULL; uri++)
    tell ("%s uri-protocol %s", element, *uri);
  tell_templates (element, factory);
}

static void
tell_pads (const gchar *element, GstElement *instance)
{
  for (GList *item = instance->pads; item != NULL; item = item->next) {
    GstPad *pad = item->data;
    g_autoptr (GstCaps) caps = gst_pad_query_caps (pad, NULL);
    g_autofree gchar *text = gst_caps_to_string (caps);

    tell ("%s pad %s direction=%d caps=%s", element, GST_PAD_NAME (pad),
        GST_PAD_DIRECTION (pad), text);
  }
  tell ("%s element-flags=0x%x", element,
      (guint) GST_OBJECT_FLAGS (instance)
          & (GST_ELEMENT_FLAG_SINK | GST_ELEMENT_FLAG_SOURCE
              | GST_ELEMENT_FLAG_PROVIDE_CLOCK | GST_ELEMENT_FLAG_REQUIRE_CLOCK
              | GST_ELEMENT_FLAG_INDEXABLE));
}

static void
tell_element (const gchar *element)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (element);
  g_autoptr (GstElement) instance = NULL;
  g_autofree GParamSpec **specs = NULL;
  guint n_specs;

  if (factory == NULL)
    return;
  tell ("element %s", element);
  tell_factory (element, factory);
  instance = gst_object_ref_sink (gst_element_factory_create (factory, NULL));
  tell_type (element, G_OBJECT_TYPE (instance));
  tell_pads (element, instance);
  specs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (instance), &n_specs);
  for (guint i = 0; i < n_specs; i++)
    tell_property (element, G_OBJECT (instance), specs[i]);
}

static void
tell_all (GstPlugin *plugin)
{
  GList *features = gst_registry_get_feature_list_by_plugin (
      gst_registry_get (), gst_plugin_get_name (plugin));

  tell ("plugin %s license=%s", gst_plugin_get_name (plugin),
      gst_plugin_get_license (plugin));
  for (GList *item = features; item != NULL; item = item->next) {
    tell ("feature %s %s", G_OBJECT_TYPE_NAME (item->data),
        GST_OBJECT_NAME (item->data));
    if (GST_IS_ELEMENT_FACTORY (item->data))
      tell_element (GST_OBJECT_NAME (item->data));
  }
  gst_plugin_feature_list_free (features);
}

static gint
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

static void
print_sorted (void)
{
  const gchar *last = "";

  g_ptr_array_sort (lines, compare_lines);
  for (guint i = 0; i < lines->len; i++) {
    const gchar *line = g_ptr_array_index (lines, i);

    if (!g_str_equal (line, last))
      puts (line);
    last = line;
  }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPlugin) plugin = NULL;

  if (argc < 2)
    return EXIT_FAILURE;
  plugin = loader_load (argv[1], &error);
  if (plugin == NULL) {
    g_printerr ("%s\n", error->message);
    return EXIT_FAILURE;
  }
  lines = g_ptr_array_new_with_free_func (g_free);
  tell_all (plugin);
  print_sorted ();
  g_ptr_array_unref (lines);
  return EXIT_SUCCESS;
}
