/* SPDX-License-Identifier: LGPL-2.1-or-later
 * httplibrary.c: tests of when the HTTP library is opened
 *
 * Here: that libsoup enters only processes that use HTTP, and that libsoup 2
 * in a process is an error and no crash.
 * Not here: what the library does.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>

#include <dlfcn.h>
#include <string.h>

static gboolean
is_mapped (const gchar *library)
{
  g_autofree gchar *maps = NULL;

  fail_unless (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  return strstr (maps, library) != NULL;
}

static void
run_briefly (const gchar *sink)
{
  g_autoptr (GstElement) pipeline =
      test_launch ("fakesrc sizetype=fixed num-buffers=3 ! %s port=0", sink);

  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  test_expect_eos (pipeline);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

GST_START_TEST (test_pipeline_without_http_has_no_libsoup)
{
  run_briefly ("tcpserversink");
  fail_unless (is_mapped ("libgsttcp.so"));
  fail_if (is_mapped ("libsoup"));
  fail_if (is_mapped ("libgstsockethttp"));
}
GST_END_TEST;

GST_START_TEST (test_pipeline_with_http_has_libsoup_3)
{
  run_briefly ("httpserversink");
  fail_unless (is_mapped ("libsoup-3.0"));
}
GST_END_TEST;

static void
expect_error_beside_libsoup_2 (gint flags)
{
  gpointer library = dlopen ("libsoup-2.4.so.1", RTLD_NOW | flags);
  g_autoptr (GstElement) pipeline =
      test_launch ("fakesrc ! httpserversink port=0");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless (library != NULL, "%s", dlerror ());
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, "libsoup 2") != NULL);
  fail_if (is_mapped ("libsoup-3.0"));
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

GST_START_TEST (test_libsoup_2_for_all_is_an_error)
{
  expect_error_beside_libsoup_2 (RTLD_GLOBAL);
}
GST_END_TEST;

GST_START_TEST (test_libsoup_2_of_another_plugin_is_an_error)
{
  expect_error_beside_libsoup_2 (RTLD_LOCAL);
}
GST_END_TEST;

static Suite *
httplibrary_suite (void)
{
  Suite *s = suite_create ("httplibrary");
  TCase *tc = tcase_create ("httplibrary");

  /* Each in a process of its own. */
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_pipeline_without_http_has_no_libsoup);
  tcase_add_test (tc, test_pipeline_with_http_has_libsoup_3);
  tcase_add_test (tc, test_libsoup_2_for_all_is_an_error);
  tcase_add_test (tc, test_libsoup_2_of_another_plugin_is_an_error);
  return s;
}

GST_CHECK_MAIN (httplibrary);
