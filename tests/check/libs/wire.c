/* SPDX-License-Identifier: LGPL-2.1-or-later
 * wire.c: the messages between processes, byte for byte
 *
 * Here: both dialects, all twelve payloads, every limit at -1/0/+1.
 * Not here: the extension (wireext.c), sockets (fdpass.c), elements.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/socket/gstsocketunaligned.h>
#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketwire.h>

#include <string.h>

static const gsize sizes[] = {
    4, 4, 72, 88, 60, 1044, 44, 8, 1044, 588, 9876, 4140};

static GstSocketWireFrame
some_frame (void)
{
  GstSocketWireFrame frame = {.width = 16,
      .height = 8,
      .format = 23,
      .n_planes = 2,
      .offset = {64, 192},
      .stride = {16, -16},
      .flags = 1,
      .size = 256,
      .maxsize = 4096};

  return frame;
}

static GByteArray *
some_buffer (void)
{
  GByteArray *out = g_byte_array_new ();
  GstSocketWireInfo info = {
      .buf_id = {7}, .pts = 1, .dts = 2, .duration = 3, .use_pool = 1};
  GstSocketWireFrame frame = some_frame ();

  gst_socket_wire_put_fd_count (out, 1);
  gst_socket_wire_put_info (out, &info, 1);
  gst_socket_wire_put_frame (out, &frame);
  return out;
}

/* Returns whether it was taken; code, if not NULL, is what it failed with. */
static gboolean
parses (const guint8 *data, gsize size, gint *code)
{
  g_autoptr (GError) error = NULL;
  GstSocketWireMessage msg;
  gboolean ok = gst_socket_wire_message_parse (&msg, data, size, &error);

  fail_unless (ok == (error == NULL));
  if (ok)
    gst_socket_wire_message_clear (&msg);
  else if (code != NULL)
    *code = error->code;
  return ok;
}

static gboolean
buffer_parses_with (gsize at, guint32 value)
{
  g_autoptr (GByteArray) out = some_buffer ();

  GST_WRITE_UINT32_LE (out->data + at, value);
  return parses (out->data, out->len, NULL);
}

static gboolean
buffer_parses_with64 (gsize at, guint64 value)
{
  g_autoptr (GByteArray) out = some_buffer ();

  GST_WRITE_UINT64_LE (out->data + at, value);
  return parses (out->data, out->len, NULL);
}

GST_START_TEST (test_sizes_are_those_of_the_format)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    assert_equals_int (gst_socket_wire_payload_size (i), sizes[i]);
  assert_equals_int (gst_socket_wire_payload_size (12), 0);
}

GST_END_TEST;

/* Member by member: what pads the struct is not compared. */
static void
assert_same_frame (const GstSocketWireFrame *a, const GstSocketWireFrame *b)
{
  assert_equals_int (a->width, b->width);
  assert_equals_int (a->height, b->height);
  assert_equals_int (a->format, b->format);
  assert_equals_int (a->n_planes, b->n_planes);
  assert_equals_int (memcmp (a->offset, b->offset, sizeof a->offset), 0);
  assert_equals_int (memcmp (a->stride, b->stride, sizeof a->stride), 0);
  assert_equals_int (a->flags, b->flags);
  assert_equals_uint64 (a->size, b->size);
  assert_equals_uint64 (a->maxsize, b->maxsize);
}

GST_START_TEST (test_buffer_message_round_trip)
{
  g_autoptr (GByteArray) out = some_buffer ();
  GstSocketWireFrame frame = some_frame ();
  GstSocketWireMessage msg;

  assert_equals_int (out->len, 168);
  fail_unless (gst_socket_wire_message_parse (&msg, out->data, out->len, NULL));
  assert_equals_int (msg.n_fds, 1);
  assert_equals_int (msg.n_blocks, 1);
  assert_equals_int (msg.info.buf_id[0], 7);
  assert_equals_uint64 (msg.info.pts, 1);
  assert_equals_uint64 (msg.info.dts, 2);
  assert_equals_uint64 (msg.info.duration, 3);
  assert_equals_int (msg.info.use_pool, 1);
  assert_equals_int (msg.blocks[0].identity, GST_SOCKET_WIRE_FRAME);
  assert_same_frame (&msg.blocks[0].frame, &frame);
  gst_socket_wire_message_clear (&msg);
}

GST_END_TEST;

