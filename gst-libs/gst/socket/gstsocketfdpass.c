/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketfdpass.c: records with descriptors over a UNIX socket
 *
 * Here: sendmsg, sendmmsg and recvmsg with SCM_RIGHTS.
 * Not here: see gstsocketfdpass.h. No state, so any thread.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketfdpass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

typedef union
{
  struct cmsghdr align;
  guint8 bytes[CMSG_SPACE (sizeof (gint) * GST_SOCKET_FDPASS_MAX_FDS)];
} ControlSpace;

G_STATIC_ASSERT (sizeof (GOutputVector) == sizeof (struct iovec));
G_STATIC_ASSERT (G_STRUCT_OFFSET (GOutputVector, buffer)
    == G_STRUCT_OFFSET (struct iovec, iov_base));
G_STATIC_ASSERT (G_STRUCT_OFFSET (GOutputVector, size)
    == G_STRUCT_OFFSET (struct iovec, iov_len));

static void
set_errno_error (GError **error, const gchar *what)
{
  gint code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what,
      g_strerror (code));
}

/* The control length covers exactly the descriptors; the space around them is
 * zeroed, for it too is copied to the kernel. */
static void
fill_header (
    struct msghdr *msg, const GstSocketRecord *record, ControlSpace *control)
{
  gsize fd_bytes = sizeof (gint) * record->n_fds;
  struct cmsghdr *cmsg;

  memset (msg, 0, sizeof (*msg));
  msg->msg_iov = (struct iovec *) record->vectors;
  msg->msg_iovlen = record->n_vectors;
  if (record->n_fds == 0)
    return;
  memset (control, 0, sizeof (*control));
  msg->msg_control = control->bytes;
  msg->msg_controllen = CMSG_SPACE (fd_bytes);
  cmsg = CMSG_FIRSTHDR (msg);
  cmsg->cmsg_level = SOL_SOCKET;
  cmsg->cmsg_type = SCM_RIGHTS;
  cmsg->cmsg_len = CMSG_LEN (fd_bytes);
  memcpy (CMSG_DATA (cmsg), record->fds, fd_bytes);
}

/**
 * gst_socket_fdpass_send: (skip)
 * @sock: a SEQPACKET or DGRAM socket
 * @records: (array length=n_records): what to send, in order
 * @n_records: 1 or 2
 * @error: return location for a #GError of domain %G_IO_ERROR
 *
 * Sends without waiting. Two records go in one system call. The descriptors
 * remain the caller's.
 *
 * Returns: how many records were sent; fewer than @n_records, with no error,
 * when there is no room; -1 when the connection failed
 */
