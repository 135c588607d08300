/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstmultihandleenums.c: enumeration types of the sinks that serve many clients
 *
 * Here: the types' registration; names and values are the stock plugin's.
 * Not here: what they mean (gstsocketpolicy.h, gstsocketengine.h).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstmultihandlesink.h"

static GType
register_once (gsize *type, const gchar *name, const GEnumValue *values)
{
  if (g_once_init_enter (type))
    g_once_init_leave (type, g_enum_register_static (name, values));
  return *type;
}

GType
gst_multi_handle_sink_recover_policy_get_type (void)
{
  static gsize type;
  static const GEnumValue values[] = {
      {GST_SOCKET_RECOVER_NONE, "Do not try to recover", "none"},
      {GST_SOCKET_RECOVER_LATEST, "Resync client to latest buffer", "latest"},
      {GST_SOCKET_RECOVER_SOFT_LIMIT, "Resync client to soft limit",
          "soft-limit"},
      {GST_SOCKET_RECOVER_KEYFRAME, "Resync client to most recent keyframe",
          "keyframe"},
      {0, NULL, NULL},
  };

  return register_once (&type, "GstMultiHandleSinkRecoverPolicy", values);
}

GType
gst_multi_handle_sink_sync_method_get_type (void)
{
  static gsize type;
  static const GEnumValue values[] = {
      {GST_SOCKET_SYNC_LATEST, "Serve starting from the latest buffer",
          "latest"},
      {GST_SOCKET_SYNC_NEXT_KEYFRAME, "Serve starting from the next keyframe",
          "next-keyframe"},
      {GST_SOCKET_SYNC_LATEST_KEYFRAME,
          "Serve everything since the latest keyframe (burst)",
          "latest-keyframe"},
      {GST_SOCKET_SYNC_BURST, "Serve burst-value data to client", "burst"},
      {GST_SOCKET_SYNC_BURST_KEYFRAME,
          "Serve burst-value data starting on a keyframe", "burst-keyframe"},
      {GST_SOCKET_SYNC_BURST_WITH_KEYFRAME,
          "Serve burst-value data preferably starting on a keyframe",
          "burst-with-keyframe"},
      {0, NULL, NULL},
  };

  return register_once (&type, "GstMultiHandleSinkSyncMethod", values);
}

GType
gst_multi_handle_sink_client_status_get_type (void)
{
  static gsize type;
  static const GEnumValue values[] = {
      {GST_SOCKET_CLIENT_OK, "ok", "ok"},
      {GST_SOCKET_CLIENT_CLOSED, "Closed", "closed"},
      {GST_SOCKET_CLIENT_REMOVED, "Removed", "removed"},
      {GST_SOCKET_CLIENT_SLOW, "Too slow", "slow"},
      {GST_SOCKET_CLIENT_ERROR, "Error", "error"},
      {GST_SOCKET_CLIENT_DUPLICATE, "Duplicate", "duplicate"},
      {GST_SOCKET_CLIENT_FLUSHING, "Flushing", "flushing"},
      {0, NULL, NULL},
  };

  return register_once (&type, "GstMultiHandleSinkClientStatus", values);
}
