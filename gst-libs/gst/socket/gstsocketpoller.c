/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpoller.c: waiting for many descriptors at once
 *
 * Here: one interface with an epoll and a poll(2) back end.
 * Not here: reading, writing, clients.
 *
 * Threads   owner: wait, add, modify, remove    any: add, modify, remove, wake
 * Locks     poller->lock (poll back end)        guards fds, data, index
 * The lock is not held while waiting. With epoll the kernel does the locking.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketpoller.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE_EPOLL
#include <sys/epoll.h>
#endif
#ifdef HAVE_EVENTFD
#include <sys/eventfd.h>
#endif

/**
 * SECTION:gstsocketpoller
 * @title: GstSocketPoller
 * @short_description: waiting for many descriptors at once
 *
 * One thread waits, any thread may change what is waited for. After
 * gst_socket_poller_remove() returns, a wait that was already under way may
 * still report the descriptor once, so the data must outlive the wait.
 */

/* Events taken from the kernel with one call. */
#define EVENTS_PER_CALL 256

typedef struct
{
  gboolean (*add) (
      GstSocketPoller *poller, gint fd, guint events, gpointer data);
  gboolean (*modify) (
      GstSocketPoller *poller, gint fd, guint events, gpointer data);
  gboolean (*remove) (GstSocketPoller *poller, gint fd, gpointer data);
  guint (*wait) (GstSocketPoller *poller, GstSocketPollEvent *events, guint n,
      gint64 timeout_ns);
} Backend;

struct _GstSocketPoller
{
  /* immutable */
  const Backend *backend;
  gint wake_read;
  gint wake_write;
  gint epoll_fd;

  guint next_reported; /* owner; poll back end only */

  gint woken; /* atomic: a wake-up is on its way */

  /* guarded by lock; poll back end only */
  GMutex lock;
  GArray *fds;       /* struct pollfd; the first one is wake_read */
  GPtrArray *data;   /* for each of fds */
  GHashTable *index; /* descriptor -> place in fds */
};

static gint64
round_up_to_ms (gint64 ns)
{
  return (ns + GST_MSECOND - 1) / GST_MSECOND;
}

/* --- epoll --- */

#ifdef HAVE_EPOLL
static guint32
to_epoll (guint events)
{
  return ((events & GST_SOCKET_POLL_READ) ? EPOLLIN | EPOLLRDHUP : 0)
      | ((events & GST_SOCKET_POLL_WRITE) ? EPOLLOUT : 0);
}

static guint
from_epoll (guint32 events)
{
  return ((events & (EPOLLIN | EPOLLRDHUP)) ? GST_SOCKET_POLL_READ : 0)
      | ((events & EPOLLOUT) ? GST_SOCKET_POLL_WRITE : 0)
      | ((events & EPOLLHUP) ? GST_SOCKET_POLL_HANGUP : 0)
      | ((events & EPOLLERR) ? GST_SOCKET_POLL_ERROR : 0);
}

static gboolean
control_epoll (
    GstSocketPoller *poller, gint op, gint fd, guint events, gpointer data)
{
  struct epoll_event event = {.events = to_epoll (events), .data.ptr = data};

  return epoll_ctl (poller->epoll_fd, op, fd, &event) == 0;
}

static gboolean
add_epoll (GstSocketPoller *poller, gint fd, guint events, gpointer data)
{
  return control_epoll (poller, EPOLL_CTL_ADD, fd, events, data);
}

static gboolean
modify_epoll (GstSocketPoller *poller, gint fd, guint events, gpointer data)
{
  return control_epoll (poller, EPOLL_CTL_MOD, fd, events, data);
}

static gboolean
remove_epoll (GstSocketPoller *poller, gint fd, gpointer data)
{
  return control_epoll (poller, EPOLL_CTL_DEL, fd, 0, NULL);
}

/* Nanoseconds where the kernel takes them, or else milliseconds, rounded up
 * so that a deadline is never met too early, over and over. */
static gint
epoll_wait_ns (
    gint epoll_fd, struct epoll_event *events, gint n, gint64 timeout_ns)
{
#ifdef HAVE_EPOLL_PWAIT2
  struct timespec ts = {timeout_ns / GST_SECOND, timeout_ns % GST_SECOND};
  gint ret =
      epoll_pwait2 (epoll_fd, events, n, timeout_ns < 0 ? NULL : &ts, NULL);

  /* An older kernel, or a sandbox that does not know the call. */
  if (ret >= 0 || (errno != ENOSYS && errno != EPERM))
    return ret;
#endif
  return epoll_wait (epoll_fd, events, n,
      timeout_ns < 0 ? -1 : MIN (round_up_to_ms (timeout_ns), G_MAXINT));
}

