/* SPDX-License-Identifier: LGPL-2.1-or-later
 * multisocketsink.c: what the sink of GSockets has alone
 *
 * Here: events about messages, control messages, datagrams, stream headers,
 * references callers count on. Not here: what it shares with multifdsink.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fanout.h"
#include "testutil.h"

#include <gio/gunixfdmessage.h>
#include <gst/check/gstcheck.h>
#include <gst/net/gstnetcontrolmessagemeta.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ELEMENT "multisocketsink"

enum
{
  CLOSED = 1,
  REMOVED,
  SLOW,
  ERROR
};

/* --- events --- */

static gboolean
has_event (gpointer data)
{
  Fanout *f = data;
  gboolean has;

  g_mutex_lock (&f->lock);
  has = f->events->len > 0;
  g_mutex_unlock (&f->lock);
  return has;
}

/* Waits for the next event, fails if it is not of that name and client, and
 * returns its buffer. */
static GstBuffer *
take_event (Fanout *f, const gchar *name, FanoutClient *c)
{
  GstBuffer *buffer = NULL;
  g_autoptr (GObject) object = NULL;
  const GstStructure *structure;

  fail_unless_eventually (has_event, f);
  g_mutex_lock (&f->lock);
  structure = gst_event_get_structure (g_ptr_array_index (f->events, 0));
  fail_unless_equals_string (gst_structure_get_name (structure), name);
  fail_unless (gst_structure_get (structure, "object", G_TYPE_OBJECT, &object,
      "buffer", GST_TYPE_BUFFER, &buffer, NULL));
  fail_unless_equals_int (gst_structure_n_fields (structure), 2);
  fail_unless (object == G_OBJECT (c->socket));
  g_ptr_array_remove_index (f->events, 0);
  g_mutex_unlock (&f->lock);
  return buffer;
}

GST_START_TEST (test_what_a_client_says_goes_upstream_when_asked_for)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, "send-messages", TRUE, NULL);
  FanoutClient *c = fanout_join (f);
  g_autofree gchar *much = g_strnfill (1000, 'x');
  g_autoptr (GstBuffer) hello = NULL;
  g_autoptr (GstBuffer) rest = NULL;

  fail_unless (write (c->peer, "hello", 5) == 5);
  hello = take_event (f, "GstNetworkMessage", c);
  fail_unless_equals_int (gst_buffer_get_size (hello), 5);
  fail_unless (gst_buffer_memcmp (hello, 0, "hello", 5) == 0);
  fail_unless (write (c->peer, much, 1000) == 1000);
  rest = take_event (f, "GstNetworkMessage", c);
  fail_unless_equals_int (gst_buffer_get_size (rest), 1000);
}
GST_END_TEST;

GST_START_TEST (test_what_a_client_says_is_dropped_by_default)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_join (f);

  fail_unless (write (c->peer, "hello", 5) == 5);
  fanout_push (f, 10);
  fanout_expect (c, 0, 10);
  shutdown (c->peer, SHUT_WR);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->events->len, 0);
}
GST_END_TEST;

GST_START_TEST (test_dispatched_is_told_once_a_buffer_and_client)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, "send-dispatched", TRUE, NULL);
  FanoutClient *c = fanout_join (f);

  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = fanout_buffer (f, 10 + i);
    g_autoptr (GstBuffer) told = NULL;

    fail_unless_equals_int (fanout_push_buffer (f, buffer), GST_FLOW_OK);
    told = take_event (f, "GstNetworkMessageDispatched", c);
    fail_unless (told == buffer);
  }
  fail_unless_equals_int (f->events->len, 0);
}
GST_END_TEST;

