/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcenums.c: enumerations of the properties of both elements
 *
 * Here: GTypes. Not here: anything else.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcenums.h"
#include "gstipcproducer.h"

static GType
register_once (gsize *once, const gchar *name, const GEnumValue *values)
{
  if (g_once_init_enter (once))
    g_once_init_leave (once, g_enum_register_static (name, values));
  return *once;
}

GType
gst_ipc_dialect_get_type (void)
{
  static gsize once;
  static const GEnumValue values[] = {
      {GST_IPC_DIALECT_AUTO, "Find out; current until the peer has spoken",
          "auto"},
      {GST_IPC_DIALECT_CURRENT, "A length before each message (since 2025-09)",
          "current"},
      {GST_IPC_DIALECT_LEGACY, "No length (2024-10 to 2025-09)", "legacy"},
      {0, NULL, NULL},
  };

  return register_once (&once, "GstFdSocketDialect", values);
}

GType
gst_ipc_policy_get_type (void)
{
  static gsize once;
  static const GEnumValue values[] = {
      {GST_IPC_POLICY_NEWEST, "The newest frame replaces a waiting one",
          "newest"},
      {GST_IPC_POLICY_BLOCK, "Wait until every consumer has room", "block"},
      {0, NULL, NULL},
  };

  return register_once (&once, "GstFdSocketPolicy", values);
}

GType
gst_ipc_on_disconnect_get_type (void)
{
  static gsize once;
  static const GEnumValue values[] = {
      {GST_IPC_ON_DISCONNECT_EOS, "End the stream", "eos"},
      {GST_IPC_ON_DISCONNECT_WAIT, "Wait for the next producer", "wait"},
      {GST_IPC_ON_DISCONNECT_ERROR, "Fail with an error", "error"},
      {0, NULL, NULL},
  };

  return register_once (&once, "GstFdSocketOnDisconnect", values);
}
