/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcproducer.c: the sending side, as the streaming thread uses it
 *
 * Here: frames and events to all consumers, waiting for room, figures.
 * Not here: connecting, reading, timers (gstipcproducerio.c); GstElement.
 *
 * Threads   streaming: render, events    io: gstipcproducerio.c    app: figures
 * Locks, in taking order                 guards
 *   1. producer->lock                    consumers, cached events, figures
 *   2. link->lock                        one connection's sending side
 * A frame is sent from the streaming thread if its consumer has room; nothing
 * that waits is done under the lock. Frames are freed after it was left, since
 * that runs the code of upstream's pool. Callbacks are called without it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcproducer-private.h"

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

/* Buffers of a bounded upstream pool that consumers may never hold. */
#define POOL_RESERVE 2
#define EVENTS_PER_WAIT 16
/* One message about drops per consumer and second. */
#define REPORT_INTERVAL_US G_USEC_PER_SEC

static GPtrArray *
new_trash (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) gst_ipc_frame_unref);
}

/* Who connects does so later, and hears of a wrong path now. */
static gboolean
prepare_path (GstIpcProducer *self, GError **error)
{
  if (!self->settings.listen)
    return gst_socket_unix_check_path (self->settings.path, error);
  self->listener = gst_ipc_listener_new (self->settings.path,
      self->settings.socket_mode, self->poller, self, error);
  return self->listener != NULL;
}

/* Returns (transfer full) (nullable): the producer, its thread running. error
 * says why it could not listen, or that there is no thread to be had. */
GstIpcProducer *
gst_ipc_producer_new (const GstIpcProducerSettings *settings,
    const GstIpcProducerCallbacks *callbacks, GError **error)
{
  g_autoptr (GstIpcProducer) self = g_new0 (GstIpcProducer, 1);

  self->settings = *settings;
  self->settings.path = g_strdup (settings->path);
  self->callbacks = *callbacks;
  g_mutex_init (&self->lock);
  self->peers = g_ptr_array_new ();
  self->tags = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->copier = gst_ipc_copier_new (settings->listen);
  self->obituary = gst_ipc_obituary_new ();
  self->poller = gst_socket_poller_new (GST_SOCKET_POLLER_AUTO, error);
  self->room_poller = gst_socket_poller_new (GST_SOCKET_POLLER_AUTO, error);
  if (self->poller == NULL || self->room_poller == NULL
      || !prepare_path (self, error))
    return NULL;
  self->running = TRUE;
  self->thread =
      g_thread_try_new ("ipc-producer", gst_ipc_producer_run, self, error);
  return self->thread != NULL ? g_steal_pointer (&self) : NULL;
}

static void
stop_thread (GstIpcProducer *self)
{
  if (self->thread == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->running = FALSE;
  gst_ipc_producer_note_room_locked (self);
  g_mutex_unlock (&self->lock);
  gst_socket_poller_wake (self->poller);
  g_thread_join (g_steal_pointer (&self->thread));
}

/* Ends all connections: what was promised to consumers is given to them for at
 * most a quarter of a second. */
void
gst_ipc_producer_free (GstIpcProducer *self)
{
  if (self == NULL)
    return;
  stop_thread (self);
  g_clear_pointer (&self->listener, gst_ipc_listener_free);
  g_clear_pointer (&self->poller, gst_socket_poller_free);
  g_clear_pointer (&self->room_poller, gst_socket_poller_free);
  g_clear_pointer (&self->obituary, gst_ipc_obituary_free);
  g_clear_pointer (&self->copier, gst_ipc_copier_free);
  gst_clear_object (&self->limited_pool);
  gst_ipc_format_clear (&self->format);
  g_ptr_array_unref (self->peers);
  g_ptr_array_unref (self->tags);
  g_clear_pointer (&self->stream_start, g_bytes_unref);
  g_clear_pointer (&self->caps, g_bytes_unref);
  g_clear_pointer (&self->segment, g_bytes_unref);
  g_clear_pointer (&self->clock, g_bytes_unref);
  g_clear_pointer (&self->latency, g_bytes_unref);
  g_mutex_clear (&self->lock);
  g_free (self->settings.path);
  g_free (self);
}

GstAllocator *
gst_ipc_producer_get_allocator (GstIpcProducer *self)
{
  return gst_ipc_copier_get_allocator (self->copier);
}

static guint
count_ready_locked (GstIpcProducer *self, GstIpcWants *ret_wants)
{
  guint n = 0;

  *ret_wants = 0;
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (!gst_ipc_peer_is_ready (peer))
      continue;
    *ret_wants |= peer->state == GST_IPC_PEER_OURS ? GST_IPC_WANT_OWN
                                                   : GST_IPC_WANT_QUALCOMM;
    n++;
  }
  return n;
}

