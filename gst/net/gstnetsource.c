/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetsource.c: what the elements that read a socket have in common
 *
 * Here: the socket in use, reading it, cancelling, counting.
 * Not here: where the socket comes from; pads, properties, states.
 *
 * Threads   app: stats, cancel, states     streaming: read
 * Locks, in taking order    guards
 *   1. OBJECT_LOCK (element)  socket, bytes_received, info
 * The lock is not held while reading. It is held for getsockopt, which never
 * waits, so that the descriptor cannot be closed, and become another file's,
 * in between.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetsource.h"

#include <gst/socket/gstsocketaddress.h>
#include <gst/socket/gstsocketerror.h>

#include <glib/gi18n-lib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* What blocksize is until somebody sets it. Stock reads no more at once. */
#define STOCK_BLOCKSIZE 4096

static const gchar *const info_names[] = {
    "reordering", "unacked", "sacked", "lost", "retrans", "fackets"};

/*
 * gst_net_source_init:
 * @self: what to set up
 * @element: the element it is part of
 * @stats_name: name of its statistics structure
 */
void
gst_net_source_init (
    GstNetSource *self, GstBaseSrc *element, const gchar *stats_name)
{
  memset (self, 0, sizeof (*self));
  self->element = element;
  self->stats_name = stats_name;
  self->cancellable = g_cancellable_new ();
}

/*
 * gst_net_source_clear:
 * @self: what to give up
 */
void
gst_net_source_clear (GstNetSource *self)
{
  g_clear_object (&self->socket);
  g_clear_pointer (&self->peer, g_free);
  g_clear_object (&self->cancellable);
}

/*
 * gst_net_source_open:
 * @self: a source without a socket
 *
 * Makes everything ready for reading, from start () of the element; posts an
 * error if that fails.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_net_source_open (GstNetSource *self)
{
  g_autoptr (GError) error = NULL;

  g_cancellable_reset (self->cancellable);
  self->wait = gst_socket_wait_new (self->cancellable, &error);
  if (self->wait == NULL) {
    GST_ELEMENT_ERROR (self->element, RESOURCE, OPEN_READ,
        (_ ("There are no file descriptors left.")), ("%s", error->message));
    return FALSE;
  }
  GST_OBJECT_LOCK (self->element);
  self->bytes_received = 0;
  self->has_info = FALSE;
  GST_OBJECT_UNLOCK (self->element);
  self->is_discont = FALSE;
  return TRUE;
}

/*
 * gst_net_source_close:
 * @self: a source that nobody reads
 *
 * Takes back gst_net_source_open(). The socket stays as it is.
 */
void
gst_net_source_close (GstNetSource *self)
{
  g_clear_pointer (&self->reader, gst_socket_reader_free);
  g_clear_pointer (&self->wait, gst_socket_wait_free);
}

/*
 * gst_net_source_cancel:
 * @self: a source
 *
 * Ends all waiting, from any thread, until gst_net_source_resume().
 */
void
gst_net_source_cancel (GstNetSource *self)
{
  g_cancellable_cancel (self->cancellable);
}

/*
 * gst_net_source_resume:
 * @self: a source that nobody reads
 */
void
gst_net_source_resume (GstNetSource *self)
{
  g_cancellable_reset (self->cancellable);
}

/*
 * gst_net_source_set_blocksize:
 * @self: a source
 * @blocksize: what the application set
 *
 * From then on @blocksize is the most bytes of a buffer, even if it is the
 * figure that it had before.
 */
void
gst_net_source_set_blocksize (GstNetSource *self, guint blocksize)
{
  gst_base_src_set_blocksize (self->element, blocksize);
  g_atomic_int_set (&self->blocksize, blocksize);
}

/*
 * gst_net_source_set_timeout:
 * @self: a source
 * @timeout_s: longest silence in seconds, 0 for ever
 */
void
gst_net_source_set_timeout (GstNetSource *self, guint timeout_s)
{
  g_atomic_int_set (&self->timeout_s, timeout_s);
}

/*
 * gst_net_source_get_timeout:
 * @self: a source
 *
 * Returns: longest silence in seconds, 0 for ever
 */
guint
gst_net_source_get_timeout (GstNetSource *self)
{
  return g_atomic_int_get (&self->timeout_s);
}

