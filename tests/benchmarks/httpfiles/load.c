/* SPDX-License-Identifier: LGPL-2.1-or-later
 * load.c: clients for the benchmark http-files
 *
 * Here: many connections that ask for one file again and again, and clients at
 * the live edge of a file that is being written.
 * Not here: servers, what they cost, tables (http-files.py).
 *
 * Usage: http-files-load get PORT PATH RANGE CONNECTIONS SECONDS
 *        http-files-load edge PORT PATH FILE CONNECTIONS WRITES
 * Prints one line of JSON.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE (256 * 1024)
#define HEAD_MAX 4096
#define N_EVENTS 64

/* Between two writes at the live edge. */
#define WRITE_INTERVAL_US 10000

/* A server that says nothing for so long has failed. */
#define PATIENCE_MS 10000

typedef struct
{
  gint fd;
  gchar head[HEAD_MAX];
  gsize head_size;
  gint64 body_left; /* -1: in the head */
} Connection;

static gchar buffer[BUFFER_SIZE];

static void G_GNUC_NORETURN
die (const gchar *what)
{
  fprintf (stderr, "http-files-load: %s: %s\n", what, g_strerror (errno));
  exit (1);
}

static gint
connect_to (guint16 port)
{
  struct sockaddr_in address = {.sin_family = AF_INET,
      .sin_port = htons (port),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gint one = 1;

  if (connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    die ("connect");
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl (fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static gint
add_to_epoll (gint epoll, gint fd, gpointer data)
{
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};

  return epoll_ctl (epoll, EPOLL_CTL_ADD, fd, &event);
}

static void
ask (Connection *c, const gchar *request)
{
  gsize size = strlen (request);

  c->body_left = -1;
  c->head_size = 0;
  if (send (c->fd, request, size, MSG_NOSIGNAL) != (gssize) size)
    die ("send");
}

/* Takes the head from what has come; returns how many bytes it was. */
static gsize
take_head (Connection *c, const gchar *data, gsize size)
{
  gsize before = c->head_size;
  gsize n = MIN (size, HEAD_MAX - 1 - before);
  gchar *end, *length;

  memcpy (c->head + before, data, n);
  c->head[before + n] = '\0';
  c->head_size += n;
  end = strstr (c->head, "\r\n\r\n");
  if (end == NULL)
    return n;
  if (strncmp (c->head, "HTTP/1.1 20", 11) != 0) {
    fprintf (stderr, "http-files-load: %.40s\n", c->head);
    exit (1);
  }
  length = strcasestr (c->head, "\r\nContent-Length: ");
  c->body_left = length != NULL ? atoll (length + 18) : 0;
  return end + 4 - c->head - before;
}

/* --- asking again and again --- */

typedef struct
{
  guint64 requests;
  guint64 bytes;
} Sum;

/* What belongs to an answer; asks again when that was all. */
static void
take (Connection *c, const gchar *data, gsize size, Sum *sum,
    const gchar *request)
{
  while (size > 0) {
    gsize n = 0;

    if (c->body_left < 0) {
      n = take_head (c, data, size);
    } else {
      n = MIN (size, (guint64) c->body_left);
      c->body_left -= n;
      sum->bytes += n;
    }
    data += n;
    size -= n;
    if (c->body_left == 0) {
      sum->requests++;
      ask (c, request);
    }
  }
}

static void
read_answer (Connection *c, Sum *sum, const gchar *request)
{
  gssize n = recv (c->fd, buffer, sizeof buffer, 0);

  if (n == 0 || (n < 0 && errno != EAGAIN))
    die ("recv");
  if (n > 0)
    take (c, buffer, n, sum, request);
}

static void
run_get (gchar **argv)
{
  guint n = atoi (argv[5]);
  gdouble seconds = g_ascii_strtod (argv[6], NULL);
  g_autofree gchar *range = g_str_equal (argv[4], "-")
      ? g_strdup ("")
      : g_strdup_printf ("Range: bytes=%s\r\n", argv[4]);
  g_autofree gchar *request = g_strdup_printf (
      "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", argv[3], range);
  g_autofree Connection *connections = g_new0 (Connection, n);
  gint epoll = epoll_create1 (EPOLL_CLOEXEC);
  gint64 start = g_get_monotonic_time (), now = start;
  Sum sum = {0};

  for (guint i = 0; i < n; i++) {
    connections[i].fd = connect_to (atoi (argv[2]));
    add_to_epoll (epoll, connections[i].fd, &connections[i]);
    ask (&connections[i], request);
  }
  while (now - start < seconds * G_USEC_PER_SEC) {
    struct epoll_event events[N_EVENTS];
    gint ready = epoll_wait (epoll, events, N_EVENTS, PATIENCE_MS);

    if (ready <= 0)
      die ("nothing comes");
    for (gint i = 0; i < ready; i++)
      read_answer (events[i].data.ptr, &sum, request);
    now = g_get_monotonic_time ();
  }
  printf ("{\"requests\": %" G_GUINT64_FORMAT ", \"bytes\": %" G_GUINT64_FORMAT
          ", \"seconds\": %.3f}\n",
      sum.requests, sum.bytes, (now - start) / 1e6);
}

/* --- the live edge --- */

static gint
compare (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return first < second ? -1 : first > second;
}

/* Each write is the time it was made at, as 16 digits and a line end; a client
 * looks at the last one it got. */
static void
note_latency (gssize n, GArray *latencies)
{
  gint64 now = g_get_monotonic_time ();

  buffer[n] = '\0';
  for (gchar *p = strchr (buffer, '@'); p != NULL; p = strchr (p + 1, '@')) {
    gint64 latency = now - g_ascii_strtoll (p + 1, NULL, 10);

    if (strlen (p) >= 18)
      g_array_append_val (latencies, latency);
  }
}

static void
collect (gint epoll, gint64 until, GArray *latencies)
{
  gint64 now;

  while ((now = g_get_monotonic_time ()) < until) {
    struct epoll_event events[N_EVENTS];
    gint ready = epoll_wait (epoll, events, N_EVENTS, (until - now) / 1000 + 1);

    for (gint i = 0; i < ready; i++) {
      Connection *c = events[i].data.ptr;
      gssize n = recv (c->fd, buffer, sizeof buffer - 1, 0);

      if (n <= 0)
        die ("recv");
      note_latency (n, latencies);
    }
  }
}

static void
write_time (gint fd)
{
  gchar text[32];
  gint n = g_snprintf (
      text, sizeof text, "@%016" G_GINT64_FORMAT "\n", g_get_monotonic_time ());

  if (write (fd, text, n) != n)
    die ("write");
}

static void
print_latencies (GArray *latencies, guint expected)
{
  gint64 *values = (gint64 *) latencies->data;

  g_array_sort (latencies, compare);
  if (latencies->len == 0)
    die ("nothing came");
  printf ("{\"n\": %u, \"expected\": %u, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
          "\"max_ms\": %.3f}\n",
      latencies->len, expected, values[latencies->len / 2] / 1e3,
      values[(guint64) latencies->len * 99 / 100] / 1e3,
      values[latencies->len - 1] / 1e3);
}

static void
run_edge (gchar **argv)
{
  guint n = atoi (argv[5]), writes = atoi (argv[6]);
  g_autofree Connection *connections = g_new0 (Connection, n);
  g_autofree gchar *request =
      g_strdup_printf ("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", argv[3]);
  g_autoptr (GArray) latencies = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint epoll = epoll_create1 (EPOLL_CLOEXEC);
  gint fd = open (argv[4], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

  if (fd < 0 || write (fd, "start\n", 6) != 6)
    die (argv[4]);
  /* It is growing once the server has seen that. */
  g_usleep (G_USEC_PER_SEC / 2);
  for (guint i = 0; i < n; i++) {
    connections[i].fd = connect_to (atoi (argv[2]));
    add_to_epoll (epoll, connections[i].fd, &connections[i]);
    ask (&connections[i], request);
  }
  collect (epoll, g_get_monotonic_time () + G_USEC_PER_SEC, latencies);
  g_array_set_size (latencies, 0);
  for (guint i = 0; i < writes; i++) {
    write_time (fd);
    collect (epoll, g_get_monotonic_time () + WRITE_INTERVAL_US, latencies);
  }
  collect (epoll, g_get_monotonic_time () + G_USEC_PER_SEC / 2, latencies);
  print_latencies (latencies, n * writes);
  close (fd);
}

int
main (int argc, char **argv)
{
  if (argc == 7 && g_str_equal (argv[1], "get"))
    run_get (argv);
  else if (argc == 7 && g_str_equal (argv[1], "edge"))
    run_edge (argv);
  else
    die ("usage");
  return 0;
}