static gboolean
all_have_room_locked (GstIpcProducer *self)
{
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (gst_ipc_peer_is_ready (peer) && !gst_ipc_peer_has_room (peer))
      return FALSE;
  }
  return TRUE;
}

static gboolean
has_to_wait_locked (GstIpcProducer *self)
{
  GstIpcWants wants;

  if (!self->running)
    return FALSE;
  if (count_ready_locked (self, &wants) == 0)
    return self->settings.wait_for_connection;
  return self->settings.policy == GST_IPC_POLICY_BLOCK
      && !all_have_room_locked (self);
}

/* All of upstream's pool is with consumers: upstream would wait for it, where
 * nobody reads that something comes back. */
static gboolean
is_pool_empty_locked (GstIpcProducer *self)
{
  return self->settings.policy == GST_IPC_POLICY_BLOCK && self->pool_limit > 0
      && g_atomic_int_get (&self->pool_use.kept) >= (gint) self->pool_limit
      && self->peers->len > 0;
}

static gboolean
has_reason_to_wait_locked (GstIpcProducer *self, GstIpcWait reason)
{
  return reason == GST_IPC_WAIT_TO_RENDER ? has_to_wait_locked (self)
                                          : is_pool_empty_locked (self);
}

/* Whether the user asked that nothing be rendered now. ret_serial goes to
 * gst_ipc_producer_wait (), which sees every interruption since. */
gboolean
gst_ipc_producer_has_to_wait (
    GstIpcProducer *self, GstIpcWait reason, guint64 *ret_serial)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);

  *ret_serial = self->interruptions;
  return has_reason_to_wait_locked (self, reason);
}

static gboolean
has_to_go_on_waiting (GstIpcProducer *self, GstIpcWait reason, guint64 serial)
{
  g_autoptr (GPtrArray) trash = new_trash ();
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);

  self->is_waiting = self->flushing
      || (serial == self->interruptions
          && has_reason_to_wait_locked (self, reason));
  self->rendered_at = g_get_monotonic_time ();
  if (self->is_waiting) {
    gst_ipc_producer_flush_joined_locked (self, trash);
    gst_ipc_producer_choose_waker_locked (
        self, reason == GST_IPC_WAIT_FOR_POOL);
  }
  return self->is_waiting;
}

/* The only place where the streaming thread waits for a peer. Ends early when
 * interrupted, but not before the flushing is over that interrupted it: then
 * who did it is where nothing changes behind the caller's back. */
void
gst_ipc_producer_wait (GstIpcProducer *self, GstIpcWait reason, guint64 serial)
{
  while (has_to_go_on_waiting (self, reason, serial)) {
    GstSocketPollEvent events[EVENTS_PER_WAIT];
    guint n = gst_socket_poller_wait (
        self->room_poller, events, G_N_ELEMENTS (events), -1);
    GstIpcTurn turn;

    gst_ipc_turn_init (&turn);
    g_mutex_lock (&self->lock);
    gst_ipc_producer_read_events_locked (self, events, n, &turn);
    g_mutex_unlock (&self->lock);
    gst_ipc_turn_end (self, &turn);
  }
}

/* Ends the waiting; what there is to wait for is looked at anew. */
void
gst_ipc_producer_interrupt (GstIpcProducer *self)
{
  g_mutex_lock (&self->lock);
  self->interruptions++;
  gst_ipc_producer_note_room_locked (self);
  g_mutex_unlock (&self->lock);
}

