/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpauthorize.c: tests of asking the application about requests
 *
 * Here: the signal, the message, answers that come later.
 * Not here: credentials (httpauth.c), other languages (tests/interop).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttpsink.h"

#include <gst/check/gstcheck.h>

#include <string.h>

/* What the handler was asked, and what it says. */
typedef struct
{
  guint status;
  guint n_asked; /* atomic */
  guint id;
  gchar *method;
  gchar *path;
  gchar *query;
  gchar *agent;
  gboolean has_peer;
} Handler;

static guint
on_authorize (GstElement *sink, guint id, const gchar *method,
    const gchar *path, const gchar *query, GstStructure *headers,
    GSocketAddress *peer, Handler *self)
{
  g_free (self->method);
  g_free (self->path);
  g_free (self->query);
  g_free (self->agent);
  self->id = id;
  self->method = g_strdup (method);
  self->path = g_strdup (path);
  self->query = g_strdup (query);
  self->agent = g_strdup (gst_structure_get_string (headers, "user-agent"));
  self->has_peer = G_IS_INET_SOCKET_ADDRESS (peer);
  g_atomic_int_inc (&self->n_asked);
  return self->status;
}

static TestSink
begin (Handler *handler, const gchar *properties)
{
  TestSink sink = test_sink_begin (properties, TEST_SINK_VIDEO);

  g_signal_connect (test_sink_get (&sink), "authorize-request",
      G_CALLBACK (on_authorize), handler);
  test_sink_push (&sink, "key");
  return sink;
}

static void
end (Handler *handler, TestSink *sink)
{
  test_sink_end (sink);
  g_free (handler->method);
  g_free (handler->path);
  g_free (handler->query);
  g_free (handler->agent);
}

static gboolean
answer (TestSink *sink, guint id, guint status)
{
  gboolean waited = FALSE;

  g_signal_emit_by_name (
      test_sink_get (sink), "answer-request", id, status, &waited);
  return waited;
}

static gboolean
is_asked (gpointer data)
{
  return g_atomic_int_get (&((Handler *) data)->n_asked) > 0;
}

GST_START_TEST (test_handler_is_told_what_is_asked)
{
  Handler handler = {.status = 200};
  TestSink sink = begin (&handler, "");
  GIOStream *stream = test_sink_listen (&sink,
      "GET /%73tream?a=b%20c HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\n\r\n");

  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  fail_unless_equals_string (handler.method, "GET");
  fail_unless_equals_string (handler.path, "/stream");
  fail_unless_equals_string (handler.query, "a=b%20c");
  fail_unless_equals_string (handler.agent, "me");
  fail_unless (handler.has_peer);
  fail_if (answer (&sink, handler.id, 403));
  test_sink_leave (stream);
  end (&handler, &sink);
}
GST_END_TEST;

GST_START_TEST (test_handler_says_the_status)
{
  static const guint cases[][2] = {
      {401, 401}, {403, 403}, {404, 404}, {429, 429}, {503, 503}, {302, 500}};
  Handler handler = {0};
  TestSink sink = begin (&handler, "");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    handler.status = cases[i][0];
    test_sink_expect_status (&sink, TEST_SINK_GET, cases[i][1]);
  }
  handler.status = 401;
  test_sink_expect_field (&sink, TEST_SINK_GET, "WWW-Authenticate",
      "Basic realm=\"stream\", charset=\"UTF-8\"");
  test_sink_expect_status (
      &sink, "OPTIONS /stream HTTP/1.1\r\nHost: h\r\n\r\n", 204);
  test_sink_expect_status (&sink, "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400);
  fail_unless_equals_int (handler.n_asked, G_N_ELEMENTS (cases) + 1);
  end (&handler, &sink);
}
GST_END_TEST;

