/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfileprops.c: properties and signals of httpserversink for files
 *
 * Here: the properties, their defaults, action signals.
 * Not here: what they do (gsthttpfiles.c), the other properties.
 *
 * Threads   app: properties    any: action signals
 * Locks     OBJECT_LOCK guards the settings
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpfield.h"
#include "gsthttpserversink-private.h"
#include "gsthttpfilestream.h"

#include "../elements.h"

#define DEFAULT_MAX_MEMORY (G_GUINT64_CONSTANT (256) * 1024 * 1024)
#define DEFAULT_SEND_TIMEOUT (30 * GST_SECOND)

/* Beyond those of gsthttpproperties.c. */
enum
{
  PROP_FIRST = GST_HTTP_FILE_PROPS,
  PROP_MODE = PROP_FIRST,
  PROP_STORAGE,
  PROP_ROOT,
  PROP_DIRECTORY_RULES,
  PROP_CACHE_CONTROL,
  PROP_DIRECTORY_LISTING,
  PROP_COMPRESS,
  PROP_WATCH,
  PROP_MAX_SEGMENTS,
  PROP_MAX_MEMORY,
  PROP_SEND_TIMEOUT,
  PROP_END
};

/* Where a setting is kept. */
static const gsize offsets[PROP_END - PROP_FIRST] = {
    [PROP_MODE - PROP_FIRST] = G_STRUCT_OFFSET (GstHttpFileSettings, mode),
    [PROP_STORAGE - PROP_FIRST] =
        G_STRUCT_OFFSET (GstHttpFileSettings, storage),
    [PROP_ROOT - PROP_FIRST] = G_STRUCT_OFFSET (GstHttpFileSettings, root),
    [PROP_DIRECTORY_RULES - PROP_FIRST] =
        G_STRUCT_OFFSET (GstHttpFileSettings, directory_rules),
    [PROP_CACHE_CONTROL - PROP_FIRST] =
        G_STRUCT_OFFSET (GstHttpFileSettings, cache_control),
    [PROP_DIRECTORY_LISTING - PROP_FIRST] =
        G_STRUCT_OFFSET (GstHttpFileSettings, directory_listing),
    [PROP_COMPRESS - PROP_FIRST] =
        G_STRUCT_OFFSET (GstHttpFileSettings, compress),
    [PROP_WATCH - PROP_FIRST] = G_STRUCT_OFFSET (GstHttpFileSettings, watch),
    [PROP_MAX_SEGMENTS - PROP_FIRST] =
        G_STRUCT_OFFSET (GstHttpFileSettings, max_segments),
    [PROP_MAX_MEMORY - PROP_FIRST] =
        G_STRUCT_OFFSET (GstHttpFileSettings, max_memory),
    [PROP_SEND_TIMEOUT - PROP_FIRST] =
        G_STRUCT_OFFSET (GstHttpFileSettings, send_timeout),
};

/* --- types --- */

#define GST_TYPE_HTTP_MODE (gst_http_mode_get_type ())
static GType
gst_http_mode_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_HTTP_MODE_LIVE, "Each listener gets what comes from now on", "live"},
      {GST_HTTP_MODE_FILE, "It becomes a file, served from its start", "file"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstHttpMode", values));
  return type;
}

#define GST_TYPE_HTTP_STORAGE (gst_http_storage_get_type ())
static GType
gst_http_storage_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_HTTP_STORAGE_DISK, "Below the root", "disk"},
      {GST_HTTP_STORAGE_MEMORY, "In memory, as long as there is room",
          "memory"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstHttpStorage", values));
  return type;
}

/* --- access --- */

/* An empty text is as good as none. */
static void
set_field (gpointer field, const GValue *value)
{
  gchar **text = field;

  gst_http_field_set (field, value);
  if (G_VALUE_HOLDS_STRING (value) && *text != NULL && *text[0] == '\0')
    g_clear_pointer (text, g_free);
}

/* With OBJECT_LOCK. Returns whether the property is one of these. */
gboolean
gst_http_file_props_set_locked (
    GstHttpServerSink *self, guint id, const GValue *value)
{
  if (id < PROP_FIRST || id >= PROP_END)
    return FALSE;
  set_field ((guint8 *) &self->file_settings + offsets[id - PROP_FIRST], value);
  return TRUE;
}

gboolean
gst_http_file_props_get_locked (
    GstHttpServerSink *self, guint id, GValue *value)
{
  if (id < PROP_FIRST || id >= PROP_END)
    return FALSE;
  gst_http_field_get (
      (guint8 *) &self->file_settings + offsets[id - PROP_FIRST], value);
  return TRUE;
}

/* --- the properties --- */

#define FLAGS                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static void
add_text (GObjectClass *klass, guint id, const gchar *name, const gchar *nick,
    const gchar *blurb)
{
  g_object_class_install_property (
      klass, id, g_param_spec_string (name, nick, blurb, NULL, FLAGS));
}

static void
add_boolean (
    GObjectClass *klass, guint id, const gchar *const *texts, gboolean value)
{
  g_object_class_install_property (klass, id,
      g_param_spec_boolean (texts[0], texts[1], texts[2], value, FLAGS));
}

