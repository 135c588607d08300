/* SPDX-License-Identifier: LGPL-2.1-or-later
 * loader.c: start GStreamer with one plugin file and nothing else
 *
 * Here: see loader.h. Not here: anything that knows an element.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loader.h"

#include <glib/gstdio.h>
#include <unistd.h>

/* Two plugins of one name cannot live in one process, and a registry cache
 * would let the wrong one in: so there is neither cache nor search path. */
static gchar *
isolate_registry (GError **error)
{
  g_autofree gchar *dir = g_dir_make_tmp ("parity-XXXXXX", error);
  gchar *registry;

  if (dir == NULL)
    return NULL;
  registry = g_build_filename (dir, "registry.bin", NULL);
  g_setenv ("GST_REGISTRY_1_0", registry, TRUE);
  g_setenv ("GST_REGISTRY_FORK", "no", TRUE);
  g_setenv ("GST_PLUGIN_PATH_1_0", "", TRUE);
  g_setenv ("GST_PLUGIN_SYSTEM_PATH_1_0", "", TRUE);
  return registry;
}

static void
remove_registry (gchar *registry)
{
  g_autofree gchar *dir = g_path_get_dirname (registry);

  g_unlink (registry);
  g_rmdir (dir);
  g_free (registry);
}

GstPlugin *
loader_load (const gchar *file, GError **error)
{
  gchar *registry = isolate_registry (error);
  GstPlugin *plugin = NULL;

  if (registry == NULL)
    return NULL;
  if (gst_init_check (NULL, NULL, error))
    plugin = gst_plugin_load_file (file, error);
  remove_registry (registry);
  return plugin;
}
