/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketclient.c: one client of an engine
 *
 * Here: a client's life, who may use its descriptor, sending a list of pieces
 * and receiving, its figures.
 * Not here: which unit it gets, limits, polling.
 *
 * Threads   see gstsocketengine-private.h; a client is made by the thread that
 *           adds it and freed by whoever gives back the last reference
 * Locks     none of its own; sending and receiving hold the client's claim
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketengine-private.h"

#include <gst/net/gstnetcontrolmessagemeta.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Ancillary data of one buffer: at most this many messages and bytes. */
#define MAX_CONTROL_MESSAGES 255
#define MAX_CONTROL_BYTES (64 * 1024)

static gchar *
format_address (GSocketAddress *address)
{
  g_autofree gchar *host = NULL;
  GInetAddress *inet;
  guint16 port;

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return g_strdup ("local");
  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  host = g_inet_address_to_string (inet);
  if (g_str_has_prefix (host, "::ffff:"))
    return g_strdup_printf ("%s:%u", host + strlen ("::ffff:"), port);
  if (strchr (host, ':') != NULL)
    return g_strdup_printf ("[%s]:%u", host, port);
  return g_strdup_printf ("%s:%u", host, port);
}

/* Asked for once: later the number may be another file's, and a peer that has
 * gone is no longer told. */
static gchar *
name_peer (const GstSocketHandle *handle)
{
  struct sockaddr_storage storage;
  socklen_t size = sizeof storage;
  g_autoptr (GSocketAddress) address = NULL;

  if ((handle->flags & GST_SOCKET_HANDLE_SOCKET)
      && getpeername (handle->fd, (struct sockaddr *) &storage, &size) == 0)
    address = g_socket_address_new_from_native (&storage, size);
  if (address == NULL)
    return g_strdup_printf ("descriptor %d", handle->fd);
  return format_address (address);
}

GstSocketClient *
gst_socket_client_new (GstSocketEngine *engine, const GstSocketHandle *handle,
    const GstSocketStart *start, GstSocketFraming *framing)
{
  GstSocketClient *client = g_new0 (GstSocketClient, 1);

  g_atomic_ref_count_init (&client->ref_count);
  client->engine = engine;
  client->handle = *handle;
  client->peer = name_peer (handle);
  if (handle->object != NULL)
    g_object_ref (handle->object);
  client->framing =
      gst_socket_framing_ref (framing != NULL ? framing : engine->plain);
  client->start = *start;
  client->link.data = client;
  client->connect_time = g_get_real_time () * GST_USECOND;
  client->connect_time_mono = gst_socket_now ();
  client->last_activity = client->connect_time_mono;
  client->first_time = client->last_time = GST_CLOCK_TIME_NONE;
  client->reported = G_MININT64 / 2;
  return client;
}

GstSocketClient *
gst_socket_client_ref (GstSocketClient *client)
{
  g_atomic_ref_count_inc (&client->ref_count);
  return client;
}

void
gst_socket_client_unref (GstSocketClient *client)
{
  if (client == NULL || !g_atomic_ref_count_dec (&client->ref_count))
    return;
  gst_socket_worker_unref (client->worker);
  gst_socket_unit_unref (client->inflight);
  gst_socket_headers_unref (client->headers);
  gst_socket_framing_unref (client->framing);
  g_clear_object (&client->handle.object);
  g_free (client->peer);
  g_free (client);
}

/* --- claim --- */

static gboolean
try_claim (GstSocketClient *client, gint claim)
{
  return g_atomic_int_compare_and_exchange (
      &client->claim, GST_SOCKET_CLAIM_FREE, claim);
}

/* A worker takes the descriptor for one call, unless the client is leaving or
 * somebody else has it; it never waits. */
gboolean
gst_socket_client_claim (GstSocketClient *client)
{
  return !g_atomic_int_get (&client->leaving)
      && try_claim (client, GST_SOCKET_CLAIM_BUSY);
}

static void
tell_waiters (GstSocketClient *client)
{
  GstSocketEngine *engine = client->engine;

  if (G_LIKELY (g_atomic_int_get (&client->waiters) == 0))
    return;
  g_mutex_lock (&engine->lock);
  g_cond_broadcast (&engine->released);
  g_mutex_unlock (&engine->lock);
}

