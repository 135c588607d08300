/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpgate.c: lets only sound requests through
 *
 * Here: a stream between a connection and the HTTP library, which holds back
 * the head of a request until it is complete and sound, and what comes behind
 * a request until that is asked for. Targets stay here.
 * Not here: what is sound (gstsocketrequest.c), answers, time-outs.
 *
 * Threads   server: all of it
 * Locks     none
 *
 *   state   | holds back                     | leaves when
 *   --------+--------------------------------+------------------------------
 *   HEAD    | everything                     | the head is sound    -> PASS
 *           |                                | it is not            -> SHUT
 *   PASS    | what comes behind the head     | the head was read    -> HEAD
 *           |                                | and has a body       -> BODY
 *   BODY    | nothing: the connection ends   |
 *           | with this request              |
 *   SHUT    | everything: the end is read    |
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttpgate.h"

#include <string.h>

#define READ_SIZE 4096

typedef enum
{
  STATE_HEAD,
  STATE_PASS,
  STATE_BODY,
  STATE_SHUT,
} State;

/* --- the input stream --- */

#define TYPE_GATE_INPUT (gate_input_get_type ())
G_DECLARE_FINAL_TYPE (GateInput, gate_input, GATE, INPUT, GInputStream)

struct _GateInput
{
  GInputStream parent;

  GInputStream *base;
  const GstSocketHttpGateFuncs *funcs;
  gpointer user_data;

  State state;
  GByteArray *bytes; /* come, and not yet read */
  gsize head_left;   /* bytes of the head that are still to be read */
  gsize judged;      /* bytes that were found not to be a whole head */
  gboolean has_body;
  gchar *target;
};

static void gate_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GateInput, gate_input, G_TYPE_INPUT_STREAM,
    G_IMPLEMENT_INTERFACE (
        G_TYPE_POLLABLE_INPUT_STREAM, gate_input_pollable_init))

/* The HTTP library refuses targets by itself, of which it knows less than we
 * do, and answers "*" as if it were a path: it is shown one that it takes. What
 * was asked for is read from the gate. */
static void
hide_target (GateInput *self, gsize at, gsize size)
{
  if (g_str_has_prefix ((gchar *) self->bytes->data, "CONNECT "))
    return;
  g_byte_array_remove_range (self->bytes, at, size - 1);
  self->bytes->data[at] = '/';
  self->head_left -= size - 1;
}

static void
take_target (GateInput *self)
{
  const gchar *text = (const gchar *) self->bytes->data;
  const gchar *start = memchr (text, ' ', self->bytes->len);
  const gchar *end =
      memchr (start + 1, ' ', self->bytes->len - (start + 1 - text));

  g_free (self->target);
  self->target = g_strndup (start + 1, end - start - 1);
  hide_target (self, start + 1 - text, end - start - 1);
}

/* Judges what has come. */
static void
judge (GateInput *self)
{
  GstSocketRequestVerdict verdict =
      gst_socket_request_check ((const gchar *) self->bytes->data,
          self->bytes->len, &self->head_left, &self->has_body);

  self->judged = self->bytes->len;
  switch (verdict) {
    case GST_SOCKET_REQUEST_MORE:
      return;
    case GST_SOCKET_REQUEST_OK:
      self->state = STATE_PASS;
      take_target (self);
      self->funcs->passed (self->user_data);
      return;
    default:
      self->state = STATE_SHUT;
      self->funcs->refused (verdict, self->user_data);
      return;
  }
}

static gssize
read_base (GateInput *self, gpointer data, gsize size, gboolean blocking,
    GCancellable *cancellable, GError **error)
{
  return g_pollable_stream_read (
      self->base, data, size, blocking, cancellable, error);
}

/* Reads more of a head. Returns what the base did. */
static gssize
fill (GateInput *self, gboolean blocking, GCancellable *cancellable,
    GError **error)
{
  guint8 data[READ_SIZE];
  gssize n = read_base (self, data, sizeof data, blocking, cancellable, error);

  if (n <= 0)
    return n;
  if (self->bytes->len == 0)
    self->funcs->begins (self->user_data);
  g_byte_array_append (self->bytes, data, n);
  return n;
}

/* Hands out bytes that are there. */
static gsize
hand_out (GateInput *self, gpointer data, gsize size)
{
  gsize n = MIN (size, self->bytes->len);

  memcpy (data, self->bytes->data, n);
  g_byte_array_remove_range (self->bytes, 0, n);
  return n;
}

static gsize
hand_out_head (GateInput *self, gpointer data, gsize size)
{
  gsize n = hand_out (self, data, MIN (size, self->head_left));

  self->head_left -= n;
  if (self->head_left == 0) {
    self->state = self->has_body ? STATE_BODY : STATE_HEAD;
    self->judged = 0;
  }
  return n;
}

static gssize
gate_read (GateInput *self, gpointer data, gsize size, gboolean blocking,
    GCancellable *cancellable, GError **error)
{
  while (self->state == STATE_HEAD) {
    gssize n;

    if (self->bytes->len > self->judged) {
      judge (self);
      continue;
    }
    n = fill (self, blocking, cancellable, error);
    if (n <= 0)
      return n;
  }
  if (self->state == STATE_SHUT)
    return 0;
  if (self->state == STATE_PASS)
    return hand_out_head (self, data, size);
  if (self->bytes->len > 0)
    return hand_out (self, data, size);
  return read_base (self, data, size, blocking, cancellable, error);
}

static gssize
gate_input_read (GInputStream *stream, void *data, gsize size,
    GCancellable *cancellable, GError **error)
{
  return gate_read (GATE_INPUT (stream), data, size, TRUE, cancellable, error);
}

