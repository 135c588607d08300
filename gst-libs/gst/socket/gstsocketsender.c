/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketsender.c: sends files to many sockets from one thread
 *
 * Here: the thread, whom it waits for, when it gives up.
 * Not here: one sending (gstsocketsending.c), what is sent (gstsocketblob.c).
 *
 * Threads   sender: jobs, the poller    any: send, wake, stop
 * Locks     lock guards incoming and is_stopped; not held while the function is
 *           called
 *
 *   a job     | waits for                    | leaves when
 *   ----------+------------------------------+--------------------------------
 *   BLOCKED   | room in its socket           | there is, or none for too long
 *   WAITING   | its blob to grow             | it does, or its peer goes
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketsending-private.h"
#include "gstsocketpoller.h"
#include "gstsocketsender.h"

#include <sys/socket.h>

#define N_EVENTS 64
#define TICK_NS G_GINT64_CONSTANT (1000000000)

typedef struct
{
  GstSocketSendingState state;
  GstSocketJob *job;
  gboolean is_polled;
  guint events;
  gint64 progress_us; /* when something went out last */
  guint64 progress_bytes;
  GList link;
} Task;

struct _GstSocketSender
{
  gatomicrefcount ref_count;

  /* immutable */
  GstSocketSenderFunc func;
  gpointer user_data;
  gint64 stall_us;
  GstSocketPoller *poller;

  GMutex lock;
  GQueue incoming;     /* GstSocketJob; guarded by lock */
  gboolean is_stopped; /* guarded by lock */
  GThread *thread;     /* whoever stops it */

  gint has_changed; /* atomic: some blob has */

  /* sender */
  GQueue tasks;
};

/* --- tasks --- */

static void
finish (GstSocketSender *self, Task *task, gboolean done)
{
  GstSocketSending *sending = gst_socket_job_get_sending (task->job);

  if (task->is_polled)
    gst_socket_poller_remove (
        self->poller, g_socket_get_fd (sending->socket), task);
  g_queue_unlink (&self->tasks, &task->link);
  self->func (sending, done, self->user_data);
  gst_socket_job_free (task->job);
  g_free (task);
}

/* Has it told when there is room, or only when its peer has gone. */
static gboolean
poll_for (GstSocketSender *self, Task *task, guint events)
{
  gint fd = g_socket_get_fd (gst_socket_job_get_sending (task->job)->socket);

  if (!task->is_polled) {
    task->is_polled =
        gst_socket_poller_add (self->poller, fd, events, task, NULL);
    task->events = events;
  } else if (task->events != events) {
    gst_socket_poller_modify (self->poller, fd, events, task);
    task->events = events;
  }
  return task->is_polled;
}

static void
run_task (GstSocketSender *self, Task *task)
{
  GstSocketSending *sending = gst_socket_job_get_sending (task->job);
  guint events;

  task->state = gst_socket_job_run (task->job);
  if (sending->sent != task->progress_bytes) {
    task->progress_bytes = sending->sent;
    task->progress_us = g_get_monotonic_time ();
  }
  if (task->state == GST_SOCKET_SENDING_DONE
      || task->state == GST_SOCKET_SENDING_FAILED) {
    finish (self, task, task->state == GST_SOCKET_SENDING_DONE);
    return;
  }
  events =
      task->state == GST_SOCKET_SENDING_WAITING ? 0 : GST_SOCKET_POLL_WRITE;
  if (!poll_for (self, task, events))
    finish (self, task, FALSE);
}

static void
take_incoming (GstSocketSender *self)
{
  GQueue taken = G_QUEUE_INIT;
  GstSocketJob *job;

  g_mutex_lock (&self->lock);
  taken = self->incoming;
  g_queue_init (&self->incoming);
  g_mutex_unlock (&self->lock);
  while ((job = g_queue_pop_head (&taken)) != NULL) {
    Task *task = g_new0 (Task, 1);

    task->job = job;
    task->link.data = task;
    task->progress_us = g_get_monotonic_time ();
    g_queue_push_tail_link (&self->tasks, &task->link);
    run_task (self, task);
  }
}

/* All that wait look: whose blob it was is quicker found by that than kept. */
static void
run_waiting (GstSocketSender *self)
{
  GList *next;

  for (GList *l = self->tasks.head; l != NULL; l = next) {
    Task *task = l->data;

    next = l->next;
    if (task->state == GST_SOCKET_SENDING_WAITING)
      run_task (self, task);
  }
}

