/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchhttp.c: the body in the answer to a request
 *
 * Here: see benchhttp.h. Not here: sockets.
 */
#include "benchhttp.h"

#include <string.h>

gboolean
bench_http_is_answered (const BenchHttp *self)
{
  return self->state != BENCH_HTTP_HEAD && self->state != BENCH_HTTP_FAILED;
}

static void
judge_head (BenchHttp *self)
{
  if (!g_str_has_prefix (self->head, "HTTP/1.0 200 ")
      && !g_str_has_prefix (self->head, "HTTP/1.1 200 "))
    self->state = BENCH_HTTP_FAILED;
  else if (strstr (self->head, "\r\nTransfer-Encoding: chunked\r\n") != NULL)
    self->state = BENCH_HTTP_CHUNK_SIZE;
  else
    self->state = BENCH_HTTP_PLAIN;
}

static gsize
take_head (BenchHttp *self, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++) {
    if (self->head_size == BENCH_HTTP_HEAD_MAX - 1) {
      self->state = BENCH_HTTP_FAILED;
      return i;
    }
    self->head[self->head_size++] = data[i];
    self->head[self->head_size] = '\0';
    if (data[i] == '\n' && g_str_has_suffix (self->head, "\r\n\r\n")) {
      judge_head (self);
      return i + 1;
    }
  }
  return size;
}

/* The line with a chunk's size, in hexadecimal. */
static gsize
take_size (BenchHttp *self, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++) {
    if (data[i] == '\n') {
      self->state = BENCH_HTTP_CHUNK;
      return i + 1;
    }
    if (g_ascii_isxdigit (data[i]))
      self->left = self->left * 16 + g_ascii_xdigit_value (data[i]);
  }
  return size;
}

static gsize
take_chunk (BenchHttp *self, gsize size)
{
  gsize n = MIN (size, self->left);

  self->left -= n;
  if (self->left == 0)
    self->state = BENCH_HTTP_CHUNK_END;
  return n;
}

static gsize
take_end (BenchHttp *self, const guint8 *data)
{
  if (data[0] == '\n')
    self->state = BENCH_HTTP_CHUNK_SIZE;
  return 1;
}

gsize
bench_http_take (
    BenchHttp *self, const guint8 *data, gsize size, gsize *ret_body)
{
  *ret_body = 0;
  switch (self->state) {
    case BENCH_HTTP_HEAD:
      return take_head (self, data, size);
    case BENCH_HTTP_PLAIN:
      return *ret_body = size;
    case BENCH_HTTP_CHUNK_SIZE:
      return take_size (self, data, size);
    case BENCH_HTTP_CHUNK:
      return *ret_body = take_chunk (self, size);
    case BENCH_HTTP_CHUNK_END:
      return take_end (self, data);
    default:
      return 0;
  }
}
