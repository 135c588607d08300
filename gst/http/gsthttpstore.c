/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpstore.c: files that are being written, and those in memory
 *
 * Here: the table of them, how much memory they may take, writers.
 * Not here: noticing what others write (gsthttpwatch.c), answers.
 *
 * Threads   any
 * Locks     lock guards all fields of the store and its entries; it is held
 *           while a file is opened, which does not wait, and not while one is
 *           written
 *
 *   entry    | its bytes are     | leaves the table when
 *   ---------+-------------------+----------------------------------------
 *   MEMORY   | here              | it is removed, or its memory is needed
 *   OWN      | on disk           | it is complete: then it is a file
 *   OTHERS   | on disk, written  | its writer has closed it
 *            | by somebody else  |
 *
 * A segment that was removed and is still being read keeps its memory, but in
 * the same limit: when that is reached it is torn from its readers first.
 *
 * What is on disk has other names, too: links, another root. It is found by
 * which file it is, whatever it was asked for as.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpstore.h"

#include <gst/socket/gstsocketfiletype.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What is counted for a file in memory besides its bytes: a name, places in
 * tables. Else very small ones would take many times what they may. */
#define ENTRY_COST 512

typedef enum
{
  ENTRY_MEMORY,
  ENTRY_OWN,
  ENTRY_OTHERS,
} EntryKind;

typedef struct
{
  guint64 device;
  guint64 inode; /* 0: not on disk */
} FileId;

typedef struct
{
  gatomicrefcount ref_count;

  /* immutable */
  EntryKind kind;
  FileId id;
  gchar *path;
  guint64 serial;
  GstSocketRoot *root;
  gchar *relative;

  /* guarded by the store's lock */
  GstSocketBlob *blob; /* NULL: nobody has asked for it yet */
  gchar *type;
  gint64 modified_ns;
  guint64 size; /* of what lies in memory, and ENTRY_COST */
} Entry;

struct _GstHttpStore
{
  gatomicrefcount ref_count;

  /* immutable */
  GstSocketSender *sender;
  guint max_segments;
  guint64 max_memory;

  GMutex lock;
  gboolean is_closed;
  GHashTable *entries; /* path -> Entry */
  GHashTable *files;   /* FileId of an Entry that is there -> that, not owned */
  GQueue segments;     /* Entry in memory that are complete, oldest first */
  GQueue removed;      /* Entry in memory that may still be read */
  guint64 memory;      /* of all that lies in memory */
  guint64 n_made;
};

struct _GstHttpWriter
{
  GstHttpStore *store;
  Entry *entry;
  gboolean is_held; /* nobody sees it before it is finished */
  gboolean has_failed;
};

/* --- entries --- */

static Entry *
new_entry (EntryKind kind, const gchar *path, GstSocketRoot *root,
    const gchar *relative)
{
  Entry *entry = g_new0 (Entry, 1);

  g_atomic_ref_count_init (&entry->ref_count);
  entry->kind = kind;
  entry->path = g_strdup (path);
  entry->root = root != NULL ? gst_socket_root_ref (root) : NULL;
  entry->relative = g_strdup (relative);
  entry->modified_ns = g_get_real_time () * 1000;
  return entry;
}

static Entry *
ref_entry (Entry *entry)
{
  g_atomic_ref_count_inc (&entry->ref_count);
  return entry;
}

static void
unref_entry (gpointer data)
{
  Entry *entry = data;

  if (!g_atomic_ref_count_dec (&entry->ref_count))
    return;
  gst_socket_blob_unref (entry->blob);
  gst_socket_root_unref (entry->root);
  g_free (entry->relative);
  g_free (entry->path);
  g_free (entry->type);
  g_free (entry);
}

static guint
hash_id (gconstpointer data)
{
  const FileId *id = data;

  return g_int64_hash (&id->inode) ^ g_int64_hash (&id->device);
}

static gboolean
equal_ids (gconstpointer a, gconstpointer b)
{
  const FileId *first = a;
  const FileId *second = b;

  return first->inode == second->inode && first->device == second->device;
}

static void
note_id (Entry *entry, const GstSocketFileInfo *info)
{
  entry->id.device = info->device;
  entry->id.inode = info->inode;
}

static gboolean
has_id (const Entry *entry, const GstSocketFileInfo *info)
{
  return entry->id.inode == info->inode && entry->id.device == info->device;
}

