/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchtls.c: very many TLS connections, made by a few threads
 *
 * Here: see benchtls.h. Not here: what is read.
 *
 * Threads   pool: connect_cb    the caller's: all else
 * Locks     the queue's own
 */
#include "benchtls.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A handshake is work for a processor, and then a wait for the server. */
#define N_THREADS 16
#define TIMEOUT_S 20

struct _BenchTls
{
  gint fd;
  GThreadPool *pool;
  GAsyncQueue *done; /* BenchTlsDone */
};

typedef struct
{
  guint index;
  guint16 port;
  gchar *request;
} Job;

static gboolean
accept_cb (void)
{
  return TRUE;
}

static GIOStream *
make_connection (const Job *job, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) plain = NULL;
  g_autoptr (GIOStream) tls = NULL;
  GOutputStream *out;

  g_socket_client_set_timeout (client, TIMEOUT_S);
  g_socket_client_set_enable_proxy (client, FALSE);
  plain = g_socket_client_connect_to_host (
      client, "127.0.0.1", job->port, NULL, error);
  if (plain == NULL)
    return NULL;
  /* Whoever has no database does not read one, which would take longer than
   * all the rest. */
  tls = g_initable_new (
      g_tls_backend_get_client_connection_type (g_tls_backend_get_default ()),
      NULL, error, "base-io-stream", plain, "database", NULL, NULL);
  if (tls == NULL)
    return NULL;
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (accept_cb), NULL);
  out = g_io_stream_get_output_stream (tls);
  if (!g_tls_connection_handshake (G_TLS_CONNECTION (tls), NULL, error)
      || !g_output_stream_write_all (
          out, job->request, strlen (job->request), NULL, NULL, error))
    return NULL;
  g_socket_set_blocking (g_socket_connection_get_socket (plain), FALSE);
  return g_steal_pointer (&tls);
}

static gint
fd_of (GIOStream *tls)
{
  g_autoptr (GIOStream) base = NULL;

  g_object_get (tls, "base-io-stream", &base, NULL);
  return g_socket_get_fd (
      g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)));
}

static void
connect_cb (gpointer data, gpointer user_data)
{
  BenchTls *self = user_data;
  Job *job = data;
  BenchTlsDone *done = g_new0 (BenchTlsDone, 1);
  const guint64 one = 1;

  done->index = job->index;
  done->stream = make_connection (job, NULL);
  done->fd = done->stream != NULL ? fd_of (done->stream) : -1;
  g_async_queue_push (self->done, done);
  if (write (self->fd, &one, sizeof one) < 0)
    g_printerr ("eventfd: %s\n", g_strerror (errno));
  g_free (job->request);
  g_free (job);
}

BenchTls *
bench_tls_new (gint *ret_fd)
{
  BenchTls *self = g_new0 (BenchTls, 1);

  self->fd = *ret_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->done = g_async_queue_new ();
  self->pool = g_thread_pool_new (connect_cb, self, N_THREADS, FALSE, NULL);
  return self;
}

void
bench_tls_free (BenchTls *self)
{
  BenchTlsDone *done;

  if (self == NULL)
    return;
  g_thread_pool_free (self->pool, TRUE, TRUE);
  while ((done = bench_tls_take (self)) != NULL) {
    g_clear_object (&done->stream);
    g_free (done);
  }
  g_async_queue_unref (self->done);
  close (self->fd);
  g_free (self);
}

void
bench_tls_connect (
    BenchTls *self, guint index, guint16 port, const gchar *request)
{
  Job *job = g_new0 (Job, 1);

  job->index = index;
  job->port = port;
  job->request = g_strdup (request);
  g_thread_pool_push (self->pool, job, NULL);
}

BenchTlsDone *
bench_tls_take (BenchTls *self)
{
  BenchTlsDone *done = g_async_queue_try_pop (self->done);
  guint64 count;

  if (done == NULL && read (self->fd, &count, sizeof count) > 0)
    done = g_async_queue_try_pop (self->done);
  return done;
}

gssize
bench_tls_read (GIOStream *stream, gpointer data, gsize size)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream)), data,
      size, NULL, &error);

  if (n >= 0)
    return n;
  errno = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
      ? EAGAIN
      : ECONNRESET;
  return -1;
}
