/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketconnect.c: connecting to the first address that answers
 *
 * Here: gst_socket_connect() of gstsocketio.h.
 * Not here: resolving names, options of open sockets.
 *
 * The addresses are tried in order, each a head start before the next but
 * without giving up the former (as RFC 8305 has it), so that a dead address in
 * front costs a quarter of a second and not the minutes of a TCP time-out.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketio.h"

#include "gstsocketaddress.h"
#include "gstsocketlocal.h"
#include "gstsocketmulticast.h"
#include "gstsocketwait.h"

#define HEAD_START_US (250 * 1000)

/* A UNIX server whose backlog is full cannot be waited for, only asked again. */
#define BACKLOG_RETRY_US (20 * 1000)

typedef struct
{
  GPtrArray *addresses;
  const GstSocketConnectOptions *options;
  GCancellable *cancellable;
  GstSocketWait *wait;
  GPtrArray *pending;
  guint next;
  gint64 next_start_us;
  gint64 deadline_us;
  GError *first_error;
} Race;

static void
clear_race (Race *race)
{
  g_clear_pointer (&race->pending, g_ptr_array_unref);
  g_clear_pointer (&race->wait, gst_socket_wait_free);
  g_clear_error (&race->first_error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Race, clear_race)

static void
note_failure (Race *race, GSocketAddress *address, GError *failure)
{
  g_autofree gchar *text = gst_socket_address_to_string (address);

  race->next_start_us = 0;
  if (race->first_error != NULL) {
    g_error_free (failure);
    return;
  }
  g_prefix_error (&failure, "%s: ", text);
  race->first_error = failure;
}

static gboolean
is_multicast (GSocketAddress *address)
{
  return G_IS_INET_SOCKET_ADDRESS (address)
      && g_inet_address_get_is_multicast (
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

/* By which interface packets to a group leave; before the socket is connected,
 * which chooses the address that they come from. An interface that is named by
 * an address gives that one. */
static gboolean
use_for_groups (GSocket *socket, const gchar *name_or_address, GError **error)
{
  guint iface = gst_socket_local_find_interface (name_or_address, error);
  g_autoptr (GSocketAddress) source =
      g_inet_socket_address_new_from_string (name_or_address, 0);

  return iface != 0
      && gst_socket_multicast_set_interface (
          g_socket_get_fd (socket), g_socket_get_family (socket), iface, error)
      && (source == NULL || g_socket_bind (socket, source, FALSE, error));
}

static GSocket *
open_for (Race *race, GSocketAddress *address, GError **error)
{
  const GstSocketConnectOptions *options = race->options;
  gboolean to_group = is_multicast (address);
  g_autoptr (GSocket) socket =
      gst_socket_create (g_socket_address_get_family (address), options->type,
          to_group ? NULL : options->iface, error);

  if (socket == NULL)
    return NULL;
  if (to_group && options->iface != NULL
      && !use_for_groups (socket, options->iface, error))
    return NULL;
  if (options->source != NULL
      && !g_socket_bind (socket, options->source, FALSE, error))
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  return g_steal_pointer (&socket);
}

/* Returns a socket only if it is connected at once. */
static GSocket *
start_next (Race *race, gint64 now_us)
{
  GSocketAddress *address = g_ptr_array_index (race->addresses, race->next);
  GError *failure = NULL;
  g_autoptr (GSocket) socket = open_for (race, address, &failure);

  race->next++;
  race->next_start_us = now_us + HEAD_START_US;
  if (socket == NULL) {
    note_failure (race, address, failure);
    return NULL;
  }
  if (g_socket_connect (socket, address, NULL, &failure))
    return g_steal_pointer (&socket);
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PENDING)) {
    g_error_free (failure);
    g_object_set_data_full (G_OBJECT (socket), "gst-socket-address",
        g_object_ref (address), g_object_unref);
    g_ptr_array_add (race->pending, g_steal_pointer (&socket));
  } else if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    g_error_free (failure);
    race->next--;
    race->next_start_us = now_us + BACKLOG_RETRY_US;
  } else {
    note_failure (race, address, failure);
  }
  return NULL;
}

