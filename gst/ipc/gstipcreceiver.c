/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcreceiver.c: the receiving side, as the streaming thread uses it
 *
 * Here: waiting for items, reading messages, sending upstream.
 * Not here: listening, connecting, timers (gstipcreceiverio.c); GstElement.
 *
 * Threads   streaming: next    io: gstipcreceiverio.c    app: the rest
 * Locks, in taking order                 guards
 *   1. receiver->lock                    the connection, pending items, figures
 *   2. table->lock                       see gstipctable.c
 *   3. link->lock                        see gstipclink.c
 * The streaming thread reads the socket itself, which saves a thread switch
 * for each frame; the I/O thread reads only while nobody takes buffers. The
 * lock is not held while waiting. Callbacks are called without it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/socket/gstsocketunaligned.h>
#include "gstipcreceiver-private.h"
#include "gstipcunpack.h"

#include <unistd.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

/* What may pile up while nobody waits. */
#define MAX_PENDING 1000
/* Messages without anything for the element that are read in one go: others
 * want the lock, too, and a producer may send them without end. */
#define MAX_UNSHOWN 32

void
gst_ipc_item_clear (GstIpcItem *item)
{
  gst_clear_buffer (&item->buffer);
  gst_clear_caps (&item->caps);
  g_clear_pointer (&item->text, g_free);
}

static void
item_free (GstIpcItem *item)
{
  gst_ipc_item_clear (item);
  g_free (item);
}

/* Who connects does so later, and hears of a wrong path now. */
static gboolean
prepare_path (GstIpcReceiver *self, GError **error)
{
  if (!self->settings.listen)
    return gst_socket_unix_check_path (self->settings.path, error);
  self->listener = gst_ipc_listener_new (self->settings.path,
      self->settings.socket_mode, self->io_poller, self, error);
  return self->listener != NULL;
}

/* Returns (transfer full) (nullable): the receiver, its thread running. error
 * says why it could not listen, or that there is no thread to be had. */
GstIpcReceiver *
gst_ipc_receiver_new (const GstIpcReceiverSettings *settings,
    const GstIpcReceiverCallbacks *callbacks, GError **error)
{
  g_autoptr (GstIpcReceiver) self = g_new0 (GstIpcReceiver, 1);

  self->settings = *settings;
  self->settings.path = g_strdup (settings->path);
  self->callbacks = *callbacks;
  self->io_fd = -1;
  self->next_fd = -1;
  self->reader_fd = -1;
  self->idle = TRUE;
  self->idle_since = g_get_monotonic_time ();
  self->quiet_since = self->idle_since;
  g_mutex_init (&self->lock);
  g_queue_init (&self->pending);
  self->io_poller = gst_socket_poller_new (GST_SOCKET_POLLER_AUTO, error);
  if (self->io_poller == NULL)
    return NULL;
  self->reader_poller = gst_socket_poller_new (GST_SOCKET_POLLER_AUTO, error);
  if (self->reader_poller == NULL || !prepare_path (self, error))
    return NULL;
  self->running = TRUE;
  self->thread =
      g_thread_try_new ("ipc-receiver", gst_ipc_receiver_run, self, error);
  return self->thread != NULL ? g_steal_pointer (&self) : NULL;
}

static void
stop_thread (GstIpcReceiver *self)
{
  if (self->thread == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->running = FALSE;
  g_mutex_unlock (&self->lock);
  gst_socket_poller_wake (self->io_poller);
  g_thread_join (g_steal_pointer (&self->thread));
}

/* Tells the producer that this is the end, and gives back what it had sent. */
static void
leave (GstIpcReceiver *self)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GstIpcItem item;

  if (self->link == NULL)
    return;
  gst_socket_wire_put_signal (out, GST_SOCKET_WIRE_DISCONNECT);
  if (!gst_ipc_table_is_own (self->table))
    gst_ipc_link_send_later (self->link, out->data, out->len,
        gst_ipc_link_get_dialect (self->link)
            != GST_SOCKET_WIRE_DIALECT_LEGACY);
  for (guint i = 0; i < MAX_PENDING && self->link != NULL; i++) {
    if (!gst_ipc_receiver_read_locked (self, &item))
      break;
    gst_ipc_item_clear (&item);
  }
  gst_ipc_receiver_drop_link_locked (self);
}

