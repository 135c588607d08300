/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfileanswer.c: what a request for a file is answered with
 *
 * Here: who may read, conditions, ranges, codings, fields.
 * Not here: sending (gsthttpfilesend.c), lists of folders (gsthttplisting.c).
 *
 * Threads   server: all of it
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpfiles.h"
#include "gsthttpserversink-private.h"

#include <gst/socket/gstsocketbyteranges.h>
#include <gst/socket/gstsocketcondition.h>
#include <gst/socket/gstsocketfiletype.h>

#include <string.h>
#include <unistd.h>

/* A range that ends here or behind is of what comes, too (RFC 8673): no file
 * that grows is that large. */
#define VERY_LARGE (G_GUINT64_CONSTANT (1) << 39)

/* What may be kept by who stands between begins with it. */
#define PUBLIC "public"

/* A request, and what there is for it. */
typedef struct
{
  GstHttpFiles *files;
  GstSocketHttpRequest *request;
  const gchar *path;
  gchar *index; /* path, where it is that of a folder's page */
  const gchar *type;
  GstHttpResource resource;
  GstSocketCoding coding;
  GBytes *coded;   /* the whole of it, in that coding, if it is in memory */
  gboolean varies; /* another request may get it in another coding */
} Asked;

static void
clear_asked (Asked *asked)
{
  gst_http_resource_clear (&asked->resource);
  g_clear_pointer (&asked->index, g_free);
  g_clear_pointer (&asked->coded, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asked, clear_asked)

static const gchar *
field (const Asked *asked, const gchar *name)
{
  return asked->files->http->get_header (asked->request, name);
}

static void
answer_text (const Asked *asked, guint status, const gchar *text)
{
  gst_http_answer_text (asked->files->owner, asked->request, status, text);
}

static void
answer_error (const Asked *asked, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
    answer_text (asked, 503, "There are too many files open.\n");
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    answer_text (asked, 403, "This may not be read.\n");
  else
    answer_text (asked, 404, "There is nothing here.\n");
}

/* --- who may --- */

/* Who is known and may not, is told so; who is not known may come back as
 * somebody. */
static gboolean
may_read (const Asked *asked)
{
  GstHttpFiles *files = asked->files;
  const gchar *rest;
  GstHttpRoot *root = gst_http_files_find_root (files, asked->path, &rest);

  if (gst_http_files_may_read (files, asked->request,
          root != NULL ? root->root : NULL, root != NULL ? rest : NULL))
    return TRUE;
  answer_text (asked, 403, "This is not for you.\n");
  return FALSE;
}

/* --- finding --- */

static gchar *
make_etag (const GstSocketFileInfo *info)
{
  return g_strdup_printf ("\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER
                          "x-%" G_GINT64_MODIFIER "x\"",
      info->size, (guint64) info->modified_ns, info->inode);
}

static gboolean
open_file (GstHttpFiles *files, GstHttpRoot *root, const gchar *rest,
    GstHttpResource *ret_resource, GError **error)
{
  GstSocketFileInfo info;
  gint fd;

  fd = gst_socket_root_open (root->root, rest, &info, error);
  if (fd < 0)
    return FALSE;
  if (gst_http_store_find_file (files->store, &info, ret_resource)) {
    close (fd);
    return TRUE;
  }
  ret_resource->blob =
      gst_socket_blob_new_for_fd (fd, info.size, GST_SOCKET_BLOB_COMPLETE);
  ret_resource->size = info.size;
  ret_resource->modified_ns = info.modified_ns;
  ret_resource->etag = make_etag (&info);
  return TRUE;
}

static void
redirect (const Asked *asked)
{
  const gchar *query = asked->files->http->get_query (asked->request);
  g_autofree gchar *escaped = g_uri_escape_string (asked->path, "/", FALSE);
  g_autofree gchar *location = g_strconcat (
      escaped, "/", query != NULL ? "?" : "", query != NULL ? query : "", NULL);
  GPtrArray *headers =
      gst_http_headers_new (asked->files->owner, asked->request);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);

  gst_http_headers_add (headers, "Location", location);
  gst_http_answer (
      asked->files->owner, asked->request, 301, headers, NULL, empty);
}

