/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpserver.c: servers, and who shares them
 *
 * Here: listening, the server's thread, mounts, the table of functions.
 * Not here: connections, requests, certificates, which mount a request is for.
 *
 * Threads   app: mount, unmount    acceptor: new sockets    server: all else
 * Locks     see gstsockethttp-private.h
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"

#include <gst/socket/gstsocketcondition.h>
#include <gst/socket/gstsocketio.h>

static GMutex registry;
static GPtrArray *servers; /* guarded by registry */

/* --- calls into the server's thread --- */

typedef struct
{
  GFunc func;
  gpointer data;
  HttpServer *server;
  GMutex lock;
  GCond cond;
  gboolean is_done; /* guarded by lock */
} Call;

static gboolean
call_cb (gpointer user_data)
{
  Call *call = user_data;

  call->func (call->server, call->data);
  g_mutex_lock (&call->lock);
  call->is_done = TRUE;
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->lock);
  return G_SOURCE_REMOVE;
}

/* Calls func (server, data) in the server's thread and waits for it. */
static void
call_and_wait (HttpServer *server, GFunc func, gpointer data)
{
  Call call = {.func = func, .data = data, .server = server};
  g_autoptr (GSource) source = g_idle_source_new ();

  g_mutex_init (&call.lock);
  g_cond_init (&call.cond);
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, call_cb, &call, NULL);
  g_source_attach (source, server->context);
  g_mutex_lock (&call.lock);
  while (!call.is_done)
    g_cond_wait (&call.cond, &call.lock);
  g_mutex_unlock (&call.lock);
  g_mutex_clear (&call.lock);
  g_cond_clear (&call.cond);
}

/* --- requests --- */

static GstSocketHttpRequest *
find_request (HttpServer *server, SoupServerMessage *message)
{
  for (guint i = 0; i < server->requests->len; i++) {
    GstSocketHttpRequest *request = g_ptr_array_index (server->requests, i);

    if (request->message == message)
      return request;
  }
  return NULL;
}

static void
answer_simply (GstSocketHttpRequest *request, guint status)
{
  static const gchar *const headers[] = {"Retry-After", "5", NULL};
  GstSocketHttpAnswer answer = {.status = status,
      .headers = status == SOUP_STATUS_SERVICE_UNAVAILABLE ? headers : NULL};

  if (http_request_settle (request))
    http_request_answer_now (request, &answer);
}

static void
on_request (HttpServer *server, SoupServerMessage *message)
{
  GstSocketHttpRequest *request = http_request_new (server, message);

  if (request == NULL) {
    soup_server_message_set_status (
        message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
    return;
  }
  g_ptr_array_add (server->requests, request);
  request->mount =
      http_server_find_mount (server, request->method, request->path);
  soup_server_message_pause (message);
  gst_socket_http_request_ref (request);
  if (request->mount == NULL)
    answer_simply (request, SOUP_STATUS_SERVICE_UNAVAILABLE);
  else
    request->mount->funcs.request (request, request->mount->user_data);
  gst_socket_http_request_unref (request);
}

/* A body is not waited for: who takes it reads it, and who does not answers. */
static void
on_early_cb (SoupServer *soup, SoupServerMessage *message, const char *path,
    GHashTable *query, gpointer user_data)
{
  if (http_request_expects_body (message))
    on_request (user_data, message);
}

static void
on_request_cb (SoupServer *soup, SoupServerMessage *message, const char *path,
    GHashTable *query, gpointer user_data)
{
  if (find_request (user_data, message) == NULL)
    on_request (user_data, message);
}

/* A request has its answer, or its peer has gone. */
static void
finish_request (HttpServer *server, GstSocketHttpRequest *request)
{
  gst_socket_http_request_ref (request);
  g_ptr_array_remove_fast (server->requests, request);
  http_request_finish (request);
  gst_socket_http_request_unref (request);
}

static void
on_finished_cb (
    SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  HttpServer *server = user_data;
  GstSocketHttpRequest *request = find_request (server, message);

  if (request == NULL)
    return;
  if (request->connection != NULL)
    http_connection_finished (request->connection, message);
  finish_request (server, request);
}

static void
on_aborted_cb (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  HttpServer *server = user_data;
  GstSocketHttpRequest *request = find_request (server, message);

  if (request != NULL)
    finish_request (server, request);
}

/* Tells all mounts of something that does not stop the server. */
void
http_server_warn (HttpServer *server, const GError *error)
{
  for (guint i = 0; i < server->mounts->len; i++) {
    GstSocketHttpMount *mount = g_ptr_array_index (server->mounts, i);

    if (mount->funcs.warning != NULL)
      mount->funcs.warning (error, mount->user_data);
  }
}

/* What was no request is nobody's: one tells of it. */
void
http_server_tell_rejection (HttpServer *server,
    const GstSocketHttpRejection *rejection, GPtrArray *headers)
{
  for (guint i = 0; i < server->mounts->len; i++) {
    GstSocketHttpMount *mount = g_ptr_array_index (server->mounts, i);

    if (mount->funcs.rejected == NULL)
      continue;
    mount->funcs.rejected (rejection, headers, mount->user_data);
    return;
  }
}

/* It is the same for all answers of a second. */
const gchar *
http_server_get_date (HttpServer *self)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (self->date == NULL || self->date_seconds != now) {
    g_free (self->date);
    self->date = gst_socket_http_date_format (now);
    self->date_seconds = now;
  }
  return self->date;
}

