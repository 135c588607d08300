/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpwatched.c: tests of which files httpserversink takes for growing ones
 *
 * Here: links, folders that get another name, other names of one file, files
 * of its own that somebody still reads.
 * Not here: how what grows is sent (httpgrowing.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfiles.h"
#include "testutil.h"

#include <gst/check/gstcheck.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* More than a socket takes at once. */
#define LARGE (30 * 1024 * 1024)

/* How often it is tried, where it depends on who is faster. */
#define TRIES 10

static gchar *
at (TestFiles *f, const gchar *name)
{
  return g_build_filename (f->root, name, NULL);
}

static gint
begin_file (TestFiles *f, const gchar *name)
{
  g_autofree gchar *path = at (f, name);
  gint fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  fail_unless (fd >= 0);
  fail_unless_equals_int (write (fd, "abc", 3), 3);
  return fd;
}

static void
expect (TestFiles *f, const gchar *path, gboolean is_growing)
{
  TestFilesWanted wanted = {f, path, is_growing};

  fail_unless (test_wait_until (test_files_are_as_wanted, &wanted), "%s", path);
}

/* What was done below the root before this has been seen after it. */
static void
let_it_see (TestFiles *f)
{
  static guint n;
  g_autofree gchar *name = g_strdup_printf ("mark%u", n++);
  g_autofree gchar *path = g_strconcat ("/", name, NULL);
  gint fd = begin_file (f, name);

  expect (f, path, TRUE);
  close (fd);
  expect (f, path, FALSE);
}

static void
make_hard_link (TestFiles *f, const gchar *from, const gchar *to)
{
  g_autofree gchar *old = at (f, from);
  g_autofree gchar *new = at (f, to);

  fail_unless (link (old, new) == 0);
}

static void
make_link (TestFiles *f, const gchar *target, const gchar *name)
{
  g_autofree gchar *path = at (f, name);

  fail_unless (symlink (target, path) == 0);
}

/* --- what is whole --- */

GST_START_TEST (test_symbolic_link_to_a_whole_file_is_whole)
{
  TestFiles f = test_files_begin (NULL);

  test_files_put (&f, "a.ts", "whole");
  let_it_see (&f);
  make_link (&f, "a.ts", "soft.ts");
  let_it_see (&f);
  test_files_expect_text (&f, "/soft.ts", NULL, "whole");
  expect (&f, "/soft.ts", FALSE);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_link_to_a_whole_file_is_whole)
{
  TestFiles f = test_files_begin (NULL);

  test_files_put (&f, "a.ts", "whole");
  test_files_put (&f, "empty.ts", "");
  let_it_see (&f);
  make_hard_link (&f, "a.ts", "hard.ts");
  make_hard_link (&f, "empty.ts", "hardempty.ts");
  let_it_see (&f);
  test_files_expect_text (&f, "/hard.ts", NULL, "whole");
  test_files_expect_text (&f, "/hardempty.ts", NULL, "");
  expect (&f, "/hard.ts", FALSE);
  test_files_end (&f);
}
GST_END_TEST;

/* --- what grows --- */

GST_START_TEST (test_file_that_grows_does_so_by_all_its_names)
{
  static const gchar *const names[] = {"/live/x.ts", "/hard.ts",
      "/again/live/x.ts", "/latest.ts", "/current/x.ts"};
  const guint n = test_kernel_confines_paths () ? G_N_ELEMENTS (names) : 3;
  TestFiles f = test_files_begin ("root=%1$s:/again=%1$s");
  gint fd;

  test_files_put (&f, "live/y.ts", "y");
  let_it_see (&f);
  fd = begin_file (&f, "live/x.ts");
  make_link (&f, "live/x.ts", "latest.ts");
  make_link (&f, "live", "current");
  make_hard_link (&f, "live/x.ts", "hard.ts");
  for (guint i = 0; i < n; i++)
    expect (&f, names[i], TRUE);
  close (fd);
  for (guint i = 0; i < n; i++)
    expect (&f, names[i], FALSE);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_renamed_folder_is_watched_by_its_new_name)
{
  TestFiles f = test_files_begin (NULL);
  g_autofree gchar *old = at (&f, "old");
  g_autofree gchar *new = at (&f, "new");
  gint fd;

  test_files_put (&f, "old/deep/y", "y");
  let_it_see (&f);
  fail_unless (g_rename (old, new) == 0);
  let_it_see (&f);
  fd = begin_file (&f, "new/deep/x");
  expect (&f, "/new/deep/x", TRUE);
  close (fd);
  expect (&f, "/new/deep/x", FALSE);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_file_begun_anew_ends_for_who_has_the_old_one)
{
  TestFiles f = test_files_begin (NULL);
  gint fd = begin_file (&f, "a.ts");
  GIOStream *stream;
  gchar byte;

  expect (&f, "/a.ts", TRUE);
  stream = test_files_follow (&f, "/a.ts");
  test_files_expect_chunk (stream, "abc");
  fail_unless (ftruncate (fd, 0) == 0);
  fail_unless_equals_int64 (
      g_input_stream_read (
          g_io_stream_get_input_stream (stream), &byte, 1, NULL, NULL),
      0);
  fail_unless_equals_int (pwrite (fd, "another", 7, 0), 7);
  test_http_close (stream);
  g_object_unref (stream);
  let_it_see (&f);
  stream = test_files_follow (&f, "/a.ts");
  test_files_expect_chunk (stream, "another");
  close (fd);
  test_files_expect_chunk (stream, "");
  test_http_close (stream);
  g_object_unref (stream);
  test_files_end (&f);
}
GST_END_TEST;

/* --- its own --- */

/* Asks for a file that has begun, and does not read it. */
static GIOStream *
begin_to_read (TestFiles *f, GOutputStream *out, const gchar *path)
{
  fail_unless (g_output_stream_write_all (out, "abc", 3, NULL, NULL, NULL));
  return test_files_follow (f, path);
}

GST_START_TEST (test_own_file_is_whole_while_somebody_still_reads_it)
{
  TestFiles f = test_files_begin (NULL);
  g_autofree gchar *data = g_malloc0 (LARGE);

  for (guint i = 0; i < TRIES; i++) {
    g_autofree gchar *path = g_strdup_printf ("/own%u.ts", i);
    GOutputStream *out = NULL;
    GIOStream *stream;

    g_signal_emit_by_name (f.sink, "open-file", path, &out);
    stream = begin_to_read (&f, out, path);
    fail_unless (
        g_output_stream_write_all (out, data, LARGE, NULL, NULL, NULL));
    g_object_unref (out);
    let_it_see (&f);
    expect (&f, path, FALSE);
    test_http_close (stream);
    g_object_unref (stream);
  }
  test_files_end (&f);
}
GST_END_TEST;

static Suite *
httpwatched_suite (void)
{
  Suite *s = suite_create ("httpwatched");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  if (test_kernel_confines_paths ())
    tcase_add_test (tc, test_symbolic_link_to_a_whole_file_is_whole);
  tcase_add_test (tc, test_link_to_a_whole_file_is_whole);
  tcase_add_test (tc, test_file_that_grows_does_so_by_all_its_names);
  tcase_add_test (tc, test_renamed_folder_is_watched_by_its_new_name);
  tcase_add_test (tc, test_file_begun_anew_ends_for_who_has_the_old_one);
  tcase_add_test (tc, test_own_file_is_whole_while_somebody_still_reads_it);
  return s;
}

GST_CHECK_MAIN (httpwatched);
