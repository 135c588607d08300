/* SPDX-License-Identifier: LGPL-2.1-or-later
 * range.c: fuzz target of gstsocketrange.c
 *
 * Here: that ranges lie within the resource, and that a path which is taken
 * has nothing left to go up by.
 * Not here: which texts are right (tests/check/libs/httptext.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include <gst/socket/gstsocketrange.h>

#include <string.h>

static void
check_ranges (const gchar *text, guint64 size)
{
  GstSocketRange ranges[GST_SOCKET_RANGES_MAX];
  guint n;
  GstSocketRangeResult result =
      gst_socket_ranges_parse (text, size, ranges, &n);

  g_assert ((result == GST_SOCKET_RANGE_SOME) == (n > 0));
  g_assert (n <= GST_SOCKET_RANGES_MAX);
  for (guint i = 0; i < n; i++) {
    g_assert (ranges[i].first <= ranges[i].last);
    g_assert (size == GST_SOCKET_SIZE_UNKNOWN || ranges[i].last < size);
  }
}

static void
check_path (const gchar *text)
{
  g_autofree gchar *path = gst_socket_path_normalise (text);

  if (path == NULL)
    return;
  g_assert (path[0] == '/' && strchr (path, '\\') == NULL);
  g_assert (strstr (path, "//") == NULL && strstr (path, "/../") == NULL);
  g_assert (!g_str_has_suffix (path, "/.."));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree gchar *text = g_strndup ((const gchar *) data, size);

  check_ranges (text, 0);
  check_ranges (text, 1000);
  check_ranges (text, GST_SOCKET_SIZE_UNKNOWN);
  check_path (text);
  return 0;
}
