/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketrules.c: who may read and write which folder
 *
 * Here: the file of rules for folders: reading it, asking it.
 * Not here: who somebody is, opening folders.
 *
 *   # A folder that is served as /films, to two people.
 *   [/srv/media/films]
 *   name = films
 *   readers = anna, ben
 *   writers = anna
 *
 *   # A folder of what is served already, by its path in the URL.
 *   [url:/films/drafts]
 *   readers = anna
 *
 * "readers" and "writers" are names with commas between, "all" (everybody,
 * known or not), "users" (everybody who is known) or "none". What is not said
 * is as in the folder above; at the top, all may read and none may write. The
 * rule of the innermost folder counts alone.
 *
 * A folder of the disk may be reached by another path than its own, from a root
 * above it or as an upload: then its rule counts as well.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketrules.h"
#include "gstsocketrange.h"

#include <string.h>

#define URL_PREFIX "url:"

typedef struct
{
  gchar *folder;   /* NULL for a rule about a URL */
  gchar *place;    /* the same, without "..", and without "/" at its end */
  gchar *path;     /* as requests name it, without "/" at its end */
  gchar **readers; /* NULL when unsaid */
  gchar **writers;
} Rule;

struct _GstSocketRules
{
  gatomicrefcount ref_count;
  GPtrArray *rules;   /* Rule, those with longer paths first */
  GPtrArray *folders; /* Rule, not owned, in the order of the file */
};

static void
free_rule (gpointer data)
{
  Rule *rule = data;

  g_free (rule->folder);
  g_free (rule->place);
  g_free (rule->path);
  g_strfreev (rule->readers);
  g_strfreev (rule->writers);
  g_free (rule);
}

/* --- reading --- */

static void
drop_last_slash (gchar *path)
{
  if (path != NULL && g_str_has_suffix (path, "/"))
    path[strlen (path) - 1] = '\0';
}

static gchar *
clean_path (const gchar *text, GError **error)
{
  g_autofree gchar *rooted = g_strconcat ("/", text, NULL);
  g_autofree gchar *path = gst_socket_path_normalise (rooted);

  if (path == NULL) {
    g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
        "\"%s\" is no path", text);
    return NULL;
  }
  drop_last_slash (path);
  return g_steal_pointer (&path);
}

static gchar **
read_names (GKeyFile *file, const gchar *group, const gchar *key)
{
  g_autofree gchar *text = g_key_file_get_string (file, group, key, NULL);
  g_auto (GStrv) parts = NULL;
  g_autoptr (GPtrArray) names = NULL;

  if (text == NULL)
    return NULL;
  parts = g_strsplit_set (text, ", \t", -1);
  names = g_ptr_array_new ();
  for (guint i = 0; parts[i] != NULL; i++) {
    if (parts[i][0] != '\0')
      g_ptr_array_add (names, g_strdup (parts[i]));
  }
  g_ptr_array_add (names, NULL);
  return (gchar **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* A word that means nothing may have been meant to keep somebody out. */
static gboolean
check_keys (GKeyFile *file, const gchar *group, GError **error)
{
  static const gchar *const all[] = {"name", "readers", "writers", NULL};
  g_auto (GStrv) keys = g_key_file_get_keys (file, group, NULL, error);

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++) {
    if (g_strv_contains (all, keys[i]))
      continue;
    g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
        "\"%s\" of folder \"%s\" is not known", keys[i], group);
    return FALSE;
  }
  return keys != NULL;
}

static gchar *
path_of_folder (GKeyFile *file, const gchar *group, GError **error)
{
  g_autofree gchar *name = g_key_file_get_string (file, group, "name", NULL);

  if (name == NULL)
    name = g_path_get_basename (group);
  return clean_path (name, error);
}

static Rule *
read_rule (GKeyFile *file, const gchar *group, GError **error)
{
  Rule *rule;
  g_autofree gchar *path = NULL;
  gboolean is_url = g_str_has_prefix (group, URL_PREFIX);

  if (!check_keys (file, group, error))
    return NULL;
  if (!is_url && !g_path_is_absolute (group)) {
    g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
        "Folder \"%s\" is not absolute", group);
    return NULL;
  }
  path = is_url ? clean_path (group + strlen (URL_PREFIX), error)
                : path_of_folder (file, group, error);
  if (path == NULL)
    return NULL;
  rule = g_new0 (Rule, 1);
  rule->folder = is_url ? NULL : g_strdup (group);
  rule->place = is_url ? NULL : g_canonicalize_filename (group, NULL);
  drop_last_slash (rule->place);
  rule->path = g_steal_pointer (&path);
  rule->readers = read_names (file, group, "readers");
  rule->writers = read_names (file, group, "writers");
  return rule;
}

static gint
compare_length (gconstpointer a, gconstpointer b)
{
  gsize first = strlen ((*(Rule *const *) a)->path);
  gsize second = strlen ((*(Rule *const *) b)->path);

  return first > second ? -1 : first < second;
}

static gboolean
read_rules (GstSocketRules *self, GKeyFile *file, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  if (g_strv_length (groups) > GST_SOCKET_RULES_MAX) {
    g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
        "More than %d folders", GST_SOCKET_RULES_MAX);
    return FALSE;
  }
  for (guint i = 0; groups[i] != NULL; i++) {
    Rule *rule = read_rule (file, groups[i], error);

    if (rule == NULL)
      return FALSE;
    g_ptr_array_add (self->rules, rule);
    if (rule->folder != NULL)
      g_ptr_array_add (self->folders, rule);
  }
  g_ptr_array_sort (self->rules, compare_length);
  return TRUE;
}

