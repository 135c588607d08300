/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipclink.c: one connection between a producer and a consumer
 *
 * Here: see gstipclink.h. Not here: what messages mean, threads.
 *
 * Threads   any: send, flush, shutdown    reader: receive    owner: close
 * Locks                                   guards
 *   link->lock                            fd as seen by senders, backlog
 * The lock is held over both records of a message and over a system call that
 * does not wait. close () is for the owner, when nobody reads any more; senders
 * that come later find the link dead.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipclink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the largest record there can be. */
#define RECEIVE_SIZE (256 * 1024)
/* Small messages that wait for room; a peer that lets more pile up is dead. */
#define MAX_BACKLOG_BYTES (1024 * 1024)
/* Messages go in one record up to here; no single one is larger, or it goes by
 * itself. */
#define MAX_JOINED_BYTES (32 * 1024)

typedef struct
{
  GBytes *bytes;
  guint n_fds;
  gint fds[GST_SOCKET_FDPASS_MAX_FDS];
} Unsent;

struct _GstIpcLink
{
  gatomicrefcount refs;

  /* guarded by lock */
  GMutex lock;
  gint fd;
  gboolean is_dead;
  GQueue backlog;
  gsize backlog_bytes;
  /* Messages that go in one record; is_blocked when it was tried. */
  GByteArray *joined;
  gboolean is_blocked;
  /* atomic: something waits for room */
  gint wants_write;

  /* reader only */
  GstSocketWireFraming framing;
  guint8 *buffer;
};

static void
unsent_free (Unsent *unsent)
{
  for (guint i = 0; i < unsent->n_fds; i++)
    close (unsent->fds[i]);
  g_bytes_unref (unsent->bytes);
  g_free (unsent);
}

GstIpcLink *
gst_ipc_link_new (gint fd)
{
  GstIpcLink *link = g_new0 (GstIpcLink, 1);

  g_atomic_ref_count_init (&link->refs);
  g_mutex_init (&link->lock);
  g_queue_init (&link->backlog);
  link->fd = fd;
  link->joined = g_byte_array_new ();
  link->buffer = g_malloc (RECEIVE_SIZE);
  return link;
}

GstIpcLink *
gst_ipc_link_ref (GstIpcLink *link)
{
  g_atomic_ref_count_inc (&link->refs);
  return link;
}

void
gst_ipc_link_unref (GstIpcLink *link)
{
  if (!g_atomic_ref_count_dec (&link->refs))
    return;
  gst_ipc_link_close (link);
  g_mutex_clear (&link->lock);
  g_byte_array_unref (link->joined);
  g_free (link->buffer);
  g_free (link);
}

/* For the reader's and the owner's poller; -1 when closed. */
gint
gst_ipc_link_get_fd (GstIpcLink *link)
{
  return link->fd;
}

static void
kill_locked (GstIpcLink *link)
{
  link->is_dead = TRUE;
  link->is_blocked = FALSE;
  g_queue_clear_full (&link->backlog, (GDestroyNotify) unsent_free);
  link->backlog_bytes = 0;
  g_byte_array_set_size (link->joined, 0);
  g_atomic_int_set (&link->wants_write, FALSE);
}

/* Ends the connection; the reader wakes up with the end of the stream. */
void
gst_ipc_link_shutdown (GstIpcLink *link)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&link->lock);

  if (link->fd >= 0)
    shutdown (link->fd, SHUT_RDWR);
  kill_locked (link);
}

/* Says to the peer that nothing more comes, and still reads. */
void
gst_ipc_link_finish_writing (GstIpcLink *link)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&link->lock);

  if (link->fd >= 0)
    shutdown (link->fd, SHUT_WR);
}

void
gst_ipc_link_close (GstIpcLink *link)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&link->lock);

  kill_locked (link);
  if (link->fd >= 0)
    close (g_steal_fd (&link->fd));
}

/* After everything that may have changed it: it is asked for each frame. */
static void
note_wants_write_locked (GstIpcLink *link)
{
  g_atomic_int_set (&link->wants_write,
      !g_queue_is_empty (&link->backlog) || link->is_blocked);
}

