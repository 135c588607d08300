/* SPDX-License-Identifier: LGPL-2.1-or-later
 * socketio.c: tests of gstsocketio.c, gstsocketconnect.c and gstsocketerror.c
 *
 * Here: listening everywhere at one port, connecting to what answers, and all
 * the ways in which that fails. Not here: elements.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketaddress.h>
#include <gst/socket/gstsocketerror.h>
#include <gst/socket/gstsocketio.h>

#include <fcntl.h>
#include <sys/resource.h>

static GPtrArray *
listen_at (const gchar *host, guint16 port, GError **error)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;

  return gst_socket_listen (host, port, &options, NULL, error);
}

static GSocket *
connect_to (const gchar *host, guint16 port, GError **error)
{
  GstSocketConnectOptions options = GST_SOCKET_CONNECT_OPTIONS_INIT;
  g_autoptr (GPtrArray) addresses =
      gst_socket_address_resolve (host, port, NULL, NULL);

  return gst_socket_connect (addresses, &options, NULL, error);
}

static gboolean
answers (const gchar *host, guint16 port)
{
  g_autoptr (GSocket) socket = connect_to (host, port, NULL);

  return socket != NULL;
}

static gboolean
has_ipv6 (void)
{
  g_autoptr (GPtrArray) sockets = listen_at ("::1", 0, NULL);

  return sockets != NULL;
}

GST_START_TEST (test_localhost_answers_on_both_families_at_one_port)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *sockets = listen_at ("localhost", 0, &error);
  guint16 port;

  fail_unless (sockets != NULL, "%s", error ? error->message : "?");
  port = gst_socket_get_local_port (g_ptr_array_index (sockets, 0));
  fail_unless (port > 0);
  fail_unless (answers ("127.0.0.1", port));
  if (has_ipv6 ())
    fail_unless (answers ("::1", port));
  for (guint i = 0; i < sockets->len; i++)
    fail_unless_equals_int (
        gst_socket_get_local_port (g_ptr_array_index (sockets, i)), port);
  gst_socket_close_all (sockets);
  fail_if (answers ("127.0.0.1", port));
}
GST_END_TEST;

GST_START_TEST (test_any_address_takes_both_families_through_one_socket)
{
  static const gchar *const hosts[] = {"::", ""};
  GPtrArray *sockets = listen_at (hosts[__i__], 0, NULL);
  guint16 port;

  fail_unless (sockets != NULL);
  fail_unless_equals_int (sockets->len, 1);
  port = gst_socket_get_local_port (g_ptr_array_index (sockets, 0));
  fail_unless (answers ("127.0.0.1", port));
  if (has_ipv6 ())
    fail_unless (answers ("::1", port));
  gst_socket_close_all (sockets);
}
GST_END_TEST;

GST_START_TEST (test_v6_only_leaves_ipv4_out)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;
  GPtrArray *sockets;
  guint16 port;

  if (!has_ipv6 ())
    return;
  options.v6_only = TRUE;
  sockets = gst_socket_listen ("::", 0, &options, NULL, NULL);
  fail_unless (sockets != NULL);
  port = gst_socket_get_local_port (g_ptr_array_index (sockets, 0));
  fail_unless (answers ("::1", port));
  fail_if (answers ("127.0.0.1", port));
  gst_socket_close_all (sockets);
}
GST_END_TEST;

GST_START_TEST (test_ipv4_any_leaves_ipv6_out)
{
  GPtrArray *sockets = listen_at ("0.0.0.0", 0, NULL);
  guint16 port = gst_socket_get_local_port (g_ptr_array_index (sockets, 0));

  fail_unless (answers ("127.0.0.1", port));
  fail_if (answers ("::1", port));
  gst_socket_close_all (sockets);
}
GST_END_TEST;

GST_START_TEST (test_works_where_ipv6_is_disabled)
{
  static const gchar *const hosts[] = {"localhost", "::", ""};

  if (!test_enter_world_without_ipv6 ())
    return;
  fail_if (has_ipv6 ());
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++) {
    g_autoptr (GError) error = NULL;
    GPtrArray *sockets = listen_at (hosts[i], 0, &error);

    fail_unless (
        sockets != NULL, "\"%s\": %s", hosts[i], error ? error->message : "?");
    fail_unless (answers ("localhost",
        gst_socket_get_local_port (g_ptr_array_index (sockets, 0))));
    gst_socket_close_all (sockets);
  }
}
GST_END_TEST;

GST_START_TEST (test_port_in_use_is_an_error_that_names_it)
{
  guint16 port;
  g_autoptr (GSocket) other = test_listen (&port);
  g_autofree gchar *name = g_strdup_printf ("127.0.0.1:%u", port);
  static const gchar *const hosts[] = {
      "127.0.0.1", "localhost", "::1,127.0.0.1"};

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (listen_at (hosts[i], port, &error) == NULL);
    fail_unless (
        g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE));
    fail_unless (strstr (error->message, name) != NULL, "%s", error->message);
  }
}
GST_END_TEST;

GST_START_TEST (test_port_that_was_just_left_is_taken_over)
{
  GPtrArray *sockets = listen_at ("127.0.0.1", 0, NULL);
  guint16 port = gst_socket_get_local_port (g_ptr_array_index (sockets, 0));
  g_autoptr (GSocket) client = connect_to ("127.0.0.1", port, NULL);
  g_autoptr (GSocket) served = test_accept (g_ptr_array_index (sockets, 0));

  /* Closed by the server first, so that the port stays in TIME_WAIT. */
  gst_socket_close_all (sockets);
  g_socket_close (served, NULL);
  g_socket_close (client, NULL);
  sockets = listen_at ("127.0.0.1", port, NULL);
  fail_unless (sockets != NULL);
  gst_socket_close_all (sockets);
}
GST_END_TEST;

