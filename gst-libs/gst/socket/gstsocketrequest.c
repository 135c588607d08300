/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketrequest.c: whether the head of an HTTP request is sound
 *
 * Here: finding the end of a head, what is refused in it, its target.
 * Not here: who answers, sockets.
 *
 * It stands before the HTTP library and is stricter: what two readers may
 * understand in two ways never gets to it, nor what it would refuse by itself,
 * past those who write down and answer.
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
  gboolean is_coded;     /* in another way than chunked */
  gboolean is_expecting; /* something else than status 100 */
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

static void
strip (const gchar **p, const gchar **end)
{
  while (*p < *end && (**p == ' ' || **p == '\t'))
    (*p)++;
  while (*end > *p && ((*end)[-1] == ' ' || (*end)[-1] == '\t'))
    (*end)--;
}

/* Returns where an address in brackets ends, NULL when it does not. */
static const gchar *
skip_address (const gchar *p, const gchar *end)
{
  const gchar *bracket = memchr (p, ']', end - p);

  if (bracket == NULL || bracket == p + 1)
    return NULL;
  for (p++; p < bracket; p++) {
    if (!g_ascii_isxdigit (*p) && *p != ':' && *p != '.')
      return NULL;
  }
  return bracket + 1;
}

static const gchar *
skip_name (const gchar *p, const gchar *end)
{
  while (p < end
      && (g_ascii_isalnum (*p) || strchr ("-._~!$&'()*+,;=", *p) != NULL))
    p++;
  return p;
}

static gboolean
is_port (const gchar *p, const gchar *end)
{
  guint port = 0;

  for (; p < end && g_ascii_isdigit (*p) && port <= G_MAXUINT16; p++)
    port = port * 10 + (*p - '0');
  return p == end && port <= G_MAXUINT16;
}

/* A name or an address, and a port; or nothing. */
static gboolean
is_host (const gchar *p, const gchar *end)
{
  strip (&p, &end);
  p = p < end && *p == '[' ? skip_address (p, end) : skip_name (p, end);
  if (p == NULL)
    return FALSE;
  return p == end || (*p == ':' && is_port (p + 1, end));
}

/* Returns the bytes of the scheme, if there is one that is known. */
static gsize
scheme_size (const gchar *target)
{
  if (g_ascii_strncasecmp (target, "http://", 7) == 0)
    return 7;
  return g_ascii_strncasecmp (target, "https://", 8) == 0 ? 8 : 0;
}

static gboolean
is_target (const gchar *p, const gchar *end)
{
  const gchar *host = p + scheme_size (p);
  const gchar *host_end = host;

  for (const gchar *c = p; c < end; c++) {
    if ((guchar) *c <= 0x20 || (guchar) *c >= 0x7f)
      return FALSE;
  }
  if (host == p)
    return p < end;
  while (host_end < end && strchr ("/?#", *host_end) == NULL)
    host_end++;
  return host < host_end && is_host (host, host_end);
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
  if (space == NULL || !is_target (target, space))
    return GST_SOCKET_REQUEST_BAD;
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

static gboolean
is_expectation_known (const gchar *p, const gchar *end)
{
  strip (&p, &end);
  return is_name (p, end - p, "100-continue");
}

/* Takes what counts of a field; FALSE when it is no good. */
static gboolean
take_field (const gchar *p, gsize name, const gchar *value, const gchar *end,
    Head *head)
{
  if (is_name (p, name, "Host")) {
    head->n_hosts++;
    return is_host (value, end);
  }
  if (is_name (p, name, "Transfer-Encoding")) {
    head->n_codings++;
    head->is_coded |= !is_chunked (value, end);
  } else if (is_name (p, name, "Content-Length")) {
    head->n_lengths++;
    return is_length (value, end);
  } else if (is_name (p, name, "Expect")) {
    head->is_expecting |= !is_expectation_known (value, end);
  }
  return TRUE;
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
  if (!take_field (p, name, value, end, head))
    return FALSE;
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
  if (head->is_coded)
    return GST_SOCKET_REQUEST_CODING;
  return head->is_expecting ? GST_SOCKET_REQUEST_EXPECTATION
                            : GST_SOCKET_REQUEST_OK;
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
  gsize scheme = scheme_size (target);

  if (scheme > 0) {
    target += scheme;
    target += strcspn (target, "/?");
  }
  query = strchr (target, '?');
  path = query != NULL ? g_strndup (target, query - target) : g_strdup (target);
  *ret_path = gst_socket_path_normalise (path[0] != '\0' ? path : "/");
  *ret_query = g_strdup (query != NULL ? query + 1 : NULL);
}

/**
 * gst_socket_request_dup_field: (skip)
 * @data: (nullable): what has come of a request, sound or not
 * @size: its bytes
 * @name: the name of a field
 *
 * Looks for a field among the lines that are whole.
 *
 * Returns: (transfer full) (nullable): its value, printable ASCII, or %NULL
 */
gchar *
gst_socket_request_dup_field (const gchar *data, gsize size, const gchar *name)
{
  const gchar *all_end = data + size;
  const gchar *p = size > 0 ? memmem (data, size, "\r\n", 2) : NULL;

  while (p != NULL) {
    const gchar *line = p + 2, *value;
    gsize length = token_size (line, all_end);

    p = memmem (line, all_end - line, "\r\n", 2);
    if (p == NULL || !is_name (line, length, name) || line[length] != ':')
      continue;
    value = line + length + 1;
    all_end = p;
    strip (&value, &all_end);
    for (const gchar *c = value; c < all_end; c++) {
      if ((guchar) *c < 0x20 || (guchar) *c >= 0x7f)
        return NULL;
    }
    return g_strndup (value, all_end - value);
  }
  return NULL;
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
    case GST_SOCKET_REQUEST_EXPECTATION:
      return 417;
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
