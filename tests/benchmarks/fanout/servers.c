/* SPDX-License-Identifier: LGPL-2.1-or-later
 * servers.c: the servers that the fan-out benchmark compares
 *
 * Here: see servers.h. Not here: what a trial is (trial.c).
 */
#include "servers.h"

/* Stock listens with a backlog of 5: more at once would measure how long the
 * kernel waits before it tries again. */
#define STOCK_FILL_STEP 4

Trial *
trial_new (
    const Fanout *run, FanoutServer server, const gchar *setting, gsize size)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  gchar **own = server == FANOUT_OURS ? run->ours_settings : NULL;
  Trial *self;

  g_ptr_array_add (args, (gpointer) "--role");
  g_ptr_array_add (
      args, (gpointer) (server == FANOUT_FLOOR ? "floor" : "server"));
  g_ptr_array_add (args, (gpointer) (run->pin ? "pinned" : "free"));
  if (server != FANOUT_FLOOR)
    g_ptr_array_add (args, (gpointer) run->plugin[server]);
  for (guint i = 0; own != NULL && own[i] != NULL; i++)
    g_ptr_array_add (args, own[i]);
  if (server == FANOUT_OURS && setting != NULL)
    g_ptr_array_add (args, (gpointer) setting);
  g_ptr_array_add (args, NULL);
  self = trial_start ((const gchar *const *) args->pdata, size, NULL);
  if (server == FANOUT_STOCK)
    self->fill_step = STOCK_FILL_STEP;
  return self;
}

gboolean
trial_ended_well (Trial *self, Fanout *run, FanoutServer server)
{
  if (self->error == NULL)
    return TRUE;
  g_printerr ("%s: %s\n", fanout_server_name (server), self->error->message);
  run->failed = TRUE;
  return FALSE;
}
