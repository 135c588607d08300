/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpbody.c: the bodies of requests, and who reads them
 *
 * Here: how a body's end is told, giving its connection away before any of it
 * was read, taking that back after the answer.
 * Not here: reading it (gstsocketbody.c tells where it ends).
 *
 * The HTTP library would read a body itself, in its own thread, and ask for one
 * whose sender waits for that before anybody has said whether it is welcome.
 * So whoever wants it takes the connection after the head, reads at the speed
 * of what it does with it, and gives the connection back.
 *
 * Threads   server: all but give_back
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"

#include <string.h>

/* --- what a head tells of it --- */

static gboolean
expects_continue (SoupMessageHeaders *headers)
{
  const gchar *expect = soup_message_headers_get_one (headers, "Expect");

  return expect != NULL && g_ascii_strcasecmp (expect, "100-continue") == 0;
}

/* Senders to Icecast tell no length, whatever version of HTTP they say. */
static gboolean
lasts_to_the_end (SoupServerMessage *message, SoupMessageHeaders *headers)
{
  const gchar *method = soup_server_message_get_method (message);

  if (g_str_equal (method, "SOURCE"))
    return TRUE;
  if (!g_str_equal (method, "PUT") && !g_str_equal (method, "POST"))
    return FALSE;
  return soup_server_message_get_http_version (message) == SOUP_HTTP_1_0
      || expects_continue (headers)
      || soup_message_headers_get_one (headers, "Ice-Public") != NULL
      || soup_message_headers_get_one (headers, "Ice-Name") != NULL;
}

static gboolean
may_be_kept (SoupServerMessage *message, SoupMessageHeaders *headers)
{
  return soup_server_message_get_http_version (message) == SOUP_HTTP_1_1
      && !soup_message_headers_header_contains (headers, "Connection", "close");
}

/* What the gate has found sound has one length, or one coding, or neither. */
GstSocketHttpBody
http_body_of (SoupServerMessage *message)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);
  const gchar *coding =
      soup_message_headers_get_one (headers, "Transfer-Encoding");
  const gchar *length =
      soup_message_headers_get_one (headers, "Content-Length");
  GstSocketHttpBody body = {.kind = GST_SOCKET_BODY_NONE};

  body.expects_continue = expects_continue (headers);
  body.may_be_kept = may_be_kept (message, headers);
  if (coding != NULL) {
    body.kind = g_ascii_strcasecmp (coding, "chunked") == 0
        ? GST_SOCKET_BODY_CHUNKED
        : GST_SOCKET_BODY_UNKNOWN;
  } else if (length != NULL) {
    body.kind = GST_SOCKET_BODY_LENGTH;
    body.length = g_ascii_strtoull (length, NULL, 10);
  } else if (lasts_to_the_end (message, headers)) {
    body.kind = GST_SOCKET_BODY_CLOSE;
    body.may_be_kept = FALSE;
  }
  return body;
}

/* Whether the HTTP library must not answer: it would wait for the body, or ask
 * for it. */
gboolean
http_request_expects_body (SoupServerMessage *message)
{
  GstSocketHttpBody body = http_body_of (message);

  return body.kind != GST_SOCKET_BODY_NONE || body.expects_continue;
}

static void
get_body (GstSocketHttpRequest *self, GstSocketHttpBody *ret_body)
{
  *ret_body = self->body;
}

/* --- giving away, and taking back --- */

static gboolean
take_body (GstSocketHttpRequest *self, GstSocketHttpConnection *ret_connection,
    GBytes **ret_rest)
{
  HttpConnection *connection = self->connection;
  g_autoptr (GBytes) rest = NULL;

  if (connection == NULL)
    return FALSE;
  rest = g_bytes_new (connection->bytes->data, connection->bytes->len);
  if (!http_request_take (self, "", ret_connection))
    return FALSE;
  *ret_rest = g_steal_pointer (&rest);
  return TRUE;
}

typedef struct
{
  HttpServer *server;
  GstSocketHttpConnection connection;
  GBytes *rest;
  gboolean is_kept;
  gboolean is_done;
} Return;

static gboolean
give_back_cb (gpointer user_data)
{
  Return *back = user_data;

  http_connection_resume (
      back->server, &back->connection, back->rest, back->is_kept);
  back->is_done = TRUE;
  return G_SOURCE_REMOVE;
}

static void
free_return (gpointer data)
{
  Return *back = data;

  /* Nobody has taken it if the server went first. */
  if (!back->is_done)
    g_socket_close (back->connection.socket, NULL);
  g_clear_object (&back->connection.tls);
  g_clear_object (&back->connection.socket);
  g_clear_pointer (&back->rest, g_bytes_unref);
  g_free (back);
}

static void
give_back (GstSocketHttpMount *mount, GstSocketHttpConnection *connection,
    GBytes *rest, gboolean keep)
{
  Return *back = g_new0 (Return, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  back->server = mount->server;
  back->connection = *connection;
  back->rest = rest != NULL ? g_bytes_ref (rest) : NULL;
  back->is_kept = keep;
  *connection = (GstSocketHttpConnection){0};
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, give_back_cb, back, free_return);
  g_source_attach (source, mount->server->context);
}

void
http_body_fill_api (GstSocketHttpApi *api)
{
  api->get_body = get_body;
  api->take_body = take_body;
  api->give_back = give_back;
}
