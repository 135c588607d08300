/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchclients.c: a process that is very many receiving clients
 *
 * Here: connecting, asking over HTTP, reading, counting.
 * Not here: what the figures are for, the server, what is in the bytes
 * (benchhttp.h, benchstream.h), TLS (benchtls.h).
 *
 * One thread, one epoll: what it costs must stay small beside the server.
 */
#include "benchclients.h"
#include "benchhttp.h"
#include "benchproc.h"
#include "benchstream.h"
#include "benchsys.h"
#include "benchtls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_GROUPS 4
/* One more, of clients that were let go. */
#define DROPPED_GROUP N_GROUPS
#define MAX_EVENTS 512
#define CHUNK_SIZE (256 * 1024)
#define CONTROL_INDEX G_MAXUINT32
#define TLS_INDEX (G_MAXUINT32 - 1)
/* Connects begun before the clients that are there are read again. */
#define CONNECTS_PER_TURN 32
/* The clients come from 127.0.0.1 up to this many addresses, each with the
 * full range of ports. */
#define N_ADDRESSES 8

/*          | connect done | data        | end, error
 * CONNECTING | OPEN       | -           | GONE
 * OPEN       | -          | OPEN        | GONE
 */
typedef enum
{
  CLIENT_CONNECTING,
  CLIENT_OPEN,
  CLIENT_GONE, /* for good or, of a group that was dropped, on our side */
} ClientState;

typedef struct
{
  gint fd;
  guint8 group;
  gboolean stalls;
  ClientState state;
  gint64 begin_ns;
  guint64 bytes; /* of the body */
  guint64 marked_bytes;
  GIOStream *tls;  /* NULL without TLS */
  BenchHttp *http; /* NULL without HTTP */
  BenchStream stream;
} Client;

typedef struct
{
  guint wanted;
  guint begun;
  guint open;     /* ever connected */
  guint answered; /* by the head of an answer, with HTTP */
  guint served;
  guint gone;
  guint failed;
  gboolean stalls;
  gint64 begin_ns;
  gint64 all_open_ns;
  gint64 all_answered_ns;
  gint64 all_served_ns;
  BenchHist first; /* from the connect to the first byte of the body */
  BenchStreamFigures figures;
} Group;

typedef struct
{
  gint epoll_fd;
  guint16 port;
  gsize size;
  gchar *request; /* NULL without HTTP */
  BenchTls *tls;  /* NULL without TLS */
  GPtrArray *clients;
  Group groups[N_GROUPS + 1];
  guint pending; /* connects not begun yet, in all groups */
  gint64 mark_ns;
  gint64 mark_cpu_us;
  guint8 *chunk;
  BenchControl control;
} Clients;

static void
watch (Clients *self, guint index, guint32 events, gint operation)
{
  Client *client = g_ptr_array_index (self->clients, index);
  struct epoll_event event = {.events = events, .data.u32 = index};

  epoll_ctl (self->epoll_fd, operation, client->fd, &event);
}

static void
close_client (Client *client)
{
  if (client->tls != NULL)
    g_clear_object (&client->tls);
  else if (client->fd >= 0)
    close (client->fd);
  client->fd = -1;
  client->state = CLIENT_GONE;
}

static void
free_client (gpointer data)
{
  Client *client = data;

  close_client (client);
  g_free (client->http);
  g_free (client);
}

static void
drop_client (Clients *self, Client *client)
{
  Group *group = &self->groups[client->group];

  if (client->state == CLIENT_CONNECTING)
    group->failed++;
  else
    group->gone++;
  close_client (client);
}

/* A request is small enough to go out at once. */
static gboolean
send_request (Clients *self, Client *client)
{
  gsize size;

  if (self->request == NULL || client->tls != NULL)
    return TRUE;
  size = strlen (self->request);
  return send (client->fd, self->request, size, MSG_NOSIGNAL) == (gssize) size;
}

