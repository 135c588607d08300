/* SPDX-License-Identifier: LGPL-2.1-or-later
 * qtisocket.c: tests of what needs C to be seen of qtisocketsink and -src
 *
 * Here: metas that cross from one to the other, "clients", pads.
 * Not here: the rest (tests/interop/qti), which speaks the protocol itself.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "testnet.h"

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <gst/socket/gstsocketmemfd.h>
#include <gst/video/video.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT (20 * GST_SECOND)
#define BYTES 16384

/* As in the library of Qualcomm's that may be loaded beside ours. */
typedef struct
{
  GstMeta meta;
  guint id;
  guint type;
  guint n_dimensions;
  guint dimensions[8];
  GQuark name;
  gdouble scale;
  gdouble offset;
} TensorMeta;

static gchar *folder;
static gchar *path;
static GstElement *producer;
static GstElement *consumer;

static void
set_up (void)
{
  test_leaks_begin ();
  folder = g_dir_make_tmp ("qtisocket-XXXXXX", NULL);
  path = g_build_filename (folder, "x.sock", NULL);
}

static void
stop_one (GstElement **pipeline)
{
  gst_element_set_state (*pipeline, GST_STATE_NULL);
  gst_clear_object (pipeline);
}

/* Before the fixture's end: the tasks have to be over by then. */
static void
stop (void)
{
  stop_one (&producer);
  stop_one (&consumer);
}

static void
tear_down (void)
{
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
  test_leaks_end ();
}

static void
play_to (const gchar *caps, const gchar *end)
{
  producer = test_launch ("appsrc name=in is-live=true format=time caps=\"%s\" "
                          "! qtisocketsink name=sink socket=%s listen=true "
                          "async=false wait-for-connection=true",
      caps, path);
  consumer =
      test_launch ("qtisocketsrc socket=%s listen=false ! %s", path, end);
}

static void
start (void)
{
  gst_element_set_state (producer, GST_STATE_PLAYING);
  gst_element_set_state (consumer, GST_STATE_PLAYING);
}

static void
play (const gchar *caps)
{
  play_to (caps, "appsink name=out sync=false");
  start ();
}

/* buffer (transfer full). Returns (transfer full): what arrived for it. */
static GstBuffer *
cross (GstBuffer *buffer)
{
  g_autoptr (GstSample) sample = NULL;
  GstFlowReturn ret;

  g_signal_emit_by_name (
      test_get (producer, "in"), "push-buffer", buffer, &ret);
  gst_buffer_unref (buffer);
  assert_equals_int (ret, GST_FLOW_OK);
  g_signal_emit_by_name (
      test_get (consumer, "out"), "try-pull-sample", WAIT, &sample);
  fail_unless (sample != NULL, "nothing arrived");
  return gst_buffer_ref (gst_sample_get_buffer (sample));
}

static GstBuffer *
new_buffer (void)
{
  return gst_buffer_new_allocate (NULL, BYTES, NULL);
}

#define VIDEO "video/x-raw,format=GRAY8,width=128,height=128,framerate=30/1"

GST_START_TEST (test_crop_crosses)
{
  g_autoptr (GstBuffer) got = NULL;
  GstBuffer *buffer = new_buffer ();
  GstVideoCropMeta *meta = gst_buffer_add_video_crop_meta (buffer);

  play (VIDEO);
  meta->x = 1;
  meta->y = 2;
  meta->width = 3;
  meta->height = 4;
  got = cross (buffer);
  meta = gst_buffer_get_video_crop_meta (got);
  fail_unless (meta != NULL);
  assert_equals_int (meta->x, 1);
  assert_equals_int (meta->y, 2);
  assert_equals_int (meta->width, 3);
  assert_equals_int (meta->height, 4);
  stop ();
}

GST_END_TEST;

/* With padding around it, of which caps say nothing. */
GST_START_TEST (test_crop_of_a_larger_picture_crosses)
{
  g_autoptr (GstBuffer) got = NULL;
  GstBuffer *buffer = new_buffer ();
  GstVideoCropMeta *meta = gst_buffer_add_video_crop_meta (buffer);

  meta->x = 16;
  meta->width = 96;
  meta->height = 64;
  gst_buffer_add_video_meta (
      buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8, 128, 128);
  play ("video/x-raw,format=GRAY8,width=96,height=64,framerate=30/1");
  got = cross (buffer);
  meta = gst_buffer_get_video_crop_meta (got);
  fail_unless (meta != NULL);
  assert_equals_int (meta->x, 16);
  stop ();
}

