/* SPDX-License-Identifier: LGPL-2.1-or-later
 * acceptor.c: tests of gstsocketacceptor.c
 *
 * Here: bursts on several listeners, freeing while peers connect, and living
 * on when descriptors run out (in the test's own process).
 * Not here: listening itself, what a server does with a connection.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketacceptor.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static GPtrArray *listeners;
static guint16 ports[2];
static GstSocketAcceptor *acceptor;
static GMutex lock;
static GPtrArray *accepted; /* guarded by lock */
static gint n_accepted;
static gint n_reports;
static gint n_refused;

static void
note_accepted (GSocket *socket, gpointer user_data)
{
  fail_if (g_socket_get_blocking (socket));
  g_mutex_lock (&lock);
  g_ptr_array_add (accepted, g_object_ref (socket));
  g_mutex_unlock (&lock);
  g_atomic_int_inc (&n_accepted);
}

static void
note_refused (guint64 count, const GError *error, gpointer user_data)
{
  g_atomic_int_add (&n_refused, count);
  g_atomic_int_inc (&n_reports);
}

static const GstSocketAcceptorFuncs funcs = {note_accepted, note_refused};

static void
set_up (void)
{
  test_leaks_begin ();
  n_accepted = n_reports = n_refused = 0;
  accepted = g_ptr_array_new_with_free_func (g_object_unref);
  listeners = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < G_N_ELEMENTS (ports); i++) {
    GSocket *listener = test_listen (&ports[i]);

    g_socket_set_blocking (listener, FALSE);
    g_ptr_array_add (listeners, listener);
  }
}

static void
set_up_poll (void)
{
  g_setenv ("GST_SOCKET_POLLER", "poll", TRUE);
  set_up ();
}

static void
start (void)
{
  acceptor = gst_socket_acceptor_new (listeners, &funcs, NULL, NULL);
  fail_unless (acceptor != NULL);
}

static void
tear_down (void)
{
  g_clear_pointer (&acceptor, gst_socket_acceptor_free);
  g_clear_pointer (&accepted, g_ptr_array_unref);
  g_clear_pointer (&listeners, g_ptr_array_unref);
  g_unsetenv ("GST_SOCKET_POLLER");
  test_leaks_end ();
}

typedef struct
{
  gint *counter;
  gint least;
} Count;

static gboolean
has_count (gpointer data)
{
  Count *count = data;

  return g_atomic_int_get (count->counter) >= count->least;
}

static void
expect_count (gint *counter, gint least)
{
  Count count = {counter, least};

  fail_unless (test_wait_until (has_count, &count), "%d, not %d",
      g_atomic_int_get (counter), least);
}

/* --- bursts --- */

GST_START_TEST (test_bursts_on_two_listeners_are_all_taken)
{
  g_autoptr (GPtrArray) peers = g_ptr_array_new_with_free_func (g_object_unref);

  start ();
  for (guint i = 0; i < 200; i++)
    g_ptr_array_add (peers, test_connect ("127.0.0.1", ports[i % 2]));
  expect_count (&n_accepted, 200);
  fail_unless_equals_int (n_accepted, 200);
  fail_unless_equals_int (n_reports, 0);
}

GST_END_TEST;

GST_START_TEST (test_connections_made_before_the_start_are_taken)
{
  g_autoptr (GSocket) a = test_connect ("127.0.0.1", ports[0]);
  g_autoptr (GSocket) b = test_connect ("127.0.0.1", ports[1]);

  start ();
  expect_count (&n_accepted, 2);
}

GST_END_TEST;

GST_START_TEST (test_peer_that_has_gone_already_does_no_harm)
{
  g_autoptr (GSocket) gone = test_connect ("127.0.0.1", ports[0]);
  g_autoptr (GSocket) stays = test_connect ("127.0.0.1", ports[0]);

  test_reset (gone);
  start ();
  expect_count (&n_accepted, 1);
}

GST_END_TEST;

