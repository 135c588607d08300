/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fanout.c: a fan-out sink under test, fed by hand, and its clients
 *
 * Here: see fanout.h. Not here: what is right.
 *
 * Threads   main: everything   the element's: signal and event callbacks
 * Locks     fanout->lock guards the record of signals; never held across
 *           a call into the element
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fanout.h"
#include "settle.h"
#include "testutil.h"

#include <gst/check/gstcheck.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const gchar *const fanout_kinds[2] = {"multisocketsink", "multifdsink"};

/* The byte at a place of the stream: no short shift of it is itself. */
static guint8
byte_at (guint64 place)
{
  return (place * 2654435761u >> 13) ^ place;
}

static void
note (Fanout *f, const gchar *signal, gpointer handle, gchar *line)
{
  g_mutex_lock (&f->lock);
  f->last_thread = g_thread_self ();
  g_ptr_array_add (f->log, line);
  g_mutex_unlock (&f->lock);
  if (f->on_signal != NULL)
    f->on_signal (f, signal, handle);
}

static void
added_cb (GstElement *sink, gpointer handle, Fanout *f)
{
  g_mutex_lock (&f->lock);
  f->added++;
  g_mutex_unlock (&f->lock);
  note (f, "client-added", handle, g_strdup ("added"));
}

static void
removed_cb (GstElement *sink, gpointer handle, gint status, Fanout *f)
{
  g_mutex_lock (&f->lock);
  f->removed++;
  f->last_status = status;
  g_mutex_unlock (&f->lock);
  note (f, "client-removed", handle, g_strdup_printf ("removed %d", status));
}

static void
gone_cb (GstElement *sink, gpointer handle, Fanout *f)
{
  g_mutex_lock (&f->lock);
  f->gone++;
  g_mutex_unlock (&f->lock);
  note (f, "gone", handle, g_strdup ("gone"));
}

/* The same, with a descriptor where the others have an object. */
static void
fd_added_cb (GstElement *sink, gint fd, Fanout *f)
{
  added_cb (sink, GINT_TO_POINTER (fd), f);
}

static void
fd_removed_cb (GstElement *sink, gint fd, gint status, Fanout *f)
{
  removed_cb (sink, GINT_TO_POINTER (fd), status, f);
}

static void
fd_gone_cb (GstElement *sink, gint fd, Fanout *f)
{
  gone_cb (sink, GINT_TO_POINTER (fd), f);
}

static gboolean
event_cb (GstPad *pad, GstObject *parent, GstEvent *event)
{
  Fanout *f = GST_PAD_ELEMENT_PRIVATE (pad);

  if (GST_EVENT_TYPE (event) != GST_EVENT_CUSTOM_UPSTREAM) {
    gst_event_unref (event);
    return TRUE;
  }
  g_mutex_lock (&f->lock);
  g_ptr_array_add (f->events, event);
  g_mutex_unlock (&f->lock);
  return TRUE;
}

static void
connect_signals (Fanout *f)
{
  if (f->by_socket)
    g_object_connect (f->sink, "signal::client-added", added_cb, f,
        "signal::client-removed", removed_cb, f,
        "signal::client-socket-removed", gone_cb, f, NULL);
  else
    g_object_connect (f->sink, "signal::client-added", fd_added_cb, f,
        "signal::client-removed", fd_removed_cb, f, "signal::client-fd-removed",
        fd_gone_cb, f, NULL);
}

static void
client_free (FanoutClient *c)
{
  if (c->socket != NULL)
    g_object_unref (c->socket);
  else if (c->fd >= 0)
    close (c->fd);
  if (c->peer >= 0)
    close (c->peer);
  g_free (c);
}

