/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testhttp.h: an HTTP client for tests that sends what it is told
 *
 * Here: raw requests and their answers, over plain sockets and over TLS;
 * certificates.
 * Not here: a correct client: those are in tests/interop.
 */
#pragma once

#include "testnet.h"

G_BEGIN_DECLS

/* An answer: its status, its head with all fields, and where its body begins
 * in what was read. */
typedef struct
{
  guint status;
  gchar *head;
  GString *body;
} TestAnswer;

void test_answer_free (TestAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestAnswer, test_answer_free)

/* Sends @request, which may lack "Host", and reads one answer: its head, and
 * the body that Content-Length tells. */
TestAnswer *test_http_ask (guint16 port, const gchar *request);
TestAnswer *test_http_read (GIOStream *stream);
/* The same, with GET and a path. */
TestAnswer *test_http_get (guint16 port, const gchar *path);
GIOStream *test_http_connect (guint16 port);
GIOStream *test_http_connect_tls (guint16 port);
/* The same, with protocols to choose from (ALPN); NULL for none. */
GIOStream *test_http_connect_tls_as (
    guint16 port, const gchar *const *protocols);
void test_http_send (GIOStream *stream, const gchar *text);
/* Reads @size bytes of a body, more than one answer's if need be. */
gchar *test_http_read_bytes (GIOStream *stream, gsize size);
/* Reads until the end. */
GString *test_http_read_all (GIOStream *stream);
void test_http_close (GIOStream *stream);
/* Returns: (transfer full) (nullable): a field of an answer. */
gchar *test_answer_field (TestAnswer *answer, const gchar *name);
/* Writes a new certificate and its key into one file. */
void test_make_certificate (const gchar *path, const gchar *name);

G_END_DECLS