static guint
wait_epoll (GstSocketPoller *poller, GstSocketPollEvent *events, guint n,
    gint64 timeout_ns)
{
  struct epoll_event raw[EVENTS_PER_CALL];
  gint got = epoll_wait_ns (
      poller->epoll_fd, raw, MIN (n, EVENTS_PER_CALL), timeout_ns);

  for (gint i = 0; i < got; i++) {
    events[i].data = raw[i].data.ptr;
    events[i].events = from_epoll (raw[i].events);
  }
  return MAX (got, 0);
}

static const Backend epoll_backend = {
    .add = add_epoll,
    .modify = modify_epoll,
    .remove = remove_epoll,
    .wait = wait_epoll,
};
#endif

/* --- poll --- */

static gshort
to_poll (guint events)
{
  return ((events & GST_SOCKET_POLL_READ) ? POLLIN : 0)
      | ((events & GST_SOCKET_POLL_WRITE) ? POLLOUT : 0);
}

static guint
from_poll (gshort events)
{
  return ((events & POLLIN) ? GST_SOCKET_POLL_READ : 0)
      | ((events & POLLOUT) ? GST_SOCKET_POLL_WRITE : 0)
      | ((events & POLLHUP) ? GST_SOCKET_POLL_HANGUP : 0)
      | ((events & (POLLERR | POLLNVAL)) ? GST_SOCKET_POLL_ERROR : 0);
}

/* poll() calls a regular file ready for ever, where epoll refuses it: here it
 * is refused too, so that both back ends agree. */
static gboolean
can_be_polled (gint fd)
{
  struct stat st;

  if (fstat (fd, &st) < 0)
    return FALSE;
  if (!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode))
    return TRUE;
  errno = EPERM;
  return FALSE;
}

static gboolean
add_poll (GstSocketPoller *poller, gint fd, guint events, gpointer data)
{
  struct pollfd pfd = {.fd = fd, .events = to_poll (events)};
  gboolean is_new;

  if (!can_be_polled (fd))
    return FALSE;
  g_mutex_lock (&poller->lock);
  is_new = !g_hash_table_contains (poller->index, GINT_TO_POINTER (fd));
  if (is_new) {
    g_hash_table_insert (poller->index, GINT_TO_POINTER (fd),
        GUINT_TO_POINTER (poller->fds->len));
    g_array_append_val (poller->fds, pfd);
    g_ptr_array_add (poller->data, data);
  }
  g_mutex_unlock (&poller->lock);
  errno = EEXIST;
  if (is_new)
    gst_socket_poller_wake (poller);
  return is_new;
}

static gboolean
modify_poll (GstSocketPoller *poller, gint fd, guint events, gpointer data)
{
  gpointer place;
  gboolean found;

  g_mutex_lock (&poller->lock);
  found = g_hash_table_lookup_extended (
      poller->index, GINT_TO_POINTER (fd), NULL, &place);
  if (found) {
    guint i = GPOINTER_TO_UINT (place);

    g_array_index (poller->fds, struct pollfd, i).events = to_poll (events);
    g_ptr_array_index (poller->data, i) = data;
  }
  g_mutex_unlock (&poller->lock);
  gst_socket_poller_wake (poller);
  return found;
}

/* By its data, because the number of a descriptor that was closed may be that
 * of another one by now. */
static gboolean
remove_poll (GstSocketPoller *poller, gint fd, gpointer data)
{
  guint i;

  g_mutex_lock (&poller->lock);
  if (g_ptr_array_find (poller->data, data, &i)) {
    gint old = g_array_index (poller->fds, struct pollfd, i).fd;

    g_hash_table_remove (poller->index, GINT_TO_POINTER (old));
    /* The last one takes the free place. */
    g_array_remove_index_fast (poller->fds, i);
    g_ptr_array_remove_index_fast (poller->data, i);
    if (i < poller->fds->len)
      g_hash_table_insert (poller->index,
          GINT_TO_POINTER (g_array_index (poller->fds, struct pollfd, i).fd),
          GUINT_TO_POINTER (i));
  }
  g_mutex_unlock (&poller->lock);
  return TRUE;
}

/* Begins behind the last one reported, so that with more ready descriptors
 * than there is room for, each gets its turn. */
static guint
gather_poll (GstSocketPoller *poller, const struct pollfd *fds, gpointer *data,
    guint n_fds, GstSocketPollEvent *events, guint n)
{
  guint got = 0;
  guint at = poller->next_reported;

  for (guint i = 0; i < n_fds && got < n; i++) {
    at = at + 1 < n_fds ? at + 1 : 0;
    if (fds[at].revents == 0)
      continue;
    events[got].data = data[at];
    events[got++].events = from_poll (fds[at].revents);
  }
  poller->next_reported = at;
  return got;
}

