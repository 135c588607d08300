/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpfiles.c: tests of httpserversink with files that do not change
 *
 * Here: requests and their answers, ranges, conditions, codings, folders, who
 * may read.
 * Not here: files that grow (httpgrowing.c), faults (httpfilefaults.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfiles.h"
#include "testhttpsink.h"

#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#define LARGE (1024 * 1024 + 1)

/* --- states --- */

GST_START_TEST (test_pipeline_plays_with_nothing_linked)
{
  g_autofree gchar *folder = test_folder_new ();
  GstElement *pipeline = test_launch ("fakesrc num-buffers=1 ! fakesink "
                                      "httpserversink port=0 root=%s name=h",
      folder);

  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  /* Neither preroll nor the end waits for the one without a stream. */
  test_expect_eos (pipeline);
  test_stop (pipeline);
  test_folder_remove (folder);
}
GST_END_TEST;

GST_START_TEST (test_files_alone_have_the_paths_of_the_stream)
{
  TestFiles f = test_files_begin ("root=%s path=/stream");

  test_files_expect_status (&f, "/stream", NULL, 404);
  test_files_expect_status (&f, "/", NULL, 404);
  test_files_put (&f, "stream", "a file");
  test_files_expect_text (&f, "/stream", NULL, "a file");
  test_files_put (&f, "index.html", "a page");
  test_files_expect_text (&f, "/", NULL, "a page");
  test_files_expect_status (&f, "/status.json", NULL, 200);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_missing_root_is_an_error_that_names_it)
{
  GstElement *pipeline = test_launch (
      "fakesrc ! fakesink httpserversink port=0 root=/nonexistent/folder");

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (
      pipeline, GST_RESOURCE_ERROR_OPEN_READ, "/nonexistent/folder");
  test_stop (pipeline);
}
GST_END_TEST;

/* --- files --- */

GST_START_TEST (test_file_is_served_with_its_type_and_validators)
{
  TestFiles f = test_files_begin (NULL);
  g_autoptr (TestAnswer) answer = NULL;
  g_autofree gchar *etag = NULL;
  g_autofree gchar *date = NULL;

  test_files_put (&f, "sub/a b.html", "<p>");
  answer = test_files_get (&f, "/sub/a%20b.html?x=1", NULL);
  fail_unless_equals_int (answer->status, 200);
  fail_unless_equals_string (answer->body->str, "<p>");
  test_files_expect_field (answer, "Content-Type", "text/html; charset=utf-8");
  test_files_expect_field (answer, "Content-Length", "3");
  test_files_expect_field (answer, "Accept-Ranges", "bytes");
  test_files_expect_field (answer, "Cache-Control", "no-cache");
  etag = test_answer_field (answer, "ETag");
  date = test_answer_field (answer, "Last-Modified");
  fail_unless (etag != NULL && etag[0] == '"');
  fail_unless (date != NULL && g_str_has_suffix (date, " GMT"));
  test_files_expect_status (&f, "/nothing", NULL, 404);
  test_files_expect_status (&f, "/sub/a%20b.html/", NULL, 404);
  test_files_end (&f);
}
GST_END_TEST;

static void
expect_large (GIOStream *stream)
{
  g_autofree gchar *data = test_http_read_bytes (stream, LARGE);
  gsize i = 0;

  while (i < LARGE && (guint8) data[i] == test_folder_byte (i))
    i++;
  fail_unless (i == LARGE, "wrong at %" G_GSIZE_FORMAT, i);
}

static void
ask_large (GIOStream *stream)
{
  g_autoptr (GString) head = g_string_new (NULL);

  test_http_send (stream, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!g_str_has_suffix (head->str, "\r\n\r\n")) {
    g_autofree gchar *byte = test_http_read_bytes (stream, 1);

    g_string_append (head, byte);
  }
  fail_unless (g_str_has_prefix (head->str, "HTTP/1.1 200 "));
  expect_large (stream);
}

GST_START_TEST (test_connection_is_kept_after_large_and_small_files)
{
  TestFiles f = test_files_begin (NULL);
  GIOStream *stream;

  test_folder_fill (f.root, "large", LARGE);
  test_files_put (&f, "small", "abc");
  stream = test_http_connect (f.port);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (TestAnswer) small = NULL;

    ask_large (stream);
    test_http_send (stream, "GET /small HTTP/1.1\r\nHost: h\r\n\r\n");
    small = test_http_read (stream);
    fail_unless_equals_string (small->body->str, "abc");
  }
  test_http_close (stream);
  g_object_unref (stream);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_requests_sent_together_are_answered_in_turn)
{
  TestFiles f = test_files_begin (NULL);
  GIOStream *stream;
  g_autoptr (GString) all = NULL;

  test_folder_fill (f.root, "large", LARGE);
  test_files_put (&f, "small", "abc");
  stream = test_http_connect (f.port);
  test_http_send (stream,
      "GET /large HTTP/1.1\r\nHost: h\r\n\r\n"
      "GET /small HTTP/1.1\r\nHost: h\r\n"
      "Connection: close\r\n\r\n");
  all = test_http_read_all (stream);
  fail_unless (all->len > LARGE);
  fail_unless (g_str_has_suffix (all->str + all->len - 7, "\r\n\r\nabc"));
  test_http_close (stream);
  g_object_unref (stream);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_large_file_comes_over_tls)
{
  g_autofree gchar *folder = test_folder_new ();
  g_autofree gchar *pem = g_build_filename (folder, "c.pem", NULL);
  g_autofree gchar *properties =
      g_strdup_printf ("root=%%s tls-port=0 tls-certificate-file=%s", pem);
  TestFiles f;
  GIOStream *stream;

  test_make_certificate (pem, "localhost");
  f = test_files_begin (properties);
  test_folder_fill (f.root, "large", LARGE);
  stream = test_http_connect_tls (f.tls_port);
  ask_large (stream);
  ask_large (stream);
  test_http_close (stream);
  g_object_unref (stream);
  test_files_end (&f);
  test_folder_remove (folder);
}
GST_END_TEST;