GST_START_TEST (test_bytes_of_a_frame_are_where_they_belong)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GstSocketWireFrame frame = some_frame ();

  gst_socket_wire_put_frame (out, &frame);
  assert_equals_int (GST_READ_UINT32_LE (out->data), 3);
  assert_equals_int (GST_READ_UINT32_LE (out->data + 4), 16);
  assert_equals_int (GST_READ_UINT32_LE (out->data + 12), 23);
  assert_equals_uint64 (GST_READ_UINT64_LE (out->data + 28), 192);
  assert_equals_int ((gint32) GST_READ_UINT32_LE (out->data + 56), -16);
  assert_equals_int (GST_READ_UINT32_LE (out->data + 68), 1);
  assert_equals_uint64 (GST_READ_UINT64_LE (out->data + 72), 256);
  assert_equals_uint64 (GST_READ_UINT64_LE (out->data + 80), 4096);
}

GST_END_TEST;

/* Offsets in some_buffer (): count 0, info 8, frame 80. */
GST_START_TEST (test_limits_of_a_frame)
{
  fail_if (buffer_parses_with (80 + 16, 0));
  fail_unless (buffer_parses_with (80 + 16, 1));
  fail_unless (buffer_parses_with (80 + 16, 2));
  fail_if (buffer_parses_with (80 + 16, 5));
  fail_if (buffer_parses_with (80 + 4, 0));
  fail_unless (buffer_parses_with (80 + 4, G_MAXINT32));
  fail_if (buffer_parses_with (80 + 4, (guint32) G_MAXINT32 + 1));
  fail_if (buffer_parses_with64 (80 + 72, 0));
  fail_if (buffer_parses_with64 (80 + 72, 192));
  fail_unless (buffer_parses_with64 (80 + 72, 193));
  fail_unless (buffer_parses_with64 (80 + 72, 4096));
  fail_if (buffer_parses_with64 (80 + 72, 4097));
  fail_unless (buffer_parses_with64 (80 + 20, 255));
  fail_if (buffer_parses_with64 (80 + 20, 256));
  fail_if (buffer_parses_with64 (80 + 20, G_MAXUINT64));
}

GST_END_TEST;

GST_START_TEST (test_limits_of_the_descriptor_count)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gint32 ids[10] = {0};

  fail_if (buffer_parses_with (4, 0));
  fail_unless (buffer_parses_with (4, 1));
  fail_if (buffer_parses_with (4, 2));
  gst_socket_wire_put_return (out, ids, 10);
  fail_unless (parses (out->data, out->len, NULL));
  GST_WRITE_UINT32_LE (out->data + 4, 11);
  fail_if (parses (out->data, out->len, NULL));
  GST_WRITE_UINT32_LE (out->data + 4, (guint32) -1);
  fail_if (parses (out->data, out->len, NULL));
}

GST_END_TEST;

static GByteArray *
some_tensors (guint n)
{
  GByteArray *out = g_byte_array_new ();
  GstSocketWireInfo info = {.buf_id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
  GstSocketWireTensor tensor = {.type = 10,
      .n_dimensions = 8,
      .dimensions = {1, 2, 3, 4, 5, 6, 7, 8},
      .size = 5,
      .maxsize = 5};

  gst_socket_wire_put_info (out, &info, MIN (n, 10));
  for (guint i = 0; i < n; i++)
    gst_socket_wire_put_tensor (out, &tensor);
  return out;
}

GST_START_TEST (test_tensors_round_trip)
{
  g_autoptr (GByteArray) out = some_tensors (10);
  GstSocketWireMessage msg;

  assert_equals_int (out->len, 72 + 600);
  fail_unless (gst_socket_wire_message_parse (&msg, out->data, out->len, NULL));
  assert_equals_int (msg.n_blocks, 10);
  assert_equals_int (msg.info.buf_id[9], 10);
  assert_equals_int (msg.blocks[9].tensor.type, 10);
  assert_equals_int (msg.blocks[9].tensor.dimensions[7], 8);
  assert_equals_uint64 (msg.blocks[9].tensor.size, 5);
  gst_socket_wire_message_clear (&msg);
}

GST_END_TEST;

GST_START_TEST (test_limits_of_tensors)
{
  g_autoptr (GByteArray) eleven = some_tensors (11);
  g_autoptr (GByteArray) one = some_tensors (1);

  fail_if (parses (eleven->data, eleven->len, NULL));
  GST_WRITE_UINT32_LE (one->data + 72 + 4, 11);
  fail_if (parses (one->data, one->len, NULL));
  GST_WRITE_UINT32_LE (one->data + 72 + 4, 0);
  fail_unless (parses (one->data, one->len, NULL));
  GST_WRITE_UINT32_LE (one->data + 72 + 8, 9);
  fail_if (parses (one->data, one->len, NULL));
  GST_WRITE_UINT32_LE (one->data + 72 + 8, 7);
  fail_unless (parses (one->data, one->len, NULL));
  GST_WRITE_UINT64_LE (one->data + 72 + 44, 6);
  fail_if (parses (one->data, one->len, NULL));
  GST_WRITE_UINT64_LE (one->data + 72 + 44, 4);
  fail_unless (parses (one->data, one->len, NULL));
}

GST_END_TEST;

static gboolean
text_of_size_parses (guint64 size)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GstSocketWireInfo info = {.buf_id = {-1}};

  gst_socket_wire_put_info (out, &info, 1);
  gst_socket_wire_put_text (out, (const guint8 *) "hello", 5);
  GST_WRITE_UINT64_LE (out->data + 72 + 1028, size);
  return parses (out->data, out->len, NULL);
}