GST_START_TEST (test_dispatched_waits_until_all_is_written)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, "send-dispatched", TRUE, NULL);
  FanoutClient *c = fanout_join_stalled (f);
  g_autoptr (GstBuffer) told = NULL;

  fail_unless_equals_int (f->events->len, 0);
  fanout_expect (c, 0, FANOUT_BIG);
  told = take_event (f, "GstNetworkMessageDispatched", c);
  fail_unless_equals_int (gst_buffer_get_size (told), FANOUT_BIG);
}
GST_END_TEST;

/* --- control messages and datagrams --- */

/* Receives once; returns how many descriptors came along, and closes them. */
static guint
receive_descriptors (FanoutClient *c, gsize *ret_size)
{
  gchar room[256];
  gchar data[4096];
  struct iovec vec = {data, sizeof (data)};
  struct msghdr message = {.msg_iov = &vec,
      .msg_iovlen = 1,
      .msg_control = room,
      .msg_controllen = sizeof (room)};
  gssize n = recvmsg (c->peer, &message, MSG_CMSG_CLOEXEC);
  struct cmsghdr *control = CMSG_FIRSTHDR (&message);
  guint count = 0;

  fail_unless (n >= 0, "%s", g_strerror (errno));
  *ret_size = n;
  if (control == NULL)
    return 0;
  count = (control->cmsg_len - CMSG_LEN (0)) / sizeof (gint);
  for (guint i = 0; i < count; i++)
    close (((gint *) CMSG_DATA (control))[i]);
  return count;
}

GST_START_TEST (test_control_messages_travel_with_their_buffer)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_client_new (f, SOCK_SEQPACKET);
  g_autoptr (GSocketControlMessage) message = g_unix_fd_message_new ();
  GstBuffer *buffer;
  gsize size;

  fanout_add (c);
  g_unix_fd_message_append_fd (
      G_UNIX_FD_MESSAGE (message), STDERR_FILENO, NULL);
  fanout_push (f, 10);
  buffer = fanout_buffer (f, 20);
  gst_buffer_add_net_control_message_meta (buffer, message);
  fanout_push_buffer (f, buffer);
  fanout_push (f, 30);
  fanout_wait_served (f, 60);
  fail_unless_equals_int (receive_descriptors (c, &size), 0);
  fail_unless_equals_int (size, 10);
  fail_unless_equals_int (receive_descriptors (c, &size), 1);
  fail_unless_equals_int (size, 20);
  fail_unless_equals_int (receive_descriptors (c, &size), 0);
  fail_unless_equals_int (size, 30);
}
GST_END_TEST;

GST_START_TEST (test_allocation_query_announces_control_messages)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  GstQuery *query = gst_query_new_allocation (NULL, FALSE);

  fail_unless (gst_pad_peer_query (f->src, query));
  fail_unless (gst_query_find_allocation_meta (
      query, GST_NET_CONTROL_MESSAGE_META_API_TYPE, NULL));
  gst_query_unref (query);
}
GST_END_TEST;

static const gint message_types[] = {SOCK_SEQPACKET, SOCK_DGRAM};

GST_START_TEST (test_a_buffer_is_a_message)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_client_new (f, message_types[__i__]);
  GstBuffer *buffer;
  gsize size;

  fanout_add (c);
  fanout_push (f, 100);
  fanout_wait_served (f, 100);
  buffer = fanout_buffer (f, 10);
  for (guint i = 0; i < 7; i++)
    gst_buffer_append (buffer, fanout_buffer (f, 10));
  fanout_push_buffer (f, buffer);
  fanout_push (f, 50);
  fanout_wait_served (f, 230);
  receive_descriptors (c, &size);
  fail_unless_equals_int (size, 100);
  receive_descriptors (c, &size);
  fail_unless_equals_int (size, 80);
  receive_descriptors (c, &size);
  fail_unless_equals_int (size, 50);
}
GST_END_TEST;

GST_START_TEST (test_message_too_long_is_an_error_of_that_client_only)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_client_new (f, message_types[__i__]);
  FanoutClient *other = fanout_join (f);

  fanout_add (c);
  fanout_push (f, 4 << 20);
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, ERROR);
  fanout_expect (other, 0, 4 << 20);
}
GST_END_TEST;