/* Returns the first pending socket that is connected; drops those that
 * failed. */
static GSocket *
take_winner (Race *race)
{
  for (guint i = 0; i < race->pending->len;) {
    GSocket *socket = g_ptr_array_index (race->pending, i);
    GError *failure = NULL;

    if (g_socket_condition_check (socket, G_IO_OUT) == 0) {
      i++;
    } else if (g_socket_check_connect_result (socket, &failure)) {
      return g_object_ref (socket);
    } else {
      note_failure (race,
          g_object_get_data (G_OBJECT (socket), "gst-socket-address"), failure);
      g_ptr_array_remove_index (race->pending, i);
    }
  }
  return NULL;
}

/* Longest sleep in µs, -1 for ever. */
static gint64
wait_us (const Race *race, gint64 now_us)
{
  gint64 until = G_MAXINT64;

  if (race->next < race->addresses->len)
    until = race->next_start_us;
  if (race->deadline_us > 0)
    until = MIN (until, race->deadline_us);
  return until == G_MAXINT64 ? -1 : MAX (until - now_us, 0);
}

static void
wait_for_news (Race *race, gint64 now_us)
{
  guint n = race->pending->len;
  g_autofree GPollFD *fds = g_new0 (GPollFD, n + 1);

  for (guint i = 0; i < n; i++) {
    fds[i].fd = g_socket_get_fd (g_ptr_array_index (race->pending, i));
    fds[i].events = G_IO_OUT;
  }
  /* Why it ended, is_over () finds out. */
  gst_socket_wait_for_any (race->wait, fds, n, wait_us (race, now_us), NULL);
}

static gboolean
is_over (Race *race, gint64 now_us, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (race->cancellable, error))
    return TRUE;
  if (race->pending->len == 0 && race->next == race->addresses->len) {
    g_propagate_error (error, g_steal_pointer (&race->first_error));
    return TRUE;
  }
  if (race->deadline_us == 0 || now_us < race->deadline_us)
    return FALSE;
  g_set_error_literal (
      error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer in time");
  return TRUE;
}

static GSocket *
run_race (Race *race, GError **error)
{
  while (TRUE) {
    gint64 now_us = g_get_monotonic_time ();
    GSocket *winner = NULL;

    if (is_over (race, now_us, error))
      return NULL;
    if (race->next < race->addresses->len && now_us >= race->next_start_us)
      winner = start_next (race, now_us);
    else
      wait_for_news (race, now_us);
    if (winner == NULL)
      winner = take_winner (race);
    if (winner != NULL)
      return winner;
  }
}

/**
 * gst_socket_connect:
 * @addresses: (element-type GSocketAddress): where to, best first
 * @options: how
 * @cancellable: (nullable): ends the attempt from any thread
 * @error: where to say what went wrong
 *
 * Connects to the first of @addresses that answers. Blocks until then.
 *
 * Fails with the error of the first address when all fail,
 * #G_IO_ERROR_TIMED_OUT and #G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full) (nullable): a connected socket in blocking mode,
 *     or %NULL on error
 */
GSocket *
gst_socket_connect (GPtrArray *addresses,
    const GstSocketConnectOptions *options, GCancellable *cancellable,
    GError **error)
{
  g_auto (Race) race = {
      .addresses = addresses, .options = options, .cancellable = cancellable};
  GSocket *socket = NULL;

  g_return_val_if_fail (addresses != NULL && addresses->len > 0, NULL);
  g_return_val_if_fail (options != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  race.wait = gst_socket_wait_new (cancellable, error);
  if (race.wait == NULL)
    return NULL;
  race.pending = g_ptr_array_new_with_free_func (g_object_unref);
  if (options->timeout_ns > 0)
    race.deadline_us =
        g_get_monotonic_time () + MAX (options->timeout_ns / GST_USECOND, 1);
  socket = run_race (&race, error);
  if (socket != NULL) {
    g_socket_set_blocking (socket, TRUE);
    g_object_set_data (G_OBJECT (socket), "gst-socket-address", NULL);
  }
  return socket;
}
