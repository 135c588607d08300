/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfiles.c: the files that httpserversink serves
 *
 * Here: roots, opening and closing, making and removing files.
 * Not here: answers (gsthttpfileanswer.c), sending them (gsthttpfilesend.c),
 * who may read and write them (gsthttpfilerules.c).
 *
 * Threads, locks   see gsthttpfiles.h
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpfiles.h"

#include <gst/socket/gstsocketrange.h>

#include <string.h>

/* Between two roots of a setting. */
#define SEPARATOR ":"

gboolean
gst_http_file_settings_are_used (const GstHttpFileSettings *settings)
{
  return settings->root != NULL || settings->directory_rules != NULL
      || settings->mode == GST_HTTP_MODE_FILE
      || settings->storage == GST_HTTP_STORAGE_MEMORY;
}

void
gst_http_file_settings_clear (GstHttpFileSettings *settings)
{
  g_clear_pointer (&settings->root, g_free);
  g_clear_pointer (&settings->directory_rules, g_free);
  g_clear_pointer (&settings->cache_control, g_free);
}

/* --- roots --- */

static void
free_root (gpointer data)
{
  GstHttpRoot *root = data;

  gst_socket_root_unref (root->root);
  g_free (root->prefix);
  g_free (root);
}

/* Takes the prefix. */
static gboolean
add_root (
    GstHttpFiles *self, gchar *prefix, const gchar *folder, GError **error)
{
  GstSocketRoot *opened = gst_socket_root_new (folder, error);
  GstHttpRoot *root;

  if (opened == NULL) {
    g_free (prefix);
    return FALSE;
  }
  root = g_new0 (GstHttpRoot, 1);
  root->prefix = prefix;
  root->root = opened;
  g_ptr_array_add (self->roots, root);
  return TRUE;
}

/* "DIR", or "/name=DIR". */
static gboolean
add_text (GstHttpFiles *self, const gchar *text, GError **error)
{
  const gchar *equals = text[0] == '/' ? strchr (text, '=') : NULL;
  g_autofree gchar *name = NULL;
  g_autofree gchar *prefix = NULL;

  if (equals == NULL)
    return add_root (self, g_strdup (""), text, error);
  name = g_strndup (text, equals - text);
  prefix = gst_socket_path_normalise (name);
  if (prefix == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "\"%s\" is no path", name);
    return FALSE;
  }
  if (g_str_has_suffix (prefix, "/"))
    prefix[strlen (prefix) - 1] = '\0';
  return add_root (self, g_steal_pointer (&prefix), equals + 1, error);
}

