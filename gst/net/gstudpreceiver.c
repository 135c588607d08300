/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpreceiver.c: from datagrams to buffers
 *
 * Here: deciding how many datagrams to ask for and where they go, and making
 * buffers of them without copying.
 * Not here: opening sockets, waiting, pads.
 *
 * Threads   streaming, alone. The buffers may be released by any.
 *
 * Packets are received one after another into a block of memory, each into a
 * slot that is as long as packets usually are ("stride"). What is longer runs
 * over into memory of the batch and is copied, once: the stride then grows, so
 * that the next ones fit. So a stream of small packets takes little memory,
 * and a train of 64 KiB is split without a copy, with no setting for either.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstudpreceiver.h"
#include "gstudpsenders.h"

#include <gst/net/gstnetaddressmeta.h>
#include <gst/socket/gstsocketbatch.h>
#include <gst/socket/gstsocketpacketpool.h>
#include <string.h>

#define ALIGN 64
#define STRIDE_STEP 4096
/* Blocks are small enough to stay in the caches, large enough for a batch of
 * packets or for several trains. */
#define BLOCK_MIN (64 * 1024)
#define BLOCK_MAX (256 * 1024)
/* So many batches without a long datagram, and the stride shrinks again. */
#define STRIDE_WINDOW 256

#define ROUND_UP(n, step) (((n) + (step) -1) / (step) * (step))

struct _GstUdpReceiver
{
  GstSocketReceiveBatch *batch;
  GstSocketPacketPool *pool;
  GstUdpSenders *senders;
  gboolean check_senders;
  gboolean has_metas; /* pooled buffers may carry a sender */

  GstSocketBlock *block; /* being filled */
  gsize used;            /* bytes of it */
  gsize base_stride;     /* from the mtu */
  gsize stride;
  gsize longest; /* datagram in this window */
  guint window;  /* batches so far in it */

  guint want;       /* datagrams to ask for next */
  gboolean dry;     /* the last receive emptied the socket */
  guint n_received; /* and these are waiting to be taken */
  gsize slots_at;   /* where in the block */
  gsize slots_stride;

  GstUdpCounters counters;
};

/**
 * gst_udp_receiver_new:
 * @config: what it is made for
 *
 * Returns: (transfer full) (nullable): a receiver, %NULL without memory
 */
GstUdpReceiver *
gst_udp_receiver_new (const GstUdpReceiverConfig *config)
{
  g_autoptr (GstUdpReceiver) self = g_new0 (GstUdpReceiver, 1);

  self->batch = gst_socket_receive_batch_new (config->batch_size, TRUE);
  if (self->batch == NULL)
    return NULL;
  self->pool = gst_socket_packet_pool_new ();
  gst_buffer_pool_set_active (GST_BUFFER_POOL (self->pool), TRUE);
  self->senders = gst_udp_senders_new (config->accept_from);
  self->check_senders = config->accept_from != NULL;
  self->base_stride = CLAMP (
      ROUND_UP ((gsize) config->mtu, ALIGN), ALIGN, GST_SOCKET_DATAGRAM_MAX);
  self->stride = self->base_stride;
  self->want = 1;
  self->dry = TRUE;
  return g_steal_pointer (&self);
}

void
gst_udp_receiver_free (GstUdpReceiver *receiver)
{
  if (receiver == NULL)
    return;
  gst_socket_block_unref (receiver->block);
  if (receiver->pool != NULL) {
    gst_buffer_pool_set_active (GST_BUFFER_POOL (receiver->pool), FALSE);
    gst_object_unref (receiver->pool);
  }
  gst_udp_senders_free (receiver->senders);
  gst_socket_receive_batch_free (receiver->batch);
  g_free (receiver);
}

/**
 * gst_udp_receiver_is_dry:
 * @receiver: a receiver
 *
 * Returns: whether the next receive would find nothing, as far as is known, so
 *     that it is time to wait
 */
gboolean
gst_udp_receiver_is_dry (GstUdpReceiver *receiver)
{
  return receiver->dry;
}

/**
 * gst_udp_receiver_expect_many:
 * @receiver: a receiver
 *
 * Lets the next receive ask for as many as there may be, as when packets were
 * left to collect.
 */