/* Gives back what claim or hold took. */
void
gst_socket_client_release (GstSocketClient *client)
{
  g_atomic_int_set (&client->claim, GST_SOCKET_CLAIM_FREE);
  tell_waiters (client);
}

/* Waits for one call of a worker at most, which does not block. Returns FALSE
 * when the descriptor has been taken for good. */
static gboolean
wait_for_claim (GstSocketClient *client, gint claim)
{
  GstSocketEngine *engine = client->engine;
  gboolean taken = try_claim (client, claim);

  if (taken)
    return TRUE;
  g_atomic_int_inc (&client->waiters);
  g_mutex_lock (&engine->lock);
  while (!(taken = try_claim (client, claim))
      && g_atomic_int_get (&client->claim) != GST_SOCKET_CLAIM_GONE)
    g_cond_wait (&engine->released, &engine->lock);
  g_mutex_unlock (&engine->lock);
  g_atomic_int_add (&client->waiters, -1);
  return taken;
}

/* The one who sees the client off takes the descriptor for ever. */
void
gst_socket_client_claim_for_good (GstSocketClient *client)
{
  wait_for_claim (client, GST_SOCKET_CLAIM_GONE);
  tell_waiters (client);
}

/**
 * gst_socket_client_hold: (skip)
 * @client: a client
 *
 * Keeps the client's descriptor from being used or given back, for a short
 * time, until gst_socket_client_release(). Any thread, no lock held.
 *
 * Returns: %FALSE when the client has gone; there is nothing to release then
 */
gboolean
gst_socket_client_hold (GstSocketClient *client)
{
  return wait_for_claim (client, GST_SOCKET_CLAIM_BUSY);
}

/* --- polling --- */

/* Waits for room to write, or no longer does. The caller holds the claim. */
void
gst_socket_client_arm (GstSocketClient *client, gboolean armed)
{
  guint events = armed ? GST_SOCKET_POLL_WRITE : 0;

  if (client->is_armed == armed || !client->is_polled)
    return;
  client->is_armed = armed;
  if (client->handle.flags & GST_SOCKET_HANDLE_READ)
    events |= GST_SOCKET_POLL_READ;
  gst_socket_poller_modify (
      client->worker->poller, client->handle.fd, events, client);
}

/* For the worker, after its poller has forgotten everything. */
void
gst_socket_client_watch_again (GstSocketClient *client)
{
  guint events = client->is_armed ? GST_SOCKET_POLL_WRITE : 0;

  if (!gst_socket_client_hold (client))
    return;
  if (client->handle.flags & GST_SOCKET_HANDLE_READ)
    events |= GST_SOCKET_POLL_READ;
  if (!g_atomic_int_get (&client->leaving)
      && g_atomic_int_get (&client->is_polled))
    gst_socket_poller_add (
        client->worker->poller, client->handle.fd, events, client, NULL);
  gst_socket_client_release (client);
}

/* Whether the peer has closed both directions. The caller holds the claim. */
gboolean
gst_socket_client_is_hung_up (GstSocketClient *client)
{
  struct pollfd pfd = {.fd = client->handle.fd};

  return poll (&pfd, 1, 0) > 0 && (pfd.revents & POLLHUP) != 0;
}

/**
 * gst_socket_client_set_reading: (skip)
 * @client: a client
 * @reading: whether to read what it sends
 *
 * Starts or stops to read from a client; one that is not read from is noticed
 * to have gone only when both directions are closed. Any thread.
 */
void
gst_socket_client_set_reading (GstSocketClient *client, gboolean reading)
{
  guint events = 0;

  if (!gst_socket_client_hold (client))
    return;
  if (client->is_armed)
    events |= GST_SOCKET_POLL_WRITE;
  if (reading) {
    client->handle.flags |= GST_SOCKET_HANDLE_READ;
    events |= GST_SOCKET_POLL_READ;
  } else {
    client->handle.flags &= ~GST_SOCKET_HANDLE_READ;
  }
  if (client->is_polled)
    gst_socket_poller_modify (
        client->worker->poller, client->handle.fd, events, client);
  gst_socket_client_release (client);
}

/* --- ancillary data --- */

typedef struct
{
  guint n;
  gsize size;
  GSocketControlMessage *messages[MAX_CONTROL_MESSAGES];
} ControlMessages;

