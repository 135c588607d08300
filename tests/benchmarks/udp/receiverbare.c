/* SPDX-License-Identifier: LGPL-2.1-or-later
 * receiverbare.c: the least a receiver can do: one recvmmsg () after another
 *
 * Here: a blocking loop without GStreamer.
 * Not here: what it tells (receiver.c).
 *
 * Threads   main: requests    loop: receives; ends with the process
 */
#include "udpbench.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH 32
#define CONTROL 64

typedef struct
{
  ReceiverFigures figures;
  gint fd;
  gsize slot_size;
  guint8 *memory;
  guint8 control[BATCH][CONTROL];
  struct iovec vectors[BATCH];
  struct mmsghdr headers[BATCH];
} Bare;

static void
arm (Bare *self)
{
  for (guint i = 0; i < BATCH; i++) {
    self->vectors[i].iov_base = self->memory + i * self->slot_size;
    self->vectors[i].iov_len = self->slot_size;
    self->headers[i].msg_hdr = (struct msghdr){
        .msg_iov = &self->vectors[i],
        .msg_iovlen = 1,
        .msg_control = self->control[i],
        .msg_controllen = CONTROL,
    };
  }
}

/* A train has as many packets as fit into its length, the last perhaps short.
 * All are of one size here. */
static guint
count_packets (const struct mmsghdr *header)
{
  return (header->msg_len + UDP_BENCH_SIZE - 1) / UDP_BENCH_SIZE;
}

static gpointer
loop (gpointer data)
{
  Bare *self = data;

  for (;;) {
    gint n, packets = 0;

    arm (self);
    n = recvmmsg (self->fd, self->headers, BATCH, MSG_WAITFORONE, NULL);
    for (gint i = 0; i < n; i++) {
      packets += count_packets (&self->headers[i]);
      if (self->figures.stamp)
        receiver_figures_take (&self->figures, self->vectors[i].iov_base);
    }
    g_atomic_int_add (&self->figures.packets, packets);
  }
  return NULL;
}

static guint
open_socket (Bare *self, gboolean gro)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  const gint one = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  self->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  receiver_figures_set_buffer (&self->figures, self->fd);
  if (gro)
    setsockopt (self->fd, SOL_UDP, UDP_GRO, &one, sizeof one);
  if (bind (self->fd, (struct sockaddr *) &address, size) < 0
      || getsockname (self->fd, (struct sockaddr *) &address, &size) < 0)
    return 0;
  return ntohs (address.sin_port);
}

gint
receiver_bare_main (gboolean gro, gboolean stamp)
{
  Bare *self = g_new0 (Bare, 1);
  guint port = open_socket (self, gro);

  if (port == 0)
    return 1;
  self->slot_size = gro ? 65536 : 2048;
  self->memory = g_malloc (BATCH * self->slot_size);
  self->figures.stamp = stamp;
  g_thread_unref (g_thread_new ("loop", loop, self));
  return receiver_serve (&self->figures, port);
}
