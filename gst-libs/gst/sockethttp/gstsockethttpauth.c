/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpauth.c: whether a request has the right credentials
 *
 * Here: Basic and Bearer, the thread that compares passwords, who was right
 * before.
 * Not here: the file of users (gstsockethttpusers.c), answers.
 *
 * Threads   server: new requests, verdicts    auth: compares passwords
 *           app: new, free
 * Locks     lock guards waiting. Jobs go to the auth thread by a queue, and come
 *           back by the server's main context
 *
 * Comparing a password takes as long as its hash was meant to, so it is not
 * done in the server's thread. Who was right once is known by a digest under a
 * key of this process, until the file changes: players that come again, and
 * browsers that fetch many things, wait once.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsockethttp-private.h"
#include "gstsockethttpusers.h"

#include <string.h>

#define REALM "stream"

/* Passwords that wait to be compared, of all and of one address. */
#define JOBS_MAX 64
#define JOBS_PER_PEER_MAX 8

/* Names and passwords that are remembered. */
#define KNOWN_MAX 4096

struct _GstSocketHttpAuth
{
  /* immutable */
  GstSocketHttpAuthMode mode;
  gchar *token;
  gchar *key; /* of this object alone */
  GThread *thread;
  GAsyncQueue *jobs; /* Job; the auth object itself is the end */

  GMutex lock;
  GHashTable *waiting; /* guarded by lock: address -> number of its jobs */

  /* server thread */
  HttpUsers *users;
  guint generation;  /* of the file */
  GHashTable *known; /* digests of what was right */
};

/* A password to compare. It is the server thread's before and after. */
typedef struct
{
  GstSocketHttpAuth *auth;
  GstSocketHttpRequest *request;
  gchar *peer;
  gchar *name;
  gchar *password;
  gchar *hash;
  gchar *digest;
  guint generation;
  gboolean is_known_name;
  gboolean is_right;
  GstSocketHttpAuthFunc func;
  gpointer user_data;
} Job;

static void
free_job (gpointer data)
{
  Job *job = data;

  gst_socket_http_request_unref (job->request);
  g_free (job->peer);
  g_free (job->name);
  http_secret_free (job->password);
  http_secret_free (job->hash);
  g_free (job->digest);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, free_job)

/* --- verdicts --- */

static void
give_verdict (Job *job, guint status)
{
  static const gchar challenge[] =
      "Basic realm=\"" REALM "\", charset=\"UTF-8\"";

  if (status == 0)
    http_request_set_user (job->request, job->name);
  job->func (job->request, status,
      status == SOUP_STATUS_UNAUTHORIZED ? challenge : NULL, job->user_data);
}

static void
remember (GstSocketHttpAuth *self, Job *job)
{
  if (job->generation != self->generation)
    return;
  if (g_hash_table_size (self->known) >= KNOWN_MAX)
    g_hash_table_remove_all (self->known);
  g_hash_table_add (self->known, g_steal_pointer (&job->digest));
}

/* In the server's thread again; not called when the request or its mount has
 * gone. */
static void
on_compared (GstSocketHttpRequest *request, gpointer owner, gpointer data)
{
  Job *job = data;

  if (job->is_right)
    remember (job->auth, job);
  give_verdict (job, job->is_right ? 0 : SOUP_STATUS_UNAUTHORIZED);
}

/* --- the thread --- */

static gboolean
enter (GstSocketHttpAuth *self, const gchar *peer)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->waiting, peer));

  if (n >= JOBS_PER_PEER_MAX || g_async_queue_length (self->jobs) >= JOBS_MAX)
    return FALSE;
  g_hash_table_insert (
      self->waiting, g_strdup (peer), GUINT_TO_POINTER (n + 1));
  return TRUE;
}

static void
leave (GstSocketHttpAuth *self, const gchar *peer)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&self->lock);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->waiting, peer));

  if (n > 1)
    g_hash_table_insert (
        self->waiting, g_strdup (peer), GUINT_TO_POINTER (n - 1));
  else
    g_hash_table_remove (self->waiting, peer);
}

static gpointer
compare_passwords (gpointer user_data)
{
  GstSocketHttpAuth *self = user_data;
  gpointer item;

  while ((item = g_async_queue_pop (self->jobs)) != self) {
    Job *job = item;
    gboolean matches = http_password_matches (job->password, job->hash);

    job->is_right = matches && job->is_known_name;
    leave (self, job->peer);
    http_request_call (job->request, on_compared, job, free_job);
  }
  return NULL;
}

/* --- requests --- */

static const gchar *
field_of (GstSocketHttpRequest *request)
{
  return http_request_get_header (request, "Authorization");
}

static void
check_bearer (GstSocketHttpAuth *self, GstSocketHttpRequest *request,
    GstSocketHttpAuthFunc func, gpointer user_data)
{
  gchar *token = http_credentials_dup (field_of (request), "Bearer");

  if (token == NULL)
    func (request, SOUP_STATUS_UNAUTHORIZED, "Bearer realm=\"" REALM "\"",
        user_data);
  else if (!http_secrets_are_equal (token, self->token))
    func (request, SOUP_STATUS_UNAUTHORIZED,
        "Bearer realm=\"" REALM "\", error=\"invalid_token\"", user_data);
  else
    func (request, 0, NULL, user_data);
  http_secret_free (token);
}

