/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketcondition.h: whether what a client has is still what there is
 *
 * Here: dates and entity tags of HTTP, conditional requests.
 * Not here: files, which ranges are asked for.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/* A resource without a date of its last change. */
#define GST_SOCKET_DATE_UNKNOWN G_MININT64

/**
 * GstSocketConditions: (skip)
 * @is_safe: the method is GET or HEAD
 * @if_match: (nullable): the field If-Match
 * @if_none_match: (nullable): the field If-None-Match
 * @if_modified_since: (nullable): the field If-Modified-Since
 * @if_unmodified_since: (nullable): the field If-Unmodified-Since
 *
 * What a request demands of what it is for.
 */
typedef struct
{
  gboolean is_safe;
  const gchar *if_match;
  const gchar *if_none_match;
  const gchar *if_modified_since;
  const gchar *if_unmodified_since;
} GstSocketConditions;

/**
 * GstSocketConditionResult:
 * @GST_SOCKET_CONDITION_PASS: do what was asked for
 * @GST_SOCKET_CONDITION_NOT_MODIFIED: answer with status 304
 * @GST_SOCKET_CONDITION_FAILED: answer with status 412
 *
 * What conditions come to.
 */
typedef enum
{
  GST_SOCKET_CONDITION_PASS,
  GST_SOCKET_CONDITION_NOT_MODIFIED,
  GST_SOCKET_CONDITION_FAILED,
} GstSocketConditionResult;

GST_SOCKET_API
gchar *gst_socket_http_date_format (gint64 seconds);
GST_SOCKET_API
gboolean gst_socket_http_date_parse (const gchar *text, gint64 *ret_seconds);

GST_SOCKET_API
gboolean gst_socket_etags_match (
    const gchar *field, const gchar *etag, gboolean weak);
GST_SOCKET_API
GstSocketConditionResult gst_socket_conditions_check (
    const GstSocketConditions *conditions, const gchar *etag, gint64 modified);
GST_SOCKET_API
gboolean gst_socket_conditions_allow_range (
    const gchar *if_range, const gchar *etag, gint64 modified, gint64 now);

G_END_DECLS
