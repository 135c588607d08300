/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipctable.c: the producer's memories, as its consumer holds them
 *
 * Here: see gstipctable.h. Not here: buffers, metas, threads.
 *
 * A descriptor becomes one GstMemory that is mapped at most once. It is handed
 * downstream, and when its last reference goes, its dispose function keeps it
 * and releases the ids under which it came. So what counts is the memory and
 * everything that shares it, not the buffer it came in: who keeps the memory
 * keeps the producer from writing into it.
 *
 * Threads   reader: get, forget, close    io: flush    any: a memory's last unref
 * Locks, in taking order                         guards
 *   1. table->lock                               entries, what is due
 *   2. link->lock                                see gstipclink.c
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipctable.h"

#include <gst/allocators/allocators.h>
#include <gst/socket/gstsocketmemfd.h>

#include <errno.h>
#include <unistd.h>

GST_DEBUG_CATEGORY_EXTERN (gst_ipc_debug);
#define GST_CAT_DEFAULT gst_ipc_debug

/* Descriptors of one connection, and of those the ones that may lie idle
 * without the producer having promised to use them again. */
#define MAX_ENTRIES 256
#define MAX_IDLE_UNPOOLED 16
/* Names of one file, as it comes under several descriptors. */
#define MAX_IDS MAX_ENTRIES
/* Of a frame whose file is read: 8K in 16 bits for each of four components. More would
 * keep the reader busy for long, and costs its sender nothing. */
#define MAX_COPIED_BYTES ((guint64) 256 << 20)
/* Nobody sends a frame of more than this. */
#define MAX_MEMORY_BYTES ((guint64) 4 << 30)
/* What is due waits for the rest of a record no longer than this. */
#define MAX_DUE_US 250

typedef struct
{
  GstIpcTable *table;
  /* Under which it comes, oldest first. Without any it ends when idle. */
  GArray *ids;
  GstSocketFdInfo info;
  gboolean pooled;
  gboolean in_use;
  /* The memory that is handed out; or, for a file that could become shorter
   * while it is mapped, the descriptor its bytes are read from. */
  GstMemory *memory;
  gint unsafe_fd;
  /* Ids to release when the memory comes back: one for each time it came. */
  GArray *due;
  /* Threads on their way into memory_dispose () with nothing left to do. */
  guint n_overtaken;
} Entry;

struct _GstIpcTable
{
  gatomicrefcount refs;
  GstIpcLink *link;
  /* Of who sends what found no room; not touched any more once closed. */
  GstSocketPoller *sender;
  GstAllocator *fd_allocator;
  GstAllocator *dmabuf_allocator;

  GMutex lock;
  /* guarded by lock */
  gboolean closed;
  gboolean own;
  gboolean reader_sleeps;
  gboolean reader_has_more;
  guint window;
  GHashTable *by_id;
  GPtrArray *entries;
  GArray *due;
  gint64 due_since;
  guint64 descriptors;
};

static GQuark
entry_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_quark_from_static_string ("gst-ipc-entry"));
  return quark;
}

/* sender is woken up when link has something that waits for room; it is there
 * until the table is closed. */
GstIpcTable *
gst_ipc_table_new (GstIpcLink *link, GstSocketPoller *sender)
{
  GstIpcTable *table = g_new0 (GstIpcTable, 1);

  g_atomic_ref_count_init (&table->refs);
  g_mutex_init (&table->lock);
  table->link = gst_ipc_link_ref (link);
  table->sender = sender;
  table->fd_allocator = gst_fd_allocator_new ();
  table->dmabuf_allocator = gst_dmabuf_allocator_new ();
  table->by_id = g_hash_table_new (NULL, NULL);
  table->entries = g_ptr_array_new ();
  table->due = g_array_new (FALSE, FALSE, sizeof (guint32));
  return table;
}

GstIpcTable *
gst_ipc_table_ref (GstIpcTable *table)
{
  g_atomic_ref_count_inc (&table->refs);
  return table;
}

void
gst_ipc_table_unref (GstIpcTable *table)
{
  if (!g_atomic_ref_count_dec (&table->refs))
    return;
  g_hash_table_unref (table->by_id);
  g_ptr_array_unref (table->entries);
  g_array_unref (table->due);
  gst_object_unref (table->fd_allocator);
  gst_object_unref (table->dmabuf_allocator);
  gst_ipc_link_unref (table->link);
  g_mutex_clear (&table->lock);
  g_free (table);
}

