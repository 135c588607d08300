/* SPDX-License-Identifier: LGPL-2.1-or-later
 * ipc.h: what the processes of one trial share
 *
 * Here: the trial, the shared page. Not here: tables, options.
 */
#pragma once

#include "../common/benchhist.h"

#include <glib.h>

G_BEGIN_DECLS

#define IPC_MAX_CONSUMERS 4
#define IPC_POOL 8

typedef enum
{
  IPC_OURS,
  IPC_SHM,
  IPC_TCP,
  IPC_BARE,
} IpcKind;

typedef enum
{
  IPC_WARM_UP,
  IPC_MEASURE,
  IPC_DONE,
  IPC_STOP,
} IpcPhase;

typedef struct
{
  IpcKind kind;
  guint width;
  guint height;
  guint consumers;
  /* 0 for as fast as it goes. */
  guint per_s;
  /* The consumer reads a byte of every page. */
  gboolean touch;
  gchar path[100];
} IpcTrial;

/* One process's; 0 is the producer. */
typedef struct
{
  gint frames;
  gint counted;
  gint64 cpu_us;
  gint64 took_us;
  BenchHist latency;
} IpcEnd;

typedef struct
{
  gint phase;
  /* The producer listens. */
  gint listening;
  IpcEnd ends[1 + IPC_MAX_CONSUMERS];
} IpcShared;

static inline gsize
ipc_trial_frame_size (const IpcTrial *trial)
{
  return (gsize) trial->width * trial->height * 3 / 2;
}

/* Each is a process: index 0 produces, the others consume. */
void ipc_end_run (const IpcTrial *trial, IpcShared *shared, gint index);
void ipc_bare_run (const IpcTrial *trial, IpcShared *shared, gint index);

/* Follows the phases, noting what was counted, until the end. */
void ipc_follow_phases (IpcShared *shared, IpcEnd *end);

G_END_DECLS