/* 0 for a pool that grows, or none. */
static guint
find_pool_limit (GstIpcProducer *self, GstBufferPool *pool)
{
  GstStructure *config;

  if (pool == NULL)
    return self->pool_limit = 0;
  if (gst_object_replace (
          (GstObject **) &self->limited_pool, GST_OBJECT (pool))) {
    self->pool_limit = 0;
    config = gst_buffer_pool_get_config (pool);
    gst_buffer_pool_config_get_params (
        config, NULL, NULL, NULL, &self->pool_limit);
    gst_structure_free (config);
  }
  return self->pool_limit;
}

/* Of a pool of limited size a consumer gets only so much that the rest keeps
 * upstream going: one buffer waits for consumers, one is being filled. */
static gboolean
share_pool_locked (GstIpcProducer *self, guint limit)
{
  gboolean any_has_room = FALSE;

  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    peer->pool_share = limit > 0 ? MAX ((gint) limit - POOL_RESERVE, 1) : 0;
    any_has_room |=
        gst_ipc_peer_is_ready (peer) && gst_ipc_peer_has_room (peer);
  }
  return any_has_room;
}

/* Several consumers that hold different frames could empty a pool together: a
 * frame that would take its last buffer is copied. One that nobody has room for
 * takes the place of the one that waits, so it costs nothing more; a delta does
 * not replace any. Who asked to be blocked is blocked. n_made is 1 when the
 * frame of buffer is among those that count already. */
static gboolean
has_to_copy_locked (GstIpcProducer *self, GstBuffer *buffer, guint n_made)
{
  guint pool_limit = find_pool_limit (self, buffer->pool);
  guint limit = self->settings.policy == GST_IPC_POLICY_NEWEST ? pool_limit : 0;
  gboolean is_delta =
      GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  guint used = is_delta
      ? (guint) g_atomic_int_get (&self->pool_use.kept) - n_made
      : self->pool_use.out;

  if (share_pool_locked (self, limit) && limit > 2)
    used++;
  return limit > 0 && used + 2 > limit;
}

static GstIpcFrame *
prepare (GstIpcProducer *self, GstBuffer *buffer, GstIpcWants wants)
{
  return gst_ipc_frame_new (buffer, &self->format, self->copier, wants,
      buffer->pool != NULL ? &self->pool_use : NULL);
}

/* Returns (transfer full) (nullable): a report that is due for peer. */
static GstStructure *
note_drop_locked (GstIpcProducer *self, GstIpcPeer *peer)
{
  gint64 now = g_get_monotonic_time ();
  GstStructure *report;

  self->dropped++;
  if (now - peer->drop_reported_at < REPORT_INTERVAL_US)
    return NULL;
  report = gst_ipc_peer_describe (peer);
  gst_structure_set_name (report, "frames-dropped");
  gst_structure_set (report, "since-last", G_TYPE_UINT64,
      peer->dropped - peer->dropped_reported, NULL);
  peer->dropped_reported = peer->dropped;
  peer->drop_reported_at = now;
  return report;
}

static gboolean
offer_to_all_locked (GstIpcProducer *self, GstIpcFrame *frame, GstIpcTurn *turn)
{
  gboolean io_has_work = FALSE;

  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);
    GstStructure *report;

    if (!gst_ipc_peer_is_ready (peer))
      continue;
    gst_ipc_producer_decide_joining_locked (self, peer);
    if (gst_ipc_peer_offer (peer, frame, turn->trash) == GST_IPC_OFFER_DROPPED
        && (report = note_drop_locked (self, peer)) != NULL)
      g_queue_push_tail (&turn->posts, report);
    gst_ipc_producer_watch_locked (self, peer);
    io_has_work |= peer->state == GST_IPC_PEER_LOST || peer->needs_key;
    self->wants_key |= peer->needs_key;
  }
  return io_has_work;
}

static void
forget_dead_locked (GstIpcProducer *self, GPtrArray *trash)
{
  g_autoptr (GArray) dead = NULL;

  if (gst_ipc_obituary_is_empty (self->obituary))
    return;
  dead = gst_ipc_obituary_take (self->obituary);
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    gst_ipc_peer_forget (peer, dead);
    gst_ipc_peer_pump (peer, trash);
  }
}

