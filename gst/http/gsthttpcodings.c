/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpcodings.c: texts, compressed and kept
 *
 * Here: compressing, and which ones are kept.
 * Not here: what is wanted (gstsocketcoding.c).
 *
 * Threads   server: all of it
 * Locks     none
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpcodings.h"

typedef struct
{
  gchar *key;
  GBytes *bytes; /* empty: it does not get smaller */
} Kept;

struct _GstHttpCodings
{
  GHashTable *table; /* key -> link of queue */
  GQueue queue;      /* Kept, used last at its end */
  gsize size;
};

static void
free_kept (gpointer data)
{
  Kept *kept = data;

  g_bytes_unref (kept->bytes);
  g_free (kept->key);
  g_free (kept);
}

GstHttpCodings *
gst_http_codings_new (void)
{
  GstHttpCodings *self = g_new0 (GstHttpCodings, 1);

  self->table = g_hash_table_new (g_str_hash, g_str_equal);
  g_queue_init (&self->queue);
  return self;
}

void
gst_http_codings_free (GstHttpCodings *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->table);
  g_queue_clear_full (&self->queue, free_kept);
  g_free (self);
}

static gchar *
key_of (const gchar *name, GstSocketCoding coding)
{
  return g_strconcat (gst_socket_coding_get_name (coding), ":", name, NULL);
}

/* An empty one costs something, too. */
static gsize
cost_of (const Kept *kept)
{
  return g_bytes_get_size (kept->bytes) + 256;
}

static void
keep (GstHttpCodings *self, gchar *key, GBytes *bytes)
{
  Kept *kept = g_new0 (Kept, 1);

  kept->key = key;
  kept->bytes = g_bytes_ref (bytes);
  g_queue_push_tail (&self->queue, kept);
  g_hash_table_insert (self->table, kept->key, self->queue.tail);
  self->size += cost_of (kept);
  while (self->size > GST_HTTP_CODINGS_KEPT) {
    Kept *oldest = g_queue_pop_head (&self->queue);

    self->size -= cost_of (oldest);
    g_hash_table_remove (self->table, oldest->key);
    free_kept (oldest);
  }
}

static Kept *
look_up (GstHttpCodings *self, const gchar *key)
{
  GList *link = g_hash_table_lookup (self->table, key);

  if (link == NULL)
    return NULL;
  g_queue_unlink (&self->queue, link);
  g_queue_push_tail_link (&self->queue, link);
  return link->data;
}

static GBytes *
compress_text (GstSocketCoding coding, GBytes *text)
{
  g_autoptr (GConverter) compressor = G_CONVERTER (g_zlib_compressor_new (
      coding == GST_SOCKET_CODING_GZIP ? G_ZLIB_COMPRESSOR_FORMAT_GZIP
                                       : G_ZLIB_COMPRESSOR_FORMAT_ZLIB,
      6));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream =
      g_converter_output_stream_new (memory, compressor);
  gsize size;
  gconstpointer data = g_bytes_get_data (text, &size);

  if (!g_output_stream_write_all (stream, data, size, NULL, NULL, NULL)
      || !g_output_stream_close (stream, NULL, NULL))
    return g_bytes_new (NULL, 0);
  return g_memory_output_stream_steal_as_bytes (
      G_MEMORY_OUTPUT_STREAM (memory));
}

GBytes *
gst_http_codings_make (GstHttpCodings *self, const gchar *name,
    GstSocketCoding coding, GBytes *text)
{
  g_autofree gchar *key = key_of (name, coding);
  g_autoptr (GBytes) bytes = NULL;
  Kept *kept = look_up (self, key);

  if (kept != NULL)
    return g_bytes_get_size (kept->bytes) > 0 ? g_bytes_ref (kept->bytes)
                                              : NULL;
  bytes = compress_text (coding, text);
  if (g_bytes_get_size (bytes) >= g_bytes_get_size (text)) {
    g_bytes_unref (bytes);
    bytes = g_bytes_new (NULL, 0);
  }
  keep (self, g_steal_pointer (&key), bytes);
  return g_bytes_get_size (bytes) > 0 ? g_steal_pointer (&bytes) : NULL;
}
