/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstlistenerror.c: why an element cannot listen, in words
 *
 * Here: one sentence for all elements that listen.
 * Not here: listening, posting.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstlistenerror.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

/*
 * gst_listen_error_describe:
 * @name: how people call what was to be listened on: host:port, path or name
 * @error: why it cannot be
 *
 * Returns: (transfer full): a translated sentence
 */
gchar *
gst_listen_error_describe (const gchar *name, const GError *error)
{
  if (error->domain == G_RESOLVER_ERROR)
    return g_strdup_printf (
        _ ("Could not listen on \"%s\": the host could not be found."), name);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    return g_strdup_printf (
        _ ("Could not listen on \"%s\": it is in use already."), name);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return g_strdup_printf (
        _ ("Could not listen on \"%s\": this is not permitted."), name);
  return g_strdup_printf (_ ("Could not listen on \"%s\"."), name);
}
