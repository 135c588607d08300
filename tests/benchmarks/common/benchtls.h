/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchtls.h: very many TLS connections, made by a few threads
 *
 * Here: connecting, the handshake, the request; reading without blocking.
 * Not here: what is read, certificates (none is checked).
 *
 * Threads   any of a few: connecting    the caller's: all else
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _BenchTls BenchTls;

/* A connection that is made, or has failed; all fields are the taker's. */
typedef struct
{
  guint index;       /* as it was asked for */
  GIOStream *stream; /* NULL when it failed */
  gint fd;           /* of the stream */
} BenchTlsDone;

/* @fd: an eventfd that becomes readable when connections are done. */
BenchTls *bench_tls_new (gint *ret_fd);
void bench_tls_free (BenchTls *self);

/* Begins to connect, from an address, and to send a request. */
void bench_tls_connect (
    BenchTls *self, guint index, guint16 port, const gchar *request);

/* Returns: (transfer full): one that is done, NULL when there is none now. */
BenchTlsDone *bench_tls_take (BenchTls *self);

/* As recv (): -1 with errno EAGAIN when nothing is there, 0 at the end. */
gssize bench_tls_read (GIOStream *stream, gpointer data, gsize size);

G_END_DECLS
