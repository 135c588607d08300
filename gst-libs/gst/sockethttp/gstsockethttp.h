/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttp.h: HTTP servers that several elements may share
 *
 * Here: the table of functions that the library gives to the elements, and
 * what goes through it.
 * Not here: any type of libsoup: elements never see one, and do not link it.
 *
 * The library is opened when the first HTTP element is used, never before:
 * libsoup 3 aborts a process that holds libsoup 2 too. All that an element
 * calls is in one table, so that it needs to find one symbol only.
 */
#pragma once

#include "gstsockethttpauth.h"

#include <gio/gio.h>
#include <gst/gst.h>
#include <gst/socket/gstsocketbody.h>

G_BEGIN_DECLS

/* The name to open, and the one symbol to look up. */
#define GST_SOCKET_HTTP_LIBRARY "libgstsockethttp-1.0.so.0"
#define GST_SOCKET_HTTP_SYMBOL "gst_socket_http_get_api"

/* Changes with the table: plugin and library are of one build. */
#define GST_SOCKET_HTTP_VERSION 4

typedef struct _GstSocketHttpMount GstSocketHttpMount;

/**
 * GstSocketHttpRejection: (skip)
 * @peer: who has sent it
 * @status: how it is answered
 * @sent: bytes of the body of that
 * @origin: (nullable): what could be read of its field "Origin"
 *
 * What came was no sound request, or was none in time.
 */
typedef struct
{
  GSocketAddress *peer;
  guint status;
  guint64 sent;
  const gchar *origin;
} GstSocketHttpRejection;

/**
 * GstSocketHttpMountFuncs: (skip)
 * @request: a request has come for one of the mount's paths; it is to be
 *     answered or taken, now or later
 * @finished: a request that was not taken has got its answer, or its peer has
 *     gone
 * @refused: (nullable): connections were closed at once, because the process
 *     may not open more files
 * @warning: (nullable): something should be seen to, but the server goes on
 * @rejected: (nullable): what was no request gets an answer, to which fields may
 *     be added: names and values in turn. The first mount that has this
 *     function is told
 *
 * What a server reports, from its own thread, with no lock held. @finished is
 * called once for each request that @request was called with.
 */
typedef struct
{
  void (*request) (GstSocketHttpRequest *request, gpointer user_data);
  void (*finished) (
      GstSocketHttpRequest *request, guint status, gpointer user_data);
  void (*refused) (guint64 count, const GError *error, gpointer user_data);
  void (*warning) (const GError *error, gpointer user_data);
  void (*rejected) (const GstSocketHttpRejection *rejection, GPtrArray *headers,
      gpointer user_data);
} GstSocketHttpMountFuncs;

/**
 * GstSocketHttpSettings: (skip)
 * @host: host name or address to listen on
 * @port: TCP port, 0 for any free one
 * @tls_port: TCP port for HTTPS, 0 for any free one, -1 for no HTTPS
 * @certificate_file: (nullable): PEM file with the certificate
 * @key_file: (nullable): PEM file with its key, %NULL if in the same file
 * @header_timeout: ns that the head of a request may take
 * @keep_alive_timeout: ns between two requests of a connection
 * @max_client_errors: errors in a row after which a connection is closed, 0
 *     for any number
 * @max_waiting_per_peer: connections of one address that may wait for a
 *     request or its answer, 0 for any number; more get status 503
 * @paths: (nullable): decoded paths that are the mount's alone
 * @shared_paths: (nullable): decoded paths that other mounts may have too; the
 *     first one is asked
 * @prefixes: (nullable): decoded paths that end with "/", with all that is
 *     below them and not another mount's; the longest one counts
 * @methods: (nullable): methods that the mount is for, so that another may
 *     have the same paths for others; %NULL for all that nobody names
 *
 * What a mount wants. All mounts of one server agree on the TLS settings; the
 * times and limits are those of the first.
 */
typedef struct
{
  const gchar *host;
  guint port;
  gint tls_port;
  const gchar *certificate_file;
  const gchar *key_file;
  guint64 header_timeout;
  guint64 keep_alive_timeout;
  guint max_client_errors;
  guint max_waiting_per_peer;
  const gchar *const *paths;
  const gchar *const *shared_paths;
  const gchar *const *prefixes;
  const gchar *const *methods;
} GstSocketHttpSettings;

