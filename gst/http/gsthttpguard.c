/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpguard.c: who is let in, for all elements that serve HTTP
 *
 * Here: credentials, asking the application, the properties and signals.
 * Not here: how credentials are compared (the HTTP library), answers.
 *
 * Threads   app: new, free, properties    server: requests
 *           any: answers of the application
 * Locks     lock guards pending; not held while anything is called
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpguard.h"

struct _GstHttpGuard
{
  /* immutable */
  const GstSocketHttpApi *http;
  const GstHttpGuardFuncs *funcs;
  gpointer owner;
  GstSocketHttpAuth *auth; /* NULL where no credentials are needed */
  GstSocketHttpAuthMode mode;
  guint64 timeout;
  gboolean by_message;
};

/* A request that the application is asked about. Whoever takes it out of the
 * table decides. */
typedef struct
{
  GstHttpGuard *guard; /* may go before this, with its mount */
  gpointer owner;      /* only compared */
  const GstSocketHttpApi *http;
  GstSocketHttpRequest *request;
  guint status; /* the answer */
} Pending;

static GMutex lock;
/* guarded by lock */
static GHashTable *pending; /* number -> Pending; of all guards */
static guint last_id;

/* --- life --- */

static gchar *
non_empty (gchar *text)
{
  return text != NULL && text[0] != '\0' ? text : NULL;
}

/* Fails when settings do not fit together, or the file of users is no good. */
GstHttpGuard *
gst_http_guard_new (const GstSocketHttpApi *http,
    const GstSocketHttpAuthSettings *settings, const GstHttpGuardFuncs *funcs,
    gpointer owner, GError **error)
{
  GstSocketHttpAuthSettings wanted = {.mode = settings->mode,
      .file = non_empty (settings->file),
      .token = non_empty (settings->token)};
  g_autoptr (GstHttpGuard) self = g_new0 (GstHttpGuard, 1);

  self->http = http;
  self->funcs = funcs;
  self->owner = owner;
  self->mode = settings->mode;
  if (!http->auth_new (&wanted, &self->auth, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
gst_http_guard_free (GstHttpGuard *self)
{
  if (self == NULL)
    return;
  self->http->auth_free (self->auth);
  g_free (self);
}

void
gst_http_guard_set_asking (
    GstHttpGuard *self, guint64 timeout, gboolean by_message)
{
  self->timeout = timeout;
  self->by_message = by_message;
}

/* --- pending requests --- */

static void
free_pending (gpointer data)
{
  Pending *one = data;

  one->http->unref (one->request);
  g_free (one);
}

/* Returns its number. */
static guint
add_pending (GstHttpGuard *self, GstSocketHttpRequest *request)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pending *one = g_new0 (Pending, 1);

  *one = (Pending){.guard = self,
      .owner = self->owner,
      .http = self->http,
      .request = self->http->ref (request)};
  if (pending == NULL)
    pending = g_hash_table_new (NULL, NULL);
  do
    last_id++;
  while (last_id == 0
      || g_hash_table_contains (pending, GUINT_TO_POINTER (last_id)));
  g_hash_table_insert (pending, GUINT_TO_POINTER (last_id), one);
  return last_id;
}

static void
remove_locked (guint id)
{
  g_hash_table_remove (pending, GUINT_TO_POINTER (id));
  if (g_hash_table_size (pending) == 0)
    g_clear_pointer (&pending, g_hash_table_unref);
}

/* Returns: (transfer full) (nullable): the request of a number, if it is one
 * of the owner's that nobody has decided on yet */
static Pending *
take_pending (gpointer owner, guint id)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Pending *one = pending != NULL
      ? g_hash_table_lookup (pending, GUINT_TO_POINTER (id))
      : NULL;

  if (one == NULL || one->owner != owner)
    return NULL;
  remove_locked (id);
  return one;
}

static guint
find_pending (GstSocketHttpRequest *request)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GHashTableIter iter;
  gpointer id, one;

  if (pending == NULL)
    return 0;
  g_hash_table_iter_init (&iter, pending);
  while (g_hash_table_iter_next (&iter, &id, &one)) {
    if (((Pending *) one)->request == request)
      return GPOINTER_TO_UINT (id);
  }
  return 0;
}

void
gst_http_guard_forget (GstHttpGuard *self, GstSocketHttpRequest *request)
{
  guint id = find_pending (request);
  Pending *one = id != 0 ? take_pending (self->owner, id) : NULL;

  if (one != NULL)
    free_pending (one);
}

GstSocketHttpRequest *
gst_http_guard_take (gpointer owner, guint id)
{
  Pending *one = take_pending (owner, id);
  GstSocketHttpRequest *request =
      one != NULL ? one->http->ref (one->request) : NULL;

  if (one != NULL)
    free_pending (one);
  return request;
}

/* --- asking the application --- */

