/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpserver.c: tests of the library that serves HTTP
 *
 * Here: sharing a server, answers, giving connections away, what is refused,
 * time-outs, TLS. Not here: elements.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttp.h"

#include <gst/check/gstcheck.h>
#include <gst/sockethttp/gstsockethttp.h>

#include <dlfcn.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>

static const GstSocketHttpApi *api;

/* A mount that answers with its own name, and keeps what "/later" asks. */
typedef struct
{
  const gchar *name;
  GstSocketHttpMount *mount;
  GstSocketHttpRequest *kept; /* atomic */
  gint finished;
  gint warned;
  gint filled;
} Site;

static void
answer_text (GstSocketHttpRequest *request, guint status, const gchar *text)
{
  static const gchar *const headers[] = {"X-Test", "yes", NULL};
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  GstSocketHttpAnswer answer = {status, headers, body, "text/plain"};

  api->answer (request, &answer);
}

static void
take (GstSocketHttpRequest *request)
{
  GstSocketHttpConnection connection;
  const gchar *text = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntaken";

  fail_unless (api->take (request, text, &connection));
  api->close (NULL, &connection);
}

/* Closes a connection that takes no more. */
static void
fill (Site *site, GstSocketHttpRequest *request)
{
  GstSocketHttpConnection connection;
  GPollableOutputStream *out;
  guint8 data[4096] = {0};

  fail_unless (api->take (request, "HTTP/1.1 200 OK\r\n\r\n", &connection));
  out =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (connection.tls));
  while (g_pollable_output_stream_write_nonblocking (
             out, data, sizeof data, NULL, NULL)
      > 0)
    continue;
  api->close (site->mount, &connection);
  g_atomic_int_set (&site->filled, TRUE);
}

static gboolean
is_filled (gpointer data)
{
  return g_atomic_int_get (&((Site *) data)->filled);
}

static void
on_request (GstSocketHttpRequest *request, gpointer user_data)
{
  Site *site = user_data;
  const gchar *path = api->get_path (request);

  if (g_strcmp0 (path, "/take") == 0)
    take (request);
  else if (g_strcmp0 (path, "/bye") == 0)
    fill (site, request);
  else if (g_strcmp0 (path, "/later") == 0)
    g_atomic_pointer_set (&site->kept, api->ref (request));
  else if (path == NULL)
    answer_text (request, 400, "path");
  else if (api->get_query (request) != NULL)
    answer_text (request, 200, api->get_query (request));
  else
    answer_text (request, g_str_equal (path, "/error") ? 404 : 200, site->name);
}

static void
on_finished (GstSocketHttpRequest *request, guint status, gpointer user_data)
{
  Site *site = user_data;

  g_atomic_int_inc (&site->finished);
}

static void
on_warning (const GError *error, gpointer user_data)
{
  Site *site = user_data;

  g_atomic_int_inc (&site->warned);
}

static const GstSocketHttpMountFuncs site_funcs = {
    .request = on_request,
    .finished = on_finished,
    .warning = on_warning,
};

static GstSocketHttpSettings
settings_of (const gchar *const *paths)
{
  GstSocketHttpSettings settings = {.host = "127.0.0.1",
      .tls_port = -1,
      .header_timeout = 10 * GST_SECOND,
      .keep_alive_timeout = 10 * GST_SECOND,
      .paths = paths};

  return settings;
}

static guint16
open_with (Site *site, const GstSocketHttpSettings *settings)
{
  g_autoptr (GError) error = NULL;

  site->mount = api->mount (settings, &site_funcs, site, &error);
  fail_unless (site->mount != NULL, "%s", error ? error->message : "");
  return api->get_port (site->mount);
}

static guint16
open_site (Site *site, guint port, const gchar *path)
{
  const gchar *const paths[] = {path, NULL};
  GstSocketHttpSettings settings = settings_of (paths);

  settings.port = port;
  return open_with (site, &settings);
}

static void
expect_answer (guint16 port, const gchar *request, guint status)
{
  g_autoptr (TestAnswer) answer = test_http_ask (port, request);

  fail_unless (answer->status == status, "%.60s: %u: %s", request,
      answer->status, answer->head);
}

