/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testutil.c: waiting for conditions, and counting what a test left behind
 *
 * Here: see testutil.h. Not here: sockets, elements.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testutil.h"

#include <gst/check/gstcheck.h>

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

static guint fds_at_start;
static guint threads_at_start;

static guint
count_entries (const gchar *path)
{
  DIR *dir = opendir (path);
  guint n = 0;

  if (dir == NULL)
    return 0;
  while (readdir (dir) != NULL)
    n++;
  closedir (dir);
  /* ".", ".." do not count; nor does the descriptor of the listing itself,
   * which is there at every count and so cancels out. */
  return n - 2;
}

guint
test_count_fds (void)
{
  return count_entries ("/proc/self/fd");
}

guint
test_count_threads (void)
{
  return count_entries ("/proc/self/task");
}

gboolean
test_wait_until (TestCondition cond, gpointer data)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE_US;

  while (!cond (data)) {
    if (g_get_monotonic_time () > deadline)
      return FALSE;
    poll (NULL, 0, 1);
  }
  return TRUE;
}

gboolean
test_kernel_confines_paths (void)
{
#ifdef SYS_openat2
  return syscall (SYS_openat2, -1, NULL, NULL, 0) < 0 && errno != ENOSYS;
#else
  return FALSE;
#endif
}

/* GLib and GStreamer start helpers of their own on first use and keep them:
 * they are started here, so that they do not count against a test. */
static void
start_shared_helpers (void)
{
  GError *error = NULL;
  GThreadPool *pool =
      g_thread_pool_new ((GFunc) g_free, NULL, 1, FALSE, &error);

  g_clear_error (&error);
  g_thread_pool_set_max_unused_threads (0);
  g_thread_pool_free (pool, FALSE, TRUE);
  gst_object_unref (gst_system_clock_obtain ());
  g_main_context_default ();
}

void
test_leaks_begin (void)
{
  start_shared_helpers ();
  fds_at_start = test_count_fds ();
  threads_at_start = test_count_threads ();
}

static gboolean
is_back_to_start (gpointer unused)
{
  g_thread_pool_stop_unused_threads ();
  return test_count_fds () <= fds_at_start
      && test_count_threads () <= threads_at_start;
}

void
test_leaks_end (void)
{
  gst_task_cleanup_all ();
  fail_unless (test_wait_until (is_back_to_start, NULL),
      "left behind: %u descriptors (began with %u), %u threads (began with %u)",
      test_count_fds (), fds_at_start, test_count_threads (), threads_at_start);
}
