/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketdraft.c: a file that is seen when it is whole
 *
 * Here: writing a hidden file beside the place it is for, and giving it its
 * name when it is whole.
 * Not here: where the bytes come from, how paths are confined
 * (gstsocketroot.c).
 *
 * Threads   one at a time
 * Locks     none
 *
 * The folder is opened once: whatever is renamed or linked meanwhile, the file
 * goes where it was begun.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketdraft.h"
#include "gstsocketroot-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_SIZE (64 * 1024)

struct _GstSocketDraft
{
  gint folder;
  gint fd;
  guint64 offset;
  gchar *name;
  gchar *hidden; /* NULL once it has its name */
};

/* What there is no room for, by whatever limit. */
static void
set_error (GError **error, const gchar *name, gint number)
{
  gint code = number == EDQUOT || number == EFBIG
      ? G_IO_ERROR_NO_SPACE
      : (gint) g_io_error_from_errno (number);

  g_set_error (error, G_IO_ERROR, code, "%s: %s", name, g_strerror (number));
}

/**
 * gst_socket_draft_new: (skip)
 * @root: a folder
 * @path: a path below it, where the file is to be
 * @error: of #GIOErrorEnum; %G_IO_ERROR_NOT_FOUND for what is not below it
 *
 * Begins a file, and makes the folders that it needs.
 *
 * Returns: (transfer full) (nullable): the file
 */
GstSocketDraft *
gst_socket_draft_new (
    const GstSocketRoot *root, const gchar *path, GError **error)
{
  g_autoptr (GstSocketDraft) self = g_new0 (GstSocketDraft, 1);

  self->fd = -1;
  self->folder = gst_socket_root_open_parent (root, path, &self->name, error);
  if (self->folder < 0)
    return NULL;
  self->hidden =
      g_strdup_printf (".upload-%08x%08x", g_random_int (), g_random_int ());
  self->fd = openat (self->folder, self->hidden,
      O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (self->fd >= 0)
    return g_steal_pointer (&self);
  set_error (error, path, errno);
  g_clear_pointer (&self->hidden, g_free);
  return NULL;
}

/**
 * gst_socket_draft_free: (skip)
 * @draft: (nullable) (transfer full): what to free
 *
 * Removes it, unless it was finished.
 */
void
gst_socket_draft_free (GstSocketDraft *draft)
{
  if (draft == NULL)
    return;
  if (draft->hidden != NULL)
    unlinkat (draft->folder, draft->hidden, 0);
  if (draft->fd >= 0)
    close (draft->fd);
  if (draft->folder >= 0)
    close (draft->folder);
  g_free (draft->hidden);
  g_free (draft->name);
  g_free (draft);
}

/**
 * gst_socket_draft_reserve: (skip)
 * @draft: a file
 * @size: bytes that it will have
 * @error: of #GIOErrorEnum; %G_IO_ERROR_NO_SPACE
 *
 * Finds out whether there is room, before anything is written. Where the file
 * system cannot tell, writing does.
 *
 * Returns: whether there is
 */
gboolean
gst_socket_draft_reserve (GstSocketDraft *draft, guint64 size, GError **error)
{
  if (size == 0
      || fallocate (draft->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t) size) == 0
      || (errno != ENOSPC && errno != EDQUOT && errno != EFBIG))
    return TRUE;
  set_error (error, draft->name, errno);
  return FALSE;
}

/**
 * gst_socket_draft_write: (skip)
 * @draft: a file
 * @data: (array length=size): what comes next
 * @size: its bytes
 * @error: of #GIOErrorEnum; %G_IO_ERROR_NO_SPACE
 *
 * Returns: whether all of it was written
 */
gboolean
gst_socket_draft_write (
    GstSocketDraft *draft, gconstpointer data, gsize size, GError **error)
{
  const guint8 *p = data;

  while (size > 0) {
    gssize n = pwrite (draft->fd, p, size, (off_t) draft->offset);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      set_error (error, draft->name, n == 0 ? ENOSPC : errno);
      return FALSE;
    }
    p += n;
    size -= n;
    draft->offset += n;
  }
  return TRUE;
}

/**
 * gst_socket_draft_copy: (skip)
 * @draft: a file
 * @fd: another, to read from its start
 * @size: bytes to copy
 * @error: of #GIOErrorEnum
 *
 * Writes what another file holds.
 *
 * Returns: whether all of it was copied
 */
gboolean
gst_socket_draft_copy (
    GstSocketDraft *draft, gint fd, guint64 size, GError **error)
{
  g_autofree guint8 *data = g_malloc (COPY_SIZE);
  guint64 done = 0;

  while (done < size) {
    gssize n = pread (fd, data, MIN (COPY_SIZE, size - done), (off_t) done);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      set_error (error, draft->name, n == 0 ? EIO : errno);
      return FALSE;
    }
    if (!gst_socket_draft_write (draft, data, n, error))
      return FALSE;
    done += n;
  }
  return TRUE;
}

/**
 * gst_socket_draft_seek: (skip)
 * @draft: a file
 * @offset: where to write next
 */
void
gst_socket_draft_seek (GstSocketDraft *draft, guint64 offset)
{
  draft->offset = offset;
}

/* A folder is nothing that a file may replace; a link is, and not what it
 * points to. */
static gint
look_at_place (GstSocketDraft *draft, gboolean *ret_replaced)
{
  struct stat info;

  *ret_replaced =
      fstatat (draft->folder, draft->name, &info, AT_SYMLINK_NOFOLLOW) == 0;
  return *ret_replaced && S_ISDIR (info.st_mode) ? EISDIR : 0;
}

/**
 * gst_socket_draft_finish: (skip)
 * @draft: a file that is whole
 * @ret_replaced: (out): whether it took the place of another
 * @error: of #GIOErrorEnum; %G_IO_ERROR_IS_DIRECTORY when there is a folder
 *
 * Gives it its name. Nobody ever sees a part of it.
 *
 * Returns: whether it is in its place
 */
gboolean
gst_socket_draft_finish (
    GstSocketDraft *draft, gboolean *ret_replaced, GError **error)
{
  gboolean replaced;
  gint number = look_at_place (draft, &replaced);

  if (number == 0
      && renameat (draft->folder, draft->hidden, draft->folder, draft->name)
          < 0)
    number = errno;
  if (number != 0) {
    set_error (error, draft->name, number);
    return FALSE;
  }
  g_clear_pointer (&draft->hidden, g_free);
  *ret_replaced = replaced;
  return TRUE;
}