void
gst_udp_receiver_expect_many (GstUdpReceiver *receiver)
{
  receiver->want = gst_socket_receive_batch_get_n_slots (receiver->batch);
}

const GstUdpCounters *
gst_udp_receiver_get_counters (GstUdpReceiver *receiver)
{
  return &receiver->counters;
}

/* ---- receiving ---- */

/* Two batches, if that is not too much. */
static gsize
choose_block_size (GstUdpReceiver *self)
{
  gsize batch =
      self->stride * gst_socket_receive_batch_get_n_slots (self->batch);

  return CLAMP (2 * batch, BLOCK_MIN, BLOCK_MAX);
}

/* How many of n datagrams the block takes, 0 when it is time for the next. Its
 * end is not filled in ever smaller batches. */
static guint
count_slots (GstUdpReceiver *self, guint n)
{
  guint room;

  if (self->block == NULL || self->block->size != choose_block_size (self))
    return 0;
  room = (self->block->size - self->used) / self->stride;
  return room >= (n + 1) / 2 ? MIN (n, room) : 0;
}

/* Makes room for n datagrams, or as many as a block takes. A block that no
 * buffer shows any more is filled from its start again: with a sink that is
 * done at once, the same few cache lines serve for ever. */
static guint
prepare_slots (GstUdpReceiver *self, guint wanted)
{
  guint n;

  if (self->block != NULL && gst_socket_block_is_unshared (self->block))
    self->used = 0;
  n = count_slots (self, wanted);
  if (n == 0) {
    gsize size = choose_block_size (self);

    gst_socket_block_unref (self->block);
    self->block = gst_socket_packet_pool_get_block (self->pool, size);
    self->used = 0;
    n = MIN (wanted, size / self->stride);
  }
  self->slots_at = self->used;
  self->slots_stride = self->stride;
  for (guint i = 0; i < n; i++)
    gst_socket_receive_batch_set_slot (self->batch, i,
        self->block->data + self->slots_at + i * self->stride, self->stride);
  return n;
}

/* Grows the stride at once, shrinks it when long ones stay away. */
static void
adapt_stride (GstUdpReceiver *self)
{
  for (guint i = 0; i < self->n_received; i++) {
    gsize size = gst_socket_receive_batch_get (self->batch, i)->size;

    self->longest = MAX (self->longest, size);
  }
  if (self->longest > self->stride || ++self->window >= STRIDE_WINDOW) {
    gsize wanted = self->base_stride;

    if (self->longest > wanted)
      wanted =
          MIN (ROUND_UP (self->longest, STRIDE_STEP), GST_SOCKET_DATAGRAM_MAX);
    self->stride = wanted;
    self->longest = 0;
    self->window = 0;
  }
}

/* Asks for twice as many after a full batch and for fewer after a dry one: one
 * at a time in a quiet stream, so that nothing is looked for that is not there
 * before a packet is passed on. After one that was asked for alone, waiting
 * costs less than a look that finds nothing, and no more than one that does. */
static void
adapt_want (GstUdpReceiver *self, guint asked)
{
  guint most = gst_socket_receive_batch_get_n_slots (self->batch);
  gboolean full = self->n_received == asked;

  self->dry = !full || asked == 1;
  if (full)
    self->want = MIN (self->want * 2, most);
  else
    self->want = MAX (MAX (self->n_received, self->want / 2), 1);
}

/**
 * gst_udp_receiver_receive:
 * @receiver: a receiver; what it received before is lost if it was not taken
 * @fd: the socket
 * @max_datagrams: take no more
 * @error: return location for an error
 *
 * Returns: the number of datagrams, 0 when there was none, -1 on an error
 */
gint
gst_udp_receiver_receive (
    GstUdpReceiver *receiver, int fd, guint max_datagrams, GError **error)
{
  guint asked = prepare_slots (receiver, MIN (receiver->want, max_datagrams));
  gint n = gst_socket_receive_batch_receive (receiver->batch, fd, asked, error);

  if (n < 0)
    return n;
  receiver->n_received = n;
  adapt_want (receiver, asked);
  if (n == 0)
    return 0;
  adapt_stride (receiver);
  receiver->counters.batches++;
  return n;
}

/* ---- making buffers ---- */

