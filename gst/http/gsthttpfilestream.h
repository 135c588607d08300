/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttpfilestream.h: a GOutputStream into a file that is served
 *
 * Here: the stream. Not here: files (gsthttpstore.h).
 */
#pragma once

#include "gsthttpstore.h"

G_BEGIN_DECLS

#define GST_TYPE_HTTP_FILE_STREAM (gst_http_file_stream_get_type ())
G_DECLARE_FINAL_TYPE (GstHttpFileStream, gst_http_file_stream, GST,
    HTTP_FILE_STREAM, GOutputStream)

/* Takes the writer. */
GOutputStream *gst_http_file_stream_new (GstHttpWriter *writer);

G_END_DECLS
