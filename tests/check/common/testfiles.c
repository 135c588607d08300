/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testfiles.c: httpserversink with a folder, for tests
 *
 * Here: see testfiles.h. Not here: what is right.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testfiles.h"

#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>
#include <string.h>

TestFiles
test_files_begin (const gchar *properties)
{
  TestFiles self = {.folder = test_folder_new ()};
  g_autofree gchar *own = NULL;
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  guint port, tls_port;

  self.root = g_build_filename (self.folder, "root", NULL);
  g_mkdir (self.root, 0700);
  own =
      g_strdup_printf (properties != NULL ? properties : "root=%s", self.root);
  text = g_strdup_printf ("httpserversink port=0 %s", own);
  self.sink = gst_parse_launch (text, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  gst_object_ref_sink (self.sink);
  fail_unless_equals_int (gst_element_set_state (self.sink, GST_STATE_PLAYING),
      GST_STATE_CHANGE_SUCCESS);
  g_object_get (
      self.sink, "current-port", &port, "current-tls-port", &tls_port, NULL);
  self.port = port;
  self.tls_port = tls_port;
  return self;
}

void
test_files_end (TestFiles *self)
{
  gst_element_set_state (self->sink, GST_STATE_NULL);
  gst_object_unref (self->sink);
  test_folder_remove (self->folder);
  g_free (self->root);
  g_free (self->folder);
}

void
test_files_put (TestFiles *self, const gchar *name, const gchar *text)
{
  test_folder_put (self->root, name, text, -1);
}

TestAnswer *
test_files_get (TestFiles *self, const gchar *path, const gchar *fields)
{
  g_autofree gchar *request = g_strdup_printf (
      "GET %s HTTP/1.1\r\nHost: h\r\n%s\r\n", path, fields ? fields : "");

  return test_http_ask (self->port, request);
}

void
test_files_expect_status (
    TestFiles *self, const gchar *path, const gchar *fields, guint status)
{
  g_autoptr (TestAnswer) answer = test_files_get (self, path, fields);

  fail_unless (answer->status == status, "%s %s: %u instead of %u", path,
      fields ? fields : "", answer->status, status);
}

void
test_files_expect_text (
    TestFiles *self, const gchar *path, const gchar *fields, const gchar *text)
{
  g_autoptr (TestAnswer) answer = test_files_get (self, path, fields);

  fail_unless (g_str_equal (answer->body->str, text), "%s %s: %s", path,
      fields ? fields : "", answer->body->str);
}

void
test_files_expect_field (
    TestAnswer *answer, const gchar *name, const gchar *value)
{
  g_autofree gchar *got = test_answer_field (answer, name);

  fail_unless (g_strcmp0 (got, value) == 0, "%s: %s instead of %s", name,
      got ? got : "none", value ? value : "none");
}

GIOStream *
test_files_follow (TestFiles *self, const gchar *path)
{
  GIOStream *stream = test_http_connect (self->port);
  g_autofree gchar *request =
      g_strdup_printf ("GET %s HTTP/1.1\r\nHost: h\r\n\r\n", path);
  g_autoptr (TestAnswer) answer = NULL;

  test_http_send (stream, request);
  answer = test_http_read (stream);
  fail_unless_equals_int (answer->status, 200);
  return stream;
}

gboolean
test_files_are_as_wanted (gpointer data)
{
  TestFilesWanted *wanted = data;
  g_autofree gchar *request =
      g_strdup_printf ("HEAD %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                       "\r\n",
          wanted->path);
  g_autoptr (GIOStream) stream = test_http_connect (wanted->files->port);
  g_autoptr (GString) head = NULL;

  test_http_send (stream, request);
  head = test_http_read_all (stream);
  test_http_close (stream);
  return strstr (head->str, " 200 ") != NULL
      && (strstr (head->str, "ETag") == NULL) == wanted->is_growing;
}

void
test_files_expect_chunk (GIOStream *stream, const gchar *text)
{
  g_autofree gchar *expected = text[0] != '\0'
      ? g_strdup_printf ("%zx\r\n%s\r\n", strlen (text), text)
      : g_strdup ("0\r\n\r\n");
  g_autofree gchar *got = test_http_read_bytes (stream, strlen (expected));

  fail_unless_equals_string (got, expected);
}