void
gst_ipc_receiver_free (GstIpcReceiver *self)
{
  if (self == NULL)
    return;
  stop_thread (self);
  if (self->next_fd >= 0)
    close (self->next_fd);
  g_queue_clear_full (&self->pending, (GDestroyNotify) item_free);
  leave (self);
  g_clear_pointer (&self->listener, gst_ipc_listener_free);
  g_clear_pointer (&self->io_poller, gst_socket_poller_free);
  g_clear_pointer (&self->reader_poller, gst_socket_poller_free);
  gst_clear_caps (&self->caps);
  g_mutex_clear (&self->lock);
  g_free (self->settings.path);
  g_free (self);
}

void
gst_ipc_receiver_drop_link_locked (GstIpcReceiver *self)
{
  if (self->link == NULL)
    return;
  self->descriptors_before += gst_ipc_table_get_descriptors (self->table);
  gst_ipc_table_close (self->table);
  self->rest_size = 0;
  gst_ipc_link_close (self->link);
  g_clear_pointer (&self->table, gst_ipc_table_unref);
  g_clear_pointer (&self->link, gst_ipc_link_unref);
  self->link_serial++;
  self->n_media = 0;
  gst_socket_poller_wake (self->io_poller);
}

/* What a later one of its kind takes the place of. */
static gboolean
is_sticky (GstIpcItemKind kind)
{
  return kind == GST_IPC_ITEM_STREAM_START || kind == GST_IPC_ITEM_CAPS
      || kind == GST_IPC_ITEM_SEGMENT || kind == GST_IPC_ITEM_CLOCK
      || kind == GST_IPC_ITEM_LATENCY;
}

static gint
is_replaced_by (gconstpointer item, gconstpointer later)
{
  return ((const GstIpcItem *) item)->kind == ((const GstIpcItem *) later)->kind
      ? 0
      : 1;
}

static gint
is_passing (gconstpointer item, gconstpointer unused)
{
  return is_sticky (((const GstIpcItem *) item)->kind) ? 1 : 0;
}

/* item (transfer full content). However many come, what buffers need stays. */
void
gst_ipc_receiver_push_locked (GstIpcReceiver *self, GstIpcItem *item)
{
  GList *superfluous = NULL;

  if (is_sticky (item->kind))
    superfluous = g_queue_find_custom (&self->pending, item, is_replaced_by);
  else if (g_queue_get_length (&self->pending) >= MAX_PENDING)
    superfluous = g_queue_find_custom (&self->pending, NULL, is_passing);
  if (superfluous != NULL) {
    item_free (superfluous->data);
    g_queue_delete_link (&self->pending, superfluous);
  }
  g_queue_push_tail (&self->pending, g_memdup2 (item, sizeof (*item)));
}

static gboolean
read_item_text (GstIpcItem *item, const GstSocketWireExt *ext,
    GstIpcItemKind kind, guint n_head)
{
  item->kind = kind;
  item->text = gst_socket_wire_ext_read_text (ext, item->head, n_head, NULL);
  return item->text != NULL;
}

static gboolean
read_pair (GstIpcItem *item, const GstSocketWireExt *ext, GstIpcItemKind kind)
{
  item->kind = kind;
  return gst_socket_wire_ext_read_pair (ext, &item->first, &item->second, NULL);
}