GST_START_TEST (test_head_tells_the_length_of_any_file)
{
  TestFiles f = test_files_begin (NULL);
  GIOStream *stream;

  test_folder_fill (f.root, "large", LARGE);
  test_files_put (&f, "small", "abc");
  stream = test_http_connect (f.port);
  test_http_send (stream,
      "HEAD /large HTTP/1.1\r\nHost: h\r\n\r\n"
      "HEAD /small HTTP/1.1\r\nHost: h\r\n"
      "Connection: close\r\n\r\n");
  {
    g_autoptr (GString) all = test_http_read_all (stream);

    fail_unless (strstr (all->str, "Content-Length: 1048577\r\n") != NULL);
    fail_unless (strstr (all->str, "Content-Length: 3\r\n") != NULL);
    fail_unless (g_str_has_suffix (all->str, "\r\n\r\n"));
  }
  test_http_close (stream);
  g_object_unref (stream);
  test_files_end (&f);
}
GST_END_TEST;

/* --- ranges and conditions --- */

GST_START_TEST (test_ranges_are_answered_as_the_rfc_says)
{
  TestFiles f = test_files_begin (NULL);
  g_autoptr (TestAnswer) one = NULL;
  g_autoptr (TestAnswer) none = NULL;
  g_autoptr (TestAnswer) two = NULL;
  g_autofree gchar *type = NULL;

  test_files_put (&f, "a", "0123456789");
  test_files_expect_text (&f, "/a", "Range: bytes=0-1\r\n", "01");
  test_files_expect_text (&f, "/a", "Range: bytes=-3\r\n", "789");
  test_files_expect_text (&f, "/a", "Range: bytes=8-99\r\n", "89");
  test_files_expect_text (&f, "/a", "Range: lines=1-2\r\n", "0123456789");
  one = test_files_get (&f, "/a", "Range: bytes=2-\r\n");
  fail_unless_equals_int (one->status, 206);
  test_files_expect_field (one, "Content-Range", "bytes 2-9/10");
  test_files_expect_field (one, "Content-Length", "8");
  none = test_files_get (&f, "/a", "Range: bytes=10-\r\n");
  fail_unless_equals_int (none->status, 416);
  test_files_expect_field (none, "Content-Range", "bytes */10");
  test_folder_fill (f.root, "b", 3000);
  two = test_files_get (&f, "/b", "Range: bytes=1-1,2999-\r\n");
  fail_unless_equals_int (two->status, 206);
  type = test_answer_field (two, "Content-Type");
  fail_unless (g_str_has_prefix (type, "multipart/byteranges; boundary="));
  fail_unless (strstr (two->body->str, "bytes 1-1/3000\r\n\r\n") != NULL);
  fail_unless (memcmp (two->body->str + two->body->len - 4, "--\r\n", 4) == 0);
  test_files_end (&f);
}
GST_END_TEST;

