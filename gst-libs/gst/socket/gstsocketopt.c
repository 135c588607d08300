/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketopt.c: options of an open socket
 *
 * Here: blocking mode, time-outs, keep-alive, delay, priority, hops, buffers.
 * Not here: creating and connecting sockets, multicast membership.
 *
 * Every function returns FALSE with a #GIOErrorEnum error that names the
 * option; what was set before that stays set. Any thread may call them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketopt.h"

#include <gio/gio.h>

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Linux counts its own book-keeping in and doubles what it is asked for. */
#ifdef __linux__
#define BUFFER_FACTOR 2
#else
#define BUFFER_FACTOR 1
#endif

#define DSCP_SHIFT 2

typedef struct
{
  int level;
  int name;
  const gchar *text;
} Option;

static gboolean
fail (const gchar *text, GError **error)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
      "could not set %s: %s", text, g_strerror (saved));
  return FALSE;
}

static gboolean
set_int (int fd, const Option *option, int value, GError **error)
{
  if (setsockopt (fd, option->level, option->name, &value, sizeof (value)) < 0)
    return fail (option->text, error);
  return TRUE;
}

static gboolean
get_int (int fd, int level, int name, int *ret_value)
{
  socklen_t size = sizeof (*ret_value);

  return getsockopt (fd, level, name, ret_value, &size) == 0;
}

static gboolean
refuse_value (const gchar *text, gint value, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "%d is out of range for %s", value, text);
  return FALSE;
}

/* The family whose options rule the packets that fd sends: an IPv6 socket
 * that is connected to an IPv4 peer sends IPv4. */
static int
packet_family (int fd)
{
  struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};
  struct sockaddr *any = (struct sockaddr *) &storage;
  socklen_t size = sizeof (storage);

  if (getpeername (fd, any, &size) < 0) {
    size = sizeof (storage);
    if (getsockname (fd, any, &size) < 0)
      return AF_UNSPEC;
  }
  if (storage.ss_family == AF_INET6
      && IN6_IS_ADDR_V4MAPPED (&((struct sockaddr_in6 *) any)->sin6_addr))
    return AF_INET;
  return storage.ss_family;
}

static gboolean
is_tcp (int fd)
{
  int protocol = 0;

  return get_int (fd, SOL_SOCKET, SO_PROTOCOL, &protocol)
      && protocol == IPPROTO_TCP;
}

static gboolean
set_by_family (
    int fd, const Option *v4, const Option *v6, int value, GError **error)
{
  switch (packet_family (fd)) {
    case AF_INET:
      return set_int (fd, v4, value, error);
    case AF_INET6:
      return set_int (fd, v6, value, error);
    default:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
          "could not set %s: not an internet socket", v4->text);
      return FALSE;
  }
}

/**
 * gst_socket_opt_set_nonblocking:
 * @fd: any file descriptor
 * @nonblocking: whether reads and writes return at once
 * @error: where to say what went wrong
 *
 * Changes O_NONBLOCK and leaves the other status flags as they are.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_nonblocking (int fd, gboolean nonblocking, GError **error)
{
  int flags = fcntl (fd, F_GETFL);
  int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;

  if (flags < 0 || (wanted != flags && fcntl (fd, F_SETFL, wanted) < 0))
    return fail ("O_NONBLOCK", error);
  return TRUE;
}

static gboolean
set_timeout (
    int fd, const Option *option, GstClockTime timeout_ns, GError **error)
{
  struct timeval tv = {.tv_sec = timeout_ns / GST_SECOND,
      .tv_usec = (timeout_ns % GST_SECOND) / GST_USECOND};

  /* All zero would mean "for ever". */
  if (timeout_ns > 0 && tv.tv_sec == 0 && tv.tv_usec == 0)
    tv.tv_usec = 1;
  if (setsockopt (fd, option->level, option->name, &tv, sizeof (tv)) < 0)
    return fail (option->text, error);
  return TRUE;
}

