/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketrange.h: byte ranges and paths of HTTP requests
 *
 * Here: what a Range field asks for, and what a path names.
 * Not here: files, responses.
 */
#pragma once

#include <gst/socket/socket-prelude.h>

G_BEGIN_DECLS

/* Ranges in one request, at most: more are no honest request. */
#define GST_SOCKET_RANGES_MAX 32

/* The size of what has no end yet. */
#define GST_SOCKET_SIZE_UNKNOWN G_MAXUINT64

/**
 * GstSocketRange:
 * @first: the first byte
 * @last: the last byte, included; %G_MAXUINT64 for all that follows, only
 *     when the size is not known
 *
 * Bytes of a resource.
 */
typedef struct
{
  guint64 first;
  guint64 last;
} GstSocketRange;

/**
 * GstSocketRangeResult:
 * @GST_SOCKET_RANGE_ALL: send everything: there is no range, or none that is
 *     understood
 * @GST_SOCKET_RANGE_SOME: send the ranges
 * @GST_SOCKET_RANGE_NONE: there is nothing in any of the ranges
 *
 * How to answer, with status 200, 206 or 416.
 */
typedef enum
{
  GST_SOCKET_RANGE_ALL,
  GST_SOCKET_RANGE_SOME,
  GST_SOCKET_RANGE_NONE,
} GstSocketRangeResult;

GST_SOCKET_API
GstSocketRangeResult gst_socket_ranges_parse (const gchar *field, guint64 size,
    GstSocketRange *ret_ranges, guint *ret_n_ranges);
GST_SOCKET_API
gchar *gst_socket_path_normalise (const gchar *path);

G_END_DECLS
