/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testnet.h: the other end of a connection, for tests
 *
 * Here: plain sockets on the loopback interface, a resolver that knows only
 * what tests need, pipelines and their messages.
 * Not here: any element of ours by type.
 */
#pragma once

#include "testutil.h"

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Host names that test_resolver_install () makes known. */
#define TEST_HOST_UNKNOWN "unknown.test"
#define TEST_HOST_HANGING "hanging.test"
/* 127.0.0.3, where nobody listens, and then 127.0.0.1. */
#define TEST_HOST_SECOND_WORKS "second.test"

void test_resolver_install (void);
gboolean test_resolver_is_hanging (gpointer unused);

GSocket *test_listen (guint16 *ret_port);
GSocket *test_listen_silent (guint16 *ret_port, GPtrArray **ret_fillers);
GSocket *test_connect (const gchar *host, guint16 port);
GSocket *test_accept (GSocket *listener);
guint16 test_unused_port (void);
gboolean test_enter_world_without_ipv6 (void);
void test_pair (int type, GSocket **ret_a, GSocket **ret_b);
void test_send (GSocket *socket, gconstpointer data, gsize size);
void test_receive (GSocket *socket, gpointer data, gsize size);
void test_expect_end (GSocket *socket);
void test_reset (GSocket *socket);
gboolean test_find_keep_alive_idle (gint seconds);

GstElement *test_launch (const gchar *format, ...) G_GNUC_PRINTF (1, 2);
GstElement *test_get (GstElement *pipeline, const gchar *name);
GstMessage *test_pop_message (GstElement *pipeline, GstMessageType types);
void test_expect_eos (GstElement *pipeline);
void test_expect_error (
    GstElement *pipeline, gint resource_code, const gchar *in_sentence);
GstStructure *test_expect_message (GstElement *pipeline, const gchar *name);
/* To be called by the test itself: GstCheck wants no task left before it runs
 * the fixtures. */
void test_stop (GstElement *pipeline);

G_END_DECLS
