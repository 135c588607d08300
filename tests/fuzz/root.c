/* SPDX-License-Identifier: LGPL-2.1-or-later
 * root.c: fuzz target of gstsocketroot.c
 *
 * Here: that no path, as it is or as requests bring it, reads or writes what
 * is beside a folder, with the kernel's help and without.
 * Not here: which paths are there (tests/check/libs/root.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include <gst/socket/gstsocketrange.h>
#include <gst/socket/gstsocketroot.h>

#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_WRITTEN 100
#define ONE_OF 8

/* A folder with: root/a, root/sub/b, and links in root to what is beside it:
 * secret and out/secret. */
static gchar *dir;
static GstSocketRoot *roots[2];
static struct stat before;

static gchar *
at (const gchar *name)
{
  return g_build_filename (dir, name, NULL);
}

static void
put (const gchar *name, const gchar *text)
{
  g_autofree gchar *path = at (name);
  g_autofree gchar *folder = g_path_get_dirname (path);

  g_assert (g_mkdir_with_parents (folder, 0700) == 0);
  g_assert (g_file_set_contents (path, text, -1, NULL));
}

/* A path that names a link may have taken it away. */
static void
make_link (const gchar *target, const gchar *name)
{
  g_autofree gchar *path = at (name);

  g_assert (symlink (target, path) == 0 || errno == EEXIST);
}

static void
make_links (void)
{
  make_link ("../secret", "root/link");
  make_link ("../out", "root/up");
  make_link (dir, "root/all");
  make_link ("..", "root/sub/two");
  make_link ("/proc/self/cwd", "root/magic");
}

static int
remove_one (const char *path, const struct stat *info, int type, struct FTW *at)
{
  return remove (path);
}

static void
tear_down (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    gst_socket_root_unref (roots[i]);
  nftw (dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  g_free (dir);
}

static void
look_outside (struct stat *ret_info)
{
  g_autofree gchar *path = at ("out");
  g_autofree gchar *text = NULL;
  g_autofree gchar *secret = at ("secret");

  g_assert (stat (path, ret_info) == 0);
  g_assert (g_file_get_contents (secret, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "secret");
}

static void
set_up (void)
{
  g_autofree gchar *folder = NULL;

  dir = g_dir_make_tmp ("fuzz-root-XXXXXX", NULL);
  g_assert (dir != NULL);
  put ("secret", "secret");
  put ("out/secret", "secret");
  put ("root/a", "a");
  put ("root/sub/b", "b");
  make_links ();
  folder = at ("root");
  roots[0] = gst_socket_root_new (folder, NULL);
  g_setenv ("GST_SOCKET_ROOT", "walk", TRUE);
  roots[1] = gst_socket_root_new (folder, NULL);
  g_unsetenv ("GST_SOCKET_ROOT");
  look_outside (&before);
  atexit (tear_down);
}

static void
check_reading (GstSocketRoot *root, const gchar *path)
{
  GstSocketFileInfo info;
  gchar text[16] = "";
  gint fd = gst_socket_root_open (root, path, &info, NULL);

  if (fd < 0)
    return;
  g_assert (read (fd, text, sizeof text - 1) >= 0);
  g_assert (strstr (text, "secret") == NULL);
  close (fd);
}

static void
check_writing (GstSocketRoot *root, const gchar *path)
{
  struct stat after;
  gint fd = gst_socket_root_create (root, path, NULL);

  if (fd >= 0)
    close (fd);
  gst_socket_root_remove (root, path, NULL);
  gst_socket_root_replace (root, path, "x", 1, NULL);
  gst_socket_root_remove (root, path, NULL);
  look_outside (&after);
  g_assert (after.st_mtim.tv_sec == before.st_mtim.tv_sec
      && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
}

static void
check (const gchar *path)
{
  static guint n;

  /* Writing takes long: all of a corpus, and some of the rest. */
  gboolean writes = n++ < N_WRITTEN || g_str_hash (path) % ONE_OF == 0;

  for (guint i = 0; i < G_N_ELEMENTS (roots); i++) {
    check_reading (roots[i], path);
    if (!writes)
      continue;
    check_writing (roots[i], path);
    make_links ();
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree gchar *text = g_strndup ((const gchar *) data, MIN (size, 200));
  g_autofree gchar *path = gst_socket_path_normalise (text);

  if (dir == NULL)
    set_up ();
  check (text);
  if (path != NULL)
    check (path);
  return 0;
}
