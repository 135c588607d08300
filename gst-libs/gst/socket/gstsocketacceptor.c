/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketacceptor.c: takes connections from listening sockets
 *
 * Here: a thread that accepts, and lives on when descriptors run out.
 * Not here: listening, what becomes of a connection.
 *
 * Threads   owner: new, free    acceptor: all the rest
 * Locks     none; quit is atomic, all else is the acceptor thread's
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketacceptor.h"
#include "gstsocketaccept.h"
#include "gstsocketpoller.h"

#include <errno.h>
#include <unistd.h>

/**
 * SECTION:gstsocketacceptor
 * @title: GstSocketAcceptor
 * @short_description: takes connections from listening sockets
 *
 * A thread of its own, so that a burst of connects and the serving of clients
 * share the processor as the system thinks fair, and neither starves the
 * other.
 *
 * When the process may not open more files, it holds a spare descriptor with
 * which whoever comes is refused at once (gstsocketaccept.c).
 */

/* Connections taken from one listener before the others get their turn. */
#define ACCEPTS_PER_TURN 64

#define REPORT_INTERVAL (10 * GST_SECOND)

struct _GstSocketAcceptor
{
  /* immutable */
  GstSocketAcceptorFuncs funcs;
  gpointer user_data;
  GPtrArray *listeners;
  GstSocketPoller *poller;
  GThread *thread;

  gint quit; /* atomic */

  /* acceptor thread */
  gint spare;
  guint64 n_refused;
  gint64 reported;
};

static gint64
now_ns (void)
{
  return g_get_monotonic_time () * GST_USECOND;
}

/* --- when descriptors run out --- */

static void
report_refused (GstSocketAcceptor *self, gint errsv)
{
  g_autoptr (GError) error = NULL;

  if (self->funcs.refused == NULL
      || now_ns () - self->reported < (gint64) REPORT_INTERVAL)
    return;
  error = g_error_new_literal (
      G_IO_ERROR, g_io_error_from_errno (errsv), g_strerror (errsv));
  self->funcs.refused (self->n_refused, error, self->user_data);
  self->reported = now_ns ();
  self->n_refused = 0;
}

/* --- accepting --- */

static void
hand_over (GstSocketAcceptor *self, gint fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);

  if (socket == NULL) {
    GST_INFO ("connection left out: %s", error->message);
    close (fd);
    return;
  }
  g_socket_set_blocking (socket, FALSE);
  self->funcs.accepted (socket, self->user_data);
}

/* Takes one connection. Returns whether there may be another one. */
static gboolean
accept_one (GstSocketAcceptor *self, gint listener, gboolean *ret_stuck)
{
  gint fd = -1;
  GstSocketAccept result = gst_socket_accept_one (listener, &self->spare, &fd);
  gint errsv = errno;

  if (result == GST_SOCKET_ACCEPT_NONE)
    return FALSE;
  if (result == GST_SOCKET_ACCEPT_TAKEN) {
    hand_over (self, fd);
    return TRUE;
  }
  GST_DEBUG ("accept: %s", g_strerror (errsv));
  *ret_stuck =
      result == GST_SOCKET_ACCEPT_STUCK || result == GST_SOCKET_ACCEPT_BROKEN;
  self->n_refused += result == GST_SOCKET_ACCEPT_REFUSED;
  if (result == GST_SOCKET_ACCEPT_REFUSED || result == GST_SOCKET_ACCEPT_STUCK)
    report_refused (self, errsv);
  return !*ret_stuck;
}

static gboolean
accept_some (GstSocketAcceptor *self, GSocket *listener)
{
  gint fd = g_socket_get_fd (listener);
  gboolean stuck = FALSE;

  for (guint i = 0; i < ACCEPTS_PER_TURN; i++) {
    if (g_atomic_int_get (&self->quit) || !accept_one (self, fd, &stuck))
      break;
  }
  return stuck;
}

/* Waits without looking at the listeners, but for being woken. */
static void
pause_listening (GstSocketAcceptor *self, gboolean pause)
{
  for (guint i = 0; i < self->listeners->len; i++) {
    GSocket *listener = g_ptr_array_index (self->listeners, i);

    gst_socket_poller_modify (self->poller, g_socket_get_fd (listener),
        pause ? 0 : GST_SOCKET_POLL_READ, listener);
  }
}