static const gchar *
challenge_of (GstHttpGuard *self, guint status)
{
  if (status != 401)
    return NULL;
  return self->mode == GST_SOCKET_HTTP_AUTH_BEARER
      ? "Bearer realm=\"stream\""
      : "Basic realm=\"stream\", charset=\"UTF-8\"";
}

static void
decide (GstHttpGuard *self, GstSocketHttpRequest *request, guint status)
{
  if (status >= 200 && status < 300) {
    self->funcs->admit (request, self->owner);
    return;
  }
  if (status < 400 || status > 599) {
    GST_WARNING_OBJECT (
        self->owner, "%u is no answer to authorize-request", status);
    status = 500;
  }
  self->funcs->refuse (
      request, status, challenge_of (self, status), self->owner);
}

/* Not called once the mount has gone, and so only while there is a guard. */
static void
on_answered (GstSocketHttpRequest *request, gpointer owner, gpointer data)
{
  Pending *one = data;

  decide (one->guard, request, one->status);
}

static void
on_too_late (GstSocketHttpRequest *request, gpointer owner, gpointer data)
{
  Pending *one = take_pending (owner, GPOINTER_TO_UINT (data));

  if (one == NULL)
    return;
  decide (one->guard, request, 503);
  free_pending (one);
}

static gboolean
on_answer_request (gpointer owner, guint id, guint status)
{
  Pending *one = take_pending (owner, id);

  if (one == NULL)
    return FALSE;
  one->status = status;
  one->http->call (one->request, on_answered, one, free_pending);
  return TRUE;
}

static void
add_field (const gchar *name, const gchar *value, gpointer user_data)
{
  GstStructure *fields = user_data;
  g_autofree gchar *lower = g_ascii_strdown (name, -1);
  const gchar *before = gst_structure_get_string (fields, lower);
  g_autofree gchar *both =
      before != NULL ? g_strconcat (before, ", ", value, NULL) : NULL;

  gst_structure_set (
      fields, lower, G_TYPE_STRING, both != NULL ? both : value, NULL);
}

static void
post_question (GstHttpGuard *self, GstSocketHttpRequest *request, guint id,
    const GstStructure *fields)
{
  GstStructure *question = gst_structure_new ("authorize-request", "id",
      G_TYPE_UINT, id, "method", G_TYPE_STRING,
      self->http->get_method (request), "path", G_TYPE_STRING,
      self->http->get_path (request), "query", G_TYPE_STRING,
      self->http->get_query (request), "headers", GST_TYPE_STRUCTURE, fields,
      "peer", G_TYPE_SOCKET_ADDRESS, self->http->get_peer (request), NULL);

  gst_element_post_message (GST_ELEMENT (self->owner),
      gst_message_new_element (GST_OBJECT (self->owner), question));
}

/* Returns what the handler of the signal says, 0 for later. */
static guint
emit_question (GstHttpGuard *self, guint signal, GstSocketHttpRequest *request,
    guint id, const GstStructure *fields)
{
  guint status = 0;

  g_signal_emit (self->owner, signal, 0, id, self->http->get_method (request),
      self->http->get_path (request), self->http->get_query (request), fields,
      self->http->get_peer (request), &status);
  return status;
}

/* The request is pending first: another thread may be quicker with an answer
 * than the handler with returning. */
static void
ask_application (
    GstHttpGuard *self, guint signal, GstSocketHttpRequest *request)
{
  g_autoptr (GstStructure) fields = gst_structure_new_empty ("headers");
  guint id = add_pending (self, request);
  guint status = 0;
  Pending *one;

  self->http->foreach_header (request, add_field, fields);
  self->http->set_timer (
      request, self->timeout, on_too_late, GUINT_TO_POINTER (id));
  if (self->by_message)
    post_question (self, request, id, fields);
  else
    status = emit_question (self, signal, request, id, fields);
  one = status != 0 ? take_pending (self->owner, id) : NULL;
  if (one == NULL)
    return;
  decide (self, request, status);
  free_pending (one);
}

/* --- requests --- */

static guint
find_signal (GstHttpGuard *self)
{
  return g_signal_lookup ("authorize-request", G_OBJECT_TYPE (self->owner));
}

/* Whether the application wants to be asked. */
static gboolean
is_asking (GstHttpGuard *self)
{
  guint signal = find_signal (self);

  return self->by_message
      || (signal != 0
          && g_signal_has_handler_pending (self->owner, signal, 0, FALSE));
}

gboolean
gst_http_guard_is_choosing (GstHttpGuard *self)
{
  return self->auth != NULL || is_asking (self);
}

/* What has no path is answered as an error, and no one needs to be asked. */
static void
ask (GstHttpGuard *self, GstSocketHttpRequest *request)
{
  if (self->http->get_path (request) != NULL && is_asking (self))
    ask_application (self, find_signal (self), request);
  else
    self->funcs->admit (request, self->owner);
}

static void
on_credentials (GstSocketHttpRequest *request, guint status,
    const gchar *challenge, gpointer user_data)
{
  GstHttpGuard *self = user_data;

  if (status == 0)
    ask (self, request);
  else
    self->funcs->refuse (request, status, challenge, self->owner);
}

