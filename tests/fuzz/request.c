/* SPDX-License-Identifier: LGPL-2.1-or-later
 * request.c: fuzz target of gstsocketrequest.c
 *
 * Here: that a head which is sound has an end within its limit, that no
 * beginning of it was taken for more than a beginning, and that its target
 * stays below the root.
 * Not here: which heads are sound (tests/check/libs/httptext.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include <gst/socket/gstsocketrequest.h>

#include <string.h>

static void
check_target (const gchar *head)
{
  const gchar *start = strchr (head, ' ') + 1;
  g_autofree gchar *target = g_strndup (start, strchr (start, ' ') - start);
  g_autofree gchar *path = NULL;
  g_autofree gchar *query = NULL;

  gst_socket_request_split_target (target, &path, &query);
  g_assert (query == NULL || strlen (query) < strlen (target));
  if (path == NULL)
    return;
  g_assert (path[0] == '/' && g_utf8_validate (path, -1, NULL));
  g_assert (strstr (path, "/../") == NULL && strstr (path, "//") == NULL);
  g_assert (!g_str_has_suffix (path, "/.."));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const gchar *text = (const gchar *) data;
  gsize head_size = 0, part_size;
  gboolean has_body, part_has_body;
  g_autofree gchar *origin =
      gst_socket_request_dup_field (text, size, "Origin");

  g_assert (origin == NULL || strpbrk (origin, "\r\n") == NULL);
  if (gst_socket_request_check (text, size, &head_size, &has_body)
      != GST_SOCKET_REQUEST_OK)
    return 0;
  g_assert (head_size <= size && head_size <= GST_SOCKET_REQUEST_HEAD_MAX);
  g_assert (memcmp (text + head_size - 4, "\r\n\r\n", 4) == 0);
  check_target (text);
  for (gsize n = 0; n < head_size; n++) {
    /* A copy, so that a sanitizer sees a read beyond it. */
    g_autofree gchar *part = g_memdup2 (text, n);

    g_assert (gst_socket_request_check (
                  part != NULL ? part : "", n, &part_size, &part_has_body)
        == GST_SOCKET_REQUEST_MORE);
  }
  return 0;
}
