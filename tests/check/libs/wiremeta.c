/* SPDX-License-Identifier: LGPL-2.1-or-later
 * wiremeta.c: the meta payloads and the extension, byte for byte
 *
 * Here: round trips, and every limit at -1/0/+1.
 * Not here: the core payloads (wire.c), GstMeta, sockets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/socket/gstsocketunaligned.h>
#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketwireext.h>

#include <string.h>

static GstSocketWireMeta
as_meta (const GByteArray *bytes)
{
  GstSocketWireMeta meta = {
      GST_READ_UINT32_LE (bytes->data), bytes->data, bytes->len};

  return meta;
}

GST_START_TEST (test_protection_round_trip_and_limits)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree gchar *text = g_strnfill (1024, 'x');
  GstSocketWireMeta meta;

  fail_if (gst_socket_wire_put_protection (out, text));
  assert_equals_int (out->len, 0);
  text[1023] = '\0';
  fail_unless (gst_socket_wire_put_protection (out, text));
  meta = as_meta (out);
  assert_equals_string (gst_socket_wire_read_protection (&meta, NULL), text);
  GST_WRITE_UINT64_LE (out->data + 1028, 1025);
  fail_if (gst_socket_wire_read_protection (&meta, NULL));
  GST_WRITE_UINT64_LE (out->data + 1028, 1023);
  fail_if (gst_socket_wire_read_protection (&meta, NULL));
  GST_WRITE_UINT64_LE (out->data + 1028, 0);
  fail_if (gst_socket_wire_read_protection (&meta, NULL));
}

GST_END_TEST;

GST_START_TEST (test_roi_round_trip_and_limits)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GstSocketWireRoi roi = {.label = "car",
      .id = 1,
      .parent_id = -1,
      .x = 2,
      .y = 3,
      .w = 4,
      .h = 5,
      .detection = "a, b=(int)1"};
  GstSocketWireRoi back;
  GstSocketWireMeta meta;

  gst_socket_wire_put_roi (out, &roi);
  meta = as_meta (out);
  fail_unless (gst_socket_wire_read_roi (&meta, &back, NULL));
  assert_equals_int (memcmp (&roi, &back, sizeof (roi)), 0);
  GST_WRITE_UINT64_LE (out->data + 580, 257);
  fail_if (gst_socket_wire_read_roi (&meta, &back, NULL));
  GST_WRITE_UINT64_LE (out->data + 580, 256);
  fail_unless (gst_socket_wire_read_roi (&meta, &back, NULL));
  memset (out->data + 4, 'x', 32);
  fail_if (gst_socket_wire_read_roi (&meta, &back, NULL));
  out->data[35] = '\0';
  fail_unless (gst_socket_wire_read_roi (&meta, &back, NULL));
  meta.size--;
  fail_if (gst_socket_wire_read_roi (&meta, &back, NULL));
}

GST_END_TEST;

GST_START_TEST (test_classification_round_trip_and_limits)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree GstSocketWireClassification *in =
      g_new0 (GstSocketWireClassification, 1);
  g_autofree GstSocketWireClassification *back =
      g_new0 (GstSocketWireClassification, 1);
  GstSocketWireMeta meta;

  in->id = 4;
  in->parent_id = -2;
  in->n_labels = 32;
  for (guint i = 0; i < 32; i++) {
    g_snprintf (in->labels[i].name, 32, "label %u", i);
    in->labels[i].confidence = i / 32.0;
    in->labels[i].color = i;
  }
  gst_socket_wire_put_classification (out, in);
  assert_equals_int (out->len, 9876);
  meta = as_meta (out);
  fail_unless (gst_socket_wire_read_classification (&meta, back, NULL));
  assert_equals_int (memcmp (in, back, sizeof (*in)), 0);
  GST_WRITE_UINT64_LE (out->data + 9868, 33);
  fail_if (gst_socket_wire_read_classification (&meta, back, NULL));
  GST_WRITE_UINT64_LE (out->data + 9868, 31);
  fail_unless (gst_socket_wire_read_classification (&meta, back, NULL));
}

GST_END_TEST;

static GstSocketWireLandmarks *
some_landmarks (void)
{
  GstSocketWireLandmarks *in = g_new0 (GstSocketWireLandmarks, 1);

  in->id = 9;
  in->parent_id = -1;
  in->confidence = 0.5;
  in->n_keypoints = 64;
  in->n_links = 64;
  for (guint i = 0; i < 64; i++) {
    g_snprintf (in->keypoints[i].name, 32, "point %u", i);
    in->keypoints[i].x = -5;
    in->keypoints[i].y = i;
    in->links[i].source = i;
    in->links[i].destination = 63 - i;
  }
  g_strlcpy (in->xtraparams, "x, y=(int)2", sizeof (in->xtraparams));
  return in;
}

GST_START_TEST (test_landmarks_round_trip_and_limits)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree GstSocketWireLandmarks *in = some_landmarks ();
  g_autofree GstSocketWireLandmarks *back = g_new0 (GstSocketWireLandmarks, 1);
  GstSocketWireMeta meta;

  gst_socket_wire_put_landmarks (out, in);
  assert_equals_int (out->len, 4140);
  meta = as_meta (out);
  fail_unless (gst_socket_wire_read_landmarks (&meta, back, NULL));
  assert_equals_int (memcmp (in, back, sizeof (*in)), 0);
  GST_WRITE_UINT64_LE (out->data + 3348, 65);
  fail_if (gst_socket_wire_read_landmarks (&meta, back, NULL));
  GST_WRITE_UINT64_LE (out->data + 3348, 63);
  fail_if (gst_socket_wire_read_landmarks (&meta, back, NULL));
  GST_WRITE_UINT64_LE (out->data + 3348, 64);
  GST_WRITE_UINT64_LE (out->data + 3868, 65);
  fail_if (gst_socket_wire_read_landmarks (&meta, back, NULL));
  GST_WRITE_UINT64_LE (out->data + 3868, 63);
  fail_unless (gst_socket_wire_read_landmarks (&meta, back, NULL));
}

GST_END_TEST;

static GByteArray *
some_own_buffer (GstSocketWireExtBuffer *wire)
{
  GByteArray *out = g_byte_array_new ();
  gsize start, item;

  memset (wire, 0, sizeof (*wire));
  wire->fresh = 1;
  wire->n_blocks = 2;
  wire->flags = 0x40;
  wire->pts = 1;
  wire->dts = 2;
  wire->duration = 3;
  wire->offset = 4;
  wire->offset_end = 5;
  wire->blocks[0] =
      (GstSocketWireExtBlock){.id = 7, .offset = 10, .size = 20, .maxsize = 30};
  wire->blocks[1] = (GstSocketWireExtBlock){.id = 8,
      .kind = GST_SOCKET_WIRE_EXT_BLOCK_INLINE,
      .size = 5,
      .maxsize = 5,
      .data = (const guint8 *) "hello"};
  start = gst_socket_wire_ext_begin_buffer (out, wire);
  item =
      gst_socket_wire_ext_begin_item (out, GST_SOCKET_WIRE_EXT_ITEM_PROTECTION);
  gst_socket_wire_put_bytes (out, "abc", 3);
  gst_socket_wire_ext_end_item (out, item);
  gst_socket_wire_ext_end_buffer (out, start);
  return out;
}

static gboolean
own_buffer_parses (const GByteArray *out, GstSocketWireExtBuffer *ret)
{
  GstSocketWireExt ext;

  return gst_socket_wire_ext_parse (out->data, out->len, &ext, NULL)
      && ext.kind == GST_SOCKET_WIRE_EXT_BUFFER
      && gst_socket_wire_ext_read_buffer (&ext, ret, NULL);
}

GST_START_TEST (test_own_buffer_round_trip)
{
  GstSocketWireExtBuffer in, back;
  g_autoptr (GByteArray) out = some_own_buffer (&in);
  GstSocketWireExtItem item;

  fail_unless (own_buffer_parses (out, &back));
  assert_equals_int (back.fresh, 1);
  assert_equals_int (back.n_blocks, 2);
  assert_equals_int (back.flags, 0x40);
  assert_equals_uint64 (back.offset_end, 5);
  assert_equals_int (back.blocks[0].id, 7);
  assert_equals_uint64 (back.blocks[0].offset, 10);
  assert_equals_int (memcmp (back.blocks[1].data, "hello", 5), 0);
  fail_unless (gst_socket_wire_ext_next_item (&back, &item));
  assert_equals_int (item.type, GST_SOCKET_WIRE_EXT_ITEM_PROTECTION);
  assert_equals_int (item.size, 3);
  assert_equals_int (memcmp (item.data, "abc", 3), 0);
  fail_if (gst_socket_wire_ext_next_item (&back, &item));
}

GST_END_TEST;

GST_START_TEST (test_limits_of_own_buffers)
{
  GstSocketWireExtBuffer in, back;
  g_autoptr (GByteArray) out = some_own_buffer (&in);
  guint8 *body = out->data + GST_SOCKET_WIRE_EXT_HEADER_SIZE;

  GST_WRITE_UINT32_LE (body, 2);
  fail_if (own_buffer_parses (out, &back));
  GST_WRITE_UINT32_LE (body, 4);
  fail_if (own_buffer_parses (out, &back));
  GST_WRITE_UINT32_LE (body, 1);
  GST_WRITE_UINT32_LE (body + 4, 17);
  fail_if (own_buffer_parses (out, &back));
  GST_WRITE_UINT32_LE (body + 4, 2);
  GST_WRITE_UINT64_LE (body + 56 + 8, 11);
  fail_if (own_buffer_parses (out, &back));
  GST_WRITE_UINT64_LE (body + 56 + 8, G_MAXUINT64);
  fail_if (own_buffer_parses (out, &back));
  GST_WRITE_UINT64_LE (body + 56 + 8, 9);
  fail_unless (own_buffer_parses (out, &back));
  GST_WRITE_UINT32_LE (body + 56 + 4, 2);
  fail_if (own_buffer_parses (out, &back));
}

GST_END_TEST;

GST_START_TEST (test_every_cut_of_an_own_buffer_is_noticed)
{
  GstSocketWireExtBuffer in, back;
  g_autoptr (GByteArray) out = some_own_buffer (&in);
  GstSocketWireExtItem item;
  gsize items = out->len - 16;

  for (gsize size = 12; size < out->len; size++) {
    g_autofree guint8 *copy = g_memdup2 (out->data, size);
    GByteArray cut = {copy, size};

    GST_WRITE_UINT32_LE (copy + 4, size);
    fail_unless (own_buffer_parses (&cut, &back) == (size >= items));
    fail_if (size >= items && gst_socket_wire_ext_next_item (&back, &item));
  }
  fail_unless (own_buffer_parses (out, &back));
}

GST_END_TEST;

GST_START_TEST (test_own_texts_pairs_and_ids_round_trip)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint32 head[2] = {1, 2}, ids[2] = {3, 4};
  g_autofree gchar *text = NULL;
  guint64 first, second;
  const guint8 *back;
  GstSocketWireExt ext;
  guint n;

  gst_socket_wire_ext_put_text (
      out, GST_SOCKET_WIRE_EXT_STREAM_START, head, 2, "id");
  fail_unless (gst_socket_wire_ext_parse (out->data, out->len, &ext, NULL));
  head[0] = 0;
  text = gst_socket_wire_ext_read_text (&ext, head, 2, NULL);
  assert_equals_string (text, "id");
  assert_equals_int (head[0], 1);
  g_byte_array_set_size (out, 0);
  gst_socket_wire_ext_put_pair (out, GST_SOCKET_WIRE_EXT_GAP, 5, 6);
  fail_unless (gst_socket_wire_ext_parse (out->data, out->len, &ext, NULL));
  fail_unless (gst_socket_wire_ext_read_pair (&ext, &first, &second, NULL));
  assert_equals_uint64 (second, 6);
  g_byte_array_set_size (out, 0);
  gst_socket_wire_ext_put_ids (out, GST_SOCKET_WIRE_EXT_RELEASE, ids, 2);
  fail_unless (gst_socket_wire_ext_parse (out->data, out->len, &ext, NULL));
  fail_unless (gst_socket_wire_ext_read_ids (&ext, &back, &n, NULL));
  assert_equals_int (n, 2);
  assert_equals_int (GST_READ_UINT32_LE (back + 4), 4);
  GST_WRITE_UINT32_LE (out->data + 12, 3);
  fail_if (gst_socket_wire_ext_read_ids (&ext, &back, &n, NULL));
}

GST_END_TEST;

/* Places in a segment's body. */
#define SEGMENT_OFFSET 32
#define SEGMENT_START 40
#define SEGMENT_STOP 48