/* What a browser asks on behalf of a page of another site, before it asks for
 * the thing itself, comes without credentials, and gets nothing. */
void
gst_http_guard_ask (GstHttpGuard *self, GstSocketHttpRequest *request)
{
  g_autoptr (GError) error = NULL;

  if (g_str_equal (self->http->get_method (request), "OPTIONS")) {
    self->funcs->admit (request, self->owner);
    return;
  }
  if (self->auth == NULL) {
    ask (self, request);
    return;
  }
  if (!self->http->auth_refresh (self->auth, &error))
    self->funcs->warning (error, self->owner);
  self->http->auth_check (self->auth, request, on_credentials, self);
}

/* --- properties --- */

#define FLAGS (G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

GType
gst_http_auth_get_type (void)
{
  static const GEnumValue values[] = {
      {GST_SOCKET_HTTP_AUTH_NONE, "None are needed", "none"},
      {GST_SOCKET_HTTP_AUTH_BASIC,
          "A name and a password of the file auth-file", "basic"},
      {GST_SOCKET_HTTP_AUTH_BEARER, "The token auth-token", "bearer"},
      {0, NULL, NULL},
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstHttpAuth", values));
  return type;
}

GParamSpec *
gst_http_guard_make_auth (void)
{
  return g_param_spec_enum ("auth", "Authentication",
      "Which credentials every request needs (default none). They can be read "
      "on the way, unless it is HTTPS",
      GST_TYPE_HTTP_AUTH, GST_SOCKET_HTTP_AUTH_NONE, FLAGS | G_PARAM_READWRITE);
}

GParamSpec *
gst_http_guard_make_auth_file (void)
{
  return g_param_spec_string ("auth-file", "Authentication file",
      "File of users for auth=basic (default: none), with a line NAME:HASH "
      "for each, as htpasswd -B and mkpasswd make it ($2y$, $5$, $6$, $y$), or "
      "NAME:{PLAIN}PASSWORD. Read again when it changes",
      NULL, FLAGS | G_PARAM_READWRITE);
}

/* It cannot be read back: properties end up in logs and in pictures of
 * pipelines. */
GParamSpec *
gst_http_guard_make_auth_token (void)
{
  return g_param_spec_string ("auth-token", "Authentication token",
      "Token for auth=bearer (default: none); it cannot be read back", NULL,
      FLAGS | G_PARAM_WRITABLE);
}

GParamSpec *
gst_http_guard_make_authorize_timeout (void)
{
  return g_param_spec_uint64 ("authorize-timeout", "Authorize timeout",
      "Nanoseconds that the application may take to answer authorize-request; "
      "then the request gets status 503 (default 10 s; 0 = any time)",
      0, G_MAXUINT64, 10 * GST_SECOND, FLAGS | G_PARAM_READWRITE);
}

GParamSpec *
gst_http_guard_make_authorize_messages (void)
{
  return g_param_spec_boolean ("authorize-messages", "Authorize messages",
      "Whether the application is asked about each request by an element "
      "message authorize-request instead of the signal, for languages whose "
      "handlers run in one thread only (default: no). It answers with "
      "answer-request",
      FALSE, FLAGS | G_PARAM_READWRITE);
}

/* --- signals --- */

void
gst_http_guard_install_signals (GType type)
{
  /**
   * GstHttpServerSink::authorize-request:
   * @self: the element
   * @id: a number for this request
   * @method: its method
   * @path: its decoded path
   * @query: (nullable): its query, as it came
   * @headers: its fields, with names in lower case
   * @peer: who asks
   *
   * Asks whether a request is to be served, once its credentials have been
   * found right, if any are needed. Nobody is asked about OPTIONS. Emitted from
   * the server's thread, which should not be kept for long: return 0, and
   * answer with #GstHttpServerSink::answer-request when it is known.
   *
   * Returns: 200 to serve it, another status (401, 403, 404, 503 and so on) to
   *     refuse it with that, 0 to answer later
   */
  g_signal_new ("authorize-request", type, G_SIGNAL_RUN_LAST, 0,
      g_signal_accumulator_first_wins, NULL, NULL, G_TYPE_UINT, 6, G_TYPE_UINT,
      G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, GST_TYPE_STRUCTURE,
      G_TYPE_SOCKET_ADDRESS);

  /**
   * GstHttpServerSink::answer-request:
   * @self: the element
   * @id: the number that authorize-request has told
   * @status: 200 to serve it, another status to refuse it with that
   *
   * Answers what was asked with #GstHttpServerSink::authorize-request, or with
   * a message of that name. From any thread.
   *
   * Returns: whether the request still waited for that
   */
  g_signal_new_class_handler ("answer-request", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (on_answer_request), NULL,
      NULL, NULL, G_TYPE_BOOLEAN, 2, G_TYPE_UINT, G_TYPE_UINT);
}