static gboolean
read_own_caps (
    GstIpcReceiver *self, GstIpcItem *item, const GstSocketWireExt *ext)
{
  g_autofree gchar *text = gst_socket_wire_ext_read_text (ext, NULL, 0, NULL);

  item->kind = GST_IPC_ITEM_CAPS;
  item->caps = text != NULL ? gst_caps_from_string (text) : NULL;
  if (item->caps == NULL || !gst_caps_is_fixed (item->caps))
    return FALSE;
  gst_caps_replace (&self->caps, item->caps);
  return TRUE;
}

static gboolean
read_own_buffer (GstIpcReceiver *self, GstIpcItem *item,
    const GstSocketWireExt *ext, GstSocketFds *fds, GError **error)
{
  GstSocketWireExtBuffer wire;

  item->kind = GST_IPC_ITEM_BUFFER;
  item->own = TRUE;
  if (!gst_socket_wire_ext_read_buffer (ext, &wire, error))
    return FALSE;
  item->buffer =
      gst_ipc_unpack_own (&wire, self->table, fds, self->caps, error);
  return item->buffer != NULL;
}

static gboolean
read_hello (GstIpcReceiver *self, GstIpcItem *item, const GstSocketWireExt *ext)
{
  GstSocketWireExtHello hello;

  item->kind = GST_IPC_ITEM_CONNECTED;
  item->own = TRUE;
  if (!gst_socket_wire_ext_read_hello (ext, &hello, NULL))
    return FALSE;
  gst_ipc_table_set_own (self->table, hello.window);
  return TRUE;
}

static void
forget (GstIpcReceiver *self, const GstSocketWireExt *ext)
{
  const guint8 *ids;
  guint n;

  if (!gst_socket_wire_ext_read_ids (ext, &ids, &n, NULL))
    return;
  for (guint i = 0; i < n; i++)
    gst_ipc_table_forget (self->table, GST_READ_UINT32_LE (ids + 4 * i));
}

/* Returns FALSE with error set for a malformed one, without for one that the
 * element need not see. */
static gboolean
read_ext (GstIpcReceiver *self, GstIpcItem *item, const GstSocketWireExt *ext,
    GstSocketFds *fds, GError **error)
{
  switch (ext->kind) {
    case GST_SOCKET_WIRE_EXT_BUFFER:
      return read_own_buffer (self, item, ext, fds, error);
    case GST_SOCKET_WIRE_EXT_HELLO:
      return read_hello (self, item, ext);
    case GST_SOCKET_WIRE_EXT_FORGET:
      forget (self, ext);
      return FALSE;
    case GST_SOCKET_WIRE_EXT_CAPS:
      return read_own_caps (self, item, ext);
    case GST_SOCKET_WIRE_EXT_STREAM_START:
      return read_item_text (item, ext, GST_IPC_ITEM_STREAM_START, 2);
    case GST_SOCKET_WIRE_EXT_TAG:
      return read_item_text (item, ext, GST_IPC_ITEM_TAG, 1);
    case GST_SOCKET_WIRE_EXT_EVENT:
      return read_item_text (item, ext, GST_IPC_ITEM_EVENT, 0);
    case GST_SOCKET_WIRE_EXT_GAP:
      return read_pair (item, ext, GST_IPC_ITEM_GAP);
    case GST_SOCKET_WIRE_EXT_CLOCK:
      return read_pair (item, ext, GST_IPC_ITEM_CLOCK);
    case GST_SOCKET_WIRE_EXT_LATENCY:
      return read_pair (item, ext, GST_IPC_ITEM_LATENCY);
    case GST_SOCKET_WIRE_EXT_SEGMENT:
      item->kind = GST_IPC_ITEM_SEGMENT;
      return gst_socket_wire_ext_read_segment (ext, &item->segment, error);
    case GST_SOCKET_WIRE_EXT_EOS:
      item->kind = GST_IPC_ITEM_EOS;
      item->own = TRUE;
      return TRUE;
    default:
      return FALSE;
  }
}

/* The media of Qualcomm's format is known from its buffers only: a change comes
 * before the buffer that shows it. */
