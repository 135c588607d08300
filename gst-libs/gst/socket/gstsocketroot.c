/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketroot.c: files below a folder, and no others
 *
 * Here: opening, making, listing and removing what is below a folder.
 * Not here: what a request asks for, sending.
 *
 * Threads   any
 * Locks     none
 *
 * The kernel resolves paths so that they cannot leave the folder (openat2,
 * Linux 5.6). Where it cannot, the path is walked name by name, and symbolic
 * links are not followed at all. Nothing is opened before it is known to be a
 * regular file: opening a fifo or a device may wait, or do something.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketroot-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_openat2
#include <linux/openat2.h>
#endif

/* "walk" makes it do as old kernels have to. */
#define ENVIRONMENT "GST_SOCKET_ROOT"

struct _GstSocketRoot
{
  gatomicrefcount ref_count;
  gchar *folder;
  gint fd;
  gboolean walks; /* the kernel does not confine */
};

/* --- errors --- */

/* What leaves the folder is, to who asks, not there. */
static gint
hide_errno (gint number)
{
  switch (number) {
    case EXDEV:
    case ELOOP:
    case ENOTDIR:
    case ENXIO:
    case ENAMETOOLONG:
      return ENOENT;
    default:
      return number;
  }
}

static void
set_error (GError **error, const gchar *path, gint number)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (hide_errno (number)),
      "%s: %s", path, g_strerror (number));
}

/* --- opening what is below --- */

