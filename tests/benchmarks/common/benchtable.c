/* SPDX-License-Identifier: LGPL-2.1-or-later
 * benchtable.c: one table, printed for people and written as JSON
 *
 * Here: see benchtable.h. Not here: how the figures are come by.
 */
#include "benchtable.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  gchar *shown;
  gchar *json;
} Cell;

struct _BenchTable
{
  gchar *name;
  gchar *title;
  GPtrArray *keys;
  GPtrArray *headings;
  GPtrArray *rows; /* of GArray of Cell */
  GPtrArray *notes;
};

struct _BenchReport
{
  gchar *benchmark;
  gchar *machine;
  GPtrArray *tables;
};

void
bench_stat_add (BenchStat *self, gdouble value)
{
  if (self->n < G_N_ELEMENTS (self->values))
    self->values[self->n++] = value;
}

static gint
compare_values (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

gdouble
bench_stat_median (const BenchStat *self)
{
  BenchStat sorted = *self;

  if (sorted.n == 0)
    return NAN;
  qsort (sorted.values, sorted.n, sizeof (gdouble), compare_values);
  return (sorted.values[(sorted.n - 1) / 2] + sorted.values[sorted.n / 2]) / 2;
}

gdouble
bench_stat_min (const BenchStat *self)
{
  gdouble least = self->n > 0 ? self->values[0] : NAN;

  for (guint i = 1; i < self->n; i++)
    least = MIN (least, self->values[i]);
  return least;
}

gdouble
bench_stat_max (const BenchStat *self)
{
  gdouble most = self->n > 0 ? self->values[0] : NAN;

  for (guint i = 1; i < self->n; i++)
    most = MAX (most, self->values[i]);
  return most;
}

static void
clear_cell (gpointer data)
{
  Cell *cell = data;

  g_free (cell->shown);
  g_free (cell->json);
}

BenchTable *
bench_table_new (
    const gchar *name, const gchar *title, const gchar *const *columns)
{
  BenchTable *self = g_new0 (BenchTable, 1);

  self->name = g_strdup (name);
  self->title = g_strdup (title);
  self->keys = g_ptr_array_new_with_free_func (g_free);
  self->headings = g_ptr_array_new_with_free_func (g_free);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; columns[i] != NULL; i++) {
    const gchar *bar = strchr (columns[i], '|');

    g_ptr_array_add (self->keys, g_strndup (columns[i], bar - columns[i]));
    g_ptr_array_add (self->headings, g_strdup (bar + 1));
  }
  return self;
}

void
bench_table_free (BenchTable *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->title);
  g_ptr_array_unref (self->keys);
  g_ptr_array_unref (self->headings);
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->notes);
  g_free (self);
}

void
bench_table_row (BenchTable *self)
{
  GArray *cells = g_array_new (FALSE, FALSE, sizeof (Cell));

  g_array_set_clear_func (cells, clear_cell);
  g_ptr_array_add (self->rows, cells);
}

/* (transfer full) both */
static void
add_cell (BenchTable *self, gchar *shown, gchar *json)
{
  Cell cell = {shown, json};

  g_array_append_val (
      (GArray *) g_ptr_array_index (self->rows, self->rows->len - 1), cell);
}

static gchar *
json_string (const gchar *text)
{
  GString *out = g_string_new ("\"");

  for (const gchar *c = text; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\')
      g_string_append_c (out, '\\');
    if ((guchar) *c >= ' ')
      g_string_append_c (out, *c);
  }
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

static gchar *
number_text (gdouble value, guint decimals)
{
  gchar text[64], format[8];

  g_snprintf (format, sizeof format, "%%.%uf", MIN (decimals, 9));
  return g_strdup (g_ascii_formatd (text, sizeof text, format, value));
}

static gchar *
number_json (gdouble value)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup (g_ascii_formatd (text, sizeof text, "%.6g", value));
}

static gchar *
stat_json (const BenchStat *stat)
{
  g_autofree gchar *median = number_json (bench_stat_median (stat));
  g_autofree gchar *least = number_json (bench_stat_min (stat));
  g_autofree gchar *most = number_json (bench_stat_max (stat));

  return g_strdup_printf (
      "{\"median\": %s, \"min\": %s, \"max\": %s}", median, least, most);
}

void
bench_table_text (BenchTable *self, const gchar *text)
{
  add_cell (self, g_strdup (text), json_string (text));
}

void
bench_table_number (BenchTable *self, gdouble value, guint decimals)
{
  if (isfinite (value))
    add_cell (self, number_text (value, decimals), number_json (value));
  else
    bench_table_none (self);
}

static void
append_number (GString *out, gdouble value, guint decimals)
{
  g_autofree gchar *text = number_text (value, decimals);

  g_string_append (out, text);
}

