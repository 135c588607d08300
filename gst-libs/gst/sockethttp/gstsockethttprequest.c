/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttprequest.c: a request, and its answer
 *
 * Here: what a request says, answering it from any thread, taking its
 * connection.
 * Not here: which mount it is for.
 *
 * Threads   any: what it says, answer    server: all else
 * Locks     none; the first who settles it answers it
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"

/* --- life --- */

/* Returns NULL when its connection has gone. */
GstSocketHttpRequest *
http_request_new (HttpServer *server, SoupServerMessage *message)
{
  HttpConnection *connection = http_connection_of (message);
  g_autofree gchar *target = NULL;
  GstSocketHttpRequest *self;

  if (connection == NULL || connection->gate == NULL)
    return NULL;
  self = g_new0 (GstSocketHttpRequest, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->loop = http_loop_ref (server->loop);
  self->message = g_object_ref (message);
  self->connection = connection;
  self->method = g_strdup (soup_server_message_get_method (message));
  self->headers = soup_message_headers_ref (
      soup_server_message_get_request_headers (message));
  self->peer = g_object_ref (connection->peer);
  self->is_tls = connection->is_tls;
  self->is_http_1_0 =
      soup_server_message_get_http_version (message) == SOUP_HTTP_1_0;
  self->body = http_body_of (message);
  target = gst_socket_http_gate_dup_target (connection->gate);
  gst_socket_request_split_target (
      target != NULL ? target : "", &self->path, &self->query);
  return self;
}

/* One that does not need the HTTP library; NULL when there is nothing below
 * which its path lies. */
GstSocketHttpRequest *
http_request_new_direct (HttpConnection *connection, const gchar *method,
    const gchar *target, SoupMessageHeaders *headers)
{
  GstSocketHttpRequest *self = g_new0 (GstSocketHttpRequest, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->loop = http_loop_ref (connection->server->loop);
  self->connection = connection;
  self->method = g_strdup (method);
  self->headers = soup_message_headers_ref (headers);
  self->peer = g_object_ref (connection->peer);
  self->is_tls = connection->is_tls;
  gst_socket_request_split_target (target, &self->path, &self->query);
  if (self->path != NULL)
    self->mount =
        http_server_find_above (connection->server, method, self->path);
  if (self->mount == NULL)
    g_clear_pointer (&self, gst_socket_http_request_unref);
  return self;
}

GstSocketHttpRequest *
gst_socket_http_request_ref (GstSocketHttpRequest *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
gst_socket_http_request_unref (GstSocketHttpRequest *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  http_loop_unref (self->loop);
  soup_message_headers_unref (self->headers);
  g_object_unref (self->peer);
  g_free (self->method);
  g_free (self->path);
  g_free (self->query);
  g_free (self->user);
  g_free (self);
}

static void
clear_timer (GstSocketHttpRequest *self)
{
  g_autoptr (GSource) timer = g_steal_pointer (&self->timer);

  if (timer != NULL)
    g_source_destroy (timer);
}

/* Tells the mount, once, that this is over. */
void
http_request_finish (GstSocketHttpRequest *self)
{
  GstSocketHttpMount *mount = g_steal_pointer (&self->mount);

  g_atomic_int_set (&self->is_settled, TRUE);
  if (self->connection != NULL && self->connection->direct == self)
    self->connection->direct = NULL;
  self->connection = NULL;
  clear_timer (self);
  /* Whoever holds the request for longer holds nothing of this thread's. */
  g_clear_object (&self->message);
  if (mount != NULL)
    mount->funcs.finished (self, self->status, mount->user_data);
}

/* Whoever gets TRUE answers. */
gboolean
http_request_settle (GstSocketHttpRequest *self)
{
  return g_atomic_int_compare_and_exchange (&self->is_settled, FALSE, TRUE);
}

/* --- answering --- */

static void
append_headers (SoupMessageHeaders *to, const gchar *const *headers)
{
  for (guint i = 0; headers != NULL && headers[i] != NULL; i += 2)
    soup_message_headers_replace (to, headers[i], headers[i + 1]);
}

/* One who only ever gets errors is to come again, if at all. */
static gboolean
has_too_many_errors (HttpConnection *connection, guint status)
{
  guint max = connection->server->max_client_errors;

  connection->n_errors = status >= 400 ? connection->n_errors + 1 : 0;
  return max > 0 && connection->n_errors >= max;
}

/* A body that was not read would be taken for the next request. */
static gboolean
is_to_be_closed (GstSocketHttpRequest *self, guint status)
{
  gboolean has_too_many = has_too_many_errors (self->connection, status);

  return http_request_expects_body (self->message) || has_too_many;
}

static void
set_body (GstSocketHttpRequest *self, const GstSocketHttpAnswer *answer)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (self->message);

  if (answer->content_type != NULL)
    soup_message_headers_replace (
        headers, "Content-Type", answer->content_type);
  if (answer->body != NULL && g_bytes_get_size (answer->body) > 0)
    soup_message_body_append_bytes (
        soup_server_message_get_response_body (self->message), answer->body);
  else if (answer->body == NULL && g_str_equal (self->method, "HEAD")
      && soup_message_headers_get_one (headers, "Content-Length") == NULL)
    /* As the answer to GET, whose length nobody knows. */
    soup_message_headers_set_encoding (headers, SOUP_ENCODING_EOF);
}

static void
append_line (const gchar *name, const gchar *value, gpointer user_data)
{
  g_string_append_printf (user_data, "%s: %s\r\n", name, value);
}

/* The HTTP library has no more to do with it. */
static void
leave_library (GstSocketHttpRequest *self)
{
  HttpConnection *connection = self->connection;
  g_autoptr (GIOStream) gate = NULL;

  gst_socket_http_request_ref (self);
  g_ptr_array_remove_fast (connection->server->requests, self);
  gate = soup_server_message_steal_connection (self->message);
  http_request_finish (self);
  gst_socket_http_request_unref (self);
}

/* The HTTP library would read the body to its end before it answers, and ask
 * for it first if its sender waits for that. */
static void
answer_past_body (GstSocketHttpRequest *self, const GstSocketHttpAnswer *answer)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize size = 0;
  gconstpointer body =
      answer->body != NULL ? g_bytes_get_data (answer->body, &size) : NULL;

  g_string_append_printf (text, "HTTP/1.1 %u %s\r\n", answer->status,
      soup_status_get_phrase (answer->status));
  soup_message_headers_foreach (
      soup_server_message_get_response_headers (self->message), append_line,
      text);
  g_string_append_printf (
      text, "Content-Length: %" G_GSIZE_FORMAT "\r\n", size);
  if (answer->content_type != NULL)
    append_line ("Content-Type", answer->content_type, text);
  g_string_append (text, "\r\n");
  g_string_append_len (text, body, size);
  http_connection_write_last (self->connection, text);
  leave_library (self);
}

/* Answers a request that the caller has settled. */
void
http_request_answer_now (
    GstSocketHttpRequest *self, const GstSocketHttpAnswer *answer)
{
  SoupMessageHeaders *headers;

  if (self->connection == NULL)
    return;
  self->status = answer->status;
  if (answer->body != NULL && !g_str_equal (self->method, "HEAD"))
    self->sent = g_bytes_get_size (answer->body);
  if (self->message == NULL) {
    http_direct_answer (self->connection, answer,
        has_too_many_errors (self->connection, answer->status));
    return;
  }
  headers = soup_server_message_get_response_headers (self->message);
  soup_server_message_set_status (self->message, answer->status, NULL);
  append_headers (headers, answer->headers);
  if (is_to_be_closed (self, answer->status))
    soup_message_headers_replace (headers, "Connection", "close");
  if (http_request_expects_body (self->message)) {
    answer_past_body (self, answer);
    return;
  }
  set_body (self, answer);
  /* The HTTP library would make parts of a whole answer by itself, and knows
   * no If-Range. */
  soup_message_headers_remove (self->headers, "Range");
  soup_server_message_unpause (self->message);
}

typedef struct
{
  GstSocketHttpRequest *request;
  GstSocketHttpAnswer answer;
  gchar **headers;
  gchar *content_type;
} Answer;

static void
free_answer (gpointer data)
{
  Answer *copy = data;

  gst_socket_http_request_unref (copy->request);
  g_clear_pointer (&copy->answer.body, g_bytes_unref);
  g_strfreev (copy->headers);
  g_free (copy->content_type);
  g_free (copy);
}

static gboolean
answer_cb (gpointer user_data)
{
  Answer *copy = user_data;

  http_request_answer_now (copy->request, &copy->answer);
  return G_SOURCE_REMOVE;
}

static void
answer (GstSocketHttpRequest *self, const GstSocketHttpAnswer *answer)
{
  Answer *copy;

  if (!http_request_settle (self))
    return;
  copy = g_new0 (Answer, 1);
  copy->request = gst_socket_http_request_ref (self);
  copy->headers = g_strdupv ((gchar **) answer->headers);
  copy->content_type = g_strdup (answer->content_type);
  copy->answer.status = answer->status;
  copy->answer.headers = (const gchar *const *) copy->headers;
  copy->answer.content_type = copy->content_type;
  copy->answer.body = answer->body != NULL ? g_bytes_ref (answer->body) : NULL;
  http_loop_invoke (self->loop, answer_cb, copy, free_answer);
}

/* Writes a head, gives the connection away, and is done with the request. */
gboolean
http_request_take (GstSocketHttpRequest *self, const gchar *head,
    GstSocketHttpConnection *ret_connection)
{
  HttpConnection *connection = self->connection;
  g_autoptr (GIOStream) gate = NULL;
  gboolean taken;

  if (connection == NULL || !http_request_settle (self))
    return FALSE;
  self->connection = NULL;
  self->mount = NULL;
  clear_timer (self);
  gst_socket_http_request_ref (self);
  g_ptr_array_remove_fast (connection->server->requests, self);
  taken = http_connection_give_away (connection, head, ret_connection);
  if (self->message != NULL)
    gate = soup_server_message_steal_connection (self->message);
  g_clear_object (&self->message);
  gst_socket_http_request_unref (self);
  return taken;
}

/* --- calls --- */

typedef struct
{
  GstSocketHttpRequest *request;
  GstSocketHttpCallFunc func;
  gpointer data;
  GDestroyNotify notify;
} Call;

static void
free_call (gpointer data)
{
  Call *call = data;

  if (call->notify != NULL)
    call->notify (call->data);
  gst_socket_http_request_unref (call->request);
  g_free (call);
}

static gboolean
call_cb (gpointer user_data)
{
  Call *call = user_data;
  GstSocketHttpMount *mount = call->request->mount;

  if (mount != NULL && !g_atomic_int_get (&call->request->is_settled))
    call->func (call->request, mount->user_data, call->data);
  return G_SOURCE_REMOVE;
}

static Call *
new_call (GstSocketHttpRequest *self, GstSocketHttpCallFunc func, gpointer data,
    GDestroyNotify notify)
{
  Call *call = g_new0 (Call, 1);

  *call = (Call){gst_socket_http_request_ref (self), func, data, notify};
  return call;
}

void
http_request_call (GstSocketHttpRequest *self, GstSocketHttpCallFunc func,
    gpointer data, GDestroyNotify notify)
{
  http_loop_invoke (
      self->loop, call_cb, new_call (self, func, data, notify), free_call);
}

static gboolean
timer_cb (gpointer user_data)
{
  Call *call = user_data;

  clear_timer (call->request);
  return call_cb (call);
}

static void
set_timer (GstSocketHttpRequest *self, guint64 ns, GstSocketHttpCallFunc func,
    gpointer data)
{
  clear_timer (self);
  if (ns == 0)
    return;
  self->timer = g_timeout_source_new (CLAMP (ns / GST_MSECOND, 1, G_MAXUINT));
  g_source_set_callback (
      self->timer, timer_cb, new_call (self, func, data, NULL), free_call);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

/* --- what it says --- */

static const gchar *
get_method (GstSocketHttpRequest *self)
{
  return self->method;
}

static const gchar *
get_path (GstSocketHttpRequest *self)
{
  return self->path;
}

static const gchar *
get_query (GstSocketHttpRequest *self)
{
  return self->query;
}

const gchar *
http_request_get_header (GstSocketHttpRequest *self, const gchar *name)
{
  return soup_message_headers_get_one (self->headers, name);
}

static void
foreach_header (GstSocketHttpRequest *self,
    void (*func) (const gchar *name, const gchar *value, gpointer data),
    gpointer data)
{
  soup_message_headers_foreach (self->headers, func, data);
}

static GSocketAddress *
get_peer (GstSocketHttpRequest *self)
{
  return self->peer;
}

static gboolean
is_tls (GstSocketHttpRequest *self)
{
  return self->is_tls;
}

static gboolean
is_http_1_0 (GstSocketHttpRequest *self)
{
  return self->is_http_1_0;
}

static guint64
get_sent (GstSocketHttpRequest *self)
{
  return self->sent;
}

static const gchar *
get_user (GstSocketHttpRequest *self)
{
  return self->user;
}

void
http_request_set_user (GstSocketHttpRequest *self, const gchar *user)
{
  g_free (self->user);
  self->user = g_strdup (user);
}

void
http_request_fill_api (GstSocketHttpApi *api)
{
  api->ref = gst_socket_http_request_ref;
  api->unref = gst_socket_http_request_unref;
  api->get_method = get_method;
  api->get_path = get_path;
  api->get_query = get_query;
  api->get_header = http_request_get_header;
  api->foreach_header = foreach_header;
  api->get_peer = get_peer;
  api->is_tls = is_tls;
  api->is_http_1_0 = is_http_1_0;
  api->answer = answer;
  api->take = http_request_take;
  api->call = http_request_call;
  api->set_timer = set_timer;
  api->get_sent = get_sent;
  api->get_user = get_user;
}