GST_START_TEST (test_segment_round_trip_and_limits)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GstSegment in, back;
  GstSocketWireExt ext;

  gst_segment_init (&in, GST_FORMAT_TIME);
  in.rate = -2.0;
  in.start = 5;
  in.stop = 50;
  in.base = 7;
  gst_socket_wire_ext_put_segment (out, &in);
  fail_unless (gst_socket_wire_ext_parse (out->data, out->len, &ext, NULL));
  fail_unless (gst_socket_wire_ext_read_segment (&ext, &back, NULL));
  fail_unless (gst_segment_is_equal (&in, &back));
  GST_WRITE_UINT64_LE (out->data + 12 + SEGMENT_OFFSET, 46);
  fail_if (gst_socket_wire_ext_read_segment (&ext, &back, NULL));
  GST_WRITE_UINT64_LE (out->data + 12 + SEGMENT_OFFSET, 45);
  fail_unless (gst_socket_wire_ext_read_segment (&ext, &back, NULL));
  GST_WRITE_UINT64_LE (out->data + 12 + SEGMENT_STOP, 4);
  fail_if (gst_socket_wire_ext_read_segment (&ext, &back, NULL));
  /* What plays backwards has an end. */
  GST_WRITE_UINT64_LE (out->data + 12 + SEGMENT_STOP, G_MAXUINT64);
  fail_if (gst_socket_wire_ext_read_segment (&ext, &back, NULL));
  GST_WRITE_DOUBLE_LE (out->data + 12 + 8, 2.0);
  fail_unless (gst_socket_wire_ext_read_segment (&ext, &back, NULL));
  GST_WRITE_UINT64_LE (out->data + 12 + SEGMENT_START, G_MAXUINT64);
  fail_if (gst_socket_wire_ext_read_segment (&ext, &back, NULL));
  GST_WRITE_UINT64_LE (out->data + 12 + SEGMENT_START, 5);
  GST_WRITE_DOUBLE_LE (out->data + 12 + 8, 0.0);
  fail_if (gst_socket_wire_ext_read_segment (&ext, &back, NULL));
  GST_WRITE_DOUBLE_LE (out->data + 12 + 8, 1.0);
  GST_WRITE_UINT32_LE (out->data + 12 + 4, 77);
  fail_if (gst_socket_wire_ext_read_segment (&ext, &back, NULL));
}

