/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketrange.c: byte ranges and paths of HTTP requests
 *
 * Here: what a Range field asks for, and what a path names.
 * Not here: files, responses.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketrange.h"

#include <string.h>

/* --- ranges --- */

static const gchar *
skip_space (const gchar *p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  return p;
}

/* Reads digits; a number too large to hold is as good as the largest one.
 * Returns FALSE when there is none. */
static gboolean
read_number (const gchar **p, guint64 *ret_number)
{
  guint64 number = 0;

  if (!g_ascii_isdigit (**p))
    return FALSE;
  for (; g_ascii_isdigit (**p); (*p)++) {
    guint digit = g_ascii_digit_value (**p);

    number =
        number > (G_MAXUINT64 - digit) / 10 ? G_MAXUINT64 : number * 10 + digit;
  }
  *ret_number = number;
  return TRUE;
}

/* What "-500" means: the last 500 bytes. Returns whether there are any. */
static gboolean
resolve_suffix (guint64 n, guint64 size, GstSocketRange *ret_range)
{
  if (n == 0 || size == 0 || size == GST_SOCKET_SIZE_UNKNOWN)
    return FALSE;
  ret_range->first = size - MIN (n, size);
  ret_range->last = size - 1;
  return TRUE;
}

static gboolean
resolve (guint64 first, guint64 last, guint64 size, GstSocketRange *ret_range)
{
  if (first >= size)
    return FALSE;
  ret_range->first = first;
  ret_range->last =
      size == GST_SOCKET_SIZE_UNKNOWN ? last : MIN (last, size - 1);
  return TRUE;
}

/* Reads one range. Returns FALSE when it is none; whether it holds a byte is
 * in ret_has_bytes. */
static gboolean
read_range (const gchar **p, guint64 size, GstSocketRange *ret_range,
    gboolean *ret_has_bytes)
{
  guint64 first, last = G_MAXUINT64;

  if (**p == '-') {
    (*p)++;
    if (!read_number (p, &last))
      return FALSE;
    *ret_has_bytes = resolve_suffix (last, size, ret_range);
    return TRUE;
  }
  if (!read_number (p, &first) || **p != '-')
    return FALSE;
  (*p)++;
  if (g_ascii_isdigit (**p) && (!read_number (p, &last) || last < first))
    return FALSE;
  *ret_has_bytes = resolve (first, last, size, ret_range);
  return TRUE;
}

/**
 * gst_socket_ranges_parse:
 * @field: (nullable): the value of a field Range
 * @size: bytes of the resource, or %GST_SOCKET_SIZE_UNKNOWN
 * @ret_ranges: (out caller-allocates) (array fixed-size=32): the ranges, in
 *     the order in which they were asked for
 * @ret_n_ranges: (out): how many there are; 0 unless SOME is returned
 *
 * Reads what RFC 9110, section 14.2, calls a Range field. What is not
 * understood, or has more than %GST_SOCKET_RANGES_MAX ranges, is ignored as
 * the RFC asks; ranges that hold no byte are left out.
 *
 * Returns: how to answer
 */
GstSocketRangeResult
gst_socket_ranges_parse (const gchar *field, guint64 size,
    GstSocketRange *ret_ranges, guint *ret_n_ranges)
{
  const gchar *p = field;
  guint n_seen = 0, n = 0;

  *ret_n_ranges = 0;
  if (field == NULL || g_ascii_strncasecmp (p, "bytes=", 6) != 0)
    return GST_SOCKET_RANGE_ALL;
  p += 6;
  do {
    GstSocketRange range;
    gboolean has_bytes;

    p = skip_space (p);
    if (n_seen++ == GST_SOCKET_RANGES_MAX
        || !read_range (&p, size, &range, &has_bytes))
      return GST_SOCKET_RANGE_ALL;
    if (has_bytes)
      ret_ranges[n++] = range;
    p = skip_space (p);
  } while (*p++ == ',');
  if (p[-1] != '\0')
    return GST_SOCKET_RANGE_ALL;
  *ret_n_ranges = n;
  return n > 0 ? GST_SOCKET_RANGE_SOME : GST_SOCKET_RANGE_NONE;
}

/* --- paths --- */

/* Decodes once. What a decoded byte must not be, because it would mean
 * something else to whoever reads the path next, makes the path a bad one. */
static gchar *
decode (const gchar *path)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const gchar *p = path; *p != '\0'; p++) {
    gint high, low;
    guchar c = *p;

    if (c == '%') {
      high = g_ascii_xdigit_value (p[1]);
      low = high >= 0 ? g_ascii_xdigit_value (p[2]) : -1;
      if (low < 0)
        return NULL;
      c = high * 16 + low;
      if (c == '/')
        return NULL;
      p += 2;
    }
    if (c < 0x20 || c == 0x7f || c == '\\')
      return NULL;
    g_string_append_c (text, c);
  }
  if (!g_utf8_validate (text->str, text->len, NULL))
    return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * gst_socket_path_normalise:
 * @path: the path of a request, without its query
 *
 * Decodes a path, once, and takes out empty segments and ".". A path is
 * refused, and not mended, when it does not begin with "/", has a segment
 * "..", wrong percent-encoding, an encoded "/", a backslash, a control
 * character or what is not UTF-8.
 *
 * Returns: (transfer full) (nullable): the path, "/" at its start; %NULL when
 *     it is refused
 */
gchar *
gst_socket_path_normalise (const gchar *path)
{
  g_autofree gchar *text = decode (path);
  g_auto (GStrv) segments = NULL;
  g_autoptr (GString) clean = g_string_new (NULL);

  if (text == NULL || text[0] != '/')
    return NULL;
  segments = g_strsplit (text, "/", -1);
  for (guint i = 0; segments[i] != NULL; i++) {
    if (g_str_equal (segments[i], ".."))
      return NULL;
    if (segments[i][0] != '\0' && !g_str_equal (segments[i], "."))
      g_string_append_printf (clean, "/%s", segments[i]);
  }
  if (clean->len == 0 || g_str_has_suffix (text, "/"))
    g_string_append_c (clean, '/');
  return g_string_free (g_steal_pointer (&clean), FALSE);
}