GST_START_TEST (test_address_of_another_machine_is_refused)
{
  g_autoptr (GError) error = NULL;

  fail_unless (listen_at ("192.0.2.1", 0, &error) == NULL);
  fail_unless (strstr (error->message, "192.0.2.1") != NULL);
}
GST_END_TEST;

GST_START_TEST (test_unknown_interface_is_refused)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;

  options.iface = "nosuch0";
  fail_unless (
      gst_socket_listen ("127.0.0.1", 0, &options, NULL, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  fail_unless (strstr (error->message, "nosuch0") != NULL);
}
GST_END_TEST;

typedef struct
{
  gchar *folder;
  gchar *path;
  GPtrArray *addresses;
} UnixPlace;

static void
make_unix_place (UnixPlace *place)
{
  place->folder = g_dir_make_tmp ("socketio-XXXXXX", NULL);
  place->path = g_build_filename (place->folder, "socket", NULL);
  place->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (
      place->addresses, gst_socket_address_new_unix (place->path, FALSE, NULL));
}

static void
clear_unix_place (UnixPlace *place)
{
  g_unlink (place->path);
  g_rmdir (place->folder);
  g_free (place->folder);
  g_free (place->path);
  g_ptr_array_unref (place->addresses);
}

static GPtrArray *
listen_at_place (const UnixPlace *place, GError **error)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;

  return gst_socket_listen_addresses (place->addresses, &options, error);
}

GST_START_TEST (test_unix_socket_file_goes_when_closed)
{
  UnixPlace place;
  GPtrArray *sockets;

  make_unix_place (&place);
  sockets = listen_at_place (&place, NULL);
  fail_unless (sockets != NULL);
  fail_unless (g_file_test (place.path, G_FILE_TEST_EXISTS));
  gst_socket_close_all (sockets);
  fail_if (g_file_test (place.path, G_FILE_TEST_EXISTS));
  clear_unix_place (&place);
}
GST_END_TEST;

GST_START_TEST (test_unix_socket_has_the_permissions_that_were_asked_for)
{
  static const guint modes[] = {0600, 0660, 0700};
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;
  mode_t umask_before = umask (0);
  UnixPlace place;

  make_unix_place (&place);
  fail_unless_equals_int (options.unix_mode, 0600);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    GPtrArray *sockets;
    GStatBuf info;

    options.unix_mode = modes[i];
    sockets = gst_socket_listen_addresses (place.addresses, &options, NULL);
    fail_unless_equals_int (g_lstat (place.path, &info), 0);
    fail_unless_equals_int (info.st_mode & 0777, modes[i]);
    gst_socket_close_all (sockets);
  }
  clear_unix_place (&place);
  umask (umask_before);
}
GST_END_TEST;

GST_START_TEST (test_unix_socket_of_a_dead_server_is_replaced)
{
  UnixPlace place;
  GPtrArray *sockets;

  make_unix_place (&place);
  sockets = listen_at_place (&place, NULL);
  g_ptr_array_unref (sockets);
  fail_unless (g_file_test (place.path, G_FILE_TEST_EXISTS));
  sockets = listen_at_place (&place, NULL);
  fail_unless (sockets != NULL);
  gst_socket_close_all (sockets);
  clear_unix_place (&place);
}
GST_END_TEST;