GST_START_TEST (test_text_round_trip_and_limits)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GstSocketWireInfo info = {.buf_id = {-1}};
  GstSocketWireMessage msg;

  gst_socket_wire_put_info (out, &info, 1);
  gst_socket_wire_put_text (out, (const guint8 *) "hello", 5);
  assert_equals_int (out->len, 1116);
  fail_unless (gst_socket_wire_message_parse (&msg, out->data, out->len, NULL));
  assert_equals_int (msg.info.buf_id[0], -1);
  assert_equals_uint64 (msg.blocks[0].text.size, 5);
  assert_equals_uint64 (msg.blocks[0].text.maxsize, 5);
  assert_equals_int (memcmp (msg.blocks[0].text.data, "hello", 6), 0);
  gst_socket_wire_message_clear (&msg);
  fail_unless (text_of_size_parses (0));
  fail_unless (text_of_size_parses (1023));
  fail_unless (text_of_size_parses (1024));
  fail_if (text_of_size_parses (1025));
}

GST_END_TEST;

GST_START_TEST (test_signals_and_returns_round_trip)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gint32 ids[3] = {4, -1, 6};
  GstSocketWireMessage msg;

  gst_socket_wire_put_return (out, ids, 3);
  gst_socket_wire_put_signal (out, GST_SOCKET_WIRE_EOS);
  gst_socket_wire_put_signal (out, GST_SOCKET_WIRE_DISCONNECT);
  assert_equals_int (out->len, 60);
  fail_unless (gst_socket_wire_message_parse (&msg, out->data, out->len, NULL));
  fail_unless (GST_SOCKET_WIRE_HAS (&msg, GST_SOCKET_WIRE_EOS));
  fail_unless (GST_SOCKET_WIRE_HAS (&msg, GST_SOCKET_WIRE_DISCONNECT));
  fail_unless (GST_SOCKET_WIRE_HAS (&msg, GST_SOCKET_WIRE_RETURN_BUFFER));
  assert_equals_int (msg.n_fds, 3);
  assert_equals_int (memcmp (msg.returned, ids, sizeof (ids)), 0);
  gst_socket_wire_message_clear (&msg);
}

GST_END_TEST;

/* Cut anywhere a message is refused, unless the cut is between payloads and
 * what is left has a meaning. */
GST_START_TEST (test_every_cut_is_noticed)
{
  g_autoptr (GByteArray) out = some_buffer ();

  for (gsize size = 0; size < out->len; size++) {
    g_autofree guint8 *copy = g_memdup2 (out->data, size);

    fail_unless (
        parses (copy, size, NULL) == (size == 8), "cut at %u", (guint) size);
  }
}

GST_END_TEST;

GST_START_TEST (test_payloads_that_do_not_belong_together)
{
  g_autoptr (GByteArray) out = some_buffer ();
  gint code = -1;

  fail_if (parses (out->data + 80, 88, &code));
  assert_equals_int (code, GST_SOCKET_WIRE_ERROR_INVALID);
  fail_if (parses (out->data + 8, 72, &code));
  assert_equals_int (code, GST_SOCKET_WIRE_ERROR_INVALID);
  gst_socket_wire_put_text (out, (const guint8 *) "x", 1);
  fail_if (parses (out->data, out->len, &code));
  assert_equals_int (code, GST_SOCKET_WIRE_ERROR_INVALID);
}

GST_END_TEST;

GST_START_TEST (test_unknown_payload_ends_the_walk)
{
  g_autoptr (GByteArray) out = some_buffer ();
  guint8 unknown[8] = {99, 0, 0, 1, 5, 6, 7, 8};
  GstSocketWireMessage msg;

  g_byte_array_append (out, unknown, sizeof (unknown));
  fail_unless (gst_socket_wire_message_parse (&msg, out->data, out->len, NULL));
  assert_equals_int (msg.n_blocks, 1);
  fail_unless (msg.extension == out->data + 168);
  assert_equals_int (msg.extension_size, 8);
  gst_socket_wire_message_clear (&msg);
}

GST_END_TEST;