/* A wait may end early: with poll(2), changing what is waited for does it. */
static void
rest (GstSocketAcceptor *self)
{
  gint64 end = now_ns () + GST_SOCKET_ACCEPT_PAUSE_US * GST_USECOND;
  gint64 left;

  pause_listening (self, TRUE);
  while (!g_atomic_int_get (&self->quit) && (left = end - now_ns ()) > 0) {
    GstSocketPollEvent events[16];

    gst_socket_poller_wait (self->poller, events, G_N_ELEMENTS (events), left);
  }
  pause_listening (self, FALSE);
}

static void
turn (GstSocketAcceptor *self)
{
  GstSocketPollEvent events[16];
  gboolean stuck = FALSE;
  guint n =
      gst_socket_poller_wait (self->poller, events, G_N_ELEMENTS (events), -1);

  for (guint i = 0; i < n; i++)
    stuck |= accept_some (self, events[i].data);
  if (stuck)
    rest (self);
}

static gpointer
run (gpointer data)
{
  GstSocketAcceptor *self = data;

  while (!g_atomic_int_get (&self->quit))
    turn (self);
  return NULL;
}

/* --- life --- */

static gboolean
watch_listeners (GstSocketAcceptor *self, GError **error)
{
  for (guint i = 0; i < self->listeners->len; i++) {
    GSocket *listener = g_ptr_array_index (self->listeners, i);

    if (!gst_socket_poller_add (self->poller, g_socket_get_fd (listener),
            GST_SOCKET_POLL_READ, listener, error))
      return FALSE;
  }
  return TRUE;
}

/**
 * gst_socket_acceptor_new: (skip)
 * @listeners: (element-type GSocket): listening sockets, non-blocking; they
 *     stay the caller's to close, after the acceptor is freed
 * @funcs: what to report to; copied
 * @user_data: for @funcs
 * @error: set when threads or descriptors have run out
 *
 * Starts to accept.
 *
 * Returns: (transfer full) (nullable): the acceptor
 */
GstSocketAcceptor *
gst_socket_acceptor_new (GPtrArray *listeners,
    const GstSocketAcceptorFuncs *funcs, gpointer user_data, GError **error)
{
  g_autoptr (GstSocketAcceptor) self = g_new0 (GstSocketAcceptor, 1);

  self->funcs = *funcs;
  self->user_data = user_data;
  self->listeners = g_ptr_array_ref (listeners);
  self->spare = gst_socket_accept_open_spare ();
  self->reported = G_MININT64 / 2;
  self->poller = gst_socket_poller_new (GST_SOCKET_POLLER_AUTO, error);
  if (self->poller == NULL || !watch_listeners (self, error))
    return NULL;
  self->thread = g_thread_try_new ("socket-accept", run, self, error);
  return self->thread != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * gst_socket_acceptor_free: (skip)
 * @acceptor: (transfer full) (nullable): an acceptor
 *
 * Accepts no more. Waits for a report that is under way; not from a report.
 */
void
gst_socket_acceptor_free (GstSocketAcceptor *acceptor)
{
  if (acceptor == NULL)
    return;
  g_atomic_int_set (&acceptor->quit, TRUE);
  if (acceptor->poller != NULL)
    gst_socket_poller_wake (acceptor->poller);
  if (acceptor->thread != NULL)
    g_thread_join (acceptor->thread);
  if (acceptor->spare >= 0)
    close (acceptor->spare);
  gst_socket_poller_free (acceptor->poller);
  g_ptr_array_unref (acceptor->listeners);
  g_free (acceptor);
}

/**
 * gst_socket_acceptor_is_own_thread: (skip)
 * @acceptor: (nullable): an acceptor
 *
 * Returns: whether the caller runs in a report of @acceptor
 */
gboolean
gst_socket_acceptor_is_own_thread (GstSocketAcceptor *acceptor)
{
  return acceptor != NULL && acceptor->thread == g_thread_self ();
}