GST_END_TEST;

/* Who shows it would read beside the picture. */
GST_START_TEST (test_crop_beyond_the_picture_is_left_out)
{
  static const guint boxes[][4] = {{0, 0, 129, 1}, {0, 0, 1, 129},
      {128, 0, 1, 1}, {G_MAXUINT, 0, 2, 1}, {1, 1, G_MAXUINT, 1}};
  const guint *box = boxes[__i__];
  g_autoptr (GstBuffer) got = NULL;
  GstBuffer *buffer = new_buffer ();
  GstVideoCropMeta *meta = gst_buffer_add_video_crop_meta (buffer);

  meta->x = box[0];
  meta->y = box[1];
  meta->width = box[2];
  meta->height = box[3];
  play (VIDEO);
  got = cross (buffer);
  fail_unless (gst_buffer_get_video_crop_meta (got) == NULL);
  stop ();
}

GST_END_TEST;

GST_START_TEST (test_reference_time_crosses)
{
  g_autoptr (GstBuffer) got = NULL;
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("timestamp/x-ntp");
  GstBuffer *buffer = new_buffer ();
  GstReferenceTimestampMeta *meta;

  gst_buffer_add_reference_timestamp_meta (buffer, caps, 12345, 67);
  play (VIDEO);
  got = cross (buffer);
  meta = gst_buffer_get_reference_timestamp_meta (got, caps);
  fail_unless (meta != NULL);
  assert_equals_uint64 (meta->timestamp, 12345);
  assert_equals_uint64 (meta->duration, 67);
  stop ();
}

GST_END_TEST;

GST_START_TEST (test_b42_planar_audio_crosses)
{
  g_autoptr (GstBuffer) got = NULL;
  GstBuffer *buffer = new_buffer ();
  gsize offsets[2] = {8192, 0};
  GstAudioMeta *meta;
  GstAudioInfo info;

  gst_audio_info_init (&info);
  gst_audio_info_set_format (&info, GST_AUDIO_FORMAT_S16LE, 48000, 2, NULL);
  info.layout = GST_AUDIO_LAYOUT_NON_INTERLEAVED;
  gst_buffer_add_audio_meta (buffer, &info, 1024, offsets);
  play ("audio/x-raw,format=S16LE,rate=48000,channels=2,"
        "layout=non-interleaved");
  got = cross (buffer);
  meta = gst_buffer_get_audio_meta (got);
  fail_unless (meta != NULL);
  assert_equals_int (meta->samples, 1024);
  assert_equals_int (meta->info.layout, GST_AUDIO_LAYOUT_NON_INTERLEAVED);
  assert_equals_int (meta->offsets[0], 8192);
  assert_equals_int (meta->offsets[1], 0);
  stop ();
}

GST_END_TEST;

/* A picture of 130x70 in NV12, with align around it as a pool makes it. */
static GstBuffer *
new_aligned (GstVideoAlignment *align)
{
  GstVideoMeta *meta;
  GstBuffer *buffer;
  GstVideoInfo info;

  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_NV12, 130, 70);
  fail_unless (gst_video_info_align (&info, align));
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, 0x5a, info.size);
  meta = gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_FORMAT_NV12, 130, 70, 2, info.offset, info.stride);
  fail_unless (gst_video_meta_set_alignment (meta, *align));
  return buffer;
}

#define NV12 "video/x-raw,format=NV12,width=130,height=70,framerate=30/1"

static const GstVideoAlignment alignments[] = {
    {.stride_align = {31, 31, 31, 31}},
    {.padding_top = 2, .padding_bottom = 4},
    {.padding_left = 16, .padding_right = 14},
    {8, 10, 16, 14, {127, 127, 127, 127}},
};

