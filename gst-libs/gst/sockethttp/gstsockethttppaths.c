/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttppaths.c: which mount a request is for
 *
 * Here: paths, all that is below a path, methods; clashes of them.
 * Not here: what mounts do with requests.
 *
 * Threads   server: all of it
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"

#include <string.h>

static gboolean
has (gchar *const *list, const gchar *text)
{
  return list != NULL && text != NULL
      && g_strv_contains ((const gchar *const *) list, text);
}

/* One that names its methods is asked for those alone, and before those that
 * name none. */
static gboolean
has_method (GstSocketHttpMount *mount, const gchar *method)
{
  return method != NULL ? has (mount->methods, method) : mount->methods == NULL;
}

/* The mount that has the path among its own, or shares it. */
static GstSocketHttpMount *
find_exact (HttpServer *server, const gchar *method, const gchar *path,
    gboolean is_shared)
{
  for (guint i = 0; i < server->mounts->len; i++) {
    GstSocketHttpMount *mount = g_ptr_array_index (server->mounts, i);

    if (has_method (mount, method)
        && has (is_shared ? mount->shared_paths : mount->paths, path))
      return mount;
  }
  return NULL;
}

static gsize
below (GstSocketHttpMount *mount, const gchar *path)
{
  gsize longest = 0;

  for (guint i = 0; mount->prefixes != NULL && mount->prefixes[i]; i++) {
    if (path != NULL && g_str_has_prefix (path, mount->prefixes[i]))
      longest = MAX (longest, strlen (mount->prefixes[i]));
  }
  return longest;
}

/* The mount that is nearest above the path. */
static GstSocketHttpMount *
find_above (HttpServer *server, const gchar *method, const gchar *path)
{
  GstSocketHttpMount *found = NULL;
  gsize longest = 0;

  for (guint i = 0; i < server->mounts->len; i++) {
    GstSocketHttpMount *mount = g_ptr_array_index (server->mounts, i);
    gsize size = has_method (mount, method) ? below (mount, path) : 0;

    if (size > longest) {
      found = mount;
      longest = size;
    }
  }
  return found;
}

static GstSocketHttpMount *
find (HttpServer *server, const gchar *method, const gchar *path)
{
  GstSocketHttpMount *mount = find_exact (server, method, path, FALSE);

  if (mount == NULL)
    mount = find_exact (server, method, path, TRUE);
  if (mount == NULL)
    mount = find_above (server, method, path);
  return mount;
}

/* What is nobody's is answered by the first mount, which knows how. */
GstSocketHttpMount *
http_server_find_mount (
    HttpServer *server, const gchar *method, const gchar *path)
{
  GstSocketHttpMount *mount = find (server, method, path);

  if (mount == NULL)
    mount = find (server, NULL, path);
  if (mount == NULL && server->mounts->len > 0)
    mount = g_ptr_array_index (server->mounts, 0);
  return mount;
}

static gboolean
share_methods (GstSocketHttpMount *a, GstSocketHttpMount *b)
{
  if (a->methods == NULL || b->methods == NULL)
    return a->methods == b->methods;
  for (guint i = 0; a->methods[i] != NULL; i++) {
    if (has (b->methods, a->methods[i]))
      return TRUE;
  }
  return FALSE;
}

static const gchar *
find_common (gchar *const *a, gchar *const *b)
{
  for (guint i = 0; a != NULL && a[i] != NULL; i++) {
    if (has (b, a[i]))
      return a[i];
  }
  return NULL;
}

/* A path that the mount wants, and another has already; or NULL. */
const gchar *
http_server_find_clash (HttpServer *server, GstSocketHttpMount *mount)
{
  for (guint i = 0; i < server->mounts->len; i++) {
    GstSocketHttpMount *other = g_ptr_array_index (server->mounts, i);
    const gchar *clash;

    if (!share_methods (mount, other))
      continue;
    clash = find_common (mount->paths, other->paths);
    if (clash == NULL)
      clash = find_common (mount->prefixes, other->prefixes);
    if (clash != NULL)
      return clash;
  }
  return NULL;
}

/* The mount that is above the path and for all methods, unless the path, or
 * the method, is another's. */
GstSocketHttpMount *
http_server_find_above (
    HttpServer *server, const gchar *method, const gchar *path)
{
  for (guint i = 0; i < server->mounts->len; i++) {
    GstSocketHttpMount *mount = g_ptr_array_index (server->mounts, i);

    if (has (mount->methods, method) || has (mount->paths, path)
        || has (mount->shared_paths, path))
      return NULL;
  }
  return find_above (server, NULL, path);
}
