/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstneturi.c: the property "uri" and the interface GstURIHandler
 *
 * Here: keeping the text, parsing it when it is needed, answering for the
 * schemes.
 * Not here: opening what it names.
 *
 * Threads   any
 * Locks, in taking order    guards
 *   1. OBJECT_LOCK (element)  text
 *
 * A property cannot say that its value is wrong, so it takes any text, and the
 * state change says what is wrong with it, on the bus.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstneturi.h"

#include <glib/gi18n-lib.h>

/*
 * gst_net_uri_init:
 * @self: what to set up
 * @owner: the element it is part of
 */
void
gst_net_uri_init (GstNetUri *self, GstElement *owner)
{
  self->owner = owner;
}

/*
 * gst_net_uri_clear:
 * @self: what to give up
 */
void
gst_net_uri_clear (GstNetUri *self)
{
  g_clear_pointer (&self->text, g_free);
}

/*
 * gst_net_uri_set:
 * @self: the property
 * @text: (nullable): its value
 */
void
gst_net_uri_set (GstNetUri *self, const gchar *text)
{
  GST_OBJECT_LOCK (self->owner);
  g_free (self->text);
  self->text = g_strdup (text);
  GST_OBJECT_UNLOCK (self->owner);
}

/*
 * gst_net_uri_dup:
 * @self: the property
 *
 * Returns: (transfer full) (nullable): its value
 */
gchar *
gst_net_uri_dup (GstNetUri *self)
{
  gchar *text;

  GST_OBJECT_LOCK (self->owner);
  text = g_strdup (self->text);
  GST_OBJECT_UNLOCK (self->owner);
  return text;
}

/*
 * gst_net_uri_parse:
 * @self: the property
 * @ret_uri: (out) (nullable): what it says, %NULL if it is not set
 *
 * Posts an error if it cannot be understood.
 *
 * Returns: %TRUE if it is not set or was understood
 */
gboolean
gst_net_uri_parse (GstNetUri *self, GstSocketUri **ret_uri)
{
  g_autofree gchar *text = gst_net_uri_dup (self);
  g_autoptr (GError) error = NULL;

  *ret_uri = NULL;
  if (text == NULL)
    return TRUE;
  *ret_uri = gst_socket_uri_parse (text, &error);
  if (*ret_uri != NULL)
    return TRUE;
  GST_ELEMENT_ERROR (self->owner, RESOURCE, SETTINGS,
      (_ ("\"%s\" does not name a socket: %s."), text, error->message), (NULL));
  return FALSE;
}

/*
 * gst_net_uri_get_protocols:
 * @type: an element's type
 *
 * Returns: the schemes that no other element owns; "udp" is udpsrc's and
 *     udpsink's
 */
const gchar *const *
gst_net_uri_get_protocols (GType type)
{
  static const gchar *const protocols[] = {
      "tcp", "unix", "unix-abstract", NULL};

  return protocols;
}

/*
 * gst_net_uri_handler_get_uri:
 * @handler: the element
 *
 * Returns: (transfer full) (nullable): its property "uri"
 */
gchar *
gst_net_uri_handler_get_uri (GstURIHandler *handler)
{
  gchar *uri = NULL;

  g_object_get (handler, "uri", &uri, NULL);
  return uri;
}

/*
 * gst_net_uri_handler_set_uri:
 * @handler: the element
 * @uri: what to set
 * @error: where to say what is wrong with it
 *
 * Returns: %TRUE if @uri was understood, and set
 */
gboolean
gst_net_uri_handler_set_uri (
    GstURIHandler *handler, const gchar *uri, GError **error)
{
  g_autoptr (GstSocketUri) parsed = gst_socket_uri_parse (uri, error);

  if (parsed == NULL)
    return FALSE;
  g_object_set (handler, "uri", uri, NULL);
  return TRUE;
}
