/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttploop.c: calls into a server's thread that may come too late
 *
 * Here: what is called, or dropped once the server has gone.
 * Not here: what is called.
 *
 * Threads   any: invoke    app: end
 * Locks     lock guards is_over; not held while anything is called
 *
 * A source that is attached to a main context which nobody runs any more stays
 * there, with all that it holds. So a server's context takes none after its
 * end, and who calls then is told by having his data freed.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"

struct _HttpLoop
{
  gatomicrefcount ref_count;
  GMainContext *context;

  GMutex lock;
  gboolean is_over; /* guarded by lock */
};

HttpLoop *
http_loop_new (GMainContext *context)
{
  HttpLoop *self = g_new0 (HttpLoop, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref (context);
  g_mutex_init (&self->lock);
  return self;
}

HttpLoop *
http_loop_ref (HttpLoop *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
http_loop_unref (HttpLoop *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Calls func in the server's thread: at once if that is where the caller is,
 * else soon, and not at all when the server has gone. */
void
http_loop_invoke (
    HttpLoop *self, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  g_autoptr (GSource) source = NULL;

  if (g_main_context_is_owner (self->context)) {
    func (data);
    notify (data);
    return;
  }
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, notify);
  g_mutex_lock (&self->lock);
  if (!self->is_over)
    g_source_attach (source, self->context);
  g_mutex_unlock (&self->lock);
}

/* The server's thread has ended. What it has not called is called here: it
 * finds that nothing is left to do. */
void
http_loop_end (HttpLoop *self)
{
  g_mutex_lock (&self->lock);
  self->is_over = TRUE;
  g_mutex_unlock (&self->lock);
  while (g_main_context_iteration (self->context, FALSE))
    continue;
}
