/* SPDX-License-Identifier: LGPL-2.1-or-later
 * loader.h: start GStreamer with one plugin file and nothing else
 *
 * Here: the one function both parity programs begin with.
 * Not here: anything that knows an element.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Initialises GStreamer with an empty registry and no plugin path, then loads
 * the plugin in @file. Returns (transfer full): the plugin, or NULL with
 * @error set. */
GstPlugin *loader_load (const gchar *file, GError **error);

G_END_DECLS
