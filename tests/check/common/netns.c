/* SPDX-License-Identifier: LGPL-2.1-or-later
 * netns.c: a network of two hosts, for one test
 *
 * Here: see netns.h. The far host is a child process that obeys lines.
 * Not here: what is tested on it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "netns.h"

#include <gst/check/gstcheck.h>

#include <errno.h>
#include <gio/gio.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE 512

static pid_t far_pid;
static int far_fd = -1;

/* ---- entering ---- */

static gboolean
skip (const gchar *why)
{
  g_printerr ("skipped: %s\n", why);
  return FALSE;
}

static gboolean
write_text (const gchar *path, const gchar *text)
{
  FILE *file = fopen (path, "w");
  gboolean ok;

  if (file == NULL)
    return FALSE;
  ok = fputs (text, file) >= 0;
  return fclose (file) == 0 && ok;
}

/* Without rights, one may still be root of a namespace of one's own. */
static gboolean
become_root (void)
{
  g_autofree gchar *uids = g_strdup_printf ("0 %u 1", (guint) getuid ());
  g_autofree gchar *gids = g_strdup_printf ("0 %u 1", (guint) getgid ());

  return unshare (CLONE_NEWUSER | CLONE_NEWNET) == 0
      && write_text ("/proc/self/setgroups", "deny")
      && write_text ("/proc/self/uid_map", uids)
      && write_text ("/proc/self/gid_map", gids);
}

static gboolean
run_ip (const gchar *arguments)
{
  g_autofree gchar *command = g_strdup_printf ("ip %s", arguments);

  return system (command) == 0;
}

gboolean
test_net_enter (void)
{
  g_autofree gchar *ip = g_find_program_in_path ("ip");

  if (ip == NULL)
    return skip ("there is no ip (8); on Debian: apt install iproute2");
  if (unshare (CLONE_NEWNET) != 0 && !become_root ())
    return skip ("network namespaces are not permitted here");
  if (!run_ip ("link set lo up")
      || !run_ip ("link add probe0 type veth peer name probe1 2>/dev/null"))
    return skip ("the kernel has no veth");
  return run_ip ("link del probe0");
}

/* ---- the far host ---- */

static int
far_send (const gchar *from, const gchar *to, guint port, const gchar *text)
{
  g_autoptr (GSocketAddress) local =
      g_inet_socket_address_new_from_string (from, 0);
  g_autoptr (GSocketAddress) remote =
      g_inet_socket_address_new_from_string (to, port);
  struct sockaddr_storage native;
  struct ip_mreqn v4 = {.imr_ifindex = if_nametoindex ("far0")};
  int v6 = v4.imr_ifindex, fd, family, ok;

  if (local == NULL || remote == NULL)
    return 0;
  family = g_socket_address_get_family (local);
  fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &v6, sizeof v6);
  else
    setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &v4, sizeof v4);
  ok = g_socket_address_to_native (local, &native, sizeof native, NULL)
      && bind (fd, (struct sockaddr *) &native,
             g_socket_address_get_native_size (local))
          == 0
      && g_socket_address_to_native (remote, &native, sizeof native, NULL)
      && sendto (fd, text, strlen (text), 0, (struct sockaddr *) &native,
             g_socket_address_get_native_size (remote))
          > 0;
  close (fd);
  return ok;
}

/* IGMP, and ICMPv6 behind hop-by-hop options, which is MLD. */
static gboolean
is_report (const guint8 *frame, gssize size)
{
  if (size < 14 + 20)
    return FALSE;
  if (frame[12] == 0x08 && frame[13] == 0x00)
    return frame[14 + 9] == IPPROTO_IGMP;
  return frame[12] == 0x86 && frame[13] == 0xdd
      && frame[14 + 6] == IPPROTO_HOPOPTS;
}

static guint
count_reports (int packet_fd)
{
  guint8 frame[2048];
  guint n = 0;
  gssize size;

  while ((size = recv (packet_fd, frame, sizeof frame, MSG_DONTWAIT)) >= 0
      || errno == ENETDOWN || errno == EINTR) {
    if (size >= 0 && is_report (frame, size))
      n++;
  }
  return n;
}