static void
note_frame_locked (GstIpcProducer *self, const GstIpcFrame *frame)
{
  self->ended = FALSE;
  self->frames++;
  self->has_deltas |= frame->is_delta;
  self->left_out += frame->metas_left_out;
  self->copied_bytes = gst_ipc_copier_get_bytes (self->copier);
}

/* Said once, not for each frame. */
static void
warn_of_losses (
    GstIpcProducer *self, const GstIpcFrame *frame, GstIpcWants wants)
{
  const GstIpcProducerCallbacks *cb = &self->callbacks;

  if ((wants & GST_IPC_WANT_QUALCOMM) != 0 && frame->qualcomm == NULL
      && frame->bytes > 0 && !self->said_unsent) {
    self->said_unsent = TRUE;
    cb->warn (cb->user_data, "media",
        "the consumer is not one of ours, and its format carries raw video, "
        "tensors and text only");
  }
  if (frame->text_bytes_cut > 0 && !self->said_cut) {
    self->said_cut = TRUE;
    cb->warn (cb->user_data, "text",
        "the consumer's format carries 1024 bytes of text; the rest was cut");
  }
}

static void
note_unsent_locked (GstIpcProducer *self, GQueue *reports)
{
  self->unsent++;
  /* Once for a time without consumers: nobody shall wonder where frames go. */
  if (self->said_idle)
    return;
  self->said_idle = TRUE;
  g_queue_push_tail (reports, gst_structure_new_empty ("no-consumer"));
}

/* Returns FALSE when frame may not be kept after all: while it was being made,
 * a consumer took another. */
static gboolean
send_frame (GstIpcProducer *self, GstBuffer *buffer, GstIpcFrame *frame,
    GstIpcTurn *turn)
{
  gboolean io_has_work = FALSE;
  gboolean sent;

  g_mutex_lock (&self->lock);
  forget_dead_locked (self, turn->trash);
  sent = frame->pool_use == NULL || !has_to_copy_locked (self, buffer, 1);
  if (sent) {
    note_frame_locked (self, frame);
    io_has_work = offer_to_all_locked (self, frame, turn);
  }
  g_mutex_unlock (&self->lock);
  if (io_has_work)
    gst_socket_poller_wake (self->poller);
  return sent;
}

static GstFlowReturn
prepare_and_send (GstIpcProducer *self, GstBuffer *buffer, GstIpcWants wants,
    GstIpcTurn *turn)
{
  g_autoptr (GstIpcFrame) frame = prepare (self, buffer, wants);

  if (frame == NULL)
    return GST_FLOW_ERROR;
  if (!send_frame (self, buffer, frame, turn))
    return prepare_and_send (self, buffer, wants | GST_IPC_WANT_COPY, turn);
  warn_of_losses (self, frame, wants);
  return GST_FLOW_OK;
}

/* Never waits. Returns GST_FLOW_ERROR when there is no memory to copy into. */
GstFlowReturn
gst_ipc_producer_render (GstIpcProducer *self, GstBuffer *buffer)
{
  GstFlowReturn ret = GST_FLOW_OK;
  GstIpcTurn turn;
  GstIpcWants wants;

  gst_ipc_turn_init (&turn);
  g_mutex_lock (&self->lock);
  gst_ipc_producer_read_for_frame_locked (self, &turn);
  if (count_ready_locked (self, &wants) == 0)
    note_unsent_locked (self, &turn.posts);
  else if (has_to_copy_locked (self, buffer, 0))
    wants |= GST_IPC_WANT_COPY;
  g_mutex_unlock (&self->lock);
  if (wants != 0)
    ret = prepare_and_send (self, buffer, wants, &turn);
  gst_ipc_turn_end (self, &turn);
  return ret;
}

static GBytes *
take_bytes (GByteArray *record)
{
  return g_byte_array_free_to_bytes (record);
}

/* bytes (transfer full) goes to every consumer of ours, after what waits. */
static void
broadcast_locked (GstIpcProducer *self, GBytes *bytes, GPtrArray *trash)
{
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (peer->state != GST_IPC_PEER_OURS)
      continue;
    gst_ipc_peer_push_event (peer, bytes);
    gst_ipc_peer_pump (peer, trash);
  }
}

