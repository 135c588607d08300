/* SPDX-License-Identifier: LGPL-2.1-or-later
 * ipcbare.c: the least that passing a frame by descriptor can cost
 *
 * Here: two processes that send one descriptor with the time, take it, close it,
 * and send four bytes back. Not here: GStreamer.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "ipc.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct
{
  const IpcTrial *trial;
  IpcShared *shared;
  IpcEnd *end;
  gint sock;
  gint fds[IPC_POOL];
} Bare;

static struct sockaddr_un
make_address (const IpcTrial *trial)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};

  g_strlcpy (address.sun_path, trial->path, sizeof (address.sun_path));
  return address;
}

static gint
meet (const IpcTrial *trial, gboolean listens)
{
  struct sockaddr_un address = make_address (trial);
  gint sock = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

  if (!listens) {
    while (connect (sock, (struct sockaddr *) &address, sizeof (address)) < 0)
      g_usleep (5000);
    return sock;
  }
  unlink (trial->path);
  g_assert (bind (sock, (struct sockaddr *) &address, sizeof (address)) == 0);
  g_assert (listen (sock, 1) == 0);
  return accept (sock, NULL, NULL);
}

static gboolean
send_fd (gint sock, gint fd)
{
  guint8 control[CMSG_SPACE (sizeof (gint))] = {0};
  gint64 now = g_get_monotonic_time ();
  struct iovec iov = {&now, sizeof (now)};
  struct msghdr msg = {.msg_iov = &iov,
      .msg_iovlen = 1,
      .msg_control = control,
      .msg_controllen = sizeof (control)};
  struct cmsghdr *cmsg = CMSG_FIRSTHDR (&msg);

  cmsg->cmsg_level = SOL_SOCKET;
  cmsg->cmsg_type = SCM_RIGHTS;
  cmsg->cmsg_len = CMSG_LEN (sizeof (gint));
  memcpy (CMSG_DATA (cmsg), &fd, sizeof (fd));
  return sendmsg (sock, &msg, MSG_NOSIGNAL) > 0;
}

static gint
take_fd (gint sock, gint64 *ret_sent_at)
{
  guint8 control[CMSG_SPACE (sizeof (gint))];
  struct iovec iov = {ret_sent_at, sizeof (*ret_sent_at)};
  struct msghdr msg = {.msg_iov = &iov,
      .msg_iovlen = 1,
      .msg_control = control,
      .msg_controllen = sizeof (control)};
  gint fd = -1;

  if (recvmsg (sock, &msg, MSG_CMSG_CLOEXEC) > 0)
    memcpy (&fd, CMSG_DATA (CMSG_FIRSTHDR (&msg)), sizeof (fd));
  return fd;
}

static gpointer
produce (gpointer data)
{
  Bare *self = data;
  gint64 due = g_get_monotonic_time ();
  guint32 id;

  for (guint i = 0;; i++) {
    if (self->trial->per_s > 0) {
      due += G_USEC_PER_SEC / self->trial->per_s;
      g_usleep (MAX (due - g_get_monotonic_time (), 0));
    }
    if (!send_fd (self->sock, self->fds[i % IPC_POOL])
        || recv (self->sock, &id, sizeof (id), 0) <= 0)
      return NULL;
    g_atomic_int_inc (&self->end->frames);
  }
}

static gpointer
consume (gpointer data)
{
  Bare *self = data;
  guint32 id = 0;
  gint64 sent_at;
  gint fd;

  while ((fd = take_fd (self->sock, &sent_at)) >= 0) {
    if (self->trial->per_s > 0)
      bench_hist_add (
          &self->end->latency, (g_get_monotonic_time () - sent_at) * 1000);
    close (fd);
    if (send (self->sock, &id, sizeof (id), MSG_NOSIGNAL) < 0)
      return NULL;
    g_atomic_int_inc (&self->end->frames);
  }
  return NULL;
}

void
ipc_bare_run (const IpcTrial *trial, IpcShared *shared, gint index)
{
  Bare self = {.trial = trial, .shared = shared, .end = &shared->ends[index]};

  for (guint i = 0; index == 0 && i < IPC_POOL; i++) {
    self.fds[i] = memfd_create ("bare", MFD_CLOEXEC);
    g_assert (ftruncate (self.fds[i], ipc_trial_frame_size (trial)) == 0);
  }
  self.sock = meet (trial, index == 0);
  g_thread_unref (g_thread_new ("bare", index == 0 ? produce : consume, &self));
  ipc_follow_phases (shared, self.end);
  unlink (trial->path);
  _exit (0);
}