/**
 * GstSocketHttpAnswer: (skip)
 * @status: the status
 * @headers: (nullable): names and values in turn, %NULL at the end
 * @body: (nullable): the body, left out for HEAD; its length is told
 * @content_type: (nullable): of the body
 *
 * A whole answer.
 */
typedef struct
{
  guint status;
  const gchar *const *headers;
  GBytes *body;
  const gchar *content_type;
} GstSocketHttpAnswer;

/**
 * GstSocketHttpConnection: (skip)
 * @socket: (transfer full): the socket, non-blocking
 * @tls: (transfer full) (nullable): what encrypts it
 *
 * A connection that the server has given away.
 */
typedef struct
{
  GSocket *socket;
  GIOStream *tls;
} GstSocketHttpConnection;

/* See @call below. */
typedef void (*GstSocketHttpCallFunc) (
    GstSocketHttpRequest *request, gpointer owner, gpointer data);

/**
 * GstSocketHttpBody: (skip)
 * @kind: how its end is told
 * @length: its bytes, for %GST_SOCKET_BODY_LENGTH
 * @expects_continue: the peer waits for status 100 before it sends
 * @may_be_kept: another request may follow on the connection
 *
 * The body of a request.
 */
typedef struct
{
  GstSocketBodyKind kind;
  guint64 length;
  gboolean expects_continue;
  gboolean may_be_kept;
} GstSocketHttpBody;

/**
 * GstSocketHttpApi: (skip)
 * @version: %GST_SOCKET_HTTP_VERSION
 * @mount: begins to serve paths, on the server for the address and port if
 *     there is one in the process, and else on a new one. Fails with
 *     #G_IO_ERROR_EXISTS when a path or the TLS settings clash with another
 *     mount's, and as listening and reading the certificate do. Any thread but
 *     the server's
 * @unmount: ends that; requests still open get status 503. When it returns, no
 *     function of the mount is called any more. Any thread but the server's
 * @get_port: the port it listens on
 * @get_tls_port: the port for HTTPS, 0 for none
 * @is_own_thread: whether the caller runs in the server's thread
 * @reload_tls: reads the certificate again; FALSE when it cannot be used, and
 *     the old one stays. Any thread
 * @invoke: calls a function in the server's thread, soon; dropped with
 *     @notify alone when the mount goes first
 * @foreach: calls a function with the user_data of all mounts of the server
 *     that have the same funcs; server's thread
 * @close: closes what @take gave, after what is on its way; does not block.
 *     Any thread; @mount is %NULL when it has gone
 *
 * @ref: (of requests, any thread) adds a reference
 * @unref: gives one back
 * @get_method: its method
 * @get_path: its decoded path
 * @get_query: (nullable) its query, as it came
 * @get_header: (nullable) a field by name, as it came first
 * @foreach_header: all fields
 * @get_peer: the peer's address
 * @is_tls: whether it came over HTTPS
 * @is_http_1_0: whether it is of HTTP/1.0
 * @answer: answers; the first answer counts. Any thread
 * @take: writes a head and gives the connection away, instead of an answer;
 *     FALSE when the peer has gone or the head does not go out at once. The
 *     server's thread
 * @call: calls func (request, user_data of its mount, data) in the server's
 *     thread, at once if that is where the caller is; dropped with @notify alone
 *     when the request has its answer, its peer has gone or its mount goes
 *     first. Any thread
 * @set_timer: does that after a time in ns, instead of what was set before; 0
 *     for never. The server's thread
 * @get_sent: bytes of the body that @answer gave it; the server's thread
 * @get_user: (nullable) whose credentials were right; the server's thread
 *
 * @auth_new: sets up what @auth_check needs, NULL where none is needed. Fails
 *     when the file of users is no good, or settings do not fit together
 * @auth_free: ends that; not before the mount has gone. Waits for one password
 * @auth_refresh: reads the file of users again if it has changed; FALSE when it
 *     is no good: then those lines count that are. The server's thread
 * @auth_check: looks at the credentials of a request; the function is called
 *     at once or later, as those of @call are. The server's thread
 *
 * @get_body: the body of a request, of which nothing has been read
 * @take_body: gives the connection away, of a request whose body is to be
 *     read: nothing is written, not even status 100. What came behind the head
 *     already is in ret_rest. FALSE when the peer has gone. The server's thread
 * @give_back: takes back a connection that @take_body gave, after an answer
 *     was written to it: for the next request, of which rest has come, or, if
 *     it is not to be kept, to close it so that the peer gets the answer. Any
 *     thread, while mounted
 *
 * What elements may call.
 */