/* --- new connections --- */

typedef struct
{
  HttpServer *server;
  GSocket *socket;
  gboolean is_tls;
  guint64 n_refused;
  GError *error;
} News;

static void
free_news (gpointer data)
{
  News *news = data;

  /* Nobody has taken it if the server went first. */
  if (news->socket != NULL)
    g_socket_close (news->socket, NULL);
  g_clear_object (&news->socket);
  g_clear_error (&news->error);
  g_free (news);
}

static gboolean
accepted_cb (gpointer user_data)
{
  News *news = user_data;
  g_autoptr (GSocket) socket = g_steal_pointer (&news->socket);

  http_connection_new (news->server, socket, news->is_tls);
  return G_SOURCE_REMOVE;
}

static gboolean
refused_cb (gpointer user_data)
{
  News *news = user_data;

  for (guint i = 0; i < news->server->mounts->len; i++) {
    GstSocketHttpMount *mount = g_ptr_array_index (news->server->mounts, i);

    if (mount->funcs.refused != NULL)
      mount->funcs.refused (news->n_refused, news->error, mount->user_data);
  }
  return G_SOURCE_REMOVE;
}

static void
post (HttpServer *server, GSourceFunc func, News *news)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  news->server = server;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, news, free_news);
  g_source_attach (source, server->context);
}

static void
accepted (HttpServer *server, GSocket *socket, gboolean is_tls)
{
  News *news = g_new0 (News, 1);

  news->socket = g_object_ref (socket);
  news->is_tls = is_tls;
  post (server, accepted_cb, news);
}

static void
on_accepted (GSocket *socket, gpointer user_data)
{
  accepted (user_data, socket, FALSE);
}

static void
on_accepted_tls (GSocket *socket, gpointer user_data)
{
  accepted (user_data, socket, TRUE);
}

static void
on_refused (guint64 count, const GError *error, gpointer user_data)
{
  News *news = g_new0 (News, 1);

  news->n_refused = count;
  news->error = g_error_copy (error);
  post (user_data, refused_cb, news);
}

static const GstSocketAcceptorFuncs plain_funcs = {
    .accepted = on_accepted,
    .refused = on_refused,
};

static const GstSocketAcceptorFuncs tls_funcs = {
    .accepted = on_accepted_tls,
    .refused = on_refused,
};

/* --- the thread --- */

static gboolean
is_any_handshaking (HttpServer *self)
{
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL)) {
    if (((HttpConnection *) connection)->is_handshaking)
      return TRUE;
  }
  return FALSE;
}

static void
drop_connections (HttpServer *self)
{
  g_autoptr (GList) connections = g_hash_table_get_keys (self->connections);

  for (GList *l = connections; l != NULL; l = l->next)
    http_connection_drop (l->data);
  while (is_any_handshaking (self))
    g_main_context_iteration (self->context, TRUE);
}

