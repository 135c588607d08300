/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketbyteranges.c: answers that are several ranges
 *
 * Here: making a list of ranges harmless, what stands between the ranges of
 * an answer.
 * Not here: reading a Range field (gstsocketrange.c), sending.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketbyteranges.h"

#include <stdlib.h>
#include <string.h>

static int
compare_first (const void *a, const void *b)
{
  const GstSocketRange *first = a;
  const GstSocketRange *second = b;

  return first->first < second->first ? -1 : first->first > second->first;
}

/* Whether the second, which does not begin before the first, is to be sent in
 * one with it. */
static gboolean
is_near (const GstSocketRange *a, const GstSocketRange *b)
{
  return b->first <= a->last || b->first - a->last <= GST_SOCKET_RANGE_GAP;
}

/**
 * gst_socket_ranges_coalesce: (skip)
 * @ranges: (array length=n) (inout): ranges of a known size
 * @n: how many there are
 *
 * Joins ranges that overlap or are close to each other, so that no byte is
 * asked for twice: an answer is then never much larger than the resource.
 * Ranges of which no two are joined stay in the order asked for; else they are
 * put in ascending order.
 *
 * Returns: how many are left
 */
guint
gst_socket_ranges_coalesce (GstSocketRange *ranges, guint n)
{
  g_autofree GstSocketRange *sorted = NULL;
  guint left = 1;

  if (n < 2)
    return n;
  sorted = g_memdup2 (ranges, n * sizeof *ranges);
  qsort (sorted, n, sizeof *sorted, compare_first);
  for (guint i = 1; i < n; i++) {
    GstSocketRange *last = &sorted[left - 1];

    if (is_near (last, &sorted[i]))
      last->last = MAX (last->last, sorted[i].last);
    else
      sorted[left++] = sorted[i];
  }
  if (left < n)
    memcpy (ranges, sorted, left * sizeof *ranges);
  return left;
}

/**
 * gst_socket_range_dup_field: (skip)
 * @range: (nullable): a range, or %NULL for one that there is not
 * @size: bytes of the resource, or %GST_SOCKET_SIZE_UNKNOWN
 *
 * Returns: (transfer full): the value of a field Content-Range
 */
gchar *
gst_socket_range_dup_field (const GstSocketRange *range, guint64 size)
{
  g_autofree gchar *total = size == GST_SOCKET_SIZE_UNKNOWN
      ? g_strdup ("*")
      : g_strdup_printf ("%" G_GUINT64_FORMAT, size);

  if (range == NULL)
    return g_strdup_printf ("bytes */%s", total);
  return g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT
                          "/%s",
      range->first, range->last, total);
}

/**
 * gst_socket_byteranges_new: (skip)
 * @ranges: (array length=n): the ranges
 * @n: how many there are
 * @size: bytes of the resource
 * @type: its content type
 * @boundary: what separates the parts
 *
 * Makes the texts of a body of type multipart/byteranges.
 *
 * Returns: (transfer full) (element-type utf8): what stands before each range,
 *     and at the end of the body: n + 1 texts
 */
GPtrArray *
gst_socket_byteranges_new (const GstSocketRange *ranges, guint n, guint64 size,
    const gchar *type, const gchar *boundary)
{
  GPtrArray *texts = g_ptr_array_new_full (n + 1, g_free);

  for (guint i = 0; i < n; i++) {
    g_autofree gchar *field = gst_socket_range_dup_field (&ranges[i], size);

    g_ptr_array_add (texts,
        g_strdup_printf ("%s--%s\r\nContent-Type: %s\r\n"
                         "Content-Range: %s\r\n\r\n",
            i > 0 ? "\r\n" : "", boundary, type, field));
  }
  g_ptr_array_add (texts, g_strdup_printf ("\r\n--%s--\r\n", boundary));
  return texts;
}

/**
 * gst_socket_byteranges_get_length: (skip)
 * @ranges: (array length=n): the ranges
 * @n: how many there are
 * @texts: (element-type utf8): what gst_socket_byteranges_new() has made
 *
 * Returns: bytes of the whole body
 */
guint64
gst_socket_byteranges_get_length (
    const GstSocketRange *ranges, guint n, GPtrArray *texts)
{
  guint64 length = 0;

  for (guint i = 0; i < n; i++)
    length += ranges[i].last - ranges[i].first + 1;
  for (guint i = 0; i < texts->len; i++)
    length += strlen (g_ptr_array_index (texts, i));
  return length;
}
