/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httpbody.c: tests of the bodies of requests, and of who gets which request
 *
 * Here: taking a connection before its body, giving it back, status 100,
 * paths by method and by what they begin with.
 * Not here: where bodies end (body.c), elements.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttp.h"

#include <gst/check/gstcheck.h>
#include <gst/sockethttp/gstsockethttp.h>

#include <dlfcn.h>
#include <string.h>

static const GstSocketHttpApi *api;

/* A mount that refuses what is not for "/in", and takes bodies. */
typedef struct
{
  const gchar *name;
  GstSocketHttpMount *mount;
  GstSocketHttpBody body;
  GstSocketHttpConnection connection;
  GBytes *rest;
  gint taken;
  gint finished;
} Site;

static void
answer_text (GstSocketHttpRequest *request, guint status, const gchar *text)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  GstSocketHttpAnswer answer = {status, NULL, body, "text/plain"};

  api->answer (request, &answer);
}

static void
on_request (GstSocketHttpRequest *request, gpointer user_data)
{
  Site *site = user_data;
  const gchar *path = api->get_path (request);

  api->get_body (request, &site->body);
  if (g_strcmp0 (path, "/in") != 0) {
    answer_text (request, 200, site->name);
    return;
  }
  fail_unless (api->take_body (request, &site->connection, &site->rest));
  g_atomic_int_set (&site->taken, TRUE);
}

static void
on_finished (GstSocketHttpRequest *request, guint status, gpointer user_data)
{
  Site *site = user_data;

  g_atomic_int_inc (&site->finished);
}

static const GstSocketHttpMountFuncs site_funcs = {
    .request = on_request,
    .finished = on_finished,
};

static guint16
open_site (Site *site, guint port, const gchar *path, const gchar *prefix,
    const gchar *method)
{
  const gchar *const paths[] = {path, NULL};
  const gchar *const prefixes[] = {prefix, NULL};
  const gchar *const methods[] = {method, NULL};
  GstSocketHttpSettings settings = {.host = "127.0.0.1",
      .port = port,
      .tls_port = -1,
      .header_timeout = 10 * GST_SECOND,
      .keep_alive_timeout = 10 * GST_SECOND,
      .paths = paths,
      .prefixes = prefixes,
      .methods = method != NULL ? methods : NULL};
  g_autoptr (GError) error = NULL;

  site->mount = api->mount (&settings, &site_funcs, site, &error);
  if (site->mount == NULL)
    return 0;
  return api->get_port (site->mount);
}

static gboolean
has_taken (gpointer data)
{
  return g_atomic_int_get (&((Site *) data)->taken);
}

/* Reads @size bytes of a body that was taken. */
static gchar *
read_body (Site *site, gsize size)
{
  gsize n;
  gconstpointer rest = g_bytes_get_data (site->rest, &n);
  gchar *data = g_malloc0 (size + 1);

  fail_unless (n <= size);
  memcpy (data, rest, n);
  g_socket_set_timeout (site->connection.socket, 20);
  while (n < size) {
    gssize more = g_socket_receive_with_blocking (
        site->connection.socket, data + n, size - n, TRUE, NULL, NULL);

    fail_unless (more > 0);
    n += more;
  }
  g_socket_set_timeout (site->connection.socket, 0);
  g_clear_pointer (&site->rest, g_bytes_unref);
  return data;
}

static void
answer_taken (Site *site, const gchar *text, const gchar *next, gboolean keep)
{
  g_autoptr (GBytes) rest = g_bytes_new (next, strlen (next));

  g_socket_send (site->connection.socket, text, strlen (text), NULL, NULL);
  site->taken = FALSE;
  api->give_back (site->mount, &site->connection, rest, keep);
}