static void
client_is_open (Clients *self, guint index, Client *client)
{
  Group *group = &self->groups[client->group];
  socklen_t length = sizeof (gint);
  gint code = 0;

  getsockopt (client->fd, SOL_SOCKET, SO_ERROR, &code, &length);
  if (code != 0 || !send_request (self, client)) {
    drop_client (self, client);
    return;
  }
  client->state = CLIENT_OPEN;
  if (++group->open == group->wanted)
    group->all_open_ns = bench_now_ns ();
  if (client->stalls)
    watch (self, index, 0, EPOLL_CTL_DEL);
  else
    watch (self, index, EPOLLIN, EPOLL_CTL_MOD);
}

/* Binding without a port leaves the choice of port to connect (), which may
 * then use one port for several destinations. */
static gint
open_socket (guint index)
{
  struct sockaddr_in from = {.sin_family = AF_INET};
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  gint one = 1;

  if (fd < 0)
    return -1;
  from.sin_addr.s_addr = htonl (INADDR_LOOPBACK + index % N_ADDRESSES);
  setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind (fd, (struct sockaddr *) &from, sizeof from) < 0) {
    close (fd);
    return -1;
  }
  return fd;
}

static gboolean
begin_connect (Clients *self, gint fd)
{
  struct sockaddr_in to = {.sin_family = AF_INET};

  to.sin_port = htons (self->port);
  to.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  return connect (fd, (struct sockaddr *) &to, sizeof to) == 0
      || errno == EINPROGRESS;
}

static Client *
new_client (Clients *self, guint group_index)
{
  Client *client = g_new0 (Client, 1);

  client->fd = -1;
  client->group = group_index;
  client->stalls = self->groups[group_index].stalls;
  client->begin_ns = bench_now_ns ();
  if (self->request != NULL)
    client->http = g_new0 (BenchHttp, 1);
  g_ptr_array_add (self->clients, client);
  return client;
}

static void
add_client (Clients *self, guint group_index)
{
  guint index = self->clients->len;
  Client *client = new_client (self, group_index);

  self->groups[group_index].begun++;
  self->pending--;
  if (self->tls != NULL) {
    bench_tls_connect (self->tls, index, self->port, self->request);
    return;
  }
  client->fd = open_socket (index);
  if (client->fd < 0 || !begin_connect (self, client->fd))
    drop_client (self, client);
  else
    watch (self, index, EPOLLOUT, EPOLL_CTL_ADD);
}

/* Connections with TLS that are made. */
static void
take_connected (Clients *self)
{
  BenchTlsDone *done;

  while ((done = bench_tls_take (self->tls)) != NULL) {
    Client *client = g_ptr_array_index (self->clients, done->index);

    client->tls = done->stream;
    client->fd = done->fd;
    if (client->tls == NULL) {
      drop_client (self, client);
    } else {
      watch (self, done->index, EPOLLIN, EPOLL_CTL_ADD);
      client_is_open (self, done->index, client);
    }
    g_free (done);
  }
}

static void
begin_some_connects (Clients *self)
{
  for (guint n = 0; n < CONNECTS_PER_TURN && self->pending > 0; n++) {
    for (guint i = 0; i < N_GROUPS; i++) {
      if (self->groups[i].begun < self->groups[i].wanted) {
        add_client (self, i);
        break;
      }
    }
  }
}

/* Some of the body. */
static void
take_body (Clients *self, Client *client, const guint8 *data, gsize n)
{
  Group *group = &self->groups[client->group];

  if (client->bytes == 0) {
    gint64 now = bench_now_ns ();

    bench_hist_add (&group->first, now - client->begin_ns);
    if (++group->served == group->wanted)
      group->all_served_ns = now;
  }
  client->bytes += n;
  bench_stream_take (&client->stream, self->size, data, n, &group->figures);
}

static void
take_answer (Clients *self, Client *client, const guint8 *data, gsize n)
{
  Group *group = &self->groups[client->group];
  gboolean was_answered = bench_http_is_answered (client->http);

  while (n > 0) {
    gsize body;
    gsize taken = bench_http_take (client->http, data, n, &body);

    if (client->http->state == BENCH_HTTP_FAILED) {
      drop_client (self, client);
      return;
    }
    if (body > 0)
      take_body (self, client, data, body);
    data += taken;
    n -= taken;
  }
  if (!was_answered && bench_http_is_answered (client->http)
      && ++group->answered == group->wanted)
    group->all_answered_ns = bench_now_ns ();
}