static void
entry_free (Entry *entry)
{
  if (entry->unsafe_fd >= 0)
    close (entry->unsafe_fd);
  g_array_unref (entry->due);
  g_array_unref (entry->ids);
  gst_ipc_table_unref (entry->table);
  g_free (entry);
}

static void
send_return (GstIpcLink *link, const guint32 *ids, guint n)
{
  gboolean prefixed =
      gst_ipc_link_get_dialect (link) != GST_SOCKET_WIRE_DIALECT_LEGACY;

  for (guint at = 0; at < n; at += GST_SOCKET_WIRE_MAX_BLOCKS) {
    g_autoptr (GByteArray) out = g_byte_array_sized_new (64);

    gst_socket_wire_put_return (out, (const gint32 *) ids + at,
        MIN (n - at, GST_SOCKET_WIRE_MAX_BLOCKS));
    gst_ipc_link_send_later (link, out->data, out->len, prefixed);
  }
}

static void
send_release (GstIpcLink *link, const guint32 *ids, guint n)
{
  for (guint at = 0; at < n; at += GST_SOCKET_WIRE_EXT_MAX_IDS) {
    g_autoptr (GByteArray) out = g_byte_array_sized_new (64);

    gst_socket_wire_ext_put_ids (out, GST_SOCKET_WIRE_EXT_RELEASE, ids + at,
        MIN (n - at, GST_SOCKET_WIRE_EXT_MAX_IDS));
    gst_ipc_link_send_later (link, out->data, out->len, FALSE);
  }
}

static void
flush_locked (GstIpcTable *table)
{
  const guint32 *ids = (const guint32 *) (void *) table->due->data;

  if (table->due->len == 0)
    return;
  if (!table->closed && table->own)
    send_release (table->link, ids, table->due->len);
  else if (!table->closed)
    send_return (table->link, ids, table->due->len);
  g_array_set_size (table->due, 0);
  if (!table->closed && gst_ipc_link_wants_write (table->link))
    gst_socket_poller_wake (table->sender);
}

/* The frames of one record were made together, and are given back together
 * where that does not take long. */
static gboolean
is_due_enough_locked (GstIpcTable *table)
{
  if (table->due->len < table->window / 2)
    return FALSE;
  return !table->reader_has_more || table->due->len >= table->window
      || g_get_monotonic_time () - table->due_since >= MAX_DUE_US;
}

/* One message for half of what may be out, if the reader will come by soon
 * to send the rest. The original gets one for each buffer. */
static void
release_locked (GstIpcTable *table, const guint32 *ids, guint n)
{
  if (table->due->len == 0 && table->reader_has_more)
    table->due_since = g_get_monotonic_time ();
  g_array_append_vals (table->due, ids, n);
  if (!table->own || table->reader_sleeps || is_due_enough_locked (table))
    flush_locked (table);
}

void
gst_ipc_table_set_reader_has_more (GstIpcTable *table, gboolean has_more)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  table->reader_has_more = has_more;
}

void
gst_ipc_table_set_reader_sleeps (GstIpcTable *table, gboolean sleeps)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  table->reader_sleeps = sleeps;
  if (sleeps)
    flush_locked (table);
}

void
gst_ipc_table_flush (GstIpcTable *table)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  flush_locked (table);
}

static void
release (GstIpcTable *table, guint32 id)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  release_locked (table, &id, 1);
}

void
gst_ipc_table_set_own (GstIpcTable *table, guint window)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  flush_locked (table);
  table->own = TRUE;
  table->window = window;
}

gboolean
gst_ipc_table_is_own (GstIpcTable *table)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  return table->own;
}

static void
unlist_locked (GstIpcTable *table, Entry *entry)
{
  g_ptr_array_remove_fast (table->entries, entry);
  for (guint i = 0; i < entry->ids->len; i++)
    g_hash_table_remove (table->by_id,
        GUINT_TO_POINTER (g_array_index (entry->ids, guint32, i)));
}

/* Returns (transfer full) (nullable): the memory of an entry that nobody uses,
 * to be freed without the lock; the entry goes with it. */
static GstMemory *
drop_idle_locked (GstIpcTable *table, Entry *entry)
{
  GstMemory *memory = entry->memory;

  unlist_locked (table, entry);
  if (memory != NULL)
    GST_MINI_OBJECT_CAST (memory)->dispose = NULL;
  else
    entry_free (entry);
  return memory;
}

static void
release_entry_locked (GstIpcTable *table, Entry *entry)
{
  release_locked (
      table, (const guint32 *) (void *) entry->due->data, entry->due->len);
  g_array_set_size (entry->due, 0);
}