Fanout *
fanout_new (const gchar *element)
{
  Fanout *f = g_new0 (Fanout, 1);
  g_autoptr (GstPad) target = NULL;

  f->sink = gst_element_factory_make (element, NULL);
  fail_unless (f->sink != NULL, "no element %s", element);
  gst_object_ref_sink (f->sink);
  f->by_socket = !g_str_equal (element, "multifdsink");
  f->bus = gst_bus_new ();
  gst_element_set_bus (f->sink, f->bus);
  f->clients = g_ptr_array_new_with_free_func ((GDestroyNotify) client_free);
  f->log = g_ptr_array_new_with_free_func (g_free);
  f->events = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_event_unref);
  g_mutex_init (&f->lock);
  connect_signals (f);
  f->src = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  GST_PAD_ELEMENT_PRIVATE (f->src) = f;
  gst_pad_set_event_function (f->src, event_cb);
  target = gst_element_get_static_pad (f->sink, "sink");
  gst_pad_link (f->src, target);
  gst_pad_set_active (f->src, TRUE);
  return f;
}

void
fanout_play (Fanout *f)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("application/x-test");
  GstSegment segment;

  fail_unless (gst_element_set_state (f->sink, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (f->src, gst_event_new_stream_start ("test"));
  gst_pad_push_event (f->src, gst_event_new_caps (caps));
  gst_pad_push_event (f->src, gst_event_new_segment (&segment));
}

Fanout *
fanout_start (const gchar *element, ...)
{
  Fanout *f = fanout_new (element);
  const gchar *property;
  va_list args;

  va_start (args, element);
  property = va_arg (args, const gchar *);
  if (property != NULL)
    g_object_set_valist (G_OBJECT (f->sink), property, args);
  va_end (args);
  fanout_play (f);
  return f;
}

void
fanout_free (Fanout *f)
{
  f->on_signal = NULL;
  gst_element_set_state (f->sink, GST_STATE_NULL);
  gst_element_set_bus (f->sink, NULL);
  gst_bus_set_flushing (f->bus, TRUE);
  fail_unless_equals_int (GST_OBJECT_REFCOUNT_VALUE (f->sink), 1);
  gst_object_unref (f->sink);
  gst_object_unref (f->src);
  gst_object_unref (f->bus);
  g_ptr_array_unref (f->clients);
  g_ptr_array_unref (f->log);
  g_ptr_array_unref (f->events);
  g_mutex_clear (&f->lock);
  g_free (f);
}

/* --- the stream --- */

GstBuffer *
fanout_buffer (Fanout *f, gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstMapInfo map;

  if (size > 0) {
    gst_buffer_map (buffer, &map, GST_MAP_WRITE);
    for (gsize i = 0; i < size; i++)
      map.data[i] = byte_at (f->pushed + i);
    gst_buffer_unmap (buffer, &map);
  }
  GST_BUFFER_PTS (buffer) = f->buffers * GST_SECOND;
  GST_BUFFER_DTS (buffer) = f->buffers * GST_SECOND;
  f->pushed += size;
  f->buffers++;
  return buffer;
}

GstFlowReturn
fanout_push_buffer (Fanout *f, GstBuffer *buffer)
{
  return gst_pad_push (f->src, buffer);
}

void
fanout_push (Fanout *f, gsize size)
{
  fail_unless_equals_int (
      fanout_push_buffer (f, fanout_buffer (f, size)), GST_FLOW_OK);
}

void
fanout_push_delta (Fanout *f, gsize size)
{
  GstBuffer *buffer = fanout_buffer (f, size);

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  fail_unless_equals_int (fanout_push_buffer (f, buffer), GST_FLOW_OK);
}

/* --- clients --- */

FanoutClient *
fanout_client_of (Fanout *f, gint fd, gint peer)
{
  FanoutClient *c = g_new0 (FanoutClient, 1);

  c->fanout = f;
  c->fd = fd;
  c->peer = peer;
  if (f->by_socket && fd >= 0)
    c->socket = g_socket_new_from_fd (fd, NULL);
  if (peer >= 0)
    fcntl (peer, F_SETFL, fcntl (peer, F_GETFL) | O_NONBLOCK);
  g_ptr_array_add (f->clients, c);
  return c;
}

FanoutClient *
fanout_client_new (Fanout *f, gint type)
{
  gint fds[2];

  fail_unless (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds) == 0);
  return fanout_client_of (f, fds[0], fds[1]);
}

