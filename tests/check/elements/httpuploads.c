/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpuploads.c: tests of uploads to a folder of httpserversink
 *
 * Here: what is written and removed, what is not, and that nothing outside of
 * the folder ever is.
 * Not here: uploads that become streams (httpserversrc.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfolder.h"
#include "testhttp.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define PUT(path, fields) "PUT " path " HTTP/1.1\r\nHost: h\r\n" fields "\r\n"
#define DELETE(path) "DELETE " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define STOP_MAX_US (G_USEC_PER_SEC / 2)

/* A folder, one beside it that nobody may write to, and the server. */
typedef struct
{
  gchar *parent;
  gchar *root;
  gchar *outside;
  GstHarness *h;
  guint16 port;
} Fixture;

static void
start (Fixture *f, const gchar *properties)
{
  g_autofree gchar *launch = g_strdup_printf (
      "httpserversink port=0 upload-root=%s %s", f->root, properties);
  GstElement *sink;
  guint port;

  f->h = gst_harness_new_parse (launch);
  gst_harness_play (f->h);
  sink = gst_harness_find_element (f->h, "httpserversink");
  g_object_get (sink, "current-port", &port, NULL);
  gst_object_unref (sink);
  f->port = port;
}

static void
stop (Fixture *f)
{
  gst_harness_teardown (f->h);
  f->h = NULL;
}

static void
begin (Fixture *f, const gchar *properties)
{
  f->parent = test_folder_new ();
  f->root = g_build_filename (f->parent, "root", NULL);
  f->outside = g_build_filename (f->parent, "outside", NULL);
  g_mkdir (f->root, 0777);
  g_mkdir (f->outside, 0777);
  start (f, properties);
}

static void
end (Fixture *f)
{
  if (f->h != NULL)
    stop (f);
  test_folder_remove (f->parent);
  g_free (f->parent);
  g_free (f->root);
  g_free (f->outside);
}

static void
expect (Fixture *f, const gchar *request, guint status)
{
  g_autoptr (TestAnswer) answer = test_http_ask (f->port, request);

  fail_unless (answer->status == status, "%.80s: %u %s", request,
      answer->status, answer->head);
}

static void
expect_file (const gchar *folder, const gchar *name, const gchar *text)
{
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  g_autofree gchar *got = NULL;

  if (!g_file_get_contents (path, &got, NULL, NULL))
    got = NULL;
  fail_unless (g_strcmp0 (got, text) == 0, "%s: %s", name, got);
}

static guint
count_in (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static gboolean
is_empty (gpointer data)
{
  return count_in (data) == 0;
}

static gboolean
has_one (gpointer data)
{
  return count_in (data) == 1;
}

/* --- what is written --- */

GST_START_TEST (test_upload_becomes_a_file)
{
  Fixture f = {0};

  begin (&f, "");
  expect (&f, PUT ("/a", "Content-Length: 3\r\n") "one", 201);
  expect_file (f.root, "a", "one");
  expect (&f, PUT ("/a", "Content-Length: 3\r\n") "two", 204);
  expect_file (f.root, "a", "two");
  expect (&f,
      "POST /sub/folder/b%20c HTTP/1.1\r\nHost: h\r\n"
      "Transfer-Encoding: chunked\r\n\r\n2\r\nth\r\n3\r\nree\r\n0\r\n\r\n",
      201);
  expect_file (f.root, "sub/folder/b c", "three");
  expect (&f, PUT ("/empty", "Content-Length: 0\r\n"), 201);
  expect_file (f.root, "empty", "");
  expect (&f, DELETE ("/a"), 204);
  expect_file (f.root, "a", NULL);
  expect (&f, DELETE ("/a"), 404);
  expect (&f, DELETE ("/sub"), 403);
  fail_unless_equals_int (count_in (f.root), 2);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_there_are_no_uploads_unless_a_folder_is_set)
{
  Fixture f = {0};

  begin (&f, "upload-root=\"\"");
  expect (&f, PUT ("/a", "Content-Length: 3\r\n") "one", 404);
  expect (&f, PUT ("/stream", "Content-Length: 3\r\n") "one", 405);
  expect (&f, DELETE ("/a"), 404);
  fail_unless_equals_int (count_in (f.root), 0);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_connection_is_kept_between_files)
{
  Fixture f = {0};
  g_autoptr (GIOStream) stream = NULL;

  begin (&f, "");
  stream = test_http_connect (f.port);
  for (guint i = 0; i < 20; i++) {
    g_autoptr (TestAnswer) answer = NULL;

    test_http_send (stream, PUT ("/a", "Content-Length: 3\r\n") "one");
    answer = test_http_read (stream);
    fail_unless_equals_int (answer->status, i == 0 ? 201 : 204);
  }
  test_http_close (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_part_of_a_file_is_written)
{
  Fixture f = {0};

  begin (&f, "");
#define PART(range, n)                                                         \
  PUT ("/a",                                                                   \
      "Content-Range: bytes " range "\r\n"                                     \
      "Content-Length: " #n "\r\n")
  expect (&f, PART ("0-3/*", 4) "0123", 201);
  expect (&f, PART ("4-5/6", 2) "45", 204);
  expect_file (f.root, "a", "012345");
  expect (&f, PART ("1-2/6", 2) "xy", 204);
  expect_file (f.root, "a", "0xy345");
  expect (&f, PART ("7-7/*", 1) "z", 416);
  expect (&f, PART ("0-3/*", 2) "no", 400);
  expect (&f, PART ("3-1/*", 2) "no", 400);
  expect (&f, PART ("0-1/2x", 2) "no", 400);
  expect (&f, PART ("0-6/5", 7) "noooooo", 400);
  expect (&f,
      PUT ("/a",
          "Content-Range: bytes 0-3/*\r\n"
          "Transfer-Encoding: chunked\r\n") "2\r\nno\r\n0\r\n\r\n",
      400);
  expect_file (f.root, "a", "0xy345");
  fail_unless_equals_int (count_in (f.root), 1);
  end (&f);
}
GST_END_TEST;

/* --- what is not --- */

static void
cut_off (Fixture *f, const gchar *request)
{
  g_autoptr (GIOStream) stream = test_http_connect (f->port);

  test_http_send (stream, request);
  fail_unless_eventually (has_one, f->root);
  test_http_close (stream);
}

GST_START_TEST (test_cut_off_upload_leaves_nothing)
{
  Fixture f = {0};

  begin (&f, "");
  cut_off (&f, PUT ("/a", "Content-Length: 9\r\n") "one");
  fail_unless_eventually (is_empty, f.root);
  cut_off (&f, PUT ("/b", "Transfer-Encoding: chunked\r\n") "3\r\none\r\n");
  fail_unless_eventually (is_empty, f.root);
  expect (
      &f, PUT ("/c", "Transfer-Encoding: chunked\r\n") "3\r\none\r\nx", 400);
  fail_unless_eventually (is_empty, f.root);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_two_uploads_of_one_name_conflict)
{
  Fixture f = {0};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;

  begin (&f, "");
  stream = test_http_connect (f.port);
  test_http_send (stream, PUT ("/a", "Content-Length: 3\r\n") "o");
  fail_unless_eventually (has_one, f.root);
  expect (&f, PUT ("/./a", "Content-Length: 3\r\n") "two", 409);
  expect (&f, DELETE ("/a"), 409);
  expect (&f, PUT ("/b", "Content-Length: 3\r\n") "two", 201);
  test_http_send (stream, "ne");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 201);
  expect_file (f.root, "a", "one");
  test_http_close (stream);
  end (&f);
}
GST_END_TEST;

#define PART_OF_A(range, n)                                                    \
  PUT ("/a",                                                                   \
      "Content-Range: bytes " range "/*\r\n"                                   \
      "Content-Length: " #n "\r\n")

static gboolean
has_two (gpointer data)
{
  return count_in (data) == 2;
}

GST_START_TEST (test_part_that_is_cut_off_leaves_the_file)
{
  Fixture f = {0};
  g_autoptr (GIOStream) stream = NULL;

  begin (&f, "");
  test_folder_put (f.root, "a", "0123", 4);
  stream = test_http_connect (f.port);
  test_http_send (stream, PART_OF_A ("0-3", 4) "xy");
  fail_unless_eventually (has_two, f.root);
  expect_file (f.root, "a", "0123");
  test_http_close (stream);
  fail_unless_eventually (has_one, f.root);
  expect_file (f.root, "a", "0123");
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_two_parts_of_one_name_conflict)
{
  Fixture f = {0};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;

  begin (&f, "");
  test_folder_put (f.root, "a", "0123", 4);
  stream = test_http_connect (f.port);
  test_http_send (stream, PART_OF_A ("4-5", 2) "4");
  fail_unless_eventually (has_two, f.root);
  expect (&f, PART_OF_A ("4-4", 1) "x", 409);
  expect (&f, PUT ("/a", "Content-Length: 1\r\n") "x", 409);
  test_http_send (stream, "5");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 204);
  expect_file (f.root, "a", "012345");
  test_http_close (stream);
  end (&f);
}
GST_END_TEST;

/* A file that this process may replace, but not read. */
GST_START_TEST (test_part_of_what_cannot_be_read_is_refused)
{
  Fixture f = {0};
  g_autofree gchar *path = NULL;

  begin (&f, "");
  test_folder_put (f.root, "a", "0123", 4);
  path = g_build_filename (f.root, "a", NULL);
  g_chmod (path, 0);
  g_chmod (f.root, 0777);
  if (geteuid () == 0)
    fail_unless_equals_int (seteuid (65534), 0);
  expect (&f, PART_OF_A ("0-0", 1) "x", 403);
  if (getuid () == 0)
    fail_unless_equals_int (seteuid (0), 0);
  g_chmod (path, 0600);
  expect_file (f.root, "a", "0123");
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_too_large_file_is_not_stored)
{
  Fixture f = {0};

  begin (&f, "upload-max-size=4");
  expect (&f, PUT ("/a", "Expect: 100-continue\r\nContent-Length: 5\r\n"), 413);
  expect (&f,
      PUT ("/a", "Transfer-Encoding: chunked\r\n") "5\r\nfives\r\n0\r\n\r\n",
      413);
  expect (&f,
      PUT ("/a", "Content-Range: bytes 4-4/*\r\nContent-Length: 1\r\n") "x",
      413);
  fail_unless_equals_int (count_in (f.root), 0);
  expect (&f, PUT ("/a", "Content-Length: 4\r\n") "four", 201);
  end (&f);
}
GST_END_TEST;

/* --- outside --- */

GST_START_TEST (test_nothing_outside_is_written)
{
  static const gchar *const paths[] = {"/../outside/x", "/%2e%2e/outside/x",
      "/%2E%2E%2foutside%2Fx", "/..%2foutside/x", "/a/../../outside/x",
      "/a/%2e%2e/%2e%2e/outside/x", "/%252e%252e/outside/x",
      "/..%5coutside%5cx", "/..%c0%afoutside/x", "/%c0%ae%c0%ae/outside/x",
      "/out/x", "/out/new/x", "/deep/out/x", "/x%00y", "/x%0ay", "/.hidden",
      "/.hidden/x", "/a/.hidden", "/", "/folder/", "/%", "/%zz",
      "http://h/../outside/x", "/./../outside/x", "/out", "/abs/x"};
  Fixture f = {0};
  g_autofree gchar *link = NULL, *deep = NULL, *deep_link = NULL,
                   *absolute = NULL;

  begin (&f, "");
  link = g_build_filename (f.root, "out", NULL);
  deep = g_build_filename (f.root, "deep", NULL);
  deep_link = g_build_filename (deep, "out", NULL);
  absolute = g_build_filename (f.root, "abs", NULL);
  g_mkdir (deep, 0777);
  fail_unless_equals_int (symlink ("../outside", link), 0);
  fail_unless_equals_int (symlink ("../../outside", deep_link), 0);
  fail_unless_equals_int (symlink (f.outside, absolute), 0);
  test_folder_put (f.outside, "x", "old", 3);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autofree gchar *put = g_strdup_printf (
        "PUT %s HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nnew", paths[i]);
    g_autofree gchar *delete =
        g_strdup_printf ("DELETE %s HTTP/1.1\r\nHost: h\r\n\r\n", paths[i]);
    g_autoptr (TestAnswer) answer = test_http_ask (f.port, put);
    g_autoptr (TestAnswer) deleted = NULL;

    /* A link at the very name is replaced; it is not followed. */
    if (!g_str_equal (paths[i], "/out"))
      deleted = test_http_ask (f.port, delete);
    expect_file (f.outside, "x", "old");
    fail_unless_equals_int (count_in (f.outside), 1);
    fail_unless (g_str_has_prefix (paths[i], "/%25")
            || g_str_equal (paths[i], "/out") || answer->status >= 400,
        "%s: %u", paths[i], answer->status);
  }
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_folder_is_not_replaced)
{
  Fixture f = {0};

  begin (&f, "");
  test_folder_put (f.root, "folder/x", "old", 3);
  expect (&f, PUT ("/folder", "Content-Length: 3\r\n") "new", 409);
  expect (&f, PUT ("/folder/x/y", "Content-Length: 3\r\n") "new", 403);
  expect_file (f.root, "folder/x", "old");
  fail_unless_equals_int (count_in (f.root), 1);
  end (&f);
}
GST_END_TEST;

/* --- disks --- */

/* A disk of one mebibyte, in a namespace of this thread's own and of those that
 * it starts. */
static gboolean
mount_small_disk (const gchar *folder)
{
  return unshare (CLONE_NEWNS) == 0
      && mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0
      && mount ("none", folder, "tmpfs", 0, "size=1m") == 0;
}

static gchar *
make_large (const gchar *path, const gchar *fields, const gchar *before,
    const gchar *after)
{
  g_autofree gchar *body = g_strnfill (2 * 1024 * 1024, 'x');

  return g_strconcat ("PUT ", path, " HTTP/1.1\r\nHost: h\r\n", fields, "\r\n",
      before, body, after, NULL);
}

GST_START_TEST (test_full_disk_is_told)
{
  Fixture f = {0};
  g_autofree gchar *chunked = make_large ("/large",
      "Transfer-Encoding: chunked\r\n", "200000\r\n", "\r\n0\r\n\r\n");
  g_autofree gchar *part = make_large ("/small",
      "Content-Length: 2097152\r\nContent-Range: bytes 3-2097154/*\r\n", "",
      "");

  begin (&f, "");
  stop (&f);
  if (!mount_small_disk (f.root)) {
    /* Not permitted, or not possible, as in a container or a chroot. */
    g_print ("no disk to fill: %s\n", g_strerror (errno));
    end (&f);
    return;
  }
  start (&f, "");
  expect (&f,
      PUT ("/large", "Expect: 100-continue\r\nContent-Length: 2097152\r\n"),
      507);
  expect (&f, chunked, 507);
  fail_unless_eventually (is_empty, f.root);
  expect (&f, PUT ("/small", "Content-Length: 3\r\n") "one", 201);
  expect (&f, part, 507);
  expect_file (f.root, "small", "one");
  stop (&f);
  umount2 (f.root, MNT_DETACH);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_stopping_waits_for_no_sender)
{
  Fixture f = {0};
  g_autoptr (GIOStream) stream = NULL;
  gint64 began;

  begin (&f, "");
  stream = test_http_connect (f.port);
  test_http_send (stream, PUT ("/a", "Content-Length: 9\r\n") "one");
  fail_unless_eventually (has_one, f.root);
  began = g_get_monotonic_time ();
  stop (&f);
  fail_unless (g_get_monotonic_time () - began < STOP_MAX_US);
  fail_unless_equals_int (count_in (f.root), 0);
  test_http_close (stream);
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_folder_that_is_not_there_is_an_error)
{
  GstElement *sink = gst_element_factory_make ("httpserversink", NULL);

  g_object_set (sink, "port", 0, "upload-root", "/nowhere/at/all", NULL);
  fail_unless_equals_int (
      gst_element_set_state (sink, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_object_unref (sink);
}
GST_END_TEST;

static Suite *
httpuploads_suite (void)
{
  Suite *s = suite_create ("httpuploads");
  TCase *tc = tcase_create ("httpuploads");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_upload_becomes_a_file);
  tcase_add_test (tc, test_there_are_no_uploads_unless_a_folder_is_set);
  tcase_add_test (tc, test_connection_is_kept_between_files);
  tcase_add_test (tc, test_part_of_a_file_is_written);
  tcase_add_test (tc, test_cut_off_upload_leaves_nothing);
  tcase_add_test (tc, test_two_uploads_of_one_name_conflict);
  tcase_add_test (tc, test_part_that_is_cut_off_leaves_the_file);
  tcase_add_test (tc, test_two_parts_of_one_name_conflict);
  tcase_add_test (tc, test_part_of_what_cannot_be_read_is_refused);
  tcase_add_test (tc, test_too_large_file_is_not_stored);
  tcase_add_test (tc, test_nothing_outside_is_written);
  tcase_add_test (tc, test_folder_is_not_replaced);
  tcase_add_test (tc, test_full_disk_is_told);
  tcase_add_test (tc, test_stopping_waits_for_no_sender);
  tcase_add_test (tc, test_folder_that_is_not_there_is_an_error);
  return s;
}

GST_CHECK_MAIN (httpuploads);