/* The last reference to a memory went. It is kept for the next time its id
 * comes, unless there will be none; or that time came before the lock was to be
 * had (hand_out_locked ()), and this is not the end any more. */
static gboolean
memory_dispose (GstMiniObject *object)
{
  Entry *entry = gst_mini_object_get_qdata (object, entry_quark ());
  GstIpcTable *table = entry->table;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  if (entry->n_overtaken > 0) {
    entry->n_overtaken--;
    return FALSE;
  }
  release_entry_locked (table, entry);
  entry->in_use = FALSE;
  if (table->closed || entry->ids->len == 0) {
    unlist_locked (table, entry);
    return TRUE;
  }
  gst_mini_object_ref (object);
  return FALSE;
}

/* qdata is freed with the memory: by then nobody else knows the entry, and no
 * lock is held that this could want. */
static gboolean
wrap (GstIpcTable *table, Entry *entry, gint fd)
{
  gboolean is_dmabuf = entry->info.kind == GST_SOCKET_FD_DMABUF;

  entry->memory = is_dmabuf
      ? gst_dmabuf_allocator_alloc_with_flags (table->dmabuf_allocator, fd,
          entry->info.size, GST_FD_MEMORY_FLAG_KEEP_MAPPED)
      : gst_fd_allocator_alloc (table->fd_allocator, fd, entry->info.size,
          GST_FD_MEMORY_FLAG_KEEP_MAPPED);
  if (entry->memory == NULL) {
    close (fd);
    return FALSE;
  }
  GST_MINI_OBJECT_FLAG_SET (entry->memory, GST_MEMORY_FLAG_READONLY);
  gst_mini_object_set_qdata (GST_MINI_OBJECT_CAST (entry->memory),
      entry_quark (), entry, (GDestroyNotify) entry_free);
  GST_MINI_OBJECT_CAST (entry->memory)->dispose = memory_dispose;
  return TRUE;
}

static gboolean
fail (GError **error, const gchar *text)
{
  g_set_error_literal (
      error, GST_SOCKET_WIRE_ERROR, GST_SOCKET_WIRE_ERROR_INVALID, text);
  return FALSE;
}

/* fd (transfer full). What the peer says is checked against the kernel. */
static Entry *
new_entry (GstIpcTable *table, const GstIpcBlockRef *ref, gint fd,
    const GstSocketFdInfo *info, GError **error)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->table = gst_ipc_table_ref (table);
  entry->ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  entry->info = *info;
  entry->pooled = ref->pooled;
  entry->unsafe_fd = -1;
  entry->due = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (info->kind == GST_SOCKET_FD_UNSEALED)
    entry->unsafe_fd = fd;
  else if (!wrap (table, entry, fd)) {
    entry_free (entry);
    fail (error, "a descriptor cannot be used");
    return NULL;
  }
  return entry;
}

/* The same file may come under another number or id. While we hold it open its
 * identity belongs to nothing else. */
static Entry *
find_same_file_locked (GstIpcTable *table, const GstSocketFdInfo *info)
{
  for (guint i = 0; i < table->entries->len; i++) {
    Entry *entry = g_ptr_array_index (table->entries, i);

    if (entry->info.ino == info->ino && entry->info.dev == info->dev
        && entry->info.size == info->size)
      return entry;
  }
  return NULL;
}

static Entry *
find_idle_locked (GstIpcTable *table, gboolean unpooled_only, guint *ret_n)
{
  Entry *oldest = NULL;

  *ret_n = 0;
  for (guint i = 0; i < table->entries->len; i++) {
    Entry *entry = g_ptr_array_index (table->entries, i);

    if (entry->in_use || (unpooled_only && entry->pooled))
      continue;
    if (oldest == NULL)
      oldest = entry;
    (*ret_n)++;
  }
  return oldest;
}

/* The memory goes to dropped, to be freed without the lock. */
static void
drop_to (GstIpcTable *table, Entry *entry, GPtrArray *dropped)
{
  GstMemory *memory = drop_idle_locked (table, entry);

  if (memory != NULL)
    g_ptr_array_add (dropped, memory);
}

/* Makes room for one more. */
static void
limit_locked (GstIpcTable *table, GPtrArray *dropped)
{
  guint n;
  Entry *oldest = find_idle_locked (table, TRUE, &n);

  if (oldest != NULL && n > MAX_IDLE_UNPOOLED)
    drop_to (table, oldest, dropped);
  if (table->entries->len < MAX_ENTRIES)
    return;
  oldest = find_idle_locked (table, FALSE, &n);
  if (oldest != NULL)
    drop_to (table, oldest, dropped);
}