static void
expect_head (TestFiles *f, const gchar *fields, const gchar *start)
{
  g_autofree gchar *request = g_strdup_printf (
      "HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s\r\n", fields);
  g_autoptr (GIOStream) stream = test_http_connect (f->port);
  g_autoptr (GString) head = NULL;

  test_http_send (stream, request);
  head = test_http_read_all (stream);
  fail_unless (g_str_has_prefix (head->str, start), "%s", head->str);
  test_http_close (stream);
}

/* RFC 9110, section 14.2: ranges are for GET alone. */
GST_START_TEST (test_head_has_no_ranges)
{
  TestFiles f = test_files_begin (NULL);

  test_files_put (&f, "a", "0123456789");
  expect_head (&f, "Range: bytes=0-1\r\n", "HTTP/1.1 200 ");
  expect_head (&f, "Range: bytes=10-\r\n", "HTTP/1.1 200 ");
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_range_of_an_empty_file_is_all_of_it)
{
  TestFiles f = test_files_begin (NULL);

  test_files_put (&f, "a", "");
  test_files_expect_status (&f, "/a", "Range: bytes=0-\r\n", 200);
  test_files_expect_status (&f, "/a", "Range: bytes=-5\r\n", 200);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_conditions_are_heeded)
{
  TestFiles f = test_files_begin (NULL);
  g_autoptr (TestAnswer) answer = NULL;
  g_autoptr (TestAnswer) same = NULL;
  g_autofree gchar *etag = NULL;
  g_autofree gchar *date = NULL;
  g_autofree gchar *none_match = NULL;
  g_autofree gchar *since = NULL;
  g_autofree gchar *if_range = NULL;

  test_files_put (&f, "a", "0123456789");
  answer = test_files_get (&f, "/a", NULL);
  etag = test_answer_field (answer, "ETag");
  date = test_answer_field (answer, "Last-Modified");
  none_match = g_strdup_printf ("If-None-Match: W/\"x\", %s\r\n", etag);
  same = test_files_get (&f, "/a", none_match);
  fail_unless_equals_int (same->status, 304);
  test_files_expect_field (same, "ETag", etag);
  since = g_strdup_printf ("If-Modified-Since: %s\r\n", date);
  test_files_expect_status (&f, "/a", since, 304);
  test_files_expect_status (&f, "/a", "If-None-Match: \"x\"\r\n", 200);
  test_files_expect_status (&f, "/a", "If-Match: \"x\"\r\n", 412);
  test_files_expect_status (
      &f, "/a", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 412);
  if_range = g_strdup_printf ("Range: bytes=0-1\r\nIf-Range: %s\r\n", etag);
  test_files_expect_status (&f, "/a", if_range, 206);
  test_files_expect_status (
      &f, "/a", "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n", 200);
  test_files_end (&f);
}
GST_END_TEST;

/* --- codings --- */

static void
put_text (TestFiles *f, const gchar *name)
{
  g_autoptr (GString) text = g_string_new (NULL);

  while (text->len < 10000)
    g_string_append (text, "all the same ");
  test_files_put (f, name, text->str);
}