static gboolean
gather_control (GstBuffer *buffer, GstMeta **meta, gpointer user_data)
{
  ControlMessages *control = user_data;
  GSocketControlMessage *message;
  gsize size;

  if ((*meta)->info->api != GST_NET_CONTROL_MESSAGE_META_API_TYPE)
    return TRUE;
  message = ((GstNetControlMessageMeta *) *meta)->message;
  size = CMSG_SPACE (g_socket_control_message_get_size (message));
  if (control->n == MAX_CONTROL_MESSAGES
      || control->size + size > MAX_CONTROL_BYTES)
    return FALSE;
  control->messages[control->n++] = message;
  control->size += size;
  return TRUE;
}

static void
serialize_control (const ControlMessages *control, struct msghdr *msg)
{
  struct cmsghdr *cmsg = CMSG_FIRSTHDR (msg);

  for (guint i = 0; i < control->n; i++) {
    GSocketControlMessage *message = control->messages[i];

    cmsg->cmsg_level = g_socket_control_message_get_level (message);
    cmsg->cmsg_type = g_socket_control_message_get_msg_type (message);
    cmsg->cmsg_len = CMSG_LEN (g_socket_control_message_get_size (message));
    g_socket_control_message_serialize (message, CMSG_DATA (cmsg));
    cmsg = CMSG_NXTHDR (msg, cmsg);
  }
}

/* The returned memory belongs to msg and must outlive the send. */
static gpointer
attach_control (GstBuffer *buffer, struct msghdr *msg)
{
  ControlMessages control = {0};

  gst_buffer_foreach_meta (buffer, gather_control, &control);
  if (control.n == 0)
    return NULL;
  msg->msg_control = g_malloc0 (control.size);
  msg->msg_controllen = control.size;
  serialize_control (&control, msg);
  return msg->msg_control;
}

/* --- sending --- */

/* The application may close its GSocket before it removes the client; the
 * descriptor's number may then already be somebody else's. */
gboolean
gst_socket_handle_is_closed (const GstSocketHandle *handle)
{
  return (handle->flags & GST_SOCKET_HANDLE_GSOCKET)
      && g_socket_is_closed ((GSocket *) handle->object);
}

/* One piece is the usual case, and send() costs less than sendmsg(), which has
 * to fetch and check the header and the list first. */
static gssize
send_to_socket (gint fd, const struct msghdr *msg)
{
  const gint flags = MSG_DONTWAIT | MSG_NOSIGNAL;

  if (msg->msg_iovlen == 1 && msg->msg_controllen == 0)
    return send (fd, msg->msg_iov->iov_base, msg->msg_iov->iov_len, flags);
  return sendmsg (fd, msg, flags);
}

static gssize
send_message (const GstSocketHandle *handle, const struct msghdr *msg)
{
  gssize ret;

  if (gst_socket_handle_is_closed (handle))
    return -ENOTCONN;
  do {
    if (handle->send != NULL)
      return handle->send (handle, msg);
    if (handle->flags & GST_SOCKET_HANDLE_SOCKET)
      ret = send_to_socket (handle->fd, msg);
    else
      ret = writev (handle->fd, msg->msg_iov, msg->msg_iovlen);
  } while (ret < 0 && errno == EINTR);
  return ret < 0 ? -errno : ret;
}

/* Sends some pieces as one message, with the ancillary data of a unit. */
static gssize
send_pieces (GstSocketClient *client, struct iovec *iov, guint n_iov,
    const GstSocketUnit *control)
{
  struct msghdr msg = {.msg_iov = iov, .msg_iovlen = n_iov};
  g_autofree gpointer memory = NULL;

  if (G_UNLIKELY (control != NULL))
    memory = attach_control (control->buffer, &msg);
  return send_message (&client->handle, &msg);
}

static gboolean
would_block (gssize ret)
{
  return ret == -EAGAIN || ret == -EWOULDBLOCK;
}

