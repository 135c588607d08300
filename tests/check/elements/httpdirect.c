/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpdirect.c: tests of requests that go past the HTTP library
 *
 * Here: that a connection which asks for files is as well guarded as others,
 * and that it may ask for other things in between.
 * Not here: files (httpfiles.c), connections that ask for none
 * (tests/check/libs/httpserver.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfiles.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#define GET "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define LAST "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

static TestFiles
begin (const gchar *properties)
{
  TestFiles f = test_files_begin (properties);

  test_files_put (&f, "a", "<the file>");
  return f;
}

/* Sends a text on a connection of its own, and returns all that comes until
 * the server closes it. */
static GString *
talk (TestFiles *f, const gchar *text)
{
  g_autoptr (GIOStream) stream = test_http_connect (f->port);
  GString *all;

  test_http_send (stream, text);
  all = test_http_read_all (stream);
  test_http_close (stream);
  return all;
}

static guint
count (const GString *text, const gchar *what)
{
  guint n = 0;

  for (const gchar *p = strstr (text->str, what); p != NULL;
       p = strstr (p + 1, what))
    n++;
  return n;
}

static void
expect_statuses (TestFiles *f, const gchar *text, const gchar *const *statuses)
{
  g_autoptr (GString) all = talk (f, text);
  const gchar *p = all->str;

  for (guint i = 0; statuses[i] != NULL; i++) {
    g_autofree gchar *line = g_strconcat ("HTTP/1.1 ", statuses[i], " ", NULL);

    p = strstr (p, line);
    fail_unless (p != NULL, "no %s in %s", statuses[i], all->str);
    p++;
  }
  fail_unless_equals_int (
      count (all, "HTTP/1.1 "), g_strv_length ((gchar **) statuses));
}

GST_START_TEST (test_files_and_other_things_on_one_connection)
{
  TestFiles f = begin ("root=%s");
  const gchar *const statuses[] = {
      "200", "200", "200", "204", "404", "200", NULL};

  expect_statuses (&f,
      GET "GET /status.json HTTP/1.1\r\nHost: h\r\n\r\n" GET
          "OPTIONS /a HTTP/1.1\r\nHost: h\r\n\r\n"
          "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n" LAST,
      statuses);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_bad_requests_are_refused_after_good_ones)
{
  static const struct
  {
    const gchar *request;
    const gchar *status;
  } cases[] = {
      {"GET /a\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\n\r\n", "400"},
      {"GET /a HTTP/2.0\r\nHost: h\r\n\r\n", "505"},
      {"GET /a HTTP/1.1\nHost: h\n\n", "400"},
      {"GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
       "Content-Length: 2\r\n\r\n",
          "400"},
  };
  TestFiles f = begin ("root=%s");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *text = g_strconcat (GET, cases[i].request, NULL);
    const gchar *const statuses[] = {"200", cases[i].status, NULL};

    expect_statuses (&f, text, statuses);
  }
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_body_is_not_taken_for_a_request)
{
  TestFiles f = begin ("root=%s");
  const gchar *const statuses[] = {"200", "405", NULL};
  const gchar *const with_body[] = {"200", NULL};

  expect_statuses (&f,
      GET "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 44\r\n\r\n" LAST,
      statuses);
  expect_statuses (&f,
      "GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 44\r\n\r\n" LAST,
      with_body);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_request_may_come_byte_by_byte)
{
  TestFiles f = begin ("root=%s");
  GIOStream *stream = test_http_connect (f.port);

  for (guint n = 0; n < 3; n++) {
    g_autoptr (TestAnswer) answer = NULL;

    for (const gchar *p = GET; *p != '\0'; p++) {
      const gchar byte[] = {*p, '\0'};

      test_http_send (stream, byte);
    }
    answer = test_http_read (stream);
    fail_unless_equals_string (answer->body->str, "<the file>");
  }
  test_http_close (stream);
  g_object_unref (stream);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_head_that_does_not_end_is_given_up)
{
  TestFiles f = begin ("root=%s header-timeout=1000000000");
  const gchar *const first[] = {"408", NULL};
  const gchar *const second[] = {"200", "408", NULL};

  expect_statuses (&f, "GET /a HTTP/1.1\r\nHo", first);
  expect_statuses (&f, GET "GET /a HTTP/1.1\r\nHo", second);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_idle_connection_is_closed)
{
  TestFiles f = begin ("root=%s keep-alive-timeout=100000000");
  const gchar *const statuses[] = {"200", "200", NULL};

  expect_statuses (&f, GET GET, statuses);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_old_clients_get_what_they_understand)
{
  TestFiles f = begin ("root=%s");
  g_autoptr (GString) all = talk (&f, "GET /a HTTP/1.0\r\n\r\n");

  fail_unless (g_str_has_suffix (all->str, "\r\n\r\n<the file>"));
  fail_unless (strstr (all->str, "Connection: close\r\n") != NULL);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_who_only_gets_errors_is_closed)
{
  TestFiles f = begin ("root=%s max-client-errors=3");
  g_autoptr (GString) requests = g_string_new (NULL);
  const gchar *const statuses[] = {"404", "404", "404", NULL};

  for (guint i = 0; i < 10; i++)
    g_string_append (requests, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
  expect_statuses (&f, requests->str, statuses);
  test_files_end (&f);
}
GST_END_TEST;

GST_START_TEST (test_answers_wait_for_who_reads_late)
{
  TestFiles f = begin ("root=%s");
  g_autoptr (GIOStream) stream = test_http_connect (f.port);
  g_autoptr (GString) requests = g_string_new (NULL);
  g_autofree gchar *rest = NULL;

  /* More than all socket buffers hold, in answers that go out at once. */
  test_folder_fill (f.root, "b", 60000);
  for (guint i = 0; i < 200; i++)
    g_string_append (requests, "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  g_string_append (requests, LAST);
  test_http_send (stream, requests->str);
  rest = test_http_read_bytes (stream, 200 * 60000);
  {
    g_autoptr (GString) end = test_http_read_all (stream);

    fail_unless (end->len > strlen ("<the file>"));
    fail_unless (memcmp (end->str + end->len - 10, "<the file>", 10) == 0);
  }
  test_http_close (stream);
  test_files_end (&f);
}
GST_END_TEST;

/* A connection that waits, and one that is in the middle of an answer. */
GST_START_TEST (test_stopping_closes_all_connections)
{
  TestFiles f = begin ("root=%s");
  GIOStream *idle = test_http_connect (f.port);
  GIOStream *busy = test_http_connect (f.port);
  g_autoptr (TestAnswer) answer = NULL;
  g_autoptr (GString) rest = NULL;

  test_folder_fill (f.root, "large", 30 * 1024 * 1024);
  test_http_send (idle, GET);
  answer = test_http_read (idle);
  test_http_send (busy, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  g_free (test_http_read_bytes (busy, 100));
  gst_element_set_state (f.sink, GST_STATE_NULL);
  rest = test_http_read_all (idle);
  fail_unless_equals_int (rest->len, 0);
  test_http_close (idle);
  test_http_close (busy);
  g_object_unref (idle);
  g_object_unref (busy);
  test_files_end (&f);
}
GST_END_TEST;

static Suite *
httpdirect_suite (void)
{
  Suite *s = suite_create ("httpdirect");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_files_and_other_things_on_one_connection);
  tcase_add_test (tc, test_bad_requests_are_refused_after_good_ones);
  tcase_add_test (tc, test_body_is_not_taken_for_a_request);
  tcase_add_test (tc, test_request_may_come_byte_by_byte);
  tcase_add_test (tc, test_head_that_does_not_end_is_given_up);
  tcase_add_test (tc, test_idle_connection_is_closed);
  tcase_add_test (tc, test_old_clients_get_what_they_understand);
  tcase_add_test (tc, test_who_only_gets_errors_is_closed);
  tcase_add_test (tc, test_answers_wait_for_who_reads_late);
  tcase_add_test (tc, test_stopping_closes_all_connections);
  return s;
}

GST_CHECK_MAIN (httpdirect);
