/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketunix.c: UNIX sockets of records, by path
 *
 * Here: see gstsocketunix.h. A path is "/run/x.sock", "unix:///run/x.sock" or
 * "unix-abstract:name".
 * Not here: what is sent, threads. No state but the listener's own.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketunix.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ABSTRACT_PREFIX "unix-abstract:"
#define PATH_PREFIX "unix://"

struct _GstSocketUnixListener
{
  gint fd;
  /* See gstsocketaccept.c; -1 while there is none. */
  gint spare;
  /* NULL for an abstract address, which has no file. */
  gchar *path;
  dev_t dev;
  ino_t ino;
};

typedef struct
{
  struct sockaddr_un addr;
  socklen_t size;
  const gchar *path;
} Address;

static void
set_errno_error (GError **error, const gchar *what, gint code)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what,
      g_strerror (code));
}

static gboolean
fill_address (Address *address, const gchar *text, GError **error)
{
  gboolean is_abstract = g_str_has_prefix (text, ABSTRACT_PREFIX);
  gsize size;

  if (is_abstract)
    text += strlen (ABSTRACT_PREFIX);
  else if (g_str_has_prefix (text, PATH_PREFIX))
    text += strlen (PATH_PREFIX);
  size = strlen (text);
  memset (address, 0, sizeof (*address));
  address->addr.sun_family = AF_UNIX;
  /* One byte is the terminator, or the zero before an abstract name. */
  if (size == 0 || size > sizeof (address->addr.sun_path) - 1) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a socket path has 1 to %u bytes, this has %" G_GSIZE_FORMAT,
        (guint) sizeof (address->addr.sun_path) - 1, size);
    return FALSE;
  }
  memcpy (address->addr.sun_path + (is_abstract ? 1 : 0), text, size);
  address->size = offsetof (struct sockaddr_un, sun_path) + size + 1;
  address->path = is_abstract ? NULL : text;
  return TRUE;
}

static gint
new_socket (GError **error)
{
  gint fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0)
    set_errno_error (error, "socket", errno);
  return fd;
}

/* Returns 0 when somebody answers at address, else errno. */
static gint
probe (const Address *address)
{
  gint fd = new_socket (NULL);
  gint result = 0;

  if (fd < 0)
    return EMFILE;
  if (connect (fd, (const struct sockaddr *) &address->addr, address->size) < 0)
    result = errno;
  close (fd);
  return result;
}

/* Another process may have come first and put its own there meanwhile. */
static gboolean
is_still (const gchar *path, const struct stat *before)
{
  struct stat st;

  return lstat (path, &st) == 0 && st.st_dev == before->st_dev
      && st.st_ino == before->st_ino;
}

static gboolean
is_our_socket (const struct stat *st, GError **error)
{
  if (!S_ISSOCK (st->st_mode)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
        "a file that is not a socket is there");
    return FALSE;
  }
  if (st->st_uid != geteuid ()) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
        "a socket of another user is there");
    return FALSE;
  }
  return TRUE;
}

/* Something is at our path. Only a socket of ours that nobody listens on any
 * more, the rest of a process that died, may be taken away. */
static gboolean
remove_stale (const Address *address, GError **error)
{
  struct stat st;

  if (address->path == NULL || lstat (address->path, &st) < 0) {
    set_errno_error (error, "bind", EADDRINUSE);
    return FALSE;
  }
  if (!is_our_socket (&st, error))
    return FALSE;
  if (probe (address) != ECONNREFUSED || !is_still (address->path, &st)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
        "another process listens there");
    return FALSE;
  }
  if (unlink (address->path) < 0 && errno != ENOENT) {
    set_errno_error (error, "unlink", errno);
    return FALSE;
  }
  return TRUE;
}

static gboolean
bind_address (gint fd, const Address *address, GError **error)
{
  const struct sockaddr *addr = (const struct sockaddr *) &address->addr;

  if (bind (fd, addr, address->size) == 0)
    return TRUE;
  if (errno != EADDRINUSE) {
    set_errno_error (error, "bind", errno);
    return FALSE;
  }
  if (!remove_stale (address, error))
    return FALSE;
  if (bind (fd, addr, address->size) == 0)
    return TRUE;
  set_errno_error (error, "bind", errno);
  return FALSE;
}

/* The mode is set before bind, so that there is no moment at which the path is
 * open to others; once more after it, against the process's umask. */
static gboolean
open_listener (GstSocketUnixListener *self, const Address *address, guint mode,
    GError **error)
{
  struct stat st;

  fchmod (self->fd, mode);
  if (!bind_address (self->fd, address, error))
    return FALSE;
  if (address->path != NULL) {
    if (lstat (address->path, &st) < 0) {
      set_errno_error (error, "lstat", errno);
      return FALSE;
    }
    /* From here on it is removed again, whatever fails. */
    self->path = g_strdup (address->path);
    self->dev = st.st_dev;
    self->ino = st.st_ino;
    if ((st.st_mode & 0777) != mode
        && fchmodat (AT_FDCWD, address->path, mode, AT_SYMLINK_NOFOLLOW) < 0) {
      set_errno_error (error, "chmod", errno);
      return FALSE;
    }
  }
  if (listen (self->fd, SOMAXCONN) < 0) {
    set_errno_error (error, "listen", errno);
    return FALSE;
  }
  self->spare = gst_socket_accept_open_spare ();
  return TRUE;
}

