/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttppushqueue.c: what waits to be uploaded
 *
 * Here: a bounded queue from the streaming thread to the one that sends, with
 * a descriptor to wait for it beside a socket.
 * Not here: sending.
 *
 * Threads   streaming: push, wait    sender: pop, finish, fail    app: flushing
 * Locks     lock guards all; not held but while waiting for "changed"
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttppushqueue.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <unistd.h>

/* What a buffer costs besides its bytes, so that many small ones are bounded
 * too. */
#define ITEM_WEIGHT 256

GstHttpPushItem *
gst_http_push_item_new (GstHttpPushKind kind)
{
  GstHttpPushItem *item = g_new0 (GstHttpPushItem, 1);

  item->kind = kind;
  return item;
}

void
gst_http_push_item_free (GstHttpPushItem *item)
{
  if (item == NULL)
    return;
  gst_clear_buffer (&item->buffer);
  g_free (item->url);
  g_free (item->type);
  g_free (item);
}

gsize
gst_http_push_item_weight (const GstHttpPushItem *item)
{
  return item->buffer != NULL ? gst_buffer_get_size (item->buffer) + ITEM_WEIGHT
                              : 0;
}

static gboolean
open_wake (int *wake, GError **error)
{
  if (!g_unix_open_pipe (wake, FD_CLOEXEC, error))
    return FALSE;
  return g_unix_set_fd_nonblocking (wake[0], TRUE, error)
      && g_unix_set_fd_nonblocking (wake[1], TRUE, error);
}

static void
close_wake (int *wake)
{
  for (guint i = 0; i < 2; i++) {
    if (wake[i] >= 0)
      close (wake[i]);
    wake[i] = -1;
  }
}

/* Fails as opening a pipe does. */
gboolean
gst_http_push_queue_init (GstHttpPushQueue *self, GError **error)
{
  *self = (GstHttpPushQueue){.wake = {-1, -1}};
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->items);
  if (open_wake (self->wake, error))
    return TRUE;
  gst_http_push_queue_clear (self);
  return FALSE;
}

void
gst_http_push_queue_clear (GstHttpPushQueue *self)
{
  close_wake (self->wake);
  g_queue_clear_full (&self->items, (GDestroyNotify) gst_http_push_item_free);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

/* Before it is used. */
void
gst_http_push_queue_set_limits (
    GstHttpPushQueue *self, gsize max_weight, gboolean is_leaky)
{
  self->max_weight = max_weight;
  self->is_leaky = is_leaky;
}

static void
wake_up_locked (GstHttpPushQueue *self)
{
  while (write (self->wake[1], "", 1) < 0 && errno == EINTR)
    continue;
}

static void
calm_down_locked (GstHttpPushQueue *self)
{
  gchar scratch[16];

  while (read (self->wake[0], scratch, sizeof scratch) < 0 && errno == EINTR)
    continue;
}

/* One buffer always fits, however large. */
static gboolean
has_room_locked (GstHttpPushQueue *self, const GstHttpPushItem *item)
{
  gsize weight = gst_http_push_item_weight (item);

  return weight == 0 || self->weight == 0
      || self->weight + weight <= self->max_weight;
}

/* Whether a buffer of that many bytes would be taken at once. */
gboolean
gst_http_push_queue_has_room (GstHttpPushQueue *self, gsize size)
{
  gboolean has_room;

  g_mutex_lock (&self->lock);
  has_room = self->weight == 0
      || self->weight + size + ITEM_WEIGHT <= self->max_weight;
  g_mutex_unlock (&self->lock);
  return has_room;
}

static void
append_locked (GstHttpPushQueue *self, GstHttpPushItem *item)
{
  if (item->kind == GST_HTTP_PUSH_BEGIN || item->kind == GST_HTTP_PUSH_DELETE)
    self->n_unfinished++;
  if (g_queue_is_empty (&self->items))
    wake_up_locked (self);
  self->weight += gst_http_push_item_weight (item);
  g_queue_push_tail (&self->items, item);
}

/* Appends an item, which it takes; waits for room, unless it is leaky. Flushing
 * leaves the item out. */
GstFlowReturn
gst_http_push_queue_push (
    GstHttpPushQueue *self, GstHttpPushItem *item, gboolean *ret_dropped)
{
  g_autoptr (GstHttpPushItem) owned = item;
  GstFlowReturn flow = GST_FLOW_OK;

  *ret_dropped = FALSE;
  g_mutex_lock (&self->lock);
  while (!self->has_failed && !self->is_flushing && !self->is_leaky
      && !has_room_locked (self, item))
    g_cond_wait (&self->changed, &self->lock);
  if (self->has_failed)
    flow = GST_FLOW_ERROR;
  else if (has_room_locked (self, item))
    append_locked (self, g_steal_pointer (&owned));
  else if (self->is_leaky)
    *ret_dropped = TRUE;
  else
    flow = GST_FLOW_FLUSHING;
  g_mutex_unlock (&self->lock);
  return flow;
}

/* Returns: (transfer full) (nullable): the next, at once */
GstHttpPushItem *
gst_http_push_queue_pop (GstHttpPushQueue *self)
{
  GstHttpPushItem *item;

  g_mutex_lock (&self->lock);
  item = g_queue_pop_head (&self->items);
  if (item != NULL) {
    self->weight -= gst_http_push_item_weight (item);
    g_cond_broadcast (&self->changed);
    if (g_queue_is_empty (&self->items))
      calm_down_locked (self);
  }
  g_mutex_unlock (&self->lock);
  return item;
}

/* Waits until all that began is over. */
GstFlowReturn
gst_http_push_queue_wait_finished (GstHttpPushQueue *self)
{
  GstFlowReturn flow = GST_FLOW_OK;

  g_mutex_lock (&self->lock);
  while (!self->has_failed && !self->is_flushing && self->n_unfinished > 0)
    g_cond_wait (&self->changed, &self->lock);
  if (self->has_failed)
    flow = GST_FLOW_ERROR;
  else if (self->n_unfinished > 0)
    flow = GST_FLOW_FLUSHING;
  g_mutex_unlock (&self->lock);
  return flow;
}

/* A file, or a deletion, is over. */
void
gst_http_push_queue_finish (GstHttpPushQueue *self)
{
  g_mutex_lock (&self->lock);
  self->n_unfinished--;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Nothing more is taken. */
void
gst_http_push_queue_fail (GstHttpPushQueue *self)
{
  g_mutex_lock (&self->lock);
  self->has_failed = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Leaves out what waits of bytes; what lacks them is not to be kept. */
void
gst_http_push_queue_flush (GstHttpPushQueue *self)
{
  GQueue kept = G_QUEUE_INIT;
  GstHttpPushItem *item;

  g_mutex_lock (&self->lock);
  while ((item = g_queue_pop_head (&self->items)) != NULL) {
    if (item->kind == GST_HTTP_PUSH_END)
      item->kind = GST_HTTP_PUSH_ABORT;
    if (item->kind == GST_HTTP_PUSH_DATA)
      gst_http_push_item_free (item);
    else
      g_queue_push_tail (&kept, item);
  }
  self->items = kept;
  self->weight = 0;
  if (g_queue_is_empty (&self->items))
    calm_down_locked (self);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* While flushing nobody waits. */
void
gst_http_push_queue_set_flushing (GstHttpPushQueue *self, gboolean flushing)
{
  g_mutex_lock (&self->lock);
  self->is_flushing = flushing;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

int
gst_http_push_queue_get_wake_fd (GstHttpPushQueue *self)
{
  return self->wake[0];
}
