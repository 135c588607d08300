/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchproc.h: a process of its own for what is measured, asked in lines
 *
 * Here: both ends of a request line and a reply line of key=value words: the
 * driver's (BenchProc) and that of the process it started (BenchControl).
 * Not here: what the requests mean.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BenchProc BenchProc;

/* Starts this same program with other arguments; it dies with the driver.
 * Its standard input and output carry the requests and replies. */
BenchProc *bench_proc_start (const gchar *const *args, GError **error);

/* Ends the process: asks first, then kills, and reaps it. Accepts NULL. */
void bench_proc_free (BenchProc *self);
GPid bench_proc_pid (BenchProc *self);

/* Sends a request (none when @request is NULL) and returns the reply line,
 * or NULL with the process given up when none comes in time. */
gchar *bench_proc_ask (BenchProc *self, const gchar *request, GError **error);

/* The number behind "key=" in a reply, 0 when there is none. */
gdouble bench_reply (const gchar *reply, const gchar *key);

/* The other end. @func gets each request split into words, and the reply to
 * append to. */
typedef void (*BenchControlFunc) (
    const gchar *const *words, GString *reply, gpointer data);

typedef struct
{
  BenchControlFunc func;
  gpointer data;
  GString *input;
} BenchControl;

void bench_control_init (
    BenchControl *self, BenchControlFunc func, gpointer data);
void bench_control_clear (BenchControl *self);

/* Reads what is there from standard input and answers every whole line.
 * Returns FALSE at the end of input or at a "quit". */
gboolean bench_control_read (BenchControl *self);

/* The unasked line that says a process is ready. */
void bench_control_ready (const gchar *format, ...) G_GNUC_PRINTF (1, 2);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchProc, bench_proc_free)

G_END_DECLS
