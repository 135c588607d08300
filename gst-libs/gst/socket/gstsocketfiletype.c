/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketfiletype.c: what files are called on the web
 *
 * Here: content types by name, what may be compressed, how long copies may be
 * kept, what is a segment.
 * Not here: content types of streams (gstsocketcontent.c), reading files.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketfiletype.h"

#include <string.h>

/* A list that changes all the time. */
#define NO_CACHE "no-cache"

/* A segment is never changed. But a pipeline that is started anew begins to
 * count again, so that a name may come back: an hour is enough for all who
 * watch now, and for what stands between. */
#define IMMUTABLE "public, max-age=3600, immutable"

typedef struct
{
  const gchar *extension;
  const gchar *type;
  const gchar *cache; /* NULL: ask each time whether it has changed */
} Known;

/* In the order of their names. */
static const Known known[] = {
    {"aac", "audio/aac", NULL},
    {"avif", "image/avif", NULL},
    {"bin", "application/octet-stream", NULL},
    {"cmfa", "audio/mp4", IMMUTABLE},
    {"cmft", "application/mp4", IMMUTABLE},
    {"cmfv", "video/mp4", IMMUTABLE},
    {"css", "text/css; charset=utf-8", NULL},
    {"csv", "text/csv; charset=utf-8", NULL},
    {"flac", "audio/flac", NULL},
    {"flv", "video/x-flv", NULL},
    {"gif", "image/gif", NULL},
    {"gz", "application/gzip", NULL},
    {"htm", "text/html; charset=utf-8", NULL},
    {"html", "text/html; charset=utf-8", NULL},
    {"ico", "image/x-icon", NULL},
    {"jpeg", "image/jpeg", NULL},
    {"jpg", "image/jpeg", NULL},
    {"js", "text/javascript; charset=utf-8", NULL},
    {"json", "application/json", NULL},
    {"m2ts", "video/mp2t", NULL},
    {"m3u8", "application/vnd.apple.mpegurl", NO_CACHE},
    {"m4a", "audio/mp4", NULL},
    {"m4f", "video/mp4", IMMUTABLE},
    {"m4s", "video/iso.segment", IMMUTABLE},
    {"m4v", "video/mp4", NULL},
    {"md", "text/markdown; charset=utf-8", NULL},
    {"mjs", "text/javascript; charset=utf-8", NULL},
    {"mka", "audio/x-matroska", NULL},
    {"mkv", "video/x-matroska", NULL},
    {"mov", "video/quicktime", NULL},
    {"mp3", "audio/mpeg", NULL},
    {"mp4", "video/mp4", NULL},
    {"mpd", "application/dash+xml", NO_CACHE},
    {"oga", "audio/ogg", NULL},
    {"ogg", "application/ogg", NULL},
    {"ogv", "video/ogg", NULL},
    {"opus", "audio/ogg", NULL},
    {"pdf", "application/pdf", NULL},
    {"png", "image/png", NULL},
    {"svg", "image/svg+xml", NULL},
    {"ts", "video/mp2t", IMMUTABLE},
    {"ttml", "application/ttml+xml", NULL},
    {"txt", "text/plain; charset=utf-8", NULL},
    {"vtt", "text/vtt; charset=utf-8", NULL},
    {"wasm", "application/wasm", NULL},
    {"wav", "audio/wav", NULL},
    {"weba", "audio/webm", NULL},
    {"webm", "video/webm", NULL},
    {"webp", "image/webp", NULL},
    {"woff2", "font/woff2", NULL},
    {"xml", "application/xml", NULL},
    {"zip", "application/zip", NULL},
};

static const Known *
find (const gchar *name)
{
  const gchar *slash = strrchr (name, '/');
  const gchar *dot = strrchr (slash != NULL ? slash : name, '.');

  if (dot == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    if (g_ascii_strcasecmp (dot + 1, known[i].extension) == 0)
      return &known[i];
  }
  return NULL;
}

/**
 * gst_socket_file_type_from_name: (skip)
 * @name: a file's name
 *
 * Returns: its content type; application/octet-stream when the name tells none
 */
const gchar *
gst_socket_file_type_from_name (const gchar *name)
{
  const Known *type = find (name);

  return type != NULL ? type->type : "application/octet-stream";
}

/**
 * gst_socket_file_type_is_text: (skip)
 * @type: a content type
 *
 * Returns: whether it is worth compressing: text of one kind or another, not
 *     what is compressed already
 */
gboolean
gst_socket_file_type_is_text (const gchar *type)
{
  static const gchar *const texts[] = {"application/json",
      "application/vnd.apple.mpegurl", "application/dash+xml",
      "application/ttml+xml", "application/xml", "application/wasm",
      "image/svg+xml"};

  if (g_str_has_prefix (type, "text/"))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    if (g_str_has_prefix (type, texts[i]))
      return TRUE;
  }
  return FALSE;
}

/**
 * gst_socket_file_type_get_cache_control: (skip)
 * @name: a file's name
 *
 * Returns: what a field Cache-Control says: nothing is to be kept of the
 *     playlists of HLS and DASH without asking, segments never change, and for
 *     all else it is asked each time whether it has changed
 */
const gchar *
gst_socket_file_type_get_cache_control (const gchar *name)
{
  const Known *type = find (name);

  return type != NULL && type->cache != NULL ? type->cache : NO_CACHE;
}

/* Initialisation segments are needed for as long as there are others: "init",
 * but not as in "infinity". */
static gboolean
is_initial (const gchar *name)
{
  static const gchar *const words[] = {"seg", "ialisation", "ialization"};

  while ((name = strstr (name, "init")) != NULL) {
    name += strlen ("init");
    if (!g_ascii_isalpha (*name))
      return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
      if (g_str_has_prefix (name, words[i]))
        return TRUE;
    }
  }
  return FALSE;
}

/* Sound, pictures or subtitles, one of many: there is a number in its name,
 * before the extension. */
static gboolean
is_numbered (const gchar *name)
{
  const gchar *type = gst_socket_file_type_from_name (name);
  const gchar *dot = strrchr (name, '.');

  if (!g_str_has_prefix (type, "video/") && !g_str_has_prefix (type, "audio/")
      && !g_str_has_prefix (type, "text/vtt")
      && !g_str_has_prefix (type, "application/ttml"))
    return FALSE;
  return dot != NULL && strcspn (name, "0123456789") < (gsize) (dot - name);
}

/**
 * gst_socket_file_type_is_segment: (skip)
 * @path: a file's path
 *
 * Returns: whether it is one of those that are made over and over, so that the
 *     oldest may go: by its extension, or as sound, pictures or subtitles with
 *     a number in the name, but no initialisation segment
 */
gboolean
gst_socket_file_type_is_segment (const gchar *path)
{
  const gchar *slash = strrchr (path, '/');
  const gchar *name = slash != NULL ? slash + 1 : path;
  const Known *type = find (name);

  return !is_initial (name)
      && (is_numbered (name)
          || (type != NULL && g_strcmp0 (type->cache, IMMUTABLE) == 0));
}
