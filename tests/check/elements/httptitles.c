/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httptitles.c: tests of the titles that httpclientsink tells a radio server
 *
 * Here: which requests it makes for tags, and that the stream never waits.
 * Not here: the stream (httpclientsink.c), Icecast itself (tests/interop).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testupload.h"
#include "testuploads.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#define LET_IN "HTTP/1.0 200 OK\r\n\r\n"
#define DONE "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"
#define TITLE "/admin/metadata?mode=updinfo&mount=/up&charset=UTF-8&song="

static TestUpload up;
static GIOStream *source; /* what the stream comes on */

static void
set_up (void)
{
  test_leaks_begin ();
  test_upload_listen (&up);
}

static void
tear_down (void)
{
  if (source != NULL)
    test_http_close (source);
  g_clear_object (&source);
  test_upload_forget (&up);
  test_leaks_end ();
}

static void
push_tags (GstElement *src, const gchar *title, const gchar *artist)
{
  GstTagList *tags = gst_tag_list_new (GST_TAG_TITLE, title, NULL);

  if (artist != NULL)
    gst_tag_list_add (tags, GST_TAG_MERGE_APPEND, GST_TAG_ARTIST, artist, NULL);
  fail_unless (gst_element_send_event (src, gst_event_new_tag (tags)));
}

/* A title goes out with what follows it. */
static void
push_title (const gchar *title, const gchar *artist)
{
  push_tags (up.src, title, artist);
  test_upload_push (&up, "x", 0);
}

/* The next connection is the stream's. */
static void
let_in (void)
{
  g_autofree gchar *head = test_upload_accept_head (&up);

  fail_unless (g_str_has_prefix (head, "SOURCE /up "), "%s", head);
  test_upload_answer (&up, LET_IN);
  source = g_steal_pointer (&up.stream);
}

static void
expect_sound (const gchar *text)
{
  g_autofree gchar *got = test_http_read_bytes (source, strlen (text));

  fail_unless_equals_string (got, text);
}

/* Returns: (transfer full): the head of a title's request, not answered. */
static gchar *
expect_title (const gchar *song)
{
  g_autofree gchar *line = g_strdup_printf ("GET " TITLE "%s HTTP/1.0", song);
  gchar *head = test_upload_accept_head (&up);

  test_upload_expect_line (head, line);
  return head;
}

/* Whether somebody connects. */
static gboolean
is_asked (void)
{
  return g_socket_condition_timed_wait (
      up.listener, G_IO_IN, 50 * 1000, NULL, NULL);
}

static void
expect_message (const gchar *title, guint status)
{
  g_autoptr (GstStructure) told =
      test_expect_message (up.pipeline, "GstHttpTitle");
  guint got;

  fail_unless_equals_string (gst_structure_get_string (told, "title"), title);
  fail_unless (gst_structure_get_uint (told, "status", &got));
  fail_unless_equals_int (got, status);
}

GST_START_TEST (test_titles_are_told_with_the_credentials_of_the_source)
{
  g_autofree gchar *one = NULL, *two = NULL;

  test_upload_launch (
      &up, "method=source user-pw=hackme user-agent=radio/1", "audio/mpeg");
  push_title ("Söng&1", "Band");
  let_in ();
  one = expect_title ("Band%20-%20S%C3%B6ng%261");
  /* source:hackme */
  test_upload_expect_line (one, "Authorization: Basic c291cmNlOmhhY2ttZQ==");
  test_upload_expect_line (one, "User-Agent: radio/1");
  test_upload_answer (&up, DONE);
  expect_message ("Band - Söng&1", 200);
  push_title ("Next", NULL);
  two = expect_title ("Next");
  test_upload_answer (&up, DONE);
  expect_message ("Next", 200);
  expect_sound ("xx");
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_long_title_is_cut_between_two_characters)
{
  g_autofree gchar *start = g_strnfill (1023, 'x');
  g_autofree gchar *title = g_strconcat (start, "\303\266 and more", NULL);

  test_upload_launch (&up, "method=source", "audio/mpeg");
  push_title (title, NULL);
  let_in ();
  g_free (expect_title (start));
  test_upload_answer (&up, DONE);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_title_waits_until_the_source_is_let_in)
{
  test_upload_launch (&up, "method=source", "audio/mpeg");
  push_title ("One", NULL);
  g_free (test_upload_accept_head (&up));
  fail_if (is_asked ());
  test_upload_answer (&up, LET_IN);
  source = g_steal_pointer (&up.stream);
  g_free (expect_title ("One"));
  test_upload_answer (&up, DONE);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_stream_does_not_wait_for_titles)
{
  test_upload_launch (&up, "method=source", "audio/mpeg");
  push_title ("One", NULL);
  let_in ();
  g_free (expect_title ("One"));
  /* It is not answered; meanwhile only the newest waits. */
  push_title ("Two", NULL);
  push_title ("Three", NULL);
  expect_sound ("xxx");
  test_upload_push (&up, "more", 0);
  expect_sound ("more");
  fail_if (is_asked ());
  test_upload_answer (&up, DONE);
  g_free (expect_title ("Three"));
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_refused_title_is_not_the_end)
{
  test_upload_launch (&up, "method=source", "audio/mpeg");
  push_title ("One", NULL);
  let_in ();
  g_free (expect_title ("One"));
  test_upload_answer (&up, "HTTP/1.0 403 No\r\n\r\n");
  expect_message ("One", 403);
  push_title ("Two", NULL);
  g_free (expect_title ("Two"));
  test_upload_hang_up (&up);
  expect_message ("Two", 0);
  test_upload_push (&up, "more", 0);
  expect_sound ("xxmore");
  test_upload_end (&up);
  test_expect_eos (up.pipeline);
  test_upload_stop (&up);
}
GST_END_TEST;