static gssize
receive (Clients *self, Client *client)
{
  if (client->tls != NULL)
    return bench_tls_read (client->tls, self->chunk, CHUNK_SIZE);
  return recv (client->fd, self->chunk, CHUNK_SIZE, 0);
}

/* A TLS connection may keep what the descriptor no longer tells of: it is read
 * until there is nothing. */
static void
read_client (Clients *self, Client *client)
{
  do {
    gssize n = receive (self, client);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (n <= 0)
      drop_client (self, client);
    else if (client->http != NULL)
      take_answer (self, client, self->chunk, n);
    else
      take_body (self, client, self->chunk, n);
  } while (client->tls != NULL);
}

static void
dispatch_client (Clients *self, guint index)
{
  Client *client = g_ptr_array_index (self->clients, index);

  if (client->state == CLIENT_CONNECTING)
    client_is_open (self, index, client);
  else if (client->state == CLIENT_OPEN)
    read_client (self, client);
}

static void
connect_group (Clients *self, guint index, guint n, gboolean stalls)
{
  Group *group = &self->groups[index];

  if (group->begun == group->wanted)
    group->begin_ns = bench_now_ns ();
  group->wanted += n;
  group->stalls = stalls;
  group->all_open_ns = group->all_answered_ns = group->all_served_ns = 0;
  self->pending += n;
}

/* Closes a group's connections, so that as many may come anew. */
static void
drop_group (Clients *self, guint index)
{
  Group *group = &self->groups[index];

  for (guint i = 0; i < self->clients->len; i++) {
    Client *client = g_ptr_array_index (self->clients, i);

    if (client->group != index)
      continue;
    close_client (client);
    client->group = DROPPED_GROUP;
  }
  self->pending -= group->wanted - group->begun;
  memset (group, 0, sizeof *group);
}

/* The words of "target PORT SIZE [PATH VERSION [tls]]". */
static void
set_target (Clients *self, const gchar *const *words, guint n)
{
  gint fd;

  self->port = (guint16) atoi (words[1]);
  self->size = (gsize) atoi (words[2]);
  if (n >= 5)
    self->request = g_strdup_printf (
        "GET %s HTTP/%s\r\nHost: localhost\r\nUser-Agent: bench\r\n\r\n",
        words[3], words[4]);
  if (n >= 6) {
    self->tls = bench_tls_new (&fd);
    epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd,
        &(struct epoll_event){.events = EPOLLIN, .data.u32 = TLS_INDEX});
  }
}

static void
mark (Clients *self)
{
  for (guint i = 0; i < self->clients->len; i++) {
    Client *client = g_ptr_array_index (self->clients, i);

    client->marked_bytes = client->bytes;
  }
  for (guint i = 0; i < N_GROUPS; i++) {
    BenchStreamFigures *figures = &self->groups[i].figures;

    bench_hist_clear (&figures->delay);
    figures->lost = figures->corrupt = 0;
  }
  self->mark_ns = bench_now_ns ();
  self->mark_cpu_us = bench_sys_cpu_us ();
}

static void
report_bytes (Clients *self, guint group, GString *reply)
{
  gdouble seconds = (bench_now_ns () - self->mark_ns) / 1e9;
  guint64 least = G_MAXUINT64, most = 0, total = 0;

  for (guint i = 0; i < self->clients->len; i++) {
    Client *client = g_ptr_array_index (self->clients, i);
    guint64 bytes = client->bytes - client->marked_bytes;

    if (client->group != group)
      continue;
    least = MIN (least, bytes);
    most = MAX (most, bytes);
    total += bytes;
  }
  g_string_append_printf (reply,
      " least=%" G_GUINT64_FORMAT " most=%" G_GUINT64_FORMAT
      " total=%" G_GUINT64_FORMAT " seconds=%.6f cpu_us=%" G_GINT64_FORMAT,
      most == 0 ? 0 : least, most, total, seconds,
      bench_sys_cpu_us () - self->mark_cpu_us);
}

