/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketio.c: creating, binding and listening
 *
 * Here: from addresses to open sockets that wait for peers.
 * Not here: connecting (gstsocketconnect.c), resolving names, options of open
 * sockets, reading and writing.
 *
 * Every descriptor is CLOEXEC from birth; GSocket sees to that.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketio.h"

#include "gstsocketaddress.h"
#include "gstsocketlocal.h"
#include "gstsocketopt.h"

#include <gio/gunixsocketaddress.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* With port 0 the kernel chooses for the first address alone; the port may be
 * taken on the next one. Another draw nearly always succeeds. */
#define PORT_DRAWS 32

#define FILE_KEY "gst-socket-file"

static gboolean
use_interface (GSocket *socket, const gchar *name_or_address, GError **error)
{
  guint index = gst_socket_local_find_interface (name_or_address, error);
  g_autofree gchar *name = NULL;

  if (index == 0)
    return FALSE;
  name = gst_socket_local_get_interface_name (index);
  return gst_socket_opt_bind_to_device (
      g_socket_get_fd (socket), name != NULL ? name : name_or_address, error);
}

/**
 * gst_socket_create:
 * @family: address family
 * @type: kind of socket
 * @iface: (nullable): name or address of the only network interface to use
 * @error: where to say what went wrong
 *
 * Returns: (transfer full) (nullable): a socket, not bound to an address yet
 */
