/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpserversrc.c: receives datagrams in batches
 *
 * Here: the element: pad, properties, state changes, errors.
 * Not here: the socket (gstudpport.c), receiving and making buffers
 * (gstudpreceiver.c), what the properties are (gstudpsettings.c), what is told
 * (gstudpreport.c).
 *
 * Threads   app: properties, state    streaming: create
 * Locks, in taking order              guards
 *   1. OBJECT_LOCK                    settings, counters, the port pointer
 *   2. the port's own lock            its membership, its drops
 * The receiver is the streaming thread's while it runs. No lock is held across
 * a pad push, a bus message, a property notify or a blocking call.
 */

/**
 * SECTION:element-udpserversrc
 * @title: udpserversrc
 * @see_also: udpsrc, socketsrc
 *
 * Receives packets over UDP, unicast or multicast, IPv4 or IPv6. It takes
 * every property of GStreamer's udpsrc, under the same name and with the same
 * meaning, so that it can replace it in a pipeline by its name alone.
 *
 * ## What it adds
 *
 * - It takes as many packets from the kernel at once as there are, up to
 *   #GstUDPServerSrc:batch-size, and pushes them as one #GstBufferList. It
 *   never waits for a batch to fill, so that a slow stream has no delay; only
 *   packets that come more often than every #GstUDPServerSrc:batch-time are
 *   left to collect for so long. Memory and buffers come from a pool.
 * - The kernel may hand over trains of packets (#GstUDPServerSrc:gro), which
 *   are split again without copying; or not at all, when
 *   #GstUDPServerSrc:preserve-packetization is off, as is right for MPEG-TS.
 * - Packets that the kernel had to drop are counted in #GstUDPServerSrc:stats
 *   and told in an element message named `GstUDPServerSrcDrops`, with the
 *   fields `kernel-drops` (guint64, all so far), `dropped` (guint64, since the
 *   last message) and `buffer-size` (guint, bytes). There is at most one such
 *   message per second.
 * - It chooses the interface by the routing table, by name or by address, or
 *   takes several; it receives from chosen sources only, or from all but some;
 *   and it joins again when a cable is back, an interface was replaced, or the
 *   route has changed.
 * - #GstUDPServerSrc:accept-from lets in packets of certain senders only.
 *
 * ## Where it differs from udpsrc
 *
 * - The receive buffer is 2 MiB by default, where the kernel allows it;
 *   #GstUDPServerSrc:buffer-size gives it any other size.
 * - A port that the kernel chose appears in #GstUDPServerSrc:uri too, and IPv6
 *   addresses stand in brackets there. A malformed URI is an error on the
 *   way to READY.
 * - A packet longer than #GstUDPServerSrc:mtu is one piece of memory.
 * - A group is joined on the one interface that the routing table leads to; an
 *   interface that does not exist is an error.
 * - Several elements, or programs, receive the same group on the same port
 *   independently of each other, also on different interfaces. (For IPv6 Linux
 *   does not tell interfaces apart here: what one socket of the host joined on
 *   another interface is received as well.)
 * - A unicast port that the kernel chooses is not shared.
 *
 * ## How large a receive buffer
 *
 * The kernel keeps packets in the receive buffer while the pipeline is busy,
 * and counts about 2.3 KiB for a packet of 1.3 KiB. The default, 2 MiB where
 * the kernel allows it, holds 100 ms of 200 Mbit/s. For MPEG-TS and RTP of one
 * programme that is plenty; for uncompressed video (ST 2110, 1.5 Gbit/s and
 * more) set #GstUDPServerSrc:buffer-size to 16 MiB or more.
 *
 * ## Examples
 *
 * Shows an H.264 camera that sends RTP to port 5004:
 *
 * |[
 * gst-launch-1.0 udpserversrc port=5004 caps="application/x-rtp,media=video,clock-rate=90000,encoding-name=H264" ! rtpjitterbuffer ! rtph264depay ! decodebin ! autovideosink
 * ]|
 *
 * Records an MPEG-TS programme from a multicast group:
 *
 * |[
 * gst-launch-1.0 -e udpserversrc uri=udp://239.1.1.1:1234 preserve-packetization=false ! filesink location=programme.ts
 * ]|
 *
 * Receives a source-specific group, from 10.0.0.7 alone, on eth1:
 *
 * |[
 * gst-launch-1.0 udpserversrc uri=udp://10.0.0.7@232.1.1.1:1234 multicast-iface=eth1 ! tsdemux ! fakesink
 * ]|
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "../elements.h"
#include "gstudpport.h"
#include "gstudpreceiver.h"
#include "gstudpreport.h"
#include "gstudpsenders.h"
#include "gstudpsettings.h"

#include <gst/base/gstpushsrc.h>
#include <gst/socket/gstsocketerror.h>

GST_DEBUG_CATEGORY (gst_udp_server_src_debug);
#define GST_CAT_DEFAULT gst_udp_server_src_debug

#define LOOK_INTERVAL_US (100 * G_TIME_SPAN_MILLISECOND)
#define LOOK_INTERVAL_NS ((guint64) LOOK_INTERVAL_US * GST_USECOND)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

#define GST_TYPE_UDP_SERVER_SRC (gst_udp_server_src_get_type ())
G_DECLARE_FINAL_TYPE (
    GstUDPServerSrc, gst_udp_server_src, GST, UDP_SERVER_SRC, GstPushSrc)

struct _GstUDPServerSrc
{
  GstPushSrc parent;

  GCancellable *cancellable; /* immutable after init */

  /* guarded by OBJECT_LOCK */
  GstUdpSettings settings;
  GstUdpCounters counters;
  GstUdpPort *port; /* from READY on; changed by the state change only */

  GPtrArray *accept_from; /* from READY on; NULL for anyone */

  /* streaming thread only, while it runs */
  GstUdpReceiver *receiver;
  GstUdpToldDrops told;
  gint64 looked_at_us;
  gboolean has_to_look; /* packets came since, or drops are untold */
  gint64 woken_at_us;
  gboolean is_busy;       /* packets come more often than batch-time */
  gboolean has_collected; /* and were just left to collect */
};

