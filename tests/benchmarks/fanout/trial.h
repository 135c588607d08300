/* SPDX-License-Identifier: LGPL-2.1-or-later
 * trial.h: one server process, one process of clients, and the talk to both
 *
 * Here: bringing up a pair, filling it with clients, windows of measurement.
 * Not here: which servers there are (servers.h), which pairs a row needs,
 * tables.
 *
 * The first error stays in trial->error; every later call on the trial does
 * nothing, so that a row looks once, at the end.
 */
#pragma once

#include "../common/benchproc.h"
#include "../common/benchsys.h"

G_BEGIN_DECLS

/* The groups of clients a row may use. */
#define TRIAL_STEADY 0
#define TRIAL_OTHERS 1

typedef struct
{
  BenchProc *server;
  BenchProc *clients;
  gsize size;
  gdouble rate;
  guint fill_step; /* clients that connect together */
  guint n_clients; /* asked for, in all groups */
  GPid server_pid; /* of the process that is measured */
  gint64 mark_busy_us;
  GError *error;
} Trial;

typedef struct
{
  gdouble bytes; /* received by all clients of the group */
  gdouble least; /* of any client, 1 is the rate asked for */
  gdouble most;
  gdouble lost;   /* buffers */
  gdouble gone;   /* clients */
  gdouble p50_ms; /* from before the push to after the read */
  gdouble p99_ms;
  gdouble max_ms;
  gdouble server_cpu; /* seconds a second */
  gdouble client_cpu;
  gdouble other_cpu;  /* of all that is not part of the trial */
  gdouble cpu_per_gb; /* seconds of the server a GB received */
  gdouble push_p50_us;
  gdouble push_p99_us;
  gdouble push_max_us;
  gdouble push_cpu_max_us; /* of its own work */
  gdouble push_waited;     /* share of the pushes that slept */
} TrialFigures;

/* Starts a process with arguments of which the first are "--role", a role and
 * "pinned" or "free", and one of clients with the roles "clients".
 * @target: what the clients ask for, behind port and size; NULL for nothing. */
Trial *trial_start (
    const gchar *const *server_args, gsize size, const gchar *target);
void trial_free (Trial *self);

void trial_stream (Trial *self, gdouble bits_per_s);
void trial_halt (Trial *self);

/* Connects @n clients few at a time, each step when the server holds those
 * before. @mode: "read" or "stall". Returns how many of all clients the server
 * holds at the end or after @bound_s. */
guint trial_fill (
    Trial *self, guint group, guint n, const gchar *mode, gdouble bound_s);

/* How many clients the server holds. */
guint trial_count (Trial *self);

/* Begins @n connects at once. */
void trial_storm (Trial *self, guint group, guint n);

/* The clients' own report, see benchclients.h; never NULL. */
gchar *trial_report (Trial *self, const gchar *request, guint group);

/* Closes all connections of a group, and forgets it. */
void trial_drop (Trial *self, guint group);

void trial_sleep (gdouble seconds);
void trial_mark (Trial *self);
void trial_figures (Trial *self, guint group, TrialFigures *ret_figures);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Trial, trial_free)

G_END_DECLS