static void
expect_body (guint16 port, const gchar *path, const gchar *body)
{
  g_autoptr (TestAnswer) answer = test_http_get (port, path);

  fail_unless_equals_int (answer->status, 200);
  fail_unless_equals_string (answer->body->str, body);
}

static void
expect_no_mount (guint16 port, const gchar *path, gint tls_port,
    const gchar *certificate, gint code)
{
  const gchar *const paths[] = {path, NULL};
  GstSocketHttpSettings settings = settings_of (paths);
  g_autoptr (GError) error = NULL;

  settings.port = port;
  settings.tls_port = tls_port;
  settings.certificate_file = certificate;
  fail_unless (api->mount (&settings, &site_funcs, NULL, &error) == NULL);
  fail_unless (code < 0 || g_error_matches (error, G_IO_ERROR, code), "%s",
      error->message);
}

/* --- sharing --- */

GST_START_TEST (test_mounts_share_a_server_by_path)
{
  Site a = {.name = "a"}, b = {.name = "b"};
  guint16 port = open_site (&a, 0, "/a");

  fail_unless_equals_int (open_site (&b, port, "/b"), port);
  expect_body (port, "/a", "a");
  expect_body (port, "/b", "b");
  expect_body (port, "/unknown", "a");
  expect_body (port, "//b?who", "who");
  api->unmount (a.mount);
  expect_body (port, "/b", "b");
  api->unmount (b.mount);
}
GST_END_TEST;

GST_START_TEST (test_clash_of_paths_is_an_error)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/a");

  expect_no_mount (port, "/a", -1, NULL, G_IO_ERROR_EXISTS);
  expect_no_mount (port, "/b", 0, "/nowhere", G_IO_ERROR_EXISTS);
  expect_body (port, "/a", "a");
  api->unmount (a.mount);
}
GST_END_TEST;

GST_START_TEST (test_port_in_use_is_an_error)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);

  expect_no_mount (port, "/a", -1, NULL, G_IO_ERROR_ADDRESS_IN_USE);
}
GST_END_TEST;

/* --- answers --- */

GST_START_TEST (test_connection_is_kept_for_the_next_request)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/a");
  g_autoptr (GIOStream) stream = test_http_connect (port);

  test_http_send (stream,
      "GET /?1 HTTP/1.1\r\nHost: h\r\n\r\n"
      "GET /?2 HTTP/1.1\r\nHost: h\r\n\r\nGET /?3");
  for (guint i = 1; i <= 3; i++) {
    g_autoptr (TestAnswer) answer = test_http_read (stream);
    g_autofree gchar *query = g_strdup_printf ("%u", i);
    g_autofree gchar *field = test_answer_field (answer, "X-Test");

    fail_unless_equals_string (answer->body->str, query);
    fail_unless_equals_string (field, "yes");
    if (i == 2)
      test_http_send (stream, " HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  test_http_close (stream);
  api->unmount (a.mount);
}
GST_END_TEST;

GST_START_TEST (test_head_has_the_length_and_no_body)
{
  Site a = {.name = "name"};
  guint16 port = open_site (&a, 0, "/a");
  g_autoptr (GIOStream) stream = test_http_connect (port);
  g_autoptr (GString) all = NULL;

  test_http_send (stream, "HEAD /a HTTP/1.0\r\n\r\n");
  all = test_http_read_all (stream);
  fail_unless (strstr (all->str, "Content-Length: 4\r\n") != NULL);
  fail_unless (g_str_has_suffix (all->str, "\r\n\r\n"));
  test_http_close (stream);
  api->unmount (a.mount);
}
GST_END_TEST;

GST_START_TEST (test_connection_is_given_away)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/a");
  g_autoptr (GIOStream) stream = test_http_connect (port);
  g_autoptr (GString) all = NULL;

  test_http_send (stream, "GET /take HTTP/1.1\r\nHost: h\r\n\r\n");
  all = test_http_read_all (stream);
  fail_unless (g_str_has_suffix (all->str, "\r\n\r\ntaken"));
  test_http_close (stream);
  api->unmount (a.mount);
  fail_unless_equals_int (a.finished, 0);
}
GST_END_TEST;