/*
 * gst_net_source_mark_discont:
 * @self: a source
 *
 * Says that what is read next does not continue what was read before.
 */
void
gst_net_source_mark_discont (GstNetSource *self)
{
  self->is_discont = TRUE;
}

static guint
wanted_size (GstNetSource *self)
{
  guint set = g_atomic_int_get (&self->blocksize);
  guint base = gst_base_src_get_blocksize (self->element);

  if (set == 0 && base != STOCK_BLOCKSIZE)
    set = base;
  return set == 0 || set == G_MAXUINT ? GST_SOCKET_READER_DEFAULT_SIZE : set;
}

/* The TCP figures, all zero for another kind of socket. */
static void
read_info_locked (GstNetSource *self)
{
#ifdef __linux__
  struct tcp_info info;
  socklen_t size = sizeof (info);

  memset (&info, 0, sizeof (info));
  if (self->socket == NULL
      || getsockopt (g_socket_get_fd (self->socket), IPPROTO_TCP, TCP_INFO,
             &info, &size)
          < 0)
    return;
  self->info[0] = info.tcpi_reordering;
  self->info[1] = info.tcpi_unacked;
  self->info[2] = info.tcpi_sacked;
  self->info[3] = info.tcpi_lost;
  self->info[4] = info.tcpi_retrans;
  self->info[5] = info.tcpi_fackets;
  self->has_info = TRUE;
#endif
}

/* Returns (transfer full) (nullable): the address of the other end. */
static gchar *
name_peer (GSocket *socket)
{
  g_autoptr (GSocketAddress) address =
      g_socket_get_remote_address (socket, NULL);

  return address != NULL ? gst_socket_address_to_string (address) : NULL;
}

/*
 * gst_net_source_set_socket:
 * @self: a source
 * @socket: (nullable) (transfer none): what to read from now on
 */
void
gst_net_source_set_socket (GstNetSource *self, GSocket *socket)
{
  g_autoptr (GSocket) old = NULL;
  g_autofree gchar *peer = NULL;

  if (socket != NULL) {
    g_object_ref (socket);
    peer = name_peer (socket);
  }
  old = gst_net_source_steal_socket (self);
  GST_OBJECT_LOCK (self->element);
  self->socket = socket;
  /* Why there is none any more is told of the last one. */
  if (peer != NULL) {
    gchar *last = self->peer;

    self->peer = g_steal_pointer (&peer);
    peer = last;
  }
  GST_OBJECT_UNLOCK (self->element);
}

/*
 * gst_net_source_ref_socket:
 * @self: a source
 *
 * Returns: (transfer full) (nullable): the socket in use
 */
GSocket *
gst_net_source_ref_socket (GstNetSource *self)
{
  GSocket *socket;

  GST_OBJECT_LOCK (self->element);
  socket = self->socket != NULL ? g_object_ref (self->socket) : NULL;
  GST_OBJECT_UNLOCK (self->element);
  return socket;
}

/*
 * gst_net_source_steal_socket:
 * @self: a source
 *
 * Takes the socket away, so that it can be closed. Its last figures stay.
 *
 * Returns: (transfer full) (nullable): the socket that was in use
 */
GSocket *
gst_net_source_steal_socket (GstNetSource *self)
{
  GSocket *socket;

  GST_OBJECT_LOCK (self->element);
  read_info_locked (self);
  socket = g_steal_pointer (&self->socket);
  GST_OBJECT_UNLOCK (self->element);
  return socket;
}

/*
 * gst_net_source_drop_socket:
 * @self: a source
 *
 * Closes the socket in use. Its last figures stay.
 */
void
gst_net_source_drop_socket (GstNetSource *self)
{
  g_autoptr (GSocket) socket = gst_net_source_steal_socket (self);

  if (socket != NULL)
    g_socket_close (socket, NULL);
}

static void
warn_of_truncation (GstNetSource *self)
{
  guint64 truncated = gst_socket_reader_get_truncated (self->reader);

  if (truncated == self->truncated)
    return;
  if (self->truncated == 0)
    GST_ELEMENT_WARNING (self->element, RESOURCE, READ,
        (_ ("A message was longer than %u bytes and lost its end; set "
            "\"blocksize\" to the longest one that is sent."),
            self->reader_size),
        (NULL));
  self->truncated = truncated;
}

