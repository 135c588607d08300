/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcreceiverio.c: the receiving side, as its own thread serves it
 *
 * Here: accepting or connecting with back-off, greeting, keep-alive messages, reading
 * while nobody takes buffers, keeping the path reachable.
 * Not here: items (gstipcreceiver.c); GstElement.
 *
 * Threads and locks: see gstipcreceiver.c. Connections are made by this thread
 * only; either thread drops one that ended.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcreceiver-private.h"

#include <unistd.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

/* Qualcomm's sink disconnects after 100 s of silence, and its stop waits for
 * the next message. */
#define KEEPALIVE_US G_USEC_PER_SEC
/* A pipeline on its way to PLAYING loses nothing; one that stays paused gives
 * back what comes, so that it does not hold the producer's buffers. */
#define IDLE_GRACE_US (500 * G_TIME_SPAN_MILLISECOND)
#define MAX_EVENTS 8
#define MAX_MESSAGES_PER_TURN 32

static gboolean
has_link (GstIpcReceiver *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);

  return self->link != NULL;
}

static gboolean
is_link_ending (GstIpcReceiver *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);

  return self->link != NULL && gst_ipc_link_is_hung_up (self->link);
}

static void
note_refused (GstIpcReceiver *self, const gchar *reason)
{
  GstStructure *message =
      gst_ipc_refusals_note (&self->refusals, "producer-refused", reason);

  g_mutex_lock (&self->lock);
  self->refused++;
  g_mutex_unlock (&self->lock);
  if (message != NULL)
    self->callbacks.post (self->callbacks.user_data, message);
}

static void
refuse (GstIpcReceiver *self, gint fd, const gchar *reason)
{
  close (fd);
  note_refused (self, reason);
}

/* Safe for every version of the original: it skips what it does not know. */
static void
greet (GstIpcLink *link, GstIpcDialect dialect)
{
  GstSocketWireExtHello hello = {
      .features = GST_SOCKET_WIRE_EXT_TAKES_JOINED, .role = 0};
  g_autoptr (GByteArray) out = g_byte_array_new ();

  gst_socket_wire_ext_put_hello (out, &hello);
  gst_ipc_link_send_later (
      link, out->data, out->len, dialect != GST_IPC_DIALECT_LEGACY);
}

static void
set_dialect (GstIpcReceiver *self, GstIpcLink *link)
{
  if (self->settings.dialect == GST_IPC_DIALECT_CURRENT)
    gst_ipc_link_set_dialect (link, GST_SOCKET_WIRE_DIALECT_CURRENT);
  else if (self->settings.dialect == GST_IPC_DIALECT_LEGACY)
    gst_ipc_link_set_dialect (link, GST_SOCKET_WIRE_DIALECT_LEGACY);
}

/* fd (transfer full) */
static void
use_connection (GstIpcReceiver *self, gint fd)
{
  GstStructure *message;
  GstIpcLink *link;
  guint uid = 0;
  gint pid = 0;

  if (self->next_fd < 0 && is_link_ending (self)) {
    self->next_fd = fd;
    return;
  }
  if (has_link (self)) {
    refuse (self, fd, "another producer is connected");
    return;
  }
  if (!gst_ipc_listener_may_enter (fd, self->settings.peer_uid)) {
    refuse (self, fd, "peer-uid");
    return;
  }
  gst_socket_unix_get_peer (fd, &uid, &pid);
  link = gst_ipc_link_new (fd);
  set_dialect (self, link);
  greet (link, self->settings.dialect);
  message = gst_structure_new ("producer-connected", "pid", G_TYPE_INT, pid,
      "uid", G_TYPE_UINT, uid, NULL);
  g_mutex_lock (&self->lock);
  self->link = link;
  self->table = gst_ipc_table_new (link, self->io_poller);
  self->link_serial++;
  self->connected++;
  g_mutex_unlock (&self->lock);
  gst_socket_poller_wake (self->reader_poller);
  self->callbacks.post (self->callbacks.user_data, message);
}

static void
accept_connections (GstIpcReceiver *self)
{
  for (guint i = 0; i < MAX_EVENTS; i++) {
    gint fd;

    switch (gst_ipc_listener_accept (self->listener, &fd)) {
      case GST_SOCKET_ACCEPT_TAKEN:
        use_connection (self, fd);
        break;
      case GST_SOCKET_ACCEPT_REFUSED:
        note_refused (self, "no-descriptors");
        break;
      case GST_SOCKET_ACCEPT_LOST:
        break;
      default:
        return;
    }
  }
}

