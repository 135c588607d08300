/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketrequest.c: whether the head of an HTTP request is sound
 *
 * Here: finding the end of a head, what is refused in it, its target.
 * Not here: who answers, sockets.
 *
 * It stands before the HTTP library and is stricter: what two readers may
 * understand in two ways never gets to it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketrequest.h"
#include "gstsocketrange.h"

#include <string.h>

/* The first byte of a TLS record with a handshake. */
#define TLS_HANDSHAKE 0x16

typedef struct
{
  guint n_fields;
  guint n_hosts;
  guint n_lengths;
  guint n_codings;
  gboolean is_1_1;
  gboolean is_coded; /* in another way than chunked */
} Head;

static gboolean
is_token_char (gchar c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c));
}

static gsize
token_size (const gchar *p, const gchar *end)
{
  const gchar *start = p;

  while (p < end && is_token_char (*p))
    p++;
  return p - start;
}

/* METHOD SP TARGET SP HTTP/1.x, with single spaces. */
static GstSocketRequestVerdict
check_line (const gchar *p, const gchar *end, Head *head)
{
  gsize method = token_size (p, end);
  const gchar *target = p + method + 1;
  const gchar *space;

  if (method == 0 || target >= end || target[-1] != ' ')
    return GST_SOCKET_REQUEST_BAD;
  space = memchr (target, ' ', end - target);
  if (space == NULL || space == target)
    return GST_SOCKET_REQUEST_BAD;
  for (p = target; p < space; p++) {
    if ((guchar) *p <= 0x20 || (guchar) *p >= 0x7f)
      return GST_SOCKET_REQUEST_BAD;
  }
  if (end - space != 9 || memcmp (space + 1, "HTTP/", 5) != 0)
    return GST_SOCKET_REQUEST_BAD;
  if (memcmp (space + 6, "1.", 2) != 0 || (space[8] != '0' && space[8] != '1'))
    return GST_SOCKET_REQUEST_VERSION;
  head->is_1_1 = space[8] == '1';
  return GST_SOCKET_REQUEST_OK;
}

static gboolean
is_name (const gchar *p, gsize size, const gchar *name)
{
  return strlen (name) == size && g_ascii_strncasecmp (p, name, size) == 0;
}

static void
strip (const gchar **p, const gchar **end)
{
  while (*p < *end && (**p == ' ' || **p == '\t'))
    (*p)++;
  while (*end > *p && ((*end)[-1] == ' ' || (*end)[-1] == '\t'))
    (*end)--;
}

static gboolean
is_chunked (const gchar *p, const gchar *end)
{
  strip (&p, &end);
  return is_name (p, end - p, "chunked");
}

static gboolean
is_length (const gchar *p, const gchar *end)
{
  strip (&p, &end);
  if (p == end || end - p > 18)
    return FALSE;
  while (p < end && g_ascii_isdigit (*p))
    p++;
  return p == end;
}

/* NAME ":" VALUE; no space before the colon, no continued lines. */
static gboolean
check_field (const gchar *p, const gchar *end, Head *head)
{
  gsize name = token_size (p, end);
  const gchar *value = p + name + 1;

  if (name == 0 || value > end || value[-1] != ':')
    return FALSE;
  head->n_fields++;
  head->n_hosts += is_name (p, name, "Host");
  if (is_name (p, name, "Transfer-Encoding")) {
    head->n_codings++;
    head->is_coded |= !is_chunked (value, end);
  }
  if (is_name (p, name, "Content-Length")) {
    head->n_lengths++;
    if (!is_length (value, end))
      return FALSE;
  }
  for (p = value; p < end; p++) {
    if (((guchar) *p < 0x20 && *p != '\t') || *p == 0x7f)
      return FALSE;
  }
  return TRUE;
}

/* A body with two lengths, or a length and chunks, ends in two places. */
static gboolean
check_whole (const Head *head)
{
  if (head->n_hosts > 1 || (head->is_1_1 && head->n_hosts == 0))
    return FALSE;
  if (head->n_lengths + head->n_codings > 1)
    return FALSE;
  return head->is_1_1 || head->n_codings == 0;
}