static void uri_handler_init (gpointer iface, gpointer data);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstUDPServerSrc, gst_udp_server_src,
    GST_TYPE_PUSH_SRC,
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER, uri_handler_init)
        GST_DEBUG_CATEGORY_INIT (gst_udp_server_src_debug, "udpserversrc", 0,
            "receives datagrams in batches"))

GST_ELEMENT_REGISTER_DEFINE (
    udpserversrc, "udpserversrc", GST_RANK_NONE, GST_TYPE_UDP_SERVER_SRC)

static void
copy_settings (GstUDPServerSrc *self, GstUdpSettings *ret_settings)
{
  GST_OBJECT_LOCK (self);
  gst_udp_settings_copy (&self->settings, ret_settings);
  GST_OBJECT_UNLOCK (self);
}

/* ---- opening and closing ---- */

/* Returns whether it changed. */
static gboolean
adopt_port (GstUDPServerSrc *self, GstUdpPort *port)
{
  gint number = gst_udp_port_get_number (port);
  gboolean changed;

  GST_OBJECT_LOCK (self);
  self->port = port;
  memset (&self->counters, 0, sizeof self->counters);
  changed = number != 0 && number != self->settings.port;
  if (changed)
    gst_udp_settings_set_port (&self->settings, number);
  GST_OBJECT_UNLOCK (self);
  return changed;
}

/* Here and not in start (), where GstBaseSrc adds an error of its own. */
static gboolean
parse_accept_from (GstUDPServerSrc *self, const gchar *text)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->accept_from, g_ptr_array_unref);
  if (text == NULL)
    return TRUE;
  self->accept_from = gst_udp_accept_list_parse (text, &error);
  if (self->accept_from == NULL)
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_ ("\"%s\" is not a list of addresses to accept packets from."), text),
        ("%s", error->message));
  return self->accept_from != NULL;
}

