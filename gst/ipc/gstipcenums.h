/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcenums.h: enumerations of the properties of both elements
 *
 * Here: enums and their GTypes. Not here: anything else.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_IPC_DIALECT_AUTO,
  GST_IPC_DIALECT_CURRENT,
  GST_IPC_DIALECT_LEGACY,
} GstIpcDialect;

typedef enum
{
  GST_IPC_ON_DISCONNECT_EOS,
  GST_IPC_ON_DISCONNECT_WAIT,
  GST_IPC_ON_DISCONNECT_ERROR,
} GstIpcOnDisconnect;

#define GST_TYPE_IPC_DIALECT (gst_ipc_dialect_get_type ())
GType gst_ipc_dialect_get_type (void);
#define GST_TYPE_IPC_POLICY (gst_ipc_policy_get_type ())
GType gst_ipc_policy_get_type (void);
#define GST_TYPE_IPC_ON_DISCONNECT (gst_ipc_on_disconnect_get_type ())
GType gst_ipc_on_disconnect_get_type (void);

G_END_DECLS
