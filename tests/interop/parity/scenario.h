/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenario.h: the tables of scripted scenarios
 *
 * Here: what a scenario is, one table a file. Not here: the scenarios.
 */
#pragma once

#include "bench.h"

G_BEGIN_DECLS

typedef enum
{
  ON_SOCKET = 1 << 0,
  ON_FD = 1 << 1,
  ON_SERVER = 1 << 2,
  ON_BOTH = ON_SOCKET | ON_FD,
} On;

typedef struct
{
  const gchar *name;
  /* The elements it is told on; a scenario of two is run twice. */
  On on;
  void (*run) (Bench *b);
} Scenario;

/* Each ends with an entry of no name. */
extern const Scenario scenarios_buffers[];
extern const Scenario scenarios_clients[];
extern const Scenario scenarios_events[];
extern const Scenario scenarios_handles[];
extern const Scenario scenarios_headers[];
extern const Scenario scenarios_limits[];
extern const Scenario scenarios_server[];
extern const Scenario scenarios_states[];
extern const Scenario scenarios_sync[];

G_END_DECLS
