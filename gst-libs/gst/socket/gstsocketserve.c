/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketserve.c: giving one client what it lacks
 *
 * Here: choosing the units of one send, making their image once for all
 * clients at one place, and noting how far a send got.
 * Not here: which client's turn it is, limits, polling, the queue's lock.
 *
 * Threads   worker: all of it
 * Locks     none; the units are pinned by the pass, the client is claimed
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketengine-private.h"

#include <errno.h>

/* What one client is sent in one pass: large enough to make the calls few,
 * small enough that no client keeps the others waiting. A larger unit is sent
 * on its own. */
#define PASS_BYTES (256 * 1024)

/* --- the image --- */

static void
note_times (GstSocketImage *image, const GstSocketUnit *unit)
{
  if (image->first_time == GST_CLOCK_TIME_NONE)
    image->first_time = unit->time;
  image->last_time = unit->time;
}

static gboolean
add_unit (
    GstSocketImage *image, GstSocketClient *client, const GstSocketUnit *unit)
{
  return gst_socket_framing_append (
      client->framing, &image->state, unit, &image->pieces);
}

/* Returns whether all that are due are in the image. */
static gboolean
add_headers (GstSocketImage *image, GstSocketClient *client)
{
  guint n = gst_socket_headers_get_length (client->headers);

  image->n_headers = 0;
  for (guint i = client->header_index; i < n; i++) {
    if (!add_unit (image, client, gst_socket_headers_get (client->headers, i)))
      return FALSE;
    image->n_headers++;
  }
  return TRUE;
}

/* A unit with other headers, or with ancillary data, begins a send of its own;
 * what comes after ancillary data begins another. */
static gboolean
may_follow (const GstSocketImage *image, const GstSocketClient *client,
    const GstSocketUnit *unit)
{
  const GstSocketPieces *pieces = &image->pieces;

  if (unit->headers != client->headers)
    return FALSE;
  if (pieces->n_units == 0)
    return TRUE;
  if ((unit->flags | pieces->units[pieces->n_units - 1]->flags)
      & GST_SOCKET_UNIT_CONTROL)
    return FALSE;
  return pieces->bytes + unit->size <= PASS_BYTES;
}

static void
add_queued (GstSocketImage *image, GstSocketWorker *worker,
    GstSocketClient *client, guint64 bound)
{
  for (guint64 seq = client->next; seq <= bound; seq++) {
    GstSocketUnit *unit = gst_socket_ring_get (worker->ring, seq);

    if (!may_follow (image, client, unit) || !add_unit (image, client, unit))
      return;
    note_times (image, unit);
    image->last = seq;
  }
}

static void
make_image (GstSocketWorker *worker, GstSocketClient *client, guint64 bound)
{
  GstSocketImage *image = &worker->image;

  gst_socket_pieces_clear (&image->pieces);
  image->state = client->framing_state;
  image->first_time = image->last_time = GST_CLOCK_TIME_NONE;
  image->last = client->next - 1;
  if (!add_headers (image, client))
    return;
  if (client->inflight != NULL) {
    if (!add_unit (image, client, client->inflight))
      return;
    note_times (image, client->inflight);
  }
  add_queued (image, worker, client, bound);
}

/* Whether the image would be the same for any other client at this place. */
static gboolean
can_share (const GstSocketClient *client)
{
  return client->framing->is_uniform && client->inflight == NULL
      && client->offset == 0;
}

static const GstSocketHeaders *
headers_due (const GstSocketClient *client)
{
  return client->header_index < gst_socket_headers_get_length (client->headers)
      ? client->headers
      : NULL;
}

static gboolean
is_image_of (
    const GstSocketImage *image, const GstSocketClient *client, guint64 bound)
{
  return image->is_shared && image->next == client->next
      && image->bound == bound && image->framing == client->framing
      && image->headers == headers_due (client)
      && (image->headers == NULL || client->header_index == 0);
}

/* Not in the middle of an image: what was begun is sent to its end. */
static void
take_headers (GstSocketWorker *worker, GstSocketClient *client, guint64 bound)
{
  const GstSocketUnit *unit;

  if (client->inflight != NULL || client->offset > 0 || client->next > bound)
    return;
  unit = gst_socket_ring_get (worker->ring, client->next);
  if (G_UNLIKELY (unit->headers != client->headers))
    gst_socket_client_take_headers (
        client, unit, worker->limits.resend_headers);
}

/* Puts into the worker's image what the client is to be sent now: the rest of
 * its headers and of a unit sent in part, then queued units up to bound. */
void
gst_socket_worker_pick (
    GstSocketWorker *worker, GstSocketClient *client, guint64 bound)
{
  GstSocketImage *image = &worker->image;

  bound = MIN (bound, gst_socket_load64 (&client->flush_until));
  take_headers (worker, client, bound);
  if (can_share (client) && is_image_of (image, client, bound))
    return;
  make_image (worker, client, bound);
  image->is_shared = can_share (client)
      && (client->header_index == 0 || headers_due (client) == NULL);
  image->framing = client->framing;
  image->headers = headers_due (client);
  image->next = client->next;
  image->bound = bound;
}

/* --- how far it got --- */

static void
note_sent (GstSocketWorker *worker, GstSocketClient *client, guint n_units)
{
  if (!worker->limits.notify_sent)
    return;
  for (guint i = 0; i < n_units; i++) {
    GstSocketTraffic traffic = {gst_socket_client_ref (client),
        gst_buffer_ref (worker->image.pieces.units[i]->buffer), FALSE};

    g_array_append_val (worker->traffic, traffic);
  }
}