/**
 * gst_socket_opt_set_send_timeout:
 * @fd: a blocking socket
 * @timeout_ns: longest wait of one send in ns, 0 for ever
 * @error: where to say what went wrong
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_send_timeout (
    int fd, GstClockTime timeout_ns, GError **error)
{
  static const Option option = {SOL_SOCKET, SO_SNDTIMEO, "SO_SNDTIMEO"};

  return set_timeout (fd, &option, timeout_ns, error);
}

/**
 * gst_socket_opt_set_receive_timeout:
 * @fd: a blocking socket
 * @timeout_ns: longest wait of one receive in ns, 0 for ever
 * @error: where to say what went wrong
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_receive_timeout (
    int fd, GstClockTime timeout_ns, GError **error)
{
  static const Option option = {SOL_SOCKET, SO_RCVTIMEO, "SO_RCVTIMEO"};

  return set_timeout (fd, &option, timeout_ns, error);
}

static gboolean
set_unless_zero (int fd, const Option *option, guint value, GError **error)
{
  return value == 0 || set_int (fd, option, MIN (value, G_MAXINT), error);
}

/**
 * gst_socket_opt_set_keep_alive:
 * @fd: a TCP socket
 * @keep_alive: what to set
 * @error: where to say what went wrong
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_keep_alive (
    int fd, const GstSocketKeepAlive *keep_alive, GError **error)
{
  static const Option on = {SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE"};
  static const Option idle = {IPPROTO_TCP, TCP_KEEPIDLE, "TCP_KEEPIDLE"};
  static const Option interval = {IPPROTO_TCP, TCP_KEEPINTVL, "TCP_KEEPINTVL"};
  static const Option count = {IPPROTO_TCP, TCP_KEEPCNT, "TCP_KEEPCNT"};

  g_return_val_if_fail (keep_alive != NULL, FALSE);

  if (!keep_alive->enabled)
    return set_int (fd, &on, FALSE, error);
  return set_unless_zero (fd, &idle, keep_alive->idle_s, error)
      && set_unless_zero (fd, &interval, keep_alive->interval_s, error)
      && set_unless_zero (fd, &count, keep_alive->count, error)
      && set_int (fd, &on, TRUE, error);
}

/**
 * gst_socket_opt_set_user_timeout:
 * @fd: a TCP socket
 * @timeout_ms: sent data that stays unacknowledged for so many ms ends the
 *     connection; 0 for the system's way
 * @error: where to say what went wrong
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_user_timeout (int fd, guint timeout_ms, GError **error)
{
  static const Option option = {
      IPPROTO_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT"};

  return set_int (fd, &option, MIN (timeout_ms, G_MAXINT), error);
}

/**
 * gst_socket_opt_set_no_delay:
 * @fd: a TCP socket
 * @no_delay: %TRUE to send small packets at once, %FALSE to collect them
 *     while others are unacknowledged
 * @error: where to say what went wrong
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_no_delay (int fd, gboolean no_delay, GError **error)
{
  static const Option option = {IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY"};

  return set_int (fd, &option, !!no_delay, error);
}

/**
 * gst_socket_opt_set_notsent_lowat:
 * @fd: a TCP socket
 * @bytes: unsent bytes above which the socket is not writable; 0 for the
 *     system's figure
 * @error: where to say what went wrong
 *
 * Keeps a lag where it can still be acted on, outside of the kernel.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_notsent_lowat (int fd, guint bytes, GError **error)
{
  static const Option option = {
      IPPROTO_TCP, TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT"};

  return set_int (fd, &option, MIN (bytes, G_MAXINT), error);
}

/**
 * gst_socket_opt_set_tcp:
 * @fd: any socket
 * @options: what to set
 * @error: where to say what went wrong
 *
 * Sets all of @options on a TCP socket; does nothing, with success, to any
 * other kind, so that callers need not know which they were handed.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_tcp (
    int fd, const GstSocketTcpOptions *options, GError **error)
{
  g_return_val_if_fail (options != NULL, FALSE);

  if (!is_tcp (fd))
    return TRUE;
  if (!gst_socket_opt_set_keep_alive (fd, &options->keep_alive, error)
      || !gst_socket_opt_set_no_delay (fd, options->no_delay, error))
    return FALSE;
  if (options->user_timeout_ms > 0
      && !gst_socket_opt_set_user_timeout (fd, options->user_timeout_ms, error))
    return FALSE;
  return options->notsent_lowat == 0
      || gst_socket_opt_set_notsent_lowat (fd, options->notsent_lowat, error);
}

/**
 * gst_socket_opt_set_dscp:
 * @fd: an internet socket
 * @dscp: differentiated services code point, 0 to 63
 * @error: where to say what went wrong
 *
 * Marks the packets of @fd, IPv4 or IPv6, also those that an IPv6 socket
 * sends to an IPv4 peer. An unconnected IPv6 socket may have peers of both
 * kinds, so there both are marked.
 *
 * Fails with #G_IO_ERROR_NOT_SUPPORTED for UNIX sockets and pipes.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_dscp (int fd, gint dscp, GError **error)
{
  static const Option v4 = {IPPROTO_IP, IP_TOS, "DSCP"};
  static const Option v6 = {IPPROTO_IPV6, IPV6_TCLASS, "DSCP"};

  if (dscp < 0 || dscp > 63)
    return refuse_value (v4.text, dscp, error);
  if (!set_by_family (fd, &v4, &v6, dscp << DSCP_SHIFT, error))
    return FALSE;
  if (packet_family (fd) == AF_INET6)
    set_int (fd, &v4, dscp << DSCP_SHIFT, NULL);
  return TRUE;
}

/**
 * gst_socket_opt_set_ttl:
 * @fd: an internet socket
 * @ttl: hops a packet may take, 1 to 255, or -1 for the system's figure
 * @error: where to say what went wrong
 *
 * For packets to one receiver, see gst_socket_opt_set_multicast_ttl().
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_ttl (int fd, gint ttl, GError **error)
{
  static const Option v4 = {IPPROTO_IP, IP_TTL, "TTL"};
  static const Option v6 = {IPPROTO_IPV6, IPV6_UNICAST_HOPS, "TTL"};

  if (ttl == 0 || ttl < -1 || ttl > 255)
    return refuse_value (v4.text, ttl, error);
  return set_by_family (fd, &v4, &v6, ttl, error);
}

/**
 * gst_socket_opt_set_multicast_ttl:
 * @fd: an internet datagram socket
 * @ttl: hops a packet to a group may take; 0 keeps it on this machine, 1 on
 *     this network; -1 for the system's figure, which is 1
 * @error: where to say what went wrong
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_multicast_ttl (int fd, gint ttl, GError **error)
{
  static const Option v4 = {IPPROTO_IP, IP_MULTICAST_TTL, "multicast TTL"};
  static const Option v6 = {IPPROTO_IPV6, IPV6_MULTICAST_HOPS, "multicast TTL"};

  if (ttl < -1 || ttl > 255)
    return refuse_value (v4.text, ttl, error);
  return set_by_family (fd, &v4, &v6, ttl, error);
}

/**
 * gst_socket_opt_set_pacing_rate:
 * @fd: an internet socket
 * @bits_per_s: the most that leaves in a second; 0 for any
 * @error: where to say what went wrong
 *
 * Spreads what is sent evenly over time. TCP does so by itself; datagrams need
 * the queueing discipline "fq" on the interface, and go out at once without.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_pacing_rate (int fd, guint64 bits_per_s, GError **error)
{
  gulong bytes_per_s =
      bits_per_s == 0 ? G_MAXULONG : MIN ((bits_per_s + 7) / 8, G_MAXULONG - 1);

  if (setsockopt (fd, SOL_SOCKET, SO_MAX_PACING_RATE, &bytes_per_s,
          sizeof (bytes_per_s))
      < 0)
    return fail ("SO_MAX_PACING_RATE", error);
  return TRUE;
}

/**
 * gst_socket_opt_bind_to_device:
 * @fd: an internet socket that is not bound yet
 * @iface: name of a network interface
 * @error: where to say what went wrong
 *
 * Lets @fd send and receive through @iface alone.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_bind_to_device (int fd, const gchar *iface, GError **error)
{
  g_return_val_if_fail (iface != NULL, FALSE);

  if (strlen (iface) >= IFNAMSIZ || if_nametoindex (iface) == 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "there is no network interface \"%s\"", iface);
    return FALSE;
  }
  if (setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, iface, strlen (iface)) < 0)
    return fail ("SO_BINDTODEVICE", error);
  return TRUE;
}

static const struct
{
  Option plain;
  Option force;
  const gchar *sysctl;
} buffers[] = {
    [GST_SOCKET_BUFFER_SEND] = {.plain = {SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF"},
        .force = {SOL_SOCKET, SO_SNDBUFFORCE, "SO_SNDBUFFORCE"},
        .sysctl = "net.core.wmem_max"},
    [GST_SOCKET_BUFFER_RECEIVE] = {.plain = {SOL_SOCKET, SO_RCVBUF,
                                       "SO_RCVBUF"},
        .force = {SOL_SOCKET, SO_RCVBUFFORCE, "SO_RCVBUFFORCE"},
        .sysctl = "net.core.rmem_max"},
};

/**
 * gst_socket_opt_get_buffer:
 * @fd: a socket
 * @which: the buffer
 * @ret_bytes: (out): its size in bytes
 * @error: where to say what went wrong
 *
 * The size is in the unit in which it is set: Linux reports twice as much,
 * with room for its own book-keeping.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_get_buffer (
    int fd, GstSocketBuffer which, guint *ret_bytes, GError **error)
{
  const Option *option = &buffers[which].plain;
  int value;

  g_return_val_if_fail (ret_bytes != NULL, FALSE);

  if (!get_int (fd, option->level, option->name, &value)) {
    int saved = errno;

    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
        "could not get %s: %s", option->text, g_strerror (saved));
    return FALSE;
  }
  *ret_bytes = value / BUFFER_FACTOR;
  return TRUE;
}

/* Beyond the system's limit where the process may, up to it otherwise. */
static gboolean
ask_for_buffer (int fd, GstSocketBuffer which, guint bytes, GError **error)
{
  int value = MIN (bytes, (guint) G_MAXINT / BUFFER_FACTOR);

  return set_int (fd, &buffers[which].force, value, NULL)
      || set_int (fd, &buffers[which].plain, value, error);
}

