/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpcors.h: what pages of other sites may do, for all that serve HTTP
 *
 * Here: settings, the fields of an answer, whose pages may send.
 * Not here: when an answer has them.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_HTTP_CORS_AUTO,
  GST_HTTP_CORS_ON,
  GST_HTTP_CORS_OFF,
} GstHttpCors;

#define GST_TYPE_HTTP_CORS (gst_http_cors_get_type ())
GType gst_http_cors_get_type (void);

/* What they may do, where they may do anything: lists with commas between. */
typedef struct
{
  const gchar *methods;
  const gchar *fields;  /* of requests, beside those that all may have */
  const gchar *exposed; /* of answers; NULL for none */
} GstHttpCorsAllowed;

/* The method is NULL for what was no request; the origin for one without. */
void gst_http_cors_add (GstHttpCors mode, const gchar *sites,
    const GstHttpCorsAllowed *allowed, const gchar *method, const gchar *origin,
    GPtrArray *headers);

/* Whether all sites are allowed: there is no list of them. */
gboolean gst_http_cors_is_for_all (const gchar *sites);
/* The origin and the host are those of a request; NULL for one without. */
gboolean gst_http_cors_may_send (GstHttpCors mode, const gchar *sites,
    const gchar *origin, const gchar *host);

G_END_DECLS
