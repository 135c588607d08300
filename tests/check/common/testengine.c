/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testengine.c: an engine and its clients, for tests
 *
 * Here: see testengine.h. Not here: tests.
 *
 * A scripted peer takes bytes in a function of its own. So that the engine's
 * poller agrees with it, its socket is filled when it takes no more, and
 * emptied when it is given room again.
 *
 * Threads   test: all    worker: the callbacks, send_scripted
 * Locks     peer->lock, rig.lock: leaves
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testengine.h"

#include <gst/socket/gstsocketengine-private.h>

#include <gst/check/gstcheck.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

TestRig rig;

/* --- callbacks --- */

static void
call (TestHook hook, GstSocketClient *client)
{
  if (hook != NULL)
    hook (client, rig.hook_data);
}

static void
note_order (gchar what)
{
  g_mutex_lock (&rig.lock);
  g_string_append_c (rig.order, what);
  g_mutex_unlock (&rig.lock);
}

static void
removed (GstSocketEngine *engine, GstSocketClient *client,
    GstSocketClientStatus status, gpointer user_data)
{
  TestPeer *peer = gst_socket_client_get_key (client);

  g_mutex_lock (&peer->lock);
  peer->n_removed++;
  peer->status = status;
  g_mutex_unlock (&peer->lock);
  note_order ('r');
  g_atomic_int_inc (&rig.n_removed);
  call (rig.on_removed, client);
}

static void
gone (GstSocketEngine *engine, GstSocketClient *client,
    GstSocketClientStatus status, gpointer user_data)
{
  TestPeer *peer = gst_socket_client_get_key (client);

  call (rig.on_gone, client);
  note_order ('g');
  g_mutex_lock (&peer->lock);
  peer->n_gone++;
  g_mutex_unlock (&peer->lock);
  g_atomic_int_inc (&rig.n_gone);
}

static void
received (GstSocketEngine *engine, GstSocketClient *client, GstBuffer *buffer,
    gpointer user_data)
{
  g_atomic_int_add (&rig.n_received, gst_buffer_get_size (buffer));
  call (rig.on_received, client);
}

static void
sent (GstSocketEngine *engine, GstSocketClient *client, GstBuffer *buffer,
    gpointer user_data)
{
  g_atomic_int_inc (&rig.n_sent);
  call (rig.on_sent, client);
}

static void
slow (GstSocketEngine *engine, const GstSocketSlowReport *report,
    gpointer user_data)
{
  g_mutex_lock (&rig.lock);
  rig.slow = *report;
  rig.slow.client = NULL;
  g_mutex_unlock (&rig.lock);
  g_atomic_int_inc (&rig.n_slow);
  call (rig.on_slow, report->client);
}

static void
need_keyframe (GstSocketEngine *engine, gpointer user_data)
{
  g_atomic_int_inc (&rig.n_asked);
}

/* --- the rig --- */

static void
free_peer (gpointer data)
{
  TestPeer *peer = data;

  if (peer->ours >= 0)
    close (peer->ours);
  if (peer->theirs >= 0)
    close (peer->theirs);
  g_string_free (peer->got, TRUE);
  g_mutex_clear (&peer->lock);
  g_cond_clear (&peer->cond);
  g_free (peer);
}

/* As a checked fixture: an engine with one worker that runs. */
void
test_rig_begin (void)
{
  static const GstSocketEngineFuncs funcs = {
      removed, gone, received, sent, slow, need_keyframe};

  test_leaks_begin ();
  rig = (TestRig){.limits = {.workers = 1,
                      .keyframe_interval = GST_CLOCK_TIME_NONE,
                      .unit_format = GST_FORMAT_BUFFERS,
                      .resend_headers = TRUE}};
  g_mutex_init (&rig.lock);
  rig.order = g_string_new (NULL);
  rig.peers = g_ptr_array_new_with_free_func (free_peer);
  rig.engine = gst_socket_engine_new (&funcs, NULL);
  test_rig_apply ();
  fail_unless (gst_socket_engine_start (rig.engine, NULL));
}

/* The same, with the poll(2) back end. */
void
test_rig_begin_poll (void)
{
  g_setenv ("GST_SOCKET_POLLER", "poll", TRUE);
  test_rig_begin ();
}

void
test_rig_end (void)
{
  for (guint i = 0; i < rig.peers->len; i++)
    test_peer_gate (g_ptr_array_index (rig.peers, i), FALSE);
  rig.on_removed = rig.on_gone = NULL;
  g_clear_pointer (&rig.engine, gst_socket_engine_free);
  g_clear_pointer (&rig.peers, g_ptr_array_unref);
  g_string_free (rig.order, TRUE);
  g_mutex_clear (&rig.lock);
  g_unsetenv ("GST_SOCKET_POLLER");
  test_leaks_end ();
}

