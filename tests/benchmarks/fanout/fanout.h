/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fanout.h: the rows of the fan-out benchmark, and what they are given
 *
 * Here: the run's settings, one function for each row.
 * Not here: how a row measures (trial.h), how it is printed (benchtable.h).
 */
#pragma once

#include "../common/benchtable.h"

G_BEGIN_DECLS

/* As most streams of transport packets over IP have it: seven of them. */
#define FANOUT_BUFFER_SIZE 1316
#define FANOUT_RATE 2e6

typedef enum
{
  FANOUT_OURS,
  FANOUT_STOCK,
  FANOUT_FLOOR,
  FANOUT_N_SERVERS,
} FanoutServer;

typedef struct
{
  const gchar *plugin[FANOUT_N_SERVERS]; /* NULL for the floor */
  gboolean against[FANOUT_N_SERVERS];
  gchar **ours_settings; /* "property=value", may be NULL */
  gboolean quick;
  gboolean pin;
  guint windows;
  gdouble warm_s;
  gdouble window_s;
  BenchReport *report;
  gboolean failed; /* something could not be measured */
} Fanout;

const gchar *fanout_server_name (FanoutServer server);

void fanout_row_cost (Fanout *self);
void fanout_row_batch (Fanout *self);
void fanout_row_capacity (Fanout *self);
void fanout_row_storm (Fanout *self);
void fanout_row_stalled (Fanout *self);
void fanout_row_memory (Fanout *self);
void fanout_row_push (Fanout *self);

G_END_DECLS