/* Beyond the fields: what the library works out from them. */
static void
check_planes (GstVideoMeta *got, GstVideoMeta *sent)
{
  gsize sizes[2][GST_VIDEO_MAX_PLANES];
  guint heights[2][GST_VIDEO_MAX_PLANES];

  for (guint i = 0; i < sent->n_planes; i++) {
    assert_equals_int (got->stride[i], sent->stride[i]);
    assert_equals_uint64 (got->offset[i], sent->offset[i]);
  }
  fail_unless (gst_video_meta_get_plane_size (got, sizes[0]));
  fail_unless (gst_video_meta_get_plane_size (sent, sizes[1]));
  fail_unless (gst_video_meta_get_plane_height (got, heights[0]));
  fail_unless (gst_video_meta_get_plane_height (sent, heights[1]));
  fail_unless (memcmp (sizes[0], sizes[1], sizeof (sizes[0])) == 0);
  fail_unless (memcmp (heights[0], heights[1], sizeof (heights[0])) == 0);
}

GST_START_TEST (test_alignment_of_a_picture_crosses)
{
  play (NV12);
  for (guint i = 0; i < G_N_ELEMENTS (alignments); i++) {
    GstVideoAlignment align = alignments[i];
    g_autoptr (GstBuffer) buffer = new_aligned (&align);
    g_autoptr (GstBuffer) got = cross (gst_buffer_ref (buffer));
    GstVideoMeta *meta = gst_buffer_get_video_meta (got);

    fail_unless (meta != NULL, "layout %u was left out", i);
    fail_unless (memcmp (&meta->alignment, &align, sizeof (align)) == 0,
        "alignment %u is another", i);
    check_planes (meta, gst_buffer_get_video_meta (buffer));
  }
  stop ();
}

GST_END_TEST;

/* Of strides that do not follow from it: the library does not accept it here,
 * as it would not have there, and the picture is what counts. */
GST_START_TEST (test_alignment_that_cannot_be_costs_only_itself)
{
  g_autoptr (GstBuffer) got = NULL;
  GstVideoAlignment align = {0};
  GstBuffer *buffer = new_aligned (&align);
  GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);

  memset (&meta->alignment, 0xff, sizeof (align));
  play (NV12);
  got = cross (buffer);
  meta = gst_buffer_get_video_meta (got);
  fail_unless (meta != NULL);
  fail_unless (memcmp (&meta->alignment, &align, sizeof (align)) == 0);
  stop ();
}

GST_END_TEST;

static gboolean
init_tensor (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  memset ((guint8 *) meta + sizeof (GstMeta), 0,
      sizeof (TensorMeta) - sizeof (GstMeta));
  return TRUE;
}

/* Elements on the way may copy the buffer. */
static gboolean
transform_tensor (
    GstBuffer *to, GstMeta *meta, GstBuffer *from, GQuark type, gpointer data)
{
  GstMeta *copy = gst_buffer_add_meta (to, meta->info, NULL);

  memcpy (copy + 1, meta + 1, sizeof (TensorMeta) - sizeof (GstMeta));
  return TRUE;
}

/* Qualcomm's library registers it when it is loaded first. */
static const GstMetaInfo *
get_tensor_info (void)
{
  static const gchar *tags[] = {NULL};
  const GstMetaInfo *info = gst_meta_get_info ("GstMLTensorMeta");

  if (info != NULL)
    return info;
  return gst_meta_register (
      gst_meta_api_type_register ("GstMLTensorMetaAPI", tags),
      "GstMLTensorMeta", sizeof (TensorMeta), init_tensor, NULL,
      transform_tensor);
}

static void
add_tensor (GstBuffer *buffer, guint id, const gchar *name, gdouble scale)
{
  TensorMeta *meta =
      (TensorMeta *) gst_buffer_add_meta (buffer, get_tensor_info (), NULL);

  meta->id = id;
  meta->type = 2;
  meta->n_dimensions = 2;
  meta->dimensions[0] = 1;
  meta->dimensions[1] = BYTES;
  meta->name = g_quark_from_string (name);
  meta->scale = scale;
  meta->offset = -3.5;
  gst_buffer_append_memory (buffer, gst_allocator_alloc (NULL, BYTES, NULL));
}

