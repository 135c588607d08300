/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketcontent.c: what a stream is called on the web
 *
 * Here: content types from caps, and caps from content types.
 * Not here: content types of files, which their names tell.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketcontent.h"

#include <string.h>

/* Where a browser expects another name than GStreamer's, or where the same
 * caps have several; the field has to have the value, if one is given. */
typedef struct
{
  const gchar *name;
  const gchar *field;
  gint value;
  const gchar *type;
} Known;

static const Known known_types[] = {
    {"audio/mpeg", "mpegversion", 1, "audio/mpeg"},
    {"audio/mpeg", NULL, 0, "audio/aac"},
    {"audio/x-ac3", NULL, 0, "audio/ac3"},
    {"audio/x-eac3", NULL, 0, "audio/eac3"},
    {"audio/x-flac", NULL, 0, "audio/flac"},
    {"audio/x-wav", NULL, 0, "audio/wav"},
    {"audio/x-opus", NULL, 0, "audio/ogg"},
    {"application/ogg", NULL, 0, "application/ogg"},
    {"video/mpegts", NULL, 0, "video/mp2t"},
    {"video/mpeg", "mpegversion", 4, "video/mp4v-es"},
    {"video/mpeg", NULL, 0, "video/mpeg"},
    {"video/quicktime", NULL, 0, "video/mp4"},
    {"audio/x-m4a", NULL, 0, "audio/mp4"},
    {"video/x-h264", NULL, 0, "video/h264"},
    {"video/x-h265", NULL, 0, "video/h265"},
    {"application/x-hls", NULL, 0, "application/vnd.apple.mpegurl"},
    {"text/x-raw", NULL, 0, "text/plain; charset=utf-8"},
    {"application/x-subtitle-vtt", NULL, 0, "text/vtt; charset=utf-8"},
};

/* GStreamer's own names, which nobody else knows. */
static gboolean
is_private_name (const gchar *name)
{
  return strstr (name, "/x-") != NULL
      && !g_str_has_prefix (name, "video/x-matroska")
      && !g_str_has_prefix (name, "audio/x-matroska")
      && !g_str_has_prefix (name, "video/x-flv")
      && !g_str_has_prefix (name, "video/x-msvideo");
}

static gboolean
matches (const Known *known, const GstStructure *structure)
{
  gint value;

  if (!gst_structure_has_name (structure, known->name))
    return FALSE;
  if (known->field == NULL)
    return TRUE;
  return gst_structure_get_int (structure, known->field, &value)
      && value == known->value;
}

/* multipartmux names its boundary in the caps. */
static gchar *
multipart_type (const GstStructure *structure)
{
  const gchar *boundary = gst_structure_get_string (structure, "boundary");

  return g_strdup_printf ("%s;boundary=%s", gst_structure_get_name (structure),
      boundary != NULL ? boundary : "ThisRandomString");
}

/**
 * gst_socket_content_type_from_caps:
 * @caps: (nullable): fixed caps of a stream
 *
 * Finds the content type by which players and browsers know a stream.
 *
 * Returns: (transfer full): a content type; application/octet-stream when
 *     there is nothing better
 */
gchar *
gst_socket_content_type_from_caps (const GstCaps *caps)
{
  const GstStructure *structure;
  const gchar *name;

  if (caps == NULL || gst_caps_is_any (caps) || gst_caps_is_empty (caps))
    return g_strdup ("application/octet-stream");
  structure = gst_caps_get_structure (caps, 0);
  name = gst_structure_get_name (structure);
  if (g_str_has_prefix (name, "multipart/"))
    return multipart_type (structure);
  for (guint i = 0; i < G_N_ELEMENTS (known_types); i++) {
    if (matches (&known_types[i], structure))
      return g_strdup (known_types[i].type);
  }
  if (is_private_name (name))
    return g_strdup ("application/octet-stream");
  return g_strdup (name);
}

/* What senders say, and what demuxers and parsers take. */
static const struct
{
  const gchar *type;
  const gchar *caps;
} known_caps[] = {
    {"application/ogg", "application/ogg"},
    {"audio/aac", "audio/mpeg, mpegversion=(int)4, stream-format=adts"},
    {"audio/aacp", "audio/mpeg, mpegversion=(int)4, stream-format=adts"},
    {"audio/ac3", "audio/x-ac3"},
    {"audio/eac3", "audio/x-eac3"},
    {"audio/flac", "audio/x-flac"},
    {"audio/mp3", "audio/mpeg, mpegversion=(int)1, layer=(int)3"},
    {"audio/mp4", "audio/x-m4a"},
    {"audio/mpeg", "audio/mpeg, mpegversion=(int)1"},
    {"audio/ogg", "application/ogg"},
    {"audio/wav", "audio/x-wav"},
    {"audio/webm", "audio/webm"},
    {"audio/x-matroska", "audio/x-matroska"},
    {"image/jpeg", "image/jpeg"},
    {"image/png", "image/png"},
    {"text/vtt", "application/x-subtitle-vtt"},
    {"video/mp2t", "video/mpegts, systemstream=(boolean)true"},
    {"video/mp4", "video/quicktime, variant=iso"},
    {"video/mpegts", "video/mpegts, systemstream=(boolean)true"},
    {"video/ogg", "application/ogg"},
    {"video/webm", "video/webm"},
    {"video/x-flv", "video/x-flv"},
    {"video/x-matroska", "video/x-matroska"},
    {"video/x-msvideo", "video/x-msvideo"},
};

/**
 * gst_socket_content_type_to_caps:
 * @type: (nullable): the value of a Content-Type field
 *
 * Finds caps for what a sender says it sends. What says nothing of the format,
 * or is not known, is left to be found out from the data.
 *
 * Returns: (transfer full) (nullable): caps, or %NULL
 */
GstCaps *
gst_socket_content_type_to_caps (const gchar *type)
{
  g_autofree gchar *essence = NULL;

  if (type == NULL)
    return NULL;
  essence = g_ascii_strdown (type, strcspn (type, "; \t,"));
  if (g_str_equal (essence, "multipart/x-mixed-replace"))
    /* multipartdemux finds the boundary itself. */
    return gst_caps_new_empty_simple (essence);
  for (guint i = 0; i < G_N_ELEMENTS (known_caps); i++) {
    if (g_str_equal (essence, known_caps[i].type))
      return gst_caps_from_string (known_caps[i].caps);
  }
  return NULL;
}
