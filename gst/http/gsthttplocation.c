/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplocation.c: the location of one file of several
 *
 * Here: a number in the place of %d.
 * Not here: URLs.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpclientsink-private.h"

#include <string.h>

/* Finds "%d" or "%05d", which no URL has otherwise: "%05" would be a control
 * character, and "%da" is the escape of a byte, so that a %d before a letter
 * from a to f or a digit is none. */
static const gchar *
find_number (const gchar *text, gint *ret_width, gsize *ret_size)
{
  for (const gchar *p = strchr (text, '%'); p != NULL;
       p = strchr (p + 1, '%')) {
    if (p[1] == 'd' && !g_ascii_isxdigit (p[2])) {
      *ret_width = 1;
      *ret_size = 2;
      return p;
    }
    if (p[1] == '0' && p[2] >= '1' && p[2] <= '9' && p[3] == 'd') {
      *ret_width = p[2] - '0';
      *ret_size = 4;
      return p;
    }
  }
  return NULL;
}

/* Returns: (transfer full): the location of file number index */
gchar *
gst_http_location_with_index (const gchar *location, guint index)
{
  gsize size;
  gint width;
  const gchar *at = find_number (location, &width, &size);

  if (at == NULL)
    return g_strdup (location);
  return g_strdup_printf (
      "%.*s%0*u%s", (gint) (at - location), location, width, index, at + size);
}
