/* SPDX-License-Identifier: LGPL-2.1-or-later
 * scenario.h: the tables of scripted scenarios
 *
 * Here: what a scenario is, one table a file. Not here: the scenarios.
 */
#pragma once

#include "bench.h"
#include "link.h"

G_BEGIN_DECLS

typedef enum
{
  ON_SOCKET = 1 << 0,
  ON_FD = 1 << 1,
  ON_SERVER = 1 << 2,
  ON_BOTH = ON_SOCKET | ON_FD,
  ON_CLIENT_SRC = 1 << 3,
  ON_SERVER_SRC = 1 << 4,
  ON_CLIENT_SINK = 1 << 5,
  ON_SOCKET_SRC = 1 << 6,
} On;

typedef struct
{
  const gchar *name;
  /* The elements it is told on; a scenario of two is run twice. */
  On on;
  void (*run) (Bench *b);
  /* Instead, of an element that has one peer. */
  void (*run_link) (Link *l);
} Scenario;

/* Each ends with an entry of no name. */
extern const Scenario scenarios_buffers[];
extern const Scenario scenarios_client_sink[];
extern const Scenario scenarios_client_src[];
extern const Scenario scenarios_clients[];
extern const Scenario scenarios_events[];
extern const Scenario scenarios_handles[];
extern const Scenario scenarios_headers[];
extern const Scenario scenarios_limits[];
extern const Scenario scenarios_server[];
extern const Scenario scenarios_server_src[];
extern const Scenario scenarios_socket_src[];
extern const Scenario scenarios_sources[];
extern const Scenario scenarios_states[];
extern const Scenario scenarios_sync[];

G_END_DECLS