/* Closes everything, and does what is still to be done for it. */
static void
wind_up (HttpServer *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    continue;
  while (self->requests->len > 0)
    finish_request (self, g_ptr_array_index (self->requests, 0));
  soup_server_disconnect (self->soup);
  drop_connections (self);
  g_clear_object (&self->soup);
  drop_connections (self);
  http_connection_wait_for_good_byes (self);
  while (g_main_context_iteration (self->context, FALSE))
    continue;
}

static gpointer
run (gpointer user_data)
{
  HttpServer *self = user_data;

  g_main_context_push_thread_default (self->context);
  self->soup = soup_server_new (
      "server-header", "gst-socket-plugins/" PACKAGE_VERSION, NULL);
  soup_server_add_handler (self->soup, NULL, on_request_cb, self, NULL);
  soup_server_add_early_handler (self->soup, NULL, on_early_cb, self, NULL);
  g_signal_connect (
      self->soup, "request-finished", G_CALLBACK (on_finished_cb), self);
  g_signal_connect (
      self->soup, "request-aborted", G_CALLBACK (on_aborted_cb), self);
  while (!g_atomic_int_get (&self->quit))
    g_main_context_iteration (self->context, TRUE);
  wind_up (self);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/* --- servers --- */

static void
free_server (HttpServer *self)
{
  g_clear_pointer (&self->acceptor, gst_socket_acceptor_free);
  g_clear_pointer (&self->tls_acceptor, gst_socket_acceptor_free);
  g_clear_pointer (&self->listeners, gst_socket_close_all);
  g_clear_pointer (&self->tls_listeners, gst_socket_close_all);
  if (self->thread != NULL) {
    g_atomic_int_set (&self->quit, TRUE);
    g_main_context_wakeup (self->context);
    g_thread_join (self->thread);
  }
  http_loop_end (self->loop);
  http_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_object_unref (self->good_byes);
  g_hash_table_unref (self->connections);
  g_hash_table_unref (self->handshakes);
  g_ptr_array_unref (self->mounts);
  g_ptr_array_unref (self->requests);
  http_certificate_free (self->certificate);
  g_free (self->date);
  g_free (self->host);
  g_free (self);
}

static gboolean
listen_on (HttpServer *self, guint port, const GstSocketAcceptorFuncs *funcs,
    GPtrArray **listeners, GstSocketAcceptor **acceptor, GError **error)
{
  GstSocketListenOptions options = GST_SOCKET_LISTEN_OPTIONS_INIT;

  *listeners = gst_socket_listen (self->host, port, &options, NULL, error);
  if (*listeners == NULL)
    return FALSE;
  *acceptor = gst_socket_acceptor_new (*listeners, funcs, self, error);
  return *acceptor != NULL;
}

static gboolean
start_tls (
    HttpServer *self, const GstSocketHttpSettings *settings, GError **error)
{
  if (settings->tls_port < 0)
    return TRUE;
  if (settings->certificate_file == NULL) {
    g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE,
        "HTTPS needs a certificate");
    return FALSE;
  }
  self->certificate = http_certificate_new (
      settings->certificate_file, settings->key_file, error);
  if (self->certificate == NULL)
    return FALSE;
  if (!listen_on (self, settings->tls_port, &tls_funcs, &self->tls_listeners,
          &self->tls_acceptor, error))
    return FALSE;
  self->tls_port =
      gst_socket_get_local_port (g_ptr_array_index (self->tls_listeners, 0));
  return TRUE;
}

static gboolean
start_server (
    HttpServer *self, const GstSocketHttpSettings *settings, GError **error)
{
  self->thread = g_thread_try_new ("http-server", run, self, error);
  if (self->thread == NULL)
    return FALSE;
  if (!listen_on (self, settings->port, &plain_funcs, &self->listeners,
          &self->acceptor, error))
    return FALSE;
  self->port =
      gst_socket_get_local_port (g_ptr_array_index (self->listeners, 0));
  return start_tls (self, settings, error);
}