static gboolean
queue_locked (GstIpcLink *link, const GstSocketRecord *record)
{
  Unsent *unsent = g_new0 (Unsent, 1);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; i < record->n_vectors; i++)
    g_byte_array_append (
        bytes, record->vectors[i].buffer, record->vectors[i].size);
  link->backlog_bytes += bytes->len;
  unsent->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  for (guint i = 0; i < record->n_fds; i++) {
    gint fd = fcntl (record->fds[i], F_DUPFD_CLOEXEC, 3);

    if (fd < 0) {
      unsent_free (unsent);
      return FALSE;
    }
    unsent->fds[unsent->n_fds++] = fd;
  }
  g_queue_push_tail (&link->backlog, unsent);
  return link->backlog_bytes <= MAX_BACKLOG_BYTES;
}

static GstIpcSendResult
flush_backlog_locked (GstIpcLink *link)
{
  Unsent *unsent;

  while ((unsent = g_queue_peek_head (&link->backlog)) != NULL) {
    GstSocketRecord record = {
        .n_vectors = 1, .n_fds = unsent->n_fds, .fds = unsent->fds};
    gint sent;

    record.vectors[0].buffer =
        g_bytes_get_data (unsent->bytes, &record.vectors[0].size);
    sent = gst_socket_fdpass_send (link->fd, &record, 1, NULL);
    if (sent < 0)
      return GST_IPC_DEAD;
    if (sent == 0)
      return GST_IPC_FULL;
    link->backlog_bytes -= g_bytes_get_size (unsent->bytes);
    unsent_free (g_queue_pop_head (&link->backlog));
  }
  return GST_IPC_SENT;
}

static GstIpcSendResult
flush_joined_locked (GstIpcLink *link)
{
  GstSocketRecord record = {
      .n_vectors = 1, .vectors = {{link->joined->data, link->joined->len}}};
  gint sent;

  if (link->joined->len == 0)
    return GST_IPC_SENT;
  sent = gst_socket_fdpass_send (link->fd, &record, 1, NULL);
  if (sent < 0)
    return GST_IPC_DEAD;
  link->is_blocked = sent == 0;
  if (sent == 0)
    return GST_IPC_FULL;
  g_byte_array_set_size (link->joined, 0);
  return GST_IPC_SENT;
}

static GstIpcSendResult
flush_locked (GstIpcLink *link)
{
  GstIpcSendResult result = flush_backlog_locked (link);

  return result == GST_IPC_SENT ? flush_joined_locked (link) : result;
}

/* The length goes out with the message in one call. When only the length went,
 * the message is kept and goes before anything else. */
static GstIpcSendResult
send_locked (GstIpcLink *link, const GstIpcMessage *msg)
{
  GstSocketRecord records[2];
  guint8 prefix[GST_SOCKET_WIRE_PREFIX_SIZE];
  GstSocketRecord *body = &records[msg->prefixed ? 1 : 0];
  guint n_records = msg->prefixed ? 2 : 1;
  gsize size = 0;
  gint sent;

  for (guint i = 0; i < msg->n_vectors; i++) {
    body->vectors[i] = msg->vectors[i];
    size += msg->vectors[i].size;
  }
  body->n_vectors = msg->n_vectors;
  body->n_fds = msg->n_fds;
  body->fds = msg->fds;
  if (msg->prefixed) {
    gst_socket_wire_put_prefix (prefix, size);
    records[0].n_vectors = 1;
    records[0].vectors[0] = (GOutputVector){prefix, sizeof (prefix)};
    records[0].n_fds = 0;
  }
  sent = gst_socket_fdpass_send (link->fd, records, n_records, NULL);
  if (sent < 0)
    return GST_IPC_DEAD;
  if (sent == 0)
    return GST_IPC_FULL;
  if ((guint) sent < n_records && !queue_locked (link, body))
    return GST_IPC_DEAD;
  return GST_IPC_SENT;
}

static GstIpcSendResult
flush_then_send_locked (GstIpcLink *link, const GstIpcMessage *msg)
{
  GstIpcSendResult result = flush_locked (link);

  return result == GST_IPC_SENT ? send_locked (link, msg) : result;
}

/* Sends now or not at all. After DEAD the link only waits to be closed. */
GstIpcSendResult
gst_ipc_link_send (GstIpcLink *link, const GstIpcMessage *msg)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&link->lock);
  GstIpcSendResult result;

  if (link->is_dead)
    return GST_IPC_DEAD;
  result = flush_then_send_locked (link, msg);
  if (result == GST_IPC_DEAD)
    kill_locked (link);
  note_wants_write_locked (link);
  return result;
}