void
gst_http_resource_clear (GstHttpResource *resource)
{
  g_clear_pointer (&resource->blob, gst_socket_blob_unref);
  g_clear_pointer (&resource->etag, g_free);
  g_clear_pointer (&resource->type, g_free);
}

static void
set_waking (GstHttpStore *self, GstSocketBlob *blob)
{
  gst_socket_blob_set_func (blob, gst_socket_sender_wake,
      gst_socket_sender_ref (self->sender),
      (GDestroyNotify) gst_socket_sender_unref);
}

/* --- memory --- */

static void
free_memory_locked (GstHttpStore *self, Entry *entry)
{
  gst_socket_blob_tear (entry->blob);
  self->memory -= entry->size;
  entry->size = 0;
}

/* What was removed and is read by nobody any more. */
static void
sweep_locked (GstHttpStore *self)
{
  GList *next;

  for (GList *l = self->removed.head; l != NULL; l = next) {
    Entry *entry = l->data;

    next = l->next;
    if (gst_socket_blob_is_shared (entry->blob))
      continue;
    free_memory_locked (self, entry);
    unref_entry (entry);
    g_queue_delete_link (&self->removed, l);
  }
}

/* Takes an entry that nobody is to find any more. */
static void
retire_locked (GstHttpStore *self, Entry *entry)
{
  if (entry->kind == ENTRY_MEMORY)
    g_queue_push_tail (&self->removed, entry);
  else
    unref_entry (entry);
}

static void
forget_id_locked (GstHttpStore *self, const Entry *entry)
{
  if (g_hash_table_lookup (self->files, &entry->id) == entry)
    g_hash_table_remove (self->files, &entry->id);
}

static Entry *
take_out_locked (GstHttpStore *self, const gchar *path)
{
  gpointer key, entry = NULL;

  if (!g_hash_table_steal_extended (self->entries, path, &key, &entry))
    return NULL;
  forget_id_locked (self, entry);
  if (g_queue_remove (&self->segments, entry))
    unref_entry (entry);
  return entry;
}

static void
put_in_locked (GstHttpStore *self, Entry *entry)
{
  Entry *old = take_out_locked (self, entry->path);

  g_hash_table_insert (self->entries, entry->path, ref_entry (entry));
  if (entry->id.inode != 0)
    g_hash_table_replace (self->files, &entry->id, entry);
  if (old != NULL)
    retire_locked (self, old);
}

static void
drop_oldest_segment_locked (GstHttpStore *self)
{
  Entry *oldest = self->segments.head->data;

  retire_locked (self, take_out_locked (self, oldest->path));
}

/* Makes room, first with what is not found any more. */
static gboolean
reserve_locked (GstHttpStore *self, gsize size)
{
  sweep_locked (self);
  while (self->memory + size > self->max_memory) {
    Entry *oldest = g_queue_pop_head (&self->removed);

    if (oldest != NULL) {
      free_memory_locked (self, oldest);
      unref_entry (oldest);
    } else if (self->segments.length > 0) {
      drop_oldest_segment_locked (self);
    } else {
      return FALSE;
    }
  }
  return TRUE;
}

static void
note_segment_locked (GstHttpStore *self, Entry *entry)
{
  if (!gst_socket_file_type_is_segment (entry->path)
      || g_hash_table_lookup (self->entries, entry->path) != entry)
    return;
  g_queue_push_tail (&self->segments, ref_entry (entry));
  while (self->max_segments > 0 && self->segments.length > self->max_segments)
    drop_oldest_segment_locked (self);
  sweep_locked (self);
}

/* --- finding --- */

/* Opens what others write, when it is first asked for. */
static gboolean
open_others_locked (GstHttpStore *self, Entry *entry)
{
  GstSocketFileInfo info;
  gint fd;

  if (entry->blob != NULL)
    return TRUE;
  fd = gst_socket_root_open (entry->root, entry->relative, &info, NULL);
  if (fd < 0)
    return FALSE;
  if (!has_id (entry, &info)) {
    close (fd);
    return FALSE;
  }
  entry->blob =
      gst_socket_blob_new_for_fd (fd, info.size, GST_SOCKET_BLOB_GROWING);
  entry->modified_ns = info.modified_ns;
  set_waking (self, entry->blob);
  return TRUE;
}