static void
expect_body (
    guint16 port, const gchar *method, const gchar *path, const gchar *body)
{
  g_autofree gchar *request =
      g_strdup_printf ("%s %s HTTP/1.1\r\nHost: h\r\n\r\n", method, path);
  g_autoptr (TestAnswer) answer = test_http_ask (port, request);

  fail_unless_equals_int (answer->status, 200);
  fail_unless_equals_string (answer->body->str, body);
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

GST_START_TEST (test_body_is_read_and_connection_given_back)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/in", NULL, NULL);
  g_autoptr (GIOStream) stream = test_http_connect (port);

  for (guint i = 0; i < 3; i++) {
    g_autoptr (TestAnswer) answer = NULL;
    g_autofree gchar *got = NULL;

    test_http_send (
        stream, "PUT /in HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\nbody");
    fail_unless_eventually (has_taken, &a);
    fail_unless_equals_int (a.body.kind, GST_SOCKET_BODY_LENGTH);
    fail_unless_equals_uint64 (a.body.length, 8);
    fail_unless (a.body.may_be_kept && !a.body.expects_continue);
    test_http_send (stream, "BODY");
    got = read_body (&a, 8);
    fail_unless_equals_string (got, "bodyBODY");
    answer_taken (&a, OK, "", TRUE);
    answer = test_http_read (stream);
    fail_unless_equals_int (answer->status, 200);
  }
  test_http_close (stream);
  api->unmount (a.mount);
  fail_unless_equals_int (a.finished, 0);
}
GST_END_TEST;

GST_START_TEST (test_what_follows_a_body_is_the_next_request)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/in", NULL, NULL);
  g_autoptr (GIOStream) stream = test_http_connect (port);
  const gchar *next = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
  g_autoptr (TestAnswer) first = NULL, second = NULL;
  g_autofree gchar *got = NULL;

  test_http_send (stream,
      "PUT /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\n");
  fail_unless_eventually (has_taken, &a);
  fail_unless_equals_int (a.body.kind, GST_SOCKET_BODY_CHUNKED);
  got = read_body (&a, 5);
  answer_taken (&a, OK, next, TRUE);
  first = test_http_read (stream);
  second = test_http_read (stream);
  fail_unless_equals_string (second->body->str, "a");
  test_http_close (stream);
  api->unmount (a.mount);
}
GST_END_TEST;

GST_START_TEST (test_connection_given_back_for_good_is_closed)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/in", NULL, NULL);
  g_autoptr (GIOStream) stream = test_http_connect (port);
  g_autoptr (GString) all = NULL;

  test_http_send (stream, "SOURCE /in HTTP/1.0\r\n\r\nmuch more");
  fail_unless_eventually (has_taken, &a);
  fail_unless_equals_int (a.body.kind, GST_SOCKET_BODY_CLOSE);
  fail_if (a.body.may_be_kept);
  g_clear_pointer (&a.rest, g_bytes_unref);
  answer_taken (&a, OK, "", FALSE);
  all = test_http_read_all (stream);
  fail_unless_equals_string (all->str, OK);
  test_http_close (stream);
  api->unmount (a.mount);
}
GST_END_TEST;

/* --- status 100 --- */

GST_START_TEST (test_refusal_is_all_that_one_who_waits_gets)
{
  static const gchar *const requests[] = {
      "PUT /no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
      "Content-Length: 8\r\n\r\n",
      "PUT /no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
      "GET /no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
      "SOURCE /no HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST /no HTTP/1.0\r\n\r\n",
  };
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/in", NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++) {
    g_autoptr (GIOStream) stream = test_http_connect (port);
    g_autoptr (GString) all = NULL;

    test_http_send (stream, requests[i]);
    all = test_http_read_all (stream);
    fail_unless (g_str_has_prefix (all->str, "HTTP/1.1 200 "), "%s", all->str);
    fail_unless (strstr (all->str + 1, "HTTP/1.1") == NULL, "%s", all->str);
    test_http_close (stream);
  }
  api->unmount (a.mount);
  fail_unless_equals_int (a.finished, G_N_ELEMENTS (requests));
}
GST_END_TEST;