/* One datagram, or one packet of a train. */
typedef struct
{
  guint slot;
  gsize offset;
  gsize size;
} Part;

/* What did not fit into its slot has to be put together. */
static GstBuffer *
copy_part (GstUdpReceiver *self, const GstSocketDatagram *datagram, Part part)
{
  gsize stride = self->slots_stride;
  gsize in_slot = part.offset < stride ? stride - part.offset : 0;
  gsize behind = part.offset + in_slot - stride;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, part.size, NULL);

  in_slot = MIN (in_slot, part.size);
  gst_buffer_fill (buffer, 0,
      self->block->data + self->slots_at + part.slot * stride + part.offset,
      in_slot);
  gst_buffer_fill (buffer, in_slot,
      (const guint8 *) datagram->overflow + behind, part.size - in_slot);
  return buffer;
}

static GstFlowReturn
make_buffer (GstUdpReceiver *self, const GstSocketDatagram *datagram, Part part,
    GstBuffer **ret_buffer)
{
  if (G_UNLIKELY (part.offset + part.size > self->slots_stride)) {
    *ret_buffer = copy_part (self, datagram, part);
    return GST_FLOW_OK;
  }
  return gst_socket_packet_pool_get_buffer (self->pool, self->block,
      self->slots_at + part.slot * self->slots_stride + part.offset, part.size,
      ret_buffer);
}

/* The meta stays on pooled buffers with its address, so that a stream from
 * one sender does not even touch a reference count. */
static void
set_sender (GstUdpReceiver *self, GstBuffer *buffer, GSocketAddress *address)
{
  GstNetAddressMeta *meta;

  if (address == NULL && !self->has_metas)
    return;
  meta = gst_buffer_get_net_address_meta (buffer);
  self->has_metas = TRUE;
  if (address == NULL) {
    if (meta != NULL)
      gst_buffer_remove_meta (buffer, (GstMeta *) meta);
  } else if (meta == NULL) {
    meta = gst_buffer_add_net_address_meta (buffer, address);
    GST_META_FLAG_SET (meta, GST_META_FLAG_POOLED);
  } else if (meta->addr != address) {
    g_set_object (&meta->addr, address);
  }
}

static GstClockTime
choose_time (
    const GstSocketDatagram *datagram, const GstUdpBufferOptions *options)
{
  GstClockTime age;

  if (!options->kernel_time || !GST_CLOCK_TIME_IS_VALID (datagram->time_ns)
      || !GST_CLOCK_TIME_IS_VALID (options->running_time)
      || datagram->time_ns > options->real_time)
    return options->running_time;
  age = options->real_time - datagram->time_ns;
  return options->running_time - MIN (age, options->running_time);
}

typedef struct
{
  const GstUdpBufferOptions *options;
  GstBuffer *first;
  GstBufferList *list;
  guint n;
  guint capacity;
} Collector;

static void
collect (Collector *collector, GstBuffer *buffer)
{
  if (collector->n++ == 0) {
    collector->first = buffer;
    return;
  }
  if (collector->list == NULL) {
    collector->list = gst_buffer_list_new_sized (collector->capacity);
    gst_buffer_list_add (collector->list, collector->first);
    collector->first = NULL;
  }
  gst_buffer_list_add (collector->list, buffer);
}

/* Returns FALSE when the packet is too short to skip what is to be skipped. */
static gboolean
skip_start (GstBuffer *buffer, gsize size, guint skip)
{
  if (skip == 0)
    return TRUE;
  if (size < skip)
    return FALSE;
  gst_buffer_resize (buffer, skip, -1);
  return TRUE;
}

static GstFlowReturn
collect_part (GstUdpReceiver *self, Collector *collector,
    const GstSocketDatagram *datagram, Part part, GSocketAddress *sender)
{
  const GstUdpBufferOptions *options = collector->options;
  g_autoptr (GstBuffer) buffer = NULL;
  GstClockTime time = choose_time (datagram, options);
  GstFlowReturn ret;

  ret = make_buffer (self, datagram, part, &buffer);
  if (ret != GST_FLOW_OK)
    return ret;
  if (!skip_start (buffer, part.size, options->skip))
    return GST_FLOW_ERROR;
  GST_BUFFER_PTS (buffer) = time;
  GST_BUFFER_DTS (buffer) = time;
  set_sender (self, buffer, sender);
  self->counters.packets++;
  self->counters.bytes += part.size;
  collect (collector, g_steal_pointer (&buffer));
  return GST_FLOW_OK;
}

