/* SPDX-License-Identifier: LGPL-2.1-or-later
 * sockopt.c: tests of gstsocketopt.c
 *
 * Here: that what is set is what the kernel has afterwards.
 * Not here: what the kernel makes of it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketopt.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int
open_fd (int family, int type)
{
  int fd = socket (family, type | SOCK_CLOEXEC, 0);

  fail_unless (fd >= 0);
  return fd;
}

static int
get_int (int fd, int level, int name)
{
  int value = -1;
  socklen_t size = sizeof (value);

  fail_unless_equals_int (getsockopt (fd, level, name, &value, &size), 0);
  return value;
}

GST_START_TEST (test_keep_alive_figures_are_set)
{
  GstSocketKeepAlive on = {TRUE, 31, 11, 4};
  GstSocketKeepAlive off = {FALSE, 0, 0, 0};
  int fd = open_fd (AF_INET, SOCK_STREAM);

  fail_unless (gst_socket_opt_set_keep_alive (fd, &on, NULL));
  fail_unless_equals_int (get_int (fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_KEEPIDLE), 31);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_KEEPINTVL), 11);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_KEEPCNT), 4);
  fail_unless (gst_socket_opt_set_keep_alive (fd, &off, NULL));
  fail_unless_equals_int (get_int (fd, SOL_SOCKET, SO_KEEPALIVE), 0);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_zero_leaves_the_systems_figures)
{
  GstSocketKeepAlive on = {TRUE, 0, 0, 0};
  int fd = open_fd (AF_INET, SOCK_STREAM);
  int idle = get_int (fd, IPPROTO_TCP, TCP_KEEPIDLE);

  fail_unless (gst_socket_opt_set_keep_alive (fd, &on, NULL));
  fail_unless_equals_int (get_int (fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_KEEPIDLE), idle);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_tcp_options_are_set_together)
{
  GstSocketTcpOptions options = GST_SOCKET_TCP_OPTIONS_INIT;
  int fd = open_fd (AF_INET6, SOCK_STREAM);

  options.user_timeout_ms = 5000;
  options.notsent_lowat = 16384;
  fail_unless (gst_socket_opt_set_tcp (fd, &options, NULL));
  fail_unless_equals_int (get_int (fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_KEEPIDLE), 30);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_KEEPINTVL), 10);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_NODELAY), 1);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 5000);
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 16384);
  options.no_delay = FALSE;
  fail_unless (gst_socket_opt_set_tcp (fd, &options, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_TCP, TCP_NODELAY), 0);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_tcp_options_mean_nothing_to_other_sockets)
{
  GstSocketTcpOptions options = GST_SOCKET_TCP_OPTIONS_INIT;
  int families[] = {AF_UNIX, AF_INET};
  int fd = open_fd (families[__i__], SOCK_DGRAM);
  g_autoptr (GError) error = NULL;

  fail_unless (gst_socket_opt_set_tcp (fd, &options, &error));
  fail_unless (error == NULL);
  fail_unless_equals_int (get_int (fd, SOL_SOCKET, SO_KEEPALIVE), 0);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_refused_option_is_named)
{
  int fd = open_fd (AF_UNIX, SOCK_STREAM);
  g_autoptr (GError) error = NULL;

  fail_if (gst_socket_opt_set_no_delay (fd, TRUE, &error));
  fail_unless (error->domain == G_IO_ERROR);
  fail_unless (strstr (error->message, "TCP_NODELAY") != NULL);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_pacing_rate_is_set_in_bits)
{
  static const struct
  {
    guint64 bits_per_s;
    gulong bytes_per_s;
  } rates[] = {{1, 1}, {8, 1}, {9, 2}, {80000000, 10000000}, {0, G_MAXULONG}};
  int fd = open_fd (AF_INET, SOCK_DGRAM);

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    gulong bytes_per_s = 0;
    socklen_t size = sizeof (bytes_per_s);

    fail_unless (
        gst_socket_opt_set_pacing_rate (fd, rates[i].bits_per_s, NULL));
    fail_unless_equals_int (
        getsockopt (fd, SOL_SOCKET, SO_MAX_PACING_RATE, &bytes_per_s, &size),
        0);
    fail_unless_equals_uint64 (bytes_per_s, rates[i].bytes_per_s);
  }
  close (fd);
  fail_if (gst_socket_opt_set_pacing_rate (-1, 8, NULL));
}
GST_END_TEST;

GST_START_TEST (test_closed_descriptor_is_an_error)
{
  GstSocketKeepAlive on = {TRUE, 1, 1, 1};

  fail_if (gst_socket_opt_set_nonblocking (-1, TRUE, NULL));
  fail_if (gst_socket_opt_set_keep_alive (-1, &on, NULL));
  fail_if (gst_socket_opt_set_dscp (-1, 1, NULL));
  fail_if (gst_socket_opt_increase_buffer (
      -1, GST_SOCKET_BUFFER_SEND, 1, NULL, NULL));
}
GST_END_TEST;

GST_START_TEST (test_nonblocking_keeps_the_other_flags)
{
  int fds[2];

  fail_unless_equals_int (pipe2 (fds, O_CLOEXEC), 0);
  fail_unless_equals_int (fcntl (fds[1], F_SETFL, O_APPEND), 0);
  fail_unless (gst_socket_opt_set_nonblocking (fds[1], TRUE, NULL));
  fail_unless (fcntl (fds[1], F_GETFL) & O_NONBLOCK);
  fail_unless (fcntl (fds[1], F_GETFL) & O_APPEND);
  fail_unless (gst_socket_opt_set_nonblocking (fds[1], FALSE, NULL));
  fail_if (fcntl (fds[1], F_GETFL) & O_NONBLOCK);
  fail_unless (fcntl (fds[1], F_GETFL) & O_APPEND);
  close (fds[0]);
  close (fds[1]);
}
GST_END_TEST;

GST_START_TEST (test_timeouts_are_never_rounded_down_to_for_ever)
{
  int fd = open_fd (AF_INET, SOCK_STREAM);
  struct timeval tv;
  socklen_t size = sizeof (tv);

  fail_unless (gst_socket_opt_set_send_timeout (fd, 1, NULL));
  getsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &tv, &size);
  fail_unless (tv.tv_sec > 0 || tv.tv_usec > 0);
  fail_unless (gst_socket_opt_set_receive_timeout (fd, 90 * GST_SECOND, NULL));
  getsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &size);
  fail_unless_equals_int (tv.tv_sec, 90);
  fail_unless (gst_socket_opt_set_send_timeout (fd, 0, NULL));
  getsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &tv, &size);
  fail_unless (tv.tv_sec == 0 && tv.tv_usec == 0);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_dscp_marks_ipv4)
{
  int fd = open_fd (AF_INET, SOCK_DGRAM);

  fail_unless (gst_socket_opt_set_dscp (fd, 46, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_IP, IP_TOS), 46 << 2);
  fail_unless (gst_socket_opt_set_dscp (fd, 0, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_IP, IP_TOS), 0);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_dscp_marks_both_on_unconnected_ipv6)
{
  int fd = open_fd (AF_INET6, SOCK_DGRAM);

  fail_unless (gst_socket_opt_set_dscp (fd, 10, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_IPV6, IPV6_TCLASS), 10 << 2);
  fail_unless_equals_int (get_int (fd, IPPROTO_IP, IP_TOS), 10 << 2);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_dscp_and_ttl_mark_ipv4_inside_of_ipv6)
{
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons (9)};
  int fd = open_fd (AF_INET6, SOCK_DGRAM);

  to.sin6_addr.s6_addr[10] = to.sin6_addr.s6_addr[11] = 0xff;
  to.sin6_addr.s6_addr[12] = 127;
  to.sin6_addr.s6_addr[15] = 1;
  fail_unless_equals_int (
      connect (fd, (struct sockaddr *) &to, sizeof (to)), 0);
  fail_unless (gst_socket_opt_set_dscp (fd, 12, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_IP, IP_TOS), 12 << 2);
  fail_unless (gst_socket_opt_set_ttl (fd, 33, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_IP, IP_TTL), 33);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_dscp_is_limited_to_six_bits)
{
  int fd = open_fd (AF_INET, SOCK_DGRAM);
  int local = open_fd (AF_UNIX, SOCK_STREAM);
  g_autoptr (GError) error = NULL;

  fail_if (gst_socket_opt_set_dscp (fd, -1, NULL));
  fail_unless (gst_socket_opt_set_dscp (fd, 63, NULL));
  fail_if (gst_socket_opt_set_dscp (fd, 64, &error));
  fail_unless (
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  g_clear_error (&error);
  fail_if (gst_socket_opt_set_dscp (local, 1, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED));
  close (fd);
  close (local);
}
GST_END_TEST;

GST_START_TEST (test_ttl_limits)
{
  int fd = open_fd (AF_INET, SOCK_DGRAM);

  fail_if (gst_socket_opt_set_ttl (fd, -2, NULL));
  fail_if (gst_socket_opt_set_ttl (fd, 0, NULL));
  fail_unless (gst_socket_opt_set_ttl (fd, 1, NULL));
  fail_unless (gst_socket_opt_set_ttl (fd, 255, NULL));
  fail_if (gst_socket_opt_set_ttl (fd, 256, NULL));
  fail_unless (gst_socket_opt_set_ttl (fd, -1, NULL));
  fail_unless (gst_socket_opt_set_multicast_ttl (fd, 0, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_IP, IP_MULTICAST_TTL), 0);
  fail_unless (gst_socket_opt_set_multicast_ttl (fd, 255, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_IP, IP_MULTICAST_TTL), 255);
  fail_if (gst_socket_opt_set_multicast_ttl (fd, 256, NULL));
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_ipv6_hops_are_set)
{
  int fd = open_fd (AF_INET6, SOCK_DGRAM);

  fail_unless (gst_socket_opt_set_ttl (fd, 9, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 9);
  fail_unless (gst_socket_opt_set_multicast_ttl (fd, 3, NULL));
  fail_unless_equals_int (get_int (fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS), 3);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_buffer_sizes_are_read_back_in_the_unit_they_are_set)
{
  GstSocketBuffer which = __i__;
  int fd = open_fd (AF_INET, SOCK_DGRAM);
  guint granted = 0;
  guint read_back = 0;

  fail_unless (gst_socket_opt_set_buffer (fd, which, 65536, &granted, NULL));
  fail_unless_equals_int (granted, 65536);
  fail_unless (gst_socket_opt_get_buffer (fd, which, &read_back, NULL));
  fail_unless_equals_int (read_back, 65536);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_increase_never_makes_a_buffer_smaller)
{
  GstSocketBuffer which = __i__;
  int fd = open_fd (AF_INET, SOCK_DGRAM);
  guint granted = 0;

  fail_unless (gst_socket_opt_set_buffer (fd, which, 65536, NULL, NULL));
  fail_unless (
      gst_socket_opt_increase_buffer (fd, which, 4096, &granted, NULL));
  fail_unless_equals_int (granted, 65536);
  fail_unless (
      gst_socket_opt_increase_buffer (fd, which, 65536, &granted, NULL));
  fail_unless_equals_int (granted, 65536);
  fail_unless (
      gst_socket_opt_increase_buffer (fd, which, 131072, &granted, NULL));
  fail_unless_equals_int (granted, 131072);
  close (fd);
}
GST_END_TEST;

GST_START_TEST (test_shortfall_is_told_with_the_command_that_helps)
{
  g_autofree gchar *command = gst_socket_opt_describe_shortfall (
      GST_SOCKET_BUFFER_RECEIVE, 8388608, 212992);
  g_autofree gchar *send =
      gst_socket_opt_describe_shortfall (GST_SOCKET_BUFFER_SEND, 2, 1);

  fail_unless_equals_string (command, "sysctl -w net.core.rmem_max=8388608");
  fail_unless_equals_string (send, "sysctl -w net.core.wmem_max=2");
  fail_unless (
      gst_socket_opt_describe_shortfall (GST_SOCKET_BUFFER_SEND, 1, 1) == NULL);
}
GST_END_TEST;

GST_START_TEST (test_interface_name_is_checked)
{
  int fd = open_fd (AF_INET, SOCK_DGRAM);
  g_autoptr (GError) error = NULL;

  fail_if (gst_socket_opt_bind_to_device (fd, "nosuch0", &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  fail_if (gst_socket_opt_bind_to_device (
      fd, "a-name-that-is-longer-than-any-interface", NULL));
  fail_unless (gst_socket_opt_bind_to_device (fd, "lo", NULL));
  close (fd);
}
GST_END_TEST;

static Suite *
sockopt_suite (void)
{
  Suite *suite = suite_create ("sockopt");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, test_leaks_begin, test_leaks_end);
  tcase_add_test (tc, test_keep_alive_figures_are_set);
  tcase_add_test (tc, test_zero_leaves_the_systems_figures);
  tcase_add_test (tc, test_tcp_options_are_set_together);
  tcase_add_loop_test (
      tc, test_tcp_options_mean_nothing_to_other_sockets, 0, 2);
  tcase_add_test (tc, test_refused_option_is_named);
  tcase_add_test (tc, test_pacing_rate_is_set_in_bits);
  tcase_add_test (tc, test_closed_descriptor_is_an_error);
  tcase_add_test (tc, test_nonblocking_keeps_the_other_flags);
  tcase_add_test (tc, test_timeouts_are_never_rounded_down_to_for_ever);
  tcase_add_test (tc, test_dscp_marks_ipv4);
  tcase_add_test (tc, test_dscp_marks_both_on_unconnected_ipv6);
  tcase_add_test (tc, test_dscp_and_ttl_mark_ipv4_inside_of_ipv6);
  tcase_add_test (tc, test_dscp_is_limited_to_six_bits);
  tcase_add_test (tc, test_ttl_limits);
  tcase_add_test (tc, test_ipv6_hops_are_set);
  tcase_add_loop_test (
      tc, test_buffer_sizes_are_read_back_in_the_unit_they_are_set, 0, 2);
  tcase_add_loop_test (tc, test_increase_never_makes_a_buffer_smaller, 0, 2);
  tcase_add_test (tc, test_shortfall_is_told_with_the_command_that_helps);
  tcase_add_test (tc, test_interface_name_is_checked);
  return suite;
}

GST_CHECK_MAIN (sockopt);