/* A folder is its page, or a list, or nothing. Returns whether there is still
 * a file to answer with. */
static gboolean
open_folder (Asked *asked, GstHttpRoot *root, const gchar *rest)
{
  g_autofree gchar *index = g_build_filename (rest, "index.html", NULL);
  g_autoptr (GPtrArray) entries = NULL;

  if (!g_str_has_suffix (asked->path, "/")) {
    redirect (asked);
    return FALSE;
  }
  if (open_file (asked->files, root, index, &asked->resource, NULL)) {
    asked->type = gst_socket_file_type_from_name (index);
    asked->index = g_strconcat (asked->path, "index.html", NULL);
    asked->path = asked->index;
    return may_read (asked);
  }
  if (asked->files->settings.directory_listing)
    entries = gst_socket_root_list (root->root, rest, NULL);
  if (entries == NULL)
    answer_text (asked, 404, "There is nothing here.\n");
  else
    gst_http_files_list (asked->files, asked->request, entries);
  return FALSE;
}

/* Finds what is asked for, or answers that there is nothing. */
static gboolean
find (Asked *asked)
{
  g_autoptr (GError) error = NULL;
  GstHttpRoot *root;
  const gchar *rest;

  asked->type = gst_socket_file_type_from_name (asked->path);
  if (gst_http_store_find (
          asked->files->store, asked->path, &asked->resource)) {
    if (asked->resource.type != NULL)
      asked->type = asked->resource.type;
    return TRUE;
  }
  root = gst_http_files_find_root (asked->files, asked->path, &rest);
  if (root == NULL) {
    answer_text (asked, 404, "There is nothing here.\n");
    return FALSE;
  }
  if (open_file (asked->files, root, rest, &asked->resource, &error)) {
    if (!g_str_has_suffix (asked->path, "/"))
      return TRUE;
    answer_text (asked, 404, "There is nothing here.\n");
    return FALSE;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY))
    return open_folder (asked, root, rest);
  answer_error (asked, error);
  return FALSE;
}

/* --- codings --- */

static void
mark_coded (Asked *asked, GstSocketCoding coding)
{
  g_autofree gchar *plain = g_steal_pointer (&asked->resource.etag);

  asked->coding = coding;
  /* Another entity has another tag. */
  asked->resource.etag = g_strdup_printf ("%.*s-%s\"",
      (gint) strlen (plain) - 1, plain, gst_socket_coding_get_name (coding));
}

/* A neighbour that is compressed already, and not older. */
static gboolean
find_neighbour (Asked *asked)
{
  g_autofree gchar *path = g_strconcat (asked->path, ".gz", NULL);
  g_auto (GstHttpResource) neighbour = {0};
  const gchar *rest;
  GstHttpRoot *root = gst_http_files_find_root (asked->files, path, &rest);

  if (root == NULL || !open_file (asked->files, root, rest, &neighbour, NULL)
      || neighbour.is_growing
      || neighbour.modified_ns < asked->resource.modified_ns)
    return FALSE;
  mark_coded (asked, GST_SOCKET_CODING_GZIP);
  g_clear_pointer (&asked->resource.blob, gst_socket_blob_unref);
  asked->resource.blob = g_steal_pointer (&neighbour.blob);
  asked->resource.size = neighbour.size;
  return TRUE;
}

/* Returns NULL when there is less than there was a moment ago: that is not to
 * be kept as if it were all. */
static GBytes *
read_whole (const GstHttpResource *resource)
{
  g_autofree guint8 *data = g_malloc (resource->size);
  gssize n = gst_socket_blob_read (resource->blob, 0, data, resource->size);

  if (n < 0 || (guint64) n != resource->size)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&data), n);
}