static gboolean
read_qualcomm (GstIpcReceiver *self, GstIpcItem *item,
    const GstSocketWireMessage *msg, GstSocketFds *fds, GError **error)
{
  item->kind = GST_IPC_ITEM_BUFFER;
  if (self->n_media > 0 && self->media[0].identity != msg->blocks[0].identity) {
    g_set_error_literal (error, GST_SOCKET_WIRE_ERROR,
        GST_SOCKET_WIRE_ERROR_INVALID, "the kind of media changed");
    return FALSE;
  }
  item->buffer = gst_ipc_unpack_qualcomm (msg, self->table, fds, error);
  if (item->buffer == NULL)
    return FALSE;
  if (!gst_ipc_unpack_same_media (msg, self->media, self->n_media)) {
    item->kind = GST_IPC_ITEM_OPEN_CAPS;
    item->caps = gst_ipc_unpack_caps (msg);
    memcpy (self->media, msg->blocks, sizeof (msg->blocks[0]) * msg->n_blocks);
    self->n_media = msg->n_blocks;
  }
  return TRUE;
}

/* After a buffer there may be another in the same record. */
static void
note_rest (GstIpcReceiver *self, const GstSocketWireMessage *msg,
    const GstSocketWireExt *ext)
{
  const guint8 *end = ext->body + ext->size;

  if (ext->kind != GST_SOCKET_WIRE_EXT_BUFFER)
    return;
  self->rest = end;
  self->rest_size = msg->extension + msg->extension_size - end;
}

static gboolean
read_message (GstIpcReceiver *self, GstIpcItem *item,
    const GstSocketWireMessage *msg, GstSocketFds *fds, GError **error)
{
  GstSocketWireExt ext;

  if (msg->n_blocks > 0)
    return read_qualcomm (self, item, msg, fds, error);
  if (GST_SOCKET_WIRE_HAS (msg, GST_SOCKET_WIRE_EOS)) {
    item->kind = GST_IPC_ITEM_EOS;
    return TRUE;
  }
  if (msg->extension == NULL
      || !gst_socket_wire_ext_parse (
          msg->extension, msg->extension_size, &ext, NULL))
    return FALSE;
  note_rest (self, msg, &ext);
  return read_ext (self, item, &ext, fds, error);
}

static void
note_item_locked (GstIpcReceiver *self, const GstIpcItem *item)
{
  if (item->buffer == NULL)
    return;
  self->frames++;
  self->bytes += gst_buffer_get_size (item->buffer);
}

/* Returns TRUE when item is one the element has to see. */
static gboolean
parse_locked (GstIpcReceiver *self, GstIpcItem *item, const guint8 *data,
    gsize size, GstSocketFds *fds)
{
  g_autoptr (GError) error = NULL;
  GstSocketWireMessage msg;
  gboolean shown = FALSE;

  self->rest_size = 0;
  if (gst_socket_wire_message_parse (&msg, data, size, &error)) {
    shown = read_message (self, item, &msg, fds, &error);
    gst_socket_wire_message_clear (&msg);
  }
  if (error != NULL) {
    gst_ipc_item_clear (item);
    item->kind = GST_IPC_ITEM_MALFORMED;
    item->text = g_strdup (error->message);
    self->malformed++;
    gst_ipc_receiver_drop_link_locked (self);
    return TRUE;
  }
  if (shown)
    note_item_locked (self, item);
  else
    gst_ipc_item_clear (item);
  return shown;
}

static void
init_item (GstIpcItem *item)
{
  item->kind = GST_IPC_ITEM_FLUSHING;
  item->buffer = NULL;
  item->caps = NULL;
  item->text = NULL;
  item->own = FALSE;
}

/* fds are those of the record, so of its first message. */
static GstSocketFdpassResult
next_message_locked (GstIpcReceiver *self, const guint8 **ret_data,
    gsize *ret_size, GstSocketFds *fds, GError **error)
{
  if (self->rest_size == 0)
    return gst_ipc_link_receive (self->link, ret_data, ret_size, fds, error);
  *ret_data = self->rest;
  *ret_size = self->rest_size;
  return GST_SOCKET_FDPASS_OK;
}

