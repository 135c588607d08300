/* SPDX-License-Identifier: LGPL-2.1-or-later
 * netns.h: a network of two hosts, for one test
 *
 * Here: a namespace for the test process and one for a child of it, with a
 * cable between them; commands for the child.
 * Not here: what is tested on it.
 *
 *   this process: near0, 10.77.0.1, fd77::1
 *   the far host: far0,  10.77.0.2, 10.77.0.3, fd77::2, fd77::3
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TEST_NET_NEAR4 "10.77.0.1"
#define TEST_NET_NEAR6 "fd77::1"

/* Call it first in main (), before there is any thread. When it returns FALSE
 * it has said why, and the program should return TEST_NET_SKIPPED. */
gboolean test_net_enter (void);
#define TEST_NET_SKIPPED 77

/* As a checked fixture, added before that of leaks: lays the cable. */
void test_net_begin (void);
void test_net_end (void);

/* Run ip (8) on either host; fail the test when it fails. */
void test_net_near (const gchar *arguments);
void test_net_far (const gchar *arguments);

/* Plugs the cable in again, after "link del near0" */
void test_net_lay_cable (void);
/* Addresses and the route of groups, which a link that goes down loses. */
void test_net_address (void);

/* The far host sends a packet. */
void test_net_send (
    const gchar *from, const gchar *to, guint port, const gchar *text);
/* How many reports of group membership the far host has heard since the last
 * time it was asked. */
guint test_net_count_reports (void);

/* Whether the kernel here is in the group. */
gboolean test_net_is_member (const gchar *group);

G_END_DECLS