static void
compress_text (Asked *asked, GstSocketCoding coding)
{
  g_autoptr (GBytes) text = NULL;

  if (asked->resource.size < GST_HTTP_CODINGS_MIN
      || asked->resource.size > GST_HTTP_CODINGS_MAX)
    return;
  text = read_whole (&asked->resource);
  if (text == NULL)
    return;
  asked->coded = gst_http_codings_make (
      asked->files->codings, asked->resource.etag, coding, text);
  if (asked->coded == NULL)
    return;
  mark_coded (asked, coding);
  asked->resource.size = g_bytes_get_size (asked->coded);
}

/* Which range is asked for. Only GET has any, and of nothing there is none. */
static const gchar *
asked_range (const Asked *asked)
{
  if (!g_str_equal (asked->files->http->get_method (asked->request), "GET")
      || (asked->resource.size == 0 && !asked->resource.is_growing))
    return NULL;
  return field (asked, "Range");
}

/* Ranges are of the file as it is. */
static void
choose_coding (Asked *asked)
{
  GstSocketCoding coding;

  if (!asked->files->settings.compress || asked->resource.is_growing
      || !gst_socket_file_type_is_text (asked->type))
    return;
  asked->varies = TRUE;
  coding = gst_socket_coding_choose (field (asked, "Accept-Encoding"), ~0u);
  if (coding == GST_SOCKET_CODING_IDENTITY || asked_range (asked) != NULL)
    return;
  if (coding != GST_SOCKET_CODING_GZIP || !find_neighbour (asked))
    compress_text (asked, coding);
}

/* --- fields --- */

/* A cache that many share would give to anybody what one was let in to get. */
static gchar *
dup_cache_control (const Asked *asked)
{
  GstHttpServerSink *owner = asked->files->owner;
  const gchar *set = asked->files->settings.cache_control;
  const gchar *text = gst_socket_file_type_get_cache_control (asked->path);

  if (set != NULL)
    return g_strdup (set);
  if (g_str_has_prefix (text, PUBLIC)
      && gst_http_guard_is_choosing (owner->guard))
    return g_strconcat ("private", text + strlen (PUBLIC), NULL);
  return g_strdup (text);
}

static GPtrArray *
make_headers (const Asked *asked)
{
  g_autofree gchar *cache = dup_cache_control (asked);
  GPtrArray *headers =
      gst_http_headers_new (asked->files->owner, asked->request);
  g_autofree gchar *date = gst_socket_http_date_format (
      asked->resource.modified_ns / G_GINT64_CONSTANT (1000000000));

  gst_http_headers_share (asked->files->owner, headers);
  gst_http_headers_put (asked->files->owner, headers, "Cache-Control", cache);
  gst_http_headers_add (headers, "Accept-Ranges", "bytes");
  if (asked->varies)
    gst_http_headers_vary (headers, "Accept-Encoding");
  if (asked->coding != GST_SOCKET_CODING_IDENTITY)
    gst_http_headers_add (headers, "Content-Encoding",
        gst_socket_coding_get_name (asked->coding));
  if (asked->resource.etag != NULL) {
    gst_http_headers_add (headers, "ETag", asked->resource.etag);
    gst_http_headers_add (headers, "Last-Modified", date);
  }
  return headers;
}

/* What grows is there, but is not what anybody has: no tag that a client can
 * know is its tag. */
static const gchar *
tag_to_compare (const Asked *asked)
{
  return asked->resource.etag != NULL ? asked->resource.etag : "W/\"\"";
}

static gint64
date_to_compare (const Asked *asked)
{
  return asked->resource.etag != NULL
      ? asked->resource.modified_ns / G_GINT64_CONSTANT (1000000000)
      : GST_SOCKET_DATE_UNKNOWN;
}