GST_START_TEST (test_one_who_waits_gets_nothing_before_it_is_said)
{
  Site a = {.name = "a"};
  guint16 port = open_site (&a, 0, "/in", NULL, NULL);
  g_autoptr (GIOStream) stream = test_http_connect (port);
  g_autoptr (GString) all = NULL;

  test_http_send (
      stream, "PUT /in HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n\r\n");
  fail_unless_eventually (has_taken, &a);
  fail_unless_equals_int (a.body.kind, GST_SOCKET_BODY_CLOSE);
  fail_unless (a.body.expects_continue);
  g_clear_pointer (&a.rest, g_bytes_unref);
  answer_taken (&a, "HTTP/1.1 100 Continue\r\n\r\n", "", FALSE);
  all = test_http_read_all (stream);
  fail_unless_equals_string (all->str, "HTTP/1.1 100 Continue\r\n\r\n");
  test_http_close (stream);
  api->unmount (a.mount);
}
GST_END_TEST;

static gboolean
has_finished (gpointer data)
{
  return g_atomic_int_get (&((Site *) data)->finished) == 1;
}

GST_START_TEST (test_mount_that_goes_ends_a_waiting_request)
{
  Site a = {.name = "a"}, b = {.name = "b"};
  guint16 port = open_site (&a, 0, "/in", NULL, NULL);
  g_autoptr (GIOStream) stream = test_http_connect (port);

  open_site (&b, port, "/b", NULL, NULL);
  test_http_send (stream,
      "PUT /in HTTP/1.1\r\nHost: h\r\n"
      "Content-Length: 8\r\n\r\n");
  fail_unless_eventually (has_taken, &a);
  g_clear_pointer (&a.rest, g_bytes_unref);
  api->close (a.mount, &a.connection);
  api->unmount (a.mount);
  expect_body (port, "PUT", "/b", "b");
  api->unmount (b.mount);
  fail_unless (has_finished (&b));
  test_http_close (stream);
}
GST_END_TEST;

/* --- paths --- */

GST_START_TEST (test_same_path_may_be_for_other_methods)
{
  Site a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"};
  guint16 port = open_site (&a, 0, "/x", NULL, NULL);

  fail_unless_equals_int (open_site (&b, port, "/x", NULL, "PUT"), port);
  fail_unless_equals_int (open_site (&c, port, "/x", NULL, "PUT"), 0);
  expect_body (port, "GET", "/x", "a");
  expect_body (port, "PUT", "/x", "b");
  api->unmount (a.mount);
  api->unmount (b.mount);
}
GST_END_TEST;

GST_START_TEST (test_nearest_path_above_is_asked)
{
  Site a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"};
  guint16 port = open_site (&a, 0, "/in/live", NULL, NULL);

  fail_unless_equals_int (open_site (&b, port, "/q", "/", NULL), port);
  fail_unless_equals_int (open_site (&c, port, "/r", "/in/", NULL), port);
  expect_body (port, "GET", "/in/live", "a");
  expect_body (port, "GET", "/in/other", "c");
  expect_body (port, "GET", "/inner", "b");
  api->unmount (c.mount);
  expect_body (port, "GET", "/in/other", "b");
  api->unmount (b.mount);
  expect_body (port, "GET", "/in/other", "a");
  api->unmount (a.mount);
}
GST_END_TEST;

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
}

static Suite *
httpbody_suite (void)
{
  Suite *s = suite_create ("httpbody");
  TCase *tc = tcase_create ("httpbody");

  suite_add_tcase (s, tc);
  tcase_add_unchecked_fixture (tc, open_library, NULL);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_body_is_read_and_connection_given_back);
  tcase_add_test (tc, test_what_follows_a_body_is_the_next_request);
  tcase_add_test (tc, test_connection_given_back_for_good_is_closed);
  tcase_add_test (tc, test_refusal_is_all_that_one_who_waits_gets);
  tcase_add_test (tc, test_one_who_waits_gets_nothing_before_it_is_said);
  tcase_add_test (tc, test_mount_that_goes_ends_a_waiting_request);
  tcase_add_test (tc, test_same_path_may_be_for_other_methods);
  tcase_add_test (tc, test_nearest_path_above_is_asked);
  return s;
}

GST_CHECK_MAIN (httpbody);