/**
 * gst_socket_opt_set_buffer:
 * @fd: a socket
 * @which: the buffer
 * @bytes: its new size in bytes
 * @ret_bytes: (out) (optional): the size that was granted
 * @error: where to say what went wrong
 *
 * Sets the size, beyond the system's limit if the process is privileged. The
 * system grants less, or more, without an error: see @ret_bytes and
 * gst_socket_opt_describe_shortfall().
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_opt_set_buffer (int fd, GstSocketBuffer which, guint bytes,
    guint *ret_bytes, GError **error)
{
  guint granted;

  if (!ask_for_buffer (fd, which, bytes, error)
      || !gst_socket_opt_get_buffer (fd, which, &granted, error))
    return FALSE;
  if (ret_bytes != NULL)
    *ret_bytes = granted;
  return TRUE;
}

/**
 * gst_socket_opt_increase_buffer:
 * @fd: a socket
 * @which: the buffer
 * @bytes: the least size wanted, in bytes
 * @ret_bytes: (out) (optional): the size that was reached
 * @error: where to say what went wrong
 *
 * As gst_socket_opt_set_buffer(), but never makes a buffer smaller. Systems
 * that refuse a large size instead of cutting it down are asked for less, by
 * halving the way to the old size, until they agree.
 *
 * Returns: %TRUE on success, also if less than @bytes was reached
 */
