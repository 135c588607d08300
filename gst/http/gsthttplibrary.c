/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttplibrary.c: the HTTP library, opened on first use
 *
 * Here: finding it, and refusing to where it would abort the process.
 * Not here: what it can do (gstsockethttp.h).
 *
 * Threads   any
 * Locks     lock guards api; held while the library is opened, once
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthttplibrary.h"

#include <dlfcn.h>

/* libsoup 3 aborts when it finds the symbols of libsoup 2, and even where it
 * does not find them both would register the same types. */
#define LIBSOUP_2 "libsoup-2.4.so.1"

static gboolean
has_libsoup_2 (void)
{
  gpointer library = dlopen (LIBSOUP_2, RTLD_LAZY | RTLD_NOLOAD);

  if (library == NULL)
    return FALSE;
  dlclose (library);
  return TRUE;
}

/* It is looked for where this plugin says (its run path), and then where all
 * libraries are. It stays open: its types cannot be taken back. */
static const GstSocketHttpApi *
open_library (GError **error)
{
  gpointer library = dlopen (GST_SOCKET_HTTP_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  GstSocketHttpGetApi get_api;

  if (library == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s", dlerror ());
    return NULL;
  }
  get_api = (GstSocketHttpGetApi) dlsym (library, GST_SOCKET_HTTP_SYMBOL);
  if (get_api == NULL || get_api ()->version != GST_SOCKET_HTTP_VERSION) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
        "%s is of another version", GST_SOCKET_HTTP_LIBRARY);
    dlclose (library);
    return NULL;
  }
  return get_api ();
}

/* Opens the library, or finds it open. Fails with G_IO_ERROR_NOT_SUPPORTED
 * when the process holds libsoup 2, or the library does not fit, and with
 * G_IO_ERROR_NOT_FOUND when it is not installed. */
const GstSocketHttpApi *
gst_http_library_open (GError **error)
{
  static GMutex lock;
  static const GstSocketHttpApi *api;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (api != NULL)
    return api;
  if (has_libsoup_2 ()) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
        "this process holds libsoup 2, beside which libsoup 3 cannot be used");
    return NULL;
  }
  api = open_library (error);
  return api;
}