/**
 * gst_socket_rules_new: (skip)
 * @text: what the file says
 * @size: its bytes
 * @error: of #GKeyFileError
 *
 * Reads rules, in the format that gstsocketrules.c tells.
 *
 * Returns: (transfer full) (nullable): the rules
 */
GstSocketRules *
gst_socket_rules_new (const gchar *text, gsize size, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GstSocketRules) self = g_new0 (GstSocketRules, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->rules = g_ptr_array_new_with_free_func (free_rule);
  self->folders = g_ptr_array_new ();
  if (size > 0
      && !g_key_file_load_from_data (file, text, size, G_KEY_FILE_NONE, error))
    return NULL;
  if (!read_rules (self, file, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * gst_socket_rules_ref: (skip)
 * @rules: rules
 *
 * Returns: (transfer full): @rules
 */
GstSocketRules *
gst_socket_rules_ref (GstSocketRules *rules)
{
  g_atomic_ref_count_inc (&rules->ref_count);
  return rules;
}

/**
 * gst_socket_rules_unref: (skip)
 * @rules: (nullable): rules
 *
 * Gives a reference back.
 */
void
gst_socket_rules_unref (GstSocketRules *rules)
{
  if (rules == NULL || !g_atomic_ref_count_dec (&rules->ref_count))
    return;
  g_ptr_array_unref (rules->folders);
  g_ptr_array_unref (rules->rules);
  g_free (rules);
}

/* --- asking --- */

/**
 * gst_socket_rules_get_n_folders: (skip)
 * @rules: rules
 *
 * Returns: how many folders they name by where they are on disk
 */
guint
gst_socket_rules_get_n_folders (const GstSocketRules *rules)
{
  return rules->folders->len;
}

/**
 * gst_socket_rules_get_folder: (skip)
 * @rules: rules
 * @i: which one
 * @ret_name: (out) (transfer none): its path in the URL
 *
 * Returns: (transfer none): where a folder is on disk
 */
const gchar *
gst_socket_rules_get_folder (
    const GstSocketRules *rules, guint i, const gchar **ret_name)
{
  const Rule *rule = g_ptr_array_index (rules->folders, i);

  *ret_name = rule->path;
  return rule->folder;
}

static gboolean
is_below (const gchar *path, const gchar *folder)
{
  gsize size = strlen (folder);

  return strncmp (path, folder, size) == 0
      && (path[size] == '\0' || path[size] == '/');
}

static gboolean
names_user (gchar *const *names, const gchar *user)
{
  const gchar *const *list = (const gchar *const *) names;

  if (g_strv_contains (list, "none"))
    return FALSE;
  if (g_strv_contains (list, "all"))
    return TRUE;
  if (user == NULL)
    return FALSE;
  return g_strv_contains (list, "users") || g_strv_contains (list, user);
}

/* What is to be done. */
typedef enum
{
  READ,
  WRITE,
} Access;

static gchar **
names_for (const Rule *rule, Access access)
{
  return access == READ ? rule->readers : rule->writers;
}

/* The rule of the innermost folder of the URL that says something. */
static const Rule *
find_by_path (const GstSocketRules *rules, const gchar *path, Access access)
{
  for (guint i = 0; i < rules->rules->len; i++) {
    const Rule *rule = g_ptr_array_index (rules->rules, i);

    if (names_for (rule, access) != NULL && is_below (path, rule->path))
      return rule;
  }
  return NULL;
}

/* The rule of the innermost folder of the disk that says something. */
static const Rule *
find_by_file (const GstSocketRules *rules, const gchar *file, Access access)
{
  const Rule *found = NULL;

  for (guint i = 0; i < rules->folders->len; i++) {
    const Rule *rule = g_ptr_array_index (rules->folders, i);

    if (names_for (rule, access) != NULL && is_below (file, rule->place)
        && (found == NULL || strlen (rule->place) > strlen (found->place)))
      found = rule;
  }
  return found;
}

/* Who comes to a folder by its own path has met its rule, or one further in,
 * there. */
static gboolean
may (const GstSocketRules *rules, const gchar *path, const gchar *file,
    const gchar *user, Access access)
{
  const Rule *by_path = find_by_path (rules, path, access);
  const Rule *by_file =
      file != NULL ? find_by_file (rules, file, access) : NULL;

  if (by_file != NULL && is_below (path, by_file->path))
    by_file = NULL;
  if (by_path == NULL && by_file == NULL)
    return access == READ;
  return (by_path == NULL || names_user (names_for (by_path, access), user))
      && (by_file == NULL || names_user (names_for (by_file, access), user));
}

/**
 * gst_socket_rules_may_read: (skip)
 * @rules: rules
 * @path: what gst_socket_path_normalise() gave
 * @file: (nullable): where that is on disk, if it is: absolute, without ".."
 * @user: (nullable): who asks, if it is known
 *
 * Returns: whether it may be read
 */
gboolean
gst_socket_rules_may_read (const GstSocketRules *rules, const gchar *path,
    const gchar *file, const gchar *user)
{
  return may (rules, path, file, user, READ);
}

/**
 * gst_socket_rules_may_write: (skip)
 * @rules: rules
 * @path: what gst_socket_path_normalise() gave
 * @file: (nullable): where that is on disk, if it is: absolute, without ".."
 * @user: (nullable): who asks, if it is known
 *
 * Returns: whether it may be written
 */
gboolean
gst_socket_rules_may_write (const GstSocketRules *rules, const gchar *path,
    const gchar *file, const gchar *user)
{
  return may (rules, path, file, user, WRITE);
}
