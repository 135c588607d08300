/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpfilefaults.c: httpserversink with files, and all that may go wrong
 *
 * Here: requests for what is outside, files that are none, files that change
 * while they are sent, a full disk, peers that ask too much or do not read.
 * Not here: what goes well (httpfiles.c, httpgrowing.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfiles.h"

#include <gst/check/gstcheck.h>

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LARGE (30 * 1024 * 1024)
#define N_REQUESTS 10000

typedef ssize_t (*ReadFunc) (int, void *, size_t, off_t);

static gchar *to_shrink; /* atomic; before it is read next */

/* Stands in for that of the C library. */
G_MODULE_EXPORT ssize_t
pread (int fd, void *data, size_t size, off_t offset)
{
  static ReadFunc real;
  const gchar *path = g_atomic_pointer_exchange (&to_shrink, NULL);

  if (real == NULL)
    real = (ReadFunc) dlsym (
        RTLD_NEXT, sizeof (off_t) > sizeof (long) ? "pread64" : "pread");
  if (path != NULL)
    fail_unless (truncate (path, 1000) == 0);
  return real (fd, data, size, offset);
}

static gchar *
at (TestFiles *f, const gchar *name)
{
  return g_build_filename (f->root, name, NULL);
}

static void
make_link (TestFiles *f, const gchar *target, const gchar *name)
{
  g_autofree gchar *path = at (f, name);

  fail_unless (symlink (target, path) == 0);
}

/* --- what is not to be read --- */

GST_START_TEST (test_no_encoding_of_a_path_leads_outside)
{
  static const gchar *const paths[] = {"/../secret", "/..%2fsecret",
      "/%2e%2e/secret", "/%2e%2e%2fsecret", "/%252e%252e/secret",
      "/..%5csecret", "/..\\secret", "/.%2e/secret", "/sub/../../secret",
      "/sub/%2e%2e/%2e%2e/secret", "/%c0%ae%c0%ae/secret",
      "/%c0%ae%c0%ae%c0%afsecret", "/%u002e%u002e/secret", "/....//secret",
      "/..;/secret", "/../../../../../../etc/passwd", "//etc/passwd",
      "/a%00/../secret", "/secret%00.txt", "http://h/../secret",
      "/sub/..%00/secret", "/%ff/../secret", "/.hidden", "/sub/.hidden",
      "/%2ehidden", "/out", "/outdir/secret", "/absolute", "/proc/passwd",
      "/self/root/etc/passwd"};
  TestFiles f = test_files_begin ("root=%s directory-listing=true");

  test_folder_put (f.folder, "secret", "secret", -1);
  test_files_put (&f, "sub/a", "a");
  test_files_put (&f, ".hidden", "secret");
  test_files_put (&f, "sub/.hidden", "secret");
  make_link (&f, "../secret", "out");
  make_link (&f, "..", "outdir");
  make_link (&f, f.folder, "absolute");
  make_link (&f, "/etc", "proc");
  make_link (&f, "/proc/self", "self");
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (TestAnswer) answer = test_files_get (&f, paths[i], NULL);

    fail_unless (answer->status == 400 || answer->status == 404, "%s: %u",
        paths[i], answer->status);
    fail_unless (strstr (answer->body->str, "secret") == NULL, "%s", paths[i]);
  }
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_only_regular_files_are_opened)
{
  TestFiles f = test_files_begin (NULL);
  g_autofree gchar *fifo = at (&f, "fifo");
  g_autofree gchar *device = at (&f, "device");

  fail_unless (mkfifo (fifo, 0666) == 0);
  test_files_expect_status (&f, "/fifo", NULL, 404);
  /* Only root may make one, and only where that is a device. */
  if (mknod (device, S_IFCHR | 0666, makedev (1, 5)) == 0)
    test_files_expect_status (&f, "/device", NULL, 404);
  make_link (&f, "/dev/zero", "zero");
  test_files_expect_status (&f, "/zero", NULL, 404);
  test_files_end (&f);
}
GST_END_TEST;

/* --- files that change --- */

/* Asks for a large file, and reads nothing but the head. */
static GIOStream *
ask_large (TestFiles *f)
{
  GIOStream *stream = test_http_connect (f->port);
  g_autoptr (GString) head = g_string_new (NULL);

  test_http_send (stream, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!g_str_has_suffix (head->str, "\r\n\r\n")) {
    g_autofree gchar *byte = test_http_read_bytes (stream, 1);

    g_string_append (head, byte);
  }
  fail_unless (g_str_has_prefix (head->str, "HTTP/1.1 200 "));
  return stream;
}

/* Returns how many bytes come until the end, or LARGE of them. */
static gsize
read_rest (GIOStream *stream)
{
  g_autofree gchar *data = g_malloc (LARGE);
  gsize n = 0;

  g_input_stream_read_all (
      g_io_stream_get_input_stream (stream), data, LARGE, &n, NULL, NULL);
  return n;
}

static void
leave (GIOStream *stream)
{
  test_http_close (stream);
  g_object_unref (stream);
}