GST_START_TEST (test_texts_are_compressed_for_who_takes_that)
{
  TestFiles f = test_files_begin (NULL);
  g_autoptr (TestAnswer) plain = NULL;
  g_autoptr (TestAnswer) zipped = NULL;
  g_autoptr (TestAnswer) refused = NULL;
  g_autoptr (TestAnswer) binary = NULL;
  g_autofree gchar *plain_tag = NULL;
  g_autofree gchar *zipped_tag = NULL;

  put_text (&f, "a.txt");
  put_text (&f, "a.mp4");
  plain = test_files_get (&f, "/a.txt", NULL);
  test_files_expect_field (plain, "Content-Encoding", NULL);
  test_files_expect_field (plain, "Vary", "Accept-Encoding");
  zipped = test_files_get (&f, "/a.txt", "Accept-Encoding: gzip\r\n");
  test_files_expect_field (zipped, "Content-Encoding", "gzip");
  fail_unless (zipped->body->len < 1000);
  fail_unless ((guint8) zipped->body->str[0] == 0x1f);
  plain_tag = test_answer_field (plain, "ETag");
  zipped_tag = test_answer_field (zipped, "ETag");
  fail_if (g_str_equal (plain_tag, zipped_tag));
  refused = test_files_get (&f, "/a.txt", "Accept-Encoding: gzip;q=0\r\n");
  test_files_expect_field (refused, "Content-Encoding", NULL);
  binary = test_files_get (&f, "/a.mp4", "Accept-Encoding: gzip\r\n");
  test_files_expect_field (binary, "Content-Encoding", NULL);
  test_files_expect_field (binary, "Vary", NULL);
  test_files_end (&f);
}
GST_END_TEST;

static void
set_time (TestFiles *f, const gchar *name, time_t time)
{
  g_autofree gchar *path = g_build_filename (f->root, name, NULL);
  struct utimbuf times = {time, time};

  fail_unless (utime (path, &times) == 0);
}

GST_START_TEST (test_page_of_a_folder_may_have_a_compressed_neighbour)
{
  TestFiles f = test_files_begin (NULL);
  g_autoptr (TestAnswer) answer = NULL;

  test_files_put (&f, "d/index.html", "<p>");
  test_files_put (&f, "d/index.html.gz", "pretends to be gzip");
  set_time (&f, "d/index.html", 1000);
  answer = test_files_get (&f, "/d/", "Accept-Encoding: gzip\r\n");
  test_files_expect_field (answer, "Content-Encoding", "gzip");
  test_files_expect_field (answer, "Content-Type", "text/html; charset=utf-8");
  fail_unless_equals_string (answer->body->str, "pretends to be gzip");
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_compressed_neighbour_is_taken_unless_it_is_old)
{
  TestFiles f = test_files_begin (NULL);
  g_autoptr (TestAnswer) answer = NULL;
  g_autoptr (TestAnswer) own = NULL;

  test_files_put (&f, "a.css", "short");
  test_files_put (&f, "a.css.gz", "pretends to be gzip");
  set_time (&f, "a.css", 1000);
  set_time (&f, "a.css.gz", 1000);
  answer = test_files_get (&f, "/a.css", "Accept-Encoding: gzip\r\n");
  test_files_expect_field (answer, "Content-Encoding", "gzip");
  test_files_expect_field (answer, "Content-Type", "text/css; charset=utf-8");
  fail_unless_equals_string (answer->body->str, "pretends to be gzip");
  set_time (&f, "a.css.gz", 999);
  test_files_expect_text (&f, "/a.css", "Accept-Encoding: gzip\r\n", "short");
  own = test_files_get (&f, "/a.css.gz", "Accept-Encoding: gzip\r\n");
  test_files_expect_field (own, "Content-Encoding", NULL);
  test_files_end (&f);
}
GST_END_TEST;

/* --- folders --- */

