/* SPDX-License-Identifier: LGPL-2.1-or-later
 * uploadfaults.c: what goes wrong with uploads to httpserversrc
 *
 * Here: senders that go, stall, lie or hurry; pipelines that do not take what
 * is sent, or take their time; stopping meanwhile.
 * Not here: what goes right (httpserversrc.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testuploads.h"

#include <gst/check/gstcheck.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define PUT(path, fields) "PUT " path " HTTP/1.1\r\nHost: h\r\n" fields "\r\n"

/* Stopping must not take longer, whatever senders do. */
#define STOP_MAX_US (G_USEC_PER_SEC / 2)

static GIOStream *
begin (TestUploads *uploads, const gchar *text)
{
  GIOStream *stream = test_http_connect (uploads->port);

  test_http_send (stream, text);
  return stream;
}

static void
leave (GIOStream *stream)
{
  test_http_close (stream);
  g_object_unref (stream);
}

static void
expect_warning (TestUploads *uploads, const gchar *text)
{
  GstMessage *message =
      test_pop_message (uploads->pipeline, GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;

  fail_unless (message != NULL);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, text) != NULL, "%s", error->message);
  gst_message_unref (message);
}

/* --- senders that go --- */

GST_START_TEST (test_cut_off_upload_ends_its_pad_with_a_warning)
{
  static const gchar *const heads[] = {
      PUT ("/a", "Content-Length: 9\r\n") "a",
      PUT ("/a", "Transfer-Encoding: chunked\r\n") "1\r\na\r\n",
  };
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "");
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++) {
    GIOStream *stream = begin (&uploads, heads[i]);
    g_autofree gchar *pad = g_strdup_printf ("src_%u", i);

    test_uploads_wait_bytes (&uploads, pad, "a");
    leave (stream);
    test_uploads_wait_eos (&uploads, pad);
    test_uploads_wait_removed (&uploads, pad);
    expect_warning (&uploads, "\"/a\" did not arrive whole");
  }
  test_uploads_wait_finished (&uploads, "PUT /a 400\n");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_cut_off_upload_may_be_an_error)
{
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "on-disconnect=error");
  leave (begin (&uploads, PUT ("/a", "Content-Length: 9\r\n") "a"));
  test_expect_error (uploads.pipeline, GST_RESOURCE_ERROR_READ, "\"/a\"");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_next_upload_may_go_on_where_one_was_cut_off)
{
  TestUploads uploads = {0};
  GIOStream *stream;
  TestStream *seen;

  test_uploads_start (&uploads, "on-disconnect=wait");
  stream = begin (&uploads, PUT ("/a", "Content-Length: 9\r\n") "a");
  test_uploads_wait_bytes (&uploads, "src_0", "a");
  leave (stream);
  expect_warning (&uploads, "whole");
  test_uploads_expect (&uploads, PUT ("/b", "Content-Length: 1\r\n") "x", 200);
  test_uploads_expect (&uploads, PUT ("/a", "Content-Length: 1\r\n") "b", 200);
  test_uploads_wait_eos (&uploads, "src_0");
  seen = test_uploads_get (&uploads, "src_0");
  fail_unless_equals_string (seen->bytes->str, "ab");
  fail_unless_equals_int (seen->n_starts, 1);
  fail_unless_equals_int (seen->n_discont, 1);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_stalled_sender_is_cut_off)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;

  test_uploads_start (&uploads, "idle-timeout=100000000");
  stream = begin (&uploads, PUT ("/a", "Content-Length: 9\r\n") "a");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 408);
  test_uploads_wait_eos (&uploads, "src_0");
  test_http_close (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_sender_that_goes_before_it_was_answered_costs_nothing)
{
  TestUploads uploads = {0};
  g_autoptr (GstStructure) stats = NULL;
  guint n;

  test_uploads_start (&uploads, "");
  for (guint i = 0; i < 20; i++)
    leave (begin (&uploads, PUT ("/a", "Content-Length: 1\r\n")));
  test_uploads_expect (&uploads, PUT ("/b", "Content-Length: 1\r\n") "x", 200);
  test_uploads_wait_finished (&uploads, "PUT /b 200\n");
  test_uploads_wait_finished (&uploads, "PUT /a ");
  g_object_get (uploads.src, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint (stats, "uploads", &n));
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* --- what is no upload --- */

GST_START_TEST (test_unsound_chunks_end_the_upload)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GString) all = NULL;

  test_uploads_start (&uploads, "");
  stream = begin (&uploads,
      PUT ("/a", "Transfer-Encoding: chunked\r\n") "1\r\na\r\nx\r\n"
                                                   "GET / HTTP/1.1\r\n\r\n");
  all = test_http_read_all (stream);
  fail_unless (g_str_has_prefix (all->str, "HTTP/1.1 400 "), "%s", all->str);
  fail_unless (strstr (all->str + 1, "HTTP/1.1") == NULL, "%s", all->str);
  test_uploads_wait_eos (&uploads, "src_0");
  test_http_close (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_two_uploads_of_one_path_conflict)
{
  TestUploads uploads = {0};
  GIOStream *stream;
  g_autoptr (TestAnswer) answer = NULL;

  test_uploads_start (&uploads, "");
  stream = begin (&uploads, PUT ("/a", "Content-Length: 2\r\n") "a");
  test_uploads_wait_bytes (&uploads, "src_0", "a");
  test_uploads_expect (&uploads, PUT ("//a", "Content-Length: 1\r\n") "x", 409);
  test_uploads_expect (&uploads, PUT ("/b", "Content-Length: 1\r\n") "x", 200);
  test_http_send (stream, "b");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  test_uploads_wait_bytes (&uploads, "src_0", "ab");
  leave (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_more_uploads_than_allowed_are_to_come_later)
{
  TestUploads uploads = {0};
  GIOStream *stream;
  g_autoptr (TestAnswer) answer = NULL;
  g_autofree gchar *later = NULL;

  test_uploads_start (&uploads, "max-uploads=1");
  stream = begin (&uploads, PUT ("/a", "Content-Length: 2\r\n") "a");
  test_uploads_wait_bytes (&uploads, "src_0", "a");
  answer =
      test_http_ask (uploads.port, PUT ("/b", "Content-Length: 1\r\n") "x");
  fail_unless_equals_int (answer->status, 503);
  later = test_answer_field (answer, "Retry-After");
  fail_unless (later != NULL);
  leave (stream);
  test_uploads_wait_removed (&uploads, "src_0");
  test_uploads_expect (&uploads, PUT ("/b", "Content-Length: 1\r\n") "x", 200);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_chunks_beyond_the_limit_end_the_upload)
{
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "max-size=4");
  test_uploads_expect (&uploads,
      PUT ("/a", "Transfer-Encoding: chunked\r\n") "4\r\nfour\r\n1\r\n!\r\n",
      413);
  test_uploads_wait_eos (&uploads, "src_0");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* --- pipelines --- */

GST_START_TEST (test_wrong_content_type_is_refused_before_the_body)
{
  TestUploads uploads = {.next = "capsfilter caps=video/webm ! fakesink "
                                 "sync=false async=false"};

  test_uploads_start (&uploads, "");
  test_uploads_expect (&uploads,
      PUT ("/a",
          "Content-Type: audio/flac\r\nExpect: 100-continue\r\n"
          "Content-Length: 1\r\n"),
      415);
  expect_warning (&uploads, "does not take such a stream");
  test_uploads_expect (&uploads,
      PUT ("/a", "Content-Type: video/webm\r\nContent-Length: 1\r\n") "x", 200);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_unnamed_stream_is_found_out_downstream)
{
  TestUploads uploads = {.next = "typefind name=find ! fakesink sync=false "
                                 "async=false"};
  g_autoptr (GString) request = g_string_new (PUT ("/a",
      "Content-Type: application/octet-stream\r\n"
      "Content-Length: 4096\r\n"));
  static const gchar flac[] = "fLaC\0\0\0\042";
  gsize head = request->len;
  GstElement *find;
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;

  g_string_append_len (request, flac, sizeof flac - 1);
  g_string_set_size (request, head + 4096);
  memset (request->str + head + 8, 0, 4096 - 8);
  test_uploads_start (&uploads, "");
  stream = test_http_connect (uploads.port);
  g_output_stream_write_all (g_io_stream_get_output_stream (stream),
      request->str, request->len, NULL, NULL, NULL);
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  find = test_get (uploads.pipeline, "find");
  g_object_get (find, "caps", &caps, NULL);
  fail_unless (caps != NULL);
  fail_unless (gst_structure_has_name (
      gst_caps_get_structure (caps, 0), "audio/x-flac"));
  test_http_close (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_upload_that_nobody_takes_is_to_come_later)
{
  TestUploads uploads = {.is_unlinked = TRUE};

  test_uploads_start (&uploads, "");
  test_uploads_expect (&uploads,
      PUT ("/a", "Expect: 100-continue\r\nContent-Length: 1\r\n"), 503);
  expect_warning (&uploads, "\"/a\"");
  test_uploads_wait_removed (&uploads, "src_0");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* --- speed --- */

#define MANY (32 * 1024 * 1024)
/* What sender and receiver may hold between them: the kernel's buffers. */
#define HELD_MAX (16 * 1024 * 1024)

typedef struct
{
  GIOStream *stream;
  gchar *data;
  gint sent; /* atomic */
} Sender;

static gpointer
send_many (gpointer user_data)
{
  Sender *sender = user_data;
  GOutputStream *out = g_io_stream_get_output_stream (sender->stream);
  gsize n = 0;

  while (n < MANY) {
    gssize more =
        g_output_stream_write (out, sender->data + n, MANY - n, NULL, NULL);

    if (more <= 0)
      break;
    n += more;
    g_atomic_int_set (&sender->sent, (gint) n);
  }
  return NULL;
}

static gboolean
has_stopped_sending (gpointer data)
{
  Sender *sender = data;
  gint before = g_atomic_int_get (&sender->sent);

  return before > 0
      && !g_socket_condition_timed_wait (
          g_socket_connection_get_socket (G_SOCKET_CONNECTION (sender->stream)),
          G_IO_OUT, 100000, NULL, NULL)
      && g_atomic_int_get (&sender->sent) == before;
}

static gchar *
make_pattern (void)
{
  gchar *data = g_malloc (MANY);

  /* No two pages are the same. */
  for (gsize i = 0; i < MANY; i++)
    data[i] = 'a' + (i ^ (i >> 12) ^ (i >> 20)) % 26;
  return data;
}

GST_START_TEST (test_slow_pipeline_holds_the_sender_and_loses_nothing)
{
  TestUploads uploads = {0};
  Sender sender = {.data = make_pattern ()};
  g_autofree gchar *head =
      g_strdup_printf (PUT ("/a", "Content-Length: %u\r\n"), MANY);
  TestStream *seen;
  GThread *thread;

  test_uploads_start (&uploads, "");
  test_uploads_hold (&uploads, TRUE);
  sender.stream = begin (&uploads, head);
  thread = g_thread_new ("sender", send_many, &sender);
  fail_unless_eventually (has_stopped_sending, &sender);
  fail_unless (g_atomic_int_get (&sender.sent) < HELD_MAX, "%d", sender.sent);
  test_uploads_hold (&uploads, FALSE);
  g_thread_join (thread);
  test_uploads_wait_eos (&uploads, "src_0");
  seen = test_uploads_get (&uploads, "src_0");
  fail_unless_equals_uint64 (seen->bytes->len, MANY);
  fail_unless (memcmp (seen->bytes->str, sender.data, MANY) == 0);
  leave (sender.stream);
  g_free (sender.data);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_slow_sender_loses_nothing)
{
  TestUploads uploads = {0};
  GIOStream *stream;
  g_autoptr (TestAnswer) answer = NULL;
  const gchar *body = "1\r\na\r\n2;x=y\r\nbc\r\n0\r\nT: v\r\n\r\n";

  test_uploads_start (&uploads, "");
  stream = begin (&uploads, PUT ("/a", "Transfer-Encoding: chunked\r\n"));
  g_socket_set_option (
      g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)),
      IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  for (const gchar *p = body; *p != '\0'; p++) {
    const gchar one[] = {*p, '\0'};

    test_http_send (stream, one);
  }
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  test_uploads_wait_bytes (&uploads, "src_0", "abc");
  leave (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* --- stopping --- */

static void
stop_in_time (TestUploads *uploads)
{
  gint64 start = g_get_monotonic_time (), took;

  gst_element_set_state (uploads->pipeline, GST_STATE_NULL);
  took = g_get_monotonic_time () - start;
  fail_unless (took < STOP_MAX_US, "%" G_GINT64_FORMAT " us", took);
}

GST_START_TEST (test_stopping_waits_for_no_sender)
{
  static const gchar *const heads[] = {
      "",
      "PUT /a HT",
      PUT ("/a", "Content-Length: 9\r\n") "a",
      PUT ("/b", "Expect: 100-continue\r\nContent-Length: 9\r\n"),
      "SOURCE /c HTTP/1.0\r\n\r\nabc",
  };
  GIOStream *streams[G_N_ELEMENTS (heads)];
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "");
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    streams[i] = begin (&uploads, heads[i]);
  test_uploads_wait_bytes (&uploads, "src_0", "a");
  test_uploads_wait_stream (&uploads, "src_2");
  stop_in_time (&uploads);
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    leave (streams[i]);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_stopping_waits_for_no_full_pipeline)
{
  /* Paused, a sink takes one buffer and no more. */
  TestUploads uploads = {.next = "fakesink sync=false"};
  Sender sender = {.data = make_pattern ()};
  g_autofree gchar *head =
      g_strdup_printf (PUT ("/a", "Content-Length: %u\r\n"), MANY);
  GThread *thread;

  test_uploads_start (&uploads, "");
  gst_element_set_state (uploads.pipeline, GST_STATE_PAUSED);
  sender.stream = begin (&uploads, head);
  thread = g_thread_new ("sender", send_many, &sender);
  fail_unless_eventually (has_stopped_sending, &sender);
  stop_in_time (&uploads);
  g_thread_join (thread);
  leave (sender.stream);
  g_free (sender.data);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_single_pad_starts_again_after_a_stop)
{
  TestUploads uploads = {0};
  guint port;

  test_uploads_start (&uploads, "single=true");
  test_uploads_expect (&uploads, PUT ("/a", "Content-Length: 1\r\n") "x", 200);
  stop_in_time (&uploads);
  gst_element_set_state (uploads.pipeline, GST_STATE_PLAYING);
  g_object_get (uploads.src, "current-port", &port, NULL);
  uploads.port = port;
  test_uploads_expect (&uploads, PUT ("/a", "Content-Length: 1\r\n") "x", 200);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

static Suite *
uploadfaults_suite (void)
{
  Suite *s = suite_create ("uploadfaults");
  TCase *tc = tcase_create ("uploadfaults");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_cut_off_upload_ends_its_pad_with_a_warning);
  tcase_add_test (tc, test_cut_off_upload_may_be_an_error);
  tcase_add_test (tc, test_next_upload_may_go_on_where_one_was_cut_off);
  tcase_add_test (tc, test_stalled_sender_is_cut_off);
  tcase_add_test (
      tc, test_sender_that_goes_before_it_was_answered_costs_nothing);
  tcase_add_test (tc, test_unsound_chunks_end_the_upload);
  tcase_add_test (tc, test_two_uploads_of_one_path_conflict);
  tcase_add_test (tc, test_more_uploads_than_allowed_are_to_come_later);
  tcase_add_test (tc, test_chunks_beyond_the_limit_end_the_upload);
  tcase_add_test (tc, test_wrong_content_type_is_refused_before_the_body);
  tcase_add_test (tc, test_unnamed_stream_is_found_out_downstream);
  tcase_add_test (tc, test_upload_that_nobody_takes_is_to_come_later);
  tcase_add_test (tc, test_slow_pipeline_holds_the_sender_and_loses_nothing);
  tcase_add_test (tc, test_slow_sender_loses_nothing);
  tcase_add_test (tc, test_stopping_waits_for_no_sender);
  tcase_add_test (tc, test_stopping_waits_for_no_full_pipeline);
  tcase_add_test (tc, test_single_pad_starts_again_after_a_stop);
  return s;
}

GST_CHECK_MAIN (uploadfaults);
