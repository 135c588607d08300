/* SPDX-License-Identifier: LGPL-2.1-or-later
 * packetpool.c: tests of the buffers for received packets
 *
 * Here: gstsocketpacketpool. Not here: sockets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/net/gstnetaddressmeta.h>
#include <gst/socket/gstsocketpacketpool.h>

#include <string.h>

#include "testutil.h"

#define BLOCK 1024

static GstSocketPacketPool *
new_pool (void)
{
  GstSocketPacketPool *pool = gst_socket_packet_pool_new ();

  fail_unless (gst_buffer_pool_set_active (GST_BUFFER_POOL (pool), TRUE));
  return pool;
}

static void
free_pool (GstSocketPacketPool *pool)
{
  fail_unless (gst_buffer_pool_set_active (GST_BUFFER_POOL (pool), FALSE));
  gst_object_unref (pool);
}

static GstBuffer *
get_buffer (
    GstSocketPacketPool *pool, GstSocketBlock *block, gsize offset, gsize size)
{
  GstBuffer *buffer = NULL;

  fail_unless_equals_int (
      gst_socket_packet_pool_get_buffer (pool, block, offset, size, &buffer),
      GST_FLOW_OK);
  return buffer;
}

GST_START_TEST (test_buffers_show_their_part_of_a_block)
{
  GstSocketPacketPool *pool = new_pool ();
  GstSocketBlock *block = gst_socket_packet_pool_get_block (pool, BLOCK);
  GstBuffer *head, *tail;

  memcpy (block->data, "oneTWO", 6);
  head = get_buffer (pool, block, 0, 3);
  tail = get_buffer (pool, block, 3, 3);
  fail_unless_equals_int (gst_buffer_n_memory (head), 1);
  gst_check_buffer_data (head, "one", 3);
  gst_check_buffer_data (tail, "TWO", 3);
  fail_unless (gst_buffer_get_sizes (tail, NULL, NULL) == 3);
  gst_buffer_unref (head);
  gst_buffer_unref (tail);
  gst_socket_block_unref (block);
  free_pool (pool);
}
GST_END_TEST;

GST_START_TEST (test_buffers_can_be_written_without_touching_others)
{
  GstSocketPacketPool *pool = new_pool ();
  GstSocketBlock *block = gst_socket_packet_pool_get_block (pool, BLOCK);
  GstBuffer *head, *tail;

  memcpy (block->data, "oneTWO", 6);
  head = get_buffer (pool, block, 0, 3);
  tail = get_buffer (pool, block, 3, 3);
  fail_unless (gst_buffer_is_all_memory_writable (head));
  fail_unless_equals_int (gst_buffer_memset (head, 0, 'x', 100), 3);
  gst_check_buffer_data (tail, "TWO", 3);
  fail_unless (memcmp (block->data, "xxxTWO", 6) == 0);
  gst_buffer_unref (head);
  gst_buffer_unref (tail);
  gst_socket_block_unref (block);
  free_pool (pool);
}
GST_END_TEST;

GST_START_TEST (test_block_is_unshared_when_its_buffers_are_gone)
{
  GstSocketPacketPool *pool = new_pool ();
  GstSocketBlock *block = gst_socket_packet_pool_get_block (pool, BLOCK);
  GstBuffer *buffer = get_buffer (pool, block, 0, 10);

  fail_if (gst_socket_block_is_unshared (block));
  gst_buffer_unref (buffer);
  fail_unless (gst_socket_block_is_unshared (block));
  gst_socket_block_unref (block);
  free_pool (pool);
}
GST_END_TEST;

GST_START_TEST (test_buffers_and_blocks_are_used_again)
{
  GstSocketPacketPool *pool = new_pool ();
  GstSocketBlock *block = gst_socket_packet_pool_get_block (pool, BLOCK), *next;
  GstBuffer *buffer = get_buffer (pool, block, 0, 10), *again;
  gpointer buffer_before = buffer, data_before = block->data;

  GST_BUFFER_PTS (buffer) = 7;
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  gst_buffer_resize (buffer, 3, 2);
  gst_buffer_unref (buffer);
  again = get_buffer (pool, block, 5, 20);
  fail_unless ((gpointer) again == buffer_before);
  fail_unless_equals_int (gst_buffer_get_size (again), 20);
  fail_if (GST_BUFFER_PTS_IS_VALID (again));
  fail_if (GST_BUFFER_FLAG_IS_SET (again, GST_BUFFER_FLAG_DISCONT));
  gst_buffer_unref (again);

  gst_socket_block_unref (block);
  next = gst_socket_packet_pool_get_block (pool, BLOCK);
  fail_unless ((gpointer) next->data == data_before);
  gst_socket_block_unref (next);
  next = gst_socket_packet_pool_get_block (pool, BLOCK * 2);
  fail_unless_equals_int (next->size, BLOCK * 2);
  gst_socket_block_unref (next);
  free_pool (pool);
}
GST_END_TEST;

GST_START_TEST (test_copy_keeps_its_bytes_after_the_buffer_is_gone)
{
  GstSocketPacketPool *pool = new_pool ();
  GstSocketBlock *block = gst_socket_packet_pool_get_block (pool, BLOCK);
  GstBuffer *buffer, *copy, *part, *other;

  memcpy (block->data, "keep", 4);
  buffer = get_buffer (pool, block, 0, 4);
  copy = gst_buffer_copy (buffer);
  part = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_MEMORY, 1, 2);
  gst_buffer_unref (buffer);
  fail_if (gst_socket_block_is_unshared (block));
  /* The buffer was not pooled with memory that others look at. */
  other = get_buffer (pool, block, 100, 4);
  gst_buffer_memset (other, 0, 'x', 4);
  gst_check_buffer_data (copy, "keep", 4);
  gst_check_buffer_data (part, "ee", 2);
  gst_buffer_unref (other);
  gst_buffer_unref (copy);
  gst_buffer_unref (part);
  fail_unless (gst_socket_block_is_unshared (block));
  gst_socket_block_unref (block);
  free_pool (pool);
}
GST_END_TEST;

