/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpauth.c: tests of credentials with httpserversink
 *
 * Here: Basic and Bearer, the file of users.
 * Not here: the signal that asks the application.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttpsink.h"

#include <gst/check/gstcheck.h>

#include <crypt.h>
#include <glib/gstdio.h>
#include <string.h>

static gchar *folder;
static gchar *users_path;

static void
make_folder (void)
{
  folder = g_dir_make_tmp ("http-XXXXXX", NULL);
  users_path = g_build_filename (folder, "users", NULL);
}

static void
remove_folder (void)
{
  g_unlink (users_path);
  g_rmdir (folder);
  g_clear_pointer (&users_path, g_free);
  g_clear_pointer (&folder, g_free);
}

static void
write_users (const gchar *text)
{
  fail_unless (g_file_set_contents (users_path, text, -1, NULL));
}

static TestSink
begin_basic (const gchar *users)
{
  g_autofree gchar *properties =
      g_strdup_printf ("auth=basic auth-file=%s", users_path);
  TestSink sink;

  write_users (users);
  sink = test_sink_begin (properties, TEST_SINK_VIDEO);
  test_sink_push (&sink, "key");
  return sink;
}

static gchar *
basic_request (const gchar *method, const gchar *credentials)
{
  g_autofree gchar *coded =
      g_base64_encode ((const guchar *) credentials, strlen (credentials));

  return g_strdup_printf ("%s /stream HTTP/1.0\r\nOrigin: "
                          "http://o\r\nAuthorization: Basic %s\r\n\r\n",
      method, coded);
}

static void
expect_basic (TestSink *sink, const gchar *credentials, guint status)
{
  g_autofree gchar *request = basic_request ("HEAD", credentials);

  test_sink_expect_status (sink, request, status);
}

static gchar *
user_line (const gchar *name, const gchar *password, const gchar *setting)
{
  struct crypt_data *data = g_new0 (struct crypt_data, 1);
#ifdef HAVE_CRYPT_RN
  const gchar *hash = crypt_rn (password, setting, data, sizeof *data);
#else
  const gchar *hash = crypt_r (password, setting, data);
#endif
  gchar *line = NULL;

  if (hash != NULL && hash[0] != '*')
    line = g_strdup_printf ("%s:%s\n", name, hash);
  g_free (data);
  return line;
}

GST_START_TEST (test_listener_needs_name_and_password)
{
  TestSink sink = begin_basic ("# who\n\nann:{PLAIN}se:cret\nbob:{PLAIN}\r\n");
  g_autofree gchar *request = basic_request ("GET", "ann:se:cret");
  const gchar *without = "GET /stream HTTP/1.1\r\nHost: h\r\nOrigin: o\r\n\r\n";
  GIOStream *stream;

  test_sink_expect_status (&sink, without, 401);
  test_sink_expect_field (&sink, without, "WWW-Authenticate",
      "Basic realm=\"stream\", charset=\"UTF-8\"");
  test_sink_expect_field (&sink, without, "Access-Control-Allow-Origin", "*");
  expect_basic (&sink, "ann:secret", 401);
  expect_basic (&sink, "ann:", 401);
  expect_basic (&sink, "ann", 401);
  expect_basic (&sink, "", 401);
  expect_basic (&sink, "eve:se:cret", 401);
  expect_basic (&sink, "bob:", 200);
  stream = test_sink_listen (&sink, request);
  test_sink_expect (stream, "header:key");
  test_sink_leave (stream);
  test_sink_end (&sink);
}
GST_END_TEST;

GST_START_TEST (test_every_path_is_guarded_but_preflights)
{
  TestSink sink = begin_basic ("ann:{PLAIN}secret\n");

  test_sink_expect_status (&sink, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 401);
  test_sink_expect_status (
      &sink, "GET /status.json HTTP/1.1\r\nHost: h\r\n\r\n", 401);
  test_sink_expect_status (
      &sink, "GET /unknown HTTP/1.1\r\nHost: h\r\n\r\n", 401);
  test_sink_expect_status (&sink,
      "POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", 401);
  test_sink_expect_status (
      &sink, "OPTIONS /stream HTTP/1.1\r\nHost: h\r\n\r\n", 204);
  test_sink_end (&sink);
}
GST_END_TEST;

GST_START_TEST (test_hashed_passwords_are_compared)
{
  static const gchar *const settings[] = {"$2y$04$abcdefghijklmnopqrstuu",
      "$5$rounds=1000$salt", "$6$rounds=1000$salt", "$y$j75$salt"};

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autofree gchar *line = user_line ("ann", "pass", settings[i]);
    TestSink sink;

    if (line == NULL)
      continue;
    sink = begin_basic (line);
    expect_basic (&sink, "ann:pass", 200);
    expect_basic (&sink, "ann:pass", 200);
    expect_basic (&sink, "ann:Pass", 401);
    expect_basic (&sink, "eve:pass", 401);
    test_sink_end (&sink);
  }
}
GST_END_TEST;

