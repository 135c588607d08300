/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchtable.h: one table, printed for people and written as JSON
 *
 * Here: columns, rows, notes, medians with their spread, the report that
 * collects the tables. Not here: how the figures are come by.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The same work's figure in several windows. */
typedef struct
{
  guint n;
  gdouble values[32];
} BenchStat;

void bench_stat_add (BenchStat *self, gdouble value);
gdouble bench_stat_median (const BenchStat *self);
gdouble bench_stat_min (const BenchStat *self);
gdouble bench_stat_max (const BenchStat *self);

typedef struct _BenchTable BenchTable;

/* @columns: "key|Heading" for each, ended by NULL; key names it in JSON. */
BenchTable *bench_table_new (
    const gchar *name, const gchar *title, const gchar *const *columns);
void bench_table_free (BenchTable *self);

/* Begins a row; the cells follow in the order of the columns, a missing one
 * is shown as "-". */
void bench_table_row (BenchTable *self);
void bench_table_text (BenchTable *self, const gchar *text);
void bench_table_number (BenchTable *self, gdouble value, guint decimals);
/* The median, with the least and the most behind it. */
void bench_table_stat (BenchTable *self, const BenchStat *stat, guint decimals);
void bench_table_none (BenchTable *self);
/* A line of text below the table. */
void bench_table_note (BenchTable *self, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

typedef struct _BenchReport BenchReport;

BenchReport *bench_report_new (const gchar *benchmark, const gchar *machine);
void bench_report_free (BenchReport *self);
/* (transfer full): prints the table at once and keeps it for the JSON. */
void bench_report_add (BenchReport *self, BenchTable *table);
gboolean bench_report_write (
    BenchReport *self, const gchar *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchTable, bench_table_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchReport, bench_report_free)

G_END_DECLS
