/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttptls.c: how the engine reaches a client behind TLS
 *
 * Here: sending and receiving for #GstSocketHandle, on the client's worker.
 * Not here: handshakes, certificates.
 *
 * Threads   worker: all of it, with the client claimed
 * Locks     none
 *
 * A record that the socket did not take is already made: the TLS library wants
 * the same bytes again, but the engine may think better of them. So a record
 * is gathered here, and kept until it is out. All of it but its last byte
 * counts as sent: the engine then holds on to the unit, and comes back when
 * there is room.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttptls.h"

#include <errno.h>
#include <string.h>

#define RECORD_SIZE (16 * 1024)

typedef struct
{
  gsize size; /* of what is to go out before anything else */
  gsize done; /* bytes of it that are out */
  gsize owed; /* bytes of it that the engine will hand over again */
  guint8 data[RECORD_SIZE];
} Record;

/* Where to take the next byte from. */
typedef struct
{
  const struct msghdr *msg;
  gsize index;
  gsize offset;
} Cursor;

static Record *
record_of (GObject *tls)
{
  static GQuark quark;
  Record *record;

  if (G_UNLIKELY (quark == 0))
    quark = g_quark_from_static_string ("gst-http-tls-record");
  record = g_object_get_qdata (tls, quark);
  if (record == NULL) {
    record = g_new0 (Record, 1);
    g_object_set_qdata_full (tls, quark, record, g_free);
  }
  return record;
}

/* Moves on by up to size bytes, copying them if data is not NULL. */
static gsize
advance (Cursor *cursor, guint8 *data, gsize size)
{
  gsize moved = 0;

  while (moved < size && cursor->index < cursor->msg->msg_iovlen) {
    const struct iovec *iov = &cursor->msg->msg_iov[cursor->index];
    gsize n = MIN (size - moved, iov->iov_len - cursor->offset);

    if (data != NULL)
      memcpy (data + moved, (guint8 *) iov->iov_base + cursor->offset, n);
    moved += n;
    cursor->offset += n;
    if (cursor->offset == iov->iov_len) {
      cursor->index++;
      cursor->offset = 0;
    }
  }
  return moved;
}

/* Returns 0 when the record is out, or a negative errno. */
static gint
flush (Record *record, GPollableOutputStream *out)
{
  while (record->done < record->size) {
    g_autoptr (GError) error = NULL;
    gssize n = g_pollable_output_stream_write_nonblocking (out,
        record->data + record->done, record->size - record->done, NULL, &error);

    if (n < 0)
      return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
          ? -EAGAIN
          : -EPIPE;
    record->done += n;
  }
  record->size = record->done = 0;
  return 0;
}

/* Sends as much as there is room for; see GstSocketHandle. */
gssize
gst_http_tls_send (const GstSocketHandle *handle, const struct msghdr *msg)
{
  GPollableOutputStream *out = G_POLLABLE_OUTPUT_STREAM (
      g_io_stream_get_output_stream (G_IO_STREAM (handle->object)));
  Record *record = record_of (handle->object);
  Cursor cursor = {.msg = msg};
  gint ret = flush (record, out);
  gsize sent;

  if (ret < 0)
    return ret;
  sent = advance (&cursor, NULL, record->owed);
  record->owed = 0;
  while ((record->size = advance (&cursor, record->data, RECORD_SIZE)) > 0) {
    sent += record->size;
    ret = flush (record, out);
    if (ret == -EAGAIN) {
      record->owed = sent > 1 ? 1 : 0;
      return sent - record->owed;
    }
    if (ret < 0)
      return ret;
  }
  return sent;
}

/* Receives; see GstSocketHandle. */
gssize
gst_http_tls_receive (const GstSocketHandle *handle, gpointer data, gsize size)
{
  GPollableInputStream *in = G_POLLABLE_INPUT_STREAM (
      g_io_stream_get_input_stream (G_IO_STREAM (handle->object)));
  g_autoptr (GError) error = NULL;
  gssize n =
      g_pollable_input_stream_read_nonblocking (in, data, size, NULL, &error);

  if (n >= 0)
    return n;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return -EAGAIN;
  /* A peer that goes without a farewell has gone all the same. */
  return g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_EOF) ? 0
                                                               : -ECONNRESET;
}