static gssize
gate_input_read_nonblocking (
    GPollableInputStream *stream, void *data, gsize size, GError **error)
{
  return gate_read (GATE_INPUT (stream), data, size, FALSE, NULL, error);
}

static gboolean
gate_input_close (
    GInputStream *stream, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

/* Whether a read would not have to look at the base. */
static gboolean
is_ready (GateInput *self)
{
  return self->state == STATE_SHUT || self->state == STATE_PASS
      || (self->state == STATE_BODY && self->bytes->len > 0)
      || (self->state == STATE_HEAD && self->bytes->len > self->judged);
}

static gboolean
gate_input_can_poll (GPollableInputStream *stream)
{
  return TRUE;
}

static gboolean
gate_input_is_readable (GPollableInputStream *stream)
{
  GateInput *self = GATE_INPUT (stream);

  return is_ready (self)
      || g_pollable_input_stream_is_readable (
          G_POLLABLE_INPUT_STREAM (self->base));
}

static GSource *
gate_input_create_source (
    GPollableInputStream *stream, GCancellable *cancellable)
{
  GateInput *self = GATE_INPUT (stream);
  g_autoptr (GSource) child = NULL;

  if (is_ready (self))
    child = g_timeout_source_new (0);
  else
    child = g_pollable_input_stream_create_source (
        G_POLLABLE_INPUT_STREAM (self->base), NULL);
  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
gate_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->can_poll = gate_input_can_poll;
  iface->is_readable = gate_input_is_readable;
  iface->create_source = gate_input_create_source;
  iface->read_nonblocking = gate_input_read_nonblocking;
}

static void
gate_input_finalize (GObject *object)
{
  GateInput *self = GATE_INPUT (object);

  g_object_unref (self->base);
  g_byte_array_unref (self->bytes);
  g_free (self->target);
  G_OBJECT_CLASS (gate_input_parent_class)->finalize (object);
}

static void
gate_input_class_init (GateInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gate_input_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = gate_input_read;
  G_INPUT_STREAM_CLASS (klass)->close_fn = gate_input_close;
}

static void
gate_input_init (GateInput *self)
{
}

/* --- the stream --- */

#define TYPE_GATE (gst_socket_http_gate_get_type ())
G_DECLARE_FINAL_TYPE (
    GstSocketHttpGate, gst_socket_http_gate, GST, SOCKET_HTTP_GATE, GIOStream)

struct _GstSocketHttpGate
{
  GIOStream parent;

  GIOStream *base;
  GateInput *input;
};

G_DEFINE_FINAL_TYPE (GstSocketHttpGate, gst_socket_http_gate, G_TYPE_IO_STREAM)

static GInputStream *
gst_socket_http_gate_get_input (GIOStream *stream)
{
  return G_INPUT_STREAM (GST_SOCKET_HTTP_GATE (stream)->input);
}

static GOutputStream *
gst_socket_http_gate_get_output (GIOStream *stream)
{
  return g_io_stream_get_output_stream (GST_SOCKET_HTTP_GATE (stream)->base);
}

/* The base outlives the gate: who made both closes it, in its own time. */
static gboolean
gst_socket_http_gate_close (
    GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
gst_socket_http_gate_close_async (GIOStream *stream, int priority,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task =
      g_task_new (stream, cancellable, callback, user_data);

  g_task_return_boolean (task, TRUE);
}

static gboolean
gst_socket_http_gate_close_finish (
    GIOStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
gst_socket_http_gate_finalize (GObject *object)
{
  GstSocketHttpGate *self = GST_SOCKET_HTTP_GATE (object);

  g_object_unref (self->input);
  g_object_unref (self->base);
  G_OBJECT_CLASS (gst_socket_http_gate_parent_class)->finalize (object);
}

static void
gst_socket_http_gate_class_init (GstSocketHttpGateClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_socket_http_gate_finalize;
  stream_class->get_input_stream = gst_socket_http_gate_get_input;
  stream_class->get_output_stream = gst_socket_http_gate_get_output;
  stream_class->close_fn = gst_socket_http_gate_close;
  stream_class->close_async = gst_socket_http_gate_close_async;
  stream_class->close_finish = gst_socket_http_gate_close_finish;
}

static void
gst_socket_http_gate_init (GstSocketHttpGate *self)
{
}

/* Makes a gate before a connection that can be polled. What has come and is not
 * read yet is in bytes, which a later gate may go on with. The user_data
 * outlives the last read. */
GIOStream *
gst_socket_http_gate_new (GIOStream *base, GByteArray *bytes,
    const GstSocketHttpGateFuncs *funcs, gpointer user_data)
{
  GstSocketHttpGate *self = g_object_new (TYPE_GATE, NULL);

  self->base = g_object_ref (base);
  self->input = g_object_new (TYPE_GATE_INPUT, NULL);
  self->input->base = g_object_ref (g_io_stream_get_input_stream (base));
  self->input->bytes = g_byte_array_ref (bytes);
  self->input->funcs = funcs;
  self->input->user_data = user_data;
  return G_IO_STREAM (self);
}

/* The target of the request whose head was passed last, as it came. */
gchar *
gst_socket_http_gate_dup_target (GIOStream *gate)
{
  return g_strdup (GST_SOCKET_HTTP_GATE (gate)->input->target);
}

/* Whether that request has a body. */
gboolean
gst_socket_http_gate_has_body (GIOStream *gate)
{
  return GST_SOCKET_HTTP_GATE (gate)->input->has_body;
}

/* Lets nothing more through. */
void
gst_socket_http_gate_shut (GIOStream *gate)
{
  GST_SOCKET_HTTP_GATE (gate)->input->state = STATE_SHUT;
}
