/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpport.c: the open socket of udpserversrc
 *
 * Here: binding, socket options, joining the group and staying in it, waiting.
 * Not here: receiving, buffers, messages to the application.
 *
 * Threads   app: open, close, while nothing streams
 *           streaming: wait and the notes
 *           any: wake, and the figures that stats shows
 * Locks     port->lock: membership and drops
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstudpport.h"
#include "gstudpsenders.h"

#include <gst/socket/gstsocketaddress.h>
#include <gst/socket/gstsocketbatch.h>
#include <gst/socket/gstsocketio.h>
#include <gst/socket/gstsocketlinkwatch.h>
#include <gst/socket/gstsocketmulticast.h>
#include <gst/socket/gstsocketopt.h>
#include <gst/socket/gstsocketpoller.h>

#include <errno.h>
#include <sys/socket.h>

/* Half a second of 30 Mbit/s. The kernel's own 208 KiB hold 90 packets. */
#define DEFAULT_RECEIVE_BUFFER (2 * 1024 * 1024)

GST_DEBUG_CATEGORY_EXTERN (gst_udp_server_src_debug);
#define GST_CAT_DEFAULT gst_udp_server_src_debug

struct _GstUdpPort
{
  GSocket *socket;
  int fd;
  gboolean close_socket;
  gboolean reset_gro; /* the socket is not ours and was changed */
  guint wanted_buffer;
  guint granted_buffer;

  GstSocketPoller *poller;   /* of the socket and the watch */
  GstSocketLinkWatch *watch; /* NULL when links do not matter */
  guint n_rejoins;           /* atomic */
  guint n_silences;          /* in a row; streaming thread */

  GMutex lock; /* guards the rest, of which stats shows something */
  GstSocketMembership *membership; /* NULL when not in a group */
  guint64 drops;
  guint32 last_drops; /* as the kernel counts them */
};

/* ---- opening ---- */

/* A group whose scope is one link, as ff02::1, cannot be bound to without
 * naming that link; and there may be several. */
static GSocketAddress *
choose_bind_address (GSocketAddress *address)
{
  GInetSocketAddress *full = G_INET_SOCKET_ADDRESS (address);
  GInetAddress *inet = g_inet_socket_address_get_address (full);
  g_autoptr (GInetAddress) any = NULL;

  if (!g_inet_address_get_is_mc_link_local (inet)
      || g_inet_address_get_family (inet) != G_SOCKET_FAMILY_IPV6
      || g_inet_socket_address_get_scope_id (full) != 0)
    return g_object_ref (address);
  any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV6);
  return g_inet_socket_address_new (any, g_inet_socket_address_get_port (full));
}

static gboolean
is_multicast (GSocketAddress *address)
{
  return G_IS_INET_SOCKET_ADDRESS (address)
      && g_inet_address_get_is_multicast (
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

/* With a shared unicast port, others would get a part of the packets; when
 * the kernel chooses the port no one can have asked for that. */
static gboolean
may_reuse (const GstUdpSettings *settings, GSocketAddress *address)
{
  return settings->reuse && (settings->port != 0 || is_multicast (address));
}

/* Several programs may receive one group. GSocket would let them by sharing
 * the port (SO_REUSEPORT), too, whereupon Linux hands each packet to one of
 * the sharers by chance, and even to one that joined on another interface.
 * With SO_REUSEADDR alone all get all they joined. */
static gboolean
bind_to_group (
    GSocket *socket, GSocketAddress *address, gboolean reuse, GError **error)
{
  struct sockaddr_storage native;
  gint saved_errno;

  if (!g_socket_set_option (socket, SOL_SOCKET, SO_REUSEADDR, reuse, error)
      || !g_socket_address_to_native (address, &native, sizeof native, error))
    return FALSE;
  if (bind (g_socket_get_fd (socket), (struct sockaddr *) &native,
          g_socket_address_get_native_size (address))
      == 0)
    return TRUE;
  saved_errno = errno;
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
      g_strerror (saved_errno));
  return FALSE;
}

static GSocket *
bind_socket (
    const GstUdpSettings *settings, GSocketAddress *address, GError **error)
{
  GstSocketListenOptions options = {
      .type = G_SOCKET_TYPE_DATAGRAM, .reuse = may_reuse (settings, address)};
  g_autoptr (GSocketAddress) local = choose_bind_address (address);
  g_autoptr (GSocket) socket = gst_socket_create (
      g_socket_address_get_family (local), options.type, NULL, error);
  gboolean ok;

  if (socket == NULL)
    return NULL;
  if (is_multicast (address))
    ok = bind_to_group (socket, local, options.reuse, error);
  else
    ok = gst_socket_bind (socket, local, &options, error);
  return ok ? g_steal_pointer (&socket) : NULL;
}

/* Tries each address the name has. */
static GSocket *
open_socket (const GstUdpSettings *settings, GCancellable *cancellable,
    GSocketAddress **ret_address, GError **error)
{
  g_autoptr (GPtrArray) addresses = gst_socket_address_resolve (
      settings->address, settings->port, cancellable, error);

  for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
    GSocketAddress *address = g_ptr_array_index (addresses, i);
    GSocket *socket;

    g_clear_error (error);
    socket = bind_socket (settings, address, error);
    if (socket != NULL) {
      *ret_address = g_object_ref (address);
      return socket;
    }
  }
  return NULL;
}

