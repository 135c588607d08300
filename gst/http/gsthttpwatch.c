/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpwatch.c: notices what others write below a root
 *
 * Here: inotify on folders and those in them, and what its events mean.
 * Not here: what is done about it (gsthttpstore.c).
 *
 * Threads   app: new, add, start, free    watch: the rest
 * Locks     none: the app does not touch it between start and free
 *
 * A file grows from when it is made or changed until whoever had it open to
 * write has closed it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttpwatch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS                                                                 \
  (IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO        \
      | IN_DELETE | IN_ONLYDIR | IN_DONT_FOLLOW)

typedef struct
{
  GstSocketRoot *root;
  gchar *path;     /* in the URL, without "/" at its end */
  gchar *relative; /* below the root; "" for itself */
} Folder;

struct _GstHttpWatch
{
  GstHttpStore *store;
  GThread *thread;
  gint inotify;
  gint quit;           /* eventfd */
  GHashTable *folders; /* watch descriptor -> Folder */
};

static void
free_folder (gpointer data)
{
  Folder *folder = data;

  gst_socket_root_unref (folder->root);
  g_free (folder->path);
  g_free (folder->relative);
  g_free (folder);
}

static gchar *
join (const gchar *folder, const gchar *name)
{
  return folder[0] != '\0' ? g_strconcat (folder, "/", name, NULL)
                           : g_strdup (name);
}

/* --- folders --- */

static void watch_folder (GstHttpWatch *self, GstSocketRoot *root,
    const gchar *path, const gchar *relative, gboolean is_moved);

static void
watch_below (GstHttpWatch *self, const Folder *folder, const gchar *on_disk,
    gboolean is_moved)
{
  GDir *dir = g_dir_open (on_disk, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL
      && g_hash_table_size (self->folders) < GST_HTTP_WATCH_MAX) {
    g_autofree gchar *below = g_build_filename (on_disk, name, NULL);
    struct stat info;

    if (name[0] != '.' && lstat (below, &info) == 0 && S_ISDIR (info.st_mode)) {
      g_autofree gchar *path = g_strconcat (folder->path, "/", name, NULL);
      g_autofree gchar *relative = join (folder->relative, name);

      watch_folder (self, folder->root, path, relative, is_moved);
    }
  }
  g_clear_pointer (&dir, g_dir_close);
}

/* A folder may be found below itself, where one is mounted twice. */
static gboolean
is_above (const Folder *folder, const gchar *relative)
{
  gsize size = strlen (folder->relative);

  return strncmp (folder->relative, relative, size) == 0
      && (size == 0 || relative[size] == '/');
}

/* One that is known keeps its name, unless it was given another. */
static gboolean
is_to_be_named (const GstHttpWatch *self, gint descriptor,
    const gchar *relative, gboolean is_moved)
{
  const Folder *old =
      g_hash_table_lookup (self->folders, GINT_TO_POINTER (descriptor));

  return old == NULL || (is_moved && !is_above (old, relative));
}

static void
watch_folder (GstHttpWatch *self, GstSocketRoot *root, const gchar *path,
    const gchar *relative, gboolean is_moved)
{
  g_autofree gchar *on_disk =
      g_build_filename (gst_socket_root_get_folder (root), relative, NULL);
  gint descriptor;
  Folder *folder;

  if (g_hash_table_size (self->folders) >= GST_HTTP_WATCH_MAX)
    return;
  descriptor = inotify_add_watch (self->inotify, on_disk, EVENTS);
  if (descriptor < 0 || !is_to_be_named (self, descriptor, relative, is_moved))
    return;
  folder = g_new0 (Folder, 1);
  folder->root = gst_socket_root_ref (root);
  folder->path = g_strdup (path);
  folder->relative = g_strdup (relative);
  g_hash_table_insert (self->folders, GINT_TO_POINTER (descriptor), folder);
  watch_below (self, folder, on_disk, is_moved);
}

/* --- events --- */

static void
handle_folder (
    GstHttpWatch *self, const struct inotify_event *event, const Folder *folder)
{
  g_autofree gchar *path = NULL;
  g_autofree gchar *relative = NULL;

  if (!(event->mask & (IN_CREATE | IN_MOVED_TO)) || event->name[0] == '.')
    return;
  path = g_strconcat (folder->path, "/", event->name, NULL);
  relative = join (folder->relative, event->name);
  watch_folder (self, folder->root, path, relative, event->mask & IN_MOVED_TO);
}

