/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsockethttpauth.h: whether a request has the right credentials
 *
 * Here: settings, verdicts.
 * Not here: what becomes of a request, challenges.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GstSocketHttpAuth GstSocketHttpAuth;
typedef struct _GstSocketHttpRequest GstSocketHttpRequest;

/**
 * GstSocketHttpAuthMode: (skip)
 * @GST_SOCKET_HTTP_AUTH_NONE: none are needed
 * @GST_SOCKET_HTTP_AUTH_BASIC: a name and a password
 * @GST_SOCKET_HTTP_AUTH_BEARER: a token
 *
 * Which credentials a request needs.
 */
typedef enum
{
  GST_SOCKET_HTTP_AUTH_NONE,
  GST_SOCKET_HTTP_AUTH_BASIC,
  GST_SOCKET_HTTP_AUTH_BEARER,
} GstSocketHttpAuthMode;

/**
 * GstSocketHttpAuthSettings: (skip)
 * @mode: which credentials
 * @file: (nullable): for @GST_SOCKET_HTTP_AUTH_BASIC, the file of users
 * @token: (nullable): for @GST_SOCKET_HTTP_AUTH_BEARER, the token
 */
typedef struct
{
  GstSocketHttpAuthMode mode;
  gchar *file;
  gchar *token;
} GstSocketHttpAuthSettings;

/**
 * GstSocketHttpAuthFunc: (skip)
 * @request: the request
 * @status: 0 if its credentials are right, else what to answer: 401 when they
 *     are not, 503 when too many others are being looked at
 * @challenge: (nullable): what WWW-Authenticate is to say with 401
 * @user_data: what was given with it
 *
 * Called in the server's thread.
 */
typedef void (*GstSocketHttpAuthFunc) (GstSocketHttpRequest *request,
    guint status, const gchar *challenge, gpointer user_data);

G_END_DECLS