GST_END_TEST;

GST_START_TEST (test_text_that_is_not_utf8)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GstSocketWireExt ext;

  gst_socket_wire_ext_put_text (out, GST_SOCKET_WIRE_EXT_CAPS, NULL, 0, "abc");
  out->data[13] = 0xff;
  fail_unless (gst_socket_wire_ext_parse (out->data, out->len, &ext, NULL));
  fail_if (gst_socket_wire_ext_read_text (&ext, NULL, 0, NULL));
}

GST_END_TEST;

static Suite *
wiremeta_suite (void)
{
  Suite *suite = suite_create ("wiremeta");
  TCase *tc = tcase_create ("core");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_protection_round_trip_and_limits);
  tcase_add_test (tc, test_roi_round_trip_and_limits);
  tcase_add_test (tc, test_classification_round_trip_and_limits);
  tcase_add_test (tc, test_landmarks_round_trip_and_limits);
  tcase_add_test (tc, test_own_buffer_round_trip);
  tcase_add_test (tc, test_limits_of_own_buffers);
  tcase_add_test (tc, test_every_cut_of_an_own_buffer_is_noticed);
  tcase_add_test (tc, test_own_texts_pairs_and_ids_round_trip);
  tcase_add_test (tc, test_segment_round_trip_and_limits);
  tcase_add_test (tc, test_text_that_is_not_utf8);
  return suite;
}

GST_CHECK_MAIN (wiremeta);
