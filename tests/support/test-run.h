/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The result of a program that has ended. */
typedef struct
{
  int status; /* as a shell sees it: 128 + N after signal N */
  char *out;
  char *err;
  gsize out_length;
  gint64 took; /* ms */
} TestRun;

void test_run_free (TestRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestRun, test_run_free)

/* @env: NULL for the test's own. @input: its standard input or, if @fd is not -1, the input on
 * descriptor @fd; NULL: nothing. Nothing else of the test runs meanwhile. A program that takes
 * longer than 30 s is killed, and the test fails. */
TestRun *test_run (char **env, const char *const *argv, const char *input, int fd);