static GstFlowReturn
collect_datagram (GstUdpReceiver *self, Collector *collector, guint slot,
    GSocketAddress *sender)
{
  const GstSocketDatagram *datagram =
      gst_socket_receive_batch_get (self->batch, slot);
  gboolean split = collector->options->split && datagram->segment_size > 0;
  gsize step = split ? datagram->segment_size : datagram->size;
  Part part = {.slot = slot};
  GstFlowReturn ret = GST_FLOW_OK;

  self->counters.trains += datagram->segment_size > 0;
  self->counters.truncated += datagram->truncated;
  do {
    part.size = MIN (step, datagram->size - part.offset);
    ret = collect_part (self, collector, datagram, part, sender);
    part.offset += part.size;
  } while (ret == GST_FLOW_OK && part.offset < datagram->size
      && collector->n < collector->options->max_buffers);
  return ret;
}

/* Returns whether the datagram may come in, and its sender if wanted. */
static gboolean
check_sender (GstUdpReceiver *self, const GstSocketDatagram *datagram,
    gboolean want, GSocketAddress **ret_address)
{
  const GstUdpSender *sender;

  *ret_address = NULL;
  if (!want && !self->check_senders)
    return TRUE;
  sender = gst_udp_senders_lookup (
      self->senders, datagram->sender, datagram->sender_size);
  if (!sender->accepted) {
    self->counters.refused++;
    return FALSE;
  }
  if (want)
    *ret_address = sender->address;
  return TRUE;
}

/* The next datagrams go behind the last one: slots but the last keep their
 * full length, so a lone packet takes no more than it needs. */
static void
advance (GstUdpReceiver *self)
{
  guint last = self->n_received - 1;
  gsize size = gst_socket_receive_batch_get (self->batch, last)->size;

  size = MIN (ROUND_UP (size, ALIGN), self->slots_stride);
  self->used = self->slots_at + last * self->slots_stride + MAX (size, ALIGN);
  self->n_received = 0;
}

static guint
estimate_buffers (GstUdpReceiver *self, const GstUdpBufferOptions *options)
{
  guint n = 0;

  for (guint i = 0; i < self->n_received; i++) {
    const GstSocketDatagram *datagram =
        gst_socket_receive_batch_get (self->batch, i);

    n += 1;
    if (options->split && datagram->segment_size > 0)
      n += datagram->size / datagram->segment_size;
  }
  return n;
}

static void
discard (Collector *collector)
{
  gst_clear_buffer (&collector->first);
  gst_clear_buffer_list (&collector->list);
}

/**
 * gst_udp_receiver_take:
 * @receiver: a receiver that has received
 * @options: how to make buffers
 * @ret_buffer: (out) (transfer full): the buffer, if there is one alone
 * @ret_list: (out) (transfer full): the buffers, if there are several
 *
 * Makes buffers of what was received. Both results are %NULL when nothing was
 * let in.
 *
 * Returns: %GST_FLOW_OK; %GST_FLOW_ERROR when a packet was shorter than what
 *     is to be skipped
 */
GstFlowReturn
gst_udp_receiver_take (GstUdpReceiver *receiver,
    const GstUdpBufferOptions *options, GstBuffer **ret_buffer,
    GstBufferList **ret_list)
{
  Collector collector = {
      .options = options, .capacity = estimate_buffers (receiver, options)};
  GstFlowReturn ret = GST_FLOW_OK;

  for (guint i = 0; i < receiver->n_received && ret == GST_FLOW_OK
       && collector.n < options->max_buffers;
       i++) {
    GSocketAddress *sender;

    if (check_sender (receiver,
            gst_socket_receive_batch_get (receiver->batch, i),
            options->sender_meta, &sender))
      ret = collect_datagram (receiver, &collector, i, sender);
  }
  if (receiver->n_received > 0)
    advance (receiver);
  if (ret != GST_FLOW_OK) {
    discard (&collector);
    return ret;
  }
  *ret_buffer = collector.first;
  *ret_list = collector.list;
  return GST_FLOW_OK;
}