static void
try_connect (GstIpcReceiver *self, gint64 now)
{
  const GstIpcReceiverCallbacks *cb = &self->callbacks;
  g_autoptr (GError) error = NULL;
  gint fd;

  if (self->settings.listen || has_link (self))
    return;
  fd = gst_ipc_connector_try (
      &self->connector, self->settings.path, now, 0, &error);
  if (fd >= 0)
    use_connection (self, fd);
  if (error != NULL)
    cb->warn (cb->user_data, error->message);
}

static void
keep_alive_locked (GstIpcReceiver *self, gint64 now)
{
  g_autoptr (GByteArray) out = NULL;
  gboolean prefixed;

  if (self->link == NULL || now - self->keepalive_at < KEEPALIVE_US)
    return;
  self->keepalive_at = now;
  gst_ipc_table_flush (self->table);
  out = g_byte_array_new ();
  prefixed = !gst_ipc_table_is_own (self->table)
      && gst_ipc_link_get_dialect (self->link)
          != GST_SOCKET_WIRE_DIALECT_LEGACY;
  gst_socket_wire_ext_put_empty (out, GST_SOCKET_WIRE_EXT_KEEPALIVE);
  gst_ipc_link_send_later (self->link, out->data, out->len, prefixed);
}

static gboolean
may_read_locked (GstIpcReceiver *self, gint64 now)
{
  return self->idle && self->link != NULL
      && now - self->idle_since >= IDLE_GRACE_US;
}

/* What passes while nobody takes buffers: they go back, the rest is kept. */
static void
drain_locked (GstIpcReceiver *self)
{
  for (guint i = 0; i < MAX_MESSAGES_PER_TURN || self->rest_size > 0; i++) {
    GstIpcItem item;

    if (!gst_ipc_receiver_read_locked (self, &item))
      break;
    if (item.buffer != NULL) {
      self->dropped++;
      /* The media has to be told again with the buffer that is not dropped. */
      self->n_media = 0;
      gst_ipc_item_clear (&item);
    } else if (item.kind != GST_IPC_ITEM_GAP)
      gst_ipc_receiver_push_locked (self, &item);
  }
  if (self->table != NULL)
    gst_ipc_table_set_reader_sleeps (self->table, TRUE);
}

static void
watch_locked (GstIpcReceiver *self, gint64 now)
{
  gint fd = self->link != NULL ? gst_ipc_link_get_fd (self->link) : -1;
  guint events = (may_read_locked (self, now) ? GST_SOCKET_POLL_READ : 0)
      | (fd >= 0 && gst_ipc_link_wants_write (self->link)
              ? GST_SOCKET_POLL_WRITE
              : 0);

  if (events == 0)
    fd = -1;
  if (self->io_serial == self->link_serial && self->io_fd == fd
      && self->io_events == events)
    return;
  if (self->io_fd >= 0)
    gst_socket_poller_remove (self->io_poller, self->io_fd, &self->link);
  self->io_fd = -1;
  self->io_serial = self->link_serial;
  self->io_events = events;
  if (fd >= 0
      && gst_socket_poller_add (self->io_poller, fd, events, &self->link, NULL))
    self->io_fd = fd;
}

static gint64
find_wait_ns (GstIpcReceiver *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 until = now + KEEPALIVE_US;

  if (self->listener != NULL)
    until = MIN (until, gst_ipc_listener_get_due (self->listener));
  else if (!has_link (self))
    until = MIN (until, self->connector.due_at);
  g_mutex_lock (&self->lock);
  if (self->idle && now - self->idle_since < IDLE_GRACE_US)
    until = MIN (until, self->idle_since + IDLE_GRACE_US + 1000);
  g_mutex_unlock (&self->lock);
  return MAX (until - now, 0) * 1000;
}

static void
serve_link (GstIpcReceiver *self)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  if (self->link != NULL)
    gst_ipc_link_flush (self->link);
  if (may_read_locked (self, now))
    drain_locked (self);
  keep_alive_locked (self, now);
  watch_locked (self, now);
  g_mutex_unlock (&self->lock);
}

static void
take_turn (GstIpcReceiver *self)
{
  GstSocketPollEvent events[MAX_EVENTS];
  guint n = gst_socket_poller_wait (
      self->io_poller, events, MAX_EVENTS, find_wait_ns (self));

  /* First the end of the old connection, then a new one. */
  serve_link (self);
  if (self->next_fd >= 0 && !has_link (self))
    use_connection (self, g_steal_fd (&self->next_fd));
  for (guint i = 0; i < n; i++) {
    if (events[i].data == self && self->listener != NULL)
      accept_connections (self);
  }
  gst_ipc_listener_check (self->listener);
  try_connect (self, g_get_monotonic_time ());
}

static gboolean
is_running (GstIpcReceiver *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);

  return self->running;
}

gpointer
gst_ipc_receiver_run (gpointer data)
{
  GstIpcReceiver *self = data;

  while (is_running (self))
    take_turn (self);
  return NULL;
}
