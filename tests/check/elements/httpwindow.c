/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpwindow.c: tests of a window of segments in httpserversink's memory
 *
 * Here: a day of HLS, what its limits keep, what counts as a segment.
 * Not here: how what grows is sent (httpgrowing.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfiles.h"

#include <gst/check/gstcheck.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Segments of 4 s. */
#define DAY (24 * 60 * 60 / 4)

/* By then all that is allocated once has been. */
#define WARM (DAY / 10)

/* How much more memory a process may have after the rest of the day. */
#define SLACK (2 * 1024 * 1024)

static void
put (TestFiles *f, const gchar *path, const gchar *data, gsize size)
{
  GOutputStream *out = NULL;

  g_signal_emit_by_name (f->sink, "open-file", path, &out);
  fail_unless (out != NULL, "%s", path);
  /* As muxers write, in parts. */
  for (gsize done = 0; done < size; done += 1316)
    fail_unless (g_output_stream_write_all (
        out, data + done, MIN (size - done, 1316), NULL, NULL, NULL));
  fail_unless (g_output_stream_close (out, NULL, NULL));
  g_object_unref (out);
}

static void
put_text (TestFiles *f, const gchar *path)
{
  put (f, path, path, strlen (path));
}

static void
expect (TestFiles *f, guint number, guint status)
{
  g_autofree gchar *path = g_strdup_printf ("/live/seg%05u.ts", number);

  test_files_expect_status (f, path, NULL, status);
}

static gsize
resident_bytes (void)
{
  g_autofree gchar *text = NULL;
  gulong size, resident;

  g_file_get_contents ("/proc/self/statm", &text, NULL, NULL);
  fail_unless (sscanf (text, "%lu %lu", &size, &resident) == 2);
  return resident * sysconf (_SC_PAGESIZE);
}

/* A sanitizer or valgrind keeps what was freed, to see whether it is used. */
static void
expect_no_growth (gsize before, gsize slack)
{
  g_autofree gchar *maps = NULL;
  gsize now = resident_bytes ();

  g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL);
  if (strstr (maps, "libasan") != NULL || strstr (maps, "vgpreload") != NULL)
    return;
  fail_unless (now < before + slack,
      "memory grew from %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT, before, now);
}

/* Writes a day of segments, and the playlist after each of them; somebody
 * watches. The process does not grow, once it has begun. */
static void
make_a_day (TestFiles *f, gsize least, gsize most)
{
  g_autofree gchar *data = g_strnfill (most, 'x');
  gsize before = 0;

  put_text (f, "live/init.mp4");
  for (guint i = 0; i < DAY; i++) {
    g_autofree gchar *path = g_strdup_printf ("live/seg%05u.ts", i);

    put (f, path, data, least + (i * 37) % (most - least + 1));
    put_text (f, "live/list.m3u8");
    if (i % 400 == 0)
      expect (f, i, 200);
    if (i == WARM)
      before = resident_bytes ();
  }
  expect_no_growth (before, SLACK);
}

static void
check_ends (TestFiles *f, guint n_kept)
{
  expect (f, DAY - 1, 200);
  expect (f, DAY - n_kept, 200);
  expect (f, DAY - n_kept - 1, 404);
  expect (f, 0, 404);
  test_files_expect_text (f, "/live/init.mp4", NULL, "live/init.mp4");
  test_files_expect_text (f, "/live/list.m3u8", NULL, "live/list.m3u8");
}

/* Returns how many of the last segments are there. */
static guint
count_kept (TestFiles *f)
{
  guint least = 1, most = DAY;

  while (least < most) {
    guint n = (least + most + 1) / 2;
    g_autofree gchar *path = g_strdup_printf ("/live/seg%05u.ts", DAY - n);
    g_autoptr (TestAnswer) answer = test_files_get (f, path, NULL);

    if (answer->status == 200)
      least = n;
    else
      most = n - 1;
  }
  return least;
}

GST_START_TEST (test_day_of_hls_keeps_as_many_segments_as_it_may)
{
  TestFiles f = test_files_begin ("storage=memory max-segments=10");

  make_a_day (&f, 1000, 9000);
  check_ends (&f, 10);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_day_of_hls_keeps_to_its_memory)
{
  TestFiles f = test_files_begin ("storage=memory max-memory=4000000");
  guint n;

  make_a_day (&f, 1000, 9000);
  n = count_kept (&f);
  /* Of 5000 bytes each, and what is counted for each besides. */
  fail_unless (n > 650 && n < 800, "%u", n);
  check_ends (&f, n);
  test_files_end (&f);
}
GST_END_TEST;

/* Subtitles, parts of segments: what they take is mostly not their bytes. */
GST_START_TEST (test_day_of_tiny_segments_keeps_to_its_memory)
{
  gsize before = resident_bytes ();
  TestFiles f = test_files_begin ("storage=memory max-memory=1000000");

  make_a_day (&f, 50, 150);
  /* The server and its threads are in that, too. */
  expect_no_growth (before, 1000000 + 4 * SLACK);
  check_ends (&f, count_kept (&f));
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_numbered_media_is_a_segment_and_nothing_else_is)
{
  static const gchar *const kept[] = {"init.mp4", "video_init_0.mp4",
      "init0.m4s", "initsegment1.m4s", "poster.mp4", "style1.css", "page2.html",
      "live.m3u8", "list1.mpd"};
  static const gchar *const gone[] = {"video_0_1.mp4", "audio1.aac", "sub1.vtt",
      "chunk-1.webm", "a.ts", "initial1.m4s", "infinity-1.ts"};
  TestFiles f = test_files_begin ("storage=memory max-segments=1");

  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    put_text (&f, kept[i]);
  for (guint i = 0; i < G_N_ELEMENTS (gone); i++)
    put_text (&f, gone[i]);
  put_text (&f, "init/last.ts");
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++) {
    g_autofree gchar *path = g_strconcat ("/", kept[i], NULL);

    test_files_expect_text (&f, path, NULL, kept[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (gone); i++) {
    g_autofree gchar *path = g_strconcat ("/", gone[i], NULL);

    test_files_expect_status (&f, path, NULL, 404);
  }
  test_files_expect_text (&f, "/init/last.ts", NULL, "init/last.ts");
  test_files_end (&f);
}
GST_END_TEST;

static Suite *
httpwindow_suite (void)
{
  Suite *s = suite_create ("httpwindow");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_day_of_hls_keeps_as_many_segments_as_it_may);
  tcase_add_test (tc, test_day_of_hls_keeps_to_its_memory);
  tcase_add_test (tc, test_day_of_tiny_segments_keeps_to_its_memory);
  tcase_add_test (tc, test_numbered_media_is_a_segment_and_nothing_else_is);
  return s;
}

GST_CHECK_MAIN (httpwindow);
