/* SPDX-License-Identifier: LGPL-2.1-or-later
 * body.c: fuzz target of gstsocketbody.c
 *
 * Here: that a body in chunks is the same however it comes apart.
 * Not here: which bodies are sound (tests/check/libs/body.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include <gst/socket/gstsocketbody.h>

#include <string.h>

/* Feeds so many bytes at a time; returns whether all were sound. */
static gboolean
feed (const uint8_t *data, size_t size, size_t step, GByteArray *payload)
{
  GstSocketBody body;

  gst_socket_body_init (&body, GST_SOCKET_BODY_CHUNKED, 0);
  for (size_t at = 0; at < size; at += step) {
    gsize n = MIN (step, size - at), n_payload, n_used;
    /* A copy, so that a sanitizer sees what is touched beyond it. */
    g_autofree guint8 *part = g_memdup2 (data + at, n);

    if (!gst_socket_body_feed (&body, part, n, &n_payload, &n_used))
      return FALSE;
    g_assert (n_payload <= n_used && n_used <= n);
    g_byte_array_append (payload, part, n_payload);
    if (gst_socket_body_is_complete (&body))
      return TRUE;
    g_assert (n_used == n);
  }
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  g_autoptr (GByteArray) parts = g_byte_array_new ();

  if (!feed (data, size, MAX (size, 1), whole)) {
    g_assert (!feed (data, size, 1, parts));
    return 0;
  }
  g_assert (feed (data, size, 1, parts));
  g_assert (whole->len == parts->len);
  g_assert (
      whole->len == 0 || memcmp (whole->data, parts->data, whole->len) == 0);
  return 0;
}