gboolean
gst_ipc_receiver_read_locked (GstIpcReceiver *self, GstIpcItem *ret_item)
{
  init_item (ret_item);
  for (guint i = 0; i < MAX_UNSHOWN && self->link != NULL; i++) {
    g_autoptr (GError) error = NULL;
    g_auto (GstSocketFds) fds = {0};
    const guint8 *data;
    gsize size;
    GstSocketFdpassResult result =
        next_message_locked (self, &data, &size, &fds, &error);

    if (result == GST_SOCKET_FDPASS_AGAIN)
      return FALSE;
    if (result == GST_SOCKET_FDPASS_OK) {
      if (parse_locked (self, ret_item, data, size, &fds))
        return TRUE;
      continue;
    }
    ret_item->kind = g_error_matches (error, GST_SOCKET_WIRE_ERROR,
                         GST_SOCKET_WIRE_ERROR_FRAMING)
            || g_error_matches (
                error, GST_SOCKET_WIRE_ERROR, GST_SOCKET_WIRE_ERROR_LIMIT)
            || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA)
        ? GST_IPC_ITEM_MALFORMED
        : GST_IPC_ITEM_LOST;
    ret_item->text = g_strdup (error != NULL ? error->message : "closed");
    if (ret_item->kind == GST_IPC_ITEM_MALFORMED)
      self->malformed++;
    gst_ipc_receiver_drop_link_locked (self);
    return TRUE;
  }
  return FALSE;
}

/* Returns TRUE when there is something to return to the element. */
static gboolean
find_item_locked (GstIpcReceiver *self, GstIpcItem *ret_item)
{
  GstIpcItem *pending;

  if (self->flushing) {
    init_item (ret_item);
    return TRUE;
  }
  if (self->idle)
    return FALSE;
  pending = g_queue_pop_head (&self->pending);
  if (pending != NULL) {
    *ret_item = *pending;
    g_free (pending);
    return TRUE;
  }
  return gst_ipc_receiver_read_locked (self, ret_item);
}

/* The poller is this thread's, so it follows the connection itself. */
static void
watch_link_locked (GstIpcReceiver *self)
{
  gint fd =
      self->link != NULL && !self->idle ? gst_ipc_link_get_fd (self->link) : -1;

  if (self->reader_serial == self->link_serial)
    return;
  self->reader_serial = self->link_serial;
  if (self->reader_fd >= 0)
    gst_socket_poller_remove (self->reader_poller, self->reader_fd, self);
  self->reader_fd = -1;
  if (fd >= 0
      && gst_socket_poller_add (
          self->reader_poller, fd, GST_SOCKET_POLL_READ, self, NULL))
    self->reader_fd = fd;
}

static gboolean
is_silence_due (GstIpcReceiver *self)
{
  return self->settings.timeout_ns > 0 && !self->said_silence
      && (guint64) (g_get_monotonic_time () - self->quiet_since) * 1000
      >= self->settings.timeout_ns;
}

static gint64
find_wait_ns (GstIpcReceiver *self)
{
  gint64 quiet_ns = (g_get_monotonic_time () - self->quiet_since) * 1000;

  if (self->settings.timeout_ns == 0 || self->said_silence
      || self->settings.timeout_ns > G_MAXINT64)
    return -1;
  return MAX ((gint64) self->settings.timeout_ns - quiet_ns, 0) + 1000000;
}

static void
sleep_until_woken (GstIpcReceiver *self, GstIpcTable *table)
{
  GstSocketPollEvent events[2];

  if (table != NULL)
    gst_ipc_table_set_reader_sleeps (table, TRUE);
  gst_socket_poller_wait (
      self->reader_poller, events, G_N_ELEMENTS (events), find_wait_ns (self));
  if (table != NULL)
    gst_ipc_table_set_reader_sleeps (table, FALSE);
}