void
bench_table_stat (BenchTable *self, const BenchStat *stat, guint decimals)
{
  g_autoptr (GString) shown = g_string_new (NULL);

  if (stat->n == 0) {
    bench_table_none (self);
    return;
  }
  append_number (shown, bench_stat_median (stat), decimals);
  g_string_append (shown, " (");
  append_number (shown, bench_stat_min (stat), decimals);
  g_string_append (shown, "..");
  append_number (shown, bench_stat_max (stat), decimals);
  g_string_append (shown, ")");
  add_cell (self, g_strdup (shown->str), stat_json (stat));
}

void
bench_table_none (BenchTable *self)
{
  add_cell (self, g_strdup ("-"), g_strdup ("null"));
}

void
bench_table_note (BenchTable *self, const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

static const Cell *
cell_at (BenchTable *self, guint row, guint column)
{
  static const Cell none = {(gchar *) "-", (gchar *) "null"};
  GArray *cells = g_ptr_array_index (self->rows, row);

  return column < cells->len ? &g_array_index (cells, Cell, column) : &none;
}

static guint
column_width (BenchTable *self, guint column)
{
  gsize width = strlen (g_ptr_array_index (self->headings, column));

  for (guint row = 0; row < self->rows->len; row++)
    width = MAX (width, strlen (cell_at (self, row, column)->shown));
  return (guint) width;
}

/* The first column is a name and starts left, the others are figures. */
static void
print_cell (BenchTable *self, guint column, const gchar *text)
{
  gint width = (gint) column_width (self, column);

  printf (
      "%s%*s", column == 0 ? "  " : "   ", column == 0 ? -width : width, text);
}

static void
print_table (BenchTable *self)
{
  printf ("\n%s: %s\n", self->name, self->title);
  for (guint c = 0; c < self->headings->len; c++)
    print_cell (self, c, g_ptr_array_index (self->headings, c));
  putchar ('\n');
  for (guint row = 0; row < self->rows->len; row++) {
    for (guint c = 0; c < self->headings->len; c++)
      print_cell (self, c, cell_at (self, row, c)->shown);
    putchar ('\n');
  }
  for (guint i = 0; i < self->notes->len; i++)
    printf ("  %s\n", (gchar *) g_ptr_array_index (self->notes, i));
  fflush (stdout);
}

static void
append_string (GString *out, const gchar *text)
{
  g_autofree gchar *json = json_string (text);

  g_string_append (out, json);
}

static void
append_row (BenchTable *self, guint row, GString *out)
{
  g_string_append (out, row == 0 ? "\n      {" : ",\n      {");
  for (guint c = 0; c < self->keys->len; c++) {
    g_string_append (out, c == 0 ? "" : ", ");
    append_string (out, g_ptr_array_index (self->keys, c));
    g_string_append_printf (out, ": %s", cell_at (self, row, c)->json);
  }
  g_string_append (out, "}");
}

static void
append_table (BenchTable *self, GString *out)
{
  g_string_append (out, "    {\"name\": ");
  append_string (out, self->name);
  g_string_append (out, ", \"title\": ");
  append_string (out, self->title);
  g_string_append (out, ", \"rows\": [");
  for (guint row = 0; row < self->rows->len; row++)
    append_row (self, row, out);
  g_string_append (out, "],\n     \"notes\": [");
  for (guint i = 0; i < self->notes->len; i++) {
    g_string_append (out, i == 0 ? "" : ", ");
    append_string (out, g_ptr_array_index (self->notes, i));
  }
  g_string_append (out, "]}");
}

BenchReport *
bench_report_new (const gchar *benchmark, const gchar *machine)
{
  BenchReport *self = g_new0 (BenchReport, 1);

  self->benchmark = g_strdup (benchmark);
  self->machine = g_strdup (machine);
  self->tables =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bench_table_free);
  printf ("%s\n", machine);
  fflush (stdout);
  return self;
}

void
bench_report_free (BenchReport *self)
{
  if (self == NULL)
    return;
  g_free (self->benchmark);
  g_free (self->machine);
  g_ptr_array_unref (self->tables);
  g_free (self);
}

void
bench_report_add (BenchReport *self, BenchTable *table)
{
  print_table (table);
  g_ptr_array_add (self->tables, table);
}

gboolean
bench_report_write (BenchReport *self, const gchar *path, GError **error)
{
  g_autoptr (GString) out = g_string_new ("{\n  \"benchmark\": ");

  append_string (out, self->benchmark);
  g_string_append (out, ",\n  \"machine\": ");
  append_string (out, self->machine);
  g_string_append (out, ",\n  \"tables\": [\n");
  for (guint i = 0; i < self->tables->len; i++) {
    g_string_append (out, i == 0 ? "" : ",\n");
    append_table (g_ptr_array_index (self->tables, i), out);
  }
  g_string_append (out, "\n  ]\n}\n");
  return g_file_set_contents (path, out->str, out->len, error);
}
