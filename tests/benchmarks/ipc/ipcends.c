/* SPDX-License-Identifier: LGPL-2.1-or-later
 * ipcends.c: a producing and a consuming process with GStreamer elements
 *
 * Here: pushing frames of a bounded pool into a sink, counting what a source
 * delivers. Not here: the bare pair (ipcbare.c), tables.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "ipc.h"

#include <gst/gst.h>
#include <gst/video/video.h>

#include <sys/resource.h>
#include <unistd.h>

#define PAGE 4096

typedef struct
{
  const IpcTrial *trial;
  IpcShared *shared;
  IpcEnd *end;
  GstElement *pipeline;
  GstPad *pad;
  GstBufferPool *pool;
  /* Of the frame that is arriving. */
  gsize bytes;
  gint64 sent_at;
  guint sum;
} End;

static gint64
cpu_us (void)
{
  struct rusage use;

  getrusage (RUSAGE_SELF, &use);
  return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * G_USEC_PER_SEC
      + use.ru_utime.tv_usec + use.ru_stime.tv_usec;
}

static void
wait_for_phase (IpcShared *shared, IpcPhase phase)
{
  while (g_atomic_int_get (&shared->phase) < (gint) phase)
    g_usleep (20000);
}

void
ipc_follow_phases (IpcShared *shared, IpcEnd *end)
{
  gint64 cpu, start;
  gint frames;

  wait_for_phase (shared, IPC_MEASURE);
  cpu = cpu_us ();
  start = g_get_monotonic_time ();
  frames = g_atomic_int_get (&end->frames);
  bench_hist_clear (&end->latency);
  wait_for_phase (shared, IPC_DONE);
  end->counted = g_atomic_int_get (&end->frames) - frames;
  end->took_us = g_get_monotonic_time () - start;
  end->cpu_us = cpu_us () - cpu;
  wait_for_phase (shared, IPC_STOP);
}

static GstElement *
launch (const gchar *text)
{
  g_autoptr (GError) error = NULL;
  GstElement *element = gst_parse_launch (text, &error);

  g_assert_no_error (error);
  return element;
}

static GstElement *
new_producer (const IpcTrial *trial)
{
  g_autofree gchar *text = NULL;

  if (trial->kind == IPC_OURS)
    text = g_strdup_printf ("identity name=in silent=true ! qtisocketsink "
                            "socket=%s listen=true async=false policy=%s",
        trial->path, trial->per_s > 0 ? "newest" : "block");
  else if (trial->kind == IPC_SHM)
    text = g_strdup_printf (
        "identity name=in silent=true ! shmsink "
        "socket-path=%s sync=false async=false "
        "wait-for-connection=true shm-size=%" G_GSIZE_FORMAT,
        trial->path, ipc_trial_frame_size (trial) * (IPC_POOL + 1) + (1 << 20));
  else
    /* hold_back () is its bound: at one of its own it would leave out frames,
     * for which hold_back () would wait. */
    text = g_strdup_printf ("identity name=in silent=true ! tcpserversink "
                            "host=127.0.0.1 port=%d sync=false async=false "
                            "queue-max-bytes=0",
        20000 + getppid () % 20000);
  return launch (text);
}

static GstElement *
new_consumer (const IpcTrial *trial)
{
  g_autofree gchar *text = NULL;

  if (trial->kind == IPC_OURS)
    text = g_strdup_printf ("qtisocketsrc socket=%s listen=false ! fakesink "
                            "name=out sync=false enable-last-sample=false",
        trial->path);
  else if (trial->kind == IPC_SHM)
    text = g_strdup_printf ("shmsrc is-live=true socket-path=%s ! fakesink "
                            "name=out sync=false enable-last-sample=false",
        trial->path);
  else
    text = g_strdup_printf ("tcpclientsrc host=127.0.0.1 port=%d "
                            "blocksize=%" G_GSIZE_FORMAT
                            " ! fakesink name=out sync=false",
        20000 + getppid () % 20000, ipc_trial_frame_size (trial));
  return launch (text);
}

/* The allocator that the sink asks for, if it asks. */
static GstAllocator *
query_allocator (GstPad *pad, GstCaps *caps)
{
  g_autoptr (GstQuery) query = gst_query_new_allocation (caps, TRUE);
  GstAllocator *allocator = NULL;

  if (gst_pad_peer_query (pad, query)
      && gst_query_get_n_allocation_params (query) > 0)
    gst_query_parse_nth_allocation_param (query, 0, &allocator, NULL);
  return allocator;
}

static void
open_pad (End *self)
{
  g_autofree gchar *text = g_strdup_printf (
      "video/x-raw,format=NV12,width=%u,height=%u,framerate=30/1",
      self->trial->width, self->trial->height);
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);
  g_autoptr (GstElement) in =
      gst_bin_get_by_name (GST_BIN (self->pipeline), "in");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (in, "sink");
  g_autoptr (GstAllocator) allocator = NULL;
  GstStructure *config;
  GstSegment segment;

  self->pad = gst_pad_new ("out", GST_PAD_SRC);
  gst_pad_set_active (self->pad, TRUE);
  g_assert (gst_pad_link (self->pad, sink) == GST_PAD_LINK_OK);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pad, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (self->pad, gst_event_new_caps (caps));
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
  allocator = query_allocator (self->pad, caps);
  self->pool = gst_buffer_pool_new ();
  config = gst_buffer_pool_get_config (self->pool);
  /* A fan-out sink lets go of a buffer when the next one comes: it would never
   * come. Its consumers hold it back instead. */
  gst_buffer_pool_config_set_params (config, caps,
      ipc_trial_frame_size (self->trial), IPC_POOL,
      self->trial->kind == IPC_TCP ? 0 : IPC_POOL);
  if (allocator != NULL)
    gst_buffer_pool_config_set_allocator (config, allocator, NULL);
  gst_buffer_pool_set_config (self->pool, config);
  gst_buffer_pool_set_active (self->pool, TRUE);
}