static gboolean
fill_resource_locked (
    GstHttpStore *self, Entry *entry, GstHttpResource *ret_resource)
{
  GstSocketBlobState state;

  if (entry == NULL || !open_others_locked (self, entry))
    return FALSE;
  state = gst_socket_blob_look (entry->blob, &ret_resource->size);
  ret_resource->blob = gst_socket_blob_ref (entry->blob);
  ret_resource->is_growing = state == GST_SOCKET_BLOB_GROWING;
  ret_resource->modified_ns = entry->modified_ns;
  ret_resource->type = g_strdup (entry->type);
  ret_resource->etag = ret_resource->is_growing
      ? NULL
      : g_strdup_printf ("\"m%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x\"",
          (guint64) entry->modified_ns, entry->serial);
  return TRUE;
}

gboolean
gst_http_store_find (
    GstHttpStore *self, const gchar *path, GstHttpResource *ret_resource)
{
  gboolean found;

  g_mutex_lock (&self->lock);
  found = fill_resource_locked (
      self, g_hash_table_lookup (self->entries, path), ret_resource);
  g_mutex_unlock (&self->lock);
  return found;
}

gboolean
gst_http_store_find_file (GstHttpStore *self, const GstSocketFileInfo *info,
    GstHttpResource *ret_resource)
{
  FileId id = {info->device, info->inode};
  gboolean found;

  g_mutex_lock (&self->lock);
  found = fill_resource_locked (
      self, g_hash_table_lookup (self->files, &id), ret_resource);
  g_mutex_unlock (&self->lock);
  return found;
}

gboolean
gst_http_store_remove (GstHttpStore *self, const gchar *path)
{
  Entry *entry;

  g_mutex_lock (&self->lock);
  entry = take_out_locked (self, path);
  if (entry != NULL)
    retire_locked (self, entry);
  sweep_locked (self);
  g_mutex_unlock (&self->lock);
  return entry != NULL;
}

guint64
gst_http_store_get_memory (GstHttpStore *self)
{
  guint64 memory;

  g_mutex_lock (&self->lock);
  sweep_locked (self);
  memory = self->memory;
  g_mutex_unlock (&self->lock);
  return memory;
}

/* --- writing --- */

static gboolean
is_playlist (const gchar *path)
{
  const gchar *type = gst_socket_file_type_from_name (path);

  return g_str_has_prefix (type, "application/vnd.apple")
      || g_str_has_prefix (type, "application/dash");
}

static gboolean
open_own (Entry *entry, gboolean is_held, GError **error)
{
  GstSocketFileInfo info;
  gint fd;

  /* A playlist is small, and put in its place at once when it is whole. */
  if (entry->kind == ENTRY_MEMORY || is_held) {
    entry->blob = gst_socket_blob_new_in_memory ();
    return TRUE;
  }
  fd = gst_socket_root_create (entry->root, entry->relative, error);
  if (fd < 0)
    return FALSE;
  entry->blob = gst_socket_blob_new_for_fd (fd, 0, GST_SOCKET_BLOB_GROWING);
  if (gst_socket_file_get_info (fd, &info, NULL))
    note_id (entry, &info);
  return TRUE;
}

static void
set_no_space (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
      "It is larger than all memory for files");
}

/* Counts a file, and lets it be found if it may. */
static gboolean
enter_locked (
    GstHttpStore *self, Entry *entry, gboolean is_held, GError **error)
{
  entry->serial = ++self->n_made;
  if (self->is_closed)
    return TRUE;
  if (entry->kind == ENTRY_MEMORY) {
    if (!reserve_locked (self, ENTRY_COST)) {
      set_no_space (error);
      return FALSE;
    }
    entry->size = ENTRY_COST;
    self->memory += ENTRY_COST;
  }
  if (!is_held)
    put_in_locked (self, entry);
  return TRUE;
}

GstHttpWriter *
gst_http_store_create (GstHttpStore *self, const gchar *path,
    GstSocketRoot *root, const gchar *relative, GError **error)
{
  Entry *entry =
      new_entry (root != NULL ? ENTRY_OWN : ENTRY_MEMORY, path, root, relative);
  gboolean is_held = is_playlist (path);
  GstHttpWriter *writer;

  gboolean is_entered, is_closed;

  if (!open_own (entry, is_held, error)) {
    unref_entry (entry);
    return NULL;
  }
  set_waking (self, entry->blob);
  g_mutex_lock (&self->lock);
  is_closed = self->is_closed;
  is_entered = enter_locked (self, entry, is_held, error);
  g_mutex_unlock (&self->lock);
  if (!is_entered) {
    unref_entry (entry);
    return NULL;
  }
  writer = g_new0 (GstHttpWriter, 1);
  writer->store = gst_http_store_ref (self);
  writer->entry = entry;
  writer->is_held = is_held;
  writer->has_failed = is_closed;
  return writer;
}

