/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpicy.c: what senders of radio say of their stream
 *
 * Here: tags from the fields of an upload, and from the query by which Icecast
 * is told a title.
 * Not here: who says it, and which stream it is about.
 *
 * Threads   any
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpicy.h"

#include <string.h>

/* Titles are shown to people: more is no title. */
#define TEXT_MAX 4096

/* --- text --- */

/* Whatever a sender takes for a text becomes one. */
static gchar *
make_text (const gchar *data, gsize size, const gchar *charset)
{
  gchar *text = NULL;

  size = MIN (size, TEXT_MAX);
  if (charset != NULL && g_ascii_strcasecmp (charset, "UTF-8") != 0)
    text = g_convert (data, size, "UTF-8", charset, NULL, NULL, NULL);
  if (text == NULL && g_utf8_validate (data, size, NULL))
    text = g_strndup (data, size);
  if (text == NULL)
    text = g_convert (data, size, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
  if (text != NULL && text[0] == '\0')
    g_clear_pointer (&text, g_free);
  return text;
}

static void
add_text (GstTagList *tags, const gchar *tag, const gchar *text)
{
  if (text != NULL)
    gst_tag_list_add (tags, GST_TAG_MERGE_KEEP, tag, text, NULL);
}

static GstTagList *
take_unless_empty (GstTagList *tags)
{
  if (gst_tag_list_is_empty (tags))
    g_clear_pointer (&tags, gst_tag_list_unref);
  return tags;
}

/* --- fields --- */

static void
add_bitrate (GstTagList *tags, const gchar *value)
{
  guint64 kbits = value != NULL ? g_ascii_strtoull (value, NULL, 10) : 0;

  if (kbits > 0 && kbits < 1000000)
    gst_tag_list_add (tags, GST_TAG_MERGE_KEEP, GST_TAG_NOMINAL_BITRATE,
        (guint) kbits * 1000, NULL);
}

/* What the fields of an upload tell, as Icecast and Shoutcast know them.
 * Returns: (nullable) (transfer full): tags */
GstTagList *
gst_http_icy_tags_of_head (
    const GstSocketHttpApi *http, GstSocketHttpRequest *request)
{
  static const gchar *const fields[][2] = {
      {"ice-name", GST_TAG_ORGANIZATION},
      {"icy-name", GST_TAG_ORGANIZATION},
      {"ice-genre", GST_TAG_GENRE},
      {"icy-genre", GST_TAG_GENRE},
      {"ice-url", GST_TAG_HOMEPAGE},
      {"icy-url", GST_TAG_HOMEPAGE},
      {"ice-description", GST_TAG_DESCRIPTION},
  };
  GstTagList *tags = gst_tag_list_new_empty ();

  gst_tag_list_set_scope (tags, GST_TAG_SCOPE_GLOBAL);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    const gchar *value = http->get_header (request, fields[i][0]);
    g_autofree gchar *text =
        value != NULL ? make_text (value, strlen (value), NULL) : NULL;

    add_text (tags, fields[i][1], text);
  }
  add_bitrate (tags, http->get_header (request, "ice-bitrate"));
  add_bitrate (tags, http->get_header (request, "icy-br"));
  return take_unless_empty (tags);
}

/* --- queries --- */

/* The bytes that a parameter stands for. */
static GBytes *
find_param (const gchar *query, const gchar *name)
{
  g_auto (GStrv) params = g_strsplit (query != NULL ? query : "", "&", 64);
  gsize size = strlen (name);

  for (guint i = 0; params[i] != NULL; i++) {
    if (strncmp (params[i], name, size) != 0 || params[i][size] != '=')
      continue;
    g_strdelimit (params[i], "+", ' ');
    return g_uri_unescape_bytes (params[i] + size + 1, -1, NULL, NULL);
  }
  return NULL;
}

static gchar *
dup_text (const gchar *query, const gchar *name, const gchar *charset)
{
  g_autoptr (GBytes) bytes = find_param (query, name);
  gsize size;
  gconstpointer data;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  return size > 0 ? make_text (data, size, charset) : NULL;
}

/* Returns: (nullable) (transfer full): a parameter of a query, as a text */
gchar *
gst_http_icy_dup_param (const gchar *query, const gchar *name)
{
  return dup_text (query, name, NULL);
}

/* The title in a query of Icecast's mode=updinfo.
 * Returns: (nullable) (transfer full): tags */
GstTagList *
gst_http_icy_tags_of_query (const gchar *query)
{
  g_autofree gchar *charset = dup_text (query, "charset", NULL);
  g_autofree gchar *song = dup_text (query, "song", charset);
  g_autofree gchar *title = dup_text (query, "title", charset);
  g_autofree gchar *artist = dup_text (query, "artist", charset);
  GstTagList *tags = gst_tag_list_new_empty ();

  gst_tag_list_set_scope (tags, GST_TAG_SCOPE_GLOBAL);
  add_text (tags, GST_TAG_TITLE, song != NULL ? song : title);
  if (song == NULL)
    add_text (tags, GST_TAG_ARTIST, artist);
  return take_unless_empty (tags);
}
