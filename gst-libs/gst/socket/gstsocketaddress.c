/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketaddress.c: from names to socket addresses, and back to text
 *
 * Here: resolving host and port, telling any-address and loopback apart,
 * writing an address for people.
 * Not here: sockets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketaddress.h"

#include <gio/gunixsocketaddress.h>

#include <string.h>

/* Both any-addresses, the one that can take both families first. */
static const gchar *const any_hosts[] = {"::", "0.0.0.0"};

static void
add_unless_there (GPtrArray *list, GSocketAddress *address)
{
  for (guint i = 0; i < list->len; i++) {
    if (gst_socket_address_equal (g_ptr_array_index (list, i), address)) {
      g_object_unref (address);
      return;
    }
  }
  g_ptr_array_add (list, address);
}

static gboolean
look_up (GPtrArray *list, const gchar *host, guint16 port,
    GCancellable *cancellable, GError **error)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GList *found = g_resolver_lookup_by_name (resolver, host, cancellable, error);

  if (found == NULL)
    return FALSE;
  for (GList *l = found; l != NULL; l = l->next)
    add_unless_there (list, g_inet_socket_address_new (l->data, port));
  g_resolver_free_addresses (found);
  return TRUE;
}

static gboolean
resolve_one (GPtrArray *list, const gchar *host, guint16 port,
    GCancellable *cancellable, GError **error)
{
  GSocketAddress *literal;

  if (*host == '\0') {
    for (guint i = 0; i < G_N_ELEMENTS (any_hosts); i++)
      add_unless_there (
          list, g_inet_socket_address_new_from_string (any_hosts[i], port));
    return TRUE;
  }
  literal = g_inet_socket_address_new_from_string (host, port);
  if (literal != NULL) {
    add_unless_there (list, literal);
    return TRUE;
  }
  return look_up (list, host, port, cancellable, error);
}

/**
 * gst_socket_address_resolve:
 * @host: name or address, or several separated by commas; empty for any local
 *     address
 * @port: port
 * @cancellable: (nullable): ends the look-up from any thread
 * @error: where to say what went wrong
 *
 * Looks @host up. Blocks while a name server is asked; addresses, and the
 * empty host, need no asking. The addresses come in the order of the names
 * and, of each, in the order the system prefers; none comes twice.
 *
 * Fails with #G_RESOLVER_ERROR if a name is not known, and with
 * #G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full) (nullable) (element-type GSocketAddress): at least
 *     one address, or %NULL on error
 */
GPtrArray *
gst_socket_address_resolve (
    const gchar *host, guint16 port, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) list = NULL;
  g_auto (GStrv) names = NULL;

  g_return_val_if_fail (host != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  list = g_ptr_array_new_with_free_func (g_object_unref);
  if (*host == '\0')
    resolve_one (list, host, port, NULL, NULL);
  names = g_strsplit (host, ",", -1);
  for (gchar **name = names; *name != NULL; name++) {
    if (!resolve_one (list, g_strstrip (*name), port, cancellable, error))
      return NULL;
  }
  return g_steal_pointer (&list);
}

/**
 * gst_socket_address_resolve_uri:
 * @uri: a URI of any scheme
 * @cancellable: (nullable): ends the look-up from any thread
 * @error: where to say what went wrong
 *
 * Finds what @uri names, see gst_socket_address_resolve().
 *
 * Returns: (transfer full) (nullable) (element-type GSocketAddress): at least
 *     one address, or %NULL on error
 */
GPtrArray *
gst_socket_address_resolve_uri (
    const GstSocketUri *uri, GCancellable *cancellable, GError **error)
{
  GPtrArray *list;
  GSocketAddress *address;

  g_return_val_if_fail (uri != NULL, NULL);

  if (uri->host != NULL)
    return gst_socket_address_resolve (
        uri->host, uri->port, cancellable, error);
  address = gst_socket_address_new_unix (
      uri->path, uri->scheme == GST_SOCKET_URI_UNIX_ABSTRACT, error);
  if (address == NULL)
    return NULL;
  list = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (list, address);
  return list;
}

/**
 * gst_socket_address_new_unix:
 * @path: path or, if @abstract, name of the socket
 * @abstract: whether it lives outside of the file system
 * @error: where to say what went wrong
 *
 * Makes an address for a UNIX socket. Fails with #G_IO_ERROR_INVALID_FILENAME
 * if @path is empty or longer than %GST_SOCKET_UNIX_PATH_MAX bytes, which
 * would otherwise be cut off in silence.
 *
 * Returns: (transfer full) (nullable): the address, or %NULL on error
 */