static gboolean
has_kept (gpointer data)
{
  Site *site = data;

  return g_atomic_pointer_get (&site->kept) != NULL;
}

GST_START_TEST (test_request_is_answered_later_from_another_thread)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/a");
  g_autoptr (GIOStream) stream = test_http_connect (port);
  g_autoptr (TestAnswer) answer = NULL;

  test_http_send (stream, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  fail_unless_eventually (has_kept, &a);
  answer_text (a.kept, 403, "no");
  answer_text (a.kept, 200, "never");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 403);
  test_http_close (stream);
  api->unmount (a.mount);
  fail_unless_equals_int (a.finished, 1);
  answer_text (a.kept, 200, "too late");
  api->unref (a.kept);
}
GST_END_TEST;

GST_START_TEST (test_open_request_is_ended_with_its_mount)
{
  Site a = {.name = "a"}, b = {.name = "b"};
  guint16 port = open_site (&a, 0, "/a");
  g_autoptr (GIOStream) stream = test_http_connect (port);
  g_autoptr (TestAnswer) answer = NULL;

  open_site (&b, port, "/b");
  test_http_send (stream, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  fail_unless_eventually (has_kept, &a);
  api->unmount (a.mount);
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 503);
  fail_unless_equals_int (a.finished, 1);
  test_http_close (stream);
  api->unref (a.kept);
  api->unmount (b.mount);
}
GST_END_TEST;

GST_START_TEST (test_errors_in_a_row_end_the_connection)
{
  const gchar *const paths[] = {"/a", NULL};
  GstSocketHttpSettings settings = settings_of (paths);
  Site a = {.name = "a"};
  guint16 port;
  g_autoptr (GIOStream) stream = NULL;

  settings.max_client_errors = 2;
  port = open_with (&a, &settings);
  stream = test_http_connect (port);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (TestAnswer) answer = NULL;
    g_autofree gchar *field = NULL;

    test_http_send (stream,
        i == 1 ? "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
               : "GET /error HTTP/1.1\r\nHost: h\r\n\r\n");
    answer = test_http_read (stream);
    field = test_answer_field (answer, "Connection");
    fail_unless ((g_strcmp0 (field, "close") == 0) == (i == 3));
  }
  g_string_free (test_http_read_all (stream), TRUE);
  test_http_close (stream);
  api->unmount (a.mount);
}
GST_END_TEST;

/* --- what is refused --- */

GST_START_TEST (test_bad_requests_are_answered_and_closed)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/a");
  g_autofree gchar *large = g_strnfill (1024 * 1024, 'x');
  g_autofree gchar *fields =
      g_strconcat ("GET / HTTP/1.1\r\nHost: h\r\nX: ", large, "\r\n\r\n", NULL);
  g_autofree gchar *line = g_strconcat ("GET /", large, NULL);

  expect_answer (port, "nonsense\r\n\r\n", 400);
  expect_answer (port, "GET /\r\n\r\n", 400);
  expect_answer (port, "GET / HTTP/1.1\r\n\r\n", 400);
  expect_answer (port, "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400);
  expect_answer (port, "GET /%2e%2e/x HTTP/1.1\r\nHost: h\r\n\r\n", 400);
  expect_answer (port, "\x16\x03\x01\x02\x01\x01\x01", 400);
  expect_answer (port, "GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505);
  expect_answer (port, fields, 431);
  expect_answer (port, line, 414);
  expect_answer (port,
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
      400);
  expect_body (port, "/a", "a");
  api->unmount (a.mount);
}
GST_END_TEST;

GST_START_TEST (test_body_is_not_taken_for_a_request)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/a");
  g_autoptr (GIOStream) stream = test_http_connect (port);
  g_autoptr (GString) all = NULL;

  test_http_send (stream,
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 900"
      "\r\n\r\nGET /?smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
  all = test_http_read_all (stream);
  fail_unless (g_str_has_prefix (all->str, "HTTP/1.1 200 "), "%s", all->str);
  fail_unless (strstr (all->str, "smuggled") == NULL);
  test_http_close (stream);
  api->unmount (a.mount);
}
GST_END_TEST;

GST_START_TEST (test_slow_head_is_cut_off)
{
  const gchar *const paths[] = {"/a", NULL};
  GstSocketHttpSettings settings = settings_of (paths);
  Site a = {.name = "a"};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GString) all = NULL;

  settings.header_timeout = 100 * GST_MSECOND;
  stream = test_http_connect (open_with (&a, &settings));
  test_http_send (stream, "GET /a HTT");
  all = test_http_read_all (stream);
  fail_unless (g_str_has_prefix (all->str, "HTTP/1.1 408 "), "%s", all->str);
  test_http_close (stream);
  api->unmount (a.mount);
}
GST_END_TEST;