static gboolean
remove_id (Entry *entry, guint32 id)
{
  for (guint i = 0; i < entry->ids->len; i++) {
    if (g_array_index (entry->ids, guint32, i) != id)
      continue;
    g_array_remove_index (entry->ids, i);
    return TRUE;
  }
  return FALSE;
}

/* The id means nothing any more. The memory ends with its last one, now or when
 * it comes back. */
static void
unbind_id_locked (
    GstIpcTable *table, Entry *entry, guint32 id, GPtrArray *dropped)
{
  g_hash_table_remove (table->by_id, GUINT_TO_POINTER (id));
  if (remove_id (entry, id) && entry->ids->len == 0 && !entry->in_use)
    drop_to (table, entry, dropped);
}

/* From now on the id means entry, which keeps those it has. */
static void
bind_id_locked (GstIpcTable *table, Entry *entry, const GstIpcBlockRef *ref,
    GPtrArray *dropped)
{
  Entry *before =
      g_hash_table_lookup (table->by_id, GUINT_TO_POINTER (ref->id));

  entry->pooled = ref->pooled;
  if (before == entry)
    return;
  if (before != NULL)
    unbind_id_locked (table, before, ref->id, dropped);
  if (entry->ids->len >= MAX_IDS)
    unbind_id_locked (
        table, entry, g_array_index (entry->ids, guint32, 0), dropped);
  g_array_append_val (entry->ids, ref->id);
  g_hash_table_insert (table->by_id, GUINT_TO_POINTER (ref->id), entry);
}

/* fd (transfer full). Returns the entry for it, listed. */
static Entry *
take_fd (GstIpcTable *table, const GstIpcBlockRef *ref, gint fd,
    GPtrArray *dropped, GError **error)
{
  GstSocketFdInfo info;
  Entry *entry;

  if (!gst_socket_fd_inspect (fd, &info)) {
    close (fd);
    fail (error, "a descriptor is nothing that can be mapped");
    return NULL;
  }
  entry = find_same_file_locked (table, &info);
  if (entry != NULL)
    close (fd);
  else {
    limit_locked (table, dropped);
    if (table->entries->len >= MAX_ENTRIES) {
      close (fd);
      fail (error, "too many descriptors are in use");
      return NULL;
    }
    entry = new_entry (table, ref, fd, &info, error);
    if (entry == NULL)
      return NULL;
    g_ptr_array_add (table->entries, entry);
    table->descriptors++;
  }
  bind_id_locked (table, entry, ref, dropped);
  return entry;
}

static gboolean
check_range (const Entry *entry, const GstIpcBlockRef *ref, GError **error)
{
  if (ref->maxsize > entry->info.size || ref->maxsize > MAX_MEMORY_BYTES)
    return fail (error, "a memory is said to be larger than its file");
  if (ref->size > ref->maxsize || ref->offset > ref->maxsize - ref->size)
    return fail (error, "a block lies outside its memory");
  return TRUE;
}

static gboolean
read_all (gint fd, guint8 *data, gsize size, guint64 offset)
{
  while (size > 0) {
    gssize got = pread (fd, data, size, offset);

    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return FALSE;
    data += got;
    offset += got;
    size -= got;
  }
  return TRUE;
}

/* A file that may become shorter is never mapped: the reader would die. */
static GstMemory *
copy_unsafe (const Entry *entry, const GstIpcBlockRef *ref, GError **error)
{
  g_autofree guint8 *data = NULL;
  GstMemory *memory;

  if (ref->frame_size <= MAX_COPIED_BYTES)
    data = g_try_malloc (MAX (ref->size, 1));
  if (data == NULL) {
    fail (error, "a file that cannot be sealed is too large to be copied");
    return NULL;
  }
  if (!read_all (entry->unsafe_fd, data, ref->size, ref->offset)) {
    fail (error, "a memory became shorter than announced");
    return NULL;
  }
  memory = gst_memory_new_wrapped (
      0, data, MAX (ref->size, 1), 0, ref->size, data, g_free);
  data = NULL;
  return memory;
}

static void
set_range (GstMemory *memory, const GstIpcBlockRef *ref)
{
  memory->offset = ref->offset;
  memory->size = ref->size;
}

/* Returns FALSE when the last reference went. Nobody may take another then but
 * who knows of the one that went. */
static gboolean
try_ref (GstMemory *memory)
{
  gint *count = &GST_MINI_OBJECT_CAST (memory)->refcount;
  gint n;

  while ((n = g_atomic_int_get (count)) > 0) {
    if (g_atomic_int_compare_and_exchange (count, n, n + 1))
      return TRUE;
  }
  return FALSE;
}

