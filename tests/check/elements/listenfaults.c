/* SPDX-License-Identifier: LGPL-2.1-or-later
 * listenfaults.c: tests of listening sources that cannot accept
 *
 * Here: descriptors that run out, and every other error of accept, while
 * tcpserversrc or socketsrc waits for the first or the next sender.
 * Not here: one sender after another when all is well (takeover.c).
 *
 * The errors come from an accept4 of this program, which the library finds
 * before that of the C library.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAUSE_US (100 * G_TIME_SPAN_MILLISECOND)

static GstElement *pipeline;
static gint64 n_bytes; /* atomic */

/* Guarded by lock: the errors to come. */
static GMutex lock;
static gint fault;
static guint n_faults;
static guint n_failed;
static gint64 first_failed_us;

static gboolean
has_fault (void)
{
  gboolean has;

  g_mutex_lock (&lock);
  has = n_faults > 0;
  if (has) {
    n_faults--;
    if (n_failed++ == 0)
      first_failed_us = g_get_monotonic_time ();
    errno = fault;
  }
  g_mutex_unlock (&lock);
  return has;
}

G_MODULE_EXPORT int
accept4 (int fd, struct sockaddr *address, socklen_t *size, int flags)
{
  if (has_fault ())
    return -1;
  return syscall (SYS_accept4, fd, address, size, flags);
}

static void
set_faults (gint errsv, guint n)
{
  g_mutex_lock (&lock);
  fault = errsv;
  n_faults = n;
  n_failed = 0;
  g_mutex_unlock (&lock);
}

static gboolean
has_failed (gpointer n)
{
  gboolean has;

  g_mutex_lock (&lock);
  has = n_failed >= GPOINTER_TO_UINT (n);
  g_mutex_unlock (&lock);
  return has;
}

static void
count_cb (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer unused)
{
  __atomic_add_fetch (&n_bytes, gst_buffer_get_size (buffer), __ATOMIC_SEQ_CST);
}

static gboolean
is_received (gpointer n)
{
  return __atomic_load_n (&n_bytes, __ATOMIC_SEQ_CST) == GPOINTER_TO_INT (n);
}

static void
set_up (void)
{
  test_leaks_begin ();
  __atomic_store_n (&n_bytes, 0, __ATOMIC_SEQ_CST);
  set_faults (0, 0);
}

static void
tear_down (void)
{
  set_faults (0, 0);
  test_leaks_end ();
}

/* Returns the port. */
static guint16
play (const gchar *source)
{
  gint port = 0;

  pipeline =
      test_launch ("%s name=src ! fakesink name=sink signal-handoffs=true "
                   "sync=false async=false",
          source);
  g_signal_connect (
      test_get (pipeline, "sink"), "handoff", G_CALLBACK (count_cb), NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_object_get (test_get (pipeline, "src"), "current-port", &port, NULL);
  return port;
}

#define TAKEOVER "takeover=true idle-timeout=0"
#define WAIT "on-disconnect=wait"
#define TCP_SERVER_SRC "tcpserversrc host=127.0.0.1 port=0 "
#define SOCKET_SRC "socketsrc uri=tcp://127.0.0.1:0?listen=true "

/* --- descriptors run out --- */

/* A socket that is open already can connect when no other can be opened. */
static GSocket *
new_visitor (void)
{
  GSocket *socket = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  fail_unless (socket != NULL);
  g_socket_set_timeout (socket, TEST_DEADLINE_US / G_USEC_PER_SEC);
  return socket;
}

static void
visit (GSocket *socket, guint16 port)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", port);

  fail_unless (g_socket_connect (socket, address, NULL, NULL));
}

/* From now on no descriptor can be had but one that is given back. */
static void
forbid_descriptors (struct rlimit *ret_old)
{
  struct rlimit limit;
  gint next = dup (STDERR_FILENO);

  fail_unless (next >= 0);
  close (next);
  fail_unless_equals_int (getrlimit (RLIMIT_NOFILE, ret_old), 0);
  limit = *ret_old;
  limit.rlim_cur = next;
  fail_unless_equals_int (setrlimit (RLIMIT_NOFILE, &limit), 0);
}

static GstMessage *
pop_warning (void)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  return gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
}

static void
expect_one_warning (guint16 port)
{
  g_autofree gchar *name = g_strdup_printf ("127.0.0.1:%u", port);
  g_autoptr (GstMessage) message = pop_warning ();
  g_autoptr (GstMessage) second = pop_warning ();
  g_autoptr (GError) error = NULL;

  fail_unless (message != NULL && second == NULL);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, name) != NULL, "%s", error->message);
}

static GSocket *
connect_and_send (guint16 port)
{
  GSocket *socket = test_connect ("127.0.0.1", port);

  fail_unless (socket != NULL);
  test_send (socket, "a", 1);
  return socket;
}

static void
refuse_two (guint16 port)
{
  g_autoptr (GSocket) a = new_visitor ();
  g_autoptr (GSocket) b = new_visitor ();
  struct rlimit old;

  forbid_descriptors (&old);
  visit (a, port);
  test_expect_end (a);
  visit (b, port);
  test_expect_end (b);
  setrlimit (RLIMIT_NOFILE, &old);
}

static const gchar *const takeovers[] = {
    TCP_SERVER_SRC TAKEOVER,
    SOCKET_SRC TAKEOVER,
};

