/* SPDX-License-Identifier: LGPL-2.1-or-later
 * serverfloor.c: the least a server can do: one send () per client and buffer
 *
 * Here: accept, wait, send, in one thread. What GStreamer and an element add
 * is what others cost more than this; what they cost less, they save calls.
 * Not here: queues. A client that does not take a buffer at once goes.
 *
 * Threads   main: requests     floor: everything on sockets
 * Locks     pace_lock: the stream's settings     figures.lock: see server.c
 */
#include "server.h"
#include "../common/benchsys.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_SIZE (1024 * 1024)
/* Those that wait to be accepted and those that are there take turns, also
 * when the next buffer is always due already. */
#define ACCEPTS_PER_TURN 256

typedef struct
{
  gint listen_fd;
  gint wake_fd;
  GThread *thread;
  ServerFigures figures;
  gint stopping;  /* atomic */
  gint n_clients; /* atomic: for the main thread */

  GMutex pace_lock;
  gsize size;      /* guarded by pace_lock, 0 while halted */
  BenchPace pace;  /* guarded by pace_lock */
  guint8 *buffer;  /* floor thread */
  GArray *sockets; /* floor thread, of gint */
} Floor;

static void
accept_some (Floor *self)
{
  const gint one = 1;

  for (guint i = 0; i < ACCEPTS_PER_TURN; i++) {
    gint fd =
        accept4 (self->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
      return;
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    g_array_append_val (self->sockets, fd);
    g_atomic_int_inc (&self->n_clients);
  }
}

static void
send_to_all (Floor *self, gsize size)
{
  for (guint i = self->sockets->len; i > 0; i--) {
    gint fd = g_array_index (self->sockets, gint, i - 1);

    if (send (fd, self->buffer, size, MSG_DONTWAIT | MSG_NOSIGNAL)
        == (gssize) size)
      continue;
    close (fd);
    g_array_remove_index_fast (self->sockets, i - 1);
    g_atomic_int_add (&self->n_clients, -1);
  }
}

static gint64
next_due (Floor *self, gsize *ret_size)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->pace_lock);

  *ret_size = self->size;
  return self->size > 0 ? bench_pace_due (&self->pace) : G_MAXINT64;
}

static void
send_next (Floor *self)
{
  gsize size;
  ServerPush push;

  g_mutex_lock (&self->pace_lock);
  size = self->size;
  if (size > 0)
    bench_pace_stamp (&self->pace, self->buffer);
  g_mutex_unlock (&self->pace_lock);
  if (size == 0)
    return;
  server_push_begin (&push);
  send_to_all (self, size);
  server_push_end (&push, &self->figures);
}

static void
wait_for_work (Floor *self, gint64 due_ns)
{
  struct pollfd fds[] = {
      {self->listen_fd, POLLIN, 0}, {self->wake_fd, POLLIN, 0}};
  gint64 wait_ns = MAX (due_ns - bench_now_ns (), 0);
  struct timespec timeout = {wait_ns / 1000000000, wait_ns % 1000000000};
  guint64 count;

  if (ppoll (fds, 2, due_ns == G_MAXINT64 ? NULL : &timeout, NULL) <= 0)
    return;
  if (fds[1].revents != 0 && read (self->wake_fd, &count, sizeof count) < 0)
    g_atomic_int_set (&self->stopping, TRUE);
}

static gpointer
floor_thread (gpointer data)
{
  Floor *self = data;

  while (!g_atomic_int_get (&self->stopping)) {
    gsize size;
    gint64 due_ns = next_due (self, &size);

    if (bench_now_ns () < due_ns)
      wait_for_work (self, due_ns);
    else
      send_next (self);
    accept_some (self);
  }
  return NULL;
}

static void
wake (Floor *self)
{
  const guint64 one = 1;

  if (write (self->wake_fd, &one, sizeof one) < 0)
    g_atomic_int_set (&self->stopping, TRUE);
}

static guint
floor_open (gpointer data, GError **error)
{
  Floor *self = data;
  struct sockaddr_in name = {.sin_family = AF_INET};
  socklen_t length = sizeof name;

  self->listen_fd =
      socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  self->wake_fd = eventfd (0, EFD_CLOEXEC);
  name.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (bind (self->listen_fd, (struct sockaddr *) &name, sizeof name) < 0
      || listen (self->listen_fd, SOMAXCONN) < 0
      || getsockname (self->listen_fd, (struct sockaddr *) &name, &length)
          < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
        "could not listen: %s", g_strerror (errno));
    return 0;
  }
  self->thread = g_thread_new ("floor", floor_thread, self);
  return ntohs (name.sin_port);
}

static void
floor_stream (gpointer data, gsize size, gdouble bits_per_s)
{
  Floor *self = data;

  g_mutex_lock (&self->pace_lock);
  self->size = MIN (size, MAX_SIZE);
  bench_pace_start (&self->pace, size, bits_per_s);
  g_mutex_unlock (&self->pace_lock);
  wake (self);
}

static void
floor_halt (gpointer data)
{
  Floor *self = data;

  g_mutex_lock (&self->pace_lock);
  self->size = 0;
  g_mutex_unlock (&self->pace_lock);
}

static guint
floor_clients (gpointer data)
{
  Floor *self = data;

  return (guint) g_atomic_int_get (&self->n_clients);
}

static void
floor_close (gpointer data)
{
  Floor *self = data;

  g_atomic_int_set (&self->stopping, TRUE);
  wake (self);
  g_thread_join (self->thread);
}

gint
server_floor_main (void)
{
  static const ServerWay way = {.open = floor_open,
      .stream = floor_stream,
      .halt = floor_halt,
      .clients = floor_clients,
      .close = floor_close};
  Floor self = {0};
  gint status;

  bench_sys_raise_descriptors ();
  self.sockets = g_array_new (FALSE, FALSE, sizeof (gint));
  self.buffer = g_malloc0 (MAX_SIZE);
  status = server_run (&way, &self, &self.figures);
  g_array_unref (self.sockets);
  g_free (self.buffer);
  return status;
}