static void
set_buffer (GstUdpPort *self, guint wanted)
{
  if (wanted == 0) {
    gst_socket_opt_increase_buffer (self->fd, GST_SOCKET_BUFFER_RECEIVE,
        DEFAULT_RECEIVE_BUFFER, &self->granted_buffer, NULL);
    return;
  }
  self->wanted_buffer = wanted;
  gst_socket_opt_set_buffer (
      self->fd, GST_SOCKET_BUFFER_RECEIVE, wanted, &self->granted_buffer, NULL);
}

/* None of these is worth failing for: without, it works as well, only slower
 * or with less to tell. */
static void
set_options (
    GstUdpPort *self, const GstUdpSettings *settings, gboolean external)
{
  gboolean gro = settings->gro == GST_UDP_GRO_ON
      || (settings->gro == GST_UDP_GRO_AUTO && !external);

  set_buffer (self, settings->buffer_size);
  if (settings->socket_timestamp == GST_UDP_TIMESTAMP_REALTIME)
    gst_socket_batch_set_receive_times (self->fd, TRUE, NULL);
  if (gro && gst_socket_batch_set_gro (self->fd, TRUE, NULL))
    self->reset_gro = external && !settings->close_socket;
  g_socket_set_multicast_loopback (self->socket, settings->loop);
  gst_socket_multicast_set_only_joined (
      self->fd, g_socket_get_family (self->socket), TRUE, NULL);
}

static gboolean
join_group (GstUdpPort *self, const GstUdpSettings *settings,
    GSocketAddress *address, GError **error)
{
  g_auto (GstUdpSources) sources = {0};
  GstSocketMembershipOptions options = {
      .group =
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)),
      .interfaces = settings->multicast_iface};

  if (!gst_udp_sources_parse (settings->multicast_source, &sources, error))
    return FALSE;
  options.include = sources.include;
  options.exclude = sources.exclude;
  self->membership = gst_socket_membership_join (self->fd, &options, error);
  if (self->membership == NULL)
    return FALSE;
  if (settings->rejoin)
    self->watch = gst_socket_link_watch_new (NULL);
  return TRUE;
}

/* What is polled says by its data what it is: the link watch, or NULL. */
static gboolean
watch_descriptors (GstUdpPort *self, GError **error)
{
  self->poller = gst_socket_poller_new (GST_SOCKET_POLLER_AUTO, error);
  if (self->poller == NULL
      || !gst_socket_poller_add (
          self->poller, self->fd, GST_SOCKET_POLL_READ, NULL, error))
    return FALSE;
  return self->watch == NULL
      || gst_socket_poller_add (self->poller,
          gst_socket_link_watch_get_fd (self->watch), GST_SOCKET_POLL_READ,
          self->watch, error);
}

/**
 * gst_udp_port_open:
 * @settings: where and how to receive
 * @cancellable: (nullable): ends the look-up of a host name from any thread
 * @error: return location for an error
 *
 * Opens a socket, or takes the one in @settings, and joins the group if there
 * is one.
 *
 * Returns: (transfer full): the open port, or %NULL
 */
