/* SPDX-License-Identifier: LGPL-2.1-or-later
 * testnet.c: the other end of a connection, for tests
 *
 * Here: see testnet.h. Not here: any element of ours by type.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static gint n_hanging;

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static void
hang_until_cancelled (GCancellable *cancellable)
{
  GPollFD fd;

  fail_unless (g_cancellable_make_pollfd (cancellable, &fd));
  g_atomic_int_inc (&n_hanging);
  g_poll (&fd, 1, TEST_DEADLINE_US / 1000);
  g_atomic_int_add (&n_hanging, -1);
  g_cancellable_release_fd (cancellable);
}

static GList *
lookup_by_name (GResolver *resolver, const gchar *host,
    GCancellable *cancellable, GError **error)
{
  GList *list = NULL;

  if (g_str_equal (host, TEST_HOST_SECOND_WORKS)) {
    list = g_list_append (list, g_inet_address_new_from_string ("127.0.0.3"));
    return g_list_append (list, g_inet_address_new_from_string ("127.0.0.1"));
  }
  if (g_str_equal (host, TEST_HOST_HANGING)) {
    hang_until_cancelled (cancellable);
    g_cancellable_set_error_if_cancelled (cancellable, error);
    return NULL;
  }
  g_set_error (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
      "no such host: %s", host);
  return NULL;
}

static GList *
lookup_by_name_with_flags (GResolver *resolver, const gchar *host,
    GResolverNameLookupFlags flags, GCancellable *cancellable, GError **error)
{
  return lookup_by_name (resolver, host, cancellable, error);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name = lookup_by_name;
  resolver_class->lookup_by_name_with_flags = lookup_by_name_with_flags;
}

static void
test_resolver_init (TestResolver *self)
{
}

/* No name server is asked from then on. */
void
test_resolver_install (void)
{
  g_autoptr (GResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);

  g_resolver_set_default (resolver);
}

/* As a TestCondition: somebody asks for TEST_HOST_HANGING. */
gboolean
test_resolver_is_hanging (gpointer unused)
{
  return g_atomic_int_get (&n_hanging) > 0;
}

static GSocket *
new_tcp_socket (void)
{
  GSocket *socket = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  fail_unless (socket != NULL);
  g_socket_set_timeout (socket, TEST_DEADLINE_US / G_USEC_PER_SEC);
  return socket;
}

