/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketmembership.c: keeps a socket in a group while links come and go
 *
 * Here: choosing interfaces, applying source filters to each, joining again.
 * Not here: the calls for one join (gstsocketmulticast.c), noticing changes
 * (gstsocketlinkwatch.c), threads.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketmulticast.h"
#include "gstsocketlocal.h"

typedef struct
{
  guint iface;
  gboolean running;
} Joined;

/**
 * GstSocketMembership: (skip)
 *
 * One socket's membership in one group, on one or many interfaces.
 *
 * The kernel keeps a membership for a socket while a link is down, but says
 * nothing when it is back: the switch at the other end has forgotten the host
 * and sends it nothing until it next asks around, which takes two minutes. And
 * an interface that was removed and comes back is a new one to the kernel. So
 * gst_socket_membership_refresh() is to be called when a link changed.
 *
 * Not thread-safe: one thread at a time. The descriptor must stay open.
 */
struct _GstSocketMembership
{
  int fd;
  GInetAddress *group;
  gchar *interfaces;
  GPtrArray *include; /* less what is excluded; NULL for any sender */
  GPtrArray *exclude;
  GArray *joined; /* of Joined */
};

static gboolean
contains_address (GPtrArray *addresses, GInetAddress *address)
{
  for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
    if (g_inet_address_equal (g_ptr_array_index (addresses, i), address))
      return TRUE;
  }
  return FALSE;
}

static GPtrArray *
copy_addresses (GPtrArray *addresses, GPtrArray *less)
{
  GPtrArray *copy;

  if (addresses == NULL || addresses->len == 0)
    return NULL;
  copy = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < addresses->len; i++) {
    GInetAddress *address = g_ptr_array_index (addresses, i);

    if (!contains_address (less, address) && !contains_address (copy, address))
      g_ptr_array_add (copy, g_object_ref (address));
  }
  return copy;
}

static void
append_unique (GArray *indices, guint index)
{
  for (guint i = 0; i < indices->len; i++) {
    if (g_array_index (indices, guint, i) == index)
      return;
  }
  g_array_append_val (indices, index);
}

static void
append_array (GArray *indices, GArray *more)
{
  for (guint i = 0; i < more->len; i++)
    append_unique (indices, g_array_index (more, guint, i));
}

/* Every interface on which multicast makes sense. Down ones too: they are
 * joined now and serve as soon as they come up. */
static GArray *
all_interfaces (void)
{
  return gst_socket_local_get_interfaces (GST_SOCKET_INTERFACE_MULTICAST);
}

/* A host without any route still has a cable or a loopback on which to hear. */
static guint
find_default_interface (GInetAddress *group, GError **error)
{
  g_autoptr (GArray) running = NULL;
  g_autoptr (GError) why = NULL;
  guint index = gst_socket_local_find_interface_for_peer (group, &why);

  if (index != 0)
    return index;
  running = gst_socket_local_get_interfaces (GST_SOCKET_INTERFACE_UP
      | GST_SOCKET_INTERFACE_RUNNING | GST_SOCKET_INTERFACE_MULTICAST);
  if (running->len == 0) {
    g_array_unref (running);
    running = gst_socket_local_get_interfaces (GST_SOCKET_INTERFACE_UP);
  }
  if (running->len > 0)
    return g_array_index (running, guint, 0);
  g_propagate_error (error, g_steal_pointer (&why));
  return 0;
}

/* Adds the interfaces of a comma-separated list. Fails at the first that does
 * not exist, unless lenient. */
