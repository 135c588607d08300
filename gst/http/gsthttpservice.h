/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpservice.h: what all elements that serve HTTP have
 *
 * Here: the settings of the server, their properties, opening the library, the
 * guard and the log, what users are warned of.
 * Not here: requests and their answers.
 */
#pragma once

#include "gsthttpcors.h"
#include "gsthttpguard.h"
#include "gsthttplog.h"

G_BEGIN_DECLS

/* The properties, as offsets from the id of the first. */
enum
{
  GST_HTTP_SERVICE_HOST,
  GST_HTTP_SERVICE_PORT,
  GST_HTTP_SERVICE_TLS_PORT,
  GST_HTTP_SERVICE_TLS_CERTIFICATE_FILE,
  GST_HTTP_SERVICE_TLS_KEY_FILE,
  GST_HTTP_SERVICE_HEADER_TIMEOUT,
  GST_HTTP_SERVICE_KEEP_ALIVE_TIMEOUT,
  GST_HTTP_SERVICE_MAX_CLIENT_ERRORS,
  GST_HTTP_SERVICE_AUTH,
  GST_HTTP_SERVICE_AUTH_FILE,
  GST_HTTP_SERVICE_AUTH_TOKEN,
  GST_HTTP_SERVICE_AUTHORIZE_TIMEOUT,
  GST_HTTP_SERVICE_AUTHORIZE_MESSAGES,
  GST_HTTP_SERVICE_ACCESS_LOG,
  GST_HTTP_SERVICE_CORS,
  GST_HTTP_SERVICE_CORS_ORIGIN,
  GST_HTTP_SERVICE_N_PROPS
};

/* Settings; all but those of CORS do not change above READY. */
typedef struct
{
  gchar *host;
  guint port;
  gint tls_port;
  gchar *certificate_file;
  gchar *key_file;
  guint64 header_timeout;
  guint64 keep_alive_timeout;
  guint max_client_errors;
  GstSocketHttpAuthSettings auth;
  guint64 authorize_timeout;
  gboolean authorize_messages;
  gchar *access_log;
  GstHttpCors cors;
  gchar *cors_origin;
} GstHttpServiceSettings;

/* What differs from element to element. */
typedef struct
{
  const gchar *keep_alive_blurb;
  const gchar *cors_blurb;
  GstHttpCors cors;
} GstHttpServiceTexts;

/* Fills in GST_HTTP_SERVICE_N_PROPS properties. */
void gst_http_service_make_props (
    GParamSpec **props, const GstHttpServiceTexts *texts);
/* Those that tell on which ports it listens. */
GParamSpec *gst_http_service_make_current_port (void);
GParamSpec *gst_http_service_make_current_tls_port (void);

/* Where the setting of a property is; OBJECT_LOCK is the caller's to hold. */
gpointer gst_http_service_find (GstHttpServiceSettings *settings, guint which);

const GstSocketHttpApi *gst_http_service_open (GstElement *element);
GstSocketHttpSettings gst_http_service_get_wanted (
    const GstHttpServiceSettings *settings);
gboolean gst_http_service_open_log (const GstHttpServiceSettings *settings,
    GstHttpLog **ret_log, GError **error);
GstHttpGuard *gst_http_service_open_guard (
    const GstHttpServiceSettings *settings, const GstSocketHttpApi *http,
    const GstHttpGuardFuncs *funcs, gpointer owner, GError **error);

/* The text with which a request is refused. */
const gchar *gst_http_service_reason_of (guint status);
/* Functions of a guard and of a mount, for elements. */
void gst_http_service_warn_of_users (const GError *error, gpointer element);
void gst_http_service_warn_of_certificate (
    const GError *error, gpointer element);

G_END_DECLS
