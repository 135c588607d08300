/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httprules.c: tests of who may read and write which folder
 *
 * Here: the file of directory-rules, for reading and for uploads.
 * Not here: how it is read (libs/filetext.c), credentials (httpauth.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfiles.h"
#include "testfolder.h"

#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>

#define ANNA "Authorization: Basic YW5uYTph\r\n"
#define BEN "Authorization: Basic YmVuOmI=\r\n"

/* A server of files that also takes them, and what it needs. */
typedef struct
{
  gchar *folder;
  gchar *up; /* where uploads go */
  TestFiles files;
} Fixture;

/* In the rules, %s is the folder of uploads. */
static void
begin (Fixture *f, gboolean has_users, const gchar *format)
{
  g_autofree gchar *all = NULL, *rules = NULL, *users = NULL;
  g_auto (GStrv) parts = NULL;

  f->folder = test_folder_new ();
  f->up = g_build_filename (f->folder, "up", NULL);
  g_mkdir (f->up, 0777);
  parts = g_strsplit (format, "%s", -1);
  rules = g_strjoinv (f->up, parts);
  test_folder_put (f->folder, "users", "anna:{PLAIN}a\nben:{PLAIN}b\n", -1);
  test_folder_put (f->folder, "rules", rules, -1);
  users = has_users
      ? g_strdup_printf ("auth=basic auth-file=%s/users", f->folder)
      : g_strdup ("");
  all = g_strdup_printf ("root=%%s upload-root=%s directory-rules=%s/rules %s",
      f->up, f->folder, users);
  f->files = test_files_begin (all);
}

static void
end (Fixture *f)
{
  test_files_end (&f->files);
  test_folder_remove (f->folder);
  g_free (f->folder);
  g_free (f->up);
}

static void
expect (Fixture *f, const gchar *method, const gchar *path, const gchar *user,
    guint status)
{
  g_autofree gchar *request = g_strdup_printf (
      "%s %s HTTP/1.1\r\nHost: h\r\n%sContent-Length: 3\r\n\r\n"
      "one",
      method, path, user);
  g_autoptr (TestAnswer) answer = test_http_ask (f->files.port, request);

  fail_unless (
      answer->status == status, "%s %s: %u", method, path, answer->status);
}

static void
expect_stored (Fixture *f, const gchar *name, gboolean is_stored)
{
  g_autofree gchar *path = g_build_filename (f->up, name, NULL);

  fail_unless_equals_int (g_file_test (path, G_FILE_TEST_EXISTS), is_stored);
}

GST_START_TEST (test_writers_alone_upload_to_their_folder)
{
  Fixture f = {0};

  begin (&f, TRUE,
      "[url:/films]\nwriters = anna\n"
      "[url:/films/inbox]\nwriters = users\n"
      "[url:/films/old]\nwriters = none\n");
  expect (&f, "PUT", "/films/a", "", 401);
  expect (&f, "PUT", "/films/a", BEN, 403);
  expect (&f, "POST", "/films/a", BEN, 403);
  expect_stored (&f, "films", FALSE);
  expect (&f, "PUT", "/films/a", ANNA, 201);
  expect (&f, "POST", "/films/a", ANNA, 204);
  expect (&f, "PUT", "/films/inbox/b", BEN, 201);
  expect (&f, "PUT", "/films/old/c", ANNA, 403);
  expect (&f, "DELETE", "/films/a", BEN, 403);
  expect (&f, "DELETE", "/films//./a", BEN, 403);
  expect_stored (&f, "films/a", TRUE);
  expect (&f, "DELETE", "/films/a", ANNA, 204);
  expect_stored (&f, "films/a", FALSE);
  /* What no rule names writers of is nobody's. */
  expect (&f, "PUT", "/other/a", ANNA, 403);
  expect_stored (&f, "other", FALSE);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_writer_is_refused_before_the_body)
{
  Fixture f = {0};
  g_autoptr (TestAnswer) answer = NULL;

  begin (&f, TRUE, "[url:/]\nwriters = anna\n");
  answer = test_http_ask (f.files.port,
      "PUT /a HTTP/1.1\r\nHost: h\r\n" BEN
      "Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
  fail_unless_equals_int (answer->status, 403);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_folder_may_be_for_all_to_write)
{
  Fixture f = {0};

  begin (&f, FALSE, "[url:/]\nwriters = all\n[url:/a]\nwriters = users\n");
  expect (&f, "PUT", "/b", "", 201);
  /* Nobody is known without auth. */
  expect (&f, "PUT", "/a/b", "", 403);
  end (&f);
}
GST_END_TEST;

/* A folder of the disk has its rule by whatever name it is asked for. */
GST_START_TEST (test_rule_of_a_folder_holds_for_uploads_into_it)
{
  Fixture f = {0};

  begin (&f, TRUE,
      "[url:/]\nwriters = users\n"
      "[%s]\nname = seen\nreaders = anna\nwriters = anna\n");
  expect (&f, "PUT", "/a", BEN, 403);
  expect (&f, "PUT", "/a", ANNA, 201);
  test_files_expect_status (&f.files, "/seen/a", ANNA, 200);
  test_files_expect_status (&f.files, "/seen/a", BEN, 403);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_rule_of_a_folder_holds_by_other_names_of_it)
{
  g_autofree gchar *folder = test_folder_new ();
  g_autofree gchar *text =
      g_strdup_printf ("[%s/films]\nname = cinema\nreaders = anna\n", folder);
  g_autofree gchar *properties =
      g_strdup_printf ("root=%%s:/disk=%s auth=basic auth-file=%s/users "
                       "directory-rules=%s/rules",
          folder, folder, folder);
  TestFiles f;

  test_folder_put (folder, "users", "anna:{PLAIN}a\nben:{PLAIN}b\n", -1);
  test_folder_put (folder, "rules", text, -1);
  test_folder_put (folder, "films/x", "x", -1);
  test_folder_put (folder, "open/x", "x", -1);
  f = test_files_begin (properties);
  test_files_expect_status (&f, "/cinema/x", ANNA, 200);
  test_files_expect_status (&f, "/cinema/x", BEN, 403);
  test_files_expect_status (&f, "/disk/films/x", ANNA, 200);
  test_files_expect_status (&f, "/disk/films/x", BEN, 403);
  test_files_expect_status (&f, "/disk/open/x", BEN, 200);
  test_files_end (&f);
  test_folder_remove (folder);
}
GST_END_TEST;

static Suite *
httprules_suite (void)
{
  Suite *s = suite_create ("httprules");
  TCase *tc = tcase_create ("httprules");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_writers_alone_upload_to_their_folder);
  tcase_add_test (tc, test_writer_is_refused_before_the_body);
  tcase_add_test (tc, test_folder_may_be_for_all_to_write);
  tcase_add_test (tc, test_rule_of_a_folder_holds_for_uploads_into_it);
  tcase_add_test (tc, test_rule_of_a_folder_holds_by_other_names_of_it);
  return s;
}

GST_CHECK_MAIN (httprules);
