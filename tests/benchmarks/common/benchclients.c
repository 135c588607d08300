/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchclients.c: a process that is very many receiving clients
 *
 * Here: connecting, reading, counting, delays and missing buffers.
 * Not here: what the figures are for, the server.
 *
 * One thread, one epoll: what it costs must stay small beside the server.
 */
#include "benchclients.h"
#include "benchhist.h"
#include "benchpace.h"
#include "benchproc.h"
#include "benchsys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_GROUPS 4
#define MAX_EVENTS 512
#define CHUNK_SIZE (256 * 1024)
#define CONTROL_INDEX G_MAXUINT32
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
  CLIENT_GONE,
} ClientState;

typedef struct
{
  gint fd;
  guint8 group;
  gboolean stalls;
  ClientState state;
  guint64 bytes;
  guint64 marked_bytes;
  gsize position; /* in the buffer that is arriving */
  guint64 last_seq;
  gboolean has_seq;
  guint8 stamp[BENCH_STAMP_SIZE];
} Client;

typedef struct
{
  guint wanted;
  guint begun;
  guint open; /* ever connected */
  guint served;
  guint gone;
  guint failed;
  gboolean stalls;
  gint64 begin_ns;
  gint64 all_open_ns;
  gint64 all_served_ns;
  guint64 lost;    /* buffers missing between two that came */
  guint64 corrupt; /* buffers that do not begin with a stamp */
  BenchHist delay;
} Group;

typedef struct
{
  gint epoll_fd;
  guint16 port;
  gsize size;
  GPtrArray *clients;
  Group groups[N_GROUPS];
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
drop_client (Clients *self, Client *client)
{
  Group *group = &self->groups[client->group];

  if (client->state == CLIENT_CONNECTING)
    group->failed++;
  else
    group->gone++;
  close (client->fd);
  client->fd = -1;
  client->state = CLIENT_GONE;
}

static void
client_is_open (Clients *self, guint index, Client *client)
{
  Group *group = &self->groups[client->group];
  socklen_t length = sizeof (gint);
  gint code = 0;

  getsockopt (client->fd, SOL_SOCKET, SO_ERROR, &code, &length);
  if (code != 0) {
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

static void
add_client (Clients *self, guint group_index)
{
  Group *group = &self->groups[group_index];
  gint fd = open_socket (self->clients->len);
  Client *client;

  group->begun++;
  self->pending--;
  if (fd < 0 || !begin_connect (self, fd)) {
    group->failed++;
    if (fd >= 0)
      close (fd);
    return;
  }
  client = g_new0 (Client, 1);
  client->fd = fd;
  client->group = group_index;
  client->stalls = group->stalls;
  g_ptr_array_add (self->clients, client);
  watch (self, self->clients->len - 1, EPOLLOUT, EPOLL_CTL_ADD);
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

static void
check_stamp (Client *client, Group *group, gint64 now)
{
  BenchStamp stamp;

  memcpy (&stamp, client->stamp, sizeof stamp);
  if (stamp.magic != BENCH_STAMP_MAGIC) {
    group->corrupt++;
    return;
  }
  if (client->has_seq)
    group->lost += stamp.seq - client->last_seq - 1;
  client->has_seq = TRUE;
  client->last_seq = stamp.seq;
  bench_hist_add (&group->delay, MAX (now - stamp.time_ns, 0));
}

static void
take_bytes (Clients *self, Client *client, const guint8 *data, gsize n)
{
  Group *group = &self->groups[client->group];
  gint64 now = bench_now_ns ();
  gsize part;

  client->bytes += n;
  for (; n > 0; data += part, n -= part) {
    if (client->position < BENCH_STAMP_SIZE) {
      part = MIN (n, BENCH_STAMP_SIZE - client->position);
      memcpy (client->stamp + client->position, data, part);
    } else {
      part = MIN (n, self->size - client->position);
    }
    client->position += part;
    if (client->position == BENCH_STAMP_SIZE)
      check_stamp (client, group, now);
    if (client->position == self->size)
      client->position = 0;
  }
}

static void
read_client (Clients *self, Client *client)
{
  Group *group = &self->groups[client->group];
  gssize n = recv (client->fd, self->chunk, CHUNK_SIZE, 0);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0) {
    drop_client (self, client);
    return;
  }
  if (client->bytes == 0 && ++group->served == group->wanted)
    group->all_served_ns = bench_now_ns ();
  take_bytes (self, client, self->chunk, n);
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
  group->all_open_ns = group->all_served_ns = 0;
  self->pending += n;
}

static void
mark (Clients *self)
{
  for (guint i = 0; i < self->clients->len; i++) {
    Client *client = g_ptr_array_index (self->clients, i);

    client->marked_bytes = client->bytes;
  }
  for (guint i = 0; i < N_GROUPS; i++) {
    bench_hist_clear (&self->groups[i].delay);
    self->groups[i].lost = self->groups[i].corrupt = 0;
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
report_group (const Group *group, GString *reply)
{
  g_string_append_printf (reply,
      " begun=%u open=%u served=%u gone=%u failed=%u begin_ns=%" G_GINT64_FORMAT
      " all_open_ns=%" G_GINT64_FORMAT " all_served_ns=%" G_GINT64_FORMAT
      " lost=%" G_GUINT64_FORMAT " corrupt=%" G_GUINT64_FORMAT,
      group->begun, group->open, group->served, group->gone, group->failed,
      group->begin_ns, group->all_open_ns, group->all_served_ns, group->lost,
      group->corrupt);
  g_string_append_printf (reply,
      " p50_ns=%" G_GUINT64_FORMAT " p99_ns=%" G_GUINT64_FORMAT
      " max_ns=%" G_GUINT64_FORMAT,
      bench_hist_percentile (&group->delay, 50),
      bench_hist_percentile (&group->delay, 99), group->delay.max);
}

static void
handle_request (const gchar *const *words, GString *reply, gpointer data)
{
  Clients *self = data;
  guint n = g_strv_length ((gchar **) words);
  guint group = n > 1 ? MIN (atoi (words[1]), N_GROUPS - 1) : 0;

  if (g_str_equal (words[0], "target") && n == 3) {
    self->port = (guint16) atoi (words[1]);
    self->size = (gsize) atoi (words[2]);
  } else if (g_str_equal (words[0], "connect") && n == 4) {
    connect_group (
        self, group, atoi (words[2]), g_str_equal (words[3], "stall"));
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
  self->clients = g_ptr_array_new_with_free_func (g_free);
  bench_control_init (&self->control, handle_request, self);
  epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event);
  bench_control_ready ("ready");

  run (self);

  bench_control_clear (&self->control);
  g_ptr_array_unref (self->clients);
  close (self->epoll_fd);
  return 0;
}