GST_START_TEST (test_memory_outlives_pool_and_buffer)
{
  GstSocketPacketPool *pool = new_pool ();
  GstSocketBlock *block = gst_socket_packet_pool_get_block (pool, BLOCK);
  GstBuffer *buffer;
  GstMemory *memory;
  GstMapInfo map;

  memcpy (block->data, "late", 4);
  buffer = get_buffer (pool, block, 0, 4);
  memory = gst_buffer_get_memory (buffer, 0);
  gst_socket_block_unref (block);
  free_pool (pool);
  gst_buffer_unref (buffer);
  fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
  fail_unless (map.size == 4 && memcmp (map.data, "late", 4) == 0);
  gst_memory_unmap (memory, &map);
  gst_memory_unref (memory);
}
GST_END_TEST;

GST_START_TEST (test_only_pooled_metas_stay)
{
  GstSocketPacketPool *pool = new_pool ();
  GstSocketBlock *block = gst_socket_packet_pool_get_block (pool, BLOCK);
  GstBuffer *buffer = get_buffer (pool, block, 0, 4);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", 1);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("timestamp/x-unix");
  GstNetAddressMeta *meta = gst_buffer_add_net_address_meta (buffer, address);

  GST_META_FLAG_SET (meta, GST_META_FLAG_POOLED);
  gst_buffer_add_reference_timestamp_meta (
      buffer, caps, 1, GST_CLOCK_TIME_NONE);
  gst_buffer_unref (buffer);
  buffer = get_buffer (pool, block, 0, 4);
  fail_unless (gst_buffer_get_net_address_meta (buffer) != NULL);
  fail_unless (gst_buffer_get_reference_timestamp_meta (buffer, NULL) == NULL);
  gst_buffer_unref (buffer);
  gst_socket_block_unref (block);
  free_pool (pool);
}
GST_END_TEST;

GST_START_TEST (test_inactive_pool_gives_nothing)
{
  GstSocketPacketPool *pool = gst_socket_packet_pool_new ();
  GstSocketBlock *block = gst_socket_packet_pool_get_block (pool, BLOCK);
  GstBuffer *buffer = NULL;

  fail_unless_equals_int (
      gst_socket_packet_pool_get_buffer (pool, block, 0, 4, &buffer),
      GST_FLOW_FLUSHING);
  gst_socket_block_unref (block);
  gst_object_unref (pool);
}
GST_END_TEST;

static Suite *
packetpool_suite (void)
{
  Suite *suite = suite_create ("packetpool");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_buffers_show_their_part_of_a_block);
  tcase_add_test (tc, test_buffers_can_be_written_without_touching_others);
  tcase_add_test (tc, test_block_is_unshared_when_its_buffers_are_gone);
  tcase_add_test (tc, test_buffers_and_blocks_are_used_again);
  tcase_add_test (tc, test_copy_keeps_its_bytes_after_the_buffer_is_gone);
  tcase_add_test (tc, test_memory_outlives_pool_and_buffer);
  tcase_add_test (tc, test_only_pooled_metas_stay);
  tcase_add_test (tc, test_inactive_pool_gives_nothing);
  return suite;
}

GST_CHECK_MAIN (packetpool);
