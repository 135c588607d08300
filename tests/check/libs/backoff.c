/* SPDX-License-Identifier: LGPL-2.1-or-later
 * backoff.c: tests of gstsocketbackoff.c
 *
 * Here: every limit of the waiting time. Not here: waiting.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testutil.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketbackoff.h>

/* Without chance. */
#define MIDDLE 0.5

GST_START_TEST (test_time_doubles_up_to_the_limit)
{
  static const guint64 expected[] = {100, 200, 400, 800, 1000, 1000};

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    fail_unless_equals_uint64 (
        gst_socket_backoff (100, 1000, i + 1, MIDDLE), expected[i]);
  fail_unless_equals_uint64 (
      gst_socket_backoff (100, 1000, G_MAXUINT, MIDDLE), 1000);
}
GST_END_TEST;

GST_START_TEST (test_chance_moves_it_by_a_quarter)
{
  fail_unless_equals_uint64 (gst_socket_backoff (100, 1000, 1, 0), 75);
  fail_unless_equals_uint64 (gst_socket_backoff (100, 1000, 1, 1), 125);
  fail_unless_equals_uint64 (gst_socket_backoff (100, 1000, 9, 1), 1250);
  fail_unless_equals_uint64 (gst_socket_backoff (100, 1000, 1, -1), 75);
  fail_unless_equals_uint64 (gst_socket_backoff (100, 1000, 1, 2), 125);
}
GST_END_TEST;

GST_START_TEST (test_limits)
{
  fail_unless_equals_uint64 (gst_socket_backoff (0, 1000, 9, 1), 0);
  fail_unless_equals_uint64 (gst_socket_backoff (1000, 100, 1, MIDDLE), 100);
  fail_unless_equals_uint64 (gst_socket_backoff (1, 0, 5, 1), 0);
  fail_unless (gst_socket_backoff (G_MAXINT64 - 1, G_MAXINT64, 3, MIDDLE)
      >= (guint64) G_MAXINT64 - 1024);
}
GST_END_TEST;

static Suite *
backoff_suite (void)
{
  Suite *suite = suite_create ("backoff");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_time_doubles_up_to_the_limit);
  tcase_add_test (tc, test_chance_moves_it_by_a_quarter);
  tcase_add_test (tc, test_limits);
  return suite;
}

GST_CHECK_MAIN (backoff);
