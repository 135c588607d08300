/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplink.c: a connection to an HTTP server, as one who uploads needs it
 *
 * Here: where a server is, connecting (TLS, proxies), writing and reading
 * without blocking, waiting for either.
 * Not here: requests, answers, when to connect again.
 *
 * Threads   one at a time
 * Locks     none; what blocks ends with the cancellable
 *
 * It is no part of the HTTP library, whose client reads an answer only after
 * the body of the request: a stream that is refused while it is sent would
 * never hear of it (see docs/design/architecture.md).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttplink.h"

#include <gio/gnetworking.h>
#include <netinet/tcp.h>
#include <string.h>

#define READ_SIZE 4096

/* What one call may write, on every system. */
#define VECTORS_MAX 512

/* What has come and nobody understands, at most. */
#define INPUT_MAX (64 * 1024)

/* How long the last words to a TLS peer may take. */
#define FAREWELL_S 2

/* What stands in a path as it is; all else is escaped. */
#define PATH_CHARS "!$&'()*+,;=:@/?%[]"

/* --- targets --- */

static GstHttpTarget *
target_from_uri (GUri *uri, GError **error)
{
  const gchar *scheme = g_uri_get_scheme (uri);
  const gchar *query = g_uri_get_query (uri);
  const gchar *path = g_uri_get_path (uri);
  gboolean is_tls = g_str_equal (scheme, "https");
  g_autofree gchar *whole = NULL;
  GstHttpTarget *self;

  if ((!is_tls && !g_str_equal (scheme, "http")) || g_uri_get_host (uri) == NULL
      || g_uri_get_host (uri)[0] == '\0') {
    g_set_error_literal (error, G_URI_ERROR, G_URI_ERROR_BAD_SCHEME,
        "it does not begin with http:// or https:// and a host");
    return NULL;
  }
  whole = g_strconcat (path[0] != '\0' ? path : "/", query != NULL ? "?" : "",
      query != NULL ? query : "", NULL);
  self = g_new0 (GstHttpTarget, 1);
  self->is_tls = is_tls;
  self->host = g_strdup (g_uri_get_host (uri));
  self->port = g_uri_get_port (uri) > 0 ? (guint) g_uri_get_port (uri)
      : is_tls                          ? 443
                                        : 80;
  self->path = g_uri_escape_string (whole, PATH_CHARS, FALSE);
  self->user = g_uri_unescape_string (g_uri_get_user (uri), NULL);
  self->password = g_uri_unescape_string (g_uri_get_password (uri), NULL);
  return self;
}

/* Fails with G_URI_ERROR. */
GstHttpTarget *
gst_http_target_new (const gchar *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url,
      G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD
          | G_URI_FLAGS_SCHEME_NORMALIZE,
      error);

  return uri != NULL ? target_from_uri (uri, error) : NULL;
}

/* Where a reference in an answer of the target leads. */
GstHttpTarget *
gst_http_target_follow (
    const GstHttpTarget *self, const gchar *reference, GError **error)
{
  g_autofree gchar *authority = gst_http_target_dup_authority (self);
  g_autofree gchar *base = g_strconcat (
      self->is_tls ? "https://" : "http://", authority, self->path, NULL);
  g_autofree gchar *url =
      g_uri_resolve_relative (base, reference, G_URI_FLAGS_ENCODED, error);

  return url != NULL ? gst_http_target_new (url, error) : NULL;
}

void
gst_http_target_free (GstHttpTarget *self)
{
  if (self == NULL)
    return;
  g_free (self->host);
  g_free (self->path);
  g_free (self->user);
  g_free (self->password);
  g_free (self);
}

gboolean
gst_http_target_is_same_server (const GstHttpTarget *a, const GstHttpTarget *b)
{
  return a->is_tls == b->is_tls && a->port == b->port
      && g_ascii_strcasecmp (a->host, b->host) == 0;
}

/* HOST, or HOST:PORT where that is not the usual one. */
gchar *
gst_http_target_dup_authority (const GstHttpTarget *self)
{
  const gchar *format = strchr (self->host, ':') != NULL ? "[%s]" : "%s";
  g_autofree gchar *host = g_strdup_printf (format, self->host);

  if (self->port == (self->is_tls ? 443 : 80))
    return g_steal_pointer (&host);
  return g_strdup_printf ("%s:%u", host, self->port);
}

/* --- life --- */

gboolean
gst_http_link_init (
    GstHttpLink *self, GCancellable *cancellable, GError **error)
{
  *self = (GstHttpLink){0};
  self->wait = gst_socket_wait_new (cancellable, error);
  if (self->wait == NULL)
    return FALSE;
  self->cancellable = g_object_ref (cancellable);
  self->input = g_byte_array_new ();
  return TRUE;
}

void
gst_http_link_clear (GstHttpLink *self)
{
  gst_http_link_close (self);
  g_clear_pointer (&self->wait, gst_socket_wait_free);
  g_clear_pointer (&self->input, g_byte_array_unref);
  g_clear_object (&self->cancellable);
}