static GstSocketRequestVerdict
check_lines (const gchar *data, const gchar *end, Head *head)
{
  const gchar *line_end = memmem (data, end - data, "\r\n", 2);
  GstSocketRequestVerdict verdict = check_line (data, line_end, head);

  if (line_end - data > GST_SOCKET_REQUEST_LINE_MAX)
    return GST_SOCKET_REQUEST_URI_TOO_LONG;
  if (verdict != GST_SOCKET_REQUEST_OK)
    return verdict;
  for (const gchar *p = line_end + 2; p < end; p = line_end + 2) {
    line_end = memmem (p, end + 2 - p, "\r\n", 2);
    if (head->n_fields == GST_SOCKET_REQUEST_FIELDS_MAX)
      return GST_SOCKET_REQUEST_TOO_LARGE;
    if (!check_field (p, line_end, head))
      return GST_SOCKET_REQUEST_BAD;
  }
  if (!check_whole (head))
    return GST_SOCKET_REQUEST_BAD;
  return head->is_coded ? GST_SOCKET_REQUEST_CODING : GST_SOCKET_REQUEST_OK;
}

/* What can be said before the end has come. A line that ends with a bare LF
 * would be the end for some readers. */
static GstSocketRequestVerdict
check_part (const gchar *data, gsize size)
{
  const gchar *lf = memchr (data, '\n', size);

  if (size > 0 && data[0] == TLS_HANDSHAKE)
    return GST_SOCKET_REQUEST_TLS;
  if (lf != NULL && (lf == data || lf[-1] != '\r'))
    return GST_SOCKET_REQUEST_BAD;
  if (lf == NULL && size > GST_SOCKET_REQUEST_LINE_MAX)
    return GST_SOCKET_REQUEST_URI_TOO_LONG;
  if (size >= GST_SOCKET_REQUEST_HEAD_MAX)
    return GST_SOCKET_REQUEST_TOO_LARGE;
  return GST_SOCKET_REQUEST_MORE;
}

/**
 * gst_socket_request_check: (skip)
 * @data: what has come so far, from the start of a request
 * @size: its bytes
 * @ret_head_size: (out): bytes of the head, with the empty line at its end;
 *     only if it is sound
 * @ret_has_body: (out): whether a body follows it; only if it is sound
 *
 * Looks for the end of a head and judges it. An empty line before a request,
 * which RFC 9112 allows a server to skip, is not skipped.
 *
 * Returns: the verdict
 */
GstSocketRequestVerdict
gst_socket_request_check (
    const gchar *data, gsize size, gsize *ret_head_size, gboolean *ret_has_body)
{
  const gchar *end =
      memmem (data, MIN (size, GST_SOCKET_REQUEST_HEAD_MAX), "\r\n\r\n", 4);
  GstSocketRequestVerdict verdict;
  Head head = {0};

  if (end == NULL)
    return check_part (data, size);
  /* The last line is ended by the first half of the empty one. */
  verdict = check_lines (data, end + 2, &head);
  if (verdict != GST_SOCKET_REQUEST_OK)
    return data[0] == TLS_HANDSHAKE ? GST_SOCKET_REQUEST_TLS : verdict;
  *ret_head_size = end + 4 - data;
  *ret_has_body = head.n_lengths + head.n_codings > 0;
  return GST_SOCKET_REQUEST_OK;
}

/**
 * gst_socket_request_split_target: (skip)
 * @target: the second word of a sound head
 * @ret_path: (out) (nullable): its path, decoded and normalised; %NULL if that
 *     is not possible
 * @ret_query: (out) (nullable): what follows a question mark, as it came
 *
 * Splits what stands between a target's address, if it has one, and its end.
 */
void
gst_socket_request_split_target (
    const gchar *target, gchar **ret_path, gchar **ret_query)
{
  g_autofree gchar *path = NULL;
  const gchar *query;

  if (g_ascii_strncasecmp (target, "http://", 7) == 0
      || g_ascii_strncasecmp (target, "https://", 8) == 0) {
    target = strstr (target, "//") + 2;
    target += strcspn (target, "/?");
  }
  query = strchr (target, '?');
  path = query != NULL ? g_strndup (target, query - target) : g_strdup (target);
  *ret_path = gst_socket_path_normalise (path[0] != '\0' ? path : "/");
  *ret_query = g_strdup (query != NULL ? query + 1 : NULL);
}

/**
 * gst_socket_request_verdict_to_status: (skip)
 * @verdict: a verdict that refuses
 *
 * Returns: the status to answer with
 */
guint
gst_socket_request_verdict_to_status (GstSocketRequestVerdict verdict)
{
  switch (verdict) {
    case GST_SOCKET_REQUEST_URI_TOO_LONG:
      return 414;
    case GST_SOCKET_REQUEST_TOO_LARGE:
      return 431;
    case GST_SOCKET_REQUEST_CODING:
      return 501;
    case GST_SOCKET_REQUEST_VERSION:
      return 505;
    default:
      return 400;
  }
}