GST_START_TEST (test_unix_socket_of_a_living_server_is_left_alone)
{
  GstSocketConnectOptions options = GST_SOCKET_CONNECT_OPTIONS_INIT;
  g_autoptr (GSocket) client = NULL;
  g_autoptr (GError) error = NULL;
  UnixPlace place;
  GPtrArray *sockets;

  make_unix_place (&place);
  sockets = listen_at_place (&place, NULL);
  fail_unless (listen_at_place (&place, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE));
  /* Nor has it seen anybody come and go. */
  fail_unless_equals_int (
      g_socket_condition_check (g_ptr_array_index (sockets, 0), G_IO_IN), 0);
  client = gst_socket_connect (place.addresses, &options, NULL, NULL);
  fail_unless (client != NULL);
  gst_socket_close_all (sockets);
  clear_unix_place (&place);
}
GST_END_TEST;

GST_START_TEST (test_file_in_the_way_of_a_unix_socket_is_left_alone)
{
  g_autoptr (GError) error = NULL;
  UnixPlace place;

  make_unix_place (&place);
  fail_unless (g_file_set_contents (place.path, "precious", -1, NULL));
  fail_unless (listen_at_place (&place, &error) == NULL);
  fail_unless (strstr (error->message, place.path) != NULL);
  fail_unless (g_file_test (place.path, G_FILE_TEST_IS_REGULAR));
  clear_unix_place (&place);
}
GST_END_TEST;

GST_START_TEST (test_full_unix_backlog_is_waited_for)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;
  GstSocketConnectOptions how = GST_SOCKET_CONNECT_OPTIONS_INIT;
  g_autoptr (GPtrArray) clients =
      g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  UnixPlace place;
  GPtrArray *sockets;
  GSocket *client;

  make_unix_place (&place);
  options.backlog = 1;
  sockets = gst_socket_listen_addresses (place.addresses, &options, NULL);
  how.timeout_ns = 50 * GST_MSECOND;
  while ((client = gst_socket_connect (place.addresses, &how, NULL, &error))
      != NULL)
    g_ptr_array_add (clients, client);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  g_object_unref (test_accept (g_ptr_array_index (sockets, 0)));
  how.timeout_ns = 0;
  client = gst_socket_connect (place.addresses, &how, NULL, NULL);
  fail_unless (client != NULL);
  g_object_unref (client);
  gst_socket_close_all (sockets);
  clear_unix_place (&place);
}
GST_END_TEST;

GST_START_TEST (test_second_address_is_tried_when_the_first_refuses)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);

  fail_unless (answers (TEST_HOST_SECOND_WORKS, port));
}
GST_END_TEST;

GST_START_TEST (test_address_that_does_not_answer_costs_only_a_head_start)
{
  guint16 silent_port, port;
  g_autoptr (GPtrArray) fillers = NULL;
  g_autoptr (GSocket) silent = test_listen_silent (&silent_port, &fillers);
  g_autoptr (GSocket) listener = test_listen (&port);
  g_autoptr (GPtrArray) addresses =
      gst_socket_address_resolve ("127.0.0.1", silent_port, NULL, NULL);
  GstSocketConnectOptions options = GST_SOCKET_CONNECT_OPTIONS_INIT;
  g_autoptr (GSocket) socket = NULL;

  g_ptr_array_add (
      addresses, g_inet_socket_address_new_from_string ("127.0.0.1", port));
  options.timeout_ns = TEST_DEADLINE_US * GST_USECOND;
  socket = gst_socket_connect (addresses, &options, NULL, NULL);
  fail_unless (socket != NULL);
  fail_unless (g_socket_get_blocking (socket));
}
GST_END_TEST;

GST_START_TEST (test_refused_connection_is_an_error_that_names_it)
{
  guint16 port = test_unused_port ();
  g_autofree gchar *name = g_strdup_printf ("127.0.0.1:%u", port);
  g_autoptr (GError) error = NULL;

  fail_unless (connect_to ("127.0.0.1", port, &error) == NULL);
  fail_unless (
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED));
  fail_unless (strstr (error->message, name) != NULL, "%s", error->message);
}
GST_END_TEST;