GSocketAddress *
gst_socket_address_new_unix (
    const gchar *path, gboolean abstract, GError **error)
{
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);

  length = strlen (path);
  if (length == 0 || length > GST_SOCKET_UNIX_PATH_MAX) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
        "the path of a UNIX socket has 1 to %d bytes, \"%s\" has %" G_GSIZE_FORMAT,
        GST_SOCKET_UNIX_PATH_MAX, path, length);
    return NULL;
  }
  return g_unix_socket_address_new_with_type (path, length,
      abstract ? G_UNIX_SOCKET_ADDRESS_ABSTRACT : G_UNIX_SOCKET_ADDRESS_PATH);
}

/**
 * gst_socket_address_with_port:
 * @address: an address
 * @port: port
 *
 * Returns: (transfer full): @address with its port replaced; @address itself
 *     if it has none
 */
GSocketAddress *
gst_socket_address_with_port (GSocketAddress *address, guint16 port)
{
  GInetSocketAddress *inet;
  GInetAddress *host;
  guint32 scope = 0;

  g_return_val_if_fail (G_IS_SOCKET_ADDRESS (address), NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return g_object_ref (address);
  inet = G_INET_SOCKET_ADDRESS (address);
  host = g_inet_socket_address_get_address (inet);
  if (g_inet_address_get_family (host) == G_SOCKET_FAMILY_IPV6)
    scope = g_inet_socket_address_get_scope_id (inet);
  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", host, "port",
      (guint) port, "scope-id", (guint) scope, NULL);
}

/**
 * gst_socket_address_get_port:
 * @address: (nullable): an address
 *
 * Returns: its port, 0 if it has none
 */
guint16
gst_socket_address_get_port (GSocketAddress *address)
{
  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return 0;
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

/**
 * gst_socket_address_is_any:
 * @address: an address
 *
 * Returns: %TRUE for 0.0.0.0 and ::
 */
gboolean
gst_socket_address_is_any (GSocketAddress *address)
{
  return G_IS_INET_SOCKET_ADDRESS (address)
      && g_inet_address_get_is_any (
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

/**
 * gst_socket_address_is_loopback:
 * @address: an address
 *
 * Returns: %TRUE for 127.0.0.0/8, ::1 and UNIX sockets: what only reaches
 *     this machine
 */
gboolean
gst_socket_address_is_loopback (GSocketAddress *address)
{
  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return G_IS_UNIX_SOCKET_ADDRESS (address);
  return g_inet_address_get_is_loopback (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

/**
 * gst_socket_address_equal:
 * @a: an address
 * @b: another
 *
 * Returns: %TRUE if both have the same native form
 */
gboolean
gst_socket_address_equal (GSocketAddress *a, GSocketAddress *b)
{
  gssize size = g_socket_address_get_native_size (a);
  g_autofree gchar *native_a = NULL;
  g_autofree gchar *native_b = NULL;

  if (size <= 0 || size != g_socket_address_get_native_size (b))
    return FALSE;
  native_a = g_malloc0 (size);
  native_b = g_malloc0 (size);
  return g_socket_address_to_native (a, native_a, size, NULL)
      && g_socket_address_to_native (b, native_b, size, NULL)
      && memcmp (native_a, native_b, size) == 0;
}

static gchar *
inet_to_string (GInetSocketAddress *inet)
{
  GInetAddress *address = g_inet_socket_address_get_address (inet);
  g_autofree gchar *text = g_inet_address_to_string (address);
  const gchar *shown = text;
  guint16 port = g_inet_socket_address_get_port (inet);

  /* A dual-stack socket calls its IPv4 peers so; people need not know. */
  if (g_str_has_prefix (text, "::ffff:") && strchr (text, '.') != NULL)
    shown = text + strlen ("::ffff:");
  if (strchr (shown, ':') == NULL)
    return g_strdup_printf ("%s:%u", shown, port);
  return g_strdup_printf ("[%s]:%u", shown, port);
}

/**
 * gst_socket_address_to_string:
 * @address: (nullable): an address
 *
 * Writes @address for people: `192.0.2.1:80`, `[2001:db8::1]:80`, `/run/s`,
 * `@name` for an abstract name. An IPv4 address inside of IPv6 is written as
 * IPv4.
 *
 * Returns: (transfer full): the text
 */
gchar *
gst_socket_address_to_string (GSocketAddress *address)
{
  if (G_IS_INET_SOCKET_ADDRESS (address))
    return inet_to_string (G_INET_SOCKET_ADDRESS (address));
  if (G_IS_UNIX_SOCKET_ADDRESS (address)) {
    GUnixSocketAddress *local = G_UNIX_SOCKET_ADDRESS (address);
    const gchar *path = g_unix_socket_address_get_path (local);

    if (g_unix_socket_address_get_address_type (local)
        == G_UNIX_SOCKET_ADDRESS_ABSTRACT)
      return g_strdup_printf ("@%s", path);
    return g_strdup (*path != '\0' ? path : "unnamed");
  }
  return g_strdup ("unknown");
}