GST_START_TEST (test_users_follow_their_file)
{
  TestSink sink = begin_basic ("ann:{PLAIN}one\n");
  GstMessage *message;

  expect_basic (&sink, "ann:one", 200);
  write_users ("ann:{PLAIN}other\n");
  expect_basic (&sink, "ann:one", 401);
  expect_basic (&sink, "ann:other", 200);
  write_users ("bob:secret\nann:{PLAIN}third\n");
  expect_basic (&sink, "ann:third", 200);
  message = test_sink_pop_message (&sink, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  g_unlink (users_path);
  expect_basic (&sink, "ann:third", 401);
  test_sink_end (&sink);
}
GST_END_TEST;

static void
expect_no_start (const gchar *properties, const gchar *in_sentence)
{
  g_autoptr (GstElement) pipeline =
      test_launch ("fakesrc ! httpserversink port=0 %s", properties);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_WRITE, in_sentence);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

GST_START_TEST (test_bad_settings_are_told)
{
  static const gchar *const bad[] = {"secret", "ann:secret",
      "ann:$apr1$5qKXbdG1$tvnN1dWtKrHCJ5nTQDuaW.", "ann:$1$salt$abc",
      ":{PLAIN}x", "ann:"};
  g_autofree gchar *file =
      g_strdup_printf ("auth=basic auth-file=%s", users_path);

  expect_no_start ("auth=basic", "auth-file");
  expect_no_start ("auth=bearer auth-token=\"\"", "auth-token");
  expect_no_start ("auth-token=secret", "auth-token");
  expect_no_start ("auth=basic auth-file=/nowhere/users", "/nowhere/users");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *users = g_strdup_printf ("bob:{PLAIN}x\n%s\n", bad[i]);

    write_users (users);
    expect_no_start (file, "line 2");
  }
}
GST_END_TEST;

GST_START_TEST (test_listener_needs_the_token)
{
  TestSink sink =
      test_sink_begin ("auth=bearer auth-token=12345", TEST_SINK_VIDEO);
  const gchar *format = "HEAD /stream HTTP/1.0\r\nAuthorization: %s\r\n\r\n";
  g_autofree gchar *right = g_strdup_printf (format, "bearer 12345");
  g_autofree gchar *wrong = g_strdup_printf (format, "Bearer 1234");
  g_autofree gchar *basic = g_strdup_printf (format, "Basic 12345");

  test_sink_push (&sink, "key");
  test_sink_expect_status (&sink, right, 200);
  test_sink_expect_status (&sink, wrong, 401);
  test_sink_expect_field (&sink, wrong, "WWW-Authenticate",
      "Bearer realm=\"stream\", error=\"invalid_token\"");
  test_sink_expect_status (&sink, basic, 401);
  test_sink_expect_field (
      &sink, basic, "WWW-Authenticate", "Bearer realm=\"stream\"");
  test_sink_end (&sink);
}
GST_END_TEST;

/* Passwords take long to compare; who asks may go, and so may the server. */
GST_START_TEST (test_who_leaves_meanwhile_is_forgotten)
{
  g_autofree gchar *line = user_line ("ann", "pass", "$6$rounds=200000$salt");
  TestSink sink = begin_basic (line);

  for (guint i = 0; i < 20; i++) {
    g_autofree gchar *wrong = g_strdup_printf ("ann:%u", i);
    g_autofree gchar *request = basic_request ("HEAD", wrong);
    g_autoptr (GIOStream) stream = test_http_connect (sink.port);

    test_http_send (stream, request);
    test_http_close (stream);
  }
  test_sink_expect_status (&sink, "OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n", 204);
  test_sink_end (&sink);
}
GST_END_TEST;

static Suite *
httpauth_suite (void)
{
  Suite *s = suite_create ("httpauth");
  TCase *tc = tcase_create ("httpauth");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_checked_fixture (tc, make_folder, remove_folder);
  tcase_add_test (tc, test_listener_needs_name_and_password);
  tcase_add_test (tc, test_every_path_is_guarded_but_preflights);
  tcase_add_test (tc, test_hashed_passwords_are_compared);
  tcase_add_test (tc, test_users_follow_their_file);
  tcase_add_test (tc, test_bad_settings_are_told);
  tcase_add_test (tc, test_listener_needs_the_token);
  tcase_add_test (tc, test_who_leaves_meanwhile_is_forgotten);
  return s;
}

GST_CHECK_MAIN (httpauth);