void
test_rig_apply (void)
{
  gst_socket_engine_set_limits (rig.engine, &rig.limits);
}

/* Whether the first worker waits for being woken, and for nothing else. */
gboolean
test_rig_is_asleep (gpointer unused)
{
  GstSocketWorker *worker;
  gboolean ret;

  g_mutex_lock (&rig.engine->lock);
  worker = g_ptr_array_index (rig.engine->workers, 0);
  ret = worker->asleep && worker->wait_ns < 0;
  g_mutex_unlock (&rig.engine->lock);
  return ret;
}

/* --- peers --- */

static void
fill (TestPeer *peer)
{
  static const gchar junk[1024];

  while (
      send (peer->ours, junk, sizeof junk, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
  }
}

static void
drain (TestPeer *peer)
{
  gchar junk[4096];

  while (recv (peer->theirs, junk, sizeof junk, MSG_DONTWAIT) > 0) {
  }
}

static gsize
take (TestPeer *peer, const struct msghdr *msg, gsize most)
{
  gsize taken = 0;

  for (gsize i = 0; i < msg->msg_iovlen && taken < most; i++) {
    gsize n = MIN (msg->msg_iov[i].iov_len, most - taken);

    g_string_append_len (peer->got, msg->msg_iov[i].iov_base, n);
    taken += n;
  }
  return taken;
}

static gsize
size_of (const struct msghdr *msg)
{
  gsize size = 0;

  for (gsize i = 0; i < msg->msg_iovlen; i++)
    size += msg->msg_iov[i].iov_len;
  return size;
}

static gssize
send_locked (TestPeer *peer, const struct msghdr *msg)
{
  gsize size = size_of (msg);
  gsize most = MIN (size, peer->room);

  peer->n_sends++;
  if (peer->error != 0)
    return -peer->error;
  if (peer->step > 0) {
    peer->shy = !peer->shy;
    if (peer->shy)
      return -EAGAIN;
    most = MIN (most, peer->step);
  }
  if (peer->room != G_MAXSIZE)
    peer->room -= most;
  take (peer, msg, most);
  if (most < size && peer->room == 0)
    fill (peer);
  return most > 0 ? (gssize) most : -EAGAIN;
}

static gssize
send_scripted (const GstSocketHandle *handle, const struct msghdr *msg)
{
  TestPeer *peer = handle->key;
  gssize ret;

  g_mutex_lock (&peer->lock);
  peer->inside = TRUE;
  g_cond_broadcast (&peer->cond);
  while (peer->gated)
    g_cond_wait (&peer->cond, &peer->lock);
  peer->inside = FALSE;
  ret = send_locked (peer, msg);
  g_mutex_unlock (&peer->lock);
  return ret;
}

/* A peer over a socket pair of that type, served with sendmsg(). */
TestPeer *
test_peer_new_plain (int type)
{
  TestPeer *peer = g_new0 (TestPeer, 1);
  gint fds[2];
  gint size = 4608;

  fail_unless (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds) == 0);
  peer->ours = fds[0];
  peer->theirs = fds[1];
  fcntl (peer->ours, F_SETFL, O_NONBLOCK);
  setsockopt (peer->ours, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  g_mutex_init (&peer->lock);
  g_cond_init (&peer->cond);
  peer->got = g_string_new (NULL);
  peer->start = (GstSocketStart){
      GST_SOCKET_SYNC_LATEST, GST_FORMAT_BYTES, -1, GST_FORMAT_BYTES, -1};
  peer->handle.key = peer;
  peer->handle.fd = peer->ours;
  peer->handle.flags = GST_SOCKET_HANDLE_SOCKET | GST_SOCKET_HANDLE_READ;
  g_ptr_array_add (rig.peers, peer);
  return peer;
}

/* A scripted peer that takes room bytes, G_MAXSIZE for any number. */
TestPeer *
test_peer_new (gsize room)
{
  TestPeer *peer = test_peer_new_plain (SOCK_STREAM);

  peer->handle.send = send_scripted;
  peer->room = room;
  return peer;
}

void
test_peer_add_with (TestPeer *peer, GstSocketFraming *framing)
{
  fail_unless_equals_int (
      gst_socket_engine_add (rig.engine, &peer->handle, &peer->start, framing),
      GST_SOCKET_ADD_OK);
}

TestPeer *
test_peer_join (gsize room)
{
  TestPeer *peer = test_peer_new (room);

  test_peer_add_with (peer, NULL);
  return peer;
}

void
test_peer_give (TestPeer *peer, gsize room)
{
  g_mutex_lock (&peer->lock);
  peer->room = room == G_MAXSIZE ? room : peer->room + room;
  drain (peer);
  g_mutex_unlock (&peer->lock);
}

/* While gated, a send waits: so does the worker that sends. */
void
test_peer_gate (TestPeer *peer, gboolean gated)
{
  g_mutex_lock (&peer->lock);
  peer->gated = gated;
  g_cond_broadcast (&peer->cond);
  g_mutex_unlock (&peer->lock);
}

void
test_peer_wait_inside (TestPeer *peer)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE_US;
  gboolean inside;

  g_mutex_lock (&peer->lock);
  while (!(inside = peer->inside)
      && g_cond_wait_until (&peer->cond, &peer->lock, deadline)) {
  }
  g_mutex_unlock (&peer->lock);
  fail_unless (inside, "no send began");
}

