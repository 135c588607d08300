/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gstsocketunaligned.h: numbers that do not stand where they would be aligned
 *
 * Here: having GST_READ_* and GST_WRITE_* go byte by byte in the file that
 * includes this first. Compilers make one access of it where the machine can.
 * Not here: anything else; not installed.
 *
 * Qualcomm's payloads have 64-bit numbers at multiples of 4. GStreamer's macros
 * read them through a pointer to guint64, which the language does not allow
 * and a sanitizer reports.
 */
#pragma once

#ifdef __GST_H__
#error "gstsocketunaligned.h comes before every other header of GStreamer"
#endif

#include <gst/gstconfig.h>

#undef GST_HAVE_UNALIGNED_ACCESS
#define GST_HAVE_UNALIGNED_ACCESS 0
