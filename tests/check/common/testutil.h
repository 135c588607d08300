/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testutil.h: what every test program needs
 *
 * Here: waiting for a condition with a deadline, and the check that a test
 * ends with the descriptors and threads it began with.
 * Not here: anything that knows an element.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A condition that takes longer than this has failed. Generous, because the
 * suite also runs under valgrind on loaded machines. */
#define TEST_DEADLINE_US (30 * G_USEC_PER_SEC)

typedef gboolean (*TestCondition) (gpointer data);

/* Returns TRUE as soon as cond (data) is TRUE, FALSE at the deadline. */
gboolean test_wait_until (TestCondition cond, gpointer data);

/* Whether links can be followed without leaving a folder (openat2): old kernels
 * cannot, nor can valgrind. */
gboolean test_kernel_confines_paths (void);

/* As a checked fixture: counts what is open before a test; after it, waits
 * until the counts are back, and fails the test when they never are. */
void test_leaks_begin (void);
void test_leaks_end (void);

guint test_count_fds (void);
guint test_count_threads (void);

#define fail_unless_eventually(cond, data)                                     \
  fail_unless (test_wait_until ((cond), (data)), "never became true: " #cond)

G_END_DECLS