GST_START_TEST (test_file_that_shrinks_ends_the_connection)
{
  TestFiles f = test_files_begin (NULL);
  g_autofree gchar *path = at (&f, "large");
  GIOStream *stream;

  test_folder_fill (f.root, "large", LARGE);
  stream = ask_large (&f);
  fail_unless (truncate (path, 1000) == 0);
  fail_unless (read_rest (stream) < LARGE);
  leave (stream);
  test_files_expect_status (&f, "/large", NULL, 200);
  test_files_end (&f);
}
GST_END_TEST;

/* Else the beginning of it would be kept, as if it were all. */
GST_START_TEST (test_text_that_shrinks_while_it_is_read_is_not_compressed)
{
  TestFiles f = test_files_begin (NULL);
  g_autofree gchar *text = g_strnfill (20000, 'x');
  g_autofree gchar *path = at (&f, "a.txt");

  test_files_put (&f, "a.txt", text);
  g_atomic_pointer_set (&to_shrink, path);
  test_files_expect_status (&f, "/a.txt", "Accept-Encoding: gzip\r\n", 503);
  fail_unless (g_atomic_pointer_get (&to_shrink) == NULL);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_file_that_vanishes_is_sent_to_its_end)
{
  TestFiles f = test_files_begin (NULL);
  g_autofree gchar *path = at (&f, "large");
  GIOStream *stream;

  test_folder_fill (f.root, "large", LARGE);
  stream = ask_large (&f);
  fail_unless (unlink (path) == 0);
  fail_unless_equals_uint64 (read_rest (stream), LARGE);
  leave (stream);
  test_files_expect_status (&f, "/large", NULL, 404);
  test_files_end (&f);
}
GST_END_TEST;

/* As a full disk: files may not be longer than this. */
static void
limit_files (gsize size)
{
  struct rlimit limit = {size, size};

  signal (SIGXFSZ, SIG_IGN);
  fail_unless (setrlimit (RLIMIT_FSIZE, &limit) == 0);
}

GST_START_TEST (test_full_disk_ends_the_file_and_nothing_else)
{
  TestFiles f = test_files_begin (NULL);
  GOutputStream *out = NULL;
  GIOStream *stream;
  g_autofree gchar *data = g_malloc0 (100000);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) rest = NULL;

  test_files_put (&f, "other", "abc");
  limit_files (50000);
  g_signal_emit_by_name (f.sink, "open-file", "a.ts", &out);
  stream = test_files_follow (&f, "/a.ts");
  fail_if (g_output_stream_write_all (out, data, 100000, NULL, NULL, &error));
  fail_unless (error != NULL);
  g_object_unref (out);
  rest = test_http_read_all (stream);
  fail_if (g_str_has_suffix (rest->str, "0\r\n\r\n"));
  leave (stream);
  test_files_expect_text (&f, "/other", NULL, "abc");
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_full_disk_is_an_error_of_the_stream)
{
  g_autofree gchar *folder = test_folder_new ();
  GstElement *pipeline =
      test_launch ("fakesrc sizetype=fixed sizemax=10000 filltype=zero ! "
                   "httpserversink port=0 mode=file path=/a root=%s",
          folder);

  limit_files (50000);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_WRITE, "/a");
  test_stop (pipeline);
  test_folder_remove (folder);
}
GST_END_TEST;

GST_START_TEST (test_full_memory_is_an_error_of_the_stream)
{
  GstElement *pipeline =
      test_launch ("fakesrc sizetype=fixed sizemax=10000 filltype=zero ! "
                   "httpserversink port=0 mode=file path=/a storage=memory "
                   "max-memory=50000");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_NO_SPACE_LEFT, "/a");
  test_stop (pipeline);
}
GST_END_TEST;

/* --- peers --- */

static gboolean
has_fewer_fds (gpointer data)
{
  return test_count_fds () < *(guint *) data;
}

GST_START_TEST (test_reader_that_stops_is_closed_and_others_are_not)
{
  TestFiles f = test_files_begin ("storage=memory send-timeout=500000000");
  GOutputStream *out = NULL;
  GIOStream *stuck, *stream;
  g_autofree gchar *data = g_malloc0 (LARGE);
  gsize n = 0;
  guint fds;

  g_signal_emit_by_name (f.sink, "open-file", "large", &out);
  stuck = ask_large (&f);
  stream = ask_large (&f);
  fds = test_count_fds ();
  fail_unless (g_output_stream_write_all (out, data, LARGE, &n, NULL, NULL));
  fail_unless_equals_uint64 (read_rest (stream), LARGE);
  /* Who does not read does not see it either: the server has closed it. */
  fail_unless_eventually (has_fewer_fds, &fds);
  fail_unless (read_rest (stuck) < LARGE);
  g_object_unref (out);
  leave (stuck);
  leave (stream);
  test_files_end (&f);
}
GST_END_TEST;

typedef struct
{
  TestFiles *files;
  guint status;
} Wanted;

static gboolean
is_answered_so (gpointer data)
{
  Wanted *wanted = data;
  g_autoptr (TestAnswer) answer =
      test_files_get (wanted->files, "/middle", NULL);

  return answer->status == wanted->status;
}