static void
check_tensor (
    GstBuffer *buffer, gpointer *state, const gchar *name, gdouble scale)
{
  GType api = get_tensor_info ()->api;
  TensorMeta *meta =
      (TensorMeta *) gst_buffer_iterate_meta_filtered (buffer, state, api);

  fail_unless (meta != NULL);
  assert_equals_string (g_quark_to_string (meta->name), name);
  fail_unless (meta->scale == scale);
  fail_unless (meta->offset == -3.5);
  assert_equals_int (meta->type, 2);
  assert_equals_int (meta->dimensions[1], BYTES);
}

GST_START_TEST (test_b25_tensors_keep_id_name_scale_and_offset)
{
  g_autoptr (GstBuffer) got = NULL;
  GstBuffer *buffer = gst_buffer_new ();
  gpointer state = NULL;
  guint ids = 0;
  GstMeta *meta;

  add_tensor (buffer, 0, "boxes", 0.25);
  add_tensor (buffer, 1, "scores", 0.5);
  play ("neural-network/tensors,type=UINT8");
  got = cross (buffer);
  assert_equals_int (gst_buffer_n_memory (got), 2);
  check_tensor (got, &state, "boxes", 0.25);
  check_tensor (got, &state, "scores", 0.5);
  state = NULL;
  while ((meta = gst_buffer_iterate_meta_filtered (
              got, &state, get_tensor_info ()->api))
      != NULL)
    ids |= 1u << ((TensorMeta *) meta)->id;
  assert_equals_int (ids, 3);
  stop ();
}

GST_END_TEST;

static guint64
get_uint64 (const GstStructure *structure, const gchar *field)
{
  guint64 value = G_MAXUINT64;

  fail_unless (
      gst_structure_get_uint64 (structure, field, &value), "%s", field);
  return value;
}

GST_START_TEST (test_clients_are_described)
{
  GValue array = G_VALUE_INIT;
  const GstStructure *client;
  gint pid = 0;

  play (VIDEO);
  gst_buffer_unref (cross (new_buffer ()));
  g_value_init (&array, GST_TYPE_ARRAY);
  g_object_get_property (
      G_OBJECT (test_get (producer, "sink")), "clients", &array);
  assert_equals_int (gst_value_array_get_size (&array), 1);
  client = g_value_get_boxed (gst_value_array_get_value (&array, 0));
  assert_equals_string (gst_structure_get_string (client, "state"), "ours");
  fail_unless (gst_structure_get_int (client, "pid", &pid));
  assert_equals_int (pid, getpid ());
  assert_equals_uint64 (get_uint64 (client, "frames"), 1);
  assert_equals_uint64 (get_uint64 (client, "bytes"), BYTES);
  assert_equals_uint64 (get_uint64 (client, "dropped"), 0);
  assert_equals_uint64 (get_uint64 (client, "descriptors"), 1);
  fail_unless (get_uint64 (client, "connected") < WAIT);
  g_value_unset (&array);
  stop ();
}

GST_END_TEST;

/* --- memory that comes again while it dies --- */

typedef gboolean (*Dispose) (GstMiniObject *);

static GAsyncQueue *arrived; /* of memories */
static Dispose real_dispose;
static GMutex may_die;
static gint dying; /* atomic */

static void
take_memory (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  g_async_queue_push (arrived, gst_buffer_get_memory (buffer, 0));
}

static gboolean
dispose_when_allowed (GstMiniObject *object)
{
  g_atomic_int_set (&dying, 1);
  g_mutex_lock (&may_die);
  g_mutex_unlock (&may_die);
  return real_dispose (object);
}

static gboolean
is_ours_alone (gpointer memory)
{
  return GST_MINI_OBJECT_REFCOUNT_VALUE (memory) == 1;
}

static gpointer
drop_memory (gpointer memory)
{
  gst_memory_unref (memory);
  return NULL;
}

static gboolean
is_dying (gpointer unused)
{
  return g_atomic_int_get (&dying) != 0;
}

static gboolean
are_out_at_most (gpointer most)
{
  g_autoptr (GstStructure) totals = NULL;
  guint out = G_MAXUINT;

  g_object_get (test_get (producer, "sink"), "totals", &totals, NULL);
  gst_structure_get_uint (totals, "outstanding", &out);
  return out <= GPOINTER_TO_UINT (most);
}

