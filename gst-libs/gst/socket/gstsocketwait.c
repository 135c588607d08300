/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketwait.c: waiting for descriptors, until cancelled
 *
 * Here: one cancellable poll(2) for all blocking calls of the library.
 * Not here: reading and writing, event loops (gstsocketpoller.h).
 *
 * Threads   one waits; any may cancel the GCancellable
 * Locks     none
 *
 * g_cancellable_make_pollfd() would be the simpler way. It opens and closes a
 * descriptor at every wait, unless somebody holds one, and it ends the process
 * when there is none left.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketwait.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_EVENTFD
#include <sys/eventfd.h>
#endif

struct _GstSocketWait
{
  GCancellable *cancellable;
  gulong handler;
  int read_fd;
  int write_fd;
  GPollFD *fds;
  guint n_alloc;
};

static gboolean
open_wake_up (GstSocketWait *wait, GError **error)
{
#ifdef HAVE_EVENTFD
  wait->read_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  wait->write_fd = wait->read_fd;
  if (wait->read_fd >= 0)
    return TRUE;
#else
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC | O_NONBLOCK) == 0) {
    wait->read_fd = fds[0];
    wait->write_fd = fds[1];
    return TRUE;
  }
#endif
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
      "could not open a descriptor to be woken by: %s", g_strerror (errno));
  return FALSE;
}

static void
wake_up_cb (GCancellable *cancellable, gpointer data)
{
  GstSocketWait *wait = data;
  guint64 one = 1;

  /* It only fails when there is a wake-up to be read already. */
  while (write (wait->write_fd, &one, sizeof (one)) < 0 && errno == EINTR)
    continue;
}

static void
drain (GstSocketWait *wait)
{
  guint64 scratch;

  while (read (wait->read_fd, &scratch, sizeof (scratch)) > 0)
    continue;
}

/**
 * gst_socket_wait_new: (skip)
 * @cancellable: (nullable): what ends the waiting
 * @error: where to say what went wrong
 *
 * Makes an object to wait with. It follows @cancellable for as long as it
 * lives, also after g_cancellable_reset(), and holds one descriptor. It is for
 * one thread at a time.
 *
 * Fails with #G_IO_ERROR_TOO_MANY_OPEN_FILES and the like.
 *
 * Returns: (transfer full) (nullable): the object, or %NULL on error
 */
GstSocketWait *
gst_socket_wait_new (GCancellable *cancellable, GError **error)
{
  g_autoptr (GstSocketWait) wait = g_new0 (GstSocketWait, 1);

  wait->read_fd = wait->write_fd = -1;
  if (cancellable == NULL)
    return g_steal_pointer (&wait);
  if (!open_wake_up (wait, error))
    return NULL;
  wait->cancellable = g_object_ref (cancellable);
  wait->handler =
      g_cancellable_connect (cancellable, G_CALLBACK (wake_up_cb), wait, NULL);
  return g_steal_pointer (&wait);
}

/**
 * gst_socket_wait_free: (skip)
 * @wait: (nullable) (transfer full): what to free
 *
 * Frees @wait. Nobody may be waiting with it.
 */
void
gst_socket_wait_free (GstSocketWait *wait)
{
  if (wait == NULL)
    return;
  if (wait->cancellable != NULL)
    g_cancellable_disconnect (wait->cancellable, wait->handler);
  g_clear_object (&wait->cancellable);
  if (wait->write_fd >= 0 && wait->write_fd != wait->read_fd)
    close (wait->write_fd);
  if (wait->read_fd >= 0)
    close (wait->read_fd);
  g_free (wait->fds);
  g_free (wait);
}

static gint
left_ms (gint64 deadline_us)
{
  gint64 left_us;

  if (deadline_us < 0)
    return -1;
  left_us = deadline_us - g_get_monotonic_time ();
  return (gint) CLAMP ((left_us + 999) / 1000, 0, G_MAXINT);
}

static void
prepare (GstSocketWait *wait, const GPollFD *fds, guint n_fds)
{
  if (wait->n_alloc < n_fds + 1) {
    wait->n_alloc = n_fds + 1;
    wait->fds = g_renew (GPollFD, wait->fds, wait->n_alloc);
  }
  if (n_fds > 0)
    memcpy (wait->fds, fds, n_fds * sizeof (*fds));
  wait->fds[n_fds].fd = wait->read_fd;
  wait->fds[n_fds].events = G_IO_IN;
}

static void
report (const GstSocketWait *wait, GPollFD *fds, guint n_fds, gint n_ready)
{
  for (guint i = 0; i < n_fds; i++)
    fds[i].revents = n_ready > 0 ? wait->fds[i].revents : 0;
}

/**
 * gst_socket_wait_for_any: (skip)
 * @wait: what to wait with
 * @fds: (array length=n_fds): descriptors and what to wait for; revents says
 *     what came
 * @n_fds: how many, 0 to wait for the time alone
 * @timeout_us: longest wait in µs, -1 for ever
 * @error: where to say why nothing came
 *
 * Waits until one of @fds is ready, or broken: that too is an event.
 *
 * Fails with #G_IO_ERROR_TIMED_OUT and #G_IO_ERROR_CANCELLED; the latter comes
 * first if both are true, and also if a descriptor is ready.
 *
 * Returns: %TRUE if at least one is ready
 */
gboolean
gst_socket_wait_for_any (GstSocketWait *wait, GPollFD *fds, guint n_fds,
    gint64 timeout_us, GError **error)
{
  gint64 deadline_us =
      timeout_us < 0 ? -1 : g_get_monotonic_time () + timeout_us;
  guint n_polled = n_fds + (wait->read_fd >= 0 ? 1 : 0);

  prepare (wait, fds, n_fds);
  while (TRUE) {
    gint n_ready = g_poll (wait->fds, n_polled, left_ms (deadline_us));

    /* Drained before the cancellable is looked at: the other way round, the
     * wake-up of a cancellation that comes in between would be lost. */
    if (n_polled > n_fds && n_ready > 0 && wait->fds[n_fds].revents != 0) {
      drain (wait);
      n_ready--;
    }
    if (g_cancellable_set_error_if_cancelled (wait->cancellable, error))
      return FALSE;
    report (wait, fds, n_fds, n_ready);
    if (n_ready > 0)
      return TRUE;
    if (deadline_us >= 0 && g_get_monotonic_time () >= deadline_us) {
      g_set_error_literal (
          error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "timed out");
      return FALSE;
    }
  }
}

/**
 * gst_socket_wait_for: (skip)
 * @wait: what to wait with
 * @fd: a descriptor, or -1 to wait for the time alone
 * @condition: %G_IO_IN, %G_IO_OUT or both
 * @timeout_us: longest wait in µs, -1 for ever
 * @error: where to say why nothing came
 *
 * As gst_socket_wait_for_any(), for one descriptor.
 *
 * Returns: %TRUE if @fd is ready
 */
gboolean
gst_socket_wait_for (GstSocketWait *wait, int fd, GIOCondition condition,
    gint64 timeout_us, GError **error)
{
  GPollFD one = {.fd = fd, .events = condition};

  return gst_socket_wait_for_any (
      wait, &one, fd >= 0 ? 1 : 0, timeout_us, error);
}