typedef struct
{
  guint version;

  GstSocketHttpMount *(*mount) (const GstSocketHttpSettings *settings,
      const GstSocketHttpMountFuncs *funcs, gpointer user_data, GError **error);
  void (*unmount) (GstSocketHttpMount *mount);
  guint (*get_port) (GstSocketHttpMount *mount);
  guint (*get_tls_port) (GstSocketHttpMount *mount);
  gboolean (*is_own_thread) (GstSocketHttpMount *mount);
  gboolean (*reload_tls) (GstSocketHttpMount *mount, GError **error);
  void (*invoke) (GstSocketHttpMount *mount, GFunc func, gpointer data,
      GDestroyNotify notify);
  void (*foreach) (GstSocketHttpMount *mount, GFunc func, gpointer data);
  void (*close) (
      GstSocketHttpMount *mount, GstSocketHttpConnection *connection);

  GstSocketHttpRequest *(*ref) (GstSocketHttpRequest *request);
  void (*unref) (GstSocketHttpRequest *request);
  const gchar *(*get_method) (GstSocketHttpRequest *request);
  const gchar *(*get_path) (GstSocketHttpRequest *request);
  const gchar *(*get_query) (GstSocketHttpRequest *request);
  const gchar *(*get_header) (GstSocketHttpRequest *request, const gchar *name);
  void (*foreach_header) (GstSocketHttpRequest *request,
      void (*func) (const gchar *name, const gchar *value, gpointer data),
      gpointer data);
  GSocketAddress *(*get_peer) (GstSocketHttpRequest *request);
  gboolean (*is_tls) (GstSocketHttpRequest *request);
  gboolean (*is_http_1_0) (GstSocketHttpRequest *request);
  void (*answer) (
      GstSocketHttpRequest *request, const GstSocketHttpAnswer *answer);
  gboolean (*take) (GstSocketHttpRequest *request, const gchar *head,
      GstSocketHttpConnection *ret_connection);
  void (*call) (GstSocketHttpRequest *request, GstSocketHttpCallFunc func,
      gpointer data, GDestroyNotify notify);
  void (*set_timer) (GstSocketHttpRequest *request, guint64 ns,
      GstSocketHttpCallFunc func, gpointer data);
  guint64 (*get_sent) (GstSocketHttpRequest *request);
  const gchar *(*get_user) (GstSocketHttpRequest *request);

  gboolean (*auth_new) (const GstSocketHttpAuthSettings *settings,
      GstSocketHttpAuth **ret_auth, GError **error);
  void (*auth_free) (GstSocketHttpAuth *auth);
  gboolean (*auth_refresh) (GstSocketHttpAuth *auth, GError **error);
  void (*auth_check) (GstSocketHttpAuth *auth, GstSocketHttpRequest *request,
      GstSocketHttpAuthFunc func, gpointer user_data);
  void (*get_body) (GstSocketHttpRequest *request, GstSocketHttpBody *ret_body);
  gboolean (*take_body) (GstSocketHttpRequest *request,
      GstSocketHttpConnection *ret_connection, GBytes **ret_rest);
  void (*give_back) (GstSocketHttpMount *mount,
      GstSocketHttpConnection *connection, GBytes *rest, gboolean keep);
} GstSocketHttpApi;

/* Exported by the library; found by name. */
typedef const GstSocketHttpApi *(*GstSocketHttpGetApi) (void);

G_END_DECLS