GST_START_TEST (test_answer_comes_later_from_another_thread)
{
  Handler handler = {0};
  TestSink sink = begin (&handler, "");
  g_autoptr (GIOStream) stream = test_http_connect (sink.port);
  g_autoptr (TestAnswer) got = NULL;

  test_http_send (stream, TEST_SINK_GET);
  fail_unless_eventually (is_asked, &handler);
  fail_if (answer (&sink, handler.id + 1, 200));
  fail_unless (answer (&sink, handler.id, 200));
  fail_if (answer (&sink, handler.id, 200));
  got = test_http_read (stream);
  fail_unless_equals_int (got->status, 200);
  test_sink_expect (stream, "7\r\nheader:\r\n3\r\nkey\r\n");
  test_http_close (stream);
  end (&handler, &sink);
}
GST_END_TEST;

GST_START_TEST (test_question_is_not_kept_for_ever)
{
  Handler handler = {0};
  TestSink sink = begin (&handler, "authorize-timeout=50000000");

  test_sink_expect_field (&sink, TEST_SINK_GET, "Retry-After", "2");
  test_sink_expect_status (&sink, TEST_SINK_GET, 503);
  fail_if (answer (&sink, handler.id, 200));
  end (&handler, &sink);
}
GST_END_TEST;

GST_START_TEST (test_open_question_ends_with_the_element)
{
  Handler handler = {0};
  TestSink sink = begin (&handler, "authorize-timeout=0");
  g_autoptr (GIOStream) stream = test_http_connect (sink.port);
  g_autoptr (TestAnswer) got = NULL;

  test_http_send (stream, TEST_SINK_GET);
  fail_unless_eventually (is_asked, &handler);
  gst_element_set_state (test_sink_get (&sink), GST_STATE_NULL);
  fail_if (answer (&sink, handler.id, 200));
  got = test_http_read (stream);
  fail_unless (got->status == 503 || got->head[0] == '\0', "%s", got->head);
  test_http_close (stream);
  end (&handler, &sink);
}
GST_END_TEST;

GST_START_TEST (test_credentials_are_looked_at_first)
{
  Handler handler = {.status = 403};
  TestSink sink = begin (&handler, "auth=bearer auth-token=t");

  test_sink_expect_status (&sink, TEST_SINK_GET, 401);
  fail_unless_equals_int (handler.n_asked, 0);
  test_sink_expect_status (&sink,
      "GET /stream HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n\r\n",
      403);
  fail_unless_equals_int (handler.n_asked, 1);
  end (&handler, &sink);
}
GST_END_TEST;

GST_START_TEST (test_message_asks_too)
{
  TestSink sink = test_sink_begin ("authorize-messages=true", TEST_SINK_VIDEO);
  g_autoptr (GIOStream) stream = test_http_connect (sink.port);
  g_autoptr (TestAnswer) got = NULL;
  const GstStructure *question;
  GstMessage *message;
  guint id;

  test_http_send (stream, TEST_SINK_GET);
  message = test_sink_pop_message (&sink, GST_MESSAGE_ELEMENT);
  question = gst_message_get_structure (message);
  fail_unless (gst_structure_has_name (question, "authorize-request"));
  fail_unless_equals_string (
      gst_structure_get_string (question, "path"), "/stream");
  fail_unless (gst_structure_get_uint (question, "id", &id));
  fail_unless (answer (&sink, id, 404));
  gst_message_unref (message);
  got = test_http_read (stream);
  fail_unless_equals_int (got->status, 404);
  test_http_close (stream);
  test_sink_end (&sink);
}
GST_END_TEST;

static Suite *
httpauthorize_suite (void)
{
  Suite *s = suite_create ("httpauthorize");
  TCase *tc = tcase_create ("httpauthorize");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_handler_is_told_what_is_asked);
  tcase_add_test (tc, test_handler_says_the_status);
  tcase_add_test (tc, test_answer_comes_later_from_another_thread);
  tcase_add_test (tc, test_question_is_not_kept_for_ever);
  tcase_add_test (tc, test_open_question_ends_with_the_element);
  tcase_add_test (tc, test_credentials_are_looked_at_first);
  tcase_add_test (tc, test_message_asks_too);
  return s;
}

GST_CHECK_MAIN (httpauthorize);