GstUdpPort *
gst_udp_port_open (
    const GstUdpSettings *settings, GCancellable *cancellable, GError **error)
{
  g_autoptr (GstUdpPort) self = g_new0 (GstUdpPort, 1);
  g_autoptr (GSocketAddress) address = NULL;
  gboolean external = settings->socket != NULL;

  g_mutex_init (&self->lock);
  self->close_socket = TRUE;
  if (external) {
    self->close_socket = FALSE; /* not before all has worked */
    self->socket = g_object_ref (settings->socket);
    address = g_socket_get_local_address (self->socket, error);
  } else {
    self->socket = open_socket (settings, cancellable, &address, error);
  }
  if (self->socket == NULL || address == NULL)
    return NULL;
  self->fd = g_socket_get_fd (self->socket);
  set_options (self, settings, external);
  if (external)
    gst_socket_batch_get_kernel_drops (self->fd, &self->last_drops, NULL);
  if (settings->auto_multicast && is_multicast (address)
      && !join_group (self, settings, address, error))
    return NULL;
  if (!watch_descriptors (self, error))
    return NULL;
  self->close_socket = !external || settings->close_socket;
  return g_steal_pointer (&self);
}

/**
 * gst_udp_port_close:
 * @port: (nullable) (transfer full): a port
 *
 * Leaves the group and closes the socket, unless it was set from outside and
 * is to stay open.
 */
void
gst_udp_port_close (GstUdpPort *port)
{
  if (port == NULL)
    return;
  gst_socket_membership_leave (port->membership);
  gst_socket_poller_free (port->poller);
  gst_socket_link_watch_free (port->watch);
  if (port->reset_gro)
    gst_socket_batch_set_gro (port->fd, FALSE, NULL);
  if (port->socket != NULL && port->close_socket)
    g_socket_close (port->socket, NULL);
  g_clear_object (&port->socket);
  g_mutex_clear (&port->lock);
  g_free (port);
}

/* ---- figures ---- */

GSocket *
gst_udp_port_get_socket (GstUdpPort *port)
{
  return port->socket;
}

/**
 * gst_udp_port_get_fd:
 * @port: a port
 *
 * Returns: the socket's descriptor, or -1 after the application closed it: its
 *     number may then be another file's
 */
int
gst_udp_port_get_fd (GstUdpPort *port)
{
  return g_socket_get_fd (port->socket);
}

/**
 * gst_udp_port_get_number:
 * @port: a port
 *
 * Returns: the port number it is bound to
 */
gint
gst_udp_port_get_number (GstUdpPort *port)
{
  return gst_socket_get_local_port (port->socket);
}

guint
gst_udp_port_get_buffer_size (GstUdpPort *port)
{
  return port->granted_buffer;
}

/**
 * gst_udp_port_dup_shortfall:
 * @port: a port
 *
 * Returns: (transfer full) (nullable): what to type to get the receive buffer
 *     that was asked for; %NULL when it was granted
 */
gchar *
gst_udp_port_dup_shortfall (GstUdpPort *port)
{
  if (port->wanted_buffer <= port->granted_buffer)
    return NULL;
  return gst_socket_opt_describe_shortfall (
      GST_SOCKET_BUFFER_RECEIVE, port->wanted_buffer, port->granted_buffer);
}

guint
gst_udp_port_get_n_rejoins (GstUdpPort *port)
{
  return g_atomic_int_get (&port->n_rejoins);
}

/**
 * gst_udp_port_count_drops:
 * @port: a port
 *
 * Asks the kernel. It would also say so with each packet (SO_RXQ_OVFL), but
 * from the first drop on with every one, and so cost time just when there is
 * too little of it.
 *
 * Returns: how many packets it has dropped since the port was opened
 */
guint64
gst_udp_port_count_drops (GstUdpPort *port)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&port->lock);
  guint32 now;

  if (gst_socket_batch_get_kernel_drops (
          gst_udp_port_get_fd (port), &now, NULL)) {
    port->drops += (guint32) (now - port->last_drops);
    port->last_drops = now;
  }
  return port->drops;
}

/**
 * gst_udp_port_describe_interfaces:
 * @port: a port
 *
 * Returns: (transfer full): the names of the interfaces on which the group is
 *     joined; empty without a group
 */
gchar *
gst_udp_port_describe_interfaces (GstUdpPort *port)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&port->lock);

  if (port->membership == NULL)
    return g_strdup ("");
  return gst_socket_membership_describe (port->membership);
}

/* ---- waiting ---- */

static void
count_rejoins (GstUdpPort *self, guint n)
{
  if (n == 0)
    return;
  g_atomic_int_add (&self->n_rejoins, n);
  GST_INFO ("joined the group again on %u interfaces", n);
}

