/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcconnector.h: to where somebody listens, again and again
 *
 * Here: connecting with back-off.
 * Not here: connections, listening (gstipclistener.h).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* I/O thread only. All zero to begin with. */
typedef struct
{
  /* When it is tried next. */
  gint64 due_at;
  gint64 pause_us;
  gboolean said;
} GstIpcConnector;

gint gst_ipc_connector_try (GstIpcConnector *self, const gchar *path,
    gint64 now, gint64 pause_after_us, GError **error);

G_END_DECLS