static void
stamp (GstBuffer *buffer)
{
  gint64 now = g_get_monotonic_time ();

  gst_buffer_fill (buffer, 0, &now, sizeof (now));
}

static gint
count_slowest (End *self)
{
  gint least = G_MAXINT;

  for (guint i = 1; i <= self->trial->consumers; i++)
    least = MIN (least, g_atomic_int_get (&self->shared->ends[i].frames));
  return least;
}

/* Until all have joined, slowly; then no more than the pool of the others has
 * is under way. joined is what had been sent by then. */
static void
hold_back (End *self, gint *joined)
{
  gint sent = g_atomic_int_get (&self->end->frames);

  if (count_slowest (self) == 0) {
    *joined = sent;
    g_usleep (5000);
    return;
  }
  while (g_atomic_int_get (&self->shared->phase) < IPC_STOP
      && sent - *joined - count_slowest (self) >= IPC_POOL)
    g_usleep (20);
}

static gpointer
push_frames (gpointer data)
{
  End *self = data;
  gint64 due = g_get_monotonic_time ();
  gint joined = 0;

  while (g_atomic_int_get (&self->shared->phase) < IPC_STOP) {
    GstBuffer *buffer;

    if (self->trial->kind == IPC_TCP)
      hold_back (self, &joined);

    if (self->trial->per_s > 0) {
      due += G_USEC_PER_SEC / self->trial->per_s;
      g_usleep (MAX (due - g_get_monotonic_time (), 0));
    }
    if (gst_buffer_pool_acquire_buffer (self->pool, &buffer, NULL)
        != GST_FLOW_OK)
      return NULL;
    stamp (buffer);
    if (gst_pad_push (self->pad, buffer) != GST_FLOW_OK)
      return NULL;
    g_atomic_int_inc (&self->end->frames);
  }
  return NULL;
}

static void
read_pages (End *self, GstBuffer *buffer)
{
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (gsize at = 0; at < map.size; at += PAGE)
    self->sum += map.data[at];
  gst_buffer_unmap (buffer, &map);
}

/* A frame may come in pieces; its first bytes say when it was sent. */
static void
take_piece (End *self, GstBuffer *buffer, gsize at, gsize size)
{
  gsize stamp = sizeof (self->sent_at);

  if (self->bytes < stamp)
    gst_buffer_extract (buffer, at, (guint8 *) &self->sent_at + self->bytes,
        MIN (size, stamp - self->bytes));
  self->bytes += size;
  if (self->bytes < ipc_trial_frame_size (self->trial))
    return;
  self->bytes = 0;
  g_atomic_int_inc (&self->end->frames);
  if (self->trial->per_s > 0)
    bench_hist_add (
        &self->end->latency, (g_get_monotonic_time () - self->sent_at) * 1000);
}

static GstPadProbeReturn
count (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  End *self = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  gsize size = gst_buffer_get_size (buffer);

  for (gsize at = 0; at < size;) {
    gsize piece =
        MIN (size - at, ipc_trial_frame_size (self->trial) - self->bytes);

    take_piece (self, buffer, at, piece);
    at += piece;
  }
  if (self->trial->touch)
    read_pages (self, buffer);
  return GST_PAD_PROBE_OK;
}

static void
produce (End *self)
{
  self->pipeline = new_producer (self->trial);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  g_atomic_int_set (&self->shared->listening, TRUE);
  open_pad (self);
  g_thread_unref (g_thread_new ("push", push_frames, self));
}

/* The stock sources fail when nobody listens yet, and shmsrc then says
 * "gst_poll_remove_fd: assertion 'fd->fd >= 0' failed", a fault of its own that
 * would look like ours. */
static void
wait_for_listener (const IpcShared *shared)
{
  while (!g_atomic_int_get (&shared->listening))
    g_usleep (20000);
}

static void
consume (End *self)
{
  g_autoptr (GstElement) out = NULL;
  g_autoptr (GstPad) sink = NULL;

  wait_for_listener (self->shared);
  self->pipeline = new_consumer (self->trial);
  out = gst_bin_get_by_name (GST_BIN (self->pipeline), "out");
  sink = gst_element_get_static_pad (out, "sink");
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, count, self, NULL);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

void
ipc_end_run (const IpcTrial *trial, IpcShared *shared, gint index)
{
  End self = {.trial = trial, .shared = shared, .end = &shared->ends[index]};

  gst_init (NULL, NULL);
  if (index == 0)
    produce (&self);
  else
    consume (&self);
  ipc_follow_phases (shared, self.end);
  /* The producer may be held by its pool: it ends with the process. */
  if (index > 0)
    gst_element_set_state (self.pipeline, GST_STATE_NULL);
  unlink (trial->path);
  _exit (0);
}