/* Returns whether there is still something to send. */
static gboolean
check_conditions (const Asked *asked)
{
  GstSocketConditions conditions = {.is_safe = TRUE,
      .if_match = field (asked, "If-Match"),
      .if_none_match = field (asked, "If-None-Match"),
      .if_modified_since = field (asked, "If-Modified-Since"),
      .if_unmodified_since = field (asked, "If-Unmodified-Since")};

  switch (gst_socket_conditions_check (
      &conditions, tag_to_compare (asked), date_to_compare (asked))) {
    case GST_SOCKET_CONDITION_NOT_MODIFIED:
      gst_http_answer (asked->files->owner, asked->request, 304,
          make_headers (asked), NULL, NULL);
      return FALSE;
    case GST_SOCKET_CONDITION_FAILED:
      answer_text (asked, 412, "It is not as you know it.\n");
      return FALSE;
    default:
      return TRUE;
  }
}

/* --- ranges --- */

static void
add_part (const Asked *asked, GstHttpReply *reply, guint64 first, guint64 size)
{
  g_autoptr (GBytes) bytes = NULL;

  if (asked->coded == NULL) {
    gst_socket_pieces_add_blob (
        reply->pieces, asked->resource.blob, first, size, FALSE);
    return;
  }
  bytes = g_bytes_new_from_bytes (asked->coded, first, size);
  gst_socket_pieces_add_bytes (reply->pieces, bytes);
}

static void
add_text (GstHttpReply *reply, const gchar *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  gst_socket_pieces_add_bytes (reply->pieces, bytes);
}

/* While it grows nobody knows the size of the whole. */
static guint64
total_of (const Asked *asked)
{
  return asked->resource.is_growing ? GST_SOCKET_SIZE_UNKNOWN
                                    : asked->resource.size;
}

static void
fill_range (
    const Asked *asked, GstHttpReply *reply, const GstSocketRange *range)
{
  g_autofree gchar *text = gst_socket_range_dup_field (range, total_of (asked));

  reply->status = 206;
  reply->length = range->last - range->first + 1;
  gst_http_headers_add (reply->headers, "Content-Range", text);
  add_part (asked, reply, range->first, reply->length);
}

static void
fill_ranges (const Asked *asked, GstHttpReply *reply,
    const GstSocketRange *ranges, guint n)
{
  g_autofree gchar *boundary = g_strdup_printf (
      "%08x%08x%08x", g_random_int (), g_random_int (), g_random_int ());
  g_autoptr (GPtrArray) texts = gst_socket_byteranges_new (
      ranges, n, total_of (asked), asked->type, boundary);

  reply->status = 206;
  reply->own_type =
      g_strconcat ("multipart/byteranges; boundary=", boundary, NULL);
  reply->type = reply->own_type;
  reply->length = gst_socket_byteranges_get_length (ranges, n, texts);
  for (guint i = 0; i < n; i++) {
    add_text (reply, g_ptr_array_index (texts, i));
    add_part (
        asked, reply, ranges[i].first, ranges[i].last - ranges[i].first + 1);
  }
  add_text (reply, g_ptr_array_index (texts, n));
}

static void
fill_all (const Asked *asked, GstHttpReply *reply)
{
  reply->length = total_of (asked);
  if (asked->resource.is_growing)
    gst_socket_pieces_add_blob (
        reply->pieces, asked->resource.blob, 0, GST_SOCKET_PIECE_TO_END, FALSE);
  else
    add_part (asked, reply, 0, asked->resource.size);
}

static void
answer_no_range (const Asked *asked)
{
  GPtrArray *headers =
      gst_http_headers_new (asked->files->owner, asked->request);
  g_autofree gchar *text =
      gst_socket_range_dup_field (NULL, asked->resource.size);
  static const gchar reason[] = "There is nothing in that range.\n";
  g_autoptr (GBytes) body = g_bytes_new_static (reason, sizeof reason - 1);

  gst_http_headers_add (headers, "Content-Range", text);
  gst_http_answer (asked->files->owner, asked->request, 416, headers,
      "text/plain; charset=utf-8", body);
}

