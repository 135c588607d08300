/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplink.h: a connection to an HTTP server, as one who uploads needs it
 *
 * Here: where a server is, connecting (TLS, proxies), writing and reading
 * without blocking, waiting for either.
 * Not here: requests, answers, when to connect again.
 */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>
#include <gst/socket/gstsocketwait.h>

G_BEGIN_DECLS

/* What a URL names. */
typedef struct
{
  gboolean is_tls;
  gchar *host;
  guint port;
  gchar *path; /* with the query, as it goes into a request */
  gchar *user; /* NULL for none */
  gchar *password;
} GstHttpTarget;

GstHttpTarget *gst_http_target_new (const gchar *url, GError **error);
GstHttpTarget *gst_http_target_follow (
    const GstHttpTarget *self, const gchar *reference, GError **error);
void gst_http_target_free (GstHttpTarget *self);
gboolean gst_http_target_is_same_server (
    const GstHttpTarget *a, const GstHttpTarget *b);
gchar *gst_http_target_dup_authority (const GstHttpTarget *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstHttpTarget, gst_http_target_free)

/* How to connect. */
typedef struct
{
  const gchar *proxy;   /* NULL for none */
  const gchar *ca_file; /* NULL for the system's */
  gboolean is_strict;
  guint64 timeout_ns; /* 0 for none */
} GstHttpLinkSettings;

/* One connection at a time; one thread. */
typedef struct
{
  /* immutable */
  GCancellable *cancellable;
  GstSocketWait *wait;

  GSocketConnection *connection; /* NULL without one */
  GstHttpTarget *target;
  gboolean is_through_proxy; /* requests name the whole URL */
  GByteArray *input;         /* come, and not yet understood */
  gboolean is_ended;         /* nothing more will come */
} GstHttpLink;

typedef enum
{
  GST_HTTP_LINK_OK,
  GST_HTTP_LINK_INPUT, /* something has come first, or its end */
  GST_HTTP_LINK_FAILED,
} GstHttpLinkResult;

gboolean gst_http_link_init (
    GstHttpLink *self, GCancellable *cancellable, GError **error);
void gst_http_link_clear (GstHttpLink *self);
gboolean gst_http_link_open (GstHttpLink *self, const GstHttpTarget *target,
    const GstHttpLinkSettings *settings, GError **error);
void gst_http_link_close (GstHttpLink *self);
gboolean gst_http_link_end_output (GstHttpLink *self, GError **error);
GstHttpLinkResult gst_http_link_write (GstHttpLink *self,
    GOutputVector **vectors, guint *n_vectors, guint64 timeout_ns,
    GError **error);
gboolean gst_http_link_read (GstHttpLink *self, GError **error);
gboolean gst_http_link_wait (GstHttpLink *self, GIOCondition condition,
    int wake_fd, gint64 timeout_us, GError **error);

G_END_DECLS