static void
add_folders (GObjectClass *klass)
{
  static const gchar *const listing[] = {"directory-listing",
      "Directory listing",
      "Whether a folder without index.html is shown as a list (default: no)"};
  static const gchar *const watch[] = {"watch", "Watch",
      "Whether files that others write below root are served while they grow "
      "(default: yes). Off where root has very many folders"};
  static const gchar *const compress[] = {"compress", "Compress",
      "Whether texts are sent compressed to who takes that, from a neighbour "
      "with .gz at its end if there is one (default: yes)"};

  add_text (klass, PROP_ROOT, "root", "Root",
      "Folder to serve files from (default: none), or several with colons "
      "between, each as /name=FOLDER. Also with nothing linked to the sink pad");
  add_text (klass, PROP_DIRECTORY_RULES, "directory-rules", "Directory rules",
      "File that says who may read which folder, and upload to it (default: "
      "none = all who are let in)");
  add_text (klass, PROP_CACHE_CONTROL, "cache-control", "Cache control",
      "Cache-Control of all files (default: by name; playlists are asked for "
      "anew, segments never change)");
  add_boolean (klass, PROP_DIRECTORY_LISTING, listing, FALSE);
  add_boolean (klass, PROP_COMPRESS, compress, TRUE);
  add_boolean (klass, PROP_WATCH, watch, TRUE);
}

static void
add_storage (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_MODE,
      g_param_spec_enum ("mode", "Mode",
          "What becomes of the stream (default live)", GST_TYPE_HTTP_MODE,
          GST_HTTP_MODE_LIVE, FLAGS));
  g_object_class_install_property (klass, PROP_STORAGE,
      g_param_spec_enum ("storage", "Storage",
          "Where mode=file and open-file write (default disk)",
          GST_TYPE_HTTP_STORAGE, GST_HTTP_STORAGE_DISK, FLAGS));
  g_object_class_install_property (klass, PROP_MAX_SEGMENTS,
      g_param_spec_uint ("max-segments", "Max segments",
          "Segments kept in memory; the oldest goes first (default 0 = as many "
          "as max-memory holds)",
          0, G_MAXUINT, 0, FLAGS));
  g_object_class_install_property (klass, PROP_MAX_MEMORY,
      g_param_spec_uint64 ("max-memory", "Max memory",
          "Bytes of all files in memory (default 256 MiB)", 0, G_MAXUINT64,
          DEFAULT_MAX_MEMORY, FLAGS));
  g_object_class_install_property (klass, PROP_SEND_TIMEOUT,
      g_param_spec_uint64 ("send-timeout", "Send timeout",
          "Nanoseconds after which who takes nothing of a file is closed "
          "(default 30 s; 0 = never)",
          0, G_MAXUINT64, DEFAULT_SEND_TIMEOUT, FLAGS));
}

void
gst_http_file_props_install (GObjectClass *klass)
{
  add_folders (klass);
  add_storage (klass);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_MODE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_HTTP_STORAGE, 0);
}

void
gst_http_file_props_init (GstHttpServerSink *self)
{
  self->file_settings.compress = TRUE;
  self->file_settings.watch = TRUE;
  self->file_settings.max_memory = DEFAULT_MAX_MEMORY;
  self->file_settings.send_timeout = DEFAULT_SEND_TIMEOUT;
}

/* --- action signals --- */

/* The files stay while somebody writes or removes one. */
static GstHttpFiles *
use_files (GstHttpServerSink *self)
{
  GstHttpFiles *files;

  GST_OBJECT_LOCK (self);
  files = self->is_serving_files ? self->files : NULL;
  if (files != NULL)
    self->n_using_files++;
  GST_OBJECT_UNLOCK (self);
  return files;
}

static void
leave_files (GstHttpServerSink *self)
{
  GST_OBJECT_LOCK (self);
  self->n_using_files--;
  g_cond_broadcast (&self->changed);
  GST_OBJECT_UNLOCK (self);
}

static void
warn (GstHttpServerSink *self, const gchar *path, const GError *error)
{
  GST_ELEMENT_WARNING (self, RESOURCE, OPEN_WRITE,
      (_ ("\"%s\" could not be written: %s"), path, error->message), (NULL));
}

static GOutputStream *
open_file (GstHttpServerSink *self, const gchar *path)
{
  g_autoptr (GError) error = NULL;
  GstHttpFiles *files = path != NULL ? use_files (self) : NULL;
  GstHttpWriter *writer;

  if (files == NULL)
    return NULL;
  writer = gst_http_files_create (files, path, &error);
  leave_files (self);
  if (writer != NULL)
    return gst_http_file_stream_new (writer);
  warn (self, path, error);
  return NULL;
}

static gboolean
delete_file (GstHttpServerSink *self, const gchar *path)
{
  GstHttpFiles *files = path != NULL ? use_files (self) : NULL;
  gboolean deleted;

  if (files == NULL)
    return FALSE;
  deleted = gst_http_files_delete (files, path, NULL);
  leave_files (self);
  return deleted;
}

void
gst_http_file_signals_install (GType type)
{
  /**
   * GstHttpServerSink::open-file:
   * @self: the sink
   * @path: its path in the URL; "/" at its start may be left out
   *
   * Makes a file that is served while it is written, on disk or in memory as
   * "storage" says. It takes the place of one with that path. A playlist is
   * seen when it is closed. Any thread; not below READY.
   *
   * Returns: (transfer full) (nullable): where to write it; closing it makes
   *     it complete
   */
  g_signal_new_class_handler ("open-file", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (open_file), NULL, NULL,
      NULL, G_TYPE_OUTPUT_STREAM, 1, G_TYPE_STRING);

  /**
   * GstHttpServerSink::delete-file:
   * @self: the sink
   * @path: its path in the URL
   *
   * Removes a file that "open-file" has made, or another below a root. Who
   * is reading it goes on.
   *
   * Returns: whether there was one
   */
  g_signal_new_class_handler ("delete-file", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (delete_file), NULL, NULL,
      NULL, G_TYPE_BOOLEAN, 1, G_TYPE_STRING);
}