/* Which ranges are asked for, and may be sent. To who asks for all of what
 * grows, from its first byte, it is sent as it comes. */
static GstSocketRangeResult
parse_ranges (const Asked *asked, GstSocketRange *ranges, guint *ret_n)
{
  const gchar *range = asked_range (asked);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  GstSocketRangeResult result;

  *ret_n = 0;
  if (range == NULL
      || !gst_socket_conditions_allow_range (field (asked, "If-Range"),
          asked->resource.etag, date_to_compare (asked), now))
    return GST_SOCKET_RANGE_ALL;
  if (asked->resource.is_growing && g_str_equal (range, "bytes=0-"))
    return GST_SOCKET_RANGE_ALL;
  result = gst_socket_ranges_parse (range, asked->resource.size, ranges, ret_n);
  if (result == GST_SOCKET_RANGE_SOME)
    *ret_n = gst_socket_ranges_coalesce (ranges, *ret_n);
  return result;
}

/* Whether all that comes is asked for, from some byte on: with "bytes=N-" a
 * client wants to know how much there is now, and cannot be told of more. */
static gboolean
asks_for_what_comes (const Asked *asked, GstSocketRange *ret_range)
{
  GstSocketRange ranges[GST_SOCKET_RANGES_MAX];
  guint n;

  if (!asked->resource.is_growing || field (asked, "If-Range") != NULL
      || gst_socket_ranges_parse (
             asked_range (asked), GST_SOCKET_SIZE_UNKNOWN, ranges, &n)
          != GST_SOCKET_RANGE_SOME)
    return FALSE;
  *ret_range = ranges[0];
  return n == 1 && ranges[0].first <= asked->resource.size
      && ranges[0].last >= VERY_LARGE && ranges[0].last < G_MAXUINT64;
}

static void
fill_what_comes (
    const Asked *asked, GstHttpReply *reply, const GstSocketRange *range)
{
  g_autofree gchar *text =
      gst_socket_range_dup_field (range, GST_SOCKET_SIZE_UNKNOWN);

  reply->status = 206;
  reply->length = GST_SOCKET_SIZE_UNKNOWN;
  gst_http_headers_add (reply->headers, "Content-Range", text);
  gst_socket_pieces_add_blob (reply->pieces, asked->resource.blob, range->first,
      GST_SOCKET_PIECE_TO_END, FALSE);
}

static void
reply_to (const Asked *asked)
{
  GstHttpReply reply = {.status = 200, .type = asked->type};
  GstSocketRange ranges[GST_SOCKET_RANGES_MAX];
  guint n;
  GstSocketRange to_come;
  gboolean comes = asks_for_what_comes (asked, &to_come);
  GstSocketRangeResult result = parse_ranges (asked, ranges, &n);

  if (result == GST_SOCKET_RANGE_NONE && !comes) {
    answer_no_range (asked);
    return;
  }
  reply.headers = make_headers (asked);
  reply.pieces = gst_socket_pieces_new ();
  if (comes)
    fill_what_comes (asked, &reply, &to_come);
  else if (result == GST_SOCKET_RANGE_ALL)
    fill_all (asked, &reply);
  else if (n == 1)
    fill_range (asked, &reply, &ranges[0]);
  else
    fill_ranges (asked, &reply, ranges, n);
  gst_http_files_deliver (asked->files, asked->request, &reply);
}

/* --- requests --- */

void
gst_http_files_answer (GstHttpFiles *self, GstSocketHttpRequest *request)
{
  g_auto (Asked) asked = {.files = self,
      .request = request,
      .path = self->http->get_path (request)};

  if (!may_read (&asked) || !find (&asked))
    return;
  choose_coding (&asked);
  if (check_conditions (&asked))
    reply_to (&asked);
}