static gboolean
open_port (GstUDPServerSrc *self)
{
  g_auto (GstUdpSettings) settings = {0};
  g_autoptr (GError) error = NULL;
  g_autofree gchar *interfaces = NULL;
  GstUdpPort *port;

  copy_settings (self, &settings);
  if (!gst_udp_report_uri (GST_ELEMENT (self), &settings)
      || !parse_accept_from (self, settings.accept_from))
    return FALSE;
  port = gst_udp_port_open (&settings, self->cancellable, &error);
  if (port == NULL) {
    gst_element_message_full (GST_ELEMENT (self), GST_MESSAGE_ERROR,
        GST_RESOURCE_ERROR,
        gst_socket_error_to_resource (error, GST_RESOURCE_ERROR_OPEN_READ),
        g_strdup_printf (_ ("Could not receive at \"%s\" port %d: %s"),
            settings.address, settings.port, error->message),
        g_strdup (error->message), __FILE__, GST_FUNCTION, __LINE__);
    return FALSE;
  }
  interfaces = gst_udp_port_describe_interfaces (port);
  GST_INFO_OBJECT (self, "receiving on %s port %d, group joined on: %s",
      settings.address, gst_udp_port_get_number (port), interfaces);
  gst_udp_report_shortfall (GST_ELEMENT (self), port);
  if (adopt_port (self, port))
    g_object_notify_by_pspec (
        G_OBJECT (self), gst_udp_settings_get_pspec (GST_UDP_PROP_PORT));
  return TRUE;
}

static void
close_port (GstUDPServerSrc *self)
{
  GstUdpPort *port;

  GST_OBJECT_LOCK (self);
  port = g_steal_pointer (&self->port);
  if (port != NULL)
    self->counters.kernel_drops = gst_udp_port_count_drops (port);
  GST_OBJECT_UNLOCK (self);
  gst_udp_port_close (port);
}

static GstStateChangeReturn
gst_udp_server_src_change_state (GstElement *element, GstStateChange transition)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !open_port (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_udp_server_src_parent_class)
            ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL
      || (transition == GST_STATE_CHANGE_NULL_TO_READY
          && ret == GST_STATE_CHANGE_FAILURE))
    close_port (self);
  return ret;
}

static gboolean
gst_udp_server_src_start (GstBaseSrc *bsrc)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (bsrc);
  g_auto (GstUdpSettings) settings = {0};
  GstUdpReceiverConfig config;

  copy_settings (self, &settings);
  config = (GstUdpReceiverConfig){
      settings.batch_size, settings.mtu, self->accept_from};
  self->receiver = gst_udp_receiver_new (&config);
  memset (&self->told, 0, sizeof self->told);
  self->looked_at_us = 0;
  self->has_to_look = FALSE;
  self->woken_at_us = 0;
  self->is_busy = FALSE;
  self->has_collected = FALSE;
  if (self->receiver == NULL)
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT,
        (_ ("There is not enough memory to receive packets.")), (NULL));
  return self->receiver != NULL;
}

static gboolean
gst_udp_server_src_stop (GstBaseSrc *bsrc)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (bsrc);

  g_clear_pointer (&self->receiver, gst_udp_receiver_free);
  return TRUE;
}

static gboolean
gst_udp_server_src_unlock (GstBaseSrc *bsrc)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (bsrc);

  g_cancellable_cancel (self->cancellable);
  GST_OBJECT_LOCK (self);
  if (self->port != NULL)
    gst_udp_port_wake (self->port);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_udp_server_src_unlock_stop (GstBaseSrc *bsrc)
{
  g_cancellable_reset (GST_UDP_SERVER_SRC (bsrc)->cancellable);
  return TRUE;
}

/* ---- streaming ---- */

/* What may change from batch to batch. */
typedef struct
{
  GstUdpBufferOptions options;
  GstClock *clock;
  GstClockTime base_time;
} Turn;