gint
gst_socket_fdpass_send (
    gint sock, const GstSocketRecord *records, guint n_records, GError **error)
{
  ControlSpace control[GST_SOCKET_FDPASS_MAX_RECORDS];
  struct mmsghdr msgs[GST_SOCKET_FDPASS_MAX_RECORDS];
  gint sent;

  g_return_val_if_fail (
      n_records >= 1 && n_records <= GST_SOCKET_FDPASS_MAX_RECORDS, -1);
  for (guint i = 0; i < n_records; i++) {
    g_return_val_if_fail (records[i].n_fds <= GST_SOCKET_FDPASS_MAX_FDS, -1);
    fill_header (&msgs[i].msg_hdr, &records[i], &control[i]);
  }
  do {
    if (n_records == 1)
      sent = sendmsg (sock, &msgs[0].msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0
          ? 1
          : -1;
    else
      sent = sendmmsg (sock, msgs, n_records, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0)
    return sent;
  /* ETOOMANYREFS: too many descriptors are under way, as good as no room. */
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ETOOMANYREFS
      || errno == ENOBUFS)
    return 0;
  set_errno_error (error, "send");
  return -1;
}

/* Takes every descriptor out of msg: what is not taken would never be closed.
 * Returns FALSE when there were more than fit. */
static gboolean
collect_fds (struct msghdr *msg, GstSocketFds *fds)
{
  gboolean fits = TRUE;

  for (struct cmsghdr *c = CMSG_FIRSTHDR (msg); c; c = CMSG_NXTHDR (msg, c)) {
    gsize n;

    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
      continue;
    n = (c->cmsg_len - CMSG_LEN (0)) / sizeof (gint);
    for (gsize i = 0; i < n; i++) {
      gint fd;

      memcpy (&fd, CMSG_DATA (c) + i * sizeof (gint), sizeof (gint));
      if (fds->n < GST_SOCKET_FDPASS_MAX_FDS)
        fds->fds[fds->n++] = fd;
      else {
        close (fd);
        fits = FALSE;
      }
    }
  }
  return fits;
}

/* A peer that closes with unread data leaves us an error in front of what it
 * had sent; the kernel hands out both, one after the other. */
static gssize
receive_past_reset (gint sock, struct msghdr *msg)
{
  gsize control_size = msg->msg_controllen;
  gboolean was_reset = FALSE;
  gssize got;

  for (;;) {
    msg->msg_controllen = control_size;
    msg->msg_flags = 0;
    got = recvmsg (sock, msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got >= 0 || errno == EINTR) {
      if (got >= 0)
        return got;
      continue;
    }
    if (errno == ECONNRESET && !was_reset) {
      was_reset = TRUE;
      continue;
    }
    return was_reset && (errno == EAGAIN || errno == ECONNRESET) ? 0 : -1;
  }
}

/**
 * gst_socket_fdpass_receive: (skip)
 * @sock: a SEQPACKET socket
 * @data: (out caller-allocates): where the record goes
 * @size: room in @data; then the size of the record
 * @fds: (out caller-allocates): what came with it, to be cleared by the caller;
 *     empty unless the result is %GST_SOCKET_FDPASS_OK
 * @error: return location for a #GError of domain %G_IO_ERROR
 *
 * Receives one record without waiting. Descriptors are close-on-exec from
 * birth. A record or a set of descriptors that was cut by the kernel is an
 * error, and what did arrive of it is closed.
 *
 * Returns: what happened; @error is set with %GST_SOCKET_FDPASS_ERROR only
 */
GstSocketFdpassResult
gst_socket_fdpass_receive (
    gint sock, guint8 *data, gsize *size, GstSocketFds *fds, GError **error)
{
  ControlSpace control;
  struct iovec iov = {data, *size};
  struct msghdr msg = {
      .msg_iov = &iov,
      .msg_iovlen = 1,
      .msg_control = control.bytes,
      .msg_controllen = sizeof (control.bytes),
  };
  gssize got;
  gboolean fits;

  fds->n = 0;
  got = receive_past_reset (sock, &msg);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return GST_SOCKET_FDPASS_AGAIN;
  if (got < 0) {
    set_errno_error (error, "receive");
    return GST_SOCKET_FDPASS_ERROR;
  }
  fits = collect_fds (&msg, fds);
  if (!fits || (msg.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) != 0) {
    gst_socket_fds_clear (fds);
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "a record %s than possible",
        (msg.msg_flags & MSG_TRUNC) != 0 ? "is longer"
                                         : "has more descriptors");
    return GST_SOCKET_FDPASS_ERROR;
  }
  if (got == 0) {
    gst_socket_fds_clear (fds);
    return GST_SOCKET_FDPASS_EOF;
  }
  *size = got;
  return GST_SOCKET_FDPASS_OK;
}

/**
 * gst_socket_fds_take: (skip)
 * @fds: descriptors received
 * @i: which
 *
 * Returns: the descriptor, which the caller closes; -1 when it was taken before
 */
gint
gst_socket_fds_take (GstSocketFds *fds, guint i)
{
  g_return_val_if_fail (i < fds->n, -1);
  return g_steal_fd (&fds->fds[i]);
}

/**
 * gst_socket_fds_clear: (skip)
 * @fds: descriptors received
 *
 * Closes those that were not taken.
 */
void
gst_socket_fds_clear (GstSocketFds *fds)
{
  for (guint i = 0; i < fds->n; i++) {
    if (fds->fds[i] >= 0)
      close (fds->fds[i]);
  }
  fds->n = 0;
}