GST_START_TEST (test_title_is_told_again_after_a_loss)
{
  test_upload_launch (&up, "method=source reconnect=always", "audio/mpeg");
  push_title ("One", NULL);
  let_in ();
  g_free (expect_title ("One"));
  test_upload_answer (&up, DONE);
  expect_message ("One", 200);
  expect_sound ("x");
  test_http_close (source);
  g_clear_object (&source);
  test_upload_push (&up, "y", 0);
  test_upload_push (&up, "z", 0);
  let_in ();
  g_free (expect_title ("One"));
  test_upload_answer (&up, DONE);
  test_upload_stop (&up);
}
GST_END_TEST;

static const gchar *const silent[] = {"method=put expect-continue=false",
    "method=post expect-continue=false", "method=source titles=false"};

GST_START_TEST (test_nobody_else_is_told_titles)
{
  test_upload_launch (&up, silent[__i__], "audio/mpeg");
  push_title ("One", NULL);
  g_free (test_upload_accept_head (&up));
  test_upload_answer (&up, LET_IN);
  fail_if (is_asked ());
  test_upload_stop (&up);
}
GST_END_TEST;

/* --- to our own server --- */

static gboolean
has_tag (gpointer data)
{
  TestUploads *uploads = data;
  TestStream *stream;
  gboolean found;

  stream = test_uploads_get (uploads, "src_0");
  g_mutex_lock (&uploads->lock);
  found = stream != NULL
      && strstr (stream->tags->str, "title=(string)\"Band\\ -\\ Song\"")
          != NULL;
  g_mutex_unlock (&uploads->lock);
  return found;
}

GST_START_TEST (test_titles_become_tags_at_the_other_end)
{
  TestUploads uploads = {0};
  guint16 port = up.port;

  test_uploads_start (&uploads, "");
  up.port = uploads.port;
  test_upload_launch (&up, "method=source", "audio/mpeg");
  push_title ("Song", "Band");
  expect_message ("Band - Song", 200);
  /* It comes out with the next bytes. */
  test_upload_push (&up, "y", 0);
  fail_unless_eventually (has_tag, &uploads);
  test_upload_stop (&up);
  test_uploads_stop (&uploads);
  up.port = port;
}
GST_END_TEST;

static Suite *
httptitles_suite (void)
{
  Suite *s = suite_create ("httptitles");
  TCase *tc = tcase_create ("httptitles");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_titles_are_told_with_the_credentials_of_the_source);
  tcase_add_test (tc, test_long_title_is_cut_between_two_characters);
  tcase_add_test (tc, test_title_waits_until_the_source_is_let_in);
  tcase_add_test (tc, test_stream_does_not_wait_for_titles);
  tcase_add_test (tc, test_refused_title_is_not_the_end);
  tcase_add_test (tc, test_title_is_told_again_after_a_loss);
  tcase_add_loop_test (
      tc, test_nobody_else_is_told_titles, 0, G_N_ELEMENTS (silent));
  tcase_add_test (tc, test_titles_become_tags_at_the_other_end);
  return s;
}

GST_CHECK_MAIN (httptitles);