static void
begin_turn (GstUDPServerSrc *self, Turn *turn)
{
  const GstUdpSettings *settings = &self->settings;
  gint left = GST_BASE_SRC (self)->num_buffers_left;

  GST_OBJECT_LOCK (self);
  turn->options.sender_meta = settings->retrieve_sender_address;
  turn->options.skip = settings->skip_first_bytes;
  /* A header to skip is at the start of every packet. */
  turn->options.split =
      settings->preserve_packetization || turn->options.skip > 0;
  turn->options.kernel_time =
      settings->socket_timestamp == GST_UDP_TIMESTAMP_REALTIME;
  turn->clock = GST_ELEMENT_CLOCK (self);
  if (turn->clock != NULL)
    gst_object_ref (turn->clock);
  turn->base_time = GST_ELEMENT_CAST (self)->base_time;
  GST_OBJECT_UNLOCK (self);
  /* This call is counted already. */
  turn->options.max_buffers = left >= 0 ? (guint) left + 1 : G_MAXUINT;
}

static void
end_turn (Turn *turn)
{
  gst_clear_object (&turn->clock);
}

/* Like udpsrc: kernel time is stamped in any case, other time if asked for. */
static void
read_clock (GstUDPServerSrc *self, Turn *turn)
{
  GstUdpBufferOptions *options = &turn->options;
  GstClockTime now;

  options->running_time = GST_CLOCK_TIME_NONE;
  if (turn->clock == NULL
      || !(options->kernel_time
          || gst_base_src_get_do_timestamp (GST_BASE_SRC (self))))
    return;
  now = gst_clock_get_time (turn->clock);
  options->running_time = now > turn->base_time ? now - turn->base_time : 0;
  if (options->kernel_time)
    options->real_time = g_get_real_time () * GST_USECOND;
}

static GstFlowReturn
fail_reading (GstUDPServerSrc *self, const GError *error)
{
  gst_element_message_full (GST_ELEMENT (self), GST_MESSAGE_ERROR,
      GST_RESOURCE_ERROR,
      gst_socket_error_to_resource (error, GST_RESOURCE_ERROR_READ),
      g_strdup_printf (_ ("Could not receive on port %d: %s"),
          gst_udp_port_get_number (self->port), error->message),
      g_strdup (error->message), __FILE__, GST_FUNCTION, __LINE__);
  return GST_FLOW_ERROR;
}

static GstFlowReturn
fail_closed (GstUDPServerSrc *self)
{
  GST_ELEMENT_ERROR (self, RESOURCE, READ,
      (_ ("The socket to receive from was closed by the application.")),
      (NULL));
  return GST_FLOW_ERROR;
}

/* A stream that wakes us more often than every batch-time is left to collect
 * for as long, again and again, until nothing came: so a fast one costs fewer
 * wake-ups, and a slow one no delay. */
static GstFlowReturn
let_collect (GstUDPServerSrc *self, guint64 batch_time_ns)
{
  self->is_busy = FALSE;
  self->has_collected = TRUE;
  gst_udp_receiver_expect_many (self->receiver);
  return gst_udp_port_let_collect (self->port, batch_time_ns, self->cancellable)
      ? GST_FLOW_OK
      : GST_FLOW_FLUSHING;
}

static void
note_wake (GstUDPServerSrc *self, guint64 batch_time_ns)
{
  gint64 now_us = g_get_monotonic_time ();

  self->is_busy =
      (guint64) (now_us - self->woken_at_us) < batch_time_ns / GST_USECOND;
  self->woken_at_us = now_us;
}

static void
note_collected (GstUDPServerSrc *self, gboolean something)
{
  if (self->has_collected)
    self->is_busy = something;
  self->has_collected = FALSE;
}