static void
read_plain (TestPeer *peer)
{
  gchar data[4096];
  gssize n;

  while ((n = recv (peer->theirs, data, sizeof data, MSG_DONTWAIT)) > 0)
    g_string_append_len (peer->got, data, n);
}

/* Bytes that the peer has got; a plain one reads them now. */
gsize
test_peer_count (TestPeer *peer)
{
  gsize size;

  g_mutex_lock (&peer->lock);
  if (peer->handle.send == NULL)
    read_plain (peer);
  size = peer->got->len;
  g_mutex_unlock (&peer->lock);
  return size;
}

typedef struct
{
  TestPeer *peer;
  gsize size;
} Wanted;

static gboolean
has_bytes (gpointer data)
{
  Wanted *wanted = data;

  return test_peer_count (wanted->peer) >= wanted->size;
}

void
test_peer_expect_bytes (TestPeer *peer, gsize size)
{
  Wanted wanted = {peer, size};

  test_wait_until (has_bytes, &wanted);
  fail_unless_equals_uint64 (test_peer_count (peer), size);
}

void
test_peer_expect (TestPeer *peer, const gchar *text)
{
  Wanted wanted = {peer, strlen (text)};

  test_wait_until (has_bytes, &wanted);
  g_mutex_lock (&peer->lock);
  fail_unless_equals_string (peer->got->str, text);
  g_mutex_unlock (&peer->lock);
}

static gboolean
is_gone (gpointer data)
{
  TestPeer *peer = data;
  gboolean ret;

  g_mutex_lock (&peer->lock);
  ret = peer->n_gone > 0;
  g_mutex_unlock (&peer->lock);
  return ret;
}

void
test_peer_expect_gone (TestPeer *peer, GstSocketClientStatus status)
{
  fail_unless (test_wait_until (is_gone, peer), "client never went");
  fail_unless_equals_int (peer->status, status);
  fail_unless_equals_int (peer->n_removed, 1);
  fail_unless_equals_int (peer->n_gone, 1);
}

void
test_peer_expect_listed (TestPeer *peer)
{
  GstStructure *stats = gst_socket_engine_get_stats (rig.engine, peer);

  fail_unless_equals_int (gst_structure_n_fields (stats), 10);
  gst_structure_free (stats);
  fail_unless_equals_int (peer->n_removed, 0);
}

/* --- buffers --- */

void
test_push_full (const gchar *text, GstClockTime time, guint flags,
    GstSocketHeaders *headers)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, strlen (text), NULL);

  gst_buffer_fill (buffer, 0, text, strlen (text));
  GST_BUFFER_PTS (buffer) = time;
  fail_unless (gst_socket_engine_push (rig.engine, buffer, flags, headers));
  gst_buffer_unref (buffer);
}

void
test_push (const gchar *text)
{
  test_push_full (text, GST_CLOCK_TIME_NONE, 0, NULL);
}

void
test_push_sized (gsize size, GstClockTime time, guint flags)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (buffer, 0, 'x', size);
  GST_BUFFER_PTS (buffer) = time;
  fail_unless (gst_socket_engine_push (rig.engine, buffer, flags, NULL));
  gst_buffer_unref (buffer);
}

typedef struct
{
  gint *counter;
  gint value;
} Figure;

static gboolean
has_figure (gpointer data)
{
  Figure *figure = data;

  return g_atomic_int_get (figure->counter) >= figure->value;
}

void
test_expect_figure (gint *counter, gint value)
{
  Figure figure = {counter, value};

  test_wait_until (has_figure, &figure);
  fail_unless_equals_int (g_atomic_int_get (counter), value);
}

GstSocketTotals
test_totals (void)
{
  GstSocketTotals totals;

  gst_socket_engine_get_totals (rig.engine, &totals);
  return totals;
}

guint64
test_stat (TestPeer *peer, const gchar *field)
{
  GstStructure *stats = gst_socket_engine_get_stats (rig.engine, peer);
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (stats, field, &value));
  gst_structure_free (stats);
  return value;
}