/* bytes (transfer full); slot (nullable) remembers them for later consumers. */
static void
broadcast (GstIpcProducer *self, GBytes *bytes, GBytes **slot)
{
  g_autoptr (GPtrArray) trash = new_trash ();

  g_mutex_lock (&self->lock);
  broadcast_locked (self, bytes, trash);
  if (slot != NULL) {
    g_clear_pointer (slot, g_bytes_unref);
    *slot = g_bytes_ref (bytes);
  }
  g_mutex_unlock (&self->lock);
  g_bytes_unref (bytes);
  gst_socket_poller_wake (self->poller);
}

static GBytes *
new_text (GstSocketWireExtKind kind, const guint32 *head, guint n_head,
    const gchar *text)
{
  GByteArray *record = g_byte_array_new ();

  gst_socket_wire_ext_put_text (record, kind, head, n_head, text);
  return take_bytes (record);
}

static GBytes *
new_pair (GstSocketWireExtKind kind, guint64 first, guint64 second)
{
  GByteArray *record = g_byte_array_new ();

  gst_socket_wire_ext_put_pair (record, kind, first, second);
  return take_bytes (record);
}

void
gst_ipc_producer_set_caps (GstIpcProducer *self, GstCaps *caps)
{
  g_autofree gchar *text = gst_caps_to_string (caps);

  gst_ipc_format_set_caps (&self->format, caps);
  broadcast (
      self, new_text (GST_SOCKET_WIRE_EXT_CAPS, NULL, 0, text), &self->caps);
}

static void
push_stream_start (GstIpcProducer *self, GstEvent *event)
{
  const gchar *stream_id;
  GstStreamFlags flags;
  guint group = 0;
  guint32 head[2];

  gst_event_parse_stream_start (event, &stream_id);
  gst_event_parse_stream_flags (event, &flags);
  gst_event_parse_group_id (event, &group);
  head[0] = flags;
  head[1] = group;
  g_mutex_lock (&self->lock);
  g_ptr_array_set_size (self->tags, 0);
  self->has_deltas = FALSE;
  self->ended = FALSE;
  g_mutex_unlock (&self->lock);
  broadcast (self,
      new_text (GST_SOCKET_WIRE_EXT_STREAM_START, head, 2, stream_id),
      &self->stream_start);
}

/* Pictures within tags can be larger than a record: then the tags stay here. */
static void
push_tag (GstIpcProducer *self, GstEvent *event)
{
  g_autofree gchar *text = NULL;
  GstTagList *tags;
  guint32 scope;
  GBytes *bytes;

  gst_event_parse_tag (event, &tags);
  scope = gst_tag_list_get_scope (tags);
  text = gst_tag_list_to_string (tags);
  if (strlen (text) + 64 > GST_SOCKET_WIRE_MAX_RECORD) {
    GST_WARNING (
        "tags of %" G_GSIZE_FORMAT " bytes do not travel", strlen (text));
    return;
  }
  bytes = new_text (GST_SOCKET_WIRE_EXT_TAG, &scope, 1, text);
  g_mutex_lock (&self->lock);
  /* Later tags replace earlier ones of the same scope at the consumer. */
  if (self->tags->len > 8)
    g_ptr_array_remove_index (self->tags, 0);
  g_ptr_array_add (self->tags, g_bytes_ref (bytes));
  g_mutex_unlock (&self->lock);
  broadcast (self, bytes, NULL);
}

static void
push_segment (GstIpcProducer *self, GstEvent *event)
{
  GByteArray *record = g_byte_array_new ();
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  gst_socket_wire_ext_put_segment (record, segment);
  broadcast (self, take_bytes (record), &self->segment);
}

/* The only event that the original knows too. */
void
gst_ipc_producer_push_eos_locked (GstIpcPeer *peer)
{
  GByteArray *record = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;

  if (peer->state == GST_IPC_PEER_OURS)
    gst_socket_wire_ext_put_empty (record, GST_SOCKET_WIRE_EXT_EOS);
  else
    gst_socket_wire_put_signal (record, GST_SOCKET_WIRE_EOS);
  bytes = take_bytes (record);
  gst_ipc_peer_push_event (peer, bytes);
}