/* Once in a while; a call for every batch would cost more than it tells. */
static void
look_for_drops (GstUDPServerSrc *self)
{
  gint64 now_us = g_get_monotonic_time ();
  guint64 drops;

  self->has_to_look = TRUE;
  if (now_us - self->looked_at_us < LOOK_INTERVAL_US)
    return;
  self->looked_at_us = now_us;
  drops = gst_udp_port_count_drops (self->port);
  if (drops != self->told.drops)
    gst_udp_report_drops (GST_ELEMENT (self), self->port, drops, &self->told);
  self->has_to_look = drops != self->told.drops;
}

/* Waits, and looks for drops in between: those of the last packets before a
 * silence are news, too. */
static GstUdpWait
wait_and_look (GstUDPServerSrc *self, guint64 timeout_ns)
{
  guint64 left_ns = timeout_ns;

  while (self->has_to_look && (timeout_ns == 0 || left_ns > LOOK_INTERVAL_NS)) {
    GstUdpWait ended =
        gst_udp_port_wait (self->port, LOOK_INTERVAL_NS, self->cancellable);

    if (ended != GST_UDP_WAIT_TIMEOUT)
      return ended;
    left_ns -= MIN (left_ns, LOOK_INTERVAL_NS);
    look_for_drops (self);
  }
  return gst_udp_port_wait (self->port, left_ns, self->cancellable);
}

static GstFlowReturn
wait_for_packets (GstUDPServerSrc *self)
{
  guint64 timeout_ns, batch_time_ns;

  GST_OBJECT_LOCK (self);
  timeout_ns = self->settings.timeout_ns;
  batch_time_ns = self->settings.batch_time_ns;
  GST_OBJECT_UNLOCK (self);
  if (self->is_busy && batch_time_ns > 0)
    return let_collect (self, batch_time_ns);
  switch (wait_and_look (self, timeout_ns)) {
    case GST_UDP_WAIT_READY:
      note_wake (self, batch_time_ns);
      return GST_FLOW_OK;
    case GST_UDP_WAIT_TIMEOUT:
      gst_udp_port_note_silence (self->port);
      gst_udp_report_timeout (GST_ELEMENT (self), timeout_ns);
      return GST_FLOW_OK;
    case GST_UDP_WAIT_CANCELLED:
      return GST_FLOW_FLUSHING;
    default:
      return fail_closed (self);
  }
}

static void
publish_counters (GstUDPServerSrc *self)
{
  GST_OBJECT_LOCK (self);
  self->counters = *gst_udp_receiver_get_counters (self->receiver);
  GST_OBJECT_UNLOCK (self);
  look_for_drops (self);
}

static GstFlowReturn
take (GstUDPServerSrc *self, const GstUdpBufferOptions *options,
    GstBuffer **ret_buffer, GstBufferList **ret_list)
{
  GstFlowReturn ret =
      gst_udp_receiver_take (self->receiver, options, ret_buffer, ret_list);

  if (ret == GST_FLOW_ERROR)
    GST_ELEMENT_ERROR (self, STREAM, DECODE, (NULL),
        ("a packet is shorter than the %u bytes to skip", options->skip));
  return ret;
}

/* Receives once. Returns OK without a buffer when there was nothing after
 * all, or nothing that may come in. */
static GstFlowReturn
receive (
    GstUDPServerSrc *self, GstBuffer **ret_buffer, GstBufferList **ret_list)
{
  g_autoptr (GError) error = NULL;
  GstFlowReturn ret;
  Turn turn = {0};
  gint n;

  begin_turn (self, &turn);
  n = gst_udp_receiver_receive (self->receiver,
      gst_udp_port_get_fd (self->port), turn.options.max_buffers, &error);
  note_collected (self, n > 0);
  if (n > 0) {
    gst_udp_port_note_packets (self->port);
    read_clock (self, &turn);
    ret = take (self, &turn.options, ret_buffer, ret_list);
    publish_counters (self);
  } else {
    ret = n < 0 ? fail_reading (self, error) : GST_FLOW_OK;
  }
  end_turn (&turn);
  return ret;
}

/* GstBaseSrc counts a list as one buffer. */
static void
count_buffers (GstUDPServerSrc *self, guint n)
{
  GstBaseSrc *bsrc = GST_BASE_SRC (self);

  if (bsrc->num_buffers_left >= 0)
    bsrc->num_buffers_left -= n - 1;
}