/* --- stream headers --- */

static GstBuffer *
header_buffer (const gchar *text)
{
  GstBuffer *buffer = gst_buffer_new_memdup (text, strlen (text));

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_HEADER);
  return buffer;
}

static void
set_headers (
    Fanout *f, const gchar *name, const gchar *first, const gchar *second)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple (name);
  const gchar *texts[] = {first, second};
  GValue array = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; i < G_N_ELEMENTS (texts) && texts[i] != NULL; i++) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, GST_TYPE_BUFFER);
    g_value_take_boxed (&value, header_buffer (texts[i]));
    gst_value_array_append_and_take_value (&array, &value);
  }
  gst_structure_take_value (
      gst_caps_get_structure (caps, 0), "streamheader", &array);
  gst_pad_push_event (f->src, gst_event_new_caps (caps));
}

GST_START_TEST (test_headers_precede_the_first_data_of_each_client)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *first = fanout_join (f);
  FanoutClient *second;

  set_headers (f, "video/x-a", "one", "two");
  fanout_push_buffer (f, header_buffer ("one"));
  fanout_push_buffer (f, header_buffer ("two"));
  fanout_expect_nothing (first);
  fail_unless_equals_int (fanout_uint (f, "buffers-queued"), 0);
  fanout_push (f, 10);
  fanout_expect_text (first, "onetwo");
  fanout_expect (first, 0, 10);
  second = fanout_join (f);
  fanout_push (f, 10);
  fanout_expect (first, 10, 20);
  fanout_expect_text (second, "onetwo");
  fanout_expect (second, 10, 20);
  fail_unless_equals_uint64 (fanout_uint64 (f, "bytes-to-serve"), 20);
  fanout_wait_served (f, 42);
}
GST_END_TEST;

GST_START_TEST (test_header_buffer_that_is_not_in_the_caps_is_data)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_join (f);

  set_headers (f, "video/x-a", "one", NULL);
  fanout_push_buffer (f, header_buffer ("six"));
  fanout_expect_text (c, "onesix");
}
GST_END_TEST;

GST_START_TEST (test_changed_headers_are_sent_again)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_join (f);

  set_headers (f, "video/x-a", "one", NULL);
  fanout_push (f, 10);
  fanout_expect_text (c, "one");
  fanout_expect (c, 0, 10);
  set_headers (f, "video/x-b", "one", NULL);
  fanout_push (f, 10);
  fanout_expect (c, 10, 20);
  set_headers (f, "video/x-b", "two", NULL);
  fanout_push (f, 10);
  fanout_expect_text (c, "two");
  fanout_expect (c, 20, 30);
}
GST_END_TEST;

GST_START_TEST (test_changed_headers_are_not_sent_again_if_so_told)
{
  g_autoptr (Fanout) f =
      fanout_start (ELEMENT, "resend-streamheader", FALSE, NULL);
  FanoutClient *c = fanout_join (f);

  set_headers (f, "video/x-a", "one", NULL);
  fanout_push (f, 10);
  fanout_expect_text (c, "one");
  fanout_expect (c, 0, 10);
  set_headers (f, "video/x-b", "two", NULL);
  fanout_push (f, 10);
  fanout_expect (c, 10, 20);
}
GST_END_TEST;

/* --- references --- */

GST_START_TEST (test_caps_and_headers_are_not_held)
{
  g_autoptr (Fanout) f = fanout_new (ELEMENT);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-a");
  GstBuffer *header = header_buffer ("one");

  fanout_play (f);
  fanout_join (f);
  gst_pad_push_event (f->src, gst_event_new_caps (caps));
  ASSERT_CAPS_REFCOUNT (caps, "caps", 3);
  gst_buffer_ref (header);
  fanout_push_buffer (f, header);
  fanout_wait_served (f, 3);
  fanout_push (f, 10);
  fanout_wait_served (f, 13);
  ASSERT_BUFFER_REFCOUNT (header, "header", 1);
  gst_buffer_unref (header);
  gst_element_set_state (f->sink, GST_STATE_NULL);
  gst_pad_set_active (f->src, FALSE);
  ASSERT_CAPS_REFCOUNT (caps, "caps", 1);
}
GST_END_TEST;