/* Memory that is out already may come again, and then perhaps another part of
 * it. That goes as a share, which keeps the whole: who has it may have cut it
 * meanwhile, so that its range says nothing. Whoever had it may also have let
 * go just now, and wait for our lock to say so: that is done for them. */
static GstMemory *
hand_out_locked (GstIpcTable *table, Entry *entry, const GstIpcBlockRef *ref)
{
  GstMemory *memory = entry->memory;

  if (entry->in_use && try_ref (memory)) {
    memory = gst_memory_share (entry->memory, 0, 0);
    gst_memory_unref (entry->memory);
  } else if (entry->in_use) {
    entry->n_overtaken++;
    release_entry_locked (table, entry);
    gst_memory_ref (memory);
  }
  g_array_append_val (entry->due, ref->id);
  entry->in_use = TRUE;
  set_range (memory, ref);
  return memory;
}

static GstMemory *
get_locked (GstIpcTable *table, const GstIpcBlockRef *ref, gint fd,
    GPtrArray *dropped, GError **error)
{
  Entry *entry;
  GstMemory *memory;

  if (fd >= 0)
    entry = take_fd (table, ref, fd, dropped, error);
  else {
    entry = g_hash_table_lookup (table->by_id, GUINT_TO_POINTER (ref->id));
    if (entry == NULL)
      fail (error, "an unknown memory came without its descriptor");
  }
  if (entry == NULL || !check_range (entry, ref, error))
    return NULL;
  if (entry->unsafe_fd < 0)
    return hand_out_locked (table, entry, ref);
  memory = copy_unsafe (entry, ref, error);
  if (memory != NULL)
    release_locked (table, &ref->id, 1);
  return memory;
}

GstMemory *
gst_ipc_table_get_memory (
    GstIpcTable *table, const GstIpcBlockRef *ref, gint fd, GError **error)
{
  g_autoptr (GPtrArray) dropped = NULL;
  GstMemory *memory;

  if (fd >= 0)
    dropped =
        g_ptr_array_new_with_free_func ((GDestroyNotify) gst_memory_unref);
  g_mutex_lock (&table->lock);
  memory = get_locked (table, ref, fd, dropped, error);
  if (memory == NULL)
    release_locked (table, &ref->id, 1);
  g_mutex_unlock (&table->lock);
  return memory;
}

gboolean
gst_ipc_table_knows (GstIpcTable *table, guint32 id)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  return g_hash_table_contains (table->by_id, GUINT_TO_POINTER (id));
}

/* The bytes are ours from here on, so the producer has its own back: whoever
 * keeps many small buffers, as a muxer does, keeps none of what it may have. */
GstMemory *
gst_ipc_table_copy_inline (
    GstIpcTable *table, guint32 id, const guint8 *data, gsize size)
{
  guint8 *bytes = g_malloc (MAX (size, 1));

  if (size > 0)
    memcpy (bytes, data, size);
  release (table, id);
  return gst_memory_new_wrapped (
      0, bytes, MAX (size, 1), 0, size, bytes, g_free);
}

/* The producer's memory is gone; ours goes when nobody uses it. */
void
gst_ipc_table_forget (GstIpcTable *table, guint32 id)
{
  g_autoptr (GPtrArray) dropped =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_memory_unref);
  Entry *entry;

  g_mutex_lock (&table->lock);
  entry = g_hash_table_lookup (table->by_id, GUINT_TO_POINTER (id));
  if (entry != NULL)
    unbind_id_locked (table, entry, id, dropped);
  g_mutex_unlock (&table->lock);
}

/* The connection ends. What is out stays usable; it is freed when it comes
 * back, and nothing is sent for it any more. */
void
gst_ipc_table_close (GstIpcTable *table)
{
  g_autoptr (GPtrArray) dropped =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_memory_unref);

  g_mutex_lock (&table->lock);
  flush_locked (table);
  table->closed = TRUE;
  for (guint i = table->entries->len; i-- > 0;) {
    Entry *entry = g_ptr_array_index (table->entries, i);

    if (!entry->in_use)
      drop_to (table, entry, dropped);
  }
  g_mutex_unlock (&table->lock);
}

guint
gst_ipc_table_get_size (GstIpcTable *table)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  return table->entries->len;
}

guint64
gst_ipc_table_get_descriptors (GstIpcTable *table)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&table->lock);

  return table->descriptors;
}
