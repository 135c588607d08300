/* SPDX-License-Identifier: LGPL-2.1-or-later
 * receiverbare.c: the least a receiver can do: one read () after another
 *
 * Here: a blocking loop without GStreamer, into one piece of memory.
 * Not here: what it tells (receiver.c).
 *
 * Threads   main: requests    loop: receives; ends with the process
 */
#include "tcpbench.h"

#include <unistd.h>

typedef struct
{
  ReceiverFigures figures;
  gint fd;
  gboolean listens;
  guint8 memory[TCP_BENCH_READ];
} Bare;

static gpointer
loop (gpointer data)
{
  Bare *self = data;
  gssize n;

  if (self->listens)
    self->fd = bench_tcp_accept (self->fd);
  while ((n = read (self->fd, self->memory, sizeof self->memory)) > 0)
    receiver_figures_take (&self->figures, n);
  return NULL;
}

gint
receiver_bare_main (guint port)
{
  Bare *self = g_new0 (Bare, 1);

  self->listens = port == 0;
  if (self->listens)
    self->fd = bench_tcp_listen (&port);
  else
    self->fd = bench_tcp_connect (port);
  g_thread_unref (g_thread_new ("loop", loop, self));
  return receiver_serve (&self->figures, port);
}
