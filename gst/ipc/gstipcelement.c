/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcelement.c: what both elements tell their user in the same words
 *
 * Here: see gstipcelement.h. Not here: state, properties. Any thread, no lock
 * held.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcelement.h"
#include "../elements.h"

#include <gio/gio.h>

gboolean
gst_ipc_element_check_path (GstElement *element, const gchar *path)
{
  if (path != NULL && path[0] != '\0')
    return TRUE;
  GST_ELEMENT_ERROR (element, RESOURCE, SETTINGS,
      (_ ("No socket path was given.")), ("property \"socket\" is unset"));
  return FALSE;
}

void
gst_ipc_element_post_open_error (
    GstElement *element, const gchar *path, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    GST_ELEMENT_ERROR (element, RESOURCE, SETTINGS,
        (_ ("The socket path \"%s\" cannot be used."), path),
        ("%s", error->message));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    GST_ELEMENT_ERROR (element, RESOURCE, BUSY,
        (_ ("Another process listens on \"%s\"."), path),
        ("%s", error->message));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    GST_ELEMENT_ERROR (element, RESOURCE, NOT_AUTHORIZED,
        (_ ("No permission to listen on \"%s\"."), path),
        ("%s", error->message));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    GST_ELEMENT_ERROR (element, RESOURCE, NOT_FOUND,
        (_ ("The folder of the socket \"%s\" does not exist."), path),
        ("%s", error->message));
  else
    GST_ELEMENT_ERROR (element, RESOURCE, OPEN_READ_WRITE,
        (_ ("Could not listen on \"%s\"."), path), ("%s", error->message));
}

void
gst_ipc_element_warn_unreachable (
    GstElement *element, const gchar *path, const gchar *why)
{
  GST_ELEMENT_WARNING (element, RESOURCE, OPEN_READ_WRITE,
      (_ ("Could not connect to \"%s\"."), path),
      ("%s; it is tried again and again", why));
}

void
gst_ipc_element_post (gpointer element, GstStructure *structure)
{
  gst_element_post_message (GST_ELEMENT (element),
      gst_message_new_element (GST_OBJECT (element), structure));
}
