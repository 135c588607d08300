/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testhttpsink.h: an httpserversink that is fed by hand, for tests
 *
 * Here: starting one, feeding it, listening to it, what it is to answer.
 * Not here: the client's bytes (testhttp.h).
 */
#pragma once

#include "testhttp.h"

#include <gst/check/gstharness.h>

G_BEGIN_DECLS

#define TEST_SINK_VIDEO "video/webm, streamheader=(buffer)<6865616465723a>"
#define TEST_SINK_GET "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"

typedef struct
{
  GstHarness *h;
  guint16 port;
  guint16 tls_port;
} TestSink;

/* Any free port; for @properties see gst-launch-1.0. */
TestSink test_sink_begin (const gchar *properties, const gchar *caps);
void test_sink_end (TestSink *self);
/* Returns: (transfer none): the element. */
GstElement *test_sink_get (TestSink *self);
/* Pushes a keyframe. */
void test_sink_push (TestSink *self, const gchar *text);
/* Returns: (transfer full): a stream that stands behind the head. */
GIOStream *test_sink_listen (TestSink *self, const gchar *request);
void test_sink_expect (GIOStream *stream, const gchar *text);
void test_sink_leave (GIOStream *stream);
void test_sink_expect_status (
    TestSink *self, const gchar *request, guint status);
void test_sink_expect_field (TestSink *self, const gchar *request,
    const gchar *name, const gchar *value);
/* Conditions, of a TestSink. */
gboolean test_sink_has_listeners (gpointer data);
gboolean test_sink_has_no_listeners (gpointer data);
/* Returns: (transfer full): a message of the element's, or NULL in time. */
GstMessage *test_sink_pop_message (TestSink *self, GstMessageType type);
/* The first TLS connection of a process, and the first source of a signal,
 * start helpers that stay: to be done before descriptors and threads are
 * counted. */
void test_sink_start_helpers (void);

G_END_DECLS