/* Waits on a copy, so that others may change the list meanwhile. */
static guint
wait_poll (GstSocketPoller *poller, GstSocketPollEvent *events, guint n,
    gint64 timeout_ns)
{
  g_autofree struct pollfd *fds = NULL;
  g_autofree gpointer *data = NULL;
  struct timespec ts = {timeout_ns / GST_SECOND, timeout_ns % GST_SECOND};
  guint n_fds;

  g_mutex_lock (&poller->lock);
  n_fds = poller->fds->len;
  fds = g_memdup2 (poller->fds->data, n_fds * sizeof *fds);
  data = g_memdup2 (poller->data->pdata, n_fds * sizeof *data);
  g_mutex_unlock (&poller->lock);

  if (ppoll (fds, n_fds, timeout_ns < 0 ? NULL : &ts, NULL) <= 0)
    return 0;
  return gather_poll (poller, fds, data, n_fds, events, n);
}

static const Backend poll_backend = {
    .add = add_poll,
    .modify = modify_poll,
    .remove = remove_poll,
    .wait = wait_poll,
};

/* --- waking --- */

static gboolean
open_wake (GstSocketPoller *poller, GError **error)
{
#ifdef HAVE_EVENTFD
  poller->wake_read = poller->wake_write =
      eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (poller->wake_read >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "eventfd: %s",
      g_strerror (errno));
  return FALSE;
#else
  gint fds[2];

  if (!g_unix_open_pipe (fds, FD_CLOEXEC, error))
    return FALSE;
  poller->wake_read = fds[0];
  poller->wake_write = fds[1];
  return g_unix_set_fd_nonblocking (fds[0], TRUE, error)
      && g_unix_set_fd_nonblocking (fds[1], TRUE, error);
#endif
}

/* Reads first: a wake-up that comes before the flag is down writes nothing,
 * and is not lost, because the waiter is about to return and look around. The
 * other way round its token could be eaten while the flag stays up. */
static void
drain_wake (GstSocketPoller *poller)
{
  guint64 buffer[8];

  while (
      read (poller->wake_read, buffer, sizeof buffer) < 0 && errno == EINTR) {
  }
  g_atomic_int_set (&poller->woken, 0);
}

/* Takes the wake-up out of the events, which is not for the caller. */
static guint
without_wake (GstSocketPoller *poller, GstSocketPollEvent *events, guint n)
{
  for (guint i = 0; i < n; i++) {
    if (events[i].data != poller)
      continue;
    drain_wake (poller);
    events[i] = events[--n];
    break;
  }
  return n;
}

/* --- public --- */

static GstSocketPollerBackend
choose_backend (GstSocketPollerBackend backend)
{
  if (backend == GST_SOCKET_POLLER_AUTO
      && g_strcmp0 (g_getenv ("GST_SOCKET_POLLER"), "poll") == 0)
    return GST_SOCKET_POLLER_POLL;
#ifdef HAVE_EPOLL
  if (backend == GST_SOCKET_POLLER_AUTO)
    return GST_SOCKET_POLLER_EPOLL;
  return backend;
#else
  return GST_SOCKET_POLLER_POLL;
#endif
}

static gboolean
open_backend (
    GstSocketPoller *poller, GstSocketPollerBackend backend, GError **error)
{
#ifdef HAVE_EPOLL
  if (backend == GST_SOCKET_POLLER_EPOLL) {
    poller->backend = &epoll_backend;
    poller->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
    if (poller->epoll_fd >= 0)
      return TRUE;
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
        "epoll_create1: %s", g_strerror (errno));
    return FALSE;
  }
#endif
  poller->backend = &poll_backend;
  poller->fds = g_array_new (FALSE, FALSE, sizeof (struct pollfd));
  poller->data = g_ptr_array_new ();
  poller->index = g_hash_table_new (NULL, NULL);
  return TRUE;
}

/**
 * gst_socket_poller_new: (skip)
 * @backend: how to wait; %GST_SOCKET_POLLER_AUTO unless a test knows better
 * @error: set when descriptors have run out
 *
 * Returns: (transfer full) (nullable): a poller that waits for nothing yet
 */
GstSocketPoller *
gst_socket_poller_new (GstSocketPollerBackend backend, GError **error)
{
  g_autoptr (GstSocketPoller) poller = g_new0 (GstSocketPoller, 1);

  g_mutex_init (&poller->lock);
  poller->epoll_fd = poller->wake_read = poller->wake_write = -1;
  if (!open_backend (poller, choose_backend (backend), error)
      || !open_wake (poller, error)
      || !gst_socket_poller_add (
          poller, poller->wake_read, GST_SOCKET_POLL_READ, poller, error))
    return NULL;
  return g_steal_pointer (&poller);
}

/**
 * gst_socket_poller_free: (skip)
 * @poller: (transfer full) (nullable): a poller that nobody waits on
 *
 * Frees it. The descriptors it waited for stay open.
 */
