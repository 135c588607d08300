/* SPDX-License-Identifier: LGPL-2.1-or-later
 * socket-prelude.h: export macro of the library
 *
 * Here: GST_SOCKET_API and nothing else. Every public header includes it.
 */
#pragma once

#include <gst/gst.h>

#ifdef BUILDING_GST_SOCKET
#define GST_SOCKET_API GST_API_EXPORT
#else
#define GST_SOCKET_API GST_API_IMPORT
#endif
