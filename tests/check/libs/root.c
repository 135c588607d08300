/* SPDX-License-Identifier: LGPL-2.1-or-later
 * root.c: tests of gstsocketroot.c
 *
 * Here: that only regular files below the folder are opened, made and listed,
 * with the kernel's help and without.
 * Not here: requests (tests/check/elements/httpfiles.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfolder.h"
#include "testutil.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketroot.h>

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder with: a (regular), .b (hidden), sub/c, in -> sub/c, out -> outside,
 * up -> .., fifo; and beside it "outside" and "outdir/x". */
typedef struct
{
  gchar *dir;
  gchar *folder;
  GstSocketRoot *root;
  guint fds;
} Fixture;

static gchar *
at (const Fixture *f, const gchar *name)
{
  return g_build_filename (f->dir, name, NULL);
}

static void
put (const Fixture *f, const gchar *name, const gchar *text)
{
  g_autofree gchar *path = at (f, name);

  fail_unless (g_file_set_contents (path, text, -1, NULL));
}

static void
make_link (const Fixture *f, const gchar *target, const gchar *name)
{
  g_autofree gchar *path = at (f, name);

  fail_unless (symlink (target, path) == 0);
}

static void
set_up (Fixture *f, gboolean walks)
{
  g_autofree gchar *sub = NULL;
  g_autofree gchar *fifo = NULL;
  g_autofree gchar *outdir = NULL;
  g_autoptr (GError) error = NULL;

  f->dir = test_folder_new ();
  f->folder = at (f, "root");
  sub = at (f, "root/sub");
  fifo = at (f, "root/fifo");
  outdir = at (f, "outdir");
  g_mkdir_with_parents (sub, 0700);
  g_mkdir (outdir, 0700);
  fail_unless (mkfifo (fifo, 0600) == 0);
  put (f, "root/a", "aaa");
  put (f, "root/.b", "b");
  put (f, "root/sub/c", "c");
  put (f, "outside", "secret");
  put (f, "outdir/x", "secret");
  make_link (f, "sub/c", "root/in");
  make_link (f, "../outside", "root/out");
  make_link (f, f->dir, "root/abs");
  make_link (f, "../outdir", "root/up");
  make_link (f, "/proc/self/root", "root/magic");
  if (walks)
    g_setenv ("GST_SOCKET_ROOT", "walk", TRUE);
  f->root = gst_socket_root_new (f->folder, &error);
  g_unsetenv ("GST_SOCKET_ROOT");
  fail_unless (f->root != NULL, "%s", error ? error->message : "");
}

static void
tear_down (Fixture *f)
{
  gst_socket_root_unref (f->root);
  test_folder_remove (f->dir);
  g_free (f->dir);
  g_free (f->folder);
}

static gint
open_code (const Fixture *f, const gchar *path)
{
  g_autoptr (GError) error = NULL;
  GstSocketFileInfo info;
  gint fd = gst_socket_root_open (f->root, path, &info, &error);

  if (fd < 0)
    return error->code;
  close (fd);
  return -1;
}

static void
check_reading (gboolean walks)
{
  static const gchar *const outside[] = {"out", "abs/outside", "up/x",
      "magic/etc/passwd", "sub/../../outside", "../outside", "..", "fifo", ".b",
      "sub/.x", "nothing", "a/b", "up"};
  Fixture f = {0};
  GstSocketFileInfo info;
  guint fds = test_count_fds ();

  set_up (&f, walks);
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    fail_unless (open_code (&f, outside[i]) == G_IO_ERROR_NOT_FOUND, "%s: %d",
        outside[i], open_code (&f, outside[i]));
  fail_unless_equals_int (open_code (&f, "/a"), -1);
  fail_unless_equals_int (open_code (&f, "sub/c"), -1);
  fail_unless_equals_int (open_code (&f, "in"),
      walks || !test_kernel_confines_paths () ? G_IO_ERROR_NOT_FOUND : -1);
  fail_unless_equals_int (open_code (&f, "sub"), G_IO_ERROR_IS_DIRECTORY);
  fail_unless_equals_int (open_code (&f, "/"), G_IO_ERROR_IS_DIRECTORY);
  fail_unless (gst_socket_root_stat (f.root, "a", &info, NULL));
  fail_unless_equals_uint64 (info.size, 3);
  tear_down (&f);
  fail_unless_equals_int (test_count_fds (), fds);
}

GST_START_TEST (test_only_regular_files_below_are_opened)
{
  check_reading (FALSE);
}
GST_END_TEST;

GST_START_TEST (test_only_regular_files_below_are_opened_without_openat2)
{
  check_reading (TRUE);
}
GST_END_TEST;

static void
check_writing (gboolean walks)
{
  static const gchar *const outside[] = {
      "up/new", "abs/new", "../new", "a/new", ".new", "sub/../../new"};
  Fixture f = {0};
  g_autofree gchar *text = NULL;
  g_autofree gchar *path = NULL;
  gint fd;

  set_up (&f, walks);
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    fail_unless (gst_socket_root_create (f.root, outside[i], NULL) < 0, "%s",
        outside[i]);
  /* The link is replaced, not what it points to. */
  fd = gst_socket_root_create (f.root, "out", NULL);
  fail_unless (fd >= 0);
  fail_unless_equals_int (write (fd, "x", 1), 1);
  close (fd);
  path = at (&f, "outside");
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  fail_unless_equals_string (text, "secret");
  fd = gst_socket_root_create (f.root, "new/deep/file", NULL);
  fail_unless (fd >= 0);
  close (fd);
  fail_unless (gst_socket_root_rename (f.root, "new/deep/file", "moved", NULL));
  fail_if (gst_socket_root_rename (f.root, "moved", "up/moved", NULL));
  fail_unless (gst_socket_root_remove (f.root, "moved", NULL));
  fail_if (gst_socket_root_remove (f.root, "up/x", NULL));
  fail_if (gst_socket_root_remove (f.root, "moved", NULL));
  tear_down (&f);
}

GST_START_TEST (test_nothing_outside_is_written)
{
  check_writing (FALSE);
  check_writing (TRUE);
}
GST_END_TEST;

GST_START_TEST (test_lists_what_can_be_asked_for)
{
  Fixture f = {0};
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GString) names = g_string_new (NULL);

  set_up (&f, FALSE);
  entries = gst_socket_root_list (f.root, "/", NULL);
  fail_unless (entries != NULL);
  for (guint i = 0; i < entries->len; i++) {
    GstSocketRootEntry *entry = g_ptr_array_index (entries, i);

    g_string_append_printf (names, "%s ", entry->name);
  }
  fail_unless_equals_string (
      names->str, test_kernel_confines_paths () ? "sub a in " : "sub a ");
  fail_unless (gst_socket_root_list (f.root, "up", NULL) == NULL);
  fail_unless (gst_socket_root_list (f.root, "a", NULL) == NULL);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_missing_folder_is_an_error)
{
  g_autoptr (GError) error = NULL;

  fail_unless (gst_socket_root_new ("/nonexistent/x", &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
}
GST_END_TEST;

static Suite *
root_suite (void)
{
  Suite *s = suite_create ("root");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_only_regular_files_below_are_opened);
  tcase_add_test (tc, test_only_regular_files_below_are_opened_without_openat2);
  tcase_add_test (tc, test_nothing_outside_is_written);
  tcase_add_test (tc, test_lists_what_can_be_asked_for);
  tcase_add_test (tc, test_missing_folder_is_an_error);
  return s;
}

GST_CHECK_MAIN (root);