static gboolean
append_named (
    GArray *indices, const gchar *list, gboolean lenient, GError **error)
{
  g_auto (GStrv) names = g_strsplit (list, ",", -1);

  for (guint i = 0; names[i] != NULL; i++) {
    const gchar *name = g_strstrip (names[i]);
    g_autoptr (GError) why = NULL;
    guint index;

    if (*name == '\0')
      continue;
    if (g_ascii_strcasecmp (name, "all") == 0) {
      g_autoptr (GArray) all = all_interfaces ();

      append_array (indices, all);
      continue;
    }
    index = gst_socket_local_find_interface (name, &why);
    if (index != 0) {
      append_unique (indices, index);
    } else if (!lenient) {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
names_interfaces (const gchar *list)
{
  return list != NULL && *list != '\0';
}

/* Returns NULL on an error. */
static GArray *
choose_interfaces (GstSocketMembership *self, gboolean lenient, GError **error)
{
  g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (guint));

  if (!names_interfaces (self->interfaces)) {
    guint index = find_default_interface (self->group, error);

    if (index == 0)
      return NULL;
    g_array_append_val (indices, index);
  } else if (!append_named (indices, self->interfaces, lenient, error)) {
    return NULL;
  }
  return g_steal_pointer (&indices);
}

static void
leave_on (GstSocketMembership *self, guint iface)
{
  if (self->include == NULL) {
    gst_socket_multicast_leave (self->fd, self->group, iface, NULL, NULL);
    return;
  }
  for (guint i = 0; i < self->include->len; i++)
    gst_socket_multicast_leave (self->fd, self->group, iface,
        g_ptr_array_index (self->include, i), NULL);
}

/* A socket that the application has put into the group already is fine. */
static gboolean
join_one (GstSocketMembership *self, guint iface, GInetAddress *source,
    GError **error)
{
  g_autoptr (GError) why = NULL;

  if (gst_socket_multicast_join (self->fd, self->group, iface, source, &why)
      || g_error_matches (why, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static gboolean
join_any (GstSocketMembership *self, guint iface, GError **error)
{
  if (!join_one (self, iface, NULL, error))
    return FALSE;
  for (guint i = 0; self->exclude != NULL && i < self->exclude->len; i++) {
    if (!gst_socket_multicast_block (self->fd, self->group, iface,
            g_ptr_array_index (self->exclude, i), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
join_sources (GstSocketMembership *self, guint iface, GError **error)
{
  for (guint i = 0; i < self->include->len; i++) {
    if (!join_one (self, iface, g_ptr_array_index (self->include, i), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
join_on (GstSocketMembership *self, guint iface, GError **error)
{
  gboolean ok = self->include != NULL ? join_sources (self, iface, error)
                                      : join_any (self, iface, error);

  if (!ok)
    leave_on (self, iface);
  return ok;
}

static gboolean
is_running (guint iface)
{
  const GstSocketInterfaceFlags flags =
      GST_SOCKET_INTERFACE_UP | GST_SOCKET_INTERFACE_RUNNING;

  return (gst_socket_local_get_interface_flags (iface) & flags) == flags;
}

static gboolean
add_interface (GstSocketMembership *self, guint iface, GError **error)
{
  Joined joined = {iface, is_running (iface)};

  if (!join_on (self, iface, error))
    return FALSE;
  g_array_append_val (self->joined, joined);
  return TRUE;
}

/* With many interfaces, one that cannot be joined is no reason to hear nothing
 * on the others; unless it was asked for by name. */
static gboolean
join_first_time (GstSocketMembership *self, GError **error)
{
  g_autoptr (GArray) wanted = choose_interfaces (self, FALSE, error);
  gboolean all = self->interfaces != NULL
      && g_ascii_strcasecmp (self->interfaces, "all") == 0;

  if (wanted == NULL)
    return FALSE;
  for (guint i = 0; i < wanted->len; i++) {
    g_autoptr (GError) why = NULL;

    if (add_interface (self, g_array_index (wanted, guint, i), &why) || all)
      continue;
    g_propagate_error (error, g_steal_pointer (&why));
    return FALSE;
  }
  return TRUE;
}

/**
 * gst_socket_membership_join: (skip)
 * @fd: a datagram socket of the group's family; stays the caller's
 * @options: what to join
 * @error: return location for an error
 *
 * Returns: (transfer full): the membership, or %NULL: %G_IO_ERROR_NOT_FOUND
 *     for an interface that does not exist, %G_IO_ERROR_INVALID_ARGUMENT when
 *     the filters leave no sender
 */
GstSocketMembership *
gst_socket_membership_join (
    int fd, const GstSocketMembershipOptions *options, GError **error)
{
  g_autoptr (GstSocketMembership) self = g_new0 (GstSocketMembership, 1);

  self->fd = fd;
  self->group = g_object_ref (options->group);
  self->interfaces = g_strdup (options->interfaces);
  self->include = copy_addresses (options->include, options->exclude);
  self->exclude = copy_addresses (options->exclude, NULL);
  self->joined = g_array_new (FALSE, FALSE, sizeof (Joined));
  if (self->include != NULL && self->include->len == 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "every included multicast source is excluded too");
    return NULL;
  }
  if (!join_first_time (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * gst_socket_membership_leave: (skip)
 * @membership: (nullable) (transfer full): a membership
 *
 * Leaves the group everywhere and frees the membership.
 */
void
gst_socket_membership_leave (GstSocketMembership *membership)
{
  if (membership == NULL)
    return;
  for (guint i = 0; i < membership->joined->len; i++)
    leave_on (membership, g_array_index (membership->joined, Joined, i).iface);
  g_array_unref (membership->joined);
  g_clear_pointer (&membership->include, g_ptr_array_unref);
  g_clear_pointer (&membership->exclude, g_ptr_array_unref);
  g_free (membership->interfaces);
  g_object_unref (membership->group);
  g_free (membership);
}

static gboolean
contains_index (GArray *indices, guint index)
{
  for (guint i = 0; indices != NULL && i < indices->len; i++) {
    if (g_array_index (indices, guint, i) == index)
      return TRUE;
  }
  return FALSE;
}

static void
leave_unwanted (GstSocketMembership *self, GArray *wanted)
{
  for (guint i = self->joined->len; i-- > 0;) {
    guint iface = g_array_index (self->joined, Joined, i).iface;

    if (contains_index (wanted, iface))
      continue;
    leave_on (self, iface);
    g_array_remove_index (self->joined, i);
  }
}

static Joined *
find_joined (GstSocketMembership *self, guint iface)
{
  for (guint i = 0; i < self->joined->len; i++) {
    Joined *joined = &g_array_index (self->joined, Joined, i);

    if (joined->iface == iface)
      return joined;
  }
  return NULL;
}

/* Leaving first makes the kernel tell the network of the new join. */
static gboolean
join_again (GstSocketMembership *self, guint iface)
{
  g_autoptr (GError) error = NULL;

  leave_on (self, iface);
  if (join_on (self, iface, &error))
    return TRUE;
  GST_DEBUG ("interface %u: %s", iface, error->message);
  return FALSE;
}

static gboolean
refresh_interface (GstSocketMembership *self, guint iface)
{
  Joined *joined = find_joined (self, iface);
  gboolean was_running;

  if (joined == NULL)
    return add_interface (self, iface, NULL);
  was_running = joined->running;
  joined->running = is_running (iface);
  if (!joined->running || was_running)
    return FALSE;
  joined->running = join_again (self, iface);
  return joined->running;
}

/**
 * gst_socket_membership_refresh: (skip)
 * @membership: a membership
 * @lost: (nullable) (element-type guint): numbers of interfaces that were
 *     without link for a time, as gst_socket_link_watch_drain() tells
 *
 * Brings the membership up to date with the network: joins interfaces that
 * are new, again those whose link is back, and leaves those that are gone or
 * to which the routing table no longer leads. What cannot be joined now is
 * tried again at the next call.
 *
 * Returns: the number of interfaces joined, or joined again
 */
guint
gst_socket_membership_refresh (GstSocketMembership *membership, GArray *lost)
{
  g_autoptr (GArray) wanted = choose_interfaces (membership, TRUE, NULL);
  guint n = 0;

  for (guint i = 0; i < membership->joined->len; i++) {
    Joined *joined = &g_array_index (membership->joined, Joined, i);

    if (contains_index (lost, joined->iface))
      joined->running = FALSE;
  }
  /* No route at all is the state between two routes: nothing to gain. */
  if (wanted == NULL)
    return 0;
  leave_unwanted (membership, wanted);
  for (guint i = 0; i < wanted->len; i++)
    n += refresh_interface (membership, g_array_index (wanted, guint, i));
  return n;
}

/**
 * gst_socket_membership_rejoin: (skip)
 * @membership: a membership
 *
 * As gst_socket_membership_refresh(), but joins every interface again, as when
 * nothing has come for longer than it should.
 *
 * Returns: the number of interfaces joined, or joined again
 */
guint
gst_socket_membership_rejoin (GstSocketMembership *membership)
{
  for (guint i = 0; i < membership->joined->len; i++)
    g_array_index (membership->joined, Joined, i).running = FALSE;
  return gst_socket_membership_refresh (membership, NULL);
}

/**
 * gst_socket_membership_describe: (skip)
 * @membership: a membership
 *
 * Returns: (transfer full): the names of the joined interfaces, separated by
 *     commas
 */
gchar *
gst_socket_membership_describe (GstSocketMembership *membership)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < membership->joined->len; i++) {
    guint iface = g_array_index (membership->joined, Joined, i).iface;
    g_autofree gchar *name = gst_socket_local_get_interface_name (iface);

    g_string_append_printf (
        text, "%s%s", i > 0 ? ", " : "", name != NULL ? name : "(gone)");
  }
  return g_string_free (text, FALSE);
}
