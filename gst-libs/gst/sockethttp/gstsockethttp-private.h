/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttp-private.h: what the library's files know of each other
 *
 * Here: servers, mounts, connections and requests, and who may touch them.
 * Not here: anything that elements see.
 *
 * Threads   server: everything marked so    any: what requests are asked,
 *           answers    app: mount, unmount
 * Locks, in taking order
 *   1. registry      guards the list of servers, and each one's n_users; held
 *                    while a server starts and stops, so that nobody finds
 *                    half of one
 *   2. server->lock  guards certificate
 * No lock is held while a mount's function is called.
 */
#pragma once

#include "gstsockethttp.h"
#include "gstsockethttpgate.h"

#include <gst/socket/gstsocketrange.h>

#include <gst/socket/gstsocketacceptor.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _HttpServer HttpServer;
typedef struct _HttpConnection HttpConnection;
typedef struct _HttpCertificate HttpCertificate;
typedef struct _HttpLoop HttpLoop;

struct _GstSocketHttpMount
{
  /* immutable */
  HttpServer *server;
  GstSocketHttpMountFuncs funcs;
  gpointer user_data;
  gchar **paths;
  gchar **shared_paths;
  gchar **prefixes;
  gchar **methods; /* NULL for all that others do not name */
};

struct _HttpServer
{
  /* immutable */
  gchar *host;
  guint asked_port;
  guint port;
  gint asked_tls_port;
  guint tls_port;
  guint64 header_timeout;
  guint64 keep_alive_timeout;
  guint max_client_errors;
  guint max_waiting_per_peer;
  HttpCertificate *certificate; /* NULL without HTTPS */
  GMainContext *context;
  HttpLoop *loop; /* what outlives the server calls by it */
  GThread *thread;
  GPtrArray *listeners;     /* GSocket */
  GPtrArray *tls_listeners; /* GSocket */

  gint quit;     /* atomic */
  guint n_users; /* guarded by the registry's lock */

  /* app, while it starts and stops */
  GstSocketAcceptor *acceptor;
  GstSocketAcceptor *tls_acceptor;

  /* server thread */
  SoupServer *soup;
  GPtrArray *mounts;       /* GstSocketHttpMount, in their order */
  GHashTable *connections; /* HttpConnection */
  gchar *date;             /* as HTTP writes it */
  gint64 date_seconds;
  GPtrArray *requests;     /* GstSocketHttpRequest, each with a reference */
  guint n_handshakes;      /* that go on */
  GHashTable *handshakes;  /* address -> how many of them */
  GQueue waiting;          /* HttpConnection, whose handshake has not begun */
  guint n_closing;         /* TLS connections that say good-bye */
  GCancellable *good_byes; /* cuts them short */
};

struct _GstSocketHttpRequest
{
  gatomicrefcount ref_count;

  /* immutable */
  HttpLoop *loop;
  gchar *method;
  gchar *path;  /* NULL when it cannot be decoded */
  gchar *query; /* NULL for none */
  SoupMessageHeaders *headers;
  GSocketAddress *peer;
  gboolean is_tls;
  gboolean is_http_1_0;
  GstSocketHttpBody body;

  gint is_settled; /* atomic; somebody answers it, or takes it */

  /* server thread */
  GstSocketHttpMount *mount;  /* NULL once nobody is to hear of it */
  HttpConnection *connection; /* NULL once it has gone */
  SoupServerMessage *message;
  guint status;
  guint64 sent;   /* bytes of the body that it was answered with */
  gchar *user;    /* whose credentials were right, NULL for nobody's */
  GSource *timer; /* what is to happen when nobody answers */
};

struct _HttpConnection
{
  /* server thread */
  HttpServer *server;
  GSocket *socket;
  GIOStream *base; /* what is read and written: plain or TLS */
  GIOStream *gate; /* not owned: the HTTP library's */
  GSocketAddress *peer;
  gboolean is_tls;
  gboolean is_waiting; /* for its handshake to begin */
  gboolean is_handshaking;
  gchar *ip; /* of one that has, or waits for, a handshake */
  gboolean is_lingering;
  guint n_errors; /* in a row */
  gsize drained;
  GCancellable *cancellable;
  GByteArray *bytes; /* come, and not yet read by the HTTP library */
  gboolean is_kept;  /* another request may follow */
  GSource *timer;
  GSource *drain;
  GSource *again;

  /* of requests that do not need the HTTP library */
  GSource *front;               /* reads heads */
  GSource *write;               /* goes on with out */
  GByteArray *out;              /* what is still to be written */
  gsize out_done;               /* bytes of it that are out */
  GstSocketHttpRequest *direct; /* not answered yet */
  gboolean is_running;
  gboolean *is_gone;      /* set when the connection goes */
  gboolean timer_is_idle; /* it waits for a request */
  gint64 idle_since_us;
};

/* loop: any thread */
G_GNUC_INTERNAL
HttpLoop *http_loop_new (GMainContext *context);
G_GNUC_INTERNAL
HttpLoop *http_loop_ref (HttpLoop *self);
G_GNUC_INTERNAL
void http_loop_unref (HttpLoop *self);
G_GNUC_INTERNAL
void http_loop_invoke (
    HttpLoop *self, GSourceFunc func, gpointer data, GDestroyNotify notify);
G_GNUC_INTERNAL
void http_loop_end (HttpLoop *self);

/* certificate: any thread */
G_GNUC_INTERNAL
HttpCertificate *http_certificate_new (
    const gchar *certificate_file, const gchar *key_file, GError **error);
G_GNUC_INTERNAL
void http_certificate_free (HttpCertificate *self);
G_GNUC_INTERNAL
gboolean http_certificate_is_of (const HttpCertificate *self,
    const gchar *certificate_file, const gchar *key_file);