/* At once: what would be said to a TLS peer could block. */
void
gst_http_link_close (GstHttpLink *self)
{
  if (self->connection != NULL)
    g_socket_close (g_socket_connection_get_socket (self->connection), NULL);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->target, gst_http_target_free);
  g_byte_array_set_size (self->input, 0);
  self->is_ended = FALSE;
}

/* --- connecting --- */

/* What is asked of the certificate, and what was found. */
typedef struct
{
  GTlsDatabase *database;
  gboolean is_strict;
  GTlsCertificateFlags flaws;
} Trust;

static gboolean
on_certificate_cb (GTlsConnection *tls, GTlsCertificate *certificate,
    GTlsCertificateFlags flaws, gpointer user_data)
{
  Trust *trust = user_data;

  trust->flaws = flaws;
  return !trust->is_strict;
}

static void
on_event_cb (GSocketClient *client, GSocketClientEvent event,
    GSocketConnectable *connectable, GIOStream *stream, gpointer user_data)
{
  Trust *trust = user_data;

  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;
  if (trust->database != NULL)
    g_tls_connection_set_database (G_TLS_CONNECTION (stream), trust->database);
  g_signal_connect (
      stream, "accept-certificate", G_CALLBACK (on_certificate_cb), trust);
}

static const gchar *
describe_flaws (GTlsCertificateFlags flaws)
{
  if (flaws & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return "its certificate is for another host";
  if (flaws & G_TLS_CERTIFICATE_EXPIRED)
    return "its certificate has expired";
  if (flaws & G_TLS_CERTIFICATE_REVOKED)
    return "its certificate was revoked";
  if (flaws & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return "its certificate is of an authority that is not trusted";
  return "its certificate is not sound";
}

/* An HTTP proxy is asked for http itself, and for a passage to all else. */
static gboolean
is_asking_proxy (const GstHttpTarget *target, const gchar *proxy)
{
  return proxy != NULL && !target->is_tls
      && g_ascii_strncasecmp (proxy, "http://", 7) == 0;
}

static GSocketClient *
make_client (const GstHttpTarget *target, const GstHttpLinkSettings *settings)
{
  GSocketClient *client = g_socket_client_new ();
  guint64 timeout_s = (settings->timeout_ns + GST_SECOND - 1) / GST_SECOND;

  g_socket_client_set_timeout (client, MIN (timeout_s, G_MAXINT));
  g_socket_client_set_tls (client, target->is_tls);
  if (settings->proxy == NULL || is_asking_proxy (target, settings->proxy)) {
    g_socket_client_set_enable_proxy (client, FALSE);
  } else {
    g_autoptr (GProxyResolver) resolver =
        g_simple_proxy_resolver_new (settings->proxy, NULL);

    g_socket_client_set_proxy_resolver (client, resolver);
  }
  return client;
}

static GSocketConnectable *
connectable_of (const GstHttpTarget *target,
    const GstHttpLinkSettings *settings, GError **error)
{
  if (is_asking_proxy (target, settings->proxy))
    return g_network_address_parse_uri (settings->proxy, 80, error);
  return g_network_address_new (target->host, target->port);
}

static void
set_options (GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);

  g_socket_set_timeout (socket, 0);
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
}

static GSocketConnection *
connect_to (GstHttpLink *self, const GstHttpTarget *target,
    const GstHttpLinkSettings *settings, Trust *trust, GError **error)
{
  g_autoptr (GSocketClient) client = make_client (target, settings);
  g_autoptr (GSocketConnectable) connectable =
      connectable_of (target, settings, error);

  if (connectable == NULL)
    return NULL;
  g_signal_connect (client, "event", G_CALLBACK (on_event_cb), trust);
  return g_socket_client_connect (
      client, connectable, self->cancellable, error);
}

/* Connects; blocks until it is cancelled. Fails as resolving, connecting and
 * TLS do; G_TLS_ERROR_BAD_CERTIFICATE says what is wrong with it. */
gboolean
gst_http_link_open (GstHttpLink *self, const GstHttpTarget *target,
    const GstHttpLinkSettings *settings, GError **error)
{
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) failure = NULL;
  Trust trust = {.is_strict = settings->is_strict};

  gst_http_link_close (self);
  if (settings->ca_file != NULL && target->is_tls) {
    database = g_tls_file_database_new (settings->ca_file, error);
    if (database == NULL)
      return FALSE;
    trust.database = database;
  }
  self->connection = connect_to (self, target, settings, &trust, &failure);
  if (self->connection == NULL) {
    if (g_error_matches (failure, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
      g_set_error_literal (
          error, failure->domain, failure->code, describe_flaws (trust.flaws));
    else
      g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  if (G_IS_TCP_WRAPPER_CONNECTION (self->connection) && target->is_tls)
    g_signal_handlers_disconnect_by_data (
        g_tcp_wrapper_connection_get_base_io_stream (
            G_TCP_WRAPPER_CONNECTION (self->connection)),
        &trust);
  set_options (self->connection);
  self->target = g_new0 (GstHttpTarget, 1);
  *self->target = (GstHttpTarget){.is_tls = target->is_tls,
      .host = g_strdup (target->host),
      .port = target->port};
  self->is_through_proxy = is_asking_proxy (target, settings->proxy);
  return TRUE;
}

/* --- writing and reading --- */

/* Says that nothing more is written; what comes is still read. */
gboolean
gst_http_link_end_output (GstHttpLink *self, GError **error)
{
  GSocket *socket = g_socket_connection_get_socket (self->connection);

  if (!self->target->is_tls)
    return g_socket_shutdown (socket, FALSE, TRUE, error);
  /* TLS 1.2 has no half of a farewell, so this ends both. */
  g_socket_set_timeout (socket, FAREWELL_S);
  self->is_ended = TRUE;
  return g_io_stream_close (
      G_IO_STREAM (self->connection), self->cancellable, error);
}

/* Moves past what is written. */
static void
advance (GOutputVector **vectors, guint *n_vectors, gsize written)
{
  while (*n_vectors > 0 && written >= (*vectors)->size) {
    written -= (*vectors)->size;
    (*vectors)++;
    (*n_vectors)--;
  }
  if (*n_vectors > 0) {
    (*vectors)->buffer = (const guint8 *) (*vectors)->buffer + written;
    (*vectors)->size -= written;
  }
}

/* Writes until all is out or something comes, of which the caller sees what it
 * is, and calls again. Fails with G_IO_ERROR_TIMED_OUT when the peer takes
 * nothing for too long. */
GstHttpLinkResult
gst_http_link_write (GstHttpLink *self, GOutputVector **vectors,
    guint *n_vectors, guint64 timeout_ns, GError **error)
{
  GPollableOutputStream *out = G_POLLABLE_OUTPUT_STREAM (
      g_io_stream_get_output_stream (G_IO_STREAM (self->connection)));
  gint64 timeout_us = timeout_ns > 0 ? (gint64) (timeout_ns / GST_USECOND) : -1;

  while (*n_vectors > 0) {
    gsize had = self->input->len, written = 0;
    gboolean was_ended = self->is_ended;

    switch (g_pollable_output_stream_writev_nonblocking (out, *vectors,
        MIN (*n_vectors, VECTORS_MAX), &written, self->cancellable, error)) {
      case G_POLLABLE_RETURN_FAILED:
        return GST_HTTP_LINK_FAILED;
      case G_POLLABLE_RETURN_OK:
        advance (vectors, n_vectors, written);
        continue;
      case G_POLLABLE_RETURN_WOULD_BLOCK:
        break;
    }
    if (!gst_http_link_read (self, error))
      return GST_HTTP_LINK_FAILED;
    if (self->input->len > had || self->is_ended != was_ended)
      return GST_HTTP_LINK_INPUT;
    if (!gst_http_link_wait (self,
            self->is_ended ? G_IO_OUT : G_IO_OUT | G_IO_IN, -1, timeout_us,
            error))
      return GST_HTTP_LINK_FAILED;
  }
  return GST_HTTP_LINK_OK;
}

/* Reads what has come, up to a limit. Fails as reading does; the end is no
 * failure. */
gboolean
gst_http_link_read (GstHttpLink *self, GError **error)
{
  GPollableInputStream *in = G_POLLABLE_INPUT_STREAM (
      g_io_stream_get_input_stream (G_IO_STREAM (self->connection)));

  while (!self->is_ended && self->input->len < INPUT_MAX) {
    g_autoptr (GError) failure = NULL;
    guint8 data[READ_SIZE];
    gssize n = g_pollable_input_stream_read_nonblocking (
        in, data, sizeof data, self->cancellable, &failure);

    if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return TRUE;
    if (n < 0 && !g_error_matches (failure, G_TLS_ERROR, G_TLS_ERROR_EOF)) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
    if (n > 0)
      g_byte_array_append (self->input, data, n);
    else
      self->is_ended = TRUE;
  }
  return TRUE;
}

/* Waits for the connection, if there is one, and for a wake-up, if wake_fd is
 * not -1. Fails with G_IO_ERROR_TIMED_OUT and G_IO_ERROR_CANCELLED. */
gboolean
gst_http_link_wait (GstHttpLink *self, GIOCondition condition, int wake_fd,
    gint64 timeout_us, GError **error)
{
  GPollFD fds[2];
  guint n = 0;

  if (self->connection != NULL && condition != 0)
    fds[n++] = (GPollFD){.fd = g_socket_get_fd (
                             g_socket_connection_get_socket (self->connection)),
        .events = condition};
  if (wake_fd >= 0)
    fds[n++] = (GPollFD){.fd = wake_fd, .events = G_IO_IN};
  return gst_socket_wait_for_any (self->wait, fds, n, timeout_us, error);
}
