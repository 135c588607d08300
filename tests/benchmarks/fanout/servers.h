/* SPDX-License-Identifier: LGPL-2.1-or-later
 * servers.h: the servers that the fan-out benchmark compares
 *
 * Here: a trial of one of them. Not here: what a trial is (trial.h).
 */
#pragma once

#include "fanout.h"
#include "trial.h"

G_BEGIN_DECLS

/* @setting: one more "property=value" for ours, or NULL. */
Trial *trial_new (
    const Fanout *run, FanoutServer server, const gchar *setting, gsize size);

/* Says on standard error what went wrong, and notes it for the exit status.
 * Returns whether all went well. */
gboolean trial_ended_well (Trial *self, Fanout *run, FanoutServer server);

G_END_DECLS
