/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketpart.c: which bytes of a whole an upload holds
 *
 * Here: the Content-Range field of a request.
 * Not here: what is asked for (gstsocketrange.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketpart.h"

#include <string.h>

/* So many digits fit into 63 bits. */
#define DIGITS_MAX 18

static gboolean
take_number (const gchar **p, guint64 *ret_number)
{
  gchar *end;

  if (!g_ascii_isdigit (**p))
    return FALSE;
  *ret_number = g_ascii_strtoull (*p, &end, 10);
  if (end - *p > DIGITS_MAX)
    return FALSE;
  *p = end;
  return TRUE;
}

static gboolean
take_char (const gchar **p, gchar c)
{
  if (**p != c)
    return FALSE;
  (*p)++;
  return TRUE;
}

/**
 * gst_socket_part_parse: (skip)
 * @field: (nullable): the value of a Content-Range field
 * @ret_part: (out): what it says; the whole when there is no field
 *
 * Reads "bytes FIRST-LAST/TOTAL", where the total may be an asterisk.
 *
 * Returns: whether it makes sense
 */
gboolean
gst_socket_part_parse (const gchar *field, GstSocketPart *ret_part)
{
  const gchar *p = field;
  GstSocketPart part = {.is_set = field != NULL, .total = G_MAXUINT64};

  *ret_part = part;
  if (field == NULL)
    return TRUE;
  if (g_ascii_strncasecmp (p, "bytes ", 6) != 0)
    return FALSE;
  p += 6;
  if (!take_number (&p, &part.first) || !take_char (&p, '-')
      || !take_number (&p, &part.last) || !take_char (&p, '/'))
    return FALSE;
  if (!take_char (&p, '*') && !take_number (&p, &part.total))
    return FALSE;
  *ret_part = part;
  return *p == '\0' && part.first <= part.last && part.last < part.total;
}