/* Who is being greeted gets it when that is done. */
static void
push_eos (GstIpcProducer *self)
{
  g_autoptr (GPtrArray) trash = new_trash ();

  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  for (guint i = 0; i < self->peers->len; i++) {
    GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    if (!gst_ipc_peer_is_ready (peer))
      continue;
    gst_ipc_producer_push_eos_locked (peer);
    gst_ipc_peer_pump (peer, trash);
  }
  g_mutex_unlock (&self->lock);
  gst_socket_poller_wake (self->poller);
}

static void
push_gap (GstIpcProducer *self, GstEvent *event)
{
  GstClockTime pts, duration;

  gst_event_parse_gap (event, &pts, &duration);
  broadcast (self, new_pair (GST_SOCKET_WIRE_EXT_GAP, pts, duration), NULL);
}

static void
push_custom (GstIpcProducer *self, GstEvent *event)
{
  const GstStructure *structure = gst_event_get_structure (event);
  g_autofree gchar *text = NULL;

  if (structure == NULL)
    return;
  text = gst_structure_to_string (structure);
  if (strlen (text) + 64 <= GST_SOCKET_WIRE_MAX_RECORD)
    broadcast (self, new_text (GST_SOCKET_WIRE_EXT_EVENT, NULL, 0, text), NULL);
}

void
gst_ipc_producer_push_event (GstIpcProducer *self, GstEvent *event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      return push_stream_start (self, event);
    case GST_EVENT_SEGMENT:
      return push_segment (self, event);
    case GST_EVENT_TAG:
      return push_tag (self, event);
    case GST_EVENT_GAP:
      return push_gap (self, event);
    case GST_EVENT_EOS:
      return push_eos (self);
    case GST_EVENT_CUSTOM_DOWNSTREAM:
      return push_custom (self, event);
    default:
      return;
  }
}

/* kind is 0 for a clock that means nothing to another process. */
void
gst_ipc_producer_set_clock (
    GstIpcProducer *self, guint kind, GstClockTime base_time)
{
  broadcast (self, new_pair (GST_SOCKET_WIRE_EXT_CLOCK, kind, base_time),
      &self->clock);
}

void
gst_ipc_producer_set_latency (GstIpcProducer *self, GstClockTime latency)
{
  broadcast (self,
      new_pair (GST_SOCKET_WIRE_EXT_LATENCY, latency, GST_CLOCK_TIME_NONE),
      &self->latency);
}

void
gst_ipc_producer_set_flushing (GstIpcProducer *self, gboolean flushing)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  self->interruptions++;
  gst_ipc_producer_note_room_locked (self);
  g_mutex_unlock (&self->lock);
}

GstStructure *
gst_ipc_producer_get_totals (GstIpcProducer *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);
  guint64 bad_returns = self->bad_returns;
  guint outstanding = 0;

  for (guint i = 0; i < self->peers->len; i++) {
    const GstIpcPeer *peer = g_ptr_array_index (self->peers, i);

    bad_returns += peer->bad_returns;
    outstanding += peer->sent->len;
  }
  return gst_structure_new ("totals", "frames", G_TYPE_UINT64, self->frames,
      "dropped", G_TYPE_UINT64, self->dropped, "unsent", G_TYPE_UINT64,
      self->unsent, "copied-bytes", G_TYPE_UINT64, self->copied_bytes,
      "metas-left-out", G_TYPE_UINT64, self->left_out, "outstanding",
      G_TYPE_UINT, outstanding, "bad-returns", G_TYPE_UINT64, bad_returns,
      "consumers", G_TYPE_UINT, self->peers->len, "connected", G_TYPE_UINT64,
      self->connected, "lost", G_TYPE_UINT64, self->lost, NULL);
}

/* ret_array is a GST_TYPE_ARRAY, initialised. */
void
gst_ipc_producer_describe_clients (GstIpcProducer *self, GValue *ret_array)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);

  for (guint i = 0; i < self->peers->len; i++) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (
        &value, gst_ipc_peer_describe (g_ptr_array_index (self->peers, i)));
    gst_value_array_append_and_take_value (ret_array, &value);
  }
}