/* Tells its content type, if its name does not. */
void
gst_http_writer_set_type (GstHttpWriter *self, const gchar *type)
{
  g_mutex_lock (&self->store->lock);
  g_free (self->entry->type);
  self->entry->type = g_strdup (type);
  g_mutex_unlock (&self->store->lock);
}

static gboolean
reserve (GstHttpWriter *self, gsize size, GError **error)
{
  GstHttpStore *store = self->store;
  gboolean is_closed, has_room = TRUE;

  g_mutex_lock (&store->lock);
  is_closed = store->is_closed;
  if (!is_closed && gst_socket_blob_get_fd (self->entry->blob) < 0) {
    has_room = reserve_locked (store, size);
    if (has_room) {
      store->memory += size;
      self->entry->size += size;
    }
  }
  g_mutex_unlock (&store->lock);
  if (is_closed)
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The server has stopped");
  else if (!has_room)
    set_no_space (error);
  return !is_closed && has_room;
}

gboolean
gst_http_writer_write (
    GstHttpWriter *self, gconstpointer data, gsize size, GError **error)
{
  if (!self->has_failed && reserve (self, size, error)
      && gst_socket_blob_append (self->entry->blob, data, size, error))
    return TRUE;
  if (self->has_failed)
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_CLOSED, "It could not be written");
  self->has_failed = TRUE;
  return FALSE;
}

/* Puts a playlist that was held in its place. */
static gboolean
replace_file (Entry *entry, GError **error)
{
  g_autofree guint8 *data = g_malloc (entry->size + 1);

  if (gst_socket_blob_read (entry->blob, 0, data, entry->size)
      != (gssize) entry->size) {
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "There is no memory for it");
    return FALSE;
  }
  return gst_socket_root_replace (
      entry->root, entry->relative, data, entry->size, error);
}

/* Has a file that is whole read by a descriptor that cannot write: as long as
 * there is one that can, it looks like a file that grows to who watches the
 * folder, and somebody slow may be reading it for long. */
static void
give_up_writing (Entry *entry)
{
  GstSocketFileInfo info;
  gint fd = gst_socket_root_open (entry->root, entry->relative, &info, NULL);

  if (fd >= 0 && has_id (entry, &info))
    dup3 (fd, gst_socket_blob_get_fd (entry->blob), O_CLOEXEC);
  if (fd >= 0)
    close (fd);
}

static void
file_away_locked (GstHttpStore *self, Entry *entry, gboolean is_whole)
{
  gboolean is_known = g_hash_table_lookup (self->entries, entry->path) == entry;

  entry->modified_ns = g_get_real_time () * 1000;
  gst_socket_blob_end (entry->blob,
      is_whole ? GST_SOCKET_BLOB_COMPLETE : GST_SOCKET_BLOB_FAILED);
  if (entry->kind == ENTRY_MEMORY && is_whole)
    note_segment_locked (self, entry);
  else if (is_known)
    retire_locked (self, take_out_locked (self, entry->path));
}

gboolean
gst_http_writer_finish (GstHttpWriter *self, GError **error)
{
  GstHttpStore *store = self->store;
  Entry *entry = self->entry;
  gboolean is_whole = !self->has_failed;

  if (self->is_held && entry->kind == ENTRY_OWN && is_whole)
    is_whole = replace_file (entry, error);
  else if (entry->kind == ENTRY_OWN && !self->is_held)
    give_up_writing (entry);
  g_mutex_lock (&store->lock);
  if (self->is_held && entry->kind == ENTRY_MEMORY && is_whole
      && !store->is_closed)
    put_in_locked (store, entry);
  file_away_locked (store, entry, is_whole);
  /* What nobody finds was only held here. */
  if (!is_whole || (self->is_held && entry->kind == ENTRY_OWN))
    free_memory_locked (store, entry);
  g_mutex_unlock (&store->lock);
  unref_entry (entry);
  gst_http_store_unref (store);
  g_free (self);
  return is_whole;
}

/* --- what others write --- */

/* Returns FALSE when it has become smaller: what comes then is not what those
 * who are reading have begun with. */
