/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench.h"

typedef struct
{
  const char *what;
  char *against;
  double measured;
  const char *unit;
  BenchKind kind;
  double bound;
} Row;

static GArray *rows;

double
bench_now (void)
{
  return (double) g_get_monotonic_time () / 1000;
}

GArray *
bench_times_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (double));
}

void
bench_times_add (GArray *times, double time)
{
  g_array_append_val (times, time);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

double
bench_median (GArray *times)
{
  g_assert_cmpuint (times->len, >, 0);
  g_array_sort (times, compare_doubles);
  return g_array_index (times, double, times->len / 2);
}

double
bench_maximum (GArray *times)
{
  g_assert_cmpuint (times->len, >, 0);
  g_array_sort (times, compare_doubles);
  return g_array_index (times, double, times->len - 1);
}

void
bench_add_row (const char *what,
               double measured,
               const char *unit,
               BenchKind kind,
               double bound,
               const char *against,
               ...)
{
  Row row = { .what = what, .measured = measured, .unit = unit, .kind = kind, .bound = bound };
  va_list arguments;

  va_start (arguments, against);
  row.against = g_strdup_vprintf (against, arguments);
  va_end (arguments);
  if (rows == NULL)
    rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_append_val (rows, row);
}

void
bench_add_ratio (const char *what, GArray *ours, GArray *theirs, double bound, const char *anchor)
{
  double our_median = bench_median (ours), their_median = bench_median (theirs);

  bench_add_row (what, our_median / their_median, "x", BENCH_AT_MOST, bound,
                 "%.2f ms to %.2f ms: %s", our_median, their_median, anchor);
}

static gboolean
is_within (const Row *row)
{
  switch (row->kind)
    {
    case BENCH_AT_MOST:
      return row->measured <= row->bound;
    case BENCH_AT_LEAST:
      return row->measured >= row->bound;
    case BENCH_NO_BOUND:
    default:
      return TRUE;
    }
}

/* A number and its unit; a count has neither a unit nor a fraction. */
static char *
format_value (double value, const char *unit)
{
  return g_strdup_printf ("%9.*f %-3s", *unit == '\0' ? 0 : 2, value, unit);
}

static void
print_row (const Row *row)
{
  g_autofree char *measured = format_value (row->measured, row->unit);
  g_autofree char *bound = NULL;

  if (row->kind != BENCH_NO_BOUND)
    bound = format_value (row->bound, row->unit);
  g_print ("%-46s %-66s %s  %-8s %s %s\n", row->what, row->against, measured,
           row->kind == BENCH_NO_BOUND   ? ""
           : row->kind == BENCH_AT_LEAST ? "at least"
                                         : "at most",
           bound != NULL ? bound : "             ",
           row->kind == BENCH_NO_BOUND ? "-"
           : is_within (row)           ? "ok"
                                       : "MISSED");
}

int
bench_report (void)
{
  gboolean within = TRUE;

  g_print ("%-46s %-66s %9s      %s\n", "what", "against", "measured", "bound");
  for (guint i = 0; i < rows->len; i++)
    {
      Row *row = &g_array_index (rows, Row, i);

      print_row (row);
      within &= is_within (row);
      g_free (row->against);
    }
  g_clear_pointer (&rows, g_array_unref);
  return within ? 0 : 1;
}