static HttpServer *
new_server (const GstSocketHttpSettings *settings, GError **error)
{
  HttpServer *self = g_new0 (HttpServer, 1);

  self->host = g_strdup (settings->host);
  self->asked_port = settings->port;
  self->asked_tls_port = settings->tls_port;
  self->header_timeout = settings->header_timeout;
  self->keep_alive_timeout = settings->keep_alive_timeout;
  self->max_client_errors = settings->max_client_errors;
  self->max_waiting_per_peer = settings->max_waiting_per_peer;
  self->context = g_main_context_new ();
  self->loop = http_loop_new (self->context);
  self->good_byes = g_cancellable_new ();
  self->mounts = g_ptr_array_new ();
  self->handshakes =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->connections = g_hash_table_new_full (
      NULL, NULL, (GDestroyNotify) http_connection_free, NULL);
  self->requests = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_socket_http_request_unref);
  if (!start_server (self, settings, error))
    g_clear_pointer (&self, free_server);
  return self;
}

/* --- the registry --- */

static HttpServer *
find_server_locked (const GstSocketHttpSettings *settings)
{
  for (guint i = 0; i < servers->len; i++) {
    HttpServer *server = g_ptr_array_index (servers, i);

    if (settings->port != 0 && server->port == settings->port
        && g_str_equal (server->host, settings->host))
      return server;
  }
  return NULL;
}

/* Whoever says nothing of TLS takes what there is. */
static gboolean
check_tls (
    HttpServer *server, const GstSocketHttpSettings *settings, GError **error)
{
  if (settings->tls_port < 0 && settings->certificate_file == NULL)
    return TRUE;
  if ((settings->tls_port == server->asked_tls_port
          || settings->tls_port == (gint) server->tls_port)
      && http_certificate_is_of (
          server->certificate, settings->certificate_file, settings->key_file))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
      "another element serves this port with other TLS settings");
  return FALSE;
}

static HttpServer *
use_server (const GstSocketHttpSettings *settings, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&registry);
  HttpServer *server;

  if (servers == NULL)
    servers = g_ptr_array_new ();
  server = find_server_locked (settings);
  if (server == NULL) {
    server = new_server (settings, error);
    if (server != NULL)
      g_ptr_array_add (servers, server);
  } else if (!check_tls (server, settings, error)) {
    return NULL;
  }
  if (server != NULL)
    server->n_users++;
  return server;
}

static void
leave_server (HttpServer *server)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&registry);

  if (--server->n_users > 0)
    return;
  g_ptr_array_remove_fast (servers, server);
  if (servers->len == 0)
    g_clear_pointer (&servers, g_ptr_array_unref);
  free_server (server);
}

/* --- mounts --- */

typedef struct
{
  GstSocketHttpMount *mount;
  const gchar *clash; /* a path that somebody has already */
} Mounting;

static void
mount_in_thread (gpointer server_data, gpointer user_data)
{
  HttpServer *server = server_data;
  Mounting *mounting = user_data;

  mounting->clash = http_server_find_clash (server, mounting->mount);
  if (mounting->clash == NULL)
    g_ptr_array_add (server->mounts, mounting->mount);
}

static void
free_mount (GstSocketHttpMount *self)
{
  g_strfreev (self->paths);
  g_strfreev (self->shared_paths);
  g_strfreev (self->prefixes);
  g_strfreev (self->methods);
  g_free (self);
}

static GstSocketHttpMount *
mount (const GstSocketHttpSettings *settings,
    const GstSocketHttpMountFuncs *funcs, gpointer user_data, GError **error)
{
  HttpServer *server = use_server (settings, error);
  GstSocketHttpMount *self;
  Mounting mounting = {0};

  if (server == NULL)
    return NULL;
  self = g_new0 (GstSocketHttpMount, 1);
  self->server = server;
  self->funcs = *funcs;
  self->user_data = user_data;
  self->paths = g_strdupv ((gchar **) settings->paths);
  self->shared_paths = g_strdupv ((gchar **) settings->shared_paths);
  self->prefixes = g_strdupv ((gchar **) settings->prefixes);
  self->methods = g_strdupv ((gchar **) settings->methods);
  mounting.mount = self;
  call_and_wait (server, mount_in_thread, &mounting);
  if (mounting.clash == NULL)
    return self;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
      "another element serves the path \"%s\"", mounting.clash);
  free_mount (self);
  leave_server (server);
  return NULL;
}