static void
prepare_reader (GstNetSource *self)
{
  guint size = wanted_size (self);

  if (self->reader != NULL && self->reader_size == size)
    return;
  g_clear_pointer (&self->reader, gst_socket_reader_free);
  self->reader = gst_socket_reader_new (size);
  self->reader_size = size;
  self->truncated = 0;
}

/* What the element allows, or else the socket's owner. */
static gint64
get_timeout_us (GstNetSource *self, GSocket *socket)
{
  guint timeout_s = gst_net_source_get_timeout (self);

  if (timeout_s == 0)
    timeout_s = g_socket_get_timeout (socket);
  return timeout_s > 0 ? (gint64) timeout_s * G_USEC_PER_SEC : -1;
}

static void
account (GstNetSource *self, GstBuffer *buffer)
{
  GST_OBJECT_LOCK (self->element);
  self->bytes_received += gst_buffer_get_size (buffer);
  GST_OBJECT_UNLOCK (self->element);
  if (self->is_discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->is_discont = FALSE;
  warn_of_truncation (self);
}

/*
 * gst_net_source_read:
 * @self: an open source
 * @socket: the socket in use
 * @ret_buffer: (out): what was read
 * @error: where to say what went wrong
 *
 * Reads and counts, see gst_socket_reader_read().
 *
 * Returns: how it ended
 */
GstSocketReadResult
gst_net_source_read (
    GstNetSource *self, GSocket *socket, GstBuffer **ret_buffer, GError **error)
{
  GstSocketReadResult result;

  prepare_reader (self);
  result = gst_socket_reader_read (self->reader, socket, self->wait,
      get_timeout_us (self, socket), ret_buffer, error);
  if (result == GST_SOCKET_READ_DATA)
    account (self, *ret_buffer);
  return result;
}

static gchar *
dup_peer (GstNetSource *self)
{
  gchar *peer;

  GST_OBJECT_LOCK (self->element);
  peer = g_strdup (self->peer != NULL ? self->peer : "?");
  GST_OBJECT_UNLOCK (self->element);
  return peer;
}

/*
 * gst_net_source_fail:
 * @self: a source
 * @error: why reading failed
 *
 * Posts what the user has to know, which is nothing if reading was
 * cancelled.
 *
 * Returns: what create () is to return
 */
GstFlowReturn
gst_net_source_fail (GstNetSource *self, const GError *error)
{
  g_autofree gchar *peer = NULL;

  if (gst_socket_error_is_cancelled (error))
    return GST_FLOW_FLUSHING;
  peer = dup_peer (self);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    GST_ELEMENT_ERROR (self->element, RESOURCE, READ,
        (_ ("The peer \"%s\" sent nothing for too long."), peer),
        ("%s", error->message));
  else if (gst_socket_error_is_peer_gone (error))
    GST_ELEMENT_ERROR (self->element, RESOURCE, READ,
        (_ ("The peer \"%s\" broke the connection."), peer),
        ("%s", error->message));
  else
    GST_ELEMENT_ERROR (self->element, RESOURCE, READ,
        (_ ("Could not read from \"%s\"."), peer), ("%s", error->message));
  return GST_FLOW_ERROR;
}

/*
 * gst_net_source_get_stats:
 * @self: a source
 *
 * Returns: (transfer full): the figures of the connection, or of the last one
 */
GstStructure *
gst_net_source_get_stats (GstNetSource *self)
{
  GstStructure *stats = gst_structure_new_empty (self->stats_name);

  GST_OBJECT_LOCK (self->element);
  read_info_locked (self);
  gst_structure_set (
      stats, "bytes-received", G_TYPE_UINT64, self->bytes_received, NULL);
  for (guint i = 0; self->has_info && i < G_N_ELEMENTS (info_names); i++)
    gst_structure_set (stats, info_names[i], G_TYPE_UINT, self->info[i], NULL);
  GST_OBJECT_UNLOCK (self->element);
  return stats;
}

/*
 * gst_net_source_any_caps:
 * @filter: (nullable): what is asked for
 *
 * Returns: (transfer full): what a source that knows nothing of its data can
 *     do: anything
 */
GstCaps *
gst_net_source_any_caps (GstCaps *filter)
{
  return filter != NULL ? gst_caps_ref (filter) : gst_caps_new_any ();
}
