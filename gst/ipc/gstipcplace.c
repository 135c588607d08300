/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcplace.c: where the two elements meet, and who may come
 *
 * Here: see gstipcplace.h. Not here: connections. Any thread; the element's
 * OBJECT_LOCK guards a place.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcplace.h"

#include <unistd.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

#define DEFAULT_SOCKET_MODE 0600

void
gst_ipc_place_init (GstIpcPlace *place, gboolean listen)
{
  place->listen = listen;
  place->socket_mode = DEFAULT_SOCKET_MODE;
  place->peer_uid = -1;
}

void
gst_ipc_place_clear (GstIpcPlace *place)
{
  g_clear_pointer (&place->path, g_free);
}

/* Who may come: an abstract address has no file whose permissions could say so.
 * The caller holds OBJECT_LOCK. */
gint64
gst_ipc_place_get_peer_uid_locked (const GstIpcPlace *place)
{
  if (place->peer_uid < 0 && place->path != NULL
      && g_str_has_prefix (place->path, "unix-abstract:"))
    return geteuid ();
  return place->peer_uid;
}

void
gst_ipc_place_make_properties (GParamSpec **props)
{
  props[GST_IPC_PLACE_SOCKET] = g_param_spec_string ("socket", "Socket",
      "Path of the UNIX socket, or unix-abstract:NAME; unset by default and "
      "then an error",
      NULL, GST_IPC_READY_FLAGS);
  props[GST_IPC_PLACE_SOCKET_MODE] =
      g_param_spec_uint ("socket-mode", "Socket mode",
          "Permissions of the socket file when listening, as a number (384 is "
          "0600, only this user); raise it to let other users connect",
          0, 0777, DEFAULT_SOCKET_MODE, GST_IPC_READY_FLAGS);
}

static void
set_path (GstIpcPlace *place, GstElement *element, const gchar *path)
{
  if (GST_STATE (element) > GST_STATE_READY) {
    GST_WARNING_OBJECT (element, "socket cannot change while running");
    return;
  }
  GST_OBJECT_LOCK (element);
  g_free (place->path);
  place->path = g_strdup (path);
  GST_OBJECT_UNLOCK (element);
}

static gboolean
set_value_locked (GstIpcPlace *place, guint id, const GValue *value)
{
  switch (id) {
    case GST_IPC_PLACE_LISTEN:
      place->listen = g_value_get_boolean (value);
      return TRUE;
    case GST_IPC_PLACE_DIALECT:
      place->dialect = g_value_get_enum (value);
      return TRUE;
    case GST_IPC_PLACE_SOCKET_MODE:
      place->socket_mode = g_value_get_uint (value);
      return TRUE;
    case GST_IPC_PLACE_PEER_UID:
      place->peer_uid = g_value_get_int64 (value);
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
gst_ipc_place_set_property (
    GstIpcPlace *place, GstElement *element, guint id, const GValue *value)
{
  gboolean known;

  if (id == GST_IPC_PLACE_SOCKET) {
    set_path (place, element, g_value_get_string (value));
    return TRUE;
  }
  GST_OBJECT_LOCK (element);
  known = set_value_locked (place, id, value);
  GST_OBJECT_UNLOCK (element);
  return known;
}

static gboolean
get_value_locked (const GstIpcPlace *place, guint id, GValue *value)
{
  switch (id) {
    case GST_IPC_PLACE_SOCKET:
      g_value_set_string (value, place->path);
      return TRUE;
    case GST_IPC_PLACE_LISTEN:
      g_value_set_boolean (value, place->listen);
      return TRUE;
    case GST_IPC_PLACE_DIALECT:
      g_value_set_enum (value, place->dialect);
      return TRUE;
    case GST_IPC_PLACE_SOCKET_MODE:
      g_value_set_uint (value, place->socket_mode);
      return TRUE;
    case GST_IPC_PLACE_PEER_UID:
      g_value_set_int64 (value, place->peer_uid);
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
gst_ipc_place_get_property (
    const GstIpcPlace *place, GstElement *element, guint id, GValue *value)
{
  gboolean known;

  GST_OBJECT_LOCK (element);
  known = get_value_locked (place, id, value);
  GST_OBJECT_UNLOCK (element);
  return known;
}
