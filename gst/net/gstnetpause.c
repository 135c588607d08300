/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstnetpause.c: pauses of sinks that wait for a peer
 *
 * Here: knowing a pause from its end, waiting for that.
 * Not here: waiting for the peer.
 *
 * Threads   app: begin, end    streaming: wait
 * Locks     PREROLL_LOCK, which the base class holds around render
 *
 * A sink that waits for its peer in render holds PREROLL_LOCK, which every
 * change of state needs: woken by unlock (), it gives the lock away and waits
 * for the pipeline to play on. To be woken from that is no sign that it does:
 * the pipeline may have played and been paused once more before this thread has
 * run again. To wait for the peer again then would hold up the next change of
 * state.
 *
 * The end is noted before the base class acts, because that wakes the thread;
 * afterwards would be too late, for the lock may be gone for long by then.
 * Nobody waits here while an element gets to PLAYING without a change from
 * PAUSED, as one does that joins a pipeline that plays, or is flushed: it is
 * not paused then, and each pause after that is ended by such a change.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstnetpause.h"

/*
 * gst_net_pause_begin:
 * @self: whether the element is paused
 *
 * To be called by unlock (), which is called before a pause.
 */
void
gst_net_pause_begin (GstNetPause *self)
{
  g_atomic_int_set (&self->is_over, FALSE);
}

/*
 * gst_net_pause_end:
 * @self: whether the element is paused
 * @transition: of the element, before its parent class acts on it
 *
 * Lets a buffer go on that a pause has interrupted.
 */
void
gst_net_pause_end (GstNetPause *self, GstStateChange transition)
{
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    g_atomic_int_set (&self->is_over, TRUE);
}

/*
 * gst_net_pause_wait:
 * @self: whether the element is paused
 * @sink: the element, in render or wait_event, whose waiting for its peer was
 *     ended by unlock ()
 *
 * Waits until the pipeline plays on.
 *
 * Returns: as gst_base_sink_wait_preroll() does
 */
GstFlowReturn
gst_net_pause_wait (GstNetPause *self, GstBaseSink *sink)
{
  GstFlowReturn flow;

  do
    flow = gst_base_sink_wait_preroll (sink);
  while (flow == GST_FLOW_OK && !g_atomic_int_get (&self->is_over));
  return flow;
}