GSocket *
gst_socket_create (
    GSocketFamily family, GSocketType type, const gchar *iface, GError **error)
{
  g_autoptr (GSocket) socket = NULL;

  socket = g_socket_new (family, type, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL)
    return NULL;
  if (iface != NULL && family != G_SOCKET_FAMILY_UNIX
      && !use_interface (socket, iface, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static const gchar *
get_path (GSocketAddress *address)
{
  GUnixSocketAddress *local;

  if (!G_IS_UNIX_SOCKET_ADDRESS (address))
    return NULL;
  local = G_UNIX_SOCKET_ADDRESS (address);
  return g_unix_socket_address_get_address_type (local)
          == G_UNIX_SOCKET_ADDRESS_PATH
      ? g_unix_socket_address_get_path (local)
      : NULL;
}

/* The socket keeps what its file is, so that closing it removes no other's. */
static void
remember_file (GSocket *socket, const gchar *path)
{
  GStatBuf info;

  if (path != NULL && g_lstat (path, &info) == 0)
    g_object_set_data_full (
        G_OBJECT (socket), FILE_KEY, g_memdup2 (&info, sizeof (info)), g_free);
}

static gboolean
is_own_file (GSocket *socket, const gchar *path)
{
  const GStatBuf *own = g_object_get_data (G_OBJECT (socket), FILE_KEY);
  GStatBuf info;

  return own != NULL && g_lstat (path, &info) == 0 && info.st_dev == own->st_dev
      && info.st_ino == own->st_ino;
}

/* What a server that died left behind keeps the next one from its place. To
 * tell it from a living one's, a socket of *another* type is connected: that is
 * refused where nobody is, and a mistake (EPROTOTYPE) where somebody is, who
 * does not notice. A connection of the right type would be a client that comes
 * and goes. */
static void
remove_dead_unix_socket (GSocketAddress *address, GSocketType type)
{
  const gchar *path = get_path (address);
  g_autoptr (GSocket) probe = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf info;

  if (path == NULL || g_lstat (path, &info) < 0 || !S_ISSOCK (info.st_mode))
    return;
  probe = g_socket_new (G_SOCKET_FAMILY_UNIX,
      type == G_SOCKET_TYPE_DATAGRAM ? G_SOCKET_TYPE_STREAM
                                     : G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_DEFAULT, NULL);
  if (probe == NULL)
    return;
  g_socket_set_blocking (probe, FALSE);
  if (!g_socket_connect (probe, address, NULL, &error)
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    g_unlink (path);
}

/**
 * gst_socket_bind:
 * @socket: a socket
 * @address: local address
 * @options: how
 * @error: where to say what went wrong
 *
 * Binds @socket. For a UNIX socket with @options.reuse, a socket file in the
 * way that no process serves any more is removed first; any other file, and a
 * living server's socket, is left alone and makes the call fail.
 *
 * Fails with #G_IO_ERROR_ADDRESS_IN_USE, #G_IO_ERROR_PERMISSION_DENIED and
 * others, naming the address.
 *
 * Returns: %TRUE on success
 */
gboolean
gst_socket_bind (GSocket *socket, GSocketAddress *address,
    const GstSocketListenOptions *options, GError **error)
{
  g_return_val_if_fail (G_IS_SOCKET (socket), FALSE);
  g_return_val_if_fail (G_IS_SOCKET_ADDRESS (address), FALSE);
  g_return_val_if_fail (options != NULL, FALSE);

  if (g_socket_get_family (socket) == G_SOCKET_FAMILY_IPV6
      && !g_socket_set_option (
          socket, IPPROTO_IPV6, IPV6_V6ONLY, !!options->v6_only, error))
    return FALSE;
  if (G_IS_UNIX_SOCKET_ADDRESS (address) && options->reuse)
    remove_dead_unix_socket (address, options->type);
  /* Before the file exists, so that it is at no time open to more. */
  if (get_path (address) != NULL)
    fchmod (g_socket_get_fd (socket), options->unix_mode);
  if (g_socket_bind (socket, address, options->reuse, error)) {
    remember_file (socket, get_path (address));
    return TRUE;
  }
  /* GIO itself names an internet address, but no path. */
  if (G_IS_UNIX_SOCKET_ADDRESS (address)) {
    g_autofree gchar *path = gst_socket_address_to_string (address);

    g_prefix_error (error, "%s: ", path);
  }
  return FALSE;
}

static GSocket *
listen_at (GSocketAddress *address, const GstSocketListenOptions *options,
    GError **error)
{
  g_autoptr (GSocket) socket =
      gst_socket_create (g_socket_address_get_family (address), options->type,
          options->iface, error);

  if (socket == NULL || !gst_socket_bind (socket, address, options, error))
    return NULL;
  g_socket_set_blocking (socket, options->blocking);
  if (options->type == G_SOCKET_TYPE_DATAGRAM)
    return g_steal_pointer (&socket);
  g_socket_set_listen_backlog (
      socket, options->backlog > 0 ? options->backlog : SOMAXCONN);
  if (!g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

/* A family that this machine lacks, or a name's address that is not local. */
static gboolean
is_address_missing (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static gboolean
is_family (GSocketAddress *address, GSocketFamily family)
{
  return g_socket_address_get_family (address) == family;
}

static gboolean
has_dual_stack (GPtrArray *sockets, const GstSocketListenOptions *options)
{
  if (options->v6_only)
    return FALSE;
  for (guint i = 0; i < sockets->len; i++) {
    g_autoptr (GSocketAddress) address =
        g_socket_get_local_address (g_ptr_array_index (sockets, i), NULL);

    if (address != NULL && is_family (address, G_SOCKET_FAMILY_IPV6)
        && gst_socket_address_is_any (address))
      return TRUE;
  }
  return FALSE;
}

/* One draw: every address at one port. Returns NULL with error when one is
 * taken, or when none can be had. */
static GPtrArray *
listen_at_all (
    GPtrArray *addresses, const GstSocketListenOptions *options, GError **error)
{
  g_autoptr (GPtrArray) sockets =
      g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) missing = NULL;
  guint16 port = 0;

  for (guint i = 0; i < addresses->len; i++) {
    GSocketAddress *address = g_ptr_array_index (addresses, i);
    g_autoptr (GSocketAddress) at = NULL;
    g_autoptr (GError) failure = NULL;
    GSocket *socket;

    if (is_family (address, G_SOCKET_FAMILY_IPV4)
        && has_dual_stack (sockets, options))
      continue;
    at = gst_socket_address_with_port (
        address, port != 0 ? port : gst_socket_address_get_port (address));
    socket = listen_at (at, options, &failure);
    if (socket != NULL) {
      g_ptr_array_add (sockets, socket);
      port = gst_socket_get_local_port (socket);
    } else if (!is_address_missing (failure)) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    } else if (missing == NULL) {
      missing = g_steal_pointer (&failure);
    }
  }
  if (sockets->len > 0)
    return g_steal_pointer (&sockets);
  g_propagate_error (error, g_steal_pointer (&missing));
  return NULL;
}

/* "::" means both families, also on a machine without IPv6. */
static GPtrArray *
with_v4_for_any (GPtrArray *addresses, const GstSocketListenOptions *options)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < addresses->len; i++) {
    GSocketAddress *address = g_ptr_array_index (addresses, i);

    g_ptr_array_add (all, g_object_ref (address));
    if (!options->v6_only && is_family (address, G_SOCKET_FAMILY_IPV6)
        && gst_socket_address_is_any (address))
      g_ptr_array_add (all,
          g_inet_socket_address_new_from_string (
              "0.0.0.0", gst_socket_address_get_port (address)));
  }
  return all;
}

/**
 * gst_socket_listen_addresses:
 * @addresses: (element-type GSocketAddress): where
 * @options: how
 * @error: where to say what went wrong
 *
 * As gst_socket_listen(), at addresses that are known already.
 *
 * Returns: (transfer full) (nullable) (element-type GSocket): the listening
 *     sockets, at least one, or %NULL on error
 */
GPtrArray *
gst_socket_listen_addresses (
    GPtrArray *addresses, const GstSocketListenOptions *options, GError **error)
{
  g_autoptr (GPtrArray) all = NULL;

  g_return_val_if_fail (addresses != NULL && addresses->len > 0, NULL);
  g_return_val_if_fail (options != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  all = with_v4_for_any (addresses, options);
  for (guint draw = 1;; draw++) {
    g_autoptr (GError) failure = NULL;
    GPtrArray *sockets = listen_at_all (all, options, &failure);
    gboolean can_draw = draw < PORT_DRAWS && all->len > 1
        && gst_socket_address_get_port (g_ptr_array_index (all, 0)) == 0;

    if (sockets != NULL)
      return sockets;
    if (!can_draw
        || !g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  }
}

/**
 * gst_socket_listen:
 * @host: name or address, or several separated by commas; empty for any
 *     local address
 * @port: port, 0 for one that the kernel chooses
 * @options: how
 * @cancellable: (nullable): ends the look-up of names
 * @error: where to say what went wrong
 *
 * Listens on *every* address that @host stands for, so that "localhost"
 * answers on 127.0.0.1 and on ::1, all at the same port. "::" and the empty
 * host yield one socket for both families, or an IPv4 one on machines without
 * IPv6. What the machine does not have, such as a family that is switched
 * off, is left out as long as one address remains; an address that is in use
 * makes the call fail, with nothing left open.
 *
 * Fails with #G_RESOLVER_ERROR if @host is not known,
 * #G_IO_ERROR_ADDRESS_IN_USE, #G_IO_ERROR_PERMISSION_DENIED,
 * #G_IO_ERROR_CANCELLED and others.
 *
 * Returns: (transfer full) (nullable) (element-type GSocket): the listening
 *     sockets, at least one, or %NULL on error
 */
GPtrArray *
gst_socket_listen (const gchar *host, guint16 port,
    const GstSocketListenOptions *options, GCancellable *cancellable,
    GError **error)
{
  g_autoptr (GPtrArray) addresses =
      gst_socket_address_resolve (host, port, cancellable, error);

  if (addresses == NULL)
    return NULL;
  return gst_socket_listen_addresses (addresses, options, error);
}

/**
 * gst_socket_get_local_port:
 * @socket: a socket
 *
 * Returns: the port that @socket is bound to, 0 if there is none
 */
guint16
gst_socket_get_local_port (GSocket *socket)
{
  g_autoptr (GSocketAddress) address =
      g_socket_get_local_address (socket, NULL);

  return gst_socket_address_get_port (address);
}

/**
 * gst_socket_ensure_local_port:
 * @socket: an internet socket
 * @error: where to say what went wrong
 *
 * As gst_socket_get_local_port(), but a socket that has no port yet is bound to
 * one that the kernel chooses, so that a peer can be told of it before anything
 * is sent.
 *
 * Returns: the port, 0 on error
 */
guint16
gst_socket_ensure_local_port (GSocket *socket, GError **error)
{
  g_autoptr (GInetAddress) any = NULL;
  g_autoptr (GSocketAddress) address = NULL;

  g_return_val_if_fail (G_IS_SOCKET (socket), 0);

  if (gst_socket_get_local_port (socket) != 0)
    return gst_socket_get_local_port (socket);
  if (g_socket_get_family (socket) == G_SOCKET_FAMILY_UNIX) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
        "a UNIX socket has no port");
    return 0;
  }
  any = g_inet_address_new_any (g_socket_get_family (socket));
  address = g_inet_socket_address_new (any, 0);
  if (!g_socket_bind (socket, address, FALSE, error))
    return 0;
  return gst_socket_get_local_port (socket);
}

static void
close_one (gpointer socket, gpointer unused)
{
  g_autoptr (GSocketAddress) address =
      g_socket_get_local_address (socket, NULL);
  const gchar *path = get_path (address);

  /* First the name, then the socket: at no time a dead socket has a name. */
  if (path != NULL && is_own_file (socket, path))
    g_unlink (path);
  g_socket_close (socket, NULL);
}

/**
 * gst_socket_close_all:
 * @sockets: (transfer full) (nullable) (element-type GSocket): listening
 *     sockets
 *
 * Closes @sockets, removes the files of UNIX ones unless another server has put
 * its own there, and frees the array.
 */
void
gst_socket_close_all (GPtrArray *sockets)
{
  if (sockets == NULL)
    return;
  g_ptr_array_foreach (sockets, close_one, NULL);
  g_ptr_array_unref (sockets);
}