static guint16
bind_to_loopback (GSocket *socket)
{
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;

  fail_unless (g_socket_bind (socket, any, TRUE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

/* Listens on 127.0.0.1, at a port that the kernel chooses. */
GSocket *
test_listen (guint16 *ret_port)
{
  GSocket *socket = new_tcp_socket ();

  *ret_port = bind_to_loopback (socket);
  fail_unless (g_socket_listen (socket, NULL));
  return socket;
}

/* Listens, but connecting there neither succeeds nor fails: its queue is
 * full. */
GSocket *
test_listen_silent (guint16 *ret_port, GPtrArray **ret_fillers)
{
  GSocket *socket = new_tcp_socket ();

  *ret_port = bind_to_loopback (socket);
  g_socket_set_listen_backlog (socket, 0);
  fail_unless (g_socket_listen (socket, NULL));
  *ret_fillers = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < 4; i++) {
    GSocket *filler = new_tcp_socket ();
    g_autoptr (GSocketAddress) address =
        g_inet_socket_address_new_from_string ("127.0.0.1", *ret_port);

    g_socket_set_blocking (filler, FALSE);
    g_socket_connect (filler, address, NULL, NULL);
    g_ptr_array_add (*ret_fillers, filler);
  }
  return socket;
}

GSocket *
test_connect (const gchar *host, guint16 port)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string (host, port);
  GSocket *socket = g_socket_new (g_socket_address_get_family (address),
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  fail_unless (socket != NULL);
  g_socket_set_timeout (socket, TEST_DEADLINE_US / G_USEC_PER_SEC);
  if (!g_socket_connect (socket, address, NULL, NULL))
    g_clear_object (&socket);
  return socket;
}

GSocket *
test_accept (GSocket *listener)
{
  GSocket *socket;

  fail_unless (g_socket_condition_timed_wait (
      listener, G_IO_IN, TEST_DEADLINE_US, NULL, NULL));
  socket = g_socket_accept (listener, NULL, NULL);
  fail_unless (socket != NULL);
  g_socket_set_timeout (socket, TEST_DEADLINE_US / G_USEC_PER_SEC);
  return socket;
}

/* A port where nobody listens. */
guint16
test_unused_port (void)
{
  g_autoptr (GSocket) socket = new_tcp_socket ();

  return bind_to_loopback (socket);
}

static gboolean
disable_ipv6 (void)
{
  /* Not by g_file_set_contents (), which makes another file first. */
  FILE *file = fopen ("/proc/sys/net/ipv6/conf/all/disable_ipv6", "we");
  gboolean ok;

  if (file == NULL)
    return FALSE;
  ok = fputs ("1", file) >= 0;
  return fclose (file) == 0 && ok;
}

/* Gives this thread, and those it starts, a network of their own with nothing
 * but a loopback interface of IPv4. Says why when it cannot. */
gboolean
test_enter_world_without_ipv6 (void)
{
  if (unshare (CLONE_NEWNET) < 0 || !disable_ipv6 ()) {
    g_print ("skipped: not permitted to make a network namespace\n");
    return FALSE;
  }
  return system ("ip link set lo up") == 0;
}

void
test_pair (int type, GSocket **ret_a, GSocket **ret_b)
{
  int fds[2];

  fail_unless_equals_int (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds), 0);
  *ret_a = g_socket_new_from_fd (fds[0], NULL);
  *ret_b = g_socket_new_from_fd (fds[1], NULL);
  fail_unless (*ret_a != NULL && *ret_b != NULL);
  g_socket_set_timeout (*ret_b, TEST_DEADLINE_US / G_USEC_PER_SEC);
}

void
test_send (GSocket *socket, gconstpointer data, gsize size)
{
  const gchar *bytes = data;

  do {
    gssize n = g_socket_send (socket, bytes, size, NULL, NULL);

    fail_unless (n >= 0);
    bytes += n;
    size -= n;
  } while (size > 0);
}

void
test_receive (GSocket *socket, gpointer data, gsize size)
{
  gchar *bytes = data;

  while (size > 0) {
    gssize n = g_socket_receive (socket, bytes, size, NULL, NULL);

    fail_unless (n > 0, "the stream ended or stalled early");
    bytes += n;
    size -= n;
  }
}

void
test_expect_end (GSocket *socket)
{
  gchar byte;

  fail_unless_equals_int (g_socket_receive (socket, &byte, 1, NULL, NULL), 0);
}

/* Closes with a reset instead of an orderly end. */
void
test_reset (GSocket *socket)
{
  struct linger linger = {.l_onoff = 1, .l_linger = 0};

  fail_unless_equals_int (setsockopt (g_socket_get_fd (socket), SOL_SOCKET,
                              SO_LINGER, &linger, sizeof (linger)),
      0);
  g_socket_close (socket, NULL);
}

/* Whether any socket of this process probes after so many seconds. */
gboolean
test_find_keep_alive_idle (gint seconds)
{
  for (int fd = 0; fd < 1024; fd++) {
    int idle = 0, on = 0;
    socklen_t size = sizeof (idle);

    if (getsockopt (fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &size) == 0
        && getsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, &size) == 0 && on
        && idle == seconds)
      return TRUE;
  }
  return FALSE;
}

/* At least two elements; one alone would be no pipeline. */
GstElement *
test_launch (const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  GstElement *pipeline;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  pipeline =
      gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  fail_unless (pipeline != NULL, "%s: %s", text,
      error != NULL ? error->message : "no pipeline");
  return pipeline;
}

/* Borrowed: the pipeline keeps it. */
GstElement *
test_get (GstElement *pipeline, const gchar *name)
{
  GstElement *element = gst_bin_get_by_name (GST_BIN (pipeline), name);

  fail_unless (element != NULL);
  gst_object_unref (element);
  return element;
}

GstMessage *
test_pop_message (GstElement *pipeline, GstMessageType types)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  return gst_bus_timed_pop_filtered (
      bus, TEST_DEADLINE_US * GST_USECOND, types);
}

void
test_expect_eos (GstElement *pipeline)
{
  g_autoptr (GstMessage) message =
      test_pop_message (pipeline, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
}

/* The next error has this code, and its sentence names the thing. */
void
test_expect_error (
    GstElement *pipeline, gint resource_code, const gchar *in_sentence)
{
  g_autoptr (GstMessage) message =
      test_pop_message (pipeline, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR, resource_code),
      "wrong code %d: %s", error->code, error->message);
  fail_unless (strstr (error->message, in_sentence) != NULL,
      "\"%s\" is not in \"%s\"", in_sentence, error->message);
}

/* The next element message of this name; the end of the stream, or an error,
 * before it is a failure. */
GstStructure *
test_expect_message (GstElement *pipeline, const gchar *name)
{
  while (TRUE) {
    g_autoptr (GstMessage) message = test_pop_message (
        pipeline, GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);

    fail_unless (message != NULL, "there was no %s", name);
    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_ELEMENT);
    if (gst_message_has_name (message, name))
      return gst_structure_copy (gst_message_get_structure (message));
  }
}

void
test_stop (GstElement *pipeline)
{
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (pipeline);
}
