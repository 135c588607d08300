/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpgrowing.c: tests of httpserversink with files that grow
 *
 * Here: files that it writes itself, that the application writes, and that
 * others write below its root; memory and its limits; HLS.
 * Not here: files that do not change (httpfiles.c), faults (httpfilefaults.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfiles.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
leave (GIOStream *stream)
{
  test_http_close (stream);
  g_object_unref (stream);
}

/* --- what others write --- */

static gint
open_below (TestFiles *f, const gchar *name)
{
  g_autofree gchar *path = g_build_filename (f->root, name, NULL);
  gint fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  fail_unless (fd >= 0);
  return fd;
}

static void
add (gint fd, const gchar *text)
{
  fail_unless_equals_int (write (fd, text, strlen (text)), strlen (text));
}

GST_START_TEST (test_file_of_another_writer_is_followed_until_it_is_closed)
{
  TestFiles f = test_files_begin (NULL);
  TestFilesWanted growing = {&f, "/seg1.ts", TRUE};
  TestFilesWanted done = {&f, "/seg1.ts", FALSE};
  gint fd = open_below (&f, "seg1.ts");
  GIOStream *stream;

  add (fd, "abc");
  fail_unless_eventually (test_files_are_as_wanted, &growing);
  stream = test_files_follow (&f, "/seg1.ts");
  test_files_expect_chunk (stream, "abc");
  add (fd, "defg");
  test_files_expect_chunk (stream, "defg");
  close (fd);
  test_files_expect_chunk (stream, "");
  leave (stream);
  fail_unless_eventually (test_files_are_as_wanted, &done);
  test_files_expect_text (&f, "/seg1.ts", NULL, "abcdefg");
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_folders_made_later_are_watched_too)
{
  TestFiles f = test_files_begin ("root=/v=%s");
  TestFilesWanted growing = {&f, "/v/new/deep/seg", TRUE};
  gint fd;
  GIOStream *stream;

  test_files_put (&f, "new/deep/other", "x");
  fd = open_below (&f, "new/deep/seg");
  /* The watch may come after the file was made: it sees the next write. */
  while (!test_files_are_as_wanted (&growing))
    add (fd, "x");
  stream = test_files_follow (&f, "/v/new/deep/seg");
  close (fd);
  while (TRUE) {
    g_autofree gchar *byte = test_http_read_bytes (stream, 1);

    if (byte[0] == '0')
      break;
  }
  leave (stream);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_ranges_of_what_grows_are_of_what_is_there)
{
  TestFiles f = test_files_begin ("storage=memory");
  GOutputStream *out = NULL;
  g_autoptr (TestAnswer) answer = NULL;
  GIOStream *stream;

  g_signal_emit_by_name (f.sink, "open-file", "a.mp4", &out);
  fail_unless (
      g_output_stream_write_all (out, "0123456789", 10, NULL, NULL, NULL));
  answer = test_files_get (&f, "/a.mp4", "Range: bytes=0-1\r\n");
  fail_unless_equals_int (answer->status, 206);
  test_files_expect_field (answer, "Content-Range", "bytes 0-1/*");
  test_files_expect_text (&f, "/a.mp4", "Range: bytes=8-\r\n", "89");
  test_files_expect_status (&f, "/a.mp4", "Range: bytes=10-\r\n", 416);
  /* It is there, but is nothing that anybody may have. */
  test_files_expect_status (&f, "/a.mp4", "If-Match: *\r\n", 200);
  test_files_expect_status (&f, "/a.mp4", "If-Match: \"x\"\r\n", 412);
  test_files_expect_status (&f, "/a.mp4", "If-None-Match: *\r\n", 304);
  test_files_expect_status (&f, "/a.mp4", "If-None-Match: \"x\"\r\n", 200);
  stream = test_http_connect (f.port);
  test_http_send (
      stream, "GET /a.mp4 HTTP/1.1\r\nHost: h\r\nRange: bytes=0-\r\n\r\n");
  {
    g_autoptr (TestAnswer) all = test_http_read (stream);

    fail_unless_equals_int (all->status, 200);
  }
  test_files_expect_chunk (stream, "0123456789");
  g_output_stream_close (out, NULL, NULL);
  test_files_expect_chunk (stream, "");
  leave (stream);
  g_object_unref (out);
  test_files_end (&f);
}
GST_END_TEST;

/* RFC 8673: a range with an end that no file reaches is of what comes, too. */
GST_START_TEST (test_very_large_range_is_followed)
{
  TestFiles f = test_files_begin ("storage=memory");
  GOutputStream *out = NULL;
  GIOStream *stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;

  g_signal_emit_by_name (f.sink, "open-file", "a.mp4", &out);
  fail_unless (
      g_output_stream_write_all (out, "0123456789", 10, NULL, NULL, NULL));
  test_files_expect_status (
      &f, "/a.mp4", "Range: bytes=11-999999999999\r\n", 416);
  stream = test_http_connect (f.port);
  test_http_send (stream,
      "GET /a.mp4 HTTP/1.1\r\nHost: h\r\n"
      "Range: bytes=8-999999999999\r\n\r\n");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 206);
  test_files_expect_field (answer, "Content-Range", "bytes 8-999999999999/*");
  test_files_expect_field (answer, "Content-Length", NULL);
  test_files_expect_chunk (stream, "89");
  fail_unless (g_output_stream_write_all (out, "ab", 2, NULL, NULL, NULL));
  test_files_expect_chunk (stream, "ab");
  g_output_stream_close (out, NULL, NULL);
  test_files_expect_chunk (stream, "");
  test_files_expect_text (
      &f, "/a.mp4", "Range: bytes=8-999999999999\r\n", "89ab");
  leave (stream);
  g_object_unref (out);
  test_files_end (&f);
}
GST_END_TEST;

