/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetheaders.c: what a stream begins with for who comes later
 *
 * Here: the stream headers that caps hold. Not here: when they are sent.
 *
 * Threads   any
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetheaders.h"

/* What applications put among the headers that is no buffer is left out. */
GPtrArray *
gst_net_headers_of (GstBaseSink *sink)
{
  g_autoptr (GstCaps) caps =
      gst_pad_get_current_caps (GST_BASE_SINK_PAD (sink));
  GPtrArray *buffers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  const GValue *headers = NULL;

  if (caps != NULL && gst_caps_get_size (caps) > 0)
    headers = gst_structure_get_value (
        gst_caps_get_structure (caps, 0), "streamheader");
  if (headers == NULL || !GST_VALUE_HOLDS_ARRAY (headers))
    return buffers;
  for (guint i = 0; i < gst_value_array_get_size (headers); i++) {
    const GValue *header = gst_value_array_get_value (headers, i);

    if (GST_VALUE_HOLDS_BUFFER (header) && gst_value_get_buffer (header))
      g_ptr_array_add (buffers, g_value_dup_boxed (header));
  }
  return buffers;
}
