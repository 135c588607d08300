/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcplace.h: where the two elements meet, and who may come
 *
 * Here: the properties that both have.
 * Not here: connections, what only one of them has.
 */
#pragma once

#include "gstipcenums.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* The first of each element's. */
enum
{
  GST_IPC_PLACE_SOCKET = 1,
  GST_IPC_PLACE_LISTEN,
  GST_IPC_PLACE_DIALECT,
  GST_IPC_PLACE_SOCKET_MODE,
  GST_IPC_PLACE_PEER_UID,
  GST_IPC_PLACE_N_PROPS
};

#define GST_IPC_READY_FLAGS                                                    \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

/* Guarded by the element's OBJECT_LOCK. */
typedef struct
{
  gchar *path;
  gboolean listen;
  GstIpcDialect dialect;
  guint socket_mode;
  gint64 peer_uid;
} GstIpcPlace;

void gst_ipc_place_init (GstIpcPlace *place, gboolean listen);
void gst_ipc_place_clear (GstIpcPlace *place);
gint64 gst_ipc_place_get_peer_uid_locked (const GstIpcPlace *place);

/* What is the same of both: the path and the mode of its file. */
void gst_ipc_place_make_properties (GParamSpec **props);
/* Return FALSE for a property that is not here. They take OBJECT_LOCK. */
gboolean gst_ipc_place_set_property (
    GstIpcPlace *place, GstElement *element, guint id, const GValue *value);
gboolean gst_ipc_place_get_property (
    const GstIpcPlace *place, GstElement *element, guint id, GValue *value);

G_END_DECLS
