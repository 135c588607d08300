/* SPDX-License-Identifier: LGPL-2.1-or-later
 * filetext.c: fuzz target of what requests for files say
 *
 * Here: that dates come back as they were read, that no tag matches what is
 * not there, that joined ranges are apart, that rules let nobody by who is
 * kept out.
 * Not here: which texts are right (tests/check/libs/filetext.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fuzz.h"

#include <gst/socket/gstsocketbyteranges.h>
#include <gst/socket/gstsocketcoding.h>
#include <gst/socket/gstsocketcondition.h>
#include <gst/socket/gstsocketfiletype.h>
#include <gst/socket/gstsocketrules.h>

static void
check_date (const gchar *text)
{
  gint64 seconds, again = 0;
  g_autofree gchar *written = NULL;

  if (!gst_socket_http_date_parse (text, &seconds))
    return;
  written = gst_socket_http_date_format (seconds);
  g_assert (gst_socket_http_date_parse (written, &again));
  g_assert (again == seconds);
}

static void
check_ranges (const gchar *text)
{
  GstSocketRange ranges[GST_SOCKET_RANGES_MAX];
  guint64 sum = 0;
  guint n;

  gst_socket_ranges_parse (text, 100000, ranges, &n);
  n = gst_socket_ranges_coalesce (ranges, n);
  for (guint i = 0; i < n; i++)
    sum += ranges[i].last - ranges[i].first + 1;
  g_assert (sum <= 100000);
}

static void
check_rules (const gchar *text, gsize size)
{
  g_autoptr (GstSocketRules) rules = gst_socket_rules_new (text, size, NULL);

  if (rules == NULL)
    return;
  g_assert (gst_socket_rules_get_n_folders (rules) <= GST_SOCKET_RULES_MAX);
  /* Who is nobody may do no more than who is somebody. */
  if (gst_socket_rules_may_read (rules, "/a/b", NULL, NULL))
    g_assert (gst_socket_rules_may_read (rules, "/a/b", NULL, "anna"));
  if (gst_socket_rules_may_write (rules, "/a/b", NULL, NULL))
    g_assert (gst_socket_rules_may_write (rules, "/a/b", NULL, "anna"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree gchar *text = g_strndup ((const gchar *) data, size);
  GstSocketConditions conditions = {TRUE, text, text, text, text};

  check_date (text);
  check_ranges (text);
  check_rules ((const gchar *) data, size);
  g_assert (!gst_socket_etags_match (text, NULL, TRUE));
  gst_socket_etags_match (text, "\"abc\"", FALSE);
  gst_socket_conditions_check (&conditions, "\"abc\"", 1000);
  g_assert (gst_socket_coding_choose (text, 1 << GST_SOCKET_CODING_GZIP)
      != GST_SOCKET_CODING_DEFLATE);
  g_assert (gst_socket_file_type_from_name (text) != NULL);
  return 0;
}