GST_START_TEST (test_connecting_times_out)
{
  guint16 port;
  g_autoptr (GPtrArray) fillers = NULL;
  g_autoptr (GSocket) silent = test_listen_silent (&port, &fillers);
  g_autoptr (GPtrArray) addresses =
      gst_socket_address_resolve ("127.0.0.1", port, NULL, NULL);
  GstSocketConnectOptions options = GST_SOCKET_CONNECT_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;

  options.timeout_ns = 20 * GST_MSECOND;
  fail_unless (gst_socket_connect (addresses, &options, NULL, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
}
GST_END_TEST;

static gpointer
cancel_it (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

GST_START_TEST (test_connecting_is_cancelled_from_another_thread)
{
  guint16 port;
  g_autoptr (GPtrArray) fillers = NULL;
  g_autoptr (GSocket) silent = test_listen_silent (&port, &fillers);
  g_autoptr (GPtrArray) addresses =
      gst_socket_address_resolve ("127.0.0.1", port, NULL, NULL);
  GstSocketConnectOptions options = GST_SOCKET_CONNECT_OPTIONS_INIT;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("canceller", cancel_it, cancellable);

  fail_unless (
      gst_socket_connect (addresses, &options, cancellable, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_thread_join (thread);
}
GST_END_TEST;

GST_START_TEST (test_connection_comes_from_the_chosen_address)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);
  g_autoptr (GPtrArray) addresses =
      gst_socket_address_resolve ("127.0.0.1", port, NULL, NULL);
  GstSocketConnectOptions options = GST_SOCKET_CONNECT_OPTIONS_INIT;
  g_autoptr (GSocketAddress) source =
      g_inet_socket_address_new_from_string ("127.0.0.9", 0);
  g_autoptr (GSocketAddress) seen = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocket) accepted = NULL;
  g_autofree gchar *text = NULL;

  options.source = source;
  socket = gst_socket_connect (addresses, &options, NULL, NULL);
  fail_unless (socket != NULL);
  accepted = test_accept (listener);
  seen = g_socket_get_remote_address (accepted, NULL);
  text = gst_socket_address_to_string (seen);
  fail_unless (g_str_has_prefix (text, "127.0.0.9:"), "%s", text);
}
GST_END_TEST;

GST_START_TEST (test_running_out_of_descriptors_is_an_error)
{
  guint16 port;
  g_autoptr (GSocket) listener = test_listen (&port);
  g_autoptr (GError) listen_error = NULL;
  g_autoptr (GError) connect_error = NULL;
  struct rlimit old, none;

  fail_unless_equals_int (getrlimit (RLIMIT_NOFILE, &old), 0);
  none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
  fail_unless_equals_int (setrlimit (RLIMIT_NOFILE, &none), 0);
  fail_unless (listen_at ("127.0.0.1", 0, &listen_error) == NULL);
  fail_unless (connect_to ("127.0.0.1", port, &connect_error) == NULL);
  fail_unless_equals_int (setrlimit (RLIMIT_NOFILE, &old), 0);
  fail_unless (gst_socket_error_is_out_of_descriptors (listen_error));
  fail_unless (gst_socket_error_is_out_of_descriptors (connect_error));
}
GST_END_TEST;

GST_START_TEST (test_descriptors_are_closed_on_exec)
{
  GPtrArray *sockets = listen_at ("127.0.0.1", 0, NULL);
  GSocket *listener = g_ptr_array_index (sockets, 0);
  g_autoptr (GSocket) socket =
      connect_to ("127.0.0.1", gst_socket_get_local_port (listener), NULL);

  fail_unless (fcntl (g_socket_get_fd (listener), F_GETFD) & FD_CLOEXEC);
  fail_unless (fcntl (g_socket_get_fd (socket), F_GETFD) & FD_CLOEXEC);
  gst_socket_close_all (sockets);
}
GST_END_TEST;

#define IO(code) G_IO_ERROR_##code
#define RESOURCE(code) GST_RESOURCE_ERROR_##code

static const struct
{
  GIOErrorEnum io;
  GstResourceError resource;
} codes[] = {
    {IO (NOT_FOUND), RESOURCE (NOT_FOUND)},
    {IO (HOST_NOT_FOUND), RESOURCE (NOT_FOUND)},
    {IO (ADDRESS_IN_USE), RESOURCE (BUSY)},
    {IO (BUSY), RESOURCE (BUSY)},
    {IO (PERMISSION_DENIED), RESOURCE (NOT_AUTHORIZED)},
    {IO (NO_SPACE), RESOURCE (NO_SPACE_LEFT)},
    {IO (INVALID_ARGUMENT), RESOURCE (SETTINGS)},
    {IO (INVALID_FILENAME), RESOURCE (SETTINGS)},
    {IO (CONNECTION_REFUSED), RESOURCE (OPEN_READ)},
    {IO (TIMED_OUT), RESOURCE (OPEN_READ)},
};

GST_START_TEST (test_errors_become_codes_of_messages)
{
  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, codes[__i__].io, "?");

  fail_unless_equals_int (
      gst_socket_error_to_resource (error, GST_RESOURCE_ERROR_OPEN_READ),
      codes[__i__].resource);
  fail_unless_equals_int (gst_socket_error_to_flow (error), GST_FLOW_ERROR);
}
GST_END_TEST;

GST_START_TEST (test_other_errors_become_codes_and_flows)
{
  g_autoptr (GError) unknown =
      g_error_new_literal (G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "?");
  g_autoptr (GError) bad_uri =
      g_error_new_literal (GST_URI_ERROR, GST_URI_ERROR_BAD_URI, "?");
  g_autoptr (GError) cancelled =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "?");
  g_autoptr (GError) reset =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "?");

  fail_unless_equals_int (
      gst_socket_error_to_resource (unknown, GST_RESOURCE_ERROR_READ),
      GST_RESOURCE_ERROR_NOT_FOUND);
  fail_unless_equals_int (
      gst_socket_error_to_resource (bad_uri, GST_RESOURCE_ERROR_READ),
      GST_RESOURCE_ERROR_SETTINGS);
  fail_unless (gst_socket_error_is_cancelled (cancelled));
  fail_unless_equals_int (
      gst_socket_error_to_flow (cancelled), GST_FLOW_FLUSHING);
  fail_unless (gst_socket_error_is_peer_gone (reset));
  fail_if (gst_socket_error_is_peer_gone (cancelled));
}
GST_END_TEST;

