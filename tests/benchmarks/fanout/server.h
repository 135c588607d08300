/* SPDX-License-Identifier: LGPL-2.1-or-later
 * server.h: the measured process, whatever serves in it
 *
 * Here: what a way to serve has to offer, the requests to its process.
 * Not here: the ways (servergst.c, serverfloor.c), the driver.
 *
 * Requests (see benchproc.h):
 *   stream SIZE BITS_PER_S   begins to push stamped buffers at that rate
 *   halt                     ends that
 *   clients                  how many there are now
 *   mark                     begins a window: counts from here
 *   figures                  CPU time, buffers and push times of the window
 */
#pragma once

#include "../common/benchhist.h"
#include "../common/benchpace.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a pushing thread writes down; the lock is never contended for long. */
typedef struct
{
  GMutex lock;

  /* guarded by lock */
  BenchHist push;     /* ns from call to return */
  BenchHist push_cpu; /* ns of the pushing thread's own work meanwhile */
  guint64 sent;       /* buffers */
  guint64 waited;     /* pushes in which the thread slept */
} ServerFigures;

/* A push under way. */
typedef struct
{
  gint64 begin_ns;
  gint64 begin_cpu_ns;
  glong sleeps;
} ServerPush;

typedef struct
{
  /* Returns the port it listens on, 0 on failure. */
  guint (*open) (gpointer self, GError **error);
  void (*stream) (gpointer self, gsize size, gdouble bits_per_s);
  void (*halt) (gpointer self);
  guint (*clients) (gpointer self);
  void (*close) (gpointer self);

  /* When another process than this one serves; else NULL. */
  gint64 (*cpu_us) (gpointer self);
  GPid (*pid) (gpointer self);
} ServerWay;

/* Around each push, in the pushing thread. */
void server_push_begin (ServerPush *ret_push);
void server_push_end (const ServerPush *self, ServerFigures *figures);

/* Process entry points, which return an exit status.
 * @plugin: the file whose element serves.
 * @element: tcpserversink or httpserversink.
 * @settings: "property=value" for it. */
gint server_gst_main (const gchar *plugin, const gchar *element,
    gint n_settings, gchar *const *settings);
gint server_floor_main (void);

/* Opens, serves requests until the end of standard input, closes. */
gint server_run (
    const ServerWay *way, gpointer way_data, ServerFigures *figures);

G_END_DECLS
