/* SPDX-License-Identifier: LGPL-2.1-or-later
 * settle.h: tell when every other thread of the process has gone to sleep
 *
 * Here: the condition the scripted scenarios wait on. Not here: elements.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* TRUE when there was a moment, during the call, at which every thread but
 * the caller's was asleep. Whatever the element had to do is then done, unless
 * it waits for a timer or for the other end of a descriptor. */
gboolean settle_all_asleep (void);

G_END_DECLS
