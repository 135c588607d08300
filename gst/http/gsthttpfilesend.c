/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfilesend.c: sends the answer to a request for a file
 *
 * Here: small answers by the server, large and growing ones by the sender, to
 * which the server lends the connection.
 * Not here: what is in them (gsthttpfileanswer.c).
 *
 * Threads   server: deliver    sender: the end of what it sends
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpfiles.h"
#include "gsthttpserversink-private.h"

#include <gst/socket/gstsocketcondition.h>
#include <gst/socket/gstsocketrange.h>

#include <string.h>

/* What is no longer is answered at once, by the server's thread. */
#define SMALL_MAX (64 * 1024)

/* What is known of a sending while it lasts. */
typedef struct
{
  GstHttpFiles *files;
  GstSocketHttpRequest *request;
  gchar *ip; /* has a place */
  guint status;
  guint64 sent; /* of the body; what frames it is counted in */
  gsize head_size;
  GBytes *rest;
  gboolean is_kept;
} Loan;

static void
free_loan (gpointer data)
{
  Loan *loan = data;

  gst_http_places_leave (loan->files->places, loan->ip);
  loan->files->http->unref (loan->request);
  g_free (loan->ip);
  g_clear_pointer (&loan->rest, g_bytes_unref);
  g_free (loan);
}

/* --- small ones --- */

static void
append_piece (GByteArray *bytes, const GstSocketPiece *piece)
{
  guint start = bytes->len;
  gssize n;

  if (piece->bytes != NULL) {
    g_byte_array_append (bytes, g_bytes_get_data (piece->bytes, NULL),
        g_bytes_get_size (piece->bytes));
    return;
  }
  g_byte_array_set_size (bytes, start + piece->size);
  n = gst_socket_blob_read (
      piece->blob, piece->offset, bytes->data + start, piece->size);
  g_byte_array_set_size (bytes, start + MAX (n, 0));
}

/* Returns NULL when there is less than there should be. */
static GBytes *
gather (const GstHttpReply *reply)
{
  GByteArray *bytes = g_byte_array_sized_new (reply->length);

  for (guint i = 0; i < reply->pieces->len; i++)
    append_piece (bytes, g_ptr_array_index (reply->pieces, i));
  if (bytes->len == reply->length)
    return g_byte_array_free_to_bytes (bytes);
  g_byte_array_unref (bytes);
  return NULL;
}

static void
answer_small (
    GstHttpFiles *self, GstSocketHttpRequest *request, GstHttpReply *reply)
{
  g_autoptr (GBytes) body = gather (reply);

  if (body == NULL)
    gst_http_answer_text (self->owner, request, 503, "The file is changing.\n");
  else
    gst_http_answer (self->owner, request, reply->status,
        g_steal_pointer (&reply->headers), reply->type, body);
}

static void
answer_head (
    GstHttpFiles *self, GstSocketHttpRequest *request, GstHttpReply *reply)
{
  if (reply->length != GST_SOCKET_SIZE_UNKNOWN) {
    g_autofree gchar *length =
        g_strdup_printf ("%" G_GUINT64_FORMAT, reply->length);

    gst_http_headers_add (reply->headers, "Content-Length", length);
  }
  gst_http_answer (self->owner, request, reply->status,
      g_steal_pointer (&reply->headers), reply->type, NULL);
}

/* --- large ones --- */

/* Of a field that is there twice, the last one counts. */
static void
append_fields (GString *head, GPtrArray *headers)
{
  for (guint i = 0; i < headers->len; i += 2) {
    const gchar *name = g_ptr_array_index (headers, i);
    gboolean is_last = TRUE;

    for (guint j = i + 2; is_last && j < headers->len; j += 2)
      is_last = g_ascii_strcasecmp (name, g_ptr_array_index (headers, j)) != 0;
    if (is_last)
      g_string_append_printf (head, "%s: %s\r\n", name,
          (const gchar *) g_ptr_array_index (headers, i + 1));
  }
}

static GBytes *
format_head (const GstHttpReply *reply, gboolean is_kept, gboolean chunked)
{
  g_autofree gchar *date =
      gst_socket_http_date_format (g_get_real_time () / G_USEC_PER_SEC);
  GString *head = g_string_new (NULL);

  g_string_append_printf (head,
      "HTTP/1.1 %u %s\r\nServer: gst-socket-plugins/" PACKAGE_VERSION
      "\r\nDate: %s\r\nContent-Type: %s\r\n",
      reply->status, reply->status == 206 ? "Partial Content" : "OK", date,
      reply->type);
  if (reply->length != GST_SOCKET_SIZE_UNKNOWN)
    g_string_append_printf (
        head, "Content-Length: %" G_GUINT64_FORMAT "\r\n", reply->length);
  else if (chunked)
    g_string_append (head, "Transfer-Encoding: chunked\r\n");
  if (!is_kept)
    g_string_append (head, "Connection: close\r\n");
  append_fields (head, reply->headers);
  g_string_append (head, "\r\n");
  return g_string_free_to_bytes (head);
}