static gint
far_obey (const gchar *line, int packet_fd)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 5);
  guint n = g_strv_length (words);

  if (g_str_has_prefix (line, "ip "))
    return run_ip (line + 3) ? 1 : -1;
  if (g_str_equal (words[0], "reports"))
    return count_reports (packet_fd);
  if (n == 5 && g_str_equal (words[0], "send"))
    return far_send (words[1], words[2], atoi (words[3]), words[4]) ? 1 : -1;
  return -1;
}

static void G_GNUC_NORETURN
far_main (int fd)
{
  gchar line[LINE];
  gint result;
  gssize size;
  int packet_fd;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  result = unshare (CLONE_NEWNET) == 0 ? 1 : -1;
  packet_fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons (ETH_P_ALL));
  while (send (fd, &result, sizeof result, MSG_NOSIGNAL) > 0
      && (size = recv (fd, line, sizeof line - 1, 0)) > 0) {
    line[size] = '\0';
    result = far_obey (line, packet_fd);
  }
  _exit (0);
}

static gint
far_result (void)
{
  gint result = -1;

  fail_unless_equals_int (
      recv (far_fd, &result, sizeof result, 0), (int) sizeof result);
  return result;
}

static gint G_GNUC_PRINTF (1, 2) ask_far (const gchar *format, ...)
{
  g_autofree gchar *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  fail_unless (send (far_fd, line, strlen (line), MSG_NOSIGNAL) > 0);
  return far_result ();
}

/* ---- for tests ---- */

void
test_net_near (const gchar *arguments)
{
  fail_unless (run_ip (arguments), "ip %s", arguments);
}

void
test_net_far (const gchar *arguments)
{
  fail_unless (ask_far ("ip %s", arguments) > 0, "far: ip %s", arguments);
}

void
test_net_address (void)
{
  test_net_near ("addr replace " TEST_NET_NEAR4 "/24 dev near0");
  test_net_near ("addr replace " TEST_NET_NEAR6 "/64 dev near0 nodad");
  test_net_near ("route replace 224.0.0.0/4 dev near0");
  test_net_far ("addr replace 10.77.0.2/24 dev far0");
  test_net_far ("addr replace 10.77.0.3/24 dev far0");
  test_net_far ("addr replace fd77::2/64 dev far0 nodad");
  test_net_far ("addr replace fd77::3/64 dev far0 nodad");
}

void
test_net_lay_cable (void)
{
  g_autofree gchar *add = g_strdup_printf (
      "link add near0 type veth peer name far0 netns %d", (int) far_pid);

  test_net_near (add);
  test_net_near ("link set near0 up");
  test_net_far ("link set far0 up");
}

void
test_net_begin (void)
{
  int fds[2];

  fail_unless (
      socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
  far_pid = fork ();
  fail_unless (far_pid >= 0);
  if (far_pid == 0) {
    close (fds[0]);
    far_main (fds[1]);
  }
  close (fds[1]);
  far_fd = fds[0];
  fail_unless (far_result () > 0);
  /* What a test that failed left behind. */
  if (if_nametoindex ("near0") != 0)
    test_net_near ("link del near0");
  test_net_lay_cable ();
  test_net_address ();
}

void
test_net_end (void)
{
  test_net_near ("link del near0");
  close (far_fd);
  waitpid (far_pid, NULL, 0);
}

void
test_net_send (
    const gchar *from, const gchar *to, guint port, const gchar *text)
{
  fail_unless (ask_far ("send %s %s %u %s", from, to, port, text) > 0,
      "sending from %s to %s", from, to);
}

guint
test_net_count_reports (void)
{
  return ask_far ("reports");
}

static gchar *
kernel_name (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);
  GString *name = g_string_new (NULL);
  guint32 v4;

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4) {
    memcpy (&v4, bytes, sizeof v4);
    g_string_printf (name, "%08X", v4);
  } else {
    for (guint i = 0; i < 16; i++)
      g_string_append_printf (name, "%02x", bytes[i]);
  }
  return g_string_free (name, FALSE);
}

gboolean
test_net_is_member (const gchar *group)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (group);
  g_autofree gchar *name = kernel_name (address);
  g_autofree gchar *list = NULL;

  fail_unless (g_file_get_contents (
      strchr (group, ':') ? "/proc/self/net/igmp6" : "/proc/self/net/igmp",
      &list, NULL, NULL));
  return strstr (list, name) != NULL;
}