GST_START_TEST (test_folder_is_listed_only_if_that_is_wanted)
{
  TestFiles off = test_files_begin (NULL);
  TestFiles on = test_files_begin ("root=%s directory-listing=true");
  g_autoptr (TestAnswer) list = NULL;
  g_autoptr (TestAnswer) moved = NULL;
  g_autoptr (TestAnswer) foreign = NULL;

  test_files_put (&off, "sub/a", "a");
  test_files_put (&on, "sub/<b>&.txt", "a");
  test_files_put (&on, "page/index.html", "index");
  test_files_expect_status (&off, "/sub/", NULL, 404);
  moved = test_files_get (&on, "/sub?a=%22b", NULL);
  foreign = test_files_get (&on, "/sub", "Origin: http://o\r\n");
  fail_unless_equals_int (moved->status, 301);
  test_files_expect_field (moved, "Location", "/sub/?a=%22b");
  test_files_expect_field (foreign, "Access-Control-Allow-Origin", "*");
  list = test_files_get (&on, "/sub/", NULL);
  fail_unless_equals_int (list->status, 200);
  fail_unless (strstr (list->body->str, "&lt;b&gt;&amp;.txt") != NULL);
  fail_unless (strstr (list->body->str, "./%3Cb%3E%26.txt") != NULL);
  fail_unless (strstr (list->body->str, "<b>") == NULL);
  test_files_expect_text (&on, "/page/", NULL, "index");
  test_files_end (&off);
  test_files_end (&on);
}
GST_END_TEST;

GST_START_TEST (test_several_roots_have_names)
{
  g_autofree gchar *other = test_folder_new ();
  g_autofree gchar *properties = g_strdup_printf ("root=%%s:/x/y=%s", other);
  TestFiles f = test_files_begin (properties);

  test_files_put (&f, "a", "first");
  test_folder_put (other, "a", "second", -1);
  test_files_expect_text (&f, "/a", NULL, "first");
  test_files_expect_text (&f, "/x/y/a", NULL, "second");
  test_files_expect_status (&f, "/x/ya", NULL, 404);
  test_files_expect_status (&f, "/x/y", NULL, 301);
  test_files_end (&f);
  test_folder_remove (other);
}
GST_END_TEST;

GST_START_TEST (test_two_elements_share_a_server_with_their_roots)
{
  TestFiles a = test_files_begin ("root=/a=%s");
  g_autofree gchar *properties =
      g_strdup_printf ("root=/b=%%s path=/s port=%u", a.port);
  TestFiles b = test_files_begin (properties);

  test_files_put (&a, "x", "of a");
  test_files_put (&b, "x", "of b");
  fail_unless_equals_int (a.port, b.port);
  test_files_expect_text (&a, "/a/x", NULL, "of a");
  test_files_expect_text (&a, "/b/x", NULL, "of b");
  test_files_end (&b);
  test_files_expect_status (&a, "/b/x", NULL, 404);
  test_files_end (&a);
}
GST_END_TEST;

GST_START_TEST (test_page_is_that_of_the_stream_beside_the_files)
{
  TestFiles f = test_files_begin ("root=/a=%s");
  g_autofree gchar *properties = g_strdup_printf ("port=%u path=/s", f.port);
  TestSink s = test_sink_begin (properties, TEST_SINK_VIDEO);
  g_autoptr (TestAnswer) answer = test_files_get (&f, "/", NULL);

  fail_unless_equals_int (s.port, f.port);
  fail_unless_equals_int (answer->status, 200);
  test_files_expect_field (answer, "Content-Type", "text/html; charset=utf-8");
  test_sink_end (&s);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_rules_say_who_may_read)
{
  g_autofree gchar *folder = test_folder_new ();
  g_autofree gchar *users = g_build_filename (folder, "users", NULL);
  g_autofree gchar *rules = g_build_filename (folder, "rules", NULL);
  g_autofree gchar *properties = g_strdup_printf (
      "root=%%s auth=basic auth-file=%s directory-rules=%s", users, rules);
  TestFiles f;

  test_folder_put (folder, "users", "anna:{PLAIN}a\nben:{PLAIN}b\n", -1);
  test_folder_put (folder, "rules", "[url:/private]\nreaders = anna\n", -1);
  f = test_files_begin (properties);
  test_files_put (&f, "open", "x");
  test_files_put (&f, "private/x", "x");
  test_files_expect_status (&f, "/private/x", NULL, 401);
  test_files_expect_status (
      &f, "/private/x", "Authorization: Basic YW5uYTph\r\n", 200);
  test_files_expect_status (
      &f, "/private/x", "Authorization: Basic YmVuOmI=\r\n", 403);
  test_files_expect_status (
      &f, "/open", "Authorization: Basic YmVuOmI=\r\n", 200);
  test_files_end (&f);
  test_folder_remove (folder);
}
GST_END_TEST;

