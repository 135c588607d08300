/* SPDX-License-Identifier: LGPL-2.1-or-later
 * bench-private.h: what the two halves of the bench share
 *
 * Here: nothing a scenario may use.
 */
#pragma once

#include "bench.h"

G_BEGIN_DECLS

Client *client_alloc (Bench *b, ClientKind kind);
/* From now on the bench owns it and signals are told by its name. */
void client_list (Client *c);
void client_free (Client *c);
gboolean client_drain (Client *c);
/* What went over TCP may be on its way though every thread sleeps. */
gboolean client_is_under_way (Client *c);
/* Prints what @c received since the last time. */
void client_print (Client *c);

void bench_watch_signals (Bench *b);
void bench_print_signals (Bench *b);

G_END_DECLS
