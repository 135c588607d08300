/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenarios-buffers.c: buffers of all shapes
 *
 * Here: empty ones, those of many memories, lists, control messages.
 * Not here: positions in the queue, headers.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "scenario.h"

#include <gio/gunixfdmessage.h>
#include <gst/net/gstnetcontrolmessagemeta.h>

#include <unistd.h>

static void
empty_buffers (Bench *b)
{
  bench_play (b);
  join (b);
  push (b, &(Push){.empty = TRUE});
  push_key (b);
  push (b, &(Push){.empty = TRUE});
  push (b, &(Push){.empty = TRUE, .delta = TRUE});
  push_key (b);
  bench_figures (b);
}

/* One that has a memory, of no bytes. */
static void
empty_memories (Bench *b)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 16, NULL);

  gst_buffer_set_size (buffer, 0);
  bench_play (b);
  join (b);
  push_buffer (b, buffer, "empty");
  push_key (b);
  bench_figures (b);
}

static void
empty_memory_between (Bench *b)
{
  GstBuffer *buffer = make_buffer (b, &(Push){0}, NULL);
  GstBuffer *more = make_buffer (b, &(Push){0}, NULL);
  GstMemory *empty = gst_allocator_alloc (NULL, 16, NULL);

  gst_memory_resize (empty, 0, 0);
  gst_buffer_append_memory (buffer, empty);
  gst_buffer_append_memory (buffer, gst_buffer_get_memory (more, 0));
  gst_buffer_unref (more);
  bench_play (b);
  join (b);
  push_buffer (b, buffer, "sandwich");
  push_key (b);
  bench_figures (b);
}

/* Empty buffers count as buffers for limits and retention, or do not. */
static void
empty_buffers_while_lagging (Bench *b)
{
  bench_set (b, "units-max", "4");
  bench_play (b);
  join_stalled (b);
  push_big (b);
  for (guint i = 0; i < 6; i++)
    push (b, &(Push){.empty = TRUE});
  bench_figures (b);
}

static void
many_memories (Bench *b)
{
  static const guint counts[] = {1, 2, 8, 9, 16, 17, 100, 300};

  bench_play (b);
  join (b);
  join (b);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    push (b, &(Push){.size = 1200, .memories = counts[i]});
  bench_figures (b);
}

static void
many_memories_while_lagging (Bench *b)
{
  Client *slow;

  bench_play (b);
  slow = join_stalled (b);
  push (b, &(Push){.size = 512 * 1024, .memories = 9});
  push (b, &(Push){.size = 512 * 1024, .memories = 16});
  push (b, &(Push){.size = 777, .memories = 2});
  client_read (slow, TRUE);
  push_key (b);
  bench_figures (b);
}

static void
large_buffers (Bench *b)
{
  bench_play (b);
  join (b);
  join (b);
  push (b, &(Push){.size = 8 << 20});
  push (b, &(Push){.size = 5});
  push (b, &(Push){.size = (4 << 20) + 1, .memories = 3});
  bench_figures (b);
}

static void
lists (Bench *b)
{
  GstBufferList *list = gst_buffer_list_new ();
  GstFlowReturn flow;

  for (guint i = 0; i < 5; i++)
    gst_buffer_list_add (list, make_buffer (b, &(Push){.delta = i > 0}, NULL));
  bench_play (b);
  join (b);
  push_key (b);
  flow = gst_pad_push_list (b->pad, list);
  say ("list -> %s", gst_flow_get_name (flow));
  bench_settle (b);
  push_key (b);
  bench_figures (b);
}

static GstBuffer *
with_descriptor (Bench *b, guint descriptors, gchar **ret_name)
{
  GstBuffer *buffer = make_buffer (b, &(Push){0}, ret_name);

  for (guint i = 0; i < descriptors; i++) {
    g_autoptr (GSocketControlMessage) message = g_unix_fd_message_new ();

    g_unix_fd_message_append_fd (
        G_UNIX_FD_MESSAGE (message), STDERR_FILENO, NULL);
    gst_buffer_add_net_control_message_meta (buffer, message);
  }
  return buffer;
}