static void
note_progress (GstSocketWorker *worker, GstSocketClient *client, gsize sent)
{
  if (sent == 0)
    return;
  worker->pass_bytes += sent;
  gst_socket_store64 (&client->bytes_sent, client->bytes_sent + sent);
  gst_socket_store64 (&client->last_activity, worker->now);
}

static void
note_picked (GstSocketClient *client, GstClockTime first, GstClockTime last)
{
  if (client->first_time == GST_CLOCK_TIME_NONE)
    gst_socket_store64 (&client->first_time, first);
  gst_socket_store64 (&client->last_time, last);
}

static void
set_inflight (GstSocketClient *client, const GstSocketUnit *unit)
{
  if (client->inflight == unit)
    return;
  gst_socket_unit_unref (client->inflight);
  client->inflight =
      unit != NULL ? gst_socket_unit_ref ((GstSocketUnit *) unit) : NULL;
}

static GstSocketOutcome
settle_all (GstSocketWorker *worker, GstSocketClient *client)
{
  GstSocketImage *image = &worker->image;

  note_sent (worker, client, image->pieces.n_units);
  if (image->pieces.n_units > image->n_headers) {
    note_picked (client, image->first_time, image->last_time);
    set_inflight (client, NULL);
  }
  client->header_index += image->n_headers;
  client->offset = 0;
  client->framing_state = image->state;
  return GST_SOCKET_OUTCOME_STAY;
}

static guint
count_complete (const GstSocketPieces *pieces, gsize done)
{
  guint n = 0;

  while (n < pieces->n_units && pieces->end[n] <= done)
    n++;
  return n;
}

/* The state as it was before unit n of the image: made again from the start,
 * which costs nothing unless a framing has a state and a send fell short. */
static void
rewind_state (GstSocketWorker *worker, GstSocketClient *client, guint n)
{
  GstSocketPieces *pieces = &worker->image.pieces;
  const GstSocketUnit *units[GST_SOCKET_PIECES_MAX];

  if (client->framing->is_uniform)
    return;
  for (guint i = 0; i < n; i++)
    units[i] = pieces->units[i];
  worker->image.is_shared = FALSE;
  gst_socket_pieces_clear (pieces);
  for (guint i = 0; i < n; i++)
    gst_socket_framing_append (
        client->framing, &client->framing_state, units[i], pieces);
}

/* The unit at which a send stopped stays with the client, as does the one that
 * headers were sent for: both count as picked, whatever becomes of the queue. */
static GstSocketOutcome
settle_part (GstSocketWorker *worker, GstSocketClient *client, gsize done)
{
  GstSocketImage *image = &worker->image;
  GstSocketPieces *pieces = &image->pieces;
  guint n = count_complete (pieces, done);
  guint n_headers = MIN (n, image->n_headers);
  guint at = MAX (n, image->n_headers);
  const GstSocketUnit *unit = at < pieces->n_units ? pieces->units[at] : NULL;

  note_sent (worker, client, n);
  client->header_index += n_headers;
  client->offset = done - (n > 0 ? pieces->end[n - 1] : 0);
  /* Before the unit that was in flight is given back: it is in the image. */
  rewind_state (worker, client, n);
  if (unit != NULL) {
    set_inflight (client, unit);
    note_picked (client, image->first_time, unit->time);
    gst_socket_store64 (&client->next, MAX (unit->seq + 1, image->next));
  }
  return GST_SOCKET_OUTCOME_BLOCK;
}

/* To be called with the client claimed. A reader of a pipe that goes makes
 * every write fail; only a peer that has gone altogether counts as closed. */
static GstSocketClientStatus
status_of (GstSocketWorker *worker, GstSocketClient *client, gssize error)
{
  if (error == -ENOTCONN)
    return GST_SOCKET_CLIENT_CLOSED;
  if (worker->limits.hangup_first && gst_socket_client_is_hung_up (client))
    return GST_SOCKET_CLIENT_CLOSED;
  return GST_SOCKET_CLIENT_ERROR;
}

/* What is not waited for is tried again in the next pass: a regular file, which
 * is always ready, or a client that the poller did not know when the send fell
 * short, though it may by now. */
static GstSocketOutcome
settle (GstSocketWorker *worker, GstSocketClient *client, gsize sent)
{
  gsize done = client->offset + sent;

  note_progress (worker, client, sent);
  if (done == worker->image.pieces.bytes)
    return settle_all (worker, client);
  settle_part (worker, client, done);
  return client->is_armed ? GST_SOCKET_OUTCOME_BLOCK : GST_SOCKET_OUTCOME_STAY;
}

/* Sends a client what it lacks, up to the unit bound, with one call. */
GstSocketOutcome
gst_socket_worker_serve (
    GstSocketWorker *worker, GstSocketClient *client, guint64 bound)
{
  GstSocketImage *image = &worker->image;
  GstSocketClientStatus status = GST_SOCKET_CLIENT_OK;
  gssize sent;

  gst_socket_worker_pick (worker, client, bound);
  if (image->pieces.n_units == 0)
    return GST_SOCKET_OUTCOME_STAY;
  if (!gst_socket_client_claim (client))
    return g_atomic_int_get (&client->leaving) ? GST_SOCKET_OUTCOME_DROP
                                               : GST_SOCKET_OUTCOME_STAY;
  gst_socket_store64 (&client->next, image->last + 1);
  sent = gst_socket_client_send (client, &image->pieces, client->offset);
  if (G_LIKELY (sent >= 0))
    gst_socket_client_arm (client, client->offset + sent < image->pieces.bytes);
  else
    status = status_of (worker, client, sent);
  gst_socket_client_release (client);

  if (G_LIKELY (sent >= 0))
    return settle (worker, client, sent);
  gst_socket_worker_leave (worker, client, status);
  return GST_SOCKET_OUTCOME_DROP;
}
