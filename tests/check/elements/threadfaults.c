/* SPDX-License-Identifier: LGPL-2.1-or-later
 * threadfaults.c: tests of elements that are denied a thread
 *
 * Here: what needs a thread of its own to connect, or to serve its peer, when
 * the system has none left. Not here: everything with threads.
 *
 * The refusal comes from a pthread_create of this program, which GLib finds
 * before that of the C library.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

typedef int (*CreateFunc) (
    pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);

static gint is_denied; /* atomic */

G_MODULE_EXPORT int
pthread_create (pthread_t *ret_thread, const pthread_attr_t *attributes,
    void *(*run) (void *), void *data)
{
  static CreateFunc real;

  if (g_atomic_int_get (&is_denied))
    return EAGAIN;
  if (real == NULL)
    real = (CreateFunc) dlsym (RTLD_NEXT, "pthread_create");
  return real (ret_thread, attributes, run, data);
}

static void
deny_threads (gboolean deny)
{
  g_atomic_int_set (&is_denied, deny);
}

static void
set_up (void)
{
  test_leaks_begin ();
}

static void
tear_down (void)
{
  deny_threads (FALSE);
  test_leaks_end ();
}

/* The element, its property that says where, and what its error names. */
static const struct
{
  const gchar *pipeline;
  const gchar *property;
  const gchar *place;
  gint code;
} denied[] = {
    {"appsrc ! tcpclientsink host=127.0.0.1 port=9 reconnect=always name=e",
        NULL, "127.0.0.1:9", GST_RESOURCE_ERROR_OPEN_READ},
    {"appsrc ! socketsink uri=tcp://127.0.0.1:9 reconnect=always name=e", NULL,
        "127.0.0.1:9", GST_RESOURCE_ERROR_OPEN_READ},
    {"videotestsrc ! qtisocketsink name=e", "socket", "thread-denied",
        GST_RESOURCE_ERROR_OPEN_READ_WRITE},
    {"qtisocketsrc name=e ! fakesink", "socket", "thread-denied",
        GST_RESOURCE_ERROR_OPEN_READ_WRITE},
};

GST_START_TEST (test_no_thread_to_start_with_is_an_error_that_names_the_place)
{
  g_autofree gchar *folder = g_dir_make_tmp ("gst-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, denied[__i__].place, NULL);
  GstElement *pipeline = test_launch ("%s", denied[__i__].pipeline);

  if (denied[__i__].property != NULL)
    g_object_set (test_get (pipeline, "e"), denied[__i__].property, path, NULL);
  deny_threads (TRUE);
  fail_unless_equals_int (
      gst_element_set_state (test_get (pipeline, "e"), GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  deny_threads (FALSE);
  test_expect_error (pipeline, denied[__i__].code, denied[__i__].place);
  test_stop (pipeline);
  fail_unless_equals_int (rmdir (folder), 0);
}
GST_END_TEST;

GST_START_TEST (test_no_thread_to_connect_again_is_an_error_that_names_the_peer)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);
  g_autoptr (GSocket) peer = NULL;
  g_autofree gchar *name = g_strdup_printf ("127.0.0.1:%u", port);
  gchar byte;
  GstElement *pipeline = test_launch (
      "fakesrc filltype=zero sizetype=fixed sizemax=10 ! tcpclientsink sync=false "
      "host=127.0.0.1 port=%u reconnect=always",
      port);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  peer = test_accept (listener);
  /* By then fakesrc has the thread that it needs. */
  test_receive (peer, &byte, 1);
  deny_threads (TRUE);
  test_reset (peer);
  test_expect_error (pipeline, GST_RESOURCE_ERROR_OPEN_READ, name);
  deny_threads (FALSE);
  test_stop (pipeline);
}
GST_END_TEST;

static Suite *
threadfaults_suite (void)
{
  Suite *suite = suite_create ("threadfaults");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_loop_test (tc,
      test_no_thread_to_start_with_is_an_error_that_names_the_place, 0,
      G_N_ELEMENTS (denied));
  tcase_add_test (
      tc, test_no_thread_to_connect_again_is_an_error_that_names_the_peer);
  return suite;
}

GST_CHECK_MAIN (threadfaults);
