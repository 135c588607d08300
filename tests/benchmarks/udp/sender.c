/* SPDX-License-Identifier: LGPL-2.1-or-later
 * sender.c: a process that sends stamped packets at an exact rate
 *
 * Here: bursts of single packets, or trains that the kernel splits.
 * Not here: what is measured.
 *
 * Threads   main: requests    work: sends one order, then ends
 */
#include "udpbench.h"
#include "../common/benchpace.h"
#include "../common/benchproc.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <poll.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define MAX_BURST 48

/* What is made up for at full speed. At 300,000 packets/s that is 300 of them,
 * for which every receiver's buffer has room; after 20 ms it would be 6,000,
 * and what is lost would tell of the sender. */
#define MOST_LATE_NS (1000 * 1000)

typedef struct
{
  gint fd;
  gboolean gso;
  guint count;
  guint pps;
  guint burst;
  guint sent;
  gint64 late_ns;
  gint64 begun_ns;
  gint64 ended_ns;
  GThread *thread;
  guint8 packets[MAX_BURST][UDP_BENCH_SIZE];
  struct iovec vectors[MAX_BURST];
  struct mmsghdr headers[MAX_BURST];
} Sender;

static void
connect_to (Sender *self, guint port)
{
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons (port)};
  const gint buffer = UDP_BENCH_BUFFER;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  self->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  setsockopt (self->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  if (connect (self->fd, (struct sockaddr *) &address, sizeof address) < 0)
    g_printerr ("connect: %s\n", g_strerror (errno));
}

static gboolean
send_train (Sender *self, guint n)
{
  union
  {
    struct cmsghdr header;
    guint8 bytes[CMSG_SPACE (sizeof (guint16))];
  } control = {0};
  const guint16 size = UDP_BENCH_SIZE;
  struct iovec vector = {self->packets, n * UDP_BENCH_SIZE};
  struct msghdr header = {.msg_iov = &vector,
      .msg_iovlen = 1,
      .msg_control = &control,
      .msg_controllen = sizeof control};

  control.header.cmsg_level = SOL_UDP;
  control.header.cmsg_type = UDP_SEGMENT;
  control.header.cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (&control.header), &size, sizeof size);
  return sendmsg (self->fd, &header, 0) > 0;
}

static gboolean
send_packets (Sender *self, guint n)
{
  guint done = 0;

  while (done < n) {
    gint sent = sendmmsg (self->fd, self->headers + done, n - done, 0);

    if (sent < 0)
      return FALSE;
    done += sent;
  }
  return TRUE;
}

static gpointer
work (gpointer data)
{
  Sender *self = data;
  BenchPace pace = {0};

  prctl (PR_SET_TIMERSLACK, 1);
  self->begun_ns = bench_now_ns ();
  bench_pace_start (&pace, UDP_BENCH_SIZE, self->pps * 8.0 * UDP_BENCH_SIZE);
  while (self->sent < self->count) {
    guint n = MIN (self->burst, self->count - self->sent);
    gint64 late_ns;

    bench_pace_wait (&pace);
    late_ns = bench_pace_forgive (&pace, MOST_LATE_NS);
    self->late_ns = MAX (self->late_ns, late_ns);
    for (guint i = 0; i < n; i++)
      bench_pace_stamp (&pace, self->packets[i]);
    if (!(self->gso ? send_train (self, n) : send_packets (self, n)))
      break;
    self->sent += n;
  }
  self->ended_ns = bench_now_ns ();
  return NULL;
}

static void
begin (Sender *self, const gchar *const *words)
{
  connect_to (self, atoi (words[1]));
  self->gso = g_str_equal (words[2], "gso");
  self->count = atoi (words[3]);
  self->pps = atoi (words[4]);
  self->burst = CLAMP (atoi (words[5]), 1, MAX_BURST);
  self->sent = 0;
  self->late_ns = 0;
  for (guint i = 0; i < MAX_BURST; i++) {
    self->vectors[i] = (struct iovec){self->packets[i], UDP_BENCH_SIZE};
    self->headers[i].msg_hdr =
        (struct msghdr){.msg_iov = &self->vectors[i], .msg_iovlen = 1};
  }
  self->thread = g_thread_new ("work", work, self);
}

static void
finish (Sender *self, GString *reply)
{
  g_thread_join (self->thread);
  close (self->fd);
  g_string_append_printf (reply, " sent=%u late_ms=%.2f pps=%.0f", self->sent,
      self->late_ns / 1e6,
      self->sent * 1e9 / MAX (self->ended_ns - self->begun_ns, 1));
}

static void
answer (const gchar *const *words, GString *reply, gpointer data)
{
  if (g_str_equal (words[0], "send") && g_strv_length ((gchar **) words) == 6)
    begin (data, words);
  else if (g_str_equal (words[0], "wait"))
    finish (data, reply);
}

gint
sender_main (void)
{
  Sender *self = g_new0 (Sender, 1);
  BenchControl control;

  bench_control_init (&control, answer, self);
  bench_control_ready ("ready");
  while (bench_control_read (&control))
    ;
  bench_control_clear (&control);
  g_free (self);
  return 0;
}