/* What signals take: the object or the descriptor itself. */
static gpointer
handle_of (FanoutClient *c)
{
  return c->fanout->by_socket ? (gpointer) c->socket : GINT_TO_POINTER (c->fd);
}

void
fanout_emit (FanoutClient *c, const gchar *signal)
{
  g_signal_emit_by_name (c->fanout->sink, signal, handle_of (c));
}

void
fanout_add (FanoutClient *c)
{
  fanout_emit (c, "add");
}

void
fanout_add_full (FanoutClient *c, gint method, GstFormat min_format,
    guint64 min, GstFormat max_format, guint64 max)
{
  g_signal_emit_by_name (c->fanout->sink, "add-full", handle_of (c), method,
      min_format, min, max_format, max);
}

GstStructure *
fanout_stats (FanoutClient *c)
{
  GstStructure *stats = NULL;

  g_signal_emit_by_name (c->fanout->sink, "get-stats", handle_of (c), &stats);
  fail_unless (stats != NULL);
  return stats;
}

guint64
fanout_stat (FanoutClient *c, const gchar *field)
{
  g_autoptr (GstStructure) stats = fanout_stats (c);
  guint64 value = 0;

  fail_unless (
      gst_structure_get_uint64 (stats, field, &value), "no field %s", field);
  return value;
}

FanoutClient *
fanout_join (Fanout *f)
{
  FanoutClient *c = fanout_client_new (f, SOCK_STREAM);

  fanout_add (c);
  return c;
}

FanoutClient *
fanout_join_small (Fanout *f)
{
  FanoutClient *c = fanout_client_new (f, SOCK_STREAM);
  const gint small = 1;

  setsockopt (c->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof (small));
  fanout_add (c);
  return c;
}

/* And the element has found out that it can send no more for now. */
static gboolean
was_sent_something (gpointer client)
{
  return fanout_stat (client, "bytes-sent") > 0 && settle_all_asleep ();
}

FanoutClient *
fanout_join_stalled (Fanout *f)
{
  FanoutClient *c = fanout_join_small (f);

  fanout_push (f, FANOUT_BIG);
  fail_unless_eventually (was_sent_something, c);
  return c;
}