/* As many ask for a large file, and do not read it, as are let in. */
static void
check_places (const gchar *properties, guint n)
{
  g_autofree gchar *all = g_strconcat ("root=%s ", properties, NULL);
  TestFiles f = test_files_begin (all);
  g_autofree GIOStream **streams = g_new (GIOStream *, n);
  Wanted some = {&f, 200};

  test_folder_fill (f.root, "large", LARGE);
  test_folder_fill (f.root, "middle", 100000);
  test_files_put (&f, "small", "abc");
  for (guint i = 0; i < n; i++)
    streams[i] = ask_large (&f);
  test_files_expect_status (&f, "/middle", NULL, 503);
  test_files_expect_text (&f, "/small", NULL, "abc");
  leave (streams[0]);
  fail_unless_eventually (is_answered_so, &some);
  for (guint i = 1; i < n; i++)
    leave (streams[i]);
  test_files_end (&f);
}

GST_START_TEST (test_no_more_files_are_sent_at_a_time_than_allowed)
{
  check_places ("max-clients=2", 2);
  check_places ("max-clients-per-ip=1", 17);
}
GST_END_TEST;

static gpointer
send_many (gpointer data)
{
  for (guint i = 0; i < N_REQUESTS; i++)
    test_http_send (data,
        i + 1 < N_REQUESTS
            ? "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
            : "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  return NULL;
}

GST_START_TEST (test_ten_thousand_requests_on_one_connection)
{
  TestFiles f = test_files_begin (NULL);
  GIOStream *stream;
  GThread *thread;
  g_autofree gchar *data = g_malloc (64 * 1024 * 1024);
  gsize size = 0;
  guint n = 0;

  test_files_put (&f, "a", "<the file>");
  stream = test_http_connect (f.port);
  thread = g_thread_new ("requests", send_many, stream);
  g_input_stream_read_all (g_io_stream_get_input_stream (stream), data,
      64 * 1024 * 1024 - 1, &size, NULL, NULL);
  data[size] = '\0';
  for (gchar *p = data; (p = strstr (p, "\r\n\r\n<the file>")) != NULL; p++)
    n++;
  fail_unless_equals_int (n, N_REQUESTS);
  g_thread_join (thread);
  leave (stream);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_range_bomb_gets_no_more_than_the_file)
{
  TestFiles f = test_files_begin (NULL);
  g_autoptr (GString) some = g_string_new ("Range: bytes=0-");
  g_autoptr (GString) many = g_string_new ("Range: bytes=0-");
  g_autoptr (TestAnswer) coalesced = NULL;
  g_autoptr (TestAnswer) ignored = NULL;

  test_folder_fill (f.root, "a", 50000);
  for (guint i = 1; i < 30; i++)
    g_string_append_printf (some, ",%u-", i);
  for (guint i = 1; i < 1000; i++)
    g_string_append (many, ",0-");
  g_string_append (some, "\r\n");
  g_string_append (many, "\r\n");
  coalesced = test_files_get (&f, "/a", some->str);
  fail_unless_equals_int (coalesced->status, 206);
  test_files_expect_field (coalesced, "Content-Length", "50000");
  ignored = test_files_get (&f, "/a", many->str);
  fail_unless_equals_int (ignored->status, 200);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_what_does_not_get_smaller_is_not_compressed)
{
  TestFiles f = test_files_begin (NULL);
  g_autofree guint32 *noise = g_new (guint32, 5000);
  g_autoptr (TestAnswer) answer = NULL;

  for (guint i = 0; i < 5000; i++)
    noise[i] = g_random_int ();
  test_folder_put (f.root, "a.txt", noise, 20000);
  answer = test_files_get (&f, "/a.txt", "Accept-Encoding: gzip\r\n");
  test_files_expect_field (answer, "Content-Encoding", NULL);
  test_files_expect_field (answer, "Content-Length", "20000");
  test_files_end (&f);
}
GST_END_TEST;

static Suite *
httpfilefaults_suite (void)
{
  Suite *s = suite_create ("httpfilefaults");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_no_encoding_of_a_path_leads_outside);
  tcase_add_test (tc, test_only_regular_files_are_opened);
  tcase_add_test (tc, test_file_that_shrinks_ends_the_connection);
  tcase_add_test (
      tc, test_text_that_shrinks_while_it_is_read_is_not_compressed);
  tcase_add_test (tc, test_file_that_vanishes_is_sent_to_its_end);
  tcase_add_test (tc, test_full_disk_ends_the_file_and_nothing_else);
  tcase_add_test (tc, test_full_disk_is_an_error_of_the_stream);
  tcase_add_test (tc, test_full_memory_is_an_error_of_the_stream);
  tcase_add_test (tc, test_reader_that_stops_is_closed_and_others_are_not);
  tcase_add_test (tc, test_no_more_files_are_sent_at_a_time_than_allowed);
  tcase_add_test (tc, test_ten_thousand_requests_on_one_connection);
  tcase_add_test (tc, test_range_bomb_gets_no_more_than_the_file);
  tcase_add_test (tc, test_what_does_not_get_smaller_is_not_compressed);
  return s;
}

GST_CHECK_MAIN (httpfilefaults);