GST_START_TEST (test_stream_goes_on_when_there_is_no_descriptor_for_another)
{
  guint16 port = play (takeovers[__i__]);
  g_autoptr (GSocket) first = connect_and_send (port);
  g_autoptr (GSocket) next = NULL;

  fail_unless_eventually (is_received, GINT_TO_POINTER (1));
  refuse_two (port);
  test_send (first, "a", 1);
  fail_unless_eventually (is_received, GINT_TO_POINTER (2));
  next = connect_and_send (port);
  fail_unless_eventually (is_received, GINT_TO_POINTER (3));
  test_expect_end (first);
  expect_one_warning (port);
  test_stop (pipeline);
}
GST_END_TEST;

static const gchar *const waits[] = {
    TCP_SERVER_SRC WAIT,
    SOCKET_SRC WAIT,
    TCP_SERVER_SRC WAIT " takeover=true",
};

GST_START_TEST (test_next_sender_is_waited_for_when_one_had_no_descriptor)
{
  guint16 port = play (waits[__i__]);
  g_autoptr (GSocket) first = connect_and_send (port);
  g_autoptr (GSocket) next = NULL;

  fail_unless_eventually (is_received, GINT_TO_POINTER (1));
  g_socket_close (first, NULL);
  gst_structure_free (test_expect_message (pipeline, "GstSocketLost"));
  refuse_two (port);
  next = connect_and_send (port);
  fail_unless_eventually (is_received, GINT_TO_POINTER (2));
  expect_one_warning (port);
  test_stop (pipeline);
}
GST_END_TEST;

/* --- other errors --- */

static const gint passing[] = {ECONNABORTED, ENETDOWN, EPROTO, ENOPROTOOPT,
    EHOSTDOWN, EHOSTUNREACH, ENETUNREACH, ENONET, EOPNOTSUPP, EPERM, EINTR,
    EAGAIN, ENOBUFS, ENOMEM, EMFILE, ENFILE};

GST_START_TEST (test_error_that_passes_does_not_end_the_stream)
{
  guint16 port = play (TCP_SERVER_SRC TAKEOVER);
  g_autoptr (GSocket) first = connect_and_send (port);
  g_autoptr (GSocket) next = NULL;

  fail_unless_eventually (is_received, GINT_TO_POINTER (1));
  set_faults (passing[__i__], 2);
  next = connect_and_send (port);
  fail_unless_eventually (is_received, GINT_TO_POINTER (2));
  fail_unless (has_failed (GUINT_TO_POINTER (2)));
  test_send (next, "a", 1);
  fail_unless_eventually (is_received, GINT_TO_POINTER (3));
  test_stop (pipeline);
}
GST_END_TEST;

/* How often each may fail before the second rest at the latest. */
static const struct
{
  gint errsv;
  guint n;
  const gchar *source;
} lasting[] = {
    {ECONNABORTED, 40, TCP_SERVER_SRC TAKEOVER},
    {EMFILE, 6, TCP_SERVER_SRC TAKEOVER},
    {EPERM, 40, TCP_SERVER_SRC WAIT},
    {ENOMEM, 6, SOCKET_SRC WAIT},
};

GST_START_TEST (test_error_that_stays_does_not_keep_the_processor_busy)
{
  guint16 port = play (lasting[__i__].source);
  g_autoptr (GSocket) first = connect_and_send (port);
  g_autoptr (GSocket) next = NULL;
  gint64 elapsed_us;

  fail_unless_eventually (is_received, GINT_TO_POINTER (1));
  if (strstr (lasting[__i__].source, WAIT) != NULL)
    g_socket_close (first, NULL);
  set_faults (lasting[__i__].errsv, G_MAXUINT);
  next = connect_and_send (port);
  fail_unless_eventually (has_failed, GUINT_TO_POINTER (lasting[__i__].n));
  elapsed_us = g_get_monotonic_time () - first_failed_us;
  fail_unless (
      elapsed_us >= 2 * PAUSE_US, "only %" G_GINT64_FORMAT " µs", elapsed_us);
  set_faults (0, 0);
  fail_unless_eventually (is_received, GINT_TO_POINTER (2));
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_rest_does_not_hold_up_a_state_change)
{
  guint16 port = play (TCP_SERVER_SRC);
  g_autoptr (GSocket) visitor = NULL;

  set_faults (EMFILE, G_MAXUINT);
  visitor = test_connect ("127.0.0.1", port);
  fail_unless_eventually (has_failed, GUINT_TO_POINTER (4));
  test_stop (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_listener_that_is_none_is_an_error_that_names_it)
{
  guint16 port = play (TCP_SERVER_SRC);
  g_autofree gchar *name = g_strdup_printf ("127.0.0.1:%u", port);
  g_autoptr (GSocket) visitor = NULL;

  set_faults (EBADF, 1);
  visitor = test_connect ("127.0.0.1", port);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_READ, name);
  test_stop (pipeline);
}
GST_END_TEST;

static Suite *
listenfaults_suite (void)
{
  Suite *suite = suite_create ("listenfaults");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_loop_test (tc,
      test_stream_goes_on_when_there_is_no_descriptor_for_another, 0,
      G_N_ELEMENTS (takeovers));
  tcase_add_loop_test (tc,
      test_next_sender_is_waited_for_when_one_had_no_descriptor, 0,
      G_N_ELEMENTS (waits));
  tcase_add_loop_test (tc, test_error_that_passes_does_not_end_the_stream, 0,
      G_N_ELEMENTS (passing));
  tcase_add_loop_test (tc,
      test_error_that_stays_does_not_keep_the_processor_busy, 0,
      G_N_ELEMENTS (lasting));
  tcase_add_test (tc, test_rest_does_not_hold_up_a_state_change);
  tcase_add_test (tc, test_listener_that_is_none_is_an_error_that_names_it);
  return suite;
}

GST_CHECK_MAIN (listenfaults);