static void
add_listen_tests (TCase *tc)
{
  tcase_add_test (tc, test_localhost_answers_on_both_families_at_one_port);
  tcase_add_loop_test (
      tc, test_any_address_takes_both_families_through_one_socket, 0, 2);
  tcase_add_test (tc, test_v6_only_leaves_ipv4_out);
  tcase_add_test (tc, test_ipv4_any_leaves_ipv6_out);
  tcase_add_test (tc, test_works_where_ipv6_is_disabled);
  tcase_add_test (tc, test_port_in_use_is_an_error_that_names_it);
  tcase_add_test (tc, test_port_that_was_just_left_is_taken_over);
  tcase_add_test (tc, test_address_of_another_machine_is_refused);
  tcase_add_test (tc, test_unknown_interface_is_refused);
  tcase_add_test (tc, test_unix_socket_file_goes_when_closed);
  tcase_add_test (tc, test_unix_socket_has_the_permissions_that_were_asked_for);
  tcase_add_test (tc, test_unix_socket_of_a_dead_server_is_replaced);
  tcase_add_test (tc, test_unix_socket_of_a_living_server_is_left_alone);
  tcase_add_test (tc, test_file_in_the_way_of_a_unix_socket_is_left_alone);
}

static void
add_connect_tests (TCase *tc)
{
  tcase_add_test (tc, test_full_unix_backlog_is_waited_for);
  tcase_add_test (tc, test_second_address_is_tried_when_the_first_refuses);
  tcase_add_test (
      tc, test_address_that_does_not_answer_costs_only_a_head_start);
  tcase_add_test (tc, test_refused_connection_is_an_error_that_names_it);
  tcase_add_test (tc, test_connecting_times_out);
  tcase_add_test (tc, test_connecting_is_cancelled_from_another_thread);
  tcase_add_test (tc, test_connection_comes_from_the_chosen_address);
  tcase_add_test (tc, test_running_out_of_descriptors_is_an_error);
  tcase_add_test (tc, test_descriptors_are_closed_on_exec);
}

static Suite *
socketio_suite (void)
{
  Suite *suite = suite_create ("socketio");
  TCase *tc = tcase_create ("general");

  test_resolver_install ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  add_listen_tests (tc);
  add_connect_tests (tc);
  tcase_add_loop_test (
      tc, test_errors_become_codes_of_messages, 0, G_N_ELEMENTS (codes));
  tcase_add_test (tc, test_other_errors_become_codes_and_flows);
  return suite;
}

GST_CHECK_MAIN (socketio);
