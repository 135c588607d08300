/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testfolder.c: folders for tests that write files
 *
 * Here: see testfolder.h. Not here: what is right.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfolder.h"

#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>

gchar *
test_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  gchar *folder = g_dir_make_tmp ("gst-test-XXXXXX", &error);

  fail_unless (folder != NULL, "%s", error ? error->message : "");
  return folder;
}

void
test_folder_remove (const gchar *folder)
{
  GDir *dir = g_file_test (folder, G_FILE_TEST_IS_SYMLINK)
      ? NULL
      : g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    test_folder_remove (path);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (folder);
}

void
test_folder_put (
    const gchar *folder, const gchar *name, gconstpointer data, gssize size)
{
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  g_autofree gchar *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (parent, 0700);
  fail_unless (g_file_set_contents_full (path, data, size,
                   G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error),
      "%s", error ? error->message : "");
}

guint8
test_folder_byte (gsize at)
{
  return (at * 2654435761u) >> 13;
}

void
test_folder_fill (const gchar *folder, const gchar *name, gsize size)
{
  g_autofree guint8 *data = g_malloc (MAX (size, 1));

  for (gsize i = 0; i < size; i++)
    data[i] = test_folder_byte (i);
  test_folder_put (folder, name, data, size);
}
