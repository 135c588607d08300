/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testhttp.c: an HTTP client for tests that sends what it is told
 *
 * Here: see testhttp.h. Not here: what is right.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testhttp.h"

#include <gst/check/gstcheck.h>

#include <string.h>

/* A read that takes longer has failed. */
#define TIMEOUT_S 20

void
test_answer_free (TestAnswer *answer)
{
  g_free (answer->head);
  g_string_free (answer->body, TRUE);
  g_free (answer);
}

GIOStream *
test_http_connect (guint16 port)
{
  g_autoptr (GSocket) socket = test_connect ("127.0.0.1", port);
  GSocketConnection *connection;

  g_socket_set_timeout (socket, TIMEOUT_S);
  connection = g_socket_connection_factory_create_connection (socket);
  return G_IO_STREAM (connection);
}

static gboolean
accept_any (GTlsConnection *tls, GTlsCertificate *certificate,
    GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

GIOStream *
test_http_connect_tls (guint16 port)
{
  return test_http_connect_tls_as (port, NULL);
}

/* Trusts anybody, and reads no list of whom to trust. */
GIOStream *
test_http_connect_tls_as (guint16 port, const gchar *const *protocols)
{
  g_autoptr (GIOStream) plain = test_http_connect (port);
  g_autoptr (GError) error = NULL;
  GIOStream *tls = g_initable_new (
      g_tls_backend_get_client_connection_type (g_tls_backend_get_default ()),
      NULL, &error, "base-io-stream", plain, "database", NULL, NULL);

  fail_unless (tls != NULL, "%s", error ? error->message : "");
  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls), protocols);
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (accept_any), NULL);
  fail_unless (
      g_tls_connection_handshake (G_TLS_CONNECTION (tls), NULL, &error), "%s",
      error ? error->message : "");
  return tls;
}

void
test_http_send (GIOStream *stream, const gchar *text)
{
  GOutputStream *out = g_io_stream_get_output_stream (stream);

  g_output_stream_write_all (out, text, strlen (text), NULL, NULL, NULL);
}

/* Returns whether there was a byte. */
static gboolean
read_byte (GIOStream *stream, GString *to)
{
  gchar byte;
  gssize n = g_input_stream_read (
      g_io_stream_get_input_stream (stream), &byte, 1, NULL, NULL);

  if (n == 1)
    g_string_append_c (to, byte);
  return n == 1;
}

gchar *
test_http_read_bytes (GIOStream *stream, gsize size)
{
  gchar *data = g_malloc0 (size + 1);
  g_autoptr (GError) error = NULL;
  gsize n = 0;

  g_input_stream_read_all (
      g_io_stream_get_input_stream (stream), data, size, &n, NULL, &error);
  fail_unless (n == size,
      "%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes: %s", n, size,
      error ? error->message : "end");
  return data;
}

GString *
test_http_read_all (GIOStream *stream)
{
  GString *text = g_string_new (NULL);

  while (read_byte (stream, text))
    continue;
  return text;
}

gchar *
test_answer_field (TestAnswer *answer, const gchar *name)
{
  g_auto (GStrv) lines = g_strsplit (answer->head, "\r\n", -1);
  g_autofree gchar *start = g_strconcat (name, ":", NULL);

  for (guint i = 1; lines[i] != NULL; i++) {
    if (g_ascii_strncasecmp (lines[i], start, strlen (start)) == 0)
      return g_strstrip (g_strdup (lines[i] + strlen (start)));
  }
  return NULL;
}

TestAnswer *
test_http_read (GIOStream *stream)
{
  TestAnswer *answer = g_new0 (TestAnswer, 1);
  GString *head = g_string_new (NULL);
  g_autofree gchar *length = NULL;

  while (!g_str_has_suffix (head->str, "\r\n\r\n") && read_byte (stream, head))
    continue;
  answer->head = g_string_free (head, FALSE);
  answer->body = g_string_new (NULL);
  if (g_str_has_prefix (answer->head, "HTTP/1."))
    answer->status = atoi (answer->head + strlen ("HTTP/1.x "));
  length = test_answer_field (answer, "Content-Length");
  for (gint64 left = length != NULL ? atoi (length) : 0; left > 0; left--) {
    if (!read_byte (stream, answer->body))
      break;
  }
  return answer;
}

TestAnswer *
test_http_ask (guint16 port, const gchar *request)
{
  g_autoptr (GIOStream) stream = test_http_connect (port);
  TestAnswer *answer;

  test_http_send (stream, request);
  answer = test_http_read (stream);
  test_http_close (stream);
  return answer;
}

TestAnswer *
test_http_get (guint16 port, const gchar *path)
{
  g_autofree gchar *request =
      g_strdup_printf ("GET %s HTTP/1.1\r\nHost: test\r\n\r\n", path);

  return test_http_ask (port, request);
}

void
test_http_close (GIOStream *stream)
{
  g_io_stream_close (stream, NULL, NULL);
}

void
test_make_certificate (const gchar *path, const gchar *name)
{
  g_autofree gchar *subject = g_strdup_printf ("/CN=%s", name);
  g_autofree gchar *out = NULL;
  g_autoptr (GError) error = NULL;
  gint status;
  const gchar *const argv[] = {"openssl", "req", "-x509", "-newkey", "ec",
      "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
      subject, "-keyout", "-", "-out", "-", NULL};

  fail_unless (g_spawn_sync (NULL, (gchar **) argv, NULL,
                   G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                   &out, NULL, &status, &error),
      "%s", error ? error->message : "");
  fail_unless (g_spawn_check_wait_status (status, NULL));
  fail_unless (g_file_set_contents (path, out, -1, NULL));
}
