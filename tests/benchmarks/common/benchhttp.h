/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchhttp.h: the body in the answer to a request
 *
 * Here: the head, and chunks taken apart, as bytes come.
 * Not here: sockets, what is in the body.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BENCH_HTTP_HEAD_MAX 1024

typedef enum
{
  BENCH_HTTP_HEAD,
  BENCH_HTTP_PLAIN,      /* all that comes is body */
  BENCH_HTTP_CHUNK_SIZE, /* in the line that tells the size */
  BENCH_HTTP_CHUNK,
  BENCH_HTTP_CHUNK_END, /* in the end of line behind a chunk */
  BENCH_HTTP_FAILED,    /* this is not an answer with status 200 */
} BenchHttpState;

/* All zero at the start of an answer. */
typedef struct
{
  BenchHttpState state;
  guint head_size;
  gsize left; /* of the chunk */
  gchar head[BENCH_HTTP_HEAD_MAX];
} BenchHttp;

/* Takes some of what came; *ret_body is how many of the bytes taken, from the
 * first one on, are body: all or none. Returns how many it took, at least one
 * unless it has failed. */
gsize bench_http_take (
    BenchHttp *self, const guint8 *data, gsize size, gsize *ret_body);

/* Whether the head has come, and said 200. */
gboolean bench_http_is_answered (const BenchHttp *self);

G_END_DECLS