gboolean
gst_socket_opt_increase_buffer (int fd, GstSocketBuffer which, guint bytes,
    guint *ret_bytes, GError **error)
{
  guint before;
  guint now;

  if (!gst_socket_opt_get_buffer (fd, which, &before, error))
    return FALSE;
  now = before;
  for (guint want = bytes; want > before; want = before + (want - before) / 2) {
    if (gst_socket_opt_set_buffer (fd, which, want, &now, NULL)
        && now >= before)
      break;
  }
  /* A limit that was lowered since makes "larger" smaller: take it back, as
   * far as the system lets us. */
  if (now < before
      && !gst_socket_opt_set_buffer (fd, which, before, &now, error))
    return FALSE;
  if (ret_bytes != NULL)
    *ret_bytes = now;
  return TRUE;
}

/**
 * gst_socket_opt_describe_shortfall:
 * @which: the buffer
 * @wanted_bytes: size that was asked for
 * @granted_bytes: size that was granted
 *
 * Says what an administrator has to type to get what was wanted.
 *
 * Returns: (transfer full) (nullable): a command, or %NULL if nothing is
 *     missing
 */
gchar *
gst_socket_opt_describe_shortfall (
    GstSocketBuffer which, guint wanted_bytes, guint granted_bytes)
{
  if (granted_bytes >= wanted_bytes)
    return NULL;
  return g_strdup_printf (
      "sysctl -w %s=%u", buffers[which].sysctl, wanted_bytes);
}
