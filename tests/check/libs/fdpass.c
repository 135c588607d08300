/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fdpass.c: descriptors over UNIX sockets, paths, memory that can travel
 *
 * Here: gstsocketfdpass, gstsocketunix and gstsocketmemfd. Each test ends with
 * the descriptors it began with.
 * Not here: what the records mean (wire.c), elements.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testutil.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketfdpass.h>
#include <gst/socket/gstsocketmemfd.h>
#include <gst/socket/gstsocketunix.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <gmodule.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static gint pair[2];
static gchar *folder;
static gchar *path;

static void
set_up (void)
{
  test_leaks_begin ();
  fail_unless (
      socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
  folder = g_dir_make_tmp ("fdpass-XXXXXX", NULL);
  path = g_build_filename (folder, "x.sock", NULL);
}

static void
tear_down (void)
{
  close (pair[0]);
  close (pair[1]);
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
  test_leaks_end ();
}

/* What the library hands to the kernel, seen on its way. */
static gsize control_size;
static gsize cmsg_size;
static gint cmsg_fds[GST_SOCKET_FDPASS_MAX_FDS];

/* Exported, so that it stands before the C library's. */
G_MODULE_EXPORT ssize_t
sendmsg (int fd, const struct msghdr *msg, int flags)
{
  const struct cmsghdr *cmsg = CMSG_FIRSTHDR (msg);

  control_size = msg->msg_controllen;
  cmsg_size = cmsg != NULL ? cmsg->cmsg_len : 0;
  if (cmsg != NULL)
    memcpy (cmsg_fds, CMSG_DATA (cmsg),
        MIN (cmsg_size - CMSG_LEN (0), sizeof (cmsg_fds)));
  return syscall (SYS_sendmsg, fd, msg, flags);
}

static GstSocketRecord
make_record (const gchar *text, const gint *fds, guint n_fds)
{
  GstSocketRecord record = {.n_vectors = 1,
      .vectors = {{text, strlen (text)}},
      .n_fds = n_fds,
      .fds = fds};

  return record;
}

static gint
send_one (const gchar *text, const gint *fds, guint n_fds)
{
  GstSocketRecord record = make_record (text, fds, n_fds);

  return gst_socket_fdpass_send (pair[0], &record, 1, NULL);
}

GST_START_TEST (test_record_and_descriptors_arrive)
{
  gint fds[2] = {pair[0], pair[1]};
  g_auto (GstSocketFds) got = {0};
  guint8 data[64];
  gsize size = sizeof (data);

  assert_equals_int (send_one ("hello", fds, 2), 1);
  assert_equals_int (
      gst_socket_fdpass_receive (pair[1], data, &size, &got, NULL),
      GST_SOCKET_FDPASS_OK);
  assert_equals_int (size, 5);
  assert_equals_int (memcmp (data, "hello", 5), 0);
  assert_equals_int (got.n, 2);
  fail_unless (fcntl (got.fds[0], F_GETFD) & FD_CLOEXEC);
  fail_unless (fcntl (got.fds[1], F_GETFD) & FD_CLOEXEC);
}

GST_END_TEST;

GST_START_TEST (test_two_records_go_with_one_call)
{
  GstSocketRecord records[2] = {
      make_record ("one", NULL, 0), make_record ("three", NULL, 0)};
  g_auto (GstSocketFds) got = {0};
  guint8 data[64];
  gsize size = sizeof (data);

  assert_equals_int (gst_socket_fdpass_send (pair[0], records, 2, NULL), 2);
  gst_socket_fdpass_receive (pair[1], data, &size, &got, NULL);
  assert_equals_int (size, 3);
  size = sizeof (data);
  gst_socket_fdpass_receive (pair[1], data, &size, &got, NULL);
  assert_equals_int (size, 5);
}

GST_END_TEST;

GST_START_TEST (test_nothing_there_and_end_differ)
{
  g_auto (GstSocketFds) got = {0};
  guint8 data[8];
  gsize size = sizeof (data);

  assert_equals_int (
      gst_socket_fdpass_receive (pair[1], data, &size, &got, NULL),
      GST_SOCKET_FDPASS_AGAIN);
  shutdown (pair[0], SHUT_WR);
  assert_equals_int (
      gst_socket_fdpass_receive (pair[1], data, &size, &got, NULL),
      GST_SOCKET_FDPASS_EOF);
}

GST_END_TEST;

GST_START_TEST (test_full_socket_takes_none)
{
  gint sent;

  while ((sent = send_one ("x", NULL, 0)) == 1)
    continue;
  assert_equals_int (sent, 0);
}

GST_END_TEST;

GST_START_TEST (test_record_that_is_too_long_is_an_error)
{
  g_auto (GstSocketFds) got = {0};
  g_autoptr (GError) error = NULL;
  guint8 data[4];
  gsize size = sizeof (data);

  send_one ("hello", &pair[0], 1);
  assert_equals_int (
      gst_socket_fdpass_receive (pair[1], data, &size, &got, &error),
      GST_SOCKET_FDPASS_ERROR);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
  assert_equals_int (got.n, 0);
}

GST_END_TEST;

/* More than the library sends, so by hand. */
static void
send_many_fds (guint n)
{
  guint8 control[CMSG_SPACE (sizeof (gint) * 64)] = {0};
  struct iovec iov = {(gpointer) "x", 1};
  struct msghdr msg = {.msg_iov = &iov,
      .msg_iovlen = 1,
      .msg_control = control,
      .msg_controllen = CMSG_SPACE (sizeof (gint) * n)};
  struct cmsghdr *cmsg = CMSG_FIRSTHDR (&msg);

  cmsg->cmsg_level = SOL_SOCKET;
  cmsg->cmsg_type = SCM_RIGHTS;
  cmsg->cmsg_len = CMSG_LEN (sizeof (gint) * n);
  for (guint i = 0; i < n; i++)
    memcpy (CMSG_DATA (cmsg) + i * sizeof (gint), &pair[0], sizeof (gint));
  fail_unless (sendmsg (pair[0], &msg, 0) == 1);
}

static GstSocketFdpassResult
receive_many_fds (guint n)
{
  g_auto (GstSocketFds) got = {0};
  guint8 data[4];
  gsize size = sizeof (data);

  send_many_fds (n);
  return gst_socket_fdpass_receive (pair[1], data, &size, &got, NULL);
}

GST_START_TEST (test_limit_of_descriptors)
{
  assert_equals_int (receive_many_fds (15), GST_SOCKET_FDPASS_OK);
  assert_equals_int (receive_many_fds (16), GST_SOCKET_FDPASS_OK);
  assert_equals_int (receive_many_fds (17), GST_SOCKET_FDPASS_ERROR);
  assert_equals_int (receive_many_fds (60), GST_SOCKET_FDPASS_ERROR);
}

GST_END_TEST;

GST_START_TEST (test_data_before_a_reset_is_read)
{
  g_auto (GstSocketFds) got = {0};
  guint8 data[8];
  gsize size = sizeof (data);

  /* Unread at its end when it closes: that resets ours. */
  fail_unless (send (pair[1], "y", 1, 0) == 1);
  send_one ("tail", NULL, 0);
  close (pair[0]);
  pair[0] = -1;
  assert_equals_int (
      gst_socket_fdpass_receive (pair[1], data, &size, &got, NULL),
      GST_SOCKET_FDPASS_OK);
  assert_equals_int (memcmp (data, "tail", 4), 0);
  size = sizeof (data);
  assert_equals_int (
      gst_socket_fdpass_receive (pair[1], data, &size, &got, NULL),
      GST_SOCKET_FDPASS_EOF);
}

GST_END_TEST;

GST_START_TEST (test_taken_descriptor_stays_open)
{
  GstSocketFds got = {0};
  guint8 data[8];
  gsize size = sizeof (data);
  gint fd;

  send_one ("x", &pair[0], 1);
  gst_socket_fdpass_receive (pair[1], data, &size, &got, NULL);
  fd = gst_socket_fds_take (&got, 0);
  gst_socket_fds_clear (&got);
  fail_unless (fcntl (fd, F_GETFD) >= 0);
  close (fd);
}

GST_END_TEST;

GST_START_TEST (test_path_that_is_taken_is_left_alone)
{
  g_autoptr (GstSocketUnixListener) first =
      gst_socket_unix_listener_new (path, 0600, NULL);
  g_autoptr (GError) error = NULL;

  fail_unless (first != NULL);
  fail_if (gst_socket_unix_listener_new (path, 0600, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE));
  fail_unless (gst_socket_unix_listener_is_reachable (first));
}

GST_END_TEST;

GST_START_TEST (test_file_that_is_no_socket_is_left_alone)
{
  g_autoptr (GError) error = NULL;

  fail_unless (g_file_set_contents (path, "mine", -1, NULL));
  fail_if (gst_socket_unix_listener_new (path, 0600, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS));
  fail_unless (g_file_test (path, G_FILE_TEST_IS_REGULAR));
}

GST_END_TEST;

GST_START_TEST (test_path_of_another_is_not_removed)
{
  GstSocketUnixListener *first =
      gst_socket_unix_listener_new (path, 0600, NULL);
  g_autoptr (GstSocketUnixListener) second = NULL;

  g_unlink (path);
  fail_if (gst_socket_unix_listener_is_reachable (first));
  second = gst_socket_unix_listener_new (path, 0600, NULL);
  gst_socket_unix_listener_free (first);
  fail_unless (gst_socket_unix_listener_is_reachable (second));
}

GST_END_TEST;

static gboolean
path_of_length_works (gsize length)
{
  g_autofree gchar *name = g_strnfill (length - strlen (folder) - 1, 'x');
  g_autofree gchar *full = g_build_filename (folder, name, NULL);
  g_autoptr (GstSocketUnixListener) listener =
      gst_socket_unix_listener_new (full, 0600, NULL);

  return listener != NULL;
}

GST_START_TEST (test_limit_of_the_path)
{
  fail_unless (path_of_length_works (106));
  fail_unless (path_of_length_works (107));
  fail_if (path_of_length_works (108));
}

GST_END_TEST;

GST_START_TEST (test_peer_is_known)
{
  guint uid;
  gint pid;

  fail_unless (gst_socket_unix_get_peer (pair[0], &uid, &pid));
  assert_equals_int (uid, getuid ());
  assert_equals_int (pid, getpid ());
}

GST_END_TEST;

GST_START_TEST (test_memory_of_the_allocator_cannot_shrink)
{
  g_autoptr (GstAllocator) allocator = gst_socket_memfd_allocator_new ();
  GstAllocationParams params = {.prefix = 10, .padding = 7, .align = 63};
  g_autoptr (GstMemory) memory = gst_allocator_alloc (allocator, 1000, &params);
  GstSocketFdInfo info;
  gint fd;

  fail_unless (gst_is_fd_memory (memory));
  assert_equals_int (memory->size, 1000);
  assert_equals_int (memory->offset % 64, 0);
  fail_unless (memory->offset >= 10);
  fd = gst_fd_memory_get_fd (memory);
  fail_unless (gst_socket_fd_inspect (fd, &info));
  assert_equals_int (info.kind, GST_SOCKET_FD_SEALED);
  assert_equals_uint64 (info.size, memory->maxsize);
  fail_if (ftruncate (fd, 0) == 0);
}

GST_END_TEST;

GST_START_TEST (test_memory_that_only_its_process_can_write)
{
  g_autoptr (GstAllocator) allocator =
      gst_socket_memfd_allocator_new_protected ();
  g_autoptr (GstMemory) memory = gst_allocator_alloc (allocator, 8192, NULL);
  gint fd = gst_fd_memory_get_fd (memory);
  GstMapInfo map;
  guint8 *seen;

  fail_unless (mmap (NULL, 8192, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  fail_unless (pwrite (fd, "x", 1, 0) < 0);
  seen = mmap (NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
  fail_if (seen == MAP_FAILED);
  for (guint i = 1; i < 4; i++) {
    fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
    gst_memory_unmap (memory, &map);
    fail_unless (gst_memory_map (memory, &map, GST_MAP_WRITE));
    map.data[i] = i;
    gst_memory_unmap (memory, &map);
    assert_equals_int (seen[i], i);
  }
  munmap (seen, 8192);
}

GST_END_TEST;

GST_START_TEST (test_kinds_of_descriptors)
{
  gint open_fd = memfd_create ("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gint closed_fd = memfd_create ("x", MFD_CLOEXEC);
  GstSocketFdInfo info;

  fail_unless (gst_socket_fd_inspect (open_fd, &info));
  assert_equals_int (info.kind, GST_SOCKET_FD_SEALED);
  fail_unless (gst_socket_fd_inspect (closed_fd, &info));
  assert_equals_int (info.kind, GST_SOCKET_FD_UNSEALED);
  fail_if (gst_socket_fd_inspect (pair[0], &info));
  fail_if (gst_socket_fd_inspect (-1, &info));
  close (open_fd);
  close (closed_fd);
}

GST_END_TEST;

/* The original said that the descriptors took as much as the whole header. */
GST_START_TEST (test_b12_control_data_is_exactly_the_descriptors)
{
  gint fds[GST_SOCKET_FDPASS_MAX_FDS];

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = pair[i % 2];
  for (guint n = 0; n <= G_N_ELEMENTS (fds); n++) {
    g_auto (GstSocketFds) got = {0};
    guint8 text[8];
    gsize size = sizeof (text);

    assert_equals_int (send_one ("x", fds, n), 1);
    assert_equals_int (
        control_size, n > 0 ? CMSG_SPACE (n * sizeof (gint)) : 0);
    assert_equals_int (cmsg_size, n > 0 ? CMSG_LEN (n * sizeof (gint)) : 0);
    fail_unless (memcmp (cmsg_fds, fds, n * sizeof (gint)) == 0);
    assert_equals_int (
        gst_socket_fdpass_receive (pair[1], text, &size, &got, NULL),
        GST_SOCKET_FDPASS_OK);
    assert_equals_int (got.n, n);
  }
}

GST_END_TEST;

static Suite *
fdpass_suite (void)
{
  Suite *suite = suite_create ("fdpass");
  TCase *tc = tcase_create ("core");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_record_and_descriptors_arrive);
  tcase_add_test (tc, test_two_records_go_with_one_call);
  tcase_add_test (tc, test_nothing_there_and_end_differ);
  tcase_add_test (tc, test_full_socket_takes_none);
  tcase_add_test (tc, test_record_that_is_too_long_is_an_error);
  tcase_add_test (tc, test_limit_of_descriptors);
  tcase_add_test (tc, test_data_before_a_reset_is_read);
  tcase_add_test (tc, test_taken_descriptor_stays_open);
  tcase_add_test (tc, test_path_that_is_taken_is_left_alone);
  tcase_add_test (tc, test_file_that_is_no_socket_is_left_alone);
  tcase_add_test (tc, test_path_of_another_is_not_removed);
  tcase_add_test (tc, test_limit_of_the_path);
  tcase_add_test (tc, test_peer_is_known);
  tcase_add_test (tc, test_memory_of_the_allocator_cannot_shrink);
  tcase_add_test (tc, test_memory_that_only_its_process_can_write);
  tcase_add_test (tc, test_kinds_of_descriptors);
  tcase_add_test (tc, test_b12_control_data_is_exactly_the_descriptors);
  return suite;
}

GST_CHECK_MAIN (fdpass);