/**
 * gst_socket_unix_listener_new: (skip)
 * @path: where to listen
 * @mode: permissions of the file, as 0600
 * @error: return location for a #GError of domain %G_IO_ERROR:
 *     %G_IO_ERROR_INVALID_ARGUMENT for a path too long,
 *     %G_IO_ERROR_ADDRESS_IN_USE when somebody listens there,
 *     %G_IO_ERROR_EXISTS when a file that is no socket is there, and others
 *
 * Listens for records. A socket file that a dead process left is replaced.
 *
 * Returns: (transfer full) (nullable): the listener
 */
GstSocketUnixListener *
gst_socket_unix_listener_new (const gchar *path, guint mode, GError **error)
{
  g_autoptr (GstSocketUnixListener) self = NULL;
  Address address;

  g_return_val_if_fail (path != NULL, NULL);
  if (!fill_address (&address, path, error))
    return NULL;
  self = g_new0 (GstSocketUnixListener, 1);
  self->spare = -1;
  self->fd = new_socket (error);
  if (self->fd < 0 || !open_listener (self, &address, mode, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * gst_socket_unix_listener_is_reachable: (skip)
 * @listener: a listener
 *
 * Returns: %FALSE when its file was removed or replaced, so that nobody can
 * connect any more
 */
gboolean
gst_socket_unix_listener_is_reachable (GstSocketUnixListener *listener)
{
  struct stat st;

  if (listener->path == NULL)
    return TRUE;
  return lstat (listener->path, &st) == 0 && st.st_dev == listener->dev
      && st.st_ino == listener->ino;
}

/**
 * gst_socket_unix_listener_free: (skip)
 * @listener: (transfer full) (nullable): a listener
 *
 * Closes it, and removes its file if that is still its own.
 */
void
gst_socket_unix_listener_free (GstSocketUnixListener *listener)
{
  if (listener == NULL)
    return;
  if (listener->path != NULL
      && gst_socket_unix_listener_is_reachable (listener))
    unlink (listener->path);
  if (listener->fd >= 0)
    close (listener->fd);
  if (listener->spare >= 0)
    close (listener->spare);
  g_free (listener->path);
  g_free (listener);
}

/**
 * gst_socket_unix_listener_get_fd: (skip)
 * @listener: a listener
 *
 * Returns: its descriptor, to wait on; it stays the listener's
 */
gint
gst_socket_unix_listener_get_fd (GstSocketUnixListener *listener)
{
  return listener->fd;
}

/**
 * gst_socket_unix_listener_accept: (skip)
 * @listener: a listener
 * @ret_fd: (out): a non-blocking connection, which the caller closes
 *
 * Takes one connection, without waiting. When descriptors run out it is closed
 * at once with one that is kept for the purpose.
 *
 * Returns: what came of it; with anything but %GST_SOCKET_ACCEPT_TAKEN,
 *     @ret_fd stays untouched
 */
GstSocketAccept
gst_socket_unix_listener_accept (GstSocketUnixListener *listener, gint *ret_fd)
{
  return gst_socket_accept_one (listener->fd, &listener->spare, ret_fd);
}

/**
 * gst_socket_unix_check_path: (skip)
 * @path: where somebody may listen
 * @error: return location for a #GError, %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Returns: %FALSE for a path that no socket can have
 */
gboolean
gst_socket_unix_check_path (const gchar *path, GError **error)
{
  Address address;

  return fill_address (&address, path, error);
}

/**
 * gst_socket_unix_connect: (skip)
 * @path: where somebody listens
 * @error: return location for a #GError of domain %G_IO_ERROR
 *
 * Connects without waiting.
 *
 * Returns: a non-blocking connection, which the caller closes, or -1
 */
gint
gst_socket_unix_connect (const gchar *path, GError **error)
{
  Address address;
  gint fd;

  if (!fill_address (&address, path, error))
    return -1;
  fd = new_socket (error);
  if (fd < 0)
    return -1;
  if (connect (fd, (struct sockaddr *) &address.addr, address.size) == 0)
    return fd;
  set_errno_error (error, "connect", errno);
  close (fd);
  return -1;
}

/**
 * gst_socket_unix_get_peer: (skip)
 * @fd: a connection
 * @ret_uid: (out): the user at the other end
 * @ret_pid: (out): the process at the other end
 *
 * Returns: %TRUE when the kernel knows
 */
gboolean
gst_socket_unix_get_peer (gint fd, guint *ret_uid, gint *ret_pid)
{
  struct ucred cred;
  socklen_t size = sizeof (cred);

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) < 0)
    return FALSE;
  *ret_uid = cred.uid;
  *ret_pid = cred.pid;
  return TRUE;
}