GST_START_TEST (test_idle_connection_is_closed)
{
  const gchar *const paths[] = {"/a", NULL};
  GstSocketHttpSettings settings = settings_of (paths);
  Site a = {.name = "a"};
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (TestAnswer) answer = NULL;
  g_autoptr (GString) rest = NULL;

  settings.keep_alive_timeout = 100 * GST_MSECOND;
  stream = test_http_connect (open_with (&a, &settings));
  test_http_send (stream, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  answer = test_http_read (stream);
  rest = test_http_read_all (stream);
  fail_unless_equals_int (answer->status, 200);
  fail_unless_equals_int (rest->len, 0);
  test_http_close (stream);
  api->unmount (a.mount);
}
GST_END_TEST;

/* --- TLS --- */

static gchar *
certificate_path (void)
{
  g_autofree gchar *folder = g_dir_make_tmp ("http-XXXXXX", NULL);

  return g_build_filename (folder, "server.pem", NULL);
}

static void
remove_certificate (const gchar *path)
{
  g_autofree gchar *folder = g_path_get_dirname (path);

  g_unlink (path);
  g_rmdir (folder);
}

static guint16
open_tls (Site *site, const gchar *path)
{
  const gchar *const paths[] = {"/a", NULL};
  GstSocketHttpSettings settings = settings_of (paths);

  settings.tls_port = 0;
  settings.certificate_file = path;
  open_with (site, &settings);
  return api->get_tls_port (site->mount);
}

/* The name in the certificate that is shown. */
static gchar *
served_name (guint16 port)
{
  g_autoptr (GIOStream) stream = test_http_connect_tls (port);
  GTlsCertificate *certificate =
      g_tls_connection_get_peer_certificate (G_TLS_CONNECTION (stream));
  g_autoptr (TestAnswer) answer = NULL;
  gchar *name;

  test_http_send (stream, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  g_object_get (certificate, "subject-name", &name, NULL);
  test_http_close (stream);
  return name;
}

GST_START_TEST (test_certificate_follows_its_file)
{
  g_autofree gchar *path = certificate_path ();
  g_autofree gchar *one = NULL;
  g_autofree gchar *two = NULL;
  g_autofree gchar *three = NULL;
  g_autoptr (GError) error = NULL;
  Site a = {.name = "a"};
  guint16 port;

  test_make_certificate (path, "one.test");
  port = open_tls (&a, path);
  one = served_name (port);
  fail_unless_equals_string (one, "CN=one.test");
  test_make_certificate (path, "two.test");
  two = served_name (port);
  fail_unless_equals_string (two, "CN=two.test");
  fail_unless (g_file_set_contents (path, "broken", -1, NULL));
  three = served_name (port);
  fail_unless_equals_string (three, "CN=two.test");
  fail_unless_equals_int (g_atomic_int_get (&a.warned), 1);
  fail_if (api->reload_tls (a.mount, &error));
  api->unmount (a.mount);
  remove_certificate (path);
}
GST_END_TEST;

GST_START_TEST (test_wrong_protocol_on_the_tls_port_ends_at_once)
{
  g_autofree gchar *path = certificate_path ();
  Site a = {.name = "a"};
  guint16 port;
  g_autoptr (GIOStream) stream = NULL;
  g_autofree gchar *name = NULL;

  test_make_certificate (path, "one.test");
  port = open_tls (&a, path);
  stream = test_http_connect (port);
  test_http_send (stream, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  g_string_free (test_http_read_all (stream), TRUE);
  test_http_close (stream);
  name = served_name (port);
  fail_unless_equals_string (name, "CN=one.test");
  expect_no_mount (
      api->get_port (a.mount), "/b", 0, "/another", G_IO_ERROR_EXISTS);
  api->unmount (a.mount);
  remove_certificate (path);
}
GST_END_TEST;

/* Good-byes are said in threads of GIO's, which come back to the server. This
 * one takes long: its peer does not read. */
GST_START_TEST (test_server_waits_for_good_byes)
{
  g_autofree gchar *path = certificate_path ();
  g_autoptr (GIOStream) stream = NULL;
  Site a = {.name = "a"};
  guint16 port;

  test_make_certificate (path, "one.test");
  port = open_tls (&a, path);
  stream = test_http_connect_tls (port);
  test_http_send (stream, "GET /bye HTTP/1.1\r\nHost: h\r\n\r\n");
  fail_unless_eventually (is_filled, &a);
  api->unmount (a.mount);
  test_http_close (stream);
  remove_certificate (path);
}
GST_END_TEST;

GST_START_TEST (test_unreadable_certificate_is_an_error)
{
  expect_no_mount (0, "/a", 0, "/nowhere/server.pem", -1);
  expect_no_mount (0, "/a", 0, NULL, -1);
}
GST_END_TEST;

/* The first TLS connection of a process starts helpers that stay, and may start
 * GLib's own thread, as any source of a signal does. */
static void
start_tls_helpers (void)
{
  g_autofree gchar *path = certificate_path ();
  Site a = {.name = "a"};

  g_source_unref (g_unix_signal_source_new (SIGHUP));
  test_make_certificate (path, "first.test");
  g_free (served_name (open_tls (&a, path)));
  api->unmount (a.mount);
  remove_certificate (path);
}

static void
open_library (void)
{
  g_autofree gchar *path = g_build_filename (g_getenv ("BUILD_ROOT"),
      "gst-libs/gst/sockethttp", GST_SOCKET_HTTP_LIBRARY, NULL);
  gpointer library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  GstSocketHttpGetApi get_api;

  fail_unless (library != NULL, "%s", dlerror ());
  get_api = (GstSocketHttpGetApi) dlsym (library, GST_SOCKET_HTTP_SYMBOL);
  api = get_api ();
  fail_unless_equals_int (api->version, GST_SOCKET_HTTP_VERSION);
}

static Suite *
httpserver_suite (void)
{
  Suite *s = suite_create ("httpserver");
  TCase *tc = tcase_create ("httpserver");

  suite_add_tcase (s, tc);
  tcase_add_unchecked_fixture (tc, open_library, NULL);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_mounts_share_a_server_by_path);
  tcase_add_test (tc, test_clash_of_paths_is_an_error);
  tcase_add_test (tc, test_port_in_use_is_an_error);
  tcase_add_test (tc, test_connection_is_kept_for_the_next_request);
  tcase_add_test (tc, test_head_has_the_length_and_no_body);
  tcase_add_test (tc, test_connection_is_given_away);
  tcase_add_test (tc, test_request_is_answered_later_from_another_thread);
  tcase_add_test (tc, test_open_request_is_ended_with_its_mount);
  tcase_add_test (tc, test_errors_in_a_row_end_the_connection);
  tcase_add_test (tc, test_bad_requests_are_answered_and_closed);
  tcase_add_test (tc, test_body_is_not_taken_for_a_request);
  tcase_add_test (tc, test_slow_head_is_cut_off);
  tcase_add_test (tc, test_idle_connection_is_closed);

  tc = tcase_create ("tls");
  tcase_set_tags (tc, "tls");
  suite_add_tcase (s, tc);
  tcase_add_unchecked_fixture (tc, open_library, NULL);
  tcase_add_checked_fixture (tc, start_tls_helpers, NULL);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_certificate_follows_its_file);
  tcase_add_test (tc, test_wrong_protocol_on_the_tls_port_ends_at_once);
  tcase_add_test (tc, test_server_waits_for_good_byes);
  tcase_add_test (tc, test_unreadable_certificate_is_an_error);
  return s;
}

GST_CHECK_MAIN (httpserver);