/* A peer that has closed its side wants nothing more. */
static gboolean
is_gone (Task *task)
{
  gint fd = g_socket_get_fd (gst_socket_job_get_sending (task->job)->socket);
  gchar byte;

  return recv (fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void
tick (GstSocketSender *self, gint64 now_us)
{
  GList *next;

  for (GList *l = self->tasks.head; l != NULL; l = next) {
    Task *task = l->data;

    next = l->next;
    if (task->state == GST_SOCKET_SENDING_WAITING) {
      task->progress_us = now_us;
      if (is_gone (task))
        finish (self, task, FALSE);
    } else if (self->stall_us > 0
        && now_us - task->progress_us > self->stall_us) {
      finish (self, task, FALSE);
    }
  }
}

static void
handle_event (GstSocketSender *self, const GstSocketPollEvent *event)
{
  Task *task = event->data;

  if (event->events & (GST_SOCKET_POLL_ERROR | GST_SOCKET_POLL_HANGUP))
    finish (self, task, FALSE);
  else
    run_task (self, task);
}

/* --- the thread --- */

static gboolean
is_stopped (GstSocketSender *self)
{
  gboolean stopped;

  g_mutex_lock (&self->lock);
  stopped = self->is_stopped;
  g_mutex_unlock (&self->lock);
  return stopped;
}

static gpointer
run (gpointer user_data)
{
  GstSocketSender *self = user_data;
  GstSocketPollEvent events[N_EVENTS];
  gint64 ticked_us = g_get_monotonic_time ();

  while (!is_stopped (self)) {
    guint n = gst_socket_poller_wait (
        self->poller, events, N_EVENTS, self->tasks.length > 0 ? TICK_NS : -1);
    gint64 now_us = g_get_monotonic_time ();

    for (guint i = 0; i < n; i++)
      handle_event (self, &events[i]);
    take_incoming (self);
    if (g_atomic_int_compare_and_exchange (&self->has_changed, TRUE, FALSE))
      run_waiting (self);
    if (now_us - ticked_us >= TICK_NS / 1000) {
      tick (self, now_us);
      ticked_us = now_us;
    }
  }
  take_incoming (self);
  while (self->tasks.length > 0)
    finish (self, self->tasks.head->data, FALSE);
  return NULL;
}

/**
 * gst_socket_sender_new: (skip)
 * @stall_timeout_ns: how long a peer may take nothing, 0 for any time
 * @func: hears of the end of each sending
 * @user_data: for @func
 * @error: of #GIOErrorEnum or #GThreadError
 *
 * Starts a thread that sends.
 *
 * Returns: (transfer full) (nullable): the sender
 */
GstSocketSender *
gst_socket_sender_new (guint64 stall_timeout_ns, GstSocketSenderFunc func,
    gpointer user_data, GError **error)
{
  GstSocketPoller *poller =
      gst_socket_poller_new (GST_SOCKET_POLLER_AUTO, error);
  GstSocketSender *self;

  if (poller == NULL)
    return NULL;
  self = g_new0 (GstSocketSender, 1);
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_queue_init (&self->incoming);
  g_queue_init (&self->tasks);
  self->poller = poller;
  self->func = func;
  self->user_data = user_data;
  self->stall_us = stall_timeout_ns / 1000;
  self->thread = g_thread_try_new ("file-sender", run, self, error);
  if (self->thread == NULL)
    g_clear_pointer (&self, gst_socket_sender_unref);
  return self;
}

/**
 * gst_socket_sender_ref: (skip)
 * @sender: a sender
 *
 * Returns: (transfer full): @sender
 */
GstSocketSender *
gst_socket_sender_ref (GstSocketSender *sender)
{
  g_atomic_ref_count_inc (&sender->ref_count);
  return sender;
}

/**
 * gst_socket_sender_unref: (skip)
 * @sender: (nullable): a sender that was stopped, if it is the last reference
 *
 * Gives a reference back.
 */
void
gst_socket_sender_unref (GstSocketSender *sender)
{
  if (sender == NULL || !g_atomic_ref_count_dec (&sender->ref_count))
    return;
  g_queue_clear_full (&sender->incoming, (GDestroyNotify) gst_socket_job_free);
  gst_socket_poller_free (sender->poller);
  g_mutex_clear (&sender->lock);
  g_free (sender);
}

/**
 * gst_socket_sender_stop: (skip)
 * @sender: a sender
 *
 * Ends all that is being sent, and the thread. What is given to it afterwards
 * is dropped. Not from the function of the sender.
 */
void
gst_socket_sender_stop (GstSocketSender *sender)
{
  g_mutex_lock (&sender->lock);
  sender->is_stopped = TRUE;
  g_mutex_unlock (&sender->lock);
  gst_socket_poller_wake (sender->poller);
  g_thread_join (g_steal_pointer (&sender->thread));
}

/**
 * gst_socket_sender_send: (skip)
 * @sender: a sender
 * @sending: (transfer full): what to send; its fields are taken
 *
 * Begins to send something. The function hears of its end: at once, in the
 * caller's thread, when the sender was stopped.
 */
void
gst_socket_sender_send (
    GstSocketSender *sender, const GstSocketSending *sending)
{
  GstSocketJob *job = gst_socket_job_new (sending);

  gboolean stopped;

  g_mutex_lock (&sender->lock);
  stopped = sender->is_stopped;
  if (!stopped)
    g_queue_push_tail (&sender->incoming, job);
  g_mutex_unlock (&sender->lock);
  if (!stopped) {
    gst_socket_poller_wake (sender->poller);
    return;
  }
  sender->func (gst_socket_job_get_sending (job), FALSE, sender->user_data);
  gst_socket_job_free (job);
}

/**
 * gst_socket_sender_wake: (skip)
 * @sender: a #GstSocketSender
 *
 * Has those that wait look whether their blobs have grown. A
 * #GstSocketBlobFunc.
 */
void
gst_socket_sender_wake (gpointer sender)
{
  GstSocketSender *self = sender;

  if (g_atomic_int_compare_and_exchange (&self->has_changed, FALSE, TRUE))
    gst_socket_poller_wake (self->poller);
}
