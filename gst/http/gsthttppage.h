/* SPDX-License-Identifier: LGPL-2.1-or-later
 * gsthttppage.h: answers that the application makes itself
 *
 * Here: the signal for them.
 * Not here: asking the application (gsthttpguard.h).
 */
#pragma once

#include "gsthttpserversink-private.h"

G_BEGIN_DECLS

/* The signal "answer-with". */
void gst_http_page_install_signals (GType type);

G_END_DECLS