/* --- what the application writes --- */

static GOutputStream *
open_file (TestFiles *f, const gchar *path)
{
  GOutputStream *out = NULL;

  g_signal_emit_by_name (f->sink, "open-file", path, &out);
  fail_unless (out != NULL, "%s", path);
  return out;
}

static void
write_text (GOutputStream *out, const gchar *text)
{
  fail_unless (
      g_output_stream_write_all (out, text, strlen (text), NULL, NULL, NULL));
}

static void
close_file (GOutputStream *out)
{
  fail_unless (g_output_stream_close (out, NULL, NULL));
  g_object_unref (out);
}

static void
put_file (TestFiles *f, const gchar *path, const gchar *text)
{
  GOutputStream *out = open_file (f, path);

  write_text (out, text);
  close_file (out);
}

static void
check_open_file (const gchar *properties)
{
  TestFiles f = test_files_begin (properties);
  GOutputStream *out = open_file (&f, "/live/seg 1.m4s");
  GIOStream *stream = test_files_follow (&f, "/live/seg%201.m4s");

  write_text (out, "first");
  test_files_expect_chunk (stream, "first");
  write_text (out, "second");
  test_files_expect_chunk (stream, "second");
  close_file (out);
  test_files_expect_chunk (stream, "");
  leave (stream);
  test_files_expect_text (&f, "/live/seg%201.m4s", NULL, "firstsecond");
  /* A new one is another file, also for who has the old one. */
  put_file (&f, "live/seg 1.m4s", "third");
  test_files_expect_text (&f, "/live/seg%201.m4s", NULL, "third");
  test_files_end (&f);
}

GST_START_TEST (test_open_file_is_served_from_its_first_byte)
{
  check_open_file ("root=%s");
  check_open_file ("storage=memory");
}
GST_END_TEST;

static void
check_playlist (const gchar *properties)
{
  TestFiles f = test_files_begin (properties);
  GOutputStream *out;

  put_file (&f, "a.m3u8", "old");
  out = open_file (&f, "a.m3u8");
  write_text (out, "new ");
  test_files_expect_text (&f, "/a.m3u8", NULL, "old");
  write_text (out, "list");
  close_file (out);
  test_files_expect_text (&f, "/a.m3u8", NULL, "new list");
  test_files_end (&f);
}

GST_START_TEST (test_playlist_is_seen_when_it_is_whole)
{
  check_playlist ("root=%s");
  check_playlist ("storage=memory");
}
GST_END_TEST;

GST_START_TEST (test_paths_outside_are_not_opened)
{
  TestFiles f = test_files_begin (NULL);
  static const gchar *const bad[] = {
      "../x", "/a/../../x", "", "/", "a/", ".x", "a/.x", "a\\b"};

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    GOutputStream *out = NULL;

    g_signal_emit_by_name (f.sink, "open-file", bad[i], &out);
    fail_unless (out == NULL, "%s", bad[i]);
  }
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_stream_of_a_stopped_sink_takes_nothing)
{
  TestFiles f = test_files_begin ("storage=memory");
  GOutputStream *out = open_file (&f, "a");
  GOutputStream *none = NULL;

  gst_element_set_state (f.sink, GST_STATE_NULL);
  fail_if (g_output_stream_write_all (out, "x", 1, NULL, NULL, NULL));
  g_signal_emit_by_name (f.sink, "open-file", "b", &none);
  fail_unless (none == NULL);
  g_object_unref (out);
  test_files_end (&f);
}
GST_END_TEST;