GST_START_TEST (test_shared_caches_keep_nothing_that_needs_credentials)
{
  TestFiles open = test_files_begin (NULL);
  TestFiles guarded =
      test_files_begin ("root=%s auth=bearer auth-token=secret");
  TestFiles set = test_files_begin (
      "root=%s auth=bearer auth-token=secret cache-control=public");
  g_autoptr (TestAnswer) for_all = NULL;
  g_autoptr (TestAnswer) for_one = NULL;
  g_autoptr (TestAnswer) as_set = NULL;

  test_files_put (&open, "seg1.ts", "x");
  test_files_put (&guarded, "seg1.ts", "x");
  test_files_put (&set, "seg1.ts", "x");
  for_all = test_files_get (&open, "/seg1.ts", NULL);
  test_files_expect_field (
      for_all, "Cache-Control", "public, max-age=3600, immutable");
  for_one =
      test_files_get (&guarded, "/seg1.ts", "Authorization: Bearer secret\r\n");
  test_files_expect_field (
      for_one, "Cache-Control", "private, max-age=3600, immutable");
  as_set =
      test_files_get (&set, "/seg1.ts", "Authorization: Bearer secret\r\n");
  test_files_expect_field (as_set, "Cache-Control", "public");
  test_files_end (&open);
  test_files_end (&guarded);
  test_files_end (&set);
}
GST_END_TEST;

/* Whoever asks for whatever. */
static guint
let_in (GstElement *sink, guint id)
{
  return 200;
}

/* It may have decided by who asks. */
GST_START_TEST (test_shared_caches_keep_nothing_that_the_application_let_go)
{
  TestFiles f = test_files_begin (NULL);
  g_autoptr (TestAnswer) for_all = NULL;
  g_autoptr (TestAnswer) for_one = NULL;

  test_files_put (&f, "seg1.ts", "x");
  for_all = test_files_get (&f, "/seg1.ts", NULL);
  test_files_expect_field (
      for_all, "Cache-Control", "public, max-age=3600, immutable");
  g_signal_connect (f.sink, "authorize-request", G_CALLBACK (let_in), NULL);
  for_one = test_files_get (&f, "/seg1.ts", NULL);
  test_files_expect_field (
      for_one, "Cache-Control", "private, max-age=3600, immutable");
  test_files_end (&f);
}
GST_END_TEST;

static void
expect_origin (const gchar *properties, const gchar *allowed, const gchar *vary)
{
  g_autofree gchar *all = g_strconcat ("root=%s ", properties, NULL);
  TestFiles f = test_files_begin (all);
  g_autoptr (TestAnswer) answer = NULL;

  test_files_put (&f, "seg1.ts", "x");
  answer = test_files_get (&f, "/seg1.ts", NULL);
  test_files_expect_field (answer, "Access-Control-Allow-Origin", allowed);
  test_files_expect_field (answer, "Vary", vary);
  test_files_end (&f);
}

/* A cache may be asked first by a player, and then by a page. */
GST_START_TEST (test_file_from_a_cache_may_be_used_by_other_sites)
{
  expect_origin ("", "*", NULL);
  expect_origin ("cors=on", "*", NULL);
  expect_origin ("cors=off", NULL, NULL);
  expect_origin ("cors-origin=http://a", NULL, "Origin");
}
GST_END_TEST;