static void
follow_links (GstUdpPort *self)
{
  g_autoptr (GArray) lost = g_array_new (FALSE, FALSE, sizeof (guint));
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = NULL;

  if (!gst_socket_link_watch_drain (self->watch, lost))
    return;
  locker = g_mutex_locker_new (&self->lock);
  count_rejoins (self, gst_socket_membership_refresh (self->membership, lost));
}

/**
 * gst_udp_port_note_silence:
 * @port: a port
 *
 * Says that nothing came for as long as the user is willing to wait. Joins the
 * group again, but ever less often, as the sender may just be off.
 */
void
gst_udp_port_note_silence (GstUdpPort *port)
{
  guint n = ++port->n_silences;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = NULL;

  if (port->watch == NULL || (n & (n - 1)) != 0)
    return;
  locker = g_mutex_locker_new (&port->lock);
  count_rejoins (port, gst_socket_membership_rejoin (port->membership));
}

void
gst_udp_port_note_packets (GstUdpPort *port)
{
  port->n_silences = 0;
}

/* A timeout that lies too far ahead for the clock is none. */
static gint64
choose_deadline (guint64 timeout_ns)
{
  guint64 now_ns = (guint64) g_get_monotonic_time () * 1000;

  if (timeout_ns == 0 || timeout_ns > G_MAXINT64 - now_ns)
    return G_MAXINT64;
  return now_ns + timeout_ns;
}

static gint64
time_left (gint64 deadline_ns)
{
  if (deadline_ns == G_MAXINT64)
    return -1;
  return MAX (deadline_ns - g_get_monotonic_time () * 1000, 0);
}

/* Returns whether the socket has something. */
static gboolean
handle_events (
    GstUdpPort *self, const GstSocketPollEvent *events, guint n_events)
{
  gboolean ready = FALSE;

  for (guint i = 0; i < n_events; i++) {
    if (events[i].data == NULL)
      ready = TRUE;
    else
      follow_links (self);
  }
  return ready;
}

/**
 * gst_udp_port_wait:
 * @port: a port
 * @timeout_ns: longest wait in ns, 0 for ever
 * @cancellable: when it is cancelled and gst_udp_port_wake() is called, the
 *     wait ends
 *
 * Waits for packets, and meanwhile sees to it that the group stays joined.
 *
 * Returns: what ended the wait
 */
GstUdpWait
gst_udp_port_wait (
    GstUdpPort *port, guint64 timeout_ns, GCancellable *cancellable)
{
  gint64 deadline_ns = choose_deadline (timeout_ns);
  GstSocketPollEvent events[4];

  for (;;) {
    gint64 left_ns = time_left (deadline_ns);
    guint n;

    if (g_socket_is_closed (port->socket))
      return GST_UDP_WAIT_CLOSED;
    n = gst_socket_poller_wait (
        port->poller, events, G_N_ELEMENTS (events), left_ns);
    if (g_cancellable_is_cancelled (cancellable))
      return GST_UDP_WAIT_CANCELLED;
    if (handle_events (port, events, n))
      return GST_UDP_WAIT_READY;
    if (n == 0 && time_left (deadline_ns) == 0)
      return GST_UDP_WAIT_TIMEOUT;
  }
}

/**
 * gst_udp_port_let_collect:
 * @port: a port that has something
 * @time_ns: for how long
 * @cancellable: as for gst_udp_port_wait()
 *
 * Leaves packets to the kernel for a while, so that more can be read at once.
 *
 * Returns: whether the time is over, not cancelled
 */
gboolean
gst_udp_port_let_collect (
    GstUdpPort *port, guint64 time_ns, GCancellable *cancellable)
{
  gint64 deadline_ns = choose_deadline (time_ns), left_ns;
  GstSocketPollEvent events[4];

  gst_socket_poller_modify (port->poller, port->fd, 0, NULL);
  while (!g_cancellable_is_cancelled (cancellable)
      && (left_ns = time_left (deadline_ns)) > 0)
    handle_events (port, events,
        gst_socket_poller_wait (
            port->poller, events, G_N_ELEMENTS (events), left_ns));
  gst_socket_poller_modify (port->poller, port->fd, GST_SOCKET_POLL_READ, NULL);
  return !g_cancellable_is_cancelled (cancellable);
}

/**
 * gst_udp_port_wake:
 * @port: a port
 *
 * Lets a wait look at its cancellable. Any thread.
 */
void
gst_udp_port_wake (GstUdpPort *port)
{
  gst_socket_poller_wake (port->poller);
}
