/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstudpsenders.c: who sends, and who may
 *
 * Here: parsing lists of sources, matching senders against one, and a small
 * cache of senders.
 * Not here: receiving, joining groups.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstudpsenders.h"

#include <gst/gst.h>
#include <string.h>
#include <sys/socket.h>

/* ---- lists ---- */

static void
add_address (GPtrArray **list, GInetAddress *address)
{
  if (*list == NULL)
    *list = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (*list, g_object_ref (address));
}

/**
 * gst_udp_sources_parse:
 * @text: (nullable): sources with "+" (or nothing) before those to receive
 *     from and "-" before those not to, as in `+10.0.0.1+10.0.0.2-10.0.0.3`;
 *     commas and spaces between them are fine
 * @ret_sources: (out caller-allocates): both lists
 * @error: return location for an error
 *
 * Returns: whether it could be understood; if not, @ret_sources is untouched
 */
gboolean
gst_udp_sources_parse (
    const gchar *text, GstUdpSources *ret_sources, GError **error)
{
  g_auto (GstUdpSources) sources = {0};
  const gchar *at = text != NULL ? text : "";

  while (*at != '\0') {
    g_autofree gchar *name = NULL;
    g_autoptr (GInetAddress) address = NULL;
    gsize separators = strspn (at, "+-, ");
    gboolean exclude = separators > 0 && at[separators - 1] == '-';
    gsize size;

    at += separators;
    size = strcspn (at, "+-, ");
    if (size == 0)
      break;
    name = g_strndup (at, size);
    at += size;
    address = g_inet_address_new_from_string (name);
    if (address == NULL) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
          "multicast source \"%s\" is not an IP address", name);
      return FALSE;
    }
    add_address (exclude ? &sources.exclude : &sources.include, address);
  }
  *ret_sources = sources;
  memset (&sources, 0, sizeof sources);
  return TRUE;
}

void
gst_udp_sources_clear (GstUdpSources *sources)
{
  g_clear_pointer (&sources->include, g_ptr_array_unref);
  g_clear_pointer (&sources->exclude, g_ptr_array_unref);
}

/**
 * gst_udp_accept_list_parse:
 * @text: IP addresses or networks ("10.0.0.0/8"), separated by commas
 * @error: return location for an error
 *
 * Returns: (transfer full) (element-type GInetAddressMask): the networks, or
 *     %NULL
 */
GPtrArray *
gst_udp_accept_list_parse (const gchar *text, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) names = g_strsplit_set (text, ", ", -1);

  for (guint i = 0; names[i] != NULL; i++) {
    GInetAddressMask *mask;

    if (*names[i] == '\0')
      continue;
    mask = g_inet_address_mask_new_from_string (names[i], error);
    if (mask == NULL)
      return NULL;
    g_ptr_array_add (list, mask);
  }
  return g_steal_pointer (&list);
}

/* ---- cache ---- */

/* A power of two. Senders that fall into one place push each other out, which
 * costs time, never correctness; and a flood of forged addresses costs no
 * memory. */
#define N_PLACES 64

typedef struct
{
  GstUdpSender sender;
  gsize size;
  guint8 native[sizeof (struct sockaddr_storage)];
} Place;

struct _GstUdpSenders
{
  GPtrArray *accept_from;
  Place *last;
  Place places[N_PLACES];
};

/**
 * gst_udp_senders_new:
 * @accept_from: (nullable) (transfer none): the only networks that may send;
 *     %NULL for anyone
 *
 * Returns: (transfer full): a new cache
 */
GstUdpSenders *
gst_udp_senders_new (GPtrArray *accept_from)
{
  GstUdpSenders *senders = g_new0 (GstUdpSenders, 1);

  if (accept_from != NULL)
    senders->accept_from = g_ptr_array_ref (accept_from);
  senders->last = &senders->places[0];
  return senders;
}

void
gst_udp_senders_free (GstUdpSenders *senders)
{
  if (senders == NULL)
    return;
  for (guint i = 0; i < N_PLACES; i++)
    g_clear_object (&senders->places[i].sender.address);
  g_clear_pointer (&senders->accept_from, g_ptr_array_unref);
  g_free (senders);
}

/* On a dual-stack socket an IPv4 sender looks like ::ffff:10.0.0.1; lists are
 * written, and people think, in IPv4. */
static GInetAddress *
unmap_v4 (GInetAddress *address)
{
  static const guint8 prefix[12] = {[10] = 0xff, [11] = 0xff};
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
      && memcmp (bytes, prefix, sizeof prefix) == 0)
    return g_inet_address_new_from_bytes (bytes + 12, G_SOCKET_FAMILY_IPV4);
  return g_object_ref (address);
}

static gboolean
is_accepted (GPtrArray *accept_from, GSocketAddress *address)
{
  g_autoptr (GInetAddress) inet = NULL;

  if (accept_from == NULL)
    return TRUE;
  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return FALSE;
  inet = unmap_v4 (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
  for (guint i = 0; i < accept_from->len; i++) {
    if (g_inet_address_mask_matches (g_ptr_array_index (accept_from, i), inet))
      return TRUE;
  }
  return FALSE;
}

static guint
hash_bytes (const guint8 *bytes, gsize size)
{
  guint hash = 5381;

  for (gsize i = 0; i < size; i++)
    hash = hash * 33 + bytes[i];
  return hash;
}

static gboolean
is_at (const Place *place, gconstpointer native, gsize size)
{
  return place->size == size && memcmp (place->native, native, size) == 0;
}

static void
settle (GstUdpSenders *self, Place *place, gconstpointer native, gsize size)
{
  g_clear_object (&place->sender.address);
  place->size = size;
  memcpy (place->native, native, size);
  place->sender.address =
      g_socket_address_new_from_native ((gpointer) native, size);
  place->sender.accepted =
      is_accepted (self->accept_from, place->sender.address);
}

/**
 * gst_udp_senders_lookup:
 * @senders: a cache
 * @native: a struct sockaddr
 * @size: its length in bytes
 *
 * Returns: (transfer none): the sender; valid until the next look-up
 */
const GstUdpSender *
gst_udp_senders_lookup (
    GstUdpSenders *senders, gconstpointer native, gsize size)
{
  Place *place = senders->last;

  size = MIN (size, sizeof place->native);
  if (size > 0 && G_LIKELY (is_at (place, native, size)))
    return &place->sender;
  place = &senders->places[hash_bytes (native, size) % N_PLACES];
  if (place->size == 0 || !is_at (place, native, size))
    settle (senders, place, native, size);
  senders->last = place;
  return &place->sender;
}