static GstMemory *
send_and_take (GstBuffer *buffer)
{
  GstFlowReturn ret;
  GstMemory *memory;

  g_signal_emit_by_name (
      test_get (producer, "in"), "push-buffer", buffer, &ret);
  assert_equals_int (ret, GST_FLOW_OK);
  memory = g_async_queue_timeout_pop (arrived, WAIT / GST_USECOND);
  fail_unless (memory != NULL, "nothing arrived");
  return memory;
}

static void
play_memories (void)
{
  play_to (VIDEO,
      "fakesink name=out signal-handoffs=true sync=false "
      "async=false enable-last-sample=false");
  g_signal_connect (
      test_get (consumer, "out"), "handoff", G_CALLBACK (take_memory), NULL);
  start ();
}

/* As a picture that is shown twice: its producer may not write into it before
 * the second time is over. */
GST_START_TEST (test_memory_that_comes_again_while_it_goes_is_kept)
{
  g_autoptr (GstAllocator) allocator = gst_socket_memfd_allocator_new ();
  g_autoptr (GstBuffer) buffer =
      gst_buffer_new_allocate (allocator, BYTES, NULL);
  GstMemory *first, *second;
  GThread *thread;

  arrived = g_async_queue_new ();
  g_atomic_int_set (&dying, 0);
  play_memories ();
  first = send_and_take (buffer);
  fail_unless_eventually (is_ours_alone, first);
  real_dispose = GST_MINI_OBJECT_CAST (first)->dispose;
  GST_MINI_OBJECT_CAST (first)->dispose = dispose_when_allowed;
  g_mutex_lock (&may_die);
  thread = g_thread_new ("drop", drop_memory, first);
  fail_unless_eventually (is_dying, NULL);
  second = send_and_take (buffer);
  g_mutex_unlock (&may_die);
  g_thread_join (thread);
  fail_unless_eventually (are_out_at_most, GUINT_TO_POINTER (1));
  fail_if (are_out_at_most (GUINT_TO_POINTER (0)), "given back while in use");
  gst_memory_unref (second);
  fail_unless_eventually (are_out_at_most, GUINT_TO_POINTER (0));
  stop ();
  g_async_queue_unref (arrived);
}

GST_END_TEST;

/* --- a path that cannot be used --- */

static gboolean refuse_modes;

/* In place of the C library's, for the plugin, too. */
G_MODULE_EXPORT gint
fchmodat (gint folder_fd, const gchar *name, mode_t mode, gint flags)
{
  errno = EOPNOTSUPP;
  return refuse_modes ? -1 : chmod (name, mode);
}

GST_START_TEST (test_socket_whose_mode_cannot_be_set_is_taken_away)
{
  mode_t mask = umask (0077);

  refuse_modes = TRUE;
  producer = test_launch (
      "fakesrc ! qtisocketsink listen=true socket-mode=438 socket=%s", path);
  assert_equals_int (gst_element_set_state (producer, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  refuse_modes = FALSE;
  umask (mask);
  fail_if (g_file_test (path, G_FILE_TEST_EXISTS));
  stop_one (&producer);
}

GST_END_TEST;

static Suite *
qtisocket_suite (void)
{
  Suite *suite = suite_create ("qtisocket");
  TCase *tc = tcase_create ("core");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_crop_crosses);
  tcase_add_test (tc, test_crop_of_a_larger_picture_crosses);
  tcase_add_loop_test (tc, test_crop_beyond_the_picture_is_left_out, 0, 5);
  tcase_add_test (tc, test_reference_time_crosses);
  tcase_add_test (tc, test_b42_planar_audio_crosses);
  tcase_add_test (tc, test_alignment_of_a_picture_crosses);
  tcase_add_test (tc, test_alignment_that_cannot_be_costs_only_itself);
  tcase_add_test (tc, test_b25_tensors_keep_id_name_scale_and_offset);
  tcase_add_test (tc, test_clients_are_described);
  tcase_add_test (tc, test_memory_that_comes_again_while_it_goes_is_kept);
  tcase_add_test (tc, test_socket_whose_mode_cannot_be_set_is_taken_away);
  return suite;
}

GST_CHECK_MAIN (qtisocket);