static GstFlowReturn
gst_udp_server_src_create (GstPushSrc *psrc, GstBuffer **ret_buffer)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (psrc);
  GstBufferList *list = NULL;
  GstFlowReturn ret = GST_FLOW_OK;

  *ret_buffer = NULL;
  while (ret == GST_FLOW_OK && *ret_buffer == NULL && list == NULL) {
    if (g_cancellable_is_cancelled (self->cancellable))
      return GST_FLOW_FLUSHING;
    if (gst_udp_receiver_is_dry (self->receiver))
      ret = wait_for_packets (self);
    if (ret == GST_FLOW_OK)
      ret = receive (self, ret_buffer, &list);
  }
  if (list != NULL) {
    count_buffers (self, gst_buffer_list_length (list));
    gst_base_src_submit_buffer_list (GST_BASE_SRC (self), list);
  }
  return ret;
}

/* ---- caps ---- */

static GstCaps *
gst_udp_server_src_get_caps (GstBaseSrc *bsrc, GstCaps *filter)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (bsrc);
  g_autoptr (GstCaps) caps = NULL;

  GST_OBJECT_LOCK (self);
  if (self->settings.caps != NULL)
    caps = gst_caps_ref (self->settings.caps);
  GST_OBJECT_UNLOCK (self);
  if (caps == NULL)
    return filter != NULL ? gst_caps_ref (filter) : gst_caps_new_any ();
  if (filter == NULL)
    return g_steal_pointer (&caps);
  return gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
}

/* Packets have memory of their own; a pool from downstream is not used. */
static gboolean
gst_udp_server_src_decide_allocation (GstBaseSrc *bsrc, GstQuery *query)
{
  for (guint i = 0; i < gst_query_get_n_allocation_pools (query); i++)
    gst_query_set_nth_allocation_pool (query, i, NULL, 0, 0, 0);
  return TRUE;
}

/* ---- URI ---- */

static GstURIType
uri_handler_get_type (GType type)
{
  return GST_URI_SRC;
}

/* "udp" is udpsrc's, and two handlers of one scheme would take turns by the
 * order in which they were found. */
static const gchar *const *
uri_handler_get_protocols (GType type)
{
  static const gchar *const protocols[] = {"udpserver", NULL};

  return protocols;
}

static gchar *
uri_handler_get_uri (GstURIHandler *handler)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (handler);
  g_autofree gchar *uri = NULL;

  GST_OBJECT_LOCK (self);
  uri = gst_udp_settings_dup_uri (&self->settings);
  GST_OBJECT_UNLOCK (self);
  return g_strconcat ("udpserver", strstr (uri, "://"), NULL);
}

static gboolean
set_uri (GstUDPServerSrc *self, const gchar *uri, GError **error)
{
  gboolean ok;

  GST_OBJECT_LOCK (self);
  ok = gst_udp_settings_set_uri (&self->settings, uri, error);
  GST_OBJECT_UNLOCK (self);
  if (ok)
    g_object_notify_by_pspec (G_OBJECT (self),
        gst_udp_settings_get_pspec (GST_UDP_PROP_MULTICAST_SOURCE));
  return ok;
}

static gboolean
uri_handler_set_uri (GstURIHandler *handler, const gchar *uri, GError **error)
{
  return set_uri (GST_UDP_SERVER_SRC (handler), uri, error);
}

static void
uri_handler_init (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  handler->get_type = uri_handler_get_type;
  handler->get_protocols = uri_handler_get_protocols;
  handler->get_uri = uri_handler_get_uri;
  handler->set_uri = uri_handler_set_uri;
}

/* ---- properties ---- */

static void
get_stats (GstUDPServerSrc *self, GValue *value)
{
  GST_OBJECT_LOCK (self);
  g_value_take_boxed (
      value, gst_udp_report_stats (&self->counters, self->port));
  GST_OBJECT_UNLOCK (self);
}

