/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstneturi.h: the property "uri" and the interface GstURIHandler
 *
 * Here: keeping the text, parsing it when it is needed, answering for the
 * schemes.
 * Not here: opening what it names.
 */
#pragma once

#include <gst/socket/gstsocketuri.h>

G_BEGIN_DECLS

/* Part of an element that implements GstURIHandler by gst_net_uri_handler_init
 * (), and has a property "uri". */
typedef struct
{
  /* immutable */
  GstElement *owner;

  /* guarded by the owner's OBJECT_LOCK */
  gchar *text;
} GstNetUri;

void gst_net_uri_init (GstNetUri *self, GstElement *owner);
void gst_net_uri_clear (GstNetUri *self);
void gst_net_uri_set (GstNetUri *self, const gchar *text);
gchar *gst_net_uri_dup (GstNetUri *self);
gboolean gst_net_uri_parse (GstNetUri *self, GstSocketUri **ret_uri);

const gchar *const *gst_net_uri_get_protocols (GType type);
gchar *gst_net_uri_handler_get_uri (GstURIHandler *handler);
gboolean gst_net_uri_handler_set_uri (
    GstURIHandler *handler, const gchar *uri, GError **error);

G_END_DECLS