GST_START_TEST (test_log_tells_the_bytes_of_each_file)
{
  g_autofree gchar *folder = test_folder_new ();
  g_autofree gchar *log = g_build_filename (folder, "log", NULL);
  g_autofree gchar *properties =
      g_strdup_printf ("root=%%s access-log=%s", log);
  TestFiles f = test_files_begin (properties);
  g_autofree gchar *text = NULL;
  GIOStream *stream;

  test_folder_fill (f.root, "large", LARGE);
  test_files_put (&f, "small", "abc");
  test_files_expect_status (&f, "/small", NULL, 200);
  stream = test_http_connect (f.port);
  ask_large (stream);
  test_http_send (stream, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
  test_answer_free (test_http_read (stream));
  test_http_close (stream);
  g_object_unref (stream);
  test_files_end (&f);
  fail_unless (g_file_get_contents (log, &text, NULL, NULL));
  fail_unless (strstr (text, "\"GET /small HTTP/1.1\" 200 3 ") != NULL);
  fail_unless (strstr (text, "\"GET /large HTTP/1.1\" 200 1048577 ") != NULL);
  fail_unless (strstr (text, "\"GET /nothing HTTP/1.1\" 404 ") != NULL);
  test_folder_remove (folder);
}
GST_END_TEST;

/* What a process starts once for TLS, and keeps, is started first. */
static void
set_up_tls (void)
{
  test_sink_start_helpers ();
  test_leaks_begin ();
}

static TCase *
tls_case (void)
{
  TCase *tc = tcase_create ("tls");

  tcase_set_tags (tc, "tls");
  tcase_add_checked_fixture (tc, set_up_tls, test_leaks_end);
  tcase_add_test (tc, test_large_file_comes_over_tls);
  return tc;
}

static Suite *
httpfiles_suite (void)
{
  Suite *s = suite_create ("httpfiles");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  suite_add_tcase (s, tls_case ());
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_pipeline_plays_with_nothing_linked);
  tcase_add_test (tc, test_files_alone_have_the_paths_of_the_stream);
  tcase_add_test (tc, test_missing_root_is_an_error_that_names_it);
  tcase_add_test (tc, test_file_is_served_with_its_type_and_validators);
  tcase_add_test (tc, test_connection_is_kept_after_large_and_small_files);
  tcase_add_test (tc, test_requests_sent_together_are_answered_in_turn);
  tcase_add_test (tc, test_head_tells_the_length_of_any_file);
  tcase_add_test (tc, test_ranges_are_answered_as_the_rfc_says);
  tcase_add_test (tc, test_head_has_no_ranges);
  tcase_add_test (tc, test_range_of_an_empty_file_is_all_of_it);
  tcase_add_test (tc, test_conditions_are_heeded);
  tcase_add_test (tc, test_texts_are_compressed_for_who_takes_that);
  tcase_add_test (tc, test_compressed_neighbour_is_taken_unless_it_is_old);
  tcase_add_test (tc, test_page_of_a_folder_may_have_a_compressed_neighbour);
  tcase_add_test (tc, test_folder_is_listed_only_if_that_is_wanted);
  tcase_add_test (tc, test_several_roots_have_names);
  tcase_add_test (tc, test_two_elements_share_a_server_with_their_roots);
  tcase_add_test (tc, test_page_is_that_of_the_stream_beside_the_files);
  tcase_add_test (tc, test_rules_say_who_may_read);
  tcase_add_test (tc, test_shared_caches_keep_nothing_that_needs_credentials);
  tcase_add_test (
      tc, test_shared_caches_keep_nothing_that_the_application_let_go);
  tcase_add_test (tc, test_file_from_a_cache_may_be_used_by_other_sites);
  tcase_add_test (tc, test_log_tells_the_bytes_of_each_file);
  return s;
}

GST_CHECK_MAIN (httpfiles);