gint
fanout_connect_fd (Fanout *f, gint family)
{
  struct sockaddr_in in4 = {.sin_family = AF_INET};
  struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
  gint fd = socket (family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gint port, ret;

  g_object_get (f->sink, "current-port", &port, NULL);
  in4.sin_port = in6.sin6_port = htons (port);
  in4.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  in6.sin6_addr = in6addr_loopback;
  ret = family == AF_INET ? connect (fd, (gpointer) &in4, sizeof (in4))
                          : connect (fd, (gpointer) &in6, sizeof (in6));
  if (ret == 0)
    return fd;
  close (fd);
  return -1;
}

FanoutClient *
fanout_connect (Fanout *f)
{
  guint handles = fanout_uint (f, "num-handles");
  gint fd = fanout_connect_fd (f, AF_INET);

  fail_unless (fd >= 0, "cannot connect: %s", g_strerror (errno));
  fanout_wait_uint (f, "num-handles", handles + 1);
  return fanout_client_of (f, -1, fd);
}

/* --- what clients receive --- */

/* Returns 0 at the end of the stream; fails at the deadline. */
static gsize
read_some (FanoutClient *c, gpointer data, gsize size)
{
  struct pollfd poller = {.fd = c->peer, .events = POLLIN};
  gssize n;

  fail_unless (poll (&poller, 1, TEST_DEADLINE_US / 1000) == 1,
      "a client was left waiting");
  n = read (c->peer, data, size);
  if (n < 0 && errno == ECONNRESET)
    return 0;
  fail_unless (n >= 0, "cannot read: %s", g_strerror (errno));
  return n;
}

void
fanout_expect (FanoutClient *c, guint64 from, guint64 to)
{
  guint8 data[65536];

  while (from < to) {
    gsize n = read_some (c, data, MIN (sizeof (data), to - from));

    fail_unless (n > 0, "ended at byte %" G_GUINT64_FORMAT, from);
    /* A fail_unless () a byte would be a system call a byte. */
    for (gsize i = 0; i < n; i++)
      if (data[i] != byte_at (from + i))
        fail ("byte %" G_GUINT64_FORMAT " of the stream is wrong", from + i);
    from += n;
  }
}

void
fanout_expect_text (FanoutClient *c, const gchar *text)
{
  gsize size = strlen (text);
  g_autofree gchar *data = g_malloc0 (size + 1);
  gsize got = 0;

  while (got < size) {
    gsize n = read_some (c, data + got, size - got);

    fail_unless (n > 0, "ended after \"%s\"", data);
    got += n;
  }
  fail_unless_equals_string (data, text);
}

void
fanout_expect_nothing (FanoutClient *c)
{
  gchar byte;

  fail_unless (read (c->peer, &byte, 1) == -1 && errno == EAGAIN,
      "a client received what was not for it");
}

void
fanout_expect_end (FanoutClient *c)
{
  guint8 data[65536];

  while (read_some (c, data, sizeof (data)) > 0)
    continue;
}

void
fanout_skip (FanoutClient *c, gsize size)
{
  guint8 data[65536];

  while (size > 0) {
    gsize n = read_some (c, data, MIN (sizeof (data), size));

    fail_unless (n > 0, "ended too early");
    size -= n;
  }
}

/* --- figures and signals --- */

guint
fanout_uint (Fanout *f, const gchar *property)
{
  guint value;

  g_object_get (f->sink, property, &value, NULL);
  return value;
}

guint64
fanout_uint64 (Fanout *f, const gchar *property)
{
  guint64 value;

  g_object_get (f->sink, property, &value, NULL);
  return value;
}

typedef struct
{
  Fanout *f;
  const gchar *property;
  guint64 value;
} Wanted;

static gboolean
uint_is (gpointer data)
{
  const Wanted *wanted = data;

  return fanout_uint (wanted->f, wanted->property) == wanted->value;
}

void
fanout_wait_uint (Fanout *f, const gchar *property, guint value)
{
  Wanted wanted = {f, property, value};

  fail_unless (test_wait_until (uint_is, &wanted), "%s is %u, never %u",
      property, fanout_uint (f, property), value);
}

static gboolean
served_is (gpointer data)
{
  const Wanted *wanted = data;

  return fanout_uint64 (wanted->f, "bytes-served") >= wanted->value;
}

void
fanout_wait_served (Fanout *f, guint64 bytes)
{
  Wanted wanted = {f, "bytes-served", bytes};

  fail_unless (test_wait_until (served_is, &wanted),
      "served %" G_GUINT64_FORMAT ", never %" G_GUINT64_FORMAT,
      fanout_uint64 (f, "bytes-served"), bytes);
  fail_unless_equals_uint64 (fanout_uint64 (f, "bytes-served"), bytes);
}

static gboolean
gone_is (gpointer data)
{
  const Wanted *wanted = data;
  gboolean reached;

  g_mutex_lock (&wanted->f->lock);
  reached = wanted->f->gone >= wanted->value;
  g_mutex_unlock (&wanted->f->lock);
  return reached;
}

void
fanout_wait_gone (Fanout *f, guint count)
{
  Wanted wanted = {f, "gone", count};

  fail_unless (
      test_wait_until (gone_is, &wanted), "%u gone, never %u", f->gone, count);
}

void
fanout_expect_log (Fanout *f, const gchar *signals)
{
  g_autoptr (GString) all = g_string_new (NULL);

  g_mutex_lock (&f->lock);
  for (guint i = 0; i < f->log->len; i++)
    g_string_append_printf (all, "%s%s", i > 0 ? ", " : "",
        (const gchar *) g_ptr_array_index (f->log, i));
  g_mutex_unlock (&f->lock);
  fail_unless_equals_string (all->str, signals);
}