static gboolean
add_settings (GstHttpFiles *self, GError **error)
{
  g_auto (GStrv) texts = NULL;

  if (self->settings.root == NULL)
    return TRUE;
  texts = g_strsplit (self->settings.root, SEPARATOR, -1);
  for (guint i = 0; texts[i] != NULL; i++) {
    if (texts[i][0] != '\0' && !add_text (self, texts[i], error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_rules (GstHttpFiles *self, GError **error)
{
  for (guint i = 0;
       self->rules != NULL && i < gst_socket_rules_get_n_folders (self->rules);
       i++) {
    const gchar *name;
    const gchar *folder = gst_socket_rules_get_folder (self->rules, i, &name);

    if (!add_root (self, g_strdup (name), folder, error))
      return FALSE;
  }
  return TRUE;
}

static gint
compare_prefixes (gconstpointer a, gconstpointer b)
{
  gsize first = strlen ((*(GstHttpRoot *const *) a)->prefix);
  gsize second = strlen ((*(GstHttpRoot *const *) b)->prefix);

  return first > second ? -1 : first < second;
}

static void
make_names (GstHttpFiles *self)
{
  GPtrArray *prefixes = g_ptr_array_new ();
  GPtrArray *names = g_ptr_array_new ();

  if (self->settings.storage == GST_HTTP_STORAGE_MEMORY)
    g_ptr_array_add (prefixes, g_strdup ("/"));
  for (guint i = 0; i < self->roots->len; i++) {
    GstHttpRoot *root = g_ptr_array_index (self->roots, i);

    if (prefixes->len == 0 || root->prefix[0] != '\0')
      g_ptr_array_add (prefixes, g_strconcat (root->prefix, "/", NULL));
    if (root->prefix[0] != '\0')
      g_ptr_array_add (names, g_strdup (root->prefix));
  }
  g_ptr_array_add (prefixes, NULL);
  g_ptr_array_add (names, NULL);
  self->prefixes = (gchar **) g_ptr_array_free (prefixes, FALSE);
  self->names = (gchar **) g_ptr_array_free (names, FALSE);
}

GstHttpRoot *
gst_http_files_find_root (
    GstHttpFiles *self, const gchar *path, const gchar **ret_rest)
{
  for (guint i = 0; i < self->roots->len; i++) {
    GstHttpRoot *root = g_ptr_array_index (self->roots, i);
    gsize size = strlen (root->prefix);

    if (strncmp (path, root->prefix, size) == 0
        && (path[size] == '\0' || path[size] == '/')) {
      *ret_rest = path + size;
      return root;
    }
  }
  return NULL;
}

/* --- life --- */

static void
copy_settings (GstHttpFiles *self, const GstHttpFileSettings *settings)
{
  self->settings = *settings;
  self->settings.root = g_strdup (settings->root);
  self->settings.directory_rules = g_strdup (settings->directory_rules);
  self->settings.cache_control = g_strdup (settings->cache_control);
}

/* Without a watch, files are served that do not change. */
static gboolean
start_watch (GstHttpFiles *self, GError **error)
{
  if (!self->settings.watch || self->roots->len == 0)
    return TRUE;
  self->watch = gst_http_watch_new (self->store, error);
  if (self->watch == NULL)
    return FALSE;
  for (guint i = 0; i < self->roots->len; i++) {
    GstHttpRoot *root = g_ptr_array_index (self->roots, i);

    gst_http_watch_add (self->watch, root->root, root->prefix);
  }
  return gst_http_watch_start (self->watch, error);
}

static gboolean
start (GstHttpFiles *self, GError **error)
{
  if (!add_settings (self, error) || !gst_http_files_read_rules (self, error)
      || !add_rules (self, error))
    return FALSE;
  g_ptr_array_sort (self->roots, compare_prefixes);
  make_names (self);
  self->sender = gst_socket_sender_new (
      self->settings.send_timeout, gst_http_files_sent, self, error);
  if (self->sender == NULL)
    return FALSE;
  self->store = gst_http_store_new (
      self->sender, self->settings.max_segments, self->settings.max_memory);
  return start_watch (self, error);
}

/* The owner is httpserversink. */
GstHttpFiles *
gst_http_files_new (const GstHttpFileSettings *settings,
    const GstSocketHttpApi *http, gpointer owner, GError **error)
{
  GstHttpFiles *self = g_new0 (GstHttpFiles, 1);

  copy_settings (self, settings);
  self->http = http;
  self->owner = owner;
  self->roots = g_ptr_array_new_with_free_func (free_root);
  self->codings = gst_http_codings_new ();
  self->places = gst_http_places_new ();
  if (start (self, error))
    return self;
  gst_http_files_stop (self);
  gst_http_files_free (self);
  return NULL;
}

void
gst_http_files_stop (GstHttpFiles *self)
{
  g_clear_pointer (&self->watch, gst_http_watch_free);
  if (self->store != NULL)
    gst_http_store_close (self->store);
  if (self->sender != NULL)
    gst_socket_sender_stop (self->sender);
}

void
gst_http_files_free (GstHttpFiles *self)
{
  if (self == NULL)
    return;
  if (self->writer != NULL)
    gst_http_writer_finish (self->writer, NULL);
  gst_http_store_unref (self->store);
  gst_socket_sender_unref (self->sender);
  gst_http_codings_free (self->codings);
  gst_http_places_free (self->places);
  gst_socket_rules_unref (self->rules);
  g_ptr_array_unref (self->roots);
  g_strfreev (self->prefixes);
  g_strfreev (self->names);
  gst_http_file_settings_clear (&self->settings);
  g_free (self);
}

/* --- making and removing --- */

static gchar *
clean_path (const gchar *path, GError **error)
{
  g_autofree gchar *escaped = g_uri_escape_string (path, "/", TRUE);
  g_autofree gchar *rooted =
      escaped[0] == '/' ? g_strdup (escaped) : g_strconcat ("/", escaped, NULL);
  gchar *clean = gst_socket_path_normalise (rooted);

  if (clean == NULL || g_str_has_suffix (clean, "/")) {
    g_clear_pointer (&clean, g_free);
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
        "\"%s\" is no path of a file", path);
  }
  return clean;
}

/* Any thread. Begins a file by its path in the URL, with or without "/" at its
 * start. */
GstHttpWriter *
gst_http_files_create (GstHttpFiles *self, const gchar *path, GError **error)
{
  g_autofree gchar *clean = clean_path (path, error);
  GstHttpRoot *root;
  const gchar *rest = NULL;

  if (clean == NULL)
    return NULL;
  if (self->settings.storage == GST_HTTP_STORAGE_MEMORY)
    return gst_http_store_create (self->store, clean, NULL, NULL, error);
  root = gst_http_files_find_root (self, clean, &rest);
  if (root == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "No root is above \"%s\"", clean);
    return NULL;
  }
  while (*rest == '/')
    rest++;
  return gst_http_store_create (self->store, clean, root->root, rest, error);
}

gboolean
gst_http_files_delete (GstHttpFiles *self, const gchar *path, GError **error)
{
  g_autofree gchar *clean = clean_path (path, error);
  GstHttpRoot *root;
  const gchar *rest;

  if (clean == NULL)
    return FALSE;
  if (gst_http_store_remove (self->store, clean)
      && self->settings.storage == GST_HTTP_STORAGE_MEMORY)
    return TRUE;
  root = gst_http_files_find_root (self, clean, &rest);
  if (root != NULL)
    return gst_socket_root_remove (root->root, rest, error);
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no \"%s\"", clean);
  return FALSE;
}

/* --- asking --- */

/* Whether a path is the files' concern, also where there is none. */
gboolean
gst_http_files_have (GstHttpFiles *self, const gchar *path)
{
  g_auto (GstHttpResource) resource = {0};
  const gchar *rest;

  return gst_http_files_find_root (self, path, &rest) != NULL
      || gst_http_store_find (self->store, path, &resource);
}

/* Whether "/" is a page, or a list, of the files. */
gboolean
gst_http_files_have_index (GstHttpFiles *self)
{
  const gchar *rest;
  GstHttpRoot *root = gst_http_files_find_root (self, "/", &rest);
  GstSocketFileInfo info;

  return root != NULL
      && (self->settings.directory_listing
          || gst_socket_root_stat (root->root, "index.html", &info, NULL));
}
