/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketerror.c: what an element makes of a GError
 *
 * Here: choosing the flow return and the code of an error message.
 * Not here: the words of the message; those are the element's, which alone
 * knows what it was doing.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstsocketerror.h"

static const struct
{
  GIOErrorEnum io;
  GstResourceError resource;
} resource_codes[] = {
    {G_IO_ERROR_NOT_FOUND, GST_RESOURCE_ERROR_NOT_FOUND},
    {G_IO_ERROR_HOST_NOT_FOUND, GST_RESOURCE_ERROR_NOT_FOUND},
    {G_IO_ERROR_ADDRESS_IN_USE, GST_RESOURCE_ERROR_BUSY},
    {G_IO_ERROR_BUSY, GST_RESOURCE_ERROR_BUSY},
    {G_IO_ERROR_PERMISSION_DENIED, GST_RESOURCE_ERROR_NOT_AUTHORIZED},
    {G_IO_ERROR_NO_SPACE, GST_RESOURCE_ERROR_NO_SPACE_LEFT},
    {G_IO_ERROR_INVALID_ARGUMENT, GST_RESOURCE_ERROR_SETTINGS},
    {G_IO_ERROR_INVALID_FILENAME, GST_RESOURCE_ERROR_SETTINGS},
};

/**
 * gst_socket_error_is_cancelled:
 * @error: (nullable): an error
 *
 * Returns: %TRUE if @error only says that somebody asked to stop; it is not
 *     to be posted
 */
gboolean
gst_socket_error_is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/**
 * gst_socket_error_is_peer_gone:
 * @error: (nullable): an error of a read or a write
 *
 * Returns: %TRUE if the other side closed or reset the connection
 */
gboolean
gst_socket_error_is_peer_gone (const GError *error)
{
  /* G_IO_ERROR_BROKEN_PIPE is the same code. */
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

/**
 * gst_socket_error_is_out_of_descriptors:
 * @error: (nullable): an error
 *
 * Returns: %TRUE if the process or the system has no file descriptor left
 */
gboolean
gst_socket_error_is_out_of_descriptors (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
}

/**
 * gst_socket_error_to_flow:
 * @error: an error
 *
 * Returns: %GST_FLOW_FLUSHING if @error says that somebody asked to stop,
 *     %GST_FLOW_ERROR otherwise
 */
GstFlowReturn
gst_socket_error_to_flow (const GError *error)
{
  return gst_socket_error_is_cancelled (error) ? GST_FLOW_FLUSHING
                                               : GST_FLOW_ERROR;
}

/**
 * gst_socket_error_to_resource:
 * @error: an error
 * @otherwise: the code for what the element was doing, such as
 *     %GST_RESOURCE_ERROR_OPEN_READ
 *
 * Chooses the code for an element's message: not found, busy, not
 * authorised, no space left or bad settings where @error says so.
 *
 * Returns: the code
 */
GstResourceError
gst_socket_error_to_resource (const GError *error, GstResourceError otherwise)
{
  g_return_val_if_fail (error != NULL, otherwise);

  if (g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    return GST_RESOURCE_ERROR_NOT_FOUND;
  if (error->domain == GST_URI_ERROR)
    return GST_RESOURCE_ERROR_SETTINGS;
  if (error->domain != G_IO_ERROR)
    return otherwise;
  for (guint i = 0; i < G_N_ELEMENTS (resource_codes); i++) {
    if (error->code == (gint) resource_codes[i].io)
      return resource_codes[i].resource;
  }
  return otherwise;
}
