/* SPDX-License-Identifier: LGPL-2.1-or-later
 * sender.c: a process that writes to one connection
 *
 * Here: as fast as it can, or pieces at an exact rate.
 * Not here: what is measured.
 *
 * Threads   main: requests    work: writes one order, then ends
 */
#include "tcpbench.h"
#include "../common/benchpace.h"
#include "../common/benchproc.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_SIZE (1024 * 1024)

typedef struct
{
  gint listener;
  gint fd;
  guint64 bytes;
  gsize size;
  gdouble rate;
  guint64 sent;
  gint64 late_ns;
  GThread *thread;
  guint8 data[MAX_SIZE];
} Sender;

static void
open_connection (Sender *self)
{
  const gint one = 1;

  if (self->fd < 0)
    self->fd = bench_tcp_accept (self->listener);
  setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static gpointer
work (gpointer data)
{
  Sender *self = data;
  BenchPace pace = {0};

  prctl (PR_SET_TIMERSLACK, 1);
  open_connection (self);
  if (self->rate > 0)
    bench_pace_start (&pace, self->size, self->rate * 8.0 * self->size);
  while (self->sent < self->bytes) {
    gssize n;

    if (self->rate > 0) {
      bench_pace_wait (&pace);
      self->late_ns =
          MAX (self->late_ns, bench_now_ns () - bench_pace_due (&pace));
      pace.seq++;
    }
    n = send (self->fd, self->data, MIN (self->size, self->bytes - self->sent),
        MSG_NOSIGNAL);
    if (n < 0)
      break;
    self->sent += n;
  }
  return NULL;
}

static void
begin (Sender *self, const gchar *const *words)
{
  self->bytes = g_ascii_strtoull (words[1], NULL, 10);
  self->size = CLAMP (atoi (words[2]), 1, MAX_SIZE);
  self->rate = g_ascii_strtod (words[3], NULL);
  self->sent = 0;
  self->late_ns = 0;
  self->thread = g_thread_new ("work", work, self);
}

static void
finish (Sender *self, GString *reply)
{
  g_thread_join (self->thread);
  g_string_append_printf (reply, " sent=%" G_GUINT64_FORMAT " late_ms=%.2f",
      self->sent, self->late_ns / 1e6);
}

static void
answer (const gchar *const *words, GString *reply, gpointer data)
{
  Sender *self = data;
  guint n = g_strv_length ((gchar **) words);
  guint port;

  if (g_str_equal (words[0], "listen")) {
    self->listener = bench_tcp_listen (&port);
    g_string_append_printf (reply, " port=%u", port);
  } else if (g_str_equal (words[0], "connect") && n == 2) {
    self->fd = bench_tcp_connect (atoi (words[1]));
  } else if (g_str_equal (words[0], "send") && n == 4) {
    begin (self, words);
  } else if (g_str_equal (words[0], "wait")) {
    finish (self, reply);
  }
}

gint
sender_main (void)
{
  Sender *self = g_new0 (Sender, 1);
  BenchControl control;

  self->fd = -1;
  bench_control_init (&control, answer, self);
  bench_control_ready ("ready");
  while (bench_control_read (&control))
    ;
  bench_control_clear (&control);
  g_free (self);
  return 0;
}
