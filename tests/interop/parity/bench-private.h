/* SPDX-License-Identifier: LGPL-2.1-or-later
 * bench-private.h: what the two halves of the bench share
 *
 * Here: nothing a scenario may use.
 */
#pragma once

#include "bench.h"

G_BEGIN_DECLS

void client_free (Client *c);
gboolean client_drain (Client *c);
/* Prints what @c received since the last time. */
void client_print (Client *c);

void bench_watch_signals (Bench *b);
void bench_print_signals (Bench *b);

G_END_DECLS
