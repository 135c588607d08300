/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpguard.h: who is let in, for all elements that serve HTTP
 *
 * Here: the guard, the properties and signals that it needs.
 * Not here: what is answered.
 */
#pragma once

#include "gsthttplibrary.h"

G_BEGIN_DECLS

#define GST_TYPE_HTTP_AUTH (gst_http_auth_get_type ())
GType gst_http_auth_get_type (void);

typedef struct _GstHttpGuard GstHttpGuard;

/*
 * GstHttpGuardFuncs:
 * @admit: the request may have what it asks for
 * @refuse: it may not; it is to be answered with a status (401, 403, 503 or
 *     another error), and with a challenge, if there is one, as
 *     WWW-Authenticate
 * @warning: the file of users has changed and is no good
 *
 * What an element does about a request. Called in the server's thread; the
 * owner, an element, is the user_data of the mount.
 */
typedef struct
{
  void (*admit) (GstSocketHttpRequest *request, gpointer owner);
  void (*refuse) (GstSocketHttpRequest *request, guint status,
      const gchar *challenge, gpointer owner);
  void (*warning) (const GError *error, gpointer owner);
} GstHttpGuardFuncs;

/* App thread: new before the mount, free after it has gone. */
GstHttpGuard *gst_http_guard_new (const GstSocketHttpApi *http,
    const GstSocketHttpAuthSettings *settings, const GstHttpGuardFuncs *funcs,
    gpointer owner, GError **error);
void gst_http_guard_free (GstHttpGuard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstHttpGuard, gst_http_guard_free)

/* App thread, before the mount: how long the application may take, in ns (0 =
 * for ever), and whether it is asked by messages. */
void gst_http_guard_set_asking (
    GstHttpGuard *self, guint64 timeout, gboolean by_message);

/* Any thread: whether some are let in and others are not. */
gboolean gst_http_guard_is_choosing (GstHttpGuard *self);

/* Server thread: admits or refuses, now or later. */
void gst_http_guard_ask (GstHttpGuard *self, GstSocketHttpRequest *request);
/* Server thread: the request is over, answered or not. */
void gst_http_guard_forget (GstHttpGuard *self, GstSocketHttpRequest *request);

/* Any thread. Returns: (transfer full) (nullable): the request that has this
 * number, if nobody has decided on it: the caller answers it */
GstSocketHttpRequest *gst_http_guard_take (gpointer owner, guint id);

/* The signals "authorize-request" and "answer-request". */
void gst_http_guard_install_signals (GType type);

/* The properties "auth", "auth-file" and "auth-token"; their values are the
 * fields of GstSocketHttpAuthSettings. */
GParamSpec *gst_http_guard_make_auth (void);
GParamSpec *gst_http_guard_make_auth_file (void);
GParamSpec *gst_http_guard_make_auth_token (void);
/* Those for what gst_http_guard_set_asking () is told. */
GParamSpec *gst_http_guard_make_authorize_timeout (void);
GParamSpec *gst_http_guard_make_authorize_messages (void);

G_END_DECLS