static gboolean
refresh (GstSocketBlob *blob)
{
  GstSocketFileInfo info;
  guint64 size;

  if (!gst_socket_file_get_info (gst_socket_blob_get_fd (blob), &info, NULL))
    return TRUE;
  gst_socket_blob_look (blob, &size);
  if (info.size < size)
    return FALSE;
  gst_socket_blob_set_size (blob, info.size);
  return TRUE;
}

/* A file was begun anew: for who asks now there is another blob. */
static void
begin_anew (GstHttpStore *self, Entry *entry, GstSocketBlob *old)
{
  gst_socket_blob_end (old, GST_SOCKET_BLOB_FAILED);
  g_mutex_lock (&self->lock);
  if (entry->blob == old)
    g_clear_pointer (&entry->blob, gst_socket_blob_unref);
  g_mutex_unlock (&self->lock);
}

void
gst_http_store_others_write (GstHttpStore *self, const gchar *path,
    GstSocketRoot *root, const gchar *relative, const GstSocketFileInfo *info)
{
  g_autoptr (GstSocketBlob) blob = NULL;
  Entry *entry;

  g_mutex_lock (&self->lock);
  entry = g_hash_table_lookup (self->entries, path);
  if (entry == NULL && !self->is_closed) {
    entry = new_entry (ENTRY_OTHERS, path, root, relative);
    note_id (entry, info);
    put_in_locked (self, entry);
    unref_entry (entry);
  }
  if (entry != NULL && entry->kind == ENTRY_OTHERS && entry->blob != NULL)
    blob = gst_socket_blob_ref (entry->blob);
  if (blob != NULL)
    ref_entry (entry);
  g_mutex_unlock (&self->lock);
  if (blob == NULL)
    return;
  if (!refresh (blob))
    begin_anew (self, entry, blob);
  unref_entry (entry);
}

void
gst_http_store_others_finish (
    GstHttpStore *self, const gchar *path, gboolean is_whole)
{
  g_autoptr (GstSocketBlob) blob = NULL;
  Entry *entry;

  g_mutex_lock (&self->lock);
  entry = g_hash_table_lookup (self->entries, path);
  if (entry != NULL && entry->kind == ENTRY_OTHERS) {
    if (entry->blob != NULL)
      blob = gst_socket_blob_ref (entry->blob);
    retire_locked (self, take_out_locked (self, path));
  }
  g_mutex_unlock (&self->lock);
  if (blob == NULL)
    return;
  if (!refresh (blob))
    is_whole = FALSE;
  gst_socket_blob_end (
      blob, is_whole ? GST_SOCKET_BLOB_COMPLETE : GST_SOCKET_BLOB_FAILED);
}

/* Nobody knows any more what has become of them. */
void
gst_http_store_others_fail (GstHttpStore *self)
{
  GHashTableIter iter;
  gpointer value;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Entry *entry = value;

    if (entry->kind != ENTRY_OTHERS)
      continue;
    if (entry->blob != NULL)
      gst_socket_blob_end (entry->blob, GST_SOCKET_BLOB_FAILED);
    forget_id_locked (self, entry);
    g_hash_table_iter_remove (&iter);
  }
  g_mutex_unlock (&self->lock);
}

/* --- life --- */

GstHttpStore *
gst_http_store_new (
    GstSocketSender *sender, guint max_segments, guint64 max_memory)
{
  GstHttpStore *self = g_new0 (GstHttpStore, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->sender = gst_socket_sender_ref (sender);
  self->max_segments = max_segments;
  self->max_memory = max_memory;
  self->entries =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, unref_entry);
  self->files = g_hash_table_new (hash_id, equal_ids);
  g_queue_init (&self->segments);
  g_queue_init (&self->removed);
  return self;
}

GstHttpStore *
gst_http_store_ref (GstHttpStore *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
gst_http_store_unref (GstHttpStore *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_queue_clear_full (&self->segments, unref_entry);
  g_queue_clear_full (&self->removed, unref_entry);
  g_hash_table_unref (self->files);
  g_hash_table_unref (self->entries);
  gst_socket_sender_unref (self->sender);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
gst_http_store_close (GstHttpStore *self)
{
  g_mutex_lock (&self->lock);
  self->is_closed = TRUE;
  g_queue_clear_full (&self->segments, unref_entry);
  g_queue_clear_full (&self->removed, unref_entry);
  g_hash_table_remove_all (self->files);
  g_hash_table_remove_all (self->entries);
  g_mutex_unlock (&self->lock);
}
