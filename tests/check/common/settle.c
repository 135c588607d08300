/* SPDX-License-Identifier: LGPL-2.1-or-later
 * settle.c: tell when every other thread of the process has gone to sleep
 *
 * Here: see settle.h. Not here: elements.
 *
 * A thread found asleep twice, with the same count of context switches, slept
 * all the time between. If that holds for all of them, there was a moment
 * between the two looks at which all slept, however the looks interleaved. It
 * works on any plugin, for it asks nothing of the element.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "settle.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns the number of context switches of a sleeping thread, or -1. */
static gint64
switches_if_asleep (const gchar *task)
{
  g_autofree gchar *path = g_strdup_printf ("/proc/self/task/%s/status", task);
  g_autofree gchar *text = NULL;
  const gchar *state, *voluntary, *forced;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return -1;
  state = strstr (text, "\nState:\t");
  voluntary = strstr (text, "\nvoluntary_ctxt_switches:\t");
  forced = strstr (text, "\nnonvoluntary_ctxt_switches:\t");
  if (state == NULL || voluntary == NULL || forced == NULL || state[8] != 'S')
    return -1;
  return g_ascii_strtoll (strchr (voluntary, '\t'), NULL, 10)
      + g_ascii_strtoll (strchr (forced, '\t'), NULL, 10);
}

/* Returns: (transfer full) (nullable): task id -> switches of every other
 * thread, or NULL when one of them is awake. */
static GHashTable *
look (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree gchar *own = g_strdup_printf ("%ld", (glong) syscall (SYS_gettid));
  const gchar *task;

  while ((task = g_dir_read_name (dir)) != NULL) {
    gint64 switches;

    if (g_str_equal (task, own))
      continue;
    switches = switches_if_asleep (task);
    if (switches < 0)
      return NULL;
    g_hash_table_insert (
        seen, g_strdup (task), g_memdup2 (&switches, sizeof (switches)));
  }
  return g_steal_pointer (&seen);
}

static gboolean
same (GHashTable *a, GHashTable *b)
{
  GHashTableIter iter;
  gpointer task, switches;

  if (g_hash_table_size (a) != g_hash_table_size (b))
    return FALSE;
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &task, &switches)) {
    gint64 *other = g_hash_table_lookup (b, task);

    if (other == NULL || *other != *(gint64 *) switches)
      return FALSE;
  }
  return TRUE;
}

gboolean
settle_all_asleep (void)
{
  g_autoptr (GHashTable) first = look ();
  g_autoptr (GHashTable) second = first != NULL ? look () : NULL;

  return second != NULL && same (first, second);
}
