/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* What the benchmarks share: times, their medians, and one table at the end. */

/* Milliseconds since an arbitrary moment, the same for all processes. */
double bench_now (void);

/* Times of one kind; release with g_array_unref. */
GArray *bench_times_new (void);
void bench_times_add (GArray *times, double time);
double bench_median (GArray *times);
double bench_maximum (GArray *times);

typedef enum
{
  BENCH_AT_MOST,
  BENCH_AT_LEAST,
  BENCH_NO_BOUND /* information only; the bound is ignored */
} BenchKind;

/* A row of the table. The description of its anchor is a format, and may include numbers. */
void bench_add_row (const char *what,
                    double measured,
                    const char *unit,
                    BenchKind kind,
                    double bound,
                    const char *against,
                    ...) G_GNUC_PRINTF (6, 7);

/* A row for the ratio of two medians, both in milliseconds; the anchor is what theirs is. */
void
bench_add_ratio (const char *what, GArray *ours, GArray *theirs, double bound, const char *anchor);

/* Prints the table. Returns the exit status: a failure if a row has missed its bound. */
int bench_report (void);