void
gst_socket_poller_free (GstSocketPoller *poller)
{
  if (poller == NULL)
    return;
  if (poller->epoll_fd >= 0)
    close (poller->epoll_fd);
  if (poller->wake_write >= 0 && poller->wake_write != poller->wake_read)
    close (poller->wake_write);
  if (poller->wake_read >= 0)
    close (poller->wake_read);
  g_clear_pointer (&poller->fds, g_array_unref);
  g_clear_pointer (&poller->data, g_ptr_array_unref);
  g_clear_pointer (&poller->index, g_hash_table_unref);
  g_mutex_clear (&poller->lock);
  g_free (poller);
}

/**
 * gst_socket_poller_add: (skip)
 * @poller: a poller
 * @fd: an open descriptor that it does not wait for yet
 * @events: %GST_SOCKET_POLL_READ and %GST_SOCKET_POLL_WRITE, or 0 for neither
 * @data: given back with each event
 * @error: %G_IO_ERROR_PERMISSION_DENIED when such a descriptor cannot be
 *     waited for, because it is always ready (a regular file);
 *     %G_IO_ERROR_EXISTS when it is waited for already; and others
 *
 * Waits for a descriptor, until it is removed. Any thread.
 *
 * Returns: whether it could be added
 */
gboolean
gst_socket_poller_add (GstSocketPoller *poller, gint fd, guint events,
    gpointer data, GError **error)
{
  gint errsv;

  if (poller->backend->add (poller, fd, events, data))
    return TRUE;
  errsv = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv),
      "Cannot wait for descriptor %d: %s", fd, g_strerror (errsv));
  return FALSE;
}

/**
 * gst_socket_poller_modify: (skip)
 * @poller: a poller
 * @fd: a descriptor that it waits for
 * @events: %GST_SOCKET_POLL_READ and %GST_SOCKET_POLL_WRITE, or 0 for neither
 * @data: given back with each event
 *
 * Changes what is waited for. Any thread. A descriptor that has been closed
 * behind the poller's back is passed over.
 */
void
gst_socket_poller_modify (
    GstSocketPoller *poller, gint fd, guint events, gpointer data)
{
  poller->backend->modify (poller, fd, events, data);
}

/**
 * gst_socket_poller_remove: (skip)
 * @poller: a poller
 * @fd: the descriptor, or -1 when it has been closed already
 * @data: what was given with it
 *
 * Waits for it no more. Any thread. A descriptor that was closed cannot be
 * named to epoll, which nevertheless goes on to report its file while that is
 * open elsewhere (by dup or fork): then only gst_socket_poller_reset() helps.
 *
 * Returns: whether no more can come of it
 */
gboolean
gst_socket_poller_remove (GstSocketPoller *poller, gint fd, gpointer data)
{
  return poller->backend->remove (poller, fd, data);
}

/**
 * gst_socket_poller_reset: (skip)
 * @poller: a poller, from the thread that waits
 *
 * Waits for nothing any more, as a new poller; descriptors that others add
 * from now on are waited for. With poll(2) there is nothing to forget.
 */
void
gst_socket_poller_reset (GstSocketPoller *poller)
{
#ifdef HAVE_EPOLL
  gint fd;

  if (poller->epoll_fd < 0 || (fd = epoll_create1 (EPOLL_CLOEXEC)) < 0)
    return;
  dup3 (fd, poller->epoll_fd, O_CLOEXEC);
  close (fd);
  gst_socket_poller_add (
      poller, poller->wake_read, GST_SOCKET_POLL_READ, poller, NULL);
#endif
}

/**
 * gst_socket_poller_wait: (skip)
 * @poller: a poller
 * @ret_events: (out caller-allocates) (array length=n_events): what happened
 * @n_events: room in @ret_events, at least 2
 * @timeout_ns: how long to wait in ns, 0 to look only, -1 for ever
 *
 * Waits until something happens, the time is over, or somebody wakes the
 * poller. One thread at a time.
 *
 * Returns: how many events there are, may be 0
 */
guint
gst_socket_poller_wait (GstSocketPoller *poller, GstSocketPollEvent *ret_events,
    guint n_events, gint64 timeout_ns)
{
  guint n = poller->backend->wait (poller, ret_events, n_events, timeout_ns);

  return without_wake (poller, ret_events, n);
}

/**
 * gst_socket_poller_wake: (skip)
 * @poller: a poller
 *
 * Ends the wait that is under way, or the next one. Any thread. Wake-ups that
 * come before the waiter has run cost one system call together.
 */
void
gst_socket_poller_wake (GstSocketPoller *poller)
{
  guint64 one = 1;

  if (!g_atomic_int_compare_and_exchange (&poller->woken, 0, 1))
    return;
  while (write (poller->wake_write, &one, sizeof one) < 0 && errno == EINTR) {
  }
}