/* The head goes first; what grows goes in chunks, but to HTTP/1.0. */
static GPtrArray *
make_pieces (const GstHttpReply *reply, GBytes *head, gboolean chunked)
{
  GPtrArray *pieces = gst_socket_pieces_new ();

  gst_socket_pieces_add_bytes (pieces, head);
  for (guint i = 0; i < reply->pieces->len; i++) {
    const GstSocketPiece *piece = g_ptr_array_index (reply->pieces, i);

    if (piece->bytes != NULL)
      gst_socket_pieces_add_bytes (pieces, piece->bytes);
    else
      gst_socket_pieces_add_blob (
          pieces, piece->blob, piece->offset, piece->size, chunked);
  }
  return pieces;
}

/* Listeners come before files: they are counted here, too. Returns NULL when
 * there is no place. */
static gchar *
take_place (GstHttpFiles *self, GstSocketHttpRequest *request)
{
  GSocketAddress *peer = self->http->get_peer (request);
  g_autofree gchar *ip = g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer)));
  GstHttpServerSink *owner = self->owner;
  guint max, per_ip, n;

  g_object_get (owner, "max-clients", &max, NULL);
  GST_OBJECT_LOCK (owner);
  n = g_hash_table_size (owner->listeners);
  per_ip = owner->settings.max_clients_per_ip;
  GST_OBJECT_UNLOCK (owner);
  if (max > 0 && n >= max)
    return NULL;
  if (!gst_http_places_take (self->places, ip, max > 0 ? max - n : 0,
          per_ip > 0 ? per_ip + GST_HTTP_WAITING_PER_PEER : 0))
    return NULL;
  return g_steal_pointer (&ip);
}

static void
report (gpointer owner, gpointer data)
{
  Loan *loan = data;

  gst_http_request_end (owner, loan->request, loan->status, loan->sent);
}

/* Takes the place of ip. */
static void
send_large (GstHttpFiles *self, GstSocketHttpRequest *request,
    GstHttpReply *reply, gchar *ip)
{
  GstSocketHttpConnection connection = {0};
  GstSocketHttpBody body;
  GstSocketSending sending = {0};
  gboolean chunked = reply->length == GST_SOCKET_SIZE_UNKNOWN
      && !self->http->is_http_1_0 (request);
  g_autoptr (GBytes) head = NULL;
  Loan *loan = g_new0 (Loan, 1);

  self->http->get_body (request, &body);
  loan->files = self;
  loan->request = self->http->ref (request);
  loan->ip = ip;
  loan->status = reply->status;
  loan->is_kept = body.may_be_kept && body.kind == GST_SOCKET_BODY_NONE
      && (chunked || reply->length != GST_SOCKET_SIZE_UNKNOWN);
  if (!self->http->take_body (request, &connection, &loan->rest)) {
    loan->status = 0;
    report (self->owner, loan);
    free_loan (loan);
    return;
  }
  head = format_head (reply, loan->is_kept, chunked);
  loan->head_size = g_bytes_get_size (head);
  sending.socket = connection.socket;
  sending.tls = connection.tls;
  sending.pieces = make_pieces (reply, head, chunked);
  sending.user_data = loan;
  gst_socket_sender_send (self->sender, &sending);
}

/* Sender. Gives the connection back, for the next request or to be closed so
 * that the peer gets all. */
void
gst_http_files_sent (
    GstSocketSending *sending, gboolean done, gpointer user_data)
{
  GstHttpFiles *self = user_data;
  Loan *loan = sending->user_data;

  loan->sent = sending->sent - MIN (sending->sent, loan->head_size);
  if (done) {
    GstSocketHttpConnection connection = {
        .socket = g_steal_pointer (&sending->socket),
        .tls = g_steal_pointer (&sending->tls)};

    self->http->give_back (self->mount, &connection, loan->rest, loan->is_kept);
  }
  self->http->invoke (self->mount, report, loan, free_loan);
}

/* Sends a reply, and clears it. */
void
gst_http_files_deliver (
    GstHttpFiles *self, GstSocketHttpRequest *request, GstHttpReply *reply)
{
  gchar *ip = NULL;

  if (g_str_equal (self->http->get_method (request), "HEAD"))
    answer_head (self, request, reply);
  else if (reply->length <= SMALL_MAX)
    answer_small (self, request, reply);
  else if (g_atomic_pointer_get (&self->mount) == NULL)
    gst_http_answer_text (
        self->owner, request, 503, "The server is starting.\n");
  else if ((ip = take_place (self, request)) == NULL)
    gst_http_answer_text (
        self->owner, request, 503, "There are as many as are allowed.\n");
  else
    send_large (self, request, reply, ip);
  g_clear_pointer (&reply->headers, g_ptr_array_unref);
  g_clear_pointer (&reply->pieces, g_ptr_array_unref);
  g_clear_pointer (&reply->own_type, g_free);
}