static void
get_used_socket (GstUDPServerSrc *self, GValue *value)
{
  GST_OBJECT_LOCK (self);
  g_value_set_object (
      value, self->port ? gst_udp_port_get_socket (self->port) : NULL);
  GST_OBJECT_UNLOCK (self);
}

/* As udpsrc: a socket that is replaced before it was used is closed, if the
 * element is to close it. */
static void
set_socket (GstUDPServerSrc *self, const GValue *value)
{
  g_autoptr (GSocket) old = NULL;
  gboolean close_old;

  GST_OBJECT_LOCK (self);
  if (self->settings.socket != NULL)
    old = g_object_ref (self->settings.socket);
  close_old = old != NULL && self->settings.close_socket
      && g_value_get_object (value) != (gpointer) old
      && (self->port == NULL || gst_udp_port_get_socket (self->port) != old);
  gst_udp_settings_set (&self->settings, GST_UDP_PROP_SOCKET, value);
  GST_OBJECT_UNLOCK (self);
  if (close_old)
    g_socket_close (old, NULL);
}

static void
gst_udp_server_src_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (object);
  gboolean known = TRUE;

  switch (id) {
    case GST_UDP_PROP_SOCKET:
      set_socket (self, value);
      break;
    default:
      GST_OBJECT_LOCK (self);
      known = gst_udp_settings_set (&self->settings, id, value);
      GST_OBJECT_UNLOCK (self);
      break;
  }
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (id == GST_UDP_PROP_CAPS)
    gst_pad_mark_reconfigure (GST_BASE_SRC_PAD (self));
  else if (id == GST_UDP_PROP_URI)
    g_object_notify_by_pspec (
        object, gst_udp_settings_get_pspec (GST_UDP_PROP_MULTICAST_SOURCE));
}

static void
gst_udp_server_src_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (object);
  gboolean known = TRUE;

  switch (id) {
    case GST_UDP_PROP_USED_SOCKET:
      get_used_socket (self, value);
      break;
    case GST_UDP_PROP_STATS:
      get_stats (self, value);
      break;
    default:
      GST_OBJECT_LOCK (self);
      known = gst_udp_settings_get (&self->settings, id, value);
      GST_OBJECT_UNLOCK (self);
      break;
  }
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_udp_server_src_finalize (GObject *object)
{
  GstUDPServerSrc *self = GST_UDP_SERVER_SRC (object);

  gst_udp_settings_clear (&self->settings);
  g_clear_pointer (&self->accept_from, g_ptr_array_unref);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (gst_udp_server_src_parent_class)->finalize (object);
}

static void
gst_udp_server_src_class_init (GstUDPServerSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *bsrc_class = GST_BASE_SRC_CLASS (klass);

  object_class->set_property = gst_udp_server_src_set_property;
  object_class->get_property = gst_udp_server_src_get_property;
  object_class->finalize = gst_udp_server_src_finalize;
  gst_udp_settings_install (object_class);

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "UDP packet receiver in batches", "Source/Network",
      "Receive data over the network via UDP, many packets at a time",
      PACKAGE_NAME);
  element_class->change_state = gst_udp_server_src_change_state;

  bsrc_class->start = gst_udp_server_src_start;
  bsrc_class->stop = gst_udp_server_src_stop;
  bsrc_class->unlock = gst_udp_server_src_unlock;
  bsrc_class->unlock_stop = gst_udp_server_src_unlock_stop;
  bsrc_class->get_caps = gst_udp_server_src_get_caps;
  bsrc_class->decide_allocation = gst_udp_server_src_decide_allocation;
  GST_PUSH_SRC_CLASS (klass)->create = gst_udp_server_src_create;
}

static void
gst_udp_server_src_init (GstUDPServerSrc *self)
{
  gst_udp_settings_init (&self->settings);
  self->cancellable = g_cancellable_new ();
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
  gst_base_src_set_do_timestamp (GST_BASE_SRC (self), TRUE);
}