/* One message a unit, for descriptors that keep borders. */
static gssize
send_each (GstSocketClient *client, GstSocketPieces *pieces)
{
  gsize done = 0;
  guint first = 0;

  for (guint i = 0; i < pieces->n_units; i++) {
    const GstSocketUnit *unit = pieces->units[i];
    gsize size = pieces->end[i] - done;
    gssize ret;

    /* An empty message would read as the end. */
    if (size == 0)
      continue;
    ret = send_pieces (client, &pieces->iov[first], pieces->iov_end[i] - first,
        (unit->flags & GST_SOCKET_UNIT_CONTROL) ? unit : NULL);

    if (ret < 0)
      return would_block (ret) ? (gssize) done : ret;
    done += ret;
    if ((gsize) ret < size)
      break;
    first = pieces->iov_end[i];
  }
  return done;
}

static gssize
send_stream (GstSocketClient *client, GstSocketPieces *pieces, gsize skip)
{
  const GstSocketUnit *first = pieces->units[0];
  gboolean has_control =
      skip == 0 && (first->flags & GST_SOCKET_UNIT_CONTROL) != 0;
  struct iovec saved;
  guint i = 0;
  gssize ret;

  if (skip > 0)
    i = gst_socket_pieces_skip (pieces, skip, &saved);
  ret = send_pieces (
      client, &pieces->iov[i], pieces->n_iov - i, has_control ? first : NULL);
  if (skip > 0)
    pieces->iov[i] = saved;
  return would_block (ret) ? 0 : ret;
}

/* Sends what the list holds beyond skip bytes. Returns how many bytes were
 * taken, less than all when the descriptor is full, or a negative errno. The
 * caller holds the claim. An empty list is taken as a whole. */
gssize
gst_socket_client_send (
    GstSocketClient *client, GstSocketPieces *pieces, gsize skip)
{
  if (client->handle.flags & GST_SOCKET_HANDLE_MESSAGES)
    return send_each (client, pieces);
  if (G_UNLIKELY (pieces->bytes == skip))
    return 0;
  return send_stream (client, pieces, skip);
}

/* Returns the bytes read, 0 when the peer has closed, or a negative errno. The
 * caller holds the claim. */
gssize
gst_socket_client_receive (GstSocketClient *client, gpointer data, gsize size)
{
  const GstSocketHandle *handle = &client->handle;
  gssize ret;

  if (gst_socket_handle_is_closed (handle))
    return 0;
  do {
    if (handle->receive != NULL)
      return handle->receive (handle, data, size);
    if (handle->flags & GST_SOCKET_HANDLE_SOCKET)
      ret = recv (handle->fd, data, size, MSG_DONTWAIT);
    else
      ret = read (handle->fd, data, size);
  } while (ret < 0 && errno == EINTR);
  return ret < 0 ? -errno : ret;
}

/* --- headers --- */

/* Takes over the headers that precede a unit. They are sent to a client that
 * has had none yet, and to one that has had other ones if resend says so. */
void
gst_socket_client_take_headers (
    GstSocketClient *client, const GstSocketUnit *unit, gboolean resend)
{
  g_autoptr (GstSocketHeaders) old = g_steal_pointer (&client->headers);
  guint n_old = gst_socket_headers_get_length (old);
  guint n_new = gst_socket_headers_get_length (unit->headers);

  if (unit->headers != NULL)
    client->headers = gst_socket_headers_ref (unit->headers);
  if (n_old == 0
      || (resend && !gst_socket_headers_equal (old, client->headers)))
    client->header_index = 0;
  else
    client->header_index = n_new;
}

/* --- figures --- */

GstStructure *
gst_socket_client_to_stats (const GstSocketClient *client)
{
  guint64 end = client->disconnect_time_mono;

  if (end == 0)
    end = gst_socket_now ();
  return gst_structure_new ("multihandlesink-stats", "bytes-sent",
      G_TYPE_UINT64, gst_socket_load64 (&client->bytes_sent), "connect-time",
      G_TYPE_UINT64, client->connect_time, "connect-time-monotonic",
      G_TYPE_UINT64, client->connect_time_mono, "disconnect-time",
      G_TYPE_UINT64, client->disconnect_time, "disconnect-time-monotonic",
      G_TYPE_UINT64, client->disconnect_time_mono, "connect-duration",
      G_TYPE_UINT64, end - client->connect_time_mono,
      "last-activity-time-monotonic", G_TYPE_UINT64,
      gst_socket_load64 (&client->last_activity), "buffers-dropped",
      G_TYPE_UINT64, client->dropped, "first-buffer-ts", G_TYPE_UINT64,
      gst_socket_load64 (&client->first_time), "last-buffer-ts", G_TYPE_UINT64,
      gst_socket_load64 (&client->last_time), NULL);
}