GST_START_TEST (test_acceptor_may_be_freed_while_peers_connect)
{
  for (guint i = 0; i < 30; i++) {
    g_autoptr (GSocket) a = NULL;
    g_autoptr (GSocket) b = NULL;

    start ();
    a = test_connect ("127.0.0.1", ports[0]);
    b = test_connect ("127.0.0.1", ports[1]);
    g_clear_pointer (&acceptor, gst_socket_acceptor_free);
  }
  fail_unless (n_accepted <= 60);
}

GST_END_TEST;

GST_START_TEST (test_listeners_stay_the_callers)
{
  g_autoptr (GSocket) peer = NULL;
  g_autoptr (GSocket) taken = NULL;

  start ();
  g_clear_pointer (&acceptor, gst_socket_acceptor_free);
  peer = test_connect ("127.0.0.1", ports[0]);
  g_socket_set_blocking (g_ptr_array_index (listeners, 0), TRUE);
  taken = test_accept (g_ptr_array_index (listeners, 0));
  fail_unless (taken != NULL);
}

GST_END_TEST;

/* --- when descriptors run out --- */

#define FREE_FOR_PEERS 6

static GArray *hogs; /* descriptors that fill the process */
static struct rlimit limit_before;

static void
limit_descriptors (void)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit_before);
  limit = limit_before;
  limit.rlim_cur = 100;
  fail_unless (setrlimit (RLIMIT_NOFILE, &limit) == 0);
  hogs = g_array_new (FALSE, FALSE, sizeof (gint));
}

static void
hog_descriptors (void)
{
  gint fd;

  while ((fd = fcntl (0, F_DUPFD_CLOEXEC, 3)) >= 0)
    g_array_append_val (hogs, fd);
}

static void
release_descriptors (guint n)
{
  for (; n > 0 && hogs->len > 0; n--) {
    close (g_array_index (hogs, gint, hogs->len - 1));
    g_array_set_size (hogs, hogs->len - 1);
  }
}

static void
end_hogging (void)
{
  release_descriptors (G_MAXUINT);
  g_array_unref (hogs);
  setrlimit (RLIMIT_NOFILE, &limit_before);
}

static gint64
own_cpu_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC
      + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* A socket of which the connecting is still to be done: it needs no
 * descriptor any more. */
static gint
new_socket (void)
{
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  fail_unless (fd >= 0);
  return fd;
}

static void
connect_to (gint fd, guint16 port)
{
  struct sockaddr_in address = {.sin_family = AF_INET,
      .sin_port = g_htons (port),
      .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK)};
  struct timeval limit = {.tv_sec = TEST_DEADLINE_US / G_USEC_PER_SEC};

  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  fail_unless (connect (fd, (struct sockaddr *) &address, sizeof address) == 0);
}

static void
expect_refusal (gint fd)
{
  gchar byte;
  gssize n = recv (fd, &byte, 1, 0);

  fail_unless (n == 0 || (n < 0 && errno == ECONNRESET), "still open: %s",
      g_strerror (errno));
}

GST_START_TEST (test_peers_are_refused_when_descriptors_run_out)
{
  gint peers[FREE_FOR_PEERS];
  gint64 cpu;
  gint64 begin;

  limit_descriptors ();
  start ();
  for (guint i = 0; i < FREE_FOR_PEERS; i++)
    peers[i] = new_socket ();
  hog_descriptors ();
  cpu = own_cpu_us ();
  begin = g_get_monotonic_time ();
  for (guint i = 0; i < FREE_FOR_PEERS; i++) {
    connect_to (peers[i], ports[i % 2]);
    expect_refusal (peers[i]);
  }
  expect_count (&n_reports, 1);
  fail_unless_equals_int (n_accepted, 0);
  fail_unless_equals_int (n_reports, 1);
  fail_unless (own_cpu_us () - cpu
      < (g_get_monotonic_time () - begin) / 2 + G_USEC_PER_SEC / 5);
  release_descriptors (10);
  for (guint i = 0; i < FREE_FOR_PEERS; i++)
    close (peers[i]);
  peers[0] = new_socket ();
  connect_to (peers[0], ports[0]);
  expect_count (&n_accepted, 1);
  close (peers[0]);
  end_hogging ();
}

