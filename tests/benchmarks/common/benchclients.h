/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchclients.h: a process that is very many receiving clients
 *
 * Here: its entry point and its requests. Not here: what is measured.
 *
 * Requests (see benchproc.h), groups being 0 to 3:
 *   target PORT SIZE [PATH VERSION [tls]]
 *                         where to connect to, the size of one buffer, and what
 *                         to ask for over HTTP of which version
 *   connect GROUP N MODE  begins N connects at once; MODE is "read" or
 *                         "stall" (never reads). Answers before they are done.
 *   drop GROUP            closes its connections and forgets its figures
 *   mark                  begins a window: counts from here
 *   report GROUP          figures of the window and of the group's connects
 *   first GROUP           as report, without the walk over the clients
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Serves requests until the end of standard input; returns an exit status. */
gint bench_clients_main (void);

G_END_DECLS
