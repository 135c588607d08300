/* SPDX-License-Identifier: LGPL-2.1-or-later
 * wire.c: fuzz target of gstsocketwire*.c
 *
 * Here: that no record crashes the parsers, and that what they let through
 * keeps the bounds they promise.
 * Not here: which records are right (tests/check/libs/wire.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include <gst/socket/gstsocketwireext.h>

static void
try_framing (const uint8_t *data, size_t size)
{
  GstSocketWireFraming framing = {0};

  for (size_t at = 0; at < size; at += 4) {
    g_autoptr (GError) error = NULL;
    GstSocketWireStep step = gst_socket_wire_framing_feed (
        &framing, data + at, MIN (size - at, 4), &error);

    g_assert ((step == GST_SOCKET_WIRE_STEP_ERROR) == (error != NULL));
  }
}

static void
try_meta (const GstSocketWireMeta *meta)
{
  g_autofree GstSocketWireClassification *classification =
      g_new (GstSocketWireClassification, 1);
  g_autofree GstSocketWireLandmarks *landmarks =
      g_new (GstSocketWireLandmarks, 1);
  const gchar *text = gst_socket_wire_read_protection (meta, NULL);
  GstSocketWireRoi roi;

  if (text != NULL)
    g_assert_cmpuint (strlen (text), <, GST_SOCKET_WIRE_MAX_TEXT);
  if (gst_socket_wire_read_roi (meta, &roi, NULL))
    g_assert_cmpuint (strlen (roi.label), <, GST_SOCKET_WIRE_MAX_NAME);
  if (gst_socket_wire_read_classification (meta, classification, NULL))
    g_assert_cmpuint (classification->n_labels, <=, GST_SOCKET_WIRE_MAX_LABELS);
  if (gst_socket_wire_read_landmarks (meta, landmarks, NULL))
    g_assert_cmpuint (landmarks->n_links, <=, GST_SOCKET_WIRE_MAX_LINKS);
}

static void
try_own_buffer (const GstSocketWireExt *ext)
{
  GstSocketWireExtBuffer buffer;
  GstSocketWireExtItem item;
  guint8 sum = 0;

  if (!gst_socket_wire_ext_read_buffer (ext, &buffer, NULL))
    return;
  g_assert_cmpuint (buffer.n_blocks, <=, GST_SOCKET_WIRE_EXT_MAX_BLOCKS);
  for (guint i = 0; i < buffer.n_blocks; i++) {
    const GstSocketWireExtBlock *block = &buffer.blocks[i];

    g_assert_cmpuint (block->offset + block->size, <=, block->maxsize);
    for (guint64 b = 0; block->data != NULL && b < block->size; b++)
      sum += block->data[b];
  }
  while (gst_socket_wire_ext_next_item (&buffer, &item)) {
    for (gsize b = 0; b < item.size; b++)
      sum += item.data[b];
  }
  g_assert_cmpuint (sum, <=, G_MAXUINT8);
}

static void
try_extension (const uint8_t *data, size_t size)
{
  GstSocketWireExtHello hello;
  GstSocketWireExt ext;
  GstSegment segment;
  const guint8 *ids;
  guint64 first, second;
  guint32 head[2];
  guint n;

  if (!gst_socket_wire_ext_parse (data, size, &ext, NULL))
    return;
  gst_socket_wire_ext_read_hello (&ext, &hello, NULL);
  gst_socket_wire_ext_read_pair (&ext, &first, &second, NULL);
  gst_socket_wire_ext_read_segment (&ext, &segment, NULL);
  g_free (gst_socket_wire_ext_read_text (&ext, head, 2, NULL));
  if (gst_socket_wire_ext_read_ids (&ext, &ids, &n, NULL))
    g_assert (ids + 4 * n <= data + size);
  try_own_buffer (&ext);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  GstSocketWireMessage msg;

  try_framing (data, size);
  try_extension (data, size);
  if (!gst_socket_wire_message_parse (&msg, data, size, &error)) {
    g_assert (error != NULL && error->message[0] != '\0');
    return 0;
  }
  g_assert_no_error (error);
  g_assert_cmpuint (msg.n_blocks, <=, GST_SOCKET_WIRE_MAX_BLOCKS);
  g_assert_cmpint (msg.n_fds, <=, GST_SOCKET_WIRE_MAX_BLOCKS);
  for (guint i = 0; msg.metas != NULL && i < msg.metas->len; i++)
    try_meta (&g_array_index (msg.metas, GstSocketWireMeta, i));
  if (msg.extension != NULL)
    try_extension (msg.extension, msg.extension_size);
  gst_socket_wire_message_clear (&msg);
  return 0;
}
