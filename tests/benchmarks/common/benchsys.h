/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchsys.h: what the machine says about itself and about a process
 *
 * Here: CPU time, memory, descriptor limit, pinning, the machine in one line.
 * Not here: starting processes (benchproc.h), what is measured with it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gdouble rss_kib;
  gdouble private_dirty_kib;
} BenchMemory;

/* "CPU model, N cores, kernel, GStreamer version". */
gchar *bench_sys_machine (void);

/* User and system time of this process, all its threads. */
gint64 bench_sys_cpu_us (void);

/* Time that all processors together were not idle since boot. */
gint64 bench_sys_busy_us (void);

gboolean bench_sys_memory (GPid pid, BenchMemory *ret_memory);

/* Raises the soft limit of descriptors to the hard one and returns it. */
guint bench_sys_raise_descriptors (void);

/* Clients keep the last processor, what is measured all the others. Does
 * nothing on a machine with one processor. */
void bench_sys_pin (gboolean clients);

G_END_DECLS
