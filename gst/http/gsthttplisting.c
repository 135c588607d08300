/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplisting.c: a folder as a page
 *
 * Here: the page.
 * Not here: what is in a folder (gstsocketroot.c), who may see it.
 *
 * Threads   server: all of it
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpfiles.h"
#include "gsthttpserversink-private.h"

/* Whatever a file is called, it is text here. */
static void
append_entry (GString *html, const GstSocketRootEntry *entry)
{
  const gchar *slash = entry->info.is_folder ? "/" : "";
  g_autofree gchar *name = g_utf8_make_valid (entry->name, -1);
  g_autofree gchar *text = g_markup_escape_text (name, -1);
  g_autofree gchar *link = g_uri_escape_string (entry->name, NULL, FALSE);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (
      entry->info.modified_ns / G_GINT64_CONSTANT (1000000000));
  g_autofree gchar *date =
      time != NULL ? g_date_time_format (time, "%F %R") : g_strdup ("");
  g_autofree gchar *size = entry->info.is_folder
      ? g_strdup ("")
      : g_format_size_full (entry->info.size, G_FORMAT_SIZE_IEC_UNITS);

  g_string_append_printf (html,
      "<tr><td><a href=\"./%s%s\">%s%s</a><td>%s<td>%s\n", link, slash, text,
      slash, size, date);
}

/* Answers with a list of entries (GstSocketRootEntry). */
void
gst_http_files_list (
    GstHttpFiles *self, GstSocketHttpRequest *request, GPtrArray *entries)
{
  const gchar *path = self->http->get_path (request);
  g_autofree gchar *title = g_markup_escape_text (path, -1);
  GString *html = g_string_new (NULL);
  GPtrArray *headers = gst_http_headers_new (self->owner, request);
  g_autoptr (GBytes) body = NULL;

  g_string_append_printf (html,
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta "
      "name=\"viewport\" content=\"width=device-width\"><title>%s</title>"
      "<style>body{font-family:sans-serif}td{padding:0 1em 0 0}</style>"
      "<h1>%s</h1><table>\n",
      title, title);
  if (!g_str_equal (path, "/"))
    g_string_append (html, "<tr><td><a href=\"../\">../</a><td><td>\n");
  for (guint i = 0; i < entries->len; i++)
    append_entry (html, g_ptr_array_index (entries, i));
  g_string_append (html, "</table></html>\n");
  body = g_string_free_to_bytes (html);
  gst_http_headers_add (headers, "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'");
  gst_http_answer (
      self->owner, request, 200, headers, "text/html; charset=utf-8", body);
}