/* --- memory --- */

static void
put_segment (TestFiles *f, guint n, gsize size)
{
  g_autofree gchar *path = g_strdup_printf ("seg%u.ts", n);
  g_autofree gchar *text = g_strnfill (size, 'a' + n % 26);

  put_file (f, path, text);
}

GST_START_TEST (test_oldest_segments_go_first)
{
  TestFiles f = test_files_begin ("storage=memory max-segments=3");

  put_file (&f, "init.m4s", "init");
  for (guint i = 0; i < 10; i++)
    put_segment (&f, i, 10);
  test_files_expect_status (&f, "/seg6.ts", NULL, 404);
  test_files_expect_text (&f, "/seg7.ts", NULL, "hhhhhhhhhh");
  test_files_expect_status (&f, "/seg9.ts", NULL, 200);
  test_files_expect_text (&f, "/init.m4s", NULL, "init");
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_long_window_stays_within_its_memory)
{
  TestFiles f = test_files_begin ("storage=memory max-memory=1000000");
  GIOStream *stuck;
  GOutputStream *out;

  /* Somebody asks for one and does not read it: it is taken from him. */
  put_segment (&f, 0, 400000);
  stuck = test_http_connect (f.port);
  test_http_send (stuck, "GET /seg0.ts HTTP/1.1\r\nHost: h\r\n\r\n");
  for (guint i = 1; i < 300; i++)
    put_segment (&f, i, 90000);
  test_files_expect_status (&f, "/seg0.ts", NULL, 404);
  test_files_expect_status (&f, "/seg288.ts", NULL, 404);
  test_files_expect_status (&f, "/seg299.ts", "Range: bytes=0-1\r\n", 206);
  leave (stuck);
  /* What cannot fit at all is refused. */
  out = open_file (&f, "too-large");
  {
    g_autofree gchar *data = g_malloc0 (1000001);
    g_autoptr (GError) error = NULL;

    fail_if (
        g_output_stream_write_all (out, data, 1000001, NULL, NULL, &error));
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
  }
  g_object_unref (out);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_deleted_file_is_gone)
{
  TestFiles f = test_files_begin ("storage=memory root=%s");
  gboolean deleted = FALSE;

  put_file (&f, "a", "x");
  test_files_put (&f, "b", "y");
  g_signal_emit_by_name (f.sink, "delete-file", "a", &deleted);
  fail_unless (deleted);
  g_signal_emit_by_name (f.sink, "delete-file", "/b", &deleted);
  fail_unless (deleted);
  g_signal_emit_by_name (f.sink, "delete-file", "a", &deleted);
  fail_if (deleted);
  g_signal_emit_by_name (f.sink, "delete-file", "../root/b", &deleted);
  fail_if (deleted);
  test_files_expect_status (&f, "/a", NULL, 404);
  test_files_expect_status (&f, "/b", NULL, 404);
  test_files_end (&f);
}
GST_END_TEST;

/* --- the stream as a file --- */

static void
check_file_mode (const gchar *properties)
{
  g_autofree gchar *folder = test_folder_new ();
  g_autofree gchar *filled = g_strdup_printf (properties, folder);
  g_autofree gchar *text = g_strdup_printf (
      "httpserversink name=s port=0 mode=file path=/a.webm %s", filled);
  GstHarness *h = gst_harness_new_parse (text);
  g_autoptr (GstElement) sink = gst_harness_find_element (h, "httpserversink");
  TestFiles f = {.sink = sink};
  GIOStream *stream;
  guint port;

  gst_harness_set_src_caps_str (h, "video/webm");
  gst_harness_push (h, gst_buffer_new_memdup ("head", 4));
  g_object_get (sink, "current-port", &port, NULL);
  f.port = port;
  stream = test_files_follow (&f, "/a.webm");
  test_files_expect_chunk (stream, "head");
  gst_harness_push (h, gst_buffer_new_memdup ("more", 4));
  test_files_expect_chunk (stream, "more");
  gst_harness_push_event (h, gst_event_new_eos ());
  test_files_expect_chunk (stream, "");
  leave (stream);
  test_files_expect_text (&f, "/a.webm", NULL, "headmore");
  gst_harness_teardown (h);
  test_folder_remove (folder);
}

