/* SPDX-License-Identifier: LGPL-2.1-or-later
 * uploadorder.c: tests of how streams of uploads begin
 *
 * Here: which events come before the bytes, in which order, with which caps.
 * Not here: the bytes (httpserversrc.c).
 *
 * GStreamer warns of a pad that gets its events in another order, and each
 * warning ends a test.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testuploads.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#define PUT(path, fields) "PUT " path " HTTP/1.1\r\nHost: h\r\n" fields "\r\n"
#define TYPE(type) "Content-Type: " type "\r\n"
#define LENGTH(n) "Content-Length: " #n "\r\n"
#define WEBM PUT ("/a", TYPE ("video/webm") LENGTH (1)) "w"
#define FLAC PUT ("/b", TYPE ("audio/flac") LENGTH (1)) "f"
#define UNTYPED PUT ("/c", LENGTH (1)) "u"
#define SOUND PUT ("/d", LENGTH (8)) "fLaC1234"

/* Sends to the one pad, and expects the order and the last caps. */
static void
expect_begin (TestUploads *uploads, const gchar *request, const gchar *order,
    const gchar *caps)
{
  TestStream *stream = test_uploads_get (uploads, "src");
  gsize before = stream->order->len;

  test_uploads_expect (uploads, request, 200);
  fail_unless_equals_string (stream->order->str + before, order);
  fail_unless_equals_string (stream->caps, caps);
}

GST_START_TEST (test_each_upload_to_one_pad_begins_in_order)
{
  TestUploads uploads = {.next = "queue ! identity ! fakesink async=false"};

  test_uploads_start (&uploads, "single=true");
  expect_begin (&uploads, UNTYPED, "SCgB", "application/octet-stream");
  expect_begin (&uploads, WEBM, "SCgB", "video/webm");
  expect_begin (&uploads, FLAC, "SCgB", "audio/x-flac");
  expect_begin (&uploads, FLAC, "SCgB", "audio/x-flac");
  expect_begin (&uploads, UNTYPED, "SCgB", "application/octet-stream");
  expect_begin (&uploads, WEBM, "SCgB", "video/webm");
  expect_begin (&uploads, PUT ("/e", ""), "SCg", "application/octet-stream");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_tags_of_an_upload_come_after_its_segment)
{
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "single=true");
  expect_begin (&uploads, PUT ("/a", "Ice-Name: One\r\n" LENGTH (1)) "a",
      "SCgTB", "application/octet-stream");
  expect_begin (&uploads,
      PUT ("/b", TYPE ("video/webm") "Ice-Name: Two\r\n" LENGTH (1)) "b",
      "SCgTB", "video/webm");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_untyped_upload_is_known_by_its_bytes)
{
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "single=true");
  expect_begin (&uploads, WEBM, "SCgB", "video/webm");
  expect_begin (&uploads, SOUND, "SCgB", "audio/x-flac");
  expect_begin (&uploads, PUT ("/a", LENGTH (8)) "1234fLaC", "SCgB",
      "application/octet-stream");
  test_uploads_wait_bytes (&uploads, "src", "wfLaC12341234fLaC");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_type_that_is_disregarded_is_known_by_the_bytes)
{
  TestUploads uploads = {0};

  test_uploads_start (&uploads, "single=true typefind=true");
  expect_begin (&uploads, PUT ("/a", TYPE ("video/webm") LENGTH (4)) "fLaC",
      "SCgB", "audio/x-flac");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

GST_START_TEST (test_bytes_that_come_one_by_one_are_put_together)
{
  TestUploads uploads = {0};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;
  TestStream *seen;

  test_uploads_start (&uploads, "single=true");
  seen = test_uploads_get (&uploads, "src");
  stream = test_http_connect (uploads.port);
  test_http_send (stream, PUT ("/a", LENGTH (4)) "f");
  test_http_send (stream, "L");
  test_http_send (stream, "a");
  test_http_send (stream, "C");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  fail_unless_equals_string (seen->bytes->str, "fLaC");
  fail_unless_equals_int (seen->n_starts, 1);
  test_http_close (stream);
  test_uploads_stop (&uploads);
}
GST_END_TEST;

/* What has done without caps goes on so: they cannot come behind a segment. */
GST_START_TEST (test_pipeline_that_knows_no_bytes_of_any_kind_gets_no_caps)
{
  TestUploads uploads = {.next = "capsfilter caps=video/webm ! fakesink "
                                 "async=false"};

  test_uploads_start (&uploads, "single=true");
  expect_begin (&uploads, UNTYPED, "SgB", "none");
  expect_begin (&uploads, WEBM, "SgB", "none");
  test_uploads_expect (&uploads, FLAC, 415);
  expect_begin (&uploads, UNTYPED, "SgB", "none");
  test_uploads_stop (&uploads);
}
GST_END_TEST;

static Suite *
uploadorder_suite (void)
{
  Suite *s = suite_create ("uploadorder");
  TCase *tc = tcase_create ("uploadorder");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_each_upload_to_one_pad_begins_in_order);
  tcase_add_test (tc, test_tags_of_an_upload_come_after_its_segment);
  tcase_add_test (tc, test_untyped_upload_is_known_by_its_bytes);
  tcase_add_test (tc, test_type_that_is_disregarded_is_known_by_the_bytes);
  tcase_add_test (tc, test_bytes_that_come_one_by_one_are_put_together);
  tcase_add_test (
      tc, test_pipeline_that_knows_no_bytes_of_any_kind_gets_no_caps);
  return s;
}

GST_CHECK_MAIN (uploadorder);
