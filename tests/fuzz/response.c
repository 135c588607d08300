/* SPDX-License-Identifier: LGPL-2.1-or-later
 * response.c: fuzz target of gstsocketresponse.c
 *
 * Here: that a head which is understood has an end within its limit, that no
 * beginning of it was taken for the whole, and that what it says is in bounds.
 * Not here: which heads are understood (tests/check/libs/httptext.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include <gst/socket/gstsocketresponse.h>

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const gchar *text = (const gchar *) data;
  GstSocketResponse response, part_response;
  gsize head_size = 0, part_size;

  if (gst_socket_response_parse (text, size, &response, &head_size)
      != GST_SOCKET_RESPONSE_OK)
    return 0;
  g_assert (head_size <= size && head_size <= GST_SOCKET_RESPONSE_HEAD_MAX);
  g_assert (text[head_size - 1] == '\n');
  g_assert (response.status >= 100 && response.status <= 999);
  g_assert (response.content_length >= -1);
  g_assert (memchr (response.reason, 0, sizeof response.reason) != NULL);
  g_assert (response.location == NULL
      || (response.location >= text
          && response.location + response.location_size <= text + head_size));
  for (gsize n = 0; n < head_size; n++) {
    /* A copy, so that a sanitizer sees a read beyond it. */
    g_autofree gchar *part = g_memdup2 (text, n);

    g_assert (gst_socket_response_parse (
                  part != NULL ? part : "", n, &part_response, &part_size)
        == GST_SOCKET_RESPONSE_MORE);
  }
  return 0;
}