G_GNUC_INTERNAL
gboolean http_certificate_reload (
    HttpCertificate *self, gboolean only_if_changed, GError **error);
G_GNUC_INTERNAL
GTlsCertificate *http_certificate_get (HttpCertificate *self);

/* connection: server thread */
G_GNUC_INTERNAL
void http_connection_new (HttpServer *server, GSocket *socket, gboolean is_tls);
G_GNUC_INTERNAL
HttpConnection *http_connection_of (SoupServerMessage *message);
G_GNUC_INTERNAL
void http_connection_end (HttpConnection *self);
G_GNUC_INTERNAL
void http_connection_drop (HttpConnection *self);
G_GNUC_INTERNAL
void http_connection_free (HttpConnection *self);
G_GNUC_INTERNAL
void http_connection_finished (
    HttpConnection *self, SoupServerMessage *message);
G_GNUC_INTERNAL
void http_connection_write_last (HttpConnection *self, GString *text);
G_GNUC_INTERNAL
void http_connection_resume (HttpServer *server,
    const GstSocketHttpConnection *connection, GBytes *rest, gboolean is_kept);
G_GNUC_INTERNAL
gboolean http_connection_give_away (HttpConnection *self, const gchar *head,
    GstSocketHttpConnection *ret_connection);
G_GNUC_INTERNAL
void http_connection_wait_for_good_byes (HttpServer *server);
/* any thread */
G_GNUC_INTERNAL
void http_connection_close_given (
    GstSocketHttpMount *mount, GstSocketHttpConnection *connection);

G_GNUC_INTERNAL
void http_connection_shaken (HttpConnection *self, const GError *error);

/* handshake: server thread */
G_GNUC_INTERNAL
void http_handshake_begin (HttpConnection *self);
G_GNUC_INTERNAL
void http_handshake_forget (HttpConnection *self);

/* connection again */
G_GNUC_INTERNAL
void http_connection_use_library (HttpConnection *self);
G_GNUC_INTERNAL
void http_connection_await_head (HttpConnection *self);
G_GNUC_INTERNAL
void http_connection_await_request (HttpConnection *self);
G_GNUC_INTERNAL
void http_connection_await_room (HttpConnection *self);

/* request: server thread but for what the API gives */
G_GNUC_INTERNAL
GstSocketHttpRequest *http_request_new (
    HttpServer *server, SoupServerMessage *message);
G_GNUC_INTERNAL
void http_request_finish (GstSocketHttpRequest *self);
G_GNUC_INTERNAL
gboolean http_request_settle (GstSocketHttpRequest *self);
G_GNUC_INTERNAL
void http_request_answer_now (
    GstSocketHttpRequest *self, const GstSocketHttpAnswer *answer);
G_GNUC_INTERNAL
GstSocketHttpRequest *gst_socket_http_request_ref (GstSocketHttpRequest *self);
G_GNUC_INTERNAL
void gst_socket_http_request_unref (GstSocketHttpRequest *self);
G_GNUC_INTERNAL
const gchar *http_request_get_header (
    GstSocketHttpRequest *self, const gchar *name);
G_GNUC_INTERNAL
void http_request_set_user (GstSocketHttpRequest *self, const gchar *user);
G_GNUC_INTERNAL
void http_request_call (GstSocketHttpRequest *self, GstSocketHttpCallFunc func,
    gpointer data, GDestroyNotify notify);
G_GNUC_INTERNAL
void http_request_fill_api (GstSocketHttpApi *api);
G_GNUC_INTERNAL
gboolean http_request_take (GstSocketHttpRequest *self, const gchar *head,
    GstSocketHttpConnection *ret_connection);

G_GNUC_INTERNAL
GstSocketHttpRequest *http_request_new_direct (HttpConnection *connection,
    const gchar *method, const gchar *target, SoupMessageHeaders *headers);

/* direct: server thread */
G_GNUC_INTERNAL
gboolean http_direct_is_wanted (HttpServer *server);
G_GNUC_INTERNAL
void http_direct_begin (HttpConnection *self);
G_GNUC_INTERNAL
void http_direct_stop (HttpConnection *self);
G_GNUC_INTERNAL
void http_direct_clear (HttpConnection *self);
G_GNUC_INTERNAL
void http_direct_flush (HttpConnection *self);
G_GNUC_INTERNAL
void http_direct_answer (
    HttpConnection *self, const GstSocketHttpAnswer *answer, gboolean is_last);

/* auth */
G_GNUC_INTERNAL
void http_auth_fill_api (GstSocketHttpApi *api);

/* body: server thread but for what the API gives */
G_GNUC_INTERNAL
GstSocketHttpBody http_body_of (SoupServerMessage *message);
G_GNUC_INTERNAL
gboolean http_request_expects_body (SoupServerMessage *message);
G_GNUC_INTERNAL
void http_body_fill_api (GstSocketHttpApi *api);

/* paths: server thread */
G_GNUC_INTERNAL
GstSocketHttpMount *http_server_find_above (
    HttpServer *server, const gchar *method, const gchar *path);
G_GNUC_INTERNAL
GstSocketHttpMount *http_server_find_mount (
    HttpServer *server, const gchar *method, const gchar *path);
G_GNUC_INTERNAL
const gchar *http_server_find_clash (
    HttpServer *server, GstSocketHttpMount *mount);

/* server: server thread */
G_GNUC_INTERNAL
void http_server_warn (HttpServer *server, const GError *error);
G_GNUC_INTERNAL
void http_server_tell_rejection (HttpServer *server,
    const GstSocketHttpRejection *rejection, GPtrArray *headers);
G_GNUC_INTERNAL
const gchar *http_server_get_date (HttpServer *server);

G_END_DECLS
