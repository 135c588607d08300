/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchsys.c: what the machine says about itself and about a process
 *
 * Here: see benchsys.h. Not here: what is measured with it.
 */
#include "benchsys.h"

#include <gst/gst.h>

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

static gchar *
cpu_model (void)
{
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_strdup ("unknown CPU");
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const gchar *colon = strchr (lines[i], ':');

    if (g_str_has_prefix (lines[i], "model name") && colon != NULL)
      return g_strstrip (g_strdup (colon + 1));
  }
  return g_strdup ("unknown CPU");
}

gchar *
bench_sys_machine (void)
{
  g_autofree gchar *model = cpu_model ();
  guint major, minor, micro, nano;
  struct utsname host;

  uname (&host);
  gst_version (&major, &minor, &micro, &nano);
  return g_strdup_printf ("%s, %ld cores, %s %s, GStreamer %u.%u.%u", model,
      sysconf (_SC_NPROCESSORS_ONLN), host.sysname, host.release, major, minor,
      micro);
}

static gint64
timeval_us (const struct timeval *tv)
{
  return tv->tv_sec * G_USEC_PER_SEC + tv->tv_usec;
}

gint64
bench_sys_cpu_us (void)
{
  struct rusage use;

  getrusage (RUSAGE_SELF, &use);
  return timeval_us (&use.ru_utime) + timeval_us (&use.ru_stime);
}

gint64
bench_sys_busy_us (void)
{
  g_autofree gchar *text = NULL;
  unsigned long long user, nice, system, idle, wait, irq, soft, steal;

  if (!g_file_get_contents ("/proc/stat", &text, NULL, NULL)
      || sscanf (text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user,
             &nice, &system, &idle, &wait, &irq, &soft, &steal)
          != 8)
    return 0;
  return (user + nice + system + irq + soft + steal)
      * (G_USEC_PER_SEC / sysconf (_SC_CLK_TCK));
}

static gdouble
field_kib (const gchar *text, const gchar *field)
{
  const gchar *at = strstr (text, field);

  return at != NULL ? g_ascii_strtod (at + strlen (field), NULL) : 0;
}

gboolean
bench_sys_memory (GPid pid, BenchMemory *ret_memory)
{
  g_autofree gchar *path = g_strdup_printf ("/proc/%d/smaps_rollup", pid);
  g_autofree gchar *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  ret_memory->rss_kib = field_kib (text, "\nRss:");
  ret_memory->private_dirty_kib = field_kib (text, "\nPrivate_Dirty:");
  return TRUE;
}

guint
bench_sys_raise_descriptors (void)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  getrlimit (RLIMIT_NOFILE, &limit);
  return (guint) MIN (limit.rlim_cur, G_MAXINT);
}

void
bench_sys_pin (gboolean clients)
{
  glong n = sysconf (_SC_NPROCESSORS_ONLN);
  cpu_set_t set;

  if (n < 2)
    return;
  CPU_ZERO (&set);
  for (glong i = 0; i < n; i++) {
    if ((i == n - 1) == clients)
      CPU_SET (i, &set);
  }
  sched_setaffinity (0, sizeof set, &set);
}