GST_START_TEST (test_stream_becomes_a_file_that_is_followed)
{
  check_file_mode ("root=%s");
  check_file_mode ("storage=memory");
}
GST_END_TEST;

/* --- HLS --- */

typedef struct
{
  TestFiles *files;
  const gchar *path;
} Wanted;

static gboolean
is_there (gpointer data)
{
  Wanted *wanted = data;
  g_autoptr (TestAnswer) answer =
      test_files_get (wanted->files, wanted->path, NULL);

  return answer->status == 200;
}

GST_START_TEST (test_hls_is_served_from_the_pipeline_that_makes_it)
{
  TestFiles f = test_files_begin (NULL);
  g_autofree gchar *text = g_strdup_printf (
      "videotestsrc num-buffers=90 ! video/x-raw,framerate=30/1,width=64,"
      "height=64 ! x264enc key-int-max=15 ! h264parse ! hlssink2 "
      "target-duration=1 location=%s/s%%05d.ts playlist-location=%s/p.m3u8",
      f.root, f.root);
  GstElement *pipeline = gst_parse_launch (text, NULL);
  Wanted playlist = {&f, "/p.m3u8"};
  Wanted segment = {&f, "/s00000.ts"};
  g_autoptr (TestAnswer) answer = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless_eventually (is_there, &segment);
  test_expect_eos (pipeline);
  fail_unless_eventually (is_there, &playlist);
  answer = test_files_get (&f, "/p.m3u8", NULL);
  fail_unless (strstr (answer->body->str, "s00001.ts") != NULL);
  test_files_expect_field (
      answer, "Content-Type", "application/vnd.apple.mpegurl");
  test_files_expect_field (answer, "Cache-Control", "no-cache");
  test_stop (pipeline);
  test_files_end (&f);
}
GST_END_TEST;

static GOutputStream *
on_stream (GstElement *hls, const gchar *location, gpointer user_data)
{
  GOutputStream *out = NULL;

  g_signal_emit_by_name (user_data, "open-file", location, &out);
  return out;
}

GST_START_TEST (test_hls_is_served_from_memory)
{
  TestFiles f = test_files_begin ("storage=memory");
  GstElement *pipeline = test_launch (
      "videotestsrc num-buffers=90 ! video/x-raw,framerate=30/1,width=64,"
      "height=64 ! x264enc key-int-max=15 ! h264parse ! hlssink2 name=hls "
      "target-duration=1 location=s%%05d.ts playlist-location=p.m3u8");
  GstElement *hls = test_get (pipeline, "hls");
  Wanted playlist = {&f, "/p.m3u8"};
  g_autoptr (TestAnswer) segment = NULL;

  g_signal_connect (hls, "get-playlist-stream", G_CALLBACK (on_stream), f.sink);
  g_signal_connect (hls, "get-fragment-stream", G_CALLBACK (on_stream), f.sink);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  test_expect_eos (pipeline);
  fail_unless_eventually (is_there, &playlist);
  segment = test_files_get (&f, "/s00001.ts", NULL);
  fail_unless_equals_int (segment->status, 200);
  fail_unless (segment->body->len > 188 && segment->body->str[0] == 'G');
  test_stop (pipeline);
  test_files_end (&f);
}
GST_END_TEST;

static Suite *
httpgrowing_suite (void)
{
  Suite *s = suite_create ("httpgrowing");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (
      tc, test_file_of_another_writer_is_followed_until_it_is_closed);
  tcase_add_test (tc, test_folders_made_later_are_watched_too);
  tcase_add_test (tc, test_ranges_of_what_grows_are_of_what_is_there);
  tcase_add_test (tc, test_very_large_range_is_followed);
  tcase_add_test (tc, test_open_file_is_served_from_its_first_byte);
  tcase_add_test (tc, test_playlist_is_seen_when_it_is_whole);
  tcase_add_test (tc, test_paths_outside_are_not_opened);
  tcase_add_test (tc, test_stream_of_a_stopped_sink_takes_nothing);
  tcase_add_test (tc, test_oldest_segments_go_first);
  tcase_add_test (tc, test_long_window_stays_within_its_memory);
  tcase_add_test (tc, test_deleted_file_is_gone);
  tcase_add_test (tc, test_stream_becomes_a_file_that_is_followed);
  tcase_add_test (tc, test_hls_is_served_from_the_pipeline_that_makes_it);
  tcase_add_test (tc, test_hls_is_served_from_memory);
  return s;
}

GST_CHECK_MAIN (httpgrowing);
