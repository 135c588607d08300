/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipclistener.c: where the other processes come in
 *
 * Here: see gstipclistener.h. Not here: connections, messages.
 *
 * Threads   owner: new, free    I/O: the rest. No lock.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipclistener.h"

#include <gst/socket/gstsocketunix.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

/* The path is looked at this often: Qualcomm's sink removes it when it
 * disconnects, and then nobody could connect any more. */
#define CHECK_US (250 * G_TIME_SPAN_MILLISECOND)
#define TELL_US G_USEC_PER_SEC

struct _GstIpcListener
{
  gchar *path;
  guint mode;
  GstSocketPoller *poller;
  gpointer data;
  /* NULL while the path cannot be listened on again. */
  GstSocketUnixListener *listener;
  gint64 check_at;
  /* 0, or when somebody who cannot even be refused is tried again. */
  gint64 paused_until;
};

static gboolean
open_listener (GstIpcListener *self, GError **error)
{
  GstSocketUnixListener *listener =
      gst_socket_unix_listener_new (self->path, self->mode, error);

  if (listener == NULL)
    return FALSE;
  if (!gst_socket_poller_add (self->poller,
          gst_socket_unix_listener_get_fd (listener), GST_SOCKET_POLL_READ,
          self->data, error)) {
    gst_socket_unix_listener_free (listener);
    return FALSE;
  }
  self->listener = listener;
  self->paused_until = 0;
  return TRUE;
}

/* Returns (transfer full) (nullable): who comes wakes poller with data. poller
 * outlives it. error is of domain G_IO_ERROR. */
GstIpcListener *
gst_ipc_listener_new (const gchar *path, guint mode, GstSocketPoller *poller,
    gpointer data, GError **error)
{
  g_autoptr (GstIpcListener) self = g_new0 (GstIpcListener, 1);

  self->path = g_strdup (path);
  self->mode = mode;
  self->poller = poller;
  self->data = data;
  return open_listener (self, error) ? g_steal_pointer (&self) : NULL;
}

static void
close_listener (GstIpcListener *self)
{
  if (self->listener == NULL)
    return;
  gst_socket_poller_remove (self->poller,
      gst_socket_unix_listener_get_fd (self->listener), self->data);
  g_clear_pointer (&self->listener, gst_socket_unix_listener_free);
}

void
gst_ipc_listener_free (GstIpcListener *self)
{
  if (self == NULL)
    return;
  close_listener (self);
  g_free (self->path);
  g_free (self);
}

static void
watch (GstIpcListener *self, guint events)
{
  gst_socket_poller_modify (self->poller,
      gst_socket_unix_listener_get_fd (self->listener), events, self->data);
}

/* Takes one who waits. Without any descriptor left, not even the one that is
 * kept to refuse with, nobody is looked after for a while. */
GstSocketAccept
gst_ipc_listener_accept (GstIpcListener *self, gint *ret_fd)
{
  GstSocketAccept result;

  if (self->listener == NULL)
    return GST_SOCKET_ACCEPT_NONE;
  result = gst_socket_unix_listener_accept (self->listener, ret_fd);
  if (result == GST_SOCKET_ACCEPT_STUCK || result == GST_SOCKET_ACCEPT_BROKEN) {
    GST_WARNING ("no descriptor left at \"%s\"", self->path);
    watch (self, 0);
    self->paused_until = g_get_monotonic_time () + GST_SOCKET_ACCEPT_PAUSE_US;
  }
  return result;
}

/* Somebody removed or replaced the path: without a new listener nobody could
 * ever connect again. */
static void
check_path (GstIpcListener *self)
{
  g_autoptr (GError) error = NULL;

  if (self->listener != NULL
      && gst_socket_unix_listener_is_reachable (self->listener))
    return;
  close_listener (self);
  if (!open_listener (self, &error))
    GST_WARNING (
        "cannot listen on \"%s\" again: %s", self->path, error->message);
}

/* Does what is due. self may be NULL. */
void
gst_ipc_listener_check (GstIpcListener *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self == NULL)
    return;
  if (now >= self->check_at) {
    self->check_at = now + CHECK_US;
    check_path (self);
  }
  if (self->paused_until == 0 || now < self->paused_until)
    return;
  self->paused_until = 0;
  if (self->listener != NULL)
    watch (self, GST_SOCKET_POLL_READ);
}

/* When there is something to check. */
gint64
gst_ipc_listener_get_due (const GstIpcListener *self)
{
  return self->paused_until != 0 ? MIN (self->paused_until, self->check_at)
                                 : self->check_at;
}

/* Whether the process at the other end is of a user who may; -1 is anybody. */
gboolean
gst_ipc_listener_may_enter (gint fd, gint64 peer_uid)
{
  guint uid;
  gint pid;

  if (peer_uid < 0)
    return TRUE;
  return gst_socket_unix_get_peer (fd, &uid, &pid) && uid == peer_uid;
}

/* Returns (transfer full) (nullable): what is to be told now. */
GstStructure *
gst_ipc_refusals_note (
    GstIpcRefusals *self, const gchar *name, const gchar *reason)
{
  gint64 now = g_get_monotonic_time ();
  GstStructure *structure;

  self->untold++;
  if (self->told_at != 0 && now - self->told_at < TELL_US)
    return NULL;
  structure = gst_structure_new (name, "reason", G_TYPE_STRING, reason,
      "since-last", G_TYPE_UINT64, self->untold, NULL);
  self->told_at = now;
  self->untold = 0;
  return structure;
}