GST_END_TEST;

static gint no_null; /* atomic: /dev/null cannot be opened */

/* Stands in for the C library's, in this program. */
__attribute__ ((visibility ("default"))) int
open64 (const char *path, int flags, ...)
{
  va_list args;
  int mode;

  va_start (args, flags);
  mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg (args, int) : 0;
  va_end (args);
  if (g_atomic_int_get (&no_null) && strcmp (path, "/dev/null") == 0) {
    errno = EMFILE;
    return -1;
  }
  return syscall (SYS_openat, AT_FDCWD, path, flags, mode);
}

/* Another thread may take the number while the spare is given up. */
GST_START_TEST (test_spare_descriptor_is_had_again_once_it_was_lost)
{
  gint peers[3];

  limit_descriptors ();
  g_atomic_int_set (&no_null, 1);
  start ();
  g_atomic_int_set (&no_null, 0);
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    peers[i] = new_socket ();
  connect_to (peers[0], ports[0]);
  expect_count (&n_accepted, 1);
  hog_descriptors ();
  for (guint i = 1; i < G_N_ELEMENTS (peers); i++) {
    connect_to (peers[i], ports[i % 2]);
    expect_refusal (peers[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    close (peers[i]);
  end_hogging ();
}

GST_END_TEST;

/* valgrind plays the limit to the program and does not tell the kernel: a
 * connection beyond it is taken and closed, where the kernel leaves it. */
static gboolean
is_limited_by_kernel (void)
{
  g_autofree gchar *limits = NULL;
  gchar *line;

  if (!g_file_get_contents ("/proc/self/limits", &limits, NULL, NULL))
    return FALSE;
  line = strstr (limits, "Max open files");
  return line != NULL
      && g_ascii_strtoull (line + strlen ("Max open files"), NULL, 10) == 100;
}

/* Without a spare, peers have to wait, but the processor has not to work. */
GST_START_TEST (test_processor_is_idle_without_a_spare_descriptor)
{
  gint peer;
  gint64 begin;
  gint64 cpu;

  limit_descriptors ();
  if (!is_limited_by_kernel ()) {
    g_printerr ("skipped: descriptors are not limited by the kernel\n");
    end_hogging ();
    return;
  }
  g_atomic_int_set (&no_null, 1);
  start ();
  peer = new_socket ();
  hog_descriptors ();
  connect_to (peer, ports[0]);
  expect_count (&n_reports, 1);
  begin = g_get_monotonic_time ();
  cpu = own_cpu_us ();
  while (g_get_monotonic_time () - begin < G_USEC_PER_SEC)
    poll (NULL, 0, 50);
  fail_unless (own_cpu_us () - cpu < G_USEC_PER_SEC / 10, "%d us",
      (gint) (own_cpu_us () - cpu));
  release_descriptors (10);
  expect_count (&n_accepted, 1);
  close (peer);
  g_atomic_int_set (&no_null, 0);
  end_hogging ();
}

GST_END_TEST;

static void
add_all (Suite *suite, const gchar *name, SFun begin)
{
  TCase *tc = tcase_create (name);

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, begin, tear_down);
  tcase_add_test (tc, test_bursts_on_two_listeners_are_all_taken);
  tcase_add_test (tc, test_connections_made_before_the_start_are_taken);
  tcase_add_test (tc, test_peer_that_has_gone_already_does_no_harm);
  tcase_add_test (tc, test_acceptor_may_be_freed_while_peers_connect);
  tcase_add_test (tc, test_listeners_stay_the_callers);
  tcase_add_test (tc, test_peers_are_refused_when_descriptors_run_out);
  tcase_add_test (tc, test_spare_descriptor_is_had_again_once_it_was_lost);
  tcase_add_test (tc, test_processor_is_idle_without_a_spare_descriptor);
}

static Suite *
acceptor_suite (void)
{
  Suite *suite = suite_create ("acceptor");

  add_all (suite, "epoll", set_up);
  add_all (suite, "poll", set_up_poll);
  return suite;
}

GST_CHECK_MAIN (acceptor);