static void
control_messages (Bench *b)
{
  g_autofree gchar *one = NULL;
  g_autofree gchar *two = NULL;
  GstBuffer *buffer;

  bench_play (b);
  join (b);
  join (b);
  push_key (b);
  buffer = with_descriptor (b, 1, &one);
  push_buffer (b, buffer, one);
  push_key (b);
  buffer = with_descriptor (b, 2, &two);
  push_buffer (b, buffer, two);
  push_key (b);
  bench_figures (b);
}

static void
control_message_in_datagrams (Bench *b)
{
  g_autofree gchar *name = NULL;
  GstBuffer *buffer;

  bench_play (b);
  client_add (client_new (b, CLIENT_SEQPACKET));
  push_key (b);
  buffer = with_descriptor (b, 1, &name);
  push_buffer (b, buffer, name);
  push_key (b);
}

/* Each with its own buffer, though both wait for the client. */
static void
control_messages_while_lagging (Bench *b)
{
  g_autofree gchar *one = NULL;
  g_autofree gchar *two = NULL;
  GstBuffer *buffer;
  Client *slow;

  bench_play (b);
  slow = join_stalled (b);
  push_big (b);
  buffer = with_descriptor (b, 1, &one);
  push_buffer (b, buffer, one);
  push_key (b);
  buffer = with_descriptor (b, 1, &two);
  push_buffer (b, buffer, two);
  push_key (b);
  client_read (slow, TRUE);
  push_key (b);
  bench_figures (b);
}

static void
allocation_query (Bench *b)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-a");
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  gboolean answered;

  bench_play (b);
  answered = gst_pad_peer_query (b->pad, query);
  say ("allocation query answered: %d, pools %u, params %u, metas %u", answered,
      gst_query_get_n_allocation_pools (query),
      gst_query_get_n_allocation_params (query),
      gst_query_get_n_allocation_metas (query));
  for (guint i = 0; i < gst_query_get_n_allocation_metas (query); i++)
    say ("  %s",
        g_type_name (gst_query_parse_nth_allocation_meta (query, i, NULL)));
  gst_query_unref (query);
}

/* Buffers with flags that might make a sink drop or reorder. */
static void
odd_flags (Bench *b)
{
  static const GstBufferFlags flags[] = {GST_BUFFER_FLAG_DISCONT,
      GST_BUFFER_FLAG_GAP, GST_BUFFER_FLAG_DROPPABLE, GST_BUFFER_FLAG_CORRUPTED,
      GST_BUFFER_FLAG_DECODE_ONLY, GST_BUFFER_FLAG_MARKER,
      GST_BUFFER_FLAG_RESYNC, GST_BUFFER_FLAG_NON_DROPPABLE};

  bench_play (b);
  join (b);
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    push (b, &(Push){.flags = flags[i]});
  bench_figures (b);
}

const Scenario scenarios_buffers[] = {
    {"empty-buffers", ON_BOTH, empty_buffers},
    {"empty-memories", ON_BOTH, empty_memories},
    {"empty-memory-between", ON_BOTH, empty_memory_between},
    {"empty-buffers-while-lagging", ON_BOTH, empty_buffers_while_lagging},
    {"many-memories", ON_BOTH, many_memories},
    {"many-memories-while-lagging", ON_BOTH, many_memories_while_lagging},
    {"large-buffers", ON_BOTH, large_buffers},
    {"lists", ON_BOTH, lists},
    {"control-messages", ON_BOTH, control_messages},
    {"control-message-in-datagrams", ON_BOTH, control_message_in_datagrams},
    {"control-messages-while-lagging", ON_BOTH, control_messages_while_lagging},
    {"allocation-query", ON_BOTH, allocation_query},
    {"odd-flags", ON_BOTH, odd_flags},
    {NULL},
};
