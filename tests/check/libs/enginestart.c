/* SPDX-License-Identifier: LGPL-2.1-or-later
 * enginestart.c: tests of how a client of an engine begins
 *
 * Here: beginning with what is queued, in a framing of its own, or before the
 * poller knows of the client.
 * Not here: limits, lag.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testengine.h"
#include "testnet.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketengine-private.h>
#include <gst/socket/gstsocketframings.h>

#include <string.h>

static void
ignore (GstSocketEngine *engine, GstSocketClient *client,
    GstSocketClientStatus status, gpointer user_data)
{
}

static void
count (GstSocketEngine *engine, gpointer user_data)
{
  g_atomic_int_inc ((gint *) user_data);
}

static const GstSocketEngineFuncs funcs = {
    .removed = ignore,
    .gone = ignore,
    .need_keyframe = count,
};

static GstSocketEngine *
start_engine (gint *asked)
{
  GstSocketEngine *engine = gst_socket_engine_new (&funcs, asked);
  GstSocketLimits limits = {.sync = GST_SOCKET_SYNC_LATEST_KEYFRAME,
      .units_max = -1,
      .units_soft_max = -1,
      .keyframe_interval = GST_SECOND};

  gst_socket_engine_set_limits (engine, &limits);
  fail_unless (gst_socket_engine_start (engine, NULL));
  return engine;
}

static void
push (GstSocketEngine *engine, const gchar *text, guint flags)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (text, strlen (text));

  fail_unless (gst_socket_engine_push (engine, buffer, flags, NULL));
}

static void
add (GstSocketEngine *engine, GSocket *socket, GstSocketFraming *framing)
{
  GstSocketHandle handle = {.key = socket,
      .fd = g_socket_get_fd (socket),
      .flags = GST_SOCKET_HANDLE_SOCKET,
      .object = G_OBJECT (socket)};
  GstSocketStart start = {.sync = GST_SOCKET_SYNC_LATEST_KEYFRAME};

  fail_unless_equals_int (
      gst_socket_engine_add (engine, &handle, &start, framing),
      GST_SOCKET_ADD_OK);
}

static void
expect (GSocket *socket, const gchar *text)
{
  g_autofree gchar *data = g_malloc0 (strlen (text) + 1);

  test_receive (socket, data, strlen (text));
  fail_unless_equals_string (data, text);
}

GST_START_TEST (test_admitted_client_gets_what_is_queued)
{
  gint asked = 0;
  g_autoptr (GstSocketEngine) engine = start_engine (&asked);
  g_autoptr (GstSocketFraming) framing = gst_socket_framing_new_chunked ();
  g_autoptr (GSocket) ours = NULL;
  g_autoptr (GSocket) peer = NULL;

  test_pair (SOCK_STREAM, &ours, &peer);
  gst_socket_engine_admit (engine);
  push (engine, "old", GST_SOCKET_UNIT_KEYFRAME);
  push (engine, "key", GST_SOCKET_UNIT_KEYFRAME);
  push (engine, "delta", 0);
  fail_unless_equals_uint64 (gst_socket_engine_get_newest (engine), 3);
  add (engine, ours, framing);
  gst_socket_engine_admit (engine);
  expect (peer, "3\r\nkey\r\n5\r\ndelta\r\n");
  push (engine, "more", 0);
  expect (peer, "4\r\nmore\r\n");
  gst_socket_engine_stop (engine);
  fail_unless_equals_int (asked, 0);
}
GST_END_TEST;

GST_START_TEST (test_admitted_client_waits_for_its_keyframe)
{
  gint asked = 0;
  g_autoptr (GstSocketEngine) engine = start_engine (&asked);
  g_autoptr (GSocket) ours = NULL;
  g_autoptr (GSocket) peer = NULL;

  test_pair (SOCK_STREAM, &ours, &peer);
  push (engine, "delta", 0);
  add (engine, ours, NULL);
  gst_socket_engine_admit (engine);
  fail_unless_equals_int (g_atomic_int_get (&asked), 1);
  push (engine, "key", GST_SOCKET_UNIT_KEYFRAME);
  expect (peer, "key");
  gst_socket_engine_stop (engine);
}
GST_END_TEST;

static void
take_client (gpointer client, gpointer ret_client)
{
  *(gpointer *) ret_client = client;
}

static gboolean
is_free (gpointer client)
{
  return g_atomic_int_get (&((GstSocketClient *) client)->claim)
      == GST_SOCKET_CLAIM_FREE;
}

/* The poller gets to know the client between a send that falls short and the
 * worker's decision how to go on. The worker is held there by the lock that it
 * needs to tell who waits for the client's descriptor. */
GST_START_TEST (test_short_send_before_the_poller_knows_the_client_goes_on)
{
  TestPeer *peer = test_peer_join (1);
  GstSocketClient *client = NULL;

  gst_socket_engine_foreach (rig.engine, take_client, &client);
  g_atomic_int_set (&client->is_polled, FALSE);
  g_atomic_int_inc (&client->waiters);
  test_peer_gate (peer, TRUE);
  test_push ("one");
  test_peer_wait_inside (peer);
  g_mutex_lock (&rig.engine->lock);
  test_peer_gate (peer, FALSE);
  fail_unless_eventually (is_free, client);
  g_atomic_int_set (&client->is_polled, TRUE);
  g_atomic_int_add (&client->waiters, -1);
  g_mutex_unlock (&rig.engine->lock);
  test_peer_expect (peer, "o");
  fail_unless_eventually (test_rig_is_asleep, NULL);
  test_peer_give (peer, G_MAXSIZE);
  test_peer_expect (peer, "one");
}
GST_END_TEST;

static void
add_races (Suite *suite)
{
  TCase *tc = tcase_create ("races");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_rig_begin, test_rig_end);
  tcase_add_test (
      tc, test_short_send_before_the_poller_knows_the_client_goes_on);
}

static Suite *
enginestart_suite (void)
{
  Suite *s = suite_create ("enginestart");
  TCase *tc = tcase_create ("enginestart");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_admitted_client_gets_what_is_queued);
  tcase_add_test (tc, test_admitted_client_waits_for_its_keyframe);
  add_races (s);
  return s;
}

GST_CHECK_MAIN (enginestart);
