/* SPDX-License-Identifier: LGPL-2.1-or-later
 * uri.c: fuzz target of gstsocketuri.c
 *
 * Here: that no text crashes the parser, and that what it understands it
 * writes so that it reads the same again.
 * Not here: which texts are right (tests/check/libs/uri.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include <gst/socket/gstsocketuri.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree gchar *text = g_strndup ((const gchar *) data, size);
  g_autofree gchar *written = NULL;
  g_autofree gchar *again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSocketUri) uri = gst_socket_uri_parse (text, &error);
  g_autoptr (GstSocketUri) same = NULL;

  if (uri == NULL) {
    g_assert (error != NULL && error->message[0] != '\0');
    return 0;
  }
  g_assert_no_error (error);
  written = gst_socket_uri_to_string (uri);
  same = gst_socket_uri_parse (written, &error);
  g_assert_no_error (error);
  g_assert (gst_socket_uri_equal (uri, same));
  again = gst_socket_uri_to_string (same);
  g_assert_cmpstr (written, ==, again);
  return 0;
}
