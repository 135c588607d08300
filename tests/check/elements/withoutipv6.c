/* SPDX-License-Identifier: LGPL-2.1-or-later
 * withoutipv6.c: every element that listens, on a machine without IPv6
 *
 * Here: what is asked to serve both families serves the one that is there, and
 * a name with addresses of both leads to it.
 * Not here: machines that have both (the tests of each element).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>

#define SEND "fakesrc is-live=true filltype=pattern sizetype=fixed sizemax=100"
#define TAKE "fakesink name=sink num-buffers=3 sync=false"

/* The first of each pair listens, the second one uses PORT. */
static const struct
{
  const gchar *listens;
  const gchar *port_property;
  const gchar *connects;
  gboolean listener_receives;
} pairs[] = {
    {"tcpserversrc name=peer host=:: port=0 ! " TAKE, "current-port",
        SEND " ! socketsink uri=tcp://localhost:PORT", TRUE},
    {"tcpserversrc name=peer host=localhost port=0 ! " TAKE, "current-port",
        SEND " ! tcpclientsink host=localhost port=PORT", TRUE},
    {"socketsrc name=peer uri=tcp://:0?listen=true ! " TAKE, "current-port",
        SEND " ! socketsink uri=tcp://localhost:PORT", TRUE},
    {SEND " ! tcpserversink name=peer host=:: port=0", "current-port",
        "tcpclientsrc host=localhost port=PORT ! " TAKE, FALSE},
    {SEND " ! tcpserversink name=peer host=localhost port=0", "current-port",
        "socketsrc uri=tcp://localhost:PORT ! " TAKE, FALSE},
    {SEND " ! socketsink name=peer uri=tcp://:0?listen=true", "current-port",
        "tcpclientsrc host=localhost port=PORT ! " TAKE, FALSE},
    {"udpserversrc name=peer address=0.0.0.0 port=0 ! " TAKE, "port",
        SEND " ! socketsink uri=udp://localhost:PORT", TRUE},
    {"udpserversrc name=peer address=:: port=0 ! " TAKE, "port",
        SEND " ! socketsink uri=udp://localhost:PORT", TRUE},
    {"socketsrc name=peer uri=udp://:0 ! " TAKE, "current-port",
        SEND " ! socketsink uri=udp://localhost:PORT", TRUE},
};

static GstElement *
play (const gchar *launch, gint port)
{
  g_autoptr (GString) text = g_string_new (launch);
  g_autofree gchar *number = g_strdup_printf ("%d", port);
  GstElement *pipeline;

  g_string_replace (text, "PORT", number, 0);
  pipeline = test_launch ("%s", text->str);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
          != GST_STATE_CHANGE_FAILURE,
      "%s", text->str);
  return pipeline;
}

GST_START_TEST (test_the_family_that_is_there_is_served)
{
  GstElement *listening, *connecting;
  gint port = 0;

  if (!test_enter_world_without_ipv6 ())
    return;
  listening = play (pairs[__i__].listens, 0);
  g_object_get (
      test_get (listening, "peer"), pairs[__i__].port_property, &port, NULL);
  connecting = play (pairs[__i__].connects, port);
  test_expect_eos (pairs[__i__].listener_receives ? listening : connecting);
  test_stop (connecting);
  test_stop (listening);
}
GST_END_TEST;

static Suite *
withoutipv6_suite (void)
{
  Suite *suite = suite_create ("withoutipv6");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_loop_test (
      tc, test_the_family_that_is_there_is_served, 0, G_N_ELEMENTS (pairs));
  return suite;
}

GST_CHECK_MAIN (withoutipv6);