static void
report_counts (const Group *group, GString *reply)
{
  g_string_append_printf (reply,
      " begun=%u open=%u answered=%u served=%u gone=%u failed=%u"
      " begin_ns=%" G_GINT64_FORMAT " all_open_ns=%" G_GINT64_FORMAT
      " all_answered_ns=%" G_GINT64_FORMAT " all_served_ns=%" G_GINT64_FORMAT,
      group->begun, group->open, group->answered, group->served, group->gone,
      group->failed, group->begin_ns, group->all_open_ns,
      group->all_answered_ns, group->all_served_ns);
}

static void
report_group (const Group *group, GString *reply)
{
  const BenchStreamFigures *figures = &group->figures;

  report_counts (group, reply);
  g_string_append_printf (reply,
      " lost=%" G_GUINT64_FORMAT " corrupt=%" G_GUINT64_FORMAT
      " p50_ns=%" G_GUINT64_FORMAT " p99_ns=%" G_GUINT64_FORMAT
      " max_ns=%" G_GUINT64_FORMAT " first_p50_ns=%" G_GUINT64_FORMAT
      " first_p99_ns=%" G_GUINT64_FORMAT " first_max_ns=%" G_GUINT64_FORMAT,
      figures->lost, figures->corrupt,
      bench_hist_percentile (&figures->delay, 50),
      bench_hist_percentile (&figures->delay, 99), figures->delay.max,
      bench_hist_percentile (&group->first, 50),
      bench_hist_percentile (&group->first, 99), group->first.max);
}

static void
handle_request (const gchar *const *words, GString *reply, gpointer data)
{
  Clients *self = data;
  guint n = g_strv_length ((gchar **) words);
  guint group = n > 1 ? MIN (atoi (words[1]), N_GROUPS - 1) : 0;

  if (g_str_equal (words[0], "target") && n >= 3) {
    set_target (self, words, n);
  } else if (g_str_equal (words[0], "connect") && n == 4) {
    connect_group (
        self, group, atoi (words[2]), g_str_equal (words[3], "stall"));
  } else if (g_str_equal (words[0], "drop")) {
    drop_group (self, group);
  } else if (g_str_equal (words[0], "mark")) {
    mark (self);
  } else if (g_str_equal (words[0], "first")) {
    report_group (&self->groups[group], reply);
  } else if (g_str_equal (words[0], "report")) {
    report_bytes (self, group, reply);
    report_group (&self->groups[group], reply);
  } else {
    g_string_assign (reply, "unknown request");
  }
}

static void
run (Clients *self)
{
  struct epoll_event events[MAX_EVENTS];
  gboolean running = TRUE;

  while (running) {
    gint timeout = self->pending > 0 ? 0 : -1;
    gint n = epoll_wait (self->epoll_fd, events, MAX_EVENTS, timeout);

    for (gint i = 0; i < n; i++) {
      if (events[i].data.u32 == CONTROL_INDEX)
        running = bench_control_read (&self->control);
      else if (events[i].data.u32 == TLS_INDEX)
        take_connected (self);
      else
        dispatch_client (self, events[i].data.u32);
    }
    begin_some_connects (self);
  }
}

gint
bench_clients_main (void)
{
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = CONTROL_INDEX};
  g_autofree Clients *self = g_new0 (Clients, 1);
  g_autofree guint8 *chunk = g_malloc (CHUNK_SIZE);

  bench_sys_raise_descriptors ();
  self->chunk = chunk;
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  self->clients = g_ptr_array_new_with_free_func (free_client);
  bench_control_init (&self->control, handle_request, self);
  epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event);
  bench_control_ready ("ready");

  run (self);

  bench_control_clear (&self->control);
  bench_tls_free (self->tls);
  g_ptr_array_unref (self->clients);
  g_free (self->request);
  close (self->epoll_fd);
  return 0;
}