/* A request whose answer goes past the HTTP library has finished with it. */
static void
leave_request (GstSocketHttpRequest *request, GstSocketHttpMount *mount)
{
  gst_socket_http_request_ref (request);
  answer_simply (request, SOUP_STATUS_SERVICE_UNAVAILABLE);
  if (request->mount == mount) {
    request->mount = NULL;
    mount->funcs.finished (request, request->status, mount->user_data);
  }
  gst_socket_http_request_unref (request);
}

static void
unmount_in_thread (gpointer server_data, gpointer user_data)
{
  HttpServer *server = server_data;
  GstSocketHttpMount *mount = user_data;

  guint i = 0;

  g_ptr_array_remove (server->mounts, mount);
  while (i < server->requests->len) {
    GstSocketHttpRequest *request = g_ptr_array_index (server->requests, i);

    if (request->mount == mount)
      leave_request (request, mount);
    else
      i++;
  }
}

static void
unmount (GstSocketHttpMount *self)
{
  call_and_wait (self->server, unmount_in_thread, self);
  leave_server (self->server);
  free_mount (self);
}

static guint
get_port (GstSocketHttpMount *self)
{
  return self->server->port;
}

static guint
get_tls_port (GstSocketHttpMount *self)
{
  return self->server->tls_port;
}

static gboolean
is_own_thread (GstSocketHttpMount *self)
{
  return g_thread_self () == self->server->thread;
}

static gboolean
reload_tls (GstSocketHttpMount *self, GError **error)
{
  return self->server->certificate == NULL
      || http_certificate_reload (self->server->certificate, FALSE, error);
}

/* --- calls of mounts --- */

typedef struct
{
  GstSocketHttpMount *mount;
  HttpServer *server;
  GFunc func;
  gpointer data;
  GDestroyNotify notify;
} Invocation;

static gboolean
invoke_cb (gpointer user_data)
{
  Invocation *call = user_data;

  if (g_ptr_array_find (call->server->mounts, call->mount, NULL))
    call->func (call->mount->user_data, call->data);
  return G_SOURCE_REMOVE;
}

static void
free_invocation (gpointer data)
{
  Invocation *call = data;

  if (call->notify != NULL)
    call->notify (call->data);
  g_free (call);
}

static void
invoke (
    GstSocketHttpMount *self, GFunc func, gpointer data, GDestroyNotify notify)
{
  Invocation *call = g_new0 (Invocation, 1);

  *call = (Invocation){self, self->server, func, data, notify};
  g_main_context_invoke_full (self->server->context, G_PRIORITY_DEFAULT,
      invoke_cb, call, free_invocation);
}

static void foreach (GstSocketHttpMount *self, GFunc func, gpointer data)
{
  for (guint i = 0; i < self->server->mounts->len; i++) {
    GstSocketHttpMount *other = g_ptr_array_index (self->server->mounts, i);

    if (other->funcs.request == self->funcs.request)
      func (other->user_data, data);
  }
}

/* --- the table --- */

GST_API_EXPORT const GstSocketHttpApi *gst_socket_http_get_api (void);

/**
 * gst_socket_http_get_api: (skip)
 *
 * Returns: (transfer none): what elements may call; it lives for ever
 */
const GstSocketHttpApi *
gst_socket_http_get_api (void)
{
  static GstSocketHttpApi api;
  static gsize is_ready;

  if (g_once_init_enter (&is_ready)) {
    api.version = GST_SOCKET_HTTP_VERSION;
    api.mount = mount;
    api.unmount = unmount;
    api.get_port = get_port;
    api.get_tls_port = get_tls_port;
    api.is_own_thread = is_own_thread;
    api.reload_tls = reload_tls;
    api.invoke = invoke;
    api.foreach = foreach;
    api.close = http_connection_close_given;
    http_request_fill_api (&api);
    http_auth_fill_api (&api);
    http_body_fill_api (&api);
    g_once_init_leave (&is_ready, TRUE);
  }
  return &api;
}