static gint
open_confined (gint folder, const gchar *path, gint flags)
{
#ifdef SYS_openat2
  struct open_how how = {.flags = flags | O_CLOEXEC,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
  gint fd;

  /* The kernel says EAGAIN when a folder was moved meanwhile. */
  for (guint tries = 0; tries < 16; tries++) {
    fd = syscall (SYS_openat2, folder, path, &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
      return fd;
  }
  return -1;
#else
  errno = ENOSYS;
  return -1;
#endif
}

static gboolean
is_link (gint fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && S_ISLNK (info.st_mode);
}

/* Goes down one name; takes the folder. Links are refused. */
static gint
step (gint folder, const gchar *name, gint flags)
{
  gint fd = g_str_equal (name, "..")
      ? -1
      : openat (folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
  gint number = errno;

  close (folder);
  if (fd >= 0 && (flags & O_PATH) && is_link (fd)) {
    close (fd);
    number = ELOOP;
    fd = -1;
  }
  errno = number;
  return fd;
}

static gint
open_walking (gint folder, const gchar *path, gint flags)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  gint fd = fcntl (folder, F_DUPFD_CLOEXEC, 0);

  for (guint i = 0; fd >= 0 && names[i] != NULL; i++) {
    gboolean is_last = names[i + 1] == NULL;

    fd = step (fd, names[i], is_last ? flags : O_PATH | O_DIRECTORY);
  }
  return fd;
}

static gint
open_below (const GstSocketRoot *self, const gchar *path, gint flags)
{
  if (self->walks)
    return open_walking (self->fd, path, flags);
  return open_confined (self->fd, path, flags);
}

/* --- paths --- */

/* Whether a name begins with a dot: such files are the system's or an
 * editor's, and the temporary ones of uploads. */
static gboolean
has_hidden (const gchar *path)
{
  return path[0] == '.' || strstr (path, "/.") != NULL;
}

/* Without "/" at its ends; "." for the folder itself. NULL when it is none. */
static gchar *
relative_path (const gchar *path, GError **error)
{
  gsize size;

  while (*path == '/')
    path++;
  size = strlen (path);
  while (size > 0 && path[size - 1] == '/')
    size--;
  if (has_hidden (path)) {
    set_error (error, path, ENOENT);
    return NULL;
  }
  return size > 0 ? g_strndup (path, size) : g_strdup (".");
}

/* --- the folder --- */

static gboolean
is_confining (gint fd)
{
  gint below = open_confined (fd, ".", O_PATH | O_DIRECTORY);

  if (below >= 0)
    close (below);
  return below >= 0 && g_strcmp0 (g_getenv (ENVIRONMENT), "walk") != 0;
}

/**
 * gst_socket_root_new: (skip)
 * @folder: a folder, by its path
 * @error: of #GIOErrorEnum
 *
 * Opens a folder. It stays the same one, also when it is moved.
 *
 * Returns: (transfer full) (nullable): the folder
 */
GstSocketRoot *
gst_socket_root_new (const gchar *folder, GError **error)
{
  gint fd = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  GstSocketRoot *self;

  if (fd < 0) {
    gint number = errno;

    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "%s: %s",
        folder, g_strerror (number));
    return NULL;
  }
  self = g_new0 (GstSocketRoot, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->folder = g_strdup (folder);
  self->fd = fd;
  self->walks = !is_confining (fd);
  return self;
}

/**
 * gst_socket_root_ref: (skip)
 * @root: a folder
 *
 * Returns: (transfer full): @root
 */
GstSocketRoot *
gst_socket_root_ref (GstSocketRoot *root)
{
  g_atomic_ref_count_inc (&root->ref_count);
  return root;
}

/**
 * gst_socket_root_unref: (skip)
 * @root: (nullable): a folder
 *
 * Gives a reference back.
 */
void
gst_socket_root_unref (GstSocketRoot *root)
{
  if (root == NULL || !g_atomic_ref_count_dec (&root->ref_count))
    return;
  close (root->fd);
  g_free (root->folder);
  g_free (root);
}

/**
 * gst_socket_root_get_folder: (skip)
 * @root: a folder
 *
 * Returns: (transfer none): the path it was opened with
 */
const gchar *
gst_socket_root_get_folder (const GstSocketRoot *root)
{
  return root->folder;
}

/* --- looking and reading --- */

static void
copy_info (const struct stat *info, GstSocketFileInfo *ret_info)
{
  ret_info->is_folder = S_ISDIR (info->st_mode);
  ret_info->size = info->st_size;
  ret_info->modified_ns =
      (gint64) info->st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000)
      + info->st_mtim.tv_nsec;
  ret_info->device = info->st_dev;
  ret_info->inode = info->st_ino;
}

/* Returns 0, or an errno when it is neither a regular file nor a folder. */
static gint
look (gint fd, GstSocketFileInfo *ret_info)
{
  struct stat info;

  if (fstat (fd, &info) < 0)
    return errno;
  if (!S_ISREG (info.st_mode) && !S_ISDIR (info.st_mode))
    return ENOENT;
  copy_info (&info, ret_info);
  return 0;
}

/**
 * gst_socket_file_get_info: (skip)
 * @fd: an open file
 * @ret_info: (out): what is known of it
 * @error: of #GIOErrorEnum
 *
 * Returns: whether it is a regular file or a folder
 */
gboolean
gst_socket_file_get_info (gint fd, GstSocketFileInfo *ret_info, GError **error)
{
  gint number = look (fd, ret_info);

  if (number != 0)
    set_error (error, "file", number);
  return number == 0;
}

/**
 * gst_socket_root_stat: (skip)
 * @root: a folder
 * @path: a path below it, with or without "/" at its start
 * @ret_info: (out): what is known of it
 * @error: of #GIOErrorEnum; %G_IO_ERROR_NOT_FOUND also for what is outside,
 *     hidden, or neither a regular file nor a folder
 *
 * Returns: whether there is a regular file or a folder
 */
gboolean
gst_socket_root_stat (const GstSocketRoot *root, const gchar *path,
    GstSocketFileInfo *ret_info, GError **error)
{
  g_autofree gchar *relative = relative_path (path, error);
  gint fd, number;

  if (relative == NULL)
    return FALSE;
  fd = open_below (root, relative, O_PATH);
  number = fd < 0 ? errno : look (fd, ret_info);
  if (fd >= 0)
    close (fd);
  if (number != 0)
    set_error (error, path, number);
  return number == 0;
}

/**
 * gst_socket_root_open: (skip)
 * @root: a folder
 * @path: a path below it
 * @ret_info: (out): what is known of it
 * @error: of #GIOErrorEnum; as gst_socket_root_stat(), and
 *     %G_IO_ERROR_IS_DIRECTORY for a folder
 *
 * Opens a regular file to read it. Does not wait.
 *
 * Returns: a descriptor, or -1
 */
gint
gst_socket_root_open (const GstSocketRoot *root, const gchar *path,
    GstSocketFileInfo *ret_info, GError **error)
{
  g_autofree gchar *relative = relative_path (path, error);
  GstSocketFileInfo before, after = {0};
  gint fd, number;

  if (relative == NULL || !gst_socket_root_stat (root, path, &before, error))
    return -1;
  if (before.is_folder) {
    set_error (error, path, EISDIR);
    return -1;
  }
  fd = open_below (root, relative, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  number = fd < 0 ? errno : look (fd, &after);
  /* Somebody may have put something else there meanwhile. */
  if (number == 0 && after.is_folder)
    number = EISDIR;
  if (number == 0) {
    *ret_info = after;
    return fd;
  }
  if (fd >= 0)
    close (fd);
  set_error (error, path, number);
  return -1;
}

/* --- writing --- */

/* Opens the folder that a path is in. Returns -1 and sets errno. */
static gint
open_parent (
    const GstSocketRoot *self, const gchar *relative, gboolean make_folders)
{
  g_autofree gchar *parent = g_path_get_dirname (relative);
  g_auto (GStrv) names = g_strsplit (parent, "/", -1);
  g_autoptr (GString) path = g_string_new (NULL);
  gint fd = fcntl (self->fd, F_DUPFD_CLOEXEC, 0);

  for (guint i = 0; fd >= 0 && names[i] != NULL; i++) {
    gint folder = fd;

    if (path->len > 0)
      g_string_append_c (path, '/');
    g_string_append (path, names[i]);
    fd = open_below (self, path->str, O_PATH | O_DIRECTORY);
    if (fd < 0 && errno == ENOENT && make_folders) {
      mkdirat (folder, names[i], 0777);
      fd = open_below (self, path->str, O_PATH | O_DIRECTORY);
    }
    close (folder);
  }
  return fd;
}

/* Does something to the last name of a path, in the folder it is in. */
static gint
in_parent (const GstSocketRoot *self, const gchar *path, gboolean make_folders,
    gint (*func) (gint folder, const gchar *name), GError **error)
{
  g_autofree gchar *relative = relative_path (path, error);
  g_autofree gchar *name = NULL;
  gint folder, result;

  if (relative == NULL)
    return -1;
  name = g_path_get_basename (relative);
  folder = open_parent (self, relative, make_folders);
  result = folder < 0 ? -1 : func (folder, name);
  if (result < 0)
    set_error (error, path, errno);
  if (folder >= 0)
    close (folder);
  return result;
}

/* Who reads the old file goes on reading it. */
static gint
create_in (gint folder, const gchar *name)
{
  if (unlinkat (folder, name, 0) < 0 && errno != ENOENT)
    return -1;
  return openat (
      folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

static gint
remove_in (gint folder, const gchar *name)
{
  return unlinkat (folder, name, 0);
}

/**
 * gst_socket_root_create: (skip)
 * @root: a folder
 * @path: a path below it
 * @error: of #GIOErrorEnum
 *
 * Makes a new file, and the folders it needs, in the place of one that there
 * may be: who reads that one goes on reading it.
 *
 * Returns: a descriptor to write and read, or -1
 */
gint
gst_socket_root_create (
    const GstSocketRoot *root, const gchar *path, GError **error)
{
  return in_parent (root, path, TRUE, create_in, error);
}

/**
 * gst_socket_root_remove: (skip)
 * @root: a folder
 * @path: a path below it
 * @error: of #GIOErrorEnum
 *
 * Removes a file.
 *
 * Returns: whether it was there
 */
gboolean
gst_socket_root_remove (
    const GstSocketRoot *root, const gchar *path, GError **error)
{
  return in_parent (root, path, FALSE, remove_in, error) == 0;
}

static gint
write_all (gint fd, const guint8 *data, gsize size)
{
  while (size > 0) {
    gssize n = write (fd, data, size);

    if (n < 0 && errno != EINTR)
      return -1;
    data += MAX (n, 0);
    size -= MAX (n, 0);
  }
  return 0;
}

/* By way of a hidden file, which nobody can ask for. */
static gint
replace_in (gint folder, const gchar *name, gconstpointer data, gsize size)
{
  g_autofree gchar *hidden = g_strconcat (".", name, ".new", NULL);
  gint fd = create_in (folder, hidden);
  gint result = fd < 0 ? -1 : write_all (fd, data, size);
  gint number;

  if (result == 0)
    result = renameat (folder, hidden, folder, name);
  number = errno;
  if (result < 0)
    unlinkat (folder, hidden, 0);
  if (fd >= 0)
    close (fd);
  errno = number;
  return result;
}

/**
 * gst_socket_root_replace: (skip)
 * @root: a folder
 * @path: a path below it
 * @data: what the file is to hold
 * @size: its bytes
 * @error: of #GIOErrorEnum
 *
 * Puts a whole file in the place of one that there may be, at once: nobody
 * ever sees a part of it.
 *
 * Returns: whether it is there
 */
gboolean
gst_socket_root_replace (const GstSocketRoot *root, const gchar *path,
    gconstpointer data, gsize size, GError **error)
{
  g_autofree gchar *relative = relative_path (path, error);
  g_autofree gchar *name = NULL;
  gint folder, result = -1;

  if (relative == NULL)
    return FALSE;
  name = g_path_get_basename (relative);
  folder = open_parent (root, relative, TRUE);
  if (folder >= 0)
    result = replace_in (folder, name, data, size);
  if (result < 0)
    set_error (error, path, errno);
  if (folder >= 0)
    close (folder);
  return result == 0;
}

/**
 * gst_socket_root_rename: (skip)
 * @root: a folder
 * @from: a path below it
 * @to: another
 * @error: of #GIOErrorEnum
 *
 * Gives a file another name, in the place of what has that name now.
 *
 * Returns: whether it has that name
 */
gboolean
gst_socket_root_rename (const GstSocketRoot *root, const gchar *from,
    const gchar *to, GError **error)
{
  g_autofree gchar *old_path = relative_path (from, error);
  g_autofree gchar *new_path =
      old_path != NULL ? relative_path (to, error) : NULL;
  g_autofree gchar *old_name = NULL;
  g_autofree gchar *new_name = NULL;
  gint old_folder, new_folder, result = -1;

  if (new_path == NULL)
    return FALSE;
  old_name = g_path_get_basename (old_path);
  new_name = g_path_get_basename (new_path);
  old_folder = open_parent (root, old_path, FALSE);
  new_folder = old_folder < 0 ? -1 : open_parent (root, new_path, TRUE);
  if (new_folder >= 0)
    result = renameat (old_folder, old_name, new_folder, new_name);
  if (result < 0)
    set_error (error, to, errno);
  if (old_folder >= 0)
    close (old_folder);
  if (new_folder >= 0)
    close (new_folder);
  return result == 0;
}

/* Opens the folder that a path is in, and makes it if need be. ret_name is the
 * last name of the path. Returns a descriptor for the at functions, or -1. */
gint
gst_socket_root_open_parent (const GstSocketRoot *root, const gchar *path,
    gchar **ret_name, GError **error)
{
  g_autofree gchar *relative = relative_path (path, error);
  gint folder;

  if (relative == NULL)
    return -1;
  if (g_str_equal (relative, ".") || g_str_has_suffix (path, "/")) {
    set_error (error, path, EISDIR);
    return -1;
  }
  folder = open_parent (root, relative, TRUE);
  if (folder < 0)
    set_error (error, path, errno);
  else
    *ret_name = g_path_get_basename (relative);
  return folder;
}

/* --- listing --- */

static void
free_entry (gpointer data)
{
  GstSocketRootEntry *entry = data;

  g_free (entry->name);
  g_free (entry);
}

/* Folders first, then by name. */
static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  const GstSocketRootEntry *first = *(GstSocketRootEntry *const *) a;
  const GstSocketRootEntry *second = *(GstSocketRootEntry *const *) b;

  if (first->info.is_folder != second->info.is_folder)
    return first->info.is_folder ? -1 : 1;
  return strcmp (first->name, second->name);
}

/* Leaves out what cannot be asked for. */
static void
list_names (const GstSocketRoot *self, const gchar *relative, GDir *dir,
    GPtrArray *entries)
{
  const gchar *name;

  while ((name = g_dir_read_name (dir)) != NULL
      && entries->len < GST_SOCKET_ROOT_LIST_MAX) {
    g_autofree gchar *path = g_build_filename (relative, name, NULL);
    GstSocketRootEntry *entry;
    GstSocketFileInfo info;

    if (!gst_socket_root_stat (
            self, g_str_equal (relative, ".") ? name : path, &info, NULL))
      continue;
    entry = g_new0 (GstSocketRootEntry, 1);
    entry->name = g_strdup (name);
    entry->info = info;
    g_ptr_array_add (entries, entry);
  }
}

/**
 * gst_socket_root_list: (skip)
 * @root: a folder
 * @path: a folder below it, or "/"
 * @error: of #GIOErrorEnum
 *
 * Lists what gst_socket_root_stat() would find in a folder, in order, up to
 * %GST_SOCKET_ROOT_LIST_MAX.
 *
 * Returns: (transfer full) (nullable) (element-type GstSocketRootEntry): what
 *     is in it
 */
GPtrArray *
gst_socket_root_list (
    const GstSocketRoot *root, const gchar *path, GError **error)
{
  g_autofree gchar *relative = relative_path (path, error);
  g_autofree gchar *own = NULL;
  GPtrArray *entries;
  GDir *dir;
  gint fd;

  if (relative == NULL)
    return NULL;
  fd = open_below (root, relative, O_RDONLY | O_DIRECTORY);
  if (fd < 0) {
    set_error (error, path, errno);
    return NULL;
  }
  /* What was opened, by a name that cannot be moved meanwhile. */
  own = g_strdup_printf ("/proc/self/fd/%d", fd);
  dir = g_dir_open (own, 0, NULL);
  close (fd);
  entries = g_ptr_array_new_with_free_func (free_entry);
  if (dir != NULL)
    list_names (root, relative, dir, entries);
  g_clear_pointer (&dir, g_dir_close);
  g_ptr_array_sort (entries, compare_entries);
  return entries;
}
