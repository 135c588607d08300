/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstipcconnector.c: to where somebody listens, again and again
 *
 * Here: see gstipcconnector.h. Not here: connections. The I/O thread's.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstipcconnector.h"

#include <gst/socket/gstsocketunix.h>

#define FIRST_PAUSE_US (10 * G_TIME_SPAN_MILLISECOND)
#define MAX_PAUSE_US (500 * G_TIME_SPAN_MILLISECOND)

/* What passes by itself: nobody listens yet, or many connect just now. */
static gboolean
is_expected (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* Returns a connection, or -1; pause_after_us is when there is to be another
 * after it. error is set to what the user should know, once for each time
 * without a connection; it is tried again all the same. */
gint
gst_ipc_connector_try (GstIpcConnector *self, const gchar *path, gint64 now,
    gint64 pause_after_us, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gint fd;

  if (now < self->due_at)
    return -1;
  fd = gst_socket_unix_connect (path, &failure);
  if (fd >= 0) {
    self->pause_us = 0;
    self->due_at = now + MAX (pause_after_us, FIRST_PAUSE_US);
    self->said = FALSE;
    return fd;
  }
  self->pause_us = CLAMP (self->pause_us * 2, FIRST_PAUSE_US, MAX_PAUSE_US);
  self->due_at = now + self->pause_us;
  if (self->said || is_expected (failure))
    return -1;
  self->said = TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return -1;
}