static gboolean
is_ours_alone (gpointer object)
{
  return g_atomic_int_get (&G_OBJECT (object)->ref_count) == 1;
}

GST_START_TEST (test_socket_is_held_while_it_is_a_client)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_client_new (f, SOCK_STREAM);

  fail_unless_equals_int (G_OBJECT (c->socket)->ref_count, 1);
  fanout_add (c);
  fail_unless (G_OBJECT (c->socket)->ref_count > 1);
  fanout_emit (c, "remove");
  fail_unless_eventually (is_ours_alone, c->socket);
  fail_unless (!g_socket_is_closed (c->socket));
}
GST_END_TEST;

GST_START_TEST (test_names_with_underscores_work)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_client_new (f, SOCK_STREAM);

  g_signal_emit_by_name (f->sink, "add_full", c->socket, 0,
      GST_FORMAT_UNDEFINED, (guint64) 0, GST_FORMAT_UNDEFINED, (guint64) 0);
  g_signal_emit_by_name (f->sink, "remove_flush", c->socket);
  fanout_push (f, 10);
  fanout_wait_gone (f, 1);
}
GST_END_TEST;

GST_START_TEST (test_reset_is_an_error)
{
  g_autoptr (Fanout) f = fanout_start (ELEMENT, NULL);
  FanoutClient *c = fanout_join_stalled (f);

  /* Closing with unread data resets. */
  close (c->peer);
  c->peer = -1;
  fanout_wait_gone (f, 1);
  fail_unless_equals_int (f->last_status, ERROR);
}
GST_END_TEST;

static void
add_headers_cases (Suite *suite)
{
  TCase *headers = tcase_create ("headers");

  suite_add_tcase (suite, headers);
  tcase_add_checked_fixture (headers, test_leaks_begin, test_leaks_end);
  tcase_add_test (headers, test_headers_precede_the_first_data_of_each_client);
  tcase_add_test (headers, test_header_buffer_that_is_not_in_the_caps_is_data);
  tcase_add_test (headers, test_changed_headers_are_sent_again);
  tcase_add_test (headers, test_changed_headers_are_not_sent_again_if_so_told);
  tcase_add_test (headers, test_caps_and_headers_are_not_held);
}

static Suite *
multisocketsink_suite (void)
{
  Suite *suite = suite_create ("multisocketsink");
  TCase *general = tcase_create ("general");

  suite_add_tcase (suite, general);
  tcase_add_checked_fixture (general, test_leaks_begin, test_leaks_end);
  tcase_add_test (
      general, test_what_a_client_says_goes_upstream_when_asked_for);
  tcase_add_test (general, test_what_a_client_says_is_dropped_by_default);
  tcase_add_test (general, test_dispatched_is_told_once_a_buffer_and_client);
  tcase_add_test (general, test_dispatched_waits_until_all_is_written);
  tcase_add_test (general, test_control_messages_travel_with_their_buffer);
  tcase_add_test (general, test_allocation_query_announces_control_messages);
  tcase_add_loop_test (general, test_a_buffer_is_a_message, 0, 2);
  tcase_add_loop_test (
      general, test_message_too_long_is_an_error_of_that_client_only, 0, 2);
  tcase_add_test (general, test_socket_is_held_while_it_is_a_client);
  tcase_add_test (general, test_names_with_underscores_work);
  tcase_add_test (general, test_reset_is_an_error);
  add_headers_cases (suite);
  return suite;
}

GST_CHECK_MAIN (multisocketsink);
