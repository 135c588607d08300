/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketresponse.c: what the head of an HTTP response says
 *
 * Here: finding its end, its status, and the fields that one who uploads acts
 * on.
 * Not here: bodies, sockets, what follows from a status.
 *
 * Servers of radio stations answer in ways of their own: "ICY 200 OK", lines
 * that end without a carriage return. What is understood without doubt is
 * taken.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketresponse.h"

#include <string.h>

typedef struct
{
  const gchar *start;
  const gchar *end;
} Text;

/* Takes the next line from rest; FALSE when its end has not come. */
static gboolean
take_line (Text *rest, Text *ret_line)
{
  const gchar *end = memchr (rest->start, '\n', rest->end - rest->start);

  if (end == NULL)
    return FALSE;
  ret_line->start = rest->start;
  ret_line->end = end > rest->start && end[-1] == '\r' ? end - 1 : end;
  rest->start = end + 1;
  return TRUE;
}

static gsize
size_of (const Text *text)
{
  return text->end - text->start;
}

static void
strip (Text *text)
{
  while (text->start < text->end && g_ascii_isspace (*text->start))
    text->start++;
  while (text->end > text->start && g_ascii_isspace (text->end[-1]))
    text->end--;
}

static gboolean
equals (const Text *text, const gchar *word)
{
  return size_of (text) == strlen (word)
      && g_ascii_strncasecmp (text->start, word, size_of (text)) == 0;
}

static gboolean
begins_with (const Text *text, const gchar *word)
{
  return size_of (text) >= strlen (word)
      && memcmp (text->start, word, strlen (word)) == 0;
}

/* Whether one of the words between commas is word. */
static gboolean
has_word (Text text, const gchar *word)
{
  while (text.start < text.end) {
    const gchar *comma = memchr (text.start, ',', size_of (&text));
    Text one = {text.start, comma != NULL ? comma : text.end};

    strip (&one);
    if (equals (&one, word))
      return TRUE;
    text.start = comma != NULL ? comma + 1 : text.end;
  }
  return FALSE;
}

/* Returns -1 when it is no number. */
static gint64
number_of (const Text *text)
{
  gint64 number = 0;

  if (size_of (text) == 0 || size_of (text) > 18)
    return -1;
  for (const gchar *p = text->start; p < text->end; p++) {
    if (!g_ascii_isdigit (*p))
      return -1;
    number = number * 10 + (*p - '0');
  }
  return number;
}

static void
copy_reason (Text text, gchar *to)
{
  gsize size;

  strip (&text);
  size = MIN (size_of (&text), GST_SOCKET_RESPONSE_REASON_MAX - 1);
  for (gsize i = 0; i < size; i++)
    to[i] = g_ascii_isprint (text.start[i]) ? text.start[i] : '?';
  to[size] = '\0';
}

static gboolean
parse_status (Text line, GstSocketResponse *response)
{
  Text status;

  if (begins_with (&line, "HTTP/1.0 ") || begins_with (&line, "HTTP/1.1 ")) {
    response->is_kept = line.start[7] == '1';
    line.start += strlen ("HTTP/1.x ");
  } else if (begins_with (&line, "ICY ")) {
    line.start += strlen ("ICY ");
  } else {
    return FALSE;
  }
  if (size_of (&line) < 3 || (size_of (&line) > 3 && line.start[3] != ' '))
    return FALSE;
  status = (Text){line.start, line.start + 3};
  if (number_of (&status) < 100)
    return FALSE;
  response->status = number_of (&status);
  copy_reason ((Text){status.end, line.end}, response->reason);
  return TRUE;
}

static void
parse_field (Text line, GstSocketResponse *response)
{
  const gchar *colon = memchr (line.start, ':', size_of (&line));
  Text name, value;

  if (colon == NULL)
    return;
  name = (Text){line.start, colon};
  value = (Text){colon + 1, line.end};
  strip (&value);
  if (equals (&name, "Connection")) {
    if (has_word (value, "close"))
      response->is_kept = FALSE;
    else if (has_word (value, "keep-alive"))
      response->is_kept = TRUE;
  } else if (equals (&name, "Transfer-Encoding")) {
    response->is_chunked = TRUE;
  } else if (equals (&name, "Content-Length")) {
    response->content_length = number_of (&value);
  } else if (equals (&name, "Retry-After")) {
    response->retry_after_s = CLAMP (number_of (&value), 0, G_MAXINT32);
  } else if (equals (&name, "Location")) {
    response->location = value.start;
    response->location_size = size_of (&value);
  }
}

/**
 * gst_socket_response_parse: (skip)
 * @data: what has come
 * @size: bytes of it
 * @ret_response: what it says; its location points into @data
 * @ret_head_size: bytes of the head, with the empty line at its end
 *
 * Reads the head of a response. What is returned is written only with
 * %GST_SOCKET_RESPONSE_OK.
 *
 * Returns: what to do with it
 */
GstSocketResponseVerdict
gst_socket_response_parse (const gchar *data, gsize size,
    GstSocketResponse *ret_response, gsize *ret_head_size)
{
  GstSocketResponse response = {.content_length = -1};
  Text rest = {data, data + MIN (size, GST_SOCKET_RESPONSE_HEAD_MAX)};
  Text line;

  if (size == 0 || !take_line (&rest, &line))
    return size < GST_SOCKET_RESPONSE_HEAD_MAX ? GST_SOCKET_RESPONSE_MORE
                                               : GST_SOCKET_RESPONSE_BAD;
  if (!parse_status (line, &response))
    return GST_SOCKET_RESPONSE_BAD;
  while (take_line (&rest, &line)) {
    if (size_of (&line) > 0) {
      parse_field (line, &response);
      continue;
    }
    *ret_response = response;
    *ret_head_size = rest.start - data;
    return GST_SOCKET_RESPONSE_OK;
  }
  return size < GST_SOCKET_RESPONSE_HEAD_MAX ? GST_SOCKET_RESPONSE_MORE
                                             : GST_SOCKET_RESPONSE_BAD;
}