void
gst_ipc_receiver_next (GstIpcReceiver *self, GstIpcItem *ret_item)
{
  for (;;) {
    GstIpcTable *table = NULL;
    gboolean found;

    g_mutex_lock (&self->lock);
    found = find_item_locked (self, ret_item);
    if (!found) {
      watch_link_locked (self);
      table = self->table != NULL ? gst_ipc_table_ref (self->table) : NULL;
    }
    g_mutex_unlock (&self->lock);
    if (found) {
      self->said_silence = FALSE;
      self->quiet_since = 0;
      return;
    }
    if (self->quiet_since == 0)
      self->quiet_since = g_get_monotonic_time ();
    if (is_silence_due (self)) {
      self->said_silence = TRUE;
      g_clear_pointer (&table, gst_ipc_table_unref);
      init_item (ret_item);
      ret_item->kind = GST_IPC_ITEM_SILENCE;
      return;
    }
    sleep_until_woken (self, table);
    g_clear_pointer (&table, gst_ipc_table_unref);
  }
}

void
gst_ipc_receiver_set_flushing (GstIpcReceiver *self, gboolean flushing)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  g_mutex_unlock (&self->lock);
  gst_socket_poller_wake (self->reader_poller);
}

void
gst_ipc_receiver_set_idle (GstIpcReceiver *self, gboolean idle)
{
  g_mutex_lock (&self->lock);
  if (idle && !self->idle)
    self->idle_since = g_get_monotonic_time ();
  self->idle = idle;
  /* The streaming thread may still be waiting: not for items, while idle. */
  self->link_serial++;
  g_mutex_unlock (&self->lock);
  gst_socket_poller_wake (self->reader_poller);
  gst_socket_poller_wake (self->io_poller);
}

static void
send_own_locked (GstIpcReceiver *self, GByteArray *out)
{
  if (self->link != NULL && gst_ipc_table_is_own (self->table)
      && gst_ipc_link_send_later (self->link, out->data, out->len, FALSE)
          == GST_IPC_FULL)
    gst_socket_poller_wake (self->io_poller);
}

void
gst_ipc_receiver_send_upstream (
    GstIpcReceiver *self, const GstStructure *structure)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree gchar *text = gst_structure_to_string (structure);

  gst_socket_wire_ext_put_text (
      out, GST_SOCKET_WIRE_EXT_UPSTREAM, NULL, 0, text);
  g_mutex_lock (&self->lock);
  send_own_locked (self, out);
  g_mutex_unlock (&self->lock);
}

void
gst_ipc_receiver_send_latency (GstIpcReceiver *self, GstClockTime min)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  gst_socket_wire_ext_put_pair (
      out, GST_SOCKET_WIRE_EXT_LATENCY, min, GST_CLOCK_TIME_NONE);
  g_mutex_lock (&self->lock);
  self->latency_ns = min;
  send_own_locked (self, out);
  g_mutex_unlock (&self->lock);
}

GstStructure *
gst_ipc_receiver_get_stats (GstIpcReceiver *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);
  guint64 descriptors = self->descriptors_before
      + (self->table != NULL ? gst_ipc_table_get_descriptors (self->table) : 0);

  return gst_structure_new ("stats", "frames", G_TYPE_UINT64, self->frames,
      "bytes", G_TYPE_UINT64, self->bytes, "dropped", G_TYPE_UINT64,
      self->dropped, "descriptors", G_TYPE_UINT64, descriptors,
      "descriptors-held", G_TYPE_UINT,
      self->table != NULL ? gst_ipc_table_get_size (self->table) : 0,
      "connected", G_TYPE_UINT64, self->connected, "malformed", G_TYPE_UINT64,
      self->malformed, "refused", G_TYPE_UINT64, self->refused, "is-connected",
      G_TYPE_BOOLEAN, self->link != NULL, NULL);
}