/* Whether a file was made to be written: a link is not, nor is what was given
 * its name when it was whole. If it is written, that is another event. */
static gboolean
is_begun (const Folder *folder, const gchar *relative)
{
  g_autofree gchar *on_disk = g_build_filename (
      gst_socket_root_get_folder (folder->root), relative, NULL);
  struct stat info;

  return lstat (on_disk, &info) == 0 && S_ISREG (info.st_mode)
      && info.st_nlink == 1 && info.st_size == 0;
}

static void
handle_file (
    GstHttpWatch *self, const struct inotify_event *event, const Folder *folder)
{
  g_autofree gchar *path = g_strconcat (folder->path, "/", event->name, NULL);
  g_autofree gchar *relative = join (folder->relative, event->name);
  GstSocketFileInfo info;

  if (event->mask & (IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE)) {
    gst_http_store_others_finish (self->store, path, TRUE);
  } else if (event->mask & IN_DELETE) {
    gst_http_store_others_finish (self->store, path, FALSE);
  } else if ((!(event->mask & IN_CREATE) || is_begun (folder, relative))
      && gst_socket_root_stat (folder->root, relative, &info, NULL)) {
    gst_http_store_others_write (
        self->store, path, folder->root, relative, &info);
  }
}

static void
handle (GstHttpWatch *self, const struct inotify_event *event)
{
  const Folder *folder =
      g_hash_table_lookup (self->folders, GINT_TO_POINTER (event->wd));

  if (event->mask & IN_Q_OVERFLOW)
    gst_http_store_others_fail (self->store);
  else if (event->mask & IN_IGNORED)
    g_hash_table_remove (self->folders, GINT_TO_POINTER (event->wd));
  else if (folder == NULL || event->len == 0)
    return;
  else if (event->mask & IN_ISDIR)
    handle_folder (self, event, folder);
  else
    handle_file (self, event, folder);
}

/* Returns whether there may be more. */
static gboolean
read_events (GstHttpWatch *self)
{
  gchar data[16 * 1024]
      __attribute__ ((aligned (__alignof__(struct inotify_event))));
  gssize n = read (self->inotify, data, sizeof data);

  for (gchar *p = data; n > 0 && p < data + n;) {
    const struct inotify_event *event = (gconstpointer) p;

    handle (self, event);
    p += sizeof *event + event->len;
  }
  return n > 0 || (n < 0 && errno == EINTR);
}

static gpointer
run (gpointer user_data)
{
  GstHttpWatch *self = user_data;
  struct pollfd fds[] = {{self->inotify, POLLIN, 0}, {self->quit, POLLIN, 0}};

  while (!(fds[1].revents & POLLIN)) {
    if (poll (fds, G_N_ELEMENTS (fds), -1) < 0 && errno != EINTR)
      break;
    if (fds[0].revents & POLLIN)
      read_events (self);
  }
  return NULL;
}

/* --- life --- */

GstHttpWatch *
gst_http_watch_new (GstHttpStore *store, GError **error)
{
  GstHttpWatch *self = g_new0 (GstHttpWatch, 1);
  gint number;

  self->store = gst_http_store_ref (store);
  self->folders = g_hash_table_new_full (NULL, NULL, NULL, free_folder);
  self->inotify = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  number = errno;
  self->quit = self->inotify < 0 ? -1 : eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->quit >= 0)
    return self;
  if (self->inotify >= 0)
    number = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
      "Folders cannot be watched: %s", g_strerror (number));
  gst_http_watch_free (self);
  return NULL;
}

/* Before it is started. The prefix is without "/" at its end. */
void
gst_http_watch_add (
    GstHttpWatch *self, GstSocketRoot *root, const gchar *prefix)
{
  watch_folder (self, root, prefix, "", FALSE);
}

gboolean
gst_http_watch_start (GstHttpWatch *self, GError **error)
{
  self->thread = g_thread_try_new ("file-watch", run, self, error);
  return self->thread != NULL;
}

void
gst_http_watch_free (GstHttpWatch *self)
{
  if (self == NULL)
    return;
  if (self->thread != NULL) {
    eventfd_write (self->quit, 1);
    g_thread_join (self->thread);
  }
  if (self->quit >= 0)
    close (self->quit);
  if (self->inotify >= 0)
    close (self->inotify);
  g_hash_table_unref (self->folders);
  gst_http_store_unref (self->store);
  g_free (self);
}