/* What tells a name and a password from others, and tells nothing of them. */
static gchar *
digest_of (GstSocketHttpAuth *self, const Job *job)
{
  gchar *both = g_strdup_printf ("%s:%s", job->name, job->password);
  gchar *digest = g_compute_hmac_for_string (G_CHECKSUM_SHA256,
      (const guchar *) self->key, strlen (self->key), both, strlen (both));

  http_secret_free (both);
  return digest;
}

static gchar *
peer_of (GstSocketHttpRequest *request)
{
  return g_inet_address_to_string (g_inet_socket_address_get_address (
      G_INET_SOCKET_ADDRESS (request->peer)));
}

static void
compare_later (GstSocketHttpAuth *self, Job *job)
{
  const gchar *hash = http_users_get_hash (self->users, job->name);

  job->is_known_name = hash != NULL;
  job->hash =
      g_strdup (hash != NULL ? hash : http_users_get_decoy (self->users));
  job->generation = self->generation;
  job->peer = peer_of (job->request);
  if (enter (self, job->peer)) {
    g_async_queue_push (self->jobs, job);
    return;
  }
  give_verdict (job, SOUP_STATUS_SERVICE_UNAVAILABLE);
  free_job (job);
}

static void
check_basic (GstSocketHttpAuth *self, GstSocketHttpRequest *request,
    GstSocketHttpAuthFunc func, gpointer user_data)
{
  g_autoptr (Job) job = g_new0 (Job, 1);

  job->auth = self;
  job->request = gst_socket_http_request_ref (request);
  job->func = func;
  job->user_data = user_data;
  if (!http_credentials_read_basic (
          field_of (request), &job->name, &job->password)) {
    give_verdict (job, SOUP_STATUS_UNAUTHORIZED);
    return;
  }
  job->digest = digest_of (self, job);
  if (g_hash_table_contains (self->known, job->digest))
    give_verdict (job, 0);
  else
    compare_later (self, g_steal_pointer (&job));
}

static void
check (GstSocketHttpAuth *self, GstSocketHttpRequest *request,
    GstSocketHttpAuthFunc func, gpointer user_data)
{
  if (self->mode == GST_SOCKET_HTTP_AUTH_BEARER)
    check_bearer (self, request, func, user_data);
  else
    check_basic (self, request, func, user_data);
}

static gboolean
refresh (GstSocketHttpAuth *self, GError **error)
{
  gboolean changed = FALSE;
  gboolean is_sound;

  if (self->users == NULL)
    return TRUE;
  is_sound = http_users_refresh (self->users, &changed, error);
  if (changed) {
    self->generation++;
    g_hash_table_remove_all (self->known);
  }
  return is_sound;
}

/* --- life --- */

static void
free_auth (GstSocketHttpAuth *self)
{
  if (self == NULL)
    return;
  if (self->thread != NULL) {
    g_async_queue_push_front (self->jobs, self);
    g_thread_join (self->thread);
  }
  g_async_queue_unref (self->jobs);
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->waiting);
  g_mutex_clear (&self->lock);
  http_users_free (self->users);
  http_secret_free (self->token);
  http_secret_free (self->key);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstSocketHttpAuth, free_auth)

static gboolean
start_basic (GstSocketHttpAuth *self, const gchar *file, GError **error)
{
  self->users = http_users_new (file, error);
  if (self->users == NULL)
    return FALSE;
  self->thread = g_thread_try_new ("http-auth", compare_passwords, self, error);
  return self->thread != NULL;
}

/* Who sets a secret and forgets the mode would be open to all. */
static gboolean
are_complete (const GstSocketHttpAuthSettings *settings, GError **error)
{
  gboolean has_token = settings->token != NULL && settings->token[0] != '\0';

  if ((settings->mode == GST_SOCKET_HTTP_AUTH_BASIC) == (settings->file != NULL)
      && (settings->mode == GST_SOCKET_HTTP_AUTH_BEARER) == has_token)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "auth=basic and an auth-file belong together, as do auth=bearer and an "
      "auth-token");
  return FALSE;
}

static gboolean
new_auth (const GstSocketHttpAuthSettings *settings,
    GstSocketHttpAuth **ret_auth, GError **error)
{
  g_autoptr (GstSocketHttpAuth) self = NULL;

  *ret_auth = NULL;
  if (!are_complete (settings, error))
    return FALSE;
  if (settings->mode == GST_SOCKET_HTTP_AUTH_NONE)
    return TRUE;
  self = g_new0 (GstSocketHttpAuth, 1);
  self->mode = settings->mode;
  self->token = g_strdup (settings->token);
  self->key = g_uuid_string_random ();
  self->jobs = g_async_queue_new_full (free_job);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_mutex_init (&self->lock);
  if (self->mode == GST_SOCKET_HTTP_AUTH_BASIC
      && !start_basic (self, settings->file, error))
    return FALSE;
  *ret_auth = g_steal_pointer (&self);
  return TRUE;
}

void
http_auth_fill_api (GstSocketHttpApi *api)
{
  api->auth_new = new_auth;
  api->auth_free = free_auth;
  api->auth_refresh = refresh;
  api->auth_check = check;
}