static GstSocketWireStep
feed (GstSocketWireFraming *framing, const guint8 *data, gsize size)
{
  return gst_socket_wire_framing_feed (framing, data, size, NULL);
}

GST_START_TEST (test_dialects_are_told_apart)
{
  static const guint8 prefix[4] = {0, 0, 0, 52};
  static const guint8 eos[4] = {0, 0, 0, 0};
  static const guint8 disconnect[4] = {1, 0, 0, 0};
  guint8 body[52] = {0};
  GstSocketWireFraming framing = {0};

  assert_equals_int (feed (&framing, prefix, 4), GST_SOCKET_WIRE_STEP_MORE);
  assert_equals_int (framing.dialect, GST_SOCKET_WIRE_DIALECT_CURRENT);
  assert_equals_int (feed (&framing, body, 52), GST_SOCKET_WIRE_STEP_MESSAGE);
  assert_equals_int (feed (&framing, eos, 4), GST_SOCKET_WIRE_STEP_ERROR);
  framing = (GstSocketWireFraming){0};
  assert_equals_int (feed (&framing, eos, 4), GST_SOCKET_WIRE_STEP_MESSAGE);
  assert_equals_int (framing.dialect, GST_SOCKET_WIRE_DIALECT_LEGACY);
  framing = (GstSocketWireFraming){0};
  assert_equals_int (
      feed (&framing, disconnect, 4), GST_SOCKET_WIRE_STEP_MESSAGE);
  assert_equals_int (framing.dialect, GST_SOCKET_WIRE_DIALECT_LEGACY);
  framing = (GstSocketWireFraming){0};
  assert_equals_int (feed (&framing, body, 52), GST_SOCKET_WIRE_STEP_MESSAGE);
  assert_equals_int (framing.dialect, GST_SOCKET_WIRE_DIALECT_LEGACY);
}

GST_END_TEST;

static GstSocketWireStep
feed_length (guint32 length)
{
  GstSocketWireFraming framing = {.dialect = GST_SOCKET_WIRE_DIALECT_CURRENT};
  guint8 prefix[4];

  gst_socket_wire_put_prefix (prefix, length);
  return feed (&framing, prefix, 4);
}

GST_START_TEST (test_limits_of_the_length)
{
  assert_equals_int (feed_length (3), GST_SOCKET_WIRE_STEP_ERROR);
  assert_equals_int (feed_length (4), GST_SOCKET_WIRE_STEP_MORE);
  assert_equals_int (feed_length (5), GST_SOCKET_WIRE_STEP_MORE);
  assert_equals_int (feed_length (212959), GST_SOCKET_WIRE_STEP_MORE);
  assert_equals_int (feed_length (212960), GST_SOCKET_WIRE_STEP_MORE);
  assert_equals_int (feed_length (212961), GST_SOCKET_WIRE_STEP_ERROR);
  assert_equals_int (feed_length (G_MAXUINT32), GST_SOCKET_WIRE_STEP_ERROR);
}

GST_END_TEST;

GST_START_TEST (test_body_has_the_announced_length)
{
  for (gint delta = -1; delta <= 1; delta++) {
    GstSocketWireFraming framing = {0};
    guint8 record[64] = {0};
    guint8 prefix[4];

    gst_socket_wire_put_prefix (prefix, 52);
    feed (&framing, prefix, 4);
    assert_equals_int (feed (&framing, record, 52 + delta),
        delta == 0 ? GST_SOCKET_WIRE_STEP_MESSAGE : GST_SOCKET_WIRE_STEP_ERROR);
  }
}

GST_END_TEST;

static Suite *
wire_suite (void)
{
  Suite *suite = suite_create ("wire");
  TCase *tc = tcase_create ("core");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_sizes_are_those_of_the_format);
  tcase_add_test (tc, test_buffer_message_round_trip);
  tcase_add_test (tc, test_bytes_of_a_frame_are_where_they_belong);
  tcase_add_test (tc, test_limits_of_a_frame);
  tcase_add_test (tc, test_limits_of_the_descriptor_count);
  tcase_add_test (tc, test_tensors_round_trip);
  tcase_add_test (tc, test_limits_of_tensors);
  tcase_add_test (tc, test_text_round_trip_and_limits);
  tcase_add_test (tc, test_signals_and_returns_round_trip);
  tcase_add_test (tc, test_every_cut_is_noticed);
  tcase_add_test (tc, test_payloads_that_do_not_belong_together);
  tcase_add_test (tc, test_unknown_payload_ends_the_walk);
  tcase_add_test (tc, test_dialects_are_told_apart);
  tcase_add_test (tc, test_limits_of_the_length);
  tcase_add_test (tc, test_body_has_the_announced_length);
  return suite;
}

GST_CHECK_MAIN (wire);