static gboolean
queue_message_locked (GstIpcLink *link, const GstIpcMessage *msg)
{
  GstSocketRecord record = {.n_vectors = 1};
  guint8 prefix[GST_SOCKET_WIRE_PREFIX_SIZE];

  if (msg->prefixed) {
    gst_socket_wire_put_prefix (prefix, msg->vectors[0].size);
    record.vectors[0] = (GOutputVector){prefix, sizeof (prefix)};
    if (!queue_locked (link, &record))
      return FALSE;
  }
  record.vectors[0] = msg->vectors[0];
  return queue_locked (link, &record);
}

/* Sends now, or keeps a copy: FULL says that the owner has to wait for room
 * and flush. For small messages that must not be lost. */
GstIpcSendResult
gst_ipc_link_send_later (
    GstIpcLink *link, const guint8 *data, gsize size, gboolean prefixed)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&link->lock);
  GstIpcMessage msg = {
      .vectors = {{data, size}}, .n_vectors = 1, .prefixed = prefixed};
  GstIpcSendResult result;

  if (link->is_dead)
    return GST_IPC_DEAD;
  result = flush_then_send_locked (link, &msg);
  if (result == GST_IPC_FULL && !queue_message_locked (link, &msg))
    result = GST_IPC_DEAD;
  if (result == GST_IPC_DEAD)
    kill_locked (link);
  note_wants_write_locked (link);
  return result;
}

static GstIpcSendResult
join_locked (GstIpcLink *link, const GstIpcMessage *msg)
{
  gsize size = 0;

  for (guint i = 0; i < msg->n_vectors; i++)
    size += msg->vectors[i].size;
  if (link->is_blocked || !g_queue_is_empty (&link->backlog)
      || link->joined->len + size > MAX_JOINED_BYTES) {
    GstIpcSendResult result = flush_locked (link);

    if (result != GST_IPC_SENT)
      return result;
  }
  for (guint i = 0; i < msg->n_vectors; i++)
    g_byte_array_append (
        link->joined, msg->vectors[i].buffer, msg->vectors[i].size);
  return GST_IPC_SENT;
}

GstIpcSendResult
gst_ipc_link_join (GstIpcLink *link, const GstIpcMessage *msg)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&link->lock);
  GstIpcSendResult result;

  if (link->is_dead)
    return GST_IPC_DEAD;
  result = join_locked (link, msg);
  if (result == GST_IPC_DEAD)
    kill_locked (link);
  note_wants_write_locked (link);
  return result;
}

/* Returns FALSE when the link is dead. */
gboolean
gst_ipc_link_flush (GstIpcLink *link)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&link->lock);

  if (!link->is_dead && flush_locked (link) == GST_IPC_DEAD)
    kill_locked (link);
  note_wants_write_locked (link);
  return !link->is_dead;
}

gboolean
gst_ipc_link_is_hung_up (GstIpcLink *link)
{
  struct pollfd pfd = {.fd = link->fd, .events = POLLRDHUP};

  return poll (&pfd, 1, 0) > 0
      && (pfd.revents & (POLLHUP | POLLRDHUP | POLLERR)) != 0;
}

gboolean
gst_ipc_link_wants_write (GstIpcLink *link)
{
  return g_atomic_int_get (&link->wants_write);
}

/* Receives one message without waiting. ret_data is valid until the next call.
 * The caller clears fds whatever the result. */
GstSocketFdpassResult
gst_ipc_link_receive (GstIpcLink *link, const guint8 **ret_data,
    gsize *ret_size, GstSocketFds *fds, GError **error)
{
  for (;;) {
    gsize size = RECEIVE_SIZE;
    GstSocketFdpassResult result =
        gst_socket_fdpass_receive (link->fd, link->buffer, &size, fds, error);
    GstSocketWireStep step;

    if (result != GST_SOCKET_FDPASS_OK)
      return result;
    step = gst_socket_wire_framing_feed (
        &link->framing, link->buffer, size, error);
    if (step == GST_SOCKET_WIRE_STEP_MESSAGE) {
      *ret_data = link->buffer;
      *ret_size = size;
      return GST_SOCKET_FDPASS_OK;
    }
    gst_socket_fds_clear (fds);
    if (step == GST_SOCKET_WIRE_STEP_ERROR)
      return GST_SOCKET_FDPASS_ERROR;
  }
}

/* Before anything is received: what the peer is to speak. */
void
gst_ipc_link_set_dialect (GstIpcLink *link, GstSocketWireDialect dialect)
{
  link->framing.dialect = dialect;
}

/* The dialect the peer was seen to speak. */
GstSocketWireDialect
gst_ipc_link_get_dialect (GstIpcLink *link)
{
  return link->framing.dialect;
}