static const gchar *
describe_place (const GstSocketClient *client)
{
  if (client->leaving)
    return "leaving";
  if (client->flush_until != G_MAXUINT64)
    return "flushing";
  switch (client->place) {
    case GST_SOCKET_PLACE_JOINING:
      return "waiting";
    case GST_SOCKET_PLACE_BLOCKED:
      return "behind";
    default:
      return "streaming";
  }
}

/* Units the client has still to be given. */
static guint64
behind_locked (const GstSocketClient *client, guint64 *ret_next)
{
  guint64 newest = gst_socket_queue_get_newest (client->engine->queue);
  /* The worker of one that leaves may be gone. */
  guint64 next = client->place == GST_SOCKET_PLACE_EDGE && !client->leaving
      ? gst_socket_load64 (&client->worker->edge_next)
      : gst_socket_load64 (&client->next);

  if (client->place == GST_SOCKET_PLACE_JOINING)
    next = newest + 1;
  *ret_next = next;
  return newest + 1 - MIN (next, newest + 1);
}

static GstClockTime
time_behind_locked (const GstSocketClient *client, guint64 next)
{
  GstSocketQueue *queue = client->engine->queue;
  GstSocketUnit *newest =
      gst_socket_queue_get (queue, gst_socket_queue_get_newest (queue));
  GstSocketUnit *unit = gst_socket_queue_get (queue, next);

  if (newest == NULL || unit == NULL
      || !GST_CLOCK_TIME_IS_VALID (unit->time_max)
      || newest->time_max < unit->time_max)
    return 0;
  return newest->time_max - unit->time_max;
}

/* What an application that lists the clients wants to know. */
GstStructure *
gst_socket_client_describe_locked (GstSocketClient *client)
{
  guint64 next;
  guint64 behind = behind_locked (client, &next);
  GstSocketUnit *newest = gst_socket_queue_get (client->engine->queue,
      gst_socket_queue_get_newest (client->engine->queue));
  GstSocketUnit *unit = gst_socket_queue_get (client->engine->queue, next);
  guint64 bytes_behind = unit != NULL && newest != NULL
      ? newest->bytes_end - unit->bytes_end + unit->size
      : 0;

  return gst_structure_new ("client", "id", G_TYPE_UINT64, client->id, "state",
      G_TYPE_STRING, describe_place (client), "bytes-sent", G_TYPE_UINT64,
      gst_socket_load64 (&client->bytes_sent), "buffers-dropped", G_TYPE_UINT64,
      client->dropped, "buffers-behind", G_TYPE_UINT64, behind, "bytes-behind",
      G_TYPE_UINT64, bytes_behind, "time-behind", G_TYPE_UINT64,
      time_behind_locked (client, next), "connect-time", G_TYPE_UINT64,
      client->connect_time, NULL);
}

/**
 * gst_socket_client_get_key: (skip)
 * @client: a client
 *
 * Returns: (transfer none): the key it was added with; any thread
 */
gpointer
gst_socket_client_get_key (GstSocketClient *client)
{
  return client->handle.key;
}

/**
 * gst_socket_client_get_object: (skip)
 * @client: a client
 *
 * Returns: (transfer none) (nullable): the object of its handle; any thread
 */
GObject *
gst_socket_client_get_object (GstSocketClient *client)
{
  return client->handle.object;
}

/**
 * gst_socket_client_get_fd: (skip)
 * @client: a client
 *
 * Returns: the descriptor of its handle; any thread
 */
gint
gst_socket_client_get_fd (GstSocketClient *client)
{
  return client->handle.fd;
}

/**
 * gst_socket_client_get_id: (skip)
 * @client: a client
 *
 * Returns: a number that no other client of the engine ever has; any thread
 */
guint64
gst_socket_client_get_id (GstSocketClient *client)
{
  return client->id;
}

/**
 * gst_socket_client_dup_peer: (skip)
 * @client: a client
 *
 * Returns: (transfer full): the address and port of the peer as it was added,
 *     "local" for a UNIX socket, or "descriptor N"; any thread
 */
gchar *
gst_socket_client_dup_peer (GstSocketClient *client)
{
  return g_strdup (client->peer);
}
